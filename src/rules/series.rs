//! Rules over series: which slots are compared, and since when they breach.

mod decided;
mod looked;
mod settled;

use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};

use decided::Decided;
pub(super) use looked::{gap, guard, looked, signals};

use super::again::Again;
use super::alarm::judge_newest_first;
use super::expr::Points;
use super::reading::{Reading, read, said_until};
use super::rule::{Guard, Input, InputSource, Quantity, Rule, RuleLevel};
use super::{Basis, Comparison, Datapoints, EvalMode, Judgement, Missing, Severity, Standing, judge};
use crate::model::{ApiSignal, Model, PollerKind, Resource, Series, Signal};

/// Most slots that are judged of what looks back itself, but for what a rule's times reach over: each costs a window.
const MOST_LOOKED_AT: i64 = 180;

/// What one level finds.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) standing: Standing,
    pub(super) value: Option<f64>,
    pub(super) data_at: Option<Timestamp>,
    /// For rules over series `None`: it is told with the verdict, and mostly there is none to tell.
    pub(super) signal: Option<Signal>,
    /// Whether `held` rests on an unknown past.
    pub(super) assumed: bool,
    /// What it rests on.
    pub(super) basis: Basis,
    /// When it may be another with no news.
    pub(super) again: Again,
}

/// What the levels of a rule whose own quantity is `own` say, each with its level; those that do not apply to `resource`
/// say nothing.
pub(super) fn levels<'r>(
    rule: &'r Rule,
    levels: &'r [RuleLevel],
    own: &Quantity,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Vec<(Finding, &'r RuleLevel)> {
    let find = |quantity| grid(Some(rule), quantity, model, resource, mode, now);
    // Most levels have the rule's own quantity: its series are found once for all of them.
    let mut shared = None;
    let mut findings = Vec::with_capacity(levels.len());
    for level in levels {
        let told = match &level.quantity {
            Some(quantity) => on_level(rule, level, quantity, &find(quantity), model, resource, mode, now),
            None => on_level(rule, level, own, shared.get_or_insert_with(|| find(own)), model, resource, mode, now),
        };
        findings.extend(told.map(|finding| (finding, level)));
    }
    findings
}

#[expect(clippy::too_many_arguments, reason = "one level in all its parts, at one place")]
fn on_level(
    rule: &Rule,
    level: &RuleLevel,
    quantity: &Quantity,
    found: &Found<'_>,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Option<Finding> {
    let grid = match found {
        Found::Grid(grid) => grid,
        Found::NotApplicable => return None,
        Found::Not(standing, again) => {
            // What an account costs rests on the pollers of all its regions.
            let elsewhere = |i: &Input| {
                matches!(i.source, InputSource::Api(ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline))
            };
            let again = if quantity.inputs.iter().any(elsewhere) {
                Again::EACH_PASS
            } else {
                again.or(said_until(standing, model, &resource.id.scope, now))
            };
            let standing = standing.clone();
            return Some(Finding {
                standing,
                value: None,
                data_at: None,
                signal: None,
                assumed: false,
                basis: Basis::Points,
                again,
            });
        }
    };
    let look = Look::new(grid, rule, level, mode);
    let Decided { standing, end, assumed, .. } = look.decide(now);
    let breached = matches!(standing, Standing::Breach { .. });
    let gap = |slot: &i64| breached && rule.missing == Missing::Breaching && grid.value(*slot).is_none();
    let newest = grid.newest_value(end, look.compared());
    let basis = match &standing {
        Standing::Breach { .. } if (end.saturating_sub(look.compared() - 1)..=end).all(|slot| gap(&slot)) => {
            Basis::Gaps
        }
        Standing::NoData if level.clear.is_some() && grid.value(end).is_some() => Basis::Between,
        _ => Basis::Points,
    };
    let again = match &standing {
        Standing::Breach { since, held: false, .. } => grid.again.or(Again::at_end_of(*since, level.hold)),
        _ => grid.again,
    };
    Some(Finding {
        standing,
        // An older value is not what breaches now.
        value: newest.map(|(_, v)| v).filter(|_| !gap(&end)),
        data_at: if grid.api { grid.read_at } else { newest.map(|(slot, _)| grid.start(slot)) },
        signal: None,
        assumed,
        basis,
        again,
    })
}

