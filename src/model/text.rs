//! Text that AWS or a stranger wrote, made harmless at the door.
//!
//! Tags, names, user agents and messages are written by anybody. A [`Text`] cannot hold a control character, an
//! escape sequence's introducer, a bidirectional override or an invisible character, whatever it was made from, so
//! nothing that is kept as `Text` can move a terminal's cursor, forge a log line or hide in a file name.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use compact_str::CompactString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest kept text in bytes; what is longer is cut at a character and ends in `…`.
///
/// AWS's longest legal name is 256 characters; messages of CloudTrail and Auto Scaling run to about 1 KiB.
pub const MAX_BYTES: usize = 2048;

/// A string without control, bidirectional or invisible characters, at most [`MAX_BYTES`] long.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Text(CompactString);

// By hand, so that the comparison is compiled here, with this crate's optimisation: trees of resources live by it.
impl Ord for Text {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for Text {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Text {
    /// The cleaned form of `raw`: line breaks and tabs become one space, what cannot be seen is dropped.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        if raw.len() <= MAX_BYTES && raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Self(CompactString::new(raw));
        }
        let mut out = CompactString::with_capacity(raw.len().min(MAX_BYTES));
        for c in raw.chars() {
            let c = match c {
                '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => {
                    if out.ends_with(' ') {
                        continue;
                    }
                    ' '
                }
                c if is_unseen(c) => continue,
                c => c,
            };
            if out.len() + c.len_utf8() > MAX_BYTES - '…'.len_utf8() {
                out.push('…');
                break;
            }
            out.push(c);
        }
        Self(out)
    }

    /// The text itself.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl From<&String> for Text {
    fn from(raw: &String) -> Self {
        Self::new(raw)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let raw = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Ok(Self::new(&raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_what_makes_them_work() {
        assert_eq!(Text::new("a\u{1b}[31mred\u{7}").as_str(), "a[31mred");
        assert_eq!(Text::new("\u{9b}31m\u{9d}52;c;x\u{9c}").as_str(), "31m52;c;x");
    }

    #[test]
    fn bidi_and_invisible_characters_go_and_real_letters_stay() {
        assert_eq!(Text::new("abc\u{202e}txt\u{2066}\u{200b}\u{feff}").as_str(), "abctxt");
        assert_eq!(Text::new("本番🚀 é").as_str(), "本番🚀 é");
    }

    #[test]
    fn line_breaks_become_one_space() {
        assert_eq!(Text::new("a\r\n\tb").as_str(), "a b");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let t = Text::new(&"日".repeat(10_000));
        assert!(t.len() <= MAX_BYTES && t.ends_with('…'));
        assert!(Text::new(&"x".repeat(10_000)).len() <= MAX_BYTES);
    }

    #[test]
    fn what_is_read_back_is_cleaned_again() {
        let t: Text = serde_json::from_str("\"a\\u001b]0;x\"").expect("a JSON string");
        assert_eq!(t.as_str(), "a]0;x");
    }
}
