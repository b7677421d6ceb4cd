//! The life of alerts, driven by hand-made verdicts and, where rules matter, by small models.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{Alerts, Level, Phase, Transition};
use crate::model::{AlarmState, Body, ErrorClass, Kind, Model, PollerKind, ResourceId};
use crate::rules::testing::{World, builtin, clb, group, id, instance, members, resource, surge, t};
use crate::rules::{Basis, Comparison, EvalMode, RuleContext, Severity, Standing, Unit, Verdict};

pub(super) fn verdict(rule: &str, resource: ResourceId, standing: Standing) -> Verdict {
    Verdict {
        rule: rule.into(),
        resource,
        standing,
        value: Some(1.0),
        limit: Some(0.0),
        comparison: Comparison::Above,
        unit: Unit::Count,
        title: "title".into(),
        detail: "".into(),
        signal: None,
        data_at: None,
        basis: Basis::Points,
    }
}

/// A standing by its letter: `o` good, `w` and `c` breached and held, `W` and `C` not yet held, `n` no data, `b` blind,
/// `l` loading.
pub(super) fn standing(letter: char, since: Timestamp) -> Standing {
    let breach = |severity, held| Standing::Breach { severity, since, held };
    match letter {
        'w' => breach(Severity::Warning, true),
        'c' => breach(Severity::Critical, true),
        'W' => breach(Severity::Warning, false),
        'C' => breach(Severity::Critical, false),
        'n' => Standing::NoData,
        'b' => Standing::Blind { poller: PollerKind::Metrics, why: "throttled".into(), since },
        'l' => Standing::Loading,
        _ => Standing::Ok,
    }
}

fn phase(alerts: &Alerts) -> String {
    let all = alerts.active().into_iter().chain(alerts.resolved());
    let word = |a: &super::Alert| match a.phase {
        Phase::Pending => "pending".to_owned(),
        Phase::Firing if a.stale_since.is_some() => format!("stale {}", a.level.word()),
        Phase::Firing => a.level.word().to_owned(),
        Phase::Resolved => "resolved".to_owned(),
    };
    all.map(word).collect::<Vec<_>>().join(" ")
}

/// A model in which the balancer of [`verdict`]s is known.
fn model() -> Model {
    World::with_clb().model
}

#[test]
fn lives() {
    // One letter a minute, what there is at the end, and how many transitions it took.
    for (letters, expected, transitions) in [
        ("o", "", 0),
        ("W", "pending", 1),
        ("Wo", "", 1),
        ("Ww", "WARN", 2),
        ("w", "WARN", 1),
        ("wc", "CRIT", 2),
        ("cw", "WARN", 2),
        ("wcwo", "resolved", 4),
        ("co", "resolved", 2),
        ("coc", "CRIT", 3),
        ("coW", "pending", 3),
        ("cW", "WARN", 2),
        ("wC", "WARN", 1),
        ("cn", "CRIT", 1),
        ("cl", "CRIT", 1),
        ("cb", "stale CRIT", 1),
        ("cbbbb", "stale CRIT", 1),
        ("cbn", "CRIT", 1),
        ("cbo", "resolved", 2),
        ("b", "", 0),
        ("bc", "CRIT", 1),
        ("Wb", "pending", 1),
        ("n", "", 0),
    ] {
        let (mut alerts, mut count, model) = (Alerts::default(), 0, model());
        for (minute, letter) in (0..).zip(letters.chars()) {
            let verdicts = [verdict("r", clb(), standing(letter, t(minute)))];
            count += alerts.update(&verdicts, &model, t(minute)).len();
            let again = alerts.update(&verdicts, &model, t(minute));
            assert!(again.is_empty(), "{letters}: {again:?}");
        }
        assert_eq!((phase(&alerts).as_str(), count), (expected, transitions), "{letters}");
        assert_eq!(alerts.timeline().count(), transitions);
    }
}

