//! Which calls fail, and how.

use std::time::Duration;

use jiff::Timestamp;

use super::noise::{mix, mix_text, unit};
use super::{Fault, World};
use crate::sim::scenario::EffectKind;

/// See [`World::weather`].
pub(super) fn weather(world: &World, service: &str, operation: &str, region: &str, now: Timestamp) -> Option<Fault> {
    let moment = mix_text(world.config.seed, service);
    let moment = mix_text(mix_text(moment, operation), region);
    let chance = unit(mix(moment, now.as_millisecond().cast_unsigned()));
    world.story.effects.iter().filter(|e| e.holds(now)).find_map(|effect| match effect.kind {
        EffectKind::Expired => Some(Fault::ExpiredToken),
        EffectKind::Blind(blind) if blind == region => Some(Fault::Stall),
        EffectKind::Throttled(share) => throttled(service, share, chance),
        _ => None,
    })
}

/// Each service throttles by itself: the ones that everybody polls most of all.
fn throttled(service: &str, share: f64, chance: f64) -> Option<Fault> {
    let share = match service {
        "elb" | "elbv2" | "autoscaling" => share,
        "cloudwatch" | "ec2" => share * 0.7,
        "cloudtrail" => share * 0.9,
        _ => 0.0,
    };
    if chance < share {
        Some(Fault::Throttle)
    } else if share > 0.0 && chance > 0.97 {
        Some(Fault::ServerError)
    } else if share > 0.0 && chance > 0.85 {
        Some(Fault::Latency(Duration::from_millis(1_800)))
    } else {
        None
    }
}
