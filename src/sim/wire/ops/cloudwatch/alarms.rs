//! Alarms and their history.

use jiff::{SignedDuration, Timestamp};

use super::super::{Call, texts};
use super::dimensions;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{Alarm, AlarmChange};

const TYPES: [&str; 2] = ["MetricAlarm", "CompositeAlarm"];
const STATES: [&str; 3] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

/// History is kept 30 days.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A value that must be one of a few.
fn one_of(call: &Call<'_>, name: &str, value: &str, allowed: &[&str]) -> Result<(), ApiError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(call.params.invalid(format!(
        "Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        allowed.join(", ")
    )))
}

pub(in super::super) fn describe_alarms(call: &Call<'_>) -> Result<Value, ApiError> {
    let names = call.params.texts("AlarmNames")?;
    let prefix = call.params.text("AlarmNamePrefix")?;
    let types = call.params.texts("AlarmTypes")?;
    let state = call.params.text("StateValue")?;
    let action = call.params.text("ActionPrefix")?;
    if names.len() > 100 {
        return Err(call.params.invalid("The collection AlarmNames must not have a size greater than 100."));
    }
    if prefix.is_some() && !names.is_empty() {
        return Err(ApiError::bad_combination("AlarmNamePrefix and AlarmNames cannot be specified together."));
    }
    for kind in &types {
        one_of(call, "alarmTypes", kind, &TYPES)?;
    }
    if let Some(state) = &state {
        one_of(call, "stateValue", state, &STATES)?;
    }
    let page = Paging { token: "NextToken", size: "MaxRecords", default: 50, least: 1, most: 100 }
        .read(&call.params, call.now)?;
    // The world has no composite alarm.
    let found = call
        .world
        .alarms(call.region, page.now)
        .into_iter()
        .filter(|_| types.is_empty() || types.iter().any(|t| t == "MetricAlarm"))
        .filter(|a| names.is_empty() || names.contains(&a.name))
        .filter(|a| prefix.as_ref().is_none_or(|p| a.name.starts_with(p.as_str())))
        .filter(|a| state.as_ref().is_none_or(|s| a.state.as_str() == s))
        .filter(|a| action.as_ref().is_none_or(|p| a.actions.iter().any(|arn| arn.starts_with(p.as_str()))))
        .collect();
    let (found, token) = page.cut(found);
    Ok(map([("MetricAlarms", list(found.iter().map(alarm))), ("CompositeAlarms", Value::List(Vec::new()))])
        .and("NextToken", token))
}

fn alarm(a: &Alarm) -> Value {
    let percentile = !matches!(a.statistic, "SampleCount" | "Average" | "Sum" | "Minimum" | "Maximum");
    map([
        ("AlarmName", (&a.name).into()),
        ("AlarmArn", (&a.arn).into()),
        ("AlarmDescription", (&a.description).into()),
        ("AlarmConfigurationUpdatedTimestamp", a.configured.into()),
        ("ActionsEnabled", a.actions_enabled.into()),
        ("OKActions", Value::List(Vec::new())),
        ("AlarmActions", texts(&a.actions)),
        ("InsufficientDataActions", Value::List(Vec::new())),
        ("StateValue", a.state.as_str().into()),
        ("StateReason", (&a.reason).into()),
        ("StateReasonData", (&a.reason_data).into()),
        ("StateUpdatedTimestamp", a.state_since.into()),
        ("StateTransitionedTimestamp", a.state_since.into()),
        ("MetricName", (&a.metric.name).into()),
        ("Namespace", (&a.metric.namespace).into()),
        ("Dimensions", dimensions(&a.metric)),
        ("Period", a.period.into()),
        ("EvaluationPeriods", a.evaluation_periods.into()),
        ("DatapointsToAlarm", a.datapoints_to_alarm.into()),
        ("Threshold", a.threshold.into()),
        ("ComparisonOperator", a.comparison.into()),
        ("TreatMissingData", a.treat_missing.into()),
    ])
    .and("Statistic", (!percentile).then_some(a.statistic))
    .and("ExtendedStatistic", percentile.then_some(a.statistic))
    .and("EvaluateLowSampleCountPercentile", percentile.then_some("evaluate"))
}

pub(in super::super) fn describe_alarm_history(call: &Call<'_>) -> Result<Value, ApiError> {
    let name = call.params.text("AlarmName")?;
    let types = call.params.texts("AlarmTypes")?;
    let item = call.params.text("HistoryItemType")?;
    let oldest_first = call.params.text("ScanBy")?.as_deref() == Some("TimestampAscending");
    for kind in &types {
        one_of(call, "alarmTypes", kind, &TYPES)?;
    }
    if let Some(item) = &item {
        one_of(call, "historyItemType", item, &["ConfigurationUpdate", "StateUpdate", "Action"])?;
    }
    let page = Paging { token: "NextToken", size: "MaxRecords", default: 100, least: 1, most: 100 }
        .read(&call.params, call.now)?;
    let oldest = page.now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    let from = call.params.time("StartDate")?.unwrap_or(oldest).max(oldest);
    let to = call.params.time("EndDate")?.unwrap_or(page.now).min(page.now);
    let states = from <= to
        && item.as_deref().is_none_or(|i| i == "StateUpdate")
        && (types.is_empty() || types.iter().any(|t| t == "MetricAlarm"));
    let mut found =
        if states { call.world.alarm_history(call.region, name.as_deref(), from, to, page.now) } else { Vec::new() };
    if oldest_first {
        found.reverse();
    }
    let (found, token) = page.cut(found);
    Ok(map([("AlarmHistoryItems", list(found.iter().map(change)))]).and("NextToken", token))
}

fn change(c: &AlarmChange) -> Value {
    map([
        ("AlarmName", (&c.alarm).into()),
        ("AlarmType", "MetricAlarm".into()),
        ("Timestamp", c.at.into()),
        ("HistoryItemType", "StateUpdate".into()),
        ("HistorySummary", (&c.summary).into()),
        ("HistoryData", (&c.data).into()),
    ])
}
