//! Keys and their text form, which goes both ways: `g`, `G`, `ctrl-d`, `alt-x`, `enter`, `shift-tab`, `f5`, `space`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with what is held down with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
}

const NAMED: [(&str, KeyCode); 18] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("minus", KeyCode::Char('-')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("backspace", KeyCode::Backspace),
    ("none", KeyCode::Null),
];

impl Key {
    /// The key of a terminal's event. Shift is in the character itself.
    #[must_use]
    pub fn of(event: KeyEvent) -> Self {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            KeyCode::Char(c) if shift => KeyCode::Char(c.to_ascii_uppercase()),
            KeyCode::Tab if shift => KeyCode::BackTab,
            code => code,
        };
        Self { code, ctrl, alt: event.modifiers.contains(KeyModifiers::ALT) }
    }

    /// The key that `text` names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut ctrl, mut alt) = (text, false, false);
        loop {
            if let Some(r) = rest.strip_prefix("ctrl-") {
                (rest, ctrl) = (r, true);
            } else if let Some(r) = rest.strip_prefix("alt-") {
                (rest, alt) = (r, true);
            } else {
                break;
            }
        }
        let code = if let Some((_, code)) = NAMED.iter().find(|(n, c)| *n == rest && *c != KeyCode::Null) {
            *code
        } else if let Some(n) = rest.strip_prefix('f').filter(|n| !n.is_empty()).and_then(|n| n.parse::<u8>().ok()) {
            (1..=24).contains(&n).then_some(KeyCode::F(n))?
        } else {
            let mut chars = rest.chars();
            let c = chars.next().filter(|c| !c.is_control() && *c != ' ' && *c != '-')?;
            if chars.next().is_some() || (ctrl && c.is_ascii_uppercase()) {
                return None;
            }
            KeyCode::Char(c)
        };
        Some(Self { code, ctrl, alt })
    }

    /// The character that it types, if it types one.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// As short as the footer wants it: `^D`, `Enter`, `PgUp`.
    #[must_use]
    pub fn short(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "Space".into(),
            KeyCode::Char(c) if self.ctrl => return format!("^{}", c.to_ascii_uppercase()),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::PageUp => "PgUp".into(),
            KeyCode::PageDown => "PgDn".into(),
            KeyCode::BackTab => "S-Tab".into(),
            _ => {
                let text = Self { ctrl: false, alt: false, ..self }.to_string();
                let mut chars = text.chars();
                chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
            }
        };
        format!("{}{}{name}", if self.ctrl { "^" } else { "" }, if self.alt { "M-" } else { "" })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, c)| *c == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            _ => f.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_goes_both_ways() {
        for text in [
            "g",
            "G",
            "?",
            "/",
            "<",
            "!",
            "ctrl-d",
            "alt-x",
            "ctrl-alt-x",
            "enter",
            "shift-tab",
            "space",
            "f5",
            "f12",
            "pgup",
            "f",
            "minus",
            "é",
        ] {
            assert_eq!(Key::parse(text).unwrap_or_else(|| panic!("{text}")).to_string(), text);
        }
        for text in ["", "gg", "ctrl-", "ctrl-D", "f0", "f25", "none", " ", "-"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_the_terminal_sends_is_the_key_that_files_name() {
        for (code, modifiers, text) in [
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('g'), KeyModifiers::SHIFT, "G"),
            (KeyCode::Char('D'), KeyModifiers::CONTROL | KeyModifiers::SHIFT, "ctrl-d"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab"),
            (KeyCode::Tab, KeyModifiers::SHIFT, "shift-tab"),
            (KeyCode::Char(' '), KeyModifiers::NONE, "space"),
        ] {
            assert_eq!(Key::of(KeyEvent::new(code, modifiers)).to_string(), text);
        }
    }

    #[test]
    fn the_footer_has_it_short() {
        for (text, short) in
            [("ctrl-d", "^D"), ("enter", "Enter"), ("space", "Space"), ("pgup", "PgUp"), ("alt-x", "M-x"), ("G", "G")]
        {
            assert_eq!(Key::parse(text).unwrap().short(), short);
        }
    }
}
