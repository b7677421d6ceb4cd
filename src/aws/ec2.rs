//! Amazon EC2: instances, their status checks, subnets, volumes.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types as sdk;
use jiff::Timestamp;

use super::translate::{MAX_PAGES, count, sdk_time, text, time};
use super::{Api, Listing, Meter, ScopeClients};
use crate::model::{
    Detail, Instance, InstanceStatus, Kind, Market, Offer, Price, Resource, ResourceId, Scope, Subnet, Text, Volume,
};

/// All instances of the scope, whatever their state.
pub async fn instances(clients: &ScopeClients, meter: &Meter) -> Listing<Resource> {
    let client = clients.ec2().await;
    let send = |token, tally| {
        client.describe_instances().max_results(1000).set_next_token(token).customize().interceptor(tally).send()
    };
    meter
        .pages(Api::Ec2, "DescribeInstances", MAX_PAGES, send, |page, into| {
            let all = page.reservations().iter().flat_map(sdk::Reservation::instances);
            into.extend(all.filter_map(|i| instance(clients.scope(), i)));
            page.next_token
        })
        .await
}

/// Status checks of the scope's running instances, by instance id.
pub async fn statuses(clients: &ScopeClients, meter: &Meter) -> Listing<(Text, InstanceStatus)> {
    let client = clients.ec2().await;
    let send = |token, tally| {
        client.describe_instance_status().max_results(1000).set_next_token(token).customize().interceptor(tally).send()
    };
    meter
        .pages(Api::Ec2, "DescribeInstanceStatus", MAX_PAGES, send, |page, into| {
            let at = clients.clock().now();
            into.extend(page.instance_statuses().iter().filter_map(|s| status(at, s)));
            page.next_token
        })
        .await
}

/// All subnets of the scope.
pub async fn subnets(clients: &ScopeClients, meter: &Meter) -> Listing<Resource> {
    let client = clients.ec2().await;
    let send = |token, tally| {
        client.describe_subnets().max_results(1000).set_next_token(token).customize().interceptor(tally).send()
    };
    meter
        .pages(Api::Ec2, "DescribeSubnets", MAX_PAGES, send, |page, into| {
            into.extend(page.subnets().iter().filter_map(|s| subnet(clients.scope(), s)));
            page.next_token
        })
        .await
}

