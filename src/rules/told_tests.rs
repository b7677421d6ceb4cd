//! What a verdict says besides how it stands: nothing untrue.

use super::EvalMode::{Live, OneShot};
use super::testing::{World, id, resource, t};
use super::{RuleContext, RuleSet, RuleSource, Severity, Standing, Verdict};
use crate::model::{Detail, Kind, Metric, Point, QueryStatus, ResourceId};

fn database() -> (World, ResourceId, Metric) {
    let mut world = World::default();
    world.list(t(0), vec![resource(Kind::RdsInstance, "shop-db", Detail::None)]);
    (world, id(Kind::RdsInstance, "shop-db"), Metric::new("AWS/RDS", "CPUUtilization", "Average", 60))
}

#[test]
fn missing_data_that_breaches_is_told_as_what_it_is() {
    let (mut world, of, cpu) = database();
    world.points(&of, &cpu, 0, "5 5 5 _ _ _ _ _ _ _ _ _ _ _ _");
    let v = world.verdict("rds-cpu", Live, 15);
    assert!(matches!(v.standing, Standing::Breach { severity: Severity::Critical, held: true, .. }), "{v:?}");
    assert_eq!((v.value, v.limit), (None, Some(90.0)), "5 is not over 90");
    assert_eq!(v.title, "no data, which counts as a breach");
    assert_eq!(v.detail, "CPU is busy, or nothing is published of it any more");
    // Where values breach too, it is what it says.
    let (mut world, of, cpu) = database();
    world.points(&of, &cpu, 0, "5 95 95 95 _ _ 95 95 95 _ 95 95 95 95 95");
    let v = world.verdict("rds-cpu", Live, 15);
    assert_eq!((v.title.as_str(), v.value), ("CPU is busy", Some(95.0)));
}

/// What a rule with `levels` says in one look at a value of 10 that was never read before.
fn at_once(levels: &str) -> Verdict {
    let text = format!(
        "[[rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"rds-instance\"\nsignal = \"CPUUtilization\"\n{levels}\n"
    );
    let rules = RuleSet::load(&[RuleSource { name: "x.toml", text: &text }], &[]).expect("right");
    let (mut world, of, cpu) = database();
    let points = (0..5).map(|m| Point { at: t(m), value: 10.0 }).collect();
    world.batch(&of, &cpu, t(0), t(5), points, QueryStatus::Complete);
    let context = RuleContext { budget: None, mode: OneShot, ..RuleContext::default() };
    rules.evaluate(&world.model, &context, t(5)).into_iter().find(|v| v.rule == *"x").expect("it speaks")
}

#[test]
fn of_two_levels_that_need_the_same_past_the_louder_is_told() {
    let told = |levels: &str| match at_once(levels).standing {
        Standing::Breach { severity, held: true, .. } => severity,
        other => panic!("{levels}: {other:?}"),
    };
    assert_eq!(told("for = \"30m\"\nwarning = \"> 1\"\ncritical = \"> 3\""), Severity::Critical);
    let longer = "warning = { limit = \"> 1\", for = \"30m\" }\ncritical = { limit = \"> 3\", for = \"1h\" }";
    assert_eq!(told(longer), Severity::Warning, "the quieter needs less of what nobody knows");
    let shorter = "warning = { limit = \"> 1\", for = \"1h\" }\ncritical = { limit = \"> 3\", for = \"30m\" }";
    assert_eq!(told(shorter), Severity::Critical);
    let known = "warning = { limit = \"> 1\", for = \"2m\" }\ncritical = { limit = \"> 3\", for = \"30m\" }";
    assert_eq!(told(known), Severity::Warning, "what is known goes before what is assumed");
}
