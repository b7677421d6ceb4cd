//! The detail of anything: facts, members with their reasons, graphs with limits, alerts, and what changed before.
//!
//! Made of blocks, each as high as it needs to be; what is in view of them is drawn.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::changed;
use super::course;
use super::facts;
use super::format::{UNKNOWN, clock, maybe, moment};
use super::graph::{self, Graph, Limit};
use super::hits::Target;
use super::links;
use super::look::Look;
use super::pages::{health_of, level_spans};
use super::paint::{Paint, Spans, to_u16};
use super::range::Span;
use super::related::{self, Subject};
use super::shown::Shown;
use super::signals;
use super::text::wrap;
use super::theme::Role;
use super::view::{DetailState, Item};
use super::widgets::{Frame, cells, pane};
use crate::alerts::{Alert, Nearness};
use crate::model::{ApiSignal, HealthState, Kind, PollerKind, Resource, ResourceId, Text};
use crate::rules::Comparison;

const GRAPH_ROWS: u16 = 10;
/// Where there is one column only, a graph must leave room for the words.
const LOW_GRAPH_ROWS: u16 = 7;
/// Narrower than this, hosts have the fewest words for why they do not serve.
const ROOM_FOR_REASONS: u16 = 60;
const MAX_GRAPHS: usize = 6;
const MAX_LINES: usize = 400;

/// A part of a detail.
enum Block<'d> {
    Lines(Vec<Spans>, Vec<Lead>),
    /// A graph, and how high it is.
    Graph(Graph<'d>, u16),
}

/// Text of a line that leads to an address: which line, from where on it, how wide.
struct Lead {
    line: usize,
    x: u16,
    width: u16,
    address: String,
}

/// Draws `lines` of a block from the top of `area`, the first of them being the one of number `from`.
fn draw_lines(p: &mut Paint<'_>, area: Rect, lines: &[Spans], from: usize, leads: &[Lead]) {
    for ((n, line), y) in lines.iter().enumerate().zip(area.y..area.bottom()) {
        p.spans(area.x, y, area.width, line);
        for lead in leads.iter().filter(|lead| lead.line == from + n && lead.x < area.width) {
            let text = Rect { x: area.x + lead.x, y, width: lead.width.min(area.width - lead.x), height: 1 };
            p.link(text, || Some(lead.address.clone()));
        }
    }
}

impl Block<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Lines(lines, _) => lines.len(),
            Self::Graph(_, rows) => usize::from(*rows) + 1,
        }
    }

    fn draw(&self, p: &mut Paint<'_>, area: Rect) {
        match self {
            Self::Lines(lines, leads) => draw_lines(p, area, lines, 0, leads),
            Self::Graph(g, _) => graph::draw(p, Rect { height: area.height.saturating_sub(1), ..area }, g),
        }
    }
}

/// How wide the left of two columns is, where there are two.
fn split(width: u16) -> Option<u16> {
    (width >= 110).then_some(width * 45 / 100)
}

