//! What Auto Scaling does under a story, worked out once for all time: who is launched, who is ended, what fails.

use jiff::Timestamp;

use super::WorldConfig;
use super::build::{launch, name_hash};
use super::fleet::{FailedLaunch, Region, Role, plus};
use super::noise::mix;
use crate::sim::scenario::{Effect, EffectKind, Story};

/// Seconds that a balancer drains a host before it is shut down.
pub(super) const DRAIN: i64 = 300;

/// Works out the life of group `group` of `region` under `story`.
pub(super) fn act(config: &WorldConfig, story: &Story, region: &mut Region, group: usize) {
    let mut actor = Actor { hash: name_hash(config, &region.groups[group].name), region, group, launches: 0 };
    let web = actor.region.groups[group].role == Role::Web;
    for effect in &story.effects {
        match effect.kind {
            EffectKind::Surge if web => actor.surge(effect),
            EffectKind::GroupPinned if web => actor.pinned(effect),
            EffectKind::ZoneOutage(_) => {
                let window = (effect.after(3.0), plus(effect.to, 300));
                actor.region.groups[group].suspended.push(window);
            }
            _ => {}
        }
    }
}

struct Actor<'a> {
    region: &'a mut Region,
    group: usize,
    hash: u64,
    launches: u64,
}

impl Actor<'_> {
    fn surge(&mut self, e: &Effect) {
        for (minute, size) in [(7.0, 8), (12.0, 10), (18.0, 12), (75.0, 10), (85.0, 8), (95.0, 6)] {
            self.scale(e.after(minute), size);
        }
    }

    fn pinned(&mut self, e: &Effect) {
        self.scale(e.after(1.0), 9);
        self.scale(e.after(3.0), 12);
        let zone = 1;
        self.lose(e.after(5.2), zone);
        let mut minute = 6.0;
        let mut short = 1;
        while e.after(minute) < e.to {
            if minute > 8.5 && short == 1 {
                self.lose(e.after(8.5), zone);
                short = 2;
            }
            self.fail(e.after(minute), zone, short);
            minute += if minute < 12.0 { 1.5 } else { 4.0 };
        }
        for n in 0..short {
            self.launch_one(plus(e.to, 20 + 4 * n), zone, difference(e.to, short));
        }
        for (later, size) in [(25, 10), (35, 8), (45, 6)] {
            self.scale(plus(e.to, later * 60), size);
        }
    }

    /// Those in the group at `at`.
    fn alive(&self, at: Timestamp) -> Vec<usize> {
        let hosts = &self.region.hosts;
        let group = &self.region.groups[self.group];
        group.hosts.iter().copied().filter(|h| hosts[*h].launched <= at && at < hosts[*h].ending).collect()
    }

    /// A scaling policy sets the desired capacity to `size`.
    fn scale(&mut self, at: Timestamp, size: u32) {
        let group = &mut self.region.groups[self.group];
        let before = group.desired_at(at);
        let alarm = format!("TargetTracking-{}-Alarm{}", group.name, if size > before { "High" } else { "Low" });
        let policy = format!("{}-cpu-target", group.name.trim_end_matches("-asg"));
        group.desired.push((at, size));
        let (from, to) = (stamp(at), stamp(plus(at, 14)));
        let verb = if size > before { "started" } else { "taken out of service" };
        let cause = format!(
            "At {from} a monitor alarm {alarm} in state ALARM triggered policy {policy} changing the desired capacity \
             from {before} to {size}.  At {to} an instance was {verb} in response to a difference between desired and \
             actual capacity, {} the capacity from {before} to {size}.",
            if size > before { "increasing" } else { "shrinking" },
        );
        let alive = self.alive(at);
        let have = u32::try_from(alive.len()).unwrap_or(u32::MAX);
        for n in have..size {
            let zone = n as usize % self.region.zones.len();
            self.launch_one(plus(at, 14 + i64::from(n % 3)), zone, cause.clone());
        }
        // The newest go first: what the demo began with stays.
        let mut by_age = alive;
        by_age.sort_by_key(|h| std::cmp::Reverse(self.region.hosts[*h].launched));
        for host in by_age.into_iter().take(have.saturating_sub(size) as usize) {
            let host = &mut self.region.hosts[host];
            host.ending = plus(at, 14);
            host.killed = plus(host.ending, DRAIN);
            host.end_cause.clone_from(&cause);
        }
    }

    fn launch_one(&mut self, at: Timestamp, zone: usize, cause: String) {
        self.launches += 1;
        launch(self.region, self.group, mix(self.hash, 50_000 + self.launches), zone, at, cause);
    }

    /// A host in `zone` breaks and is taken out.
    fn lose(&mut self, at: Timestamp, zone: usize) {
        let Some(host) = self.alive(at).into_iter().find(|h| self.region.hosts[*h].zone == zone) else { return };
        let host = &mut self.region.hosts[host];
        host.ending = at;
        host.killed = plus(at, 5);
        host.end_cause = format!(
            "At {} an instance was taken out of service in response to an EC2 health check indicating it has been \
             terminated or stopped.",
            stamp(at)
        );
    }

    /// Launches to replace `short` hosts fail for lack of capacity.
    fn fail(&mut self, at: Timestamp, zone: usize, short: i64) {
        let zone_name = &self.region.zones[zone];
        let others: Vec<&str> = self.region.zones.iter().filter(|z| *z != zone_name).map(String::as_str).collect();
        let group = &mut self.region.groups[self.group];
        let message = format!(
            "We currently do not have sufficient {} capacity in the Availability Zone you requested ({zone_name}). Our \
             system will be working on provisioning additional capacity. You can currently get {} capacity by not \
             specifying an Availability Zone in your request or choosing {}. Launching EC2 instance failed.",
            group.instance_type,
            group.instance_type,
            others.join(", "),
        );
        for n in 0..short {
            let at = plus(at, n);
            group.failures.push(FailedLaunch { at, zone, message: message.clone(), cause: difference(at, short) });
        }
    }
}

fn difference(at: Timestamp, short: i64) -> String {
    format!(
        "At {} an instance was started in response to a difference between desired and actual capacity, increasing the \
         capacity from {} to 12.",
        stamp(at),
        12 - short
    )
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
