//! Rule files: what they may hold, how they override, and what their mistakes are answered with.

use super::{RuleSet, RuleSource, Severity};

fn load(text: &str) -> Result<RuleSet, Vec<String>> {
    let errors = |e: Vec<super::RuleError>| e.iter().map(ToString::to_string).collect();
    RuleSet::load(&[RuleSource { name: "mine.toml", text }], &[]).map_err(errors)
}

#[test]
fn user_rules_override_key_by_key() {
    let set = load("[[rule]]\nid = \"clb-surge-queue\"\nwarning = \"> 50\"\n").expect("right");
    let rule = set.get("clb-surge-queue").expect("there");
    let limits: Vec<_> = rule.limits().map(|(s, _, l, _)| (s, l)).collect();
    assert_eq!(limits, [(Severity::Warning, 50.0), (Severity::Critical, 512.0)]);
    assert_eq!((rule.title.as_str(), rule.source.as_str()), ("requests queue at the balancer", "mine.toml"));
    let text = "[rules.override.clb-surge-queue]\nwarning = { limit = \"> 7\" }\n[rules.override.instance-cpu]\nenabled = false\n";
    let set = RuleSet::load(&[], &[RuleSource { name: "config.toml", text }]).expect("right");
    let rule = set.get("clb-surge-queue").expect("there");
    assert_eq!(rule.limits().next().map(|l| l.2), Some(7.0));
    let on = |id: &str| RuleSet::builtin().get(id).is_some_and(|r| r.enabled);
    let off: Vec<_> =
        set.rules().iter().filter(|r| !r.enabled && on(&r.id)).map(|r| (r.id.as_str(), r.source.as_str())).collect();
    assert_eq!(off, [("instance-cpu", "config.toml")]);
}

