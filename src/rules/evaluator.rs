//! Looking at rules again only where something changed.
//!
//! In: what observations changed ([`Changes`]) and the model. Out: the verdicts that are new or other than they were, and
//! those that are no more. It keeps what was last said for each pair of a rule and a resource, and looks at a pair
//! again when there is news of what it rests on, or when the time it named has come ([`Again`]). What rests on something
//! else is looked at at each pass, so that it comes to the same as [`RuleSet::evaluate`]; when in doubt (another set of
//! rules, another context, a clock that was set back, a model that others changed) it looks at everything.

use std::cell::LazyCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::mirror::KeptAlarms;
use super::plain::Plain;
use super::reading::standing_of_record;
use super::rule::{Rule, Subject};
use super::set::{LookedAt, look_at, trails, turns, whole};
use super::{News, RuleContext, RuleSet, Standing, Verdict};
use crate::model::{Changes, Freshness, Kind, Model, PollError, ResourceId, Scope, Source, Text};

/// What a look brought.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// Verdicts that are new or other than they were, by rule and resource; with `whole`, every verdict.
    pub changed: Vec<Verdict>,
    /// Rule and resource of verdicts that are no more.
    pub gone: Vec<(Text, ResourceId)>,
    /// Whether everything was looked at, and `changed` is all there is.
    pub whole: bool,
    /// How many pairs of a rule and a resource were looked at.
    pub pairs: usize,
    /// How many of them it took no full look to tell that they are still OK.
    pub plain: usize,
}

impl Looked {
    /// It, as [`Alerts::update`](crate::alerts::Alerts::update) takes it.
    #[must_use]
    pub fn news(&self) -> News<'_> {
        if self.whole { News::Whole(&self.changed) } else { News::Changes { changed: &self.changed, gone: &self.gone } }
    }
}

/// What was last said of everything, and when to look again.
#[derive(Debug, Default)]
pub struct Evaluator {
    rules: Arc<[Rule]>,
    context: RuleContext,
    /// The model's revision up to which all changes were noted.
    revision: u64,
    looked_at: Option<Timestamp>,
    /// Enabled rules that are looked at resource by resource.
    by_kind: BTreeMap<Kind, Vec<usize>>,
    /// What each rule rests on.
    rests: Vec<Why>,
    slots: Vec<Slot>,
    index: HashMap<ResourceId, usize>,
    free: Vec<usize>,
    /// Slots with news.
    news: Vec<usize>,
    /// Resources that there was no slot for when they changed.
    new: Vec<ResourceId>,
    due: BinaryHeap<Reverse<(Timestamp, usize)>>,
    events: bool,
    records: BTreeMap<Source, RecordStanding>,
    alarms: KeptAlarms,
    /// Resources with news that there is no slot for and that alarms look at.
    read_elsewhere: Vec<ResourceId>,
    /// What rules that are looked at as a whole said, by rule and resource.
    wholes: BTreeMap<(Text, ResourceId), Said>,
}

type RecordStanding = (Freshness, SignedDuration, [Option<PollError>; 2], [Option<Timestamp>; 4]);

/// One resource.
#[derive(Debug)]
struct Slot {
    id: ResourceId,
    /// One for each rule of its kind, in their order.
    pairs: Vec<Pair>,
    why: Why,
    /// Whether CloudWatch's alarms look at it.
    mirrored: bool,
    /// The time it stands in the queue for.
    queued: Timestamp,
}

#[derive(Debug)]
struct Pair {
    again: Again,
    said: Said,
    /// How to tell without a full look that it still says OK.
    plain: Option<Plain>,
}

/// What a rule said of a resource.
#[derive(Debug, PartialEq)]
enum Said {
    Nothing,
    /// OK, with whatever value.
    Ok,
    Other(Box<Verdict>),
}

impl Said {
    fn of(verdict: Option<&Verdict>) -> Self {
        match verdict {
            None => Self::Nothing,
            Some(Verdict { standing: Standing::Ok, .. }) => Self::Ok,
            Some(other) => Self::Other(Box::new(other.clone())),
        }
    }

    fn is(&self, verdict: Option<&Verdict>) -> bool {
        match (self, verdict) {
            (Self::Nothing, None) | (Self::Ok, Some(Verdict { standing: Standing::Ok, .. })) => true,
            (Self::Other(old), Some(new)) => **old == *new,
            _ => false,
        }
    }
}

/// Of what there is news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Why {
    /// The resource itself, or its scope's pollers: every rule may see it.
    all: bool,
    metrics: bool,
    numbers: bool,
    events: bool,
}

