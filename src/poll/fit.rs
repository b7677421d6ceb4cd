//! Windows that slide cost a reading a step instead of one a period: they are the first to go where the budget does not
//! hold. Before any metric is read less often than its period, alarms are looked at on the clock's grid, as many of them as
//! need be.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::cost::monthly;
use super::sliding::asked;
use super::{Demand, Query};
use crate::model::{Kind, MetricGroup};

/// What can slide or not, by itself: a metric with all its statistics, or what is computed of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slide {
    Metric(usize),
    Group(usize),
}

/// `demand` with as many windows sliding as `dollars` a month allow when a metric is read at most once a `floor`, and how
/// many are on the clock's grid for it. Those that cost nothing, since their metric is read each minute anyway, slide
/// before others, then those that cost least.
pub(super) fn within(demand: &Demand, dollars: f64, floor: f64) -> (Cow<'_, Demand>, usize) {
    let slide = |q: &Query| q.metric.slide > 0 && q.resource.kind != Kind::Bill;
    let any = demand.queries.iter().any(slide) || demand.groups.iter().any(|g| g.slide > 0);
    if !any || cost(demand, floor) <= dollars {
        return (Cow::Borrowed(demand), 0);
    }
    let read: BTreeSet<_> = demand.queries.iter().filter(|q| !slide(q)).map(billed).collect();
    let mut metrics: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (i, query) in demand.queries.iter().enumerate().filter(|(_, q)| slide(q)) {
        let m = &query.metric;
        metrics.entry((&query.resource, &m.namespace, &m.name, m.period, &query.dimensions)).or_default().push(i);
    }
    let mut all: Vec<(bool, Reverse<u32>, Slide)> = Vec::new();
    let mut queries: BTreeMap<usize, usize> = BTreeMap::new();
    for (n, of_metric) in metrics.values().enumerate() {
        let parts = of_metric.iter().flat_map(|i| asked(&demand.queries[*i])).collect::<Vec<_>>();
        let costs = !parts.iter().all(|part| part.metric.slide == 0 && read.contains(&billed(part)));
        let step = of_metric.iter().map(|i| demand.queries[*i].metric.step()).min().unwrap_or(0);
        all.push((costs, Reverse(step), Slide::Metric(n)));
        queries.extend(of_metric.iter().map(|i| (*i, n)));
    }
    let groups = demand.groups.iter().enumerate().filter(|(_, g)| g.slide > 0);
    all.extend(groups.map(|(i, g)| (true, Reverse(g.slide), Slide::Group(i))));
    all.sort_unstable();
    let free = all.iter().filter(|(costs, ..)| !costs).count();
    let only = |first: usize| {
        let slides: BTreeSet<Slide> = all.iter().take(first).map(|(.., slide)| *slide).collect();
        let query = |(i, query): (usize, &Query)| match queries.get(&i) {
            Some(n) if !slides.contains(&Slide::Metric(*n)) => {
                Query { metric: query.metric.clone().side_by_side(), ..query.clone() }
            }
            _ => query.clone(),
        };
        let group = |(i, group): (usize, &MetricGroup)| match group.slide {
            0 => group.clone(),
            slide => MetricGroup { slide: if slides.contains(&Slide::Group(i)) { slide } else { 0 }, ..group.clone() },
        };
        Demand {
            queries: demand.queries.iter().enumerate().map(query).collect(),
            groups: demand.groups.iter().enumerate().map(group).collect(),
        }
    };
    // Each beyond the free ones costs more.
    let (mut fits, mut too_many) = (free, all.len());
    while fits + 1 < too_many {
        let middle = fits.midpoint(too_many);
        if cost(&only(middle), floor) <= dollars { fits = middle } else { too_many = middle }
    }
    (Cow::Owned(only(fits)), all.len() - fits)
}

/// What reading the metrics of `demand` costs a month, but the bill's.
fn cost(demand: &Demand, floor: f64) -> f64 {
    let mut members = demand.all_group_members();
    members.retain(|q| q.resource.kind != Kind::Bill);
    monthly(demand.queries.iter().filter(|q| q.resource.kind != Kind::Bill), members, floor)
}

/// What is billed once, whichever of its statistics are read.
fn billed(query: &Query) -> impl Ord + use<> {
    let m = &query.metric;
    (query.resource.scope.clone(), query.dimensions.clone(), m.namespace.clone(), m.name.clone(), m.period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlarmMetric, AlarmQuery, Metric, ResourceId, Scope};

    fn query(n: usize, stat: &str, period: u32, slide: u32) -> Query {
        let id = format!("lb{n:03}");
        Query {
            resource: ResourceId::new(&Scope::new("a", "r"), Kind::ClassicElb, id.as_str()),
            metric: Metric::new("AWS/ELB", "RequestCount", stat, period).sliding(slide),
            dimensions: vec![("LoadBalancerName".into(), id.into())],
            history: 0,
            awaited: false,
        }
    }

    fn group(n: usize) -> MetricGroup {
        let Query { resource, metric, dimensions, .. } = query(n, "Sum", 300, 0);
        let Metric { namespace, name, stat, period, .. } = metric;
        let metric = Some(AlarmMetric { namespace, name, dimensions, stat, period, unit: "".into() });
        let queries = vec![AlarmQuery { id: "m1".into(), metric, returned: true, ..AlarmQuery::default() }];
        MetricGroup {
            of: resource,
            period: 300,
            slide: 60,
            queries,
            value: "m1".into(),
            band: None,
            samples: None,
            history: 0,
        }
    }

    fn sliding(demand: &Demand) -> Vec<String> {
        let queries = demand.queries.iter().filter(|q| q.metric.slide > 0).map(|q| q.resource.id.to_string());
        queries.chain(demand.groups.iter().filter(|g| g.slide > 0).map(|g| format!("group {}", g.of.id))).collect()
    }

    #[test]
    fn as_many_slide_as_the_budget_allows_and_those_that_cost_nothing_always() {
        // One minute's metric is 43.2 cents a month, one of five minutes 8.64.
        let demand = Demand {
            queries: vec![
                query(0, "Sum", 60, 0),
                query(0, "Average", 300, 60),
                query(1, "Sum", 300, 60),
                query(2, "p99", 300, 60),
                query(3, "Average", 3600, 240),
            ],
            groups: vec![group(4)],
        };
        let at = |dollars: f64| {
            let (fitted, on_grid) = within(&demand, dollars, 60.0);
            assert_eq!(sliding(&fitted).len() + on_grid, 5);
            assert_eq!(fitted.queries.len(), 5);
            sliding(&fitted)
        };
        let all = ["lb000", "lb001", "lb002", "lb003", "group lb004"];
        assert_eq!(at(30.0), all);
        assert_eq!(at(1.84), all);
        assert_eq!(at(1.73), all[..4], "what is computed was the last");
        assert_eq!(at(1.3), ["lb000", "lb001", "lb003"]);
        assert_eq!(at(0.8), ["lb000", "lb003"], "the longer a step, the less it costs");
        assert_eq!(at(0.5), ["lb000"]);
        assert_eq!(at(0.0), ["lb000"], "the minutes are read anyway");
        assert!(matches!(within(&demand, 30.0, 60.0).0, Cow::Borrowed(_)));
    }

    #[test]
    fn what_does_not_slide_is_left_alone() {
        let demand = Demand { queries: vec![query(0, "Sum", 60, 0), query(1, "Sum", 300, 0)], groups: Vec::new() };
        assert_eq!(within(&demand, 0.0, 60.0), (Cow::Borrowed(&demand), 0));
    }
}
