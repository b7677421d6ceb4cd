//! Which metrics to ask for now, in as few calls as can be.
//!
//! Pure: `now` is an argument. A series is asked for once a period, when a period has ended since it was last
//! answered; its window is the newest [`REVISED`] whole periods, because points are revised while late data comes in,
//! and whatever lies between them and the last answer. One whose window slides ([`sliding`](super::sliding)) is asked for
//! once a step: what it is made of, or it itself with the phase of the step.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Query;
use super::packing::packed;
use super::sliding::{AllRolled, asked};
use crate::model::{Metric, PointBatch, QueryStatus, absent_is_zero};

/// How many seconds after its end the last points of a period of several minutes are published.
const SETTLING: i64 = 60;
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
    /// Those that are made of others.
    rolled: AllRolled,
    /// Whether there is only one reading: then of a window that slides no phases are read but the newest.
    pub(super) once: bool,
}

/// What became of the readings of a series so far.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Whether it is wanted for itself, and not only as a part of others.
    pub(super) own: bool,
    /// The longest period of what is made of it, in seconds; 0 where nothing is.
    pub(super) part_of: u32,
    /// How far back what is made of it must go at least, in seconds.
    pub(super) part_history: u32,
    /// Of a window that slides: up to where each phase (seconds of its start beyond whole periods) was answered.
    pub(super) phases: BTreeMap<i64, Timestamp>,
}

impl State {
    /// Whether AWS refused it lately. A permission that was given meanwhile is found; one that lacks costs a reading now
    /// and then.
    pub(super) fn refused(&self, now: i64) -> bool {
        self.forbidden_at.map(Timestamp::as_second).is_some_and(|at| at <= now && now - at < FORBIDDEN_EVERY)
    }

    /// Notes that a window of `period` seconds that slides by `slide`, or does not, was answered up to `to`.
    pub(super) fn answer(&mut self, period: u32, slide: u32, to: Timestamp) {
        if slide == 0 {
            self.answered_to = Some(to);
            return;
        }
        let period = i64::from(period.max(1));
        // What lies further ahead is of a clock that was set back since.
        self.phases.retain(|_, known| known.as_second() <= to.as_second() + period);
        self.phases.insert(to.as_second().rem_euclid(period), to);
        // Where several phases are read at once, the newest counts.
        self.answered_to = self.phases.values().max().copied();
    }
}

/// One series of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub(super) query: Query,
    /// Start of what is wanted, on the metric's period grid, or beside it by the phase of a window that slides.
    pub(super) from: Timestamp,
    /// Its end (exclusive), whole periods later.
    pub(super) to: Timestamp,
    /// Start of what is wanted of it for itself; `None` where it is wanted only as a part of others.
    pub(super) own: Option<Timestamp>,
}

