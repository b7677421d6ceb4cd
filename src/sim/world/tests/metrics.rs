//! Metrics are as late, as partial and as full of gaps as CloudWatch's; so are the trail and the bill.

use super::*;

#[test]
fn a_metric_is_absent_where_aws_publishes_only_what_is_not_zero() {
    let calm = world(Scenario::Calm);
    let day = |metric: &MetricId| calm.datapoints(HOME, metric, 60, at(-600.0), at(0.0), at(30.0)).len();
    assert_eq!(day(&clb("RequestCount")), 600);
    assert_eq!(day(&clb("UnHealthyHostCount")), 600);
    for name in ["SurgeQueueLength", "SpilloverCount", "HTTPCode_ELB_5XX", "BackendConnectionErrors"] {
        assert_eq!(day(&clb(name)), 0, "{name}");
        assert!(!calm.metrics(HOME, began()).iter().any(|m| m.id == clb(name)), "{name} is not listed either");
    }
    let surge = world(Scenario::Surge);
    let listed = |minute| surge.metrics(HOME, at(minute)).iter().any(|m| m.id == clb("SurgeQueueLength"));
    assert!(!listed(2.0) && listed(20.0));
}

#[test]
fn late_data_only_grows_and_then_stands() {
    let world = world(Scenario::Surge);
    let minute = at(20.0);
    let stats = ["Sum", "SampleCount", "Maximum"];
    for metric in [clb("RequestCount"), clb("Latency"), clb("SurgeQueueLength"), clb("SpilloverCount")] {
        let mut seen: Vec<Option<[f64; 3]>> = Vec::new();
        for second in 0..300 {
            let now = minute + SignedDuration::from_secs(second);
            let points = world.datapoints(HOME, &metric, 60, minute, at(21.0), now);
            seen.push(points.first().map(|s| stats.map(|stat| s.value(stat).unwrap())));
        }
        assert!(seen[59].is_none(), "{}: nothing before the minute is over", metric.name);
        assert!(seen[85].is_some(), "{}", metric.name);
        for pair in seen.windows(2) {
            let grows = match (pair[0], pair[1]) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| *a <= b + 1e-9),
            };
            assert!(grows, "{}: {pair:?}", metric.name);
        }
        if metric.name != "SpilloverCount" {
            assert!(seen[85] != seen[240], "{}: the first sight is partial", metric.name);
        }
        assert_eq!(seen[200], seen[299], "{}", metric.name);
    }
}

#[test]
fn what_can_be_read_of_any_metric_only_grows() {
    let world = world(Scenario::BadDay);
    let minute = at(90.0);
    for metric in world.metrics(HOME, minute).iter().step_by(3) {
        let mut before = 0.0;
        for second in (0..600).step_by(15) {
            let now = at(91.0) + SignedDuration::from_secs(second);
            let points = world.datapoints(HOME, &metric.id, 60, minute, at(91.0), now);
            let sum = points.first().and_then(|s| s.value("Sum")).unwrap_or(0.0);
            assert!(sum >= before, "{:?} fell from {before} to {sum} after {second} s", metric.id);
            before = sum;
        }
    }
}

#[test]
fn periods_add_up() {
    let world = world(Scenario::Surge);
    let now = at(90.0);
    let read = |period| world.datapoints(HOME, &clb("RequestCount"), period, at(0.0), at(60.0), now);
    let sum = |points: &[Sample]| points.iter().filter_map(|s| s.value("Sum")).sum::<f64>();
    let (minutes, fives, hour) = (read(60), read(300), read(3_600));
    assert_eq!((minutes.len(), fives.len(), hour.len()), (60, 12, 1));
    assert!((sum(&minutes) - sum(&fives)).abs() < 1e-6 && (sum(&minutes) - sum(&hour)).abs() < 1e-6);
    assert_eq!(hour[0].at, at(0.0));
}

#[test]
fn instances_are_read_every_minute_or_every_five() {
    let world = world(Scenario::Calm);
    let instances = world.instances(HOME, began());
    for (detailed, points) in [(true, 60), (false, 12)] {
        let one = instances.iter().find(|i| i.detailed_monitoring == detailed && i.state == "running").unwrap();
        let read = |name| {
            let metric = MetricId::new("AWS/EC2", name, &[("InstanceId", &one.id)]);
            world.datapoints(HOME, &metric, 60, at(0.0), at(60.0), at(70.0)).len()
        };
        assert_eq!((read("CPUUtilization"), read("StatusCheckFailed")), (points, 60));
    }
}

