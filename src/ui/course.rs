//! What was done about an alert, and what it did before: words for its row and its detail.

use super::facts;
use super::format::{beside, clock, counted, duration, moment};
use super::paint::{Paint, Spans};
use super::shown::Shown;
use super::theme::Role;
use crate::alerts::{Alert, AlertId, FLAP_WINDOW, Line, Past, Phase};
use crate::model::Kind;

/// Most changes of an alert in its detail.
const MAX_PAST: usize = 12;
/// Most notes in its detail; the newest.
const MAX_NOTES: usize = 8;

/// The alerts that `alert` stands for.
fn below<'a>(alert: &Alert, shown: &'a Shown<'_>) -> &'a [AlertId] {
    let of = |l: &'a Line| match l {
        Line::Alert { id, under } if *id == alert.id => Some(&under[..]),
        _ => None,
    };
    shown.alerts.lines.iter().find_map(of).unwrap_or_default()
}

/// How many alerts `alert` stands for.
pub(super) fn under(alert: &Alert, shown: &Shown<'_>) -> usize {
    below(alert, shown).len()
}

/// One word behind the name of an alert that somebody has dealt with.
pub(super) fn tag(alert: &Alert) -> Option<&'static str> {
    let h = &alert.handling;
    match () {
        () if h.silence.is_some() => Some("silenced"),
        () if h.ack.is_some() => Some("acked"),
        () if h.flapping.is_some() => Some("flapping"),
        () => None,
    }
}

/// What was done about `alert`, a few words for each thing.
pub(super) fn words(alert: &Alert, shown: &Shown<'_>) -> Vec<(String, Role)> {
    let h = &alert.handling;
    let mut out = Vec::new();
    if let Some(id) = &h.silence {
        let silence = shown.alerts.kept.and_then(|k| k.silence(id));
        out.push(match silence {
            Some(s) => {
                let until = moment(s.until, shown.now, &shown.tz);
                (format!("silenced until {until} by {}: {}", s.author, s.reason), Role::Accent)
            }
            None => ("silenced".into(), Role::Accent),
        });
    }
    if let Some(ack) = &h.ack {
        let note = if ack.note.is_empty() { String::new() } else { format!(": {}", ack.note) };
        out.push((format!("acknowledged by {} at {}{note}", ack.by, clock(ack.at, &shown.tz)), Role::Accent));
    }
    if h.flapping.is_some() {
        let changes = counted(h.changes, "change");
        let now = h
            .quiet_since
            .map_or_else(String::new, |at| format!(", good for {}", duration(shown.now.duration_since(at))));
        out.push((format!("flapping: {changes} in {}{now}", duration(FLAP_WINDOW)), Role::Stale));
    }
    if let Some(by) = &h.hidden_by {
        let name = facts::name_of_id(shown.model, &by.resource);
        out.push((format!("told by {} on {name}", by.rule), Role::Dim));
    }
    let below = below(alert, shown);
    let alarms = below.iter().filter(|id| id.resource.kind == Kind::Alarm).count();
    if below.len() > alarms {
        let alerts = counted(below.len() - alarms, "alert");
        out.push((format!("stands for {alerts} on its hosts and target groups"), Role::Accent));
    }
    // Of one its state is told anyway.
    if alarms > 1 {
        out.push((format!("stands for {alarms} CloudWatch alarms"), Role::Accent));
    }
    out
}

/// The notes on `alert` and its history, newest first, each a line; nothing where there is none.
pub(super) fn lines(p: &Paint<'_>, alert: &Alert, shown: &Shown<'_>) -> Vec<Spans> {
    let Some(kept) = shown.alerts.kept else { return Vec::new() };
    let mut out = Vec::new();
    let notes: Vec<_> = kept.notes_on(&alert.id).collect();
    for note in notes.iter().rev().take(MAX_NOTES) {
        let mut line = Spans::one(format!("  {}  ", moment(note.at, shown.now, &shown.tz)), p.style(Role::Dim));
        line.push(format!("{}: ", note.by), p.style(Role::Accent)).push(note.text.to_string(), p.style(Role::Text));
        out.push(line);
    }
    let past: Vec<&Past> = kept.past_of(&alert.id).rev().take(MAX_PAST).collect();
    for (i, step) in past.iter().enumerate() {
        let mut line = Spans::one(format!("  {}  ", moment(step.at, shown.now, &shown.tz)), p.style(Role::Dim));
        line.0.extend(super::pages::level_spans(p, step.level, step.phase).0);
        if let Some(value) = step.value.filter(|_| step.phase == Phase::Firing) {
            line.push(format!("  at {}", beside(value, alert.limit, alert.unit)), p.style(Role::Text));
        }
        // How long it took, at its end.
        let began = past.get(i + 1).filter(|b| b.phase == Phase::Firing && step.phase == Phase::Resolved);
        if let Some(began) = began {
            line.push(format!("  after {}", duration(step.at.duration_since(began.at))), p.style(Role::Dim));
        }
        out.push(line);
    }
    out
}
