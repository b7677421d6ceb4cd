//! A graph: columns on a time axis, the limit drawn in, events marked under it.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::format::{self, minute};
use super::hits::{Axis, Target};
use super::paint::{Paint, Spans, to_u16};
use super::range::Span;
use super::signals;
use super::theme::Role;
use super::widgets::cells;
use crate::model::{Series, Signal};
use crate::rules::{Comparison, Unit};

/// What a graph shows.
pub(super) struct Graph<'g> {
    pub(super) signal: &'g Signal,
    pub(super) series: &'g Series,
    pub(super) limit: Option<Limit>,
    pub(super) unit: Unit,
    pub(super) marks: &'g [Timestamp],
    pub(super) now: Timestamp,
    pub(super) tz: &'g TimeZone,
    /// How far back it looks; `None` for as far as there is room.
    pub(super) range: Option<SignedDuration>,
    /// The time that it looks at instead.
    pub(super) zoom: Option<Span>,
}

/// What a graph's signal is held against.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) comparison: Comparison,
    pub(super) value: f64,
    /// What it is: a rule's limit, or a group's maximum.
    pub(super) word: &'static str,
}

const LABELS: u16 = 8;

/// Draws `graph` with its title into `area`: a title, columns, an axis, times.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, graph: &Graph<'_>) {
    if area.width < LABELS + 8 || area.height < 5 {
        return;
    }
    let plot = Rect { x: area.x + LABELS, y: area.y + 1, width: area.width - LABELS, height: area.height - 3 };
    let shape = buckets(graph, usize::from(plot.width));
    let values = &shape.values;
    let period = i64::from(graph.series.period()) * i64::try_from(shape.bucket).unwrap_or(1);
    title(p, area, graph, period, &shape);
    let (times, columns_drawn) = (to_u16(shape.times), to_u16(values.len()).min(plot.width));
    let time_axis = Axis { from: shape.from, bucket: period, times, columns: columns_drawn };
    p.hit(Rect { width: columns_drawn, height: plot.height + 2, ..plot }, Target::Graph(time_axis));
    let greatest = values.iter().flatten().copied().fold(0.0, f64::max);
    let limit = graph.limit.map(|l| l.value).filter(|l| *l <= greatest.max(1e-9) * 8.0 || greatest <= 0.0);
    let top = nice(greatest.max(limit.unwrap_or(0.0)));
    let rows = plot.height;
    columns(p, plot, values, top, graph.limit);
    let limit_row = limit.filter(|l| *l > 0.0).map(|l| row_of(l / top, rows));
    if let (Some(row), Some(limit)) = (limit_row, limit) {
        let y = plot.y + row;
        for (i, v) in values.iter().enumerate() {
            if v.is_none_or(|v| row_of(v / top, rows) > row || v <= 0.0) {
                p.line(plot.x + to_u16(i), y, 1, p.glyphs().limit, p.style(Role::Limit));
            }
        }
        let text = format::value(limit, graph.unit);
        p.right(area.x, plot.x - 1, y, &text, p.style(Role::Limit));
    }
    if limit_row != Some(0) {
        p.right(area.x, plot.x - 1, plot.y, &format::value(top, graph.unit), p.style(Role::Axis));
    }
    if limit_row != Some(rows - 1) {
        p.right(area.x, plot.x - 1, plot.bottom() - 1, "0", p.style(Role::Axis));
    }
    axis(p, plot, graph, &shape, period);
}

