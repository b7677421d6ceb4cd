//! The rules in force, from what the configuration names.

use anyhow::Context;

use crate::config::Config;
use crate::rules::{EvalMode, RuleContext, RuleSet, RuleSource};

/// The built-in rules, the user's files over them, the configuration's overrides over both.
pub fn rules(config: &Config) -> anyhow::Result<RuleSet> {
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
pub fn context(budget: Option<f64>, mode: EvalMode) -> RuleContext {
    RuleContext { budget, mode }
}
