//! What a detail is about: the resource, its alerts, its members, and the events that name it.

use jiff::Timestamp;

use super::facts;
use super::format::{UNKNOWN, duration, moment};
use super::rows::groups_by_balancer;
use super::shown::Shown;
use super::step::pollers;
use super::theme::Role;
use super::view::{Item, Listing};
use crate::alerts::{self, Alert, AlertId, Before, Phase};
use crate::model::{Detail, Event, EventKind, Kind, PollerKind, Resource, ResourceId, Scope, Source, Text};
use crate::rules::ALL_POLLERS;

/// What a detail is about.
pub(super) struct Subject<'s> {
    /// Its name.
    pub(super) name: String,
    /// What it is, and where.
    pub(super) what: String,
    /// The resource, if it is one and still known.
    pub(super) resource: Option<&'s Resource>,
    /// The event, if it is one.
    pub(super) event: Option<&'s Event>,
    /// The poller, if it is one.
    pub(super) poller: Option<Source>,
    /// The scope, if it is all the pollers of one.
    pub(super) pollers: Option<&'s Scope>,
    /// Alerts on it and its members' lists, worst first.
    pub(super) alerts: Vec<&'s Alert>,
    /// The resource itself or its target groups, where they have members.
    pub(super) member_lists: Vec<&'s Resource>,
    /// What happened before its alerts, or lately, the nearest first.
    pub(super) changes: Vec<Before<'s>>,
    /// The resource that it is about, known or not.
    place: Option<&'s ResourceId>,
}

impl<'s> Subject<'s> {
    /// What the detail of `item` is about.
    pub(super) fn of(item: &'s Item, shown: &'s Shown<'_>) -> Self {
        let model = shown.model;
        let mut subject = Self {
            name: String::new(),
            what: String::new(),
            resource: None,
            event: None,
            poller: None,
            pollers: None,
            alerts: Vec::new(),
            member_lists: Vec::new(),
            changes: Vec::new(),
            place: None,
        };
        match item {
            Item::Alert(id) | Item::Transition(_, id) => {
                subject.about(&id.resource, shown);
                let all = || shown.alerts.active.iter().chain(&shown.alerts.resolved).copied();
                if let Some(first) = all().find(|a| a.id == *id) {
                    subject.alerts.retain(|a| a.id != *id);
                    subject.alerts.insert(0, first);
                }
            }
            Item::Resource(id) | Item::Metric(id, _) => subject.about(id, shown),
            Item::Pair(balancer, group) => {
                subject.about(balancer, shown);
                subject.alerts.extend(shown.alerts.on(group));
                subject.member_lists.sort_by_key(|r| r.id != *group);
            }
            Item::Event(at, id) => {
                subject.event = model.events().since(*at).find(|e| e.id == *id);
                let event = subject.event;
                subject.name = event.map_or_else(
                    || id.to_string(),
                    |e| match &e.kind {
                        EventKind::Trail(t) => t.name.to_string(),
                        _ => e.summary.to_string(),
                    },
                );
                subject.what = event.map_or_else(|| "no longer kept".into(), |e| format!("event in {}", e.scope));
            }
            Item::Bundle(id) => {
                let line = shown.alerts.line(id);
                let below = line.map(crate::alerts::Line::below).unwrap_or_default();
                subject.alerts.extend(shown.alerts.active.iter().filter(|a| below.contains(&a.id)));
                subject.name = shown.alerts.bundle(id).map_or_else(|| "several alerts".into(), |b| b.name.to_string());
                subject.what = super::format::counted(subject.alerts.len(), "alert");
            }
            Item::Group(label) => subject.name = label.to_string(),
            Item::Poller(source) => {
                subject.name = source.poller.to_string();
                subject.what = format!("poller of {}", source.scope);
                let id = ResourceId::new(&source.scope, Kind::Poller, source.poller.as_str());
                subject.alerts.extend(shown.alerts.on(&id));
                subject.poller = Some(source.clone());
            }
        }
        subject.alerts.dedup_by(|a, b| a.id == b.id);
        let about = match item {
            Item::Alert(id) | Item::Transition(_, id) => Some(id),
            _ => None,
        };
        subject.look_back(shown, about);
        subject
    }