#[test]
fn since_is_the_start_of_the_breach_and_fired_at_that_of_the_firing() {
    let (mut alerts, model) = (Alerts::default(), model());
    let mut update = |letter, since, now| {
        alerts.update(&[verdict("r", clb(), standing(letter, t(since)))], &model, t(now));
        alerts.active().first().map(|a| (a.since, a.fired_at))
    };
    assert_eq!(update('W', 0, 1), Some((t(0), None)));
    assert_eq!(update('w', 0, 2), Some((t(0), Some(t(2)))));
    assert_eq!(update('c', 3, 4), Some((t(0), Some(t(2)))), "the series may forget; the alert does not");
}

#[test]
fn a_resolved_alert_is_seen_for_a_quarter_of_an_hour() {
    let (mut alerts, model) = (Alerts::default(), model());
    alerts.update(&[verdict("r", clb(), standing('c', t(0)))], &model, t(0));
    let good = [verdict("r", clb(), Standing::Ok)];
    alerts.update(&good, &model, t(1));
    alerts.update(&good, &model, t(15));
    assert_eq!(phase(&alerts), "resolved");
    alerts.update(&good, &model, t(16));
    assert_eq!(phase(&alerts), "");
}

#[test]
fn worst_first_and_counted() {
    let (mut alerts, model) = (Alerts::default(), model());
    let poller = id(Kind::Poller, "trail");
    let blind = Standing::Blind { poller: PollerKind::Trail, why: "login expired".into(), since: t(0) };
    let verdicts = [
        verdict("a", clb(), standing('w', t(1))),
        verdict("b", clb(), standing('c', t(5))),
        verdict("c", clb(), standing('c', t(3))),
        verdict("d", clb(), standing('C', t(0))),
        verdict("e", clb(), standing('W', t(0))),
        verdict("poller-blind", poller, blind),
        verdict("g", clb(), standing('b', t(2))),
        verdict("h", clb(), standing('b', t(2))),
    ];
    alerts.update(&verdicts, &model, t(6));
    let order: Vec<&str> = alerts.active().iter().map(|a| a.id.rule.as_str()).collect();
    assert_eq!(order, ["c", "b", "poller-blind", "a", "d", "e"]);
    let counts = alerts.counts();
    assert_eq!((counts.critical, counts.warning, counts.blind, counts.pending), (2, 1, 1, 2));
    let unread: Vec<_> = alerts.unread().iter().map(|((_, p), u)| (*p, u.pairs, u.why.as_str())).collect();
    assert_eq!(unread, [(PollerKind::Trail, 0, "login expired"), (PollerKind::Metrics, 2, "throttled")]);
}

pub(super) fn run(world: &World, alerts: &mut Alerts, minute: i64) -> Vec<Transition> {
    let context = RuleContext { budget: None, mode: EvalMode::Live, ..RuleContext::default() };
    let verdicts = builtin().evaluate(&world.model, &context, t(minute));
    alerts.update(&verdicts, &world.model, t(minute))
}

#[test]
fn an_outage_of_the_poller_cannot_resolve_an_alert() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    world.points(&clb(), &surge(), 0, "0 0 600 600 600");
    run(&world, &mut alerts, 5);
    for minute in 6..30 {
        world.ran(PollerKind::Metrics, t(minute), Some(ErrorClass::Timeout));
        run(&world, &mut alerts, minute);
    }
    let alert = alerts.active()[0];
    assert_eq!((alert.level, alert.phase, alert.stale_since), (Level::Critical, Phase::Firing, Some(t(6))));
    assert!(alerts.unread().values().any(|u| u.pairs > 0));
    assert_eq!(alerts.counts().blind, 2, "the poller, and the list of balancers that nobody reads");
    // It comes back, and all is well.
    world.points(&clb(), &surge(), 25, "0 0 0 0 0");
    run(&world, &mut alerts, 30);
    assert!(alerts.resolved().iter().any(|a| a.id.rule == "clb-surge-queue"));
}

