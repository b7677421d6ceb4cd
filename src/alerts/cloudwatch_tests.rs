//! Mirrored alarms on the lines of own rules that say the same, driven by hand-made verdicts.

use super::handling_tests::silence;
use super::tests::{standing, verdict};
use super::{Alerts, Change, Line};
use crate::model::{Alarm, AlarmMetric, AlarmQuery, Detail, Kind, Signal};
use crate::rules::testing::{World, clb, group, id, resource, surge, t};
use crate::rules::{Comparison, Verdict};

/// An alarm on the surge queue of `web-clb`.
fn on_surge() -> Alarm {
    let metric = surge();
    Alarm {
        namespace: metric.namespace,
        metric: metric.name,
        dimensions: vec![("LoadBalancerName".into(), "web-clb".into())],
        stat: "Maximum".into(),
        period: 60,
        actions_enabled: true,
        ..Alarm::default()
    }
}

/// The balancer, and the alarms.
fn with(alarms: &[(&str, Alarm)]) -> World {
    let mut world = World::with_clb();
    let list = alarms.iter().map(|(name, alarm)| resource(Kind::Alarm, name, Detail::Alarm(alarm.clone())));
    world.list(t(0), list.collect());
    world
}

/// What the own rule on the queue says.
fn own(letter: char) -> Verdict {
    Verdict { signal: Some(Signal::Metric(surge())), ..verdict("clb-surge-queue", clb(), standing(letter, t(0))) }
}

fn mirrored(name: &str, letter: char) -> Verdict {
    Verdict {
        signal: Some(Signal::Metric(surge())),
        ..verdict("cloudwatch-alarm", id(Kind::Alarm, name), standing(letter, t(0)))
    }
}

/// Each line's resource, with how many alerts are below it.
fn lines(alerts: &Alerts) -> String {
    let line = |l: &Line| match l {
        Line::Alert { id, under } if under.is_empty() => id.resource.id.to_string(),
        Line::Alert { id, under } => format!("{}+{}", id.resource.id, under.len()),
        Line::Many { alerts, .. } => format!("[{}]", alerts.len()),
    };
    alerts.lines().iter().map(line).collect::<Vec<_>>().join(" ")
}

/// The lines after `verdicts`, and how many alerts count as critical, as warnings, and as told by others.
fn told(world: &World, verdicts: &[Verdict]) -> (String, [usize; 3]) {
    let mut alerts = Alerts::default();
    alerts.update(verdicts, &world.model, t(1));
    let counts = alerts.counts();
    (lines(&alerts), [counts.critical, counts.warning, counts.hidden])
}

#[test]
fn an_own_rule_stands_for_an_alarm_on_its_metric_that_is_no_louder() {
    let world = with(&[("a", on_surge())]);
    for (ours, theirs, expected, counts) in [
        ('c', 'c', "web-clb+1", [1, 0, 1]),
        ('c', 'w', "web-clb+1", [1, 0, 1]),
        ('w', 'w', "web-clb+1", [0, 1, 1]),
        ('w', 'c', "a web-clb", [1, 1, 0]),
        // What is not told yet tells nothing.
        ('C', 'w', "a web-clb", [0, 1, 0]),
        ('o', 'w', "a", [0, 1, 0]),
        ('c', 'o', "web-clb", [1, 0, 0]),
    ] {
        let found = told(&world, &[own(ours), mirrored("a", theirs)]);
        assert_eq!(found, (expected.to_owned(), counts), "{ours} {theirs}");
    }
}

#[test]
fn own_rules_come_before_alarms_that_are_as_loud() {
    let other = Alarm { metric: "Latency".into(), ..on_surge() };
    let world = with(&[("a", other)]);
    let older = Verdict { standing: standing('c', t(-60)), ..mirrored("a", 'c') };
    assert_eq!(told(&world, &[own('c'), older]).0, "web-clb a");
    assert_eq!(told(&world, &[own('w'), mirrored("a", 'c')]).0, "a web-clb");
}

