//! What a filter can ask of the rows: their fields, by list.

use super::facts;
use super::query::Row;
use super::shown::Shown;
use super::signals;
use crate::alerts::{Alert, Phase, Transition};
use crate::model::{
    ApiSignal, Detail, Event, EventKind, Freshness, HealthState, PollerRecord, Resource, ResourceId, Scope, Signal,
    Source,
};

mod lists;

pub(super) use lists::of;

/// What a row is about.
#[derive(Clone, Copy)]
pub(super) enum About<'r> {
    Alert(&'r Alert),
    /// A resource, or a balancer with one of its target groups.
    Resource(&'r Resource, Option<&'r Resource>),
    Event(&'r Event),
    Transition(&'r Transition),
    Poller(&'r Source, &'r PollerRecord),
    Metric(&'r ResourceId, &'r Signal),
}

/// A row as the filter sees it.
pub(super) struct Seen<'r> {
    pub(super) about: About<'r>,
    pub(super) shown: &'r Shown<'r>,
    /// How bad it is, as the lists rank it.
    pub(super) fault: u8,
    /// Its words in lower case.
    pub(super) words: String,
}

impl About<'_> {
    /// The words that a filter without a field looks for.
    pub(super) fn words(&self) -> String {
        let mut out = String::new();
        let mut add = |words: &[&str]| {
            for word in words {
                out.push_str(word);
                out.push(' ');
            }
        };
        match self {
            Self::Alert(a) => {
                let id = &a.id;
                add(&[&id.resource.id, &id.rule, &a.title, &a.detail, a.level.word()]);
                scope_words(&id.resource, &mut add);
            }
            Self::Transition(t) => {
                let id = &t.alert.id;
                add(&[&id.resource.id, &id.rule, &t.alert.title, t.alert.level.word()]);
                scope_words(&id.resource, &mut add);
            }
            Self::Resource(r, other) => {
                resource_words(r, &mut add);
                if let Some(other) = other {
                    resource_words(other, &mut add);
                }
            }
            Self::Event(e) => event_words(e, &mut add),
            Self::Metric(id, signal) => {
                add(&[&id.id, signal.name()]);
                scope_words(id, &mut add);
                if let Signal::Metric(m) = signal {
                    add(&[&m.namespace, &m.stat]);
                }
            }
            Self::Poller(source, record) => {
                add(&[source.poller.as_str(), &source.scope.account, &source.scope.region]);
                if let Some(e) = &record.error {
                    add(&[e.class.as_str(), &e.code, &e.message]);
                }
            }
        }
        out.to_lowercase()
    }

    /// Where it is.
    pub(super) fn scope(&self) -> &Scope {
        match self {
            Self::Alert(a) => &a.id.resource.scope,
            Self::Transition(t) => &t.alert.id.resource.scope,
            Self::Resource(r, _) => &r.id.scope,
            Self::Event(e) => &e.scope,
            Self::Poller(s, _) => &s.scope,
            Self::Metric(id, _) => &id.scope,
        }
    }

    /// The id of what it is about, where that is a resource.
    fn id(&self) -> Option<&ResourceId> {
        match self {
            Self::Alert(a) => Some(&a.id.resource),
            Self::Transition(t) => Some(&t.alert.id.resource),
            Self::Resource(r, _) => Some(&r.id),
            Self::Metric(id, _) => Some(id),
            Self::Event(_) | Self::Poller(..) => None,
        }
    }
}

fn scope_words(id: &ResourceId, add: &mut impl FnMut(&[&str])) {
    add(&[&id.scope.account, &id.scope.region, id.kind.as_str()]);
}

fn resource_words(r: &Resource, add: &mut impl FnMut(&[&str])) {
    add(&[&r.id.id, &r.name]);
    scope_words(&r.id, add);
    for (k, v) in &r.tags {
        add(&[k, v]);
    }
    match &r.detail {
        Detail::Instance(i) => add(&[&i.instance_type, &i.state, &i.zone, &i.private_ip, &i.public_ip]),
        Detail::Alarm(a) => add(&[&a.namespace, &a.metric, a.state.as_str()]),
        Detail::Balancer(b) => add(&[&b.scheme, &b.state, &b.dns_name]),
        _ => {}
    }
}

fn event_words(e: &Event, add: &mut impl FnMut(&[&str])) {
    add(&[&e.summary, &e.scope.account, &e.scope.region]);
    for r in &e.resources {
        add(&[r]);
    }
    if let EventKind::Trail(t) = &e.kind {
        add(&[&t.name, &t.user, &t.source, &t.ip, &t.error]);
    }
}

