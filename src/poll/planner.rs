//! Which metrics to ask for now, in as few calls as can be.
//!
//! Pure: `now` is an argument. A series is asked for once a period, when a period has ended since it was last
//! answered; its window is the newest [`REVISED`] whole periods, because points are revised while late data comes in,
//! and whatever lies between them and the last answer.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Query;
use crate::aws::cloudwatch::{MAX_POINTS, MAX_QUERIES};
use crate::model::{Metric, QueryStatus, absent_is_zero};

/// How many of the newest whole periods each reading covers.
pub(super) const REVISED: i64 = 5;
/// A metric that was asked for this long without a point is taken for dead, and read less often, if nobody waits for one.
const DEAD_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// How often a metric that AWS refuses is asked for.
const FORBIDDEN_EVERY: i64 = 900;
/// How often a dead metric is read, at least.
const DEAD_EVERY: i64 = 900;
/// From this period on every reading includes the running period: a value that is the month's sum so far is wanted
/// now, not in six hours. It is read several times a period, see [`refreshed`].
pub(super) const LONG_PERIOD: i64 = 3600;
/// What is known of each series that is wanted.
#[derive(Debug, Default)]
pub(super) struct Planner {
    series: BTreeMap<Query, State>,
}

/// What became of the readings of a series so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) first_asked: Option<Timestamp>,
    /// End of the newest window that was answered whole.
    pub(super) answered_to: Option<Timestamp>,
    pub(super) newest_point: Option<Timestamp>,
    /// When it was last answered whole.
    pub(super) read_at: Option<Timestamp>,
    /// When AWS last refused it.
    pub(super) forbidden_at: Option<Timestamp>,
    /// How far back its first reading goes at least, in seconds.
    pub(super) history: u32,
    /// Whether somebody waits for a point of it though there was none for long.
    pub(super) awaited: bool,
}

impl State {
    /// Whether AWS refused it lately. A permission that was given meanwhile is found; one that lacks costs a reading now
    /// and then.
    pub(super) fn refused(&self, now: i64) -> bool {
        self.forbidden_at.map(Timestamp::as_second).is_some_and(|at| at <= now && now - at < FORBIDDEN_EVERY)
    }
}

/// One series of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub(super) query: Query,
    /// Start of what is wanted, on the metric's period grid.
    pub(super) from: Timestamp,
    /// Its end (exclusive), on the grid.
    pub(super) to: Timestamp,
}

impl Planned {
    /// Whether its running period is wanted too.
    pub(super) fn takes_running(&self) -> bool {
        i64::from(self.query.metric.period) >= LONG_PERIOD
    }
}

/// One call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Batch {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) series: Vec<Planned>,
}

impl Batch {
    /// The call as two of half its size; `None` for one series.
    pub(super) fn halves(&self) -> Option<(Self, Self)> {
        let (one, other) = self.series.split_at_checked(self.series.len() / 2).filter(|(one, _)| !one.is_empty())?;
        let half = |series: &[Planned]| Self { series: series.to_vec(), ..*self };
        Some((half(one), half(other)))
    }
}

/// Whether CloudWatch publishes the metric only while it is not zero, or only while there is traffic: having no point
/// is then what its health looks like, and a first point is what one waits for.
fn is_sparse(metric: &Metric) -> bool {
    absent_is_zero(&metric.namespace, &metric.name)
        || matches!(metric.namespace.as_str(), "AWS/ELB" | "AWS/ApplicationELB" | "AWS/NetworkELB")
        || [
            "Error",
            "Throttle",
            "Fail",
            "Reject",
            "5XX",
            "4XX",
            "TimedOut",
            "Timeout",
            "Abort",
            "Dropped",
            "DeadLetter",
        ]
        .iter()
        .any(|word| metric.name.contains(word))
}

/// How far back the first reading goes: what a ring of that period holds.
fn history(period: i64) -> i64 {
    match period {
        ..=60 => 3 * 3600,
        61..=900 => 6 * 3600,
        901..=3600 => 36 * 3600,
        _ => 35 * 86_400,
    }
}

