//! Which rows a list has: found, filtered and put in order. Drawing formats only those in view.

mod collect;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::collect::{Collect, Row, SortKey};
use super::facts;
use super::fields::{self, About};
use super::grouping::Branch;
use super::query::Query;
use super::shown::Shown;
use super::signals;
use super::view::{Item, Listing, ViewState};
use crate::alerts::{BundleId, Level, Line, Phase, Transition};
use crate::model::{
    AlarmState, Detail, Event, EventKind, HealthState, Kind, Model, Resource, ResourceId, Scope, Series, Signal,
    TargetGroup, Text,
};
use crate::rules::{EvalMode, Local, Mirror};

/// The rows of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    /// Those that the filter lets through, in order.
    pub(super) items: Vec<Item>,
    /// How many there are without a filter.
    pub(super) total: usize,
    /// How many the filter lets through, heads not counted, what is hidden below one counted.
    pub(super) count: usize,
    /// How each stands among the others; empty where all stand alone.
    pub(super) tree: Vec<Branch>,
    /// The scope that all of them are in, if they are in one: then no row has to say it.
    pub(super) scope: Option<Scope>,
    /// What every alarm comes to here, where the list is one of alarms: found once, and not with each frame.
    pub(super) alarms: BTreeMap<ResourceId, Local>,
}

/// The orders that `list` can be put in; the first is the one it starts with.
#[must_use]
pub fn sorts(list: Listing) -> &'static [&'static str] {
    match list {
        Listing::Alerts => &["worst", "name", "oldest"],
        Listing::Balancers => &["worst", "name", "kind", "healthy", "5xx"],
        Listing::Scaling => &["worst", "name", "size", "wanted"],
        Listing::Instances => &["worst", "name", "id", "type", "state", "zone", "cpu", "age"],
        Listing::Trail => &["newest", "who", "what"],
        Listing::Bill => &["name"],
        Listing::Alarms => &["worst", "name", "since"],
        Listing::Metrics | Listing::Pinned => &["name", "metric", "namespace", "now"],
        Listing::Timeline => &["newest"],
        Listing::Pollers => &["worst", "name", "age", "calls", "billed"],
    }
}

/// Which of the orders of `list` is that of the column with this title, if any is.
pub(super) fn sort_of(list: Listing, title: &str) -> Option<usize> {
    let order = match (list, title) {
        (_, "") => return None,
        (Listing::Balancers, "BALANCER")
        | (Listing::Scaling, "GROUP")
        | (Listing::Bill, "ACCOUNT")
        | (Listing::Alarms, "ALARM")
        | (Listing::Pollers, "POLLER") => "name",
        (Listing::Balancers, "UP") => "healthy",
        (Listing::Alerts, "LEVEL") | (Listing::Scaling | Listing::Pollers, "STATE") | (Listing::Alarms, "HERE") => {
            "worst"
        }
        (Listing::Alerts, "FOR") => "oldest",
        (Listing::Alarms, "FOR") => "since",
        (Listing::Scaling, "MIN TO MAX") => "size",
        (Listing::Trail | Listing::Timeline, "TIME") => "newest",
        (_, title) => title,
    };
    sorts(list).iter().position(|name| name.eq_ignore_ascii_case(order))
}

/// The rows of `list`.
pub(super) fn rows(shown: &Shown<'_>, list: Listing, view: &ViewState) -> Rows {
    rows_of(shown, list, view, view.faults_only)
}

