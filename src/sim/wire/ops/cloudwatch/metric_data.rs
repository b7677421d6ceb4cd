//! `GetMetricData`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::Call;
use super::paging::{Found, parts};
use super::{metric_id, period, within_reach};
use crate::sim::math::{self, Expr, Queries, Series};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::params::Params;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{MetricId, is_statistic};

const MOST_QUERIES: usize = 500;
const MOST_POINTS: usize = 100_800;

struct Query {
    id: String,
    label: Option<String>,
    wanted: bool,
    kind: Kind,
}

enum Kind {
    Metric { id: MetricId, period: u32, stat: String, unit: Option<String> },
    Math(Expr),
}

pub(in super::super) fn get_metric_data(call: &Call<'_>) -> Result<Value, ApiError> {
    let queries = read(&call.params)?;
    let (start, end) = (call.params.must_time("StartTime")?, call.params.must_time("EndTime")?);
    if start >= end {
        return Err(call.params.invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let newest_first = match call.params.text("ScanBy")?.as_deref() {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(other) => return Err(call.params.invalid(format!("The value {other} for parameter ScanBy is invalid."))),
    };
    let page = Paging { token: "NextToken", size: "MaxDatapoints", default: MOST_POINTS, least: 1, most: MOST_POINTS }
        .read(&call.params, call.now)?;
    let at_first_page = Call { now: page.now, ..*call };
    let mut found = evaluate(&at_first_page, &queries, start, end)?;
    if newest_first {
        for result in &mut found {
            result.points.reverse();
        }
    }
    let (parts, token) = parts(&page, &found);
    let results = parts.iter().map(|part| {
        let times = part.points.iter().filter_map(|(at, _)| Timestamp::from_second(*at).ok());
        map([
            ("Id", (&part.of.id).into()),
            ("Label", (&part.of.label).into()),
            ("Timestamps", list(times)),
            ("Values", list(part.points.iter().map(|(_, value)| *value))),
            ("StatusCode", if part.complete { "Complete" } else { "PartialData" }.into()),
        ])
    });
    Ok(map([("MetricDataResults", list(results)), ("Messages", Value::List(Vec::new()))]).and("NextToken", token))
}

fn read(params: &Params<'_>) -> Result<Vec<Query>, ApiError> {
    let asked = params.structures("MetricDataQueries")?;
    if asked.is_empty() {
        return Err(ApiError::missing(params.service(), "MetricDataQueries"));
    }
    if asked.len() > MOST_QUERIES {
        let message = format!("The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.");
        return Err(params.invalid(message));
    }
    let mut ids = BTreeSet::new();
    let mut queries = Vec::with_capacity(asked.len());
    for one in asked {
        let query = read_query(&one)?;
        if !ids.insert(query.id.clone()) {
            return Err(params
                .invalid(format!("The values for parameter id in MetricDataQueries are not unique: {}.", query.id)));
        }
        queries.push(query);
    }
    for query in &queries {
        let Kind::Math(expr) = &query.kind else { continue };
        let mut named = Vec::new();
        expr.ids(&mut named);
        let words = ["REPEAT", "LINEAR"];
        if let Some(id) =
            named.iter().find(|id| !ids.contains(*id) && !words.contains(&id.to_ascii_uppercase().as_str()))
        {
            return Err(bad_math(&query.id, &format!("there is no query with id \"{id}\"")));
        }
    }
    Ok(queries)
}

fn bad_math(id: &str, why: &str) -> ApiError {
    ApiError::invalid(super::super::Service::CloudWatch, format!("Error in expression '{id}': {why}."))
}

fn read_query(params: &Params<'_>) -> Result<Query, ApiError> {
    let id = params.must_text("Id")?;
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(legal) || id.len() > 255 {
        return Err(params.invalid(format!(
            "The value {id} for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    let expression = params.text("Expression")?.filter(|e| !e.is_empty());
    let kind = match (params.structure("MetricStat")?, expression) {
        (Some(stat), None) => read_stat(&stat)?,
        (None, Some(expression)) => Kind::Math(math::parse(&expression).map_err(|why| bad_math(&id, &why))?),
        _ => {
            return Err(
                params.invalid(format!("The query {id} must have either MetricStat or Expression, and not both."))
            );
        }
    };
    Ok(Query { id, label: params.text("Label")?, wanted: params.flag("ReturnData", true)?, kind })
}

fn read_stat(params: &Params<'_>) -> Result<Kind, ApiError> {
    let metric = params.structure("Metric")?.ok_or_else(|| ApiError::missing(params.service(), "MetricStat.Metric"))?;
    let stat = params.must_text("Stat")?;
    if !is_statistic(&stat) {
        return Err(params.invalid(format!("The value {stat} for parameter MetricStat.Stat is not supported.")));
    }
    let seconds = params.int("Period")?.ok_or_else(|| ApiError::missing(params.service(), "MetricStat.Period"))?;
    let period = period(seconds).ok_or_else(|| {
        params.invalid(format!(
            "The parameter MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60, at most 86400; it is {seconds}."
        ))
    })?;
    Ok(Kind::Metric { id: metric_id(&metric)?, period, stat, unit: params.text("Unit")? })
}

/// The values of `stat`, period by period from the window's start: that is rounded down to the whole minute, not to the
/// period (`StartTime` in the API reference of `GetMetricData`).
fn series(call: &Call<'_>, kind: &Kind, start: Timestamp, end: Timestamp) -> Series {
    let Kind::Metric { id, period, stat, unit } = kind else { return Series::default() };
    let empty = Series { label: id.name.clone(), period: *period, ..Series::default() };
    if unit.as_ref().is_some_and(|unit| unit != call.world.unit(id)) {
        return empty;
    }
    // No metric of the world is finer than a minute, so a finer period has its points on the minute.
    let step = (*period).max(60);
    let (from, to) = within_reach(start, end, *period, call.now);
    if from >= to {
        return empty;
    }
    let samples = call.world.datapoints(call.region, id, step, from, to, call.now);
    let points = samples.iter().filter_map(|s| Some((s.at.as_second(), s.value(stat)?))).collect();
    Series { points, ..empty }
}

/// The values of a metric at the times of the window, on each of the days before it.
fn past(call: &Call<'_>, kind: &Kind, start: Timestamp, end: Timestamp) -> Vec<BTreeMap<i64, f64>> {
    let day = |n: i64| {
        let back = |at: Timestamp| Timestamp::from_second(at.as_second() - n * math::DAY).unwrap_or(at);
        let series = series(call, kind, back(start), back(end));
        series.points.into_iter().map(|(at, value)| (at + n * math::DAY, value)).collect()
    };
    (1..=math::DAYS).map(day).collect()
}

fn evaluate(call: &Call<'_>, queries: &[Query], start: Timestamp, end: Timestamp) -> Result<Vec<Found>, ApiError> {
    let metrics: Vec<(String, Series)> = queries
        .iter()
        .filter(|q| matches!(q.kind, Kind::Metric { .. }))
        .map(|q| (q.id.clone(), series(call, &q.kind, start, end)))
        .collect();
    let expressions: Vec<(&str, &Expr)> = queries
        .iter()
        .filter_map(|q| match &q.kind {
            Kind::Math(expr) => Some((q.id.as_str(), expr)),
            Kind::Metric { .. } => None,
        })
        .collect();
    let past =
        |id: &str| queries.iter().find(|q| q.id == id).map_or_else(Vec::new, |q| past(call, &q.kind, start, end));
    let window = |period: u32| {
        let (from, to) = within_reach(start, end, period, call.now);
        (from.as_second(), to.as_second())
    };
    let evaluation = Queries::new(&metrics, &expressions, &window, &past);
    let mut found = Vec::new();
    for query in queries.iter().filter(|q| q.wanted) {
        let value = evaluation.value(&query.id).unwrap_or_else(|| Err("it cannot be found".to_owned()));
        let is_metric = matches!(query.kind, Kind::Metric { .. });
        let mut push = |series: Series, member: bool| {
            let own = if is_metric || member { series.label } else { query.id.clone() };
            let label = query.label.clone().unwrap_or(own);
            found.push(Found { id: query.id.clone(), label, points: series.points.into_iter().collect() });
        };
        match value.map_err(|why| bad_math(&query.id, &why))? {
            math::Value::Series(series) => push(series, false),
            math::Value::Array(all) => all.into_iter().for_each(|series| push(series, true)),
            math::Value::Scalar(_) => {
                return Err(bad_math(&query.id, "the result must be a time series or an array of them"));
            }
        }
    }
    Ok(found)
}
