//! What reading metrics costs.

use std::collections::{BTreeMap, BTreeSet};

use super::planner::{LONG_PERIOD, refreshed};
use super::{Demand, Query};
use crate::aws::cloudwatch::STATS_AS_ONE;
use crate::model::{Kind, PollerKind, Text};

/// US dollars for one metric requested by `GetMetricData`.
pub(super) const DOLLARS_A_METRIC: f64 = 0.01 / 1000.0;
/// Seconds of a month of 30 days.
const MONTH: f64 = 30.0 * 86_400.0;

/// What all of `queries` cost a month in US dollars when each is read once a period, but at most once a `floor`.
pub(super) fn monthly<'a>(queries: impl Iterator<Item = &'a Query>, floor: f64) -> f64 {
    let mut stats: BTreeMap<_, BTreeSet<&Text>> = BTreeMap::new();
    for q in queries {
        let metric = (&q.resource.scope, &q.dimensions, &q.metric.namespace, &q.metric.name, q.metric.period);
        stats.entry(metric).or_default().insert(&q.metric.stat);
    }
    let cost = |(&(.., period), stats): (&(_, _, _, _, u32), &BTreeSet<&Text>)| {
        let own =
            if i64::from(period) >= LONG_PERIOD { refreshed(i64::from(period)) as f64 } else { f64::from(period) };
        let every = own.max(floor);
        stats.len().div_ceil(STATS_AS_ONE) as f64 * DOLLARS_A_METRIC * MONTH / every.max(1.0)
    };
    stats.iter().map(cost).sum()
}

/// How often a metric of `period` is read, in seconds, where the budget lets it be `slowdown` times less often.
#[must_use]
pub fn read_every(period: u32, slowdown: u32) -> u32 {
    let period = i64::from(period.max(1));
    let own = if period >= LONG_PERIOD { refreshed(period) } else { period };
    u32::try_from(own * i64::from(slowdown.max(1))).unwrap_or(u32::MAX)
}

/// What reading `demand` costs, in US dollars a day, when each metric is read once a period and the bill as often as its
/// poller runs by itself.
#[must_use]
pub fn cost_a_day(demand: &Demand) -> f64 {
    let members = demand.all_group_members();
    let all = demand.queries.iter().chain(&members);
    let (bill, rest): (Vec<&Query>, Vec<&Query>) = all.partition(|q| q.resource.kind == Kind::Bill);
    let floor = |poller: PollerKind| poller.usual_interval().as_secs_f64();
    let month =
        monthly(bill.into_iter(), floor(PollerKind::Bill)) + monthly(rest.into_iter(), floor(PollerKind::Metrics));
    month * 86_400.0 / MONTH
}
