//! The points that a level looks at, as it sees them: for the one who asks why.

use jiff::Timestamp;

use super::{EvalMode, Found, Look, Quantity, Rule, RuleLevel, grid};
use crate::model::{Model, Resource, Signal};
use crate::rules::{Datapoints, ExplainedPoint, Missing, Seen};

/// Most points told of.
const MOST: i64 = 12;

/// What a level looks at.
pub(in crate::rules) struct Looked {
    /// Seconds of a point.
    pub(in crate::rules) period: i64,
    /// Oldest first.
    pub(in crate::rules) points: Vec<ExplainedPoint>,
    /// How many of the N newest points breach, and how many there are.
    pub(in crate::rules) breaching: (usize, usize),
    /// The newest period that is compared.
    pub(in crate::rules) newest: Timestamp,
    /// Until when a period without a point is waited for.
    pub(in crate::rules) late_until: Option<Timestamp>,
    /// Until when a breach can at the earliest be told to be over.
    pub(in crate::rules) settles: Option<Timestamp>,
    /// Until when it is kept firing.
    pub(in crate::rules) kept_until: Option<Timestamp>,
}

/// What `level` of `rule` looks at; `None` where nothing of it can be relied on.
pub(in crate::rules) fn looked(
    rule: &Rule,
    level: &RuleLevel,
    quantity: &Quantity,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Option<Looked> {
    let Found::Grid(grid) = grid(Some(rule), quantity, model, resource, mode, now) else { return None };
    let look = Look::new(&grid, rule, level, mode);
    let end = look.end();
    let range = i64::try_from(level.datapoints.range()).unwrap_or(MOST);
    let shown = range.clamp(6, MOST);
    let newest = grid.last.max(end);
    let from = (end - shown + 1).min(newest - 1).max(newest - MOST - 2);
    let settled = if grid.api { grid.last } else { look.settled };
    let points = (from..=newest).map(|slot| point(&look, slot, settled)).collect();

    let real = |slot: &i64| grid.value(*slot);
    let Datapoints { n, .. } = level.datapoints;
    let values: Vec<f64> = (end.saturating_sub(range - 1)..=end).rev().filter_map(|s| real(&s)).take(n).collect();
    let breaching = (values.iter().filter(|v| look.breaches(**v)).count(), values.len());

    let late = (settled + 1..=grid.complete).find(|s| (0..grid.series.len()).any(|i| grid.is_late(i, *s)));
    let ends = |slot: i64| grid.start(slot + 1);
    let late_until = late.filter(|_| !grid.api).and_then(|s| ends(s).checked_add(rule.settle).ok());
    let decided = look.decide(now);
    let settles = decided.rising.and_then(|slot| ends(slot + 1).checked_add(rule.settle).ok());
    let kept_until = decided.kept.map(|slot| ends(slot + look.kept_slots()));
    let newest = grid.start(end);
    Some(Looked { period: grid.period, points, breaching, newest, late_until, settles, kept_until })
}

fn point(look: &Look<'_>, slot: i64, settled: i64) -> ExplainedPoint {
    let grid = look.grid;
    let value = grid.value(slot);
    let inputs = grid.series.iter().map(|s| s.at_slot(slot)).collect();
    let late = (0..grid.series.len()).any(|i| grid.is_late(i, slot));
    let breaches = value.is_some_and(|v| look.breaches(v));
    let seen = match value {
        Some(_) if slot > grid.complete => Seen::Partial { breaches },
        Some(_) if slot > settled && !look.value(slot).is_some_and(|v| look.breaches(v)) => {
            if late {
                Seen::Late
            } else {
                Seen::Unsettled { breaches }
            }
        }
        Some(_) => Seen::Point { breaches, own: grid.has_point(slot) },
        None if slot > settled => Seen::Late,
        None if slot < grid.oldest.min(grid.read_from) => Seen::Unread,
        None => Seen::Absent { breaches: look.missing == Missing::Breaching },
    };
    ExplainedPoint { at: grid.start(slot), value, inputs, seen }
}

/// Whether `rule` has something to say of `resource`: `None` where that is not known or it has no such condition.
pub(in crate::rules) fn guard(
    rule: &Rule,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Option<bool> {
    let guard = rule.only_if.as_ref()?;
    let Found::Grid(grid) = grid(None, &guard.over, model, resource, mode, now) else { return None };
    grid.holds(guard, rule.settle)
}

/// The signals of `quantity`.
pub(in crate::rules) fn signals(quantity: &Quantity, resource: &Resource) -> Vec<Signal> {
    quantity.inputs.iter().map(|i| i.source.signal(resource)).collect()
}

/// What a gap counts for, by `quantity`'s inputs: the first that has a number for it.
pub(in crate::rules) fn gap(quantity: &Quantity) -> Option<f64> {
    quantity.inputs.iter().find_map(|i| i.absent)
}
