//! Which alerts a silence is about: matchers, all of which must hold.

use std::collections::BTreeMap;
use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Alert, Level};
use crate::model::{Model, Text};

/// Most matchers of a silence.
pub const MAX_MATCHERS: usize = 16;
/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 256;

/// What of an alert is matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The rule's id.
    Rule,
    /// The resource's kind, such as `target-group`.
    Kind,
    /// The resource's name or its id; either will do.
    Name,
    /// The region's code.
    Region,
    /// The profile that the account is read through.
    Account,
    /// `warning`, `critical` or `blind`.
    Severity,
    /// A tag of the resource.
    Tag(Text),
    /// A label of the rule.
    Label(Text),
}

const FIELDS: [(&str, Field); 6] = [
    ("rule", Field::Rule),
    ("kind", Field::Kind),
    ("name", Field::Name),
    ("region", Field::Region),
    ("account", Field::Account),
    ("severity", Field::Severity),
];

/// What a field with a key of its own begins with: a tag, and a label.
const KEYED: [&str; 2] = ["tag.", "label."];

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(key) | Self::Label(key) => {
                f.write_str(if matches!(self, Self::Tag(_)) { KEYED[0] } else { KEYED[1] })?;
                // What would end the key or the matcher too early.
                let odd = |c: char| c.is_whitespace() || matches!(c, '"' | '=');
                if key.contains(odd) || key.ends_with('!') { quote(key, f) } else { f.write_str(key) }
            }
            plain => f.write_str(FIELDS.iter().find(|(_, field)| field == plain).map_or("", |(name, _)| name)),
        }
    }
}

/// One condition: a field, and a glob that it must match, or must not. Its text form is `name=web-*` or
/// `region!=us-east-1`, with quotes round a pattern or a key that holds a space: `tag."Cost Center"="night shift"`. A quote
/// within quotes is written twice.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// What is matched.
    pub field: Field,
    /// Whether the pattern must match, as with `=`; with `!=` it must not.
    pub equal: bool,
    /// A glob: `*` stands for anything, `?` for one character, `{a,b}` for either.
    pub pattern: Text,
    glob: GlobMatcher,
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.field, self.equal, &self.pattern) == (&other.field, other.equal, &other.pattern)
    }
}

/// Why a text is no matcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MatcherError(String);

impl MatcherError {
    pub(super) fn new(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl Matcher {
    /// `field=pattern` or `field!=pattern`.
    ///
    /// # Errors
    /// An unknown field, an empty or overlong pattern, or one that is no glob.
    pub fn new(field: Field, equal: bool, pattern: &str) -> Result<Self, MatcherError> {
        let pattern = Text::new(pattern);
        let error = |why: &str| Err(MatcherError(format!("`{field}`: {why}")));
        if pattern.is_empty() {
            return error("there is no pattern; a star matches anything");
        }
        if pattern.len() > MAX_PATTERN {
            return error("the pattern is longer than 256 bytes");
        }
        if field == Field::Severity && !["warning", "critical", "blind", "*"].contains(&pattern.as_str()) {
            return error("it is warning, critical or blind");
        }
        // A slash is part of names such as `cluster/service`.
        match GlobBuilder::new(&pattern).literal_separator(false).build() {
            Ok(glob) => Ok(Self { field, equal, glob: glob.compile_matcher(), pattern }),
            Err(e) => error(&format!("`{pattern}` is no pattern: {}", e.kind())),
        }
    }

    /// A matcher for exactly `value`, whatever signs it holds.
    ///
    /// # Errors
    /// As [`Matcher::new`].
    pub fn exactly(field: Field, value: &str) -> Result<Self, MatcherError> {
        Self::new(field, true, &globset::escape(value))
    }

    /// The matcher in `text`, such as `name=web-*`.
    ///
    /// # Errors
    /// It holds no `=`, quotes that are not closed, or as [`Matcher::new`]; the nearest right field is named.
    pub fn parse(text: &str) -> Result<Self, MatcherError> {
        Self::take(text.trim(), false).map(|(matcher, _)| matcher)
    }

    /// The matchers in a line, separated by spaces: `rule=clb-* tag.Team="night shift"`.
    ///
    /// # Errors
    /// As [`Matcher::parse`], or there are more than [`MAX_MATCHERS`].
    pub fn parse_all(line: &str) -> Result<Vec<Self>, MatcherError> {
        let mut found = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let (matcher, behind) = Self::take(rest, true)?;
            found.push(matcher);
            rest = behind.trim_start();
        }
        if found.len() > MAX_MATCHERS {
            return Err(MatcherError(format!("there are {} matchers; {MAX_MATCHERS} are enough", found.len())));
        }
        Ok(found)
    }

    /// The matcher that `text` begins with, and what is behind it. In a line, a space outside quotes ends it.
    fn take(text: &str, in_a_line: bool) -> Result<(Self, &str), MatcherError> {
        let word = if in_a_line { text.split(char::is_whitespace).next().unwrap_or_default() } else { text };
        let open = || MatcherError(format!("`{}`: the quotes are not closed", Text::new(text)));
        let no_matcher = || {
            let word = Text::new(word);
            MatcherError(format!("`{word}` is no matcher: write a field, = and a pattern: name=web-*"))
        };
        let key = KEYED.into_iter().find_map(|of| Some((of, text.strip_prefix(of)?.strip_prefix('"')?)));
        let (name, rest) = if let Some((of, key)) = key {
            let (key, rest) = unquoted(key).ok_or_else(open)?;
            (format!("{of}{key}"), rest)
        } else {
            let end = word.find('=').ok_or_else(no_matcher)?;
            let (name, rest) = text.split_at(if word[..end].ends_with('!') { end - 1 } else { end });
            (name.trim().to_owned(), rest)
        };
        let rest = if in_a_line { rest } else { rest.trim_start() };
        let (equal, rest) = match (rest.strip_prefix("!="), rest.strip_prefix('=')) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return Err(no_matcher()),
        };
        let rest = if in_a_line { rest } else { rest.trim_start() };
        let field = field(&name)?;
        if let Some(inner) = rest.strip_prefix('"') {
            let (pattern, behind) = unquoted(inner).ok_or_else(open)?;
            if !(behind.is_empty() || behind.starts_with(char::is_whitespace)) {
                return Err(MatcherError(format!(
                    "`{}`: there is more behind the closing quote; a quote within quotes is written twice",
                    Text::new(text)
                )));
            }
            return Ok((Self::new(field, equal, &pattern)?, behind));
        }
        let (pattern, behind) = match rest.find(char::is_whitespace).filter(|_| in_a_line) {
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        Ok((Self::new(field, equal, pattern)?, behind))
    }

    /// Whether it says nothing: `name=*` is true of everything.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        self.equal && self.pattern.chars().all(|c| c == '*')
    }

