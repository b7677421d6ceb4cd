//! What is on the screen says how far it can be relied on, and whose world it is, however little room there is.

use jiff::SignedDuration;

use super::super::pages::{self, Ctx, Place};
use super::super::paint::Paint;
use super::super::widgets::Frame;
use super::*;
use crate::model::{Body, ErrorClass, HealthState, Kind, Member, Members, PollerKind, ResourceId};

/// All that follows `name` in the heading of its pane.
fn heading<'t>(drawn: &'t str, name: &str) -> &'t str {
    drawn.lines().find(|l| l.contains(&format!("╭ {name} "))).unwrap_or_else(|| panic!("{name}: {drawn}"))
}

#[test]
fn what_was_only_ever_read_in_part_is_as_old_as_the_first_try() {
    let mut world = fixtures::calm();
    let scope = fixtures::virginia();
    let throttled = || Some(fixtures::error(ErrorClass::Throttled, "", "Throttling", "Rate exceeded"));
    world.ran(&scope, PollerKind::TargetHealth, 600, throttled());
    let before = heading(&shot(&world, &on(Page::Balancers), 160, 48), "Load balancers").to_owned();
    // It failed, and nothing of it is shown.
    assert!(!before.contains("age 10m"), "{before}");
    let of = ResourceId::new(&scope, Kind::TargetGroup, "far-tg");
    let member = Member {
        id: "i-0f".into(),
        port: None,
        zone: None,
        state: HealthState::Healthy,
        reason: "".into(),
        description: "".into(),
    };
    let members = Members { list: vec![member], ..Members::default() };
    let at = fixtures::now() - SignedDuration::from_secs(550);
    world.apply(at, &scope, PollerKind::TargetHealth, Body::Health { of, members });
    world.ran(&scope, PollerKind::TargetHealth, 2, throttled());
    let after = shot(&world, &on(Page::Balancers), 160, 48);
    assert!(heading(&after, "Load balancers").contains("age 10m"), "{after}");
    // Once it was read whole it is as old as that.
    world.ran(&scope, PollerKind::TargetHealth, 1, None);
    let whole = shot(&world, &on(Page::Balancers), 160, 48);
    assert!(!heading(&whole, "Load balancers").contains("age 10m"), "{whole}");
}

#[test]
fn the_age_is_in_every_heading_however_narrow_it_is() {
    let mut world = fixtures::bad();
    let pollers: Vec<_> = world.model.pollers().map(|(s, _)| s.clone()).collect();
    for source in pollers {
        let denied = fixtures::error(ErrorClass::Denied, "DescribeX", "AccessDenied", "no");
        world.ran(&source.scope, source.poller, 1, Some(denied));
    }
    let shown = world.shown();
    let pages = [Page::Balancers, Page::Scaling, Page::Instances, Page::Trail, Page::Alarms];
    for (w, h) in [(30, 8), (40, 10), (60, 15), (80, 24)] {
        for page in pages {
            for keys in ["", "G", "GG", "GGG", "C"] {
                let mut view = on(page);
                press_all(&mut view, &chars(keys), &shown);
                let drawn = shot(&world, &view, w, h);
                let heading = drawn.lines().nth(2).unwrap();
                assert!(heading.contains(" age "), "{page:?} {keys} {w}x{h}: {heading}");
            }
        }
    }
    // As a heat map by group, where there is just not the room for all of it.
    let mut view = on(Page::Instances);
    view.lists.entry(Listing::Instances).or_default().grouping = Grouping::parse("group").unwrap();
    press_all(&mut view, &chars("C"), &shown);
    let drawn = shot(&world, &view, 80, 24);
    let heading = drawn.lines().nth(2).unwrap();
    assert!(heading.contains("age ") && heading.contains("access denied"), "{heading}");
}

#[test]
fn alarms_that_were_not_all_read_are_not_counted_as_all() {
    let world = fixtures::calm();
    let whole = shot(&world, &on(Page::Alarms), 160, 48);
    assert!(whole.contains(" in ALARM: ") && !whole.contains("not all are read"), "{whole}");
    let mut world = fixtures::calm();
    let denied = || Some(fixtures::error(ErrorClass::Denied, "DescribeAlarms", "AccessDenied", "no"));
    world.ran(&fixtures::virginia(), PollerKind::Alarms, 2, denied());
    let part = shot(&world, &on(Page::Alarms), 160, 48);
    let read = world.model.of_kind(Kind::Alarm).count();
    assert!(read > 0 && part.contains(&format!("of the {read} read in ALARM: ")), "{part}");
    assert!(part.contains("not all are read"), "{part}");
}

#[test]
fn under_the_least_size_only_what_is_counted_is_listed() {
    let mut world = fixtures::calm();
    let alert = |name: &str, phase| crate::alerts::Alert {
        phase,
        ..fixtures::one_alert("clb-surge-queue", Kind::ClassicElb, name, crate::alerts::Level::Critical)
    };
    let mut silenced = alert("hushed", crate::alerts::Phase::Firing);
    silenced.handling.silence = Some("s1".into());
    world.active = vec![alert("soon", crate::alerts::Phase::Pending), silenced];
    let drawn = shot(&world, &on(Page::Overview), 29, 8);
    assert!(!drawn.contains("CRIT") && !drawn.contains("soon") && !drawn.contains("hushed"), "{drawn}");
    world.active.push(alert("web", crate::alerts::Phase::Firing));
    let drawn = shot(&world, &on(Page::Overview), 29, 8);
    assert!(drawn.starts_with("1 CRIT") && drawn.contains("CRIT web") && !drawn.contains("soon"), "{drawn}");
}

