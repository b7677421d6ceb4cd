//! The account's own CloudWatch alarms: their state there and here, and who was first.

use std::collections::BTreeMap;

use crate::alerts::{Alert, LeadSummary, Phase, Spread};
use crate::model::{Alarm, AlarmState, Detail, Kind, ResourceId};
use crate::rules::{Local, LocalState};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, counted, duration, number};
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, lines};

use super::{Ctx, Form, Place, REGION, alerts, rows_in, scope_cell};

pub(super) const COLUMNS: [Column<'static>; 8] = [
    Column::new("ALARM", 8, 44, 0),
    Column::new(REGION, 6, 24, 7),
    Column::new("CLOUDWATCH", 5, 18, 0),
    Column::new("FOR", 2, 7, 2).right(),
    Column::new("HERE", 4, 14, 0),
    Column::new("METRIC", 6, 44, 3),
    Column::new("LIMIT", 4, 22, 4),
    Column::new("WHO WAS FIRST", 8, 60, 2).named("first").grows(),
];

/// Draws the alarms, and under them how the two sides stand to each other.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let found = ctx.view.rows(shown, Listing::Alarms);
    let locals = &found.alarms;
    let room = usize::from(at.area.width.saturating_sub(4));
    let alarms = shown.model.of_kind(Kind::Alarm).next().is_some();
    let mut under = if at.full && alarms && at.area.height >= 12 { standing(shown, locals) } else { Vec::new() };
    under = under.iter().flat_map(|text| wrap(text, room)).collect();
    let rows = u16::try_from(under.len()).unwrap_or(0);
    let form = Form {
        list: Listing::Alarms,
        columns: &COLUMNS,
        right: None,
        what: "CloudWatch alarms",
        under: rows,
        member: None,
    };
    let free = rows_in(p, ctx, at, &form, |p, item| {
        let Item::Resource(id) = item else { return Vec::new() };
        let Some(resource) = shown.model.resource(id) else { return Vec::new() };
        let Detail::Alarm(alarm) = &resource.detail else { return Vec::new() };
        let since = alarm.state_since.map(|at| duration(shown.now.duration_since(at)));
        let local = locals.get(id);
        let here = match local.map(|l| (l.known(), l.mute)) {
            Some((Some(known), None)) => state(p, known),
            Some((Some(known), Some(_))) => Spans::one(format!("({known})"), p.style(Role::Dim)),
            _ => Spans::one(UNKNOWN, p.style(Role::Dim)),
        };
        let (told, role) = local.map_or((UNKNOWN.into(), Role::Dim), |local| first(shown, id, alarm, local));
        vec![
            Spans::one(resource.name.to_string(), p.style(Role::Text)),
            scope_cell(p, shown, id),
            state(p, alarm.state),
            Spans::one(since.unwrap_or_else(|| UNKNOWN.into()), p.style(Role::Dim)),
            here,
            Spans::one(metric(alarm), p.style(Role::Text)),
            Spans::one(limit(alarm), p.style(Role::Dim)),
            Spans::one(told, p.style(role)),
        ]
    });
    let dim = p.style(Role::Dim);
    let under: Vec<_> = under.into_iter().map(|text| (text, dim)).collect();
    lines(p, free, &under);
}

/// How many alarms are in ALARM there and here, how many differ, and the leads of the session.
fn standing(shown: &Shown<'_>, locals: &BTreeMap<ResourceId, Local>) -> Vec<String> {
    let (mut there, mut here, mut differ, mut unknown) = (0, 0, 0, 0);
    for resource in shown.model.of_kind(Kind::Alarm) {
        let Detail::Alarm(alarm) = &resource.detail else { continue };
        let local = locals.get(&resource.id).and_then(Local::known);
        there += usize::from(alarm.state == AlarmState::Alarm);
        here += usize::from(local == Some(AlarmState::Alarm));
        differ += usize::from(local.is_some_and(|l| l != alarm.state));
        unknown += usize::from(local.is_none());
    }
    let mut text = format!("in ALARM: {there} at CloudWatch, {here} here; {differ} differ");
    // A count of what was read is none of what there is.
    let whole = facts::standing(shown, super::pollers_of(Listing::Alarms)).is_whole();
    if !whole {
        let read = shown.model.of_kind(Kind::Alarm).count();
        text = format!("of the {read} read {text}; not all are read");
    }
    if unknown > 0 {
        text.push_str(", ");
        text.push_str(&unknown.to_string());
        text.push_str(" not known here");
    }
    let mut out = vec![text];
    out.extend(leads(&shown.alerts.leads));
    out
}

/// A distribution in words.
pub(in crate::ui) fn spread(s: &Spread) -> String {
    let signed = |d: jiff::SignedDuration| {
        let sign = if d.is_negative() { "-" } else { "" };
        format!("{sign}{}", duration(d.abs()))
    };
    let (median, p95, min, max) = (signed(s.median), signed(s.p95), signed(s.min), signed(s.max));
    format!("median {median}, p95 {p95}, {min} to {max} ({})", s.count)
}

