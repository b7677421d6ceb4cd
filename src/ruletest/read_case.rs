//! Reading one test.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::case::{Case, Check, Expected, Happening, Outage, Scene, Thing, Wanted};
use super::keys::Keys;
use super::read::Reader;
use super::read_alarm::alarm;
use super::read_series::{Naming, named, series};
use super::series::Told;
use super::things::detail;
use crate::alerts::{Level, Phase};
use crate::model::{
    Activity, ErrorClass, EventKind, Kind, LaunchFailure, PollerKind, Resource, ResourceId, Scope, Signal, Source,
    Text, TrailEvent,
};
use crate::rules::RuleSet;
use crate::rules::tree::Node;

const TEST_KEYS: &[&str] =
    &["name", "rule", "series", "event", "outage", "gone", "expect", "alarm", "budget", "evaluation_interval"];
const RESOURCE_KEYS: &[&str] = &["kind", "id", "region", "account", "tags", "name"];
const EVENT_KEYS: &[&str] = &["resource", "at", "seen", "trail", "activity"];
const TRAIL_KEYS: &[&str] = &["event", "source", "user", "user_type", "ip", "error", "mfa", "read_only", "invoked_by"];
const ACTIVITY_KEYS: &[&str] = &["status", "message"];
const OUTAGE_KEYS: &[&str] = &["poller", "region", "account", "from", "to", "error"];
const GONE_KEYS: &[&str] = &["resource", "from", "to"];
const EXPECT_KEYS: &[&str] = &["at", "alerts", "alarm_state"];
const WANTED_KEYS: &[&str] =
    &["rule", "resource", "region", "account", "state", "severity", "value", "since", "stale", "labels"];

/// The region and account of what does not say its own.
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "test";
/// Most evaluations of one test.
const MOST_STEPS: i64 = 20_000;
/// Shortest time between two of them.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);
const UNTIL_THE_END: SignedDuration = SignedDuration::from_hours(24 * 10_000);

/// The errors of a failing poller, by name.
const CLASSES: &[(&str, ErrorClass)] = &[
    ("throttled", ErrorClass::Throttled),
    ("denied", ErrorClass::Denied),
    ("expired", ErrorClass::Expired),
    ("no-credentials", ErrorClass::NoCredentials),
    ("timeout", ErrorClass::Timeout),
    ("connection", ErrorClass::Connection),
    ("server", ErrorClass::Server),
    ("malformed", ErrorClass::Malformed),
    ("unsupported", ErrorClass::Unsupported),
    ("refused", ErrorClass::Refused),
];

/// The test that `node` holds. `None` where something in it is wrong, which is noted then.
pub(super) fn case(
    reader: &mut Reader<'_>,
    node: &Node,
    interval: Option<SignedDuration>,
    budget: Option<f64>,
) -> Option<Case> {
    let keys = Keys::of(node, "test", TEST_KEYS, reader.errors)?;
    let before = reader.errors.borrow().len();
    let name = keys.needed("name", "every test has one").unwrap_or_default().to_owned();
    // Where a table begins, the parser says differently for each way of writing it.
    let line = keys.get("name").map_or(keys.place.line, |n| n.place.line);
    let (start, check) = if let Some(node) = keys.get("alarm") {
        for key in ["rule", "event", "outage", "gone", "budget", "evaluation_interval"] {
            if keys.has(key) {
                keys.wrong(key, "has no effect here: this test is of a bare `alarm`");
            }
        }
        let (start, case) = alarm(&keys, node)?;
        (start, Check::Alarm(Box::new(case)))
    } else {
        let (start, scene) = scene(reader, &keys, interval, budget)?;
        (start, Check::Alerts(Box::new(scene)))
    };
    (reader.errors.borrow().len() == before).then_some(Case { name, line, start, check })
}

