//! Bytes from the terminal, made into keys, mouse reports and pastes.
//!
//! A decoder of our own, because one that waits for the end of a sequence for ever takes in all that is typed until that
//! end comes: of a mouse report or a paste whose end got lost on the way, it never does. Here what is not finished is given
//! up when nothing more came for [a while](Decoder::patience), and a sequence ends where another begins. What comes of a
//! paste after that is no typing either: it is dropped.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// How long an `Esc` may be the beginning of a sequence.
const ESC: Duration = Duration::from_millis(40);
/// How long the rest of a sequence is waited for, from its first byte on: keys that come meanwhile do not prolong it.
const SEQUENCE: Duration = Duration::from_millis(500);
/// How long more of a paste is waited for: a link may stall for seconds in the middle of one.
const PASTE: Duration = Duration::from_secs(10);
/// How long nothing may have come of a paste for a single key to end it: the rest of one that stalls comes in one piece,
/// with its end; somebody who finds the keys dead presses one.
const SILENT: Duration = Duration::from_secs(1);
/// How long nothing may come until what is left of a paste that was given up is taken to be over.
const LATE: Duration = Duration::from_secs(1);
/// How long after the beginning of what a terminal answers, and nothing more of it, another key can have been typed.
const TYPED: Duration = Duration::from_millis(80);
/// `^C`, which no terminal leaves in what is pasted.
const INTERRUPT: &[u8] = b"\x03";
/// Longest sequence, in bytes; of what begins as a longer one nothing is made.
const LONGEST: usize = 4096;
/// Most bytes of a paste that are kept.
const LONGEST_PASTE: usize = 64 * 1024;
/// What begins a paste.
const PASTE_BEGIN: &[u8] = b"\x1b[200~";
/// What ends a paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// Makes events of bytes.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// What is no whole event yet.
    rest: Vec<u8>,
    /// What was pasted so far, while a paste goes on.
    paste: Option<Vec<u8>>,
    /// How long the rest of what is unfinished was waited for so far.
    waited: Duration,
    /// What may still come of a paste that was given up.
    late: Late,
    /// Whether what comes is of a string that is longer than any that means something, up to its end.
    discards: bool,
}

/// What may still come of a paste that was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Late {
    /// Nothing.
    #[default]
    No,
    /// All that came after it was its beginning until now.
    Maybe,
    /// It comes.
    Comes,
}

/// What the bytes at the beginning are.
enum Step {
    /// So many bytes, and what they mean, if anything.
    Done(usize, Option<Event>),
    /// The beginning of a paste.
    Paste(usize),
    /// Not whole yet.
    More,
}

impl Decoder {
    /// How much longer the rest of what is unfinished is waited for, if something is.
    pub(super) fn patience(&self) -> Option<Duration> {
        let whole = match (&self.paste, self.late, self.rest.as_slice()) {
            (Some(_), ..) => PASTE,
            (None, Late::Comes, _) => LATE,
            (None, _, _) if self.discards => SEQUENCE,
            (None, _, []) => return None,
            (None, _, [0x1b]) => ESC,
            (None, ..) => SEQUENCE,
        };
        Some(whole.saturating_sub(self.waited))
    }

    /// Takes `bytes` in, for which the terminal was waited for that long, and gives what is whole by now.
    pub(super) fn take(&mut self, bytes: &[u8], waited: Duration) -> Vec<Event> {
        let mut events = Vec::new();
        self.waited += waited;
        let (one, pasting) = (bytes.len() == 1, self.paste.is_some());
        if pasting && ((waited >= SILENT || self.waited >= PASTE) && is_one(bytes) || bytes == INTERRUPT) {
            events = self.give_up();
        } else if pasting && one {
            // A person types a byte at a time: of a paste whose end got lost that prolongs nothing.
        } else if pasting || (self.rest.is_empty() && !self.discards) || (self.discards && !one) {
            self.waited = Duration::ZERO;
        } else if one && waited >= TYPED && matches!(self.rest[..], [0x1b, begin] if begins_string(begin)) {
            // What a terminal answers comes in one piece: this is `Alt` and a key, and then another one.
            events = self.give_up();
        } else if self.late != Late::Comes && bytes.len() == 1 && self.waited >= SEQUENCE {
            // A person types a byte at a time; a sequence that comes late comes in one piece.
            events = self.give_up();
        }
        if self.late == Late::Maybe && self.rest.is_empty() && is_burst(bytes) {
            self.late = Late::Comes;
        }
        self.rest.extend_from_slice(bytes);
        if self.late != Late::No && self.paste.is_none() {
            let edge = |w: &[u8]| w == PASTE_END || w == PASTE_BEGIN;
            if let Some(at) = self.rest.windows(PASTE_END.len()).position(edge) {
                // Another paste is one of its own, and what stands before it in one that did not come late is keys.
                match (self.rest[at..].starts_with(PASTE_END), self.late) {
                    (true, _) => drop(self.rest.drain(..at + PASTE_END.len())),
                    (false, Late::Comes) => drop(self.rest.drain(..at)),
                    (false, _) => {}
                }
                self.late = Late::No;
            } else if self.late == Late::Comes {
                // Its end may be cut in two.
                self.rest.drain(..self.rest.len().saturating_sub(PASTE_END.len() - 1));
                if bytes.len() > 1 {
                    self.waited = Duration::ZERO;
                }
                return events;
            }
        }
        events.extend(self.whole());
        events
    }

