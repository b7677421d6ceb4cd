//! The overview as it is configured.

use super::*;

/// Alerts over balancers and groups, the trail beside the bill.
pub(super) fn configured() -> Look {
    let pane = |list, width, min| PaneLook { list, width, min };
    let row = |height, panes: &[PaneLook]| RowLook { height, min: None, panes: panes.to_vec() };
    let layout = vec![
        row(Some(25), &[pane(Listing::Trail, None, None), pane(Listing::Bill, Some(30), Some(30))]),
        row(None, &[pane(Listing::Alerts, None, None)]),
        row(Some(35), &[pane(Listing::Balancers, Some(60), Some(50)), pane(Listing::Scaling, None, Some(40))]),
    ];
    let columns = ["cpu", "name", "tag:env"].map(ToOwned::to_owned).to_vec();
    let table = TableLook { columns, grouping: Grouping::Zone, ..TableLook::default() };
    Look { layout, tables: [(Listing::Instances, table)].into(), ..Look::default() }
}

#[test]
fn the_overview_stands_as_it_is_configured_at_every_size() {
    let world = fixtures::bad();
    let look = configured();
    let mut out = String::new();
    for (w, h) in [(200, 60), (160, 48), (120, 40), (80, 24), (40, 10)] {
        let _ = writeln!(out, "== {w}x{h}");
        let drawn = text(&frame(&world, &ViewState::default(), &look, w, h));
        assert!(drawn.contains("Alerts"), "{drawn}");
        out.push_str(&drawn);
    }
    snapshot("layout", &out);
}

#[test]
fn keys_go_over_the_panes_that_are_configured_and_one_can_fill_the_screen() {
    let world = fixtures::bad();
    let look = configured();
    let mut view = ViewState::default();
    let mut seen = Vec::new();
    let mut key = |code: KeyCode| {
        press(&mut view, KeyEvent::new(code, KeyModifiers::NONE), &world.shown(), &look, (160, 48));
        (view.pane, view.expanded)
    };
    for _ in 0..8 {
        seen.push(key(KeyCode::Tab).0);
    }
    let wanted = [Listing::Balancers, Listing::Scaling, Listing::Trail, Listing::Bill, Listing::Alerts];
    assert_eq!(seen[..5], wanted, "{seen:?}");
    assert_eq!(key(KeyCode::Char('e')), (Listing::Trail, true));
    assert!(text(&frame(&world, &view, &look, 160, 48)).contains("SERVICE"));
}