/// Whether `rule` has by its `guard` something to say of `resource`, and until when; unknown counts as yes.
pub(super) fn guard_holds(
    rule: &Rule,
    guard: &Guard,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> (bool, Again) {
    let Found::Grid(grid) = grid(None, &guard.over, model, resource, mode, now) else { return (true, Again::ON_NEWS) };
    (grid.holds(guard, rule.settle).unwrap_or(true), grid.again)
}

enum Found<'m> {
    Grid(Grid<'m>),
    NotApplicable,
    /// Not to be relied on; and until when the others are.
    Not(Standing, Again),
}

/// The series of an expression, on their common grid.
struct Grid<'m> {
    quantity: &'m Quantity,
    series: Vec<&'m Series>,
    period: i64,
    /// The last slot of which something may be known.
    last: i64,
    /// The last slot that is wholly covered.
    complete: i64,
    /// The first slot of which something may be known, and which may be judged.
    first: i64,
    /// The first slot of which something may be known, judged or only looked back at.
    oldest: i64,
    /// First slot that was surely read, so that a gap in it is AWS's.
    read_from: i64,
    covered_to: Timestamp,
    /// Up to where the least covered series was covered before its newest reading.
    covered_before: Option<Timestamp>,
    read_at: Option<Timestamp>,
    api: bool,
    /// When one of the series will be too old to be relied on.
    again: Again,
    /// Whether a value looks back itself, over a window.
    back: bool,
    /// Such values that were asked for: each level asks for the same ones, more than once.
    reckoned: RefCell<Vec<(i64, Option<f64>)>>,
}

fn grid<'m>(
    rule: Option<&Rule>,
    quantity: &'m Quantity,
    model: &'m Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Found<'m> {
    let mut series = Vec::with_capacity(quantity.inputs.len());
    let mut not = None;
    let mut api = !quantity.inputs.is_empty();
    let mut again = Again::ON_NEWS;
    for input in &quantity.inputs {
        if matches!(&input.source, InputSource::Math(math) if !math.applies_to(resource)) {
            return Found::NotApplicable;
        }
        let signal = input.source.signal(resource);
        api &= matches!(signal, Signal::Api(_));
        match read(model, resource, &signal, mode, now) {
            Reading::Series(s, until) => {
                again = again.or(until);
                series.push(s);
            }
            Reading::NotApplicable => return Found::NotApplicable,
            Reading::Not(standing @ Standing::Blind { .. }) => not = Some(standing),
            Reading::Not(standing) => not = not.or(Some(standing)),
        }
    }
    if let Some(standing) = not {
        return Found::Not(standing, again);
    }
    let (Some(head), Some(covered_to)) = (series.first(), series.iter().filter_map(|s| s.covered_to()).min()) else {
        return Found::NotApplicable;
    };
    if series.iter().any(|s| s.period() != head.period()) {
        // A rule's file is not taken with these; what is no number is blind nevertheless, and never nothing.
        let poller = quantity
            .inputs
            .first()
            .map_or(PollerKind::Metrics, |i| super::reading::poller_of(&i.source.signal(resource), resource.id.kind));
        let why = "its inputs have points of different periods: give the rule a `period`".into();
        return Found::Not(Standing::Blind { poller, why, since: covered_to }, again);
    }
    let period = i64::from(head.period());
    let to = covered_to.as_second();
    let complete = if api { head.slot(covered_to) } else { to.div_euclid(period) - 1 };
    // A slot that is covered in part: its point may already breach.
    let last = if api || to.rem_euclid(period) == 0 { complete } else { complete + 1 };
    let capacity = i64::try_from(head.capacity()).unwrap_or(i64::MAX);
    let oldest = series.iter().filter_map(|s| s.points().next().map(|p| s.slot(p.at))).min();
    let read_from = series.iter().filter_map(|s| s.covered_from()).max();
    let read_from = read_from.map_or(last + 1, |t| t.as_second().div_euclid(period));
    // With zeros for gaps, what is known begins where reading began, not at the first point.
    let zero = quantity.inputs.iter().any(|i| i.absent.is_some());
    let known = if zero { oldest.map_or(read_from, |o| o.min(read_from)) } else { oldest.unwrap_or(last) };
    let oldest = known.max(last - capacity + 1);
    let back = quantity.looks_back() > 0;
    let judged = rule.map_or(0, |r| r.reaches(period) / period).max(MOST_LOOKED_AT);
    let first = if back { oldest.max(last - judged + 1) } else { oldest };
    Found::Grid(Grid {
        quantity,
        period,
        last,
        complete,
        first,
        oldest,
        read_from,
        covered_to,
        covered_before: series.iter().filter_map(|s| s.covered_before()).min(),
        read_at: series.iter().filter_map(|s| s.read_at()).min(),
        api,
        again,
        back,
        reckoned: RefCell::default(),
        series,
    })
}

