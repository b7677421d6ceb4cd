//! Alarms as they stand here, over models made through the only door.

use super::super::testing::{World, alb, clb, id, resource, scope, surge, t, word};
use super::super::{RuleContext, RuleSet, Severity};
use super::*;
use crate::model::{AlarmMetric, AlarmQuery, Balancer, Detail, ErrorClass, Instance, Point, QueryStatus, Signal};

const RULE: &str = "cloudwatch-alarm";

/// An alarm on the surge queue of `web-clb`: over 100, 2 of 3, gaps as good.
fn on_surge() -> Alarm {
    Alarm {
        state: AlarmState::Ok,
        state_since: Some(t(-600)),
        namespace: "AWS/ELB".into(),
        metric: "SurgeQueueLength".into(),
        dimensions: vec![("LoadBalancerName".into(), "web-clb".into())],
        stat: "Maximum".into(),
        period: 60,
        evaluation_periods: 3,
        datapoints_to_alarm: 2,
        comparison: "GreaterThanThreshold".into(),
        threshold: Some(100.0),
        treat_missing_data: "notBreaching".into(),
        actions_enabled: true,
        ..Alarm::default()
    }
}

/// On a metric of a service that is no known resource's.
fn on_jobs() -> Alarm {
    Alarm {
        namespace: "Shop/Jobs".into(),
        metric: "Age".into(),
        dimensions: vec![("Queue".into(), "jobs".into())],
        ..on_surge()
    }
}

fn composite(rule: &str) -> Alarm {
    Alarm { rule: rule.into(), actions_enabled: true, ..Alarm::default() }
}

fn aid(name: &str) -> ResourceId {
    id(Kind::Alarm, name)
}

fn with(alarms: &[(&str, Alarm)]) -> World {
    let mut world = World::with_clb();
    world.list(t(0), alarms.iter().map(|(n, a)| resource(Kind::Alarm, n, Detail::Alarm(a.clone()))).collect());
    world
}

fn local(world: &World, name: &str, minute: i64) -> Local {
    Mirror::new(&world.model, EvalMode::Live, t(minute)).local(&aid(name)).expect("listed")
}

fn state(world: &World, name: &str, minute: i64) -> LocalState {
    local(world, name, minute).state
}

fn says(world: &World, name: &str, minute: i64) -> String {
    let all = world.evaluate(EvalMode::Live, minute);
    let found = all.iter().find(|v| v.rule == *RULE && v.resource == aid(name));
    found.map_or("-".to_owned(), |v| word(&v.standing))
}

const OK: LocalState = LocalState::Is(AlarmState::Ok);
const ALARM: LocalState = LocalState::Is(AlarmState::Alarm);
const INSUFFICIENT: LocalState = LocalState::Is(AlarmState::InsufficientData);

fn demand(world: &World, rules: &RuleSet) -> Vec<(ResourceId, Metric)> {
    let context = RuleContext::default();
    rules.demand(&world.model, &context).into_iter().map(|d| (d.resource, d.metric)).collect()
}

#[test]
fn an_alarm_looks_at_the_series_of_the_resource_whose_metric_it_is() {
    let mut world = with(&[("surge", on_surge())]);
    assert_eq!(state(&world, "surge", 1), LocalState::Loading);
    world.points(&clb(), &surge(), 0, "0 0 0 200 300");
    let found = local(&world, "surge", 5);
    assert_eq!(found.state, ALARM);
    assert_eq!((found.since, found.value, found.limit), (Some(t(3)), Some(300.0), Some(100.0)));
    assert_eq!(says(&world, "surge", 5), "Warning");
    let verdict = world.verdict(RULE, EvalMode::Live, 5);
    assert_eq!(verdict.title, "SurgeQueueLength breaches its CloudWatch alarm");
    let series = world.model.series(&verdict.resource, &verdict.signal.expect("something to graph"));
    assert_eq!(series.and_then(crate::model::Series::last).map(|p| p.value), Some(300.0));
    let own: Vec<_> = demand(&world, builtin()).into_iter().filter(|(of, _)| *of == aid("surge")).collect();
    assert_eq!(own, [], "what the balancer has is asked of the balancer only");
}

fn builtin() -> &'static RuleSet {
    super::super::testing::builtin()
}

