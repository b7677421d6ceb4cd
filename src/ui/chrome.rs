//! What stands around every page: header, tabs, footer, and the one line that is left when there is no room.

use jiff::SignedDuration;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::command::Command;
use super::facts;
use super::format::{account, clock, counted, dollars, duration, minute};
use super::grouping;
use super::hits::Target;
use super::paint::{Paint, Spans, to_u16};
use super::playback::PlayKey;
use super::query::{Query, last_word};
use super::scrubber;
use super::shown::{Badge, Shown};
use super::text::{cut, width};
use super::theme::Role;
use super::view::{Input, Page, ViewState};
use crate::model::{Freshness, PollerRecord, Source, Text};

/// A part of a line that goes when there is no room, the least important first.
struct Part {
    spans: Spans,
    /// What it is cut down to before any part goes.
    short: Option<Spans>,
    /// 0 stays longest.
    rank: u8,
    side: Side,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Middle,
    Right,
}

/// Columns between parts.
const GAP: u16 = 2;

/// Lays `parts` out on one row: left ones from the left, right ones to the right, middle ones between.
fn row(p: &mut Paint<'_>, area: Rect, mut parts: Vec<Part>) {
    let total = |parts: &[Part]| -> usize {
        parts.iter().map(|p| p.spans.width() + usize::from(GAP)).sum::<usize>().saturating_sub(usize::from(GAP))
    };
    let room = usize::from(area.width.saturating_sub(2));
    while total(&parts) > room {
        let shorter = parts.iter_mut().filter(|p| p.short.is_some()).max_by_key(|p| p.rank);
        let Some(part) = shorter else { break };
        part.spans = part.short.take().unwrap_or_default();
    }
    while total(&parts) > room && parts.len() > 1 {
        let Some(worst) = parts.iter().enumerate().max_by_key(|(_, p)| p.rank).map(|(i, _)| i) else { break };
        parts.remove(worst);
    }
    let side = |side| parts.iter().filter(move |p| p.side == side);
    let width_of = |s| -> u16 { side(s).map(|p| to_u16(p.spans.width()) + GAP).sum::<u16>().saturating_sub(GAP) };
    let (start, end) = (area.x + 1, area.right().saturating_sub(1));
    let mut x = start;
    for part in side(Side::Left) {
        x += p.spans(x, area.y, end.saturating_sub(x), &part.spans) + GAP;
    }
    let right = end.saturating_sub(width_of(Side::Right)).max(x);
    let middle = width_of(Side::Middle);
    let centre = (area.x + area.width / 2).saturating_sub(middle / 2);
    let mut at = centre.min(right.saturating_sub(middle + GAP)).max(x);
    for part in side(Side::Middle) {
        at += p.spans(at, area.y, end.saturating_sub(at), &part.spans) + GAP;
    }
    let mut at = right;
    for part in side(Side::Right) {
        at += p.spans(at, area.y, end.saturating_sub(at), &part.spans) + GAP;
    }
}

fn part(side: Side, rank: u8, text: impl Into<String>, style: Style) -> Part {
    Part { spans: Spans::one(text.into(), style), short: None, rank, side }
}

impl Part {
    /// Cut so that no more than `room` columns are taken, where it is wider also in short.
    fn cut_to(mut self, room: usize, sign: &str) -> Self {
        if self.spans.width() <= room {
            return self;
        }
        self.spans = self.short.take().unwrap_or(self.spans);
        if self.spans.width() > room
            && let Some((text, _)) = self.spans.0.first_mut()
        {
            *text = cut(text, room, sign).into_owned().into();
        }
        self
    }

    fn or(self, text: impl Into<String>, style: Style) -> Self {
        Self { short: Some(Spans::one(text.into(), style)), ..self }
    }
}

