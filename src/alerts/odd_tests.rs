//! Clocks that jump, and resources that are not who they were: what becomes of the alerts.

use jiff::{SignedDuration, Timestamp};

use super::tests::run;
use super::{Alert, Alerts, Phase};
use crate::model::{AutoScalingGroup, Balancer, Detail, Kind, PollerKind};
use crate::rules::testing::{World, clb, group, id, resource, surge, t};

const QUEUE: &str = "clb-surge-queue";
const SHORT: &str = "asg-short";

/// The alert of `rule`, in a few words: `firing`, `firing, stale`, `pending`, `resolved`, or `-`.
fn word(alerts: &Alerts, rule: &str) -> String {
    let found = alerts.active().into_iter().chain(alerts.resolved()).find(|a| a.id.rule == *rule);
    found.map_or("-".to_owned(), |a| {
        let phase = format!("{:?}", a.phase).to_lowercase();
        if a.stale_since.is_some() { format!("{phase}, stale") } else { phase }
    })
}

fn only(alerts: &Alerts, rule: &str) -> Alert {
    alerts.active().into_iter().find(|a| a.id.rule == *rule).expect("it is there").clone()
}

/// A balancer whose queue is too long from minute 0 to 4, and the alert of it.
fn surging() -> (World, Alerts) {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    world.points(&clb(), &surge(), 0, "600 600 600 600");
    run(&world, &mut alerts, 4);
    assert_eq!(word(&alerts, QUEUE), "firing");
    (world, alerts)
}

/// A group that lacks two of six instances at `minute`.
fn short(world: &mut World, minute: i64, in_service: u32) {
    world.list(t(minute), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 6, 12, in_service))]);
}