/// As [`rows`], or those with faults only.
pub(super) fn rows_of(shown: &Shown<'_>, list: Listing, view: &ViewState, faults_only: bool) -> Rows {
    let state = view.list(list);
    let (only, unfolded) = (&view.only, &view.unfolded);
    let sort = sorts(list)[state.sort % sorts(list).len()];
    // What is not understood yet lets everything through: the input says why.
    let query = Query::parse(&state.filter, fields::of(list)).unwrap_or_default();
    let levels = shown.alerts.faults();
    let grouping = view.grouping(list);
    let mut out = Collect {
        shown,
        list,
        query,
        only,
        faults_only,
        grouping,
        levels: &levels,
        total: 0,
        root: None,
        rows: Vec::new(),
    };
    match list {
        Listing::Alerts if sort == "worst" && state.filter.trim().is_empty() => {
            // Without a filter every alert is a row, or on one.
            let mut put = |item: Item, at: SortKey| {
                if scope_of(&item).is_none_or(|scope| only.lets_through(scope)) {
                    out.total += 1;
                    out.rows.push(Row::new(item, at, Text::default(), 0));
                }
            };
            for (n, line) in shown.alerts.lines.iter().enumerate() {
                let at = SortKey::Number(count(n));
                let id = line.bundle();
                let item = match line {
                    Line::Alert { id, .. } => Item::Alert(id.clone()),
                    Line::Many { bundle, .. } => Item::Bundle(bundle.id.clone()),
                };
                put(item, at.clone());
                if id.is_some_and(|id| unfolded.contains(&id)) {
                    // They stay below it when the order is turned round.
                    line.below().iter().for_each(|id| put(Item::Alert(id.clone()), at.clone()));
                }
            }
            let lines = shown.alerts.lines.len();
            for (n, alert) in shown.alerts.resolved.iter().enumerate() {
                put(Item::Alert(alert.id.clone()), SortKey::Number(count(lines + n)));
            }
        }
        // Who looks for something, or wants another order, sees each alert.
        Listing::Alerts => {
            for (n, alert) in shown.alerts.active.iter().chain(&shown.alerts.resolved).enumerate() {
                let id = &alert.id;
                let key = match sort {
                    "name" => SortKey::Text(id.resource.id.clone()),
                    "oldest" => number(alert.since.as_second()),
                    _ => SortKey::Number(count(n)),
                };
                out.offer(Item::Alert(id.clone()), key, Text::default(), 1, About::Alert(alert));
            }
        }
        Listing::Balancers => balancers(shown, sort, &mut out),
        Listing::Scaling | Listing::Instances | Listing::Alarms | Listing::Bill => {
            let kind = match list {
                Listing::Scaling => Kind::AutoScalingGroup,
                Listing::Instances => Kind::Instance,
                Listing::Alarms => Kind::Alarm,
                _ => Kind::Bill,
            };
            for resource in shown.model.of_kind(kind) {
                let fault = fault(resource, &levels);
                let key = resource_key(shown, resource, sort, fault);
                let item = Item::Resource(resource.id.clone());
                out.offer(item, key, resource.name.clone(), fault, About::Resource(resource, None));
            }
        }
        Listing::Trail => {
            for (n, event) in shown.model.events().iter().rev().enumerate() {
                let EventKind::Trail(trail) = &event.kind else { continue };
                let bad = facts::suspicious(event);
                if trail.read_only && !bad {
                    continue;
                }
                let key = match sort {
                    "who" => SortKey::Text(trail.user.clone()),
                    "what" => SortKey::Text(trail.name.clone()),
                    _ => SortKey::Number(count(n)),
                };
                out.offer(item_of(event), key, Text::default(), u8::from(bad), About::Event(event));
            }
        }
        Listing::Timeline => {
            for transition in &shown.alerts.timeline {
                let alert = &transition.alert;
                let item = Item::Transition(transition.at, alert.id.clone());
                let key = number(-transition.at.as_second());
                out.offer(item, key, of_one_moment(transition), 1, About::Transition(transition));
            }
            for event in shown.model.events().iter().rev() {
                let bad = facts::bad_event(event);
                if matches!(&event.kind, EventKind::Trail(t) if t.read_only) && !bad {
                    continue;
                }
                let key = number(-event.at.as_second());
                out.offer(item_of(event), key, Text::default(), u8::from(bad), About::Event(event));
            }
        }
        Listing::Metrics => series(shown, view, sort, &mut out),
        Listing::Pinned => {
            for (n, (id, signal)) in view.pins.iter().enumerate() {
                let item = Item::Metric(id.clone(), signal.clone());
                out.offer(item, SortKey::Number(count(n)), Text::default(), 1, About::Metric(id, signal));
            }
        }
        Listing::Pollers => {
            for (source, record) in shown.model.pollers() {
                let bad = facts::poller_level(record, shown.now);
                let key = match sort {
                    "name" => SortKey::Text(source.poller.as_str().into()),
                    "age" => record.last_success.map_or(SortKey::Unknown, |at| number(at.as_second())),
                    "calls" => SortKey::Number(-float(record.calls)),
                    "billed" => SortKey::Number(-float(record.billed_metrics)),
                    _ => SortKey::Number(-f64::from(bad)),
                };
                let about = About::Poller(source, record);
                out.offer(Item::Poller(source.clone()), key, Text::default(), bad, about);
            }
        }
    }
    let mut rows = out.done(&state);
    if list == Listing::Alarms {
        let mirror = Mirror::new(shown.model, EvalMode::Live, shown.now);
        let alarms = shown.model.of_kind(Kind::Alarm).map(|r| &r.id);
        rows.alarms = alarms.filter_map(|id| Some((id.clone(), mirror.local(id)?))).collect();
    }
    rows
}

