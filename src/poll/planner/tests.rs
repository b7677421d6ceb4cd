//! What is asked for, when, and in how many calls.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::cost::{DOLLARS_A_METRIC, monthly};
use super::super::packing::points;
use super::super::{Demand, cost_a_day};
use super::*;
use crate::aws::cloudwatch::{MAX_POINTS, MAX_QUERIES};
use crate::model::{Kind, ResourceId, Scope};

const START: i64 = 1_768_366_800;

fn query(resource: usize, name: &str, stat: &str, period: u32) -> Query {
    let id = format!("r{resource}");
    Query {
        resource: ResourceId::new(&Scope::new("a", "r"), Kind::Instance, id.as_str()),
        metric: Metric::new("AWS/EC2", name, stat, period),
        dimensions: vec![("InstanceId".into(), id.into())],
        history: 0,
        awaited: false,
    }
}

fn answer_all(planner: &mut Planner, batches: &[Batch], now: Timestamp) {
    for s in batches.iter().flat_map(|b| &b.series) {
        planner.answered(s, now, Some(QueryStatus::Complete), Some(s.to));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn calls_keep_the_limits_and_hold_each_series_once(
        shape in prop::collection::vec((0usize..400, 0usize..4, 0usize..7, prop::sample::select(vec![60u32, 300, 3600, 21_600])), 0..1500),
        now in START..START + 86_400,
    ) {
        let stats = ["Sum", "Average", "Maximum", "Minimum", "p50", "p90", "p99"];
        let queries: Vec<Query> =
            shape.iter().map(|(r, m, s, p)| query(*r, &format!("m{m}"), stats[*s], *p)).collect();
        let mut planner = Planner::default();
        planner.want(queries.iter());
        let batches = planner.plan(at(now), 1);
        let wanted: BTreeSet<&Query> = queries.iter().collect();
        let planned: Vec<&Query> = batches.iter().flat_map(|b| b.series.iter().map(|s| &s.query)).collect();
        prop_assert_eq!(planned.iter().copied().collect::<BTreeSet<_>>(), wanted);
        prop_assert_eq!(planned.iter().copied().collect::<BTreeSet<_>>().len(), planned.len());
        let mut homes: BTreeMap<_, usize> = BTreeMap::new();
        for (index, b) in batches.iter().enumerate() {
            let mut periods = BTreeMap::new();
            b.series.iter().for_each(|s| *periods.entry(s.query.metric.period).or_default() += 1);
            prop_assert!(b.series.len() <= MAX_QUERIES && points((b.from, b.to), &periods) <= MAX_POINTS);
            for s in &b.series {
                let period = i64::from(s.query.metric.period);
                prop_assert_eq!(s.from.as_second().rem_euclid(period), 0);
                prop_assert_eq!(b.from.as_second().rem_euclid(period), 0, "periods are counted from it");
                prop_assert_eq!(s.to.as_second(), now - now.rem_euclid(period));
                prop_assert!(b.from <= s.from && s.to <= b.to && s.from < s.to);
                let metric = (s.query.resource.clone(), s.query.metric.name.clone(), s.query.metric.period);
                prop_assert_eq!(*homes.entry(metric).or_insert(index), index, "statistics of one metric were split");
            }
        }
    }

    #[test]
    fn no_moment_is_left_out_and_none_is_asked_too_often(
        waits in prop::collection::vec(1i64..200, 1..120), period in prop::sample::select(vec![60u32, 300]), slowdown in 1u32..4,
    ) {
        let mut planner = Planner::default();
        let q = query(0, "m", "Sum", period);
        planner.want([&q].into_iter());
        let (mut now, mut covered, mut reads) = (START, None::<i64>, 0i64);
        for wait in waits {
            let batches = planner.plan(at(now), slowdown);
            for s in batches.iter().flat_map(|b| &b.series) {
                let p = i64::from(period);
                if let Some(to) = covered {
                    prop_assert!(s.from.as_second() <= to, "a gap");
                    prop_assert!(s.to.as_second() - to >= p * i64::from(slowdown), "too soon");
                    prop_assert!(s.to.as_second() - s.from.as_second() >= REVISED * p, "nothing revised");
                }
                covered = Some(s.to.as_second());
                reads += 1;
            }
            answer_all(&mut planner, &batches, at(now));
            now += wait;
        }
        prop_assert!(reads <= 1 + (now - START) / (i64::from(period) * i64::from(slowdown)) + 1);
    }
}

#[test]
fn a_full_fleet_takes_the_fewest_calls() {
    let mut planner = Planner::default();
    let queries: Vec<Query> = (0..1250).map(|r| query(r, "CPUUtilization", "Average", 60)).collect();
    planner.want(queries.iter());
    let first = planner.plan(at(START), 1);
    assert_eq!(first.len(), 3);
    answer_all(&mut planner, &first, at(START));
    assert_eq!(planner.plan(at(START + 59), 1).len(), 0);
    assert_eq!(planner.plan(at(START + 60), 1).len(), 3);
}

#[test]
fn a_refused_series_is_asked_for_seldom_or_when_it_is_wanted_anew() {
    let mut planner = Planner::default();
    let q = query(0, "m", "Sum", 60);
    assert!(planner.want([&q].into_iter()));
    let planned = planner.plan(at(START), 1).remove(0).series.remove(0);
    planner.answered(&planned, at(START), Some(QueryStatus::Forbidden), None);
    assert!(!planner.want([&q].into_iter()));
    assert!(planner.plan(at(START + 600), 1).is_empty());
    assert_eq!(planner.plan(at(START + FORBIDDEN_EVERY), 1).len(), 1, "the permission may be there now");
    assert_eq!(planner.plan(at(START - 600), 1).len(), 1, "a clock that was set back");
    let mut asked = planner.series.clone();
    planner.forgive();
    assert_eq!(planner.plan(at(START + 600), 1).len(), 1, "somebody wants to know");
    std::mem::swap(&mut planner.series, &mut asked);
    planner.want(std::iter::empty());
    assert!(planner.want([&q].into_iter()));
    assert_eq!(planner.plan(at(START + 600), 1).len(), 1);
}

#[test]
fn a_failed_series_is_due_again_and_its_window_grows() {
    let mut planner = Planner::default();
    let q = query(0, "m", "Sum", 60);
    planner.want([&q].into_iter());
    let first = planner.plan(at(START), 1);
    answer_all(&mut planner, &first, at(START));
    let planned = planner.plan(at(START + 60), 1).remove(0).series.remove(0);
    planner.answered(&planned, at(START + 60), Some(QueryStatus::InternalError), None);
    let again = planner.plan(at(START + 1200), 1).remove(0).series.remove(0);
    assert!(again.from < at(START) && again.to == at(START + 1200));
}

#[test]
fn a_dead_metric_is_read_less_often_and_one_that_is_sparse_or_awaited_is_not() {
    for (name, awaited, reads_in_three_hours) in
        [("CPUUtilization", false, 60 + 8), ("StatusCheckFailed", false, 180), ("ExecutionsSucceeded", true, 180)]
    {
        let mut planner = Planner::default();
        let q = Query { awaited, ..query(0, name, "Sum", 60) };
        // Nobody waits for what was waited for before.
        let once = Query { awaited: true, ..q.clone() };
        planner.want([&once].into_iter());
        assert!(!planner.want([&q].into_iter()));
        let mut reads = 0;
        for minute in 0..180 {
            for s in planner.plan(at(START + minute * 60), 1).iter().flat_map(|b| b.series.clone()) {
                planner.answered(&s, at(START + minute * 60), Some(QueryStatus::Complete), None);
                reads += 1;
            }
        }
        assert!((reads_in_three_hours - 2..=reads_in_three_hours + 2).contains(&reads), "{name}: {reads}");
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_keep_metrics_from_being_read() {
    let mut planner = Planner::default();
    let q = query(0, "m", "Sum", 60);
    planner.want([&q].into_iter());
    let batches = planner.plan(at(START + 3600), 1);
    answer_all(&mut planner, &batches, at(START + 3600));
    let batches = planner.plan(at(START), 1);
    assert_eq!(batches.len(), 1, "an hour back");
    answer_all(&mut planner, &batches, at(START));
    assert_eq!((planner.plan(at(START + 30), 1).len(), planner.plan(at(START + 60), 1).len()), (0, 1));
}

#[test]
fn a_series_that_is_compared_with_yesterday_is_read_a_day_back_once() {
    let mut planner = Planner::default();
    let usual = query(0, "m", "Sum", 60);
    let long = Query { history: 90_000, ..usual.clone() };
    let span = |b: &[Batch]| {
        b.iter().flat_map(|b| &b.series).map(|s| s.to.duration_since(s.from).as_secs()).collect::<Vec<_>>()
    };
    assert!(planner.want([&usual, &long].into_iter()));
    let first = planner.plan(at(START), 1);
    assert_eq!(span(&first), [90_000], "one series, however many want it");
    answer_all(&mut planner, &first, at(START));
    assert!(!planner.want([&long, &usual].into_iter()));
    assert_eq!(span(&planner.plan(at(START + 60), 1)), [300]);
    // What was wanted for a graph alone is read again when a rule wants more of it.
    let longer = Query { history: 93_600, ..usual.clone() };
    assert!(planner.want([&longer].into_iter()));
    assert_eq!(span(&planner.plan(at(START + 60), 1)), [93_600]);
}

#[test]
fn the_bill_is_read_with_its_running_period_every_time() {
    let mut planner = Planner::default();
    let q = query(0, "EstimatedCharges", "Maximum", 21_600);
    planner.want([&q].into_iter());
    let first = planner.plan(at(START), 1);
    assert!(first[0].to > at(START) && first[0].series[0].to <= at(START));
    assert!(first[0].to.as_second() - first[0].from.as_second() >= 35 * 86_400);
    answer_all(&mut planner, &first, at(START));
    assert_eq!(planner.plan(at(START + 1800), 1).len(), 1);
}

#[test]
fn a_metric_of_a_day_is_read_each_hour_and_counted_so() {
    let mut planner = Planner::default();
    let q = query(0, "BucketSizeBytes", "Average", 86_400);
    planner.want([&q].into_iter());
    let mut reads = 0;
    for minute in 0..24 * 60 {
        let batches = planner.plan(at(START + minute * 60), 1);
        reads += batches.len();
        answer_all(&mut planner, &batches, at(START + minute * 60));
    }
    assert_eq!(reads, 24);
    let day = cost_a_day(&Demand { queries: vec![q], ..Demand::default() });
    assert!((day - 24.0 * DOLLARS_A_METRIC).abs() < 1e-9, "{day}");
}

#[test]
fn a_month_of_a_minutes_metric_costs_43_cents() {
    let queries = [query(0, "m", "Sum", 60), query(0, "m", "Average", 60)];
    assert!((monthly(queries.iter(), Vec::new(), 60.0) - 0.432).abs() < 1e-9);
    assert!((monthly(queries.iter(), Vec::new(), 600.0) - 0.0432).abs() < 1e-9);
}

/// What is asked for at `now` and answered: period, statistic, and minutes from `START` of the window's ends.
fn read(planner: &mut Planner, now: i64) -> Vec<(u32, String, i64, i64)> {
    let batches = planner.plan(at(now), 1);
    answer_all(planner, &batches, at(now));
    let minute = |t: Timestamp| (t.as_second() - START) / 60;
    let mut all: Vec<_> = batches
        .iter()
        .flat_map(|b| &b.series)
        .map(|s| (s.query.metric.period, s.query.metric.stat.to_string(), minute(s.from), minute(s.to)))
        .collect();
    all.sort();
    all
}

fn sliding(stat: &str, period: u32) -> Query {
    let side_by_side = query(0, "Latency", stat, period);
    Query { metric: side_by_side.metric.clone().sliding(60), ..side_by_side }
}

#[test]
fn what_slides_and_is_a_sum_is_made_of_minutes_that_somebody_else_may_read_too() {
    let mut planner = Planner::default();
    let (average, own) = (sliding("Average", 300), query(0, "Latency", "Sum", 60));
    assert!(planner.want([&average].into_iter()));
    let first = planner.plan(at(START), 1);
    assert_eq!(first.len(), 1, "both parts are billed as one metric");
    assert!(first[0].series.iter().all(|s| s.own.is_none()), "nobody wants the minutes for themselves");
    let of = |stat: &str, from, to| (60, stat.to_owned(), from, to);
    assert_eq!(read(&mut planner, START), [of("SampleCount", -365, 0), of("Sum", -365, 0)]);
    assert_eq!(read(&mut planner, START + 59), []);
    assert_eq!(read(&mut planner, START + 60), [of("SampleCount", -24, 1), of("Sum", -24, 1)]);
    assert!(planner.want([&average, &own].into_iter()) || planner.plan(at(START + 120), 1).len() == 1);
    let shared = planner.plan(at(START + 120), 1);
    assert_eq!(shared.len(), 1);
    let owns: Vec<_> = shared[0].series.iter().map(|s| (s.query.metric.stat.as_str(), s.own)).collect();
    assert_eq!(owns, [("SampleCount", None), ("Sum", Some(at(START - 180)))], "for itself, as far as ever");
    let month = |queries: &[&Query]| monthly(queries.iter().copied(), Vec::new(), 60.0);
    assert!((month(&[&average]) - 0.432).abs() < 1e-9);
    assert!((month(&[&average, &own]) - 0.432).abs() < 1e-9, "it costs nothing where the minutes are read anyway");
}

#[test]
fn a_longer_window_has_its_past_read_when_it_comes_later() {
    let mut planner = Planner::default();
    let (short, long) = (sliding("Sum", 300), sliding("Sum", 900));
    planner.want([&short].into_iter());
    read(&mut planner, START);
    assert!(planner.want([&short, &long].into_iter()));
    assert_eq!(read(&mut planner, START + 30), [(60, "Sum".to_owned(), -375, 0)]);
    assert!(!planner.want([&short, &long].into_iter()));
    assert_eq!(read(&mut planner, START + 60), [(60, "Sum".to_owned(), -74, 1)]);
}

#[test]
fn what_slides_and_cannot_be_made_of_minutes_is_asked_for_with_the_phase_of_each() {
    let p99 = sliding("p99", 300);
    let of = |from, to| (300, "p99".to_owned(), from, to);
    let mut planner = Planner::default();
    planner.want([&p99].into_iter());
    let first = planner.plan(at(START), 1);
    assert_eq!(first.len(), 5, "a call a phase: {first:?}");
    assert!(first.iter().all(|b| b.from == b.series[0].from));
    assert_eq!(read(&mut planner, START).len(), 5);
    assert_eq!(read(&mut planner, START + 59), []);
    // It is read again in five minutes only: what is read before the last points are in would stay too low so long.
    assert_eq!(read(&mut planner, START + 60), [of(-25, 0)]);
    assert_eq!(read(&mut planner, START + 130), [of(-24, 1)]);
    // A reading that failed leaves a hole in one phase, which its next one fills.
    assert_eq!(read(&mut planner, START + 420), [of(-19, 6)]);
    assert_eq!(read(&mut planner, START + 480), [of(-23, 7)]);
    let mut planner = Planner { once: true, ..Planner::default() };
    planner.want([&p99].into_iter());
    assert_eq!(read(&mut planner, START), [of(-361, -1)], "one look, one phase");
    assert!((monthly([&p99].into_iter(), Vec::new(), 60.0) - 0.432).abs() < 1e-9);
    assert!((monthly([&query(0, "Latency", "p99", 300)].into_iter(), Vec::new(), 60.0) - 0.0864).abs() < 1e-9);
}

#[test]
fn a_clock_that_was_set_back_does_not_make_what_slides_be_read_all_the_time() {
    let mut planner = Planner::default();
    planner.want([&sliding("p99", 300)].into_iter());
    read(&mut planner, START + 7200);
    assert!(!read(&mut planner, START).is_empty());
    assert_eq!(read(&mut planner, START + 30), []);
    assert!(!read(&mut planner, START + 60).is_empty());
}
