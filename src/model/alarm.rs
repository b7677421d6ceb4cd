//! CloudWatch's alarms: what `DescribeAlarms` gives of them, and where the numbers they watch are kept.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Detail, Kind, Metric, Model, Resource, ResourceId, SERVICES, Scope, Series, Signal, Text, metric_dimensions,
};

/// State of a CloudWatch alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlarmState {
    /// `OK`.
    #[serde(rename = "OK")]
    Ok,
    /// `ALARM`.
    #[serde(rename = "ALARM")]
    Alarm,
    /// `INSUFFICIENT_DATA`.
    #[default]
    #[serde(rename = "INSUFFICIENT_DATA")]
    InsufficientData,
}

impl AlarmState {
    /// AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

impl fmt::Display for AlarmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A CloudWatch alarm as `DescribeAlarms` gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its state there.
    pub state: AlarmState,
    /// AWS's sentence for the state.
    pub reason: Text,
    /// When the state was last set.
    pub state_since: Option<Timestamp>,
    /// The metric's namespace; empty for metric-math and composite alarms.
    pub namespace: Text,
    /// The metric's name.
    pub metric: Text,
    /// The metric's dimensions, sorted by name.
    pub dimensions: Vec<(Text, Text)>,
    /// `Average`, `Maximum`, `p99`, …
    pub stat: Text,
    /// The unit that points must have to count; empty for any.
    #[serde(default)]
    pub unit: Text,
    /// Period in seconds.
    pub period: u32,
    /// N.
    pub evaluation_periods: u32,
    /// M.
    pub datapoints_to_alarm: u32,
    /// AWS's comparison word, such as `GreaterThanThreshold`.
    pub comparison: Text,
    /// The limit.
    pub threshold: Option<f64>,
    /// `missing`, `ignore`, `breaching`, `notBreaching`.
    pub treat_missing_data: Text,
    /// `EvaluateLowSampleCountPercentile`: `evaluate`, `ignore`, or empty.
    #[serde(default)]
    pub low_samples: Text,
    /// What a metric-math or anomaly alarm watches (`Metrics`), as AWS has it.
    #[serde(default)]
    pub queries: Vec<AlarmQuery>,
    /// `ThresholdMetricId`: which of the queries is the band. Empty where there is none.
    #[serde(default)]
    pub threshold_query: Text,
    /// Whether its actions run.
    pub actions_enabled: bool,
    /// What it does on going into ALARM: ARNs.
    #[serde(default)]
    pub actions: Vec<Text>,
    /// Composite rule; empty for metric alarms.
    pub rule: Text,
    /// A composite alarm's `ActionsSuppressor`: while that alarm is in ALARM, this one's actions do not run.
    #[serde(default)]
    pub suppressor: Text,
}

/// One of an alarm's queries: a metric, or an expression over the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlarmQuery {
    /// What expressions call it.
    pub id: Text,
    /// The expression; empty for a metric.
    pub expression: Text,
    /// The user's name for it.
    pub label: Text,
    /// The metric; `None` for an expression.
    pub metric: Option<AlarmMetric>,
    /// Whether its numbers are asked for, or only used by others.
    pub returned: bool,
    /// The expression's period in seconds, where it names one.
    pub period: Option<u32>,
    /// The account it is read from; empty for the alarm's own.
    pub account: Text,
}

/// A metric with its dimensions and statistic.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlarmMetric {
    /// Such as `AWS/ELB`.
    pub namespace: Text,
    /// Such as `SurgeQueueLength`.
    pub name: Text,
    /// Names and values, sorted by name.
    pub dimensions: Vec<(Text, Text)>,
    /// Such as `Maximum`.
    pub stat: Text,
    /// Seconds.
    pub period: u32,
    /// The unit that points must have to count; empty for any.
    pub unit: Text,
}

impl AlarmMetric {
    /// It without its dimensions: the key of its series.
    #[must_use]
    pub fn metric(&self) -> Metric {
        Metric::new(&self.namespace, &self.name, &self.stat, self.period)
    }
}

