//! The book of alerts: verdicts in, transitions out.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::{Alert, AlertId, Counts, Transition};
use crate::model::{Model, PollerKind, Scope, Text};
use crate::rules::Verdict;

/// Rules that could not be evaluated because one poller cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// One line for a person, with the way out.
    pub why: Text,
    /// Since when.
    pub since: Timestamp,
    /// How many pairs of a rule and a resource wait for it.
    pub pairs: usize,
}

/// All alerts: pending, firing, and lately resolved.
#[derive(Clone, Debug, Default)]
pub struct Alerts {
    book: BTreeMap<AlertId, Alert>,
    timeline: VecDeque<Transition>,
    unread: BTreeMap<(Scope, PollerKind), Unread>,
}

impl Alerts {
    /// Takes in what all rules say at `now` (the whole of [`RuleSet::evaluate`](crate::rules::RuleSet::evaluate)) and
    /// returns what changed for a person. The same verdicts at the same time change nothing the second time.
    pub fn update(&mut self, verdicts: &[Verdict], model: &Model, now: Timestamp) -> Vec<Transition> {
        let _ = (verdicts, model, now, &mut self.timeline);
        Vec::new()
    }

    /// Pending and firing alerts, worst first.
    #[must_use]
    pub fn active(&self) -> Vec<&Alert> {
        self.book.values().collect()
    }

    /// Alerts resolved in the last quarter of an hour, newest first.
    #[must_use]
    pub fn resolved(&self) -> Vec<&Alert> {
        Vec::new()
    }

    /// The alert `id`, in any phase.
    #[must_use]
    pub fn get(&self, id: &AlertId) -> Option<&Alert> {
        self.book.get(id)
    }

    /// How many of each sort.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::default()
    }

    /// What could not be evaluated, by poller: while this is not empty nothing may be called OK.
    #[must_use]
    pub fn unread(&self) -> &BTreeMap<(Scope, PollerKind), Unread> {
        &self.unread
    }

    /// The last transitions, oldest first.
    pub fn timeline(&self) -> impl DoubleEndedIterator<Item = &Transition> {
        self.timeline.iter()
    }
}
