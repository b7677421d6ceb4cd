//! Load balancers with their target groups: who serves, what waits, what fails.

use std::collections::BTreeMap;

use crate::model::{Detail, HealthState, Kind, Member, Resource, ResourceId, Text};
use crate::ui::facts;
use crate::ui::format::{UNKNOWN, number, seconds};
use crate::ui::grouping::Grouping;
use crate::ui::paint::{Paint, Spans};
use crate::ui::shown::Shown;
use crate::ui::signals;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::{Column, health_bar, level_bar, spark};

use super::{Ctx, Form, Place, REGION, rows_in, scope_cell, tree, why};

/// Requests that wait at one node of a Classic balancer before it answers 503.
const QUEUE: f64 = 1024.0;

const PANE: [Column<'static>; 8] = [
    Column::new("BALANCER", 10, 24, 0),
    Column::new("GROUP", 7, 24, 5),
    Column::new("UP", 3, 7, 1).right(),
    Column::new("", 6, 12, 4),
    Column::new("WHY", 7, 20, 2),
    Column::new("NOW", 6, 16, 2),
    Column::new("TREND", 4, 8, 4),
    Column::new("ERRORS", 4, 14, 3).grows(),
];

pub(super) const PAGE: [Column<'static>; 13] = [
    Column::new("BALANCER", 8, 32, 0),
    Column::new("KIND", 3, 8, 8),
    Column::new("TARGET GROUP", 6, 32, 4),
    Column::new(REGION, 9, 24, 9),
    Column::new("HEALTHY", 3, 9, 1).right(),
    Column::new("", 6, 12, 7).named("health-bar"),
    Column::new("BY ZONE", 15, 40, 6).whole(),
    Column::new("WHY", 7, 24, 2),
    Column::new("QUEUE", 5, 16, 2).whole(),
    Column::new("P99", 3, 8, 3).right(),
    Column::new("REQ/MIN", 3, 8, 5).right().named("requests"),
    Column::new("5XX", 3, 8, 2).right(),
    Column::new("TREND", 6, 20, 10).grows(),
];

/// The page where it is narrow: all that the pane has, and where it is broken.
const NARROW: [Column<'static>; 10] = [
    Column::new("BALANCER", 8, 32, 0),
    Column::new("GROUP", 6, 32, 4),
    Column::new("UP", 3, 7, 1).right(),
    Column::new("", 6, 8, 3),
    Column::new("WHY", 7, 20, 2),
    Column::new("BY ZONE", 15, 40, 6).whole(),
    Column::new("NOW", 6, 16, 2),
    Column::new("REQ/MIN", 3, 8, 5).right(),
    Column::new("5XX", 3, 8, 2).right(),
    Column::new("TREND", 4, 8, 3).grows(),
];

/// Narrower than this, the page has [`NARROW`].
const WIDE: u16 = 110;

/// Draws the balancers.
pub(super) fn draw(p: &mut Paint<'_>, ctx: Ctx<'_>, at: Place) {
    let shown = ctx.shown;
    let narrow = at.area.width < WIDE && p.look().columns(Listing::Balancers).is_none();
    let columns: &[Column<'static>] = match (at.full, narrow) {
        (false, _) => &PANE,
        (true, true) => &NARROW,
        (true, false) => &PAGE,
    };
    let tree = at.full && ctx.view.grouping(Listing::Balancers) == Grouping::Tree;
    let member = |p: &Paint<'_>, of: &ResourceId, item: &Item| {
        tree::member(p, shown, of, item).map_or_else(Vec::new, |host| member_row(p, host, narrow))
    };
    let form = Form {
        list: Listing::Balancers,
        columns,
        right: None,
        what: "load balancers",
        under: 0,
        member: Some(&member),
    };
    rows_in(p, ctx, at, &form, |p, item| {
        let (balancer, group) = match item {
            Item::Pair(balancer, group) => (shown.model.resource(balancer), shown.model.resource(group)),
            Item::Resource(id) if id.kind == Kind::TargetGroup => (None, shown.model.resource(id)),
            Item::Resource(id) => (shown.model.resource(id), None),
            _ => (None, None),
        };
        let mut cells = match (at.full, narrow) {
            (false, _) => pane_row(p, shown, balancer, group, if at.area.width < 100 { 8 } else { 12 }),
            (true, true) => narrow_row(p, shown, balancer, group),
            (true, false) => page_row(p, shown, balancer, group),
        };
        if tree {
            in_tree(p, shown, item, &mut cells, narrow);
        }
        cells
    });
}

