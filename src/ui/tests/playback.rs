//! A replay and the demonstration: keys, what is typed, the line that shows where in time one is.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::alerts::{Alert, Level, Phase, Transition};

/// Seconds after the start of the recording, which is an hour before the fixtures' now.
fn s(seconds: i64) -> Timestamp {
    fixtures::now() + SignedDuration::from_secs(seconds - 3600)
}

fn change(alert: &Alert, phase: Phase, level: Level, at: Timestamp) -> Transition {
    Transition { at, alert: Alert { level, phase, ..alert.clone() }, from: None }
}

/// A replay of an hour and a half, an hour in, with three alerts of which the second resolved.
fn playback(world: &Fixture) -> Playback {
    let mut of = Playback::new(s(0), 4.0);
    (of.ends, of.known, of.unbounded) = (Some(s(5400)), s(5400), true);
    let alerts = &world.active;
    for (n, phase, level, at) in [
        (0, Phase::Pending, Level::Warning, 700),
        (0, Phase::Firing, Level::Warning, 800),
        (0, Phase::Firing, Level::Critical, 900),
        (1, Phase::Firing, Level::Warning, 1200),
        (1, Phase::Resolved, Level::Warning, 2400),
        (0, Phase::Resolved, Level::Critical, 3000),
        (2, Phase::Firing, Level::Blind, 4200),
    ] {
        of.marks.take(&change(&alerts[n], phase, level, s(at)));
    }
    of
}

fn drawn(of: &Playback, badge: &Badge, look: &Look, (w, h): (u16, u16)) -> Buffer {
    let world = fixtures::bad();
    let shown = Shown { playback: Some(of), badge: badge.clone(), ..world.shown() };
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    let area = buffer.area;
    draw_buffer(&mut buffer, area, &shown, &ViewState::default(), look);
    buffer
}

fn replay() -> Badge {
    Badge::Replay { file: "night.awr".into(), speed: 4.0 }
}

