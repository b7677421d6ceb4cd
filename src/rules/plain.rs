//! What is plainly well: a rule over one metric, of which no point that it could compare breaches, is OK.
//!
//! Most looks at a large fleet end so: a minute brought a newer point of every series, and nothing is near its limit. A
//! full look ([`series`](super::series)) finds the series by its name, asks how its poller stands, and walks over the
//! points level by level. Here the place of the series, and how long a reading of it counts, are kept from the last full
//! look for as long as there is no news of the resource itself and of its pollers; what is asked of the points follows
//! from nothing but them. It says OK only where a full look must, and leaves whatever is otherwise to that.

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::change::Function;
use super::expr::Expr;
use super::reading::{counts_for, poller_of, record};
use super::rule::{InputSource, Quantity, Rule, RuleLevel, Subject};
use super::{Comparison, EvalMode, Missing};
use crate::model::{Freshness, Model, Place, Resource, Series, Shelf};

/// What a plain look needs besides the points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    place: Place,
    /// For so many seconds a reading counts.
    counts_for: u32,
    /// So many slots back from the newest that is covered may be compared.
    reach: u16,
    /// So many of them may still be waited for.
    waited_for: u16,
}

impl Plain {
    /// For `rule` on `resource`, of which a full look at `now` said OK; `None` where only a full look can tell.
    pub(super) fn of(rule: &Rule, model: &Model, resource: &Resource, mode: EvalMode, now: Timestamp) -> Option<Self> {
        let own = own(rule)?;
        let [input] = &own.inputs[..] else { return None };
        let is_level = |l: &RuleLevel| l.quantity.is_none() && l.clear.is_none() && l.keep.is_zero();
        let is_plain = match &own.expr {
            Expr::Input(0) => true,
            // It is absent where nothing comes nearer to the limit, and later where it comes slower.
            Expr::Past(Function::Until(_), of, _) => {
                let later_is_better = |l: &RuleLevel| matches!(l.comparison, Comparison::Below | Comparison::AtMost);
                **of == Expr::Input(0)
                    && input.absent.is_none()
                    && rule.missing == Missing::NotBreaching
                    && rule.levels.iter().all(later_is_better)
            }
            _ => false,
        };
        let is_metric = matches!(input.source, InputSource::Metric { .. });
        if !is_plain || !is_metric || mode != EvalMode::Live || rule.has_whens() || !rule.levels.iter().all(is_level) {
            return None;
        }
        let range = rule.levels.iter().map(|l| l.datapoints.range()).max()?;
        let signal = input.source.signal(resource);
        let (place, series) = model.shelf(&resource.id)?.place(&signal)?;
        let record = record(model, &resource.id.scope, poller_of(&signal, resource.id.kind));
        let freshness = record.map_or(Freshness::Loading, |r| r.freshness(now));
        let (settle, period) = (rule.settle.as_secs().max(0), i64::from(series.period()));
        let late = settle / period + i64::from(settle % period != 0);
        Some(Self {
            place,
            counts_for: u32::try_from(counts_for(record, freshness, true, series.period()).as_secs()).ok()?,
            reach: u16::try_from(late).ok()?.checked_add(u16::try_from(range).ok()?)?,
            waited_for: u16::try_from(settle / period).ok()?,
        })
    }

    /// When to look again at what is plainly OK at `now`; `before` is when it was to be looked at so far. `None` where it
    /// takes a full look to tell.
    pub(super) fn still_ok(&self, rule: &Rule, shelf: &Shelf, before: Again, now: Timestamp) -> Option<Again> {
        let own = own(rule)?;
        let series = shelf.at(self.place)?;
        let (covered_to, read_at) = (series.covered_to()?.as_second(), series.read_at()?);
        let counts_to = read_at.as_second().saturating_add(self.counts_for.into());
        if series.denied() || series.unanswered() || now.as_second() >= counts_to {
            return None;
        }
        let period = i64::from(series.period());
        // Of what was read at once each slot is looked at, however old.
        if i64::from(series.advanced()) >= 2 * period {
            return None;
        }
        let next = covered_to.div_euclid(period);
        // A period that is covered in part is seen before it is over.
        if next * period != covered_to {
            return None;
        }
        let is_well = match &own.expr {
            Expr::Past(Function::Until(limit), _, window) => {
                let tells = rule.levels.iter().map(|l| l.limit).fold(0.0, f64::max);
                comes_not_true(series, self.oldest(next - 1), next - 1, (window / period).max(1), *limit, tells)
            }
            _ => self.breaches_nowhere(rule, own, series, next - 1),
        };
        if !is_well {
            return None;
        }
        // It may be looked at sooner than it must: most often it need not be reckoned anew.
        let soon_enough = before.due() > now && before.due().as_second() <= counts_to;
        let again = || Again::after(read_at, SignedDuration::from_secs(self.counts_for.into()));
        Some(if soon_enough { before } else { again() })
    }

