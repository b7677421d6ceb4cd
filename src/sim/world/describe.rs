//! What the Describe calls show of the fleet.

use jiff::Timestamp;

use super::build::setup;
use super::fleet::{BalancerSpec, ElbSpec, GroupSpec, Host, Region, SubnetSpec, TargetGroupSpec, plus};
use super::noise::{hex, mix, uuid};
use super::{
    Activity, BalancerKind, BalancerV2, ClassicElb, Group, GroupInstance, Instance, Subnet, TargetGroup, World, health,
};

/// Seconds that scaling activities are kept: six weeks.
const ACTIVITIES_KEPT: i64 = 42 * 86_400;

fn own(tags: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
}

fn security_group(region: &Region, stem: &str) -> (String, String) {
    let hash = super::noise::mix_text(7, &region.vpc);
    (format!("sg-0{}", hex(super::noise::mix_text(hash, stem), 16)), format!("{stem}-sg"))
}

/// Id of the security group of the balancer `web-clb`.
pub(super) fn web_security_group(region: &Region) -> String {
    security_group(region, "web-clb").0
}

fn address(base: [u8; 3], number: u32) -> String {
    let [a, b, c] = base;
    let start = u32::from_be_bytes([a, b, c, 0]);
    std::net::Ipv4Addr::from(start.saturating_add(number)).to_string()
}

/// An instance, as far as it is listed at `now`.
pub(super) fn instance(region: &Region, host: &Host, now: Timestamp) -> Option<Instance> {
    let state = host.state(now)?;
    let mut tags = vec![("Name".to_owned(), host.name.clone())];
    tags.extend(own(host.tags));
    let group = host.group.map(|g| &region.groups[g]);
    if let Some(group) = group {
        tags.push(("aws:autoscaling:groupName".to_owned(), group.name.clone()));
    }
    let subnet = &region.subnets[host.subnet];
    let hash = host.hash;
    let public_ip = (host.public && host.runs(now)).then(|| {
        let octet = |salt| mix(hash, salt) % 200 + 20;
        format!("54.{}.{}.{}", octet(31), octet(32), octet(33))
    });
    let stem = group.map_or(host.name.as_str(), |g| g.name.trim_end_matches("-asg"));
    Some(Instance {
        id: host.id.clone(),
        state,
        instance_type: host.instance_type,
        zone: region.zones[host.zone].clone(),
        subnet: subnet.id.clone(),
        vpc: region.vpc.clone(),
        private_ip: if host.holds_address(now) { address(subnet.base, host.address) } else { String::new() },
        public_ip,
        image: format!("ami-0{}", hex(super::noise::mix_text(9, stem), 16)),
        launched: host.launched,
        lifecycle: None,
        platform: "Linux/UNIX",
        tenancy: "default",
        security_groups: vec![security_group(region, if stem.is_ascii() { stem } else { "default" })],
        detailed_monitoring: host.detailed,
        tags,
        owner: region.account.id().to_owned(),
        reservation: format!("r-0{}", hex(mix(hash, 34), 16)),
    })
}

/// The id of an instance's root volume.
pub(super) fn root_volume(instance: &str) -> String {
    format!("vol-{}", instance.strip_prefix("i-").unwrap_or(instance))
}

/// A subnet.
pub(super) fn subnet(region: &Region, spec: &SubnetSpec, now: Timestamp) -> Subnet {
    let hosts = spec.hosts.iter().filter(|h| region.hosts[**h].holds_address(now)).count();
    let used = spec.used.saturating_add(u32::try_from(hosts).unwrap_or(u32::MAX));
    let mut tags = vec![("Name".to_owned(), spec.name.clone())];
    if !spec.purpose.is_empty() {
        tags.push(("用途".to_owned(), spec.purpose.to_owned()));
    }
    Subnet {
        id: spec.id.clone(),
        vpc: region.vpc.clone(),
        zone: region.zones[spec.zone].clone(),
        cidr: spec.cidr(),
        available: spec.capacity().saturating_sub(used),
        tags,
        owner: region.account.id().to_owned(),
    }
}

fn subnet_ids<'a>(region: &'a Region, sort: &'a str) -> impl Iterator<Item = &'a SubnetSpec> {
    region.subnets.iter().filter(move |s| s.name.starts_with(sort))
}

/// A Classic Load Balancer.
pub(super) fn classic_elb(region: &Region, spec: &ElbSpec, now: Timestamp) -> ClassicElb {
    let group = &region.groups[spec.group];
    let registered = group.hosts.iter().map(|h| &region.hosts[*h]).filter(|h| h.registered(now));
    ClassicElb {
        name: spec.name.clone(),
        dns_name: format!("{}-{}.{}.elb.amazonaws.com", spec.name, spec.hash % 2_000_000_000, region.name),
        scheme: "internet-facing",
        vpc: region.vpc.clone(),
        zones: region.zones.clone(),
        subnets: subnet_ids(region, "public").map(|s| s.id.clone()).collect(),
        security_groups: vec![web_security_group(region)],
        instances: registered.map(|h| h.id.clone()).collect(),
        created: setup(3),
        tags: own(group.tags).collect(),
    }
}

