//! Whole frames and keys, over fixture worlds.

use std::fmt::Write;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::fixtures::{self, Fixture};
use super::*;

mod ambiguous;
mod explain;
mod finding;
mod groups;
mod heat;
mod honest;
mod layouts;
mod linked;
mod metrics;
mod mouse;
mod playback;
mod sizes;
mod stumbles;
mod themes;
mod welcome;

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

pub(super) fn ascii() -> Look {
    Look { glyphs: Glyphs::ASCII, ..Look::default() }
}

pub(super) fn shot(fixture: &Fixture, view: &ViewState, w: u16, h: u16) -> String {
    shot_in(fixture, view, &Look::default(), w, h)
}

pub(super) fn shot_in(fixture: &Fixture, view: &ViewState, look: &Look, w: u16, h: u16) -> String {
    text(&frame(fixture, view, look, w, h))
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
        actions.extend(press(view, KeyEvent::new(*key, KeyModifiers::NONE), shown, &look, (80, 24)));
    }
    actions
}

fn chars(text: &str) -> Vec<KeyCode> {
    text.chars().map(KeyCode::Char).collect()
}

pub(super) fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_page_of_a_bad_day_at_three_sizes() {
    let world = fixtures::bad();
    for page in Page::ALL {
        for (w, h) in [(160, 48), (80, 24), (40, 10)] {
            let name = format!("bad-{}-{w}x{h}", page.title().to_lowercase());
            snapshot(&name, &shot(&world, &on(page), w, h));
        }
    }
}

#[test]
fn states_are_drawn_on_purpose() {
    for (name, world) in [
        ("calm", fixtures::calm()),
        ("loading", fixtures::loading()),
        ("nothing", fixtures::nothing()),
        ("denied", fixtures::denied()),
        ("stale", fixtures::stale()),
        ("hostile", fixtures::hostile()),
    ] {
        snapshot(&format!("{name}-overview-120x36"), &shot(&world, &on(Page::Overview), 120, 36));
        snapshot(&format!("{name}-instances-80x24"), &shot(&world, &on(Page::Instances), 80, 24));
    }
    let denied = fixtures::denied();
    for page in [Page::Balancers, Page::Bill, Page::Alarms, Page::Pollers] {
        snapshot(&format!("denied-{}-80x24", page.title().to_lowercase()), &shot(&denied, &on(page), 80, 24));
    }
}

#[test]
fn ascii_terminals_get_ascii_only() {
    let world = fixtures::bad();
    for page in Page::ALL {
        let drawn = text(&frame(&world, &on(page), &ascii(), 120, 36));
        assert!(
            drawn.is_ascii(),
            "{}: {:?}",
            page.title(),
            drawn.chars().filter(|c| !c.is_ascii()).collect::<String>()
        );
    }
    snapshot("ascii-overview-120x36", &text(&frame(&world, &on(Page::Overview), &ascii(), 120, 36)));
}

#[test]
fn details_show_why_and_what_changed() {
    let world = fixtures::bad();
    for (page, downs, name) in [
        (Page::Overview, 0, "alert"),
        (Page::Balancers, 0, "balancer"),
        (Page::Scaling, 0, "group"),
        (Page::Instances, 0, "instance"),
        (Page::Trail, 0, "event"),
        (Page::Alarms, 1, "alarm"),
        (Page::Pollers, 0, "poller"),
    ] {
        let mut view = on(page);
        let mut keys = vec![KeyCode::Down; downs];
        keys.push(KeyCode::Enter);
        press_all(&mut view, &keys, &world.shown());
        snapshot(&format!("detail-{name}-160x48"), &shot(&world, &view, 160, 48));
    }
    let mut view = on(Page::Balancers);
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    snapshot("detail-balancer-80x24", &shot(&world, &view, 80, 24));
    press_all(&mut view, &chars("G"), &world.shown());
    snapshot("detail-balancer-end-80x24", &shot(&world, &view, 80, 24));
}

