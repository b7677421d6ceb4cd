//! What `CloudWatch` answers: the points of every metric that rules ask for where a test states part of what they compare.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case::Scene;
use super::series::{Answer, Told, answer};
use crate::model::{Metric, Point, PointBatch, QueryStatus, ResourceId, Scope, Signal};

/// One metric that rules ask for, and what the test tells of it, which may be nothing.
pub(super) struct Question<'s> {
    resource: ResourceId,
    metric: Metric,
    told: Vec<&'s Told>,
    /// The end of what was asked for so far.
    asked_to: i64,
    /// How far back rules look at it, in seconds.
    history: i64,
    /// How long a point can be late, in seconds.
    late: i64,
}

/// The questions that the rules of `scene` ask, from `start` on.
///
/// A rule of whose numbers the test states none is not answered, and stays silent: what is being read for the first time.
pub(super) fn questions(scene: &Scene, start: Timestamp) -> Vec<Question<'_>> {
    let mut questions = Vec::new();
    for thing in &scene.things {
        let told_of = |m: &Metric| thing.series.iter().filter(|t| same(&t.signal, m)).collect::<Vec<_>>();
        let mut wanted: BTreeMap<Metric, u32> = BTreeMap::new();
        for rule in scene.rules.rules().iter().filter(|r| r.enabled && r.applies_to(&thing.resource)) {
            let metrics: Vec<Metric> = rule.metrics(&thing.resource);
            if metrics.iter().any(|m| !told_of(m).is_empty()) {
                let histories = rule.histories(&thing.resource).map(|(m, history, _)| (m, history));
                for (metric, history) in metrics.into_iter().map(|m| (m, 0)).chain(histories) {
                    let known = wanted.entry(metric).or_default();
                    *known = history.max(*known);
                }
            }
        }
        questions.extend(wanted.into_iter().map(|(metric, history)| {
            let told = told_of(&metric);
            let period = i64::from(metric.period.max(1));
            let first = told.iter().map(|t| t.start).min().unwrap_or(start.as_second());
            let late = told.iter().map(|t| t.delay).max().unwrap_or(0);
            let asked_to = first.div_euclid(period) * period;
            Question { resource: thing.resource.id.clone(), metric, told, asked_to, history: history.into(), late }
        }));
    }
    questions
}

/// Whether `signal` is `metric`, whatever their periods.
fn same(signal: &Signal, metric: &Metric) -> bool {
    matches!(signal, Signal::Metric(m) if (&m.namespace, &m.name, &m.stat) == (&metric.namespace, &metric.name, &metric.stat))
}

impl Question<'_> {
    pub(super) fn scope(&self) -> &Scope {
        &self.resource.scope
    }

    pub(super) fn is_of_the_bill(&self) -> bool {
        self.metric.namespace == "AWS/Billing"
    }

    /// What is new at `now` since it was asked at `before`.
    pub(super) fn ask(&mut self, before: Option<Timestamp>, now: Timestamp) -> Vec<PointBatch> {
        let period = i64::from(self.metric.period.max(1));
        let to = now.as_second().div_euclid(period) * period;
        let mut batches: Vec<PointBatch> = Vec::new();
        if self.asked_to < to && self.history > 0 {
            // The console asks for as much at once. Of the time before the first point the test tells nothing: it is as if
            // that had not been answered, and only makes room.
            batches.push(self.batch(self.asked_to - self.history, self.asked_to, QueryStatus::Partial));
            self.history = 0;
        }
        let mut late = self.late_points(before, now, period);
        let again = self.is_read_again(before, now, period);
        let mut slot = self.asked_to;
        while slot < to {
            let found = self.slot(slot, period, now);
            let status = if found == Answer::Unread { QueryStatus::InternalError } else { QueryStatus::Complete };
            let joins = batches.last().is_some_and(|b| b.status == status);
            if !joins {
                batches.push(self.batch(slot, slot, status));
            }
            if let Some(batch) = batches.last_mut() {
                batch.to = time(slot + period);
                batch.points.append(&mut late);
                batch.points.extend(point(slot, found));
            }
            slot += period;
        }
        if !late.is_empty() || again {
            batches
                .push(PointBatch { points: late, ..self.batch(self.asked_to, self.asked_to, QueryStatus::Complete) });
        }
        self.asked_to = self.asked_to.max(to);
        batches
    }

    /// Whether its last period is read a second time: the pollers read a long one again a minute after its end, when
    /// late data is in. Of periods of a minute the next is read then in any case.
    fn is_read_again(&self, before: Option<Timestamp>, now: Timestamp, period: i64) -> bool {
        let at = self.asked_to + 60;
        period > 60
            && before.is_some_and(|before| before.as_second() < at && at <= now.as_second())
            && now.as_second() < self.asked_to + period
            && self.slot(self.asked_to - period, period, now) != Answer::Unread
    }

    fn batch(&self, from: i64, to: i64, status: QueryStatus) -> PointBatch {
        PointBatch {
            resource: self.resource.clone(),
            metric: self.metric.clone(),
            from: time(from),
            to: time(to),
            points: Vec::new(),
            status,
        }
    }

    fn slot(&self, slot: i64, period: i64, now: Timestamp) -> Answer {
        answer(self.told.iter().copied(), &self.metric.stat, slot, period, now.as_second())
    }

    /// Points of periods that were asked for already, and that came or changed since `before`.
    fn late_points(&self, before: Option<Timestamp>, now: Timestamp, period: i64) -> Vec<Point> {
        let (Some(before), true) = (before, self.late > 0) else { return Vec::new() };
        let oldest = before.as_second().saturating_sub(self.late).div_euclid(period) * period - period;
        let first = self.told.iter().map(|t| t.start.div_euclid(period) * period).min().unwrap_or(self.asked_to);
        let mut points = Vec::new();
        let mut slot = oldest.max(first);
        while slot < self.asked_to {
            let found = self.slot(slot, period, now);
            if found != self.slot(slot, period, before) {
                points.extend(point(slot, found));
            }
            slot += period;
        }
        points
    }
}

fn point(slot: i64, found: Answer) -> Option<Point> {
    match found {
        Answer::Point(value) => Some(Point { at: time(slot), value }),
        Answer::Absent | Answer::Unread => None,
    }
}

pub(super) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}
