//! What people who had never seen it tripped over.

use super::*;
use crate::alerts::{Alert, Level, Phase, Transition};

fn press_at(view: &mut ViewState, keys: &[KeyCode], shown: &Shown<'_>, size: (u16, u16)) -> Vec<Action> {
    let look = Look::default();
    let key = |k: &KeyCode| KeyEvent::new(*k, KeyModifiers::NONE);
    keys.iter().flat_map(|k| press(view, key(k), shown, &look, size)).collect()
}

#[test]
fn where_one_pane_fits_it_is_the_one_that_has_the_keys() {
    let world = fixtures::bad();
    let mut view = ViewState::default();
    assert!(shot(&world, &view, 40, 10).contains("─ Alerts ─"));
    press_at(&mut view, &[KeyCode::Tab], &world.shown(), (40, 10));
    let drawn = shot(&world, &view, 40, 10);
    assert!(drawn.contains("─ Load balancers ─") && drawn.contains("▌"), "{drawn}");
}

#[test]
fn a_screen_too_small_for_keys_says_so_and_takes_none_but_quit() {
    let world = fixtures::bad();
    let mut view = ViewState::default();
    let drawn = shot(&world, &view, 20, 5);
    assert!(drawn.contains("keys: 30x6"), "{drawn}");
    let keys = [KeyCode::Char('2'), KeyCode::Char('?'), KeyCode::Char('/'), KeyCode::Char('x')];
    assert_eq!(press_at(&mut view, &keys, &world.shown(), (20, 5)), []);
    assert_eq!((view.page, view.help, view.input), (Page::Overview, None, None));
    let mut view = ViewState::default();
    assert_eq!(press_at(&mut view, &chars("q"), &world.shown(), (20, 5)), [Action::Quit]);
}

#[test]
fn what_a_list_has_in_view_is_said_without_a_box_too() {
    let mut world = fixtures::bad();
    let more = world.active[4].clone();
    for i in 0..20 {
        let mut alert = more.clone();
        alert.id.rule = format!("rule-{i}").into();
        world.active.push(alert);
    }
    let mut view = ViewState::default();
    assert!(shot(&world, &view, 80, 24).contains("1-8 of 26"));
    press_all(&mut view, &chars("G"), &world.shown());
    assert!(shot(&world, &view, 80, 24).contains("19-26 of 26"));
}

#[test]
fn the_trail_of_something_is_left_to_where_one_came_from() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Scaling);
    view.lists.entry(Listing::Trail).or_default().filter = "alice".into();
    press_all(&mut view, &[KeyCode::Enter], &shown);
    let open = view.details.clone();
    press_all(&mut view, &chars("t"), &shown);
    assert_eq!((view.page, view.list(Listing::Trail).filter.as_str()), (Page::Trail, "web-asg"));
    press_all(&mut view, &[KeyCode::Enter, KeyCode::Esc, KeyCode::Esc], &shown);
    assert_eq!((view.page, &view.details), (Page::Scaling, &open));
    assert_eq!(view.list(Listing::Trail).filter, "alice");
    press_all(&mut view, &[KeyCode::Char('t'), KeyCode::Char('1'), KeyCode::Esc], &shown);
    assert_eq!(view.page, Page::Overview);
}

#[test]
fn a_pending_alert_is_a_fault_and_comes_before_what_has_none() {
    let mut world = fixtures::bad();
    let id = crate::model::ResourceId::new(&fixtures::tokyo(), crate::model::Kind::Instance, "i-0web0000004");
    let mut busy = world.active[4].clone();
    busy.id.resource = id.clone();
    world.active.push(busy);
    let shown = world.shown();
    let mut view = on(Page::Instances);
    assert_eq!(view.rows(&shown, Listing::Instances).items[0], Item::Resource(id.clone()));
    press_all(&mut view, &chars("!"), &shown);
    assert!(view.rows(&shown, Listing::Instances).items.contains(&Item::Resource(id)));
}

