//! `CloudWatch`'s alarm evaluation over a range of periods, exactly as its guide publishes it.
//!
//! Two doors. [`judge`] is the published logic alone: which points breach, M of N, what a gap counts for. [`BareAlarm`]
//! is a whole alarm as `DescribeAlarms` gives one: its comparison, with a limit or a band, percentiles that rest on too
//! few samples, and the state it was in before.

use serde::{Deserialize, Serialize};

use crate::model::AlarmState;

/// What a period without a point counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// For nothing: with no data the alarm's state is insufficient data. `CloudWatch`'s default.
    #[default]
    Missing,
    /// For nothing, and the state stays as it was.
    Ignore,
    /// As a breach.
    Breaching,
    /// As good.
    NotBreaching,
}

impl Missing {
    /// Every treatment.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Ignore, Self::Breaching, Self::NotBreaching];

    /// Its name in rule files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ignore => "ignore",
            Self::Breaching => "breaching",
            Self::NotBreaching => "not-breaching",
        }
    }

    /// The treatment named `name`, in our spelling or in AWS's (`notBreaching`).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "notBreaching" {
            return Some(Self::NotBreaching);
        }
        Self::ALL.into_iter().find(|m| m.as_str() == name)
    }

    /// What `CloudWatch` does with gaps of a metric of `namespace` whose alarm says `self`: it always ignores those of
    /// `AWS/DynamoDB`.
    #[must_use]
    pub fn in_namespace(self, namespace: &str) -> Self {
        if namespace == "AWS/DynamoDB" { Self::Ignore } else { self }
    }
}

/// M of N: how many of the newest points must breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datapoints {
    /// How many must breach, at least 1.
    pub m: usize,
    /// Of how many, at least `m`.
    pub n: usize,
}

impl Datapoints {
    /// One of one.
    pub const ONE: Self = Self { m: 1, n: 1 };

    /// How many periods `CloudWatch` looks back over: more than N, so that late points are waited for. The number is
    /// not published; the guide's example has 5 for N = 3.
    #[must_use]
    pub fn range(self) -> usize {
        self.n + 2
    }
}

/// What a range of points amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Good.
    Ok,
    /// Breached.
    Alarm,
    /// No data.
    Insufficient,
    /// Whatever it was before.
    Keep,
}

impl Judgement {
    /// The alarm's state, when it was `previous` before.
    #[must_use]
    pub fn state(self, previous: AlarmState) -> AlarmState {
        match self {
            Self::Ok => AlarmState::Ok,
            Self::Alarm => AlarmState::Alarm,
            Self::Insufficient => AlarmState::InsufficientData,
            Self::Keep => previous,
        }
    }
}

/// Judges `points`, oldest first, one a period of the evaluation range, `None` where there is none.
pub fn judge(
    points: &[Option<f64>],
    Datapoints { m, n }: Datapoints,
    missing: Missing,
    breaches: impl Fn(f64) -> bool,
) -> Judgement {
    judge_newest_first(points.iter().rev().map(|p| p.map(&breaches)), m, n, missing)
}

/// Judges whether each period's point breaches, newest first, `None` where there is no point. As far back as it needs to
/// know and no further: this is asked of every series at every pass.
pub(super) fn judge_newest_first(
    points: impl Iterator<Item = Option<bool>>,
    m: usize,
    n: usize,
    missing: Missing,
) -> Judgement {
    let verdict = |alarm: bool| if alarm { Judgement::Alarm } else { Judgement::Ok };
    let (mut real, mut breaching, mut oldest) = (0, 0, 0);
    for (i, point) in points.enumerate() {
        let Some(breaches) = point else { continue };
        real += 1;
        breaching += usize::from(breaches);
        oldest = i + 1;
        if real == n {
            return verdict(breaching >= m);
        }
    }
    if real == 0 {
        return match missing {
            Missing::Breaching => Judgement::Alarm,
            Missing::NotBreaching => Judgement::Ok,
            Missing::Ignore => Judgement::Keep,
            Missing::Missing => Judgement::Insufficient,
        };
    }
    match missing {
        Missing::Breaching => verdict(breaching + (n - real) >= m),
        Missing::NotBreaching => verdict(breaching >= m),
        Missing::Missing | Missing::Ignore if breaching < real => verdict(breaching >= m),
        Missing::Ignore => Judgement::Keep,
        // Nothing is good, so all that is newer than the oldest breaching point is breaching or missing.
        Missing::Missing if oldest >= m => Judgement::Alarm,
        Missing::Missing => Judgement::Insufficient,
    }
}

