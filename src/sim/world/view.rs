//! The world as its readers see it: one function a question.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::alarms::{self, AlarmSpec, Replays};
use super::build::{self, REGIONS};
use super::fleet::{Region, Role};
use super::types::{
    Activity, Alarm, AlarmChange, BalancerV2, ClassicElb, Fault, Group, Instance, InstanceHealth, InstanceStatus,
    MetricId, MetricListing, Product, Subnet, TargetGroup, TargetHealth, TrailEvent,
};
use super::{Account, Sample, describe, health, metrics, prices, trail, weather};
use crate::sim::scenario::{Effect, Scenario, Story};

/// What a world is made of. Equal configurations are equal worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldConfig {
    /// Whose world it is.
    pub account: Account,
    /// What goes wrong.
    pub scenario: Scenario,
    /// Seed of everything that looks like chance.
    pub seed: u64,
    /// Size of the fleet: 1 is about 25 instances, 100 about 2,500.
    pub scale: u32,
    /// When the scenario began. There is a past before it.
    pub began: Timestamp,
    /// In what it differs from other tellings of the scenario.
    pub variation: Variation,
}

/// In what one telling of a scenario differs from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// How quickly what the scenario does comes about, in percent of the usual; at least 1.
    pub pace: u32,
    /// How strong a surge is, in percent of the usual.
    pub strength: u32,
    /// Seconds by which CloudWatch's points appear, and are whole, later than they usually do.
    pub publishing: u32,
    /// Seconds between the end of the newest period that CloudWatch's alarms look at and the look.
    pub evaluation: u32,
}

impl Default for Variation {
    fn default() -> Self {
        Self { pace: 100, strength: 100, publishing: 0, evaluation: 60 }
    }
}

/// Something that goes wrong in a world's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The scenario that is about nothing else.
    pub scenario: Scenario,
    /// When it begins.
    pub from: Timestamp,
    /// When it is over; what it leaves behind comes later.
    pub to: Timestamp,
}

/// A simulated AWS account. Share it in an [`Arc`].
///
/// Lists come in a stable order, so that a page can begin where another ended. A region or a name that is unknown
/// gives an empty list or `None`; it is the caller's to make AWS's error of it.
#[derive(Debug)]
pub struct World {
    pub(super) config: WorldConfig,
    pub(super) story: Story,
    regions: Vec<Region>,
    alarms: Vec<Vec<AlarmSpec>>,
    /// Events of the scenario's people.
    pub(super) plot: Vec<trail::Seed>,
    /// Instances that the bill counts.
    pub(super) billed: Vec<Billed>,
    pub(super) replays: Replays,
    listed: Vec<Mutex<Kept<Instance>>>,
    metrics: Vec<Mutex<Kept<MetricListing>>>,
}

/// The newest list that was made, and what moment it stands for.
type Kept<T> = Option<(i64, Arc<[T]>)>;

/// An instance on the bill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Billed {
    from: Timestamp,
    to: Timestamp,
    pub(super) usd_per_hour: f64,
}

impl Billed {
    /// Hours between `from` and `to` that it ran.
    pub(super) fn hours(&self, from: Timestamp, to: Timestamp) -> f64 {
        let (from, to) = (from.max(self.from), to.min(self.to));
        (to.as_second() - from.as_second()).max(0) as f64 / 3600.0
    }
}

/// What the account pays of the list price of its ordinary instances.
const DISCOUNT: f64 = 0.88;

/// The instances on the bill. The extra fleet of a large scale is left out: it runs on a plan paid years ahead, so
/// that the bill of every scale tells the same story.
fn billed(config: &WorldConfig, regions: &[Region]) -> Vec<Billed> {
    let mut out = Vec::new();
    for region in regions {
        for host in &region.hosts {
            let extra = host.group.is_some_and(|g| region.groups[g].name.starts_with("svc-"));
            if extra || host.stopped {
                continue;
            }
            let list = prices::usd_per_hour(host.instance_type, region.name);
            let usd_per_hour = if host.role == Role::Gpu { list } else { list * DISCOUNT };
            // What ran when the scenario began had predecessors.
            let from = if host.launched < config.began { Timestamp::MIN } else { host.launched };
            out.push(Billed { from, to: host.killed, usd_per_hour });
        }
    }
    out
}

