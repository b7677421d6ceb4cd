//! What is told without a full look is what a full look tells: points that are late, revised, told twice, missing, read in
//! part or not at all, and whatever else may become of a series, its resource, its poller and the clock.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::testing::{id, resource, surge, t};
use super::Watched;
use crate::model::{
    Balancer, Body, Detail, ErrorClass, Instance, Kind, Metric, Point, PointBatch, PollerKind, QueryStatus, ResourceId,
};
use crate::rules::{RuleSet, RuleSource};

/// One rule of each sort that can be told without a full look: late points that go either way, that only make it worse, that
/// are 0 where they are missing, each treatment of gaps; and a forecast.
const RULES: &str = r#"
    [[rule]]
    id = "p-either"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/CPUUtilization", stat = "Average" }
    datapoints = "2 of 3"
    warning = "> 60"
    critical = { limit = "> 80", for = "2m" }

    [[rule]]
    id = "p-raises"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/NetworkIn", stat = "Maximum" }
    missing = "not-breaching"
    datapoints = "2 of 2"
    warning = "> 60"

    [[rule]]
    id = "p-lowers"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/CPUCreditBalance", stat = "Minimum" }
    missing = "breaching"
    warning = "< 20"

    [[rule]]
    id = "p-ignores"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/CPUUtilization", stat = "Average" }
    missing = "ignore"
    warning = ">= 60"

    [[rule]]
    id = "p-forecast"
    title = "x"
    kind = "instance"
    expression = "until(CPUCreditBalance, 0, 20m)"
    datapoints = "2 of 2"
    warning = "< 20 m"
    critical = "< 5 m"

    [[rule]]
    id = "p-absent"
    title = "x"
    kind = "classic-elb"
    signal = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum" }
    warning = "> 60"

    [[rule]]
    id = "p-no-traffic"
    title = "x"
    kind = "classic-elb"
    signal = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum" }
    warning = "< 20"
"#;

static SET: LazyLock<RuleSet> = LazyLock::new(|| {
    let more = RuleSource { name: "plain.toml", text: RULES };
    RuleSet::load(&[more], &[]).expect("right").only(|r| r.id.starts_with("p-"))
});

fn metrics() -> [(ResourceId, Metric); 4] {
    let of = |name, stat| (id(Kind::Instance, "i-p"), Metric::new("AWS/EC2", name, stat, 60));
    [
        of("CPUUtilization", "Average"),
        of("NetworkIn", "Maximum"),
        of("CPUCreditBalance", "Minimum"),
        (id(Kind::ClassicElb, "web-clb"), surge()),
    ]
}

/// What is good under every rule, with so little between that a forecast is far.
fn good(a: u8) -> f64 {
    40.0 + f64::from(a % 3)
}

fn whatever(a: u8) -> f64 {
    [0.0, 19.0, 20.0, 41.0, 60.0, 61.0, 90.0, 35.0][usize::from(a % 8)]
}

impl Watched {
    fn list(&mut self, state: &str) {
        let detail = Detail::Instance(Instance {
            state: state.into(),
            instance_type: "t3.large".into(),
            detailed_monitoring: true,
            ..Instance::default()
        });
        let mut resources = vec![resource(Kind::Instance, "i-p", detail)];
        if state.is_empty() {
            resources.clear();
        }
        self.tell(PollerKind::Instances, Body::Inventory { kinds: vec![Kind::Instance], resources, partial: false });
    }

    /// A reading of one of the metrics from `from` to `to` minutes before now, with those points whose bit is set.
    fn read(
        &mut self,
        which: usize,
        (from, to): (i64, i64),
        bits: u32,
        value: impl Fn(i64) -> f64,
        status: QueryStatus,
    ) {
        let (resource, metric) = metrics()[which % 4].clone();
        let minute = self.now.as_second().div_euclid(60);
        let at = |back: i64| Timestamp::from_second((minute - back) * 60).expect("a time");
        let is_there = |back: &i64| bits >> (back % 32) & 1 == 1;
        let points = (to + 1..=from).rev().filter(is_there).map(|b| Point { at: at(b), value: value(b) }).collect();
        let batch = PointBatch { resource, metric, from: at(from), to: at(to), points, status };
        self.tell(PollerKind::Metrics, Body::Points(vec![batch]));
    }

    fn ran_all(&mut self) {
        for poller in [PollerKind::Metrics, PollerKind::Instances, PollerKind::ClassicElbs] {
            self.ran(poller, None, 60);
        }
    }

    /// Each metric is read, and is well: its last minute, or some more.
    fn a_minute_passes(&mut self, a: u8) {
        self.now += SignedDuration::from_secs(60);
        let value = |back: i64| good(a.wrapping_sub(u8::try_from(back).unwrap_or(0)));
        for which in 0..4 {
            self.read(which, (if a > 127 { 4 } else { 1 }, 0), u32::MAX, value, QueryStatus::Complete);
        }
        self.ran_all();
    }

