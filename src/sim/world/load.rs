//! Traffic: how much comes in, how much the hosts can take, and what waits or is turned away.

use std::f64::consts::TAU;

use jiff::Timestamp;

use super::World;
use super::fleet::{Region, plus};
use super::health;
use super::noise::{mix, sway};
use crate::sim::scenario::{Effect, EffectKind};

/// Requests a minute that one `web` host serves at full CPU.
const WEB_HOST: f64 = 8_400.0;
/// Requests a minute at `web-clb` at the busiest hour of an ordinary day.
const WEB_PEAK: f64 = 21_500.0;
/// Requests a minute at `web-clb` on an ordinary afternoon.
const AFTERNOON: f64 = 0.92 * WEB_PEAK;
/// Requests a minute at `api-alb` at the busiest hour of an ordinary day.
const API_PEAK: f64 = 9_800.0;
/// New flows a minute at `img-nlb` at the busiest hour of an ordinary day.
const IMG_PEAK: f64 = 3_900.0;
/// What the queue of one node of a Classic balancer holds.
pub(super) const QUEUE_LIMIT: f64 = 1_024.0;

/// (minutes since the surge began, traffic as a multiple of an ordinary afternoon's).
const SURGE_TRAFFIC: [(f64, f64); 8] =
    [(0.0, 1.0), (1.0, 2.4), (3.0, 3.0), (8.0, 3.9), (14.0, 5.1), (42.0, 5.2), (56.0, 1.5), (64.0, 1.0)];
/// (minutes, longest queue of a node).
const SURGE_QUEUE: [(f64, f64); 10] = [
    (0.5, 0.0),
    (2.0, 60.0),
    (3.0, 150.0),
    (4.5, 330.0),
    (6.0, 590.0),
    (9.0, 840.0),
    (11.5, QUEUE_LIMIT),
    (44.0, QUEUE_LIMIT),
    (51.0, 380.0),
    (57.0, 0.0),
];
/// (minutes, requests turned away a minute).
const SURGE_SPILL: [(f64, f64); 6] =
    [(11.0, 0.0), (12.0, 900.0), (15.0, 9_400.0), (36.0, 8_200.0), (44.0, 900.0), (45.0, 0.0)];
/// (minutes, seconds for which the oldest order has waited for a worker).
const SURGE_STUCK: [(f64, f64); 5] = [(8.0, 0.0), (9.0, 20.0), (44.0, 2_080.0), (47.0, 2_140.0), (57.0, 0.0)];
/// (minutes since `web-asg` was pinned, traffic as a multiple of an ordinary afternoon's).
const PINNED_TRAFFIC: [(f64, f64); 5] = [(0.0, 1.0), (2.0, 2.6), (4.0, 4.2), (52.0, 4.2), (70.0, 1.0)];

/// The value at `x` on the line through `knots`, flat beyond its ends.
pub(super) fn line(knots: &[(f64, f64)], x: f64) -> f64 {
    let mut before = match knots.first() {
        Some(first) if x > first.0 => *first,
        Some(first) => return first.1,
        None => return 0.0,
    };
    for knot in knots {
        if x <= knot.0 {
            let width = knot.0 - before.0;
            return if width > 0.0 { before.1 + (knot.1 - before.1) * (x - before.0) / width } else { knot.1 };
        }
        before = *knot;
    }
    before.1
}

/// Share of the busiest hour's traffic at `at`: the day of Tokyo, a little less at the weekend.
pub(super) fn rhythm(at: Timestamp) -> f64 {
    let tokyo = at.as_second() + 9 * 3600;
    let hour = tokyo.rem_euclid(86_400) as f64 / 3600.0;
    let day = tokyo.div_euclid(86_400);
    // 1970-01-01 was a Thursday.
    let weekend = if matches!(day.rem_euclid(7), 2 | 3) { 0.86 } else { 1.0 };
    let evening = 0.09 * (-((hour - 21.0) / 1.6).powi(2)).exp();
    weekend * (0.70 + 0.22 * ((hour - 14.2) / 24.0 * TAU).cos() + evening)
}