/// A row of a tree: a balancer's own are all of its target groups together, a target group stands below.
fn in_tree(p: &Paint<'_>, shown: &Shown<'_>, item: &Item, cells: &mut [Spans], narrow: bool) {
    let (count, bar, zones, second, why) = if narrow { (2, 3, 5, 1, 4) } else { (4, 5, 6, 2, 7) };
    match item {
        Item::Resource(id) if tree::is_root(shown, id) => {
            let width = if narrow { 8 } else { 12 };
            let all = shown.model.resource(id).and_then(|r| tree::together(p, shown, r, width));
            for (at, cell) in [count, bar, zones].into_iter().zip(all.unwrap_or_default()) {
                cells[at] = cell;
            }
            cells[why] = why::cell(p, tree::groups(shown, id));
        }
        Item::Pair(_, group) => {
            let name = facts::name_of_id(shown.model, group).to_owned();
            cells[0] = Spans::one(name, p.style(facts::name_role(shown, group)));
            cells[second] = Spans::default();
            if !narrow {
                cells[1] = Spans::one("targets", p.style(Role::Dim));
                cells[8] = Spans::default();
            }
        }
        _ => {}
    }
}

/// A target below its group or balancer.
fn member_row(p: &Paint<'_>, host: tree::Host, narrow: bool) -> Vec<Spans> {
    let none = Spans::default;
    if narrow {
        return vec![host.name, none(), host.sign, none(), host.why, host.zone, host.word, none(), none(), host.cpu];
    }
    let target = Spans::one("target", p.style(Role::Dim));
    let (zone, why) = (host.zone, host.why);
    vec![host.name, target, host.word, none(), host.sign, none(), zone, why, none(), none(), none(), none(), host.cpu]
}

fn name_cell(p: &Paint<'_>, shown: &Shown<'_>, balancer: Option<&Resource>, group: Option<&Resource>) -> Spans {
    let both = || [balancer, group].into_iter().flatten();
    let role = match both().filter_map(|r| shown.alerts.level(&r.id)).max() {
        Some(level) => facts::level_role(level),
        None if both().any(|r| shown.alerts.pending(&r.id)) => Role::Pending,
        None => Role::Text,
    };
    let name = balancer.map_or("(no balancer)".to_owned(), |b| facts::name_of(b).to_owned());
    Spans::one(name, p.style(role))
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::ClassicElb => "classic",
        Kind::Alb => "app",
        Kind::Nlb => "network",
        _ => "",
    }
}

fn pane_row(
    p: &Paint<'_>,
    shown: &Shown<'_>,
    balancer: Option<&Resource>,
    group: Option<&Resource>,
    bar: usize,
) -> Vec<Spans> {
    let kind = balancer.map_or("", |b| kind_word(b.id.kind));
    let second = group.map_or(kind.to_owned(), |g| facts::name_of(g).to_owned());
    let (count, bar) = health_of(p, group.or(balancer), bar);
    let (figure, trend) = figure(p, shown, balancer, group);
    vec![
        name_cell(p, shown, balancer, group),
        Spans::one(second, p.style(Role::Dim)),
        count,
        bar,
        why::cell(p, group.or(balancer)),
        figure,
        trend,
        share_cell(p, shown, balancer, "5xx "),
    ]
}

