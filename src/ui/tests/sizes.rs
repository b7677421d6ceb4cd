//! Every page and state at every size, in colour, without and in ASCII; random models at random sizes; hostile names.

use jiff::SignedDuration;

use super::*;
use crate::alerts::{Level, Phase};
use crate::model::{
    Body, Detail, Event, EventKind, Instance, Kind, Metric, PollerKind, Resource, ResourceId, Text, TrailEvent,
};

const SIZES: [(u16, u16); 5] = [(200, 60), (160, 48), (120, 40), (80, 24), (40, 10)];

/// Where two frames of one page differ is seen by reading one of them: the pages of a state are one snapshot.
fn pages(world: &Fixture, look: &Look, pages: &[Page], w: u16, h: u16) -> String {
    let mut out = String::new();
    for page in pages {
        let _ = writeln!(out, "== {} {w}x{h}", page.title());
        out.push_str(&text(&frame(world, &on(*page), look, w, h)));
    }
    out
}

/// The other three sizes have a snapshot a page.
#[test]
fn every_page_with_full_data_at_every_size() {
    let world = fixtures::bad();
    for (w, h) in [(200, 60), (120, 40)] {
        snapshot(&format!("full-{w}x{h}"), &pages(&world, &Look::default(), &Page::ALL, w, h));
    }
    for (w, h) in SIZES {
        snapshot(&format!("ascii-{w}x{h}"), &pages(&world, &ascii(), &Page::ALL, w, h));
    }
}

#[test]
fn every_page_in_every_state() {
    for (name, world) in [
        ("nothing", fixtures::nothing()),
        ("loading", fixtures::loading()),
        ("partial", fixtures::partial()),
        ("denied", fixtures::denied()),
        ("stale", fixtures::stale()),
    ] {
        for (w, h) in SIZES {
            snapshot(&format!("{name}-{w}x{h}"), &pages(&world, &Look::default(), &Page::ALL, w, h));
        }
    }
}

/// In ASCII no other sign, line or block is drawn, whatever the state: letters and pictures are those of names.
#[test]
fn ascii_draws_nothing_else() {
    for world in worlds() {
        for (w, h) in SIZES {
            for page in Page::ALL {
                let drawn = text(&frame(world, &on(page), &ascii(), w, h));
                let odd = drawn.chars().find(|c| matches!(c, '\u{b7}' | '\u{2010}'..='\u{2bff}'));
                assert_eq!(odd, None, "{page:?} {w}x{h}\n{drawn}");
            }
        }
    }
}

/// Without colour the same is written: only what the cells look like differs.
#[test]
fn mono_writes_what_colours_write() {
    let mono = Look { theme: Theme::builtin("mono").unwrap(), ..Look::default() };
    for world in worlds() {
        for (w, h) in SIZES {
            for page in Page::ALL {
                let view = on(page);
                let (colour, plain) = (frame(world, &view, &Look::default(), w, h), frame(world, &view, &mono, w, h));
                assert_eq!(text(&colour), text(&plain), "{page:?} {w}x{h}");
                let coloured = plain.content().iter().any(|c| c.fg != Color::Reset || c.bg != Color::Reset);
                assert!(!coloured, "{page:?} {w}x{h}");
            }
        }
    }
}

/// Names that would do something to a terminal that took them as they are.
const HOSTILE: [&str; 9] = [
    "\u{1b}[2J\u{1b}[1;1Hgone",
    "\u{1b}]52;c;cm0gLXJmIC8=\u{7}",
    "\u{202e}drawkcab\u{2066}",
    "zero\u{200b}\u{200d}\u{feff}width",
    "two\r\nlines\tand\u{85}more\u{2028}still",
    "\u{9b}31m\u{90}dcs\u{9c}",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}本番🚀\u{1f1ef}\u{1f1f5}",
    "①Ωя→…│●×本番 α",
    "",
];

fn hostile(n: usize) -> Text {
    if n % (HOSTILE.len() + 1) == HOSTILE.len() {
        "x".repeat(10_000).into()
    } else {
        HOSTILE[n % (HOSTILE.len() + 1)].into()
    }
}