/// How many lines of the detail of `item` are beyond a screen of `size`.
pub(super) fn lines_beyond(item: &Item, shown: &Shown<'_>, size: (u16, u16)) -> usize {
    let look = Look::default();
    let mut buf = Buffer::empty(Rect::new(0, 0, 1, 1));
    let p = Paint::new(&mut buf, &look, None);
    let subject = Subject::of(item, shown);
    let marks = marks(&subject);
    let inner = usize::from(size.1.saturating_sub(5));
    let (left, right) = columns(&p, shown, &subject, &marks, None, size.0.saturating_sub(4));
    let rows = |blocks: &[Block<'_>]| blocks.iter().map(Block::rows).sum::<usize>();
    rows(&left).max(rows(&right)).saturating_sub(inner)
}

/// Draws the detail that is `open`, with graphs of the time `zoom`.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, open: &DetailState, shown: &Shown<'_>, zoom: Option<Span>) {
    let subject = Subject::of(&open.item, shown);
    p.hit(area, Target::Lines);
    let mut title = Spans::one(subject.name.clone(), p.style(Role::Title));
    title.push(format!("  {}", subject.what), p.style(Role::Dim));
    let right = subject.age(shown).map_or_else(Spans::default, |(text, role)| Spans::one(text, p.style(role)));
    let frame = if area.width >= 60 && area.height >= 12 { Frame::Boxed } else { Frame::Ruled };
    let inner = pane(p, area, frame, &title, &right, true);
    if inner.width == 0 || inner.height == 0 {
        return;
    }
    let name = Rect { x: area.x + 2, y: area.y, width: cells(&subject.name).min(area.width - 6), height: 1 };
    p.link(name, || links::console(&open.item, shown));
    let marks = marks(&subject);
    let (left, right) = columns(p, shown, &subject, &marks, zoom, inner.width);
    let rows = |blocks: &[Block<'_>]| blocks.iter().map(Block::rows).sum::<usize>();
    let total = rows(&left).max(rows(&right));
    let beyond = total.saturating_sub(usize::from(inner.height));
    let scroll = open.scroll.min(beyond);
    let wide = split(inner.width);
    let left_width = wide.unwrap_or(inner.width);
    stack(p, Rect { width: left_width, ..inner }, &left, scroll);
    if let Some(at) = wide {
        let x = inner.x + at + 3;
        stack(p, Rect { x, width: inner.right().saturating_sub(x), ..inner }, &right, scroll);
    }
    if beyond > 0 && frame == Frame::Boxed {
        let text = format!(" {}-{} of {total} lines ", scroll + 1, scroll + usize::from(inner.height));
        p.right(area.x + 2, area.right() - 2, area.bottom() - 1, &text, p.style(Role::Dim));
    }
}

/// Draws what is in view of `blocks`.
fn stack(p: &mut Paint<'_>, area: Rect, blocks: &[Block<'_>], scroll: usize) {
    let mut top = 0usize;
    let end = scroll + usize::from(area.height);
    for block in blocks {
        let (rows, bottom) = (block.rows(), top + block.rows());
        if bottom > scroll && top < end {
            let place =
                |from: usize, to: usize| Rect { y: area.y + to_u16(from - scroll), height: to_u16(to - from), ..area };
            if top >= scroll && bottom <= end {
                block.draw(p, place(top, bottom));
            } else if let Block::Lines(lines, leads) = block {
                let (from, to) = (scroll.max(top), end.min(bottom));
                draw_lines(p, place(from, to), &lines[from - top..to - top], from - top, leads);
            } else {
                let (look, account) = (p.look(), p.account());
                let mut off = Buffer::empty(Rect::new(0, 0, area.width, to_u16(rows)));
                let mut paint = Paint::new(&mut off, look, account);
                paint.clear(Rect::new(0, 0, area.width, to_u16(rows)));
                block.draw(&mut paint, Rect::new(0, 0, area.width, to_u16(rows)));
                let drawn = paint.drawn();
                let (from, to) = (scroll.max(top), end.min(bottom));
                p.blit(&off, drawn, to_u16(from - top), place(from, to));
            }
        }
        top = bottom;
    }
}

fn marks(subject: &Subject<'_>) -> Vec<Timestamp> {
    let near = subject.changes.iter().filter(|b| b.nearness < Nearness::Elsewhere);
    near.map(|b| b.happened.at()).collect()
}

