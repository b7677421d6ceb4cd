//! What people decide about alerts, and what follows from it.

use jiff::Timestamp;

use super::cloudwatch;
use super::kept::{ACK_OUTLIVES, Ack, Change, Kept, Past};
use super::lines::{self, Line};
use super::matcher::Facts;
use super::{Alert, Alerts, Phase, Silence, Transition};
use crate::model::{Model, Text};

/// Most changes that wait to be kept; in a program that keeps nothing the oldest go.
const MAX_OUTBOX: usize = 4000;

impl Alerts {
    /// Takes in what a person decided, and puts it among what is to be kept ([`Alerts::take_changes`]).
    pub fn decide(&mut self, change: Change, model: &Model, now: Timestamp) {
        self.kept.apply(&change);
        self.post(change);
        self.look_at_handling(model, now);
    }

    /// Puts what is kept, as it was read back, in the place of what was known of it.
    pub fn restore(&mut self, kept: Kept, model: &Model, now: Timestamp) {
        self.kept = kept;
        self.look_at_handling(model, now);
    }

    /// What is kept over restarts, as it is known here.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// What is to be kept since this was last asked, in order.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.outbox.drain(..).collect()
    }

    /// The list of alerts as a person should see it: what belongs together on one line, worst first.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The silence in force that covers `alert` at `now`, if one does.
    #[must_use]
    pub fn silence_on(&self, alert: &Alert, model: &Model, now: Timestamp) -> Option<&Silence> {
        let labels = self.labels.get(&alert.id.rule);
        let facts = Facts::of(alert, model, labels);
        // Of several the one that lasts longest.
        self.kept.silences.iter().filter(|s| s.covers(&facts, now)).max_by_key(|s| s.until)
    }

    fn post(&mut self, change: Change) {
        if self.outbox.len() >= MAX_OUTBOX {
            self.outbox.pop_front();
        }
        self.outbox.push_back(change);
    }

    /// Keeps a transition for the history.
    pub(super) fn remember(&mut self, transition: &Transition) {
        let Some(past) = Past::of(transition) else { return };
        let change = Change::Past(past);
        self.kept.apply(&change);
        self.post(change);
    }

    /// Finds anew for every alert who has it, what silences it and what stands for it.
    pub(super) fn look_at_handling(&mut self, model: &Model, now: Timestamp) {
        self.end_acks();
        let silences: Vec<(super::AlertId, Text)> = if self.kept.silences.iter().any(|s| s.active(now)) {
            let active = self.book.values().filter(|a| a.phase != Phase::Resolved);
            active.filter_map(|a| Some((a.id.clone(), self.silence_on(a, model, now)?.id.clone()))).collect()
        } else {
            Vec::new()
        };
        let mut silences = silences.into_iter().peekable();
        for (id, alert) in &mut self.book {
            // Both are in the book's order.
            let silence = silences.next_if(|(silenced, _)| silenced == id).map(|(_, silence)| silence);
            if alert.phase == Phase::Resolved {
                continue;
            }
            alert.handling.silence = silence;
            alert.handling.hidden_by = None;
            alert.handling.ack = self.kept.acks.iter().find(|a| a.alert == *id && holds(a, alert)).cloned();
        }
        let active = self.active();
        let mut hidden = lines::hidden(&active, model);
        let folded = cloudwatch::folded(&active, &hidden, model);
        hidden.extend(folded);
        for (id, by) in hidden {
            if let Some(alert) = self.book.get_mut(&id) {
                alert.handling.hidden_by = Some(by);
            }
        }
        self.lines = lines::lines(&self.active(), model);
    }

    /// Ends what was acknowledged and is over: resolved since, louder now, or another breach than the one that was seen.
    fn end_acks(&mut self) {
        let over = |ack: &&Ack| {
            self.book.get(&ack.alert).is_some_and(|alert| match alert.phase {
                Phase::Resolved => alert.resolved_at.is_some_and(|at| at >= ack.at),
                Phase::Pending => false,
                Phase::Firing => !holds(ack, alert),
            })
        };
        let ended: Vec<Change> = self
            .kept
            .acks
            .iter()
            .filter(over)
            .map(|a| Change::Unacknowledge { alert: a.alert.clone(), made: a.at })
            .collect();
        for change in ended {
            self.kept.apply(&change);
            self.post(change);
        }
    }
}

/// Whether `ack` is of the breach that `alert` stands for, and of nothing milder. After a restart the breach may only be
/// known since the first reading; then a fresh acknowledgement is believed.
fn holds(ack: &Ack, alert: &Alert) -> bool {
    let same = alert.since <= ack.at || alert.older && alert.since.duration_since(ack.at) <= ACK_OUTLIVES;
    alert.phase == Phase::Firing && alert.level <= ack.level && same
}