#[test]
fn a_machine_that_slept_for_hours_neither_ends_nor_begins_anything_until_it_has_read() {
    let (mut world, mut alerts) = surging();
    short(&mut world, 3, 4);
    run(&world, &mut alerts, 4);
    assert_eq!(word(&alerts, SHORT), "pending");

    // It wakes: five minutes of being short have passed by the clock, and nobody saw them.
    run(&world, &mut alerts, 304);
    assert_eq!((word(&alerts, QUEUE).as_str(), word(&alerts, SHORT).as_str()), ("firing, stale", "pending, stale"));
    assert_eq!(only(&alerts, QUEUE).since, t(0));

    world.points(&clb(), &surge(), 300, "0 0 0 0 0");
    short(&mut world, 305, 6);
    world.list(t(305), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
    run(&world, &mut alerts, 305);
    assert_eq!((word(&alerts, QUEUE).as_str(), word(&alerts, SHORT).as_str()), ("resolved", "-"));
}

#[test]
fn a_machine_that_wakes_into_the_same_trouble_goes_on_with_its_alert() {
    let (mut world, mut alerts) = surging();
    let before = only(&alerts, QUEUE);
    world.list(t(300), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
    world.points(&clb(), &surge(), 295, "700 700 700 700 700");
    let told = run(&world, &mut alerts, 300);
    assert!(told.iter().all(|t| t.alert.id != before.id), "nobody is told a second time: {told:?}");
    let after = only(&alerts, QUEUE);
    assert_eq!((after.phase, after.since, after.fired_at), (Phase::Firing, before.since, before.fired_at));
}

#[test]
fn a_clock_set_back_ends_no_alert_and_what_is_read_after_it_counts() {
    let (mut world, mut alerts) = surging();
    // Twenty minutes back: what is known is of the future now, and is nothing to stand on.
    run(&world, &mut alerts, -16);
    assert!(word(&alerts, QUEUE).starts_with("firing"), "{}", word(&alerts, QUEUE));
    // Of five minutes that are read at once, the first may have been looked at before their last point was in.
    for (minute, queue, want) in
        [(-15, "600 600 600 600 600", "firing"), (-10, "0 0 0 0 0", "firing"), (-9, "0 0 0 0 0", "resolved")]
    {
        world.list(t(minute), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
        world.points(&clb(), &surge(), minute - 5, queue);
        run(&world, &mut alerts, minute);
        assert_eq!(word(&alerts, QUEUE), want, "minute {minute}");
    }
}

#[test]
fn a_clock_that_jumps_there_and_back_leaves_nothing_behind() {
    let (mut world, mut alerts) = surging();
    run(&world, &mut alerts, 60 * 24 * 365);
    assert_eq!(word(&alerts, QUEUE), "firing, stale");
    world.list(t(5), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
    world.points(&clb(), &surge(), 4, "600");
    run(&world, &mut alerts, 5);
    assert_eq!((word(&alerts, QUEUE).as_str(), only(&alerts, QUEUE).since), ("firing", t(0)));
}

/// Lists `web-clb` as made at minute `made`.
fn listed(world: &mut World, minute: i64, made: i64) {
    let detail = Detail::Balancer(Balancer { created: Some(t(made)), ..Balancer::default() });
    world.list(t(minute), vec![resource(Kind::ClassicElb, "web-clb", detail)]);
}

#[test]
fn one_that_was_made_anew_between_two_listings_has_no_alert_of_the_one_before() {
    let (mut world, mut alerts) = (World::default(), Alerts::default());
    listed(&mut world, 0, -10_000);
    world.points(&clb(), &surge(), 0, "600 600 600 600");
    run(&world, &mut alerts, 4);
    assert_eq!(word(&alerts, QUEUE), "firing");

    listed(&mut world, 6, 5);
    let told = run(&world, &mut alerts, 6);
    let resolved = told.iter().find(|t| t.alert.phase == Phase::Resolved).expect("it is told");
    assert_eq!(resolved.alert.detail, "it is gone, and another has its name");
    // CloudWatch still has what the one before did, under the same name.
    world.points(&clb(), &surge(), 0, "600 600 600 600 600 0 0");
    run(&world, &mut alerts, 7);
    assert_eq!(word(&alerts, QUEUE), "resolved");
    // What it does itself is its own.
    world.points(&clb(), &surge(), 7, "600 600 600");
    run(&world, &mut alerts, 10);
    assert_eq!((word(&alerts, QUEUE).as_str(), only(&alerts, QUEUE).since), ("firing", t(7)));
    run(&world, &mut alerts, 10);
    assert_eq!(word(&alerts, QUEUE), "firing", "it is not ended again and again");
}

#[test]
fn launches_that_failed_for_a_group_s_predecessor_are_not_its_own() {
    let web = |made: Timestamp| {
        let group = AutoScalingGroup { min: 1, max: 9, desired: 2, created: Some(made), ..AutoScalingGroup::default() };
        resource(Kind::AutoScalingGroup, "web-asg", Detail::AutoScalingGroup(group))
    };
    let (mut world, mut alerts) = (World::default(), Alerts::default());
    world.list(t(0), vec![web(t(-600))]);
    (1..4).for_each(|minute| world.launch_failed(minute, "web-asg"));
    run(&world, &mut alerts, 4);
    assert_eq!(word(&alerts, "asg-launch-failures"), "firing");
    world.list(t(6), vec![web(t(5))]);
    world.ran(PollerKind::Activities, t(6), None);
    run(&world, &mut alerts, 6);
    assert_eq!(word(&alerts, "asg-launch-failures"), "resolved");
    world.launch_failed(7, "web-asg");
    run(&world, &mut alerts, 7);
    assert_eq!(only(&alerts, "asg-launch-failures").since, t(7));
}

#[test]
fn one_that_comes_back_while_the_clock_is_behind_is_no_ones_heir() {
    let (mut world, mut alerts) = surging();
    world.tell(
        PollerKind::ClassicElbs,
        t(5),
        crate::model::Body::Inventory { kinds: vec![Kind::ClassicElb], resources: Vec::new(), partial: false },
    );
    run(&world, &mut alerts, 5);
    assert_eq!(word(&alerts, QUEUE), "resolved");
    // An hour back, and it is there again: when it went is still to come, and hides nothing.
    world.list(t(-55), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
    world.points(&clb(), &surge(), -59, "600 600 600 600");
    run(&world, &mut alerts, -55);
    assert_eq!(only(&alerts, QUEUE).since, t(-59));
    assert!(world.model.reborn(&id(Kind::ClassicElb, "web-clb"), t(-55) + SignedDuration::from_hours(9)).is_none());
}
