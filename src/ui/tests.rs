//! Whole frames and keys, over fixture worlds.

use std::fmt::Write;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::fixtures::{self, Fixture};
use super::*;

fn frame(fixture: &Fixture, view: &ViewState, look: &Look, w: u16, h: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    let area = buffer.area;
    draw_buffer(&mut buffer, area, &fixture.shown(), view, look);
    buffer
}

fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = super::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    out
}

fn on(page: Page) -> ViewState {
    ViewState { page, ..ViewState::default() }
}

fn ascii() -> Look {
    Look { glyphs: Glyphs::ASCII, ..Look::default() }
}

fn shot(fixture: &Fixture, view: &ViewState, w: u16, h: u16) -> String {
    text(&frame(fixture, view, &Look::default(), w, h))
}

/// Writes frames as pictures into the folder that `UI_PICTURES` names, to be looked at.
#[test]
fn pictures() {
    let Ok(dir) = std::env::var("UI_PICTURES") else { return };
    let sizes = [(160, 48), (80, 24), (40, 10), (200, 60)];
    let worlds: [(&str, Fixture); 7] = [
        ("bad", fixtures::bad()),
        ("calm", fixtures::calm()),
        ("loading", fixtures::loading()),
        ("denied", fixtures::denied()),
        ("stale", fixtures::stale()),
        ("hostile", fixtures::hostile()),
        ("nothing", fixtures::nothing()),
    ];
    for (world, fixture) in &worlds {
        for page in Page::ALL {
            for (w, h) in sizes {
                let mut views = vec![(page.title().to_lowercase(), on(page))];
                let mut open = on(page);
                press_all(&mut open, &[KeyCode::Enter], &fixture.shown());
                views.push((format!("{}-open", page.title().to_lowercase()), open));
                for (name, view) in views {
                    let file = format!("{dir}/{world}-{name}-{w}x{h}");
                    let buffer = frame(fixture, &view, &Look::default(), w, h);
                    std::fs::write(format!("{file}.txt"), text(&buffer)).unwrap();
                    std::fs::write(format!("{file}.svg"), svg(&buffer, &Look::default())).unwrap();
                }
            }
        }
    }
}

fn press_all(view: &mut ViewState, keys: &[KeyCode], shown: &Shown<'_>) -> Vec<Action> {
    let look = Look::default();
    let mut actions = Vec::new();
    for key in keys {
        actions.extend(press(view, KeyEvent::new(*key, KeyModifiers::NONE), shown, &look, (160, 48)));
    }
    actions
}

fn chars(text: &str) -> Vec<KeyCode> {
    text.chars().map(KeyCode::Char).collect()
}