#[test]
fn a_limit_is_drawn_on_its_own_quantity_only() {
    let mut world = fixtures::bad();
    let at = world.active.iter().position(|a| a.id.rule.as_str() == "asg-at-max").unwrap();
    // Wanted less in service, which stands on two signals.
    world.active[at].value = Some(1.0);
    world.active[at].limit = Some(0.0);
    let mut view = on(Page::Scaling);
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    let drawn = shot(&world, &view, 160, 48);
    assert!(drawn.contains("desired_capacity  now 12") && !drawn.contains("limit >"), "{drawn}");
}

#[test]
fn a_notice_that_does_not_fit_is_cut_and_not_left_out() {
    let world = fixtures::bad();
    let mut shown = world.shown();
    let budget = "budget: metrics, and every rule on them, are read 3 times less often ($71.22 a month wanted)";
    shown.notice = Some(crate::ui::Notice { text: budget.to_owned(), bad: true });
    for (w, h, said) in [(160, 48, "wanted)"), (80, 24, "every rule on them, are r"), (40, 10, "budget: metrics")] {
        let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
        let area = buffer.area;
        draw_buffer(&mut buffer, area, &shown, &ViewState::default(), &Look::default());
        let drawn = text(&buffer);
        let last = drawn.lines().last().unwrap_or_default();
        assert!(last.contains(said) && last.contains("DEMO"), "{w}x{h}: {last}");
    }
}

#[test]
fn what_a_key_cannot_do_is_said() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Pollers);
    assert_eq!(press_all(&mut view, &chars("o"), &shown), [Action::Say("the AWS console has no page for this".into())]);
    let nothing = fixtures::nothing();
    let mut view = on(Page::Instances);
    assert_eq!(press_all(&mut view, &chars("y"), &nothing.shown()), [Action::Say("nothing is selected".into())]);
}

#[test]
fn the_axis_of_a_graph_ends_in_a_time() {
    let world = fixtures::bad();
    let mut view = on(Page::Instances);
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    for (w, h) in [(160, 48), (80, 24)] {
        press_all(&mut view, &chars("G"), &world.shown());
        let drawn = shot(&world, &view, w, h);
        let label = drawn.lines().find(|l| l.contains(" 14:01"));
        assert!(label.is_some(), "{drawn}");
    }
}

#[test]
fn a_date_of_another_year_has_it() {
    let tz = jiff::tz::TimeZone::UTC;
    let at = |s: &str| s.parse::<jiff::Timestamp>().unwrap();
    let now = at("2026-01-14T05:00:00Z");
    for (then, wanted) in [
        ("2026-01-14T04:00:00Z", "04:00:00"),
        ("2026-01-13T04:00:00Z", "13 Jan 04:00:00"),
        ("2025-12-31T04:00:00Z", "31 Dec 2025 04:00:00"),
    ] {
        assert_eq!(super::super::format::moment(at(then), now, &tz), wanted);
    }
}

#[test]
fn nothing_is_called_good_before_all_who_are_to_read_have_begun() {
    use crate::model::{PollerKind, Source};
    let calm = fixtures::calm();
    let overview = |expected| {
        let shown = Shown { expected, ..calm.shown() };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 48));
        let area = buffer.area;
        draw_buffer(&mut buffer, area, &shown, &ViewState::default(), &Look::default());
        text(&buffer)
    };
    let good = |screen: &str| screen.contains("nothing is wrong") || screen.contains("✓ OK");
    let of = |region: &str, poller| {
        let scope = crate::model::Scope::new("demo", region);
        std::collections::BTreeSet::from([Source { scope, poller }])
    };
    let begun = of("ap-northeast-1", PollerKind::Instances);
    assert!(good(&overview(Some(&begun))), "{}", overview(Some(&begun)));
    let late = of("eu-west-1", PollerKind::Trail);
    let screen = overview(Some(&late));
    assert!(!good(&screen) && screen.contains("not all is read"), "{screen}");
    assert!(screen.contains(&format!("eu-west-1: {}: not read yet", PollerKind::Trail)), "{screen}");
    let screen = overview(None);
    assert!(!good(&screen) && screen.contains("still being looked through"), "{screen}");
    // What nobody needs is not waited for.
    let optional = PollerKind::ALL.into_iter().find(|p| p.is_optional()).unwrap();
    let optional = of("eu-west-1", optional);
    assert!(good(&overview(Some(&optional))));
}

