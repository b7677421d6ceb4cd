//! What the world shows of itself: plain records, as neutral of any protocol as they can be.

mod alarm;

pub use alarm::{
    Alarm, AlarmChange, AlarmOf, AlarmQuery, AlarmState, AlarmWatch, FewSamples, Limit, MetricAlarm, QueryOf, Treat,
};

use std::time::Duration;

use jiff::Timestamp;

/// An EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Such as `i-0a1b2c3d4e5f60718`.
    pub id: String,
    /// `pending`, `running`, `shutting-down`, `terminated` (listed for an hour), `stopped`.
    pub state: &'static str,
    /// Such as `c5.xlarge`.
    pub instance_type: &'static str,
    /// Availability Zone.
    pub zone: String,
    /// Subnet id.
    pub subnet: String,
    /// VPC id.
    pub vpc: String,
    /// Private IPv4 address; empty once terminated.
    pub private_ip: String,
    /// Public IPv4 address, for the few that have one.
    pub public_ip: Option<String>,
    /// AMI id.
    pub image: String,
    /// Launch time.
    pub launched: Timestamp,
    /// `spot`, or `None` for on-demand.
    pub lifecycle: Option<&'static str>,
    /// `Linux/UNIX` or `Windows`.
    pub platform: &'static str,
    /// `default`.
    pub tenancy: &'static str,
    /// Ids and names of its security groups.
    pub security_groups: Vec<(String, String)>,
    /// Whether its metrics are published each minute (`Monitoring.State` is `enabled`).
    pub detailed_monitoring: bool,
    /// Tags, `Name` first; `aws:autoscaling:groupName` on members of a group.
    pub tags: Vec<(String, String)>,
    /// Owner of the reservation.
    pub owner: String,
    /// Reservation id.
    pub reservation: String,
}

impl Instance {
    /// The id of its root volume.
    #[must_use]
    pub fn root_volume(&self) -> String {
        super::describe::root_volume(&self.id)
    }
}

/// Status checks of an instance that is `running` (`DescribeInstanceStatus`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceStatus {
    /// Instance.
    pub id: String,
    /// Availability Zone.
    pub zone: String,
    /// Always `running`.
    pub state: &'static str,
    /// System check: `ok`, `impaired`, `initializing`.
    pub system: &'static str,
    /// Instance check: the same words.
    pub instance: &'static str,
    /// Since when a check is impaired.
    pub impaired_since: Option<Timestamp>,
    /// Scheduled events.
    pub events: Vec<ScheduledEvent>,
}

/// An event that AWS has scheduled for an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledEvent {
    /// Event id.
    pub id: String,
    /// `system-reboot`, `instance-retirement`, …
    pub code: &'static str,
    /// A sentence.
    pub description: String,
    /// Not before.
    pub not_before: Timestamp,
}

/// A VPC subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Subnet id.
    pub id: String,
    /// VPC id.
    pub vpc: String,
    /// Availability Zone.
    pub zone: String,
    /// IPv4 block.
    pub cidr: String,
    /// Free addresses (five of the block are AWS's).
    pub available: u32,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// Owner.
    pub owner: String,
}

/// A Classic Load Balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicElb {
    /// Name.
    pub name: String,
    /// DNS name.
    pub dns_name: String,
    /// `internet-facing` or `internal`.
    pub scheme: &'static str,
    /// VPC id.
    pub vpc: String,
    /// Availability Zones.
    pub zones: Vec<String>,
    /// Subnet ids.
    pub subnets: Vec<String>,
    /// Security group ids.
    pub security_groups: Vec<String>,
    /// Registered instances.
    pub instances: Vec<String>,
    /// Creation time.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<(String, String)>,
}

/// Health of an instance at a Classic Load Balancer (`DescribeInstanceHealth`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceHealth {
    /// Instance.
    pub id: String,
    /// `InService`, `OutOfService`, `Unknown`.
    pub state: &'static str,
    /// `ELB`, `Instance`, `N/A`.
    pub reason: &'static str,
    /// A sentence, `N/A` where there is nothing to say.
    pub description: &'static str,
}

/// Generation of a balancer that has target groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalancerKind {
    /// Application Load Balancer.
    Application,
    /// Network Load Balancer.
    Network,
}

impl BalancerKind {
    /// `application` or `network`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Network => "network",
        }
    }
}

/// An Application or Network Load Balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerV2 {
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// Which sort.
    pub kind: BalancerKind,
    /// DNS name.
    pub dns_name: String,
    /// `internet-facing` or `internal`.
    pub scheme: &'static str,
    /// `active`.
    pub state: &'static str,
    /// VPC id.
    pub vpc: String,
    /// Availability Zones with their subnet ids.
    pub zones: Vec<(String, String)>,
    /// Security group ids (none for a Network Load Balancer).
    pub security_groups: Vec<String>,
    /// Creation time.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<(String, String)>,
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// `HTTP` or `TCP`.
    pub protocol: &'static str,
    /// Port of the targets.
    pub port: u16,
    /// VPC id.
    pub vpc: String,
    /// ARNs of the balancers that route to it.
    pub balancers: Vec<String>,
    /// `instance`.
    pub target_type: &'static str,
    /// Path of the health check; empty for TCP.
    pub health_check_path: &'static str,
    /// Tags.
    pub tags: Vec<(String, String)>,
}

