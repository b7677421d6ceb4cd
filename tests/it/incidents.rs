//! Whole incidents on the console's own core: simulator, SDK clients, pollers, model, rules and alerts, in simulated
//! time as fast as it goes.

use std::collections::BTreeSet;

use awswatch::alerts::{Level, Phase};
use awswatch::app::{Core, Headless};
use awswatch::cli::WorldArgs;
use awswatch::model::{AlarmState, Detail, Kind, Signal};
use awswatch::rules::{EvalMode, Mirror};
use awswatch::ui::Look;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

fn on_paused_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

fn start(scenario: &str, seed: u64) -> Headless {
    let world = WorldArgs { seed: Some(seed), ..WorldArgs::default() };
    Headless::start(scenario, &world, Look::default(), TimeZone::UTC, (160, 48)).unwrap()
}

fn text(console: &mut Headless) -> String {
    let screen = console.screen();
    let width = usize::from(screen.area.width);
    let cells: Vec<&str> = screen.content().iter().map(ratatui::buffer::Cell::symbol).collect();
    cells.chunks(width).map(|row| row.concat() + "\n").collect()
}

/// The rules that fire within `minutes` of `scenario`, with the loudest level each reached.
fn fired(scenario: &str, minutes: i64) -> BTreeSet<(String, Level)> {
    on_paused_time(async {
        let mut console = start(scenario, 1);
        let end = console.now() + SignedDuration::from_mins(minutes);
        let mut fired = BTreeSet::new();
        console
            .run_until(end, |core, _| {
                for alert in core.watch.alerts.active().into_iter().filter(|a| a.phase == Phase::Firing) {
                    fired.insert((alert.id.rule.to_string(), alert.level));
                }
            })
            .await;
        fired
    })
}

fn has(fired: &BTreeSet<(String, Level)>, rule: &str, level: Level) -> bool {
    fired.contains(&(rule.to_owned(), level))
}

#[test]
fn a_surge_is_pending_then_critical_within_ten_minutes_and_cloudwatch_says_so_later() {
    on_paused_time(async {
        let mut console = start("surge", 1);
        let began = console.now();
        let (mut pending, mut critical, mut theirs): (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>) =
            (None, None, None);
        let look = |core: &Core, now: Timestamp| {
            let queue = core.watch.alerts.active().into_iter().find(|a| a.id.rule == "clb-surge-queue");
            if let Some(alert) = queue {
                if alert.phase == Phase::Pending {
                    pending.get_or_insert(now);
                }
                if alert.phase == Phase::Firing && alert.level == Level::Critical {
                    critical.get_or_insert(now);
                }
            }
            let alarm = core.watch.model.of_kind(Kind::Alarm).find(|r| r.id.id == "web-clb-surge-queue");
            if let Some(Detail::Alarm(alarm)) = alarm.map(|r| &r.detail)
                && alarm.state == AlarmState::Alarm
            {
                theirs.get_or_insert(now);
            }
        };
        console.run_until(began + SignedDuration::from_mins(25), look).await;

        let pending = pending.unwrap();
        let critical = critical.unwrap();
        let theirs = theirs.unwrap();
        assert!(pending < critical, "pending {pending}, critical {critical}");
        assert!(critical <= began + SignedDuration::from_mins(10), "critical at {critical}");
        assert!(theirs > critical, "we at {critical}, CloudWatch at {theirs}");

        let screen = text(&mut console);
        assert!(screen.lines().next().is_some_and(|l| l.contains("CRIT")), "the header counts it:\n{screen}");
        assert!(screen.contains("web-clb"), "the screen names the balancer:\n{screen}");
    });
}

#[test]
fn every_scenario_fires_what_it_is_about() {
    let outage = fired("az-outage", 12);
    assert!(has(&outage, "target-unhealthy-hosts", Level::Warning), "{outage:?}");
    assert!(has(&outage, "instance-status-checks", Level::Critical), "{outage:?}");

    let pinned = fired("asg-max", 15);
    assert!(has(&pinned, "asg-at-max", Level::Critical), "{pinned:?}");
    assert!(pinned.iter().any(|(rule, _)| rule == "asg-launch-failures"), "{pinned:?}");

    let intruder = fired("intruder", 30);
    for rule in ["trail-root-login", "trail-tampering"] {
        assert!(has(&intruder, rule, Level::Critical), "{intruder:?}");
    }
    assert!(has(&intruder, "trail-access-key", Level::Warning), "{intruder:?}");

    for scenario in ["expired", "blind"] {
        let blind = fired(scenario, 10);
        assert!(has(&blind, "poller-blind", Level::Blind), "{scenario}: {blind:?}");
    }
}

