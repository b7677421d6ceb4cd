//! What each scenario promises.

use super::*;

#[test]
fn calm_breaches_nothing() {
    for (hours, seed) in [(0.0, 1), (0.16, 2), (3.0, 3), (9.0, 4), (17.0, 5), (30.0, 1), (400.0, 2), (84.0, 9)] {
        let world = scaled(Scenario::Calm, seed, 2);
        let now = at(hours * 60.0);
        for region in world.regions() {
            for alarm in world.alarms(region, now) {
                assert_ne!(alarm.state, AlarmState::Alarm, "{} at {hours} h: {}", alarm.name, alarm.reason);
            }
            for group in world.groups(region, now) {
                assert!(f64::from(group.desired) < 0.9 * f64::from(group.max), "{}", group.name);
                assert_eq!(in_service(&group), group.desired as usize, "{}", group.name);
            }
            for subnet in world.subnets(region, now) {
                let prefix: u32 = subnet.cidr.rsplit_once('/').unwrap().1.parse().unwrap();
                assert!(f64::from(subnet.available) > 0.3 * f64::from((1 << (32 - prefix)) - 5), "{subnet:?}");
            }
            for target in world.target_groups(region, now) {
                let health = world.target_health(region, &target.arn, now).unwrap();
                assert!(health.iter().all(|t| t.state == "healthy"));
            }
            assert!(world.instance_statuses(region, now).iter().all(|s| s.system == "ok" && s.instance == "ok"));
            let trail = world.trail(region, now - SignedDuration::from_hours(24), now, now);
            assert!(trail.iter().all(|e| e.user.as_deref() != Some("root") && !e.name.contains("Logging")));
            assert_eq!(world.weather("ec2", "DescribeInstances", region, now), None);
        }
        let sum = |name| newest(&world, HOME, &clb(name), "Sum", now).unwrap_or(0.0);
        assert!(sum("HTTPCode_Backend_5XX") + sum("HTTPCode_ELB_5XX") < 0.01 * sum("RequestCount"));
        assert_eq!(newest(&world, HOME, &clb("SurgeQueueLength"), "Maximum", now), None);
        assert!(newest(&world, HOME, &clb("Latency"), "p99", now).unwrap() < 1.0);
    }
}

#[test]
fn calm_ends_the_month_well_within_the_budget() {
    let world = world(Scenario::Calm);
    let points = |from: &str, to: &str| {
        let (from, to): (Timestamp, Timestamp) = (from.parse().unwrap(), to.parse().unwrap());
        world.datapoints(VIRGINIA, &bill(), 21_600, from, to, to)
    };
    let month = points("2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z");
    let values: Vec<f64> = month.iter().filter_map(|s| s.value("Maximum")).collect();
    assert_eq!(values.len(), 30 * 4);
    assert!(values.is_sorted(), "a bill rises");
    assert!((3_500.0..6_300.0).contains(values.last().unwrap()), "{values:?}");
    for pair in values.windows(5) {
        let forecast = pair[4] + (pair[4] - pair[0]) / 24.0 * 24.0 * 31.0 - pair[4];
        assert!(forecast < 6_400.0, "a day of {} forecasts {forecast}", pair[4] - pair[0]);
    }
}

#[test]
fn the_surge_fills_the_queue_then_spills_and_cloudwatch_turns_later() {
    let world = world(Scenario::Surge);
    let queue = |minute| newest(&world, HOME, &clb("SurgeQueueLength"), "Maximum", at(minute)).unwrap_or(0.0);
    let spill = |minute| newest(&world, HOME, &clb("SpilloverCount"), "Sum", at(minute)).unwrap_or(0.0);
    assert!(queue(0.0) < 1.0);
    assert!(queue(4.0) > 100.0, "{}", queue(4.0));
    assert!(queue(5.0) < 512.0);
    assert!(queue(10.0) > 512.0);
    let full = world.datapoints(HOME, &clb("SurgeQueueLength"), 60, at(12.0), at(40.0), at(60.0));
    assert!(full.len() == 28 && full.iter().all(|s| s.max > 1_023.5), "{full:?}");
    assert!(queue(20.0) > 1_023.5, "full at first sight: {}", queue(20.0));
    assert!(spill(10.0) < 1.0 && spill(18.0) > 1_000.0);
    let crossing = (0..60).find(|m| queue(f64::from(*m)) > 512.0).unwrap();
    let turned = alarm(&world, HOME, "web-clb-surge-queue", at(30.0));
    assert_eq!(turned.state, AlarmState::Alarm);
    let lead = turned.state_since.duration_since(at(f64::from(crossing))).as_secs_f64() / 60.0;
    assert!((1.0..8.0).contains(&lead), "crossed at minute {crossing}, turned {lead} minutes later");
    assert!(turned.reason.contains("were greater than the threshold (512.0)"), "{}", turned.reason);
    assert_eq!(alarm(&world, HOME, "web-clb-surge-queue", at(6.0)).state, AlarmState::Ok);
    for (minute, size) in [(5.0, 6), (9.0, 8), (15.0, 10), (25.0, 12), (120.0, 6)] {
        assert_eq!(group(&world, "web-asg", at(minute)).desired, size, "minute {minute}");
    }
    let before = world.trail(HOME, at(-15.0), at(0.0), at(1.0));
    assert!(before.iter().any(|e| e.name == "AuthorizeSecurityGroupIngress"));
    let after = at(100.0);
    assert_eq!(newest(&world, HOME, &clb("SurgeQueueLength"), "Maximum", after), None);
    assert_eq!(alarm(&world, HOME, "web-clb-surge-queue", after).state, AlarmState::Ok);
    let history = world.alarm_history(HOME, Some("web-clb-surge-queue"), at(-60.0), after, after);
    assert_eq!(history.iter().map(|h| h.to).collect::<Vec<_>>(), [AlarmState::Ok, AlarmState::Alarm]);
}