/// Health of a target (`DescribeTargetHealth`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// Instance id.
    pub id: String,
    /// Port.
    pub port: u16,
    /// Availability Zone.
    pub zone: String,
    /// `initial`, `healthy`, `unhealthy`, `draining`, `unused`, …
    pub state: &'static str,
    /// Reason code, such as `Target.Timeout`; `None` for a healthy target.
    pub reason: Option<&'static str>,
    /// A sentence; `None` for a healthy target.
    pub description: Option<&'static str>,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Smallest size.
    pub min: u32,
    /// Largest size.
    pub max: u32,
    /// Wanted size.
    pub desired: u32,
    /// `EC2` or `ELB`.
    pub health_check: &'static str,
    /// Availability Zones.
    pub zones: Vec<String>,
    /// Subnet ids.
    pub subnets: Vec<String>,
    /// Names of its Classic balancers.
    pub classic_elbs: Vec<String>,
    /// ARNs of its target groups.
    pub target_groups: Vec<String>,
    /// Its instances.
    pub instances: Vec<GroupInstance>,
    /// Suspended processes with the reason.
    pub suspended: Vec<(&'static str, String)>,
    /// Whether the group publishes `AWS/AutoScaling` metrics.
    pub metrics_enabled: bool,
    /// Launch template: id and name.
    pub launch_template: (String, String),
    /// Creation time.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<(String, String)>,
}

/// An instance as its group sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInstance {
    /// Instance id.
    pub id: String,
    /// Type.
    pub instance_type: &'static str,
    /// Availability Zone.
    pub zone: String,
    /// `Pending`, `InService`, `Terminating`.
    pub lifecycle: &'static str,
    /// `Healthy` or `Unhealthy`.
    pub health: &'static str,
}

/// A scaling activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Activity id.
    pub id: String,
    /// Group.
    pub group: String,
    /// `PreInService`, `InProgress`, `Successful`, `Failed`.
    pub status: &'static str,
    /// AWS's sentence for a failure.
    pub message: Option<String>,
    /// What it does: `Launching a new EC2 instance: i-…`.
    pub description: String,
    /// Why.
    pub cause: String,
    /// JSON: subnet and zone.
    pub details: String,
    /// When it began.
    pub start: Timestamp,
    /// When it ended; `None` while it goes on.
    pub end: Option<Timestamp>,
    /// Percent done.
    pub progress: u8,
}

/// A management event of CloudTrail, as `LookupEvents` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEvent {
    /// Event id (a UUID).
    pub id: String,
    /// Such as `RunInstances`.
    pub name: String,
    /// Such as `ec2.amazonaws.com`.
    pub source: String,
    /// When it happened.
    pub at: Timestamp,
    /// When `LookupEvents` first shows it: 2 to 15 minutes later.
    pub delivered: Timestamp,
    /// `Username`; `root` for the root user, absent for some service events.
    pub user: Option<String>,
    /// `AccessKeyId`, where the call had one.
    pub access_key: Option<String>,
    /// Whether it only read.
    pub read_only: bool,
    /// What it touched: (`ResourceType`, `ResourceName`).
    pub resources: Vec<(String, String)>,
    /// The whole event, a JSON text (`CloudTrailEvent`).
    pub json: String,
}

/// Names a metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId {
    /// Such as `AWS/ELB`.
    pub namespace: String,
    /// Such as `SurgeQueueLength`.
    pub name: String,
    /// Dimensions, sorted by name. [`MetricId::new`] sorts.
    pub dimensions: Vec<(String, String)>,
}

impl MetricId {
    /// The metric; `dimensions` in any order.
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        let mut dimensions: Vec<_> = dimensions.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        dimensions.sort();
        Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }
}

/// A metric as `ListMetrics` knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricListing {
    /// Which.
    pub id: MetricId,
    /// When it last had a data point, as far as `ListMetrics` knows: for `RecentlyActive`.
    pub last_active: Timestamp,
}

/// A product of the price list (`GetProducts`).
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Such as `c5.xlarge`.
    pub instance_type: &'static str,
    /// `regionCode`.
    pub region: &'static str,
    /// `operatingSystem`: `Linux` or `Windows`.
    pub operating_system: &'static str,
    /// `vcpu`.
    pub vcpu: u32,
    /// `memory`, such as `8 GiB`.
    pub memory: &'static str,
    /// On-demand list price, dollars an hour.
    pub usd_per_hour: f64,
    /// Attributes that `Filters` compare with, by `Field`.
    pub attributes: Vec<(&'static str, String)>,
    /// One item of `PriceList`: a JSON text.
    pub json: String,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service's own throttling error.
    Throttle,
    /// A 500 or 503.
    ServerError,
    /// The caller may not do this.
    AccessDenied,
    /// The login has run out.
    ExpiredToken,
    /// No answer, ever.
    Stall,
    /// The connection breaks before an answer.
    Reset,
    /// The answer breaks off half way.
    Truncate,
    /// The answer comes this much later.
    Latency(Duration),
}
