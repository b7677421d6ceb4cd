//! The account's own CloudWatch alarms: their state there and here, and who was first.

use crate::alerts::{Alert, Phase};
use crate::model::{Alarm, AlarmState, Detail, ResourceId};
use crate::ui::format::{UNKNOWN, duration, number};
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::Column;

use super::{Ctx, Form, Place, REGION, alerts, rows_in, scope_cell};

const COLUMNS: [Column; 8] = [
    Column::new("ALARM", 8, 44, 0),
    Column::new(REGION, 6, 24, 7),
    Column::new("CLOUDWATCH", 5, 18, 0),
    Column::new("FOR", 2, 7, 2).right(),
    Column::new("HERE", 4, 10, 1),
    Column::new("METRIC", 6, 44, 3),
    Column::new("LIMIT", 4, 22, 4),
    Column::new("WHO WAS FIRST", 8, 60, 2).grows(),
];

/// Draws the alarms.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let form = Form { list: Listing::Alarms, columns: &COLUMNS, right: None, what: "CloudWatch alarms", under: 0 };
    rows_in(p, ctx, at, &form, |p, item| {
        let Item::Resource(id) = item else { return Vec::new() };
        let Some(resource) = shown.model.resource(id) else { return Vec::new() };
        let Detail::Alarm(alarm) = &resource.detail else { return Vec::new() };
        let since = alarm.state_since.map(|at| duration(shown.now.duration_since(at)));
        let ours = here(shown, id, alarm);
        let here =
            ours.map_or_else(|| Spans::one(UNKNOWN, p.style(Role::Dim)), |a| alerts::level_spans(p, a.level, a.phase));
        let first = ours.and_then(alerts::cloudwatch).unwrap_or_else(|| UNKNOWN.into());
        vec![
            Spans::one(resource.name.to_string(), p.style(Role::Text)),
            scope_cell(p, shown, id),
            state(p, alarm.state),
            Spans::one(since.unwrap_or_else(|| UNKNOWN.into()), p.style(Role::Dim)),
            here,
            Spans::one(metric(alarm), p.style(Role::Text)),
            Spans::one(limit(alarm), p.style(Role::Dim)),
            Spans::one(first, p.style(Role::Accent)),
        ]
    });
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

/// Our alert on what the alarm watches: the one that names it, else one on the alarm itself.
fn here<'a>(shown: &Shown<'a>, id: &ResourceId, _alarm: &Alarm) -> Option<&'a Alert> {
    let all = || shown.alerts.active.iter().chain(&shown.alerts.resolved).copied();
    let named = |a: &&Alert| a.cloudwatch.as_ref().is_some_and(|c| c.alarm == id.id) && a.id.resource.scope == id.scope;
    all()
        .filter(named)
        .max_by_key(|a| (a.phase != Phase::Resolved, a.phase == Phase::Firing))
        .or_else(|| all().find(|a| a.id.resource == *id))
}

fn metric(alarm: &Alarm) -> String {
    if alarm.metric.is_empty() {
        return if alarm.rule.is_empty() { "metric math".into() } else { alarm.rule.to_string() };
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
        other => other,
    };
    let Some(threshold) = alarm.threshold else { return UNKNOWN.into() };
    let (m, n) = (alarm.datapoints_to_alarm.max(1), alarm.evaluation_periods.max(1));
    format!("{sign} {}  {m}/{n} of {}s", number(threshold), alarm.period)
}