fn title(p: &mut Paint<'_>, area: Rect, graph: &Graph<'_>, period: i64, shape: &Shape) {
    let mut spans = Spans::one(graph.signal.name().to_owned(), p.style(Role::Title));
    if let Signal::Metric(m) = graph.signal {
        spans.push(format!(" {}", m.stat), p.style(Role::Dim));
    }
    let now = signals::latest(graph.signal, graph.series, graph.now);
    let limit = graph.limit.map(|l| l.value);
    let newest = now.map_or_else(|| format::UNKNOWN.into(), |v| format::beside(v, limit, graph.unit));
    spans.push(format!("  now {newest}"), p.style(Role::Text));
    if graph.zoom.is_some() {
        spans.push("  zoomed", p.style(Role::Accent));
    }
    if let Some(limit) = graph.limit {
        let value = format::beside(limit.value, now, graph.unit);
        // A rule's limit is passed; what AWS or a person has set is reached.
        let text = match limit.word {
            "limit" => format!("  limit {} {value}", limit.comparison.as_str()),
            word => format!("  {word} {value}"),
        };
        spans.push(text, p.style(Role::Limit));
    }
    let each = format::short_duration(SignedDuration::from_secs(period));
    if area.width >= 60 {
        let worst = if shape.bucket > 1 { ", its worst" } else { "" };
        spans.push(format!("  {each} a column{worst}"), p.style(Role::Dim));
        if shape.values.iter().any(Option::is_none) && !p.glyphs().gap.trim().is_empty() {
            spans.push(format!("  {} no reading", p.glyphs().gap), p.style(Role::Dim));
        }
    }
    p.spans(area.x, area.y, area.width, &spans);
}

/// A series in columns.
struct Shape {
    /// The worst value of each column.
    values: Vec<Option<f64>>,
    /// When the first begins.
    from: Timestamp,
    /// How many slots a bucket holds.
    bucket: usize,
    /// How many columns show one bucket.
    times: usize,
}

/// The series in at most `room` columns.
fn buckets(graph: &Graph<'_>, room: usize) -> Shape {
    let series = graph.series;
    let newest = signals::end(graph.signal, series, graph.now).unwrap_or(graph.now);
    let to = graph.zoom.map_or(newest, |zoom| last_of(zoom).min(newest.max(zoom.from)));
    let oldest = series.points().next().map_or(to, |p| p.at).min(to);
    let held = usize::try_from(series.slot(to) - series.slot(oldest) + 1).unwrap_or(1);
    let wanted = held.max(room.min(series.capacity() / 2)).min(series.capacity()).max(1);
    let wanted = graph.range.map_or(wanted, |range| {
        let slots = range.as_secs().unsigned_abs() / u64::from(series.period().max(1));
        usize::try_from(slots).unwrap_or(usize::MAX).min(held).clamp(1, series.capacity())
    });
    let wanted = graph.zoom.map_or(wanted, |zoom| {
        let slots = series.slot(to) - series.slot(zoom.from) + 1;
        usize::try_from(slots).unwrap_or(1).clamp(1, series.capacity())
    });
    // What is a little longer than the room loses its oldest part rather than half of its detail.
    let bucket = ((wanted + room / 2) / room.max(1)).max(1);
    let columns = (wanted / bucket).clamp(1, room.max(1));
    let window = signals::filled(graph.signal, series, series.window(to, columns * bucket), to);
    let low_is_bad = graph.limit.is_some_and(|l| matches!(l.comparison, Comparison::Below | Comparison::AtMost));
    let worst = |slots: &[Option<f64>]| {
        let known = slots.iter().flatten().copied();
        if low_is_bad { known.reduce(f64::min) } else { known.reduce(f64::max) }
    };
    let back = i64::try_from(columns * bucket).unwrap_or(1) - 1;
    let from = series.slot_start(series.slot(to) - back);
    let narrow: Vec<Option<f64>> = window.chunks(bucket).map(worst).collect();
    let times = (room / narrow.len().max(1)).max(1);
    let values = narrow.iter().flat_map(|v| std::iter::repeat_n(*v, times)).collect();
    Shape { values, from, bucket, times }
}

/// The last second of `span`.
fn last_of(span: Span) -> Timestamp {
    span.to.checked_sub(SignedDuration::from_secs(1)).unwrap_or(span.to).max(span.from)
}

