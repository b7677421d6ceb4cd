//! CloudWatch's alarms among what can be learnt: of each sort, in ever other company.

use jiff::{SignedDuration, Timestamp};

use super::super::testing::{id, resource, surge};
use super::Watched;
use crate::model::{
    Alarm, AlarmMetric, AlarmQuery, AlarmState, Body, Detail, Kind, METRIC_MATH, Metric, Point, PointBatch, PollerKind,
    QueryStatus, Resource, Text,
};

/// Rules over alarms beside the built-in one: over some of them, told late, and at times otherwise.
pub(super) const RULES: &str = r#"
    [[rule]]
    id = "x-alarms"
    title = "x"
    kind = "alarm"
    signal = "cloudwatch_alarm"
    name = ["*e*", "ring-*"]
    warning = { limit = ">= 1", for = "2m" }
    [[rule.when]]
    hours = "06:05-06:40"
    zone = "UTC"
    critical = { limit = ">= 1", for = "90s" }
"#;

fn plain(namespace: &str, metric: &str, stat: &str, of: (&str, &str), threshold: f64) -> Alarm {
    Alarm {
        namespace: namespace.into(),
        metric: metric.into(),
        dimensions: vec![(of.0.into(), of.1.into())],
        stat: stat.into(),
        period: 60,
        evaluation_periods: 3,
        datapoints_to_alarm: 2,
        comparison: "GreaterThanThreshold".into(),
        threshold: Some(threshold),
        ..Alarm::default()
    }
}

fn computed(queries: Vec<AlarmQuery>) -> Alarm {
    Alarm { queries, dimensions: Vec::new(), ..plain("", "", "", ("", ""), 30.0) }
}

fn query(id: &str, name: &str) -> AlarmQuery {
    let dimensions = vec![("LoadBalancerName".into(), "web-clb".into())];
    let (namespace, name, stat) = ("AWS/ELB".into(), name.into(), "Sum".into());
    let metric = AlarmMetric { namespace, name, dimensions, stat, period: 60, unit: "".into() };
    AlarmQuery { id: id.into(), metric: Some(metric), ..AlarmQuery::default() }
}

fn expression(id: &str, text: &str) -> AlarmQuery {
    AlarmQuery { id: id.into(), expression: text.into(), returned: true, ..AlarmQuery::default() }
}

fn made_of(rule: &str) -> Alarm {
    Alarm { rule: rule.into(), ..Alarm::default() }
}

/// Every sort of alarm there is; `odd` gives some of them another configuration.
fn all(odd: bool) -> Vec<(&'static str, Alarm)> {
    let clb = ("LoadBalancerName", "web-clb");
    let mut surge = plain("AWS/ELB", "SurgeQueueLength", "Maximum", clb, if odd { 60.0 } else { 20.0 });
    if odd {
        surge.actions = vec!["arn:aws:sns:ap-northeast-1:123456789012:ops-critical".into()];
    }
    let slow = Alarm { low_samples: "ignore".into(), ..plain("AWS/ELB", "Latency", "p90", clb, 40.0) };
    let cpu = Alarm { period: 300, ..plain("AWS/EC2", "CPUUtilization", "Average", ("InstanceId", "i-c0"), 30.0) };
    let jobs = plain("Shop/Jobs", "Age", if odd { "Average" } else { "Maximum" }, ("Queue", "jobs"), 30.0);
    let lasting = Alarm { period: 300, ..jobs.clone() };
    let elsewhere = plain("Shop/Jobs", "Age", "Maximum", ("Queue", if odd { "jobs" } else { "mails" }), 30.0);
    let bill = Alarm {
        period: 21_600,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        ..plain("AWS/Billing", "EstimatedCharges", "Maximum", ("Currency", "USD"), 90.0)
    };
    let errors =
        computed(vec![query("m1", "HTTPCode_ELB_5XX"), query("m2", "RequestCount"), expression("e1", "m1/m2")]);
    let counted = AlarmQuery { returned: true, ..query("m1", "RequestCount") };
    let band = Alarm {
        threshold: None,
        threshold_query: "ad1".into(),
        comparison: "LessThanLowerOrGreaterThanUpperThreshold".into(),
        ..computed(vec![counted, expression("ad1", "ANOMALY_DETECTION_BAND(m1, 2)")])
    };
    let quiet = Alarm { suppressor: "either".into(), ..made_of("ALARM(surge)") };
    vec![
        ("surge", surge),
        ("slow", slow),
        ("cpu-e", cpu),
        ("age", jobs.clone()),
        ("age-later", Alarm { threshold: Some(80.0), ..jobs }),
        ("age-elsewhere", elsewhere),
        ("age-lasting", lasting),
        ("bill", bill),
        ("errors", errors),
        ("band", band),
        ("both", made_of("ALARM(surge) AND NOT OK(age)")),
        ("either", made_of(if odd { "ALARM(cpu-e)" } else { "ALARM(both) OR ALARM(errors) OR ALARM(band)" })),
        ("not", made_of("NOT ALARM(either)")),
        ("quiet", quiet),
        ("hushed", Alarm { suppressor: "slow".into(), ..plain("Shop/Jobs", "Age", "Maximum", ("Queue", "jobs"), 5.0) }),
        ("ring-a", made_of("ALARM(ring-b) OR ALARM(surge)")),
        ("ring-b", if odd { made_of("NOT OK(ring-a)") } else { made_of("OK(age)") }),
        ("ring-c", made_of("ALARM(ring-b) OR INSUFFICIENT_DATA(ghost)")),
    ]
}

