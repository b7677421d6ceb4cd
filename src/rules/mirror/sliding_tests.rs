//! Alarms of several minutes, looked at each minute.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::super::testing::{World, id, resource, t};
use super::super::{AlarmComparison, AlarmPoint, AlarmWindow, BareAlarm, Datapoints, Judgement, Missing, RuleContext};
use super::*;
use crate::model::{Point, QueryStatus, Signal};

const MINUTES: i64 = 5;

fn on_age(stat: &str, (m, n): (u32, u32), missing: &str, limit: f64) -> Alarm {
    Alarm {
        state: AlarmState::Ok,
        state_since: Some(t(-600)),
        namespace: "Shop/Jobs".into(),
        metric: "Age".into(),
        dimensions: vec![("Queue".into(), "jobs".into())],
        stat: stat.into(),
        period: 300,
        evaluation_periods: n,
        datapoints_to_alarm: m,
        comparison: "GreaterThanThreshold".into(),
        threshold: Some(limit),
        treat_missing_data: missing.into(),
        actions_enabled: true,
        ..Alarm::default()
    }
}

fn aid() -> ResourceId {
    id(Kind::Alarm, "age")
}

fn with(alarm: Alarm) -> World {
    let mut world = World::with_clb();
    world.list(t(0), vec![resource(Kind::Alarm, "age", Detail::Alarm(alarm))]);
    world
}

fn age(stat: &str) -> Metric {
    Metric::new("Shop/Jobs", "Age", stat, 300).sliding(60)
}

/// What `minutes` from minute 0 on come to in the five that begin at `start`.
fn value(minutes: &[Option<u32>], stat: &str, start: i64) -> Option<f64> {
    let within = |i: &usize| (start..start + MINUTES).contains(&i64::try_from(*i).expect("few"));
    let all: Vec<f64> = (0..minutes.len()).filter(within).filter_map(|i| minutes[i].map(f64::from)).collect();
    (!all.is_empty()).then(|| match stat {
        "Sum" => all.iter().sum(),
        "Maximum" => all.iter().copied().fold(f64::MIN, f64::max),
        "Minimum" => all.iter().copied().fold(f64::MAX, f64::min),
        _ => all.iter().sum::<f64>() / all.len() as f64,
    })
}

/// Tells all windows that ended by minute `to`.
fn tell(world: &mut World, minutes: &[Option<u32>], stat: &str, to: i64) {
    let start_at = |start: i64| Some(Point { at: t(start), value: value(minutes, stat, start)? });
    let points = (0..=to - MINUTES).filter_map(start_at).collect();
    world.batch(&aid(), &age(stat), t(0), t(to), points, QueryStatus::Complete);
}

fn local(world: &World, minute: i64) -> Local {
    Mirror::new(&world.model, EvalMode::Live, t(minute)).local(&aid()).expect("listed")
}

#[test]
fn an_alarm_of_five_minutes_turns_in_the_minute_in_which_its_window_breaches() {
    let mut world = with(on_age("Sum", (1, 1), "missing", 100.0));
    let context = RuleContext::default();
    let wanted = super::super::testing::builtin().demand(&world.model, &context);
    let of_age = |d: &&super::super::MetricDemand| *d.metric.name == *"Age";
    assert_eq!(wanted.iter().filter(of_age).map(|d| d.metric.clone()).collect::<Vec<_>>(), [age("Sum")]);
    let minutes: Vec<Option<u32>> = (0..40).map(|i| Some(if (22..28).contains(&i) { 60 } else { 5 })).collect();
    let mut turned = Vec::new();
    for now in 20..40 {
        tell(&mut world, &minutes, "Sum", now);
        turned.push((now, local(&world, now).known() == Some(AlarmState::Alarm)));
    }
    // Two of 60 and three of 5 are over 100 from minute 24 on; on the clock's grid it would be minute 25, and good again
    // only at 35, with the window from 30 on.
    let in_alarm: Vec<i64> = turned.iter().filter(|(_, alarm)| *alarm).map(|(now, _)| *now).collect();
    assert_eq!(in_alarm, (24..=32).collect::<Vec<_>>(), "what was over waits a minute for what comes late");
    tell(&mut world, &minutes, "Sum", 28);
    let found = local(&world, 28);
    assert_eq!(found.watched, Some(age("Sum")));
    assert_eq!((found.value, found.data_at), (Some(300.0), Some(t(23))));
    assert_eq!(found.since, Some(t(19)), "start of the first window that was over");
    let verdict = world.verdict("cloudwatch-alarm", EvalMode::Live, 28);
    assert_eq!(verdict.signal, Some(Signal::Metric(age("Sum"))), "what is graphed is what was judged");
    assert!(world.model.series(&aid(), &Signal::Metric(age("Sum"))).is_some());
}

#[test]
fn what_is_read_furthest_is_looked_at() {
    let mut world = with(on_age("Sum", (1, 1), "missing", 100.0));
    let minutes: Vec<Option<u32>> = vec![Some(5); 40];
    tell(&mut world, &minutes, "Sum", 22);
    // The budget has it read on the grid from now on; what slid says nothing new.
    let grid = age("Sum").side_by_side();
    world.points(&aid(), &grid, 0, "25 25 25 25");
    assert_eq!(local(&world, 22).watched, Some(age("Sum")));
    world.points(&aid(), &grid, 0, "25 25 25 25 500");
    let found = local(&world, 25);
    assert_eq!((found.watched, found.state), (Some(grid), LocalState::Is(AlarmState::Alarm)));
    tell(&mut world, &minutes, "Sum", 26);
    assert_eq!(local(&world, 26).watched, Some(age("Sum")), "and back");
}