fn balancers<'c>(shown: &'c Shown<'c>, sort: &str, out: &mut Collect<'c>) {
    let levels = out.levels;
    let model = shown.model;
    let groups = groups_by_balancer(model);
    let mut routed: BTreeSet<&ResourceId> = BTreeSet::new();
    for balancer in model.resources().filter(|r| r.id.kind.is_balancer()) {
        let Detail::Balancer(detail) = &balancer.detail else { continue };
        let own = groups.get(&(balancer.id.scope.region.as_str(), detail.arn.as_str()));
        let own = own.map_or(&[][..], Vec::as_slice);
        if own.is_empty() {
            let fault = fault(balancer, levels);
            let key = resource_key(shown, balancer, sort, fault);
            let item = Item::Resource(balancer.id.clone());
            out.offer(item, key, balancer.name.clone(), fault, About::Resource(balancer, None));
        }
        for group in own {
            routed.insert(&group.id);
            let fault = fault(balancer, levels).max(self::fault(group, levels));
            let key = match sort {
                "healthy" => resource_key(shown, group, sort, fault),
                _ => resource_key(shown, balancer, sort, fault),
            };
            let item = Item::Pair(balancer.id.clone(), group.id.clone());
            out.offer(item, key, balancer.name.clone(), fault, About::Resource(balancer, Some(group)));
        }
    }
    for group in model.of_kind(Kind::TargetGroup).filter(|g| !routed.contains(&g.id)) {
        let fault = fault(group, levels);
        let key = resource_key(shown, group, sort, fault);
        let item = Item::Resource(group.id.clone());
        out.offer(item, key, group.name.clone(), fault, About::Resource(group, None));
    }
}

/// Every series, and every metric that is asked for and not read yet.
fn series<'c>(shown: &'c Shown<'c>, view: &'c ViewState, sort: &str, out: &mut Collect<'c>) {
    let faults = shown.alerts.faults();
    let mut offer = |id: &'c ResourceId, signal: Cow<'c, Signal>, found: Option<&Series>| {
        let key = match (sort, signal.as_ref()) {
            ("metric", s) => SortKey::Text(s.name().into()),
            ("namespace", Signal::Metric(m)) => SortKey::Text(m.namespace.clone()),
            ("now", s) => {
                let now = found.and_then(|series| signals::latest(s, series, shown.now));
                now.map_or(SortKey::Unknown, |v| SortKey::Number(-v))
            }
            ("namespace", _) => SortKey::Unknown,
            _ => SortKey::Text(facts::name_of_id(shown.model, id).into()),
        };
        let name = Text::new(&format!("{} {}", facts::name_of_id(shown.model, id), signal.name()));
        let fault = faults.get(id).copied().unwrap_or(0);
        out.offer(Item::Metric(id.clone(), signal.as_ref().clone()), key, name, fault, About::Metric(id, &signal));
    };
    // What rules look at of zones is in the hosts themselves for a person.
    let of_zones = |s: &Signal| matches!(s, Signal::Api(api) if api.is_of_zones());
    // Of a metric that is read on the grid too, the window that slides is the alarm's own affair.
    let twice = |id: &ResourceId, s: &Signal| match s {
        Signal::Metric(m) if m.slide > 0 => {
            let grid = Signal::Metric(m.clone().side_by_side());
            shown.model.series_of(id).any(|(other, _)| *other == grid)
        }
        _ => false,
    };
    for (id, signal, found) in shown.model.all_series().filter(|(id, s, _)| !of_zones(s) && !twice(id, s)) {
        offer(id, Cow::Borrowed(signal), Some(found));
    }
    for (id, metric) in &view.wanted {
        let signal = Signal::Metric(metric.clone());
        if shown.model.series(id, &signal).is_none() {
            offer(id, Cow::Owned(signal), None);
        }
    }
}

/// What the changes of one moment are ordered by, below what happened then: what fires, the worst and the oldest of it first,
/// what CloudWatch's alarms say of it behind it; then what resolved, and what may fire yet.
fn of_one_moment(transition: &Transition) -> Text {
    let alert = &transition.alert;
    let phase = match alert.phase {
        Phase::Firing => 'a',
        Phase::Resolved => 'b',
        Phase::Pending => 'c',
    };
    let level = match alert.level {
        Level::Critical => 'a',
        Level::Blind => 'b',
        Level::Warning => 'c',
    };
    let mirrored = u8::from(alert.id.resource.kind == Kind::Alarm);
    let since = alert.since.as_second();
    Text::new(&format!("{phase}{mirrored}{level}{since:012} {} {}", alert.id.resource.id, alert.id.rule))
}

