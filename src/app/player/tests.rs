mod checkpoints;
mod ends;
mod world;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::{mpsc, watch};

use super::*;
use crate::app::{Core, Effect, Event, Manners, Watch, Wiring, modes, playing};
use crate::cli::{Moment, Speed, WorldArgs};
use crate::journal::Reader;
use crate::journal::Recorder;
use crate::poll::{Demand, Settings};
use crate::rules::EvalMode;
use crate::ui::{Badge, Look};

const SIZE: (u16, u16) = (120, 40);

fn engine() -> (RuleSet, RuleContext) {
    (RuleSet::builtin(), RuleContext { budget: Some(8000.0), mode: EvalMode::Live, ..RuleContext::default() })
}

fn start() -> Timestamp {
    "2026-01-14T05:00:00Z".parse().unwrap()
}

fn origin() -> Origin {
    let (rules, context) = engine();
    Origin {
        scenario: "surge".into(),
        world: WorldArgs { at: Some(Moment::After(Duration::from_secs(240))), ..WorldArgs::default() },
        profiles: vec!["demo".into()],
        regions: vec!["ap-northeast-1".into()],
        settings: Settings::default(),
        rules,
        context,
        begins: start() - SignedDuration::from_secs(240),
        start: start(),
    }
}

/// Four minutes of a surge, as a console with `--record` wrote them.
fn recording() -> &'static Path {
    static FILE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = FILE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("surge.awr");
        let mut recorder = Recorder::create(&file, start()).unwrap();
        let (rules, context) = engine();
        let mut known = Watch::new(rules, context);
        // On a thread of its own: who asks first may be on a runtime.
        let live = || {
            modes::runtime(Speed::Max, 1).unwrap().block_on(async {
                let (demand, wanted) = watch::channel(Demand::default());
                let mut running = origin().run(start(), false, wanted).unwrap();
                while running.clock.now() < start() + SignedDuration::from_mins(4) {
                    let tick = running.clock.sleep(Duration::from_secs(1));
                    tokio::select! {
                        biased;
                        Some(observation) = running.observations.recv() => {
                            recorder.record(&observation).unwrap();
                            known.observe(&observation);
                        }
                        () = tick => {}
                    }
                    if let Some(wanted) = known.demand() {
                        demand.send_replace(wanted);
                    }
                }
            });
        };
        std::thread::scope(|threads| threads.spawn(live).join()).unwrap();
        recorder.flush().unwrap();
        (dir, file)
    });
    file
}

/// A console that plays, without a terminal.
struct Rerun {
    core: Core,
    wiring: Wiring,
    /// Bells that were rung.
    rung: usize,
}

impl Rerun {
    fn of(badge: Badge, player: Player, playback: Playback) -> Self {
        let (rules, context) = engine();
        let manners = Manners { badge, tz: TimeZone::UTC, author: "somebody".into() };
        let mut core = Core::new(Watch::new(rules, context), Look::default(), manners);
        core.playback = Some(playback);
        let wiring = Wiring {
            clock: player.clock(),
            observations: mpsc::channel(1).1,
            demand: watch::channel(Demand::default()).0,
            pollers: None,
            player: Some(player),
            recorder: None,
            keeper: None,
            heard: mpsc::channel(1).1,
            kept: 0,
            overrun: false,
            max_fps: 30,
            panic_after: None,
        };
        Self { core, wiring, rung: 0 }
    }

    fn replay(file: &Path, until: Option<Timestamp>, speed: f64) -> Self {
        let items = Items::open(file).unwrap();
        let span = (items.began(), until);
        let (player, playback) = Player::replay(file.to_owned(), items, span, speed, engine()).unwrap();
        Self::of(Badge::Replay { file: "surge.awr".into(), speed }, player, playback)
    }

    fn player(&self) -> &Player {
        self.wiring.player.as_ref().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.wiring.clock.now()
    }

    fn step(&mut self, event: Event, arriving: bool) {
        let now = self.now();
        for effect in self.core.step(event, now, SIZE) {
            match effect {
                Effect::Play(play) => playing::play(&play, &mut self.core, &mut self.wiring, SIZE),
                Effect::Bell if !arriving && !self.player().is_seeking() => self.rung += 1,
                Effect::Demand(demand) => drop(self.wiring.demand.send_replace(demand)),
                _ => {}
            }
        }
    }

