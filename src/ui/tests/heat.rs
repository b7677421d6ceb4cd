//! The fleet's CPU as a heat map.

use super::*;

fn heated(keys: &str, shown: &Shown<'_>) -> ViewState {
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars("C"), shown);
    press_all(&mut view, &chars(keys), shown);
    view
}

/// Draws it, as the loop does before each key.
fn seen(view: &mut ViewState, shown: &Shown<'_>, (w, h): (u16, u16)) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    let area = buffer.area;
    let drawn = draw_buffer(&mut buffer, area, shown, view, &Look::default());
    view.saw(drawn);
}

fn index(view: &ViewState) -> usize {
    view.list(Listing::Instances).index
}

#[test]
fn every_instance_is_a_tile_and_what_is_not_known_is_not_nought() {
    let world = fixtures::bad();
    let shown = world.shown();
    let drawn = shot(&world, &heated("", &shown), 160, 48);
    for n in 0..6 {
        assert!(drawn.contains(&format!("web-asg-{n}")) && drawn.contains(&format!("api-asg-{n}")), "{drawn}");
    }
    // Of those behind the application's balancer nothing was read.
    let tiles = drawn.lines().filter(|l| l.contains("api-asg-")).collect::<String>();
    assert!(tiles.matches("no data").count() >= 6 && !tiles.contains(" 0%"), "{drawn}");
    assert!(drawn.contains("CPU as a heat map") && drawn.contains("· no data"), "{drawn}");
    assert!(drawn.contains("web-asg-2  cpu 72%"), "the selected one is named: {drawn}");
    // It is there and away by one key, and nothing else looks otherwise.
    let table = shot(&world, &on(Page::Instances), 160, 48);
    assert_eq!(shot(&world, &heated("C", &shown), 160, 48), table);
}

#[test]
fn one_moves_over_it_as_it_is_drawn() {
    let world = fixtures::bad();
    let shown = world.shown();
    let look = Look::default();
    for size in [(160, 48), (80, 24), (40, 10)] {
        let mut view = heated("", &shown);
        let mut key = |code: KeyCode| {
            seen(&mut view, &shown, size);
            press(&mut view, KeyEvent::new(code, KeyModifiers::NONE), &shown, &look, size);
            index(&view)
        };
        assert_eq!(key(KeyCode::Right), 1);
        let below = key(KeyCode::Down);
        assert_eq!(key(KeyCode::Up), 1, "{size:?}");
        assert!(below > 1, "{size:?}");
        assert_eq!(key(KeyCode::Left), 0);
        key(KeyCode::End);
        assert_eq!(key(KeyCode::Right), 11);
        assert!(key(KeyCode::PageUp) < below, "{size:?}");
    }
    // A head among the tiles folds.
    let mut view = heated("c", &shown);
    let all = view.rows(&shown, Listing::Instances).items.len();
    press_all(&mut view, &[KeyCode::Home, KeyCode::Enter], &shown);
    assert!(view.rows(&shown, Listing::Instances).items.len() < all);
    for key in [KeyCode::Enter, KeyCode::Right, KeyCode::Enter] {
        seen(&mut view, &shown, (160, 48));
        press_all(&mut view, &[key], &shown);
    }
    assert_eq!(view.details.len(), 1);
}

#[test]
fn what_the_map_shows_is_asked_for() {
    let world = fixtures::bad();
    let shown = world.shown();
    let wanted = |view: &ViewState| demand(view, &world.model, &Look::default()).len();
    assert_eq!((wanted(&on(Page::Instances)), wanted(&heated("", &shown))), (0, 12));
}

#[test]
fn heat_maps_at_every_size() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut out = String::new();
    for (keys, look, name) in [("", Look::default(), "flat"), ("cc", Look::default(), "zone"), ("", ascii(), "ascii")] {
        for (w, h) in [(160, 48), (80, 24), (40, 10), (30, 6)] {
            let _ = writeln!(out, "== {name} {w}x{h}");
            out.push_str(&text(&frame(&world, &heated(keys, &shown), &look, w, h)));
        }
    }
    snapshot("heat", &out);
}

#[test]
fn tiles_of_every_size_show_that_there_is_an_alert() {
    let mut world = fixtures::calm();
    let calm = world.shown();
    let hosts: Vec<_> = calm.model.of_kind(crate::model::Kind::Instance).map(|r| r.id.clone()).collect();
    let of = |level, host: usize| {
        let mut alert = fixtures::one_alert("cpu", crate::model::Kind::Instance, "x", level);
        alert.id.resource = hosts[host].clone();
        alert
    };
    world.active = vec![of(crate::alerts::Level::Critical, 3), of(crate::alerts::Level::Blind, 5)];
    let shown = world.shown();
    let view = heated("", &shown);
    for size in [(160, 48), (80, 24), (44, 9), (40, 8), (30, 7)] {
        let drawn = shot(&world, &view, size.0, size.1);
        // Those of the header and the tabs are no tiles'.
        let body: String = drawn.lines().skip(3).collect::<Vec<_>>().join("\n");
        assert!(body.contains('●') && body.contains('◌'), "{size:?}: {drawn}");
    }
    let wide = shot(&world, &view, 80, 24);
    assert!(wide.contains("● critical  ◌ blind"), "{wide}");
}
