//! Limits that change with time or by tag, alerts that are kept, and change over time, on small models.

use std::collections::BTreeMap;

use super::testing::{World, clb, group, id, resource, surge, t, word};
use super::{EvalMode, RuleContext, RuleSet, RuleSource};
use crate::alerts::Alerts;
use crate::model::{
    Balancer, Body, Detail, ErrorClass, Instance, Kind, Market, Metric, Offer, PollerKind, Price, QueryStatus, Resource,
};

/// What `rule`, the only one in `text`, says at minute `m` of the test's time, which begins on a Wednesday at 06:00 UTC.
fn says(world: &World, text: &str, m: i64) -> String {
    let set = RuleSet::load(&[RuleSource { name: "mine.toml", text }], &[]).unwrap_or_else(|e| panic!("{e:#?}"));
    let verdicts = set.only(|r| r.source == *"mine.toml").evaluate(&world.model, &RuleContext::default(), t(m));
    verdicts.iter().map(|v| word(&v.standing)).collect::<Vec<_>>().join(" ")
}

fn surge_rule(lines: &str) -> String {
    let head =
        "id = \"x\"\ntitle = \"t\"\nkind = \"classic-elb\"\nsignal = \"SurgeQueueLength\"\nzero_when_absent = true\n";
    format!("[[rule]]\n{head}{lines}\n")
}

fn with_surge(values: &str) -> World {
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 0, values);
    world
}

#[test]
fn limits_follow_business_hours() {
    let rule = surge_rule(
        "warning = \"> 100\"\n[[rule.when]]\nhours = \"09:00-18:00\"\ndays = \"weekdays\"\nzone = \"Asia/Tokyo\"\nwarning = \"> 10\"\ncritical = \"> 40\"",
    );
    // 15:00 in Tokyo, then 18:00.
    let world = with_surge("50 50 50 50 50");
    assert_eq!(says(&world, &rule, 5), "Critical");
    assert_eq!(says(&with_surge("20"), &rule, 1), "Warning");
    let mut evening = World::with_clb();
    evening.points(&clb(), &surge(), 178, "50 50 50 50");
    assert_eq!((says(&evening, &rule, 179), says(&evening, &rule, 180)), ("Critical".into(), "OK".into()));
    evening.points(&clb(), &surge(), 182, "150");
    assert_eq!(says(&evening, &rule, 183), "Warning");
    let set = RuleSet::load(&[RuleSource { name: "mine.toml", text: &rule }], &[]).expect("right");
    assert_eq!(set.get("x").expect("there").turns_after(t(5)), Some(t(180)));
    assert_eq!(set.get("clb-spillover").expect("there").turns_after(t(5)), None);
}

#[test]
fn limits_follow_tags_and_the_first_that_holds_is_in_force() {
    let rule = surge_rule(
        "warning = \"> 10\"\ncritical = { limit = \"> 40\", datapoints = \"2 of 2\" }\n\
         [[rule.when]]\ntags = { env = \"dev*\" }\nseverity = \"warning\"\n\
         [[rule.when]]\ntags = { env = \"*\" }\ncritical = \"> 60\"\n\
         [[rule.when]]\ntags = { quiet = \"yes\" }\nwarning = \"none\"\ncritical = \"none\"",
    );
    for (tag, value, values, expected) in [
        ("", "", "50 50", "Critical"),
        ("", "", "0 50", "Warning"),
        ("env", "dev-1", "50 50", "Warning"),
        ("env", "prod", "50 50", "Warning"),
        ("env", "prod", "70 70", "Critical"),
        // What is not said in `when` stays: two of two.
        ("env", "prod", "0 70", "Warning"),
        ("quiet", "yes", "70 70", ""),
    ] {
        let mut world = World::default();
        let tags = BTreeMap::from([(tag.into(), value.into())]);
        let clb = Resource { tags, ..resource(Kind::ClassicElb, "web-clb", Detail::Balancer(Balancer::default())) };
        world.list(t(0), vec![clb.clone()]);
        world.points(&clb.id, &surge(), 0, values);
        assert_eq!(says(&world, &rule, 2), expected, "{tag}={value} {values}");
    }
}

#[test]
fn an_alert_is_kept_firing_for_a_while() {
    let rule = surge_rule("warning = { limit = \"> 10\", for = \"2m\" }\nkeep_firing_for = \"3m\"\nsettle = \"0s\"");
    for (values, expected) in [
        ("0 50 50 0", "Warning"),
        ("0 50 50 0 0 0", "Warning"),
        ("0 50 50 0 0 0 0", "OK"),
        // What never fired is not kept.
        ("0 0 50 0", "OK"),
        ("0 50 50 0 0 50", "Warning?"),
    ] {
        let minutes = i64::try_from(values.split_whitespace().count()).expect("few");
        assert_eq!(says(&with_surge(values), &rule, minutes), expected, "{values}");
    }
}