    fn play(&mut self, play: &Play) {
        playing::play(play, &mut self.core, &mut self.wiring, SIZE);
    }

    /// Goes on until `done`, as the loop does.
    async fn runs(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let came = tokio::select! {
                biased;
                turn = next(&mut self.wiring.player) => playing::turn(turn, &mut self.core, &mut self.wiring),
                Some(o) = self.wiring.observations.recv() => {
                    if matches!(o.body, crate::model::Body::Outcome(_))
                        && let Some(player) = &mut self.wiring.player {
                            player.run_ended();
                        }
                    let events = vec![Event::Observation(Box::new(o))];
                    playing::Came { events, seeking: false }
                }
            };
            for event in came.events {
                self.step(event, came.seeking);
            }
            playing::show(&mut self.core, &mut self.wiring);
        }
    }

    async fn goes_to(&mut self, to: Timestamp) {
        self.play(&Play::Seek(to));
        self.runs(|r| !r.player().is_seeking()).await;
        assert_eq!(self.now(), to);
    }

    /// Everything that is known, and what a person sees of it.
    fn state(&mut self) -> String {
        let now = self.now();
        // A tick must change nothing of it.
        self.step(Event::Tick, false);
        self.core.prepare(now);
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        // The lines of the console itself are another thing.
        let area = Rect { height: SIZE.1 + 3, ..buffer.area };
        let (playback, expected) = (self.core.playback.take(), self.core.expected.take());
        self.core.draw(&mut buffer, area, now);
        (self.core.playback, self.core.expected) = (playback, expected);
        let Watch { model, alerts, .. } = &self.core.watch;
        let timeline: Vec<_> = alerts.timeline().collect();
        // Maps have no order of their own.
        let model = format!("{model:#?}");
        let mut known: Vec<&str> = model.lines().collect();
        known.sort_unstable();
        let known = known.join("\n");
        format!("{now} {known} {:?} {:?} {timeline:?} {buffer:?}", alerts.active(), alerts.resolved())
    }
}

/// Where two states differ first, in a few words.
fn differ(found: &str, wanted: &str) -> String {
    let at = found.bytes().zip(wanted.bytes()).position(|(a, b)| a != b).unwrap_or(0);
    let near = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(300)..text.len().min(at + 100)]).into_owned()
    };
    format!("{}\n\nbut\n\n{}", near(found), near(wanted))
}

fn real<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// What is known at `at` by playing up to it.
async fn played(at: Timestamp, speed: f64) -> String {
    let mut fresh = Rerun::replay(recording(), Some(at), speed);
    fresh.runs(|r| r.player().paused || r.player().over).await;
    fresh.state()
}

fn after(millis: i64) -> Timestamp {
    Items::open(recording()).unwrap().began() + SignedDuration::from_millis(millis)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, ..ProptestConfig::default() })]

    #[test]
    fn what_is_known_at_a_moment_does_not_depend_on_the_way_there(
        way in proptest::collection::vec(0i64..235_000, 1..3), to in 1i64..235_000,
    ) {
        real(async {
            let mut console = Rerun::replay(recording(), None, 1.0);
            console.play(&Play::Pause(true));
            for at in way {
                console.goes_to(after(at)).await;
            }
            console.goes_to(after(to)).await;
            let (found, wanted) = (console.state(), played(after(to), f64::INFINITY).await);
            prop_assert!(found == wanted, "{}", differ(&found, &wanted));
            Ok(())
        })?;
    }
}

#[test]
fn the_speed_changes_nothing_of_what_is_known() {
    real(async {
        let at = after(150_000);
        let (found, wanted) = (played(at, 300.0).await, played(at, f64::INFINITY).await);
        assert!(found == wanted, "{}", differ(&found, &wanted));
    });
}

