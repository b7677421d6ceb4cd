//! Worlds for tests, built as the real one is: by observations.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::shown::{AlertsShown, Badge, Shown};
use crate::alerts::{Alert, AlertId, CloudWatchView, Counts, Level, Phase, Transition};
use crate::model::{
    Activity, Alarm, AlarmState, ApiSignal, AutoScalingGroup, Balancer, Body, Detail, ErrorClass, Event, EventKind,
    GroupInstance, HealthState, Identity, Instance, InstanceStatus, Kind, LaunchFailure, Member, Members, Metric,
    Model, Observation, Outcome, Point, PointBatch, PollError, PollerKind, QueryStatus, Resource, ResourceId, Scope,
    Signal, Source, TargetGroup, Text, TrailEvent,
};
use crate::rules::{Comparison, Unit};

mod lists;

pub(super) use lists::surge;
use lists::{alarms, alert, alerts, bill, events};

/// A world and its alerts.
#[derive(Default)]
pub(super) struct Fixture {
    pub(super) model: Model,
    pub(super) active: Vec<Alert>,
    pub(super) resolved: Vec<Alert>,
    pub(super) timeline: Vec<Transition>,
    pub(super) unread: Vec<(Source, Text)>,
    pub(super) rules: usize,
    pub(super) cost: Option<f64>,
    pub(super) later: SignedDuration,
}

pub(super) fn now() -> Timestamp {
    "2026-01-14T05:03:27Z".parse().expect("a time")
}

pub(super) fn tokyo() -> Scope {
    Scope::new("demo", "ap-northeast-1")
}

pub(super) fn virginia() -> Scope {
    Scope::new("demo", "us-east-1")
}

fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn source(scope: &Scope, poller: PollerKind) -> Source {
    Source { scope: scope.clone(), poller }
}

impl Fixture {
    pub(super) fn shown(&self) -> Shown<'_> {
        let firing = |level| self.active.iter().filter(|a| a.phase == Phase::Firing && a.level == level).count();
        let counts = Counts {
            critical: firing(Level::Critical),
            warning: firing(Level::Warning),
            blind: firing(Level::Blind),
            pending: self.active.iter().filter(|a| a.phase == Phase::Pending).count(),
        };
        Shown {
            model: &self.model,
            alerts: AlertsShown {
                active: self.active.iter().collect(),
                resolved: self.resolved.iter().collect(),
                counts,
                unread: self.unread.clone(),
                timeline: self.timeline.iter().collect(),
            },
            rule_count: self.rules,
            now: now() + self.later,
            tz: TimeZone::posix("JST-9").expect("a zone"),
            badge: Badge::Demo { scenario: "bad-day".into(), speed: 10.0 },
            cost: self.cost,
            budget: Some(8000.0),
            frozen: None,
            notice: None,
        }
    }

    pub(super) fn apply(&mut self, at: Timestamp, scope: &Scope, poller: PollerKind, body: Body) {
        self.model.apply(&Observation { at, source: source(scope, poller), body });
    }

    /// A whole run of a poller that ended `ago` seconds before now.
    pub(super) fn ran(&mut self, scope: &Scope, poller: PollerKind, ago: i64, error: Option<PollError>) {
        let started = before(ago + 1);
        self.apply(started, scope, poller, Body::Started);
        let interval = SignedDuration::from_secs(if poller == PollerKind::Bill { 3600 } else { 30 });
        let billed = if poller == PollerKind::Metrics { 42 } else { 0 };
        let outcome = Outcome {
            started,
            took: SignedDuration::from_millis(180),
            calls: 2,
            pages: 2,
            billed_metrics: billed,
            throttles: 0,
            error,
            next: Some(before(ago) + interval),
            interval,
        };
        self.apply(before(ago), scope, poller, Body::Outcome(outcome));
    }

    pub(super) fn inventory(&mut self, scope: &Scope, poller: PollerKind, kinds: &[Kind], resources: Vec<Resource>) {
        let body = Body::Inventory { kinds: kinds.to_vec(), resources, partial: false };
        self.apply(before(10), scope, poller, body);
    }

    /// Values a minute, the last one of the minute before now, `lag` minutes late.
    pub(super) fn points(&mut self, id: &ResourceId, metric: &Metric, values: &[f64]) {
        let period = i64::from(metric.period);
        let end = now().as_second().div_euclid(period) * period;
        let n = i64::try_from(values.len()).expect("short");
        let points = values
            .iter()
            .enumerate()
            .map(|(i, value)| {
                let at = end - (n - i64::try_from(i).expect("short")) * period;
                Point { at: Timestamp::from_second(at).expect("in range"), value: *value }
            })
            .collect();
        let batch = PointBatch {
            resource: id.clone(),
            metric: metric.clone(),
            from: Timestamp::from_second(end - n * period).expect("in range"),
            to: Timestamp::from_second(end).expect("in range"),
            points,
            status: QueryStatus::Complete,
        };
        self.apply(before(5), &id.scope, PollerKind::Metrics, Body::Points(vec![batch]));
    }

    /// The Describe-fed pollers of Tokyo have just answered.
    fn all_ran(&mut self) {
        for (i, poller) in PollerKind::ALL.into_iter().filter(|p| *p != PollerKind::Bill).enumerate() {
            self.ran(&tokyo(), poller, 2 + i64::try_from(i).expect("small"), None);
        }
        self.ran(&virginia(), PollerKind::Bill, 41, None);
        let identity =
            Identity { account_id: "123456789012".into(), arn: "arn:aws:sts::123456789012:assumed-role/ops/me".into() };
        self.apply(before(60), &tokyo(), PollerKind::Identity, Body::Identity(identity));
        self.cost = Some(0.83);
        self.rules = 37;
    }
}

