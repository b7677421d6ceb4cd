//! The pure step: a command in, a changed view and what the loop must do out.

use crossterm::event::KeyEvent;

use super::command::{Action, Command, Refresh};
use super::key::Key;
use super::keymap::{Context, KeyResult, Keymap};
use super::look::Look;
use super::mouse::Pointer;
use super::rows::sorts;
use super::shown::Shown;
use super::text::Measure;
use super::view::{Came, DetailState, Item, Listing, Page, ViewState};
use super::{chrome, detail, dialog, explain, grouping, heat, jumps, links, playback, typing, zoom};
use crate::alerts::{BundleId, Line};
use crate::model::{PollerKind, Signal, Source};

/// Most jumps that can be gone back.
const MAX_JUMPS: usize = 20;

/// What a key does, by the keymap in force: keys that begin a longer binding are kept in `view.pending`.
///
/// On a screen too small for pages only those keys do something that change nothing on it.
pub fn press(view: &mut ViewState, key: KeyEvent, shown: &Shown<'_>, look: &Look, size: (u16, u16)) -> Vec<Action> {
    let before = std::mem::take(&mut view.pending);
    view.pointer = Pointer::default();
    let small = chrome::too_small(size);
    match command(&look.keymap, &before, key, view, shown) {
        KeyResult::Command(command)
            if small && !matches!(command, Command::Quit | Command::Cancel | Command::Suspend | Command::Redraw) =>
        {
            Vec::new()
        }
        KeyResult::Insert(_) if small => Vec::new(),
        KeyResult::Command(command) => step(view, command, shown, look, size),
        KeyResult::Pending => {
            view.pending = before;
            view.pending.push(Key::of(key));
            Vec::new()
        }
        KeyResult::Insert(c) => {
            type_in(view, c.encode_utf8(&mut [0; 4]));
            typing::look_up(view, shown, look)
        }
        KeyResult::Unbound => Vec::new(),
    }
}

fn command(keymap: &Keymap, before: &[Key], key: KeyEvent, view: &ViewState, shown: &Shown<'_>) -> KeyResult {
    if shown.playback.is_some() {
        return keymap.command_in_replay(before, key, view.context());
    }
    keymap.command(before, key, view.context())
}

/// Pasted text goes into the line being typed, if one is; otherwise it is dropped, so that it cannot press keys.
pub fn paste(view: &mut ViewState, text: &str) {
    type_in(view, &crate::model::Text::new(text));
}

fn type_in(view: &mut ViewState, text: &str) {
    match &mut view.dialog {
        Some(dialog) => dialog.insert(text),
        None => typing::insert(view, text),
    }
}

