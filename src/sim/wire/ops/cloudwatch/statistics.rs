//! `GetMetricStatistics`: one metric, several statistics, in no order.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::Call;
use super::{metric_id, period, within_reach};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{Sample, is_statistic};

const MOST_POINTS: i64 = 1440;
const PLAIN: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

pub(in super::super) fn get_metric_statistics(call: &Call<'_>) -> Result<Value, ApiError> {
    let metric = metric_id(&call.params)?;
    let (start, end) = (call.params.must_time("StartTime")?, call.params.must_time("EndTime")?);
    let seconds = call.params.int("Period")?.ok_or_else(|| ApiError::missing(call.params.service(), "Period"))?;
    let plain = call.params.texts("Statistics")?;
    let extended = call.params.texts("ExtendedStatistics")?;
    let unit = call.params.text("Unit")?;
    check_statistics(&plain, &extended)?;
    if start >= end {
        return Err(ApiError::bad_value("The parameter StartTime must be less than the parameter EndTime."));
    }
    let period = period(seconds).ok_or_else(|| {
        ApiError::bad_value("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, at most 86400.")
    })?;
    let asked = (end.as_second() - start.as_second()).saturating_add(seconds - 1) / seconds;
    if asked > MOST_POINTS {
        return Err(ApiError::bad_combination(format!(
            "You have requested up to {asked} datapoints, which exceeds the limit of {MOST_POINTS}. You may reduce the \
             datapoints requested by increasing Period, or decreasing the time range."
        )));
    }
    let step = period.max(60);
    let (from, to) = within_reach(start, end, period, call.now);
    let samples = if from < to && unit.as_ref().is_none_or(|unit| unit == call.world.unit(&metric)) {
        call.world.datapoints(call.region, &metric, step, from, to, call.now)
    } else {
        Vec::new()
    };
    let unit = call.world.unit(&metric);
    let mut points: Vec<(u64, Value)> = samples.iter().map(|s| (place(s), point(s, &plain, &extended, unit))).collect();
    points.sort_by_key(|(place, _)| *place);
    Ok(map([("Label", metric.name.into()), ("Datapoints", list(points.into_iter().map(|(_, point)| point)))]))
}

fn check_statistics(plain: &[String], extended: &[String]) -> Result<(), ApiError> {
    match (plain.is_empty(), extended.is_empty()) {
        (true, true) => {
            return Err(ApiError::bad_combination(
                "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
            ));
        }
        (false, false) => {
            return Err(ApiError::bad_combination(
                "The parameters Statistics and ExtendedStatistics cannot be specified together.",
            ));
        }
        _ => {}
    }
    if let Some(wrong) = plain.iter().find(|s| !PLAIN.contains(&s.as_str())) {
        return Err(ApiError::bad_value(format!("The value {wrong} for parameter Statistics is not supported.")));
    }
    match extended.iter().find(|s| PLAIN.contains(&s.as_str()) || !is_statistic(s)) {
        Some(wrong) => {
            Err(ApiError::bad_value(format!("The value {wrong} for parameter ExtendedStatistics is not supported.")))
        }
        None => Ok(()),
    }
}

/// AWS gives the points in no order; the same one each time here.
fn place(sample: &Sample) -> u64 {
    let mut hasher = DefaultHasher::new();
    sample.at.hash(&mut hasher);
    hasher.finish()
}

fn point(sample: &Sample, plain: &[String], extended: &[String], unit: &'static str) -> Value {
    let mut point = map([("Timestamp", sample.at.into()), ("Unit", unit.into())]);
    for name in PLAIN.into_iter().filter(|name| plain.iter().any(|p| p == name)) {
        point = point.and(name, sample.value(name));
    }
    let percentiles: Vec<(String, Value)> =
        extended.iter().filter_map(|stat| Some((stat.clone(), sample.value(stat)?.into()))).collect();
    point.and("ExtendedStatistics", Some(Value::Dict(percentiles)).filter(|_| !extended.is_empty()))
}