#[test]
fn what_belongs_to_no_known_resource_is_kept_once_under_the_alarm() {
    let stricter = Alarm { threshold: Some(1000.0), ..on_jobs() };
    let mut world = with(&[("age-high", on_jobs()), ("age-higher", stricter)]);
    let age = Metric::new("Shop/Jobs", "Age", "Maximum", 60);
    let wanted: Vec<_> = demand(&world, builtin()).into_iter().filter(|(_, m)| *m == age).collect();
    assert_eq!(wanted, [(aid("age-high"), age.clone())]);
    world.points(&aid("age-high"), &age, 0, "0 500 500 500 500");
    assert_eq!((state(&world, "age-high", 5), state(&world, "age-higher", 5)), (ALARM, OK));
    assert!(world.model.series(&aid("age-higher"), &Signal::Metric(age)).is_some());
}

#[test]
fn each_treatment_of_gaps_and_the_range_beyond_n() {
    for (missing, gap, none) in [
        ("missing", ALARM, INSUFFICIENT),
        ("ignore", ALARM, ALARM),
        ("breaching", ALARM, ALARM),
        ("notBreaching", OK, OK),
    ] {
        let alarm = Alarm { treat_missing_data: missing.into(), state: AlarmState::Alarm, ..on_jobs() };
        let mut world = with(&[("age", alarm)]);
        let age = Metric::new("Shop/Jobs", "Age", "Maximum", 60);
        // One breaching point, two periods old: premature, unless gaps are good.
        world.points(&aid("age"), &age, 0, "_ _ _ 500 _ _");
        assert_eq!(state(&world, "age", 6), gap, "{missing}");
        let mut world =
            with(&[("age", Alarm { treat_missing_data: missing.into(), state: AlarmState::Alarm, ..on_jobs() })]);
        world.points(&aid("age"), &age, 0, "_ _ _ _ _ _ _");
        assert_eq!(state(&world, "age", 7), none, "{missing}");
    }
}

#[test]
fn dynamodb_keeps_its_state_over_gaps() {
    let table = Alarm {
        namespace: "AWS/DynamoDB".into(),
        metric: "ReadThrottleEvents".into(),
        treat_missing_data: "breaching".into(),
        ..on_jobs()
    };
    let mut world = with(&[("table", table)]);
    let metric = Metric::new("AWS/DynamoDB", "ReadThrottleEvents", "Maximum", 60);
    world.points(&aid("table"), &metric, 0, "0 0 500 500 500 _ _ _ _ _ _ _ _");
    assert_eq!(state(&world, "table", 13), ALARM, "as it was when there were points");
}

#[test]
fn a_growing_statistic_is_told_before_its_neighbours_are_final_and_an_average_is_not_cleared_early() {
    let mut world = with(&[("surge", on_surge())]);
    world.points(&clb(), &surge(), 0, "0 200 300 0 0");
    assert_eq!(state(&world, "surge", 5), ALARM, "the newest zero may still grow");
    world.points(&clb(), &surge(), 0, "0 200 300 0 0 0 0");
    assert_eq!(state(&world, "surge", 7), OK);
}

#[test]
fn an_instance_that_does_not_run_has_no_points_rather_than_unread_ones() {
    let stopped = Detail::Instance(Instance { state: "stopped".into(), ..Instance::default() });
    let cpu = Alarm {
        namespace: "AWS/EC2".into(),
        metric: "CPUUtilization".into(),
        dimensions: vec![("InstanceId".into(), "i-1".into())],
        treat_missing_data: "missing".into(),
        ..on_surge()
    };
    let mut world = with(&[("cpu", cpu)]);
    world.list(t(0), vec![resource(Kind::Instance, "i-1", stopped)]);
    assert_eq!(state(&world, "cpu", 1), INSUFFICIENT);
    assert_eq!(says(&world, "cpu", 1), "NoData");
}

#[test]
fn what_cannot_be_read_is_blind() {
    let mut world = with(&[("surge", on_surge()), ("either", composite("ALARM(surge) OR ALARM(other)"))]);
    world.ran(crate::model::PollerKind::Metrics, t(0), Some(ErrorClass::Expired));
    assert_eq!((says(&world, "surge", 30), says(&world, "either", 30)), ("Blind".into(), "Blind".into()));
    let mut world = with(&[("surge", on_surge())]);
    world.batch(&clb(), &surge(), t(0), t(5), Vec::new(), QueryStatus::Forbidden);
    assert_eq!(says(&world, "surge", 5), "Blind");
}

