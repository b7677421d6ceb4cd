//! Metrics: every series that is read, with its course, and the selected one's graph; and those pinned to the overview.

use jiff::SignedDuration;
use ratatui::layout::Rect;

use crate::model::{Metric, ResourceId, Series, Signal};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, maybe, short_duration};
use crate::ui::graph::{self, Graph};
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::signals;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, spark};

use super::{Ctx, Form, Place, REGION, rows_in, scope_cell};

/// Columns of the sparkline.
const TREND: usize = 24;

pub(super) const PAGE: [Column<'static>; 11] = [
    Column::new("", 1, 1, 8).named("pinned"),
    Column::new("NAME", 8, 32, 0),
    Column::new(REGION, 9, 24, 9),
    Column::new("NAMESPACE", 6, 24, 6),
    Column::new("METRIC", 10, 40, 0),
    Column::new("STAT", 3, 11, 2),
    Column::new("NOW", 3, 10, 0).right(),
    Column::new("LEAST", 3, 10, 5).right(),
    Column::new("MOST", 3, 10, 4).right(),
    Column::new("EVERY", 2, 6, 7).right(),
    Column::new("TREND", 8, 24, 3).whole().grows(),
];

pub(super) const PANE: [Column<'static>; 5] = [
    Column::new("NAME", 8, 28, 0),
    Column::new("METRIC", 10, 32, 1),
    Column::new("STAT", 3, 11, 4),
    Column::new("NOW", 3, 10, 0).right(),
    Column::new("TREND", 8, 24, 3).whole().grows(),
];

/// Draws every series, and the selected one's graph where there is room.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let range = ctx.view.range.word();
    let right = Spans::one(format!("range {range}, {}", cost_words(shown)), p.style(Role::Dim));
    let under = if at.area.height >= 16 { at.area.height * 2 / 5 } else { 0 };
    let form =
        Form { list: Listing::Metrics, columns: &PAGE, right: Some(right), what: "metrics", under, member: None };
    let free = rows_in(p, ctx, at, &form, |p, item| {
        let Item::Metric(id, signal) = item else { return Vec::new() };
        let (stat, namespace) = match signal {
            Signal::Metric(m) => (m.stat.to_string(), m.namespace.to_string()),
            Signal::Api(_) => (String::new(), "API".to_owned()),
        };
        let pinned = ctx.view.pins.iter().any(|(r, s)| r == id && s == signal);
        let text = p.style(Role::Text);
        let dim = p.style(Role::Dim);
        let mut cells = vec![
            Spans::one(if pinned { "*" } else { " " }, p.style(Role::Accent)),
            Spans::one(facts::name_of_id(shown.model, id).to_owned(), p.style(facts::name_role(shown, id))),
            scope_cell(p, shown, id),
            Spans::one(namespace, dim),
            Spans::one(signal.name().to_owned(), text),
            Spans::one(stat, dim),
        ];
        let Some(series) = shown.model.series(id, signal) else {
            cells.push(Spans::one(UNKNOWN, dim));
            cells.extend([Spans::default(), Spans::default(), Spans::default()]);
            cells.push(Spans::one("asked for, not read yet", p.style(Role::Pending)));
            return cells;
        };
        let unit = signals::unit(signal);
        let values = in_range(ctx, signal, series);
        let known = || values.iter().flatten().copied();
        cells.push(Spans::one(maybe(signals::latest(signal, series, shown.now), unit), text));
        cells.push(Spans::one(maybe(known().reduce(f64::min), unit), dim));
        cells.push(Spans::one(maybe(known().reduce(f64::max), unit), dim));
        cells.push(Spans::one(short_duration(SignedDuration::from_secs(signals::length(signal).into())), dim));
        cells.push(Spans::one(spark(p, &narrowed(&values, TREND), None), p.style(Role::Graph)));
        cells
    });
    if under == 0 || free.height < 7 {
        return;
    }
    let rows = ctx.view.rows(shown, Listing::Metrics);
    let index = crate::ui::view::place(&rows.items, &ctx.view.list(Listing::Metrics));
    let Some(Item::Metric(id, signal)) = rows.items.get(index) else { return };
    let Some(series) = shown.model.series(id, signal) else { return };
    let graph = Graph {
        signal,
        series,
        limit: None,
        unit: signals::unit(signal),
        marks: &[],
        now: shown.now,
        tz: &shown.tz,
        range: ctx.view.range.length(),
        zoom: ctx.view.zoom.map(|z| z.span),
    };
    graph::draw(p, Rect { y: free.y + 1, height: free.height - 1, ..free }, &graph);
}