impl Watched {
    /// Lists some of the alarms, each of them now and then in another state or configuration.
    pub(super) fn learn_alarms(&mut self, a: u8, b: u8) {
        let bits = u32::from_le_bytes([a, b, a ^ b.rotate_left(3), b]);
        let listed = |(i, (name, alarm)): (usize, (&str, Alarm))| -> Option<Resource> {
            let turned = bits.rotate_left(u32::try_from(i).expect("few") * 5);
            let left_out = a > 40 && turned.is_multiple_of(4);
            let state = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData][(turned >> 3) as usize % 3];
            let treat_missing_data = ["", "ignore", "breaching", "notBreaching"][(turned >> 5) as usize % 4].into();
            let treat_missing_data = if alarm.is_composite() { Text::default() } else { treat_missing_data };
            let since = Timestamp::from_second(self.now.as_second() - i64::from(turned % 600)).expect("a time");
            let actions_enabled = !turned.is_multiple_of(11);
            let alarm = Alarm { state, state_since: Some(since), treat_missing_data, actions_enabled, ..alarm };
            (!left_out).then(|| resource(Kind::Alarm, name, Detail::Alarm(alarm)))
        };
        let resources = all(b % 4 == 3).into_iter().enumerate().filter_map(listed).collect();
        let body = Body::Inventory { kinds: vec![Kind::Alarm], resources, partial: b.is_multiple_of(5) };
        self.tell(PollerKind::Alarms, body);
    }

    /// Reads points of what alarms watch.
    pub(super) fn learn_points_of_alarms(&mut self, a: u8, b: u8) {
        let math = |name: &str, part: &str| Metric::new(METRIC_MATH, name, part, 60);
        let clb = id(Kind::ClassicElb, "web-clb");
        let alarm = |name: &str| id(Kind::Alarm, name);
        let read = match b % 6 {
            0 => vec![(clb, surge())],
            1 => {
                let age = Metric::new("Shop/Jobs", "Age", "Maximum", 60);
                let lasting = Metric::new("Shop/Jobs", "Age", "Maximum", 300);
                let lasting = if a.is_multiple_of(3) { lasting } else { lasting.sliding(60) };
                let of = ["age", "age-later", "age-elsewhere", "age-lasting"].map(alarm).into_iter();
                of.flat_map(|id| [(id.clone(), age.clone()), (id, lasting.clone())]).collect()
            }
            2 => vec![(alarm("errors"), math("e1", "value"))],
            3 => ["lower", "upper"].map(|part| (alarm("band"), math("ad1", part))).into(),
            4 => vec![(alarm("band"), math("m1", "value"))],
            _ => ["p90", "SampleCount"].map(|stat| (clb.clone(), Metric::new("AWS/ELB", "Latency", stat, 60))).into(),
        };
        let newest = self.now.as_second() / 60 * 60;
        let at = |i: u8| Timestamp::from_second(newest - 60 * (i64::from(i) + 1)).expect("a time");
        let batch = |(n, (resource, metric)): (usize, _)| {
            let shift = u32::try_from(n).expect("few") * 2;
            let value = |i: u8| f64::from((a.rotate_left(shift) >> (i / 2)) % 7) * 25.0;
            let points = (0..5).filter(|i| a & (1 << i) != 0).map(|i| Point { at: at(i), value: value(i) }).collect();
            let status = if a == 200 { QueryStatus::Forbidden } else { QueryStatus::Complete };
            let to = at(0) + SignedDuration::from_secs(60);
            PointBatch { resource, metric, from: at(5), to, points, status }
        };
        self.tell(PollerKind::Metrics, Body::Points(read.into_iter().enumerate().map(batch).collect()));
    }
}

#[test]
fn an_alarm_that_comes_before_another_on_its_metric_takes_its_series_over_and_gives_it_back() {
    let mut watched = super::listed_and_fresh();
    let list = |watched: &mut Watched, names: &[&str]| {
        let told = |alarm| Detail::Alarm(Alarm { actions_enabled: true, ..alarm });
        let listed = all(false).into_iter().filter(|(name, _)| names.contains(name));
        let resources = listed.map(|(name, alarm)| resource(Kind::Alarm, name, told(alarm))).collect();
        let body = Body::Inventory { kinds: vec![Kind::Alarm], resources, partial: false };
        watched.tell(PollerKind::Alarms, body);
        watched.look();
        watched.hold();
    };
    list(&mut watched, &["age-later"]);
    watched.learn_points_of_alarms(255, 1);
    watched.look();
    watched.hold();
    let known = |watched: &Watched| watched.told.keys().filter(|(_, r)| *r.id == *"age-later").count();
    assert_eq!(known(&watched), 2, "two rules look at it");
    for names in [&["age", "age-later"][..], &["age-later"], &["age", "age-later"], &["age"], &[]] {
        list(&mut watched, names);
        watched.learn_points_of_alarms(255, 1);
        watched.look();
        watched.hold();
    }
    assert_eq!(known(&watched), 0);
}
