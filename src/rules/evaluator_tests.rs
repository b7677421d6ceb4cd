//! Looking only at what changed comes to the same as looking at everything, whatever is learnt and however the clock
//! goes.

mod alarms;
mod plain;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::testing::{alb, group, id, instance, members, resource, scope, subnet, surge, t};
use super::{EvalMode, Evaluator, Looked, RuleContext, RuleSet, RuleSource, Standing, Verdict};
use crate::model::{
    Activity, Balancer, Body, Detail, ErrorClass, Event, EventKind, Instance, InstanceStatus, Kind, LaunchFailure,
    Members, Metric, Model, Observation, Outcome, Point, PointBatch, PollError, PollerKind, QueryStatus, Resource,
    ResourceId, Source, TargetGroup, Text, TrailEvent,
};

/// What the built-in rules do not use: `for`, a clear limit, each way to treat gaps, limits by the time of day.
const MORE: &str = r#"
    [[rule]]
    id = "x-holds"
    title = "x"
    kind = "classic-elb"
    signal = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum" }
    missing = "breaching"
    warning = { limit = "> 2", for = "90s", datapoints = "2 of 3" }
    critical = { limit = "> 4", for = "10m", clear = "< 1" }

    [[rule]]
    id = "x-hours"
    title = "x"
    kind = "classic-elb"
    signal = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum" }
    keep_firing_for = "3m"
    warning = "> 60"
    [[rule.when]]
    hours = "06:05-06:40"
    zone = "UTC"
    warning = { limit = "> 2", for = "2m" }

    [[rule]]
    id = "x-ignores"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/CPUUtilization", stat = "Average" }
    missing = "ignore"
    warning = { limit = "> 3", clear = "< 2" }

    [[rule]]
    id = "x-two"
    title = "x"
    kind = "auto-scaling-group"
    expression = "desired_capacity - in_service"
    only_if = "max_size > 2"
    warning = { limit = "> 0", for = "3m" }

    [[rule]]
    id = "x-past"
    title = "x"
    kind = "auto-scaling-group"
    expression = "average(desired_capacity - in_service, 5m)"
    warning = { limit = "> 0", for = "90s" }

    [[rule]]
    id = "x-by-tag"
    title = "x"
    kind = "classic-elb"
    signal = "unhealthy_targets"
    warning = "> 0"
    [[rule.when]]
    hours = "06:05-06:40"
    zone = "UTC"
    tags = { team = "web" }
    critical = "> 0"
"#;

