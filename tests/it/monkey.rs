//! A monkey at the console: keys, mouse reports, pastes, resizes and signals without sense, from a seed. Whatever it does,
//! the console goes on or leaves as it was told to, and the terminal is given back.
//!
//! `AWSWATCH_MONKEY_SECONDS` says how long it plays, `AWSWATCH_MONKEY_SEED` with what it starts; a failure prints the seed
//! with which the same is done again, and all that was done.

use std::fmt::Write;
use std::time::Duration;

use crate::program::console::Console;
use crate::program::{Deadline, PATIENCE, Sandbox};

/// How long it plays in the tests.
const SHORT: u64 = 20;
/// Things done to one console before it is ended.
const DEEDS: u64 = 300;
/// Things done before it must show that it is alive.
const BETWEEN_LOOKS: u64 = 50;
/// A pause in which a frame comes, most often.
const MOMENT: Duration = Duration::from_millis(60);

const HELP: &str = "Show or hide this help";
const SCENARIOS: [&str; 10] =
    ["calm", "surge", "az-outage", "asg-max", "bill-shock", "intruder", "throttled", "expired", "blind", "bad-day"];
const FAULTS: [&str; 5] = ["*=stall", "*=throttle:0.5", "GetMetricData=denied", "ec2:*=reset:0.3", "*=latency(500ms)"];
const SIZES: [(u16, u16); 10] =
    [(160, 48), (80, 24), (40, 10), (1, 1), (2, 1), (1, 60), (300, 100), (400, 3), (20, 5), (120, 40)];
/// What the keyboard of a terminal sends for keys that are no characters, modifiers included.
const SEQUENCES: [&str; 27] = [
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[H",
    "\x1b[F",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[3~",
    "\x1b[2~",
    "\x1b[Z",
    "\x1bOP",
    "\x1b[15~",
    "\x1b[24~",
    "\x1b[1;5C",
    "\x1b[1;2A",
    "\x1bx",
    "\t",
    "\r",
    "\x7f",
    "\x01",
    "\x04",
    "\x15",
    "\x10",
    "\x12",
    "\x0c",
    "\x1a",
];
/// What no keyboard sends, but a broken line or a chatty terminal: answers nobody asked for, and the beginning of more.
const NOISE: [&[u8]; 11] = [
    b"\x1b[?62;22c",
    b"\x1b[12;40R",
    b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\x1b[",
    b"\xff\xfe\xc3",
    b"\x00",
    b"\x1b[I\x1b[O",
    b"\x1b[99999999999999;1u",
    b"\x1b[<",
    b"\x1b[<0;12",
    b"\x1b[200~half of it",
];
/// Texts for pastes and filters; those with an escape sequence must never come out again as one.
const TEXTS: [&str; 10] = [
    "name:web* and not cpu>80",
    "tag.env=prod or (",
    "\x1b]2;monkey\x07",
    "\x1b[2J\x1b[31mmonkey",
    "日本語テスト",
    "e\u{301}\u{200b}\u{202e}abc",
    "a\nb\r\nc\td",
    "((((((((((",
    "quit",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
];

#[test]
fn a_monkey_neither_breaks_it_nor_leaves_the_terminal_dirty() {
    let number =
        |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|e| panic!("{name}: {e}")));
    let seconds = number("AWSWATCH_MONKEY_SECONDS").unwrap_or(SHORT);
    let mut seed = number("AWSWATCH_MONKEY_SEED").unwrap_or(1);
    let end = Deadline::after(Duration::from_secs(seconds));
    let mut consoles = 0;
    while !end.passed() {
        Monkey::new(seed).plays(&end);
        seed += 1;
        consoles += 1;
    }
    assert!(consoles > 0, "it did nothing");
}

/// One console, and what is done to it.
struct Monkey {
    seed: u64,
    dice: u64,
    deeds: String,
}

/// Prints how to do it again when the test fails, wherever that is found out.
impl Drop for Monkey {
    #[expect(clippy::print_stderr, reason = "the test has failed, and this is why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with AWSWATCH_MONKEY_SEED={} the monkey did:\n{}", self.seed, self.deeds);
        }
    }
}

impl Monkey {
    fn new(seed: u64) -> Self {
        Self { seed, dice: seed, deeds: String::new() }
    }

