use crossterm::event::{KeyCode, KeyModifiers};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::*;
use crate::model::{Body, ErrorClass, Outcome, PollError, PollerKind};
use crate::ui::fixtures::{self, Fixture};
use crate::ui::tests::snapshot;
use crate::ui::{Glyphs, Theme};

fn plan() -> WallPlan {
    use WallPage::{Alerts, Balancers, Bill, Data, Scaling, Status};
    WallPlan {
        name: Text::default(),
        pages: vec![Status, Alerts, Balancers, Scaling, Bill, Data],
        turn: 15,
        most_alerts: 6,
        accounts: Vec::new(),
        regions: Vec::new(),
        filter: String::new(),
        shift: true,
        day: Look::default(),
        night: Look::default(),
        hours: (Time::constant(7, 0, 0, 0), Time::constant(20, 0, 0, 0)),
        tz: TimeZone::posix("JST-9").unwrap(),
    }
}

fn on(slide: Slide) -> Wall {
    Wall { slide, ..Wall::new(WallPlan { shift: false, ..plan() }) }
}

fn frame(fixture: &Fixture, wall: &Wall, w: u16, h: u16) -> Buffer {
    let area = Rect::new(0, 0, w, h);
    let mut buffer = Buffer::empty(area);
    draw_wall(&mut buffer, area, &fixture.shown(), wall);
    buffer
}

fn shot(fixture: &Fixture, wall: &Wall, w: u16, h: u16) -> String {
    let buffer = frame(fixture, wall, w, h);
    let rows = buffer.content().chunks(usize::from(w));
    let line = |row: &[ratatui::buffer::Cell]| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    rows.map(|row| line(row).trim_end().to_owned() + "\n").collect()
}

fn worst(fixture: &Fixture) -> Slide {
    Slide::Alert(fixture.active.iter().find(|a| a.counts()).unwrap().id.clone())
}

/// All pollers of `fixture` have just failed, as they do when a login runs out.
fn expire(fixture: &mut Fixture) {
    let sources: Vec<_> = fixture.model.pollers().map(|(s, _)| s.clone()).collect();
    for source in sources {
        let error = PollError {
            class: ErrorClass::Expired,
            operation: "X".into(),
            code: "ExpiredToken".into(),
            message: "".into(),
        };
        fixture.ran(&source.scope, source.poller, 1, Some(error));
    }
}

#[test]
fn alerts_calm_blind_and_small_screens_as_they_are_drawn() {
    let (bad, calm) = (fixtures::bad(), fixtures::calm());
    let alert = on(worst(&bad));
    for (w, h) in [(200, 60), (160, 48), (80, 24), (40, 10)] {
        snapshot(&format!("wall-alert-{w}x{h}"), &shot(&bad, &alert, w, h));
        snapshot(&format!("wall-calm-{w}x{h}"), &shot(&calm, &on(Slide::Page(WallPage::Status)), w, h));
    }
    for page in [WallPage::Status, WallPage::Balancers, WallPage::Scaling, WallPage::Bill, WallPage::Data] {
        let name = format!("wall-{page:?}-160x48").to_lowercase();
        snapshot(&name, &shot(&bad, &on(Slide::Page(page)), 160, 48));
    }
    let mut blind = fixtures::bad();
    expire(&mut blind);
    for (w, h) in [(160, 48), (80, 24), (30, 6)] {
        snapshot(&format!("wall-blind-{w}x{h}"), &shot(&blind, &alert, w, h));
    }
    let mut ascii = on(Slide::Page(WallPage::Status));
    ascii.plan.day.glyphs = Glyphs::ASCII;
    let text = shot(&calm, &ascii, 160, 48);
    assert!(text.is_ascii(), "{text}");
    snapshot("wall-calm-ascii-160x48", &text);
}

