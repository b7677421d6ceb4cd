//! The built-in rules on small models: what they fire on, what they keep quiet on, and what nobody may take for good.

use jiff::SignedDuration;

use super::testing::{World, alb, clb, group, id, instance, members, resource, scope, subnet, surge, t, word};
use super::{EvalMode, RuleContext, RuleSet, RuleSource, Standing, bill_metric};
use crate::model::{
    Body, Detail, ErrorClass, HealthState, Kind, Metric, Point, PollerKind, QueryStatus, ResourceId, Signal,
};

use EvalMode::{Live, OneShot};

fn metric(name: &str, stat: &str) -> Metric {
    let (namespace, name) = name.rsplit_once('/').expect("a namespace");
    Metric::new(namespace, name, stat, 60)
}

#[test]
fn the_builtin_rules_are_right_and_all_there() {
    let set = RuleSet::load(&[], &[]).expect("the built-in files are right");
    let looked_at = |k: &Kind| set.rules().iter().any(|r| r.enabled && r.kinds().contains(k));
    let without: Vec<Kind> = Kind::ALL.into_iter().filter(|k| !looked_at(k)).collect();
    assert_eq!(without, Vec::<Kind>::new(), "kinds that no rule looks at");
    let off: Vec<&str> = set.rules().iter().filter(|r| !r.enabled).map(|r| r.id.as_str()).collect();
    let meant = "alb-request-surge clb-request-surge";
    let needs_a_number =
        "instance-cpu-credit-balance lambda-concurrency lambda-duration rds-connections rds-memory rds-storage";
    assert_eq!(off.join(" "), format!("{meant} {needs_a_number} trail-instances"));
    let all_but: Vec<PollerKind> = PollerKind::ALL.into_iter().filter(|p| !set.pollers_needed().contains(p)).collect();
    assert_eq!(all_but, [PollerKind::Identity]);
}

#[test]
fn every_file_of_the_folder_is_part_of_the_program() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|f| Some(format!("rules/{}", f.ok()?.file_name().to_str()?)))
        .filter(|f| f.rsplit_once('.').is_some_and(|(_, ext)| ext == "toml"))
        .collect();
    files.sort();
    let set = RuleSet::builtin();
    let used: std::collections::BTreeSet<&str> = set.rules().iter().map(|r| r.source.as_str()).collect();
    assert_eq!(files, used.into_iter().collect::<Vec<_>>());
}

#[test]
fn surge_queue() {
    // Points from minute 0 on, all complete; what the rule says once they are read.
    for (values, expected) in [
        ("0 0 0 0 0", "OK"),
        ("_ _ _ _ _ _ _", "OK"),
        ("0 0 0 0 150", "Warning?"),
        ("0 0 0 150 150", "Warning"),
        ("0 _ 200 _ 200", "Warning"),
        ("0 0 0 0 600", "Critical"),
        ("150 150 150 600 600", "Critical"),
        // The newest gap may be a point that is late; only after three minutes is it a zero.
        ("0 0 0 0 600 _", "Critical"),
        ("0 0 0 0 600 _ _ _ _", "OK"),
        // A maximum that came down may still rise while it is revised.
        ("0 0 0 0 600 0", "Critical"),
        ("0 0 0 0 600 0 0 0 0", "OK"),
    ] {
        let mut world = World::with_clb();
        world.points(&clb(), &surge(), 0, values);
        let minutes = i64::try_from(values.split_whitespace().count()).expect("small");
        assert_eq!(world.says("clb-surge-queue", Live, minutes), expected, "{values}");
        assert_eq!(world.says("clb-spillover", Live, minutes), "Loading");
        assert_eq!(world.says("clb-spillover", OneShot, minutes), "Blind", "there will be no other reading");
    }
}

#[test]
fn a_breach_begins_where_its_run_of_points_does() {
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 0, "0 0 200 0 300 600 812");
    let v = world.verdict("clb-surge-queue", Live, 7);
    let Standing::Breach { since, held, .. } = v.standing else { panic!("{v:?}") };
    assert_eq!((since, held, v.value, v.limit, v.data_at), (t(5), true, Some(812.0), Some(512.0), Some(t(6))));
    assert_eq!(v.signal, Some(Signal::Metric(surge())));
}

