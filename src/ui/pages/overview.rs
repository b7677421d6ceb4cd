//! The overview: alerts on top, the rest by importance as far as there is room.
//!
//! ```text
//!  ╭ Alerts ───────────────────────────╮        below 100 columns or 27 rows: one under another,
//!  ╭ Load balancers ─╮╭ Auto Scaling ──╮        with a line on top instead of a box; the last ones go first
//!  ╭ Bill ───────────╮╭ Trail ─────────╮
//! ```

use ratatui::layout::Rect;

use crate::model::{Kind, PollerKind};
use crate::ui::facts;
use crate::ui::look::{PaneLook, RowLook};
use crate::ui::paint::{Paint, to_u16};
use crate::ui::view::Listing;
use crate::ui::widgets::Frame;

use super::arrange::arrange;
use super::{Ctx, Place, list, note_count};

/// Fewest rows of a boxed pane, with its frame.
const LEAST: u16 = 5;
/// Most rows of a screen that has room for one pane only.
const ONE: u16 = 8;
/// Rows that the days of the month take under the bill.
const MONTH: u16 = 12;
/// Most scaling activities that the groups' pane asks room for.
const ACTIVITIES: usize = 6;

/// Draws the overview.
pub(in crate::ui) fn overview(p: &mut Paint<'_>, ctx: Ctx<'_>, area: Rect) {
    let panes = ctx.view.panes(p.look());
    let focus = if panes.contains(&ctx.view.pane) { ctx.view.pane } else { panes[0] };
    let boxed = area.width >= 100 && area.height >= 27;
    let frame = if boxed { Frame::Boxed } else { Frame::Ruled };
    if ctx.view.expanded {
        let frame = if area.width >= 60 && area.height >= 12 { Frame::Boxed } else { Frame::Ruled };
        list(p, ctx, focus, Place { area, frame, focused: true, full: true });
        return;
    }
    let place = |p: &mut Paint<'_>, area: Rect, pane: Listing| {
        list(p, ctx, pane, Place { area, frame, focused: focus == pane, full: false });
    };
    let mut y = area.y;
    if !boxed && area.height <= ONE {
        // Room for one pane: that which has the keys. The header has the alerts' counts in any case.
        place(p, area, focus);
        return;
    }
    if !p.look().layout.is_empty() {
        let mut layout = p.look().layout.clone();
        if panes.contains(&Listing::Pinned) {
            let pinned = PaneLook { list: Listing::Pinned, width: None, min: None };
            layout.push(RowLook { panes: vec![pinned], ..RowLook::default() });
        }
        let least = if boxed { LEAST } else { LEAST - 2 };
        for (pane, area) in arrange(&layout, focus, least, area) {
            place(p, area, pane);
        }
        return;
    }
    if !boxed {
        for (pane, height) in stack(p, ctx, &panes, focus, area.height) {
            place(p, Rect { y, height, ..area }, pane);
            y += height;
        }
        return;
    }
    for (row, height) in rows(p, ctx, &panes, area.height) {
        let left = if row.len() > 1 { area.width / 2 } else { area.width };
        place(p, Rect { y, height, width: left, ..area }, row[0]);
        if let Some(second) = row.get(1) {
            place(p, Rect { x: area.x + left, y, width: area.width - left, height }, *second);
        }
        y += height;
    }
}

