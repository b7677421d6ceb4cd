//! The second pass over rule files: a tree of keys into a [`Rule`], or every mistake in it.

mod subject;

use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};
use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::expr::{self, Expr};
use super::rule::{Input, InputSource, Quantity, Rule, RuleLevel, Select, Subject};
use super::tree::{Node, Place, Table, Value, Written};
use super::{Comparison, Datapoints, Missing, RuleError, Severity, Unit};
use crate::model::{ApiSignal, Kind, Text};

const KEYS: &[&str] = &[
    "title",
    "summary",
    "kind",
    "name",
    "region",
    "account",
    "tags",
    "signal",
    "expression",
    "inputs",
    "trail",
    "window",
    "only_if",
    "period",
    "warning",
    "critical",
    "datapoints",
    "for",
    "missing",
    "zero_when_absent",
    "settle",
    "unit",
    "enabled",
    "runbook",
    "labels",
];
const LEVEL_KEYS: &[&str] = &["limit", "clear", "datapoints", "for", "signal", "unit"];
/// In a summary: the zones of what is unhealthy.
pub(super) const ZONES: &str = "zones";
const UNITS: &[(&str, Unit)] = &[
    ("count", Unit::Count),
    ("percent", Unit::Percent),
    ("seconds", Unit::Seconds),
    ("bytes", Unit::Bytes),
    ("dollars", Unit::Dollars),
];

/// How long after its end a period without a point is still waited for, unless a rule says otherwise.
pub(super) const SETTLE: SignedDuration = SignedDuration::from_secs(180);
/// Longest window, `for` and settle time: what the series and the log of events look back over.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// Most periods a rule may look back over.
const MOST_DATAPOINTS: usize = 100;

/// The rule that `written` describes. `None` when something in it is wrong; `errors` then says what.
pub(super) fn resolve(written: &Written, errors: &mut Vec<RuleError>) -> Option<Rule> {
    let before = errors.len();
    let mut r = Resolver { id: &written.id, place: &written.place, errors, kinds: Vec::new() };
    let rule = r.rule(&written.keys);
    (errors.len() == before).then_some(rule)
}

/// What `name` may have been meant to be.
pub(crate) fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    among
        .into_iter()
        .map(|c| (strsim::jaro_winkler(name, c), c))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

fn did_you_mean<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, among).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

struct Resolver<'a> {
    id: &'a str,
    place: &'a Place,
    errors: &'a mut Vec<RuleError>,
    kinds: Vec<Kind>,
}

