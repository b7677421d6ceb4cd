//! The filter's small language: `web env`, `name:web*`, `tag.env=prod`, `cpu>80 and not state=stopped`, `(a or b) c`.
//!
//! In: what is typed, and the fields that the list's rows have. Out: a [`Query`] that a [`Row`] matches or not, or an
//! error that says where and what is allowed. Terms side by side must all hold; `or` binds less than that.

use winnow::LocatingSlice;
use winnow::combinator::{alt, delimited, eof, repeat, terminated};
use winnow::prelude::*;
use winnow::stream::Location;
use winnow::token::{one_of, take_till, take_while};

/// A field that rows have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it is a number, to be compared.
    pub(super) number: bool,
}

/// A field of words.
pub(super) const fn text(name: &'static str) -> Field {
    Field { name, number: false }
}

/// A field that is a number.
pub(super) const fn number(name: &'static str) -> Field {
    Field { name, number: true }
}

/// What a query looks at.
pub(super) trait Row {
    /// Everything that is said of it, in lower case.
    fn words(&self) -> &str;
    /// Calls `with` with each value of the text field `field` until it returns true, and returns that.
    fn text(&self, field: &str, with: &mut dyn FnMut(&str) -> bool) -> bool;
    /// The number in `field`, if it is known.
    fn number(&self, field: &str) -> Option<f64>;
}

/// What is wrong with what is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueryError {
    /// After how many characters.
    pub(super) at: usize,
    /// What is wrong, and what would be right.
    pub(super) message: String,
}

/// A filter that can be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query(Option<Node>);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
    Word(Pattern),
    Text(String, Pattern),
    Number(String, Comparison, f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
}

/// What a text is held against, in lower case.
#[derive(Clone, Debug, PartialEq)]
enum Pattern {
    Holds(String),
    Is(String),
    Glob(Vec<char>),
}

impl Pattern {
    fn new(value: &str, whole: bool, quoted: bool) -> Self {
        let value = value.to_lowercase();
        if value.contains(['*', '?']) && !quoted {
            Self::Glob(value.chars().collect())
        } else if whole {
            Self::Is(value)
        } else {
            Self::Holds(value)
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Holds(part) => text.to_lowercase().contains(part.as_str()),
            Self::Is(whole) => text.to_lowercase() == *whole,
            Self::Glob(pattern) => glob(pattern, &text.to_lowercase()),
        }
    }
}

/// Whether `text` is as `pattern` has it: `*` for anything, `?` for one character.
fn glob(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                p = at + 1;
                t = from + 1;
                star = Some((at, from + 1));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

impl Query {
    /// Reads `text` for rows that have `fields`.
    pub(super) fn parse(text: &str, fields: &[Field]) -> Result<Self, QueryError> {
        let tokens = tokens.parse(LocatingSlice::new(text)).map_err(|e| {
            let at = text.get(..e.offset()).map_or(0, |t| t.chars().count());
            QueryError { at, message: "a quotation mark is not closed".into() }
        })?;
        let mut reader = Reader { text, tokens: &tokens, at: 0, fields };
        if tokens.is_empty() {
            return Ok(Self(None));
        }
        let node = reader.any()?;
        match reader.peek() {
            None => Ok(Self(Some(node))),
            Some(token) => Err(reader.error(token.from, "`)` closes nothing")),
        }
    }

    /// Whether it lets everything through.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it lets `row` through.
    pub(super) fn matches(&self, row: &dyn Row) -> bool {
        self.0.as_ref().is_none_or(|node| node.matches(row))
    }
}

impl Node {
    fn matches(&self, row: &dyn Row) -> bool {
        match self {
            Self::Any(nodes) => nodes.iter().any(|n| n.matches(row)),
            Self::All(nodes) => nodes.iter().all(|n| n.matches(row)),
            Self::Not(node) => !node.matches(row),
            Self::Word(Pattern::Holds(part) | Pattern::Is(part)) => row.words().contains(part.as_str()),
            Self::Word(Pattern::Glob(pattern)) => row.words().split_whitespace().any(|w| glob(pattern, w)),
            Self::Text(field, pattern) => row.text(field, &mut |value| pattern.matches(value)),
            Self::Number(field, comparison, limit) => row.number(field).is_some_and(|v| match comparison {
                Comparison::Above => v > *limit,
                Comparison::AtLeast => v >= *limit,
                Comparison::Below => v < *limit,
                Comparison::AtMost => v <= *limit,
                Comparison::Equal => (v - limit).abs() <= 1e-9 * limit.abs().max(1.0),
            }),
        }
    }
}

/// A piece of what is typed, from `from` (in bytes) on: `text` without its quotation marks.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    from: usize,
    text: String,
    /// Which bytes of `text` stood between quotation marks.
    quoted: Vec<std::ops::Range<usize>>,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        self.quoted.is_empty() && self.text.eq_ignore_ascii_case(word)
    }

    /// Where `find` finds something outside of quotation marks.
    fn bare(&self, find: &[&str], last: bool) -> Option<(usize, usize)> {
        let free = |at: usize| !self.quoted.iter().any(|q| q.contains(&at));
        let mut found = self.text.char_indices().map(|(i, _)| i).filter(|i| free(*i)).filter_map(|i| {
            let rest = self.text.get(i..)?;
            find.iter().find(|f| rest.starts_with(**f)).map(|f| (i, f.len()))
        });
        if last { found.next_back() } else { found.next() }
    }
}

