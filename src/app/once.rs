//! `--check`: one pass over what the rules need.

use std::time::Duration;

use tokio::sync::mpsc;

use super::Watch;
use crate::clock::Clock;
use crate::model::{Observation, PollerKind};
use crate::poll::{self, Demand, ScopeSpec, Settings};

/// Observations that may wait for the model; a pass holds a few dozen.
const QUEUE: usize = 256;

/// Reads once what the rules of `watch` need, within `limit`: first what there is and how it is, then the metrics of
/// what was found. Afterwards the rules have been looked at.
///
/// Every observation is also given to `seen`, in order. Returns whether the limit was reached.
pub async fn pass(
    watch: &mut Watch,
    settings: &Settings,
    scopes: &[ScopeSpec],
    clock: &Clock,
    limit: Duration,
    mut seen: impl FnMut(&Observation),
) -> bool {
    let began = clock.now();
    let left = || limit.saturating_sub(Duration::try_from(clock.now().duration_since(began)).unwrap_or_default());
    let needed = watch.pollers_needed();
    // The bill's poller lists the bill before anybody can want its metrics: it runs in both halves.
    let first: Vec<_> = needed.into_iter().filter(|p| *p != PollerKind::Metrics).collect();

    // One listing that hangs must not eat the time in which the metrics are read.
    run(watch, settings, scopes, clock, &first, &Demand::default(), left() * 2 / 3, &mut seen).await;
    let demand = watch.demand().unwrap_or_default();
    // Whether an alarm watches the bill is known now.
    let needed = watch.pollers_needed().into_iter();
    let metrics: Vec<_> = needed.filter(|p| matches!(p, PollerKind::Metrics | PollerKind::Bill)).collect();
    run(watch, settings, scopes, clock, &metrics, &demand, left(), &mut seen).await;
    let now = clock.now();
    watch.evaluate_now(now);
    left().is_zero()
}

#[expect(clippy::too_many_arguments, reason = "a pass's two halves, and nobody else, call it")]
async fn run(
    watch: &mut Watch,
    settings: &Settings,
    scopes: &[ScopeSpec],
    clock: &Clock,
    pollers: &[PollerKind],
    demand: &Demand,
    limit: Duration,
    seen: &mut impl FnMut(&Observation),
) {
    let (out, mut observations) = mpsc::channel(QUEUE);
    let ask = async move {
        poll::once(settings, scopes, clock, &out, pollers, demand, limit).await;
    };
    let learn = async {
        while let Some(observation) = observations.recv().await {
            watch.observe(&observation);
            seen(&observation);
        }
    };
    tokio::join!(ask, learn);
}
