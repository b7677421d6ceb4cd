//! What alarms come to, kept from one look to the next: what is looked at again is what reads something of which there is
//! news, and what its time has come for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::super::again::Again;
use super::super::rule::Rule;
use super::super::set::LookedAt;
use super::composite::Composite;
use super::{At, Local, in_circle, in_order, metric, mute, named, told};
use crate::model::{Alarm, AlarmState, Model, Resource, ResourceId, Scope, Text, resources_of_dimensions};
use crate::rules::EvalMode;

/// What every alarm came to when it was last looked at.
#[derive(Debug, Default)]
pub(in crate::rules) struct KeptAlarms {
    alarms: HashMap<ResourceId, Kept>,
    /// The alarms that look at a resource or its series, whether or not there is such a resource.
    readers: HashMap<ResourceId, BTreeSet<ResourceId>>,
    /// The alarms that name an alarm, whether or not it is listed: those made of it, and those that it suppresses.
    parents: HashMap<ResourceId, BTreeSet<ResourceId>>,
    /// The alarms that watch a metric with the same dimensions. Where that is no known resource's, the first of them
    /// keeps its series.
    places: BTreeMap<Place, BTreeSet<ResourceId>>,
    /// What is read since it was last asked.
    newly_read: Vec<ResourceId>,
}

type Place = (Scope, Text, Vec<(Text, Text)>);

#[derive(Debug)]
struct Kept {
    /// Whether or not it tells anybody.
    local: Local,
    again: Again,
    place: Option<Place>,
    home: Option<ResourceId>,
    reads: BTreeSet<ResourceId>,
    composite: Option<Composite>,
    suppressor: Option<ResourceId>,
}

impl Kept {
    fn names(&self) -> impl Iterator<Item = &ResourceId> {
        self.composite.iter().flat_map(Composite::children).chain(&self.suppressor)
    }

    fn is_made_of(&self, id: &ResourceId) -> bool {
        self.composite.iter().flat_map(Composite::children).any(|child| child == id)
    }
}

impl KeptAlarms {
    /// The alarms that look at the resource `id` or its series.
    pub(in crate::rules) fn readers(&self, id: &ResourceId) -> impl Iterator<Item = &ResourceId> {
        self.readers.get(id).into_iter().flatten()
    }

    /// The resources that alarms look at since this was last asked.
    pub(in crate::rules) fn newly_read(&mut self) -> Vec<ResourceId> {
        std::mem::take(&mut self.newly_read)
    }

    /// Looks again at the alarms of which there is `news`; it says whether they or the resources that they look at may be
    /// others than they were, and not only what was read of them. Returns all that may come to something else than before:
    /// with them, the alarms that name them.
    pub(in crate::rules) fn look(
        &mut self,
        mut news: BTreeMap<ResourceId, bool>,
        model: &Model,
        mode: EvalMode,
        now: Timestamp,
    ) -> BTreeSet<ResourceId> {
        let at = At { model, mode, now };
        self.find_places(&mut news, model);
        let mut turned = BTreeSet::new();
        for id in news.iter().filter(|(_, anew)| **anew).map(|(id, _)| id) {
            self.find_links(id, model);
            turned.insert(id.clone());
        }
        let mut composites = BTreeSet::new();
        for id in news.keys() {
            let (Some(kept), Some(alarm)) = (self.alarms.get_mut(id), model.alarm(id)) else { continue };
            if kept.composite.is_some() {
                composites.insert(id.clone());
                continue;
            }
            let (local, again) = metric::local(at, id, alarm, kept.home.as_ref());
            if (&local.state, local.since) != (&kept.local.state, kept.local.since) {
                turned.insert(id.clone());
            }
            (kept.local, kept.again) = (local, again);
        }
        for id in &turned {
            composites.extend(self.made_of(id).cloned());
        }
        turned.extend(self.look_at_composites(composites.clone(), model));
        let mut looked: BTreeSet<ResourceId> = news.into_keys().chain(composites).collect();
        let suppressed = turned.iter().flat_map(|id| self.parents.get(id).into_iter().flatten());
        looked.extend(suppressed.cloned());
        looked.extend(turned);
        looked
    }

    /// The composite alarms that are made of the alarm `id`.
    fn made_of(&self, id: &ResourceId) -> impl Iterator<Item = &ResourceId> {
        let parents = self.parents.get(id).into_iter().flatten();
        parents.filter(move |parent| self.alarms.get(*parent).is_some_and(|kept| kept.is_made_of(id)))
    }

    /// Looks at `composites` and at all that are made of them. Returns what was looked at.
    fn look_at_composites(&mut self, mut composites: BTreeSet<ResourceId>, model: &Model) -> BTreeSet<ResourceId> {
        let mut todo: Vec<ResourceId> = composites.iter().cloned().collect();
        while let Some(id) = todo.pop() {
            let parents: Vec<ResourceId> = self.made_of(&id).cloned().collect();
            todo.extend(parents.into_iter().filter(|parent| composites.insert(parent.clone())));
        }
        let children = |id: &ResourceId| {
            let named = self.alarms.get(id).and_then(|kept| kept.composite.as_ref());
            let named = named.into_iter().flat_map(Composite::children);
            named.filter(|child| composites.contains(*child)).cloned().collect()
        };
        for group in in_order(composites.iter().cloned(), children) {
            let circle: HashSet<&ResourceId> = group.iter().collect();
            let child = |id: &ResourceId| match model.alarm(id) {
                Some(alarm) if circle.contains(id) => Some(in_circle(alarm)),
                _ => self.alarms.get(id).map(|kept| kept.local.clone()),
            };
            let of = |id: &ResourceId| Some(self.alarms.get(id)?.composite.as_ref()?.local(child));
            let locals: Vec<Option<Local>> = group.iter().map(of).collect();
            for (id, local) in group.iter().zip(locals) {
                if let (Some(kept), Some(local)) = (self.alarms.get_mut(id), local) {
                    kept.local = local;
                }
            }
        }
        composites
    }

