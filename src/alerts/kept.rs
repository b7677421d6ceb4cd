//! What is kept over restarts: silences, acknowledgements, notes, and the history of alerts.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::matcher::{Facts, Matcher, MatcherError};
use super::{Alert, AlertId, Level, Phase, Transition};
use crate::model::Text;

/// Most silences kept, those that are over among them.
pub const MAX_SILENCES: usize = 1000;
/// Most notes kept.
pub const MAX_NOTES: usize = 2000;
/// Most changes of alerts held in memory; the newest.
pub const MAX_PAST: usize = 2000;
/// Longest that a silence lasts.
pub const LONGEST_SILENCE: SignedDuration = SignedDuration::from_hours(366 * 24);
/// How long an acknowledgement outlives the last that was heard of its alert.
pub(super) const ACK_OUTLIVES: SignedDuration = SignedDuration::from_hours(24);

/// Somebody has taken an alert on. It ends when the alert resolves or gets a louder level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// What.
    pub alert: AlertId,
    /// The level that was acknowledged.
    pub level: Level,
    /// By whom: `alice@bastion`.
    pub by: Text,
    /// When.
    pub at: Timestamp,
    /// What they said; may be empty.
    pub note: Text,
}

/// Alerts that need not be told for a while, as Alertmanager has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Its id.
    pub id: Text,
    /// All of them must hold.
    pub matchers: Vec<Matcher>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who made it.
    pub author: Text,
    /// Why.
    pub reason: Text,
    /// When it was made.
    pub made: Timestamp,
}

impl Silence {
    /// A silence made at `made`, with an id of its own.
    #[must_use]
    pub fn new(
        matchers: Vec<Matcher>,
        from: Timestamp,
        until: Timestamp,
        author: Text,
        reason: Text,
        made: Timestamp,
    ) -> Self {
        let mut silence = Self { id: Text::default(), matchers, from, until, author, reason, made };
        // FNV-1a over all that makes it: two that are equal to the nanosecond are the same one.
        let all = format!("{} {} {} {from} {until} {made}", silence.what(), silence.author, silence.reason);
        let hash =
            all.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        silence.id = format!("{hash:016x}").into();
        silence
    }

    /// Checks what a silence needs: a matcher that says something, and a time that comes and ends.
    ///
    /// # Errors
    /// One sentence on what lacks.
    pub fn check(&self, now: Timestamp) -> Result<(), MatcherError> {
        Self::check_matchers(&self.matchers)?;
        if self.until <= self.from || self.until <= now {
            return Err(MatcherError::new("a silence must end after it begins, and after now"));
        }
        if self.until.duration_since(self.from) > LONGEST_SILENCE {
            return Err(MatcherError::new("a silence lasts a year at most; change or disable the rule instead"));
        }
        Ok(())
    }

    /// Whether `matchers` say anything.
    ///
    /// # Errors
    /// They are true of everything.
    pub fn check_matchers(matchers: &[Matcher]) -> Result<(), MatcherError> {
        if matchers.iter().all(Matcher::is_trivial) {
            return Err(MatcherError::new("this would silence everything; name a rule, a resource, a region or a tag"));
        }
        Ok(())
    }

