//! Characters of ambiguous width on a terminal that shows them in two cells.

use ratatui::buffer::CellWidth;

use super::sizes::{any_world, named};
use super::*;
use crate::ui::look::GraphStyle;
use crate::ui::text::{Measure, width};

fn wide() -> Look {
    Look { glyphs: Glyphs::ASCII.with_graphs(GraphStyle::Braille), wide: true, ..Look::default() }
}

/// What such a terminal shows once it was sent the cells in which `to` differs from `from`.
fn sent(shown: &mut [String], from: &Buffer, to: &Buffer) {
    let _measure = Measure::of(true);
    let columns = usize::from(to.area.width);
    for (x, y, cell) in from.diff(to) {
        let at = usize::from(y) * columns + usize::from(x);
        // A character over one half of another leaves nothing of it.
        for (i, symbol) in std::iter::once(cell.symbol()).chain([""; 8]).take(width(cell.symbol())).enumerate() {
            if shown[at + i].is_empty() && i == 0 {
                shown[at - 1] = " ".into();
            }
            if shown.get(at + i + 1).is_some_and(String::is_empty) {
                shown[at + i + 1] = " ".into();
            }
            symbol.clone_into(&mut shown[at + i]);
        }
    }
}

/// The cells of `buffer`, the second half of a character empty; or what takes other room than its cell says.
fn cells(buffer: &Buffer) -> Result<Vec<String>, String> {
    let _measure = Measure::of(true);
    let mut out = Vec::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width)) {
        let mut x = 0;
        while let Some(cell) = row.get(x) {
            let w = width(cell.symbol());
            if w != usize::from(cell.cell_width()) || w == 0 || x + w > row.len() {
                return Err(format!("{:?} in column {x} of {}", cell.symbol(), row.len()));
            }
            if row[x + 1..x + w].iter().any(|c| c.symbol() != " ") {
                return Err(format!("{:?} over {:?}", cell.symbol(), row[x + 1].symbol()));
            }
            out.push(cell.symbol().to_owned());
            out.extend((1..w).map(|_| String::new()));
            x += w;
        }
    }
    Ok(out)
}

#[test]
fn no_cell_holds_more_than_it_says_on_any_page() {
    for n in [0, 4, 8] {
        let world = named(n);
        for page in Page::ALL {
            for keys in ["", "?", ":", "/Ω", "\n", "x", "C", "W"] {
                let keys: Vec<KeyCode> =
                    keys.chars().map(|c| if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) }).collect();
                let mut view = on(page);
                press_all(&mut view, &keys, &world.shown());
                for (w, h) in [(160, 48), (80, 24), (40, 10)] {
                    let drawn = cells(&frame(&world, &view, &wide(), w, h));
                    assert!(drawn.is_ok(), "{n} {page:?} {keys:?} {w}x{h}: {drawn:?}");
                }
            }
        }
    }
}

/// From frame to frame the terminal is told no more than what changed, and still shows the last one.
#[test]
fn what_changes_ends_up_where_it_belongs() {
    let world = named(0);
    let mut view = on(Page::Overview);
    let mut before = Buffer::empty(Rect::new(0, 0, 80, 24));
    let mut shown = vec![" ".to_owned(); 80 * 24];
    for key in "2jjj3jj4jG\n:Ω1?".chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '?' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        press_all(&mut view, &[code], &world.shown());
        let after = frame(&world, &view, &wide(), 80, 24);
        sent(&mut shown, &before, &after);
        assert_eq!(Ok(&shown), cells(&after).as_ref(), "after {key:?}");
        before = after;
    }
}

#[test]
fn a_name_is_whole_and_what_follows_is_in_its_column() {
    let mut world = fixtures::bad();
    for alert in &mut world.active {
        alert.title = "Ω①я→".into();
    }
    let drawn = frame(&world, &on(Page::Overview), &wide(), 80, 24);
    let _measure = Measure::of(true);
    snapshot("ambiguous-80x24", &text(&drawn));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_takes_the_room_that_it_is_given(
        (w, h) in (1u16..=200, 1u16..=60),
        page in 0..Page::ALL.len(),
        names in proptest::collection::vec("[a-z ΩαЖя①→…●▲─│×°本あ🚀\u{301}]{0,30}", 1..6),
        kinds in proptest::collection::vec(0usize..64, 0..12),
        values in proptest::collection::vec(-1e6..1e6f64, 1..50),
        keys in proptest::collection::vec(0usize..8, 0..4),
    ) {
        const KEYS: [KeyCode; 8] = [
            KeyCode::Enter, KeyCode::Tab, KeyCode::Char(':'), KeyCode::Char('/'), KeyCode::Char('?'), KeyCode::Char('c'),
            KeyCode::Char('α'), KeyCode::Down,
        ];
        let world = any_world(&names, &kinds, &values, &[0, 1, 2]);
        let (shown, look) = (world.shown(), wide());
        let mut view = on(Page::ALL[page]);
        for key in keys {
            press(&mut view, KeyEvent::new(KEYS[key], KeyModifiers::NONE), &shown, &look, (w, h));
        }
        let drawn = cells(&frame(&world, &view, &look, w, h));
        prop_assert!(drawn.is_ok(), "{:?}", drawn);
    }
}
