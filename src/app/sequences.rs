//! What is said to the terminal besides what is drawn: clipboard, title, notifications; through tmux and screen to the
//! terminal outside of them.

use std::fmt::Write;

use base64_lite::encode;

/// What stands between this program and the terminal that a person looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through {
    /// Nothing.
    Nothing,
    /// tmux, which hands on what is wrapped for it (`allow-passthrough`).
    Tmux,
    /// GNU screen, which hands on what is wrapped, in pieces.
    Screen,
}

/// The mouse is reported: buttons (1000), moves while one is pressed (1002), in numbers without an upper end (1006). Not
/// every move (1003), which a slow line would feel.
pub(super) const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// The mouse is the terminal's own again.
pub(super) const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Longest piece that GNU screen hands on, in bytes: its own limit is 768.
const PIECE: usize = 500;

impl Through {
    /// What these values of `TMUX`, `STY` and `TERM` tell. Through ssh only the last one comes along.
    pub(super) fn of(tmux: Option<&str>, sty: Option<&str>, term: Option<&str>) -> Self {
        let set = |v: Option<&str>| v.is_some_and(|v| !v.is_empty());
        let term = term.unwrap_or_default();
        if set(tmux) || term.starts_with("tmux") {
            Self::Tmux
        } else if set(sty) || term.starts_with("screen") {
            Self::Screen
        } else {
            Self::Nothing
        }
    }

    /// `sequence` so that it comes out at the terminal's end.
    pub(super) fn wrap(self, sequence: &str) -> String {
        match self {
            Self::Nothing => sequence.to_owned(),
            Self::Tmux => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
            Self::Screen => {
                let mut out = String::new();
                let mut rest = sequence;
                while !rest.is_empty() {
                    let (piece, left) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
                    let _ = write!(out, "\x1bP{piece}\x1b\\");
                    rest = left;
                }
                out
            }
        }
    }
}

/// How a person is told outside of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notify {
    /// Not at all.
    None,
    /// OSC 9: `iTerm2`, Windows Terminal, kitty, `WezTerm`, Ghostty.
    Osc9,
    /// OSC 777: urxvt, foot, VTE with its patch, Ghostty.
    Osc777,
}

impl Notify {
    /// That `text` is to be noticed.
    pub(super) fn say(self, text: &str) -> Option<String> {
        let text = plain(text);
        match self {
            Self::None => None,
            // "4;" at the beginning would be a progress bar.
            Self::Osc9 => Some(format!("\x1b]9;awswatch: {text}\x07")),
            Self::Osc777 => Some(format!("\x1b]777;notify;awswatch;{}\x07", text.replace(';', ","))),
        }
    }
}

/// `text` into the clipboard (OSC 52).
pub(super) fn copy(text: &str) -> String {
    format!("\x1b]52;c;{}\x07", encode(text.as_bytes()))
}

/// `text` as the window's title (OSC 2).
pub(super) fn title(text: &str) -> String {
    format!("\x1b]2;{}\x07", plain(text))
}

/// `text` without what would end a sequence, and not too long.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Base64 as RFC 4648 has it.
mod base64_lite {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    pub(super) fn encode(bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
        for group in bytes.chunks(3) {
            let part = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
            let bits = part(0) << 16 | part(1) << 8 | part(2);
            for i in 0..4 {
                let at = (bits >> (18 - 6 * i) & 63) as usize;
                out.push(if i <= group.len() { char::from(ALPHABET[at]) } else { '=' });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_base64() {
        for (text, wanted) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("é?>", "w6k/Pg==")]
        {
            assert_eq!(copy(text), format!("\x1b]52;c;{wanted}\x07"));
        }
    }

    #[test]
    fn it_comes_out_at_the_end_of_tmux_and_screen() {
        assert_eq!(Through::of(Some("/tmp/tmux-0/default,1,0"), None, Some("screen-256color")), Through::Tmux);
        assert_eq!(Through::of(None, None, Some("tmux-256color")), Through::Tmux);
        assert_eq!(Through::of(None, Some("1.pts-0"), Some("xterm")), Through::Screen);
        assert_eq!(Through::of(Some(""), None, Some("xterm-256color")), Through::Nothing);
        assert_eq!(Through::Nothing.wrap("\x1b]2;x\x07"), "\x1b]2;x\x07");
        assert_eq!(Through::Tmux.wrap("\x1b]2;x\x07"), "\x1bPtmux;\x1b\x1b]2;x\x07\x1b\\");
        let long = copy(&"x".repeat(1000));
        let wrapped = Through::Screen.wrap(&long);
        let pieces: Vec<&str> = wrapped.split("\x1bP").skip(1).map(|p| p.strip_suffix("\x1b\\").unwrap()).collect();
        assert!(pieces.len() > 2 && pieces.iter().all(|p| p.len() <= PIECE));
        assert_eq!(pieces.concat(), long);
    }

    #[test]
    fn nothing_that_is_told_ends_its_sequence() {
        assert_eq!(title("a\x07b\x1b]52;c;x\x07\n"), "\x1b]2;ab]52;c;x\x07");
        assert_eq!(Notify::Osc777.say("a;b\x1b\\").unwrap(), "\x1b]777;notify;awswatch;a,b\\\x07");
        assert_eq!(Notify::Osc9.say("4;1").unwrap(), "\x1b]9;awswatch: 4;1\x07");
        assert_eq!(Notify::None.say("x"), None);
    }
}
