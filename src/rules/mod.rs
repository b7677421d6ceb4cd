//! What is wrong.
//!
//! In: rule files (TOML), overrides from the configuration, and the [`Model`](crate::model::Model). Out: a
//! [`Verdict`] for every rule on every resource it applies to, and the metrics that the rules need read. Pure: no I/O
//! beyond reading rule text, no async, no clock; `now` is an argument.

mod again;
mod alarm;
mod apart;
mod asks;
mod bill;
mod builtin;
mod catalogue;
mod change;
mod context;
mod demand;
mod detail;
mod error;
mod evaluator;
#[cfg(test)]
mod evaluator_tests;
mod events;
mod explain;
#[cfg(test)]
mod explain_tests;
mod explain_text;
mod expr;
mod files;
#[cfg(test)]
mod load_tests;
mod math;
mod math_syntax;
mod mirror;
mod monotone;
#[cfg(test)]
mod over_time_tests;
mod plain;
mod pollers;
mod reading;
mod resolve;
mod rule;
mod series;
mod set;
mod statistic;
#[cfg(test)]
mod tags_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod times;
#[cfg(test)]
mod told_tests;
pub(crate) mod tree;
#[cfg(test)]
mod unread_tests;
mod verdict;
mod when;
mod written;

pub use alarm::{
    AlarmComparison, AlarmPoint, BareAlarm, Datapoints, Judgement, LowSamples, Missing, judge, samples_needed,
};
pub use apart::told_apart;
pub use bill::{BillOutlook, bill_metric};
pub use catalogue::metric_named;
pub use context::{AlarmWindow, EvalMode, MetricDemand, RuleContext};
pub use error::{RuleError, RuleSource};
pub use evaluator::{Evaluator, Looked};
pub use explain::{ExplainedLevel, ExplainedPoint, Explanation, Seen, explain, explain_all};
pub use files::RuleFiles;
pub use mirror::{Local, LocalState, Mirror, Mute};
pub use pollers::{ALL_POLLERS, NO_ROOM};
pub(crate) use resolve::nearest;
pub use rule::Rule;
pub use set::RuleSet;
pub use verdict::{Basis, Comparison, News, Severity, Standing, Unit, Verdict};
pub use written::{WrittenRule, no_such_rule, written_rules};