fn scene(
    reader: &mut Reader<'_>,
    keys: &Keys<'_>,
    interval: Option<SignedDuration>,
    budget: Option<f64>,
) -> Option<(Timestamp, Scene)> {
    let written = keys.tables("series");
    let mut kinds: Vec<Kind> = Vec::new();
    let mut named_series = Vec::new();
    for node in written {
        let Some(named) = named(node, keys) else { continue };
        let Some(resource) = named.keys.get("resource").and_then(|n| resource(n, "test.series.resource", keys)) else {
            if !named.keys.has("resource") {
                named
                    .keys
                    .wrong("resource", "lacks: whose series it is, such as `{ kind = \"classic-elb\", id = \"web\" }`");
            }
            continue;
        };
        kinds.push(resource.id.kind);
        named_series.push((named, resource));
    }
    let (events, event_kinds) = events(keys);
    kinds.extend(event_kinds);
    kinds.sort_unstable();
    kinds.dedup();
    let rules = reader.rules.of(&kinds, keys.tables("rule"), reader.errors);
    if !reader.errors.borrow().is_empty() && rules.rules().is_empty() {
        // Which signals there are is not known without the rules.
        return None;
    }
    let (things, start) = things(named_series, &rules, keys);
    let gone = gone(keys);
    let mut things = things;
    for (id, place, from, to) in gone {
        match things.iter_mut().find(|t| t.resource.id == id) {
            Some(thing) => thing.gone.push((from, to)),
            None => keys
                .errors()
                .borrow_mut()
                .push(place.place.error("test.gone.resource", "no series of this test is of this resource")),
        }
    }
    let start = start.unwrap_or_else(usual_start);
    let shortest = things.iter().flat_map(|t| &t.series).map(|t| t.period).min().unwrap_or(60);
    let interval = keys.duration("evaluation_interval").or(interval).unwrap_or(SignedDuration::from_secs(shortest));
    if interval < SHORTEST {
        keys.wrong("evaluation_interval", "must be at least 1s");
        return None;
    }
    let expect: Vec<Expected> =
        keys.tables("expect").iter().filter_map(|n| expected(n, keys, &rules, &things)).collect();
    if keys.tables("expect").is_empty() {
        keys.wrong("expect", "lacks: `[[test.expect]]` says what must come of the series");
    }
    let last = expect.iter().map(|e| e.at).max().unwrap_or_default();
    if last.as_secs() / interval.as_secs() > MOST_STEPS {
        let message = format!("is so short that the test has more than {MOST_STEPS} evaluations");
        keys.wrong("evaluation_interval", message);
    }
    let outages = keys.tables("outage").iter().filter_map(|n| outage(n, keys)).collect();
    let budget = keys.number("budget").or(budget);
    Some((start, Scene { rules, interval, budget, things, events, outages, expect }))
}

pub(super) fn usual_start() -> Timestamp {
    // 2026-01-01T00:00:00Z.
    Timestamp::from_second(1_767_225_600).unwrap_or_default()
}