impl Why {
    /// Of what news concerns `rule`, besides that of all.
    fn for_rule(rule: &Rule) -> Self {
        let events = rests_on_events(rule);
        let (metrics, numbers) = rule.rests_on();
        Self { all: false, metrics: metrics && !events, numbers: numbers && !events, events }
    }

    /// Whether it is news for what rests on `rests`.
    fn concerns(self, rests: Self) -> bool {
        self.all || self.metrics && rests.metrics || self.numbers && rests.numbers || self.events && rests.events
    }
}

fn rests_on_events(rule: &Rule) -> bool {
    matches!(rule.subject, Subject::Trail { .. } | Subject::LaunchFailures { .. })
}

impl Evaluator {
    /// Notes what an observation changed; `revision` is the model's after it.
    pub fn note(&mut self, changes: &Changes, revision: u64) {
        if revision != self.revision + 1 {
            // Something was applied that nobody told of.
            self.looked_at = None;
        }
        self.revision = revision;
        self.events |= changes.events;
        for id in &changes.resources {
            self.mark(id, Why { all: true, ..Why::default() });
        }
        for id in &changes.metrics {
            self.mark(id, Why { metrics: true, ..Why::default() });
        }
        for id in &changes.numbers {
            self.mark(id, Why { numbers: true, ..Why::default() });
        }
    }

    fn mark(&mut self, id: &ResourceId, why: Why) {
        match self.index.get(id) {
            Some(slot) => self.mark_slot(*slot, why),
            None if self.new.last() != Some(id) => self.new.push(id.clone()),
            None => {}
        }
    }

    fn mark_slot(&mut self, slot: usize, why: Why) {
        let known = &mut self.slots[slot].why;
        if *known == Why::default() {
            self.news.push(slot);
        }
        known.all |= why.all;
        known.metrics |= why.metrics;
        known.numbers |= why.numbers;
        known.events |= why.events;
    }

    /// Looks at what may have changed since the last look.
    pub fn look(&mut self, rules: &RuleSet, model: &Model, context: &RuleContext, now: Timestamp) -> Looked {
        let set_back = self.looked_at.is_none_or(|at| now < at);
        let same = Arc::ptr_eq(&self.rules, rules.shared()) && self.context == *context;
        let everything = set_back || !same || self.revision != model.revision();
        let mut looked = Looked { whole: everything, ..Looked::default() };
        if everything {
            self.begin(rules, model, context);
        }
        self.looked_at = Some(now);
        self.look_at_pollers(model, now);
        self.find_new(model);
        if std::mem::take(&mut self.events) {
            self.mark_events();
        }
        let mut slots = std::mem::take(&mut self.news);
        while let Some(Reverse((at, slot))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            // What was looked at meanwhile may have gone further back in the queue, or be another resource's place.
            if self.slots.get(slot).is_some_and(|s| s.queued == at && !s.pairs.is_empty()) {
                self.slots[slot].queued = Timestamp::MAX;
                if self.slots[slot].why == Why::default() {
                    slots.push(slot);
                }
            }
        }
        self.look_at_alarms(&mut slots, model, now);
        for slot in slots {
            self.look_at_slot(slot, model, now, &mut looked);
        }
        self.look_at_wholes(model, now, &mut looked);
        looked.changed.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
        looked
    }

    /// Forgets what was said, and finds all there is.
    fn begin(&mut self, rules: &RuleSet, model: &Model, context: &RuleContext) {
        *self = Self {
            rules: Arc::clone(rules.shared()),
            context: context.clone(),
            revision: model.revision(),
            rests: rules.rules().iter().map(Why::for_rule).collect(),
            ..Self::default()
        };
        for (i, rule) in self.rules.iter().enumerate().filter(|(_, r)| r.enabled && !is_whole(r)) {
            for kind in rule.kinds() {
                self.by_kind.entry(*kind).or_default().push(i);
            }
        }
        let kinds: Vec<Kind> = self.by_kind.keys().copied().collect();
        for resource in kinds.into_iter().flat_map(|kind| model.of_kind(kind)) {
            self.add(&resource.id);
        }
    }