/// The panes in rows, the alerts by themselves and the others two by two, with the rows' heights: each has what it
/// needs before any has more; the alerts keep to two fifths until then.
fn rows(p: &Paint<'_>, ctx: Ctx<'_>, panes: &[Listing], height: u16) -> Vec<(Vec<Listing>, u16)> {
    let mut rows: Vec<Vec<Listing>> = Vec::new();
    for pane in panes {
        match rows.last_mut() {
            Some(row) if *pane != Listing::Alerts && row.len() == 1 && row[0] != Listing::Alerts => row.push(*pane),
            _ => rows.push(vec![*pane]),
        }
    }
    let share = height * 2 / 5;
    let wishes: Vec<u16> = rows
        .iter()
        .map(|row| {
            let wish = |pane: &Listing| {
                let notes = to_u16(note_count(p, ctx.shown, *pane));
                wanted(ctx, *pane).saturating_add(notes + 2 + u16::from(*pane != Listing::Alerts))
            };
            row.iter().map(wish).max().unwrap_or(0).max(LEAST)
        })
        .collect();
    let alerts = |row: &[Listing]| row.contains(&Listing::Alerts);
    let mut heights: Vec<u16> = vec![LEAST; rows.len()];
    let mut left = height.saturating_sub(heights.iter().sum());
    for capped in [true, false] {
        loop {
            let mut grew = false;
            for (i, row) in rows.iter().enumerate() {
                let most = if capped && alerts(row) { wishes[i].min(share) } else { wishes[i] };
                if left > 0 && heights[i] < most {
                    heights[i] += 1;
                    left -= 1;
                    grew = true;
                }
            }
            if !grew {
                break;
            }
        }
    }
    let others: Vec<usize> = (0..rows.len()).filter(|i| !alerts(&rows[*i]) || rows.len() == 1).collect();
    for (n, i) in others.iter().enumerate() {
        let part = left / to_u16(others.len() - n);
        heights[*i] += part;
        left -= part;
    }
    rows.into_iter().zip(heights).collect()
}

/// Rows that `pane` would like inside its frame.
fn wanted(ctx: Ctx<'_>, pane: Listing) -> u16 {
    let rows = to_u16(ctx.view.rows(ctx.shown, pane).items.len()).max(1);
    match pane {
        Listing::Alerts if rows == 1 && facts::all_well_read(ctx.shown) => 1,
        Listing::Alerts if ctx.view.rows(ctx.shown, pane).items.is_empty() => {
            let failing = facts::standing(ctx.shown, &PollerKind::ALL).failing.len().min(4);
            1 + to_u16(failing.max(ctx.shown.alerts.unread.len().min(4)))
        }
        Listing::Scaling => {
            let activities = ctx.shown.model.events().activities().rev();
            rows + to_u16(activities.take(ACTIVITIES).count().max(1))
        }
        Listing::Bill if ctx.shown.model.of_kind(Kind::Bill).next().is_some() => {
            rows + super::burn::lines(ctx.shown) + MONTH
        }
        _ => rows,
    }
}

/// Panes one under another with their heights: each gets a few rows as far as they last, by importance, then what it
/// wants; the alerts first.
fn stack(p: &Paint<'_>, ctx: Ctx<'_>, panes: &[Listing], focus: Listing, height: u16) -> Vec<(Listing, u16)> {
    let mut order = panes.to_vec();
    // What was done is of more use in the night than what it costs.
    let rank = |p: &Listing| match p {
        Listing::Alerts => 0,
        Listing::Bill => 2,
        _ => 1,
    };
    order.sort_by_key(rank);
    let mut left = height;
    let mut out: Vec<(Listing, u16)> = Vec::new();
    let notes = |pane| to_u16(note_count(p, ctx.shown, pane));
    let needs = |pane| match pane {
        Listing::Alerts => wanted(ctx, pane),
        Listing::Bill => {
            let rows = to_u16(ctx.view.rows(ctx.shown, pane).items.len());
            notes(pane) + if rows > 0 { rows + super::burn::lines(ctx.shown) } else { 1 }
        }
        Listing::Scaling => notes(pane) + to_u16(ctx.view.rows(ctx.shown, pane).items.len()).max(1),
        _ => notes(pane) + wanted(ctx, pane),
    };
    let least = |pane| match pane {
        Listing::Alerts => (needs(pane) + 1).min((height * 2 / 5).max(5)),
        Listing::Trail => 2,
        _ => 1 + needs(pane).min(3),
    };
    if let Some(at) = order.iter().position(|p| *p == focus).filter(|at| *at > 1) {
        let pane = order.remove(at);
        order.insert(1, pane);
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
            if left > 0 && *height < needs(*pane) + 1 {
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
    out.sort_by_key(|(pane, _)| panes.iter().position(|p| p == pane));
    out
}
