//! Amazon CloudWatch: metric data.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types as sdk;
use jiff::Timestamp;

use super::meter::no_end;
use super::translate::{MAX_PAGES, sdk_time, time};
use super::{Api, Meter, ScopeClients};
use crate::model::{AlarmQuery, Metric, Point, PollError, QueryStatus, Text};

/// Most queries of one `GetMetricData` call.
pub const MAX_QUERIES: usize = 500;
/// Most points of one answer: `GetMetricData` gives what is beyond it on another page, which may be billed again.
pub const MAX_POINTS: u64 = 100_800;
/// Statistics of one metric that are billed as one metric.
pub const STATS_AS_ONE: usize = 5;

/// One metric to read.
#[derive(Clone, Copy, Debug)]
pub struct MetricQuery<'a> {
    /// Which.
    pub metric: &'a Metric,
    /// Whose: its dimensions.
    pub dimensions: &'a [(Text, Text)],
}

/// What AWS says of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAnswer {
    /// The points, in any order.
    pub points: Vec<Point>,
    /// How whole they are.
    pub status: QueryStatus,
}

/// The points of `queries` (at most [`MAX_QUERIES`]) from `from` (inclusive) to `to` (exclusive): one answer a query
/// in the queries' order, `None` where nothing was read of it because of the error.
pub async fn metric_data(
    clients: &ScopeClients,
    meter: &Meter,
    queries: &[MetricQuery<'_>],
    from: Timestamp,
    to: Timestamp,
) -> (Vec<Option<MetricAnswer>>, Option<PollError>) {
    let asked = queries.iter().enumerate().map(query).collect();
    let mut answers: Vec<Option<MetricAnswer>> = vec![None; queries.len()];
    let error = pages(clients, meter, asked, billed(queries), (from, to), |result| take(result, &mut answers)).await;
    if error.is_some() {
        broken_off(answers.iter_mut().flatten());
    } else {
        for answer in &mut answers {
            answer.get_or_insert(MetricAnswer { points: Vec::new(), status: QueryStatus::InternalError });
        }
    }
    (answers, error)
}

/// Reads the answer to `asked` page by page, each billed as `billed` metrics, and hands on what is in it. Gives why it
/// broke off, if it did.
async fn pages(
    clients: &ScopeClients,
    meter: &Meter,
    asked: Vec<sdk::MetricDataQuery>,
    billed: u32,
    (from, to): (Timestamp, Timestamp),
    mut take: impl FnMut(&sdk::MetricDataResult),
) -> Option<PollError> {
    let client = clients.cloudwatch().await;
    let mut token: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let send = |tally| {
            client
                .get_metric_data()
                .set_metric_data_queries(Some(asked.clone()))
                .start_time(sdk_time(from))
                .end_time(sdk_time(to))
                .scan_by(sdk::ScanBy::TimestampDescending)
                .set_next_token(token.clone())
                .customize()
                .interceptor(tally)
                .send()
        };
        let page = match meter.page(Api::CloudWatch, "GetMetricData", send).await {
            Ok(page) => page,
            Err(error) => return Some(error),
        };
        meter.bill(billed);
        page.metric_data_results().iter().for_each(&mut take);
        let next = page.next_token.filter(|t| !t.is_empty())?;
        if token.as_ref() == Some(&next) {
            break;
        }
        token = Some(next);
    }
    Some(no_end("GetMetricData", MAX_PAGES))
}

/// What looked complete is not, where a later page is missing.
fn broken_off<'a>(answers: impl Iterator<Item = &'a mut MetricAnswer>) {
    for answer in answers.filter(|a| a.status == QueryStatus::Complete) {
        answer.status = QueryStatus::Partial;
    }
}

