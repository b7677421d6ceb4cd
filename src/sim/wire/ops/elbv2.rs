//! Application and Network Load Balancers, their target groups and targets.

use super::{Call, tags, texts};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{BalancerKind, BalancerV2, TargetGroup, TargetHealth};

const PAGING: Paging = Paging { token: "Marker", size: "PageSize", default: 400, least: 1, most: 400 };

fn no_balancer(names: &[String]) -> ApiError {
    ApiError::named("LoadBalancerNotFound", format!("Load balancers '[{}]' not found", names.join(", ")))
}

fn no_group() -> ApiError {
    ApiError::named("TargetGroupNotFound", "One or more target groups not found")
}

pub(super) fn describe_load_balancers(call: &Call<'_>) -> Result<Value, ApiError> {
    let arns = call.params.texts("LoadBalancerArns")?;
    let names = call.params.texts("Names")?;
    let page = PAGING.read(&call.params, call.now)?;
    let all = call.world.balancers_v2(call.region, page.now);
    for (asked, is) in
        [(&arns, (|b, arn| b.arn == *arn) as fn(&BalancerV2, &String) -> bool), (&names, |b, n| b.name == *n)]
    {
        if asked.iter().any(|a| !all.iter().any(|b| is(b, a))) {
            return Err(no_balancer(asked));
        }
    }
    let found = all
        .into_iter()
        .filter(|b| arns.is_empty() || arns.contains(&b.arn))
        .filter(|b| names.is_empty() || names.contains(&b.name))
        .collect();
    let (found, marker) = page.cut(found);
    Ok(map([("LoadBalancers", list(found.iter().map(balancer)))]).and("NextMarker", marker))
}

fn balancer(b: &BalancerV2) -> Value {
    let zones = b.zones.iter().map(|(zone, subnet)| {
        map([
            ("ZoneName", zone.into()),
            ("SubnetId", subnet.into()),
            ("LoadBalancerAddresses", Value::List(Vec::new())),
        ])
    });
    map([
        ("LoadBalancerArn", (&b.arn).into()),
        ("DNSName", (&b.dns_name).into()),
        ("CanonicalHostedZoneId", "Z14GRHDCWA56QT".into()),
        ("CreatedTime", b.created.into()),
        ("LoadBalancerName", (&b.name).into()),
        ("Scheme", b.scheme.into()),
        ("VpcId", (&b.vpc).into()),
        ("State", map([("Code", b.state.into())])),
        ("Type", b.kind.as_str().into()),
        ("AvailabilityZones", list(zones)),
        ("IpAddressType", "ipv4".into()),
    ])
    .and("SecurityGroups", (b.kind == BalancerKind::Application).then(|| texts(&b.security_groups)))
}

pub(super) fn describe_target_groups(call: &Call<'_>) -> Result<Value, ApiError> {
    let balancer = call.params.text("LoadBalancerArn")?;
    let arns = call.params.texts("TargetGroupArns")?;
    let names = call.params.texts("Names")?;
    let page = PAGING.read(&call.params, call.now)?;
    let all = call.world.target_groups(call.region, page.now);
    if arns.iter().any(|a| !all.iter().any(|g| g.arn == *a)) || names.iter().any(|n| !all.iter().any(|g| g.name == *n))
    {
        return Err(no_group());
    }
    if let Some(arn) = &balancer
        && !call.world.balancers_v2(call.region, page.now).iter().any(|b| b.arn == *arn)
    {
        return Err(no_balancer(std::slice::from_ref(arn)));
    }
    let found = all
        .into_iter()
        .filter(|g| arns.is_empty() || arns.contains(&g.arn))
        .filter(|g| names.is_empty() || names.contains(&g.name))
        .filter(|g| balancer.as_ref().is_none_or(|arn| g.balancers.contains(arn)))
        .collect();
    let (found, marker) = page.cut(found);
    Ok(map([("TargetGroups", list(found.iter().map(group)))]).and("NextMarker", marker))
}

