//! The audit trail: an everyday hum, what Auto Scaling does, and what the scenario's people do.
//!
//! In: a range of time. Out: events, each as late as CloudTrail is with it.

mod event;
mod hum;
mod plot;

use jiff::Timestamp;

use super::build::name_hash;
use super::fleet::{Region, plus};
use super::noise::{below, mix};
use super::{TrailEvent, World};
use event::{What, Who};

/// The longest that an event takes to be delivered, in seconds.
const LATEST: i64 = 15 * 60;

/// An event before it is written out.
#[derive(Clone, Debug)]
pub(super) struct Seed {
    at: Timestamp,
    region: &'static str,
    hash: u64,
    /// Seconds until it is delivered.
    late: i64,
    who: Who,
    what: What,
}

impl Seed {
    fn delivered(&self) -> Timestamp {
        plus(self.at, self.late)
    }
}

pub(super) use plot::plot;

/// See [`World::trail_page`].
pub(super) fn page(
    world: &World,
    region: &Region,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Vec<TrailEvent> {
    // 90 days are kept.
    let from = from.max(plus(now, -90 * 86_400));
    let to = to.min(now);
    let mut seeds: Vec<Seed> = world
        .plot
        .iter()
        .filter(|s| s.region == region.name && s.at >= from && s.at <= to && s.delivered() <= now)
        .cloned()
        .collect();
    scaling(world, region, from, to, now, &mut seeds);
    seeds.sort_by_key(|s| std::cmp::Reverse((s.at, s.hash)));
    let mut rest = seeds.into_iter().peekable();
    let mut out = Vec::new();
    let mut slot = hum::slot_of(to);
    let last = hum::slot_of(from);
    // The hum is the newest-first backbone; what is newer than its next event goes before it.
    while out.len() < limit && slot >= last {
        let hum = hum::event(world, region, slot);
        if let Some(hum) = hum.filter(|h| h.at >= from && h.at <= to && h.delivered() <= now) {
            while let Some(seed) = rest.next_if(|s| (s.at, s.hash) > (hum.at, hum.hash)) {
                out.push(event::write(world, &seed));
            }
            out.push(event::write(world, &hum));
        }
        slot -= 1;
    }
    if slot < last {
        out.extend(rest.map(|seed| event::write(world, &seed)));
    }
    out.truncate(limit);
    out
}

/// What Auto Scaling did to instances.
fn scaling(world: &World, region: &Region, from: Timestamp, to: Timestamp, now: Timestamp, out: &mut Vec<Seed>) {
    let mut push = |at: Timestamp, hash: u64, what: What| {
        if at < from || at > to {
            return;
        }
        let late = 120 + i64::try_from(below(mix(hash, 61), u64::try_from(LATEST - 300).unwrap_or(1))).unwrap_or(0);
        let seed = Seed { at, region: region.name, hash, late, who: Who::Scaling, what };
        if seed.delivered() <= now {
            out.push(seed);
        }
    };
    for host in region.hosts.iter().filter(|h| h.group.is_some()) {
        push(host.launched, mix(host.hash, 62), What::run(host.instance_type, vec![host.id.clone()]));
        push(host.killed, mix(host.hash, 63), What::terminate(vec![host.id.clone()]));
    }
    for group in &region.groups {
        for (n, failure) in (0u64..).zip(&group.failures) {
            let hash = mix(name_hash(&world.config, &group.name), 9_000 + n);
            push(failure.at, hash, What::run_refused(group.instance_type, &failure.message));
        }
    }
}
