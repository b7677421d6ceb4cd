//! Alerts, worst first.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::alerts::{Alert, AlertId, BundleId, Level, Phase};
use crate::model::{AlarmState, ApiSignal, Kind, Model, PollerKind, Signal};
use crate::ui::course;
use crate::ui::facts::{self, level_role};
use crate::ui::format::{UNKNOWN, beside, counted, duration};
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::signals;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, lines, pane, spark};

use super::balancers::short_zone;
use super::{Ctx, Form, Place, REGION, rows_in, scope_cell, why};

pub(super) const COLUMNS: [Column<'static>; 9] = [
    Column::new("LEVEL", 6, 10, 0),
    Column::new("NAME", 8, 28, 0),
    Column::new(REGION, 9, 24, 8),
    Column::new("WHAT", 14, 44, 1),
    Column::new("VALUE", 2, 14, 2).right(),
    Column::new("LIMIT", 2, 10, 4),
    Column::new("TREND", 4, 10, 4),
    Column::new("FOR", 2, 7, 2).right(),
    Column::new("MORE", 18, 200, 7).grows(),
];

/// Narrower than this, there is no room for the last column.
const WIDE: u16 = 110;

/// Draws the alerts.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let firing = shown.alerts.active.len();
    let mut right = Spans::default();
    if at.area.width >= 60 {
        right.push("worst first  ", p.style(Role::Dim));
    }
    right.push(format!("{}, {}", counted(firing, "alert"), counted(shown.rule_count, "rule")), p.style(Role::Dim));
    if firing == 0 && shown.alerts.resolved.is_empty() {
        let inner = pane(p, at.area, at.frame, &Spans::one("Alerts", p.style(Role::Title)), &right, at.focused);
        let mut text = nothing(p, shown);
        if inner.height < 2 && text.len() > 1 {
            // Where there is one line only, it is of more use to read what was not read.
            let why = text[1].0.trim_start().to_owned();
            let more = if text.len() > 2 { format!(" and {} more", text.len() - 2) } else { String::new() };
            text[0].0 = format!("not all is read{more}: {why}");
        }
        lines(p, inner, &text);
        return;
    }
    let form =
        Form { list: Listing::Alerts, columns: &COLUMNS, right: Some(right), what: "alerts", under: 0, member: None };
    let (model, narrow) = (shown.model, at.area.width < WIDE);
    // Alerts below an unfolded line.
    let open = shown.alerts.lines.iter().filter(|l| l.bundle().is_some_and(|b| ctx.view.unfolded.contains(&b)));
    let inside: BTreeSet<&AlertId> = open.flat_map(crate::alerts::Line::below).collect();
    rows_in(p, ctx, at, &form, |p, item| {
        let id = match item {
            Item::Alert(id) => id,
            Item::Bundle(id) => return bundle_row(p, ctx, id, narrow),
            _ => return Vec::new(),
        };
        let alert = shown.alerts.active.iter().chain(&shown.alerts.resolved).find(|a| a.id == *id);
        let inside = inside.contains(id);
        alert.map(|a| row(p, ctx, model, a, inside, narrow)).unwrap_or_default()
    });
}

/// What is said when there is no alert: that all is well only if everything that rules need was read.
fn nothing(p: &Paint<'_>, shown: &Shown<'_>) -> Vec<(String, ratatui::style::Style)> {
    let dots = if p.glyphs().cut == "~" { "..." } else { " …" };
    if shown.model.pollers().next().is_none() {
        return vec![(format!("reading{dots}"), p.style(Role::Dim))];
    }
    if shown.rule_count == 0 {
        return vec![("no rules are in force: nothing is judged".into(), p.style(Role::Stale))];
    }
    if facts::all_well_read(shown) {
        let resources = shown.model.resources().count();
        let text = format!(
            "{} nothing is wrong: {} on {}",
            p.glyphs().ok,
            counted(shown.rule_count, "rule"),
            counted(resources, "resource")
        );
        return vec![(text, p.style(Role::Ok))];
    }
    let mut lines = vec![("not all is read yet, so nothing is called good:".to_owned(), p.style(Role::Stale))];
    lines.extend(super::notes(p, shown, &facts::standing(shown, &PollerKind::ALL)));
    if lines.len() == 1 {
        for (source, why) in &shown.alerts.unread {
            lines.push((format!("  {} {}: {why}", source.scope.region, source.poller), p.style(Role::Dim)));
        }
    }
    if lines.len() == 1 {
        lines.extend(facts::waited_for(shown).into_iter().map(|line| (format!("  {line}"), p.style(Role::Dim))));
    }
    lines
}

