//! A real database in a directory of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::keeper::MAX_WAITING;
use super::store::FILE;
use super::{Heard, Keeper, Limits, StateError, Store, Taken};
use crate::alerts::{Ack, AlertId, Change, Kept, Level, Matcher, Note, Past, Phase, Silence};
use crate::clock::Clock;
use crate::model::{Kind, ResourceId, Scope};

fn t(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-01-14T06:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minute)
}

fn alert(name: &str) -> AlertId {
    let scope = Scope::new("demo", "ap-northeast-1");
    AlertId { rule: "clb-surge-queue".into(), resource: ResourceId::new(&scope, Kind::ClassicElb, name) }
}

fn open(dir: &Path) -> Store {
    Store::open(dir, Limits::default(), t(0)).unwrap().store
}

fn silence(name: &str) -> Silence {
    let line = format!("name=\"{name} \"\"1\"\"\" rule!=clb-* tag.\"Cost Center\"=\"night shift\"");
    let matchers = Matcher::parse_all(&line).unwrap();
    Silence::new(matchers, t(0), t(60), "alice@bastion".into(), "deploy; 'quotes' \"too\"".into(), t(0))
}

fn past(name: &str, minute: i64, phase: Phase) -> Past {
    Past {
        alert: alert(name),
        at: t(minute),
        since: t(minute),
        phase,
        level: Level::Critical,
        value: Some(812.5),
        title: "requests queue".into(),
        detail: "".into(),
    }
}

fn ack(name: &str, minute: i64) -> Ack {
    Ack { alert: alert(name), level: Level::Blind, by: "bob@bastion".into(), at: t(minute), note: "mine".into() }
}

#[test]
fn what_is_written_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let note = Note { alert: alert("a"), by: "bob@bastion".into(), at: t(3), text: "it is the deploy".into() };
    let changes = [
        Change::Silence(silence("web")),
        Change::Acknowledge(ack("a", 1)),
        Change::Note(note.clone()),
        Change::Past(past("a", 0, Phase::Firing)),
        Change::Past(past("a", 5, Phase::Resolved)),
    ];
    let mut store = open(dir.path());
    store.write(&changes, t(5)).unwrap();
    let expected = Kept {
        silences: vec![silence("web")],
        acks: vec![ack("a", 1)],
        notes: vec![note],
        past: vec![past("a", 0, Phase::Firing), past("a", 5, Phase::Resolved)],
    };
    assert_eq!(store.kept().unwrap(), expected);
    store.write(&changes, t(6)).unwrap();
    let mut memory = expected.clone();
    for change in &changes {
        memory.apply(change);
    }
    drop(store);
    let mut store = open(dir.path());
    let again = store.kept().unwrap();
    assert_eq!((&again.silences, &again.acks, &again.notes), (&expected.silences, &expected.acks, &expected.notes));
    assert_eq!(again.past, memory.past, "the memory and the disk tell the same story");
    store.write(&[Change::Expire { silence: silence("web").id, at: t(7) }], t(7)).unwrap();
    store.write(&[Change::Unacknowledge { alert: alert("a"), made: t(0) }], t(7)).unwrap();
    assert_eq!((store.kept().unwrap().silences[0].until, store.kept().unwrap().acks.len()), (t(7), 1));
    store.write(&[Change::Acknowledge(ack("a", 0))], t(7)).unwrap();
    assert_eq!(store.kept().unwrap().acks[0].at, t(1), "an older one replaces no newer one");
    store.write(&[Change::Unacknowledge { alert: alert("a"), made: t(1) }], t(7)).unwrap();
    assert!(store.kept().unwrap().acks.is_empty());
}

#[test]
fn only_the_owner_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    drop(open(&inner));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join(FILE)), 0o600);
    std::fs::set_permissions(inner.join(FILE), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut store = open(&inner);
    store.write(&[Change::Silence(silence("web"))], t(0)).unwrap();
    for file in std::fs::read_dir(&inner).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_damaged_file_is_moved_aside_and_never_deleted() {
    for damage in ["not a database, but long enough to look like one of some sort".repeat(100).into_bytes(), {
        let mut bytes = b"SQLite format 3\0".to_vec();
        bytes.extend([0xff; 8192]);
        bytes
    }] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), &damage).unwrap();
        let opened = Store::open(dir.path(), Limits::default(), t(0)).unwrap();
        let aside = opened.aside.expect("it was damaged");
        assert_eq!(std::fs::read(&aside).unwrap(), damage);
        let mut store = opened.store;
        store.write(&[Change::Silence(silence("web"))], t(0)).unwrap();
        drop(store);
        // A second time in the same second has another name.
        std::fs::write(dir.path().join(FILE), &damage).unwrap();
        let again = Store::open(dir.path(), Limits::default(), t(0)).unwrap().aside.expect("it was damaged");
        assert!(again != aside && aside.exists());
    }
    // Tables of somebody else.
    let dir = tempfile::tempdir().unwrap();
    let foreign = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    foreign.execute_batch("CREATE TABLE silences (x)").unwrap();
    drop(foreign);
    assert!(Store::open(dir.path(), Limits::default(), t(0)).unwrap().aside.is_some());
}