fn tokens(i: &mut LocatingSlice<&str>) -> winnow::Result<Vec<Token>> {
    let space = || take_while(0.., char::is_whitespace);
    delimited(space(), repeat(0.., terminated(token, space())), eof).parse_next(i)
}

fn token(i: &mut LocatingSlice<&str>) -> winnow::Result<Token> {
    let from = i.current_token_start();
    let bracket = one_of(['(', ')']).map(|c: char| vec![(c.to_string(), false)]);
    let plain = take_while(1.., |c: char| !c.is_whitespace() && !matches!(c, '(' | ')' | '"'))
        .map(|t: &str| (t.to_owned(), false));
    let quoted = delimited('"', take_till(0.., '"'), '"').map(|t: &str| (t.to_owned(), true));
    let pieces: Vec<(String, bool)> = alt((bracket, repeat(1.., alt((plain, quoted))))).parse_next(i)?;
    let mut token = Token { from, text: String::new(), quoted: Vec::new() };
    for (piece, quoted) in pieces {
        let at = token.text.len();
        token.text.push_str(&piece);
        if quoted {
            token.quoted.push(at..token.text.len().max(at + 1));
        }
    }
    Ok(token)
}

/// What compares, the longest first.
const SIGNS: [&str; 7] = ["!=", ">=", "<=", "=", ">", "<", ":"];