#[test]
fn a_login_that_runs_out_is_one_alert_and_ends_with_it() {
    let (mut world, mut alerts) = (World::default(), Alerts::default());
    let pollers = [PollerKind::Instances, PollerKind::Trail, PollerKind::Metrics];
    world.ran(PollerKind::Instances, t(0), Some(ErrorClass::Expired));
    world.ran(PollerKind::Trail, t(0), None);
    run(&world, &mut alerts, 0);
    assert_eq!(alerts.active()[0].id.resource.id.as_str(), "instances");
    for poller in pollers {
        world.ran(poller, t(1), Some(ErrorClass::Expired));
    }
    run(&world, &mut alerts, 1);
    assert_eq!((alerts.active().len(), alerts.resolved().len()), (1, 0));
    let alert = alerts.active()[0];
    assert_eq!(alert.id.resource.id.as_str(), "all");
    assert_eq!(alert.detail.as_str(), "login expired: run aws sso login --profile demo");
    assert_eq!(alerts.unread().len(), 3);
    for poller in pollers {
        world.ran(poller, t(2), None);
    }
    run(&world, &mut alerts, 2);
    assert_eq!((alerts.active().len(), alerts.resolved().len(), alerts.unread().len()), (0, 1, 0));
}

#[test]
fn what_is_gone_is_resolved_and_comes_back_as_new() {
    let (mut world, mut alerts) = (World::with_target_group(), Alerts::default());
    let group = id(Kind::TargetGroup, "api-tg");
    world.health(t(1), &group, members(4, 2));
    run(&world, &mut alerts, 1);
    let tg = |world: &mut World, minute, partial, resources| {
        let body = Body::Inventory { kinds: vec![Kind::TargetGroup], resources, partial };
        world.tell(PollerKind::Balancers, t(minute), body);
    };
    tg(&mut world, 2, true, Vec::new());
    run(&world, &mut alerts, 2);
    assert_eq!(phase(&alerts), "WARN", "a listing with pages missing takes nothing away");
    tg(&mut world, 2, false, Vec::new());
    run(&world, &mut alerts, 2);
    assert_eq!((phase(&alerts).as_str(), alerts.resolved()[0].detail.as_str()), ("resolved", "it is gone"));
    let again = World::with_target_group().model.resources().cloned().collect();
    tg(&mut world, 3, false, again);
    run(&world, &mut alerts, 3);
    assert_eq!(phase(&alerts), "resolved", "nothing is known of the new one");
    world.health(t(3), &group, members(0, 1));
    let start = t(3);
    let told = run(&world, &mut alerts, 3);
    assert!(told.iter().any(|t| t.from == Some(Phase::Resolved) && t.alert.since >= start));
}

#[test]
fn cloudwatch_and_who_was_first() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    world.alarm(0, AlarmState::Ok, -100);
    world.points(&clb(), &surge(), 0, "0 0 0");
    run(&world, &mut alerts, 3);
    world.points(&clb(), &surge(), 0, "0 0 0 600 600");
    run(&world, &mut alerts, 5);
    run(&world, &mut alerts, 7);
    let view = alerts.active()[0].cloudwatch.clone().expect("an alarm on the metric");
    assert_eq!((view.alarm.as_str(), view.state, view.lead), ("web-clb-surge-queue", AlarmState::Ok, Some(mins(2))));
    world.alarm(8, AlarmState::Alarm, 8);
    run(&world, &mut alerts, 8);
    let view = alerts.active()[0].cloudwatch.clone().expect("an alarm on the metric");
    assert_eq!((view.state, view.lead), (AlarmState::Alarm, Some(mins(3))));
    world.alarm(8, AlarmState::Alarm, 4);
    run(&world, &mut alerts, 8);
    assert_eq!(alerts.active()[0].cloudwatch.as_ref().map(|v| v.lead), Some(Some(mins(-1))), "it was first");
}

#[test]
fn who_was_first_is_not_told_of_a_breach_that_is_older_than_the_watch() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    world.alarm(0, AlarmState::Alarm, -100);
    world.points(&clb(), &surge(), 0, "0 0 0 600 600");
    run(&world, &mut alerts, 5);
    let view = alerts.active()[0].cloudwatch.clone().expect("an alarm on the metric");
    assert_eq!((view.state, view.lead), (AlarmState::Alarm, None));
}

