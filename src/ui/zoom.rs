//! A part of the time that the graphs look at instead of the newest: all of them the same.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::command::{Action, Command};
use super::range::Span;
use super::shown::Shown;
use super::step::say;
use super::view::{Page, ViewState};

/// Shortest time that is looked at.
const LEAST: SignedDuration = SignedDuration::from_mins(5);

/// What graphs look at, and how much they would without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zoom {
    /// What they look at.
    pub span: Span,
    /// How long what they looked at before was.
    whole: SignedDuration,
}

impl Zoom {
    /// `span`, out of what a graph had: `shown` where nothing was chosen before.
    pub(super) fn into(before: Option<Self>, shown: Span, span: Span) -> Self {
        let whole = before.map_or_else(|| shown.length(), |z| z.whole);
        Self { span: span.at_least(LEAST), whole }
    }
}

/// What a key does to the time that graphs look at.
pub(super) fn step(view: &mut ViewState, command: Command, shown: &Shown<'_>) -> Vec<Action> {
    let Some(axis) = view.drawn.axis().filter(|_| view.has_graphs()) else { return say("there is no graph here") };
    if command == Command::ZoomAll {
        view.zoom = None;
        return Vec::new();
    }
    let zoomed = view.zoom.map(|z| z.span);
    let span = zoomed.unwrap_or_else(|| axis.whole());
    let (length, now) = (span.length(), shown.now);
    let wanted = match command {
        // Without a choice the newest is what one wants to see more of; else the middle of what was chosen.
        Command::ZoomIn if zoomed.is_none() => Span { from: earlier(span.to, length / 2), to: span.to },
        Command::ZoomIn => span.around(length / 2),
        Command::ZoomOut => span.around(length.saturating_mul(2)),
        Command::PanEarlier => span.moved(-(length / 2)),
        _ => span.moved(length / 2),
    };
    let late = wanted.to.duration_since(now.max(span.to));
    let wanted = if late.is_positive() { wanted.moved(-late) } else { wanted };
    let zoom = Zoom::into(view.zoom, axis.whole(), wanted);
    view.zoom = match command {
        Command::ZoomOut if zoom.span.length() >= zoom.whole => None,
        Command::PanLater if zoomed.is_none() => return say("this is the newest"),
        _ => Some(zoom),
    };
    Vec::new()
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

impl ViewState {
    /// Whether there are graphs where the user is.
    pub(super) fn has_graphs(&self) -> bool {
        self.explained.is_none() && (!self.details.is_empty() || self.page == Page::Metrics)
    }
}

impl Span {
    /// How long it is.
    pub(super) fn length(self) -> SignedDuration {
        self.to.duration_since(self.from)
    }

    fn moved(self, by: SignedDuration) -> Self {
        let moved = |at: Timestamp| at.checked_add(by);
        match (moved(self.from), moved(self.to)) {
            (Ok(from), Ok(to)) => Self { from, to },
            _ => self,
        }
    }

    /// `length` of it or around it, with the same middle.
    fn around(self, length: SignedDuration) -> Self {
        let more = (length - self.length()) / 2;
        Self { from: earlier(self.from, more), to: self.to.checked_add(more).unwrap_or(Timestamp::MAX) }
    }

    fn at_least(self, length: SignedDuration) -> Self {
        if self.length() < length { self.around(length) } else { self }
    }
}
