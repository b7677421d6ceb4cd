//! Signals as one stream.

use std::io;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// End, giving the terminal back; the signal's number.
    End(i32),
    /// Stop until continued.
    Stop,
    /// It was stopped and goes on: the terminal may have been anything meanwhile.
    Continue,
    /// The window has another size.
    Resize,
}

/// The signals that the console answers to.
pub(super) struct Signals {
    term: Signal,
    hup: Signal,
    int: Signal,
    stop: Signal,
    cont: Signal,
    window: Signal,
}

impl Signals {
    /// Takes the handlers over.
    pub(super) fn install() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(SIGTSTP))?,
            cont: signal(SignalKind::from_raw(SIGCONT))?,
            window: signal(SignalKind::window_change())?,
        })
    }

    /// The next request. Safe to drop and call again.
    pub(super) async fn next(&mut self) -> Request {
        tokio::select! {
            biased;
            _ = self.term.recv() => Request::End(SIGTERM),
            _ = self.hup.recv() => Request::End(SIGHUP),
            _ = self.int.recv() => Request::End(SIGINT),
            _ = self.stop.recv() => Request::Stop,
            _ = self.cont.recv() => Request::Continue,
            _ = self.window.recv() => Request::Resize,
        }
    }

    /// Waits for a signal that ends the program, and returns its number. A stop is left to the shell.
    pub(super) async fn ended(&mut self) -> i32 {
        loop {
            match self.next().await {
                Request::End(number) => return number,
                Request::Stop => {
                    let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
                }
                Request::Continue | Request::Resize => {}
            }
        }
    }
}
