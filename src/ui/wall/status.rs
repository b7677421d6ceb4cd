//! The status: how many alerts there are and which, or that all is well; what is watched, how old that is, what it costs.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::big::{self, Side};
use super::draw::{age_of, counts, plain_row};
use super::{Wall, lists, money, scope};
use crate::alerts::{Alert, Phase};
use crate::model::{Detail, HealthState, Kind, PollerKind};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, beside, counted, dollars, duration, short_duration};
use crate::ui::pages::{bill_of, over};
use crate::ui::paint::{Paint, to_u16};
use crate::ui::shown::Shown;
use crate::ui::theme::Role;

/// One figure of what is watched.
struct Tile {
    name: &'static str,
    figure: String,
    role: Role,
    note: (String, Role),
}

/// Draws the status.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let c = shown.alerts.counts;
    let firing = c.critical + c.warning + c.blind;
    let across = |y: u16, height: u16| Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height };
    let mut y = area.y;
    if firing == 0 {
        // With alerts the strip has their number, and the room is theirs.
        let hero = match area.height {
            70.. => 24,
            50.. => 16,
            28.. => 12,
            20.. => 8,
            12.. => 4,
            _ => 1,
        };
        let rows = hero.min(area.height);
        for (text, role) in counts(shown, wall).into_iter().take(1) {
            big::write(p, across(y, rows), Side::Middle, &text, p.style(role).add_modifier(Modifier::BOLD));
        }
        y += rows;
    }
    let (text, role) = sentence(shown, wall);
    let rows = if area.height >= 70 { big::rows(p, &text, area.width.saturating_sub(2), 4) } else { 1 };
    let rows = rows.min(area.bottom().saturating_sub(y));
    big::write(p, across(y, rows), Side::Middle, &text, p.style(role));
    y += rows + u16::from(area.height >= 16);
    let tiles = tiles(shown, wall);
    let left = area.bottom().saturating_sub(y);
    if firing == 0 {
        grid(p, across(y, left), &tiles);
        return;
    }
    let tile_rows = match left {
        60.. => 24,
        28.. => 8,
        18.. => 7,
        9.. => 2,
        _ => 1,
    };
    let tile_rows = tile_rows.min(left / 2);
    alerts(p, across(y, left.saturating_sub(tile_rows + 1)), shown);
    grid(p, across(area.bottom().saturating_sub(tile_rows), tile_rows), &tiles);
}

/// What the word above means.
fn sentence(shown: &Shown<'_>, wall: &Wall) -> (String, Role) {
    let c = shown.alerts.counts;
    let mut more = Vec::new();
    if c.pending > 0 {
        more.push(format!("{} pending", c.pending));
    }
    if c.silenced > 0 {
        more.push(format!("{} silenced", c.silenced));
    }
    if c.acknowledged > 0 {
        more.push(format!("{} acknowledged", c.acknowledged));
    }
    let more = if more.is_empty() { String::new() } else { format!("; {}", more.join(", ")) };
    let (age, role) = lists::whole_age(&wall.plan, shown);
    if c.critical + c.warning + c.blind > 0 {
        return (format!("worst first; {} in force{more}", counted(shown.rule_count, "rule")), Role::Dim);
    }
    if scope::all_well_read(&wall.plan, shown) {
        let on = shown.model.resources().filter(|r| scope::lets_through(&wall.plan, &r.id.scope)).count();
        let text = format!(
            "nothing is wrong: {} on {}, the oldest reading is {age}{more}",
            counted(shown.rule_count, "rule"),
            counted(on, "resource")
        );
        return (text, Role::Dim);
    }
    if shown.rule_count == 0 {
        return ("no rules are in force: nothing is judged".to_owned(), Role::Stale);
    }
    let reading = scope::reading(&wall.plan, shown, &PollerKind::ALL);
    let (of, fresh) = reading.of;
    let role = if scope::begins(&wall.plan, shown) { Role::Dim } else { role };
    (format!("{fresh} of {of} readings are there, so nothing is called good yet{more}"), role)
}

