//! `awswatch rules test`: the files, and what came of them.

use std::path::Path;

use anyhow::Context;
use regex::Regex;

use crate::cli::RulesTestArgs;
use crate::exit::Exit;
use crate::rules::RuleSource;
use crate::ruletest::{Suite, Summary, read, report, run};

/// Runs the tests of all files. What failed is said on standard output, what is wrong in a file on standard error.
pub(super) fn test(args: &RulesTestArgs) -> anyhow::Result<u8> {
    let patterns = args.run.iter().map(|text| pattern(text)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut suites = Vec::new();
    let mut mistakes = String::new();
    // All mistakes of all files are told, and nothing is run where there is one.
    for path in &args.files {
        match suite(path) {
            Ok(suite) => suites.push(suite),
            Err(why) => mistakes.push_str(&why),
        }
    }
    if !mistakes.is_empty() {
        super::complain(&mistakes);
        return Ok(Exit::Unknown.code());
    }
    let mut summary = Summary { files: suites.len(), ..Summary::default() };
    for suite in &suites {
        for case in suite.cases.iter().filter(|c| patterns.is_empty() || patterns.iter().any(|p| p.is_match(&c.name))) {
            let outcome = run(case);
            summary.count(&outcome);
            super::say(&report(&suite.file, case, &outcome));
        }
    }
    if summary.passed + summary.failed == 0 {
        anyhow::bail!(
            "no test was run: {}",
            if patterns.is_empty() { "there is none" } else { "no name matches --run" }
        );
    }
    super::say(&summary.line());
    Ok(if summary.failed == 0 { Exit::Ok } else { Exit::Warning }.code())
}

/// The regular expression of a `--run`; what is wrong with it, in one line.
fn pattern(text: &str) -> anyhow::Result<Regex> {
    Regex::new(text).map_err(|e| {
        let e = e.to_string();
        let why = e.lines().last().unwrap_or_default();
        anyhow::anyhow!("--run {text}: {}", why.strip_prefix("error: ").unwrap_or(why))
    })
}

/// The tests of the file `path`, or what is wrong with it, a line each.
fn suite(path: &Path) -> Result<Suite, String> {
    let name = path.display().to_string();
    let text = text(path).map_err(|e| format!("awswatch: {e:#}\n"))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let fetch = |rules: &str| {
        let path = folder.join(rules);
        let text = std::fs::read_to_string(&path);
        text.map(|t| (path.display().to_string(), t)).map_err(|e| format!("failed to read {}: {e}", path.display()))
    };
    read(&RuleSource { name: &name, text: &text }, fetch)
        .map_err(|errors| errors.iter().flat_map(|e| [e.to_string(), "\n".to_owned()]).collect())
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}