impl Grid<'_> {
    fn start(&self, slot: i64) -> Timestamp {
        Timestamp::from_second(slot.saturating_mul(self.period)).unwrap_or(Timestamp::MAX)
    }

    fn value(&self, slot: i64) -> Option<f64> {
        if !self.back {
            return self.quantity.expr.value(self, slot);
        }
        let known = self.reckoned.borrow().iter().find(|(s, _)| *s == slot).map(|(_, value)| *value);
        known.unwrap_or_else(|| {
            let value = self.quantity.expr.value(self, slot);
            self.reckoned.borrow_mut().push((slot, value));
            value
        })
    }

    /// Whether AWS has a point of its own there, for any input.
    fn has_point(&self, slot: i64) -> bool {
        self.series.iter().any(|s| s.at_slot(slot).is_some())
    }

    /// The newest value up to `end`: the last there is, and of what looks back itself, where each costs a window, the last
    /// of the `compared` ones.
    fn newest_value(&self, end: i64, compared: i64) -> Option<(i64, f64)> {
        let from = if self.back { self.first.max(end.saturating_sub(compared.max(1) - 1)) } else { self.first };
        (from..=end).rev().find_map(|s| self.value(s).map(|v| (s, v)))
    }
}

impl Points for Grid<'_> {
    /// A state read from an API stands until it is read again; a metric's gap that was read is what the rule says a gap
    /// is.
    fn input(&self, i: usize, slot: i64) -> Option<f64> {
        let (series, input) = (self.series.get(i)?, self.quantity.inputs.get(i)?);
        if let Some(value) = series.at_slot(slot) {
            return Some(value);
        }
        if self.api {
            return (self.oldest..slot).rev().find_map(|s| series.at_slot(s));
        }
        input.absent.filter(|_| slot >= self.read_from && slot <= self.complete)
    }

    fn period(&self) -> i64 {
        self.period
    }
}

/// One level looking at one grid.
struct Look<'a> {
    grid: &'a Grid<'a>,
    level: &'a RuleLevel,
    missing: Missing,
    settle: SignedDuration,
    mode: EvalMode,
    /// The newest slot that late data changes no more, as far as one can know.
    settled: i64,
}

