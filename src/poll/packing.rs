//! Series that are due, in as few calls as can be.
//!
//! `GetMetricData` counts the periods of every query from `StartTime`, rounded down to the minute: a call can hold only
//! series that have a start in common. Those that stand side by side on the clock's grid always do; those of one phase of a
//! window that slides do with each other, and with all that are no longer than a minute.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::planner::{Batch, Planned};
use crate::aws::cloudwatch::{MAX_POINTS, MAX_QUERIES};

/// Longest time after which starts that two series have in common come again: what meets more seldom goes apart.
const MOST_APART: i64 = 2 * 86_400;

/// Calls for `metrics`, the series of each of which stay together.
pub(super) fn packed(mut metrics: Vec<Vec<Planned>>) -> Vec<Batch> {
    // Short windows first, so that a call's series want about the same and none is stretched to a long one's.
    metrics.sort_by_key(|series| std::cmp::Reverse(series.iter().map(|s| s.from).min()));
    let mut batches = Vec::new();
    // Those that have no start in common are filled side by side.
    let mut open: Vec<Packing> = Vec::new();
    for series in metrics {
        let place = open.iter().position(|p| p.starts.with(&series).is_some()).unwrap_or_else(|| {
            open.push(Packing::default());
            open.len() - 1
        });
        let packing = &mut open[place];
        if !packing.fits(&series) {
            batches.push(std::mem::take(packing).batch());
        }
        packing.add(series);
    }
    batches.extend(open.into_iter().map(Packing::batch));
    batches.retain(|b| !b.series.is_empty());
    batches
}

/// The starts that are right for all series of a call: these seconds beyond whole multiples of those.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Starts {
    beyond: i64,
    multiple: i64,
}

impl Default for Starts {
    fn default() -> Self {
        Self { beyond: 0, multiple: 1 }
    }
}

impl Starts {
    /// Those that are right for `series` too, if there are any.
    fn with(self, series: &[Planned]) -> Option<Self> {
        series.iter().try_fold(self, |all, s| {
            let period = i64::from(s.query.metric.period.max(1));
            all.and(Self { beyond: s.from.as_second().rem_euclid(period), multiple: period })
        })
    }

    fn and(self, other: Self) -> Option<Self> {
        let common = gcd(self.multiple, other.multiple);
        if (self.beyond - other.beyond) % common != 0 {
            return None;
        }
        let multiple = self.multiple / common * other.multiple;
        if multiple > MOST_APART && multiple > self.multiple.max(other.multiple) {
            return None;
        }
        let mut beyond = self.beyond;
        while beyond.rem_euclid(other.multiple) != other.beyond {
            beyond += self.multiple;
        }
        Some(Self { beyond: beyond.rem_euclid(multiple), multiple })
    }

    /// The last of them that is not after `at`.
    fn before(self, at: Timestamp) -> Timestamp {
        let at = at.as_second();
        second(at - (at - self.beyond).rem_euclid(self.multiple))
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs().max(1) } else { gcd(b, a % b) }
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap_or(Timestamp::MAX)
}

/// A call being filled.
#[derive(Debug, Default)]
struct Packing {
    batch: Batch,
    starts: Starts,
    /// How many series of each period it holds.
    periods: BTreeMap<u32, usize>,
}

impl Packing {
    fn fits(&self, series: &[Planned]) -> bool {
        let Some(starts) = self.starts.with(series) else { return false };
        if self.batch.series.is_empty() {
            return true;
        }
        let mut span = (self.batch.from, self.batch.to);
        let mut periods = self.periods.clone();
        for s in series {
            span = (span.0.min(s.from), span.1.max(ask_to(s)));
            *periods.entry(s.query.metric.period).or_default() += 1;
        }
        let span = (starts.before(span.0), span.1);
        self.batch.series.len() + series.len() <= MAX_QUERIES && points(span, &periods) <= MAX_POINTS
    }

    fn add(&mut self, series: Vec<Planned>) {
        self.starts = self.starts.with(&series).unwrap_or_default();
        for s in series {
            let first = self.batch.series.is_empty();
            self.batch.from = if first { s.from } else { self.batch.from.min(s.from) };
            self.batch.to = if first { ask_to(&s) } else { self.batch.to.max(ask_to(&s)) };
            *self.periods.entry(s.query.metric.period).or_default() += 1;
            self.batch.series.push(s);
        }
    }

    fn batch(self) -> Batch {
        Batch { from: self.starts.before(self.batch.from), ..self.batch }
    }
}

/// Where the asking ends: for long periods, with the running one.
fn ask_to(planned: &Planned) -> Timestamp {
    let period = i64::from(planned.query.metric.period);
    if planned.takes_running() { second(planned.to.as_second() + period) } else { planned.to }
}

/// Most points the answer to a call can hold.
pub(super) fn points((from, to): (Timestamp, Timestamp), periods: &BTreeMap<u32, usize>) -> u64 {
    let range = u64::try_from(to.as_second() - from.as_second()).unwrap_or(0);
    periods.iter().map(|(period, count)| range.div_ceil(u64::from(*period).max(1)) * *count as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Metric, ResourceId, Scope};
    use crate::poll::Query;

    const START: i64 = 1_768_366_800;

    fn planned(n: usize, period: u32, slide: u32, from: i64, to: i64) -> Vec<Planned> {
        let query = Query {
            resource: ResourceId::new(&Scope::new("a", "r"), Kind::ClassicElb, format!("r{n}").as_str()),
            metric: Metric::new("AWS/ELB", "Latency", "p99", period).sliding(slide),
            dimensions: Vec::new(),
            history: 0,
            awaited: false,
        };
        vec![Planned { query, from: second(from), to: second(to), own: Some(second(from)) }]
    }

    #[test]
    fn a_call_starts_where_the_periods_of_all_its_series_begin() {
        let due = vec![
            planned(0, 60, 0, START + 420, START + 720),
            planned(1, 300, 0, START - 900, START + 600),
            planned(2, 300, 60, START - 780, START + 720),
            planned(3, 900, 60, START - 3780, START + 720),
            planned(4, 420, 60, START - 1380, START + 720),
            planned(5, 300, 60, START - 3660, START + 240),
        ];
        let batches = packed(due);
        for b in &batches {
            for s in &b.series {
                let period = i64::from(s.query.metric.period);
                assert!(b.from <= s.from && s.to <= b.to);
                assert_eq!((s.from.as_second() - b.from.as_second()) % period, 0, "{s:?}");
            }
        }
        let all: usize = batches.iter().map(|b| b.series.len()).sum();
        assert_eq!((all, batches.len()), (6, 3), "the grid, the phase that ends now, and another");
    }

    #[test]
    fn starts_in_common_are_found_or_there_are_none() {
        let s = |beyond, multiple| Starts { beyond, multiple };
        assert_eq!(s(0, 60).and(s(120, 300)), Some(s(120, 300)));
        assert_eq!(s(120, 300).and(s(720, 900)), Some(s(720, 900)));
        assert_eq!(s(120, 300).and(s(180, 420)), Some(s(1020, 2100)));
        assert_eq!(s(120, 300).and(s(0, 300)), None);
        assert_eq!(s(120, 300).and(s(0, 900)), None);
        assert_eq!(s(0, 60 * 1439).and(s(0, 60 * 1427)), None, "they meet once in years");
    }
}
