//! `[[rule.when]]`: other limits at some times, or for some resources.

use jiff::civil::Weekday;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::super::Severity;
use super::super::rule::Subject;
use super::super::times::{Span, Times};
use super::super::tree::{self, Node, Place, Table, Value};
use super::super::when::When;
use super::level::LEVELS;
use super::{Resolver, did_you_mean, path};
use crate::model::Kind;

/// What says when.
const CONDITIONS: &[&str] = &["hours", "days", "zone", "name", "tags", "action"];
/// What is then other than usual.
const EFFECTS: &[&str] = &["warning", "critical", "datapoints", "for", "keep_firing_for", "severity"];
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
/// Minutes of a day.
const DAY: u16 = 24 * 60;

impl Resolver<'_> {
    /// The `[[rule.when]]` tables, in their order.
    pub(super) fn whens(&mut self, keys: &Table, subject: Option<&Subject>) -> Vec<When> {
        let Some(node) = keys.get("when") else { return Vec::new() };
        let Value::List(list) = &node.value else {
            self.wrong(&node.place, "when", "must be written `[[rule.when]]`");
            return Vec::new();
        };
        list.iter().filter_map(|node| self.when(keys, node, subject)).collect()
    }

    fn when(&mut self, keys: &Table, node: &Node, subject: Option<&Subject>) -> Option<When> {
        let Value::Table(own) = &node.value else {
            self.wrong(&node.place, "when", "must be written `[[rule.when]]`");
            return None;
        };
        // The line of a table's first key: where a table begins, the parser says differently for each way of writing it.
        let place = own.values().map(|n| &n.place).min_by_key(|p| p.line).unwrap_or(&node.place).clone();
        let allowed: Vec<&str> = CONDITIONS.iter().chain(EFFECTS).copied().collect();
        self.only(own, "when", &allowed);
        for (some, what) in [(CONDITIONS, "says not when"), (EFFECTS, "changes nothing")] {
            if !some.iter().any(|k| *k != "zone" && own.contains_key(*k)) {
                self.wrong(&place, "when", format!("{what}: needs one of {}", some.join(", ")));
            }
        }
        let times = self.times(own);
        let names = self.globs(own, "when", "name");
        let tags = self.tags(own, "when");
        let actions = self.globs(own, "when", "action");
        if let (Some(node), true) = (own.get("action"), self.kinds.iter().any(|k| *k != Kind::Alarm)) {
            self.wrong(&node.place, "when.action", "is what an alarm does: for `kind = \"alarm\"` only");
        }
        let severity = self.severity(own);
        // What is not said here is as the rule says it.
        let mut merged = keys.clone();
        let over: Table = own
            .iter()
            .filter(|(k, _)| EFFECTS.contains(&k.as_str()) && *k != "severity")
            .map(|(k, n)| (k.clone(), n.clone()))
            .collect();
        for key in ["datapoints", "for", "keep_firing_for"] {
            // The level's own would hide what is said here for both.
            if over.contains_key(key) {
                for (level, _) in LEVELS {
                    if let Some(Node { value: Value::Table(t), .. }) = merged.get_mut(level) {
                        t.remove(key);
                    }
                }
            }
        }
        tree::merge(&mut merged, over);
        let mut levels = self.levels(&merged, subject);
        if let Some(severity) = severity {
            for level in &mut levels {
                level.severity = severity;
            }
        }
        Some(When { times, names, actions, tags, levels })
    }

    fn severity(&mut self, own: &Table) -> Option<Severity> {
        let text = self.text(own, "when", "severity")?;
        let found = LEVELS.into_iter().find(|(name, _)| *name == text).map(|(_, severity)| severity);
        if found.is_none() {
            let hint = did_you_mean(&text, LEVELS.map(|(name, _)| name));
            let message = format!("no severity `{text}`{hint}; allowed: warning, critical");
            self.wrong(&own["severity"].place.clone(), "when.severity", message);
        }
        found
    }

    fn times(&mut self, own: &Table) -> Option<Times> {
        let zone = self.zone(own);
        if !own.contains_key("hours") && !own.contains_key("days") {
            if let Some(node) = own.get("zone") {
                self.wrong(&node.place, "when.zone", "has no effect without `hours` or `days`");
            }
            return None;
        }
        let spans = self.texts(own, "when", "hours").into_iter().filter_map(|(place, t)| self.span(&place, &t));
        let mut spans: Vec<Span> = spans.collect();
        if !own.contains_key("hours") {
            spans.push(Span { from: 0, to: DAY });
        }
        let mut days = [!own.contains_key("days"); 7];
        for (place, text) in self.texts(own, "when", "days") {
            for day in self.days(&place, &text) {
                days[usize::from(day.to_monday_zero_offset().unsigned_abs())] = true;
            }
        }
        Some(Times { zone, spans, days })
    }

    fn zone(&mut self, own: &Table) -> TimeZone {
        let Some(name) = self.text(own, "when", "zone") else { return TimeZone::UTC };
        // The zones that are part of the program: the same on every machine.
        let zones = TimeZoneDatabase::bundled();
        zones.get(&name).unwrap_or_else(|_| {
            let known: Vec<String> = zones.available().map(|z| z.as_str().to_owned()).collect();
            let hint = did_you_mean(&name, known.iter().map(String::as_str));
            let message = format!("no time zone `{name}`{hint}; IANA names such as `Asia/Tokyo` are taken");
            self.wrong(&own["zone"].place.clone(), "when.zone", message);
            TimeZone::UTC
        })
    }

    fn span(&mut self, place: &Place, text: &str) -> Option<Span> {
        let clock = |t: &str| {
            let (hour, minute) = t.trim().split_once(':')?;
            let two = |s: &str| if (1..=2).contains(&s.len()) { s.parse::<u16>().ok() } else { None };
            let at = two(hour)? * 60 + two(minute).filter(|m| *m < 60)?;
            (at <= DAY).then_some(at)
        };
        let span = text.split_once('-').and_then(|(from, to)| Some(Span { from: clock(from)?, to: clock(to)? }));
        let span = span.filter(|s| s.from != s.to && s.from < DAY);
        if span.is_none() {
            let message = format!("`{text}` is no span of hours such as `09:00-18:00`, or `22:00-06:00` over midnight");
            self.wrong(place, &path("when", "hours"), message);
        }
        span
    }

    fn days(&mut self, place: &Place, text: &str) -> Vec<Weekday> {
        let named = |t: &str| DAYS.iter().position(|(name, _)| t.trim().eq_ignore_ascii_case(name));
        let range = match (text, text.split_once('-')) {
            ("weekdays", _) => Some((0, 4)),
            ("weekend", _) => Some((5, 6)),
            (_, Some((from, to))) => named(from).zip(named(to)),
            (one, None) => named(one).map(|day| (day, day)),
        };
        let Some((from, to)) = range else {
            let names = DAYS.iter().map(|(name, _)| *name).chain(["weekdays", "weekend"]);
            let hint = did_you_mean(&text.to_ascii_lowercase(), names);
            let message = format!(
                "no day `{text}`{hint}; allowed: mon, tue, wed, thu, fri, sat, sun, ranges such as \
                                   mon-fri, weekdays, weekend"
            );
            self.wrong(place, &path("when", "days"), message);
            return Vec::new();
        };
        let length = (to + 7 - from) % 7;
        (0..=length).map(|i| DAYS[(from + i) % 7].1).collect()
    }
}
