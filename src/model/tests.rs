//! The model at its door: observations in, what is known out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

pub(super) fn t(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_768_366_800 + seconds).expect("in range")
}

pub(super) fn scope() -> Scope {
    Scope::new("demo", "ap-northeast-1")
}

pub(super) fn observe(poller: PollerKind, at: i64, body: Body) -> Observation {
    Observation { at: t(at), source: Source { scope: scope(), poller }, body }
}

fn group(name: &str, desired: u32, max: u32) -> Resource {
    Resource {
        id: ResourceId::new(&scope(), Kind::AutoScalingGroup, name),
        name: name.into(),
        tags: BTreeMap::new(),
        detail: Detail::AutoScalingGroup(AutoScalingGroup { min: 1, max, desired, ..AutoScalingGroup::default() }),
    }
}

pub(super) fn balancer(name: &str) -> Resource {
    Resource {
        id: ResourceId::new(&scope(), Kind::ClassicElb, name),
        name: name.into(),
        tags: BTreeMap::new(),
        detail: Detail::Balancer(Balancer::default()),
    }
}

pub(super) fn inventory(kind: Kind, resources: Vec<Resource>, partial: bool) -> Body {
    Body::Inventory { kinds: vec![kind], resources, partial }
}

pub(super) fn health(of: &Resource, at: i64, states: &[HealthState]) -> Body {
    let list = (1..)
        .zip(states)
        .map(|(i, state)| Member {
            id: format!("i-{i}").into(),
            port: None,
            zone: None,
            state: *state,
            reason: "Instance".into(),
            description: Text::default(),
        })
        .collect();
    Body::Health { of: of.id.clone(), members: Members { at: t(at), list } }
}

fn outcome(started: i64, error: Option<ErrorClass>) -> Body {
    Body::Outcome(Outcome {
        started: t(started),
        took: SignedDuration::from_millis(200),
        calls: 1,
        pages: 1,
        billed_metrics: 0,
        throttles: 0,
        lacks: None,
        error: error.map(|class| PollError {
            class,
            operation: "DescribeAutoScalingGroups".into(),
            code: Text::default(),
            message: Text::default(),
        }),
        next: Some(t(started + 15)),
        interval: SignedDuration::from_secs(15),
    })
}

#[test]
fn what_a_whole_listing_lacks_is_gone_with_its_series_and_what_a_partial_one_lacks_stays() {
    let mut m = Model::default();
    let both = vec![group("a", 1, 2), group("b", 1, 2)];
    m.apply(&observe(PollerKind::ScalingGroups, 0, inventory(Kind::AutoScalingGroup, both, false)));
    let before = m.series_count();

    m.apply(&observe(PollerKind::ScalingGroups, 15, inventory(Kind::AutoScalingGroup, vec![group("a", 1, 2)], true)));
    assert_eq!(m.of_kind(Kind::AutoScalingGroup).count(), 2);

    let changes = m.apply(&observe(
        PollerKind::ScalingGroups,
        30,
        inventory(Kind::AutoScalingGroup, vec![group("a", 1, 2)], false),
    ));
    assert_eq!(m.of_kind(Kind::AutoScalingGroup).count(), 1);
    assert_eq!(m.series_count(), before / 2);
    assert!(changes.resources.contains(&group("b", 1, 2).id));
}

#[test]
fn one_that_comes_back_under_its_name_begins_with_no_past() {
    let mut m = Model::default();
    let listing = |r: Vec<Resource>| inventory(Kind::AutoScalingGroup, r, false);
    m.apply(&observe(PollerKind::ScalingGroups, 0, listing(vec![group("a", 9, 12)])));
    m.apply(&observe(PollerKind::ScalingGroups, 60, listing(vec![])));
    m.apply(&observe(PollerKind::ScalingGroups, 120, listing(vec![group("a", 1, 2)])));
    let series = m.series(&group("a", 1, 2).id, &Signal::Api(ApiSignal::DesiredCapacity)).expect("read again");
    assert_eq!(series.points().map(|p| p.value).collect::<Vec<_>>(), [1.0]);
}

