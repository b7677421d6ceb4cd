//! What is typed, read on a thread of its own, so that a terminal that answers late or never holds nothing up.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use tokio::sync::mpsc;

use super::input::Decoder;

/// Keys that wait for the loop before the terminal has to keep them.
const AHEAD: usize = 64;
/// Empty reads one after another that mean the terminal's end: a `^D` while the terminal is the shell's is one.
const EMPTY: u32 = 64;

/// Keys, mouse reports and pastes as they come; ends when the terminal is gone. Resizes are signals, not keys.
pub(super) fn listen() -> io::Result<mpsc::Receiver<Event>> {
    let (typed, heard) = mpsc::channel(AHEAD);
    std::thread::Builder::new().name("keyboard".into()).spawn(move || {
        if let Err(error) = listen_to(&typed) {
            tracing::warn!("nothing is heard from the keyboard any more: {error}");
        }
    })?;
    Ok(heard)
}

#[expect(clippy::disallowed_methods, reason = "how long the terminal was silent is no time of the simulator's")]
fn listen_to(typed: &mpsc::Sender<Event>) -> io::Result<()> {
    let stdin = io::stdin();
    let (mut decoder, mut bytes, mut empty) = (Decoder::default(), [0; 4096], 0);
    loop {
        let began = Instant::now();
        let events = if wait(&stdin, decoder.patience())? {
            // What the loop takes to hear a key is not waited for the terminal.
            let waited = began.elapsed();
            match read(&stdin, &mut bytes) {
                Ok(0) if empty < EMPTY => {
                    empty += 1;
                    continue;
                }
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    empty = 0;
                    decoder.take(&bytes[..n], waited)
                }
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(e) => return Err(e.into()),
            }
        } else {
            decoder.give_up()
        };
        for event in events {
            if typed.blocking_send(event).is_err() {
                return Ok(());
            }
        }
    }
}

/// Waits until something was typed, for `patience` at most where that is given; whether it was.
///
/// # Errors
///
/// When the terminal is gone: only `poll` tells that apart from nothing typed, and whoever goes on reading spins.
fn wait(stdin: &io::Stdin, patience: Option<Duration>) -> io::Result<bool> {
    let mut terminal = [PollFd::new(stdin, PollFlags::IN)];
    let patience = patience.and_then(|p| Timespec::try_from(p).ok());
    let typed = loop {
        match poll(&mut terminal, patience.as_ref()) {
            Ok(n) => break n > 0,
            Err(Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    };
    if terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(typed)
}
