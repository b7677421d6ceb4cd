//! What AWS runs for the user: load balancers, target groups, groups, instances, subnets, alarms and the bill.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Alarm, Burn, Kind, Scope, Text};

/// Names one resource: unique over all accounts and regions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceId {
    /// Where it lives.
    pub scope: Scope,
    /// What it is.
    pub kind: Kind,
    /// Its name or id as AWS's API takes it: a Classic balancer's name, an ALB's, NLB's or target group's *name*
    /// (its ARN is in the detail), a group's name, an instance id, a subnet id, an alarm's name;
    /// `estimated-charges` for the bill, `management-events` for the trail, the poller's name for a poller. What
    /// CloudWatch lists is named by its [`Service`](super::Service): a function's name, `cluster/service`.
    pub id: Text,
}

impl ResourceId {
    /// The resource `id` of `kind` in `scope`.
    pub fn new(scope: &Scope, kind: Kind, id: impl Into<Text>) -> Self {
        Self { scope: scope.clone(), kind, id: id.into() }
    }
}

// Few have a name in common, and those are told apart by their whole id.
impl std::hash::Hash for ResourceId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.scope, self.kind, self.id)
    }
}

/// A resource as last read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Which one.
    pub id: ResourceId,
    /// Its `Name` tag where it has one (instances, subnets), else its id's last part.
    pub name: Text,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<Text, Text>,
    /// What is particular to its kind.
    pub detail: Detail,
}

impl Resource {
    /// Whether its tags could not be read when it was: what [`tags`](Self::tags) holds is older, or none. Of most kinds they
    /// come with the listing itself.
    #[must_use]
    pub fn tags_unread(&self) -> bool {
        match &self.detail {
            Detail::Balancer(b) => b.tags_unread,
            Detail::TargetGroup(t) => t.tags_unread,
            _ => false,
        }
    }

    /// Says whether its tags could not be read; nothing of kinds whose tags come with the listing.
    pub fn set_tags_unread(&mut self, unread: bool) {
        match &mut self.detail {
            Detail::Balancer(b) => b.tags_unread = unread,
            Detail::TargetGroup(t) => t.tags_unread = unread,
            _ => {}
        }
    }
}

/// What is particular to a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// Classic, Application or Network Load Balancer.
    Balancer(Balancer),
    /// Target group.
    TargetGroup(TargetGroup),
    /// Auto Scaling group.
    AutoScalingGroup(AutoScalingGroup),
    /// EC2 instance.
    Instance(Instance),
    /// VPC subnet.
    Subnet(Subnet),
    /// CloudWatch alarm.
    Alarm(Alarm),
    /// EBS volume.
    Volume(Volume),
    /// An account's bill, with what its running instances cost an hour.
    Bill(Burn),
    /// The trail, a bill of which no more is known, what CloudWatch lists: nothing beyond their series and events.
    None,
}

impl Detail {
    /// When it was made, where AWS says so of its kind.
    pub(super) fn created(&self) -> Option<Timestamp> {
        match self {
            Self::Balancer(b) => b.created,
            Self::AutoScalingGroup(g) => g.created,
            _ => None,
        }
    }

    /// Whether this is another thing of the same name as `before`: made later, or with another ARN where the ARN says
    /// which of them it is.
    pub(super) fn is_anew(&self, before: &Self) -> bool {
        let arns = match (before, self) {
            (Self::Balancer(a), Self::Balancer(b)) => Some((&a.arn, &b.arn)),
            (Self::TargetGroup(a), Self::TargetGroup(b)) => Some((&a.arn, &b.arn)),
            _ => None,
        };
        arns.is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && a != b)
            || matches!((before.created(), self.created()), (Some(a), Some(b)) if a < b)
    }
}

/// A load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balancer {
    /// The ARN; empty for a Classic Load Balancer, which has none in its API.
    pub arn: Text,
    /// DNS name.
    pub dns_name: Text,
    /// `internet-facing` or `internal`.
    pub scheme: Text,
    /// `active`, `provisioning`, `active_impaired`, `failed`; empty for Classic.
    pub state: Text,
    /// Availability Zones it serves.
    pub zones: Vec<Text>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Security groups.
    pub security_groups: Vec<Text>,
    /// Registered instances of a Classic balancer with their health. `None`: not read yet.
    pub members: Option<Members>,
    /// Whether its tags, which come with a call of their own, could not be read: those that stand here are older, or none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags_unread: bool,
}

/// A target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// The ARN.
    pub arn: Text,
    /// `HTTP`, `TCP`, …
    pub protocol: Text,
    /// The port targets are registered with by default.
    pub port: Option<u16>,
    /// ARNs of the balancers that route to it.
    pub balancers: Vec<Text>,
    /// Kind of the (first) balancer that routes to it, so that its metrics' namespace is known.
    pub balancer_kind: Option<Kind>,
    /// Registered targets with their health. `None`: not read yet.
    pub members: Option<Members>,
    /// Whether its tags could not be read, as a balancer's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags_unread: bool,
}

