//! Rows under heads: how far in they stand, the heads themselves, and the targets and instances of a tree.

use std::collections::BTreeMap;

use crate::model::{Detail, HealthState, Kind, Member, Resource, ResourceId, Text};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, counted};
use crate::ui::grouping::Branch;
use crate::ui::paint::{Paint, Spans};
use crate::ui::rows::groups_by_balancer;
use crate::ui::shown::Shown;
use crate::ui::signals;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{health_bar, spark};

use super::alerts::fold_sign;
use super::balancers::{short_zone, zone_of};
use super::why;

/// What a row of `list` is called when rows are counted.
fn word(list: Listing) -> &'static str {
    match list {
        Listing::Instances => "instance",
        Listing::Balancers => "balancer",
        Listing::Scaling => "group",
        Listing::Alarms => "alarm",
        Listing::Pollers => "poller",
        _ => "row",
    }
}

/// The sign, the word and the role of something in `list` that is that bad; `None` where it is not.
pub(in crate::ui) fn sign(p: &Paint<'_>, list: Listing, fault: usize) -> Option<(&'static str, &'static str, Role)> {
    let g = p.glyphs();
    Some(match (fault, list) {
        (0, _) => return None,
        (4, Listing::Pollers) => (g.warn, "stale", Role::Stale),
        (2, Listing::Pollers) => (g.warn, "failing", Role::Stale),
        (1, Listing::Pollers) => (g.pending, "loading", Role::Pending),
        (1, _) => (g.blind, "no data", Role::Stale),
        (2, _) => (g.warn, "not well", Role::Stale),
        (3, _) => (g.pending, "pending", Role::Pending),
        (4, _) => (g.warn, "warning", Role::Warn),
        (5, _) => (g.blind, "blind", Role::Blind),
        _ => (g.crit, "critical", Role::Crit),
    })
}

/// The line of a head that is no row itself: what is below it has in common, how many they are, and how bad. Only where
/// all that tells faults was read, `whole`, is no fault none; of pollers themselves it is in the counts.
pub(in crate::ui) fn head(p: &Paint<'_>, list: Listing, label: &Text, branch: &Branch, whole: bool) -> Spans {
    let mut spans = Spans::one(fold_sign(p, branch.folded == Some(false)), p.style(Role::Key));
    spans.push(label.to_string(), p.style(Role::Title));
    spans.push(format!("  {}", counted(branch.tally.rows(), word(list))), p.style(Role::Dim));
    for (fault, n) in branch.tally.0.iter().enumerate().rev().filter(|(_, n)| **n > 0) {
        let Some((glyph, word, role)) = sign(p, list, fault) else { continue };
        spans.push("  ", p.style(Role::Dim));
        spans.push(format!("{glyph} {n} {word}"), p.style(role));
    }
    if branch.tally.worst() == 0 {
        let (text, role) =
            if whole || list == Listing::Pollers { ("no fault", Role::Dim) } else { ("not all is read", Role::Stale) };
        spans.push(format!("  {text}"), p.style(role));
    }
    spans
}

/// What stands before the first cell of a row; where what is below is hidden, how bad it is too.
pub(super) fn lead(p: &Paint<'_>, list: Listing, branch: &Branch) -> Spans {
    let indent = "  ".repeat(usize::from(branch.depth));
    let mut spans = Spans::one(indent, p.style(Role::Dim));
    if let Some(folded) = branch.folded {
        spans.push(fold_sign(p, !folded), p.style(Role::Key));
        if let Some((glyph, _, role)) = sign(p, list, branch.fault.into()).filter(|_| folded) {
            spans.push(format!("{glyph} "), p.style(role));
        }
    }
    spans.0.retain(|(t, _)| !t.is_empty());
    spans
}

/// A host by its name, and by its id where that is another.
fn host(p: &Paint<'_>, shown: &Shown<'_>, id: &ResourceId) -> Spans {
    let name = facts::name_of_id(shown.model, id);
    let mut spans = Spans::one(name.to_owned(), p.style(facts::name_role(shown, id)));
    if *name != *id.id {
        spans.push(format!(" {}", id.id), p.style(Role::Dim));
    }
    spans
}

/// A host below what it is listed under.
pub(super) struct Host {
    pub(super) name: Spans,
    /// What is said of it there.
    pub(super) state: Spans,
    /// The same as one word.
    pub(super) word: Spans,
    /// The same as one sign.
    pub(super) sign: Spans,
    /// Why it does not serve, in the fewest words.
    pub(super) why: Spans,
    pub(super) zone: Spans,
    /// Its CPU, now and lately.
    pub(super) cpu: Spans,
}

