//! Finding: the filter's language on real rows, and the palette.

use super::*;
use crate::model::{Kind, ResourceId};

fn rows_of(world: &Fixture, page: Page, filter: &str) -> usize {
    let shown = world.shown();
    let mut view = on(page);
    press_all(&mut view, &chars(&format!("/{filter}")), &shown);
    press_all(&mut view, &[KeyCode::Enter], &shown);
    view.rows(&shown, view.focus()).items.len()
}

#[test]
fn every_list_answers_to_its_fields() {
    let world = fixtures::bad();
    for (page, filter, wanted) in [
        (Page::Instances, "name:web*", 6),
        (Page::Instances, "tag.env=prod zone=1a", 4),
        (Page::Instances, "cpu>72", 3),
        (Page::Instances, "CPUUtilization>72", 3),
        (Page::Instances, "not cpu>0", 6),
        (Page::Instances, "state!=running", 0),
        (Page::Instances, "checks=impaired or name=api-asg-1", 2),
        (Page::Instances, "(web or api) group=api-asg age>8h", 2),
        (Page::Balancers, "unhealthy>0", 2),
        (Page::Balancers, "queue>500", 1),
        (Page::Balancers, "kind=nlb", 1),
        (Page::Balancers, "level=crit", 2),
        (Page::Scaling, "wanted>=12", 1),
        (Page::Scaling, "serving<12 max>10", 1),
        (Page::Trail, "who=alice", 1),
        (Page::Trail, "age>1h", 1),
        (Page::Timeline, "kind=health", 2),
        (Page::Timeline, "on=web-clb", 2),
        (Page::Alarms, "state=alarm", 1),
        (Page::Alarms, "metric=Surge*", 1),
        (Page::Pollers, "error:denied", 1),
        (Page::Pollers, "region=us-east-1", 1),
        (Page::Overview, "rule=clb-*", 2),
        (Page::Overview, "level=crit value>100", 1),
        (Page::Bill, "account=demo", 1),
    ] {
        assert_eq!(rows_of(&world, page, filter), wanted, "{page:?} {filter}");
    }
}

#[test]
fn what_is_wrong_with_a_filter_stands_under_it_and_hides_nothing() {
    let world = fixtures::bad();
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars("/nmae:web"), &world.shown());
    let drawn = shot(&world, &view, 80, 24);
    let lines: Vec<&str> = drawn.lines().collect();
    assert!(lines[22].starts_with(" /nmae:web"), "{drawn}");
    assert!(lines[23].contains("unknown field `nmae`; did you mean `name`?"), "{drawn}");
    assert!(drawn.contains("web-asg-5"), "{drawn}");
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    assert!(view.input.is_some());
    press_all(&mut view, &[KeyCode::Esc], &world.shown());
    assert_eq!(view.list(Listing::Instances).filter, "");
}

#[test]
fn tab_completes_fields_and_values() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    let typed = |view: &ViewState| view.input.as_ref().unwrap().text.clone();
    press_all(&mut view, &chars("/sta"), &shown);
    assert!(shot(&world, &view, 80, 24).contains("Tab state="));
    press_all(&mut view, &[KeyCode::Tab], &shown);
    assert_eq!(typed(&view), "state=");
    press_all(&mut view, &[KeyCode::Tab], &shown);
    assert_eq!(typed(&view), "state=running");
    press_all(&mut view, &chars(" tag.e"), &shown);
    press_all(&mut view, &[KeyCode::Tab, KeyCode::Tab], &shown);
    assert_eq!(typed(&view), "state=running tag.env=prod");
    assert_eq!(view.rows(&shown, Listing::Instances).items.len(), 12);
}