#[test]
fn it_goes_to_the_alert_stands_there_steps_and_goes_on_to_the_end() {
    real(async {
        let mut console = Rerun::replay(recording(), None, 2.0);
        console.play(&Play::Pause(true));
        // The alerts are found out of sight.
        while console.core.playback.as_ref().unwrap().ends.is_none() {
            Clock::system().sleep(Duration::from_millis(20)).await;
            playing::show(&mut console.core, &mut console.wiring);
        }
        let marks = console.core.playback.as_ref().unwrap().marks.clone();
        let fired = marks.iter().find(|(_, m)| m.level == crate::alerts::Level::Critical).unwrap().0;
        let counts = |r: &Rerun| {
            let counts = r.core.watch.alerts.counts();
            counts.critical + counts.warning + counts.blind
        };
        console.goes_to(fired - SignedDuration::from_millis(1)).await;
        let before = counts(&console);
        console.goes_to(fired).await;
        assert!(counts(&console) > before);
        let then = fired - SignedDuration::from_secs(30);
        console.goes_to(then).await;
        assert!(counts(&console) <= before, "back is before it fired");
        // A step is to where a run ends, and no farther; nothing goes on by itself there.
        console.play(&Play::Step);
        console.runs(|r| !r.player().stepping && !r.player().is_seeking()).await;
        let stepped = console.now();
        let ended = |r: &Rerun| r.core.watch.model.pollers().filter_map(|(_, p)| p.last_success).max();
        assert!(ended(&console).is_some_and(|at| at <= stepped) && then < stepped && stepped < fired, "{stepped}");
        let wait = Clock::system().sleep(Duration::from_millis(50));
        tokio::select! { () = console.runs(|_| false) => {}, () = wait => {} }
        assert_eq!(console.now(), stepped);
        console.play(&Play::Speed(f64::INFINITY));
        console.play(&Play::Pause(false));
        console.runs(|r| r.player().over).await;
        let end = console.core.playback.as_ref().unwrap().ends.unwrap();
        assert_eq!(console.now(), end);
        let notice = console.core.shown(end).notice.unwrap();
        assert_eq!((notice.text.as_str(), notice.bad), ("the recording ends here", false));
        console.goes_to(fired).await;
        assert!(!console.player().over && counts(&console) > before, "there is a way back from the end");
    });
}

/// What is drawn, whether it calls all good, and whether that was to be waited for.
fn calm(console: &mut Rerun) -> (String, bool) {
    let now = console.now();
    console.core.prepare(now);
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    let area = buffer.area;
    console.core.draw(&mut buffer, area, now);
    let text: String = buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect();
    let good = text.contains("nothing is wrong") || text.contains("\u{2713} OK");
    (text, good)
}

#[test]
fn nothing_is_good_at_the_start_of_a_replay_until_all_who_read_in_it_have() {
    use crate::model::Freshness;
    let all: BTreeSet<_> = Items::open(recording())
        .unwrap()
        .filter_map(|i| if let What::Observation(o) = i.what { Some(o.source) } else { None })
        .filter(|s| !s.poller.is_optional())
        .collect();
    real(async {
        let mut console = Rerun::replay(recording(), None, 1.0);
        console.play(&Play::Pause(true));
        let looked = console.core.playback.as_ref().is_some_and(|p| p.ends.is_some());
        assert!(looked || console.core.expected.is_none(), "who reads is not known before it was looked at");
        while console.core.playback.as_ref().unwrap().ends.is_none() {
            Clock::system().sleep(Duration::from_millis(20)).await;
            playing::show(&mut console.core, &mut console.wiring);
        }
        let wanted = console.core.expected.clone().unwrap();
        assert!(all.is_subset(&wanted) && !all.is_empty(), "{wanted:?}");
        let mut tempting = 0;
        for _ in 0..60 {
            console.play(&Play::Step);
            console.runs(|r| !r.player().stepping && !r.player().is_seeking()).await;
            let now = console.now();
            let known = &console.core.watch;
            let read = |r: &crate::model::PollerRecord| r.freshness(now) == Freshness::Fresh;
            let missing: Vec<_> = all.iter().filter(|s| !known.model.poller(s).is_some_and(read)).cloned().collect();
            let well = known.model.pollers().all(|(s, r)| s.poller.is_optional() || read(r));
            let quiet = known.alerts.counts() == crate::alerts::Counts::default() && known.alerts.unread().is_empty();
            tempting += usize::from(well && quiet && !missing.is_empty());
            let (text, good) = calm(&mut console);
            assert!(!good || missing.is_empty(), "{now}: {missing:?} have not read: {text}");
        }
        assert!(tempting > 0, "at some moment all who had begun had read");
    });
}

