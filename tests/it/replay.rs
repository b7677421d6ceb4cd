//! Replays in a pseudo terminal: time held and turned over a recording that the console made.

use std::path::{Path, PathBuf};

use crate::program::Sandbox;
use crate::program::console::Console;

/// A surge from before its alerts to after the first of them, recorded.
fn recorded(sandbox: &Sandbox) -> PathBuf {
    let file = sandbox.home().join("surge.awr");
    let args = ["--demo", "surge", "--at", "3m", "--speed", "40", "-p", "demo", "-r", "ap-northeast-1", "--record"];
    let mut console = Console::start(sandbox, 160, 48, &[&args[..], &[file.to_str().unwrap()]].concat());
    console.shows("1 CRIT");
    // A recording has one order: its time can be held, not turned.
    console.types("B").shows("a recording is made of this").types(" ").shows("paused").types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(sandbox);
    file
}

fn replay(sandbox: &Sandbox, file: &Path, more: &[&str]) -> Console {
    Console::start(sandbox, 160, 48, &[&["--replay", file.to_str().unwrap()], more].concat())
}

#[test]
fn a_replay_is_held_and_turned_to_its_alert_and_back() {
    let sandbox = Sandbox::new();
    let file = recorded(&sandbox);
    let mut console = replay(&sandbox, &file, &["--speed", "max"]);
    console.shows("the recording ends here").shows("1 CRIT").shows("REPLAY surge.awr max");
    // Until the alerts of all of it are known its end is not.
    console.until("know the end", |screen| !screen.contents().contains("…  next"));
    console.types("|").hides("1 CRIT").types(" ").shows("paused");
    console.types(":seek end\r").shows("1 CRIT").shows("paused");
    console.types("(").types("(").types("{").shows("x64");
    console.types(":speed 4\r").shows("x4").types(":seek start\r").shows("0 alerts").types(":seek 99:99\r");
    console.shows("written like seek +10m").types("?").shows("Half as fast").types("\x1b");
    console.resizes(80, 24).shows("REPLAY surge.awr x4 ❚❚ paused").resizes(40, 10).shows(" x4 ❚❚");
    console.resizes(160, 48).types(".").shows("so nothing is called good").shows("Space go on");
    console.types(" ").shows("Space pause").hides("paused").types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);

    let mut console = replay(&sandbox, &file, &["--at", "20s", "--until", "30s", "--speed", "64"]);
    console.shows("as --until has it").shows("paused").types("q");
    assert_eq!(console.ends(), 0);
    let mut console = replay(&sandbox, &file, &["--at", "2020-01-01"]);
    assert_eq!(console.ends(), 3);
    assert!(console.gave_the_terminal_back(&sandbox).contains("before the start"));

    // The check of the same moments.
    let check = |at: &[&str]| sandbox.run(&[&["--check", "--replay", file.to_str().unwrap()], at].concat());
    assert!(check(&[]).exits(2).stdout.contains("clb-surge-queue"));
    assert!(check(&["--at", "9h"]).exits(3).stderr.contains("what was so later is not known"));
    let early = check(&["--at", "1s"]).exits(3).stdout;
    assert!(early.starts_with("AWSWATCH UNKNOWN"), "what was not yet read is not good: {early}");
}

#[test]
fn the_demonstration_stands_and_goes_back() {
    let sandbox = Sandbox::new();
    let args = ["--demo", "surge", "--at", "10m", "--speed", "1", "-p", "demo", "-r", "ap-northeast-1"];
    let mut console = Console::start(&sandbox, 160, 48, &args);
    console.shows("CRIT").types(" ").shows("DEMO surge x1 ❚❚ paused");
    console.types("J").shows("04:50:0").types("F").shows("04:51:0").types(" ").hides("paused").types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
    // It was begun with its scenario ten minutes old: it does not stop before it begins.
    for early in ["2026-01-14T04:55:00Z", "04:55"] {
        let mut console = Console::start(&sandbox, 160, 48, &[&args[..], &["--until", early]].concat());
        assert_eq!(console.ends(), 3);
        assert!(console.gave_the_terminal_back(&sandbox).contains("before the start"));
    }
}