/// Whose account, what is wrong, how live it is, what it costs, what time it is.
pub(super) fn header(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>) {
    let mut parts = vec![part(Side::Left, 8, "awswatch", p.style(Role::Title))];
    if p.is_production() {
        parts.push(
            part(Side::Left, 1, " PRODUCTION ", p.style(Role::Production).reversed())
                .or("PROD", p.style(Role::Production)),
        );
    }
    if let Some(home) = facts::home(shown) {
        let scopes = shown.model.scopes();
        let accounts: std::collections::BTreeSet<_> = scopes.iter().map(|s| &s.account).collect();
        let mut whose = Spans::one(home.account.to_string(), p.style(Role::Accent));
        if accounts.len() > 1 {
            whose.push(format!(" +{}", accounts.len() - 1), p.style(Role::Dim));
        }
        parts.push(Part { spans: whose, short: None, rank: 4, side: Side::Left });
        if let Some(identity) = shown.model.identity(home) {
            parts.push(part(Side::Left, 9, account(&identity.account_id), p.style(Role::Dim)));
        }
        let regions: std::collections::BTreeSet<_> =
            scopes.iter().filter(|s| s.account == home.account).map(|s| &s.region).collect();
        let mut region = Spans::one(home.region.to_string(), p.style(Role::Text));
        let (mut named, others) = (region.clone(), regions.iter().filter(|r| ***r != home.region));
        if regions.len() > 1 {
            region.push(format!(" +{}", regions.len() - 1), p.style(Role::Dim));
            let more = if regions.len() > 4 { format!(" +{}", regions.len() - 4) } else { String::new() };
            let others: Vec<&str> = others.take(3).map(|r| r.as_str()).collect();
            named.push(format!(" {}{more}", others.join(" ")), p.style(Role::Dim));
        }
        parts.push(Part { spans: named, short: Some(region), rank: 8, side: Side::Left });
    }
    parts.extend(counts(p, shown));
    let (live, role) = live(shown, area.width >= 100);
    parts.push(part(Side::Right, 3, live, p.style(role)));
    // The most slowed rule comes first: how many times less often than by itself what it rests on is read.
    if let Some(slowed) = shown.slowed.first() {
        let times = slowed.every.div_ceil(slowed.usual.max(1));
        let text = format!("budget: {times}x slower");
        parts.push(
            part(Side::Right, 5, text, p.style(Role::Stale)).or(format!("{times}x slower"), p.style(Role::Stale)),
        );
    }
    if shown.slowed.is_empty() && shown.on_grid > 0 {
        let (text, short) = (format!("budget: {} on the grid", shown.on_grid), format!("{} on grid", shown.on_grid));
        parts.push(part(Side::Right, 5, text, p.style(Role::Stale)).or(short, p.style(Role::Stale)));
    }
    if shown.slow_line {
        let dim = p.style(Role::Stale);
        parts.push(part(Side::Right, 5, "slow line: fewer frames", dim).or("slow line", dim));
    }
    if let Some(cost) = shown.cost {
        // Without its label it would be taken for what the account spends.
        let short = match cost {
            1.0.. => format!("${cost:.0}"),
            0.1.. => format!("${cost:.1}"),
            _ => dollars(cost),
        };
        let dim = p.style(Role::Dim);
        let more = facts::unpriced(shown);
        let text = |cost: String| format!("API {cost}{more}/day");
        parts.push(part(Side::Right, 6, text(dollars(cost)), dim).or(text(short), dim));
    }
    let zone = shown.now.to_zoned(shown.tz.clone()).strftime("%Z").to_string();
    let time = if area.width < 60 { minute(shown.now, &shown.tz) } else { clock(shown.now, &shown.tz) };
    let short = Spans::one(time, p.style(Role::Text));
    let mut time = short.clone();
    if area.width >= 60 {
        time.push(format!(" {zone}"), p.style(Role::Dim));
    }
    parts.push(Part { spans: time, short: Some(short), rank: 2, side: Side::Right });
    row(p, area, parts);
}

