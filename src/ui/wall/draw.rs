//! One frame of the wall: counts and clock, the slide, and a line that says whose world this is and how old.

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::big::{self, Side};
use super::slides::{self, Slide};
use super::{Wall, WallPage, alert, blind, lists, money, scope, status};
use crate::ui::chrome;
use crate::ui::facts;
use crate::ui::format::{clock, dollars, duration, minute};
use crate::ui::paint::{Paint, Spans, to_u16};
use crate::ui::shown::{Badge, Shown};
use crate::ui::text::{Measure, width};
use crate::ui::theme::Role;

/// Ticks between two places of the picture.
const STEP: u64 = 60;
/// Ticks between turning the picture upside down: the strip from the top to the bottom and back.
const FLIP: u64 = 15 * 60;
/// Ticks between turning it from left to right.
const MIRROR: u64 = 30 * 60;
/// Places that the picture goes round: columns and rows off the corner.
const ORBIT: [(u16, u16); 6] = [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)];

/// Draws what `wall` shows of `shown`.
pub fn draw(buf: &mut Buffer, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let look = wall.look(shown.now);
    let _measure = Measure::of(look.wide);
    let shown = &scope::scoped(&wall.plan, shown);
    let p = &mut Paint::new(buf, look, None);
    p.tint(area, p.style(Role::Text));
    if chrome::too_small((area.width, area.height)) {
        match blind::judge(&wall.plan, shown) {
            Some(blind) => small_blind(p, area, shown, &blind),
            None => chrome::summary(p, area, shown),
        }
        return;
    }
    let mut inner = place(area, wall);
    if inner.height >= 30 {
        inner = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    }
    if let Some(blind) = blind::judge(&wall.plan, shown) {
        blind::draw(p, inner, shown, wall, &blind);
        return;
    }
    let strip_rows = match inner.height {
        80.. => 8,
        40.. if big::is_ascii(p) => 8,
        20.. => 4,
        _ => 1,
    };
    let gap = u16::from(inner.height >= 20);
    let body_rows = inner.height.saturating_sub(strip_rows + 1 + 2 * gap);
    let flipped = wall.plan.shift && wall.ticks / FLIP % 2 == 1;
    let (strip_y, line_y, body_y) = if flipped {
        let body = inner.y + 1 + gap;
        (inner.bottom() - strip_rows, inner.y, body)
    } else {
        (inner.y, inner.bottom() - 1, inner.y + strip_rows + gap)
    };
    strip(p, Rect { y: strip_y, height: strip_rows, ..inner }, shown, wall);
    line(p, Rect { y: line_y, height: 1, ..inner }, shown, wall);
    body(p, Rect { y: body_y, height: body_rows, ..inner }, shown, wall);
}

/// Where the picture stands at the moment.
fn place(area: Rect, wall: &Wall) -> Rect {
    if !wall.plan.shift || area.width < 44 || area.height < 12 {
        return area;
    }
    let at = usize::try_from(wall.ticks / STEP).unwrap_or(0) % ORBIT.len();
    let (dx, dy) = ORBIT[at];
    Rect { x: area.x + dx, y: area.y + dy, width: area.width - 2, height: area.height - 1 }
}

/// Whether left and right are changed over.
pub(super) fn mirrored(wall: &Wall) -> bool {
    wall.plan.shift && wall.ticks / MIRROR % 2 == 1
}

fn body(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    match &wall.slide {
        Slide::Alert(id) => alert::draw(p, area, shown, wall, id),
        Slide::Page(WallPage::Status | WallPage::Alerts) => status::draw(p, area, shown, wall),
        Slide::Page(WallPage::Balancers) => lists::balancers(p, area, shown, wall),
        Slide::Page(WallPage::Scaling) => lists::scaling(p, area, shown, wall),
        Slide::Page(WallPage::Bill) => money::draw(p, area, shown, wall),
        Slide::Page(WallPage::Data) => lists::data(p, area, shown, wall),
    }
}

