//! `ANOMALY_DETECTION_BAND`, simplified: what CloudWatch learns of a metric, here follows from a week.
//!
//! The band at a moment is the mean of the metric's values at that time on the seven days before, plus and minus
//! their standard deviation times the second argument (2 if there is none). The deviation counts as at least a twentieth of
//! the mean, as a model is never surer than that of a metric that has some chance in it. A time with a value on fewer
//! than three of those days has no band.

use std::collections::BTreeMap;

use super::eval::{Context, Series, Value, average, deviation};
use super::parse::Expr;

/// Days that a band is made of.
pub(in crate::sim) const DAYS: i64 = 7;
/// Seconds of a day.
pub(in crate::sim) const DAY: i64 = 86_400;
/// Days that must have a value.
const FEWEST: usize = 3;
/// The least deviation, as a share of the mean.
const LEAST: f64 = 0.05;

/// The upper line and the lower one.
pub(super) fn band(arguments: &[Expr], context: &Context<'_>) -> Result<Value, String> {
    let (id, width) = match arguments {
        [Expr::Id(id)] => (id, 2.0),
        [Expr::Id(id), Expr::Number(width)] if *width > 0.0 => (id, *width),
        _ => return Err("ANOMALY_DETECTION_BAND takes the id of a metric and a number above 0".to_owned()),
    };
    let (_, metric) = context
        .metrics
        .iter()
        .find(|(i, _)| i == id)
        .ok_or_else(|| format!("ANOMALY_DETECTION_BAND needs a metric, and \"{id}\" is none"))?;
    let days = (context.past)(id);
    let (from, to) = (context.window)(metric.period);
    let (mut upper, mut lower) = (BTreeMap::new(), BTreeMap::new());
    let mut at = from;
    while at < to {
        let values: Vec<f64> = days.iter().filter_map(|day| day.get(&at).copied()).collect();
        if values.len() >= FEWEST {
            let mean = average(&values);
            let reach = width * deviation(&values).max(LEAST * mean.abs());
            upper.insert(at, mean + reach);
            lower.insert(at, mean - reach);
        }
        at += i64::from(metric.period.max(1));
    }
    let line =
        |points, end| Series { label: format!("{} (expected, {end})", metric.label), period: metric.period, points };
    Ok(Value::Array(vec![line(upper, "high"), line(lower, "low")]))
}
