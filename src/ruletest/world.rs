//! The pollers of a test: what they see at each step, as observations.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::answers::{Question, questions, time};
use super::case::{Scene, Thing};
use super::things::{self, Numbers};
use super::values::Value;
use crate::model::{
    ApiSignal, Body, Detail, ErrorClass, Event, Kind, Model, Observation, Outcome, PollError, PollerKind, Resource,
    Scope, Signal, Source,
};

/// How often a state is read, in seconds.
const READ_EVERY: i64 = 60;

/// What feeds a model by a scene.
pub(super) struct World<'s> {
    scene: &'s Scene,
    start: Timestamp,
    questions: Vec<Question<'s>>,
    /// The pollers there are, and the things each looks at.
    pollers: BTreeMap<Source, Vec<&'s Thing>>,
    before: Option<Timestamp>,
}

impl<'s> World<'s> {
    pub(super) fn new(scene: &'s Scene, start: Timestamp) -> Self {
        let questions = questions(scene, start);
        let mut pollers: BTreeMap<Source, Vec<&Thing>> = BTreeMap::new();
        for thing in &scene.things {
            let Resource { id, .. } = &thing.resource;
            let mut all: BTreeSet<PollerKind> = PollerKind::lists(id.kind).into_iter().collect();
            all.extend(reader_of(thing));
            if id.kind == Kind::AutoScalingGroup {
                all.insert(PollerKind::Activities);
            }
            for poller in all {
                pollers.entry(Source { scope: id.scope.clone(), poller }).or_default().push(thing);
            }
        }
        for question in &questions {
            let poller = if question.is_of_the_bill() { PollerKind::Bill } else { PollerKind::Metrics };
            pollers.entry(Source { scope: question.scope().clone(), poller }).or_default();
        }
        for event in &scene.events {
            let poller = if event.of.kind == Kind::Trail { PollerKind::Trail } else { PollerKind::Activities };
            pollers.entry(Source { scope: event.of.scope.clone(), poller }).or_default();
        }
        for outage in &scene.outages {
            pollers.entry(outage.source.clone()).or_default();
        }
        Self { scene, start, questions, pollers, before: None }
    }

    /// Lets every poller run once at `now`, into `model`.
    ///
    /// # Errors
    ///
    /// Why the stated numbers cannot be.
    pub(super) fn step(&mut self, now: Timestamp, model: &mut Model) -> Result<(), String> {
        let since_start = now.duration_since(self.start);
        let sources: Vec<Source> = self.pollers.keys().cloned().collect();
        for source in sources {
            let outage =
                self.scene.outages.iter().find(|o| o.source == source && (o.from..o.to).contains(&since_start));
            let mut tell = |at: Timestamp, body: Body| {
                model.apply(&Observation { at, source: source.clone(), body });
            };
            tell(now, Body::Started);
            if outage.is_none() {
                for (at, body) in self.bodies(&source, now)? {
                    tell(at, body);
                }
            }
            let error = outage.map(|o| PollError {
                class: o.error,
                operation: source.poller.action().rsplit(':').next().unwrap_or_default().into(),
                code: "Test".into(),
                message: "the test says that it cannot be read".into(),
            });
            tell(now, Body::Outcome(self.outcome(now, error)));
        }
        self.before = Some(now);
        Ok(())
    }

    fn outcome(&self, now: Timestamp, error: Option<PollError>) -> Outcome {
        Outcome {
            started: now,
            took: SignedDuration::ZERO,
            calls: 1,
            pages: 1,
            billed_metrics: 0,
            throttles: u32::from(error.as_ref().is_some_and(|e| e.class == ErrorClass::Throttled)),
            lacks: None,
            error,
            next: None,
            interval: self.scene.interval,
        }
    }

    /// What the poller `source` reads at `now`, with when.
    fn bodies(&mut self, source: &Source, now: Timestamp) -> Result<Vec<(Timestamp, Body)>, String> {
        let things = self.pollers.get(source).cloned().unwrap_or_default();
        Ok(match source.poller {
            PollerKind::Metrics => vec![(now, self.points(&source.scope, now, false))],
            PollerKind::Bill => {
                let mut all = self.listing(source.poller, &things, now)?;
                all.push((now, self.points(&source.scope, now, true)));
                all
            }
            PollerKind::ClassicHealth | PollerKind::TargetHealth | PollerKind::InstanceStatus => {
                self.states(&things, now)?
            }
            PollerKind::Trail => {
                let mut all = self.listing(source.poller, &things, now)?;
                all.push((now, self.events(source, now)));
                all
            }
            PollerKind::Activities => vec![(now, self.events(source, now))],
            _ => self.listing(source.poller, &things, now)?,
        })
    }

    fn points(&mut self, scope: &Scope, now: Timestamp, bill: bool) -> Body {
        let before = self.before;
        let questions = self.questions.iter_mut().filter(|q| q.is_of_the_bill() == bill && q.scope() == scope);
        Body::Points(questions.flat_map(|q| q.ask(before, now)).collect())
    }

