//! Files of tests, from their text to what came of them.

use super::{Suite, read, report, run};
use crate::rules::{RuleError, RuleSource};

fn suite(text: &str) -> Result<Suite, Vec<RuleError>> {
    read(&RuleSource { name: "t.toml", text }, |path| match path {
        "own.toml" => Ok(("own.toml".to_owned(), OWN.to_owned())),
        _ => Err(format!("failed to read the rule file {path}")),
    })
}

const OWN: &str = "
[[rule]]
id = \"busy\"
title = \"is busy\"
kind = \"instance\"
signal = { metric = \"AWS/EC2/CPUUtilization\", stat = \"Average\", period = \"5m\" }
critical = { limit = \"> 50\", for = \"8m\" }
";

fn lines(errors: &[RuleError]) -> String {
    errors.iter().flat_map(|e| [e.to_string(), "\n".to_owned()]).collect()
}

/// What came of the tests in `text`, failures as a person reads them.
fn outcome(text: &str) -> String {
    let suite = suite(text).unwrap_or_else(|e| panic!("{}", lines(&e)));
    suite.cases.iter().map(|case| report(&suite.file, case, &run(case))).collect()
}

fn mistakes(text: &str) -> String {
    match suite(text) {
        Ok(_) => "none".to_owned(),
        Err(errors) => lines(&errors),
    }
}

const SURGE: &str = r#"
[[test]]
name = "surge queue fires after two of three"
[[test.series]]
resource = { kind = "classic-elb", id = "web-clb", region = "ap-northeast-1" }
signal   = "SurgeQueueLength"
start    = "2026-01-01T00:00:00Z"
period   = "1m"
values   = "0 _ 200x3 300+50x4"
"#;

fn surge(expect: &str) -> String {
    format!("{SURGE}\n{expect}")
}

#[test]
fn a_test_passes_or_says_what_came() {
    let right = r#"
[[test.expect]]
at     = "3m"
alerts = [{ rule = "clb-surge-queue", resource = "web-clb", state = "pending", severity = "warning" }]
[[test.expect]]
at     = "5m"
alerts = [{ rule = "clb-surge-queue", resource = "web-clb", state = "firing", severity = "warning", value = 200 }]
[[test.expect]]
at     = "11m"
alerts = [{ rule = "clb-surge-queue", state = "firing", severity = "warning", since = "2m" }]
"#;
    assert_eq!(outcome(&surge(right)), "");
    let wrong = r#"
[[test.expect]]
at     = "4m"
alerts = []
[[test.expect]]
at     = "5m"
alerts = [{ rule = "clb-surge-queue", resource = "web-clb", state = "firing", severity = "critical" }]
[[test.expect]]
at     = "1m"
alerts = [{ rule = "clb-spillover" }]
"#;
    insta::assert_snapshot!(outcome(&surge(wrong)), @r"
    FAIL t.toml:3: surge queue fires after two of three
      t.toml:13: at 4m (2026-01-01T00:04:00Z)
        - expected  no alert
        + got       clb-surge-queue on web-clb firing warning value 200 (> 100) since 2m
          points    SurgeQueueLength Maximum of web-clb: 0m 0, 1m _, 2m 200, 3m 200
      t.toml:16: at 5m (2026-01-01T00:05:00Z)
        - expected  clb-surge-queue on web-clb firing critical
        + got       clb-surge-queue on web-clb firing warning value 200 (> 100) since 2m
          points    SurgeQueueLength Maximum of web-clb: 0m 0, 1m _, 2m 200, 3m 200, 4m 200
      t.toml:19: at 1m (2026-01-01T00:01:00Z)
        - expected  clb-spillover
        + got       no alert
          points    SurgeQueueLength Maximum of web-clb: 0m 0
    ");
}

#[test]
fn rules_come_from_files_and_from_the_test() {
    let text = r#"
rules = ["own.toml"]
[[test]]
name = "for counts from the first breach, over the period of the rule"
[[test.series]]
resource = { kind = "instance", id = "i-1" }
signal = "CPUUtilization"
values = "10x4 60x19"
[[test.expect]]
at = "11m"
alerts = [{ rule = "busy", state = "pending", value = 60 }]
[[test.expect]]
at = "13m"
alerts = [{ rule = "busy", state = "firing", since = "5m" }]

[[test]]
name = "a rule of the test's own, laid over that of the file"
[[test.rule]]
id = "busy"
critical = { limit = "> 70" }
[[test.rule]]
id = "idle"
title = "is idle"
kind = "instance"
labels = { team = "web" }
signal = { metric = "AWS/EC2/CPUUtilization", stat = "Average", period = "5m" }
warning = "< 65"
[[test.series]]
resource = { kind = "instance", id = "i-1" }
signal = "AWS/EC2/CPUUtilization Average"
period = "5m"
values = "60x5"
[[test.expect]]
at = "16m"
alerts = [{ rule = "idle", state = "firing", severity = "warning", labels = { team = "web" } }]
"#;
    assert_eq!(outcome(text), "");
}

#[test]
fn bare_alarms_are_evaluated_once() {
    let text = r#"
[[test]]
name = "premature"
[test.alarm]
comparison = "GreaterThanThreshold"
threshold = 0.5
datapoints_to_alarm = 2
evaluation_periods = 3
evaluation_range = 5
treat_missing_data = "missing"
period = "1m"
previous_state = "OK"
[[test.series]]
resource = { kind = "classic-elb", id = "web" }
signal = "AWS/ELB/Latency Average"
start = "2026-01-01T00:00:00Z"
period = "1m"
values = "_ _ _ 1 _"
[[test.expect]]
at = "5m"
alarm_state = "ALARM"
[[test.expect]]
at = "4m"
alarm_state = "OK"
"#;
    // One breach that is a period old: too young for two of three.
    insta::assert_snapshot!(outcome(text), @r"
    FAIL t.toml:3: premature
      t.toml:23: at 4m (2026-01-01T00:04:00Z)
        - expected  OK
        + got       INSUFFICIENT_DATA
          points    evaluation range, oldest first: _ _ _ _ 1
    ");
}

#[test]
fn mistakes_are_told_with_line_key_and_the_nearest_name() {
    for (from, to, expected) in [
        (
            "SurgeQueueLength",
            "SurgeQueLength",
            "t.toml:6: test.series.signal: no rule of this test reads `SurgeQueLength` of a resource of kind classic-elb; did you mean `SurgeQueueLength`?",
        ),
        (
            "classic-elb",
            "clasic-elb",
            "t.toml:5: test.series.resource.kind: no kind `clasic-elb`; did you mean `classic-elb`?",
        ),
        ("period   = \"1m\"", "period   = \"1 fortnight\"", "t.toml:8: test.series.period: must be a time"),
        ("period   = \"1m\"", "perod = \"1m\"", "t.toml:8: test.series.perod: unknown key; did you mean `period`?"),
        ("00:00:00Z", "00:00:30Z", "t.toml:7: test.series.start: must stand on the grid"),
        ("200x3", "200y3", "t.toml:9: test.series.values: `200y3` is no value"),
        ("[[test]]", "[[tests]]", "unknown key; did you mean `test`?"),
    ] {
        let text = surge("[[test.expect]]\nat = \"5m\"\nalerts = []\n").replace(from, to);
        let told = mistakes(&text);
        assert!(told.contains(expected), "{to}: {told}");
    }
    let fires = "[[test.expect]]\nat = \"5m\"\nalerts = [{ rule = \"clb-surge-queue\" }]\n";
    let told = mistakes(&surge(fires).replace("classic-elb", "clasic-elb"));
    assert_eq!(told.lines().count(), 1, "nothing follows from it: {told}");
    let own =
        "[[test.rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"classic-elb\"\nexpression = \"1 +\"\nwarning = \"> 1\"\n";
    let told = mistakes(&surge(own));
    assert!(told.contains("t.toml:15: x.expression: "), "{told}");
    let twice = "[[test.rule]]\nid = \"x\"\n[[test.rule]]\nid = \"x\"\n";
    assert!(mistakes(&surge(twice)).contains("two rules with one id"), "{}", mistakes(&surge(twice)));
    let wanted = "[[test.expect]]\nat = \"5m\"\nalerts = [{ rule = \"clb-surge-queu\" }]\n";
    assert!(mistakes(&surge(wanted)).contains("did you mean `clb-surge-queue`?"), "{}", mistakes(&surge(wanted)));
    assert!(mistakes("rules = [\"no.toml\"]\n[[test]]\nname = \"x\"").starts_with("t.toml:1: rules: failed to read"));
    assert!(mistakes("[[test]\n").starts_with("t.toml:1: is not TOML"));
    assert!(mistakes("").contains("test: lacks"));
}

#[test]
fn a_moment_beyond_all_time_is_refused() {
    let text = "[[test]]\nname = \"far\"\n[test.alarm]\ncomparison = \">\"\nthreshold = 1\n[[test.series]]\n\
        signal = \"AWS/EC2/CPUUtilization Average\"\nstart = \"9999-12-30T00:00:00Z\"\nvalues = \"1x10\"\n\
        [[test.expect]]\nat = \"30d\"\nalarm_state = \"OK\"\n";
    let told = mistakes(text);
    assert!(told.contains("later than any time there is"), "{told}");
}