/// `● 2 CRIT`, `▲ 1 WARN`, `◌ 1 BLIND`, or that all is well, or that this is not known yet.
fn counts(p: &Paint<'_>, shown: &Shown<'_>) -> Vec<Part> {
    let (c, g) = (shown.alerts.counts, p.glyphs());
    let mut out: Vec<Part> = [
        (c.critical, g.crit, "CRIT", Role::Crit, 0),
        (c.warning, g.warn, "WARN", Role::Warn, 1),
        (c.blind, g.blind, "BLIND", Role::Blind, 0),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, glyph, word, role, rank)| part(Side::Middle, rank, format!("{glyph} {n} {word}"), p.style(role)))
    .collect();
    if c.pending > 0 {
        let (style, text) = (p.style(Role::Pending), format!("{} {}", g.pending, c.pending));
        out.push(part(Side::Middle, 5, format!("{text} pending"), style).or(text, style));
    }
    let nothing = out.is_empty();
    for (n, text) in [(c.silenced, format!("{} silenced", c.silenced)), (c.hidden, format!("+{} folded", c.hidden))] {
        if n > 0 {
            out.push(part(Side::Middle, 6, text, p.style(Role::Dim)));
        }
    }
    if nothing {
        let all = if facts::all_well_read(shown) {
            part(Side::Middle, 0, format!("{} OK", g.ok), p.style(Role::Ok))
        } else {
            part(Side::Middle, 0, "not all is read", p.style(Role::Stale))
        };
        out.insert(0, all);
    }
    out
}

/// How long ago anything was last read: the pulse of the whole program; or how much of it has none.
fn live(shown: &Shown<'_>, wide: bool) -> (String, Role) {
    pulse(shown, &shown.model.pollers().collect::<Vec<_>>(), wide)
}

/// The same of some pollers: a wall shows what it is hung up for.
pub(super) fn pulse(shown: &Shown<'_>, pollers: &[(&Source, &PollerRecord)], wide: bool) -> (String, Role) {
    let waited_for = |s: &Source| shown.alerts.unread.iter().any(|(known, _)| known == s);
    let needed = || pollers.iter().filter(|(s, _)| !s.poller.is_optional() || waited_for(s));
    let count = |f| needed().filter(|(_, r)| r.freshness(shown.now) == f).count();
    // A run that had nothing to ask for is no sign of life.
    let newest = pollers.iter().filter(|(_, r)| r.calls > 0).filter_map(|(_, r)| r.age(shown.now)).min();
    if shown.frozen.is_some() {
        return ("frozen".into(), Role::Stale);
    }
    let all = needed().count();
    let share =
        |n: usize, word: &str| if wide { format!("{n} of {all} pollers {word}") } else { format!("{n}/{all} {word}") };
    match newest {
        _ if count(Freshness::Blind) > 0 => (share(count(Freshness::Blind), "blind"), Role::Blind),
        Some(age) if age <= SignedDuration::from_secs(90) && count(Freshness::Stale) > 0 => {
            (share(count(Freshness::Stale), "stale"), Role::Stale)
        }
        // What stands or was recorded has no pulse.
        _ if shown.playback.is_some_and(|of| of.paused) => ("paused".into(), Role::Dim),
        _ if matches!(shown.badge, Badge::Replay { .. }) => ("replay".into(), Role::Dim),
        None => ("reading".into(), Role::Dim),
        Some(age) if age > SignedDuration::from_secs(90) => (format!("last read {} ago", duration(age)), Role::Stale),
        Some(age) => (format!("live {}", duration(age)), Role::Ok),
    }
}

