//! Numbers, times and money as a person reads them. What is not known is `-`, never 0.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::rules::{Unit, told_apart};

/// What stands for a value that is not known.
pub(super) const UNKNOWN: &str = "-";

/// `4s`, `4m12s`, `5h51m`, `3d4h`: two units at most. Negative durations are shown as 0.
#[must_use]
pub(super) fn duration(d: SignedDuration) -> String {
    let s = d.as_secs().max(0);
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m{:02}s", s / 60, s % 60),
        3600..86_400 => format!("{}h{:02}m", s / 3600, s % 3600 / 60),
        86_400..8_640_000 => format!("{}d{}h", s / 86_400, s % 86_400 / 3600),
        _ => format!("{}d", s / 86_400),
    }
}

/// One unit: `4s`, `12m`, `5h`, `3d`.
#[must_use]
pub(super) fn short_duration(d: SignedDuration) -> String {
    let s = d.as_secs().max(0);
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m", s / 60),
        3600..86_400 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    }
}

/// A number in about four characters before its suffix: `812`, `1,024`, `12k`, `3.4M`, `0.25`.
#[must_use]
pub(super) fn number(v: f64) -> String {
    finer_number(v, 0)
}

fn finer_number(v: f64, more: usize) -> String {
    let a = v.abs();
    if !v.is_finite() {
        return UNKNOWN.into();
    }
    if (9_999_500.0..9.995e11).contains(&a) {
        let (div, suffix) = if a >= 9.995e8 { (1e9, "G") } else { (1e6, "M") };
        return format!("{}{suffix}", trimmed(v / div, 1 + more));
    }
    match a {
        _ if a >= 9.995e11 => format!("{v:.*e}", 1 + more),
        _ if a >= 999_500.0 => format!("{}M", trimmed(v / 1e6, 1 + more)),
        _ if a >= 9_999.5 => format!("{}k", trimmed(v / 1e3, more)),
        _ if a >= 100.0 => format!("{}{}", if v < 0.0 { "-" } else { "" }, grouped(&trimmed(a, more))),
        _ if a >= 10.0 => trimmed(v, 1 + more),
        _ => trimmed(v, 2 + more),
    }
}

/// Dollars: `$4,812`, `$14.20`, `$0.83`.
#[must_use]
pub(super) fn dollars(v: f64) -> String {
    finer_dollars(v, 0)
}

fn finer_dollars(v: f64, more: usize) -> String {
    if !v.is_finite() {
        return UNKNOWN.into();
    }
    let sign = if v < 0.0 { "-" } else { "" };
    let a = v.abs();
    match more {
        0 if a >= 100.0 => format!("{sign}${}", grouped(&format!("{a:.0}"))),
        // Cents come two at a time.
        _ if a >= 100.0 => format!("{sign}${}", grouped(&format!("{a:.*}", 1 + more))),
        _ => format!("{sign}${a:.*}", 2 + more),
    }
}

/// Bytes by 1,024: `3.4GiB`.
fn finer_bytes(v: f64, more: usize) -> String {
    let mut v = v;
    for suffix in ["B", "KiB", "MiB", "GiB"] {
        if v.abs() < 1024.0 {
            return format!("{}{suffix}", trimmed(v, usize::from(suffix != "B") + more));
        }
        v /= 1024.0;
    }
    format!("{}TiB", trimmed(v, 1 + more))
}

/// Seconds as a latency: `1.9s`, `85ms`.
#[must_use]
pub(super) fn seconds(v: f64) -> String {
    finer_seconds(v, 0)
}

fn finer_seconds(v: f64, more: usize) -> String {
    match v.abs() {
        a if a >= 600.0 => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a duration beyond i64 seconds is clamped, which is fine"
            )]
            let whole = v as i64;
            if more > 0 { whole_duration(v, more - 1) } else { duration(SignedDuration::from_secs(whole)) }
        }
        a if a >= 0.9995 => format!("{}s", trimmed(v, 1 + more)),
        a if a > 0.0 => format!("{}ms", trimmed(v * 1000.0, more)),
        _ => "0s".into(),
    }
}

/// All units of `v` seconds, with `digits` behind the point: `1h05m00.4s`.
fn whole_duration(v: f64, digits: usize) -> String {
    let sign = if v < 0.0 { "-" } else { "" };
    let scale = 10f64.powi(i32::try_from(digits).unwrap_or(0));
    // Rounded before it is split: sixty seconds are a minute.
    let parts = (v.abs() * scale).round();
    let (minute, hour) = (60.0 * scale, 3600.0 * scale);
    let (seconds, minutes, hours) = (parts % minute / scale, (parts / minute).floor() % 60.0, (parts / hour).floor());
    let width = if digits > 0 { digits + 3 } else { 2 };
    let seconds = format!("{seconds:0width$.digits$}s");
    if hours > 0.0 {
        format!("{sign}{hours:.0}h{minutes:02.0}m{seconds}")
    } else {
        format!("{sign}{minutes:.0}m{seconds}")
    }
}