fn columns(p: &mut Paint<'_>, plot: Rect, values: &[Option<f64>], top: f64, limit: Option<Limit>) {
    let rows = plot.height;
    let g = p.glyphs();
    for (i, value) in values.iter().enumerate().take(usize::from(plot.width)) {
        let x = plot.x + to_u16(i);
        let Some(value) = value else {
            p.line(x, plot.bottom() - 1, 1, g.gap, p.style(Role::Dim));
            continue;
        };
        let bad = limit.is_some_and(|l| l.comparison.breaches(*value, l.value));
        let style = p.style(if bad { Role::Limit } else { Role::Graph });
        let mut left = super::widgets::eighths(value / top, rows * 8);
        for row in 0..rows {
            if left == 0 {
                break;
            }
            let glyph = g.spark[left.min(8) - 1];
            p.line(x, plot.bottom() - 1 - row, 1, glyph, style);
            left = left.saturating_sub(8);
        }
    }
}

fn axis(p: &mut Paint<'_>, plot: Rect, graph: &Graph<'_>, shape: &Shape, period: i64) {
    let y = plot.bottom();
    let [corner, tick, _] = p.glyphs().axis;
    let [.., h, _] = p.glyphs().border;
    let style = p.style(Role::Axis);
    p.line(plot.x - 1, y, 1, corner, style);
    p.line(plot.x, y, plot.width, h, style);
    let (from, scale) = (shape.from, shape.times);
    let step = u16::try_from(12usize.div_ceil(scale) * scale).unwrap_or(12);
    let label = |x: u16| {
        let behind = SignedDuration::from_secs(i64::from(x) / i64::try_from(scale).unwrap_or(1) * period);
        let at = from.checked_add(behind).unwrap_or(Timestamp::MAX);
        let text = if period >= 3600 {
            at.to_zoned(graph.tz.clone()).strftime("%d %b").to_string()
        } else {
            minute(at, graph.tz)
        };
        (at, text)
    };
    // The newest column has its time in any case, at the right; the others as far as they leave it room.
    let drawn = to_u16(shape.values.len()).min(plot.width);
    let last = drawn.saturating_sub(to_u16(scale));
    let (_, newest) = label(last);
    let newest_x = drawn.saturating_sub(cells(&newest));
    let mut x = 0;
    while x <= last {
        let (at, text) = label(x);
        if at > graph.now || x + cells(&text) + 1 > newest_x {
            break;
        }
        p.line(plot.x + x, y, 1, tick, style);
        p.text(plot.x + x, y + 1, cells(&text), &text, style);
        x += step;
    }
    p.line(plot.x + last, y, 1, tick, style);
    p.text(plot.x + newest_x, y + 1, cells(&newest), &newest, style);
    // What happened after a chosen time is not on its axis.
    let end = if graph.zoom.is_some() { drawn } else { plot.width };
    for mark in graph.marks {
        let seconds = mark.duration_since(from).as_secs();
        let column = seconds.div_euclid(period.max(1)) * i64::try_from(scale).unwrap_or(1);
        if let Ok(column) = u16::try_from(column)
            && column < end
        {
            p.line(plot.x + column, y, 1, p.glyphs().mark, p.style(Role::Accent));
        }
    }
}

fn row_of(share: f64, rows: u16) -> u16 {
    let filled = super::widgets::eighths(share, rows * 8).div_ceil(8);
    (rows - 1).saturating_sub(to_u16(filled.saturating_sub(1)))
}

/// The next round number at or above `v`: 1, 2, 5 times a power of ten.
fn nice(v: f64) -> f64 {
    if !v.is_finite() || v <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(v.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 10.0].into_iter().map(|m| m * power).find(|n| *n >= v * 0.999_999).unwrap_or(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (v, wanted) in [(0.0, 1.0), (812.0, 1000.0), (1024.0, 1500.0), (12.0, 15.0), (100.0, 100.0), (0.3, 0.3)] {
            assert!((nice(v) - wanted).abs() < 1e-9, "{v}: {}", nice(v));
        }
    }
}
