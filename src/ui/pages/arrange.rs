//! The overview as it is configured: panes in rows, each with a share of the room and the least it is shown with.
//!
//! What does not fit side by side stands one under another; what does not fit then goes, the alerts last.

use ratatui::layout::Rect;

use crate::ui::look::{PaneLook, RowLook};
use crate::ui::paint::to_u16;
use crate::ui::view::Listing;

/// Fewest columns of a pane that says nothing of them.
const COLUMNS: u16 = 36;

/// How soon `pane` goes when there is no room: the highest first.
fn rank(pane: Listing, focus: Listing) -> u8 {
    match pane {
        Listing::Alerts => 0,
        p if p == focus => 1,
        Listing::Bill => 3,
        Listing::Pinned => 4,
        _ => 2,
    }
}

/// Where each pane of `layout` stands in `area`, with the least that a pane needs in its frame of `least` rows.
pub(super) fn arrange(layout: &[RowLook], focus: Listing, least: u16, area: Rect) -> Vec<(Listing, Rect)> {
    let mut rows: Vec<RowLook> = Vec::new();
    for row in layout {
        let wanted: u32 = row.panes.iter().map(|p| u32::from(p.min.unwrap_or(COLUMNS))).sum();
        if wanted <= u32::from(area.width) || row.panes.len() == 1 {
            rows.push(row.clone());
        } else {
            let parts = to_u16(row.panes.len()).max(1);
            let height = row.height.map(|share| (share / parts).max(1));
            let alone = |p: &PaneLook| RowLook { height, min: row.min, panes: vec![PaneLook { width: None, ..*p }] };
            rows.extend(row.panes.iter().map(alone));
        }
    }
    let min = |row: &RowLook| row.min.unwrap_or(least).max(1);
    while rows.len() > 1 && rows.iter().map(|r| u32::from(min(r))).sum::<u32>() > u32::from(area.height) {
        let worth = |row: &RowLook| row.panes.iter().map(|p| rank(p.list, focus)).min().unwrap_or(u8::MAX);
        let last = rows.iter().enumerate().max_by_key(|(i, row)| (worth(row), *i)).map_or(0, |(i, _)| i);
        rows.remove(last);
    }
    let heights = share(area.height, &rows.iter().map(|r| (r.height, min(r))).collect::<Vec<_>>());
    let mut out = Vec::new();
    let mut y = area.y;
    for (row, height) in rows.iter().zip(heights) {
        let wishes: Vec<_> = row.panes.iter().map(|p| (p.width, p.min.unwrap_or(COLUMNS))).collect();
        let mut x = area.x;
        for (pane, width) in row.panes.iter().zip(share(area.width, &wishes)) {
            out.push((pane.list, Rect { x, y, width, height }));
            x += width;
        }
        y += height;
    }
    out
}