#[test]
fn it_goes_blind_when_nothing_can_be_read_and_comes_back_by_itself() {
    let mut world = fixtures::bad();
    let mut wall = on(worst(&world));
    wall.tick(&world.shown());
    assert!(!shot(&world, &wall, 80, 24).contains("aws sso login"));
    expire(&mut world);
    wall.tick(&world.shown());
    let text = shot(&world, &wall, 80, 24);
    assert!(text.contains("run aws sso login --profile demo, then it goes on by itself"), "{text}");
    assert!(text.contains("what has happened since is not known"), "{text}");
    let sources: Vec<_> = world.model.pollers().map(|(s, _)| s.clone()).collect();
    for source in sources {
        world.ran(&source.scope, source.poller, 0, None);
    }
    wall.tick(&world.shown());
    let text = shot(&world, &wall, 160, 48);
    assert!(!text.contains("aws sso login") && text.contains("data is back for 0s, was gone for"), "{text}");
    snapshot("wall-recovery-160x48", &text);
}

#[test]
fn pollers_that_say_nothing_any_more_are_blindness_too() {
    let mut world = fixtures::calm();
    let wall = on(Slide::Page(WallPage::Status));
    assert!(blind::judge(&wall.plan, &world.shown()).is_none());
    world.later = SignedDuration::from_mins(10);
    let text = shot(&world, &wall, 80, 24);
    assert!(text.contains("no poller answers any more"), "{text}");
    assert!(!text.contains("ALL OK"), "{text}");
}

/// A poller that has nothing to list ends well without a call: it must not look as if data came.
#[test]
fn a_poller_that_asked_nothing_does_not_hide_blindness() {
    let mut world = Fixture { rules: 1, ..Fixture::default() };
    let scope = fixtures::tokyo();
    let error =
        || PollError { class: ErrorClass::Expired, operation: "X".into(), code: "X".into(), message: "".into() };
    world.ran(&scope, PollerKind::Instances, 1, Some(error()));
    let at = fixtures::now() - SignedDuration::from_secs(1);
    let outcome = Outcome {
        started: at,
        took: SignedDuration::ZERO,
        calls: 0,
        pages: 0,
        billed_metrics: 0,
        throttles: 0,
        lacks: None,
        error: None,
        next: None,
        interval: SignedDuration::from_secs(30),
    };
    world.apply(at, &scope, PollerKind::TargetHealth, Body::Outcome(outcome));
    assert!(blind::judge(&plan(), &world.shown()).is_some());
    assert!(!shot(&world, &on(Slide::Page(WallPage::Status)), 160, 48).contains(" ago"));
}

/// One poller that reads must not speak for those that do not.
#[test]
fn its_foot_says_how_many_pollers_cannot_be_read_and_not_how_fresh_the_one_is_that_can() {
    let foot = |world: &Fixture, (w, h): (u16, u16)| {
        let text = shot(world, &on(Slide::Page(WallPage::Status)), w, h);
        text.lines().last().unwrap().to_owned()
    };
    let mut stale = fixtures::calm();
    let sources: Vec<_> = stale.model.pollers().map(|(s, _)| s.clone()).collect();
    let (one, all) = (sources[0].clone(), sources.iter().filter(|s| !s.poller.is_optional()).count());
    assert!(!one.poller.is_optional() && all > 2);
    stale.later = SignedDuration::from_hours(4);
    stale.ran(&one.scope, one.poller, -4 * 3600, None);
    let mut blind = Fixture { rules: 1, ..Fixture::default() };
    let error =
        || PollError { class: ErrorClass::Expired, operation: "X".into(), code: "X".into(), message: "".into() };
    for source in &sources[1..] {
        blind.ran(&source.scope, source.poller, 1, Some(error()));
    }
    blind.ran(&one.scope, one.poller, 0, None);
    for (world, word) in [(&stale, "stale"), (&blind, "blind")] {
        let said = [format!("{} of {all} pollers {word}", all - 1), format!("{}/{all} {word}", all - 1)];
        for size in [(160, 48), (80, 24), (40, 10)] {
            let text = foot(world, size);
            assert!(said.iter().any(|said| text.contains(said)), "{text}");
            assert!(!text.contains("live") && !text.contains("read "), "{text}");
        }
    }
    let well = foot(&fixtures::calm(), (80, 24));
    assert!(well.contains("live ") && !well.contains("stale"), "{well}");
}