    /// Nothing more came: what is unfinished is taken as it is, or dropped.
    pub(super) fn give_up(&mut self) -> Vec<Event> {
        self.waited = Duration::ZERO;
        if let Some(mut text) = self.paste.take() {
            keep(&mut text, &std::mem::take(&mut self.rest));
            self.late = Late::Maybe;
            return vec![pasted(&text)];
        }
        let rest = std::mem::take(&mut self.rest);
        if std::mem::take(&mut self.discards) {
            return Vec::new();
        }
        if self.late == Late::Comes {
            self.late = Late::No;
            return Vec::new();
        }
        match rest.as_slice() {
            [0x1b] => vec![key(KeyCode::Esc, KeyModifiers::NONE)],
            // `Alt` and a key that could have begun a sequence.
            [0x1b, byte] if byte.is_ascii_graphic() => vec![character(char::from(*byte), KeyModifiers::ALT)],
            _ => Vec::new(),
        }
    }

    fn whole(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            if let Some(text) = &mut self.paste {
                let Some(at) = self.rest.windows(PASTE_END.len()).position(|w| w == PASTE_END) else {
                    // Its end may be cut in two.
                    let sure = self.rest.len().saturating_sub(PASTE_END.len() - 1);
                    keep(text, &self.rest[..sure]);
                    self.rest.drain(..sure);
                    return events;
                };
                keep(text, &self.rest[..at]);
                events.push(pasted(text));
                self.paste = None;
                self.late = Late::No;
                self.rest.drain(..at + PASTE_END.len());
            }
            if self.discards {
                let Some(used) = string_end(&self.rest) else {
                    // Its end may be cut in two.
                    let cut = self.rest.last() == Some(&0x1b);
                    self.rest.drain(..self.rest.len() - usize::from(cut));
                    return events;
                };
                self.rest.drain(..used);
                (self.discards, self.waited) = (false, Duration::ZERO);
            }
            match step(&self.rest) {
                Step::More if self.rest.len() > LONGEST => {
                    self.discards = matches!(self.rest[..], [0x1b, begin, ..] if begins_string(begin));
                    let cut = self.discards && self.rest.last() == Some(&0x1b);
                    self.rest.drain(..self.rest.len() - usize::from(cut));
                    return events;
                }
                Step::More => return events,
                Step::Done(used, event) => {
                    events.extend(event);
                    self.rest.drain(..used);
                    self.waited = Duration::ZERO;
                }
                Step::Paste(used) => {
                    self.paste = Some(Vec::new());
                    self.rest.drain(..used);
                    self.waited = Duration::ZERO;
                }
            }
        }
    }
}

fn keep(text: &mut Vec<u8>, more: &[u8]) {
    let room = LONGEST_PASTE.saturating_sub(text.len());
    text.extend_from_slice(&more[..more.len().min(room)]);
}

fn pasted(text: &[u8]) -> Event {
    Event::Paste(String::from_utf8_lossy(text).into_owned())
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn character(c: char, modifiers: KeyModifiers) -> Event {
    let shift = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(KeyCode::Char(c), modifiers | shift)
}

/// Whether `bytes`, which came at once, are more than a key, or reports of the mouse and the like.
fn is_burst(mut bytes: &[u8]) -> bool {
    let (mut all, mut typed) = (0, 0);
    while let Some(first) = bytes.first() {
        all += 1;
        typed += usize::from(*first != 0x1b);
        let (Step::Done(used, _) | Step::Paste(used)) = step(bytes) else { break };
        bytes = &bytes[used.min(bytes.len())..];
    }
    typed > 0 && all > 1
}

/// Whether `bytes`, which came at once, are one key, or one report of the mouse.
fn is_one(bytes: &[u8]) -> bool {
    bytes.len() == 1 || matches!(step(bytes), Step::Done(used, Some(_)) if used == bytes.len())
}

/// What `bytes` begin with.
fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] | [0x1b] | [0x1b, b'O'] => Step::More,
        [0x1b, b'[', ..] => csi(bytes),
        [0x1b, b'O', byte, ..] if byte.is_ascii_alphabetic() => Step::Done(3, ss3(*byte, KeyModifiers::NONE)),
        // What a terminal answers to questions nobody asked, and what programs tell it: until its end.
        [0x1b, begin, rest @ ..] if begins_string(*begin) => string(rest),
        [0x1b, 0x1b, ..] => Step::Done(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [0x1b, rest @ ..] => match plain(rest, KeyModifiers::ALT) {
            Step::Done(used, event) => Step::Done(used + 1, event),
            other => other,
        },
        _ => plain(bytes, KeyModifiers::NONE),
    }
}

