//! The published examples of the evaluation, and what holds for all others.

use proptest::prelude::*;

use super::*;
use crate::model::Series;

/// Data, oldest first: `0` good, `X` breaching, `-` missing.
fn points(row: &str) -> Vec<Option<AlarmPoint>> {
    row.split_whitespace()
        .map(|c| match c {
            "0" => Some(AlarmPoint::from(0.0)),
            "X" => Some(AlarmPoint::from(1.0)),
            _ => None,
        })
        .collect()
}

fn alarm(m: usize, n: usize, missing: Missing) -> BareAlarm {
    BareAlarm { threshold: 0.5, datapoints: Datapoints { m, n }, missing, ..BareAlarm::default() }
}

const STATES: [AlarmState; 3] = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
const ORDER: [Missing; 4] = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];

#[test]
fn the_ten_published_rows_in_all_four_treatments() {
    use Judgement::{Alarm, Insufficient, Keep, Ok};
    // Data oldest first, M, then what missing, ignore, breaching and notBreaching make of it; N is 3.
    let rows = [
        ("0 - X - X", 3, [Ok, Ok, Ok, Ok]),
        ("0 - - - -", 3, [Ok, Ok, Ok, Ok]),
        ("- - - - -", 3, [Insufficient, Keep, Alarm, Ok]),
        ("0 X X - X", 3, [Alarm, Alarm, Alarm, Alarm]),
        ("- - X - -", 3, [Alarm, Keep, Alarm, Ok]),
        ("0 - X - X", 2, [Alarm, Alarm, Alarm, Alarm]),
        ("0 0 X 0 X", 2, [Alarm, Alarm, Alarm, Alarm]),
        ("0 - X - -", 2, [Ok, Ok, Alarm, Ok]),
        ("- - - - 0", 2, [Ok, Ok, Alarm, Ok]),
        ("- - - X -", 2, [Alarm, Keep, Alarm, Ok]),
    ];
    for (row, m, expected) in rows {
        for (missing, expected) in ORDER.into_iter().zip(expected) {
            let alarm = alarm(m, 3, missing);
            let name = format!("`{row}` {m}/3 {}", missing.as_str());
            assert_eq!(alarm.judge(&points(row)), expected, "{name}");
            let values: Vec<_> = points(row).iter().map(|p| p.map(|p| p.value)).collect();
            assert_eq!(judge(&values, alarm.datapoints, missing, |v| v > 0.5), expected, "{name}");
            for previous in STATES {
                assert_eq!(alarm.state(&points(row), previous), expected.state(previous), "{name}");
            }
        }
    }
}

#[test]
fn too_young_breaches_are_no_alarm_yet() {
    for (row, m, expected) in [
        ("- - - - X", 2, Judgement::Insufficient),
        ("- - - X -", 3, Judgement::Insufficient),
        ("- - X - X", 3, Judgement::Alarm),
        ("- - - - X", 1, Judgement::Alarm),
    ] {
        assert_eq!(alarm(m, 3, Missing::Missing).judge(&points(row)), expected, "{row} {m}/3");
    }
}

#[test]
fn each_of_the_seven_comparisons() {
    use AlarmComparison as C;
    // Below, at and above the lower end; within; at and above the upper end of 10 to 20.
    let values = [9.0, 10.0, 15.0, 20.0, 21.0];
    for (comparison, band, expected) in [
        (C::GreaterThanOrEqualToThreshold, false, [false, true, true, true, true]),
        (C::GreaterThanThreshold, false, [false, false, true, true, true]),
        (C::LessThanThreshold, false, [true, false, false, false, false]),
        (C::LessThanOrEqualToThreshold, false, [true, true, false, false, false]),
        (C::LessThanLowerOrGreaterThanUpperThreshold, true, [true, false, false, false, true]),
        (C::LessThanLowerThreshold, true, [true, false, false, false, false]),
        (C::GreaterThanUpperThreshold, true, [false, false, false, false, true]),
    ] {
        assert_eq!(C::parse(comparison.as_str()), Some(comparison));
        assert_eq!(comparison.needs_band(), band);
        let alarm = BareAlarm { comparison, threshold: 10.0, ..BareAlarm::default() };
        for (value, expected) in values.into_iter().zip(expected) {
            let point = AlarmPoint { value, band: band.then_some((10.0, 20.0)), samples: None };
            assert_eq!(alarm.breaches(&point), Some(expected), "{comparison:?} {value}");
        }
    }
}

#[test]
fn a_point_without_its_band_is_no_point() {
    let comparison = AlarmComparison::LessThanLowerOrGreaterThanUpperThreshold;
    let alarm = BareAlarm { comparison, ..BareAlarm::default() };
    let points = [Some(AlarmPoint::from(1e9)); 3];
    assert_eq!(alarm.judge(&points), Judgement::Insufficient);
}

