//! The mouse: a click means what the frame on the screen has there.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::super::hits::Target;
use super::*;

const LEFT: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const RIGHT: MouseEventKind = MouseEventKind::Down(MouseButton::Right);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);
const SIZE: (u16, u16) = (160, 48);

/// A console with a mouse: draws before each deed, as the loop does.
struct Hand {
    world: Fixture,
    view: ViewState,
}

impl Hand {
    fn on(page: Page) -> Self {
        Self { world: fixtures::bad(), view: on(page) }
    }

    fn draws(&mut self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
        let (area, shown) = (buffer.area, self.world.shown());
        self.view.prepare(&shown);
        let drawn = draw_buffer(&mut buffer, area, &shown, &self.view, &Look::default());
        self.view.saw(drawn);
        buffer
    }

    fn text(&mut self) -> String {
        text(&self.draws())
    }

    fn does(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Action> {
        self.draws();
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        point(&mut self.view, event, &self.world.shown(), &Look::default(), SIZE)
    }

    fn clicks(&mut self, at: (u16, u16)) -> Vec<Action> {
        let mut actions = self.does(LEFT, at);
        actions.extend(self.does(UP, at));
        actions
    }

    fn types(&mut self, keys: &[KeyCode]) -> Vec<Action> {
        self.draws();
        press_all(&mut self.view, keys, &self.world.shown())
    }

    /// Where `words` begin, on the first line that has them.
    fn find(&mut self, words: &str) -> (u16, u16) {
        let drawn = self.draws();
        for y in 0..SIZE.1 {
            let line: Vec<&str> = (0..SIZE.0).map(|x| drawn[(x, y)].symbol()).collect();
            for x in 0..line.len() {
                if line[x..].concat().starts_with(words) {
                    return (u16::try_from(x).unwrap(), y);
                }
            }
        }
        panic!("there is no {words:?} in\n{}", text(&drawn));
    }

    fn graph(&mut self) -> Rect {
        self.place_of(|t| matches!(t, Target::Graph(_)))
    }

    fn place_of(&mut self, wanted: impl Fn(&Target) -> bool) -> Rect {
        self.draws();
        let mut all = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)));
        let at = all.find_map(|(x, y)| self.view.drawn.at(x, y, &wanted).map(|(area, _)| area));
        at.expect("it is there")
    }
}

#[test]
fn a_click_opens_a_tab_gives_a_pane_the_keys_and_selects_a_row() {
    let mut hand = Hand::on(Page::Overview);
    let pane = hand.find("Auto Scaling ─");
    hand.clicks(pane);
    assert_eq!(hand.view.pane, Listing::Scaling);
    let row = hand.find("api-asg");
    hand.clicks(row);
    assert!(hand.view.details.is_empty());
    let state = hand.view.list(Listing::Scaling).into_owned();
    assert!(matches!(&state.selected, Some(Item::Resource(id)) if *id.id == *"api-asg"), "{state:?}");
    hand.clicks(row);
    assert!(
        matches!(&hand.view.details[..], [open] if matches!(&open.item, Item::Resource(id) if *id.id == *"api-asg"))
    );
    hand.does(RIGHT, (5, 5));
    assert!(hand.view.details.is_empty());
    let tab = hand.find("4 Instances");
    hand.clicks(tab);
    assert_eq!(hand.view.page, Page::Instances);
    // A tab is there over a detail too.
    hand.types(&[KeyCode::Enter]);
    hand.clicks(tab);
    assert_eq!((hand.view.page, hand.view.details.len()), (Page::Instances, 0));
}

#[test]
fn a_click_on_a_row_that_went_since_the_frame_selects_nothing_else() {
    let mut hand = Hand::on(Page::Instances);
    hand.draws();
    hand.view.lists.entry(Listing::Instances).or_default().filter = "name:nothing-is-called-so".into();
    let event = MouseEvent { kind: LEFT, column: 5, row: 6, modifiers: KeyModifiers::NONE };
    point(&mut hand.view, event, &hand.world.shown(), &Look::default(), SIZE);
    assert!(hand.view.details.is_empty() && hand.view.list(Listing::Instances).selected.is_none());
}

