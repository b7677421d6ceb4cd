//! The thread that keeps: takes changes, writes them, and says what is kept whenever that changed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use super::{Limits, Opened, StateError, Store};
use crate::alerts::{Change, Kept};
use crate::clock::Clock;

/// How often it is looked for what others wrote.
const LOOK: Duration = Duration::from_secs(1);
/// Batches of changes that may wait for the disk.
const QUEUE: usize = 1024;
/// Most changes that wait for a disk that is full or locked; then the oldest are lost, what became of alerts before what
/// people decided, and that is told.
pub(super) const MAX_WAITING: usize = 20_000;
/// Longest that is waited at the end for what was not written yet: longer than a locked database is waited for.
const FAREWELL: Duration = Duration::from_secs(15);
/// After so long it is told that it is waited.
const AT_ONCE: Duration = Duration::from_millis(500);

/// What a [`Keeper`] says.
#[derive(Debug)]
pub enum Heard {
    /// What is kept now.
    Kept {
        /// It.
        kept: Box<Kept>,
        /// How many batches were written: what was given later is not in it.
        written: u64,
    },
    /// Something the person must know: nothing is kept, or a damaged file was moved aside.
    Trouble {
        /// What, in one sentence.
        text: String,
        /// Whether nothing is kept from now on.
        ended: bool,
    },
}

/// What became of a batch that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It will be written.
    Yes,
    /// Too many wait for the disk: it is lost.
    NoRoom,
    /// Nothing is kept any more, and why was told.
    Ended,
}

/// Keeps on a thread of its own.
#[derive(Debug)]
pub struct Keeper {
    changes: SyncSender<Vec<Change>>,
    /// How many changes were left unwritten.
    done: Receiver<usize>,
    /// How many there was no room for.
    refused: AtomicUsize,
}

impl Keeper {
    /// Begins to keep in `dir`. `say` is called on the keeper's thread and may block; it returns whether anybody listens.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn spawn(
        dir: &Path,
        limits: Limits,
        clock: Clock,
        say: impl Fn(Heard) -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let (changes, given) = sync_channel(QUEUE);
        let (end, done) = sync_channel(1);
        let keeping = Keeping {
            dir: dir.to_owned(),
            limits,
            clock,
            say,
            waiting: Vec::new(),
            written: 0,
            batches: 0,
            told: None,
            lost: 0,
            losing: None,
        };
        std::thread::Builder::new().name("state".into()).spawn(move || {
            let _ = end.send(keeping.run(given));
        })?;
        Ok(Self { changes, done, refused: AtomicUsize::new(0) })
    }

    /// Gives a batch to keep; never waits.
    #[must_use]
    pub fn keep(&self, batch: Vec<Change>) -> Taken {
        match self.changes.try_send(batch) {
            Ok(()) => Taken::Yes,
            Err(TrySendError::Full(lost)) => {
                tracing::error!("{} changes are lost: the state's disk does not keep up", lost.len());
                self.refused.fetch_add(lost.len(), Ordering::Relaxed);
                Taken::NoRoom
            }
            Err(TrySendError::Disconnected(_)) => Taken::Ended,
        }
    }

    /// Waits until all is written that was given: at most as long as it takes to see that another program does not let
    /// go of the database. `waits` is called if that is not done at once. Returns what is to be told of it.
    pub fn finish(self, waits: impl FnOnce()) -> Option<String> {
        drop(self.changes);
        let left = self.done.recv_timeout(AT_ONCE).or_else(|_| {
            waits();
            self.done.recv_timeout(FAREWELL)
        });
        let refused = self.refused.into_inner();
        match left.map(|n| n + refused) {
            Ok(0) => None,
            Ok(n) => Some(format!("{n} of your decisions and of the alerts' changes were not kept; the log says why")),
            Err(_) => Some("what was decided last may not be kept: the state database does not answer".into()),
        }
    }
}

struct Keeping<S> {
    dir: PathBuf,
    limits: Limits,
    clock: Clock,
    say: S,
    waiting: Vec<Change>,
    /// Batches taken that are written.
    written: u64,
    /// Batches taken.
    batches: u64,
    /// The trouble that was told last, while it lasts.
    told: Option<String>,
    /// How many changes were lost because too many waited.
    lost: usize,
    /// What was said of it while it lasts.
    losing: Option<Lost>,
}

/// What is lost of too much that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lost {
    /// What became of alerts.
    Past,
    /// What people decided.
    Decisions,
}

/// Drops the `surplus` oldest of `waiting`, what became of alerts before anything that somebody decided.
pub(super) fn drop_oldest(waiting: &mut Vec<Change>, surplus: usize) -> Lost {
    let mut left = surplus;
    waiting.retain(|change| {
        let drops = left > 0 && matches!(change, Change::Past(_));
        left -= usize::from(drops);
        !drops
    });
    waiting.drain(..left.min(waiting.len()));
    if left > 0 { Lost::Decisions } else { Lost::Past }
}

