//! Rule tests: series in, alerts out, written in files as rules are.
//!
//! In: TOML files with `[[test]]`s, each some series and the alerts they must lead to, or a bare alarm and its state. Out:
//! for each test what was expected and what came of it, and a text for a person.
//!
//! A test goes the way that the console goes: its series become [`Observation`](crate::model::Observation)s, which the
//! [`Model`](crate::model::Model) takes in, [`RuleSet`](crate::rules::RuleSet)s evaluate and
//! [`Alerts`](crate::alerts::Alerts) keep, step by step from the start on, so that `for`, M of N, hysteresis and missing
//! data are those of production. Pure: what a file names is given in by the caller, and time is the test's own.

mod alarm;
mod answers;
mod case;
mod keys;
mod read;
mod read_alarm;
mod read_case;
mod read_series;
mod report;
mod run;
mod series;
#[cfg(test)]
mod tests;
mod things;
mod values;
mod world;

pub use case::{Case, Suite};
pub use read::read;
pub use report::{Summary, report};
pub use run::{Outcome, run};
