//! The palette: everything that can be gone to or done, found by a few of its letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use super::command::Command;
use super::facts;
use super::grouping::Grouping;
use super::keymap::Context;
use super::look::Look;
use super::paint::{Paint, Spans, to_u16};
use super::playback::{self, Play};
use super::shown::Shown;
use super::theme::Role;
use super::view::{Input, Item, Listing, Only, Page, Typing, ViewState};
use super::widgets::{Frame, offset, pane};
use crate::model::Text;

/// Most lines found that are kept.
const KEPT: usize = 100;
/// Most choices remembered.
const REMEMBERED: usize = 20;

/// What a line of the palette leads to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// A command, as its key would run it.
    Command(Command),
    /// The detail of a resource.
    Item(Item),
    /// The alerts of a rule.
    Rule(Text),
    /// A theme.
    Theme(String),
    /// One account or one region, or everything again.
    Only(Only),
    /// A moment or a speed of a replay or the demonstration.
    Play(Play),
    /// Something to say, no more.
    Nothing(String),
    /// A list, put together by this.
    Group(Listing, Grouping),
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// What it is called.
    pub(super) label: String,
    /// What sort of thing it is.
    pub(super) sort: &'static str,
    /// The keys that do the same, or where it is.
    pub(super) hint: String,
    pub(super) target: Target,
}

impl Entry {
    /// What people who do not know what it is called here look for it by.
    fn also(&self) -> &'static str {
        let Target::Command(Command::Page(page)) = self.target else { return "" };
        match page {
            Page::Overview => "home start",
            Page::Balancers => "elb targets",
            Page::Scaling => "autoscaling asg",
            Page::Instances => "ec2 hosts",
            Page::Trail => "cloudtrail audit",
            Page::Bill => "cost money spending dollars",
            Page::Metrics => "graphs",
            Page::Alarms => "cloudwatch",
            Page::Timeline => "history",
            Page::Pollers => "freshness throttles",
        }
    }

    /// What stands for it among those chosen before.
    pub(super) fn key(&self) -> String {
        format!("{} {} {}", self.sort, self.label, if self.sort == "command" { "" } else { &self.hint })
    }
}

/// The palette while it is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    pub(super) chosen: usize,
    /// How many match, kept or not.
    pub(super) total: usize,
}

/// Remembers that the entry of this key was chosen.
pub(super) fn remember(recent: &mut Vec<String>, key: String) {
    recent.retain(|k| *k != key);
    recent.insert(0, key);
    recent.truncate(REMEMBERED);
}

/// What `typed` finds, best first; with nothing typed, what was chosen lately and then everything in order.
pub(super) fn find(input: &Input, recent: &[String], view: &ViewState, shown: &Shown<'_>, look: &Look) -> Found {
    let themes = input.typing == Typing::Themes;
    let mut entries = if themes { Vec::new() } else { entries(view, shown, look) };
    entries.extend(themes_of(view, shown, look));
    // A list to look through keeps its order.
    let recent = if themes { &[][..] } else { recent };
    let pattern = Pattern::new(input.text.trim(), CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let age = |e: &Entry| {
        let key = e.key();
        recent.iter().position(|k| *k == key)
    };
    let mut scored: Vec<(u32, usize)> = entries
        .iter()
        .enumerate()
        .filter_map(|(i, entry)| {
            let text = format!("{} {} {}", entry.label, entry.sort, entry.also());
            pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher).map(|score| {
                // Among equals what was chosen lately comes first; with nothing typed all are equal.
                let lately = age(entry).map_or(0, |n| u32::try_from(REMEMBERED.saturating_sub(n)).unwrap_or(0));
                (score.saturating_add(lately), i)
            })
        })
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let total = scored.len();
    let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
    let kept = scored.into_iter().take(KEPT).filter_map(|(_, i)| entries.get_mut(i).and_then(Option::take));
    let typed = if themes { None } else { playback::typed(&input.text, shown).map(|read| play(&input.text, read)) };
    let total = total + usize::from(typed.is_some());
    Found { entries: typed.into_iter().chain(kept).collect(), chosen: 0, total }
}

/// The line for what was typed as `seek …` or `speed …`.
fn play(line: &str, read: Result<(Play, String), String>) -> Entry {
    let label = line.trim().to_owned();
    match read {
        Ok((play, hint)) => Entry { label, sort: "time", hint, target: Target::Play(play) },
        Err(why) => Entry { label: why.clone(), sort: "time", hint: String::new(), target: Target::Nothing(why) },
    }
}

