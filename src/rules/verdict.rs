//! What a rule says of a resource at one moment.

use jiff::Timestamp;

use crate::model::{PollerKind, ResourceId, Signal, Text};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody should look at it.
    Warning,
    /// Somebody must act.
    Critical,
}

/// How a value is held against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Comparison {
    /// Breaches above the limit.
    #[serde(rename = ">")]
    Above,
    /// Breaches at or above the limit.
    #[serde(rename = ">=")]
    AtLeast,
    /// Breaches below the limit.
    #[serde(rename = "<")]
    Below,
    /// Breaches at or below the limit.
    #[serde(rename = "<=")]
    AtMost,
}

impl Comparison {
    /// Its sign: `>`, `>=`, `<`, `<=`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// Whether `value` breaches `limit`. Both are compared as precisely as series keep points (`f32`): 0.05 that was kept
    /// is not above a limit of 0.05.
    #[expect(clippy::cast_possible_truncation, reason = "to the precision of points")]
    #[must_use]
    pub fn breaches(self, value: f64, limit: f64) -> bool {
        let (value, limit) = (value as f32, limit as f32);
        match self {
            Self::Above => value > limit,
            Self::AtLeast => value >= limit,
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
        }
    }
}

/// What a value is counted in, for showing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A plain number.
    #[default]
    Count,
    /// Percent.
    Percent,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// US dollars.
    Dollars,
}

/// What a rule finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Nothing wrong.
    Ok,
    /// A limit is breached.
    Breach {
        /// The worst breached limit's severity.
        severity: Severity,
        /// Start of the unbroken run of breaching points that ends now, as far as it is known.
        since: Timestamp,
        /// Whether the rule's `for` and M-of-N are met, so that a person must be told.
        held: bool,
    },
    /// What it needs was read and there is no data, and the rule says not to take that for anything: keeps an alert as
    /// it is.
    NoData,
    /// What it needs cannot be read: never OK.
    Blind {
        /// The poller that fails or lags.
        poller: PollerKind,
        /// One line for a person, such as `login expired` or `needs cloudwatch:GetMetricData`.
        why: Text,
        /// Since when.
        since: Timestamp,
    },
    /// What it needs is being read for the first time.
    Loading,
}

/// What a standing rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// On points, as is usual.
    #[default]
    Points,
    /// On missing points alone, which count as a breach.
    Gaps,
    /// On nothing that is known: its points lie between the limit and the clear limit as far back as anything is, and no
    /// point breached. It stays what it was.
    Between,
}

/// What one rule says of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The rule's id, such as `clb-surge-queue`.
    pub rule: Text,
    /// Of what.
    pub resource: ResourceId,
    /// What it finds.
    pub standing: Standing,
    /// The newest value it compared.
    pub value: Option<f64>,
    /// The limit it breaches, or the nearest one.
    pub limit: Option<f64>,
    /// How they are compared.
    pub comparison: Comparison,
    /// What they are counted in.
    pub unit: Unit,
    /// A short sentence without value or resource, such as `requests queue at the balancer`.
    pub title: Text,
    /// What else a person needs: the hosts and AWS's reasons, the failed launch's message; may be empty.
    pub detail: Text,
    /// The signal to graph for it.
    pub signal: Option<Signal>,
    /// Period start of the newest point used. For API signals, when it was read.
    pub data_at: Option<Timestamp>,
    /// What it rests on.
    pub basis: Basis,
}

/// What a look at the rules brought: all they say, or only what is new since the last look.
///
/// Who takes news in keeps what was said before: a verdict that is in neither part of [`News::Changes`] stands as it was
/// last told, so whatever moves with the clock alone (a silence's end, keep-firing-for) is the taker's to look after.
#[derive(Clone, Copy, Debug)]
pub enum News<'v> {
    /// Every verdict there is; of what is not in it no rule speaks.
    Whole(&'v [Verdict]),
    /// What differs from what was told before.
    Changes {
        /// Verdicts that are new or other than they were. That what was OK is OK with another value is no news.
        changed: &'v [Verdict],
        /// Rule and resource of verdicts that are no more: the resource is gone, or the rule applies no longer.
        gone: &'v [(Text, ResourceId)],
    },
}

impl<'v> News<'v> {
    /// The verdicts that are told.
    #[must_use]
    pub fn told(&self) -> &'v [Verdict] {
        match self {
            Self::Whole(verdicts) => verdicts,
            Self::Changes { changed, .. } => changed,
        }
    }
}

impl<'v> From<&'v [Verdict]> for News<'v> {
    fn from(verdicts: &'v [Verdict]) -> Self {
        Self::Whole(verdicts)
    }
}

impl<'v> From<&'v Vec<Verdict>> for News<'v> {
    fn from(verdicts: &'v Vec<Verdict>) -> Self {
        Self::Whole(verdicts)
    }
}

impl<'v, const N: usize> From<&'v [Verdict; N]> for News<'v> {
    fn from(verdicts: &'v [Verdict; N]) -> Self {
        Self::Whole(verdicts)
    }
}
