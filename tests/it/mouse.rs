//! The mouse in a pseudo terminal: reported when asked for only, and the terminal's own again on every way out.

use vt100::MouseProtocolMode as Mode;

use crate::program::Sandbox;
use crate::program::console::{Console, assert_cooked};

const SURGE: &[&str] = &["--demo", "surge", "--at", "10m", "--speed", "10"];
const WITH: &[&str] = &["--demo", "surge", "--at", "10m", "--speed", "10", "--mouse"];

fn listening(console: &mut Console) {
    console.shows("web-clb");
    console.until("listen to the mouse", |screen| screen.mouse_protocol_mode() == Mode::ButtonMotion);
}

/// A press and a release at this cell, counted from 1.
fn click(column: u16, row: u16) -> String {
    format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
}

#[test]
fn it_is_off_unless_asked_for_and_a_key_switches_it() {
    let sandbox = Sandbox::new();
    let mut console = Console::start(&sandbox, 160, 48, SURGE);
    console.shows("web-clb").shows("CRIT");
    assert!(!console.written().contains("\x1b[?1000h"));
    console.types("\x1bm");
    listening(&mut console);
    console.shows("the mouse is listened to");
    console.types("\x1bm").shows("the mouse is the terminal's");
    console.until("leave the mouse", |screen| screen.mouse_protocol_mode() == Mode::None);
    console.types("\x1bm");
    listening(&mut console);
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn clicks_and_the_wheel_lead_through_the_pages() {
    let sandbox = Sandbox::new().env("AWSWATCH_UI_MOUSE", "true");
    let mut console = Console::start(&sandbox, 160, 48, SURGE);
    listening(&mut console);
    let tab = |text: &str, name: &str| {
        let line = text.lines().nth(1).unwrap();
        u16::try_from(line.find(name).unwrap() + 1).unwrap()
    };
    let column = tab(&console.text(), "7 Metrics");
    console.types(&click(column, 2)).shows("NAMESPACE");
    let first = console.text();
    console.types("\x1b[<65;10;8M").until("scroll", move |screen| screen.contents() != first);
    console.types("\x1b[<64;10;8M".repeat(30).as_str()).shows(" 1-");
    // A second click on a row opens it; the right button comes back.
    console.types(&click(10, 8)).types(&click(10, 8)).hides("NAMESPACE");
    console.types("\x1b[<2;10;8M\x1b[<2;10;8m").shows("NAMESPACE");
    // Beyond the window, and a coordinate that is none.
    console.types("\x1b[<0;999;999M\x1b[<0;0;0M\x1b[<35;5;5M").types("1").shows("Alerts");
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn every_way_out_gives_the_mouse_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let sandbox = Sandbox::new();
        let mut console = Console::start(&sandbox, 120, 40, WITH);
        listening(&mut console);
        console.signal(signal);
        assert_eq!(console.ends(), code, "SIG{signal}");
        console.gave_the_terminal_back(&sandbox);
    }
    let sandbox = Sandbox::new().env("AWSWATCH_PANIC_AFTER_FRAMES", "3");
    let mut console = Console::start(&sandbox, 120, 40, WITH);
    assert_eq!(console.ends(), 3);
    assert!(console.written().contains("\x1b[?1000h"));
    console.gave_the_terminal_back(&sandbox);
    let mut console = Console::start(&Sandbox::new(), 120, 40, WITH);
    listening(&mut console);
    console.loses_its_terminal();
    assert_eq!(console.ends(), 129);
}

#[test]
fn a_stopped_console_leaves_the_mouse_to_the_shell_and_takes_it_again() {
    let script = r#"
        set -m
        "$0" --demo surge --at 10m --mouse
        stty -a
        printf 'the shell has it\n'
        read -r _
        fg >/dev/null
        printf 'it ended with %s\n' "$?"
    "#;
    let sandbox = Sandbox::new();
    let args = ["-c", script, env!("CARGO_BIN_EXE_awswatch")];
    let mut console = Console::start_program(&sandbox, 160, 48, "bash", &args);
    listening(&mut console);
    console.types("\x1a").shows("the shell has it");
    assert_cooked(&console.text());
    console.until("leave the mouse", |screen| screen.mouse_protocol_mode() == Mode::None);
    console.types("\n");
    listening(&mut console);
    console.types("q").shows("it ended with 0");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn a_wall_takes_no_mouse() {
    let sandbox = Sandbox::new().env("AWSWATCH_UI_MOUSE", "true");
    let mut console = Console::start(&sandbox, 160, 48, &["--wall", "--demo", "surge", "--at", "10m"]);
    console.shows("DEMO surge").types("q");
    assert_eq!(console.ends(), 0);
    assert!(!console.written().contains("\x1b[?1000h"));
    console.gave_the_terminal_back(&sandbox);
}