/// The last two lines of every frame: where in time one is, and the footer.
#[test]
fn where_in_time_one_is_stands_over_the_footer() {
    let world = fixtures::bad();
    let plays = playback(&world);
    let paused = Playback { paused: true, ..plays.clone() };
    let seeking = Playback { seeking: Some((s(1200), 0.42)), ..paused.clone() };
    let unknown = Playback { ends: None, known: s(3700), ..plays.clone() };
    let torn = Playback { damage: Some("the file ends within a frame".into()), ..plays.clone() };
    let demo = Playback { ends: None, unbounded: false, speed: 0.25, known: s(3600), ..paused.clone() };
    let mono = Look { theme: Theme::builtin("mono").unwrap(), ..Look::default() };
    let mut out = String::new();
    for (name, of, badge) in [
        ("plays", &plays, replay()),
        ("paused", &paused, replay()),
        ("seeking", &seeking, replay()),
        ("not yet looked through", &unknown, replay()),
        ("damaged", &torn, replay()),
        ("demo", &demo, Badge::Demo { scenario: "surge".into(), speed: 0.25 }),
    ] {
        for size in [(160, 48), (80, 24), (40, 10)] {
            for (word, look) in [("", &Look::default()), (" ascii", &ascii())] {
                let text = text(&drawn(of, &badge, look, size));
                let lines: Vec<&str> = text.lines().collect();
                let _ = writeln!(out, "== {name} {}x{}{word}", size.0, size.1);
                let _ = writeln!(out, "{}", lines[lines.len() - 2..].join("\n"));
            }
            let plain = drawn(of, &badge, &mono, size);
            assert_eq!(text(&plain), text(&drawn(of, &badge, &Look::default(), size)), "without colour");
            assert!(plain.content().iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
        }
    }
    snapshot("scrubber", &out);
}

fn keys(of: &Playback, badge: Badge, keys: &str) -> Vec<Action> {
    let world = fixtures::bad();
    let shown = Shown { playback: Some(of), badge, ..world.shown() };
    press_all(&mut ViewState::default(), &chars(keys), &shown)
}

#[test]
fn keys_hold_and_turn_time() {
    let world = fixtures::bad();
    let of = playback(&world);
    let play = |k: &str| match &keys(&of, replay(), k)[..] {
        [Action::Play(play)] => play.clone(),
        other => panic!("{k}: {other:?}"),
    };
    assert_eq!(play(" "), Play::Pause(true));
    assert_eq!(play("."), Play::Step);
    assert_eq!((play("{"), play("}")), (Play::Speed(2.0), Play::Speed(8.0)));
    assert_eq!((play("B"), play("F")), (Play::Seek(s(3540)), Play::Seek(s(3660))));
    assert_eq!((play("J"), play("K")), (Play::Seek(s(3000)), Play::Seek(s(4200))));
    assert_eq!((play("|"), play(")"), play("(")), (Play::Seek(s(0)), Play::Seek(s(4200)), Play::Seek(s(1200))));
    // Time does not end where somebody presses once more.
    let late = Playback { ends: Some(s(3630)), ..of.clone() };
    assert_eq!(keys(&late, replay(), "K"), [Action::Play(Play::Seek(s(3630)))]);
    let early = Playback { begins: s(3500), ..of.clone() };
    assert_eq!(keys(&early, replay(), "J"), [Action::Play(Play::Seek(s(3500)))]);
    // What is pressed on the way adds up.
    let seeking = Playback { seeking: Some((s(600), 0.5)), ..of.clone() };
    assert_eq!(keys(&seeking, replay(), "F"), [Action::Play(Play::Seek(s(660)))]);
}

#[test]
fn the_speeds_end_and_one_that_was_asked_for_is_on_the_way() {
    let of = |speed, unbounded| Playback { unbounded, ..Playback::new(s(0), speed) };
    let next = |of: &Playback, key| match &keys(of, replay(), key)[..] {
        [Action::Play(Play::Speed(speed))] => *speed,
        other => panic!("{other:?}"),
    };
    assert_eq!((next(&of(10.0, true), "}"), next(&of(10.0, true), "{")), (16.0, 8.0));
    assert_eq!((next(&of(64.0, true), "}"), next(&of(64.0, false), "}")), (f64::INFINITY, 64.0));
    assert_eq!((next(&of(f64::INFINITY, true), "{"), next(&of(0.25, true), "{")), (64.0, 0.25));
    assert_eq!((next(&of(100.0, false), "}"), next(&of(0.1, true), "{")), (100.0, 0.1));
}

#[test]
fn where_no_alert_is_known_that_is_said_or_looked_for() {
    let none = Playback { ends: Some(s(5400)), known: s(5400), ..Playback::new(s(0), 1.0) };
    let said = |of: &Playback, badge, key| match &keys(of, badge, key)[..] {
        [Action::Say(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(said(&none, replay(), ")"), "no alert fires after this");
    assert_eq!(said(&none, replay(), "("), "no alert fires before this");
    let looked = Playback { ends: None, known: s(4000), ..none.clone() };
    assert!(said(&looked, replay(), ")").contains("still being looked through"));
    let failed = Playback { unsearched: Some("no such file".into()), ..looked.clone() };
    for of in [failed.clone(), Playback { ends: none.ends, ..failed }] {
        let text = said(&of, replay(), ")");
        assert!(text.contains("not known: no such file"), "{text}");
    }
    let demo = || Badge::Demo { scenario: "surge".into(), speed: 10.0 };
    assert_eq!(keys(&looked, demo(), ")"), [Action::Play(Play::FindAlert)]);
    let fixed = Playback { fixed: Some("a recording is made"), ..looked };
    assert_eq!(said(&fixed, demo(), ")"), "a recording is made");
    assert_eq!(said(&fixed, demo(), "B"), "a recording is made");
    assert_eq!(keys(&fixed, demo(), "}"), [Action::Play(Play::Speed(2.0))]);
}

#[test]
fn going_back_from_where_one_just_arrived_goes_to_the_alert_before_that() {
    let world = fixtures::bad();
    let mut of = playback(&world);
    of.marks.take(&change(&world.active[3], Phase::Firing, Level::Warning, s(3597)));
    assert_eq!(keys(&of, replay(), "("), [Action::Play(Play::Seek(s(1200)))], "three seconds at x4 are just now");
    of.paused = true;
    assert_eq!(keys(&of, replay(), "("), [Action::Play(Play::Seek(s(3597)))]);
}

#[test]
fn moments_and_speeds_can_be_typed() {
    let world = fixtures::bad();
    let of = playback(&world);
    let typed = |line: &str| {
        let shown = Shown { playback: Some(&of), badge: replay(), ..world.shown() };
        let mut view = ViewState::default();
        let actions = press_all(&mut view, &chars(&format!(":{line}")), &shown);
        assert_eq!(actions, [], "{line}");
        match &press_all(&mut view, &[KeyCode::Enter], &shown)[..] {
            [Action::Play(play)] => Ok(play.clone()),
            [Action::Say(why)] => Err(why.clone()),
            other => panic!("{line}: {other:?}"),
        }
    };
    let at = |seconds| Ok(Play::Seek(s(seconds)));
    assert_eq!((typed("seek +10m"), typed("seek -90s")), (at(4200), at(3510)));
    assert_eq!((typed("seek start"), typed("seek end"), typed("seek +5h")), (at(0), at(5400), at(5400)));
    let clock = |seconds: i64| s(seconds).to_zoned(world.shown().tz).strftime("%H:%M:%S").to_string();
    assert_eq!(typed(&format!("seek {}", clock(1234))), at(1234));
    assert_eq!(typed(&format!("seek {}", s(77))), at(77));
    assert_eq!((typed("speed 4"), typed("speed x0.5")), (Ok(Play::Speed(4.0)), Ok(Play::Speed(0.5))));
    assert_eq!(typed("speed max"), Ok(Play::Speed(f64::INFINITY)));
    for (line, why) in [
        ("seek soon", "written like seek +10m"),
        ("seek +", "written like"),
        ("speed 0", "from 0.1 to 10000"),
        ("speed NaN", "from 0.1 to 10000"),
    ] {
        assert!(typed(line).as_ref().is_err_and(|e| e.contains(why)), "{line}: {:?}", typed(line));
    }
    let nowhere = typed(&format!("seek {}", clock(-7200)));
    assert!(nowhere.as_ref().is_err_and(|e| e.contains("there is no")), "{nowhere:?}");
}

#[test]
fn what_is_live_says_that_its_time_is_not_to_be_turned() {
    let world = fixtures::bad();
    for (_, command) in Command::ALL.into_iter().filter(|(_, c)| matches!(c, Command::Play(_))) {
        let said = step(&mut ViewState::default(), command, &world.shown(), &Look::default(), (80, 24));
        assert!(matches!(&said[..], [Action::Say(text)] if text.contains("--replay")), "{said:?}");
    }
    let mut view = ViewState::default();
    press_all(&mut view, &chars(":seek +10m"), &world.shown());
    let said = press_all(&mut view, &[KeyCode::Enter], &world.shown());
    assert!(matches!(&said[..], [Action::Say(text)] if text.contains("--replay")), "{said:?}");
    // Its keys are in help only where they do something.
    let help = ViewState { help: Some(0), ..ViewState::default() };
    assert!(!shot(&world, &help, 160, 60).contains("Let time stand"));
    let of = playback(&world);
    let shown = Shown { playback: Some(&of), badge: replay(), ..world.shown() };
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 60));
    let area = buffer.area;
    draw_buffer(&mut buffer, area, &shown, &help, &Look::default());
    let text = text(&buffer);
    assert!(text.contains("In a replay or the demonstration") && text.contains("Let time stand"), "{text}");
    assert!(!text.contains("Freeze the screen"), "a key has one meaning: {text}");
}

#[test]
fn marks_are_bounded_and_a_second_look_finds_the_same_alert() {
    let world = fixtures::bad();
    let alert = &world.active[0];
    let mut marks = Marks::default();
    for n in 0..5000 {
        marks.take(&change(alert, Phase::Firing, Level::Warning, s(n * 600)));
        marks.take(&change(alert, Phase::Resolved, Level::Warning, s(n * 600 + 300)));
    }
    assert_eq!((marks.len(), marks.iter().next_back().map(|(at, _)| at)), (2000, Some(s(4999 * 600))));
    let mut marks = Marks::default();
    marks.take(&change(alert, Phase::Firing, Level::Warning, s(100)));
    let mut again = Marks::default();
    again.take(&change(alert, Phase::Firing, Level::Critical, s(130)));
    marks.join(again);
    assert_eq!(marks.iter().map(|(at, m)| (at, m.level)).collect::<Vec<_>>(), [(s(100), Level::Critical)]);
    marks.take(&change(alert, Phase::Resolved, Level::Critical, s(400)));
    assert_eq!(marks.iter().next().and_then(|(_, m)| m.until), Some(s(400)));
}

#[test]
fn what_stands_or_was_recorded_is_not_called_live() {
    let header_and_footer = |world: &Fixture, of: &Playback, badge: &Badge| {
        let shown = Shown { playback: Some(of), badge: badge.clone(), ..world.shown() };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 48));
        let area = buffer.area;
        draw_buffer(&mut buffer, area, &shown, &ViewState::default(), &Look::default());
        let text = text(&buffer);
        let lines: Vec<&str> = text.lines().collect();
        (lines[0].to_owned(), lines[lines.len() - 1].to_owned())
    };
    let calm = fixtures::calm();
    let demo = Badge::Demo { scenario: "surge".into(), speed: 10.0 };
    let plays = playback(&fixtures::bad());
    let paused = Playback { paused: true, ..plays.clone() };
    let (header, footer) = header_and_footer(&calm, &plays, &demo);
    assert!(header.contains("live ") && footer.contains("Space pause"), "{header} {footer}");
    for (of, badge, word) in [(&plays, replay(), "replay"), (&paused, replay(), "paused"), (&paused, demo, "paused")] {
        let (header, footer) = header_and_footer(&calm, of, &badge);
        assert!(header.contains(word) && !header.contains("live"), "{badge:?}: {header}");
        let hint = if of.paused { "Space go on" } else { "Space pause" };
        assert!(footer.contains(hint), "{badge:?}: {footer}");
    }
    // What is blind comes first.
    let (header, _) = header_and_footer(&fixtures::denied(), &paused, &replay());
    assert!(header.contains("blind"), "{header}");
}

