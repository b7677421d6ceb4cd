//! Rules that go by tags, where those may not be read.

use jiff::SignedDuration;

use super::testing::{World, id, members, resource, t, word};
use super::{RuleContext, RuleSet, RuleSource, Standing};
use crate::model::{Body, Detail, ErrorClass, Kind, Outcome, PollError, PollerKind, Resource, TargetGroup};

const RULES: &str = r#"
    [[rule]]
    id = "x-all"
    title = "x"
    kind = "target-group"
    signal = "unhealthy_targets"
    warning = "> 0"

    [[rule]]
    id = "x-prod"
    title = "x"
    kind = "target-group"
    tags = { env = "prod" }
    signal = "unhealthy_targets"
    warning = "> 0"

    [[rule]]
    id = "x-louder-in-prod"
    title = "x"
    kind = "target-group"
    signal = "unhealthy_targets"
    warning = "> 0"
    [[rule.when]]
    name = "api-*"
    tags = { env = "prod" }
    critical = "> 0"

    [[rule]]
    id = "x-not-by-tags-here"
    title = "x"
    kind = "target-group"
    signal = "unhealthy_targets"
    warning = "> 0"
    [[rule.when]]
    name = "api-*"
    critical = "> 0"
    [[rule.when]]
    tags = { env = "prod" }
    warning = "> 1"

    [[rule]]
    id = "x-prod-elsewhere"
    title = "x"
    kind = "target-group"
    region = "eu-*"
    tags = { env = "prod" }
    signal = "unhealthy_targets"
    warning = "> 0"
"#;

fn listed(world: &mut World, minute: i64, group: Resource, partial: bool, lacks: Option<ErrorClass>) {
    let error = |class| PollError { class, operation: "DescribeTags".into(), code: "".into(), message: "".into() };
    let kinds = vec![Kind::TargetGroup];
    world.tell(PollerKind::Balancers, t(minute), Body::Inventory { kinds, resources: vec![group], partial });
    let outcome = Outcome {
        started: t(minute),
        took: SignedDuration::from_secs(1),
        calls: 1,
        pages: 1,
        billed_metrics: 0,
        throttles: 0,
        error: lacks.filter(|_| partial).map(error),
        lacks: lacks.filter(|_| !partial).map(error),
        next: None,
        interval: SignedDuration::from_secs(60),
    };
    world.tell(PollerKind::Balancers, t(minute), Body::Outcome(outcome));
    world.health(t(minute), &id(Kind::TargetGroup, "api-tg"), members(2, 1));
}

fn group(tags: Option<&str>) -> Resource {
    let mut group = resource(Kind::TargetGroup, "api-tg", Detail::TargetGroup(TargetGroup::default()));
    group.set_tags_unread(tags.is_none());
    group.tags.extend(tags.filter(|env| !env.is_empty()).map(|env| ("env".into(), env.into())));
    group
}

/// What each rule says of the group at `minute`, in the rules' order, then what is said of the poller.
fn said(world: &World, minute: i64) -> Vec<String> {
    let rules = RuleSet::load(&[RuleSource { name: "x.toml", text: RULES }], &[]).expect("right");
    let context = RuleContext::default();
    let verdicts = rules.evaluate(&world.model, &context, t(minute));
    let of_group = |id: &str| {
        let own = verdicts.iter().find(|v| v.rule == *id);
        own.map_or("-".to_owned(), |v| match &v.standing {
            Standing::Blind { why, since, .. } => format!("Blind since {}: {why}", (*since - t(0)).get_seconds() / 60),
            other => word(other),
        })
    };
    let poller = verdicts.iter().find(|v| v.rule == *"poller-blind" && v.resource.id == *"balancers");
    let ids = ["x-all", "x-louder-in-prod", "x-not-by-tags-here", "x-prod", "x-prod-elsewhere"];
    let mut said: Vec<String> = ids.map(of_group).into();
    said.push(poller.map_or(String::new(), |v| format!("{} {}: {}", word(&v.standing), v.title, v.detail)));
    said
}

#[test]
fn only_what_goes_by_tags_is_blind_where_tags_may_not_be_read() {
    let mut world = World::default();
    listed(&mut world, 0, group(Some("test")), false, None);
    assert_eq!(said(&world, 0)[..5], ["Warning", "Warning", "Critical", "-", "-"]);
    assert!(said(&world, 0)[5].starts_with("OK"), "{:?}", said(&world, 0));

    // Tags may no longer be read: what they were is no answer any more.
    let needs = "needs elasticloadbalancing:DescribeTags";
    let blind = format!("Blind since 1: {needs}");
    let of_poller = format!("Blind balancers' tags cannot be read: {needs}, or x-louder-in-prod and x-prod off");
    for minute in 1..4 {
        listed(&mut world, minute, group(None), false, Some(ErrorClass::Denied));
        assert_eq!(said(&world, minute), ["Warning", &blind, "Critical", &blind, "-", &of_poller]);
    }
    listed(&mut world, 4, group(Some("prod")), false, None);
    assert_eq!(said(&world, 4)[..5], ["Warning", "Critical", "Critical", "Warning", "-"]);
}

#[test]
fn tags_that_were_not_read_for_once_are_as_they_were() {
    let mut world = World::default();
    listed(&mut world, 0, group(Some("prod")), false, None);
    listed(&mut world, 1, group(None), true, Some(ErrorClass::Throttled));
    assert_eq!(said(&world, 1)[..5], ["Warning", "Critical", "Critical", "Warning", "-"]);
    // What was never read is not known, whatever kept it from being.
    let mut world = World::default();
    listed(&mut world, 1, group(None), true, Some(ErrorClass::Throttled));
    assert_eq!(said(&world, 1)[3], "Blind since 1: throttled: DescribeTags");
}

#[test]
fn tags_of_what_has_none_are_refused() {
    let written = |kind: &str, more: &str| {
        let text = format!(
            "[[rule]]\nid = \"x\"\ntitle = \"x\"\nkind = \"{kind}\"\nsignal = \"AWS/Lambda/Errors\"\nwarning = \"> 0\"\n{more}"
        );
        let loaded = RuleSet::load(&[RuleSource { name: "x.toml", text: &text }], &[]);
        loaded.err().map(|e| e[0].to_string()).unwrap_or_default()
    };
    let told = written("lambda-function", "tags = { env = \"prod\" }\n");
    assert!(told.contains("x.toml:7") && told.contains("tags of `lambda-function` are not read"), "{told}");
    let told = written("lambda-function", "[[rule.when]]\ntags = { env = \"prod\" }\nwarning = \"> 1\"\n");
    assert!(told.contains("x.toml:8") && told.contains("when.tags"), "{told}");
}
