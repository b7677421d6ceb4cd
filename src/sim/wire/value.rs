//! The tree that operations read and answer in, whatever the protocol.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;

/// A tree of AWS members. Names are those of the service's model (for EC2, those of its XML).
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text; in a query request every leaf is one.
    Text(Cow<'static, str>),
    /// A moment, which each protocol writes in its own way.
    Time(Timestamp),
    /// A list.
    List(Vec<Value>),
    /// A map whose keys are data; in XML a list of entries.
    Dict(Vec<(String, Value)>),
    /// Members in order.
    Map(Vec<(Cow<'static, str>, Value)>),
}

/// Members that are always there. See [`Value::and`] for those that may be absent.
pub(super) fn map<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
}

/// A list of what can be a value.
pub(super) fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::List(items.into_iter().map(Into::into).collect())
}

impl Value {
    /// The same map with one more member, unless that is `None`.
    pub(super) fn and(mut self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let (Self::Map(members), Some(value)) = (&mut self, value) {
            members.push((Cow::Borrowed(name), value.into()));
        }
        self
    }

    /// The member `name` of a map.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// A leaf as text.
    pub(super) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Int(number) => Some(Cow::Owned(number.to_string())),
            Self::Float(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(flag) => Some(Cow::Owned(flag.to_string())),
            Self::Time(_) | Self::List(_) | Self::Dict(_) | Self::Map(_) => None,
        }
    }

    /// A whole number, or text that is one.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in reach")]
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(*number as i64),
            _ => None,
        }
    }

    /// A boolean, or text that is one.
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A moment: ISO 8601 text, or seconds since 1970.
    pub(super) fn as_time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(at) => Some(*at),
            Self::Int(seconds) => Timestamp::from_second(*seconds).ok(),
            Self::Float(seconds) => time_of_seconds(*seconds),
            Self::Text(text) => text.parse().ok().or_else(|| {
                let local: jiff::civil::DateTime = text.parse().ok()?;
                local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
            }),
            _ => None,
        }
    }
}

/// Seconds since 1970 with a fraction; `None` when out of range.
pub(super) fn time_of_seconds(seconds: f64) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and what is out of range is refused")]
    Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Bool(flag) => flag.hash(state),
            Self::Int(number) => number.hash(state),
            Self::Float(number) => number.to_bits().hash(state),
            Self::Text(text) => text.hash(state),
            Self::Time(at) => at.hash(state),
            Self::List(items) => items.hash(state),
            Self::Dict(entries) => entries.hash(state),
            Self::Map(members) => members.hash(state),
        }
    }
}

macro_rules! from {
    ($($from:ty => |$value:ident| $to:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )+};
}

from! {
    bool => |v| Self::Bool(v),
    i64 => |v| Self::Int(v),
    u32 => |v| Self::Int(i64::from(v)),
    u16 => |v| Self::Int(i64::from(v)),
    u8 => |v| Self::Int(i64::from(v)),
    f64 => |v| Self::Float(v),
    &'static str => |v| Self::Text(Cow::Borrowed(v)),
    String => |v| Self::Text(Cow::Owned(v)),
    &String => |v| Self::Text(Cow::Owned(v.clone())),
    Timestamp => |v| Self::Time(v),
    Vec<Value> => |v| Self::List(v),
}
