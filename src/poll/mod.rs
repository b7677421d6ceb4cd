//! When to call.
//!
//! In: clients from [`aws`](crate::aws), intervals, a budget, and a demand (what rules and the page in view need, as
//! data). Out: [`Observation`](crate::model::Observation)s on a bounded channel, among them each run's outcome.
//!
//! One task a poller and scope. Pollers of one scope share what the listing ones found (whose health is to be read)
//! and their APIs' request budgets, nothing else; a poller that fails or hangs stops no other.

mod budget;
#[cfg(test)]
mod catalogue_tests;
mod cost;
mod demand;
mod fit;
mod groups;
#[cfg(test)]
mod health_tests;
mod metrics;
mod pace;
mod packing;
mod planner;
mod price_cache;
mod prices;
#[cfg(test)]
mod prices_tests;
mod run;
mod schedule;
mod settings;
mod sliding;
mod tags;
#[cfg(test)]
mod tags_tests;
#[cfg(test)]
mod tests;

pub use budget::{Cost, cost_within};
pub use cost::{cost_a_day, read_every};
pub use demand::{Demand, Query};
pub use schedule::{Pollers, Role, ScopeSpec, once, spawn};
pub use settings::Settings;
