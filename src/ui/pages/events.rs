//! The audit trail, and the timeline of everything that happened.

use std::fmt::Write;

use jiff::Timestamp;

use crate::alerts::{Phase, Transition, suspect};
use crate::model::{Activity, Event, EventKind, PollerKind, Text};
use crate::ui::facts;
use crate::ui::format::{duration, moment};
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::Column;

use super::{Ctx, Form, Place, REGION, alerts, rows_in};

const TRAIL_PANE: [Column<'static>; 5] = [
    Column::new("TIME", 8, 20, 0).whole(),
    Column::new("", 1, 1, 0),
    Column::new("WHO", 6, 20, 2),
    Column::new("WHAT", 8, 40, 1),
    Column::new("ON", 6, 60, 3).grows(),
];

pub(super) const TRAIL_PAGE: [Column<'static>; 9] = [
    Column::new("TIME", 8, 20, 0).whole(),
    Column::new("", 1, 1, 0).named("mark"),
    Column::new("WHO", 6, 28, 2),
    Column::new("WHAT", 8, 44, 1),
    Column::new("ON", 6, 60, 3),
    Column::new(REGION, 6, 24, 6),
    Column::new("SERVICE", 4, 18, 7),
    Column::new("FROM", 7, 40, 5),
    Column::new("ERROR", 4, 60, 4).grows(),
];

pub(super) const TIMELINE: [Column<'static>; 4] = [
    Column::new("TIME", 8, 20, 0).whole(),
    Column::new("KIND", 5, 12, 1),
    Column::new("NAME", 6, 32, 2),
    Column::new("WHAT", 8, 200, 0).grows(),
];

fn find<'a>(shown: &Shown<'a>, item: &Item) -> Option<&'a Event> {
    let Item::Event(at, id) = item else { return None };
    shown.model.events().since(*at).find(|e| e.id == *id)
}

/// Draws the trail: writes, and what a security review looks for.
pub(super) fn trail(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let columns: &[Column<'static>] = if at.full { &TRAIL_PAGE } else { &TRAIL_PANE };
    let standing = facts::standing(shown, &[PollerKind::Trail]);
    let (words, role) = standing.words();
    let mut right = Spans::one(words, p.style(role));
    if at.area.width >= 50 && standing.any_read {
        right.push(", the trail lags by minutes", p.style(Role::Dim));
    }
    let form =
        Form { list: Listing::Trail, columns, right: Some(right), what: "writes in the trail", under: 0, member: None };
    rows_in(p, ctx, at, &form, |p, item| {
        let Some(event) = find(shown, item) else { return Vec::new() };
        let EventKind::Trail(t) = &event.kind else { return Vec::new() };
        let bad = facts::suspicious(event);
        let role = if bad { Role::Warn } else { Role::Text };
        let time = Spans::one(moment(event.at, shown.now, &shown.tz), p.style(Role::Dim));
        let mark = Spans::one(if bad { "!" } else { " " }, p.style(Role::Warn));
        let root = t.user_type == "Root";
        let who = if t.user.is_empty() { t.user_type.to_string() } else { t.user.to_string() };
        // A session's name is long and says little: the role, or who logged in, comes first.
        let who = if at.full { who } else { who.split('/').next().unwrap_or_default().to_owned() };
        let who = Spans::one(who, p.style(if root { Role::Crit } else { Role::Text }));
        let names: Vec<&str> = event.resources.iter().map(Text::as_str).collect();
        let on = Spans::one(names.join(" "), p.style(Role::Accent));
        let mut row = vec![time, mark, who, Spans::one(t.name.to_string(), p.style(role)), on];
        if at.full {
            let service = t.source.split('.').next().unwrap_or_default().to_owned();
            row.push(Spans::one(event.scope.region.to_string(), p.style(Role::Dim)));
            row.push(Spans::one(service, p.style(Role::Dim)));
            row.push(Spans::one(t.ip.to_string(), p.style(Role::Dim)));
            row.push(Spans::one(t.error.to_string(), p.style(Role::Warn)));
        }
        row
    });
}

/// Draws alerts' changes and events, merged, newest first.
pub(super) fn timeline(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let form =
        Form { list: Listing::Timeline, columns: &TIMELINE, right: None, what: "events", under: 0, member: None };
    rows_in(p, ctx, at, &form, |p, item| match item {
        Item::Transition(when, id) => {
            let found = shown.alerts.timeline.iter().find(|t| t.at == *when && t.alert.id == *id);
            let Some(transition) = found else { return Vec::new() };
            let alert = &transition.alert;
            let mut what = what_of(p, transition);
            // What may have caused it stands right behind it: the line may be cut.
            if alert.phase == Phase::Firing
                && transition.from != Some(Phase::Firing)
                && let Some(event) = suspect(shown.model, &id.resource, alert.since)
            {
                what.push(format!("; before it: {}", cause(event, alert.since)), p.style(Role::Accent));
            }
            if !alert.detail.is_empty() {
                what.push(format!(" ({})", alert.detail), p.style(Role::Dim));
            }
            vec![
                Spans::one(moment(transition.at, shown.now, &shown.tz), p.style(Role::Dim)),
                alerts::level_spans(p, alert.level, alert.phase),
                Spans::one(facts::name_of_id(shown.model, &id.resource).to_owned(), p.style(Role::Title)),
                what,
            ]
        }
        _ => find(shown, item).map(|e| event_row(p, shown, e)).unwrap_or_default(),
    });
}

/// What became of the alert, and its sentence.
fn what_of(p: &Paint<'_>, transition: &Transition) -> Spans {
    let word = match transition.alert.phase {
        Phase::Resolved => "resolved: ",
        Phase::Firing => "fires: ",
        Phase::Pending => "pending: ",
    };
    let mut what = Spans::one(word, p.style(Role::Dim));
    what.push(transition.alert.title.to_string(), p.style(Role::Text));
    what
}

/// `AuthorizeSecurityGroupIngress by alice on sg-0a1, 46s earlier`.
fn cause(event: &Event, since: Timestamp) -> String {
    let mut out = match &event.kind {
        EventKind::Trail(t) if !t.user.is_empty() => format!("{} by {}", t.name, t.user),
        EventKind::Trail(t) => t.name.to_string(),
        _ => event.summary.to_string(),
    };
    if let (Some(on), EventKind::Trail(_)) = (event.resources.first(), &event.kind) {
        let _ = write!(out, " on {on}");
    }
    let earlier = since.duration_since(event.at);
    if earlier.is_positive() {
        let _ = write!(out, ", {} earlier", duration(earlier));
    }
    out
}

/// A change of an alert on one line, as [`event_line`] has events.
pub(in crate::ui) fn transition_line(p: &Paint<'_>, shown: &Shown<'_>, transition: &Transition) -> Spans {
    let mut line = Spans::one(moment(transition.at, shown.now, &shown.tz), p.style(Role::Dim));
    line.push(format!("  {:<10}  ", "alert"), p.style(Role::Dim));
    line.0.extend(alerts::level_spans(p, transition.alert.level, transition.alert.phase).0);
    line.push(format!("  {}  ", transition.alert.title), p.style(Role::Text));
    let name = facts::name_of_id(shown.model, &transition.alert.id.resource).to_owned();
    line.push(name, p.style(Role::Accent));
    line
}

fn kind_word(event: &Event) -> &'static str {
    match &event.kind {
        EventKind::Trail(_) => "trail",
        EventKind::Activity(_) => "scaling",
        EventKind::Health { .. } => "health",
        EventKind::Alarm { .. } => "CloudWatch",
    }
}

