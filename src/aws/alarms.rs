//! Amazon CloudWatch's alarms: `DescribeAlarms`, metric and composite.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types as sdk;

use super::translate::{MAX_PAGES, count, text, time};
use super::{Api, Listing, Meter, ScopeClients};
use crate::model::{Alarm, AlarmMetric, AlarmQuery, AlarmState, Detail, Kind, Resource, ResourceId, Scope, Text};

/// All alarms of the scope. Both sorts are named: without their names only metric alarms come back.
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
    let evaluation_periods = count(a.evaluation_periods());
    let missing = text(a.treat_missing_data());
    let alarm = Alarm {
        state: state(a.state_value()),
        reason: text(a.state_reason()),
        state_since: a.state_transitioned_timestamp().or(a.state_updated_timestamp()).and_then(time),
        namespace: text(a.namespace()),
        metric: text(a.metric_name()),
        dimensions: dimensions(a.dimensions()),
        stat: text(a.statistic().map(sdk::Statistic::as_str).or(a.extended_statistic())),
        unit: text(a.unit().map(sdk::StandardUnit::as_str)),
        period: count(a.period()),
        evaluation_periods,
        // M is N where it is not said.
        datapoints_to_alarm: a.datapoints_to_alarm().and_then(|m| u32::try_from(m).ok()).unwrap_or(evaluation_periods),
        comparison: text(a.comparison_operator().map(sdk::ComparisonOperator::as_str)),
        threshold: a.threshold(),
        treat_missing_data: if missing.is_empty() { "missing".into() } else { missing },
        low_samples: text(a.evaluate_low_sample_count_percentile()),
        queries: a.metrics().iter().filter_map(query).collect(),
        threshold_query: text(a.threshold_metric_id()),
        actions_enabled: a.actions_enabled().unwrap_or_default(),
        actions: a.alarm_actions().iter().map(|arn| text(Some(arn))).collect(),
        rule: Text::default(),
        suppressor: Text::default(),
    };
    Some(named(scope, a.alarm_name()?, alarm))
}

fn composite_alarm(scope: &Scope, a: &sdk::CompositeAlarm) -> Option<Resource> {
    let alarm = Alarm {
        state: state(a.state_value()),
        reason: text(a.state_reason()),
        state_since: a.state_transitioned_timestamp().or(a.state_updated_timestamp()).and_then(time),
        actions_enabled: a.actions_enabled().unwrap_or_default(),
        actions: a.alarm_actions().iter().map(|arn| text(Some(arn))).collect(),
        rule: text(a.alarm_rule()),
        suppressor: text(a.actions_suppressor()),
        ..Alarm::default()
    };
    Some(named(scope, a.alarm_name()?, alarm))
}

fn query(q: &sdk::MetricDataQuery) -> Option<AlarmQuery> {
    let metric = q.metric_stat().map(|m| AlarmMetric {
        namespace: text(m.metric().and_then(sdk::Metric::namespace)),
        name: text(m.metric().and_then(sdk::Metric::metric_name)),
        dimensions: dimensions(m.metric().map(sdk::Metric::dimensions).unwrap_or_default()),
        stat: text(m.stat()),
        period: count(m.period()),
        unit: text(m.unit().map(sdk::StandardUnit::as_str)),
    });
    Some(AlarmQuery {
        id: text(Some(q.id()?)),
        expression: text(q.expression()),
        label: text(q.label()),
        metric,
        // Absent means that it is returned.
        returned: q.return_data().unwrap_or(true),
        period: q.period().and_then(|p| u32::try_from(p).ok()),
        account: text(q.account_id()),
    })
}

fn dimensions(of: &[sdk::Dimension]) -> Vec<(Text, Text)> {
    let mut dimensions: Vec<(Text, Text)> = of.iter().map(|d| (text(d.name()), text(d.value()))).collect();
    dimensions.sort();
    dimensions
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
