//! The mouse: what a press, a drag and the wheel do, by what the last frame had there.
//!
//! | | on | does |
//! | --- | --- | --- |
//! | click | a tab, a pane, a row | opens the page, gives it the keys, selects it; the selected row is opened |
//! | click | a column's head | sorts by it, or the other way round |
//! | drag | a graph | shows that time; a double click shows all again |
//! | click, drag | the bar of a replay's time | goes to the moment where it is let go |
//! | wheel | a list, help, a detail | scrolls it, whoever has the keys |
//! | right click | anywhere | goes back |

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use jiff::Timestamp;
use ratatui::layout::Rect;

use super::chrome;
use super::command::{Action, Command};
use super::hits::{Axis, Stretch, Target};
use super::look::Look;
use super::playback;
use super::rows::sort_of;
use super::shown::Shown;
use super::step::{in_palette, say, selected, step};
use super::typing;
use super::view::{Item, Listing, Typing, ViewState, place};
use super::zoom::Zoom;

/// Rows that the wheel goes at once.
const NOTCH: usize = 3;

/// A part of a graph that is being chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drag {
    /// The graph's columns.
    area: Rect,
    axis: Axis,
    /// The column that was pressed, and the one that it was drawn to.
    from: u16,
    to: u16,
}

impl Drag {
    /// What is chosen so far.
    pub(super) fn chosen(self) -> Rect {
        let (first, last) = (self.from.min(self.to), self.from.max(self.to));
        Rect { x: self.area.x + first, width: last - first + 1, ..self.area }
    }
}

/// A moment that is being chosen on the bar of a replay's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scrub {
    bar: Rect,
    stretch: Stretch,
    /// The cell it was drawn to.
    to: u16,
}

impl Scrub {
    fn on(bar: Rect, stretch: Stretch, x: u16) -> Self {
        Self { bar, stretch, to: x.saturating_sub(bar.x).min(bar.width.saturating_sub(1)) }
    }

    /// The moment.
    pub(super) fn at(self) -> Timestamp {
        self.stretch.at(self.to)
    }
}

/// What the mouse did between two frames.
#[derive(Clone, Debug, Default)]
pub(super) struct Pointer {
    pub(super) drag: Option<Drag>,
    pub(super) scrub: Option<Scrub>,
    /// The graph's column that was clicked last, if nothing else was pressed since.
    clicked: Option<(u16, u16)>,
    /// Where a head was clicked last, and which: what comes into view in another order may shift the columns, and who clicks
    /// again there means the same one.
    head: Option<((u16, u16), Listing, String)>,
}

/// What a mouse report does.
pub fn point(view: &mut ViewState, event: MouseEvent, shown: &Shown<'_>, look: &Look, size: (u16, u16)) -> Vec<Action> {
    if chrome::too_small(size) {
        return Vec::new();
    }
    view.pending.clear();
    let (x, y) = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => press(view, (x, y), shown, look, size),
        MouseEventKind::Drag(MouseButton::Left) => {
            if let Some(scrub) = &mut view.pointer.scrub {
                *scrub = Scrub::on(scrub.bar, scrub.stretch, x);
            }
            if let Some(drag) = &mut view.pointer.drag {
                drag.to = x.saturating_sub(drag.area.x).min(drag.area.width.saturating_sub(1));
            }
            Vec::new()
        }
        MouseEventKind::Up(MouseButton::Left) => release(view, (x, y), shown),
        MouseEventKind::Down(MouseButton::Right) => {
            let dragged = view.pointer.drag.take().is_some() | view.pointer.scrub.take().is_some();
            view.pointer.clicked = None;
            let typing = view.input.is_some() || view.dialog.is_some();
            match () {
                () if dragged => Vec::new(),
                () if typing => step(view, Command::Cancel, shown, look, size),
                () => step(view, Command::Back, shown, look, size),
            }
        }
        MouseEventKind::ScrollUp => wheel(view, (x, y), false, shown, look, size),
        MouseEventKind::ScrollDown => wheel(view, (x, y), true, shown, look, size),
        _ => Vec::new(),
    }
}

