//! Runs a test.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use super::case::{AlarmCase, Case, Check, Expected, Scene, Wanted};
use super::report::{duration, number};
use super::world::World;
use crate::alerts::{Alert, Alerts, Level, Phase};
use crate::model::{Model, Signal, Text};
use crate::rules::{EvalMode, RuleContext};

/// What came of a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Where it was not as expected; none: it passed.
    pub failures: Vec<Failure>,
}

/// One expectation that was not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Its line in the file.
    pub line: usize,
    /// When, from the start.
    pub at: SignedDuration,
    /// When, by the test's clock.
    pub time: Timestamp,
    /// What was expected and did not come.
    pub lacks: Vec<String>,
    /// What came and was not expected.
    pub surplus: Vec<String>,
    /// What came as expected.
    pub met: Vec<String>,
    /// The points near it, a series a line.
    pub points: Vec<String>,
}

/// Runs `case`. The same case always has the same outcome.
#[must_use]
pub fn run(case: &Case) -> Outcome {
    let failures = match &case.check {
        Check::Alerts(scene) => alerts(scene, case.start),
        Check::Alarm(alarm) => alarm_states(alarm, case.start),
    };
    Outcome { failures }
}

fn alarm_states(case: &AlarmCase, start: Timestamp) -> Vec<Failure> {
    let mut failures = Vec::new();
    for expected in &case.expect {
        let now = start + expected.at;
        let got = case.state(now);
        if got != expected.state {
            let looked =
                case.points(now).iter().map(|p| p.map_or("_".to_owned(), |p| number(p.value))).collect::<Vec<_>>();
            failures.push(Failure {
                line: expected.line,
                at: expected.at,
                time: now,
                lacks: vec![expected.state.to_string()],
                surplus: vec![got.to_string()],
                met: Vec::new(),
                points: vec![format!("evaluation range, oldest first: {}", looked.join(" "))],
            });
        }
    }
    failures
}

fn alerts(scene: &Scene, start: Timestamp) -> Vec<Failure> {
    let last = scene.expect.iter().map(|e| e.at).max().unwrap_or_default();
    let mut moments: BTreeSet<SignedDuration> = scene.expect.iter().map(|e| e.at).collect();
    let mut at = SignedDuration::ZERO;
    while at <= last {
        moments.insert(at);
        at += scene.interval;
    }
    let mut world = World::new(scene, start);
    let (mut model, mut alerts) = (Model::default(), Alerts::default());
    let context = RuleContext { budget: scene.budget, mode: EvalMode::Live, ..RuleContext::default() };
    let mut failures = Vec::new();
    for at in moments {
        let now = start + at;
        if let Err(why) = world.step(now, &mut model) {
            let line = scene.expect.first().map_or(0, |e| e.line);
            let lacks = vec![format!("numbers that a resource can have: {why}")];
            let (surplus, met, points) = (Vec::new(), Vec::new(), Vec::new());
            return vec![Failure { line, at, time: now, lacks, surplus, met, points }];
        }
        let verdicts = scene.rules.evaluate(&model, &context, now);
        alerts.update(&verdicts, &model, now);
        for expected in scene.expect.iter().filter(|e| e.at == at) {
            failures.extend(compare(scene, expected, &alerts, &model, start));
        }
    }
    failures.sort_by_key(|f| f.line);
    failures
}

fn compare(scene: &Scene, expected: &Expected, alerts: &Alerts, model: &Model, start: Timestamp) -> Option<Failure> {
    let mut got = alerts.active();
    let mut wanted: Vec<&Wanted> = expected.alerts.iter().collect();
    // Those that say more choose first.
    wanted.sort_by_key(|w| std::cmp::Reverse(w.stated()));
    let name = |alert: &Alert| model.resource(&alert.id.resource).map_or_else(Text::default, |r| r.name.clone());
    let mut lacks = Vec::new();
    let mut met = Vec::new();
    for wanted in wanted {
        if let Some(i) = got.iter().position(|alert| wanted.is(alert, &name(alert), scene, start)) {
            met.push(told(got.remove(i), start));
        } else {
            let off = scene.rules.get(&wanted.rule).is_some_and(|r| !r.enabled);
            lacks.push(wanted.told() + if off { ": it is `enabled = false`" } else { "" });
        }
    }
    if lacks.is_empty() && got.is_empty() {
        return None;
    }
    let time = start + expected.at;
    Some(Failure {
        line: expected.line,
        at: expected.at,
        time,
        lacks,
        surplus: got.into_iter().map(|alert| told(alert, start)).collect(),
        met,
        points: points(scene, time, start),
    })
}

