//! `AWS/SQS`, `AWS/Lambda`, `AWS/DynamoDB`, `AWS/RDS`.

use jiff::Timestamp;

use super::super::fleet::Region;
use super::super::noise::{mix, mix_text, sway, unit};
use super::super::{Sample, World, load};
use super::elb::{events, times};

fn hash(world: &World, name: &str) -> u64 {
    mix_text(world.config.seed, name)
}

fn noise(hash: u64, at: Timestamp, salt: u64) -> f64 {
    sway(mix(hash, at.as_second().cast_unsigned() ^ salt))
}

/// A metric of a queue. A queue that nobody uses publishes nothing.
pub(super) fn queue(world: &World, region: &Region, queue: usize, name: &str, at: Timestamp) -> Option<Sample> {
    let spec = &region.queues[queue];
    if spec.rate <= 0.0 {
        return None;
    }
    let hash = hash(world, spec.name);
    let sent = (spec.rate * load::rhythm(at) * load::flutter(hash, at)).round();
    // What customers do comes through the web: while it is swamped, orders wait.
    let waiting = load::web(world, region, at).queue / load::QUEUE_LIMIT;
    match name {
        "NumberOfMessagesSent" | "NumberOfMessagesReceived" | "NumberOfMessagesDeleted" => {
            // AWS records a zero when nothing is sent.
            events(at, sent).or(Some(Sample::flat(at, 0.0, 1.0)))
        }
        "ApproximateNumberOfMessagesVisible" => {
            let visible = (sent * (0.03 + 0.02 * noise(hash, at, 1) + 1.9 * waiting)).round().max(0.0);
            Some(Sample::flat(at, visible, 1.0))
        }
        _ => Some(Sample::flat(at, (3.0 + 2.0 * noise(hash, at, 2) + 140.0 * waiting).round().max(0.0), 1.0)),
    }
}

/// A metric of a function. A minute without an invocation has no data.
pub(super) fn function(world: &World, region: &Region, function: usize, name: &str, at: Timestamp) -> Option<Sample> {
    let spec = &region.functions[function];
    let hash = hash(world, spec.name);
    let expected = spec.rate * load::rhythm(at) * load::flutter(hash, at);
    let chance = unit(mix(hash, at.as_second().cast_unsigned() ^ 0x31));
    let invocations = expected.floor() + f64::from(u8::from(chance < expected.fract()));
    if invocations < 1.0 {
        return None;
    }
    let rare = |share: f64, salt: u64| {
        let expected = invocations * share;
        let chance = unit(mix(hash, at.as_second().cast_unsigned() ^ salt));
        expected.floor() + f64::from(u8::from(chance < expected.fract()))
    };
    match name {
        "Invocations" => events(at, invocations),
        "Errors" | "Throttles" => {
            let errors = if name == "Errors" { rare(spec.errors, 0x32) } else { 0.0 };
            let max = f64::from(u8::from(errors > 0.0));
            Some(Sample { sum: errors, ..Sample::spread(at, 0.0, 0.0, max, invocations) })
        }
        "Duration" => times(at, spec.duration * (1.0 + 0.1 * noise(hash, at, 3)), 0.4, invocations),
        _ => {
            let concurrent = (invocations * spec.duration / 60_000.0).ceil().max(1.0);
            Some(Sample::spread(at, concurrent, 1.0, concurrent + 2.0, invocations))
        }
    }
}

/// A metric of a table.
pub(super) fn table(world: &World, region: &Region, table: usize, name: &str, at: Timestamp) -> Sample {
    let spec = &region.tables[table];
    let busiest = if name == "ConsumedReadCapacityUnits" { spec.reads } else { spec.writes };
    let units = (busiest * load::rhythm(at) * load::flutter(hash(world, spec.name), at)).round();
    let calls = (units * 0.8).round().max(1.0);
    Sample::spread(at, units / calls, 0.5, 6.0, calls)
}

/// A metric of a database.
pub(super) fn database(world: &World, region: &Region, database: usize, name: &str, at: Timestamp) -> Option<Sample> {
    let id = region.databases[database];
    let hash = hash(world, id);
    let busy = load::rhythm(at) * load::flutter(hash, at);
    let replica = id.ends_with("replica");
    let waiting = load::web(world, region, at).queue / load::QUEUE_LIMIT;
    let value = match name {
        "CPUUtilization" => (41.0 * busy + 22.0 * waiting).min(92.0),
        "DatabaseConnections" => (88.0 * busy + 70.0 * waiting).round(),
        "FreeableMemory" => (6.1e9 * (1.0 - 0.1 * busy)).round(),
        // 500 GB, that fill by 20 MB an hour and are tidied up every 60 days.
        "FreeStorageSpace" => 2.6e11 - at.as_second().rem_euclid(60 * 86_400) as f64 * 5_600.0,
        "ReplicaLag" if replica => (0.4 + 0.3 * noise(hash, at, 4)).max(0.0),
        _ => return None,
    };
    Some(Sample::flat(at, value, 1.0))
}
