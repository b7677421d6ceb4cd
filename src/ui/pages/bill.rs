//! The bill: month to date, where it is going, and the days of the month.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use crate::model::{Kind, Resource, Series};
use crate::rules::BillOutlook;
use crate::ui::facts;
use crate::ui::format::{dollars, minute, moment, short_duration};
use crate::ui::paint::{Paint, Spans, to_u16};
use crate::ui::shown::Shown;
use crate::ui::signals;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, Frame, eighths, spark};

use super::{Ctx, Form, Place, burn, rows_in};

pub(super) const COLUMNS: [Column<'static>; 5] = [
    Column::new("ACCOUNT", 4, 24, 0),
    Column::new("MONTH TO DATE", 6, 24, 1).whole(),
    Column::new("FORECAST", 6, 40, 2).whole(),
    Column::new("LATELY", 6, 18, 4).whole(),
    Column::new("A DAY", 6, 16, 3).whole().grows(),
];

/// What a bill's series says.
pub(in crate::ui) struct Bill {
    pub(in crate::ui) outlook: BillOutlook,
    /// The period that its newest figure is of: when in it the figure was made is not said.
    pub(in crate::ui) newest: (Timestamp, Timestamp),
    /// What each day (UTC) of the month cost, first day first; `None` where it is not known.
    pub(in crate::ui) days: Vec<Option<f64>>,
}

fn read(series: &Series, now: Timestamp) -> Option<Bill> {
    let outlook = BillOutlook::of(series, now)?;
    let start = series.last()?.at;
    let newest = (start, start.checked_add(SignedDuration::from_secs(series.period().into())).ok()?);
    let date_of = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let today = date_of(now);
    let mut days = Vec::new();
    let mut before = Some(0.0);
    for day in 1..=today.days_in_month() {
        let date = Date::new(today.year(), today.month(), day).ok()?;
        let end = series.points().rev().find(|p| date_of(p.at) == date).map(|p| p.value);
        days.push(end.zip(before).map(|(end, start): (f64, f64)| (end - start).max(0.0)));
        before = end;
    }
    Some(Bill { outlook, newest, days })
}

pub(in crate::ui) fn bill_of(shown: &Shown<'_>, resource: &Resource) -> Option<Bill> {
    let (_, series) = signals::metric(shown.model, &resource.id, "EstimatedCharges", "Maximum")?;
    read(series, shown.now)
}

/// Draws the bills, and the days of the worst one's month where there is room.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let bills: Vec<(&Resource, Bill)> =
        shown.model.of_kind(Kind::Bill).filter_map(|r| bill_of(shown, r).map(|b| (r, b))).collect();
    let mut right = None;
    if let Some((from, to)) = bills.iter().map(|(_, b)| b.newest).min() {
        let (words, role) = facts::standing(shown, &[crate::model::PollerKind::Bill]).words();
        let end = if to > shown.now { "now".to_owned() } else { minute(to, &shown.tz) };
        let day = if shown.now.duration_since(from).as_hours() >= 24 {
            moment(from, shown.now, &shown.tz)
        } else {
            minute(from, &shown.tz)
        };
        let mut spans = Spans::one(format!("newest figure {day}-{end}"), p.style(Role::Dim));
        if role != Role::Dim {
            spans.push(format!(", {words}"), p.style(role));
        } else if at.area.width >= 60 {
            let age = short_duration(shown.now.duration_since(from));
            spans.push(format!(", up to {age} old"), p.style(Role::Dim));
        }
        right = Some(spans);
    }
    let standing = facts::standing(shown, &[crate::model::PollerKind::Bill]);
    let many = shown.model.of_kind(Kind::Bill).count() > 1;
    let graph = if at.area.height >= 12 { at.area.height / 2 } else { 0 };
    let form = Form { list: Listing::Bill, columns: &COLUMNS, right, what: "charges", under: graph, member: None };
    let free = rows_in(p, ctx, at, &form, |p, item| {
        let Item::Resource(id) = item else { return Vec::new() };
        let account = if many || at.full { id.scope.account.to_string() } else { String::new() };
        let account = Spans::one(account, p.style(Role::Text));
        let Some((_, bill)) = bills.iter().find(|(r, _)| r.id == *id) else {
            let (words, role) = match standing.failing.first() {
                Some((_, error)) => (error.class.as_str(), facts::error_role(error.class)),
                None => ("not published yet", Role::Dim),
            };
            return vec![account, Spans::one(words, p.style(role))];
        };
        let word = if at.full || at.frame == Frame::Boxed { "" } else { "to date " };
        let mut to_date = Spans::one(word, p.style(Role::Dim));
        to_date.push(
            dollars(bill.outlook.month_to_date),
            p.style(over(bill.outlook.month_to_date, shown.budget, Role::Title)),
        );
        let mut forecast =
            Spans::one(if at.full || at.frame == Frame::Boxed { "" } else { "forecast " }, p.style(Role::Dim));
        match bill.outlook.forecast {
            Some(v) => forecast.push(dollars(v), p.style(over(v, shown.budget, Role::Text))),
            None => forecast.push(crate::ui::format::UNKNOWN, p.style(Role::Dim)),
        };
        if let Some(budget) = shown.budget {
            forecast.push(format!(" of {}", dollars(budget)), p.style(Role::Dim));
        }
        let hourly = bill
            .outlook
            .per_hour
            .map_or_else(Spans::default, |h| Spans::one(format!("{}/h", dollars(h)), p.style(Role::Text)));
        let known: Vec<Option<f64>> = bill.days.iter().copied().rev().skip_while(Option::is_none).take(12).collect();
        let known: Vec<Option<f64>> = known.into_iter().rev().collect();
        vec![account, to_date, forecast, hourly, Spans::one(spark(p, &known, None), p.style(Role::Graph))]
    });
    let free = burn::draw(p, shown, free);
    if let Some((_, bill)) = bills.first()
        && free.height >= 5
    {
        let area = Rect { y: free.y + 1, height: free.height - 1, ..free };
        month(p, area, shown, bill);
    }
}