impl<S: Fn(Heard) -> bool> Keeping<S> {
    /// Keeps until nobody gives any more. Returns how many changes were given and not written.
    #[expect(clippy::needless_pass_by_value, reason = "who gives must see that it ended before who listens does")]
    fn run(mut self, given: Receiver<Vec<Change>>) -> usize {
        let mut open = true;
        let Some(mut store) = self.open(&given, &mut open) else { return self.left() };
        let mut seen = None;
        let (mut listened, mut renewed) = (true, false);
        loop {
            if open && !renewed {
                let patience = if seen.is_none() { Duration::ZERO } else { LOOK };
                open = self.take_within(patience, &given);
            }
            match self.round(&mut store, &mut seen, listened) {
                Ok(heard) => {
                    listened &= heard;
                    self.told = None;
                }
                Err(error) => {
                    seen.get_or_insert(i64::MIN);
                    let anew = matches!(error, StateError::Damaged { .. } | StateError::Elsewhere { .. });
                    if anew && !renewed {
                        // At once again, also at the end: what waits goes into the new one.
                        listened &= self.tell(format!("{error}: it is opened anew"), false);
                        let Some(new) = self.open(&given, &mut open) else { return self.left() };
                        (store, seen, renewed) = (new, None, true);
                        continue;
                    }
                    listened &= self.tell(format!("what you decide is not kept now: {error}"), false);
                    // Who ended meanwhile waits for no second try.
                    if open && !self.take_within(Duration::ZERO, &given) {
                        return self.left();
                    }
                }
            }
            renewed = false;
            if !open {
                return self.left();
            }
        }
    }

    /// How many changes were given and are not written.
    fn left(&self) -> usize {
        self.waiting.len() + self.lost
    }

    /// Takes what is given within `patience`. Returns whether more may come.
    fn take_within(&mut self, patience: Duration, given: &Receiver<Vec<Change>>) -> bool {
        match given.recv_timeout(patience) {
            Ok(batch) => {
                self.take(batch);
                while let Ok(batch) = given.try_recv() {
                    self.take(batch);
                }
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            // What was given is taken before this is told.
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Tells `text`, once while it is the same. Returns whether anybody listens.
    fn tell(&mut self, text: String, ended: bool) -> bool {
        if self.told.as_ref() == Some(&text) {
            return true;
        }
        tracing::error!("{text}");
        self.told = Some(text.clone());
        (self.say)(Heard::Trouble { text, ended })
    }

    /// Opens the database, and tells what is wrong with it. What passes (another program holds it, the disk is full) is
    /// waited for: a wall that starts in such a second must not keep nothing for weeks.
    fn open(&mut self, given: &Receiver<Vec<Change>>, open: &mut bool) -> Option<Store> {
        loop {
            match Store::open(&self.dir, self.limits, self.clock.now()) {
                Ok(Opened { store, aside }) => {
                    if let Some(aside) = aside {
                        let text =
                            format!("the state was damaged: it is now {}, and a new one begins", aside.display());
                        (self.say)(Heard::Trouble { text, ended: false });
                    }
                    return Some(store);
                }
                Err(error) if error.passes() && *open => {
                    self.tell(format!("what you decide is not kept now: {error}"), false);
                    *open = self.take_within(LOOK, given);
                }
                Err(error) => {
                    self.tell(format!("silences, acknowledgements and history are not kept: {error}"), true);
                    return None;
                }
            }
        }
    }

    fn take(&mut self, batch: Vec<Change>) {
        self.batches += 1;
        self.waiting.extend(batch);
        let surplus = self.waiting.len().saturating_sub(MAX_WAITING);
        if surplus == 0 {
            return;
        }
        let what = drop_oldest(&mut self.waiting, surplus);
        self.lost += surplus;
        tracing::error!("{surplus} changes are lost: the state cannot be written for too long");
        if self.losing.is_none_or(|known| known < what) {
            self.losing = Some(what);
            let text = match what {
                Lost::Past => "the state cannot be written for too long: the oldest of what became of alerts is lost",
                Lost::Decisions => "the state cannot be written for too long: the oldest of your decisions are lost",
            };
            (self.say)(Heard::Trouble { text: text.to_owned(), ended: false });
        }
    }

    /// Writes what waits and says what is kept, if that changed. Returns whether anybody listens.
    fn round(&mut self, store: &mut Store, seen: &mut Option<i64>, listened: bool) -> Result<bool, StateError> {
        store.is_in_place()?;
        let wrote = !self.waiting.is_empty();
        if wrote {
            store.write(&self.waiting, self.clock.now())?;
            self.waiting.clear();
            self.losing = None;
        }
        self.written = self.batches;
        let version = store.version()?;
        if (wrote || *seen != Some(version)) && listened {
            let kept = Box::new(store.kept()?);
            *seen = Some(version);
            return Ok((self.say)(Heard::Kept { kept, written: self.written }));
        }
        *seen = Some(version);
        Ok(true)
    }
}