#[test]
fn a_scenario_may_begin_in_the_middle_of_a_minute_and_at_night() {
    for began in ["2026-01-13T18:31:37Z", "2026-02-01T00:00:01Z"] {
        let began: Timestamp = began.parse().unwrap();
        for seed in 1..4 {
            let world = World::new(WorldConfig {
                account: Account::Main,
                scenario: Scenario::Surge,
                seed,
                scale: 1,
                began,
                variation: Variation::default(),
            });
            let after = |minutes| began + SignedDuration::from_mins(minutes);
            let queue = |minutes| newest(&world, HOME, &clb("SurgeQueueLength"), "Maximum", after(minutes));
            assert!(queue(10).unwrap() > 512.0 && queue(0).is_none(), "{began} {seed}");
            assert_eq!(alarm(&world, HOME, "web-clb-surge-queue", after(14)).state, AlarmState::Alarm);
        }
    }
}

#[test]
fn the_zone_outage_is_one_story_everywhere_and_ends() {
    let world = world(Scenario::AzOutage);
    let now = at(10.0);
    let sick = |name| targets(&world, name, now).into_iter().filter(|t| t.state == "unhealthy").collect::<Vec<_>>();
    let api = sick("api-tg");
    assert_eq!((api.len(), sick("img-tg").len()), (2, 1));
    assert!(api.iter().all(|t| t.zone == "ap-northeast-1c" && t.reason.is_some()));
    for (name, ill) in [("api-tg", 2.0), ("img-tg", 1.0)] {
        let metric = target_metric(&world, name, "UnHealthyHostCount");
        assert_eq!(newest(&world, HOME, &metric, "Maximum", now), Some(ill), "{name}");
    }
    assert_eq!(newest(&world, HOME, &clb("UnHealthyHostCount"), "Maximum", now), Some(2.0));
    let out = world.instance_health(HOME, "web-clb", now).unwrap();
    assert_eq!(out.iter().filter(|h| h.state == "OutOfService" && h.reason == "Instance").count(), 2);
    let impaired: Vec<_> =
        world.instance_statuses(HOME, now).into_iter().filter(|s| s.instance == "impaired").collect();
    assert!(impaired.len() >= 5 && impaired.iter().all(|s| s.zone == "ap-northeast-1c"));
    let failed = MetricId::new("AWS/EC2", "StatusCheckFailed", &[("InstanceId", &impaired[0].id)]);
    assert_eq!(newest(&world, HOME, &failed, "Maximum", now), Some(1.0));
    assert!(!group(&world, "api-asg", now).suspended.is_empty());
    assert_eq!(alarm(&world, HOME, "api-tg-unhealthy-hosts", now).state, AlarmState::Alarm);
    for quiet in [at(1.0), at(60.0)] {
        assert!(targets(&world, "api-tg", quiet).iter().all(|t| t.state == "healthy"));
        assert!(world.instance_statuses(HOME, quiet).iter().all(|s| s.instance == "ok"));
    }
}

#[test]
fn the_pinned_group_stands_at_its_maximum_and_cannot_launch() {
    let world = world(Scenario::AsgMax);
    let now = at(10.0);
    let full = group(&world, "web-asg", at(4.0));
    assert_eq!((full.desired, full.max), (12, 12));
    let group = group(&world, "web-asg", now);
    assert_eq!((group.desired, in_service(&group)), (12, 10));
    let failed: Vec<_> =
        world.activities(HOME, Some("web-asg"), now).into_iter().filter(|a| a.status == "Failed").collect();
    assert!(failed.len() >= 2);
    let said = failed[0].message.as_deref().unwrap();
    let want = "We currently do not have sufficient c5.xlarge capacity in the Availability Zone you requested \
                (ap-northeast-1c).";
    assert!(said.starts_with(want), "{said}");
    assert!(failed.iter().all(|a| a.start >= at(6.0)));
    let cpu = MetricId::new("AWS/EC2", "CPUUtilization", &[("AutoScalingGroupName", "web-asg")]);
    assert!(newest(&world, HOME, &cpu, "Average", now).unwrap() > 75.0);
    let after = at(60.0);
    assert_eq!(in_service(&super::group(&world, "web-asg", after)), 12);
}

