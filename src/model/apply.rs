//! How an observation changes what is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::known::MAX_GONE;
use super::shelf::Shelf;
use super::{
    ApiSignal, Balancer, Body, Changes, Detail, Event, EventKind, HealthState, InstanceStatus, Kind, MAX_RESOURCES,
    MAX_SERIES, Member, Members, Model, Observation, Point, PointBatch, PollerKind, QueryStatus, Resource, ResourceId,
    Scope, Series, Signal, TargetGroup, Text,
};

/// Whether `body` is something that a poller read, rather than how its run goes or that there is nothing.
fn brings(body: &Body) -> bool {
    match body {
        Body::Started | Body::Outcome(_) | Body::Gone(_) => false,
        Body::Inventory { resources, .. } => !resources.is_empty(),
        Body::Status { list, .. } => !list.is_empty(),
        Body::Points(batches) => !batches.is_empty(),
        Body::Events(events) => !events.is_empty(),
        Body::Identity(_) | Body::Health { .. } | Body::Prices(_) => true,
    }
}

impl Model {
    /// Takes an observation in.
    pub fn apply(&mut self, observation: &Observation) -> Changes {
        let mut changes = Changes::default();
        let source = &observation.source;
        if brings(&observation.body)
            && let Some(record) = self.pollers.get_mut(source)
        {
            record.brought = true;
        }
        match &observation.body {
            Body::Started => {
                self.pollers.entry(source.clone()).or_default().started(observation.at);
                changes.poller = true;
            }
            Body::Outcome(outcome) => {
                self.pollers.entry(source.clone()).or_default().ended(observation.at, outcome);
                changes.poller = true;
                if matches!(source.poller, PollerKind::Instances | PollerKind::Prices) {
                    self.update_burn(&source.scope.account, observation.at, &mut changes);
                }
            }
            Body::Identity(identity) => {
                self.identities.insert(source.scope.clone(), identity.clone());
                changes.poller = true;
            }
            Body::Inventory { kinds, resources, partial } => {
                self.apply_inventory(&source.scope, kinds, resources, *partial, observation.at, &mut changes);
            }
            Body::Health { of, members } => self.apply_health(of, members, observation.at, &mut changes),
            Body::Status { list, partial } => {
                self.apply_status(&source.scope, list, *partial, observation.at, &mut changes);
            }
            Body::Gone(gone) => {
                for id in gone {
                    self.remove(id, observation.at, &mut changes);
                }
            }
            Body::Prices(prices) => self.apply_prices(prices),
            Body::Points(batches) => {
                // An answer has the metrics of one resource next to each other.
                for of_one in batches.chunk_by(|a, b| a.resource == b.resource) {
                    self.apply_points(of_one, observation.at, &mut changes);
                }
            }
            Body::Events(events) => {
                for event in events {
                    changes.events |= self.events.insert(event.clone(), observation.at);
                }
            }
        }
        if std::mem::take(&mut self.cut) {
            self.overflowed.entry(source.clone()).or_insert(observation.at);
        }
        self.revision += 1;
        changes
    }

