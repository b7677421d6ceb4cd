//! The overview: alerts on top, the rest by importance as far as there is room.
//!
//! ```text
//!  ╭ Alerts ───────────────────────────╮        below 100 columns or 30 rows: one under another,
//!  ╭ Load balancers ─╮╭ Auto Scaling ──╮        with a line on top instead of a box; the last ones go first
//!  ╭ Bill ───────────╮╭ Trail ─────────╮
//! ```

use ratatui::layout::Rect;

use crate::model::PollerKind;
use crate::ui::facts;
use crate::ui::paint::{Paint, to_u16};
use crate::ui::view::Listing;
use crate::ui::widgets::Frame;

use super::{Ctx, Place, list, note_count};

/// Draws the overview.
pub(in crate::ui) fn overview(p: &mut Paint<'_>, ctx: Ctx<'_>, area: Rect) {
    let boxed = area.width >= 100 && area.height >= 27;
    let frame = if boxed { Frame::Boxed } else { Frame::Ruled };
    if ctx.view.expanded {
        let frame = if area.width >= 60 && area.height >= 12 { Frame::Boxed } else { Frame::Ruled };
        list(p, ctx, ctx.view.pane, Place { area, frame, focused: true, full: true });
        return;
    }
    let place = |p: &mut Paint<'_>, area: Rect, pane: Listing| {
        list(p, ctx, pane, Place { area, frame, focused: ctx.view.pane == pane, full: false });
    };
    if boxed {
        let notes = |list| to_u16(note_count(p, ctx.shown, list));
        let wanted = |list| wanted(ctx, list) + notes(list) + 2;
        let alerts = wanted(Listing::Alerts).clamp(5, area.height / 2);
        let rest = area.height - alerts;
        let middle = wanted(Listing::Balancers).max(wanted(Listing::Scaling)).clamp(5, (rest - 6).max(5));
        let left = area.width / 2;
        let half = |y: u16, height: u16, right: bool| Rect {
            x: if right { area.x + left } else { area.x },
            y,
            width: if right { area.width - left } else { left },
            height,
        };
        let (second, third) = (area.y + alerts, area.y + alerts + middle);
        place(p, Rect { height: alerts, ..area }, Listing::Alerts);
        place(p, half(second, middle, false), Listing::Balancers);
        place(p, half(second, middle, true), Listing::Scaling);
        place(p, half(third, rest - middle, false), Listing::Bill);
        place(p, half(third, rest - middle, true), Listing::Trail);
        return;
    }
    let mut y = area.y;
    for (pane, height) in stack(ctx, area.height) {
        place(p, Rect { y, height, ..area }, pane);
        y += height;
    }
}

/// Rows that `pane` would like inside its frame.
fn wanted(ctx: Ctx<'_>, pane: Listing) -> u16 {
    let rows = to_u16(ctx.view.rows(ctx.shown, pane).items.len()).max(1);
    match pane {
        Listing::Alerts if ctx.view.rows(ctx.shown, pane).items.is_empty() => {
            let failing = facts::standing(ctx.shown, &PollerKind::ALL).failing.len().min(4);
            1 + to_u16(failing.max(ctx.shown.alerts.unread.len().min(4)))
        }
        Listing::Scaling => rows + 2,
        _ => rows,
    }
}

/// Panes one under another with their heights: each gets two rows as far as they last, by importance, then what it
/// wants; the alerts first.
fn stack(ctx: Ctx<'_>, height: u16) -> Vec<(Listing, u16)> {
    let mut order = vec![Listing::Alerts, Listing::Balancers, Listing::Scaling, Listing::Trail, Listing::Bill];
    let focus = ctx.view.pane;
    let mut left = height;
    let mut out: Vec<(Listing, u16)> = Vec::new();
    let least = |pane| match pane {
        Listing::Alerts if height <= 8 => height,
        Listing::Alerts => (wanted(ctx, pane) + 1).min((height * 2 / 5).max(5)),
        _ => 1 + wanted(ctx, pane).min(2),
    };
    if let Some(at) = order.iter().position(|p| *p == focus).filter(|at| *at > 0) {
        order.swap(1, at);
        order[2..].sort_by_key(|p| Listing::PANES.iter().position(|q| q == p));
    }
    for pane in order {
        let least = least(pane).min(if out.is_empty() { left } else { u16::MAX });
        if least <= left {
            out.push((pane, least));
            left -= least;
        }
    }
    let mut grew = true;
    while left > 0 && grew {
        grew = false;
        for (pane, height) in &mut out {
            if left > 0 && *height < wanted(ctx, *pane) + 1 {
                *height += 1;
                left -= 1;
                grew = true;
            }
        }
    }
    let spare = out.iter().position(|(p, _)| *p == Listing::Trail).or_else(|| out.len().checked_sub(1));
    if let Some((_, height)) = spare.and_then(|at| out.get_mut(at)) {
        *height += left;
    }
    out.sort_by_key(|(pane, _)| Listing::PANES.iter().position(|p| p == pane));
    out
}
