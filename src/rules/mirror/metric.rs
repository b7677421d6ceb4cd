//! An alarm over a metric, over what is computed of several, or over a band.

use jiff::{SignedDuration, Timestamp};

use super::super::again::Again;
use super::super::reading::{Reading, publishes, read_series, record, said_until};
use super::super::rule::Rule;
use super::super::{
    AlarmComparison, AlarmPoint, BareAlarm, Comparison, Datapoints, EvalMode, Judgement, LowSamples, Missing,
    samples_needed,
};
use super::{At, Local, LocalState};
use crate::model::{Alarm, AlarmState, Kind, Metric, PollerKind, ResourceId, Series, Signal, Text};

/// How long after its end a period without a point is still waited for. CloudWatch itself waits by looking back over
/// more periods than N, which is done here too.
const SETTLE: SignedDuration = SignedDuration::from_secs(60);
/// From this period on, the running period's value is looked at: a month's sum so far is wanted now.
const LONG_PERIOD: u32 = 3600;

/// The metric that tells how many samples `metric` has, where `alarm` cares.
pub(super) fn samples_of(alarm: &Alarm, metric: &Metric) -> Option<Metric> {
    let cares = LowSamples::parse(&alarm.low_samples) == LowSamples::Ignore && samples_needed(&metric.stat).is_some();
    cares.then(|| Metric { stat: "SampleCount".into(), ..metric.clone() })
}

/// How far back what `alarm` watches is read where that is further than its series of `period` seconds holds anyway, in
/// seconds; else 0: `rule` may ask for how long it has been in ALARM, which began with the periods that it looks back over.
pub(super) fn history(rule: &Rule, alarm: &Alarm, period: u32) -> u32 {
    let (range, period) = (i64::from(alarm.evaluation_periods.max(1)).saturating_add(2), period.max(1));
    let hold = rule.longest_hold() / i64::from(period) + 1;
    let slots =
        if rule.longest_hold() == 0 { range } else { range.saturating_mul(2).saturating_add(hold).saturating_add(2) };
    let slots = u32::try_from(slots).unwrap_or(u32::MAX);
    if slots <= Series::usual_slots(period) { 0 } else { slots.min(Series::MAX_SLOTS).saturating_mul(period) }
}

/// The series that an alarm looks at.
struct Watched<'m> {
    /// What is compared, with the window through which it was read.
    metric: Metric,
    value: &'m Series,
    band: Option<(&'m Series, &'m Series)>,
    samples: Option<&'m Series>,
}

/// What the metric alarm `alarm` comes to, whose one metric, if it watches one, is kept with `home`; and until when, if
/// there is no news of what it reads.
pub(super) fn local(at: At<'_>, id: &ResourceId, alarm: &Alarm, home: Option<&ResourceId>) -> (Local, Again) {
    let mut again = Again::ON_NEWS;
    let local = found(at, id, alarm, home, &mut again).unwrap_or_else(|local| *local);
    (local, again)
}

fn found(
    at: At<'_>,
    id: &ResourceId,
    alarm: &Alarm,
    home: Option<&ResourceId>,
    again: &mut Again,
) -> Result<Local, Box<Local>> {
    let bare = bare(alarm).map_err(untold)?;
    let Some(watched) = watched(at, id, alarm, home, again)? else {
        return Ok(Local::new(LocalState::Is(bare.state(&vec![None; bare.datapoints.range()], alarm.state))));
    };
    let (period, step) = (watched.metric.period.max(1), watched.metric.step().max(1));
    let apart = usize::try_from(period / step).unwrap_or(1);
    if bare.datapoints.range().saturating_mul(apart) > watched.value.capacity() {
        return Err(untold("it looks back further than is kept here"));
    }
    let apart = i64::from(period / step);
    // Of a single reading only the periods that end with the newest are known.
    let each = if at.mode == EvalMode::OneShot { apart } else { 1 };
    let look = Look { bare: &bare, watched: &watched, previous: alarm.state, apart, each };
    Ok(Local { watched: Some(watched.metric.clone()), ..look.local() })
}

fn untold(why: impl Into<Text>) -> Box<Local> {
    Box::new(Local::untold(why))
}

