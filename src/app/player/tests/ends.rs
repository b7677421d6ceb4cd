//! Where a recording, a search and the time that was asked for end.

use super::*;

#[test]
fn a_way_past_until_never_turns_the_clock_back() {
    real(async {
        let until = start() + SignedDuration::from_mins(2);
        let world = || {
            let (player, playback) =
                Player::world(origin(), Clock::simulated(start(), 1.0), 1.0, false, Some(until), false);
            Rerun::of(Badge::Demo { scenario: "surge".into(), speed: 1.0 }, player, playback)
        };
        let newest = |r: &Rerun| r.core.watch.model.pollers().filter_map(|(_, p)| p.last_success).max().unwrap();
        // It leads to there, and there it stops.
        let mut console = world();
        console.play(&Play::Seek(until + SignedDuration::from_mins(3)));
        console.runs(|r| r.player().paused).await;
        assert_eq!(console.now(), until);
        assert!(newest(&console) <= until, "{}", newest(&console));
        // From there on it goes wherever one wants.
        console.goes_to(until + SignedDuration::from_mins(1)).await;
        // An alert is looked for wherever it is, and where it is it stays.
        let mut console = world();
        let until = start() + SignedDuration::from_millis(100);
        console.wiring.player.as_mut().unwrap().until = Some(until);
        console.play(&Play::FindAlert);
        console.runs(|r| !r.player().is_seeking()).await;
        let found = console.now();
        assert!(found > until, "{found}");
        let wait = Clock::system().sleep(Duration::from_millis(100));
        tokio::select! { () = console.runs(|_| false) => {}, () = wait => {} }
        assert!(console.now() >= found && !console.player().paused);

        // On again while one goes back.
        let mut console = Rerun::replay(recording(), Some(after(60_000)), 1.0);
        console.play(&Play::Seek(after(30_000)));
        console.runs(|r| !r.player().is_seeking()).await;
        console.play(&Play::Seek(after(10_000)));
        console.play(&Play::Seek(after(120_000)));
        console.runs(|r| r.player().paused).await;
        assert_eq!(console.now(), after(60_000));
        assert!(newest(&console) <= console.now());
    });
}

#[test]
fn what_fires_on_the_way_rings_no_bell_also_at_its_end() {
    real(async {
        let items: Vec<Item> = Items::open(recording()).unwrap().collect();
        let mut watch = Watch::new(engine().0, engine().1);
        let urgent = |item: &Item, watch: &mut Watch| {
            item.live(watch).iter().any(|t| t.alert.level == crate::alerts::Level::Critical)
        };
        let fired = items.iter().find(|item| urgent(item, &mut watch)).unwrap().at;
        let mut console = Rerun::replay(recording(), None, f64::INFINITY);
        console.play(&Play::Pause(true));
        console.goes_to(fired).await;
        assert!(console.core.watch.alerts.counts().critical > 0);
        assert_eq!(console.rung, 0);
        // Played, it rings.
        let mut console = Rerun::replay(recording(), Some(fired), f64::INFINITY);
        console.runs(|r| r.player().paused).await;
        assert!(console.rung > 0);
    });
}

#[test]
fn a_search_that_fails_is_said_and_a_reader_that_is_gone_is_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("short.awr");
    std::fs::copy(recording(), &file).unwrap();
    real(async {
        let items = Items::open(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let (player, playback) =
            Player::replay(file.clone(), items, (after(0), None), f64::INFINITY, engine()).unwrap();
        let mut console = Rerun::of(Badge::Replay { file: "short.awr".into(), speed: 1.0 }, player, playback);
        while console.core.playback.as_ref().unwrap().unsearched.is_none() {
            Clock::system().sleep(Duration::from_millis(20)).await;
            playing::show(&mut console.core, &mut console.wiring);
        }
        assert!(console.core.playback.as_ref().unwrap().ends.is_none(), "its end is not known");
        // What it was opened for is played all the same, and there is where it ends.
        console.runs(|r| r.player().over).await;
        let end = console.now();
        assert_eq!(console.core.playback.as_ref().unwrap().ends, Some(end));

        // A reader that is gone says no end itself.
        let (out, incoming) = mpsc::channel(8);
        for item in Items::open(recording()).unwrap().take(3) {
            out.try_send(item).unwrap();
        }
        drop(out);
        let mut console = Rerun::replay(recording(), None, 1.0);
        let player = console.wiring.player.as_mut().unwrap();
        let Source::Recording { feed, .. } = &mut player.source else { panic!("a recording") };
        *feed = Feed::of(incoming, after(0));
        console.runs(|r| r.player().over).await;
        let notice = console.core.shown(console.now()).notice.unwrap();
        assert!(notice.bad && notice.text.contains("broke off"), "{notice:?}");
    });
}

#[test]
fn a_goal_that_the_recording_does_not_reach_is_said_and_the_cost_is_known_after_going_back() {
    real(async {
        let items = Items::open(recording()).unwrap();
        let goal = after(9 * 3_600_000);
        let file = recording().to_owned();
        let (player, playback) = Player::replay(file, items, (goal, None), f64::INFINITY, engine()).unwrap();
        let mut console = Rerun::of(Badge::Replay { file: "surge.awr".into(), speed: 1.0 }, player, playback);
        console.runs(|r| r.player().over).await;
        let notice = console.core.shown(console.now()).notice.unwrap();
        let wanted = format!("the recording ends here, before {}", goal.strftime("%d %b %H:%M:%S"));
        assert_eq!((notice.text, notice.bad), (wanted, true));
        // What the demand costs is never nothing because nobody asked yet.
        for back in [60_000, 30_000] {
            console.goes_to(after(back)).await;
            assert!(console.core.shown(console.now()).cost.unwrap() > 0.0);
        }
    });
}
