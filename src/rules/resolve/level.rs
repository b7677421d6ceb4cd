//! Limits: what is compared how, for how long, and in what unit.

use super::super::catalogue::published_every;
use super::super::change::Function;
use super::super::expr::{self, Expr, Limit};
use super::super::rule::{Input, InputSource, PollerFigure, Quantity, RuleLevel, Subject};
use super::super::tree::{Place, Table, Value};
use super::super::{Comparison, Datapoints, Severity, Unit};
use super::{Resolver, UNITS, path};
use crate::model::{ApiSignal, Series};

/// The keys of a rule that hold a limit each, the quieter first.
pub(super) const LEVELS: [(&str, Severity); 2] = [("warning", Severity::Warning), ("critical", Severity::Critical)];
const LEVEL_KEYS: &[&str] = &["limit", "clear", "datapoints", "for", "keep_firing_for", "signal", "unit"];

impl Resolver<'_> {
    /// The limits in `keys`, the quieter first.
    pub(super) fn levels(&mut self, keys: &Table, subject: Option<&Subject>) -> Vec<RuleLevel> {
        let levels: Vec<RuleLevel> =
            LEVELS.into_iter().filter_map(|(key, severity)| self.level(keys, key, severity, subject)).collect();
        self.order(keys, &levels);
        levels
    }

    /// A warning beyond the critical limit would never be told.
    fn order(&mut self, keys: &Table, levels: &[RuleLevel]) {
        let [warning, critical] = levels else { return };
        let one_number = warning.quantity.is_none() && critical.quantity.is_none();
        let beyond = match (warning.comparison, critical.comparison) {
            (Comparison::Above | Comparison::AtLeast, Comparison::Above | Comparison::AtLeast) => {
                warning.limit > critical.limit
            }
            (Comparison::Below | Comparison::AtMost, Comparison::Below | Comparison::AtMost) => {
                warning.limit < critical.limit
            }
            _ => false,
        };
        if let (true, true, Some(node)) = (one_number, beyond, keys.get("warning")) {
            let message = format!(
                "{} lies beyond `critical` ({}): it would never be told; set both",
                warning.limit, critical.limit
            );
            self.wrong(&node.place, "warning", &message);
        }
    }

    fn level(&mut self, keys: &Table, key: &str, severity: Severity, subject: Option<&Subject>) -> Option<RuleLevel> {
        let node = keys.get(key)?;
        let empty = Table::new();
        let (text, place, own) = match &node.value {
            Value::Text(t) if t == "none" => return None,
            Value::Text(t) => (t.clone(), node.place.clone(), &empty),
            Value::Table(t) => {
                self.only(t, key, LEVEL_KEYS);
                let Some(limit) = t.get("limit") else {
                    self.wrong(&node.place, &path(key, "limit"), "lacks: such as `limit = \"> 100\"`");
                    return None;
                };
                (self.text(t, key, "limit")?, limit.place.clone(), t)
            }
            other => {
                let message = format!("must be a limit such as \"> 100\", or \"none\", is {}", other.sort());
                self.wrong(&node.place, key, message);
                return None;
            }
        };
        let quantity = match own.get("signal") {
            Some(node) => {
                let input = self.input(keys, node, &path(key, "signal"), &[])?;
                Some(Quantity { expr: Expr::Input(0), inputs: vec![input] })
            }
            None => None,
        };
        let said = self.unit(own, key).or_else(|| if quantity.is_none() { self.unit(keys, "") } else { None });
        let natural = match (&quantity, subject) {
            (Some(q), _) | (None, Some(Subject::Series(q))) => natural_unit(q),
            (None, Some(Subject::Bill(figure))) if figure.needs_budget() => Unit::Percent,
            (None, Some(Subject::Bill(_))) => Unit::Dollars,
            (None, Some(Subject::Poller { figure: PollerFigure::Age, .. })) => Unit::Seconds,
            _ => Unit::Count,
        };
        let limit = self.limit(&place, key, &text)?;
        // In what an expression counts is known to who writes it.
        let computed = match (&quantity, subject) {
            (Some(q), _) | (None, Some(Subject::Series(q))) => {
                !matches!(q.expr, Expr::Input(0)) || q.inputs.iter().any(|i| matches!(i.source, InputSource::Math(_)))
            }
            _ => false,
        };
        let unit =
            self.agreed(&place, key, &limit, said.or(limit.unit.filter(|_| computed && !limit.scaled)), natural)?;
        let holds = |value| limit.comparison.breaches(value, limit.bound);
        if matches!(subject, Some(Subject::Alarms)) && (!holds(1.0) || holds(0.0)) {
            let message = format!("`{text}` has no effect here: the number is 1 while an alarm is in ALARM, else 0");
            self.wrong(&place, key, message);
        }
        let clear = match self.text(own, key, "clear") {
            Some(text) => {
                let (place, key) = (own["clear"].place.clone(), path(key, "clear"));
                let clear = self.limit(&place, &key, &text)?;
                self.agreed(&place, &key, &clear, Some(unit), natural)?;
                if !clears(&limit, &clear) {
                    let message = format!("`{text}` lies not on the good side of `{}`", limit.comparison.as_str());
                    self.wrong(&place, &key, format!("{message} {}: it must not hold while that does", limit.bound));
                }
                Some((clear.comparison, clear.bound))
            }
            None => None,
        };
        let level = RuleLevel {
            severity,
            comparison: limit.comparison,
            limit: limit.bound,
            clear,
            datapoints: self.datapoints(own, key).or_else(|| self.datapoints(keys, "")).unwrap_or(Datapoints::ONE),
            hold: self.duration(own, key, "for").or_else(|| self.duration(keys, "", "for")).unwrap_or_default(),
            keep: self
                .duration(own, key, "keep_firing_for")
                .or_else(|| self.duration(keys, "", "keep_firing_for"))
                .unwrap_or_default(),
            unit,
            quantity,
        };
        if let (Some(q), _) | (None, Some(Subject::Series(q))) = (&level.quantity, subject) {
            self.seen_long_enough(&node.place, key, q, &level);
        }
        Some(level)
    }

    /// What it takes to tell that a level holds must be kept: its times, the points that it compares, and what its
    /// functions look back over from each.
    fn seen_long_enough(&mut self, place: &Place, key: &str, quantity: &Quantity, level: &RuleLevel) {
        let kept = |source: &InputSource| match source {
            InputSource::Api(api) => (ApiSignal::PERIOD, i64::from(api.kept() / ApiSignal::PERIOD)),
            InputSource::Metric { namespace, period, .. } => {
                (period.unwrap_or(0).max(published_every(namespace)), i64::from(Series::MAX_SLOTS))
            }
            InputSource::Math(math) => (math.period.unwrap_or(60), i64::from(Series::MAX_SLOTS)),
        };
        for input in &quantity.inputs {
            let (period, slots) = kept(&input.source);
            let period = i64::from(period);
            let needed = level.reaches(period) + quantity.looks_back();
            // That it looks back too far by itself was said of the expression.
            if needed > slots * period && quantity.looks_back() <= slots * period {
                let told = |seconds: i64| format!("{} h {} m", seconds / 3600, seconds % 3600 / 60);
                let message = format!(
                    "its `for`, `keep_firing_for` and datapoints, with what the expression looks back over, reach back {}: of this signal {} \
                     are kept",
                    told(needed),
                    told(slots * period)
                );
                self.wrong(place, key, message);
                return;
            }
        }
    }

    fn limit(&mut self, place: &Place, key: &str, text: &str) -> Option<Limit> {
        expr::limit(text).map_err(|e| self.wrong(place, key, format!("`{text}` is no limit such as `> 100`: {e}"))).ok()
    }

    /// The unit of a limit: the one written behind its number, which must not be another than the one `said`.
    fn agreed(&mut self, place: &Place, key: &str, limit: &Limit, said: Option<Unit>, natural: Unit) -> Option<Unit> {
        match (limit.unit, said) {
            (None, said) => Some(said.unwrap_or(natural)),
            // What is counted otherwise would be off by much: a share of 0 to 1 held against percent, milliseconds against
            // seconds.
            (Some(own), None) if own != natural => {
                let name = UNITS.iter().find(|(_, u)| *u == own).map_or("", |(name, _)| name);
                let message = format!(
                    "a limit in {name} is for what is counted in {name}, which is not known of this number: write `unit = \"{name}\"` if it \
                     is, or convert it in an expression"
                );
                self.wrong(place, key, message);
                None
            }
            (Some(own), said) if said.is_none_or(|s| s == own) => Some(own),
            _ => {
                self.wrong(place, key, "the unit behind the number is not the one that `unit` says");
                None
            }
        }
    }
}

