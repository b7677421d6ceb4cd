//! How much earlier than CloudWatch we are: each alarm's breach timed on both sides, as a distribution over the session.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{Alert, Phase};
use crate::model::{AlarmState, Detail, Kind, Model, ResourceId};

/// Most leads kept, each way.
const MAX_LEADS: usize = 4096;

/// The leads of the session.
#[derive(Clone, Debug, Default)]
pub(super) struct Leads {
    episodes: BTreeMap<ResourceId, Episode>,
    mirrored: VecDeque<i64>,
    rules: VecDeque<i64>,
    only_here: usize,
    only_there: usize,
}

/// What the leads of the session come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeadSummary {
    /// From when an alarm was in ALARM here until it was so at CloudWatch; negative where CloudWatch was first.
    pub mirrored: Spread,
    /// The same from the first alert of any other rule on what the alarm watches.
    pub rules: Spread,
    /// Breaches that were told here and that CloudWatch never turned for.
    pub only_here: usize,
    /// Breaches that CloudWatch turned for and that were never told here.
    pub only_there: usize,
}

/// A distribution of durations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many there are. Where there are none the others are zero.
    pub count: usize,
    /// The one in the middle.
    pub median: SignedDuration,
    /// What 95 of 100 do not exceed.
    pub p95: SignedDuration,
    /// The least.
    pub min: SignedDuration,
    /// The greatest.
    pub max: SignedDuration,
}

impl Spread {
    /// The distribution of `seconds`.
    #[must_use]
    pub fn of(seconds: impl IntoIterator<Item = i64>) -> Self {
        let mut sorted: Vec<i64> = seconds.into_iter().collect();
        sorted.sort_unstable();
        let rank = |percent: usize| {
            // The nearest rank: a value that there is.
            let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            SignedDuration::from_secs(sorted.get(at).copied().unwrap_or_default())
        };
        Self { count: sorted.len(), median: rank(50), p95: rank(95), min: rank(0), max: rank(100) }
    }
}

/// One breach of what an alarm watches.
#[derive(Clone, Debug, Default)]
struct Episode {
    /// When the alarm fired here.
    mirrored: Option<Timestamp>,
    /// When another rule's alert on the same fired.
    rule: Option<Timestamp>,
    /// When CloudWatch turned.
    theirs: Option<Timestamp>,
    told: [bool; 2],
    /// It began before anybody watched: who was first cannot be told.
    old: bool,
}

