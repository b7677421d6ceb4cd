//! Lambda, ECS, Step Functions, API Gateway.

use super::super::super::{Account, Sample, load};
use super::super::elb::{events, times};
use super::Now;

/// Usual duration in milliseconds and share of failures of a function.
fn nature(name: &str) -> (f64, f64) {
    match name {
        "thumbnailer" => (340.0, 0.001),
        "click-enricher" => (95.0, 0.0003),
        "nightly-report" => (21_000.0, 0.0),
        _ => (45.0, 0.0004),
    }
}

/// A metric of a function. A minute without an invocation has no data.
///
/// `order-events` waits for the shop, too: once the balancer's queue is full it uses up its reserved concurrency, and
/// some of its invocations are throttled.
pub(super) fn function(now: Now<'_>, name: &str) -> Option<Sample> {
    let invocations = now.whole(now.work(), 0x31);
    if invocations < 1.0 {
        return None;
    }
    let (duration, failing) = nature(now.thing.name);
    // So few are invoked in staging that one failure would be a large share.
    let failing = if now.world.account() == Account::Main { failing } else { 0.0 };
    let waiting = if now.thing.name == "order-events" { now.waiting() } else { 0.0 };
    let duration = duration * (1.0 + 0.1 * now.noise(3)) * (1.0 + 50.0 * waiting);
    match name {
        "Invocations" => events(now.at, invocations),
        "Errors" => now.share(now.whole(invocations * failing, 0x32), invocations),
        "Throttles" => now.share(if waiting >= 1.0 { (invocations * 0.09).round() } else { 0.0 }, invocations),
        "Duration" => times(now.at, duration, 0.4, invocations),
        "IteratorAge" => {
            let usual = (420.0 + 150.0 * now.noise(5)).round();
            Some(Sample::spread(now.at, usual, 40.0, usual * 2.0, invocations))
        }
        _ => {
            let concurrent = (invocations * duration / 60_000.0).ceil().max(1.0);
            Some(Sample::spread(now.at, concurrent, 1.0, concurrent + 2.0, invocations))
        }
    }
}

/// A metric of an ECS service: one reading a task. `checkout` takes its part of what pins the web hosts.
pub(super) fn service(now: Now<'_>, name: &str) -> Sample {
    let rate = now.thing.rate;
    let pressed = if now.thing.name.ends_with("checkout") { load::pinned_share(now.world, now.at) } else { 0.0 };
    let level = match name {
        "CPUUtilization" => rate * now.busy() + 44.0 * pressed,
        _ => 38.0 + rate * 0.4 + 1.5 * now.noise(6) + 9.0 * pressed,
    };
    Sample::spread(now.at, level.min(98.0), level * 0.9, (level * 1.07).min(99.9), 4.0)
}

/// A metric of a state machine: only what happened has data.
pub(super) fn machine(now: Now<'_>, name: &str) -> Option<Sample> {
    let started = now.whole(now.work(), 0x41);
    match name {
        "ExecutionsStarted" | "ExecutionsSucceeded" => events(now.at, started),
        "ExecutionTime" => times(now.at, 5_800.0 * (1.0 + 0.1 * now.noise(7)), 0.3, started),
        _ => None,
    }
}

/// A metric of an API or of one of its stages.
pub(super) fn api(now: Now<'_>, name: &str) -> Option<Sample> {
    let requests = now.whole(now.work(), 0x61);
    if requests < 1.0 {
        return None;
    }
    let slow = 1.0 + 0.1 * now.noise(8) + 2.5 * now.waiting();
    match name {
        "Count" => Some(Sample::flat(now.at, 1.0, requests)),
        "4XXError" => now.share((requests * 0.012).round(), requests),
        "5XXError" => now.share(now.whole(requests * 0.000_3, 0x62), requests),
        "IntegrationLatency" => times(now.at, 104.0 * slow, 0.6, requests),
        _ => times(now.at, 118.0 * slow, 0.6, requests),
    }
}
