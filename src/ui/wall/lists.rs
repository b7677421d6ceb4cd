//! Slides of what is watched, a few rows each, worst first: balancers with their hosts, groups between their limits, and
//! how old what is read is.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::big::{self, Side};
use super::draw::{age_of, mirrored, plain_row, title, turned};
use super::{Wall, WallPlan, scope};
use crate::model::{Detail, Event, Freshness, HealthState, PollerKind, PollerRecord, ResourceId, Scope, Source};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, duration};
use crate::ui::paint::{Paint, to_u16};
use crate::ui::rows;
use crate::ui::shown::Shown;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing, ViewState};
use crate::ui::widgets::{eighths, health_bar};

/// What the balancers' slide stands on.
pub(super) const BALANCERS: [PollerKind; 4] =
    [PollerKind::ClassicElbs, PollerKind::ClassicHealth, PollerKind::Balancers, PollerKind::TargetHealth];
/// What the groups' slide stands on.
pub(super) const SCALING: [PollerKind; 1] = [PollerKind::ScalingGroups];

/// What happened, in the event's own words.
pub(super) fn event_words(event: &Event) -> String {
    event.summary.to_string()
}

/// A row of a slide.
struct Row {
    name: String,
    name_role: Role,
    figure: String,
    figure_role: Role,
    bar: Bar,
    note: (String, Role),
}

enum Bar {
    Health { healthy: usize, other: usize, unhealthy: usize },
    Share(f64, Role),
}

/// The items of `list` that are the wall's, worst first.
fn items(plan: &WallPlan, shown: &Shown<'_>, list: Listing) -> Vec<Item> {
    let view = ViewState::default();
    let ours = |id: &ResourceId| scope::lets_through(plan, &id.scope);
    let is_ours = |item: &Item| match item {
        Item::Resource(id) | Item::Pair(id, _) => ours(id),
        _ => false,
    };
    rows::rows(shown, list, &view).items.into_iter().filter(is_ours).collect()
}

/// Draws the balancers, each with its hosts.
pub(super) fn balancers(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let reading = scope::reading(&wall.plan, shown, &BALANCERS);
    let rest = title(p, area, "Load balancers", &reading, mirrored(wall));
    let mut out = Vec::new();
    for item in items(&wall.plan, shown, Listing::Balancers) {
        let (first, second) = match &item {
            Item::Pair(balancer, group) => (balancer, Some(group)),
            Item::Resource(id) => (id, None),
            _ => continue,
        };
        let members = shown.model.resource(second.unwrap_or(first)).and_then(facts::members);
        let name = facts::name_of_id(shown.model, first).to_owned();
        let note = second.map_or_else(String::new, |g| format!("{}  ", facts::name_of_id(shown.model, g)));
        let (figure, figure_role, bar, detail) = match members {
            Some(m) => {
                let (healthy, of) = (m.count(HealthState::Healthy), m.expected());
                let unhealthy = m.unhealthy().count();
                let role = match (unhealthy, healthy) {
                    (0, _) => Role::Ok,
                    (_, 0) => Role::Crit,
                    _ => Role::Warn,
                };
                let role = if reading.fresh { role } else { Role::Stale };
                let bar = Bar::Health { healthy, other: of.saturating_sub(healthy + unhealthy), unhealthy };
                let age = duration(shown.now.duration_since(m.at));
                (format!("{healthy}/{of}"), role, bar, format!("{healthy} of {of} healthy, {age} old"))
            }
            None => (UNKNOWN.to_owned(), Role::Stale, Bar::Share(0.0, Role::Dim), "health not read".to_owned()),
        };
        let name_role = second.map_or(Role::Text, |g| facts::name_role(shown, g));
        let name_role = if name_role == Role::Text { facts::name_role(shown, first) } else { name_role };
        out.push(Row { name, name_role, figure, figure_role, bar, note: (format!("{note}{detail}"), Role::Dim) });
    }
    rows_in(p, rest, &out, "load balancers", reading.fresh, mirrored(wall));
}

