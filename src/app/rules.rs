//! The rules in force, from what the configuration names.

use std::fmt::Write;

use anyhow::Context;

use crate::config::Config;
use crate::rules::{EvalMode, RuleContext, RuleSet, RuleSource, Severity, Unit};

/// The built-in rules, the user's files over them, the configuration's overrides over both.
pub(super) fn rules(config: &Config) -> anyhow::Result<RuleSet> {
    let mut texts = Vec::new();
    for path in &config.rules.files {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("failed to read the rule file {}, named by rules.files in the configuration", path.display())
        })?;
        texts.push((path.display().to_string(), text));
    }
    let files: Vec<_> = texts.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let name = config.file.as_ref().map_or_else(String::new, |f| f.display().to_string());
    let overrides: Vec<_> = config.text.iter().map(|text| RuleSource { name: &name, text }).collect();
    RuleSet::load(&files, &overrides).map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })
}

/// What the rules are told besides the model.
#[must_use]
pub(super) fn context(budget: Option<f64>, mode: EvalMode) -> RuleContext {
    RuleContext { budget, mode }
}

/// The rules as a table: id, what it looks at, its limits, where it comes from, what it says.
#[must_use]
pub(super) fn list(rules: &RuleSet) -> String {
    let rows: Vec<[String; 5]> = rules
        .rules()
        .iter()
        .map(|rule| {
            let kinds: Vec<_> = rule.kinds().iter().map(|k| k.as_str()).collect();
            let limits: Vec<_> = rule
                .limits()
                .map(|(severity, comparison, limit, unit)| {
                    let word = match severity {
                        Severity::Warning => "warning",
                        Severity::Critical => "critical",
                    };
                    let unit = match unit {
                        Unit::Percent => " %",
                        Unit::Seconds => " s",
                        Unit::Bytes => " bytes",
                        Unit::Dollars => " USD",
                        Unit::Count => "",
                    };
                    format!("{word} {} {limit}{unit}", comparison.as_str())
                })
                .collect();
            let off = if rule.enabled { "" } else { " (off)" };
            let limits = limits.join(", ");
            [format!("{}{off}", rule.id), kinds.join(","), limits, rule.source.to_string(), rule.title.to_string()]
        })
        .collect();
    let heads = ["RULE", "LOOKS AT", "LIMITS", "FROM", "SAYS"].map(str::to_owned);
    let width =
        |column: usize| rows.iter().chain([&heads]).map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<_> = (0..4).map(width).collect();
    let mut out = String::new();
    for row in [&heads].into_iter().chain(&rows) {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(out, "{cell:<width$}  ");
        }
        let _ = writeln!(out, "{}", row[4]);
    }
    out
}