/// Glyph, word and colour of an alert.
pub(in crate::ui) fn level_spans(p: &Paint<'_>, level: Level, phase: Phase) -> Spans {
    let g = p.glyphs();
    match phase {
        Phase::Resolved => Spans::one(format!("{} resolved", g.resolved), p.style(Role::Ok)),
        Phase::Pending => Spans::one(format!("{} {}", g.pending, pending_word(level)), p.style(Role::Pending)),
        Phase::Firing => {
            let glyph = match level {
                Level::Critical => g.crit,
                Level::Warning => g.warn,
                Level::Blind => g.blind,
            };
            Spans::one(format!("{glyph} {}", level.word()), p.style(level_role(level)))
        }
    }
}

fn pending_word(level: Level) -> &'static str {
    match level {
        Level::Warning => "warn?",
        Level::Blind => "blind?",
        Level::Critical => "crit?",
    }
}

/// The sign before a line that stands for several alerts.
pub(super) fn fold_sign(p: &Paint<'_>, open: bool) -> &'static str {
    match (p.glyphs().cut == "~", open) {
        (true, true) => "- ",
        (true, false) => "+ ",
        (false, true) => "▾ ",
        (false, false) => "▸ ",
    }
}

/// Several alerts on one line.
fn bundle_row(p: &Paint<'_>, ctx: Ctx<'_>, id: &BundleId, narrow: bool) -> Vec<Spans> {
    let (shown, open) = (ctx.shown, ctx.view.unfolded.contains(id));
    let (Some(bundle), Some(line)) = (shown.alerts.bundle(id), shown.alerts.line(id)) else { return Vec::new() };
    let quiet = bundle.silenced || bundle.phase != Phase::Firing;
    let text = p.style(if quiet { Role::Dim } else { Role::Text });
    let scope = line.below().first().map(|id| scope_cell(p, shown, &id.resource)).unwrap_or_default();
    let mut level = level_spans(p, bundle.level, bundle.phase);
    if bundle.silenced {
        dim(p, &mut level);
    }
    let mut name = Spans::one(fold_sign(p, open), p.style(Role::Key));
    let called = match id {
        // Which zone it is stands at the end, which would be cut.
        BundleId::Zone { zone, .. } if narrow => format!("zone {}", short_zone(zone)),
        _ => bundle.name.to_string(),
    };
    name.push(called, p.style(if quiet { Role::Dim } else { Role::Title }));
    let mut more = Spans::one(counted(line.below().len(), "alert"), p.style(Role::Accent));
    if bundle.silenced {
        more.push(", silenced", p.style(Role::Dim));
    }
    if !open {
        more.push("; Enter shows them", p.style(Role::Dim));
    }
    vec![
        level,
        name,
        scope,
        Spans::one(bundle.title.to_string(), text),
        Spans::default(),
        Spans::default(),
        Spans::default(),
        Spans::one(duration(shown.now.duration_since(bundle.since)), text),
        more,
    ]
}

/// The title; behind the reason why hosts do not serve or why nothing can be read, where the whole of it, at the end of the
/// row, has no room.
fn because(shown: &Shown<'_>, alert: &Alert, narrow: bool) -> String {
    let unhealthy = [Signal::Api(ApiSignal::UnhealthyTargets), Signal::Api(ApiSignal::HealthyTargets)];
    let about_health = || alert.signal.as_ref().is_some_and(|s| unhealthy.contains(s));
    let why = match alert.level {
        _ if !narrow || alert.phase == Phase::Resolved => None,
        // `login expired: run aws sso login …`
        Level::Blind => alert.detail.split_once(": ").map(|(why, _)| why.to_owned()),
        _ if about_health() => why::reasons(shown.model.resource(&alert.id.resource)),
        _ => None,
    };
    match why {
        Some(why) => format!("{why}: {}", alert.title),
        None => alert.title.to_string(),
    }
}

/// Lets all of `spans` step back.
fn dim(p: &Paint<'_>, spans: &mut Spans) {
    for (_, style) in &mut spans.0 {
        *style = p.style(Role::Dim);
    }
}

fn row(p: &Paint<'_>, ctx: Ctx<'_>, model: &Model, alert: &Alert, inside: bool, narrow: bool) -> Vec<Spans> {
    let shown = ctx.shown;
    let quiet = !alert.counts();
    let text = p.style(if quiet { Role::Dim } else { Role::Text });
    let name_style = p.style(if quiet { Role::Dim } else { Role::Title });
    let name = facts::name_of_id(model, &alert.id.resource);
    let under = course::under(alert, shown);
    let mut named = Spans::default();
    if inside {
        named.push("  ", name_style);
    } else if under > 0 {
        let open = ctx.view.unfolded.contains(&BundleId::Under(alert.id.clone()));
        named.push(fold_sign(p, open), p.style(Role::Key));
    }
    named.push(name.to_owned(), name_style);
    if under > 0 {
        named.push(format!(" +{under}"), p.style(Role::Accent));
    }
    if let Some(tag) = course::tag(alert) {
        named.push(format!(" {tag}"), p.style(Role::Accent));
    }
    // Instances of a group share one name.
    if alert.id.resource.kind == Kind::Instance && *name != *alert.id.resource.id {
        named.push(format!(" {}", alert.id.resource.id), p.style(Role::Dim));
    }
    let trend = alert.signal.as_ref().and_then(|s| model.series(&alert.id.resource, s).map(|series| (s, series)));
    let trend = trend.map_or_else(Spans::default, |(signal, series)| {
        // A picture in a role that is turned round would be turned round too.
        let role = match alert.level {
            _ if quiet => Role::Dim,
            Level::Critical => Role::Limit,
            level => level_role(level),
        };
        let values = signals::tail_of(alert, signal, series, 8, shown.now);
        Spans::one(spark(p, &values, signals::limit_on(alert, series)), p.style(role))
    });
    let end = alert.resolved_at.unwrap_or(shown.now);
    let mut level = level_spans(p, alert.level, alert.phase);
    if alert.handling.silence.is_some() {
        dim(p, &mut level);
    }
    vec![
        level,
        named,
        scope_cell(p, shown, &alert.id.resource),
        Spans::one(because(shown, alert, narrow), text),
        Spans::one(value_of(alert), text),
        Spans::one(limit_of(alert), p.style(Role::Dim)),
        trend,
        Spans::one(age(alert, end), text),
        more(p, shown, alert),
    ]
}

/// The newest value: what it is now where it is not what breaches, so that beside the limit nothing untrue stands.
pub(in crate::ui) fn value_of(alert: &Alert) -> String {
    match alert.value {
        None if alert.level == Level::Blind || alert.limit.is_none() => UNKNOWN.into(),
        None => "no data".into(),
        Some(v) => {
            let text = beside(v, alert.limit, alert.unit);
            let speaks = alert.limit.is_none() || alert.phase == Phase::Resolved || alert.is_beyond();
            if speaks { text } else { format!("now {text}") }
        }
    }
}

/// How the value is compared, and with what: `> 512`; nothing where there is no limit.
pub(in crate::ui) fn limit_of(alert: &Alert) -> String {
    let Some(limit) = alert.limit else { return String::new() };
    format!("{} {}", alert.comparison.as_str(), beside(limit, alert.value, alert.unit))
}

/// What CloudWatch says of it, AWS's reasons, and whether the data is old.
fn more(p: &Paint<'_>, shown: &Shown<'_>, alert: &Alert) -> Spans {
    let mut spans = Spans::default();
    if let Some(since) = alert.stale_since {
        let text = format!("on old data for {}", duration(shown.now.duration_since(since)));
        spans.push(text, p.style(Role::Stale));
    }
    let mut add = |text: String, role| {
        if !spans.0.is_empty() {
            spans.push("; ", p.style(Role::Dim));
        }
        spans.push(text, p.style(role));
    };
    for (words, role) in course::words(alert, shown) {
        add(words, role);
    }
    if !alert.detail.is_empty() {
        add(alert.detail.to_string(), Role::Text);
    }
    if alert.phase == Phase::Pending {
        add("not for long enough yet".into(), Role::Dim);
    }
    if let Some(text) = cloudwatch(alert) {
        add(text, Role::Accent);
    }
    spans
}

/// How CloudWatch's own alarm stands to this alert.
pub(in crate::ui) fn cloudwatch(alert: &Alert) -> Option<String> {
    let view = alert.cloudwatch.as_ref()?;
    let (Some(lead), Phase::Firing | Phase::Resolved) = (view.lead, alert.phase) else {
        return Some(format!("CloudWatch says {}", view.state));
    };
    let (first, lead) = (lead.is_negative(), duration(lead.abs()));
    Some(match view.state {
        AlarmState::Alarm if first => format!("CloudWatch was first by {lead}"),
        AlarmState::Alarm => format!("CloudWatch followed {lead} later"),
        AlarmState::Ok => format!("CloudWatch still OK, we lead by {lead}"),
        AlarmState::InsufficientData => format!("CloudWatch has no data, we lead by {lead}"),
    })
}

/// How long `alert` has stood at `end`; with a `>` where it was so at the first reading already.
pub(in crate::ui) fn age(alert: &Alert, end: Timestamp) -> String {
    let sign = if alert.older { ">" } else { "" };
    format!("{sign}{}", duration(end.duration_since(alert.since)))
}
