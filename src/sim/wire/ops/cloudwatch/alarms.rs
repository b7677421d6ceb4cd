//! Alarms and their history.

use jiff::{SignedDuration, Timestamp};

use super::super::{Call, texts};
use super::dimensions;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::{Page, Paging};
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{Alarm, AlarmChange, AlarmOf, AlarmQuery, AlarmWatch, FewSamples, Limit, MetricAlarm, QueryOf};

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
    let children_of = call.params.text("ChildrenOfAlarmName")?;
    let parents_of = call.params.text("ParentsOfAlarmName")?;
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
    let filtered = !names.is_empty() || !types.is_empty() || prefix.is_some() || state.is_some() || action.is_some();
    if (children_of.is_some() && parents_of.is_some()) || ((children_of.is_some() || parents_of.is_some()) && filtered)
    {
        let message = "ChildrenOfAlarmName and ParentsOfAlarmName go with MaxRecords and NextToken only.";
        return Err(call.params.invalid(message));
    }
    let page = Paging { token: "NextToken", size: "MaxRecords", default: 50, least: 1, most: 100 }
        .read(&call.params, call.now)?;
    let all = call.world.alarms(call.region, page.now);
    if children_of.is_some() || parents_of.is_some() {
        return relatives(&page, all, children_of.as_deref(), parents_of.as_deref());
    }
    let found = all
        .into_iter()
        .filter(|a| match a.watch {
            // Without types only metric alarms come back.
            AlarmWatch::Metrics(_) => types.is_empty() || types.iter().any(|t| t == "MetricAlarm"),
            AlarmWatch::Alarms(_) => types.iter().any(|t| t == "CompositeAlarm"),
        })
        .filter(|a| names.is_empty() || names.contains(&a.name))
        .filter(|a| prefix.as_ref().is_none_or(|p| a.name.starts_with(p.as_str())))
        .filter(|a| state.as_ref().is_none_or(|s| a.state.as_str() == s))
        .filter(|a| action.as_ref().is_none_or(|p| a.actions.iter().any(|arn| arn.starts_with(p.as_str()))))
        .collect();
    let (found, token) = page.cut(found);
    Ok(both(&found, metric_alarm, composite_alarm).and("NextToken", token))
}

/// The two lists of an answer.
fn both(
    found: &[Alarm],
    metric: fn(&Alarm, &MetricAlarm) -> Value,
    composite: fn(&Alarm, &'static str) -> Value,
) -> Value {
    let (mut metrics, mut composites) = (Vec::new(), Vec::new());
    for alarm in found {
        match &alarm.watch {
            AlarmWatch::Metrics(watch) => metrics.push(metric(alarm, watch)),
            AlarmWatch::Alarms(rule) => composites.push(composite(alarm, rule)),
        }
    }
    map([("MetricAlarms", Value::List(metrics)), ("CompositeAlarms", Value::List(composites))])
}

/// The alarms in a composite alarm's rule with little more than their states, or the composite alarms in whose rules
/// an alarm is with little more than their names.
fn relatives(
    page: &Page,
    all: Vec<Alarm>,
    children_of: Option<&str>,
    parents_of: Option<&str>,
) -> Result<Value, ApiError> {
    let name = children_of.or(parents_of).unwrap_or_default();
    let Some(named) = all.iter().find(|a| a.name == name) else {
        return Err(ApiError::named("ResourceNotFound", format!("Unknown alarm {name}")));
    };
    let children = named.children.clone();
    let wanted = |a: &Alarm| {
        if children_of.is_some() { children.contains(&a.name) } else { a.children.iter().any(|c| c == name) }
    };
    let found = all.into_iter().filter(wanted).collect();
    let (found, token) = page.cut(found);
    let name_only = |a: &Alarm| map([("AlarmName", (&a.name).into()), ("AlarmArn", (&a.arn).into())]);
    let answer = if children_of.is_some() {
        fn stated(a: &Alarm) -> Value {
            map([
                ("AlarmName", (&a.name).into()),
                ("AlarmArn", (&a.arn).into()),
                ("StateValue", a.state.as_str().into()),
                ("StateUpdatedTimestamp", a.state_since.into()),
            ])
        }
        both(&found, |a, _| stated(a), |a, _| stated(a))
    } else {
        map([("MetricAlarms", Value::List(Vec::new())), ("CompositeAlarms", list(found.iter().map(name_only)))])
    };
    Ok(answer.and("NextToken", token))
}

/// What alarms of all types have.
fn common(a: &Alarm) -> Value {
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
    ])
}