#[test]
fn what_cloudwatch_keeps_of_one_that_is_gone_is_not_its_successors() {
    let mut m = Model::default();
    let lb = balancer("web-clb");
    let listing = |r: Vec<Resource>| inventory(Kind::ClassicElb, r, false);
    let points = || Body::Points(vec![batch(&[(0, 900.0), (5, 900.0), (6, 3.0)], QueryStatus::Complete)]);
    m.apply(&observe(PollerKind::ClassicElbs, 0, listing(vec![lb.clone()])));
    m.apply(&observe(PollerKind::ClassicElbs, 350, listing(vec![])));
    m.apply(&observe(PollerKind::ClassicElbs, 500, listing(vec![lb.clone()])));
    m.apply(&observe(PollerKind::Metrics, 600, points()));
    let series = m.series(&lb.id, &Signal::Metric(surge())).expect("read");
    assert_eq!(series.points().map(|p| p.value).collect::<Vec<_>>(), [3.0]);
    assert_eq!(series.covered_from(), Some(t(350)), "a gap before that is none of its gaps");

    // The first of its name has all its past.
    let mut m = Model::default();
    m.apply(&observe(PollerKind::ClassicElbs, 0, listing(vec![lb.clone()])));
    m.apply(&observe(PollerKind::Metrics, 600, points()));
    assert_eq!(m.series(&lb.id, &Signal::Metric(surge())).expect("read").points().count(), 3);
}

#[test]
fn an_other_region_s_listing_takes_nothing_away() {
    let mut m = Model::default();
    m.apply(&observe(PollerKind::ScalingGroups, 0, inventory(Kind::AutoScalingGroup, vec![group("a", 1, 2)], false)));
    let mut other = observe(PollerKind::ScalingGroups, 1, inventory(Kind::AutoScalingGroup, vec![], false));
    other.source.scope.region = "us-east-1".into();
    m.apply(&other);
    assert_eq!(m.of_kind(Kind::AutoScalingGroup).count(), 1);
}

#[test]
fn those_of_one_kind_are_found_in_every_scope_and_no_others() {
    let mut m = Model::default();
    for (region, names) in [("us-east-1", ["c", "d"]), ("ap-northeast-1", ["a", "b"])] {
        let scope = Scope::new("demo", region);
        for (poller, kind) in
            [(PollerKind::ScalingGroups, Kind::AutoScalingGroup), (PollerKind::ClassicElbs, Kind::ClassicElb)]
        {
            let listed = names.map(|name| {
                let mut resource = group(name, 1, 2);
                resource.id = ResourceId::new(&scope, kind, name);
                resource
            });
            let body = inventory(kind, listed.to_vec(), false);
            m.apply(&Observation { at: t(0), source: Source { scope: scope.clone(), poller }, body });
        }
    }
    let found: Vec<_> = m.of_kind(Kind::AutoScalingGroup).map(|r| r.id.to_string()).collect();
    let wanted = ["ap-northeast-1/auto-scaling-group/a", "ap-northeast-1/auto-scaling-group/b"]
        .into_iter()
        .chain(["us-east-1/auto-scaling-group/c", "us-east-1/auto-scaling-group/d"])
        .map(|id| format!("demo/{id}"));
    assert_eq!(found, wanted.collect::<Vec<_>>());
    assert_eq!(m.of_kind(Kind::Instance).count(), 0);
}

#[test]
fn a_new_listing_keeps_health_that_another_poller_read() {
    let mut m = Model::default();
    let lb = balancer("web-clb");
    let listing = || inventory(Kind::ClassicElb, vec![balancer("web-clb")], false);
    m.apply(&observe(PollerKind::ClassicElbs, 0, listing()));
    m.apply(&observe(PollerKind::ClassicHealth, 1, health(&lb, 1, &[HealthState::Healthy])));
    m.apply(&observe(PollerKind::ClassicElbs, 60, listing()));
    let known = m.resource(&lb.id).expect("still listed");
    assert_eq!(ApiSignal::HealthyTargets.read(known), Some(1.0));
}