    /// The oldest slot that may be compared, where `last` is the newest.
    fn oldest(&self, last: i64) -> i64 {
        last.saturating_sub(i64::from(self.reach) - 1)
    }

    /// Whether no slot that may be compared breaches any level, by its point or by having none.
    fn breaches_nowhere(&self, rule: &Rule, own: &Quantity, series: &Series, last: i64) -> bool {
        let absent = own.inputs.first().and_then(|i| i.absent);
        let read_from = absent.and_then(|_| series.covered_from()).map_or(i64::MAX, |from| series.slot(from));
        let breaches = |v: f64| rule.levels.iter().any(|l| l.comparison.breaches(v, l.limit));
        let mut newer = false;
        (self.oldest(last)..=last).rev().zip(series.back_from(last)).all(|(slot, point)| {
            match point.or_else(|| absent.filter(|_| slot >= read_from)) {
                Some(value) => {
                    newer = true;
                    !breaches(value)
                }
                // What is late is not compared before it is there, or too old to be only late.
                None => rule.missing == Missing::NotBreaching || (!newer && last - slot < i64::from(self.waited_for)),
            }
        })
    }
}

/// What a rule over series compares.
fn own(rule: &Rule) -> Option<&Quantity> {
    match &rule.subject {
        Subject::Series(own) => Some(own),
        _ => None,
    }
}

/// Whether no line through `slots` slots and the one they end with, which is one from `oldest` to `last`, reaches `limit`
/// within `tells` seconds.
///
/// The line with the least squares through evenly spaced points that lie `range` apart at most rises over all of them by
/// three halves of that at most, and ends a third of it beyond the outermost of them at most. Where that is not enough the
/// lines are drawn, of which one begins where the other did, a slot further.
fn comes_not_true(series: &Series, oldest: i64, last: i64, slots: i64, limit: f64, tells: f64) -> bool {
    let Some((from, points)) = series.stretch(oldest.saturating_sub(slots), last) else { return false };
    let Some((low, high)) = extremes(points) else { return false };
    let (left, range) = ((low - limit).max(limit - high), high - low);
    // More than what is lost in reckoning.
    let least = 1e-6 * low.abs().max(high.abs()).max(limit.abs());
    let tells = 1.001 * tells / f64::from(series.period());
    // What is shorter than half the window makes no line.
    let span = if from + slots <= oldest { slots as f64 } else { slots as f64 / 2.0 };
    left > least + range * (1.0 / 3.0 + 1.5 * tells / span)
        || left > least && Lines::new(points, from, slots).are_far(oldest, limit, tells, least)
}

/// The lines with the least squares through windows of points without a gap.
struct Lines<'p> {
    points: [&'p [f32]; 2],
    from: i64,
    slots: i64,
}

