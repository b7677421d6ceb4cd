//! Which alerts are one line: many of one rule on what belongs together, an Availability Zone that is out, and what a
//! dead balancer takes with it.
//!
//! The work is proportional to the alerts there are, never to the fleet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Alert, AlertId, Level, Phase};
use crate::model::{
    ApiSignal, Detail, HealthState, Kind, Member, Members, Model, Resource, ResourceId, Scope, Signal, Text,
};

/// So many alerts of one rule on what belongs together are one line.
const FEWEST_TOGETHER: usize = 3;
/// So many of one rule and kind in one scope are one line, whatever they belong to.
const FEWEST_ALIKE: usize = 6;
/// So many groups with most of their unhealthy hosts in one zone are an outage of the zone.
const FEWEST_GROUPS: usize = 2;

/// Names a line that stands for several alerts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleId {
    /// Alerts of one rule on what belongs to one resource.
    Rule {
        /// The rule.
        rule: Text,
        /// What they belong to.
        of: ResourceId,
        /// Pending, firing, and silenced ones are lines of their own.
        phase: Phase,
        /// Whether a silence covers them.
        silenced: bool,
    },
    /// Alerts of one rule on one kind of resource in a scope.
    Alike {
        /// The rule.
        rule: Text,
        /// Where.
        scope: Scope,
        /// On what.
        kind: Kind,
        /// As above.
        phase: Phase,
        /// As above.
        silenced: bool,
    },
    /// What an outage of an Availability Zone brings.
    Zone {
        /// Where.
        scope: Scope,
        /// The zone's name.
        zone: Text,
    },
    /// What an alert stands for.
    Under(AlertId),
}

/// Several alerts on one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Names it.
    pub id: BundleId,
    /// What there is so much of: `12 instances of web-asg`, `zone ap-northeast-1c`.
    pub name: Text,
    /// What is wrong: the rule's sentence, or `14 targets of 3 groups`.
    pub title: Text,
    /// The worst level of its alerts.
    pub level: Level,
    /// Their phase.
    pub phase: Phase,
    /// When the first of them began.
    pub since: Timestamp,
    /// Whether all of them are silenced.
    pub silenced: bool,
}

/// A line of the list of alerts.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An alert, with those that it stands for, worst first.
    Alert {
        /// The alert.
        id: AlertId,
        /// What it hides.
        under: Vec<AlertId>,
    },
    /// Several alerts as one, worst first.
    Many {
        /// What they have in common.
        bundle: Bundle,
        /// Which.
        alerts: Vec<AlertId>,
    },
}

impl Line {
    /// Names what can be expanded, if this can.
    #[must_use]
    pub fn bundle(&self) -> Option<BundleId> {
        match self {
            Self::Alert { under, .. } if under.is_empty() => None,
            Self::Alert { id, .. } => Some(BundleId::Under(id.clone())),
            Self::Many { bundle, .. } => Some(bundle.id.clone()),
        }
    }

    /// The alerts below it.
    #[must_use]
    pub fn below(&self) -> &[AlertId] {
        match self {
            Self::Alert { under, .. } => under,
            Self::Many { alerts, .. } => alerts,
        }
    }
}

/// The alerts that a louder one stands for, with that one: those on the hosts and target groups of a balancer, and on the
/// hosts of a target group, of which not one host is left and whose own alert is critical.
pub(super) fn hidden(active: &[&Alert], model: &Model) -> Vec<(AlertId, AlertId)> {
    let mut dead: BTreeMap<&ResourceId, &Alert> = BTreeMap::new();
    // What is said of it from old readings must not hide what is said from new ones.
    let is_known = |a: &Alert| a.counts() && a.level == Level::Critical && a.stale_since.is_none();
    for alert in active.iter().copied().filter(|a| is_known(a)) {
        let resource = model.resource(&alert.id.resource);
        if resource.is_some_and(|r| is_dead(model, r)) {
            // The list is worst and oldest first.
            dead.entry(&alert.id.resource).or_insert(alert);
        }
    }
    let mut out = Vec::new();
    // A balancer before its target groups: what stands for others may itself be stood for.
    for balancers in [true, false] {
        for (id, by) in dead.iter().filter(|(id, _)| id.kind.is_balancer() == balancers) {
            let Some(resource) = model.resource(id) else { continue };
            let below = below(model, resource);
            for alert in active.iter().filter(|a| a.phase == Phase::Firing && a.handling.silence.is_none()) {
                let taken = out.iter().any(|(known, _)| *known == alert.id);
                if below.contains(&alert.id.resource) && alert.level != Level::Blind && !taken {
                    out.push((alert.id.clone(), by.id.clone()));
                }
            }
        }
    }
    // Whoever is hidden hides nobody: its own go to who stands for it.
    let over: BTreeMap<AlertId, AlertId> = out.iter().cloned().collect();
    for (_, by) in &mut out {
        if let Some(above) = over.get(by) {
            by.clone_from(above);
        }
    }
    out
}

