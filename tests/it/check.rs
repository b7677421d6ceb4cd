//! `awswatch --check`: what it prints and how it leaves.

use crate::program::{Run, Sandbox, Server};

fn check(args: &[&str]) -> Run {
    Sandbox::new().run(&[args, &["--check"]].concat())
}

#[test]
fn calm_is_ok() {
    check(&["--demo", "calm", "--at", "10m"]).exits(0).prints("OK");
}

#[test]
fn a_surge_is_critical_and_names_the_balancer_and_the_value() {
    let run = check(&["--demo", "surge", "--at", "10m"]).exits(2).prints("CRITICAL");
    let line = run.stdout.lines().find(|l| l.starts_with("CRITICAL") && l.contains("web-clb") && l.contains("queue"));
    let line = line.unwrap_or_else(|| panic!("no line on web-clb's queue in\n{}", run.stdout));
    let value = line.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok()).any(|n| n > 512);
    assert!(value, "no value above the limit of 512 in {line:?}");
}

#[test]
fn a_group_at_its_maximum_is_told() {
    let run = check(&["--demo", "asg-max", "--at", "10m"]).prints("web-asg");
    assert!(matches!(run.code, Some(1 | 2)), "{run:?}");
}

#[test]
fn prices_that_may_not_be_read_are_unknown_while_a_rule_needs_them() {
    let sandbox = Sandbox::new();
    let args = ["--demo", "calm", "--at", "10m", "--fault", "GetProducts=denied", "--check"];
    sandbox.run(&args).exits(3).prints("needs pricing:GetProducts, or bill-jump off");
    let config = sandbox.home().join("off.toml");
    std::fs::write(&config, "[rules.override.bill-jump]\nenabled = false\n").unwrap();
    sandbox.run(&[&["--config", config.to_str().unwrap()], &args[..]].concat()).exits(0);
}

#[test]
fn a_blind_region_is_unknown() {
    check(&["--demo", "blind", "--at", "10m"]).exits(3);
}

#[test]
fn an_expired_login_is_unknown_and_says_how_to_log_in() {
    let run = check(&["--demo", "expired", "--at", "10m"]).exits(3);
    assert!(run.everything().contains("aws sso login"), "{run:?}");
}

#[test]
fn the_demonstration_has_two_accounts_to_choose_from() {
    let both = check(&["--demo", "surge", "--at", "10m"]).exits(2);
    assert!(both.stdout.contains("demo-staging"), "{}", both.stdout);
    check(&["--demo", "surge", "--at", "10m", "-p", "demo-staging"]).exits(0).prints("OK");
    let main = check(&["--demo", "surge", "--at", "10m", "-p", "demo", "-r", "ap-northeast-1"]).exits(2);
    assert!(!main.stdout.contains("demo-staging"), "{}", main.stdout);
    check(&["--demo", "-p", "demo-stagin"]).exits(3).complains("did you mean \"demo-staging\"");
}

#[test]
fn equal_seeds_give_equal_output() {
    for scenario in ["surge", "az-outage", "bad-day"] {
        let args = ["--demo", scenario, "--at", "25m", "--seed", "7"];
        let (one, other) = (check(&args), check(&args));
        assert_eq!(one, other, "{scenario}");
        assert!(!one.stdout.is_empty());
    }
}

#[test]
fn another_seed_makes_another_world() {
    let of = |seed| check(&["--demo", "surge", "--at", "10m", "--seed", seed]).exits(2).stdout;
    assert_ne!(of("1"), of("2"));
}

#[test]
fn the_first_line_fits_nagios() {
    for (scenario, word) in [("calm", "OK"), ("surge", "CRITICAL"), ("blind", "UNKNOWN")] {
        let run = check(&["--demo", scenario, "--at", "10m"]);
        let first = run.stdout.lines().next().unwrap_or_default();
        assert!(first.contains(word), "{scenario}: {first:?}");
    }
}

