//! Themes, measured: what is to be read can be read, and severities stay apart for every eye.

use ratatui::style::{Color, Modifier, Style};

use super::{Page, fixtures, frame, on};
use crate::ui::colour::{READABLE, contrast, lab, light, rgb};
use crate::ui::{AccountLook, Action, Command, Depth, Look, Role, Theme};

/// Lines, not text: WCAG asks nothing of ornaments, but they should be there.
const LINES: [Role; 1] = [Role::Border];
/// What never stands in a row, and so never on the selected row's background.
const NEVER_IN_ROWS: [Role; 10] = [
    Role::Border,
    Role::Focus,
    Role::Production,
    Role::Title,
    Role::Header,
    Role::Tab,
    Role::TabActive,
    Role::Selected,
    Role::Badge,
    Role::Input,
];

fn themes() -> impl Iterator<Item = Theme> {
    Theme::names().map(|name| Theme::builtin(name).unwrap_or_else(|e| panic!("{e}")))
}

/// Front and back as they are drawn. `None`: the terminal's own.
fn drawn(style: Style) -> (Option<[u8; 3]>, Option<[u8; 3]>) {
    let (front, back) = (style.fg.and_then(rgb), style.bg.and_then(rgb));
    if style.add_modifier.contains(Modifier::REVERSED) { (back, front) } else { (front, back) }
}

/// What `theme` draws too faintly: role, on what, contrast.
fn faint(theme: &Theme, enough: f64) -> Vec<String> {
    let mut out = Vec::new();
    let mut hold = |word: &str, on: &str, front: [u8; 3], back: [u8; 3], least: f64| {
        let is = contrast(front, back);
        if is < least {
            out.push(format!("{}: {word} on {on}: {is:.2}", theme.name));
        }
    };
    let selected = theme.style(Role::Selected).bg.and_then(rgb);
    for (role, word) in Role::ALL {
        let style = theme.style(role);
        let least = if LINES.contains(&role) { 1.8 } else { enough };
        if let (Some(front), Some(back)) = drawn(style) {
            hold(word, "its background", front, back, least);
        }
        if NEVER_IN_ROWS.contains(&role) {
            continue;
        }
        let Some(selected) = selected else { continue };
        // As `Paint::select` has it: a background of its own becomes the colour of the text.
        let (text, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
        let plain = style.fg == text.fg || style.fg == dim.fg;
        let front = match theme.style(Role::Selected).fg.or(text.fg) {
            _ if style.bg != text.bg => style.bg,
            plainly if plain => plainly,
            _ => style.fg,
        };
        if let Some(front) = front.and_then(rgb) {
            hold(word, "the selected row", front, selected, enough);
        }
    }
    out
}

#[test]
fn everything_can_be_read_on_its_background() {
    let faint: Vec<String> = themes().filter(|t| t.name != "ansi").flat_map(|t| faint(&t, READABLE)).collect();
    assert!(faint.is_empty(), "{faint:#?}");
}

#[test]
fn what_fewer_colours_make_of_a_theme_can_be_read_too() {
    for depth in [Depth::Indexed, Depth::Sixteen] {
        let faint: Vec<String> =
            themes().filter(|t| t.name != "ansi").flat_map(|t| faint(&t.at(depth), READABLE)).collect();
        assert!(faint.is_empty(), "{depth:?}: {faint:#?}");
        for theme in themes().map(|t| t.at(depth)) {
            for (role, word) in Role::ALL {
                let style = theme.style(role);
                let rgb = |c: Option<Color>| matches!(c, Some(Color::Rgb(..)));
                assert!(!rgb(style.fg) && !rgb(style.bg), "{}: {word} at {depth:?}", theme.name);
            }
            let severities = [Role::Ok, Role::Warn, Role::Crit, Role::Blind].map(|r| theme.style(r));
            let selected = theme.style(Role::Selected);
            let turned = selected.add_modifier.contains(Modifier::REVERSED);
            assert!(turned || selected.bg != theme.style(Role::Text).bg, "{} at {depth:?}", theme.name);
            for (i, a) in severities.iter().enumerate() {
                assert!(severities[i + 1..].iter().all(|b| a != b), "{} at {depth:?}: {severities:?}", theme.name);
            }
        }
    }
}

/// The terminal's own sixteen may be anything. What must be read whatever they are is written in the terminal's own
/// text colour; what is coloured says the same in a glyph and a word, and holds what large text needs on the palettes
/// that are dark, as the usual ones come. No choice of sixteen does on light ones: xterm's yellow on white has 1.7.
#[test]
fn the_terminals_own_colours_are_readable_as_far_as_its_palette_is() {
    // Background; red, green, yellow, magenta, cyan; of VGA and Tango the bright ones, which they draw for bold.
    let dark: [(&str, u32, [u32; 5]); 6] = [
        ("xterm", 0x00_0000, [0xcd_0000, 0x00_cd00, 0xcd_cd00, 0xcd_00cd, 0x00_cdcd]),
        ("vga", 0x00_0000, [0xff_5555, 0x00_aa00, 0xff_ff55, 0xff_55ff, 0x00_aaaa]),
        ("tango", 0x2e_3436, [0xef_2929, 0x4e_9a06, 0xfc_e94f, 0xad_7fa8, 0x06_989a]),
        ("windows", 0x0c_0c0c, [0xe7_4856, 0x13_a10e, 0xf9_f1a5, 0xb4_009e, 0x3a_96dd]),
        ("iterm", 0x00_0000, [0xc9_1b00, 0x00_c200, 0xc7_c400, 0xca_30c7, 0x00_c5c7]),
        ("solarized", 0x00_2b36, [0xdc_322f, 0x85_9900, 0xb5_8900, 0xd3_3682, 0x2a_a198]),
    ];
    let ansi = Theme::builtin("ansi").unwrap();
    for role in [Role::Text, Role::Dim, Role::Border, Role::Title, Role::Header, Role::Tab, Role::Axis, Role::Input] {
        let style = ansi.style(role);
        assert_eq!(
            (style.fg.unwrap_or_default(), style.bg.unwrap_or_default()),
            (Color::Reset, Color::Reset),
            "{role:?}"
        );
    }
    for (name, paper, colours) in dark {
        let part = |c: u32| {
            let [_, r, g, b] = c.to_be_bytes();
            [r, g, b]
        };
        for (role, word) in Role::ALL {
            let at = match ansi.style(role).fg {
                Some(Color::Red) => 0,
                Some(Color::Green) => 1,
                Some(Color::Yellow) => 2,
                Some(Color::Magenta) => 3,
                Some(Color::Cyan) => 4,
                _ => continue,
            };
            let is = contrast(part(colours[at]), part(paper));
            assert!(is >= 2.9, "{word} on {name}: {is:.2}");
        }
    }
}

/// What an eye without one sort of cones sees (Machado, Oliveira and Fernandes 2009, severity 1.0), on linear light.
const PROTAN: [[f64; 3]; 3] =
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];
const DEUTAN: [[f64; 3]; 3] =
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]];
const TRITAN: [[f64; 3]; 3] =
    [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]];

