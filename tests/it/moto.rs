//! Our clients against a server that we did not write: moto.
//!
//! Runs when `AWSWATCH_CLIENTS_VENV` names a Python environment with boto3 and `moto[server]`, as `.ci/run` makes
//! one. What moto does not implement (CloudWatch's current protocol, the trail's look-up) must be told, not left out.

use std::path::PathBuf;

use crate::program::console::Console;
use crate::program::{Sandbox, Server};

/// The Python environment, or `None` with a line on why the test does nothing.
#[expect(clippy::print_stderr, reason = "who runs the tests must see that this one did not run")]
fn venv() -> Option<PathBuf> {
    let found = std::env::var_os("AWSWATCH_CLIENTS_VENV").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: AWSWATCH_CLIENTS_VENV is not set (.ci/run sets it)");
    }
    found
}

/// A moto server with the fleet of `tests/moto/seed.py`.
fn seeded(venv: &std::path::Path) -> Server {
    let program = |name: &str| venv.join("bin").join(name).to_str().unwrap().to_owned();
    let server = Server::start(&Sandbox::new(), &program("moto_server"), &["-H", "127.0.0.1", "-p", "0"]);
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto/seed.py");
    let sandbox = Sandbox::with_endpoint(&server.endpoint).env("AWS_DEFAULT_REGION", "ap-northeast-1");
    sandbox.run_program(&program("python"), &[seed, &server.endpoint]).exits(0);
    server
}

#[test]
fn a_fleet_in_moto_is_shown_and_what_it_lacks_is_told() {
    let Some(venv) = venv() else { return };
    let server = seeded(&venv);
    let sandbox = Sandbox::with_endpoint(&server.endpoint);

    let run = sandbox.run(&["--check", "--timeout", "50s"]).exits(3).prints("UNKNOWN");
    for poller in ["metrics", "trail"] {
        assert!(run.stdout.contains(poller), "{poller} cannot be read and is not named in\n{}", run.stdout);
    }

    let mut console = Console::start(&sandbox, 160, 48, &[]);
    console.types("2").shows("moto-classic").shows("moto-api-tg").shows("moto-img-tg");
    console.types("3").shows("moto-group-本番");
    console.types("4").shows("本番-ウェブ").shows("🚀-api").shows("batch-1");
    assert!(!console.written().contains('\u{9b}'), "a control character of a tag reached the terminal");
    console.types("0").shows("metrics").shows("not supported");
    console.types("5").until("say that the trail cannot be read", |s| {
        let shown = s.contents();
        shown.contains("LookupEvents") || shown.contains("server error") || shown.contains("not supported")
    });
    console.types("q");
    assert_eq!(console.ends(), 0);
    console.gave_the_terminal_back(&sandbox);
}
