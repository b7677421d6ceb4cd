//! What a rule says of an alarm that stands so here.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::super::again::Again;
use super::super::reading::{events_unread, said_until};
use super::super::rule::{Rule, RuleLevel, Subject};
use super::super::{Basis, Severity, Standing, Unit, Verdict};
use super::{At, Local, LocalState};
use crate::model::{Alarm, AlarmState, Detail, PollerKind, Resource, Signal, Text};

/// What `rule` says of the alarm `resource`, which comes to `local`, and when that may be another with no news: nothing
/// where it is not to fire, no verdict where it `was_ok` and is. Of one that cannot be evaluated here it says what
/// CloudWatch does.
pub(super) fn verdict(
    rule: &Rule,
    resource: &Resource,
    local: &Local,
    at: At<'_>,
    was_ok: bool,
) -> Option<(Option<Verdict>, Again)> {
    let Detail::Alarm(alarm) = &resource.detail else { return None };
    if !matches!(rule.subject, Subject::Alarms) || !rule.applies_to(resource) {
        return None;
    }
    let levels = rule.levels_for(resource, at.now);
    if levels.is_empty() || local.mute.is_some() {
        return None;
    }
    let mut again = Again::ON_NEWS;
    let mut stands = |state: AlarmState, since| match state {
        AlarmState::Ok => Standing::Ok,
        AlarmState::InsufficientData => Standing::NoData,
        AlarmState::Alarm => {
            // Where nothing here says since when, CloudWatch may; where it does not either, there is nothing to wait for.
            let theirs = alarm.state_since.filter(|_| alarm.state == AlarmState::Alarm);
            let since = match since {
                Some(since) if local.older => Some(theirs.map_or(since, |theirs| theirs.min(since))),
                since => since.or(theirs),
            };
            let (loudest, until) = loudest(levels, since, at.now);
            again = again.or(until);
            loudest
        }
    };
    let standing = match &local.state {
        LocalState::Is(state) => stands(*state, local.since),
        LocalState::Loading => Standing::Loading,
        LocalState::Blind { poller, why, since } => {
            Standing::Blind { poller: *poller, why: why.clone(), since: *since }
        }
        LocalState::Untold(_) => {
            // That it was good says nothing of now where the alarms cannot be read.
            let scope = &resource.id.scope;
            let unread = events_unread(at.model, scope, PollerKind::Alarms, at.mode, at.now);
            match unread.filter(|_| alarm.state != AlarmState::Alarm) {
                Some(unread) => {
                    again = again.or(said_until(&unread, at.model, scope, at.now));
                    unread
                }
                None => stands(alarm.state, alarm.state_since),
            }
        }
    };
    if was_ok && standing == Standing::Ok {
        return Some((None, again));
    }
    let watched = local.watched.clone().or_else(|| alarm.watched(&resource.id));
    let title = match &watched {
        // A band and its metric have no name of their own but an id.
        Some(metric) => format!("{} {}", alarm.only_metric().unwrap_or(&metric.name), rule.title),
        None => "the rule of this composite alarm holds".to_owned(),
    };
    let unit = match &watched {
        Some(m) if m.name.ends_with("Utilization") || m.name.ends_with('%') => Unit::Percent,
        _ => Unit::Count,
    };
    let verdict = Verdict {
        rule: rule.id.clone(),
        resource: resource.id.clone(),
        standing,
        value: local.value,
        limit: local.limit,
        comparison: local.comparison,
        unit,
        title: title.into(),
        detail: detail(alarm, local),
        signal: watched.map(Signal::Metric),
        data_at: local.data_at,
        basis: Basis::Points,
    };
    Some((Some(verdict), again))
}

/// What `levels` say of an alarm that is in ALARM `since` then: the worst that was held, else the one that will be first;
/// and when that may be another.
fn loudest(levels: &[RuleLevel], since: Option<Timestamp>, now: Timestamp) -> (Standing, Again) {
    let Some(since) = since else {
        let worst = levels.iter().map(|l| l.severity).max().unwrap_or(Severity::Warning);
        // It is said to be since now, each time anew.
        return (Standing::Breach { severity: worst, since: now, held: true }, Again::EACH_PASS);
    };
    let waited = now.duration_since(since);
    let waiting = levels.iter().filter(|l| waited < l.hold);
    let again = waiting.clone().map(|l| Again::at_end_of(since, l.hold)).fold(Again::ON_NEWS, Again::or);
    let held = levels.iter().filter(|l| waited >= l.hold).map(|l| l.severity).max();
    let severity = held.or_else(|| waiting.min_by_key(|l| (l.hold, Reverse(l.severity))).map(|l| l.severity));
    (Standing::Breach { severity: severity.unwrap_or(Severity::Warning), since, held: held.is_some() }, again)
}

/// What the alarm asks for, in a few words; of one that cannot be evaluated here, why.
fn detail(alarm: &Alarm, local: &Local) -> Text {
    if let LocalState::Untold(why) = &local.state {
        return format!("by CloudWatch alone: {why}").into();
    }
    if alarm.is_composite() {
        return if local.children.is_empty() {
            alarm.rule.clone()
        } else {
            let names: Vec<&str> = local.children.iter().map(Text::as_str).collect();
            format!("in ALARM: {}", names.join(", ")).into()
        };
    }
    let (n, m) = (alarm.evaluation_periods.max(1), alarm.datapoints_to_alarm.max(1));
    let of: Vec<&str> = alarm.dimensions.iter().map(|(_, v)| v.as_str()).collect();
    let of = if of.is_empty() { String::new() } else { format!("{}: ", of.join(" ")) };
    format!("{of}{m} of {n} periods").into()
}