/// How an alarm's points are held against its limit: `CloudWatch`'s seven words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlarmComparison {
    /// At the limit or above it.
    GreaterThanOrEqualToThreshold,
    /// Above the limit.
    GreaterThanThreshold,
    /// Below the limit.
    LessThanThreshold,
    /// At the limit or below it.
    LessThanOrEqualToThreshold,
    /// Outside the band.
    LessThanLowerOrGreaterThanUpperThreshold,
    /// Below the band.
    LessThanLowerThreshold,
    /// Above the band.
    GreaterThanUpperThreshold,
}

impl AlarmComparison {
    /// Every comparison.
    pub const ALL: [Self; 7] = [
        Self::GreaterThanOrEqualToThreshold,
        Self::GreaterThanThreshold,
        Self::LessThanThreshold,
        Self::LessThanOrEqualToThreshold,
        Self::LessThanLowerOrGreaterThanUpperThreshold,
        Self::LessThanLowerThreshold,
        Self::GreaterThanUpperThreshold,
    ];

    /// AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Self::GreaterThanThreshold => "GreaterThanThreshold",
            Self::LessThanThreshold => "LessThanThreshold",
            Self::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
            Self::LessThanLowerOrGreaterThanUpperThreshold => "LessThanLowerOrGreaterThanUpperThreshold",
            Self::LessThanLowerThreshold => "LessThanLowerThreshold",
            Self::GreaterThanUpperThreshold => "GreaterThanUpperThreshold",
        }
    }

    /// The comparison of AWS's word `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == name)
    }

    /// Whether it compares with a band instead of one limit.
    #[must_use]
    pub fn needs_band(self) -> bool {
        matches!(
            self,
            Self::LessThanLowerOrGreaterThanUpperThreshold
                | Self::LessThanLowerThreshold
                | Self::GreaterThanUpperThreshold
        )
    }

    /// Whether `value` breaches the band from `lower` to `upper`; for a plain limit both are the limit.
    #[must_use]
    pub fn breaches(self, value: f64, lower: f64, upper: f64) -> bool {
        match self {
            Self::GreaterThanOrEqualToThreshold => value >= upper,
            Self::GreaterThanThreshold | Self::GreaterThanUpperThreshold => value > upper,
            Self::LessThanThreshold | Self::LessThanLowerThreshold => value < lower,
            Self::LessThanOrEqualToThreshold => value <= lower,
            Self::LessThanLowerOrGreaterThanUpperThreshold => value < lower || value > upper,
        }
    }
}

/// What an alarm on a percentile does while a period has too few samples for it (`EvaluateLowSampleCountPercentile`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LowSamples {
    /// Evaluates them all the same. `CloudWatch`'s default.
    #[default]
    Evaluate,
    /// Keeps the state it is in.
    Ignore,
}

impl LowSamples {
    /// The treatment of AWS's word `name`; whatever is not `ignore` is the default.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        if name == "ignore" { Self::Ignore } else { Self::Evaluate }
    }
}

/// The fewest samples that the percentile `stat` (`p99`, `p99.9`) says something of: 10/(1-p) from the median on,
/// 10/p below it. `None` for what is no percentile.
#[must_use]
pub fn samples_needed(stat: &str) -> Option<f64> {
    let percent: f64 = stat.strip_prefix('p')?.parse().ok()?;
    let beyond = if percent >= 50.0 { 100.0 - percent } else { percent };
    // 1 - 0.9 is a little less than 0.1, and 100 samples are not a little too few.
    let needed = || (1000.0 / beyond * 1e6).round() / 1e6;
    (percent > 0.0 && percent < 100.0).then(needed)
}

