//! Members by zone, and what is remembered of a poller's runs.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;

fn t(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).expect("in range")
}

fn scope() -> Scope {
    Scope::new("a", "eu-west-1")
}

fn source(poller: PollerKind) -> Source {
    Source { scope: scope(), poller }
}

/// Members such as `a:bad`, of which `-` has no zone.
fn members(written: &str) -> Members {
    let one = |(i, word): (usize, &str)| {
        let (zone, state) = word.split_once(':').expect("zone:state");
        Member {
            id: format!("i-{i}").into(),
            port: None,
            zone: (zone != "-").then(|| zone.into()),
            state: match state {
                "bad" => HealthState::Unhealthy,
                "good" => HealthState::Healthy,
                "new" => HealthState::Initial,
                _ => HealthState::Draining,
            },
            reason: "".into(),
            description: "".into(),
        }
    };
    Members { at: t(0), list: written.split_whitespace().enumerate().map(one).collect() }
}

#[test]
fn a_zone_is_unhealthy_when_all_of_it_is_and_unknown_when_it_is_not_known_where_it_is() {
    for (written, down, worst) in [
        ("", Some(0), Some((0, 0, 0))),
        ("a:good b:good", Some(0), Some((0, 1, 1))),
        ("a:bad a:good b:good", Some(0), Some((1, 1, 2))),
        ("a:bad a:bad b:bad b:good c:good", Some(1), Some((2, 0, 2))),
        ("a:bad b:bad b:bad", Some(2), Some((2, 0, 2))),
        ("a:new a:bad b:good", Some(0), Some((1, 0, 2))),
        ("a:bad a:gone b:good", Some(1), Some((1, 0, 1))),
        ("-:good a:good", Some(0), None),
        ("-:bad a:good", None, None),
        ("all:bad a:good", None, None),
    ] {
        let members = members(written);
        assert_eq!(members.unhealthy_zones(), down, "{written}");
        let read = members.worst_zone().map(|z| (z.unhealthy, z.healthy, z.total));
        assert_eq!(read, worst, "{written}");
    }
}

#[test]
fn a_member_is_where_its_instance_is_also_when_that_is_gone() {
    let mut model = Model::default();
    let tell = |model: &mut Model, minute: i64, poller, body| {
        model.apply(&Observation { at: t(minute), source: source(poller), body });
    };
    let group = ResourceId::new(&scope(), Kind::TargetGroup, "tg");
    let listed =
        |id: &ResourceId, detail| Resource { id: id.clone(), name: id.id.clone(), tags: BTreeMap::new(), detail };
    let inventory = |kind, resources| Body::Inventory { kinds: vec![kind], resources, partial: false };
    let whole = || inventory(Kind::TargetGroup, vec![listed(&group, Detail::TargetGroup(TargetGroup::default()))]);
    let health = |written| Body::Health { of: group.clone(), members: members(written) };
    let zones = |model: &Model| {
        let Some(Detail::TargetGroup(TargetGroup { members: Some(m), .. })) = model.resource(&group).map(|r| &r.detail)
        else {
            panic!("listed and read");
        };
        m.unhealthy_zones()
    };
    tell(&mut model, 0, PollerKind::Balancers, whole());
    tell(&mut model, 1, PollerKind::TargetHealth, health("-:bad -:good"));
    assert_eq!(zones(&model), None);
    assert_eq!(model.series(&group, &Signal::Api(ApiSignal::UnhealthyZones)).map(|s| s.points().count()), None);
    let instance = |n: u8, zone: &str| {
        let id = ResourceId::new(&scope(), Kind::Instance, format!("i-{n}"));
        listed(&id, Detail::Instance(Instance { zone: zone.into(), ..Instance::default() }))
    };
    let both = vec![instance(0, "eu-west-1a"), instance(1, "eu-west-1b")];
    tell(&mut model, 2, PollerKind::Instances, inventory(Kind::Instance, both));
    tell(&mut model, 3, PollerKind::TargetHealth, health("-:bad -:good"));
    assert_eq!(zones(&model), Some(1));
    tell(&mut model, 4, PollerKind::Instances, inventory(Kind::Instance, vec![instance(1, "eu-west-1b")]));
    tell(&mut model, 5, PollerKind::TargetHealth, health("-:bad -:good"));
    assert_eq!(zones(&model), Some(1), "it is registered still, and was there");
}

#[test]
fn throttles_and_failures_are_remembered_for_a_day_by_the_minute() {
    let mut model = Model::default();
    let mut run = |second: i64, throttles: u32, failed: bool| {
        let at = t(0) + SignedDuration::from_secs(second);
        let error = failed.then(|| PollError {
            class: ErrorClass::Throttled,
            operation: "".into(),
            code: "".into(),
            message: "".into(),
        });
        let body = Body::Outcome(Outcome {
            started: at,
            took: SignedDuration::ZERO,
            calls: 1,
            pages: 1,
            billed_metrics: 0,
            throttles,
            lacks: None,
            error,
            next: None,
            interval: SignedDuration::from_secs(10),
        });
        model.apply(&Observation { at, source: source(PollerKind::Trail), body });
        let record = model.poller(&source(PollerKind::Trail)).expect("it ran");
        record.mishaps().map(|m| (m.at.duration_since(t(0)).as_secs(), m.failures, m.throttles)).collect::<Vec<_>>()
    };
    assert_eq!(run(0, 0, false), []);
    assert_eq!(run(5, 2, false), [(5, 0, 2)], "a run that came to a good end was throttled too");
    assert_eq!(run(15, 1, true), [(5, 1, 3)]);
    assert_eq!(run(65, 1, true), [(5, 1, 3), (65, 1, 1)]);
    assert_eq!(run(86_400, 0, false), [(5, 1, 3), (65, 1, 1)]);
    assert_eq!(run(86_410, 0, false), [(65, 1, 1)]);
    assert_eq!(run(30, 0, false), [], "the clock was set back: what was is still to come");
    for minute in 0..3000 {
        assert!(run(minute * 60, 1, true).len() <= 1441);
    }
}