#[test]
fn unread_health_is_not_zero_hosts() {
    let mut m = Model::default();
    m.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![balancer("web-clb")], false)));
    let known = m.resource(&balancer("web-clb").id).expect("listed");
    assert_eq!(ApiSignal::UnhealthyTargets.read(known), None);
    assert!(m.series(&known.id, &Signal::Api(ApiSignal::UnhealthyTargets)).is_none());
}

#[test]
fn a_member_that_turns_is_an_event_once() {
    let mut m = Model::default();
    let lb = balancer("web-clb");
    m.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![lb.clone()], false)));
    for (at, state) in [
        (1, HealthState::Healthy),
        (16, HealthState::Unhealthy),
        (31, HealthState::Unhealthy),
        (46, HealthState::Healthy),
    ] {
        m.apply(&observe(PollerKind::ClassicHealth, at, health(&lb, at, &[state])));
    }
    let said: Vec<_> = m.events().iter().map(|e| e.summary.to_string()).collect();
    assert_eq!(said, ["i-1 in web-clb is unhealthy (Instance)", "i-1 in web-clb is healthy"]);
}

#[test]
fn an_instance_out_of_the_status_list_has_no_checks_unless_the_list_is_partial() {
    let mut m = Model::default();
    let instance = Resource {
        id: ResourceId::new(&scope(), Kind::Instance, "i-1"),
        name: "web".into(),
        tags: BTreeMap::new(),
        detail: Detail::Instance(Instance::default()),
    };
    let status = InstanceStatus { at: t(1), system: "impaired".into(), instance: "ok".into(), events: vec![] };
    m.apply(&observe(PollerKind::Instances, 0, inventory(Kind::Instance, vec![instance.clone()], false)));
    m.apply(&observe(
        PollerKind::InstanceStatus,
        1,
        Body::Status { list: vec![("i-1".into(), status)], partial: false },
    ));
    let failed = |m: &Model| ApiSignal::StatusChecksFailed.read(m.resource(&instance.id).expect("listed"));
    assert_eq!(failed(&m), Some(1.0));
    m.apply(&observe(PollerKind::InstanceStatus, 2, Body::Status { list: vec![], partial: true }));
    assert_eq!(failed(&m), Some(1.0));
    m.apply(&observe(PollerKind::InstanceStatus, 3, Body::Status { list: vec![], partial: false }));
    assert_eq!(failed(&m), None);
}

#[test]
fn events_are_kept_once_in_order_of_their_time_and_a_running_activity_moves_on() {
    let mut m = Model::default();
    let activity = |status: &str| Event {
        id: "act-1".into(),
        scope: scope(),
        at: t(5),
        kind: EventKind::Activity(Activity {
            group: "web-asg".into(),
            status: status.into(),
            message: Text::default(),
            failure: None,
            ended: None,
        }),
        resources: vec!["web-asg".into()],
        summary: "Launching a new EC2 instance".into(),
    };
    let mut earlier = activity("Successful");
    (earlier.id, earlier.at) = ("act-0".into(), t(1));
    let first = vec![activity("InProgress"), earlier];
    assert!(m.apply(&observe(PollerKind::Activities, 6, Body::Events(first))).events);
    assert!(m.apply(&observe(PollerKind::Activities, 36, Body::Events(vec![activity("Failed")]))).events);
    assert!(!m.apply(&observe(PollerKind::Activities, 66, Body::Events(vec![activity("Failed")]))).events);
    let ids: Vec<_> = m.events().iter().map(|e| e.id.to_string()).collect();
    assert_eq!(ids, ["act-0", "act-1"]);
    assert_eq!(m.events().iter().last().map(|e| &e.kind), Some(&activity("Failed").kind));
}

