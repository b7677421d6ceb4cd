//! What was not read, or says nothing of now, is no good news.

use super::EvalMode::{Live, OneShot};
use super::bill_metric;
use super::testing::{World, clb, id, instance, resource, surge, t};
use crate::model::{Detail, Kind, MAX_RESOURCES, MAX_SERIES, PollerKind, QueryStatus};

#[test]
fn a_bill_of_which_aws_publishes_nothing_is_no_good_bill() {
    let bill = id(Kind::Bill, "estimated-charges");
    // Quarter days before t(0) with their charges, read at t(0).
    for (begin, values, expected) in
        [(-4, "_ _ _ _", "Blind"), (-4, "_ _ 100 110", "OK"), (-40, &format!("100 110 {}", "_ ".repeat(38)), "Blind")]
    {
        let mut world = World::default();
        world.list(t(0), vec![resource(Kind::Bill, "estimated-charges", Detail::None)]);
        world.points(&bill, &bill_metric(), begin * 360, values);
        for rule in ["bill-budget", "bill-forecast"] {
            assert_eq!(world.says(rule, Live, 0), expected, "{rule} {values}");
        }
    }
}

#[test]
fn a_metric_that_is_read_seldom_by_intent_is_not_blind() {
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 0, "0 0 0 0 0");
    for minute in 6..40 {
        world.ran(PollerKind::Metrics, t(minute), None);
    }
    assert_eq!(world.says("clb-surge-queue", Live, 40), "OK", "its poller is well, and will read it when it is due");
    world.batch(&clb(), &surge(), t(35), t(40), Vec::new(), QueryStatus::InternalError);
    assert_eq!(world.says("clb-surge-queue", Live, 40), "Blind", "it was asked for, and not answered");
}

#[test]
fn an_expression_of_two_periods_is_blind_where_no_file_is_looked_at() {
    use super::rule::{InputSource, Subject};
    let mut world = World::with_clb();
    let mut rule = super::RuleSet::builtin().get("clb-5xx").unwrap().clone();
    let Subject::Series(quantity) = &mut rule.subject else { panic!("it is over series") };
    if let InputSource::Metric { period, .. } = &mut quantity.inputs[0].source {
        *period = Some(300);
    }
    let Subject::Series(quantity) = &rule.subject else { panic!("it is over series") };
    let resource = world.model.resource(&clb()).unwrap().clone();
    for input in &quantity.inputs {
        let crate::model::Signal::Metric(metric) = input.source.signal(&resource) else { panic!("it is over metrics") };
        world.points(&clb(), &metric, 0, "1 1 1");
    }
    let found = super::series::levels(&rule, &rule.levels, quantity, &world.model, &resource, Live, t(15));
    let said: Vec<_> = found.iter().map(|(f, _)| super::testing::word(&f.standing)).collect();
    assert_eq!(said, ["Blind", "Blind"]);
}

#[test]
fn an_instance_that_runs_and_has_no_status_is_not_well() {
    let mut world = World::default();
    world.status(t(0), "i-1", "impaired");
    world.list(t(0), vec![resource(Kind::Instance, "i-1", instance())]);
    assert_eq!(world.says("instance-status-checks", Live, 0), "Loading");
    assert_eq!(world.says("instance-status-checks", OneShot, 0), "Blind");
}

#[test]
fn what_there_is_no_room_for_is_told() {
    let mut world = World::default();
    let subnet = |n| resource(Kind::Subnet, &format!("subnet-{n:06}"), Detail::None);
    world.list(t(0), (0..=MAX_RESOURCES).map(subnet).collect());
    world.ran(PollerKind::Subnets, t(0), None);
    world.ran(PollerKind::Trail, t(0), None);
    let rule = super::RuleSet::builtin().get("poller-blind").unwrap().clone();
    let blind = |world: &World| -> Vec<(String, String)> {
        let verdicts = super::pollers::evaluate(&rule, &world.model, &super::RuleContext::default(), t(1));
        let blind = verdicts.into_iter().filter_map(|v| match v.standing {
            super::Standing::Blind { why, .. } => Some((v.resource.id.to_string(), why.to_string())),
            _ => None,
        });
        blind.collect()
    };
    assert_eq!(blind(&world), [("subnets".to_owned(), super::NO_ROOM.to_owned())]);
    world.list(t(2), (0..10).map(subnet).collect());
    assert_eq!(blind(&world), []);
    let thousands = |n: usize| format!("{},{:03}", n / 1000, n % 1000);
    assert!(super::NO_ROOM.contains(&thousands(MAX_RESOURCES)) && super::NO_ROOM.contains(&thousands(MAX_SERIES)));
}

#[test]
fn why_there_are_no_credentials_is_told_and_no_profile_is_made_up() {
    use super::reading::why;
    use crate::model::{ErrorClass, PollError, PollerRecord, Scope};
    let said = |account: &str, class, message: &str| {
        let error = PollError { class, operation: "X".into(), code: "".into(), message: message.into() };
        let mut record = PollerRecord::default();
        record.error = Some(error);
        why(&Scope::new(account, "eu-west-1"), PollerKind::Prices, Some(&record), t(0)).to_string()
    };
    assert_eq!(
        said("nosuch", ErrorClass::NoCredentials, "profile `nosuch` was not defined"),
        "no credentials (profile `nosuch` was not defined): run aws configure --profile nosuch, or aws sso login \
         --profile nosuch"
    );
    assert_eq!(said("default", ErrorClass::NoCredentials, ""), "no credentials: run aws configure, or aws sso login");
    assert_eq!(said("default", ErrorClass::Expired, "x"), "login expired: run aws sso login");
}