#[test]
fn an_alarm_without_actions_that_could_tell_somebody_is_shown_and_does_not_fire() {
    let policy = "arn:aws:autoscaling:ap-northeast-1:123456789012:scalingPolicy:x:autoScalingGroupName/g:policyName/p";
    let topic = "arn:aws:sns:ap-northeast-1:123456789012:ops";
    let off = Alarm { actions_enabled: false, ..on_surge() };
    let scales = Alarm { actions: vec![policy.into()], ..on_surge() };
    let both = Alarm { actions: vec![policy.into(), topic.into()], ..on_surge() };
    let mut world = with(&[("off", off), ("scales", scales), ("both", both)]);
    world.points(&clb(), &surge(), 0, "0 0 300 300 300");
    for (name, mute, told) in
        [("off", Some(Mute::Disabled), "-"), ("scales", Some(Mute::Scales), "-"), ("both", None, "Warning")]
    {
        let found = local(&world, name, 5);
        assert_eq!((found.state, found.mute), (ALARM, mute), "{name}");
        assert_eq!(says(&world, name, 5), told, "{name}");
    }
}

#[test]
fn a_composite_stands_on_its_childrens_states_here() {
    let arn = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:surge";
    let mut world = with(&[
        ("surge", on_surge()),
        ("age", on_jobs()),
        ("both", composite(&format!("ALARM(\"{arn}\") AND ALARM(age)"))),
        ("either", composite("ALARM(surge) OR ALARM(age)")),
        ("not", composite("NOT ALARM(either)")),
        ("unlisted", composite("ALARM(gone)")),
        ("odd", composite("ALARM(surge")),
        ("quiet", Alarm { suppressor: "age".into(), ..composite("ALARM(surge)") }),
    ]);
    world.points(&clb(), &surge(), 0, "0 0 300 300 300");
    let age = Metric::new("Shop/Jobs", "Age", "Maximum", 60);
    world.points(&aid("age"), &age, 0, "0 0 0 0 0");
    let states = ["both", "either", "not", "quiet"].map(|n| state(&world, n, 5));
    assert_eq!(states, [OK, ALARM, OK, ALARM]);
    let either = local(&world, "either", 5);
    assert_eq!((either.since, either.children), (Some(t(2)), vec![Text::from("surge")]));
    assert_eq!((says(&world, "either", 5), says(&world, "quiet", 5)), ("Warning".into(), "Warning".into()));
    for (name, why) in [("unlisted", "no alarm gone is listed"), ("odd", "its rule cannot be read at column 12: ")] {
        let LocalState::Untold(told) = state(&world, name, 5) else { panic!("{name}") };
        assert!(told.starts_with(why), "{told}");
    }
    world.points(&aid("age"), &age, 0, "0 0 300 300 300");
    assert_eq!(local(&world, "quiet", 5).mute, Some(Mute::Suppressed));
    assert_eq!(says(&world, "quiet", 5), "-");
}

#[test]
fn what_cannot_be_evaluated_here_stands_as_cloudwatch_says() {
    let alone = |state| {
        let is = |alarm: Alarm| Alarm { state, state_since: Some(t(-90)), ..alarm };
        let mut world = with(&[
            ("unlisted", is(composite("ALARM(gone)"))),
            ("odd", is(composite("ALARM(surge"))),
            ("unknown", is(Alarm { comparison: "SomewhatLike".into(), ..on_surge() })),
            ("long", is(Alarm { evaluation_periods: 90_000, ..on_surge() })),
            ("muted", is(Alarm { actions_enabled: false, ..composite("ALARM(gone)") })),
        ]);
        world.points(&clb(), &surge(), 0, "0");
        world
    };
    for (state, fresh, stale) in [
        (AlarmState::Alarm, "Warning", "Warning"),
        (AlarmState::InsufficientData, "NoData", "Blind"),
        (AlarmState::Ok, "OK", "Blind"),
    ] {
        let world = alone(state);
        for name in ["unlisted", "odd", "unknown"] {
            let said = (says(&world, name, 1), says(&world, name, 60));
            assert_eq!(said, (fresh.into(), stale.into()), "{name} {state:?}");
        }
        let long = (says(&world, "long", 1), says(&world, "long", 60));
        assert_eq!(long, (fresh.into(), "Blind".into()), "its metric is not read any more: {state:?}");
        assert_eq!(says(&world, "muted", 1), "-");
    }
    let world = alone(AlarmState::Alarm);
    let all = world.evaluate(EvalMode::Live, 1);
    let unlisted = all.iter().find(|v| v.resource == aid("unlisted")).expect("told");
    assert_eq!(unlisted.detail, "by CloudWatch alone: no alarm gone is listed");
    assert!(matches!(unlisted.standing, Standing::Breach { since, .. } if since == t(-90)), "{:?}", unlisted.standing);
}

