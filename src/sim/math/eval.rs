//! An expression to a scalar, a series or an array of series.

use std::collections::BTreeMap;

use super::parse::{Expr, Operator};

/// Points by second, on a grid.
#[derive(Clone, Debug, PartialEq, Default)]
pub(in crate::sim) struct Series {
    /// What a chart would call it.
    pub(in crate::sim) label: String,
    /// Seconds from a point to the next.
    pub(in crate::sim) period: u32,
    /// The points that there are.
    pub(in crate::sim) points: BTreeMap<i64, f64>,
}

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) enum Value {
    /// A number.
    Scalar(f64),
    /// A series.
    Series(Series),
    /// Several.
    Array(Vec<Series>),
}

/// What is known when an expression is evaluated.
pub(in crate::sim) struct Context<'a> {
    /// What came of the other queries, by id. `None` for what does not exist.
    pub(in crate::sim) look_up: &'a dyn Fn(&str) -> Option<Value>,
    /// The series of all metric queries, with their ids, for `METRICS()`.
    pub(in crate::sim) metrics: &'a [(String, Series)],
    /// The values of a metric query on each of the [`DAYS`](super::DAYS) days before the window, at the times of the
    /// window.
    pub(in crate::sim) past: &'a dyn Fn(&str) -> Vec<BTreeMap<i64, f64>>,
    /// First and last second of the window of a period, the end excluded: what `FILL` fills.
    pub(in crate::sim) window: &'a dyn Fn(u32) -> (i64, i64),
}

/// Evaluates; the error is a sentence.
pub(in crate::sim) fn evaluate(expr: &Expr, context: &Context<'_>) -> Result<Value, String> {
    match expr {
        Expr::Number(number) => Ok(Value::Scalar(*number)),
        Expr::Text(text) => Err(format!("\"{text}\" is not a value")),
        Expr::Id(id) => (context.look_up)(id).ok_or_else(|| format!("there is no query with id \"{id}\"")),
        Expr::Negative(inner) => Ok(each(evaluate(inner, context)?, |v| Some(-v))),
        Expr::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                match evaluate(item, context)? {
                    Value::Series(series) => all.push(series),
                    Value::Array(more) => all.extend(more),
                    Value::Scalar(_) => return Err("an array holds time series, not numbers".to_owned()),
                }
            }
            Ok(Value::Array(all))
        }
        Expr::Binary(operator, left, right) => binary(*operator, evaluate(left, context)?, evaluate(right, context)?),
        Expr::Call(name, arguments) => call(name, arguments, context),
    }
}

fn apply(operator: Operator, a: f64, b: f64) -> Option<f64> {
    let truth = |flag: bool| Some(f64::from(u8::from(flag)));
    #[expect(clippy::float_cmp, reason = "CloudWatch's == is exact")]
    let value = match operator {
        Operator::Or => truth(a != 0.0 || b != 0.0),
        Operator::And => truth(a != 0.0 && b != 0.0),
        Operator::Equal => truth(a == b),
        Operator::NotEqual => truth(a != b),
        Operator::Less => truth(a < b),
        Operator::LessOrEqual => truth(a <= b),
        Operator::Greater => truth(a > b),
        Operator::GreaterOrEqual => truth(a >= b),
        Operator::Add => Some(a + b),
        Operator::Subtract => Some(a - b),
        Operator::Multiply => Some(a * b),
        Operator::Divide => Some(a / b),
        Operator::Power => Some(a.powf(b)),
    };
    value.filter(|v| v.is_finite())
}

fn binary(operator: Operator, left: Value, right: Value) -> Result<Value, String> {
    Ok(match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => {
            Value::Scalar(apply(operator, a, b).ok_or("a number is divided by zero")?)
        }
        (left, Value::Scalar(b)) => each(left, |a| apply(operator, a, b)),
        (Value::Scalar(a), right) => each(right, |b| apply(operator, a, b)),
        (Value::Series(a), Value::Series(b)) => Value::Series(both(operator, &a, &b)),
        (Value::Array(all), Value::Series(b)) => Value::Array(all.iter().map(|a| both(operator, a, &b)).collect()),
        (Value::Series(a), Value::Array(all)) => Value::Array(all.iter().map(|b| both(operator, &a, b)).collect()),
        (Value::Array(_), Value::Array(_)) => return Err("two arrays cannot be combined".to_owned()),
    })
}

fn both(operator: Operator, a: &Series, b: &Series) -> Series {
    let points = a.points.iter().filter_map(|(at, x)| Some((*at, apply(operator, *x, *b.points.get(at)?)?))).collect();
    Series { label: a.label.clone(), period: a.period.max(b.period), points }
}

