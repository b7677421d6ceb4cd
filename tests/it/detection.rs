//! A handful of the incidents that `docs/detection.md` is made of, so that what makes it stays right.

#[path = "../../benches/detection/live.rs"]
mod live;

use awswatch::sim::scenario::Scenario;
use jiff::SignedDuration;
use live::{Delays, Run, Told, has_alarm, incidents};

fn live(scenario: Scenario, seed: u64, evaluation: u32) -> Told {
    let delays = Delays { publishing: 0, evaluation };
    live::live(&Run::new(scenario, seed, delays), SignedDuration::from_mins(30)).unwrap()
}

#[test]
fn an_incident_is_told_here_by_rules_and_by_its_alarms_before_they_turn_at_cloudwatch() {
    for (scenario, seed) in [(Scenario::Surge, 11), (Scenario::AzOutage, 12)] {
        let told = live(scenario, seed, 60);
        let [lived] = told.lived[..] else { panic!("one incident: {told:?}") };
        assert_eq!((lived.of, lived.kind), (scenario, scenario));
        let (rule, mirrored, theirs) = (lived.rule.unwrap(), lived.mirrored.unwrap(), lived.cloudwatch.unwrap());
        assert!(SignedDuration::ZERO < rule && rule <= lived.critical.unwrap(), "{lived:?}");
        assert!(mirrored < theirs, "{lived:?}");
        // An alarm on a band knows of a surge's first requests, before any of them waits.
        assert!(scenario == Scenario::Surge || rule < mirrored, "{lived:?}");
        assert!(told.calm > SignedDuration::from_mins(5));
        let false_alerts = [&told.false_rules, &told.false_mirrored, &told.false_cloudwatch];
        assert!(false_alerts.iter().all(|f| f.is_empty()), "{false_alerts:?}");
    }
}

#[test]
fn what_cloudwatch_has_no_alarm_for_is_told_here_alone() {
    let told = live(Scenario::Intruder, 13, 60);
    let [lived] = told.lived[..] else { panic!("one incident: {told:?}") };
    assert!(!has_alarm(lived.kind) && lived.rule.is_some(), "{lived:?}");
    assert_eq!((lived.mirrored, lived.cloudwatch), (None, None));
}

#[test]
fn nothing_is_told_while_nothing_is_wrong() {
    let told = live(Scenario::Calm, 14, 60);
    assert_eq!(told.calm, SignedDuration::from_mins(30));
    assert!(told.lived.is_empty());
    assert!(
        told.false_rules.is_empty() && told.false_mirrored.is_empty() && told.false_cloudwatch.is_empty(),
        "{told:?}"
    );
}

#[test]
fn a_bad_day_has_each_of_the_others_incidents_once() {
    let all = Scenario::ALL.into_iter().filter(|s| !matches!(s, Scenario::Calm | Scenario::BadDay));
    assert_eq!(incidents(Scenario::BadDay), all.collect::<Vec<_>>());
    assert_eq!(incidents(Scenario::Calm), []);
}