/// What spot instances of `offers` (spot ones, of the scope's region) cost now; those without a price are left out.
pub async fn spot_prices(clients: &ScopeClients, meter: &Meter, offers: &[Offer]) -> Listing<Price> {
    let client = clients.ec2().await;
    let now = clients.clock().now();
    let types: BTreeSet<&Text> = offers.iter().map(|o| &o.instance_type).collect();
    let types: Vec<sdk::InstanceType> = types.into_iter().map(|t| sdk::InstanceType::from(t.as_str())).collect();
    let platforms: BTreeSet<&Text> = offers.iter().map(|o| &o.platform).collect();
    let platforms: Vec<String> = platforms.into_iter().map(ToString::to_string).collect();
    let send = |token, tally| {
        client
            .describe_spot_price_history()
            .set_instance_types(Some(types.clone()))
            .set_product_descriptions(Some(platforms.clone()))
            .start_time(sdk_time(now))
            .max_results(1000)
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    let mut newest: BTreeMap<Offer, Timestamp> = BTreeMap::new();
    let mut listing = meter
        .pages(Api::Ec2, "DescribeSpotPriceHistory", MAX_PAGES, send, |page, into| {
            for p in page.spot_price_history() {
                let offer = Offer {
                    region: clients.scope().region.clone(),
                    instance_type: text(p.instance_type().map(sdk::InstanceType::as_str)),
                    platform: text(p.product_description().map(sdk::RiProductDescription::as_str)),
                    market: Market::Spot(text(p.availability_zone())),
                };
                let at = p.timestamp().and_then(time).unwrap_or(now);
                let dollars = p.spot_price().and_then(|d| d.parse::<f64>().ok()).filter(|d| d.is_finite() && *d > 0.0);
                // With the price that holds at the start come those that began since: the newest is the one of now.
                if dollars.is_some() && newest.get(&offer).is_none_or(|known| *known < at) {
                    newest.insert(offer.clone(), at);
                    into.push(Price { offer, dollars_per_hour: dollars, at: now });
                }
            }
            page.next_token
        })
        .await;
    listing.items.retain(|p| offers.contains(&p.offer));
    listing
}

/// All EBS volumes of the scope, whatever their state.
pub async fn volumes(clients: &ScopeClients, meter: &Meter) -> Listing<Resource> {
    let client = clients.ec2().await;
    let send = |token, tally| {
        client.describe_volumes().max_results(500).set_next_token(token).customize().interceptor(tally).send()
    };
    meter
        .pages(Api::Ec2, "DescribeVolumes", MAX_PAGES, send, |page, into| {
            into.extend(page.volumes().iter().filter_map(|v| volume(clients.scope(), v)));
            page.next_token
        })
        .await
}

fn instance(scope: &Scope, i: &sdk::Instance) -> Option<Resource> {
    let placement = i.placement();
    let detail = Instance {
        state: text(i.state().and_then(|s| s.name()).map(sdk::InstanceStateName::as_str)),
        instance_type: text(i.instance_type().map(sdk::InstanceType::as_str)),
        zone: text(placement.and_then(|p| p.availability_zone())),
        subnet: text(i.subnet_id()),
        vpc: text(i.vpc_id()),
        private_ip: text(i.private_ip_address()),
        public_ip: text(i.public_ip_address()),
        launched: i.launch_time().and_then(time),
        lifecycle: text(i.instance_lifecycle().map(sdk::InstanceLifecycleType::as_str)),
        platform: text(i.platform_details()),
        tenancy: text(placement.and_then(|p| p.tenancy()).map(sdk::Tenancy::as_str)),
        security_groups: i.security_groups().iter().map(|g| text(g.group_id())).collect(),
        detailed_monitoring: i.monitoring().and_then(|m| m.state()) == Some(&sdk::MonitoringState::Enabled),
        status: None,
    };
    Some(named(ResourceId::new(scope, Kind::Instance, i.instance_id()?), tags(i.tags()), Detail::Instance(detail)))
}

fn status(at: Timestamp, s: &sdk::InstanceStatus) -> Option<(Text, InstanceStatus)> {
    let word = |summary: Option<&sdk::InstanceStatusSummary>| {
        text(summary.and_then(|s| s.status()).map(sdk::SummaryStatus::as_str))
    };
    let event = |e: &sdk::InstanceStatusEvent| {
        let code = e.code().map_or("event", sdk::EventCode::as_str);
        e.not_before().and_then(time).map_or(Text::from(code), |from| format!("{code} {from}").into())
    };
    // AWS keeps events that are over for a week and marks them in the description.
    let over = |e: &&sdk::InstanceStatusEvent| {
        let said = e.description().unwrap_or_default();
        !said.starts_with("[Completed]") && !said.starts_with("[Canceled]")
    };
    let status = InstanceStatus {
        at,
        system: word(s.system_status()),
        instance: word(s.instance_status()),
        events: s.events().iter().filter(over).map(event).collect(),
    };
    Some((text(Some(s.instance_id()?)), status))
}

fn subnet(scope: &Scope, s: &sdk::Subnet) -> Option<Resource> {
    let detail = Subnet {
        vpc: text(s.vpc_id()),
        zone: text(s.availability_zone()),
        cidr: text(s.cidr_block()),
        available: count(s.available_ip_address_count()),
    };
    Some(named(ResourceId::new(scope, Kind::Subnet, s.subnet_id()?), tags(s.tags()), Detail::Subnet(detail)))
}

fn volume(scope: &Scope, v: &sdk::Volume) -> Option<Resource> {
    let attached = |a: &sdk::VolumeAttachment| (text(a.instance_id()), text(a.device()));
    let detail = Volume {
        state: text(v.state().map(sdk::VolumeState::as_str)),
        volume_type: text(v.volume_type().map(sdk::VolumeType::as_str)),
        size: count(v.size()),
        zone: text(v.availability_zone()),
        attachments: v.attachments().iter().map(attached).collect(),
        created: v.create_time().and_then(time),
    };
    Some(named(ResourceId::new(scope, Kind::EbsVolume, v.volume_id()?), tags(v.tags()), Detail::Volume(detail)))
}

fn tags(list: &[sdk::Tag]) -> BTreeMap<Text, Text> {
    list.iter().filter_map(|t| Some((text(Some(t.key()?)), text(t.value())))).collect()
}

fn named(id: ResourceId, tags: BTreeMap<Text, Text>, detail: Detail) -> Resource {
    let name = tags.get("Name").filter(|n| !n.is_empty()).unwrap_or(&id.id).clone();
    Resource { id, name, tags, detail }
}
