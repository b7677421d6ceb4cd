//! Going back from the nearest moment of which is kept what was known.

use super::*;
use crate::app::player::checkpoints::Checkpoints;

fn kept(console: &Rerun) -> usize {
    match &console.player().source {
        Source::Recording { known, .. } => known.count(),
        Source::World(_) => 0,
    }
}

/// A replay that stands at its start and was looked through.
async fn looked_through() -> Rerun {
    let mut console = Rerun::replay(recording(), None, 1.0);
    console.play(&Play::Pause(true));
    while console.core.playback.as_ref().unwrap().ends.is_none() {
        Clock::system().sleep(Duration::from_millis(20)).await;
        playing::show(&mut console.core, &mut console.wiring);
    }
    console
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn what_is_known_does_not_depend_on_where_the_way_back_began(to in 1_000i64..234_000) {
        real(async {
            let mut console = looked_through().await;
            prop_assert!(kept(&console) > 3, "{} are kept", kept(&console));
            console.goes_to(after(235_000)).await;
            console.play(&Play::Seek(after(to)));
            let from = console.player().seek.as_ref().expect("it goes back").from;
            console.runs(|r| !r.player().is_seeking()).await;
            prop_assert!(from <= after(to) && (from > after(0) || to < 60_000), "{from}");
            let (found, wanted) = (console.state(), played(after(to), f64::INFINITY).await);
            prop_assert!(found == wanted, "{}", differ(&found, &wanted));
            Ok(())
        })?;
    }
}

#[test]
fn so_many_are_kept_and_they_are_spread_over_all_of_it() {
    let (rules, context) = engine();
    let (known, watch, items) = (Checkpoints::default(), Watch::new(rules, context), Items::open(recording()).unwrap());
    let moment = |n: i64| start() + SignedDuration::from_secs(n);
    let mut most = 0;
    for n in 0..30_000 {
        known.lived(moment(n), &items, &watch);
        most = most.max(known.count());
    }
    assert!((48..=96).contains(&known.count()) && most <= 96, "{} are kept, at most {most}", known.count());
    let back: Vec<i64> = (1_000..30_000)
        .step_by(1_000)
        .map(|n| known.before(moment(n)).map_or(0, |c| n - (c.at - start()).get_seconds()))
        .collect();
    assert!(back.iter().all(|back| (0..1_000).contains(back)), "how far each way begins before: {back:?}");
    assert!(known.before(start()).is_none());
}