/// `v` in `unit`.
#[must_use]
pub(super) fn value(v: f64, unit: Unit) -> String {
    finer(v, unit, 0)
}

/// `v` in `unit` where it stands beside `other`, a value beside its limit or a limit beside its value: with as many digits more
/// as tell the two apart.
#[must_use]
pub(super) fn beside(v: f64, other: Option<f64>, unit: Unit) -> String {
    match other {
        Some(other) => told_apart(v, other, |v, more| finer(v, unit, more)),
        None => value(v, unit),
    }
}

fn finer(v: f64, unit: Unit, more: usize) -> String {
    match unit {
        Unit::Count => finer_number(v, more),
        // Of a thousand percent and more nobody asks for tenths.
        Unit::Percent if v >= 999.5 => format!("{}%", grouped(&trimmed(v, more))),
        Unit::Percent => format!("{}%", trimmed(v, 1 + more)),
        Unit::Seconds => finer_seconds(v, more),
        Unit::Bytes => finer_bytes(v, more),
        Unit::Dollars => finer_dollars(v, more),
    }
}

/// `v` in `unit`, or `-`.
#[must_use]
pub(super) fn maybe(v: Option<f64>, unit: Unit) -> String {
    v.map_or_else(|| UNKNOWN.into(), |v| value(v, unit))
}

/// The time of day in `tz`: `14:03:27`.
#[must_use]
pub(super) fn clock(at: Timestamp, tz: &TimeZone) -> String {
    at.to_zoned(tz.clone()).strftime("%H:%M:%S").to_string()
}

/// The time of day to the minute in `tz`: `14:03`.
#[must_use]
pub(super) fn minute(at: Timestamp, tz: &TimeZone) -> String {
    at.to_zoned(tz.clone()).strftime("%H:%M").to_string()
}

/// `14:03:27`, with the day before it when it is another day than `now`'s: `13 Jan 14:03:27`, and with the year where
/// that is another one: `13 Jan 2025 14:03:27`.
#[must_use]
pub(super) fn moment(at: Timestamp, now: Timestamp, tz: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(tz.clone()), now.to_zoned(tz.clone()));
    let form = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%d %b %H:%M:%S",
        (false, false) => "%d %b %Y %H:%M:%S",
    };
    at.strftime(form).to_string()
}

/// A twelve-digit account number in groups of four; anything else as it is.
#[must_use]
pub(super) fn account(id: &str) -> String {
    if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) {
        format!("{}-{}-{}", &id[..4], &id[4..8], &id[8..])
    } else {
        id.into()
    }
}

/// A region's name for where there is little room: `use1` for `us-east-1`, `apne1` for `ap-northeast-1`, `usgw1` for
/// `us-gov-west-1`; what is not made like that as it is.
#[must_use]
pub(super) fn short_region(region: &str) -> String {
    let parts: Vec<&str> = region.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else { return region.into() };
    if middle.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return region.into();
    }
    let short = |part: &&str| -> String {
        let compass = [("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"), ("central", "c"), ("iso", "i")];
        let mut out = (*part).to_owned();
        for (word, letter) in compass {
            out = out.replace(word, letter);
        }
        // Anything else, such as `gov`, is its first letter.
        if out == *part { out.chars().take(1).collect() } else { out }
    };
    format!("{area}{}{number}", middle.iter().map(short).collect::<String>())
}