/// What `command` does on a screen that looks as `look` has it, in a terminal of `size` (columns, rows).
pub fn step(view: &mut ViewState, command: Command, shown: &Shown<'_>, look: &Look, size: (u16, u16)) -> Vec<Action> {
    let _measure = Measure::of(look.wide);
    if let Some(actions) = dialog::step(view, command) {
        return actions;
    }
    let panes = view.panes(look);
    if !panes.contains(&view.pane) {
        view.pane = panes[0];
    }
    view.prepare(shown);
    let page = usize::from(size.1.saturating_sub(6)).max(1);
    if view.place() != Context::Detail && command.is_of_row() {
        view.hold();
    }
    let actions = match command {
        Command::Up | Command::Down if view.input.is_some() => typing::choose(view, command == Command::Down),
        command if heat::moves(view, command) => {
            heat::go(view, command, shown);
            Vec::new()
        }
        Command::HeatMap => {
            heat::toggle(view);
            Vec::new()
        }
        Command::Up => scroll(view, shown, look, -1, size),
        Command::Down => scroll(view, shown, look, 1, size),
        Command::HalfUp => scroll(view, shown, look, -signed((page / 2).max(1)), size),
        Command::HalfDown => scroll(view, shown, look, signed((page / 2).max(1)), size),
        Command::PageUp => scroll(view, shown, look, -signed(page), size),
        Command::PageDown => scroll(view, shown, look, signed(page), size),
        Command::Top => scroll(view, shown, look, isize::MIN, size),
        Command::Bottom => scroll(view, shown, look, isize::MAX, size),
        Command::Open if view.welcome.is_some() => back(view),
        Command::Copy if view.welcome.is_some() => vec![Action::Copy(super::welcome::snippet(shown))],
        Command::Open => open(view, shown),
        Command::Back => back(view),
        Command::Help => {
            view.help = if view.help.is_some() { None } else { Some(0) };
            Vec::new()
        }
        Command::Welcome => {
            view.welcome = if view.welcome.is_some() { None } else { Some(0) };
            Vec::new()
        }
        Command::Filter => typing::filter(view),
        Command::Next => find(view, shown, true),
        Command::Previous => find(view, shown, false),
        Command::NextPane => turn(view, &panes, true),
        Command::PreviousPane => turn(view, &panes, false),
        Command::Page(page) => {
            view.came.clear();
            go(view, page)
        }
        Command::Expand => {
            view.expanded = view.page == Page::Overview && !view.expanded;
            Vec::new()
        }
        Command::SortNext => sort(view, 1),
        Command::SortPrevious => sort(view, -1),
        Command::SortReverse => {
            let state = view.lists.entry(view.focus()).or_default();
            state.reverse = !state.reverse;
            Vec::new()
        }
        Command::Group => grouping::next(view),
        Command::FaultsOnly => {
            view.faults_only = !view.faults_only;
            Vec::new()
        }
        Command::Freeze => {
            view.frozen = !view.frozen;
            vec![Action::Freeze(view.frozen)]
        }
        Command::Refresh => vec![Action::Refresh(Refresh::Sources(sources(view, shown)))],
        Command::RefreshAll => vec![Action::Refresh(Refresh::All)],
        Command::Copy => match current(view, shown) {
            Some(item) => vec![Action::Copy(links::name(&item, shown))],
            None => say("nothing is selected"),
        },
        Command::Link => match current(view, shown) {
            Some(item) => match links::console(&item, shown) {
                Some(address) => vec![Action::OpenLink(address)],
                None => say("the AWS console has no page for this"),
            },
            None => say("nothing is selected"),
        },
        Command::Trail => trail(view, shown),
        Command::ToBalancer | Command::ToGroup | Command::ToInstances | Command::ToZone | Command::ToMetrics => {
            let item = current(view, shown);
            jumps::go(view, command, item, shown)
        }
        Command::RangeLonger | Command::RangeShorter if view.page != Page::Metrics => {
            say("only the page Metrics has a range")
        }
        Command::RangeLonger | Command::RangeShorter => {
            view.range = view.range.next(command == Command::RangeLonger);
            Vec::new()
        }
        Command::ZoomIn | Command::ZoomOut | Command::ZoomAll | Command::PanEarlier | Command::PanLater => {
            zoom::step(view, command, shown)
        }
        Command::Mouse => {
            view.mouse = !view.mouse;
            vec![Action::Mouse(view.mouse)]
        }
        Command::NextStatistic => next_statistic(view, shown),
        Command::Pin => pin(view, shown),
        Command::Palette => typing::open(view, shown, look),
        Command::NextAccount => typing::only_next(view, shown, true),
        Command::NextRegion => typing::only_next(view, shown, false),
        Command::Complete => typing::complete(view, shown),
        Command::CompleteBack => typing::choose(view, false),
        Command::Accept if in_palette(view) => typing::take(view, shown, look, size),
        Command::Cancel if in_palette(view) => typing::close(view, look),
        Command::Acknowledge => dialog::acknowledge(view, current(view, shown).as_ref(), shown),
        Command::Silence => dialog::silence(view, current(view, shown).as_ref(), shown),
        Command::Note => dialog::note(view, current(view, shown).as_ref(), shown),
        Command::Explain => explain::open(view, current(view, shown).as_ref(), shown),
        Command::Runbook => runbook(view, shown),
        Command::Unfold => fold(view, shown, true),
        Command::Fold => fold(view, shown, false),
        Command::Accept | Command::Cancel | Command::Erase | Command::EraseWord | Command::EraseLine => {
            typing::edit(view, command);
            typing::look_up(view, shown, look)
        }
        Command::Theme => typing::themes(view, shown, look),
        Command::Play(key) => playback::press(key, shown),
        Command::Quit => vec![Action::Quit],
        Command::Suspend => vec![Action::Suspend],
        Command::Redraw => vec![Action::Redraw],
    };
    view.prepare(shown);
    actions
}

