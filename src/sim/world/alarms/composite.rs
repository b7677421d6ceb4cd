//! Composite alarms: they turn a few seconds after a child has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::build::name_hash;
use super::super::fleet::{Region, plus};
use super::super::noise::{below, mix};
use super::super::{AlarmState, World};
use super::rule::Rule;
use super::{Turn, arn, first_look};

/// The turns of the composite alarm `index`, whose rule is `text`, up to `now`. A rule that cannot be read never holds.
///
/// A child is another alarm of the region, and comes before the composite in its list: there is no circle.
pub(super) fn turns(world: &World, region: &Region, index: usize, text: &str, now: Timestamp) -> Vec<Turn> {
    let specs = world.alarm_specs(region);
    let spec = &specs[index];
    let Ok(rule) = Rule::parse(text) else { return Vec::new() };
    let mut all: Vec<(&str, Turn)> = Vec::new();
    for name in rule.children() {
        let child = specs[..index].iter().position(|s| s.name == name);
        all.extend(child.into_iter().flat_map(|c| super::turns(world, region, c, now)).map(|turn| (name, turn)));
    }
    all.sort_by_key(|(_, turn)| turn.at);
    // By then every child has been looked at; what they are is what this alarm has long known.
    let settled = first_look(world, spec) + 900;
    let mut states: BTreeMap<&str, AlarmState> =
        rule.children().into_iter().map(|name| (name, AlarmState::InsufficientData)).collect();
    let mut out = Vec::new();
    let mut state = AlarmState::InsufficientData;
    let mut first = true;
    let settle = Timestamp::from_second(settled - 1).unwrap_or(now);
    let judged = |states: &BTreeMap<&str, AlarmState>| {
        if rule.holds(&|name| states.get(name).copied()) { AlarmState::Alarm } else { AlarmState::Ok }
    };
    for (name, turn) in &all {
        if first && turn.at > settle {
            let to = judged(&states);
            out.push(turn_of(region, state, to, settle, &states, None));
            (state, first) = (to, false);
        }
        states.insert(name, turn.to);
        let to = judged(&states);
        if first || to == state {
            continue;
        }
        let late =
            2 + i64::try_from(below(mix(name_hash(&world.config, &spec.name), out.len() as u64), 7)).unwrap_or(0);
        let at = out.last().map_or(Timestamp::MIN, |t: &Turn| t.at).max(plus(turn.at, late));
        out.push(turn_of(region, state, to, at, &states, Some((name, turn))));
        state = to;
    }
    if first && settle <= now {
        out.push(turn_of(region, state, judged(&states), settle, &states, None));
    }
    out.retain(|turn| turn.at <= now);
    out
}

/// The turn with CloudWatch's sentence for it; `because` is the child that turned.
fn turn_of(
    region: &Region,
    from: AlarmState,
    to: AlarmState,
    at: Timestamp,
    states: &BTreeMap<&str, AlarmState>,
    because: Option<(&str, &Turn)>,
) -> Turn {
    let (reason, triggering): (String, Vec<Value>) = if let Some((name, child)) = because {
        let stamp = child.at.strftime("%A %d %B, %Y %H:%M:%S UTC");
        let timestamp = child.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
        let trigger = json!({
            "arn": arn(region, name),
            "state": { "value": child.to.as_str(), "timestamp": timestamp },
        });
        (format!("{} transitioned to {} at {stamp}", arn(region, name), child.to.as_str()), vec![trigger])
    } else {
        let first = states.keys().next().copied().unwrap_or_default();
        (format!("{} was created and its alarm rule evaluates to {}", arn(region, first), to.as_str()), Vec::new())
    };
    Turn { at, from, to, reason, data: json!({ "triggeringAlarms": triggering }).to_string() }
}