/// Queries that `GetMetricData` must answer in one call, since they name each other, and where the answers go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricGroup {
    /// The alarm, or the resource of a rule, whose queries they are; what they come to is kept as its series.
    pub of: ResourceId,
    /// The period in seconds that they all have.
    pub period: u32,
    /// Seconds from the start of one point to the next one's, where that is less: see [`Metric::slide`].
    pub slide: u32,
    /// They, as AWS has them.
    pub queries: Vec<AlarmQuery>,
    /// The id of the one that is compared.
    pub value: Text,
    /// The id of the band that it is compared with, if it is.
    pub band: Option<Text>,
    /// The id of the query that counts the samples of what is compared, where it matters how many there are.
    pub samples: Option<Text>,
    /// How far back its first reading must go at least, in seconds; 0 for as far as is usual for its period.
    pub history: u32,
}

/// In the place of a namespace, for what `GetMetricData` computes.
pub const METRIC_MATH: &str = "metric math";

impl MetricGroup {
    /// The series that holds what is compared.
    #[must_use]
    pub fn value_metric(&self) -> Metric {
        let query = self.queries.iter().find(|q| q.id == self.value);
        let name = query.map_or(&*self.value, |q| if q.label.is_empty() { &*q.id } else { &*q.label });
        Metric::new(METRIC_MATH, name, "value", self.period).sliding(self.slide)
    }

    /// The series of the band's lower and upper end.
    #[must_use]
    pub fn band_metrics(&self) -> Option<(Metric, Metric)> {
        let id = self.band.as_ref()?;
        let end = |name| Metric::new(METRIC_MATH, id, name, self.period).sliding(self.slide);
        Some((end("lower"), end("upper")))
    }

    /// The series of how many samples each point of what is compared is made of.
    #[must_use]
    pub fn samples_metric(&self) -> Option<Metric> {
        Some(Metric::new(METRIC_MATH, self.samples.as_ref()?, "samples", self.period).sliding(self.slide))
    }

    /// Whether AWS charges for it otherwise than by the metrics it names: a Metrics Insights query by how many metrics it
    /// analyses, which it does not tell. What that comes to is not known here.
    #[must_use]
    pub fn is_unpriced(&self) -> bool {
        const OTHERWISE: [&str; 3] = ["INSIGHT_RULE_METRIC", "DB_PERF_INSIGHTS", "SEARCH("];
        self.queries.iter().any(|q| {
            let text = q.expression.trim_start().to_ascii_uppercase();
            let selects = text.strip_prefix("SELECT").is_some_and(|rest| rest.starts_with(char::is_whitespace));
            selects || OTHERWISE.iter().any(|function| text.contains(function))
        })
    }

    /// What tells it from all others: a resource has one for each rule that computes something of it.
    #[must_use]
    pub fn key(&self) -> (ResourceId, Text) {
        (self.of.clone(), self.value_metric().name)
    }

    /// The metrics among its queries that are of this account.
    pub fn members(&self) -> impl Iterator<Item = (&AlarmQuery, &AlarmMetric)> {
        self.queries.iter().filter(|q| q.account.is_empty()).filter_map(|q| Some((q, q.metric.as_ref()?)))
    }
}

impl Alarm {
    /// Whether being in ALARM is something that a person is told: not where its actions are disabled, or where all of them
    /// scale something.
    #[must_use]
    pub fn tells(&self) -> bool {
        let scales = |arn: &Text| arn.contains(":autoscaling:") && arn.contains(":scalingPolicy:");
        self.actions_enabled && (self.actions.is_empty() || !self.actions.iter().all(scales))
    }

    /// Whether it is made of other alarms.
    #[must_use]
    pub fn is_composite(&self) -> bool {
        !self.rule.is_empty()
    }

    /// The one metric that it watches, where it is one of this account and of any unit.
    #[must_use]
    pub fn plain(&self) -> Option<AlarmMetric> {
        if !self.namespace.is_empty() && self.unit.is_empty() {
            return Some(self.own_metric());
        }
        match &self.queries[..] {
            [AlarmQuery { metric: Some(metric), account, .. }] if account.is_empty() && metric.unit.is_empty() => {
                Some(metric.clone())
            }
            _ => None,
        }
    }

