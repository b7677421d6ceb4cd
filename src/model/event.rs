//! Events: what happened, at one moment, to whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Scope, Text};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// AWS's id for it (CloudTrail's `EventId`, a scaling activity's id), or one made from its parts; equal ids are
    /// one event.
    pub id: Text,
    /// Where.
    pub scope: Scope,
    /// When it happened there.
    pub at: Timestamp,
    /// What sort.
    pub kind: EventKind,
    /// Names of what it touched, as AWS wrote them: group, instance, security group.
    pub resources: Vec<Text>,
    /// One line for a person.
    pub summary: Text,
}

/// What sort of event, with what is particular to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A management event of CloudTrail.
    Trail(TrailEvent),
    /// A scaling activity.
    Activity(Activity),
    /// A member of a balancer or target group changed its health.
    Health {
        /// The member.
        member: Text,
        /// Whether it is healthy now.
        healthy: bool,
        /// AWS's reason code.
        reason: Text,
    },
    /// A CloudWatch alarm changed its state.
    Alarm {
        /// The alarm.
        alarm: Text,
        /// From.
        from: super::AlarmState,
        /// To.
        to: super::AlarmState,
    },
}

/// What CloudTrail says of a call. Any field can be empty: CloudTrail leaves fields out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrailEvent {
    /// Such as `AuthorizeSecurityGroupIngress`.
    pub name: Text,
    /// Such as `ec2.amazonaws.com`.
    pub source: Text,
    /// Who: user name, role session or `root`.
    pub user: Text,
    /// `Root`, `IAMUser`, `AssumedRole`, `AWSService`, …
    pub user_type: Text,
    /// The service that called for somebody (`invokedBy`).
    pub invoked_by: Text,
    /// Source address.
    pub ip: Text,
    /// User agent.
    pub user_agent: Text,
    /// Error code; empty when it succeeded.
    pub error: Text,
    /// `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleSignIn`.
    pub event_type: Text,
    /// `additionalEventData.MFAUsed`; `None` when it is not said.
    pub mfa: Option<bool>,
    /// Whether it only read.
    pub read_only: bool,
}

/// A scaling activity of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The group.
    pub group: Text,
    /// AWS's status code: `InProgress`, `Successful`, `Failed`, `Cancelled`, …
    pub status: Text,
    /// AWS's sentence for the status.
    pub message: Text,
    /// Why a launch failed.
    pub failure: Option<LaunchFailure>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// Why an instance could not be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaunchFailure {
    /// The zone has no capacity of the type.
    Capacity,
    /// The account's quota is used up.
    Quota,
    /// The subnet has no free address.
    Addresses,
    /// A client error on launch, often a KMS key policy.
    Client,
    /// A lifecycle hook gave up.
    Abandoned,
    /// Anything else.
    Other,
}

impl LaunchFailure {
    /// The class of a `Failed` activity's message.
    #[must_use]
    pub fn classify(message: &str) -> Self {
        let has = |needle: &str| message.contains(needle);
        if has("do not have sufficient") || has("InsufficientInstanceCapacity") || has("UnfulfillableCapacity") {
            Self::Capacity
        } else if ["VcpuLimitExceeded", "vCPU capacity", "InstanceLimitExceeded", "MaxSpotInstanceCountExceeded"]
            .iter()
            .any(|quota| has(quota))
        {
            Self::Quota
        } else if has("InsufficientFreeAddressesInSubnet") || has("enough free addresses") {
            Self::Addresses
        } else if has("Client.InternalError") || has("Client error on launch") {
            Self::Client
        } else if has("ABANDON") || has("abandoned") {
            Self::Abandoned
        } else {
            Self::Other
        }
    }

    /// Two or three words for a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capacity => "no capacity",
            Self::Quota => "quota used up",
            Self::Addresses => "no free addresses",
            Self::Client => "client error on launch",
            Self::Abandoned => "lifecycle hook abandoned",
            Self::Other => "launch failed",
        }
    }
}