/// The leads of the session in words, a line each; none while there is none.
fn leads(leads: &LeadSummary) -> Vec<String> {
    let mut out = Vec::new();
    for (what, s) in [("alarms evaluated here", &leads.mirrored), ("other rules", &leads.rules)] {
        if s.count > 0 {
            out.push(format!("lead over CloudWatch, {what}: {}", spread(s)));
        }
    }
    if leads.only_here + leads.only_there > 0 {
        let only = |n| counted(n, "breach").replace("breachs", "breaches");
        out.push(format!("{} told only here, {} only by CloudWatch", only(leads.only_here), leads.only_there));
    }
    out
}

/// Who turned first and by how long, or why the two differ, or why it is not known here.
fn first(shown: &Shown<'_>, id: &ResourceId, alarm: &Alarm, local: &Local) -> (String, Role) {
    match &local.state {
        LocalState::Is(_) => {}
        LocalState::Blind { why, .. } => return (why.to_string(), Role::Stale),
        state => return (state.unknown().unwrap_or_default().to_string(), Role::Dim),
    }
    if let (Some(mute), Some(AlarmState::Alarm)) = (local.mute, local.known()) {
        return (format!("does not fire: {}", mute.as_str()), Role::Dim);
    }
    let ours = here(shown, id);
    let lead = ours.and_then(|a| a.cloudwatch.as_ref()?.lead).filter(|_| alarm.state != AlarmState::Alarm);
    match (local.differs(alarm, shown.now), lead) {
        (Some(why), Some(lead)) if local.known() == Some(AlarmState::Alarm) && !lead.is_negative() => {
            (format!("we lead by {}: {why}", duration(lead)), Role::Accent)
        }
        (Some(why), _) => (why.to_owned(), Role::Warn),
        (None, _) => ours.and_then(alerts::cloudwatch).map_or((UNKNOWN.into(), Role::Dim), |t| (t, Role::Accent)),
    }
}

/// An alarm's state as glyph, word and colour.
pub(in crate::ui) fn state(p: &Paint<'_>, state: AlarmState) -> Spans {
    let g = p.glyphs();
    let (glyph, word, role) = match state {
        AlarmState::Alarm => (g.crit, "ALARM", Role::Crit),
        AlarmState::Ok => (g.ok, "OK", Role::Ok),
        AlarmState::InsufficientData => (g.blind, "no data", Role::Stale),
    };
    Spans::one(format!("{glyph} {word}"), p.style(role))
}

/// Our alert on the alarm itself, else one on what it watches.
fn here<'a>(shown: &Shown<'a>, id: &ResourceId) -> Option<&'a Alert> {
    let all = || shown.alerts.active.iter().chain(&shown.alerts.resolved).copied();
    let named = |a: &&Alert| a.cloudwatch.as_ref().is_some_and(|c| c.alarm == id.id) && a.id.resource.scope == id.scope;
    let rank = |a: &&Alert| (a.phase != Phase::Resolved, a.phase == Phase::Firing, a.id.resource == *id);
    all().filter(named).max_by_key(rank).or_else(|| all().find(|a| a.id.resource == *id))
}

fn metric(alarm: &Alarm) -> String {
    if alarm.is_composite() {
        return alarm.rule.to_string();
    }
    if alarm.metric.is_empty() {
        let expression = alarm.queries.iter().find(|q| !q.expression.is_empty()).map(|q| q.expression.to_string());
        return expression.unwrap_or_else(|| "metric math".into());
    }
    let of: Vec<&str> = alarm.dimensions.iter().map(|(_, v)| v.as_str()).collect();
    format!("{} {} {}", alarm.metric, alarm.stat, of.join(" "))
}

fn limit(alarm: &Alarm) -> String {
    let sign = match alarm.comparison.as_str() {
        "GreaterThanThreshold" => ">",
        "GreaterThanOrEqualToThreshold" => ">=",
        "LessThanThreshold" => "<",
        "LessThanOrEqualToThreshold" => "<=",
        "LessThanLowerOrGreaterThanUpperThreshold" => "outside the band",
        "LessThanLowerThreshold" => "under the band",
        "GreaterThanUpperThreshold" => "over the band",
        other => other,
    };
    let (m, n) = (alarm.datapoints_to_alarm.max(1), alarm.evaluation_periods.max(1));
    let period = if alarm.period > 0 { format!(" of {}s", alarm.period) } else { String::new() };
    match alarm.threshold {
        Some(threshold) => format!("{sign} {}  {m}/{n}{period}", number(threshold)),
        None if alarm.is_composite() => UNKNOWN.into(),
        None => format!("{sign}  {m}/{n}{period}"),
    }
}
