//! Resources as they must look for the model to read a test's numbers from them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{
    ApiSignal, AutoScalingGroup, Balancer, Detail, GroupInstance, HealthState, Instance, InstanceStatus, Kind, Member,
    Members, Resource, ResourceId, Scope, Subnet, TargetGroup, Text,
};

/// The numbers of a resource at one moment.
pub(super) type Numbers = Vec<(ApiSignal, f64)>;

/// Largest number of hosts that a test may state.
const MOST_HOSTS: f64 = 10_000.0;
/// A block so large that a share of it comes out as it was stated.
const HUGE: u32 = 0;

/// A resource of `kind` of which nothing is known but that it is there. `network`: a target group of a Network Load
/// Balancer; `detailed`: an instance with metrics every minute.
pub(super) fn detail(kind: Kind, id: &str, region: &str, network: bool, detailed: bool) -> Detail {
    let arn = |what: &str, id: &str| {
        Text::from(format!("arn:aws:elasticloadbalancing:{region}:123456789012:{what}{id}/0123456789abcdef"))
    };
    let (balancer, of) = if network { ("loadbalancer/net/", Kind::Nlb) } else { ("loadbalancer/app/", Kind::Alb) };
    match kind {
        Kind::ClassicElb => Detail::Balancer(Balancer::default()),
        Kind::Alb => Detail::Balancer(Balancer { arn: arn("loadbalancer/app/", id), ..Balancer::default() }),
        Kind::Nlb => Detail::Balancer(Balancer { arn: arn("loadbalancer/net/", id), ..Balancer::default() }),
        Kind::TargetGroup => Detail::TargetGroup(TargetGroup {
            arn: arn("targetgroup/", id),
            balancers: vec![arn(balancer, "test")],
            balancer_kind: Some(of),
            ..TargetGroup::default()
        }),
        Kind::AutoScalingGroup => Detail::AutoScalingGroup(group(&Vec::new())),
        Kind::Instance => Detail::Instance(Instance {
            state: "running".into(),
            detailed_monitoring: detailed,
            instance_type: "t3.large".into(),
            ..Instance::default()
        }),
        Kind::Subnet => Detail::Subnet(subnet(&Vec::new()).unwrap_or_default()),
        _ => Detail::None,
    }
}

/// `resource` with `numbers`, as a listing, a health check or a status check brings them.
///
/// # Errors
///
/// Why no resource can have these numbers.
pub(super) fn with(resource: &Resource, numbers: &Numbers, at: Timestamp) -> Result<Resource, String> {
    let mut resource = resource.clone();
    match &mut resource.detail {
        Detail::Balancer(b) => b.members = Some(members(numbers, at)?),
        Detail::TargetGroup(t) => t.members = Some(members(numbers, at)?),
        Detail::AutoScalingGroup(g) => {
            for (signal, number) in numbers {
                whole(*signal, *number, MOST_HOSTS)?;
            }
            *g = group(numbers);
        }
        Detail::Instance(i) => i.status = Some(status(numbers, at)?),
        Detail::Subnet(s) => *s = subnet(numbers)?,
        _ => {}
    }
    Ok(resource)
}

