//! Acknowledging, silencing, noting and unfolding from the keyboard, and what it looks like.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;

use super::fixtures::{self, Fixture, now, tokyo};
use super::tests::{ascii, shot, shot_in, snapshot};
use super::*;
use crate::alerts::{
    Ack, Alert, AlertId, Bundle, BundleId, Handling, Kept, Level, Line, Matcher, Note, Past, Phase, Silence,
};
use crate::model::{Kind, ResourceId};

fn before(minutes: i64) -> jiff::Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn cpu(i: usize) -> Alert {
    let mut alert =
        fixtures::alert("instance-cpu", Kind::Instance, &format!("i-0web{i:04}"), Level::Warning, 400, "CPU is high");
    alert.handling.flapping = (i == 2).then(|| before(3));
    alert.handling.changes = 7;
    alert
}

/// The bad day, some hours on: somebody has the queue, the targets are silenced, twelve instances are at their limit, and
/// the balancer of which nothing is left stands for two alerts.
fn handled() -> Fixture {
    let mut world = fixtures::bad();
    let silence = Silence::new(
        Matcher::parse_all("name=api-tg").unwrap(),
        before(10),
        before(-50),
        "bob@bastion".into(),
        "deploy until three".into(),
        before(10),
    );
    let queue = &mut world.active[0];
    let ack = Ack {
        alert: queue.id.clone(),
        level: Level::Critical,
        by: "alice@bastion".into(),
        at: before(2),
        note: "adding instances".into(),
    };
    queue.handling = Handling { ack: Some(ack.clone()), ..Handling::default() };
    let id = queue.id.clone();
    world.active[1].handling.silence = Some(silence.id.clone());
    let past = |minutes: i64, phase, level| Past {
        alert: id.clone(),
        at: before(minutes),
        since: before(minutes),
        phase,
        level,
        value: Some(612.0),
        title: "requests queue at the balancer".into(),
        detail: "".into(),
    };
    world.kept = Kept {
        silences: vec![silence],
        acks: vec![ack],
        notes: vec![Note {
            alert: id.clone(),
            by: "carol@bastion".into(),
            at: before(1),
            text: "as last Tuesday".into(),
        }],
        past: vec![
            past(1500, Phase::Firing, Level::Critical),
            past(1480, Phase::Resolved, Level::Critical),
            past(4, Phase::Firing, Level::Critical),
        ],
    };
    let all: Vec<Alert> = (0..12).map(cpu).collect();
    let group = ResourceId::new(&tokyo(), Kind::AutoScalingGroup, "web-asg");
    let bundle = Bundle {
        id: BundleId::Rule { rule: "instance-cpu".into(), of: group, phase: Phase::Firing, silenced: false },
        name: "12 instances of web-asg".into(),
        title: "CPU is high".into(),
        level: Level::Warning,
        phase: Phase::Firing,
        since: before(6),
        silenced: false,
    };
    let ids: Vec<AlertId> = all.iter().map(|a| a.id.clone()).collect();
    let mut dead = fixtures::alert(
        "clb-no-healthy-hosts",
        Kind::ClassicElb,
        "old-clb",
        Level::Critical,
        30,
        "no instance in service",
    );
    dead.value = Some(0.0);
    let hidden: Vec<Alert> = (0..2)
        .map(|i| {
            let name = format!("i-0old{i}");
            let mut alert = fixtures::alert(
                "instance-status-checks",
                Kind::Instance,
                &name,
                Level::Critical,
                60,
                "status checks fail",
            );
            alert.handling.hidden_by = Some(dead.id.clone());
            alert
        })
        .collect();
    let single = |a: &Alert| Line::Alert { id: a.id.clone(), under: Vec::new() };
    let old = &world.active;
    let under = hidden.iter().map(|a| a.id.clone()).collect();
    world.lines = vec![single(&old[0]), Line::Alert { id: dead.id.clone(), under }, single(&old[2])];
    world.lines.push(single(&old[3]));
    world.lines.push(Line::Many { bundle, alerts: ids });
    world.lines.extend([single(&old[4]), single(&old[1])]);
    world.active.push(dead);
    world.active.extend(hidden);
    world.active.extend(all);
    world
}

