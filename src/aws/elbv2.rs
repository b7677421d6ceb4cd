//! Elastic Load Balancing v2: Application and Network Load Balancers, target groups, health of targets.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::error::is_gone;
use super::translate::{MAX_PAGES, text, texts, time};
use super::{Api, Listing, Meter, ScopeClients};
use crate::model::{
    Balancer, Detail, ErrorClass, HealthState, Kind, Member, Members, PollError, Resource, ResourceId, Scope,
    TargetGroup, Text,
};

/// `DescribeTags` takes this many ARNs a call.
const TAGGED_A_CALL: usize = 20;

/// All Application and Network Load Balancers and target groups of the scope with their tags, or what keeps from reading those. Gateway Load Balancers
/// and their target groups are left out.
///
/// Tags that were `refused` a moment ago are not asked for: that is in the account's trail each time.
pub async fn balancers(clients: &ScopeClients, meter: &Meter, refused: Option<PollError>) -> Listing<Resource> {
    let client = clients.elbv2().await;
    let send = |token, tally| {
        client.describe_load_balancers().page_size(400).set_marker(token).customize().interceptor(tally).send()
    };
    let mut listing = meter
        .pages(Api::ElbV2, "DescribeLoadBalancers", MAX_PAGES, send, |page, into| {
            into.extend(page.load_balancers().iter().filter_map(|b| balancer(clients.scope(), b)));
            page.next_marker
        })
        .await;
    let kinds: BTreeMap<Text, Kind> = listing.items.iter().filter_map(|r| Some((arn(r)?.clone(), r.id.kind))).collect();
    let send = |token, tally| {
        client.describe_target_groups().page_size(400).set_marker(token).customize().interceptor(tally).send()
    };
    let groups = meter
        .pages(Api::ElbV2, "DescribeTargetGroups", MAX_PAGES, send, |page, into| {
            into.extend(page.target_groups().iter().filter_map(|g| target_group(clients.scope(), g, &kinds)));
            page.next_marker
        })
        .await;
    listing.items.extend(groups.items);
    listing.error = listing.error.or(groups.error);
    for resource in &mut listing.items {
        resource.set_tags_unread(true);
    }
    if refused.is_some() {
        listing.lacks = refused;
        return listing;
    }
    let mut untagged: Vec<&mut [Resource]> = listing.items.chunks_mut(TAGGED_A_CALL).collect();
    while let Some(some) = untagged.pop() {
        let arns: Vec<String> = some.iter().filter_map(|r| arn(r).map(ToString::to_string)).collect();
        let send =
            |tally| client.describe_tags().set_resource_arns(Some(arns.clone())).customize().interceptor(tally).send();
        match meter.page(Api::ElbV2, "DescribeTags", send).await {
            Ok(page) => {
                for resource in some.iter_mut() {
                    resource.set_tags_unread(false);
                }
                for described in page.tag_descriptions() {
                    let of = text(described.resource_arn());
                    if let Some(resource) = some.iter_mut().find(|r| arn(r) == Some(&of)) {
                        let tags = described.tags().iter();
                        resource.tags = tags.filter_map(|t| Some((text(Some(t.key()?)), text(t.value())))).collect();
                    }
                }
            }
            // One that was deleted meanwhile must not take the tags of the others with it.
            Err(error) if is_gone(&error) => {
                if some.len() > 1 {
                    untagged.extend(<[_; 2]>::from(some.split_at_mut(some.len() / 2)));
                } else if let [gone] = some {
                    gone.set_tags_unread(false);
                }
            }
            // Who may not read tags knows all the rest. Anything else passes, and is a listing that is not whole.
            Err(error) => {
                let withheld = matches!(error.class, ErrorClass::Denied | ErrorClass::Unsupported);
                if withheld { &mut listing.lacks } else { &mut listing.error }.get_or_insert(error);
                break;
            }
        }
    }
    listing
}

