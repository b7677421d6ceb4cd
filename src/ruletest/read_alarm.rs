//! Reading a bare alarm.

use jiff::Timestamp;

use super::case::{AlarmCase, ExpectedState};
use super::keys::Keys;
use super::read_case::expect_keys;
use super::read_series::{Naming, named};
use super::series::can_be_joined;
use crate::model::{AlarmState, ApiSignal, Metric, Signal};
use crate::rules::tree::{Node, Value};
use crate::rules::{AlarmComparison, BareAlarm, Datapoints, LowSamples, Missing};

const ALARM_KEYS: &[&str] = &[
    "comparison",
    "threshold",
    "band",
    "datapoints_to_alarm",
    "evaluation_periods",
    "evaluation_range",
    "treat_missing_data",
    "evaluate_low_sample_count_percentile",
    "period",
    "previous_state",
];
const STATES: [(&str, AlarmState); 3] =
    [("OK", AlarmState::Ok), ("ALARM", AlarmState::Alarm), ("INSUFFICIENT_DATA", AlarmState::InsufficientData)];
const SIGNS: [(&str, AlarmComparison); 4] = [
    (">", AlarmComparison::GreaterThanThreshold),
    (">=", AlarmComparison::GreaterThanOrEqualToThreshold),
    ("<", AlarmComparison::LessThanThreshold),
    ("<=", AlarmComparison::LessThanOrEqualToThreshold),
];
/// A day of minutes, which is the most that `CloudWatch` lets an alarm look at.
const MOST_PERIODS: usize = 1440;

/// The bare alarm that `node` holds, with the series of the test, and when that begins.
pub(super) fn alarm(test: &Keys<'_>, node: &Node) -> Option<(Timestamp, AlarmCase)> {
    let keys = Keys::of(node, "test.alarm", ALARM_KEYS, test.errors())?;
    let mut names: Vec<(&str, AlarmComparison)> = AlarmComparison::ALL.iter().map(|c| (c.as_str(), *c)).collect();
    names.extend(SIGNS);
    let _ = keys.needed("comparison", "such as `GreaterThanThreshold`");
    let comparison = keys.choice("comparison", "comparison", &names);
    let bounded = comparison.is_some_and(AlarmComparison::needs_band);
    if !keys.has("threshold") && !bounded {
        keys.wrong("threshold", "lacks: the alarm's limit");
    }
    let threshold = keys.number("threshold").unwrap_or_default();
    let band = band(&keys);
    if bounded && !keys.has("band") {
        keys.wrong("band", "lacks: this comparison needs one, such as `[10, 20]`");
    }
    let n = keys.count("evaluation_periods", MOST_PERIODS).unwrap_or(1);
    let m = keys.count("datapoints_to_alarm", MOST_PERIODS).unwrap_or(n);
    if m > n {
        keys.wrong("datapoints_to_alarm", format!("is more than `evaluation_periods` ({n})"));
    }
    let datapoints = Datapoints { m, n };
    let range = keys.count("evaluation_range", MOST_PERIODS * 2).unwrap_or_else(|| datapoints.range());
    if range < n {
        keys.wrong("evaluation_range", format!("is less than `evaluation_periods` ({n})"));
    }
    let mut treatments: Vec<(&str, Missing)> = Missing::ALL.iter().map(|m| (m.as_str(), *m)).collect();
    treatments.push(("notBreaching", Missing::NotBreaching));
    let missing = keys.choice("treat_missing_data", "treatment", &treatments).unwrap_or_default();
    let low = [("evaluate", LowSamples::Evaluate), ("ignore", LowSamples::Ignore)];
    let low_samples = keys.choice("evaluate_low_sample_count_percentile", "treatment", &low).unwrap_or_default();
    let previous = keys.choice("previous_state", "state", &STATES).unwrap_or_default();

    let (series, samples) = the_series(test)?;
    let signal = signal(&series, "");
    let samples = samples.map(|s| {
        let signal = Signal::Metric(Metric::new("", "", "SampleCount", 60));
        s.told(signal)
    });
    let (namespace, stat) = match &signal {
        Signal::Metric(m) => (m.namespace.to_string(), m.stat.to_string()),
        Signal::Api(_) => (String::new(), String::new()),
    };
    let series = series.told(signal);
    let period = if keys.has("period") { keys.period("period")? } else { series.period };
    if period % series.period != 0 {
        keys.wrong("period", format!("must be a multiple of the series' period of {} s", series.period));
    } else if period != series.period && !can_be_joined(&stat) {
        keys.wrong(
            "period",
            format!("does not follow from a series of {} s for the statistic `{stat}`", series.period),
        );
    }
    let expect = expect(test);
    let alarm = BareAlarm {
        comparison: comparison?,
        threshold,
        datapoints,
        missing: missing.in_namespace(&namespace),
        stat,
        low_samples,
    };
    let start = Timestamp::from_second(series.start).ok()?;
    if expect.iter().any(|e| start.checked_add(e.at).is_err()) {
        test.wrong("expect", "has an `at` later than any time there is: let the series `start` earlier");
        return None;
    }
    Some((start, AlarmCase { alarm, period, range, previous, band, series, samples, expect }))
}

