//! What is wrong with a rule file, so that the one who wrote it can put it right.

use std::fmt;

/// Text that holds rules, with the name to call it by in messages.
#[derive(Clone, Copy, Debug)]
pub struct RuleSource<'a> {
    /// Its path, or another name a person knows it by.
    pub name: &'a str,
    /// The TOML text.
    pub text: &'a str,
}

/// One mistake in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The rule's id and the key, such as `clb-surge-queue.warning`; empty where the text is not TOML at all.
    pub key: String,
    /// What is wrong, what is allowed, and the nearest right name.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for RuleError {}
