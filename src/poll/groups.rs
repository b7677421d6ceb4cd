//! Metrics that must be asked for in one call: the queries of a metric-math or anomaly alarm, or of a rule that has
//! CloudWatch compute something, which name each other.
//!
//! A group goes out as AWS has it, in a call of its own, since two may use one id for two things. A metric of it
//! that is also wanted for itself is taken from the same call, so that it is neither asked nor billed twice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Query;
use super::planner::{State, sliding_windows, window};
use super::sliding::badness;
use crate::aws::cloudwatch::MetricAnswer;
use crate::model::{Metric, MetricGroup, Point, PointBatch, QueryStatus, ResourceId, Text};

/// What is known of each group that is wanted.
#[derive(Debug, Default)]
pub(super) struct Groups {
    held: BTreeMap<Key, Held>,
    /// Whether there is only one reading: see [`Planner::once`](super::planner::Planner::once).
    pub(super) once: bool,
}

/// Whose it is, and which of several.
type Key = (ResourceId, Text);

#[derive(Debug)]
struct Held {
    group: MetricGroup,
    state: State,
    /// Metrics that are wanted for themselves too, by the id that they have in the group.
    brings: BTreeMap<Text, Query>,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct PlannedGroup {
    pub(super) group: MetricGroup,
    pub(super) brings: BTreeMap<Text, Query>,
    /// Start of what is wanted, on the period's grid.
    pub(super) from: Timestamp,
    /// Its end (exclusive), on the grid.
    pub(super) to: Timestamp,
}

impl Groups {
    /// Takes over what is wanted from now on, and returns which of `queries` no group brings.
    pub(super) fn want<'a>(
        &mut self,
        groups: impl Iterator<Item = &'a MetricGroup>,
        queries: impl Iterator<Item = &'a Query>,
    ) -> Vec<&'a Query> {
        let mut known = std::mem::take(&mut self.held);
        for group in groups {
            let held = known.remove(&group.key()).filter(|h| h.group == *group);
            let held = held.unwrap_or_else(|| {
                let state = State { history: group.history, ..State::default() };
                Held { group: group.clone(), state, brings: BTreeMap::new() }
            });
            self.held.insert(group.key(), held);
        }
        let mut offers: BTreeMap<_, (Key, Text)> = BTreeMap::new();
        let members: Vec<_> = self
            .held
            .iter()
            // Those of a window that slides have other points than are wanted by themselves.
            .filter(|(_, h)| h.state.forbidden_at.is_none() && h.group.slide == 0)
            .flat_map(|(key, h)| h.group.members().filter(|(_, m)| m.unit.is_empty()).map(move |(q, m)| (key, q, m)))
            .map(|(key, q, m)| (key.clone(), q.id.clone(), m.metric(), m.dimensions.clone()))
            .collect();
        for (key, id, metric, dimensions) in &members {
            offers.entry((metric, &dimensions[..])).or_insert_with(|| (key.clone(), id.clone()));
        }
        let mut brought: BTreeMap<Key, BTreeMap<Text, Query>> = BTreeMap::new();
        let mut rest = Vec::new();
        for query in queries {
            let offer = offers.get(&(&query.metric, &query.dimensions[..]));
            match offer.filter(|((of, _), _)| of.scope == query.resource.scope) {
                Some((key, id)) if !brought.get(key).is_some_and(|b| b.contains_key(id)) => {
                    brought.entry(key.clone()).or_default().insert(id.clone(), query.clone());
                }
                _ => rest.push(query),
            }
        }
        for (key, held) in &mut self.held {
            let brings = brought.remove(key).unwrap_or_default();
            if brings.iter().any(|(id, query)| held.brings.get(id) != Some(query)) {
                // What it brings anew has a past to be read.
                let history = brings.values().map(|q| q.history).max().unwrap_or_default().max(held.group.history);
                held.state = State { history, ..State::default() };
            }
            held.brings = brings;
        }
        rest
    }

    /// Whether some group was never asked for.
    pub(super) fn any_new(&self) -> bool {
        self.held.values().any(|h| h.state.first_asked.is_none())
    }

    /// The groups that are due at `now`. `slowdown` is how many periods each waits between two readings.
    pub(super) fn plan(&self, now: Timestamp, slowdown: u32) -> Vec<PlannedGroup> {
        let planned = |held: &Held, (from, to)| {
            Some(PlannedGroup {
                group: held.group.clone(),
                brings: held.brings.clone(),
                from: Timestamp::from_second(from).ok()?,
                to: Timestamp::from_second(to).ok()?,
            })
        };
        let windows = |held: &Held| match (held.group.period, held.group.slide) {
            (period, 0) => window(period, true, &held.state, now.as_second(), slowdown).into_iter().collect(),
            sliding => sliding_windows(sliding, &held.state, now.as_second(), slowdown, self.once),
        };
        let due = |held| windows(held).into_iter().filter_map(move |window| planned(held, window)).collect::<Vec<_>>();
        self.held.values().flat_map(due).collect()
    }

    /// Lets what was refused be asked for at once again.
    pub(super) fn forgive(&mut self) {
        for held in self.held.values_mut() {
            held.state.forbidden_at = None;
        }
    }

    /// Takes in what became of the call that was `planned`. Of a group that is refused for good, the metrics that
    /// it brought are returned: they must be asked for by themselves.
    pub(super) fn answered(
        &mut self,
        planned: &PlannedGroup,
        now: Timestamp,
        status: Option<QueryStatus>,
    ) -> Vec<Query> {
        let Some(held) = self.held.get_mut(&planned.group.key()) else { return Vec::new() };
        held.state.first_asked.get_or_insert(now);
        match status {
            Some(QueryStatus::Complete) => {
                held.state.answer(planned.group.period, planned.group.slide, planned.to);
                held.state.read_at = Some(now);
                held.state.forbidden_at = None;
            }
            Some(QueryStatus::Forbidden) => {
                held.state.forbidden_at = Some(now);
                return std::mem::take(&mut held.brings).into_values().collect();
            }
            Some(QueryStatus::Partial | QueryStatus::InternalError) | None => {}
        }
        Vec::new()
    }
}

