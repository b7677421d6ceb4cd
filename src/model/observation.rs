//! Observations: the only thing that gets into the model. Pollers make them, journals keep them, replay feeds them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Event, Identity, InstanceStatus, Kind, Members, Metric, Point, Price, Resource, ResourceId, Scope, Service, Text,
};

/// What was learnt from AWS, or that nothing could be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// When the answer was there.
    pub at: Timestamp,
    /// Who asked.
    pub source: Source,
    /// What was learnt.
    pub body: Body,
}

/// A poller in a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Where it asks.
    pub scope: Scope,
    /// What it asks for.
    pub poller: PollerKind,
}

/// What a poller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PollerKind {
    /// `sts:GetCallerIdentity`.
    Identity,
    /// `ec2:DescribeInstances`.
    Instances,
    /// `ec2:DescribeInstanceStatus`.
    InstanceStatus,
    /// `ec2:DescribeSubnets`.
    Subnets,
    /// `ec2:DescribeVolumes`.
    Volumes,
    /// `cloudwatch:ListMetrics`, once a namespace that a rule needs: functions, queues, tables, databases, ….
    Catalogue,
    /// Classic `elasticloadbalancing:DescribeLoadBalancers` and its tags.
    ClassicElbs,
    /// Classic `elasticloadbalancing:DescribeInstanceHealth`, once a balancer.
    ClassicHealth,
    /// `elasticloadbalancing:DescribeLoadBalancers`, `DescribeTargetGroups` and their tags (version 2).
    Balancers,
    /// `elasticloadbalancing:DescribeTargetHealth`, once a target group.
    TargetHealth,
    /// `autoscaling:DescribeAutoScalingGroups`.
    ScalingGroups,
    /// `autoscaling:DescribeScalingActivities`.
    Activities,
    /// `cloudtrail:LookupEvents`.
    Trail,
    /// `cloudwatch:DescribeAlarms`.
    Alarms,
    /// `cloudwatch:GetMetricData`, everything but the bill.
    Metrics,
    /// `cloudwatch:GetMetricData` of `AWS/Billing`, in us-east-1.
    Bill,
    /// `pricing:GetProducts`, and `ec2:DescribeSpotPriceHistory` where spot instances run: what running instances cost. It
    /// may be missing: see [`PollerKind::is_optional`].
    Prices,
}

impl PollerKind {
    /// Every poller, in the order in which a first pass runs them.
    pub const ALL: [Self; 17] = [
        Self::Identity,
        Self::Instances,
        Self::InstanceStatus,
        Self::Subnets,
        Self::Volumes,
        Self::Catalogue,
        Self::ClassicElbs,
        Self::ClassicHealth,
        Self::Balancers,
        Self::TargetHealth,
        Self::ScalingGroups,
        Self::Activities,
        Self::Trail,
        Self::Alarms,
        Self::Metrics,
        Self::Bill,
        Self::Prices,
    ];

