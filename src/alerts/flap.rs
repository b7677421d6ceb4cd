//! Alerts that come and go: told once, and kept until they are quiet.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::AlertId;

/// Changes further back do not count.
pub const FLAP_WINDOW: SignedDuration = SignedDuration::from_mins(30);
/// So many changes between breached and good within [`FLAP_WINDOW`] are flapping: it fires for the third time.
pub const FLAP_CHANGES: usize = 5;
/// Flapping ends when nothing changed for so long.
pub const FLAP_QUIET: SignedDuration = SignedDuration::from_mins(15);
/// Most alerts whose changes are remembered.
const MAX_ALERTS: usize = 20_000;

/// The latest changes of each alert between breached and good.
#[derive(Clone, Debug, Default)]
pub(super) struct Flaps(BTreeMap<AlertId, VecDeque<Timestamp>>);

impl Flaps {
    /// `alert` changed at `now`. Returns how often it did within the window.
    pub(super) fn note(&mut self, alert: &AlertId, now: Timestamp) -> usize {
        if !self.0.contains_key(alert) && self.0.len() >= MAX_ALERTS {
            return 1;
        }
        let changes = self.0.entry(alert.clone()).or_default();
        changes.push_back(now);
        while changes.len() > 4 * FLAP_CHANGES
            || changes.front().is_some_and(|at| now.duration_since(*at) > FLAP_WINDOW)
        {
            changes.pop_front();
        }
        changes.len()
    }

    /// Whether nothing changed for so long that flapping is over.
    pub(super) fn quiet(&self, alert: &AlertId, now: Timestamp) -> bool {
        let last = self.0.get(alert).and_then(VecDeque::back);
        last.is_none_or(|at| now.duration_since(*at) >= FLAP_QUIET)
    }

    /// Forgets what is too old to count.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.0.retain(|_, changes| changes.back().is_some_and(|at| now.duration_since(*at) <= FLAP_WINDOW));
    }
}