/// An Application or Network Load Balancer.
pub(super) fn balancer(region: &Region, spec: &BalancerSpec) -> BalancerV2 {
    let group = &region.groups[region.target_groups[spec.target_group].group];
    BalancerV2 {
        arn: spec.arn.clone(),
        name: spec.name.clone(),
        kind: spec.kind,
        dns_name: match spec.kind {
            BalancerKind::Application => {
                format!("{}-{}.{}.elb.amazonaws.com", spec.name, spec.hash % 2_000_000_000, region.name)
            }
            BalancerKind::Network => {
                format!("{}-{}.elb.{}.amazonaws.com", spec.name, hex(spec.hash, 16), region.name)
            }
        },
        scheme: "internet-facing",
        state: "active",
        vpc: region.vpc.clone(),
        zones: subnet_ids(region, "public").map(|s| (region.zones[s.zone].clone(), s.id.clone())).collect(),
        security_groups: match spec.kind {
            BalancerKind::Application => vec![security_group(region, &spec.name).0],
            BalancerKind::Network => Vec::new(),
        },
        created: group.created,
        tags: own(group.tags).collect(),
    }
}

/// A target group.
pub(super) fn target_group(region: &Region, spec: &TargetGroupSpec) -> TargetGroup {
    let balancer = &region.balancers[spec.balancer];
    let (protocol, health_check_path) = match balancer.kind {
        BalancerKind::Application => ("HTTP", "/healthz"),
        BalancerKind::Network => ("TCP", ""),
    };
    TargetGroup {
        arn: spec.arn.clone(),
        name: spec.name.clone(),
        protocol,
        port: spec.port,
        vpc: region.vpc.clone(),
        balancers: vec![balancer.arn.clone()],
        target_type: "instance",
        health_check_path,
        tags: own(region.groups[spec.group].tags).collect(),
    }
}

/// An Auto Scaling group.
pub(super) fn group(world: &World, region: &Region, spec: &GroupSpec, now: Timestamp) -> Group {
    let instances = spec.hosts.iter().map(|h| &region.hosts[*h]).filter_map(|host| {
        // The group believes a status check after some minutes.
        let ill = health::impaired(world, region, host, now).1.is_some_and(|since| plus(since, 180) <= now);
        Some(GroupInstance {
            id: host.id.clone(),
            instance_type: host.instance_type,
            zone: region.zones[host.zone].clone(),
            lifecycle: host.lifecycle(now)?,
            health: if ill || (now >= host.ending && host.killed < plus(host.ending, 60)) {
                "Unhealthy"
            } else {
                "Healthy"
            },
        })
    });
    let suspended = spec.suspended.iter().find(|(from, to)| *from <= now && now < *to).map(|(from, _)| {
        let reason = format!("User suspended at {}", from.strftime("%Y-%m-%dT%H:%M:%SZ"));
        vec![("AZRebalance", reason.clone()), ("ReplaceUnhealthy", reason)]
    });
    Group {
        name: spec.name.clone(),
        arn: format!(
            "arn:aws:autoscaling:{}:{}:autoScalingGroup:{}:autoScalingGroupName/{}",
            region.name,
            region.account.id(),
            uuid(spec.hash),
            spec.name
        ),
        min: spec.min,
        max: spec.max,
        desired: spec.desired_at(now),
        health_check: "EC2",
        zones: region.zones.clone(),
        subnets: spec.subnets.iter().map(|s| region.subnets[*s].id.clone()).collect(),
        classic_elbs: spec.elb.map(|e| region.elbs[e].name.clone()).into_iter().collect(),
        target_groups: spec.target_group.map(|t| region.target_groups[t].arn.clone()).into_iter().collect(),
        instances: instances.collect(),
        suspended: suspended.unwrap_or_default(),
        metrics_enabled: spec.metrics_enabled,
        launch_template: (format!("lt-0{}", hex(mix(spec.hash, 41), 16)), spec.name.replace("-asg", "-template")),
        created: spec.created,
        tags: own(spec.tags).collect(),
    }
}

/// Scaling activities of a group that had begun by `now`, in no order.
pub(super) fn activities(region: &Region, spec: &GroupSpec, now: Timestamp, out: &mut Vec<Activity>) {
    let since = plus(now, -ACTIVITIES_KEPT);
    let details = |subnet: usize, zone: usize| {
        let (subnet, zone) = (&region.subnets[subnet].id, &region.zones[zone]);
        format!("{{\"Subnet ID\":\"{subnet}\",\"Availability Zone\":\"{zone}\"}}")
    };
    for host in spec.hosts.iter().map(|h| &region.hosts[*h]) {
        let mut push = |salt, verb: &str, cause: &str, start: Timestamp, end: Timestamp, running: &'static str| {
            if start > now || start < since {
                return;
            }
            let done = end <= now;
            out.push(Activity {
                id: uuid(mix(host.hash, salt)),
                group: spec.name.clone(),
                status: if done { "Successful" } else { running },
                message: None,
                description: format!("{verb} EC2 instance: {}", host.id),
                cause: cause.to_owned(),
                details: details(host.subnet, host.zone),
                start,
                end: done.then_some(end),
                progress: if done { 100 } else { 50 },
            });
        };
        push(51, "Launching a new", &host.launch_cause, host.launched, host.in_service, "PreInService");
        let gone = plus(host.killed, super::fleet::SHUTDOWN);
        push(52, "Terminating", &host.end_cause, host.ending, gone, "InProgress");
    }
    for (n, failure) in (0u64..).zip(&spec.failures) {
        if failure.at > now || failure.at < since {
            continue;
        }
        out.push(Activity {
            id: uuid(mix(mix(spec.hash, 53), n)),
            group: spec.name.clone(),
            status: "Failed",
            message: Some(failure.message.clone()),
            description: "Launching a new EC2 instance.  Status Reason: ".to_owned() + &failure.message,
            cause: failure.cause.clone(),
            details: details(spec.subnets[failure.zone % spec.subnets.len()], failure.zone),
            start: failure.at,
            end: Some(plus(failure.at, 1)),
            progress: 100,
        });
    }
}