/// The registered hosts of a balancer or target group, from `DescribeInstanceHealth` or `DescribeTargetHealth`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Members {
    /// When they were read.
    pub at: Timestamp,
    /// One entry a host and port.
    pub list: Vec<Member>,
}

impl Members {
    /// How many are in `state`.
    #[must_use]
    pub fn count(&self, state: HealthState) -> usize {
        self.list.iter().filter(|m| m.state == state).count()
    }

    /// Those that should serve and do not.
    pub fn unhealthy(&self) -> impl Iterator<Item = &Member> {
        self.list.iter().filter(|m| m.state == HealthState::Unhealthy)
    }

    /// How many count for "healthy of total": all but draining and unused ones.
    #[must_use]
    pub fn expected(&self) -> usize {
        self.list.iter().filter(|m| !matches!(m.state, HealthState::Draining | HealthState::Unused)).count()
    }
}

/// The members of one Availability Zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneMembers {
    /// The zone; empty where there is no member that counts.
    pub zone: Text,
    /// Those that should serve and do not.
    pub unhealthy: usize,
    /// Those that serve.
    pub healthy: usize,
    /// Those that count: all but draining and unused ones.
    pub total: usize,
}

impl Members {
    /// The members that count, by zone; zones that have none are left out. `None` where the zone of one is not known: what
    /// is true of a whole zone cannot be told then.
    #[must_use]
    pub fn by_zone(&self) -> Option<Vec<ZoneMembers>> {
        let mut zones: BTreeMap<&Text, ZoneMembers> = BTreeMap::new();
        for m in self.list.iter().filter(|m| !matches!(m.state, HealthState::Draining | HealthState::Unused)) {
            let zone = m.known_zone()?;
            let of = zones.entry(zone).or_insert_with(|| ZoneMembers { zone: zone.clone(), ..ZoneMembers::default() });
            of.total += 1;
            of.unhealthy += usize::from(m.state == HealthState::Unhealthy);
            of.healthy += usize::from(m.state == HealthState::Healthy);
        }
        Some(zones.into_values().collect())
    }

    /// How many zones have members that count, all of which are unhealthy. `None` where that depends on a zone that is not
    /// known.
    #[must_use]
    pub fn unhealthy_zones(&self) -> Option<usize> {
        if self.unhealthy().next().is_none() {
            return Some(0);
        }
        Some(self.by_zone()?.iter().filter(|z| z.unhealthy == z.total).count())
    }

    /// The zone with the largest share of unhealthy members; of equals the one that has more of them, then the first by
    /// name. All zeros where no member counts.
    #[must_use]
    pub fn worst_zone(&self) -> Option<ZoneMembers> {
        let worse = |a: &ZoneMembers, b: &ZoneMembers| {
            let shares = (a.unhealthy * b.total).cmp(&(b.unhealthy * a.total));
            shares.then(a.unhealthy.cmp(&b.unhealthy)).then(b.zone.cmp(&a.zone))
        };
        Some(self.by_zone()?.into_iter().max_by(worse).unwrap_or_default())
    }

    /// Whether nothing tells where any member runs, nor will: addresses and functions, of which AWS says no zone.
    #[must_use]
    pub fn are_nowhere(&self) -> bool {
        !self.list.is_empty() && self.list.iter().all(|m| m.known_zone().is_none() && !m.id.starts_with("i-"))
    }
}

impl Member {
    /// Its zone, where that is one: AWS says `all` of targets that are reached from all zones.
    fn known_zone(&self) -> Option<&Text> {
        self.zone.as_ref().filter(|z| !z.is_empty() && **z != *"all")
    }
}

/// One registered host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Instance id, IP address, or function ARN.
    pub id: Text,
    /// Port, where the balancer has one a target.
    pub port: Option<u16>,
    /// Availability Zone, where known: as AWS says it, or the listed instance's.
    pub zone: Option<Text>,
    /// What the balancer thinks of it.
    pub state: HealthState,
    /// AWS's reason code: `Target.Timeout`, `ELB`, `Instance`; empty when there is none.
    pub reason: Text,
    /// AWS's sentence about it.
    pub description: Text,
}

