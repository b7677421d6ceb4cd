//! Signals: the named numbers that a resource has over time, and the keys of their series.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Detail, Kind, Resource, ResourceId, Text};

/// A named number: a CloudWatch metric with its statistic, or something read from an API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// A CloudWatch metric.
    Metric(Metric),
    /// A number that a Describe call gives.
    Api(ApiSignal),
}

impl Signal {
    /// Seconds from the start of one point to the next one's: the slot of its series.
    #[must_use]
    pub fn step(&self) -> u32 {
        match self {
            Self::Metric(m) => m.step(),
            Self::Api(_) => ApiSignal::PERIOD,
        }
    }

    /// The name shown to a person: the metric's, or the API signal's.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Metric(m) => &m.name,
            Self::Api(a) => a.as_str(),
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metric(m) => write!(f, "{}/{} {}", m.namespace, m.name, m.stat),
            Self::Api(a) => f.write_str(a.as_str()),
        }
    }
}

/// A CloudWatch metric of one resource. Its dimensions follow from the resource: see [`dimensions`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// Such as `AWS/ELB`.
    pub namespace: Text,
    /// Such as `SurgeQueueLength`.
    pub name: Text,
    /// Such as `Maximum`, `Sum`, `p99`.
    pub stat: Text,
    /// Seconds that each point stands for.
    pub period: u32,
    /// Seconds from the start of one point to the next one's, where that is less than the period: the window slides, and
    /// points overlap. 0, which is usual: a point begins where the one before it ends.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slide: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Metric {
    /// The metric `namespace/name` with `stat` over `period` seconds, side by side.
    pub fn new(namespace: &str, name: &str, stat: &str, period: u32) -> Self {
        Self { namespace: namespace.into(), name: name.into(), stat: stat.into(), period, slide: 0 }
    }

    /// Seconds from the start of one point to the next one's.
    #[must_use]
    pub fn step(&self) -> u32 {
        if self.slide == 0 { self.period } else { self.slide }
    }

    /// It with a window that slides by `step` seconds; side by side where that is no whole part of the period.
    #[must_use]
    pub fn sliding(self, step: u32) -> Self {
        let slides = step > 0 && step < self.period && self.period.is_multiple_of(step);
        Self { slide: if slides { step } else { 0 }, ..self }
    }

    /// It with points side by side.
    #[must_use]
    pub fn side_by_side(self) -> Self {
        Self { slide: 0, ..self }
    }
}

/// A number that a Describe call gives, free and without CloudWatch's delay.
///
/// The model records each as a series when it applies the observation that holds it, one point a
/// [`ApiSignal::PERIOD`], the last reading of a period standing for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiSignal {
    /// Members that are unhealthy (balancers, target groups).
    UnhealthyTargets,
    /// Members that are healthy.
    HealthyTargets,
    /// Members that count: all but draining and unused ones.
    TotalTargets,
    /// Availability Zones in which every member that counts is unhealthy.
    UnhealthyZones,
    /// Members of the worst zone that are unhealthy: see [`Members::worst_zone`](super::Members::worst_zone).
    UnhealthyTargetsInWorstZone,
    /// Members of the worst zone that are healthy.
    HealthyTargetsInWorstZone,
    /// Members of the worst zone that count.
    TotalTargetsInWorstZone,
    /// Desired capacity of a group.
    DesiredCapacity,
    /// Minimum size of a group.
    MinSize,
    /// Maximum size of a group.
    MaxSize,
    /// Instances of a group that are `InService`.
    InService,
    /// Instances of a group that are `Pending…`.
    Pending,
    /// Suspended processes of a group.
    SuspendedProcesses,
    /// Status checks of an instance that are impaired, 0 to 2.
    StatusChecksFailed,
    /// Free addresses of a subnet.
    FreeAddresses,
    /// Free addresses of a subnet, percent of what its block can give out.
    FreeAddressesPercent,
    /// What an account's running instances cost, US dollars an hour by the price list.
    DollarsPerHour,
    /// What they usually cost: see [`Baseline`](super::Baseline).
    DollarsPerHourBaseline,
}

