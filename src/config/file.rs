//! The file, with the line of everything in it.

mod layout;

use std::collections::BTreeMap;
use std::ops::Range;

use config::ValueKind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::keys::{self, TABLES, Takes};
use super::layers::Layer;
use super::pages::{self, PAGES};
use super::settings::{LayoutRow, Origin, ProfileSettings, RuleOverride, SourceFile};
use super::value::{Given, is_name, nearest, settle};
use crate::model::Text;

/// Longest value quoted in a message, in characters.
const MAX_QUOTED: usize = 40;
/// The keys of `[profile.NAME]`.
const PROFILE_KEYS: [&str; 2] = ["theme", "production"];

/// What `file` sets. Problems are appended to `problems`, in the order of the file.
pub(super) fn read(file: SourceFile<'_>, problems: &mut Vec<Problem>) -> FromFile {
    let mut reader = Reader { file, problems: Vec::new(), found: FromFile::default() };
    let (table, errors) = DeTable::parse_recoverable(file.text);
    match errors.first() {
        None => reader.top(table.get_ref()),
        // One bracket that is not closed makes every line behind it an error: only the first one is true.
        Some(error) => reader.problem(error.span().unwrap_or(0..0), &format!("not TOML: {}", error.message().trim())),
    }
    reader.problems.sort_by_key(|(at, _)| *at);
    problems.extend(reader.problems.into_iter().map(|(_, problem)| problem));
    reader.found
}

/// What a file sets.
#[derive(Debug, Default)]
pub(super) struct FromFile {
    pub(super) layer: Layer,
    pub(super) overrides: Vec<RuleOverride>,
    pub(super) profiles: BTreeMap<Text, ProfileSettings>,
    pub(super) layout: Vec<LayoutRow>,
    /// `[wall.NAME]`s: the name, its line, and what it sets of `wall`.
    pub(super) walls: Vec<(String, usize, Layer)>,
}

struct Reader<'a> {
    file: SourceFile<'a>,
    problems: Vec<(usize, Problem)>,
    found: FromFile,
}

