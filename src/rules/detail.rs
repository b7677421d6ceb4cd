//! What else a person needs beside title and value.

use std::collections::BTreeMap;

use super::reading::members;
use super::resolve::ZONES;
use super::rule::{InputSource, Quantity};
use crate::model::{
    ApiSignal, AutoScalingGroup, Detail, HealthState, Kind, Member, Members, Model, Resource, ResourceId, Subnet, Text,
};

/// Most hosts named for one reason.
const HOSTS: usize = 4;

/// `template` with the resource's numbers in it.
pub(super) fn summary(template: &str, resource: &Resource, model: &Model) -> Text {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        if name == ZONES {
            out.push_str(&zones(resource, model));
        } else if let Some(value) = ApiSignal::parse(name).and_then(|a| a.read(resource)) {
            out.push_str(&value.to_string());
        } else {
            out.push('?');
        }
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

/// Whether what `template` tells is in other resources too.
pub(super) fn rests_on_others(template: &str) -> bool {
    template.contains(ZONES)
}

/// The hosts and AWS's reasons, the sizes, the checks: what belongs to what `quantity` reads.
pub(super) fn detail(quantity: &Quantity, resource: &Resource) -> Text {
    let api = quantity.inputs.iter().any(|i| matches!(i.source, InputSource::Api(_)));
    match &resource.detail {
        Detail::Balancer(b) if api => b.members.as_ref().map(hosts).unwrap_or_default().into(),
        Detail::TargetGroup(t) if api => t.members.as_ref().map(hosts).unwrap_or_default().into(),
        Detail::AutoScalingGroup(g) if api => group(g).into(),
        Detail::Subnet(s) => subnet(s).into(),
        Detail::Instance(i) => match &i.status {
            Some(status) if api => {
                let mut said = Vec::new();
                for (check, state) in [("system", &status.system), ("instance", &status.instance)] {
                    if state == "impaired" {
                        said.push(format!("{check} check impaired"));
                    }
                }
                said.extend(status.events.iter().map(ToString::to_string));
                said.join(", ").into()
            }
            _ => format!("{} in {}", i.instance_type, i.zone).into(),
        },
        _ => Text::default(),
    }
}

/// `, zone 1c` where what is unhealthy is in some zones only.
///
/// AWS says a target's zone for some targets only; an instance's is known from its own listing.
fn zones(resource: &Resource, model: &Model) -> String {
    let Some(members) = members(resource) else { return String::new() };
    let of = |m: &Member| {
        let instance = ResourceId::new(&resource.id.scope, Kind::Instance, m.id.clone());
        let listed = match model.resource(&instance).map(|r| &r.detail) {
            Some(Detail::Instance(i)) if !i.zone.is_empty() => Some(&i.zone),
            _ => None,
        };
        m.zone.as_ref().or(listed).map(|z| z.rsplit('-').next().unwrap_or(z).to_owned())
    };
    let mut all: Vec<String> = members.list.iter().filter_map(of).collect();
    let mut bad: Vec<String> = members.unhealthy().filter_map(of).collect();
    for list in [&mut all, &mut bad] {
        list.sort();
        list.dedup();
    }
    match bad.len() {
        0 => String::new(),
        n if n == all.len() && n > 1 => String::new(),
        1 => format!(", zone {}", bad[0]),
        _ => format!(", zones {}", bad.join(" ")),
    }
}

/// `Target.Timeout i-0ab1 i-0cd2; Elb.InternalError i-0ef3`.
fn hosts(members: &Members) -> String {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for m in members.list.iter().filter(|m| matches!(m.state, HealthState::Unhealthy | HealthState::Unknown)) {
        let reason = if m.reason.is_empty() || m.reason == "N/A" { "unhealthy" } else { m.reason.as_str() };
        by_reason.entry(reason).or_default().push(m.id.to_string());
    }
    let mut parts: Vec<(usize, String)> = Vec::new();
    for (reason, mut ids) in by_reason {
        ids.sort();
        ids.dedup();
        let more = if ids.len() > HOSTS { format!(" +{}", ids.len() - HOSTS) } else { String::new() };
        parts.push((ids.len(), format!("{reason} {}{more}", ids[..ids.len().min(HOSTS)].join(" "))));
    }
    parts.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    parts.into_iter().map(|(_, p)| p).collect::<Vec<_>>().join("; ")
}

fn group(g: &AutoScalingGroup) -> String {
    let mut said = vec![format!("{} of {} wanted, {} in service", g.desired, g.max, g.in_service())];
    if g.pending() > 0 {
        said.push(format!("{} pending", g.pending()));
    }
    if !g.suspended.is_empty() {
        let names: Vec<&str> = g.suspended.iter().map(Text::as_str).collect();
        said.push(format!("suspended: {}", names.join(" ")));
    }
    said.join(", ")
}

fn subnet(s: &Subnet) -> String {
    match s.capacity() {
        Some(capacity) => format!("{} of {capacity} addresses free in {}", s.available, s.zone),
        None => format!("{} addresses free in {}", s.available, s.zone),
    }
}