/// The left and the right column; where there is room for one only, the right one is empty.
fn columns<'d>(
    p: &Paint<'_>,
    shown: &'d Shown<'_>,
    subject: &Subject<'d>,
    marks: &'d [Timestamp],
    zoom: Option<Span>,
    width: u16,
) -> (Vec<Block<'d>>, Vec<Block<'d>>) {
    let wide = split(width);
    let left_width = wide.unwrap_or(width);
    let right_width = wide.map_or(width, |w| width.saturating_sub(w + 3));
    let section = |title: &str, mut lines: Vec<Spans>| {
        lines.insert(0, Spans::one(title.to_owned(), p.style(Role::Title)));
        lines.push(Spans::default());
        lines.truncate(MAX_LINES);
        Block::Lines(lines, Vec::new())
    };
    let mut alerts = Vec::new();
    if !subject.alerts.is_empty() {
        let (mut lines, mut leads) = (Vec::new(), Vec::new());
        for alert in &subject.alerts {
            let own = alert_lines(p, shown, alert, left_width);
            if let (Some(address), Some(head)) = (links::runbook(&alert.id.rule, shown), own.first()) {
                leads.push(Lead { line: lines.len() + 1, x: 0, width: to_u16(head.width()), address });
            }
            lines.extend(own);
        }
        let mut block = section("Alerts", lines);
        if let Block::Lines(_, of) = &mut block {
            *of = leads;
        }
        alerts.push(block);
    }
    // What is known of the one that is worst, or that was opened.
    if let Some(lines) = subject.alerts.first().map(|a| course::lines(p, a, shown)).filter(|l| !l.is_empty()) {
        alerts.push(section("Notes and history", lines));
    }
    let of_metrics = subject.poller.as_ref().is_some_and(|s| s.poller == PollerKind::Metrics);
    if let Some(text) = facts::on_grid(shown).filter(|_| of_metrics) {
        let line = Spans::one(format!("  {text}"), p.style(Role::Stale));
        alerts.push(section("Alarms of several minutes", vec![line]));
    }
    if of_metrics && !shown.slowed.is_empty() {
        let line = |(rule, every): (&Text, String)| {
            let mut line = Spans::one(format!("  {rule} "), p.style(Role::Text));
            line.push(every, p.style(Role::Stale));
            line
        };
        alerts.push(section("Read less often, to keep to the budget", facts::slowed(shown).map(line).collect()));
    }
    let mut members = Vec::new();
    for group in &subject.member_lists {
        members.push(section_members(p, shown, group, left_width));
    }
    let facts = section(
        if subject.pollers.is_some() { "What cannot be read" } else { "Facts" },
        fact_lines(p, shown, subject, left_width),
    );
    let rows = if wide.is_some() { GRAPH_ROWS } else { LOW_GRAPH_ROWS };
    let graphs: Vec<Block<'d>> = graphs(shown, subject, marks, zoom, rows);
    let of_pollers = subject.poller.is_some() || subject.pollers.is_some();
    let changed = !of_pollers && (subject.resource.is_some() || !subject.alerts.is_empty());
    let changed =
        changed.then(|| section(&changed::title(shown, subject), changed::lines(p, shown, subject, right_width)));
    let (mut left, mut right) = (alerts, Vec::new());
    if wide.is_some() {
        left.extend(members);
        left.push(facts);
        let mut graphs = graphs.into_iter();
        right.extend(graphs.next());
        right.extend(changed);
        right.extend(graphs);
    } else {
        // What is wrong and its course; who does not serve; what it is; and only then the pictures.
        let mut graphs = graphs.into_iter();
        if left.is_empty() {
            left.extend(members);
            left.push(facts);
            left.extend(graphs.next());
            left.extend(changed);
        } else {
            left.extend(graphs.next());
            left.extend(members);
            left.extend(changed);
            left.push(facts);
        }
        left.extend(graphs);
    }
    (left, right)
}

fn alert_lines(p: &Paint<'_>, shown: &Shown<'_>, alert: &Alert, width: u16) -> Vec<Spans> {
    let mut first = level_spans(p, alert.level, alert.phase);
    first.push(format!("  {}", alert.title), p.style(Role::Text));
    let mut second = Spans::one("  ", p.style(Role::Text));
    if alert.value.is_some() || alert.limit.is_some() {
        second.push(super::pages::value_of(alert), p.style(Role::Title));
        second.push("  ", p.style(Role::Dim));
    }
    if alert.limit.is_some() {
        second.push(format!("{}  ", super::pages::limit_of(alert)), p.style(Role::Dim));
    }
    let end = alert.resolved_at.unwrap_or(shown.now);
    let since = {
        let seen = if alert.older { "first seen" } else { "since" };
        format!("{seen} {} ({})", clock(alert.since, &shown.tz), super::pages::age(alert, end))
    };
    second.push(since, p.style(Role::Dim));
    let mut out = vec![first, second];
    let mut more = |text: &str, role| {
        for line in wrap(text, usize::from(width.saturating_sub(2))) {
            out.push(Spans::one(format!("  {line}"), p.style(role)));
        }
    };
    more(&alert.detail, Role::Text);
    for (words, role) in course::words(alert, shown) {
        more(&words, role);
    }
    if let Some(at) = alert.stale_since {
        more(&format!("on old data since {}", clock(at, &shown.tz)), Role::Stale);
    }
    if let Some(at) = alert.data_at {
        more(&format!("data of {}, rule {}", moment(at, shown.now, &shown.tz), alert.id.rule), Role::Dim);
    }
    if let Some(view) = &alert.cloudwatch {
        let text = super::pages::cloudwatch(alert).unwrap_or_default();
        more(&format!("{text} (its alarm {})", view.alarm), Role::Accent);
        let leads = &shown.alerts.leads;
        let leads = if alert.id.resource.kind == Kind::Alarm { &leads.mirrored } else { &leads.rules };
        if leads.count > 0 {
            more(&format!("leads so far: {}", super::pages::spread(leads)), Role::Dim);
        }
    }
    out
}

