//! Spot prices: a share of the list price that moves every few hours.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use super::super::Call;
use super::super::filter::{Filters, glob};
use super::page;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::Product;

/// A price holds this long.
const HOLDS: i64 = 6 * 3600;
/// AWS keeps 90 days of prices.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(in super::super) fn describe_spot_price_history(call: &Call<'_>) -> Result<Value, ApiError> {
    let known = |f: &str| matches!(f, "availability-zone" | "instance-type" | "product-description");
    let filters = Filters::read(&call.params, "Filter", "Value", known)?;
    let types = call.params.texts("InstanceType")?;
    let systems = call.params.texts("ProductDescription")?;
    let zone_asked = call.params.text("AvailabilityZone")?;
    let page = page(call, 1)?;
    let end = call.params.time("EndTime")?.unwrap_or(page.now).min(page.now);
    let oldest = page.now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    let start = call.params.time("StartTime")?.unwrap_or(oldest).max(oldest).min(end);
    let zones: BTreeSet<String> =
        call.world.subnets(call.region, page.now).into_iter().map(|subnet| subnet.zone).collect();
    let mut found = Vec::new();
    for product in call.world.products().iter().filter(|p| p.region == call.region) {
        let system = if product.operating_system == "Windows" { "Windows" } else { "Linux/UNIX" };
        for zone in zones.iter().filter(|z| zone_asked.as_ref().is_none_or(|asked| asked == *z)) {
            let wanted = (types.is_empty() || types.iter().any(|t| t == product.instance_type))
                && (systems.is_empty() || systems.iter().any(|s| glob(s, system)))
                && filters.pass(|f| {
                    Some(match f {
                        "availability-zone" => zone.as_str(),
                        "instance-type" => product.instance_type,
                        _ => system,
                    })
                });
            if wanted {
                found.extend(prices(product, zone, system, start, end));
            }
        }
    }
    found.sort_by_key(|(turn, _)| std::cmp::Reverse(*turn));
    let (found, token) = page.cut(found);
    // This operation gives an empty token where others give none.
    Ok(map([
        ("spotPriceHistorySet", list(found.into_iter().map(|(_, price)| price))),
        ("nextToken", token.unwrap_or_default().into()),
    ]))
}

/// The price that holds at `start`, and each later one up to `end`.
fn prices<'a>(
    product: &'a Product,
    zone: &'a str,
    system: &'static str,
    start: Timestamp,
    end: Timestamp,
) -> impl Iterator<Item = (i64, Value)> + 'a {
    let (first, last) = (start.as_second().div_euclid(HOLDS), end.as_second().div_euclid(HOLDS));
    (first..=last).filter_map(move |turn| {
        let at = Timestamp::from_second(turn * HOLDS).ok()?;
        let price = product.usd_per_hour * share(product.instance_type, zone, turn);
        let record = map([
            ("instanceType", product.instance_type.into()),
            ("productDescription", system.into()),
            ("spotPrice", format!("{price:.6}").into()),
            ("timestamp", at.into()),
            ("availabilityZone", zone.to_owned().into()),
        ]);
        Some((turn, record))
    })
}

/// Between 28 and 42 per cent of the list price.
fn share(instance_type: &str, zone: &str, turn: i64) -> f64 {
    let mut hasher = DefaultHasher::new();
    (instance_type, zone, turn).hash(&mut hasher);
    0.28 + (hasher.finish() % 141) as f64 / 1000.0
}