#[test]
fn a_recording_that_breaks_off_says_where_also_after_going_back() {
    let whole = std::fs::read(recording()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("torn.awr");
    std::fs::write(&file, &whole[..whole.len() / 4 * 3]).unwrap();
    real(async {
        let mut console = Rerun::replay(&file, None, f64::INFINITY);
        for _ in 0..2 {
            console.runs(|r| r.player().over).await;
            let end = console.now();
            let notice = console.core.shown(end).notice.unwrap();
            assert!(notice.bad && notice.text.starts_with("the recording is damaged from here on: "), "{notice:?}");
            console.goes_to(after(10_000)).await;
        }
        while console.core.playback.as_ref().unwrap().damage.is_none() {
            Clock::system().sleep(Duration::from_millis(20)).await;
            playing::show(&mut console.core, &mut console.wiring);
        }
        // A way to a file that is gone is not gone: it stays where it is, and says why.
        std::fs::remove_file(&file).unwrap();
        console.play(&Play::Pause(true));
        let here = console.now();
        console.play(&Play::Seek(after(5_000)));
        console.runs(|r| !r.player().is_seeking()).await;
        let notice = console.core.shown(here).notice.unwrap();
        assert!(notice.bad && console.now() == here, "{notice:?}");
    });
}

#[test]
fn moments_between_records_are_bounded_and_the_order_is_that_of_time() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.awr");
    let mut recorder = Recorder::create(&file, start()).unwrap();
    let first = Reader::open(recording()).unwrap().next().unwrap().unwrap();
    for seconds in [0, 12, 11, 10_000_000] {
        let at = start() + SignedDuration::from_secs(seconds);
        recorder.record(&crate::model::Observation { at, ..first.clone() }).unwrap();
    }
    recorder.flush().unwrap();
    let items: Vec<Item> = Items::open(&file).unwrap().collect();
    assert!(items.is_sorted_by_key(|i| i.at));
    let seconds = |i: &Item| (i.at.duration_since(start()).as_secs(), matches!(i.what, What::Moment));
    let first: Vec<_> = items.iter().map(seconds).take(5).collect();
    assert_eq!(first, [(0, false), (5, true), (10, true), (12, false), (12, false)]);
    assert!(items.len() < 730, "{}", items.len());
}

#[test]
fn the_demonstration_goes_back_and_on_and_finds_its_next_alert() {
    real(async {
        let clock = Clock::simulated(start(), 1.0);
        let (player, playback) = Player::world(origin(), clock, 1.0, false, None, false);
        let mut console = Rerun::of(Badge::Demo { scenario: "surge".into(), speed: 1.0 }, player, playback);
        console.play(&Play::Pause(true));
        let critical = |r: &Rerun| r.core.watch.alerts.counts().critical;
        console.play(&Play::FindAlert);
        console.runs(|r| !r.player().is_seeking()).await;
        let first = console.now();
        assert!(first > start() && first < start() + SignedDuration::from_mins(10), "{first}");
        assert!(console.core.watch.alerts.active().iter().any(|a| a.fired_at.is_some()));
        assert!(!console.core.playback.as_ref().unwrap().marks.is_empty());
        console.goes_to(start() + SignedDuration::from_mins(6)).await;
        assert!(critical(&console) > 0, "the queue is full by now");
        console.goes_to(start() + SignedDuration::from_secs(30)).await;
        assert_eq!(critical(&console), 0);
        // The world stands while it is held, and a step lets it go on to where a run ends.
        let here = console.now();
        let wait = Clock::system().sleep(Duration::from_millis(100));
        tokio::select! { () = console.runs(|_| false) => {}, () = wait => {} }
        assert_eq!(console.now(), here);
        console.play(&Play::Step);
        console.runs(|r| !r.player().stepping).await;
        assert!(console.now() >= here && console.player().paused);
    });
}