pub(super) fn in_palette(view: &ViewState) -> bool {
    view.input.as_ref().is_some_and(|i| i.typing.finds())
}

fn signed(n: usize) -> isize {
    isize::try_from(n).unwrap_or(isize::MAX)
}

fn scroll(view: &mut ViewState, shown: &Shown<'_>, look: &Look, by: isize, size: (u16, u16)) -> Vec<Action> {
    let under = view.place();
    if let Some(lines) = &mut view.help {
        *lines = lines.saturating_add_signed(by).min(super::help::lines_beyond(look, under, shown, size));
    } else if let Some(lines) = &mut view.welcome {
        *lines = lines.saturating_add_signed(by).min(super::welcome::lines_beyond(shown, &look.setup, size));
    } else if let Some(open) = &mut view.explained {
        open.scroll = open.scroll.saturating_add_signed(by).min(explain::lines_beyond(open, shown, size));
    } else if let Some(open) = view.details.last_mut() {
        let beyond = detail::lines_beyond(&open.item, shown, size);
        open.scroll = open.scroll.saturating_add_signed(by).min(beyond);
    } else {
        let list = view.focus();
        let rows = view.rows(shown, list);
        let last = rows.items.len().saturating_sub(1);
        let index = super::view::place(&rows.items, &view.list(list)).saturating_add_signed(by).min(last);
        let selected = rows.items.get(index).cloned();
        let state = view.lists.entry(list).or_default();
        (state.index, state.selected) = (index, selected);
    }
    Vec::new()
}

/// What is selected: the row, or what the detail in view is of.
fn current(view: &ViewState, shown: &Shown<'_>) -> Option<Item> {
    match (&view.explained, view.details.last()) {
        (Some(open), _) => Some(Item::Alert(open.alert.clone())),
        (None, Some(open)) => Some(open.item.clone()),
        (None, None) => selected(view, shown),
    }
}

pub(super) fn selected(view: &ViewState, shown: &Shown<'_>) -> Option<Item> {
    let list = view.focus();
    let rows = view.rows(shown, list);
    rows.items.get(super::view::place(&rows.items, &view.list(list))).cloned()
}

fn open(view: &mut ViewState, shown: &Shown<'_>) -> Vec<Action> {
    if view.help.is_none()
        && view.explained.is_none()
        && view.details.is_empty()
        && let Some(item) = selected(view, shown)
    {
        let rows = view.rows(shown, view.focus()).into_owned();
        let index = super::view::place(&rows.items, &view.list(view.focus()));
        if let Some(actions) = grouping::toggle(view, &rows, index) {
            return actions;
        }
        if let Item::Bundle(id) = item {
            let unfolded = view.unfolded.contains(&id);
            return fold(view, shown, !unfolded);
        }
        // A series has its graph on the page already: what it is of is what there is more of.
        let item = if let Item::Metric(id, _) = item { Item::Resource(id) } else { item };
        view.zoom = None;
        view.details.push(DetailState { item, scroll: 0 });
    }
    Vec::new()
}

/// Most metrics asked for or pinned by hand: each costs.
const MAX_OWN: usize = 20;

/// Asks for the selected metric with its next statistic, and goes to that.
fn next_statistic(view: &mut ViewState, shown: &Shown<'_>) -> Vec<Action> {
    let Some(Item::Metric(id, signal)) = selected(view, shown) else { return say("no metric is selected") };
    let Some(next) = super::pages::with_next_stat(&id, &signal) else {
        return say("what an API reads has no statistic");
    };
    let item = Item::Metric(next.0.clone(), Signal::Metric(next.1.clone()));
    if !view.wanted.contains(&next) {
        view.wanted.push(next);
        let oldest = view.wanted.len().saturating_sub(MAX_OWN);
        view.wanted.drain(..oldest);
    }
    view.lists.entry(view.focus()).or_default().selected = Some(item);
    Vec::new()
}

/// Pins the selected series to the overview, or takes it off.
fn pin(view: &mut ViewState, shown: &Shown<'_>) -> Vec<Action> {
    let Some(Item::Metric(id, signal)) = selected(view, shown) else { return say("no metric is selected") };
    let pin = (id, signal);
    if let Some(at) = view.pins.iter().position(|p| *p == pin) {
        view.pins.remove(at);
        return say("no longer on the overview");
    }
    if view.pins.len() >= MAX_OWN {
        return say("twenty metrics are pinned: take one off first");
    }
    view.pins.push(pin);
    say("pinned to the overview")
}

