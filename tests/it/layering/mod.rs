//! The house's rules, held by reading the source: which room may name which, and what the pure rooms never touch.
//!
//! `ARCHITECTURE.md` says why, and must say the same as [`ROOMS`]. A new room needs a line in both, so that somebody
//! decides what it may use.

mod source;

use std::fs;
use std::path::{Path, PathBuf};

use source::{Token, paths, tokens, without_tests};

/// A module of `lib.rs` and the modules it may name.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    /// No I/O, no async, no clock.
    pure: bool,
}

const fn pure(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { name, may_use, pure: true }
}

const fn effectful(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { name, may_use, pure: false }
}

const ROOMS: &[Room] = &[
    pure("exit", &[]),
    pure("model", &[]),
    pure("rules", &["model"]),
    pure("alerts", &["model", "rules"]),
    pure("ruletest", &["model", "rules", "alerts"]),
    pure("ui", &["model", "rules", "alerts"]),
    pure("check", &["exit", "model", "rules", "alerts"]),
    effectful("clock", &[]),
    effectful("sim", &["clock"]),
    effectful("aws", &["model", "clock"]),
    effectful("poll", &["aws", "model", "clock"]),
    effectful("journal", &["model", "clock"]),
    effectful("state", &["model", "alerts", "clock"]),
    effectful("config", &["model"]),
    effectful("cli", &["exit", "config"]),
    effectful(
        "app",
        &[
            "exit", "model", "rules", "alerts", "ruletest", "ui", "check", "clock", "sim", "aws", "poll", "journal",
            "state", "config", "cli",
        ],
    ),
];

/// What the pure rooms never name: crates that wait or talk, and the parts of `std` that do.
const IMPURE: &[&str] = &[
    "tokio",
    "futures",
    "governor",
    "hyper",
    "hyper_util",
    "signal_hook",
    "tempfile",
    "directories",
    "std::fs",
    "std::net",
    "std::process::Command",
    "std::process::Child",
    "std::env",
    "std::thread",
];

const MAX_LINES: usize = 500;

/// What is wrong with `source`, the file `file` (relative to `src/`), one line each.
fn violations(file: &str, source: &str) -> Vec<String> {
    let (code, _) = without_tests(&tokens(source));
    let module = module_path(file);
    let name = module.first().map_or("main", String::as_str);
    let room = ROOMS.iter().find(|r| r.name == name);
    let mut found = Vec::new();
    let mut report = |line: usize, what: String| found.push(format!("src/{file}:{line}: {what}"));

    for Token { text, line } in &code {
        if text.starts_with("aws_") && name != "aws" && dependencies().contains(text) {
            report(*line, format!("`{name}` names the crate `{text}`; only `aws` names AWS's crates"));
        }
        if room.is_some_and(|r| r.pure) && matches!(text.as_str(), "async" | "await") {
            report(*line, format!("`{name}` is pure and has `{text}`"));
        }
    }
    for path in paths(&code) {
        let written = path.segments.join("::");
        if room.is_some_and(|r| r.pure) {
            let hit = IMPURE.iter().find(|i| written == **i || written.starts_with(&format!("{i}::")));
            if let Some(impure) = hit {
                report(path.line, format!("`{name}` is pure and names `{impure}`"));
            }
        }
        let Some(target) = named_room(&module, &path.segments) else { continue };
        if target == name || !ROOMS.iter().any(|r| r.name == target) {
            continue;
        }
        let allowed = room.is_none_or(|r| r.may_use.contains(&target.as_str()));
        if target == "app" && name != "main" {
            report(path.line, format!("`{name}` uses `app`; only `main` does"));
        } else if !allowed {
            report(path.line, format!("`{name}` uses `{target}` (`{written}`), which is not in its line of ROOMS"));
        }
    }
    found
}

/// The module that `file` is: `model/events.rs` is `["model", "events"]`, `main.rs` and `lib.rs` are the root.
fn module_path(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(stem, "main" | "lib") { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
}

/// The top module that a path, written in `module`, leads to; `None` for other crates and for what is below `module`.
fn named_room(module: &[String], segments: &[String]) -> Option<String> {
    match segments.first()?.as_str() {
        "crate" | "awswatch" => segments.get(1).cloned(),
        "super" | "self" => {
            let ups = segments.iter().skip_while(|s| *s == "self").take_while(|s| *s == "super").count();
            let skipped = segments.iter().take_while(|s| matches!(s.as_str(), "super" | "self")).count();
            match module.len().checked_sub(ups)? {
                0 => segments.get(skipped).cloned(),
                _ => module.first().cloned(),
            }
        }
        _ => None,
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The crates that `Cargo.toml` names, as Rust writes them.
fn dependencies() -> Vec<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().map(|k| k.replace('-', "_")).collect()
}

/// Every file under `src/`, relative to it, with its text; in order.
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|p| (p.strip_prefix(&src).unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&p).unwrap()))
        .collect()
}

/// The files that are modules of tests (`#[cfg(test)] mod tests;`).
fn test_files(sources: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in sources {
        let dir = module_path(file).join("/");
        for name in without_tests(&tokens(text)).1 {
            let base = if dir.is_empty() { name } else { format!("{dir}/{name}") };
            found.push(format!("{base}.rs"));
            found.push(format!("{base}/mod.rs"));
        }
    }
    found
}

#[test]
fn every_room_keeps_to_its_line() {
    let sources = sources();
    let tests = test_files(&sources);
    let found: Vec<String> =
        sources.iter().filter(|(f, _)| !tests.contains(f)).flat_map(|(f, text)| violations(f, text)).collect();
    assert!(found.is_empty(), "the house's rules are broken:\n{}", found.join("\n"));
}

