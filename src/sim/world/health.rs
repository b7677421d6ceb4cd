//! Who is well: what balancers and status checks say of a host.

use jiff::Timestamp;

use super::fleet::{Host, Region, Role, plus};
use super::noise::{below, mix, unit};
use super::{InstanceHealth, InstanceStatus, ScheduledEvent, TargetHealth, World};
use crate::sim::scenario::EffectKind;

/// Seconds from launch during which status checks are `initializing`.
const INITIALIZING: i64 = 150;

/// The time around `now` during which `host` fails its balancer's checks, if it does.
pub(super) fn sick(world: &World, region: &Region, host: &Host, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    world.story.effects.iter().find_map(|effect| {
        let EffectKind::ZoneOutage(zone) = effect.kind else { return None };
        if region.zones[host.zone] != zone {
            return None;
        }
        let late = |salt, most| i64::try_from(below(mix(host.hash, salt), most)).unwrap_or(0);
        let (from, to) = (plus(effect.from, late(11, 35)), plus(effect.to, late(12, 60)));
        (from <= now && now < to).then_some((from, to))
    })
}

/// How many hosts of group `group` are healthy at its balancer, and how many are not (those being taken in count as
/// neither); in `zone` only, if one is given.
pub(super) fn counts(world: &World, region: &Region, group: usize, zone: Option<usize>, now: Timestamp) -> (u32, u32) {
    let (mut well, mut ill) = (0, 0);
    for host in region.groups[group].hosts.iter().map(|h| &region.hosts[*h]) {
        if !host.registered(now) || host.registering(now) || zone.is_some_and(|z| z != host.zone) {
            continue;
        }
        if sick(world, region, host, now).is_some() { ill += 1 } else { well += 1 }
    }
    (well, ill)
}

/// Since when the system and instance checks of `host` are impaired, if they are.
pub(super) fn impaired(
    world: &World,
    region: &Region,
    host: &Host,
    now: Timestamp,
) -> (Option<Timestamp>, Option<Timestamp>) {
    if !host.runs(now) {
        return (None, None);
    }
    let Some((from, _)) = sick(world, region, host, now) else { return (None, None) };
    let late = i64::try_from(below(mix(host.hash, 13), 60)).unwrap_or(0);
    let since = plus(from, 60 + late).max(plus(host.launched, INITIALIZING));
    if now < since {
        return (None, None);
    }
    let system = unit(mix(host.hash, 14)) < 0.5;
    (system.then_some(since), Some(since))
}

/// `DescribeInstanceStatus` of a running host.
pub(super) fn status(world: &World, region: &Region, host: &Host, now: Timestamp) -> InstanceStatus {
    let (system, instance) = impaired(world, region, host, now);
    let word = |since: Option<Timestamp>| match since {
        Some(_) => "impaired",
        None if now < plus(host.launched, INITIALIZING) => "initializing",
        None => "ok",
    };
    let mut events = Vec::new();
    if host.name == "batch-02" {
        let day = world.config.began.as_second().div_euclid(86_400) + 9;
        events.push(ScheduledEvent {
            id: format!("instance-event-0{}", super::noise::hex(mix(host.hash, 15), 16)),
            code: "system-reboot",
            description: "The instance is scheduled for a reboot".to_owned(),
            not_before: Timestamp::from_second(day * 86_400 + 18 * 3600).unwrap_or(now),
        });
    }
    InstanceStatus {
        id: host.id.clone(),
        zone: region.zones[host.zone].clone(),
        state: "running",
        system: word(system),
        instance: word(instance),
        impaired_since: instance,
        events,
    }
}

/// `DescribeInstanceHealth` of a registered host.
pub(super) fn classic(world: &World, region: &Region, host: &Host, now: Timestamp) -> InstanceHealth {
    let (state, reason, description) = if host.registering(now) {
        ("OutOfService", "ELB", "Instance registration is still in progress.")
    } else if sick(world, region, host, now).is_some() {
        (
            "OutOfService",
            "Instance",
            "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
        )
    } else {
        ("InService", "N/A", "N/A")
    };
    InstanceHealth { id: host.id.clone(), state, reason, description }
}

/// `DescribeTargetHealth` of a host, if the target group lists it.
pub(super) fn target(world: &World, region: &Region, host: &Host, port: u16, now: Timestamp) -> Option<TargetHealth> {
    let (state, reason, description) = if host.registering(now) {
        ("initial", Some("Elb.RegistrationInProgress"), Some("Target registration is in progress"))
    } else if !host.registered(now) {
        if now < host.ending || now >= host.killed {
            return None;
        }
        ("draining", Some("Target.DeregistrationInProgress"), Some("Target deregistration is in progress"))
    } else if sick(world, region, host, now).is_some() {
        if host.role == Role::Img || unit(mix(host.hash, 16)) < 0.2 {
            ("unhealthy", Some("Target.FailedHealthChecks"), Some("Health checks failed"))
        } else {
            ("unhealthy", Some("Target.Timeout"), Some("Request timed out"))
        }
    } else {
        ("healthy", None, None)
    };
    Some(TargetHealth { id: host.id.clone(), port, zone: region.zones[host.zone].clone(), state, reason, description })
}