#[test]
fn the_event_log_is_bounded_by_count_and_age() {
    let event = |i: i64, at: i64| Event {
        id: format!("e{i}").into(),
        scope: scope(),
        at: t(at),
        kind: EventKind::Trail(TrailEvent::default()),
        resources: vec![],
        summary: Text::default(),
    };
    let mut log = EventLog::default();
    for i in 0..i64::try_from(MAX_EVENTS).expect("small") + 500 {
        log.insert(event(i, i / 10), t(i / 10));
    }
    assert_eq!(log.len(), MAX_EVENTS);
    log.insert(event(-1, 3 * 86_400), t(3 * 86_400));
    assert_eq!(log.len(), 1, "a day later all the others are too old");
    assert!(!log.insert(event(-2, 0), t(3 * 86_400)), "and what is older than that does not come back");
    // The clock was two days ahead and is set right.
    assert!(log.insert(event(-3, 86_400), t(86_400)), "what is read from now on is taken");
    assert_eq!(log.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["e-3"], "and what is yet to come is not kept");
}

#[test]
fn scaling_activities_are_found_among_the_other_events() {
    let event = |id: &str, at: i64, kind| Event {
        id: id.into(),
        scope: scope(),
        at: t(at),
        kind,
        resources: vec![],
        summary: Text::default(),
    };
    let activity = |status: &str| {
        let (group, message) = ("web".into(), Text::default());
        EventKind::Activity(Activity { group, status: status.into(), message, failure: None, ended: None })
    };
    let mut log = EventLog::default();
    log.insert(event("a", 1, activity("InProgress")), t(1));
    log.insert(event("x", 2, EventKind::Trail(TrailEvent::default())), t(2));
    log.insert(event("b", 3, activity("Successful")), t(3));
    let ids = |log: &EventLog| -> (Vec<String>, Vec<String>) {
        let id = |e: &Event| e.id.to_string();
        (log.activities().map(id).collect(), log.failed_activities().map(id).collect())
    };
    assert_eq!(ids(&log), (vec!["a".into(), "b".into()], vec![]));
    log.insert(event("a", 1, activity("Failed")), t(1));
    assert_eq!(ids(&log), (vec!["a".into(), "b".into()], vec!["a".into()]), "it has moved on");
    log.insert(event("y", 2 * 86_400, EventKind::Trail(TrailEvent::default())), t(2 * 86_400));
    assert_eq!(ids(&log), (vec![], vec![]), "too old to be kept");
}

#[test]
fn a_poller_is_loading_then_fresh_then_stale_and_blind_when_it_never_read() {
    let source = Source { scope: scope(), poller: PollerKind::ScalingGroups };
    let mut m = Model::default();
    let freshness = |m: &Model, at: i64| m.freshness(&source.scope, source.poller, t(at));
    assert_eq!(freshness(&m, 0), Freshness::Loading);
    m.apply(&observe(PollerKind::ScalingGroups, 0, Body::Started));
    assert_eq!(freshness(&m, 1), Freshness::Loading);
    assert_eq!(freshness(&m, 120), Freshness::Blind, "a first run that never ends is no loading for ever");
    m.apply(&observe(PollerKind::ScalingGroups, 2, outcome(0, None)));
    assert_eq!(freshness(&m, 60), Freshness::Fresh);
    assert_eq!(freshness(&m, 90), Freshness::Stale);
    m.apply(&observe(PollerKind::ScalingGroups, 95, outcome(90, Some(ErrorClass::Expired))));
    assert_eq!(freshness(&m, 96), Freshness::Stale);

    let mut never = Model::default();
    never.apply(&observe(PollerKind::ScalingGroups, 2, outcome(0, Some(ErrorClass::Denied))));
    assert_eq!(freshness(&never, 3), Freshness::Blind);
}

#[test]
fn points_of_a_resource_that_is_not_listed_are_not_kept() {
    let mut m = Model::default();
    m.apply(&observe(PollerKind::Metrics, 0, Body::Points(vec![batch(&[(0, 1.0)], QueryStatus::Complete)])));
    assert_eq!(m.series_count(), 0);
}

