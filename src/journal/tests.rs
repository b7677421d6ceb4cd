use std::io::Cursor;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::model::{
    Body, ErrorClass, Metric, Observation, Outcome, Point, PointBatch, PollError, PollerKind, QueryStatus, ResourceId,
    Scope, Source,
};

fn start() -> Timestamp {
    "2026-01-14T05:00:00Z".parse().unwrap()
}

fn observation(n: i64, value: f64) -> Observation {
    let at = start() + SignedDuration::from_millis(n * 300);
    let scope = Scope::new("demo", "ap-northeast-1");
    let resource = ResourceId::new(&scope, crate::model::Kind::ClassicElb, "本番-clb🚀");
    let body = match n % 3 {
        0 => Body::Started,
        1 => Body::Points(vec![PointBatch {
            resource,
            metric: Metric::new("AWS/ELB", "SurgeQueueLength", "Maximum", 60),
            from: start(),
            to: at,
            points: vec![Point { at: start(), value }, Point { at, value: f64::NAN }],
            status: QueryStatus::Complete,
        }]),
        _ => Body::Outcome(Outcome {
            started: start(),
            took: SignedDuration::from_millis(120),
            calls: 1,
            pages: 1,
            billed_metrics: 1,
            throttles: 0,
            lacks: None,
            error: Some(PollError {
                class: ErrorClass::Denied,
                operation: "GetMetricData".into(),
                code: "AccessDenied".into(),
                message: "line\nbreak and a \" quote".into(),
            }),
            next: None,
            interval: SignedDuration::from_secs(60),
        }),
    };
    Observation { at, source: Source { scope, poller: PollerKind::Metrics }, body }
}

/// What `observation` is once it was recorded: points that are no numbers are left out.
fn recorded(mut observation: Observation) -> Observation {
    if let Body::Points(batches) = &mut observation.body {
        for batch in batches {
            batch.points.retain(|p| p.value.is_finite());
        }
    }
    observation
}

fn written(count: i64) -> (Vec<Observation>, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.awr");
    let mut recorder = Recorder::create(&path, start()).unwrap();
    let all: Vec<Observation> = (0..count).map(|n| observation(n, 812.5)).collect();
    for one in &all {
        recorder.record(one).unwrap();
    }
    recorder.flush().unwrap();
    assert_eq!((recorder.written(), recorder.given_up()), (count.unsigned_abs(), 0));
    (all.into_iter().map(recorded).collect(), std::fs::read(&path).unwrap())
}

fn read(bytes: Vec<u8>) -> Result<(Vec<Observation>, Option<End>), JournalError> {
    let mut reader = Reader::new(Path::new("x.awr"), Cursor::new(bytes))?;
    let list = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((list, reader.end().cloned()))
}

#[test]
fn what_is_written_is_read() {
    let (all, bytes) = written(700);
    let reader = Reader::new(Path::new("x"), Cursor::new(bytes.clone())).unwrap();
    assert_eq!((reader.header().started, reader.header().version.as_str()), (start(), env!("CARGO_PKG_VERSION")));
    assert_eq!(read(bytes).unwrap(), (all, Some(End::Whole)));
}

#[test]
fn it_is_a_zstd_file_of_json_lines() {
    let (all, bytes) = written(20);
    let text = String::from_utf8(zstd::decode_all(Cursor::new(bytes)).unwrap()).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines[0]["awswatch_journal"], FORMAT);
    assert_eq!(lines.len(), all.len() + 1);
}

