//! Everything that is known, for reading.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::burn::Prices;
use super::shelf::Shelf;
use super::{
    EventLog, Freshness, Identity, Kind, PollerKind, PollerRecord, Resource, ResourceId, Scope, Series, Signal, Source,
    Text,
};

/// Most resources kept; an observation that would go past it is cut, and says so through [`Model::overflowed`].
pub const MAX_RESOURCES: usize = 50_000;
/// Most series kept.
pub const MAX_SERIES: usize = 100_000;

/// Most resources remembered that are gone.
pub(super) const MAX_GONE: usize = 10_000;

/// What an observation changed, so that only that is evaluated and drawn again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Resources that came, went or look different.
    pub resources: BTreeSet<ResourceId>,
    /// Resources of which a metric was read, also where that brought no new point: it is then known that there is none.
    /// One may be named more than once.
    pub metrics: Vec<ResourceId>,
    /// Resources of which numbers were read that a Describe call gives ([`ApiSignal`](super::ApiSignal)), or were reckoned of
    /// such.
    pub numbers: Vec<ResourceId>,
    /// Whether events came or moved on.
    pub events: bool,
    /// Whether a poller's record changed.
    pub poller: bool,
}

/// Everything known.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub(super) resources: BTreeMap<ResourceId, Resource>,
    /// Scopes that resources were ever listed in, so that those of one kind are found without a look at all others.
    pub(super) places: BTreeSet<Scope>,
    pub(super) series: HashMap<ResourceId, Shelf>,
    pub(super) series_count: usize,
    pub(super) events: EventLog,
    pub(super) pollers: BTreeMap<Source, PollerRecord>,
    pub(super) identities: BTreeMap<Scope, Identity>,
    /// When resources were found gone that may come back under their names: what CloudWatch still keeps of the time
    /// before is another one's.
    pub(super) gone: BTreeMap<ResourceId, Timestamp>,
    pub(super) prices: Prices,
    /// Of which readings something was left out, and since when.
    pub(super) overflowed: BTreeMap<Source, Timestamp>,
    /// Whether something of the observation that is being applied is left out.
    pub(super) cut: bool,
    pub(super) revision: u64,
}

impl Model {
    /// When the life of `id` began, where another had its name before: what is older is that one's. `None` for the first
    /// of its name, and while the moment is still to come: a clock was set back.
    #[must_use]
    pub fn reborn(&self, id: &ResourceId, now: Timestamp) -> Option<Timestamp> {
        self.gone.get(id).copied().filter(|at| *at <= now)
    }

    /// Counts observations applied: equal revisions of one model are equal models.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The resource `id`.
    #[must_use]
    pub fn resource(&self, id: &ResourceId) -> Option<&Resource> {
        self.resources.get(id)
    }

    /// All resources, by scope, kind and id.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// All resources of `kind`, over all scopes.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.places.iter().flat_map(move |scope| self.in_scope(scope, kind))
    }

    /// The resources of `kind` in `scope`.
    pub(super) fn in_scope<'m>(&'m self, scope: &'m Scope, kind: Kind) -> impl Iterator<Item = &'m Resource> {
        let first = ResourceId::new(scope, kind, Text::default());
        self.resources
            .range(first..)
            .take_while(move |(id, _)| id.kind == kind && id.scope == *scope)
            .map(|(_, resource)| resource)
    }

    /// The series of `signal` of `resource`, if any reading of it came. An alarm's is the one of the resource whose metric
    /// it watches.
    #[must_use]
    pub fn series(&self, resource: &ResourceId, signal: &Signal) -> Option<&Series> {
        let own = self.series.get(resource).and_then(|all| all.get(signal));
        match own {
            None if resource.kind == Kind::Alarm => self.series_elsewhere(resource, signal),
            own => own,
        }
    }

    /// The series of `resource`, by their places; an alarm's may be elsewhere.
    pub(crate) fn shelf(&self, resource: &ResourceId) -> Option<&Shelf> {
        self.series.get(resource)
    }

    /// All series of `resource`.
    pub fn series_of(&self, resource: &ResourceId) -> impl Iterator<Item = (&Signal, &Series)> {
        self.series.get(resource).into_iter().flat_map(Shelf::iter)
    }

    /// Every series, by resource and signal.
    pub fn all_series(&self) -> impl Iterator<Item = (&ResourceId, &Signal, &Series)> {
        self.series.iter().flat_map(|(id, of)| of.iter().map(move |(signal, series)| (id, signal, series)))
    }

    /// How many series are kept.
    #[must_use]
    pub fn series_count(&self) -> usize {
        self.series_count
    }

    /// The log of events.
    #[must_use]
    pub fn events(&self) -> &EventLog {
        &self.events
    }

    /// The record of `source`, once it has begun to run.
    #[must_use]
    pub fn poller(&self, source: &Source) -> Option<&PollerRecord> {
        self.pollers.get(source)
    }

    /// All pollers' records.
    pub fn pollers(&self) -> impl Iterator<Item = (&Source, &PollerRecord)> {
        self.pollers.iter()
    }

    /// Whose credentials `scope` is read with, once known.
    #[must_use]
    pub fn identity(&self, scope: &Scope) -> Option<&Identity> {
        self.identities.get(scope)
    }

    /// The scopes in which any poller has begun to run.
    #[must_use]
    pub fn scopes(&self) -> BTreeSet<&Scope> {
        self.pollers.keys().map(|s| &s.scope).collect()
    }

    /// How far what is known of `kind` in `scope` can be relied on: the freshness of the poller that lists it.
    #[must_use]
    pub fn freshness(&self, scope: &Scope, poller: PollerKind, now: Timestamp) -> Freshness {
        self.pollers
            .get(&Source { scope: scope.clone(), poller })
            .map_or(Freshness::Loading, |record| record.freshness(now))
    }

    /// Whether something had to be left out because [`MAX_RESOURCES`] or [`MAX_SERIES`] was reached.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        !self.overflowed.is_empty()
    }

    /// Since when something of what `source` read is left out, because there is no room for it.
    #[must_use]
    pub fn overflowed_since(&self, source: &Source) -> Option<Timestamp> {
        self.overflowed.get(source).copied()
    }
}