#[test]
fn a_calm_hour_fires_nothing() {
    assert_eq!(fired("calm", 60), BTreeSet::new());
}

#[test]
fn the_console_keeps_within_what_aws_lets_itself_be_asked() {
    on_paused_time(async {
        let mut console = start("calm", 1);
        let end = console.now() + SignedDuration::from_mins(30);
        console.run_until(end, |_, _| ()).await;
        let throttled: Vec<_> = console.core.watch.model.pollers().filter(|(_, r)| r.throttles > 0).collect();
        assert!(throttled.is_empty(), "{throttled:?}");
    });
}

#[test]
fn an_expired_login_is_told_and_recovers_by_itself() {
    on_paused_time(async {
        let mut console = start("expired", 1);
        let began = console.now();
        console.run_until(began + SignedDuration::from_mins(10), |_, _| ()).await;
        assert!(console.core.watch.alerts.counts().blind > 0);
        assert!(!console.core.watch.alerts.unread().is_empty());
        let screen = text(&mut console);
        assert!(screen.contains("login expired"), "{screen}");

        console.run_until(began + SignedDuration::from_mins(30), |_, _| ()).await;
        assert_eq!(console.core.watch.alerts.counts().blind, 0);
        assert!(console.core.watch.alerts.unread().is_empty(), "{:?}", console.core.watch.alerts.unread());
    });
}

#[test]
fn a_region_that_stops_answering_is_blind_and_recovers_by_itself() {
    on_paused_time(async {
        let mut console = start("blind", 1);
        let began = console.now();
        console.run_until(began + SignedDuration::from_mins(10), |_, _| ()).await;
        assert!(console.core.watch.alerts.counts().blind > 0);
        console.press("0");
        let screen = text(&mut console);
        assert!(screen.contains("timed out"), "the pollers' page says why:\n{screen}");
        console.run_until(began + SignedDuration::from_mins(40), |_, _| ()).await;
        assert_eq!(console.core.watch.alerts.counts().blind, 0);
        assert!(console.core.watch.alerts.unread().is_empty(), "{:?}", console.core.watch.alerts.unread());
    });
}

#[test]
fn equal_seeds_live_the_same_life() {
    let life = |seed: u64| {
        on_paused_time(async {
            let mut console = start("bad-day", seed);
            let end = console.now() + SignedDuration::from_mins(40);
            console.run_until(end, |_, _| ()).await;
            let transitions: Vec<_> = console.core.watch.alerts.timeline().map(|t| format!("{t:?}")).collect();
            (transitions, text(&mut console))
        })
    };
    let first = life(7);
    assert!(!first.0.is_empty(), "something happens on a bad day");
    assert_eq!(first, life(7));
}

#[test]
fn a_percentile_with_a_unit_of_few_samples_keeps_its_state_as_cloudwatch_does() {
    on_paused_time(async {
        let mut console = start("calm", 1);
        let end = console.now() + SignedDuration::from_mins(30);
        console.run_until(end, |_, _| {}).await;
        let model = &console.core.watch.model;
        let mirror = Mirror::new(model, EvalMode::Live, end);
        let of = |name: &str| model.of_kind(Kind::Alarm).find(|r| *r.id.id == *name).expect("it is set up").id.clone();
        // It is one of Milliseconds, so that it and the count of its samples are asked for as a computation; there is
        // data, within the limit, of too few runs.
        let id = of("nightly-report-slow");
        let alarm = model.alarm(&id).expect("it is listed");
        let group = alarm.group(&id).expect("it has a unit");
        let read = |metric| Signal::Metric(model.read_furthest(&id, metric));
        let points = |metric| model.series(&id, &read(metric)).map_or(0, |s| s.points().count());
        assert!(points(group.value_metric()) > 3 && points(group.samples_metric().unwrap()) > 3, "{group:?}");
        let local = mirror.local(&id).expect("it is known");
        assert_eq!((local.known(), local.few_samples), (Some(alarm.state), true), "{local:?}");
        assert_eq!(alarm.state, AlarmState::InsufficientData);
        assert_eq!(local.watched.map(|m| (m.period, m.slide)), Some((300, 60)), "of five minutes, each minute");
    });
}
