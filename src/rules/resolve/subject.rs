//! What a rule compares: signals, expressions over them, trail patterns.

use std::sync::Arc;

use jiff::SignedDuration;

use super::super::catalogue::published_every;
use super::super::expr::{Condition, Expr};
use super::super::math::{Math, MathMetric, RESULT, period_of_kind};
use super::super::math_syntax;
use super::super::rule::{BillFigure, Guard, Input, InputSource, PollerFigure, Quantity, Subject};
use super::super::tree::{Node, Place, Table, Value};
use super::{Resolver, path};
use crate::model::{ApiSignal, Kind, Text};

/// Most periods that a function looks back over: a day of minutes.
const MAX_BACK: u32 = 1_440;
/// The name of a period's seconds in expressions, as CloudWatch's metric math has it for a metric's.
const PERIOD: &str = "PERIOD";
/// What is wrong with an expression of numbers alone.
const NO_SIGNAL: &str = "names no signal, only numbers: there is nothing that could change";
/// Most metrics of one expression that CloudWatch evaluates: as many as its own alarms may have.
const MOST_OF_MATH: usize = 10;
/// Signals that are no series, beside [`ApiSignal`]s.
const SPECIAL: &[&str] = &[
    "launch_failures",
    "budget_percent",
    "forecast_percent",
    "dollars_month_to_date",
    "dollars_forecast",
    "poller_blind",
    "poller_age",
    "poller_failures",
    "poller_errors",
    "poller_throttles",
    "cloudwatch_alarm",
];