#[test]
fn help_is_made_from_the_keymap() {
    let mut view = on(Page::Instances);
    let world = fixtures::calm();
    press_all(&mut view, &chars("?"), &world.shown());
    snapshot("help-160x48", &shot(&world, &view, 160, 48));
    snapshot("help-80x24", &shot(&world, &view, 80, 24));
    let keymap = Keymap::builtin("default")
        .unwrap()
        .overlay("k", "[[key]]\non = \"?\"\nrun = \"help\"\ndesc = \"Help me\"")
        .unwrap();
    let look = Look { keymap, ..Look::default() };
    assert!(text(&frame(&world, &view, &look, 160, 48)).contains("Help me"));
}

/// Runs of cells that look alike, as `row: style text`.
fn styles(buffer: &Buffer, rows: u16) -> String {
    let mut out = String::new();
    for y in 0..rows {
        let mut run: Option<(ratatui::style::Style, String)> = None;
        for x in 0..=buffer.area.width {
            let cell = (x < buffer.area.width).then(|| &buffer[(x, y)]);
            match (&mut run, cell) {
                (Some((style, text)), Some(cell)) if *style == cell.style() => text.push_str(cell.symbol()),
                (_, next) => {
                    if let Some((style, text)) = run.take()
                        && !text.trim().is_empty()
                    {
                        let bg = style.bg.unwrap_or_default();
                        writeln!(
                            out,
                            "{y}: {:?} on {bg:?} {:?} {:?}",
                            style.fg.unwrap_or_default(),
                            style.add_modifier,
                            text.trim()
                        )
                        .unwrap();
                    }
                    run = next.map(|c| (c.style(), c.symbol().to_owned()));
                }
            }
        }
    }
    out
}

#[test]
fn severity_is_seen_with_and_without_colour() {
    let world = fixtures::bad();
    for name in ["ansi", "mono"] {
        let look = Look { theme: Theme::builtin(name).unwrap(), ..Look::default() };
        let buffer = frame(&world, &on(Page::Overview), &look, 80, 24);
        snapshot(&format!("styles-{name}"), &styles(&buffer, 8));
    }
}

#[test]
fn the_selected_row_has_one_background_and_what_is_on_it_differs_from_it() {
    let world = fixtures::bad();
    for name in Theme::names() {
        let look = Look { theme: Theme::builtin(name).unwrap(), ..Look::default() };
        let buffer = frame(&world, &on(Page::Overview), &look, 160, 48);
        let cells: Vec<_> = (1..159).map(|x| &buffer[(x, 3)]).collect();
        let ground = |c: &ratatui::buffer::Cell| {
            (c.bg, c.modifier.contains(ratatui::style::Modifier::REVERSED), c.fg == c.bg && c.fg != Color::Reset)
        };
        assert!(cells.iter().all(|c| ground(c) == ground(cells[0])), "{name}: {}", styles(&buffer, 4));
        assert_eq!(cells[0].symbol(), "▌");
        assert_ne!((cells[0].bg, cells[0].modifier), (buffer[(1, 4)].bg, buffer[(1, 4)].modifier), "{name}");
    }
}

#[test]
fn the_header_says_how_many_pollers_are_blind_and_is_not_live_then() {
    let world = fixtures::denied();
    for (w, wanted) in [(160, "13 of 13 pollers blind"), (80, "13/13 blind")] {
        let drawn = shot(&world, &on(Page::Overview), w, 24);
        assert!(drawn.contains(wanted) && !drawn.contains("live"), "{drawn}");
    }
}

#[test]
fn a_filter_narrows_and_can_be_cancelled() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars("/api 1c"), &shown);
    assert_eq!(view.rows(&shown, Listing::Instances).items.len(), 2);
    let drawn = shot(&world, &view, 80, 24);
    assert!(drawn.contains("/api 1c") && drawn.contains("2 of 12"), "{drawn}");
    press_all(&mut view, &[KeyCode::Esc], &shown);
    assert_eq!(view.rows(&shown, Listing::Instances).items.len(), 12);
    press_all(&mut view, &chars("/API"), &shown);
    press_all(&mut view, &[KeyCode::Backspace, KeyCode::Enter], &shown);
    assert_eq!((view.input.is_none(), view.list(Listing::Instances).filter.as_str()), (true, "AP"));
    press_all(&mut view, &[KeyCode::Esc], &shown);
    assert_eq!(view.list(Listing::Instances).filter, "");
    press_all(&mut view, &chars("/nothing-has-this"), &shown);
    assert!(shot(&world, &view, 80, 24).contains("no row matches `nothing-has-this`"));
}

