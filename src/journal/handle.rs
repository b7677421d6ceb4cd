//! The recorder on a thread of its own, so that a slow disk delays nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::recorder::FRAME_SECONDS;
use super::{JournalError, Recorder};
use crate::model::Observation;

/// Feeds a [`Recorder`] on its own thread. Never waits.
#[derive(Debug)]
pub struct RecorderHandle {
    sender: SyncSender<Observation>,
    thread: JoinHandle<Result<Recorded, JournalError>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    dropped: AtomicU64,
    error: Mutex<Option<String>>,
}

/// Why an observation was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The disk is slower than the observations come; this one is lost to the recording.
    #[error("the recording lags: an observation was left out")]
    Full,
    /// The thread has ended; [`RecorderHandle::error`] says why.
    #[error("the recording has stopped")]
    Stopped,
}

/// What a recording came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Observations written.
    pub written: u64,
    /// Observations left out.
    pub dropped: u64,
}

impl RecorderHandle {
    /// Moves `recorder` to a new thread, with room for `capacity` observations on the way.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn spawn(recorder: Recorder, capacity: usize) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(capacity.max(1));
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let thread =
            std::thread::Builder::new().name("recorder".to_owned()).spawn(move || run(recorder, &receiver, &shared))?;
        Ok(Self { sender, thread, state })
    }

    /// Hands `observation` over, without waiting.
    ///
    /// # Errors
    ///
    /// It was left out, because the thread lags or has stopped; [`dropped`](Self::dropped) counts it.
    pub fn record(&self, observation: Observation) -> Result<(), Refused> {
        self.sender.try_send(observation).map_err(|error| {
            self.state.dropped.fetch_add(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => Refused::Full,
                TrySendError::Disconnected(_) => Refused::Stopped,
            }
        })
    }

    /// How many observations were left out.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.state.dropped.load(Ordering::Relaxed)
    }

    /// What is wrong with writing, for showing it; `None` while all is well.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.state.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes what is on its way, and ends the thread. Waits for the disk.
    ///
    /// # Errors
    ///
    /// The last frame could not be written.
    pub fn finish(self) -> Result<Recorded, JournalError> {
        let Self { sender, thread, state } = self;
        drop(sender);
        match thread.join() {
            Ok(Ok(recorded)) => Ok(Recorded { dropped: state.dropped.load(Ordering::Relaxed), ..recorded }),
            Ok(Err(error)) => Err(error),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// A failed write is told and tried again with the next one: a disk that was full may have room later.
fn run(mut recorder: Recorder, receiver: &Receiver<Observation>, state: &State) -> Result<Recorded, JournalError> {
    let idle = Duration::from_secs(FRAME_SECONDS.unsigned_abs());
    loop {
        let result = match receiver.recv_timeout(idle) {
            Ok(observation) => recorder.record(&observation),
            Err(RecvTimeoutError::Timeout) => recorder.flush(),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        *state.error.lock().unwrap_or_else(PoisonError::into_inner) = result.err().map(|error| error.to_string());
    }
    recorder.flush()?;
    Ok(Recorded { written: recorder.total(), dropped: 0 })
}