fn press(view: &mut ViewState, world: &Fixture, keys: &str) -> Vec<Action> {
    let look = Look::default();
    let mut actions = Vec::new();
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\x1b' => KeyCode::Esc,
            '→' => KeyCode::Right,
            '←' => KeyCode::Left,
            '↑' => KeyCode::Up,
            '↓' => KeyCode::Down,
            '⌫' => KeyCode::Backspace,
            // As the terminal sends it, and as Ctrl-U.
            '⇤' => KeyCode::BackTab,
            '␡' => KeyCode::Char('u'),
            c => KeyCode::Char(c),
        };
        let held = match key {
            '⇤' => KeyModifiers::SHIFT,
            '␡' => KeyModifiers::CONTROL,
            _ => KeyModifiers::NONE,
        };
        let key = KeyEvent::new(code, held);
        actions.extend(super::press(view, key, &world.shown(), &look, (80, 24)));
    }
    actions
}

/// A view in which `alert` is selected.
fn on(world: &Fixture, rule: &str) -> ViewState {
    let mut view = ViewState::default();
    let id = world.active.iter().find(|a| *a.id.rule == *rule).unwrap().id.clone();
    view.lists.entry(Listing::Alerts).or_default().selected = Some(Item::Alert(id));
    view.prepare(&world.shown());
    view
}

#[test]
fn what_was_done_about_alerts_is_seen_at_three_sizes() {
    let world = handled();
    for (w, h) in [(160, 48), (80, 24), (40, 10)] {
        let mut view = ViewState { expanded: true, ..ViewState::default() };
        snapshot(&format!("handled-alerts-{w}x{h}"), &shot(&world, &view, w, h));
        for (keys, name) in [("s", "silence"), ("\x1ba", "acknowledge")] {
            let mut view = ViewState { expanded: true, ..on(&world, "asg-at-max") };
            press(&mut view, &world, keys);
            snapshot(&format!("dialog-{name}-{w}x{h}"), &shot(&world, &view, w, h));
        }
        let detail = DetailState { item: Item::Alert(world.active[0].id.clone()), scroll: 0 };
        view.details.push(detail);
        snapshot(&format!("handled-detail-{w}x{h}"), &shot(&world, &view, w, h));
    }
    let view = ViewState { expanded: true, ..ViewState::default() };
    let plain = shot_in(&world, &view, &ascii(), 160, 24);
    assert!(plain.is_ascii(), "{plain}");
    assert!(plain.contains("+ 12 instances of web-asg") && plain.contains("acked") && plain.contains("silenced"));
}

#[test]
fn lines_unfold_and_fold() {
    let world = handled();
    let mut view = ViewState { expanded: true, ..ViewState::default() };
    assert!(!shot(&world, &view, 160, 48).contains("i-0web0003"));
    let bundle = world.lines[4].bundle().unwrap();
    view.lists.entry(Listing::Alerts).or_default().selected = Some(Item::Bundle(bundle));
    press(&mut view, &world, "\n");
    let open = shot(&world, &view, 160, 48);
    assert!(open.contains("i-0web0003") && open.contains("flapping: 7 changes"), "{open}");
    assert!(view.details.is_empty());
    // From a row inside, the line is folded and selected again.
    press(&mut view, &world, "jj←");
    assert!(!shot(&world, &view, 160, 48).contains("i-0web0003"));
    assert_eq!(press(&mut view, &world, "→"), []);
    assert!(shot(&world, &view, 160, 48).contains("i-0web0011"));
    // What an alert stands for.
    let mut view = on(&world, "clb-no-healthy-hosts");
    view.expanded = true;
    assert!(shot(&world, &view, 160, 48).contains("old-clb +2"));
    press(&mut view, &world, "→");
    assert!(shot(&world, &view, 160, 48).contains("i-0old1"));
    assert!(matches!(press(&mut on(&world, "asg-at-max"), &world, "→")[..], [Action::Say(_)]));
    // A filter sees single alerts.
    let mut view = ViewState::default();
    press(&mut view, &world, "/i-0web0003\n");
    assert!(shot(&world, &view, 160, 48).contains("i-0web0003"));
}

