//! What was drawn where: noted while drawing, so that a click finds what the eye sees.

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::{Position, Rect};

use super::range::Span;
use super::view::{Item, Listing, Page};

/// What can be pointed at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// A page's tab.
    Page(Page),
    /// A list, as a pane or as a page.
    Pane(Listing),
    /// A row of a list.
    Row(Listing, Item),
    /// The head of a list's column, by its title.
    Head(Listing, String),
    /// The columns of a graph.
    Graph(Axis),
    /// The bar of a replay's time.
    Time(Stretch),
    /// Lines that can be scrolled: help, a detail.
    Lines,
    /// A line of the palette.
    Entry(usize),
    /// Nothing; what is under it cannot be pointed at.
    Cover,
}

/// The time axis of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// When the first column begins.
    pub(super) from: Timestamp,
    /// Seconds that a bucket stands for.
    pub(super) bucket: i64,
    /// Columns that a bucket has.
    pub(super) times: u16,
    /// Columns drawn.
    pub(super) columns: u16,
}

impl Axis {
    /// The time from the column `a` to the column `b`, both with all that they stand for, in whichever order.
    pub(super) fn between(self, a: u16, b: u16) -> Span {
        let at = |column: u16| {
            let buckets = i64::from(column.min(self.columns) / self.times.max(1));
            let behind = SignedDuration::from_secs(buckets.saturating_mul(self.bucket));
            self.from.checked_add(behind).unwrap_or(Timestamp::MAX)
        };
        let last = at(a.max(b)).checked_add(SignedDuration::from_secs(self.bucket)).unwrap_or(Timestamp::MAX);
        Span { from: at(a.min(b)), to: last }
    }

    /// All of it.
    pub(super) fn whole(self) -> Span {
        self.between(0, self.columns.saturating_sub(1))
    }
}

/// What the bar of a replay's time stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The moment of its first cell.
    pub(super) from: Timestamp,
    /// The moment of its last one.
    pub(super) to: Timestamp,
    /// How many there are.
    pub(super) cells: u16,
}

impl Stretch {
    /// The moment that the cell `n` stands for: from the first moment there is in the first to the last in the last.
    pub(super) fn at(self, n: u16) -> Timestamp {
        let last = i64::from(self.cells.saturating_sub(1)).max(1);
        let whole = self.to.duration_since(self.from).as_secs();
        let along = whole.saturating_mul(i64::from(n).min(last)) / last;
        self.from.checked_add(SignedDuration::from_secs(along)).unwrap_or(self.to)
    }
}

/// Text that leads to an address, where the terminal knows how to (OSC 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where the text is: one row.
    pub area: Rect,
    /// The address; not looked at for what a terminal would take for a sequence.
    pub address: String,
}

/// What a frame has where.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// What is drawn later lies over what came before.
    hits: Vec<(Rect, Target)>,
    links: Vec<Link>,
    /// The tiles of a heat map.
    tiles: Option<Rect>,
}

impl Drawn {
    pub(super) fn hit(&mut self, area: Rect, target: Target) {
        if !area.is_empty() {
            self.hits.push((area, target));
        }
    }

    /// The tiles of a heat map fill `area`.
    pub(super) fn tiles_in(&mut self, area: Rect) {
        self.tiles = Some(area);
    }

    /// Where the tiles of a heat map are; `None` where none is drawn.
    pub(super) fn tiles(&self) -> Option<Rect> {
        self.tiles
    }

    pub(super) fn link(&mut self, area: Rect, address: String) {
        if !area.is_empty() {
            self.links.push(Link { area, address });
        }
    }

    /// Text that leads somewhere; nothing of it overlaps.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Something is drawn over `area`: what was linked there is not seen any more.
    pub(super) fn unlink(&mut self, area: Rect) {
        self.links.retain(|link| !link.area.intersects(area));
    }

    /// What lies uppermost at (`x`, `y`) of that which `wanted` takes, and where it is; nothing under a cover.
    pub(super) fn at(&self, x: u16, y: u16, wanted: impl Fn(&Target) -> bool) -> Option<(Rect, &Target)> {
        let under = self.hits.iter().rev().filter(|(area, _)| area.contains(Position { x, y }));
        let mut open = under.take_while(|(_, target)| *target != Target::Cover);
        open.find(|(_, target)| wanted(target)).map(|(area, target)| (*area, target))
    }

    /// The first graph's axis.
    pub(super) fn axis(&self) -> Option<Axis> {
        self.hits.iter().find_map(|(_, target)| if let Target::Graph(axis) = target { Some(*axis) } else { None })
    }

    /// How many rows of `list` are in view.
    pub(super) fn rows_of(&self, list: Listing) -> usize {
        self.hits.iter().filter(|(_, target)| matches!(target, Target::Row(l, _) if *l == list)).count()
    }

    /// Takes over what `other` has from row `skip` on, moved to `area`.
    pub(super) fn take(&mut self, other: Self, skip: u16, area: Rect) {
        let moved = |at: Rect| {
            let top = at.y.max(skip);
            let height = at.bottom().saturating_sub(top);
            Rect { x: area.x + at.x, y: (area.y + top).saturating_sub(skip), height, ..at }.intersection(area)
        };
        for (at, target) in other.hits {
            self.hit(moved(at), target);
        }
        for link in other.links {
            self.link(moved(link.area), link.address);
        }
    }
}