#[test]
fn a_partial_answer_covers_nothing_and_a_refused_one_says_so() {
    let mut m = Model::default();
    let lb = balancer("web-clb");
    let signal = Signal::Metric(surge());
    m.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![lb.clone()], false)));
    m.apply(&observe(PollerKind::Metrics, 1, Body::Points(vec![batch(&[(0, 1.0)], QueryStatus::Partial)])));
    let series = m.series(&lb.id, &signal).expect("read");
    assert_eq!((series.covered_to(), series.last().map(|p| p.value)), (None, Some(1.0)));
    m.apply(&observe(PollerKind::Metrics, 2, Body::Points(vec![batch(&[], QueryStatus::Forbidden)])));
    assert!(m.series(&lb.id, &signal).expect("read").denied());
    m.apply(&observe(PollerKind::Metrics, 3, Body::Points(vec![batch(&[], QueryStatus::Complete)])));
    let series = m.series(&lb.id, &signal).expect("read");
    assert_eq!((series.covered_to(), series.denied()), (Some(t(600)), false));
}

pub(super) fn surge() -> Metric {
    Metric::new("AWS/ELB", "SurgeQueueLength", "Maximum", 60)
}

pub(super) fn batch(points: &[(i64, f64)], status: QueryStatus) -> PointBatch {
    PointBatch {
        resource: balancer("web-clb").id,
        metric: surge(),
        from: t(0),
        to: t(600),
        points: points.iter().map(|(minute, value)| Point { at: t(minute * 60), value: *value }).collect(),
        status,
    }
}

#[test]
fn a_point_from_the_future_does_not_push_the_past_out() {
    let mut m = Model::default();
    let lb = balancer("web-clb");
    m.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![lb.clone()], false)));
    let points = [(0, 1.0), (60 * 24 * 365, 2.0)];
    m.apply(&observe(PollerKind::Metrics, 1, Body::Points(vec![batch(&points, QueryStatus::Complete)])));
    let series = m.series(&lb.id, &Signal::Metric(surge())).expect("read");
    assert_eq!(series.points().map(|p| p.value).collect::<Vec<_>>(), [1.0]);
}

#[test]
fn observations_survive_their_text_form() {
    let observation = observe(PollerKind::Metrics, 1, Body::Points(vec![batch(&[(0, 1.5)], QueryStatus::Complete)]));
    let text = serde_json::to_string(&observation).expect("serialisable");
    assert_eq!(serde_json::from_str::<Observation>(&text).expect("readable"), observation);
    let run = observe(PollerKind::ScalingGroups, 2, outcome(0, Some(ErrorClass::Throttled)));
    let text = serde_json::to_string(&run).expect("serialisable");
    assert_eq!(serde_json::from_str::<Observation>(&text).expect("readable"), run);
}

#[test]
fn dimensions_are_those_cloudwatch_keeps_the_metrics_under() {
    let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012";
    let target_group = Resource {
        id: ResourceId::new(&scope(), Kind::TargetGroup, "api-tg"),
        name: "api-tg".into(),
        tags: BTreeMap::new(),
        detail: Detail::TargetGroup(TargetGroup {
            arn: format!("{arn}:targetgroup/api-tg/0123").into(),
            balancers: vec![format!("{arn}:loadbalancer/app/api-alb/4567").into()],
            balancer_kind: Some(Kind::Alb),
            ..TargetGroup::default()
        }),
    };
    let pairs = |list: &[(&str, &str)]| Some(list.iter().map(|(n, v)| (Text::from(*n), Text::from(*v))).collect());
    assert_eq!(
        dimensions(&target_group, "AWS/ApplicationELB"),
        pairs(&[("LoadBalancer", "app/api-alb/4567"), ("TargetGroup", "targetgroup/api-tg/0123")])
    );
    assert_eq!(dimensions(&target_group, "AWS/NetworkELB"), None);
    assert_eq!(dimensions(&balancer("web-clb"), "AWS/ELB"), pairs(&[("LoadBalancerName", "web-clb")]));
}

#[test]
fn a_subnet_gives_out_all_but_five_of_its_addresses() {
    let subnet = |cidr: &str| Subnet { cidr: cidr.into(), ..Subnet::default() }.capacity();
    assert_eq!(subnet("10.0.0.0/24"), Some(251));
    assert_eq!(subnet("10.0.0.0/28"), Some(11));
    assert_eq!((subnet("2001:db8::/64"), subnet(""), subnet("10.0.0.0/x")), (None, None, None));
}