fn section_members<'d>(p: &Paint<'_>, shown: &Shown<'_>, of: &Resource, width: u16) -> Block<'d> {
    let (count, bar) = health_of(p, Some(of), if width < ROOM_FOR_REASONS { 6 } else { 20 });
    let word = if of.id.kind == Kind::TargetGroup { "Targets of" } else { "Instances of" };
    let mut head = Spans::one(format!("{word} {}  ", of.name), p.style(Role::Title));
    head.0.extend(count.0);
    head.push(" ", p.style(Role::Text));
    head.0.extend(bar.0);
    head.push("  ", p.style(Role::Text));
    head.0.extend(super::pages::zones(p, shown, Some(of)).0);
    let mut lines = vec![head];
    let Some(members) = facts::members(of) else {
        lines.push(Spans::one("  health is not read yet", p.style(Role::Dim)));
        lines.push(Spans::default());
        return Block::Lines(lines, Vec::new());
    };
    if members.list.is_empty() {
        lines.push(Spans::one("  nothing is registered", p.style(Role::Warn)));
    }
    let mut list: Vec<_> = members.list.iter().collect();
    let rank = |s: HealthState| match s {
        HealthState::Unhealthy => 0,
        HealthState::Unknown => 1,
        HealthState::Initial => 2,
        HealthState::Draining => 3,
        HealthState::Unused => 4,
        HealthState::Healthy => 5,
    };
    list.sort_by(|a, b| (rank(a.state), &a.id).cmp(&(rank(b.state), &b.id)));
    let mut leads = Vec::new();
    for member in list.into_iter().take(MAX_LINES) {
        let g = p.glyphs();
        let (glyph, word, role) = match member.state {
            HealthState::Healthy => (g.ok, "healthy", Role::Ok),
            HealthState::Unhealthy => (g.crit, "unhealthy", Role::Crit),
            HealthState::Initial => (g.pending, "initial", Role::Pending),
            HealthState::Draining => (g.half, "draining", Role::Dim),
            HealthState::Unused => (g.gap, "unused", Role::Dim),
            HealthState::Unknown => (g.blind, "unknown", Role::Blind),
        };
        let port = member.port.map_or_else(String::new, |p| format!(":{p}"));
        let zone = super::pages::zone_of(shown, of, member);
        // Where there is no room for both, why it does not serve says that it does not.
        let short = super::pages::reason(member).filter(|_| member.state != HealthState::Healthy);
        let narrow = width < ROOM_FOR_REASONS;
        let sign = if narrow { format!("  {glyph} ") } else { format!("  {glyph} {word:<9}  ") };
        let mut line = Spans::one(sign, p.style(role));
        let x = to_u16(line.width());
        line.push(format!("{:<20} ", format!("{}{port}", member.id)), p.style(Role::Text));
        line.push(format!("{:<3} ", super::pages::short_zone(&zone)), p.style(Role::Dim));
        if narrow {
            line.push(format!("{}  ", short.as_deref().unwrap_or(word)), p.style(role));
        } else if member.state != HealthState::Healthy {
            let why = [member.reason.as_str(), member.description.as_str()];
            let why: Vec<&str> = why.into_iter().filter(|w| !w.is_empty() && *w != "N/A").collect();
            line.push(format!("{}  ", why.join(": ")), p.style(Role::Text));
        }
        let id = ResourceId::new(&of.id.scope, Kind::Instance, member.id.clone());
        let width = to_u16(super::text::width(&member.id));
        if let Some(address) = links::console(&Item::Resource(id.clone()), shown) {
            leads.push(Lead { line: lines.len(), x, width, address });
        }
        let name = facts::name_of_id(shown.model, &id);
        if *name != *member.id {
            line.push(name.to_owned(), p.style(Role::Dim));
        }
        lines.push(line);
    }
    lines.push(Spans::default());
    Block::Lines(lines, leads)
}

