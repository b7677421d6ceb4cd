//! The console in a pseudo terminal.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};

use super::{Deadline, PATIENCE, Sandbox};

/// What the console's terminal is told when nothing else will be written to it.
const DRAINED: &str = "<all was read>";

/// A program in a terminal that a test watches and types into.
pub(crate) struct Console {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    keys: Option<Sender<Vec<u8>>>,
    typist: Option<JoinHandle<()>>,
    output: Receiver<Vec<u8>>,
    stop_reading: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

impl Console {
    /// `awswatch ARGS` on a terminal of `columns` x `rows`.
    pub(crate) fn start(sandbox: &Sandbox, columns: u16, rows: u16, args: &[&str]) -> Self {
        Self::start_program(sandbox, columns, rows, env!("CARGO_BIN_EXE_awswatch"), args)
    }

    /// Another program, such as a shell that runs the console.
    pub(crate) fn start_program(sandbox: &Sandbox, columns: u16, rows: u16, program: &str, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let child = pair.slave.spawn_command(command(sandbox, program, args)).unwrap();
        let mut from = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        let stop_reading = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop_reading);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(n @ 1..) = from.read(&mut buffer) {
                if stopped.load(Ordering::SeqCst) || sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut to = pair.master.take_writer().unwrap();
        // Apart from the test: a program that reads no keys must not hold up who would tell of it.
        let (keys, typed) = channel::<Vec<u8>>();
        let typist = std::thread::spawn(move || {
            for bytes in typed {
                if to.write_all(&bytes).and_then(|()| to.flush()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            master: Some(pair.master),
            slave: Some(pair.slave),
            keys: Some(keys),
            typist: Some(typist),
            output,
            stop_reading,
            reader: Some(reader),
            screen: vt100::Parser::new(cells(rows), cells(columns), 0),
            bytes: Vec::new(),
        }
    }

    /// What is on the screen, line by line.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Everything that was ever written to the terminal.
    pub(crate) fn written(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> &mut Self {
        self.until(&format!("show {text:?}"), |screen| screen.contents().contains(text))
    }

    /// Waits until the screen no longer shows `text`.
    #[track_caller]
    pub(crate) fn hides(&mut self, text: &str) -> &mut Self {
        self.until(&format!("hide {text:?}"), |screen| !screen.contents().contains(text))
    }

    /// Waits until `wanted` holds of the screen.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let deadline = Deadline::after(PATIENCE);
        while !wanted(self.screen.screen()) {
            match self.output.recv_timeout(deadline.left()) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let end = self.child.try_wait();
                    panic!("the console did not {what}; it ended: {end:?}; it shows\n{}", self.text());
                }
            }
        }
        self
    }

    /// Waits until `text` was written to the terminal, seen there or not.
    #[track_caller]
    pub(crate) fn writes(&mut self, text: &str) -> &mut Self {
        let deadline = Deadline::after(PATIENCE);
        while !self.written().contains(text) {
            match self.output.recv_timeout(deadline.left()) {
                Ok(bytes) => self.take(&bytes),
                Err(why) => panic!("{why}: the console did not write {text:?}; it shows\n{}", self.text()),
            }
        }
        self
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Types `keys`.
    pub(crate) fn types(&mut self, keys: &str) -> &mut Self {
        self.sends(keys.as_bytes())
    }

    /// Sends `bytes` as they are, whether they are keys or not.
    pub(crate) fn sends(&mut self, bytes: &[u8]) -> &mut Self {
        // A typist that has gone tells of a terminal that has: the end says why.
        let _ = self.keys.as_ref().unwrap().send(bytes.to_vec());
        self
    }

    /// Takes in what is written within `pause`.
    pub(crate) fn watches(&mut self, pause: Duration) -> &mut Self {
        let deadline = Deadline::after(pause);
        while let Ok(bytes) = self.output.recv_timeout(deadline.left()) {
            self.take(&bytes);
        }
        self
    }

    /// The exit code, if it has ended: a signal that killed it fails the test.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> Option<u32> {
        let status = self.child.try_wait().unwrap()?;
        assert!(status.signal().is_none(), "killed by {:?}: {}", status.signal(), self.text());
        Some(status.exit_code())
    }

    /// Whether a signal has stopped it.
    pub(crate) fn stopped(&self) -> bool {
        let pid = self.child.process_id().unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|fields| fields.trim_start().starts_with('T'))
    }