#[test]
fn history_is_there_before_the_beginning() {
    let world = world(Scenario::BadDay);
    let back = |days: i64| began() - SignedDuration::from_hours(24 * days);
    let hours = world.datapoints(HOME, &clb("RequestCount"), 3_600, back(21), began(), began());
    assert_eq!(hours.len(), 21 * 24);
    let values: Vec<f64> = hours.iter().filter_map(|s| s.value("Sum")).collect();
    let (low, high) = values.iter().fold((f64::MAX, 0.0f64), |(l, h), v| (l.min(*v), h.max(*v)));
    assert!(high > 1.5 * low, "day and night differ: {low} {high}");
    assert!(
        world.datapoints(HOME, &clb("RequestCount"), 60, back(40), back(30), began()).is_empty(),
        "minutes: 15 days"
    );
}

#[test]
fn the_bill_comes_a_few_times_a_day_is_hours_late_and_begins_anew_each_month() {
    let world = world(Scenario::Calm);
    let (from, to): (Timestamp, Timestamp) =
        ("2026-01-31T00:00:00Z".parse().unwrap(), "2026-02-02T00:00:00Z".parse().unwrap());
    let points = world.datapoints(VIRGINIA, &bill(), 60, from, to, to);
    let values: Vec<f64> = points.iter().filter_map(|s| s.value("Maximum")).collect();
    assert!((11..=12).contains(&values.len()), "{}", values.len());
    let drops = values.windows(2).filter(|p| p[1] < p[0]).count();
    assert_eq!(drops, 1, "{values:?}");
    assert!(values[6] < 0.1 * values[5], "{values:?}");
    let stamp = points[3].at;
    let early = stamp + SignedDuration::from_mins(5);
    assert!(world.datapoints(VIRGINIA, &bill(), 60, stamp, to, early).is_empty(), "not at once");
    let service =
        MetricId::new("AWS/Billing", "EstimatedCharges", &[("Currency", "USD"), ("ServiceName", "AmazonEC2")]);
    let part = world.datapoints(VIRGINIA, &service, 21_600, from, to, to)[0].max;
    assert!(part > 0.0 && part < values[0]);
    assert!(world.datapoints(HOME, &bill(), 21_600, from, to, to).is_empty(), "us-east-1 only");
}

#[test]
fn the_trail_is_newest_first_minutes_late_and_pages_whole() {
    let world = world(Scenario::BadDay);
    let (from, now) = (at(-600.0), at(200.0));
    let all = world.trail(HOME, from, now, now);
    assert!(all.len() > 100, "{}", all.len());
    assert!(all.is_sorted_by(|a, b| a.at >= b.at));
    for event in &all {
        let late = event.delivered.duration_since(event.at).as_secs();
        assert!((120..=900).contains(&late), "{} {late}", event.name);
        assert!(event.delivered <= now);
    }
    let ids: std::collections::BTreeSet<_> = all.iter().map(|e| &e.id).collect();
    assert_eq!(ids.len(), all.len());
    assert_eq!(world.trail_page(HOME, from, now, now, 50), all[..50]);
    let one = &all[20];
    let before = one.delivered - SignedDuration::from_secs(1);
    assert!(!world.trail(HOME, from, now, before).iter().any(|e| e.id == one.id));
    assert!(world.trail(HOME, from, now, one.delivered).iter().any(|e| e.id == one.id));
}

#[test]
fn a_listed_metric_can_be_read() {
    let world = world(Scenario::BadDay);
    let now = at(95.0);
    for region in world.regions() {
        let list = world.metrics(region, now);
        assert!(list.is_sorted_by(|a, b| a.id < b.id), "sorted, each once");
        for metric in list.iter() {
            let from = metric.last_active - SignedDuration::from_hours(9);
            let read = world.datapoints(region, &metric.id, 300, from, now, now);
            assert!(!read.is_empty(), "{:?}", metric.id);
        }
    }
}

#[test]
fn prices_are_strings_of_json_as_the_price_list_has_them() {
    let world = world(Scenario::Calm);
    let products = world.products();
    let one = products
        .iter()
        .find(|p| p.instance_type == "p4d.24xlarge" && p.region == VIRGINIA && p.operating_system == "Linux")
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&one.json).unwrap();
    let offer = json["terms"]["OnDemand"].as_object().unwrap().values().next().unwrap();
    let price = offer["priceDimensions"].as_object().unwrap().values().next().unwrap();
    assert_eq!(price["pricePerUnit"]["USD"], "32.7726000000");
    assert!(one.attributes.contains(&("tenancy", "Shared".to_owned())));
    for region in world.regions() {
        for instance in world.instances(region, at(5.0)).iter() {
            assert!(products.iter().any(|p| p.region == *region && p.instance_type == instance.instance_type));
        }
    }
}
