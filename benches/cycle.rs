//! The two loops that a large fleet makes long: a cycle (observations in, rules over them) and a frame.
//!
//! `cargo bench --bench cycle`; `docs/performance.md` has what it gave and on what.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::{LazyLock, Mutex};

use awswatch::alerts::Alerts;
use awswatch::app::{Core, Event, Manners, Watch};
use awswatch::model::{
    Body, Detail, Instance, Kind, Metric, Model, Observation, Outcome, Point, PointBatch, PollerKind, QueryStatus,
    Resource, ResourceId, Scope, Source,
};
use awswatch::rules::{RuleContext, RuleSet};
use awswatch::ui::{Badge, Look, Page};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const INSTANCES: usize = 10_000;
const METRICS: [&str; 5] = ["CPUUtilization", "NetworkIn", "NetworkOut", "DiskReadBytes", "DiskWriteBytes"];
/// Points of history each series begins with: three hours of minutes.
const HISTORY: i64 = 180;
/// Queries of one `GetMetricData` call.
const CALL: usize = 500;

#[expect(clippy::print_stdout, reason = "this is what it is run for")]
fn main() {
    let before = resident();
    let fleet = FLEET.lock().unwrap();
    println!(
        "{} resources, {} series of {HISTORY} points: {:.1} MiB resident, {:.1} before",
        fleet.model.resources().count(),
        fleet.model.series_count(),
        resident(),
        before
    );
    drop(fleet);
    divan::main();
}

/// Memory of this process in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

struct Fleet {
    model: Model,
    rules: RuleSet,
    alerts: Alerts,
    now: Timestamp,
}

static FLEET: LazyLock<Mutex<Fleet>> = LazyLock::new(|| {
    let mut now: Timestamp = "2026-01-14T05:00:00Z".parse().unwrap();
    let mut model = Model::default();
    for observation in inventory(now) {
        model.apply(&observation);
    }
    for _ in 0..HISTORY {
        now += SignedDuration::from_mins(1);
        for observation in minute(now) {
            model.apply(&observation);
        }
    }
    Mutex::new(Fleet { model, rules: RuleSet::builtin(), alerts: Alerts::default(), now })
});

fn scope() -> Scope {
    Scope::new("bench", "ap-northeast-1")
}

fn observed(at: Timestamp, poller: PollerKind, body: Body) -> Observation {
    Observation { at, source: Source { scope: scope(), poller }, body }
}

fn instance(n: usize) -> ResourceId {
    ResourceId::new(&scope(), Kind::Instance, format!("i-{n:017x}"))
}

fn ended(at: Timestamp) -> Body {
    Body::Outcome(Outcome {
        started: at,
        took: SignedDuration::from_secs(1),
        calls: 1,
        pages: 1,
        billed_metrics: 0,
        throttles: 0,
        error: None,
        next: None,
        interval: SignedDuration::from_secs(60),
    })
}

/// What the listing pollers bring.
fn inventory(at: Timestamp) -> Vec<Observation> {
    let resources = (0..INSTANCES)
        .map(|n| Resource {
            id: instance(n),
            name: format!("worker-{n}").into(),
            tags: BTreeMap::from([("Name".into(), format!("worker-{n}").into()), ("team".into(), "batch".into())]),
            detail: Detail::Instance(Instance {
                state: "running".into(),
                instance_type: "t3.large".into(),
                zone: "ap-northeast-1a".into(),
                private_ip: format!("10.{}.{}.{}", n >> 16, (n >> 8) & 255, n & 255).into(),
                detailed_monitoring: true,
                ..Instance::default()
            }),
        })
        .collect();
    vec![
        observed(at, PollerKind::Instances, Body::Started),
        observed(at, PollerKind::Instances, Body::Inventory { kinds: vec![Kind::Instance], resources, partial: false }),
        observed(at, PollerKind::Instances, ended(at)),
        observed(at, PollerKind::Metrics, Body::Started),
    ]
}

/// A minute's points of every series, as the metrics poller brings them.
fn minute(at: Timestamp) -> Vec<Observation> {
    let from = at - SignedDuration::from_mins(1);
    let batches: Vec<PointBatch> = (0..INSTANCES * METRICS.len())
        .map(|n| PointBatch {
            resource: instance(n / METRICS.len()),
            metric: Metric::new("AWS/EC2", METRICS[n % METRICS.len()], "Average", 60),
            from,
            to: at,
            points: vec![Point { at: from, value: f64::from(u32::try_from(n % 70).unwrap()) }],
            status: QueryStatus::Complete,
        })
        .collect();
    let mut observations: Vec<Observation> =
        batches.chunks(CALL).map(|call| observed(at, PollerKind::Metrics, Body::Points(call.to_vec()))).collect();
    observations.push(observed(at, PollerKind::Instances, ended(at)));
    observations.push(observed(at, PollerKind::Metrics, ended(at)));
    observations
}

/// 50,000 new points taken in, every rule looked at, alerts updated.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn cycle_of_50_000_series(bencher: divan::Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            let mut fleet = FLEET.lock().unwrap();
            fleet.now += SignedDuration::from_mins(1);
            minute(fleet.now)
        })
        .bench_values(|observations| {
            let fleet = &mut *FLEET.lock().unwrap();
            for observation in &observations {
                fleet.model.apply(observation);
            }
            let verdicts = fleet.rules.evaluate(&fleet.model, &RuleContext::default(), fleet.now);
            black_box(fleet.alerts.update(&verdicts, &fleet.model, fleet.now));
            observations
        });
}

/// The rules alone.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn evaluate_10_000_instances(bencher: divan::Bencher<'_, '_>) {
    let fleet = FLEET.lock().unwrap();
    bencher.bench_local(|| fleet.rules.evaluate(&fleet.model, &RuleContext::default(), fleet.now));
}

fn core() -> (Core, Timestamp) {
    let start: Timestamp = "2026-01-14T05:00:00Z".parse().unwrap();
    let now = start + SignedDuration::from_mins(1);
    let manners = Manners { badge: Badge::Live, tz: TimeZone::UTC, author: "bench".into() };
    let mut core = Core::new(Watch::new(RuleSet::builtin(), RuleContext::default()), Look::default(), manners);
    for observation in inventory(start).into_iter().chain(minute(now)) {
        core.step(Event::Observation(Box::new(observation)), now, (200, 60));
    }
    (core, now)
}

/// A frame of 200x60 with nothing new known, as a key or the clock asks for it.
#[divan::bench(args = [Page::Overview, Page::Instances], sample_count = 50, sample_size = 1)]
fn frame_of_200x60(bencher: divan::Bencher<'_, '_>, page: Page) {
    let (mut core, now) = core();
    core.view.page = page;
    core.prepare(now);
    let area = Rect::new(0, 0, 200, 60);
    let mut buffer = Buffer::empty(area);
    bencher.bench_local(|| {
        core.prepare(now);
        awswatch::ui::draw_buffer(&mut buffer, area, &core.shown(now), &core.view, &core.look);
    });
}
