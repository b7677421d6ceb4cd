//! Files of rule tests: whatever the text, it is read or refused, and what is read can be run and told.

#![no_main]
#![allow(dead_code, unused_imports, missing_docs)]

#[path = "../../src/alerts/mod.rs"]
pub mod alerts;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/rules/mod.rs"]
pub mod rules;
#[path = "../../src/ruletest/mod.rs"]
pub mod ruletest;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // What stands behind a form feed is a rule file that the tests may name.
    let (text, other) = text.split_once('\u{c}').unwrap_or((text, ""));
    let source = rules::RuleSource { name: "fuzz.toml", text };
    let fetch = |name: &str| Ok((name.to_owned(), other.to_owned()));
    let Ok(suite) = ruletest::read(&source, fetch) else { return };
    for case in suite.cases.iter().take(20) {
        let outcome = ruletest::run(case);
        assert_eq!(outcome, ruletest::run(case), "the same file, the same outcome");
        let _ = ruletest::report(&suite.file, case, &outcome);
    }
});