pub(super) fn resource(scope: &Scope, kind: Kind, id: &str, detail: Detail) -> Resource {
    Resource { id: ResourceId::new(scope, kind, id), name: id.into(), tags: std::collections::BTreeMap::new(), detail }
}

fn arn(kind: &str, name: &str) -> Text {
    format!("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/{kind}/{name}/0123456789abcdef")
        .into()
}

const ZONES: [&str; 3] = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"];

fn zones() -> Vec<Text> {
    ZONES.iter().map(|z| Text::from(*z)).collect()
}

fn member(i: usize, prefix: &str, zone: bool, port: Option<u16>, bad: bool) -> Member {
    Member {
        id: format!("i-0{prefix}{i:07x}").into(),
        port,
        zone: zone.then(|| ZONES[i % 3].into()),
        state: if bad { HealthState::Unhealthy } else { HealthState::Healthy },
        reason: if bad { "Target.Timeout".into() } else { "".into() },
        description: if bad { "Request timed out".into() } else { "".into() },
    }
}

fn group(name: &str, min: u32, max: u32, desired: u32, serving: u32, prefix: &str) -> Resource {
    let instances = (0..serving)
        .map(|i| GroupInstance {
            id: format!("i-0{prefix}{i:07x}").into(),
            zone: ZONES[i as usize % 3].into(),
            lifecycle: "InService".into(),
            health: "Healthy".into(),
        })
        .collect();
    let detail = AutoScalingGroup {
        min,
        max,
        desired,
        instances,
        zones: zones(),
        launch: format!("{name}-template").into(),
        ..AutoScalingGroup::default()
    };
    resource(&tokyo(), Kind::AutoScalingGroup, name, Detail::AutoScalingGroup(detail))
}

fn instance(prefix: &str, i: usize, group: &str, impaired: bool) -> Resource {
    let id = format!("i-0{prefix}{i:07x}");
    let detail = Instance {
        state: "running".into(),
        instance_type: "t3.large".into(),
        zone: ZONES[i % 3].into(),
        subnet: format!("subnet-{}", i % 3).into(),
        vpc: "vpc-0a1".into(),
        private_ip: format!("10.0.{}.{}", i % 3, 10 + i).into(),
        launched: Some(before(3600 * (5 + i64::try_from(i).expect("small")))),
        security_groups: vec!["sg-0a1".into()],
        platform: "Linux/UNIX".into(),
        tenancy: "default".into(),
        status: Some(InstanceStatus {
            at: before(5),
            system: "ok".into(),
            instance: if impaired { "impaired".into() } else { "ok".into() },
            events: Vec::new(),
        }),
        ..Instance::default()
    };
    let mut r = resource(&tokyo(), Kind::Instance, &id, Detail::Instance(detail));
    r.name = format!("{group}-{i}").into();
    r.tags.insert("Name".into(), r.name.clone());
    r.tags.insert("aws:autoscaling:groupName".into(), group.into());
    r.tags.insert("env".into(), "prod".into());
    r
}

/// Sound: nothing is wrong.
pub(super) fn calm() -> Fixture {
    world(false)
}

/// A queue, a zone that is out, a group at its maximum, and the bill unread.
pub(super) fn bad() -> Fixture {
    let mut f = world(true);
    f.active = alerts();
    f.resolved = vec![Alert {
        phase: Phase::Resolved,
        resolved_at: Some(before(300)),
        cloudwatch: None,
        ..alert("alb-5xx", Kind::Alb, "api-alb", Level::Warning, 900, "answers with 5xx")
    }];
    f.timeline = f
        .active
        .iter()
        .map(|a| Transition { at: a.fired_at.unwrap_or(a.since), alert: a.clone(), from: Some(Phase::Pending) })
        .collect();
    f.timeline.sort_by_key(|t| t.at);
    let denied = error(ErrorClass::Denied, "GetMetricData", "AccessDenied", "not authorized");
    f.ran(&virginia(), PollerKind::Bill, 20, Some(denied));
    f
}