/// What is wrong in one word and a number each, with its look.
pub(super) fn counts(shown: &Shown<'_>, wall: &Wall) -> Vec<(String, Role)> {
    if shown.playback.is_some_and(|of| of.seeking.is_some()) {
        // What is so on the way there is not what is so where it goes.
        return vec![("SEEKING".to_owned(), Role::Pending)];
    }
    let c = shown.alerts.counts;
    let firing = [(c.critical, "CRIT", Role::Crit), (c.blind, "BLIND", Role::Blind), (c.warning, "WARN", Role::Warn)];
    let mut out: Vec<(String, Role)> =
        firing.into_iter().filter(|(n, ..)| *n > 0).map(|(n, word, role)| (format!("{n} {word}"), role)).collect();
    if out.is_empty() {
        out.push(if scope::begins(&wall.plan, shown) {
            ("READING".to_owned(), Role::Pending)
        } else if scope::all_well_read(&wall.plan, shown) {
            ("ALL OK".to_owned(), Role::Ok)
        } else {
            ("NOT ALL READ".to_owned(), Role::Stale)
        });
    }
    out
}

/// Counts on one side, the clock on the other.
fn strip(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let time = minute(shown.now, &shown.tz);
    let swap = mirrored(wall);
    let room = area.width.saturating_sub(2);
    let clock_width = if area.height == 1 { 8 } else { (room / 3).max(18) };
    let clock_x = if swap { area.x + 1 } else { area.right().saturating_sub(clock_width + 1) };
    let side = if swap { Side::Left } else { Side::Right };
    let style = p.style(Role::Text).add_modifier(Modifier::BOLD);
    big::write(p, Rect { x: clock_x, width: clock_width, ..area }, side, &time, style);
    let mut counts = counts(shown, wall);
    let c = shown.alerts.counts;
    if wall.slide == Slide::Page(WallPage::Status) && area.height > 1 && c.critical + c.warning + c.blind == 0 {
        // The status says it below, and larger: here is whose it is.
        counts = vec![(headline(shown, wall), Role::Dim)];
    }
    let left = room.saturating_sub(clock_width + 2);
    let mut x = if swap { clock_x + clock_width + 2 } else { area.x + 1 };
    let share = left / to_u16(counts.len()).max(1);
    let whole = big::common(p, counts.iter().map(|(text, _)| text.as_str()), share.saturating_sub(1), area.height);
    for (text, role) in counts {
        let at = Rect { x, y: area.y, width: share.saturating_sub(1), height: area.height };
        let style = p.style(role).add_modifier(Modifier::BOLD);
        let parts = text.split_once(' ').filter(|(n, _)| area.height > 1 && whole == 1 && n.parse::<u32>().is_ok());
        if let Some((number, word)) = parts {
            // Where the words do not fit in big letters, the numbers do.
            let used = big::write(p, Rect { width: share / 2, ..at }, Side::Left, number, style);
            let y = at.y + at.height / 2;
            p.text(used.right() + 1, y, at.right().saturating_sub(used.right() + 1), word, style);
            x += share;
        } else {
            let used = big::write(p, at, Side::Left, &text, style);
            x += if area.height > 1 { share } else { used.width + 2 };
        }
    }
}

/// Whose world, how old, what it costs, which slide; a recording or the demonstration always says so.
fn line(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let (left, right) = (whose(p, shown, wall), doings(p, shown, wall, area.width >= 60));
    let room = usize::from(area.width.saturating_sub(2));
    let mut right = right;
    while right.len() > 1 && right.iter().map(|s| s.width() + 2).sum::<usize>() > room {
        right.remove(0);
    }
    let mut all = Spans::default();
    for (i, spans) in right.into_iter().enumerate() {
        if i > 0 {
            all.push("  ", p.style(Role::Text));
        }
        all.0.extend(spans.0);
    }
    let w = to_u16(all.width()).min(area.width);
    p.spans(area.right().saturating_sub(w + 1), area.y, w, &all);
    let left_room = area.width.saturating_sub(w + 4);
    if left_room >= 12 {
        p.text(area.x + 1, area.y, left_room, &left, p.style(Role::Dim));
    }
}