fn members(resource: &Resource) -> Option<&Members> {
    match &resource.detail {
        Detail::Balancer(b) => b.members.as_ref(),
        Detail::TargetGroup(t) => t.members.as_ref(),
        _ => None,
    }
}

/// The target groups that `balancer` forwards to.
pub(super) fn groups_of<'m>(model: &'m Model, balancer: &'m Resource) -> impl Iterator<Item = &'m Resource> {
    let arn = match &balancer.detail {
        Detail::Balancer(b) if !b.arn.is_empty() => Some(&b.arn),
        _ => None,
    };
    model.of_kind(Kind::TargetGroup).filter(move |g| {
        g.id.scope == balancer.id.scope
            && matches!(&g.detail, Detail::TargetGroup(t) if arn.is_some_and(|arn| t.balancers.contains(arn)))
    })
}

/// Whether hosts are registered with it and none of them is healthy.
fn is_dead(model: &Model, resource: &Resource) -> bool {
    let none_left = |m: &Members| m.expected() > 0 && m.count(HealthState::Healthy) == 0;
    match (resource.id.kind, &resource.detail) {
        (Kind::Alb | Kind::Nlb, Detail::Balancer(b)) => {
            let mut groups = groups_of(model, resource).filter_map(members).peekable();
            b.state == *"failed" || groups.peek().is_some() && groups.all(none_left)
        }
        _ => members(resource).is_some_and(none_left),
    }
}

/// The hosts and target groups of `resource`.
fn below(model: &Model, resource: &Resource) -> BTreeSet<ResourceId> {
    let scope = &resource.id.scope;
    let hosts = |of: &Resource| -> Vec<ResourceId> {
        let list = members(of).map_or(&[][..], |m| &m.list);
        list.iter().map(|m| ResourceId::new(scope, Kind::Instance, m.id.clone())).collect()
    };
    let mut out: BTreeSet<ResourceId> = hosts(resource).into_iter().collect();
    for group in groups_of(model, resource) {
        out.insert(group.id.clone());
        out.extend(hosts(group));
    }
    out
}

/// The lines for `active`, which is worst first.
pub(super) fn lines(active: &[&Alert], model: &Model) -> Vec<Line> {
    let mut left: Vec<&Alert> = active.iter().copied().filter(|a| a.handling.hidden_by.is_none()).collect();
    let mut under: BTreeMap<&AlertId, Vec<AlertId>> = BTreeMap::new();
    for alert in active {
        if let Some(by) = &alert.handling.hidden_by {
            under.entry(by).or_default().push(alert.id.clone());
        }
    }
    let mut out: Vec<(Line, (super::book::Order, bool))> = Vec::new();
    let mut zones = zones(&mut left, model);
    for alerts in together(left, model) {
        let first = alerts[0];
        for zone in zones.iter_mut().filter(|z| alerts.iter().any(|a| z.touches.contains(&a.id.resource))) {
            // Whoever reads of the symptoms has read of their cause before, also while that is the quieter of the two.
            zone.order = zone.order.min(super::book::order(first));
        }
        let line = match bundle(&alerts, model) {
            Some(bundle) => Line::Many { bundle, alerts: with_under(&alerts, &under) },
            None => Line::Alert { id: first.id.clone(), under: under.remove(&first.id).unwrap_or_default() },
        };
        out.push((line, (super::book::order(first), true)));
    }
    for Outage { bundle, alerts, order, .. } in zones {
        out.push((Line::Many { alerts: with_under(&alerts, &under), bundle }, (order, false)));
    }
    out.sort_by_key(|(_, order)| *order);
    out.into_iter().map(|(line, _)| line).collect()
}

/// `alerts`, each with those that it stands for.
fn with_under(alerts: &[&Alert], under: &BTreeMap<&AlertId, Vec<AlertId>>) -> Vec<AlertId> {
    let all = |a: &Alert| std::iter::once(a.id.clone()).chain(under.get(&a.id).into_iter().flatten().cloned());
    alerts.iter().flat_map(|a| all(a)).collect()
}