pub(super) fn error(class: ErrorClass, operation: &str, code: &str, message: &str) -> PollError {
    PollError { class, operation: operation.into(), code: code.into(), message: message.into() }
}

fn world(bad: bool) -> Fixture {
    let mut f = Fixture::default();
    let (scope, web) = (tokyo(), ResourceId::new(&tokyo(), Kind::ClassicElb, "web-clb"));
    f.all_ran();
    let balancer = |dns: &str, arn: Text| Balancer {
        arn,
        dns_name: format!("{dns}.ap-northeast-1.elb.amazonaws.com").into(),
        scheme: "internet-facing".into(),
        state: "active".into(),
        zones: zones(),
        created: Some(before(86_400 * 200)),
        security_groups: vec!["sg-0a1".into()],
        members: None,
    };
    let clb = resource(&scope, Kind::ClassicElb, "web-clb", Detail::Balancer(balancer("web-clb-1", "".into())));
    f.inventory(&scope, PollerKind::ClassicElbs, &[Kind::ClassicElb], vec![clb]);
    let target_group = |name: &str, kind: Kind, arn: Text, protocol: &str, port| {
        let detail = TargetGroup {
            arn: format!("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/{name}/0").into(),
            protocol: protocol.into(),
            port: Some(port),
            balancers: vec![arn],
            balancer_kind: Some(kind),
            members: None,
        };
        resource(&scope, Kind::TargetGroup, name, Detail::TargetGroup(detail))
    };
    let balancers = vec![
        resource(&scope, Kind::Alb, "api-alb", Detail::Balancer(balancer("api-alb-1", arn("app", "api-alb")))),
        resource(&scope, Kind::Nlb, "img-nlb", Detail::Balancer(balancer("img-nlb-1", arn("net", "img-nlb")))),
        target_group("api-tg", Kind::Alb, arn("app", "api-alb"), "HTTP", 8080),
        target_group("img-tg", Kind::Nlb, arn("net", "img-nlb"), "TCP", 443),
    ];
    f.inventory(&scope, PollerKind::Balancers, &[Kind::Alb, Kind::Nlb, Kind::TargetGroup], balancers);
    let groups = vec![
        group("api-asg", 2, 10, 4, 4, "api"),
        if bad { group("web-asg", 4, 12, 12, 11, "web") } else { group("web-asg", 4, 12, 6, 6, "web") },
    ];
    f.inventory(&scope, PollerKind::ScalingGroups, &[Kind::AutoScalingGroup], groups);
    let mut instances: Vec<Resource> = (0..6).map(|i| instance("web", i, "web-asg", bad && i == 2)).collect();
    instances.extend((0..6).map(|i| instance("api", i, "api-asg", false)));
    f.inventory(&scope, PollerKind::Instances, &[Kind::Instance], instances);
    let health = |of: &str, kind, prefix: &str, n: usize, zone, port, bad: &[usize]| Body::Health {
        of: ResourceId::new(&tokyo(), kind, of),
        members: Members {
            at: before(5),
            list: (0..n).map(|i| member(i, prefix, zone, port, bad.contains(&i))).collect(),
        },
    };
    let out = |list: &'static [usize]| if bad { list } else { &[] };
    f.apply(
        before(200),
        &scope,
        PollerKind::TargetHealth,
        health("api-tg", Kind::TargetGroup, "api", 6, true, Some(8080), &[]),
    );
    f.apply(
        before(5),
        &scope,
        PollerKind::ClassicHealth,
        health("web-clb", Kind::ClassicElb, "web", 6, false, None, out(&[2])),
    );
    f.apply(
        before(100),
        &scope,
        PollerKind::TargetHealth,
        health("api-tg", Kind::TargetGroup, "api", 6, true, Some(8080), out(&[1, 4])),
    );
    f.apply(
        before(5),
        &scope,
        PollerKind::TargetHealth,
        health("img-tg", Kind::TargetGroup, "img", 3, true, Some(443), &[]),
    );
    let rising: Vec<f64> = (0..90).map(|i| if bad && i > 80 { f64::from(i - 80) * 90.0 } else { 0.0 }).collect();
    f.points(&web, &surge(), &rising);
    let steady = |level: f64| -> Vec<f64> { (0..90).map(|i| level + f64::from(i * 37 % 11) * level / 40.0).collect() };
    f.points(&web, &Metric::new("AWS/ELB", "RequestCount", "Sum", 60), &steady(12_000.0));
    let fives: Vec<f64> = (0..90).map(|i| if bad && i > 84 { 420.0 } else { 3.0 }).collect();
    f.points(&web, &Metric::new("AWS/ELB", "HTTPCode_Backend_5XX", "Sum", 60), &fives);
    let alb = ResourceId::new(&scope, Kind::Alb, "api-alb");
    f.points(
        &alb,
        &Metric::new("AWS/ApplicationELB", "TargetResponseTime", "p99", 60),
        &steady(if bad { 1.7 } else { 0.18 }),
    );
    f.points(&alb, &Metric::new("AWS/ApplicationELB", "RequestCount", "Sum", 60), &steady(4_000.0));
    f.points(
        &alb,
        &Metric::new("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", 60),
        &steady(if bad { 48.0 } else { 2.0 }),
    );
    let nlb = ResourceId::new(&scope, Kind::Nlb, "img-nlb");
    f.points(&nlb, &Metric::new("AWS/NetworkELB", "ActiveFlowCount", "Average", 60), &steady(12_000.0));
    for i in 0..6 {
        let id = ResourceId::new(&scope, Kind::Instance, format!("i-0web{i:07x}"));
        f.points(
            &id,
            &Metric::new("AWS/EC2", "CPUUtilization", "Average", 60),
            &steady(if bad { 70.0 } else { 31.0 } + f64::from(i)),
        );
    }
    alarms(&mut f, bad);
    bill(&mut f);
    events(&mut f, bad);
    f
}