    fn apply_inventory(
        &mut self,
        scope: &Scope,
        kinds: &[Kind],
        resources: &[Resource],
        partial: bool,
        at: Timestamp,
        changes: &mut Changes,
    ) {
        if !partial {
            let listed: BTreeSet<&ResourceId> = resources.iter().map(|r| &r.id).collect();
            let gone: Vec<ResourceId> = self
                .resources
                .keys()
                .filter(|id| id.scope == *scope && kinds.contains(&id.kind) && !listed.contains(id))
                .cloned()
                .collect();
            for id in &gone {
                self.remove(id, at, changes);
            }
            // There may be room again for what was left out: this listing says whether there is.
            if self.resources.len() < MAX_RESOURCES && self.series_count < MAX_SERIES {
                self.overflowed.clear();
            }
        }
        for resource in resources {
            if !self.places.contains(&resource.id.scope) {
                self.places.insert(resource.id.scope.clone());
            }
            let mut resource = resource.clone();
            match self.resources.get(&resource.id) {
                Some(known) if resource.detail.is_anew(&known.detail) => {
                    // It was deleted and made again between two listings: nothing of what was known is its own.
                    let made = resource.detail.created().map_or(at, |made| made.min(at));
                    self.remove(&resource.id, at, changes);
                    self.gone.insert(resource.id.clone(), made);
                }
                Some(known) => {
                    keep_what_others_read(known, &mut resource);
                    // Tags come with a call of their own: where that failed, rules that choose by tag must not let go. What
                    // went wrong with a listing passes, and its poller tells of it: until then they are as they were.
                    if resource.tags_unread() {
                        resource.tags.clone_from(&known.tags);
                        resource.set_tags_unread(!partial || known.tags_unread());
                    } else if partial && resource.tags.is_empty() {
                        resource.tags.clone_from(&known.tags);
                    }
                }
                None if self.resources.len() >= MAX_RESOURCES => {
                    self.cut = true;
                    continue;
                }
                None => {}
            }
            if self.resources.get(&resource.id) != Some(&resource) {
                changes.events |= self.note_alarm_change(&resource, at);
                changes.resources.insert(resource.id.clone());
            }
            let id = resource.id.clone();
            self.resources.insert(id.clone(), resource);
            self.record_api_signals(&id, at, listed_signals(id.kind), changes);
        }
    }

    fn remove(&mut self, id: &ResourceId, at: Timestamp, changes: &mut Changes) {
        if self.resources.remove(id).is_none() {
            return;
        }
        self.note_gone(id, at);
        if let Some(series) = self.series.remove(id) {
            self.series_count -= series.len();
        }
        changes.resources.insert(id.clone());
    }

    /// Remembers when `id` was found gone. Instances and volumes never come back under their ids.
    fn note_gone(&mut self, id: &ResourceId, at: Timestamp) {
        if matches!(id.kind, Kind::Instance | Kind::EbsVolume) {
            return;
        }
        if self.gone.len() >= MAX_GONE
            && let Some(oldest) = self.gone.iter().min_by_key(|(_, at)| **at).map(|(id, _)| id.clone())
        {
            self.gone.remove(&oldest);
        }
        self.gone.insert(id.clone(), at);
    }

    /// When the life of `id` before this one was found to be over. A moment that is still to come is a clock's error.
    fn born_after(&mut self, id: &ResourceId, now: Timestamp) -> Option<Timestamp> {
        let gone = *self.gone.get(id)?;
        if gone > now {
            self.gone.remove(id);
            return None;
        }
        Some(gone)
    }

    fn note_alarm_change(&mut self, resource: &Resource, now: Timestamp) -> bool {
        let Detail::Alarm(new) = &resource.detail else { return false };
        let Some(Detail::Alarm(old)) = self.resources.get(&resource.id).map(|r| &r.detail) else { return false };
        let (Some(at), true) = (new.state_since, old.state != new.state) else { return false };
        let event = Event {
            id: format!("alarm {} {at}", resource.id).into(),
            scope: resource.id.scope.clone(),
            at,
            resources: vec![resource.id.id.clone()],
            summary: format!("CloudWatch alarm {} {} to {}", resource.name, old.state, new.state).into(),
            kind: EventKind::Alarm { alarm: resource.id.id.clone(), from: old.state, to: new.state },
        };
        self.events.insert(event, now)
    }

    fn apply_health(&mut self, of: &ResourceId, members: &Members, at: Timestamp, changes: &mut Changes) {
        let mut members = members.clone();
        self.locate(of, &mut members);
        let members = &members;
        let Some(resource) = self.resources.get_mut(of) else { return };
        let slot = match &mut resource.detail {
            Detail::Balancer(b) => &mut b.members,
            Detail::TargetGroup(t) => &mut t.members,
            _ => return,
        };
        let same = slot.as_ref().is_some_and(|known| known.list == members.list);
        let before = slot.replace(members.clone());
        if !same {
            changes.resources.insert(of.clone());
            if let Some(before) = before {
                for event in transitions(of, &before, members) {
                    changes.events |= self.events.insert(event, at);
                }
            }
        }
        self.record_api_signals(of, at, HEALTH_SIGNALS, changes);
    }

