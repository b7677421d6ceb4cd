//! What was known at some moments of a recording, so that going back is not living through all of it again.
//!
//! The thread that looks for alerts comes by every moment first: it leaves what it knows at some of them. A way back begins
//! at the nearest one before where it goes, and comes to what a way from the start comes to.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::items::{Items, Place};
use crate::app::Watch;
use crate::model::Model;

/// After how many items one is left at first; tests have short recordings.
const EVERY: usize = if cfg!(test) { 60 } else { 2_000 };
/// Most that are kept.
const MOST: usize = 96;
/// Fewest that are kept, however large what is known is.
const FEWEST: usize = 3;
/// Most memory that they may take, about, in bytes.
const MEMORY: usize = 128 << 20;

/// What was known at a moment.
#[derive(Debug)]
pub(super) struct Checkpoint {
    /// Everything up to then was taken in.
    pub(super) at: Timestamp,
    /// Where the recording goes on.
    pub(super) place: Place,
    watch: Watch,
}

impl Checkpoint {
    /// What was known and what was wrong.
    pub(super) fn watch(&self) -> Watch {
        self.watch.copy()
    }
}

/// Some moments of one recording, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoints(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    points: Vec<Arc<Checkpoint>>,
    every: usize,
    /// Items since the last one.
    since: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { points: Vec::new(), every: EVERY, since: 0 }
    }
}

impl Checkpoints {
    /// Hears that an item of `items`, which is of `at`, was taken into `watch`; leaves a checkpoint where one is due.
    pub(super) fn lived(&self, at: Timestamp, items: &Items, watch: &Watch) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.since += 1;
        if kept.since < kept.every {
            return;
        }
        let most = (MEMORY / weight(&watch.model).max(1)).clamp(FEWEST, MOST);
        if kept.points.len() >= most {
            // Every other one, from the second on: the gaps are twice as long everywhere.
            let mut n = 0;
            kept.points.retain(|_| {
                n += 1;
                n % 2 == 0
            });
            kept.every = kept.every.saturating_mul(2);
        }
        kept.since = 0;
        kept.points.push(Arc::new(Checkpoint { at, place: items.place(), watch: watch.copy() }));
    }

    /// The last one that is not after `to`.
    pub(super) fn before(&self, to: Timestamp) -> Option<Arc<Checkpoint>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.points.iter().rfind(|point| point.at <= to).cloned()
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).points.len()
    }
}

/// How many bytes what is known takes, about.
fn weight(model: &Model) -> usize {
    model.series_count() * 1_000 + model.resources().count() * 2_000 + model.events().len() * 1_000
}
