//! One rule on one resource that is pending, firing or was.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Ack;
use crate::model::{AlarmState, ResourceId, Signal, Text};
use crate::rules::{Comparison, Unit};

/// Names an alert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlertId {
    /// The rule's id.
    pub rule: Text,
    /// On what.
    pub resource: ResourceId,
}

/// How loud an alert is, quietest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// WARN: somebody should look at it.
    Warning,
    /// BLIND: what a rule needs cannot be read. As loud as critical, listed after it.
    Blind,
    /// CRIT: somebody must act.
    Critical,
}

impl Level {
    /// The word on every screen: severity is always glyph, word and colour.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "WARN",
            Self::Blind => "BLIND",
            Self::Critical => "CRIT",
        }
    }
}

/// Where an alert is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Breached, but not yet for long enough.
    Pending,
    /// A person must be told.
    Firing,
    /// It was firing; kept for a while so that it can be seen.
    Resolved,
}

/// What CloudWatch's own alarm on the same metric says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudWatchView {
    /// The alarm's name.
    pub alarm: Text,
    /// Its state there.
    pub state: AlarmState,
    /// When it took that state there.
    pub since: Option<Timestamp>,
    /// How much earlier we fired. While CloudWatch has not turned, the lead so far; negative when it was first. `None`
    /// when the breach is older than our watch: then who would have been first cannot be told.
    pub lead: Option<SignedDuration>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Which.
    pub id: AlertId,
    /// How loud.
    pub level: Level,
    /// Where in its life.
    pub phase: Phase,
    /// Start of the breach (of the blindness) that it stands for.
    pub since: Timestamp,
    /// Whether it was breached at the first reading there is: `since` is then when it was first seen, and the breach
    /// may be older.
    pub older: bool,
    /// When it fired.
    pub fired_at: Option<Timestamp>,
    /// When it resolved.
    pub resolved_at: Option<Timestamp>,
    /// Newest value.
    pub value: Option<f64>,
    /// The limit breached.
    pub limit: Option<f64>,
    /// How they compare.
    pub comparison: Comparison,
    /// What they are counted in.
    pub unit: Unit,
    /// Short sentence, such as `requests queue at the balancer`.
    pub title: Text,
    /// The hosts and AWS's reasons, and the like; may be empty.
    pub detail: Text,
    /// What to graph.
    pub signal: Option<Signal>,
    /// When the data it stands on is from.
    pub data_at: Option<Timestamp>,
    /// Whether nothing breaches but missing points.
    #[serde(default)]
    pub no_data: bool,
    /// Whether that was so all the while since it began.
    #[serde(default)]
    pub never_any: bool,
    /// Set while the rule is blind after having fired: the alert stays, on old data, since then.
    pub stale_since: Option<Timestamp>,
    /// What CloudWatch says of the same metric, where it has an alarm on it.
    pub cloudwatch: Option<CloudWatchView>,
    /// What people and the console itself have done about it.
    #[serde(default)]
    pub handling: Handling,
}

impl Alert {
    /// Whether its newest value lies beyond its limit. It may not: M of N, a clear limit and `keep_firing_for` hold an alert
    /// over values that are good.
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        matches!((self.value, self.limit), (Some(value), Some(limit)) if self.comparison.breaches(value, limit))
    }

    /// Whether a person must be told of it now: it fires, and no silence covers it and no louder alert stands for it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.phase == Phase::Firing && self.handling.silence.is_none() && self.handling.hidden_by.is_none()
    }
}

/// What was done about an alert.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handling {
    /// Who has taken it on. It still counts.
    pub ack: Option<Ack>,
    /// The id of the silence that covers it.
    pub silence: Option<Text>,
    /// The alert that stands for it: that of a balancer of which nothing is left.
    pub hidden_by: Option<AlertId>,
    /// Since when it comes and goes so often that only that is told.
    pub flapping: Option<Timestamp>,
    /// How often it came and went lately; kept while it flaps.
    pub changes: usize,
    /// Since when its rule finds nothing wrong, while it is kept firing because it flaps.
    pub quiet_since: Option<Timestamp>,
}

/// How many alerts of each sort there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Firing and critical. Neither here nor below is what is silenced or hidden.
    pub critical: usize,
    /// Firing and warning.
    pub warning: usize,
    /// Firing and blind.
    pub blind: usize,
    /// Pending, of any level.
    pub pending: usize,
    /// Pending or firing under a silence.
    pub silenced: usize,
    /// Firing, and told by a louder alert on what they belong to.
    pub hidden: usize,
    /// Of those that fire and count, how many somebody has taken on.
    pub acknowledged: usize,
}

/// A change in an alert's life, for the timeline, the bell and notifications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// The alert as it is after it.
    pub alert: Alert,
    /// The phase before; `None` when it is new.
    pub from: Option<Phase>,
}