/// Shows the alerts that the selected line stands for, or one line for them again.
fn fold(view: &mut ViewState, shown: &Shown<'_>, open: bool) -> Vec<Action> {
    if view.place() == Context::Detail || view.help.is_some() {
        return Vec::new();
    }
    if view.focus() != Listing::Alerts {
        let rows = view.rows(shown, view.focus()).into_owned();
        let index = super::view::place(&rows.items, &view.list(view.focus()));
        return grouping::fold(view, &rows, index, open).unwrap_or_default();
    }
    let id = match selected(view, shown) {
        Some(Item::Bundle(id)) => Some(id),
        Some(Item::Alert(alert)) => {
            let is_it = |l: &&Line| match l {
                Line::Alert { id, under } => !under.is_empty() && *id == alert,
                Line::Many { .. } => false,
            };
            // Closing works from the alerts below too.
            let holds =
                |l: &&Line| l.below().contains(&alert) && l.bundle().is_some_and(|b| view.unfolded.contains(&b));
            let lines = shown.alerts.lines.iter();
            lines.clone().find(is_it).or_else(|| lines.clone().find(holds).filter(|_| !open)).and_then(Line::bundle)
        }
        _ => None,
    };
    match id {
        Some(id) if open => {
            view.unfolded.insert(id);
            Vec::new()
        }
        Some(id) => {
            view.unfolded.remove(&id);
            let head = match &id {
                BundleId::Under(alert) => Item::Alert(alert.clone()),
                _ => Item::Bundle(id),
            };
            view.lists.entry(Listing::Alerts).or_default().selected = Some(head);
            Vec::new()
        }
        None if open => say("this line stands for one alert"),
        None => Vec::new(),
    }
}

fn runbook(view: &ViewState, shown: &Shown<'_>) -> Vec<Action> {
    let alert = match current(view, shown) {
        Some(Item::Alert(id) | Item::Transition(_, id) | Item::Bundle(BundleId::Under(id))) => Some(id.rule),
        Some(Item::Bundle(BundleId::Rule { rule, .. } | BundleId::Alike { rule, .. })) => Some(rule),
        Some(Item::Resource(id) | Item::Pair(id, _)) => shown.alerts.on(&id).next().map(|a| a.id.rule.clone()),
        _ => None,
    };
    let Some(rule) = alert else { return say("no alert is selected") };
    match links::runbook(&rule, shown) {
        Some(address) => vec![Action::OpenRunbook(address)],
        None => vec![Action::Say(format!("rule {rule} names no runbook"))],
    }
}

fn back(view: &mut ViewState) -> Vec<Action> {
    if view.help.take().or_else(|| view.welcome.take()).is_some()
        || view.explained.take().is_some()
        || view.drawn.axis().is_some() && view.zoom.take().is_some()
        || view.details.pop().is_some()
    {
        return Vec::new();
    }
    if let Some(came) = view.came.pop() {
        (view.page, view.pane, view.expanded) = (came.page, came.pane, came.expanded);
        (view.details, view.faults_only) = (came.details, came.faults_only);
        view.lists.insert(came.list.0, came.list.1);
        return Vec::new();
    }
    if std::mem::take(&mut view.expanded) {
        return Vec::new();
    }
    if let Some(state) = view.lists.get_mut(&view.focus())
        && !state.filter.is_empty()
    {
        state.filter.clear();
    } else {
        view.faults_only = false;
    }
    Vec::new()
}