#[test]
fn composites_that_go_round_in_a_circle_come_to_an_end() {
    let world = with(&[
        ("a", composite("ALARM(b) OR ALARM(a)")),
        ("b", composite("NOT ALARM(a)")),
        ("c", Alarm { suppressor: "c".into(), ..composite("TRUE") }),
    ]);
    for name in ["a", "b", "c"] {
        let _ = state(&world, name, 5);
    }
}

fn elb(id: &str, name: &str) -> AlarmQuery {
    AlarmQuery {
        id: id.into(),
        metric: Some(AlarmMetric {
            namespace: "AWS/ELB".into(),
            name: name.into(),
            dimensions: vec![("LoadBalancerName".into(), "web-clb".into())],
            stat: "Sum".into(),
            period: 60,
            unit: "".into(),
        }),
        ..AlarmQuery::default()
    }
}

fn share_of_errors() -> Alarm {
    let share = AlarmQuery {
        id: "e1".into(),
        expression: "100*m1/m2".into(),
        label: "share of errors".into(),
        returned: true,
        ..AlarmQuery::default()
    };
    Alarm {
        queries: vec![elb("m1", "HTTPCode_ELB_5XX"), elb("m2", "RequestCount"), share],
        evaluation_periods: 2,
        datapoints_to_alarm: 2,
        comparison: "GreaterThanOrEqualToThreshold".into(),
        // No f32 is this number: what CloudWatch calls equal must be equal here.
        threshold: Some(5.1),
        treat_missing_data: "missing".into(),
        actions_enabled: true,
        ..Alarm::default()
    }
}

#[test]
fn metric_math_is_asked_as_it_stands_and_compared() {
    let mut world = with(&[("errors", share_of_errors())]);
    let groups = builtin().groups(&world.model, &RuleContext::default());
    assert_eq!(groups.len(), 1);
    assert_eq!((&groups[0].of, groups[0].period, groups[0].queries.len()), (&aid("errors"), 60, 3));
    let value = groups[0].value_metric();
    assert_eq!(value.name, "share of errors");
    world.points(&aid("errors"), &value, 0, "0 5.1 5.1");
    assert_eq!(state(&world, "errors", 3), OK, "an average's newest point may be a part of it");
    assert_eq!(state(&world, "errors", 4), OK);
    world.points(&aid("errors"), &value, 0, "0 5.1 5.1 5.1");
    let found = local(&world, "errors", 4);
    assert_eq!((found.state, found.since), (ALARM, Some(t(1))));
    assert_eq!(world.verdict(RULE, EvalMode::Live, 4).title, "share of errors breaches its CloudWatch alarm");
}