struct Reader<'p> {
    text: &'p str,
    tokens: &'p [Token],
    at: usize,
    fields: &'p [Field],
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn error(&self, byte: usize, message: impl Into<String>) -> QueryError {
        let at = self.text.get(..byte).map_or(0, |t| t.chars().count());
        QueryError { at, message: message.into() }
    }

    fn take(&mut self, words: &[&str]) -> bool {
        let found = self.peek().is_some_and(|t| words.iter().any(|w| t.is(w)));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Node, QueryError> {
        let mut nodes = vec![self.all()?];
        while self.take(&["or", "|", "||"]) {
            nodes.push(self.all()?);
        }
        Ok(if nodes.len() > 1 { Node::Any(nodes) } else { nodes.remove(0) })
    }

    fn all(&mut self) -> Result<Node, QueryError> {
        let mut nodes = vec![self.one()?];
        loop {
            let and = self.take(&["and", "&", "&&"]);
            let ends = self.peek().is_none_or(|t| t.is(")") || t.is("or") || t.is("|") || t.is("||"));
            if ends && !and {
                break;
            }
            nodes.push(self.one()?);
        }
        Ok(if nodes.len() > 1 { Node::All(nodes) } else { nodes.remove(0) })
    }

    fn one(&mut self) -> Result<Node, QueryError> {
        if self.take(&["not", "!"]) {
            return Ok(Node::Not(Box::new(self.one()?)));
        }
        let before = self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map(|t| t.text.clone());
        let Some(token) = self.peek().cloned() else {
            let before = before.unwrap_or_default();
            return Err(self.error(self.text.len(), format!("something must follow `{before}`")));
        };
        self.at += 1;
        if token.is("(") {
            if self.peek().is_some_and(|t| t.is(")")) {
                return Err(self.error(token.from, "there is nothing between `(` and `)`"));
            }
            if self.peek().is_none() {
                return Err(self.error(token.from, "`(` is not closed"));
            }
            let node = self.any()?;
            if !self.take(&[")"]) {
                return Err(self.error(token.from, "`(` is not closed"));
            }
            return Ok(node);
        }
        if token.is(")") || ["and", "&", "&&", "or", "|", "||"].iter().any(|w| token.is(w)) {
            return Err(self.error(token.from, format!("something must stand before `{}`", token.text)));
        }
        match token.text.strip_prefix('!').filter(|rest| !rest.is_empty() && !token.is("!")) {
            Some(rest) if token.quoted.iter().all(|q| q.start > 0) => {
                let quoted = token.quoted.iter().map(|q| q.start - 1..q.end - 1).collect();
                let rest = Token { from: token.from + 1, text: rest.to_owned(), quoted };
                Ok(Node::Not(Box::new(self.term(&rest)?)))
            }
            _ => self.term(&token),
        }
    }

    fn term(&self, token: &Token) -> Result<Node, QueryError> {
        let word = || Node::Word(Pattern::new(&token.text, false, !token.quoted.is_empty()));
        let sign = if token.text.starts_with("tag.") {
            // A tag's key may hold colons itself.
            token.bare(&SIGNS[..6], false).or_else(|| token.bare(&SIGNS[6..], true))
        } else {
            token.bare(&SIGNS, false)
        };
        let Some((at, length)) = sign else {
            let unfinished = token.text.starts_with("tag.") && token.quoted.is_empty();
            return if unfinished {
                Err(self.error(token.from, format!("`{0}` needs a value: {0}=prod", token.text)))
            } else {
                Ok(word())
            };
        };
        let (name, sign, value) = (&token.text[..at], &token.text[at..at + length], &token.text[at + length..]);
        if name.is_empty() {
            return Err(self.error(token.from, format!("`{sign}` needs a field before it, such as name{sign}…")));
        }
        // Addresses and ARNs are words.
        let like_a_field =
            name.starts_with("tag.") || name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if !like_a_field || name == "arn" {
            return Ok(word());
        }
        let quoted = token.quoted.iter().any(|q| q.start >= at + length);
        self.comparison(token, name, sign, value, quoted)
    }

    fn comparison(&self, token: &Token, name: &str, sign: &str, value: &str, quoted: bool) -> Result<Node, QueryError> {
        let negated = |node: Node| if sign == "!=" { Node::Not(Box::new(node)) } else { node };
        let is_tag = name.starts_with("tag.");
        // Metrics are called as AWS writes them, with a capital.
        let is_metric = name.starts_with(|c: char| c.is_ascii_uppercase());
        let lower = if is_tag || is_metric { name.to_owned() } else { name.to_lowercase() };
        let known = self.fields.iter().find(|f| f.name == lower);
        if known.is_none() && !is_tag && !is_metric {
            let names: Vec<&str> = self.fields.iter().map(|f| f.name).collect();
            let message = super::file::unknown("field", name, &names);
            return Err(self.error(token.from, format!("{message}; a \"{}\" in quotation marks is text", token.text)));
        }
        let as_number = known.map_or(is_metric || matches!(sign, ">" | ">=" | "<" | "<="), |f| f.number);
        if value.is_empty() && !quoted {
            let like = if as_number { "80" } else { "web*" };
            let end = token.from + token.text.len();
            return Err(self.error(end, format!("`{name}{sign}` needs a value: {name}{sign}{like}")));
        }
        if !as_number {
            return match sign {
                ":" => Ok(Node::Text(lower, Pattern::new(value, false, quoted))),
                "=" | "!=" => Ok(negated(Node::Text(lower, Pattern::new(value, true, quoted)))),
                _ => {
                    Err(self
                        .error(token.from, format!("`{name}` is text: {name}:… has it, {name}=… is it, * is anything")))
                }
            };
        }
        let comparison = match sign {
            ">" => Comparison::Above,
            ">=" => Comparison::AtLeast,
            "<" => Comparison::Below,
            "<=" => Comparison::AtMost,
            "=" | "!=" => Comparison::Equal,
            _ => {
                return Err(
                    self.error(token.from, format!("`{name}` is a number: write {name}>{value} or {name}={value}"))
                );
            }
        };
        let Some(limit) = amount(value) else {
            let message = format!("`{value}` is no number: write 80, 80%, 1.5k, or 5m for a time");
            return Err(self.error(token.from + name.len() + sign.len(), message));
        };
        Ok(negated(Node::Number(lower, comparison, limit)))
    }
}

/// `80`, `80%`, `1.5k`, `2M`, `90s`, `5m`, `2h`, `1d`, `85ms`.
fn amount(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let times = match unit {
        "" | "%" | "s" => 1.0,
        "ms" => 0.001,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        _ => return None,
    };
    number.parse::<f64>().ok().filter(|v| v.is_finite()).map(|v| v * times)
}

/// A query for the text `text` as it is.
pub(super) fn literal(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | '+');
    if text.chars().all(plain) && !["and", "or", "not"].iter().any(|w| text.eq_ignore_ascii_case(w)) {
        return text.to_owned();
    }
    // There is no way to write a quotation mark inside of two.
    let longest = text.split('"').max_by_key(|part| part.len()).unwrap_or_default();
    format!("\"{longest}\"")
}

/// The part of `text` that is being typed at its end: where it begins, and it.
pub(super) fn last_word(text: &str) -> (usize, &str) {
    let open = text.matches('"').count() % 2 == 1;
    let at = if open {
        text.rfind('"').map_or(0, |i| i + 1)
    } else {
        text.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | ')')).map_or(0, |i| i + 1)
    };
    let rest = text.get(at..).unwrap_or_default();
    let not = usize::from(rest.starts_with('!'));
    (at + not, &rest[not..])
}

#[cfg(test)]
mod tests;
