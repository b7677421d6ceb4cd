//! `[[layout.overview.row]]`: the panes of the overview in rows.

use std::borrow::Cow;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Reader;
use crate::config::settings::{LayoutPane, LayoutRow, Pane};
use crate::config::value::{Given, nearest};

const SHAPE: &str = "write rows as [[layout.overview.row]]";
/// The keys of a row, and of a pane in it.
const ROW_KEYS: [&str; 3] = ["height", "min", "panes"];
const PANE_KEYS: [&str; 3] = ["pane", "width", "min"];
/// Fewest and most rows or columns that a pane can be kept from being smaller than.
const ROWS: (u16, u16) = (3, 100);
const COLUMNS: (u16, u16) = (10, 400);

type Named<'n, 'v> = (&'n Spanned<Cow<'v, str>>, &'n Spanned<DeValue<'v>>);

impl Reader<'_> {
    /// `[layout]`.
    pub(super) fn layout(&mut self, value: &Spanned<DeValue<'_>>) {
        let DeValue::Table(pages) = value.get_ref() else {
            return self.problem(value.span(), &format!("layout must be a table; {SHAPE}"));
        };
        for (name, value) in pages {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("overview", DeValue::Table(inner)) => self.overview(inner),
                ("overview", _) => self.problem(value.span(), &format!("layout.overview must be a table; {SHAPE}")),
                (other, _) => {
                    self.problem(name.span(), &format!("unknown key layout.{other}; there is layout.overview"));
                }
            }
        }
    }

    fn overview(&mut self, inner: &DeTable<'_>) {
        for (name, value) in inner {
            let rows = match (name.get_ref().as_ref(), value.get_ref()) {
                ("row", DeValue::Array(rows)) => rows,
                ("row", _) => {
                    self.problem(value.span(), &format!("layout.overview.row must be tables; {SHAPE}"));
                    continue;
                }
                (other, _) => {
                    let message = format!("unknown key layout.overview.{other}; did you mean layout.overview.row?");
                    self.problem(name.span(), &message);
                    continue;
                }
            };
            let (mut seen, mut total) = (BTreeSet::new(), 0);
            for row in rows {
                let DeValue::Table(table) = row.get_ref() else {
                    self.problem(row.span(), &format!("a row is a table; {SHAPE}"));
                    continue;
                };
                let read = self.row(row, table, &mut seen);
                total += read.height.unwrap_or(0);
                if total > 100 {
                    let message = format!("layout.overview.row: the heights come to {total}%, more than 100%");
                    self.problem(row.span(), &message);
                    total = 0;
                }
                self.found.layout.push(read);
            }
        }
    }

    fn row(&mut self, at: &Spanned<DeValue<'_>>, table: &DeTable<'_>, seen: &mut BTreeSet<Pane>) -> LayoutRow {
        let mut row = LayoutRow { line: self.position(at.span().start).0, ..LayoutRow::default() };
        let mut panes = None;
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "height" => row.height = self.share("height", value),
                "min" => row.min = self.least("min", value, ROWS),
                "panes" => panes = Some(value),
                _ => self.unknown_of("layout.overview.row", (name, value), &ROW_KEYS),
            }
        }
        let Some(panes) = panes else {
            self.problem(at.span(), "layout.overview.row has no panes: panes = [{ pane = \"alerts\" }]");
            return row;
        };
        let DeValue::Array(list) = panes.get_ref() else {
            self.problem(panes.span(), "layout.overview.row.panes must be a list: [{ pane = \"alerts\" }]");
            return row;
        };
        if list.is_empty() {
            self.problem(panes.span(), "layout.overview.row.panes cannot be empty");
        }
        for value in list {
            let Some(pane) = self.pane(value) else { continue };
            if !seen.insert(pane.pane) {
                self.problem(value.span(), &format!("the pane {:?} is there twice", pane.pane.as_str()));
                continue;
            }
            row.panes.push(pane);
        }
        let total: u16 = row.panes.iter().filter_map(|p| p.width).sum();
        if total > 100 {
            let message = format!("layout.overview.row.panes: the widths come to {total}%, more than 100%");
            self.problem(panes.span(), &message);
        }
        row
    }

    fn pane(&mut self, value: &Spanned<DeValue<'_>>) -> Option<LayoutPane> {
        let DeValue::Table(table) = value.get_ref() else {
            self.problem(value.span(), "a pane is a table: { pane = \"alerts\", width = \"60%\" }");
            return None;
        };
        let (mut pane, mut width, mut min, mut named) = (None, None, None, false);
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "pane" => {
                    named = true;
                    pane = self.named_pane(value);
                }
                "width" => width = self.share("width", value),
                "min" => min = self.least("min", value, COLUMNS),
                _ => self.unknown_of("layout.overview.row.panes", (name, value), &PANE_KEYS),
            }
        }
        if !named {
            let names = Pane::ALL.map(Pane::as_str).join(", ");
            self.problem(value.span(), &format!("it says no pane: pane = one of {names}"));
        }
        Some(LayoutPane { pane: pane?, width, min })
    }

    fn named_pane(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Pane> {
        let names = Pane::ALL.map(Pane::as_str);
        let Given::Text(raw) = Given::from_toml(value.get_ref()) else {
            self.problem(value.span(), &format!("pane must be one of {}", names.join(", ")));
            return None;
        };
        let found = Pane::ALL.into_iter().find(|p| p.as_str() == raw);
        if found.is_none() {
            let hint = nearest(&raw, names)
                .map_or_else(|| format!("there are {}", names.join(", ")), |near| format!("did you mean {near:?}?"));
            self.problem(value.span(), &format!("there is no pane {raw:?}; {hint}"));
        }
        found
    }

    /// A share of a hundred, such as `"60%"`.
    fn share(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<u16> {
        let given = Given::from_toml(value.get_ref());
        let found = match &given {
            Given::Text(raw) => raw.strip_suffix('%').and_then(|n| n.trim().parse::<u16>().ok()),
            _ => None,
        };
        let found = found.filter(|n| (1..=100).contains(n));
        if found.is_none() {
            let quoted = self.quoted(&value.span());
            self.problem(value.span(), &format!("{key} = {quoted}: it must be a share from \"1%\" to \"100%\""));
        }
        found
    }

    /// The least that something is shown with.
    fn least(&mut self, key: &str, value: &Spanned<DeValue<'_>>, (low, high): (u16, u16)) -> Option<u16> {
        let found = match Given::from_toml(value.get_ref()) {
            Given::Number(n) if n.fract() == 0.0 => {
                (low..=high).find(|whole| f64::from(*whole) >= n && n >= low.into())
            }
            _ => None,
        };
        if found.is_none() {
            let quoted = self.quoted(&value.span());
            let message = format!("{key} = {quoted}: it must be a whole number from {low} to {high}");
            self.problem(value.span(), &message);
        }
        found
    }

    fn unknown_of(&mut self, table: &str, (name, _): Named<'_, '_>, keys: &[&str]) {
        let word = name.get_ref();
        let hint = nearest(word, keys.iter().copied())
            .map_or_else(|| format!("it has: {}", keys.join(", ")), |near| format!("did you mean {near}?"));
        self.problem(name.span(), &format!("unknown key {table}.{word}; {hint}"));
    }
}
