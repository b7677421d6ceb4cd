//! What a recording gives, in one order with the moments at which rules are looked at besides: a replay is the same
//! however fast it goes, and wherever it began.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use crate::alerts::Transition;
use crate::app::Watch;
use crate::journal::{End, JournalError, Reader};
use crate::model::{Body, Observation};

/// How far apart the moments are where nothing is recorded.
const APART: SignedDuration = SignedDuration::from_secs(5);
/// Most moments between two records: a machine that slept for a year is not looked at for every five seconds of it.
const MOST: i32 = 720;

/// One thing of a recording.
#[derive(Debug)]
pub struct Item {
    /// When; never before the one that came before.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What a recording has of a moment.
#[derive(Debug)]
pub enum What {
    /// Something was recorded.
    Observation(Box<Observation>),
    /// Nothing was, but `for`, staleness and windows move with the time.
    Moment,
    /// There is no more, and why it breaks off here if it does.
    End(Option<String>),
}

impl Item {
    /// Whether a run of a poller ends with it.
    #[must_use]
    pub fn ends_a_run(&self) -> bool {
        matches!(&self.what, What::Observation(o) if matches!(o.body, Body::Outcome(_)))
    }

    /// Takes it into `watch`, as the console's core does. Returns what became of alerts.
    pub fn live(&self, watch: &mut Watch) -> Vec<Transition> {
        match &self.what {
            What::Observation(observation) => drop(watch.observe(observation)),
            What::Moment => {}
            What::End(_) => return Vec::new(),
        }
        let changed = watch.evaluate(self.at).unwrap_or_default();
        watch.alerts.take_changes();
        changed
    }
}

/// A place in a recording.
#[derive(Clone, Debug)]
pub(super) struct Place {
    records: u64,
    next: Option<Observation>,
    at: Timestamp,
    moment: (Timestamp, SignedDuration),
    began: Timestamp,
}

/// The items of a recording, in order; the last one is its end.
pub struct Items {
    reader: Reader,
    /// The first record, then each when its time has come.
    next: Option<Observation>,
    /// How far time is.
    at: Timestamp,
    /// The last moment looked at, and how far it is from there to the next before the next record.
    moment: (Timestamp, SignedDuration),
    began: Timestamp,
    ended: bool,
}

impl Items {
    /// Those of the recording `file`.
    ///
    /// # Errors
    ///
    /// It cannot be read, is none, or holds no observation.
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        let mut reader = Reader::open(file)?;
        let first = match reader.next() {
            Some(Ok(first)) => first,
            Some(Err(error)) => anyhow::bail!("{error}"),
            None => anyhow::bail!("{}: the recording holds no observation", file.display()),
        };
        let began = first.at;
        Ok(Self { reader, next: Some(first), at: began, moment: (began, APART), began, ended: false })
    }

    /// Where they go on: [`Items::from`] there gives what these give.
    pub(super) fn place(&self) -> Place {
        let Self { reader, next, at, moment, began, .. } = self;
        Place { records: reader.records(), next: next.clone(), at: *at, moment: *moment, began: *began }
    }

    /// Those of the recording `file` from `place` on.
    ///
    /// # Errors
    ///
    /// It cannot be read any more, or is shorter than it was.
    pub(super) fn from(file: &Path, place: &Place) -> anyhow::Result<Self> {
        let mut reader = Reader::open(file)?;
        reader.skip_records(place.records);
        anyhow::ensure!(reader.records() == place.records, "{}: it is shorter than it was", file.display());
        let Place { next, at, moment, began, .. } = place.clone();
        Ok(Self { reader, next, at, moment, began, ended: false })
    }

    /// When the first record is of.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.began
    }

    fn read(&mut self) -> Result<Option<Observation>, JournalError> {
        let next = self.reader.next().transpose()?;
        if let Some(next) = &next {
            let gap = next.at.duration_since(self.moment.0);
            self.moment.1 = APART.max(gap / MOST);
        }
        Ok(next)
    }

    fn end(&mut self, damage: Option<String>) -> Item {
        self.ended = true;
        Item { at: self.at, what: What::End(damage) }
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.ended {
            return None;
        }
        let next = match self.next.take() {
            Some(next) => next,
            None => match self.read() {
                Ok(Some(next)) => next,
                Ok(None) => {
                    let damage = match self.reader.end() {
                        Some(End::Torn { why }) => Some(why.clone()),
                        Some(End::Whole) | None => None,
                    };
                    return Some(self.end(damage));
                }
                Err(error) => return Some(self.end(Some(error.to_string()))),
            },
        };
        let due = self.moment.0.checked_add(self.moment.1).unwrap_or(Timestamp::MAX);
        if due < next.at {
            self.next = Some(next);
            (self.moment.0, self.at) = (due, self.at.max(due));
            return Some(Item { at: self.at, what: What::Moment });
        }
        self.at = self.at.max(next.at);
        Some(Item { at: self.at, what: What::Observation(Box::new(next)) })
    }
}