#[test]
fn what_is_not_read_is_never_ok() {
    for world in [fixtures::loading(), fixtures::denied(), fixtures::stale()] {
        let wall = on(Slide::Page(WallPage::Status));
        let shown = world.shown();
        let said = draw::counts(&scope::scoped(&wall.plan, &shown), &wall);
        assert!(said.iter().all(|(text, role)| text != "ALL OK" && *role != crate::ui::Role::Ok), "{said:?}");
    }
    let calm = fixtures::calm();
    let wall = on(Slide::Page(WallPage::Status));
    assert_eq!(draw::counts(&calm.shown(), &wall), [("ALL OK".to_owned(), crate::ui::Role::Ok)]);
}

#[test]
fn it_turns_worst_first_and_at_once_to_what_has_just_become_critical() {
    let mut world = fixtures::bad();
    let mut late = world.active.clone();
    let calm = fixtures::calm();
    let mut wall = Wall::new(plan());
    wall.tick(&calm.shown());
    assert_eq!(wall.slide, Slide::Page(WallPage::Status));
    world.active.clear();
    wall.tick(&world.shown());
    world.active = std::mem::take(&mut late);
    wall.tick(&world.shown());
    assert_eq!(wall.slide, worst(&world), "a critical alert is shown when it comes");
    let mut seen = vec![wall.slide.clone()];
    for _ in 0..14 * 15 {
        wall.tick(&world.shown());
        if seen.last() != Some(&wall.slide) {
            seen.push(wall.slide.clone());
        }
    }
    let alerts = world.active.iter().filter(|a| a.counts()).count().min(6);
    let first: Vec<bool> = seen.iter().take(alerts + 1).map(|s| matches!(s, Slide::Alert(_))).collect();
    assert!(first[..alerts].iter().all(|is| *is) && !first[alerts], "{seen:?}");
    assert_eq!(seen[alerts], Slide::Page(WallPage::Status));
    assert!(seen[alerts..].contains(&seen[0]), "it goes round: {seen:?}");
}

#[test]
fn keys_hold_it_turn_it_and_leave_it() {
    let world = fixtures::calm();
    let mut wall = Wall::new(plan());
    let press = |wall: &mut Wall, code| wall.press(KeyEvent::new(code, KeyModifiers::NONE), &world.shown());
    let first = wall.slide.clone();
    press(&mut wall, KeyCode::Right);
    assert_ne!(wall.slide, first);
    press(&mut wall, KeyCode::Left);
    assert_eq!(wall.slide, first);
    press(&mut wall, KeyCode::Char(' '));
    for _ in 0..100 {
        wall.tick(&world.shown());
    }
    assert_eq!(wall.slide, first, "held");
    assert!(shot(&world, &wall, 160, 48).contains(" HELD "));
    assert_eq!(press(&mut wall, KeyCode::Char('q')), [Action::Quit]);
    assert_eq!(press(&mut wall, KeyCode::Char('a')), [], "nobody acknowledges from a wall");
}

#[test]
fn it_looks_otherwise_at_night() {
    let mut plan = plan();
    plan.night.theme = Theme::builtin("dark").unwrap();
    let wall = Wall::new(plan);
    let at = |time: &str| wall.look(time.parse().unwrap()).theme.name.clone();
    assert_eq!(at("2026-01-14T06:59:00+09:00"), "dark");
    assert_eq!(at("2026-01-14T07:00:00+09:00"), "ansi");
    assert_eq!(at("2026-01-14T19:59:59+09:00"), "ansi");
    assert_eq!(at("2026-01-14T20:00:00+09:00"), "dark");
    let mut turned = wall;
    turned.plan.hours = (Time::constant(20, 0, 0, 0), Time::constant(7, 0, 0, 0));
    let at = |time: &str| turned.look(time.parse().unwrap()).theme.name.clone();
    assert_eq!((at("2026-01-14T23:00:00+09:00"), at("2026-01-14T12:00:00+09:00")), ("ansi".into(), "dark".into()));
}

