//! The two loops that a large fleet makes long: a cycle (observations in, rules over them) and a frame.
//!
//! `cargo bench --bench cycle`; `docs/performance.md` has what it gave and on what.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Mutex;

use awswatch::app::{Core, Event, Manners, Watch};
use awswatch::model::{
    Alarm, Body, Detail, Instance, Kind, Metric, Observation, Outcome, Point, PointBatch, PollerKind, QueryStatus,
    Resource, ResourceId, Scope, Source,
};
use awswatch::rules::{RuleContext, RuleSet, RuleSource, Standing, Verdict};
use awswatch::ui::{Badge, Look, Page};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const INSTANCES: usize = 10_000;
/// Those that the built-in rules read of an instance, with their statistics.
const METRICS: [(&str, &str); 5] = [
    ("CPUUtilization", "Average"),
    ("CPUCreditBalance", "Minimum"),
    ("CPUSurplusCreditsCharged", "Maximum"),
    ("EBSIOBalance%", "Minimum"),
    ("EBSByteBalance%", "Minimum"),
];
/// The built-in rules on them, asked for by the minute instead of every five.
const BY_THE_MINUTE: &str = r#"
[[rule]]
id = "instance-cpu"
signal = { metric = "AWS/EC2/CPUUtilization", stat = "Average", period = "1m" }
[[rule]]
id = "instance-cpu-credits"
period = "1m"
[[rule]]
id = "instance-cpu-credits-low"
period = "1m"
[[rule]]
id = "instance-cpu-surplus"
period = "1m"
[[rule]]
id = "instance-ebs-io-balance"
period = "1m"
[[rule]]
id = "instance-ebs-byte-balance"
period = "1m"
"#;
/// Points of history each series begins with: three hours of minutes.
const HISTORY: i64 = 180;
/// Queries of one `GetMetricData` call.
const CALL: usize = 500;

#[expect(clippy::print_stdout, reason = "this is what it is run for")]
fn main() {
    let before = resident();
    let now = start();
    let mut watch = Watch::new(rules(0), RuleContext::default());
    tell(&mut watch, &inventory(now));
    let listed = resident();
    let now = with_history(&mut watch, now);
    println!(
        "{} resources: {:.1} MiB; {} series of {HISTORY} points: {:.1} MiB; {before:.1} MiB before",
        watch.model.resources().count(),
        listed - before,
        watch.model.series_count(),
        resident() - listed,
    );
    watch.evaluate_now(now);
    println!("what the {} rules said of them: {:.1} MiB resident in all", watch.rule_count(), resident());
    drop(watch);
    divan::main();
}

/// Memory of this process in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

fn start() -> Timestamp {
    "2026-01-14T05:00:00Z".parse().unwrap()
}

/// The built-in rules, and `more` over the five metrics, of which each has a warning and a critical limit.
fn rules(more: usize) -> RuleSet {
    let one = |n: usize| {
        let (metric, stat) = METRICS[n % METRICS.len()];
        let signal = format!("{{ metric = \"AWS/EC2/{metric}\", stat = \"{stat}\", period = \"1m\" }}");
        let limits = format!("warning = \"> {}\"\ncritical = {{ limit = \"> {}\", for = \"5m\" }}", 80 + n, 90 + n);
        format!("[[rule]]\nid = \"bench-{n}\"\ntitle = \"t\"\nkind = \"instance\"\nsignal = {signal}\n{limits}\n")
    };
    let text: String = BY_THE_MINUTE.to_owned() + &(0..more).map(one).collect::<String>();
    RuleSet::load(&[RuleSource { name: FILE, text: &text }], &[]).unwrap()
}

const FILE: &str = "bench.toml";
/// What no metric tells, and nothing here reads.
const STATUS: &str = "instance-status-checks";

fn tell(watch: &mut Watch, observations: &[Observation]) {
    for observation in observations {
        watch.observe(observation);
    }
}