#[test]
fn usage_errors_are_unknown_not_critical() {
    for args in [&["--no-such-flag"][..], &["--demo", "no-such-scenario", "--check"], &["--check", "--timeout", "soon"]]
    {
        let run = Sandbox::new().run(args).exits(3);
        assert!(run.stderr.contains("awswatch --help") || run.stderr.contains("--help"), "{run:?}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    Sandbox::new().run(&["--help"]).exits(0).prints("--check");
    Sandbox::new().run(&["--version"]).exits(0).prints(env!("CARGO_PKG_VERSION"));
}

#[test]
fn no_credentials_says_where_to_get_some() {
    let sandbox = Sandbox::new().env("AWS_REGION", "ap-northeast-1").env("AWS_EC2_METADATA_DISABLED", "true");
    let run = sandbox.run(&["--check"]).exits(3);
    for way in ["--demo", "aws configure", "aws sso login"] {
        assert!(run.everything().contains(way), "no {way:?} in {run:?}");
    }
}

#[test]
fn why_there_are_no_credentials_is_told() {
    let sandbox = Sandbox::new().env("AWS_EC2_METADATA_DISABLED", "true");
    std::fs::create_dir_all(sandbox.home().join(".aws")).unwrap();
    let config = "[profile broken]\nregion = ap-northeast-1\ncredential_process = echo no-ticket >&2; exit 7\n";
    std::fs::write(sandbox.home().join(".aws/config"), config).unwrap();
    let run = sandbox.run(&["-p", "nosuch", "-r", "ap-northeast-1", "--check"]).exits(3);
    for stream in [&run.stdout, &run.stderr] {
        assert!(stream.contains("`nosuch` was not defined"), "{run:?}");
    }
    let run = sandbox.run(&["-p", "broken", "--check"]).exits(3);
    for part in ["exit status: 7", "no-ticket", "aws configure --profile broken"] {
        assert!(run.stdout.contains(part), "no {part:?} in {run:?}");
    }
    let run = Sandbox::new().env("AWS_REGION", "ap-northeast-1").env("AWS_EC2_METADATA_DISABLED", "true");
    let run = run.run(&["--check"]).exits(3);
    assert!(!run.everything().contains("--profile"), "no profile was named: {run:?}");
}

#[test]
fn an_expired_sso_login_names_the_command_with_its_profile() {
    let sandbox = Sandbox::new().env("AWS_EC2_METADATA_DISABLED", "true");
    let cache = sandbox.home().join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    let config = "[profile prod]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = reader\n\
        region = ap-northeast-1\n[sso-session corp]\nsso_region = us-east-1\n\
        sso_start_url = https://corp.example/start\n";
    std::fs::write(sandbox.home().join(".aws/config"), config).unwrap();
    let token = r#"{"accessToken":"gone","expiresAt":"2020-01-01T00:00:00Z","region":"us-east-1",
        "startUrl":"https://corp.example/start"}"#;
    // The cache's file is named by the SHA-1 of the session's name, `corp`.
    std::fs::write(cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"), token).unwrap();
    let run = sandbox.run(&["-p", "prod", "--check"]).exits(3);
    assert!(run.everything().contains("aws sso login --profile prod"), "{run:?}");
}

#[test]
fn a_wrong_configuration_file_is_named_with_its_line() {
    let sandbox = Sandbox::new();
    let file = sandbox.home().join("wrong.toml");
    std::fs::write(&file, "# a comment\n\nregoins = [\"ap-northeast-1\"]\n").unwrap();
    let file = file.to_str().unwrap();
    let run = sandbox.run(&["-c", file, "--demo", "calm", "--check"]).exits(3);
    for part in [file, "3", "regoins", "regions"] {
        assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
    }
}

#[test]
fn a_configuration_file_that_is_not_there_is_named() {
    Sandbox::new()
        .run(&["-c", "/no/such/file.toml", "--demo", "calm", "--check"])
        .exits(3)
        .complains("/no/such/file.toml");
}

#[test]
fn an_endpoint_that_nobody_serves_is_unknown() {
    let run = Sandbox::with_endpoint("http://127.0.0.1:1").run(&["--check", "--timeout", "20s"]).exits(3);
    assert!(!run.stdout.contains("OK"), "{run:?}");
}

#[test]
fn a_stalled_endpoint_is_unknown_within_the_timeout() {
    let args = ["--demo", "calm", "--fault", "*=stall", "--check", "--timeout", "20s"];
    Sandbox::new().run(&args).exits(3).prints("UNKNOWN");
}

#[test]
fn a_permission_that_lacks_is_named_and_the_rest_goes_on() {
    let args = ["--demo", "surge", "--at", "10m", "--fault", "DescribeInstances=denied", "--check"];
    let run = Sandbox::new().run(&args).prints("needs ec2:DescribeInstances").prints("clb-surge-queue");
    assert_eq!(run.code, Some(2), "critical is worse than unknown: {run:?}");
    Sandbox::new().run(&["--demo", "calm", "--fault", "DescribeInstances=denied", "--check"]).exits(3);
}

#[test]
fn tags_that_may_not_be_read_are_unknown_only_to_rules_that_go_by_them() {
    let sandbox = Sandbox::new();
    let args = ["--demo", "calm", "--at", "10m", "--fault", "DescribeTags=denied", "--check"];
    sandbox.run(&args).exits(0).prints("OK");
    let config = sandbox.home().join("tags.toml");
    std::fs::write(&config, "[rules.override.target-unhealthy-hosts]\ntags = { env = \"prod\" }\n").unwrap();
    let by_tags = [&["--config", config.to_str().unwrap()], &args[..]].concat();
    sandbox.run(&by_tags).exits(3).prints("needs elasticloadbalancing:DescribeTags, or target-unhealthy-hosts off");
}

#[test]
fn a_fault_that_cannot_be_is_a_usage_error() {
    Sandbox::new().run(&["--demo", "calm", "--fault", "bogus", "--check"]).exits(3).complains("OPERATION=KIND");
}

#[test]
fn the_listening_simulator_gives_the_alerts_of_the_one_in_process() {
    let world = ["--at", "10m", "--seed", "1"];
    let inside = check(&[&["--demo", "surge"][..], &world].concat()).exits(2);
    let args = [&["sim", "--listen", "127.0.0.1:0", "--scenario", "surge"][..], &world].concat();
    let server = Server::start(&Sandbox::new(), env!("CARGO_BIN_EXE_awswatch"), &args);
    let outside = Sandbox::with_endpoint(&server.endpoint).run(&["--check"]).exits(2);
    assert_eq!(alerts(&outside.stdout), alerts(&inside.stdout), "\n{}\n{}", outside.stdout, inside.stdout);
}

#[test]
fn an_alarm_on_the_bill_is_told_without_a_budget() {
    let args = ["sim", "--listen", "127.0.0.1:0", "--scenario", "bill-shock", "--at", "3d"];
    let server = Server::start(&Sandbox::new(), env!("CARGO_BIN_EXE_awswatch"), &args);
    let run = Sandbox::with_endpoint(&server.endpoint).run(&["--check", "-r", "us-east-1"]);
    assert!(matches!(run.code, Some(1 | 2)), "{run:?}");
    assert!(alerts(&run.stdout).iter().any(|l| l.ends_with("cloudwatch-alarm billing-over-budget")), "{run:?}");
}

/// Level, rule and resource of each alert line: values and ages differ by the moments in which the two were read.
fn alerts(stdout: &str) -> Vec<String> {
    let mut found: Vec<String> = stdout
        .lines()
        .skip(1)
        .filter(|l| ["CRITICAL ", "WARNING ", "UNKNOWN "].iter().any(|w| l.starts_with(w)))
        .map(|l| l.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no alert lines in\n{stdout}");
    found
}

#[test]
fn a_state_directory_that_cannot_be_written_stops_nothing() {
    let sandbox = Sandbox::new().env("XDG_STATE_HOME", "/proc/no-such-place");
    sandbox.run(&["--demo", "calm", "--at", "10m", "--check"]).exits(0).prints("OK");
}

#[test]
fn a_region_that_cannot_be_is_named() {
    let sandbox = Sandbox::with_endpoint("http://127.0.0.1:1");
    let run = sandbox.run(&["-r", "Tokyo!", "--check", "--timeout", "20s"]).exits(3);
    assert!(run.everything().contains("Tokyo!"), "{run:?}");
}

#[test]
fn json_says_what_the_text_says() {
    let run = check(&["--demo", "surge", "--at", "10m", "--format", "json"]).exits(2);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(report.to_string().contains("web-clb"), "{report:#}");
}

#[test]
fn what_is_printed_for_others_is_what_it_says() {
    let sandbox = Sandbox::new();
    let policy: serde_json::Value = serde_json::from_str(&sandbox.run(&["iam-policy"]).exits(0).stdout).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.iter().any(|a| a == "cloudwatch:GetMetricData"), "{policy:#}");

    let template = sandbox.run(&["config", "template"]).exits(0).stdout;
    let file = sandbox.home().join("template.toml");
    std::fs::write(&file, &template).unwrap();
    sandbox.run(&["-c", file.to_str().unwrap(), "config", "check"]).exits(0);

    sandbox.run(&["rules", "list"]).exits(0).prints("clb-surge-queue");
    sandbox.run(&["completions", "bash"]).exits(0).prints("awswatch");
    sandbox.run(&["man"]).exits(0).prints(".TH awswatch");
}

#[test]
fn the_rules_that_the_budget_slows_are_named() {
    let sandbox = Sandbox::new();
    let config = sandbox.home().join("awswatch.toml");
    std::fs::write(&config, "[budget]\napi = 1\n").unwrap();
    let config = config.to_str().unwrap();
    let list = ["--config", config, "rules", "list", "--demo", "calm"];
    let run = sandbox.run(&list).exits(0).prints("a month, and budget.api is $1: metrics are read");
    let line = run.stdout.lines().rfind(|l| l.trim_start().starts_with("clb-5xx ")).unwrap_or_default();
    assert!(line.contains("instead of every 1m"), "{line:?} in {}", run.stdout);
    let explain = ["--config", config, "rules", "explain", "clb-5xx", "--demo", "calm"];
    sandbox.run(&explain).prints("instead of every 1m: budget.api is $1 a month,");
    // Of what reads no metric, and within the budget, there is nothing to say.
    let explain = ["--config", config, "rules", "explain", "clb-unhealthy-hosts", "--demo", "calm"];
    assert!(!sandbox.run(&explain).stdout.contains("budget.api"));
    // The demonstration has a budget of its own, and keeps to it.
    assert!(!sandbox.run(&["rules", "list", "--demo", "calm"]).stdout.contains("times less often"));
    std::fs::write(config, "[budget]\napi = 1000\n").unwrap();
    assert!(!sandbox.run(&list).stdout.contains("times less often"));
}
