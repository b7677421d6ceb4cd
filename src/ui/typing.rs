//! Typing: the filter and the palette.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::command::{Action, Command};
use super::fields;
use super::look::Look;
use super::palette::{self, Target};
use super::query::Query;
use super::shown::Shown;
use super::step::{jump, say, step};
use super::view::{DetailState, Input, Listing, Page, Typing, ViewState};
use crate::model::Text;

/// Longest line that can be typed, in bytes.
const MAX_INPUT: usize = 200;

pub(super) fn insert(view: &mut ViewState, text: &str) {
    let focus = view.focus();
    let Some(input) = &mut view.input else { return };
    if input.text.len() + text.len() <= MAX_INPUT {
        input.text.push_str(text);
    }
    if input.typing == Typing::Filter {
        let typed = input.text.clone();
        view.lists.entry(focus).or_default().filter = typed;
    }
}

/// Finds anew what the palette shows, after what is typed changed.
pub(super) fn look_up(view: &mut ViewState, shown: &Shown<'_>, look: &Look) -> Vec<Action> {
    let Some(input) = view.input.as_ref().filter(|i| i.typing.finds()) else { return Vec::new() };
    let themes = input.typing == Typing::Themes;
    view.found = palette::find(input, &view.recent, view, shown, look);
    if themes { preview(view) } else { Vec::new() }
}

/// Shows the theme that is chosen, before it is taken.
fn preview(view: &ViewState) -> Vec<Action> {
    match view.found.entries.get(view.found.chosen).map(|e| &e.target) {
        Some(Target::Theme(name)) => vec![Action::SetTheme(Some(name.clone()))],
        _ => Vec::new(),
    }
}

pub(super) fn edit(view: &mut ViewState, command: Command) {
    let focus = view.focus();
    let Some(input) = &mut view.input else { return };
    let mut text = std::mem::take(&mut input.text);
    let typing = input.typing;
    match command {
        Command::Cancel => {
            text.clone_from(&input.before);
            view.input = None;
        }
        // What is wrong stands under it: it would let everything through.
        Command::Accept if Query::parse(&text, fields::of(focus)).is_err() => {}
        Command::Accept => view.input = None,
        Command::Erase => {
            let end = text.grapheme_indices(true).next_back().map_or(0, |(i, _)| i);
            text.truncate(end);
        }
        Command::EraseWord => {
            let kept = text.trim_end();
            let end = kept.rfind(char::is_whitespace).map_or(0, |i| i + 1);
            text.truncate(end);
        }
        _ => text.clear(),
    }
    if let Some(input) = &mut view.input {
        input.text.clone_from(&text);
    }
    if typing == Typing::Filter {
        view.lists.entry(focus).or_default().filter = text;
    }
}

/// The next or the one before of what the palette has found.
pub(super) fn choose(view: &mut ViewState, forward: bool) -> Vec<Action> {
    let last = view.found.entries.len().saturating_sub(1);
    let at = view.found.chosen;
    view.found.chosen = if forward { (at + 1).min(last) } else { at.saturating_sub(1) };
    preview(view)
}

/// Goes to, or does, what is chosen in the palette.
pub(super) fn take(view: &mut ViewState, shown: &Shown<'_>, look: &Look, size: (u16, u16)) -> Vec<Action> {
    view.input = None;
    let found = std::mem::take(&mut view.found);
    let Some(entry) = found.entries.into_iter().nth(found.chosen) else { return say("nothing is called so") };
    palette::remember(&mut view.recent, entry.key());
    match entry.target {
        Target::Command(command) => return step(view, command, shown, look, size),
        Target::Item(item) => {
            (view.help, view.explained) = (None, None);
            view.zoom = None;
            view.details.push(DetailState { item, scroll: 0 });
        }
        Target::Rule(id) => {
            jump(view, Page::Overview, Listing::Alerts);
            (view.pane, view.expanded) = (Listing::Alerts, true);
            view.lists.entry(Listing::Alerts).or_default().filter = format!("rule={}", super::query::literal(&id));
        }
        Target::Theme(name) => return vec![Action::SetTheme(Some(name))],
        Target::Only(only) => view.only = only,
        Target::Play(play) => return vec![Action::Play(play)],
        Target::Nothing(why) => return vec![Action::Say(why)],
        Target::Group(list, grouping) => return super::grouping::set(view, list, grouping),
    }
    Vec::new()
}

/// Shows one account or region after the other only, and after the last all again.
pub(super) fn only_next(view: &mut ViewState, shown: &Shown<'_>, account: bool) -> Vec<Action> {
    let of = |s: &crate::model::Scope| if account { s.account.clone() } else { s.region.clone() };
    let all: Vec<Text> = shown.model.scopes().into_iter().map(of).collect::<BTreeSet<_>>().into_iter().collect();
    let now = if account { &mut view.only.account } else { &mut view.only.region };
    if all.len() < 2 && now.is_none() {
        return say(if account { "there is one account only" } else { "there is one region only" });
    }
    *now = match now.as_ref().map(|n| all.iter().position(|a| a == n)) {
        None => all.first().cloned(),
        Some(at) => at.and_then(|i| all.get(i + 1)).cloned(),
    };
    Vec::new()
}

pub(super) fn complete(view: &mut ViewState, shown: &Shown<'_>) -> Vec<Action> {
    let focus = view.focus();
    let Some(input) = view.input.as_mut().filter(|i| i.typing == Typing::Filter) else {
        return choose(view, true);
    };
    if let Some(first) = super::complete::completions(shown, focus, &input.text).into_iter().next()
        && first.len() <= MAX_INPUT
    {
        input.text = first;
        let typed = input.text.clone();
        view.lists.entry(focus).or_default().filter = typed;
    }
    Vec::new()
}

/// Opens the palette.
pub(super) fn open(view: &mut ViewState, shown: &Shown<'_>, look: &Look) -> Vec<Action> {
    view.input = Some(Input { typing: Typing::Palette, before: chosen(look), ..Input::default() });
    look_up(view, shown, look)
}

/// Opens the list of themes at the one in force.
pub(super) fn themes(view: &mut ViewState, shown: &Shown<'_>, look: &Look) -> Vec<Action> {
    view.input = Some(Input { typing: Typing::Themes, before: chosen(look), ..Input::default() });
    look_up(view, shown, look);
    let now = &look.theme_of(super::facts::account(shown, &view.only)).name;
    view.found.chosen = view.found.entries.iter().position(|e| e.label == *now).unwrap_or(0);
    Vec::new()
}

/// The name of the theme that was taken by hand, if one was.
fn chosen(look: &Look) -> String {
    look.chosen.as_ref().map(|t| t.name.clone()).unwrap_or_default()
}

/// Forgets the palette, and a theme that was only looked at.
pub(super) fn close(view: &mut ViewState, look: &Look) -> Vec<Action> {
    let before = view.input.take().map(|i| i.before).unwrap_or_default();
    view.found = palette::Found::default();
    if before == chosen(look) { Vec::new() } else { vec![Action::SetTheme(Some(before).filter(|b| !b.is_empty()))] }
}

/// Begins to type a filter.
pub(super) fn filter(view: &mut ViewState) -> Vec<Action> {
    (view.help, view.explained) = (None, None);
    view.details.clear();
    let before = view.list(view.focus()).filter.clone();
    view.input = Some(Input { text: before.clone(), before, typing: Typing::Filter });
    Vec::new()
}