/// Whether `clear` can only hold where `limit` does not.
fn clears(limit: &Limit, clear: &Limit) -> bool {
    match (limit.comparison, clear.comparison) {
        (Comparison::Above, Comparison::Below | Comparison::AtMost) | (Comparison::AtLeast, Comparison::Below) => {
            clear.bound <= limit.bound
        }
        (Comparison::AtLeast, Comparison::AtMost) => clear.bound < limit.bound,
        (Comparison::Below, Comparison::Above | Comparison::AtLeast) | (Comparison::AtMost, Comparison::Above) => {
            clear.bound >= limit.bound
        }
        (Comparison::AtMost, Comparison::AtLeast) => clear.bound > limit.bound,
        _ => false,
    }
}

fn natural_unit(quantity: &Quantity) -> Unit {
    match (&quantity.expr, &quantity.inputs[..]) {
        (Expr::Input(0), [Input { source: InputSource::Api(ApiSignal::FreeAddressesPercent), .. }]) => Unit::Percent,
        (
            Expr::Input(0),
            [
                Input {
                    source: InputSource::Api(ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline), ..
                },
            ],
        ) => Unit::Dollars,
        (Expr::Input(0), [Input { source: InputSource::Metric { name, .. }, .. }])
            if ["Utilization", "Percent", "Percentage", "%", "ErrorRate"].iter().any(|end| name.ends_with(end)) =>
        {
            Unit::Percent
        }
        (Expr::Input(0), [Input { source: InputSource::Metric { namespace, name, .. }, .. }])
            if matches!(
                (namespace.as_str(), name.as_str()),
                ("AWS/ELB", "Latency")
                    | ("AWS/ApplicationELB", "TargetResponseTime")
                    | ("AWS/SQS", "ApproximateAgeOfOldestMessage")
                    | ("AWS/RDS", "ReplicaLag")
            ) =>
        {
            Unit::Seconds
        }
        (Expr::Input(0), [Input { source: InputSource::Metric { name, .. }, .. }])
            if name.ends_with("Bytes") || matches!(name.as_str(), "FreeStorageSpace" | "FreeableMemory") =>
        {
            Unit::Bytes
        }
        (Expr::Past(Function::Until(_), ..), _) => Unit::Seconds,
        _ => Unit::Count,
    }
}