fn press(view: &mut ViewState, (x, y): (u16, u16), shown: &Shown<'_>, look: &Look, size: (u16, u16)) -> Vec<Action> {
    let (clicked, head) = (view.pointer.clicked.take(), view.pointer.head.take());
    (view.pointer.drag, view.pointer.scrub) = (None, None);
    let found = view.drawn.at(x, y, |_| true).map(|(area, target)| (area, target.clone()));
    if view.dialog.is_some() {
        return Vec::new();
    }
    if let Some((_, Target::Entry(at))) = found {
        if at >= view.found.entries.len() {
            return Vec::new();
        }
        view.found.chosen = at;
        return step(view, Command::Accept, shown, look, size);
    }
    if in_palette(view) {
        // Beside the list is out of it.
        return step(view, Command::Cancel, shown, look, size);
    }
    let Some((area, target)) = found else { return Vec::new() };
    if view.input.as_ref().is_some_and(|i| i.typing == Typing::Filter) {
        // What is not understood yet stays to be mended.
        step(view, Command::Accept, shown, look, size);
        if view.input.is_some() {
            return Vec::new();
        }
    }
    let target = match (head, target) {
        (Some((at, list, title)), Target::Head(of, _) | Target::Pane(of)) if at == (x, y) && of == list => {
            Target::Head(list, title)
        }
        (_, target) => target,
    };
    match target {
        Target::Page(page) => step(view, Command::Page(page), shown, look, size),
        Target::Pane(list) => {
            view.pane_of(list);
            Vec::new()
        }
        Target::Row(list, item) => {
            let again = view.focus() == list && selected(view, shown).as_ref() == Some(&item);
            view.pane_of(list);
            if again {
                return step(view, Command::Open, shown, look, size);
            }
            choose(view, list, item, shown);
            Vec::new()
        }
        Target::Head(list, title) => {
            view.pointer.head = Some(((x, y), list, title.clone()));
            view.pane_of(list);
            sort_by(view, list, &title)
        }
        Target::Graph(axis) => {
            let column = x.saturating_sub(area.x).min(area.width.saturating_sub(1));
            view.pointer.drag = Some(Drag { area, axis, from: column, to: column });
            view.pointer.clicked = clicked;
            Vec::new()
        }
        Target::Time(stretch) => {
            view.pointer.scrub = Some(Scrub::on(area, stretch, x));
            Vec::new()
        }
        Target::Lines | Target::Entry(_) | Target::Cover => Vec::new(),
    }
}

/// Selects `item` of `list`, if it is still there.
fn choose(view: &mut ViewState, list: Listing, item: Item, shown: &Shown<'_>) {
    let index = view.rows(shown, list).items.iter().position(|i| *i == item);
    if let Some(index) = index {
        let state = view.lists.entry(list).or_default();
        (state.index, state.selected) = (index, Some(item));
    }
}

fn release(view: &mut ViewState, cell: (u16, u16), shown: &Shown<'_>) -> Vec<Action> {
    if let Some(scrub) = view.pointer.scrub.take() {
        return playback::go_to(scrub.at(), shown);
    }
    let Some(drag) = view.pointer.drag.take() else { return Vec::new() };
    if drag.from != drag.to {
        let zoom = drag.axis.between(drag.from, drag.to);
        view.zoom = Some(Zoom::into(view.zoom, drag.axis.whole(), zoom));
    } else if view.pointer.clicked.take() == Some(cell) {
        view.zoom = None;
    } else {
        view.pointer.clicked = Some(cell);
    }
    Vec::new()
}

/// Sorts `list` by the column `title`, or turns its order round where that is so already.
fn sort_by(view: &mut ViewState, list: Listing, title: &str) -> Vec<Action> {
    let Some(sort) = sort_of(list, title) else {
        return say(&format!("there is no order by {title} here"));
    };
    let state = view.lists.entry(list).or_default();
    if state.sort == sort {
        state.reverse = !state.reverse;
    } else {
        (state.sort, state.reverse) = (sort, false);
    }
    Vec::new()
}

fn wheel(
    view: &mut ViewState,
    (x, y): (u16, u16),
    down: bool,
    shown: &Shown<'_>,
    look: &Look,
    size: (u16, u16),
) -> Vec<Action> {
    let scrolls = |t: &Target| matches!(t, Target::Pane(_) | Target::Lines | Target::Entry(_));
    let Some(target) = view.drawn.at(x, y, scrolls).map(|(_, target)| target.clone()) else { return Vec::new() };
    if view.dialog.is_some() {
        return Vec::new();
    }
    match target {
        Target::Entry(_) => typing::choose(view, down),
        Target::Pane(_) if in_palette(view) => Vec::new(),
        Target::Pane(list) => {
            scroll(view, list, down, shown);
            Vec::new()
        }
        _ => {
            let command = if down { Command::Down } else { Command::Up };
            (0..NOTCH).flat_map(|_| step(view, command, shown, look, size)).collect()
        }
    }
}

/// Lets `list` go on by a notch: the selected row is in the middle of what is in view, so it goes there first.
fn scroll(view: &mut ViewState, list: Listing, down: bool, shown: &Shown<'_>) {
    let in_view = view.drawn.rows_of(list);
    let rows = view.rows(shown, list);
    let Some(last) = rows.items.len().checked_sub(1) else { return };
    let at = place(&rows.items, &view.list(list));
    let (top, bottom) = (in_view / 2, (last + 1).saturating_sub(in_view.div_ceil(2)));
    let index = if in_view > last {
        if down { at + 1 } else { at.saturating_sub(1) }
    } else if down {
        at.max(top) + NOTCH
    } else {
        at.min(bottom).saturating_sub(NOTCH)
    };
    let index = index.min(last);
    let item = rows.items.get(index).cloned();
    let state = view.lists.entry(list).or_default();
    (state.index, state.selected) = (index, item);
}
