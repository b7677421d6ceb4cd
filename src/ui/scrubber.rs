//! The line over the footer of a replay or the demonstration: where in time one is, and where its alerts are.

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::facts;
use super::format::{clock, duration, minute};
use super::hits::{Stretch, Target};
use super::paint::{Paint, Spans, to_u16};
use super::playback::{Playback, speed};
use super::shown::{Badge, Shown};
use super::theme::Role;
use crate::alerts::Level;

/// Fewest columns and rows of a screen that has a line for it.
const LEAST_SIZE: (u16, u16) = (60, 20);
/// What the line of the demonstration, which has no end, grows by.
const PIECE: SignedDuration = SignedDuration::from_mins(30);

/// Whether a screen of `size` has a line for it.
pub(super) fn fits(size: (u16, u16), shown: &Shown<'_>) -> bool {
    shown.playback.is_some() && size.0 >= LEAST_SIZE.0 && size.1 >= LEAST_SIZE.1
}

/// Whether only ASCII may be drawn.
fn ascii(p: &Paint<'_>) -> bool {
    p.glyphs().cut == "~"
}

/// The sign of a time that stands, or goes.
fn sign(p: &Paint<'_>, paused: bool) -> &'static str {
    match (paused, ascii(p)) {
        (true, false) => "❚❚",
        (true, true) => "||",
        (false, false) => "▶",
        (false, true) => ">",
    }
}

/// Whose world it is, in a word; `None` for what is live.
pub(super) fn word(shown: &Shown<'_>) -> Option<&'static str> {
    match &shown.badge {
        Badge::Live => None,
        Badge::Demo { .. } => Some("DEMO"),
        Badge::Replay { .. } => Some("REPLAY"),
    }
}

/// Whose world it is and how it plays: ` REPLAY night.awr x4 ❚❚ paused `, and where there is no other place for it
/// ` REPLAY 04:59 x4 ❚❚ `. `None` for what is live.
pub(super) fn badge(p: &Paint<'_>, shown: &Shown<'_>, wide: bool) -> Option<String> {
    let (word, name, pace) = match &shown.badge {
        Badge::Live => return None,
        Badge::Demo { scenario, speed } => ("DEMO", scenario, *speed),
        Badge::Replay { file, speed } => ("REPLAY", file, *speed),
    };
    let Some(of) = shown.playback else { return Some(format!(" {word} {name} {} ", speed(pace))) };
    let pace = speed(of.speed);
    let sign = if of.paused { format!(" {}", sign(p, true)) } else { String::new() };
    Some(if wide {
        let paused = if of.paused { " paused" } else { "" };
        format!(" {word} {name} {pace}{sign}{paused} ")
    } else if of.seeking.is_some() {
        format!(" {word} seeking ")
    } else {
        format!(" {word} {} {pace}{sign} ", minute(shown.now, &shown.tz))
    })
}

/// The last moment of the line.
fn end(of: &Playback, now: Timestamp) -> Timestamp {
    let latest = of.marks.iter().next_back().map_or(of.known, |(at, _)| at.max(of.known)).max(now);
    of.ends.unwrap_or_else(|| {
        let pieces = latest.duration_since(of.begins).as_secs() / PIECE.as_secs() + 1;
        let length = SignedDuration::from_secs(PIECE.as_secs().saturating_mul(pieces));
        of.begins.checked_add(length).unwrap_or(Timestamp::MAX)
    })
}

/// How far along `cells` the moment `at` lies.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a screen's width")]
fn place(at: Timestamp, begins: Timestamp, ends: Timestamp, cells: u16) -> u16 {
    let whole = ends.duration_since(begins).as_secs_f64().max(1.0);
    let share = (at.duration_since(begins).as_secs_f64() / whole).clamp(0.0, 1.0);
    ((share * f64::from(cells)) as u16).min(cells.saturating_sub(1))
}

fn glyph(p: &Paint<'_>, level: Level) -> &'static str {
    match level {
        Level::Critical => p.glyphs().crit,
        Level::Blind => p.glyphs().blind,
        Level::Warning => p.glyphs().warn,
    }
}

/// Draws it on the one row `area`; `chosen` is the moment that the mouse holds.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, chosen: Option<Timestamp>) {
    let Some(of) = shown.playback else { return };
    let ends = end(of, shown.now);
    p.line(area.x, area.y, area.width, " ", p.style(Role::Text));
    let mut left = Spans::default();
    if let Some((to, done)) = of.seeking {
        left.push(format!("seeking {} {:.0}%", clock(to, &shown.tz), done * 100.0), p.style(Role::Warn));
    } else if let Some(to) = chosen {
        left.push(if ascii(p) { "> " } else { "┃ " }, p.style(Role::Key));
        left.push(clock(to, &shown.tz), p.style(Role::Warn));
    } else {
        left.push(format!("{} ", sign(p, of.paused)), p.style(Role::Key));
        left.push(clock(shown.now, &shown.tz), p.style(Role::Accent));
    }
    let right = right(p, of, shown, ends, area.width);
    let (x, stop) = (area.x + 1, area.right().saturating_sub(1));
    // The bar does not move while one seeks.
    let used = p.spans(x, area.y, stop.saturating_sub(x), &left).max(if of.paused { 11 } else { 10 });
    let begins = minute(of.begins, &shown.tz);
    let x = x + used + 2;
    let x = x + p.text(x, area.y, stop.saturating_sub(x), &begins, p.style(Role::Dim)) + 1;
    let width = to_u16(right.width());
    p.spans(stop.saturating_sub(width).max(x), area.y, width, &right);
    let bar = stop.saturating_sub(width + 1).saturating_sub(x);
    if bar >= 8 {
        let bar = Rect { x, width: bar, ..area };
        p.hit(bar, Target::Time(Stretch { from: of.begins, to: ends, cells: bar.width }));
        line(p, bar, of, shown.now, ends, chosen);
    }
}

/// Where it ends, and when the next alert fires.
fn right(p: &Paint<'_>, of: &Playback, shown: &Shown<'_>, ends: Timestamp, width: u16) -> Spans {
    let open = if of.ends.is_none() { p.glyphs().cut } else { "" };
    let mut spans = Spans::one(format!("{}{open}", minute(ends, &shown.tz)), p.style(Role::Dim));
    if of.damage.is_some() {
        spans.push(" broken off", p.style(Role::Warn));
    }
    if width < 100 {
        return spans;
    }
    spans.push("  next ", p.style(Role::Dim));
    match of.marks.after(shown.now) {
        Some((at, mark)) => {
            let text = format!("{} {}", glyph(p, mark.level), mark.level.word());
            spans.push(text, p.style(facts::level_role(mark.level)));
            let text = format!("{:<8}", format!(" +{}", duration(at.duration_since(shown.now))));
            spans.push(text, p.style(Role::Text));
        }
        None if of.ends.is_some() && of.unsearched.is_none() => {
            spans.push(format!("{:<15}", "no alert"), p.style(Role::Dim));
        }
        None => drop(spans.push(format!("{:<15}", "not known"), p.style(Role::Dim))),
    }
    spans
}

/// The bar: what alerts fired from when to when, how far that is known, and where one is.
fn line(p: &mut Paint<'_>, area: Rect, of: &Playback, now: Timestamp, ends: Timestamp, chosen: Option<Timestamp>) {
    let (idle, firing, unknown, here) = if ascii(p) { ("-", "=", ".", "|") } else { ("─", "━", "┄", "█") };
    let at = |t| place(t, of.begins, ends, area.width);
    let known =
        if of.ends.is_some() && of.unsearched.is_none() { area.width } else { at(of.known.max(now)).saturating_add(1) };
    let seen = if of.known_from > of.begins { at(of.known_from.min(now)) } else { 0 };
    for n in 0..area.width {
        let (text, role) = if (seen..known).contains(&n) { (idle, Role::Axis) } else { (unknown, Role::Dim) };
        p.text(area.x + n, area.y, 1, text, p.style(role));
    }
    // The worst is drawn last, so that it stays; where an alert fired stays over what fires on.
    let mut marks: Vec<_> = of.marks.iter().collect();
    marks.sort_by_key(|(_, mark)| mark.level);
    for (fired, mark) in &marks {
        let last = at(mark.until.unwrap_or(of.known).max(*fired));
        for n in at(*fired)..=last {
            p.text(area.x + n, area.y, 1, firing, p.style(facts::level_role(mark.level)));
        }
    }
    for (fired, mark) in &marks {
        p.text(area.x + at(*fired), area.y, 1, glyph(p, mark.level), p.style(facts::level_role(mark.level)));
    }
    if let Some(to) = of.seeking.map(|(to, _)| to).or(chosen) {
        p.text(area.x + at(to), area.y, 1, if ascii(p) { ">" } else { "┃" }, p.style(Role::Warn));
    }
    p.text(area.x + at(now), area.y, 1, here, p.style(Role::Title));
}
