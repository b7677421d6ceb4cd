//! `CloudFront`, Route 53, NAT gateways.

use super::super::super::Sample;
use super::super::elb::events;
use super::Now;

/// A metric of a distribution. What `web-clb` turns away, the viewers of `www` see.
pub(super) fn distribution(now: Now<'_>, name: &str) -> Option<Sample> {
    let requests = now.work().round();
    let spilled = if now.thing.name == "www" { now.spilled() } else { 0.0 };
    let four = 0.6 + 0.1 * now.noise(11);
    let five = 0.02 + 0.01 * now.noise(12) + 85.0 * spilled;
    match name {
        "Requests" => events(now.at, requests),
        "BytesDownloaded" => now.flat((requests * 46_000.0).round()),
        "4xxErrorRate" => Some(Sample::flat(now.at, four, requests.max(1.0))),
        "5xxErrorRate" => Some(Sample::flat(now.at, five, requests.max(1.0))),
        _ => Some(Sample::flat(now.at, four + five, requests.max(1.0))),
    }
}

/// A metric of a health check: healthy as long as a fifth of the checkers think so.
pub(super) fn health_check(now: Now<'_>, name: &str) -> Option<Sample> {
    let spilled = if now.thing.name.starts_with("www") { now.spilled() } else { 0.0 };
    match name {
        "HealthCheckStatus" => Some(Sample::flat(now.at, 1.0, 1.0)),
        _ => now.flat((100.0 * (1.0 - 1.4 * spilled)).round()),
    }
}

/// A metric of a NAT gateway with ports to spare.
pub(super) fn nat(now: Now<'_>, name: &str) -> Option<Sample> {
    let attempts = now.work().round();
    match name {
        "ConnectionAttemptCount" => now.flat(attempts),
        "ActiveConnectionCount" => now.flat((attempts * 0.6).round()),
        "BytesOutToDestination" => now.flat((attempts * 5_200.0).round()),
        _ => now.flat(0.0),
    }
}