/// Chance in traffic: a slow drift and a quick flutter, a few percent.
pub(super) fn flutter(hash: u64, at: Timestamp) -> f64 {
    let second = at.as_second();
    let slot = second.div_euclid(900);
    let part = second.rem_euclid(900) as f64 / 900.0;
    let drift = |slot: i64| sway(mix(hash, slot.cast_unsigned()));
    let slow = drift(slot) * (1.0 - part) + drift(slot + 1) * part;
    1.0 + 0.05 * slow + 0.03 * sway(mix(hash, second.cast_unsigned() ^ 0x5555))
}

/// What `web-clb` goes through in one minute.
#[derive(Clone, Copy, Debug)]
pub(super) struct WebMinute {
    /// Requests that reached a host.
    pub(super) served: f64,
    /// Longest queue of a node.
    pub(super) queue: f64,
    /// Requests turned away.
    pub(super) spilled: f64,
    /// Seconds that an average request takes.
    pub(super) latency: f64,
    /// Requests that a host answered with 5XX.
    pub(super) backend_errors: f64,
    /// Connections to hosts that failed.
    pub(super) connection_errors: f64,
    /// Average CPU percent of the hosts.
    pub(super) cpu: f64,
}

fn surge(world: &World, at: Timestamp) -> Option<Effect> {
    world.story.pick(|k| (k == EffectKind::Surge).then_some(())).map(|(e, ())| e).find(|e| {
        let x = e.minutes(at);
        (-1.0..70.0).contains(&x)
    })
}

fn pinned(world: &World, at: Timestamp) -> Option<Effect> {
    world.story.pick(|k| (k == EffectKind::GroupPinned).then_some(())).map(|(e, ())| e).find(|e| {
        let x = e.minutes(at);
        (-1.0..75.0).contains(&x)
    })
}

/// How the workers of the queue `orders` get on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stuck {
    /// Seconds for which the oldest order has waited because of it.
    pub(super) seconds: f64,
    /// Orders done, as a share of those that come in.
    pub(super) pace: f64,
}

impl Default for Stuck {
    fn default() -> Self {
        Self { seconds: 0.0, pace: 1.0 }
    }
}

/// How the workers get on at `at`: they call the shop, and wait in its queue like everybody.
pub(super) fn stuck(world: &World, at: Timestamp) -> Stuck {
    let Some(effect) = surge(world, at) else { return Stuck::default() };
    let minutes = effect.minutes(plus(at, 60));
    let pace = match minutes {
        8.0..47.0 => 0.15,
        47.0..57.0 => 3.4,
        _ => 1.0,
    };
    Stuck { seconds: line(&SURGE_STUCK, minutes), pace }
}

/// How much of the traffic that pins `web-asg` there is at `at`: 0 on an ordinary day, 1 at the worst.
pub(super) fn pinned_share(world: &World, at: Timestamp) -> f64 {
    let worst = PINNED_TRAFFIC.iter().fold(1.0f64, |worst, (_, traffic)| worst.max(*traffic));
    pinned(world, at).map_or(0.0, |e| (line(&PINNED_TRAFFIC, e.minutes(plus(at, 60))) - 1.0) / (worst - 1.0))
}

/// Minutes since a zone outage that holds at `at` began.
pub(super) fn outage(world: &World, at: Timestamp) -> Option<f64> {
    world
        .story
        .pick(|k| matches!(k, EffectKind::ZoneOutage(_)).then_some(()))
        .find(|(e, ())| e.holds(at))
        .map(|(e, ())| e.minutes(at))
}

