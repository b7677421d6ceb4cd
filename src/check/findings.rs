//! What a pass comes to, before it is worded.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use super::figure::span;
use crate::alerts::{Alert, Alerts, Level, Phase};
use crate::exit::Exit;
use crate::model::{ErrorClass, Freshness, Kind, Model, PollError, PollerKind, Scope, Source, Text};
use crate::rules::ALL_POLLERS;

/// One pass.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// What was read.
    pub model: &'a Model,
    /// What came of it.
    pub alerts: &'a Alerts,
    /// Every poller that the rules need, in every scope that was to be read.
    pub needed: &'a BTreeSet<Source>,
    /// How many rules were evaluated.
    pub rules: usize,
    /// The time.
    pub now: Timestamp,
    /// In which zone to show it.
    pub zone: &'a TimeZone,
    /// The time that was allowed, when it was not enough.
    pub timed_out: Option<Duration>,
}

/// What a pass comes to.
#[derive(Clone, Debug)]
pub struct Findings<'a> {
    /// How to leave.
    pub exit: Exit,
    /// Firing critical alerts, those that have stood longest first, mirrored alarms after the others. Not those mirrored
    /// alarms that an alert of an own rule, as loud or louder, stands for.
    pub critical: Vec<&'a Alert>,
    /// Firing warnings, in the same order.
    pub warning: Vec<&'a Alert>,
    /// Firing alerts that a silence covers, worst first: they are told, and do not count. What is blind is never among
    /// them: what could not be read is not OK, whoever silences it.
    pub silenced: Vec<&'a Alert>,
    /// Alerts that are not held for long enough yet.
    pub pending: usize,
    /// What could not be read, by scope and reason; not empty: the pass is not OK.
    pub unread: Vec<Gap>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where. `None`: everywhere.
    pub scope: Option<Scope>,
    /// What, in a few words: pollers' names, or a rule and its resource.
    pub what: String,
    /// Why, and the way out.
    pub why: String,
}

impl<'a> Findings<'a> {
    /// What `input` comes to.
    ///
    /// Critical goes before unread: somebody must act, whatever else is hidden. Unread goes before warning: behind what
    /// could not be read there may be worse.
    #[must_use]
    pub fn of(input: &Input<'a>) -> Self {
        let active = input.alerts.active();
        let told = |a: &Alert| a.handling.silence.is_none() || a.level == Level::Blind;
        let silenced = active.iter().copied().filter(|a| a.phase == Phase::Firing && !told(a)).collect();
        // A mirrored alarm that says what an own rule says is on that rule's line; whoever stands for it is as loud.
        let mirrored = |a: &Alert| a.id.resource.kind == Kind::Alarm;
        let folded = |a: &Alert| mirrored(a) && a.handling.hidden_by.is_some();
        let firing = |level: Level| {
            let fires = |a: &&Alert| a.phase == Phase::Firing && a.level == level && told(a) && !folded(a);
            let mut list: Vec<&Alert> = active.iter().copied().filter(fires).collect();
            list.sort_by(|a, b| (mirrored(a), a.since, &a.id).cmp(&(mirrored(b), b.since, &b.id)));
            list
        };
        let critical = firing(Level::Critical);
        let warning = firing(Level::Warning);
        let unread = unread(input, &firing(Level::Blind));
        let exit = match (critical.is_empty(), unread.is_empty(), warning.is_empty()) {
            (false, _, _) => Exit::Critical,
            (true, false, _) => Exit::Unknown,
            (true, true, false) => Exit::Warning,
            (true, true, true) => Exit::Ok,
        };
        let pending = active.iter().filter(|a| a.phase == Phase::Pending).count();
        Self { exit, critical, warning, silenced, pending, unread }
    }

    /// The firing alerts, worst first.
    pub fn alerts(&self) -> impl Iterator<Item = &'a Alert> {
        self.critical.iter().chain(&self.warning).copied()
    }
}

