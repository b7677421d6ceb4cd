//! What is deleted and made again under the same name between two listings.

use std::collections::BTreeMap;

use super::tests::{balancer, batch, health, inventory, observe, scope, surge, t};
use super::*;

#[test]
fn one_that_was_made_anew_between_two_listings_has_nothing_of_the_one_before() {
    let mut m = Model::default();
    let made = |at: i64| {
        let mut lb = balancer("web-clb");
        lb.detail = Detail::Balancer(Balancer { created: Some(t(at)), ..Balancer::default() });
        lb
    };
    let listing = |lb: &Resource| inventory(Kind::ClassicElb, vec![lb.clone()], false);
    let points = || Body::Points(vec![batch(&[(0, 900.0), (5, 900.0), (6, 3.0)], QueryStatus::Complete)]);
    let values = |m: &Model| {
        let series = m.series(&made(0).id, &Signal::Metric(surge()));
        series.map(|s| s.points().map(|p| p.value).collect::<Vec<_>>())
    };
    m.apply(&observe(PollerKind::ClassicElbs, 0, listing(&made(-5_000))));
    m.apply(&observe(PollerKind::ClassicHealth, 300, health(&made(0), 300, &[HealthState::Unhealthy])));
    m.apply(&observe(PollerKind::Metrics, 360, points()));
    assert_eq!(values(&m), Some(vec![900.0, 900.0, 3.0]));
    m.apply(&observe(PollerKind::ClassicElbs, 400, listing(&made(-5_000))));
    assert_eq!(values(&m).map(|v| v.len()), Some(3), "the same as before");

    let changes = m.apply(&observe(PollerKind::ClassicElbs, 500, listing(&made(350))));
    assert!(changes.resources.contains(&made(0).id));
    assert_eq!(values(&m), None);
    let Some(Detail::Balancer(new)) = m.resource(&made(0).id).map(|r| &r.detail) else { panic!("it is there") };
    assert_eq!(new.members, None, "its hosts' health is not read yet");
    m.apply(&observe(PollerKind::Metrics, 600, points()));
    assert_eq!(values(&m), Some(vec![3.0]), "what CloudWatch keeps of the one before is not its own");

    // AWS's clock goes before ours: it is born now, not later.
    m.apply(&observe(PollerKind::ClassicElbs, 700, listing(&made(900))));
    assert_eq!(m.reborn(&made(0).id, t(700)), Some(t(700)));

    // Target groups say no time, and have another ARN.
    let group = |suffix: &str| Resource {
        id: ResourceId::new(&scope(), Kind::TargetGroup, "api-tg"),
        name: "api-tg".into(),
        tags: BTreeMap::new(),
        detail: Detail::TargetGroup(TargetGroup {
            arn: format!("arn:api-tg/{suffix}").into(),
            ..TargetGroup::default()
        }),
    };
    for (at, arn) in [(0, "a"), (60, "a"), (120, "b")] {
        m.apply(&observe(PollerKind::Balancers, at, inventory(Kind::TargetGroup, vec![group(arn)], false)));
    }
    assert_eq!(m.reborn(&group("b").id, t(120)), Some(t(120)));
}
