//! What a rule compares: signals, expressions over them, trail patterns.

use jiff::SignedDuration;

use super::super::expr::{Condition, Expr};
use super::super::rule::{Guard, Input, InputSource, Quantity, Subject, TrailPattern};
use super::super::tree::{Node, Place, Table, Value};
use super::{Resolver, did_you_mean, path};
use crate::model::{ApiSignal, Kind};

const SIGNAL_KEYS: &[&str] = &["metric", "stat", "period", "absent", "signal"];
const TRAIL_KEYS: &[&str] = &["event", "source", "user", "user_type", "error", "mfa", "failed", "read_only", "window"];
/// Signals that are no series, beside [`ApiSignal`]s.
const SPECIAL: &[&str] = &["launch_failures", "budget_percent", "forecast_percent", "poller_blind"];

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
                Value::Text(t) if t == "launch_failures" => {
                    Some(Subject::LaunchFailures { window: window.unwrap_or(hour) })
                }
                Value::Text(t) if t == "budget_percent" => Some(Subject::BudgetPercent),
                Value::Text(t) if t == "forecast_percent" => Some(Subject::ForecastPercent),
                Value::Text(t) if t == "poller_blind" => Some(Subject::Pollers),
                _ => {
                    let input = self.input(keys, &keys["signal"], "signal", SPECIAL)?;
                    Some(Subject::Series(Quantity { expr: Expr::Input(0), inputs: vec![input] }))
                }
            },
        }
    }

    /// `node` as one series: the name of an API signal, or a metric.
    pub(super) fn input(&mut self, keys: &Table, node: &Node, key: &str, also: &[&str]) -> Option<Input> {
        let zero = self.flag(keys, "", "zero_when_absent").unwrap_or(false).then_some(0.0);
        let input = match &node.value {
            Value::Text(name) => {
                Input { source: InputSource::Api(self.api(&node.place, key, name, also)?), absent: zero }
            }
            Value::Table(table) => {
                self.only(table, key, SIGNAL_KEYS);
                let absent = match table.get("absent").map(|n| (&n.value, n)) {
                    None => zero,
                    Some((Value::Number(n), _)) => Some(*n),
                    Some((_, n)) => {
                        self.wrong(&n.place, &path(key, "absent"), "must be a number, such as 0");
                        None
                    }
                };
                if let Some(name) = self.text(table, key, "signal") {
                    let place = table["signal"].place.clone();
                    return Some(Input { source: InputSource::Api(self.api(&place, key, &name, &[])?), absent });
                }
                Input { source: self.metric(keys, node, table, key)?, absent }
            }
            other => {
                let message = format!("must be a signal's name or {{ metric, stat }}, is {}", other.sort());
                self.wrong(&node.place, key, message);
                return None;
            }
        };
        Some(input)
    }

    fn metric(&mut self, keys: &Table, node: &Node, table: &Table, key: &str) -> Option<InputSource> {
        let metric = self.text(table, key, "metric");
        let Some((namespace, name)) =
            metric.as_deref().and_then(|m| m.rsplit_once('/')).filter(|(ns, n)| !ns.is_empty() && !n.is_empty())
        else {
            let message = "must be a namespace and a metric, such as `AWS/ELB/SurgeQueueLength`";
            self.wrong(&table.get("metric").unwrap_or(node).place.clone(), &path(key, "metric"), message);
            return None;
        };
        let stat = self.text(table, key, "stat");
        let Some(stat) = stat.filter(|s| is_statistic(s)) else {
            let message = "must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99";
            self.wrong(&table.get("stat").unwrap_or(node).place.clone(), &path(key, "stat"), message);
            return None;
        };
        let own = self.period(table, key);
        let period = own.or_else(|| if table.contains_key("period") { None } else { self.period(keys, "") });
        Some(InputSource::Metric { namespace: namespace.into(), name: name.into(), stat: stat.into(), period })
    }

    pub(super) fn api(&mut self, place: &Place, key: &str, name: &str, also: &[&str]) -> Option<ApiSignal> {
        let Some(api) = ApiSignal::parse(name) else {
            let mut known: Vec<&str> = also.to_vec();
            known.extend(ApiSignal::ALL.iter().map(|a| a.as_str()));
            let hint = did_you_mean(name, known.iter().copied());
            self.wrong(place, key, format!("no signal `{name}`{hint}; known: {}", known.join(", ")));
            return None;
        };
        let has = kinds_with(api);
        if let Some(kind) = self.kinds.iter().find(|k| !has.contains(k)) {
            let message = format!("a resource of kind {kind} has no `{name}`");
            self.wrong(place, key, message);
            return None;
        }
        Some(api)
    }

    /// The quantity that `expr` is over the rule's inputs and the API's signals.
    fn over_names(&mut self, keys: &Table, place: &Place, key: &str, expr: Expr) -> Option<Quantity> {
        let mut inputs = Vec::new();
        let expr = self.names_to_inputs(keys, place, key, expr, &mut inputs)?;
        self.one_period(place, key, &inputs);
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
            let input = if let Some(node) = named.get(name) {
                self.input(keys, node, &path("inputs", name), &[])
            } else if named.is_empty() || ApiSignal::parse(name).is_some() {
                let known: Vec<&str> = named.keys().map(String::as_str).collect();
                self.api(place, key, name, &known).map(|api| Input { source: InputSource::Api(api), absent: None })
            } else {
                let known = named.keys().map(String::as_str).chain(ApiSignal::ALL.iter().map(|a| a.as_str()));
                let hint = did_you_mean(name, known);
                self.wrong(place, key, format!("`{name}` is not among `inputs` and no signal of the API{hint}"));
                None
            };
            let input = input.ok_or(())?;
            let at = inputs.iter().position(|known| *known == input).unwrap_or(inputs.len());
            if at == inputs.len() {
                inputs.push(input);
            }
            Ok::<_, ()>(at)
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
        let condition = Condition { left, comparison: condition.comparison, right };
        Some(Guard { condition, over: Quantity { expr: Expr::Number(0.0), inputs } })
    }

    fn trail(&mut self, keys: &Table) -> Option<(TrailPattern, Option<SignedDuration>)> {
        let table = self.table(keys, "trail")?;
        self.only(table, "trail", TRAIL_KEYS);
        if table.keys().all(|k| k == "window") {
            self.wrong(
                &keys["trail"].place,
                "trail",
                "must say which events count, such as `event = [\"StopLogging\"]`",
            );
        }
        if self.kinds.iter().any(|k| *k != Kind::Trail) {
            self.wrong(&keys["trail"].place, "trail", "is for `kind = \"trail\"` only");
        }
        let pattern = TrailPattern {
            events: self.globs(table, "trail", "event"),
            sources: self.globs(table, "trail", "source"),
            users: self.globs(table, "trail", "user"),
            errors: self.globs(table, "trail", "error"),
            user_type: self.text(table, "trail", "user_type"),
            mfa: self.flag(table, "trail", "mfa"),
            failed: self.flag(table, "trail", "failed"),
            read_only: self.flag(table, "trail", "read_only"),
        };
        Some((pattern, self.duration(table, "trail", "window")))
    }
}