    fn about(&mut self, id: &'s ResourceId, shown: &'s Shown<'_>) {
        let model = shown.model;
        self.resource = model.resource(id);
        facts::name_of_id(model, id).clone_into(&mut self.name);
        let gone = if self.resource.is_none() && !matches!(id.kind, Kind::Poller | Kind::Trail | Kind::Bill) {
            ", not listed any more"
        } else {
            ""
        };
        self.what = format!("{} in {}{gone}", id.kind, id.scope);
        self.alerts.extend(shown.alerts.on(id));
        if id.kind == Kind::Poller {
            self.poller =
                model.pollers().map(|(s, _)| s).find(|s| s.scope == id.scope && *s.poller.as_str() == *id.id).cloned();
            self.pollers = model.pollers().map(|(s, _)| &s.scope).find(|s| **s == id.scope && id.id == ALL_POLLERS);
            return;
        }
        if let Some(resource) = self.resource {
            match &resource.detail {
                Detail::Balancer(b) => {
                    let groups = groups_by_balancer(model);
                    let own = groups.get(&(id.scope.region.as_str(), b.arn.as_str()));
                    if id.kind == Kind::ClassicElb {
                        self.member_lists.push(resource);
                    }
                    for group in own.into_iter().flatten() {
                        self.member_lists.push(group);
                        self.alerts.extend(shown.alerts.on(&group.id));
                    }
                }
                Detail::TargetGroup(_) => self.member_lists.push(resource),
                _ => {}
            }
        }
        self.place = Some(id);
    }

    /// Finds what happened before `since`, besides what `about` itself is told by.
    fn look_back(&mut self, shown: &'s Shown<'_>, about: Option<&AlertId>) {
        let Some(id) = self.place else { return };
        let timeline = shown.alerts.timeline.iter().copied();
        self.changes = alerts::before(shown.model, timeline, id, about, self.moment(shown));
    }

    /// The moment that "before" is before: the oldest firing alert's begin, else now.
    pub(super) fn moment(&self, shown: &Shown<'_>) -> Timestamp {
        let begins = |firing: bool| {
            let of = self.alerts.iter().filter(|a| !firing || a.phase != Phase::Resolved);
            of.map(|a| a.since).min()
        };
        begins(true).or_else(|| begins(false)).unwrap_or(shown.now).min(shown.now)
    }

    /// How old what is shown is.
    pub(super) fn age(&self, shown: &Shown<'_>) -> Option<(String, Role)> {
        let kinds: &[PollerKind] = match self.resource?.id.kind {
            Kind::ClassicElb => &[PollerKind::ClassicElbs, PollerKind::ClassicHealth],
            Kind::Alb | Kind::Nlb | Kind::TargetGroup => &[PollerKind::Balancers, PollerKind::TargetHealth],
            Kind::AutoScalingGroup => pollers(Listing::Scaling),
            Kind::Instance => pollers(Listing::Instances),
            Kind::Subnet => &[PollerKind::Subnets],
            Kind::Alarm => pollers(Listing::Alarms),
            Kind::Bill => pollers(Listing::Bill),
            Kind::Trail => pollers(Listing::Trail),
            Kind::Poller => return None,
            kind => &[PollerKind::lists(kind)?],
        };
        Some(facts::standing(shown, kinds).words())
    }
}

type Facts = Vec<(String, String)>;

/// What is known of the subject, as lines of a name and a value.
pub(super) fn facts(subject: &Subject<'_>, shown: &Shown<'_>) -> Facts {
    let mut out: Facts = Vec::new();
    let time = |at: Option<Timestamp>| {
        at.map_or_else(String::new, |at| {
            format!("{} ({} ago)", moment(at, shown.now, &shown.tz), duration(shown.now.duration_since(at)))
        })
    };
    if let Some(resource) = subject.resource {
        resource_facts(resource, &time, &mut out);
    }
    if let Some(event) = subject.event {
        event_facts(event, &time, &mut out);
    }
    for (source, record) in shown.model.pollers().filter(|(s, _)| subject.pollers == Some(&s.scope)) {
        if let Some(error) = &record.error {
            let age = record.age(shown.now).map_or("never read".into(), |a| format!("read {} ago", duration(a)));
            out.push((source.poller.to_string(), format!("{age}; {}", facts::why(source, error))));
        }
    }
    if let Some(source) = &subject.poller {
        poller_facts(source, shown, &time, &mut out);
    }
    out
}