impl Resolver<'_> {
    pub(super) fn subject(&mut self, keys: &Table) -> Option<Subject> {
        let present: Vec<&str> =
            ["signal", "expression", "metric_math", "trail"].into_iter().filter(|k| keys.contains_key(*k)).collect();
        let [key] = present[..] else {
            let message = "a rule has exactly one of `signal`, `expression`, `metric_math` and `trail`";
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
            "metric_math" => self.metric_math(keys).map(Subject::Series),
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
                    let bill = BillFigure::ALL.iter().find(|(name, _)| name == t).map(|(_, figure)| *figure);
                    let poller = PollerFigure::ALL.iter().find(|(name, _)| name == t).map(|(_, figure)| *figure);
                    let window = window.unwrap_or(hour);
                    let (kind, subject) = match (t.as_str(), bill, poller) {
                        (_, Some(figure), _) => (Kind::Bill, Subject::Bill(figure)),
                        (_, _, Some(figure)) => (Kind::Poller, Subject::Poller { figure, window }),
                        ("launch_failures", ..) => (Kind::AutoScalingGroup, Subject::LaunchFailures { window }),
                        ("poller_blind", ..) => (Kind::Poller, Subject::Pollers),
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

    /// What CloudWatch is to compute of the rule's inputs.
    fn metric_math(&mut self, keys: &Table) -> Option<Quantity> {
        let text = self.text(keys, "", "metric_math")?;
        let place = keys["metric_math"].place.clone();
        if self.kinds.contains(&Kind::Bill) {
            self.wrong(
                &place,
                "metric_math",
                "is not for `kind = \"bill\"`: charges are read by a poller of their own",
            );
            return None;
        }
        let named = self.table(keys, "inputs").cloned().unwrap_or_default();
        if named.is_empty() || named.len() > MOST_OF_MATH {
            let message = format!("needs `inputs`: from 1 to {MOST_OF_MATH} metrics, by the ids that it calls them");
            self.wrong(&place, "metric_math", message);
            return None;
        }
        let before = self.errors.len();
        let (mut metrics, mut periods) = (Vec::new(), Vec::new());
        for (id, node) in &named {
            let key = path("inputs", id);
            let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(legal) || id == RESULT {
                let message = "is no id that CloudWatch takes: a lower-case letter, then letters, digits and `_`";
                self.wrong(&node.place, &key, message);
                continue;
            }
            if matches!(&node.value, Value::Table(t) if t.contains_key("absent")) {
                let message = format!("has no effect here: write `FILL({id}, 0)` in the expression");
                self.wrong(&node.place, &path(&key, "absent"), message);
            }
            if matches!(node.value, Value::Number(_)) {
                self.wrong(&node.place, &key, "must be a metric: write the number into the expression");
                continue;
            }
            match self.input(keys, node, &key, &[]) {
                Some(Input { source: InputSource::Metric { namespace, name, stat, period }, .. }) => {
                    metrics.push((Text::from(&**id), MathMetric { namespace, name, stat }));
                    periods.push(period);
                }
                Some(_) => {
                    let message = "is read from an API: CloudWatch has no such metric; `expression` computes here";
                    self.wrong(&node.place, &key, message);
                }
                None => {}
            }
        }
        periods.dedup();
        if periods.len() > 1 {
            self.wrong(&place, "metric_math", "its inputs must have one period");
        }
        let ids: Vec<&str> = named.keys().map(String::as_str).collect();
        match math_syntax::check(&text, &ids) {
            Err(why) => self.wrong(&place, "metric_math", why),
            Ok(used) => {
                for id in ids.iter().filter(|id| !used.contains(id)) {
                    let message = "has no effect, and is billed: the expression does not name it";
                    self.wrong(&named[*id].place.clone(), &path("inputs", id), message);
                }
            }
        }
        if self.errors.len() > before {
            return None;
        }
        let absent = self.flag(keys, "", "zero_when_absent").unwrap_or(false).then_some(0.0);
        let period = periods.first().copied().flatten();
        let math = Math { name: self.id.into(), expression: text.into(), metrics, period };
        let input = Input { source: InputSource::Math(Arc::new(math)), absent };
        Some(Quantity { expr: Expr::Input(0), inputs: vec![input] })
    }

    /// The quantity that `expr` is over the rule's inputs and the API's signals.
    fn over_names(&mut self, keys: &Table, place: &Place, key: &str, expr: Expr) -> Option<Quantity> {
        let mut inputs = Vec::new();
        let expr = self.names_to_inputs(keys, place, key, expr, &mut inputs)?;
        if inputs.is_empty() {
            self.wrong(place, key, NO_SIGNAL);
            return None;
        }
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
                None if name == PERIOD => return Ok(Expr::Period),
                None => {
                    let known: Vec<&str> = named.keys().map(String::as_str).collect();
                    self.named(keys, place, key, name, &known)
                }
            };
            let input = Self::in_expression(keys, input.ok_or(())?);
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
                InputSource::Math(math) => math.period,
            })
            .collect();
        periods.dedup();
        let mixed = inputs.iter().any(|i| matches!(i.source, InputSource::Api(_)))
            && inputs.iter().any(|i| matches!(i.source, InputSource::Metric { .. }));
        if mixed || periods.len() > 1 {
            self.wrong(place, key, "its inputs must have one period, and be all metrics or all from the API");
            return;
        }
        // AWS publishes what stands beside each other in a rule more and less often.
        let metrics = inputs.iter().filter_map(|i| match &i.source {
            InputSource::Metric { namespace, name, period, .. } => Some((namespace, name, *period)),
            InputSource::Api(_) | InputSource::Math(_) => None,
        });
        let differ = self.kinds.iter().find_map(|kind| {
            let own = metrics.clone().map(|(namespace, name, said)| (period_of_kind(namespace, said, *kind), name));
            let (short, long) = (own.clone().min()?, own.max()?);
            (short.0 < long.0).then(|| (*kind, short.1.clone(), short.0, long.1.clone(), long.0))
        });
        if let Some((kind, short, every, long, longer)) = differ {
            let message = format!(
                "its inputs must have one period: of {kind} `{short}` has a point every {every}s, `{long}` every {longer}s; \
                 `period = \"{}m\"` says how long those of the rule are",
                longer / 60
            );
            self.wrong(place, key, message);
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
                InputSource::Math(_) => continue,
                InputSource::Metric { namespace, period, .. } => {
                    let period = period.map_or(published_every(namespace), |p| p.max(published_every(namespace)));
                    let most = i64::from(period) * i64::from(MAX_BACK);
                    (period, most, format!("at most {MAX_BACK} periods are kept, {} h of these", most / 3600))
                }
            };
            let longest = longest_period(&input.source);
            if back > most {
                self.wrong(place, key, format!("looks back {} h: {why}", back / 3600));
            } else if expr.shortest_window() < i64::from(longest) {
                let where_it_is = if longest > period { " without detailed monitoring" } else { "" };
                let message = format!("looks back less than one period, which is {longest}s{where_it_is}");
                self.wrong(place, key, message);
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
        if inputs.is_empty() {
            self.wrong(&place, "only_if", NO_SIGNAL);
            return None;
        }
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

/// The seconds of a period where AWS publishes `source` least often: an instance's metrics every five minutes without
/// detailed monitoring, which is known of none here.
fn longest_period(source: &InputSource) -> u32 {
    match source {
        InputSource::Metric { namespace, period, .. } => {
            let published = if *namespace == "AWS/EC2" { 300 } else { published_every(namespace) };
            period.map_or(published, |p| p.max(published))
        }
        InputSource::Api(_) | InputSource::Math(_) => ApiSignal::PERIOD,
    }
}
