//! The minutes of a story, as a metric alarm lives through them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::super::build::name_hash;
use super::super::fleet::Region;
use super::super::noise::below;
use super::super::{AlarmState, MetricAlarm, World};
use super::evaluate::{Verdict, evaluate};
use super::explain::explain;
use super::watch::{breaches, points};
use super::{Turn, first_look};

/// How far an alarm has been replayed.
#[derive(Debug)]
struct Replay {
    next: i64,
    state: AlarmState,
    turns: Vec<Turn>,
}

/// What has been replayed, by region and alarm.
#[derive(Debug, Default)]
pub(in super::super) struct Replays(Mutex<BTreeMap<(&'static str, usize), Replay>>);

/// Seconds between two evaluations.
fn step(alarm: &MetricAlarm) -> i64 {
    if alarm.period > 900 { 900 } else { 60 }
}

/// The turns of the metric alarm `index` up to `now`.
pub(super) fn turns(world: &World, region: &Region, index: usize, alarm: &MetricAlarm, now: Timestamp) -> Vec<Turn> {
    let spec = &world.alarm_specs(region)[index];
    let mut all = world.replays.0.lock().unwrap_or_else(PoisonError::into_inner);
    let first = first_look(world, spec);
    let entry = all.entry((region.name, index)).or_insert_with(|| Replay {
        next: first,
        state: AlarmState::InsufficientData,
        turns: Vec::new(),
    });
    let offset = i64::try_from(below(name_hash(&world.config, &spec.name) ^ index as u64, 50)).unwrap_or(0);
    replay(world, region, alarm, entry, (first, offset), now);
    entry.turns.iter().filter(|t| t.at <= now).cloned().collect()
}

fn replay(
    world: &World,
    region: &Region,
    alarm: &MetricAlarm,
    replay: &mut Replay,
    (first, offset): (i64, i64),
    now: Timestamp,
) {
    while replay.next + offset <= now.as_second() {
        if alarm.period <= 900 && replay.next >= first + 3_600 {
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
        replay.next += step(alarm);
        let Ok(at) = Timestamp::from_second(second) else { return };
        let window = points(world, region, alarm, at);
        let n = alarm.evaluation_periods as usize;
        if window.iter().filter_map(|(_, p)| *p).take(n).any(|p| p.few) {
            continue;
        }
        let values: Vec<Option<bool>> = window.iter().map(|(_, p)| p.map(|p| breaches(alarm, &p))).collect();
        let verdict = evaluate(&values, n, alarm.datapoints_to_alarm as usize, alarm.missing);
        let Verdict::Is(state) = verdict else { continue };
        if state == replay.state {
            continue;
        }
        let (reason, data) = explain(alarm, &window, state, at);
        replay.turns.push(Turn { at, from: replay.state, to: state, reason, data });
        replay.state = state;
    }
}
