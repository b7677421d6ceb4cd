//! The second pass over rule files: a tree of keys into a [`Rule`], or every mistake in it.

mod effect;
mod level;
mod signal;
mod subject;
mod trail;
mod values;
mod when;

use jiff::SignedDuration;

use super::rule::{Rule, Select, Subject};
use super::tree::{Place, Table, Written};
use super::{RuleError, Unit};
use crate::model::{Kind, Text};

const KEYS: &[&str] = &[
    "title",
    "summary",
    "kind",
    "name",
    "region",
    "account",
    "tags",
    "instance_type",
    "signal",
    "expression",
    "inputs",
    "trail",
    "metric_math",
    "window",
    "only_if",
    "period",
    "warning",
    "critical",
    "datapoints",
    "for",
    "keep_firing_for",
    "when",
    "missing",
    "zero_when_absent",
    "settle",
    "unit",
    "enabled",
    "runbook",
    "labels",
];
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
            tags: self.tags(keys, ""),
            instance_types: self.globs(keys, "", "instance_type"),
        };
        if let (Some(node), true) = (keys.get("instance_type"), self.kinds.iter().any(|k| *k != Kind::Instance)) {
            self.wrong(&node.place, "instance_type", "is for `kind = \"instance\"` only");
        }
        let subject = self.subject(keys);
        self.no_effect(keys, subject.as_ref());
        let only_if = self.guard(keys);
        let levels = self.levels(keys, subject.as_ref());
        let whens = self.whens(keys, subject.as_ref());
        // A forecast that is none is good news, not none.
        let forecasts = matches!(&subject, Some(Subject::Series(q)) if q.expr.forecasts());
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
            missing: self.missing(keys, forecasts),
            settle: self.duration(keys, "", "settle").unwrap_or(SETTLE),
            levels,
            whens,
            needs: Vec::new(),
            by_tags: Vec::new(),
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
}

fn path(under: &str, key: &str) -> String {
    if under.is_empty() { key.to_owned() } else { format!("{under}.{key}") }
}