/// The alerts, worst first, as many as fit; the rest is counted.
fn alerts(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>) {
    let all: Vec<_> = shown.alerts.active.iter().filter(|a| a.phase == Phase::Firing && a.counts()).collect();
    let n = to_u16(all.len()).max(1);
    // The space after a row of big letters is theirs.
    let each: u16 = if area.height / n >= 9 && area.height >= 40 {
        9
    } else if area.height >= 10 {
        5
    } else {
        1
    };
    let fit = if area.height / each >= n { n } else { area.height.saturating_sub(1) / each };
    for (i, alert) in all.iter().take(usize::from(fit)).enumerate() {
        let letters = each.saturating_sub(1).max(1);
        let at = Rect { y: area.y + to_u16(i) * each, height: letters, ..area };
        let role = facts::level_role(alert.level);
        let name = facts::name_of_id(shown.model, &alert.id.resource);
        let lasts = duration(shown.now.duration_since(alert.since));
        if letters == 1 {
            let value = figure(alert);
            let head = format!("{} {name}", alert.level.word());
            plain_row(p, at, &[(head, role), (alert.title.to_string(), Role::Text), (value, role), (lasts, Role::Dim)]);
            continue;
        }
        let age = alert.stale_since.map(|at| format!("STALE {}", duration(shown.now.duration_since(at))));
        let right = Rect { x: at.right().saturating_sub(at.width / 4), width: at.width / 4, ..at };
        let stale = age.is_some();
        big::write(p, right, Side::Right, &age.unwrap_or(lasts), p.style(if stale { Role::Stale } else { Role::Dim }));
        let whole = at.width - right.width - 2;
        let text = format!("{} {name}", alert.level.word());
        let used = big::write(p, Rect { width: whole, ..at }, Side::Left, &text, p.style(role));
        let beside = Rect {
            x: used.right() + 2,
            width: right.x.saturating_sub(used.right() + 3),
            y: at.y + letters / 2,
            height: 1,
        };
        if beside.width >= 12 {
            p.text(beside.x, beside.y - 1, beside.width, &alert.title, p.style(Role::Text));
            p.text(beside.x, beside.y, beside.width, &figure(alert), p.style(role));
        }
    }
    let hidden = all.len().saturating_sub(usize::from(fit));
    if hidden > 0 && area.height > 0 {
        p.text(area.x, area.bottom() - 1, area.width, &format!("and {hidden} more"), p.style(Role::Warn));
    }
}

/// The newest value, or that there is none.
fn figure(alert: &Alert) -> String {
    alert.value.map_or_else(|| UNKNOWN.into(), |v| beside(v, alert.limit, alert.unit))
}

