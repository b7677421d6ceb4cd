//! Metrics whose window slides: each point stands for a period, and a new one begins before the period is over.
//!
//! `GetMetricData` gives points side by side. What can be made of the points of shorter periods (a sum, a count, an
//! average, the least and the most) is made here of those as long as a step, which cost no more than one statistic of
//! them does, and nothing where somebody reads that metric anyway. What cannot (percentiles, what is computed of several
//! metrics) is asked for with windows that begin a step later each time: `StartTime` is rounded down to whole minutes,
//! and periods are counted from it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Query;
use super::planner::REVISED;
use crate::model::{Metric, Point, PointBatch, QueryStatus};

/// The metrics, side by side and as long as a step, that the points of `metric` can be made of. Empty where they cannot,
/// and where it does not slide.
pub(super) fn parts(metric: &Metric) -> Vec<Metric> {
    let stats: &[&str] = match metric.stat.as_str() {
        "Sum" => &["Sum"],
        "SampleCount" => &["SampleCount"],
        "Maximum" => &["Maximum"],
        "Minimum" => &["Minimum"],
        "Average" => &["Sum", "SampleCount"],
        _ => &[],
    };
    if metric.slide == 0 {
        return Vec::new();
    }
    stats.iter().map(|stat| Metric::new(&metric.namespace, &metric.name, stat, metric.slide)).collect()
}

/// Whether the points of `batch` are of the phase that was asked for. An endpoint that is not AWS's may count periods from
/// the clock's grid instead: of what it has no points of nobody can say that there are none.
pub(super) fn is_of_phase(batch: &PointBatch) -> bool {
    let period = i64::from(batch.metric.period.max(1));
    let of_phase = |p: &Point| (p.at.as_second() - batch.from.as_second()) % period == 0;
    batch.metric.slide == 0 || batch.points.iter().all(of_phase)
}

/// `query` as it is asked for: itself, or the parts it is made of.
pub(super) fn asked(query: &Query) -> Vec<Query> {
    let parts = parts(&query.metric);
    if parts.is_empty() {
        return vec![query.clone()];
    }
    parts.into_iter().map(|metric| Query { metric, ..query.clone() }).collect()
}

/// One that is made of parts.
#[derive(Clone, Debug)]
pub(super) struct Rolled {
    pub(super) parts: Vec<Query>,
    /// Up to where its points were made.
    made_to: Option<Timestamp>,
}

/// All that are made of parts.
#[derive(Clone, Debug, Default)]
pub(super) struct AllRolled {
    all: BTreeMap<Query, Rolled>,
    /// Which are made of a part.
    by_part: BTreeMap<Query, BTreeSet<Query>>,
}

impl AllRolled {
    /// Takes over which are wanted from now on.
    pub(super) fn want(&mut self, queries: Vec<Query>) {
        let mut known = std::mem::take(&mut self.all);
        self.by_part.clear();
        for query in queries {
            let rolled = known.remove(&query);
            let rolled = rolled.unwrap_or_else(|| Rolled { parts: asked(&query), made_to: None });
            for part in &rolled.parts {
                self.by_part.entry(part.clone()).or_default().insert(query.clone());
            }
            self.all.insert(query, rolled);
        }
    }

    /// Whether `query` is among them.
    pub(super) fn makes(&self, query: &Query) -> bool {
        self.all.contains_key(query)
    }

    /// They.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Rolled> {
        self.all.values()
    }

    /// Makes what can be made of what was just `read`: a call's answers by query, each with all that it brought. A part
    /// that was read without its fellow makes a miss.
    pub(super) fn made_of(&mut self, read: &BTreeMap<&Query, PointBatch>) -> Vec<PointBatch> {
        let concerned: BTreeSet<Query> =
            read.keys().filter_map(|part| self.by_part.get(*part)).flatten().cloned().collect();
        let mut made = Vec::new();
        for query in concerned {
            let Some(rolled) = self.all.get_mut(&query) else { continue };
            let parts: Vec<&PointBatch> = rolled.parts.iter().filter_map(|part| read.get(part)).collect();
            let whole = parts.len() == rolled.parts.len();
            let worst = parts.iter().map(|b| b.status).max_by_key(|s| badness(*s));
            let status = worst.filter(|s| whole || *s == QueryStatus::Forbidden).unwrap_or(QueryStatus::InternalError);
            let (Some(from), Some(to)) = (parts.iter().map(|b| b.from).max(), parts.iter().map(|b| b.to).min()) else {
                continue;
            };
            let mut batch = PointBatch {
                resource: query.resource.clone(),
                metric: query.metric.clone(),
                from,
                to,
                points: Vec::new(),
                // Some of it would be a sum that is too low, and no point is better than a wrong one.
                status: if status == QueryStatus::Partial { QueryStatus::InternalError } else { status },
            };
            if status == QueryStatus::Complete {
                let points: Vec<&[Point]> = parts.iter().map(|b| &b.points[..]).collect();
                batch.points = roll(&query.metric, &points, (from, to), rolled.made_to);
                rolled.made_to = Some(to);
            }
            made.push(batch);
        }
        made
    }
}

