//! Rule files, with the expressions, limits and times in them: whatever the text, it is read or refused, and what is read can
//! be evaluated and explained.

#![no_main]
#![allow(dead_code, unused_imports, missing_docs)]

#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/rules/mod.rs"]
pub mod rules;

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;

use model::{
    Alarm, AutoScalingGroup, Balancer, Body, Detail, Kind, Model, Observation, Outcome, Point, PointBatch, PollerKind,
    QueryStatus, Resource, ResourceId, Scope, Source,
};
use rules::{EvalMode, RuleContext, RuleSet, RuleSource, explain};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // What stands behind a form feed is the rule of a composite alarm.
    let (text, composite) = text.split_once('\u{c}').unwrap_or((text, ""));
    let source = RuleSource { name: "fuzz.toml", text };
    let overrides = RuleSet::load(&[], &[source]);
    let Ok(set) = RuleSet::load(&[source], &[]).or(overrides) else { return };
    let now = Timestamp::from_second(1_767_225_600).unwrap();
    for mode in [EvalMode::Live, EvalMode::OneShot] {
        let context = RuleContext { budget: Some(8000.0), mode };
        let model = world(&set, &context, now, composite);
        for verdict in set.evaluate(&model, &context, now) {
            let rule = set.get(&verdict.rule).unwrap();
            let lines = explain(rule, &model, &context, &verdict.resource, now).lines(&jiff::tz::TimeZone::UTC, 80);
            assert!(!lines.is_empty());
        }
    }
});

/// A balancer, a group and an alarm, with a point in every metric that the rules ask for.
fn world(set: &RuleSet, context: &RuleContext, now: Timestamp, composite: &str) -> Model {
    let mut model = Model::default();
    let scope = Scope::new("fuzz", "us-east-1");
    let tell = |model: &mut Model, poller, body| {
        model.apply(&Observation { at: now, source: Source { scope: scope.clone(), poller }, body });
    };
    let outcome = || {
        Body::Outcome(Outcome {
            started: now,
            took: SignedDuration::ZERO,
            calls: 1,
            pages: 1,
            billed_metrics: 0,
            throttles: 0,
            lacks: None,
            error: None,
            next: None,
            interval: SignedDuration::from_secs(60),
        })
    };
    let details = [
        (Kind::ClassicElb, Detail::Balancer(Balancer::default())),
        (Kind::AutoScalingGroup, Detail::AutoScalingGroup(AutoScalingGroup::default())),
        (Kind::Alarm, Detail::Alarm(Alarm { rule: composite.into(), ..Alarm::default() })),
        (Kind::Bill, Detail::None),
    ];
    for (kind, detail) in details {
        let id = ResourceId::new(&scope, kind, "fuzz");
        let resource = Resource { id, name: "fuzz".into(), tags: Default::default(), detail };
        let poller = PollerKind::lists(kind).unwrap();
        tell(&mut model, poller, Body::Inventory { kinds: vec![kind], resources: vec![resource], partial: false });
        tell(&mut model, poller, outcome());
    }
    for wanted in set.demand(&model, context) {
        let period = i64::from(wanted.metric.period.max(1));
        let to = now.as_second().div_euclid(period) * period;
        let at = |slots: i64| Timestamp::from_second(to - slots * period).unwrap();
        let points = vec![Point { at: at(1), value: 600.0 }, Point { at: at(3), value: 0.0 }];
        let batch = PointBatch {
            resource: wanted.resource,
            metric: wanted.metric,
            from: at(5),
            to: at(0),
            points,
            status: QueryStatus::Complete,
        };
        tell(&mut model, PollerKind::Metrics, Body::Points(vec![batch]));
    }
    tell(&mut model, PollerKind::Metrics, outcome());
    tell(&mut model, PollerKind::Trail, outcome());
    model
}