    /// The ends of the minutes since the last step: when states were read.
    fn minutes(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
        let after = self.before.unwrap_or(self.start).as_second().div_euclid(READ_EVERY) + 1;
        (after..=now.as_second().div_euclid(READ_EVERY)).map(|m| time(m * READ_EVERY))
    }

    /// The listing of `things`, as often as their numbers were read.
    fn listing(&self, poller: PollerKind, things: &[&Thing], now: Timestamp) -> Result<Vec<(Timestamp, Body)>, String> {
        let kinds: BTreeSet<Kind> = things.iter().map(|t| t.resource.id.kind).collect();
        let numbered = |t: &Thing| reader_of(t) == Some(poller);
        let mut all = Vec::new();
        // A reading a minute where numbers come with the listing, just before the minute's end, so that it counts as the
        // minute's; one at each step where they do not.
        let ends: Vec<Timestamp> =
            if things.iter().any(|t| numbered(t)) { self.minutes(now).collect() } else { vec![now] };
        let first = self.before.is_none() && ends.is_empty();
        for end in ends.iter().copied().chain(first.then_some(now)) {
            let at = if end == now && !things.iter().any(|t| numbered(t)) { now } else { just_before(end) };
            let at = at.max(self.start);
            let mut resources = Vec::new();
            let mut partial = false;
            for thing in things.iter().filter(|t| !self.is_gone(t, end)) {
                if !numbered(thing) {
                    resources.push(thing.resource.clone());
                    continue;
                }
                match numbers(thing, end) {
                    Some(numbers) => resources.push(things::with(&thing.resource, &numbers, at)?),
                    None => partial = true,
                }
            }
            all.push((at, Body::Inventory { kinds: kinds.iter().copied().collect(), resources, partial }));
        }
        Ok(all)
    }

    /// Health and status checks of `things`.
    fn states(&self, things: &[&Thing], now: Timestamp) -> Result<Vec<(Timestamp, Body)>, String> {
        let mut all = Vec::new();
        for end in self.minutes(now) {
            let at = just_before(end);
            for thing in things.iter().filter(|t| !self.is_gone(t, end)) {
                let Some(numbers) = numbers(thing, end) else { continue };
                let read = things::with(&thing.resource, &numbers, at)?;
                let of = thing.resource.id.clone();
                all.extend(match read.detail {
                    Detail::Balancer(b) => b.members.map(|members| (at, Body::Health { of, members })),
                    Detail::TargetGroup(t) => t.members.map(|members| (at, Body::Health { of, members })),
                    Detail::Instance(i) => {
                        i.status.map(|s| (at, Body::Status { list: vec![(of.id, s)], partial: true }))
                    }
                    _ => None,
                });
            }
        }
        Ok(all)
    }

    fn events(&self, source: &Source, now: Timestamp) -> Body {
        let since = |at: Timestamp| at.duration_since(self.start);
        let trail = source.poller == PollerKind::Trail;
        let new = self.scene.events.iter().enumerate().filter(|(_, e)| {
            e.of.scope == source.scope
                && (e.of.kind == Kind::Trail) == trail
                && e.seen <= since(now)
                && self.before.is_none_or(|before| e.seen > since(before))
        });
        let events = new.map(|(i, e)| Event {
            id: format!("test {i}").into(),
            scope: e.of.scope.clone(),
            at: self.start + e.at,
            kind: e.kind.clone(),
            resources: vec![e.of.id.clone()],
            summary: "".into(),
        });
        Body::Events(events.collect())
    }

    fn is_gone(&self, thing: &Thing, at: Timestamp) -> bool {
        let at = at.duration_since(self.start);
        thing.gone.iter().any(|(from, to)| (*from..*to).contains(&at))
    }
}

fn just_before(at: Timestamp) -> Timestamp {
    at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(at)
}

/// The poller that reads the numbers that the test states of `thing`, where it states any that no metric is.
fn reader_of(thing: &Thing) -> Option<PollerKind> {
    thing.series.iter().any(|t| matches!(t.signal, Signal::Api(_))).then_some(match thing.resource.id.kind {
        Kind::ClassicElb => PollerKind::ClassicHealth,
        Kind::TargetGroup => PollerKind::TargetHealth,
        Kind::Instance => PollerKind::InstanceStatus,
        Kind::Subnet => PollerKind::Subnets,
        _ => PollerKind::ScalingGroups,
    })
}

/// The numbers of `thing` by its newest points that are complete at `end`; `None` where they were not read.
fn numbers(thing: &Thing, end: Timestamp) -> Option<Numbers> {
    let mut numbers: Numbers = Vec::new();
    for told in &thing.series {
        let Signal::Api(signal) = told.signal else { continue };
        let newest = told.known(end.as_second()).checked_sub(1).and_then(|i| told.values.get(i));
        if let Some(Value::Number(value)) = newest {
            numbers.retain(|(s, _): &(ApiSignal, f64)| *s != signal);
            numbers.push((signal, *value));
        }
    }
    (!numbers.is_empty()).then_some(numbers)
}