impl Lines<'_> {
    fn new(points: [&[f32]; 2], from: i64, slots: i64) -> Lines<'_> {
        Lines { points, from, slots }
    }

    /// The `i`th value.
    fn value(&self, i: usize) -> f64 {
        let [older, newer] = self.points;
        older.get(i).or_else(|| newer.get(i - older.len())).copied().map_or(f64::NAN, f64::from)
    }

    /// Whether each that ends in `oldest` or later is more than `least` further from `limit`, by its own end and by its
    /// newest point, than it goes in `tells` slots.
    fn are_far(&self, oldest: i64, limit: f64, tells: f64, least: f64) -> bool {
        let all = self.points[0].len() + self.points[1].len();
        let (Ok(slots), Ok(first)) = (usize::try_from(self.slots), usize::try_from((oldest - self.from).max(0))) else {
            return false;
        };
        // How far the values are from the first of them, and those times their place.
        let base = self.value(0);
        let (mut sum, mut moment, mut begun) = (0.0, 0.0, 0);
        (0..all).all(|i| {
            let value = self.value(i) - base;
            (sum, moment) = (sum + value, moment + value * i as f64);
            if i < first {
                return true;
            }
            while i - begun > slots {
                let value = self.value(begun) - base;
                (sum, moment) = (sum - value, moment - value * begun as f64);
                begun += 1;
            }
            let n = (i - begun + 1) as f64;
            let slope = (moment - sum * (begun + i) as f64 / 2.0) * 12.0 / (n * (n * n - 1.0));
            let end = base + sum / n + slope * (n - 1.0) / 2.0;
            let near = (limit - end).abs().min((limit - self.value(i)).abs());
            n < 2.0 || near > least + tells * slope.abs()
        })
    }
}

/// So many values are compared at a time.
const LANES: usize = 8;

/// The lowest and the highest of `parts`; `None` where there is a gap, or nothing.
fn extremes(parts: [&[f32]; 2]) -> Option<(f64, f64)> {
    let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    let mut gap = false;
    for part in parts {
        let (chunks, rest) = part.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                low[lane] = low[lane].min(chunk[lane]);
                high[lane] = high[lane].max(chunk[lane]);
                gap |= chunk[lane].is_nan();
            }
        }
        for value in rest {
            low[0] = low[0].min(*value);
            high[0] = high[0].max(*value);
            gap |= value.is_nan();
        }
    }
    let low = low.into_iter().fold(f32::INFINITY, f32::min);
    let high = high.into_iter().fold(f32::NEG_INFINITY, f32::max);
    (!gap && low <= high).then(|| (low.into(), high.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[Option<f64>]) -> Series {
        let mut series = Series::new(60);
        for (slot, value) in (0..).zip(values) {
            if let Some(value) = value {
                series.put(series.slot_start(slot), *value);
            }
        }
        series
    }

    #[test]
    fn what_is_far_from_its_limit_comes_not_true() {
        let all = |value: f64| vec![Some(value); 40];
        let far = |values: &[Option<f64>], limit: f64| comes_not_true(&series(values), 35, 39, 30, limit, 1200.0);
        assert!(far(&all(100.0), 0.0) && far(&all(100.0), 200.0), "it stands, on either side");
        assert!(!far(&all(100.0), 100.0), "it is there");
        let falls: Vec<_> = (0..40).map(|i| Some(f64::from(100 - i))).collect();
        assert!(!far(&falls, 50.0) && far(&falls, 0.0));
        let gap: Vec<_> = (0..40).map(|i| (i != 20).then_some(100.0)).collect();
        assert!(!far(&gap, 0.0), "the points are not evenly spaced");
        assert!(!far(&[], 0.0), "nothing is known");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn no_line_reaches_what_comes_not_true(
            jumps in proptest::collection::vec(0usize..120, 0..4),
            noise in proptest::collection::vec(0.0..1.0f64, 120),
            rough in any::<bool>(),
            gaps in proptest::collection::vec(0usize..200, 0..12),
            first in 0usize..100,
            slots in 2i64..60,
            margin in 0.0..1.5f64,
            tells in 10.0..7200.0f64,
            below in any::<bool>(),
        ) {
            // Steps from one end to the other are what the steepest lines go through.
            let value = |i: usize| {
                let high = jumps.iter().filter(|j| **j <= i).count() % 2 == 1;
                f64::from(u8::from(high)) + if rough { noise[i] } else { 0.0 }
            };
            let values: Vec<_> = (0..120).map(|i| (i >= first && !gaps.contains(&i)).then(|| value(i))).collect();
            let series = series(&values);
            let range = if rough { 2.0 } else { 1.0 };
            let away = margin * range * (1.0 / 3.0 + 1.5 * tells / (slots as f64 * 60.0));
            let limit = if below { -away } else { range + away };
            if comes_not_true(&series, 112, 119, slots, limit, tells) {
                for slot in 112..=119 {
                    let at = Function::Until(limit).value(slot, slots, 60, |s| series.at_slot(s));
                    prop_assert!(at.is_none_or(|at| at > tells), "{at:?} at {slot}");
                }
            }
        }
    }
}
