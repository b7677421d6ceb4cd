//! The alarms that the account's people have set up.

use super::super::fleet::Region;
use super::super::{Account, MetricId};
use super::evaluate::Treat;
use super::metric;

/// An alarm as configured.
#[derive(Debug)]
pub(in super::super) struct AlarmSpec {
    pub(in super::super) name: String,
    pub(in super::super) description: &'static str,
    pub(in super::super) metric: MetricId,
    pub(in super::super) statistic: &'static str,
    /// Seconds.
    pub(in super::super) period: u32,
    /// N.
    pub(in super::super) periods: u32,
    /// M.
    pub(in super::super) to_alarm: u32,
    pub(in super::super) threshold: f64,
    pub(in super::super) comparison: &'static str,
    pub(in super::super) missing: Treat,
}

impl AlarmSpec {
    /// Whether `value` is over the limit.
    pub(super) fn breaches(&self, value: f64) -> bool {
        match self.comparison {
            ABOVE => value > self.threshold,
            BELOW => value < self.threshold,
            _ => value >= self.threshold,
        }
    }

    /// AWS's words for the comparison.
    pub(super) fn words(&self) -> &'static str {
        match self.comparison {
            ABOVE => "greater than",
            BELOW => "less than",
            _ => "greater than or equal to",
        }
    }
}

const ABOVE: &str = "GreaterThanThreshold";
const BELOW: &str = "LessThanThreshold";
const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";

/// Statistic, comparison, threshold, M, N, period, missing.
type Condition = (&'static str, &'static str, f64, u32, u32, u32, Treat);

fn alarm(name: &str, description: &'static str, metric: MetricId, condition: Condition) -> AlarmSpec {
    let (statistic, comparison, threshold, to_alarm, periods, period, missing) = condition;
    AlarmSpec {
        name: name.to_owned(),
        description,
        metric,
        statistic,
        period,
        periods,
        to_alarm,
        threshold,
        comparison,
        missing,
    }
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
    let elb = |name| metric("AWS/ELB", name, &[("LoadBalancerName", "web-clb")]);
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
    ]
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