fn composite_alarm(a: &Alarm, rule: &'static str) -> Value {
    common(a).and("AlarmRule", Some(rule))
}

fn metric_alarm(a: &Alarm, watch: &MetricAlarm) -> Value {
    let plain = |statistic: &str| matches!(statistic, "SampleCount" | "Average" | "Sum" | "Minimum" | "Maximum");
    let answer = match &watch.of {
        AlarmOf::Metric(metric, statistic) => common(a)
            .and("MetricName", Some(&metric.name))
            .and("Namespace", Some(&metric.namespace))
            .and("Dimensions", Some(dimensions(metric)))
            .and("Unit", watch.unit)
            .and("Period", Some(watch.period))
            .and("Statistic", plain(statistic).then_some(*statistic))
            .and("ExtendedStatistic", (!plain(statistic)).then_some(*statistic)),
        AlarmOf::Queries(queries) => {
            common(a).and("Metrics", Some(list(queries.iter().map(|q| query(q, watch.period)))))
        }
    };
    let (threshold, band) = match watch.limit {
        Limit::Threshold(threshold) => (Some(threshold), None),
        Limit::Band(id) => (None, Some(id)),
    };
    answer
        .and("EvaluationPeriods", Some(watch.evaluation_periods))
        .and("DatapointsToAlarm", Some(watch.datapoints_to_alarm))
        .and("Threshold", threshold)
        .and("ThresholdMetricId", band)
        .and("ComparisonOperator", Some(watch.comparison))
        .and("TreatMissingData", Some(watch.missing.as_str()))
        .and("EvaluateLowSampleCountPercentile", watch.few_samples.map(FewSamples::as_str))
}

fn query(q: &AlarmQuery, period: u32) -> Value {
    let answer = map([("Id", q.id.into())]);
    let answer = match &q.of {
        QueryOf::Metric(metric, statistic) => {
            let named = map([
                ("Namespace", (&metric.namespace).into()),
                ("MetricName", (&metric.name).into()),
                ("Dimensions", dimensions(metric)),
            ]);
            let stat = map([("Metric", named), ("Period", period.into()), ("Stat", (*statistic).into())]);
            answer.and("MetricStat", Some(stat))
        }
        QueryOf::Expression(text) => answer.and("Expression", Some(*text)),
    };
    answer.and("Label", Some(q.label).filter(|l| !l.is_empty())).and("ReturnData", Some(q.wanted))
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
    let states = from <= to && item.as_deref().is_none_or(|i| i == "StateUpdate");
    let mut found =
        if states { call.world.alarm_history(call.region, name.as_deref(), from, to, page.now) } else { Vec::new() };
    // Without types, as with alarms: only those of metric alarms.
    found.retain(|change| {
        if change.composite {
            types.iter().any(|t| t == "CompositeAlarm")
        } else {
            types.is_empty() || types.iter().any(|t| t == "MetricAlarm")
        }
    });
    if oldest_first {
        found.reverse();
    }
    let (found, token) = page.cut(found);
    Ok(map([("AlarmHistoryItems", list(found.iter().map(change)))]).and("NextToken", token))
}

fn change(c: &AlarmChange) -> Value {
    map([
        ("AlarmName", (&c.alarm).into()),
        ("AlarmType", if c.composite { "CompositeAlarm" } else { "MetricAlarm" }.into()),
        ("Timestamp", c.at.into()),
        ("HistoryItemType", "StateUpdate".into()),
        ("HistorySummary", (&c.summary).into()),
        ("HistoryData", (&c.data).into()),
    ])
}