    /// Notes the zones of those members of which AWS does not say it: their instances' own, or what was known before.
    fn locate(&self, of: &ResourceId, members: &mut Members) {
        let before = match self.resources.get(of).map(|r| &r.detail) {
            Some(
                Detail::Balancer(Balancer { members: Some(m), .. })
                | Detail::TargetGroup(TargetGroup { members: Some(m), .. }),
            ) => &m.list[..],
            _ => &[],
        };
        for member in members.list.iter_mut().filter(|m| m.zone.is_none()) {
            let instance = ResourceId::new(&of.scope, Kind::Instance, member.id.clone());
            member.zone = match self.resources.get(&instance).map(|r| &r.detail) {
                Some(Detail::Instance(i)) if !i.zone.is_empty() => Some(i.zone.clone()),
                // An instance that is gone may still be registered.
                _ => before.iter().find(|m| m.id == member.id).and_then(|m| m.zone.clone()),
            };
        }
    }

    fn apply_status(
        &mut self,
        scope: &Scope,
        list: &[(Text, InstanceStatus)],
        partial: bool,
        at: Timestamp,
        changes: &mut Changes,
    ) {
        let by_id: BTreeMap<&Text, &InstanceStatus> = list.iter().map(|(id, s)| (id, s)).collect();
        let mut read = Vec::new();
        for (id, resource) in &mut self.resources {
            let Detail::Instance(instance) = &mut resource.detail else { continue };
            if id.scope != *scope {
                continue;
            }
            let new = by_id.get(&id.id).copied();
            if new.is_none() && partial {
                continue;
            }
            let same = match (&instance.status, new) {
                (Some(a), Some(b)) => (&a.system, &a.instance, &a.events) == (&b.system, &b.instance, &b.events),
                (None, None) => true,
                _ => false,
            };
            instance.status = new.cloned();
            if !same {
                changes.resources.insert(id.clone());
            }
            read.push(id.clone());
        }
        for id in read {
            self.record_api_signals(&id, at, &[ApiSignal::StatusChecksFailed], changes);
        }
    }

    fn apply_points(&mut self, batches: &[PointBatch], now: Timestamp, changes: &mut Changes) {
        let Some(id) = batches.first().map(|b| &b.resource) else { return };
        let born = if self.gone.is_empty() { None } else { self.born_after(id, now) };
        // What has series is listed: they go with it.
        let shelf = match self.series.get_mut(id) {
            Some(shelf) => shelf,
            None if self.resources.contains_key(id) => shelf(&mut self.series, id),
            None => return,
        };
        let before = shelf.len();
        for batch in batches {
            let at = shelf.position(&batch.metric).or_else(|| {
                let room = self.series_count + shelf.len() - before < MAX_SERIES;
                room.then(|| shelf.add(Signal::Metric(batch.metric.clone())))
            });
            match at.and_then(|at| shelf.series_mut(at)) {
                Some(series) => take_points(series, batch, now, born),
                None => self.cut = true,
            }
        }
        self.series_count += shelf.len() - before;
        changes.metrics.push(id.clone());
    }

    pub(super) fn record_api_signals(
        &mut self,
        id: &ResourceId,
        at: Timestamp,
        signals: &[ApiSignal],
        changes: &mut Changes,
    ) {
        let Some(resource) = self.resources.get(id) else { return };
        let mut read = signals.iter().filter_map(|api| api.read(resource).map(|value| (*api, value))).peekable();
        if read.peek().is_none() {
            return;
        }
        let shelf = shelf(&mut self.series, id);
        for (api, value) in read {
            let signal = Signal::Api(api);
            if shelf.get(&signal).is_none() {
                if self.series_count >= MAX_SERIES {
                    self.cut = true;
                    break;
                }
                self.series_count += 1;
                shelf.add(signal.clone());
            }
            if let Some(series) = shelf.get_mut(&signal) {
                series.follow(at, CLOCK_SLACK);
                series.put(at, value);
                series.cover(at, at);
            }
        }
        changes.numbers.push(id.clone());
    }
}

fn shelf<'m>(series: &'m mut HashMap<ResourceId, Shelf>, id: &ResourceId) -> &'m mut Shelf {
    series.entry(id.clone()).or_default()
}

