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

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(key) => write!(f, "tag.{key}"),
            Self::Label(key) => write!(f, "label.{key}"),
            plain => f.write_str(FIELDS.iter().find(|(_, field)| field == plain).map_or("", |(name, _)| name)),
        }
    }
}

/// One condition: a field, and a glob that it must match, or must not. Its text form is `name=web-*` or
/// `region!=us-east-1`, with quotes round a pattern that holds a space: `tag.Team="night shift"`.
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
    /// It holds no `=`, or as [`Matcher::new`]; the nearest right field is named.
    pub fn parse(text: &str) -> Result<Self, MatcherError> {
        let Some((left, pattern)) = text.split_once('=') else {
            return Err(MatcherError(format!("`{text}` is no matcher: write a field, = and a pattern: name=web-*")));
        };
        let (name, equal) = match left.strip_suffix('!') {
            Some(name) => (name.trim(), false),
            None => (left.trim(), true),
        };
        let pattern = pattern.trim();
        let inner = pattern.strip_prefix('"').and_then(|p| p.strip_suffix('"'));
        Self::new(field(name)?, equal, inner.unwrap_or(pattern))
    }

    /// The matchers in a line, separated by spaces: `rule=clb-* tag.Team="night shift"`.
    ///
    /// # Errors
    /// As [`Matcher::parse`], or there are more than [`MAX_MATCHERS`].
    pub fn parse_all(line: &str) -> Result<Vec<Self>, MatcherError> {
        let mut words: Vec<String> = Vec::new();
        let (mut word, mut quoted) = (String::new(), false);
        for c in line.chars() {
            quoted ^= c == '"';
            if c.is_whitespace() && !quoted {
                words.push(std::mem::take(&mut word));
            } else {
                word.push(c);
            }
        }
        if quoted {
            return Err(MatcherError(format!("`{word}`: the quotes are not closed")));
        }
        words.push(word);
        words.retain(|w| !w.is_empty());
        if words.len() > MAX_MATCHERS {
            return Err(MatcherError(format!("there are {} matchers; {MAX_MATCHERS} are enough", words.len())));
        }
        words.iter().map(|w| Self::parse(w)).collect()
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
        if self.pattern.contains(char::is_whitespace) {
            write!(f, "{}{sign}\"{}\"", self.field, self.pattern)
        } else {
            write!(f, "{}{sign}{}", self.field, self.pattern)
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
