//! What a rule compares: signals, expressions over them, trail patterns.

use jiff::SignedDuration;

use super::super::catalogue::published_every;
use super::super::expr::{Condition, Expr};
use super::super::rule::{Guard, Input, InputSource, Quantity, Subject};
use super::super::tree::{Node, Place, Table, Value};
use super::{Resolver, path};
use crate::model::{ApiSignal, Kind, Series};

/// Most periods that a function looks back over: what a series holds, less what is judged of it.
const MAX_BACK: u32 = Series::MAX_SLOTS - 160;
/// Signals that are no series, beside [`ApiSignal`]s.
const SPECIAL: &[&str] = &["launch_failures", "budget_percent", "forecast_percent", "poller_blind", "cloudwatch_alarm"];

impl Resolver<'_> {
    pub(super) fn subject(&mut self, keys: &Table) -> Option<Subject> {
        let present: Vec<&str> =
            ["signal", "expression", "trail"].into_iter().filter(|k| keys.contains_key(*k)).collect();
        let [key] = present[..] else {
            let message = "a rule has exactly one of `signal`, `expression` and `trail`";
            self.wrong(&self.place.clone(), present.first().unwrap_or(&"signal"), message);
            return None;
        };
        let window = self.duration(keys, "", "window");
        let hour = SignedDuration::from_hours(1);
        match key {
            "trail" => self.trail(keys).map(|(pattern, own)| Subject::Trail {
                pattern: Box::new(pattern),
                window: own.or(window).unwrap_or(hour),
            }),
            "expression" => {
                let text = self.text(keys, "", "expression")?;
                let place = keys["expression"].place.clone();
                match Expr::parse(&text) {
                    Ok(expr) => self.over_names(keys, &place, "expression", expr).map(Subject::Series),
                    Err(e) => {
                        self.wrong(&place, "expression", e);
                        None
                    }
                }
            }
            _ => match &keys["signal"].value {
                Value::Text(t) if SPECIAL.contains(&t.as_str()) => {
                    let (kind, subject) = match t.as_str() {
                        "launch_failures" => {
                            (Kind::AutoScalingGroup, Subject::LaunchFailures { window: window.unwrap_or(hour) })
                        }
                        "budget_percent" => (Kind::Bill, Subject::BudgetPercent),
                        "forecast_percent" => (Kind::Bill, Subject::ForecastPercent),
                        "poller_blind" => (Kind::Poller, Subject::Pollers),
                        _ => (Kind::Alarm, Subject::Alarms),
                    };
                    if self.kinds.iter().any(|k| *k != kind) {
                        let message = format!("`{t}` is for `kind = \"{kind}\"` only");
                        self.wrong(&keys["signal"].place, "signal", message);
                    }
                    Some(subject)
                }
                _ => {
                    let input = self.input(keys, &keys["signal"], "signal", SPECIAL)?;
                    Some(Subject::Series(Quantity { expr: Expr::Input(0), inputs: vec![input] }))
                }
            },
        }
    }

    /// The quantity that `expr` is over the rule's inputs and the API's signals.
    fn over_names(&mut self, keys: &Table, place: &Place, key: &str, expr: Expr) -> Option<Quantity> {
        let mut inputs = Vec::new();
        let expr = self.names_to_inputs(keys, place, key, expr, &mut inputs)?;
        self.one_period(place, key, &inputs);
        self.kept_long_enough(place, key, &expr, &inputs);
        Some(Quantity { expr, inputs })
    }

    fn names_to_inputs(
        &mut self,
        keys: &Table,
        place: &Place,
        key: &str,
        expr: Expr,
        inputs: &mut Vec<Input>,
    ) -> Option<Expr> {
        let named = self.table(keys, "inputs").cloned().unwrap_or_default();
        expr.resolve(&mut |name| {
            let input = match named.get(name) {
                Some(Node { value: Value::Number(constant), .. }) => return Ok(Expr::Number(*constant)),
                Some(node) => self.input(keys, node, &path("inputs", name), &[]),
                None => {
                    let known: Vec<&str> = named.keys().map(String::as_str).collect();
                    self.named(keys, place, key, name, &known)
                }
            };
            let input = input.ok_or(())?;
            let at = inputs.iter().position(|known| *known == input).unwrap_or(inputs.len());
            if at == inputs.len() {
                inputs.push(input);
            }
            Ok::<_, ()>(Expr::Input(at))
        })
        .ok()
    }

    /// Inputs stand on one grid: an expression's points are made period by period.
    fn one_period(&mut self, place: &Place, key: &str, inputs: &[Input]) {
        let mut periods: Vec<Option<u32>> = inputs
            .iter()
            .map(|i| match &i.source {
                InputSource::Api(_) => Some(ApiSignal::PERIOD),
                InputSource::Metric { period, .. } => *period,
            })
            .collect();
        periods.dedup();
        let mixed = inputs.iter().any(|i| matches!(i.source, InputSource::Api(_)))
            && inputs.iter().any(|i| matches!(i.source, InputSource::Metric { .. }));
        if mixed || periods.len() > 1 {
            self.wrong(place, key, "its inputs must have one period, and be all metrics or all from the API");
        }
    }

    /// What looks back must find what it looks for, and a window of less than a period is none.
    fn kept_long_enough(&mut self, place: &Place, key: &str, expr: &Expr, inputs: &[Input]) {
        let back = expr.looks_back();
        for input in inputs.iter().filter(|_| back > 0) {
            let (period, most, why) = match &input.source {
                InputSource::Api(api) => {
                    let kept = i64::from(api.kept());
                    (ApiSignal::PERIOD, kept, format!("`{}` is kept for {} h only", api.as_str(), kept / 3600))
                }
                InputSource::Metric { namespace, period, .. } => {
                    let period = period.map_or(published_every(namespace), |p| p.max(published_every(namespace)));
                    let most = i64::from(period) * i64::from(MAX_BACK);
                    (period, most, format!("at most {MAX_BACK} periods are kept, {} h of these", most / 3600))
                }
            };
            if back > most {
                self.wrong(place, key, format!("looks back {} h: {why}", back / 3600));
            } else if expr.shortest_window() < i64::from(period) {
                self.wrong(place, key, format!("looks back less than one period, which is {period}s"));
            }
        }
    }

    pub(super) fn guard(&mut self, keys: &Table) -> Option<Guard> {
        let text = self.text(keys, "", "only_if")?;
        let place = keys["only_if"].place.clone();
        let condition = match Condition::parse(&text) {
            Ok(condition) => condition,
            Err(e) => {
                self.wrong(&place, "only_if", e);
                return None;
            }
        };
        let mut inputs = Vec::new();
        let left = self.names_to_inputs(keys, &place, "only_if", condition.left, &mut inputs)?;
        let right = self.names_to_inputs(keys, &place, "only_if", condition.right, &mut inputs)?;
        self.one_period(&place, "only_if", &inputs);
        for side in [&left, &right] {
            self.kept_long_enough(&place, "only_if", side, &inputs);
        }
        // So that it is read as far back as either side looks.
        let over = Expr::Pair(Box::new(left.clone()), '-', Box::new(right.clone()));
        let condition = Condition { left, comparison: condition.comparison, right };
        Some(Guard { condition, over: Quantity { expr: over, inputs } })
    }
}
