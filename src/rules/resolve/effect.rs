//! Which keys are right and do nothing in a rule: they are mistakes, since somebody meant something by them.

use super::super::rule::{InputSource, Subject};
use super::super::tree::{Node, Table, Value};
use super::level::LEVELS;
use super::{KEYS, Resolver, path};

/// What a rule on pollers can be given: it says what cannot be read, wherever and whatever that is.
const OF_POLLERS: &[&str] = &["title", "kind", "signal", "enabled", "runbook", "labels"];

impl Resolver<'_> {
    /// Says which keys are right and do nothing in this rule.
    pub(super) fn no_effect(&mut self, keys: &Table, subject: Option<&Subject>) {
        let Some(subject) = subject else { return };
        if matches!(subject, Subject::Pollers) {
            let known = |key: &str| KEYS.contains(&key) && !OF_POLLERS.contains(&key);
            for (key, node) in keys.iter().filter(|(key, _)| known(key)) {
                let message = format!("has no effect on pollers: such a rule has {} only", OF_POLLERS.join(", "));
                self.wrong(&node.place, key, message);
            }
            return;
        }
        let windowed = matches!(subject, Subject::Trail { .. } | Subject::LaunchFailures { .. });
        let metric = matches!(subject, Subject::Series(q)
            if q.inputs.iter().any(|i| matches!(i.source, InputSource::Metric { .. })));
        let series = matches!(subject, Subject::Series(_));
        let held = series || matches!(subject, Subject::Alarms);
        for (key, with, what) in [
            ("window", windowed, "`trail` and `launch_failures`"),
            ("period", metric, "metrics"),
            ("settle", metric, "metrics"),
            ("zero_when_absent", metric, "metrics"),
            ("missing", series, "signals and expressions"),
            ("only_if", series, "signals and expressions"),
            ("summary", series, "signals and expressions"),
            ("datapoints", series, "signals and expressions"),
            ("for", held, "signals, expressions and `cloudwatch_alarm`"),
            ("keep_firing_for", series, "signals and expressions"),
            ("clear", series, "signals and expressions"),
            ("signal", series, "signals and expressions"),
        ] {
            if with {
                continue;
            }
            let message = format!("has no effect here: it is for {what} only");
            if let (Some(node), false) = (keys.get(key), key == "signal") {
                self.wrong(&node.place, key, &*message);
            }
            for (under, table) in levels_and_whens(keys) {
                if let Some(node) = table.get(key) {
                    self.wrong(&node.place, &path(under, key), &*message);
                }
            }
        }
    }
}

/// The tables in `keys` that hold a limit each, and those of `[[rule.when]]` with theirs, by their names.
fn levels_and_whens(keys: &Table) -> Vec<(&'static str, &Table)> {
    let mut found = levels_of(keys);
    if let Some(Node { value: Value::List(whens), .. }) = keys.get("when") {
        for when in whens {
            if let Value::Table(when) = &when.value {
                found.push(("when", when));
                found.extend(levels_of(when));
            }
        }
    }
    found
}

fn levels_of(keys: &Table) -> Vec<(&'static str, &Table)> {
    let table = |(name, _)| match keys.get(name) {
        Some(Node { value: Value::Table(level), .. }) => Some((name, level)),
        _ => None,
    };
    LEVELS.into_iter().filter_map(table).collect()
}
