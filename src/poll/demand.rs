//! What is wanted of CloudWatch.

use crate::model::{AlarmMetric, Kind, Metric, MetricGroup, Resource, ResourceId, Scope, Text, metric_dimensions};

/// Metrics that rules and the page in view need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// They, over all scopes; a query is asked in its resource's scope. Order does not matter, doubles are one.
    pub queries: Vec<Query>,
    /// What alarms and rules compute of several metrics, asked in the scope of whose it is.
    pub groups: Vec<MetricGroup>,
}

impl Demand {
    /// The queries of `scope` that [`PollerKind::Metrics`](crate::model::PollerKind::Metrics) reads.
    pub(super) fn metrics<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Query> {
        self.queries.iter().filter(move |q| q.resource.scope == *scope && q.resource.kind != Kind::Bill)
    }

    /// The groups of `scope`.
    pub(super) fn groups<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a MetricGroup> {
        self.groups.iter().filter(move |g| g.of.scope == *scope)
    }

    /// The metrics of `scope` that groups ask for, as if each were asked for by itself: what they cost.
    pub(super) fn group_members(&self, scope: &Scope) -> Vec<Query> {
        members(self.groups(scope))
    }

    /// The same of all scopes.
    pub(super) fn all_group_members(&self) -> Vec<Query> {
        members(self.groups.iter())
    }

    /// The queries of `scope` that [`PollerKind::Bill`](crate::model::PollerKind::Bill) reads.
    pub(super) fn bill<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Query> {
        self.queries.iter().filter(move |q| q.resource.scope == *scope && q.resource.kind == Kind::Bill)
    }
}

/// One metric of one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Query {
    /// Whose.
    pub resource: ResourceId,
    /// Which.
    pub metric: Metric,
    /// Its dimensions at CloudWatch, by name.
    pub dimensions: Vec<(Text, Text)>,
    /// How far back its first reading must go at least, in seconds; 0 for as far as is usual for its period.
    pub history: u32,
    /// Whether a point of it is awaited though there was none for long: it is then read as often as ever.
    pub awaited: bool,
}

impl Query {
    /// The query for `metric` of `resource`, or `None` where CloudWatch keeps no such metric of it.
    #[must_use]
    pub fn of(resource: &Resource, metric: Metric) -> Option<Self> {
        let dimensions = metric_dimensions(resource, &metric)?;
        Some(Self { resource: resource.id.clone(), metric, dimensions, history: 0, awaited: false })
    }
}

fn members<'a>(groups: impl Iterator<Item = &'a MetricGroup>) -> Vec<Query> {
    let members = groups.flat_map(|g| g.members().map(|(_, m)| (&g.of, g.slide, m)));
    let query = |(alarm, slide, m): (&ResourceId, u32, &AlarmMetric)| Query {
        resource: alarm.clone(),
        metric: m.metric().sliding(slide),
        dimensions: m.dimensions.clone(),
        history: 0,
        awaited: false,
    };
    members.map(query).collect()
}
