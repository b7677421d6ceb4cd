//! Letters that are read across a room: the font is `tui-big-text`'s, 8 by 8 dots, each letter as wide as it needs to be.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_big_text::{BigText, PixelSize};

use crate::ui::paint::{Paint, to_u16};
use crate::ui::text::width;

/// Rows of dots of a letter.
const DOTS: u16 = 8;
/// Columns of dots of a space.
const SPACE: usize = 4;

/// How large a dot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// A quarter of a cell.
    Quarter,
    /// So many columns wide, and as high as that is wide.
    Square(u16),
}

impl Size {
    /// The largest first.
    const ALL: [Self; 5] = [Self::Square(4), Self::Square(3), Self::Square(2), Self::Square(1), Self::Quarter];

    /// Rows of cells of a letter. Without block characters a dot is a whole cell, at the smallest.
    fn rows(self, ascii: bool) -> Option<u16> {
        match self {
            Self::Quarter if ascii => None,
            Self::Quarter => Some(DOTS / 2),
            Self::Square(1) if ascii => Some(DOTS),
            Self::Square(n) if ascii && n % 2 == 1 => None,
            Self::Square(n) => Some(DOTS * n / 2),
        }
    }

    fn columns(self, dots: usize) -> u16 {
        match self {
            Self::Quarter => to_u16(dots.div_ceil(2)),
            Self::Square(n) => to_u16(dots).saturating_mul(n),
        }
    }
}

/// A text in dots.
struct Dots(Vec<Vec<bool>>);

impl Dots {
    /// `text` in dots; none where the font lacks a letter of it. Digits are all as wide, so that a clock stands still.
    fn of(text: &str) -> Option<Self> {
        if text.is_empty() || !text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
            return None;
        }
        let mut rows = vec![Vec::new(); usize::from(DOTS)];
        for c in text.chars() {
            let area = Rect::new(0, 0, DOTS, DOTS);
            let mut cell = Buffer::empty(area);
            BigText::builder()
                .pixel_size(PixelSize::Full)
                .lines(vec![c.to_string().into()])
                .build()
                .render(area, &mut cell);
            let lit = |x: u16, y: u16| cell[(x, y)].symbol() != " ";
            let used = |x: &u16| (0..DOTS).any(|y| lit(*x, y));
            let (from, to) = match ((0..DOTS).find(used), (0..DOTS).rev().find(used)) {
                _ if c.is_ascii_digit() => (0, 6),
                (Some(from), Some(to)) => (from, to),
                _ => {
                    for row in &mut rows {
                        row.extend([false; SPACE]);
                    }
                    continue;
                }
            };
            for (row, y) in rows.iter_mut().zip(0..DOTS) {
                row.extend((from..=to).map(|x| lit(x, y)));
                row.push(false);
            }
        }
        for row in &mut rows {
            row.pop();
        }
        Some(Self(rows))
    }

    fn width(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    fn lit(&self, x: usize, y: usize) -> bool {
        self.0.get(y).and_then(|row| row.get(x)).copied().unwrap_or(false)
    }

    /// The row `y` of cells.
    fn row(&self, size: Size, ascii: bool, y: usize) -> String {
        const QUARTERS: [&str; 16] = [" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"];
        let columns = usize::from(size.columns(self.width()));
        (0..columns)
            .map(|x| match size {
                Size::Quarter => {
                    let bits = [(0, 0), (1, 0), (0, 1), (1, 1)].iter().enumerate();
                    let at =
                        bits.map(|(i, (dx, dy))| usize::from(self.lit(2 * x + dx, 2 * y + dy)) << i).sum::<usize>();
                    QUARTERS[at]
                }
                Size::Square(1) if ascii => [" ", "#"][usize::from(self.lit(x, y))],
                Size::Square(n) => {
                    let n = usize::from(n);
                    let (up, low) = (self.lit(x / n, 2 * y / n), self.lit(x / n, (2 * y + 1) / n));
                    match (up, low) {
                        (false, false) => " ",
                        _ if ascii => "#",
                        (true, true) => "█",
                        (true, false) => "▀",
                        (false, true) => "▄",
                    }
                }
            })
            .collect()
    }
}

/// Whether only ASCII may be drawn.
pub(super) fn is_ascii(p: &Paint<'_>) -> bool {
    p.glyphs().cut == "~"
}

/// The size that `text` has in at most `columns` and `rows`, and its own columns and rows then; none where even the
/// smallest big letters do not fit.
fn fit(p: &Paint<'_>, text: &str, columns: u16, rows: u16) -> Option<(Dots, Size, u16, u16)> {
    if rows < DOTS / 2 {
        return None;
    }
    let dots = Dots::of(text)?;
    let ascii = is_ascii(p);
    let fits = |size: &Size| {
        Some((size.columns(dots.width()), size.rows(ascii)?)).filter(|(w, h)| *w <= columns && *h <= rows)
    };
    let size = Size::ALL.into_iter().find(|size| fits(size).is_some())?;
    let (w, h) = fits(&size)?;
    Some((dots, size, w, h))
}

/// Where on its place a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Middle,
}

/// Writes `text` as large as fits into `area`, or plainly where no big letters do. Returns the cells it took.
pub(super) fn write(p: &mut Paint<'_>, area: Rect, side: Side, text: &str, style: Style) -> Rect {
    let place = |w: u16, h: u16| {
        let x = match side {
            Side::Left => area.x,
            Side::Right => area.right().saturating_sub(w),
            Side::Middle => area.x + area.width.saturating_sub(w) / 2,
        };
        Rect { x, y: area.y + area.height.saturating_sub(h) / 2, width: w, height: h }
    };
    if area.is_empty() {
        return Rect { width: 0, height: 0, ..area };
    }
    let Some((dots, size, w, h)) = fit(p, text, area.width, area.height) else {
        let at = place(to_u16(width(text)).min(area.width), 1);
        p.text(at.x, at.y, at.width, text, style);
        return at;
    };
    let at = place(w, h);
    let ascii = is_ascii(p);
    for y in 0..h {
        p.text(at.x, at.y + y, w, &dots.row(size, ascii, usize::from(y)), style);
    }
    at
}

/// The most rows that letters can have for all of `texts` to be of one size, each in `columns` and `rows`.
pub(super) fn common<'t>(p: &Paint<'_>, texts: impl Iterator<Item = &'t str>, columns: u16, most: u16) -> u16 {
    texts.map(|text| rows(p, text, columns, most)).min().unwrap_or(1)
}

/// Rows that `text` takes where it has `columns` and at most `rows`.
pub(super) fn rows(p: &Paint<'_>, text: &str, columns: u16, rows: u16) -> u16 {
    fit(p, text, columns, rows).map_or(1, |(.., h)| h)
}
