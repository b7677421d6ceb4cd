//! The log of events: newest last, each id once, bounded by count and age.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{Event, EventKind, Text};

/// Most events kept.
pub const MAX_EVENTS: usize = 20_000;
/// Longest time an event is kept; and how far ahead of the clock one may be that wrote it.
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Events in order of their time.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    by_time: BTreeMap<(Timestamp, Text), Event>,
    ids: HashSet<Text>,
}

impl EventLog {
    /// Takes `event` in, as read at `now`, unless its id is known. A scaling activity that has moved on replaces its older
    /// self. Ages are counted from `now`: from the newest event, one from a clock that was ahead would close the log to
    /// all others.
    ///
    /// Returns whether anything changed.
    pub fn insert(&mut self, event: Event, now: Timestamp) -> bool {
        let key = (event.at, event.id.clone());
        if self.ids.contains(&event.id) {
            let Some(known) = self.by_time.get_mut(&key) else { return false };
            let moved_on = matches!(event.kind, EventKind::Activity(_)) && *known != event;
            if moved_on {
                *known = event;
            }
            return moved_on;
        }
        if now.duration_since(event.at).abs() > MAX_AGE {
            return false;
        }
        self.ids.insert(event.id.clone());
        self.by_time.insert(key, event);
        self.trim(now);
        true
    }

    /// All events, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.by_time.values()
    }

    /// Events at or after `from`, oldest first.
    pub fn since(&self, from: Timestamp) -> impl DoubleEndedIterator<Item = &Event> {
        self.by_time.range((from, Text::default())..).map(|(_, e)| e)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_time.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_time.is_empty()
    }

    fn trim(&mut self, now: Timestamp) {
        while let Some(entry) = self.by_time.last_entry() {
            if entry.key().0.duration_since(now) <= MAX_AGE {
                break;
            }
            self.ids.remove(&entry.remove().id);
        }
        while let Some(entry) = self.by_time.first_entry() {
            if now.duration_since(entry.key().0) <= MAX_AGE && self.ids.len() <= MAX_EVENTS {
                break;
            }
            self.ids.remove(&entry.remove().id);
        }
    }
}
