//! Managed services: their metrics are there as AWS publishes them, and quiet unless the shop is not.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const SERVICES: [&str; 18] = [
    "AWS/ApiGateway",
    "AWS/CloudFront",
    "AWS/DynamoDB",
    "AWS/EBS",
    "AWS/ECS",
    "AWS/EFS",
    "AWS/ElastiCache",
    "AWS/Firehose",
    "AWS/Kinesis",
    "AWS/Lambda",
    "AWS/NATGateway",
    "AWS/RDS",
    "AWS/Redshift",
    "AWS/Route53",
    "AWS/S3",
    "AWS/SNS",
    "AWS/SQS",
    "AWS/States",
];

fn listed(world: &World, region: &str, now: Timestamp) -> Vec<MetricListing> {
    let all = world.metrics(region, now);
    all.iter().filter(|m| SERVICES.contains(&m.id.namespace.as_str())).cloned().collect()
}

fn of(namespace: &str, name: &str, dimension: (&str, &str)) -> MetricId {
    MetricId::new(namespace, name, &[dimension])
}

/// Statistics of ten minutes: the largest, or the smallest, of each minute.
fn minutes(world: &World, region: &str, metric: &MetricId, stat: &str, now: Timestamp) -> Vec<f64> {
    let points = world.datapoints(region, metric, 60, now - SignedDuration::from_mins(10), now, now);
    points.iter().filter_map(|s| s.value(stat)).collect()
}

#[test]
fn every_service_is_there_and_only_where_aws_has_it() {
    let world = world(Scenario::Calm);
    let now = at(5.0);
    let namespaces =
        |region| -> BTreeSet<String> { listed(&world, region, now).into_iter().map(|m| m.id.namespace).collect() };
    let (home, virginia) = (namespaces(HOME), namespaces(VIRGINIA));
    for service in SERVICES {
        let global = matches!(service, "AWS/CloudFront" | "AWS/Route53");
        assert_eq!(
            (home.contains(service), virginia.contains(service)),
            (!global, global || service == "AWS/EBS" || service == "AWS/S3"),
            "{service}"
        );
    }
    for region in [HOME, VIRGINIA] {
        for metric in listed(&world, region, now) {
            let daily = metric.id.namespace == "AWS/S3";
            let from = now - SignedDuration::from_hours(if daily { 48 } else { 2 });
            let points = world.datapoints(region, &metric.id, if daily { 86_400 } else { 60 }, from, now, now);
            assert!(!points.is_empty(), "{:?}", metric.id);
            assert_ne!(world.unit(&metric.id), "", "{:?}", metric.id);
            let recent = metric.last_active > now - SignedDuration::from_hours(3);
            assert_eq!(recent, !daily, "{:?}", metric.id);
        }
    }
}

#[test]
fn a_bucket_has_one_figure_a_day_of_its_midnight() {
    let world = world(Scenario::Calm);
    let dimensions = [("BucketName", "shop-assets"), ("StorageType", "StandardStorage")];
    let size = MetricId::new("AWS/S3", "BucketSizeBytes", &dimensions);
    let points = world.datapoints(HOME, &size, 86_400, at(-14.0 * 1_440.0 - 300.0), at(0.0), at(0.0));
    assert!((13..=14).contains(&points.len()), "{}", points.len());
    assert!(points.iter().all(|p| p.at.as_second() % 86_400 == 0));
    let growth = points[1].max / points[0].max - 1.0;
    assert!((0.001..0.01).contains(&growth), "{growth}");
    let all = MetricId::new("AWS/S3", "BucketSizeBytes", &[dimensions[0], ("StorageType", "AllStorageTypes")]);
    assert!(world.datapoints(HOME, &all, 86_400, at(-9_000.0), at(0.0), at(0.0)).is_empty());
}