/// The pages, with the keys that lead to them.
pub(super) fn tabs(p: &mut Paint<'_>, area: Rect, view: &ViewState) {
    let keymap = &p.look().keymap;
    let tabs: Vec<(Page, String)> = Page::ALL
        .into_iter()
        .map(|page| (page, keymap.keys_for(Command::Page(page), view.context()).unwrap_or_default()))
        .collect();
    let label = |page: Page, key: &str| {
        if key.is_empty() { page.title().to_owned() } else { format!("{key} {}", page.title()) }
    };
    let full: usize = tabs.iter().map(|(page, key)| width(&label(*page, key)) + 2).sum();
    let fits = full <= usize::from(area.width);
    let mut x = area.x;
    for (page, key) in &tabs {
        let active = *page == view.page;
        let text = if fits || active { label(*page, key) } else { key.clone() };
        if text.is_empty() {
            continue;
        }
        let style = p.style(if active { Role::TabActive } else { Role::Tab });
        let w = p.text(x, area.y, area.right().saturating_sub(x), &format!(" {text} "), style);
        p.hit(Rect { x, y: area.y, width: w, height: 1 }, Target::Page(*page));
        x += w;
    }
}

/// Keys, what is being typed, what is filtered; and at the right whose world this is.
pub(super) fn footer(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, view: &ViewState) {
    let mut parts = badges(p, shown, view, area.width >= 60);
    if let Some(input) = &view.input {
        // What one types comes before how the world goes, but not before whose it is.
        let typing = while_typing(p, shown, view, input);
        let total = parts.iter().chain(&typing).map(|p| p.spans.width() + usize::from(GAP)).sum::<usize>();
        let room = usize::from(area.width);
        if total > room {
            parts = scrubber::word(shown)
                .map(|word| part(Side::Right, 0, format!(" {word} "), p.style(Role::Badge)))
                .into_iter()
                .collect();
        }
        let room = room.saturating_sub(2 + parts.iter().map(|p| p.spans.width() + usize::from(GAP)).sum::<usize>());
        parts.extend(
            typing.into_iter().map(|part| if part.rank == 0 { part.cut_to(room, p.glyphs().cut) } else { part }),
        );
    } else if view.dialog.is_some() {
        let keymap = &p.look().keymap;
        let keys = |command| keymap.keys_for(command, super::Context::Input);
        let turns = [keys(Command::Complete), keys(Command::CompleteBack)].into_iter().flatten().collect::<Vec<_>>();
        let several = view.dialog.as_ref().is_some_and(|d| d.fields.len() > 1) && !turns.is_empty();
        for (keys, word) in [
            (keys(Command::Accept), "take it"),
            (keys(Command::Cancel), "forget it"),
            (several.then(|| turns.join("/")), "other line"),
        ] {
            if let Some(keys) = keys {
                let mut spans = Spans::one(keys, p.style(Role::Key));
                spans.push(format!(" {word}"), p.style(Role::Dim));
                parts.push(Part { spans, short: None, rank: 1, side: Side::Left });
            }
        }
    } else if let Some(notice) = &shown.notice {
        let role = if notice.bad { Role::Warn } else { Role::Accent };
        // Cut rather than left out where it does not fit: it is said once.
        let taken: usize = parts.iter().map(|p| p.spans.width() + usize::from(GAP)).sum();
        let room = usize::from(area.width.saturating_sub(2)).saturating_sub(taken);
        let text = cut(&notice.text, room, p.glyphs().cut).into_owned();
        parts.push(part(Side::Left, 0, text, p.style(role)));
    } else if view.pending.is_empty() {
        parts.extend(hints(p, shown, view));
    } else {
        let keys: String = view.pending.iter().map(|k| k.short()).collect();
        parts.push(part(Side::Left, 0, format!("{keys}-"), p.style(Role::Key)));
    }
    row(p, area, parts);
}

/// The line being typed.
pub(super) fn typed(p: &mut Paint<'_>, area: Rect, input: &Input) {
    let room = usize::from(area.width.saturating_sub(4));
    // Its end is what is being typed.
    let mut from = 0;
    while width(&input.text[from..]) > room {
        from += input.text[from..].graphemes(true).next().map_or(1, str::len);
    }
    let mut spans = Spans::one(format!("/{}", &input.text[from..]), p.style(Role::Input));
    spans.push(p.caret(), p.style(Role::Key));
    p.line(area.x, area.y, area.width, " ", p.style(Role::Text));
    p.spans(area.x + 1, area.y, area.width.saturating_sub(2), &spans);
}

