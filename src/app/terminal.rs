//! The terminal: taken once, given back on every way out.

use std::io::{self, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::style::Print;
use crossterm::{cursor, execute, queue, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::hyperlinks::{self, Hyperlinks, Links};
use super::sequences::{self, Notify, Through};
use crate::ui::Drawn;

/// Whether raw mode and the alternate screen are on, so that giving back happens once, wherever it comes from.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the window has our title.
static TITLED: AtomicBool = AtomicBool::new(false);
/// Whether links are written.
static LINKED: AtomicBool = AtomicBool::new(false);
/// The thread that draws: a panic elsewhere must not tear the screen down under it.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// What the terminal is asked for besides cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// Whether it rings.
    pub(super) bell: bool,
    /// How somebody is told who looks elsewhere.
    pub(super) notify: Notify,
    /// Whether the window's title says how it stands.
    pub(super) title: bool,
    /// Whether it tells when it is looked at.
    pub(super) focus: bool,
    /// Whether it takes links.
    pub(super) links: bool,
    /// Whether it reports its mouse.
    pub(super) mouse: bool,
    /// What stands between.
    pub(super) through: Through,
}

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
    asked: Asked,
    /// What the title says.
    title: String,
    links: Hyperlinks,
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
    pub(super) fn take(asked: Asked) -> Result<Self, Refusal> {
        if let Ok(mut owner) = OWNER.lock() {
            *owner = Some(std::thread::current().id());
        }
        enter(asked)?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self {
                terminal: ManuallyDrop::new(terminal),
                asked,
                title: String::new(),
                links: Hyperlinks::default(),
            }),
            Err(e) => {
                give_back();
                Err(e.into())
            }
        }
    }

    /// Draws a frame, sending what differs from the last one: in one piece, where the terminal knows how to (mode 2026;
    /// others ignore it).
    pub(super) fn draw(
        &mut self,
        placing: Links,
        render: impl FnOnce(&mut ratatui::Frame) -> Drawn,
    ) -> io::Result<Drawn> {
        queue!(self.terminal.backend_mut(), terminal::BeginSynchronizedUpdate)?;
        let mut drawn = Drawn::default();
        let links = &mut self.links;
        let runs = self
            .terminal
            .draw(|frame| drawn = render(frame))
            .map(|frame| links.written(placing, drawn.links(), frame.buffer));
        let written = runs.and_then(|runs| hyperlinks::write(self.terminal.backend_mut(), &runs));
        execute!(self.terminal.backend_mut(), terminal::EndSynchronizedUpdate)?;
        written.map(|()| drawn)
    }

    /// Whether the frame that is shown has not got its links yet.
    pub(super) fn owes_links(&self) -> bool {
        self.links.are_owed()
    }

    /// Lets the window's title be `text`, if titles are wanted.
    pub(super) fn title(&mut self, text: String) -> io::Result<()> {
        if !self.asked.title || self.title == text {
            return Ok(());
        }
        // tmux and screen have titles of their own, one for each window.
        self.say(&sequences::title(&text))?;
        self.title = text;
        Ok(())
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |s| (s.width, s.height))
    }

    /// Lets the next frame be drawn whole, in the window's size as it is now.
    pub(super) fn repaint(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that asks the terminal where its cursor is, and the answer would be read as keys.
        self.links.forget();
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
        enter(self.asked)?;
        self.title.clear();
        self.repaint()
    }

    /// Lets the terminal report its mouse, or keep it to itself.
    pub(super) fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.asked.mouse = on;
        self.say(if on { sequences::MOUSE_ON } else { sequences::MOUSE_OFF })
    }

    /// Rings the bell, if that is wanted.
    pub(super) fn ring(&mut self) -> io::Result<()> {
        if self.asked.bell { self.say("\x07") } else { Ok(()) }
    }

    /// Tells somebody who looks elsewhere, if that is wanted.
    pub(super) fn notify(&mut self, text: &str) -> io::Result<()> {
        match self.asked.notify.say(text) {
            Some(sequence) => self.say(&self.asked.through.wrap(&sequence)),
            None => Ok(()),
        }
    }

    fn say(&mut self, sequence: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        io::Write::flush(out)
    }

    /// Puts `text` into the clipboard of the terminal (OSC 52).
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let sequence = sequences::copy(text);
        // tmux keeps one for itself (`set-clipboard on`), and hands the other on (`allow-passthrough on`).
        if self.asked.through == Through::Tmux {
            self.say(&sequence)?;
        }
        self.say(&self.asked.through.wrap(&sequence))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Keeps the title as it is for later, and gives it back; terminals without that keep the last one.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";

/// Takes the terminal, or what of it is ours already once more: after a stop both we and SIGCONT ask for it.
fn enter(asked: Asked) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    let taken = TAKEN.swap(true, Ordering::SeqCst);
    // Where there is no alternate screen (GNU screen's default, a Linux console) the shell's text is still there.
    let clear = terminal::Clear(terminal::ClearType::All);
    // Twice in it, some terminals keep what they have then as the shell's screen.
    let alternate = if taken { Ok(()) } else { queue!(io::stdout(), terminal::EnterAlternateScreen) };
    let entered =
        alternate.and_then(|()| execute!(io::stdout(), cursor::Hide, clear, EnableBracketedPaste)).and_then(|()| {
            LINKED.store(asked.links, Ordering::SeqCst);
            if asked.title && !TITLED.swap(true, Ordering::SeqCst) {
                execute!(io::stdout(), Print(PUSH_TITLE))?;
            }
            if asked.mouse {
                execute!(io::stdout(), Print(sequences::MOUSE_ON))?;
            }
            if asked.focus { execute!(io::stdout(), EnableFocusChange) } else { Ok(()) }
        });
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Gives the terminal back if it is taken. A terminal that is gone cannot be told: its errors mean nothing here.
pub(super) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Asked for or not, and also in the middle of a frame.
        let _ = execute!(io::stdout(), terminal::EndSynchronizedUpdate, DisableFocusChange, DisableBracketedPaste);
        let _ = execute!(io::stdout(), Print(sequences::MOUSE_OFF));
        if LINKED.swap(false, Ordering::SeqCst) {
            let _ = execute!(io::stdout(), Print(hyperlinks::CLOSE));
        }
        if TITLED.swap(false, Ordering::SeqCst) {
            let _ = execute!(io::stdout(), Print(POP_TITLE));
        }
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