/// `room` shared out: shares of a hundred first, each at least its least; what is left goes to those without a share.
/// All of it is given, and no more.
fn share(room: u16, wishes: &[(Option<u16>, u16)]) -> Vec<u16> {
    let part = |share: u16| to_u16(usize::from(room) * usize::from(share) / 100);
    let mut sizes: Vec<u16> = wishes.iter().map(|(s, min)| s.map_or(*min, |s| part(s).max(*min)).min(room)).collect();
    loop {
        let used: usize = sizes.iter().map(|s| usize::from(*s)).sum();
        if used <= usize::from(room) {
            break;
        }
        // From whoever has most above its least; from the largest where none has any.
        let above = |i: usize| sizes[i].saturating_sub(wishes[i].1);
        let Some(most) = (0..sizes.len()).max_by_key(|i| (above(*i), sizes[*i])) else { break };
        sizes[most] = sizes[most].saturating_sub(1);
    }
    let mut left = room - sizes.iter().sum::<u16>();
    let free: Vec<usize> = (0..wishes.len()).filter(|i| wishes[*i].0.is_none()).collect();
    let free = if free.is_empty() { (0..wishes.len()).rev().take(1).collect() } else { free };
    // The smallest grows first, so that they end up alike.
    while left > 0 {
        let Some(i) = free.iter().copied().min_by_key(|i| sizes[*i]) else { break };
        sizes[i] += 1;
        left -= 1;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(height: Option<u16>, panes: &[(Listing, Option<u16>, Option<u16>)]) -> RowLook {
        let pane = |(list, width, min): &(Listing, Option<u16>, Option<u16>)| PaneLook {
            list: *list,
            width: *width,
            min: *min,
        };
        RowLook { height, min: None, panes: panes.iter().map(pane).collect() }
    }

    #[test]
    fn shares_are_kept_and_what_is_left_goes_to_who_has_none() {
        assert_eq!(share(100, &[(Some(60), 10), (None, 10)]), [60, 40]);
        assert_eq!(share(100, &[(Some(90), 10), (None, 30)]), [70, 30]);
        assert_eq!(share(90, &[(None, 10), (None, 20), (None, 5)]), [30, 30, 30]);
        assert_eq!(share(50, &[(Some(30), 5), (Some(30), 5)]), [15, 35]);
        assert_eq!(share(5, &[(None, 9), (Some(50), 9)]).iter().sum::<u16>(), 5);
    }

    #[test]
    fn panes_stand_side_by_side_then_below_then_the_alerts_alone() {
        use Listing::{Alerts, Balancers, Bill, Scaling};
        let layout = [
            row(Some(40), &[(Alerts, None, None)]),
            row(None, &[(Balancers, Some(60), Some(40)), (Scaling, None, None)]),
            row(Some(20), &[(Bill, None, None)]),
        ];
        let at = |w, h| arrange(&layout, Alerts, 5, Rect::new(0, 2, w, h));
        assert_eq!(
            at(200, 60),
            [
                (Alerts, Rect::new(0, 2, 200, 24)),
                (Balancers, Rect::new(0, 26, 120, 24)),
                (Scaling, Rect::new(120, 26, 80, 24)),
                (Bill, Rect::new(0, 50, 200, 12)),
            ]
        );
        let lists = |w, h| at(w, h).into_iter().map(|(l, _)| l).collect::<Vec<_>>();
        assert_eq!(lists(60, 40), [Alerts, Balancers, Scaling, Bill]);
        assert!(at(60, 40).iter().all(|(_, r)| r.width == 60));
        assert_eq!(lists(60, 16), [Alerts, Balancers, Scaling]);
        assert_eq!(lists(60, 9), [Alerts]);
        assert_eq!(arrange(&layout, Bill, 5, Rect::new(0, 0, 60, 11)).len(), 2);
    }

    proptest! {
        /// Any layout in any room: panes fill it, none over another, none outside, and the alerts are among them.
        #[test]
        fn panes_never_overlap_and_leave_nothing_empty(
            (w, h) in (4u16..400, 4u16..120),
            rows in proptest::collection::vec(
                (proptest::option::of(1u16..=100), proptest::option::of(3u16..=100),
                 proptest::collection::vec((proptest::option::of(1u16..=100), proptest::option::of(10u16..=400)), 1..4)), 1..5),
            focus in 0usize..5,
        ) {
            let mut lists = [Listing::Alerts, Listing::Balancers, Listing::Scaling, Listing::Bill, Listing::Trail]
                .into_iter()
                .cycle();
            let layout: Vec<RowLook> = rows
                .iter()
                .map(|(height, min, panes)| RowLook {
                    height: *height,
                    min: *min,
                    panes: panes
                        .iter()
                        .map(|(width, min)| PaneLook { list: lists.next().unwrap(), width: *width, min: *min })
                        .collect(),
                })
                .collect();
            let area = Rect::new(3, 2, w, h);
            let placed = arrange(&layout, Listing::PANES[focus], 5, area);
            prop_assert!(placed.iter().any(|(l, _)| *l == Listing::Alerts));
            let cells: u32 = placed.iter().map(|(_, r)| r.area()).sum();
            prop_assert_eq!(cells, area.area());
            for (i, (_, a)) in placed.iter().enumerate() {
                prop_assert_eq!(a.intersection(area), *a);
                prop_assert!(placed.iter().skip(i + 1).all(|(_, b)| a.intersection(*b).is_empty()));
            }
        }
    }
}