#[test]
fn a_crash_loses_no_more_than_a_frame() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.awr");
    let mut recorder = Recorder::create(&path, start()).unwrap();
    for n in 0..100 {
        recorder.record(&observation(n, 1.0)).unwrap();
    }
    let on_disk = read(std::fs::read(&path).unwrap()).unwrap().0;
    let last = on_disk.last().unwrap().at;
    assert!(observation(99, 1.0).at.duration_since(last) <= SignedDuration::from_secs(FRAME_SECONDS), "{last}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.awr");
    Recorder::create(&path, start()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn nothing_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let refusal = |name: &str| {
        let error = Recorder::create(&dir.path().join(name), start()).unwrap_err().to_string();
        error.replace(dir.path().to_str().unwrap(), "DIR")
    };
    std::fs::write(dir.path().join("empty"), "").unwrap();
    Recorder::create(&dir.path().join("empty"), start()).unwrap();
    std::fs::write(dir.path().join("diary"), "dear diary").unwrap();
    std::fs::create_dir(dir.path().join("dir")).unwrap();
    insta::assert_snapshot!([refusal("diary"), refusal("empty"), refusal("dir"), refusal("no/such")].join("\n"), @r"
    DIR/diary is there already, and is no recording: name another file, or remove it
    DIR/empty is there already, and is a recording: name another file, or remove it
    DIR/dir is there already, and is no recording: name another file, or remove it
    DIR/no/such: creating failed: No such file or directory (os error 2)
    ");
    assert_eq!(std::fs::read_to_string(dir.path().join("diary")).unwrap(), "dear diary");
}

#[test]
fn what_is_no_journal_is_refused_with_a_reason() {
    let compressed = |text: &str| zstd::encode_all(Cursor::new(text.as_bytes()), 1).unwrap();
    let newer = r#"{"awswatch_journal":9,"version":"4.0\u001b[31m","started":"2026-01-14T05:00:00Z"}"#;
    let record = r#"{"awswatch_journal":1,"version":"0.1.0","started":"2026-01-14T05:00:00Z"}"#;
    let messages: Vec<String> = [
        Vec::new(),
        b"dear diary".to_vec(),
        compressed("dear diary\n"),
        compressed("{\"a\":1}\n"),
        compressed("{"),
        compressed(&format!("{newer}\n")),
        compressed(&format!("{record}\n{{\"at\":3}}\n")),
    ]
    .into_iter()
    .map(|bytes| read(bytes).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_cut_is_told_from_an_end() {
    let (_, bytes) = written(20);
    let cut = bytes[..bytes.len() - 1].to_vec();
    let (list, end) = read(cut).unwrap();
    assert!(list.len() <= 20 && matches!(end, Some(End::Torn { .. })), "{end:?}");
}

#[test]
fn the_thread_writes_what_it_is_given_and_says_what_it_came_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.awr");
    let handle = RecorderHandle::spawn(Recorder::create(&path, start()).unwrap(), 1000).unwrap();
    for n in 0..100 {
        handle.record(observation(n, 1.0)).unwrap();
    }
    assert_eq!((handle.dropped(), handle.error()), (0, None));
    assert_eq!(handle.finish(), Recorded { written: 100, dropped: 0, error: None });
    assert_eq!(read(std::fs::read(&path).unwrap()).unwrap().0.len(), 100);
}

#[test]
fn a_full_disk_is_told_and_delays_nobody() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    // A link to the device that is always full stands for a disk that fills up after the recording began.
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::on(std::fs::OpenOptions::new().append(true).open("/dev/full").unwrap(), dir.path());
    let handle = RecorderHandle::spawn(recorder, 4).unwrap();
    let mut n = 0;
    while handle.error().is_none() && n < 1_000_000 {
        let _ = handle.record(observation(n, 1.0));
        n += 1;
    }
    assert!(handle.error().unwrap().contains("writing failed"), "{:?}", handle.error());
    let recorded = handle.finish();
    assert_eq!((recorded.written, recorded.dropped), (0, n.unsigned_abs()), "none is counted as written");
    assert!(recorded.error.is_some());
}

#[test]
fn what_is_given_up_counts_as_left_out_and_the_error_stays() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let full = std::fs::OpenOptions::new().append(true).open("/dev/full").unwrap();
    let mut recorder = Recorder::on(full, Path::new("x.awr"));
    let mut n = 0;
    while recorder.given_up() == 0 && n < 1_000_000 {
        let _ = recorder.record(&observation(n, 1.0));
        n += 1;
    }
    assert_eq!((recorder.written(), recorder.given_up(), recorder.held()), (0, n.unsigned_abs(), 0));
    recorder.record(&observation(n, 1.0)).unwrap();
    assert!(recorder.is_failing(), "what is only taken in says nothing of the disk");
}

#[test]
fn a_record_of_an_impossible_time_is_refused() {
    let header = r#"{"awswatch_journal":1,"version":"0.1.0","started":"2026-01-14T05:00:00Z"}"#;
    let outcome = serde_json::to_value(observation(2, 0.0)).unwrap();
    let wrong = |pointer: &str, value: &str| {
        let mut outcome = outcome.clone();
        *outcome.pointer_mut(pointer).unwrap() = value.into();
        let bytes = zstd::encode_all(Cursor::new(format!("{header}\n{outcome}\n")), 1).unwrap();
        read(bytes).map(|(list, _)| list.len()).map_err(|e| e.to_string())
    };
    let body = if outcome["body"].get("Outcome").is_some() { "/body/Outcome" } else { "/body/outcome" };
    assert_eq!(wrong("/at", "2026-01-14T05:00:00Z"), Ok(1));
    assert_eq!(wrong(&format!("{body}/next"), "2026-01-14T05:00:00Z"), Ok(1));
    for (what, value) in [
        ("at", "9999-12-30T22:00:00.999999999Z"),
        ("at", "-009999-01-02T01:59:59Z"),
        ("started", "9999-12-30T22:00:00.999999999Z"),
        ("next", "-009999-01-02T01:59:59Z"),
        ("interval", "PT2562047788015215H30M7S"),
        ("interval", "-PT1S"),
        ("took", "PT2562047788015215H30M7S"),
    ] {
        let at = if what == "at" { "/at".to_owned() } else { format!("{body}/{what}") };
        let error = wrong(&at, value).unwrap_err();
        assert!(error.contains("record 1 cannot be read") && error.contains(&format!("`{what}`")), "{error}");
    }
}

proptest! {
    #[test]
    fn any_cut_gives_the_first_records_and_no_others(share in 0.0f64..=1.0, count in 1i64..400) {
        let (all, bytes) = written(count);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small length")]
        let cut = (bytes.len() as f64 * share) as usize;
        match read(bytes[..cut].to_vec()) {
            Ok((list, _)) => prop_assert_eq!(&list[..], &all[..list.len()]),
            Err(error) => prop_assert!(matches!(error, JournalError::Foreign { .. }), "{}", error),
        }
    }

    #[test]
    fn no_damage_gives_a_wrong_record(at in 0usize..4000, with in any::<u8>()) {
        let (all, mut bytes) = written(60);
        let at = at % bytes.len();
        bytes[at] = with;
        if let Ok((list, _)) = read(bytes) {
            prop_assert_eq!(&list[..], &all[..list.len()]);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), magic in any::<bool>()) {
        if magic {
            bytes.splice(0..0, [0x28, 0xb5, 0x2f, 0xfd]);
        }
        let _ = read(bytes);
    }
}