impl ApiSignal {
    /// Width of one point in seconds.
    pub const PERIOD: u32 = 60;

    /// Every API signal.
    pub const ALL: [Self; 18] = [
        Self::UnhealthyTargets,
        Self::HealthyTargets,
        Self::TotalTargets,
        Self::UnhealthyZones,
        Self::UnhealthyTargetsInWorstZone,
        Self::HealthyTargetsInWorstZone,
        Self::TotalTargetsInWorstZone,
        Self::DesiredCapacity,
        Self::MinSize,
        Self::MaxSize,
        Self::InService,
        Self::Pending,
        Self::SuspendedProcesses,
        Self::StatusChecksFailed,
        Self::FreeAddresses,
        Self::FreeAddressesPercent,
        Self::DollarsPerHour,
        Self::DollarsPerHourBaseline,
    ];

    /// Its name in rule files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnhealthyTargets => "unhealthy_targets",
            Self::HealthyTargets => "healthy_targets",
            Self::TotalTargets => "total_targets",
            Self::UnhealthyZones => "unhealthy_zones",
            Self::UnhealthyTargetsInWorstZone => "unhealthy_targets_in_worst_zone",
            Self::HealthyTargetsInWorstZone => "healthy_targets_in_worst_zone",
            Self::TotalTargetsInWorstZone => "total_targets_in_worst_zone",
            Self::DesiredCapacity => "desired_capacity",
            Self::MinSize => "min_size",
            Self::MaxSize => "max_size",
            Self::InService => "in_service",
            Self::Pending => "pending",
            Self::SuspendedProcesses => "suspended_processes",
            Self::StatusChecksFailed => "status_checks_failed",
            Self::FreeAddresses => "free_addresses",
            Self::FreeAddressesPercent => "free_addresses_percent",
            Self::DollarsPerHour => "dollars_per_hour",
            Self::DollarsPerHourBaseline => "dollars_per_hour_baseline",
        }
    }

    /// Whether it is a number of the members of a balancer or a target group.
    #[must_use]
    pub fn is_of_members(self) -> bool {
        matches!(self, Self::UnhealthyTargets | Self::HealthyTargets | Self::TotalTargets) || self.is_of_zones()
    }

    /// Whether it is a number of the zones of members: it needs to be known where they run.
    #[must_use]
    pub fn is_of_zones(self) -> bool {
        matches!(
            self,
            Self::UnhealthyZones
                | Self::UnhealthyTargetsInWorstZone
                | Self::HealthyTargetsInWorstZone
                | Self::TotalTargetsInWorstZone
        )
    }

    /// How long its points are kept, in seconds.
    #[must_use]
    pub fn kept(self) -> u32 {
        10_800
    }

    /// The API signal named `name`, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// What `resource` reads now, or `None` where it has no such number or it was not read.
    #[must_use]
    pub fn read(self, resource: &Resource) -> Option<f64> {
        let count = |n: usize| u32::try_from(n).ok().map(f64::from);
        match &resource.detail {
            Detail::Balancer(super::Balancer { members: Some(m), .. })
            | Detail::TargetGroup(super::TargetGroup { members: Some(m), .. }) => match self {
                Self::UnhealthyTargets => count(m.count(super::HealthState::Unhealthy)),
                Self::HealthyTargets => count(m.count(super::HealthState::Healthy)),
                Self::TotalTargets => count(m.expected()),
                Self::UnhealthyZones => count(m.unhealthy_zones()?),
                Self::UnhealthyTargetsInWorstZone => count(m.worst_zone()?.unhealthy),
                Self::HealthyTargetsInWorstZone => count(m.worst_zone()?.healthy),
                Self::TotalTargetsInWorstZone => count(m.worst_zone()?.total),
                _ => None,
            },
            Detail::AutoScalingGroup(g) => match self {
                Self::DesiredCapacity => Some(g.desired.into()),
                Self::MinSize => Some(g.min.into()),
                Self::MaxSize => Some(g.max.into()),
                Self::InService => Some(g.in_service().into()),
                Self::Pending => Some(g.pending().into()),
                Self::SuspendedProcesses => count(g.suspended.len()),
                _ => None,
            },
            Detail::Instance(i) => match self {
                Self::StatusChecksFailed => i.status.as_ref().map(|s| f64::from(s.failed())),
                _ => None,
            },
            Detail::Subnet(s) => match self {
                Self::FreeAddresses => Some(s.available.into()),
                Self::FreeAddressesPercent => {
                    s.capacity().filter(|c| *c > 0).map(|c| 100.0 * f64::from(s.available) / f64::from(c))
                }
                _ => None,
            },
            Detail::Bill(burn) => match self {
                Self::DollarsPerHour => burn.is_whole().then_some(burn.dollars_per_hour),
                Self::DollarsPerHourBaseline => burn.baseline.filter(|_| burn.is_whole()).map(|b| b.dollars_per_hour),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Names one series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesKey {
    /// Whose.
    pub resource: ResourceId,
    /// Which number.
    pub signal: Signal,
}

/// The dimensions under which CloudWatch keeps the metrics of `resource` in `namespace`, sorted by name, or `None`
/// where the resource has none there. See [`metric_dimensions`](super::metric_dimensions) for one metric's.
#[must_use]
pub fn dimensions(resource: &Resource, namespace: &str) -> Option<Vec<(Text, Text)>> {
    let one = |name: &str, value: &str| Some(vec![(Text::from(name), Text::from(value))]);
    match (resource.id.kind, &resource.detail, namespace) {
        (Kind::ClassicElb, _, "AWS/ELB") => one("LoadBalancerName", &resource.id.id),
        (Kind::Alb, Detail::Balancer(b), "AWS/ApplicationELB") | (Kind::Nlb, Detail::Balancer(b), "AWS/NetworkELB") => {
            one("LoadBalancer", arn_suffix(&b.arn, "loadbalancer/")?)
        }
        (Kind::TargetGroup, Detail::TargetGroup(t), "AWS/ApplicationELB" | "AWS/NetworkELB") => {
            let of = match t.balancer_kind? {
                Kind::Alb => "AWS/ApplicationELB",
                Kind::Nlb => "AWS/NetworkELB",
                _ => return None,
            };
            if of != namespace {
                return None;
            }
            let balancer = arn_suffix(t.balancers.first()?, "loadbalancer/")?;
            let group = t.arn.rsplit_once(':').map(|(_, g)| g)?;
            Some(vec![("LoadBalancer".into(), balancer.into()), ("TargetGroup".into(), group.into())])
        }
        (Kind::AutoScalingGroup, _, "AWS/AutoScaling" | "AWS/EC2") => one("AutoScalingGroupName", &resource.id.id),
        (Kind::Instance, _, "AWS/EC2") => one("InstanceId", &resource.id.id),
        (Kind::Bill, _, "AWS/Billing") => one("Currency", "USD"),
        _ => super::service::service_dimensions(resource, namespace),
    }
}

fn arn_suffix<'a>(arn: &'a str, mark: &str) -> Option<&'a str> {
    arn.split_once(mark).map(|(_, rest)| rest).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Metric;

    #[test]
    fn what_was_recorded_before_windows_slid_stands_side_by_side_and_is_written_so_still() {
        let old = r#"{"namespace":"AWS/ELB","name":"Latency","stat":"p99","period":300}"#;
        let metric: Metric = serde_json::from_str(old).expect("it is read");
        assert_eq!(metric, Metric::new("AWS/ELB", "Latency", "p99", 300));
        assert_eq!(serde_json::to_string(&metric).expect("it is written"), old);
        let sliding = metric.clone().sliding(60);
        assert_eq!((metric.step(), sliding.step(), sliding.clone().side_by_side()), (300, 60, metric.clone()));
        let again = serde_json::to_string(&sliding).and_then(|text| serde_json::from_str::<Metric>(&text));
        assert_eq!(again.expect("it is read"), sliding);
        for step in [0, 7, 300, 600] {
            assert_eq!(metric.clone().sliding(step), metric, "{step} is no whole part of the period");
        }
    }
}