proptest! {
    #[test]
    fn late_duplicated_and_shuffled_points_end_in_one_series(
        mut points in prop::collection::vec((0i64..170, 0u16..1000), 1..60),
        seed in any::<u64>(),
    ) {
        points.sort_unstable();
        points.dedup_by_key(|(minute, _)| *minute);
        let points: Vec<_> = points.into_iter().map(|(m, v)| (m, f64::from(v))).collect();
        let mut shuffled = points.clone();
        let n = shuffled.len();
        for i in 0..n {
            let j = usize::try_from(seed.rotate_left(u32::try_from(i % 64).unwrap_or(0)) % n as u64).unwrap_or(0);
            shuffled.swap(i, j);
        }
        shuffled.extend(points.clone());

        let build = |list: &[(i64, f64)]| {
            let mut m = Model::default();
            m.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![balancer("web-clb")], false)));
            for point in list {
                m.apply(&observe(PollerKind::Metrics, 86_400, Body::Points(vec![batch(&[*point], QueryStatus::Complete)])));
            }
            let series = m.series(&balancer("web-clb").id, &Signal::Metric(surge())).expect("read");
            series.points().collect::<Vec<_>>()
        };
        prop_assert_eq!(build(&points), build(&shuffled));
    }
}

#[test]
fn a_clock_set_back_hides_nothing_that_is_read_after_it() {
    let mut model = Model::default();
    let clb = balancer("web-clb");
    model.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![clb.clone()], false)));
    let unhealthy = |m: &Model| {
        let series = m.series(&clb.id, &Signal::Api(ApiSignal::UnhealthyTargets)).expect("it was read");
        (series.last().map(|p| (p.at, p.value)), series.covered_to(), series.read_at())
    };
    for (at, state) in [(3600, HealthState::Healthy), (7200, HealthState::Healthy), (3720, HealthState::Unhealthy)] {
        model.apply(&observe(PollerKind::ClassicHealth, at, health(&clb, at, &[state])));
    }
    assert_eq!(unhealthy(&model), (Some((t(3720), 1.0)), Some(t(3720)), Some(t(3720))));
    model.apply(&observe(PollerKind::ClassicHealth, 7200, outcome(7199, None)));
    model.apply(&observe(PollerKind::ClassicHealth, 3720, Body::Started));
    let source = Source { scope: scope(), poller: PollerKind::ClassicHealth };
    let record = model.poller(&source).expect("it ran");
    assert_eq!(record.freshness(t(3720 + 300)), Freshness::Stale, "a reading of the future is not fresh");
}

#[test]
fn a_listing_whose_tags_could_not_be_read_keeps_them() {
    let mut model = Model::default();
    let mut tagged = balancer("web-clb");
    tagged.tags.insert("env".into(), "prod".into());
    model.apply(&observe(PollerKind::ClassicElbs, 0, inventory(Kind::ClassicElb, vec![tagged.clone()], false)));
    let tags = |m: &Model| m.resource(&tagged.id).map(|r| r.tags.len());
    model.apply(&observe(PollerKind::ClassicElbs, 60, inventory(Kind::ClassicElb, vec![balancer("web-clb")], true)));
    assert_eq!(tags(&model), Some(1));
    model.apply(&observe(PollerKind::ClassicElbs, 120, inventory(Kind::ClassicElb, vec![balancer("web-clb")], false)));
    assert_eq!(tags(&model), Some(0), "a whole listing says that they are gone");
}

#[test]
fn what_did_not_fit_is_said_until_it_does() {
    let mut m = Model::default();
    let named = |n: usize| group(&format!("g{n:06}"), 1, 2);
    let listing = |n| inventory(Kind::AutoScalingGroup, (0..n).map(named).collect(), false);
    m.apply(&observe(PollerKind::ScalingGroups, 0, listing(MAX_RESOURCES + 1)));
    assert!(m.overflowed());
    m.apply(&observe(PollerKind::ScalingGroups, 15, listing(MAX_RESOURCES + 1)));
    assert!(m.overflowed(), "it is still so");
    m.apply(&observe(PollerKind::ScalingGroups, 30, listing(10)));
    assert!(!m.overflowed());
}
