//! The log of events: newest last, each id once, bounded by count and age.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{Event, EventKind, Text};

/// Most events kept.
pub const MAX_EVENTS: usize = 20_000;
/// Longest time an event is kept; and how far ahead of the clock one may be that wrote it.
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// When an event was, and its id.
type Key = (Timestamp, Text);

/// Events in order of their time.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    by_time: BTreeMap<Key, Event>,
    ids: HashSet<Text>,
    /// Those that are scaling activities, which every frame shows the newest of.
    activities: BTreeSet<Key>,
    /// Of these, those that failed.
    failed: BTreeSet<Key>,
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
                self.note(&key);
            }
            return moved_on;
        }
        if now.duration_since(event.at).abs() > MAX_AGE {
            return false;
        }
        self.ids.insert(event.id.clone());
        self.by_time.insert(key.clone(), event);
        self.note(&key);
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

    /// Scaling activities, oldest first: without a walk through all other events.
    pub fn activities(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.activities.iter().filter_map(|key| self.by_time.get(key))
    }

    /// Scaling activities that failed, oldest first.
    pub fn failed_activities(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.failed.iter().filter_map(|key| self.by_time.get(key))
    }

    /// Keeps of which sort the event `key` is.
    fn note(&mut self, key: &Key) {
        self.activities.remove(key);
        self.failed.remove(key);
        let Some(Event { kind: EventKind::Activity(activity), .. }) = self.by_time.get(key) else { return };
        if activity.failure.is_some() || activity.status == "Failed" {
            self.failed.insert(key.clone());
        }
        self.activities.insert(key.clone());
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
        while let Some((key, _)) = self.by_time.last_key_value() {
            if key.0.duration_since(now) <= MAX_AGE {
                break;
            }
            let last = self.by_time.pop_last();
            self.forget(last);
        }
        while let Some((key, _)) = self.by_time.first_key_value() {
            if now.duration_since(key.0) <= MAX_AGE && self.ids.len() <= MAX_EVENTS {
                break;
            }
            let first = self.by_time.pop_first();
            self.forget(first);
        }
    }

    fn forget(&mut self, removed: Option<(Key, Event)>) {
        let Some((key, event)) = removed else { return };
        self.ids.remove(&event.id);
        self.activities.remove(&key);
        self.failed.remove(&key);
    }
}