/// The first second: pollers have begun, none has answered.
pub(super) fn loading() -> Fixture {
    let mut f = Fixture { rules: 37, ..Fixture::default() };
    for poller in PollerKind::ALL {
        f.apply(before(1), &tokyo(), poller, Body::Started);
    }
    f.unread = vec![(source(&tokyo(), PollerKind::Metrics), "being read for the first time".into())];
    f
}

/// An account with nothing in it.
pub(super) fn nothing() -> Fixture {
    let mut f = Fixture { rules: 37, cost: Some(0.0), ..Fixture::default() };
    for poller in PollerKind::ALL {
        f.ran(&tokyo(), poller, 4, None);
    }
    f
}

/// Every poller is refused from the start.
pub(super) fn denied() -> Fixture {
    let mut f = Fixture { rules: 37, ..Fixture::default() };
    for poller in PollerKind::ALL.into_iter().filter(|p| *p != PollerKind::Identity) {
        let class = if poller == PollerKind::Trail { ErrorClass::Expired } else { ErrorClass::Denied };
        f.ran(&tokyo(), poller, 4, Some(error(class, "", "AccessDenied", "not authorized")));
    }
    f.unread = vec![(source(&tokyo(), PollerKind::Metrics), "needs cloudwatch:GetMetricData".into())];
    f
}

/// Everything was read once, and AWS has not answered for ten minutes.
pub(super) fn stale() -> Fixture {
    let mut f = calm();
    for (i, poller) in PollerKind::ALL.into_iter().filter(|p| *p != PollerKind::Bill).enumerate() {
        let error = (i % 2 == 0).then(|| error(ErrorClass::Timeout, "", "", "no answer in 30 s"));
        if let Some(error) = error {
            f.ran(&tokyo(), poller, 1, Some(error));
        }
    }
    f.later = SignedDuration::from_mins(10);
    f
}

/// Names as strangers write them.
pub(super) fn hostile() -> Fixture {
    let mut f = bad();
    for (i, name) in [
        "\u{1b}[31mred\u{1b}]52;c;aGk=\u{7}",
        "本番環境のロードバランサー東京リージョン第一",
        "🚀🚀👩‍👩‍👧‍👦 e\u{301}\u{301}\u{301}",
        "a\u{202e}gnp.exe\u{200b}\nnew\tline",
        &"x".repeat(10_000),
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let mut r = instance("bad", i, name, true);
        r.name = name.into();
        let mut balancer = resource(&tokyo(), Kind::ClassicElb, name, Detail::Balancer(Balancer::default()));
        balancer.id.id = format!("{i}{name}").into();
        let at = before(2);
        let body = |kind, r| Body::Inventory { kinds: vec![kind], resources: vec![r], partial: true };
        let mut noisy = alert("rule", Kind::ClassicElb, &balancer.id.id, Level::Critical, 60, name);
        noisy.detail = name.into();
        f.active.insert(0, noisy);
        f.apply(at, &tokyo(), PollerKind::Instances, body(Kind::Instance, r));
        f.apply(at, &tokyo(), PollerKind::ClassicElbs, body(Kind::ClassicElb, balancer));
    }
    f
}