#[test]
fn a_period_that_is_not_over_counts_only_where_it_can_only_grow() {
    let half = |minute: i64| t(minute) + SignedDuration::from_secs(30);
    let point = |minute: i64, value| Point { at: t(minute), value };
    let mut world = World::with_clb();
    world.batch(&clb(), &surge(), t(0), half(3), vec![point(2, 1.0), point(3, 600.0)], QueryStatus::Complete);
    assert_eq!(world.says("clb-surge-queue", Live, 4), "Critical", "fires early");
    let mut world = World::with_clb();
    world.batch(&clb(), &surge(), t(0), half(3), vec![point(2, 600.0), point(3, 1.0)], QueryStatus::Complete);
    assert_eq!(world.says("clb-surge-queue", Live, 4), "Critical", "does not clear early");
    // An average may come down again before its period is over.
    let cpu = Metric::new("AWS/EC2", "CPUUtilization", "Average", 300);
    let web = id(Kind::Instance, "i-1");
    let mut world = World::default();
    world.list(t(0), vec![resource(Kind::Instance, "i-1", instance())]);
    let points = vec![point(0, 10.0), point(5, 95.0), point(10, 95.0), point(15, 95.0)];
    world.batch(&web, &cpu, t(0), t(17), points, QueryStatus::Complete);
    assert_eq!(world.says("instance-cpu", Live, 17), "Critical?");
    world.batch(&web, &cpu, t(0), t(20), vec![point(15, 96.0)], QueryStatus::Complete);
    assert_eq!(world.says("instance-cpu", Live, 20), "Critical?", "nor is all of it there at its end");
    world.batch(&web, &cpu, t(0), t(21), Vec::new(), QueryStatus::Complete);
    assert_eq!(world.says("instance-cpu", Live, 21), "Critical");
}

#[test]
fn late_and_revised_points_change_the_answer_and_duplicates_do_not() {
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 0, "0 0 150 _ 90");
    assert_eq!(world.says("clb-surge-queue", Live, 5), "OK");
    world.points(&clb(), &surge(), 0, "0 0 150 _ 120");
    assert_eq!(world.says("clb-surge-queue", Live, 5), "Warning", "revised");
    world.points(&clb(), &surge(), 0, "0 0 150 900 120");
    assert_eq!(world.says("clb-surge-queue", Live, 5), "Critical", "late, and not converged");
    let once = world.evaluate(Live, 5);
    world.points(&clb(), &surge(), 0, "0 0 150 900 120");
    assert_eq!(world.evaluate(Live, 5), once);
}

#[test]
fn a_gap_is_a_zero_only_where_it_was_read() {
    let mut world = World::with_clb();
    // Only minutes 60 to 62 were ever asked for.
    world.points(&clb(), &surge(), 60, "150 _ 150");
    assert_eq!(world.says("clb-surge-queue", Live, 63), "Warning");
    let v = world.verdict("clb-surge-queue", OneShot, 63);
    assert!(matches!(v.standing, Standing::Breach { since, .. } if since == t(60)), "{v:?}");
}

#[test]
fn shares_of_requests() {
    let api = id(Kind::Alb, "api-alb");
    for (elb, target, requests, expected) in [
        ("_ _ _ _", "_ _ _ _", "1000 1000 1000 1000", "OK"),
        ("_ _ _ _", "_ 20 20 20", "1000 1000 1000 1000", "Warning"),
        ("_ 30 30 30", "_ 30 30 30", "1000 1000 1000 1000", "Critical"),
        ("_ 30 30 30", "_ _ _ _", "_ _ _ _", "OK"),
        ("_ 30 30 30 30 30", "_ _ _ _ _ _", "_ _ _ _ _ _", "Critical"),
        ("_ _ _ _", "_ _ _ _", "_ _ _ _", "OK"),
    ] {
        let mut world = World::default();
        world.list(t(0), vec![resource(Kind::Alb, "api-alb", alb())]);
        for (name, values) in [
            ("AWS/ApplicationELB/HTTPCode_ELB_5XX_Count", elb),
            ("AWS/ApplicationELB/HTTPCode_Target_5XX_Count", target),
            ("AWS/ApplicationELB/RequestCount", requests),
        ] {
            world.points(&api, &metric(name, "Sum"), 0, values);
        }
        let minutes = i64::try_from(elb.split_whitespace().count()).expect("few");
        assert_eq!(world.says("alb-5xx", Live, minutes), expected, "{elb} / {target} / {requests}");
    }
}