#[test]
fn the_selection_follows_its_row_when_the_order_changes() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars("jjj"), &shown);
    let before = view.list(Listing::Instances).selected.clone();
    assert!(before.is_some());
    press_all(&mut view, &chars(">>S"), &shown);
    assert_eq!(view.list(Listing::Instances).selected, before);
    press_all(&mut view, &chars("G"), &shown);
    assert_eq!(view.list(Listing::Instances).index, 11);
    press_all(&mut view, &chars("gk"), &shown);
    assert_eq!(view.list(Listing::Instances).index, 0);
}

#[test]
fn faults_only_and_next_fault() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars("Gn"), &shown);
    let name = links::name(view.list(Listing::Instances).selected.as_ref().unwrap(), &shown);
    assert_eq!(name, "i-0web0000002");
    press_all(&mut view, &chars("!"), &shown);
    assert_eq!(view.rows(&shown, Listing::Instances).items.len(), 1);
    assert!(shot(&world, &view, 80, 24).contains("FAULTS ONLY"));
}

#[test]
fn keys_ask_the_loop_for_what_only_it_can_do() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Balancers);
    let mut keys = |text: &str| press_all(&mut view, &chars(text), &shown);
    assert_eq!(keys("q"), [Action::Quit]);
    assert_eq!(keys("y"), [Action::Copy("api-alb".into())]);
    assert_eq!(keys("  "), [Action::Freeze(true), Action::Freeze(false)]);
    let [Action::Refresh(Refresh::Sources(sources))] = &keys("r")[..] else { panic!("no refresh") };
    assert_eq!(sources.len(), 5);
    let [Action::OpenLink(link)] = &keys("o")[..] else { panic!("no link") };
    assert_eq!(
        link,
        "https://ap-northeast-1.console.aws.amazon.com/ec2/home?region=ap-northeast-1#TargetGroup:targetGroupArn=\
         arn%3Aaws%3Aelasticloadbalancing%3Aap-northeast-1%3A123456789012%3Atargetgroup%2Fapi-tg%2F0"
    );
    keys("t");
    assert_eq!((view.page, view.list(Listing::Trail).filter.as_str()), (Page::Trail, "api-alb"));
}

#[test]
fn the_overview_has_the_panes_that_are_asked_for() {
    let world = fixtures::bad();
    for (panes, wanted) in [
        (vec![], "Alerts, Load balancers, Auto Scaling, Bill, Trail"),
        (vec![Listing::Trail, Listing::Alerts], "Trail, Alerts"),
        (vec![Listing::Scaling, Listing::Scaling, Listing::Bill, Listing::Trail], "Auto Scaling, Bill, Trail"),
    ] {
        let look = Look { panes, ..Look::default() };
        let titles = ["Alerts", "Load balancers", "Auto Scaling", "Bill", "Trail"];
        for (w, h) in [(160, 48), (80, 40)] {
            let drawn = text(&frame(&world, &ViewState::default(), &look, w, h));
            let mut found: Vec<(usize, &str)> = titles
                .into_iter()
                .filter_map(|t| drawn.match_indices(&format!(" {t} ─")).next().map(|(at, _)| (at, t)))
                .collect();
            found.sort_unstable();
            let found: Vec<&str> = found.into_iter().map(|(_, t)| t).collect();
            assert_eq!(found.join(", "), wanted, "{w}x{h}:\n{drawn}");
        }
        let mut view = ViewState::default();
        for _ in 0..6 {
            press(&mut view, KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE), &world.shown(), &look, (160, 48));
            assert!(look.panes().contains(&view.pane), "{:?}", view.pane);
        }
    }
}

