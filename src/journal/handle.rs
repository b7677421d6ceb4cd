//! The recorder on a thread of its own, so that a slow disk delays nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Recorder;
use super::recorder::FRAME_SECONDS;
use crate::model::Observation;

/// Feeds a [`Recorder`] on its own thread. Never waits.
#[derive(Debug)]
pub struct RecorderHandle {
    sender: SyncSender<Observation>,
    thread: JoinHandle<Recorded>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Observations written.
    pub written: u64,
    /// Observations left out.
    pub dropped: u64,
    /// Why it could not be written to its end.
    pub error: Option<String>,
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

    /// How many observations were left out: refused, or given up after they could not be written for too long.
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
    #[must_use]
    pub fn finish(self) -> Recorded {
        let Self { sender, thread, state } = self;
        drop(sender);
        match thread.join() {
            Ok(recorded) => Recorded { dropped: recorded.dropped + state.dropped.load(Ordering::Relaxed), ..recorded },
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// A failed write is told and tried again with the next one: a disk that was full may have room later.
fn run(mut recorder: Recorder, receiver: &Receiver<Observation>, state: &State) -> Recorded {
    let idle = Duration::from_secs(FRAME_SECONDS.unsigned_abs());
    let mut told = 0;
    loop {
        let result = match receiver.recv_timeout(idle) {
            Ok(observation) => recorder.record(&observation),
            Err(RecvTimeoutError::Timeout) => recorder.flush(),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let given_up = recorder.given_up();
        state.dropped.fetch_add(given_up - told, Ordering::Relaxed);
        told = given_up;
        let mut error = state.error.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(why) => *error = Some(why.to_string()),
            // What is only taken in says nothing of the file.
            Ok(()) if recorder.is_failing() => {}
            Ok(()) => *error = None,
        }
    }
    let error = recorder.flush().err().map(|why| why.to_string());
    // What the last try left is nowhere but here; what it gave up is no longer held.
    let dropped = recorder.held() + (recorder.given_up() - told);
    Recorded { written: recorder.written(), dropped, error }
}