#[test]
fn an_alert_is_acknowledged_with_a_note_and_given_back() {
    let world = handled();
    let mut view = on(&world, "asg-at-max");
    let actions = press(&mut view, &world, "aqn jx⌫ m\n");
    let [Action::Decide(Decision::Acknowledge { alerts, note })] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((&*alerts[0].rule, note.as_str(), view.dialog.is_none()), ("asg-at-max", "qn j m", true));
    let mut view = on(&world, "clb-surge-queue");
    let actions = press(&mut view, &world, "a");
    assert!(
        matches!(&actions[..], [Action::Decide(Decision::TakeBack(back))] if back[0].1 == before(2)),
        "{actions:?}"
    );
    // Pending ones are nobody's yet; a whole line is taken at once.
    assert!(matches!(press(&mut on(&world, "clb-5xx"), &world, "a")[..], [Action::Say(_)]));
    let mut view = ViewState::default();
    view.lists.entry(Listing::Alerts).or_default().selected = world.lines[4].bundle().map(Item::Bundle);
    let actions = press(&mut view, &world, "a\n");
    assert!(matches!(&actions[..], [Action::Decide(Decision::Acknowledge { alerts, .. })] if alerts.len() == 12));
    // Forgotten.
    let mut view = on(&world, "asg-at-max");
    assert_eq!(press(&mut view, &world, "aq\x1b"), []);
    assert!(view.dialog.is_none());
}

#[test]
fn an_alert_is_silenced_and_the_silence_ended() {
    let world = handled();
    let mut view = on(&world, "asg-at-max");
    let actions = press(&mut view, &world, "sload test\n");
    let [Action::Decide(Decision::Silence { matchers, lasts, reason })] = &actions[..] else { panic!("{actions:?}") };
    let what: Vec<String> = matchers.iter().map(ToString::to_string).collect();
    let here = ["rule=asg-at-max", "name=web-asg", "account=demo", "region=ap-northeast-1"];
    assert_eq!(what, here, "the same name is something else in another account or region");
    assert_eq!((*lasts, reason.as_str()), (SignedDuration::from_hours(1), "load test"));
    // Longer, by the arrows or typed; the matchers are the person's.
    let actions = press(&mut on(&world, "asg-at-max"), &world, "sx\t region=ap-*\t↑↑↓\n");
    let [Action::Decide(Decision::Silence { matchers, lasts, .. })] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((matchers.len(), *lasts), (5, SignedDuration::from_hours(4)));
    // What is wrong is said, and nothing is lost.
    let mut view = on(&world, "asg-at-max");
    for (keys, says) in [
        ("s\n", "say why"),
        ("\x1bsx\t rul=y\n", "is it `rule`?"),
        ("\x1bsx\t\t⌫⌫\n", "a duration is written"),
        ("\x1bsx\t\t⌫⌫0s\n", "to a year"),
    ] {
        assert_eq!(press(&mut view, &world, keys), [], "{keys}");
        let screen = shot(&world, &view, 80, 24);
        assert!(screen.contains(says) && view.dialog.is_some(), "{screen}");
    }
    // CloudWatch's alarm that its line stands for would come up in its place: it goes with it.
    let mut twin = handled();
    let at = twin.active.iter().position(|a| *a.id.rule == *"asg-at-max").expect("there");
    let mut alarm =
        fixtures::alert("cloudwatch-alarm", Kind::Alarm, "web-asg-full", Level::Warning, 60, "breaches its alarm");
    alarm.handling.hidden_by = Some(twin.active[at].id.clone());
    twin.active.push(alarm);
    let actions = press(&mut on(&twin, "asg-at-max"), &twin, "sx\n");
    let [Action::Decide(Decision::Silence { matchers, .. })] = &actions[..] else { panic!("{actions:?}") };
    let what: Vec<String> = matchers.iter().take(2).map(ToString::to_string).collect();
    assert_eq!(what, ["rule={asg-at-max,cloudwatch-alarm}", "name={web-asg,web-asg-full}"]);
    // A silenced one is asked whether that should end.
    let mut view = on(&world, "unhealthy-targets");
    press(&mut view, &world, "s");
    let screen = shot(&world, &view, 80, 24);
    assert!(screen.contains("End the silence") && screen.contains("deploy until three"), "{screen}");
    let actions = press(&mut view, &world, "\n");
    assert_eq!(actions, [Action::Decide(Decision::Expire(world.kept.silences[0].id.clone()))]);
    // Everything on a resource, from its own page.
    let mut view = ViewState { page: Page::Scaling, ..ViewState::default() };
    let actions = press(&mut view, &world, "sx\n");
    assert!(
        matches!(&actions[..], [Action::Decide(Decision::Silence { matchers, .. })] if matchers.len() == 3),
        "{actions:?}"
    );
}