#[test]
fn it_shows_and_counts_its_own_scopes_and_alerts_only_and_says_so() {
    let world = fixtures::bad();
    let all = scope::scoped(&plan(), &world.shown()).alerts.counts;
    assert!(all.critical > 1);
    let only = WallPlan { accounts: vec!["elsewhere".into()], ..plan() };
    assert_eq!(scope::scoped(&only, &world.shown()).alerts.counts, crate::alerts::Counts::default());
    let wall = Wall::new(only);
    assert_ne!(draw::counts(&scope::scoped(&wall.plan, &world.shown()), &wall)[0].0, "ALL OK", "nothing of it is read");
    let one = &world.active[0];
    let filtered = WallPlan { filter: format!("rule={}", one.id.rule), ..plan() };
    let counts = scope::scoped(&filtered, &world.shown()).alerts.counts;
    assert!(counts.critical >= 1 && counts.critical < all.critical, "{counts:?}");
    let text = shot(&world, &Wall::new(filtered), 160, 48);
    assert!(text.contains(&format!("only alerts /rule={}", one.id.rule)), "{text}");
    assert!(check_filter("rule=x and").is_err() && check_filter("level=crit").is_ok());
}

/// Nothing may burn in: over the hours no cell shines most of the time.
#[test]
fn nothing_bright_stays_in_one_place() {
    let calm = fixtures::calm();
    let mut wall = Wall::new(plan());
    let mut lit = vec![0_u32; 160 * 48];
    let mut frames = 0;
    for second in 0..4 * 3600_u32 {
        wall.ticks = second.into();
        if second % 15 == 0 {
            wall.turn(&calm.shown(), true);
        }
        if second % 30 == 7 {
            frames += 1;
            for (count, cell) in lit.iter_mut().zip(frame(&calm, &wall, 160, 48).content()) {
                let shines =
                    cell.symbol() != " " || cell.bg != Color::Reset || cell.modifier.contains(Modifier::REVERSED);
                *count += u32::from(shines);
            }
        }
    }
    let (at, most) = lit.iter().enumerate().max_by_key(|(_, n)| **n).unwrap();
    let many = lit.iter().filter(|n| **n * 10 >= frames * 8).count();
    let (x, y) = (at % 160, at / 160);
    assert!(*most * 10 < frames * 9, "the cell at {x},{y} shines in {most} of {frames} frames; {many} do in most");
}

#[test]
fn a_stale_figure_is_said_to_be_stale_in_big_letters() {
    let mut world = fixtures::bad();
    let id = world.active.iter().find(|a| a.counts()).unwrap().id.clone();
    let at = world.shown().now - SignedDuration::from_mins(12);
    world.active.iter_mut().find(|a| a.id == id).unwrap().stale_since = Some(at);
    let mut wall = on(Slide::Alert(id));
    wall.plan.day.theme = Theme::builtin("dark").unwrap();
    let stale = wall.plan.day.theme.style(crate::ui::Role::Stale).fg;
    let buffer = frame(&world, &wall, 160, 48);
    let big = buffer.content().iter().filter(|c| Some(c.fg) == stale && "▀▄█▌▐".contains(c.symbol())).count();
    assert!(big > 200, "{big}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn every_slide_can_be_drawn_at_every_size(
        w in 1_u16..400, h in 1_u16..120, slide in 0_usize..8, world in 0_usize..7, ticks in 0_u64..100_000, ascii: bool,
    ) {
        let world = match world {
            0 => fixtures::bad(),
            1 => fixtures::calm(),
            2 => fixtures::loading(),
            3 => fixtures::denied(),
            4 => fixtures::stale(),
            5 => fixtures::hostile(),
            _ => fixtures::nothing(),
        };
        let mut wall = Wall::new(plan());
        wall.ticks = ticks;
        if ascii {
            wall.plan.day.glyphs = Glyphs::ASCII;
            wall.plan.night.glyphs = Glyphs::ASCII;
        }
        for _ in 0..slide {
            wall.turn(&world.shown(), true);
        }
        let text = shot(&world, &wall, w, h);
        let harmless = !text.contains(['\u{1b}', '\u{7}', '\u{202e}']);
        prop_assert!(harmless);
    }
}

