//! The slide of an alert: how bad, on what, what, how much against which limit, since when, and how it came.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::big::{self, Side};
use super::draw::{plain_row, title_rows};
use super::{Wall, draw};
use crate::alerts::{Alert, AlertId, Phase, suspect};
use crate::model::Kind;
use crate::ui::course;
use crate::ui::facts;
use crate::ui::format::{beside, duration, minute};
use crate::ui::graph::{self, Graph, Limit};
use crate::ui::pages::limit_of;
use crate::ui::paint::Paint;
use crate::ui::shown::Shown;
use crate::ui::signals;
use crate::ui::text::wrap;
use crate::ui::theme::Role;

/// Draws the alert `id`; one that has gone says so until the wall turns.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall, id: &AlertId) {
    let all = shown.alerts.active.iter().chain(&shown.alerts.resolved);
    let Some(alert) = all.copied().find(|a| a.id == *id) else {
        return super::status::draw(p, area, shown, wall);
    };
    let over = alert.phase == Phase::Resolved;
    let role = if over { Role::Ok } else { facts::level_role(alert.level) };
    let word = if over { "RESOLVED" } else { alert.level.word() };
    let rows = title_rows(p, area.height).max(if area.height >= 12 { 4 } else { 1 });
    let scope = &id.resource.scope;
    let name = if id.resource.kind == Kind::Poller {
        format!("{} {}", scope.account, scope.region)
    } else {
        facts::name_of_id(shown.model, &id.resource).to_owned()
    };
    let mut rest = band(p, area, rows, &format!("{word} {name}"), role);

    let title_at = |rest: &mut Rect, text: &str, most: u16, role: Role, p: &mut Paint<'_>| {
        let rows = big::rows(p, text, rest.width.saturating_sub(2), most.min(rest.height));
        let at = Rect { x: rest.x + 1, y: rest.y, width: rest.width.saturating_sub(2), height: rows.min(rest.height) };
        big::write(p, at, Side::Left, text, p.style(role));
        let used = rows + u16::from(rest.height >= 16);
        *rest = Rect { y: rest.y + used, height: rest.height.saturating_sub(used), ..*rest };
    };
    title_at(&mut rest, &alert.title, rows, Role::Text, p);
    rest = figures(p, rest, shown, wall, alert, role);

    if alert.signal.is_none() && !alert.detail.is_empty() {
        // No graph needs the room: the reason is read from afar too.
        title_at(&mut rest, &alert.detail, rows, Role::Text, p);
    }
    let words = words(shown, alert);
    let notes: Vec<(String, Role)> = words
        .into_iter()
        .flat_map(|(text, role)| {
            wrap(&text, usize::from(rest.width.saturating_sub(2))).into_iter().map(move |l| (l, role))
        })
        .take(if rest.height >= 20 { 6 } else { 3 })
        .collect();
    let under = u16::try_from(notes.len()).unwrap_or(0).min(rest.height);
    let graph_rows = rest.height - under;
    if let Some((signal, series)) = alert.signal.as_ref().and_then(|s| Some((s, shown.model.series(&id.resource, s)?)))
        && graph_rows >= 5
    {
        let limit = signals::limit_on(alert, series);
        let graph = Graph {
            signal,
            series,
            limit: limit.map(|value| Limit { comparison: alert.comparison, value, word: "limit" }),
            unit: alert.unit,
            marks: &[],
            now: shown.now,
            tz: &shown.tz,
            range: None,
            zoom: None,
        };
        let at = Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), height: graph_rows - 1, ..rest };
        graph::draw(p, at, &graph);
        rest = Rect { y: rest.y + graph_rows, height: under, ..rest };
    }
    for ((text, role), y) in notes.into_iter().zip(rest.y..rest.bottom()) {
        plain_row(p, Rect { x: rest.x + 1, y, width: rest.width.saturating_sub(2), height: 1 }, &[(text, role)]);
    }
}

