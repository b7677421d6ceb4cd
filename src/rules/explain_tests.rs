//! Explanations say what an evaluation says, and with what.

use jiff::tz::TimeZone;

use super::testing::{World, builtin, clb, group, id, members, resource, surge, t};
use super::{EvalMode, RuleContext, explain, explain_all};
use crate::model::{Body, Detail, ErrorClass, Kind, Metric, PollerKind, ResourceId};

fn said(world: &World, rule: &str, of: &ResourceId, minute: i64) -> String {
    let context = RuleContext { budget: Some(8000.0), mode: EvalMode::Live, ..RuleContext::default() };
    let rule = builtin().get(rule).expect("a rule");
    let explanation = explain(rule, &world.model, &context, of, t(minute));
    let verdict = world.evaluate(EvalMode::Live, minute).into_iter().rfind(|v| v.rule == rule.id && v.resource == *of);
    assert_eq!(explanation.verdict, verdict, "the same as an evaluation");
    let lines = explanation.lines(&TimeZone::UTC, 80);
    assert!(lines.iter().all(|l| l.chars().count() <= 80), "{lines:#?}");
    lines.join("\n")
}

#[test]
fn a_queue_that_fills() {
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 0, "0 50 _ 200 300 700");
    insta::assert_snapshot!(said(&world, "clb-surge-queue", &clb(), 6));
    world.points(&clb(), &surge(), 6, "20 _");
    insta::assert_snapshot!(said(&world, "clb-surge-queue", &clb(), 8));
}

#[test]
fn what_waits_for_its_time() {
    let mut world = World::default();
    for (minute, in_service) in [(0, 4), (1, 3), (2, 3), (3, 3)] {
        world.list(t(minute), vec![resource(Kind::AutoScalingGroup, "web-asg", group(2, 4, 12, in_service))]);
    }
    insta::assert_snapshot!(said(&world, "asg-short", &id(Kind::AutoScalingGroup, "web-asg"), 3));
}

#[test]
fn what_cannot_be_read_and_what_does_not_apply() {
    let mut world = World::with_target_group();
    let group = id(Kind::TargetGroup, "api-tg");
    world.health(t(1), &group, members(2, 0));
    world.ran(PollerKind::TargetHealth, t(6), Some(ErrorClass::Denied));
    insta::assert_snapshot!(said(&world, "target-unhealthy-hosts", &group, 6));
    world.health(t(7), &group, Vec::new());
    insta::assert_snapshot!(said(&world, "target-no-healthy-hosts", &group, 7));
    insta::assert_snapshot!(said(&world, "clb-spillover", &group, 7));
}

#[test]
fn events_and_the_trail() {
    let mut world = World::default();
    world.trail(3, "StopLogging", "IAMUser", None);
    let context = RuleContext::default();
    let rule = builtin().get("trail-tampering").expect("a rule");
    let all = explain_all(rule, &world.model, &context, t(5));
    assert_eq!(all.len(), 1);
    insta::assert_snapshot!(all[0].lines(&TimeZone::UTC, 80).join("\n"));
}

#[test]
fn every_rule_explains_every_resource_in_narrow_columns() {
    let mut world = World::with_clb();
    let metric = Metric::new("AWS/ELB", "RequestCount", "Sum", 60);
    world.points(&clb(), &metric, 0, "1000 1000 1000");
    world.points(&clb(), &Metric::new("AWS/ELB", "HTTPCode_Backend_5XX", "Sum", 60), 0, "_ 20 30");
    world.points(&clb(), &Metric::new("AWS/ELB", "HTTPCode_ELB_5XX", "Sum", 60), 0, "_ 1 _");
    world.tell(PollerKind::Identity, t(1), Body::Started);
    world.list(t(1), vec![resource(Kind::Alarm, "alarm", Detail::Alarm(crate::model::Alarm::default()))]);
    for mode in [EvalMode::Live, EvalMode::OneShot] {
        let context = RuleContext { budget: Some(1.0), mode, ..RuleContext::default() };
        for rule in builtin().rules() {
            for explanation in explain_all(rule, &world.model, &context, t(4)) {
                for width in [0, 40, 80] {
                    let lines = explanation.lines(&TimeZone::UTC, width);
                    let longest = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0);
                    // Only what cannot be broken, a long name, may be longer.
                    assert!(longest <= width.max(64), "{lines:#?}");
                }
            }
        }
    }
}
