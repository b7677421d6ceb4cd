//! Small models for tests, made through the only door.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{EvalMode, RuleContext, RuleSet, Standing, Verdict};
use crate::model::{
    Activity, Alarm, AlarmState, AutoScalingGroup, Balancer, Body, Detail, ErrorClass, Event, EventKind, GroupInstance,
    HealthState, Instance, InstanceStatus, Kind, LaunchFailure, Member, Members, Metric, Model, Observation, Outcome,
    Point, PointBatch, PollError, PollerKind, QueryStatus, Resource, ResourceId, Scope, Source, Subnet, TargetGroup,
    TrailEvent,
};

/// Minute `m` of the test's time, which begins at a whole six hours in the middle of a month.
pub(crate) fn t(m: i64) -> Timestamp {
    let start: Timestamp = "2026-01-14T06:00:00Z".parse().expect("a time");
    start + SignedDuration::from_mins(m)
}

/// The built-in rules, read once.
pub(crate) fn builtin() -> &'static RuleSet {
    static RULES: std::sync::LazyLock<RuleSet> = std::sync::LazyLock::new(RuleSet::builtin);
    &RULES
}

pub(crate) fn scope() -> Scope {
    Scope::new("demo", "ap-northeast-1")
}

pub(crate) fn id(kind: Kind, name: &str) -> ResourceId {
    ResourceId::new(&scope(), kind, name)
}

pub(crate) fn clb() -> ResourceId {
    id(Kind::ClassicElb, "web-clb")
}

pub(crate) fn resource(kind: Kind, name: &str, detail: Detail) -> Resource {
    Resource { id: id(kind, name), name: name.into(), tags: BTreeMap::new(), detail }
}

pub(crate) fn member(name: &str, zone: &str, state: HealthState, reason: &str) -> Member {
    Member {
        id: name.into(),
        port: None,
        zone: Some(zone.into()),
        state,
        reason: reason.into(),
        description: "".into(),
    }
}

/// `healthy` good members and `bad` ones that time out in zone 1c.
pub(crate) fn members(healthy: usize, bad: usize) -> Vec<Member> {
    let good = (0..healthy).map(|i| member(&format!("i-a{i}"), "ap-northeast-1a", HealthState::Healthy, ""));
    let bad = (0..bad).map(|i| member(&format!("i-c{i}"), "ap-northeast-1c", HealthState::Unhealthy, "Target.Timeout"));
    good.chain(bad).collect()
}

pub(crate) fn group(min: u32, desired: u32, max: u32, in_service: u32) -> Detail {
    let one = |i: u32| GroupInstance {
        id: format!("i-{i}").into(),
        zone: "ap-northeast-1a".into(),
        lifecycle: "InService".into(),
        health: "Healthy".into(),
    };
    let instances = (0..in_service).map(one).collect();
    Detail::AutoScalingGroup(AutoScalingGroup { min, max, desired, instances, ..Default::default() })
}

pub(crate) fn instance() -> Detail {
    Detail::Instance(Instance { state: "running".into(), instance_type: "t3.large".into(), ..Default::default() })
}

pub(crate) fn subnet(available: u32) -> Detail {
    Detail::Subnet(Subnet {
        cidr: "10.0.0.0/24".into(),
        zone: "ap-northeast-1c".into(),
        available,
        ..Subnet::default()
    })
}

pub(crate) fn alb() -> Detail {
    let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/api-alb/50dc6c495c0c9188";
    Detail::Balancer(Balancer { arn: arn.into(), ..Balancer::default() })
}

/// A model and the little it takes to feed it.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) model: Model,
}

impl World {
    pub(crate) fn tell(&mut self, poller: PollerKind, at: Timestamp, body: Body) {
        self.model.apply(&Observation { at, source: Source { scope: scope(), poller }, body });
    }

    /// The end of a run of `poller`, a minute apart.
    pub(crate) fn ran(&mut self, poller: PollerKind, at: Timestamp, error: Option<ErrorClass>) {
        let error = error.map(|class| PollError {
            class,
            operation: "".into(),
            code: "Code".into(),
            message: "Message.".into(),
        });
        self.tell(poller, at, Body::Started);
        let outcome = Outcome {
            started: at,
            took: SignedDuration::from_secs(1),
            calls: 1,
            pages: 1,
            billed_metrics: 0,
            throttles: 0,
            lacks: None,
            error,
            next: None,
            interval: SignedDuration::from_secs(60),
        };
        self.tell(poller, at, Body::Outcome(outcome));
    }

    pub(crate) fn list(&mut self, at: Timestamp, resources: Vec<Resource>) {
        let kinds: Vec<Kind> = resources.iter().map(|r| r.id.kind).collect();
        let poller = PollerKind::lists(kinds[0]).expect("a listed kind");
        self.tell(poller, at, Body::Inventory { kinds, resources, partial: false });
        self.ran(poller, at, None);
    }

    pub(crate) fn health(&mut self, at: Timestamp, of: &ResourceId, list: Vec<Member>) {
        let poller = if of.kind == Kind::ClassicElb { PollerKind::ClassicHealth } else { PollerKind::TargetHealth };
        self.tell(poller, at, Body::Health { of: of.clone(), members: Members { at, list } });
        self.ran(poller, at, None);
    }