/// Sets of rules that take each other's place: all of them, and fewer with other limits.
static SETS: LazyLock<[RuleSet; 2]> = LazyLock::new(|| {
    let more = RuleSource { name: "more.toml", text: MORE };
    let over_alarms = RuleSource { name: "alarms.toml", text: alarms::RULES };
    let other = RuleSource { name: "config.toml", text: OTHERWISE };
    let set = |overrides: &[RuleSource<'_>]| RuleSet::load(&[more, over_alarms], overrides).expect("right");
    [set(&[]), set(&[other])]
});

/// What somebody changes of the rules while they are in force.
const OTHERWISE: &str = r#"
    [rules.override.clb-surge-queue]
    warning = "> 20"
    [rules.override.x-holds]
    enabled = false
    [rules.override.x-alarms]
    name = ["*"]
    warning = { limit = ">= 1", for = "0s" }
    [rules.override.target-unhealthy-hosts]
    title = "other words"
"#;

struct Watched {
    model: Model,
    rules: RuleSet,
    context: RuleContext,
    evaluator: Evaluator,
    /// What a taker of its news knows.
    told: BTreeMap<(Text, ResourceId), Verdict>,
    now: Timestamp,
}

impl Watched {
    fn new() -> Self {
        let rules = SETS[0].clone();
        let context = RuleContext { budget: Some(100.0), mode: EvalMode::Live, ..RuleContext::default() };
        let (model, evaluator) = (Model::default(), Evaluator::default());
        Self { model, rules, context, evaluator, told: BTreeMap::new(), now: t(0) }
    }

    fn tell(&mut self, poller: PollerKind, body: Body) {
        let changes = self.model.apply(&Observation { at: self.now, source: Source { scope: scope(), poller }, body });
        self.evaluator.note(&changes, self.model.revision());
    }

    fn look(&mut self) -> Looked {
        let looked = self.evaluator.look(&self.rules, &self.model, &self.context, self.now);
        if looked.whole {
            self.told.clear();
        }
        for verdict in &looked.changed {
            self.told.insert((verdict.rule.clone(), verdict.resource.clone()), verdict.clone());
        }
        for pair in &looked.gone {
            assert!(self.told.remove(pair).is_some(), "{pair:?} is gone twice");
        }
        looked
    }

    /// That both what is kept and what was told are what a look at everything gives.
    fn hold(&self) {
        assert_eq!(self.evaluator.differs(&self.rules, &self.model, self.now), None);
        let all = self.rules.evaluate(&self.model, &self.context, self.now);
        assert_eq!(all.len(), self.told.len());
        for verdict in all {
            let told = &self.told[&(verdict.rule.clone(), verdict.resource.clone())];
            if verdict.standing != Standing::Ok || told.standing != Standing::Ok {
                assert_eq!(told, &verdict);
            }
        }
    }

    /// One of the things that can be learnt, chosen by three numbers.
    fn learn(&mut self, what: u8, a: u8, b: u8) {
        let (few, some) = (u32::from(a % 4), usize::from(b % 3));
        let listed = |name: &str, kind: Kind, detail: Detail| resource(kind, name, detail);
        let inventory = |resources: Vec<Resource>, kind: Kind| Body::Inventory {
            kinds: vec![kind],
            resources: resources.into_iter().take(if b.is_multiple_of(7) { 0 } else { 9 }).collect(),
            partial: b.is_multiple_of(5),
        };
        match what % 21 {
            0 => {
                let mut clb = listed("web-clb", Kind::ClassicElb, Detail::Balancer(Balancer::default()));
                clb.set_tags_unread(a > 200);
                if a == 3 || a == 203 {
                    clb.tags.insert("team".into(), "web".into());
                }
                self.tell(PollerKind::ClassicElbs, inventory(vec![clb], Kind::ClassicElb));
            }
            1 => {
                let detail = TargetGroup { balancer_kind: Some(Kind::Alb), ..TargetGroup::default() };
                let group = listed("api-tg", Kind::TargetGroup, Detail::TargetGroup(detail));
                self.tell(PollerKind::Balancers, inventory(vec![group], Kind::TargetGroup));
                self.tell(PollerKind::Balancers, inventory(vec![listed("api-alb", Kind::Alb, alb())], Kind::Alb));
            }
            2 => {
                let groups = vec![listed("web-asg", Kind::AutoScalingGroup, group(1, few + 1, 3, few))];
                self.tell(PollerKind::ScalingGroups, inventory(groups, Kind::AutoScalingGroup));
            }
            3 => {
                let stopped = Detail::Instance(Instance { state: "stopped".into(), ..Instance::default() });
                let detail = |i: u8| if a == i { stopped.clone() } else { instance() };
                let instances = (0..3).map(|i| listed(&format!("i-c{i}"), Kind::Instance, detail(i))).collect();
                self.tell(PollerKind::Instances, inventory(instances, Kind::Instance));
            }
            4 => {
                let subnets = vec![listed("subnet-1", Kind::Subnet, subnet(few * 20))];
                self.tell(PollerKind::Subnets, inventory(subnets, Kind::Subnet));
            }
            5 => {
                self.learn_alarms(a, b);
                self.tell(
                    PollerKind::Bill,
                    inventory(vec![listed("estimated-charges", Kind::Bill, Detail::None)], Kind::Bill),
                );
            }
            6 | 7 => {
                let (of, poller) = match what % 21 {
                    6 => (id(Kind::ClassicElb, "web-clb"), PollerKind::ClassicHealth),
                    _ => (id(Kind::TargetGroup, "api-tg"), PollerKind::TargetHealth),
                };
                let mut list = members(usize::from(a % 3), some);
                // AWS says the zone of some only; of others it is the instance's.
                list.iter_mut().filter(|_| a > 3).for_each(|m| m.zone = None);
                self.tell(poller, Body::Health { of, members: Members { at: self.now, list } });
            }
            8 => {
                let state = if a.is_multiple_of(2) { "impaired" } else { "ok" };
                let status = |_| InstanceStatus {
                    at: self.now,
                    system: state.into(),
                    instance: "ok".into(),
                    events: Vec::new(),
                };
                let list = (0..some).map(|i| (format!("i-c{i}").into(), status(i))).collect();
                self.tell(PollerKind::InstanceStatus, Body::Status { list, partial: b > 5 });
            }
            9 | 10 => {
                let (resource, metric, poller) = match b % 5 {
                    0 => (
                        id(Kind::Instance, "i-c0"),
                        Metric::new("AWS/EC2", "CPUUtilization", "Average", 300),
                        PollerKind::Metrics,
                    ),
                    1 => (id(Kind::Bill, "estimated-charges"), super::bill_metric(), PollerKind::Bill),
                    2 => (
                        id(Kind::ClassicElb, "web-clb"),
                        Metric::new("AWS/ELB", "RequestCount", "Sum", 60),
                        PollerKind::Metrics,
                    ),
                    _ => (id(Kind::ClassicElb, "web-clb"), surge(), PollerKind::Metrics),
                };
                let period = SignedDuration::from_secs(metric.period.into());
                let newest = Timestamp::from_second(self.now.as_second() / 60 * 60).expect("a time");
                let at = |i: u8| newest - period * (i32::from(i) + 1);
                let values = (0..5).filter(|i| a & (1 << i) != 0);
                let points = values.map(|i| Point { at: at(i), value: f64::from((a >> (i / 2)) % 7) * 25.0 }).collect();
                let status = match a {
                    200.. => QueryStatus::Forbidden,
                    190.. => QueryStatus::InternalError,
                    180.. => QueryStatus::Partial,
                    _ => QueryStatus::Complete,
                };
                let batch = PointBatch { resource, metric, from: at(5), to: newest, points, status };
                self.tell(poller, Body::Points(vec![batch]));
            }
            11 => {
                let group = Activity {
                    group: "web-asg".into(),
                    status: "Failed".into(),
                    message: "no".into(),
                    failure: Some(LaunchFailure::Capacity),
                    ended: None,
                };
                self.happened(PollerKind::Activities, a, EventKind::Activity(group));
            }
            12 => {
                let name = ["ConsoleLogin", "StopLogging", "CreateAccessKey"][some];
                let event = TrailEvent { name: name.into(), user_type: "Root".into(), ..TrailEvent::default() };
                self.happened(PollerKind::Trail, a, EventKind::Trail(event));
            }
            16 | 17 => self.learn_points_of_alarms(a, b),
            19 | 20 => self.learn_alarms(a, b),
            18 => {
                self.rules = SETS[usize::from(a % 2)].clone();
                self.context.budget = [Some(100.0), Some(10.0), None][some];
            }
            13 => self.tell(PollerKind::ALL[usize::from(a) % PollerKind::ALL.len()], Body::Started),
            _ => {
                let poller = PollerKind::ALL[usize::from(a) % PollerKind::ALL.len()];
                let class =
                    [ErrorClass::Throttled, ErrorClass::Expired, ErrorClass::Denied].get(usize::from(b % 8)).copied();
                self.ran(poller, class, if b > 150 { 120 } else { 60 });
            }
        }
    }

    fn happened(&mut self, poller: PollerKind, a: u8, kind: EventKind) {
        // Late by minutes, and now and then by a clock that goes before ours.
        let at = self.now - SignedDuration::from_mins(i64::from(a % 70) - 2);
        let event =
            Event { id: format!("e{a}").into(), scope: scope(), at, kind, resources: Vec::new(), summary: "".into() };
        self.tell(poller, Body::Events(vec![event]));
    }

    fn ran(&mut self, poller: PollerKind, error: Option<ErrorClass>, interval: i64) {
        // Only who may not does without.
        let lacks = error == Some(ErrorClass::Denied) && interval > 60;
        let error =
            error.map(|class| PollError { class, operation: "".into(), code: "Code".into(), message: "".into() });
        self.tell(
            poller,
            Body::Outcome(Outcome {
                started: self.now,
                took: SignedDuration::from_secs(1),
                calls: 1,
                pages: 1,
                billed_metrics: 0,
                throttles: 0,
                lacks: error.clone().filter(|_| lacks),
                error: error.filter(|_| !lacks),
                next: None,
                interval: SignedDuration::from_secs(interval),
            }),
        );
    }

    fn step_clock(&mut self, choice: u8) {
        let millis = match choice % 16 {
            0..=3 => 0,
            4..=6 => i64::from(choice) * 10,
            7..=10 => 30_000,
            11 => 60_000,
            12 => 179_999,
            13 => 15 * 60_000,
            14 => 70 * 60_000,
            _ if choice > 200 => -20 * 60_000,
            _ => 5000,
        };
        self.now += SignedDuration::from_millis(millis);
    }
}

fn listed_and_fresh() -> Watched {
    let mut watched = Watched::new();
    for what in 0..6 {
        watched.learn(what, 5, 1);
    }
    for poller in PollerKind::ALL {
        watched.ran(poller, None, 60);
    }
    watched.look();
    watched
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn it_comes_to_the_same_as_looking_at_everything(
        begun in any::<bool>(),
        steps in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), 0u8..3), 1..60),
    ) {
        let mut watched = if begun { listed_and_fresh() } else { Watched::new() };
        for (what, a, b, clock, look) in steps {
            watched.learn(what, a, b);
            watched.step_clock(clock);
            if look > 0 {
                watched.look();
                watched.hold();
            }
        }
    }
}