#[test]
fn a_new_rule_and_one_that_becomes_an_expression() {
    let text = r#"
        [[rule]]
        id = "queue-share"
        title = "the queue fills"
        kind = ["classic-elb"]
        name = ["web-*", "api-*"]
        region = "ap-*"
        tags = { env = "prod*" }
        expression = "100 * queue / 1024"
        inputs = { queue = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum", absent = 0 } }
        warning = { limit = ">= 50", datapoints = "2 of 3", for = "2m" }
        labels = { team = "web" }
        runbook = "https://example.com/queue"

        [[rule]]
        id = "clb-spillover"
        expression = "spill + 0"
        inputs.spill = { metric = "AWS/ELB/SpilloverCount", stat = "Sum" }
    "#;
    let set = load(text).expect("right");
    assert!(set.get("queue-share").is_some_and(|r| r.labels.len() == 1 && r.runbook.is_some()));
}

#[test]
fn mistakes_name_file_line_key_and_the_nearest_right_name() {
    let full = |line: &str| {
        format!("[[rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"classic-elb\"\nsignal = \"healthy_targets\"\n{line}\n")
    };
    let with_limit = |line: &str| full(&format!("warning = \"> 1\"\n{line}"));
    for (text, expected) in [
        ("[[rule]\n".to_owned(), "mine.toml:1: is not TOML"),
        ("rules = 1\n".to_owned(), "mine.toml:1: rules: unknown key"),
        ("[[rule]]\ntitle = \"t\"\n".to_owned(), "rule.id: lacks"),
        ("[[rule]]\nid = \"A b\"\n".to_owned(), "mine.toml:2: rule.id: must be lower-case"),
        ("[[rule]]\nid = \"new\"\n".to_owned(), "new.title: lacks"),
        (full(""), "mine.toml:2: x.warning: lacks"),
        (with_limit("warnin = 1"), "mine.toml:7: x.warnin: unknown key; did you mean `warning`?"),
        (full("warning = \"100\""), "mine.toml:6: x.warning: `100` is no limit such as `> 100`"),
        (full("warning = 100"), "mine.toml:6: x.warning: must be a limit such as"),
        (full("warning = { limt = \"> 1\" }"), "mine.toml:6: x.warning.limt: unknown key; did you mean `limit`?"),
        (with_limit("for = \"5 parsecs\""), "mine.toml:7: x.for: must be a time from 0s to 24h"),
        (with_limit("for = \"-5m\""), "mine.toml:7: x.for: must be a time"),
        (with_limit("period = \"5m\""), "mine.toml:7: x.period: has no effect here"),
        (with_limit("window = \"5m\""), "mine.toml:7: x.window: has no effect here"),
        (
            "[[rule]]\nid = \"instance-cpu\"\nsignal.period = \"61s\"\n".to_owned(),
            "mine.toml:3: instance-cpu.signal.period: must be whole minutes",
        ),
        (with_limit("datapoints = \"4 of 3\""), "mine.toml:7: x.datapoints: `4 of 3` must be `M of N`"),
        (
            with_limit("missing = \"breeching\""),
            "mine.toml:7: x.missing: no treatment `breeching`; did you mean `breaching`?",
        ),
        (with_limit("unit = \"percnt\""), "did you mean `percent`?"),
        (with_limit("enabled = 1"), "mine.toml:7: x.enabled: must be true or false, is a number"),
        (
            with_limit("only_if = \"total_target > 0\""),
            "mine.toml:7: x.only_if: no signal `total_target`; did you mean `total_targets`?",
        ),
        (with_limit("only_if = \"total_targets\""), "mine.toml:7: x.only_if: unexpected the end"),
        (with_limit("name = \"[\""), "mine.toml:7: x.name: `[` is no pattern of names"),
        (with_limit("summary = \"{healthy}\""), "mine.toml:7: x.summary: no signal `healthy`"),
        (with_limit("expression = \"1\""), "exactly one of"),
        ("[[rule]]\nid = \"clb-surge-queue\"\nsignal = \"surge\"\n".to_owned(), "mine.toml:3: clb-surge-queue.signal"),
        ("[[rule]]\nid = \"asg-short\"\nkind = \"asg\"\n".to_owned(), "mine.toml:3: asg-short.kind: no kind `asg`"),
        (
            "[[rule]]\nid = \"asg-short\"\nkind = \"subnet\"\n".to_owned(),
            "a resource of kind subnet has no `desired_capacity`",
        ),
        (
            "[[rule]]\nid = \"asg-short\"\nexpression = \"desired_capacity -\"\n".to_owned(),
            "mine.toml:3: asg-short.expression: unexpected the end at column 19",
        ),
        (
            "[[rule]]\nid = \"clb-5xx\"\nexpression = \"elb_5x / requests\"\n".to_owned(),
            "mine.toml:3: clb-5xx.expression: no signal `elb_5x`; did you mean `elb_5xx`?",
        ),
        (
            "[[rule]]\nid = \"clb-5xx\"\ninputs.requests.stat = \"Sun\"\n".to_owned(),
            "mine.toml:3: clb-5xx.inputs.requests.stat: no statistic `Sun`; did you mean `Sum`?",
        ),
        (
            "[[rule]]\nid = \"trail-tampering\"\ntrail = { evnt = \"x\" }\n".to_owned(),
            "trail-tampering.trail.evnt: unknown key; did you mean `event`?",
        ),
        (
            "[[rule]]\nid = \"poller-blind\"\nenabled = false\n".to_owned(),
            "mine.toml:3: poller-blind.enabled: cannot be false",
        ),
        (
            "[[rule]]\nid = \"a\"\n[[rule]]\nid = \"a\"\n".to_owned(),
            "mine.toml:4: a.id: two rules with one id; the first is on line 2",
        ),
    ] {
        let errors = load(&text).map(|_| ()).expect_err(&text);
        assert!(errors.iter().any(|e| e.contains(expected)), "{text}\n{errors:#?}\nlacks {expected}");
    }
}

#[test]
fn an_override_of_a_rule_that_is_not_there_is_a_mistake() {
    let text = "\n[rules.override.clb-surge-que]\nwarning = \"> 1\"\n";
    let errors = RuleSet::load(&[], &[RuleSource { name: "config.toml", text }]).expect_err("wrong");
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["config.toml:2: rules.override.clb-surge-que: no such rule; did you mean `clb-surge-queue`?"]);
}