fn group(g: &TargetGroup) -> Value {
    let http = g.protocol.starts_with("HTTP");
    map([
        ("TargetGroupArn", (&g.arn).into()),
        ("TargetGroupName", (&g.name).into()),
        ("Protocol", g.protocol.into()),
        ("Port", g.port.into()),
        ("VpcId", (&g.vpc).into()),
        ("HealthCheckProtocol", g.protocol.into()),
        ("HealthCheckPort", "traffic-port".into()),
        ("HealthCheckEnabled", true.into()),
        ("HealthCheckIntervalSeconds", 10i64.into()),
        ("HealthCheckTimeoutSeconds", 5i64.into()),
        ("HealthyThresholdCount", 3i64.into()),
        ("UnhealthyThresholdCount", 2i64.into()),
        ("LoadBalancerArns", texts(&g.balancers)),
        ("TargetType", g.target_type.into()),
        ("IpAddressType", "ipv4".into()),
    ])
    .and("HealthCheckPath", http.then_some(g.health_check_path))
    .and("Matcher", http.then(|| map([("HttpCode", "200".into())])))
    .and("ProtocolVersion", http.then_some("HTTP1"))
}

pub(super) fn describe_target_health(call: &Call<'_>) -> Result<Value, ApiError> {
    let arn = call.params.must_text("TargetGroupArn")?;
    let mut asked = Vec::new();
    for target in call.params.structures("Targets")? {
        asked.push((target.must_text("Id")?, target.int("Port")?));
    }
    let health = call.world.target_health(call.region, &arn, call.now).ok_or_else(no_group)?;
    let is = |h: &TargetHealth, (id, port): &(String, Option<i64>)| {
        h.id == *id && port.is_none_or(|p| p == i64::from(h.port))
    };
    let mut found: Vec<Value> =
        health.iter().filter(|h| asked.is_empty() || asked.iter().any(|a| is(h, a))).map(target).collect();
    // A target that is asked for and not registered is told of as unused.
    for (id, port) in asked.iter().filter(|a| !health.iter().any(|h| is(h, a))) {
        let state = map([
            ("State", "unused".into()),
            ("Reason", "Target.NotRegistered".into()),
            ("Description", "Target is not registered to the target group".into()),
        ]);
        found.push(map([("Target", map([("Id", id.into())]).and("Port", *port)), ("TargetHealth", state)]));
    }
    Ok(map([("TargetHealthDescriptions", list(found))]))
}

/// Without a zone: AWS gives that for addresses only, not for instances.
fn target(h: &TargetHealth) -> Value {
    map([
        ("Target", map([("Id", (&h.id).into()), ("Port", h.port.into())])),
        ("HealthCheckPort", h.port.to_string().into()),
        ("TargetHealth", map([("State", h.state.into())]).and("Reason", h.reason).and("Description", h.description)),
    ])
}

pub(super) fn describe_tags(call: &Call<'_>) -> Result<Value, ApiError> {
    let arns = call.params.texts("ResourceArns")?;
    if arns.is_empty() || arns.len() > 20 {
        return Err(call.params.invalid("ResourceArns must have between 1 and 20 members"));
    }
    let balancers = call.world.balancers_v2(call.region, call.now);
    let groups = call.world.target_groups(call.region, call.now);
    let mut found = Vec::new();
    for arn in &arns {
        let of_balancer = balancers.iter().find(|b| b.arn == *arn).map(|b| &b.tags);
        let of_group = groups.iter().find(|g| g.arn == *arn).map(|g| &g.tags);
        let missing =
            || if arn.contains(":targetgroup/") { no_group() } else { no_balancer(std::slice::from_ref(arn)) };
        let known = of_balancer.or(of_group).ok_or_else(missing)?;
        found.push(map([("ResourceArn", arn.into()), ("Tags", tags(known))]));
    }
    Ok(map([("TagDescriptions", list(found))]))
}
