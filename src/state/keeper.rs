//! The thread that keeps: takes changes, writes them, and says what is kept whenever that changed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use super::{Limits, Opened, StateError, Store};
use crate::alerts::{Change, Kept};
use crate::clock::Clock;

/// How often it is looked for what others wrote.
const LOOK: Duration = Duration::from_secs(1);
/// Batches of changes that may wait for the disk.
const QUEUE: usize = 1024;
/// Most changes that wait for a disk that is full or locked; then the oldest are lost, and that is told.
const MAX_WAITING: usize = 20_000;
/// Longest that is waited at the end for what was not written yet.
const FAREWELL: Duration = Duration::from_secs(3);

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

/// Keeps on a thread of its own.
#[derive(Debug)]
pub struct Keeper {
    changes: SyncSender<Vec<Change>>,
    done: Receiver<()>,
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
        let keeping = Keeping { dir: dir.to_owned(), limits, clock, say, waiting: Vec::new(), written: 0, batches: 0 };
        std::thread::Builder::new().name("state".into()).spawn(move || {
            keeping.run(given);
            let _ = end.send(());
        })?;
        Ok(Self { changes, done })
    }

    /// Gives a batch to keep. Returns whether there was room for it; never waits.
    #[must_use]
    pub fn keep(&self, batch: Vec<Change>) -> bool {
        !matches!(self.changes.try_send(batch), Err(TrySendError::Full(_) | TrySendError::Disconnected(_)))
    }

    /// Waits until all is written that was given, a few seconds at most.
    pub fn finish(self) {
        drop(self.changes);
        let _ = self.done.recv_timeout(FAREWELL);
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
}

impl<S: Fn(Heard) -> bool> Keeping<S> {
    #[expect(clippy::needless_pass_by_value, reason = "who gives must see that it ended before who listens does")]
    fn run(mut self, given: Receiver<Vec<Change>>) {
        let Some(mut store) = self.open() else { return };
        let mut seen = None;
        let mut told: Option<String> = None;
        let (mut open, mut listened) = (true, true);
        while open {
            match given.recv_timeout(if seen.is_none() { Duration::ZERO } else { LOOK }) {
                Ok(batch) => {
                    self.take(batch);
                    while let Ok(batch) = given.try_recv() {
                        self.take(batch);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // What was given is taken before this is told.
                Err(RecvTimeoutError::Disconnected) => open = false,
            }
            match self.round(&mut store, &mut seen, listened) {
                Ok(heard) => {
                    listened &= heard;
                    told = None;
                }
                Err(error) => {
                    seen.get_or_insert(i64::MIN);
                    if matches!(error, StateError::Damaged { .. }) {
                        match self.open() {
                            Some(new) => store = new,
                            None => return,
                        }
                    }
                    let text = format!("what you decide is not kept now: {error}");
                    if told.as_ref() != Some(&text) {
                        tracing::error!("{text}");
                        listened &= (self.say)(Heard::Trouble { text: text.clone(), ended: false });
                        told = Some(text);
                    }
                }
            }
        }
    }

    /// Opens the database and tells what is wrong with it.
    fn open(&self) -> Option<Store> {
        match Store::open(&self.dir, self.limits, self.clock.now()) {
            Ok(Opened { store, aside }) => {
                if let Some(aside) = aside {
                    let text = format!("the state was damaged: it is now {}, and a new one begins", aside.display());
                    (self.say)(Heard::Trouble { text, ended: false });
                }
                Some(store)
            }
            Err(error) => {
                let text = format!("silences, acknowledgements and history are not kept: {error}");
                tracing::error!("{text}");
                (self.say)(Heard::Trouble { text, ended: true });
                None
            }
        }
    }

    fn take(&mut self, batch: Vec<Change>) {
        self.batches += 1;
        self.waiting.extend(batch);
        let surplus = self.waiting.len().saturating_sub(MAX_WAITING);
        if surplus > 0 {
            tracing::error!("{surplus} changes are lost: the state cannot be written for too long");
            self.waiting.drain(..surplus);
        }
    }

    /// Writes what waits and says what is kept, if that changed. Returns whether anybody listens.
    fn round(&mut self, store: &mut Store, seen: &mut Option<i64>, listened: bool) -> Result<bool, StateError> {
        let wrote = !self.waiting.is_empty();
        if wrote {
            store.write(&self.waiting, self.clock.now())?;
            self.waiting.clear();
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