/// What an instance is launched by, and what a target group is reached through.
fn parent(model: &Model, id: &ResourceId) -> Option<ResourceId> {
    let resource = model.resource(id)?;
    match &resource.detail {
        Detail::Instance(_) => {
            let group = resource.tags.get("aws:autoscaling:groupName")?;
            Some(ResourceId::new(&id.scope, Kind::AutoScalingGroup, group.clone()))
        }
        Detail::TargetGroup(group) => {
            let arn = group.balancers.first()?;
            let is_it = |r: &&Resource| matches!(&r.detail, Detail::Balancer(b) if b.arn == *arn);
            [Kind::Alb, Kind::Nlb].into_iter().find_map(|k| model.of_kind(k).find(is_it)).map(|r| r.id.clone())
        }
        _ => None,
    }
}

/// Alerts in rows of those that are one line; most rows hold one.
fn together<'a>(alerts: Vec<&'a Alert>, model: &Model) -> Vec<Vec<&'a Alert>> {
    let mut by_parent: BTreeMap<BundleId, Vec<&Alert>> = BTreeMap::new();
    let mut alike: BTreeMap<BundleId, Vec<&Alert>> = BTreeMap::new();
    let mut single = Vec::new();
    for alert in alerts {
        match parent_line(alert, model) {
            Some(id) => by_parent.entry(id).or_default().push(alert),
            None => alike.entry(alike_line(alert)).or_default().push(alert),
        }
    }
    let mut out = Vec::new();
    for row in by_parent.into_values() {
        if row.len() >= FEWEST_TOGETHER {
            out.push(row);
        } else {
            for alert in row {
                alike.entry(alike_line(alert)).or_default().push(alert);
            }
        }
    }
    for row in alike.into_values() {
        if row.len() >= FEWEST_ALIKE && row[0].id.resource.kind != Kind::Poller {
            out.push(row);
        } else {
            single.extend(row.into_iter().map(|a| vec![a]));
        }
    }
    out.extend(single);
    for row in &mut out {
        row.sort_by_key(|a| super::book::order(a));
    }
    out
}

fn parent_line(alert: &Alert, model: &Model) -> Option<BundleId> {
    let of = parent(model, &alert.id.resource)?;
    let silenced = alert.handling.silence.is_some();
    Some(BundleId::Rule { rule: alert.id.rule.clone(), of, phase: alert.phase, silenced })
}

fn alike_line(alert: &Alert) -> BundleId {
    BundleId::Alike {
        rule: alert.id.rule.clone(),
        scope: alert.id.resource.scope.clone(),
        kind: alert.id.resource.kind,
        phase: alert.phase,
        silenced: alert.handling.silence.is_some(),
    }
}

/// The line for a row of alerts; `None` for a row of one.
fn bundle(alerts: &[&Alert], model: &Model) -> Option<Bundle> {
    let first = alerts.first().filter(|_| alerts.len() > 1)?;
    let of = parent_line(first, model);
    let same_parent = of.as_ref().is_some_and(|of| alerts.iter().all(|a| parent_line(a, model).as_ref() == Some(of)));
    let id = of.filter(|_| same_parent).unwrap_or_else(|| alike_line(first));
    let kind = plural(first.id.resource.kind);
    let count = alerts.len();
    let name = match &id {
        BundleId::Rule { of, .. } => format!("{count} {kind} of {}", of.id),
        _ => format!("{count} {kind}"),
    };
    Some(Bundle {
        id,
        name: name.into(),
        title: first.title.clone(),
        level: alerts.iter().map(|a| a.level).max().unwrap_or(first.level),
        phase: first.phase,
        since: alerts.iter().map(|a| a.since).min().unwrap_or(first.since),
        silenced: first.handling.silence.is_some(),
    })
}

fn plural(kind: Kind) -> String {
    let name = kind.as_str().replace('-', " ");
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if name.ends_with('s') => name,
        None => format!("{name}s"),
    }
}

/// An Availability Zone that is out.
struct Outage<'a> {
    bundle: Bundle,
    /// What it stands for, worst first.
    alerts: Vec<&'a Alert>,
    /// What else suffers from it: the groups with hosts in it, and the balancers that they are reached through.
    touches: BTreeSet<ResourceId>,
    /// Where it stands in the list.
    order: super::book::Order,
}

