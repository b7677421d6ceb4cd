//! What happened before an alert, and to whom.

use jiff::Timestamp;

use super::tests::{standing, verdict};
use super::{Alerts, Before, Happened, Nearness, Relatives, Transition, before, suspect};
use crate::model::{
    Activity, AutoScalingGroup, Balancer, Body, Detail, Event, EventKind, HealthState, Instance, Kind, PollerKind,
    ResourceId, TargetGroup, Text, TrailEvent,
};
use crate::rules::testing::{World, clb, id, member, resource, t};

const ARN: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:1:targetgroup/api-tg/50dc";
const ALB: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:1:loadbalancer/app/api-alb/50dc";

/// A balancer with a target group that a group fills, and a Classic one beside it.
fn world() -> World {
    let mut world = World::with_clb();
    let alb = Balancer { arn: ALB.into(), security_groups: vec!["sg-alb".into()], ..Balancer::default() };
    world.list(t(-60), vec![resource(Kind::Alb, "api-alb", Detail::Balancer(alb))]);
    let tg = TargetGroup { arn: ARN.into(), balancers: vec![ALB.into()], ..TargetGroup::default() };
    world.list(t(-60), vec![resource(Kind::TargetGroup, "api-tg", Detail::TargetGroup(tg))]);
    let asg =
        AutoScalingGroup { target_groups: vec![ARN.into()], launch: "lt-api".into(), ..AutoScalingGroup::default() };
    world.list(t(-60), vec![resource(Kind::AutoScalingGroup, "api-asg", Detail::AutoScalingGroup(asg))]);
    let host = Instance { security_groups: vec!["sg-host".into()], subnet: "subnet-1".into(), ..Instance::default() };
    world.list(t(-60), vec![resource(Kind::Instance, "i-1", Detail::Instance(host))]);
    world.health(t(-60), &id(Kind::TargetGroup, "api-tg"), vec![member("i-1", "1a", HealthState::Unhealthy, "")]);
    world
}

fn happens(world: &mut World, at: Timestamp, name: &str, on: &[&str], kind: EventKind) {
    let event = Event {
        id: format!("{name}-{at}").into(),
        scope: clb().scope,
        at,
        kind,
        resources: on.iter().map(|r| Text::from(*r)).collect(),
        summary: name.into(),
    };
    world.tell(PollerKind::Trail, at, Body::Events(vec![event]));
}

fn write(world: &mut World, minute: i64, name: &str, on: &[&str]) {
    let trail = TrailEvent { name: name.into(), user: "alice".into(), ..TrailEvent::default() };
    happens(world, t(minute), name, on, EventKind::Trail(trail));
}

fn told<'m>(world: &'m World, alerts: &'m [Transition], of: &'m ResourceId) -> Vec<(Nearness, String)> {
    let all = before(&world.model, alerts.iter(), of, None, t(0));
    let name = |b: &Before<'_>| match b.happened {
        Happened::Event(e) => e.summary.to_string(),
        Happened::Alert(a) => format!("alert on {}", a.alert.id.resource.id),
    };
    all.iter().map(|b| (b.nearness, name(b))).collect()
}

#[test]
fn relatives_are_what_an_event_may_name() {
    let world = world();
    for (of, name, expected) in [
        (id(Kind::TargetGroup, "api-tg"), "api-tg", Nearness::Itself),
        (id(Kind::TargetGroup, "api-tg"), ARN, Nearness::Itself),
        (id(Kind::TargetGroup, "api-tg"), "api-alb", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), ALB, Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "sg-alb", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "i-1", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "sg-host", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "subnet-1", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "api-asg", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "lt-api", Nearness::Relative),
        (id(Kind::TargetGroup, "api-tg"), "web-clb", Nearness::Elsewhere),
        (id(Kind::Alb, "api-alb"), "api-asg", Nearness::Relative),
        (id(Kind::Alb, "api-alb"), "api-tg", Nearness::Relative),
        (id(Kind::AutoScalingGroup, "api-asg"), "lt-api", Nearness::Relative),
        (id(Kind::AutoScalingGroup, "api-asg"), ARN, Nearness::Relative),
        (id(Kind::Instance, "i-1"), "sg-host", Nearness::Relative),
        (id(Kind::Instance, "i-1"), "arn:aws:ec2:ap-northeast-1:1:instance/i-1", Nearness::Itself),
        (id(Kind::Instance, "gone"), "gone", Nearness::Itself),
        (id(Kind::Instance, "gone"), "", Nearness::Elsewhere),
    ] {
        assert_eq!(Relatives::of(&world.model, &of).nearness(name), expected, "{of} {name}");
    }
}