#[test]
fn hosts() {
    for (healthy, bad, unhealthy, none) in
        [(6, 0, "OK", "OK"), (4, 2, "Warning", "OK"), (0, 6, "Warning", "Critical"), (0, 0, "OK", "OK")]
    {
        let mut world = World::with_target_group();
        world.health(t(1), &id(Kind::TargetGroup, "api-tg"), members(healthy, bad));
        assert_eq!(world.says("target-unhealthy-hosts", Live, 1), unhealthy, "{healthy} + {bad}");
        assert_eq!(world.says("target-no-healthy-hosts", Live, 1), none, "{healthy} + {bad}");
        let mut world = World::with_clb();
        world.health(t(1), &clb(), members(healthy, bad));
        assert_eq!(world.says("clb-unhealthy-hosts", Live, 1), unhealthy, "{healthy} + {bad}");
        assert_eq!(world.says("clb-no-healthy-hosts", Live, 1), none, "{healthy} + {bad}");
    }
}

#[test]
fn unhealthy_hosts_are_named_with_their_zone_and_reason() {
    let mut world = World::with_target_group();
    world.health(t(1), &id(Kind::TargetGroup, "api-tg"), members(4, 2));
    let v = world.verdict("target-unhealthy-hosts", Live, 1);
    assert_eq!(v.title.as_str(), "2 of 6 targets unhealthy, zone 1c");
    assert_eq!(v.detail.as_str(), "Target.Timeout i-c0 i-c1");
    let mut list = members(4, 2);
    for member in &mut list {
        member.zone = None;
    }
    let mut instances: Vec<_> = list.iter().map(|m| resource(Kind::Instance, &m.id, instance())).collect();
    for (i, resource) in instances.iter_mut().enumerate() {
        if let Detail::Instance(instance) = &mut resource.detail {
            instance.zone = if i < 4 { "ap-northeast-1a" } else { "ap-northeast-1d" }.into();
        }
    }
    world.list(t(1), instances);
    world.health(t(1), &id(Kind::TargetGroup, "api-tg"), list);
    let v = world.verdict("target-unhealthy-hosts", Live, 1);
    assert_eq!(v.title.as_str(), "2 of 6 targets unhealthy, zone 1d", "as the instances' own listing has it");
    let mut list = members(0, 6);
    list[0].state = HealthState::Healthy;
    world.health(t(2), &id(Kind::TargetGroup, "api-tg"), list);
    let v = world.verdict("target-unhealthy-hosts", Live, 2);
    assert_eq!(v.detail.as_str(), "Target.Timeout i-c1 i-c2 i-c3 i-c4 +1");
}

#[test]
fn groups_at_their_maximum() {
    for (min, desired, max, expected) in [
        (4, 6, 12, "OK"),
        (4, 11, 12, "Warning"),
        (4, 12, 12, "Critical"),
        (3, 3, 3, "OK"),
        (0, 0, 0, "OK"),
        (0, 1, 1, "Critical"),
    ] {
        let mut world = World::default();
        world.list(t(0), vec![resource(Kind::AutoScalingGroup, "web-asg", group(min, desired, max, desired))]);
        let said = world.says("asg-at-max", Live, 0);
        let expected = if max == 0 && said == "NoData" { "NoData" } else { expected };
        assert_eq!(said, expected, "{min} {desired} {max}");
        assert_eq!(world.says("asg-short", Live, 0), "OK");
    }
}

#[test]
fn a_short_group_is_told_of_after_five_minutes_and_is_critical_after_ten() {
    let mut world = World::default();
    for minute in 0..=12 {
        world.list(t(minute), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 6, 12, 5))]);
        let expected = match minute {
            0..5 => "Warning?",
            5..10 => "Warning",
            _ => "Critical",
        };
        assert_eq!(world.says("asg-short", Live, minute), expected, "minute {minute}");
        // One look cannot know for how long: the milder is sure.
        let expected = if minute < 10 { "Warning" } else { "Critical" };
        assert_eq!(world.says("asg-short", OneShot, minute), expected, "minute {minute}");
    }
    world.list(t(13), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 6, 12, 6))]);
    assert_eq!(world.says("asg-short", Live, 13), "OK");
}

#[test]
fn failed_launches_are_counted_in_their_window() {
    let mut world = World::default();
    world.list(t(0), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 6, 12, 6))]);
    world.ran(PollerKind::Activities, t(0), None);
    assert_eq!(world.says("asg-launch-failures", Live, 0), "OK");
    world.launch_failed(1, "web-asg");
    world.launch_failed(2, "other-asg");
    assert_eq!(world.says("asg-launch-failures", Live, 2), "Warning");
    world.launch_failed(3, "web-asg");
    world.launch_failed(4, "web-asg");
    let v = world.verdict("asg-launch-failures", Live, 4);
    assert_eq!(v.detail.as_str(), "no t3.large capacity in ap-northeast-1c");
    assert_eq!((world.says("asg-launch-failures", Live, 4).as_str(), v.value), ("Critical", Some(3.0)));
    world.list(t(40), vec![resource(Kind::AutoScalingGroup, "web-asg", group(4, 6, 12, 6))]);
    world.ran(PollerKind::Activities, t(40), None);
    assert_eq!(world.says("asg-launch-failures", Live, 40), "OK");
}