/// Whose world, in a word or two.
fn headline(shown: &Shown<'_>, wall: &Wall) -> String {
    if !wall.plan.name.is_empty() {
        return wall.plan.name.to_string();
    }
    let scopes = shown.model.scopes().into_iter().filter(|s| scope::lets_through(&wall.plan, s));
    let accounts: std::collections::BTreeSet<_> = scopes.map(|s| s.account.as_str()).collect();
    match accounts.len() {
        0 => "awswatch".to_owned(),
        1 => accounts.into_iter().collect(),
        n => format!("{} +{}", accounts.first().copied().unwrap_or_default(), n - 1),
    }
}

fn whose(p: &Paint<'_>, shown: &Shown<'_>, wall: &Wall) -> String {
    let plan = &wall.plan;
    let scopes: Vec<_> = shown.model.scopes().into_iter().filter(|s| scope::lets_through(plan, s)).collect();
    let dot = if big::is_ascii(p) { " - " } else { " · " };
    let mut words: Vec<String> = Vec::new();
    if !plan.name.is_empty() {
        words.push(format!("wall {}", plan.name));
    }
    let list = |of: &dyn Fn(&crate::model::Scope) -> String| {
        let names: std::collections::BTreeSet<String> = scopes.iter().map(|s| of(s)).collect();
        let more = if names.len() > 3 { format!(" +{}", names.len() - 3) } else { String::new() };
        format!("{}{more}", names.into_iter().take(3).collect::<Vec<_>>().join(" "))
    };
    words.push(list(&|s| s.account.to_string()));
    words.push(list(&|s| s.region.to_string()));
    if !plan.filter.trim().is_empty() {
        words.push(format!("only alerts /{}", plan.filter.trim()));
    }
    words.retain(|w| !w.is_empty());
    words.join(dot)
}

/// The least important first.
fn doings(p: &Paint<'_>, shown: &Shown<'_>, wall: &Wall, wide: bool) -> Vec<Spans> {
    let one = |text: String, role| Spans::one(text, p.style(role));
    let slides = slides::slides(&wall.plan, shown);
    let at = slides.iter().position(|s| *s == wall.slide).map_or(1, |i| i + 1);
    let mut out = vec![one(format!("{at}/{}", slides.len()), Role::Dim)];
    if let Some(cost) = shown.cost {
        out.push(one(format!("API {}{}/day", dollars(cost), facts::unpriced(shown)), Role::Dim));
    }
    if shown.slow_line {
        out.push(one("slow line".to_owned(), Role::Stale));
    }
    let zone = shown.now.to_zoned(shown.tz.clone()).strftime("%a %d %b %Z").to_string();
    out.push(one(format!("{} {zone}", clock(shown.now, &shown.tz)), Role::Dim));
    let (pulse, role) = chrome::pulse(shown, &scope::pollers(&wall.plan, shown).collect::<Vec<_>>(), wide);
    out.push(one(pulse, role));
    if let Some((at, lasted)) = wall.back {
        let ago = duration(shown.now.duration_since(at));
        out.push(one(format!("data is back for {ago}, was gone for {}", duration(lasted)), Role::Stale));
    }
    if let Some(notice) = shown.notice.as_ref().filter(|n| n.bad) {
        out.push(one(notice.text.clone(), Role::Warn));
    }
    if wall.held {
        out.push(one(" HELD ".to_owned(), Role::Badge));
    }
    let speed = |s: f64| if s.is_finite() { format!("x{s}") } else { "max".into() };
    let pace = |s: f64| match shown.playback.and_then(|of| of.seeking) {
        Some((to, done)) => format!("seeking {} {:.0}%", minute(to, &shown.tz), done * 100.0),
        None => speed(s),
    };
    match &shown.badge {
        Badge::Live => {}
        Badge::Demo { scenario, speed: s } => out.push(one(format!(" DEMO {scenario} {} ", pace(*s)), Role::Badge)),
        Badge::Replay { file, speed: s } => out.push(one(format!(" REPLAY {file} {} ", pace(*s)), Role::Badge)),
    }
    out
}

