//! CloudWatch's alarms of all types.

use jiff::Timestamp;

use super::MetricId;

/// State of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmState {
    /// `OK`.
    Ok,
    /// `ALARM`.
    Alarm,
    /// `INSUFFICIENT_DATA`.
    InsufficientData,
}

impl AlarmState {
    /// AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// What a missing point counts as (`TreatMissingData`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treat {
    /// Nothing: an alarm without data is `INSUFFICIENT_DATA`.
    Missing,
    /// Nothing: the state stays.
    Ignore,
    /// Over the limit.
    Breaching,
    /// Within the limit.
    NotBreaching,
}

impl Treat {
    /// AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ignore => "ignore",
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
        }
    }
}

/// What a percentile of too few samples counts as (`EvaluateLowSampleCountPercentile`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FewSamples {
    /// A percentile like any other.
    Evaluate,
    /// Nothing: the state stays.
    Ignore,
}

impl FewSamples {
    /// AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evaluate => "evaluate",
            Self::Ignore => "ignore",
        }
    }
}

/// What a metric alarm compares with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// `Threshold`.
    Threshold(f64),
    /// `ThresholdMetricId`: the query with the band.
    Band(&'static str),
}

/// Where a query of an alarm has its values from.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryOf {
    /// A metric and its statistic.
    Metric(MetricId, &'static str),
    /// An expression over other queries.
    Expression(&'static str),
}

/// A query of an alarm (`Metrics`).
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmQuery {
    /// Such as `m1`.
    pub id: &'static str,
    /// Where from.
    pub of: QueryOf,
    /// What a chart calls it.
    pub label: &'static str,
    /// `ReturnData`: it is what the alarm watches, or the band that it is compared with.
    pub wanted: bool,
}

/// What a metric alarm watches.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmOf {
    /// One metric and its statistic.
    Metric(MetricId, &'static str),
    /// Metric math, or a metric with its band.
    Queries(Vec<AlarmQuery>),
}

/// A metric alarm as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAlarm {
    /// What it watches.
    pub of: AlarmOf,
    /// The unit that points must have to count, where one is configured.
    pub unit: Option<&'static str>,
    /// Seconds.
    pub period: u32,
    /// N.
    pub evaluation_periods: u32,
    /// M.
    pub datapoints_to_alarm: u32,
    /// What with.
    pub limit: Limit,
    /// `GreaterThanThreshold`, …
    pub comparison: &'static str,
    /// What is not there.
    pub missing: Treat,
    /// A percentile's too few samples, where that is configured.
    pub few_samples: Option<FewSamples>,
}

/// What an alarm stands on.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmWatch {
    /// Metrics.
    Metrics(MetricAlarm),
    /// Other alarms: an `AlarmRule`.
    Alarms(&'static str),
}

/// A CloudWatch alarm with its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Description.
    pub description: String,
    /// What it stands on.
    pub watch: AlarmWatch,
    /// Names of the alarms in its rule; none for a metric alarm.
    pub children: Vec<String>,
    /// ARNs of what is told when it turns to ALARM.
    pub actions: Vec<String>,
    /// Whether those are told.
    pub actions_enabled: bool,
    /// When it was last configured.
    pub configured: Timestamp,
    /// State.
    pub state: AlarmState,
    /// AWS's sentence for the state.
    pub reason: String,
    /// `StateReasonData`: a JSON text.
    pub reason_data: String,
    /// When the state was last set (`StateUpdatedTimestamp` and `StateTransitionedTimestamp`).
    pub state_since: Timestamp,
}

/// A change of an alarm's state (`HistoryItemType` `StateUpdate`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmChange {
    /// Alarm.
    pub alarm: String,
    /// Whether it is a composite alarm.
    pub composite: bool,
    /// When.
    pub at: Timestamp,
    /// From.
    pub from: AlarmState,
    /// To.
    pub to: AlarmState,
    /// `HistorySummary`.
    pub summary: String,
    /// `HistoryData`: a JSON text.
    pub data: String,
}