#[test]
fn whose_world_it_is_never_goes() {
    let world = fixtures::bad();
    for (word, badge) in [
        ("DEMO", Badge::Demo { scenario: "bad-day".into(), speed: 10.0 }),
        ("REPLAY", Badge::Replay { file: "a-very-long-name-of-a-recording-of-a-night.awr".into(), speed: 4.0 }),
    ] {
        let of = Playback::new(fixtures::now(), 4.0);
        let shown = Shown { badge, playback: Some(&of), ..world.shown() };
        for (w, h) in [(10, 1), (20, 3), (29, 6), (30, 5), (30, 6), (40, 10), (80, 24), (100, 12), (160, 48)] {
            for keys in ["", "/", "/zzz", "/cpu>", ":", ":trail", "?", "F", "a", "s"] {
                let mut view = on(Page::Instances);
                let look = Look::default();
                for key in chars(keys) {
                    press(&mut view, KeyEvent::new(key, KeyModifiers::NONE), &shown, &look, (80, 24));
                }
                view.prepare(&shown);
                let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
                let area = buffer.area;
                draw_buffer(&mut buffer, area, &shown, &view, &look);
                let drawn = text(&buffer);
                let place = drawn.lines().last().filter(|_| w >= 30 && h >= 6).or_else(|| drawn.lines().next());
                assert!(place.unwrap().contains(word), "{keys} {w}x{h}: {drawn}");
            }
        }
    }
}

#[test]
fn where_there_is_one_line_the_reason_is_on_it() {
    let (mut world, look, view) = (fixtures::calm(), Look::default(), on(Page::Overview));
    for (poller, class) in [
        (PollerKind::TargetHealth, ErrorClass::Throttled),
        (PollerKind::Alarms, ErrorClass::Denied),
        (PollerKind::Instances, ErrorClass::Timeout),
    ] {
        world.ran(&fixtures::virginia(), poller, 2, Some(fixtures::error(class, "DescribeX", "", "")));
    }
    let shown = world.shown();
    let pane = |height| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, height));
        let area = buffer.area;
        let place = Place { area, frame: Frame::Boxed, focused: true, full: false };
        pages::list(
            &mut Paint::new(&mut buffer, &look, None),
            Ctx { shown: &shown, view: &view },
            Listing::Alerts,
            place,
        );
        text(&buffer)
    };
    assert!(pane(6).contains("not all is read yet, so nothing is called good:"), "{}", pane(6));
    assert!(pane(3).contains("│ not all is read and 2 more: ◌ "), "{}", pane(3));
    assert!(
        pane(3).contains("timed out") || pane(3).contains("denied") || pane(3).contains("throttled"),
        "{}",
        pane(3)
    );
}

#[test]
fn more_changes_than_there_is_room_for_are_counted() {
    use crate::model::{EventKind, TrailEvent};
    let mut world = fixtures::bad();
    let trail = |n: i64| {
        let of = TrailEvent { name: "CreateTags".into(), user: "somebody".into(), ..TrailEvent::default() };
        fixtures::event(600 + n, &format!("far-{n}"), EventKind::Trail(of), &["vol-1"], "")
    };
    let list = (0..30).map(trail).collect();
    world.apply(fixtures::now(), &fixtures::tokyo(), PollerKind::Trail, Body::Events(list));
    let mut view = on(Page::Overview);
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    let drawn = shot(&world, &view, 160, 60);
    assert!(drawn.contains("elsewhere in its region:") && drawn.contains(" more, on the timeline"), "{drawn}");
}

#[test]
fn keys_that_do_nothing_on_a_page_say_so_and_the_palette_names_no_key_that_a_replay_hides() {
    let world = fixtures::bad();
    let shown = world.shown();
    for page in [Page::Instances, Page::Balancers, Page::Trail] {
        for key in ["[", "]", "p"] {
            let mut view = on(page);
            let range = view.range;
            let said = press_all(&mut view, &chars(key), &shown);
            assert!(matches!(&said[..], [Action::Say(_)]), "{page:?} {key}: {said:?}");
            assert_eq!(view.range, range);
        }
    }
    let of = Playback::new(fixtures::now(), 4.0);
    let palette = |playback| {
        let shown = Shown { playback, ..world.shown() };
        let mut view = on(Page::Instances);
        press_all(&mut view, &chars(":freeze"), &shown);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
        let area = buffer.area;
        draw_buffer(&mut buffer, area, &shown, &view, &Look::default());
        let drawn = text(&buffer);
        drawn.lines().find(|l| l.contains("command")).map(ToOwned::to_owned).unwrap()
    };
    assert!(palette(None).contains("Space"), "{}", palette(None));
    assert!(!palette(Some(&of)).contains("Space"), "{}", palette(Some(&of)));
}