impl PlannedGroup {
    /// The ids of metrics that must be returned for themselves.
    pub(super) fn also(&self) -> BTreeSet<&Text> {
        self.brings.keys().collect()
    }

    /// What the answers say, series by series, and how whole they are together.
    pub(super) fn batches(&self, answers: &BTreeMap<Text, MetricAnswer>) -> (Vec<PointBatch>, QueryStatus) {
        let mut batches = Vec::new();
        let missing = MetricAnswer { points: Vec::new(), status: QueryStatus::InternalError };
        let of = |id: &Text| answers.get(id).unwrap_or(&missing);
        let batch = |resource: &ResourceId, metric: Metric, points: Vec<Point>, status| PointBatch {
            resource: resource.clone(),
            metric,
            from: self.from,
            to: self.to,
            points: points.into_iter().filter(|p| p.at >= self.from && p.at < self.to).collect(),
            status,
        };
        let (alarm, value) = (&self.group.of, of(&self.group.value));
        batches.push(batch(alarm, self.group.value_metric(), value.points.clone(), value.status));
        if let (Some(id), Some((lower, upper))) = (&self.group.band, self.group.band_metrics()) {
            let answer = of(id);
            let (low, high) = ends(&answer.points);
            batches.push(batch(alarm, lower, low, answer.status));
            batches.push(batch(alarm, upper, high, answer.status));
        }
        if let (Some(id), Some(samples)) = (&self.group.samples, self.group.samples_metric()) {
            let answer = of(id);
            batches.push(batch(alarm, samples, answer.points.clone(), answer.status));
        }
        let own = batches.iter().map(|b| b.status).max_by_key(|s| badness(*s)).unwrap_or(QueryStatus::InternalError);
        for (id, query) in &self.brings {
            let answer = of(id);
            batches.push(batch(&query.resource, query.metric.clone(), answer.points.clone(), answer.status));
        }
        (batches, own)
    }