#[test]
fn pages_panes_and_back() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = ViewState::default();
    press_all(&mut view, &[KeyCode::Tab, KeyCode::Char('e')], &shown);
    assert_eq!((view.pane, view.expanded), (Listing::Balancers, true));
    assert!(shot(&world, &view, 120, 36).contains("BY ZONE"));
    press_all(&mut view, &[KeyCode::Esc, KeyCode::BackTab, KeyCode::Enter], &shown);
    assert_eq!((view.pane, view.expanded, view.details.len()), (Listing::Alerts, false, 1));
    press_all(&mut view, &[KeyCode::Esc, KeyCode::Char('0'), KeyCode::Tab], &shown);
    assert_eq!((view.page, view.details.len()), (Page::Overview, 0));
    let json = serde_json::to_string(&view).unwrap();
    let back: ViewState = serde_json::from_str(&json).unwrap();
    assert_eq!((back.page, back.pane, back.lists), (view.page, view.pane, view.lists.clone()));
}

#[test]
fn pasted_text_types_and_never_presses_keys() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    paste(&mut view, "qqq");
    assert!(view.input.is_none());
    press_all(&mut view, &chars("/"), &shown);
    paste(&mut view, "web\u{1b}[2J\nasg");
    assert_eq!(view.input.as_ref().unwrap().text, "web[2J asg");
}

#[test]
fn a_frozen_screen_says_so() {
    let world = fixtures::bad();
    let mut shown = world.shown();
    shown.frozen = Some(fixtures::now());
    let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 36));
    let area = buffer.area;
    draw_buffer(&mut buffer, area, &shown, &ViewState::default(), &Look::default());
    let drawn = text(&buffer);
    assert!(drawn.contains("FROZEN 14:03") && drawn.contains("frozen"), "{drawn}");
}

#[test]
fn a_prepared_view_draws_what_an_unprepared_one_draws() {
    let world = fixtures::bad();
    for page in Page::ALL {
        let mut prepared = on(page);
        prepared.prepare(&world.shown());
        assert_eq!(shot(&world, &prepared, 120, 36), shot(&world, &on(page), 120, 36));
    }
}

fn worlds() -> &'static [Fixture] {
    static WORLDS: std::sync::OnceLock<Vec<Fixture>> = std::sync::OnceLock::new();
    WORLDS.get_or_init(|| {
        vec![
            fixtures::bad(),
            fixtures::calm(),
            fixtures::hostile(),
            fixtures::stale(),
            fixtures::denied(),
            fixtures::loading(),
            Fixture::default(),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any keys on any page of any world at any size: a frame, and every wide character whole.
    #[test]
    fn nothing_panics_at_any_size(
        w in 1u16..200,
        h in 1u16..60,
        page in 0usize..10,
        world in 0usize..7,
        keys in proptest::collection::vec(0usize..28, 0..8),
    ) {
        const KEYS: [KeyCode; 28] = [
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down,
            KeyCode::PageDown, KeyCode::PageUp, KeyCode::Char('G'), KeyCode::Char('g'), KeyCode::Char('?'),
            KeyCode::Char('/'), KeyCode::Char('a'), KeyCode::Char('e'), KeyCode::Char('!'), KeyCode::Char('>'),
            KeyCode::Char('<'), KeyCode::Char('S'), KeyCode::Char('n'), KeyCode::Char('N'), KeyCode::Char('t'),
            KeyCode::Char('r'), KeyCode::Backspace, KeyCode::Char('本'), KeyCode::Char('c'), KeyCode::Left, KeyCode::Right, KeyCode::Char('C'),
        ];
        let world = &worlds()[world];
        let mut view = on(Page::ALL[page]);
        let keys: Vec<KeyCode> = keys.into_iter().map(|k| KEYS[k]).collect();
        press_all(&mut view, &keys, &world.shown());
        for look in [Look::default(), ascii()] {
            let buffer = frame(world, &view, &look, w, h);
            for y in 0..h {
                for x in 0..w {
                    let symbol = buffer[(x, y)].symbol();
                    prop_assert!(!symbol.chars().any(char::is_control));
                    prop_assert!(usize::from(x) + super::text::width(symbol) <= usize::from(w));
                }
            }
        }
    }
}