    /// Whether it is in force at `now`.
    #[must_use]
    pub fn active(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether it covers an alert at `now`.
    ///
    /// A BLIND alert is covered only by a silence that names blindness itself ([`Matcher::names_blindness`]): what
    /// cannot be read never becomes quiet because a wildcard happens to match it.
    #[must_use]
    pub fn covers(&self, of: &Facts<'_>, now: Timestamp) -> bool {
        self.active(now)
            && !self.matchers.is_empty()
            && self.matchers.iter().all(|m| m.holds(of))
            && (of.alert.level != Level::Blind || self.matchers.iter().any(Matcher::names_blindness))
    }

    /// Its matchers on one line.
    #[must_use]
    pub fn what(&self) -> String {
        self.matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// What somebody wrote to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// To which.
    pub alert: AlertId,
    /// Who.
    pub by: Text,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: Text,
}

/// A change in an alert's life, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Which alert.
    pub alert: AlertId,
    /// When.
    pub at: Timestamp,
    /// Since when it was breached.
    pub since: Timestamp,
    /// The phase that it took.
    pub phase: Phase,
    /// How loud it was.
    pub level: Level,
    /// The value at that moment.
    pub value: Option<f64>,
    /// What it said.
    pub title: Text,
    /// Hosts and reasons.
    pub detail: Text,
}

impl Past {
    /// What is kept of `transition`; pending ones are not.
    #[must_use]
    pub fn of(transition: &Transition) -> Option<Self> {
        let Alert { id, since, phase, level, value, title, detail, .. } = &transition.alert;
        (*phase != Phase::Pending).then(|| Self {
            alert: id.clone(),
            at: transition.at,
            since: *since,
            phase: *phase,
            level: *level,
            value: *value,
            title: title.clone(),
            detail: detail.clone(),
        })
    }
}

/// How much later another console may see the same breach begin.
const SAME_BREACH: SignedDuration = SignedDuration::from_mins(2);

impl Past {
    /// Whether it is a change after `last`. Two consoles see the same one, seconds apart, and a console that is started
    /// again sees the same alert fire again: these are none.
    #[must_use]
    pub fn follows(&self, last: &Self) -> bool {
        (self.phase, self.level) != (last.phase, last.level)
            || self.phase == Phase::Firing && self.since.duration_since(last.at) > SAME_BREACH
    }
}

/// Something that is to be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Somebody takes an alert on.
    Acknowledge(Ack),
    /// The acknowledgement made at that moment is over: taken back, or the alert resolved or got louder.
    Unacknowledge {
        /// Of what.
        alert: AlertId,
        /// When it was made, so that a newer one stays.
        made: Timestamp,
    },
    /// A silence begins, or the one of this id is replaced.
    Silence(Silence),
    /// A silence ends early.
    Expire {
        /// Its id.
        silence: Text,
        /// When.
        at: Timestamp,
    },
    /// Somebody writes something to an alert.
    Note(Note),
    /// An alert changed.
    Past(Past),
}

/// Everything that is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Silences, oldest first.
    pub silences: Vec<Silence>,
    /// One for an alert.
    pub acks: Vec<Ack>,
    /// Oldest first.
    pub notes: Vec<Note>,
    /// The newest changes of alerts, oldest first.
    pub past: Vec<Past>,
}

impl Kept {
    /// Takes a change in. The same change a second time changes nothing.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Acknowledge(ack) => {
                if self.acks.iter().any(|a| a.alert == ack.alert && a.at >= ack.at) {
                    return;
                }
                self.acks.retain(|a| a.alert != ack.alert);
                self.acks.push(ack.clone());
                trim(&mut self.acks, MAX_NOTES);
            }
            Change::Unacknowledge { alert, made } => self.acks.retain(|a| a.alert != *alert || a.at > *made),
            Change::Silence(silence) => {
                match self.silences.iter_mut().find(|s| s.id == silence.id) {
                    Some(known) => known.clone_from(silence),
                    None => self.silences.push(silence.clone()),
                }
                trim(&mut self.silences, MAX_SILENCES);
            }
            Change::Expire { silence, at } => {
                for known in self.silences.iter_mut().filter(|s| s.id == *silence) {
                    known.until = known.until.min(*at);
                }
            }
            Change::Note(note) => {
                if !self.notes.contains(note) {
                    self.notes.push(note.clone());
                }
                trim(&mut self.notes, MAX_NOTES);
            }
            Change::Past(past) => {
                let last = self.past.iter().rev().find(|p| p.alert == past.alert);
                if last.is_none_or(|last| past.follows(last)) {
                    self.past.push(past.clone());
                }
                trim(&mut self.past, MAX_PAST);
            }
        }
    }

    /// The acknowledgement of `alert`.
    #[must_use]
    pub fn ack(&self, alert: &AlertId) -> Option<&Ack> {
        self.acks.iter().find(|a| a.alert == *alert)
    }

    /// The silence `id`.
    #[must_use]
    pub fn silence(&self, id: &str) -> Option<&Silence> {
        self.silences.iter().find(|s| *s.id == *id)
    }

    /// Notes on `alert`, oldest first.
    pub fn notes_on(&self, alert: &AlertId) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |n| n.alert == *alert)
    }

    /// What is remembered of `alert`, oldest first.
    pub fn past_of(&self, alert: &AlertId) -> impl DoubleEndedIterator<Item = &Past> {
        self.past.iter().filter(move |p| p.alert == *alert)
    }
}

/// Lets the oldest go.
fn trim<T>(list: &mut Vec<T>, most: usize) {
    list.drain(..list.len().saturating_sub(most));
}