#[test]
fn status_checks_fail_twice() {
    let mut world = World::default();
    world.list(t(0), vec![resource(Kind::Instance, "i-1", instance())]);
    world.status(t(0), "i-1", "ok");
    assert_eq!(world.says("instance-status-checks", Live, 0), "OK");
    world.status(t(1), "i-1", "impaired");
    assert_eq!(world.says("instance-status-checks", Live, 1), "Critical?");
    world.status(t(2), "i-1", "impaired");
    assert_eq!(world.says("instance-status-checks", Live, 2), "Critical");
    assert_eq!(world.verdict("instance-status-checks", Live, 2).detail.as_str(), "system check impaired");
    // The statuses leave it out, and the listing says that it runs: nothing is taken back.
    world.status(t(3), "i-other", "ok");
    assert_eq!(world.says("instance-status-checks", Live, 3), "Critical");
    // It stops: it has no status checks any more.
    let mut stopped = resource(Kind::Instance, "i-1", instance());
    if let Detail::Instance(i) = &mut stopped.detail {
        i.state = "stopped".into();
    }
    world.list(t(3), vec![stopped]);
    assert_eq!(world.says("instance-status-checks", Live, 3), "-");
}

#[test]
fn subnets() {
    for (free, expected, limit) in
        [(200, "OK", 20.0), (40, "Warning", 20.0), (8, "Warning", 20.0), (7, "Critical", 8.0)]
    {
        let mut world = World::default();
        world.list(t(0), vec![resource(Kind::Subnet, "subnet-1", subnet(free))]);
        assert_eq!(world.says("subnet-addresses", Live, 0), expected, "{free}");
        assert_eq!(world.verdict("subnet-addresses", Live, 0).limit, Some(limit));
    }
}

#[test]
fn trail_patterns() {
    let mut world = World::default();
    world.ran(PollerKind::Trail, t(0), None);
    for rule in ["trail-root-login", "trail-tampering", "trail-access-key"] {
        assert_eq!(world.says(rule, Live, 0), "OK");
    }
    world.trail(1, "ConsoleLogin", "IAMUser", Some(true));
    world.trail(1, "DescribeTrails", "Root", None);
    assert_eq!(world.says("trail-root-login", Live, 1), "OK");
    world.trail(2, "ConsoleLogin", "Root", Some(false));
    world.trail(3, "StopLogging", "IAMUser", None);
    world.trail(4, "CreateAccessKey", "IAMUser", None);
    let said = |rule| world.says(rule, Live, 4);
    assert_eq!(
        [said("trail-root-login"), said("trail-tampering"), said("trail-access-key")],
        ["Critical", "Critical", "Warning"]
    );
    let v = world.verdict("trail-root-login", Live, 4);
    assert_eq!(v.detail.as_str(), "ConsoleLogin by somebody from 203.0.113.9 without MFA");
    // What happened stays true when the poller goes blind; that nothing happened does not.
    world.ran(PollerKind::Trail, t(5), Some(ErrorClass::Expired));
    assert_eq!(world.says("trail-root-login", Live, 50), "Critical");
    assert_eq!(world.says("trail-root-login", Live, 90), "Blind");
}

#[test]
fn bill_rules_need_a_budget_and_know_the_month() {
    let bill = id(Kind::Bill, "estimated-charges");
    // Read at t(0), the 14th at six in the morning: 53 quarter days.
    for (a_quarter_day, budget, forecast) in
        [(60.0, "OK", "OK"), (70.0, "OK", "Warning"), (125.0, "Warning", "Warning"), (160.0, "Critical", "Warning")]
    {
        let mut world = World::default();
        world.list(t(-60), vec![resource(Kind::Bill, "estimated-charges", Detail::None)]);
        let values: Vec<String> = (1..=53).map(|i| (f64::from(i) * a_quarter_day).to_string()).collect();
        world.points(&bill, &bill_metric(), -53 * 360, &values.join(" "));
        assert_eq!(world.says("bill-budget", Live, 0), budget, "{a_quarter_day}");
        assert_eq!(world.says("bill-forecast", Live, 0), forecast, "{a_quarter_day}");
        let none = RuleContext::default();
        let verdicts = RuleSet::builtin().evaluate(&world.model, &none, t(0));
        assert!(verdicts.iter().all(|v| !v.rule.starts_with("bill-")));
        assert!(RuleSet::builtin().demand(&world.model, &none).is_empty());
    }
}