#[test]
fn what_a_newer_program_wrote_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    store.write(&[Change::Silence(silence("web"))], t(0)).unwrap();
    drop(store);
    let db = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    db.pragma_update(None, "user_version", 7).unwrap();
    drop(db);
    for error in [
        Store::open(dir.path(), Limits::default(), t(0)).map(|_| ()).unwrap_err(),
        Store::open_to_read(dir.path()).map(|_| ()).unwrap_err(),
    ] {
        assert!(matches!(error, StateError::Newer { found: 7, known: 1, .. }), "{error}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_used_is_an_error_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("state"), Limits::default(), t(0)).unwrap_err().to_string();
    assert!(error.contains("file/state"), "{error}");
    // The database is a directory.
    std::fs::create_dir(dir.path().join(FILE)).unwrap();
    assert!(Store::open(dir.path(), Limits::default(), t(0)).is_err());
    assert!(Store::open_to_read(&dir.path().join("none")).unwrap().is_none());
}

#[test]
fn a_database_that_cannot_be_written_says_so() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(dir.path().join(FILE), flags).unwrap();
    let error = StateError::of(&dir.path().join(FILE), db.execute("DELETE FROM acks", []).unwrap_err());
    assert!(matches!(error, StateError::ReadOnly { .. }) && error.to_string().contains("read-only"), "{error}");
}

#[test]
fn it_is_bounded_by_age_and_by_count() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { age: Duration::from_secs(3600), rows: 100 };
    let mut store = Store::open(dir.path(), limits, t(0)).unwrap().store;
    let changes: Vec<Change> = (0..1500)
        .map(|i| Change::Past(past("a", i / 10, if i % 2 == 0 { Phase::Firing } else { Phase::Resolved })))
        .collect();
    store.write(&changes, t(150)).unwrap();
    store.write(&[Change::Silence(silence("over"))], t(150)).unwrap();
    let kept = store.kept().unwrap();
    assert_eq!((kept.past.len(), kept.past.last()), (100, Some(&past("a", 149, Phase::Resolved))));
    drop(store);
    let mut store = Store::open(dir.path(), limits, t(205)).unwrap().store;
    let kept = store.kept().unwrap();
    assert!(kept.past.iter().all(|p| p.at >= t(145)) && !kept.past.is_empty());
    assert!(kept.silences.is_empty());
}

#[test]
fn two_that_write_at_once_lose_nothing() {
    const EACH: usize = 2000;
    let dir = tempfile::tempdir().unwrap();
    let write = |who: &'static str| {
        let mut store = open(dir.path());
        move || {
            for i in 0..EACH {
                let name = format!("{who}-{i}");
                let mut changes = vec![
                    Change::Past(past(&name, 0, Phase::Firing)),
                    // Both see this one, and it is kept once.
                    Change::Past(past(&format!("shared-{i}"), 0, Phase::Firing)),
                ];
                if i % 4 == 0 {
                    changes.push(Change::Silence(silence(&name)));
                    changes.push(Change::Acknowledge(ack(&name, 0)));
                }
                store.write(&changes, t(0)).unwrap();
            }
        }
    };
    std::thread::scope(|scope| {
        let (a, b) = (write("a"), write("b"));
        scope.spawn(a);
        scope.spawn(b);
    });
    let store = open(dir.path());
    let history = store.history(10 * EACH).unwrap();
    assert_eq!(history.len(), 3 * EACH);
    let count = |sql: &str| -> i64 {
        let db = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count("SELECT count(*) FROM silences"), i64::try_from(EACH / 2).unwrap());
    assert_eq!(count("SELECT count(*) FROM acks"), i64::try_from(EACH / 2).unwrap());
}

/// A keeper in `dir`, and what it says.
fn keeper(dir: &Path) -> (Keeper, std::sync::mpsc::Receiver<Heard>) {
    let (say, heard) = channel();
    let clock = Clock::simulated(t(0), 1.0);
    (Keeper::spawn(dir, Limits::default(), clock, move |h| say.send(h).is_ok()).unwrap(), heard)
}

const PATIENCE: Duration = Duration::from_secs(60);

fn until(heard: &std::sync::mpsc::Receiver<Heard>, good: impl Fn(&Kept) -> bool) {
    loop {
        match heard.recv_timeout(PATIENCE).expect("the keeper says something") {
            Heard::Kept { kept, .. } if good(&kept) => return,
            Heard::Kept { .. } => {}
            Heard::Trouble { text, .. } => panic!("{text}"),
        }
    }
}

