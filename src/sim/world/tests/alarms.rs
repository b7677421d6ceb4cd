//! Alarms of all types turn when they should, and only then.

use super::*;

/// The changes of the alarm `name` up to `now`, oldest first.
fn changes(world: &World, name: &str, now: Timestamp) -> Vec<AlarmChange> {
    let mut all = world.alarm_history(HOME, Some(name), began() - SignedDuration::from_hours(24), now, now);
    all.reverse();
    all
}

fn state(world: &World, name: &str, minute: f64) -> AlarmState {
    alarm(world, HOME, name, at(minute)).state
}

#[test]
fn a_surge_turns_an_alarm_of_every_type_and_back() {
    let world = world(Scenario::Surge);
    for (name, turns) in [
        ("web-clb-5xx-share", 25.0),
        ("web-clb-requests-anomaly", 8.0),
        ("web-clb-p99-latency", 12.0),
        ("orders-oldest-message", 25.0),
        ("web-tier", 14.0),
        ("shop-down", 25.0),
    ] {
        assert_eq!(state(&world, name, 0.5), AlarmState::Ok, "{name}");
        let turned = alarm(&world, HOME, name, at(turns));
        assert_eq!(turned.state, AlarmState::Alarm, "{name}: {}", turned.reason);
        assert_eq!(state(&world, name, 90.0), AlarmState::Ok, "{name}");
        let changes = changes(&world, name, at(90.0));
        let states: Vec<_> = changes.iter().map(|c| (c.from, c.to)).collect();
        assert_eq!(states[0], (AlarmState::Ok, AlarmState::Alarm), "{name}: {states:?}");
        assert!(states.windows(2).all(|pair| pair[0].1 == pair[1].0), "{name}: {states:?}");
    }
    // What does not suffer is not told of.
    for name in ["order-events-invocations-anomaly", "order-events-stopped"] {
        assert_eq!(state(&world, name, 30.0), AlarmState::Ok, "{name}");
    }
}