/// The host `item` as a target or an instance of `of`.
pub(super) fn member(p: &Paint<'_>, shown: &Shown<'_>, of: &ResourceId, item: &Item) -> Option<Host> {
    let Item::Resource(id) = item else { return None };
    let parent = shown.model.resource(of)?;
    let cpu =
        signals::metric(shown.model, id, "CPUUtilization", "Average").map_or_else(Spans::default, |(s, series)| {
            let now = signals::latest(s, series, shown.now).map_or_else(|| UNKNOWN.to_owned(), |v| format!("{v:.0}%"));
            let mut spans = Spans::one(format!("cpu {now:>3} "), p.style(Role::Dim));
            spans.push(spark(p, &signals::tail(s, series, 5, shown.now), Some(100.0)), p.style(Role::Graph));
            spans
        });
    let (word, why, role, zone) = if let Detail::AutoScalingGroup(group) = &parent.detail {
        let own = group.instances.iter().find(|i| i.id == id.id)?;
        let role = match (own.health.as_str(), own.lifecycle.as_str()) {
            ("Unhealthy", _) => Role::Crit,
            (_, "InService") => Role::Ok,
            _ => Role::Pending,
        };
        (own.lifecycle.to_string(), Some(own.health.to_lowercase()), role, own.zone.clone())
    } else {
        let own = facts::members(parent)?.list.iter().find(|m| m.id == id.id)?;
        let (word, role) = health(own);
        let why = why::reason(own).filter(|_| own.state != HealthState::Healthy);
        (word.to_owned(), why, role, zone_of(shown, parent, own))
    };
    let g = p.glyphs();
    let sign = match role {
        Role::Ok => g.ok,
        Role::Crit => g.crit,
        Role::Pending => g.pending,
        _ => g.blind,
    };
    Some(Host {
        name: host(p, shown, id),
        state: Spans::one(why.as_ref().map_or_else(|| word.clone(), |why| format!("{word}: {why}")), p.style(role)),
        word: Spans::one(word, p.style(role)),
        sign: Spans::one(sign, p.style(role)),
        why: why.map_or_else(Spans::default, |why| Spans::one(why, p.style(role))),
        zone: Spans::one(short_zone(&zone).to_owned(), p.style(Role::Dim)),
        cpu,
    })
}

fn health(member: &Member) -> (&'static str, Role) {
    match member.state {
        HealthState::Healthy => ("healthy", Role::Ok),
        HealthState::Initial => ("initial", Role::Pending),
        HealthState::Unhealthy => ("unhealthy", Role::Crit),
        HealthState::Draining => ("draining", Role::Pending),
        HealthState::Unused => ("unused", Role::Dim),
        HealthState::Unknown => ("unknown", Role::Stale),
    }
}

/// Of all target groups of `balancer` together: how many are healthy, the bar of it, and zone by zone. `None`: it has
/// none, or none of them was read.
pub(super) fn together(p: &Paint<'_>, shown: &Shown<'_>, balancer: &Resource, w: usize) -> Option<[Spans; 3]> {
    let groups = groups(shown, &balancer.id);
    let read: Vec<_> = groups.iter().filter_map(|g| facts::members(g).map(|m| (*g, m))).collect();
    if read.is_empty() {
        return None;
    }
    let sum = |of: &dyn Fn(&crate::model::Members) -> usize| read.iter().map(|(_, m)| of(m)).sum::<usize>();
    let healthy = sum(&|m| m.count(HealthState::Healthy));
    let unhealthy = sum(&|m| m.count(HealthState::Unhealthy));
    let expected = sum(&crate::model::Members::expected);
    let role = match (healthy, unhealthy, expected) {
        (_, _, 0) => Role::Dim,
        (0, ..) => Role::Crit,
        (_, 1.., _) => Role::Warn,
        _ => Role::Text,
    };
    let bar = health_bar(p, healthy, expected.saturating_sub(healthy + unhealthy), unhealthy, w);
    let mut zones: BTreeMap<Text, (usize, usize)> = BTreeMap::new();
    for (group, members) in &read {
        for m in members.list.iter().filter(|m| !matches!(m.state, HealthState::Draining | HealthState::Unused)) {
            let (up, all) = zones.entry(zone_of(shown, group, m)).or_default();
            *up += usize::from(m.state == HealthState::Healthy);
            *all += 1;
        }
    }
    let mut by_zone = Spans::default();
    for (zone, (up, all)) in zones {
        let role = match (up, all) {
            (h, a) if h == a => Role::Dim,
            (0, _) => Role::Crit,
            _ => Role::Warn,
        };
        let gap = if by_zone.0.is_empty() { "" } else { "  " };
        by_zone.push(format!("{gap}{} {up}/{all}", short_zone(&zone)), p.style(role));
    }
    Some([Spans::one(format!("{healthy}/{expected}"), p.style(role)), bar, by_zone])
}

/// The target groups that stand below the balancer `id`.
pub(super) fn groups<'s>(shown: &'s Shown<'_>, id: &ResourceId) -> Vec<&'s Resource> {
    let Some(Detail::Balancer(detail)) = shown.model.resource(id).map(|r| &r.detail) else { return Vec::new() };
    groups_by_balancer(shown.model).remove(&(id.scope.region.as_str(), detail.arn.as_str())).unwrap_or_default()
}

/// Whether `id` is a balancer whose target groups stand below it.
pub(super) fn is_root(shown: &Shown<'_>, id: &ResourceId) -> bool {
    let Some(Detail::Balancer(detail)) = shown.model.resource(id).map(|r| &r.detail) else { return false };
    id.kind != Kind::ClassicElb
        && groups_by_balancer(shown.model).contains_key(&(id.scope.region.as_str(), detail.arn.as_str()))
}