#[test]
fn a_click_on_a_head_sorts_by_it_and_turns_it_round() {
    let mut hand = Hand::on(Page::Instances);
    let head = hand.find("CPU");
    hand.clicks(head);
    assert!(hand.text().contains("by cpu") && hand.text().contains("CPU↓"), "{}", hand.text());
    hand.clicks(head);
    assert!(hand.text().contains("by cpu, turned round") && hand.text().contains("CPU↑"), "{}", hand.text());
    let head = hand.find("CHECKS");
    assert_eq!(hand.clicks(head), [Action::Say("there is no order by CHECKS here".into())]);
    for (page, list, head, sort) in [
        (Page::Balancers, Listing::Balancers, "BALANCER", "name"),
        (Page::Scaling, Listing::Scaling, "MIN TO MAX", "size"),
        (Page::Alarms, Listing::Alarms, "HERE", "worst"),
    ] {
        let mut hand = Hand::on(page);
        hand.view.lists.entry(list).or_default().sort = 1;
        let head = hand.find(head);
        hand.clicks(head);
        let sort = super::super::rows::sorts(list).iter().position(|s| *s == sort).unwrap();
        let state = hand.view.list(list);
        assert!(state.sort == sort && (sort != 1 || state.reverse), "{list:?}: {state:?}");
    }
}

#[test]
fn the_wheel_scrolls_what_is_under_it_whoever_has_the_keys() {
    let mut hand = Hand::on(Page::Overview);
    let pane = hand.find("Trail ─");
    let before = hand.view.list(Listing::Trail).index;
    hand.does(MouseEventKind::ScrollDown, (pane.0, pane.1 + 2));
    assert_eq!(hand.view.pane, Listing::Alerts);
    assert!(hand.view.list(Listing::Trail).index > before);
    hand.does(MouseEventKind::ScrollUp, (pane.0, pane.1 + 2));
    assert_eq!(hand.view.list(Listing::Trail).index, before);

    let mut hand = Hand::on(Page::Metrics);
    let first = hand.text();
    hand.does(MouseEventKind::ScrollDown, (10, 6));
    assert_ne!(hand.text(), first, "the first notch scrolls already");
    for _ in 0..20 {
        hand.does(MouseEventKind::ScrollUp, (10, 6));
    }
    assert_eq!(hand.view.list(Listing::Metrics).index, 0);

    hand.types(&[KeyCode::Char('?')]);
    hand.does(MouseEventKind::ScrollDown, (10, 6));
    assert!(hand.view.help.unwrap() > 0);
    assert_eq!(hand.view.list(Listing::Metrics).index, 0, "what is under the help stays");
}

#[test]
fn a_drag_over_a_graph_shows_that_time_on_all_graphs_and_back() {
    let mut hand = Hand::on(Page::Overview);
    hand.types(&[KeyCode::Enter]);
    let graph = hand.graph();
    let (left, right) = ((graph.x + 10, graph.y + 2), (graph.x + 20, graph.y + 2));
    hand.does(LEFT, left);
    hand.does(DRAG, right);
    assert_eq!(hand.view.pointer.drag.map(|d| d.chosen().width), Some(11), "what is chosen is seen");
    hand.does(UP, right);
    let zoom = hand.view.zoom.expect("a zoom").span;
    let drawn = hand.text();
    assert!(drawn.contains("zoomed") && drawn.contains("ZOOMED "), "{drawn}");
    let axis = hand.view.drawn.axis().unwrap();
    assert!(axis.whole().from >= zoom.from && axis.whole().to <= zoom.to, "{axis:?} {zoom:?}");
    assert!(axis.times > 1, "what was chosen fills the graph");
    // Esc first shows all again, then leaves.
    hand.types(&[KeyCode::Esc]);
    assert_eq!((hand.view.zoom, hand.view.details.len()), (None, 1));
    // Backwards is as good, and so is beyond the graph.
    hand.does(LEFT, right);
    hand.does(DRAG, (0, 0));
    hand.does(UP, (0, 0));
    assert!(hand.view.zoom.is_some());
    // Two clicks on one place show all again, one does not.
    hand.clicks(left);
    assert!(hand.view.zoom.is_some());
    hand.clicks(left);
    assert_eq!(hand.view.zoom, None);
    // The right button lets go of what is being chosen.
    hand.does(LEFT, left);
    hand.does(RIGHT, left);
    hand.does(UP, right);
    assert_eq!((hand.view.zoom, hand.view.details.len()), (None, 1));
}

#[test]
fn keys_zoom_and_pan_as_the_mouse_does() {
    let mut hand = Hand::on(Page::Metrics);
    hand.graph();
    let whole = hand.view.drawn.axis().unwrap().whole();
    hand.types(&chars("+"));
    let half = hand.view.zoom.unwrap().span;
    assert_eq!((half.to, half.length()), (whole.to, whole.length() / 2));
    hand.types(&chars("H"));
    let before = hand.view.zoom.unwrap().span;
    assert_eq!(before.length(), half.length());
    assert!(before.to < half.to);
    hand.types(&chars("LLLL"));
    let now = hand.world.shown().now;
    assert!(hand.view.zoom.unwrap().span.to <= now, "there is nothing after now");
    hand.types(&chars("-"));
    assert_eq!(hand.view.zoom, None);
    hand.types(&chars("+++++++++++"));
    assert!(hand.view.zoom.unwrap().span.length().as_secs() >= 300);
    hand.types(&chars("="));
    assert_eq!(hand.view.zoom, None);
    assert_eq!(hand.types(&chars("L")), [Action::Say("this is the newest".into())]);
    let mut hand = Hand::on(Page::Instances);
    assert_eq!(hand.types(&chars("+")), [Action::Say("there is no graph here".into())]);
}

