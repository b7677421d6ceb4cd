//! The world as its readers see it: one function a question.

use std::sync::Arc;

use jiff::Timestamp;

use super::types::{
    Activity, Alarm, AlarmChange, BalancerV2, ClassicElb, Fault, Group, Instance, InstanceHealth, InstanceStatus,
    MetricId, MetricListing, Product, Subnet, TargetGroup, TargetHealth, TrailEvent,
};
use super::{Sample, merge};
use crate::sim::scenario::{Scenario, Story};

/// What a world is made of. Equal configurations are equal worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldConfig {
    /// What goes wrong.
    pub scenario: Scenario,
    /// Seed of everything that looks like chance.
    pub seed: u64,
    /// Size of the fleet: 1 is about 25 instances, 100 about 2,500.
    pub scale: u32,
    /// When the scenario began. There is a past before it.
    pub began: Timestamp,
}

/// A simulated AWS account. Share it in an [`Arc`].
///
/// Lists come in a stable order, so that a page can begin where another ended. A region or a name that is unknown
/// gives an empty list or `None`; it is the caller's to make AWS's error of it.
#[derive(Debug)]
pub struct World {
    config: WorldConfig,
    story: Story,
}

impl World {
    /// Builds the world of `config`.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        Self { config, story: Story::new(config.scenario, config.began) }
    }

    /// What it was built from.
    #[must_use]
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// The account: `123456789012`.
    #[must_use]
    pub fn account_id(&self) -> &'static str {
        "123456789012"
    }

    /// The regions that the account uses, its home first.
    #[must_use]
    pub fn regions(&self) -> &'static [&'static str] {
        &["ap-northeast-1", "us-east-1", "eu-west-1"]
    }

    /// Instances, oldest launch first; terminated ones for an hour.
    pub fn instances(&self, _region: &str, _now: Timestamp) -> Arc<[Instance]> {
        Arc::from([])
    }

    /// Status checks of the running instances, in the order of [`World::instances`].
    pub fn instance_statuses(&self, _region: &str, _now: Timestamp) -> Vec<InstanceStatus> {
        Vec::new()
    }

    /// Subnets.
    pub fn subnets(&self, _region: &str, _now: Timestamp) -> Vec<Subnet> {
        Vec::new()
    }

    /// Classic Load Balancers.
    pub fn classic_elbs(&self, _region: &str, _now: Timestamp) -> Vec<ClassicElb> {
        Vec::new()
    }

    /// Health of the instances registered at the Classic Load Balancer named `balancer`.
    pub fn instance_health(&self, _region: &str, _balancer: &str, _now: Timestamp) -> Option<Vec<InstanceHealth>> {
        None
    }

    /// Application and Network Load Balancers.
    pub fn balancers_v2(&self, _region: &str, _now: Timestamp) -> Vec<BalancerV2> {
        Vec::new()
    }

    /// Target groups.
    pub fn target_groups(&self, _region: &str, _now: Timestamp) -> Vec<TargetGroup> {
        Vec::new()
    }

    /// Health of the targets of the group with ARN `target_group`.
    pub fn target_health(&self, _region: &str, _target_group: &str, _now: Timestamp) -> Option<Vec<TargetHealth>> {
        None
    }

    /// Auto Scaling groups.
    pub fn groups(&self, _region: &str, _now: Timestamp) -> Vec<Group> {
        Vec::new()
    }

    /// Scaling activities of six weeks, newest first; of one group, or of all.
    pub fn activities(&self, _region: &str, _group: Option<&str>, _now: Timestamp) -> Vec<Activity> {
        Vec::new()
    }

    /// Management events that happened in `from..=to` and were delivered by `now`, newest first.
    pub fn trail(&self, _region: &str, _from: Timestamp, _to: Timestamp, _now: Timestamp) -> Vec<TrailEvent> {
        Vec::new()
    }

    /// CloudWatch alarms with their state, by name.
    pub fn alarms(&self, _region: &str, _now: Timestamp) -> Vec<Alarm> {
        Vec::new()
    }

    /// Changes of state in `from..=to` that had happened by `now`, newest first; of one alarm, or of all.
    pub fn alarm_history(
        &self,
        _region: &str,
        _alarm: Option<&str>,
        _from: Timestamp,
        _to: Timestamp,
        _now: Timestamp,
    ) -> Vec<AlarmChange> {
        Vec::new()
    }

    /// Metrics that had data in the past two weeks, as far as `ListMetrics` knows at `now` (a new one is listed some
    /// minutes after its first point), sorted.
    pub fn metrics(&self, _region: &str, _now: Timestamp) -> Arc<[MetricListing]> {
        Arc::from([])
    }

    /// What CloudWatch would give of `metric` at `now`: one sample for each `period` seconds from `from` (rounded
    /// down to a minute) that has data, up to but not including `to`, oldest first.
    ///
    /// The newest minutes are missing or partial, as they are at AWS.
    pub fn datapoints(
        &self,
        _region: &str,
        _metric: &MetricId,
        _period: u32,
        _from: Timestamp,
        _to: Timestamp,
        _now: Timestamp,
    ) -> Vec<Sample> {
        merge(&[]).into_iter().collect()
    }

    /// The unit of a metric, as `GetMetricStatistics` gives it: `Count`, `Percent`, `Seconds`, `None`, …
    pub fn unit(&self, _metric: &MetricId) -> &'static str {
        "None"
    }

    /// On-demand list prices: every product of the price list, in all regions.
    pub fn products(&self) -> Vec<Product> {
        Vec::new()
    }

    /// What goes wrong with a call made at `now`; `None` when nothing does.
    ///
    /// `service` is one of `ec2`, `elb`, `elbv2`, `autoscaling`, `cloudwatch`, `cloudtrail`, `pricing`, `sts`;
    /// `operation` is AWS's name, such as `DescribeInstances`.
    pub fn weather(&self, _service: &str, _operation: &str, _region: &str, now: Timestamp) -> Option<Fault> {
        self.story.effects.iter().any(|e| e.holds(now)).then_some(Fault::Throttle).filter(|_| false)
    }
}
