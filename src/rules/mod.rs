//! What is wrong.
//!
//! In: rule files (TOML), overrides from the configuration, and the [`Model`](crate::model::Model). Out: a
//! [`Verdict`] for every rule on every resource it applies to, and the metrics that the rules need read. Pure: no I/O
//! beyond reading rule text, no async, no clock; `now` is an argument.

mod alarm;
mod context;
mod error;
mod set;
mod verdict;

pub use alarm::{Datapoints, Judgement, Missing, judge};
pub use context::{EvalMode, MetricDemand, RuleContext};
pub use error::{RuleError, RuleSource};
pub use set::RuleSet;
pub use verdict::{Comparison, Severity, Standing, Unit, Verdict};