    /// Whether it names blindness itself, without a wildcard: `severity=blind`, `kind=poller` or `rule=poller-blind`.
    #[must_use]
    pub fn names_blindness(&self) -> bool {
        self.equal
            && match self.field {
                Field::Severity => self.pattern == *"blind",
                Field::Kind => self.pattern == *"poller",
                Field::Rule => self.pattern == *"poller-blind",
                _ => false,
            }
    }

    /// Whether it holds for an alert.
    #[must_use]
    pub fn holds(&self, of: &Facts<'_>) -> bool {
        let id = &of.alert.id;
        let any = match &self.field {
            Field::Rule => self.glob.is_match(&*id.rule),
            Field::Kind => self.glob.is_match(id.resource.kind.as_str()),
            Field::Name => self.glob.is_match(of.name) || self.glob.is_match(&*id.resource.id),
            Field::Region => self.glob.is_match(&*id.resource.scope.region),
            Field::Account => self.glob.is_match(&*id.resource.scope.account),
            Field::Severity => self.glob.is_match(severity(of.alert.level)),
            Field::Tag(key) => of.tags.and_then(|t| t.get(key)).is_some_and(|v| self.glob.is_match(v.as_str())),
            Field::Label(key) => of.labels.and_then(|l| l.get(key)).is_some_and(|v| self.glob.is_match(v.as_str())),
        };
        any == self.equal
    }
}

fn field(name: &str) -> Result<Field, MatcherError> {
    if let Some((_, field)) = FIELDS.iter().find(|(n, _)| *n == name) {
        return Ok(field.clone());
    }
    match name.split_once('.') {
        Some(("tag", key)) if !key.is_empty() => return Ok(Field::Tag(key.into())),
        Some(("label", key)) if !key.is_empty() => return Ok(Field::Label(key.into())),
        _ => {}
    }
    let known: Vec<&str> = FIELDS.iter().map(|(n, _)| *n).chain(["tag.KEY", "label.KEY"]).collect();
    let nearest = known.iter().min_by_key(|k| strsim::damerau_levenshtein(k, name)).copied().unwrap_or_default();
    Err(MatcherError(format!(
        "there is no field `{}`; is it `{nearest}`? There are {}",
        Text::new(name),
        known.join(", ")
    )))
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Warning => "warning",
        Level::Blind => "blind",
        Level::Critical => "critical",
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.equal { "=" } else { "!=" };
        write!(f, "{}{sign}", self.field)?;
        if self.pattern.contains(|c: char| c.is_whitespace() || c == '"') {
            quote(&self.pattern, f)
        } else {
            f.write_str(&self.pattern)
        }
    }
}

/// `text` in quotes; one within it is written twice.
fn quote(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('"', "\"\""))
}

/// What stands in quotes, of which the first is already taken away, and what is behind them. `None`: they are not closed.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let (mut out, mut rest) = (String::new(), text);
    loop {
        let (before, behind) = rest.split_once('"')?;
        out.push_str(before);
        match behind.strip_prefix('"') {
            Some(more) => {
                out.push('"');
                rest = more;
            }
            None => return Some((out, behind)),
        }
    }
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// What matchers look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// Its resource's name; its id where it has none.
    pub name: &'a str,
    /// Its resource's tags, while it is known.
    pub tags: Option<&'a BTreeMap<Text, Text>>,
    /// Its rule's labels.
    pub labels: Option<&'a BTreeMap<Text, Text>>,
}

impl<'a> Facts<'a> {
    /// What is known of `alert`, whose rule has `labels`.
    #[must_use]
    pub fn of(alert: &'a Alert, model: &'a Model, labels: Option<&'a BTreeMap<Text, Text>>) -> Self {
        let resource = model.resource(&alert.id.resource);
        let name = resource.map(|r| &r.name).filter(|n| !n.is_empty()).unwrap_or(&alert.id.resource.id);
        Self { alert, name, tags: resource.map(|r| &r.tags), labels }
    }
}