#[test]
fn the_nearest_comes_first_and_the_half_hour_is_half_an_hour() {
    let mut world = world();
    write(&mut world, -31, "TooOld", &["api-tg"]);
    write(&mut world, -29, "ModifyTargetGroup", &["api-tg"]);
    write(&mut world, -20, "AuthorizeSecurityGroupIngress", &["sg-host"]);
    write(&mut world, -1, "CreateBucket", &["some-bucket"]);
    write(&mut world, 3, "RebootInstances", &["i-1"]);
    write(&mut world, 3, "DeleteBucket", &["some-bucket"]);
    let mut read = TrailEvent { name: "DescribeInstances".into(), read_only: true, ..TrailEvent::default() };
    happens(&mut world, t(-2), "read", &["api-tg"], EventKind::Trail(read.clone()));
    read.read_only = false;
    let activity = Activity {
        group: "api-asg".into(),
        status: "Successful".into(),
        message: "".into(),
        failure: None,
        ended: None,
    };
    happens(&mut world, t(-10), "terminates i-0", &["api-asg"], EventKind::Activity(activity));
    let unhealthy = EventKind::Health { member: "i-1".into(), healthy: false, reason: "".into() };
    happens(&mut world, t(0), "i-1 is unhealthy", &["api-tg", "i-1"], unhealthy);
    let mut other = Alerts::default();
    let transitions = other.update(
        &[
            verdict("clb-surge-queue", clb(), standing('c', t(-5))),
            verdict("asg-short", id(Kind::AutoScalingGroup, "api-asg"), standing('w', t(-5))),
            verdict("poller-blind", id(Kind::Poller, "trail"), standing('b', t(-5))),
        ],
        &world.model,
        t(-5),
    );
    let of = id(Kind::TargetGroup, "api-tg");
    let of = told(&world, &transitions, &of);
    let expected = [
        (Nearness::Itself, "i-1 is unhealthy"),
        (Nearness::Itself, "ModifyTargetGroup"),
        (Nearness::Relative, "RebootInstances"),
        (Nearness::Relative, "alert on api-asg"),
        (Nearness::Relative, "terminates i-0"),
        (Nearness::Relative, "AuthorizeSecurityGroupIngress"),
        (Nearness::Elsewhere, "CreateBucket"),
        (Nearness::Elsewhere, "alert on web-clb"),
    ];
    let health: Vec<_> = of.iter().map(|(n, s)| (*n, s.as_str())).filter(|(_, s)| !s.contains("became")).collect();
    assert_eq!(health, expected);
    let tg = id(Kind::TargetGroup, "api-tg");
    assert_eq!(suspect(&world.model, &tg, t(0)).map(|e| e.summary.as_str()), Some("ModifyTargetGroup"));
    assert_eq!(suspect(&world.model, &id(Kind::Alb, "other"), t(0)), None);
}

#[test]
fn an_alert_is_no_cause_of_its_own_and_the_bill_is_everybodys() {
    let mut world = world();
    write(&mut world, -3, "RunInstances", &["i-7"]);
    let mut alerts = Alerts::default();
    let tg = id(Kind::TargetGroup, "api-tg");
    let told = alerts.update(&[verdict("target-unhealthy-hosts", tg.clone(), standing('c', t(0)))], &world.model, t(0));
    let own = before(&world.model, told.iter(), &tg, Some(&told[0].alert.id), t(0));
    assert!(own.iter().all(|b| matches!(b.happened, Happened::Event(_))), "{own:?}");
    let bill = id(Kind::Bill, "estimated-charges");
    let of_bill = before(&world.model, [].iter(), &bill, None, t(0));
    assert_eq!(of_bill.iter().map(|b| b.nearness).collect::<Vec<_>>(), [Nearness::Relative]);
}