/// Everything that could not be read: pollers first, those with one reason on one line, then what only a rule noticed.
fn unread(input: &Input<'_>, blind: &[&Alert]) -> Vec<Gap> {
    let mut sources: BTreeMap<Source, String> = BTreeMap::new();
    for source in input.needed {
        if let Some(why) = source_gap(input, source) {
            sources.insert(source.clone(), why);
        }
    }
    for ((scope, poller), gap) in input.alerts.unread() {
        let source = Source { scope: scope.clone(), poller: *poller };
        sources.entry(source).or_insert_with(|| gap.why.to_string());
    }
    let mut gaps = Vec::new();
    if let Some(limit) = input.timed_out {
        let why = format!("stopped after {}: not everything was read", span(limit));
        gaps.push(Gap { scope: None, what: "time-out".to_owned(), why });
    }
    gaps.extend(grouped(input, &sources));
    for alert in blind {
        let id = &alert.id.resource;
        let told = sources.keys().filter(|source| source.scope == id.scope).any(|source| {
            id.kind != Kind::Poller || id.id == ALL_POLLERS || PollerKind::parse(&id.id) == Some(source.poller)
        });
        if !told {
            let why = if alert.detail.is_empty() { &alert.title } else { &alert.detail };
            gaps.push(Gap {
                scope: Some(id.scope.clone()),
                what: format!("{} {}", alert.id.rule, name(input.model, alert)),
                why: why.to_string(),
            });
        }
    }
    if input.model.overflowed() {
        gaps.push(Gap {
            scope: None,
            what: "inventory".to_owned(),
            why: "there are more resources or metrics than are kept; watch fewer regions at once".to_owned(),
        });
    }
    if input.needed.is_empty() && gaps.is_empty() {
        gaps.push(Gap { scope: None, what: "everything".to_owned(), why: "there was nothing to read".to_owned() });
    }
    gaps
}

/// Why `source` was not read whole, if so.
fn source_gap(input: &Input<'_>, source: &Source) -> Option<String> {
    let late = || match input.timed_out {
        Some(limit) => format!("not read within {}", span(limit)),
        None => "not read".to_owned(),
    };
    let Some(record) = input.model.poller(source) else { return Some(late()) };
    if let Some(error) = &record.error {
        return Some(way_out(error, source));
    }
    match record.freshness(input.now) {
        Freshness::Fresh => None,
        Freshness::Loading | Freshness::Blind => Some(late()),
        Freshness::Stale => {
            let age = record.age(input.now).and_then(|age| Duration::try_from(age).ok()).unwrap_or_default();
            Some(format!("last read {} ago", span(age)))
        }
    }
}

/// What a person can do about `error`.
fn way_out(error: &PollError, source: &Source) -> String {
    let class = error.class;
    if let Some(login) = error.login(&source.scope) {
        return format!("{class}; run: {login}");
    }
    match class {
        ErrorClass::Denied => format!("{class}: needs {}", error.action(source.poller)),
        // That there was no answer says it all, and alike for every operation of a region that stopped answering.
        ErrorClass::Timeout => class.to_string(),
        _ => {
            let said: Vec<&str> =
                [error.code.as_str(), error.message.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
            if said.is_empty() { class.to_string() } else { format!("{class}: {}", said.join(" ")) }
        }
    }
}

/// Sources of one scope with one reason become one gap. A region whose every poller fails needs no list of them.
fn grouped(input: &Input<'_>, sources: &BTreeMap<Source, String>) -> Vec<Gap> {
    let mut by_reason: BTreeMap<(&Scope, PollerKind, &str), Vec<PollerKind>> = BTreeMap::new();
    for (source, why) in sources {
        let first =
            sources.iter().find(|(s, w)| s.scope == source.scope && *w == why).map_or(source.poller, |(s, _)| s.poller);
        by_reason.entry((&source.scope, first, why)).or_default().push(source.poller);
    }
    by_reason
        .into_iter()
        .map(|((scope, _, why), pollers)| {
            let all = input.needed.iter().filter(|s| s.scope == *scope).count();
            let what =
                if pollers.len() > 1 && pollers.len() >= all { "everything".to_owned() } else { listed(&pollers) };
            Gap { scope: Some(scope.clone()), what, why: why.to_owned() }
        })
        .collect()
}

/// The names of `pollers`, the first ones where they are many.
fn listed(pollers: &[PollerKind]) -> String {
    let names: Vec<&str> = pollers.iter().map(|poller| poller.as_str()).collect();
    match names.split_at_checked(3) {
        Some((first, rest)) if rest.len() > 1 => format!("{} and {} more", first.join(", "), rest.len()),
        _ => names.join(", "),
    }
}

/// What a person calls the resource of `alert`: its name, with its id behind it where that is another. The trail and the
/// bill have only the one that we gave them.
pub(super) fn name(model: &Model, alert: &Alert) -> Text {
    let id = &alert.id.resource.id;
    match alert.id.resource.kind {
        Kind::Trail => return Text::new("trail"),
        Kind::Bill => return Text::new("bill"),
        _ => {}
    }
    match model.resource(&alert.id.resource) {
        Some(resource) if !resource.name.is_empty() && resource.name != *id => {
            Text::new(&format!("{} ({id})", resource.name))
        }
        _ => id.clone(),
    }
}
