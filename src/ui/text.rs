//! Text in cells: how wide it is, and cutting it so that the cut shows.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells `text` takes.
#[must_use]
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
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
        let w = UnicodeWidthStr::width(grapheme);
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
            if width(&line) + UnicodeWidthStr::width(grapheme) > max && !line.is_empty() {
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
    fn lines_break_at_spaces_and_inside_words_only_where_they_must() {
        assert_eq!(wrap("needs ec2:DescribeInstances now", 12), ["needs", "ec2:Describe", "Instances", "now"]);
        assert_eq!(wrap("a b c", 3), ["a b", "c"]);
        assert_eq!(wrap("", 3), Vec::<String>::new());
    }
}
