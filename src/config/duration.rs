//! Durations as people write them.

use std::time::Duration;

use jiff::{SpanRelativeTo, ToSpan};

/// Reads a duration such as `90s`, `10m`, `1h30m` or `2d`, a day being 24 hours.
///
/// # Errors
///
/// A sentence that says what a duration looks like.
pub fn parse_duration(raw: &str) -> Result<Duration, String> {
    let shape = "a duration is written like 90s, 10m, 1h30m or 2d";
    if raw.bytes().all(|b| b.is_ascii_digit()) && !raw.is_empty() {
        return Err(format!("it needs a unit, such as {raw}s or {raw}m: {shape}"));
    }
    let span: jiff::Span = raw.parse().map_err(|_| shape.to_owned())?;
    if span.is_negative() {
        return Err("it cannot be negative".to_owned());
    }
    let longest = 366.days();
    let days = SpanRelativeTo::days_are_24_hours();
    if !span.compare((longest, days)).is_ok_and(std::cmp::Ordering::is_le) {
        return Err("it can be at most 366 days, in days, hours, minutes and seconds".to_owned());
    }
    let signed = span.to_duration(days).map_err(|_| shape.to_owned())?;
    Duration::try_from(signed).map_err(|_| shape.to_owned())
}

/// `90s`, `1h 30m`: a duration in the form in which it can be given.
pub(super) fn show(duration: Duration) -> String {
    jiff::SignedDuration::try_from(duration).map_or_else(|_| format!("{duration:?}"), |d| format!("{d:#}"))
}
