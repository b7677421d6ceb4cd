//! One setting: what was given for a key, checked against what the key takes.

use std::path::Path;

use config::ValueKind;
use toml::de::DeValue;

use super::duration::{parse_duration, show};
use super::keys::{Key, Takes};
use super::pages;
use super::settings::{Pane, WallPage, Zone};

/// What a layer gives for a key, before it is checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    /// A string.
    Text(String),
    /// A number, whole or not.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<Given>),
    /// Anything else TOML has, by its name.
    Other(&'static str),
}

impl Given {
    /// A value of a TOML file.
    pub(super) fn from_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Self::Other("integer out of range"), |n| Self::Number(n as f64)),
            DeValue::Float(number) => number.as_str().parse().map_or(Self::Other("float"), Self::Number),
            DeValue::Boolean(flag) => Self::Flag(*flag),
            DeValue::Array(items) => Self::List(items.iter().map(|item| Self::from_toml(item.get_ref())).collect()),
            DeValue::Datetime(_) => Self::Other("date"),
            DeValue::Table(_) => Self::Other("table"),
        }
    }

    /// The value of an environment variable, as far as `key` tells what it means: lists are separated by commas.
    pub(super) fn from_variable(key: &Key, raw: &str) -> Self {
        match key.takes {
            Takes::Profiles | Takes::Regions | Takes::Panes | Takes::WallPages | Takes::Paths | Takes::Columns(_) => {
                Self::texts(raw.split(',').map(str::trim))
            }
            Takes::Flag => match raw {
                "true" | "1" | "yes" => Self::Flag(true),
                "false" | "0" | "no" => Self::Flag(false),
                _ => Self::Text(raw.to_owned()),
            },
            Takes::Dollars | Takes::Count { .. } => {
                raw.parse().map_or_else(|_| Self::Text(raw.to_owned()), Self::Number)
            }
            Takes::Duration { .. }
            | Takes::Name
            | Takes::Words
            | Takes::Word(_)
            | Takes::Zone
            | Takes::Time
            | Takes::Order(_)
            | Takes::Group(_) => Self::Text(raw.to_owned()),
        }
    }

    /// A list of strings.
    pub(super) fn texts<'a>(items: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(items.into_iter().map(|item| Self::Text(item.to_owned())).collect())
    }
}

/// The settled form of `given` for a key that takes `takes`: durations in seconds, paths joined to `base`.
///
/// # Errors
///
/// A sentence that says what is allowed.
pub(super) fn settle(takes: Takes, given: &Given, base: Option<&Path>) -> Result<ValueKind, String> {
    match takes {
        Takes::Profiles => list(given, "a list of profiles, such as [\"prod\", \"stage\"]", false, profile),
        Takes::Regions => list(given, "a list of regions, such as [\"ap-northeast-1\"]", false, region),
        Takes::Panes => list(given, &format!("a list of panes: {}", pane_names()), false, pane),
        Takes::WallPages => list(given, &format!("a list of pages: {}", wall_page_names()), false, wall_page),
        Takes::Columns(page) => {
            let what = format!("a list of columns: {}", page.columns.join(", "));
            let settled = list(given, &what, false, |raw| pages::column(page, raw))?;
            if let Given::List(items) = given {
                let named =
                    items.iter().filter_map(|i| if let Given::Text(raw) = i { Some(raw.clone()) } else { None });
                pages::once(&named.collect::<Vec<_>>())?;
            }
            Ok(settled)
        }
        Takes::Order(page) => match given {
            Given::Text(raw) => pages::sort(page, raw).map(ValueKind::String),
            _ => Err(format!("it must be one of {}", page.sorts.join(", "))),
        },
        Takes::Group(page) => match given {
            Given::Text(raw) => pages::group(page, raw).map(ValueKind::String),
            _ => Err(format!("it must be one of {}", page.groups.join(", "))),
        },
        Takes::Time => match given {
            Given::Text(raw) if parse_time(raw).is_some() => Ok(ValueKind::String(raw.clone())),
            _ => Err("it must be a time of day such as \"07:00\"".to_owned()),
        },
        Takes::Paths => list(given, "a list of files, such as [\"rules/web.toml\"]", true, |path| {
            if path.is_empty() {
                return Err("a path cannot be empty".to_owned());
            }
            let joined = base.map_or_else(|| Path::new(path).to_owned(), |base| base.join(path));
            joined.into_os_string().into_string().map_err(|_| "the path is not UTF-8".to_owned())
        }),
        Takes::Duration { min, max } => match given {
            Given::Text(raw) => {
                let duration = parse_duration(raw)?;
                if duration < min || duration > max {
                    return Err(format!("it must be from {} to {}", show(min), show(max)));
                }
                Ok(ValueKind::Float(duration.as_secs_f64()))
            }
            Given::Number(n) if *n >= 0.0 => Err(format!("a duration is a string with a unit, such as \"{n}s\"")),
            _ => Err("a duration is a string such as \"90s\", \"10m\" or \"1h30m\"".to_owned()),
        },
        Takes::Dollars => match given {
            Given::Number(n) if n.is_finite() && *n > 0.0 && *n <= 1e12 => Ok(ValueKind::Float(*n)),
            _ => Err("it must be a number of US dollars a month, more than 0".to_owned()),
        },
        Takes::Flag => match given {
            Given::Flag(flag) => Ok(ValueKind::Boolean(*flag)),
            _ => Err("it must be true or false".to_owned()),
        },
        Takes::Count { min, max } => match given {
            Given::Number(n) if n.fract() == 0.0 && (f64::from(min)..=f64::from(max)).contains(n) =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "a whole number within the bounds of u32")]
                Ok(ValueKind::I64(*n as i64))
            }
            _ => Err(format!("it must be a whole number from {min} to {max}")),
        },
        Takes::Name => match given {
            Given::Text(name) if is_name(name) => Ok(ValueKind::String(name.clone())),
            _ => Err("it must be a name: letters, digits, - and _".to_owned()),
        },
        Takes::Words => match given {
            Given::Text(words) if !crate::model::Text::new(words).trim().is_empty() && words.len() <= 100 => {
                Ok(ValueKind::String(crate::model::Text::new(words).trim().to_owned()))
            }
            _ => Err("it must be a few words, 100 bytes at most".to_owned()),
        },
        Takes::Word(words) => match given {
            Given::Text(word) if words.contains(&word.as_str()) => Ok(ValueKind::String(word.clone())),
            // `true` is as good as "true".
            Given::Flag(flag) if words.contains(&flag.to_string().as_str()) => Ok(ValueKind::String(flag.to_string())),
            Given::Text(word) if nearest(word, words.iter().copied()).is_some() => {
                Err(format!("did you mean {:?}?", nearest(word, words.iter().copied()).unwrap_or_default()))
            }
            _ => Err(format!(
                "it must be one of {}",
                words.iter().map(|w| format!("{w:?}")).collect::<Vec<_>>().join(", ")
            )),
        },
        Takes::Zone => match given {
            Given::Text(name) if Zone::parse(name).is_some() => Ok(ValueKind::String(name.clone())),
            _ => Err("it must be \"system\", \"UTC\" or a time zone such as \"Asia/Tokyo\"".to_owned()),
        },
    }
}

