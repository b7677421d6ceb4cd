//! What reading metrics costs.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{LONG_PERIOD, refreshed};
use super::sliding::asked;
use super::{Demand, Query};
use crate::aws::cloudwatch::STATS_AS_ONE;
use crate::model::{Kind, PollerKind, Text};

/// US dollars for one metric requested by `GetMetricData`.
pub(super) const DOLLARS_A_METRIC: f64 = 0.01 / 1000.0;
/// Seconds of a month of 30 days.
const MONTH: f64 = 30.0 * 86_400.0;

/// What all of `queries`, and the `members` of groups as they stand, cost a month in US dollars when each is read once a
/// step, but at most once a `floor`.
pub(super) fn monthly<'a>(queries: impl Iterator<Item = &'a Query>, members: Vec<Query>, floor: f64) -> f64 {
    let mut stats: BTreeMap<_, BTreeSet<Text>> = BTreeMap::new();
    for q in queries.flat_map(asked).chain(members) {
        let step = q.metric.step();
        let metric = (q.resource.scope, q.dimensions, q.metric.namespace, q.metric.name, q.metric.period, step);
        stats.entry(metric).or_default().insert(q.metric.stat);
    }
    let each = stats.iter().map(|((.., period, step), stats)| {
        let every = f64::from(read_every(*period, *step, 1)).max(floor);
        stats.len().div_ceil(STATS_AS_ONE) as f64 * DOLLARS_A_METRIC * MONTH / every.max(1.0)
    });
    each.sum()
}

/// How often a metric of `period`, whose points begin `step` seconds after each other, is read, in seconds, where the
/// budget lets it be `slowdown` times less often.
#[must_use]
pub fn read_every(period: u32, step: u32, slowdown: u32) -> u32 {
    let (period, step) = (i64::from(period.max(1)), i64::from(step.max(1)));
    let own = if step == period && period >= LONG_PERIOD { refreshed(period) } else { step };
    u32::try_from(own * i64::from(slowdown.max(1))).unwrap_or(u32::MAX)
}

/// What reading `demand` costs, in US dollars a day, when each metric is read once a period and the bill as often as its
/// poller runs by itself.
#[must_use]
pub fn cost_a_day(demand: &Demand) -> f64 {
    let floor = |poller: PollerKind| poller.usual_interval().as_secs_f64();
    let is_bill = |q: &&Query| q.resource.kind == Kind::Bill;
    let (bill, metrics): (Vec<Query>, Vec<Query>) = demand.all_group_members().into_iter().partition(|q| is_bill(&q));
    let month = monthly(demand.queries.iter().filter(is_bill), bill, floor(PollerKind::Bill))
        + monthly(demand.queries.iter().filter(|q| !is_bill(q)), metrics, floor(PollerKind::Metrics));
    month * 86_400.0 / MONTH
}