#[test]
fn what_happened_at_one_moment_stands_above_what_was_said_of_it_and_the_worst_above_the_rest() {
    let mut world = fixtures::bad();
    let at = fixtures::now();
    let of = |n: usize| world.active[n].clone();
    let change =
        |alert: &Alert, phase, level| Transition { at, alert: Alert { level, phase, ..alert.clone() }, from: None };
    let changes = [
        change(&of(0), Phase::Pending, Level::Critical),
        change(&of(1), Phase::Resolved, Level::Critical),
        change(&of(2), Phase::Firing, Level::Warning),
        change(&of(3), Phase::Firing, Level::Critical),
    ];
    let wanted: Vec<_> = [3, 2, 1, 0].map(|n| Item::Transition(at, changes[n].alert.id.clone())).into();
    for turn in 0..changes.len() {
        let mut changes = changes.to_vec();
        changes.rotate_left(turn);
        world.timeline = changes;
        let items = on(Page::Timeline).rows(&world.shown(), Listing::Timeline).items.clone();
        assert_eq!(items[..4], wanted, "whatever order they came in");
    }
    // An event of that moment is what they come from.
    let event = world.model.events().iter().next_back().expect("an event").clone();
    world.timeline.iter_mut().for_each(|t| t.at = event.at);
    let items = on(Page::Timeline).rows(&world.shown(), Listing::Timeline).items.clone();
    let place = |wanted: &dyn Fn(&Item) -> bool| items.iter().position(wanted).expect("it is listed");
    let first_said = place(&|i| matches!(i, Item::Transition(..)));
    assert!(place(&|i| matches!(i, Item::Event(at, id) if (*at, id) == (event.at, &event.id))) < first_said);
}

#[test]
fn a_section_of_help_that_goes_on_in_the_next_column_says_whose_it_is() {
    let world = fixtures::bad();
    let view = ViewState { help: Some(0), ..ViewState::default() };
    for height in [24, 48, 60] {
        let drawn = shot(&world, &view, 160, height);
        let top = drawn.lines().nth(2).unwrap();
        let (left, right) = (top.chars().take(80).collect::<String>(), top.chars().skip(80).collect::<String>());
        assert!(left.contains("On a page") || left.contains("On the overview"), "{drawn}");
        assert!(right.trim_end().ends_with(", more") || !right.contains("  "), "{drawn}");
    }
}

#[test]
fn a_slow_line_is_said_beside_the_keys_and_not_in_their_place() {
    let world = fixtures::bad();
    for (w, h) in [(160, 48), (80, 24)] {
        let drawn = |slow_line| {
            let shown = Shown { slow_line, ..world.shown() };
            let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
            let area = buffer.area;
            draw_buffer(&mut buffer, area, &shown, &ViewState::default(), &Look::default());
            text(&buffer)
        };
        let (slow, quick) = (drawn(true), drawn(false));
        assert!(slow.lines().next().unwrap().contains("slow line"), "{slow}");
        assert_eq!(slow.lines().last(), quick.lines().last(), "the keys stay");
        assert!(!quick.contains("slow line"));
    }
}

#[test]
fn why_hosts_do_not_serve_and_why_nothing_can_be_read_has_room_on_a_narrow_screen() {
    let mut world = fixtures::bad();
    for alert in world.active.iter_mut().filter(|a| a.level == Level::Blind) {
        alert.detail = "login expired: run aws sso login --profile demo".into();
    }
    for (w, h) in [(80, 24), (40, 10)] {
        let drawn = shot(&world, &ViewState::default(), w, h);
        let row = |what: &str| drawn.lines().find(|l| l.contains(what)).unwrap_or_else(|| panic!("{drawn}")).to_owned();
        assert!(row("◌ BLIND").contains("login expir") && row(" api-tg ").contains("Timeout"), "{drawn}");
        let page = shot(&world, &on(Page::Balancers), w, h);
        assert!(page.lines().any(|l| l.contains("api-alb") && l.contains("Timeout")), "{page}");
    }
    let drawn = shot(&world, &ViewState::default(), 160, 48);
    assert!(drawn.contains("targets are unhealthy") && !drawn.contains("Timeout: targets"), "{drawn}");
}
