//! Metric math: the expressions of `GetMetricData`.
//!
//! Scalars, time series and arrays of them; `+ - * / ^`, comparisons, `AND OR`, and the functions that consoles and
//! alarms send. An operation on two series keeps the moments that both have; a division by zero leaves a gap.

mod eval;
mod parse;

pub(super) use eval::{Context, Series, Value, evaluate};
pub(super) use parse::{Expr, parse};
