//! The terminal: taken once, given back on every way out.

use std::io::{self, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::clipboard::CopyToClipboard;
use crossterm::{cursor, execute, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// Whether raw mode and the alternate screen are on, so that giving back happens once, wherever it comes from.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// The thread that draws: a panic elsewhere must not tear the screen down under it.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// Why the console cannot run here.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Standard input or output is a pipe or a file.
    #[error(
        "the console needs a terminal, and standard {0} is none\n\
         For one look without a terminal (cron, a pipe, a script) run: awswatch --check"
    )]
    NoTty(&'static str),
    /// `TERM` names a terminal without cursor movement.
    #[error(
        "the console needs a terminal that can move its cursor, and TERM is {0:?}\n\
         For plain text run: awswatch --check"
    )]
    Dumb(String),
    /// The terminal did not take the settings.
    #[error("failed to take over the terminal: {0}")]
    Io(#[from] io::Error),
}

/// The screen while the console has it.
pub(super) struct Screen {
    /// Never dropped: it would show the cursor again, which `give_back` does, and print that it could not where the
    /// terminal is gone, which panics.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
}

impl Screen {
    /// Checks that there is a terminal worth the name, named `term`, without touching it.
    pub(super) fn available(term: Option<&str>) -> Result<(), Refusal> {
        if !io::stdin().is_terminal() {
            return Err(Refusal::NoTty("input"));
        }
        if !io::stdout().is_terminal() {
            return Err(Refusal::NoTty("output"));
        }
        match term {
            None | Some("" | "dumb" | "unknown") => Err(Refusal::Dumb(term.unwrap_or_default().to_owned())),
            Some(_) => Ok(()),
        }
    }

    /// Takes the terminal: raw mode, alternate screen, no cursor.
    pub(super) fn take() -> Result<Self, Refusal> {
        if let Ok(mut owner) = OWNER.lock() {
            *owner = Some(std::thread::current().id());
        }
        enter()?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal: ManuallyDrop::new(terminal) }),
            Err(e) => {
                give_back();
                Err(e.into())
            }
        }
    }

    /// Draws a frame, sending what differs from the last one.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut ratatui::Frame)) -> io::Result<()> {
        self.terminal.draw(render).map(|_| ())
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |s| (s.width, s.height))
    }

    /// Lets the next frame be drawn whole, in the window's size as it is now.
    pub(super) fn repaint(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that asks the terminal where its cursor is, and the answer would be read as keys.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// Gives the terminal back and stops the process, as Ctrl-Z does; comes back when it is continued.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.resume()
    }

    /// Takes the terminal again after a stop.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        enter()?;
        self.repaint()
    }

    /// Rings the bell.
    pub(super) fn ring(&mut self) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(b"\x07")?;
        io::Write::flush(out)
    }

    /// Puts `text` into the clipboard of the terminal (OSC 52).
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    // Where there is no alternate screen (GNU screen's default, a Linux console) the shell's text is still there.
    let clear = terminal::Clear(terminal::ClearType::All);
    let entered = execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide, clear);
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Gives the terminal back if it is taken. A terminal that is gone cannot be told: its errors mean nothing here.
pub(super) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), terminal::LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// Makes a panic readable: it is logged, the terminal is given back first when the drawing thread panics, and only
/// then is it printed. A panic on another thread goes to the log alone: the loop notices the dead task and says so.
pub(super) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        tracing::error!("panic: {info}");
        let here = std::thread::current().id();
        let owner = OWNER.lock().ok().and_then(|o| *o);
        if owner.is_none_or(|o| o == here) {
            give_back();
            let mut err = io::stderr().lock();
            let _ = writeln!(err, "awswatch: internal error: {info}");
            let _ = writeln!(err, "This is a fault in awswatch; the state of AWS is UNKNOWN.");
        }
    }));
}
