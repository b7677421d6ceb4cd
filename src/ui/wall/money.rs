//! The bill's slide: month to date, where it goes, what runs now, and the days of the month.

use ratatui::layout::Rect;

use super::big::{self, Side};
use super::draw::{age_of, mirrored, title};
use super::{Wall, scope};
use crate::model::{Kind, PollerKind, Resource};
use crate::ui::format::{UNKNOWN, dollars, short_duration};
use crate::ui::pages::{bill_of, over, per_hour};
use crate::ui::paint::{Paint, to_u16};
use crate::ui::shown::Shown;
use crate::ui::theme::Role;
use crate::ui::widgets::eighths;

/// The dearest bill of the wall's accounts, as there is one or none for each.
pub(super) fn worst<'s>(wall: &Wall, shown: &Shown<'s>) -> Option<&'s Resource> {
    let ours = |r: &&Resource| wall.plan.accounts.is_empty() || wall.plan.accounts.contains(&r.id.scope.account);
    let all = shown.model.of_kind(Kind::Bill).filter(ours);
    let cost = |r: &Resource| bill_of(shown, r).map_or(-1.0, |b| b.outlook.month_to_date);
    all.max_by(|a, b| cost(a).total_cmp(&cost(b)))
}

/// What the account of `bill` costs an hour now: a figure, or the least that it can be.
pub(super) fn now_an_hour(shown: &Shown<'_>, bill: &Resource) -> Option<(String, Role)> {
    let burn = shown.model.burn(&bill.id.scope.account)?;
    let whole = burn.is_whole() && burn.unpriced == 0;
    let figure = per_hour(burn.dollars_per_hour);
    match (whole, burn.dollars_per_hour > 0.0) {
        (true, _) => Some((figure, Role::Text)),
        (false, true) => Some((format!(">= {figure}"), Role::Stale)),
        (false, false) => None,
    }
}

/// Draws the bill.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let resource = worst(wall, shown);
    let reading = scope::reading(&wall.plan, shown, &[PollerKind::Bill]);
    let name = resource.map_or("Bill".to_owned(), |r| format!("Bill {}", r.id.scope.account));
    let rest = title(p, area, &name, &reading, mirrored(wall));
    let Some((resource, bill)) = resource.and_then(|r| Some((r, bill_of(shown, r)?))) else {
        let (text, role) = if reading.fresh { ("not published yet".to_owned(), Role::Dim) } else { age_of(&reading) };
        let at = Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), height: rest.height.min(4), ..rest };
        big::write(p, at, Side::Middle, &text, p.style(role));
        return;
    };
    let role_of = |role| if reading.fresh { role } else { Role::Stale };
    let (hero, half) = match rest.height {
        50.. => (16, 8),
        18.. => (8, 4),
        9.. => (4, 2),
        _ => (1, 1),
    };
    let left = rest.width / 2;
    let at = Rect { x: rest.x + 1, width: left.saturating_sub(2), height: hero.min(rest.height), ..rest };
    let to_date = bill.outlook.month_to_date;
    big::write(p, at, Side::Left, &dollars(to_date), p.style(role_of(over(to_date, shown.budget, Role::Text))));
    let side = |row: u16| Rect {
        x: rest.x + left + 1,
        y: rest.y + row * half,
        width: rest.width.saturating_sub(left + 2),
        height: half.min(rest.height.saturating_sub(row * half)),
    };
    let of = shown.budget.map_or("month to date".to_owned(), |b| format!("of {}", dollars(b)));
    big::write(p, side(0), Side::Left, &of, p.style(Role::Dim));
    if hero > 1 {
        let (text, role) = match bill.outlook.forecast {
            Some(v) => (format!("-> {}", dollars(v)), over(v, shown.budget, Role::Text)),
            None => (format!("-> {UNKNOWN}"), Role::Dim),
        };
        big::write(p, side(1), Side::Left, &text, p.style(role_of(role)));
    }
    let mut y = rest.y + hero;
    let mut say = |p: &mut Paint<'_>, text: &str, role: Role, rows: u16| {
        if y < rest.bottom() {
            let at =
                Rect { x: rest.x + 1, y, width: rest.width.saturating_sub(2), height: rows.min(rest.bottom() - y) };
            big::write(p, at, Side::Left, text, p.style(role));
            y += rows;
        }
    };
    let age = short_duration(shown.now.duration_since(bill.newest.0));
    say(p, &format!("month to date, newest figure up to {age} old; -> the month's end, as it goes"), Role::Dim, 1);
    let rows = if rest.height >= 30 { half } else { 1 };
    match now_an_hour(shown, resource) {
        Some((figure, role)) => say(p, &format!("{figure} now, list price"), role, rows),
        None => say(p, "what runs now is not priced yet", Role::Dim, 1),
    }
    let bars = Rect {
        x: rest.x + 1,
        y: y + 1,
        width: rest.width.saturating_sub(2),
        height: rest.bottom().saturating_sub(y + 1),
    };
    days(p, bars, shown.budget, &bill.days);
}

/// A column a day, and the days' numbers under them.
fn days(p: &mut Paint<'_>, area: Rect, budget: Option<f64>, days: &[Option<f64>]) {
    let n = to_u16(days.len());
    if n == 0 || area.height < 4 || area.width < n {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 31")]
    let fair = budget.map(|b| b / days.len() as f64);
    let top = days.iter().flatten().copied().fold(fair.unwrap_or(0.0), f64::max).max(0.01);
    let each = area.width / n;
    let bar = if each > 2 { each - 1 } else { each };
    let plot = area.height - 1;
    for (i, day) in days.iter().enumerate() {
        let x = area.x + to_u16(i) * each;
        if each >= 3 || i % 5 == 0 {
            p.text(x, area.bottom() - 1, each.max(2), &format!("{}", i + 1), p.style(Role::Axis));
        }
        let Some(v) = day else { continue };
        let style = p.style(if fair.is_some_and(|f| *v > f) { Role::Warn } else { Role::Graph });
        let mut left = eighths(v / top, plot * 8);
        for row in 0..plot {
            if left == 0 {
                break;
            }
            p.line(x, area.y + plot - 1 - row, bar, p.glyphs().spark[left.min(8) - 1], style);
            left = left.saturating_sub(8);
        }
    }
}
