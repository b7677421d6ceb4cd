//! CloudWatch's own alarms, evaluated here: every alarm that `DescribeAlarms` gives is a rule without configuration.
//!
//! In: the model, which holds the alarms and the series of what they watch. Out: the state that each would have by what
//! is known here, and verdicts from it. A metric that belongs to a known resource is that resource's series; any other is
//! kept with the first alarm that watches it; what alarms compute is kept with them. Composite alarms look at the states
//! *here* of the alarms that they name.

mod composite;
mod differs;
mod metric;
#[cfg(test)]
mod tests;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::demand::Dimensions;
use super::reading::events_unread;
use super::rule::{Rule, Subject};
use super::{Comparison, EvalMode, Standing, Unit, Verdict};
use crate::model::{
    Alarm, AlarmState, Detail, Kind, Metric, MetricGroup, Model, PollerKind, Resource, ResourceId, Scope, Signal, Text,
};
use composite::AlarmRule;

/// Composite alarms within composite alarms, at most.
const DEEPEST: usize = 32;

/// What an alarm comes to here.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// Its state.
    pub state: LocalState,
    /// Start of the breach that ALARM stands for, as far as it is known.
    pub since: Option<Timestamp>,
    /// The newest value compared.
    pub value: Option<f64>,
    /// What it was compared with: the limit, or the nearer end of the band.
    pub limit: Option<f64>,
    /// How.
    pub comparison: Comparison,
    /// Start of the newest period that has a value.
    pub data_at: Option<Timestamp>,
    /// Periods of the evaluation range that have no point.
    pub gaps: usize,
    /// Whether the state is kept because points have too few samples.
    pub few_samples: bool,
    /// Why it does not fire, if it does not.
    pub mute: Option<Mute>,
    /// Composite alarms: the alarms that they name and that are in ALARM here.
    pub children: Vec<Text>,
}

/// The state of an alarm here.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalState {
    /// Known.
    Is(AlarmState),
    /// What it watches is being read for the first time.
    Loading,
    /// What it watches cannot be read.
    Blind {
        /// The poller that fails or lags.
        poller: PollerKind,
        /// One line for a person.
        why: Text,
        /// Since when.
        since: Timestamp,
    },
    /// It cannot be evaluated here, for this reason.
    Untold(Text),
}

/// Why an alarm in ALARM tells nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mute {
    /// Its actions are disabled.
    Disabled,
    /// All it does is to scale something: being in ALARM is its everyday life.
    Scales,
    /// The alarm that suppresses it is in ALARM.
    Suppressed,
}

impl Mute {
    /// A few words for a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "its actions are disabled",
            Self::Scales => "it only scales",
            Self::Suppressed => "it is suppressed",
        }
    }
}

impl Local {
    fn new(state: LocalState) -> Self {
        Self {
            state,
            since: None,
            value: None,
            limit: None,
            comparison: Comparison::Above,
            data_at: None,
            gaps: 0,
            few_samples: false,
            mute: None,
            children: Vec::new(),
        }
    }

    fn untold(why: impl Into<Text>) -> Self {
        Self::new(LocalState::Untold(why.into()))
    }

    fn of(standing: Standing) -> Self {
        Self::new(match standing {
            Standing::Blind { poller, why, since } => LocalState::Blind { poller, why, since },
            _ => LocalState::Loading,
        })
    }

    /// The state, where it is known.
    #[must_use]
    pub fn known(&self) -> Option<AlarmState> {
        match self.state {
            LocalState::Is(state) => Some(state),
            _ => None,
        }
    }
}

type Place<'m> = (&'m Scope, Text, Vec<(Text, Text)>);

/// All alarms of a model as they stand here at one moment. What was found once is kept.
#[derive(Debug)]
pub struct Mirror<'m> {
    model: &'m Model,
    mode: EvalMode,
    now: Timestamp,
    /// The alarm that keeps what no known resource does, by scope, namespace and dimensions.
    owners: OnceCell<BTreeMap<Place<'m>, &'m ResourceId>>,
    found: RefCell<BTreeMap<&'m ResourceId, Local>>,
    /// What is being looked at: who asks for it now is in a circle.
    underway: RefCell<BTreeSet<&'m ResourceId>>,
}

impl<'m> Mirror<'m> {
    /// The alarms of `model` at `now`.
    #[must_use]
    pub fn new(model: &'m Model, mode: EvalMode, now: Timestamp) -> Self {
        Self { model, mode, now, owners: OnceCell::new(), found: RefCell::default(), underway: RefCell::default() }
    }