/// Goes to the next row with a fault, round the end. With a filter every row matches, so it goes one row on.
fn find(view: &mut ViewState, shown: &Shown<'_>, forward: bool) -> Vec<Action> {
    let list = view.focus();
    let rows = view.rows(shown, list);
    let n = rows.items.len();
    if n == 0 || view.place() == Context::Detail {
        return Vec::new();
    }
    let state = view.list(list);
    let at = super::view::place(&rows.items, &state);
    let all = !state.filter.is_empty() || matches!(list, Listing::Alerts | Listing::Timeline);
    let faults = if all { None } else { Some(super::rows::rows_of(shown, list, view, true).items) };
    let step = |i: usize| if forward { (at + i) % n } else { (at + n - i % n) % n };
    // A head is passed over, but where it hides what is below.
    let stands = |i: &usize| !matches!(rows.items[*i], Item::Group(_)) || rows.tree[*i].folded == Some(true);
    let found = (1..=n).map(step).filter(stands).find(|i| faults.as_ref().is_none_or(|f| f.contains(&rows.items[*i])));
    if let Some(index) = found {
        let selected = rows.items.get(index).cloned();
        let state = view.lists.entry(list).or_default();
        (state.index, state.selected) = (index, selected);
    }
    Vec::new()
}

fn turn(view: &mut ViewState, panes: &[Listing], forward: bool) -> Vec<Action> {
    let next = |at: usize, n: usize| if forward { (at + 1) % n } else { (at + n - 1) % n };
    if view.page == Page::Overview && view.place() != Context::Detail {
        let at = panes.iter().position(|p| *p == view.pane).unwrap_or(0);
        view.pane = panes[next(at, panes.len())];
        return Vec::new();
    }
    let at = Page::ALL.iter().position(|p| *p == view.page).unwrap_or(0);
    view.came.clear();
    go(view, Page::ALL[next(at, Page::ALL.len())])
}

fn go(view: &mut ViewState, page: Page) -> Vec<Action> {
    view.page = page;
    view.zoom = None;
    view.details.clear();
    view.explained = None;
    (view.help, view.welcome) = (None, None);
    view.expanded = false;
    Vec::new()
}

fn sort(view: &mut ViewState, by: isize) -> Vec<Action> {
    let list = view.focus();
    let n = signed(sorts(list).len());
    let state = view.lists.entry(list).or_default();
    state.sort = usize::try_from((signed(state.sort) + by).rem_euclid(n)).unwrap_or(0);
    state.reverse = false;
    Vec::new()
}

fn trail(view: &mut ViewState, shown: &Shown<'_>) -> Vec<Action> {
    let Some(item) = current(view, shown) else { return say("nothing is selected") };
    jump(view, Page::Trail, Listing::Trail);
    view.lists.entry(Listing::Trail).or_default().filter = links::trail_filter(&item, shown);
    Vec::new()
}

/// Goes to `page`, from where [`Command::Back`] comes back here.
pub(super) fn jump(view: &mut ViewState, page: Page, list: Listing) {
    let came = Came {
        page: view.page,
        pane: view.pane,
        expanded: view.expanded,
        details: view.details.clone(),
        faults_only: view.faults_only,
        list: (list, view.list(list).into_owned()),
    };
    view.came.push(came);
    let oldest = view.came.len().saturating_sub(MAX_JUMPS);
    view.came.drain(..oldest);
    go(view, page);
    view.faults_only = false;
}

pub(super) fn say(text: &str) -> Vec<Action> {
    vec![Action::Say(text.into())]
}

/// The pollers behind `list`.
pub(super) fn pollers(list: Listing) -> &'static [PollerKind] {
    use PollerKind as P;
    match list {
        Listing::Timeline => &[P::Trail, P::Activities, P::ClassicHealth, P::TargetHealth, P::Alarms],
        Listing::Alerts | Listing::Pollers => &P::ALL,
        Listing::Balancers => &[P::ClassicElbs, P::ClassicHealth, P::Balancers, P::TargetHealth, P::Metrics],
        Listing::Scaling => &[P::ScalingGroups, P::Activities],
        Listing::Instances => &[P::Instances, P::InstanceStatus],
        Listing::Trail => &[P::Trail],
        Listing::Bill => &[P::Bill],
        Listing::Metrics | Listing::Pinned => &[P::Metrics],
        Listing::Alarms => &[P::Alarms],
    }
}

fn sources(view: &ViewState, shown: &Shown<'_>) -> Vec<Source> {
    if let Some(Item::Poller(source)) = current(view, shown) {
        return vec![source];
    }
    let wanted: Vec<PollerKind> = view.visible().into_iter().flat_map(pollers).copied().collect();
    shown.model.pollers().map(|(s, _)| s).filter(|s| wanted.contains(&s.poller)).cloned().collect()
}