fn fact_lines(p: &Paint<'_>, shown: &Shown<'_>, subject: &Subject<'_>, width: u16) -> Vec<Spans> {
    let facts = related::facts(subject, shown);
    let label = facts.iter().map(|(k, _)| super::text::width(k)).max().unwrap_or(0).min(usize::from(width) / 3);
    let mut lines = Vec::new();
    let mut put = |key: &str, value: &str, role| {
        let room = usize::from(width).saturating_sub(label + 4);
        for (i, part) in wrap(value, room).into_iter().enumerate() {
            let key = if i == 0 { super::text::cut(key, label, p.glyphs().cut).into_owned() } else { String::new() };
            let pad = " ".repeat(label.saturating_sub(super::text::width(&key)));
            let mut line = Spans::one(format!("  {key}{pad}  "), p.style(Role::Dim));
            line.push(part, p.style(role));
            lines.push(line);
        }
    };
    for (key, value) in &facts {
        put(key, if value.is_empty() { UNKNOWN } else { value }, Role::Text);
    }
    if let Some(resource) = subject.resource {
        for (key, value) in &resource.tags {
            put(&format!("tag {key}"), if value.is_empty() { "(empty)" } else { value }, Role::Accent);
        }
    }
    lines
}

/// Graphs of what its alerts are about, then of its main signals.
fn graphs<'d>(
    shown: &'d Shown<'_>,
    subject: &Subject<'d>,
    marks: &'d [Timestamp],
    zoom: Option<Span>,
    rows: u16,
) -> Vec<Block<'d>> {
    let mut out: Vec<Graph<'d>> = Vec::new();
    let mut add = |graph: Graph<'d>| {
        if out.len() < MAX_GRAPHS && !out.iter().any(|g| std::ptr::eq(g.series, graph.series)) {
            out.push(graph);
        }
    };
    for alert in &subject.alerts {
        let Some(signal) = &alert.signal else { continue };
        let Some(series) = shown.model.series(&alert.id.resource, signal) else { continue };
        let unit = signals::unit(signal);
        let limit =
            signals::limit_on(alert, series).map(|value| Limit { comparison: alert.comparison, value, word: "limit" });
        add(Graph { signal, series, limit, unit, marks, now: shown.now, tz: &shown.tz, range: None, zoom });
    }
    for resource in subject.resource.into_iter().chain(subject.member_lists.iter().copied()) {
        for (signal, series) in signals::main_signals(shown.model, resource) {
            let limit = natural_limit(shown, resource, signal.name());
            add(Graph {
                signal,
                series,
                limit,
                unit: signals::unit(signal),
                marks,
                now: shown.now,
                tz: &shown.tz,
                range: None,
                zoom,
            });
        }
    }
    out.into_iter().map(|graph| Block::Graph(graph, rows)).collect()
}

/// A limit that is not a rule's: the queue's room, a group's own figures, the budget.
fn natural_limit(shown: &Shown<'_>, resource: &Resource, signal: &str) -> Option<Limit> {
    let limit = |comparison, value, word| Some(Limit { comparison, value, word });
    match signal {
        "SurgeQueueLength" => limit(Comparison::AtLeast, 1024.0, "room"),
        "desired_capacity" => limit(Comparison::AtLeast, ApiSignal::MaxSize.read(resource)?, "maximum"),
        "in_service" => limit(Comparison::Below, ApiSignal::DesiredCapacity.read(resource)?, "wanted"),
        "EstimatedCharges" => limit(Comparison::Above, shown.budget?, "budget"),
        _ => None,
    }
}

/// `v` or `-`, for facts.
pub(super) fn figure(v: Option<f64>) -> String {
    maybe(v, crate::rules::Unit::Count)
}
