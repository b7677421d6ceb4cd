//! Gathering rows: what the filter lets through, in order, under heads or as trees where they are put together.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use super::{Rows, fault, scope_of, sorts};
use crate::model::{Detail, Freshness, HealthState, Kind, Resource, ResourceId, Text};
use crate::ui::facts;
use crate::ui::fields::{About, Seen};
use crate::ui::grouping::{Branch, Grouping, Tally};
use crate::ui::query::Query;
use crate::ui::shown::Shown;
use crate::ui::view::{Item, ListState, Listing, Only};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum SortKey {
    Number(f64),
    Text(Text),
    Unknown,
}

impl SortKey {
    fn compare(&self, other: &Self, reverse: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Unknown, Self::Unknown) => Ordering::Equal,
            (Self::Unknown, _) => return Ordering::Greater,
            (_, Self::Unknown) => return Ordering::Less,
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if reverse { order.reverse() } else { order }
    }
}

pub(super) struct Row {
    item: Item,
    key: SortKey,
    name: Text,
    fault: u8,
    /// How it counts in its head: as `fault`, or 1 for what is no fault and not known.
    counted: u8,
    /// What it is put under.
    label: Option<Text>,
    /// In a tree: what is below it, and how bad that is.
    below: Vec<(ResourceId, u8)>,
}

pub(super) struct Collect<'c> {
    pub(super) shown: &'c Shown<'c>,
    pub(super) list: Listing,
    pub(super) grouping: Grouping,
    pub(super) levels: &'c BTreeMap<&'c ResourceId, u8>,
    pub(super) query: Query,
    pub(super) only: &'c Only,
    pub(super) faults_only: bool,
    pub(super) total: usize,
    /// The balancer whose target group was offered last: all of its groups are one balancer.
    pub(super) root: Option<ResourceId>,
    pub(super) rows: Vec<Row>,
}

impl Row {
    pub(super) fn new(item: Item, key: SortKey, name: Text, fault: u8) -> Self {
        Self { item, key, name, fault, counted: fault, label: None, below: Vec::new() }
    }

    /// How bad it is, or the worst of what is below it.
    fn worst(&self) -> u8 {
        self.below.iter().map(|(_, fault)| *fault).fold(self.fault, u8::max)
    }
}

impl Collect<'_> {
    pub(super) fn offer(&mut self, item: Item, key: SortKey, name: Text, fault: u8, about: About<'_>) {
        if !self.only.lets_through(about.scope()) {
            return;
        }
        let root = root_of(&item);
        if root.is_none() || root != self.root.as_ref() {
            self.total += 1;
            self.root = root.cloned();
        }
        let tree = self.grouping == Grouping::Tree;
        if self.faults_only && fault == 0 && !tree {
            return;
        }
        let shown = self.shown;
        let seen = || Seen { words: about.words(), about, shown, fault };
        let found = self.query.is_empty() || self.query.matches(&seen());
        let mut row = Row { label: self.grouping.label(&about, shown), ..Row::new(item, key, name, fault) };
        if let About::Poller(_, record) = about
            && record.freshness(shown.now) == Freshness::Loading
        {
            row.counted = 1;
        }
        if tree && let About::Resource(resource, group) = about {
            row.below = self.below(group.unwrap_or(resource), found);
        }
        // In a tree what is above something that was looked for is there too.
        if found && (!self.faults_only || fault > 0) || !row.below.is_empty() {
            self.rows.push(row);
        }
    }

    /// The targets or instances of `of` that are let through, worst first; `all`: whether the query is met without them.
    fn below(&self, of: &Resource, all: bool) -> Vec<(ResourceId, u8)> {
        let instance = |id: &Text| ResourceId::new(&of.id.scope, Kind::Instance, id.clone());
        let members: Vec<(ResourceId, u8)> = match (&of.detail, facts::members(of)) {
            (Detail::AutoScalingGroup(g), _) => {
                g.instances.iter().map(|i| (instance(&i.id), if i.health == "Unhealthy" { 2 } else { 0 })).collect()
            }
            (_, Some(members)) => {
                let bad = |state| if state == HealthState::Unhealthy { 2 } else { 0 };
                members.list.iter().map(|m| (instance(&m.id), bad(m.state))).collect()
            }
            _ => Vec::new(),
        };
        let mut out: Vec<(ResourceId, u8)> = Vec::new();
        for (id, own) in members {
            let resource = self.shown.model.resource(&id);
            let fault = own.max(resource.map_or(0, |r| fault(r, self.levels)));
            let seen = |r| {
                let about = About::Resource(r, None);
                Seen { words: about.words(), about, shown: self.shown, fault }
            };
            let found = all || resource.is_some_and(|r| self.query.matches(&seen(r)));
            if found && (!self.faults_only || fault > 0) {
                out.push((id, fault));
            }
        }
        let name = |id: &ResourceId| facts::name_of_id(self.shown.model, id).to_owned();
        out.sort_by_cached_key(|(id, fault)| (Reverse(*fault), name(id), id.id.clone()));
        out
    }

    pub(super) fn done(mut self, state: &ListState) -> Rows {
        self.rows.sort_by(|a, b| a.key.compare(&b.key, state.reverse).then_with(|| a.name.cmp(&b.name)));
        let roots: BTreeSet<&ResourceId> = self.rows.iter().filter_map(|r| root_of(&r.item)).collect();
        let count = self.rows.iter().filter(|r| root_of(&r.item).is_none()).count() + roots.len();
        let mut out = Rows { total: self.total, count, ..Rows::default() };
        match self.grouping {
            Grouping::Flat => out.items = self.rows.into_iter().map(|r| r.item).collect(),
            Grouping::Tree => {
                let worst_first = sorts(self.list)[state.sort % sorts(self.list).len()] == "worst" && !state.reverse;
                trees(self.rows, state, worst_first, &mut out);
            }
            _ => groups(self.rows, state, &mut out),
        }
        let mut scopes = out.items.iter().filter(|i| !matches!(i, Item::Group(_))).map(scope_of);
        let first = scopes.next().flatten();
        out.scope = first.filter(|s| scopes.all(|other| other == Some(s))).cloned();
        out
    }
}