#[test]
fn a_limit_alone_leaves_what_else_belongs_to_the_level() {
    let text = "[[rule]]\nid = \"clb-surge-queue\"\nwarning = \"> 50\"\n";
    let set = RuleSet::load(&[RuleSource { name: "mine.toml", text }], &[]).expect("right");
    let mut world = with_surge("0 60");
    let only = set.only(|r| r.id == *"clb-surge-queue");
    let says = |world: &World, m| {
        only.evaluate(&world.model, &RuleContext::default(), t(m)).iter().map(|v| word(&v.standing)).collect::<String>()
    };
    assert_eq!(says(&world, 2), "Warning?", "two of three");
    world.points(&clb(), &surge(), 2, "60");
    assert_eq!(says(&world, 3), "Warning");
}

const REQUESTS: &str = "[[rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"classic-elb\"\n";

fn requests() -> Metric {
    Metric::new("AWS/ELB", "RequestCount", "Sum", 60)
}

#[test]
fn a_share_of_yesterday() {
    let rule =
        format!("{REQUESTS}expression = \"100 * RequestCount / yesterday(RequestCount)\"\nwarning = \"< 50 %\"\n");
    let mut world = World::with_clb();
    let set = RuleSet::load(&[RuleSource { name: "mine.toml", text: &rule }], &[]).expect("right");
    let demand = set.only(|r| r.id == *"x").demand(&world.model, &RuleContext::default());
    assert_eq!(demand.iter().map(|d| (d.metric.clone(), d.history)).collect::<Vec<_>>(), [(requests(), 90_000)]);
    // A day and a minute, read at once: yesterday's traffic was 100, then it is 60, then 40.
    let day = vec!["100"; 1440].join(" ");
    world.points(&clb(), &requests(), 0, &format!("{day} 60 40"));
    assert_eq!(says(&world, &rule, 1442), "OK", "the newest may still rise");
    world.points(&clb(), &requests(), 1442, "40");
    assert_eq!(says(&world, &rule, 1443), "Warning");
    // Nothing was read of yesterday: nothing is known, and nothing said.
    let mut young = World::with_clb();
    young.points(&clb(), &requests(), 0, "60 40");
    assert_eq!(says(&young, &rule, 2), "NoData");
    // A yesterday of zero is no share.
    let mut zero = World::with_clb();
    zero.points(&clb(), &requests(), 0, &format!("{} 60", vec!["0"; 1440].join(" ")));
    assert_eq!(says(&zero, &rule, 1441), "NoData");
}

#[test]
fn full_in_two_hours() {
    let rule =
        format!("{REQUESTS}expression = \"until(RequestCount, 0, 30m)\"\nwarning = \"< 2h\"\ncritical = \"< 30m\"\n");
    let falling =
        |from: i32, step: i32, n: i32| (0..n).map(|i| (from - i * step).to_string()).collect::<Vec<_>>().join(" ");
    for (values, expected) in [
        (falling(1000, 5, 31), "OK"),
        (falling(1000, 10, 31), "Warning"),
        (falling(1000, 30, 31), "Critical"),
        (falling(1000, -5, 31), "OK"),
        (falling(1000, 0, 31), "OK"),
        (falling(1000, 30, 8), "OK"),
    ] {
        let mut world = World::with_clb();
        world.points(&clb(), &requests(), 0, &values);
        let minutes = i64::try_from(values.split_whitespace().count()).expect("few");
        assert_eq!(says(&world, &rule, minutes), expected, "{values}");
    }
    // It resolves when it no longer comes nearer.
    let mut world = World::with_clb();
    world.points(&clb(), &requests(), 0, &falling(1000, 10, 31));
    assert_eq!(says(&world, &rule, 31), "Warning");
    world.points(&clb(), &requests(), 31, &vec!["5000"; 20].join(" "));
    world.points(&clb(), &requests(), 51, "5000");
    assert_eq!(says(&world, &rule, 52), "OK");
}

#[test]
fn change_of_what_an_api_gives() {
    let rule = "[[rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"auto-scaling-group\"\n\
                expression = \"delta(desired_capacity, 10m)\"\nwarning = \">= 4\"\n";
    let mut world = World::default();
    let asg = |desired| vec![resource(Kind::AutoScalingGroup, "web-asg", group(1, desired, 20, desired))];
    for m in 0..20 {
        world.list(t(m), asg(if m < 15 { 2 } else { 6 }));
        let expected = if m < 10 {
            "NoData"
        } else if m < 15 {
            "OK"
        } else {
            "Warning"
        };
        assert_eq!(says(&world, rule, m), expected, "minute {m}");
    }
    for m in 20..26 {
        world.list(t(m), asg(6));
    }
    assert_eq!(says(&world, rule, 25), "OK");
}

#[test]
fn a_history_that_is_asked_for_at_once_is_kept() {
    let mut world = World::with_clb();
    let points = (0..1500).map(|m| crate::model::Point { at: t(m), value: 1.0 }).collect();
    world.batch(&clb(), &requests(), t(0), t(1500), points, QueryStatus::Complete);
    let series = |w: &World| {
        let signal = crate::model::Signal::Metric(requests());
        w.model.series(&clb(), &signal).map(|s| s.points().count())
    };
    assert_eq!(series(&world), Some(1500));
    let other = id(Kind::ClassicElb, "other");
    world.tell(PollerKind::Metrics, t(1500), Body::Points(Vec::new()));
    assert_eq!(world.model.series_of(&other).count(), 0);
}

