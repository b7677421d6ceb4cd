//! The simulated world: what there is in an account, and how it moves.
//!
//! In: an account, a scenario, a seed, a scale and the moment the scenario began. Out: any fact about any moment, in any order and
//! always the same: instances, health, scaling, trail, alarms, metrics, the bill, and which calls fail. Nothing is
//! stored as time passes; every number is computed from (seed, name, minute), and memory holds caches only.
//!
//! Facts are as late as AWS makes them: what a caller may see depends on `now`, which every function takes.

mod account;
mod alarms;
mod build;
mod describe;
mod fleet;
mod health;
mod load;
mod managed;
mod metrics;
mod noise;
mod plan;
mod prices;
mod stats;
mod trail;
mod types;
mod view;
mod weather;

pub use account::Account;
pub use stats::{Sample, is_statistic, merge, statistic};
pub use types::{
    Activity, Alarm, AlarmChange, AlarmOf, AlarmQuery, AlarmState, AlarmWatch, BalancerKind, BalancerV2, ClassicElb,
    Fault, FewSamples, Group, GroupInstance, Instance, InstanceHealth, InstanceStatus, Limit, MetricAlarm, MetricId,
    MetricListing, Product, QueryOf, ScheduledEvent, Subnet, TargetGroup, TargetHealth, TrailEvent, Treat,
};
pub use view::{Incident, Variation, World, WorldConfig};

#[cfg(test)]
mod tests;
