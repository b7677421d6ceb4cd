//! The first pass over rule files: TOML into a tree in which every value knows its file and line.
//!
//! Rules are merged in this form, key by key, so that a mistake in a merged rule is still told with the line it was
//! written on.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{RuleError, RuleSource};

/// Where something is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) line: usize,
}

impl Place {
    /// The mistake `message` about `key`, here.
    pub(crate) fn error(&self, key: &str, message: impl Into<String>) -> RuleError {
        RuleError { file: self.file.to_string(), line: self.line, key: key.to_owned(), message: message.into() }
    }
}

/// A value and the place of its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What TOML holds, as far as rules use it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    List(Vec<Node>),
    Table(Table),
    /// A date, as it is written.
    Date(String),
    /// A number that is too large.
    Other,
}

impl Value {
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Date(_) => "a date",
            Self::Other => "a number out of range",
        }
    }
}

/// A table, by key.
pub(crate) type Table = BTreeMap<String, Node>;

/// A rule as written: its id and its keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) place: Place,
    pub(crate) keys: Table,
}

struct Reader<'a> {
    file: Arc<str>,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn new(source: &RuleSource<'a>) -> Self {
        let breaks = source.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Self { file: source.name.into(), text: source.text, line_starts: std::iter::once(0).chain(breaks).collect() }
    }

    fn place(&self, offset: usize) -> Place {
        Place { file: self.file.clone(), line: self.line_starts.partition_point(|s| *s <= offset).max(1) }
    }

    fn parse(&self) -> Result<Spanned<DeTable<'a>>, RuleError> {
        DeTable::parse(self.text).map_err(|e| {
            let place = self.place(e.span().map_or(0, |s| s.start));
            place.error("", format!("is not TOML: {}", e.message().replace('\n', ", ")))
        })
    }

    fn table(&self, table: &DeTable<'_>) -> Table {
        table
            .iter()
            .map(|(k, v)| (k.get_ref().to_string(), self.node(v.get_ref(), self.place(k.span().start))))
            .collect()
    }

    fn node(&self, value: &DeValue<'_>, place: Place) -> Node {
        let value = match value {
            DeValue::String(s) => Value::Text(s.to_string()),
            DeValue::Integer(i) => {
                let digits = i.as_str().replace('_', "");
                i64::from_str_radix(&digits, i.radix()).map_or(Value::Other, |n| Value::Number(n as f64))
            }
            DeValue::Float(f) => f.as_str().replace('_', "").parse().map_or(Value::Other, Value::Number),
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Array(list) => {
                Value::List(list.iter().map(|v| self.node(v.get_ref(), self.place(v.span().start))).collect())
            }
            DeValue::Table(t) => Value::Table(self.table(t)),
            DeValue::Datetime(d) => Value::Date(d.to_string()),
        };
        Node { place, value }
    }
}

/// The keys of a TOML text, each value with its place.
pub(crate) fn read(source: &RuleSource<'_>) -> Result<Table, RuleError> {
    let reader = Reader::new(source);
    Ok(reader.table(reader.parse()?.get_ref()))
}

/// The `[[rule]]` tables of a rule file, in their order.
pub(crate) fn rules_of(source: &RuleSource<'_>, errors: &mut Vec<RuleError>) -> Vec<Written> {
    let top = match read(source) {
        Ok(top) => top,
        Err(e) => {
            errors.push(e);
            return Vec::new();
        }
    };
    let mut written: Vec<Written> = Vec::new();
    for (key, node) in top {
        if key != "rule" {
            let hint = if key == "rules" { "; did you mean `[[rule]]`?" } else { "" };
            errors.push(node.place.error(&key, format!("unknown key; a rule file holds `[[rule]]` only{hint}")));
            continue;
        }
        let Value::List(list) = node.value else {
            errors.push(node.place.error(&key, "must be written `[[rule]]`"));
            continue;
        };
        written.extend(rules_in(list, errors));
    }
    written
}

/// The rules that `tables` are, in their order.
pub(crate) fn rules_in(tables: Vec<Node>, errors: &mut Vec<RuleError>) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::new();
    for node in tables {
        let place = node.place;
        let Value::Table(mut keys) = node.value else {
            errors.push(place.error("rule", "must be a table"));
            continue;
        };
        match keys.remove("id") {
            Some(Node { value: Value::Text(id), place }) if is_id(&id) => {
                if let Some(first) = written.iter().find(|w| w.id == id) {
                    let message = format!("two rules with one id; the first is on line {}", first.place.line);
                    errors.push(place.error(&format!("{id}.id"), message));
                    continue;
                }
                // The line of the id: where a table begins, the parser says differently for each way of writing it.
                written.push(Written { id, place, keys });
            }
            Some(Node { place, .. }) => {
                errors.push(place.error("rule.id", "must be lower-case letters, digits and dashes"));
            }
            None => errors.push(place.error("rule.id", "lacks: every rule has an id of its own")),
        }
    }
    written
}

/// The `[rules.override.<id>]` tables of a configuration file.
pub(crate) fn overrides_of(source: &RuleSource<'_>, errors: &mut Vec<RuleError>) -> Vec<Written> {
    let mut top = match read(source) {
        Ok(top) => top,
        Err(e) => {
            errors.push(e);
            return Vec::new();
        }
    };
    let Some(rules) = top.remove("rules") else { return Vec::new() };
    let Value::Table(mut rules) = rules.value else {
        errors.push(rules.place.error("rules", "must be a table"));
        return Vec::new();
    };
    let Some(rules) = rules.remove("override") else { return Vec::new() };
    let Value::Table(rules) = rules.value else {
        errors.push(rules.place.error("rules.override", "must be tables: `[rules.override.<id>]`"));
        return Vec::new();
    };
    let mut written = Vec::new();
    for (id, node) in rules {
        match node.value {
            Value::Table(keys) => written.push(Written { id, place: node.place, keys }),
            other => {
                let message = format!("must be a table with the keys to change, is {}", other.sort());
                errors.push(node.place.error(&format!("rules.override.{id}"), message));
            }
        }
    }
    written
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Keys of which a rule has one: to set one drops the others.
const SUBJECTS: [&str; 4] = ["signal", "expression", "metric_math", "trail"];

/// Keys that hold a limit, alone or with what belongs to it.
const LEVELS: [&str; 2] = ["warning", "critical"];

/// Lays `over` over `under`, key by key; tables are merged, everything else is replaced. A limit alone takes the place of
/// the limit, and leaves what else belongs to the level as it is, but for where it clears.
pub(crate) fn merge(under: &mut Table, over: Table) {
    if let Some(chosen) = SUBJECTS.iter().find(|k| over.contains_key(**k)) {
        let another = !under.contains_key(*chosen) && SUBJECTS.iter().any(|k| under.contains_key(*k));
        under.retain(|k, _| k == chosen || !SUBJECTS.contains(&k.as_str()));
        if another && over.contains_key("inputs") {
            // What the one named is not what the other does.
            under.remove("inputs");
        }
    }
    for (key, node) in over {
        match (under.get_mut(&key), node) {
            (Some(Node { value: Value::Table(old), .. }), Node { value: Value::Table(new), .. }) => merge(old, new),
            (Some(Node { value: Value::Table(old), .. }), node)
                if LEVELS.contains(&key.as_str())
                    && old.contains_key("limit")
                    && matches!(&node.value, Value::Text(t) if t != "none") =>
            {
                old.remove("clear");
                old.insert("limit".to_owned(), node);
            }
            (_, node) => {
                under.insert(key, node);
            }
        }
    }
}