    /// Gives the window another size, which the console learns by SIGWINCH. Everything is to be drawn again, so what
    /// the emulator would keep of the old frame is forgotten.
    pub(crate) fn resizes(&mut self, columns: u16, rows: u16) -> &mut Self {
        while let Ok(bytes) = self.output.try_recv() {
            self.take(&bytes);
        }
        if self.screen.screen().size() == (cells(rows), cells(columns)) {
            // No signal would come, and nothing be drawn again.
            return self;
        }
        // What is half read must not be cut in two by what follows.
        while is_cut(&self.bytes) {
            match self.output.recv_timeout(Duration::from_millis(100)) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => break,
            }
        }
        self.screen.set_size(cells(rows), cells(columns));
        self.screen.process(b"\x1b[2J");
        self.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
        self
    }

    /// Sends the signal `name`, such as `TERM`.
    pub(crate) fn signal(&mut self, name: &str) -> &mut Self {
        let pid = self.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid]).status().unwrap();
        assert!(sent.success());
        self
    }

    /// Closes the terminal under the console, as a lost SSH connection does. The console must go on writing for this
    /// to be seen: it repaints ages every second.
    pub(crate) fn loses_its_terminal(&mut self) {
        self.stop_reading.store(true, Ordering::SeqCst);
        self.keys = None;
        self.slave = None;
        self.master = None;
        let deadline = Deadline::after(PATIENCE);
        for holder in [self.typist.take(), self.reader.take()].into_iter().flatten() {
            while !holder.is_finished() {
                assert!(
                    !deadline.passed(),
                    "the console reads or writes nothing more, so its terminal cannot be closed"
                );
                std::thread::sleep(Duration::from_millis(5));
            }
            holder.join().unwrap();
        }
    }

    /// Waits for the end and gives the exit code: 128 and the signal's number when a signal killed it.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> u32 {
        let deadline = Deadline::after(PATIENCE);
        loop {
            if let Some(code) = self.ended() {
                return code;
            }
            // A full terminal would hold the console up.
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            assert!(!deadline.passed(), "the console did not end; it shows\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// After the end: whether the terminal is as a shell needs it. Gives what stands on it.
    #[track_caller]
    pub(crate) fn gave_the_terminal_back(&mut self, sandbox: &Sandbox) -> String {
        let mut stty = command(sandbox, "sh", &["-c", &format!("stty -a; printf '%s' '{DRAINED}'")]);
        stty.set_controlling_tty(false);
        let mut child = self.slave.as_ref().unwrap().spawn_command(stty).unwrap();
        self.until("be read to its end", |screen| screen.contents().contains(DRAINED));
        assert!(child.wait().unwrap().success());
        let shown = self.text();
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen:\n{shown}");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still reported");
        assert_cooked(&shown);
        shown
    }
}

/// Whether `bytes` end within a sequence or a character.
fn is_cut(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(256)..];
    let character = tail.len() - tail.iter().rev().take_while(|b| **b & 0xc0 == 0x80).count();
    let lead = character.checked_sub(1).map_or(0, |at| tail[at]);
    let length = [(0xc0, 2), (0xe0, 3), (0xf0, 4)].iter().rfind(|(least, _)| lead >= *least).map_or(1, |(_, n)| *n);
    if tail.len() - character + 1 < length {
        return true;
    }
    let Some(at) = tail.iter().rposition(|b| *b == 0x1b) else { return false };
    match tail[at + 1..] {
        [] => true,
        [b'[', ref rest @ ..] => !rest.iter().any(|b| (0x40..=0x7e).contains(b)),
        [b']' | b'P', ref rest @ ..] => !rest.contains(&0x07),
        _ => false,
    }
}

/// Fails unless `stty -a`, as printed in `shown`, tells of a terminal that echoes and edits lines.
#[track_caller]
pub(crate) fn assert_cooked(shown: &str) {
    for flag in ["icanon", "echo", "isig", "opost", "icrnl"] {
        let on = shown.split_whitespace().any(|w| w == flag);
        assert!(on, "the terminal is still raw: no {flag} in\n{shown}");
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn command(sandbox: &Sandbox, program: &str, args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.env_clear();
    for (name, value) in sandbox.variables() {
        command.env(name, value);
    }
    command.cwd(sandbox.home());
    command
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}