#[test]
fn a_stale_value_is_blind_whatever_it_was() {
    for values in ["0 0 0 0 0", "600 600 600 600 600"] {
        let mut world = World::with_clb();
        world.points(&clb(), &surge(), 0, values);
        world.ran(PollerKind::Metrics, t(6), Some(ErrorClass::Throttled));
        assert_ne!(world.says("clb-surge-queue", Live, 6), "Blind", "one failed try");
        world.ran(PollerKind::Metrics, t(9), Some(ErrorClass::Throttled));
        let v = world.verdict("clb-surge-queue", Live, 9);
        let Standing::Blind { poller, why, since } = v.standing else { panic!("{v:?}") };
        assert_eq!((poller, why.as_str(), since), (PollerKind::Metrics, "throttled: metrics", t(6)));
    }
    let mut world = World::with_target_group();
    world.health(t(1), &id(Kind::TargetGroup, "api-tg"), members(6, 0));
    assert_eq!(world.says("target-unhealthy-hosts", Live, 3), "OK");
    assert_eq!(world.says("target-unhealthy-hosts", Live, 10), "Blind", "its poller has stopped");
}

#[test]
fn a_metric_that_may_not_be_read_is_blind() {
    let mut world = World::with_clb();
    world.batch(&clb(), &surge(), t(0), t(5), Vec::new(), QueryStatus::Forbidden);
    let v = world.verdict("clb-surge-queue", Live, 5);
    assert!(matches!(v.standing, Standing::Blind { ref why, .. } if why == "needs cloudwatch:GetMetricData"));
    let mut world = World::with_clb();
    world.batch(&clb(), &surge(), t(0), t(5), Vec::new(), QueryStatus::InternalError);
    assert_eq!(world.says("clb-surge-queue", Live, 5), "Blind", "AWS answers for the others and not for this one");
}

#[test]
fn pollers() {
    use ErrorClass::{Denied, Expired, Throttled};
    // What becomes of the trail's poller, run by run, beside another that is well: live, and in one look.
    for (runs, live, once) in [
        (vec![None], "OK", "OK"),
        (vec![None, Some(Throttled)], "OK", "Blind"),
        (vec![None, Some(Throttled), Some(Throttled)], "Blind", "Blind"),
        (vec![None, Some(Expired)], "Blind", "Blind"),
        (vec![Some(Denied)], "Blind", "Blind"),
        (vec![Some(Denied), None], "OK", "OK"),
    ] {
        let mut world = World::default();
        for (minute, error) in (0..).zip(&runs) {
            world.ran(PollerKind::Trail, t(minute), *error);
            world.ran(PollerKind::Alarms, t(minute), None);
        }
        let now = i64::try_from(runs.len()).expect("small");
        let says = |mode| {
            let verdicts = world.evaluate(mode, now);
            verdicts.iter().find(|v| v.resource.id == "trail").map(|v| word(&v.standing))
        };
        assert_eq!(says(Live).as_deref(), Some(live), "{runs:?}");
        assert_eq!(says(OneShot).as_deref(), Some(once), "{runs:?}");
    }
    let mut world = World::default();
    world.ran(PollerKind::Trail, t(0), None);
    assert_eq!(world.says("poller-blind", Live, 4), "Blind", "it ran once and stopped");
    let mut world = World::default();
    world.tell(PollerKind::Trail, t(0), Body::Started);
    assert_eq!(world.says("poller-blind", Live, 0), "Loading");
    assert_eq!(world.says("poller-blind", OneShot, 0), "Blind", "one look ends before it answered");
}