#[test]
fn what_did_not_happen_has_no_data() {
    let world = world(Scenario::Calm);
    let day = |metric: &MetricId| world.datapoints(HOME, metric, 60, at(-600.0), at(0.0), at(30.0)).len();
    for (metric, points) in [
        (of("AWS/SQS", "NumberOfMessagesSent", ("QueueName", "orders-dlq")), 0..=0),
        (of("AWS/SQS", "NumberOfMessagesSent", ("QueueName", "orders")), 600..=600),
        (of("AWS/DynamoDB", "ReadThrottleEvents", ("TableName", "sessions")), 0..=0),
        (of("AWS/SNS", "NumberOfNotificationsFailed", ("TopicName", "ops")), 0..=0),
        (of("AWS/SNS", "NumberOfMessagesPublished", ("TopicName", "ops")), 30..=150),
        (of("AWS/Lambda", "Errors", ("FunctionName", "nightly-report")), 40..=200),
        (of("AWS/Lambda", "IteratorAge", ("FunctionName", "thumbnailer")), 0..=0),
        (of("AWS/RDS", "ReplicaLag", ("DBInstanceIdentifier", "shop-db")), 0..=0),
        (of("AWS/RDS", "ReplicaLag", ("DBInstanceIdentifier", "shop-db-replica")), 600..=600),
    ] {
        let found = day(&metric);
        assert!(points.contains(&found), "{found} points of {metric:?}");
        if found == 0 {
            assert!(!world.metrics(HOME, at(30.0)).iter().any(|m| m.id == metric), "not listed either: {metric:?}");
        }
    }
}

/// What a sensible rule would warn of: namespace, metric, statistic, whether more or less is worse, limit.
const LIMITS: [(&str, &str, &str, bool, f64); 26] = [
    ("AWS/EBS", "VolumeQueueLength", "Maximum", true, 1.0),
    ("AWS/EBS", "VolumeStalledIOCheck", "Maximum", true, 0.0),
    ("AWS/Lambda", "Throttles", "Sum", true, 0.0),
    ("AWS/Lambda", "Errors", "Average", true, 0.05),
    ("AWS/Lambda", "IteratorAge", "Maximum", true, 60_000.0),
    ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Maximum", true, 60_000.0),
    ("AWS/Kinesis", "WriteProvisionedThroughputExceeded", "Sum", true, 0.0),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", true, 60.0),
    ("AWS/RDS", "CPUUtilization", "Average", true, 70.0),
    ("AWS/RDS", "ReplicaLag", "Maximum", true, 3.0),
    ("AWS/RDS", "FreeStorageSpace", "Minimum", false, 0.4 * 500e9),
    ("AWS/ElastiCache", "EngineCPUUtilization", "Maximum", true, 60.0),
    ("AWS/ElastiCache", "Evictions", "Sum", true, 0.0),
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "Maximum", true, 70.0),
    ("AWS/ECS", "CPUUtilization", "Maximum", true, 70.0),
    ("AWS/ECS", "MemoryUtilization", "Maximum", true, 70.0),
    ("AWS/ApiGateway", "5XXError", "Average", true, 0.01),
    ("AWS/ApiGateway", "4XXError", "Average", true, 0.03),
    ("AWS/ApiGateway", "Latency", "p90", true, 1_000.0),
    ("AWS/CloudFront", "5xxErrorRate", "Average", true, 0.5),
    ("AWS/Route53", "HealthCheckStatus", "Minimum", false, 0.5),
    ("AWS/NATGateway", "ErrorPortAllocation", "Sum", true, 0.0),
    ("AWS/NATGateway", "PacketsDropCount", "Sum", true, 0.0),
    ("AWS/EFS", "PercentIOLimit", "Maximum", true, 50.0),
    ("AWS/Redshift", "PercentageDiskSpaceUsed", "Maximum", true, 70.0),
    ("AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum", true, 200.0),
];

