//! Since when an alarm is in ALARM here, and what a rule with levels of its own says of it.

use super::super::testing::{World, clb, id, resource, surge, t, word};
use super::super::{RuleContext, RuleSet, RuleSource};
use super::*;

fn on(metric: &str, dimension: (&str, &str)) -> Alarm {
    Alarm {
        state: AlarmState::Ok,
        state_since: Some(t(-600)),
        namespace: if metric == "SurgeQueueLength" { "AWS/ELB".into() } else { "Shop/Jobs".into() },
        metric: metric.into(),
        dimensions: vec![(dimension.0.into(), dimension.1.into())],
        stat: "Maximum".into(),
        period: 60,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        comparison: "GreaterThanThreshold".into(),
        threshold: Some(100.0),
        actions_enabled: true,
        ..Alarm::default()
    }
}

fn composite(rule: &str) -> Alarm {
    Alarm { rule: rule.into(), actions_enabled: true, ..Alarm::default() }
}

/// `surge` is in ALARM since minute 2, `age` since minute 4.
fn world(more: &[(&str, Alarm)]) -> World {
    let mut world = World::with_clb();
    let own =
        [("surge", on("SurgeQueueLength", ("LoadBalancerName", "web-clb"))), ("age", on("Age", ("Queue", "jobs")))];
    let all = own.iter().chain(more);
    world.list(t(0), all.map(|(n, a)| resource(Kind::Alarm, n, Detail::Alarm(a.clone()))).collect());
    world.points(&clb(), &surge(), 0, "0 0 300 300 300 300");
    world.points(&id(Kind::Alarm, "age"), &Metric::new("Shop/Jobs", "Age", "Maximum", 60), 0, "0 0 0 0 300 300");
    world
}

fn says(world: &World, rules: &str, name: &str, minute: i64) -> (String, Option<i64>) {
    let rules = RuleSet::load(&[RuleSource { name: "t.toml", text: rules }], &[]).unwrap_or_else(|e| panic!("{e:?}"));
    let all = rules.evaluate(&world.model, &RuleContext::default(), t(minute));
    let found = all.iter().find(|v| v.rule == *"cloudwatch-alarm" && v.resource == id(Kind::Alarm, name));
    let standing = &found.expect("a verdict").standing;
    let since = match standing {
        Standing::Breach { since, .. } => Some(since.duration_since(t(0)).as_mins()),
        _ => None,
    };
    (word(standing), since)
}

const BUILTIN: &str = "";
const LEVELS: &str = "[[rule]]\nid = \"cloudwatch-alarm\"\nwhen = []\nwarning = \">= 1\"\n\
                      critical = { limit = \">= 1\", for = \"10m\" }\n";
const LATER: &str = "[[rule]]\nid = \"cloudwatch-alarm\"\nwhen = []\nwarning = { limit = \">= 1\", for = \"10m\" }\n";

#[test]
fn a_composite_is_in_alarm_since_it_holds() {
    let world = world(&[
        ("any", composite("ALARM(surge) OR ALARM(age)")),
        ("all", composite("ALARM(surge) AND ALARM(age)")),
        ("two", composite("AT_LEAST(2, ALARM, (surge, age))")),
    ]);
    assert_eq!(says(&world, BUILTIN, "any", 6), ("Warning".into(), Some(2)));
    assert_eq!(says(&world, BUILTIN, "all", 6), ("Warning".into(), Some(4)));
    assert_eq!(says(&world, BUILTIN, "two", 6), ("Warning".into(), Some(4)));
}

#[test]
fn every_level_is_looked_at_and_the_loudest_that_was_held_is_told() {
    let mut world = world(&[]);
    assert_eq!(says(&world, LEVELS, "surge", 6), ("Warning".into(), Some(2)));
    world.points(&clb(), &surge(), 6, "300 300 300 300 300 300 300");
    assert_eq!(says(&world, LEVELS, "surge", 13), ("Critical".into(), Some(2)));
    assert_eq!(says(&world, LATER, "age", 6), ("Warning?".into(), Some(4)));
}

#[test]
fn what_nobody_says_the_beginning_of_is_not_waited_for() {
    let not = || composite("NOT INSUFFICIENT_DATA(surge)");
    let theirs = Alarm { state: AlarmState::Alarm, state_since: Some(t(1)), ..not() };
    let world = world(&[("ours", not()), ("theirs", theirs)]);
    assert_eq!(says(&world, LATER, "ours", 6), ("Warning".into(), Some(6)), "it would be waited for for ever");
    assert_eq!(says(&world, LATER, "theirs", 6), ("Warning?".into(), Some(1)));
}

#[test]
fn a_limit_that_means_nothing_is_refused() {
    for limit in [">= 5", "> 1", "< 1", ">= 0"] {
        let text = format!("[[rule]]\nid = \"cloudwatch-alarm\"\nwarning = \"{limit}\"\n");
        let errors = RuleSet::load(&[RuleSource { name: "t.toml", text: &text }], &[]).expect_err(limit);
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(
            told[0].starts_with("t.toml:3: cloudwatch-alarm.warning: ") && told[0].contains("no effect"),
            "{told:?}"
        );
    }
}