    /// That nothing of it may be read.
    pub(super) fn refused(&self) -> Vec<PointBatch> {
        let mut metrics = vec![self.group.value_metric()];
        metrics.extend(self.group.band_metrics().into_iter().flat_map(|(lower, upper)| [lower, upper]));
        metrics.extend(self.group.samples_metric());
        let one = |metric| PointBatch {
            resource: self.group.of.clone(),
            metric,
            from: self.from,
            to: self.to,
            points: Vec::new(),
            status: QueryStatus::Forbidden,
        };
        metrics.into_iter().map(one).collect()
    }
}

/// The lower and the upper of the two points that a band has at each time; a time with one is left out.
fn ends(points: &[Point]) -> (Vec<Point>, Vec<Point>) {
    let mut at: BTreeMap<Timestamp, Vec<f64>> = BTreeMap::new();
    for point in points {
        at.entry(point.at).or_default().push(point.value);
    }
    let end = |pick: fn(f64, f64) -> f64| {
        let of = |(at, values): (&Timestamp, &Vec<f64>)| match values[..] {
            [a, b] => Some(Point { at: *at, value: pick(a, b) }),
            _ => None,
        };
        at.iter().filter_map(of).collect()
    };
    (end(f64::min), end(f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlarmMetric, AlarmQuery, Kind, Scope};

    const START: i64 = 1_768_366_800;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn scope() -> Scope {
        Scope::new("a", "r")
    }

    fn metric(name: &str) -> AlarmMetric {
        AlarmMetric {
            namespace: "AWS/ELB".into(),
            name: name.into(),
            dimensions: vec![("LoadBalancerName".into(), "web".into())],
            stat: "Sum".into(),
            period: 60,
            unit: "".into(),
        }
    }

    fn group(name: &str) -> MetricGroup {
        let member =
            |id: &str, name: &str| AlarmQuery { id: id.into(), metric: Some(metric(name)), ..AlarmQuery::default() };
        let share = AlarmQuery { id: "e1".into(), expression: "m1/m2".into(), returned: true, ..AlarmQuery::default() };
        MetricGroup {
            of: ResourceId::new(&scope(), Kind::Alarm, name),
            period: 60,
            slide: 0,
            queries: vec![member("m1", "HTTPCode_ELB_5XX"), member("m2", "RequestCount"), share],
            value: "e1".into(),
            band: None,
            samples: None,
            history: 0,
        }
    }

    fn query(name: &str) -> Query {
        let of = metric(name);
        Query {
            resource: ResourceId::new(&scope(), Kind::ClassicElb, "web"),
            metric: of.metric(),
            dimensions: of.dimensions,
            history: 0,
            awaited: false,
        }
    }

    #[test]
    fn a_metric_that_a_group_brings_is_not_asked_by_itself_nor_brought_twice() {
        let queries = [query("RequestCount"), query("Latency")];
        let groups = [group("a"), group("b")];
        let mut held = Groups::default();
        let rest = held.want(groups.iter(), queries.iter());
        assert_eq!(rest, [&queries[1]]);
        assert!(held.any_new());
        let plan = held.plan(at(START), 1);
        let brought: Vec<usize> = plan.iter().map(|p| p.brings.len()).collect();
        assert_eq!(brought, [1, 0]);
        assert_eq!(plan[0].also(), BTreeSet::from([&Text::from("m2")]));
        let point = |value| vec![Point { at: at(START - 60), value }];
        let answer = |value| MetricAnswer { points: point(value), status: QueryStatus::Complete };
        let answers = BTreeMap::from([("e1".into(), answer(0.5)), ("m2".into(), answer(40.0))]);
        let (batches, status) = plan[0].batches(&answers);
        assert_eq!(status, QueryStatus::Complete);
        let told: Vec<_> =
            batches.iter().map(|b| (b.resource.kind, b.metric.name.as_str(), b.points[0].value)).collect();
        assert_eq!(told, [(Kind::Alarm, "e1", 0.5), (Kind::ClassicElb, "RequestCount", 40.0)]);
        assert!(held.answered(&plan[0], at(START), Some(status)).is_empty());
        assert_eq!(held.plan(at(START + 59), 1).len(), 1, "only the one that was not answered");
        assert_eq!(held.plan(at(START + 60), 1).len(), 2);
    }

    #[test]
    fn a_refused_group_gives_back_what_it_brought() {
        let (groups, queries) = ([group("a")], [query("RequestCount")]);
        let mut held = Groups::default();
        assert!(held.want(groups.iter(), queries.iter()).is_empty());
        let plan = held.plan(at(START), 1);
        assert_eq!(held.answered(&plan[0], at(START), Some(QueryStatus::Forbidden)), queries);
        assert!(held.plan(at(START + 600), 1).is_empty());
        assert_eq!(held.want(groups.iter(), queries.iter()), [&queries[0]], "it offers nothing any more");
        assert!(plan[0].refused().iter().all(|b| b.status == QueryStatus::Forbidden));
    }

    #[test]
    fn how_many_samples_a_percentile_has_comes_with_it_in_its_unit() {
        let alarm = crate::model::Alarm {
            namespace: "AWS/ELB".into(),
            metric: "Latency".into(),
            stat: "p99".into(),
            unit: "Seconds".into(),
            period: 60,
            low_samples: "ignore".into(),
            ..Default::default()
        };
        let id = ResourceId::new(&scope(), Kind::Alarm, "slow");
        let of = |alarm: &crate::model::Alarm| alarm.group(&id).expect("one with a unit is a computation");
        let group = of(&alarm);
        let asked: Vec<_> =
            group.queries.iter().filter_map(|q| q.metric.as_ref().map(|m| (&*m.stat, &*m.unit))).collect();
        assert_eq!(asked, [("p99", "Seconds"), ("SampleCount", "Seconds")]);
        let planned = PlannedGroup { group, brings: BTreeMap::new(), from: at(START), to: at(START + 60) };
        let answer =
            |value| MetricAnswer { points: vec![Point { at: at(START), value }], status: QueryStatus::Complete };
        let mut answers = BTreeMap::from([("m1".into(), answer(3.0)), ("samples".into(), answer(40.0))]);
        let (batches, status) = planned.batches(&answers);
        let told: Vec<_> = batches.iter().map(|b| (&*b.metric.stat, b.points[0].value)).collect();
        assert_eq!((told, status), (vec![("value", 3.0), ("samples", 40.0)], QueryStatus::Complete));
        answers.remove("samples");
        assert_eq!(planned.batches(&answers).1, QueryStatus::InternalError, "half an answer is none");
        assert_eq!(planned.refused().len(), 2);
        for (stat, low_samples) in [("p99", "evaluate"), ("p99", ""), ("Average", "ignore"), ("tm99", "ignore")] {
            let (stat, low_samples) = (stat.into(), low_samples.into());
            assert_eq!(of(&crate::model::Alarm { stat, low_samples, ..alarm.clone() }).samples, None);
        }
    }

    #[test]
    fn a_band_is_its_two_ends_whichever_comes_first() {
        let mut band = group("a");
        band.band = Some("ad1".into());
        let planned = PlannedGroup { group: band, brings: BTreeMap::new(), from: at(START), to: at(START + 120) };
        let p = |minute: i64, value| Point { at: at(START + 60 * minute), value };
        let points = vec![p(0, 9.0), p(1, 1.0), p(0, 2.0), p(1, 8.0), p(5, 1.0), p(5, 2.0)];
        let whole = |points| MetricAnswer { points, status: QueryStatus::Complete };
        let answers = BTreeMap::from([("ad1".into(), whole(points)), ("e1".into(), whole(vec![p(0, 5.0)]))]);
        let (batches, status) = planned.batches(&answers);
        assert_eq!(status, QueryStatus::Complete);
        let values = |i: usize| batches[i].points.iter().map(|p| p.value).collect::<Vec<_>>();
        assert_eq!((values(0), values(1), values(2)), (vec![5.0], vec![2.0, 1.0], vec![9.0, 8.0]));
        assert_eq!(planned.batches(&BTreeMap::new()).1, QueryStatus::InternalError, "no answer is no empty one");
    }
}