/// Draws the groups, each with what serves of what is wanted.
pub(super) fn scaling(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let reading = scope::reading(&wall.plan, shown, &SCALING);
    let rest = title(p, area, "Auto Scaling", &reading, mirrored(wall));
    let mut out = Vec::new();
    for item in items(&wall.plan, shown, Listing::Scaling) {
        let Item::Resource(id) = item else { continue };
        let Some(resource) = shown.model.resource(&id) else { continue };
        let Detail::AutoScalingGroup(group) = &resource.detail else { continue };
        let serving = group.in_service();
        let full = group.desired >= group.max && group.max > group.min;
        let short = serving < group.desired;
        let role = if !reading.fresh {
            Role::Stale
        } else if full || short {
            Role::Warn
        } else {
            Role::Ok
        };
        let mut words =
            format!("{serving} in service of {} wanted, from {} to {}", group.desired, group.min, group.max);
        if full {
            words = format!("AT MAXIMUM  {words}");
        }
        if !group.suspended.is_empty() {
            let n = group.suspended.len();
            words = format!("{n} process{} suspended  {words}", if n == 1 { "" } else { "es" });
        }
        out.push(Row {
            name: resource.name.to_string(),
            name_role: facts::name_role(shown, &id),
            figure: format!("{serving}/{}", group.desired),
            figure_role: role,
            // What the figure says: at the maximum is in the words and the colour.
            bar: Bar::Share(f64::from(serving) / f64::from(group.desired.max(1)), role),
            note: (words, if full { Role::Warn } else { Role::Dim }),
        });
    }
    rows_in(p, rest, &out, "Auto Scaling groups", reading.fresh, mirrored(wall));
}

/// Draws how old what is read is, by account and region, the worst first.
pub(super) fn data(p: &mut Paint<'_>, area: Rect, shown: &Shown<'_>, wall: &Wall) {
    let all = scope::reading(&wall.plan, shown, &PollerKind::ALL);
    let rest = title(p, area, "Data", &all, mirrored(wall));
    let mut scopes: BTreeMap<&Scope, Vec<(&Source, &PollerRecord)>> = BTreeMap::new();
    for (source, record) in scope::pollers(&wall.plan, shown).filter(|(s, _)| !s.poller.is_optional()) {
        scopes.entry(&source.scope).or_default().push((source, record));
    }
    let mut out: Vec<(usize, Row)> =
        scopes.into_iter().map(|(scope, records)| scope_row(shown, scope, &records)).collect();
    out.sort_by_key(|(lacking, _)| std::cmp::Reverse(*lacking));
    let out: Vec<Row> = out.into_iter().map(|(_, row)| row).collect();
    rows_in(p, rest, &out, "accounts and regions", all.fresh, mirrored(wall));
}

/// A scope's row, and how many of its pollers lack.
fn scope_row(shown: &Shown<'_>, scope: &Scope, records: &[(&Source, &PollerRecord)]) -> (usize, Row) {
    let fresh = records.iter().filter(|(_, r)| r.freshness(shown.now) == Freshness::Fresh).count();
    let lacking = records.len() - fresh;
    let newest = records.iter().filter_map(|(_, r)| scope::last_read(r)).max();
    let failing = records.iter().find_map(|(s, r)| r.error.as_ref().map(|e| (*s, e)));
    let begins = records.iter().all(|(_, r)| matches!(r.freshness(shown.now), Freshness::Loading | Freshness::Fresh));
    let role = match (lacking, fresh) {
        (0, _) => Role::Ok,
        _ if begins => Role::Pending,
        (_, 0) => Role::Blind,
        _ => Role::Stale,
    };
    let read =
        newest.map_or("never read".to_owned(), |at| format!("read {} ago", duration(shown.now.duration_since(at))));
    let note = match failing {
        Some((source, error)) => {
            (format!("{read}  {}: {}", source.poller, facts::why(source, error)), facts::error_role(error.class))
        }
        None => (read, Role::Dim),
    };
    #[expect(clippy::cast_precision_loss, reason = "a few dozen pollers")]
    let share = fresh as f64 / records.len().max(1) as f64;
    let row = Row {
        name: format!("{} {}", scope.account, scope.region),
        name_role: if role == Role::Ok { Role::Text } else { role },
        figure: format!("{fresh}/{}", records.len()),
        figure_role: role,
        bar: Bar::Share(share, role),
        note,
    };
    (lacking, row)
}