impl World {
    /// Builds the world of `config`.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        let Variation { pace, strength, .. } = config.variation;
        let share = |percent: u32| f64::from(percent) / 100.0;
        let mut story = Story::new(config.scenario, config.began).varied(share(pace.max(1)), share(strength));
        story.effects.retain(|e| config.account.reached_by(e.kind));
        let regions = build::build(&config, &story);
        Self {
            plot: trail::plot(&config, &story, &regions),
            billed: billed(&config, &regions),
            alarms: regions.iter().map(alarms::specs).collect(),
            replays: Replays::default(),
            listed: regions.iter().map(|_| Mutex::new(None)).collect(),
            metrics: regions.iter().map(|_| Mutex::new(None)).collect(),
            config,
            story,
            regions,
        }
    }

    /// What it was built from.
    #[must_use]
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> Account {
        self.config.account
    }

    /// The regions that the account uses, its home first.
    #[must_use]
    pub fn regions(&self) -> &'static [&'static str] {
        &REGIONS
    }

    /// What goes wrong, and when, by its beginning: what anybody who watches this world should be told of.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        let incident = |e: &Effect| Incident { scenario: e.kind.scenario(), from: e.from, to: e.to };
        self.story.effects.iter().map(incident).collect()
    }

    /// The home region.
    pub(super) fn home(&self) -> &Region {
        &self.regions[0]
    }

    fn index(&self, region: &str) -> Option<usize> {
        self.regions.iter().position(|r| r.name == region)
    }

    fn region(&self, region: &str) -> Option<&Region> {
        self.regions.iter().find(|r| r.name == region)
    }

    pub(super) fn alarm_specs(&self, region: &Region) -> &[AlarmSpec] {
        self.index(region.name).map_or(&[], |i| &self.alarms[i])
    }

    /// Instances, oldest launch first; terminated ones for an hour.
    pub fn instances(&self, region: &str, now: Timestamp) -> Arc<[Instance]> {
        let Some(index) = self.index(region) else { return Arc::from([]) };
        let region = &self.regions[index];
        // Between two epochs the list stays as it is.
        let epoch = i64::try_from(region.epochs.partition_point(|e| *e <= now)).unwrap_or(-1);
        keep(&self.listed[index], epoch, || {
            region.hosts.iter().filter_map(|h| describe::instance(region, h, now)).collect()
        })
    }

    /// Status checks of the running instances, in the order of [`World::instances`].
    pub fn instance_statuses(&self, region: &str, now: Timestamp) -> Vec<InstanceStatus> {
        let Some(region) = self.region(region) else { return Vec::new() };
        let running = region.hosts.iter().filter(|h| h.runs(now));
        running.map(|h| health::status(self, region, h, now)).collect()
    }

    /// Subnets.
    pub fn subnets(&self, region: &str, now: Timestamp) -> Vec<Subnet> {
        let Some(region) = self.region(region) else { return Vec::new() };
        region.subnets.iter().map(|s| describe::subnet(region, s, now)).collect()
    }

    /// Classic Load Balancers.
    pub fn classic_elbs(&self, region: &str, now: Timestamp) -> Vec<ClassicElb> {
        let Some(region) = self.region(region) else { return Vec::new() };
        region.elbs.iter().map(|e| describe::classic_elb(region, e, now)).collect()
    }

    /// Health of the instances registered at the Classic Load Balancer named `balancer`.
    pub fn instance_health(&self, region: &str, balancer: &str, now: Timestamp) -> Option<Vec<InstanceHealth>> {
        let region = self.region(region)?;
        let spec = region.elbs.iter().find(|e| e.name == balancer)?;
        let hosts = region.groups[spec.group].hosts.iter().map(|h| &region.hosts[*h]);
        Some(hosts.filter(|h| h.registered(now)).map(|h| health::classic(self, region, h, now)).collect())
    }

    /// Application and Network Load Balancers.
    pub fn balancers_v2(&self, region: &str, _now: Timestamp) -> Vec<BalancerV2> {
        let Some(region) = self.region(region) else { return Vec::new() };
        region.balancers.iter().map(|b| describe::balancer(region, b)).collect()
    }

    /// Target groups.
    pub fn target_groups(&self, region: &str, _now: Timestamp) -> Vec<TargetGroup> {
        let Some(region) = self.region(region) else { return Vec::new() };
        region.target_groups.iter().map(|t| describe::target_group(region, t)).collect()
    }

    /// Health of the targets of the group with ARN `target_group`.
    pub fn target_health(&self, region: &str, target_group: &str, now: Timestamp) -> Option<Vec<TargetHealth>> {
        let region = self.region(region)?;
        let spec = region.target_groups.iter().find(|t| t.arn == target_group)?;
        let hosts = region.groups[spec.group].hosts.iter().map(|h| &region.hosts[*h]);
        Some(hosts.filter_map(|h| health::target(self, region, h, spec.port, now)).collect())
    }

    /// Auto Scaling groups.
    pub fn groups(&self, region: &str, now: Timestamp) -> Vec<Group> {
        let Some(region) = self.region(region) else { return Vec::new() };
        region.groups.iter().map(|g| describe::group(self, region, g, now)).collect()
    }

    /// Scaling activities of six weeks, newest first; of one group, or of all.
    pub fn activities(&self, region: &str, group: Option<&str>, now: Timestamp) -> Vec<Activity> {
        let Some(region) = self.region(region) else { return Vec::new() };
        let mut out = Vec::new();
        for spec in region.groups.iter().filter(|g| group.is_none_or(|name| name == g.name)) {
            describe::activities(region, spec, now, &mut out);
        }
        out.sort_by(|a, b| (b.start, &b.id).cmp(&(a.start, &a.id)));
        out
    }

    /// Management events that happened in `from..=to` and were delivered by `now`, newest first.
    ///
    /// A range of weeks holds thousands: see [`World::trail_page`].
    pub fn trail(&self, region: &str, from: Timestamp, to: Timestamp, now: Timestamp) -> Vec<TrailEvent> {
        self.trail_page(region, from, to, now, usize::MAX)
    }

    /// The newest `limit` events of [`World::trail`]; costs as much as it returns.
    pub fn trail_page(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> Vec<TrailEvent> {
        self.region(region).map_or_else(Vec::new, |region| trail::page(self, region, from, to, now, limit))
    }

    /// CloudWatch alarms with their state, by name.
    pub fn alarms(&self, region: &str, now: Timestamp) -> Vec<Alarm> {
        self.region(region).map_or_else(Vec::new, |region| alarms::alarms(self, region, now))
    }

    /// Changes of state in `from..=to` that had happened by `now`, newest first; of one alarm, or of all.
    pub fn alarm_history(
        &self,
        region: &str,
        alarm: Option<&str>,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Vec<AlarmChange> {
        self.region(region).map_or_else(Vec::new, |region| alarms::history(self, region, alarm, from, to, now))
    }

    /// Metrics that had data in the past two weeks, as far as `ListMetrics` knows at `now` (a new one is listed some
    /// minutes after its first point), sorted.
    pub fn metrics(&self, region: &str, now: Timestamp) -> Arc<[MetricListing]> {
        let Some(index) = self.index(region) else { return Arc::from([]) };
        let minute = now.as_second().div_euclid(60);
        let at = Timestamp::from_second(minute * 60).unwrap_or(now);
        keep(&self.metrics[index], minute, || metrics::listings(self, &self.regions[index], at))
    }

    /// What CloudWatch would give of `metric` at `now`: one sample for each `period` seconds from `from` (rounded
    /// down to a minute) that has data, up to but not including `to`, oldest first.
    ///
    /// The newest minutes are missing or partial, as they are at AWS.
    pub fn datapoints(
        &self,
        region: &str,
        metric: &MetricId,
        period: u32,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Vec<Sample> {
        let Some(region) = self.region(region) else { return Vec::new() };
        metrics::datapoints(self, region, metric, period, from, to, now)
    }

    /// The unit of a metric, as `GetMetricStatistics` gives it: `Count`, `Percent`, `Seconds`, `None`, …
    pub fn unit(&self, metric: &MetricId) -> &'static str {
        metrics::unit(metric)
    }

    /// On-demand list prices: every product of the price list, in all regions.
    pub fn products(&self) -> Vec<Product> {
        prices::products()
    }

    /// What goes wrong with a call made at `now`; `None` when nothing does.
    ///
    /// `service` is one of `ec2`, `elb`, `elbv2`, `autoscaling`, `cloudwatch`, `cloudtrail`, `pricing`, `sts`;
    /// `operation` is AWS's name, such as `DescribeInstances`.
    pub fn weather(&self, service: &str, operation: &str, region: &str, now: Timestamp) -> Option<Fault> {
        weather::weather(self, service, operation, region, now)
    }
}

/// The list kept for `key`, or a new one.
fn keep<T>(kept: &Mutex<Kept<T>>, key: i64, make: impl FnOnce() -> Vec<T>) -> Arc<[T]> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, list)) = kept.as_ref().filter(|(of, _)| *of == key) {
        return Arc::clone(list);
    }
    let list: Arc<[T]> = Arc::from(make());
    *kept = Some((key, Arc::clone(&list)));
    list
}
