//! DynamoDB, RDS, `ElastiCache`, Redshift, S3, EFS, EBS.

use super::super::super::{Sample, load};
use super::super::elb::{events, times};
use super::{DAY, Now};

/// A metric of a table with provisioned capacity, twice what the busiest hour needs: it never throttles.
pub(super) fn table(now: Now<'_>, name: &str) -> Option<Sample> {
    let share = if name.contains("Read") { 1.0 } else { 0.4 };
    match name {
        "ConsumedReadCapacityUnits" | "ConsumedWriteCapacityUnits" => {
            let units = (now.work() * share).round();
            let calls = (units * 0.8).round().max(1.0);
            Some(Sample::spread(now.at, units / calls, 0.5, 6.0, calls))
        }
        // Units a second.
        "ProvisionedReadCapacityUnits" | "ProvisionedWriteCapacityUnits" => {
            now.flat((now.thing.rate * share / 60.0 * 2.0 / 5.0).ceil() * 5.0)
        }
        _ => None,
    }
}

/// A metric of a database. The replica is in the zone that fails, and falls behind while it moves.
pub(super) fn database(now: Now<'_>, name: &str) -> Option<Sample> {
    let busy = now.busy();
    let (rate, waiting) = (now.thing.rate, now.waiting());
    match name {
        "CPUUtilization" => now.flat((12.0 + 0.34 * rate * busy + 22.0 * waiting).min(92.0)),
        "DatabaseConnections" => now.flat((rate * (busy + 0.8 * waiting)).round()),
        "FreeableMemory" => now.flat((6.1e9 * (1.0 - 0.1 * busy)).round()),
        // 500 GB, that fill by 20 MB an hour and are tidied up every 60 days.
        "FreeStorageSpace" => now.flat(2.6e11 - now.at.as_second().rem_euclid(60 * DAY) as f64 * 5_600.0),
        "ReplicaLag" => {
            let behind = load::outage(now.world, now.at).map_or(0.0, |minutes| {
                load::line(&[(0.0, 0.0), (2.0, 48.0), (7.0, 82.0), (12.0, 3.0), (16.0, 0.0)], minutes)
            });
            now.flat(((0.4 + 0.3 * now.noise(4) + behind) * 1_000.0).round() / 1_000.0)
        }
        "ReadLatency" => times(now.at, 0.0006 * (1.0 + waiting), 0.5, (rate * 90.0 * busy).round()),
        _ => times(now.at, 0.0011 * (1.0 + waiting), 0.5, (rate * 30.0 * busy).round()),
    }
}

/// A metric of a cache node. It evicts nothing.
pub(super) fn cache(now: Now<'_>, name: &str) -> Option<Sample> {
    let (busy, waiting) = (now.busy(), now.waiting());
    match name {
        "EngineCPUUtilization" => now.flat(23.0 * busy + 18.0 * waiting),
        "CPUUtilization" => now.flat(13.0 * busy + 9.0 * waiting),
        "DatabaseMemoryUsagePercentage" => now.flat(61.0 + 1.2 * now.noise(9)),
        "CurrConnections" => now.flat((now.thing.rate * busy).round()),
        "CacheHits" => now.flat((now.thing.rate * 170.0 * busy).round()),
        "CacheMisses" => now.flat((now.thing.rate * 7.0 * busy).round()),
        _ => now.flat(0.0),
    }
}

/// A metric of a warehouse.
pub(super) fn warehouse(now: Now<'_>, name: &str) -> Option<Sample> {
    match name {
        "CPUUtilization" => now.flat(34.0 * now.busy()),
        "DatabaseConnections" => now.flat(now.work().round()),
        "HealthStatus" => Some(Sample::flat(now.at, 1.0, 1.0)),
        // Loaded by night, tidied up each month.
        _ => now.flat(55.0 + 0.2 * now.at.as_second().rem_euclid(30 * DAY).div_euclid(DAY) as f64),
    }
}

/// A metric of a bucket on one day: it grows by a quarter of a percent.
pub(super) fn bucket(now: Now<'_>, name: &str) -> Option<Sample> {
    // 2026-01-01.
    let days = (now.at.as_second() - 1_767_225_600).div_euclid(DAY) as f64;
    let bytes = (now.thing.rate * 1e9 * 1.0025f64.powf(days)).round();
    now.flat(if name == "BucketSizeBytes" { bytes } else { (bytes / 212_000.0).round() })
}

/// A metric of a file system with more credits than it will ever need.
pub(super) fn files(now: Now<'_>, name: &str) -> Option<Sample> {
    match name {
        "BurstCreditBalance" => now.flat(2.1e12),
        "ClientConnections" => Some(Sample::flat(now.at, 3.0, 3.0)),
        "PercentIOLimit" => now.flat(9.0 * now.busy()),
        _ => times(now.at, 41_000.0, 0.3, now.work().round()),
    }
}

/// A metric of a volume.
pub(super) fn volume(now: Now<'_>, name: &str) -> Option<Sample> {
    match name {
        "VolumeReadOps" => events(now.at, now.work()).or_else(|| now.flat(0.0)),
        "VolumeWriteOps" => events(now.at, now.work() * 0.7).or_else(|| now.flat(0.0)),
        "VolumeQueueLength" => now.flat(0.04 + 0.03 * now.noise(10)),
        _ => now.flat(0.0),
    }
}
