//! A frame as a picture: SVG on a grid of cells, made from the same buffer that a terminal gets.

use std::collections::BTreeSet;
use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::look::Look;
use super::text::width;
use super::theme::Role;

const CELL_WIDTH: u32 = 9;
const CELL_HEIGHT: u32 = 19;
const BASELINE: u32 = 14;

/// What a terminal's own sixteen colours are in pictures.
const ANSI: [&str; 16] = [
    "#1d2430", "#f2616b", "#6fc27b", "#e0b04c", "#5ea0ef", "#c58af0", "#4fc1c9", "#c9d1de", "#76839a", "#ff7a83",
    "#8fdc98", "#f4cc73", "#86bcff", "#dcaeff", "#7adfe5", "#ffffff",
];
const INK: &str = "#d8dee9";
const PAPER: &str = "#12161d";

/// `buffer` as an SVG image.
#[must_use]
pub fn svg(buffer: &Buffer, look: &Look) -> String {
    let (w, h) = (u32::from(buffer.area.width) * CELL_WIDTH, u32::from(buffer.area.height) * CELL_HEIGHT);
    format!("{}{}</svg>\n", head(w, h, look), rows(buffer, look).concat())
}

/// A frame of a [`film`].
#[derive(Clone, Debug)]
pub struct Scene {
    /// What is on the screen.
    pub buffer: Buffer,
    /// For how many seconds.
    pub lasts: f64,
    /// What is said below it.
    pub caption: String,
}

/// `scenes` one after the other, for ever, as an SVG image that moves by CSS alone. All are of the first one's size. A row
/// that stays as it is over several scenes is there once.
#[must_use]
pub fn film(scenes: &[Scene], look: &Look) -> String {
    let Some(first) = scenes.first() else { return String::new() };
    let (w, h) = (u32::from(first.buffer.area.width) * CELL_WIDTH, u32::from(first.buffer.area.height) * CELL_HEIGHT);
    let ink = colour(look.theme_of(None).style(Role::Accent).fg, INK);
    let caption = |scene: &Scene| {
        format!(
            "<text x=\"{CELL_WIDTH}\" y=\"{}\" fill=\"{ink}\" font-weight=\"bold\">{}</text>\n",
            h + CELL_HEIGHT,
            escaped(&scene.caption)
        )
    };
    let frames: Vec<Vec<String>> =
        scenes.iter().map(|scene| rows(&scene.buffer, look).into_iter().chain([caption(scene)]).collect()).collect();
    let mut spans = BTreeSet::new();
    let mut body = String::new();
    for row in 0..frames[0].len() {
        let mut start = 0;
        while start < frames.len() {
            let same = frames[start..].iter().take_while(|f| f.get(row) == frames[start].get(row)).count();
            let end = start + same.max(1);
            let content = frames[start].get(row).map_or("", String::as_str);
            if (start, end) == (0, frames.len()) || content.is_empty() {
                body.push_str(content);
            } else {
                spans.insert((start, end));
                // Writing into a String cannot fail.
                let _ = write!(body, "<g class=\"s{start}-{end}\">\n{content}</g>\n");
            }
            start = end;
        }
    }
    format!("{}{}{body}</svg>\n", head(w, h + CELL_HEIGHT * 3 / 2, look), timing(scenes, &spans))
}

/// When the rows of `spans` (scenes, the end excluded) are to be seen.
fn timing(scenes: &[Scene], spans: &BTreeSet<(usize, usize)>) -> String {
    let total: f64 = scenes.iter().map(|s| s.lasts).sum();
    let percent = |scene: usize| 100.0 * scenes[..scene].iter().map(|s| s.lasts).sum::<f64>() / total;
    let mut out = "<style>\n".to_owned();
    for &(start, end) in spans {
        let (before, name) = (if start > 0 { "hidden" } else { "visible" }, format!("s{start}-{end}"));
        let _ = write!(
            out,
            ".{name}{{visibility:{before};animation:{name} {total:.2}s step-end infinite}}\
             @keyframes {name}{{0%{{visibility:{before}}}"
        );
        if start > 0 {
            let _ = write!(out, "{:.3}%{{visibility:visible}}", percent(start));
        }
        if end < scenes.len() {
            let _ = write!(out, "{:.3}%{{visibility:hidden}}", percent(end));
        }
        out.push_str("}\n");
    }
    out.push_str("</style>\n");
    out
}