    /// Its name in configuration, on screen and in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Instances => "instances",
            Self::InstanceStatus => "instance-status",
            Self::Subnets => "subnets",
            Self::Volumes => "volumes",
            Self::Catalogue => "catalogue",
            Self::ClassicElbs => "classic-elbs",
            Self::ClassicHealth => "classic-health",
            Self::Balancers => "balancers",
            Self::TargetHealth => "target-health",
            Self::ScalingGroups => "scaling-groups",
            Self::Activities => "activities",
            Self::Trail => "trail",
            Self::Alarms => "alarms",
            Self::Metrics => "metrics",
            Self::Bill => "bill",
            Self::Prices => "prices",
        }
    }

    /// The poller named `name`, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == name)
    }

    /// The IAM action it cannot do without.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::Identity => "sts:GetCallerIdentity",
            Self::Instances => "ec2:DescribeInstances",
            Self::InstanceStatus => "ec2:DescribeInstanceStatus",
            Self::Subnets => "ec2:DescribeSubnets",
            Self::Volumes => "ec2:DescribeVolumes",
            Self::Catalogue => "cloudwatch:ListMetrics",
            Self::ClassicElbs | Self::Balancers => "elasticloadbalancing:DescribeLoadBalancers",
            Self::ClassicHealth => "elasticloadbalancing:DescribeInstanceHealth",
            Self::TargetHealth => "elasticloadbalancing:DescribeTargetHealth",
            Self::ScalingGroups => "autoscaling:DescribeAutoScalingGroups",
            Self::Activities => "autoscaling:DescribeScalingActivities",
            Self::Trail => "cloudtrail:LookupEvents",
            Self::Alarms => "cloudwatch:DescribeAlarms",
            Self::Metrics | Self::Bill => "cloudwatch:GetMetricData",
            Self::Prices => "pricing:GetProducts",
        }
    }

    /// How often it runs unless the user says otherwise.
    ///
    /// Health and capacity are read often, since reading them is free; lists seldom, since they seldom change. The trail
    /// allows two calls a second an account and region, and the bill is published a few times a day.
    #[must_use]
    pub fn usual_interval(self) -> Duration {
        Duration::from_secs(match self {
            Self::ClassicHealth | Self::TargetHealth | Self::ScalingGroups => 15,
            Self::Activities => 30,
            Self::Instances
            | Self::InstanceStatus
            | Self::ClassicElbs
            | Self::Balancers
            | Self::Trail
            | Self::Alarms
            | Self::Metrics => 60,
            Self::Subnets => 120,
            Self::Volumes => 300,
            Self::Catalogue | Self::Prices => 900,
            Self::Identity => 600,
            Self::Bill => 1800,
        })
    }

    /// Whether a policy may leave its permission out: then what it brings lacks, and says so, and nothing else is less
    /// well known for it.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self == Self::Prices
    }

    /// The poller that lists resources of `kind`. A kind whose lister fails is unknown, not empty.
    #[must_use]
    pub fn lists(kind: Kind) -> Option<Self> {
        match kind {
            Kind::ClassicElb => Some(Self::ClassicElbs),
            Kind::Alb | Kind::Nlb | Kind::TargetGroup => Some(Self::Balancers),
            Kind::AutoScalingGroup => Some(Self::ScalingGroups),
            Kind::Instance => Some(Self::Instances),
            Kind::Subnet => Some(Self::Subnets),
            Kind::Alarm => Some(Self::Alarms),
            Kind::Bill => Some(Self::Bill),
            Kind::Trail => Some(Self::Trail),
            Kind::Poller => None,
            Kind::EbsVolume => Some(Self::Volumes),
            _ => Service::of(kind).map(|_| Self::Catalogue),
        }
    }
}

impl std::fmt::Display for PollerKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was learnt. A poller's run is one [`Body::Started`], any number of the others, one [`Body::Outcome`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// The poller began a run.
    Started,
    /// All resources of `kinds` in the source's scope. What is not in it is gone, unless it is partial.
    Inventory {
        /// Which kinds it lists.
        kinds: Vec<Kind>,
        /// Those there are.
        resources: Vec<Resource>,
        /// Whether pages are missing: then nothing is taken for gone.
        partial: bool,
    },
    /// Health of the members of one balancer or target group, whole.
    Health {
        /// Whose members.
        of: ResourceId,
        /// They.
        members: Members,
    },
    /// Status checks of all running instances of the scope, by instance id. An instance that is not in it has none,
    /// unless it is partial.
    Status {
        /// They.
        list: Vec<(Text, InstanceStatus)>,
        /// Whether pages are missing.
        partial: bool,
    },
    /// Resources that were deleted since they were listed.
    Gone(Vec<ResourceId>),
    /// What instances cost.
    Prices(Vec<Price>),
    /// Points of metrics.
    Points(Vec<PointBatch>),
    /// Things that happened, in any order, some perhaps known already.
    Events(Vec<Event>),
    /// Whose credentials they are.
    Identity(Identity),
    /// How the run ended.
    Outcome(Outcome),
}

