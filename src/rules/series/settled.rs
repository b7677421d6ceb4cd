//! Which slots can be compared already: what is waited for, and what late data cannot make undone.

use jiff::{SignedDuration, Timestamp};

use super::{Comparison, EvalMode, Grid, Guard, Judgement, Look, Missing, Points, Rule, RuleLevel};
use crate::rules::rule::LateData;

/// How long after its end a period still changes, though a point is there: averages, percentiles and what falls short go
/// either way until then. As long as CloudWatch's own alarms are taken to wait. A rule whose `settle` is shorter waits for
/// that only.
const CONVERGED: i64 = 60;
/// Most inputs of which everything is supposed that they may still come to.
const MOST_LATE: usize = 3;
/// More than any metric comes to in a period.
const VERY_MUCH: f64 = 1e15;

impl<'a> Look<'a> {
    pub(super) fn new(grid: &'a Grid<'a>, rule: &Rule, level: &'a RuleLevel, mode: EvalMode) -> Self {
        let mut look = Self { grid, level, missing: rule.missing, settle: rule.settle, mode, settled: grid.last };
        if !grid.api {
            look.settled = grid.settles(look.settle);
        }
        look
    }

    /// The newest slot in which, by its age, a gap is a gap.
    pub(super) fn by_age(&self) -> i64 {
        self.grid.by_age(self.settle)
    }

    /// Whether late data can only make it worse.
    pub(super) fn grows(&self) -> bool {
        matches!(
            (self.level.comparison, self.grid.quantity.late_data()),
            (Comparison::Above | Comparison::AtLeast, LateData::Raises)
                | (Comparison::Below | Comparison::AtMost, LateData::Lowers)
        )
    }

    /// The slots before `end` whose points may still rise, where late data raises them. That a gap breaches is another
    /// thing: a point puts an end to it.
    pub(super) fn may_rise(&self, end: i64) -> impl DoubleEndedIterator<Item = i64> + use<'_> {
        (self.by_age().max(self.grid.first)..end).filter(|s| self.grid.value(*s).is_some())
    }

    /// The newest slot to compare: settled ones, and one that breaches whatever is still to come.
    pub(super) fn end(&self) -> i64 {
        let g = self.grid;
        if g.api {
            return g.last;
        }
        let newer = (self.settled + 1..=g.last).rev();
        let early = if self.grows() {
            newer.into_iter().find(|s| self.is_sure(*s))
        } else {
            newer.into_iter().find(|s| self.is_sure(*s) && self.judge(*s) == Judgement::Alarm)
        };
        early.unwrap_or(self.settled)
    }

    /// Whether `slot`, which has not settled, breaches in any case.
    fn is_sure(&self, slot: i64) -> bool {
        if self.grows() {
            return self.grid.value(slot).is_some_and(|v| self.breaches(v));
        }
        if slot > self.grid.converged(self.settle) || self.grid.quantity.inputs.len() < 2 {
            return false;
        }
        let late: Vec<usize> = (0..self.grid.series.len()).filter(|i| self.grid.is_late(*i, slot)).collect();
        if late.is_empty() || late.len() > MOST_LATE {
            return false;
        }
        let expr = &self.grid.quantity.expr;
        let bit = |i: usize| late.iter().position(|l| *l == i);
        let at_all_ends = |holds: &dyn Fn(&Supposed<'_>) -> bool| {
            (0..1_u32 << late.len()).all(|high| {
                let high = |i: usize| bit(i).map(|bit| high >> bit & 1 == 1);
                holds(&Supposed { grid: self.grid, slot, high: &high })
            })
        };
        if !at_all_ends(&|ends| expr.value(ends, slot).is_some_and(|v| self.breaches(v))) {
            return false;
        }
        // What holds at all ends holds between them where the value moves one way with each late input, which it does as
        // long as no divisor passes 0. Elsewhere the number may come to anything, and is waited for.
        let Some(divisors) = expr.monotone(&|i| bit(i).map_or(0, |bit| 1 << bit)) else { return false };
        divisors.iter().all(|divisor| {
            let beyond = |sign: f64| at_all_ends(&|ends| divisor.value(ends, slot).is_some_and(|v| v * sign > 0.0));
            beyond(1.0) || beyond(-1.0)
        })
    }

    /// The newest slot before `end` that breached for long enough among those that one reading brought at once, and since
    /// when. What was read late (AWS did not answer, the budget slows) was never looked at while it was the newest: it is
    /// told until the next reading. So is what had not settled before, of which the last points may have come since.
    pub(super) fn caught_up(&self, end: i64) -> Option<(i64, Timestamp)> {
        let grid = self.grid;
        let before = grid.covered_before.filter(|_| !grid.api)?;
        if grid.covered_to.as_second() - before.as_second() < 2 * grid.period {
            return None;
        }
        // Where nothing is known before, M of N would be of what nobody read.
        let known = grid.read_from.max(grid.first).saturating_add(self.compared() - 1);
        let judged = grid.ended(before, self.settle.as_secs());
        let breached = |slot: &i64| match self.value(*slot) {
            Some(value) => self.breaches(value),
            None => self.missing == Missing::Breaching,
        };
        let breaching = ((judged + 1).max(known)..end).rev().filter(breached);
        breaching.filter(|slot| self.judge(*slot) == Judgement::Alarm).find_map(|slot| {
            let (since, _) = self.since(slot);
            (grid.start(slot + 1).duration_since(since) >= self.level.hold).then_some((slot, since))
        })
    }

    /// Its value in `slot`, as it is judged: what has not settled is no breach before it is sure to be one.
    pub(super) fn value(&self, slot: i64) -> Option<f64> {
        let value = self.grid.value(slot);
        if value.is_none() && slot < self.grid.read_from.min(self.grid.first) {
            // Nobody looked: that it was missing is not known. One look alone supposes it to have been as it is.
            let breaches = self.missing == Missing::Breaching && self.mode == EvalMode::Live;
            return breaches.then_some(f64::NAN);
        }
        if slot <= self.settled || self.grid.api {
            return value;
        }
        match value {
            Some(_) if self.grows() || self.is_sure(slot) => value,
            None if self.missing != Missing::Breaching => None,
            _ => Some(f64::NAN),
        }
    }
}