#[test]
fn every_module_of_the_library_has_a_line() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut declared: Vec<&str> =
        lib.lines().filter_map(|l| l.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    declared.sort_unstable();
    let mut known: Vec<&str> = ROOMS.iter().map(|r| r.name).collect();
    known.sort_unstable();
    assert_eq!(declared, known);
}

#[test]
fn the_map_says_the_same() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut told: Vec<(String, bool, Vec<String>)> = Vec::new();
    for section in map.split("\n### `").skip(1) {
        let section = section.split("\n#").next().unwrap_or_default();
        let name = section.split('`').next().unwrap_or_default().to_owned();
        let uses = section.split_once("May use:").map_or("", |(_, uses)| uses);
        let mut uses: Vec<String> = uses.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        uses.sort();
        told.push((name, section.contains(" Pure."), uses));
    }
    told.sort();
    let mut held: Vec<(String, bool, Vec<String>)> = ROOMS
        .iter()
        .map(|room| {
            let mut uses: Vec<String> = room.may_use.iter().map(|u| (*u).to_owned()).collect();
            uses.sort();
            (room.name.to_owned(), room.pure, uses)
        })
        .collect();
    held.sort();
    assert_eq!(told, held, "left: ARCHITECTURE.md (name, pure, may use); right: ROOMS");
}

#[test]
fn rooms_never_form_a_circle() {
    for (n, room) in ROOMS.iter().enumerate() {
        for used in room.may_use {
            let place = ROOMS.iter().position(|r| r.name == *used);
            assert!(place.is_some_and(|p| p < n), "`{}` may use `{used}`, which does not come before it", room.name);
        }
    }
}

#[test]
fn no_file_is_longer_than_the_hard_seam() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(file, lines)| format!("src/{file}: {lines} lines, at most {MAX_LINES}"))
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn violations_are_caught() {
    let cases = [
        ("model/x.rs", "use tokio::sync::mpsc;", "`model` is pure and names `tokio`"),
        ("rules/x.rs", "fn f() { let _ = std::fs::read(\"x\"); }", "`rules` is pure and names `std::fs`"),
        ("rules/x.rs", "use std::{fmt, net::{IpAddr, TcpStream}};", "`rules` is pure and names `std::net`"),
        ("alerts/x.rs", "pub async fn f() {}", "`alerts` is pure and has `async`"),
        ("ui/x.rs", "use aws_sdk_ec2::Client;", "names the crate `aws_sdk_ec2`"),
        ("poll/x.rs", "fn f() -> aws_sdk_ec2::Client { loop {} }", "names the crate `aws_sdk_ec2`"),
        ("ui/x.rs", "use crate::poll::Planner;", "`ui` uses `poll`"),
        ("ui/x.rs", "use crate::{model::Text, poll};", "`ui` uses `poll`"),
        ("ui/pages/x.rs", "use super::super::super::poll::Planner;", "`ui` uses `poll`"),
        ("check/mod.rs", "use super::app::run;", "`check` uses `app`; only `main` does"),
        ("sim/x.rs", "fn f(m: &crate::model::Model) {}", "`sim` uses `model`"),
        ("poll/x.rs", "use crate::rules::demand;", "`poll` uses `rules`"),
        ("model/x.rs", "/* a /* nested */ comment */ use crate::rules::Verdict;", "`model` uses `rules`"),
        ("model/x.rs", "fn f<'a>(c: &'a str) { let q = '\"'; crate::rules::demand(c, q) }", "`model` uses `rules`"),
        (
            "model/x.rs",
            "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::ui::Draw;",
            "src/model/x.rs:3: `model` uses `ui`",
        ),
    ];
    for (file, source, expected) in cases {
        let found = violations(file, source);
        let caught = !found.is_empty() && found.iter().all(|f| f.contains(expected));
        assert!(caught, "{source:?} gave {found:?}, not {expected:?}");
    }
}

#[test]
fn what_is_allowed_is_let_through() {
    let cases = [
        ("model/x.rs", "// use tokio::sync;\n/// crate::rules\nuse super::Text; use crate::model::Series;"),
        ("model/x.rs", "const A: &str = \"crate::ui::x\"; const B: &str = r#\"a \" tokio::x\"#; const C: u8 = b'\"';"),
        ("model/x.rs", "#[cfg(test)]\nmod tests { use crate::rules::Verdict; async fn f() { tokio::spawn(x).await } }"),
        ("model/deep/x.rs", "use super::super::Text; use self::inner::Y;"),
        ("rules/x.rs", "use crate::model::{self, Text}; use std::fmt; let aws_total = 3;"),
        ("aws/x.rs", "use aws_sdk_ec2::Client; use crate::clock::Clock; use crate::model;"),
        ("main.rs", "use awswatch::app; fn main() { app::run() }"),
        ("app/x.rs", "use crate::{alerts, model::Model, ui};"),
    ];
    for (file, source) in cases {
        assert_eq!(violations(file, source), Vec::<String>::new(), "{source:?}");
    }
}

#[test]
fn files_of_tests_are_known() {
    let of = |file: &str, text: &str| test_files(&[(file.to_owned(), text.to_owned())]);
    assert_eq!(of("rules/mod.rs", "#[cfg(test)] mod tests;"), ["rules/tests.rs", "rules/tests/mod.rs"]);
    assert_eq!(of("lib.rs", "#[cfg(test)]\nmod testing;"), ["testing.rs", "testing/mod.rs"]);
    assert_eq!(of("rules/mod.rs", "mod plain;"), Vec::<String>::new());
}
