//! Instances and their status checks.

use super::super::Call;
use super::super::filter::{Filters, is_tag, of_tags};
use super::{all_found, ids_or_page, page, tag_set};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{Instance, InstanceStatus};

const FILTERS: [&str; 15] = [
    "architecture",
    "availability-zone",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "private-ip-address",
    "reservation-id",
    "subnet-id",
    "tenancy",
    "vpc-id",
];

pub(in super::super) fn describe_instances(call: &Call<'_>) -> Result<Value, ApiError> {
    let ids = call.params.texts("InstanceId")?;
    ids_or_page(call, &ids, "instancesSet")?;
    check_ids(&ids)?;
    let filters = Filters::read(&call.params, "Filter", "Value", |f| is_tag(f) || FILTERS.contains(&f))?;
    let page = page(call, 5)?;
    let all = call.world.instances(call.region, page.now);
    all_found(&ids, |id| all.iter().any(|i| i.id == id), "InvalidInstanceID.NotFound", "instance")?;
    let found: Vec<&Instance> = all
        .iter()
        .filter(|i| ids.is_empty() || ids.contains(&i.id))
        .filter(|i| filters.pass(|f| values(i, f)))
        .collect();
    let (found, token) = page.cut(found);
    let reservations = found.chunk_by(|a, b| a.reservation == b.reservation).map(reservation);
    Ok(map([("reservationSet", list(reservations))]).and("nextToken", token))
}

fn check_ids(ids: &[String]) -> Result<(), ApiError> {
    match ids.iter().find(|id| !id.strip_prefix("i-").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))) {
        None => Ok(()),
        Some(id) => Err(ApiError::named("InvalidInstanceID.Malformed", format!("Invalid id: \"{id}\""))),
    }
}

fn values<'a>(instance: &'a Instance, filter: &str) -> Vec<&'a str> {
    if let Some(values) = of_tags(filter, &instance.tags) {
        return values;
    }
    match filter {
        "architecture" => vec!["x86_64"],
        "availability-zone" => vec![&instance.zone],
        "image-id" => vec![&instance.image],
        "instance-id" => vec![&instance.id],
        "instance-lifecycle" => instance.lifecycle.into_iter().collect(),
        "instance-state-code" => vec![state_code(instance.state).1],
        "instance-state-name" => vec![instance.state],
        "instance-type" => vec![instance.instance_type],
        "instance.group-id" => instance.security_groups.iter().map(|(id, _)| id.as_str()).collect(),
        "instance.group-name" => instance.security_groups.iter().map(|(_, name)| name.as_str()).collect(),
        "private-ip-address" => vec![&instance.private_ip],
        "reservation-id" => vec![&instance.reservation],
        "subnet-id" => vec![&instance.subnet],
        "tenancy" => vec![instance.tenancy],
        "vpc-id" => vec![&instance.vpc],
        _ => Vec::new(),
    }
}

fn state_code(state: &str) -> (i64, &'static str) {
    match state {
        "pending" => (0, "0"),
        "running" => (16, "16"),
        "shutting-down" => (32, "32"),
        "terminated" => (48, "48"),
        "stopping" => (64, "64"),
        _ => (80, "80"),
    }
}

fn state(name: &'static str) -> Value {
    map([("code", state_code(name).0.into()), ("name", name.into())])
}

fn reservation(instances: &[&Instance]) -> Value {
    let first = instances.first();
    map([
        ("reservationId", first.map(|i| i.reservation.clone()).unwrap_or_default().into()),
        ("ownerId", first.map(|i| i.owner.clone()).unwrap_or_default().into()),
        ("groupSet", Value::List(Vec::new())),
        ("instancesSet", list(instances.iter().map(|i| instance(i)))),
    ])
}

