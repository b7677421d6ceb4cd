//! CloudWatch's metric math in rules: an expression that `GetMetricData` evaluates over metrics of one resource.
//!
//! The metrics and the expression go out in one call, as those of a mirrored alarm do; each of the metrics is billed, the
//! expression is not. What it comes to is a series of the resource, named after the rule.

use super::catalogue::published_every;
use super::reading::publishes;
use super::rule::{InputSource, Quantity, Rule};
use crate::model::{
    AlarmMetric, AlarmQuery, Detail, Instance, Kind, METRIC_MATH, Metric, MetricGroup, Model, Resource, Text,
    metric_dimensions,
};

/// The id under which the expression is asked for. An input cannot have it: ids of inputs hold no upper-case word.
pub(super) const RESULT: &str = "awswatchResult";

/// An expression, and what its ids stand for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Math {
    /// The rule's id: what the series is called.
    pub(super) name: Text,
    /// As it was written.
    pub(super) expression: Text,
    /// Ids and metrics, in the order they are written.
    pub(super) metrics: Vec<(Text, MathMetric)>,
    /// Seconds; `None` for as often as AWS publishes.
    pub(super) period: Option<u32>,
}

/// A metric of the resource that a rule looks at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MathMetric {
    pub(super) namespace: Text,
    pub(super) name: Text,
    pub(super) stat: Text,
}

/// Seconds between two points that AWS publishes in `namespace` of `resource`.
pub(super) fn published(namespace: &str, resource: &Resource) -> u32 {
    match &resource.detail {
        // Without detailed monitoring an instance has a point every five minutes.
        Detail::Instance(Instance { detailed_monitoring: false, .. }) if namespace == "AWS/EC2" => 300,
        // A group's metrics are those of its instances, whose monitoring is basic unless somebody pays for more.
        _ if namespace == "AWS/EC2" && resource.id.kind == Kind::AutoScalingGroup => 300,
        _ => published_every(namespace),
    }
}

/// The seconds of a point of `resource` in `namespace`, where a rule says `period`.
pub(super) fn period_of(namespace: &str, period: Option<u32>, resource: &Resource) -> u32 {
    match period {
        // Who writes the period of a group knows how often its instances are looked at.
        Some(said) if resource.id.kind == Kind::AutoScalingGroup => said.max(published_every(namespace)),
        said => said.unwrap_or(0).max(published(namespace, resource)),
    }
}

/// The same of a resource of `kind` with basic monitoring.
pub(super) fn period_of_kind(namespace: &str, period: Option<u32>, kind: Kind) -> u32 {
    let basic = namespace == "AWS/EC2" && matches!(kind, Kind::Instance | Kind::AutoScalingGroup);
    let published = if basic { 300 } else { published_every(namespace) };
    match period {
        Some(said) if kind == Kind::AutoScalingGroup => said.max(published_every(namespace)),
        said => said.unwrap_or(0).max(published),
    }
}

impl Math {
    /// Its metrics of `resource`, all of one period: the longest that any of them is published with.
    pub(super) fn of<'m>(&'m self, resource: &Resource) -> impl Iterator<Item = (&'m Text, Metric)> + use<'m> {
        let period = self.period_of(resource);
        self.metrics.iter().map(move |(id, m)| (id, Metric::new(&m.namespace, &m.name, &m.stat, period)))
    }

    /// Its metrics of a resource of which AWS publishes as often as of any.
    pub(super) fn usual(&self) -> impl Iterator<Item = Metric> {
        let published = self.metrics.iter().map(|(_, m)| published_every(&m.namespace)).max().unwrap_or(60);
        let period = self.period.map_or(published, |p| p.max(published));
        self.metrics.iter().map(move |(_, m)| Metric::new(&m.namespace, &m.name, &m.stat, period))
    }

    fn period_of(&self, resource: &Resource) -> u32 {
        self.metrics.iter().map(|(_, m)| period_of(&m.namespace, self.period, resource)).max().unwrap_or(60)
    }

    /// The series of what it comes to.
    pub(super) fn series(&self, resource: &Resource) -> Metric {
        Metric::new(METRIC_MATH, &self.name, "value", self.period_of(resource))
    }

    /// Whether CloudWatch can have all of its metrics of `resource`.
    pub(super) fn applies_to(&self, resource: &Resource) -> bool {
        self.of(resource).all(|(_, metric)| metric_dimensions(resource, &metric).is_some())
    }

    /// What is asked for `resource`; `None` where CloudWatch keeps one of the metrics not.
    fn group(&self, resource: &Resource, history: u32) -> Option<MetricGroup> {
        let mut queries = Vec::with_capacity(self.metrics.len() + 1);
        for (id, metric) in self.of(resource) {
            let dimensions = metric_dimensions(resource, &metric)?;
            let Metric { namespace, name, stat, period, .. } = metric;
            let metric = Some(AlarmMetric { namespace, name, dimensions, stat, period, unit: Text::default() });
            queries.push(AlarmQuery { id: id.clone(), metric, ..AlarmQuery::default() });
        }
        let period = self.series(resource).period;
        queries.push(AlarmQuery {
            id: RESULT.into(),
            expression: self.expression.clone(),
            label: self.name.clone(),
            returned: true,
            ..AlarmQuery::default()
        });
        Some(MetricGroup {
            of: resource.id.clone(),
            period,
            slide: 0,
            queries,
            value: RESULT.into(),
            band: None,
            samples: None,
            history,
        })
    }

    /// The expression with what its ids stand for, for a person.
    pub(super) fn told(&self) -> String {
        let one = |(id, m): &(Text, MathMetric)| format!("{id} = {}/{} {}", m.namespace, m.name, m.stat);
        let metrics: Vec<String> = self.metrics.iter().map(one).collect();
        format!("{}, where {}", self.expression, metrics.join(", "))
    }
}

impl Rule {
    /// The expressions that it has CloudWatch evaluate.
    pub(super) fn maths(&self) -> impl Iterator<Item = &Math> {
        self.quantities().flat_map(|q| &q.inputs).filter_map(|i| match &i.source {
            InputSource::Math(math) => Some(&**math),
            _ => None,
        })
    }
}

/// What `rule` has CloudWatch compute of the resources it looks at.
pub(super) fn groups(rule: &Rule, model: &Model) -> Vec<MetricGroup> {
    let of_math = |(quantity, math): (&Quantity, &Math)| -> Vec<MetricGroup> {
        let resources = rule.kinds().iter().flat_map(|k| model.of_kind(*k));
        let resources = resources.filter(|r| rule.applies_to(r) && publishes(r));
        resources.filter_map(|r| math.group(r, rule.history(quantity, math.period_of(r)))).collect()
    };
    let maths = rule.quantities().flat_map(|q| q.inputs.iter().map(move |i| (q, i)));
    let maths =
        maths.filter_map(|(q, i)| if let InputSource::Math(math) = &i.source { Some((q, &**math)) } else { None });
    maths.flat_map(of_math).collect()
}