    /// What it watches, where that is more than one plain metric: `None` for those and for composite alarms.
    #[must_use]
    pub fn group(&self, id: &ResourceId) -> Option<MetricGroup> {
        if self.is_composite() || self.plain().is_some() {
            return None;
        }
        let mut queries = if self.queries.is_empty() && !self.namespace.is_empty() {
            let metric = Some(self.own_metric());
            vec![AlarmQuery { id: "m1".into(), metric, returned: true, ..AlarmQuery::default() }]
        } else {
            self.queries.clone()
        };
        let value = queries.iter().find(|q| q.returned && q.id != self.threshold_query)?.id.clone();
        let of_metric = queries.iter().filter_map(|q| q.metric.as_ref().map(|m| m.period).or(q.period)).max();
        let band = (!self.threshold_query.is_empty()).then(|| self.threshold_query.clone());
        let samples = self.samples_query(&queries, &value);
        let count = samples.as_ref().map(|q| q.id.clone());
        queries.extend(samples);
        Some(MetricGroup {
            of: id.clone(),
            period: of_metric?.max(1),
            slide: 0,
            queries,
            value,
            band,
            samples: count,
            history: 0,
        })
    }

    /// The query that counts the samples of `value`, where that is a percentile and one of few samples is not to count: of
    /// the same unit, since others' are none of it.
    fn samples_query(&self, queries: &[AlarmQuery], value: &Text) -> Option<AlarmQuery> {
        let watched = queries.iter().find(|q| q.id == *value)?;
        let metric = watched.metric.as_ref()?;
        let of_percentile = metric.stat.strip_prefix('p').is_some_and(|p| p.parse::<f64>().is_ok());
        if *self.low_samples != *"ignore" || !of_percentile {
            return None;
        }
        let mut id = "samples".to_owned();
        while queries.iter().any(|q| *q.id == *id) {
            id.push('_');
        }
        Some(AlarmQuery {
            id: id.into(),
            metric: Some(AlarmMetric { stat: "SampleCount".into(), ..metric.clone() }),
            returned: true,
            account: watched.account.clone(),
            ..AlarmQuery::default()
        })
    }

    /// What it compares: the key of its series.
    #[must_use]
    pub fn watched(&self, id: &ResourceId) -> Option<Metric> {
        self.plain().map(|m| m.metric()).or_else(|| self.group(id).map(|g| g.value_metric()))
    }

    /// The name of the one metric that it watches, compares with a band or computes with; `None` where there are several.
    #[must_use]
    pub fn only_metric(&self) -> Option<&Text> {
        if !self.metric.is_empty() {
            return Some(&self.metric);
        }
        let mut metrics = self.queries.iter().filter_map(|q| q.metric.as_ref());
        let first = metrics.next()?;
        metrics.next().is_none().then_some(&first.name)
    }

    fn own_metric(&self) -> AlarmMetric {
        AlarmMetric {
            namespace: self.namespace.clone(),
            name: self.metric.clone(),
            dimensions: self.dimensions.clone(),
            stat: self.stat.clone(),
            period: self.period.max(1),
            unit: self.unit.clone(),
        }
    }
}

impl Model {
    /// The alarm `id`.
    #[must_use]
    pub fn alarm(&self, id: &ResourceId) -> Option<&Alarm> {
        match &self.resource(id)?.detail {
            Detail::Alarm(alarm) => Some(alarm),
            _ => None,
        }
    }

    /// The alarms of `scope`, by name.
    pub fn alarms_in(&self, scope: &Scope) -> impl Iterator<Item = (&ResourceId, &Alarm)> {
        let first = ResourceId::new(scope, Kind::Alarm, Text::default());
        let scope = scope.clone();
        self.resources.range(first..).take_while(move |(id, _)| id.kind == Kind::Alarm && id.scope == scope).filter_map(
            |(id, resource)| match &resource.detail {
                Detail::Alarm(alarm) => Some((id, alarm)),
                _ => None,
            },
        )
    }

    /// The resource of `scope` whose `metric` has exactly these `dims`.
    #[must_use]
    pub fn with_dimensions(&self, scope: &Scope, metric: &Metric, dims: &[(Text, Text)]) -> Option<&Resource> {
        resources_of_dimensions(scope, &metric.namespace, dims)
            .filter_map(|id| self.resource(&id))
            .find(|resource| metric_dimensions(resource, metric).as_deref() == Some(dims))
    }

    /// Where the one metric that the alarm `id` watches is kept: the resource whose metric it is, else the first alarm of
    /// its scope that watches it. `None` where it does not watch one plain metric.
    #[must_use]
    pub fn home_of_alarm(&self, id: &ResourceId) -> Option<ResourceId> {
        let metric = self.alarm(id)?.plain()?;
        if let Some(resource) = self.with_dimensions(&id.scope, &metric.metric(), &metric.dimensions) {
            return Some(resource.id.clone());
        }
        let same = |other: &Alarm| {
            other.plain().is_some_and(|m| (&m.namespace, &m.dimensions) == (&metric.namespace, &metric.dimensions))
        };
        self.alarms_in(&id.scope).find(|(_, other)| same(other)).map(|(first, _)| first.clone())
    }

