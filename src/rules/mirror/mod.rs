//! CloudWatch's own alarms, evaluated here: every alarm that `DescribeAlarms` gives is a rule without configuration.
//!
//! In: the model, which holds the alarms and the series of what they watch. Out: the state that each would have by what
//! is known here, and verdicts from it. A metric that belongs to a known resource is that resource's series; any other is
//! kept with the first alarm that watches it; what alarms compute is kept with them. Composite alarms look at the states
//! *here* of the alarms that they name.

mod circles;
mod composite;
mod differs;
mod kept;
mod metric;
#[cfg(test)]
mod since_tests;
mod slides;
#[cfg(test)]
mod sliding_tests;
#[cfg(test)]
mod tests;
mod told;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::demand::Dimensions;
use super::rule::{Rule, Subject};
use super::{AlarmWindow, Comparison, EvalMode, Standing, Verdict};
use crate::model::{
    Alarm, AlarmState, Detail, Kind, Metric, MetricGroup, Model, PollerKind, Resource, ResourceId, Scope, Text,
};
use circles::in_order;
use composite::Composite;
pub(super) use kept::KeptAlarms;

/// What an alarm comes to here.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// Its state.
    pub state: LocalState,
    /// Start of the breach that ALARM stands for, as far as it is known.
    pub since: Option<Timestamp>,
    /// Whether that may be longer ago than anything that is kept.
    pub older: bool,
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
    /// What was looked at, with the window through which it was; `None` where nothing was.
    pub watched: Option<Metric>,
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
            older: false,
            value: None,
            limit: None,
            comparison: Comparison::Above,
            data_at: None,
            gaps: 0,
            few_samples: false,
            mute: None,
            children: Vec::new(),
            watched: None,
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

/// What alarms are looked at over, and when.
#[derive(Clone, Copy, Debug)]
struct At<'m> {
    model: &'m Model,
    mode: EvalMode,
    now: Timestamp,
}

type Place<'m> = (&'m Scope, Text, Vec<(Text, Text)>);

/// All alarms of a model as they stand here at one moment. What was found once is kept.
#[derive(Debug)]
pub struct Mirror<'m> {
    at: At<'m>,
    /// The alarm that keeps what no known resource does, by scope, namespace and dimensions.
    owners: OnceCell<BTreeMap<Place<'m>, &'m ResourceId>>,
    found: RefCell<HashMap<ResourceId, Local>>,
}

impl<'m> Mirror<'m> {
    /// The alarms of `model` at `now`.
    #[must_use]
    pub fn new(model: &'m Model, mode: EvalMode, now: Timestamp) -> Self {
        Self { at: At { model, mode, now }, owners: OnceCell::new(), found: RefCell::default() }
    }

    /// What the alarm `id` comes to; `None` where it is not listed.
    #[must_use]
    pub fn local(&self, id: &ResourceId) -> Option<Local> {
        let alarm = self.at.model.alarm(id)?;
        let mut local = self.unmuted(id)?;
        local.mute = mute(id, alarm, |suppressor| self.unmuted(suppressor)?.known());
        Some(local)
    }

    /// What it comes to, whether or not it tells anybody.
    fn unmuted(&self, id: &ResourceId) -> Option<Local> {
        if let Some(found) = self.found.borrow().get(id) {
            return Some(found.clone());
        }
        let alarm = self.at.model.alarm(id)?;
        if alarm.is_composite() {
            self.find_composites(id);
        } else {
            let (local, _) = metric::local(self.at, id, alarm, self.home(id, alarm));
            self.found.borrow_mut().insert(id.clone(), local);
        }
        self.found.borrow().get(id).cloned()
    }

    /// Finds what the composite alarm `id` comes to, and all those that it is made of before it.
    fn find_composites(&self, id: &ResourceId) {
        let mut composites: HashMap<ResourceId, Composite> = HashMap::new();
        let groups = in_order([id.clone()], |id| {
            let Some(composite) = self.at.model.alarm(id).and_then(|alarm| Composite::of(id, alarm)) else {
                return Vec::new();
            };
            let found = self.found.borrow();
            let open =
                |id: &&ResourceId| !found.contains_key(*id) && self.at.model.alarm(id).is_some_and(Alarm::is_composite);
            let children = composite.children().filter(open).cloned().collect();
            composites.insert(id.clone(), composite);
            children
        });
        for group in groups {
            let circle: HashSet<&ResourceId> = group.iter().collect();
            let child = |id: &ResourceId| match self.at.model.alarm(id) {
                Some(alarm) if circle.contains(id) => Some(in_circle(alarm)),
                _ => self.unmuted(id),
            };
            let locals: Vec<_> =
                group.iter().filter_map(|id| Some((id.clone(), composites.get(id)?.local(child)))).collect();
            self.found.borrow_mut().extend(locals);
        }
    }