/// How many metrics `GetMetricData` bills for `queries` in one call.
#[must_use]
pub fn billed(queries: &[MetricQuery<'_>]) -> u32 {
    let mut stats: BTreeMap<_, BTreeSet<&Text>> = BTreeMap::new();
    for q in queries {
        let metric = (&q.metric.namespace, &q.metric.name, q.metric.period, q.dimensions);
        stats.entry(metric).or_default().insert(&q.metric.stat);
    }
    let metrics: usize = stats.values().map(|s| s.len().div_ceil(STATS_AS_ONE)).sum();
    u32::try_from(metrics).unwrap_or(u32::MAX)
}

fn query((index, q): (usize, &MetricQuery<'_>)) -> sdk::MetricDataQuery {
    let metric = sdk_metric(&q.metric.namespace, &q.metric.name, q.dimensions);
    let stat = sdk::MetricStat::builder()
        .metric(metric)
        .period(i32::try_from(q.metric.period).unwrap_or(i32::MAX))
        .stat(q.metric.stat.as_str())
        .build();
    sdk::MetricDataQuery::builder().id(format!("q{index}")).metric_stat(stat).return_data(true).build()
}

fn take(result: &sdk::MetricDataResult, answers: &mut [Option<MetricAnswer>]) {
    let index = result.id().and_then(|id| id.strip_prefix('q')).and_then(|n| n.parse::<usize>().ok());
    let Some(slot) = index.and_then(|i| answers.get_mut(i)) else { return };
    let status = status(result);
    let answer = slot.get_or_insert(MetricAnswer { points: Vec::new(), status });
    answer.status = status;
    answer.points.extend(points(result));
}

/// The points of `queries`, which name each other and are sent as they stand, from `from` (inclusive) to `to`
/// (exclusive): an answer an id, of those that are returned of themselves and those in `also`. What an id has several
/// series of (a band has two) is in one answer, one point after the other.
pub async fn metric_group(
    clients: &ScopeClients,
    meter: &Meter,
    queries: &[AlarmQuery],
    also: &BTreeSet<&Text>,
    from: Timestamp,
    to: Timestamp,
) -> (BTreeMap<Text, MetricAnswer>, Option<PollError>) {
    let asked = queries.iter().map(|q| as_it_stands(q, also.contains(&q.id))).collect();
    let mut answers: BTreeMap<Text, MetricAnswer> = BTreeMap::new();
    let error = pages(clients, meter, asked, billed_group(queries), (from, to), |result| {
        let Some(id) = result.id() else { return };
        let whole = MetricAnswer { points: Vec::new(), status: QueryStatus::Complete };
        let answer = answers.entry(id.into()).or_insert(whole);
        let status = status(result);
        if status != QueryStatus::Complete {
            answer.status = status;
        }
        answer.points.extend(points(result));
    })
    .await;
    if error.is_some() {
        broken_off(answers.values_mut());
    }
    (answers, error)
}

/// How many metrics `GetMetricData` bills for a group of queries: expressions are free.
#[must_use]
pub fn billed_group(queries: &[AlarmQuery]) -> u32 {
    let mut stats: BTreeMap<_, BTreeSet<&Text>> = BTreeMap::new();
    for q in queries {
        let Some(m) = &q.metric else { continue };
        stats.entry((&q.account, &m.namespace, &m.name, m.period, &m.dimensions)).or_default().insert(&m.stat);
    }
    u32::try_from(stats.values().map(|s| s.len().div_ceil(STATS_AS_ONE)).sum::<usize>()).unwrap_or(u32::MAX)
}

fn as_it_stands(q: &AlarmQuery, also: bool) -> sdk::MetricDataQuery {
    let some = |text: &Text| (!text.is_empty()).then(|| text.to_string());
    let period = |p: u32| i32::try_from(p).unwrap_or(i32::MAX);
    sdk::MetricDataQuery::builder()
        .id(q.id.as_str())
        .set_expression(some(&q.expression))
        .set_label(some(&q.label))
        .set_account_id(some(&q.account))
        .set_period(q.period.map(period))
        .set_metric_stat(q.metric.as_ref().map(|m| {
            sdk::MetricStat::builder()
                .metric(sdk_metric(&m.namespace, &m.name, &m.dimensions))
                .period(period(m.period))
                .stat(m.stat.as_str())
                .set_unit(some(&m.unit).map(|u| sdk::StandardUnit::from(u.as_str())))
                .build()
        }))
        .return_data(q.returned || also)
        .build()
}

fn sdk_metric(namespace: &str, name: &str, dimensions: &[(Text, Text)]) -> sdk::Metric {
    let dimensions = dimensions
        .iter()
        .map(|(name, value)| sdk::Dimension::builder().name(name.as_str()).value(value.as_str()).build());
    sdk::Metric::builder().namespace(namespace).metric_name(name).set_dimensions(Some(dimensions.collect())).build()
}

fn status(result: &sdk::MetricDataResult) -> QueryStatus {
    match result.status_code() {
        Some(sdk::StatusCode::Complete) => QueryStatus::Complete,
        Some(sdk::StatusCode::PartialData) => QueryStatus::Partial,
        Some(sdk::StatusCode::Forbidden) => QueryStatus::Forbidden,
        _ => QueryStatus::InternalError,
    }
}

fn points(result: &sdk::MetricDataResult) -> impl Iterator<Item = Point> {
    let points = result.timestamps().iter().zip(result.values());
    points.filter_map(|(at, value)| Some(Point { at: time(at)?, value: *value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_statistics_of_a_metric_are_billed_as_one() {
        let stats = ["Sum", "Average", "Maximum", "Minimum", "p99", "p90"];
        let metrics: Vec<Metric> = stats.iter().map(|s| Metric::new("AWS/ELB", "Latency", s, 60)).collect();
        let a = [("LoadBalancerName".into(), "a".into())];
        let b = [("LoadBalancerName".into(), "b".into())];
        let of = |n: usize, dimensions| metrics[..n].iter().map(move |metric| MetricQuery { metric, dimensions });
        assert_eq!(billed(&of(5, &a).collect::<Vec<_>>()), 1);
        assert_eq!(billed(&of(6, &a).collect::<Vec<_>>()), 2);
        assert_eq!(billed(&of(1, &a).chain(of(1, &b)).collect::<Vec<_>>()), 2);
        assert_eq!(billed(&of(1, &a).chain(of(1, &a)).collect::<Vec<_>>()), 1);
    }
}