/// A band in the colour of `role` with `text` in it. Returns what is under it.
fn band(p: &mut Paint<'_>, area: Rect, rows: u16, text: &str, role: Role) -> Rect {
    let style = p.style(role).remove_modifier(Modifier::REVERSED).add_modifier(Modifier::REVERSED | Modifier::BOLD);
    let edge = u16::from(area.height >= 30);
    let whole = Rect { height: (rows + edge).min(area.height), ..area };
    for y in whole.y..whole.bottom() {
        p.line(whole.x, y, whole.width, " ", style);
    }
    let at =
        Rect { x: whole.x + 1, width: whole.width.saturating_sub(2), y: whole.y + edge, height: rows.min(area.height) };
    big::write(p, at, Side::Left, text, style);
    let used = whole.height + u16::from(area.height >= 16);
    Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area }
}

/// The value as large as fits, and beside it the limit, since when, and how old the data is.
fn figures(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall, alert: &Alert, role: Role) -> Rect {
    let rows = match area.height {
        56.. => 16,
        18.. => 8,
        9.. => 4,
        n => n.min(2),
    };
    let stale = alert.stale_since.is_some();
    let figure = alert.value.map(|v| beside(v, alert.limit, alert.unit));
    let swap = draw::mirrored(wall);
    let left = if figure.is_some() { area.width / 2 } else { 0 };
    let place = |first: bool| {
        let x = if first == swap { area.right().saturating_sub(left + 1) } else { area.x + 1 };
        Rect { x, y: area.y, width: left.saturating_sub(1), height: rows.min(area.height) }
    };
    if let Some(figure) = &figure {
        big::write(p, place(true), Side::Left, figure, p.style(if stale { Role::Stale } else { role }));
    }
    let end = alert.resolved_at.unwrap_or(shown.now);
    let older = if alert.older { "over " } else { "" };
    let mut lasts = format!("for {older}{}", duration(end.duration_since(alert.since)));
    if alert.limit.is_some() {
        lasts = format!("{} {lasts}", limit_of(alert));
    }
    let (age, age_role) = age(shown, alert);
    let facts = if left == 0 {
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..place(true) }
    } else {
        place(false)
    };
    let half = facts.height.div_ceil(2);
    big::write(p, Rect { height: half, ..facts }, Side::Left, &lasts, p.style(Role::Text));
    let under = Rect { y: facts.y + half, height: facts.height - half, ..facts };
    big::write(p, under, Side::Left, &age, p.style(age_role));
    let used = rows + u16::from(area.height >= 16);
    Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area }
}

fn age(shown: &Shown<'_>, alert: &Alert) -> (String, Role) {
    if let Some(since) = alert.stale_since {
        return (format!("STALE {}", duration(shown.now.duration_since(since))), Role::Stale);
    }
    match alert.data_at {
        Some(at) => (format!("data {} old", duration(shown.now.duration_since(at))), Role::Dim),
        None => (format!("since {}", minute(alert.since, &shown.tz)), Role::Dim),
    }
}

/// What else is known, a sentence each.
fn words(shown: &Shown<'_>, alert: &Alert) -> Vec<(String, Role)> {
    let mut out = Vec::new();
    if !alert.detail.is_empty() && alert.signal.is_some() {
        out.push((alert.detail.to_string(), Role::Text));
    }
    if let Some(event) = suspect(shown.model, &alert.id.resource, alert.since) {
        let when = minute(event.at, &shown.tz);
        out.push((format!("changed before: {when} {}", super::lists::event_words(event)), Role::Accent));
    }
    out.extend(course::words(alert, shown));
    if let Some(theirs) = &alert.cloudwatch {
        let lead = match theirs.lead {
            Some(lead) if lead.is_negative() => format!(", {} before us", duration(-lead)),
            Some(lead) => format!(", we lead by {}", duration(lead)),
            None => String::new(),
        };
        out.push((format!("CloudWatch {} says {}{lead}", theirs.alarm, theirs.state.as_str()), Role::Dim));
    }
    let id = &alert.id.resource;
    out.push((format!("{} {} in {}, rule {}", id.kind.as_str(), id.id, id.scope, alert.id.rule), Role::Dim));
    out
}
