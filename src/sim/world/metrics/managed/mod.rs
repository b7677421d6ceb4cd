//! What the things of managed services publish: when, how late, and in figures that move with the shop's day.
//!
//! In: a [`Managed`] thing, one of its metrics, a moment. Out: the sample of that period, or nothing where AWS has
//! nothing: counts of what did not happen, things that nobody uses.

mod compute;
mod data;
mod edge;
mod messages;

use jiff::Timestamp;

use super::super::fleet::Region;
use super::super::managed::{Managed, Service};
use super::super::noise::{mix, sway, unit};
use super::super::{MetricId, Sample, World, load};
use super::known;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A thing at a moment: what its metrics are made of.
#[derive(Clone, Copy)]
struct Now<'a> {
    world: &'a World,
    thing: &'a Managed,
    at: Timestamp,
}

impl Now<'_> {
    /// Chance in -1..1, the same whenever it is asked for.
    fn noise(&self, salt: u64) -> f64 {
        sway(mix(self.thing.hash, self.at.as_second().cast_unsigned() ^ salt))
    }

    /// How busy the thing is, about 1 at the busiest hour.
    fn busy(&self) -> f64 {
        load::rhythm(self.at) * load::flutter(self.thing.hash, self.at)
    }

    /// What it has to do in this minute.
    fn work(&self) -> f64 {
        self.thing.rate * self.busy()
    }

    /// `expected` events as a whole number: of 0.2 a minute, one in every fifth.
    fn whole(&self, expected: f64, salt: u64) -> f64 {
        let chance = unit(mix(self.thing.hash, self.at.as_second().cast_unsigned() ^ salt));
        expected.floor() + f64::from(u8::from(chance < expected.fract()))
    }

    /// One reading of the minute.
    #[expect(clippy::unnecessary_wraps, reason = "an arm of what may also have nothing")]
    fn flat(&self, value: f64) -> Option<Sample> {
        Some(Sample::flat(self.at, value.max(0.0), 1.0))
    }

    /// A number of events out of `of`, each recorded as a 1 and the others as a 0: its average is their share.
    #[expect(clippy::unnecessary_wraps, reason = "an arm of what may also have nothing")]
    fn share(&self, events: f64, of: f64) -> Option<Sample> {
        let max = f64::from(u8::from(events > 0.0));
        Some(Sample { sum: events, ..Sample::spread(self.at, 0.0, 0.0, max, of.max(1.0)) })
    }

    /// How full the queue of `web-clb` is: what customers do comes through it.
    fn waiting(&self) -> f64 {
        load::web(self.world, self.world.home(), self.at).queue / load::QUEUE_LIMIT
    }

    /// The share of customers' requests that `web-clb` turns away.
    fn spilled(&self) -> f64 {
        let minute = load::web(self.world, self.world.home(), self.at);
        minute.spilled / (minute.spilled + minute.served).max(1.0)
    }
}

/// Whether `thing` publishes the metric `name` at all.
fn publishes(thing: &Managed, name: &str) -> bool {
    match (thing.service, name) {
        (Service::Rds, "ReplicaLag") => thing.name.ends_with("replica"),
        (Service::Lambda, "IteratorAge") => thing.name.starts_with("click"),
        (Service::S3, _) => {
            let sort = if name == "BucketSizeBytes" { "StandardStorage" } else { "AllStorageTypes" };
            thing.dimensions.iter().any(|(_, value)| value == sort)
        }
        // What nobody uses.
        _ => thing.rate > 0.0,
    }
}

/// Names and units of the metrics that `thing` publishes.
pub(super) fn catalogue(thing: &Managed) -> Vec<(&'static str, &'static str)> {
    thing.service.catalogue().iter().copied().filter(|(name, _)| publishes(thing, name)).collect()
}

/// The thing and the name of `metric`, if the region has it.
pub(super) fn resolve(region: &Region, metric: &MetricId) -> Option<(usize, &'static str)> {
    let service = Service::of(&metric.namespace)?;
    let name = known(service.catalogue(), &metric.name)?;
    let same = |thing: &Managed| {
        thing.service == service
            && thing.dimensions.len() == metric.dimensions.len()
            && thing.dimensions.iter().zip(&metric.dimensions).all(|((n, v), (name, value))| n == name && v == value)
    };
    let thing = region.managed.iter().position(same)?;
    publishes(&region.managed[thing], name).then_some((thing, name))
}

/// The unit of a metric of a managed service.
pub(super) fn unit_of(metric: &MetricId) -> Option<&'static str> {
    let catalogue = Service::of(&metric.namespace)?.catalogue();
    catalogue.iter().find(|(name, _)| *name == metric.name).map(|(_, unit)| *unit)
}

/// The period of `thing`'s metric `name` that begins at `at`.
pub(super) fn record(world: &World, thing: &Managed, name: &str, at: Timestamp) -> Option<Sample> {
    let now = Now { world, thing, at };
    match thing.service {
        Service::Sqs => messages::queue(now, name),
        Service::Sns => messages::topic(now, name),
        Service::Kinesis => messages::stream(now, name),
        Service::Firehose => messages::delivery(now, name),
        Service::Lambda => compute::function(now, name),
        Service::Ecs => Some(compute::service(now, name)),
        Service::States => compute::machine(now, name),
        Service::ApiGateway => compute::api(now, name),
        Service::DynamoDb => data::table(now, name),
        Service::Rds => data::database(now, name),
        Service::ElastiCache => data::cache(now, name),
        Service::Redshift => data::warehouse(now, name),
        Service::S3 => data::bucket(now, name),
        Service::Efs => data::files(now, name),
        Service::Ebs => data::volume(now, name),
        Service::CloudFront => edge::distribution(now, name),
        Service::Route53 => edge::health_check(now, name),
        Service::NatGateway => edge::nat(now, name),
    }
}

/// Seconds of one period of what `service` publishes.
pub(super) fn period(service: Service) -> i64 {
    if service == Service::S3 { DAY } else { 60 }
}

/// The newest moment at which `service` is known to have been active, at `now`: the day before for what comes once
/// a day, so that it is never among the recently active.
pub(super) fn last_active(service: Service, now: Timestamp) -> Timestamp {
    if service != Service::S3 {
        return Timestamp::MAX;
    }
    let day = now.as_second().div_euclid(DAY) - 1;
    Timestamp::from_second(day * DAY).unwrap_or(now)
}
