//! An alarm as somebody configured it.

use super::super::{AlarmOf, AlarmQuery, AlarmWatch, FewSamples, Limit, MetricAlarm, MetricId, QueryOf, Treat};

/// An alarm as configured.
#[derive(Debug)]
pub(in super::super) struct AlarmSpec {
    pub(in super::super) name: String,
    pub(in super::super) description: &'static str,
    pub(in super::super) watch: AlarmWatch,
}

impl AlarmSpec {
    /// It, over points of `unit` only.
    pub(super) fn in_unit(mut self, unit: &'static str) -> Self {
        if let AlarmWatch::Metrics(alarm) = &mut self.watch {
            alarm.unit = Some(unit);
        }
        self
    }
}

pub(super) const ABOVE: &str = "GreaterThanThreshold";
pub(super) const BELOW: &str = "LessThanThreshold";
pub(super) const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";
pub(super) const ABOVE_BAND: &str = "GreaterThanUpperThreshold";
pub(super) const BELOW_BAND: &str = "LessThanLowerThreshold";
pub(super) const OUTSIDE_BAND: &str = "LessThanLowerOrGreaterThanUpperThreshold";

/// Statistic, comparison, threshold, M, N, period, missing.
type Condition = (&'static str, &'static str, f64, u32, u32, u32, Treat);

fn metric_alarm(
    name: &str,
    description: &'static str,
    metric: MetricId,
    condition: Condition,
    few_samples: Option<FewSamples>,
) -> AlarmSpec {
    let (statistic, comparison, threshold, datapoints_to_alarm, evaluation_periods, period, missing) = condition;
    let watch = AlarmWatch::Metrics(MetricAlarm {
        of: AlarmOf::Metric(metric, statistic),
        unit: None,
        period,
        evaluation_periods,
        datapoints_to_alarm,
        limit: Limit::Threshold(threshold),
        comparison,
        missing,
        few_samples,
    });
    AlarmSpec { name: name.to_owned(), description, watch }
}

/// An alarm on one metric.
pub(super) fn alarm(name: &str, description: &'static str, metric: MetricId, condition: Condition) -> AlarmSpec {
    metric_alarm(name, description, metric, condition, None)
}

/// An alarm on a percentile, and what it makes of few samples.
pub(super) fn percentile(
    name: &str,
    description: &'static str,
    metric: MetricId,
    condition: Condition,
    few_samples: FewSamples,
) -> AlarmSpec {
    metric_alarm(name, description, metric, condition, Some(few_samples))
}

/// An anomaly-detection alarm: metric, statistic and band; comparison, M, N, period.
pub(super) fn band(
    name: &str,
    description: &'static str,
    (metric, statistic, expression): (MetricId, &'static str, &'static str),
    (comparison, datapoints_to_alarm, evaluation_periods, period): (&'static str, u32, u32, u32),
) -> AlarmSpec {
    let queries = vec![
        AlarmQuery { id: "m1", of: QueryOf::Metric(metric, statistic), label: "", wanted: true },
        AlarmQuery { id: "ad1", of: QueryOf::Expression(expression), label: "expected", wanted: true },
    ];
    let watch = AlarmWatch::Metrics(MetricAlarm {
        of: AlarmOf::Queries(queries),
        unit: None,
        period,
        evaluation_periods,
        datapoints_to_alarm,
        limit: Limit::Band("ad1"),
        comparison,
        missing: Treat::Missing,
        few_samples: None,
    });
    AlarmSpec { name: name.to_owned(), description, watch }
}

/// A composite alarm.
pub(super) fn composite(name: &str, description: &'static str, rule: &'static str) -> AlarmSpec {
    AlarmSpec { name: name.to_owned(), description, watch: AlarmWatch::Alarms(rule) }
}
