//! The console in a pseudo terminal: keys, sizes, and the terminal given back on every way out.

use crate::program::Sandbox;
use crate::program::console::{Console, assert_cooked};

const SURGE: &[&str] = &["--demo", "surge", "--at", "10m", "--speed", "10"];

fn surge(sandbox: &Sandbox) -> Console {
    let mut console = Console::start(sandbox, 160, 48, SURGE);
    console.shows("web-clb").shows("CRIT");
    console
}

#[test]
fn the_first_screen_shows_the_fleet_and_the_alert() {
    let sandbox = Sandbox::new();
    let mut console = surge(&sandbox);
    for text in ["awswatch", "DEMO", "surge", "api-alb", "img-nlb", "web-asg", "api-asg", "Alerts"] {
        console.shows(text);
    }
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn keys_lead_through_the_pages() {
    let sandbox = Sandbox::new();
    let mut console = surge(&sandbox);
    console.types("2").hides("Alerts").shows("img-tg");
    console.types("j").types("\r").hides("img-tg");
    console.types("\x1b").shows("img-tg");
    console.types("?").shows("Show or hide this help");
    console.types("\x1b").hides("Show or hide this help").shows("img-tg");
    console.types("1").shows("Alerts");
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn it_follows_the_size_of_its_window() {
    let sandbox = Sandbox::new();
    let mut console = surge(&sandbox);
    for (columns, rows) in [(80, 24), (40, 10), (200, 60), (80, 24)] {
        console.resizes(columns, rows).shows("web-clb");
    }
    console.resizes(8, 3).hides("web-clb");
    console.resizes(80, 24).shows("web-clb");
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn a_key_that_comes_with_a_resize_is_not_lost() {
    let sandbox = Sandbox::new();
    let mut console = surge(&sandbox);
    for columns in 100..130 {
        // Each answer proves its key; typed with the resize, most often both wait for the same look.
        console.resizes(columns, 40).types("?").shows("Show or hide this help");
        console.resizes(columns, 41).types("?").hides("Show or hide this help").shows("web-clb");
    }
    console.types("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn signals_end_it_and_the_terminal_is_given_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let sandbox = Sandbox::new();
        let mut console = surge(&sandbox);
        console.signal(signal);
        assert_eq!(console.ends(), code, "SIG{signal}");
        console.gave_the_terminal_back(&sandbox);
    }
}

#[test]
fn a_lost_terminal_ends_it() {
    let sandbox = Sandbox::new();
    let mut console = surge(&sandbox);
    console.loses_its_terminal();
    assert_eq!(console.ends(), 129, "as SIGHUP ends a program");
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_unknown() {
    let sandbox = Sandbox::new().env("AWSWATCH_PANIC_AFTER_FRAMES", "3");
    let mut console = Console::start(&sandbox, 120, 40, SURGE);
    assert_eq!(console.ends(), 3);
    let shown = console.gave_the_terminal_back(&sandbox);
    assert!(shown.contains("internal error"), "{shown}");
}

#[test]
fn a_stop_gives_the_terminal_to_the_shell_and_a_continue_takes_it_again() {
    let script = r#"
        set -m
        "$0" --demo surge --at 10m --speed 10
        stty -a
        printf 'the shell has it\n'
        read -r _
        fg >/dev/null
        printf 'it ended with %s\n' "$?"
    "#;
    let sandbox = Sandbox::new();
    let args = ["-c", script, env!("CARGO_BIN_EXE_awswatch")];
    let mut console = Console::start_program(&sandbox, 160, 48, "bash", &args);
    console.shows("web-clb").shows("CRIT");
    console.types("\x1a").shows("the shell has it").hides("web-clb");
    assert_cooked(&console.text());
    console.types("\n").shows("web-clb").shows("CRIT");
    console.types("q").shows("it ended with 0");
    assert_eq!(console.ends(), 0);
    // It takes it once each time, and keeps and gives back what the window was called as often.
    let written = console.written();
    for sequence in ["\x1b[?1049h", "\x1b[?1049l", "\x1b[22;2t", "\x1b[23;2t"] {
        assert_eq!(written.matches(sequence).count(), 2, "{sequence:?}");
    }
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn without_a_terminal_worth_the_name_it_names_check() {
    let piped = Sandbox::new().run(SURGE).exits(3).complains("--check");
    assert!(!piped.everything().contains('\x1b'), "{piped:?}");
    for term in ["dumb", ""] {
        let sandbox = Sandbox::new().env("TERM", term);
        let mut console = Console::start(&sandbox, 80, 24, SURGE);
        assert_eq!(console.ends(), 3, "TERM={term:?}");
        let shown = console.gave_the_terminal_back(&sandbox);
        assert!(shown.contains("--check"), "{shown}");
        assert!(!console.written().contains('\x1b'), "it sent escape sequences to TERM={term:?}");
    }
    let sandbox = Sandbox::new().without("TERM");
    let mut console = Console::start(&sandbox, 80, 24, SURGE);
    assert_eq!(console.ends(), 3);
}

#[test]
fn a_stalled_endpoint_leaves_the_keys_alive_and_is_told() {
    let sandbox = Sandbox::new();
    let args = ["--demo", "calm", "--fault", "*=stall", "--speed", "10"];
    let mut console = Console::start(&sandbox, 160, 48, &args);
    console.shows("Alerts").types("?").shows("Show or hide this help");
    console.types("\x1b").hides("Show or hide this help");
    console.types("0").shows("timed out");
    console.types("1").shows("BLIND");
    assert!(!console.text().contains("live "), "nothing was ever read:\n{}", console.text());
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn nothing_is_printed_under_the_alternate_screen() {
    let sandbox = Sandbox::new();
    let mut console = surge(&sandbox);
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
    let written = console.written();
    let before = written.split("\x1b[?1049h").next().unwrap_or_default();
    assert_eq!(before, "", "written before the alternate screen was entered");
}

#[test]
fn a_recording_shows_the_same_again_even_when_it_breaks_off() {
    let sandbox = Sandbox::new();
    let file = sandbox.home().join("night.awr");
    let name = file.to_str().unwrap();
    let mut console = Console::start(&sandbox, 160, 48, &[SURGE, &["--record", name]].concat());
    console.shows("web-clb").shows("CRIT").types("q");
    assert_eq!(console.ends(), 0);

    let replay = |wanted: &str| {
        let mut console = Console::start(&sandbox, 160, 48, &["--replay", name, "--speed", "10"]);
        console.shows("REPLAY").shows("web-clb").shows(wanted).types("q");
        assert_eq!(console.ends(), 0);
        console.gave_the_terminal_back(&sandbox);
    };
    replay("CRIT");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 7]).unwrap();
    replay("api-alb");
}

#[test]
fn a_state_directory_that_cannot_be_written_stops_nothing() {
    let sandbox = Sandbox::new().env("XDG_STATE_HOME", "/proc/no-such-place");
    let mut console = surge(&sandbox);
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn a_wall_draws_turns_by_itself_and_gives_the_terminal_back() {
    let sandbox = Sandbox::new();
    let config = sandbox.home().join("wall.toml");
    std::fs::write(&config, "[wall.left]\npages = ['alerts', 'scaling']\nturn = '3s'\n").unwrap();
    let config = config.to_str().unwrap();
    let args = [&["-c", config, "--wall", "left"], SURGE].concat();
    let mut console = Console::start(&sandbox, 160, 48, &args);
    console.shows("wall left").shows("DEMO surge").shows("rule clb-surge-queue").shows("in service of");
    console.types("\x1b[C").types(" ").shows("HELD");
    console.resizes(80, 24).shows("HELD").resizes(8, 3).hides("HELD").resizes(160, 48).shows("HELD");
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
    let mut console = Console::start(&sandbox, 80, 24, &["-c", config, "--wall", "lefd", "--demo"]);
    assert_eq!(console.ends(), 3);
    let said = console.gave_the_terminal_back(&sandbox);
    assert!(said.contains("did you mean \"left\"?"), "{said}");
}
