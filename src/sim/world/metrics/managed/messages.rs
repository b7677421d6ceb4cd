//! SQS, SNS, Kinesis, Firehose.

use super::super::super::{Sample, load};
use super::super::elb::events;
use super::Now;

/// A metric of a queue.
///
/// The workers of `orders` call the shop by its balancer: while that is full they hardly get an order done, and the
/// oldest grows older by the minute.
pub(super) fn queue(now: Now<'_>, name: &str) -> Option<Sample> {
    let sent = now.work().round();
    let stuck = if now.thing.name == "orders" { load::stuck(now.world, now.at) } else { load::Stuck::default() };
    match name {
        // AWS records a zero when nothing is sent.
        "NumberOfMessagesSent" => events(now.at, sent).or_else(|| now.flat(0.0)),
        "NumberOfMessagesReceived" | "NumberOfMessagesDeleted" => {
            events(now.at, sent * stuck.pace).or_else(|| now.flat(0.0))
        }
        "ApproximateNumberOfMessagesVisible" => {
            now.flat((sent * (0.03 + 0.02 * now.noise(1) + stuck.seconds / 60.0)).round())
        }
        _ => now.flat((3.0 + 2.0 * now.noise(2) + stuck.seconds).round()),
    }
}

/// A metric of a topic. A minute without a message has no data; nothing ever fails to be delivered.
pub(super) fn topic(now: Now<'_>, name: &str) -> Option<Sample> {
    let published = now.whole(now.work(), 0x51);
    match name {
        "NumberOfMessagesPublished" => events(now.at, published),
        "NumberOfNotificationsDelivered" => events(now.at, published * 2.0),
        _ => None,
    }
}

/// A metric of a data stream. While a zone is out its consumers fall behind and catch up again.
pub(super) fn stream(now: Now<'_>, name: &str) -> Option<Sample> {
    let records = now.work().round();
    match name {
        "IncomingRecords" | "GetRecords.Records" => events(now.at, records),
        "IncomingBytes" => Some(Sample::spread(now.at, 640.0, 310.0, 1_900.0, records.max(1.0))),
        "GetRecords.IteratorAgeMilliseconds" => {
            let behind = load::outage(now.world, now.at).map_or(0.0, |minutes| {
                load::line(&[(0.0, 0.0), (6.0, 95_000.0), (14.0, 30_000.0), (20.0, 0.0)], minutes)
            });
            let usual = 340.0 + 120.0 * now.noise(3) + behind;
            Some(Sample::spread(now.at, usual.round(), 0.0, (usual * 2.1).round(), 300.0))
        }
        _ => Some(Sample::flat(now.at, 0.0, 300.0)),
    }
}

/// A metric of a delivery stream.
pub(super) fn delivery(now: Now<'_>, name: &str) -> Option<Sample> {
    let records = now.work().round();
    match name {
        "IncomingRecords" | "DeliveryToS3.Records" => events(now.at, records),
        "IncomingBytes" => now.flat(records * 640.0),
        "DeliveryToS3.Success" => Some(Sample::flat(now.at, 1.0, 6.0)),
        "DeliveryToS3.DataFreshness" => now.flat((62.0 + 8.0 * now.noise(4)).round()),
        _ => now.flat(0.0),
    }
}