#[test]
fn events_that_lie_close_together_are_counted_together() {
    let rule = "[[rule]]\nid = \"x\"\ntitle = \"t\"\nkind = \"trail\"\n\
                trail = { event = \"ConsoleLogin\", within = \"5m\" }\nwindow = \"1h\"\nwarning = \">= 3\"\n";
    let mut world = World::default();
    for minute in [0, 10, 20, 30] {
        world.trail(minute, "ConsoleLogin", "IAMUser", None);
    }
    assert_eq!(says(&world, rule, 31), "OK");
    for minute in [31, 35] {
        world.trail(minute, "ConsoleLogin", "IAMUser", None);
    }
    assert_eq!(says(&world, rule, 36), "Warning");
}

/// Two instances cost 20 cents an hour; at minute 5 thirty large ones are launched. `denied`: the price list may not be
/// read.
fn burning(until: i64, denied: bool) -> World {
    let mut world = World::default();
    let machine = |name: &str, instance_type: &str, minute: i64| {
        let instance = Instance {
            state: "running".into(),
            instance_type: instance_type.into(),
            platform: "Linux/UNIX".into(),
            tenancy: "default".into(),
            launched: Some(t(minute)),
            ..Instance::default()
        };
        resource(Kind::Instance, name, Detail::Instance(instance))
    };
    let price = |instance_type: &str, dollars: f64| Price {
        offer: Offer {
            region: "ap-northeast-1".into(),
            instance_type: instance_type.into(),
            platform: "Linux/UNIX".into(),
            market: Market::Shared,
        },
        dollars_per_hour: Some(dollars),
        at: t(0),
    };
    for m in 0..=until {
        let mut fleet = vec![machine("i-1", "t3.large", -600), machine("i-2", "t3.large", -600)];
        if m >= 5 {
            fleet.extend((10..40).map(|i| machine(&format!("i-{i}"), "m5.24xlarge", 5)));
        }
        if !denied {
            let prices = vec![price("t3.large", 0.1), price("m5.24xlarge", 5.0)];
            world.tell(PollerKind::Prices, t(m), Body::Prices(prices));
        }
        world.ran(PollerKind::Prices, t(m), denied.then_some(ErrorClass::Denied));
        world.list(t(m), fleet);
    }
    world
}

#[test]
fn a_jump_of_what_runs_is_told_within_minutes() {
    assert_eq!(burning(4, false).says("bill-jump", EvalMode::Live, 4), "OK");
    assert_eq!(burning(6, false).says("bill-jump", EvalMode::Live, 6), "Critical?");
    let jumped = burning(11, false);
    assert_eq!(jumped.says("bill-jump", EvalMode::Live, 11), "Critical");
    assert_eq!(jumped.says("bill-jump", EvalMode::Live, 30), "Blind", "nothing was listed since");
    assert_eq!(burning(11, true).says("bill-jump", EvalMode::Live, 11), "Blind", "what may not be read is not OK");
}

#[test]
fn prices_that_may_not_be_read_are_as_loud_as_anything_unread_while_a_rule_needs_them() {
    let world = burning(11, true);
    let context = RuleContext { budget: None, mode: EvalMode::Live, ..RuleContext::default() };
    let blind = |overrides: &str| -> Vec<String> {
        let overrides = [RuleSource { name: "config.toml", text: overrides }];
        let rules = RuleSet::load(&[], &overrides).expect("right");
        let mut alerts = Alerts::under(&rules);
        alerts.update(&rules.evaluate(&world.model, &context, t(11)), &world.model, t(11));
        let mut said: Vec<String> = alerts.active().iter().map(|a| format!("{}: {}", a.id.rule, a.detail)).collect();
        said.extend(alerts.unread().values().map(|u| u.why.to_string()));
        said.retain(|line| line.contains("GetProducts"));
        said.dedup();
        said
    };
    let why = "needs pricing:GetProducts, or bill-jump off";
    assert_eq!(blind(""), [format!("poller-blind: {why}"), why.to_owned()]);
    // Who does not want what rests on them is left in peace, here and where the rule looks at no such account.
    assert_eq!(blind("[rules.override.bill-jump]\nenabled = false\n"), [""; 0]);
    assert_eq!(blind("[rules.override.bill-jump]\naccount = [\"another\"]\n"), [""; 0]);
    // The rule about pollers says the same where it is looked at alone.
    let rules = RuleSet::builtin();
    let rule = rules.get("poller-blind").expect("it is built in");
    let told = crate::rules::explain_all(rule, &world.model, &context, t(11));
    let said: Vec<_> = told.iter().filter_map(|e| Some(e.verdict.as_ref()?.detail.to_string())).collect();
    assert!(said.contains(&why.to_owned()), "{said:?}");
}
