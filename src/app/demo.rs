//! The demonstration: the simulator in this process, below the SDK's clients.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::aws::{Account, Connect, Transport, WireAnswer};
use crate::cli::{Speed, WorldArgs};
use crate::clock::Clock;
use crate::model::Scope;
use crate::poll::{Role, ScopeSpec};
use crate::sim::scenario::Scenario;
use crate::sim::{Answer, FaultSpec, SimConfig, Simulator};

/// The label of the demonstration's account.
pub(super) const ACCOUNT: &str = "demo";
/// Where the demonstration's fleet runs.
pub(super) const HOME_REGION: &str = "ap-northeast-1";
/// Where the demonstration's second, small fleet and its bill are.
pub(super) const BILL_REGION: &str = "us-east-1";
/// The demonstration's monthly budget in US dollars.
pub(super) const BUDGET: f64 = 8000.0;

/// When the demonstration begins unless `--start` says otherwise: a Wednesday afternoon in Tokyo.
fn usual_start() -> Timestamp {
    Timestamp::from_second(1_768_366_800).unwrap_or_default()
}

/// The clock of a simulated world. Must be called on the runtime that will drive it, whose time is paused for
/// [`Speed::Max`].
#[must_use]
pub(super) fn clock(world: &WorldArgs, speed: Speed) -> Clock {
    let epoch = world.start.unwrap_or_else(usual_start);
    Clock::simulated(epoch, if let Speed::Times(times) = speed { times } else { 1.0 })
}

/// The simulator of `scenario` as `world` shapes it, on `clock`.
pub(super) fn simulator(scenario: &str, world: &WorldArgs, clock: Clock) -> anyhow::Result<Simulator> {
    let scenario: Scenario = scenario.parse().map_err(anyhow::Error::msg)?;
    let faults = world
        .fault
        .iter()
        .map(|spec| spec.parse::<FaultSpec>().map_err(|e| anyhow::anyhow!("--fault {spec}: {e}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let at = SignedDuration::try_from(world.at())?;
    Ok(Simulator::new(SimConfig { scenario, seed: world.seed(), scale: world.scale(), at, faults }, clock))
}

/// The scopes of the demonstration, on `simulator`.
#[must_use]
pub(super) fn scopes(simulator: &Simulator, clock: &Clock) -> Vec<ScopeSpec> {
    let simulator = simulator.clone();
    let wire: crate::aws::Wire = Arc::new(move |request| {
        let simulator = simulator.clone();
        Box::pin(async move { carry(simulator.answer(request).await) })
    });
    let mut connect = Connect::new(HOME_REGION, clock.clone());
    connect.transport = Transport::InProcess(wire);
    let account: Account = connect.open();
    [HOME_REGION, BILL_REGION]
        .into_iter()
        .map(|region| ScopeSpec { clients: account.scope(Scope::new(ACCOUNT, region)), role: Role::Full })
        .collect()
}

fn carry(answer: Answer) -> WireAnswer {
    match answer {
        Answer::Response(response) => WireAnswer::Response(response),
        Answer::Truncated { response, after_bytes } => {
            WireAnswer::Truncated(response.map(|body| body.slice(..after_bytes.min(body.len()))))
        }
        Answer::Reset => WireAnswer::Reset,
        Answer::Stall => WireAnswer::Stall,
    }
}
