//! `AWS/ELB`, `AWS/ApplicationELB`, `AWS/NetworkELB`.

use jiff::Timestamp;

use super::super::fleet::{Region, plus};
use super::super::load::{self, PlainMinute};
use super::super::noise::{mix, sway};
use super::super::{Sample, World, health};

/// Share of the traffic that enters by each zone.
const ZONE_SHARE: [f64; 3] = [0.36, 0.33, 0.31];
/// Queue of each zone's node as a share of the longest.
const ZONE_QUEUE: [f64; 3] = [0.93, 1.0, 0.88];

/// `n` events, each recorded as a 1; nothing when there are none, as the balancers publish only what is not zero.
pub(super) fn events(at: Timestamp, n: f64) -> Option<Sample> {
    let n = n.round();
    (n >= 1.0).then(|| Sample::flat(at, 1.0, n))
}

/// A number read several times in the minute.
pub(super) fn gauge(at: Timestamp, start: f64, end: f64, readings: f64) -> Sample {
    Sample::spread(at, f64::midpoint(start, end), start.min(end), start.max(end), readings)
}

/// Times of `count` requests around an average.
pub(super) fn times(at: Timestamp, average: f64, tail: f64, count: f64) -> Option<Sample> {
    (count >= 1.0).then_some(Sample {
        at,
        sum: average * count,
        min: average * 0.08,
        max: average * 11.0 * tail,
        count,
        p50: average * 0.72,
        p90: average * 1.9 * tail.sqrt(),
        p99: average * 4.4 * tail,
    })
}

fn hosts(world: &World, region: &Region, group: usize, zone: Option<usize>, ill: bool, at: Timestamp) -> Sample {
    let count = |t| {
        let (well, broken) = health::counts(world, region, group, zone, t);
        f64::from(if ill { broken } else { well })
    };
    gauge(at, count(at), count(plus(at, 59)), 12.0)
}

/// A metric of a Classic balancer.
pub(super) fn classic(
    world: &World,
    region: &Region,
    elb: usize,
    zone: Option<usize>,
    name: &str,
    at: Timestamp,
) -> Option<Sample> {
    let group = region.elbs[elb].group;
    if name == "HealthyHostCount" || name == "UnHealthyHostCount" {
        return Some(hosts(world, region, group, zone, name == "UnHealthyHostCount", at));
    }
    let minute = load::web(world, region, at);
    let share = zone.map_or(1.0, |z| ZONE_SHARE[z % 3]);
    match name {
        "RequestCount" => events(at, minute.served * share),
        "HTTPCode_Backend_2XX" => events(at, (minute.served * 0.984 - minute.backend_errors) * share),
        "HTTPCode_Backend_4XX" => events(at, minute.served * 0.004 * share),
        "HTTPCode_Backend_5XX" => events(at, minute.backend_errors * share),
        "HTTPCode_ELB_5XX" => events(at, (minute.spilled * 1.01 + minute.connection_errors * 0.5) * share),
        "SpilloverCount" => events(at, minute.spilled * share),
        "BackendConnectionErrors" => events(at, minute.connection_errors * share),
        "Latency" => times(at, minute.latency, 1.0, minute.served * share),
        "SurgeQueueLength" => {
            let worst = (minute.queue * zone.map_or(1.0, |z| ZONE_QUEUE[z % 3])).round();
            let least = (minute.queue * if zone.is_some() { 0.9 } else { 0.84 }).floor().min(worst);
            let readings = (minute.served * share).max(1.0);
            // A full queue is full at every reading, and so from the first that is published.
            let usual = if minute.queue >= load::QUEUE_LIMIT { worst } else { worst - (worst - least) * 0.3 };
            (worst >= 1.0).then(|| Sample::spread(at, usual, least, worst, readings))
        }
        _ => None,
    }
}

fn minute(world: &World, region: &Region, balancer: usize, at: Timestamp) -> PlainMinute {
    let spec = &region.balancers[balancer];
    let reached = region.name == "ap-northeast-1";
    load::plain(world, spec.hash, load::busiest(spec.role, spec.hash), reached, at)
}

/// A metric of an Application Load Balancer or its target group.
pub(super) fn application(
    world: &World,
    region: &Region,
    balancer: usize,
    of_targets: bool,
    name: &str,
    at: Timestamp,
) -> Option<Sample> {
    let spec = &region.balancers[balancer];
    let group = region.target_groups[spec.target_group].group;
    if of_targets && matches!(name, "HealthyHostCount" | "UnHealthyHostCount") {
        return Some(hosts(world, region, group, None, name == "UnHealthyHostCount", at));
    }
    let m = minute(world, region, balancer, at);
    match name {
        "RequestCount" => events(at, m.served),
        "RequestCountPerTarget" => {
            let well = health::counts(world, region, group, None, at).0;
            events(at, m.served / f64::from(well.max(1)))
        }
        "HTTPCode_Target_2XX_Count" => events(at, m.served * 0.978 - m.target_errors - m.balancer_errors),
        "HTTPCode_Target_4XX_Count" => events(at, m.served * 0.006),
        "HTTPCode_Target_5XX_Count" => events(at, m.target_errors),
        "HTTPCode_ELB_5XX_Count" => events(at, m.balancer_errors),
        "TargetConnectionErrorCount" => events(at, m.connection_errors),
        "TargetResponseTime" => times(at, m.latency, m.tail, m.served - m.balancer_errors),
        "NewConnectionCount" => events(at, m.served * 0.21),
        "ActiveConnectionCount" => {
            let open = (m.served * 0.34 * (1.0 + m.latency)).round();
            Some(Sample::spread(at, open / 12.0, open / 14.0, open / 10.0, 12.0))
        }
        "ProcessedBytes" => {
            let bytes = (m.served * 18_400.0).round();
            Some(Sample::spread(at, bytes / 12.0, bytes / 15.0, bytes / 10.0, 12.0))
        }
        "ConsumedLCUs" => Some(Sample::flat(at, (m.served / 1_500.0 * 100.0).round() / 100.0, 1.0)),
        _ => None,
    }
}

/// A metric of a Network Load Balancer or its target group.
pub(super) fn network(
    world: &World,
    region: &Region,
    balancer: usize,
    of_targets: bool,
    name: &str,
    at: Timestamp,
) -> Option<Sample> {
    let spec = &region.balancers[balancer];
    if of_targets {
        let group = region.target_groups[spec.target_group].group;
        return Some(hosts(world, region, group, None, name == "UnHealthyHostCount", at));
    }
    let m = minute(world, region, balancer, at);
    match name {
        "NewFlowCount" => events(at, m.served),
        "ActiveFlowCount" => {
            let open = (m.served * 3.1).round();
            let sway = 0.03 + 0.01 * sway(mix(spec.hash, at.as_second().cast_unsigned()));
            Some(Sample::spread(at, open, (open * (1.0 - sway)).floor(), (open * (1.0 + sway)).ceil(), 3.0))
        }
        "ProcessedBytes" => {
            let bytes = (m.served * 412_000.0).round();
            Some(Sample::spread(at, bytes / 3.0, bytes / 3.2, bytes / 2.8, 3.0))
        }
        "TCP_Client_Reset_Count" => events(at, m.served * 0.011),
        "TCP_Target_Reset_Count" => events(at, m.served * 0.004 + m.connection_errors),
        "TCP_ELB_Reset_Count" => events(at, m.connection_errors * 0.8),
        "ConsumedLCUs" => Some(Sample::flat(at, (m.served / 480.0).round() / 100.0, 1.0)),
        _ => None,
    }
}
