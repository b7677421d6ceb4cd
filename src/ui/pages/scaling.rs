//! Auto Scaling groups between their bounds, and what they did lately.

use ratatui::layout::Rect;

use crate::model::{AutoScalingGroup, Detail, Event, EventKind, Freshness, Text};
use crate::ui::facts;
use crate::ui::format::moment;
use crate::ui::grouping::Grouping;
use crate::ui::paint::{Paint, Spans, to_u16};
use crate::ui::signals;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, Frame, gauge, pane, spark};

use super::balancers::short_zone;
use super::{Ctx, Form, Place, REGION, rows_in, scope_cell, tree};
use crate::model::{ApiSignal, ResourceId, Signal};

const PANE: [Column<'static>; 5] = [
    Column::new("GROUP", 10, 24, 0),
    Column::new("MIN TO MAX", 12, 22, 1).whole(),
    Column::new("", 3, 12, 4).right(),
    Column::new("", 3, 14, 3).right(),
    Column::new("", 10, 40, 2).grows(),
];

pub(super) const PAGE: [Column<'static>; 8] = [
    Column::new("GROUP", 8, 32, 0),
    Column::new(REGION, 6, 24, 6),
    Column::new("MIN TO MAX", 12, 32, 1).whole(),
    Column::new("WANTED", 3, 8, 2).right(),
    Column::new("IN SERVICE", 3, 10, 4).right(),
    Column::new("BY ZONE", 6, 30, 5).whole(),
    Column::new("TREND", 6, 20, 7).whole(),
    Column::new("STATE", 12, 80, 3).grows(),
];

/// Draws the groups, and activities under them.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let tree = at.full && ctx.view.grouping(Listing::Scaling) != Grouping::Flat;
    let (list_at, below) = if at.full && at.area.height >= 14 {
        let groups = to_u16(ctx.view.rows(shown, Listing::Scaling).items.len()).max(1);
        let height =
            (groups + at.frame.rows() + 2).clamp(5, if tree { at.area.height * 3 / 4 } else { at.area.height / 2 });
        let rest = Rect { y: at.area.y + height, height: at.area.height - height, ..at.area };
        (Place { area: Rect { height, ..at.area }, ..at }, Some(rest))
    } else {
        (at, None)
    };
    let columns: &[Column<'static>] = if at.full { &PAGE } else { &PANE };
    let under = if at.full { 0 } else { to_u16(found(ctx, at.frame == Frame::Ruled).take(2).count()) };
    let member = |p: &Paint<'_>, of: &ResourceId, item: &Item| {
        let none = Spans::default;
        tree::member(p, shown, of, item).map_or_else(Vec::new, |mut h| {
            h.state.push("  ", p.style(Role::Dim));
            h.state.0.extend(h.cpu.0);
            vec![h.name, none(), none(), none(), h.sign, h.zone, none(), h.state]
        })
    };
    let form = Form {
        list: Listing::Scaling,
        columns,
        right: None,
        what: "Auto Scaling groups",
        under,
        member: Some(&member),
    };
    let free = rows_in(p, ctx, list_at, &form, |p, item| {
        let Item::Resource(id) = item else { return Vec::new() };
        let Some(resource) = shown.model.resource(id) else { return Vec::new() };
        let Detail::AutoScalingGroup(group) = &resource.detail else { return Vec::new() };
        let name = Spans::one(resource.name.to_string(), p.style(facts::name_role(shown, id)));
        let role = if at_maximum(group) { Role::Warn } else { Role::Accent };
        let picture =
            gauge(p, group.min, group.desired, group.max, if at.full && at.area.width >= 100 { 22 } else { 12 }, role);
        let short = group.in_service() < group.desired;
        let number = |n: u32, word: &str| format!("{n}{}", if at.full { String::new() } else { format!(" {word}") });
        let wanted = Spans::one(number(group.desired, "wanted"), p.style(Role::Text));
        let serving = p.style(if short { Role::Warn } else { Role::Text });
        let in_service = Spans::one(number(group.in_service(), "in service"), serving);
        if !at.full {
            return vec![name, picture, wanted, in_service, words(p, group)];
        }
        let signal = Signal::Api(ApiSignal::DesiredCapacity);
        let trend = shown.model.series(id, &signal).map_or_else(Spans::default, |series| {
            let values = signals::tail(&signal, series, 16, shown.now);
            Spans::one(spark(p, &values, Some(f64::from(group.max))), p.style(Role::Graph))
        });
        vec![name, scope_cell(p, shown, id), picture, wanted, in_service, zones(p, group), trend, words(p, group)]
    });
    match below {
        Some(area) => {
            let (text, role) = facts::standing(shown, &[crate::model::PollerKind::Activities]).words();
            let right = Spans::one(text, p.style(role));
            let inner = pane(p, area, at.frame, &Spans::one("Activities", p.style(Role::Title)), &right, false);
            activities(p, ctx, inner, false, true);
        }
        None => activities(p, ctx, free, at.frame == Frame::Ruled, false),
    }
}