#[test]
fn a_band_is_compared_point_by_point() {
    let mut band = share_of_errors();
    band.queries = vec![
        AlarmQuery { returned: true, ..elb("m1", "RequestCount") },
        AlarmQuery {
            id: "ad1".into(),
            expression: "ANOMALY_DETECTION_BAND(m1, 2)".into(),
            returned: true,
            ..AlarmQuery::default()
        },
    ];
    band.threshold_query = "ad1".into();
    band.threshold = None;
    band.comparison = "LessThanLowerOrGreaterThanUpperThreshold".into();
    let mut world = with(&[("odd-traffic", band)]);
    let group = &builtin().groups(&world.model, &RuleContext::default())[0];
    let (lower, upper) = group.band_metrics().expect("a band");
    let alarm = aid("odd-traffic");
    world.points(&alarm, &group.value_metric(), 0, "50 50 5 5 5");
    assert_eq!(state(&world, "odd-traffic", 5), LocalState::Loading, "the band is not read yet");
    world.points(&alarm, &lower, 0, "40 40 40 40 40");
    world.points(&alarm, &upper, 0, "60 60 60 60 60");
    let found = local(&world, "odd-traffic", 5);
    assert_eq!((found.state, found.comparison, found.limit), (ALARM, Comparison::Below, Some(40.0)));
    world.points(&alarm, &group.value_metric(), 0, "50 50 5 65 50 50 50");
    world.points(&alarm, &upper, 0, "60 60 60 60 60 60 60");
    world.points(&alarm, &lower, 0, "40 40 40 40 40 40 40");
    assert_eq!(state(&world, "odd-traffic", 7), OK);
}

#[test]
fn a_percentile_of_few_samples_keeps_the_state_and_asks_for_the_count() {
    let slow = Alarm {
        stat: "p99".into(),
        metric: "Latency".into(),
        low_samples: "ignore".into(),
        threshold: Some(1.0),
        ..on_surge()
    };
    let mut world = with(&[("slow", slow)]);
    let latency = |stat: &str| Metric::new("AWS/ELB", "Latency", stat, 60);
    assert!(demand(&world, builtin()).contains(&(clb(), latency("SampleCount"))));
    world.points(&clb(), &latency("p99"), 0, "0.1 0.1 0.1 9 9 9");
    world.points(&clb(), &latency("SampleCount"), 0, "5000 5000 5000 3 3 3");
    let found = local(&world, "slow", 6);
    assert_eq!((found.state, found.few_samples), (OK, true));
    world.points(&clb(), &latency("SampleCount"), 0, "5000 5000 5000 2000 2000 2000");
    assert_eq!(state(&world, "slow", 6), ALARM);
}

#[test]
fn the_bill_is_looked_at_only_where_it_is_read() {
    let over = Alarm {
        namespace: "AWS/Billing".into(),
        metric: "EstimatedCharges".into(),
        dimensions: vec![("Currency".into(), "USD".into())],
        period: 21_600,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        ..on_surge()
    };
    let mut world = with(&[("over-budget", over)]);
    assert!(demand(&world, builtin()).iter().any(|(of, m)| *of == aid("over-budget") && m.name == "EstimatedCharges"));
    let bill = id(Kind::Bill, "estimated-charges");
    world.tell(
        PollerKind::Alarms,
        t(0),
        crate::model::Body::Inventory {
            kinds: vec![Kind::Bill],
            resources: vec![resource(Kind::Bill, "estimated-charges", Detail::None)],
            partial: false,
        },
    );
    assert_eq!(state(&world, "over-budget", 1), LocalState::Untold("the bill is not read".into()));
    assert!(demand(&world, builtin()).iter().all(|(of, _)| *of != aid("over-budget")), "asked of the bill");
    let charges = Metric::new("AWS/Billing", "EstimatedCharges", "Maximum", 21_600);
    let point = |hour: i64, value| Point { at: t(hour * 60), value };
    // The running quarter of a day counts: charges only grow.
    world.batch(&bill, &charges, t(-1440), t(0), vec![point(-6, 90.0), point(0, 120.0)], QueryStatus::Complete);
    assert_eq!(state(&world, "over-budget", 1), ALARM);
}

#[test]
fn resources_are_found_by_the_dimensions_of_every_kind() {
    let mut world = World::default();
    world.list(t(0), vec![resource(Kind::Alb, "api-alb", alb())]);
    let of = |ns: &str, value: &str| {
        let dims = vec![("LoadBalancer".into(), value.into())];
        world.model.with_dimensions(&scope(), &Metric::new(ns, "RequestCount", "Sum", 60), &dims).map(|r| r.id.clone())
    };
    assert_eq!(of("AWS/ApplicationELB", "app/api-alb/50dc6c495c0c9188"), Some(id(Kind::Alb, "api-alb")));
    assert_eq!(of("AWS/ApplicationELB", "app/api-alb/other"), None, "one of that name that was before");
    assert_eq!(of("AWS/NetworkELB", "app/api-alb/50dc6c495c0c9188"), None);
    let mut world = World::with_clb();
    world.list(t(0), vec![resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default()))]);
    let dims = vec![("AvailabilityZone".into(), "a".into()), ("LoadBalancerName".into(), "web-clb".into())];
    assert_eq!(world.model.with_dimensions(&scope(), &surge(), &dims), None, "one zone's share is not the whole's");
}

