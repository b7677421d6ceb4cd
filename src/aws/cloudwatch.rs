//! Amazon CloudWatch: metric data and alarms.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types as sdk;
use jiff::Timestamp;

use super::translate::{MAX_PAGES, count, sdk_time, text, time};
use super::{Api, Listing, Meter, ScopeClients};
use crate::model::{
    Alarm, AlarmState, Detail, Kind, Metric, Point, PollError, QueryStatus, Resource, ResourceId, Scope, Text,
};

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
    let client = clients.cloudwatch().await;
    let asked: Vec<sdk::MetricDataQuery> = queries.iter().enumerate().map(query).collect();
    let mut answers: Vec<Option<MetricAnswer>> = vec![None; queries.len()];
    let mut token: Option<String> = None;
    let mut error = None;
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
        match meter.page(Api::CloudWatch, "GetMetricData", send).await {
            Ok(page) => {
                meter.bill(billed(queries));
                for result in page.metric_data_results() {
                    take(result, &mut answers);
                }
                let next = page.next_token.filter(|t| !t.is_empty());
                if next.is_none() || next == token {
                    break;
                }
                token = next;
            }
            Err(e) => {
                for answer in answers.iter_mut().flatten() {
                    if answer.status == QueryStatus::Complete {
                        answer.status = QueryStatus::Partial;
                    }
                }
                error = Some(e);
                break;
            }
        }
    }
    if error.is_none() {
        for answer in &mut answers {
            answer.get_or_insert(MetricAnswer { points: Vec::new(), status: QueryStatus::InternalError });
        }
    }
    (answers, error)
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
    let dimensions = q
        .dimensions
        .iter()
        .map(|(name, value)| sdk::Dimension::builder().name(name.as_str()).value(value.as_str()).build())
        .collect();
    let metric = sdk::Metric::builder()
        .namespace(q.metric.namespace.as_str())
        .metric_name(q.metric.name.as_str())
        .set_dimensions(Some(dimensions))
        .build();
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
    let status = match result.status_code() {
        Some(sdk::StatusCode::Complete) => QueryStatus::Complete,
        Some(sdk::StatusCode::PartialData) => QueryStatus::Partial,
        Some(sdk::StatusCode::Forbidden) => QueryStatus::Forbidden,
        _ => QueryStatus::InternalError,
    };
    let answer = slot.get_or_insert(MetricAnswer { points: Vec::new(), status });
    answer.status = status;
    let points = result.timestamps().iter().zip(result.values());
    answer.points.extend(points.filter_map(|(at, value)| Some(Point { at: time(at)?, value: *value })));
}

/// All alarms of the scope, metric and composite.
pub async fn alarms(clients: &ScopeClients, meter: &Meter) -> Listing<Resource> {
    let client = clients.cloudwatch().await;
    let send = |token, tally| {
        client
            .describe_alarms()
            .alarm_types(sdk::AlarmType::MetricAlarm)
            .alarm_types(sdk::AlarmType::CompositeAlarm)
            .max_records(100)
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    meter
        .pages(Api::CloudWatch, "DescribeAlarms", MAX_PAGES, send, |page, into| {
            into.extend(page.metric_alarms().iter().filter_map(|a| metric_alarm(clients.scope(), a)));
            into.extend(page.composite_alarms().iter().filter_map(|a| composite_alarm(clients.scope(), a)));
            page.next_token
        })
        .await
}

fn metric_alarm(scope: &Scope, a: &sdk::MetricAlarm) -> Option<Resource> {
    let mut dimensions: Vec<(Text, Text)> = a.dimensions().iter().map(|d| (text(d.name()), text(d.value()))).collect();
    dimensions.sort();
    let evaluation_periods = count(a.evaluation_periods());
    let missing = text(a.treat_missing_data());
    let alarm = Alarm {
        state: state(a.state_value()),
        reason: text(a.state_reason()),
        state_since: a.state_transitioned_timestamp().or(a.state_updated_timestamp()).and_then(time),
        namespace: text(a.namespace()),
        metric: text(a.metric_name()),
        dimensions,
        stat: text(a.statistic().map(sdk::Statistic::as_str).or(a.extended_statistic())),
        period: count(a.period()),
        evaluation_periods,
        // M is N where it is not said.
        datapoints_to_alarm: a.datapoints_to_alarm().and_then(|m| u32::try_from(m).ok()).unwrap_or(evaluation_periods),
        comparison: text(a.comparison_operator().map(sdk::ComparisonOperator::as_str)),
        threshold: a.threshold(),
        treat_missing_data: if missing.is_empty() { "missing".into() } else { missing },
        actions_enabled: a.actions_enabled().unwrap_or_default(),
        rule: Text::default(),
    };
    Some(named(scope, a.alarm_name()?, alarm))
}

fn composite_alarm(scope: &Scope, a: &sdk::CompositeAlarm) -> Option<Resource> {
    let alarm = Alarm {
        state: state(a.state_value()),
        reason: text(a.state_reason()),
        state_since: a.state_transitioned_timestamp().or(a.state_updated_timestamp()).and_then(time),
        actions_enabled: a.actions_enabled().unwrap_or_default(),
        rule: text(a.alarm_rule()),
        ..Alarm::default()
    };
    Some(named(scope, a.alarm_name()?, alarm))
}

fn named(scope: &Scope, name: &str, alarm: Alarm) -> Resource {
    let id = ResourceId::new(scope, Kind::Alarm, name);
    Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::Alarm(alarm) }
}

fn state(word: Option<&sdk::StateValue>) -> AlarmState {
    match word {
        Some(sdk::StateValue::Ok) => AlarmState::Ok,
        Some(sdk::StateValue::Alarm) => AlarmState::Alarm,
        _ => AlarmState::InsufficientData,
    }
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