fn instance(i: &Instance) -> Value {
    let windows = i.platform.starts_with("Windows");
    let dns = |ip: &str, suffix: &str| format!("{suffix}-{}", ip.replace('.', "-"));
    let private_dns =
        if i.private_ip.is_empty() { String::new() } else { dns(&i.private_ip, "ip") + ".compute.internal" };
    let groups =
        list(i.security_groups.iter().map(|(id, name)| map([("groupId", id.into()), ("groupName", name.into())])));
    let terminated = matches!(i.state, "terminated" | "shutting-down");
    let subnet = Some(&i.subnet).filter(|s| !s.is_empty() && i.state != "terminated");
    map([
        ("instanceId", (&i.id).into()),
        ("imageId", (&i.image).into()),
        ("instanceState", state(i.state)),
        ("privateDnsName", private_dns.into()),
        (
            "dnsName",
            i.public_ip.as_deref().map(|ip| dns(ip, "ec2") + ".compute.amazonaws.com").unwrap_or_default().into(),
        ),
        ("reason", if terminated { "User initiated" } else { "" }.into()),
        ("amiLaunchIndex", 0i64.into()),
        ("instanceType", i.instance_type.into()),
        ("launchTime", i.launched.into()),
        (
            "placement",
            map([("availabilityZone", (&i.zone).into()), ("groupName", "".into()), ("tenancy", i.tenancy.into())]),
        ),
        ("monitoring", map([("state", if i.detailed_monitoring { "enabled" } else { "disabled" }.into())])),
        ("architecture", "x86_64".into()),
        ("rootDeviceType", "ebs".into()),
        ("rootDeviceName", "/dev/xvda".into()),
        ("virtualizationType", "hvm".into()),
        ("hypervisor", "xen".into()),
        ("ebsOptimized", true.into()),
        ("platformDetails", i.platform.into()),
        ("usageOperation", if windows { "RunInstances:0002" } else { "RunInstances" }.into()),
        ("groupSet", groups),
        ("tagSet", tag_set(&i.tags)),
    ])
    .and("subnetId", subnet)
    .and("vpcId", subnet.map(|_| &i.vpc))
    .and("privateIpAddress", Some(&i.private_ip).filter(|ip| !ip.is_empty()))
    .and("ipAddress", i.public_ip.as_ref())
    .and("instanceLifecycle", i.lifecycle)
    .and("platform", windows.then_some("windows"))
}

pub(in super::super) fn describe_instance_status(call: &Call<'_>) -> Result<Value, ApiError> {
    const KNOWN: [&str; 5] = [
        "availability-zone",
        "instance-state-name",
        "instance-status.status",
        "system-status.status",
        "instance-state-code",
    ];
    let ids = call.params.texts("InstanceId")?;
    ids_or_page(call, &ids, "instancesSet")?;
    check_ids(&ids)?;
    let filters = Filters::read(&call.params, "Filter", "Value", |f| KNOWN.contains(&f))?;
    let everything = call.params.flag("IncludeAllInstances", false)?;
    let page = page(call, 5)?;
    let instances = call.world.instances(call.region, page.now);
    all_found(&ids, |id| instances.iter().any(|i| i.id == id), "InvalidInstanceID.NotFound", "instance")?;
    let statuses: std::collections::BTreeMap<String, InstanceStatus> =
        call.world.instance_statuses(call.region, page.now).into_iter().map(|s| (s.id.clone(), s)).collect();
    let mut found = Vec::new();
    for i in instances.iter().filter(|i| ids.is_empty() || ids.contains(&i.id)) {
        let status = statuses.get(&i.id);
        if status.is_none() && !everything {
            continue;
        }
        let system = status.map_or("not-applicable", |s| s.system);
        let own = status.map_or("not-applicable", |s| s.instance);
        let state_name = status.map_or(i.state, |s| s.state);
        let passes = filters.pass(|f| {
            Some(match f {
                "availability-zone" => i.zone.as_str(),
                "instance-state-name" => state_name,
                "instance-status.status" => own,
                "system-status.status" => system,
                _ => state_code(state_name).1,
            })
        });
        if passes {
            found.push(status_of(i, state_name, system, own, status));
        }
    }
    let (found, token) = page.cut(found);
    Ok(map([("instanceStatusSet", list(found))]).and("nextToken", token))
}

fn status_of(
    i: &Instance,
    name: &'static str,
    system: &'static str,
    own: &'static str,
    status: Option<&InstanceStatus>,
) -> Value {
    let since = status.and_then(|s| s.impaired_since);
    let check = |word: &'static str| {
        let outcome = match word {
            "ok" => "passed",
            "impaired" => "failed",
            "initializing" => "initializing",
            other => return map([("status", other.into()), ("details", Value::List(Vec::new()))]),
        };
        let detail = map([("name", "reachability".into()), ("status", outcome.into())])
            .and("impairedSince", since.filter(|_| word == "impaired"));
        map([("status", word.into()), ("details", list([detail]))])
    };
    let events = status.into_iter().flat_map(|s| &s.events).map(|event| {
        map([
            ("instanceEventId", (&event.id).into()),
            ("code", event.code.into()),
            ("description", (&event.description).into()),
            ("notBefore", event.not_before.into()),
        ])
    });
    map([
        ("instanceId", (&i.id).into()),
        ("availabilityZone", (&i.zone).into()),
        ("instanceState", state(name)),
        ("systemStatus", check(system)),
        ("instanceStatus", check(own)),
        ("eventsSet", list(events)),
    ])
}
