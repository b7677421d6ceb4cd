//! The metrics' page, pins, and ways from one thing to what belongs to it.

use super::*;
use crate::model::{Balancer, Detail, Kind, Metric, ResourceId, Signal};

#[test]
fn every_series_has_a_row_and_the_selected_one_a_graph() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Metrics);
    let of_zones = |s: &Signal| matches!(s, Signal::Api(api) if api.is_of_zones());
    let all = world.model.all_series().filter(|(_, s, _)| !of_zones(s)).count();
    assert_eq!(view.rows(&shown, Listing::Metrics).items.len(), all);
    press_all(&mut view, &chars("/metric=Surge*"), &shown);
    press_all(&mut view, &[KeyCode::Enter], &shown);
    let drawn = shot(&world, &view, 160, 48);
    assert!(drawn.contains("SurgeQueueLength Maximum  now 720"), "{drawn}");
    let columns = |view: &ViewState| shot(&world, view, 160, 48).matches('█').count();
    let wide = columns(&view);
    press_all(&mut view, &chars("[["), &shown);
    assert_eq!(view.range, Range::QuarterHour);
    assert!(columns(&view) > wide, "the rise fills a shorter range");
}

#[test]
fn another_statistic_is_asked_for_and_shown_as_not_read() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Metrics);
    press_all(&mut view, &chars("/name=img-nlb metric=ActiveFlowCount"), &shown);
    press_all(&mut view, &[KeyCode::Enter, KeyCode::Char('v')], &shown);
    let drawn = shot(&world, &view, 160, 48);
    assert!(drawn.contains("asked for, not read yet"), "{drawn}");
    let wanted = demand(&view, &world.model, &Look::default());
    assert!(wanted.iter().any(|(id, m)| *id.id == *"img-nlb" && *m.stat == *"Sum"), "{wanted:?}");
    let Some(Item::Metric(_, Signal::Metric(m))) = view.list(Listing::Metrics).selected.clone() else { panic!() };
    assert_eq!(m.stat.as_str(), "Sum");
}

#[test]
fn what_is_pinned_is_on_the_overview_until_it_is_taken_off() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Metrics);
    press_all(&mut view, &chars("/metric=TargetResponseTime"), &shown);
    press_all(&mut view, &[KeyCode::Enter, KeyCode::Char('p'), KeyCode::Char('1')], &shown);
    for (w, h) in [(160, 48), (80, 40)] {
        let drawn = shot(&world, &view, w, h);
        assert!(drawn.contains("Pinned metrics") && drawn.contains("TargetResponseTime"), "{drawn}");
    }
    press_all(&mut view, &chars("7p1"), &shown);
    assert!(!shot(&world, &view, 160, 48).contains("Pinned metrics"));
}

#[test]
fn one_goes_from_an_alert_to_what_belongs_to_it_and_back() {
    let world = fixtures::bad();
    let shown = world.shown();
    let at = |view: &ViewState| match view.details.last().map(|d| &d.item) {
        Some(Item::Resource(id)) => format!("{} {}", id.kind, id.id),
        other => format!("{:?} {other:?}", view.page),
    };
    // The alert on the target group, its balancer, the group that fills it, its instances, one's zone.
    let mut view = on(Page::Overview);
    press_all(&mut view, &[KeyCode::Down, KeyCode::Enter, KeyCode::Char('b')], &shown);
    assert_eq!(at(&view), "alb api-alb");
    press_all(&mut view, &chars("u"), &shown);
    assert_eq!(at(&view), "auto-scaling-group api-asg");
    press_all(&mut view, &chars("i"), &shown);
    assert_eq!((view.page, view.list(Listing::Instances).filter.as_str()), (Page::Instances, "group=api-asg"));
    assert_eq!(view.rows(&shown, Listing::Instances).items.len(), 6);
    press_all(&mut view, &chars("z"), &shown);
    assert_eq!(view.list(Listing::Instances).filter, "zone=ap-northeast-1a");
    press_all(&mut view, &chars("M"), &shown);
    assert_eq!(view.page, Page::Metrics);
    press_all(&mut view, &[KeyCode::Esc, KeyCode::Esc], &shown);
    assert_eq!((view.page, view.list(Listing::Instances).filter.as_str()), (Page::Instances, "group=api-asg"));
    press_all(&mut view, &[KeyCode::Esc], &shown);
    assert_eq!(at(&view), "auto-scaling-group api-asg");
    press_all(&mut view, &[KeyCode::Esc, KeyCode::Esc, KeyCode::Esc], &shown);
    assert_eq!((view.page, view.details.len()), (Page::Overview, 0));
}

