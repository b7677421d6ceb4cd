//! The statistics that `CloudWatch` offers, as it writes them.
//!
//! `SampleCount`, `Sum`, `Average`, `Minimum`, `Maximum` and `IQM` stand for themselves. `p`, `tm`, `wm`, `tc` and `ts`
//! take a percentage from 0 to 100 with at most ten decimals: `p99.9`, `tm90`. `TM`, `WM`, `TC` and `TS` take one or two
//! bounds, both percentages or both absolute: `TM(2%:98%)`, `TC(0.005:0.03)`, `TS(80%:)`; `PR` takes absolute ones only:
//! `PR(:300)`. (`CloudWatch` user guide, "CloudWatch statistics definitions".)

use super::resolve::nearest;

/// The statistics that are whole words.
const WORDS: [&str; 6] = ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "IQM"];
/// What people write for them.
const ALIASES: &[(&str, &str)] = &[
    ("avg", "Average"),
    ("mean", "Average"),
    ("min", "Minimum"),
    ("max", "Maximum"),
    ("total", "Sum"),
    ("count", "SampleCount"),
    ("n", "SampleCount"),
    ("samples", "SampleCount"),
    ("median", "p50"),
    ("tm", "tm90"),
    ("p", "p99"),
];
/// Those with a percentage behind them.
const SHORT: [&str; 5] = ["p", "tm", "wm", "tc", "ts"];
/// Those with bounds in parentheses.
const BOUNDED: [&str; 5] = ["TM", "WM", "TC", "TS", "PR"];
/// Most decimals of a percentage.
const DECIMALS: usize = 10;
const ALLOWED: &str = "allowed: Average, Sum, Minimum, Maximum, SampleCount, IQM; p99, tm90, wm98, tc90, ts90 and other \
                       percentages; TM(2%:98%), WM(10%:90%), TC(:0.03), TS(80%:), PR(:300) and other bounds";

/// Whether `text` is a statistic; if not, what is wrong with it and the nearest right name.
pub(super) fn check(text: &str) -> Result<(), String> {
    if WORDS.contains(&text) {
        return Ok(());
    }
    if let Some((name, bounds)) = text.split_once('(') {
        return bounded(name, bounds).map_err(|why| format!("no statistic `{text}`: {why}; {ALLOWED}"));
    }
    // The longer name first: `tm90` is no percentile.
    let short = SHORT.iter().rev().find_map(|name| text.strip_prefix(name));
    if let Some(percent) = short.filter(|p| p.starts_with(|c: char| c.is_ascii_digit())) {
        return percentage(percent).map_err(|why| format!("no statistic `{text}`: {why}; {ALLOWED}"));
    }
    let hint = hint(text).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    Err(format!("no statistic `{text}`{hint}; {ALLOWED}"))
}

fn hint(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some((_, meant)) = ALIASES.iter().find(|(alias, _)| *alias == lower) {
        return Some((*meant).to_owned());
    }
    if lower != text && check(&lower).is_ok() {
        return Some(lower);
    }
    let word = WORDS.iter().find(|w| w.eq_ignore_ascii_case(text)).copied();
    word.or_else(|| nearest(text, WORDS)).map(str::to_owned)
}

fn percentage(text: &str) -> Result<(), String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err("behind the name stands a percentage such as 99 or 99.9".to_owned());
    }
    if decimals.len() > DECIMALS {
        return Err(format!("a percentage has at most {DECIMALS} decimals"));
    }
    match text.parse::<f64>() {
        Ok(p) if (0.0..=100.0).contains(&p) => Ok(()),
        _ => Err("a percentage is from 0 to 100".to_owned()),
    }
}

fn bounded(name: &str, bounds: &str) -> Result<(), String> {
    if !BOUNDED.contains(&name) {
        let upper = name.to_ascii_uppercase();
        let hint =
            if BOUNDED.contains(&upper.as_str()) { format!("; did you mean `{upper}(…)`?") } else { String::new() };
        return Err(format!("bounds stand behind TM, WM, TC, TS and PR only{hint}"));
    }
    let Some((from, to)) = bounds.strip_suffix(')').and_then(|b| b.split_once(':')) else {
        return Err("bounds are written (from:to), one of them may lack".to_owned());
    };
    let read = |text: &str| -> Result<Option<(f64, bool)>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(percent) = text.strip_suffix('%') {
            percentage(percent)?;
            return Ok(percent.parse().ok().map(|p| (p, true)));
        }
        match text.parse::<f64>() {
            Ok(bound) if bound.is_finite() => Ok(Some((bound, false))),
            _ => Err(format!("`{text}` is no number")),
        }
    };
    let (from, to) = (read(from)?, read(to)?);
    match (from, to) {
        (None, None) => Err("needs a bound".to_owned()),
        (Some((_, true)), _) | (_, Some((_, true))) if name == "PR" => {
            Err("PR is the share of values between absolute bounds".to_owned())
        }
        (Some((_, a)), Some((_, b))) if a != b => Err("both bounds are percentages, or neither is".to_owned()),
        (Some((a, _)), Some((b, _))) if a >= b => Err("the first bound is below the second".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cloudwatch_offers_is_taken() {
        for right in [
            "Average",
            "Sum",
            "Minimum",
            "Maximum",
            "SampleCount",
            "IQM",
            "p0",
            "p50",
            "p99",
            "p99.9",
            "p100",
            "p99.0123456789",
            "tm90",
            "tm99.5",
            "wm98",
            "tc90",
            "ts90",
            "TM(2%:98%)",
            "TM(150:1000)",
            "TM(:95%)",
            "WM(10%:90%)",
            "WM(5:)",
            "TC(0.005:0.030)",
            "TS(80%:)",
            "TS(:-1.5)",
            "PR(:300)",
            "PR(100:2000)",
            "PR(1:)",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
    }

    #[test]
    fn the_rest_is_refused_with_the_nearest_right_name() {
        for (wrong, said) in [
            ("average", "did you mean `Average`?"),
            ("avg", "did you mean `Average`?"),
            ("Max", "did you mean `Maximum`?"),
            ("Minimun", "did you mean `Minimum`?"),
            ("count", "did you mean `SampleCount`?"),
            ("iqm", "did you mean `IQM`?"),
            ("P99", "did you mean `p99`?"),
            ("TM90", "did you mean `tm90`?"),
            ("median", "did you mean `p50`?"),
            ("p101", "from 0 to 100"),
            ("p99.", "a percentage such as"),
            ("p99.01234567890", "at most 10 decimals"),
            ("p", "did you mean `p99`?"),
            ("tm-5", "no statistic `tm-5`"),
            ("tm(2%:98%)", "did you mean `TM(…)`?"),
            ("p(1:2)", "TM, WM, TC, TS and PR only"),
            ("TM(2%:98)", "both bounds are percentages"),
            ("TM(98%:2%)", "the first bound is below"),
            ("TM(:)", "needs a bound"),
            ("TM(5)", "(from:to)"),
            ("TM(5:6", "(from:to)"),
            ("PR(:30%)", "absolute bounds"),
            ("PR(:x)", "`x` is no number"),
            ("TM(inf:)", "`inf` is no number"),
            ("", "no statistic ``"),
        ] {
            let message = check(wrong).expect_err(wrong);
            assert!(message.contains(said), "{wrong}: {message}");
        }
    }
}
