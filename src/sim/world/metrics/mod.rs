//! CloudWatch's side of the world: which metrics there are, what they hold, and how late it can be seen.
//!
//! In: a metric's name and a time range. Out: samples. A metric is resolved once into a [`Source`], which says where
//! its numbers come from; `record` then computes any one of its periods.

mod bill;
mod ec2;
mod elb;
mod list;
mod managed;
mod publish;

pub(super) use list::listings;
pub(super) use publish::datapoints;

use jiff::Timestamp;

use super::fleet::{Host, Region};
use super::{MetricId, Sample, World};

/// Where a metric's numbers come from. Indices are into the [`Region`]; names come from the catalogues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    /// A Classic balancer, or its part in one zone.
    Elb { elb: usize, zone: Option<usize>, name: &'static str },
    /// An Application Load Balancer, or one of its target groups.
    Alb { balancer: usize, of_targets: bool, name: &'static str },
    /// A Network Load Balancer, or one of its target groups.
    Nlb { balancer: usize, of_targets: bool, name: &'static str },
    /// An instance.
    Host { host: usize, name: &'static str },
    /// The instances of a group.
    Hosts { group: usize, name: &'static str },
    /// An Auto Scaling group.
    Group { group: usize, name: &'static str },
    /// A thing of a managed service.
    Managed { thing: usize, name: &'static str },
    /// The bill: all of it, or a service's part.
    Bill { service: Option<usize> },
}

/// Names and units in each namespace, in the order `ListMetrics` sorts them.
pub(super) const ELB: &[(&str, &str)] = &[
    ("BackendConnectionErrors", "Count"),
    ("HTTPCode_Backend_2XX", "Count"),
    ("HTTPCode_Backend_4XX", "Count"),
    ("HTTPCode_Backend_5XX", "Count"),
    ("HTTPCode_ELB_5XX", "Count"),
    ("HealthyHostCount", "Count"),
    ("Latency", "Seconds"),
    ("RequestCount", "Count"),
    ("SpilloverCount", "Count"),
    ("SurgeQueueLength", "Count"),
    ("UnHealthyHostCount", "Count"),
];
pub(super) const ALB: &[(&str, &str)] = &[
    ("ActiveConnectionCount", "Count"),
    ("ConsumedLCUs", "Count"),
    ("HTTPCode_ELB_5XX_Count", "Count"),
    ("HTTPCode_Target_2XX_Count", "Count"),
    ("HTTPCode_Target_4XX_Count", "Count"),
    ("HTTPCode_Target_5XX_Count", "Count"),
    ("NewConnectionCount", "Count"),
    ("ProcessedBytes", "Bytes"),
    ("RejectedConnectionCount", "Count"),
    ("RequestCount", "Count"),
    ("TargetConnectionErrorCount", "Count"),
    ("TargetResponseTime", "Seconds"),
];
pub(super) const ALB_TARGETS: &[(&str, &str)] = &[
    ("HTTPCode_Target_2XX_Count", "Count"),
    ("HTTPCode_Target_5XX_Count", "Count"),
    ("HealthyHostCount", "Count"),
    ("RequestCount", "Count"),
    ("RequestCountPerTarget", "Count"),
    ("TargetConnectionErrorCount", "Count"),
    ("TargetResponseTime", "Seconds"),
    ("UnHealthyHostCount", "Count"),
];
pub(super) const NLB: &[(&str, &str)] = &[
    ("ActiveFlowCount", "Count"),
    ("ConsumedLCUs", "Count"),
    ("NewFlowCount", "Count"),
    ("ProcessedBytes", "Bytes"),
    ("TCP_Client_Reset_Count", "Count"),
    ("TCP_ELB_Reset_Count", "Count"),
    ("TCP_Target_Reset_Count", "Count"),
];
pub(super) const NLB_TARGETS: &[(&str, &str)] = &[("HealthyHostCount", "Count"), ("UnHealthyHostCount", "Count")];
pub(super) const HOST: &[(&str, &str)] = &[
    ("CPUUtilization", "Percent"),
    ("NetworkIn", "Bytes"),
    ("NetworkOut", "Bytes"),
    ("StatusCheckFailed", "Count"),
    ("StatusCheckFailed_Instance", "Count"),
    ("StatusCheckFailed_System", "Count"),
];
pub(super) const HOST_CREDITS: (&str, &str) = ("CPUCreditBalance", "Count");
pub(super) const HOSTS: &[(&str, &str)] = &[("CPUUtilization", "Percent")];
pub(super) const GROUP: &[(&str, &str)] = &[
    ("GroupDesiredCapacity", "None"),
    ("GroupInServiceInstances", "None"),
    ("GroupMaxSize", "None"),
    ("GroupMinSize", "None"),
    ("GroupPendingInstances", "None"),
    ("GroupTotalInstances", "None"),
];
/// Whether `host` has a balance of CPU credits.
pub(super) fn has_credits(host: &Host) -> bool {
    host.instance_type.starts_with("t3")
}

fn known(catalogue: &[(&'static str, &str)], name: &str) -> Option<&'static str> {
    catalogue.iter().find(|(known, _)| *known == name).map(|(known, _)| *known)
}

/// Where the numbers of `metric` come from; `None` when the region has no such metric.
pub(super) fn resolve(region: &Region, metric: &MetricId) -> Option<Source> {
    let dimensions: Vec<(&str, &str)> = metric.dimensions.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    match (metric.namespace.as_str(), dimensions.as_slice()) {
        ("AWS/ELB", [rest @ .., ("LoadBalancerName", name)]) => {
            let zone = match rest {
                [] => None,
                [("AvailabilityZone", zone)] => Some(region.zones.iter().position(|z| z == zone)?),
                _ => return None,
            };
            let elb = region.elbs.iter().position(|e| e.name == *name)?;
            Some(Source::Elb { elb, zone, name: known(ELB, &metric.name)? })
        }
        (space @ ("AWS/ApplicationELB" | "AWS/NetworkELB"), [("LoadBalancer", name), rest @ ..]) => {
            let balancer = region.balancers.iter().position(|b| b.dimension() == *name)?;
            let spec = &region.balancers[balancer];
            let of_targets = match rest {
                [] => false,
                [("TargetGroup", group)] if region.target_groups[spec.target_group].dimension() == *group => true,
                _ => return None,
            };
            match (space, spec.kind, of_targets) {
                ("AWS/ApplicationELB", super::BalancerKind::Application, _) => {
                    let name = known(if of_targets { ALB_TARGETS } else { ALB }, &metric.name)?;
                    Some(Source::Alb { balancer, of_targets, name })
                }
                ("AWS/NetworkELB", super::BalancerKind::Network, _) => {
                    let name = known(if of_targets { NLB_TARGETS } else { NLB }, &metric.name)?;
                    Some(Source::Nlb { balancer, of_targets, name })
                }
                _ => None,
            }
        }
        ("AWS/EC2", [("InstanceId", id)]) => {
            let host = *region.host_by_id.get(*id)?;
            let name = known(HOST, &metric.name).or_else(|| {
                (metric.name == HOST_CREDITS.0 && has_credits(&region.hosts[host])).then_some(HOST_CREDITS.0)
            })?;
            Some(Source::Host { host, name })
        }
        ("AWS/EC2", [("AutoScalingGroupName", name)]) => {
            let group = region.groups.iter().position(|g| g.name == *name)?;
            Some(Source::Hosts { group, name: known(HOSTS, &metric.name)? })
        }
        ("AWS/AutoScaling", [("AutoScalingGroupName", name)]) => {
            let group = region.groups.iter().position(|g| g.name == *name && g.metrics_enabled)?;
            Some(Source::Group { group, name: known(GROUP, &metric.name)? })
        }
        ("AWS/Billing", [("Currency", "USD"), rest @ ..]) if metric.name == "EstimatedCharges" => {
            if region.name != bill::REGION {
                return None;
            }
            let service = match rest {
                [] => None,
                [("ServiceName", name)] => Some(bill::SERVICES.iter().position(|s| s.name == *name)?),
                _ => return None,
            };
            Some(Source::Bill { service })
        }
        _ => managed::resolve(region, metric).map(|(thing, name)| Source::Managed { thing, name }),
    }
}

/// The unit of a metric.
pub(super) fn unit(metric: &MetricId) -> &'static str {
    if let Some(unit) = managed::unit_of(metric) {
        return unit;
    }
    let catalogues = match metric.namespace.as_str() {
        "AWS/ELB" => [ELB, &[]],
        "AWS/ApplicationELB" => [ALB, ALB_TARGETS],
        "AWS/NetworkELB" => [NLB, NLB_TARGETS],
        "AWS/EC2" => [HOST, &[HOST_CREDITS]],
        _ => [GROUP, &[]],
    };
    catalogues.into_iter().flatten().find(|(name, _)| *name == metric.name).map_or("None", |(_, unit)| *unit)
}

/// The whole period of `source` that begins at `at`, as it is once all data is in; `None` where AWS has nothing.
pub(super) fn record(world: &World, region: &Region, source: Source, at: Timestamp) -> Option<Sample> {
    match source {
        Source::Elb { elb, zone, name } => elb::classic(world, region, elb, zone, name, at),
        Source::Alb { balancer, of_targets, name } => elb::application(world, region, balancer, of_targets, name, at),
        Source::Nlb { balancer, of_targets, name } => elb::network(world, region, balancer, of_targets, name, at),
        Source::Host { host, name } => ec2::host(world, region, host, name, at),
        Source::Hosts { group, .. } => ec2::hosts(world, region, group, at),
        Source::Group { group, name } => Some(ec2::group(region, group, name, at)),
        Source::Managed { thing, name } => managed::record(world, &region.managed[thing], name, at),
        Source::Bill { service } => Some(bill::record(world, service, at)),
    }
}