/// A world in which `n` and what follows names everything.
pub(super) fn named(n: usize) -> Fixture {
    let mut world = fixtures::bad();
    let scope = fixtures::tokyo();
    let mut i = n;
    let mut next = || {
        i += 1;
        hostile(i)
    };
    let mut resources: Vec<Resource> = world.model.resources().cloned().collect();
    for r in &mut resources {
        r.name = next();
        r.tags.insert(next(), next());
        match &mut r.detail {
            Detail::Instance(d) => {
                *d = Instance {
                    instance_type: next(),
                    state: next(),
                    zone: next(),
                    subnet: next(),
                    vpc: next(),
                    private_ip: next(),
                    platform: next(),
                    security_groups: vec![next(), next()],
                    ..d.clone()
                };
            }
            Detail::Balancer(d) => (d.dns_name, d.scheme, d.state, d.zones) = (next(), next(), next(), vec![next()]),
            Detail::TargetGroup(d) => d.protocol = next(),
            Detail::AutoScalingGroup(d) => {
                (d.launch, d.suspended, d.zones) = (next(), vec![next()], vec![next(), next()]);
                for i in &mut d.instances {
                    (i.lifecycle, i.health, i.zone) = (next(), next(), next());
                }
            }
            Detail::Alarm(d) => (d.reason, d.metric, d.stat, d.rule) = (next(), next(), next(), next()),
            _ => {}
        }
    }
    for kind in
        [Kind::Instance, Kind::ClassicElb, Kind::Alb, Kind::Nlb, Kind::TargetGroup, Kind::AutoScalingGroup, Kind::Alarm]
    {
        let of: Vec<Resource> = resources.iter().filter(|r| r.id.kind == kind).cloned().collect();
        let poller = match kind {
            Kind::Instance => PollerKind::Instances,
            Kind::ClassicElb => PollerKind::ClassicElbs,
            Kind::AutoScalingGroup => PollerKind::ScalingGroups,
            Kind::Alarm => PollerKind::Alarms,
            _ => PollerKind::Balancers,
        };
        world.inventory(&scope, poller, &[kind], of);
    }
    let events = (0..6).map(|k| {
        let kind = EventKind::Trail(TrailEvent {
            name: next(),
            source: next(),
            user: next(),
            user_type: next(),
            ip: next(),
            user_agent: next(),
            error: next(),
            ..TrailEvent::default()
        });
        Event {
            id: format!("hostile-{k}").into(),
            scope: scope.clone(),
            at: fixtures::now() - SignedDuration::from_secs(k),
            kind,
            resources: vec![next(), next()],
            summary: next(),
        }
    });
    let events = events.collect();
    world.apply(fixtures::now(), &scope, PollerKind::Trail, Body::Events(events));
    let broken = fixtures::error(crate::model::ErrorClass::Malformed, &next(), &next(), &next());
    world.ran(&scope, PollerKind::Subnets, 3, Some(broken));
    for alert in &mut world.active {
        (alert.title, alert.detail, alert.id.rule) = (next(), next(), next());
        if let Some(view) = &mut alert.cloudwatch {
            view.alarm = next();
        }
    }
    world.unread.push((crate::model::Source { scope, poller: PollerKind::Subnets }, next()));
    world
}

/// No cell of a frame says anything to a terminal but what stands in it, and none is wider than its place.
fn harmless(buffer: &Buffer) -> Result<(), String> {
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            let bad = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
                    || ('\u{202a}'..='\u{202e}').contains(&c)
                    || ('\u{2066}'..='\u{2069}').contains(&c)
            };
            if symbol.chars().any(bad) {
                return Err(format!("{x},{y}: {symbol:?}"));
            }
            if symbol.chars().count() > 32 {
                return Err(format!("{x},{y}: a cell of {} characters", symbol.chars().count()));
            }
            if usize::from(x) + super::super::text::width(symbol) > usize::from(buffer.area.width) {
                return Err(format!("{x},{y}: {symbol:?} goes over the edge"));
            }
        }
    }
    Ok(())
}

#[test]
fn hostile_names_in_every_field_are_harmless_on_every_page() {
    for n in 0..10 {
        let world = named(n);
        for page in Page::ALL {
            for keys in ["", "?", ":", "/a", "\n", "j\n", "jj\nG"] {
                let keys: Vec<KeyCode> =
                    keys.chars().map(|c| if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) }).collect();
                let mut view = on(page);
                press_all(&mut view, &keys, &world.shown());
                for look in [Look::default(), ascii()] {
                    for (w, h) in [(160, 48), (80, 24), (40, 10), (20, 5)] {
                        let drawn = harmless(&frame(&world, &view, &look, w, h));
                        assert_eq!(drawn, Ok(()), "{n} {page:?} {keys:?} {w}x{h}");
                    }
                }
            }
        }
    }
}

/// What the clipboard is given, or an address, holds no control character either.
#[test]
fn hostile_names_are_copied_without_their_sting() {
    for n in 0..10 {
        let world = named(n);
        for page in Page::ALL {
            let mut view = on(page);
            for action in press_all(&mut view, &chars("jyot"), &world.shown()) {
                let (Action::Copy(said) | Action::OpenLink(said) | Action::Say(said)) = action else { continue };
                assert!(!said.chars().any(char::is_control), "{said:?}");
            }
        }
    }
}

