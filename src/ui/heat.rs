//! A fleet's CPU as a heat map: one tile an instance, as large as they all fit.
//!
//! ```text
//!  ▾ web-asg  8 instances  ◔ 6 pending
//!   web-01  87%   web-02  91%  [web-03  12%]          wide: name and figure
//!   87  91 [12]                                       narrower: the figure
//!   ▇█▂·                                              one cell: a height; in ASCII the tens
//!   ●87 ●                                             with an alert: its sign before the figure, or in place of the height
//! ```

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::command::Command;
use super::facts;
use super::format::UNKNOWN;
use super::hits::Target;
use super::pages::{branch_head, fault_sign};
use super::paint::{Paint, Spans, to_u16};
use super::rows::Rows;
use super::shown::Shown;
use super::signals;
use super::text::width;
use super::theme::Role;
use super::view::{Item, Listing, Page, ViewState, place};
use super::widgets::offset;
use crate::alerts::{Level, Phase};
use crate::model::{Detail, Kind, ResourceId};

/// From here on somebody should look, and must act: the limits of the rule on CPU that comes with the program.
const LIMITS: (f64, f64) = (80.0, 90.0);
/// Rows under the map: the selected tile's, and the legend.
pub(super) const UNDER: u16 = 2;

/// How large a tile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tile {
    /// Its name and its figure.
    Named,
    /// Its figure, with a sign.
    Figure,
    /// Its figure.
    Small,
    /// One cell.
    Cell,
}

impl Tile {
    /// Columns that it takes of `w`, and columns between it and the next.
    fn size(self, w: u16) -> (u16, u16) {
        match self {
            // They share what is left.
            Self::Named => ((w + 1) / ((w + 1) / 22).max(1) - 1, 1),
            Self::Figure => (6, 1),
            Self::Small => (3, 0),
            Self::Cell => (1, 0),
        }
    }

    /// Fewest columns of a screen for it.
    fn least(self) -> u16 {
        match self {
            Self::Named => 21,
            other => other.size(u16::MAX / 2).0,
        }
    }
}

/// A line of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// A head of what is below, by its row.
    Head(usize),
    /// Tiles, by their rows.
    Tiles(std::ops::Range<usize>),
}

impl Line {
    fn holds(&self, row: usize) -> bool {
        match self {
            Self::Head(at) => *at == row,
            Self::Tiles(rows) => rows.contains(&row),
        }
    }
}

/// What stands where.
struct Plan {
    tile: Tile,
    lines: Vec<Line>,
}

impl Plan {
    /// The largest tiles of which all of `rows` fit into `w` columns and `h` lines; the smallest where none do.
    fn of(rows: &Rows, w: u16, h: u16) -> Self {
        let all = [Tile::Named, Tile::Figure, Tile::Small, Tile::Cell];
        let plans = all.into_iter().map(|tile| Self { tile, lines: lines(rows, w, tile) });
        let mut smallest = None;
        for plan in plans {
            if plan.tile.least() <= w && plan.lines.len() <= usize::from(h) {
                return plan;
            }
            smallest = Some(plan);
        }
        smallest.unwrap_or(Self { tile: Tile::Cell, lines: Vec::new() })
    }
}

/// `rows` as lines of tiles under their heads.
fn lines(rows: &Rows, w: u16, tile: Tile) -> Vec<Line> {
    let (size, gap) = tile.size(w);
    let each = usize::from(((w + gap) / (size + gap)).max(1));
    let mut out: Vec<Line> = Vec::new();
    for (i, item) in rows.items.iter().enumerate() {
        match (item, out.last_mut()) {
            (Item::Group(_), _) => out.push(Line::Head(i)),
            (_, Some(Line::Tiles(line))) if line.len() < each => line.end = i + 1,
            _ => out.push(Line::Tiles(i..i + 1)),
        }
    }
    out
}

