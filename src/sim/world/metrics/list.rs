//! Which metrics `ListMetrics` knows.

use jiff::Timestamp;

use super::super::fleet::{Region, plus};
use super::super::noise::{below, mix, mix_text};
use super::super::{BalancerKind, MetricId, MetricListing, World};
use super::{ALB, ALB_TARGETS, ELB, GROUP, HOST, HOST_CREDITS, HOSTS, NLB, NLB_TARGETS, bill, has_credits, managed};
use crate::sim::scenario::EffectKind;

/// Seconds that `ListMetrics` remembers a metric: two weeks.
const REMEMBERED: i64 = 14 * 86_400;

/// Metrics that have data only while something is wrong, and what has to be wrong.
fn only_while(name: &str, namespace: &str) -> Option<fn(EffectKind) -> bool> {
    fn surge(kind: EffectKind) -> bool {
        kind == EffectKind::Surge
    }
    fn outage(kind: EffectKind) -> bool {
        matches!(kind, EffectKind::ZoneOutage(_))
    }
    fn never(_: EffectKind) -> bool {
        false
    }
    match (namespace, name) {
        ("AWS/ELB", "SurgeQueueLength" | "SpilloverCount") => Some(surge),
        ("AWS/ELB", "HTTPCode_ELB_5XX") => Some(|kind| surge(kind) || outage(kind)),
        ("AWS/ELB", "BackendConnectionErrors")
        | ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count" | "TargetConnectionErrorCount")
        | ("AWS/NetworkELB", "TCP_ELB_Reset_Count") => Some(outage),
        ("AWS/ApplicationELB", "RejectedConnectionCount")
        | ("AWS/DynamoDB", "ReadThrottleEvents" | "WriteThrottleEvents")
        | ("AWS/SNS", "NumberOfNotificationsFailed")
        | ("AWS/States", "ExecutionsFailed" | "ExecutionsTimedOut") => Some(never),
        _ => None,
    }
}

struct Lister<'a> {
    world: &'a World,
    now: Timestamp,
    out: Vec<MetricListing>,
}

impl Lister<'_> {
    /// Adds the metrics of `catalogue` for something that had data from `since` to `until`.
    fn add(
        &mut self,
        namespace: &str,
        catalogue: &[(&str, &str)],
        dimensions: &[(&str, &str)],
        since: Timestamp,
        until: Timestamp,
    ) {
        for (name, _) in catalogue {
            let (mut since, mut until) = (since, until);
            if let Some(reason) = only_while(name, namespace) {
                let seen = self.world.story.effects.iter().rfind(|e| reason(e.kind) && plus(e.from, 120) <= self.now);
                let Some(effect) = seen else { continue };
                since = since.max(plus(effect.from, 120));
                until = until.min(effect.to);
            }
            let hash = dimensions.iter().fold(mix_text(self.world.config.seed, name), |h, (_, v)| mix_text(h, v));
            // A new metric is listed some minutes after its first point.
            let listed = plus(since, 180 + i64::try_from(below(mix(hash, 1), 420)).unwrap_or(0));
            if listed > self.now || plus(until, REMEMBERED) < self.now {
                continue;
            }
            let id = MetricId::new(namespace, name, dimensions);
            self.out.push(MetricListing { id, last_active: until.min(plus(self.now, -60)) });
        }
    }
}

/// See [`World::metrics`].
pub(in super::super) fn listings(world: &World, region: &Region, now: Timestamp) -> Vec<MetricListing> {
    let (always, ever) = (Timestamp::MIN, Timestamp::MAX);
    let mut list = Lister { world, now, out: Vec::new() };
    for elb in &region.elbs {
        list.add("AWS/ELB", ELB, &[("LoadBalancerName", &elb.name)], always, ever);
        for zone in &region.zones {
            let dimensions = [("LoadBalancerName", elb.name.as_str()), ("AvailabilityZone", zone)];
            list.add("AWS/ELB", ELB, &dimensions, always, ever);
        }
    }
    for balancer in &region.balancers {
        let (namespace, own, targets) = match balancer.kind {
            BalancerKind::Application => ("AWS/ApplicationELB", ALB, ALB_TARGETS),
            BalancerKind::Network => ("AWS/NetworkELB", NLB, NLB_TARGETS),
        };
        let group = region.target_groups[balancer.target_group].dimension();
        list.add(namespace, own, &[("LoadBalancer", balancer.dimension())], always, ever);
        let dimensions = [("LoadBalancer", balancer.dimension()), ("TargetGroup", group)];
        list.add(namespace, targets, &dimensions, always, ever);
    }
    for host in region.hosts.iter().filter(|h| h.launched <= now && !h.stopped) {
        let dimensions = [("InstanceId", host.id.as_str())];
        list.add("AWS/EC2", HOST, &dimensions, host.launched, host.killed);
        if has_credits(host) {
            list.add("AWS/EC2", &[HOST_CREDITS], &dimensions, host.launched, host.killed);
        }
    }
    for group in &region.groups {
        let dimensions = [("AutoScalingGroupName", group.name.as_str())];
        list.add("AWS/EC2", HOSTS, &dimensions, always, ever);
        if group.metrics_enabled {
            list.add("AWS/AutoScaling", GROUP, &dimensions, always, ever);
        }
    }
    for thing in &region.managed {
        let dimensions: Vec<(&str, &str)> = thing.dimensions.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let until = managed::last_active(thing.service, now);
        list.add(thing.service.namespace(), &managed::catalogue(thing), &dimensions, always, until);
    }
    if region.name == bill::REGION {
        let point = now.as_second().div_euclid(bill::PERIOD) * bill::PERIOD - bill::PERIOD;
        let last = Timestamp::from_second(point).unwrap_or(now);
        let charges: &[(&str, &str)] = &[("EstimatedCharges", "None")];
        list.add("AWS/Billing", charges, &[("Currency", "USD")], always, last);
        for service in &bill::SERVICES {
            let dimensions = [("Currency", "USD"), ("ServiceName", service.name)];
            list.add("AWS/Billing", charges, &dimensions, always, last);
        }
    }
    list.out.sort_by(|a, b| a.id.cmp(&b.id));
    list.out
}