/// A character, or a control character as the key that sends it.
fn plain(bytes: &[u8], modifiers: KeyModifiers) -> Step {
    let Some(&first) = bytes.first() else { return Step::More };
    let control = |c: u8| Some(key(KeyCode::Char(char::from(c)), modifiers | KeyModifiers::CONTROL));
    let event = match first {
        0x00 => control(b' '),
        b'\r' => Some(key(KeyCode::Enter, modifiers)),
        b'\t' => Some(key(KeyCode::Tab, modifiers)),
        0x7f => Some(key(KeyCode::Backspace, modifiers)),
        0x01..=0x1a => control(first - 1 + b'a'),
        0x1c..=0x1f => control(first - 0x1c + b'4'),
        0x20..=0x7e => Some(character(char::from(first), modifiers)),
        _ => {
            let length = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Step::Done(1, None),
            };
            let known = &bytes[..bytes.len().min(length)];
            return match std::str::from_utf8(known) {
                Ok(text) => Step::Done(length, text.chars().next().map(|c| character(c, modifiers))),
                Err(e) if e.error_len().is_none() && known.len() < length => Step::More,
                Err(_) => Step::Done(1, None),
            };
        }
    };
    Step::Done(1, event)
}

/// What comes after `ESC O`.
fn ss3(byte: u8, modifiers: KeyModifiers) -> Option<Event> {
    Some(key(
        match byte {
            b'A' => KeyCode::Up,
            b'B' => KeyCode::Down,
            b'C' => KeyCode::Right,
            b'D' => KeyCode::Left,
            b'H' => KeyCode::Home,
            b'F' => KeyCode::End,
            b'M' => KeyCode::Enter,
            b'P'..=b'S' => KeyCode::F(byte - b'P' + 1),
            _ => return None,
        },
        modifiers,
    ))
}

/// Whether `ESC` and this byte begin a string that a terminal answers with.
fn begins_string(byte: u8) -> bool {
    matches!(byte, b']' | b'P' | b'_' | b'^' | b'X')
}

/// A string that ends with BEL or ST; `rest` is what comes after the two bytes that begin it.
fn string(rest: &[u8]) -> Step {
    string_end(rest).map_or(Step::More, |used| Step::Done(used + 2, None))
}

/// Where a string that goes on in `bytes` ends. A control character is no part of any, but a key: of one whose end got
/// lost, `^C` leads out.
fn string_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().enumerate().find_map(|(at, byte)| match (byte, bytes.get(at + 1)) {
        (0x07, _) => Some(at + 1),
        (0x1b, Some(b'\\')) => Some(at + 2),
        (0x1b, Some(_)) | (0x00..0x1b | 0x1c..0x20, _) => Some(at),
        _ => None,
    })
}

/// `ESC [`, parameters, a letter.
fn csi(bytes: &[u8]) -> Step {
    let body = &bytes[2..];
    match body {
        // The Linux console's F1 to F5.
        [b'[', letter, ..] => {
            let code = matches!(letter, b'A'..=b'E').then(|| KeyCode::F(letter.saturating_sub(b'A') + 1));
            return Step::Done(4, code.map(|code| key(code, KeyModifiers::NONE)));
        }
        [b'['] => return Step::More,
        // A mouse report as it was before it had numbers, which nobody asks for.
        [b'M', ..] => return if body.len() < 4 { Step::More } else { Step::Done(6, None) },
        _ => {}
    }
    let Some(end) = body.iter().position(|b| !(0x20..=0x3f).contains(b)) else { return Step::More };
    let (parameters, last) = (&body[..end], body[end]);
    if !(0x40..=0x7e).contains(&last) {
        // Another key before its end: it has none.
        return Step::Done(end + 2, None);
    }
    let used = end + 3;
    if let [b'<', report @ ..] = parameters {
        return Step::Done(used, mouse(&numbers(report), last));
    }
    let n = numbers(parameters);
    if (n.first(), last) == (Some(&200), b'~') {
        return Step::Paste(used);
    }
    Step::Done(used, sequence(parameters, &n, last))
}

