//! Reading a table of a test file key by key: what is wrong is noted with its line, and reading goes on.

use std::cell::RefCell;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::rules::tree::{Node, Place, Table, Value};
use crate::rules::{RuleError, nearest};

/// Longest time a test may name: a year and a bit, for the bill.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The mistakes found so far.
pub(super) type Errors = RefCell<Vec<RuleError>>;

/// A table, and what its keys are called in messages.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    table: &'a Table,
    /// Where it begins.
    pub(super) place: &'a Place,
    path: &'a str,
    errors: &'a Errors,
}

impl<'a> Keys<'a> {
    /// The keys of `node`, which is called `path`; none but `allowed` may be there.
    pub(super) fn of(node: &'a Node, path: &'a str, allowed: &[&str], errors: &'a Errors) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            let message = format!("must be a table, is {}", node.value.sort());
            errors.borrow_mut().push(node.place.error(path, message));
            return None;
        };
        Some(Self::new(table, &node.place, path, allowed, errors))
    }

    pub(super) fn new(table: &'a Table, place: &'a Place, path: &'a str, allowed: &[&str], errors: &'a Errors) -> Self {
        let keys = Self { table, place, path, errors };
        for (key, node) in table.iter().filter(|(k, _)| !allowed.contains(&k.as_str())) {
            let hint = did_you_mean(key, allowed.iter().copied());
            keys.wrong_at(&node.place, key, format!("unknown key{hint}; allowed: {}", allowed.join(", ")));
        }
        keys
    }

    pub(super) fn errors(&self) -> &'a Errors {
        self.errors
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.table.get(key)
    }

    /// Notes that `key` is wrong, on its own line, or on that of the table where it lacks.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) {
        let place = self.table.get(key).map_or(self.place, |n| &n.place);
        self.wrong_at(place, key, message);
    }

    fn wrong_at(&self, place: &Place, key: &str, message: impl Into<String>) {
        let key = match (self.path, key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        };
        self.errors.borrow_mut().push(place.error(&key, message));
    }

    /// Notes that `key`, which holds `node`, should be `wanted`.
    fn sort(&self, key: &str, node: &Node, wanted: &str) {
        self.wrong(key, format!("must be {wanted}, is {}", node.value.sort()));
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        let node = self.table.get(key)?;
        if let Value::Text(t) = &node.value {
            return Some(t);
        }
        self.sort(key, node, "a text");
        None
    }

    /// The text of `key`, which must be there.
    pub(super) fn needed(&self, key: &str, such_as: &str) -> Option<&'a str> {
        if !self.has(key) {
            self.wrong(key, format!("lacks: {such_as}"));
        }
        self.text(key)
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let node = self.table.get(key)?;
        match &node.value {
            Value::Number(n) if n.is_finite() => Some(*n),
            _ => {
                self.sort(key, node, "a number");
                None
            }
        }
    }

    /// The whole number of `key`, from 1 to `most`.
    pub(super) fn count(&self, key: &str, most: usize) -> Option<usize> {
        let number = self.number(key)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 1 and most")]
        let count = (number.fract() == 0.0 && number >= 1.0 && number <= most as f64).then_some(number as usize);
        if count.is_none() {
            self.wrong(key, format!("must be a whole number from 1 to {most}"));
        }
        count
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        let node = self.table.get(key)?;
        if let Value::Bool(b) = &node.value {
            return Some(*b);
        }
        self.sort(key, node, "true or false");
        None
    }

    /// The tables of `key`: an array of them, written `[[key]]` or in line.
    pub(super) fn tables(&self, key: &str) -> &'a [Node] {
        match self.table.get(key) {
            None => &[],
            Some(Node { value: Value::List(list), .. }) => list,
            Some(node) => {
                self.sort(key, node, "a list of tables");
                &[]
            }
        }
    }

    /// The texts of the table `key`.
    pub(super) fn map(&self, key: &str) -> Vec<(String, String)> {
        let Some(node) = self.table.get(key) else { return Vec::new() };
        let Value::Table(table) = &node.value else {
            self.sort(key, node, "a table of texts");
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, node) in table {
            match &node.value {
                Value::Text(t) => pairs.push((name.clone(), t.clone())),
                _ => self.wrong_at(&node.place, &format!("{key}.{name}"), "must be a text"),
            }
        }
        pairs
    }

    /// The texts of the list `key`, each with its place.
    pub(super) fn list(&self, key: &str) -> Vec<(&'a Place, &'a str)> {
        let Some(node) = self.table.get(key) else { return Vec::new() };
        let Value::List(list) = &node.value else {
            self.sort(key, node, "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for node in list {
            match &node.value {
                Value::Text(t) => texts.push((&node.place, t.as_str())),
                _ => self.wrong_at(&node.place, key, format!("must be a list of texts, holds {}", node.value.sort())),
            }
        }
        texts
    }

    pub(super) fn duration(&self, key: &str) -> Option<SignedDuration> {
        let node = self.table.get(key)?;
        let parsed = match &node.value {
            Value::Text(t) => t
                .parse::<Span>()
                .and_then(|s| s.to_duration(SpanRelativeTo::days_are_24_hours()))
                .ok()
                .filter(|d| !d.is_negative() && *d <= LONGEST && d.subsec_nanos() == 0),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong(key, "must be a time in whole seconds, such as `30s`, `5m`, `2h`, `1d`");
        }
        parsed
    }

    /// The length of a period, in seconds.
    pub(super) fn period(&self, key: &str) -> Option<i64> {
        let seconds = self.duration(key)?.as_secs();
        if matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds >= 60 && seconds % 60 == 0) {
            return Some(seconds);
        }
        self.wrong(key, "must be 1s, 5s, 10s, 20s, 30s or whole minutes, as CloudWatch's periods are");
        None
    }

    pub(super) fn time(&self, key: &str) -> Option<Timestamp> {
        let node = self.table.get(key)?;
        let parsed = match &node.value {
            Value::Text(t) | Value::Date(t) => t.parse::<Timestamp>().ok(),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong(key, "must be a time with its zone, such as `2026-01-01T00:00:00Z`");
        }
        parsed
    }

    /// Which of `among` the text of `key` names.
    pub(super) fn choice<T: Copy>(&self, key: &str, what: &str, among: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = among.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let hint = did_you_mean(text, among.iter().map(|(n, _)| *n));
            let names: Vec<&str> = among.iter().map(|(n, _)| *n).collect();
            self.wrong(key, format!("no {what} `{text}`{hint}; allowed: {}", names.join(", ")));
        }
        found
    }
}

/// `; did you mean …?`, or nothing.
pub(super) fn did_you_mean<'n>(name: &str, among: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, among).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}
