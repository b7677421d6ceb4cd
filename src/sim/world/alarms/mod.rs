//! CloudWatch's own alarms: they look at what has been published, once a minute, and turn as late as CloudWatch does.
//!
//! In: the alarms of a region and a moment. Out: their states, and when they changed. The state of a metric alarm is
//! found by replaying the minutes of the story; what was replayed is kept, so that the next moment costs one minute.
//! The state of a composite alarm follows from its children's turns.

mod composite;
mod evaluate;
mod explain;
mod replay;
mod rule;
mod set_up;
mod spec;
mod watch;

use jiff::Timestamp;
use serde_json::json;

use super::build::{name_hash, setup};
use super::fleet::{Region, plus};
use super::noise::below;
use super::{Alarm, AlarmChange, AlarmState, AlarmWatch, Treat, World};
pub(super) use replay::Replays;
use rule::Rule;
pub(super) use set_up::specs;
pub(super) use spec::AlarmSpec;

/// One change of state.
#[derive(Clone, Debug)]
struct Turn {
    at: Timestamp,
    from: AlarmState,
    to: AlarmState,
    reason: String,
    data: String,
}

/// The turns of alarm `index` up to `now`.
fn turns(world: &World, region: &Region, index: usize, now: Timestamp) -> Vec<Turn> {
    match &world.alarm_specs(region)[index].watch {
        AlarmWatch::Metrics(alarm) => replay::turns(world, region, index, alarm, now),
        AlarmWatch::Alarms(rule) => composite::turns(world, region, index, rule, now),
    }
}

/// Whether a turn is the world finding its feet rather than something that happened: the first one, when an alarm
/// that has stood for months is first looked at.
fn is_first(world: &World, spec: &AlarmSpec, turn: &Turn) -> bool {
    turn.from == AlarmState::InsufficientData && turn.at.as_second() < first_look(world, spec) + 900
}

/// The second from which an alarm is replayed.
fn first_look(world: &World, spec: &AlarmSpec) -> i64 {
    let slow = matches!(&spec.watch, AlarmWatch::Metrics(alarm) if alarm.period > 900);
    let before = if slow { 2 * 86_400 } else { 3_600 };
    (world.config.began.as_second() - before).div_euclid(900) * 900
}

/// When an alarm was last configured.
fn configured(world: &World, spec: &AlarmSpec) -> Timestamp {
    setup(i64::try_from(below(name_hash(&world.config, &spec.name), 600)).unwrap_or(0))
}

fn arn(region: &Region, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", region.name, region.account.id())
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
        let reason = match &spec.watch {
            AlarmWatch::Metrics(alarm) if alarm.missing == Treat::Missing && alarm.few_samples.is_none() => {
                explain::unknown(alarm.evaluation_periods as usize)
            }
            _ => "Unchecked: Initial alarm creation".to_owned(),
        };
        (AlarmState::InsufficientData, reason, String::new(), configured)
    };
    let children = match &spec.watch {
        AlarmWatch::Alarms(text) => {
            Rule::parse(text).map(|rule| rule.children().into_iter().map(str::to_owned).collect()).unwrap_or_default()
        }
        AlarmWatch::Metrics(_) => Vec::new(),
    };
    Alarm {
        name: spec.name.clone(),
        arn: arn(region, &spec.name),
        description: spec.description.to_owned(),
        watch: spec.watch.clone(),
        children,
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
                composite: matches!(spec.watch, AlarmWatch::Alarms(_)),
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