/// Target groups by the region and ARN of each balancer that routes to them.
pub(super) fn groups_by_balancer(model: &Model) -> BTreeMap<(&str, &str), Vec<&Resource>> {
    let mut by_arn: BTreeMap<(&str, &str), Vec<&Resource>> = BTreeMap::new();
    for group in model.of_kind(Kind::TargetGroup) {
        let Detail::TargetGroup(TargetGroup { balancers, .. }) = &group.detail else { continue };
        for arn in balancers.iter().filter(|a| !a.is_empty()) {
            by_arn.entry((&group.id.scope.region, arn)).or_default().push(group);
        }
    }
    by_arn
}

fn item_of(event: &Event) -> Item {
    Item::Event(event.at, event.id.clone())
}

/// How bad `resource` is, 0 for nothing: by its alerts, else by what its own state says.
fn fault(resource: &Resource, levels: &BTreeMap<&ResourceId, u8>) -> u8 {
    let own = match &resource.detail {
        Detail::Balancer(b) if b.members.as_ref().is_some_and(|m| m.count(HealthState::Unhealthy) > 0) => 2,
        Detail::TargetGroup(t) if t.members.as_ref().is_some_and(|m| m.count(HealthState::Unhealthy) > 0) => 2,
        Detail::AutoScalingGroup(g) if g.desired >= g.max && g.max > 0 && g.max > g.min => 2,
        Detail::Instance(i) if i.status.as_ref().is_some_and(|s| s.failed() > 0) => 2,
        Detail::Alarm(a) if a.state == AlarmState::Alarm => 2,
        Detail::Alarm(a) if a.state == AlarmState::InsufficientData => 1,
        _ => 0,
    };
    own.max(levels.get(&resource.id).copied().unwrap_or(0))
}

fn resource_key(shown: &Shown<'_>, resource: &Resource, sort: &str, fault: u8) -> SortKey {
    let (model, now) = (shown.model, shown.now);
    let time = |at: Option<Timestamp>| at.map_or(SortKey::Unknown, |at| number(-at.as_second()));
    match (sort, &resource.detail) {
        ("worst", _) => SortKey::Number(-f64::from(fault)),
        ("id", _) => SortKey::Text(resource.id.id.clone()),
        ("kind", _) => SortKey::Text(resource.id.kind.as_str().into()),
        ("healthy", _) => facts::members(resource)
            .filter(|m| m.expected() > 0)
            .map_or(SortKey::Unknown, |m| SortKey::Number(count(m.count(HealthState::Healthy)) / count(m.expected()))),
        ("5xx", _) => signals::error_share(model, &resource.id, now).map_or(SortKey::Unknown, |v| SortKey::Number(-v)),
        ("cpu", _) => signals::cpu(model, &resource.id, now).map_or(SortKey::Unknown, |v| SortKey::Number(-v)),
        ("type", Detail::Instance(i)) => SortKey::Text(i.instance_type.clone()),
        ("state", Detail::Instance(i)) => SortKey::Text(i.state.clone()),
        ("zone", Detail::Instance(i)) => SortKey::Text(i.zone.clone()),
        ("age", Detail::Instance(i)) => time(i.launched),
        ("since", Detail::Alarm(a)) => time(a.state_since),
        ("size", Detail::AutoScalingGroup(g)) if g.max > 0 => SortKey::Number(-f64::from(g.desired) / f64::from(g.max)),
        ("wanted", Detail::AutoScalingGroup(g)) => SortKey::Number(-f64::from(g.desired)),
        _ => SortKey::Text(resource.name.clone()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of an era fit 53 bits")]
fn number(v: i64) -> SortKey {
    SortKey::Number(v as f64)
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

fn float(n: u64) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

/// The scope of `item`, where its name tells it.
pub(super) fn scope_of(item: &Item) -> Option<&Scope> {
    match item {
        Item::Alert(id) | Item::Transition(_, id) => Some(&id.resource.scope),
        Item::Resource(id) | Item::Pair(id, _) | Item::Metric(id, _) => Some(&id.scope),
        Item::Poller(source) => Some(&source.scope),
        Item::Bundle(id) => match id {
            BundleId::Rule { of, .. } => Some(&of.scope),
            BundleId::Alike { scope, .. } | BundleId::Zone { scope, .. } => Some(scope),
            BundleId::Under(id) => Some(&id.resource.scope),
        },
        Item::Event(..) | Item::Group(_) => None,
    }
}
