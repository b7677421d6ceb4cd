//! `Filters`: all of them must hold, each by one of its values.

use crate::sim::wire::error::ApiError;
use crate::sim::wire::params::Params;

/// The filters of a request.
pub(super) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads the list `filters` of structures with `Name` and the list `values`.
    ///
    /// # Errors
    ///
    /// The service's, for a filter that `known` does not know.
    pub(super) fn read(
        params: &Params<'_>,
        filters: &str,
        values: &str,
        known: impl Fn(&str) -> bool,
    ) -> Result<Self, ApiError> {
        let mut read = Vec::new();
        for filter in params.structures(filters)? {
            let name = filter.must_text("Name")?;
            if !known(&name) {
                return Err(params.invalid(format!("The filter '{name}' is invalid")));
            }
            read.push((name, filter.texts(values)?));
        }
        Ok(Self(read))
    }

    /// Whether something passes, of which `get` tells the values by the name of a filter.
    pub(super) fn pass<'a, V>(&self, get: impl Fn(&str) -> V) -> bool
    where
        V: IntoIterator<Item = &'a str>,
    {
        self.0.iter().all(|(name, values)| get(name).into_iter().any(|has| values.iter().any(|v| glob(v, has))))
    }
}

/// The values of a resource's tags that a filter named `tag:KEY` or `tag-key` or `tag-value` compares with; `None` for
/// another filter.
pub(super) fn of_tags<'a>(filter: &str, tags: &'a [(String, String)]) -> Option<Vec<&'a str>> {
    if let Some(wanted) = filter.strip_prefix("tag:") {
        return Some(tags.iter().filter(|(key, _)| key == wanted).map(|(_, value)| value.as_str()).collect());
    }
    match filter {
        "tag-key" => Some(tags.iter().map(|(key, _)| key.as_str()).collect()),
        "tag-value" => Some(tags.iter().map(|(_, value)| value.as_str()).collect()),
        _ => None,
    }
}

/// Whether a filter is about tags.
pub(super) fn is_tag(filter: &str) -> bool {
    filter.starts_with("tag:") || filter == "tag-key" || filter == "tag-value"
}

/// `*` stands for any text, `?` for a character.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            p = at + 1;
            t = from + 1;
            star = Some((at, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs() {
        for (pattern, text, want) in [
            ("web-*", "web-1", true),
            ("*b*1", "web-11", true),
            ("web-?", "web-12", false),
            ("東*", "東京", true),
            ("", "", true),
            ("*", "", true),
            ("a", "", false),
        ] {
            assert_eq!(glob(pattern, text), want, "{pattern} {text}");
        }
    }
}
