//! The demonstration: the simulator in this process, below the SDK's clients.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::aws::{Account, Connect, Transport, WireAnswer};
use crate::cli::{Moment, Speed, WorldArgs};
use crate::clock::Clock;
use crate::model::Scope;
use crate::poll::{Role, ScopeSpec};
use crate::sim::scenario::Scenario;
use crate::sim::{self, Answer, FaultSpec, SimConfig, Simulator};

/// Where the demonstration's fleet runs.
pub(super) const HOME_REGION: &str = "ap-northeast-1";
/// Where the demonstration's second, small fleet and its bill are.
pub(super) const BILL_REGION: &str = "us-east-1";
/// The demonstration's monthly budget in US dollars.
pub(super) const BUDGET: f64 = 8000.0;
/// What the demonstration may cost a month in US dollars unless something else is asked for: nobody pays it, and the
/// usual budget would have it read at a third of its pace.
pub(super) const API_BUDGET: f64 = 150.0;

/// When the demonstration begins unless `--start` says otherwise: a Wednesday afternoon in Tokyo.
fn usual_start() -> Timestamp {
    Timestamp::from_second(1_768_366_800).unwrap_or_default()
}

/// When a simulated world begins.
pub(super) fn start(world: &WorldArgs) -> Timestamp {
    world.start.unwrap_or_else(usual_start)
}

/// How old the scenario is when a simulated world begins.
pub(super) fn age(world: &WorldArgs) -> anyhow::Result<SignedDuration> {
    match world.at() {
        Moment::After(age) => Ok(SignedDuration::try_from(age)?),
        Moment::At(at) => Ok(at.duration_since(start(world))),
        Moment::Daytime(time) => anyhow::bail!(
            "--at {time}: a simulated world starts with its scenario so old (10m), or at a whole time \
             (2026-01-14T05:10:00Z)"
        ),
    }
}

/// The clock of a simulated world. Must be called on the runtime that will drive it, whose time is paused for
/// [`Speed::Max`].
#[must_use]
pub(super) fn clock(world: &WorldArgs, speed: Speed) -> Clock {
    Clock::simulated(start(world), if let Speed::Times(times) = speed { times } else { 1.0 })
}

/// The simulator of `scenario` as `world` shapes it, on `clock`.
pub(super) fn simulator(scenario: &str, world: &WorldArgs, clock: Clock) -> anyhow::Result<Simulator> {
    Ok(Simulator::new(config(scenario, world)?, clock))
}

/// What the simulator of `scenario` is made of, as `world` shapes it.
pub(super) fn config(scenario: &str, world: &WorldArgs) -> anyhow::Result<SimConfig> {
    let scenario: Scenario = scenario.parse().map_err(anyhow::Error::msg)?;
    let faults = world
        .fault
        .iter()
        .map(|spec| spec.parse::<FaultSpec>().map_err(|e| anyhow::anyhow!("--fault {spec}: {e}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let at = age(world)?;
    let (seed, scale) = (world.seed(), world.scale());
    Ok(SimConfig { scenario, seed, scale, at, faults, throttles: true, ..SimConfig::default() })
}

/// The scopes of the demonstration, on `simulator`: its two accounts in two regions, or those of `profiles` and
/// `regions` where any are named; us-east-1 for the bill is always among them.
///
/// Fails for an account or a region that the simulated world does not have.
pub(super) fn scopes(
    simulator: &Simulator,
    clock: &Clock,
    profiles: &[String],
    regions: &[String],
) -> anyhow::Result<Vec<ScopeSpec>> {
    let accounts = chosen(profiles, "profile", &sim::Account::ALL.map(sim::Account::alias))?;
    let regions = if regions.is_empty() {
        vec![HOME_REGION, BILL_REGION]
    } else {
        chosen(regions, "region", simulator.world(sim::Account::Main).regions())?
    };
    let mut scopes = Vec::new();
    for account in sim::Account::ALL.into_iter().filter(|a| accounts.contains(&a.alias())) {
        let simulator = simulator.clone();
        let wire: crate::aws::Wire = Arc::new(move |request| {
            let simulator = simulator.clone();
            Box::pin(async move { carry(simulator.answer(request).await) })
        });
        let mut connect = Connect::new(HOME_REGION, clock.clone());
        connect.transport = Transport::InProcess(wire);
        account.access_key().clone_into(&mut connect.in_process_key);
        let opened: Account = connect.open();
        let spec = |region: &str, role| ScopeSpec { clients: opened.scope(Scope::new(account.alias(), region)), role };
        scopes.extend(regions.iter().map(|region| spec(region, Role::Full)));
        if !regions.contains(&BILL_REGION) {
            scopes.push(spec(BILL_REGION, Role::BillingOnly));
        }
    }
    Ok(scopes)
}

/// Those of `known` that are `named`, each once; all of them when none is.
fn chosen<'a>(named: &[String], what: &str, known: &[&'a str]) -> anyhow::Result<Vec<&'a str>> {
    if let Some(wrong) = named.iter().find(|n| !known.contains(&n.trim())) {
        let near = known.iter().max_by(|a, b| {
            let near = |name: &str| strsim::jaro_winkler(name, wrong);
            near(a).total_cmp(&near(b))
        });
        anyhow::bail!(
            "the demonstration has no {what} \"{wrong}\"; did you mean \"{}\"? There are {}",
            near.copied().unwrap_or_default(),
            known.join(", ")
        );
    }
    let wanted = |name: &&str| named.is_empty() || named.iter().any(|n| n.trim() == *name);
    Ok(known.iter().copied().filter(wanted).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::SimConfig;

    fn scopes(profiles: &[&str], regions: &[&str]) -> anyhow::Result<Vec<String>> {
        let clock = Clock::simulated(usual_start(), 1.0);
        let simulator = Simulator::new(SimConfig::default(), clock.clone());
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = super::scopes(&simulator, &clock, &owned(profiles), &owned(regions))?;
        let role = |spec: &ScopeSpec| if spec.role == Role::Full { "" } else { " (bill)" };
        Ok(found.iter().map(|s| format!("{}{}", s.clients.scope(), role(s))).collect())
    }

    #[tokio::test]
    async fn two_accounts_in_two_regions_or_those_that_are_named() {
        assert_eq!(scopes(&[], &[]).unwrap().len(), 4);
        assert_eq!(
            scopes(&["demo-staging"], &["eu-west-1"]).unwrap(),
            ["demo-staging/eu-west-1", "demo-staging/us-east-1 (bill)"]
        );
        let wrong = scopes(&["demo-stagin"], &[]).unwrap_err().to_string();
        assert!(wrong.contains("did you mean \"demo-staging\"? There are demo, demo-staging"), "{wrong}");
        let wrong = scopes(&[], &["mars-1"]).unwrap_err().to_string();
        assert!(wrong.contains("no region \"mars-1\"") && wrong.contains("eu-west-1"), "{wrong}");
    }
}