/// Takes out of `alerts` those that an outage of a zone explains: on groups most of whose unhealthy hosts are in one zone,
/// of which at least half is unhealthy, where there are several such groups; and those on instances in it.
fn zones<'a>(alerts: &mut Vec<&'a Alert>, model: &Model) -> Vec<Outage<'a>> {
    let mut zones: BTreeMap<(Scope, Text), BTreeMap<ResourceId, usize>> = BTreeMap::new();
    let is_told = |a: &Alert| a.counts() || a.phase == Phase::Pending && a.handling.silence.is_none();
    let about_health = |a: &Alert| {
        let health = [Signal::Api(ApiSignal::UnhealthyTargets), Signal::Api(ApiSignal::HealthyTargets)];
        is_told(a) && a.signal.as_ref().is_some_and(|s| health.contains(s))
    };
    for alert in alerts.iter().filter(|a| about_health(a)) {
        let id = &alert.id.resource;
        let Some(list) = model.resource(id).and_then(members).map(|m| &m.list) else { continue };
        if let Some((zone, bad)) = worst_zone(model, id, list) {
            zones.entry((id.scope.clone(), zone)).or_default().insert(id.clone(), bad);
        }
    }
    let mut out = Vec::new();
    for ((scope, zone), groups) in zones.into_iter().filter(|(_, groups)| groups.len() >= FEWEST_GROUPS) {
        let of_zone = |a: &Alert| {
            about_health(a) && groups.contains_key(&a.id.resource)
                || is_told(a) && a.id.resource.scope == scope && is_in(model, &a.id.resource, &zone)
        };
        let (inside, outside): (Vec<_>, Vec<_>) = alerts.drain(..).partition(|a| of_zone(a));
        *alerts = outside;
        // Worst first, and what fires before what is pending.
        let Some(first) = inside.first() else { continue };
        let targets: usize = groups.values().sum();
        let bundle = Bundle {
            id: BundleId::Zone { scope, zone: zone.clone() },
            name: format!("zone {zone}").into(),
            title: format!("{targets} targets of {} groups", groups.len()).into(),
            level: first.level,
            phase: first.phase,
            since: inside.iter().map(|a| a.since).min().unwrap_or(first.since),
            silenced: false,
        };
        let order = super::book::order(first);
        let touches = groups.into_keys().flat_map(|id| reached_through(model, id)).collect();
        out.push(Outage { bundle, alerts: inside, touches, order });
    }
    out
}

/// The group `id` and the balancers that forward to it.
fn reached_through(model: &Model, id: ResourceId) -> Vec<ResourceId> {
    let mut out = Vec::new();
    if let Some(Detail::TargetGroup(group)) = model.resource(&id).map(|r| &r.detail) {
        let forwards = |r: &&Resource| matches!(&r.detail, Detail::Balancer(b) if group.balancers.contains(&b.arn));
        let all = [Kind::Alb, Kind::Nlb].into_iter().flat_map(|kind| model.of_kind(kind));
        out.extend(all.filter(forwards).map(|r| r.id.clone()));
    }
    out.push(id);
    out
}

fn zone_of<'m>(model: &'m Model, of: &ResourceId, member: &'m Member) -> Option<&'m Text> {
    member.zone.as_ref().filter(|z| !z.is_empty()).or_else(|| {
        let id = ResourceId::new(&of.scope, Kind::Instance, member.id.clone());
        match &model.resource(&id)?.detail {
            Detail::Instance(i) => Some(&i.zone),
            _ => None,
        }
    })
}

fn is_in(model: &Model, id: &ResourceId, zone: &Text) -> bool {
    matches!(model.resource(id).map(|r| &r.detail), Some(Detail::Instance(i)) if i.zone == *zone)
}

/// The zone that most unhealthy hosts of `list` are in and half of whose hosts are unhealthy, with their number; where
/// other zones still have healthy ones.
fn worst_zone(model: &Model, of: &ResourceId, list: &[Member]) -> Option<(Text, usize)> {
    let mut zones: BTreeMap<&Text, (usize, usize)> = BTreeMap::new();
    let serving = |m: &&Member| !matches!(m.state, HealthState::Draining | HealthState::Unused);
    let (mut all_bad, mut elsewhere) = (0, 0);
    for member in list.iter().filter(serving) {
        let bad = member.state == HealthState::Unhealthy;
        all_bad += usize::from(bad);
        elsewhere += usize::from(member.state == HealthState::Healthy);
        if let Some(zone) = zone_of(model, of, member) {
            let count = zones.entry(zone).or_default();
            count.0 += usize::from(bad);
            count.1 += 1;
        }
    }
    let (zone, (bad, all)) = zones.into_iter().max_by_key(|(_, (bad, _))| *bad)?;
    (bad > 0 && 2 * bad > all_bad && 2 * bad >= all && elsewhere > 0).then(|| (zone.clone(), bad))
}