/// The series of what `alarm` watches; `None` where nothing is published of it now.
fn watched<'m>(
    at: At<'m>,
    id: &ResourceId,
    alarm: &Alarm,
    home: Option<&ResourceId>,
    again: &mut Again,
) -> Result<Option<Watched<'m>>, Box<Local>> {
    if let Some(plain) = alarm.plain() {
        let home = home.ok_or_else(|| untold("what it watches is not known"))?;
        if at.model.resource(home).is_some_and(|r| !publishes(r)) {
            return Ok(None);
        }
        let poller = if home.kind == Kind::Bill { PollerKind::Bill } else { PollerKind::Metrics };
        if poller == PollerKind::Bill && record(at.model, &home.scope, poller).is_none() {
            return Err(untold("the bill is not read"));
        }
        let metric = at.model.read_furthest(home, plain.metric());
        let samples = samples_of(alarm, &metric).map(|m| series(at, home, m, poller, again)).transpose()?;
        let value = series(at, home, metric.clone(), poller, again)?;
        return Ok(Some(Watched { metric, value, band: None, samples }));
    }
    let mut group = alarm.group(id).ok_or_else(|| untold("what it watches cannot be asked for"))?;
    let metric = at.model.read_furthest(id, group.value_metric());
    group.slide = metric.slide;
    let value = series(at, id, metric.clone(), PollerKind::Metrics, again)?;
    let band = match group.band_metrics() {
        Some((lower, upper)) => {
            let [lower, upper] = [lower, upper].map(|m| series(at, id, m, PollerKind::Metrics, again));
            Some((lower?, upper?))
        }
        None => None,
    };
    let samples = group.samples_metric().filter(|_| LowSamples::parse(&alarm.low_samples) == LowSamples::Ignore);
    let samples = samples.map(|m| series(at, id, m, PollerKind::Metrics, again)).transpose()?;
    Ok(Some(Watched { metric, value, band, samples }))
}

fn series<'m>(
    at: At<'m>,
    of: &ResourceId,
    metric: Metric,
    poller: PollerKind,
    again: &mut Again,
) -> Result<&'m Series, Box<Local>> {
    match read_series(at.model, of, &Signal::Metric(metric), poller, at.mode, at.now) {
        Reading::Series(series, until) => {
            *again = again.or(until);
            Ok(series)
        }
        Reading::Not(standing) => {
            *again = again.or(said_until(&standing, at.model, &of.scope, at.now));
            Err(Box::new(Local::of(standing)))
        }
        Reading::NotApplicable => Err(untold("nothing is published of it")),
    }
}

/// `alarm` without what it watches.
fn bare(alarm: &Alarm) -> Result<BareAlarm, String> {
    let comparison = AlarmComparison::parse(&alarm.comparison)
        .ok_or_else(|| format!("its comparison {:?} is not known here", alarm.comparison.as_str()))?;
    let threshold = match alarm.threshold {
        // Points are kept as f32: the limit must be rounded as they are, or what equals it would lie beside it.
        #[expect(clippy::cast_possible_truncation, reason = "meant")]
        Some(threshold) => f64::from(threshold as f32),
        None if comparison.needs_band() && !alarm.threshold_query.is_empty() => 0.0,
        None => return Err("it has no limit".to_owned()),
    };
    let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX).clamp(1, 100_000);
    let n = size(alarm.evaluation_periods);
    let of_math = |namespace: &str| {
        let mut members = alarm.queries.iter().filter_map(|q| q.metric.as_ref()).peekable();
        members.peek().is_some() && members.all(|m| m.namespace == *namespace)
    };
    let namespace = if of_math("AWS/DynamoDB") { "AWS/DynamoDB" } else { &*alarm.namespace };
    // One with a unit, or written as a query, is asked for as a computation, and is its metric's statistic all the same.
    let stat = || {
        let returned = alarm.queries.iter().find(|q| q.returned && q.id != alarm.threshold_query);
        let metric = returned.and_then(|q| q.metric.as_ref());
        metric.map_or_else(|| alarm.stat.to_string(), |m| m.stat.to_string())
    };
    Ok(BareAlarm {
        comparison,
        threshold,
        datapoints: Datapoints { m: size(alarm.datapoints_to_alarm).min(n), n },
        missing: Missing::parse(&alarm.treat_missing_data).unwrap_or_default().in_namespace(namespace),
        stat: stat(),
        low_samples: LowSamples::parse(&alarm.low_samples),
    })
}

