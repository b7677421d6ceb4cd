//! What holds of rules and alerts together, whatever is observed: in which order does not matter, twice is once, and worse is
//! never quieter.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::tests::run;
use super::{Alerts, Level, Phase};
use crate::model::{Body, Kind, Metric, Point, PointBatch, PollerKind, QueryStatus, ResourceId};
use crate::rules::testing::{World, clb, group, id, instance, members, resource, surge, t};
use crate::rules::{EvalMode, RuleContext, RuleSet, RuleSource};

/// Every way to treat gaps, M of N, what must hold, clears late or is kept; above and below.
const MORE: &str = r#"
    [[rule]]
    id = "x-breaching"
    title = "x"
    kind = "classic-elb"
    signal = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum" }
    missing = "breaching"
    warning = { limit = "> 150", for = "90s", datapoints = "2 of 3" }
    critical = { limit = "> 400", for = "4m" }

    [[rule]]
    id = "x-clears"
    title = "x"
    kind = "classic-elb"
    signal = { metric = "AWS/ELB/SurgeQueueLength", stat = "Maximum" }
    missing = "notBreaching"
    keep_firing_for = "2m"
    warning = { limit = "> 300", clear = "< 50" }
    critical = { limit = "> 500", datapoints = "3 of 5" }

    [[rule]]
    id = "x-ignores"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/CPUUtilization", stat = "Average", period = "1m" }
    missing = "ignore"
    warning = { limit = "> 300", clear = "< 100" }
    critical = { limit = "> 500", datapoints = "2 of 2" }

    [[rule]]
    id = "x-idle"
    title = "x"
    kind = "instance"
    signal = { metric = "AWS/EC2/NetworkIn", stat = "Average", period = "1m" }
    warning = { limit = "< 300", datapoints = "2 of 3" }
    critical = { limit = "< 100", for = "3m" }
"#;

const MINUTES: i64 = 10;

/// Those above, and the built-in ones on balancers.
fn rules() -> &'static RuleSet {
    static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
        let all = RuleSet::load(&[RuleSource { name: "more.toml", text: MORE }], &[]).expect("right");
        all.only(|r| r.id.starts_with("x-") || r.id.starts_with("clb-"))
    });
    &RULES
}

fn host() -> ResourceId {
    id(Kind::Instance, "i-1")
}

/// The three series, of which one is the worse the lower it is.
fn series() -> [(ResourceId, Metric); 3] {
    let of_host = |name| (host(), Metric::new("AWS/EC2", name, "Average", 60));
    [(clb(), surge()), of_host("CPUUtilization"), of_host("NetworkIn")]
}

fn listed() -> World {
    let mut world = World::with_clb();
    world.list(t(0), vec![resource(Kind::Instance, "i-1", instance())]);
    world.health(t(0), &clb(), members(2, 0));
    world
}

/// One reading of the points at `minutes` of series `which`, over the whole time.
fn reading(which: usize, values: &[Option<u16>], minutes: impl Iterator<Item = usize>) -> Body {
    let (resource, metric) = series()[which].clone();
    let point = |m: usize| {
        let minute = i64::try_from(m).expect("small");
        values.get(m).copied().flatten().map(|value| Point { at: t(minute), value: value.into() })
    };
    let points = minutes.filter_map(point).collect();
    let status = QueryStatus::Complete;
    Body::Points(vec![PointBatch { resource, metric, from: t(0), to: t(MINUTES), points, status }])
}

/// A series that is dense, or has gaps, or is quiet at first.
fn values() -> impl Strategy<Value = Vec<Option<u16>>> {
    proptest::collection::vec(proptest::option::weighted(0.8, 0u16..800), 10)
}

