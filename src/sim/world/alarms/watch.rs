//! What a metric alarm sees when it looks.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::fleet::Region;
use super::super::{AlarmOf, AlarmQuery, FewSamples, Limit, MetricAlarm, MetricId, QueryOf, World, metrics};
use crate::sim::math::{self, Expr, Queries, Series};

/// A point that an evaluation looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// What the alarm watches.
    pub(super) value: f64,
    /// The lower and the upper line of the band, for an alarm that has one.
    pub(super) band: Option<(f64, f64)>,
    /// Whether it is a percentile of too few samples to be one, and the alarm cares.
    pub(super) few: bool,
}

/// The points that an evaluation at `at` looks at, newest first.
pub(super) fn points(
    world: &World,
    region: &Region,
    alarm: &MetricAlarm,
    at: Timestamp,
) -> Vec<(Timestamp, Option<Point>)> {
    let period = i64::from(alarm.period);
    let end = (at.as_second() - i64::from(world.config.variation.evaluation)).div_euclid(60) * 60;
    // The unpublished evaluation range: two periods more than N.
    let range = i64::from(alarm.evaluation_periods) + if alarm.period > 900 { 0 } else { 2 };
    let look = Look { world, region, period: alarm.period, from: end - range * period, end, at };
    let found = match &alarm.of {
        AlarmOf::Metric(metric, statistic) => look.metric(metric, statistic, alarm.few_samples, alarm.unit),
        AlarmOf::Queries(queries) => look.queries(queries, alarm.limit),
    };
    (1..=range)
        .map(|n| {
            let start = end - n * period;
            (Timestamp::from_second(start).unwrap_or(at), found.get(&start).copied())
        })
        .collect()
}

/// Fewest samples of which CloudWatch takes a percentile for one.
fn enough(statistic: &str) -> f64 {
    let share = statistic.strip_prefix('p').and_then(|p| p.parse::<f64>().ok()).map(|p| p / 100.0);
    match share {
        Some(share) if share >= 0.5 => 10.0 / (1.0 - share),
        Some(share) => 10.0 / share,
        None => 0.0,
    }
}

struct Look<'a> {
    world: &'a World,
    region: &'a Region,
    period: u32,
    from: i64,
    end: i64,
    at: Timestamp,
}

impl Look<'_> {
    /// Samples of `metric`, `back` seconds before the window.
    fn samples(&self, metric: &MetricId, back: i64) -> Vec<super::super::Sample> {
        let moment = |second: i64| Timestamp::from_second(second - back).unwrap_or(self.at);
        metrics::datapoints(self.world, self.region, metric, self.period, moment(self.from), moment(self.end), self.at)
    }

    fn metric(
        &self,
        metric: &MetricId,
        statistic: &str,
        few: Option<FewSamples>,
        unit: Option<&str>,
    ) -> BTreeMap<i64, Point> {
        let least = if few == Some(FewSamples::Ignore) { enough(statistic) } else { 0.0 };
        let samples =
            if unit.is_none_or(|u| u == metrics::unit(metric)) { self.samples(metric, 0) } else { Vec::new() };
        let point = |s: &super::super::Sample| {
            Some((s.at.as_second(), Point { value: s.value(statistic)?, band: None, few: s.count < least }))
        };
        samples.iter().filter_map(point).collect()
    }

    fn series(&self, metric: &MetricId, statistic: &str, back: i64) -> BTreeMap<i64, f64> {
        let samples = self.samples(metric, back);
        samples.iter().filter_map(|s| Some((s.at.as_second() + back, s.value(statistic)?))).collect()
    }

    /// The query that is watched, and its band. An expression that cannot be evaluated has no points.
    fn queries(&self, queries: &[AlarmQuery], limit: Limit) -> BTreeMap<i64, Point> {
        let mut metrics = Vec::new();
        let mut parsed: Vec<(&str, Expr)> = Vec::new();
        for query in queries {
            match &query.of {
                QueryOf::Metric(metric, statistic) => {
                    let points = self.series(metric, statistic, 0);
                    let series = Series { label: query.label.to_owned(), period: self.period, points };
                    metrics.push((query.id.to_owned(), series));
                }
                QueryOf::Expression(text) => parsed.extend(math::parse(text).ok().map(|expr| (query.id, expr))),
            }
        }
        let expressions: Vec<(&str, &Expr)> = parsed.iter().map(|(id, expr)| (*id, expr)).collect();
        let window = |_: u32| (self.from, self.end);
        let past = |id: &str| {
            let Some(QueryOf::Metric(metric, statistic)) = queries.iter().find(|q| q.id == id).map(|q| &q.of) else {
                return Vec::new();
            };
            (1..=math::DAYS).map(|day| self.series(metric, statistic, day * math::DAY)).collect()
        };
        let evaluation = Queries::new(&metrics, &expressions, &window, &past);
        let lines = |id: &str| match evaluation.value(id) {
            Some(Ok(math::Value::Series(series))) => vec![series.points],
            Some(Ok(math::Value::Array(all))) => all.into_iter().map(|s| s.points).collect(),
            _ => Vec::new(),
        };
        let band = if let Limit::Band(id) = limit { Some(lines(id)) } else { None };
        let is_band = |id: &str| matches!(limit, Limit::Band(band) if band == id);
        let watched = queries.iter().find(|q| q.wanted && !is_band(q.id)).map_or_else(Vec::new, |q| lines(q.id));
        let mut out = BTreeMap::new();
        for (at, value) in watched.into_iter().next().unwrap_or_default() {
            let ends = match band.as_deref() {
                None => None,
                // A point without a band is not compared.
                Some([one, other]) => match (one.get(&at), other.get(&at)) {
                    (Some(a), Some(b)) => Some((a.min(*b), a.max(*b))),
                    _ => continue,
                },
                Some(_) => continue,
            };
            out.insert(at, Point { value, band: ends, few: false });
        }
        out
    }
}

/// Whether `point` is over the limit.
pub(super) fn breaches(alarm: &MetricAlarm, point: &Point) -> bool {
    let value = point.value;
    match (alarm.limit, point.band) {
        (Limit::Threshold(threshold), _) => match alarm.comparison {
            super::spec::ABOVE => value > threshold,
            super::spec::BELOW => value < threshold,
            _ => value >= threshold,
        },
        (Limit::Band(_), Some((low, high))) => match alarm.comparison {
            super::spec::ABOVE_BAND => value > high,
            super::spec::BELOW_BAND => value < low,
            _ => value > high || value < low,
        },
        (Limit::Band(_), None) => false,
    }
}
