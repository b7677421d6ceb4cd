//! The effects of each scenario on the world's time axis.

use jiff::{SignedDuration, Timestamp};

use super::Scenario;

/// What one effect does, while it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) enum EffectKind {
    /// Traffic on `web-clb` outgrows `web-asg`.
    Surge,
    /// Hosts in this zone fail their checks.
    ZoneOutage(&'static str),
    /// `web-asg` is pinned at its maximum and then cannot launch.
    GroupPinned,
    /// `ci-runner` runs GPU instances abroad.
    Gpu,
    /// The root login and what follows it.
    Intruder,
    /// Calls are throttled, for this share of them.
    Throttled(f64),
    /// The login has run out.
    Expired,
    /// This region does not answer.
    Blind(&'static str),
}

impl EffectKind {
    /// The scenario that is about nothing else.
    pub(in crate::sim) fn scenario(self) -> Scenario {
        match self {
            Self::Surge => Scenario::Surge,
            Self::ZoneOutage(_) => Scenario::AzOutage,
            Self::GroupPinned => Scenario::AsgMax,
            Self::Gpu => Scenario::BillShock,
            Self::Intruder => Scenario::Intruder,
            Self::Throttled(_) => Scenario::Throttled,
            Self::Expired => Scenario::Expired,
            Self::Blind(_) => Scenario::Blind,
        }
    }
}

/// An effect and when it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::sim) struct Effect {
    /// What it does.
    pub(in crate::sim) kind: EffectKind,
    /// From.
    pub(in crate::sim) from: Timestamp,
    /// To; the aftermath of some effects (scaling in) comes later.
    pub(in crate::sim) to: Timestamp,
    /// How many of the story's minutes pass in one.
    pub(in crate::sim) pace: f64,
    /// How strong it is, where effects of its kind differ in that: 1 is the usual.
    pub(in crate::sim) strength: f64,
}

impl Effect {
    /// The story's minutes since it began; negative before.
    pub(in crate::sim) fn minutes(&self, at: Timestamp) -> f64 {
        at.duration_since(self.from).as_secs_f64() / 60.0 * self.pace
    }

    /// Whether it holds at `at`.
    pub(in crate::sim) fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The moment at which `minutes` of the story have passed since it began.
    pub(in crate::sim) fn after(&self, minutes: f64) -> Timestamp {
        after(self.from, minutes / self.pace)
    }
}

/// All that happens in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) struct Story {
    /// The effects, by their beginning.
    pub(in crate::sim) effects: Vec<Effect>,
}

/// `minutes` after `from`.
pub(in crate::sim) fn after(from: Timestamp, minutes: f64) -> Timestamp {
    from.checked_add(SignedDuration::from_secs_f64(minutes * 60.0)).unwrap_or(Timestamp::MAX)
}

/// Days on which a bad day comes again: a wall display shows it for weeks.
const BAD_DAYS: u32 = 21;
/// Minutes for which scaling in, and alarms, follow an effect.
const AFTERMATH: i64 = 180;

/// What AWS runs for ever until somebody stops it: longer than anybody watches.
const FOR_EVER: f64 = 60.0 * 24.0 * 400.0;

/// The effects of a bad day, with the minutes between which they hold.
const BAD_DAY: &[(EffectKind, f64, f64)] = &[
    (EffectKind::Surge, 0.0, 60.0),
    (EffectKind::Intruder, 14.0, 17.0),
    (EffectKind::ZoneOutage("ap-northeast-1c"), 75.0, 105.0),
    (EffectKind::Throttled(0.5), 112.0, 122.0),
    (EffectKind::GroupPinned, 125.0, 175.0),
    (EffectKind::Gpu, 150.0, 235.0),
    (EffectKind::Blind("us-east-1"), 205.0, 213.0),
    (EffectKind::Expired, 225.0, 232.0),
];