fn seen(colour: [u8; 3], by: [[f64; 3]; 3]) -> [u8; 3] {
    let linear = colour.map(light);
    by.map(|row| {
        let v: f64 = row.iter().zip(linear).map(|(m, v)| m * v).sum();
        let v = v.clamp(0.0, 1.0);
        let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
        let part = (v * 255.0).round() as u8;
        part
    })
}

/// CIEDE2000: 1 is what one just sees, 10 is seen at a glance.
#[expect(clippy::many_single_char_names, reason = "the paper's names")]
fn apart(a: [f64; 3], b: [f64; 3]) -> f64 {
    let pull = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
    let mean = f64::midpoint(a[1].hypot(a[2]), b[1].hypot(b[2]));
    let g = 0.5 * (1.0 - pull(mean));
    let polar = |c: [f64; 3]| {
        let x = c[1] * (1.0 + g);
        (x.hypot(c[2]), c[2].atan2(x).to_degrees().rem_euclid(360.0))
    };
    let ((c1, h1), (c2, h2)) = (polar(a), polar(b));
    let grey = c1 * c2 == 0.0;
    let turn = if grey { 0.0 } else { (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0 };
    let (dl, dc) = (b[0] - a[0], c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = (f64::midpoint(a[0], b[0]), f64::midpoint(c1, c2));
    let h = if grey { h1 + h2 } else { (h1 + turn / 2.0).rem_euclid(360.0) };
    let cos = |times: f64, from: f64| (times * h - from).to_radians().cos();
    let t = 1.0 - 0.17 * cos(1.0, 30.0) + 0.24 * cos(2.0, 0.0) + 0.32 * cos(3.0, -6.0) - 0.2 * cos(4.0, 63.0);
    let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
    let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let angle = 60.0 * (-((h - 275.0) / 25.0).powi(2)).exp();
    let rt = -angle.to_radians().sin() * 2.0 * pull(c);
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).sqrt()
}

#[test]
fn the_distance_is_that_of_its_papers_examples() {
    // Sharma, Wu and Dalal 2005, table 1.
    for (a, b, wanted) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ] {
        assert!((apart(a, b) - wanted).abs() < 1e-4, "{}", apart(a, b));
    }
}

