//! Names to copy, and addresses in the AWS console.

use super::shown::Shown;
use super::view::{Item, Listing};
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
        Kind::Bill => bills(region),
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
        Kind::S3Bucket if host(region) == AWS => format!("https://s3.{AWS}/s3/buckets/{first}"),
        Kind::S3Bucket => format!("https://{}/s3/buckets/{first}", host(region)),
        Kind::StateMachine => page(region, "states", &format!("/statemachines/view/{name}")),
        _ => return None,
    })
}

fn page(region: &str, service: &str, rest: &str) -> String {
    let (region, host) = (encoded(region), host(region));
    format!("https://{region}.{host}/{service}/home?region={region}#{rest}")
}

/// The AWS console of the partition `aws`.
const AWS: &str = "console.aws.amazon.com";

/// The AWS console of the partition that `region` is in.
fn host(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "console.amazonaws.cn",
        r if r.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => AWS,
    }
}

/// The bills of an account.
fn bills(region: &str) -> String {
    format!("https://{}/billing/home#/bills", host(region))
}

/// Where the cell of the column `title` in the row of `item` leads to: a name to its page in the AWS console, what an alert
/// says to the rule's runbook.
pub(super) fn of_cell(list: Listing, title: &str, item: &Item, shown: &Shown<'_>) -> Option<String> {
    match (list, title, item) {
        (Listing::Alerts, "WHAT", Item::Alert(id)) => runbook(&id.rule, shown),
        (Listing::Alerts | Listing::Instances | Listing::Timeline | Listing::Metrics | Listing::Pinned, "NAME", _)
        | (Listing::Instances, "ID", _)
        | (Listing::Scaling, "GROUP", _)
        | (Listing::Alarms, "ALARM", _)
        | (Listing::Bill, "ACCOUNT", _)
        | (Listing::Trail, "WHAT", _) => console(item, shown),
        (Listing::Balancers, "BALANCER", Item::Resource(id) | Item::Pair(id, _))
        | (Listing::Balancers, "TARGET GROUP" | "GROUP", Item::Pair(_, id)) => resource(id, shown),
        _ => None,
    }
}

/// Where to read what to do when `rule` fires.
pub(super) fn runbook(rule: &str, shown: &Shown<'_>) -> Option<String> {
    shown.alerts.runbooks.and_then(|r| r.get(rule)).map(ToString::to_string)
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_its_console() {
        for (region, wanted) in [
            ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#x"),
            ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1#x"),
            ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/ec2/home?region=us-gov-west-1#x"),
        ] {
            assert_eq!(page(region, "ec2", "x"), wanted);
        }
    }
}