impl Story {
    /// The story of `scenario`, begun at `began`.
    pub(in crate::sim) fn new(scenario: Scenario, began: Timestamp) -> Self {
        use EffectKind::{Blind, Expired, Gpu, GroupPinned, Intruder, Surge, Throttled, ZoneOutage};
        let effects: &[(EffectKind, f64, f64)] = match scenario {
            Scenario::Calm => &[],
            Scenario::Surge => &[(Surge, 0.0, 60.0)],
            Scenario::AzOutage => &[(ZoneOutage("ap-northeast-1c"), 2.0, 45.0)],
            Scenario::AsgMax => &[(GroupPinned, 0.0, 50.0)],
            Scenario::BillShock => &[(Gpu, 2.0, FOR_EVER)],
            Scenario::Intruder => &[(Intruder, 1.0, 4.0)],
            Scenario::Throttled => &[(Throttled(0.7), 1.0, 40.0)],
            Scenario::Expired => &[(Expired, 3.0, 20.0)],
            Scenario::Blind => &[(Blind("ap-northeast-1"), 1.0, 30.0)],
            Scenario::BadDay => BAD_DAY,
        };
        let days = if scenario == Scenario::BadDay { BAD_DAYS } else { 1 };
        let effects = (0..days)
            .flat_map(|day| {
                let began = after(began, f64::from(day) * 24.0 * 60.0);
                effects.iter().map(move |&(kind, from, to)| Effect {
                    kind,
                    from: after(began, from),
                    to: after(began, to),
                    pace: 1.0,
                    strength: 1.0,
                })
            })
            .collect();
        Self { effects }
    }

    /// The same story, whose effects come about `pace` times as quickly and are `strength` times as strong. They begin
    /// when they did.
    pub(in crate::sim) fn varied(mut self, pace: f64, strength: f64) -> Self {
        for effect in &mut self.effects {
            effect.to = after(effect.from, effect.minutes(effect.to) / pace);
            (effect.pace, effect.strength) = (pace, strength);
        }
        self
    }

    /// The first second from `second` on at which something happens, is about to, or has just happened to what the
    /// account serves; `None` when nothing ever will.
    pub(in crate::sim) fn eventful(&self, second: i64) -> Option<i64> {
        let served = |k| matches!(k, EffectKind::Surge | EffectKind::ZoneOutage(_) | EffectKind::GroupPinned);
        let windows = self.effects.iter().filter(|e| served(e.kind)).map(|e| {
            let from = (e.from.as_second() - 600).div_euclid(60) * 60;
            (from, e.to.as_second() + AFTERMATH * 60)
        });
        windows.filter(|(_, to)| second < *to).map(|(from, _)| from.max(second)).min()
    }

    /// The effects of a kind that `pick` takes.
    pub(in crate::sim) fn pick<'a, T>(
        &'a self,
        pick: impl Fn(EffectKind) -> Option<T> + 'a,
    ) -> impl Iterator<Item = (Effect, T)> + 'a {
        self.effects.iter().filter_map(move |e| pick(e.kind).map(|t| (*e, t)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_day_shows_something_in_the_first_minutes_and_lasts_hours() {
        let began = Timestamp::UNIX_EPOCH;
        let story = Story::new(Scenario::BadDay, began);
        assert!(story.effects.iter().any(|e| e.holds(after(began, 2.0))));
        assert!(story.effects.is_sorted_by_key(|e| e.from));
        assert!(story.effects.iter().any(|e| e.holds(after(began, 210.0))));
        assert!(story.effects.iter().any(|e| e.holds(after(began, 24.0 * 60.0 + 2.0))), "and again tomorrow");
        assert!(Story::new(Scenario::Calm, began).effects.is_empty());
    }

    #[test]
    fn a_quicker_story_begins_when_it_did_and_is_over_sooner() {
        let story = Story::new(Scenario::AzOutage, Timestamp::UNIX_EPOCH).varied(2.0, 1.0);
        let [outage] = story.effects[..] else { panic!("{story:?}") };
        assert_eq!((outage.from, outage.to), (after(Timestamp::UNIX_EPOCH, 2.0), after(Timestamp::UNIX_EPOCH, 23.5)));
        assert_eq!(outage.after(43.0), outage.to);
        assert!((outage.minutes(outage.to) - 43.0).abs() < 1e-9);
    }

    #[test]
    fn quiet_time_is_skipped_to_the_next_effect() {
        let story = Story::new(Scenario::AzOutage, Timestamp::UNIX_EPOCH);
        for (second, want) in [(-9_000, Some(-480)), (0, Some(0)), (3_600, Some(3_600)), (50_000, None)] {
            assert_eq!(story.eventful(second), want, "{second}");
        }
    }
}