fn at_maximum(group: &AutoScalingGroup) -> bool {
    group.desired >= group.max && group.max > 0
}

fn words(p: &Paint<'_>, group: &AutoScalingGroup) -> Spans {
    let mut spans = Spans::default();
    let mut add = |text: String, role| {
        if !spans.0.is_empty() {
            spans.push("  ", p.style(Role::Dim));
        }
        spans.push(text, p.style(role));
    };
    if at_maximum(group) && group.max > group.min {
        add("AT MAXIMUM".into(), Role::Warn);
    }
    if group.pending() > 0 {
        add(format!("{} pending", group.pending()), Role::Pending);
    }
    if !group.suspended.is_empty() {
        let names: Vec<&str> = group.suspended.iter().map(Text::as_str).collect();
        add(format!("suspended: {}", names.join(", ")), Role::Warn);
    }
    spans
}

fn zones(p: &Paint<'_>, group: &AutoScalingGroup) -> Spans {
    let mut by_zone = std::collections::BTreeMap::<&str, usize>::new();
    for zone in &group.zones {
        by_zone.entry(zone).or_default();
    }
    for instance in group.instances.iter().filter(|i| i.lifecycle == "InService") {
        *by_zone.entry(&instance.zone).or_default() += 1;
    }
    let text: Vec<String> = by_zone.iter().map(|(zone, n)| format!("{} {n}", short_zone(zone))).collect();
    Spans::one(text.join("  "), p.style(Role::Dim))
}

fn found(ctx: Ctx<'_>, failed_only: bool) -> impl Iterator<Item = &Event> {
    let events = ctx.shown.model.events();
    let (failed, all) =
        if failed_only { (Some(events.failed_activities()), None) } else { (None, Some(events.activities())) };
    failed.into_iter().flatten().rev().chain(all.into_iter().flatten().rev())
}

/// The newest activities, newest first; `failed_only` leaves out those that went well.
fn activities(p: &mut Paint<'_>, ctx: Ctx<'_>, area: Rect, failed_only: bool, page: bool) {
    let shown = ctx.shown;
    if area.height == 0 {
        return;
    }
    let mut y = area.y;
    for event in found(ctx, failed_only).take(usize::from(area.height)) {
        let time = moment(event.at, shown.now, &shown.tz);
        let used = p.text(area.x, y, area.width, &time, p.style(Role::Dim)) + 2;
        let role = facts::event_role(event);
        let mut spans = Spans::default();
        if let EventKind::Activity(a) = &event.kind {
            spans.push(format!("{}  ", a.group), p.style(Role::Text));
            if let Some(failure) = a.failure {
                spans.push(format!("{}: {}", failure.as_str(), a.message), p.style(role));
            } else {
                spans.push(
                    format!(
                        "{} ({})",
                        event.summary.trim_start_matches(a.group.as_str()).trim_start_matches(": "),
                        a.status
                    ),
                    p.style(role),
                );
            }
        }
        p.spans(area.x + used, y, area.width.saturating_sub(used), &spans);
        y += 1;
    }
    if y > area.y || failed_only {
        return;
    }
    let standing = facts::standing(shown, &[crate::model::PollerKind::Activities]);
    match standing.failing.first() {
        // A pane has said it already, under the groups.
        Some(_) if !page => {}
        Some((source, error)) => {
            let text = format!("{} activities: {}", p.glyphs().blind, facts::why(source, error));
            p.text(area.x, y, area.width, &text, p.style(facts::error_role(error.class)));
        }
        None if standing.freshness == Freshness::Fresh => {
            p.text(area.x, y, area.width, "no activity", p.style(Role::Dim));
        }
        None => {}
    }
}