#[test]
fn only_what_changed_is_looked_at() {
    let mut watched = listed_and_fresh();
    let on_each_pass = watched.look().pairs;
    watched.learn(9, 0, 3);
    let of_one = watched.look();
    watched.hold();
    assert_eq!(on_each_pass, watched.look().pairs, "nothing is left to look at");
    let looks = |r: &&super::Rule| r.enabled && r.kinds().contains(&Kind::ClassicElb) && r.rests_on().0;
    let clb = watched.rules.rules().iter().filter(looks).count();
    // Two rules look at each of the alarms on its metrics, and at those that are made of the one that is no more unread:
    // surge, slow; both, quiet, ring-a; either; not.
    assert_eq!(
        of_one.pairs - on_each_pass,
        clb + 2 * 7,
        "the rules over metrics of the balancer that was read, and its alarms"
    );
    let related = |kind: Kind| matches!(kind, Kind::ClassicElb | Kind::Alarm);
    assert!(!of_one.whole && of_one.changed.iter().all(|v| related(v.resource.kind)), "{of_one:?}");
    watched.now += SignedDuration::from_secs(60);
    let on_each_pass = watched.look().pairs;
    watched.learn(9, 0, 3);
    let of_one = watched.look();
    watched.hold();
    assert_eq!(of_one.pairs - on_each_pass, clb + 2 * 2, "nothing turned: what is made of its alarms is left alone");
}