/// What is watched.
fn tiles(shown: &Shown<'_>, wall: &Wall) -> Vec<Tile> {
    let plan = &wall.plan;
    let mut out = Vec::new();
    let ours = |kind: &dyn Fn(Kind) -> bool| {
        shown.model.resources().filter(|r| kind(r.id.kind) && scope::lets_through(plan, &r.id.scope)).count()
    };
    let mut count = |name, kinds: &[PollerKind], figure: String, role: Role| {
        let reading = scope::reading(plan, shown, kinds);
        let role = if reading.fresh { role } else { Role::Stale };
        let figure = if reading.age.is_none() { "-".to_owned() } else { figure };
        out.push(Tile { name, figure, role, note: age_of(&reading) });
    };
    let (mut healthy, mut expected) = (0, 0);
    for r in shown.model.resources().filter(|r| scope::lets_through(plan, &r.id.scope)) {
        if let Some(m) = facts::members(r) {
            healthy += m.count(HealthState::Healthy);
            expected += m.expected();
        }
    }
    let hosts = if healthy < expected { Role::Warn } else { Role::Ok };
    count("hosts", &lists::BALANCERS, format!("{healthy}/{expected}"), hosts);
    let groups = ours(&|k| k == Kind::AutoScalingGroup);
    count("groups", &lists::SCALING, groups.to_string(), Role::Text);
    let running = shown.model.of_kind(Kind::Instance).filter(|r| scope::lets_through(plan, &r.id.scope));
    let running = running.filter(|r| matches!(&r.detail, Detail::Instance(i) if i.state == "running")).count();
    count("instances", &[PollerKind::Instances], running.to_string(), Role::Text);
    if let Some(resource) = money::worst(wall, shown) {
        let reading = scope::reading(plan, shown, &[PollerKind::Bill]);
        if let Some(bill) = bill_of(shown, resource) {
            let to_date = bill.outlook.month_to_date;
            let role = if reading.fresh { over(to_date, shown.budget, Role::Text) } else { Role::Stale };
            let of = shown.budget.map_or_else(String::new, |b| format!("of {} ", dollars(b)));
            let age = short_duration(shown.now.duration_since(bill.newest.0));
            let note = (format!("{of}{age} old"), if reading.fresh { Role::Dim } else { Role::Stale });
            out.push(Tile { name: "this month", figure: dollars(to_date), role, note });
        }
        if let Some((figure, role)) = money::now_an_hour(shown, resource) {
            let note = ("list price".to_owned(), Role::Dim);
            out.push(Tile { name: "running", figure, role, note });
        }
    }
    if let Some(cost) = shown.cost {
        let note = ("a day to read".to_owned(), Role::Dim);
        out.push(Tile { name: "awswatch", figure: dollars(cost) + facts::unpriced(shown), role: Role::Text, note });
    }
    out
}

/// Draws `tiles` in two rows or one, all figures of one size; what has no room is left out whole, the last ones first.
fn grid(p: &mut Paint<'_>, area: Rect, tiles: &[Tile]) {
    if tiles.is_empty() || area.height == 0 {
        return;
    }
    let n = to_u16(tiles.len());
    let rows = if area.height >= 14 || (area.height >= 8 && area.width < 100) { 2 } else { 1 };
    let columns = n.div_ceil(rows).min((area.width / 18).max(1));
    let (w, h) = (area.width / columns, area.height / rows);
    let tiles = &tiles[..tiles.len().min(usize::from(columns * rows))];
    let inner = w.saturating_sub(3);
    let names = if h >= 11 { big::common(p, tiles.iter().map(|t| t.name), inner, 4) } else { 1 };
    let notes = if h >= 17 { big::common(p, tiles.iter().map(|t| t.note.0.as_str()), inner, 4) } else { 1 };
    let most = h.saturating_sub(names + notes);
    let figures = big::common(p, tiles.iter().map(|t| t.figure.as_str()), inner, most.min(16));
    for (i, tile) in tiles.iter().enumerate() {
        let (column, row) = (to_u16(i) % columns, to_u16(i) / columns);
        let at = Rect { x: area.x + column * w, y: area.y + row * h, width: inner, height: h };
        if h < 3 {
            plain_row(
                p,
                Rect { height: 1, ..at },
                &[(tile.figure.clone(), tile.role), (tile.name.to_owned(), Role::Dim)],
            );
            if h == 2 {
                plain_row(p, Rect { y: at.y + 1, height: 1, ..at }, std::slice::from_ref(&tile.note));
            }
            continue;
        }
        let spare = u16::from(h > names + figures + notes + 1);
        big::write(p, Rect { height: names, ..at }, Side::Left, tile.name, p.style(Role::Dim));
        let figure = Rect { y: at.y + names, height: figures, ..at };
        big::write(p, figure, Side::Left, &tile.figure, p.style(tile.role).add_modifier(Modifier::BOLD));
        let note = Rect { y: figure.bottom() + spare, height: notes, ..at };
        big::write(p, note, Side::Left, &tile.note.0, p.style(tile.note.1));
    }
}
