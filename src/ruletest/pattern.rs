//! Regular expressions over the names of tests, for `--run`.
//!
//! What people write there: letters, `.`, `*`, `+`, `?`, `|`, parentheses, `[a-z]`, `^`, `$`, `\d`, `\w`, `\s`, `\.`. A
//! name matches where any part of it does. Matching follows all ways at once, so that no expression is slow.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

/// Longest expression, in characters, so that none nests deeper than the stack.
const MOST: usize = 200;

/// A regular expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Alternatives, each a row.
    Any(Vec<Vec<Self>>),
    /// A character: one of the ranges, or none of them.
    One {
        ranges: Vec<(char, char)>,
        not: bool,
    },
    /// How often at least, and whether more than once.
    Repeat {
        what: Box<Self>,
        least: usize,
        many: bool,
    },
    Start,
    End,
}

impl Pattern {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// What in it cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > MOST {
            return Err(format!("is longer than {MOST} characters"));
        }
        let mut rest = text.chars().peekable();
        let node = alternatives(&mut rest)?;
        match rest.next() {
            None => Ok(Self(node)),
            Some(c) => Err(format!("has `{c}` where nothing can be closed")),
        }
    }

    /// Whether any part of `name` matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let text: Vec<char> = name.chars().collect();
        !self.0.ends(&text, &(0..=text.len()).collect()).is_empty()
    }
}

impl Node {
    /// Where a match can end that begins at one of `from`.
    fn ends(&self, text: &[char], from: &BTreeSet<usize>) -> BTreeSet<usize> {
        match self {
            Self::Any(rows) => {
                rows.iter().flat_map(|row| row.iter().fold(from.clone(), |at, node| node.ends(text, &at))).collect()
            }
            Self::One { ranges, not } => {
                let is = |c: char| ranges.iter().any(|(a, b)| (*a..=*b).contains(&c)) != *not;
                from.iter().filter(|i| text.get(**i).is_some_and(|c| is(*c))).map(|i| i + 1).collect()
            }
            Self::Repeat { what, least, many } => {
                let mut all = if *least == 0 { from.clone() } else { BTreeSet::new() };
                let mut reached = what.ends(text, from);
                while !reached.is_subset(&all) {
                    all.extend(&reached);
                    if !many {
                        break;
                    }
                    reached = what.ends(text, &reached);
                }
                all
            }
            Self::Start => from.iter().copied().filter(|i| *i == 0).collect(),
            Self::End => from.iter().copied().filter(|i| *i == text.len()).collect(),
        }
    }
}

fn alternatives(rest: &mut Peekable<Chars<'_>>) -> Result<Node, String> {
    let mut rows = vec![Vec::new()];
    while let Some(c) = rest.peek().copied().filter(|c| *c != ')') {
        rest.next();
        if c == '|' {
            rows.push(Vec::new());
            continue;
        }
        let atom = atom(c, rest)?;
        let atom = repeated(atom, rest)?;
        if let Some(row) = rows.last_mut() {
            row.push(atom);
        }
    }
    Ok(Node::Any(rows))
}

fn repeated(atom: Node, rest: &mut Peekable<Chars<'_>>) -> Result<Node, String> {
    let (least, many) = match rest.peek() {
        Some('*') => (0, true),
        Some('+') => (1, true),
        Some('?') => (0, false),
        _ => return Ok(atom),
    };
    rest.next();
    if matches!(rest.peek(), Some('*' | '+' | '?')) {
        return Err("repeats a repetition".to_owned());
    }
    Ok(Node::Repeat { what: Box::new(atom), least, many })
}

fn atom(c: char, rest: &mut Peekable<Chars<'_>>) -> Result<Node, String> {
    let only = |c: char| Node::One { ranges: vec![(c, c)], not: false };
    match c {
        '^' => Ok(Node::Start),
        '$' => Ok(Node::End),
        '.' => Ok(Node::One { ranges: Vec::new(), not: true }),
        '(' => {
            let inner = alternatives(rest)?;
            rest.next().map(|_| inner).ok_or_else(|| "has `(` without `)`".to_owned())
        }
        '[' => class(rest),
        '\\' => {
            let c = rest.next().ok_or_else(|| "ends with `\\`".to_owned())?;
            Ok(escaped(c)?.unwrap_or_else(|| only(c)))
        }
        '*' | '+' | '?' => Err(format!("has `{c}` with nothing to repeat")),
        '{' | '}' => Err(format!("has `{c}`: write `\\{c}`, or `*`, `+`, `?` to repeat")),
        c => Ok(only(c)),
    }
}

fn escaped(c: char) -> Result<Option<Node>, String> {
    let ranges = match c.to_ascii_lowercase() {
        'd' => vec![('0', '9')],
        'w' => vec![('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')],
        's' => vec![(' ', ' '), ('\t', '\r')],
        _ if c.is_ascii_alphanumeric() => return Err(format!("has `\\{c}`, which is not known here")),
        _ => return Ok(None),
    };
    Ok(Some(Node::One { ranges, not: c.is_ascii_uppercase() }))
}

fn class(rest: &mut Peekable<Chars<'_>>) -> Result<Node, String> {
    let unclosed = || "has `[` without `]`".to_owned();
    let not = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let mut c = rest.next().ok_or_else(unclosed)?;
        if c == ']' && !ranges.is_empty() {
            return Ok(Node::One { ranges, not });
        }
        if c == '\\' {
            c = rest.next().ok_or_else(unclosed)?;
            if let Some(Node::One { ranges: more, not: false }) = escaped(c)? {
                ranges.extend(more);
                continue;
            }
        }
        // A dash at the end is itself.
        let mut ahead = rest.clone();
        if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
            rest.next();
            let to = rest.next().ok_or_else(unclosed)?;
            if to < c {
                return Err(format!("has the range `{c}-{to}`, which is empty"));
            }
            ranges.push((c, to));
        } else {
            ranges.push((c, c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        for (pattern, name, expected) in [
            ("", "anything", true),
            ("surge", "the surge queue fires", true),
            ("^surge", "the surge queue fires", false),
            ("fires$", "the surge queue fires", true),
            ("surge.*fires", "the surge queue fires", true),
            ("a|b", "xbx", true),
            ("^(clb|alb)-\\d+$", "alb-42", true),
            ("^(clb|alb)-\\d+$", "nlb-42", false),
            ("[a-c]+z", "abcz", true),
            ("[^a-c]z", "az", false),
            ("1/1 \\(ok\\)", "1/1 (ok)", true),
            ("colou?r", "color", true),
            ("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
            ("x[-.]y", "x-y", true),
            ("größe", "die größe", true),
        ] {
            assert_eq!(Pattern::parse(pattern).expect(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for pattern in ["(", ")", "a)", "[", "[a", "*", "a**", "\\", "\\b", "a{2}", "[z-a]", &"(".repeat(201)] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