/// The clock and the line, where nothing else is left of the frame.
pub(super) fn clock_and_line(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let Some(rows) = area.height.checked_sub(1) else { return };
    if rows > 0 {
        let at = Rect { height: rows, ..area };
        let style = p.style(Role::Text);
        big::write(p, at, if mirrored(wall) { Side::Left } else { Side::Right }, &minute(shown.now, &shown.tz), style);
    }
    line(p, Rect { y: area.bottom() - 1, height: 1, ..area }, shown, wall);
}

fn small_blind(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, blind: &blind::Blind) {
    let age = blind.last.map_or_else(String::new, |at| format!(" {}", duration(shown.now.duration_since(at))));
    let first = chrome::tiny_badge(p, area, shown);
    p.text(first.x, first.y, first.width, &format!("BLIND{age}"), p.style(Role::Blind));
    for (why, y) in blind.why.iter().zip(area.y + 1..area.bottom()) {
        p.text(area.x, y, area.width, why, p.style(Role::Text));
    }
}

/// A slide's name on one side and how old it is on the other, as large as `rows` have room; stale is said as loudly.
/// Returns what is left of `area`.
pub(super) fn title(p: &mut Paint<'_>, area: Rect, name: &str, reading: &scope::Reading, mirrored: bool) -> Rect {
    let rows = title_rows(p, area.height);
    let (age, role) = age_of(reading);
    let (side, other) = if mirrored { (Side::Right, Side::Left) } else { (Side::Left, Side::Right) };
    let place = |at: Rect| if mirrored { turned(area, at) } else { at };
    let half = area.width.saturating_sub(4) * 3 / 5;
    let first = Rect { x: area.x + 1, height: rows, width: half, ..area };
    big::write(p, place(first), side, name, p.style(Role::Title));
    let second = Rect { x: first.right() + 1, width: area.width.saturating_sub(half + 3), height: rows, ..area };
    big::write(p, place(second), other, &age, p.style(role));
    let used = rows + u16::from(area.height >= 14);
    Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area }
}

/// `at` with left and right of `area` changed over.
pub(super) fn turned(area: Rect, at: Rect) -> Rect {
    Rect { x: area.x + area.right().saturating_sub(at.right()), ..at }
}

pub(super) fn title_rows(p: &Paint<'_>, height: u16) -> u16 {
    match height {
        60.. => 8,
        // Without block characters letters are never lower.
        32.. if big::is_ascii(p) => 8,
        24.. => 4,
        _ => 1,
    }
}

/// How old a reading is, in a few letters.
pub(super) fn age_of(reading: &scope::Reading) -> (String, Role) {
    let words = |d: SignedDuration| duration(d);
    match (&reading.error, reading.age, reading.fresh) {
        (_, Some(age), true) => (format!("{} old", words(age)), Role::Dim),
        (Some(error), Some(age), false) => {
            (format!("STALE {} {}", words(age), error.class.as_str()), facts::error_role(error.class))
        }
        (None, Some(age), false) => (format!("STALE {}", words(age)), Role::Stale),
        (Some(error), None, _) => (format!("BLIND {}", error.class.as_str()), facts::error_role(error.class)),
        (None, None, _) => ("reading".to_owned(), Role::Pending),
    }
}

/// A row of `texts` in a line of plain letters, those that fit whole.
pub(super) fn plain_row(p: &mut Paint<'_>, area: Rect, texts: &[(String, Role)]) {
    let mut x = area.x;
    for (text, role) in texts {
        let w = to_u16(width(text));
        if x > area.x && x + w > area.right() {
            break;
        }
        x += p.text(x, area.y, area.right().saturating_sub(x), text, p.style(*role)) + 2;
    }
}
