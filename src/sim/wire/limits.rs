//! How often AWS lets itself be asked: token buckets an account, region and operation (or family of operations), in the
//! time of the simulated world.
//!
//! The figures are those of the services' quota pages and of operators' reports. Where AWS publishes none (Auto Scaling, STS,
//! the price list), nothing is limited. The buckets are a caller's of an account and region as a whole: who else polls the same
//! account has less.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::params::Params;
use super::service::Service;
use crate::sim::world::Account;

/// A limit: its name, how many requests it takes at once, and how many a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limit {
    name: &'static str,
    burst: f64,
    a_second: f64,
}

const fn limit(name: &'static str, burst: f64, a_second: f64) -> Limit {
    Limit { name, burst, a_second }
}

/// The limit that a request falls under. EC2 lets requests that are filtered, or take a page, come more often.
pub(super) fn of(service: Service, operation: &str, params: &Params<'_>) -> Option<Limit> {
    match (service, operation) {
        (Service::CloudWatch, "GetMetricData") => Some(limit("GetMetricData", 50.0, 50.0)),
        (Service::CloudWatch, "GetMetricStatistics") => Some(limit("GetMetricStatistics", 400.0, 400.0)),
        (Service::CloudWatch, "ListMetrics") => Some(limit("ListMetrics", 25.0, 25.0)),
        (Service::CloudWatch, "DescribeAlarms") => Some(limit("DescribeAlarms", 9.0, 9.0)),
        (Service::CloudWatch, "DescribeAlarmHistory") => Some(limit("DescribeAlarmHistory", 20.0, 20.0)),
        (Service::CloudTrail, "LookupEvents") => Some(limit("LookupEvents", 2.0, 2.0)),
        (Service::Elb, _) => Some(limit("elb", 40.0, 10.0)),
        (Service::ElbV2, _) => Some(limit("elbv2", 40.0, 10.0)),
        (Service::Ec2, _) if params.is_narrowed() => Some(limit("ec2", 100.0, 20.0)),
        (Service::Ec2, _) => Some(limit("ec2 unfiltered", 50.0, 10.0)),
        _ => None,
    }
}

/// What is left of each limit.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    left: BTreeMap<(Account, String, &'static str), (f64, Timestamp)>,
}

/// Most buckets kept: a caller may name any region.
const MOST: usize = 10_000;

impl Buckets {
    /// Takes one request out at `now`; `false` when there is none left.
    pub(super) fn take(&mut self, account: Account, region: &str, limit: Limit, now: Timestamp) -> bool {
        let key = (account, region.to_owned(), limit.name);
        if self.left.len() >= MOST && !self.left.contains_key(&key) {
            return true;
        }
        let (left, at) = self.left.entry(key).or_insert((limit.burst, now));
        let passed = now.duration_since(*at).as_secs_f64().max(0.0);
        *left = (*left + passed * limit.a_second).min(limit.burst);
        *at = (*at).max(now);
        let some = *left >= 1.0;
        *left -= f64::from(u8::from(some));
        some
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_bucket_gives_a_burst_and_then_its_rate_in_one_region_of_one_account() {
        let start: Timestamp = "2026-01-14T05:00:00Z".parse().unwrap();
        let at = |ms: i64| start + SignedDuration::from_millis(ms);
        let trail = limit("LookupEvents", 2.0, 2.0);
        let mut buckets = Buckets::default();
        let mut take = |account, region, ms| buckets.take(account, region, trail, at(ms));
        assert!(take(Account::Main, "eu-west-1", 0) && take(Account::Main, "eu-west-1", 0));
        assert!(!take(Account::Main, "eu-west-1", 0));
        assert!(take(Account::Main, "us-east-1", 0) && take(Account::Staging, "eu-west-1", 0), "buckets of their own");
        assert!(!take(Account::Main, "eu-west-1", 400));
        assert!(take(Account::Main, "eu-west-1", 500), "a refused request costs nothing");
        assert!(!take(Account::Main, "eu-west-1", 300), "the clock was set back: nothing comes of it");
        assert!(take(Account::Main, "eu-west-1", 60_000) && take(Account::Main, "eu-west-1", 60_000));
        assert!(!take(Account::Main, "eu-west-1", 60_000), "no more is saved up than the burst");
    }
}