impl Wanted {
    /// How much it says.
    fn stated(&self) -> usize {
        usize::from(self.resource.is_some())
            + usize::from(self.region.is_some())
            + usize::from(self.account.is_some())
            + usize::from(self.phase.is_some())
            + usize::from(self.level.is_some())
            + usize::from(self.value.is_some())
            + usize::from(self.since.is_some())
            + usize::from(self.stale.is_some())
            + self.labels.len()
    }

    fn is(&self, alert: &Alert, name: &str, scene: &Scene, start: Timestamp) -> bool {
        let id = &alert.id.resource;
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs().max(1.0);
        let labels = || scene.rules.get(&self.rule).map(|r| &r.labels);
        alert.id.rule == self.rule.as_str()
            && self.resource.as_ref().is_none_or(|r| id.id == r.as_str() || name == r)
            && self.region.as_ref().is_none_or(|r| id.scope.region == r.as_str())
            && self.account.as_ref().is_none_or(|a| id.scope.account == a.as_str())
            && self.phase.is_none_or(|p| alert.phase == p)
            && self.level.is_none_or(|l| alert.level == l)
            && self.value.is_none_or(|v| alert.value.is_some_and(|got| close(got, v)))
            && self.since.is_none_or(|s| alert.since == start + s)
            && self.stale.is_none_or(|s| alert.stale_since.is_some() == s)
            && self.labels.iter().all(|(k, v)| labels().is_some_and(|l| l.get(k) == Some(v)))
    }

    fn told(&self) -> String {
        let mut said = vec![self.rule.clone()];
        said.extend(self.resource.as_ref().map(|r| format!("on {r}")));
        said.extend(self.region.as_ref().map(|r| format!("in {r}")));
        said.extend(self.account.as_ref().map(|a| format!("of {a}")));
        said.extend(self.phase.map(|p| phase(p).to_owned()));
        said.extend(self.level.map(|l| level(l).to_owned()));
        said.extend(self.value.map(|v| format!("value {}", number(v))));
        said.extend(self.since.map(|s| format!("since {}", duration(s))));
        said.extend(self.stale.map(|s| if s { "stale" } else { "not stale" }.to_owned()));
        said.extend(self.labels.iter().map(|(k, v)| format!("{k}={v}")));
        said.join(" ")
    }
}

/// An alert in the words of an expectation, and what it stands on.
fn told(alert: &Alert, start: Timestamp) -> String {
    let mut said =
        format!("{} on {} {} {}", alert.id.rule, alert.id.resource.id, phase(alert.phase), level(alert.level));
    if let Some(value) = alert.value {
        let _ = write!(said, " value {}", number(value));
        if let Some(limit) = alert.limit {
            let _ = write!(said, " ({} {})", alert.comparison.as_str(), number(limit));
        }
    }
    let _ = write!(said, " since {}", duration(alert.since.duration_since(start)));
    if alert.stale_since.is_some() {
        said.push_str(" stale");
    }
    said
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "pending",
        Phase::Firing => "firing",
        Phase::Resolved => "resolved",
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Warning => "warning",
        Level::Critical => "critical",
        Level::Blind => "blind",
    }
}

/// The points of each series that were complete at `time`, the newest of them.
fn points(scene: &Scene, time: Timestamp, start: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    for thing in &scene.things {
        for told in &thing.series {
            let (from, to) = told.near(time);
            let shown: Vec<String> = (from..to)
                .filter_map(|i| {
                    let value = match *told.values.get(i)? {
                        super::values::Value::Number(n) => number(n),
                        super::values::Value::Absent => "_".to_owned(),
                        super::values::Value::Unread => "stale".to_owned(),
                    };
                    Some(format!("{} {value}", duration(told.since(i, start))))
                })
                .collect();
            let shown = if shown.is_empty() { "none is complete".to_owned() } else { shown.join(", ") };
            let signal = match &told.signal {
                Signal::Metric(m) => format!("{} {}", m.name, m.stat),
                Signal::Api(a) => a.as_str().to_owned(),
            };
            lines.push(format!("{signal} of {}: {shown}", thing.resource.id.id));
        }
    }
    lines
}