/// Numbers with `;` between; what is none, or too large for anything, is 0.
fn numbers(bytes: &[u8]) -> Vec<u32> {
    let number = |part: &[u8]| std::str::from_utf8(part).ok().and_then(|p| p.parse().ok()).unwrap_or(0);
    bytes.split(|b| *b == b';').take(8).map(number).collect()
}

fn modifiers(number: Option<&u32>) -> KeyModifiers {
    let bits = number.copied().unwrap_or(1).saturating_sub(1);
    let of = |bit: u32, modifier| if bits & bit == 0 { KeyModifiers::NONE } else { modifier };
    of(1, KeyModifiers::SHIFT) | of(2, KeyModifiers::ALT) | of(4, KeyModifiers::CONTROL)
}

fn sequence(parameters: &[u8], n: &[u32], last: u8) -> Option<Event> {
    if parameters.iter().any(|b| !b.is_ascii_digit() && *b != b';') {
        return None;
    }
    let held = modifiers(n.get(1));
    let f = |n: u32| u8::try_from(n).ok().map(KeyCode::F);
    match last {
        b'I' if parameters.is_empty() => Some(Event::FocusGained),
        b'O' if parameters.is_empty() => Some(Event::FocusLost),
        b'Z' => Some(key(KeyCode::BackTab, held | KeyModifiers::SHIFT)),
        // `ESC [ row ; column R` is where the cursor is, which nobody asks for.
        b'R' if !parameters.is_empty() && n.first() != Some(&1) => None,
        b'A'..=b'D' | b'H' | b'F' | b'P'..=b'S' => ss3(last, held),
        // Keys as xterm sends them with `modifyOtherKeys`: the character is what was typed, with `Shift` or not.
        b'~' if n.first() == Some(&27) => typed(*n.get(2)?, held - KeyModifiers::SHIFT),
        b'~' => {
            let code = match *n.first()? {
                1 | 7 => KeyCode::Home,
                2 => KeyCode::Insert,
                3 => KeyCode::Delete,
                4 | 8 => KeyCode::End,
                5 => KeyCode::PageUp,
                6 => KeyCode::PageDown,
                n @ 11..=15 => f(n - 10)?,
                n @ 17..=21 => f(n - 11)?,
                n @ 23..=26 => f(n - 12)?,
                n @ 28..=29 => f(n - 13)?,
                n @ 31..=34 => f(n - 14)?,
                _ => return None,
            };
            Some(key(code, held))
        }
        // Keys as xterm and kitty send them where they are asked to, or were by somebody before.
        b'u' => typed(*n.first()?, held),
        _ => None,
    }
}

/// The key that sends the character of this code. Kitty's own codes for keys that have none are in the private use area.
fn typed(code: u32, held: KeyModifiers) -> Option<Event> {
    Some(match char::from_u32(code)? {
        '\x1b' => key(KeyCode::Esc, held),
        '\r' => key(KeyCode::Enter, held),
        '\t' if held.contains(KeyModifiers::SHIFT) => key(KeyCode::BackTab, held),
        '\t' => key(KeyCode::Tab, held),
        '\x7f' => key(KeyCode::Backspace, held),
        c if c.is_control() || ('\u{e000}'..='\u{f8ff}').contains(&c) => return None,
        c => character(c, held),
    })
}

/// A mouse report in numbers (1006): buttons, column, row from 1.
fn mouse(n: &[u32], last: u8) -> Option<Event> {
    let [buttons, column, row] = *n else { return None };
    let at = |n: u32| u16::try_from(n).ok().map(|n| n.saturating_sub(1));
    let dragged = buttons & 32 != 0;
    let kind = match ((buttons & 3) | (buttons & 0xc0) >> 4, last, dragged) {
        (_, last, _) if last != b'M' && last != b'm' => return None,
        (4, _, _) => MouseEventKind::ScrollUp,
        (5, _, _) => MouseEventKind::ScrollDown,
        (6, _, _) => MouseEventKind::ScrollLeft,
        (7, _, _) => MouseEventKind::ScrollRight,
        (n @ 0..=2, last, dragged) => {
            let button = [MouseButton::Left, MouseButton::Middle, MouseButton::Right][n as usize];
            match (last, dragged) {
                (b'm', _) => MouseEventKind::Up(button),
                (_, true) => MouseEventKind::Drag(button),
                (_, false) => MouseEventKind::Down(button),
            }
        }
        (3, _, _) => MouseEventKind::Moved,
        _ => return None,
    };
    let of = |bit: u32, modifier| if buttons & bit == 0 { KeyModifiers::NONE } else { modifier };
    let modifiers = of(4, KeyModifiers::SHIFT) | of(8, KeyModifiers::ALT) | of(16, KeyModifiers::CONTROL);
    Some(Event::Mouse(MouseEvent { kind, column: at(column)?, row: at(row)?, modifiers }))
}

#[cfg(test)]
mod tests;