/// The one series of a bare alarm, and the one that says how many samples its points are made of.
fn the_series<'t>(test: &Keys<'t>) -> Option<(Naming<'t>, Option<Naming<'t>>)> {
    let mut own = None;
    let mut samples = None;
    for node in test.tables("series") {
        let naming = named(node, test)?;
        if let Some(resource) = naming.keys.get("resource") {
            super::read_case::resource(resource, "test.series.resource", test)?;
        }
        let counts = naming.keys.text("signal").is_some_and(|s| s.ends_with(" SampleCount"));
        let place = if counts && own.is_some() { &mut samples } else { &mut own };
        if place.is_some() {
            naming.keys.wrong("", "is one too many: a bare alarm has one series, and may have one of its SampleCount");
            return None;
        }
        *place = Some(naming);
    }
    if own.is_none() {
        test.wrong("series", "lacks: a bare alarm looks at one `[[test.series]]`");
    }
    Some((own?, samples))
}

/// The signal of `naming`; a bare alarm can be on any.
fn signal(naming: &Naming<'_>, otherwise: &str) -> Signal {
    let text = naming.keys.text("signal").unwrap_or(otherwise);
    if let Some(api) = ApiSignal::parse(text) {
        return Signal::Api(api);
    }
    let (named, stat) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (namespace, name) = named.rsplit_once('/').unwrap_or(("", named));
    Signal::Metric(Metric::new(namespace, name, stat.trim(), 60))
}

fn band(keys: &Keys<'_>) -> Option<(f64, f64)> {
    let node = keys.get("band")?;
    let ends = match &node.value {
        Value::List(list) => match &list[..] {
            [Node { value: Value::Number(low), .. }, Node { value: Value::Number(high), .. }] if low <= high => {
                Some((*low, *high))
            }
            _ => None,
        },
        _ => None,
    };
    if ends.is_none() {
        keys.wrong("band", "must be its lower and its upper end, such as `[10, 20]`");
    }
    ends
}

fn expect(test: &Keys<'_>) -> Vec<ExpectedState> {
    let nodes = test.tables("expect");
    if nodes.is_empty() {
        test.wrong("expect", "lacks: `[[test.expect]]` says in which state the alarm must be");
    }
    let one = |node| {
        let (keys, at) = expect_keys(node, test)?;
        if keys.has("alerts") {
            keys.wrong("alerts", "is for tests of rules; here `alarm_state` says in which state the alarm must be");
        }
        let _ = keys.needed("alarm_state", "OK, ALARM or INSUFFICIENT_DATA");
        let state = keys.choice("alarm_state", "state", &STATES)?;
        let line = keys.get("at").map_or(keys.place.line, |n| n.place.line);
        Some(ExpectedState { line, at, state })
    };
    nodes.iter().filter_map(one).collect()
}