/// Health of the targets of the group with `arn`; `None` when there is no such group any more.
pub async fn health(clients: &ScopeClients, meter: &Meter, arn: &str) -> Result<Option<Members>, PollError> {
    let client = clients.elbv2().await;
    let send = |tally| client.describe_target_health().target_group_arn(arn).customize().interceptor(tally).send();
    match meter.page(Api::ElbV2, "DescribeTargetHealth", send).await {
        Ok(page) => {
            let list = page.target_health_descriptions().iter().filter_map(member).collect();
            Ok(Some(Members { at: clients.clock().now(), list }))
        }
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn arn(resource: &Resource) -> Option<&Text> {
    match &resource.detail {
        Detail::Balancer(b) => Some(&b.arn),
        Detail::TargetGroup(t) => Some(&t.arn),
        _ => None,
    }
}

fn balancer(scope: &Scope, b: &sdk::LoadBalancer) -> Option<Resource> {
    let kind = match b.r#type()? {
        sdk::LoadBalancerTypeEnum::Application => Kind::Alb,
        sdk::LoadBalancerTypeEnum::Network => Kind::Nlb,
        _ => return None,
    };
    let id = ResourceId::new(scope, kind, b.load_balancer_name()?);
    let detail = Balancer {
        arn: text(Some(b.load_balancer_arn()?)),
        dns_name: text(b.dns_name()),
        scheme: text(b.scheme().map(sdk::LoadBalancerSchemeEnum::as_str)),
        state: text(b.state().and_then(|s| s.code()).map(sdk::LoadBalancerStateEnum::as_str)),
        zones: b.availability_zones().iter().map(|z| text(z.zone_name())).collect(),
        created: b.created_time().and_then(time),
        security_groups: texts(b.security_groups()),
        members: None,
        tags_unread: false,
    };
    Some(Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::Balancer(detail) })
}

fn target_group(scope: &Scope, g: &sdk::TargetGroup, kinds: &BTreeMap<Text, Kind>) -> Option<Resource> {
    if g.protocol() == Some(&sdk::ProtocolEnum::Geneve) {
        return None;
    }
    let id = ResourceId::new(scope, Kind::TargetGroup, g.target_group_name()?);
    let balancers = texts(g.load_balancer_arns());
    // The ARN itself tells the kind when the balancer's page could not be read.
    let by_arn = |arn: &Text| match arn.split_once(":loadbalancer/")?.1.split('/').next()? {
        "app" => Some(Kind::Alb),
        "net" => Some(Kind::Nlb),
        _ => None,
    };
    let balancer_kind = balancers.first().and_then(|arn| kinds.get(arn).copied().or_else(|| by_arn(arn)));
    let detail = TargetGroup {
        arn: text(Some(g.target_group_arn()?)),
        protocol: text(g.protocol().map(sdk::ProtocolEnum::as_str)),
        port: g.port().and_then(|p| u16::try_from(p).ok()),
        balancers,
        balancer_kind,
        members: None,
        tags_unread: false,
    };
    Some(Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::TargetGroup(detail) })
}

fn member(d: &sdk::TargetHealthDescription) -> Option<Member> {
    let target = d.target()?;
    let health = d.target_health();
    Some(Member {
        id: text(Some(target.id()?)),
        port: target.port().and_then(|p| u16::try_from(p).ok()),
        zone: target.availability_zone().filter(|z| *z != "all").map(Text::from),
        state: state(health.and_then(|h| h.state()).map(sdk::TargetHealthStateEnum::as_str)),
        reason: text(health.and_then(|h| h.reason()).map(sdk::TargetHealthReasonEnum::as_str)),
        description: text(health.and_then(|h| h.description())),
    })
}

fn state(word: Option<&str>) -> HealthState {
    match word {
        Some("healthy") => HealthState::Healthy,
        Some("initial") => HealthState::Initial,
        Some("unhealthy" | "unhealthy.draining") => HealthState::Unhealthy,
        Some("draining") => HealthState::Draining,
        Some("unused") => HealthState::Unused,
        _ => HealthState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_the_sdk_knows_has_one_of_ours() {
        for word in sdk::TargetHealthStateEnum::values() {
            let unknown = state(Some(word)) == HealthState::Unknown;
            assert_eq!(unknown, *word == "unavailable", "{word}");
        }
        assert_eq!(state(Some("added-since")), HealthState::Unknown);
        assert_eq!(state(None), HealthState::Unknown);
    }
}