    pub(crate) fn status(&mut self, at: Timestamp, instance: &str, system: &str) {
        let status = InstanceStatus { at, system: system.into(), instance: "ok".into(), events: Vec::new() };
        let body = Body::Status { list: vec![(instance.into(), status)], partial: false };
        self.tell(PollerKind::InstanceStatus, at, body);
        self.ran(PollerKind::InstanceStatus, at, None);
    }

    /// Points a period apart from minute `from` on, in the notation `0 _ 200`, in a window that ends with them, read at
    /// its end.
    pub(crate) fn points(&mut self, of: &ResourceId, metric: &Metric, from: i64, values: &str) {
        let minutes = i64::from(metric.period) / 60;
        let values: Vec<&str> = values.split_whitespace().collect();
        let at = |i: usize| t(from + i64::try_from(i).expect("small") * minutes);
        let points =
            values.iter().enumerate().filter_map(|(i, v)| Some(Point { at: at(i), value: v.parse().ok()? })).collect();
        self.batch(of, metric, t(from), at(values.len()), points, QueryStatus::Complete);
    }

    pub(crate) fn batch(
        &mut self,
        of: &ResourceId,
        metric: &Metric,
        from: Timestamp,
        to: Timestamp,
        points: Vec<Point>,
        status: QueryStatus,
    ) {
        let poller = if of.kind == Kind::Bill { PollerKind::Bill } else { PollerKind::Metrics };
        let batch = PointBatch { resource: of.clone(), metric: metric.clone(), from, to, points, status };
        self.tell(poller, to, Body::Points(vec![batch]));
        self.ran(poller, to, None);
    }

    pub(crate) fn happened(&mut self, poller: PollerKind, read: Timestamp, id: &str, at: Timestamp, kind: EventKind) {
        let event = Event { id: id.into(), scope: scope(), at, kind, resources: Vec::new(), summary: "".into() };
        self.tell(poller, read, Body::Events(vec![event]));
        self.ran(poller, read, None);
    }

    pub(crate) fn trail(&mut self, minute: i64, name: &str, user_type: &str, mfa: Option<bool>) {
        let event = TrailEvent {
            name: name.into(),
            user: "somebody".into(),
            user_type: user_type.into(),
            ip: "203.0.113.9".into(),
            mfa,
            ..TrailEvent::default()
        };
        self.happened(PollerKind::Trail, t(minute), &format!("{name}{minute}"), t(minute), EventKind::Trail(event));
    }

    pub(crate) fn launch_failed(&mut self, minute: i64, group: &str) {
        let message = "We currently do not have sufficient t3.large capacity in the Availability Zone you requested \
                       (ap-northeast-1c).";
        let activity = Activity {
            group: group.into(),
            status: "Failed".into(),
            message: message.into(),
            failure: Some(LaunchFailure::Capacity),
            ended: None,
        };
        self.happened(
            PollerKind::Activities,
            t(minute),
            &format!("a{minute}"),
            t(minute),
            EventKind::Activity(activity),
        );
    }

    pub(crate) fn alarm(&mut self, at: i64, state: AlarmState, since: i64) {
        let alarm = Alarm {
            state,
            state_since: Some(t(since)),
            namespace: "AWS/ELB".into(),
            metric: "SurgeQueueLength".into(),
            dimensions: vec![("LoadBalancerName".into(), "web-clb".into())],
            stat: "Maximum".into(),
            ..Alarm::default()
        };
        self.list(t(at), vec![resource(Kind::Alarm, "web-clb-surge-queue", Detail::Alarm(alarm))]);
    }

    /// The classic balancer `web-clb`, listed at minute 0.
    pub(crate) fn with_clb() -> Self {
        let mut world = Self::default();
        world.list(t(0), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
        world
    }

    /// The target group `api-tg`, listed at minute 0.
    pub(crate) fn with_target_group() -> Self {
        let mut world = Self::default();
        world.list(t(0), vec![resource(Kind::TargetGroup, "api-tg", Detail::TargetGroup(TargetGroup::default()))]);
        world
    }

    pub(crate) fn evaluate(&self, mode: EvalMode, minute: i64) -> Vec<Verdict> {
        let context = RuleContext { budget: Some(8000.0), mode, ..RuleContext::default() };
        builtin().evaluate(&self.model, &context, t(minute))
    }

    /// What `rule` says at `minute`: `OK`, `warning`, `CRITICAL`, with `?` behind it while pending, and so on; `-` where
    /// it says nothing.
    pub(crate) fn says(&self, rule: &str, mode: EvalMode, minute: i64) -> String {
        let verdicts = self.evaluate(mode, minute);
        let found: Vec<&Verdict> = verdicts.iter().filter(|v| v.rule == *rule).collect();
        found.last().map_or("-".to_owned(), |v| word(&v.standing))
    }

    pub(crate) fn verdict(&self, rule: &str, mode: EvalMode, minute: i64) -> Verdict {
        self.evaluate(mode, minute).into_iter().rfind(|v| v.rule == *rule).expect("the rule speaks")
    }
}

pub(crate) fn word(standing: &Standing) -> String {
    match standing {
        Standing::Ok => "OK".into(),
        Standing::Breach { severity, held, .. } => format!("{severity:?}{}", if *held { "" } else { "?" }),
        Standing::NoData => "NoData".into(),
        Standing::Blind { .. } => "Blind".into(),
        Standing::Loading => "Loading".into(),
    }
}

pub(crate) fn surge() -> Metric {
    Metric::new("AWS/ELB", "SurgeQueueLength", "Maximum", 60)
}