    /// Gives `id` a slot, all of which is news, if a rule looks at its kind.
    fn add(&mut self, id: &ResourceId) {
        let Some(rules) = self.by_kind.get(&id.kind) else { return };
        if self.index.contains_key(id) {
            return;
        }
        let pairs = rules.iter().map(|_| Pair { again: Again::ON_NEWS, said: Said::Nothing, plain: None }).collect();
        let mirrored = self.alarms.readers(id).next().is_some();
        let slot = Slot { id: id.clone(), pairs, why: Why::default(), mirrored, queued: Timestamp::MAX };
        let at = if let Some(at) = self.free.pop() {
            self.slots[at] = slot;
            at
        } else {
            self.slots.push(slot);
            self.slots.len() - 1
        };
        self.index.insert(id.clone(), at);
        self.mark_slot(at, Why { all: true, ..Why::default() });
    }

    fn find_new(&mut self, model: &Model) {
        for id in std::mem::take(&mut self.new) {
            if model.resource(&id).is_some() {
                self.add(&id);
            }
            if !self.index.contains_key(&id) && self.alarms.readers(&id).next().is_some() {
                self.read_elsewhere.push(id);
            }
        }
        // A trail is watched wherever its poller runs, whether or not it is listed.
        for id in trails(model) {
            self.add(&id);
        }
    }

    /// Finds the scopes in which a poller stands otherwise than it did.
    fn look_at_pollers(&mut self, model: &Model, now: Timestamp) {
        let mut scopes: Vec<&Scope> = Vec::new();
        for (source, record) in model.pollers() {
            let standing = standing_of_record(record, now);
            if self.records.get(source) != Some(&standing) {
                self.records.insert(source.clone(), standing);
                scopes.push(&source.scope);
            }
        }
        if scopes.is_empty() {
            return;
        }
        scopes.dedup();
        for slot in 0..self.slots.len() {
            if scopes.contains(&&self.slots[slot].id.scope) && !self.slots[slot].pairs.is_empty() {
                self.mark_slot(slot, Why { all: true, ..Why::default() });
            }
        }
    }

    fn mark_events(&mut self) {
        let on_events: Vec<Kind> = self
            .by_kind
            .iter()
            .filter(|(_, rules)| rules.iter().any(|r| rests_on_events(&self.rules[*r])))
            .map(|(kind, _)| *kind)
            .collect();
        for slot in 0..self.slots.len() {
            if on_events.contains(&self.slots[slot].id.kind) && !self.slots[slot].pairs.is_empty() {
                self.mark_slot(slot, Why { events: true, ..Why::default() });
            }
        }
    }

    /// Finds what CloudWatch's alarms come to of which, or of what they look at, there is news in `slots`, and adds those
    /// that are made of them.
    fn look_at_alarms(&mut self, slots: &mut Vec<usize>, model: &Model, now: Timestamp) {
        let elsewhere = std::mem::take(&mut self.read_elsewhere);
        if !self.by_kind.contains_key(&Kind::Alarm) {
            return;
        }
        let mut news: BTreeMap<ResourceId, bool> = BTreeMap::new();
        let mut queued: BTreeSet<usize> = BTreeSet::new();
        for at in slots.iter() {
            let slot = &self.slots[*at];
            if slot.id.kind == Kind::Alarm {
                *news.entry(slot.id.clone()).or_default() |= slot.why.all;
                queued.insert(*at);
            }
            if slot.mirrored {
                for alarm in self.alarms.readers(&slot.id) {
                    *news.entry(alarm.clone()).or_default() |= slot.why.all;
                }
            }
        }
        for alarm in elsewhere.iter().flat_map(|id| self.alarms.readers(id)) {
            news.insert(alarm.clone(), true);
        }
        if news.is_empty() {
            return;
        }
        for id in self.alarms.look(news, model, self.context.mode, now) {
            if let Some(at) = self.index.get(&id).copied() {
                self.slots[at].why.all = true;
                if queued.insert(at) {
                    slots.push(at);
                }
            }
        }
        for id in self.alarms.newly_read() {
            if let Some(at) = self.index.get(&id) {
                self.slots[*at].mirrored = true;
            }
        }
    }

