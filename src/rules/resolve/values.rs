//! Single values of rule files: texts, times, patterns, names of a few.

use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};
use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::super::tree::{Node, Place, Table, Value};
use super::super::{Datapoints, Missing, Unit};
use super::{LONGEST, MOST_DATAPOINTS, Resolver, UNITS, did_you_mean, path};
use crate::model::{Kind, Text};

impl Resolver<'_> {
    /// Says which keys of `table` are not in `allowed`.
    pub(super) fn only(&mut self, table: &Table, under: &str, allowed: &[&str]) {
        for (key, node) in table.iter().filter(|(k, _)| !allowed.contains(&k.as_str())) {
            let hint = did_you_mean(key, allowed.iter().copied());
            let message = format!("unknown key{hint}; allowed: {}", allowed.join(", "));
            self.wrong(&node.place, &path(under, key), message);
        }
    }

    pub(super) fn text(&mut self, table: &Table, under: &str, key: &str) -> Option<String> {
        let node = table.get(key)?;
        match &node.value {
            Value::Text(t) => Some(t.clone()),
            other => {
                self.wrong(&node.place, &path(under, key), format!("must be a text, is {}", other.sort()));
                None
            }
        }
    }

    pub(super) fn flag(&mut self, table: &Table, under: &str, key: &str) -> Option<bool> {
        let node = table.get(key)?;
        match &node.value {
            Value::Bool(b) => Some(*b),
            other => {
                self.wrong(&node.place, &path(under, key), format!("must be true or false, is {}", other.sort()));
                None
            }
        }
    }

    pub(super) fn texts(&mut self, table: &Table, under: &str, key: &str) -> Vec<(Place, String)> {
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

    pub(super) fn globs(&mut self, table: &Table, under: &str, key: &str) -> Vec<GlobMatcher> {
        let texts = self.texts(table, under, key);
        texts.into_iter().filter_map(|(place, t)| self.glob(&place, &path(under, key), &t)).collect()
    }

    pub(super) fn glob(&mut self, place: &Place, key: &str, text: &str) -> Option<GlobMatcher> {
        match Glob::new(text) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(e) => {
                self.wrong(place, key, format!("`{text}` is no pattern of names: {}", e.kind()));
                None
            }
        }
    }

    pub(super) fn duration(&mut self, table: &Table, under: &str, key: &str) -> Option<SignedDuration> {
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

    pub(super) fn period(&mut self, table: &Table, under: &str) -> Option<u32> {
        let node = table.get("period")?;
        let period = self.duration(table, under, "period")?;
        let seconds = u32::try_from(period.as_secs()).unwrap_or(0);
        if seconds >= 60 && seconds.is_multiple_of(60) {
            return Some(seconds);
        }
        let message = if matches!(seconds, 1 | 5 | 10 | 30) {
            "CloudWatch has points of less than a minute of custom metrics only; what AWS publishes itself has one a \
             minute at most: write `1m`"
        } else {
            "must be whole minutes, such as `1m`, `5m`, `1h`"
        };
        self.wrong(&node.place, &path(under, "period"), message);
        None
    }

    pub(super) fn kind(&mut self, keys: &Table) -> Vec<Kind> {
        match keys.get("kind") {
            None => self.wrong(&self.place.clone(), "kind", "lacks: which resources the rule looks at"),
            Some(Node { value: Value::List(list), place }) if list.is_empty() => {
                self.wrong(place, "kind", "names no kind: the rule would look at nothing");
            }
            Some(_) => {}
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

    pub(super) fn tags(&mut self, keys: &Table, under: &str) -> Vec<(String, GlobMatcher)> {
        let Some(table) = self.table(keys, "tags") else { return Vec::new() };
        let under = path(under, "tags");
        // It would never hold, and be quiet.
        if let Some(kind) = self.kinds.iter().find(|k| !k.has_tags()) {
            let with: Vec<&str> = Kind::ALL.into_iter().filter(|k| k.has_tags()).map(Kind::as_str).collect();
            let message = format!("tags of `{kind}` are not read; they are of: {}", with.join(", "));
            self.wrong(&keys["tags"].place.clone(), &under, message);
        }
        let mut tags = Vec::new();
        for key in table.keys() {
            if let Some(text) = self.text(table, &under, key) {
                let place = table[key].place.clone();
                tags.extend(self.glob(&place, &path(&under, key), &text).map(|g| (key.clone(), g)));
            }
        }
        tags
    }

    pub(super) fn labels(&mut self, keys: &Table) -> BTreeMap<Text, Text> {
        let Some(table) = self.table(keys, "labels") else { return BTreeMap::new() };
        table.keys().filter_map(|k| Some((k.into(), self.text(table, "labels", k)?.into()))).collect()
    }

    pub(super) fn table<'t>(&mut self, keys: &'t Table, key: &str) -> Option<&'t Table> {
        let node = keys.get(key)?;
        match &node.value {
            Value::Table(t) => Some(t),
            other => {
                self.wrong(&node.place, key, format!("must be a table, is {}", other.sort()));
                None
            }
        }
    }

    pub(super) fn missing(&mut self, keys: &Table, forecasts: bool) -> Missing {
        let Some(text) = self.text(keys, "", "missing") else {
            return if forecasts { Missing::NotBreaching } else { Missing::default() };
        };
        Missing::parse(&text).unwrap_or_else(|| {
            let names = Missing::ALL.map(Missing::as_str);
            let hint = did_you_mean(&text, names);
            let place = keys["missing"].place.clone();
            self.wrong(&place, "missing", format!("no treatment `{text}`{hint}; allowed: {}", names.join(", ")));
            Missing::default()
        })
    }

    pub(super) fn unit(&mut self, table: &Table, under: &str) -> Option<Unit> {
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

    pub(super) fn datapoints(&mut self, table: &Table, under: &str) -> Option<Datapoints> {
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
