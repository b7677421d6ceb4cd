//! `ListMetrics`.

use jiff::{SignedDuration, Timestamp};

use super::super::Call;
use super::dimensions;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::MetricListing;

/// The size of a page cannot be asked for.
const PAGING: Paging = Paging { token: "NextToken", size: "", default: 500, least: 500, most: 500 };

pub(in super::super) fn list_metrics(call: &Call<'_>) -> Result<Value, ApiError> {
    let namespace = call.params.text("Namespace")?;
    let name = call.params.text("MetricName")?;
    let mut wanted = Vec::new();
    for dimension in call.params.structures("Dimensions")? {
        wanted.push((dimension.must_text("Name")?, dimension.text("Value")?));
    }
    if wanted.len() > 10 {
        return Err(call.params.invalid("The collection Dimensions must not have a size greater than 10."));
    }
    let page = PAGING.read(&call.params, call.now)?;
    let since = match call.params.text("RecentlyActive")?.as_deref() {
        None => Timestamp::MIN,
        Some("PT3H") => page.now.checked_sub(SignedDuration::from_hours(3)).unwrap_or(Timestamp::MIN),
        Some(other) => {
            return Err(call.params.invalid(format!("The value {other} for parameter RecentlyActive must be PT3H.")));
        }
    };
    let all = call.world.metrics(call.region, page.now);
    let found: Vec<&MetricListing> = all
        .iter()
        .filter(|m| m.last_active >= since)
        .filter(|m| namespace.as_ref().is_none_or(|n| *n == m.id.namespace))
        .filter(|m| name.as_ref().is_none_or(|n| *n == m.id.name))
        .filter(|m| {
            wanted.iter().all(|(name, value)| {
                m.id.dimensions.iter().any(|(n, v)| n == name && value.as_ref().is_none_or(|value| value == v))
            })
        })
        .collect();
    let (found, token) = page.cut(found);
    let metrics = found.into_iter().map(|m| {
        map([
            ("Namespace", (&m.id.namespace).into()),
            ("MetricName", (&m.id.name).into()),
            ("Dimensions", dimensions(&m.id)),
        ])
    });
    Ok(map([("Metrics", list(metrics))]).and("NextToken", token))
}
