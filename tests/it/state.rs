//! What is kept over restarts, through the binary: silences by command, in the check, and their refusals.

use crate::program::console::Console;
use crate::program::{Sandbox, Server};

/// A simulated AWS in which a queue fills up, and somebody who watches it.
fn surge() -> (Server, Sandbox) {
    let args = ["sim", "--listen", "127.0.0.1:0", "--scenario", "surge", "--at", "10m"];
    let server = Server::start(&Sandbox::new(), env!("CARGO_BIN_EXE_awswatch"), &args);
    let sandbox = Sandbox::with_endpoint(&server.endpoint).env("USER", "alice");
    (server, sandbox)
}

#[test]
fn a_silence_is_added_listed_obeyed_and_expired() {
    let (_server, sandbox) = surge();
    sandbox.run(&["silence", "list"]).exits(0).prints("ID");
    let before = sandbox.run(&["--check"]).exits(2);
    assert!(before.stdout.contains("CRITICAL clb-surge-queue web-clb"), "{}", before.stdout);
    let add = ["silence", "add", "rule=clb-*", "name=web-clb", "--for", "2h", "--reason", "load test"];
    let id = sandbox.run(&add).exits(0).stdout.trim().to_owned();
    let list = sandbox.run(&["silence", "list"]).exits(0).prints("active").prints("rule=clb-* name=web-clb");
    assert!(list.stdout.contains(&id) && list.stdout.contains("alice@"), "{}", list.stdout);
    let check = sandbox.run(&["--check"]).prints("SILENCED CRITICAL clb-surge-queue web-clb").prints("load test");
    assert!(!check.stdout.lines().any(|l| l.starts_with("CRITICAL clb-")), "{}", check.stdout);
    sandbox.run(&["silence", "expire", &id]).exits(0);
    assert!(!sandbox.run(&["silence", "list"]).stdout.contains(&id));
    sandbox.run(&["silence", "list", "--all", "--format", "json"]).exits(0).prints(&id).prints("\"load test\"");
    sandbox.run(&["silence", "expire", &id]).exits(3).complains("over already");
    sandbox.run(&["--check"]).exits(2);
    // A demonstration has nothing to do with what is kept.
    sandbox.run(&add).exits(0);
    let demo = sandbox.run(&["--check", "--demo", "surge", "--at", "10m"]).exits(2);
    assert!(!demo.stdout.contains("SILENCED"), "{}", demo.stdout);
}

#[test]
fn wrong_silences_are_refused_and_say_what_is_right() {
    let sandbox = Sandbox::new();
    for (args, says) in [
        (&["silence", "add", "rul=x", "--reason", "y"][..], "is it `rule`?"),
        (&["silence", "add", "name=*", "--reason", "y"], "silence everything"),
        (&["silence", "add", "name=x"], "--reason"),
        (&["silence", "add", "name=x", "--reason", "y", "--until", "2020-01-01"], "after now"),
        (&["silence", "add", "name=x", "--reason", "y", "--for", "9999d"], "366 days"),
        (&["silence", "expire", "nope"], "there is no silence nope"),
    ] {
        sandbox.run(args).exits(3).complains(says);
    }
}

#[test]
fn a_state_that_cannot_be_used_is_told_and_the_check_goes_on() {
    let (_server, sandbox) = surge();
    let dir = sandbox.home().join("state/awswatch");
    std::fs::create_dir_all(dir.join("state.db")).unwrap();
    sandbox.run(&["--check"]).exits(2).complains("silences are not known, so none holds");
    sandbox.run(&["silence", "add", "name=x", "--reason", "y"]).exits(3).complains("state.db");
}

#[test]
fn history_without_any_is_empty() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["history", "--rule", "clb-*", "--since", "24h"]).exits(0);
    assert_eq!(run.stdout, "");
}

/// The console with the alert on the queue selected.
fn console(sandbox: &Sandbox) -> Console {
    let mut console = Console::start(sandbox, 160, 48, &[]);
    console.shows("requests queue at the balancer").shows("CRIT");
    console.types("/rule=clb-surge-queue\r").shows("rule=clb-surge-queue 1 of");
    console
}

#[test]
fn what_is_decided_by_keys_survives_a_restart() {
    let (_server, sandbox) = surge();
    let mut first = console(&sandbox);
    first
        .types("a")
        .shows("Acknowledge")
        .types("adding instances\r")
        .shows("acknowledged web-clb: requests queue")
        .shows("acked");
    first.types("m").shows("Note").types("as last Tuesday\r").shows("noted");
    first.types("q");
    assert_eq!(first.ends(), 0);
    let mut second = console(&sandbox);
    second.shows("acked").types("\r").shows("adding instances").shows("as last Tuesday").shows("alice@");
    second.types("\x1b").hides("Notes and history").types("s").shows("Silence");
    // Back to the time, which is typed.
    second
        .types("load test\x1b[Z\x15")
        .types("2h\r")
        .shows("silenced until")
        .shows(": name={web-clb,web-clb-surge-queue} rule={clb-surge-queue,");
    second.types("q");
    assert_eq!(second.ends(), 0);
    sandbox.run(&["silence", "list"]).exits(0).prints("name={web-clb,web-clb-surge-queue}").prints("load test");
    let mut third = console(&sandbox);
    // It and the CloudWatch alarm that it stood for.
    third.shows("2 silenced").types("s").shows("End the silence").types("\r").hides("2 silenced");
    third.types("a").hides("acked").types("q");
    assert_eq!(third.ends(), 0);
    let list = sandbox.run(&["silence", "list"]).exits(0);
    assert!(!list.stdout.contains("load test"), "{}", list.stdout);
    let history = sandbox.run(&["history", "--rule", "clb-surge-*", "--since", "24h"]).exits(0).prints("CRIT");
    assert_eq!(history.stdout.matches("clb-surge-queue").count(), 1, "three consoles, one alert:\n{}", history.stdout);
}

#[test]
fn two_consoles_on_one_state_directory_see_each_others_decisions() {
    let (_server, sandbox) = surge();
    let (mut one, mut two) = (console(&sandbox), console(&sandbox));
    one.types("a").shows("Acknowledge").types("mine\r").shows("acked");
    two.shows("acked");
    two.types("s").shows("Silence").types("deploy\r").shows("2 silenced");
    one.shows("2 silenced");
    sandbox.run(&["silence", "add", "kind=auto-scaling-group", "--reason", "by command"]).exits(0);
    for console in [&mut one, &mut two] {
        console.types("/\x15\r").types("q");
        assert_eq!(console.ends(), 0);
    }
}

#[test]
fn a_console_without_a_state_directory_says_so_and_goes_on() {
    let (_server, sandbox) = surge();
    let sandbox = sandbox.env("XDG_STATE_HOME", "/proc/no-such-place");
    let mut console = Console::start(&sandbox, 160, 48, &[]);
    console.shows("are not kept").shows("requests queue at the balancer");
    console.types("/rule=clb-surge-queue\r").shows("rule=clb-surge-queue 1 of");
    console.types("a").shows("Acknowledge").types("\r").shows("acked").types("q");
    assert_eq!(console.ends(), 0);
}