    /// Starts a console, plays with it until it ends, all deeds are done or `end`, and ends it.
    fn plays(mut self, end: &Deadline) {
        let sandbox = self.sandbox();
        let args = self.arguments();
        let (columns, rows) = self.one_of(&SIZES);
        self.notes(&format!("starts {} at {columns}x{rows}", args.join(" ")));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut console = Console::start(&sandbox, columns, rows, &args);
        // Keys before the terminal is taken would be the shell's.
        console.until("take the terminal", vt100::Screen::alternate_screen);
        for deed in 1..=DEEDS {
            self.does_something(&mut console);
            if console.ended().is_some() || end.passed() {
                break;
            }
            if deed % BETWEEN_LOOKS == 0 && !self.sees_it_alive(&mut console) {
                break;
            }
        }
        self.ends(&mut console, &sandbox);
    }

    /// Ends it in one of the ways it can end, unless it has ended, and looks at what it leaves behind.
    fn ends(&mut self, console: &mut Console, sandbox: &Sandbox) {
        let mut wanted = vec![0];
        if self.sees_it_alive(console) {
            match self.roll(8) {
                0 => {
                    self.notes("loses its terminal");
                    console.loses_its_terminal();
                    assert_eq!(console.ends(), 129);
                    return;
                }
                1..=3 => {
                    let (signal, code) = self.one_of(&[("TERM", 143), ("HUP", 129), ("INT", 130)]);
                    self.notes(&format!("signal {signal}"));
                    wanted = vec![code];
                    console.signal(signal);
                }
                _ => {
                    // Behind a paste that had no end the first ones may count as the rest of it.
                    for _ in 0..4 {
                        self.notes("q");
                        console.types("q");
                        let quiet = Deadline::after(PATIENCE / 10);
                        while !quiet.passed() && console.ended().is_none() {
                            console.watches(MOMENT);
                        }
                        if console.ended().is_some() {
                            break;
                        }
                    }
                }
            }
        }
        let code = console.ends();
        assert!(wanted.contains(&code), "it ended with {code} and not with {wanted:?}; it shows\n{}", console.text());
        console.resizes(160, 48);
        console.gave_the_terminal_back(sandbox);
        let written = console.written();
        assert!(!written.contains("internal error"), "{}", console.text());
        assert!(
            !written.contains("\x1b]2;monkey") && !written.contains("\x1b[31mmonkey"),
            "a paste came out as it was"
        );
        for mode in ["1000", "1002", "1003", "1004", "1006", "2004", "2026"] {
            let last = |end: &str| written.rfind(&format!("\x1b[?{mode}{end}"));
            assert!(last("h") <= last("l"), "mode {mode} is still on");
        }
    }

    /// Whether it still answers keys; not when it has ended. Fails when it does neither.
    fn sees_it_alive(&mut self, console: &mut Console) -> bool {
        self.notes("is it alive?");
        console.resizes(160, 48);
        let deadline = Deadline::after(PATIENCE);
        while !deadline.passed() {
            if console.ended().is_some() {
                return false;
            }
            if console.stopped() {
                console.signal("CONT");
            }
            // Each leaves one thing that is open; what was half typed makes nothing of it.
            for _ in 0..6 {
                console.types("\x1b").watches(MOMENT);
            }
            console.types("?");
            // Long enough for all that was typed before to be answered by a debug build beside other programs.
            let answered = Deadline::after(PATIENCE / 6);
            while !answered.passed() && !console.stopped() && console.ended().is_none() {
                if console.watches(MOMENT).text().contains(HELP) {
                    console.types("\x1b").watches(MOMENT);
                    return true;
                }
            }
        }
        panic!("it does not answer any more (stopped: {}); it shows\n{}", console.stopped(), console.text());
    }

    fn does_something(&mut self, console: &mut Console) {
        match self.roll(100) {
            0..40 => {
                let n = 1 + self.roll(6);
                let keys: String = (0..n).map(|_| self.key()).collect();
                self.sends(console, keys.as_bytes());
            }
            40..58 => {
                let keys = self.one_of(&SEQUENCES);
                self.sends(console, keys.as_bytes());
            }
            58..68 => {
                let report = self.mouse_report();
                self.sends(console, report.as_bytes());
            }
            68..75 => {
                let text = self.text();
                self.sends(console, format!("\x1b[200~{text}\x1b[201~").as_bytes());
            }
            75..80 => {
                let (opens, text) = (self.one_of(&["/", ":", "s", "m", "a"]), self.one_of(&TEXTS));
                let end = self.one_of(&["\r", "\t", "\x1b", ""]);
                self.sends(console, format!("{opens}{text}{end}").as_bytes());
            }
            80..84 => {
                let noise = self.one_of(&NOISE);
                self.sends(console, noise);
            }
            84..94 => self.resizes(console),
            94..97 => {
                let signal = self.one_of(&["STOP", "TSTP", "WINCH", "CONT"]);
                self.notes(&format!("signal {signal}"));
                console.signal(signal).watches(Duration::from_millis(self.roll(100)));
                if signal == "STOP" || signal == "TSTP" {
                    self.notes("signal CONT");
                    console.signal("CONT");
                }
            }
            _ => {
                console.watches(Duration::from_millis(self.roll(400)));
            }
        }
        console.watches(Duration::from_millis(self.roll(12)));
        // `^Z` stops it, and there is no shell that would continue it.
        if console.stopped() {
            self.notes("signal CONT");
            console.signal("CONT");
        }
    }