/// Three hours of minutes from `now` on, as the first reading of a series brings them: all at once, 500 series a call.
fn with_history(watch: &mut Watch, now: Timestamp) -> Timestamp {
    let to = now + SignedDuration::from_mins(HISTORY);
    let at = |minute: i64| now + SignedDuration::from_mins(minute);
    for call in (0..INSTANCES * METRICS.len()).collect::<Vec<_>>().chunks(CALL) {
        let whole = |n: &usize| PointBatch {
            from: now,
            points: (0..HISTORY).map(|minute| point(*n, at(minute))).collect(),
            ..batch(*n, to)
        };
        let batches = call.iter().map(whole).collect();
        tell(watch, &[observed(to, PollerKind::Metrics, Body::Points(batches))]);
    }
    tell(watch, &[observed(to, PollerKind::Instances, ended(to)), observed(to, PollerKind::Metrics, ended(to))]);
    to
}

/// A fleet with its history, whose rules were looked at.
fn fleet(rules: RuleSet) -> (Watch, Timestamp) {
    let mut watch = Watch::new(rules, RuleContext::default());
    tell(&mut watch, &inventory(start()));
    let now = with_history(&mut watch, start());
    let unread =
        |v: &&Verdict| v.resource.kind == Kind::Instance && v.standing == Standing::Loading && *v.rule != *STATUS;
    assert_eq!(watch.rules.evaluate(&watch.model, &watch.context, now).iter().find(unread), None);
    watch.evaluate_now(now);
    (watch, now)
}

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
        lacks: None,
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

/// A point that is other each minute and breaches nothing: what is charged is nothing, what is left is more than a fifth.
fn point(n: usize, at: Timestamp) -> Point {
    if METRICS[n % METRICS.len()].0 == "CPUSurplusCreditsCharged" {
        return Point { at, value: 0.0 };
    }
    let minute = at.as_second() / 60;
    let moves = f64::from(u8::try_from(minute * 7 % 5).unwrap());
    Point { at, value: f64::from(21 + u32::try_from(n % 50).unwrap()) + moves }
}

/// The last minute's point of series `n`.
fn batch(n: usize, at: Timestamp) -> PointBatch {
    let (name, stat) = METRICS[n % METRICS.len()];
    let from = at - SignedDuration::from_mins(1);
    PointBatch {
        resource: instance(n / METRICS.len()),
        metric: Metric::new("AWS/EC2", name, stat, 60),
        from,
        to: at,
        points: vec![point(n, from)],
        status: QueryStatus::Complete,
    }
}

/// A minute's points of every series of the first `instances`, as the metrics poller brings them.
fn minute(at: Timestamp, instances: usize) -> Vec<Observation> {
    let batches: Vec<PointBatch> = (0..instances * METRICS.len()).map(|n| batch(n, at)).collect();
    let mut observations: Vec<Observation> =
        batches.chunks(CALL).map(|call| observed(at, PollerKind::Metrics, Body::Points(call.to_vec()))).collect();
    observations.push(observed(at, PollerKind::Instances, ended(at)));
    observations.push(observed(at, PollerKind::Metrics, ended(at)));
    observations
}

/// 50,000 new points taken in, rules looked at, alerts updated: under the built-in rules, of which one looks at each of
/// the five metrics, and with one more on each.
#[divan::bench(args = [0, 5], sample_count = 20, sample_size = 1)]
fn cycle_of_50_000_series(bencher: divan::Bencher<'_, '_>, more: usize) {
    cycle(bencher, rules(more), INSTANCES);
}

/// The same points, under no rule.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn apply_50_000_points(bencher: divan::Bencher<'_, '_>) {
    cycle(bencher, rules(0).only(|_| false), INSTANCES);
}

/// Twenty rules on 10,000 instances, of which so many have new points: what is taken in, and the rules looked at again.
#[divan::bench(args = [0, 1, 10, 100, 1000, 10_000], sample_count = 20, sample_size = 1)]
fn evaluate_20_rules_on_10_000_where_changed(bencher: divan::Bencher<'_, '_>, changed: usize) {
    let bencher = bencher.counter(divan::counter::ItemsCount::new(changed * METRICS.len()));
    cycle(bencher, rules(20).only(|r| r.id.starts_with("bench-")), changed);
}

