//! What there is: hosts with the moments of their lives, and what they hang on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::managed::Managed;
use super::{Account, BalancerKind};

/// Everything in one region.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub(super) account: Account,
    pub(super) name: &'static str,
    pub(super) vpc: String,
    pub(super) zones: Vec<String>,
    pub(super) subnets: Vec<SubnetSpec>,
    /// By launch.
    pub(super) hosts: Vec<Host>,
    pub(super) host_by_id: BTreeMap<String, usize>,
    pub(super) groups: Vec<GroupSpec>,
    pub(super) elbs: Vec<ElbSpec>,
    pub(super) balancers: Vec<BalancerSpec>,
    pub(super) target_groups: Vec<TargetGroupSpec>,
    pub(super) managed: Vec<Managed>,
    /// Moments at which the list of instances changes, sorted.
    pub(super) epochs: Vec<Timestamp>,
}

/// A subnet.
#[derive(Debug)]
pub(super) struct SubnetSpec {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) purpose: &'static str,
    pub(super) zone: usize,
    /// First two octets of the VPC's block and the third of this one.
    pub(super) base: [u8; 3],
    pub(super) prefix: u8,
    /// Addresses that things other than instances use.
    pub(super) used: u32,
    /// Hosts whose address is here.
    pub(super) hosts: Vec<usize>,
}

impl SubnetSpec {
    pub(super) fn cidr(&self) -> String {
        let [a, b, c] = self.base;
        format!("{a}.{b}.{c}.0/{}", self.prefix)
    }

    /// Addresses that can be given out.
    pub(super) fn capacity(&self) -> u32 {
        (1u32 << (32 - u32::from(self.prefix.clamp(16, 28)))) - 5
    }
}

/// What a host does: decides how its metrics move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// Behind `web-clb`.
    Web,
    /// Behind `api-alb`.
    Api,
    /// Behind `img-nlb`.
    Img,
    /// Anything else, with its usual CPU percent.
    Other(f64),
    /// A GPU instance at full load.
    Gpu,
}

/// An instance, from launch to end.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) id: String,
    /// Seed of its noise.
    pub(super) hash: u64,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) instance_type: &'static str,
    pub(super) zone: usize,
    pub(super) subnet: usize,
    /// Which address of the subnet.
    pub(super) address: u32,
    pub(super) public: bool,
    pub(super) detailed: bool,
    pub(super) stopped: bool,
    pub(super) group: Option<usize>,
    pub(super) tags: &'static [(&'static str, &'static str)],
    pub(super) launched: Timestamp,
    /// When its group took it into service; its launch for a host without a group.
    pub(super) in_service: Timestamp,
    /// When its group began to take it out ([`Timestamp::MAX`]: it stays).
    pub(super) ending: Timestamp,
    /// When it was told to shut down: after its connections have drained.
    pub(super) killed: Timestamp,
    /// Why it was launched.
    pub(super) launch_cause: String,
    /// Why it was taken out.
    pub(super) end_cause: String,
}

/// Seconds between `RunInstances` and `running`.
pub(super) const BOOT: i64 = 25;
/// Seconds between `shutting-down` and `terminated`.
pub(super) const SHUTDOWN: i64 = 45;
/// Seconds that a terminated instance is listed.
const LISTED: i64 = 3600;
/// Seconds that a balancer takes to accept a new host.
pub(super) const REGISTRATION: i64 = 40;

/// `at` and `seconds`, or the end of time.
pub(super) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