fn joined(list: &[Text]) -> String {
    list.iter().map(Text::as_str).collect::<Vec<_>>().join(" ")
}

fn resource_facts(resource: &Resource, time: &dyn Fn(Option<Timestamp>) -> String, out: &mut Facts) {
    let mut put = |key: &str, value: String| out.push((key.into(), value));
    put("id", resource.id.id.to_string());
    match &resource.detail {
        Detail::Balancer(b) => {
            put("dns name", b.dns_name.to_string());
            put("scheme", b.scheme.to_string());
            if !b.state.is_empty() {
                put("state", b.state.to_string());
            }
            put("zones", joined(&b.zones));
            put("security groups", joined(&b.security_groups));
            put("made", time(b.created));
            if !b.arn.is_empty() {
                put("arn", b.arn.to_string());
            }
        }
        Detail::TargetGroup(t) => {
            put("protocol", t.protocol.to_string());
            put("port", t.port.map_or_else(String::new, |p| p.to_string()));
            put("balancers", joined(&t.balancers));
            put("arn", t.arn.to_string());
        }
        Detail::AutoScalingGroup(g) => {
            put("minimum", g.min.to_string());
            put("wanted", g.desired.to_string());
            put("maximum", g.max.to_string());
            put("in service", format!("{} of {} instances", g.in_service(), g.instances.len()));
            put("suspended", if g.suspended.is_empty() { "nothing".into() } else { joined(&g.suspended) });
            put("launches", g.launch.to_string());
            put("zones", joined(&g.zones));
            put("subnets", joined(&g.subnets));
            put("balancers", [joined(&g.classic_elbs), joined(&g.target_groups)].join(" ").trim().to_owned());
            for i in &g.instances {
                put("instance", format!("{} {} {} {}", i.id, super::pages::short_zone(&i.zone), i.lifecycle, i.health));
            }
        }
        Detail::Instance(i) => {
            put("type", i.instance_type.to_string());
            put("state", i.state.to_string());
            put("zone", i.zone.to_string());
            let status = |s: &crate::model::InstanceStatus| {
                format!(
                    "system {}, instance {}{}",
                    s.system,
                    s.instance,
                    if s.events.is_empty() { String::new() } else { format!("; {}", joined(&s.events)) }
                )
            };
            put("checks", i.status.as_ref().map_or_else(|| UNKNOWN.into(), status));
            put("launched", time(i.launched));
            put("private address", i.private_ip.to_string());
            put("public address", i.public_ip.to_string());
            put("subnet", i.subnet.to_string());
            put("network", i.vpc.to_string());
            put("security groups", joined(&i.security_groups));
            put("platform", i.platform.to_string());
            put("bought as", if i.lifecycle.is_empty() { "on demand".into() } else { i.lifecycle.to_string() });
            put("tenancy", i.tenancy.to_string());
            put("monitoring", if i.detailed_monitoring { "every minute" } else { "every five minutes" }.into());
        }
        Detail::Subnet(s) => {
            put("block", s.cidr.to_string());
            put("zone", s.zone.to_string());
            put("free addresses", super::detail::figure(Some(f64::from(s.available))));
            put("of", super::detail::figure(s.capacity().map(f64::from)));
        }
        Detail::Bill(b) => {
            put("running", format!("{} instances", b.running));
            put("costs now", if b.is_whole() { super::pages::per_hour(b.dollars_per_hour) } else { UNKNOWN.into() });
            put("no list price", if b.unpriced > 0 { format!("{} instances", b.unpriced) } else { String::new() });
            put("not read", joined(&b.unread));
            put("usually", b.baseline.map_or_else(String::new, |l| super::pages::per_hour(l.dollars_per_hour)));
            for r in &b.recent {
                let each = super::pages::per_hour(r.dollars_per_hour);
                put(
                    "launched lately",
                    format!("{} {} in {}, {each}, from {}", r.count, r.instance_type, r.region, time(Some(r.since))),
                );
            }
        }
        Detail::Volume(v) => {
            put("state", v.state.to_string());
            put("type", v.volume_type.to_string());
            put("size", format!("{} GiB", v.size));
            put("zone", v.zone.to_string());
            let to: Vec<String> = v.attachments.iter().map(|(id, device)| format!("{id} {device}")).collect();
            put("attached to", to.join(", "));
            put("made", time(v.created));
        }
        Detail::Alarm(a) => {
            put("state", a.state.to_string());
            put("since", time(a.state_since));
            put("reason", a.reason.to_string());
            put("metric", format!("{} {} {}", a.namespace, a.metric, a.stat).trim().to_owned());
            for q in &a.queries {
                let of = q.metric.as_ref().map(|m| format!("{} {} {}", m.namespace, m.name, m.stat));
                put(&q.id, of.unwrap_or_else(|| q.expression.to_string()));
            }
            let of: Vec<String> = a.dimensions.iter().map(|(k, v)| format!("{k}={v}")).collect();
            put("dimensions", of.join(" "));
            put("alarms when", format!("{} {}", a.comparison, super::detail::figure(a.threshold)));
            put("in", format!("{} of {} periods of {}s", a.datapoints_to_alarm, a.evaluation_periods, a.period));
            put("missing data", a.treat_missing_data.to_string());
            put("actions", if a.actions_enabled { "on" } else { "off" }.into());
            if !a.rule.is_empty() {
                put("rule", a.rule.to_string());
            }
        }
        Detail::None => {}
    }
}