/// What stands under the line being typed: what is wrong with it, or how it can go on.
fn while_typing(p: &Paint<'_>, shown: &Shown<'_>, view: &ViewState, input: &Input) -> Vec<Part> {
    let dim = p.style(Role::Dim);
    if input.typing.finds() {
        return vec![part(Side::Left, 0, "Enter takes it, Up and Down choose, Esc forgets it", dim)];
    }
    let list = view.focus();
    if let Err(error) = Query::parse(&input.text, super::fields::of(list)) {
        let text = format!("{}{}", " ".repeat(error.at + 1), error.message);
        return vec![part(Side::Left, 0, text, p.style(Role::Warn)).or(error.message, p.style(Role::Warn))];
    }
    let rows = view.rows(shown, list);
    let mut out = vec![part(Side::Left, 0, format!("{} of {}", rows.count, counted(rows.total, "row")), dim)];
    let offered = super::complete::completions(shown, list, &input.text);
    let (at, _) = last_word(&input.text);
    if !offered.is_empty() {
        let mut spans = Spans::one("Tab", p.style(Role::Key));
        for whole in &offered {
            spans.push(format!(" {}", &whole[at..]), p.style(Role::Accent));
        }
        out.push(Part { spans, short: None, rank: 2, side: Side::Left });
    }
    out
}

fn hints(p: &Paint<'_>, shown: &Shown<'_>, view: &ViewState) -> Vec<Part> {
    let (context, replay) = (view.context(), shown.playback.is_some());
    let hint = |key: String, word: &str, rank| {
        let mut spans = Spans::one(key, p.style(Role::Key));
        spans.push(format!(" {word}"), p.style(Role::Dim));
        Part { spans, short: None, rank, side: Side::Left }
    };
    let mut out = Vec::new();
    if matches!(context, super::Context::Detail | super::Context::Help)
        && let Some(key) = p.look().keymap.keys_for(Command::Back, super::Context::Everywhere)
    {
        out.push(hint(key, "back", 2));
    }
    let of_place = p.look().keymap.bindings().iter().filter(|b| b.context == context);
    let of_replay = p.look().keymap.bindings().iter().filter(|b| replay && b.context == super::Context::Replay);
    let hidden = |on| of_replay.clone().any(|b| b.on == on);
    let general = p.look().keymap.bindings().iter().filter(|b| b.context == super::Context::Everywhere);
    let general = general.filter(|b| !hidden(&b.on[..]));
    for binding in of_replay.clone().chain(general).chain(of_place).filter(|b| b.hint.is_some()) {
        let useless = match context {
            super::Context::Detail => matches!(binding.run, Command::Open | Command::FaultsOnly | Command::Filter),
            super::Context::Help => !matches!(binding.run, Command::Help),
            _ => false,
        };
        if !useless {
            let rank = u8::try_from(3 + out.len()).unwrap_or(u8::MAX);
            let word = match binding.run {
                Command::Play(PlayKey::Pause) if shown.playback.is_some_and(|of| of.paused) => Some("go on"),
                Command::Open => grouping::unfolds(view, shown).map(|unfolds| if unfolds { "unfold" } else { "fold" }),
                _ => None,
            };
            let word = word.or(binding.hint.as_deref()).unwrap_or_default();
            out.push(hint(binding.keys(), word, rank));
        }
    }
    out
}

