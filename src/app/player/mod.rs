//! Time that can be held and turned: a replay's, and the demonstration's.
//!
//! In: a recording, or what the demonstration is made of, and what keys mean. Out: what comes next of a recording when its
//! time has come, and another [`Watch`] when one goes to another moment. Threads read, look for alerts and go back; the
//! loop only takes what is ready.
//!
//! A replay looks at the rules at the moments of its records and at moments between them that depend on these only. So
//! what is known at a moment is the same whether one played up to it, at whatever speed, or went there: going back is
//! living through the recording from its start, or from what was known at a moment before (`checkpoints`), and going on is
//! playing without waiting. The demonstration has no
//! records: going anywhere in it is living through the same world again, out of sight, and going on with new pollers.

mod checkpoints;
mod feed;
mod items;
mod world;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use checkpoints::Checkpoints;
pub(super) use feed::Arrival;
use feed::{Feed, Scan, ScanEnd, Seek};
pub use items::{Item, Items, What};
pub(super) use world::{Origin, Running};

use crate::clock::Clock;
use crate::rules::{RuleContext, RuleSet};
use crate::ui::{Play, Playback};

/// Most items taken before the screen gets its turn.
const BATCH: usize = 64;
/// How often it is shown how far a way is gone.
const TOLD: Duration = Duration::from_millis(100);
/// How fast the demonstration steps, at least.
const STEPPING: f64 = 64.0;
/// Why there is no seeking while a recording is made.
const RECORDED: &str = "a recording is made of this: it can pause and change its speed, but not go elsewhere in time";

/// Where the time comes from.
#[derive(Debug)]
enum Source {
    Recording {
        file: PathBuf,
        began: Timestamp,
        rules: RuleSet,
        context: RuleContext,
        feed: Feed,
        scan: Option<Scan>,
        known: Checkpoints,
    },
    World(Box<Origin>),
}

/// What has come.
#[derive(Debug)]
pub(super) enum Turn {
    /// [`Player::take`] has something.
    Due,
    /// A way is gone, or cannot be.
    Arrived(anyhow::Result<Arrival>),
    /// How far a way is gone is to be shown.
    Progress,
    /// It is to stop here.
    Until,
}

/// Holds and turns the time.
#[derive(Debug)]
pub struct Player {
    source: Source,
    clock: Clock,
    /// Whether this runtime's time jumps; `None` where it cannot.
    flying: Option<bool>,
    speed: f64,
    paused: bool,
    stepping: bool,
    seek: Option<Seek>,
    /// Whether that looks for an alert.
    finding: bool,
    /// Where a replay plays on to without waiting, and from where.
    skim: Option<(Timestamp, Timestamp)>,
    until: Option<Timestamp>,
    over: bool,
}

impl Player {
    /// Plays the recording `items` of `file` from `at` on, at `speed`, and stops at `until`.
    pub(super) fn replay(
        file: PathBuf,
        items: Items,
        (at, until): (Timestamp, Option<Timestamp>),
        speed: f64,
        (rules, context): (RuleSet, RuleContext),
    ) -> std::io::Result<(Self, Playback)> {
        let began = items.began();
        let known = Checkpoints::default();
        let scan = Scan::start(file.clone(), began, rules.clone(), context.clone(), known.clone())?;
        let feed = Feed::start(items)?;
        let mut playback = Playback::new(began, speed);
        playback.unbounded = true;
        let source = Source::Recording { file, began, rules, context, feed, scan: Some(scan), known };
        let mut player = Self::new(source, Clock::simulated(began, 1.0), speed);
        player.until = until;
        player.skim = (at > began).then_some((began, at));
        player.pace();
        player.show(&mut playback);
        Ok((player, playback))
    }

    /// Plays the demonstration `origin`, which runs on `clock`; `flying` says whether that is of a runtime whose time
    /// jumps. Seeking is refused where a recording is made.
    pub(super) fn world(
        origin: Origin,
        clock: Clock,
        speed: f64,
        flying: bool,
        until: Option<Timestamp>,
        recorded: bool,
    ) -> (Self, Playback) {
        let mut playback = Playback::new(origin.begins, speed);
        // Nobody looked at what was before.
        playback.known_from = origin.start;
        playback.unbounded = flying;
        playback.fixed = recorded.then_some(RECORDED);
        let mut player = Self::new(Source::World(Box::new(origin)), clock, speed);
        (player.flying, player.until) = (flying.then_some(true), until);
        (player, playback)
    }

    fn new(source: Source, clock: Clock, speed: f64) -> Self {
        Self {
            source,
            clock,
            flying: None,
            speed,
            paused: false,
            stepping: false,
            seek: None,
            finding: false,
            skim: None,
            until: None,
            over: false,
        }
    }

    /// The clock that everything runs on.
    pub(super) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// What the demonstration is made of.
    pub(super) fn origin(&self) -> Option<&Origin> {
        match &self.source {
            Source::World(origin) => Some(origin),
            Source::Recording { .. } => None,
        }
    }