/// How bad an answer is: of what is made of several, the worst counts.
pub(super) fn badness(status: QueryStatus) -> u8 {
    match status {
        QueryStatus::Complete => 0,
        QueryStatus::Partial => 1,
        QueryStatus::InternalError => 2,
        QueryStatus::Forbidden => 3,
    }
}

/// The points of `metric` whose windows lie within `from` and `to`, made of those of its parts.
///
/// Of what was `made` before, only what may have been revised is made again: the newest few windows, and those that lie
/// whole periods before the newest, which are the ones that are held against a limit together.
fn roll(
    metric: &Metric,
    parts: &[&[Point]],
    (from, to): (Timestamp, Timestamp),
    made: Option<Timestamp>,
) -> Vec<Point> {
    let (period, step) = (i64::from(metric.period), i64::from(metric.step().max(1)));
    let of = |points: &[Point]| -> BTreeMap<i64, f64> { points.iter().map(|p| (p.at.as_second(), p.value)).collect() };
    let parts: Vec<BTreeMap<i64, f64>> = parts.iter().map(|p| of(p)).collect();
    let (from, to) = (from.as_second(), to.as_second());
    let revised = made.map_or(i64::MIN, |made| made.as_second().min(to) - REVISED * step);
    let mut points = Vec::new();
    let mut end = to;
    while end - period >= from {
        if end > revised || (to - end) % period == 0 {
            let start = end - period;
            let of_part = |i: usize| parts.get(i).map(|part| part.range(start..end).map(|(_, v)| *v));
            let value = match metric.stat.as_str() {
                "Maximum" => of_part(0).and_then(|values| values.reduce(f64::max)),
                "Minimum" => of_part(0).and_then(|values| values.reduce(f64::min)),
                "Average" => of_part(0).zip(of_part(1)).and_then(|(sums, counts)| {
                    let count: f64 = counts.sum();
                    (count > 0.0).then(|| sums.sum::<f64>() / count)
                }),
                _ => of_part(0).and_then(|values| values.reduce(|a, b| a + b)),
            };
            if let (Some(value), Ok(at)) = (value, Timestamp::from_second(start)) {
                points.push(Point { at, value });
            }
        }
        end -= step;
    }
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Kind, ResourceId, Scope};

    const START: i64 = 1_768_366_800;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn query(stat: &str, period: u32) -> Query {
        Query {
            resource: ResourceId::new(&Scope::new("a", "r"), Kind::ClassicElb, "web"),
            metric: Metric::new("AWS/ELB", "RequestCount", stat, period).sliding(60),
            dimensions: Vec::new(),
            history: 0,
            awaited: false,
        }
    }

    fn read(of: &Query, from: i64, to: i64, values: &BTreeMap<i64, f64>) -> PointBatch {
        PointBatch {
            resource: of.resource.clone(),
            metric: of.metric.clone(),
            from: at(from),
            to: at(to),
            points: values.range(from..to).map(|(second, v)| Point { at: at(*second), value: *v }).collect(),
            status: QueryStatus::Complete,
        }
    }

    proptest! {
        #[test]
        fn what_is_made_is_what_the_minutes_come_to(
            minutes in prop::collection::vec(prop::option::weighted(0.8, prop::collection::vec(0u32..1000, 1..4)), 40..80),
            stat in prop::sample::select(vec!["Sum", "SampleCount", "Maximum", "Minimum", "Average"]),
            period in prop::sample::select(vec![120u32, 300, 600, 900]),
            reads in prop::collection::vec(1i64..9, 1..20),
        ) {
            let samples: Vec<(i64, &Vec<u32>)> = minutes
                .iter()
                .enumerate()
                .filter_map(|(i, s)| Some((START + 60 * i64::try_from(i).ok()?, s.as_ref()?)))
                .collect();
            let plain = |stat: &str, of: &[&u32]| -> Option<f64> {
                let values: Vec<f64> = of.iter().map(|v| f64::from(**v)).collect();
                let sum: f64 = values.iter().sum();
                let count = values.len() as f64;
                (!values.is_empty()).then(|| match stat {
                    "Sum" => sum,
                    "SampleCount" => count,
                    "Maximum" => values.iter().copied().fold(f64::MIN, f64::max),
                    "Minimum" => values.iter().copied().fold(f64::MAX, f64::min),
                    _ => sum / count,
                })
            };
            let minutely = |stat: &str| -> BTreeMap<i64, f64> {
                samples.iter().filter_map(|(at, s)| Some((*at, plain(stat, &s.iter().collect::<Vec<_>>())?))).collect()
            };
            let wanted = query(stat, period);
            let mut rolled = AllRolled::default();
            rolled.want(vec![wanted.clone()]);
            let parts = asked(&wanted);
            let mut known: BTreeMap<i64, f64> = BTreeMap::new();
            let mut end = START + 60;
            for wait in reads {
                end += 60 * wait;
                let first = known.is_empty();
                let from = if first { START - 3600 } else { (end - REVISED * i64::from(period)).min(end - 60 * wait - 300) };
                let batches: BTreeMap<&Query, PointBatch> =
                    parts.iter().map(|p| (p, read(p, from, end, &minutely(&p.metric.stat)))).collect();
                for batch in rolled.made_of(&batches) {
                    prop_assert_eq!(batch.status, QueryStatus::Complete);
                    known.extend(batch.points.iter().map(|p| (p.at.as_second(), p.value)));
                }
            }
            let mut start = START - 3600;
            while start + i64::from(period) <= end {
                let within: Vec<&u32> = samples
                    .iter()
                    .filter(|(at, _)| (start..start + i64::from(period)).contains(at))
                    .flat_map(|(_, s)| s.iter())
                    .collect();
                let expected = plain(stat, &within);
                prop_assert_eq!(known.get(&start).copied(), expected, "{} at {}", stat, start);
                start += 60;
            }
        }
    }

    #[test]
    fn what_was_not_wholly_read_makes_nothing() {
        use QueryStatus::{Complete, Forbidden, InternalError, Partial};
        let wanted = query("Average", 300);
        let parts = asked(&wanted);
        assert_eq!(parts.iter().map(|p| p.metric.stat.as_str()).collect::<Vec<_>>(), ["Sum", "SampleCount"]);
        let values: BTreeMap<i64, f64> = (0..10).map(|i| (START + 60 * i, 6.0)).collect();
        let made = |statuses: &[QueryStatus]| {
            let mut rolled = AllRolled::default();
            rolled.want(vec![wanted.clone()]);
            let batches = parts.iter().zip(statuses).map(|(part, status)| {
                let batch = read(part, START, START + 600, &values);
                (part, PointBatch { status: *status, ..batch })
            });
            let made = rolled.made_of(&batches.collect());
            made.into_iter().map(|b| (b.status, b.points.len())).collect::<Vec<_>>()
        };
        assert_eq!(made(&[Complete, Complete]), [(Complete, 6)]);
        assert_eq!(made(&[Complete, Partial]), [(InternalError, 0)]);
        assert_eq!(made(&[Complete, Forbidden]), [(Forbidden, 0)]);
        assert_eq!(made(&[Complete]), [(InternalError, 0)], "its fellow was not read");
        assert_eq!(made(&[Forbidden]), [(Forbidden, 0)]);
        assert!(made(&[]).is_empty());
    }

    #[test]
    fn points_that_an_endpoint_counts_from_the_clock_s_grid_are_of_no_phase_but_its_own() {
        let grid: BTreeMap<i64, f64> = (0..10).map(|i| (START + 300 * i, 6.0)).collect();
        let batch = |beyond: i64, slide: u32| {
            let p99 = query("p99", 300);
            let of = Query { metric: p99.metric.clone().side_by_side().sliding(slide), ..p99 };
            read(&of, START + beyond, START + beyond + 1500, &grid)
        };
        assert!(is_of_phase(&batch(0, 60)) && !is_of_phase(&batch(120, 60)));
        assert!(is_of_phase(&batch(120, 0)), "what does not slide has its points where it has them");
    }

    #[test]
    fn what_no_shorter_periods_make_is_asked_for_as_it_is() {
        for stat in ["p99", "tm90", "TM(2%:98%)", "IQM"] {
            assert_eq!(asked(&query(stat, 300)), [query(stat, 300)]);
        }
        let side_by_side = Query { metric: query("Sum", 300).metric.side_by_side(), ..query("Sum", 300) };
        assert_eq!(asked(&side_by_side), std::slice::from_ref(&side_by_side));
    }
}
