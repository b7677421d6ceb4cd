//! The audit trail: an everyday hum, what Auto Scaling does, and what the scenario's people do.
//!
//! In: a range of time. Out: events, each as late as CloudTrail is with it.

mod event;
mod hum;
mod plot;

use jiff::Timestamp;

use super::build::name_hash;
use super::fleet::{FailedLaunch, Host, Region, plus};
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
    let mut notes: Vec<Note> = world
        .plot
        .iter()
        .filter(|s| s.region == region.name && s.at >= from && s.at <= to)
        .map(|s| Note { at: s.at, hash: s.hash, late: s.late, of: Of::Plot(s) })
        .collect();
    scaling(world, region, from, to, &mut notes);
    notes.retain(|n| plus(n.at, n.late) <= now);
    notes.sort_by_key(|n| std::cmp::Reverse((n.at, n.hash)));
    let mut rest = notes.into_iter().peekable();
    let mut out = Vec::new();
    let mut slot = hum::slot_of(to);
    let last = hum::slot_of(from);
    // The hum is the newest-first backbone; what is newer than its next event goes before it.
    while out.len() < limit && slot >= last {
        let hum = hum::event(world, region, slot);
        if let Some(hum) = hum.filter(|h| h.at >= from && h.at <= to && h.delivered() <= now) {
            while let Some(note) = rest.next_if(|n| out.len() < limit && (n.at, n.hash) > (hum.at, hum.hash)) {
                out.push(event::write(world, &note.seed(region)));
            }
            out.push(event::write(world, &hum));
        }
        slot -= 1;
    }
    if slot < last {
        let room = limit.saturating_sub(out.len());
        out.extend(rest.take(room).map(|note| event::write(world, &note.seed(region))));
    }
    out.truncate(limit);
    out
}

/// An event that is not part of the hum, before it is known whether anybody reads it.
struct Note<'a> {
    at: Timestamp,
    hash: u64,
    late: i64,
    of: Of<'a>,
}

enum Of<'a> {
    Plot(&'a Seed),
    Launch(&'a Host),
    End(&'a Host),
    Refused(&'static str, &'a FailedLaunch),
}

impl Note<'_> {
    fn seed(&self, region: &Region) -> Seed {
        let what = match self.of {
            Of::Plot(seed) => return seed.clone(),
            Of::Launch(host) => What::run(host.instance_type, vec![host.id.clone()]),
            Of::End(host) => What::terminate(vec![host.id.clone()]),
            Of::Refused(instance_type, failure) => What::run_refused(instance_type, &failure.message),
        };
        Seed { at: self.at, region: region.name, hash: self.hash, late: self.late, who: Who::Scaling, what }
    }
}

/// What Auto Scaling did to instances.
fn scaling<'a>(world: &World, region: &'a Region, from: Timestamp, to: Timestamp, out: &mut Vec<Note<'a>>) {
    let mut push = |at: Timestamp, hash: u64, of: Of<'a>| {
        if at >= from && at <= to {
            let late = 120 + i64::try_from(below(mix(hash, 61), (LATEST - 300).cast_unsigned())).unwrap_or(0);
            out.push(Note { at, hash, late, of });
        }
    };
    for host in region.hosts.iter().filter(|h| h.group.is_some()) {
        push(host.launched, mix(host.hash, 62), Of::Launch(host));
        push(host.killed, mix(host.hash, 63), Of::End(host));
    }
    for group in &region.groups {
        for (n, failure) in (0u64..).zip(&group.failures) {
            let hash = mix(name_hash(&world.config, &group.name), 9_000 + n);
            push(failure.at, hash, Of::Refused(group.instance_type, failure));
        }
    }
}
