//! What came of tests, for a person.

use std::fmt::Write;

use jiff::SignedDuration;

use super::case::Case;
use super::run::{Failure, Outcome};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Tests that passed.
    pub passed: usize,
    /// Tests that did not.
    pub failed: usize,
}

impl Summary {
    /// Counts `outcome`.
    pub fn count(&mut self, outcome: &Outcome) {
        if outcome.failures.is_empty() {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    /// The closing line.
    #[must_use]
    pub fn line(&self) -> String {
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let (tests, files) = (self.passed + self.failed, counted(self.files, "file"));
        if self.failed == 0 {
            format!("ok: {} passed ({files})\n", counted(tests, "test"))
        } else {
            format!("FAILED: {} of {} ({files})\n", self.failed, counted(tests, "test"))
        }
    }
}

/// What was expected of `case` in `file`, and what came. Empty where it passed.
#[must_use]
pub fn report(file: &str, case: &Case, outcome: &Outcome) -> String {
    let mut out = String::new();
    for (i, failure) in outcome.failures.iter().enumerate() {
        if i == 0 {
            let _ = writeln!(out, "FAIL {file}:{}: {}", case.line, case.name);
        }
        one(&mut out, file, failure);
    }
    out
}

fn one(out: &mut String, file: &str, failure: &Failure) {
    let _ = writeln!(out, "  {file}:{}: at {} ({})", failure.line, duration(failure.at), failure.time);
    let nothing = |list: &[String]| list.is_empty() && failure.met.is_empty();
    if nothing(&failure.lacks) {
        let _ = writeln!(out, "    - expected  no alert");
    }
    for lacks in &failure.lacks {
        let _ = writeln!(out, "    - expected  {lacks}");
    }
    if nothing(&failure.surplus) {
        let _ = writeln!(out, "    + got       no alert");
    }
    for surplus in &failure.surplus {
        let _ = writeln!(out, "    + got       {surplus}");
    }
    for met in &failure.met {
        let _ = writeln!(out, "      as wanted {met}");
    }
    for points in &failure.points {
        let _ = writeln!(out, "      points    {points}");
    }
}

/// `5m`, `1h30m`, `2d`, with a sign where it lies before the start.
pub(super) fn duration(span: SignedDuration) -> String {
    let mut left = span.as_secs().unsigned_abs();
    let mut out = if span.is_negative() { "-".to_owned() } else { String::new() };
    let begin = out.len();
    for (unit, seconds) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
        if left >= seconds {
            let _ = write!(out, "{}{unit}", left / seconds);
            left %= seconds;
        }
    }
    if out.len() == begin {
        return "0m".to_owned();
    }
    out
}

/// A value as a person writes it: no more digits than it needs.
pub(super) fn number(value: f64) -> String {
    let rounded = format!("{value:.4}");
    let short = rounded.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() || short == "-0" { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_values_are_short() {
        for (seconds, expected) in [(0, "0m"), (300, "5m"), (5400, "1h30m"), (172_800, "2d"), (-90, "-1m30s")] {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), expected);
        }
        for (value, expected) in [(200.0, "200"), (0.1 + 0.2, "0.3"), (0.0, "0"), (-0.0, "0"), (1e9, "1000000000")] {
            assert_eq!(number(value), expected);
        }
    }
}