/// Reads a list of strings, each by `item`. A value may be repeated by mistake but is kept once.
fn list(
    given: &Given,
    what: &str,
    may_be_empty: bool,
    item: impl Fn(&str) -> Result<String, String>,
) -> Result<ValueKind, String> {
    let Given::List(items) = given else { return Err(format!("it must be {what}")) };
    if items.is_empty() && !may_be_empty {
        return Err(format!("it cannot be empty; it must be {what}"));
    }
    let mut out: Vec<String> = Vec::new();
    for given in items {
        let Given::Text(raw) = given else { return Err(format!("it must be {what}")) };
        let value = item(raw)?;
        if !out.contains(&value) {
            out.push(value);
        }
    }
    Ok(ValueKind::Array(out.into_iter().map(Into::into).collect()))
}

fn profile(name: &str) -> Result<String, String> {
    if name.is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        return Err(format!("{name:?} is no profile's name"));
    }
    Ok(name.to_owned())
}

fn region(code: &str) -> Result<String, String> {
    if is_region(code) {
        return Ok(code.to_owned());
    }
    let zone = code.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if is_region(zone) {
        return Err(format!("{code:?} is an Availability Zone; its region is \"{zone}\""));
    }
    Err(format!("{code:?} is no region's code, such as \"ap-northeast-1\""))
}

fn is_region(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    words.len() >= 2
        && words.iter().all(|w| w.len() >= 2 && w.bytes().all(|b| b.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn pane(name: &str) -> Result<String, String> {
    if Pane::ALL.iter().any(|pane| pane.as_str() == name) {
        return Ok(name.to_owned());
    }
    let near = nearest(name, Pane::ALL.map(Pane::as_str));
    let hint = near.map_or_else(|| format!("there are {}", pane_names()), |near| format!("did you mean {near:?}?"));
    Err(format!("there is no pane {name:?}; {hint}"))
}

fn pane_names() -> String {
    Pane::ALL.map(Pane::as_str).join(", ")
}

fn wall_page(name: &str) -> Result<String, String> {
    if WallPage::ALL.iter().any(|(_, known)| *known == name) {
        return Ok(name.to_owned());
    }
    let near = nearest(name, WallPage::ALL.map(|(_, known)| known));
    let hint =
        near.map_or_else(|| format!("there are {}", wall_page_names()), |near| format!("did you mean {near:?}?"));
    Err(format!("there is no page {name:?}; {hint}"))
}

fn wall_page_names() -> String {
    WallPage::ALL.map(|(_, name)| name).join(", ")
}

/// `07:00`: hours and minutes.
pub(super) fn parse_time(raw: &str) -> Option<jiff::civil::Time> {
    let (hours, minutes) = raw.split_once(':')?;
    let number = |part: &str| (part.len() == 2).then(|| part.parse::<i8>().ok()).flatten();
    jiff::civil::Time::new(number(hours)?, number(minutes)?, 0, 0).ok()
}

pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The one of `names` that `typed` was most likely meant to be.
pub(super) fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|(distance, name)| *distance <= 1.max(name.len() / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