#[test]
fn every_line_of_a_dialog_is_reached_both_ways() {
    let world = handled();
    let mut view = on(&world, "asg-at-max");
    press(&mut view, &world, "s");
    let mut at = |keys: &str| {
        press(&mut view, &world, keys);
        view.dialog.as_ref().unwrap().at
    };
    assert_eq!([at(""), at("⇤"), at("⇤"), at("⇤"), at("\t"), at("\t")], [2, 1, 0, 2, 0, 1]);
    // Any time can be typed; what is wrong or lacks is where one types next, and nothing typed is lost.
    assert_eq!([at("␡2h\n"), at("load test⇤␡2 o'clock\n")], [2, 1]);
    let actions = press(&mut view, &world, "␡2h\n");
    let [Action::Decide(Decision::Silence { lasts, reason, .. })] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((*lasts, reason.as_str()), (SignedDuration::from_hours(2), "load test"));
    // From a typed time the arrows go on to the next of the choices.
    let mut view = on(&world, "asg-at-max");
    press(&mut view, &world, "s⇤␡2h↑");
    assert_eq!(view.dialog.as_ref().unwrap().fields[1].text, "4h");
    press(&mut view, &world, "␡2h↓");
    assert_eq!(view.dialog.as_ref().unwrap().fields[1].text, "1h");
}

#[test]
fn what_somebody_did_something_about_stays_selected() {
    let (before, mut after) = (handled(), handled());
    after.lines.rotate_left(2);
    let Line::Alert { id: top, .. } = before.lines[0].clone() else { panic!("an alert is on top") };
    let selected = |keys: &str| {
        let mut view = ViewState::default();
        view.prepare(&before.shown());
        press(&mut view, &before, keys);
        // The fixture's counts do not tell that its lines changed.
        view.cache.clear();
        view.prepare(&after.shown());
        view.dialog = None;
        view.details.clear();
        view.explained = None;
        super::step::selected(&view, &after.shown())
    };
    for keys in ["a", "s\x1b", "m\x1b", "y", "o", "x", "\n"] {
        assert_eq!(selected(keys), Some(Item::Alert(top.clone())), "{keys}");
    }
    // Who has not done anything yet sees what is worst.
    assert_ne!(selected(""), Some(Item::Alert(top)));
}

#[test]
fn a_dialog_says_that_the_alarm_below_is_silenced_too() {
    let mut world = handled();
    let alarm = |name: &str| AlertId {
        rule: "cloudwatch-alarm".into(),
        resource: ResourceId::new(&tokyo(), Kind::Alarm, name),
    };
    let silence = |world: &Fixture| {
        let mut view = on(world, "asg-at-max");
        press(&mut view, world, "s");
        shot(world, &view, 160, 48)
    };
    assert!(!silence(&world).contains("silenced with it"));
    let line = world.lines.iter_mut().find_map(|l| match l {
        Line::Alert { id, under } if *id.rule == *"asg-at-max" => Some(under),
        _ => None,
    });
    line.unwrap().push(alarm("web-asg-full"));
    assert!(silence(&world).contains("its CloudWatch alarm is silenced with it; fields: rule"));
}

#[test]
fn a_note_is_written() {
    let world = handled();
    let actions = press(&mut on(&world, "asg-at-max"), &world, "m\nsee ticket 12\n");
    assert!(
        matches!(&actions[..], [Action::Decide(Decision::Note { text, .. })] if *text == *"see ticket 12"),
        "{actions:?}"
    );
}

#[test]
fn pasted_text_goes_into_the_dialog() {
    let world = handled();
    let mut view = on(&world, "asg-at-max");
    press(&mut view, &world, "m");
    paste(&mut view, "two\nlines\x1b[2J");
    assert_eq!(view.dialog.as_ref().unwrap().fields[0].text, "two lines[2J");
    paste(&mut view, &"x".repeat(1000));
    assert!(view.dialog.unwrap().fields[0].text.len() < 500, "a line has its bound");
}