/// How many seconds lie between two readings of a metric of a long period: AWS publishes those a few times a day, or once.
pub(super) fn refreshed(period: i64) -> i64 {
    (period / 24).clamp(300, 3600)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

impl Planner {
    /// Takes over what is wanted from now on. What stays keeps its history; what comes back begins anew, so that a
    /// refused metric is tried again. Returns whether anything is new.
    pub(super) fn want<'a>(&mut self, queries: impl Iterator<Item = &'a Query>) -> bool {
        let mut known = std::mem::take(&mut self.series);
        for state in known.values_mut() {
            state.awaited = false;
        }
        let mut new = false;
        for query in queries {
            // Who else wants it, and how far back, makes it no other series.
            let key = Query { history: 0, awaited: false, ..query.clone() };
            let state = known.remove(&key);
            let state = self.series.entry(key).or_insert_with(|| {
                new |= state.is_none();
                state.unwrap_or_default()
            });
            state.awaited |= query.awaited;
            if query.history > state.history {
                state.history = query.history;
                // What was answered does not reach back far enough: it is read as if for the first time.
                state.answered_to = None;
                new = true;
            }
        }
        new
    }

    /// Wants `queries` too.
    pub(super) fn add(&mut self, queries: Vec<Query>) {
        for query in queries {
            let (history, awaited) = (query.history, query.awaited);
            let state = self.series.entry(Query { history: 0, awaited: false, ..query }).or_default();
            (state.history, state.awaited) = (history, awaited);
        }
    }

    /// The calls that are due at `now`. `slowdown` is how many periods each series waits between two readings.
    pub(super) fn plan(&self, now: Timestamp, slowdown: u32) -> Vec<Batch> {
        let mut metrics: BTreeMap<_, Vec<Planned>> = BTreeMap::new();
        for (query, state) in &self.series {
            let sparse = state.awaited || is_sparse(&query.metric);
            if let Some((from, to)) = window(query.metric.period, sparse, state, now.as_second(), slowdown) {
                let of = (
                    &query.resource,
                    &query.metric.namespace,
                    &query.metric.name,
                    query.metric.period,
                    &query.dimensions,
                );
                let planned = Planned { query: query.clone(), from: at(from), to: at(to) };
                metrics.entry(of).or_default().push(planned);
            }
        }
        let mut metrics: Vec<Vec<Planned>> = metrics.into_values().collect();
        // Short windows first, so that a call's series want about the same and none is stretched to a long one's.
        metrics.sort_by_key(|series| std::cmp::Reverse(series.iter().map(|s| s.from).min()));
        let mut batches = Vec::new();
        let mut open = Packing::default();
        for series in metrics {
            if !open.fits(&series) {
                batches.push(std::mem::take(&mut open).batch);
            }
            open.add(series);
        }
        batches.push(open.batch);
        batches.retain(|b| !b.series.is_empty());
        batches
    }

    /// Has what was refused asked for at once: somebody wants to know now.
    pub(super) fn forgive(&mut self) {
        for state in self.series.values_mut() {
            state.forbidden_at = None;
        }
    }

    /// Takes in what became of `planned`.
    pub(super) fn answered(
        &mut self,
        planned: &Planned,
        now: Timestamp,
        status: Option<QueryStatus>,
        newest: Option<Timestamp>,
    ) {
        let Some(state) = self.series.get_mut(&planned.query) else { return };
        state.first_asked.get_or_insert(now);
        match status {
            Some(QueryStatus::Complete) => {
                state.answered_to = Some(planned.to);
                state.read_at = Some(now);
                state.forbidden_at = None;
            }
            Some(QueryStatus::Forbidden) => state.forbidden_at = Some(now),
            Some(QueryStatus::Partial | QueryStatus::InternalError) | None => {}
        }
        state.newest_point = state.newest_point.max(newest);
    }
}

/// What is due at `now` of a series of `period` seconds: from and to, on its grid. One that is `sparse` is never taken
/// for dead: its first point is what somebody waits for.
pub(super) fn window(period: u32, sparse: bool, state: &State, now: i64, slowdown: u32) -> Option<(i64, i64)> {
    if state.refused(now) {
        return None;
    }
    let period = i64::from(period.max(1));
    let end = now - now.rem_euclid(period);
    let oldest = end - history(period).max(state.history.into()) / period * period;
    let Some(answered) = state.answered_to.map(Timestamp::as_second) else {
        return Some((oldest, end));
    };
    if answered > end {
        // The clock was set back: the answer of the future says nothing of now.
        return Some(((end - REVISED * period).max(oldest), end));
    }
    let from = (end - REVISED * period).min(answered - (REVISED - 1) * period).max(oldest);
    if period >= LONG_PERIOD {
        let every = refreshed(period) * i64::from(slowdown.max(1));
        // A poller's waits vary a little: one that comes early must not make the next reading twice as late.
        let due = state.read_at.map(Timestamp::as_second).is_none_or(|read| read > now || now - read >= every - 45);
        return due.then_some((from, end));
    }
    let dead = !sparse
        && state.first_asked.is_some_and(|since| now - since.as_second() > DEAD_AFTER.as_secs())
        && state.newest_point.is_none_or(|p| now - p.as_second() > DEAD_AFTER.as_secs().max(10 * period));
    let step = if dead { DEAD_EVERY.max(10 * period) } else { period * i64::from(slowdown.max(1)) };
    // The last point of a long period is published about a minute after its end: asked at once, it would be seen a
    // whole period late.
    let settling = now - end < (period - 60).clamp(0, 60);
    (end - answered >= step && !settling).then_some((from, end))
}

/// A call being filled.
#[derive(Debug, Default)]
struct Packing {
    batch: Batch,
    /// How many series of each period it holds.
    periods: BTreeMap<u32, usize>,
}

impl Packing {
    fn fits(&self, series: &[Planned]) -> bool {
        if self.batch.series.is_empty() {
            return true;
        }
        let mut span = (self.batch.from, self.batch.to);
        let mut periods = self.periods.clone();
        for s in series {
            span = (span.0.min(s.from), span.1.max(ask_to(s)));
            *periods.entry(s.query.metric.period).or_default() += 1;
        }
        self.batch.series.len() + series.len() <= MAX_QUERIES && points(span, &periods) <= MAX_POINTS
    }

    fn add(&mut self, series: Vec<Planned>) {
        for s in series {
            let first = self.batch.series.is_empty();
            self.batch.from = if first { s.from } else { self.batch.from.min(s.from) };
            self.batch.to = if first { ask_to(&s) } else { self.batch.to.max(ask_to(&s)) };
            *self.periods.entry(s.query.metric.period).or_default() += 1;
            self.batch.series.push(s);
        }
    }
}

/// Where the asking ends: for long periods, with the running one.
fn ask_to(planned: &Planned) -> Timestamp {
    let period = i64::from(planned.query.metric.period);
    if planned.takes_running() { at(planned.to.as_second() + period) } else { planned.to }
}

/// Most points the answer to a call can hold.
fn points((from, to): (Timestamp, Timestamp), periods: &BTreeMap<u32, usize>) -> u64 {
    let range = u64::try_from(to.as_second() - from.as_second()).unwrap_or(0);
    periods.iter().map(|(period, count)| range.div_ceil(u64::from(*period).max(1)) * *count as u64).sum()
}

#[cfg(test)]
mod tests;
