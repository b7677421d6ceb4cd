//! From one thing to what belongs to it: a balancer, a group, its instances, a zone, its metrics. `Esc` comes back.

use super::command::{Action, Command};
use super::facts;
use super::query::literal;
use super::rows::groups_by_balancer;
use super::shown::Shown;
use super::step::{jump, say};
use super::view::{DetailState, Item, Listing, Page, ViewState};
use crate::alerts::BundleId;
use crate::model::{Detail, Kind, Model, Resource, ResourceId};

/// Goes from `item` to where `command` leads.
pub(super) fn go(view: &mut ViewState, command: Command, item: Option<Item>, shown: &Shown<'_>) -> Vec<Action> {
    let Some(item) = item else { return say("nothing is selected") };
    let Some(id) = resource_of(&item, shown) else { return say("this belongs to no resource") };
    let model = shown.model;
    // What an alarm watches is somebody's: that one is meant, but where the alarm's own metric is.
    let id = match model.home_of_alarm(&id) {
        Some(home) if command != Command::ToMetrics => home,
        _ => id,
    };
    match command {
        Command::ToBalancer => match balancer(model, &id) {
            Some(found) => detail(view, found),
            None => say("no balancer that is known has it"),
        },
        Command::ToGroup => match group(model, &id) {
            Some(found) => detail(view, found),
            None => say("no Auto Scaling group that is known has it"),
        },
        Command::ToInstances => match instances(model, &id) {
            Some(filter) => list(view, Page::Instances, Listing::Instances, filter),
            None => say("it has no instances that are known"),
        },
        Command::ToZone => match model.resource(&id).map(|r| &r.detail) {
            Some(Detail::Instance(i)) if !i.zone.is_empty() => {
                list(view, Page::Instances, Listing::Instances, format!("zone={}", literal(&i.zone)))
            }
            _ => say("only an instance is in one zone"),
        },
        _ => list(view, Page::Metrics, Listing::Metrics, format!("id={}", literal(&id.id))),
    }
}

fn detail(view: &mut ViewState, id: ResourceId) -> Vec<Action> {
    let item = Item::Resource(id);
    if view.details.last().is_some_and(|d| d.item == item) {
        return say("this is it");
    }
    (view.help, view.explained) = (None, None);
    view.details.push(DetailState { item, scroll: 0 });
    Vec::new()
}

fn list(view: &mut ViewState, page: Page, list: Listing, filter: String) -> Vec<Action> {
    jump(view, page, list);
    view.lists.entry(list).or_default().filter = filter;
    Vec::new()
}

/// The resource that `item` is about: an event's is the first that is known.
fn resource_of(item: &Item, shown: &Shown<'_>) -> Option<ResourceId> {
    match item {
        Item::Alert(id) | Item::Transition(_, id) | Item::Bundle(BundleId::Under(id)) => Some(id.resource.clone()),
        Item::Resource(id) | Item::Pair(id, _) | Item::Metric(id, _) => Some(id.clone()),
        Item::Bundle(BundleId::Rule { of, .. }) => Some(of.clone()),
        Item::Poller(_) | Item::Bundle(_) | Item::Group(_) => None,
        Item::Event(at, id) => {
            let event = shown.model.events().since(*at).find(|e| e.id == *id)?;
            let kinds =
                [Kind::Instance, Kind::AutoScalingGroup, Kind::ClassicElb, Kind::TargetGroup, Kind::Alb, Kind::Nlb];
            let mut ids = event
                .resources
                .iter()
                .flat_map(|name| kinds.into_iter().map(|kind| ResourceId::new(&event.scope, kind, name.clone())));
            ids.find(|id| shown.model.resource(id).is_some())
        }
    }
}

fn holds(resource: &Resource, instance: &str) -> bool {
    facts::members(resource).is_some_and(|m| m.list.iter().any(|m| *m.id == *instance))
}

/// The balancer of a target group, of an instance, or of a group's instances.
fn balancer(model: &Model, id: &ResourceId) -> Option<ResourceId> {
    if id.kind.is_balancer() {
        return Some(id.clone());
    }
    let routed = |group: &ResourceId| {
        let by_arn = groups_by_balancer(model);
        let all = model.resources().filter(|r| r.id.scope == group.scope && r.id.kind.is_balancer());
        let mut of = all.filter(|r| match &r.detail {
            Detail::Balancer(b) => by_arn
                .get(&(r.id.scope.region.as_str(), b.arn.as_str()))
                .is_some_and(|groups| groups.iter().any(|g| g.id == *group)),
            _ => false,
        });
        of.next().map(|r| r.id.clone())
    };
    match id.kind {
        Kind::TargetGroup => routed(id),
        Kind::Instance => {
            let here = || model.resources().filter(|r| r.id.scope == id.scope && holds(r, &id.id));
            let classic = here().find(|r| r.id.kind == Kind::ClassicElb).map(|r| r.id.clone());
            classic.or_else(|| here().filter(|r| r.id.kind == Kind::TargetGroup).find_map(|g| routed(&g.id)))
        }
        Kind::AutoScalingGroup => {
            let Detail::AutoScalingGroup(g) = &model.resource(id)?.detail else { return None };
            let classic = g.classic_elbs.first().map(|name| ResourceId::new(&id.scope, Kind::ClassicElb, name.clone()));
            let group = || {
                let mut all = model.of_kind(Kind::TargetGroup).filter(|t| t.id.scope == id.scope);
                let of = all.find(|t| matches!(&t.detail, Detail::TargetGroup(t) if g.target_groups.contains(&t.arn)));
                of.and_then(|t| routed(&t.id))
            };
            let attached = classic.filter(|c| model.resource(c).is_some()).or_else(group);
            attached.or_else(|| {
                g.instances
                    .iter()
                    .find_map(|i| balancer(model, &ResourceId::new(&id.scope, Kind::Instance, i.id.clone())))
            })
        }
        _ => None,
    }
}

/// The Auto Scaling group that an instance is in, or that fills a balancer or target group.
fn group(model: &Model, id: &ResourceId) -> Option<ResourceId> {
    if id.kind == Kind::AutoScalingGroup {
        return Some(id.clone());
    }
    let of_instance = |instance: &str| {
        let mut all = model.of_kind(Kind::AutoScalingGroup).filter(|g| g.id.scope == id.scope);
        let of = all.find(|g| match &g.detail {
            Detail::AutoScalingGroup(g) => g.instances.iter().any(|i| *i.id == *instance),
            _ => false,
        });
        of.map(|g| g.id.clone())
    };
    match id.kind {
        Kind::Instance => of_instance(&id.id),
        Kind::ClassicElb | Kind::TargetGroup => {
            facts::members(model.resource(id)?)?.list.iter().find_map(|m| of_instance(&m.id))
        }
        Kind::Alb | Kind::Nlb => {
            let Detail::Balancer(b) = &model.resource(id)?.detail else { return None };
            let by_arn = groups_by_balancer(model);
            let groups = by_arn.get(&(id.scope.region.as_str(), b.arn.as_str()))?;
            groups.iter().find_map(|g| group(model, &g.id))
        }
        _ => None,
    }
}

/// The filter that shows the instances of `id`.
fn instances(model: &Model, id: &ResourceId) -> Option<String> {
    match id.kind {
        Kind::Instance => Some(format!("id={}", literal(&id.id))),
        _ => group(model, id).map(|g| format!("group={}", literal(&g.id))),
    }
}