/// The answer to one metric query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointBatch {
    /// Whose metric.
    pub resource: ResourceId,
    /// Which metric.
    pub metric: Metric,
    /// Start of the window that was asked for (inclusive).
    pub from: Timestamp,
    /// End of the window that was asked for (exclusive).
    pub to: Timestamp,
    /// The points in it, in any order.
    pub points: Vec<Point>,
    /// What AWS says of the answer.
    pub status: QueryStatus,
}

/// `StatusCode` of a `GetMetricData` result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueryStatus {
    /// All of the window: a slot without a point has none.
    Complete,
    /// Some of it: a slot without a point may have one.
    Partial,
    /// AWS could not answer this query.
    InternalError,
    /// The caller may not read this metric.
    Forbidden,
}

/// How a poller's run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub took: SignedDuration,
    /// HTTP requests that AWS answered or that failed, retries included.
    pub calls: u32,
    /// Pages read.
    pub pages: u32,
    /// Metrics that `GetMetricData` will bill.
    pub billed_metrics: u32,
    /// Calls that were throttled.
    pub throttles: u32,
    /// What went wrong; `None` when all was read.
    pub error: Option<PollError>,
    /// What may not be read, where the rest is whole without it: balancers' tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<PollError>,
    /// When it will run next; `None` in a one-shot run.
    pub next: Option<Timestamp>,
    /// How often it means to run; staleness is counted in these.
    pub interval: SignedDuration,
}

/// Why a poller could not read what it was asked to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PollError {
    /// What sort.
    pub class: ErrorClass,
    /// The operation, such as `DescribeInstances`.
    pub operation: Text,
    /// AWS's code, such as `RequestLimitExceeded`; empty when there was no answer.
    pub code: Text,
    /// AWS's sentence, or ours.
    pub message: Text,
}

impl PollError {
    /// The IAM action that was refused to `poller`: that of the call, whose service is the poller's own unless the call's name
    /// says another (`ec2:DescribeSpotPriceHistory`), or the poller's first where no call is named.
    #[must_use]
    pub fn action(&self, poller: PollerKind) -> String {
        let own = poller.action();
        match own.split_once(':') {
            _ if self.operation.contains(':') => self.operation.to_string(),
            Some((service, _)) if !self.operation.is_empty() => format!("{service}:{}", self.operation),
            _ => own.to_owned(),
        }
    }

    /// The class, and of a login that was not found also why, in parentheses: a profile that is not defined, say.
    #[must_use]
    pub fn what(&self) -> String {
        match self.class {
            ErrorClass::NoCredentials if !self.message.is_empty() => format!("{} ({})", self.class, self.message),
            class => class.to_string(),
        }
    }

    /// What to run so that reading in `scope` can go on, such as `aws sso login --profile prod`; `None` where no login helps.
    /// The account without a profile is called `default`, and a profile is named only where one was.
    #[must_use]
    pub fn login(&self, scope: &Scope) -> Option<String> {
        let profile = match scope.account.as_str() {
            "default" => String::new(),
            name => format!(" --profile {name}"),
        };
        match self.class {
            ErrorClass::Expired => Some(format!("aws sso login{profile}")),
            ErrorClass::NoCredentials => Some(format!("aws configure{profile}, or aws sso login{profile}")),
            _ => None,
        }
    }
}

/// What sort of failure, as a person must react to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// Asked too often.
    Throttled,
    /// The permission lacks.
    Denied,
    /// The login ran out, or the credentials are wrong.
    Expired,
    /// No credentials were found.
    NoCredentials,
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Connection,
    /// AWS failed (5xx).
    Server,
    /// The answer could not be read.
    Malformed,
    /// This service or operation is not there (an endpoint that does not implement it, a region without it).
    Unsupported,
    /// AWS refused the request for another reason.
    Refused,
}

impl ErrorClass {
    /// One or two words for a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Denied => "access denied",
            Self::Expired => "login expired",
            Self::NoCredentials => "no credentials",
            Self::Timeout => "timed out",
            Self::Connection => "no connection",
            Self::Server => "server error",
            Self::Malformed => "unreadable answer",
            Self::Unsupported => "not supported",
            Self::Refused => "refused",
        }
    }
}

impl std::fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
