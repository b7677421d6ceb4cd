//! `awswatch rules`: the tests that stand in `tests/rules`, and how files leave that fail or are wrong.

use std::path::{Path, PathBuf};

use crate::program::{Run, Sandbox};

const PASSES: &str = r#"
[[test]]
name = "an alarm"
[test.alarm]
comparison = ">"
threshold = 0
evaluation_periods = 1
[[test.series]]
values = "1"
[[test.expect]]
at = "1m"
alarm_state = "ALARM"
"#;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();
    files
}

/// Runs `awswatch rules test` on a file that holds `text`, with `args` behind it.
fn test(text: &str, args: &[&str]) -> Run {
    let sandbox = Sandbox::new();
    let file = sandbox.home().join("t.toml");
    std::fs::write(&file, text).unwrap();
    sandbox.run(&[&["rules", "test", file.to_str().unwrap()], args].concat())
}

#[test]
fn the_files_of_tests_pass() {
    let files = files();
    assert!(files.len() >= 8, "{files:?}");
    let names: Vec<&str> = files.iter().map(|f| f.to_str().unwrap()).collect();
    Sandbox::new().run(&[&["rules", "test"], &names[..]].concat()).exits(0).prints("ok: ");
}

#[test]
fn every_builtin_rule_has_a_test_that_fires_it() {
    // What instances cost cannot be stated in a file of tests: the rule's own module tests it.
    const ELSEWHERE: &[&str] = &["bill-jump"];
    let texts: String = files().iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
    let rules = awswatch::rules::RuleSet::builtin();
    // CloudWatch's alarms are evaluated as what they are: bare alarms.
    let rules = rules.rules().iter().filter(|r| r.kinds() != [awswatch::model::Kind::Alarm]);
    let ids = rules.map(|r| r.id.as_str());
    let without: Vec<&str> = ids.filter(|id| !texts.contains(&format!("rule = \"{id}\""))).collect();
    assert_eq!(without, ELSEWHERE, "rules that no file in tests/rules expects an alert of");
}

#[test]
fn a_test_that_fails_is_told_and_exits_1() {
    let run = test(&PASSES.replace("\"ALARM\"", "\"OK\""), &[]).exits(1).prints("FAIL ").prints("FAILED: 1 of 1 test");
    for part in ["t.toml:3: an alarm", "- expected  OK", "+ got       ALARM", "at 1m"] {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
}

#[test]
fn a_file_that_is_wrong_exits_3_and_runs_nothing() {
    for (from, to, parts) in [
        ("threshold", "treshold", &["t.toml:6", "test.alarm.treshold", "did you mean `threshold`?"][..]),
        ("1m", "soon", &["t.toml:11", "test.expect.at"]),
        ("[[test]]", "[[test]", &["t.toml:2", "is not TOML"]),
        ("[[test]]", "rules = [\"none.toml\"]\n[[test]]", &["t.toml:2", "rules", "none.toml"]),
    ] {
        let run = test(&PASSES.replacen(from, to, 1), &[]).exits(3);
        for part in parts {
            assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
        }
        assert_eq!(run.stdout, "");
    }
    Sandbox::new().run(&["rules", "test", "/no/such.toml"]).exits(3).complains("/no/such.toml");
    Sandbox::new().run(&["rules", "test"]).exits(3);
}

#[test]
fn a_rule_explains_itself() {
    let explain = |args: &[&str]| Sandbox::new().run(&[&["rules", "explain"], args].concat());
    let run = explain(&["clb-surge-queue", "web-clb", "--demo", "surge", "--at", "10m"]).exits(0);
    for part in
        ["clb-surge-queue on web-clb", "CRITICAL, firing", "CRITICAL > 512, 1 of 1", "breaches WARNING and CRITICAL"]
    {
        assert!(run.stdout.contains(part), "no {part:?} in\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|l| l.chars().count() <= 80), "{}", run.stdout);
    explain(&["clb-surge-queu", "--demo", "calm"]).exits(3).complains("did you mean `clb-surge-queue`?");
    explain(&["clb-surge-queue", "nobody", "--demo", "calm"]).exits(3).prints("says nothing of `nobody`");
    explain(&["asg-at-max", "--demo", "expired", "--at", "10m"]).exits(3).prints("not read: scaling-groups in demo/");
    explain(&["clb-5xx", "--at", "10m"]).exits(3).complains("--demo");
}

#[test]
fn a_rule_explains_itself_at_the_end_of_a_recording() {
    let sandbox = Sandbox::new();
    let file = sandbox.home().join("night.awr");
    let file = file.to_str().unwrap();
    sandbox.run(&["--demo", "surge", "--at", "10m", "--check", "--record", file]).exits(2);
    let run = sandbox.run(&["rules", "explain", "clb-surge-queue", "--replay", file]).exits(0);
    assert!(run.stdout.contains("CRITICAL, firing"), "{}", run.stdout);
}

#[test]
fn tests_are_chosen_by_name() {
    let two = format!("{PASSES}{}", PASSES.replace("an alarm", "another").replace("\"ALARM\"", "\"OK\""));
    test(&two, &[]).exits(1).prints("1 of 2 tests");
    test(&two, &["--run", "^an alarm$"]).exits(0).prints("ok: 1 test passed (1 file)");
    test(&two, &["--run", "none"]).exits(3).complains("no name matches");
    test(&two, &["--run", "("]).exits(3).complains("--run (: unclosed group");
    test(&two, &["--run", "^nobody", "--run", r"(?i)\bOTHER$|^another$"]).exits(1).prints("1 of 1 test ");
}
