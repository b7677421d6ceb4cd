//! Panes, tables and small pictures.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::hits::Target;
use super::paint::{Paint, Spans, to_u16};
use super::text::width;
use super::theme::Role;
use super::view::{Item, Listing};

/// How a pane is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A box.
    Boxed,
    /// A line on top only.
    Ruled,
}

impl Frame {
    /// Rows that the frame takes.
    pub(super) fn rows(self) -> u16 {
        if self == Self::Boxed { 2 } else { 1 }
    }
}

/// Draws a pane's frame with `title` and what stands at its right; returns the room inside.
pub(super) fn pane(p: &mut Paint<'_>, area: Rect, frame: Frame, title: &Spans, right: &Spans, focused: bool) -> Rect {
    if area.width < 4 || area.height == 0 {
        return Rect { width: 0, height: 0, ..area };
    }
    let [tl, tr, bl, br, h, v] = p.glyphs().border;
    let style = p.style(if focused { Role::Focus } else { Role::Border });
    let boxed = frame == Frame::Boxed && area.height >= 2;
    p.line(area.x, area.y, area.width, h, style);
    if boxed {
        let last = area.bottom() - 1;
        p.line(area.x, last, area.width, h, style);
        for y in area.y + 1..last {
            p.line(area.x, y, 1, v, style);
            p.line(area.right() - 1, y, 1, v, style);
        }
        for (x, y, glyph) in
            [(area.x, area.y, tl), (area.right() - 1, area.y, tr), (area.x, last, bl), (area.right() - 1, last, br)]
        {
            p.line(x, y, 1, glyph, style);
        }
    }
    let room = area.width - 4;
    let mut title = title.clone();
    title.0.insert(0, (" ".into(), style));
    title.push(" ", style);
    let used = p.spans(area.x + 1, area.y, room, &title);
    let w = to_u16(right.width() + 2);
    if right.width() > 0 && used < room {
        let w = w.min(room - used);
        let mut right = right.clone();
        right.0.insert(0, (" ".into(), style));
        right.push(" ", style);
        p.spans(area.right() - 1 - w, area.y, w, &right);
    }
    if boxed {
        Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
    } else {
        Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 1 }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'c> {
    /// Its head.
    pub(super) title: &'c str,
    /// What it is called in the configuration; empty: as its head.
    pub(super) name: &'static str,
    /// Narrowest that a text is cut to. What is never wider than 19 is a figure, and is not cut.
    pub(super) min: u16,
    /// Widest it gets.
    pub(super) max: u16,
    /// Whether numbers stand in it, right-aligned.
    pub(super) right: bool,
    /// Columns of the highest rank go first when there is no room; 0 never goes.
    pub(super) rank: u8,
    /// Whether it is never cut, wide as it is: a picture, or several figures.
    pub(super) whole: bool,
    /// Whether it takes the room that is left.
    pub(super) grows: bool,
    /// Whether it is there only when it is chosen.
    pub(super) extra: bool,
}

impl<'c> Column<'c> {
    pub(super) const fn new(title: &'c str, min: u16, max: u16, rank: u8) -> Self {
        Self { title, name: "", min, max, right: false, rank, whole: false, grows: false, extra: false }
    }

    pub(super) const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(super) const fn extra(self) -> Self {
        Self { extra: true, ..self }
    }

    /// What it is called in the configuration.
    pub(super) fn called(&self) -> String {
        if self.name.is_empty() { self.title.to_lowercase().replace(' ', "-") } else { self.name.to_owned() }
    }

    /// Whether it is called `name`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.called() == name
    }

    pub(super) const fn right(self) -> Self {
        Self { right: true, ..self }
    }

    pub(super) const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    pub(super) const fn grows(self) -> Self {
        Self { grows: true, ..self }
    }
}

const GAP: u16 = 2;

/// The first row in view, so that the selected one is in view: in the middle, but at the ends.
pub(super) fn offset(selected: usize, rows: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(rows.saturating_sub(height))
}

/// The rows that a table of `height` with or without heads has in view.
pub(super) fn in_view(heads: bool, height: u16, selected: usize, rows: usize) -> std::ops::Range<usize> {
    let height = usize::from(height - u16::from(heads && height > 1));
    let first = offset(selected, rows, height);
    first..rows.min(first + height)
}