impl Resolver<'_> {
    fn wrong(&mut self, place: &Place, key: &str, message: impl Into<String>) {
        self.errors.push(place.error(&format!("{}.{key}", self.id), message));
    }

    fn rule(&mut self, keys: &Table) -> Rule {
        self.only(keys, "", KEYS);
        self.kinds = self.kind(keys);
        let select = Select {
            names: self.globs(keys, "", "name"),
            regions: self.globs(keys, "", "region"),
            accounts: self.globs(keys, "", "account"),
            tags: self.tags(keys),
        };
        let subject = self.subject(keys);
        self.no_effect(keys, subject.as_ref());
        let only_if = self.guard(keys);
        let mut levels = Vec::new();
        for (key, severity) in [("warning", Severity::Warning), ("critical", Severity::Critical)] {
            levels.extend(self.level(keys, key, severity, subject.as_ref()));
        }
        self.order(keys, &levels);
        let pollers = matches!(subject, Some(Subject::Pollers));
        if levels.is_empty() && !pollers && !keys.contains_key("warning") && !keys.contains_key("critical") {
            self.wrong(&self.place.clone(), "warning", "lacks: a rule needs `warning`, `critical` or both");
        }
        let enabled = self.flag(keys, "", "enabled").unwrap_or(true);
        if let (true, false, Some(node)) = (pollers, enabled, keys.get("enabled")) {
            self.wrong(&node.place, "enabled", "cannot be false: what cannot be read must be said");
        }
        let title = self.text(keys, "", "title");
        if title.is_none() && !keys.contains_key("title") {
            self.wrong(&self.place.clone(), "title", "lacks: one short sentence without value or resource");
        }
        Rule {
            id: self.id.into(),
            title: title.unwrap_or_default().into(),
            summary: self.summary(keys),
            source: Text::from(&*self.place.file),
            runbook: self.text(keys, "", "runbook").map(Text::from),
            labels: self.labels(keys),
            enabled,
            kinds: self.kinds.clone(),
            select,
            subject: subject.unwrap_or(Subject::Pollers),
            only_if,
            missing: self.missing(keys),
            settle: self.duration(keys, "", "settle").unwrap_or(SETTLE),
            levels,
        }
    }

    /// Says which keys are right and do nothing in this rule.
    fn no_effect(&mut self, keys: &Table, subject: Option<&Subject>) {
        let Some(subject) = subject else { return };
        let windowed = matches!(subject, Subject::Trail { .. } | Subject::LaunchFailures { .. });
        let metric = matches!(subject, Subject::Series(q)
            if q.inputs.iter().any(|i| matches!(i.source, InputSource::Metric { .. })));
        for (key, without, what) in [
            ("window", windowed, "`trail` and `launch_failures`"),
            ("period", metric, "metrics"),
            ("settle", metric, "metrics"),
            ("zero_when_absent", metric, "metrics"),
        ] {
            if let (Some(node), false) = (keys.get(key), without) {
                self.wrong(&node.place, key, format!("has no effect here: it is for {what} only"));
            }
        }
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

    fn summary(&mut self, keys: &Table) -> Option<String> {
        let text = self.text(keys, "", "summary")?;
        for name in text.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name)) {
            if name != ZONES {
                self.api(&keys["summary"].place.clone(), "summary", name, &[ZONES]);
            }
        }
        Some(text)
    }

    /// Says which keys of `table` are not in `allowed`.
    fn only(&mut self, table: &Table, under: &str, allowed: &[&str]) {
        for (key, node) in table.iter().filter(|(k, _)| !allowed.contains(&k.as_str())) {
            let hint = did_you_mean(key, allowed.iter().copied());
            let message = format!("unknown key{hint}; allowed: {}", allowed.join(", "));
            self.wrong(&node.place, &path(under, key), message);
        }
    }

    fn text(&mut self, table: &Table, under: &str, key: &str) -> Option<String> {
        let node = table.get(key)?;
        match &node.value {
            Value::Text(t) => Some(t.clone()),
            other => {
                self.wrong(&node.place, &path(under, key), format!("must be a text, is {}", other.sort()));
                None
            }
        }
    }

    fn flag(&mut self, table: &Table, under: &str, key: &str) -> Option<bool> {
        let node = table.get(key)?;
        match &node.value {
            Value::Bool(b) => Some(*b),
            other => {
                self.wrong(&node.place, &path(under, key), format!("must be true or false, is {}", other.sort()));
                None
            }
        }
    }

    fn texts(&mut self, table: &Table, under: &str, key: &str) -> Vec<(Place, String)> {
        let Some(node) = table.get(key) else { return Vec::new() };
        let nodes: Vec<&Node> = match &node.value {
            Value::List(list) => list.iter().collect(),
            _ => vec![node],
        };
        let mut texts = Vec::new();
        for node in nodes {
            match &node.value {
                Value::Text(t) => texts.push((node.place.clone(), t.clone())),
                other => {
                    let message = format!("must be a text or a list of texts, holds {}", other.sort());
                    self.wrong(&node.place, &path(under, key), message);
                }
            }
        }
        texts
    }

    fn globs(&mut self, table: &Table, under: &str, key: &str) -> Vec<GlobMatcher> {
        let texts = self.texts(table, under, key);
        texts.into_iter().filter_map(|(place, t)| self.glob(&place, &path(under, key), &t)).collect()
    }

    fn glob(&mut self, place: &Place, key: &str, text: &str) -> Option<GlobMatcher> {
        match Glob::new(text) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(e) => {
                self.wrong(place, key, format!("`{text}` is no pattern of names: {}", e.kind()));
                None
            }
        }
    }

    fn duration(&mut self, table: &Table, under: &str, key: &str) -> Option<SignedDuration> {
        let node = table.get(key)?;
        let parsed = match &node.value {
            Value::Text(t) => t
                .parse::<Span>()
                .and_then(|s| s.to_duration(SpanRelativeTo::days_are_24_hours()))
                .ok()
                .filter(|d| !d.is_negative() && *d <= LONGEST),
            _ => None,
        };
        if parsed.is_none() {
            let message = "must be a time from 0s to 24h, such as `30s`, `5m`, `2h`";
            self.wrong(&node.place, &path(under, key), message);
        }
        parsed
    }

    fn period(&mut self, table: &Table, under: &str) -> Option<u32> {
        let node = table.get("period")?;
        let period = self.duration(table, under, "period")?;
        let seconds = u32::try_from(period.as_secs()).unwrap_or(0);
        if matches!(seconds, 10 | 30) || (seconds >= 60 && seconds.is_multiple_of(60)) {
            return Some(seconds);
        }
        self.wrong(&node.place, &path(under, "period"), "must be 10s, 30s or whole minutes");
        None
    }

    fn kind(&mut self, keys: &Table) -> Vec<Kind> {
        if !keys.contains_key("kind") {
            self.wrong(&self.place.clone(), "kind", "lacks: which resources the rule looks at");
        }
        let mut kinds = Vec::new();
        for (place, text) in self.texts(keys, "", "kind") {
            if let Some(kind) = Kind::parse(&text) {
                kinds.push(kind);
            } else {
                let names = Kind::ALL.map(Kind::as_str);
                let hint = did_you_mean(&text, names);
                self.wrong(&place, "kind", format!("no kind `{text}`{hint}; allowed: {}", names.join(", ")));
            }
        }
        kinds
    }

    fn tags(&mut self, keys: &Table) -> Vec<(String, GlobMatcher)> {
        let Some(table) = self.table(keys, "tags") else { return Vec::new() };
        let mut tags = Vec::new();
        for key in table.keys() {
            if let Some(text) = self.text(table, "tags", key) {
                let place = table[key].place.clone();
                tags.extend(self.glob(&place, &path("tags", key), &text).map(|g| (key.clone(), g)));
            }
        }
        tags
    }

    fn labels(&mut self, keys: &Table) -> BTreeMap<Text, Text> {
        let Some(table) = self.table(keys, "labels") else { return BTreeMap::new() };
        table.keys().filter_map(|k| Some((k.into(), self.text(table, "labels", k)?.into()))).collect()
    }

    fn table<'t>(&mut self, keys: &'t Table, key: &str) -> Option<&'t Table> {
        let node = keys.get(key)?;
        match &node.value {
            Value::Table(t) => Some(t),
            other => {
                self.wrong(&node.place, key, format!("must be a table, is {}", other.sort()));
                None
            }
        }
    }

    fn missing(&mut self, keys: &Table) -> Missing {
        let Some(text) = self.text(keys, "", "missing") else { return Missing::default() };
        Missing::parse(&text).unwrap_or_else(|| {
            let names = Missing::ALL.map(Missing::as_str);
            let hint = did_you_mean(&text, names);
            let place = keys["missing"].place.clone();
            self.wrong(&place, "missing", format!("no treatment `{text}`{hint}; allowed: {}", names.join(", ")));
            Missing::default()
        })
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
        let (comparison, limit) = self.limit(&place, key, &text)?;
        let clear = match self.text(own, key, "clear") {
            Some(text) => Some(self.limit(&own["clear"].place.clone(), &path(key, "clear"), &text)?),
            None => None,
        };
        let quantity = match own.get("signal") {
            Some(node) => {
                let input = self.input(keys, node, &path(key, "signal"), &[])?;
                Some(Quantity { expr: Expr::Input(0), inputs: vec![input] })
            }
            None => None,
        };
        let unit = self.unit(own, key).or_else(|| if quantity.is_none() { self.unit(keys, "") } else { None });
        let unit = unit.unwrap_or_else(|| match (&quantity, subject) {
            (Some(q), _) | (None, Some(Subject::Series(q))) => natural_unit(q),
            (None, Some(Subject::BudgetPercent | Subject::ForecastPercent)) => Unit::Percent,
            _ => Unit::Count,
        });
        Some(RuleLevel {
            severity,
            comparison,
            limit,
            clear,
            datapoints: self.datapoints(own, key).or_else(|| self.datapoints(keys, "")).unwrap_or(Datapoints::ONE),
            hold: self.duration(own, key, "for").or_else(|| self.duration(keys, "", "for")).unwrap_or_default(),
            unit,
            quantity,
        })
    }

    fn limit(&mut self, place: &Place, key: &str, text: &str) -> Option<(Comparison, f64)> {
        expr::limit(text).map_err(|e| self.wrong(place, key, format!("`{text}` is no limit such as `> 100`: {e}"))).ok()
    }

    fn unit(&mut self, table: &Table, under: &str) -> Option<Unit> {
        let text = self.text(table, under, "unit")?;
        let unit = UNITS.iter().find(|(n, _)| *n == text).map(|(_, u)| *u);
        if unit.is_none() {
            let names: Vec<&str> = UNITS.iter().map(|(n, _)| *n).collect();
            let hint = did_you_mean(&text, names.iter().copied());
            let message = format!("no unit `{text}`{hint}; allowed: {}", names.join(", "));
            self.wrong(&table["unit"].place.clone(), &path(under, "unit"), message);
        }
        unit
    }

    fn datapoints(&mut self, table: &Table, under: &str) -> Option<Datapoints> {
        let text = self.text(table, under, "datapoints")?;
        let parsed = text.split_once(" of ").or_else(|| text.split_once('/')).and_then(|(m, n)| {
            let (m, n) = (m.trim().parse().ok()?, n.trim().parse().ok()?);
            (1 <= m && m <= n && n <= MOST_DATAPOINTS).then_some(Datapoints { m, n })
        });
        if parsed.is_none() {
            let message = format!("`{text}` must be `M of N` with 1 <= M <= N <= {MOST_DATAPOINTS}, such as `2 of 3`");
            self.wrong(&table["datapoints"].place.clone(), &path(under, "datapoints"), message);
        }
        parsed
    }
}

fn path(under: &str, key: &str) -> String {
    if under.is_empty() { key.to_owned() } else { format!("{under}.{key}") }
}

fn natural_unit(quantity: &Quantity) -> Unit {
    match (&quantity.expr, &quantity.inputs[..]) {
        (Expr::Input(0), [Input { source: InputSource::Api(ApiSignal::FreeAddressesPercent), .. }]) => Unit::Percent,
        (Expr::Input(0), [Input { source: InputSource::Metric { name, .. }, .. }])
            if name.ends_with("Utilization") || name.ends_with("Percent") || name.ends_with('%') =>
        {
            Unit::Percent
        }
        _ => Unit::Count,
    }
}