pub(in crate::ui) fn over(v: f64, budget: Option<f64>, otherwise: Role) -> Role {
    match budget {
        Some(b) if v > b => Role::Crit,
        Some(b) if v > 0.8 * b && otherwise == Role::Title => Role::Warn,
        _ => otherwise,
    }
}

/// A column a day of the month, with what a day may cost for the budget to last.
fn month(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, bill: &Bill) {
    const LABELS: u16 = 8;
    if area.width < LABELS + 31 || area.height < 4 {
        return;
    }
    let plot = Rect { x: area.x + LABELS, y: area.y, width: area.width - LABELS, height: area.height.min(16) - 2 };
    let days = bill.days.len();
    let each = (plot.width / to_u16(days)).clamp(1, 6);
    let bar = if each > 2 { each - 1 } else { each };
    #[expect(clippy::cast_precision_loss, reason = "at most 31")]
    let fair = shown.budget.map(|b| b / days as f64);
    let top = bill.days.iter().flatten().copied().fold(fair.unwrap_or(0.0), f64::max).max(0.01);
    let g = p.glyphs();
    for (i, day) in bill.days.iter().enumerate() {
        let x = plot.x + to_u16(i) * each;
        let Some(v) = day else { continue };
        let style = p.style(if fair.is_some_and(|f| *v > f) { Role::Warn } else { Role::Graph });
        let mut left = eighths(v / top, plot.height * 8);
        for row in 0..plot.height {
            if left == 0 {
                break;
            }
            p.line(x, plot.bottom() - 1 - row, bar, g.spark[left.min(8) - 1], style);
            left = left.saturating_sub(8);
        }
    }
    p.right(area.x, plot.x - 1, plot.y, &dollars(top), p.style(Role::Axis));
    p.line(plot.x, plot.bottom(), to_u16(days) * each, g.border[4], p.style(Role::Axis));
    for i in (0..days).step_by(if each >= 3 { 1 } else { 5 }) {
        p.text(plot.x + to_u16(i) * each, plot.bottom() + 1, each.max(2), &format!("{}", i + 1), p.style(Role::Axis));
    }
    if let Some(fair) = fair {
        let row = eighths(fair / top, plot.height * 8).div_ceil(8);
        let y = plot.bottom().saturating_sub(to_u16(row));
        for i in 0..to_u16(days) * each {
            let day = bill.days[usize::from(i / each)];
            if day.is_none_or(|v| v < fair) {
                p.line(plot.x + i, y, 1, g.limit, p.style(Role::Limit));
            }
        }
        if y != plot.y {
            p.right(area.x, plot.x - 1, y, &dollars(fair), p.style(Role::Limit));
        }
    }
    if plot.bottom() + 3 < area.bottom() {
        let fair = if fair.is_some() { "; the line is the budget, spread over the month" } else { "" };
        let text = format!("A column is what a day (UTC) added, as far as the newest figure tells{fair}.");
        for (line, y) in wrap(&text, usize::from(area.width)).iter().zip(plot.bottom() + 3..area.bottom()) {
            p.text(area.x, y, area.width, line, p.style(Role::Dim));
        }
    }
}