/// Every line, in the order of their sorts.
fn entries(view: &ViewState, shown: &Shown<'_>, look: &Look) -> Vec<Entry> {
    let mut out = Vec::new();
    let bound = |command: Command| {
        let of = |place| look.keymap.bindings().iter().find(move |b| b.run == command && b.context == place);
        of(Context::Replay)
            .or_else(|| of(view.place()))
            .or_else(|| of(Context::Everywhere))
            .or_else(|| look.keymap.bindings().iter().find(|b| b.run == command && b.context != Context::Input))
    };
    let replay = shown.playback.is_some();
    // In a replay its keys hide others; elsewhere they do nothing.
    let in_force = |b: &super::keymap::Binding| {
        let hidden = || look.keymap.bindings().iter().any(|r| r.context == Context::Replay && r.on == b.on);
        if b.context == Context::Replay { replay } else { !(replay && hidden()) }
    };
    let mut command = |command: Command, label: String, sort| {
        let hint = bound(command).filter(|b| in_force(b)).map_or_else(String::new, super::keymap::Binding::keys);
        out.push(Entry { label, sort, hint, target: Target::Command(command) });
    };
    for page in Page::ALL {
        command(Command::Page(page), page.title().into(), "page");
    }
    for (name, run) in Command::ALL {
        if run.types() || matches!(run, Command::Page(_) | Command::Palette) {
            continue;
        }
        let label = bound(run).map(|b| b.desc.as_str()).filter(|d| !d.is_empty());
        command(run, label.map_or_else(|| name.replace('-', " "), ToOwned::to_owned), "command");
    }
    let scopes = shown.model.scopes();
    if view.only != Only::default() {
        out.push(only("all accounts and regions", "scope", Only::default()));
    }
    let accounts: std::collections::BTreeSet<_> = scopes.iter().map(|s| &s.account).collect();
    for account in accounts.iter().filter(|_| accounts.len() > 1) {
        out.push(only(account, "account", Only { account: Some((*account).clone()), ..view.only.clone() }));
    }
    let regions: std::collections::BTreeSet<_> = scopes.iter().map(|s| &s.region).collect();
    for region in regions.iter().filter(|_| regions.len() > 1) {
        out.push(only(region, "region", Only { region: Some((*region).clone()), ..view.only.clone() }));
    }
    for (list, grouping, n) in super::grouping::offers(view, shown) {
        let label = format!("{}: {}", list.title(), grouping.offer());
        let hint = if n > 0 { super::format::counted(n, "row") } else { String::new() };
        out.push(Entry { label, sort: "group", hint, target: Target::Group(list, grouping) });
    }
    for (id, title) in &shown.rules {
        let n = shown.alerts.active.iter().filter(|a| a.id.rule == *id).count();
        let hint = if n > 0 { super::format::counted(n, "alert") } else { String::new() };
        let label = if title.is_empty() { id.to_string() } else { format!("{id}: {title}") };
        out.push(Entry { label, sort: "rule", hint, target: Target::Rule(id.clone()) });
    }
    for r in shown.model.resources() {
        if matches!(r.id.kind, crate::model::Kind::Poller) {
            continue;
        }
        let name = facts::name_of_id(shown.model, &r.id);
        let label = if *name == *r.id.id { name.to_owned() } else { format!("{name} {}", r.id.id) };
        let hint = if accounts.len() > 1 { r.id.scope.to_string() } else { r.id.scope.region.to_string() };
        out.push(Entry { label, sort: r.id.kind.as_str(), hint, target: Target::Item(Item::Resource(r.id.clone())) });
    }
    out
}

fn themes_of<'l>(view: &ViewState, shown: &Shown<'_>, look: &'l Look) -> impl Iterator<Item = Entry> + use<'l> {
    let now = look.theme_of(facts::account(shown, &view.only)).name.clone();
    look.theme_names().map(move |name| {
        let hint = if name == now { "in force" } else { "" };
        Entry { label: name.into(), sort: "theme", hint: hint.into(), target: Target::Theme(name.into()) }
    })
}

fn only(label: &str, sort: &'static str, only: Only) -> Entry {
    Entry { label: label.into(), sort, hint: "show only this".into(), target: Target::Only(only) }
}

/// Draws the palette over `area`, with what is typed; the list of themes at the right, so that they are seen at work.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, input: &Input, found: &Found) {
    let (typed, themes) = (&input.text, input.typing == Typing::Themes);
    let width = area.width.min(if themes { 40 } else { 90 });
    let rows = to_u16(found.entries.len()).max(1);
    let height = (rows + 3).min(area.height).min(24);
    let frame = if width >= 40 && height >= 6 { Frame::Boxed } else { Frame::Ruled };
    let x = if themes { area.right() - width } else { area.x + (area.width - width) / 2 };
    let at = Rect { x, y: area.y, width, height };
    p.clear(at);
    let right = Spans::one(format!("{} found", found.total), p.style(Role::Dim));
    let inner = pane(
        p,
        at,
        frame,
        &Spans::one(if themes { "Theme" } else { "Go to, or do" }, p.style(Role::Title)),
        &right,
        true,
    );
    if inner.height == 0 {
        return;
    }
    let mut input = Spans::one(format!(":{typed}"), p.style(Role::Input));
    input.push(p.caret(), p.style(Role::Key));
    p.spans(inner.x, inner.y, inner.width, &input);
    let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if found.entries.is_empty() {
        p.text(list.x, list.y, list.width, "nothing is called so", p.style(Role::Dim));
        return;
    }
    let first = offset(found.chosen, found.entries.len(), usize::from(list.height));
    let sorts = found.entries.iter().map(|e| super::widgets::cells(e.sort)).max().unwrap_or(0).min(inner.width / 3);
    for ((n, entry), y) in found.entries.iter().enumerate().skip(first).zip(list.y..list.bottom()) {
        p.text(list.x, y, sorts.min(list.width), entry.sort, p.style(Role::Dim));
        let x = list.x + sorts + 2;
        let room = list.right().saturating_sub(x);
        let hint = if list.width < 50 { 0 } else { super::widgets::cells(&entry.hint).min(room / 3) };
        let label = room.saturating_sub(if hint > 0 { hint + 2 } else { 0 });
        if room > 0 {
            p.text(x, y, label, &entry.label, p.style(Role::Text));
            p.right(list.right().saturating_sub(hint), list.right(), y, &entry.hint, p.style(Role::Key));
        }
        p.hit(Rect { x: list.x, y, width: list.width, height: 1 }, super::hits::Target::Entry(n));
        if n == found.chosen {
            let line = Rect { x: list.x.saturating_sub(1), y, width: list.width + 2, height: 1 };
            p.line(line.x, y, 1, p.glyphs().cursor, p.style(Role::Key));
            p.select(line);
        }
    }
}
