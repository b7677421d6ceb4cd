//! The metrics' page, pins, and ways from one thing to what belongs to it.

use super::*;
use crate::model::{Kind, ResourceId, Signal};

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
