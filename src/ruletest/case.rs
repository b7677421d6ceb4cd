//! A test after its file was read: everything named is known to exist.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::series::Told;
use crate::alerts::{Level, Phase};
use crate::model::{AlarmState, ErrorClass, EventKind, Resource, ResourceId, Source, Text};
use crate::rules::{BareAlarm, RuleSet};

/// The tests of one file.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The file's name, as it was given.
    pub file: String,
    /// Its tests, in their order.
    pub cases: Vec<Case>,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// When its first series begins; its times count from here.
    pub(super) start: Timestamp,
    pub(super) check: Check,
}

/// What a test looks at.
#[derive(Clone, Debug)]
pub(super) enum Check {
    /// The alerts that rules lead to.
    Alerts(Box<Scene>),
    /// The state of one alarm.
    Alarm(Box<AlarmCase>),
}

/// What happens, and what rules must make of it.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) rules: Arc<RuleSet>,
    /// Between two evaluations.
    pub(super) interval: SignedDuration,
    pub(super) budget: Option<f64>,
    pub(super) things: Vec<Thing>,
    pub(super) events: Vec<Happening>,
    pub(super) outages: Vec<Outage>,
    pub(super) expect: Vec<Expected>,
}

/// A resource, and what is told of it.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    /// As it is where the series say nothing else.
    pub(super) resource: Resource,
    pub(super) series: Vec<Told>,
    /// When it is not there, from and to, since the start.
    pub(super) gone: Vec<(SignedDuration, SignedDuration)>,
}

/// Something that happens once.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub(super) at: SignedDuration,
    /// When it can be read.
    pub(super) seen: SignedDuration,
    pub(super) of: ResourceId,
    pub(super) kind: EventKind,
}

/// When a poller cannot read.
#[derive(Clone, Debug)]
pub(super) struct Outage {
    pub(super) source: Source,
    pub(super) from: SignedDuration,
    pub(super) to: SignedDuration,
    pub(super) error: ErrorClass,
}

/// The alerts that there must be at one moment, no more and no fewer.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) line: usize,
    pub(super) at: SignedDuration,
    pub(super) alerts: Vec<Wanted>,
}

/// One alert that must be there. What is not stated is not compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) rule: String,
    /// Its id, or its name.
    pub(super) resource: Option<String>,
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) phase: Option<Phase>,
    pub(super) level: Option<Level>,
    pub(super) value: Option<f64>,
    /// Since when it is breached, from the start.
    pub(super) since: Option<SignedDuration>,
    /// Whether it rests on old data.
    pub(super) stale: Option<bool>,
    pub(super) labels: Vec<(Text, Text)>,
}

/// A bare alarm with its points.
#[derive(Clone, Debug)]
pub(super) struct AlarmCase {
    pub(super) alarm: BareAlarm,
    /// Seconds.
    pub(super) period: i64,
    /// How many periods an evaluation looks at.
    pub(super) range: usize,
    pub(super) previous: AlarmState,
    pub(super) band: Option<(f64, f64)>,
    pub(super) series: Told,
    /// How many samples each point is made of.
    pub(super) samples: Option<Told>,
    pub(super) expect: Vec<ExpectedState>,
}

/// The state that the alarm must be in after one evaluation.
#[derive(Clone, Debug)]
pub(super) struct ExpectedState {
    pub(super) line: usize,
    pub(super) at: SignedDuration,
    pub(super) state: AlarmState,
}