impl Host {
    /// `EC2`'s word for its state at `t`; `None` when it is not listed.
    pub(super) fn state(&self, t: Timestamp) -> Option<&'static str> {
        if t < self.launched || t >= plus(self.killed, LISTED) {
            None
        } else if t >= plus(self.killed, SHUTDOWN) {
            Some("terminated")
        } else if t >= self.killed {
            Some("shutting-down")
        } else if t < plus(self.launched, BOOT) {
            Some("pending")
        } else if self.stopped {
            Some("stopped")
        } else {
            Some("running")
        }
    }

    /// Whether it runs at `t`.
    pub(super) fn runs(&self, t: Timestamp) -> bool {
        plus(self.launched, BOOT) <= t && t < self.killed && !self.stopped
    }

    /// Whether its address is taken at `t`.
    pub(super) fn holds_address(&self, t: Timestamp) -> bool {
        self.launched <= t && t < plus(self.killed, SHUTDOWN)
    }

    /// Auto Scaling's word for its state at `t`; `None` when the group does not list it.
    pub(super) fn lifecycle(&self, t: Timestamp) -> Option<&'static str> {
        if t < self.launched || t >= plus(self.killed, SHUTDOWN) {
            None
        } else if t >= self.ending {
            Some("Terminating")
        } else if t < self.in_service {
            Some("Pending")
        } else {
            Some("InService")
        }
    }

    /// Whether its balancer has it registered and does not drain it.
    pub(super) fn registered(&self, t: Timestamp) -> bool {
        self.in_service <= t && t < self.ending
    }

    /// Whether its balancer is still taking it in.
    pub(super) fn registering(&self, t: Timestamp) -> bool {
        self.registered(t) && t < plus(self.in_service, REGISTRATION)
    }
}

/// A launch that failed.
#[derive(Debug)]
pub(super) struct FailedLaunch {
    pub(super) at: Timestamp,
    pub(super) zone: usize,
    pub(super) message: String,
    pub(super) cause: String,
}

/// An Auto Scaling group.
#[derive(Debug)]
pub(super) struct GroupSpec {
    pub(super) name: String,
    pub(super) hash: u64,
    pub(super) role: Role,
    pub(super) instance_type: &'static str,
    pub(super) min: u32,
    pub(super) max: u32,
    /// Desired capacity from each moment on, the first from the beginning of time.
    pub(super) desired: Vec<(Timestamp, u32)>,
    pub(super) hosts: Vec<usize>,
    pub(super) failures: Vec<FailedLaunch>,
    /// From, to: `ReplaceUnhealthy` and `AZRebalance` suspended by an operator.
    pub(super) suspended: Vec<(Timestamp, Timestamp)>,
    pub(super) subnets: Vec<usize>,
    pub(super) elb: Option<usize>,
    pub(super) target_group: Option<usize>,
    pub(super) metrics_enabled: bool,
    pub(super) created: Timestamp,
    pub(super) tags: &'static [(&'static str, &'static str)],
}

impl GroupSpec {
    /// Desired capacity at `t`.
    pub(super) fn desired_at(&self, t: Timestamp) -> u32 {
        self.desired.iter().rev().find(|(from, _)| *from <= t).or(self.desired.first()).map_or(self.min, |(_, n)| *n)
    }
}

/// A Classic Load Balancer.
#[derive(Debug)]
pub(super) struct ElbSpec {
    pub(super) name: String,
    pub(super) hash: u64,
    pub(super) group: usize,
}

/// An Application or Network Load Balancer.
#[derive(Debug)]
pub(super) struct BalancerSpec {
    pub(super) name: String,
    pub(super) hash: u64,
    pub(super) kind: BalancerKind,
    pub(super) arn: String,
    pub(super) target_group: usize,
    pub(super) role: Role,
}

impl BalancerSpec {
    /// Value of the `LoadBalancer` dimension.
    pub(super) fn dimension(&self) -> &str {
        self.arn.split_once("loadbalancer/").map_or("", |(_, d)| d)
    }
}

/// A target group.
#[derive(Debug)]
pub(super) struct TargetGroupSpec {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) balancer: usize,
    pub(super) group: usize,
    pub(super) port: u16,
}

impl TargetGroupSpec {
    /// Value of the `TargetGroup` dimension.
    pub(super) fn dimension(&self) -> &str {
        self.arn.rsplit_once(':').map_or("", |(_, d)| d)
    }
}
