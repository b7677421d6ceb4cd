//! Why the rule of an alert stands as it does: the limits in force, the points it saw, what it waits for.
//!
//! A page over the others, made anew for each frame from what is shown, so that it goes on with it and stays where the screen
//! is frozen.

use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};

use super::command::Action;
use super::dialog;
use super::facts;
use super::paint::{Paint, Spans};
use super::shown::Shown;
use super::step::say;
use super::text::wrap;
use super::theme::Role;
use super::view::{Item, ViewState};
use super::widgets::{Frame, pane};
use crate::alerts::AlertId;

/// An explanation that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// Of which alert.
    pub alert: AlertId,
    /// Lines scrolled.
    pub scroll: usize,
}

/// Opens the explanation of what is selected, of several alerts the worst; or closes the one that is open.
pub(super) fn open(view: &mut ViewState, item: Option<&Item>, shown: &Shown<'_>) -> Vec<Action> {
    if view.explained.take().is_some() {
        return Vec::new();
    }
    let alert = match item {
        None => return say("nothing is selected"),
        // One that has resolved can be asked about as well.
        Some(Item::Alert(id) | Item::Transition(_, id)) => Some(id.clone()),
        Some(item) => dialog::alerts_of(item, shown).0.first().map(|a| a.id.clone()),
    };
    let Some(alert) = alert else { return say("there is no alert here to explain") };
    view.help = None;
    view.explained = Some(Explained { alert, scroll: 0 });
    Vec::new()
}

/// The explanation in lines of at most `width` columns.
fn lines(alert: &AlertId, shown: &Shown<'_>, width: usize) -> Vec<String> {
    let Some((rules, context)) = shown.engine else { return vec!["the rules are not known here".into()] };
    match rules.get(&alert.rule) {
        None => vec![format!("there is no rule {} any more", alert.rule)],
        Some(rule) if !rule.enabled => vec![format!("{} is off: enabled = false in {}", rule.id, rule.source)],
        Some(rule) => {
            let told = crate::rules::explain(rule, shown.model, context, &alert.resource, shown.now);
            let mut lines = told.lines(&shown.tz, width);
            if let Some((_, every)) = facts::slowed(shown).find(|(slowed, _)| **slowed == rule.id) {
                let text = format!("read less often, to keep to the budget: {every}");
                lines.extend(wrap(&text, width));
            }
            lines
        }
    }
}

fn framed(area: (u16, u16)) -> Frame {
    if area.0 >= 60 && area.1 >= 12 { Frame::Boxed } else { Frame::Ruled }
}

/// How many columns and rows lines have within a body of `size`.
fn room(size: (u16, u16)) -> (u16, usize) {
    match framed(size) {
        Frame::Boxed => (size.0.saturating_sub(4), usize::from(size.1.saturating_sub(2))),
        Frame::Ruled => (size.0.saturating_sub(2), usize::from(size.1.saturating_sub(1))),
    }
}

/// How many lines of it are beyond a screen of `size`.
pub(super) fn lines_beyond(open: &Explained, shown: &Shown<'_>, size: (u16, u16)) -> usize {
    let (width, rows) = room((size.0, size.1.saturating_sub(3)));
    lines(&open.alert, shown, width.into()).len().saturating_sub(rows)
}

/// Draws it over `area`.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, open: &Explained) {
    let frame = framed((area.width, area.height));
    let mut title = Spans::one("Why ", p.style(Role::Dim));
    title.push(facts::name_of_id(shown.model, &open.alert.resource).to_owned(), p.style(Role::Title));
    let rule = Spans::one(format!("rule {}", open.alert.rule), p.style(Role::Dim));
    let inner = pane(p, area, frame, &title, &rule, true);
    let lines = lines(&open.alert, shown, inner.width.into());
    let beyond = lines.len().saturating_sub(inner.height.into());
    let scroll = open.scroll.min(beyond);
    for ((i, line), y) in lines.iter().enumerate().skip(scroll).zip(inner.y..inner.bottom()) {
        p.text(inner.x, y, inner.width, line, p.style(role(i, line)));
    }
    if beyond > 0 && frame == Frame::Boxed {
        let text = format!(" {}-{} of {} lines ", scroll + 1, scroll + usize::from(inner.height), lines.len());
        p.right(area.x + 2, area.right() - 2, area.bottom() - 1, &text, p.style(Role::Dim));
    }
}

/// What a line means: the words say it too.
fn role(index: usize, line: &str) -> Role {
    let begins = |word: &str| line.trim_start().starts_with(word);
    match () {
        () if index == 0 => Role::Title,
        () if begins("CRITICAL,") => Role::Crit,
        () if begins("WARNING,") => Role::Warn,
        () if begins("BLIND ") => Role::Blind,
        () if begins("OK,") => Role::Ok,
        () if line.contains("  breaches ") => Role::Limit,
        () => Role::Text,
    }
}