fn head(w: u32, h: u32, look: &Look) -> String {
    let paper = picture_base(look).1;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         font-family=\"'DejaVu Sans Mono','Menlo','Consolas',monospace\" font-size=\"15\" xml:space=\"preserve\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\n"
    )
}

/// Each row of `buffer`, drawn in its place.
fn rows(buffer: &Buffer, look: &Look) -> Vec<String> {
    let area = buffer.area;
    let (ink, paper) = picture_base(look);
    let row = |row: u16| {
        let mut out = String::new();
        let mut skip = 0;
        let mut run = Run::default();
        for column in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let Some(cell) = buffer.cell((area.x + column, area.y + row)) else { continue };
            let cells = u16::try_from(width(cell.symbol()).max(1)).unwrap_or(1);
            skip = cells - 1;
            let look = Looks::of(cell, &ink, &paper);
            if run.looks.as_ref() != Some(&look) || cells > 1 || run.wide || !cell.symbol().is_ascii() || !run.ascii {
                run.flush(&mut out, row);
                run = Run { looks: Some(look), at: column, wide: cells > 1, ascii: cell.symbol().is_ascii(), ..run };
                run.text.clear();
                run.cells = 0;
            }
            run.text.push_str(cell.symbol());
            run.cells += cells;
        }
        run.flush(&mut out, row);
        out
    };
    (0..area.height).map(row).collect()
}

#[derive(Clone, PartialEq)]
struct Looks {
    ink: String,
    paper: Option<String>,
    bold: bool,
    italic: bool,
    underline: bool,
    dim: bool,
}

impl Looks {
    fn of(cell: &Cell, ink: &str, paper: &str) -> Self {
        let has = |m| cell.modifier.contains(m);
        let (mut front, mut back) = (colour(Some(cell.fg), ink), colour(Some(cell.bg), paper));
        if has(Modifier::REVERSED) {
            std::mem::swap(&mut front, &mut back);
        }
        Self {
            ink: front,
            paper: (back != paper).then_some(back),
            bold: has(Modifier::BOLD),
            italic: has(Modifier::ITALIC),
            underline: has(Modifier::UNDERLINED),
            dim: has(Modifier::DIM),
        }
    }
}

/// Neighbouring cells that look alike.
#[derive(Default)]
struct Run {
    looks: Option<Looks>,
    at: u16,
    text: String,
    cells: u16,
    wide: bool,
    ascii: bool,
}