fn narrow_row(p: &Paint<'_>, shown: &Shown<'_>, balancer: Option<&Resource>, group: Option<&Resource>) -> Vec<Spans> {
    let kind = balancer.map_or("", |b| kind_word(b.id.kind));
    let second = group.map_or(kind.to_owned(), |g| facts::name_of(g).to_owned());
    let (count, bar) = health_of(p, group.or(balancer), 8);
    let (figure, trend) = figure(p, shown, balancer, group);
    let requests = [group, balancer]
        .into_iter()
        .flatten()
        .find_map(|r| signals::value(shown.model, &r.id, "RequestCount", "Sum", shown.now));
    vec![
        name_cell(p, shown, balancer, group),
        Spans::one(second, p.style(Role::Dim)),
        count,
        bar,
        why::cell(p, group.or(balancer)),
        zones(p, shown, group.or(balancer)),
        figure,
        Spans::one(requests.map_or(UNKNOWN.into(), number), p.style(Role::Text)),
        share_cell(p, shown, balancer, ""),
        trend,
    ]
}

fn page_row(p: &Paint<'_>, shown: &Shown<'_>, balancer: Option<&Resource>, group: Option<&Resource>) -> Vec<Spans> {
    let (model, now) = (shown.model, shown.now);
    let (count, bar) = health_of(p, group.or(balancer), 12);
    let queue =
        balancer.filter(|b| b.id.kind == Kind::ClassicElb).map_or_else(Spans::default, |b| {
            match signals::value(model, &b.id, "SurgeQueueLength", "Maximum", now) {
                None => Spans::one(UNKNOWN, p.style(Role::Dim)),
                Some(v) => {
                    let role = queue_role(v);
                    let mut spans = Spans::one(format!("{:>5} ", number(v)), p.style(role));
                    spans.0.extend(level_bar(p, v / QUEUE, 10, p.style(role)).0);
                    spans
                }
            }
        });
    let of = |name: &str, stat: &str| {
        let ids = [group, balancer];
        ids.into_iter().flatten().find_map(|r| signals::value(model, &r.id, name, stat, now))
    };
    let p99 = of("TargetResponseTime", "p99").or_else(|| of("Latency", "p99"));
    let requests = of("RequestCount", "Sum");
    let (_, trend) = figure(p, shown, balancer, group);
    let id = balancer.or(group).map(|r| &r.id);
    vec![
        name_cell(p, shown, balancer, group),
        Spans::one(balancer.map_or("", |b| kind_word(b.id.kind)), p.style(Role::Dim)),
        Spans::one(group.map_or_else(String::new, |g| facts::name_of(g).to_owned()), p.style(Role::Text)),
        id.map_or_else(Spans::default, |id| scope_cell(p, shown, id)),
        count,
        bar,
        zones(p, shown, group.or(balancer)),
        why::cell(p, group.or(balancer)),
        queue,
        Spans::one(p99.map_or(UNKNOWN.into(), seconds), p.style(Role::Text)),
        Spans::one(requests.map_or(UNKNOWN.into(), number), p.style(Role::Text)),
        share_cell(p, shown, balancer, ""),
        trend,
    ]
}

fn queue_role(v: f64) -> Role {
    match v {
        v if v > QUEUE / 2.0 => Role::Crit,
        v if v > QUEUE / 10.0 => Role::Warn,
        _ => Role::Text,
    }
}

/// `5/6`, and the bar of it; `?` where health was not read.
pub(in crate::ui) fn health_of(p: &Paint<'_>, resource: Option<&Resource>, w: usize) -> (Spans, Spans) {
    let Some(members) = resource.and_then(facts::members) else {
        return (Spans::one("?", p.style(Role::Dim)), Spans::one(p.glyphs().gap.repeat(w), p.style(Role::Dim)));
    };
    let (healthy, unhealthy) = (members.count(HealthState::Healthy), members.count(HealthState::Unhealthy));
    let expected = members.expected();
    let role = match (healthy, unhealthy, expected) {
        (_, _, 0) => Role::Dim,
        (0, ..) => Role::Crit,
        (_, 1.., _) => Role::Warn,
        _ => Role::Text,
    };
    let other = expected.saturating_sub(healthy + unhealthy);
    (Spans::one(format!("{healthy}/{expected}"), p.style(role)), health_bar(p, healthy, other, unhealthy, w))
}