/// A click goes to the moment under it, a drag to the one where it is let go, and the right button to none.
#[test]
fn the_mouse_goes_to_a_moment_on_the_bar() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let (press, drag, release) = (
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::Up(MouseButton::Left),
    );
    let (world, size) = (fixtures::bad(), (90, 40));
    let plays = playback(&world);
    let fixed = Playback { fixed: Some("a recording is made"), ..plays.clone() };
    let does = |of: &Playback, events: &[(MouseEventKind, u16)]| {
        let (mut view, mut out, mut last) = (ViewState::default(), Vec::new(), String::new());
        let shown = Shown { playback: Some(of), badge: replay(), ..world.shown() };
        for (kind, column) in events {
            let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
            let area = buffer.area;
            let drawn = draw_buffer(&mut buffer, area, &shown, &view, &Look::default());
            view.saw(drawn);
            let event = MouseEvent { kind: *kind, column: *column, row: 38, modifiers: KeyModifiers::NONE };
            out.extend(point(&mut view, event, &shown, &Look::default(), size));
            let drawn = draw_buffer(&mut buffer, area, &shown, &view, &Look::default());
            view.saw(drawn);
            last = (0..size.0).map(|x| buffer[(x, 38)].symbol()).collect();
        }
        (out, last)
    };
    let bar = {
        let (_, line) = does(&plays, &[(release, 0)]);
        let signs: Vec<char> = line.chars().collect();
        let is_bar = |c: &char| "─━┄█●▲◌".contains(*c);
        let first = signs.iter().position(is_bar).expect("a bar");
        let last = signs.iter().rposition(is_bar).expect("a bar");
        u16::try_from(first).unwrap()..=u16::try_from(last).unwrap()
    };
    let to = |at| vec![Action::Play(Play::Seek(at))];
    assert_eq!(does(&plays, &[(press, *bar.start()), (release, *bar.start())]).0, to(s(0)));
    assert_eq!(does(&plays, &[(press, *bar.end()), (release, *bar.end())]).0, to(s(5400)));
    let (none, held) = does(&plays, &[(press, *bar.end()), (drag, *bar.start())]);
    assert!(none.is_empty() && held.contains(&crate::ui::format::clock(s(0), &world.shown().tz)), "{held}");
    assert_eq!(does(&plays, &[(press, *bar.end()), (drag, 2), (release, 2)]).0, to(s(0)), "beside the bar is its end");
    let right = MouseEventKind::Down(MouseButton::Right);
    assert!(does(&plays, &[(press, *bar.end()), (right, 2), (release, 2)]).0.is_empty());
    assert_eq!(does(&fixed, &[(press, *bar.end()), (release, 2)]).0, [Action::Say("a recording is made".into())]);
    for column in [*bar.start() + 7, u16::midpoint(*bar.start(), *bar.end())] {
        let (actions, _) = does(&plays, &[(press, column), (release, column)]);
        let [Action::Play(Play::Seek(at))] = actions[..] else { panic!("{actions:?}") };
        let share = f64::from(column - *bar.start()) / f64::from(*bar.end() - *bar.start());
        let wanted = 5400.0 * share;
        assert!((at.duration_since(s(0)).as_secs_f64() - wanted).abs() < 2.0, "{at}, {wanted}");
    }
}