/// The columns that fit into `room` and how wide each is. Columns of rank 5 and more go before others are cut at all,
/// those of rank 3 and 4 before they are cut much; texts are cut, figures never are while a column can still go instead.
fn fit(columns: &[Column<'_>], wishes: &[u16], room: u16) -> Vec<(usize, u16)> {
    let mut kept: Vec<(usize, u16)> =
        columns.iter().enumerate().map(|(i, c)| (i, wishes[i].min(c.max))).filter(|(_, w)| *w > 0).collect();
    let soft = |i: usize| columns[i].max >= 20 && !columns[i].whole;
    let least = |(i, w): (usize, u16)| if soft(i) { columns[i].min.min(w) } else { w };
    let comfortable =
        |(i, w): (usize, u16)| if columns[i].grows { least((i, w)) } else { least((i, w)).max(w - w / 3) };
    let total = |kept: &[(usize, u16)], of: &dyn Fn((usize, u16)) -> u16| -> u32 {
        kept.iter().map(|k| u32::from(of(*k)) + u32::from(GAP)).sum::<u32>().saturating_sub(u32::from(GAP))
    };
    let mut drop_until = |of: &dyn Fn((usize, u16)) -> u16, rank: u8| {
        while total(&kept, of) > u32::from(room) {
            let worst = kept.iter().enumerate().max_by_key(|(_, (i, _))| (columns[*i].rank, *i));
            match worst.map(|(at, (i, _))| (at, columns[*i].rank)) {
                Some((at, r)) if r >= rank => drop(kept.remove(at)),
                _ => break,
            }
        }
    };
    // What is only nice to have goes before anything else is cut.
    let full = |(i, w): (usize, u16)| if columns[i].grows { least((i, w)) } else { w };
    drop_until(&full, 5);
    drop_until(&comfortable, 3);
    drop_until(&least, 1);
    let asked = |(_, w): (usize, u16)| w;
    let mut over = total(&kept, &asked).saturating_sub(u32::from(room));
    for hard in [false, true] {
        while over > 0 {
            let slack = |k: &(usize, u16)| k.1.saturating_sub(if hard { 1 } else { columns[k.0].min });
            let pick = kept.iter_mut().filter(|k| (hard || soft(k.0)) && slack(k) > 0);
            let Some(widest) = pick.max_by_key(|k| (columns[k.0].grows, slack(k))) else { break };
            widest.1 -= 1;
            over -= 1;
        }
    }
    let spare = u32::from(room).saturating_sub(total(&kept, &asked));
    if let Some(last) = kept.iter_mut().rev().find(|(i, _)| columns[*i].grows) {
        last.1 = last.1.saturating_add(u16::try_from(spare).unwrap_or(0));
    }
    kept
}

/// What stands before the name of a row, and what behind it.
type Instead<'t> = &'t dyn Fn(&Paint<'_>, &Item) -> (Spans, Spans);

/// What a table shows.
pub(super) struct Table<'t> {
    pub(super) columns: &'t [Column<'t>],
    /// Whether heads are drawn.
    pub(super) heads: bool,
    /// Of what it is.
    pub(super) list: Listing,
    /// The head that the order is by, and whether it is turned round.
    pub(super) sorted: Option<(&'t str, bool)>,
    /// What its rows are.
    pub(super) items: &'t [Item],
    /// What stands around the name of a row while the column of this title has no room.
    pub(super) instead: Option<(&'t str, Instead<'t>)>,
    /// Where the cell of a column, by its title, leads to.
    pub(super) link: &'t dyn Fn(&Item, &str) -> Option<String>,
    /// The selected row.
    pub(super) selected: usize,
    /// Whether the selection is shown.
    pub(super) focused: bool,
}

/// Draws the rows in view; only these are made, by `row`. Returns the range of rows in view.
pub(super) fn table(
    p: &mut Paint<'_>,
    area: Rect,
    table: &Table<'_>,
    row: impl Fn(&Paint<'_>, usize) -> Vec<Spans>,
) -> std::ops::Range<usize> {
    let heads = u16::from(table.heads && area.height > 1);
    let range = in_view(table.heads, area.height, table.selected, table.items.len());
    let sorted_by = |title: &str| table.sorted.filter(|(name, _)| name.eq_ignore_ascii_case(title));
    let first = range.start;
    let mut cells: Vec<Vec<Spans>> = range.clone().map(|i| row(p, i)).collect();
    // A head of rows is one cell, as wide as the table.
    let wide = |row: usize| matches!(table.items.get(row), Some(Item::Group(_)));
    let wish = |cells: &[Vec<Spans>], i: usize| {
        let title = table.columns[i].title;
        let rows = cells.iter().zip(range.clone()).filter(|(_, row)| !wide(*row));
        let widest = rows.filter_map(|(r, _)| r.get(i)).map(|s| to_u16(s.width())).max().unwrap_or(0);
        let sorted = u16::from(sorted_by(title).is_some());
        if heads > 0 && widest > 0 { widest.max(to_u16(width(title)) + sorted) } else { widest }
    };
    let mut wishes: Vec<u16> = (0..table.columns.len()).map(|i| wish(&cells, i)).collect();
    let mut kept = fit(table.columns, &wishes, area.width);
    if let Some((title, words)) = table.instead
        && let Some(lost) = table.columns.iter().position(|c| c.title == title && c.max > 0)
        && let Some(name) = table.columns.iter().position(|c| c.title == "NAME")
        && wishes[lost] > 0
        && kept.iter().all(|(i, _)| *i != lost)
    {
        for (cells, item) in cells.iter_mut().zip(&table.items[range.clone()]) {
            if let Some(cell) = cells.get_mut(name) {
                let (before, behind) = words(p, item);
                // Behind what says where in the table the row is.
                let sign = |text: &str| !text.chars().any(char::is_alphanumeric);
                let at = cell.0.iter().take_while(|(text, _)| sign(text)).count();
                cell.0.splice(at..at, before.0);
                cell.0.extend(behind.0);
            }
        }
        (wishes[lost], wishes[name]) = (0, wish(&cells, name));
        kept = fit(table.columns, &wishes, area.width);
    }
    if heads > 0 {
        let style = p.style(Role::Header);
        let mut x = area.x;
        for (i, w) in &kept {
            let column = table.columns[*i];
            let w = (*w).min(area.right().saturating_sub(x));
            let mut title = column.title.to_owned();
            if let Some((_, reverse)) = sorted_by(column.title) {
                title.push_str(p.glyphs().order[usize::from(!reverse)]);
            }
            if column.right {
                p.right(x, x + w, area.y, &title, style);
            } else {
                p.text(x, area.y, w, &title, style);
            }
            p.hit(Rect { x, y: area.y, width: w, height: 1 }, Target::Head(table.list, column.title.to_owned()));
            x += w + GAP;
        }
    }
    for (n, cells) in cells.iter().enumerate() {
        let y = area.y + heads + to_u16(n);
        let line = Rect { x: area.x.saturating_sub(1), y, width: area.width + 2, height: 1 };
        if let Some(item) = table.items.get(first + n) {
            p.hit(line, Target::Row(table.list, item.clone()));
        }
        let mut x = area.x;
        let wide = wide(first + n);
        if let Some(cell) = cells.first().filter(|_| wide) {
            p.spans(x, y, area.width, cell);
        }
        for (i, w) in kept.iter().filter(|_| !wide) {
            let w = (*w).min(area.right().saturating_sub(x));
            if let Some(cell) = cells.get(*i) {
                let lead = if table.columns[*i].right { w.saturating_sub(to_u16(cell.width())) } else { 0 };
                let used = p.spans(x + lead, y, w - lead, cell);
                if let Some(item) = table.items.get(first + n) {
                    let text = Rect { x: x + lead, y, width: used, height: 1 };
                    p.link(text, || (table.link)(item, table.columns[*i].title));
                }
            }
            x += w + GAP;
        }
        if table.focused && first + n == table.selected {
            p.line(line.x, y, 1, p.glyphs().cursor, p.style(Role::Key));
            p.select(line);
        }
    }
    range
}

/// A sparkline of `values`, one cell each, from 0 to `top` or the greatest value.
pub(super) fn spark(p: &Paint<'_>, values: &[Option<f64>], top: Option<f64>) -> String {
    let greatest = values.iter().flatten().copied().fold(top.unwrap_or(0.0), f64::max);
    let g = p.glyphs();
    // A whole cell would run into that of the row below.
    let most = if g.spark[7] == "█" { 6 } else { 7 };
    values
        .iter()
        .map(|v| match v {
            None => g.gap,
            Some(_) if greatest <= 0.0 => g.spark[0],
            Some(v) => g.spark[eighths(*v / greatest, most)],
        })
        .collect()
}

/// `share` (0 to 1) of `steps`, rounded, but never 0 of them for something.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped between 0 and `steps`")]
pub(super) fn eighths(share: f64, steps: u16) -> usize {
    if !share.is_finite() || share <= 0.0 {
        return 0;
    }
    ((share * f64::from(steps)).round().clamp(1.0, f64::from(steps))) as usize
}

/// A bar of `w` cells: those that serve, those on their way, those that do not serve.
pub(super) fn health_bar(p: &Paint<'_>, healthy: usize, other: usize, unhealthy: usize, w: usize) -> Spans {
    let total = healthy + other + unhealthy;
    let mut spans = Spans::default();
    if total == 0 {
        return Spans::one(p.glyphs().gap.repeat(w), p.style(Role::Dim));
    }
    let cells = |n: usize| if n == 0 { 0 } else { (n * w / total).max(1) };
    let (bad, half) = (cells(unhealthy), cells(other));
    let good = w.saturating_sub(bad + half);
    let g = p.glyphs();
    spans.push(g.full.repeat(good), p.style(Role::Ok));
    spans.push(g.half.repeat(half), p.style(Role::Pending));
    spans.push(g.empty.repeat(bad.min(w)), p.style(Role::Limit));
    spans.0.retain(|(t, _)| !t.is_empty());
    spans
}

/// A bar of `w` cells, `share` of it filled.
pub(super) fn level_bar(p: &Paint<'_>, share: f64, w: u16, style: Style) -> Spans {
    let filled = eighths(share, w).min(usize::from(w));
    let mut spans = Spans::one(p.glyphs().full.repeat(filled), style);
    spans.push(p.glyphs().empty.repeat(usize::from(w) - filled), p.style(Role::Dim));
    spans.0.retain(|(t, _)| !t.is_empty());
    spans
}

/// Where `at` stands between `min` and `max`: ` 4 ├──────●──┤ 12`.
pub(super) fn gauge(p: &Paint<'_>, min: u32, at: u32, max: u32, w: usize, role: Role) -> Spans {
    let [left, line, mark, right] = p.glyphs().gauge;
    let inner = w.saturating_sub(2).max(1);
    let share = if max > min { f64::from(at.clamp(min, max) - min) / f64::from(max - min) } else { 1.0 };
    let (dim, style) = (p.style(Role::Dim), p.style(role));
    let mut spans = Spans::one(format!("{min:>3} "), p.style(Role::Dim));
    if at >= max && max > 0 {
        spans.push(format!("{left}{}", line.repeat(inner)), dim).push(mark, style);
    } else if at <= min {
        spans.push(mark, style).push(format!("{}{right}", line.repeat(inner)), dim);
    } else {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a few cells"
        )]
        let before = ((share * inner as f64) as usize).min(inner - 1);
        spans.push(format!("{left}{}", line.repeat(before)), dim);
        spans.push(mark, style);
        spans.push(format!("{}{right}", line.repeat(inner - 1 - before)), dim);
    }
    spans.push(format!(" {max:<3}"), p.style(Role::Dim));
    spans
}

/// Writes `lines` of text, each cut to the width, from the top of `area`.
pub(super) fn lines(p: &mut Paint<'_>, area: Rect, lines: &[(String, Style)]) {
    for ((text, style), y) in lines.iter().zip(area.y..area.bottom()) {
        p.text(area.x, y, area.width, text, *style);
    }
}

/// How wide `text` is, as cells.
pub(super) fn cells(text: &str) -> u16 {
    to_u16(width(text))
}