/// The one number that tells most, and its course: queue, latency or flows.
fn figure(p: &Paint<'_>, shown: &Shown<'_>, balancer: Option<&Resource>, group: Option<&Resource>) -> (Spans, Spans) {
    let Some(balancer) = balancer else { return (Spans::default(), Spans::default()) };
    let (model, now) = (shown.model, shown.now);
    let wanted: &[(&str, &str, &str)] = match balancer.id.kind {
        Kind::ClassicElb => &[("SurgeQueueLength", "Maximum", "queue"), ("Latency", "p99", "p99")],
        Kind::Alb => &[("TargetResponseTime", "p99", "p99"), ("RequestCount", "Sum", "req/min")],
        _ => &[("ActiveFlowCount", "Average", "flows"), ("ActiveFlowCount", "Sum", "flows")],
    };
    let found = wanted.iter().find_map(|(name, stat, word)| {
        let ids = [Some(balancer), group];
        let of = ids.into_iter().flatten().find_map(|r| signals::metric(model, &r.id, name, stat));
        of.map(|(signal, series)| (signal, series, *word))
    });
    let Some((signal, series, word)) = found else { return (Spans::default(), Spans::default()) };
    let value = signals::latest(signal, series, now);
    let text = match (word, value) {
        (_, None) => format!("{word} {UNKNOWN}"),
        ("p99", Some(v)) => format!("p99 {}", seconds(v)),
        ("queue", Some(v)) => format!("queue {}", number(v)),
        (_, Some(v)) => format!("{} {word}", number(v)),
    };
    let role = if word == "queue" { queue_role(value.unwrap_or(0.0)) } else { Role::Text };
    let values = signals::tail(signal, series, 8, now);
    (Spans::one(text, p.style(role)), Spans::one(spark(p, &values, None), p.style(Role::Graph)))
}

fn share_cell(p: &Paint<'_>, shown: &Shown<'_>, balancer: Option<&Resource>, word: &str) -> Spans {
    let Some(balancer) = balancer.filter(|b| b.id.kind != Kind::Nlb) else { return Spans::default() };
    match signals::error_share(shown.model, &balancer.id, shown.now) {
        None => Spans::one(format!("{word}{UNKNOWN}"), p.style(Role::Dim)),
        Some(share) => {
            let role = match share {
                s if s > 5.0 => Role::Crit,
                s if s > 1.0 => Role::Warn,
                _ => Role::Text,
            };
            Spans::one(format!("{word}{share:.1}%"), p.style(role))
        }
    }
}

/// Healthy of all, zone by zone: where it is broken.
pub(in crate::ui) fn zones(p: &Paint<'_>, shown: &Shown<'_>, resource: Option<&Resource>) -> Spans {
    let Some((resource, members)) = resource.and_then(|r| facts::members(r).map(|m| (r, m))) else {
        return Spans::default();
    };
    let mut by_zone: BTreeMap<Text, (usize, usize)> = BTreeMap::new();
    for member in members.list.iter().filter(|m| !matches!(m.state, HealthState::Draining | HealthState::Unused)) {
        let entry = by_zone.entry(zone_of(shown, resource, member)).or_default();
        entry.0 += usize::from(member.state == HealthState::Healthy);
        entry.1 += 1;
    }
    let mut spans = Spans::default();
    for (zone, (healthy, all)) in by_zone {
        let role = match (healthy, all) {
            (h, a) if h == a => Role::Dim,
            (0, _) => Role::Crit,
            _ => Role::Warn,
        };
        if !spans.0.is_empty() {
            spans.push("  ", p.style(Role::Dim));
        }
        spans.push(format!("{} {healthy}/{all}", short_zone(&zone)), p.style(role));
    }
    spans
}

/// The zone of a member: as its balancer says, or as its instance is known to be in.
pub(in crate::ui) fn zone_of(shown: &Shown<'_>, of: &Resource, member: &Member) -> Text {
    if let Some(zone) = &member.zone {
        return zone.clone();
    }
    let id = crate::model::ResourceId::new(&of.id.scope, Kind::Instance, member.id.clone());
    match shown.model.resource(&id).map(|r| &r.detail) {
        Some(Detail::Instance(i)) => i.zone.clone(),
        _ => "?".into(),
    }
}

/// `1a` of `ap-northeast-1a`.
pub(in crate::ui) fn short_zone(zone: &str) -> &str {
    zone.rsplit_once('-').map_or(zone, |(_, z)| z)
}
