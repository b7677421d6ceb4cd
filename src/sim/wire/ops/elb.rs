//! Classic Load Balancers.

use super::{Call, tags, texts};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{ClassicElb, InstanceHealth};

fn not_found(name: &str) -> ApiError {
    ApiError::named("LoadBalancerNotFound", format!("There is no ACTIVE Load Balancer named '{name}'"))
}

pub(super) fn describe_load_balancers(call: &Call<'_>) -> Result<Value, ApiError> {
    let names = call.params.texts("LoadBalancerNames")?;
    let page =
        Paging { token: "Marker", size: "PageSize", default: 400, least: 1, most: 400 }.read(&call.params, call.now)?;
    let all = call.world.classic_elbs(call.region, page.now);
    if let Some(name) = names.iter().find(|name| !all.iter().any(|b| b.name == **name)) {
        return Err(not_found(name));
    }
    let found = all.into_iter().filter(|b| names.is_empty() || names.contains(&b.name)).collect();
    let (found, marker) = page.cut(found);
    Ok(map([("LoadBalancerDescriptions", list(found.iter().map(balancer)))]).and("NextMarker", marker))
}

fn balancer(b: &ClassicElb) -> Value {
    let listener = map([
        ("Protocol", "HTTP".into()),
        ("LoadBalancerPort", 80i64.into()),
        ("InstanceProtocol", "HTTP".into()),
        ("InstancePort", 80i64.into()),
    ]);
    let health_check = map([
        ("Target", "HTTP:80/healthz".into()),
        ("Interval", 10i64.into()),
        ("Timeout", 5i64.into()),
        ("UnhealthyThreshold", 2i64.into()),
        ("HealthyThreshold", 3i64.into()),
    ]);
    map([
        ("LoadBalancerName", (&b.name).into()),
        ("DNSName", (&b.dns_name).into()),
        ("CanonicalHostedZoneName", (&b.dns_name).into()),
        ("CanonicalHostedZoneNameID", "Z14GRHDCWA56QT".into()),
        ("ListenerDescriptions", list([map([("Listener", listener), ("PolicyNames", Value::List(Vec::new()))])])),
        ("BackendServerDescriptions", Value::List(Vec::new())),
        ("AvailabilityZones", texts(&b.zones)),
        ("Subnets", texts(&b.subnets)),
        ("VPCId", (&b.vpc).into()),
        ("Instances", list(b.instances.iter().map(|id| map([("InstanceId", id.into())])))),
        ("HealthCheck", health_check),
        ("SecurityGroups", texts(&b.security_groups)),
        ("CreatedTime", b.created.into()),
        ("Scheme", b.scheme.into()),
    ])
}

pub(super) fn describe_instance_health(call: &Call<'_>) -> Result<Value, ApiError> {
    let name = call.params.must_text("LoadBalancerName")?;
    let asked: Vec<String> =
        call.params.structures("Instances")?.iter().map(|i| i.must_text("InstanceId")).collect::<Result<_, _>>()?;
    let health = call.world.instance_health(call.region, &name, call.now).ok_or_else(|| not_found(&name))?;
    if let Some(id) = asked.iter().find(|id| !health.iter().any(|h| h.id == **id)) {
        return Err(ApiError::named("InvalidInstance", format!("Could not find EC2 instance {id}.")));
    }
    let found = health.iter().filter(|h| asked.is_empty() || asked.contains(&h.id));
    Ok(map([("InstanceStates", list(found.map(state)))]))
}

fn state(h: &InstanceHealth) -> Value {
    map([
        ("InstanceId", (&h.id).into()),
        ("State", h.state.into()),
        ("ReasonCode", h.reason.into()),
        ("Description", h.description.into()),
    ])
}

pub(super) fn describe_tags(call: &Call<'_>) -> Result<Value, ApiError> {
    let names = call.params.texts("LoadBalancerNames")?;
    if names.is_empty() || names.len() > 20 {
        return Err(call.params.invalid("LoadBalancerNames must have between 1 and 20 members"));
    }
    let all = call.world.classic_elbs(call.region, call.now);
    let mut found = Vec::new();
    for name in &names {
        let balancer = all.iter().find(|b| b.name == *name).ok_or_else(|| not_found(name))?;
        found.push(map([("LoadBalancerName", name.into()), ("Tags", tags(&balancer.tags))]));
    }
    Ok(map([("TagDescriptions", list(found))]))
}