/// One period's point, as an alarm sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlarmPoint {
    /// Its value.
    pub value: f64,
    /// The band it is held against, lower end first, for alarms that have one. A point without a band is no point.
    pub band: Option<(f64, f64)>,
    /// How many samples it is made of, where that is known.
    pub samples: Option<f64>,
}

impl From<f64> for AlarmPoint {
    fn from(value: f64) -> Self {
        Self { value, ..Self::default() }
    }
}

/// An alarm without its metric: all that decides over its state.
///
/// ```
/// use awswatch::model::AlarmState;
/// use awswatch::rules::{AlarmComparison, AlarmPoint, BareAlarm, Datapoints, Missing};
///
/// let alarm = BareAlarm {
///     comparison: AlarmComparison::GreaterThanThreshold,
///     threshold: 80.0,
///     datapoints: Datapoints { m: 2, n: 3 },
///     missing: Missing::Missing,
///     ..BareAlarm::default()
/// };
/// // One a period of the evaluation range, oldest first: the newest `alarm.datapoints.range()` complete periods, or as
/// // many as one likes to look back over.
/// let points = [None, Some(90.0), Some(10.0), None, Some(95.0)].map(|p| p.map(AlarmPoint::from));
/// assert_eq!(alarm.state(&points, AlarmState::Ok), AlarmState::Alarm);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BareAlarm {
    /// How points are compared.
    pub comparison: AlarmComparison,
    /// With what; not looked at where the comparison needs a band.
    pub threshold: f64,
    /// M of N.
    pub datapoints: Datapoints,
    /// What a gap counts for. For a metric of `AWS/DynamoDB` see [`Missing::in_namespace`].
    pub missing: Missing,
    /// The statistic, such as `p99`: decides how many samples a point needs.
    pub stat: String,
    /// What is done with points that have fewer.
    pub low_samples: LowSamples,
}

impl Default for BareAlarm {
    fn default() -> Self {
        Self {
            comparison: AlarmComparison::GreaterThanThreshold,
            threshold: 0.0,
            datapoints: Datapoints::ONE,
            missing: Missing::default(),
            stat: String::new(),
            low_samples: LowSamples::default(),
        }
    }
}

impl BareAlarm {
    /// Whether `point` breaches, or `None` where it cannot be compared.
    #[must_use]
    pub fn breaches(&self, point: &AlarmPoint) -> Option<bool> {
        let (lower, upper) = if self.comparison.needs_band() { point.band? } else { (self.threshold, self.threshold) };
        let ordered = !(point.value.is_nan() || lower.is_nan() || upper.is_nan());
        ordered.then(|| self.comparison.breaches(point.value, lower, upper))
    }

    /// What `points` amount to: one a period of the evaluation range, oldest first, `None` where there is none.
    ///
    /// Where points with few samples are ignored and one of the N newest has too few, the state stays; how `CloudWatch`
    /// mixes such points with others is not published.
    #[must_use]
    pub fn judge(&self, points: &[Option<AlarmPoint>]) -> Judgement {
        if self.low_samples == LowSamples::Ignore
            && let Some(needed) = samples_needed(&self.stat)
        {
            let mut newest = points.iter().rev().flatten().take(self.datapoints.n);
            if newest.any(|p| p.samples.is_some_and(|s| s < needed)) {
                return Judgement::Keep;
            }
        }
        let breaching = points.iter().rev().map(|p| p.as_ref().and_then(|p| self.breaches(p)));
        judge_newest_first(breaching, self.datapoints.m, self.datapoints.n, self.missing)
    }

    /// The state that `points` put the alarm in when it was `previous` before.
    #[must_use]
    pub fn state(&self, points: &[Option<AlarmPoint>], previous: AlarmState) -> AlarmState {
        self.judge(points).state(previous)
    }
}

#[cfg(test)]
#[path = "alarm_tests.rs"]
mod tests;