impl Planned {
    /// Whether its running period is wanted too.
    pub(super) fn takes_running(&self) -> bool {
        self.query.metric.slide == 0 && i64::from(self.query.metric.period) >= LONG_PERIOD
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
            (state.own, state.part_of, state.awaited) = (false, 0, false);
        }
        let mut new = false;
        let mut rolled = Vec::new();
        for query in queries {
            // Who else wants it, and how far back, makes it no other series.
            let key = Query { history: 0, awaited: false, ..query.clone() };
            let parts = asked(&key);
            let part_of = if parts[..] == [key.clone()] { 0 } else { key.metric.period };
            let made_anew = part_of > 0 && !self.rolled.makes(&key);
            for part in parts {
                let state = known.remove(&part);
                let state = self.series.entry(part).or_insert_with(|| {
                    new |= state.is_none();
                    state.unwrap_or_default()
                });
                state.own |= part_of == 0;
                state.awaited |= query.awaited;
                state.part_of = state.part_of.max(part_of);
                let history = if part_of == 0 { &mut state.history } else { &mut state.part_history };
                if query.history > *history || made_anew {
                    *history = query.history.max(*history);
                    // What was answered does not reach back far enough: it is read as if for the first time.
                    state.answered_to = None;
                    state.phases.clear();
                    new = true;
                }
            }
            if part_of > 0 {
                rolled.push(key);
            }
        }
        self.rolled.want(rolled);
        new
    }

    /// Wants `queries` too.
    pub(super) fn add(&mut self, queries: Vec<Query>) {
        for query in queries {
            let (history, awaited) = (query.history, query.awaited);
            let state = self.series.entry(Query { history: 0, awaited: false, ..query }).or_default();
            (state.history, state.awaited, state.own) = (history, awaited, true);
        }
    }

    /// The calls that are due at `now`. `slowdown` is how many periods each series waits between two readings.
    pub(super) fn plan(&self, now: Timestamp, slowdown: u32) -> Vec<Batch> {
        let mut due: BTreeMap<&Query, Vec<Planned>> = BTreeMap::new();
        for (query, state) in &self.series {
            if query.metric.slide > 0 {
                let planned = self.phases(query, state, now.as_second(), slowdown);
                if !planned.is_empty() {
                    due.insert(query, planned);
                }
                continue;
            }
            let sparse = state.awaited || is_sparse(&query.metric);
            if let Some((from, to)) = window(query.metric.period, sparse, state, now.as_second(), slowdown) {
                let own = state.own.then(|| at(from));
                let planned = Planned { query: query.clone(), from: at(reaching(state, from, to)), to: at(to), own };
                due.insert(query, vec![planned]);
            }
        }
        self.with_fellows(&mut due, now.as_second());
        let mut metrics: BTreeMap<_, Vec<Planned>> = BTreeMap::new();
        for (query, planned) in due {
            let Metric { namespace, name, period, slide, .. } = &query.metric;
            for planned in planned {
                // Statistics of one metric are billed as one where they are in one call; each phase is a call of its own.
                let phase = if *slide > 0 { planned.to } else { Timestamp::MIN };
                let of = (&query.resource, namespace, name, period, slide, &query.dimensions, phase);
                metrics.entry(of).or_default().push(planned);
            }
        }
        packed(metrics.into_values().collect())
    }

    /// Adds to what is `due` the parts without which it makes nothing, all with one window.
    fn with_fellows<'s>(&'s self, due: &mut BTreeMap<&'s Query, Vec<Planned>>, now: i64) {
        for rolled in self.rolled.iter() {
            let planned = || rolled.parts.iter().filter_map(|part| due.get(part)).flatten();
            let (Some(from), Some(to)) = (planned().map(|p| p.from).min(), planned().map(|p| p.to).max()) else {
                continue;
            };
            for part in &rolled.parts {
                if let Some(planned) = due.get_mut(part) {
                    for p in planned {
                        p.from = p.from.min(from);
                    }
                } else if let Some((key, state)) = self.series.get_key_value(part).filter(|(_, s)| !s.refused(now)) {
                    let own = state.own.then_some(from);
                    due.insert(key, vec![Planned { query: key.clone(), from, to, own }]);
                }
            }
        }
    }

    /// What is due of a series that is asked for with windows that slide: the phase whose window has just ended, and at
    /// first all others too.
    fn phases(&self, query: &Query, state: &State, now: i64, slowdown: u32) -> Vec<Planned> {
        let (period, step) = (query.metric.period, query.metric.slide);
        let planned = |(from, to)| Planned { query: query.clone(), from: at(from), to: at(to), own: Some(at(from)) };
        let windows = sliding_windows((period, step), state, now, slowdown, self.once);
        windows.into_iter().map(planned).collect()
    }

    /// What is made of a call's answers, each with all that it brought.
    pub(super) fn made_of(&mut self, read: &BTreeMap<&Query, PointBatch>) -> Vec<PointBatch> {
        self.rolled.made_of(read)
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
                state.answer(planned.query.metric.period, planned.query.metric.slide, planned.to);
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
    let settling = now - end < (period - 60).clamp(0, SETTLING);
    (end - answered >= step && !settling).then_some((from, end))
}

/// From where a series is read of which `from` to `to` is wanted for itself, so that others can be made of it.
fn reaching(state: &State, from: i64, to: i64) -> i64 {
    let period = i64::from(state.part_of);
    if period == 0 {
        return from;
    }
    if state.answered_to.is_none() {
        let history = history(period).max(i64::from(state.part_history) / period * period);
        return from.min(to - history - period);
    }
    (from - period).min(to - REVISED * period)
}

/// What is due at `now` of windows of `period` seconds that slide by `step`: from and to of each phase.
///
/// While nothing was ever answered, all phases are wanted, so that how it was before is known; `once`, only the newest.
/// A phase is not read again before a period has gone by, so that it must not be read before its data is in.
pub(super) fn sliding_windows(
    (period, step): (u32, u32),
    state: &State,
    now: i64,
    slowdown: u32,
    once: bool,
) -> Vec<(i64, i64)> {
    if state.refused(now) {
        return Vec::new();
    }
    let (period, step) = (i64::from(period.max(1)), i64::from(step.max(1)));
    let settled = now - SETTLING;
    let end = settled - settled.rem_euclid(step);
    let newest = state.answered_to.map(Timestamp::as_second);
    if newest.is_some_and(|newest| newest <= end && end - newest < step * i64::from(slowdown.max(1))) {
        return Vec::new();
    }
    let window = |to: i64| {
        let oldest = to - history(period).max(state.history.into()) / period * period;
        let answered = state.phases.get(&to.rem_euclid(period)).map(|t| t.as_second());
        let revised = to - REVISED * period;
        match answered {
            None => (oldest, to),
            Some(answered) if answered > to => (revised.max(oldest), to),
            Some(answered) => (revised.min(answered - (REVISED - 1) * period).max(oldest), to),
        }
    };
    let others = (1..period / step).map(|back| end - back * step);
    let others = others.filter(|to| !once && !state.phases.contains_key(&to.rem_euclid(period)));
    std::iter::once(end).chain(others).map(window).collect()
}

#[cfg(test)]
mod tests;