/// `born`: when the life before this one was found to be over.
fn take_points(series: &mut Series, batch: &PointBatch, at: Timestamp, born: Option<Timestamp>) {
    series.follow(at, CLOCK_SLACK);
    match batch.status {
        QueryStatus::Forbidden => series.deny(),
        QueryStatus::InternalError => series.miss(),
        QueryStatus::Partial | QueryStatus::Complete => {
            // What was asked for at once is wanted at once: the ring holds it.
            let asked = (batch.to.as_second() - batch.from.as_second()) / i64::from(series.period());
            series.hold(u32::try_from(asked).unwrap_or(0));
            // A point from the future is a clock's error, and would push the whole ring out.
            let period = SignedDuration::from_secs(series.period().into());
            let is_over_soon = |p: &Point| p.at <= at || p.at.duration_since(at) <= period;
            let is_its_own = |p: &Point| born.is_none_or(|born| p.at >= born);
            for point in batch.points.iter().filter(|p| is_over_soon(p) && is_its_own(p)) {
                series.put(point.at, point.value);
            }
            if batch.status == QueryStatus::Complete {
                series.cover_from(born.map_or(batch.from, |born| born.max(batch.from)), batch.to);
                series.cover(batch.to, at);
            } else {
                series.miss();
            }
        }
    }
}

/// Observations of several pollers arrive a little out of order; what is further back shows a clock that was set back.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(60);

const HEALTH_SIGNALS: &[ApiSignal] = &[
    ApiSignal::UnhealthyTargets,
    ApiSignal::HealthyTargets,
    ApiSignal::TotalTargets,
    ApiSignal::UnhealthyZones,
    ApiSignal::UnhealthyTargetsInWorstZone,
    ApiSignal::HealthyTargetsInWorstZone,
    ApiSignal::TotalTargetsInWorstZone,
];

/// Signals that the listing itself brings; those of health and status come with their own observations.
fn listed_signals(kind: Kind) -> &'static [ApiSignal] {
    match kind {
        Kind::AutoScalingGroup => &[
            ApiSignal::DesiredCapacity,
            ApiSignal::MinSize,
            ApiSignal::MaxSize,
            ApiSignal::InService,
            ApiSignal::Pending,
            ApiSignal::SuspendedProcesses,
        ],
        Kind::Subnet => &[ApiSignal::FreeAddresses, ApiSignal::FreeAddressesPercent],
        _ => &[],
    }
}

/// A listing knows nothing of members' health or status checks: what another poller read stays.
fn keep_what_others_read(known: &Resource, new: &mut Resource) {
    match (&known.detail, &mut new.detail) {
        (Detail::Balancer(old), Detail::Balancer(new)) if new.members.is_none() => new.members.clone_from(&old.members),
        (Detail::TargetGroup(old), Detail::TargetGroup(new)) if new.members.is_none() => {
            new.members.clone_from(&old.members);
        }
        (Detail::Bill(_), bill @ Detail::None) => bill.clone_from(&known.detail),
        (Detail::Instance(old), Detail::Instance(new)) if new.status.is_none() => new.status.clone_from(&old.status),
        _ => {}
    }
}

fn transitions(of: &ResourceId, before: &Members, after: &Members) -> Vec<Event> {
    let key = |m: &Member| (m.id.clone(), m.port);
    let old: BTreeMap<_, _> = before.list.iter().map(|m| (key(m), m.state)).collect();
    after
        .list
        .iter()
        .filter_map(|m| {
            let was = *old.get(&key(m))?;
            let healthy = match (was, m.state) {
                (a, b) if a == b => return None,
                (_, HealthState::Healthy) => true,
                (_, HealthState::Unhealthy) => false,
                _ => return None,
            };
            let verb = if healthy { "is healthy" } else { "is unhealthy" };
            let why = if m.reason.is_empty() || healthy { String::new() } else { format!(" ({})", m.reason) };
            Some(Event {
                id: format!("health {of} {} {:?} {}", m.id, m.port, after.at).into(),
                scope: of.scope.clone(),
                at: after.at,
                resources: vec![of.id.clone(), m.id.clone()],
                summary: format!("{} in {} {verb}{why}", m.id, of.id).into(),
                kind: EventKind::Health { member: m.id.clone(), healthy, reason: m.reason.clone() },
            })
        })
        .collect()
}
