//! Names to copy, and addresses in the AWS console.

use super::shown::Shown;
use super::view::Item;
use crate::alerts::BundleId;
use crate::model::{Detail, EventKind, Kind, ResourceId};

/// The name that stands for `item`: what a person would paste into a command.
pub(super) fn name(item: &Item, shown: &Shown<'_>) -> String {
    match item {
        Item::Alert(id) | Item::Transition(_, id) => id_of(&id.resource, shown),
        Item::Resource(id) | Item::Pair(id, _) | Item::Metric(id, _) => id_of(id, shown),
        Item::Poller(source) => source.poller.as_str().into(),
        Item::Group(label) => label.to_string(),
        Item::Bundle(id) => shown.alerts.bundle(id).map_or_else(String::new, |b| b.name.to_string()),
        Item::Event(at, id) => {
            let event = shown.model.events().since(*at).find(|e| e.id == *id);
            event.and_then(|e| e.resources.first()).unwrap_or(id).to_string()
        }
    }
}

/// What the trail is filtered by to see what was done to `item`. The trail itself is everything, and so is the bill.
pub(super) fn trail_filter(item: &Item, shown: &Shown<'_>) -> String {
    match item {
        Item::Alert(id) | Item::Transition(_, id) if matches!(id.resource.kind, Kind::Bill | Kind::Trail) => {
            String::new()
        }
        Item::Resource(id) if matches!(id.kind, Kind::Bill | Kind::Trail) => String::new(),
        Item::Bundle(BundleId::Rule { of, .. }) => id_of(of, shown),
        Item::Poller(_) | Item::Bundle(_) | Item::Group(_) => String::new(),
        _ => super::query::literal(&name(item, shown)),
    }
}

/// The id of `id`; of what has only a name of ours, that name.
fn id_of(id: &ResourceId, shown: &Shown<'_>) -> String {
    match id.kind {
        Kind::Bill | Kind::Trail | Kind::Poller => super::facts::name_of_id(shown.model, id).to_owned(),
        _ => id.id.to_string(),
    }
}

/// Where the AWS console shows `item`.
pub(super) fn console(item: &Item, shown: &Shown<'_>) -> Option<String> {
    match item {
        Item::Alert(id) | Item::Transition(_, id) => resource(&id.resource, shown),
        Item::Resource(id) | Item::Metric(id, _) => resource(id, shown),
        Item::Pair(_, group) => resource(group, shown),
        Item::Bundle(BundleId::Rule { of, .. }) => resource(of, shown),
        Item::Poller(_) | Item::Bundle(_) | Item::Group(_) => None,
        Item::Event(at, id) => {
            let event = shown.model.events().since(*at).find(|e| e.id == *id)?;
            matches!(event.kind, EventKind::Trail(_)).then(|| {
                let region = &event.scope.region;
                page(region, "cloudtrailv2", &format!("/events/{}", encoded(id)))
            })
        }
    }
}

fn resource(id: &ResourceId, shown: &Shown<'_>) -> Option<String> {
    let region = &id.scope.region;
    let name = encoded(&id.id);
    let arn = match shown.model.resource(id).map(|r| &r.detail) {
        Some(Detail::Balancer(b)) => encoded(&b.arn),
        Some(Detail::TargetGroup(t)) => encoded(&t.arn),
        _ => String::new(),
    };
    Some(match id.kind {
        Kind::ClassicElb => page(region, "ec2", &format!("LoadBalancer:loadBalancerArn={name}")),
        Kind::Alb | Kind::Nlb => page(region, "ec2", &format!("LoadBalancer:loadBalancerArn={arn}")),
        Kind::TargetGroup => page(region, "ec2", &format!("TargetGroup:targetGroupArn={arn}")),
        Kind::AutoScalingGroup => page(region, "ec2", &format!("AutoScalingGroupDetails:id={name}")),
        Kind::Instance => page(region, "ec2", &format!("InstanceDetails:instanceId={name}")),
        Kind::Subnet => page(region, "vpcconsole", &format!("SubnetDetails:subnetId={name}")),
        Kind::Alarm => page(region, "cloudwatch", &format!("alarmsV2:alarm/{name}")),
        Kind::Bill => "https://console.aws.amazon.com/billing/home#/bills".into(),
        Kind::Trail => page(region, "cloudtrailv2", "/events"),
        Kind::Poller => return None,
        kind => return service_page(kind, region, &id.id),
    })
}

/// The page of a service that is known by its metrics.
fn service_page(kind: Kind, region: &str, id: &str) -> Option<String> {
    let name = encoded(id);
    let first = encoded(id.split('/').next().unwrap_or(id));
    Some(match kind {
        Kind::EbsVolume => page(region, "ec2", &format!("VolumeDetails:volumeId={name}")),
        Kind::LambdaFunction => page(region, "lambda", &format!("/functions/{name}")),
        Kind::DynamodbTable => page(region, "dynamodbv2", &format!("table?name={name}")),
        Kind::RdsInstance => page(region, "rds", &format!("database:id={name};is-cluster=false")),
        Kind::NatGateway => page(region, "vpcconsole", &format!("NatGatewayDetails:natGatewayId={name}")),
        Kind::S3Bucket => format!("https://s3.console.aws.amazon.com/s3/buckets/{first}"),
        Kind::StateMachine => page(region, "states", &format!("/statemachines/view/{name}")),
        _ => return None,
    })
}

fn page(region: &str, service: &str, rest: &str) -> String {
    let region = encoded(region);
    format!("https://{region}.console.aws.amazon.com/{service}/home?region={region}#{rest}")
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