#[test]
fn what_lies_over_the_page_covers_it() {
    let mut hand = Hand::on(Page::Overview);
    let row = hand.find("api-asg");
    hand.types(&chars(":inst"));
    let entry = hand.place_of(|t| *t == Target::Entry(0));
    let entry = (entry.x, entry.y);
    assert!(hand.view.found.entries[0].label == "Instances");
    hand.clicks(entry);
    assert!(hand.view.input.is_none() && hand.view.page == Page::Instances);
    hand.view.page = Page::Overview;
    hand.types(&chars(":"));
    hand.clicks((row.0, 45));
    assert!(hand.view.input.is_none() && hand.view.details.is_empty() && hand.view.pane == Listing::Alerts);
    hand.types(&chars("s"));
    assert!(hand.view.dialog.is_some());
    hand.clicks(row);
    assert!(hand.view.dialog.is_some() && hand.view.pane == Listing::Alerts);
    hand.does(RIGHT, row);
    assert!(hand.view.dialog.is_none());
}

#[test]
fn a_key_or_the_palette_turns_the_mouse_on_and_off() {
    let mut hand = Hand::on(Page::Overview);
    let key = KeyEvent::new(KeyCode::Char('m'), KeyModifiers::ALT);
    for on in [true, false] {
        let actions = press(&mut hand.view, key, &hand.world.shown(), &Look::default(), SIZE);
        assert_eq!(actions, [Action::Mouse(on)]);
    }
    hand.types(&chars(":listen to the mouse"));
    assert_eq!(hand.types(&[KeyCode::Enter]), [Action::Mouse(true)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Anything done with the mouse anywhere, at any size, also by reports from outside of the window.
    #[test]
    fn nothing_done_with_the_mouse_breaks_it(
        (w, h) in (1u16..=200, 1u16..=60),
        page in 0..Page::ALL.len(),
        deeds in proptest::collection::vec((0usize..8, 0u16..220, 0u16..70), 1..40),
    ) {
        const KINDS: [MouseEventKind; 6] =
            [LEFT, UP, DRAG, RIGHT, MouseEventKind::ScrollUp, MouseEventKind::ScrollDown];
        let world = fixtures::bad();
        let shown = world.shown();
        let (mut view, look) = (on(Page::ALL[page]), Look::default());
        for (deed, column, row) in deeds {
            view.prepare(&shown);
            let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
            let area = buffer.area;
            let drawn = draw_buffer(&mut buffer, area, &shown, &view, &look);
            view.saw(drawn);
            if let Some(kind) = KINDS.get(deed) {
                let event = MouseEvent { kind: *kind, column, row, modifiers: KeyModifiers::NONE };
                point(&mut view, event, &shown, &look, (w, h));
            } else {
                let key = ['\r', ':', '+', 's'][usize::from(column) % 4];
                let code = if key == '\r' { KeyCode::Enter } else { KeyCode::Char(key) };
                press(&mut view, KeyEvent::new(code, KeyModifiers::NONE), &shown, &look, (w, h));
            }
        }
    }
}

#[test]
fn a_second_click_on_a_head_is_on_the_same_one_whatever_moved() {
    let mut hand = Hand::on(Page::Instances);
    let cpu = hand.find("CPU");
    let order = |hand: &Hand| {
        let state = hand.view.list(Listing::Instances);
        (sorts(Listing::Instances)[state.sort], state.reverse)
    };
    hand.clicks(cpu);
    assert_eq!(order(&hand).0, "cpu");
    let turned = order(&hand).1;
    // Wider names come into view, and push everything to the right.
    let mut all: Vec<_> = hand.world.model.of_kind(crate::model::Kind::Instance).cloned().collect();
    for r in &mut all {
        r.name = format!("{}-and-a-name-that-takes-room", r.name).into();
    }
    hand.world.inventory(&fixtures::tokyo(), crate::model::PollerKind::Instances, &[crate::model::Kind::Instance], all);
    assert_ne!(hand.find("CPU"), cpu);
    hand.clicks(cpu);
    assert_eq!(order(&hand), ("cpu", !turned));
    // Elsewhere it is what stands there.
    let name = hand.find("NAME");
    hand.clicks(name);
    assert_eq!(order(&hand).0, "name");
}