/// The balancer that `item` is one target group of.
fn root_of(item: &Item) -> Option<&ResourceId> {
    if let Item::Pair(balancer, _) = item { Some(balancer) } else { None }
}

impl Rows {
    fn put(&mut self, item: Item, branch: Branch) {
        self.items.push(item);
        self.tree.push(branch);
    }
}

/// How bad `rows` are: a balancer with several target groups is one, as bad as the worst of them.
fn tally(rows: &[Row]) -> Tally {
    let mut out = Tally::default();
    let mut roots: BTreeMap<&ResourceId, u8> = BTreeMap::new();
    for row in rows {
        if let Item::Pair(root, _) = &row.item {
            let worst = roots.entry(root).or_default();
            *worst = row.counted.max(*worst);
        } else {
            out.add(row.counted);
        }
    }
    for fault in roots.into_values() {
        out.add(fault);
    }
    out
}

/// `rows` under heads, the worst first.
fn groups(rows: Vec<Row>, state: &ListState, out: &mut Rows) {
    let mut heads: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
    for row in rows {
        heads.entry(row.label.clone().unwrap_or_default()).or_default().push(row);
    }
    let mut heads: Vec<_> = heads.into_iter().map(|(label, below)| (label, (tally(&below), below))).collect();
    heads.sort_by_key(|(_, (tally, _))| Reverse(tally.worst()));
    for (label, (tally, below)) in heads {
        let item = Item::Group(label);
        let folded = state.folded.contains(&item);
        let fault = u8::try_from(tally.worst()).unwrap_or(0);
        out.put(item, Branch { folded: Some(folded), tally, fault, ..Branch::default() });
        for row in below.into_iter().filter(|_| !folded) {
            out.put(row.item, Branch { depth: 1, fault: row.fault, ..Branch::default() });
        }
    }
}

/// `rows` as trees: a balancer above its target groups, each above its targets; a group above its instances.
fn trees(rows: Vec<Row>, state: &ListState, worst_first: bool, out: &mut Rows) {
    let mut order: Vec<ResourceId> = Vec::new();
    let mut of: BTreeMap<ResourceId, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let (Item::Resource(id) | Item::Pair(id, _)) = &row.item else { continue };
        if !of.contains_key(id) {
            order.push(id.clone());
        }
        of.entry(id.clone()).or_default().push(row);
    }
    out.count = order.len();
    if worst_first {
        order.sort_by_key(|id| Reverse(of.get(id).and_then(|rows| rows.iter().map(Row::worst).max())));
    }
    for root in order {
        let rows = of.remove(&root).unwrap_or_default();
        let mut depth = 0;
        if rows.iter().any(|r| matches!(r.item, Item::Pair(..))) {
            let item = Item::Resource(root.clone());
            let folded = state.folded.contains(&item);
            let fault = rows.iter().map(Row::worst).max().unwrap_or(0);
            out.put(item, Branch { folded: Some(folded), fault, ..Branch::default() });
            if folded {
                continue;
            }
            depth = 1;
        }
        for row in rows {
            let parent = match &row.item {
                Item::Pair(_, group) => group.clone(),
                _ => root.clone(),
            };
            let folded = (!row.below.is_empty()).then(|| state.folded.contains(&row.item));
            let fault = row.worst();
            out.put(row.item, Branch { depth, folded, fault, ..Branch::default() });
            for (id, fault) in row.below.into_iter().filter(|_| folded == Some(false)) {
                let of = Some(parent.clone());
                out.put(Item::Resource(id), Branch { depth: depth + 1, of, fault, ..Branch::default() });
            }
        }
    }
}