fn event_facts(event: &Event, time: &dyn Fn(Option<Timestamp>) -> String, out: &mut Facts) {
    let mut put = |key: &str, value: String| out.push((key.into(), value));
    put("when", time(Some(event.at)));
    put("what", event.summary.to_string());
    put("on", joined(&event.resources));
    put("scope", event.scope.to_string());
    match &event.kind {
        EventKind::Trail(t) => {
            put("call", format!("{} {}", t.source, t.name));
            put("who", t.user.to_string());
            put("as", t.user_type.to_string());
            put("for", t.invoked_by.to_string());
            put("from", t.ip.to_string());
            put("with", t.user_agent.to_string());
            put("error", if t.error.is_empty() { "none".into() } else { t.error.to_string() });
            put("MFA", t.mfa.map_or_else(|| "not said".into(), |m| if m { "used" } else { "not used" }.into()));
        }
        EventKind::Activity(a) => {
            put("group", a.group.to_string());
            put("status", a.status.to_string());
            put("message", a.message.to_string());
            put("failure", a.failure.map_or_else(|| "none".into(), |f| f.as_str().into()));
            put("ended", time(a.ended));
        }
        EventKind::Health { member, reason, .. } => {
            put("member", member.to_string());
            put("reason", reason.to_string());
        }
        EventKind::Alarm { from, to, .. } => put("change", format!("{from} to {to}")),
    }
    put("event id", event.id.to_string());
}

fn poller_facts(source: &Source, shown: &Shown<'_>, time: &dyn Fn(Option<Timestamp>) -> String, out: &mut Facts) {
    let mut put = |key: &str, value: String| out.push((key.into(), value));
    put("needs", source.poller.action().into());
    let Some(record) = shown.model.poller(source) else { return };
    put("last read whole", time(record.last_success));
    put("last run", time(record.last_run));
    put("runs every", record.interval.map_or_else(String::new, duration));
    put("next run", record.next.map_or_else(String::new, |at| moment(at, shown.now, &shown.tz)));
    put("took", record.took.map_or_else(String::new, |t| super::format::seconds(t.as_secs_f64())));
    put("runs", record.runs.to_string());
    put("calls", record.calls.to_string());
    put("throttled", record.throttles.to_string());
    put("metrics billed", record.billed_metrics.to_string());
    if let Some(lacks) = &record.lacks {
        put("tags", facts::why(source, lacks));
    }
    if let Some(error) = &record.error {
        put("failing since", time(record.failing_since));
        put("failed runs", record.failures.to_string());
        put("error", facts::why(source, error));
        put("operation", error.operation.to_string());
        put("code", error.code.to_string());
        put("message", error.message.to_string());
    }
}