fn mins(m: i64) -> SignedDuration {
    SignedDuration::from_mins(m)
}

#[test]
fn collections_are_bounded() {
    let (mut alerts, model) = (Alerts::default(), model());
    let verdicts = |letter| -> Vec<Verdict> {
        (0..3000).map(|i| verdict(&format!("r{i}"), clb(), standing(letter, t(0)))).collect()
    };
    alerts.update(&verdicts('c'), &model, t(0));
    assert_eq!((alerts.active().len(), alerts.timeline().count()), (3000, super::MAX_TIMELINE));
    alerts.update(&verdicts('o'), &model, t(1));
    assert_eq!((alerts.active().len(), alerts.resolved().len()), (0, super::MAX_RESOLVED));
}

type Step = Box<dyn Fn(&mut World)>;

/// Each source's observations, in its own order.
fn sources() -> Vec<Vec<Step>> {
    let web = || id(Kind::Instance, "i-1");
    vec![
        vec![
            Box::new(move |w| w.points(&clb(), &surge(), 0, "0 0 150 600 600")),
            Box::new(move |w| w.points(&clb(), &surge(), 2, "150 700 700 _ 20")),
        ],
        vec![Box::new(|w| w.health(t(4), &clb(), members(6, 0))), Box::new(|w| w.health(t(5), &clb(), members(4, 2)))],
        vec![
            Box::new(|w| w.list(t(4), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 6, 12, 6))])),
            Box::new(|w| w.list(t(5), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 12, 12, 11))])),
        ],
        vec![
            Box::new(|w| w.trail(3, "StopLogging", "IAMUser", None)),
            Box::new(|w| w.trail(1, "CreateAccessKey", "IAMUser", None)),
        ],
        vec![
            Box::new(|w| w.launch_failed(4, "web-asg")),
            Box::new(|w| w.ran(PollerKind::Activities, t(5), Some(ErrorClass::Denied))),
        ],
        vec![
            Box::new(move |w| w.list(t(3), vec![resource(Kind::Instance, &web().id, instance())])),
            Box::new(|w| w.ran(PollerKind::Instances, t(5), Some(ErrorClass::Throttled))),
        ],
    ]
}

proptest! {
    #[test]
    fn the_order_of_sources_among_each_other_does_not_matter(order in proptest::collection::vec(0usize..6, 24)) {
        let told = |order: &[usize]| {
            let sources = sources();
            let mut next = vec![0; sources.len()];
            let mut world = World::with_clb();
            // What `order` leaves out comes at the end.
            for &s in order.iter().chain(&[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]) {
                if let Some(observation) = sources[s].get(next[s]) {
                    observation(&mut world);
                    next[s] += 1;
                }
            }
            let mut alerts = Alerts::default();
            run(&world, &mut alerts, 7);
            let active: Vec<_> = alerts.active().into_iter().cloned().collect();
            (active, alerts.counts(), alerts.unread().clone())
        };
        let (active, counts, unread) = told(&order);
        prop_assert!(counts.critical > 0 && !active.is_empty());
        prop_assert_eq!((active, counts, unread), told(&[]));
    }

    #[test]
    fn the_same_verdicts_change_nothing_the_second_time(letters in "[owcWCnbl]{1,30}", rules in 1usize..4) {
        let (mut alerts, model) = (Alerts::default(), model());
        for (minute, letter) in (0..).zip(letters.chars()) {
            let one = |r| verdict(&format!("r{r}"), clb(), standing(letter, t(minute)));
            let verdicts: Vec<Verdict> = (0..rules).map(one).collect();
            alerts.update(&verdicts, &model, t(minute));
            let before = format!("{alerts:?}");
            prop_assert!(alerts.update(&verdicts, &model, t(minute)).is_empty());
            prop_assert_eq!(before, format!("{alerts:?}"));
        }
    }
}