/// A model that nobody would think of: resources of any kind by any name, with points, events and errors.
pub(super) fn any_world(names: &[String], kinds: &[usize], values: &[f64], levels: &[usize]) -> Fixture {
    let mut world = Fixture { rules: 3, cost: values.first().copied(), ..Fixture::default() };
    let scope = fixtures::tokyo();
    let name = |i: usize| -> Text { names[i % names.len()].as_str().into() };
    for (i, kind) in kinds.iter().enumerate() {
        let kind = Kind::ALL[kind % Kind::ALL.len()];
        let detail = match kind {
            Kind::Instance => {
                Detail::Instance(Instance { state: name(i + 1), zone: name(i + 2), ..Instance::default() })
            }
            _ => Detail::None,
        };
        let id = ResourceId::new(&scope, kind, name(i));
        let resource = Resource { id: id.clone(), name: name(i + 3), tags: std::collections::BTreeMap::new(), detail };
        world.inventory(&scope, PollerKind::ALL[i % PollerKind::ALL.len()], &[kind], vec![resource]);
        let metric = Metric::new("AWS/Any", "Anything", ["Sum", "Average", "p99"][i % 3], [60, 300, 3600][i % 3]);
        world.points(&id, &metric, values);
        let level = [Level::Critical, Level::Warning, Level::Blind][levels[i % levels.len()] % 3];
        let mut alert = fixtures::one_alert(&names[i % names.len()], kind, &names[(i + 1) % names.len()], level);
        alert.value = values.get(i).copied();
        alert.limit = values.last().copied();
        alert.phase = [Phase::Firing, Phase::Pending][levels[i % levels.len()] % 2];
        alert.signal = Some(crate::model::Signal::Metric(metric));
        alert.id.resource = id;
        world.active.push(alert);
    }
    world.ran(&scope, PollerKind::Metrics, 5, None);
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random models at sizes from 1x1 to 400x120: a frame without a panic, and no cell outside of its place.
    #[test]
    fn any_model_is_drawn_at_any_size(
        (w, h) in (1u16..=400, 1u16..=120),
        (page, looks) in (0..Page::ALL.len(), 0usize..3),
        names in proptest::collection::vec("[ -~\u{3042}-\u{3044}\u{1f680}\u{301}\u{200b}]{0,30}", 1..6),
        kinds in proptest::collection::vec(0usize..64, 0..12),
        values in proptest::collection::vec(
            prop_oneof![Just(0.0), Just(f64::MAX), Just(1e-300), -1e6..1e6f64, Just(-0.0)], 1..200),
        levels in proptest::collection::vec(0usize..6, 1..4),
        keys in proptest::collection::vec(0usize..16, 0..5),
    ) {
        const KEYS: [KeyCode; 16] = [
            KeyCode::Enter, KeyCode::Tab, KeyCode::Char('e'), KeyCode::Char(':'), KeyCode::Char('/'), KeyCode::Char('?'),
            KeyCode::Char('m'), KeyCode::Char('v'), KeyCode::Char('p'), KeyCode::Char('t'), KeyCode::Char('1'), KeyCode::Down,
            KeyCode::Char('c'), KeyCode::Left, KeyCode::Right, KeyCode::Char('C'),
        ];
        let world = any_world(&names, &kinds, &values, &levels);
        let shown = world.shown();
        let look = [Look::default(), ascii(), super::layouts::configured()][looks].clone();
        let mut view = ViewState { page: Page::ALL[page], ..ViewState::new(&look) };
        for key in keys {
            press(&mut view, KeyEvent::new(KEYS[key], KeyModifiers::NONE), &shown, &look, (w, h));
        }
        // Whatever is written next to the frame would be seen there.
        let mut buffer = Buffer::empty(Rect::new(0, 0, w + 4, h + 2));
        draw_buffer(&mut buffer, Rect::new(2, 1, w, h), &shown, &view, &look);
        for y in 0..h + 2 {
            for x in 0..w + 4 {
                let inside = (2..w + 2).contains(&x) && (1..=h).contains(&y);
                let cell = &buffer[(x, y)];
                prop_assert!(inside || *cell == ratatui::buffer::Cell::default(), "{},{}: {:?}", x, y, cell);
            }
        }
        let mut alone = Buffer::empty(Rect::new(0, 0, w, h));
        let area = alone.area;
        draw_buffer(&mut alone, area, &shown, &view, &look);
        prop_assert_eq!(harmless(&alone), Ok(()));
    }
}