#[test]
fn only_the_same_metric_of_the_same_resource_breached_to_the_same_side_is_the_same() {
    let of = |namespace: &str, value: &str| Alarm {
        namespace: namespace.into(),
        dimensions: vec![("LoadBalancerName".into(), value.into())],
        ..on_surge()
    };
    let query = |id: &str, expression: &str, metric: bool, returned: bool| AlarmQuery {
        id: id.into(),
        expression: expression.into(),
        metric: metric.then(|| AlarmMetric {
            namespace: surge().namespace,
            name: surge().name,
            dimensions: on_surge().dimensions,
            stat: "Maximum".into(),
            period: 60,
            unit: "".into(),
        }),
        returned,
        ..AlarmQuery::default()
    };
    let math = |queries| Alarm { queries, actions_enabled: true, ..Alarm::default() };
    let band = Alarm {
        threshold_query: "b".into(),
        ..math(vec![query("m", "", true, true), query("b", "ANOMALY_DETECTION_BAND(m)", false, true)])
    };
    let computed = math(vec![query("m", "", true, false), query("e", "-m", false, true)]);
    for (what, alarm, same) in [
        ("itself", on_surge(), true),
        ("another balancer", of("AWS/ELB", "api-clb"), false),
        ("another namespace", of("Shop", "web-clb"), false),
        ("another metric", Alarm { metric: "SpilloverCount".into(), ..on_surge() }, false),
        ("another statistic", Alarm { stat: "Average".into(), ..on_surge() }, true),
        ("a band", band, true),
        ("what is computed", computed, false),
        ("a composite", Alarm { rule: "ALARM(x)".into(), actions_enabled: true, ..Alarm::default() }, false),
    ] {
        let world = with(&[("a", alarm)]);
        let expected = if same { "web-clb+1" } else { "web-clb a" };
        assert_eq!(told(&world, &[own('c'), mirrored("a", 'c')]).0, expected, "{what}");
        let other_side = Verdict { comparison: Comparison::Below, ..mirrored("a", 'c') };
        assert_eq!(told(&world, &[own('c'), other_side]).0, "web-clb a", "{what}, too low");
    }
}

#[test]
fn an_alarm_appears_when_its_rule_resolves_or_is_silenced() {
    let (world, mut alerts) = (with(&[("a", on_surge())]), Alerts::default());
    let mut now = |ours, minute| {
        alerts.update(&[own(ours), mirrored("a", 'w')], &world.model, t(minute));
        (lines(&alerts), alerts.counts().critical + alerts.counts().warning)
    };
    assert_eq!(now('c', 1), ("web-clb+1".to_owned(), 1));
    assert_eq!(now('b', 2), ("web-clb+1".to_owned(), 1), "it stays on old data");
    assert_eq!(now('o', 3), ("a".to_owned(), 1));
    assert_eq!(now('c', 4), ("web-clb+1".to_owned(), 1));
    alerts.decide(Change::Silence(silence("kind=classic-elb", 0, 100)), &world.model, t(5));
    assert_eq!((lines(&alerts), alerts.counts().warning), ("a web-clb".to_owned(), 1));
}

#[test]
fn what_a_bundle_stands_for_is_below_it() {
    let mut world = with(&[("a", on_surge())]);
    let alarm = Alarm {
        namespace: "AWS/AutoScaling".into(),
        metric: "GroupInServiceInstances".into(),
        dimensions: vec![("AutoScalingGroupName".into(), "g-3".into())],
        ..on_surge()
    };
    world.list(t(0), vec![resource(Kind::Alarm, "a", Detail::Alarm(alarm))]);
    let groups = (0..6).map(|i| resource(Kind::AutoScalingGroup, &format!("g-{i}"), group(1, 2, 3, 1)));
    world.list(t(0), groups.collect());
    let metric = crate::model::Metric::new("AWS/AutoScaling", "GroupInServiceInstances", "Minimum", 60);
    let mut verdicts: Vec<Verdict> = (0..6)
        .map(|i| Verdict {
            signal: Some(Signal::Metric(metric.clone())),
            ..verdict("asg-few", id(Kind::AutoScalingGroup, &format!("g-{i}")), standing('w', t(0)))
        })
        .collect();
    verdicts.push(mirrored("a", 'w'));
    assert_eq!(told(&world, &verdicts), ("[7]".to_owned(), [0, 6, 1]));
}
