//! A run of the pollers of metrics and of the bill.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::Query;
use super::planner::{Batch, Planned};
use super::run::{Closed, Memory, Shared, whole};
use super::sliding::is_of_phase;
use crate::aws::cloudwatch::MetricQuery;
use crate::aws::{self, Meter};
use crate::model::{Body, ErrorClass, Kind, Metric, PointBatch, PollError, PollerKind, QueryStatus, ResourceId};

/// Groups that fail before the rest is left to the next run: each may take a time-out.
const MOST_FAILED: u32 = 3;

impl Shared {
    /// Reads what is due of the metrics. The points of the bill are kept back, those of the rest are sent.
    pub(super) async fn metrics(
        &self,
        poller: PollerKind,
        memory: &mut Memory,
        meter: &Meter,
        slowdown: u32,
    ) -> Result<ReadMetrics, Closed> {
        let mut read = ReadMetrics::default();
        let mut calls = VecDeque::from(memory.planner.plan(self.clock.now(), slowdown));
        while let Some(batch) = calls.pop_front() {
            let queries: Vec<MetricQuery<'_>> = batch
                .series
                .iter()
                .map(|s| MetricQuery { metric: &s.query.metric, dimensions: &s.query.dimensions })
                .collect();
            let (answers, error) =
                aws::cloudwatch::metric_data(&self.clients, meter, &queries, batch.from, batch.to).await;
            let now = self.clock.now();
            // A query that AWS finds wrong has it refuse the whole call: the others are asked without it.
            if error.as_ref().is_some_and(|e| e.class == ErrorClass::Refused)
                && let Some((one, other)) = batch.halves()
            {
                calls.extend([one, other]);
                continue;
            }
            let refused = error.as_ref().is_some_and(|e| e.class == ErrorClass::Refused);
            let answers = answers.into_iter().map(|a| if refused { Some(refusal()) } else { a });
            let Batch { series, .. } = batch;
            let mut points = Vec::new();
            let mut all = BTreeMap::new();
            for (planned, answer) in series.iter().zip(answers) {
                let status = answer.as_ref().map(|a| a.status);
                let mine = answer.map(|a| point_batch(planned, a)).filter(is_of_phase);
                let newest = mine.as_ref().and_then(|b| b.points.iter().map(|p| p.at).max());
                memory.planner.answered(planned, now, status, newest);
                read.forbidden += u32::from(status == Some(QueryStatus::Forbidden));
                let Some(mine) = mine else { continue };
                points.extend(planned.own.map(|from| since(&mine, from)));
                all.insert(&planned.query, mine);
            }
            points.extend(memory.planner.made_of(&all));
            match (poller, points.is_empty()) {
                (_, true) => {}
                (PollerKind::Metrics, _) => self.send(poller, Body::Points(points)).await?,
                // The bill's points come after the bill itself.
                _ => read.points.push(points),
            }
            if let Some(error) = error {
                read.error.get_or_insert(error);
                if !refused {
                    return Ok(read);
                }
            }
        }
        if poller == PollerKind::Metrics {
            self.groups(memory, meter, slowdown, &mut read).await?;
        }
        Ok(read)
    }

    /// Reads the groups that are due, a call each.
    async fn groups(
        &self,
        memory: &mut Memory,
        meter: &Meter,
        slowdown: u32,
        read: &mut ReadMetrics,
    ) -> Result<(), Closed> {
        let mut failed = 0;
        for planned in memory.groups.plan(self.clock.now(), slowdown) {
            let (answers, error) = aws::cloudwatch::metric_group(
                &self.clients,
                meter,
                &planned.group.queries,
                &planned.also(),
                planned.from,
                planned.to,
            )
            .await;
            let now = self.clock.now();
            let refused = error.as_ref().is_some_and(|e| e.class == ErrorClass::Refused);
            let (batches, status) = match &error {
                Some(_) if refused => (planned.refused(), Some(QueryStatus::Forbidden)),
                Some(_) => (Vec::new(), None),
                None => {
                    let (mut batches, status) = planned.batches(&answers);
                    batches.retain(is_of_phase);
                    (batches, Some(status))
                }
            };
            read.forbidden += u32::from(status == Some(QueryStatus::Forbidden));
            memory.planner.add(memory.groups.answered(&planned, now, status));
            if !batches.is_empty() {
                self.send(PollerKind::Metrics, Body::Points(batches)).await?;
            }
            if let Some(error) = error {
                // It may be this one's alone, and must not keep the others from being read for ever.
                let own = matches!(error.class, ErrorClass::Server | ErrorClass::Timeout | ErrorClass::Malformed);
                read.error.get_or_insert(error);
                failed += u32::from(!refused);
                if !refused && (!own || failed == MOST_FAILED) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Reads the bill: the resource first, since points of what is not known are dropped.
    pub(super) async fn bill(&self, memory: &mut Memory, meter: &Meter) -> Result<Option<PollError>, Closed> {
        let poller = PollerKind::Bill;
        let id = ResourceId::new(self.clients.scope(), Kind::Bill, "estimated-charges");
        let own = estimated_charges(&id);
        memory.planner.want(std::iter::once(&own).chain(&memory.bill));
        let read = self.metrics(poller, memory, meter, 1).await?;
        let denied = (read.forbidden > 0).then(|| PollError {
            class: ErrorClass::Denied,
            operation: "GetMetricData".into(),
            code: "Forbidden".into(),
            message: "needs cloudwatch:GetMetricData for AWS/Billing".into(),
        });
        let error = read.error.or(denied);
        if error.is_none() {
            self.send(poller, whole(Kind::Bill, id)).await?;
        } else {
            // Refused now is not refused for good: the bill is one metric, and asked for twice an hour.
            memory.planner.want(std::iter::empty());
        }
        for points in read.points {
            self.send(poller, Body::Points(points)).await?;
        }
        Ok(error)
    }
}

#[derive(Debug, Default)]
pub(super) struct ReadMetrics {
    points: Vec<Vec<PointBatch>>,
    forbidden: u32,
    pub(super) error: Option<PollError>,
}

/// What stands for the answer to a query that AWS refuses for itself.
fn refusal() -> aws::cloudwatch::MetricAnswer {
    aws::cloudwatch::MetricAnswer { points: Vec::new(), status: QueryStatus::Forbidden }
}

/// The one metric that every bill is read by.
pub(super) fn estimated_charges(bill: &ResourceId) -> Query {
    Query {
        resource: bill.clone(),
        metric: Metric::new("AWS/Billing", "EstimatedCharges", "Maximum", 21_600),
        dimensions: vec![("Currency".into(), "USD".into())],
        history: 0,
        awaited: false,
    }
}

/// What `batch` holds from `from` on.
fn since(batch: &PointBatch, from: Timestamp) -> PointBatch {
    let points = batch.points.iter().filter(|p| p.at >= from).copied().collect();
    PointBatch { resource: batch.resource.clone(), metric: batch.metric.clone(), from, points, ..*batch }
}

/// What was asked for of an answer: a call may cover more than each of its series needs.
fn point_batch(planned: &Planned, answer: aws::cloudwatch::MetricAnswer) -> PointBatch {
    let mut points = answer.points;
    points.retain(|p| p.at >= planned.from && (p.at < planned.to || planned.takes_running()));
    PointBatch {
        resource: planned.query.resource.clone(),
        metric: planned.query.metric.clone(),
        from: planned.from,
        to: planned.to,
        points,
        status: answer.status,
    }
}