    fn resizes(&mut self, console: &mut Console) {
        for _ in 0..=self.roll(4) {
            let (columns, rows) = match self.roll(3) {
                0 => self.one_of(&SIZES),
                // Small ones are where something does not fit.
                1 => (1 + self.small(40), 1 + self.small(12)),
                _ => (1 + self.small(300), 1 + self.small(90)),
            };
            self.notes(&format!("resize {columns}x{rows}"));
            console.resizes(columns, rows);
        }
    }

    fn sends(&mut self, console: &mut Console, bytes: &[u8]) {
        let more = if bytes.len() > 200 { format!(".. ({} bytes)", bytes.len()) } else { String::new() };
        self.notes(&format!("\"{}\"{more}", bytes[..bytes.len().min(200)].escape_ascii()));
        console.sends(bytes);
    }

    /// One character: mostly what the keymap knows, and seldom what leaves.
    fn key(&mut self) -> char {
        const KNOWN: &[u8] = b"1234567890jkgGnNbuizM[]vp/:?PRS<>!raesmtyoOTw+-=HLhl \r\x1b,.";
        match self.roll(60) {
            0 => 'q',
            1..6 => char::from(b' ' + u8::try_from(self.roll(95)).unwrap()),
            6 => self.one_of(&['é', '日', '\u{301}', '\u{1f600}']),
            _ => char::from(self.one_of(KNOWN)),
        }
    }

    /// A mouse report as of SGR 1006 or X10: presses, releases, drags, wheels, also outside the window.
    fn mouse_report(&mut self) -> String {
        let button = self.one_of(&[0, 1, 2, 3, 32, 35, 64, 65, 66, 16, 200]);
        let (column, row) = (1 + self.roll(320), 1 + self.roll(110));
        if self.roll(5) == 0 {
            let byte = |n: u64| char::from(b' ' + u8::try_from(n % 90).unwrap());
            return format!("\x1b[M{}{}{}", byte(button), byte(column), byte(row));
        }
        format!("\x1b[<{button};{column};{row}{}", self.one_of(&['M', 'm']))
    }

    fn text(&mut self) -> String {
        let text = self.one_of(&TEXTS);
        // Sometimes more than a terminal takes at once, and more than a filter should.
        if self.roll(8) == 0 { text.repeat(1200) } else { text.to_owned() }
    }

    fn arguments(&mut self) -> Vec<String> {
        let mut args = vec!["--demo".to_owned(), self.one_of(&SCENARIOS).to_owned()];
        args.extend(["--seed".to_owned(), self.roll(100).to_string()]);
        args.extend(["--speed".to_owned(), self.one_of(&["1", "10"]).to_owned()]);
        if self.roll(3) > 0 {
            args.extend(["--at".to_owned(), format!("{}m", self.roll(20))]);
        }
        if self.roll(3) > 0 {
            args.push("--mouse".to_owned());
        }
        if self.roll(4) == 0 {
            args.extend(["--fault".to_owned(), self.one_of(&FAULTS).to_owned()]);
        }
        args
    }

    fn sandbox(&mut self) -> Sandbox {
        let sandbox = Sandbox::new().env("TERM", self.one_of(&["xterm-256color", "screen", "linux", "xterm"]));
        let sandbox = sandbox.env("AWSWATCH_UI_LINKS", self.one_of(&["auto", "true"]));
        match self.roll(4) {
            0 => sandbox.env("NO_COLOR", "1"),
            1 => sandbox.env("COLORTERM", "truecolor"),
            2 => sandbox.env("LANG", "C"),
            _ => sandbox,
        }
    }

    fn notes(&mut self, deed: &str) {
        let _ = writeln!(self.deeds, "  {deed}");
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }

    fn small(&mut self, below: u16) -> u16 {
        u16::try_from(self.roll(u64::from(below))).unwrap()
    }

    /// A number below `below` (splitmix64: equal seeds give equal deeds, also in years).
    fn roll(&mut self, below: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}
