//! The tasks.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::{Demand, Settings};
use crate::aws::ScopeClients;
use crate::clock::Clock;
use crate::model::{Observation, PollerKind, Source};

/// What of a scope is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything; the bill too when the region is us-east-1.
    Full,
    /// The caller's identity and the bill: for us-east-1 when the user watches other regions only.
    BillingOnly,
}

/// A scope to watch.
#[derive(Clone, Debug)]
pub struct ScopeSpec {
    /// Its clients.
    pub clients: ScopeClients,
    /// What of it is read.
    pub role: Role,
}

/// What the metrics cost, and what the budget does about it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// US dollars a month at the demand's own periods.
    pub wanted: f64,
    /// US dollars a month as it is read now.
    pub projected: f64,
    /// How many times less often than its period each metric is read: 1 within the budget.
    pub slowdown: u32,
}

/// The running pollers. They stop when it is dropped.
#[derive(Debug)]
pub struct Pollers {
    tasks: JoinSet<()>,
}

impl Pollers {
    /// Makes `source`'s poller, or with `None` every poller, run now.
    pub fn refresh(&self, source: Option<&Source>) {
        let _ = source;
    }

    /// What the metrics cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost::default()
    }

    /// Stops all and waits until they have.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Starts the pollers of `scopes`. Must be called on a runtime. Observations go to `out`, which should hold a few
/// hundred; pollers wait while it is full and stop when it is closed.
pub fn spawn(
    settings: Settings,
    scopes: Vec<ScopeSpec>,
    clock: Clock,
    out: mpsc::Sender<Observation>,
    demand: watch::Receiver<Demand>,
) -> Pollers {
    drop((settings, scopes, clock, out, demand));
    Pollers { tasks: JoinSet::new() }
}

/// Runs each of `pollers` once in every scope where it has something to read, health after the listing it needs, and
/// returns when all have ended. One that has not ended after `limit` ends with an outcome of
/// [`ErrorClass::Timeout`](crate::model::ErrorClass::Timeout).
pub async fn once(
    settings: &Settings,
    scopes: &[ScopeSpec],
    clock: &Clock,
    out: &mpsc::Sender<Observation>,
    pollers: &[PollerKind],
    demand: &Demand,
    limit: Duration,
) {
    let _ = (settings, scopes, clock, out, pollers, demand, limit);
}