#[test]
fn one_that_is_written_as_a_query_may_speak_early_as_its_metric_may() {
    let query = |stat: &str| {
        let metric = crate::model::AlarmMetric {
            namespace: "Shop/Jobs".into(),
            name: "Age".into(),
            stat: stat.into(),
            period: 60,
            unit: "Seconds".into(),
            ..Default::default()
        };
        let one =
            crate::model::AlarmQuery { id: "m1".into(), metric: Some(metric), returned: true, ..Default::default() };
        Alarm {
            namespace: Text::default(),
            metric: Text::default(),
            stat: Text::default(),
            queries: vec![one],
            ..on("Age", ("", ""))
        }
    };
    let mut world = world(&[("highest", query("Maximum")), ("mean", query("Average"))]);
    for name in ["highest", "mean"] {
        let of = id(Kind::Alarm, name);
        let metric = world.model.alarm(&of).and_then(|a| a.watched(&of)).expect("a metric");
        world.points(&of, &metric, 0, "0 0 0 0 0 300");
    }
    // The newest minute is not final yet: a maximum can only rise, a mean may still fall.
    assert_eq!(says(&world, BUILTIN, "highest", 6).0, "Warning");
    assert_eq!(says(&world, BUILTIN, "mean", 6).0, "OK");
}

const IN_FIVE_HOURS: &str =
    "[[rule]]\nid = \"cloudwatch-alarm\"\nwhen = []\nwarning = { limit = \">= 1\", for = \"5h\" }\n";

/// A world in which `surge` is in ALARM since `since` and the metric is read from `from` on to minute 360.
fn long(from: i64, since: i64, theirs: Alarm) -> World {
    let mut world = World::with_clb();
    world.list(t(0), vec![resource(Kind::Alarm, "surge", Detail::Alarm(theirs))]);
    let values: Vec<&str> = (from..360).map(|minute| if minute < since { "0" } else { "300" }).collect();
    world.points(&clb(), &surge(), from, &values.join(" "));
    world
}

#[test]
fn a_time_that_an_alarm_must_hold_is_kept_however_long_it_is() {
    let alarm = || on("SurgeQueueLength", ("LoadBalancerName", "web-clb"));
    let rules = RuleSet::load(&[RuleSource { name: "t.toml", text: IN_FIVE_HOURS }], &[]).expect("right");
    let world = long(0, 10, alarm());
    let asked = rules.demand(&world.model, &RuleContext::default());
    let asked = asked.iter().find(|d| d.resource == clb() && d.metric == surge()).expect("it is read");
    assert!((5 * 3600..6 * 3600).contains(&asked.history), "{} s", asked.history);
    assert_eq!(says(&world, IN_FIVE_HOURS, "surge", 360), ("Warning".into(), Some(10)));
    assert_eq!(says(&long(0, 100, alarm()), IN_FIVE_HOURS, "surge", 360), ("Warning?".into(), Some(100)));
    let usual = RuleSet::builtin().demand(&world.model, &RuleContext::default());
    let usual = usual.iter().filter(|d| d.resource == clb() && d.metric == surge());
    assert!(usual.clone().count() > 0 && usual.clone().all(|d| d.history == 0), "nobody asks for how long");
}

#[test]
fn what_began_before_anything_that_is_kept_is_as_old_as_cloudwatch_says() {
    let theirs = |since| Alarm {
        state: AlarmState::Alarm,
        state_since: Some(t(since)),
        ..on("SurgeQueueLength", ("LoadBalancerName", "web-clb"))
    };
    // Three hours are kept, in all of which it breaches; of those in which it did not, CloudWatch's time says nothing.
    assert_eq!(says(&long(180, 0, theirs(20)), IN_FIVE_HOURS, "surge", 360), ("Warning".into(), Some(20)));
    assert_eq!(says(&long(180, 240, theirs(20)), IN_FIVE_HOURS, "surge", 360), ("Warning?".into(), Some(240)));
}

#[test]
fn what_cloudwatch_computes_is_read_as_far_back_as_it_must_hold() {
    let of_group = |hold: &str| {
        let text = format!(
            "[[rule]]\nid = \"x\"\ntitle = \"x\"\nkind = \"classic-elb\"\n\
             metric_math = \"requests * 2\"\ninputs = {{ requests = \"RequestCount\" }}\n\
             warning = {{ limit = \"> 0\", for = \"{hold}\" }}\n"
        );
        let rules =
            RuleSet::load(&[RuleSource { name: "t.toml", text: &text }], &[]).unwrap_or_else(|e| panic!("{e:?}"));
        let groups = rules.groups(&World::with_clb().model, &RuleContext::default());
        groups.iter().find(|g| g.of == clb()).expect("it is asked for").history
    };
    assert_eq!(of_group("10m"), 0);
    assert!((20 * 3600..21 * 3600).contains(&of_group("20h")));
}
