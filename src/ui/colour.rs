//! Colours as numbers: how many a terminal has, the nearest of those to one that a theme wants, and how well one can be
//! read on another.

use ratatui::style::Color;

/// How many colours a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The sixteen that every terminal has, as its palette has them.
    Sixteen,
    /// 256: the sixteen, a cube of 216 and 24 greys.
    Indexed,
    /// All.
    True,
}

impl Depth {
    /// What a terminal can show whose environment has these values of `COLORTERM` and `TERM`. The first is what terminals
    /// say themselves; it is often lost on the way through ssh, and then the name must do.
    #[must_use]
    pub fn of(colorterm: Option<&str>, term: Option<&str>) -> Self {
        const TRUE: [&str; 7] = ["kitty", "alacritty", "wezterm", "foot", "ghostty", "contour", "direct"];
        let term = term.unwrap_or_default();
        if matches!(colorterm, Some("truecolor" | "24bit")) || TRUE.iter().any(|name| term.contains(name)) {
            Self::True
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sixteen => "16",
            Self::Indexed => "256",
            Self::True => "true",
        }
    }

    /// The nearest to `colour` of those that 256 have for certain; which of the sixteen fits is a question of meaning. With `on`, a colour that is to be read on that one, by which it stays
    /// as readable as it was, up to [`READABLE`].
    pub(super) fn nearest(self, colour: Color, on: Option<Color>) -> Color {
        let (Color::Rgb(r, g, b), Self::Indexed) = (colour, self) else { return colour };
        let wanted = [r, g, b];
        let ground = on.and_then(rgb);
        // What was decided on a colour that is shown as another need only be as good there.
        let enough = ground.map_or(1.0, |ground| contrast(wanted, ground).min(READABLE));
        let readable = |c: [u8; 3]| ground.is_none_or(|ground| contrast(c, ground) >= enough);
        let known = Self::by_distance(wanted);
        known.iter().find(|(_, own)| readable(*own)).or(known.first()).map_or(colour, |(c, _)| *c)
    }

    /// The nearest to `colour` that can be shown, as a background on which `ink` is as readable as it was, and that
    /// differs from `paper`.
    pub(super) fn background(self, colour: Color, ink: Option<Color>, paper: Option<Color>) -> Color {
        let (Color::Rgb(r, g, b), Self::Indexed) = (colour, self) else { return colour };
        let Some(ink) = ink.and_then(rgb) else { return self.nearest(colour, None) };
        let enough = contrast([r, g, b], ink) * 0.97;
        let known = Self::by_distance([r, g, b]);
        let fits = |(c, own): &&(Color, [u8; 3])| contrast(*own, ink) >= enough && Some(*c) != paper;
        known.iter().find(fits).or(known.first()).map_or(colour, |(c, _)| *c)
    }

    /// Those of the 256, the nearest to `wanted` first.
    fn by_distance(wanted: [u8; 3]) -> Vec<(Color, [u8; 3])> {
        let mut known: Vec<(Color, [u8; 3])> =
            const { cube() }.iter().filter_map(|c| rgb(*c).map(|own| (*c, own))).collect();
        known.sort_by(|a, b| distance(a.1, wanted).total_cmp(&distance(b.1, wanted)));
        known
    }
}

/// The contrast from which WCAG 2 calls text readable (level AA).
pub(super) const READABLE: f64 = 4.5;

/// Those of the 256 that look the same everywhere.
const fn cube() -> [Color; 240] {
    let mut out = [Color::Reset; 240];
    let mut i = 0;
    while i < 240 {
        out[i as usize] = Color::Indexed(16 + i);
        i += 1;
    }
    out
}

/// xterm's sixteen: what the others' come near to.
const XTERM: [u32; 16] = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f, 0xff_0000,
    0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];

/// Red, green and blue of `colour`; for one of the sixteen xterm's. `None`: whatever the terminal's own is.
pub(super) fn rgb(colour: Color) -> Option<[u8; 3]> {
    let index = match colour {
        Color::Rgb(r, g, b) => return Some([r, g, b]),
        Color::Reset => return None,
        Color::Indexed(n) => n,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    Some(match index {
        0..16 => {
            let [_, r, g, b] = XTERM[usize::from(index)].to_be_bytes();
            [r, g, b]
        }
        16..232 => {
            let n = index - 16;
            [step(n / 36), step(n / 6 % 6), step(n % 6)]
        }
        _ => [8 + 10 * (index - 232); 3],
    })
}

/// A part of a colour as light: from 0 to 1 (sRGB's curve).
pub(super) fn light(part: u8) -> f64 {
    let v = f64::from(part) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(light);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// WCAG 2's contrast of two colours: from 1 to 21.
pub(super) fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Whether it is nearer to white than to black.
pub(super) fn is_light(colour: [u8; 3]) -> bool {
    contrast(colour, [0; 3]) > contrast(colour, [255; 3])
}

/// A colour in CIE L*a*b*, under daylight (D65).
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
pub(super) fn lab(colour: [u8; 3]) -> [f64; 3] {
    let [r, g, b] = colour.map(light);
    let x = (0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47;
    let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b;
    let z = (0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b) / 1.088_83;
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
    [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
}

/// How far apart two colours look: the distance in L*a*b*.
fn distance(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (lab(a), lab(b));
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_as_many_colours_as_it_says_or_as_its_name_says() {
        for (colorterm, term, depth) in [
            (Some("truecolor"), "screen", Depth::True),
            (Some("24bit"), "xterm", Depth::True),
            (None, "xterm-kitty", Depth::True),
            (None, "xterm-direct", Depth::True),
            (None, "xterm-256color", Depth::Indexed),
            (Some("yes"), "tmux-256color", Depth::Indexed),
            (None, "linux", Depth::Sixteen),
            (Some(""), "vt220", Depth::Sixteen),
        ] {
            assert_eq!(Depth::of(colorterm, Some(term)), depth, "{colorterm:?} {term}");
        }
        assert_eq!(Depth::of(None, None), Depth::Sixteen);
    }

    #[test]
    fn what_a_terminal_has_stays_and_the_rest_becomes_its_nearest() {
        assert_eq!(Depth::True.nearest(Color::Rgb(1, 2, 3), None), Color::Rgb(1, 2, 3));
        assert_eq!(Depth::Indexed.nearest(Color::Red, None), Color::Red);
        assert_eq!(Depth::Indexed.nearest(Color::Rgb(0xff, 0, 0), None), Color::Indexed(196));
        assert_eq!(Depth::Indexed.nearest(Color::Rgb(8, 8, 8), None), Color::Indexed(232));
        // The nearest, that of the cube's 5f5f5f, could not be read on black.
        let on_black = Depth::Indexed.nearest(Color::Rgb(0x78, 0x78, 0x78), Some(Color::Rgb(0, 0, 0)));
        assert!(contrast(rgb(on_black).unwrap(), [0; 3]) >= READABLE, "{on_black:?}");
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast([255; 3], [0; 3]) - 21.0).abs() < 1e-9);
        // #767676 is the lightest grey that may stand on white.
        assert!(contrast([0x76; 3], [255; 3]) >= READABLE && contrast([0x77; 3], [255; 3]) < READABLE);
    }
}