impl Leads {
    /// Takes in how the alerts and CloudWatch's alarms stand now.
    pub(super) fn update<'a>(
        &mut self,
        alerts: impl Iterator<Item = &'a Alert>,
        model: &Model,
        watching_since: Timestamp,
        now: Timestamp,
    ) {
        let mut ours: BTreeMap<ResourceId, Episode> = BTreeMap::new();
        for alert in alerts.filter(|a| a.phase == Phase::Firing) {
            let (alarm, mirrored) = match (&alert.cloudwatch, alert.id.resource.kind) {
                (_, Kind::Alarm) => (alert.id.resource.clone(), true),
                (Some(view), _) => (ResourceId::new(&alert.id.resource.scope, Kind::Alarm, view.alarm.clone()), false),
                (None, _) => continue,
            };
            let episode = ours.entry(alarm).or_default();
            let side = if mirrored { &mut episode.mirrored } else { &mut episode.rule };
            *side = match (*side, alert.fired_at) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            episode.old |= alert.since < watching_since;
        }
        for resource in model.of_kind(Kind::Alarm) {
            let Detail::Alarm(alarm) = &resource.detail else { continue };
            let theirs = (alarm.state == AlarmState::Alarm).then(|| alarm.state_since.unwrap_or(now));
            let ours = ours.remove(&resource.id);
            // What tells nobody is not told here either: nothing to be compared.
            if !alarm.tells() {
                continue;
            }
            if theirs.is_none() && ours.is_none() {
                if let Some(over) = self.episodes.remove(&resource.id) {
                    self.end(&over);
                }
                continue;
            }
            let episode = self.episodes.entry(resource.id.clone()).or_default();
            let ours = ours.unwrap_or_default();
            episode.old |= ours.old || theirs.is_some_and(|at| at < watching_since);
            episode.mirrored = episode.mirrored.or(ours.mirrored);
            episode.rule = episode.rule.or(ours.rule);
            episode.theirs = episode.theirs.or(theirs);
            if let (Some(theirs), false) = (episode.theirs, episode.old) {
                let sides = [(episode.mirrored, &mut self.mirrored), (episode.rule, &mut self.rules)];
                for ((ours, leads), told) in sides.into_iter().zip(&mut episode.told) {
                    if let (Some(ours), false) = (ours, *told) {
                        *told = true;
                        leads.push_back(theirs.duration_since(ours).as_secs());
                        if leads.len() > MAX_LEADS {
                            leads.pop_front();
                        }
                    }
                }
            }
        }
        self.episodes.retain(|id, _| model.resource(id).is_some());
    }

    fn end(&mut self, over: &Episode) {
        if over.old {
            return;
        }
        match (over.mirrored.or(over.rule), over.theirs) {
            (Some(_), None) => self.only_here += 1,
            (None, Some(_)) => self.only_there += 1,
            _ => {}
        }
    }

    /// What they come to.
    #[must_use]
    pub(super) fn summary(&self) -> LeadSummary {
        LeadSummary {
            mirrored: Spread::of(self.mirrored.iter().copied()),
            rules: Spread::of(self.rules.iter().copied()),
            only_here: self.only_here,
            only_there: self.only_there,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Alerts;
    use super::super::tests::{standing, verdict};
    use super::*;
    use crate::model::Alarm;
    use crate::rules::testing::{World, id, resource, t};

    #[test]
    fn a_spread_has_its_nearest_ranks() {
        let minutes = SignedDuration::from_mins;
        let spread = Spread::of((1..=100).rev().map(|m| m * 60));
        let expected = Spread { count: 100, median: minutes(50), p95: minutes(95), min: minutes(1), max: minutes(100) };
        assert_eq!(spread, expected);
        assert_eq!(Spread::of([]), Spread::default());
        assert_eq!(Spread::of([-7]).p95, SignedDuration::from_secs(-7));
    }

    /// Lives through `minutes`: what our alarm `a` says (a standing's letter), and CloudWatch's state (`A`, `O`) that it
    /// has had since the minute before.
    fn lived(minutes: &str, actions_enabled: bool) -> LeadSummary {
        let mut world = World::default();
        let mut alerts = Alerts::default();
        let mut since = (' ', t(-600));
        for (minute, both) in (0..).zip(minutes.split_whitespace()) {
            let [ours, theirs] = both.chars().collect::<Vec<_>>()[..] else { panic!("{both}") };
            if theirs != since.0 {
                since = (theirs, if minute == 0 { t(-600) } else { t(minute) - SignedDuration::from_secs(20) });
            }
            let state = if theirs == 'A' { AlarmState::Alarm } else { AlarmState::Ok };
            let alarm =
                Alarm { state, state_since: Some(since.1), namespace: "n".into(), actions_enabled, ..Alarm::default() };
            world.list(t(minute), vec![resource(Kind::Alarm, "a", Detail::Alarm(alarm))]);
            let told = verdict("cloudwatch-alarm", id(Kind::Alarm, "a"), standing(ours, t(minute)));
            let told = if actions_enabled { vec![told] } else { Vec::new() };
            alerts.update(&told, &world.model, t(minute));
        }
        alerts.leads()
    }

    #[test]
    fn each_breach_is_timed_once() {
        let of = |summary: LeadSummary| (summary.mirrored.count, summary.mirrored.median.as_secs());
        assert_eq!(of(lived("oO cO cO cA cA oA oO", true)), (1, 100));
        assert_eq!(of(lived("oO oO oA cA oO", true)), (1, -80), "CloudWatch was first");
        assert_eq!(of(lived("oO cA oO cO cA oO", true)), (2, -20));
        assert_eq!(lived("oO cO oO oA oA oO oO", true).mirrored.count, 0);
    }

    #[test]
    fn what_only_one_of_the_two_told_is_counted() {
        let only = |minutes| {
            let summary = lived(minutes, true);
            (summary.only_here, summary.only_there)
        };
        assert_eq!(only("oO cO oO oA oA oO oO"), (1, 1));
        assert_eq!(only("oO cO cO"), (0, 0), "it is not over");
        assert_eq!(only("oA oA oO"), (0, 0), "it began before we watched");
        assert_eq!(lived("oO oA oO", false), LeadSummary::default(), "it tells nobody");
    }
}