#[test]
fn dynamodb_ignores_gaps_whatever_its_alarm_says() {
    for missing in Missing::ALL {
        assert_eq!(missing.in_namespace("AWS/DynamoDB"), Missing::Ignore);
        assert_eq!(missing.in_namespace("AWS/SQS"), missing);
        let alarm = alarm(1, 1, missing.in_namespace("AWS/DynamoDB"));
        for previous in STATES {
            assert_eq!(alarm.state(&points("- - -"), previous), previous);
        }
    }
}

#[test]
fn a_percentile_of_few_samples_keeps_the_state_only_where_it_is_told_to() {
    for (stat, needed) in [("p99", 1000.0), ("p90", 100.0), ("p50", 20.0), ("p10", 100.0), ("p99.9", 10_000.0)] {
        assert_eq!(samples_needed(stat), Some(needed), "{stat}: exactly, since as many are enough");
    }
    for stat in ["Average", "p0", "p100", "tm90", "px", ""] {
        assert_eq!(samples_needed(stat), None, "{stat}");
    }
    let of = |low_samples, samples| {
        let alarm = BareAlarm { threshold: 0.5, stat: "p99".into(), low_samples, ..BareAlarm::default() };
        alarm.judge(&[Some(AlarmPoint { value: 1.0, band: None, samples })])
    };
    assert_eq!(of(LowSamples::Ignore, Some(999.0)), Judgement::Keep);
    assert_eq!(of(LowSamples::Ignore, Some(1000.1)), Judgement::Alarm);
    assert_eq!(of(LowSamples::Ignore, None), Judgement::Alarm, "how many there are is not known");
    assert_eq!(of(LowSamples::Evaluate, Some(3.0)), Judgement::Alarm);
}

/// A range of periods, M and N, and a treatment.
fn ranges() -> impl Strategy<Value = (Vec<Option<bool>>, usize, usize, Missing)> {
    (1usize..6, 0usize..6, 0usize..4).prop_flat_map(|(n, more, missing)| {
        let points = prop::collection::vec(prop::option::of(any::<bool>()), n + more);
        (points, 1..=n, Just(n), Just(ORDER[missing]))
    })
}

fn of(points: &[Option<bool>]) -> Vec<Option<AlarmPoint>> {
    points.iter().map(|p| p.map(|b| AlarmPoint::from(f64::from(u8::from(b))))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// An alarm that is in ALARM stays there when a good point becomes a breaching one, or a gap is filled with one.
    #[test]
    fn a_worse_point_never_turns_alarm_into_ok((points, m, n, missing) in ranges(), worse in any::<prop::sample::Index>()) {
        let alarm = alarm(m, n, missing);
        let mut more = points.clone();
        *worse.get_mut(&mut more) = Some(true);
        let (before, after) = (alarm.judge(&of(&points)), alarm.judge(&of(&more)));
        if before.state(AlarmState::Alarm) == AlarmState::Alarm {
            prop_assert_ne!(after.state(AlarmState::Alarm), AlarmState::Ok, "{:?} to {:?}", points, more);
        }
        if before == Judgement::Alarm {
            // Where no point is good, an alarm that ignores gaps keeps its state: that is all that can change.
            prop_assert!(after == Judgement::Alarm || (missing == Missing::Ignore && after == Judgement::Keep));
        }
    }

    /// Evaluated again over the same points, an alarm stays in the state it took.
    #[test]
    fn the_second_look_changes_nothing((points, m, n, missing) in ranges(), previous in 0usize..3) {
        let alarm = alarm(m, n, missing);
        let once = alarm.state(&of(&points), STATES[previous]);
        prop_assert_eq!(alarm.state(&of(&points), once), once);
    }

    /// In whatever order points come, and come again, the state is the same.
    #[test]
    fn the_order_of_observations_does_not_matter(
        (points, m, n, missing) in ranges(), keys in prop::collection::vec(any::<u32>(), 12), again in any::<bool>(),
    ) {
        let slot = |i: usize| jiff::Timestamp::from_second(1_800_000_000 + 60 * i64::try_from(i).unwrap_or(0));
        let mut arrivals: Vec<usize> = (0..points.len()).collect();
        let state = |arrivals: &[usize]| {
            let mut series = Series::new(60);
            for i in arrivals {
                if let (Some(b), Ok(at)) = (points[*i], slot(*i)) {
                    series.put(at, f64::from(u8::from(b)));
                }
            }
            let last = slot(points.len() - 1).expect("in range");
            let read: Vec<_> = series.window(last, points.len()).into_iter().map(|p| p.map(AlarmPoint::from)).collect();
            alarm(m, n, missing).state(&read, AlarmState::Ok)
        };
        let in_order = state(&arrivals);
        arrivals.sort_by_key(|i| keys[i % keys.len()]);
        if again {
            arrivals.extend_from_within(..);
        }
        prop_assert_eq!(state(&arrivals), in_order);
    }
}
