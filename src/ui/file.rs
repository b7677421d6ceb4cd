//! Reading theme and keymap files so that an error can name its file, line and key.

use std::ops::Range;

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a theme or keymap file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {message}")]
pub struct FileError {
    /// The file's name as the user would recognise it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A file's name and text, for turning spans into lines.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
}

impl<'t> Source<'t> {
    pub(super) fn parse(self) -> Result<Spanned<DeTable<'t>>, FileError> {
        DeTable::parse(self.text).map_err(|e| {
            let at = e.span().unwrap_or(0..0);
            self.error(&at, e.message().to_owned())
        })
    }

    pub(super) fn line(self, span: &Range<usize>) -> usize {
        1 + self.text.as_bytes().iter().take(span.start).filter(|b| **b == b'\n').count()
    }

    pub(super) fn error(self, span: &Range<usize>, message: impl Into<String>) -> FileError {
        FileError { file: self.file.into(), line: self.line(span), message: message.into() }
    }

    pub(super) fn string<'v>(self, key: &str, value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, FileError> {
        let found = value.get_ref();
        found
            .as_str()
            .ok_or_else(|| self.error(&value.span(), format!("`{key}` must be a string, not {}", found.type_str())))
    }

    pub(super) fn boolean(self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, FileError> {
        let found = value.get_ref();
        found.as_bool().ok_or_else(|| {
            self.error(&value.span(), format!("`{key}` must be true or false, not {}", found.type_str()))
        })
    }

    pub(super) fn table<'v, 'd>(
        self,
        key: &str,
        value: &'v Spanned<DeValue<'d>>,
    ) -> Result<&'v DeTable<'d>, FileError> {
        let found = value.get_ref();
        found
            .as_table()
            .ok_or_else(|| self.error(&value.span(), format!("`{key}` must be a table, not {}", found.type_str())))
    }

    /// `key` is none of `known`.
    pub(super) fn unknown(self, span: &Range<usize>, what: &str, key: &str, known: &[&str]) -> FileError {
        self.error(span, unknown(what, key, known))
    }
}

/// "unknown role `crti`; did you mean `crit`?", or the list of what there is.
pub(super) fn unknown(what: &str, key: &str, known: &[&str]) -> String {
    let nearest =
        known.iter().map(|k| (strsim::damerau_levenshtein(k, key), *k)).min().filter(|(d, k)| *d <= 1 + k.len() / 3);
    match nearest {
        Some((_, k)) => format!("unknown {what} `{key}`; did you mean `{k}`?"),
        None => format!("unknown {what} `{key}`; there are {}", known.join(", ")),
    }
}
