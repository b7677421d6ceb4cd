//! How a replay or the demonstration plays: pause, step, speed, seek, and where its alerts are. What a key or a typed word
//! means is found here; the loop does it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::command::Action;
use super::format::clock;
use super::shown::{Badge, Shown};
use super::view::ViewState;
use crate::alerts::{AlertId, Level, Phase, Transition};
use crate::model::Source;

/// Most alerts marked; of more the oldest are forgotten.
const MAX_MARKS: usize = 2000;
/// An alert that fires again so soon before or after it is known to have fired is the same one, lived through again.
const SAME: SignedDuration = SignedDuration::from_secs(180);
/// A key for the alert before goes past the one that was reached so many real seconds ago.
const JUST_NOW: f64 = 2.0;
/// The speeds that the keys go through.
const SPEEDS: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
/// The speeds that may be typed.
const LEAST_MOST: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;

/// What of a replay or the demonstration a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlayKey {
    /// Stand still, or go on.
    Pause,
    /// Go on to the end of the next run of a poller, and stand there.
    Step,
    /// Half as fast.
    Slower,
    /// Twice as fast.
    Faster,
    /// To where the next alert fires.
    NextAlert,
    /// To where the one before fired.
    PreviousAlert,
    /// A minute back.
    Back,
    /// A minute on.
    On,
    /// Ten minutes back.
    FarBack,
    /// Ten minutes on.
    FarOn,
    /// To the start.
    Start,
}

/// What the loop must do with the time of a replay or the demonstration.
#[derive(Clone, Debug, PartialEq)]
pub enum Play {
    /// Stand still (`true`), or go on.
    Pause(bool),
    /// Go on to the end of the next run of a poller, and stand there.
    Step,
    /// Go so many times as fast as real time; infinite for as fast as it can.
    Speed(f64),
    /// Be at this moment.
    Seek(Timestamp),
    /// Live on, out of sight, until an alert fires, and be there.
    FindAlert,
}

/// Where an alert fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// How loud it is, at its worst.
    pub level: Level,
    /// When it resolved, if it did.
    pub until: Option<Timestamp>,
}

/// The alerts over time, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    fired: BTreeMap<(Timestamp, AlertId), Mark>,
    open: BTreeMap<AlertId, Timestamp>,
}

impl Marks {
    /// Takes in what became of an alert.
    pub fn take(&mut self, change: &Transition) {
        let alert = &change.alert;
        match alert.phase {
            Phase::Pending => {}
            Phase::Firing if !alert.counts() => {}
            Phase::Firing => {
                let known = self.open.get(&alert.id).copied().or_else(|| self.near(&alert.id, change.at));
                let at = known.unwrap_or(change.at);
                self.open.insert(alert.id.clone(), at);
                let mark = self.fired.entry((at, alert.id.clone()));
                let mark = mark.or_insert(Mark { level: alert.level, until: None });
                mark.level = mark.level.max(alert.level);
                while self.fired.len() > MAX_MARKS {
                    if let Some(((_, id), _)) = self.fired.pop_first() {
                        self.open.remove(&id);
                    }
                }
            }
            Phase::Resolved => {
                if let Some(at) = self.open.remove(&alert.id)
                    && let Some(mark) = self.fired.get_mut(&(at, alert.id.clone()))
                {
                    mark.until = Some(change.at);
                }
            }
        }
    }

    /// Takes in what another look at the same world found, which goes on from where that ended.
    pub fn join(&mut self, other: Self) {
        self.open.clear();
        for ((at, id), mark) in other.fired {
            let at = self.near(&id, at).unwrap_or(at);
            if mark.until.is_none() {
                self.open.insert(id.clone(), at);
            }
            let known = self.fired.entry((at, id)).or_insert_with(|| mark.clone());
            known.level = known.level.max(mark.level);
            known.until = known.until.or(mark.until);
        }
        while self.fired.len() > MAX_MARKS {
            self.fired.pop_first();
        }
    }

    fn near(&self, id: &AlertId, at: Timestamp) -> Option<Timestamp> {
        let from = at.checked_sub(SAME).unwrap_or(at);
        let to = at.checked_add(SAME).unwrap_or(at);
        self.fired
            .keys()
            .map(|(at, id)| (*at, id))
            .find(|(at, i)| *i == id && (from..=to).contains(at))
            .map(|(at, _)| at)
    }

    /// Every mark, in the order of time.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &Mark)> {
        self.fired.iter().map(|((at, _), mark)| (*at, mark))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fired.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fired.is_empty()
    }

    /// The first alert that fired after `at`.
    #[must_use]
    pub fn after(&self, at: Timestamp) -> Option<(Timestamp, &Mark)> {
        self.iter().find(|(fired, _)| *fired > at)
    }

    /// The last one that fired before `at`.
    #[must_use]
    pub fn before(&self, at: Timestamp) -> Option<(Timestamp, &Mark)> {
        self.iter().rev().find(|(fired, _)| *fired < at)
    }
}

