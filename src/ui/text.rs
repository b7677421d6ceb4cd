//! Text in cells: how wide it is, and cutting it so that the cut shows.
//!
//! Characters of ambiguous width (Unicode's UAX #11: `Ω`, `Я`, `①`, `→`, `…`) take one cell in most terminals and two in those
//! that are set up for East Asian text. Which it is, is the terminal's, so all that is measured for one frame is
//! measured one way: [`Measure`].

use std::borrow::Cow;
use std::cell::Cell;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

thread_local! {
    /// Whether what is ambiguous takes two cells.
    static WIDE: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, texts are measured as a terminal shows them in which what is ambiguous takes two cells, or one.
#[must_use]
pub(super) struct Measure(bool);

impl Measure {
    pub(super) fn of(wide: bool) -> Self {
        Self(WIDE.replace(wide))
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        WIDE.set(self.0);
    }
}

/// How many cells `text` takes.
#[must_use]
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    if !WIDE.get() {
        return grapheme.width();
    }
    match grapheme.width_cjk() {
        1 if grapheme.chars().next().is_some_and(is_ambiguous_letter) => 2,
        w => w,
    }
}

/// Letters and accents of `East_Asian_Width` A, which `unicode-width` takes for narrow everywhere. Terminals do as UAX #11
/// has it (such as xterm with `-cjk_width`): in the fonts that this is for, they are as wide as ideographs.
#[rustfmt::skip]
const LETTERS: [(u32, u32); 61] = [
    (0xa8, 0xa8), (0xaa, 0xaa), (0xb4, 0xb4), (0xb8, 0xb8), (0xba, 0xba), (0xc6, 0xc6), (0xd0, 0xd0),
    (0xd8, 0xd8), (0xde, 0xe1), (0xe6, 0xe6), (0xe8, 0xea), (0xec, 0xed), (0xf0, 0xf0), (0xf2, 0xf3),
    (0xf8, 0xfa), (0xfc, 0xfc), (0xfe, 0xfe), (0x101, 0x101), (0x111, 0x111), (0x113, 0x113), (0x11b, 0x11b),
    (0x126, 0x127), (0x12b, 0x12b), (0x131, 0x133), (0x138, 0x138), (0x13f, 0x142), (0x144, 0x144), (0x148, 0x14b),
    (0x14d, 0x14d), (0x152, 0x153), (0x166, 0x167), (0x16b, 0x16b), (0x1ce, 0x1ce), (0x1d0, 0x1d0), (0x1d2, 0x1d2),
    (0x1d4, 0x1d4), (0x1d6, 0x1d6), (0x1d8, 0x1d8), (0x1da, 0x1da), (0x1dc, 0x1dc), (0x251, 0x251), (0x261, 0x261),
    (0x2c4, 0x2c4), (0x2c7, 0x2c7), (0x2c9, 0x2cb), (0x2cd, 0x2cd), (0x2d0, 0x2d0), (0x2d8, 0x2db), (0x2dd, 0x2dd),
    (0x2df, 0x2df), (0x391, 0x3a1), (0x3a3, 0x3a9), (0x3b1, 0x3c1), (0x3c3, 0x3c9), (0x401, 0x401), (0x410, 0x44f),
    (0x451, 0x451), (0x207f, 0x207f), (0x2113, 0x2113), (0x2126, 0x2126), (0x212b, 0x212b),
];

fn is_ambiguous_letter(c: char) -> bool {
    let c = u32::from(c);
    let at = LETTERS.partition_point(|(_, to)| *to < c);
    LETTERS.get(at).is_some_and(|(from, _)| *from <= c)
}

/// `text` in at most `max` cells; what is cut ends in `mark` (one cell wide).
#[must_use]
pub(super) fn cut<'a>(text: &'a str, max: usize, mark: &str) -> Cow<'a, str> {
    if width(text) <= max {
        return Cow::Borrowed(text);
    }
    if max == 0 {
        return Cow::Borrowed("");
    }
    let mut out = String::with_capacity(max + mark.len());
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = grapheme_width(grapheme);
        if used + w > max - 1 {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    out.truncate(out.trim_end().len());
    out.push_str(mark);
    Cow::Owned(out)
}

/// `text` in lines of at most `max` cells, broken at spaces where there are any.
#[must_use]
pub(super) fn wrap(text: &str, max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let max = max.max(1);
    for word in text.split_whitespace() {
        let room = max.saturating_sub(width(&line) + usize::from(!line.is_empty()));
        if width(word) <= room {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for grapheme in word.graphemes(true) {
            if width(&line) + grapheme_width(grapheme) > max && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_ends_in_the_mark_and_never_passes_the_width() {
        for (text, max, wanted) in [
            ("web-clb", 7, "web-clb"),
            ("web-clb", 6, "web-c…"),
            ("two words", 5, "two…"),
            ("本番環境", 8, "本番環境"),
            ("本番環境", 7, "本番環…"),
            ("本番環境", 6, "本番…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("🚀🚀", 3, "🚀…"),
            ("x", 0, ""),
            ("xy", 1, "…"),
        ] {
            let got = cut(text, max, "…");
            assert_eq!(got, wanted, "{text} in {max}");
            assert!(width(&got) <= max);
        }
    }

    #[test]
    fn what_is_ambiguous_takes_two_cells_where_the_terminal_has_it_so() {
        let text = "①Ωя→xé本";
        assert_eq!(width(text), 8);
        let wide = Measure::of(true);
        assert_eq!(width(text), 13);
        assert_eq!(["ö", "ü", "ø", "ł", "ς", "ё", "Ї", "´"].map(width), [1, 2, 2, 2, 1, 2, 1, 2]);
        assert_eq!(cut(text, 8, "~"), "①Ωя~");
        assert_eq!(wrap(text, 4), ["①Ω", "я→", "xé", "本"]);
        // A combining character is ambiguous by itself, and takes nothing.
        assert_eq!(width("e\u{301}"), 1);
        drop(wide);
        assert_eq!(width(text), 8);
    }

    #[test]
    fn lines_break_at_spaces_and_inside_words_only_where_they_must() {
        assert_eq!(wrap("needs ec2:DescribeInstances now", 12), ["needs", "ec2:Describe", "Instances", "now"]);
        assert_eq!(wrap("a b c", 3), ["a b", "c"]);
        assert_eq!(wrap("", 3), Vec::<String>::new());
    }
}