#[test]
fn what_has_no_such_relative_says_so() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Bill);
    assert_eq!(press_all(&mut view, &chars("b"), &shown), [Action::Say("no balancer that is known has it".into())]);
    assert_eq!(press_all(&mut view, &chars("z"), &shown), [Action::Say("only an instance is in one zone".into())]);
    let mut view = on(Page::Pollers);
    assert_eq!(press_all(&mut view, &chars("M"), &shown), [Action::Say("this belongs to no resource".into())]);
    let id = ResourceId::new(&fixtures::tokyo(), Kind::Instance, "i-0web0000001");
    let mut view = on(Page::Instances);
    view.lists.entry(Listing::Instances).or_default().selected = Some(Item::Resource(id));
    press_all(&mut view, &chars("b"), &shown);
    assert!(matches!(view.details.last().map(|d| &d.item), Some(Item::Resource(id)) if *id.id == *"web-clb"));
    press_all(&mut view, &[KeyCode::Esc], &shown);
    assert!(view.details.is_empty());
}

#[test]
fn an_alarm_leads_to_what_it_watches() {
    let world = fixtures::bad();
    let shown = world.shown();
    let id = ResourceId::new(&fixtures::tokyo(), Kind::Alarm, "web-clb-unhealthy");
    let mut view = on(Page::Alarms);
    view.lists.entry(Listing::Alarms).or_default().selected = Some(Item::Resource(id));
    press_all(&mut view, &chars("b"), &shown);
    assert!(matches!(view.details.last().map(|d| &d.item), Some(Item::Resource(id)) if *id.id == *"web-clb"));
}

#[test]
fn what_reading_costs_is_said_to_be_more_where_the_price_of_some_is_not_known() {
    let mut world = fixtures::bad();
    let mut view = ViewState { page: Page::Pollers, ..ViewState::default() };
    let drawn = shot(&world, &view, 160, 40);
    assert!(drawn.contains("API $0.83/day") && !drawn.contains("not known"), "{drawn}");
    world.unpriced = 2;
    let drawn = shot(&world, &view, 160, 40);
    assert!(
        drawn.contains("API $0.83+/day") && drawn.contains("$0.83+/day, the price of 2 Metrics Insights alarms"),
        "{drawn}"
    );
    view.page = Page::Overview;
    assert!(shot(&world, &view, 80, 24).contains("API $0.8+/day"));
}

#[test]
fn the_share_of_failed_requests_is_what_the_rules_compare() {
    use crate::rules::testing::{World, alb, id, resource, t};
    use crate::rules::{RuleContext, RuleSet};
    let kinds = [
        (Kind::ClassicElb, "AWS/ELB", ["HTTPCode_ELB_5XX", "HTTPCode_Backend_5XX"], "clb-5xx"),
        (Kind::Alb, "AWS/ApplicationELB", ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"], "alb-5xx"),
    ];
    // What the balancer answers itself is in no RequestCount; a minute with errors and no requests is all failed; what is
    // not read is not known.
    let minutes =
        [("300", "30", "60", Some(100.0 * 90.0 / 330.0)), ("_", "12", "_", Some(100.0)), ("300", "_", "_", Some(0.0))];
    for (kind, namespace, [own, behind], rule) in kinds {
        for (requests, balancer, hosts, wanted) in minutes {
            let mut world = World::default();
            let of = id(kind, "web");
            let detail = if kind == Kind::Alb { alb() } else { Detail::Balancer(Balancer::default()) };
            world.list(t(0), vec![resource(kind, "web", detail)]);
            let share = |world: &World| crate::ui::signals::error_share(&world.model, &of, t(20));
            for (name, value) in [("RequestCount", requests), (own, balancer), (behind, hosts)] {
                assert_eq!(share(&world), None, "{name} is not read yet");
                let metric = Metric::new(namespace, name, "Sum", 60);
                world.points(&of, &metric, 0, &[value].repeat(20).join(" "));
            }
            let all = RuleSet::builtin().evaluate(&world.model, &RuleContext::default(), t(20));
            let compared = all.iter().find(|v| *v.rule == *rule).expect("it speaks").value;
            let near = |a: Option<f64>| a.zip(wanted).is_some_and(|(a, b)| (a - b).abs() < 0.001);
            assert!(near(share(&world)) && near(compared), "{rule} {requests}: {:?} {compared:?}", share(&world));
        }
    }
}