    /// Minutes in which one of them is read and AWS has no point of it, or not so much as asked for.
    fn silence(&mut self, which: usize, minutes: u8, asked: bool) {
        for _ in 0..minutes {
            self.now += SignedDuration::from_secs(60);
            for other in (0..4).filter(|other| asked || *other != which % 4) {
                let bits = if other == which % 4 { 0 } else { u32::MAX };
                self.read(other, (1, 0), bits, |_| good(0), QueryStatus::Complete);
            }
            self.ran_all();
            self.look();
            self.hold();
        }
    }

    fn odd(&mut self, what: u8, a: u8, b: u8) {
        let which = usize::from(a);
        let bits = u32::from_le_bytes([a, b, a ^ b, !a]);
        let window = (i64::from(b % 40) + 1, i64::from(a % 7).min(i64::from(b % 40)));
        match what % 20 {
            // Revised, late, told twice; with gaps, in whatever order.
            0 | 1 => self.read(
                which,
                window,
                bits,
                |back| whatever(b.wrapping_add(u8::try_from(back).unwrap_or(0))),
                QueryStatus::Complete,
            ),
            2 => self.read(which, window, bits, |_| good(b), QueryStatus::Complete),
            3 => self.read(which, (3, 0), 0, |_| 0.0, QueryStatus::Complete),
            4 => self.read(which, (2, 0), bits, |_| whatever(b), QueryStatus::Complete),
            5 => {
                let statuses = [QueryStatus::Partial, QueryStatus::InternalError, QueryStatus::Forbidden];
                self.read(which, window, bits, |_| whatever(b), statuses[usize::from(b % 3)]);
            }
            6 => {
                // To the middle of a minute.
                let (resource, metric) = metrics()[which % 4].clone();
                let minute = self.now.as_second().div_euclid(60) * 60;
                let at = |second: i64| Timestamp::from_second(second).expect("a time");
                let points = vec![Point { at: at(minute), value: whatever(b) }];
                let (from, to) = (at(minute - 120), at(minute + i64::from(b % 60)));
                let batch = PointBatch { resource, metric, from, to, points, status: QueryStatus::Complete };
                self.tell(PollerKind::Metrics, Body::Points(vec![batch]));
            }
            // Something else is read of it: its series are not where they were.
            7 => {
                let name = ["AAA", "CPUSurplusCreditsCharged", "ZZZ"][usize::from(b % 3)];
                let metric = Metric::new("AWS/EC2", name, "Average", 60);
                let points = vec![Point { at: self.now - SignedDuration::from_secs(60), value: whatever(a) }];
                let (resource, from, to) =
                    (id(Kind::Instance, "i-p"), self.now - SignedDuration::from_secs(60), self.now);
                let batch = PointBatch { resource, metric, from, to, points, status: QueryStatus::Complete };
                self.tell(PollerKind::Metrics, Body::Points(vec![batch]));
            }
            8 => self.list(["running", "stopped", "running", ""][usize::from(b % 4)]),
            9 => {
                let class = [ErrorClass::Throttled, ErrorClass::Denied][usize::from(b % 2)];
                self.ran(PollerKind::Metrics, Some(class), 60);
            }
            10 => self.now += SignedDuration::from_millis(i64::from(a) * 700),
            11 => self.now += SignedDuration::from_mins(i64::from(b % 75)),
            12 => self.now -= SignedDuration::from_secs(i64::from(b) * 4),
            13 => self.ran(PollerKind::Metrics, None, if b > 127 { 600 } else { 60 }),
            14 => self.tell(PollerKind::Metrics, Body::Started),
            15 | 16 => self.silence(which, b % 10, true),
            17 => self.silence(which, b % 6, false),
            // A day later, everything is read anew.
            _ if b > 230 => {
                self.now += SignedDuration::from_hours(24);
                self.read_all();
            }
            _ => {}
        }
    }

    fn read_all(&mut self) {
        for which in 0..4 {
            self.read(which, (60, 0), u32::MAX, |_| good(0), QueryStatus::Complete);
        }
    }
}

fn well() -> Watched {
    let mut watched = Watched::new();
    watched.rules = SET.clone();
    watched.now = t(0);
    let clb = vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))];
    watched.tell(
        PollerKind::ClassicElbs,
        Body::Inventory { kinds: vec![Kind::ClassicElb], resources: clb, partial: false },
    );
    watched.list("running");
    watched.read_all();
    watched.a_minute_passes(0);
    watched.look();
    watched
}

#[test]
fn what_is_well_takes_no_full_look() {
    let mut watched = well();
    for a in 0..90 {
        watched.a_minute_passes(a);
        let looked = watched.look();
        assert_eq!((looked.pairs, looked.plain), (7, 7), "minute {a}");
        watched.hold();
    }
    watched.a_minute_passes(0);
    watched.read(0, (1, 0), 2, |_| 61.0, QueryStatus::Complete);
    let looked = watched.look();
    assert_eq!((looked.pairs, looked.plain), (7, 5), "two rules have this limit");
    watched.hold();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_takes_no_full_look_comes_to_the_same(
        steps in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), 0u8..4), 1..50),
    ) {
        let mut watched = well();
        for (what, a, b, minutes) in steps {
            watched.odd(what, a, b);
            watched.look();
            watched.hold();
            for minute in 0..minutes {
                watched.a_minute_passes(a.wrapping_add(minute));
                watched.look();
                watched.hold();
            }
        }
    }
}
