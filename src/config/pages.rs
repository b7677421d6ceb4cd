//! What can be said of each page's table: its columns, its orders, and what its rows are put together by.
//!
//! The words are the console's own; a test there holds that both sides have the same.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::value::nearest;

/// A page with a table.
#[derive(Clone, Copy, Debug)]
pub struct PageKeys {
    /// Its name, as in `[pages.NAME]`.
    pub name: &'static str,
    /// The columns there are, in the usual order.
    pub columns: &'static [&'static str],
    /// How many of them, the last ones, are shown only where they are chosen.
    pub extra: usize,
    /// The orders there are; the first is the usual one.
    pub sorts: &'static [&'static str],
    /// What rows can be put together by, besides `tag:KEY`; empty where they stand alone.
    pub groups: &'static [&'static str],
    /// Whether its rows are resources, which have tags.
    pub tags: bool,
}

/// Every page with a table. The alerts are a pane of the overview.
pub const PAGES: [PageKeys; 10] = [
    PageKeys {
        name: "alerts",
        columns: &["level", "name", "region", "what", "value", "limit", "trend", "for", "more"],
        extra: 0,
        sorts: &["worst", "name", "oldest"],
        groups: &[],
        tags: true,
    },
    PageKeys {
        name: "balancers",
        columns: &[
            "balancer",
            "kind",
            "target-group",
            "region",
            "healthy",
            "health-bar",
            "by-zone",
            "why",
            "queue",
            "p99",
            "requests",
            "5xx",
            "trend",
        ],
        extra: 0,
        sorts: &["worst", "name", "kind", "healthy", "5xx"],
        groups: &["flat", "tree", "scope"],
        tags: true,
    },
    PageKeys {
        name: "scaling",
        columns: &["group", "region", "min-to-max", "wanted", "in-service", "by-zone", "trend", "state"],
        extra: 0,
        sorts: &["worst", "name", "size", "wanted"],
        groups: &["flat", "tree", "scope"],
        tags: true,
    },
    PageKeys {
        name: "instances",
        columns: &[
            "name",
            "id",
            "region",
            "type",
            "state",
            "zone",
            "checks",
            "cpu",
            "cpu-bar",
            "group",
            "private-ip",
            "age",
            "public-ip",
            "subnet",
            "vpc",
            "platform",
        ],
        extra: 4,
        sorts: &["worst", "name", "id", "type", "state", "zone", "cpu", "age"],
        groups: &["flat", "group", "zone", "scope"],
        tags: true,
    },
    PageKeys {
        name: "trail",
        columns: &["time", "mark", "who", "what", "on", "region", "service", "from", "error"],
        extra: 0,
        sorts: &["newest", "who", "what"],
        groups: &[],
        tags: false,
    },
    PageKeys {
        name: "bill",
        columns: &["account", "month-to-date", "forecast", "lately", "a-day"],
        extra: 0,
        sorts: &["name"],
        groups: &[],
        tags: false,
    },
    PageKeys {
        name: "metrics",
        columns: &["pinned", "name", "region", "namespace", "metric", "stat", "now", "least", "most", "every", "trend"],
        extra: 0,
        sorts: &["name", "metric", "namespace", "now"],
        groups: &[],
        tags: true,
    },
    PageKeys {
        name: "alarms",
        columns: &["alarm", "region", "cloudwatch", "for", "here", "metric", "limit", "first"],
        extra: 0,
        sorts: &["worst", "name", "since"],
        groups: &["flat", "scope"],
        tags: false,
    },
    PageKeys {
        name: "timeline",
        columns: &["time", "kind", "name", "what"],
        extra: 0,
        sorts: &["newest"],
        groups: &[],
        tags: false,
    },
    PageKeys {
        name: "pollers",
        columns: &[
            "poller",
            "scope",
            "state",
            "age",
            "every",
            "next",
            "took",
            "runs",
            "calls",
            "throttled",
            "billed",
            "cost",
            "error",
        ],
        extra: 0,
        sorts: &["worst", "name", "age", "calls", "billed"],
        groups: &["flat", "scope"],
        tags: false,
    },
];

impl PageKeys {
    /// The columns that are shown where none are chosen, and those that are not.
    #[must_use]
    pub fn usual(&self) -> (&'static [&'static str], &'static [&'static str]) {
        self.columns.split_at(self.columns.len().saturating_sub(self.extra))
    }
}

/// `[pages.NAME]`: how one page's table is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageSettings {
    /// The columns, in order; empty: the usual ones.
    pub columns: Vec<String>,
    /// The order of the rows, turned round with a `-` before it.
    pub sort: Option<String>,
    /// What rows are put together by.
    pub group: Option<String>,
}

/// What is said of the pages, by their names.
pub type Pages = BTreeMap<String, PageSettings>;

/// The longest key of a tag, in characters (AWS allows 128).
const TAG: usize = 128;

/// The page `name`.
pub(super) fn page(name: &str) -> Option<&'static PageKeys> {
    PAGES.iter().find(|page| page.name == name)
}

/// Checks one column of `page`.
pub(super) fn column(page: &PageKeys, raw: &str) -> Result<String, String> {
    let tags = if page.tags { ", or \"tag:KEY\"" } else { "" };
    if page.columns.contains(&raw) || page.tags && is_tag(raw) {
        return Ok(raw.to_owned());
    }
    Err(unknown("column", raw, page.columns, tags))
}

/// Checks all columns of `page` together: none twice.
pub(super) fn once(columns: &[String]) -> Result<(), String> {
    match columns.iter().enumerate().find(|(i, column)| columns[..*i].contains(column)) {
        Some((_, twice)) => Err(format!("the column {twice:?} is there twice")),
        None => Ok(()),
    }
}

/// Checks an order of `page`.
pub(super) fn sort(page: &PageKeys, raw: &str) -> Result<String, String> {
    if page.sorts.contains(&raw.strip_prefix('-').unwrap_or(raw)) {
        return Ok(raw.to_owned());
    }
    let word = raw.strip_prefix('-').unwrap_or(raw);
    Err(unknown("order", word, page.sorts, ", each with a - before it to turn it round"))
}

/// Checks what rows of `page` are put together by.
pub(super) fn group(page: &PageKeys, raw: &str) -> Result<String, String> {
    if page.groups.contains(&raw) || page.tags && is_tag(raw) {
        return Ok(raw.to_owned());
    }
    Err(unknown("grouping", raw, page.groups, if page.tags { ", or \"tag:KEY\"" } else { "" }))
}

fn is_tag(raw: &str) -> bool {
    raw.strip_prefix("tag:")
        .is_some_and(|key| !key.trim().is_empty() && key.chars().count() <= TAG && !key.chars().any(char::is_control))
}

fn unknown(what: &str, raw: &str, words: &[&str], more: &str) -> String {
    match nearest(raw, words.iter().copied()) {
        Some(near) => format!("there is no {what} {raw:?}; did you mean {near:?}?"),
        None => format!("there is no {what} {raw:?}; there are {}{more}", words.join(", ")),
    }
}
