//! What changed before an alert: writes in the trail, scaling activities, health transitions, `CloudWatch`'s alarms and
//! other alerts, those that name the resource or its relatives first.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::lines::groups_of;
use super::{AlertId, Phase, Transition};
use crate::model::{Detail, Event, EventKind, Kind, Members, Model, Resource, ResourceId, Text};

/// How long before an alert is looked for what changed.
pub const BEFORE: SignedDuration = SignedDuration::from_mins(30);
/// What happened so shortly after the beginning may still be its cause: a breach begins with its period.
pub const AFTER: SignedDuration = SignedDuration::from_mins(1);
/// Most instances whose security groups and subnets are looked up.
const MAX_INSTANCES: usize = 1000;
/// Most that is told.
const MAX_TOLD: usize = 100;

/// How near to the alert's resource something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// To it.
    Itself,
    /// To its balancer, group, instances, security groups, subnets or launch template.
    Relative,
    /// Elsewhere in the account and region.
    Elsewhere,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Happened<'m> {
    /// An event.
    Event(&'m Event),
    /// Another alert fired or resolved.
    Alert(&'m Transition),
}

impl Happened<'_> {
    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Event(event) => event.at,
            Self::Alert(transition) => transition.at,
        }
    }
}

/// Something that happened before an alert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Before<'m> {
    /// What.
    pub happened: Happened<'m>,
    /// How near.
    pub nearness: Nearness,
}

/// Names of a resource and of what it depends on, as AWS writes them in events.
#[derive(Clone, Debug, Default)]
pub struct Relatives<'m> {
    own: BTreeSet<&'m str>,
    near: BTreeSet<&'m str>,
}

impl<'m> Relatives<'m> {
    /// The relatives of `id`: of a balancer its target groups, hosts and security groups; of a target group its balancer
    /// too; the groups that fill it, with their launch templates; of hosts their security groups and subnets.
    #[must_use]
    pub fn of(model: &'m Model, id: &'m ResourceId) -> Self {
        let mut out = Self { own: BTreeSet::from([id.id.as_str()]), near: BTreeSet::new() };
        let Some(resource) = model.resource(id) else { return out };
        let mut arns: Vec<&Text> = Vec::new();
        match &resource.detail {
            Detail::Balancer(b) => {
                out.own.insert(&b.arn);
                out.near.extend(b.security_groups.iter().map(Text::as_str));
                out.members(b.members.as_ref());
                for group in groups_of(model, resource) {
                    if let Detail::TargetGroup(t) = &group.detail {
                        out.near.extend([group.id.id.as_str(), t.arn.as_str()]);
                        out.members(t.members.as_ref());
                        arns.push(&t.arn);
                    }
                }
            }
            Detail::TargetGroup(t) => {
                out.own.insert(&t.arn);
                out.members(t.members.as_ref());
                arns.push(&t.arn);
                for balancer in balancers_of(model, &t.balancers) {
                    out.near.insert(&balancer.id.id);
                    if let Detail::Balancer(b) = &balancer.detail {
                        out.near.insert(&b.arn);
                        out.near.extend(b.security_groups.iter().map(Text::as_str));
                    }
                }
            }
            Detail::AutoScalingGroup(g) => {
                out.near.extend(g.instances.iter().map(|i| i.id.as_str()).chain([g.launch.as_str()]));
                out.near.extend(g.classic_elbs.iter().chain(&g.target_groups).map(Text::as_str));
                out.near.extend(g.subnets.iter().map(Text::as_str));
            }
            Detail::Instance(i) => {
                out.near.extend(i.security_groups.iter().map(Text::as_str).chain([i.subnet.as_str()]));
            }
            Detail::Alarm(_) => {
                let home = model.home_of_alarm(id).filter(|home| home.kind != Kind::Alarm);
                if let Some(home) = home.and_then(|home| model.resource(&home)) {
                    let its = Self::of(model, &home.id);
                    out.near.extend(its.own.into_iter().chain(its.near));
                }
            }
            _ => {}
        }
        out.scaling_groups(model, id, &arns);
        out.of_instances(model, id);
        out.near.remove("");
        out.own.remove("");
        out
    }

    fn members(&mut self, members: Option<&'m Members>) {
        self.near.extend(members.into_iter().flat_map(|m| m.list.iter().map(|m| m.id.as_str())));
    }

    /// The groups that fill it or that it is in, with what they launch from: a deploy changes these.
    fn scaling_groups(&mut self, model: &'m Model, id: &ResourceId, arns: &[&Text]) {
        if !matches!(id.kind, Kind::ClassicElb | Kind::Alb | Kind::Nlb | Kind::TargetGroup | Kind::Instance) {
            return;
        }
        for group in model.of_kind(Kind::AutoScalingGroup).filter(|g| g.id.scope == id.scope) {
            let Detail::AutoScalingGroup(g) = &group.detail else { continue };
            let fills = g.classic_elbs.contains(&id.id) && id.kind == Kind::ClassicElb
                || g.target_groups.iter().any(|arn| arns.contains(&arn));
            let holds = id.kind == Kind::Instance && g.instances.iter().any(|i| i.id == id.id);
            if fills || holds {
                self.near.extend([group.id.id.as_str(), g.launch.as_str()]);
            }
            if fills {
                self.near.extend(g.instances.iter().map(|i| i.id.as_str()));
            }
        }
    }

