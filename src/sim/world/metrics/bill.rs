//! `AWS/Billing`: the bill as it grows, and the little of it that is published.

use std::f64::consts::TAU;

use jiff::{Timestamp, tz::TimeZone};

use super::super::fleet::plus;
use super::super::noise::{below, mix, mix_text, sway};
use super::super::{Sample, World};

/// The one region that has the bill.
pub(super) const REGION: &str = "us-east-1";
/// Seconds between two points.
pub(super) const PERIOD: i64 = 4 * 3600;
/// Seconds that a charge takes to be counted.
const LAG: i64 = 4 * 3600;

/// A service on the bill.
pub(super) struct Service {
    /// Value of the `ServiceName` dimension.
    pub(super) name: &'static str,
    /// Dollars an hour, apart from instances.
    usd_per_hour: f64,
    /// How much more it costs by day than by night.
    swing: f64,
}

const fn service(name: &'static str, usd_per_hour: f64, swing: f64) -> Service {
    Service { name, usd_per_hour, swing }
}

/// The services, sorted. Instances are added to `AmazonEC2`.
pub(super) const SERVICES: [Service; 9] = [
    service("AWSDataTransfer", 1.05, 0.3),
    service("AWSELB", 0.14, 0.05),
    service("AWSLambda", 0.07, 0.3),
    service("AmazonCloudWatch", 0.12, 0.0),
    service("AmazonDynamoDB", 0.36, 0.2),
    service("AmazonEC2", 0.21, 0.0),
    service("AmazonRDS", 1.35, 0.0),
    service("AmazonS3", 0.38, 0.05),
    service("AmazonSQS", 0.02, 0.3),
];

/// The beginning of the month of `at`, in UTC as AWS bills.
fn month_start(at: Timestamp) -> Timestamp {
    let zoned = at.to_zoned(TimeZone::UTC);
    zoned.first_of_month().and_then(|z| z.start_of_day()).map_or(at, |z| z.timestamp())
}

/// Dollars of the month up to `at`: of service `service`, or of all.
fn charges(world: &World, service: Option<usize>, at: Timestamp) -> f64 {
    let start = month_start(at);
    match service {
        Some(service) => service_charges(world, service, start, at),
        None => (0..SERVICES.len()).map(|s| service_charges(world, s, start, at)).sum(),
    }
}

fn service_charges(world: &World, index: usize, start: Timestamp, at: Timestamp) -> f64 {
    let service = &SERVICES[index];
    let hash = mix_text(world.config.seed, service.name);
    let usd_per_hour = service.usd_per_hour * world.account().spending();
    let hours = (at.as_second() - start.as_second()) as f64 / 3600.0;
    let mut sum = 0.0;
    let mut done = 0.0;
    let mut day = start.as_second().div_euclid(86_400);
    while done < hours {
        let part = (hours - done).min(24.0);
        // Tokyo's afternoon is UTC's morning: the busy half of a UTC day comes first.
        let wave = service.swing * 24.0 / TAU * (part / 24.0 * TAU).sin();
        sum += usd_per_hour * (part + wave) * (1.0 + 0.05 * sway(mix(hash, day.cast_unsigned())));
        done += 24.0;
        day += 1;
    }
    if service.name == "AmazonEC2" {
        sum += world.billed.iter().map(|b| b.usd_per_hour * b.hours(start, at)).sum::<f64>();
    }
    sum
}

/// What the bill says at `at`: charges that took hours to be counted, of this month only.
fn published_charges(world: &World, service: Option<usize>, at: Timestamp) -> f64 {
    let start = month_start(at);
    let into = at.as_second() - start.as_second();
    let known = plus(start, (into - LAG).max(into / 2));
    (charges(world, service, known) * 100.0).round() / 100.0
}

/// The point of `service` stamped `at`.
pub(super) fn record(world: &World, service: Option<usize>, at: Timestamp) -> Sample {
    Sample::flat(at, published_charges(world, service, at), 1.0)
}

/// Seconds after its stamp at which a point can be read: 10 to 70 minutes.
pub(super) fn delay(world: &World, at: Timestamp) -> i64 {
    600 + i64::try_from(below(mix(world.config.seed ^ 0xB111, at.as_second().cast_unsigned()), 3_600)).unwrap_or(0)
}