impl Row for Seen<'_> {
    fn words(&self) -> &str {
        &self.words
    }

    fn text(&self, field: &str, with: &mut dyn FnMut(&str) -> bool) -> bool {
        let scope = self.about.scope();
        match field {
            "account" => return with(&scope.account),
            "region" => return with(&scope.region),
            "level" => return with(self.level()),
            "kind" if self.about.id().is_some() => {
                return self.about.id().is_some_and(|id| with(id.kind.as_str()));
            }
            "id" => {
                if let Some(id) = self.about.id() {
                    return with(&id.id) || self.other().is_some_and(|o| with(&o.id.id));
                }
            }
            _ => {}
        }
        match &self.about {
            About::Alert(a) => alert_text(self.shown, a, field, with),
            About::Transition(t) => match field {
                "what" => with(&t.alert.title),
                "on" => with(facts::name_of_id(self.shown.model, &t.alert.id.resource)),
                _ => alert_text(self.shown, &t.alert, field, with),
            },
            About::Resource(r, other) => {
                resource_text(r, field, with) || other.is_some_and(|o| resource_text(o, field, with))
            }
            About::Event(e) => event_text(self.shown, e, field, with),
            About::Metric(id, signal) => match (field, signal) {
                ("name", _) => with(facts::name_of_id(self.shown.model, id)),
                ("metric", s) => with(s.name()),
                ("namespace", Signal::Metric(m)) => with(&m.namespace),
                ("stat", Signal::Metric(m)) => with(&m.stat),
                ("namespace", _) => with("API"),
                _ => self.shown.model.resource(id).is_some_and(|r| resource_text(r, field, with)),
            },
            About::Poller(source, record) => match field {
                "name" => with(source.poller.as_str()),
                "state" => with(freshness_word(record.freshness(self.shown.now))),
                "error" => record.error.as_ref().is_some_and(|e| with(e.class.as_str()) || with(&e.code)),
                _ => false,
            },
        }
    }

    fn number(&self, field: &str) -> Option<f64> {
        let now = self.shown.now;
        let since = |at: Option<jiff::Timestamp>| at.map(|at| now.duration_since(at).as_secs_f64());
        match &self.about {
            About::Alert(a) => alert_number(a, field, since),
            About::Transition(t) if field == "age" => since(Some(t.at)),
            About::Transition(t) => alert_number(&t.alert, field, since),
            About::Resource(r, other) => {
                self.of_resource(r, field).or_else(|| other.and_then(|o| self.of_resource(o, field)))
            }
            About::Event(e) => (field == "age").then(|| since(Some(e.at)))?,
            About::Metric(id, signal) => match field {
                "now" => signals::latest(signal, self.shown.model.series(id, signal)?, now),
                _ => None,
            },
            About::Poller(_, record) => match field {
                "age" => record.age(now).map(|a| a.as_secs_f64()),
                "calls" => Some(float(record.calls)),
                "throttled" => Some(float(record.throttles)),
                "billed" => Some(float(record.billed_metrics)),
                "failures" => Some(f64::from(record.failures)),
                _ => None,
            },
        }
    }
}

impl Seen<'_> {
    fn other(&self) -> Option<&Resource> {
        if let About::Resource(_, other) = self.about { other } else { None }
    }

    fn level(&self) -> &'static str {
        let of_alert = |a: &Alert| match a.phase {
            Phase::Resolved => "ok",
            _ => level_word(a.level),
        };
        match &self.about {
            About::Alert(a) => of_alert(a),
            About::Transition(t) => of_alert(&t.alert),
            _ => match self.fault {
                6 => "crit",
                5 => "blind",
                4 => "warn",
                3 => "pending",
                2 | 1 => "fault",
                _ => "ok",
            },
        }
    }

    fn of_resource(&self, r: &Resource, field: &str) -> Option<f64> {
        let (model, now) = (self.shown.model, self.shown.now);
        let members = |state| facts::members(r).map(|m| count(m.count(state)));
        let since = |at: Option<jiff::Timestamp>| at.map(|at| now.duration_since(at).as_secs_f64());
        match (field, &r.detail) {
            ("cpu", _) => signals::cpu(model, &r.id, now),
            ("unhealthy", _) => members(HealthState::Unhealthy),
            ("healthy", _) => members(HealthState::Healthy),
            ("targets", _) => facts::members(r).map(|m| count(m.expected())),
            ("queue", _) => signals::value(model, &r.id, "SurgeQueueLength", "Maximum", now),
            ("5xx", _) => signals::error_share(model, &r.id, now),
            ("p99", _) => signals::value(model, &r.id, "TargetResponseTime", "p99", now)
                .or_else(|| signals::value(model, &r.id, "Latency", "p99", now)),
            ("requests", _) => signals::value(model, &r.id, "RequestCount", "Sum", now),
            ("min", Detail::AutoScalingGroup(g)) => Some(f64::from(g.min)),
            ("max", Detail::AutoScalingGroup(g)) => Some(f64::from(g.max)),
            ("wanted", _) => ApiSignal::DesiredCapacity.read(r),
            ("serving", Detail::AutoScalingGroup(g)) => Some(f64::from(g.in_service())),
            ("age", Detail::Instance(i)) => since(i.launched),
            ("age", Detail::Alarm(a)) => since(a.state_since),
            ("threshold", Detail::Alarm(a)) => a.threshold,
            _ if field.starts_with("tag.") => r.tags.get(&field[4..])?.parse().ok(),
            _ => {
                let mut found = model.series_of(&r.id).filter(|(s, _)| s.name() == field);
                found.find_map(|(signal, series)| signals::latest(signal, series, now))
            }
        }
    }
}

