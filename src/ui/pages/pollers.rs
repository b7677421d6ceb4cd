//! The pollers: how old everything is, what fails, what it costs.

use crate::model::{Freshness, PollerRecord};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, dollars, duration, number, short_duration};
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, lines};

use super::{Ctx, Form, Place, rows_in};

/// Dollars a metric that `GetMetricData` is asked for.
const DOLLARS_A_METRIC: f64 = 0.01 / 1000.0;

pub(super) const COLUMNS: [Column<'static>; 13] = [
    Column::new("POLLER", 8, 16, 0),
    Column::new("SCOPE", 6, 40, 2),
    Column::new("STATE", 6, 12, 1),
    Column::new("AGE", 2, 7, 0).right(),
    Column::new("EVERY", 2, 6, 6).right(),
    Column::new("NEXT", 2, 7, 5).right(),
    Column::new("TOOK", 2, 7, 7).right(),
    Column::new("RUNS", 2, 7, 9).right(),
    Column::new("CALLS", 2, 8, 4).right(),
    Column::new("THROTTLED", 1, 9, 8).right(),
    Column::new("BILLED", 2, 8, 5).right(),
    Column::new("COST", 3, 8, 5).right(),
    Column::new("ERROR", 8, 200, 3).grows(),
];

/// Draws the pollers.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let (mut calls, mut throttles, mut billed) = (0, 0, 0);
    for (_, record) in shown.model.pollers() {
        calls += record.calls;
        throttles += record.throttles;
        billed += record.billed_metrics;
    }
    let mut parts = Vec::new();
    if at.area.width >= 60 {
        parts.push(format!("{} calls, {throttles} throttled", whole(calls)));
    }
    if at.area.width >= 90 {
        parts.push(format!("{} metrics billed, about {}", whole(billed), dollars(cost(billed))));
    }
    parts.extend(shown.cost.map(|day| format!("{}{}/day", dollars(day), facts::unpriced(shown))));
    if shown.unpriced > 0 && at.area.width >= 120 {
        parts.push(facts::price_unknown(shown.unpriced));
    }
    let right = Spans::one(parts.join(", "), p.style(Role::Dim));
    let room = usize::from(at.area.width.saturating_sub(4));
    let under = if at.full && at.area.height >= 12 { slowed(shown, room) } else { Vec::new() };
    let rows = u16::try_from(under.len()).unwrap_or(u16::MAX);
    let form = Form {
        list: Listing::Pollers,
        columns: &COLUMNS,
        right: Some(right),
        what: "pollers",
        under: rows,
        member: None,
    };
    let free = rows_in(p, ctx, at, &form, |p, item| {
        let Item::Poller(source) = item else { return Vec::new() };
        let Some(record) = shown.model.poller(source) else { return Vec::new() };
        let (glyph, word, role) = state(p, record, shown.now);
        let age = record.age(shown.now).map_or(UNKNOWN.into(), duration);
        let next = match (record.running_since, record.next) {
            (Some(_), _) => "now".into(),
            (None, Some(at)) => duration(at.duration_since(shown.now)),
            (None, None) => UNKNOWN.into(),
        };
        let took = record.took.map_or(UNKNOWN.into(), |t| crate::ui::format::seconds(t.as_secs_f64()));
        let error = record.error.as_ref();
        let why = error.map_or_else(Spans::default, |e| {
            let role = facts::error_role(e.class);
            let mut spans = Spans::one(facts::why(source, e), p.style(role));
            if record.failures > 1 {
                let since = record
                    .failing_since
                    .map_or(String::new(), |at| format!(" over {}", duration(shown.now.duration_since(at))));
                spans.push(format!(" ({} times{since})", record.failures), p.style(Role::Dim));
            }
            spans
        });
        let why = match &record.lacks {
            Some(lacks) if error.is_none() => {
                Spans::one(format!("tags: {}", facts::why(source, lacks)), p.style(Role::Stale))
            }
            _ => why,
        };
        let text = p.style(Role::Text);
        let dim = p.style(Role::Dim);
        vec![
            Spans::one(source.poller.as_str(), text),
            Spans::one(source.scope.to_string(), dim),
            Spans::one(format!("{glyph} {word}"), p.style(role)),
            Spans::one(age, p.style(if role == Role::Ok { Role::Text } else { role })),
            Spans::one(record.interval.map_or(UNKNOWN.into(), short_duration), dim),
            Spans::one(next, dim),
            Spans::one(took, dim),
            Spans::one(whole(record.runs), dim),
            Spans::one(whole(record.calls), text),
            Spans::one(whole(record.throttles), p.style(if record.throttles > 0 { Role::Warn } else { Role::Dim })),
            Spans::one(whole(record.billed_metrics), text),
            Spans::one(
                if record.billed_metrics == 0 {
                    "free".into()
                } else {
                    match cost(record.billed_metrics) {
                        c if c < 0.001 => "<$0.001".into(),
                        c => format!("${c:.3}"),
                    }
                },
                dim,
            ),
            why,
        ]
    });
    let style = p.style(Role::Stale);
    let mut under: Vec<_> = under.into_iter().map(|text| (text, style)).collect();
    let fit = usize::from(free.height);
    if under.len() > fit && fit > 0 {
        under.truncate(fit);
        under[fit - 1].0 = "and more: open the poller of metrics".into();
    }
    lines(p, free, &under);
}

/// What the budget does: to windows that would slide, and to rules, one by one; in lines of `room` columns.
fn slowed(shown: &Shown<'_>, room: usize) -> Vec<String> {
    let each: Vec<String> = crate::ui::facts::slowed(shown).map(|(rule, every)| format!("{rule} {every}")).collect();
    let slowed = (!each.is_empty()).then(|| format!("read less often, to keep to the budget: {}", each.join(", ")));
    crate::ui::facts::on_grid(shown).into_iter().chain(slowed).flat_map(|text| wrap(&text, room)).collect()
}

fn state(p: &Paint<'_>, record: &PollerRecord, now: jiff::Timestamp) -> (&'static str, &'static str, Role) {
    let g = p.glyphs();
    match record.freshness(now) {
        Freshness::Loading => (g.pending, "loading", Role::Pending),
        Freshness::Fresh if record.error.is_some() => (g.warn, "failing", Role::Stale),
        Freshness::Fresh if record.lacks.is_some() => (g.warn, "partial", Role::Stale),
        // A run that had nothing to ask for has read nothing.
        Freshness::Fresh if record.calls == 0 => (g.gap, "idle", Role::Dim),
        Freshness::Fresh => (g.ok, "fresh", Role::Ok),
        Freshness::Stale => (g.warn, "stale", Role::Stale),
        Freshness::Blind => (g.blind, "BLIND", Role::Blind),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a session fit 53 bits")]
fn cost(metrics: u64) -> f64 {
    metrics as f64 * DOLLARS_A_METRIC
}

#[expect(clippy::cast_precision_loss, reason = "counts of a session fit 53 bits")]
fn whole(n: u64) -> String {
    number(n as f64)
}
