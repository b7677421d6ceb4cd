//! What is typed, read on a thread of its own, so that a terminal that answers late or never holds nothing up.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::mpsc;

/// Keys that wait for the loop before the terminal has to keep them.
const AHEAD: usize = 64;
/// How long the rest of what was typed at once is waited for.
const REST: Duration = Duration::from_millis(20);

/// Keys and pastes as they are typed; ends when the terminal is gone. Resizes are signals, not keys.
pub(super) fn listen() -> io::Result<mpsc::Receiver<Event>> {
    let (typed, heard) = mpsc::channel(AHEAD);
    std::thread::Builder::new().name("keyboard".into()).spawn(move || {
        if let Err(error) = listen_to(&typed) {
            tracing::warn!("nothing is heard from the keyboard any more: {error}");
        }
    })?;
    Ok(heard)
}

fn listen_to(typed: &mpsc::Sender<Event>) -> io::Result<()> {
    loop {
        wait()?;
        // One read may hold many keys, which the parser keeps: asking until it has none leaves none behind.
        while let Ok(true) = event::poll(REST) {
            if typed.blocking_send(event::read()?).is_err() {
                return Ok(());
            }
        }
    }
}

/// Waits until something was typed.
///
/// # Errors
///
/// When the terminal is gone: only `poll` tells that apart from nothing typed, and whoever goes on reading spins.
fn wait() -> io::Result<()> {
    let stdin = io::stdin();
    let mut terminal = [PollFd::new(&stdin, PollFlags::IN)];
    loop {
        match poll(&mut terminal, None) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    if terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}