fn get(numbers: &Numbers, signal: ApiSignal) -> Option<f64> {
    numbers.iter().find(|(s, _)| *s == signal).map(|(_, n)| *n)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number within 0 and most")]
fn whole(signal: ApiSignal, number: f64, most: f64) -> Result<u32, String> {
    if number.fract() == 0.0 && (0.0..=most).contains(&number) {
        return Ok(number as u32);
    }
    Err(format!("{} is {number}: must be a whole number from 0 to {most}", signal.as_str()))
}

/// Hosts that come to the numbers. What is not stated is well: one healthy host, and no others.
///
/// Hosts stand in zones only where numbers of zones are stated: those of the worst in the first, as many as are wholly
/// unhealthy in one each, and the others in the last.
fn members(numbers: &Numbers, at: Timestamp) -> Result<Members, String> {
    let of = |signal| get(numbers, signal).map(|n| whole(signal, n, MOST_HOSTS)).transpose();
    let (bad, good, total) =
        (of(ApiSignal::UnhealthyTargets)?, of(ApiSignal::HealthyTargets)?, of(ApiSignal::TotalTargets)?);
    let zones = zones(numbers)?;
    // What is stated of zones alone is all there is, and one host that is well elsewhere.
    let in_zones = |of: fn(&(u32, u32, u32)) -> u32| zones.iter().map(of).sum::<u32>();
    let stated = !zones.is_empty();
    let bad = bad.or(stated.then(|| in_zones(|z| z.0)));
    let good = good.or((stated && total.is_none()).then(|| in_zones(|z| z.1) + 1));
    let total = total.or(stated.then(|| bad.unwrap_or_default() + good.unwrap_or_default() + in_zones(|z| z.2)));
    let (bad, good) = match (bad, good, total) {
        (bad, None, Some(total)) => (bad.unwrap_or(0), total.saturating_sub(bad.unwrap_or(0))),
        (bad, good, _) => (bad.unwrap_or(0), good.unwrap_or(1)),
    };
    let total = total.unwrap_or(bad + good);
    let Some(initial) = total.checked_sub(bad + good) else {
        return Err(format!("{bad} unhealthy and {good} healthy targets are more than the total of {total}"));
    };
    let mut left = (bad, good, initial);
    let mut list = Vec::new();
    for (i, zone) in zones.iter().enumerate() {
        let after = (left.0.checked_sub(zone.0), left.1.checked_sub(zone.1), left.2.checked_sub(zone.2));
        let (Some(bad), Some(good), Some(initial)) = after else {
            return Err("the zones have more targets than there are".into());
        };
        left = (bad, good, initial);
        let letter = char::from(b'a' + u8::try_from(i).unwrap_or(25).min(25));
        push(&mut list, *zone, Some(&format!("test-1{letter}")));
    }
    push(&mut list, left, (stated || numbers.iter().any(|(s, _)| s.is_of_zones())).then_some("test-1z"));
    let members = Members { at, list };
    let read = Detail::TargetGroup(TargetGroup { members: Some(members.clone()), ..TargetGroup::default() });
    let id = ResourceId::new(&Scope::new("", ""), Kind::TargetGroup, "");
    let read = Resource { id, name: Text::default(), tags: BTreeMap::new(), detail: read };
    for (signal, number) in numbers.iter().filter(|(s, _)| s.is_of_zones()) {
        if signal.read(&read) != Some(*number) {
            return Err(format!("no targets have all these numbers: {} is not {number}", signal.as_str()));
        }
    }
    Ok(members)
}

/// Unhealthy, healthy and other hosts of one zone.
fn push(list: &mut Vec<Member>, (bad, good, initial): (u32, u32, u32), zone: Option<&str>) {
    let states = [(bad, HealthState::Unhealthy), (good, HealthState::Healthy), (initial, HealthState::Initial)];
    for state in states.into_iter().flat_map(|(n, state)| std::iter::repeat_n(state, n as usize)) {
        list.push(Member {
            id: format!("i-{:017x}", list.len()).into(),
            port: None,
            zone: zone.map(Text::from),
            state,
            reason: Text::default(),
            description: Text::default(),
        });
    }
}

/// The zones that are stated: unhealthy, healthy and other hosts of each.
fn zones(numbers: &Numbers) -> Result<Vec<(u32, u32, u32)>, String> {
    use ApiSignal as S;
    let of = |signal| get(numbers, signal).map(|n| whole(signal, n, MOST_HOSTS)).transpose();
    let mut zones = Vec::new();
    let worst =
        [of(S::UnhealthyTargetsInWorstZone)?, of(S::HealthyTargetsInWorstZone)?, of(S::TotalTargetsInWorstZone)?];
    if worst.iter().any(Option::is_some) {
        let [bad, good, total] = worst;
        let bad = bad.or(total.zip(good).map(|(t, g)| t.saturating_sub(g))).unwrap_or(0);
        let good = good.or(total.map(|t| t.saturating_sub(bad))).unwrap_or(0);
        let Some(initial) = total.unwrap_or(bad + good).checked_sub(bad + good) else {
            return Err("the worst zone has more unhealthy and healthy targets than targets".into());
        };
        zones.push((bad, good, initial));
    }
    if let Some(down) = of(S::UnhealthyZones)? {
        let known = u32::from(zones.first().is_some_and(|z| z.0 > 0 && z.1 + z.2 == 0));
        zones.extend(std::iter::repeat_n((1, 0, 0), down.saturating_sub(known).min(25) as usize));
    }
    Ok(zones)
}

/// A group with the numbers. What is not stated is well: as many in service as wanted, and far from the maximum.
fn group(numbers: &Numbers) -> AutoScalingGroup {
    let of = |signal| get(numbers, signal).and_then(|n| whole(signal, n, MOST_HOSTS).ok());
    let desired = of(ApiSignal::DesiredCapacity).or(of(ApiSignal::InService)).unwrap_or(1);
    let in_service = of(ApiSignal::InService).unwrap_or(desired);
    let max = of(ApiSignal::MaxSize).unwrap_or(desired.saturating_mul(100).max(100));
    let lifecycles = [(in_service, "InService"), (of(ApiSignal::Pending).unwrap_or(0), "Pending")];
    let instances = lifecycles.into_iter().flat_map(|(n, word)| std::iter::repeat_n(word, n as usize));
    AutoScalingGroup {
        min: of(ApiSignal::MinSize).unwrap_or(0),
        max,
        desired,
        instances: instances
            .enumerate()
            .map(|(i, lifecycle)| GroupInstance {
                id: format!("i-{i:017x}").into(),
                zone: Text::default(),
                lifecycle: lifecycle.into(),
                health: "Healthy".into(),
            })
            .collect(),
        suspended: (0..of(ApiSignal::SuspendedProcesses).unwrap_or(0)).map(|i| format!("Process{i}").into()).collect(),
        ..AutoScalingGroup::default()
    }
}

fn status(numbers: &Numbers, at: Timestamp) -> Result<InstanceStatus, String> {
    let failed = get(numbers, ApiSignal::StatusChecksFailed).unwrap_or(0.0);
    let failed = whole(ApiSignal::StatusChecksFailed, failed, 2.0)?;
    let word = |bad: bool| if bad { "impaired" } else { "ok" }.into();
    Ok(InstanceStatus { at, system: word(failed > 0), instance: word(failed > 1), events: Vec::new() })
}

/// A block of addresses that comes to the numbers. What is not stated is well.
fn subnet(numbers: &Numbers) -> Result<Subnet, String> {
    let free = get(numbers, ApiSignal::FreeAddresses)
        .map(|n| whole(ApiSignal::FreeAddresses, n, f64::from(u32::MAX)))
        .transpose()?;
    let share = get(numbers, ApiSignal::FreeAddressesPercent);
    let block = |prefix: u32, available: u32| Subnet {
        cidr: format!("10.0.0.0/{prefix}").into(),
        available,
        ..Subnet::default()
    };
    // From the smallest to the largest.
    let capacities = (0..=29u32).rev().filter_map(|p| block(p, 0).capacity().map(|c| (p, c)));
    let found = match (free, share) {
        (None, None) => Some((28, 11)),
        (Some(free), None) => capacities.into_iter().find(|(_, c)| free <= *c).map(|(p, _)| (p, free)),
        (None, Some(share)) => block(HUGE, 0).capacity().filter(|_| (0.0..=100.0).contains(&share)).map(|c| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32")]
            let available = (share / 100.0 * f64::from(c)).round() as u32;
            (HUGE, available)
        }),
        (Some(free), Some(share)) => capacities
            .into_iter()
            .find(|(_, c)| free <= *c && (100.0 * f64::from(free) / f64::from(*c) - share).abs() < 0.05)
            .map(|(p, _)| (p, free)),
    };
    found.map(|(prefix, available)| block(prefix, available)).ok_or_else(|| {
        "free_addresses and free_addresses_percent do not go together in any IPv4 block (AWS keeps five addresses)"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_reads_what_was_stated() {
        use ApiSignal as S;
        type Row = (Kind, &'static [(ApiSignal, f64)], ApiSignal, Option<f64>);
        let rows: &[Row] = &[
            (Kind::ClassicElb, &[(S::UnhealthyTargets, 2.0)], S::HealthyTargets, Some(1.0)),
            (Kind::TargetGroup, &[(S::UnhealthyTargets, 2.0), (S::TotalTargets, 6.0)], S::HealthyTargets, Some(4.0)),
            (Kind::TargetGroup, &[(S::HealthyTargets, 0.0), (S::TotalTargets, 6.0)], S::UnhealthyTargets, Some(0.0)),
            (Kind::TargetGroup, &[(S::HealthyTargets, 7.0), (S::TotalTargets, 6.0)], S::TotalTargets, None),
            (Kind::AutoScalingGroup, &[(S::DesiredCapacity, 4.0)], S::InService, Some(4.0)),
            (Kind::AutoScalingGroup, &[(S::DesiredCapacity, 4.5)], S::InService, None),
            (Kind::Subnet, &[(S::FreeAddressesPercent, 20.0)], S::FreeAddressesPercent, Some(20.0)),
            (Kind::Subnet, &[(S::FreeAddresses, 8.0)], S::FreeAddresses, Some(8.0)),
            (Kind::Subnet, &[(S::FreeAddresses, 8.0), (S::FreeAddressesPercent, 99.0)], S::FreeAddresses, None),
            (Kind::Instance, &[(S::StatusChecksFailed, 2.0)], S::StatusChecksFailed, Some(2.0)),
            (Kind::Instance, &[(S::StatusChecksFailed, 3.0)], S::StatusChecksFailed, None),
        ];
        for (kind, numbers, signal, expected) in rows {
            let id = ResourceId::new(&Scope::new("test", "eu-west-1"), *kind, "x");
            let detail = detail(*kind, "x", "eu-west-1", false, false);
            let resource = Resource { id, name: "x".into(), tags: BTreeMap::new(), detail };
            let got = with(&resource, &numbers.to_vec(), Timestamp::UNIX_EPOCH);
            let got = got.ok().and_then(|r| signal.read(&r));
            #[expect(clippy::cast_possible_truncation, reason = "series keep f32")]
            let narrow = |v: Option<f64>| v.map(|v| v as f32);
            assert_eq!(narrow(got), narrow(*expected), "{kind} {numbers:?}");
        }
    }
}