/// Health of a registered host, over both generations of balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthState {
    /// `healthy`, `InService`.
    Healthy,
    /// `initial`, or a Classic instance whose registration is in progress.
    Initial,
    /// `unhealthy`, `unhealthy.draining`, `OutOfService`.
    Unhealthy,
    /// `draining`.
    Draining,
    /// `unused`.
    Unused,
    /// `unavailable`, `Unknown`, or a word that AWS added since.
    Unknown,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AutoScalingGroup {
    /// Smallest size.
    pub min: u32,
    /// Largest size.
    pub max: u32,
    /// Wanted size.
    pub desired: u32,
    /// Its instances.
    pub instances: Vec<GroupInstance>,
    /// Names of suspended processes, such as `Launch`.
    pub suspended: Vec<Text>,
    /// Availability Zones.
    pub zones: Vec<Text>,
    /// Subnet ids.
    pub subnets: Vec<Text>,
    /// ARNs of its target groups.
    pub target_groups: Vec<Text>,
    /// Names of its Classic balancers.
    pub classic_elbs: Vec<Text>,
    /// Name of its launch template or configuration.
    pub launch: Text,
    /// When it was made.
    #[serde(default)]
    pub created: Option<Timestamp>,
}

impl AutoScalingGroup {
    /// How many instances are `InService`.
    #[must_use]
    pub fn in_service(&self) -> u32 {
        u32::try_from(self.instances.iter().filter(|i| i.lifecycle == "InService").count()).unwrap_or(u32::MAX)
    }

    /// How many are on their way in (`Pending`, `Pending:Wait`, …).
    #[must_use]
    pub fn pending(&self) -> u32 {
        u32::try_from(self.instances.iter().filter(|i| i.lifecycle.starts_with("Pending")).count()).unwrap_or(u32::MAX)
    }
}

/// An instance as its group sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupInstance {
    /// Instance id.
    pub id: Text,
    /// Availability Zone.
    pub zone: Text,
    /// `Pending`, `Pending:Wait`, `InService`, `Terminating`, …
    pub lifecycle: Text,
    /// `Healthy` or `Unhealthy`.
    pub health: Text,
}

/// An EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping`, `stopped`.
    pub state: Text,
    /// Type, such as `t3.large`.
    pub instance_type: Text,
    /// Availability Zone.
    pub zone: Text,
    /// Subnet id.
    pub subnet: Text,
    /// VPC id.
    pub vpc: Text,
    /// Private IPv4 address.
    pub private_ip: Text,
    /// Public IPv4 address, if any.
    pub public_ip: Text,
    /// When it was launched.
    pub launched: Option<Timestamp>,
    /// `spot` or `scheduled`; empty for on-demand.
    pub lifecycle: Text,
    /// `Linux/UNIX`, `Windows`, …
    pub platform: Text,
    /// `default`, `dedicated`, `host`.
    pub tenancy: Text,
    /// Security group ids.
    pub security_groups: Vec<Text>,
    /// Whether detailed (one-minute) monitoring is on; decides the period of its metrics.
    pub detailed_monitoring: bool,
    /// Status checks, from `DescribeInstanceStatus`. `None`: not read yet, or the instance does not run.
    pub status: Option<InstanceStatus>,
}

/// Status checks of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// When they were read.
    pub at: Timestamp,
    /// System check: `ok`, `impaired`, `initializing`, `insufficient-data`, `not-applicable`.
    pub system: Text,
    /// Instance check, same words.
    pub instance: Text,
    /// Scheduled events, such as `system-reboot 2026-01-14T05:00:00Z`.
    pub events: Vec<Text>,
}

impl InstanceStatus {
    /// Number of checks (0 to 2) that are `impaired`.
    #[must_use]
    pub fn failed(&self) -> u8 {
        u8::from(self.system == "impaired") + u8::from(self.instance == "impaired")
    }
}

/// A VPC subnet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// VPC id.
    pub vpc: Text,
    /// Availability Zone.
    pub zone: Text,
    /// IPv4 block, such as `10.0.0.0/24`.
    pub cidr: Text,
    /// Addresses that are free now.
    pub available: u32,
}

impl Subnet {
    /// Addresses the block can give out: 2^(32 - prefix) less the five that AWS reserves. `None` for no IPv4 block.
    #[must_use]
    pub fn capacity(&self) -> Option<u32> {
        let prefix: u32 = self.cidr.rsplit_once('/')?.1.parse().ok()?;
        let size = 1u64.checked_shl(32u32.checked_sub(prefix)?)?;
        u32::try_from(size.saturating_sub(5)).ok()
    }
}

/// An EBS volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// `in-use`, `available`, `creating`, `deleting`, `error`, …
    pub state: Text,
    /// Type, such as `gp3`.
    pub volume_type: Text,
    /// Size in GiB.
    pub size: u32,
    /// Availability Zone.
    pub zone: Text,
    /// What it is attached to: the instance's id and the device.
    pub attachments: Vec<(Text, Text)>,
    /// When it was made.
    pub created: Option<Timestamp>,
}