#[test]
fn severities_stay_apart_for_the_eyes_that_a_theme_is_made_for() {
    let eyes = [("deuteranopia", &[PROTAN, DEUTAN][..]), ("tritanopia", &[TRITAN][..])];
    for (name, eyes) in eyes {
        let theme = Theme::builtin(name).unwrap();
        for depth in [Depth::True, Depth::Indexed] {
            let theme = theme.clone().at(depth);
            let four =
                [Role::Ok, Role::Warn, Role::Crit, Role::Blind].map(|r| (r, theme.style(r).fg.and_then(rgb).unwrap()));
            for by in eyes {
                for (i, (role, a)) in four.iter().enumerate() {
                    for (other, b) in &four[i + 1..] {
                        let is = apart(lab(seen(*a, *by)), lab(seen(*b, *by)));
                        assert!(is >= 15.0, "{name} at {depth:?}: {role:?} and {other:?} are {is:.1} apart");
                    }
                }
            }
        }
    }
}

#[test]
fn severities_of_every_theme_are_apart() {
    for theme in themes().filter(|t| !matches!(t.name.as_str(), "ansi" | "mono")) {
        let of = |r| {
            let style = theme.style(r);
            if style.bg == theme.style(Role::Text).bg { style.fg } else { style.bg }.and_then(rgb).map(lab).unwrap()
        };
        let four = [Role::Ok, Role::Warn, Role::Crit, Role::Blind].map(of);
        for (i, a) in four.iter().enumerate() {
            for b in &four[i + 1..] {
                assert!(apart(*a, *b) >= 10.0, "{}: {:.1}", theme.name, apart(*a, *b));
            }
        }
    }
}

#[test]
fn themes_are_seen_before_they_are_taken() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Overview);
    let mut look = Look::default();
    let mut step = |command, look: &mut Look| {
        for action in crate::ui::step(&mut view, command, &shown, look, (160, 48)) {
            let Action::SetTheme(name) = action else { panic!("{action:?}") };
            look.choose(name.as_deref()).unwrap();
        }
        (look.theme_of(None).name.clone(), view.found.entries.len())
    };
    assert_eq!(step(Command::Theme, &mut look), ("ansi".into(), Theme::names().count()));
    assert_eq!(step(Command::Down, &mut look).0, "dark");
    assert_eq!(step(Command::Down, &mut look).0, "light");
    assert_eq!(step(Command::Up, &mut look).0, "dark");
    assert_eq!(step(Command::Cancel, &mut look), ("ansi".into(), 0));
    assert_eq!(look.chosen, None);
    step(Command::Theme, &mut look);
    step(Command::Down, &mut look);
    assert_eq!(step(Command::Accept, &mut look), ("dark".into(), 0));
    // The list opens where one is.
    step(Command::Theme, &mut look);
    assert_eq!(step(Command::Down, &mut look).0, "light");
    assert_eq!(step(Command::Cancel, &mut look).0, "dark");
}

#[test]
fn an_account_has_its_own_theme_and_production_has_red_borders() {
    let world = fixtures::bad();
    let account = world.shown().model.scopes().first().unwrap().account.to_string();
    let production = AccountLook { theme: Some(Theme::builtin("nord").unwrap()), production: true };
    let mut look = Look { accounts: [(account, production)].into(), ..Look::default() };
    let nord = Theme::builtin("nord").unwrap();
    let buffer = frame(&world, &on(Page::Overview), &look, 160, 48);
    // The first pane has the keys, so its border says that.
    let corner = (0..48).rev().map(|y| &buffer[(0, y)]).find(|c| c.symbol() == "╰").unwrap();
    assert_eq!((Some(corner.fg), Some(corner.bg)), (nord.style(Role::Crit).fg, nord.style(Role::Text).bg));
    let header: String = (0..160).map(|x| buffer[(x, 0)].symbol()).collect();
    assert!(header.contains(" PRODUCTION "), "{header}");
    // What was taken by hand goes before; the borders stay.
    look.choose(Some("dark")).unwrap();
    let buffer = frame(&world, &on(Page::Overview), &look, 160, 48);
    let corner = (0..48).rev().map(|y| &buffer[(0, y)]).find(|c| c.symbol() == "╰").unwrap();
    assert_eq!(Some(corner.fg), Theme::builtin("dark").unwrap().style(Role::Crit).fg);
}