/// The same rules, all looked at as if nothing had been known.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn evaluate_20_rules_on_10_000_whole(bencher: divan::Bencher<'_, '_>) {
    let (watch, now) = fleet(rules(20).only(|r| r.id.starts_with("bench-")));
    bencher.bench_local(|| watch.rules.evaluate(&watch.model, &watch.context, now));
}

/// CloudWatch's alarms mirrored, one on each of the first 1,000 of 10,000 instances, of which so many have new points;
/// every tenth is part of a composite alarm of ten.
#[divan::bench(args = [0, 1, 10, 100, 1000], sample_count = 20, sample_size = 1)]
fn evaluate_1000_mirrored_alarms_where_changed(bencher: divan::Bencher<'_, '_>, changed: usize) {
    let (mut watch, now) = fleet(RuleSet::builtin().only(awswatch::rules::Rule::mirrors_alarms));
    tell(&mut watch, &[observed(now, PollerKind::Alarms, alarms()), observed(now, PollerKind::Alarms, ended(now))]);
    watch.evaluate_now(now);
    cycle_of(bencher, (watch, now), changed);
}

/// 1,000 alarms on metrics, and 10 made of ten of them each.
fn alarms() -> Body {
    let on = |n: usize| Alarm {
        namespace: "AWS/EC2".into(),
        metric: METRICS[0].0.into(),
        dimensions: vec![("InstanceId".into(), instance(n).id)],
        stat: METRICS[0].1.into(),
        period: 60,
        evaluation_periods: 3,
        datapoints_to_alarm: 2,
        comparison: "GreaterThanThreshold".into(),
        threshold: Some(90.0),
        actions_enabled: true,
        ..Alarm::default()
    };
    let of = |n: usize| {
        let names: Vec<String> = (0..10).map(|i| format!("ALARM(cpu-{})", n * 100 + i * 10)).collect();
        Alarm { rule: names.join(" OR ").into(), actions_enabled: true, ..Alarm::default() }
    };
    let listed = |name: String, alarm: Alarm| Resource {
        id: ResourceId::new(&scope(), Kind::Alarm, name.clone()),
        name: name.into(),
        tags: BTreeMap::new(),
        detail: Detail::Alarm(alarm),
    };
    let metric = (0..1000).map(|n| listed(format!("cpu-{n}"), on(n)));
    let composite = (0..10).map(|n| listed(format!("any-{n}"), of(n)));
    Body::Inventory { kinds: vec![Kind::Alarm], resources: metric.chain(composite).collect(), partial: false }
}

fn cycle(bencher: divan::Bencher<'_, '_>, rules: RuleSet, changed: usize) {
    cycle_of(bencher, fleet(rules), changed);
}

fn cycle_of(bencher: divan::Bencher<'_, '_>, fleet: (Watch, Timestamp), changed: usize) {
    let fleet = Mutex::new(fleet);
    bencher
        .with_inputs(|| {
            let (_, now) = &mut *fleet.lock().unwrap();
            *now += SignedDuration::from_secs(60);
            (minute(*now, changed), *now)
        })
        .bench_local_values(|(observations, now)| {
            let (watch, _) = &mut *fleet.lock().unwrap();
            tell(watch, &observations);
            black_box(watch.evaluate_now(now));
            observations
        });
}

fn core() -> (Core, Timestamp) {
    let now = start() + SignedDuration::from_mins(1);
    let manners = Manners { badge: Badge::Live, tz: TimeZone::UTC, author: "bench".into() };
    let mut core = Core::new(Watch::new(RuleSet::builtin(), RuleContext::default()), Look::default(), manners);
    for observation in inventory(start()).into_iter().chain(minute(now, INSTANCES)) {
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