fn cost_words(shown: &Shown<'_>) -> String {
    shown.cost.map_or_else(
        || "cost not known".into(),
        |c| format!("{}{}/day", crate::ui::format::dollars(c), facts::unpriced(shown)),
    )
}

/// Draws what is pinned to the overview.
pub(super) fn pinned(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let form =
        Form { list: Listing::Pinned, columns: &PANE, right: None, what: "pinned metrics", under: 0, member: None };
    rows_in(p, ctx, at, &form, |p, item| {
        let Item::Metric(id, signal) = item else { return Vec::new() };
        let stat = if let Signal::Metric(m) = signal { m.stat.to_string() } else { String::new() };
        let mut cells = vec![
            Spans::one(facts::name_of_id(shown.model, id).to_owned(), p.style(facts::name_role(shown, id))),
            Spans::one(signal.name().to_owned(), p.style(Role::Text)),
            Spans::one(stat, p.style(Role::Dim)),
        ];
        if let Some(series) = shown.model.series(id, signal) {
            let now = maybe(signals::latest(signal, series, shown.now), signals::unit(signal));
            cells.push(Spans::one(now, p.style(Role::Text)));
            let values = narrowed(&in_range(ctx, signal, series), TREND);
            cells.push(Spans::one(spark(p, &values, None), p.style(Role::Graph)));
        } else {
            cells.push(Spans::one(UNKNOWN, p.style(Role::Dim)));
        }
        cells
    });
}

/// The values of `series` in the range that is looked at, newest last.
fn in_range(ctx: Ctx<'_>, signal: &Signal, series: &Series) -> Vec<Option<f64>> {
    let period = u64::from(series.period().max(1));
    let wanted = ctx.view.range.length().map_or(series.capacity(), |range| {
        usize::try_from(range.as_secs().unsigned_abs().div_ceil(period)).unwrap_or(usize::MAX)
    });
    let mut values = signals::tail(signal, series, wanted.clamp(1, series.capacity()), ctx.shown.now);
    // What was never read is no part of its course.
    let first = values.iter().position(Option::is_some).unwrap_or(values.len().saturating_sub(1));
    values.drain(..first);
    values
}

/// `values` in at most `room` columns, each with its greatest.
fn narrowed(values: &[Option<f64>], room: usize) -> Vec<Option<f64>> {
    let bucket = values.len().div_ceil(room.max(1)).max(1);
    values.chunks(bucket).map(|c| c.iter().flatten().copied().reduce(f64::max)).collect()
}

/// The statistic that comes after `stat` when one goes through them.
pub(in crate::ui) fn next_stat(stat: &str) -> &'static str {
    const STATS: [&str; 8] = ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p99"];
    let at = STATS.iter().position(|s| *s == stat).map_or(0, |i| i + 1);
    STATS[at % STATS.len()]
}

/// The same metric with the next statistic.
pub(in crate::ui) fn with_next_stat(id: &ResourceId, signal: &Signal) -> Option<(ResourceId, Metric)> {
    let Signal::Metric(m) = signal else { return None };
    Some((id.clone(), Metric { stat: next_stat(&m.stat).into(), ..m.clone() }))
}
