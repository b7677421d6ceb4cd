//! How late, how partial and on what grid CloudWatch shows what was recorded.

use jiff::Timestamp;

use super::super::fleet::{Region, plus};
use super::super::managed::Service;
use super::super::noise::{below, mix_text};
use super::super::{MetricId, Sample, World, merge};
use super::{Source, bill, ec2, managed, record, resolve};

/// When points of a source come.
#[derive(Clone, Copy, Debug)]
struct Cadence {
    /// Seconds of one recorded period.
    period: i64,
    /// Seconds from the period's end to its first appearance.
    appears: i64,
    /// Seconds from the period's end until it no longer changes; equal to `appears` where it comes whole.
    settles: i64,
}

/// The cadence of `source`; `hash` tells metrics apart.
fn cadence(region: &Region, source: Source, hash: u64) -> Cadence {
    let between = |from: i64, span: u64| from + i64::try_from(below(hash, span)).unwrap_or(0);
    let whole = |period, appears| Cadence { period, appears, settles: appears };
    match source {
        Source::Elb { name: "HealthyHostCount" | "UnHealthyHostCount", .. }
        | Source::Alb { name: "HealthyHostCount" | "UnHealthyHostCount", .. }
        | Source::Nlb { name: "HealthyHostCount" | "UnHealthyHostCount", .. } => whole(60, between(30, 15)),
        Source::Elb { .. } | Source::Alb { .. } | Source::Nlb { .. } => {
            Cadence { period: 60, appears: between(5, 15), settles: between(75, 40) }
        }
        Source::Managed { thing, .. } => match region.managed[thing].service {
            Service::Lambda => Cadence { period: 60, appears: between(20, 15), settles: between(90, 40) },
            // A day's figure is of its midnight and comes in the morning, long before the day is over.
            service @ Service::S3 => {
                let period = managed::period(service);
                whole(period, between(8 * 3_600, 6 * 3_600) - period)
            }
            service => whole(managed::period(service), between(45, 45)),
        },
        Source::Host { name, .. } if name.starts_with("StatusCheck") => whole(60, between(60, 30)),
        Source::Host { name: "CPUCreditBalance", .. } => whole(300, between(60, 60)),
        Source::Host { host, .. } => whole(ec2::period(&region.hosts[host]), between(60, 60)),
        Source::Hosts { group, .. } => {
            let period = region.groups[group].hosts.first().map_or(300, |h| ec2::period(&region.hosts[*h]));
            whole(period, between(60, 60))
        }
        Source::Group { .. } => whole(60, between(45, 45)),
        Source::Bill { .. } => whole(bill::PERIOD, 0),
    }
}

/// `sample` as it looks when only `share` (0..1) of its data is in: sum, count and maximum can only grow.
fn partial(sample: Sample, share: f64) -> Option<Sample> {
    if share >= 1.0 {
        return Some(sample);
    }
    let count = (sample.count * share).floor();
    if count < 1.0 {
        return None;
    }
    // What is counted stays whole, and rounding down keeps it growing.
    let whole = |original: f64, value: f64| if original.fract() == 0.0 { value.floor() } else { value };
    let toward = |value: f64| sample.p50 + (value - sample.p50) * share;
    Some(Sample {
        at: sample.at,
        sum: whole(sample.sum, sample.sum / sample.count * count),
        min: toward(sample.min),
        max: whole(sample.max, toward(sample.max)).max(sample.p50),
        count,
        p50: sample.p50,
        p90: toward(sample.p90),
        p99: toward(sample.p99),
    })
}

/// What can be read at `now` of the recorded period that begins at `at`.
fn visible(
    world: &World,
    region: &Region,
    source: Source,
    cadence: Cadence,
    at: Timestamp,
    now: Timestamp,
) -> Option<Sample> {
    if let Source::Bill { .. } = source {
        // A point of the bill is stamped when it is made.
        let delay = bill::delay(world, at) + i64::from(world.config.variation.publishing);
        return if plus(at, delay) <= now { record(world, region, source, at) } else { None };
    }
    let age = now.as_second() - at.as_second() - cadence.period - i64::from(world.config.variation.publishing);
    if age < cadence.appears {
        return None;
    }
    let sample = record(world, region, source, at)?;
    if age >= cadence.settles {
        return Some(sample);
    }
    let share = 0.45 + 0.55 * (age - cadence.appears) as f64 / (cadence.settles - cadence.appears) as f64;
    partial(sample, share)
}

/// Seconds for which CloudWatch keeps points of `period` seconds.
fn kept(period: i64) -> i64 {
    match period {
        ..300 => 15 * 86_400,
        300..3600 => 63 * 86_400,
        _ => 455 * 86_400,
    }
}

/// See [`World::datapoints`].
pub(in super::super) fn datapoints(
    world: &World,
    region: &Region,
    metric: &MetricId,
    period: u32,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Vec<Sample> {
    let Some(source) = resolve(region, metric) else { return Vec::new() };
    let hash = metric.dimensions.iter().fold(mix_text(world.config.seed, &metric.name), |h, (_, v)| mix_text(h, v));
    let cadence = cadence(region, source, hash);
    let period = i64::from(period.max(60));
    let start = from.as_second().div_euclid(60) * 60;
    let oldest = now.as_second() - kept(period);
    let end = to.as_second().min(now.as_second());
    let mut at = start.max(oldest).div_euclid(cadence.period) * cadence.period;
    if at < start {
        at += cadence.period;
    }
    let mut out = Vec::new();
    let mut bucket: Vec<Sample> = Vec::new();
    let mut bucket_start = i64::MIN;
    let mut close = |bucket: &mut Vec<Sample>, bucket_start: i64| {
        if let (Some(mut whole), Ok(at)) = (merge(bucket), Timestamp::from_second(bucket_start)) {
            whole.at = at;
            out.push(whole);
        }
        bucket.clear();
    };
    while at < end {
        let of = start + (at - start).div_euclid(period) * period;
        if of != bucket_start {
            close(&mut bucket, bucket_start);
            bucket_start = of;
        }
        if let Ok(moment) = Timestamp::from_second(at) {
            bucket.extend(visible(world, region, source, cadence, moment, now));
        }
        at += cadence.period;
    }
    close(&mut bucket, bucket_start);
    out
}
