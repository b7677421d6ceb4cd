//! Metric math: the expressions of `GetMetricData` and of alarms.
//!
//! Scalars, time series and arrays of them; `+ - * / ^`, comparisons, `AND OR`, and the functions that consoles and
//! alarms send. An operation on two series keeps the moments that both have; a division by zero leaves a gap.

mod band;
mod eval;
mod parse;
mod queries;

pub(in crate::sim) use band::{DAY, DAYS};
pub(in crate::sim) use eval::{Series, Value};
pub(in crate::sim) use parse::{Expr, parse};
pub(in crate::sim) use queries::Queries;