/// The resources of the series, each with its own, and when the first of them begins.
fn things(named: Vec<(Naming<'_>, Resource)>, rules: &RuleSet, keys: &Keys<'_>) -> (Vec<Thing>, Option<Timestamp>) {
    let mut things: Vec<Thing> = Vec::new();
    let mut start: Option<i64> = None;
    for (naming, resource) in named {
        let Some(told) = series(&naming, &resource, rules) else { continue };
        start = Some(start.map_or(told.start, |s: i64| s.min(told.start)));
        match things.iter_mut().find(|t| t.resource.id == resource.id) {
            Some(thing) => {
                // Any of its series may say its name and tags.
                if thing.resource.tags.is_empty() {
                    thing.resource.tags = resource.tags;
                }
                if thing.resource.name == thing.resource.id.id {
                    thing.resource.name = resource.name;
                }
                thing.series.push(told);
            }
            None => things.push(Thing { resource, series: vec![told], gone: Vec::new() }),
        }
    }
    for thing in &mut things {
        let metrics = |f: &dyn Fn(&Told, &str) -> bool| {
            thing.series.iter().any(|t| matches!(&t.signal, Signal::Metric(m) if f(t, m.namespace.as_str())))
        };
        let network = metrics(&|_, namespace| namespace == "AWS/NetworkELB");
        let detailed = metrics(&|t, namespace| namespace == "AWS/EC2" && t.period < 300);
        let id = &thing.resource.id;
        thing.resource.detail = detail(id.kind, &id.id, &id.scope.region, network, detailed);
    }
    for thing in &things {
        super::read_series::periods(thing, rules, keys);
    }
    (things, start.and_then(|s| Timestamp::from_second(s).ok()))
}

/// The resource that `node` names, without its particulars.
pub(super) fn resource(node: &Node, path: &str, under: &Keys<'_>) -> Option<Resource> {
    let keys = Keys::of(node, path, RESOURCE_KEYS, under.errors())?;
    let kinds: Vec<(&str, Kind)> = Kind::ALL.iter().map(|k| (k.as_str(), *k)).collect();
    let _ = keys.needed("kind", "such as `classic-elb`");
    let kind = keys.choice("kind", "kind", &kinds)?;
    let usual = match kind {
        Kind::Bill => Some("estimated-charges"),
        Kind::Trail => Some("management-events"),
        _ => None,
    };
    let id = match (keys.text("id"), usual) {
        (Some(id), _) if !id.is_empty() => id,
        (None, Some(usual)) if !keys.has("id") => usual,
        _ => {
            keys.wrong("id", "lacks: the resource's name or id");
            return None;
        }
    };
    let scope = Scope::new(keys.text("account").unwrap_or(ACCOUNT), keys.text("region").unwrap_or(REGION));
    let tags: BTreeMap<Text, Text> =
        keys.map("tags").into_iter().map(|(k, v)| (Text::from(k), Text::from(v))).collect();
    let id = ResourceId::new(&scope, kind, id);
    let name = keys.text("name").map_or_else(|| id.id.clone(), Text::from);
    let detail = detail(kind, &id.id, &scope.region, false, false);
    Some(Resource { id, name, tags, detail })
}

fn events(keys: &Keys<'_>) -> (Vec<Happening>, Vec<Kind>) {
    let mut events = Vec::new();
    let mut kinds = Vec::new();
    for node in keys.tables("event") {
        let Some(event) = Keys::of(node, "test.event", EVENT_KEYS, keys.errors()) else { continue };
        let Some(at) = needed_time(&event, "at") else { continue };
        let seen = event.duration("seen").unwrap_or(at);
        let named = event.get("resource").and_then(|n| resource(n, "test.event.resource", &event));
        let (of, kind) = match (event.get("trail"), event.get("activity")) {
            (Some(node), None) => {
                let Some(kind) = trail(node, &event) else { continue };
                let scope = Scope::new(ACCOUNT, REGION);
                let usual = || ResourceId::new(&scope, Kind::Trail, "management-events");
                (named.map_or_else(usual, |r| r.id), kind)
            }
            (None, Some(node)) => {
                let Some(group) = named else {
                    event.wrong("resource", "lacks: the group whose activity it is");
                    continue;
                };
                let Some(kind) = activity(node, &event, &group.id.id) else { continue };
                (group.id, kind)
            }
            _ => {
                event.wrong("", "must have one of `trail` and `activity`");
                continue;
            }
        };
        let wanted = if matches!(kind, EventKind::Trail(_)) { Kind::Trail } else { Kind::AutoScalingGroup };
        if of.kind != wanted {
            event.wrong("resource", format!("must be of kind {wanted}"));
            continue;
        }
        kinds.push(of.kind);
        events.push(Happening { at, seen: seen.max(at), of, kind });
    }
    (events, kinds)
}

fn trail(node: &Node, under: &Keys<'_>) -> Option<EventKind> {
    let keys = Keys::of(node, "test.event.trail", TRAIL_KEYS, under.errors())?;
    let text = |key| keys.text(key).unwrap_or_default().into();
    let name = keys.needed("event", "such as `StopLogging`")?.into();
    Some(EventKind::Trail(TrailEvent {
        name,
        source: text("source"),
        user: text("user"),
        user_type: text("user_type"),
        invoked_by: text("invoked_by"),
        ip: text("ip"),
        error: text("error"),
        mfa: keys.flag("mfa"),
        read_only: keys.flag("read_only").unwrap_or(false),
        ..TrailEvent::default()
    }))
}

fn activity(node: &Node, under: &Keys<'_>, group: &Text) -> Option<EventKind> {
    let keys = Keys::of(node, "test.event.activity", ACTIVITY_KEYS, under.errors())?;
    let status = keys.needed("status", "such as `Failed`")?;
    let message = keys.text("message").unwrap_or_default();
    let failure = (status == "Failed").then(|| LaunchFailure::classify(message));
    Some(EventKind::Activity(Activity {
        group: group.clone(),
        status: status.into(),
        message: message.into(),
        failure,
        ended: None,
    }))
}

fn outage(node: &Node, under: &Keys<'_>) -> Option<Outage> {
    let keys = Keys::of(node, "test.outage", OUTAGE_KEYS, under.errors())?;
    let pollers: Vec<(&str, PollerKind)> = PollerKind::ALL.iter().map(|p| (p.as_str(), *p)).collect();
    let _ = keys.needed("poller", "which cannot read, such as `metrics`");
    let poller = keys.choice("poller", "poller", &pollers)?;
    let scope = Scope::new(keys.text("account").unwrap_or(ACCOUNT), keys.text("region").unwrap_or(REGION));
    let error = keys.choice("error", "error", CLASSES).unwrap_or(ErrorClass::Timeout);
    let (from, to) = span(&keys)?;
    Some(Outage { source: Source { scope, poller }, from, to, error })
}

fn gone<'k>(under: &Keys<'k>) -> Vec<(ResourceId, &'k Node, SignedDuration, SignedDuration)> {
    let mut all = Vec::new();
    for node in under.tables("gone") {
        let Some(keys) = Keys::of(node, "test.gone", GONE_KEYS, under.errors()) else { continue };
        let Some(named) = keys.get("resource") else {
            keys.wrong("resource", "lacks: what is not there");
            continue;
        };
        let (resource, span) = (resource(named, "test.gone.resource", &keys), span(&keys));
        if let (Some(resource), Some((from, to))) = (resource, span) {
            all.push((resource.id, named, from, to));
        }
    }
    all
}

