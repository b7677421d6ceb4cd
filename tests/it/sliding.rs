//! CloudWatch's alarms of several minutes, against the simulated CloudWatch's own evaluation.

use std::collections::BTreeMap;

use awswatch::alerts::Phase;
use awswatch::app::Headless;
use awswatch::sim::scenario::Scenario;
use awswatch::sim::world::{AlarmState, AlarmWatch};
use awswatch::sim::{Account, SimConfig, Variation};
use awswatch::ui::Look;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const REGION: &str = "ap-northeast-1";

/// When each alarm of five minutes first turned here, and at CloudWatch, in seconds after `scenario` began.
fn turned(scenario: Scenario, seed: u64, offset: i64) -> BTreeMap<String, (Option<i64>, i64)> {
    let start = Timestamp::from_second(1_768_366_800 + offset).unwrap();
    let before = SignedDuration::from_mins(10);
    let variation = Variation { evaluation: 60, ..Variation::default() };
    let config = SimConfig { scenario, seed, at: -before, variation, ..SimConfig::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let main = [Account::Main.alias().to_owned()];
        let mut console = Headless::of(config, start, &main, Look::default(), TimeZone::UTC, (80, 24)).unwrap();
        let (began, end) = (start + before, start + SignedDuration::from_mins(32));
        let mut here: BTreeMap<String, i64> = BTreeMap::new();
        console
            .run_until(end, |core, now| {
                for alert in core.watch.alerts.active() {
                    if &*alert.id.rule == "cloudwatch-alarm" && alert.phase == Phase::Firing {
                        let after = now.duration_since(began).as_secs();
                        here.entry(alert.id.resource.id.to_string()).or_insert(after);
                    }
                }
            })
            .await;
        let world = console.simulator().world(Account::Main);
        let of_five = |name: &str| {
            world.alarms(REGION, end).iter().any(|a| match &a.watch {
                AlarmWatch::Metrics(metric) => a.name == name && metric.period == 300,
                AlarmWatch::Alarms(_) => false,
            })
        };
        let mut theirs = BTreeMap::new();
        for change in world.alarm_history(REGION, None, start, end, end).into_iter().rev() {
            if change.to == AlarmState::Alarm && of_five(&change.alarm) {
                theirs.entry(change.alarm.clone()).or_insert(change.at.duration_since(began).as_secs());
            }
        }
        theirs.into_iter().map(|(name, at)| (name.clone(), (here.get(&name).copied(), at))).collect()
    })
}

#[test]
fn alarms_of_five_minutes_turn_here_when_they_do_at_cloudwatch() {
    for (seed, offset) in [(40, 0), (41, 67), (42, 191)] {
        let all = turned(Scenario::Surge, seed, offset);
        // A sum, made of minutes, and a percentile, which is asked for with the phase of each.
        assert_eq!(all.keys().collect::<Vec<_>>(), ["web-clb-errors", "web-clb-slow"], "{all:?}");
        for (name, (here, theirs)) in all {
            // On the clock's grid it would be up to five minutes more.
            assert!(here.is_some_and(|here| here <= theirs + 90), "{name}: {here:?} s here, {theirs} s there");
        }
    }
}