impl Reader<'_> {
    fn top(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let path = name.get_ref().as_ref();
            if TABLES.iter().any(|(table, _)| *table == path && !path.is_empty()) {
                match value.get_ref() {
                    DeValue::Table(inner) => self.table(path, inner),
                    _ => self.problem(value.span(), &format!("{path} must be a table: [{path}]")),
                }
            } else if path == "profile" {
                self.profiles(value);
            } else if path == "layout" {
                self.layout(value);
            } else if path == "pages" {
                self.pages(value);
            } else {
                self.key("", name, value);
            }
        }
    }

    fn pages(&mut self, value: &Spanned<DeValue<'_>>) {
        let names = || PAGES.iter().map(|page| page.name);
        let DeValue::Table(pages) = value.get_ref() else {
            return self.problem(value.span(), "pages takes a table a page; write it as a table: [pages.instances]");
        };
        for (name, value) in pages {
            let (page, path) = (name.get_ref().as_ref(), format!("pages.{}", name.get_ref()));
            match value.get_ref() {
                DeValue::Table(inner) if pages::page(page).is_some() => self.table(&path, inner),
                _ if pages::page(page).is_some() => {
                    self.problem(value.span(), &format!("{path} must be a table: [{path}]"));
                }
                _ => {
                    let hint = nearest(page, names()).map_or_else(
                        || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
                        |near| format!("did you mean pages.{near}?"),
                    );
                    self.problem(name.span(), &format!("unknown page {path}; {hint}"));
                }
            }
        }
    }

    fn table(&mut self, table: &str, inner: &DeTable<'_>) {
        for (name, value) in inner {
            if table == "rules" && name.get_ref() == "override" {
                self.overrides(value);
            } else if let ("wall", DeValue::Table(wall)) = (table, value.get_ref())
                && keys::find(&format!("wall.{}", name.get_ref())).is_none()
            {
                self.wall(name, wall);
            } else {
                self.key(table, name, value);
            }
        }
    }

    fn wall(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, inner: &DeTable<'_>) {
        let wall = name.get_ref();
        if !is_name(wall) {
            self.problem(name.span(), "a wall's name has letters, digits, - and _ only");
            return;
        }
        let line = self.position(name.span().start).0;
        let mut layer = Layer::default();
        for (key_name, value) in inner {
            let Some(key) = keys::find(&format!("wall.{}", key_name.get_ref())) else {
                let message = unknown("wall", key_name.get_ref()).replace(" wall.", &format!(" wall.{wall}."));
                self.problem(key_name.span(), &message);
                continue;
            };
            match settle(key.takes, &Given::from_toml(value.get_ref()), None) {
                Ok(settled) => layer.set(key, settled, Origin::File { line: self.position(value.span().start).0 }),
                Err(allowed) => {
                    let quoted = self.quoted(&value.span());
                    let message = format!("wall.{wall}.{} = {quoted}: {allowed}", key_name.get_ref());
                    self.problem(value.span(), &message);
                }
            }
        }
        self.found.walls.push((wall.to_string(), line, layer));
    }

    fn key(&mut self, table: &str, name: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let path = if table.is_empty() { name.get_ref().to_string() } else { format!("{table}.{}", name.get_ref()) };
        let Some(key) = keys::find(&path) else {
            self.problem(name.span(), &unknown(table, name.get_ref()));
            return;
        };
        let base = self.file.path.parent();
        match settle(key.takes, &Given::from_toml(value.get_ref()), base) {
            Ok(settled) => {
                let line = self.position(value.span().start).0;
                self.found.layer.set(key, settled, Origin::File { line });
            }
            Err(allowed) => {
                let quoted = self.quoted(&value.span());
                self.problem(value.span(), &format!("{path} = {quoted}: {allowed}"));
            }
        }
    }

    fn overrides(&mut self, value: &Spanned<DeValue<'_>>) {
        let shape = "write it as a table: [rules.override.clb-surge-queue]";
        let DeValue::Table(rules) = value.get_ref() else {
            self.problem(value.span(), &format!("rules.override takes a table a rule; {shape}"));
            return;
        };
        for (rule, value) in rules {
            if value.get_ref().is_table() {
                let line = self.position(rule.span().start).0;
                self.found.overrides.push(RuleOverride { rule: Text::new(rule.get_ref()), line });
            } else {
                self.problem(value.span(), &format!("rules.override.{} must be a table; {shape}", rule.get_ref()));
            }
        }
    }

    fn profiles(&mut self, value: &Spanned<DeValue<'_>>) {
        const SHAPE: &str = "write it as a table: [profile.prod]";
        let DeValue::Table(profiles) = value.get_ref() else {
            return self.problem(value.span(), &format!("profile takes a table a profile; {SHAPE}"));
        };
        for (profile, value) in profiles {
            let name = profile.get_ref();
            let DeValue::Table(settings) = value.get_ref() else {
                self.problem(value.span(), &format!("profile.{name} must be a table; {SHAPE}"));
                continue;
            };
            let mut of = ProfileSettings { line: self.position(profile.span().start).0, ..ProfileSettings::default() };
            for (key, value) in settings {
                let path = format!("profile.{name}.{}", key.get_ref());
                let takes = match key.get_ref().as_ref() {
                    "theme" => Takes::Name,
                    "production" => Takes::Flag,
                    other => {
                        let near = nearest(other, PROFILE_KEYS);
                        let hint = near.map_or_else(
                            || format!("it has: {}", PROFILE_KEYS.join(", ")),
                            |n| format!("did you mean {n}?"),
                        );
                        self.problem(key.span(), &format!("unknown key {path}; {hint}"));
                        continue;
                    }
                };
                match settle(takes, &Given::from_toml(value.get_ref()), None) {
                    Ok(ValueKind::String(theme)) => of.theme = Some(theme),
                    Ok(ValueKind::Boolean(production)) => of.production = production,
                    Ok(_) => {}
                    Err(allowed) => {
                        let quoted = self.quoted(&value.span());
                        self.problem(value.span(), &format!("{path} = {quoted}: {allowed}"));
                    }
                }
            }
            self.found.profiles.insert(Text::new(name), of);
        }
    }

    fn problem(&mut self, span: Range<usize>, message: &str) {
        let (line, column) = self.position(span.start);
        let place = format!("{}:{line}:{column}", self.file.path.display());
        self.problems.push((span.start, Problem { place, message: Text::new(message).to_string() }));
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.file.text.get(..byte).unwrap_or(self.file.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The value as the user wrote it, on one line and not too long.
    fn quoted(&self, span: &Range<usize>) -> String {
        let raw = self.file.text.get(span.clone()).unwrap_or_default();
        let mut chars = raw.chars();
        let head: String = chars.by_ref().take(MAX_QUOTED).collect();
        if chars.next().is_some() { format!("{head}...") } else { head }
    }
}

/// What to say of a key that is not there: the nearest right one, in this table or another, or those there are.
fn unknown(table: &str, name: &str) -> String {
    let path = if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") };
    let here: Vec<&str> = keys::keys()
        .iter()
        .map(keys::Key::split)
        .filter(|(t, _)| *t == table)
        .map(|(_, n)| n)
        .chain(TABLES.iter().map(|(t, _)| *t).filter(|t| table.is_empty() && !t.is_empty() && !t.contains('.')))
        .chain((table == "rules").then_some("override"))
        .chain(table.is_empty().then_some("profile"))
        .chain(table.is_empty().then_some("pages"))
        .chain(table.is_empty().then_some("layout"))
        .collect();
    if let Some(near) = nearest(name, here.iter().copied()) {
        let full = if table.is_empty() { near.to_owned() } else { format!("{table}.{near}") };
        return format!("unknown key {path}; did you mean {full}?");
    }
    let elsewhere = keys::keys().iter().map(keys::Key::split).find(|(_, n)| *n == name);
    if let Some((other, _)) = elsewhere {
        let place = if other.is_empty() { "the top, before any table".to_owned() } else { format!("[{other}]") };
        return format!("unknown key {path}; {name} belongs to {place}");
    }
    let of = if table.is_empty() { "the top".to_owned() } else { format!("[{table}]") };
    format!("unknown key {path}; {of} has: {}", here.join(", "))
}
