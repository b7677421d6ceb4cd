//! The rules in force, from what the configuration names.

use anyhow::Context;

use crate::config::Config;
use crate::rules::{AlarmWindow, EvalMode, RuleContext, RuleSet, RuleSource};

/// The built-in rules, the user's files over them, the configuration's overrides over both.
pub(super) fn rules(config: &Config) -> anyhow::Result<RuleSet> {
    let texts = files(config)?;
    let files: Vec<_> = texts.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let name = config.file.as_ref().map_or_else(String::new, |f| f.display().to_string());
    let overrides: Vec<_> = config.text.iter().map(|text| RuleSource { name: &name, text }).collect();
    RuleSet::load(&files, &overrides).map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })
}

/// The user's rule files: their names and texts.
pub(super) fn files(config: &Config) -> anyhow::Result<Vec<(String, String)>> {
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("failed to read the rule file {}, named by rules.files in the configuration", path.display())
        })?;
        Ok((path.display().to_string(), text))
    };
    config.rules.files.iter().map(read).collect()
}

/// What the rules are told besides the model.
#[must_use]
pub(super) fn context(config: &Config, budget: Option<f64>, mode: EvalMode) -> RuleContext {
    let window = if config.alarms.window == "grid" { AlarmWindow::Grid } else { AlarmWindow::Sliding };
    RuleContext { budget, mode, window }
}
