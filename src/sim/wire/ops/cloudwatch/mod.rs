//! CloudWatch: metrics and alarms.

mod alarms;
mod list;
mod metric_data;
mod paging;
mod statistics;

pub(super) use alarms::{describe_alarm_history, describe_alarms};
pub(super) use list::list_metrics;
pub(super) use metric_data::get_metric_data;
pub(super) use statistics::get_metric_statistics;

use jiff::{SignedDuration, Timestamp};

use crate::sim::wire::error::ApiError;
use crate::sim::wire::params::Params;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::MetricId;

/// A metric of a request.
fn metric_id(params: &Params<'_>) -> Result<MetricId, ApiError> {
    let mut dimensions = Vec::new();
    for dimension in params.structures("Dimensions")? {
        dimensions.push((dimension.must_text("Name")?, dimension.must_text("Value")?));
    }
    if dimensions.len() > 30 {
        return Err(params.invalid("The collection Dimensions must not have a size greater than 30."));
    }
    let borrowed: Vec<(&str, &str)> = dimensions.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    Ok(MetricId::new(&params.must_text("Namespace")?, &params.must_text("MetricName")?, &borrowed))
}

fn dimensions(id: &MetricId) -> Value {
    list(id.dimensions.iter().map(|(name, value)| map([("Name", name.into()), ("Value", value.into())])))
}

/// A period that CloudWatch allows: 1, 5, 10, 20, 30 or a multiple of 60, at most a day.
fn period(seconds: i64) -> Option<u32> {
    let allowed = matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds % 60 == 0);
    u32::try_from(seconds).ok().filter(|s| allowed && *s <= 86_400)
}

/// How long CloudWatch keeps points of this period.
fn kept(period: u32) -> SignedDuration {
    match period {
        0..60 => SignedDuration::from_hours(3),
        p if p % 3600 == 0 => SignedDuration::from_hours(455 * 24),
        p if p % 300 == 0 => SignedDuration::from_hours(63 * 24),
        _ => SignedDuration::from_hours(15 * 24),
    }
}

/// The part of a window that there can be data for, whole periods of at least a minute after where it begins.
fn within_reach(start: Timestamp, to: Timestamp, period: u32, now: Timestamp) -> (Timestamp, Timestamp) {
    let oldest = now.checked_sub(kept(period)).unwrap_or(Timestamp::MIN);
    let newest = now.checked_add(SignedDuration::from_secs(i64::from(period))).unwrap_or(Timestamp::MAX);
    let begin = begin(start, now);
    let beyond = oldest.duration_since(begin).as_secs().max(0);
    let from = begin.as_second() + beyond - beyond % i64::from(period.max(60));
    (Timestamp::from_second(from).unwrap_or(begin), to.min(newest))
}

/// Where the periods of a request begin: its `StartTime`, rounded down to the whole minute, to five minutes where it is
/// older than 15 days, and to the hour where it is older than 63.
fn begin(start: Timestamp, now: Timestamp) -> Timestamp {
    let days = now.duration_since(start).as_secs() / 86_400;
    floor(
        start,
        match days {
            ..15 => 60,
            15..63 => 300,
            _ => 3600,
        },
    )
}

/// The last moment on the grid of `step` seconds that is not after `at`.
fn floor(at: Timestamp, step: u32) -> Timestamp {
    let step = i64::from(step.max(1));
    Timestamp::from_second(at.as_second().div_euclid(step) * step).unwrap_or(at)
}