/// How a replay or the demonstration plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    /// Whether time stands.
    pub paused: bool,
    /// How many of its seconds pass in a real one; infinite for as fast as it can.
    pub speed: f64,
    /// Whether it can go as fast as it can.
    pub unbounded: bool,
    /// The first moment there is.
    pub begins: Timestamp,
    /// The last one; `None` while it is not known, and in the demonstration, which has none.
    pub ends: Option<Timestamp>,
    /// From where on the alerts are known, in the demonstration: nobody looked at what was before.
    pub known_from: Timestamp,
    /// Up to where the alerts are known.
    pub known: Timestamp,
    /// Where it is going, and how far that is done, from 0 to 1.
    pub seeking: Option<(Timestamp, f64)>,
    /// The alerts.
    pub marks: Marks,
    /// Why it goes no further back or on, where it does not: a recording is made of it.
    pub fixed: Option<&'static str>,
    /// Why the recording breaks off where it does.
    pub damage: Option<String>,
    /// Why nobody looks for alerts after `known`, where the search failed: none known there is not none.
    pub unsearched: Option<String>,
    /// Whoever says anything in the recording, up to [`known`](Self::known).
    pub sources: BTreeSet<Source>,
}

impl Playback {
    /// One that plays from `begins` at `speed`.
    #[must_use]
    pub fn new(begins: Timestamp, speed: f64) -> Self {
        Self {
            paused: false,
            speed,
            unbounded: false,
            begins,
            ends: None,
            known_from: begins,
            known: begins,
            seeking: None,
            marks: Marks::default(),
            fixed: None,
            damage: None,
            unsearched: None,
            sources: BTreeSet::new(),
        }
    }

    /// Takes in that the world was lived through from `from` on to now.
    pub fn lived(&mut self, from: Timestamp) {
        // What lies between two times that were lived through is not known.
        self.known_from = if from > self.known { from } else { self.known_from.min(from) };
    }

    /// The moment nearest to `at` that there is.
    fn within(&self, at: Timestamp) -> Timestamp {
        at.max(self.begins).min(self.ends.unwrap_or(Timestamp::MAX))
    }

    /// The speed one step on from that in force.
    fn next_speed(&self, faster: bool) -> f64 {
        let speeds = SPEEDS.into_iter();
        if faster {
            let most = if self.unbounded { f64::INFINITY } else { self.speed.max(SPEEDS[8]) };
            speeds.clone().find(|s| *s > self.speed).unwrap_or(most)
        } else {
            speeds.rev().find(|s| *s < self.speed).unwrap_or(self.speed.min(SPEEDS[0]))
        }
    }
}

/// A speed as it is shown: `x4`, `max`.
pub(super) fn speed(s: f64) -> String {
    if s.is_finite() { format!("x{s}") } else { "max".into() }
}

/// What to say where there is nothing to play.
pub(super) const LIVE: &str =
    "this is live: time can be held and turned in a replay (--replay FILE) and in --demo only";

/// What `key` means on a screen that shows `shown`.
pub(super) fn press(key: PlayKey, shown: &Shown<'_>) -> Vec<Action> {
    let Some(of) = shown.playback else { return vec![Action::Say(LIVE.into())] };
    // Where it is going counts as where it is, so that keys pressed one after another add up.
    let now = of.seeking.map_or(shown.now, |(to, _)| to);
    let by = |seconds| {
        let to = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        seek(of, of.within(to))
    };
    match key {
        PlayKey::Pause => vec![Action::Play(Play::Pause(!of.paused))],
        PlayKey::Step => vec![Action::Play(Play::Step)],
        PlayKey::Slower => vec![Action::Play(Play::Speed(of.next_speed(false)))],
        PlayKey::Faster => vec![Action::Play(Play::Speed(of.next_speed(true)))],
        PlayKey::Back => by(-60),
        PlayKey::On => by(60),
        PlayKey::FarBack => by(-600),
        PlayKey::FarOn => by(600),
        PlayKey::Start => seek(of, of.begins),
        PlayKey::NextAlert => match of.marks.after(now) {
            Some((at, _)) => seek(of, at),
            None if of.fixed.is_some() => seek(of, now),
            None if matches!(shown.badge, Badge::Demo { .. }) => vec![Action::Play(Play::FindAlert)],
            None if let Some(why) = &of.unsearched => {
                let known = clock(of.known, &shown.tz);
                vec![Action::Say(format!("whether an alert fires after {known} is not known: {why}"))]
            }
            None if of.ends.is_none() => {
                let known = clock(of.known, &shown.tz);
                vec![Action::Say(format!("the recording is still being looked through: no alert fires until {known}"))]
            }
            None => vec![Action::Say("no alert fires after this".into())],
        },
        PlayKey::PreviousAlert => {
            let pace = if of.paused || !of.speed.is_finite() { 0.0 } else { of.speed };
            let slack = SignedDuration::try_from_secs_f64(JUST_NOW * pace).unwrap_or_default();
            match of.marks.before(now.checked_sub(slack).unwrap_or(now)) {
                Some((at, _)) => seek(of, at),
                None if of.known_from > of.begins => {
                    let known = clock(of.known_from, &shown.tz);
                    vec![Action::Say(format!(
                        "no alert is known before this: nobody looked at what was before {known}"
                    ))]
                }
                None => vec![Action::Say("no alert fires before this".into())],
            }
        }
    }
}