fn event_row(p: &Paint<'_>, shown: &Shown<'_>, event: &Event) -> Vec<Spans> {
    let role = facts::event_role(event);
    let what = match &event.kind {
        EventKind::Trail(t) => {
            let mut spans = Spans::one(t.name.to_string(), p.style(role));
            if !t.user.is_empty() {
                spans.push(format!(" by {}", t.user), p.style(Role::Text));
            }
            if !t.error.is_empty() {
                spans.push(format!(" ({})", t.error), p.style(Role::Warn));
            }
            spans
        }
        EventKind::Activity(Activity { failure: Some(failure), message, .. }) => {
            Spans::one(format!("{}: {message}", failure.as_str()), p.style(role))
        }
        EventKind::Activity(Activity { group, .. }) => {
            let summary = event.summary.strip_prefix(group.as_str()).unwrap_or(&event.summary);
            Spans::one(summary.trim_start_matches(": ").to_owned(), p.style(role))
        }
        EventKind::Health { member, healthy, reason } => {
            let state = if *healthy { "is healthy" } else { "is unhealthy" };
            let mut spans =
                Spans::one(format!("{} {state}", facts::name_in(shown.model, event, member)), p.style(role));
            if !reason.is_empty() {
                spans.push(format!(": {reason}"), p.style(role));
            }
            if facts::name_in(shown.model, event, member) != member.as_str() {
                spans.push(format!("  {member}"), p.style(Role::Dim));
            }
            spans
        }
        EventKind::Alarm { .. } => Spans::one(event.summary.to_string(), p.style(role)),
    };
    let name = event.resources.first().map_or_else(String::new, |r| facts::name_in(shown.model, event, r).to_owned());
    vec![
        Spans::one(moment(event.at, shown.now, &shown.tz), p.style(Role::Dim)),
        Spans::one(kind_word(event), p.style(Role::Dim)),
        Spans::one(name, p.style(Role::Accent)),
        what,
    ]
}

/// An event on one line: when, what sort, what.
pub(in crate::ui) fn event_line(p: &Paint<'_>, shown: &Shown<'_>, event: &Event) -> Spans {
    let mut cells = event_row(p, shown, event).into_iter();
    let mut line = cells.next().unwrap_or_default();
    let kind = cells.next().unwrap_or_default();
    line.push(format!("  {:<10}  ", kind.0.first().map_or("", |(t, _)| t)), p.style(Role::Dim));
    // What was done is told before to whom: where it is cut, the name is the part to miss.
    let name = cells.next().unwrap_or_default();
    let what = cells.next().unwrap_or_default();
    line.0.extend(what.0);
    line.push("  ", p.style(Role::Dim));
    line.0.extend(name.0);
    line
}
