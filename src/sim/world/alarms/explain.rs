//! CloudWatch's sentences for a state, and the data behind them.

use jiff::Timestamp;
use serde_json::json;

use super::super::{AlarmOf, AlarmState, Limit, MetricAlarm, Treat};
use super::spec;
use super::watch::{Point, breaches};

/// AWS's words for the comparison.
fn words(alarm: &MetricAlarm) -> &'static str {
    match alarm.comparison {
        spec::ABOVE => "greater than the threshold",
        spec::BELOW => "less than the threshold",
        spec::AT_LEAST => "greater than or equal to the threshold",
        spec::ABOVE_BAND => "greater than the upper thresholds",
        spec::BELOW_BAND => "less than the lower thresholds",
        _ => "less than the lower thresholds or greater than the upper thresholds",
    }
}

/// The sentence for `state`, and the data behind it, of what an evaluation at `at` saw, newest first.
pub(super) fn explain(
    alarm: &MetricAlarm,
    window: &[(Timestamp, Option<Point>)],
    state: AlarmState,
    at: Timestamp,
) -> (String, String) {
    let n = alarm.evaluation_periods as usize;
    let real: Vec<(Timestamp, Point)> = window.iter().filter_map(|(t, p)| p.map(|p| (*t, p))).take(n).collect();
    let reason = reason(alarm, &real, state);
    (reason, data(alarm, &real, at).to_string())
}

fn data(alarm: &MetricAlarm, real: &[(Timestamp, Point)], at: Timestamp) -> serde_json::Value {
    let stamp = |t: &Timestamp| t.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
    let recent = |of: &dyn Fn(&Point) -> f64| real.iter().rev().map(|(_, p)| of(p)).collect::<Vec<f64>>();
    let mut data = json!({
        "version": "1.0",
        "queryDate": stamp(&at),
        "startDate": real.last().map(|(t, _)| stamp(t)),
        "period": alarm.period,
        "recentDatapoints": recent(&|p| p.value),
    });
    if let AlarmOf::Metric(_, statistic) = &alarm.of {
        data["statistic"] = json!(statistic);
    }
    match alarm.limit {
        Limit::Threshold(threshold) => data["threshold"] = json!(threshold),
        Limit::Band(_) => {
            data["recentLowerThresholds"] = json!(recent(&|p| p.band.map_or(p.value, |(low, _)| low)));
            data["recentUpperThresholds"] = json!(recent(&|p| p.band.map_or(p.value, |(_, high)| high)));
        }
    }
    data
}

fn reason(alarm: &MetricAlarm, real: &[(Timestamp, Point)], state: AlarmState) -> String {
    let n = alarm.evaluation_periods as usize;
    let periods = |n: usize| format!("{n} period{}", if n == 1 { "" } else { "s" });
    let says = |p: &Point| breaches(alarm, p) == (state == AlarmState::Alarm);
    if state == AlarmState::InsufficientData {
        return unknown(n);
    }
    if !real.iter().any(|(_, p)| says(p)) {
        // What is missing decided.
        let n = n - real.len();
        let treated = if alarm.missing == Treat::Breaching { "Breaching" } else { "NonBreaching" };
        return format!(
            "Threshold Crossed: no datapoints were received for {} and {n} missing datapoint{} treated as [{treated}].",
            periods(n),
            if n == 1 { " was" } else { "s were" },
        );
    }
    let breach = state == AlarmState::Alarm;
    let shown: Vec<&(Timestamp, Point)> = real.iter().filter(|(_, p)| says(p)).collect();
    let stamped = |(t, p): &&(Timestamp, Point)| format!("{:?} ({})", p.value, t.strftime("%d/%m/%y %H:%M:%S"));
    let list: Vec<String> = shown.iter().map(stamped).collect();
    let (count, words) = (shown.len(), words(alarm));
    let limit = match alarm.limit {
        Limit::Threshold(threshold) => format!("({threshold:?})"),
        Limit::Band(_) => {
            let ends = |p: &Point| {
                let (low, high) = p.band.unwrap_or((p.value, p.value));
                match alarm.comparison {
                    spec::ABOVE_BAND => format!("{high:?}"),
                    spec::BELOW_BAND => format!("{low:?}"),
                    _ => format!("{low:?}, {high:?}"),
                }
            };
            format!("[{}]", shown.iter().map(|(_, p)| ends(p)).collect::<Vec<_>>().join("; "))
        }
    };
    let (from, to) = if breach { ("OK", "ALARM") } else { ("ALARM", "OK") };
    let needed = if breach { alarm.datapoints_to_alarm } else { 1 };
    format!(
        "Threshold{} Crossed: {count} out of the last {} datapoints [{}] {} {words} {limit} (minimum {needed} \
         datapoint{} for {from} -> {to} transition).",
        if matches!(alarm.limit, Limit::Band(_)) { "s" } else { "" },
        real.len(),
        list.join(", "),
        match (count, breach) {
            (1, true) => "was",
            (1, false) => "was not",
            (_, true) => "were",
            (_, false) => "were not",
        },
        if needed == 1 { "" } else { "s" },
    )
}

/// The sentence for an alarm without data.
pub(super) fn unknown(n: usize) -> String {
    format!("Insufficient Data: {n} datapoint{} unknown.", if n == 1 { " was" } else { "s were" })
}