fn alert_text(shown: &Shown<'_>, a: &Alert, field: &str, with: &mut dyn FnMut(&str) -> bool) -> bool {
    match field {
        "name" => with(facts::name_of_id(shown.model, &a.id.resource)) || with(&a.id.resource.id),
        "rule" => with(&a.id.rule),
        "title" => with(&a.title),
        "state" => with(match a.phase {
            Phase::Pending => "pending",
            Phase::Firing => "firing",
            Phase::Resolved => "resolved",
        }),
        _ if field.starts_with("tag.") => {
            shown.model.resource(&a.id.resource).is_some_and(|r| resource_text(r, field, with))
        }
        _ => false,
    }
}

fn alert_number(a: &Alert, field: &str, since: impl Fn(Option<jiff::Timestamp>) -> Option<f64>) -> Option<f64> {
    match field {
        "value" => a.value,
        "limit" => a.limit,
        "age" => since(Some(a.since)),
        _ => None,
    }
}

pub(super) fn resource_text(r: &Resource, field: &str, with: &mut dyn FnMut(&str) -> bool) -> bool {
    if let Some(key) = field.strip_prefix("tag.") {
        // A tag's key may be typed in another case than it was given.
        return r.tags.iter().any(|(k, v)| k.eq_ignore_ascii_case(key) && with(v));
    }
    match (field, &r.detail) {
        ("name", _) | ("group", Detail::TargetGroup(_)) => with(facts::name_of(r)),
        ("group", _) => r.tags.get("aws:autoscaling:groupName").is_some_and(|g| with(g)),
        ("state", Detail::Instance(i)) => with(&i.state),
        ("state", Detail::Balancer(b)) => with(&b.state),
        ("state", Detail::Alarm(a)) => with(a.state.as_str()),
        ("type", Detail::Instance(i)) => with(&i.instance_type),
        ("zone", Detail::Instance(i)) => with(&i.zone) || with(super::pages::short_zone(&i.zone)),
        ("zone", Detail::Balancer(b)) => b.zones.iter().any(|z| with(z) || with(super::pages::short_zone(z))),
        ("zone", Detail::AutoScalingGroup(g)) => g.zones.iter().any(|z| with(z) || with(super::pages::short_zone(z))),
        ("checks", Detail::Instance(i)) => with(match &i.status {
            None => "unknown",
            Some(s) if s.failed() > 0 => "impaired",
            Some(s) if s.system == "ok" && s.instance == "ok" => "ok",
            Some(_) => "initializing",
        }),
        ("ip", Detail::Instance(i)) => with(&i.private_ip) || with(&i.public_ip),
        ("subnet", Detail::Instance(i)) => with(&i.subnet),
        ("vpc", Detail::Instance(i)) => with(&i.vpc),
        ("sg", Detail::Instance(i)) => i.security_groups.iter().any(|g| with(g)),
        ("platform", Detail::Instance(i)) => with(&i.platform),
        ("scheme", Detail::Balancer(b)) => with(&b.scheme),
        ("suspended", Detail::AutoScalingGroup(g)) => g.suspended.iter().any(|s| with(s)),
        ("metric", Detail::Alarm(a)) => with(&a.metric),
        ("namespace", Detail::Alarm(a)) => with(&a.namespace),
        ("of", Detail::Alarm(a)) => a.dimensions.iter().any(|(_, v)| with(v)),
        _ => false,
    }
}

fn event_text(shown: &Shown<'_>, e: &Event, field: &str, with: &mut dyn FnMut(&str) -> bool) -> bool {
    match (field, &e.kind) {
        ("on", _) => e.resources.iter().any(|r| with(r) || with(facts::name_in(shown.model, e, r))),
        ("id", _) => with(&e.id),
        ("kind", EventKind::Trail(_)) => with("trail"),
        ("kind", EventKind::Activity(_)) => with("scaling"),
        ("kind", EventKind::Health { .. }) => with("health"),
        ("kind", EventKind::Alarm { .. }) => with("cloudwatch"),
        ("what", EventKind::Trail(t)) => with(&t.name),
        ("who", EventKind::Trail(t)) => with(&t.user) || with(&t.user_type),
        ("service", EventKind::Trail(t)) => with(t.source.split('.').next().unwrap_or_default()),
        ("ip", EventKind::Trail(t)) => with(&t.ip),
        ("error", EventKind::Trail(t)) => !t.error.is_empty() && with(&t.error),
        ("what", _) => with(&e.summary),
        _ => false,
    }
}

fn level_word(level: crate::alerts::Level) -> &'static str {
    match level {
        crate::alerts::Level::Critical => "crit",
        crate::alerts::Level::Warning => "warn",
        crate::alerts::Level::Blind => "blind",
    }
}

fn freshness_word(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Loading => "loading",
        Freshness::Fresh => "fresh",
        Freshness::Stale => "stale",
        Freshness::Blind => "blind",
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

fn float(n: u64) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}