/// What is told at the end of it: `(rule, resource)` with the loudest level, pending ones quieter than all that fire.
fn told(world: &mut World, rules: &RuleSet) -> Vec<(String, u8)> {
    for poller in PollerKind::ALL {
        world.ran(poller, t(MINUTES), None);
    }
    let context = RuleContext { budget: None, mode: EvalMode::Live, ..RuleContext::default() };
    let mut alerts = Alerts::default();
    alerts.update(&rules.evaluate(&world.model, &context, t(MINUTES)), &world.model, t(MINUTES));
    let loud = |a: &super::Alert| match (a.phase, a.level) {
        (Phase::Firing, Level::Critical) => 3,
        (Phase::Firing, _) => 2,
        _ => 1,
    };
    alerts.active().into_iter().map(|a| (format!("{} {}", a.id.rule, a.id.resource), loud(a))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_observations_does_not_matter_and_twice_is_once(
        values in [values(), values(), values()],
        pieces in proptest::collection::vec((0usize..3, 0usize..10, 1usize..6), 0..30),
        turned in any::<bool>(),
    ) {
        let rules = rules();
        let whole = |world: &mut World| {
            for (which, values) in values.iter().enumerate() {
                world.tell(PollerKind::Metrics, t(MINUTES), reading(which, values, 0..10));
            }
        };
        let mut one = listed();
        whole(&mut one);
        // The same points by pieces that overlap, some of them twice, the newest perhaps first.
        let mut other = listed();
        if turned {
            whole(&mut other);
        }
        for (which, from, long) in pieces {
            let body = reading(which, &values[which], from..(from + long).min(10));
            other.tell(PollerKind::Metrics, t(MINUTES), body.clone());
            other.tell(PollerKind::Metrics, t(MINUTES), body);
        }
        if !turned {
            whole(&mut other);
        }
        let context = RuleContext { budget: None, mode: EvalMode::Live, ..RuleContext::default() };
        let verdicts = |world: &World| rules.evaluate(&world.model, &context, t(MINUTES));
        prop_assert_eq!(verdicts(&one), verdicts(&other));
        prop_assert_eq!(told(&mut one, rules), told(&mut other, rules));
    }

    #[test]
    fn a_worse_value_is_never_quieter(
        values in [values(), values(), values()],
        worse in proptest::collection::vec((0usize..3, 0usize..10, 1u16..800), 1..12),
    ) {
        let rules = rules();
        let mut then = values.clone();
        for (which, minute, by) in worse {
            if let Some(value) = &mut then[which][minute] {
                *value = if which == 2 { value.saturating_sub(by) } else { value.saturating_add(by) };
            }
        }
        let say = |values: &[Vec<Option<u16>>; 3]| {
            let mut world = listed();
            for (which, values) in values.iter().enumerate() {
                world.tell(PollerKind::Metrics, t(MINUTES), reading(which, values, 0..10));
            }
            told(&mut world, rules)
        };
        let (before, after) = (say(&values), say(&then));
        for (what, loud) in &before {
            let now = after.iter().find(|(w, _)| w == what).map_or(0, |(_, loud)| *loud);
            prop_assert!(now >= *loud, "{} was {} and is {} after {:?} became {:?}", what, loud, now, &values, &then);
        }
    }

    #[test]
    fn a_group_with_fewer_hosts_and_a_balancer_with_more_bad_ones_are_never_quieter(
        service in 0u32..7, fewer in 0u32..7, bad in 0usize..4, more in 0usize..4, minutes in 5i64..15,
    ) {
        let say = |in_service: u32, bad: usize| {
            let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
            for minute in 0..minutes {
                world.list(t(minute), vec![resource(Kind::AutoScalingGroup, "web-asg", group(1, 6, 12, in_service))]);
                world.health(t(minute), &clb(), members(6 - bad, bad));
            }
            run(&world, &mut alerts, minutes);
            let loud = |rule: &str| {
                let of = alerts.active().into_iter().filter(|a| a.id.rule == *rule);
                of.map(|a| (a.phase == Phase::Firing, a.level)).max()
            };
            (loud("asg-short"), loud("clb-unhealthy-hosts"))
        };
        let (before, after) = (say(service, bad), say(service.saturating_sub(fewer), (bad + more).min(6)));
        prop_assert!(after.0 >= before.0, "{:?} then {:?}", before, after);
        prop_assert!(after.1 >= before.1, "{:?} then {:?}", before, after);
    }
}