impl Run {
    fn flush(&self, out: &mut String, row: u16) {
        let Some(looks) = &self.looks else { return };
        let (x, y) = (u32::from(self.at) * CELL_WIDTH, u32::from(row) * CELL_HEIGHT);
        let w = u32::from(self.cells) * CELL_WIDTH;
        // Writing into a String cannot fail.
        if let Some(paper) = &looks.paper {
            let _ =
                writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{CELL_HEIGHT}\" fill=\"{paper}\"/>");
        }
        if let Some(block) = block(&self.text) {
            let (top, height) = block;
            let y = f64::from(y) + top * f64::from(CELL_HEIGHT);
            let h = height * f64::from(CELL_HEIGHT);
            let _ =
                writeln!(out, "<rect x=\"{x}\" y=\"{y:.2}\" width=\"{w}\" height=\"{h:.2}\" fill=\"{}\"/>", looks.ink);
            return;
        }
        if self.text.trim().is_empty() && !looks.underline {
            return;
        }
        let _ = write!(out, "<text x=\"{x}\" y=\"{}\" textLength=\"{w}\" fill=\"{}\"", y + BASELINE, looks.ink);
        for (on, attribute) in [
            (looks.bold, " font-weight=\"bold\""),
            (looks.italic, " font-style=\"italic\""),
            (looks.underline, " text-decoration=\"underline\""),
            (looks.dim, " opacity=\"0.6\""),
        ] {
            if on {
                out.push_str(attribute);
            }
        }
        out.push('>');
        out.push_str(&escaped(&self.text));
        out.push_str("</text>\n");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Top and height of a block element in its cell: fonts leave gaps between them, rectangles do not.
fn block(text: &str) -> Option<(f64, f64)> {
    let mut chars = text.chars();
    let c = chars.next().filter(|_| chars.next().is_none())?;
    let eighths = u32::from(c).checked_sub(0x2580).filter(|n| (1..=8).contains(n))?;
    let height = f64::from(eighths) / 8.0;
    Some((1.0 - height, height))
}

/// Ink and paper of a frame in `look` where a cell names none, as `#rrggbb`.
#[must_use]
pub fn picture_base(look: &Look) -> (String, String) {
    let base = look.theme_of(None).style(Role::Text);
    (colour(base.fg, INK), colour(base.bg, PAPER))
}

/// What `colour` is in pictures, as `#rrggbb`; `otherwise` where it is the terminal's own.
#[must_use]
pub fn picture_colour(wanted: Color, otherwise: &str) -> String {
    colour(Some(wanted), otherwise)
}

fn colour(colour: Option<Color>, otherwise: &str) -> String {
    let ansi = |i: usize| ANSI[i].to_owned();
    match colour.unwrap_or_default() {
        Color::Reset => otherwise.to_owned(),
        Color::Black => ansi(0),
        Color::Red => ansi(1),
        Color::Green => ansi(2),
        Color::Yellow => ansi(3),
        Color::Blue => ansi(4),
        Color::Magenta => ansi(5),
        Color::Cyan => ansi(6),
        Color::Gray => ansi(7),
        Color::DarkGray => ansi(8),
        Color::LightRed => ansi(9),
        Color::LightGreen => ansi(10),
        Color::LightYellow => ansi(11),
        Color::LightBlue => ansi(12),
        Color::LightMagenta => ansi(13),
        Color::LightCyan => ansi(14),
        Color::White => ansi(15),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(i @ 0..=15) => ansi(usize::from(i)),
        Color::Indexed(i @ 16..=231) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = i - 16;
            format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        Color::Indexed(i) => {
            let v = 8 + 10 * (i - 232);
            format!("#{v:02x}{v:02x}{v:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn wide_cells_take_two_places_and_markup_is_escaped() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, "本<&█", Style::new().fg(Color::Red));
        let svg = svg(&buffer, &Look::default());
        assert!(svg.contains("viewBox=\"0 0 72 19\""), "{svg}");
        assert!(svg.contains("<text x=\"0\" y=\"14\" textLength=\"18\" fill=\"#f2616b\">本</text>"), "{svg}");
        assert!(svg.contains("<text x=\"18\" y=\"14\" textLength=\"18\" fill=\"#f2616b\">&lt;&amp;</text>"), "{svg}");
        assert!(svg.contains("<rect x=\"36\" y=\"0.00\" width=\"9\" height=\"19.00\" fill=\"#f2616b\"/>"), "{svg}");
    }
    #[test]
    fn a_film_shows_each_row_while_it_is_so_and_what_never_changes_once() {
        let scene = |changing: &str, lasts| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 2));
            buffer.set_string(0, 0, "stays", Style::new());
            buffer.set_string(0, 1, changing, Style::new());
            Scene { buffer, lasts, caption: "one".into() }
        };
        let film = film(&[scene("a", 1.0), scene("b", 2.0), scene("b", 1.0)], &Look::default());
        assert_eq!(film.matches(">stays").count(), 1, "{film}");
        assert_eq!(film.matches(">one<").count(), 1, "{film}");
        assert_eq!(film.matches(">b").count(), 1, "{film}");
        assert!(film.contains("@keyframes s0-1{0%{visibility:visible}25.000%{visibility:hidden}}"), "{film}");
        assert!(film.contains("@keyframes s1-3{0%{visibility:hidden}25.000%{visibility:visible}}"), "{film}");
    }
}