fn each(value: Value, change: impl Fn(f64) -> Option<f64>) -> Value {
    let one = |series: Series| Series {
        points: series.points.iter().filter_map(|(at, v)| Some((*at, change(*v)?))).collect(),
        ..series
    };
    match value {
        Value::Scalar(number) => Value::Scalar(change(number).unwrap_or(0.0)),
        Value::Series(series) => Value::Series(one(series)),
        Value::Array(all) => Value::Array(all.into_iter().map(one).collect()),
    }
}

/// `SUM` and its kin: of a series over time to a number, of an array at each moment to a series.
fn fold(value: Value, of: impl Fn(&[f64]) -> f64) -> Value {
    match value {
        Value::Scalar(number) => Value::Scalar(number),
        Value::Series(series) => {
            let values: Vec<f64> = series.points.values().copied().collect();
            Value::Scalar(if values.is_empty() { 0.0 } else { of(&values) })
        }
        Value::Array(all) => {
            let mut moments: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for series in &all {
                for (at, value) in &series.points {
                    moments.entry(*at).or_default().push(*value);
                }
            }
            Value::Series(Series {
                label: String::new(),
                period: all.iter().map(|s| s.period).max().unwrap_or(60),
                points: moments.into_iter().map(|(at, values)| (at, of(&values))).collect(),
            })
        }
    }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

pub(super) fn average(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

pub(super) fn deviation(values: &[f64]) -> f64 {
    let mean = average(values);
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

fn call(name: &str, arguments: &[Expr], context: &Context<'_>) -> Result<Value, String> {
    match name {
        "METRICS" => return metrics(arguments, context),
        "ANOMALY_DETECTION_BAND" => return super::band::band(arguments, context),
        _ => {}
    }
    let argument = |at: usize| -> Result<Value, String> {
        let expr = arguments.get(at).ok_or_else(|| format!("{name} needs more arguments"))?;
        evaluate(expr, context)
    };
    let count = match name {
        "IF" => 2..=3,
        "FILL" => 2..=2,
        _ => 1..=1,
    };
    let known = match name {
        "SUM" => fold(argument(0)?, sum),
        "AVG" => fold(argument(0)?, average),
        "MIN" => fold(argument(0)?, |v| v.iter().copied().fold(f64::INFINITY, f64::min)),
        "MAX" => fold(argument(0)?, |v| v.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        "STDDEV" => fold(argument(0)?, deviation),
        "ABS" => each(argument(0)?, |v| Some(v.abs())),
        "CEIL" => each(argument(0)?, |v| Some(v.ceil())),
        "FLOOR" => each(argument(0)?, |v| Some(v.floor())),
        "LOG" => each(argument(0)?, |v| Some(v.ln()).filter(|v| v.is_finite())),
        "LOG10" => each(argument(0)?, |v| Some(v.log10()).filter(|v| v.is_finite())),
        "PERIOD" => Value::Scalar(f64::from(one(name, argument(0)?)?.period)),
        "DATAPOINT_COUNT" => Value::Scalar(one(name, argument(0)?)?.points.len() as f64),
        "DIFF" => over(argument(0)?, |_, _, before, value| value - before),
        "DIFF_TIME" => over(argument(0)?, |before, at, _, _| (at - before) as f64),
        "RATE" => over(argument(0)?, |before, at, old, new| (new - old) / (at - before) as f64),
        "RUNNING_SUM" => {
            let mut series = one(name, argument(0)?)?;
            let mut total = 0.0;
            for value in series.points.values_mut() {
                total += *value;
                *value = total;
            }
            Value::Series(series)
        }
        "METRIC_COUNT" => match argument(0)? {
            Value::Array(all) => Value::Scalar(all.len() as f64),
            _ => return Err("METRIC_COUNT needs an array".to_owned()),
        },
        "FIRST" | "LAST" => match argument(0)? {
            Value::Array(all) => {
                let found = if name == "FIRST" { all.into_iter().next() } else { all.into_iter().last() };
                Value::Series(found.ok_or_else(|| format!("{name} of an empty array"))?)
            }
            _ => return Err(format!("{name} needs an array")),
        },
        "FILL" => fill(argument(0)?, arguments.get(1), context)?,
        "IF" => choose(argument(0)?, argument(1)?, arguments.get(2).map(|_| argument(2)).transpose()?)?,
        _ => return Err(format!("the function {name} is not supported")),
    };
    if count.contains(&arguments.len()) { Ok(known) } else { Err(format!("{name} has too many arguments")) }
}

fn metrics(arguments: &[Expr], context: &Context<'_>) -> Result<Value, String> {
    let part = match arguments {
        [] => "",
        [Expr::Text(part)] => part.as_str(),
        _ => return Err("METRICS takes a part of an id in quotes".to_owned()),
    };
    let found = context.metrics.iter().filter(|(id, _)| id.contains(part)).map(|(_, s)| s.clone());
    Ok(Value::Array(found.collect()))
}

fn one(name: &str, value: Value) -> Result<Series, String> {
    match value {
        Value::Series(series) => Ok(series),
        _ => Err(format!("{name} needs one time series")),
    }
}

/// From each point and the one before it.
fn over(value: Value, change: impl Fn(i64, i64, f64, f64) -> f64 + Copy) -> Value {
    let series = move |series: Series| {
        let pairs = series.points.iter().zip(series.points.iter().skip(1));
        let points = pairs.map(|((t0, v0), (t1, v1))| (*t1, change(*t0, *t1, *v0, *v1))).collect();
        Series { points, ..series }
    };
    match value {
        Value::Scalar(number) => Value::Scalar(number),
        Value::Series(s) => Value::Series(series(s)),
        Value::Array(all) => Value::Array(all.into_iter().map(series).collect()),
    }
}

#[derive(Clone)]
enum Filler {
    Repeat,
    Linear,
    Number(f64),
    From(Series),
}

fn fill(value: Value, with: Option<&Expr>, context: &Context<'_>) -> Result<Value, String> {
    let filler = match with {
        Some(Expr::Id(word)) if word.eq_ignore_ascii_case("REPEAT") => Filler::Repeat,
        Some(Expr::Id(word)) if word.eq_ignore_ascii_case("LINEAR") => Filler::Linear,
        Some(expr) => match evaluate(expr, context)? {
            Value::Scalar(number) => Filler::Number(number),
            Value::Series(series) => Filler::From(series),
            Value::Array(_) => return Err("FILL takes a number, a series, REPEAT or LINEAR".to_owned()),
        },
        None => return Err("FILL needs more arguments".to_owned()),
    };
    let one = |series: Series| {
        let window = (context.window)(series.period);
        filled(series, &filler, window)
    };
    Ok(match value {
        Value::Scalar(number) => Value::Scalar(number),
        Value::Series(series) => Value::Series(one(series)),
        Value::Array(all) => Value::Array(all.into_iter().map(one).collect()),
    })
}

fn filled(series: Series, filler: &Filler, window: (i64, i64)) -> Series {
    let step = i64::from(series.period.max(1));
    let mut points = series.points.clone();
    let mut at = window.0.div_euclid(step) * step;
    while at < window.1 {
        if !series.points.contains_key(&at) {
            let before = series.points.range(..at).next_back();
            let value = match filler {
                Filler::Number(number) => Some(*number),
                Filler::From(other) => other.points.get(&at).copied(),
                Filler::Repeat => before.map(|(_, v)| *v),
                Filler::Linear => before
                    .zip(series.points.range(at..).next())
                    .map(|((t0, v0), (t1, v1))| v0 + (v1 - v0) * (at - t0) as f64 / (t1 - t0) as f64),
            };
            if let Some(value) = value {
                points.insert(at, value);
            }
        }
        at += step;
    }
    Series { points, ..series }
}

/// `IF(condition, then, otherwise)`; without the last, moments where the condition is false are left out.
fn choose(condition: Value, then: Value, otherwise: Option<Value>) -> Result<Value, String> {
    let condition = match condition {
        Value::Series(series) => series,
        Value::Scalar(number) => {
            return if number == 0.0 { otherwise.ok_or_else(|| "IF has no value".to_owned()) } else { Ok(then) };
        }
        Value::Array(_) => return Err("the condition of IF must be a number or one time series".to_owned()),
    };
    let pick = |value: &Value, at: i64| match value {
        Value::Scalar(number) => Some(*number),
        Value::Series(series) => series.points.get(&at).copied(),
        Value::Array(_) => None,
    };
    let mut points = BTreeMap::new();
    for (at, truth) in &condition.points {
        let value = if *truth == 0.0 { otherwise.as_ref().and_then(|o| pick(o, *at)) } else { pick(&then, *at) };
        if let Some(value) = value {
            points.insert(*at, value);
        }
    }
    Ok(Value::Series(Series { points, ..condition }))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn series(points: &[(i64, f64)]) -> Series {
        Series { label: String::new(), period: 60, points: points.iter().copied().collect() }
    }

    fn math(text: &str) -> Result<Value, String> {
        let m1 = series(&[(0, 1.0), (60, 2.0), (120, 3.0)]);
        let m2 = series(&[(0, 10.0), (120, 0.0)]);
        let metrics = [("m1".to_owned(), m1), ("m2".to_owned(), m2)];
        let look_up = |id: &str| metrics.iter().find(|(i, _)| i == id).map(|(_, s)| Value::Series(s.clone()));
        let day = |factor: f64| BTreeMap::from([(0, 10.0 * factor), (60, 20.0 * factor)]);
        // The last minute has a value on two days only.
        let mut days: Vec<_> = [0.9, 1.0, 1.1].into_iter().map(day).collect();
        days[0].insert(120, 1.0);
        days[1].insert(120, 1.0);
        let past = |_: &str| days.clone();
        evaluate(&parse(text)?, &Context { look_up: &look_up, metrics: &metrics, window: &|_| (0, 180), past: &past })
    }

    #[test]
    fn expressions_and_what_they_come_to() {
        for (text, want) in [
            ("m1+m2", &[(0, 11.0), (120, 3.0)][..]),
            ("m1 / m2", &[(0, 0.1)]),
            ("100*(m1-1)/2", &[(0, 0.0), (60, 50.0), (120, 100.0)]),
            ("m1 + 2 * m1 ^ 2", &[(0, 3.0), (60, 10.0), (120, 21.0)]),
            ("-m1", &[(0, -1.0), (60, -2.0), (120, -3.0)]),
            ("m1 / PERIOD(m1)", &[(0, 1.0 / 60.0), (60, 2.0 / 60.0), (120, 3.0 / 60.0)]),
            ("SUM([m1, m2])", &[(0, 11.0), (60, 2.0), (120, 3.0)]),
            ("SUM(METRICS())", &[(0, 11.0), (60, 2.0), (120, 3.0)]),
            ("MAX(METRICS('m1')) - m1 + SUM(m1)", &[(0, 6.0), (60, 6.0), (120, 6.0)]),
            ("AVG([m1,m2])", &[(0, 5.5), (60, 2.0), (120, 1.5)]),
            ("MIN([m1,m2])", &[(0, 1.0), (60, 2.0), (120, 0.0)]),
            ("FILL(m2, 0)", &[(0, 10.0), (60, 0.0), (120, 0.0)]),
            ("FILL(m2, REPEAT)", &[(0, 10.0), (60, 10.0), (120, 0.0)]),
            ("FILL(m2, LINEAR)", &[(0, 10.0), (60, 5.0), (120, 0.0)]),
            ("IF(m1 > 1 AND m1 <= 3, m1, 0)", &[(0, 0.0), (60, 2.0), (120, 3.0)]),
            ("IF(m1 >= 2, m1)", &[(60, 2.0), (120, 3.0)]),
            ("DIFF(m1)", &[(60, 1.0), (120, 1.0)]),
            ("RUNNING_SUM(m1)", &[(0, 1.0), (60, 3.0), (120, 6.0)]),
            ("m1 * 1e1", &[(0, 10.0), (60, 20.0), (120, 30.0)]),
        ] {
            let Ok(Value::Series(got)) = math(text) else { panic!("{text}: {:?}", math(text)) };
            assert_eq!(got.points.into_iter().collect::<Vec<_>>(), want, "{text}");
        }
        assert_eq!(math("SUM(m1)/AVG(m1)"), Ok(Value::Scalar(3.0)));
    }

    #[test]
    fn a_band_is_made_of_the_days_before() {
        let lines = |text: &str| match math(text) {
            Ok(Value::Array(lines)) => lines.into_iter().map(|l| l.points.into_iter().collect::<Vec<_>>()).collect(),
            other => panic!("{text}: {other:?}"),
        };
        let bands: Vec<Vec<(i64, f64)>> = lines("ANOMALY_DETECTION_BAND(m1, 1)");
        let deviation = (2.0f64 / 3.0).sqrt();
        assert_eq!(bands[0].iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 60]);
        for ((_, value), want) in bands[0].iter().zip([10.0 + deviation, 20.0 + 2.0 * deviation]) {
            assert!((value - want).abs() < 1e-9, "{bands:?}");
        }
        for ((_, value), want) in bands[1].iter().zip([10.0 - deviation, 20.0 - 2.0 * deviation]) {
            assert!((value - want).abs() < 1e-9, "{bands:?}");
        }
        let twice: Vec<Vec<(i64, f64)>> = lines("ANOMALY_DETECTION_BAND(m1)");
        assert!((twice[0][0].1 - 10.0 - 2.0 * deviation).abs() < 1e-9, "2 is the default: {twice:?}");
        for wrong in ["ANOMALY_DETECTION_BAND()", "ANOMALY_DETECTION_BAND(m1, 0)", "ANOMALY_DETECTION_BAND(m1+1, 2)"] {
            assert!(math(wrong).unwrap_err().contains("ANOMALY_DETECTION_BAND"), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_evaluated_is_said() {
        let deep = "(".repeat(500);
        for (text, part) in [
            ("m1 +", "ends where a value"),
            ("m1 m2", "left over"),
            ("m3", "m3"),
            ("SEARCH('x')", "SEARCH"),
            ("SUM(m1, m2)", "too many"),
            ("FILL(m1)", "more arguments"),
            ("1/0", "zero"),
            ("m1 + é", "é"),
            (&deep, "deeply"),
        ] {
            let said = math(text).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
    }
}