/// The minute of `web-clb` that begins at `at`.
pub(super) fn web(world: &World, region: &Region, at: Timestamp) -> WebMinute {
    let end = plus(at, 60);
    let hash = region.elbs.first().map_or(0, |e| e.hash);
    let ordinary = WEB_PEAK * rhythm(at) * flutter(hash, at);
    let hosts =
        f64::from(region.elbs.first().map_or(0, |e| health::counts(world, region, e.group, None, end).0)).max(1.0);
    let mut traffic = ordinary;
    let (mut queue, mut spilled) = (0.0, 0.0);
    if let Some(effect) = surge(world, at) {
        let x = effect.minutes(end);
        traffic += (line(&SURGE_TRAFFIC, x) - 1.0) * AFTERNOON * effect.strength;
        let wobble = 1.0 + 0.03 * sway(mix(hash, at.as_second().cast_unsigned() ^ 0x77));
        let waiting = line(&SURGE_QUEUE, x) * effect.strength;
        queue = (waiting * wobble).round().clamp(0.0, QUEUE_LIMIT);
        if waiting >= QUEUE_LIMIT {
            queue = QUEUE_LIMIT;
        }
        spilled = (line(&SURGE_SPILL, x) * flutter(mix(hash, 3), at) * effect.strength).round();
        if effect.strength < 1.0 {
            // Its queue never fills.
            spilled = 0.0;
        }
    } else if let Some(effect) = pinned(world, at) {
        traffic += (line(&PINNED_TRAFFIC, effect.minutes(end)) - 1.0) * AFTERNOON;
    }
    let capacity = hosts * WEB_HOST;
    let used = traffic / capacity;
    let served = (traffic - spilled).min(capacity * 0.97).round();
    let waiting = queue / QUEUE_LIMIT;
    let latency = 0.055 * (1.0 + 0.1 * sway(mix(hash, at.as_second().cast_unsigned() ^ 0x99)))
        + 0.11 * (used - 0.6).clamp(0.0, 1.2)
        + 1.7 * waiting;
    let mut backend_errors = served * 0.0004 * (1.0 + sway(mix(hash, at.as_second().cast_unsigned() ^ 0xAB)));
    let mut connection_errors = 0.0;
    if let Some(minutes) = outage(world, at) {
        let share = line(&[(0.0, 0.03), (2.0, 0.03), (4.0, 0.003)], minutes);
        backend_errors += served * share;
        connection_errors = (served * share * 0.4).round();
    }
    // Worker threads run out before the CPU does.
    let cpu = (100.0 * used).clamp(1.0, 87.0);
    WebMinute { served, queue, spilled, latency, backend_errors: backend_errors.round(), connection_errors, cpu }
}

/// What an Application or Network Load Balancer goes through in one minute.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainMinute {
    /// Requests, or new flows.
    pub(super) served: f64,
    /// Seconds that an average request takes.
    pub(super) latency: f64,
    /// The slowest requests: multiple of the ordinary.
    pub(super) tail: f64,
    /// Requests that a target answered with 5XX.
    pub(super) target_errors: f64,
    /// Requests that the balancer answered with 5XX.
    pub(super) balancer_errors: f64,
    /// Connections to targets that failed.
    pub(super) connection_errors: f64,
}

/// The minute that begins at `at` of the balancer with `hash`; `busiest` requests a minute on an ordinary day, and
/// whether a zone outage reaches it.
pub(super) fn plain(world: &World, hash: u64, busiest: f64, reached: bool, at: Timestamp) -> PlainMinute {
    let served = (busiest * rhythm(at) * flutter(hash, at)).round();
    let noise = |salt: u64| sway(mix(hash, at.as_second().cast_unsigned() ^ salt));
    let mut minute = PlainMinute {
        served,
        latency: 0.082 * (1.0 + 0.12 * noise(1)),
        tail: 1.0,
        target_errors: (served * 0.0003 * (1.0 + noise(2))).round(),
        balancer_errors: 0.0,
        connection_errors: 0.0,
    };
    if let Some(minutes) = outage(world, at).filter(|_| reached) {
        // Until the checks have noticed, every third request goes to a host that does not answer.
        let share = line(&[(0.0, 0.06), (1.5, 0.06), (3.0, 0.012), (10.0, 0.006)], minutes);
        minute.balancer_errors = (served * share * (1.0 + 0.1 * noise(3))).round();
        minute.connection_errors = (served * share * 0.5).round();
        minute.latency += 0.9 * line(&[(0.0, 1.0), (2.0, 1.0), (4.0, 0.25)], minutes);
        minute.tail = 2.0;
    }
    minute
}

/// Requests or flows a minute at the busiest hour.
pub(super) fn busiest(role: super::fleet::Role, hash: u64) -> f64 {
    match role {
        super::fleet::Role::Api => API_PEAK,
        super::fleet::Role::Img => IMG_PEAK,
        _ => 800.0 + (hash % 4000) as f64,
    }
}

/// How loaded the hosts left in service are because of those that are not.
pub(super) fn crowding(world: &World, region: &Region, group: usize, at: Timestamp) -> f64 {
    let (well, ill) = health::counts(world, region, group, None, at);
    f64::from(well + ill) / f64::from(well.max(1))
}