impl Look<'_> {
    fn breaches(&self, value: f64) -> bool {
        self.level.comparison.breaches(value, self.level.limit)
    }

    /// How many slots M of N is said of.
    fn compared(&self) -> i64 {
        i64::try_from(self.level.datapoints.n).unwrap_or(i64::MAX)
    }

    /// What M of N says of the range that ends with `end`.
    fn judge(&self, end: i64) -> Judgement {
        let range = i64::try_from(self.level.datapoints.range()).unwrap_or(i64::MAX);
        let slots = end.saturating_sub(range - 1)..=end;
        let Datapoints { m, n } = self.level.datapoints;
        if self.mode == EvalMode::OneShot {
            let mut points: Vec<Option<f64>> = slots.map(|s| self.value(s)).collect();
            self.assume_the_past(&mut points, end);
            return judge(&points, self.level.datapoints, self.missing, |v| self.breaches(v));
        }
        let breaching = slots.rev().map(|s| self.value(s).map(|v| self.breaches(v)));
        judge_newest_first(breaching, m, n, self.missing)
    }

    /// What was never read is taken to have been as the oldest known point.
    fn assume_the_past(&self, points: &mut [Option<f64>], end: i64) {
        let len = i64::try_from(points.len()).unwrap_or(i64::MAX);
        let unread = self.grid.first.min(self.grid.read_from);
        let Some(oldest) = points.iter().copied().flatten().find(|v| !v.is_nan()) else { return };
        for (i, point) in points.iter_mut().enumerate() {
            let slot = end - len + 1 + i64::try_from(i).unwrap_or(i64::MAX);
            if point.is_none() && slot < unread {
                *point = Some(oldest);
            }
        }
    }

    /// What it comes to at `now`.
    fn decide(&self, now: Timestamp) -> Decided {
        let mut end = self.end();
        let mut judgement = self.judge(end);
        let mut rising = None;
        if judgement != Judgement::Alarm && self.grows() {
            // What can still rise cannot clear.
            if let Some(slot) = self.may_rise(end).rev().find(|s| self.judge(*s) == Judgement::Alarm) {
                (end, judgement, rising) = (slot, Judgement::Alarm, Some(slot));
            }
        }
        let newest = self.grid.newest_value(end, self.compared()).filter(|(_, v)| self.breaches(*v));
        let alarm = match judgement {
            Judgement::Alarm => Some(true),
            _ => self.not_cleared(end),
        };
        if alarm != Some(true) {
            if let Some((slot, since)) = self.kept(end) {
                return Decided { kept: Some(slot), ..Decided::new(self.breach(since, true), end) };
            }
            if let Some((slot, since)) = self.caught_up(end) {
                return Decided::new(self.breach(since, true), slot);
            }
            if newest.is_some() && self.level.datapoints.n > 1 && self.grid.value(end).is_some() {
                // Breaching, and M of N not yet met.
                let (since, _) = self.since(end);
                return Decided::new(self.breach(since, false), end);
            }
            let unknown = alarm.is_none() && self.mode == EvalMode::Live;
            let standing = match judgement {
                Judgement::Insufficient | Judgement::Keep => Standing::NoData,
                _ if unknown => Standing::NoData,
                _ => Standing::Ok,
            };
            return Decided::new(standing, end);
        }
        let (mut since, to_the_edge) = self.since(end);
        if self.grows() {
            // Nor can it clear what was breached before it: a breach that comes on top must not begin the count anew.
            let before = self.may_rise(end).filter(|s| self.judge(*s) == Judgement::Alarm).map(|s| self.since(s).0);
            since = before.min().map_or(since, |before| before.min(since));
        }
        let waited = now.duration_since(since) >= self.level.hold;
        let assumed = !waited && to_the_edge && self.mode == EvalMode::OneShot;
        Decided { assumed, rising, ..Decided::new(self.breach(since, waited || assumed), end) }
    }

    fn breach(&self, since: Timestamp, held: bool) -> Standing {
        Standing::Breach { severity: self.level.severity, since, held }
    }

    /// Whether it was breached and has not come down to the clear limit since. `None` where that is not known: it lies
    /// between the two limits for as long as anything is kept, and stays what it was.
    fn not_cleared(&self, end: i64) -> Option<bool> {
        let Some((comparison, limit)) = self.level.clear else { return Some(false) };
        let mut between = false;
        for slot in (self.grid.first..=end).rev() {
            let value = self.grid.value(slot);
            // A gap that counts as good is on the good side of the clear limit.
            let good = value.is_none() && self.missing == Missing::NotBreaching && slot >= self.grid.read_from;
            if good || value.is_some_and(|v| comparison.breaches(v, limit)) {
                return Some(false);
            }
            if self.judge(slot) == Judgement::Alarm && self.has_breach(slot) {
                return Some(true);
            }
            between |= value.is_some_and(|v| !self.breaches(v));
        }
        (!between).then_some(false)
    }

    /// Whether a point breaches of those that are looked at for `end`: gaps alone, which may breach too, say nothing of
    /// where between its limits what comes after them lies.
    fn has_breach(&self, end: i64) -> bool {
        let range = i64::try_from(self.level.datapoints.range()).unwrap_or(i64::MAX);
        (end.saturating_sub(range - 1)..=end).any(|s| self.grid.value(s).is_some_and(|v| self.breaches(v)))
    }

    /// How many periods it is kept firing.
    fn kept_slots(&self) -> i64 {
        self.level.keep.as_secs().saturating_add(self.grid.period - 1) / self.grid.period
    }

    /// The last slot that breached and since when, where it was breached and held no longer ago than it is to keep firing. Counted in
    /// periods from the last one that breached, so that without news nothing changes; a part of one is a whole one.
    fn kept(&self, end: i64) -> Option<(i64, Timestamp)> {
        let slots = self.kept_slots();
        // A newer one that is looked at before it has settled must not end it sooner.
        let newest = end.min(self.settled);
        let last = (newest.saturating_sub(slots).max(self.grid.first)..end)
            .rev()
            .find(|slot| self.judge(*slot) == Judgement::Alarm)?;
        let (since, _) = self.since(last);
        (self.grid.start(last + 1).duration_since(since) >= self.level.hold).then_some((last, since))
    }

    /// Start of the run of breaching slots that ends with `end`, and whether it reaches back to where nothing is known.
    /// M of N forgives as many good slots in a row as it would within the run.
    fn since(&self, end: i64) -> (Timestamp, bool) {
        let Datapoints { m, n } = self.level.datapoints;
        let forgiven = n - m;
        let (mut start, mut good, mut gap) = (end, 0, 0);
        let mut slot = end;
        let mut to_the_edge = true;
        while slot >= self.grid.first {
            match self.grid.value(slot) {
                Some(v) if self.breaches(v) => (start, good, gap) = (slot, 0, 0),
                // Between its limits it stays what it was: breached since the breach before, if there was one.
                Some(v) if self.level.clear.is_some_and(|(c, l)| !c.breaches(v, l)) => (good, gap) = (0, 0),
                None if self.missing == Missing::Breaching => (start, good, gap) = (slot, 0, 0),
                None if self.missing != Missing::NotBreaching && gap < n => gap += 1,
                _ => good += 1,
            }
            if good > forgiven {
                to_the_edge = false;
                break;
            }
            slot -= 1;
        }
        (self.grid.start(start), to_the_edge)
    }
}