/// `from` and `to`; without them from the start, and to the end.
fn span(keys: &Keys<'_>) -> Option<(SignedDuration, SignedDuration)> {
    let from = keys.duration("from").unwrap_or_default();
    let to = keys.duration("to").unwrap_or(UNTIL_THE_END);
    if to <= from {
        keys.wrong("to", "must be later than `from`");
        return None;
    }
    Some((from, to))
}

fn needed_time(keys: &Keys<'_>, key: &str) -> Option<SignedDuration> {
    if !keys.has(key) {
        keys.wrong(key, "lacks: when, counted from the start, such as `5m`");
    }
    keys.duration(key)
}

/// The keys of an `[[test.expect]]`, and its time.
pub(super) fn expect_keys<'k>(node: &'k Node, under: &Keys<'k>) -> Option<(Keys<'k>, SignedDuration)> {
    let keys = Keys::of(node, "test.expect", EXPECT_KEYS, under.errors())?;
    let at = needed_time(&keys, "at")?;
    Some((keys, at))
}

fn expected(node: &Node, under: &Keys<'_>, rules: &RuleSet, things: &[Thing]) -> Option<Expected> {
    let (keys, at) = expect_keys(node, under)?;
    if keys.has("alarm_state") {
        keys.wrong("alarm_state", "is for tests of a bare `[test.alarm]`; here `alerts` says what must be there");
        return None;
    }
    if !keys.has("alerts") {
        keys.wrong("alerts", "lacks: `alerts = []` says that there must be none");
        return None;
    }
    let alerts = keys.tables("alerts").iter().filter_map(|n| wanted(n, &keys, rules, things)).collect();
    let line = keys.get("at").map_or(keys.place.line, |n| n.place.line);
    Some(Expected { line, at, alerts })
}

fn wanted(node: &Node, under: &Keys<'_>, rules: &RuleSet, things: &[Thing]) -> Option<Wanted> {
    let keys = Keys::of(node, "test.expect.alerts", WANTED_KEYS, under.errors())?;
    let rule = keys.needed("rule", "the rule's id")?;
    if rules.get(rule).is_none() {
        if things.is_empty() && !under.errors().borrow().is_empty() {
            // What it has could not be read: that is told, and nothing is known of this.
            return None;
        }
        let kinds: Vec<&str> = things.iter().map(|t| t.resource.id.kind.as_str()).collect();
        let hint = super::keys::did_you_mean(rule, rules.rules().iter().map(|r| r.id.as_str()));
        keys.wrong("rule", format!("no rule `{rule}` that looks at what this test has ({}){hint}", kinds.join(", ")));
        return None;
    }
    let labels = keys.map("labels").into_iter().map(|(k, v)| (Text::from(k), Text::from(v))).collect();
    Some(Wanted {
        rule: rule.to_owned(),
        resource: keys.text("resource").map(str::to_owned),
        region: keys.text("region").map(str::to_owned),
        account: keys.text("account").map(str::to_owned),
        phase: keys.choice("state", "state", &[("pending", Phase::Pending), ("firing", Phase::Firing)]),
        level: keys.choice(
            "severity",
            "severity",
            &[("warning", Level::Warning), ("critical", Level::Critical), ("blind", Level::Blind)],
        ),
        value: keys.number("value"),
        since: keys.duration("since"),
        stale: keys.flag("stale"),
        labels,
    })
}