    /// The security groups and subnets of the instances: a change of one is the classic reason for an unhealthy target.
    fn of_instances(&mut self, model: &'m Model, id: &ResourceId) {
        let instances: Vec<&str> =
            self.near.iter().copied().filter(|n| n.starts_with("i-")).take(MAX_INSTANCES).collect();
        for name in instances {
            let instance = ResourceId::new(&id.scope, Kind::Instance, name);
            if let Some(Detail::Instance(i)) = model.resource(&instance).map(|r| &r.detail) {
                self.near.extend(i.security_groups.iter().map(Text::as_str));
                self.near.insert(&i.subnet);
            }
        }
    }

    /// How near `name` is, which may be an ARN of which the last part names it.
    #[must_use]
    pub fn nearness(&self, name: &str) -> Nearness {
        let last = name.rsplit(['/', ':']).next().unwrap_or(name);
        let last = if name.starts_with("arn:") { last } else { name };
        match () {
            () if self.own.contains(name) || self.own.contains(last) => Nearness::Itself,
            () if self.near.contains(name) || self.near.contains(last) => Nearness::Relative,
            () => Nearness::Elsewhere,
        }
    }
}

fn balancers_of<'m>(model: &'m Model, arns: &'m [Text]) -> impl Iterator<Item = &'m Resource> {
    let is_one = |r: &&Resource| matches!(&r.detail, Detail::Balancer(b) if !b.arn.is_empty() && arns.contains(&b.arn));
    [Kind::Alb, Kind::Nlb].into_iter().flat_map(|kind| model.of_kind(kind)).filter(is_one)
}

/// What happened in the half hour before `since` to `id`, to its relatives, and elsewhere in its scope: the nearest
/// first, of equals the latest. What happened to it and its relatives since then, until `now`, is told too. `about` is
/// the alert itself, which is no cause of its own. The trail lags by minutes: what it does not hold yet is not here.
pub fn before<'m>(
    model: &'m Model,
    timeline: impl Iterator<Item = &'m Transition>,
    id: &'m ResourceId,
    about: Option<&AlertId>,
    since: Timestamp,
) -> Vec<Before<'m>> {
    let relatives = Relatives::of(model, id);
    let (from, to) = (since - BEFORE, since + AFTER);
    // What an account is charged and what its trail holds is everything that is done in it.
    let everything = matches!(id.kind, Kind::Bill | Kind::Trail);
    let nearest = |names: &mut dyn Iterator<Item = &Text>| {
        names.map(|n| relatives.nearness(n)).min().unwrap_or(Nearness::Elsewhere)
    };
    let events = model.events().since(from).filter_map(|event| {
        let read = matches!(&event.kind, EventKind::Trail(t) if t.read_only);
        let here = event.scope.account == id.scope.account;
        let mut nearness = nearest(&mut event.resources.iter());
        if everything && matches!(event.kind, EventKind::Trail(_)) {
            nearness = nearness.min(Nearness::Relative);
        }
        let near = nearness < Nearness::Elsewhere || event.scope.region == id.scope.region && event.at <= to;
        (!read && here && near).then_some(Before { happened: Happened::Event(event), nearness })
    });
    let alerts = timeline.filter_map(|t| {
        let other = Some(&t.alert.id) != about && t.alert.phase != Phase::Pending;
        let place = &t.alert.id.resource;
        let here = place.scope == id.scope && t.at >= from && t.at <= to && t.from != Some(t.alert.phase);
        let nearness = if place == id { Nearness::Itself } else { relatives.nearness(&place.id) };
        (other && here && place.kind != Kind::Poller).then_some(Before { happened: Happened::Alert(t), nearness })
    });
    let mut out: Vec<Before<'m>> = events.chain(alerts).collect();
    out.sort_by_key(|b| (b.nearness, std::cmp::Reverse(b.happened.at())));
    out.truncate(MAX_TOLD);
    out
}

/// What was done to it or its relatives in the half hour before `since`, the nearest and of equals the latest: what to
/// look at first. Cheap enough for every row of a list: relatives are found only where something was done.
pub fn suspect<'m>(model: &'m Model, id: &'m ResourceId, since: Timestamp) -> Option<&'m Event> {
    let (from, to) = (since - BEFORE, since + AFTER);
    let done = |event: &&Event| match &event.kind {
        EventKind::Trail(trail) => !trail.read_only && event.scope.account == id.scope.account,
        EventKind::Activity(_) => event.scope == id.scope,
        _ => false,
    };
    let mut candidates = model.events().since(from).take_while(|e| e.at <= to).filter(done).peekable();
    candidates.peek()?;
    let relatives = Relatives::of(model, id);
    let nearness = |e: &Event| e.resources.iter().map(|r| relatives.nearness(r)).min().unwrap_or(Nearness::Elsewhere);
    let near = candidates.map(|e| (nearness(e), e)).filter(|(nearness, _)| *nearness < Nearness::Elsewhere);
    near.min_by_key(|(nearness, e)| (*nearness, std::cmp::Reverse(e.at))).map(|(_, e)| e)
}