#[test]
fn a_scope_in_which_everything_fails_for_one_reason_says_so_once() {
    let mut world = World::default();
    for poller in [PollerKind::Instances, PollerKind::Trail, PollerKind::Metrics] {
        world.ran(poller, t(0), Some(ErrorClass::Expired));
    }
    let blind = |world: &World| -> Vec<(String, String)> {
        let verdicts = world.evaluate(Live, 1).into_iter();
        let blind = verdicts.filter_map(|v| match v.standing {
            Standing::Blind { why, .. } if v.rule == "poller-blind" => {
                Some((v.resource.id.to_string(), why.to_string()))
            }
            _ => None,
        });
        blind.collect()
    };
    let expired = "login expired: run aws sso login --profile demo".to_owned();
    assert_eq!(blind(&world), [("all".to_owned(), expired)]);
    world.ran(PollerKind::Trail, t(1), Some(ErrorClass::Denied));
    let ids: Vec<String> = blind(&world).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["instances", "trail", "metrics"]);
    assert_eq!(blind(&world)[1].1, "needs cloudtrail:LookupEvents");
}

#[test]
fn demand_is_each_metric_once_with_its_dimensions() {
    let mut world = World::with_clb();
    world.list(t(0), vec![resource(Kind::Alb, "api-alb", alb())]);
    let (mut big, mut stopped) = (instance(), instance());
    if let (Detail::Instance(b), Detail::Instance(s)) = (&mut big, &mut stopped) {
        (b.instance_type, s.state) = ("m7g.large".into(), "stopped".into());
    }
    world.list(t(0), vec![resource(Kind::Instance, "i-1", big), resource(Kind::Instance, "i-2", stopped)]);
    let demand = RuleSet::builtin().demand(&world.model, &RuleContext::default());
    let of = |id: &str| {
        let own = demand.iter().filter(|d| d.resource.id == *id);
        own.map(|d| format!("{} {}", d.metric.name, d.metric.period)).collect::<Vec<_>>().join(", ")
    };
    let clb = "BackendConnectionErrors 60, HTTPCode_Backend_5XX 60, HTTPCode_ELB_5XX 60, Latency 60, RequestCount 60, \
               SpilloverCount 60, SurgeQueueLength 60";
    let alb = "HTTPCode_ELB_5XX_Count 60, HTTPCode_Target_5XX_Count 60, RejectedConnectionCount 60, RequestCount 60, \
               TargetConnectionErrorCount 60, TargetResponseTime 60";
    // It is no type that earns credits.
    let instance = "CPUUtilization 300, EBSByteBalance% 300, EBSIOBalance% 300";
    assert_eq!([of("web-clb"), of("api-alb"), of("i-1"), of("i-2")], [clb, alb, instance, ""]);
    assert_eq!(demand[7].dimensions, [("LoadBalancer".into(), "app/api-alb/50dc6c495c0c9188".into())]);
    // A share's requests are waited for, though there be none for hours: its errors are not looked at before.
    let awaited = |name: &str| demand.iter().find(|d| d.metric.name == *name).is_some_and(|d| d.awaited);
    assert!(awaited("RequestCount") && awaited("SurgeQueueLength") && !awaited("CPUUtilization"));
}

#[test]
fn one_resource_alone_says_what_it_says_among_all() {
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 0, "0 0 0 150 150");
    world.health(t(5), &clb(), members(4, 2));
    world.ran(PollerKind::Trail, t(5), None);
    let context = RuleContext::default();
    let set = RuleSet::builtin();
    let all = set.evaluate(&world.model, &context, t(5));
    let mut apart: Vec<_> = [clb(), ResourceId::new(&scope(), Kind::Trail, "management-events")]
        .iter()
        .flat_map(|r| set.evaluate_resource(&world.model, &context, t(5), r))
        .collect();
    apart.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    let mut all: Vec<_> = all.into_iter().filter(|v| v.resource.kind != Kind::Poller).collect();
    all.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    assert_eq!(apart, all);
}

#[test]
fn hysteresis_keeps_a_breach_until_the_clear_limit() {
    let text = r#"
        [[rule]]
        id = "clb-surge-queue"
        settle = "0s"
        warning = { limit = "> 100", clear = "< 50", datapoints = "1 of 1" }
        critical = "none"
    "#;
    let set = RuleSet::load(&[RuleSource { name: "mine.toml", text }], &[]).expect("right");
    for (values, breached) in
        [("0 60 60", false), ("0 120 60 60", true), ("0 120 60 40", false), ("120 40 60 60", false)]
    {
        let mut world = World::with_clb();
        world.points(&clb(), &surge(), 0, values);
        let verdicts = set.evaluate(&world.model, &RuleContext::default(), t(4));
        let v = verdicts.iter().find(|v| v.rule == "clb-surge-queue").expect("it speaks");
        assert_eq!(matches!(v.standing, Standing::Breach { .. }), breached, "{values}: {v:?}");
    }
}