/// The metrics that are over their limits around `now`.
fn over(world: &World, now: Timestamp) -> BTreeMap<String, f64> {
    let mut out = BTreeMap::new();
    for region in [HOME, VIRGINIA] {
        for metric in listed(world, region, now) {
            for (_, _, stat, more, limit) in
                LIMITS.iter().filter(|l| (l.0, l.1) == (metric.id.namespace.as_str(), metric.id.name.as_str()))
            {
                let values = minutes(world, region, &metric.id, stat, now);
                if let Some(worst) = values.into_iter().find(|v| if *more { v > limit } else { v < limit }) {
                    let thing = metric.id.dimensions.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>().join("/");
                    out.insert(format!("{} {} {thing}", metric.id.namespace, metric.id.name), worst);
                }
            }
        }
    }
    out
}

#[test]
fn a_calm_day_is_far_from_any_limit() {
    for (hours, seed) in [(0.2, 1), (4.0, 2), (9.0, 3), (13.5, 4), (18.0, 1), (30.0, 6), (82.0, 2), (410.0, 9)] {
        for account in Account::ALL {
            let seed = account.seed(seed);
            let config = WorldConfig {
                account,
                scenario: Scenario::Calm,
                seed,
                scale: 1,
                began: began(),
                variation: Variation::default(),
            };
            assert_eq!(over(&World::new(config), at(hours * 60.0)), BTreeMap::new(), "{account:?} at {hours} h");
        }
    }
}

#[test]
fn a_surge_makes_the_orders_wait_and_what_stands_behind_them_suffer() {
    for scenario in [Scenario::Surge, Scenario::BadDay] {
        let world = world(scenario);
        let age = of("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", "orders"));
        let age = |minute: f64| newest(&world, HOME, &age, "Maximum", at(minute)).unwrap();
        assert!(age(7.0) < 10.0 && age(16.0) > 200.0 && age(25.0) > 600.0 && age(45.0) > 1_800.0);
        assert!(age(65.0) < 10.0, "the workers catch up: {}", age(65.0));
        let waiting = of("AWS/SQS", "ApproximateNumberOfMessagesVisible", ("QueueName", "orders"));
        assert!(newest(&world, HOME, &waiting, "Maximum", at(40.0)).unwrap() > 5_000.0);
        let suffering = over(&world, at(30.0));
        for one in ["AWS/Lambda Throttles order-events", "AWS/SQS ApproximateAgeOfOldestMessage orders"] {
            assert!(suffering.contains_key(one), "{one} is not in {suffering:?}");
        }
        assert!(suffering.keys().any(|k| k.starts_with("AWS/CloudFront 5xxErrorRate")), "{suffering:?}");
        assert!(suffering.len() <= 4, "and nothing else: {suffering:?}");
        assert_eq!(over(&world, at(72.0)), BTreeMap::new(), "all of it is over");
    }
}

#[test]
fn an_outage_holds_up_the_replica_and_a_pinned_group_the_containers() {
    let outage = world(Scenario::AzOutage);
    let replica = of("AWS/RDS", "ReplicaLag", ("DBInstanceIdentifier", "shop-db-replica"));
    assert!(newest(&outage, HOME, &replica, "Maximum", at(10.0)).unwrap() > 60.0);
    assert!(newest(&outage, HOME, &replica, "Maximum", at(30.0)).unwrap() < 2.0);
    let pinned = world(Scenario::AsgMax);
    let checkout = MetricId::new("AWS/ECS", "CPUUtilization", &[("ClusterName", "shop"), ("ServiceName", "checkout")]);
    assert!(newest(&pinned, HOME, &checkout, "Average", at(1.0)).unwrap() < 60.0);
    assert!(newest(&pinned, HOME, &checkout, "Average", at(20.0)).unwrap() > 80.0);
}

#[test]
fn scale_does_not_multiply_them() {
    let count = |scale| {
        let world = scaled(Scenario::Calm, 1, scale);
        let of = |region| (listed(&world, region, began()).len(), world.metrics(region, began()).len());
        let ((home, all_home), (abroad, all_abroad)) = (of(HOME), of(VIRGINIA));
        (home + abroad, all_home + all_abroad)
    };
    let ((few, _), (many, all)) = (count(1), count(400));
    assert_eq!(few, many);
    assert!((50_000..=65_000).contains(&all), "{all}");
}