fn badges(p: &Paint<'_>, shown: &Shown<'_>, view: &ViewState, wide: bool) -> Vec<Part> {
    let mut out = Vec::new();
    let filter = view.list(view.focus()).filter.clone();
    if view.faults_only {
        out.push(part(Side::Right, 1, "FAULTS ONLY", p.style(Role::Warn)));
    }
    if !filter.is_empty() && view.input.is_none() {
        let rows = view.rows(shown, view.focus());
        let text = format!("/{filter} {} of {}", rows.count, rows.total);
        out.push(part(Side::Right, 1, text, p.style(Role::Accent)));
    }
    let only: Vec<&str> = [&view.only.account, &view.only.region].into_iter().flatten().map(Text::as_str).collect();
    if !only.is_empty() {
        out.push(part(Side::Right, 1, format!("ONLY {}", only.join(" ")), p.style(Role::Warn)));
    }
    if let Some(zoom) = view.zoom.filter(|_| p.has_graph()) {
        let text = format!("ZOOMED {}-{}", minute(zoom.span.from, &shown.tz), minute(zoom.span.to, &shown.tz));
        out.push(part(Side::Right, 1, text, p.style(Role::Accent)));
    }
    if let Some(since) = shown.frozen {
        let text = format!(" FROZEN {} ", minute(since, &shown.tz));
        out.push(part(Side::Right, 1, text, p.style(Role::Badge)));
    }
    if let Some(badge) = scrubber::badge(p, shown, wide) {
        out.push(part(Side::Right, 0, badge, p.style(Role::Badge)));
    }
    out
}

/// Fewest columns and rows of a screen with pages and keys.
pub(super) const LEAST_SIZE: (u16, u16) = (30, 6);

/// Whether a terminal of `size` has no room for pages.
pub(super) fn too_small(size: (u16, u16)) -> bool {
    size.0 < LEAST_SIZE.0 || size.1 < LEAST_SIZE.1
}

/// Whose world it is, in a word at the right of the first row of `area`, where it is not the real one. Returns what is left of
/// that row.
pub(super) fn tiny_badge(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>) -> Rect {
    let Some(word) = scrubber::word(shown) else { return area };
    let w = to_u16(width(word)).min(area.width);
    p.text(area.right() - w, area.y, w, word, p.style(Role::Badge));
    Rect { width: area.width.saturating_sub(w + 1), ..area }
}

/// Where nothing else fits: `2 CRIT 1 WARN 1 BLIND 14:03`, and under it the alerts' names, and what size has more.
pub(super) fn summary(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>) {
    let all = area.width;
    let c = shown.alerts.counts;
    let mut spans = Spans::default();
    for (n, word, role) in
        [(c.critical, "CRIT", Role::Crit), (c.warning, "WARN", Role::Warn), (c.blind, "BLIND", Role::Blind)]
    {
        if n > 0 {
            spans.push(format!("{n} {word}"), p.style(role)).push(" ", p.style(Role::Text));
        }
    }
    if spans.0.is_empty() {
        let (word, role) = if facts::all_well_read(shown) { ("OK", Role::Ok) } else { ("not all read", Role::Stale) };
        spans.push(word, p.style(role)).push(" ", p.style(Role::Text));
    }
    spans.push(minute(shown.now, &shown.tz), p.style(Role::Dim));
    let area = tiny_badge(p, area, shown);
    p.spans(area.x, area.y, area.width, &spans);
    let area = Rect { width: all, ..area };
    let mut rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if rest.height > 1 {
        // Keys would change what nobody sees.
        rest.height -= 1;
        let (w, h) = LEAST_SIZE;
        let text = [format!("keys need {w}x{h}; q quits"), format!("keys: {w}x{h}")];
        let text = text.iter().find(|t| width(t) <= usize::from(area.width)).unwrap_or(&text[1]);
        p.text(area.x, area.bottom() - 1, area.width, text, p.style(Role::Dim));
    }
    // Those that are counted above: what is pending or silenced is not wrong here either.
    for (alert, y) in shown.alerts.active.iter().filter(|a| a.counts()).zip(rest.y..rest.bottom()) {
        let role = facts::level_role(alert.level);
        let used = p.text(area.x, y, area.width, alert.level.word(), p.style(role));
        let at = area.x + used + 1;
        p.text(
            at,
            y,
            area.right().saturating_sub(at),
            facts::name_of_id(shown.model, &alert.id.resource),
            p.style(Role::Text),
        );
    }
}