#[test]
fn an_alarm_says_what_it_saw() {
    let world = world(Scenario::Surge);
    let of = |name| alarm(&world, HOME, name, at(30.0));
    let anomaly = of("web-clb-requests-anomaly");
    assert!(anomaly.reason.contains("were greater than the upper thresholds ["), "{}", anomaly.reason);
    let data: serde_json::Value = serde_json::from_str(&anomaly.reason_data).unwrap();
    let list =
        |name: &str| -> Vec<f64> { data[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect() };
    let upper = list("recentUpperThresholds");
    assert_eq!(upper.len(), 3);
    assert!(list("recentDatapoints").iter().zip(&upper).all(|(value, limit)| value > limit), "{data}");
    assert!(list("recentLowerThresholds").iter().zip(&upper).all(|(low, high)| 0.0 < *low && low < high), "{data}");

    let share = of("web-clb-5xx-share");
    assert!(share.reason.contains("were greater than the threshold (5.0)"), "{}", share.reason);

    let tier = of("web-tier");
    assert!(tier.reason.contains(":alarm:web-clb-"), "{}", tier.reason);
    assert!(tier.reason.contains(" transitioned to ALARM at Wednesday 14 January, 2026 "), "{}", tier.reason);
    let data: serde_json::Value = serde_json::from_str(&tier.reason_data).unwrap();
    assert_eq!(data["triggeringAlarms"][0]["state"]["value"], "ALARM");
    assert_eq!(tier.children, ["web-clb-surge-queue", "web-clb-5xx", "web-clb-unhealthy-hosts"]);
}

#[test]
fn a_composite_alarm_turns_seconds_after_its_child() {
    let world = world(Scenario::Surge);
    let first = |name| changes(&world, name, at(120.0)).into_iter().find(|c| c.to == AlarmState::Alarm).unwrap();
    let (child, tier) = (first("web-clb-surge-queue"), first("web-tier"));
    assert!(tier.composite && !child.composite);
    let late = tier.at.duration_since(child.at).as_secs();
    assert!((2..=9).contains(&late), "{late} s");
    let before = child.at + SignedDuration::from_secs(1);
    assert_eq!(alarm(&world, HOME, "web-tier", before).state, AlarmState::Ok);
    // A child of a child.
    let (orders, down) = (first("orders-oldest-message"), first("shop-down"));
    assert!((2..=9).contains(&down.at.duration_since(orders.at).as_secs()), "{} {}", orders.at, down.at);
}

#[test]
fn a_percentile_of_few_samples_leaves_the_state_as_it_is() {
    let world = world(Scenario::BadDay);
    for minute in [0.0, 30.0, 200.0, 400.0] {
        assert_eq!(state(&world, "nightly-report-slow", minute), AlarmState::InsufficientData);
    }
    assert!(changes(&world, "nightly-report-slow", at(400.0)).is_empty());
    // There was data all along.
    let duration = MetricId::new("AWS/Lambda", "Duration", &[("FunctionName", "nightly-report")]);
    assert!(world.datapoints(HOME, &duration, 300, at(-60.0), at(0.0), at(10.0)).len() > 6);
}

#[test]
fn a_band_is_quiet_for_a_week_of_ordinary_invocations() {
    for seed in [1, 2] {
        let world = scaled(Scenario::BadDay, seed, 1);
        let week = at(7.0 * 1_440.0);
        assert!(changes(&world, "order-events-invocations-anomaly", week).is_empty(), "seed {seed}");
        let requests = changes(&world, "web-clb-requests-anomaly", at(300.0));
        assert!(requests.len() >= 4, "a surge and a pinned group: {requests:?}");
    }
}

#[test]
fn every_rule_and_expression_can_be_read() {
    for account in Account::ALL {
        let config = WorldConfig {
            account,
            scenario: Scenario::Calm,
            seed: 1,
            scale: 1,
            began: began(),
            variation: Variation::default(),
        };
        let world = World::new(config);
        for region in world.regions() {
            let alarms = world.alarms(region, at(5.0));
            for one in &alarms {
                match &one.watch {
                    AlarmWatch::Alarms(rule) => {
                        assert!(!one.children.is_empty(), "{rule}");
                        assert_ne!(one.state, AlarmState::InsufficientData, "{}", one.name);
                        for child in &one.children {
                            assert!(alarms.iter().any(|a| a.name == *child), "{rule}: there is no {child}");
                        }
                    }
                    AlarmWatch::Metrics(MetricAlarm { of: AlarmOf::Queries(queries), .. }) => {
                        assert_eq!(one.state, AlarmState::Ok, "{}: {}", one.name, one.reason);
                        assert!(queries.iter().any(|q| q.wanted));
                    }
                    AlarmWatch::Metrics(_) => {}
                }
            }
        }
    }
}

#[test]
fn an_alarm_turns_as_much_later_as_cloudwatch_is_said_to_be() {
    let first = |publishing, evaluation| {
        let variation = Variation { publishing, evaluation, ..Variation::default() };
        let (account, scenario) = (Account::Main, Scenario::Surge);
        let world = World::new(WorldConfig { account, scenario, seed: 1, scale: 1, began: began(), variation });
        let turned = changes(&world, "web-clb-surge-queue", at(50.0));
        turned.iter().find(|c| c.to == AlarmState::Alarm).map(|c| c.at.duration_since(began()).as_secs())
    };
    let usual = first(0, 60).expect("it turns");
    assert_eq!(first(0, 180), Some(usual + 120));
    assert!(first(180, 60).is_some_and(|at| at > usual), "what is published later is seen later");
}

#[test]
fn a_quicker_and_a_weaker_surge() {
    let queue = |pace, strength, minutes| {
        let variation = Variation { pace, strength, ..Variation::default() };
        let (account, scenario) = (Account::Main, Scenario::Surge);
        let world = World::new(WorldConfig { account, scenario, seed: 1, scale: 1, began: began(), variation });
        let id = MetricId::new("AWS/ELB", "SurgeQueueLength", &[("LoadBalancerName", "web-clb")]);
        let (from, now) = (at(minutes), at(minutes + 10.0));
        let found = world.datapoints(HOME, &id, 60, from, from + SignedDuration::from_mins(1), now);
        found.first().map_or(0.0, |s| s.max)
    };
    assert!(queue(200, 100, 3.0) > 2.0 * queue(100, 100, 3.0), "at its half time");
    assert!(queue(100, 70, 20.0) < 1024.0 && queue(100, 100, 20.0) >= 1024.0, "a weak one never fills the queue");
}