#[test]
fn the_palette_finds_resources_pages_rules_regions_themes_and_commands() {
    let world = fixtures::bad();
    let shown = world.shown();
    let go = |keys: &str| {
        let mut view = on(Page::Overview);
        let mut actions = press_all(&mut view, &chars(":"), &shown);
        actions.extend(press_all(&mut view, &chars(keys), &shown));
        actions.extend(press_all(&mut view, &[KeyCode::Enter], &shown));
        assert!(view.input.is_none());
        (view, actions)
    };
    let (view, _) = go("apialb");
    let id = ResourceId::new(&fixtures::tokyo(), Kind::Alb, "api-alb");
    assert_eq!(view.details.last().map(|d| d.item.clone()), Some(Item::Resource(id)));
    assert_eq!(go("pollers page").0.page, Page::Pollers);
    // By words that stand nowhere on the screen.
    for (words, page) in [("cost", Page::Bill), ("autoscaling", Page::Scaling), ("cloudtrail", Page::Trail)] {
        assert_eq!(go(words).0.page, page, "{words}");
    }
    let (mut view, _) = go("clbsurge");
    assert_eq!(view.rows(&shown, Listing::Alerts).items.len(), 1);
    press_all(&mut view, &[KeyCode::Esc], &shown);
    assert_eq!(view.rows(&shown, Listing::Alerts).items.len(), 6);
    let (view, _) = go("us-east region");
    assert_eq!(view.only.region.as_deref(), Some("us-east-1"));
    assert_eq!(view.rows(&shown, Listing::Balancers).items.len(), 0);
    assert!(shot(&world, &view, 120, 36).contains("ONLY us-east-1"));
    assert_eq!(go("high contr").1, [Action::SetTheme(Some("high-contrast".into()))]);
    assert_eq!(go("quit").1, [Action::Quit]);
    assert_eq!(go("xyzzy").1, [Action::Say("nothing is called so".into())]);
}

#[test]
fn every_key_can_be_found_in_the_palette() {
    let world = fixtures::bad();
    let shown = world.shown();
    let look = Look::default();
    let found = super::super::palette::find(&Input::default(), &[], &ViewState::default(), &shown, &look);
    let commands: Vec<Command> = found
        .entries
        .iter()
        .filter_map(|e| match e.target {
            super::super::palette::Target::Command(c) => Some(c),
            _ => None,
        })
        .collect();
    for (name, command) in Command::ALL {
        assert!(command.types() || command == Command::Palette || commands.contains(&command), "{name}");
    }
}

#[test]
fn what_was_chosen_lately_comes_first() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Overview);
    press_all(&mut view, &chars(":img-nlb"), &shown);
    press_all(&mut view, &[KeyCode::Enter, KeyCode::Esc], &shown);
    press_all(&mut view, &chars(":"), &shown);
    assert_eq!(view.found.entries[0].label, "img-nlb");
    let json = serde_json::to_string(&view).unwrap();
    let back: ViewState = serde_json::from_str(&json).unwrap();
    assert_eq!(back.recent, view.recent);
}

#[test]
fn a_theme_is_seen_before_it_is_taken_and_gone_when_it_is_not() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Overview);
    press_all(&mut view, &chars(":theme"), &shown);
    let themes =
        |v: &ViewState| matches!(v.found.entries[v.found.chosen].target, super::super::palette::Target::Theme(_));
    let mut seen = Vec::new();
    while view.found.chosen + 1 < view.found.entries.len() {
        seen = press_all(&mut view, &[KeyCode::Down], &shown);
        if themes(&view) && seen != [Action::SetTheme(Some("ansi".into()))] {
            break;
        }
    }
    let [Action::SetTheme(Some(name))] = &seen[..] else { panic!("{seen:?}") };
    let look = Look { chosen: Some(Theme::builtin(name).unwrap()), ..Look::default() };
    let key = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(press(&mut view, key, &shown, &look, (80, 24)), [Action::SetTheme(None)]);
}

#[test]
fn regions_go_round() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Pollers);
    let mut seen = Vec::new();
    for _ in 0..3 {
        press_all(&mut view, &chars("R"), &shown);
        seen.push((
            view.only.region.as_ref().map(ToString::to_string),
            view.rows(&shown, Listing::Pollers).items.len(),
        ));
    }
    assert_eq!(seen, [(Some("ap-northeast-1".into()), 13), (Some("us-east-1".into()), 1), (None, 14)]);
    assert_eq!(press_all(&mut view, &chars("P"), &shown), [Action::Say("there is one account only".into())]);
}

#[test]
fn the_palette_is_drawn_over_any_page() {
    let world = fixtures::bad();
    for (w, h) in [(160, 48), (80, 24), (40, 10)] {
        let mut view = on(Page::Instances);
        press_all(&mut view, &chars(":web"), &world.shown());
        snapshot(&format!("palette-{w}x{h}"), &shot(&world, &view, w, h));
        let mut view = on(Page::Instances);
        press_all(&mut view, &chars("/tag.env=prod c"), &world.shown());
        snapshot(&format!("filter-{w}x{h}"), &shot(&world, &view, w, h));
    }
}
