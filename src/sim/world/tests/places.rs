//! The fleet: consistent with itself, the same for the same seed, and of the size asked for.

use super::*;

/// Everything that can be asked of a region at a moment, as text.
fn everything(world: &World, region: &str, now: Timestamp) -> String {
    let health: Vec<_> =
        world.target_groups(region, now).iter().map(|t| world.target_health(region, &t.arn, now)).collect();
    let back = now - SignedDuration::from_hours(2);
    let metrics = world.metrics(region, now);
    let points: Vec<_> =
        metrics.iter().step_by(7).map(|m| world.datapoints(region, &m.id, 300, back, now, now)).collect();
    format!(
        "{:?}{:?}{:?}{:?}{:?}{health:?}{:?}{:?}{:?}{:?}{metrics:?}{points:?}",
        world.instances(region, now),
        world.instance_statuses(region, now),
        world.subnets(region, now),
        world.classic_elbs(region, now),
        world.instance_health(region, "web-clb", now),
        world.groups(region, now),
        world.activities(region, None, now),
        world.trail(region, back, now, now),
        world.alarms(region, now),
    )
}

#[test]
fn equal_seeds_are_equal_in_any_order_of_questions_and_others_differ() {
    let (a, b, other) =
        (scaled(Scenario::BadDay, 7, 3), scaled(Scenario::BadDay, 7, 3), scaled(Scenario::BadDay, 8, 3));
    for region in a.regions() {
        let forward: Vec<String> = [3.0, 80.0, 140.0].map(|m| everything(&a, region, at(m))).into();
        let mut backward: Vec<String> = [140.0, 80.0, 3.0].map(|m| everything(&b, region, at(m))).into();
        backward.reverse();
        assert!(forward == backward, "{region}");
        assert!(forward[0] != everything(&other, region, at(3.0)), "{region}");
    }
}

#[test]
fn the_named_things_are_there_at_the_beginning() {
    let world = world(Scenario::Calm);
    for (name, min, max, size) in [("web-asg", 4, 12, 6), ("api-asg", 2, 10, 6), ("img-asg", 2, 6, 3)] {
        let group = group(&world, name, began());
        assert_eq!(
            (group.min, group.max, group.desired as usize, in_service(&group)),
            (min, max, size, size),
            "{name}"
        );
    }
    let health = world.instance_health(HOME, "web-clb", began()).unwrap();
    assert_eq!(health.iter().filter(|h| h.state == "InService").count(), 6);
    assert_eq!((targets(&world, "api-tg", began()).len(), targets(&world, "img-tg", began()).len()), (6, 3));
    let zones: std::collections::BTreeSet<_> = targets(&world, "api-tg", began()).into_iter().map(|t| t.zone).collect();
    assert_eq!(zones.len(), 3);
    assert_eq!(world.instance_health(HOME, "no-such", began()), None);
    assert!(world.instances("mars-1", began()).is_empty());
}

#[test]
fn every_reader_tells_the_same_story_of_an_instance() {
    let world = world(Scenario::BadDay);
    for minute in (0..260).step_by(3) {
        let now = at(f64::from(minute) + 0.3);
        let instances = world.instances(HOME, now);
        let ids: std::collections::BTreeMap<_, _> = instances.iter().map(|i| (i.id.as_str(), i)).collect();
        assert_eq!(ids.len(), instances.len(), "ids are unique");
        for group in world.groups(HOME, now) {
            for member in &group.instances {
                let instance = ids[member.id.as_str()];
                assert_eq!(instance.zone, member.zone);
                assert!(instance.tags.iter().any(|(k, v)| k == "aws:autoscaling:groupName" && *v == group.name));
                if member.lifecycle == "InService" {
                    assert_eq!(instance.state, "running", "{} at {minute}", member.id);
                }
            }
            assert!(in_service(&group) <= group.max as usize);
        }
        let web = group(&world, "web-asg", now);
        let serving: Vec<_> =
            web.instances.iter().filter(|i| i.lifecycle == "InService").map(|i| i.id.as_str()).collect();
        let registered = world.instance_health(HOME, "web-clb", now).unwrap();
        assert_eq!(registered.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), serving, "minute {minute}");
        let running = instances.iter().filter(|i| i.state == "running").count();
        assert_eq!(world.instance_statuses(HOME, now).len(), running);
        let addresses: std::collections::BTreeSet<_> =
            instances.iter().filter(|i| !i.private_ip.is_empty()).map(|i| &i.private_ip).collect();
        assert_eq!(addresses.len(), instances.iter().filter(|i| !i.private_ip.is_empty()).count());
    }
}

#[test]
fn a_launch_is_an_activity_and_a_trail_event_and_takes_an_address() {
    let world = world(Scenario::Surge);
    let (before, after) = (at(6.5), at(40.0));
    let old: Vec<_> = world.instances(HOME, before).iter().map(|i| i.id.clone()).collect();
    let new: Vec<_> = world.instances(HOME, after).iter().map(|i| i.id.clone()).filter(|i| !old.contains(i)).collect();
    assert_eq!(new.len(), 6);
    let activities = world.activities(HOME, Some("web-asg"), after);
    assert!(activities.is_sorted_by(|a, b| a.start >= b.start));
    let trail = world.trail(HOME, before, after, after);
    for id in &new {
        assert!(activities.iter().any(|a| a.status == "Successful" && a.description.ends_with(id.as_str())));
        assert!(trail.iter().any(|e| e.name == "RunInstances" && e.resources.iter().any(|(_, name)| name == id)));
    }
    let free = |now| world.subnets(HOME, now).iter().map(|s| s.available).sum::<u32>();
    assert_eq!(free(before) - free(after), 6);
}

#[test]
fn scale_multiplies_the_fleet() {
    let world = scaled(Scenario::Calm, 1, 100);
    let count = |region| world.instances(region, began()).len();
    let all = count(HOME) + count(VIRGINIA) + count("eu-west-1");
    assert!((2_400..2_600).contains(&all), "{all}");
    for region in world.regions() {
        for subnet in world.subnets(region, began()) {
            let prefix: u32 = subnet.cidr.rsplit_once('/').unwrap().1.parse().unwrap();
            assert!(f64::from(subnet.available) > 0.3 * f64::from((1 << (32 - prefix)) - 5), "{subnet:?}");
        }
    }
    let largest = scaled(Scenario::Calm, 1, 400);
    assert!(largest.instances(HOME, began()).len() > 7_500);
    assert!(largest.metrics(HOME, began()).len() + largest.metrics(VIRGINIA, began()).len() > 50_000);
    // Paging asks for the same list again and again.
    assert!(std::sync::Arc::ptr_eq(&largest.metrics(HOME, at(0.1)), &largest.metrics(HOME, at(0.6))));
}