struct Look<'a> {
    bare: &'a BareAlarm,
    watched: &'a Watched<'a>,
    /// CloudWatch's state: what was, where nothing here tells.
    previous: AlarmState,
    /// How many slots lie between a period and the next: more than one where the window slides, and periods overlap.
    apart: i64,
    /// How many slots lie between an evaluation and the next.
    each: i64,
}

impl Look<'_> {
    fn point(&self, slot: i64) -> Option<AlarmPoint> {
        let Watched { value, band, samples, .. } = self.watched;
        let band = match band {
            Some((lower, upper)) => Some((lower.at_slot(slot)?, upper.at_slot(slot)?)),
            None => None,
        };
        Some(AlarmPoint { value: value.at_slot(slot)?, band, samples: samples.and_then(|s| s.at_slot(slot)) })
    }

    fn points(&self, end: i64) -> Vec<Option<AlarmPoint>> {
        let range = i64::try_from(self.bare.datapoints.range()).unwrap_or(i64::MAX);
        (0..range).rev().map(|back| self.point(end.saturating_sub(back.saturating_mul(self.apart)))).collect()
    }

    fn judge(&self, end: i64) -> Judgement {
        self.bare.judge(&self.points(end))
    }

    /// Whether a point can only get worse while late data comes in.
    fn grows(&self) -> bool {
        use AlarmComparison as C;
        match (self.bare.comparison, self.bare.stat.as_str()) {
            (C::GreaterThanThreshold | C::GreaterThanOrEqualToThreshold, stat) => {
                matches!(stat, "Sum" | "Maximum" | "SampleCount")
            }
            (C::LessThanThreshold | C::LessThanOrEqualToThreshold, stat) => stat == "Minimum",
            _ => false,
        }
    }

    /// The newest slot that may be compared, and the newest whose value is final.
    fn ends(&self) -> Option<(i64, i64)> {
        let Watched { metric, value, band, samples } = self.watched;
        let mut all = vec![*value];
        all.extend(band.iter().flat_map(|(lower, upper)| [*lower, *upper]));
        all.extend(*samples);
        let covered = all.iter().map(|s| s.covered_to()).min().flatten()?.as_second();
        let read = all.iter().filter_map(|s| s.read_at()).min().map_or(covered, |read| read.as_second().max(covered));
        // The slot of the newest period that ended by then.
        let (period, step) = (i64::from(metric.period), i64::from(value.period()));
        let ended = |by: i64| (by - period).div_euclid(step);
        let complete = ended(covered);
        let settled = ended(read - SETTLE.as_secs()).min(complete);
        if !self.grows() {
            // Averages, percentiles and what is computed may go either way until all data is in.
            return Some((settled, settled));
        }
        let running = self.apart == 1 && metric.period >= LONG_PERIOD && self.point(complete + 1).is_some();
        let last = if running { complete + 1 } else { complete };
        let newest = (settled..=last).rev().find(|slot| self.point(*slot).is_some()).unwrap_or(settled);
        Some((newest, settled))
    }

    fn local(&self) -> Local {
        let Some((mut end, converged)) = self.ends() else { return Local::new(LocalState::Loading) };
        let mut judgement = self.judge(end);
        if judgement != Judgement::Alarm && self.grows() {
            // What can still rise cannot clear.
            if let Some(slot) = (converged..end).rev().find(|slot| self.judge(*slot) == Judgement::Alarm) {
                (end, judgement) = (slot, Judgement::Alarm);
            }
        }
        let first = self.first(end);
        let state = match judgement {
            Judgement::Keep => {
                let before = self.before(first, end).map(|slot| self.judge(slot)).find(|j| *j != Judgement::Keep);
                before.unwrap_or(Judgement::Keep).state(self.previous)
            }
            judgement => judgement.state(self.previous),
        };
        let newest = (first..=end).rev().find_map(|slot| Some((slot, self.point(slot)?)));
        let (comparison, limit) = newest
            .map_or_else(|| (sign(self.bare.comparison, true), self.bare.threshold), |(_, point)| self.limit(&point));
        let points = self.points(end);
        let few = self.bare.low_samples == LowSamples::Ignore
            && samples_needed(&self.bare.stat)
                .is_some_and(|needed| points.iter().flatten().any(|p| p.samples.is_some_and(|s| s < needed)));
        let since = (state == AlarmState::Alarm).then(|| self.since(first, end));
        Local {
            since: since.map(|(since, _)| since),
            older: since.is_some_and(|(_, older)| older),
            // Where the newest gap counts as a breach, an older value is not what breaches now.
            value: newest
                .filter(|(slot, _)| *slot == end || self.bare.missing != Missing::Breaching)
                .map(|(_, point)| point.value),
            limit: Some(limit),
            comparison,
            data_at: newest.map(|(slot, _)| self.watched.value.slot_start(slot)),
            gaps: points.iter().filter(|p| p.is_none()).count(),
            few_samples: few && judgement == Judgement::Keep,
            ..Local::new(LocalState::Is(state))
        }
    }

    /// The evaluations before that at `end`, newest first.
    fn before(&self, first: i64, end: i64) -> impl Iterator<Item = i64> {
        (first..=end).rev().step_by(usize::try_from(self.each).unwrap_or(1)).skip(1)
    }

    /// The oldest slot that is looked at for how it was before.
    fn first(&self, end: i64) -> i64 {
        let capacity = i64::try_from(self.watched.value.capacity()).unwrap_or(i64::MAX);
        let oldest = self.watched.value.points().next().map_or(end, |p| self.watched.value.slot(p.at));
        oldest.max(end - capacity + 1).min(end)
    }

    /// Start of the oldest breaching period of the unbroken time in ALARM that reaches to `end`, and whether it may have begun
    /// before: of the oldest periods too little is kept to tell.
    fn since(&self, first: i64, end: i64) -> (Timestamp, bool) {
        let (mut began, mut good_at) = (end, first);
        for slot in self.before(first, end) {
            match self.judge(slot) {
                Judgement::Alarm => began = slot,
                Judgement::Keep => {}
                Judgement::Ok | Judgement::Insufficient => {
                    good_at = slot;
                    break;
                }
            }
        }
        // Of the points that first made it an alarm, the oldest that breaches without a good one behind it too many.
        let Datapoints { m, n } = self.bare.datapoints;
        let (mut start, mut good) = (began, 0);
        for slot in (first..=began).rev().step_by(usize::try_from(self.apart).unwrap_or(1)) {
            match self.point(slot).and_then(|p| self.bare.breaches(&p)) {
                Some(true) => (start, good) = (slot, 0),
                Some(false) => good += 1,
                None if self.bare.missing == Missing::Breaching => (start, good) = (slot, 0),
                None => {}
            }
            if good > n - m || began - slot >= i64::try_from(n + 2).unwrap_or(i64::MAX).saturating_mul(self.apart) {
                break;
            }
        }
        let range = i64::try_from(self.bare.datapoints.range()).unwrap_or(i64::MAX);
        (self.watched.value.slot_start(start), good_at.saturating_sub(first) < range.saturating_mul(self.apart))
    }

    /// How `point` compares, and with what: of a band, the end that it breaches or is nearer to.
    fn limit(&self, point: &AlarmPoint) -> (Comparison, f64) {
        let Some((lower, upper)) = point.band.filter(|_| self.bare.comparison.needs_band()) else {
            return (sign(self.bare.comparison, true), self.bare.threshold);
        };
        let above = match self.bare.comparison {
            AlarmComparison::GreaterThanUpperThreshold => true,
            AlarmComparison::LessThanLowerThreshold => false,
            _ => point.value > f64::midpoint(lower, upper),
        };
        (sign(self.bare.comparison, above), if above { upper } else { lower })
    }
}

/// The sign for a comparison; of one with both ends of a band, by which it is.
fn sign(comparison: AlarmComparison, above: bool) -> Comparison {
    match comparison {
        AlarmComparison::GreaterThanOrEqualToThreshold => Comparison::AtLeast,
        AlarmComparison::GreaterThanThreshold | AlarmComparison::GreaterThanUpperThreshold => Comparison::Above,
        AlarmComparison::LessThanOrEqualToThreshold => Comparison::AtMost,
        AlarmComparison::LessThanLowerOrGreaterThanUpperThreshold if above => Comparison::Above,
        AlarmComparison::LessThanThreshold
        | AlarmComparison::LessThanLowerThreshold
        | AlarmComparison::LessThanLowerOrGreaterThanUpperThreshold => Comparison::Below,
    }
}