#[test]
fn with_the_grid_wanted_nothing_slides() {
    let world = with(on_age("Sum", (1, 1), "missing", 100.0));
    let grid = RuleContext { window: AlarmWindow::Grid, ..RuleContext::default() };
    let wanted = super::super::testing::builtin().demand(&world.model, &grid);
    assert!(wanted.iter().all(|d| d.metric.slide == 0) && wanted.iter().any(|d| *d.metric.name == *"Age"));
}

#[test]
fn what_is_computed_slides_with_all_that_it_is_held_against() {
    let metric = crate::model::AlarmMetric {
        namespace: "AWS/ELB".into(),
        name: "RequestCount".into(),
        dimensions: vec![("LoadBalancerName".into(), "web-clb".into())],
        stat: "Sum".into(),
        period: 300,
        unit: "".into(),
    };
    let queries = |period: u32| {
        let m1 = crate::model::AlarmQuery {
            id: "m1".into(),
            metric: Some(crate::model::AlarmMetric { period, ..metric.clone() }),
            returned: true,
            ..crate::model::AlarmQuery::default()
        };
        let band = crate::model::AlarmQuery {
            id: "ad1".into(),
            expression: "ANOMALY_DETECTION_BAND(m1, 2)".into(),
            returned: true,
            ..crate::model::AlarmQuery::default()
        };
        vec![m1, band]
    };
    let alarm = |period| Alarm {
        namespace: Text::default(),
        threshold: None,
        threshold_query: "ad1".into(),
        comparison: "GreaterThanUpperThreshold".into(),
        queries: queries(period),
        ..on_age("", (1, 1), "missing", 0.0)
    };
    let rules = super::super::testing::builtin();
    let groups = |world: &World| -> Vec<_> {
        rules.groups(&world.model, &RuleContext::default()).into_iter().filter(|g| g.of == aid()).collect()
    };
    assert_eq!(groups(&with(alarm(60))).first().map(|g| g.slide), Some(0));
    let mut world = with(alarm(300));
    let group = groups(&world).remove(0);
    assert_eq!(group.slide, 60);
    let (lower, upper) = group.band_metrics().expect("a band");
    for (metric, values) in [(group.value_metric(), [5.0, 50.0]), (lower, [0.0, 0.0]), (upper, [10.0, 10.0])] {
        let points = [10, 11].into_iter().zip(values).map(|(m, value)| Point { at: t(m), value }).collect();
        world.batch(&aid(), &metric, t(0), t(16), points, QueryStatus::Complete);
    }
    assert_eq!(local(&world, 16).known(), Some(AlarmState::Ok), "the newest window is not settled");
    world.batch(&aid(), &group.value_metric(), t(0), t(17), Vec::new(), QueryStatus::Complete);
    for metric in [group.band_metrics().expect("a band").0, group.band_metrics().expect("a band").1] {
        world.batch(&aid(), &metric, t(0), t(17), Vec::new(), QueryStatus::Complete);
    }
    let found = local(&world, 17);
    assert_eq!((found.known(), found.limit), (Some(AlarmState::Alarm), Some(10.0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_comes_to_what_the_minutes_come_to(
        minutes in prop::collection::vec(prop::option::weighted(0.8, 0u32..40), 20..60),
        stat in prop::sample::select(vec!["Sum", "Maximum", "Minimum", "Average"]),
        n in 1u32..4, m in 1u32..4, limit in 0u32..60,
        missing in prop::sample::select(vec!["missing", "ignore", "breaching", "notBreaching"]),
    ) {
        let m = m.min(n);
        let mut world = with(on_age(stat, (m, n), missing, limit.into()));
        let to = i64::try_from(minutes.len()).expect("few");
        tell(&mut world, &minutes, stat, to);
        let bare = BareAlarm {
            comparison: AlarmComparison::GreaterThanThreshold,
            threshold: limit.into(),
            datapoints: Datapoints { m: m as usize, n: n as usize },
            missing: Missing::parse(missing).expect("one"),
            stat: stat.to_owned(),
            ..BareAlarm::default()
        };
        // A window that begins before anything was read has no point.
        let point = |start: i64| if start < 0 { None } else { value(&minutes, stat, start) };
        let judge = |end: i64| {
            let range = (1..=i64::try_from(bare.datapoints.range()).expect("few")).rev();
            let points: Vec<Option<AlarmPoint>> =
                range.map(|back| point(end - back * MINUTES).map(AlarmPoint::from)).collect();
            bare.judge(&points)
        };
        let grows = matches!(stat, "Sum" | "Maximum");
        let mut end = if grows && point(to - MINUTES).is_some() { to } else { to - 1 };
        if judge(to - 1) == Judgement::Alarm {
            end = if judge(end) == Judgement::Alarm { end } else { to - 1 };
        }
        let oldest = (0..to).find(|start| point(*start).is_some()).map_or(end, |start| start + MINUTES).min(end);
        let decided = (oldest..=end).rev().map(judge).find(|j| *j != Judgement::Keep);
        let expected = decided.unwrap_or(Judgement::Keep).state(AlarmState::Ok);
        prop_assert_eq!(local(&world, to).state, LocalState::Is(expected));
        prop_assert!(local(&world, to).since.is_none_or(|since| t(to).duration_since(since) >= SignedDuration::ZERO));
    }
}