#[tokio::test]
async fn keepers_hear_of_each_other_and_write_all_before_they_end() {
    let dir = tempfile::tempdir().unwrap();
    let ((one, hears_one), (two, hears_two)) = (keeper(dir.path()), keeper(dir.path()));
    assert_eq!(one.keep(vec![Change::Silence(silence("web"))]), Taken::Yes);
    until(&hears_one, |kept| kept.silences.len() == 1);
    until(&hears_two, |kept| kept.silences.len() == 1);
    assert_eq!(two.keep(vec![Change::Acknowledge(ack("a", 1))]), Taken::Yes);
    until(&hears_one, |kept| kept.acks.len() == 1);
    for i in 0..200 {
        assert_eq!(one.keep(vec![Change::Past(past(&format!("{i}"), 0, Phase::Firing))]), Taken::Yes);
    }
    // Nobody listens any more; what was given is written all the same.
    drop(hears_one);
    assert_eq!((one.finish(|| {}), two.finish(|| {})), (None, None));
    assert_eq!(open(dir.path()).kept().unwrap().past.len(), 200);
}

#[tokio::test]
async fn a_keeper_that_cannot_keep_says_so_once_and_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let (keeper, heard) = keeper(&file);
    let Heard::Trouble { text, ended } = heard.recv_timeout(PATIENCE).unwrap() else { panic!("trouble") };
    assert!(ended && text.contains("not kept"), "{text}");
    assert!(heard.recv_timeout(PATIENCE).is_err(), "it has ended");
    assert_eq!(keeper.keep(vec![Change::Silence(silence("web"))]), Taken::Ended);
    assert_eq!(keeper.finish(|| {}), None);
}

/// Waits for trouble that holds `word`.
fn trouble(heard: &std::sync::mpsc::Receiver<Heard>, word: &str) {
    loop {
        match heard.recv_timeout(PATIENCE).expect("the keeper says something") {
            Heard::Trouble { text, ended } if text.contains(word) => return assert!(!ended, "{text}"),
            Heard::Trouble { text, .. } => panic!("{text}"),
            Heard::Kept { .. } => {}
        }
    }
}

#[tokio::test]
async fn a_database_that_is_held_at_the_start_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let other = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (keeper, heard) = keeper(dir.path());
    assert_eq!(keeper.keep(vec![Change::Silence(silence("web"))]), Taken::Yes);
    trouble(&heard, "locked");
    other.execute_batch("ROLLBACK").unwrap();
    until(&heard, |kept| kept.silences.len() == 1);
    assert_eq!(keeper.finish(|| {}), None);
}

#[tokio::test]
async fn a_database_that_was_moved_away_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, heard) = keeper(dir.path());
    until(&heard, |_| true);
    std::fs::rename(dir.path().join(FILE), dir.path().join("elsewhere")).unwrap();
    trouble(&heard, "moved or removed");
    assert_eq!(keeper.keep(vec![Change::Silence(silence("web"))]), Taken::Yes);
    until(&heard, |kept| kept.silences.len() == 1);
    assert_eq!(keeper.finish(|| {}), None);
    assert_eq!(open(dir.path()).kept().unwrap().silences.len(), 1);
}

#[tokio::test]
async fn what_could_not_be_written_at_the_end_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, heard) = keeper(dir.path());
    until(&heard, |_| true);
    let other = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(keeper.keep(vec![Change::Silence(silence("web"))]), Taken::Yes);
    let mut waited = false;
    let left = keeper.finish(|| waited = true);
    assert!(waited && left.as_ref().is_some_and(|text| text.starts_with("1 of your decisions")), "{left:?}");
}

#[tokio::test]
async fn of_too_much_that_waits_what_people_decided_goes_last() {
    let dir = tempfile::tempdir().unwrap();
    let (keeper, heard) = keeper(dir.path());
    until(&heard, |_| true);
    let other = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut batch = vec![Change::Silence(silence("web"))];
    batch.extend((0..MAX_WAITING + 9).map(|i| Change::Past(past("a", i64::try_from(i).unwrap(), Phase::Firing))));
    assert_eq!(keeper.keep(batch), Taken::Yes);
    trouble(&heard, "the oldest of what became of alerts is lost");
    other.execute_batch("ROLLBACK").unwrap();
    until(&heard, |kept| kept.silences.len() == 1);
    assert_eq!(
        keeper.finish(|| {}).as_deref(),
        Some("10 of your decisions and of the alerts' changes were not kept; the log says why")
    );

    let mut waiting: Vec<Change> = (0..3).map(|_| Change::Silence(silence("web"))).collect();
    waiting.push(Change::Past(past("a", 1, Phase::Firing)));
    super::keeper::drop_oldest(&mut waiting, 2);
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|c| matches!(c, Change::Silence(_))));
}
