//! What changed, on a detail: what happened before it began, and since.

use super::facts;
use super::format::clock;
use super::pages::{event_line, transition_line};
use super::paint::{Paint, Spans};
use super::related::Subject;
use super::shown::Shown;
use super::text::wrap;
use super::theme::Role;
use crate::alerts::{AFTER, Before, Happened, Nearness};
use crate::model::PollerKind;

/// Most that is shown of what names it or its relatives, before it began.
const MAX_NEAR: usize = 40;
/// The same since it began.
const MAX_SINCE: usize = 12;
/// Most that is shown of what happened elsewhere.
const MAX_ELSEWHERE: usize = 8;

/// The title above it.
pub(super) fn title(shown: &Shown<'_>, subject: &Subject<'_>) -> String {
    if subject.alerts.is_empty() {
        "What changed in the last half hour".into()
    } else {
        format!("What changed: from half an hour before {}", clock(subject.moment(shown), &shown.tz))
    }
}

/// What happened before it began, among which its cause is, then what has happened since: the nearest and latest first.
pub(super) fn lines(p: &Paint<'_>, shown: &Shown<'_>, subject: &Subject<'_>, width: u16) -> Vec<Spans> {
    let dim = |text: String| Spans::one(text, p.style(Role::Dim));
    let began = subject.moment(shown).saturating_add(AFTER).unwrap_or(shown.now);
    let (near, elsewhere): (Vec<&Before<'_>>, Vec<_>) =
        subject.changes.iter().partition(|b| b.nearness < Nearness::Elsewhere);
    let (first, since): (Vec<&Before<'_>>, Vec<_>) =
        near.into_iter().partition(|b| subject.alerts.is_empty() || b.happened.at() <= began);
    let more = |of: &[&Before<'_>], most: usize| {
        let more = of.len().checked_sub(most).filter(|more| *more > 0);
        more.map(|more| dim(format!("  and {more} more, on the timeline")))
    };
    let mut lines: Vec<Spans> = first.iter().take(MAX_NEAR).map(|b| line(p, shown, b)).collect();
    lines.extend(more(&first, MAX_NEAR));
    if lines.is_empty() {
        lines.push(dim("  nothing that names it".into()));
    }
    if !elsewhere.is_empty() {
        lines.push(dim("  elsewhere in its region:".into()));
        lines.extend(elsewhere.iter().take(MAX_ELSEWHERE).map(|b| line(p, shown, b)));
        lines.extend(more(&elsewhere, MAX_ELSEWHERE));
    }
    if !since.is_empty() {
        lines.push(dim(format!("  since it began, at {}:", clock(subject.moment(shown), &shown.tz))));
        lines.extend(since.iter().take(MAX_SINCE).map(|b| line(p, shown, b)));
        lines.extend(more(&since, MAX_SINCE));
    }
    let lag = facts::standing(shown, &[PollerKind::Trail]);
    let text = match (lag.any_read, lag.failing.first()) {
        (_, Some((source, error))) => format!("the trail: {}", facts::why(source, error)),
        (false, None) => "the trail is not read yet".to_owned(),
        (true, None) => "the trail lags by minutes: what was done just now is not here yet".to_owned(),
    };
    lines.extend(wrap(&text, usize::from(width.saturating_sub(2))).into_iter().map(|line| dim(format!("  {line}"))));
    lines
}

/// Something that happened, on one line.
fn line(p: &Paint<'_>, shown: &Shown<'_>, before: &Before<'_>) -> Spans {
    let mut line = match before.happened {
        Happened::Event(event) => event_line(p, shown, event),
        Happened::Alert(transition) => transition_line(p, shown, transition),
    };
    line.0.insert(0, ("  ".into(), p.style(Role::Text)));
    line
}