    /// Whether one is on the way to another moment: what happens there is no news.
    pub(super) fn is_seeking(&self) -> bool {
        self.seek.is_some() || self.skim.is_some()
    }

    /// Lets the clock go as it now must.
    fn pace(&mut self) {
        let stands = self.seek.is_some() || self.skim.is_some() || self.over || (self.paused && !self.stepping);
        let world = matches!(self.source, Source::World(_));
        let flies = world && !stands && self.speed.is_infinite();
        if let Some(flying) = &mut self.flying
            && *flying != flies
        {
            Clock::fly(flies);
            *flying = flies;
        }
        // A replay that goes as fast as it can is put from record to record, and so is one that steps.
        if stands || (!world && (self.stepping || self.speed.is_infinite())) {
            self.clock.hold();
        } else if flies {
            self.clock.go(1.0);
        } else {
            self.clock.go(if self.stepping { self.speed.max(STEPPING) } else { self.speed });
        }
    }

    /// Shows how it plays.
    pub(super) fn show(&mut self, playback: &mut Playback) {
        playback.paused = self.paused || self.over;
        playback.speed = self.speed;
        let now = self.clock.now();
        let share = |from: Timestamp, to: Timestamp, at: Timestamp| {
            let whole = to.duration_since(from).as_secs_f64();
            if whole > 0.0 { (at.duration_since(from).as_secs_f64() / whole).clamp(0.0, 1.0) } else { 1.0 }
        };
        playback.seeking = match (&self.seek, self.skim) {
            (Some(seek), _) => {
                let reached = Timestamp::from_second(seek.reached.load(Ordering::Relaxed)).unwrap_or(seek.from);
                let to = if self.finding { reached } else { seek.to };
                Some((to, share(seek.from, seek.to, reached)))
            }
            (None, Some((from, to))) => Some((to, share(from, to, now))),
            (None, None) => None,
        };
        match &mut self.source {
            Source::World(_) => playback.known = playback.known.max(now),
            Source::Recording { scan, .. } => {
                if let Some(found) = scan.as_ref().and_then(|scan| scan.news(playback.known)) {
                    let ended = !matches!(found.end, ScanEnd::Unknown);
                    playback.known = found.known;
                    (playback.marks, playback.sources) = (found.marks, found.sources);
                    match found.end {
                        ScanEnd::Unknown => {}
                        ScanEnd::Whole => playback.ends = Some(found.known),
                        ScanEnd::Broken(why) => {
                            (playback.ends, playback.damage) = (Some(found.known), Some(why));
                        }
                        ScanEnd::Failed(why) => playback.unsearched = Some(why),
                    }
                    if ended {
                        *scan = None;
                    }
                }
                // Where nobody looks for the end any more, it is where playing comes to one.
                if self.over && playback.unsearched.is_some() {
                    playback.ends = Some(now);
                }
            }
        }
    }

    /// Does what a key means. Returns what is to be said of it.
    pub(super) fn play(&mut self, play: &Play) -> Option<String> {
        let mut said = None;
        match *play {
            Play::Pause(_) | Play::Step if self.over => said = Some("the recording ends here".to_owned()),
            Play::Pause(stand) => (self.paused, self.stepping) = (stand, false),
            Play::Step if self.is_seeking() => {}
            Play::Step => (self.paused, self.stepping) = (true, true),
            Play::Speed(speed) => self.speed = speed,
            Play::Seek(to) => said = self.seek(to, None).err().map(|error| error.to_string()),
            Play::FindAlert => {
                let now = self.clock.now();
                let to = now.checked_add(world::AHEAD).unwrap_or(now);
                said = self.seek(to, Some(now)).err().map(|error| error.to_string());
            }
        }
        self.pace();
        said
    }

    /// Goes to `to`, or in the demonstration to the first alert after `after`.
    fn seek(&mut self, to: Timestamp, after: Option<Timestamp>) -> std::io::Result<()> {
        let now = self.clock.now();
        // Where it is to stop no way leads past; an alert is looked for wherever it is.
        let to = self.until.filter(|_| after.is_none()).map_or(to, |until| until.min(to));
        (self.stepping, self.finding) = (false, after.is_some());
        match &self.source {
            // On the way on, what is known of a moment ahead is nearer than here.
            Source::Recording { known, .. }
                if to >= now && self.seek.is_none() && known.before(to).is_none_or(|ahead| ahead.at <= now) =>
            {
                self.skim = (!self.over).then_some((now, to));
            }
            Source::Recording { .. } if to >= now && self.over => {}
            Source::Recording { file, began, rules, context, known, .. } => {
                self.skim = None;
                let engine = (rules.clone(), context.clone());
                self.seek = Some(Seek::in_recording(file, to, (*began).min(to), engine, known)?);
            }
            Source::World(origin) => {
                let from = origin.from(after.unwrap_or(to));
                let origin = origin.clone();
                self.seek = Some(Seek::start(from, to, move |way| origin.live(to, after, way), || ())?);
            }
        }
        Ok(())
    }