    /// What the alarm `id` comes to; `None` where it is not listed.
    #[must_use]
    pub fn local(&self, id: &ResourceId) -> Option<Local> {
        self.look(id, 0)
    }

    fn look(&self, id: &ResourceId, depth: usize) -> Option<Local> {
        if let Some(found) = self.found.borrow().get(id) {
            return Some(found.clone());
        }
        let resource = self.model.resource(id)?;
        let Detail::Alarm(alarm) = &resource.detail else { return None };
        if depth > DEEPEST || !self.underway.borrow_mut().insert(&resource.id) {
            // Of a circle CloudWatch's own state is taken, so that it has a beginning.
            return Some(Local::new(LocalState::Is(alarm.state)));
        }
        let mut local = if alarm.is_composite() {
            self.composite(&resource.id, alarm, depth)
        } else {
            self.metric(&resource.id, alarm)
        };
        local.mute = self.mute(&resource.id, alarm, depth);
        self.underway.borrow_mut().remove(&resource.id);
        self.found.borrow_mut().insert(&resource.id, local.clone());
        Some(local)
    }

    fn mute(&self, id: &ResourceId, alarm: &Alarm, depth: usize) -> Option<Mute> {
        if !alarm.actions_enabled {
            Some(Mute::Disabled)
        } else if !alarm.tells() {
            Some(Mute::Scales)
        } else if !alarm.suppressor.is_empty()
            && self.look(&named(&id.scope, &alarm.suppressor), depth + 1)?.known() == Some(AlarmState::Alarm)
        {
            Some(Mute::Suppressed)
        } else {
            None
        }
    }

    fn composite(&self, id: &ResourceId, alarm: &Alarm, depth: usize) -> Local {
        let rule = match AlarmRule::parse(&alarm.rule) {
            Ok(rule) => rule,
            Err(why) => return Local::untold(why),
        };
        let mut names = BTreeSet::new();
        rule.names(&mut names);
        let mut unknown = None;
        let mut states: BTreeMap<&Text, AlarmState> = BTreeMap::new();
        let mut since = None;
        let mut children = Vec::new();
        for name in names {
            let child = named(&id.scope, name);
            let Some(local) = self.look(&child, depth + 1) else {
                unknown.get_or_insert(LocalState::Untold(format!("no alarm {} is listed", child.id).into()));
                continue;
            };
            let Some(state) = local.known() else {
                // What can be read later outweighs what can never be told.
                match (&unknown, local.state) {
                    (None | Some(LocalState::Untold(_)), state)
                    | (Some(LocalState::Loading), state @ LocalState::Blind { .. }) => unknown = Some(state),
                    _ => {}
                }
                continue;
            };
            if state == AlarmState::Alarm {
                since = since.max(local.since);
                children.push(child.id);
            }
            states.insert(name, state);
        }
        let state = match rule.holds(&mut |name| states.get(name).copied()) {
            Some(true) => LocalState::Is(AlarmState::Alarm),
            Some(false) => LocalState::Is(AlarmState::Ok),
            None => unknown.unwrap_or(LocalState::Loading),
        };
        let alarm = state == LocalState::Is(AlarmState::Alarm);
        Local { since: since.filter(|_| alarm), children, ..Local::new(state) }
    }

