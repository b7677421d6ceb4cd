//! What the budget of the API does to rules, for the commands that look once: the console hears it from its pollers.

use jiff::SignedDuration;

use super::{Watch, modes};
use crate::cli::Cli;
use crate::config::Config;
use crate::model::PollerKind;
use crate::poll::cost_within;
use crate::ui::Slowed;

/// The rules that are looked at less often, because reading what all rules want would cost more than `budget.api`.
pub(super) struct OverBudget {
    /// That budget, in US dollars a month.
    pub(super) budget: f64,
    /// US dollars a month that it would cost.
    pub(super) wanted: f64,
    /// How many times less often metrics are read.
    pub(super) times: u32,
    /// The rules, those that wait longest first.
    pub(super) rules: Vec<Slowed>,
}

/// What `watch`, of what it knows, has cost more than the budget lets it; `None` where that is enough.
pub(super) fn slowed(watch: &mut Watch, cli: &Cli, config: &Config) -> Option<OverBudget> {
    let budget = modes::api_budget(cli, config);
    watch.forget_demand();
    let demand = watch.demand()?;
    let cost = cost_within(&demand, config.intervals.of(PollerKind::Metrics), budget);
    let (wanted, times) = (cost.wanted, cost.slowdown);
    (times > 1).then(|| OverBudget { budget, wanted, times, rules: watch.slowed(times) })
}

/// `every 4m instead of every 1m`.
pub(super) fn told(rule: &Slowed) -> String {
    let every = |seconds: u32| format!("{:#}", SignedDuration::from_secs(seconds.into()));
    format!("every {} instead of every {}", every(rule.every), every(rule.usual))
}
