//! What was not read, or says nothing of now, is no good news.

use super::EvalMode::{Live, OneShot};
use super::bill_metric;
use super::testing::{World, clb, id, instance, resource, surge, t};
use crate::model::{Detail, Kind, PollerKind, QueryStatus};

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
fn an_instance_that_runs_and_has_no_status_is_not_well() {
    let mut world = World::default();
    world.status(t(0), "i-1", "impaired");
    world.list(t(0), vec![resource(Kind::Instance, "i-1", instance())]);
    assert_eq!(world.says("instance-status-checks", Live, 0), "Loading");
    assert_eq!(world.says("instance-status-checks", OneShot, 0), "Blind");
}
