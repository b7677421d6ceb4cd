//! Numbers and durations in words.

use std::time::Duration;

use crate::alerts::Alert;
use crate::rules::{Unit, told_apart};

/// `45s`, `4m12s`, `5h51m`, `3d4h`: the two largest units.
pub(super) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// How long ago `then` was at `now`, as [`span`]; `0s` when it is yet to come.
pub(super) fn since(then: jiff::Timestamp, now: jiff::Timestamp) -> String {
    span(Duration::try_from(now.duration_since(then)).unwrap_or_default())
}

/// `812 > 512`; `now 300, limit > 512` where the newest value is good and the alert is held all the same; `no data, limit > 512`
/// where missing data is what breaches; the value alone where there is no limit; nothing where there is no value either.
pub(super) fn comparison(alert: &Alert) -> String {
    let beside = |v: f64, other: Option<f64>| match other {
        Some(other) => told_apart(v, other, |v, more| finer(v, alert.unit, more)),
        None => figure(v, alert.unit),
    };
    let value = alert.value.map(|v| beside(v, alert.limit));
    let limit = alert.limit.map(|l| beside(l, alert.value));
    match (value, limit) {
        (Some(value), Some(limit)) if alert.is_beyond() => format!("{value} {} {limit}", alert.comparison.as_str()),
        (Some(value), Some(limit)) => format!("now {value}, limit {} {limit}", alert.comparison.as_str()),
        (Some(value), None) => value,
        (None, Some(limit)) => format!("no data, limit {} {limit}", alert.comparison.as_str()),
        (None, None) => String::new(),
    }
}

/// `value` in its unit: `812`, `3.1%`, `1.9s`, `1.5GiB`, `$4,812`.
pub(super) fn figure(value: f64, unit: Unit) -> String {
    finer(value, unit, 0)
}

/// [`figure`] with `more` digits than usual.
fn finer(value: f64, unit: Unit, more: usize) -> String {
    match unit {
        Unit::Count => number(value, more),
        Unit::Percent => format!("{}%", number(value, more)),
        Unit::Seconds => format!("{}s", number(value, more)),
        Unit::Bytes => bytes(value, more),
        Unit::Dollars if value < 0.0 => format!("-${}", thousands(-value, more)),
        Unit::Dollars => format!("${}", thousands(value, more)),
    }
}

/// Whole numbers as they are, others with up to three significant decimals and no zeros behind.
fn number(value: f64, more: usize) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let decimals = match value.abs() {
        a if a.fract() == 0.0 => 0,
        a if a >= 100.0 => more,
        a if a >= 1.0 => 2 + more,
        _ => 4 + more,
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn bytes(value: f64, more: usize) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = value;
    let mut unit = 0;
    while value.abs() >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{}{}", number(value, more), UNITS[unit])
}

/// Cents below a hundred dollars, whole dollars with thousands' commas above.
fn thousands(value: f64, more: usize) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let decimals = match more {
        0 if value >= 100.0 => 0,
        // Cents come two at a time.
        _ if value >= 100.0 => 1 + more,
        _ if value.fract() == 0.0 => 0,
        _ => 2 + more,
    };
    let text = format!("{value:.decimals$}");
    let (digits, part) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::with_capacity(text.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + part
}
