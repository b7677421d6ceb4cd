//! What is shown: everything a frame needs, by reference.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::playback::Playback;
use crate::alerts::{Alert, Bundle, BundleId, Counts, Kept, LeadSummary, Level, Line, Phase, Transition};
use crate::model::{Model, ResourceId, Source, Text};
use crate::rules::{RuleContext, RuleSet};

/// What a frame is made from.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// What is known.
    pub model: &'a Model,
    /// What a person must be told.
    pub alerts: AlertsShown<'a>,
    /// How many rules are in force.
    pub rule_count: usize,
    /// Their ids and titles.
    pub rules: Vec<(Text, Text)>,
    /// The moment that is shown.
    pub now: Timestamp,
    /// The zone that times are shown in.
    pub tz: TimeZone,
    /// Whether this is the world, the demo or a replay.
    pub badge: Badge,
    /// What the console itself costs, in dollars a day; `None` while nothing is known of it.
    pub cost: Option<f64>,
    /// How many alarms are read whose price is not known, and not in that.
    pub unpriced: usize,
    /// The monthly budget in dollars.
    pub budget: Option<f64>,
    /// Since when the screen is frozen.
    pub frozen: Option<Timestamp>,
    /// The rules and what they are told besides, to say why one stands as it does; `None` where nobody asks.
    pub engine: Option<(&'a RuleSet, &'a RuleContext)>,
    /// Rules that are looked at less often than they would be, to keep to the budget; the most slowed first.
    pub slowed: &'a [Slowed],
    /// How many windows of CloudWatch's alarms would slide and stand on the clock's grid, to keep to the budget.
    pub on_grid: usize,
    /// Whether the line to the terminal takes frames slowly, so that fewer are drawn.
    pub slow_line: bool,
    /// A word to the user, in the footer.
    pub notice: Option<Notice>,
    /// How a replay or the demonstration plays; `None` where it is live.
    pub playback: Option<&'a Playback>,
    /// Whoever is to read, also those that have not begun: before they have, nothing is called good. `None` while a
    /// recording was not looked at far enough to tell.
    pub expected: Option<&'a BTreeSet<Source>>,
}

/// A rule whose metrics the budget lets be read less often than by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slowed {
    /// Its id.
    pub rule: Text,
    /// How often its metrics would be read, in seconds; of several the one that is read most often.
    pub usual: u32,
    /// How often they are read now, in seconds.
    pub every: u32,
}

/// The alerts of a moment.
#[derive(Clone, Debug, Default)]
pub struct AlertsShown<'a> {
    /// Firing and pending ones, worst first.
    pub active: Vec<&'a Alert>,
    /// Those that resolved lately, newest first.
    pub resolved: Vec<&'a Alert>,
    /// How many of each sort.
    pub counts: Counts,
    /// What rules wait for, with why it cannot be read or that it was not read yet: while there is any, nothing is
    /// called good.
    pub unread: Vec<(Source, Text)>,
    /// How much earlier than CloudWatch we were, over the session.
    pub leads: LeadSummary,
    /// Their changes, oldest first.
    pub timeline: Vec<&'a Transition>,
    /// Active ones as they are listed: what belongs together on one line, worst first.
    pub lines: Cow<'a, [Line]>,
    /// What is kept over restarts.
    pub kept: Option<&'a Kept>,
    /// Where to read what to do, by rule.
    pub runbooks: Option<&'a BTreeMap<Text, Text>>,
}

impl<'a> AlertsShown<'a> {
    /// The line that `id` names.
    #[must_use]
    pub fn line(&self, id: &BundleId) -> Option<&Line> {
        self.lines.iter().find(|l| l.bundle().as_ref() == Some(id))
    }

    /// The bundle that `id` names; none for what an alert stands for.
    #[must_use]
    pub fn bundle(&self, id: &BundleId) -> Option<&Bundle> {
        match self.line(id)? {
            Line::Many { bundle, .. } => Some(bundle),
            Line::Alert { .. } => None,
        }
    }

    /// Active alerts on `resource`, worst first.
    pub fn on(&self, resource: &ResourceId) -> impl Iterator<Item = &'a Alert> {
        self.active.iter().copied().filter(move |a| a.id.resource == *resource)
    }

    /// The worst firing level on `resource`.
    #[must_use]
    pub fn level(&self, resource: &ResourceId) -> Option<Level> {
        self.on(resource).filter(|a| a.phase == Phase::Firing && a.handling.silence.is_none()).map(|a| a.level).max()
    }

    /// Whether an alert on `resource` waits to fire.
    #[must_use]
    pub fn pending(&self, resource: &ResourceId) -> bool {
        self.on(resource).any(|a| a.phase == Phase::Pending)
    }

    /// How bad every resource with an alert is: pending 3, warning 4, blind 5, critical 6.
    pub(super) fn faults(&self) -> BTreeMap<&'a ResourceId, u8> {
        let mut faults = BTreeMap::new();
        for alert in &self.active {
            let bad = match (alert.phase, alert.level) {
                (Phase::Resolved, _) => continue,
                (Phase::Pending, _) => 3,
                (_, Level::Warning) => 4,
                (_, Level::Blind) => 5,
                (_, Level::Critical) => 6,
            };
            let worst = faults.entry(&alert.id.resource).or_insert(bad);
            *worst = bad.max(*worst);
        }
        faults
    }

    /// Changes when the list of alerts does; not when only their values do.
    pub(super) fn stamp(&self) -> (usize, usize, usize, usize, Option<Timestamp>) {
        let c = self.counts;
        let last = self.timeline.last().map(|t| t.at);
        (
            c.critical * 31 + c.warning + 961 * c.silenced,
            c.blind * 31 + c.pending + 961 * c.hidden,
            self.active.len() + 961 * self.lines.len(),
            self.resolved.len(),
            last,
        )
    }
}

/// Whose world is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Badge {
    /// AWS.
    #[default]
    Live,
    /// The simulator.
    Demo {
        /// The scenario's name.
        scenario: String,
        /// Times faster than life; infinite for as fast as it goes.
        speed: f64,
    },
    /// A recording.
    Replay {
        /// The file's name.
        file: String,
        /// Times faster than life; infinite for as fast as it goes.
        speed: f64,
    },
}

/// A word to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The word.
    pub text: String,
    /// Whether it is about something that went wrong.
    pub bad: bool,
}