    /// Notes which metric each of `news` watches, and adds those that keep their series elsewhere than before.
    fn find_places(&mut self, news: &mut BTreeMap<ResourceId, bool>, model: &Model) {
        let mut moved = Vec::new();
        for id in news.iter().filter(|(_, anew)| **anew).map(|(id, _)| id) {
            let place = model.alarm(id).and_then(Alarm::plain);
            let place = place.map(|m| (id.scope.clone(), m.namespace, m.dimensions));
            let before = self.alarms.get(id).and_then(|kept| kept.place.clone());
            if place == before {
                continue;
            }
            for (place, listed) in [(before, false), (place, true)] {
                let Some(place) = place else { continue };
                let all = self.places.entry(place.clone()).or_default();
                let first = all.first().cloned();
                let _ = if listed { all.insert(id.clone()) } else { all.remove(id) };
                if all.first() != first.as_ref() {
                    moved.extend(all.iter().cloned());
                }
                if all.is_empty() {
                    self.places.remove(&place);
                }
            }
        }
        news.extend(moved.into_iter().map(|id| (id, true)));
    }

    /// Finds what the alarm `id` looks at; of one that is no more, forgets it.
    fn find_links(&mut self, id: &ResourceId, model: &Model) {
        let before = self.alarms.remove(id);
        if let Some(before) = &before {
            for read in &before.reads {
                unlink(&mut self.readers, read, id);
            }
            for name in before.names() {
                unlink(&mut self.parents, name, id);
            }
        }
        let Some(alarm) = model.alarm(id) else { return };
        let metric = alarm.plain();
        let place = metric.as_ref().map(|m| (id.scope.clone(), m.namespace.clone(), m.dimensions.clone()));
        let mut reads = BTreeSet::new();
        let mut home = None;
        if let (Some(metric), Some(place)) = (&metric, &place) {
            reads.extend(resources_of_dimensions(&id.scope, &metric.namespace, &metric.dimensions));
            let known = model.with_dimensions(&id.scope, &metric.metric(), &metric.dimensions).map(|r| r.id.clone());
            home = known.or_else(|| self.places.get(place)?.first().cloned());
            reads.extend(home.iter().filter(|home| *home != id).cloned());
        }
        let (local, again) = before.map_or((Local::untold(""), Again::EACH_PASS), |kept| (kept.local, kept.again));
        let composite = Composite::of(id, alarm);
        // What composite alarms come to is another only where one that they name does.
        let again = if composite.is_some() { Again::ON_NEWS } else { again };
        let suppressor = (!alarm.suppressor.is_empty()).then(|| named(&id.scope, &alarm.suppressor));
        let kept = Kept { local, again, place, home, reads, composite, suppressor };
        for read in &kept.reads {
            let readers = self.readers.entry(read.clone()).or_default();
            if readers.is_empty() {
                self.newly_read.push(read.clone());
            }
            readers.insert(id.clone());
        }
        for name in kept.names() {
            self.parents.entry(name.clone()).or_default().insert(id.clone());
        }
        self.alarms.insert(id.clone(), kept);
    }

    /// What `rule` says of the alarm `resource`, and when that may be another with no news.
    pub(in crate::rules) fn verdict(
        &self,
        rule: &Rule,
        resource: Option<&Resource>,
        model: &Model,
        mode: EvalMode,
        now: Timestamp,
        was_ok: bool,
    ) -> (LookedAt, Again) {
        let known = resource.and_then(|r| Some((r, model.alarm(&r.id)?, self.alarms.get(&r.id)?)));
        let Some((resource, alarm, kept)) = known else { return (LookedAt::Nothing, Again::ON_NEWS) };
        let state = |id: &ResourceId| -> Option<AlarmState> { self.alarms.get(id)?.local.known() };
        let local = Local { mute: mute(&resource.id, alarm, state), ..kept.local.clone() };
        // Others are made of what this one comes to, whatever the rule says of it.
        match told::verdict(rule, resource, &local, At { model, mode, now }, was_ok) {
            None => (LookedAt::Nothing, kept.again),
            Some((None, again)) => (LookedAt::StillOk, again.or(kept.again)),
            Some((Some(verdict), again)) => (LookedAt::Verdict(verdict), again.or(kept.again)),
        }
    }
}

fn unlink(links: &mut HashMap<ResourceId, BTreeSet<ResourceId>>, of: &ResourceId, id: &ResourceId) {
    if let Some(all) = links.get_mut(of) {
        all.remove(id);
        if all.is_empty() {
            links.remove(of);
        }
    }
}