/// The loudest of what a rule's levels find, and which level said it.
pub(super) fn loudest(found: Vec<(Finding, &RuleLevel)>) -> Option<(Finding, &RuleLevel)> {
    let pending = |f: &Finding| matches!(f.standing, Standing::Breach { held: false, .. });
    // Of those that are told only because the past is unknown, the one that needs least of it is surest.
    let least = found.iter().filter(|(f, _)| f.assumed).map(|(_, l)| l.hold).min();
    let rank = |f: &Finding, l: &RuleLevel| match &f.standing {
        Standing::Breach { severity, held: true, .. } => match (severity, f.assumed) {
            (Severity::Critical, false) => 60,
            (Severity::Warning, false) => 50,
            (_, true) if least.is_some_and(|least| l.hold > least) => 40,
            (Severity::Critical, true) => 46,
            (Severity::Warning, true) => 45,
        },
        Standing::Blind { .. } => 35,
        Standing::Breach { held: false, .. } => 30,
        Standing::Loading => 20,
        Standing::NoData => 10,
        Standing::Ok => 0,
    };
    // Of those that are not held yet, the one that will be first, and then the worst; of good ones the nearest limit.
    found.into_iter().min_by_key(|(f, l)| {
        let (hold, worst) = if pending(f) { (l.hold, true) } else { (SignedDuration::ZERO, false) };
        (std::cmp::Reverse(rank(f, l)), hold, (l.severity == Severity::Warning) == worst)
    })
}