#[test]
fn other_rules_and_another_budget_are_looked_at_whole() {
    let mut watched = listed_and_fresh();
    watched.learn(9, 255, 3);
    watched.look();
    for (a, b) in [(1, 0), (1, 1), (0, 1), (0, 2)] {
        watched.learn(18, a, b);
        assert!(watched.look().whole, "{a} {b}");
        watched.hold();
        assert!(!watched.look().whole, "they stay");
    }
}

#[test]
fn a_model_that_others_changed_is_looked_at_whole() {
    let mut watched = listed_and_fresh();
    let body = Body::Inventory { kinds: vec![Kind::Subnet], resources: Vec::new(), partial: false };
    let source = Source { scope: scope(), poller: PollerKind::Subnets };
    watched.model.apply(&Observation { at: watched.now, source, body });
    assert!(watched.look().whole);
    watched.hold();
}

#[test]
fn a_breach_is_held_the_moment_its_time_is_over() {
    let mut watched = listed_and_fresh();
    let began = watched.now;
    watched.learn(2, 1, 1);
    watched.look();
    let mut fired = None;
    for _ in 0..40 {
        watched.now += SignedDuration::from_secs(5);
        for verdict in watched.look().changed {
            let held = matches!(verdict.standing, Standing::Breach { held: true, .. });
            if verdict.rule == *"x-two" && held {
                fired.get_or_insert(watched.now.duration_since(began).as_secs());
            }
        }
        watched.hold();
    }
    assert_eq!(fired, Some(180));
}