/// The files of `tests/invalid_rules` say of themselves what is wrong with them, in comments at their end: line, key, and a
/// part of the message.
#[test]
fn files_that_are_wrong_are_answered_with_line_key_and_nearest_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid_rules");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|f| f.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 15, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("text");
        let name = file.file_name().and_then(|n| n.to_str()).expect("a name");
        let said = RuleSet::load(&[RuleSource { name, text: &text }], &[]).map(|_| ()).expect_err(name);
        let expected: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("# says ")).collect();
        let all: Vec<String> = said.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), expected.len(), "{name}: {all:#?}");
        for (error, expected) in said.iter().zip(expected) {
            let (place, part) = expected.split_once(": ").expect("line, key and message");
            let key = if error.key.is_empty() { String::new() } else { format!(" {}", error.key) };
            assert_eq!(format!("{}{key}", error.line), place, "{name}: {all:#?}");
            assert!(error.message.contains(part), "{name}: {error}\nlacks {part}");
        }
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = "[[rule]]\nid = \"clb-surge-queue\"\nfor = 1\nunit = 2\n[[rule]]\nid = \"clb-5xx\"\nmissing = \"x\"\n";
    assert_eq!(load(text).expect_err("wrong").len(), 3);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(\\[\\[rule\\]\\]|id|=|\"a\"|\\n|signal|\\{|\\}|expression|\"1\\+\\(\"|warning|\"> 1\"|\\[rules\\.override\\.x\\]| )*") {
        let source = RuleSource { name: "fuzz", text: &text };
        let _ = RuleSet::load(&[source], &[source]);
    }
}

#[test]
fn rules_that_could_never_work_are_refused() {
    let rule = |kind: &str, rest: &str| format!("[[rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"{kind}\"\n{rest}\n");
    for (kind, rest, expected) in [
        ("alb", "expression = \"-3\"\nwarning = \"> 0\"", "mine.toml:5: x.expression: names no signal"),
        ("alb", "expression = \"q\"\ninputs = { q = 5 }\nwarning = \"> 0\"", "x.expression: names no signal"),
        ("alb", "signal = \"RequestCount\"\nonly_if = \"1 > 2\"\nwarning = \"> 0\"", "x.only_if: names no signal"),
        ("api-gateway", "signal = \"5XXError\"\nwarning = \"> 5 %\"", "x.warning: a limit in percent"),
        ("api-gateway", "signal = \"Latency Average\"\nwarning = \"> 5 s\"", "write `unit = \"seconds\"` if it is"),
        (
            "target-group",
            "signal = \"unhealthy_targets\"\nwarning = { limit = \"> 0\", for = \"4h\" }",
            "reach back 4 h 5 m",
        ),
        (
            "target-group",
            "signal = \"unhealthy_targets\"\nwarning = { limit = \"> 0\", keep_firing_for = \"6h\" }",
            "3 h 0 m",
        ),
        (
            "alb",
            "expression = \"yesterday(RequestCount)\"\nfor = \"24h\"\nkeep_firing_for = \"24h\"\nwarning = \"> 0\"",
            "53 h 20 m",
        ),
        (
            "auto-scaling-group",
            "expression = \"CPUUtilization + GroupInServiceInstances\"\nwarning = \"> 80\"",
            "of auto-scaling-group `GroupInServiceInstances` has a point every 60s, `CPUUtilization` every 300s; `period = \"5m\"` says",
        ),
        (
            "auto-scaling-group",
            "signal = \"CPUUtilization\"\nonly_if = \"CPUUtilization > GroupInServiceInstances\"\nwarning = \"> 80\"",
            "x.only_if: its inputs must have one period",
        ),
        (
            "instance",
            "expression = \"delta(CPUUtilization, 2m)\"\nwarning = \"> 5\"",
            "300s without detailed monitoring",
        ),
    ] {
        let errors = load(&rule(kind, rest)).expect_err(rest).join("\n");
        assert!(errors.contains(expected), "{rest}: {errors}");
    }
    for (kind, rest) in [
        ("alb", "signal = \"TargetResponseTime p99\"\nfor = \"24h\"\nwarning = \"> 5 s\""),
        ("api-gateway", "signal = \"5XXError\"\nunit = \"percent\"\nwarning = \"> 0.05 %\""),
        ("rds-instance", "signal = \"FreeStorageSpace\"\nwarning = \"< 5000000 bytes\""),
        ("target-group", "signal = \"unhealthy_targets\"\nwarning = { limit = \"> 0\", for = \"2h\" }"),
        ("dynamodb-table", "expression = \"ConsumedReadCapacityUnits / PERIOD\"\nwarning = \"> 5\""),
        ("instance", "expression = \"delta(CPUUtilization, 5m)\"\nwarning = \"> 5\""),
        (
            "auto-scaling-group",
            "period = \"5m\"\nexpression = \"CPUUtilization + GroupInServiceInstances\"\nwarning = \"> 80\"",
        ),
    ] {
        assert!(load(&rule(kind, rest)).is_ok(), "{rest}: {:?}", load(&rule(kind, rest)).err());
    }
}