/// Draws `rows` one under another, as high as all of them allow; those that have no room are counted.
fn rows_in(p: &mut Paint<'_>, area: Rect, rows: &[Row], what: &str, fresh: bool, mirrored: bool) {
    if rows.is_empty() {
        // An empty list that was not read is not known to be empty.
        let (text, role) =
            if fresh { (format!("no {what}"), Role::Dim) } else { (format!("{what}: not read"), Role::Stale) };
        let at = Rect { height: area.height.min(4), x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        big::write(p, at, Side::Middle, &text, p.style(role));
        return;
    }
    let n = to_u16(rows.len()).max(1);
    let each = match area.height / n {
        10.. => 10,
        6.. => 6,
        _ if area.height >= 18 => 6,
        3.. => 3,
        _ => 1,
    };
    let fit = (area.height / each).max(1);
    let fit = if fit < n { (area.height.saturating_sub(1) / each).max(1) } else { fit };
    let shown = usize::from(fit).min(rows.len());
    for (i, row) in rows.iter().take(shown).enumerate() {
        let y = area.y + to_u16(i) * each;
        row_in(p, Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: each }, row, mirrored);
    }
    if shown < rows.len() {
        let y = area.bottom().saturating_sub(1);
        let bad = rows[shown..].iter().filter(|r| !matches!(r.figure_role, Role::Ok | Role::Pending)).count();
        let more = rows.len() - shown;
        let text = if bad > 0 {
            format!("and {more} more, {bad} of them not well")
        } else {
            format!("and {more} more, all well")
        };
        p.text(
            area.x + 1,
            y,
            area.width.saturating_sub(2),
            &text,
            p.style(if bad > 0 { Role::Warn } else { Role::Dim }),
        );
    }
}

fn row_in(p: &mut Paint<'_>, area: Rect, row: &Row, mirrored: bool) {
    let place = |at: Rect| if mirrored { turned(area, at) } else { at };
    let side = if mirrored { Side::Right } else { Side::Left };
    let letters = match area.height {
        10.. => 8,
        5.. => 4,
        _ => 1,
    };
    let name = Rect { width: area.width / 2, height: letters, ..area };
    big::write(p, place(name), side, &row.name, p.style(row.name_role));
    let figure = Rect { x: name.right() + 1, width: area.width / 6, height: letters, ..area };
    big::write(p, place(figure), Side::Right, &row.figure, p.style(row.figure_role));
    let bar = Rect { x: figure.right() + 3, width: area.right().saturating_sub(figure.right() + 3), ..area };
    let high = letters.saturating_sub(1).max(1);
    for y in area.y..area.y + high {
        draw_bar(p, place(Rect { y, height: 1, ..bar }), &row.bar);
    }
    if area.height >= 3 {
        let y = area.y + letters;
        plain_row(p, Rect { y, height: 1, ..area }, std::slice::from_ref(&row.note));
    }
}

/// A line of a bar.
fn draw_bar(p: &mut Paint<'_>, area: Rect, bar: &Bar) {
    let w = usize::from(area.width);
    match bar {
        Bar::Health { healthy, other, unhealthy } => {
            let spans = health_bar(p, *healthy, *other, *unhealthy, w);
            p.spans(area.x, area.y, area.width, &spans);
        }
        Bar::Share(share, role) => {
            let filled = to_u16(eighths(*share, area.width)).min(area.width);
            p.line(area.x, area.y, filled, p.glyphs().full, p.style(*role));
            p.line(area.x + filled, area.y, area.width - filled, p.glyphs().empty, p.style(Role::Dim));
        }
    }
}

/// How old what all of the wall's pollers brought is, for a line.
pub(super) fn whole_age(plan: &WallPlan, shown: &Shown<'_>) -> (String, Role) {
    age_of(&scope::reading(plan, shown, &PollerKind::ALL))
}