/// Goes to the moment `to`, or to the nearest one that there is.
pub(super) fn go_to(to: Timestamp, shown: &Shown<'_>) -> Vec<Action> {
    shown.playback.map_or_else(Vec::new, |of| seek(of, of.within(to)))
}

fn seek(of: &Playback, to: Timestamp) -> Vec<Action> {
    match of.fixed {
        Some(why) => vec![Action::Say(why.into())],
        None => vec![Action::Play(Play::Seek(to))],
    }
}

/// The moment of the time of day `time` in `tz` that is nearest to `near`, of those from `begins` to `ends`.
#[must_use]
pub fn nearest(
    time: jiff::civil::Time,
    near: Timestamp,
    begins: Timestamp,
    ends: Option<Timestamp>,
    tz: &TimeZone,
) -> Option<Timestamp> {
    let today = near.to_zoned(tz.clone()).date();
    let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()].into_iter().flatten();
    let moments = days.filter_map(|day| Some(day.to_datetime(time).to_zoned(tz.clone()).ok()?.timestamp()));
    moments
        .filter(|at| *at >= begins && ends.is_none_or(|ends| *at <= ends))
        .min_by_key(|at| at.duration_since(near).abs())
}

/// What a line typed into the palette means here, if it is `seek …` or `speed …`: what to do, with a sentence on it, or
/// what is wrong with it.
pub(super) fn typed(line: &str, shown: &Shown<'_>) -> Option<Result<(Play, String), String>> {
    let (word, rest) = line.trim_start().split_once(char::is_whitespace)?;
    let rest = rest.trim();
    let read = match word {
        "seek" => typed_seek,
        "speed" => typed_speed,
        _ => return None,
    };
    let Some(of) = shown.playback else { return Some(Err(LIVE.into())) };
    Some(match of.fixed.filter(|_| word == "seek") {
        Some(why) => Err(why.into()),
        None => read(rest, of, shown),
    })
}

fn typed_seek(rest: &str, of: &Playback, shown: &Shown<'_>) -> Result<(Play, String), String> {
    let how = "seek +10m, seek -90s, seek 04:59, seek 2026-01-14T05:10:00Z, seek start, seek end";
    let at = if let Some(by) = rest.strip_prefix('+') {
        by.parse().ok().and_then(|by: SignedDuration| shown.now.checked_add(by).ok())
    } else if let Some(by) = rest.strip_prefix('-') {
        by.parse().ok().and_then(|by: SignedDuration| shown.now.checked_sub(by).ok())
    } else if rest == "start" {
        Some(of.begins)
    } else if rest == "end" {
        let why = of.unsearched.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        Some(of.ends.ok_or_else(|| format!("the end is not known{why}"))?)
    } else if let Ok(time) = rest.parse::<jiff::civil::Time>()
        && rest.len() <= 8
    {
        let at = nearest(time, shown.now, of.begins, of.ends, &shown.tz);
        Some(at.ok_or_else(|| format!("there is no {rest} in {}", span(of, &shown.tz)))?)
    } else {
        rest.parse().ok()
    };
    let at = at.ok_or_else(|| format!("written like {how}"))?;
    let to = of.within(at);
    let told = if to == at { "be there" } else { "there is nothing beyond it" };
    Ok((Play::Seek(to), format!("{}: {told}", clock(to, &shown.tz))))
}

fn span(of: &Playback, tz: &TimeZone) -> String {
    let ends = of.ends.map_or_else(|| "…".to_owned(), |ends| clock(ends, tz));
    format!("{} to {ends}", clock(of.begins, tz))
}

fn typed_speed(rest: &str, of: &Playback, _: &Shown<'_>) -> Result<(Play, String), String> {
    if rest == "max" {
        return if of.unbounded {
            Ok((Play::Speed(f64::INFINITY), "as fast as it can".into()))
        } else {
            Err("only a demonstration that was started with --speed max can go so fast; seek goes there".into())
        };
    }
    match rest.strip_prefix('x').or_else(|| rest.strip_suffix('x')).unwrap_or(rest).parse::<f64>() {
        Ok(times) if LEAST_MOST.contains(&times) => Ok((Play::Speed(times), format!("{} real time", speed(times)))),
        _ => Err("a speed is a number from 0.1 to 10000 (1 is real time), or max".into()),
    }
}

impl ViewState {
    /// Forgets what was found of a world that is no longer shown, and goes on with the one that is.
    pub fn forget_rows(&mut self) {
        self.cache.clear();
        self.frozen = false;
    }
}
