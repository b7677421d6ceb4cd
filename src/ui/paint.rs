//! Writing into a frame: everything that is drawn goes through here, so nothing leaves its place.

use std::borrow::Cow;
use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use super::hits::{Drawn, Target};
use super::look::{Glyphs, Look};
use super::text::{cut, width};
use super::theme::{Role, Theme};

/// A frame being written.
pub(super) struct Paint<'b> {
    buf: &'b mut Buffer,
    look: &'b Look,
    /// The account in view.
    account: Option<&'b str>,
    theme: &'b Theme,
    production: bool,
    /// What was drawn where.
    drawn: Drawn,
}

/// Pieces of text one after another, each with its look.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans(pub(super) Vec<(Cow<'static, str>, Style)>);

impl Spans {
    pub(super) fn one(text: impl Into<Cow<'static, str>>, style: Style) -> Self {
        Self(vec![(text.into(), style)])
    }

    pub(super) fn push(&mut self, text: impl Into<Cow<'static, str>>, style: Style) -> &mut Self {
        self.0.push((text.into(), style));
        self
    }

    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(t, _)| width(t)).sum()
    }
}

impl<'b> Paint<'b> {
    /// Into `buf`, while `account` is in view.
    pub(super) fn new(buf: &'b mut Buffer, look: &'b Look, account: Option<&'b str>) -> Self {
        let (theme, production) = (look.theme_of(account), look.is_production(account));
        Self { buf, look, account, theme, production, drawn: Drawn::default() }
    }

    /// Notes that `target` is at `area`, over what was there before.
    pub(super) fn hit(&mut self, area: Rect, target: Target) {
        self.drawn.hit(area.intersection(self.buf.area), target);
    }

    /// Notes that the text in `area`, one row of it, leads to `address`, where links are wanted.
    pub(super) fn link(&mut self, area: Rect, address: impl FnOnce() -> Option<String>) {
        if self.look.links
            && let Some(address) = address()
        {
            self.drawn.link(area.intersection(self.buf.area), address);
        }
    }

    /// Notes where the tiles of a heat map are.
    pub(super) fn tiles_in(&mut self, area: Rect) {
        self.drawn.tiles_in(area.intersection(self.buf.area));
    }

    /// Whether a graph was drawn.
    pub(super) fn has_graph(&self) -> bool {
        self.drawn.axis().is_some()
    }

    /// What was drawn where.
    pub(super) fn drawn(self) -> Drawn {
        self.drawn
    }