    /// Where the one metric that `alarm` watches is kept.
    fn home(&self, id: &ResourceId, alarm: &Alarm) -> Option<&'m ResourceId> {
        let metric = alarm.plain()?;
        if let Some(resource) = self.at.model.with_dimensions(&id.scope, &metric.metric(), &metric.dimensions) {
            return Some(&resource.id);
        }
        let owners = self.owners.get_or_init(|| {
            let mut owners = BTreeMap::new();
            for resource in self.at.model.of_kind(Kind::Alarm) {
                let Detail::Alarm(alarm) = &resource.detail else { continue };
                if let Some(m) = alarm.plain() {
                    owners.entry((&resource.id.scope, m.namespace, m.dimensions)).or_insert(&resource.id);
                }
            }
            owners
        });
        owners.get(&(&id.scope, metric.namespace, metric.dimensions)).copied()
    }

    /// What `rule` says of the alarm `resource`: nothing, where it is not to fire. Of one that cannot be evaluated here it
    /// says what CloudWatch does.
    pub(super) fn verdict(&self, rule: &Rule, resource: &Resource) -> Option<Verdict> {
        let local = self.local(&resource.id)?;
        told::verdict(rule, resource, &local, self.at, false)?.0
    }

    /// The metrics that `rule` needs read for alarms: whose they are, which, where CloudWatch keeps them, and
    /// how far back, in seconds (0: as far as is usual).
    pub(super) fn demand(&self, rule: &Rule, window: AlarmWindow) -> Vec<(&'m ResourceId, Metric, Dimensions, u32)> {
        let mut wanted = Vec::new();
        for (id, alarm) in needed(rule, self.at.model) {
            let (Some(home), Some(plain)) = (self.home(id, alarm), alarm.plain()) else { continue };
            let resource = self.at.model.resource(home);
            if resource.is_some_and(|r| !super::reading::publishes(r)) {
                continue;
            }
            let history = metric::history(rule, alarm, plain.period);
            let metric = slides::seen(plain.metric(), resource, history, window);
            if let Some(samples) = metric::samples_of(alarm, &metric) {
                wanted.push((home, samples, plain.dimensions.clone(), history));
            }
            wanted.push((home, metric, plain.dimensions, history));
        }
        wanted
    }
}

/// What alarms that `rule` needs compute of several metrics.
pub(super) fn groups(rule: &Rule, model: &Model, window: AlarmWindow) -> Vec<MetricGroup> {
    let of = |(id, alarm): (&ResourceId, &Alarm)| {
        let group = alarm.group(id)?;
        let history = metric::history(rule, alarm, group.period);
        Some(slides::seen_group(model, MetricGroup { history, ..group }, window))
    };
    needed(rule, model).into_iter().filter_map(of).collect()
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
        let composite = Composite::of(id, alarm);
        let suppressor = (!alarm.suppressor.is_empty()).then(|| named(&id.scope, &alarm.suppressor));
        let children = composite.iter().flat_map(Composite::children).chain(&suppressor);
        todo.extend(children.filter_map(|id| model.resource(id)).map(|r| &r.id));
    }
    needed
}

/// The alarm that a rule calls `name`, which may be its ARN: it is in the rule's own account and region.
fn named(scope: &Scope, name: &Text) -> ResourceId {
    let name = if name.starts_with("arn:") { name.split_once(":alarm:").map_or(&**name, |(_, n)| n) } else { name };
    ResourceId::new(scope, Kind::Alarm, name)
}

/// Of a circle CloudWatch's own state is taken, so that it has a beginning.
fn in_circle(alarm: &Alarm) -> Local {
    Local::new(LocalState::Is(alarm.state))
}

/// Why `alarm`, if it is in ALARM, tells nobody; `state` is that of the alarm that suppresses it.
fn mute(id: &ResourceId, alarm: &Alarm, state: impl FnOnce(&ResourceId) -> Option<AlarmState>) -> Option<Mute> {
    if !alarm.actions_enabled {
        Some(Mute::Disabled)
    } else if !alarm.tells() {
        Some(Mute::Scales)
    } else if !alarm.suppressor.is_empty() && state(&named(&id.scope, &alarm.suppressor)) == Some(AlarmState::Alarm) {
        Some(Mute::Suppressed)
    } else {
        None
    }
}