/// On a terminal that shows characters of ambiguous width in two cells each has them.
#[test]
fn ambiguous_characters_have_their_room() {
    use ratatui::buffer::CellWidth;
    let look = Look { glyphs: Glyphs::ASCII, wide: true, ..Look::default() };
    let mut world = fixtures::bad();
    for alert in &mut world.active {
        alert.title = "Ω①я→ …".into();
    }
    for slide in
        [worst(&world), Slide::Page(WallPage::Status), Slide::Page(WallPage::Alerts), Slide::Page(WallPage::Data)]
    {
        let wall = Wall { slide, ..Wall::new(WallPlan { day: look.clone(), night: look.clone(), ..plan() }) };
        for (w, h) in [(200, 60), (80, 24), (40, 10), (20, 5)] {
            let buffer = frame(&world, &wall, w, h);
            let _measure = crate::ui::text::Measure::of(true);
            for row in buffer.content().chunks(usize::from(w)) {
                let mut x = 0;
                while let Some(cell) = row.get(x) {
                    let takes = crate::ui::text::width(cell.symbol());
                    assert_eq!(usize::from(cell.cell_width()), takes, "{w}x{h}: {:?}", cell.symbol());
                    assert!(x + takes <= usize::from(w), "{w}x{h}: {:?}", cell.symbol());
                    x += takes.max(1);
                }
            }
        }
    }
}

#[test]
fn a_wall_calls_nothing_good_before_all_who_are_to_read_have_begun() {
    let mut world = fixtures::calm();
    let good = |world: &Fixture| shot(world, &on(Slide::Page(WallPage::Status)), 160, 48).contains("nothing is wrong");
    assert!(good(&world));
    let source = |region: &str| crate::model::Source {
        scope: crate::model::Scope::new("demo", region),
        poller: PollerKind::Trail,
    };
    world.expected = [source("eu-west-1")].into();
    let text = shot(&world, &on(Slide::Page(WallPage::Status)), 160, 48);
    assert!(!good(&world) && text.contains("so nothing is called good yet"), "{text}");
}

#[test]
fn a_wall_says_that_it_seeks_and_not_what_is_so_on_the_way() {
    let world = fixtures::bad();
    let mut of = crate::ui::Playback::new(fixtures::now(), 4.0);
    of.seeking = Some((fixtures::now() + SignedDuration::from_mins(20), 0.42));
    let shown = Shown {
        playback: Some(&of),
        badge: crate::ui::Badge::Replay { file: "night.awr".into(), speed: 4.0 },
        ..world.shown()
    };
    for (w, h) in [(160, 48), (80, 24), (40, 10)] {
        let area = Rect::new(0, 0, w, h);
        let mut buffer = Buffer::empty(area);
        draw_wall(&mut buffer, area, &shown, &on(Slide::Page(WallPage::Status)));
        let text: String = buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(text.contains("REPLAY night.awr seeking 14:23 42%"), "{text}");
        assert_eq!(
            draw::counts(&shown, &on(Slide::Page(WallPage::Status))),
            [("SEEKING".to_owned(), crate::ui::Role::Pending)]
        );
    }
}
