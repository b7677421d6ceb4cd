//! The demonstration's way to another moment: the same world, lived through again out of sight, as fast as it goes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::feed::{Arrival, Way};
use crate::app::{Watch, demo, modes};
use crate::cli::{Speed, WorldArgs};
use crate::clock::Clock;
use crate::model::Observation;
use crate::poll::{self, Demand, Pollers, Settings};
use crate::rules::{RuleContext, RuleSet};
use crate::ui::Marks;

/// Observations that may wait; pollers wait when it is full.
const QUEUE: usize = 1024;
/// The longest time that is lived through again: what is older has no bearing on most alerts.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);
/// How far ahead an alert is looked for.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_hours(6);

/// What the demonstration is made of.
#[derive(Clone, Debug)]
pub(in crate::app) struct Origin {
    pub(in crate::app) scenario: String,
    pub(in crate::app) world: WorldArgs,
    pub(in crate::app) profiles: Vec<String>,
    pub(in crate::app) regions: Vec<String>,
    pub(in crate::app) settings: Settings,
    pub(in crate::app) rules: RuleSet,
    pub(in crate::app) context: RuleContext,
    /// When the scenario began, also where that was before the session.
    pub(in crate::app) begins: Timestamp,
    /// When the session began.
    pub(in crate::app) start: Timestamp,
}

/// The demonstration from some moment on.
#[derive(Debug)]
pub(in crate::app) struct Running {
    pub(in crate::app) clock: Clock,
    pub(in crate::app) pollers: Pollers,
    pub(in crate::app) observations: mpsc::Receiver<Observation>,
}

impl Origin {
    /// Lets it run from `at`, on a clock of its own, which stands if it is `held`. `wanted` says what to read.
    ///
    /// # Errors
    ///
    /// There is no such world.
    pub(in crate::app) fn run(
        &self,
        at: Timestamp,
        held: bool,
        wanted: watch::Receiver<Demand>,
    ) -> anyhow::Result<Running> {
        let clock = Clock::simulated(at, 1.0);
        if held {
            clock.hold();
            clock.set(at);
        }
        let mut config = demo::config(&self.scenario, &self.world)?;
        // The scenario began when it did, whenever one looks at it.
        config.at += at.duration_since(self.start);
        let simulator = crate::sim::Simulator::new(config, clock.clone());
        let scopes = demo::scopes(&simulator, &clock, &self.profiles, &self.regions)?;
        let (out, observations) = mpsc::channel(QUEUE);
        let pollers = poll::spawn(self.settings.clone(), scopes, clock.clone(), out, wanted);
        Ok(Running { clock, pollers, observations })
    }

    /// Where a way to `to` begins: what is known there must not depend on whether one ever went back before it.
    pub(super) fn from(&self, to: Timestamp) -> Timestamp {
        self.begins.max(to.checked_sub(LONGEST).unwrap_or(to)).min(to)
    }

    /// Lives up to `to`, or with `after` up to where the first alert after that fires.
    pub(super) fn live(self, to: Timestamp, after: Option<Timestamp>, way: &Way) -> anyhow::Result<Option<Arrival>> {
        let mut watch = Box::new(Watch::new(self.rules.clone(), self.context.clone()));
        let from = self.from(after.unwrap_or(to));
        let mut marks = Marks::default();
        let mut at = to;
        let runtime = modes::runtime(Speed::Max, 1)?;
        let arrived = runtime.block_on(async {
            let (demand, wanted) = watch::channel(Demand::default());
            let Running { clock, pollers: _pollers, mut observations } = self.run(from, false, wanted)?;
            while clock.now() < to {
                let tick = clock.sleep(Duration::from_secs(1));
                tokio::select! {
                    biased;
                    Some(observation) = observations.recv() => drop(watch.observe(&observation)),
                    () = tick => {}
                }
                let now = clock.now();
                if way.is_given_up(now) {
                    return Ok(false);
                }
                if let Some(wanted) = watch.demand() {
                    demand.send_replace(wanted);
                }
                for change in watch.evaluate(now).unwrap_or_default() {
                    marks.take(&change);
                }
                watch.alerts.take_changes();
                if let Some(found) = after.and_then(|after| marks.after(after)) {
                    at = found.0.max(now);
                    break;
                }
            }
            if after.is_some() && at == to {
                anyhow::bail!("no alert fires in the {} hours after this", AHEAD.as_hours());
            }
            anyhow::Ok(true)
        })?;
        runtime.shutdown_timeout(modes::FAREWELL);
        Ok(arrived.then_some(Arrival { at, from, watch, feed: None, marks }))
    }
}
