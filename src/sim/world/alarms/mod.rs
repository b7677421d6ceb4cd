//! CloudWatch's own alarms: they look at what has been published, once a minute, and turn as late as CloudWatch does.
//!
//! In: the alarms of a region and a moment. Out: their states, and when they changed. A state is found by replaying
//! the minutes of the story; what was replayed is kept, so that the next moment costs one minute.

mod evaluate;
mod spec;

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::json;

use super::build::{name_hash, setup};
use super::fleet::{Region, plus};
use super::noise::below;
use super::{Alarm, AlarmChange, AlarmState, MetricId, World, metrics};
use evaluate::{Treat, Verdict, evaluate};
pub(super) use spec::AlarmSpec;
pub(super) use spec::specs;

/// Seconds between the end of the newest period that is looked at and the evaluation.
const DELAY: i64 = 60;

/// One change of state.
#[derive(Clone, Debug)]
struct Turn {
    at: Timestamp,
    from: AlarmState,
    to: AlarmState,
    reason: String,
    data: String,
}

/// How far an alarm has been replayed.
#[derive(Debug)]
struct Replay {
    next: i64,
    state: AlarmState,
    turns: Vec<Turn>,
}

/// What has been replayed, by region and alarm.
#[derive(Debug, Default)]
pub(super) struct Replays(Mutex<BTreeMap<(&'static str, usize), Replay>>);

/// Seconds between two evaluations.
fn step(spec: &AlarmSpec) -> i64 {
    if spec.period > 900 { 900 } else { 60 }
}

/// The points that an evaluation at `at` looks at, newest first.
fn points(world: &World, region: &Region, spec: &AlarmSpec, at: Timestamp) -> Vec<(Timestamp, Option<f64>)> {
    let period = i64::from(spec.period);
    let end = (at.as_second() - DELAY).div_euclid(60) * 60;
    // The unpublished evaluation range: two periods more than N.
    let range = i64::from(spec.periods) + if spec.period > 900 { 0 } else { 2 };
    let moment = |second| Timestamp::from_second(second).unwrap_or(at);
    let from = end - range * period;
    let samples = metrics::datapoints(world, region, &spec.metric, spec.period, moment(from), moment(end), at);
    (1..=range)
        .map(|n| {
            let start = moment(end - n * period);
            let value = samples.iter().find(|s| s.at == start).and_then(|s| s.value(spec.statistic));
            (start, value)
        })
        .collect()
}

fn replay(world: &World, region: &Region, index: usize, spec: &AlarmSpec, replay: &mut Replay, now: Timestamp) {
    let offset = i64::try_from(below(name_hash(&world.config, &spec.name) ^ index as u64, 50)).unwrap_or(0);
    while replay.next + offset <= now.as_second() {
        if spec.period <= 900 && replay.next >= first_look(world, spec) + 3_600 {
            // While nothing happens no state changes; the bill alone moves by itself.
            match world.story.eventful(replay.next) {
                Some(next) if next > replay.next => {
                    replay.next = next;
                    continue;
                }
                Some(_) => {}
                None => return,
            }
        }
        let second = replay.next + offset;
        replay.next += step(spec);
        let Ok(at) = Timestamp::from_second(second) else { return };
        let window = points(world, region, spec, at);
        let values: Vec<Option<bool>> = window.iter().map(|(_, v)| v.map(|v| spec.breaches(v))).collect();
        let verdict = evaluate(&values, spec.periods as usize, spec.to_alarm as usize, spec.missing);
        let Verdict::Is(state) = verdict else { continue };
        if state == replay.state {
            continue;
        }
        let (reason, data) = explain(spec, &window, state, at);
        replay.turns.push(Turn { at, from: replay.state, to: state, reason, data });
        replay.state = state;
    }
}

/// The turns of alarm `index` up to `now`.
fn turns(world: &World, region: &Region, index: usize, now: Timestamp) -> Vec<Turn> {
    let spec = &world.alarm_specs(region)[index];
    let mut all = world.replays.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let entry = all.entry((region.name, index)).or_insert_with(|| Replay {
        next: first_look(world, spec),
        state: AlarmState::InsufficientData,
        turns: Vec::new(),
    });
    replay(world, region, index, spec, entry, now);
    entry.turns.iter().filter(|t| t.at <= now).cloned().collect()
}

/// Whether a turn is the world finding its feet rather than something that happened: the first one, when an alarm
/// that has stood for months is first looked at.
fn is_first(world: &World, spec: &AlarmSpec, turn: &Turn) -> bool {
    turn.from == AlarmState::InsufficientData && turn.at.as_second() < first_look(world, spec) + 900
}

/// The second from which an alarm is replayed.
fn first_look(world: &World, spec: &AlarmSpec) -> i64 {
    let before = if spec.period > 900 { 2 * 86_400 } else { 3_600 };
    (world.config.began.as_second() - before).div_euclid(900) * 900
}

/// When an alarm was last configured.
fn configured(world: &World, spec: &AlarmSpec) -> Timestamp {
    setup(i64::try_from(below(name_hash(&world.config, &spec.name), 600)).unwrap_or(0))
}

/// See [`World::alarms`].
pub(super) fn alarms(world: &World, region: &Region, now: Timestamp) -> Vec<Alarm> {
    let specs = world.alarm_specs(region);
    let mut out: Vec<Alarm> = (0..specs.len()).map(|index| alarm(world, region, index, now)).collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

fn alarm(world: &World, region: &Region, index: usize, now: Timestamp) -> Alarm {
    let spec = &world.alarm_specs(region)[index];
    let configured = configured(world, spec);
    let last = turns(world, region, index, now).pop();
    let (state, reason, reason_data, state_since) = if let Some(turn) = last {
        let since = if is_first(world, spec, &turn) { plus(configured, 300) } else { turn.at };
        (turn.to, turn.reason, turn.data, since)
    } else {
        let reason = match spec.missing {
            Treat::Missing => unknown(spec.periods as usize),
            _ => "Unchecked: Initial alarm creation".to_owned(),
        };
        (AlarmState::InsufficientData, reason, String::new(), configured)
    };
    Alarm {
        name: spec.name.clone(),
        arn: format!("arn:aws:cloudwatch:{}:{}:alarm:{}", region.name, region.account.id(), spec.name),
        description: spec.description.to_owned(),
        metric: spec.metric.clone(),
        statistic: spec.statistic,
        period: spec.period,
        evaluation_periods: spec.periods,
        datapoints_to_alarm: spec.to_alarm,
        threshold: spec.threshold,
        comparison: spec.comparison,
        treat_missing: spec.missing.as_str(),
        actions: vec![format!("arn:aws:sns:{}:{}:ops", region.name, region.account.id())],
        actions_enabled: true,
        configured,
        state,
        reason,
        reason_data,
        state_since,
    }
}

/// See [`World::alarm_history`].
pub(super) fn history(
    world: &World,
    region: &Region,
    alarm: Option<&str>,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Vec<AlarmChange> {
    let mut out = Vec::new();
    for (index, spec) in world.alarm_specs(region).iter().enumerate() {
        if alarm.is_some_and(|name| name != spec.name) {
            continue;
        }
        let turns = turns(world, region, index, now);
        for turn in turns.iter().filter(|t| t.at >= from && t.at <= to && !is_first(world, spec, t)) {
            let data = json!({
                "version": "1.0",
                "oldState": { "stateValue": turn.from.as_str() },
                "newState": {
                    "stateValue": turn.to.as_str(),
                    "stateReason": turn.reason,
                    "stateReasonData": serde_json::from_str::<serde_json::Value>(&turn.data).unwrap_or_default(),
                },
            });
            out.push(AlarmChange {
                alarm: spec.name.clone(),
                at: turn.at,
                from: turn.from,
                to: turn.to,
                summary: format!("Alarm updated from {} to {}", turn.from.as_str(), turn.to.as_str()),
                data: data.to_string(),
            });
        }
    }
    out.sort_by(|a, b| (b.at, &a.alarm).cmp(&(a.at, &b.alarm)));
    out
}

/// CloudWatch's sentence for a state, and the data behind it.
fn explain(
    spec: &AlarmSpec,
    window: &[(Timestamp, Option<f64>)],
    state: AlarmState,
    at: Timestamp,
) -> (String, String) {
    let n = spec.periods as usize;
    let real: Vec<(Timestamp, f64)> = window.iter().filter_map(|(t, v)| v.map(|v| (*t, v))).take(n).collect();
    let stamp = |t: &Timestamp| t.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
    let data = json!({
        "version": "1.0",
        "queryDate": stamp(&at),
        "startDate": real.last().map(|(t, _)| stamp(t)),
        "statistic": spec.statistic,
        "period": spec.period,
        "recentDatapoints": real.iter().rev().map(|(_, v)| *v).collect::<Vec<f64>>(),
        "threshold": spec.threshold,
    });
    let periods = |n: usize| format!("{n} period{}", if n == 1 { "" } else { "s" });
    let says = |v: f64| spec.breaches(v) == (state == AlarmState::Alarm);
    let reason = if state == AlarmState::InsufficientData {
        unknown(n)
    } else if !real.iter().any(|(_, v)| says(*v)) {
        // What is missing decided.
        let n = n - real.len();
        let treated = match spec.missing {
            Treat::Breaching => "Breaching",
            _ => "NonBreaching",
        };
        format!(
            "Threshold Crossed: no datapoints were received for {} and {n} missing datapoint{} treated as [{treated}].",
            periods(n),
            if n == 1 { " was" } else { "s were" },
        )
    } else {
        let breach = state == AlarmState::Alarm;
        let shown: Vec<&(Timestamp, f64)> = real.iter().filter(|(_, v)| says(*v)).collect();
        let list: Vec<String> =
            shown.iter().map(|(t, v)| format!("{v:?} ({})", t.strftime("%d/%m/%y %H:%M:%S"))).collect();
        let (count, words) = (shown.len(), spec.words());
        let (from, to) = if breach { ("OK", "ALARM") } else { ("ALARM", "OK") };
        let needed = if breach { spec.to_alarm } else { 1 };
        format!(
            "Threshold Crossed: {count} out of the last {} datapoints [{}] {} {words} the threshold ({:?}) (minimum \
             {needed} datapoint{} for {from} -> {to} transition).",
            real.len(),
            list.join(", "),
            match (count, breach) {
                (1, true) => "was",
                (1, false) => "was not",
                (_, true) => "were",
                (_, false) => "were not",
            },
            spec.threshold,
            if needed == 1 { "" } else { "s" },
        )
    };
    (reason, data.to_string())
}

fn unknown(n: usize) -> String {
    format!("Insufficient Data: {n} datapoint{} unknown.", if n == 1 { " was" } else { "s were" })
}

/// The metric of an alarm.
fn metric(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> MetricId {
    MetricId::new(namespace, name, dimensions)
}