    /// The account in view.
    pub(super) fn account(&self) -> Option<&'b str> {
        self.account
    }

    /// Whether that is production.
    pub(super) fn is_production(&self) -> bool {
        self.production
    }

    pub(super) fn look(&self) -> &'b Look {
        self.look
    }

    pub(super) fn glyphs(&self) -> Glyphs {
        self.look.glyphs
    }

    /// Where the next character goes.
    pub(super) fn caret(&self) -> &'static str {
        if self.look.glyphs.cut == "~" { "_" } else { "▏" }
    }

    pub(super) fn style(&self, role: Role) -> Style {
        self.theme.style(if self.production && role == Role::Border { Role::Production } else { role })
    }

    /// Writes `text` at (`x`, `y`) in at most `max` cells; what does not fit ends in the mark. Returns its width.
    pub(super) fn text(&mut self, x: u16, y: u16, max: u16, text: &str, style: Style) -> u16 {
        let area = self.buf.area;
        if y < area.y || y >= area.bottom() || x < area.x || x >= area.right() {
            return 0;
        }
        let max = max.min(area.right() - x);
        let text = cut(text, usize::from(max), self.look.glyphs.cut);
        self.put(x, y, max, &text, style)
    }

    /// Puts `text` into cells, which are there. A character that takes another number of them than ratatui thinks says
    /// so in its cell: the rest is left out of what goes to the terminal, and the next one is put where it belongs.
    fn put(&mut self, x: u16, y: u16, max: u16, text: &str, style: Style) -> u16 {
        if !self.look.wide {
            return self.buf.set_stringn(x, y, text, usize::from(max), style).0 - x;
        }
        let mut used = 0;
        for grapheme in text.graphemes(true).filter(|g| !g.contains(char::is_control)) {
            let w = to_u16(width(grapheme));
            if used + w > max {
                break;
            }
            for i in 0..w {
                let Some(cell) = self.buf.cell_mut((x + used + i, y)) else { continue };
                if i > 0 {
                    cell.reset();
                    continue;
                }
                let forced = NonZeroU16::new(w).filter(|w| w.get() != grapheme.cell_width());
                cell.set_symbol(grapheme).set_style(style);
                cell.set_diff_option(forced.map_or(CellDiffOption::None, CellDiffOption::ForcedWidth));
            }
            used += w;
        }
        used
    }

    /// Writes `text` so that it ends before `right`, and not before `left`.
    pub(super) fn right(&mut self, left: u16, right: u16, y: u16, text: &str, style: Style) -> u16 {
        let w = to_u16(width(text)).min(right.saturating_sub(left));
        self.text(right - w, y, w, text, style)
    }

    pub(super) fn spans(&mut self, x: u16, y: u16, max: u16, spans: &Spans) -> u16 {
        let total = to_u16(spans.width());
        let mut used = 0;
        for (i, (text, style)) in spans.0.iter().enumerate() {
            let left = max.saturating_sub(used);
            if left == 0 {
                break;
            }
            let more = i + 1 < spans.0.len() && total > max;
            if more && to_u16(width(text)) >= left {
                let mut cut_text = text.to_string();
                cut_text.push(' ');
                let marked = cut(&cut_text, usize::from(left), self.look.glyphs.cut).into_owned();
                used += self.text(x + used, y, left, &marked, *style);
                break;
            }
            used += self.text(x + used, y, left, text, *style);
        }
        used
    }

    /// Gives every cell of `area` `style`, keeping what is written there.
    pub(super) fn tint(&mut self, area: Rect, style: Style) {
        self.buf.set_style(area.intersection(self.buf.area), style);
    }

    /// Marks `area` as selected: one background all along it, with what is written there kept readable. Plain text
    /// takes the theme's colour for it; colours that mean something stay, in their bright shade where they are the
    /// terminal's own. Where the theme has no background for it, the row is turned round in one piece.
    pub(super) fn select(&mut self, area: Rect) {
        let (selected, text) = (self.style(Role::Selected), self.style(Role::Text));
        let plain = [text.fg, self.style(Role::Dim).fg, Some(Color::Reset), None];
        let area = area.intersection(self.buf.area);
        for y in area.y..area.bottom() {
            for x in area.x..area.right() {
                let Some(cell) = self.buf.cell_mut((x, y)) else { continue };
                let own_background = Some(cell.bg) != text.bg && cell.bg != Color::Reset;
                if selected.bg.is_none() {
                    cell.set_style(text.patch(Style::new().remove_modifier(Modifier::REVERSED | Modifier::DIM)));
                } else if own_background {
                    cell.set_fg(cell.bg);
                } else if plain.contains(&Some(cell.fg)) {
                    cell.set_fg(selected.fg.or(text.fg).unwrap_or(Color::Reset));
                } else {
                    cell.set_fg(bright(cell.fg));
                }
                // Faint text is as hard to read here as any: it is what the person looks at.
                cell.modifier.remove(Modifier::DIM);
                cell.set_style(Style { fg: None, ..selected });
            }
        }
    }

    /// Empties `area`.
    pub(super) fn clear(&mut self, area: Rect) {
        self.drawn.unlink(area);
        let style = self.style(Role::Text);
        let area = area.intersection(self.buf.area);
        for y in area.y..area.bottom() {
            // Half of a wide character cannot stay.
            if let Some(cell) = area.x.checked_sub(1).and_then(|x| self.buf.cell_mut((x, y)))
                && cell.cell_width() > 1
            {
                cell.set_symbol(" ").set_diff_option(CellDiffOption::None);
            }
            for x in area.x..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// Fills one row with `glyph`.
    pub(super) fn line(&mut self, x: u16, y: u16, w: u16, glyph: &str, style: Style) {
        let area = self.buf.area;
        if y < area.y || y >= area.bottom() {
            return;
        }
        for x in x.max(area.x)..x.saturating_add(w).min(area.right()) {
            if let Some(cell) = self.buf.cell_mut((x, y)) {
                cell.set_symbol(glyph).set_style(style).set_diff_option(CellDiffOption::None);
            }
        }
    }

    /// Copies the rows of `from`, with what is `drawn` there, from `skip` on into `area`.
    pub(super) fn blit(&mut self, from: &Buffer, drawn: Drawn, skip: u16, area: Rect) {
        self.drawn.take(drawn, skip, area);
        let area = area.intersection(self.buf.area);
        for y in 0..area.height.min(from.area.height.saturating_sub(skip)) {
            for x in 0..area.width.min(from.area.width) {
                if let (Some(to), Some(cell)) = (self.buf.cell_mut((area.x + x, area.y + y)), from.cell((x, y + skip)))
                {
                    *to = cell.clone();
                }
            }
        }
    }
}

/// The bright shade of one of the terminal's own colours: on a background of ours the plain one may be too dark.
fn bright(colour: Color) -> Color {
    match colour {
        Color::Red => Color::LightRed,
        Color::Green => Color::LightGreen,
        Color::Yellow => Color::LightYellow,
        Color::Blue => Color::LightBlue,
        Color::Magenta => Color::LightMagenta,
        Color::Cyan => Color::LightCyan,
        other => other,
    }
}

/// `n` as a terminal counts cells.
pub(super) fn to_u16(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