impl Grid<'_> {
    /// The newest slot that ended at least `seconds` before `at`.
    pub(super) fn ended(&self, at: Timestamp, seconds: i64) -> i64 {
        (at.as_second() - seconds).div_euclid(self.period) - 1
    }

    /// The newest slot in which, by its age, a gap is a gap.
    fn by_age(&self, settle: SignedDuration) -> i64 {
        self.ended(self.covered_to, settle.as_secs())
    }

    /// The newest slot whose points, where they are there, do not change any more: those that were read long enough after
    /// its end. What is read stands for whole periods, so that it is the time of the reading that counts.
    fn converged(&self, settle: SignedDuration) -> i64 {
        let read = self.covered_to.max(self.read_at.unwrap_or(self.covered_to));
        self.ended(read, settle.as_secs().min(CONVERGED)).min(self.complete)
    }

    /// The newest slot whose value is not just late.
    fn settles(&self, settle: SignedDuration) -> i64 {
        // AWS publishes in order: a gap with a newer point behind it is a gap. It must be one of the same metric: that the
        // requests of a minute are there says nothing of its errors.
        let newest = self.series.iter().map(|s| s.last().map_or(i64::MIN, |p| s.slot(p.at)));
        let by_point = newest.min().unwrap_or(i64::MIN).min(self.converged(settle));
        self.by_age(settle).max(by_point).min(self.complete)
    }

    /// Whether `guard` holds, as far as that is known: of metrics in the newest period that is not just late.
    pub(super) fn holds(&self, guard: &Guard, settle: SignedDuration) -> Option<bool> {
        guard.condition.holds(self, if self.api { self.last } else { self.settles(settle) })
    }

    /// Whether a point of input `i` may still come in `slot`.
    pub(super) fn is_late(&self, i: usize, slot: i64) -> bool {
        self.series.get(i).is_some_and(|s| s.last().is_none_or(|p| s.slot(p.at) < slot))
    }
}

/// The grid, with what is late in one slot supposed to be nothing or very much.
struct Supposed<'a> {
    grid: &'a Grid<'a>,
    slot: i64,
    /// Of an input that is late: whether it is supposed to be very much.
    high: &'a dyn Fn(usize) -> Option<bool>,
}

impl Points for Supposed<'_> {
    fn input(&self, input: usize, slot: i64) -> Option<f64> {
        match (self.high)(input).filter(|_| slot == self.slot) {
            // Without a number for its gaps, there is nothing to say before the point is there.
            Some(_) if self.grid.quantity.inputs.get(input)?.absent.is_none() => None,
            Some(true) => Some(VERY_MUCH),
            Some(false) => Some(0.0),
            None => self.grid.input(input, slot),
        }
    }

    fn period(&self) -> i64 {
        self.grid.period
    }
}