    fn look_at_slot(&mut self, at: usize, model: &Model, now: Timestamp, looked: &mut Looked) {
        let slot = &mut self.slots[at];
        let why = std::mem::take(&mut slot.why);
        let Some(rules) = self.by_kind.get(&slot.id.kind) else { return };
        let resource = LazyCell::new(|| model.resource(&slot.id));
        let shelf = LazyCell::new(|| model.shelf(&slot.id).inspect(|shelf| shelf.fetch()));
        let mut next = Timestamp::MAX;
        for (pair, (rule, rests)) in slot.pairs.iter_mut().zip(rules.iter().map(|r| (&self.rules[*r], self.rests[*r])))
        {
            if why.concerns(rests) || pair.again.due() <= now {
                looked.pairs += 1;
                let plain = pair.plain.take().filter(|_| !why.all);
                if let Some(again) = plain.and_then(|p| p.still_ok(rule, (*shelf)?, pair.again, now)) {
                    looked.plain += 1;
                    (pair.again, pair.plain) = (again, plain);
                    next = next.min(again.due());
                    continue;
                }
                let resource = *resource;
                // With the whole, that it is OK is told too.
                let was_ok = pair.said == Said::Ok && !looked.whole;
                let (found, again) = match rule.subject {
                    Subject::Alarms => self.alarms.verdict(rule, resource, model, self.context.mode, now, was_ok),
                    _ => look_at(rule, model, &self.context, now, &slot.id, resource, was_ok),
                };
                pair.again = again.or(turns(rule, now));
                match found {
                    LookedAt::StillOk => {}
                    LookedAt::Nothing => told(&mut pair.said, None, &rule.id, &slot.id, looked),
                    LookedAt::Verdict(verdict) => told(&mut pair.said, Some(verdict), &rule.id, &slot.id, looked),
                }
                if pair.said == Said::Ok {
                    pair.plain = resource.and_then(|r| Plain::of(rule, model, r, self.context.mode, now));
                }
            }
            next = next.min(pair.again.due());
        }
        // That it is gone is news of it.
        if why.all && resource.is_none() && slot.id.kind != Kind::Trail {
            self.index.remove(&slot.id);
            slot.pairs = Vec::new();
            slot.queued = Timestamp::MAX;
            self.free.push(at);
        } else if next < slot.queued {
            slot.queued = next;
            self.due.push(Reverse((next, at)));
        }
    }

    /// Rules that are not looked at resource by resource.
    fn look_at_wholes(&mut self, model: &Model, now: Timestamp, looked: &mut Looked) {
        let mut before = std::mem::take(&mut self.wholes);
        let rules = Arc::clone(&self.rules);
        for rule in rules.iter().filter(|r| r.enabled && is_whole(r)) {
            for verdict in whole(rule, model, &self.context, now) {
                looked.pairs += 1;
                let key = (verdict.rule.clone(), verdict.resource.clone());
                let mut said = before.remove(&key).unwrap_or(Said::Nothing);
                told(&mut said, Some(verdict), &key.0, &key.1, looked);
                self.wholes.insert(key, said);
            }
        }
        looked.gone.extend(before.into_keys());
    }

    /// Where what was last said differs from what all rules say of all resources now; `None` where it does not. For
    /// tests, and for debug builds to hold the one against the other.
    #[must_use]
    pub fn differs(&self, rules: &RuleSet, model: &Model, now: Timestamp) -> Option<String> {
        let mut said: BTreeMap<(Text, ResourceId), &Said> =
            self.wholes.iter().map(|(pair, said)| (pair.clone(), said)).collect();
        for slot in self.slots.iter().filter(|s| !s.pairs.is_empty()) {
            let rules = self.by_kind.get(&slot.id.kind).into_iter().flatten();
            for (pair, rule) in slot.pairs.iter().zip(rules) {
                said.insert((self.rules[*rule].id.clone(), slot.id.clone()), &pair.said);
            }
        }
        for verdict in rules.evaluate(model, &self.context, now) {
            let pair = (verdict.rule.clone(), verdict.resource.clone());
            let known = said.remove(&pair).unwrap_or(&Said::Nothing);
            if !known.is(Some(&verdict)) {
                return Some(format!("it was said {known:?}, and is {verdict:?}"));
            }
        }
        let left = said.into_iter().find(|(_, said)| **said != Said::Nothing);
        left.map(|(pair, said)| format!("of {pair:?} it was said {said:?}, and is nothing"))
    }
}

/// Whether `rule` is looked at as a whole, at each pass.
fn is_whole(rule: &Rule) -> bool {
    matches!(rule.subject, Subject::Pollers | Subject::Poller { .. })
}

/// Keeps what is said now, and tells it if it is news.
fn told(said: &mut Said, verdict: Option<Verdict>, rule: &Text, id: &ResourceId, looked: &mut Looked) {
    let same = said.is(verdict.as_ref());
    if !same {
        *said = Said::of(verdict.as_ref());
    }
    match verdict {
        Some(verdict) if !same || looked.whole => looked.changed.push(verdict),
        None if !same && !looked.whole => looked.gone.push((rule.clone(), id.clone())),
        _ => {}
    }
}