#[test]
fn the_rule_can_be_switched_off_filtered_and_made_milder() {
    let off =
        super::super::RuleSource { name: "config.toml", text: "[rules.override.cloudwatch-alarm]\nenabled = false\n" };
    let rules = RuleSet::load(&[], &[off]).expect("right");
    let mut world =
        with(&[("surge", on_surge()), ("age", on_jobs()), ("both", composite("ALARM(surge) AND ALARM(age)"))]);
    world.points(&clb(), &surge(), 0, "0 0 300 300 300");
    let context = RuleContext::default();
    let of = |rules: &RuleSet| -> Vec<_> {
        let all = rules.evaluate(&world.model, &context, t(5));
        all.into_iter().filter(|v| v.rule == *RULE).map(|v| (v.resource.id, v.standing)).collect()
    };
    assert_eq!(of(&rules), []);
    assert!(rules.demand(&world.model, &context).iter().all(|d| d.resource.kind != Kind::Alarm));
    let milder =
        "[rules.override.cloudwatch-alarm]\nname = [\"bo*\", \"su*\"]\nwarning = \">= 1\"\ncritical = \"none\"\n";
    let rules = RuleSet::load(&[], &[super::super::RuleSource { name: "config.toml", text: milder }]).expect("right");
    let found = of(&rules);
    assert_eq!(found.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["both", "surge"]);
    assert!(matches!(found[1].1, Standing::Breach { severity: Severity::Warning, held: true, .. }));
    let age = rules.demand(&world.model, &context);
    assert!(age.iter().any(|d| d.resource == aid("age") && d.awaited), "what a composite names is read all the same");
}

#[test]
fn how_loud_an_alarm_is_stands_in_its_name_and_in_what_it_does() {
    let loud = |name: &str, action: &str| {
        let alarm = Alarm { actions: vec![action.into()], ..on_surge() };
        let mut world = with(&[(name, alarm)]);
        world.points(&clb(), &surge(), 0, "0 0 300 300 300");
        says(&world, name, 5)
    };
    let topic = |name: &str| format!("arn:aws:sns:ap-northeast-1:123456789012:{name}");
    for (name, action, expected) in [
        ("surge", topic("ops"), "Warning"),
        ("web-asg-cpu-high", topic("ops"), "Warning"),
        ("criteria-high", topic("homepage-team"), "Warning"),
        ("landing-page-p10", topic("sev12"), "Warning"),
        ("surge CRITICAL", topic("ops"), "Critical"),
        ("P1-surge", topic("ops"), "Critical"),
        ("surge (sev1) web", topic("ops"), "Critical"),
        ("surge_crit", topic("ops"), "Critical"),
        ("surge", topic("ops-critical"), "Critical"),
        ("surge", topic("web-pagerduty"), "Critical"),
        ("surge", "arn:aws:ssm-incidents::123456789012:response-plan/web".to_owned(), "Critical"),
        ("surge", "arn:aws-cn:ssm:cn-north-1:123456789012:opsitem:1#CATEGORY=Availability".to_owned(), "Critical"),
        ("surge", "arn:aws:ssm:eu-west-1:123456789012:opsitem:3".to_owned(), "Warning"),
    ] {
        assert_eq!(loud(name, &action), expected, "{name} {action}");
    }
    let all = "[rules.override.cloudwatch-alarm]\nwhen = []\ncritical = \">= 1\"\n";
    let rules = RuleSet::load(&[], &[super::super::RuleSource { name: "config.toml", text: all }]).expect("right");
    let mut world = with(&[("surge", on_surge())]);
    world.points(&clb(), &surge(), 0, "0 0 300 300 300");
    let verdicts = rules.evaluate(&world.model, &RuleContext::default(), t(5));
    let found = verdicts.iter().find(|v| v.rule == *RULE).map(|v| word(&v.standing));
    assert_eq!(found.as_deref(), Some("Critical"));
}
