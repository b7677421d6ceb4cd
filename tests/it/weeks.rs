//! Weeks on the wall: a console that nobody touches, with incidents that come and go, stays as large as it was.
//!
//! A longer life, with hosts that are made and deleted, prints a line a simulated day:
//! `AWSWATCH_WEEKS_HOURS=336 AWSWATCH_WEEKS_SCENARIO=bad-day cargo test --release --test it -- --exact weeks::lives_alone
//! --ignored --nocapture`.

use std::collections::BTreeMap;
use std::fmt::Write;

use awswatch::alerts::Phase;
use awswatch::app::{Core, Headless};
use awswatch::cli::WorldArgs;
use awswatch::model::Kind;
use awswatch::ui::{Look, Wall, WallPage, WallPlan};
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::program::Sandbox;

/// Hours that it lives in the tests: an outage of a zone, and as long again without.
const SHORT: i64 = 2;
/// At which part of that it is looked at.
const LOOKS: i64 = 8;

/// Everything that could grow, by its name, and the memory of the process in KiB.
fn sizes(core: &Core) -> BTreeMap<&'static str, usize> {
    let (model, alerts) = (&core.watch.model, &core.watch.alerts);
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let rss = memory.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    let kept = alerts.kept();
    [
        ("rss", rss.unwrap_or(0)),
        ("resources", model.resources().count()),
        ("instances", model.of_kind(Kind::Instance).count()),
        ("series", model.series_count()),
        ("points", model.all_series().map(|(_, _, s)| s.points().count()).sum()),
        ("events", model.events().len()),
        ("pollers", model.pollers().count()),
        ("alerts", alerts.active().len()),
        ("resolved", alerts.resolved().len()),
        ("timeline", alerts.timeline().count()),
        ("past", kept.past.len()),
        ("acks", kept.acks.len()),
    ]
    .into()
}

fn wall() -> Wall {
    Wall::new(WallPlan {
        name: String::new().into(),
        pages: vec![
            WallPage::Status,
            WallPage::Alerts,
            WallPage::Balancers,
            WallPage::Scaling,
            WallPage::Bill,
            WallPage::Data,
        ],
        turn: 20,
        most_alerts: 5,
        accounts: Vec::new(),
        regions: Vec::new(),
        filter: String::new(),
        shift: true,
        day: Look::default(),
        night: Look::default(),
        hours: (time(7, 0, 0, 0), time(20, 0, 0, 0)),
        tz: TimeZone::UTC,
    })
}

#[test]
#[ignore = "run by the test below, with a process of its own, whose memory is nobody else's"]
fn lives_alone() {
    let hours = std::env::var("AWSWATCH_WEEKS_HOURS").ok().and_then(|h| h.parse().ok()).unwrap_or(SHORT);
    let scenario = std::env::var("AWSWATCH_WEEKS_SCENARIO").unwrap_or_else(|_| "az-outage".into());
    let looks = if hours > 48 { hours / 24 } else { LOOKS };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = WorldArgs { seed: Some(1), ..WorldArgs::default() };
        let mut console = Headless::start(&scenario, &world, Look::default(), TimeZone::UTC, (160, 48)).unwrap();
        console.core.wall = Some(wall());
        let (began, mut fired, mut gone) = (console.now(), 0usize, 0usize);
        let mut seen = std::collections::BTreeSet::new();
        for look in 1..=looks {
            let until = began + SignedDuration::from_mins(hours * 60 * look / looks);
            while console.now() < until {
                let minute = (console.now() + SignedDuration::from_mins(5)).min(until);
                console.run_until(minute, |_, _| ()).await;
                let _ = console.screen();
                let core = &console.core;
                fired = fired.max(core.watch.alerts.active().iter().filter(|a| a.phase == Phase::Firing).count());
                let now: std::collections::BTreeSet<_> =
                    core.watch.model.of_kind(Kind::Instance).map(|r| r.id.clone()).collect();
                gone += seen.difference(&now).count();
                seen = now;
            }
            println!("{}", line(began, console.now(), &sizes(&console.core), fired, gone));
            fired = 0;
        }
    });
}

/// A line of the table: hours lived, what fired at most since the last, hosts deleted so far, and the sizes.
fn line(began: Timestamp, now: Timestamp, sizes: &BTreeMap<&'static str, usize>, fired: usize, gone: usize) -> String {
    let hours = now.duration_since(began).as_secs() / 3600;
    let mut out = format!("weeks: hour={hours} fired={fired} gone={gone}");
    for (name, size) in sizes {
        let _ = write!(out, " {name}={size}");
    }
    out
}

#[test]
fn nothing_grows_while_a_wall_hangs() {
    let sandbox = Sandbox::new();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "weeks::lives_alone", "--ignored", "--nocapture"]).env_clear();
    for (name, value) in sandbox.variables() {
        command.env(name, value);
    }
    // What the allocator keeps for threads that are gone would be taken for growth.
    let out = command.env("MALLOC_ARENA_MAX", "1").current_dir(sandbox.home()).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
    let looks: Vec<BTreeMap<&str, usize>> = text
        .lines()
        .filter_map(|l| l.split_once("weeks: ").map(|(_, of)| of))
        .map(|l| l.split(' ').filter_map(|p| p.split_once('=')).map(|(k, v)| (k, v.parse().unwrap())).collect())
        .collect();
    assert_eq!(looks.len(), usize::try_from(LOOKS).unwrap(), "{text}");
    let (half, end) = (&looks[looks.len() / 2 - 1], &looks[looks.len() - 1]);
    // Something happened in the first half, and is over.
    assert!(looks.iter().any(|l| l["fired"] >= 5), "{text}");
    assert!(end["alerts"] < looks.iter().map(|l| l["fired"]).max().unwrap(), "{text}");
    // Hosts are back where they were: what is more by far is kept for nothing.
    for name in ["resources", "instances", "series", "pollers"] {
        assert!(end[name] <= half[name] + half[name] / 4, "{name} grows\n{text}");
    }
    // A day's events, and what the lists of alerts may hold.
    for (name, most) in [("events", 4000), ("timeline", 2000), ("past", 2000), ("resolved", 500)] {
        assert!(end[name] <= most, "{name} is {}\n{text}", end[name]);
    }
    let growth = end["rss"].saturating_sub(half["rss"]);
    assert!(growth <= MORE_KIB, "{growth} KiB more in the second half, in which nothing happens\n{text}");
}

/// Memory that the second half may take besides: events of the day, and what the allocator does.
const MORE_KIB: usize = 4 * 1024;
