//! One shot: `--check` for cron and Nagios.
//!
//! In: the model, the rules and the alerts after one pass. Out: lines of text (or one JSON object) and an exit code that
//! is never 0 when anything a rule needs could not be read.

mod figure;
mod findings;
mod json;
mod text;

pub use findings::{Findings, Gap, Input};
pub use text::failure;

use crate::exit::Exit;

/// What `--check` prints, and how it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What to print on standard output, with its line ends.
    pub text: String,
    /// How to leave.
    pub exit: Exit,
}

/// What `input` comes to, as text: the summary (80 columns at most), an alert a line with its details below, what could
/// not be read, and a closing line with Nagios's performance data.
///
/// Equal inputs give equal bytes.
#[must_use]
pub fn report(input: &Input<'_>) -> Report {
    let findings = Findings::of(input);
    Report { text: text::render(input, &findings), exit: findings.exit }
}

/// What `input` comes to, as one JSON object on one line.
#[must_use]
pub fn report_json(input: &Input<'_>) -> Report {
    let findings = Findings::of(input);
    Report { text: json::render(input, &findings), exit: findings.exit }
}

#[cfg(test)]
mod tests;
