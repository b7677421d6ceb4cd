//! Classic Elastic Load Balancing: balancers with their tags, health of their instances.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancing::types as sdk;

use super::error::is_gone;
use super::translate::{MAX_PAGES, text, texts, time};
use super::{Api, Listing, Meter, ScopeClients};
use crate::model::{
    Balancer, Detail, ErrorClass, HealthState, Kind, Member, Members, PollError, Resource, ResourceId, Scope, Text,
};

/// `DescribeTags` takes this many names a call.
const TAGGED_A_CALL: usize = 20;

/// All Classic balancers of the scope with their tags, or what keeps from reading those.
///
/// Tags that were `refused` a moment ago are not asked for: that is in the account's trail each time.
pub async fn balancers(clients: &ScopeClients, meter: &Meter, refused: Option<PollError>) -> Listing<Resource> {
    let client = clients.elb().await;
    let send = |token, tally| {
        client.describe_load_balancers().page_size(400).set_marker(token).customize().interceptor(tally).send()
    };
    let mut listing = meter
        .pages(Api::Elb, "DescribeLoadBalancers", MAX_PAGES, send, |page, into| {
            into.extend(page.load_balancer_descriptions().iter().filter_map(|b| balancer(clients.scope(), b)));
            page.next_marker
        })
        .await;
    for resource in &mut listing.items {
        resource.set_tags_unread(true);
    }
    if refused.is_some() {
        listing.lacks = refused;
        return listing;
    }
    let mut untagged: Vec<&mut [Resource]> = listing.items.chunks_mut(TAGGED_A_CALL).collect();
    while let Some(some) = untagged.pop() {
        let names: Vec<String> = some.iter().map(|r| r.id.id.to_string()).collect();
        let send = |tally| {
            client.describe_tags().set_load_balancer_names(Some(names.clone())).customize().interceptor(tally).send()
        };
        match meter.page(Api::Elb, "DescribeTags", send).await {
            Ok(page) => {
                for resource in some.iter_mut() {
                    resource.set_tags_unread(false);
                }
                for described in page.tag_descriptions() {
                    let name = text(described.load_balancer_name());
                    if let Some(resource) = some.iter_mut().find(|r| r.id.id == name) {
                        resource.tags = described.tags().iter().map(|t| (t.key().into(), text(t.value()))).collect();
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

/// Health of the instances of balancer `name`; `None` when there is no such balancer any more.
pub async fn health(clients: &ScopeClients, meter: &Meter, name: &str) -> Result<Option<Members>, PollError> {
    let client = clients.elb().await;
    let send = |tally| client.describe_instance_health().load_balancer_name(name).customize().interceptor(tally).send();
    match meter.page(Api::Elb, "DescribeInstanceHealth", send).await {
        Ok(page) => {
            let list = page.instance_states().iter().map(member).collect();
            Ok(Some(Members { at: clients.clock().now(), list }))
        }
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn balancer(scope: &Scope, b: &sdk::LoadBalancerDescription) -> Option<Resource> {
    let id = ResourceId::new(scope, Kind::ClassicElb, b.load_balancer_name()?);
    let detail = Balancer {
        arn: Text::default(),
        dns_name: text(b.dns_name()),
        scheme: text(b.scheme()),
        state: Text::default(),
        zones: texts(b.availability_zones()),
        created: b.created_time().and_then(time),
        security_groups: texts(b.security_groups()),
        members: None,
        tags_unread: false,
    };
    Some(Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::Balancer(detail) })
}

fn member(s: &sdk::InstanceState) -> Member {
    let reason = s.reason_code().filter(|r| *r != "N/A");
    let description = s.description().filter(|d| *d != "N/A");
    let registering = description.is_some_and(|d| d.contains("registration is still in progress"));
    let state = match s.state() {
        Some("InService") => HealthState::Healthy,
        Some("OutOfService") if registering => HealthState::Initial,
        Some("OutOfService") => HealthState::Unhealthy,
        _ => HealthState::Unknown,
    };
    Member {
        id: text(s.instance_id()),
        port: None,
        zone: None,
        state,
        reason: text(reason),
        description: text(description),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_instances() {
        let cases = [
            ("InService", "N/A", HealthState::Healthy),
            ("OutOfService", "Instance has failed at least the UnhealthyThreshold number", HealthState::Unhealthy),
            ("OutOfService", "Instance registration is still in progress.", HealthState::Initial),
            ("Unknown", "A transient error occurred.", HealthState::Unknown),
            ("SomethingNew", "", HealthState::Unknown),
        ];
        for (word, said, state) in cases {
            let s = sdk::InstanceState::builder().state(word).description(said).reason_code("ELB").build();
            assert_eq!(member(&s).state, state, "{word} {said}");
        }
    }
}