    /// `metric` of `id`, through whichever window it was read furthest: side by side, or sliding where both were. What an
    /// alarm is looked at through follows from what is read for it.
    #[must_use]
    pub fn read_furthest(&self, id: &ResourceId, metric: Metric) -> Metric {
        if metric.period <= 60 {
            return metric;
        }
        let same = |m: &Metric| {
            m.period == metric.period
                && m.name == metric.name
                && m.stat == metric.stat
                && m.namespace == metric.namespace
        };
        let all = self.series_of(id).filter_map(|(signal, series)| match signal {
            Signal::Metric(m) if same(m) => Some((!series.denied(), series.covered_to(), m)),
            _ => None,
        });
        let furthest = all.max_by_key(|(may, to, m)| (*may, *to, m.slide > 0)).map(|(.., m)| m.clone());
        furthest.unwrap_or(metric)
    }

    /// The series of `signal` of the alarm `id` where another resource keeps it.
    pub(super) fn series_elsewhere(&self, id: &ResourceId, signal: &Signal) -> Option<&Series> {
        let home = self.home_of_alarm(id).filter(|home| home != id)?;
        self.series.get(&home)?.get(signal)
    }
}

/// The resources of `scope`, listed or not, that may have a metric of `namespace` with these `dims`.
pub(crate) fn resources_of_dimensions(
    scope: &Scope,
    namespace: &str,
    dims: &[(Text, Text)],
) -> impl Iterator<Item = ResourceId> {
    let names: Vec<Text> = names(namespace, dims);
    kinds_in(namespace)
        .iter()
        .flat_map(move |kind| names.iter().map(|name| ResourceId::new(scope, *kind, name.clone())).collect::<Vec<_>>())
}

/// The kinds of resources that may have metrics in `namespace`.
fn kinds_in(namespace: &str) -> &'static [Kind] {
    match namespace {
        "AWS/ELB" => &[Kind::ClassicElb],
        "AWS/ApplicationELB" => &[Kind::Alb, Kind::TargetGroup],
        "AWS/NetworkELB" => &[Kind::Nlb, Kind::TargetGroup],
        "AWS/EC2" => &[Kind::Instance, Kind::AutoScalingGroup],
        "AWS/AutoScaling" => &[Kind::AutoScalingGroup],
        "AWS/Billing" => &[Kind::Bill],
        _ => SERVICES.iter().find(|s| s.namespace == namespace).map_or(&[], |s| std::slice::from_ref(&s.kind)),
    }
}

/// What a resource with these dimensions may be called: one of the values, or the name within one that is made like an
/// ARN.
fn names(namespace: &str, dims: &[(Text, Text)]) -> Vec<Text> {
    if namespace == "AWS/Billing" {
        return vec!["estimated-charges".into()];
    }
    if let Some(service) = SERVICES.iter().find(|s| s.namespace == namespace) {
        let dims: Vec<(&str, &str)> = dims.iter().map(|(n, v)| (&**n, &**v)).collect();
        return service.name(&dims).into_iter().map(|(id, _)| id).collect();
    }
    let within = |value: &Text| value.split('/').rev().nth(1).map(Text::from);
    dims.iter().flat_map(|(_, value)| [Some(value.clone()), within(value)]).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_charges_otherwise_than_by_metrics_has_no_price_here() {
        let of = |expression: &str| {
            let query = AlarmQuery {
                id: "q1".into(),
                expression: expression.into(),
                returned: true,
                period: Some(60),
                ..AlarmQuery::default()
            };
            let alarm = Alarm { queries: vec![query], ..Alarm::default() };
            alarm.group(&ResourceId::new(&Scope::new("a", "r"), Kind::Alarm, "x")).expect("a group").is_unpriced()
        };
        for unpriced in ["SELECT AVG(CPUUtilization) FROM \"AWS/EC2\"", "\n select\tmax(x)", "INSIGHT_RULE_METRIC('a')"]
        {
            assert!(of(unpriced), "{unpriced}");
        }
        for priced in ["SELECTED / m2", "m1 / m2", "FILL(m1, 0)"] {
            assert!(!of(priced), "{priced}");
        }
    }
}
