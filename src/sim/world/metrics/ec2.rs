//! `AWS/EC2` and `AWS/AutoScaling`.

use jiff::Timestamp;

use super::super::fleet::{Host, Region, Role, plus};
use super::super::noise::{mix, sway};
use super::super::{Sample, World, health, load, merge};
use super::elb::gauge;

/// Seconds of one period of CPU and network metrics of `host`.
pub(super) fn period(host: &Host) -> i64 {
    if host.detailed { 60 } else { 300 }
}

/// Average CPU percent of `host` in the minute that begins at `at`.
fn cpu(world: &World, region: &Region, host: &Host, at: Timestamp) -> f64 {
    let noise = |salt: u64| sway(mix(host.hash, at.as_second().cast_unsigned() ^ salt));
    if health::sick(world, region, host, at).is_some() {
        return 1.2 + 0.4 * noise(1);
    }
    if host.group.is_some() && !host.registered(at) {
        // Booting, or draining.
        return 18.0 + 6.0 * noise(2);
    }
    let level = match (host.role, host.group) {
        (Role::Web, _) => load::web(world, region, at).cpu,
        (Role::Api, Some(group)) => (46.0 * load::rhythm(at) * load::crowding(world, region, group, at)).min(95.0),
        (Role::Img, Some(group)) => (38.0 * load::rhythm(at) * load::crowding(world, region, group, at)).min(95.0),
        // The work is on the GPUs.
        (Role::Gpu, _) => 34.0,
        (Role::Other(level), _) => level * (0.75 + 0.35 * load::rhythm(at)) * load::flutter(host.hash, at),
        (Role::Api | Role::Img, None) => 10.0,
    };
    (level * (1.0 + 0.05 * noise(3))).clamp(0.3, 99.6)
}

/// A metric of an instance.
pub(super) fn host(world: &World, region: &Region, host: usize, name: &str, at: Timestamp) -> Option<Sample> {
    let host = &region.hosts[host];
    if !host.runs(at) {
        return None;
    }
    match name {
        "CPUUtilization" => {
            let level = cpu(world, region, host, at);
            Some(if host.detailed {
                Sample::flat(at, level, 1.0)
            } else {
                Sample::spread(at, level, level * 0.9, (level * 1.12).min(99.9), 5.0)
            })
        }
        "NetworkIn" | "NetworkOut" => {
            let bytes = cpu(world, region, host, at) * if name == "NetworkIn" { 410_000.0 } else { 980_000.0 };
            Some(if host.detailed {
                Sample::flat(at, bytes.round(), 1.0)
            } else {
                Sample::spread(at, bytes.round(), (bytes * 0.8).round(), (bytes * 1.3).round(), 5.0)
            })
        }
        "CPUCreditBalance" => {
            let full: f64 = if host.instance_type.ends_with("micro") { 288.0 } else { 864.0 };
            Some(Sample::flat(at, full - (40.0 * load::rhythm(at)).round(), 1.0))
        }
        _ => {
            let (system, instance) = health::impaired(world, region, host, at);
            let failed = match name {
                "StatusCheckFailed_System" => system.is_some(),
                "StatusCheckFailed_Instance" => instance.is_some(),
                _ => system.is_some() || instance.is_some(),
            };
            Some(Sample::flat(at, f64::from(u8::from(failed)), 1.0))
        }
    }
}

/// `CPUUtilization` over the instances of a group.
pub(super) fn hosts(world: &World, region: &Region, group: usize, at: Timestamp) -> Option<Sample> {
    let members = &region.groups[group].hosts;
    let samples: Vec<Sample> = members.iter().filter_map(|h| host(world, region, *h, "CPUUtilization", at)).collect();
    merge(&samples)
}

/// A metric of an Auto Scaling group.
pub(super) fn group(region: &Region, group: usize, name: &str, at: Timestamp) -> Sample {
    let spec = &region.groups[group];
    let value = |t: Timestamp| -> f64 {
        let in_state = |wanted: &str| {
            let hosts = spec.hosts.iter().filter(|h| region.hosts[**h].lifecycle(t) == Some(wanted));
            hosts.count() as f64
        };
        match name {
            "GroupDesiredCapacity" => spec.desired_at(t).into(),
            "GroupMaxSize" => spec.max.into(),
            "GroupMinSize" => spec.min.into(),
            "GroupInServiceInstances" => in_state("InService"),
            "GroupPendingInstances" => in_state("Pending"),
            _ => in_state("InService") + in_state("Pending") + in_state("Terminating"),
        }
    };
    gauge(at, value(at), value(plus(at, 59)), 1.0)
}
