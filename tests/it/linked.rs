//! Links to the AWS console, in the bytes that reach a terminal.

use std::time::Duration;

use crate::program::Sandbox;
use crate::program::console::Console;

const SURGE: &[&str] = &["--demo", "surge", "--at", "10m", "--speed", "1"];
const OPEN: &str = "\x1b]8;;https://";
const CLOSE: &str = "\x1b]8;;\x1b\\";

#[test]
fn names_are_links_where_that_is_wanted_and_cost_nothing_while_nothing_changes() {
    let sandbox = Sandbox::new().env("AWSWATCH_UI_LINKS", "true").env("TERM", "xterm-256color");
    let mut console = Console::start(&sandbox, 160, 48, SURGE);
    console.shows("web-clb").shows("CRIT").types("4").shows("i-0").types(" ").shows("paused");
    // They come when nobody types.
    let instance = "https://ap-northeast-1.console.aws.amazon.com/ec2/home?region=ap-northeast-1#Instance";
    console.writes(instance);
    console.watches(Duration::from_millis(1500));
    let written = console.written();
    // Each is closed before the next opens, and nothing is left open.
    for piece in written.split(OPEN).skip(1) {
        assert!(piece.matches(CLOSE).count() >= 1, "{piece:?}");
    }
    assert!(written.rfind(OPEN) < written.rfind(CLOSE));
    let count = |text: &str| text.matches(OPEN).count();
    console.watches(Duration::from_millis(2500));
    assert_eq!(count(&console.written()), count(&written), "nothing changed");
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}

#[test]
fn a_terminal_that_is_not_known_to_take_them_gets_none() {
    for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("AWSWATCH_UI_LINKS", "false")] {
        let sandbox = Sandbox::new().env("TERM", "xterm-kitty").env(name, value);
        let mut console = Console::start(&sandbox, 160, 48, SURGE);
        console.shows("web-clb").shows("CRIT").types("q");
        assert_eq!(console.ends(), 0);
        assert!(!console.written().contains("\x1b]8;"), "{name}={value}");
    }
    let sandbox = Sandbox::new().env("TERM", "xterm-kitty");
    let mut console = Console::start(&sandbox, 160, 48, SURGE);
    console.shows("web-clb").shows("CRIT").writes(OPEN).types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}