    /// Where the one metric that `alarm` watches is kept.
    fn home(&self, id: &'m ResourceId, alarm: &Alarm) -> Option<&'m ResourceId> {
        let metric = alarm.plain()?;
        if let Some(resource) = self.model.with_dimensions(&id.scope, &metric.metric(), &metric.dimensions) {
            return Some(&resource.id);
        }
        let owners = self.owners.get_or_init(|| {
            let mut owners = BTreeMap::new();
            for resource in self.model.of_kind(Kind::Alarm) {
                let Detail::Alarm(alarm) = &resource.detail else { continue };
                if let Some(m) = alarm.plain() {
                    owners.entry((&resource.id.scope, m.namespace, m.dimensions)).or_insert(&resource.id);
                }
            }
            owners
        });
        Some(owners.get(&(&id.scope, metric.namespace, metric.dimensions)).copied().unwrap_or(id))
    }

    /// What `rule` says of every alarm that it looks at.
    pub(super) fn verdicts(&self, rule: &Rule) -> Vec<Verdict> {
        self.model.of_kind(Kind::Alarm).filter_map(|resource| self.verdict(rule, resource)).collect()
    }

    /// What `rule` says of the alarm `resource`: nothing, where it is not to fire. Of one that cannot be evaluated here it
    /// says what CloudWatch does.
    pub(super) fn verdict(&self, rule: &Rule, resource: &Resource) -> Option<Verdict> {
        let Detail::Alarm(alarm) = &resource.detail else { return None };
        let level = rule.levels_for(resource, self.now).last()?;
        if !matches!(rule.subject, Subject::Alarms) || !rule.applies_to(resource) {
            return None;
        }
        let local = self.local(&resource.id)?;
        if local.mute.is_some() {
            return None;
        }
        let stands = |state: AlarmState, since: Option<Timestamp>| match state {
            AlarmState::Ok => Standing::Ok,
            AlarmState::InsufficientData => Standing::NoData,
            AlarmState::Alarm => {
                let since = since.unwrap_or(self.now);
                Standing::Breach { severity: level.severity, since, held: self.now.duration_since(since) >= level.hold }
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
                let unread = events_unread(self.model, scope, PollerKind::Alarms, self.mode, self.now);
                let unread = unread.filter(|_| alarm.state != AlarmState::Alarm);
                unread.unwrap_or_else(|| stands(alarm.state, alarm.state_since))
            }
        };
        let watched = alarm.watched(&resource.id);
        let title = match &watched {
            // A band and its metric have no name of their own but an id.
            Some(metric) => format!("{} {}", alarm.only_metric().unwrap_or(&metric.name), rule.title),
            None => "the rule of this composite alarm holds".to_owned(),
        };
        let unit = match &watched {
            Some(m) if m.name.ends_with("Utilization") || m.name.ends_with('%') => Unit::Percent,
            _ => Unit::Count,
        };
        Some(Verdict {
            rule: rule.id.clone(),
            resource: resource.id.clone(),
            standing,
            value: local.value,
            limit: local.limit,
            comparison: local.comparison,
            unit,
            title: title.into(),
            detail: detail(alarm, &local),
            signal: watched.map(Signal::Metric),
            data_at: local.data_at,
        })
    }

    /// The metrics that `rule` needs read for alarms: whose they are, which, and where CloudWatch keeps them.
    pub(super) fn demand(&self, rule: &Rule) -> Vec<(&'m ResourceId, Metric, Dimensions)> {
        let mut wanted = Vec::new();
        for (id, alarm) in needed(rule, self.model) {
            let (Some(home), Some(metric)) = (self.home(id, alarm), alarm.plain()) else { continue };
            if self.model.resource(home).is_some_and(|r| !super::reading::publishes(r)) {
                continue;
            }
            if let Some(samples) = metric::samples_of(alarm, &metric.metric()) {
                wanted.push((home, samples, metric.dimensions.clone()));
            }
            wanted.push((home, metric.metric(), metric.dimensions));
        }
        wanted
    }
}

/// What alarms that `rule` needs compute of several metrics.
pub(super) fn groups(rule: &Rule, model: &Model) -> Vec<MetricGroup> {
    needed(rule, model).into_iter().filter_map(|(id, alarm)| alarm.group(id)).collect()
}

/// The alarms that `rule` looks at, and those that they name.
fn needed<'m>(rule: &Rule, model: &'m Model) -> BTreeMap<&'m ResourceId, &'m Alarm> {
    let mut needed = BTreeMap::new();
    if !matches!(rule.subject, Subject::Alarms) {
        return needed;
    }
    let mut todo: Vec<&ResourceId> = model.of_kind(Kind::Alarm).filter(|r| rule.applies_to(r)).map(|r| &r.id).collect();
    while let Some(id) = todo.pop() {
        let Some(alarm) = model.alarm(id) else { continue };
        if needed.insert(id, alarm).is_some() || !alarm.is_composite() {
            continue;
        }
        let parsed = AlarmRule::parse(&alarm.rule).ok();
        let mut names = BTreeSet::new();
        if let Some(parsed) = &parsed {
            parsed.names(&mut names);
        }
        if !alarm.suppressor.is_empty() {
            names.insert(&alarm.suppressor);
        }
        let children = names.into_iter().filter_map(|name| model.resource(&named(&id.scope, name)));
        todo.extend(children.map(|r| &r.id));
    }
    needed
}

/// The alarm that a rule calls `name`, which may be its ARN: it is in the rule's own account and region.
fn named(scope: &Scope, name: &Text) -> ResourceId {
    let name = if name.starts_with("arn:") { name.split_once(":alarm:").map_or(&**name, |(_, n)| n) } else { name };
    ResourceId::new(scope, Kind::Alarm, name)
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