/// `n` of something: `1 row`, `2 rows`.
#[must_use]
pub(super) fn counted(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

fn trimmed(v: f64, digits: usize) -> String {
    let text = format!("{v:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".into() } else { text.into() }
}

/// `text`, a number without a sign, with its thousands apart.
fn grouped(text: &str) -> String {
    let (whole, part) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::with_capacity(text.len() + 4);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + part
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_short_and_keep_what_matters() {
        for (v, wanted) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (3.456, "3.46"),
            (12.0, "12"),
            (12.34, "12.3"),
            (812.0, "812"),
            (1024.0, "1,024"),
            (9_999.4, "9,999"),
            (12_345.0, "12k"),
            (999_499.0, "999k"),
            (1_500_000.0, "1.5M"),
            (45_000_000.0, "45M"),
            (2.5e9, "2.5G"),
            (f64::NAN, "-"),
            (-5.0, "-5"),
            (-0.001, "0"),
        ] {
            assert_eq!(number(v), wanted, "{v}");
        }
    }

    #[test]
    fn durations_have_two_units_at_most() {
        for (s, wanted) in [(-5, "0s"), (4, "4s"), (252, "4m12s"), (21_060, "5h51m"), (273_600, "3d4h")] {
            assert_eq!(duration(SignedDuration::from_secs(s)), wanted);
        }
    }

    #[test]
    fn money_bytes_and_seconds() {
        assert_eq!(
            [dollars(4812.4), dollars(14.2), dollars(0.831), dollars(-1500.0)],
            ["$4,812", "$14.20", "$0.83", "-$1,500"]
        );
        assert_eq!([value(512.0, Unit::Bytes), value(3.4 * 1024.0 * 1024.0, Unit::Bytes)], ["512B", "3.4MiB"]);
        assert_eq!([seconds(1.94), seconds(0.085), seconds(0.0), seconds(900.0)], ["1.9s", "85ms", "0s", "15m00s"]);
    }

    #[test]
    fn a_value_never_reads_as_the_limit_that_it_is_not() {
        let hour = |s: f64| 3900.0 + s;
        for (v, limit, unit, wanted) in [
            (3.0, 1.0, Unit::Percent, ["3%", "1%"]),
            (5133.6, 300.0, Unit::Percent, ["5,134%", "300%"]),
            (5133.6, 5134.0, Unit::Percent, ["5,133.6%", "5,134%"]),
            (999.54, 999.46, Unit::Percent, ["1,000%", "999.5%"]),
            (1.04, 1.0, Unit::Percent, ["1.04%", "1%"]),
            (0.999, 1.0, Unit::Percent, ["0.999%", "1%"]),
            (2.04, 2.0, Unit::Seconds, ["2.04s", "2s"]),
            (0.0504, 0.05, Unit::Seconds, ["50.4ms", "50ms"]),
            (hour(1.0), hour(0.0), Unit::Seconds, ["1h05m01s", "1h05m00s"]),
            (hour(0.25), hour(0.0), Unit::Seconds, ["1h05m00.3s", "1h05m00.0s"]),
            (659.96, 659.9, Unit::Seconds, ["11m00.0s", "10m59.9s"]),
            (512.3, 512.0, Unit::Count, ["512.3", "512"]),
            (1_024.5, 1_024.0, Unit::Count, ["1,024.5", "1,024"]),
            (12_400.0, 12_000.0, Unit::Count, ["12.4k", "12k"]),
            (8_000.4, 8_000.0, Unit::Dollars, ["$8,000.40", "$8,000.00"]),
            (14.204, 14.2, Unit::Dollars, ["$14.204", "$14.200"]),
            (1025.0, 1024.0, Unit::Bytes, ["1.001KiB", "1KiB"]),
            (16_777_218.0, 16_777_216.0, Unit::Count, ["16.777218M", "16.777216M"]),
            (f64::from(0.05_f32), 0.05, Unit::Count, ["0.05", "0.05"]),
        ] {
            assert_eq!(
                [beside(v, Some(limit), unit), beside(limit, Some(v), unit)],
                wanted,
                "{v} and {limit} {unit:?}"
            );
        }
        assert_eq!(beside(1.04, None, Unit::Percent), "1%");
    }

    proptest! {
        /// Points are `f32`; whatever differs as such reads differently, and nothing else does.
        #[test]
        fn texts_differ_where_value_and_limit_do(
            v in prop_oneof![any::<f32>(), 0.0f32..1e7, -100f32..100.0],
            off in prop_oneof![Just(1u32), 1u32..5000],
            unit in prop::sample::select(vec![Unit::Count, Unit::Percent, Unit::Seconds, Unit::Bytes, Unit::Dollars]),
        ) {
            let limit = f32::from_bits(v.to_bits().wrapping_add(off));
            prop_assume!(v.is_finite() && limit.is_finite());
            let (v, limit) = (f64::from(v), f64::from(limit));
            prop_assert_ne!(beside(v, Some(limit), unit), beside(limit, Some(v), unit));
            prop_assert_eq!(beside(v, Some(v), unit), value(v, unit));
        }
    }

    #[test]
    fn regions_have_short_names() {
        for (region, wanted) in [
            ("us-east-1", "use1"),
            ("us-west-2", "usw2"),
            ("ap-northeast-1", "apne1"),
            ("ap-southeast-4", "apse4"),
            ("ap-south-1", "aps1"),
            ("eu-central-1", "euc1"),
            ("us-gov-west-1", "usgw1"),
            ("us-isob-east-1", "usibe1"),
            ("cn-northwest-1", "cnnw1"),
            ("global", "global"),
            ("", ""),
            ("本番-東京-x", "本番-東京-x"),
        ] {
            assert_eq!(short_region(region), wanted);
        }
    }

    #[test]
    fn an_account_number_is_grouped() {
        assert_eq!(account("123456789012"), "1234-5678-9012");
        assert_eq!(account("demo"), "demo");
    }
}
