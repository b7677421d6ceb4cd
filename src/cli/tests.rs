use std::fmt::Write;
use std::time::Duration;

use clap::CommandFactory;

use super::*;

fn run(args: &[&str]) -> Result<Cli, Refusal> {
    parse([&["awswatch"], args].concat())
}

#[test]
fn the_arguments_are_sound() {
    Cli::command().debug_assert();
}

#[test]
fn help_is_readable() {
    let mut all = String::new();
    for path in [&[][..], &["sim"], &["config"], &["rules"], &["silence", "add"], &["history"], &["completions"]] {
        let mut command = Cli::command();
        command.build();
        let command = path.iter().fold(command, |c, name| c.find_subcommand(name).unwrap().clone());
        let help = command.term_width(100).render_long_help();
        let name = path.concat();
        writeln!(all, "$ awswatch {name} --help\n{help}").unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_manual_page_and_completions_know_every_flag() {
    let man = String::from_utf8(man().unwrap()).unwrap();
    let scripts: Vec<String> = [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish]
        .map(|shell| String::from_utf8(completions(shell)).unwrap())
        .to_vec();
    assert!(man.contains(".TH awswatch"));
    for arg in Cli::command().get_arguments() {
        let long = arg.get_long().unwrap();
        assert!(man.contains(&long.replace('-', "\\-")), "the manual page lacks --{long}");
        assert!(scripts.iter().all(|s| s.contains(long)), "a completion lacks --{long}");
    }
}

#[test]
fn usage_errors_leave_with_three_and_help_with_none() {
    for (args, exit) in [
        (&["--help"][..], Exit::Ok),
        (&["-h"], Exit::Ok),
        (&["sim", "--help"], Exit::Ok),
        (&["--version"], Exit::Ok),
        (&["--chek"], Exit::Unknown),
        (&["frobnicate"], Exit::Unknown),
    ] {
        let refusal = run(args).unwrap_err();
        assert_eq!((refusal.exit, refusal.stdout), (exit, exit == Exit::Ok), "{args:?}");
    }
}

#[test]
fn what_would_do_nothing_is_refused_with_a_reason() {
    for (args, reason) in [
        (&["--seed", "1"][..], "--demo"),
        (&["--until", "10m"], "--replay or --demo"),
        (&["--replay", "f", "--at", "soon"], "04:59"),
        (&["--replay", "f", "--seed", "1"], "--demo"),
        (&["--check", "--demo", "--until", "10m"], "cannot be used with"),
        (&["--at", "10m", "--check"], "--demo"),
        (&["--speed", "10"], "--replay"),
        (&["--timeout", "30s"], "--check"),
        (&["--format", "json"], "--check"),
        (&["--check", "sim"], "after its name"),
        (&["--demo", "--replay", "f"], "cannot be used with"),
        (&["--record", "a", "--replay", "b"], "cannot be used with"),
        (&["--demo", "serge"], "surge"),
        (&["--demo", "--at", "10"], "10m"),
        (&["--demo", "--speed", "0"], "max"),
        (&["--demo", "--start", "2026-01-32"], "a date like 2026-01-14"),
        (&["--demo", "--start", "2026-01-14T05:00"], "2026-01-14T05:00:00Z"),
        (&["--demo", "--scale", "0"], "1..=1000"),
        (&["--check", "--timeout", "soon"], "90s"),
        (&["--chek"], "--check"),
        (&["sim", "--listen", "0.0.0.0:80"], "loopback"),
        (&["sim", "--listen", "here"], "127.0.0.1:4566"),
    ] {
        let refusal = run(args).unwrap_err();
        assert!(refusal.text.contains(reason), "{args:?}: {}", refusal.text);
        assert!(refusal.text.contains("--help"), "{args:?}: {}", refusal.text);
    }
}

#[test]
fn a_demonstration() {
    let cli = run(&["--demo", "surge", "--at", "10m", "--seed", "7", "--check"]).unwrap();
    assert_eq!(
        (cli.run.demo.as_deref(), cli.run.world.at(), cli.run.world.seed()),
        (Some("surge"), Moment::After(Duration::from_secs(600)), 7)
    );
    assert_eq!(cli.run.speed(), Speed::Max);
    let cli = run(&["--demo"]).unwrap();
    assert_eq!((cli.run.demo.as_deref(), cli.run.speed()), (Some(DEFAULT_SCENARIO), Speed::Times(10.0)));
    let cli = run(&["--demo", "--speed", "1"]).unwrap();
    assert_eq!(cli.run.speed(), Speed::Times(1.0));
}

#[test]
fn lists_and_the_configuration_file() {
    let cli = run(&["-p", "a,b", "-p", "c", "-r", "eu-west-1", "-c", "x.toml", "--no-color"]).unwrap();
    let flags = cli.flags();
    assert_eq!((flags.profiles.join(" "), flags.no_color), ("a b c".to_owned(), true));
    let after = run(&["rules", "list", "-c", "x.toml"]).unwrap();
    let before = run(&["-c", "x.toml", "rules", "list"]).unwrap();
    assert_eq!((&after.config, &before.config), (&flags.file, &flags.file));
}

#[test]
fn a_server() {
    let Ok(Cli { command: Some(Command::Sim(sim)), .. }) = run(&[
        "sim",
        "--listen",
        "127.0.0.1:0",
        "--scenario",
        "blind",
        "--fault",
        "*=stall",
        "--fault",
        "ec2:*=5xx:0.1",
    ]) else {
        panic!("no sim")
    };
    assert_eq!((sim.listen.port(), sim.scenario.as_str(), sim.world.fault.len()), (0, "blind", 2));
}

#[test]
fn moments() {
    let cli = run(&["--replay", "f", "--at", "04:59", "--until", "2026-01-14T05:10:00Z"]).unwrap();
    assert_eq!(cli.run.world.at, Some(Moment::Daytime(jiff::civil::time(4, 59, 0, 0))));
    assert_eq!(cli.run.until, Some(Moment::At("2026-01-14T05:10:00Z".parse().unwrap())));
    assert_eq!("90s".parse(), Ok(Moment::After(Duration::from_secs(90))));
    assert_eq!("1h 5m".parse(), Ok(Moment::After(Duration::from_secs(3900))));
    // With seconds too, as `:seek` has it; never five hours.
    let time = Moment::Daytime(jiff::civil::time(5, 3, 2, 0));
    let cli = run(&["--check", "--replay", "f", "--at", "05:03:02"]).unwrap();
    assert_eq!(cli.run.world.at, Some(time));
    let cli = run(&["--replay", "f", "--until", "05:03:02"]).unwrap();
    assert_eq!(cli.run.until, Some(time));
    for wrong in ["5:03:02", "25:00:00", "05:61"] {
        assert!(wrong.parse::<Moment>().is_err_and(|e| e.contains("a time of day such as 04:59")), "{wrong}");
    }
    assert!(run(&["--check", "--replay", "f", "--at", "10m"]).is_ok());
}

#[test]
fn speeds() {
    for (raw, speed) in [("1", 1.0), ("x10", 10.0), ("10x", 10.0), ("0.5", 0.5)] {
        assert_eq!(raw.parse(), Ok(Speed::Times(speed)), "{raw}");
    }
    assert_eq!("max".parse(), Ok(Speed::Max));
    for raw in ["", "fast", "-1", "0", "inf", "NaN", "1e9"] {
        assert!(raw.parse::<Speed>().is_err(), "{raw}");
    }
}

#[test]
fn the_scenarios_and_faults_are_the_simulators() {
    use crate::sim::{FaultSpec, scenario::Scenario};
    let names: Vec<&str> = SCENARIOS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, Scenario::ALL.map(Scenario::as_str));
    for fault in ["GetMetricData=throttle:0.5", "ec2:*=stall", "*=latency(2s)"] {
        assert!(fault.parse::<FaultSpec>().is_ok(), "{fault}, which help names");
    }
}

#[test]
fn a_start_may_be_a_date() {
    for (given, wanted) in [
        ("2026-01-14", "2026-01-14T00:00:00Z"),
        ("2026-01-14T05:00:00Z", "2026-01-14T05:00:00Z"),
        ("2026-01-14T14:00:00+09:00", "2026-01-14T05:00:00Z"),
    ] {
        let cli = run(&["--demo", "--start", given]).unwrap();
        assert_eq!(cli.run.world.start, Some(wanted.parse().unwrap()), "{given}");
    }
}

#[test]
fn usage_in_an_error_says_how_the_program_is_called() {
    let refusal = run(&["--chek"]).unwrap_err();
    assert!(refusal.text.contains("Usage: awswatch [OPTIONS]"), "{}", refusal.text);
}
