//! When a verdict must be looked at again: what lets a pass over the rules leave out what cannot have changed.

use jiff::{SignedDuration, Timestamp};

/// The time up to which a verdict stands if there is no *news* of what it rests on.
///
/// News are: another reading of the resource or of any series of it, events in its scope (for rules over events), and
/// another way in which a poller of its scope stands (fresh, stale, failing since, with what error; see
/// [`standing_of_record`](super::reading::standing_of_record)). Whoever has news looks at the verdict again, so only what follows from the clock alone
/// needs saying: when a `for` is over, when a reading is too old, when an event leaves its window.
///
/// **Safe by default:** what rests on anything else (another resource, the time of day, the calendar) says
/// [`Again::EACH_PASS`] and is looked at at each pass. It is better to be looked at too often than to stand too long: a
/// property test holds that looking at what is due comes to the same as looking at everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Again(Timestamp);

impl Again {
    /// At each pass: the right answer whenever in doubt.
    pub(super) const EACH_PASS: Self = Self(Timestamp::MIN);
    /// Only when there is news.
    pub(super) const ON_NEWS: Self = Self(Timestamp::MAX);

    /// When there is news, and at `at`.
    pub(super) fn at(at: Timestamp) -> Self {
        Self(at)
    }

    /// When there is news, and as soon as `span` has passed since `from`.
    pub(super) fn at_end_of(from: Timestamp, span: SignedDuration) -> Self {
        Self(from.checked_add(span).unwrap_or(Timestamp::MAX))
    }

    /// When there is news, and as soon as more than `span` has passed since `from`.
    pub(super) fn after(from: Timestamp, span: SignedDuration) -> Self {
        let at = from.checked_add(span).and_then(|t| t.checked_add(SignedDuration::from_nanos(1)));
        Self(at.unwrap_or(Timestamp::MAX))
    }

    /// The time it is due if nothing comes before.
    pub(super) fn due(self) -> Timestamp {
        self.0
    }

    /// The earlier of the two.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        self.min(other)
    }
}
