//! The wall: a picture that turns by itself, worst first, to be read across a room and left alone for weeks.
//!
//! ```text
//!  Tick ──► Wall::tick ──► which slide, held or not, since when blind          strip: counts and clock, big
//!                                 │                                            body:  one slide: an alert, or a page
//!  Shown ──► only its scopes ──► draw ──► BLIND over all, or strip, body, line line:  whose, how old, cost, badge
//! ```
//!
//! Everything but the turn follows from what is known at the moment it is drawn: when data stops the next frame says so,
//! and when it comes back the next frame shows it.

mod alert;
mod big;
mod blind;
mod draw;
mod lists;
mod money;
mod scope;
mod slides;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crossterm::event::KeyEvent;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::command::{Action, Command};
use super::keymap::{Context, KeyResult};
use super::look::Look;
use super::shown::Shown;
use crate::alerts::{AlertId, Level};
use crate::model::Text;

pub use scope::check_filter;
use slides::Slide;

/// What the wall can show besides alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WallPage {
    /// How many alerts there are, and what is watched.
    Status,
    /// Each alert by itself, worst first.
    Alerts,
    /// Load balancers and their hosts.
    Balancers,
    /// Auto Scaling groups between their limits.
    Scaling,
    /// The bill.
    Bill,
    /// How old what is read is, by account and region.
    Data,
}

/// What a wall is to show, and how.
#[derive(Clone, Debug)]
pub struct WallPlan {
    /// Its name; empty where it has none.
    pub name: Text,
    /// What it shows.
    pub pages: Vec<WallPage>,
    /// Seconds a slide stays.
    pub turn: u32,
    /// Most alerts that have a slide of their own.
    pub most_alerts: usize,
    /// Only these accounts; empty: all.
    pub accounts: Vec<Text>,
    /// Only these regions; empty: all.
    pub regions: Vec<Text>,
    /// Only alerts that match this filter; empty: all.
    pub filter: String,
    /// Whether the picture moves about, so that it burns into no screen.
    pub shift: bool,
    /// How it looks by day.
    pub day: Look,
    /// How it looks by night.
    pub night: Look,
    /// When the day begins and when the night does.
    pub hours: (Time, Time),
    /// The zone of its clock, and of day and night.
    pub tz: TimeZone,
}

/// How long it is told that data had stopped and is back.
const TELL_RECOVERY: SignedDuration = SignedDuration::from_mins(10);
/// Most alerts that are remembered as having been shown at once when they came.
const MAX_KNOWN: usize = 1000;

/// A wall: its plan, and where it is.
#[derive(Debug)]
pub struct Wall {
    plan: WallPlan,
    slide: Slide,
    /// Ticks since it shows that.
    on: u32,
    /// Ticks since it began.
    ticks: u64,
    held: bool,
    /// Alerts that were there at the last tick.
    known: BTreeSet<AlertId>,
    blind_since: Option<Timestamp>,
    /// When data came back, and how long it had been gone.
    back: Option<(Timestamp, SignedDuration)>,
}

impl Wall {
    /// A wall as `plan` has it.
    #[must_use]
    pub fn new(plan: WallPlan) -> Self {
        let first = plan.pages.iter().copied().find(|p| *p != WallPage::Alerts).unwrap_or(WallPage::Status);
        Self {
            plan,
            slide: Slide::Page(first),
            on: 0,
            ticks: 0,
            held: false,
            known: BTreeSet::new(),
            blind_since: None,
            back: None,
        }
    }

    /// A second passed: turns when it is time, and at once to what has just become critical or blind.
    pub fn tick(&mut self, shown: &Shown<'_>) {
        self.ticks += 1;
        self.on = self.on.saturating_add(1);
        let shown = &scope::scoped(&self.plan, shown);
        self.watch_blindness(shown);
        let loud = |level| matches!(level, Level::Critical | Level::Blind);
        let now: Vec<&AlertId> = shown.alerts.active.iter().filter(|a| a.counts()).map(|a| &a.id).collect();
        let new = shown.alerts.active.iter().find(|a| a.counts() && loud(a.level) && !self.known.contains(&a.id));
        let new = new.filter(|_| self.plan.pages.contains(&WallPage::Alerts)).map(|a| a.id.clone());
        self.known = now.into_iter().take(MAX_KNOWN).cloned().collect();
        if self.held {
            return;
        }
        if let Some(id) = new {
            self.show(Slide::Alert(id));
        } else if self.on >= self.plan.turn {
            self.turn(shown, true);
        }
    }

    fn watch_blindness(&mut self, shown: &Shown<'_>) {
        match (self.blind_since, blind::judge(&self.plan, shown).is_some()) {
            (None, true) => self.blind_since = Some(shown.now),
            (Some(since), false) => {
                self.blind_since = None;
                self.back = Some((shown.now, shown.now.duration_since(since)));
            }
            _ => {}
        }
        self.back =
            self.back.filter(|(at, _)| (SignedDuration::ZERO..TELL_RECOVERY).contains(&shown.now.duration_since(*at)));
    }

    fn show(&mut self, slide: Slide) {
        self.slide = slide;
        self.on = 0;
    }

    fn turn(&mut self, shown: &Shown<'_>, forward: bool) {
        let slides = slides::slides(&self.plan, shown);
        let n = slides.len();
        let next = match slides.iter().position(|s| *s == self.slide) {
            Some(at) if forward => (at + 1) % n.max(1),
            Some(at) => (at + n.saturating_sub(1)) % n.max(1),
            None => 0,
        };
        if let Some(slide) = slides.into_iter().nth(next) {
            self.show(slide);
        }
    }

    /// What a key does: the keymap's commands for leaving, freezing and moving mean leaving, holding and turning here.
    pub fn press(&mut self, key: KeyEvent, shown: &Shown<'_>) -> Vec<Action> {
        let KeyResult::Command(command) = self.plan.day.keymap.command(&[], key, Context::Everywhere) else {
            return Vec::new();
        };
        match command {
            Command::Quit => return vec![Action::Quit],
            Command::Suspend => return vec![Action::Suspend],
            Command::Redraw => return vec![Action::Redraw],
            Command::Freeze => {
                self.held = !self.held;
                self.on = 0;
            }
            Command::Unfold | Command::Down | Command::Next | Command::NextPane | Command::PageDown => {
                self.turn(&scope::scoped(&self.plan, shown), true);
            }
            Command::Fold | Command::Up | Command::Previous | Command::PreviousPane | Command::PageUp => {
                self.turn(&scope::scoped(&self.plan, shown), false);
            }
            _ => {}
        }
        Vec::new()
    }

    /// How it looks at `now`.
    #[must_use]
    pub fn look(&self, now: Timestamp) -> &Look {
        let time = now.to_zoned(self.plan.tz.clone()).time();
        let (day, night) = self.plan.hours;
        let is_day = if day <= night { (day..night).contains(&time) } else { time >= day || time < night };
        if is_day { &self.plan.day } else { &self.plan.night }
    }
}

pub use draw::draw as draw_wall;