/// Whether the heat map is what is shown of `list`.
pub(super) fn is_on(view: &ViewState, list: Listing) -> bool {
    view.heat && list == Listing::Instances && view.page == Page::Instances
}

/// Shows the heat map, or the table again; from anywhere else it goes there.
pub(super) fn toggle(view: &mut ViewState) {
    view.heat = view.page != Page::Instances || !view.heat;
    if view.page != Page::Instances {
        super::step::jump(view, Page::Instances, Listing::Instances);
    }
}

/// Whether `command` moves over the map.
pub(super) fn moves(view: &ViewState, command: Command) -> bool {
    use Command as C;
    let covered = view.help.is_some() || view.welcome.is_some() || view.input.is_some() || view.explained.is_some();
    is_on(view, view.focus())
        && !covered
        && view.details.is_empty()
        && matches!(command, C::Up | C::Down | C::HalfUp | C::HalfDown | C::PageUp | C::PageDown | C::Fold | C::Unfold)
}

/// Moves over the map as it is drawn.
pub(super) fn go(view: &mut ViewState, command: Command, shown: &Shown<'_>) {
    use Command as C;
    let list = Listing::Instances;
    let Some(Rect { width, height, .. }) = view.drawn.tiles() else { return };
    let rows = view.rows(shown, list).into_owned();
    let index = place(&rows.items, &view.list(list));
    let last = rows.items.len().saturating_sub(1);
    let plan = Plan::of(&rows, width, height);
    let Some(line) = plan.lines.iter().position(|l| l.holds(index)) else { return };
    let column = match &plan.lines[line] {
        Line::Head(_) => 0,
        Line::Tiles(rows) => index - rows.start,
    };
    let to_line = |by: isize| {
        let line = line.saturating_add_signed(by).min(plan.lines.len() - 1);
        match &plan.lines[line] {
            Line::Head(row) => *row,
            Line::Tiles(rows) => (rows.start + column).min(rows.end - 1),
        }
    };
    let page = isize::try_from(usize::from(height)).unwrap_or(1).max(2);
    let index = match command {
        C::Up => to_line(-1),
        C::Down => to_line(1),
        C::HalfUp => to_line(-page / 2),
        C::HalfDown => to_line(page / 2),
        C::PageUp => to_line(-page),
        C::PageDown => to_line(page),
        C::Fold => index.saturating_sub(1),
        _ => (index + 1).min(last),
    };
    let selected = rows.items.get(index).cloned();
    let state = view.lists.entry(list).or_default();
    (state.index, state.selected) = (index, selected);
}

/// Lines that say why something may be old or missing.
pub(super) fn notes(shown: &Shown<'_>) -> u16 {
    let standing = facts::standing(shown, super::step::pollers(Listing::Instances));
    let why: std::collections::BTreeSet<String> =
        standing.failing.iter().map(|(source, error)| facts::why(source, error)).collect();
    to_u16(why.len()).min(2)
}

/// What is known of an instance's CPU.
#[derive(Clone, Copy)]
enum Heat {
    Cpu(f64),
    NoData,
    /// It does not run.
    Off,
}

impl Heat {
    fn of(shown: &Shown<'_>, id: &ResourceId) -> Self {
        let detail = shown.model.resource(id).map(|r| &r.detail);
        match (signals::cpu(shown.model, id, shown.now).filter(|v| v.is_finite()), detail) {
            (_, Some(Detail::Instance(i))) if i.state != "running" => Self::Off,
            (Some(v), _) => Self::Cpu(v.clamp(0.0, 999.0)),
            (None, _) => Self::NoData,
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Cpu(v) if v > LIMITS.1 => Role::Crit,
            Self::Cpu(v) if v > LIMITS.0 => Role::Warn,
            Self::Cpu(v) if v >= 50.0 => Role::Ok,
            Self::Cpu(v) if v >= 20.0 => Role::Graph,
            _ => Role::Dim,
        }
    }