    /// What is taken in at the end of a way: what is known there. The demonstration runs on from there on `clock`.
    pub(super) fn arrive(&mut self, arrival: &mut Arrival, clock: Option<Clock>) {
        self.seek = None;
        // What is known is of then: the clock must not be turned back to where it was to stop.
        self.until = self.until.filter(|until| *until >= arrival.at);
        match (&mut self.source, arrival.feed.take()) {
            (Source::Recording { feed, .. }, Some(next)) => {
                *feed = next;
                self.over = false;
                // The end may be of this very moment.
                self.skim = Some((arrival.at, arrival.at));
                self.clock.set(arrival.at);
            }
            _ => self.clock = clock.unwrap_or_else(|| self.clock()),
        }
        self.pace();
    }

    /// Stays where it is, after a way that could not be gone.
    pub(super) fn stay(&mut self) {
        self.seek = None;
        self.pace();
    }

    /// Hears that a run of a poller ended: a step of the demonstration is over.
    pub(super) fn run_ended(&mut self) {
        if matches!(self.source, Source::World(_)) && std::mem::take(&mut self.stepping) {
            self.pace();
        }
    }

    /// Stops where it was to stop.
    pub(super) fn stop(&mut self) {
        if let Some(until) = self.until.take() {
            (self.paused, self.stepping, self.skim) = (true, false, None);
            self.pace();
            self.clock.set(until);
        }
    }

    /// The end of what may be taken now; `None` where all may.
    fn limit(&self) -> Option<Timestamp> {
        let limit = match self.skim {
            Some((_, to)) => Some(to),
            None if self.stepping || (self.speed.is_infinite() && !self.paused) => None,
            None => Some(self.clock.now()),
        };
        match (limit, self.until) {
            (Some(limit), Some(until)) => Some(limit.min(until)),
            (limit, until) => limit.or(until),
        }
    }

    /// The items of a recording whose time has come: as many as the loop should take at once.
    pub(super) fn take(&mut self) -> Vec<Item> {
        let mut taken = Vec::new();
        while taken.len() < BATCH && !self.over && self.seek.is_none() {
            let limit = self.limit();
            let Source::Recording { feed, .. } = &mut self.source else { break };
            let Some(item) = feed.take_if(|item| limit.is_none_or(|limit| item.at <= limit)) else {
                // Where something comes that is beyond, all before it was taken.
                if feed.peek().is_none() || self.clock_goes() {
                    break;
                }
                if let Some((_, to)) = self.skim.take_if(|(_, to)| limit == Some(*to)) {
                    self.clock.set(to);
                    self.pace();
                } else if limit == self.until {
                    self.stop();
                }
                break;
            };
            if matches!(item.what, What::End(_)) {
                (self.over, self.skim, self.stepping) = (true, None, false);
                self.pace();
            } else if self.stepping && item.ends_a_run() {
                // What is of the same moment belongs to it.
                (self.stepping, self.skim) = (false, Some((item.at, item.at)));
                self.pace();
            }
            if !self.clock_goes() {
                self.clock.set(item.at);
            }
            taken.push(item);
        }
        taken
    }

    fn clock_goes(&self) -> bool {
        let stands = self.skim.is_some() || self.seek.is_some() || self.over || self.paused || self.stepping;
        !stands && self.speed.is_finite()
    }
}

/// Waits for what comes next of `player`; for ever where there is none. Nothing is lost when it is not waited for to its
/// end.
pub(super) async fn next(player: &mut Option<Player>) -> Turn {
    let Some(player) = player else { return std::future::pending().await };
    let real = Clock::system();
    if let Some(seek) = &mut player.seek {
        return tokio::select! {
            biased;
            arrival = &mut seek.arrival => Turn::Arrived(arrival.unwrap_or_else(|_| Err(gone()))),
            () = real.sleep(TOLD) => Turn::Progress,
        };
    }
    let waits = player.over || (player.paused && !player.stepping && player.skim.is_none());
    let (limited, goes, until) = (player.skim.is_some(), player.clock_goes(), player.until);
    let clock = player.clock.clone();
    match &mut player.source {
        Source::World(_) => match until {
            Some(until) if !waits => {
                clock.sleep_until(until).await;
                Turn::Until
            }
            _ => std::future::pending().await,
        },
        Source::Recording { .. } if waits => std::future::pending().await,
        Source::Recording { feed, .. } => {
            let Some(item) = feed.head().await else { return std::future::pending().await };
            if goes && !limited {
                let due = until.map_or(item.at, |until| item.at.min(until));
                clock.sleep_until(due).await;
                if until.is_some_and(|until| until < item.at) {
                    return Turn::Until;
                }
            }
            Turn::Due
        }
    }
}

fn gone() -> anyhow::Error {
    anyhow::anyhow!("the way there broke off")
}

/// The moment so long after the start.
pub(super) fn since(begins: Timestamp, after: Duration) -> anyhow::Result<Timestamp> {
    Ok(begins.checked_add(SignedDuration::try_from(after)?)?)
}

#[cfg(test)]
mod tests;