/// The kinds of which `api` reads something.
fn kinds_with(api: ApiSignal) -> &'static [Kind] {
    match api {
        ApiSignal::UnhealthyTargets | ApiSignal::HealthyTargets | ApiSignal::TotalTargets => {
            &[Kind::ClassicElb, Kind::TargetGroup]
        }
        ApiSignal::StatusChecksFailed => &[Kind::Instance],
        ApiSignal::FreeAddresses | ApiSignal::FreeAddressesPercent => &[Kind::Subnet],
        ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline => &[Kind::Bill],
        _ => &[Kind::AutoScalingGroup],
    }
}

/// Whether `stat` is a statistic that `GetMetricData` takes: the five, `p99`, `tm90`, `PR(:0.5)` and their like.
fn is_statistic(stat: &str) -> bool {
    if matches!(stat, "Average" | "Sum" | "Minimum" | "Maximum" | "SampleCount" | "IQM") {
        return true;
    }
    if let Some(p) = ["wm", "tm", "tc", "ts", "p"].iter().find_map(|k| stat.strip_prefix(k)) {
        return p.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && p.parse::<f64>().is_ok_and(|p| (0.0..=100.0).contains(&p));
    }
    let range = ["WM(", "TM(", "TC(", "TS(", "PR("].iter().find_map(|k| stat.strip_prefix(k)?.strip_suffix(')'));
    range.and_then(|r| r.split_once(':')).is_some_and(|(a, b)| {
        let bound = |s: &str| s.is_empty() || s.trim_end_matches('%').parse::<f64>().is_ok_and(f64::is_finite);
        bound(a) && bound(b) && !(a.is_empty() && b.is_empty())
    })
}
