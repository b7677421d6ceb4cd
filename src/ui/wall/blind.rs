//! When data stops: one word over the whole screen, since when, and the way out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::big::{self, Side};
use super::{Wall, WallPlan, scope};
use crate::model::{Freshness, PollerRecord, Scope, Source};
use crate::ui::facts;
use crate::ui::format::{clock, counted, duration};
use crate::ui::paint::{Paint, to_u16};
use crate::ui::shown::Shown;
use crate::ui::text::wrap;
use crate::ui::theme::Role;

/// Pollers that mean to run at least so often tell whether data comes; a list that is read four times an hour does not.
const QUICK: SignedDuration = SignedDuration::from_mins(3);

/// What is to be said when nothing can be read.
pub(super) struct Blind {
    /// When anything was last read whole; none where nothing ever was.
    pub(super) last: Option<Timestamp>,
    /// Why, each reason once.
    pub(super) why: Vec<String>,
}

/// What is to be said, where data has stopped in all of the wall's scopes: every quick poller failed on its last run
/// (an expired login shows at once), or nothing was read for three intervals of the quickest (dead pollers, no network).
pub(super) fn judge(plan: &WallPlan, shown: &Shown<'_>) -> Option<Blind> {
    let quick = |(source, record): &(&Source, &PollerRecord)| {
        let idle = record.calls == 0 && record.last_success.is_some() && record.error.is_none();
        !source.poller.is_optional() && !idle && record.interval.is_none_or(|i| i <= QUICK)
    };
    let mut scopes: BTreeMap<&Scope, Vec<(&Source, &PollerRecord)>> = BTreeMap::new();
    for (source, record) in scope::pollers(plan, shown).filter(quick) {
        scopes.entry(&source.scope).or_default().push((source, record));
    }
    if scopes.is_empty() || !scopes.values().all(|records| gone(records, shown.now)) {
        return None;
    }
    let all = || scopes.values().flatten();
    let mut why: Vec<String> = Vec::new();
    for (source, record) in all() {
        if let Some(error) = &record.error {
            let text = facts::why(source, error);
            if !why.contains(&text) {
                why.push(text);
            }
        }
    }
    if why.is_empty() {
        why.push("no poller answers any more".to_owned());
    }
    Some(Blind { last: all().filter_map(|(_, r)| r.last_success).max(), why })
}

/// Whether nothing comes from a scope any more.
fn gone(records: &[(&Source, &PollerRecord)], now: Timestamp) -> bool {
    let newest = records.iter().filter_map(|(_, r)| r.last_success).max();
    let quickest = records.iter().filter_map(|(_, r)| r.interval).min().unwrap_or(QUICK);
    let patience = (quickest * 3).max(SignedDuration::from_secs(60));
    let late = newest.is_some_and(|at| now.duration_since(at) > patience);
    let fails = |r: &PollerRecord| match r.freshness(now) {
        Freshness::Loading => false,
        Freshness::Fresh => r.error.is_some(),
        Freshness::Stale | Freshness::Blind => true,
    };
    late || records.iter().all(|(_, r)| fails(r))
}

/// Draws it over all of `area`.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall, blind: &Blind) {
    let style = p.style(Role::Blind);
    let h = area.height;
    let edge = if h >= 40 { 2 } else { u16::from(h >= 14) };
    for y in (0..edge).chain(h - edge..h) {
        stripes(p, Rect { y: area.y + y, height: 1, ..area }, (wall.ticks / 60).wrapping_add(u64::from(y)));
    }
    let inner = Rect { y: area.y + edge, height: h - 2 * edge, ..area };
    let mut y = inner.y;
    let take = |y: &mut u16, rows: u16| {
        let rows = rows.min(inner.bottom().saturating_sub(*y));
        let at = Rect { x: inner.x + 1, y: *y, width: inner.width.saturating_sub(2), height: rows };
        *y += rows;
        at
    };
    let word_rows = match inner.height {
        44.. => 16,
        28.. => 12,
        18.. => 8,
        8.. => 4,
        _ => 1,
    };
    let gap = u16::from(inner.height >= 18);
    y += (inner.height.saturating_sub(word_rows * 2 + 8) / 3).min(6);
    let at = take(&mut y, word_rows);
    big::write(p, at, Side::Middle, "BLIND", style);
    y += gap;
    let said = match blind.last {
        Some(last) => format!("nothing read for {}", duration(shown.now.duration_since(last))),
        None => "nothing could be read yet".to_owned(),
    };
    let rows = big::rows(p, &said, inner.width.saturating_sub(2), word_rows / 2);
    let at = take(&mut y, rows);
    big::write(p, at, Side::Middle, &said, style);
    y += gap;
    let room = inner.width.saturating_sub(4);
    for why in blind.why.iter().take(2) {
        // In big letters over several lines where they all fit, else plainly.
        let big_lines = wrap(why, usize::from(room / 5));
        let needed = to_u16(big_lines.len()).saturating_mul(5);
        let fits = big_lines.iter().all(|line| big::rows(p, line, room, 4) == 4);
        if fits && needed + 8 <= inner.bottom().saturating_sub(y) {
            for line in &big_lines {
                let at = take(&mut y, 4);
                big::write(p, at, Side::Middle, line, p.style(Role::Text));
                y += 1;
            }
            continue;
        }
        for line in wrap(why, usize::from(room)).iter().take(3) {
            let at = take(&mut y, 1);
            big::write(p, at, Side::Middle, line, p.style(Role::Title));
        }
    }
    if blind.why.len() > 2 {
        let at = take(&mut y, 1);
        big::write(
            p,
            at,
            Side::Middle,
            &format!("and {}", counted(blind.why.len() - 2, "more reason")),
            p.style(Role::Dim),
        );
    }
    y += gap;
    let c = shown.alerts.counts;
    let firing = c.critical + c.warning;
    if let Some(last) = blind.last {
        let before = if firing > 0 { counted(firing, "alert") } else { "no alert".to_owned() };
        let at = take(&mut y, 1);
        let text = format!("as of {}: {before} fired; what has happened since is not known", clock(last, &shown.tz));
        big::write(p, at, Side::Middle, &text, p.style(Role::Stale));
    }
    let left = inner.bottom().saturating_sub(y);
    let clock_rows = if left >= 6 { 5 } else { left.min(1) };
    let at = Rect {
        x: inner.x + 1,
        y: inner.bottom() - clock_rows,
        width: inner.width.saturating_sub(2),
        height: clock_rows,
    };
    super::draw::clock_and_line(p, at, shown, wall);
}

/// A row of hazard stripes.
fn stripes(p: &mut Paint<'_>, area: Rect, phase: u64) {
    let (on, width) = (if big::is_ascii(p) { "/" } else { "▞" }, 4);
    let style = p.style(Role::Blind);
    for x in 0..area.width {
        if (u64::from(x) + phase) % (2 * width) < width {
            p.line(area.x + x, area.y, 1, on, style);
        }
    }
}