    /// `87`, or the sign of why there is no figure.
    fn figure(self, p: &Paint<'_>) -> String {
        match self {
            Self::Cpu(v) => format!("{v:.0}"),
            Self::NoData => no_data(p).to_owned(),
            Self::Off => UNKNOWN.to_owned(),
        }
    }

    /// The same with its unit, or in words.
    fn words(self) -> String {
        match self {
            Self::Cpu(v) => format!("{v:.0}%"),
            Self::NoData => "no data".to_owned(),
            Self::Off => "off".to_owned(),
        }
    }

    /// One cell: a height, or in ASCII the tens.
    fn sign(self, p: &Paint<'_>) -> String {
        let tens = |v: f64| char::from_digit(digit(v), 10).unwrap_or('9').to_string();
        match self {
            Self::Cpu(v) if is_ascii(p) => tens(v),
            Self::Cpu(v) => p.glyphs().spark[super::widgets::eighths(v / 100.0, 7).min(7)].to_owned(),
            other => other.figure(p),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped between 0 and 9")]
fn digit(v: f64) -> u32 {
    (v / 10.0).clamp(0.0, 9.0) as u32
}

fn is_ascii(p: &Paint<'_>) -> bool {
    p.glyphs().cut == "~"
}

fn no_data(p: &Paint<'_>) -> &'static str {
    if is_ascii(p) { "?" } else { "·" }
}

/// A role as the background of a tile. What has no colour is turned round only where it is a fault.
fn filled(p: &Paint<'_>, heat: Heat) -> Style {
    let style = p.style(heat.role());
    match heat {
        // What idles is no part of the picture.
        Heat::Cpu(v) if v >= 20.0 && style.fg.is_some() || v > LIMITS.0 => style.add_modifier(Modifier::REVERSED),
        _ => style,
    }
}

/// Draws the map of `rows` into `area`.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, rows: &Rows, selected: usize) {
    let under = UNDER.min(area.height.saturating_sub(1));
    let room = Rect { height: area.height - under, ..area };
    let plan = Plan::of(rows, room.width, room.height);
    p.tiles_in(room);
    let at = plan.lines.iter().position(|l| l.holds(selected)).unwrap_or(0);
    let first = offset(at, plan.lines.len(), usize::from(room.height));
    let (size, gap) = plan.tile.size(room.width);
    let levels = levels(shown);
    let whole = facts::standing(shown, super::step::pollers(Listing::Instances)).is_whole();
    for (line, y) in plan.lines.iter().skip(first).zip(room.y..room.bottom()) {
        match line {
            Line::Head(row) => {
                let (Some(Item::Group(label)), Some(branch)) = (rows.items.get(*row), rows.tree.get(*row)) else {
                    continue;
                };
                let head = branch_head(p, Listing::Instances, label, branch, whole);
                p.spans(room.x, y, room.width, &head);
                let line = Rect { x: room.x.saturating_sub(1), y, width: room.width + 2, height: 1 };
                p.hit(line, Target::Row(Listing::Instances, Item::Group(label.clone())));
                if *row == selected {
                    p.line(line.x, y, 1, p.glyphs().cursor, p.style(Role::Key));
                    p.select(line);
                }
            }
            Line::Tiles(tiles) => {
                for (n, row) in tiles.clone().enumerate() {
                    let Some(item @ Item::Resource(id)) = rows.items.get(row) else { continue };
                    let x = room.x + to_u16(n) * (size + gap);
                    let tile = Rect { x, y, width: size.min(room.right().saturating_sub(x)), height: 1 };
                    p.hit(tile, Target::Row(Listing::Instances, item.clone()));
                    let look = (plan.tile, levels.get(id).copied().unwrap_or(0), row == selected);
                    draw_tile(p, tile, shown, id, look);
                }
            }
        }
    }
    let y = room.bottom();
    if under == UNDER {
        let told = match rows.items.get(selected) {
            Some(Item::Resource(id)) => said(p, shown, id),
            Some(Item::Group(label)) => {
                let mut spans = Spans::one(label.to_string(), p.style(Role::Title));
                spans.push("  Enter folds it", p.style(Role::Dim));
                spans
            }
            _ => Spans::default(),
        };
        p.spans(area.x, y, area.width, &told);
    }
    if under > 0 {
        legend(p, area, plan.tile, &levels);
    }
}

/// Draws the tile of `id`: how large, how bad its alerts are, and whether it is the selected one.
fn draw_tile(
    p: &mut Paint<'_>,
    at: Rect,
    shown: &Shown<'_>,
    id: &ResourceId,
    (tile, bad, selected): (Tile, usize, bool),
) {
    let heat = Heat::of(shown, id);
    // The selected one is not filled: among others that are it is found at once, and its colour stays readable.
    let style = if selected {
        let own = if p.style(heat.role()).fg.is_some() { heat.role() } else { Role::Text };
        p.style(own).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    } else {
        filled(p, heat)
    };
    // Small tiles have one column for both: the selected one's alert is told under the map.
    let alert = fault_sign(p, Listing::Instances, bad);
    let open = if selected { "[" } else { alert.filter(|_| tile != Tile::Named).map_or(" ", |(sign, ..)| sign) };
    let close = if selected { "]" } else { " " };
    let room = usize::from(at.width);
    let text = match tile {
        Tile::Named => {
            let sign = alert.map_or(" ", |(sign, ..)| sign);
            let figure = heat.words();
            let left = room.saturating_sub(width(&figure) + 5);
            let name = super::text::cut(facts::name_of_id(shown.model, id), left, p.glyphs().cut).into_owned();
            let fill = left.saturating_sub(width(&name));
            format!("{open}{sign} {name}{} {figure}{close}", " ".repeat(fill))
        }
        Tile::Figure => {
            let figure = if let Heat::Cpu(_) = heat { heat.words() } else { heat.figure(p) };
            format!("{open}{figure:>4}{close}")
        }
        Tile::Small => {
            let figure = if let Heat::Cpu(v) = heat { format!("{:.0}", v.min(99.0)) } else { heat.figure(p) };
            format!("{open}{figure:>2}")
        }
        Tile::Cell => {
            let sign = alert.map_or_else(|| heat.sign(p), |(sign, ..)| sign.to_owned());
            let style = match (selected, heat) {
                (true, _) => p.style(Role::TabActive),
                (false, _) if alert.is_some() => p.style(alert.map_or(Role::Text, |(.., role)| role)),
                (false, Heat::Cpu(v)) if is_ascii(p) && v > LIMITS.0 => style,
                (false, _) => p.style(heat.role()),
            };
            p.text(at.x, at.y, at.width, &sign, style);
            return;
        }
    };
    p.text(at.x, at.y, at.width, &text, style);
    if let Some((sign, _, role)) = alert.filter(|_| !selected && tile != Tile::Named) {
        // In its own colour beside the figure's: an idle host may be the one that is ill.
        p.text(at.x, at.y, 1.min(at.width), sign, p.style(role).add_modifier(Modifier::BOLD));
    }
}

/// How bad the alerts on every instance say it is: pending 3, warning 4, blind 5, critical 6; what is silenced is not.
fn levels<'a>(shown: &Shown<'a>) -> BTreeMap<&'a ResourceId, usize> {
    let mut out = BTreeMap::new();
    for alert in shown.alerts.active.iter().filter(|a| a.id.resource.kind == Kind::Instance) {
        let bad = match (alert.phase, alert.level) {
            (Phase::Pending, _) => 3,
            (Phase::Firing, _) if alert.handling.silence.is_some() => continue,
            (Phase::Firing, Level::Warning) => 4,
            (Phase::Firing, Level::Blind) => 5,
            (Phase::Firing, Level::Critical) => 6,
            (Phase::Resolved, _) => continue,
        };
        let worst = out.entry(&alert.id.resource).or_insert(bad);
        *worst = bad.max(*worst);
    }
    out
}

/// The selected instance in words.
fn said(p: &Paint<'_>, shown: &Shown<'_>, id: &ResourceId) -> Spans {
    let heat = Heat::of(shown, id);
    let name = facts::name_of_id(shown.model, id);
    let mut spans = Spans::one(name.to_owned(), p.style(Role::Title));
    spans.push(format!("  cpu {}", heat.words()), p.style(heat.role()));
    if let Some((signal, series)) = signals::metric(shown.model, id, "CPUUtilization", "Average") {
        let values = signals::tail(signal, series, 12, shown.now);
        spans.push(format!(" {}", super::widgets::spark(p, &values, Some(100.0))), p.style(Role::Graph));
    }
    if *name != *id.id {
        spans.push(format!("  {}", id.id), p.style(Role::Dim));
    }
    if let Some(Detail::Instance(i)) = shown.model.resource(id).map(|r| &r.detail) {
        let words = [i.state.as_str(), i.instance_type.as_str(), i.zone.as_str(), i.private_ip.as_str()];
        for word in words.into_iter().filter(|w| !w.is_empty()) {
            spans.push(format!("  {word}"), p.style(Role::Dim));
        }
    }
    if let Some(alert) = shown.alerts.on(id).next() {
        let role = facts::name_role(shown, id);
        spans.push(format!("  {}", alert.title), p.style(role));
    }
    spans
}

/// What the colours and signs mean, as far as there is room.
fn legend(p: &mut Paint<'_>, area: Rect, tile: Tile, levels: &BTreeMap<&ResourceId, usize>) {
    let y = area.bottom() - 1;
    let mut x = area.x;
    let sample = |p: &Paint<'_>, v: f64, text: &str| -> (String, Style) {
        let heat = Heat::Cpu(v);
        match tile {
            Tile::Cell => (format!("{} {text}", heat.sign(p)), p.style(heat.role())),
            _ => (format!(" {text} "), filled(p, heat)),
        }
    };
    let dim = p.style(Role::Dim);
    // Of the signs of alerts only those that there are.
    let found: std::collections::BTreeSet<usize> = levels.values().copied().collect();
    let signs = found.into_iter().rev().filter_map(|bad| {
        let (sign, word, role) = fault_sign(p, Listing::Instances, bad)?;
        Some((format!("{sign} {word}"), p.style(role).add_modifier(Modifier::BOLD)))
    });
    let heats = [
        sample(p, 95.0, ">90%"),
        sample(p, 85.0, ">80%"),
        (format!("{} no data", no_data(p)), dim),
        sample(p, 65.0, "50-80%"),
        sample(p, 35.0, "20-50%"),
        sample(p, 5.0, "<20%"),
        (format!("{UNKNOWN} not running"), dim),
    ];
    // What is bad is told first where not all fits.
    let parts: Vec<(String, Style)> = signs.chain(heats).collect();
    for (text, style) in parts {
        let w = to_u16(width(&text));
        if x + w > area.right() {
            break;
        }
        p.text(x, y, w, &text, style);
        x += w + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_as_large_as_they_all_fit() {
        let rows = |n: usize| Rows {
            items: (0..n).map(|i| Item::Event(jiff::Timestamp::UNIX_EPOCH, i.to_string().as_str().into())).collect(),
            ..Rows::default()
        };
        for (n, wanted) in [(20, Tile::Named), (200, Tile::Figure), (500, Tile::Small), (2000, Tile::Cell)] {
            let rows = rows(n);
            let plan = Plan::of(&rows, 156, 20);
            assert_eq!(plan.tile, wanted, "{n}");
            let held: Vec<usize> = (0..n).filter(|i| plan.lines.iter().filter(|l| l.holds(*i)).count() == 1).collect();
            assert_eq!(held.len(), n);
        }
        assert_eq!(Plan::of(&rows(9999), 1, 1).lines.len(), 9999);
    }
}