#[test]
fn the_bill_shock_runs_at_once_is_told_minutes_later_and_billed_hours_later() {
    let world = world(Scenario::BillShock);
    let running = |now| {
        let all = |region| world.instances(region, now);
        let gpus = |region| all(region).iter().filter(|i| i.instance_type == "p4d.24xlarge").count();
        gpus(VIRGINIA) + gpus("eu-west-1")
    };
    assert_eq!((running(at(1.9)), running(at(3.0))), (0, 8));
    let told = |now| {
        let trail = world.trail(VIRGINIA, began(), now, now);
        trail.iter().any(|e| e.name == "RunInstances" && e.user.as_deref() == Some("ci-runner"))
    };
    assert!(!told(at(3.0)) && told(at(10.0)));
    let charged = |hours: f64| {
        let now = at(hours * 60.0);
        let points = world.datapoints(VIRGINIA, &bill(), 21_600, now - SignedDuration::from_hours(24), now, now);
        points.last().and_then(|s| s.value("Maximum")).unwrap()
    };
    assert!(charged(2.0) < 3_000.0 && charged(48.0) > 8_000.0, "{} {}", charged(2.0), charged(48.0));
    assert_eq!(alarm(&world, VIRGINIA, "billing-over-budget", at(60.0)).state, AlarmState::Ok);
    assert_eq!(alarm(&world, VIRGINIA, "billing-over-budget", at(48.0 * 60.0)).state, AlarmState::Alarm);
}

#[test]
fn the_intruder_is_in_the_trail_by_minute_ten() {
    let world = world(Scenario::Intruder);
    let now = at(10.0);
    let mut names = Vec::new();
    for region in [HOME, VIRGINIA] {
        for event in world.trail(region, began(), now, now).iter().rev().filter(|e| e.user.as_deref() == Some("root")) {
            let json: serde_json::Value = serde_json::from_str(&event.json).unwrap();
            assert_eq!(json["userIdentity"]["type"], "Root");
            assert_eq!(json["sourceIPAddress"], "203.0.113.66");
            if json["responseElements"]["ConsoleLogin"] == "Success" {
                assert_eq!(json["additionalEventData"]["MFAUsed"], "No");
            }
            names.push(event.name.clone());
        }
    }
    assert_eq!(names, ["StopLogging", "ConsoleLogin", "ConsoleLogin", "CreateAccessKey"]);
}

#[test]
fn weather_does_what_its_scenario_says() {
    let call = |scenario, minute| world(scenario).weather("elbv2", "DescribeTargetHealth", HOME, at(minute));
    for (minute, expired, blind) in [(0.5, false, false), (2.0, false, true), (10.0, true, true), (31.0, false, false)]
    {
        assert_eq!(call(Scenario::Expired, minute), expired.then_some(Fault::ExpiredToken), "{minute}");
        assert_eq!(call(Scenario::Blind, minute), blind.then_some(Fault::Stall), "{minute}");
    }
    let other = world(Scenario::Blind).weather("ec2", "DescribeInstances", VIRGINIA, at(10.0));
    assert_eq!(other, None, "another region answers");
    let throttled = world(Scenario::Throttled);
    let calls =
        (0..1000).map(|n| throttled.weather("elbv2", "DescribeTargetHealth", HOME, at(5.0 + f64::from(n) / 100.0)));
    let share = calls.filter(|f| *f == Some(Fault::Throttle)).count();
    assert!((620..780).contains(&share), "{share}");
}

#[test]
fn a_bad_day_has_a_surge_a_root_login_an_outage_a_full_group_and_gpus() {
    let world = world(Scenario::BadDay);
    assert!(newest(&world, HOME, &clb("SurgeQueueLength"), "Maximum", at(5.0)).unwrap() > 100.0);
    let trail = world.trail(VIRGINIA, began(), at(25.0), at(25.0));
    assert!(trail.iter().any(|e| e.user.as_deref() == Some("root")));
    assert!(targets(&world, "api-tg", at(90.0)).iter().any(|t| t.state == "unhealthy"));
    let pinned = group(&world, "web-asg", at(140.0));
    assert!(pinned.desired == 12 && in_service(&pinned) < 12);
    assert!(
        world.instances(VIRGINIA, at(170.0)).iter().any(|i| i.instance_type == "p4d.24xlarge" && i.state == "running")
    );
    let evening = at(300.0);
    assert_eq!(group(&world, "web-asg", evening).desired, 6);
    assert!(world.alarms(HOME, evening).iter().all(|a| a.state != AlarmState::Alarm));
}
