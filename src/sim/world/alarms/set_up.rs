//! The alarms that the accounts' people have set up.

use super::super::fleet::Region;
use super::super::{
    Account, AlarmOf, AlarmQuery, AlarmWatch, FewSamples, Limit, MetricAlarm, MetricId, QueryOf, Treat,
};
use super::spec::{ABOVE, ABOVE_BAND, AT_LEAST, AlarmSpec, BELOW, OUTSIDE_BAND, alarm, band, composite, percentile};

/// The metric of an alarm.
fn metric(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> MetricId {
    MetricId::new(namespace, name, dimensions)
}

/// The alarms of a region.
pub(in super::super) fn specs(region: &Region) -> Vec<AlarmSpec> {
    match (region.account, region.name) {
        (Account::Main, "ap-northeast-1") => home(region),
        (Account::Main, "us-east-1") => abroad(region),
        (Account::Staging, "ap-northeast-1") => staging(region),
        (Account::Staging, "us-east-1") => vec![budget("Charges of staging are over $500", 500.0)],
        _ => Vec::new(),
    }
}

fn home(region: &Region) -> Vec<AlarmSpec> {
    use Treat::{Breaching, Ignore, NotBreaching};
    let elb = |name: &str| metric("AWS/ELB", name, &[("LoadBalancerName", "web-clb")]);
    let balancer = |stem: &str| region.balancers.iter().find(|b| b.name.starts_with(stem));
    let targets = |namespace, stem: &str, name| {
        let found = balancer(stem);
        let group = found.map_or("", |b| region.target_groups[b.target_group].dimension());
        let dimensions = [("LoadBalancer", found.map_or("", |b| b.dimension())), ("TargetGroup", group)];
        metric(namespace, name, &dimensions)
    };
    let api = balancer("api").map_or("", |b| b.dimension());
    let legacy = region.hosts.iter().find(|h| h.name == "legacy-erp").map_or("", |h| h.id.as_str());
    vec![
        alarm(
            "web-clb-surge-queue",
            "Requests wait for a host at web-clb. Runbook: https://wiki.example.com/web-clb",
            elb("SurgeQueueLength"),
            ("Maximum", ABOVE, 512.0, 3, 3, 60, NotBreaching),
        ),
        alarm(
            "web-clb-unhealthy-hosts",
            "web-clb の異常なホスト",
            elb("UnHealthyHostCount"),
            ("Maximum", ABOVE, 0.0, 2, 2, 60, Treat::Missing),
        ),
        alarm(
            "web-clb-5xx",
            "web-clb turns requests away",
            elb("HTTPCode_ELB_5XX"),
            ("Sum", ABOVE, 500.0, 2, 3, 60, NotBreaching),
        ),
        alarm(
            "api-alb-5xx",
            "api-alb answers with 5XX itself",
            metric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", &[("LoadBalancer", api)]),
            ("Sum", ABOVE, 100.0, 2, 3, 60, NotBreaching),
        ),
        alarm(
            "api-tg-unhealthy-hosts",
            "Unhealthy targets of api-tg",
            targets("AWS/ApplicationELB", "api", "UnHealthyHostCount"),
            ("Maximum", ABOVE, 0.0, 3, 3, 60, Treat::Missing),
        ),
        alarm(
            "img-tg-unhealthy-hosts",
            "Unhealthy targets of img-tg",
            targets("AWS/NetworkELB", "img", "UnHealthyHostCount"),
            ("Maximum", ABOVE, 0.0, 3, 3, 60, Treat::Missing),
        ),
        percentile(
            "web-clb-p99-latency",
            "Slow answers of web-clb",
            elb("Latency"),
            ("p99", ABOVE, 3.0, 3, 3, 60, NotBreaching),
            FewSamples::Ignore,
        ),
        error_share(&elb),
        band(
            "web-clb-requests-anomaly",
            "Far more requests at web-clb than on other days",
            (elb("RequestCount"), "Sum", "ANOMALY_DETECTION_BAND(m1, 3)"),
            (ABOVE_BAND, 3, 3, 60),
        ),
        alarm(
            "web-asg-cpu-high",
            "CPU of web-asg",
            metric("AWS/EC2", "CPUUtilization", &[("AutoScalingGroupName", "web-asg")]),
            ("Average", ABOVE, 80.0, 3, 3, 60, Treat::Missing),
        ),
        alarm(
            "orders-dlq-not-empty",
            "Orders that could not be processed",
            metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", "orders-dlq")]),
            ("Maximum", ABOVE, 0.0, 1, 1, 300, Treat::Missing),
        ),
        alarm(
            "order-events-errors",
            "order-events fails",
            metric("AWS/Lambda", "Errors", &[("FunctionName", "order-events")]),
            ("Sum", ABOVE, 20.0, 1, 1, 300, NotBreaching),
        ),
        alarm(
            "order-events-stopped",
            "order-events is not invoked",
            metric("AWS/Lambda", "Invocations", &[("FunctionName", "order-events")]),
            ("Sum", BELOW, 1.0, 3, 3, 60, Breaching),
        ),
        band(
            "order-events-invocations-anomaly",
            "Far fewer or far more order events than on other days",
            (
                metric("AWS/Lambda", "Invocations", &[("FunctionName", "order-events")]),
                "Sum",
                "ANOMALY_DETECTION_BAND(m1, 3)",
            ),
            (OUTSIDE_BAND, 2, 3, 300),
        ),
        percentile(
            "nightly-report-slow",
            "nightly-report takes more than a minute",
            metric("AWS/Lambda", "Duration", &[("FunctionName", "nightly-report")]),
            ("p90", ABOVE, 60_000.0, 1, 1, 300, Treat::Missing),
            FewSamples::Ignore,
        )
        .in_unit("Milliseconds"),
        alarm(
            "orders-oldest-message",
            "Orders wait for their workers",
            metric("AWS/SQS", "ApproximateAgeOfOldestMessage", &[("QueueName", "orders")]),
            ("Maximum", ABOVE, 600.0, 2, 2, 60, Treat::Missing),
        ),
        alarm(
            "sessions-throttled-reads",
            "sessions is throttled",
            metric("AWS/DynamoDB", "ReadThrottleEvents", &[("TableName", "sessions")]),
            ("Sum", ABOVE, 0.0, 1, 1, 60, Ignore),
        ),
        alarm(
            "shop-db-cpu",
            "CPU of shop-db",
            metric("AWS/RDS", "CPUUtilization", &[("DBInstanceIdentifier", "shop-db")]),
            ("Average", AT_LEAST, 85.0, 3, 5, 60, Treat::Missing),
        ),
        alarm(
            "legacy-erp-死活",
            "旧ERPの死活監視",
            metric("AWS/EC2", "StatusCheckFailed", &[("InstanceId", legacy)]),
            ("Maximum", AT_LEAST, 1.0, 2, 2, 60, Treat::Missing),
        ),
        composite(
            "web-tier",
            "Customers notice web-clb",
            "(ALARM(\"web-clb-surge-queue\") OR ALARM(\"web-clb-5xx\")) AND NOT INSUFFICIENT_DATA(\"web-clb-unhealthy-hosts\")",
        ),
        composite(
            "shop-down",
            "Call somebody",
            "ALARM(web-tier) AND ALARM(orders-oldest-message) OR ALARM(api-tg-unhealthy-hosts) AND ALARM(img-tg-unhealthy-hosts)",
        ),
        alarm(
            "web-clb-errors",
            "web-clb turns requests away for minutes",
            elb("HTTPCode_ELB_5XX"),
            ("Sum", ABOVE, 1_000.0, 1, 1, 300, NotBreaching),
        ),
        percentile(
            "web-clb-slow",
            "One answer of ten takes long",
            elb("Latency"),
            ("p90", ABOVE, 2.0, 1, 1, 300, NotBreaching),
            FewSamples::Evaluate,
        ),
    ]
}

/// Metric math: the share of requests to `web-clb` that end in a 5XX, whoever made it.
fn error_share(elb: &dyn Fn(&str) -> MetricId) -> AlarmSpec {
    let count = |id, name: &str| AlarmQuery { id, of: QueryOf::Metric(elb(name), "Sum"), label: "", wanted: false };
    let share = AlarmQuery {
        id: "share",
        of: QueryOf::Expression("100 * (FILL(hosts, 0) + FILL(own, 0)) / requests"),
        label: "5XX in percent of requests",
        wanted: true,
    };
    let queries = vec![
        share,
        count("hosts", "HTTPCode_Backend_5XX"),
        count("own", "HTTPCode_ELB_5XX"),
        count("requests", "RequestCount"),
    ];
    AlarmSpec {
        name: "web-clb-5xx-share".to_owned(),
        description: "More than five of a hundred requests end in a 5XX",
        watch: AlarmWatch::Metrics(MetricAlarm {
            of: AlarmOf::Queries(queries),
            unit: None,
            period: 60,
            evaluation_periods: 3,
            datapoints_to_alarm: 3,
            limit: Limit::Threshold(5.0),
            comparison: ABOVE,
            missing: Treat::NotBreaching,
            few_samples: None,
        }),
    }
}

fn abroad(region: &Region) -> Vec<AlarmSpec> {
    let runner = region.hosts.iter().find(|h| h.name == "ci-runner-01").map_or("", |h| h.id.as_str());
    vec![
        budget("Charges of the month are over the budget of $8,000", 8_000.0),
        alarm(
            "ci-runner-01-cpu",
            "CPU of ci-runner-01",
            metric("AWS/EC2", "CPUUtilization", &[("InstanceId", runner)]),
            ("Average", ABOVE, 90.0, 3, 3, 300, Treat::Missing),
        ),
    ]
}

fn budget(description: &'static str, dollars: f64) -> AlarmSpec {
    alarm(
        "billing-over-budget",
        description,
        metric("AWS/Billing", "EstimatedCharges", &[("Currency", "USD")]),
        ("Maximum", ABOVE, dollars, 1, 1, 21_600, Treat::Missing),
    )
}

fn staging(region: &Region) -> Vec<AlarmSpec> {
    let balancer = region.balancers.first();
    let group = balancer.map_or("", |b| region.target_groups[b.target_group].dimension());
    let dimensions = [("LoadBalancer", balancer.map_or("", |b| b.dimension())), ("TargetGroup", group)];
    vec![alarm(
        "stg-web-unhealthy-hosts",
        "Unhealthy targets of stg-web-tg",
        metric("AWS/ApplicationELB", "UnHealthyHostCount", &dimensions),
        ("Maximum", ABOVE, 0.0, 5, 5, 60, Treat::Missing),
    )]
}
