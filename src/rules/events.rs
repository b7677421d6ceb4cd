//! Rules over events: trail patterns, and launches that failed.

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::reading::{events_unread, said_until};
use super::rule::{Rule, RuleLevel, TrailPattern};
use super::series::{Finding, loudest};
use super::{Basis, EvalMode, Standing};
use crate::model::{Event, EventKind, LaunchFailure, Model, PollerKind, Resource, ResourceId, Text, TrailEvent};

/// Most events told of in a detail.
const TOLD: usize = 3;

/// What a rule finds, the level that says it, and what else a person needs.
pub(super) type Told<'r> = (Finding, &'r RuleLevel, Text);

impl TrailPattern {
    fn matches(&self, e: &TrailEvent) -> bool {
        let any =
            |globs: &[globset::GlobMatcher], text: &str| globs.is_empty() || globs.iter().any(|g| g.is_match(text));
        any(&self.events, &e.name)
            && any(&self.sources, &e.source)
            && any(&self.users, &e.user)
            && any(&self.errors, &e.error)
            && self.user_type.as_ref().is_none_or(|t| e.user_type == t.as_str())
            && self.mfa.is_none_or(|mfa| mfa == (e.mfa == Some(true)))
            && self.failed.is_none_or(|failed| failed != e.error.is_empty())
            && self.read_only.is_none_or(|read_only| read_only == e.read_only)
            && self.by_service.is_none_or(|by_service| by_service == is_by_service(e))
    }
}

/// Whether a service of AWS did it, for somebody or on its own.
fn is_by_service(e: &TrailEvent) -> bool {
    !e.invoked_by.is_empty() || e.event_type == "AwsServiceEvent" || e.user_type == "AWSService"
}

/// How many trail events match within the window.
pub(super) fn trail<'r>(
    rule: &'r Rule,
    pattern: &TrailPattern,
    window: SignedDuration,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Option<Told<'r>> {
    let hits: Vec<&Event> = within(model, &resource.id, window, now)
        .filter(|e| matches!(&e.kind, EventKind::Trail(t) if pattern.matches(t)))
        .collect();
    let within_window = hits;
    let hits = pattern.within.map_or(&within_window[..], |span| densest(&within_window, span));
    let detail = last(hits, |e| match &e.kind {
        EventKind::Trail(t) => {
            let who = if t.user.is_empty() { &t.user_type } else { &t.user };
            let from = if t.ip.is_empty() { String::new() } else { format!(" from {}", t.ip) };
            let mfa = if t.name == "ConsoleLogin" && t.mfa == Some(false) { " without MFA" } else { "" };
            let failed = if t.error.is_empty() { String::new() } else { format!(" ({})", t.error) };
            format!("{} by {who}{from}{mfa}{failed}", t.name)
        }
        _ => String::new(),
    });
    let unread = events_unread(model, &resource.id.scope, PollerKind::Trail, mode, now);
    let again = until(model, resource, window, &within_window, unread.as_ref(), now);
    counted(rule.levels_for(resource, now), hits, detail, unread.as_ref(), again)
}

/// How many launches of the group failed within the window.
pub(super) fn launch_failures<'r>(
    rule: &'r Rule,
    window: SignedDuration,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> Option<Told<'r>> {
    let reborn = model.reborn(&resource.id, now).unwrap_or(Timestamp::MIN);
    let hits: Vec<&Event> = within(model, &resource.id, window, now)
        .filter(|e| e.at >= reborn)
        .filter(|e| matches!(&e.kind, EventKind::Activity(a) if a.group == *resource.id.id && a.failure.is_some()))
        .collect();
    let detail = last(&hits, |e| match &e.kind {
        EventKind::Activity(a) => why_launch_failed(a.failure.unwrap_or(LaunchFailure::Other), &a.message),
        _ => String::new(),
    });
    let unread = events_unread(model, &resource.id.scope, PollerKind::Activities, mode, now);
    let again = until(model, resource, window, &hits, unread.as_ref(), now);
    counted(rule.levels_for(resource, now), &hits, detail, unread.as_ref(), again)
}

fn within<'m>(
    model: &'m Model,
    resource: &'m ResourceId,
    window: SignedDuration,
    now: Timestamp,
) -> impl Iterator<Item = &'m Event> {
    let from = now.checked_sub(window).unwrap_or(Timestamp::MIN);
    model.events().since(from).filter(move |e| e.scope == resource.scope && e.at <= now)
}

/// What the newest events were, each text once.
fn last(hits: &[&Event], text: impl Fn(&Event) -> String) -> Text {
    let mut told: Vec<String> = Vec::new();
    for event in hits.iter().rev() {
        let text = text(event);
        if !told.contains(&text) {
            told.push(text);
        }
        if told.len() == TOLD {
            break;
        }
    }
    told.join("; ").into()
}

/// Until when they are what is within the window, if no event comes.
fn until(
    model: &Model,
    resource: &Resource,
    window: SignedDuration,
    hits: &[&Event],
    unread: Option<&Standing>,
    now: Timestamp,
) -> Again {
    if model.events().iter().next_back().is_some_and(|newest| newest.at > now) {
        return Again::EACH_PASS;
    }
    let leaves = hits.first().map_or(Again::ON_NEWS, |first| Again::after(first.at, window));
    leaves.or(unread.map_or(Again::ON_NEWS, |unread| said_until(unread, model, &resource.id.scope, now)))
}

/// The longest row of `hits`, which are in the order of time, that lies within `span`; of equals the newest.
fn densest<'a, 'e>(hits: &'a [&'e Event], span: SignedDuration) -> &'a [&'e Event] {
    let mut best = 0..0;
    let mut from = 0;
    for (to, hit) in hits.iter().enumerate() {
        while hit.at.duration_since(hits[from].at) > span {
            from += 1;
        }
        if to + 1 - from >= best.len() {
            best = from..to + 1;
        }
    }
    &hits[best]
}

fn counted<'r>(
    levels: &'r [RuleLevel],
    hits: &[&Event],
    detail: Text,
    unread: Option<&Standing>,
    again: Again,
) -> Option<Told<'r>> {
    let count = u32::try_from(hits.len()).map_or(f64::from(u32::MAX), f64::from);
    let since = hits.first().map(|e| e.at);
    let data_at = hits.last().map(|e| e.at);
    let found = levels.iter().map(|level| {
        let breached = level.comparison.breaches(count, level.limit);
        // What happened has happened, whether or not the poller can read on; that nothing happened it must have read.
        let standing = match (breached, since, unread) {
            (true, Some(since), _) => Standing::Breach { severity: level.severity, since, held: true },
            (_, _, Some(unread)) => unread.clone(),
            _ => Standing::Ok,
        };
        (
            Finding {
                standing,
                value: Some(count),
                data_at,
                signal: None,
                assumed: false,
                basis: Basis::Points,
                again,
            },
            level,
        )
    });
    loudest(found.collect()).map(|(f, l)| (f, l, detail))
}

/// Class and place of a failed launch, such as `no t3.large capacity in ap-northeast-1c`.
fn why_launch_failed(failure: LaunchFailure, message: &str) -> String {
    let words = || message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
    let zone = words().map(|w| w.trim_matches('.')).find(|w| is_zone(w));
    let kind = words().map(|w| w.trim_matches('.')).find(|w| is_instance_type(w));
    let what = match (failure, kind) {
        (LaunchFailure::Capacity, Some(kind)) => format!("no {kind} capacity"),
        _ => failure.as_str().to_owned(),
    };
    match zone {
        Some(zone) => format!("{what} in {zone}"),
        None => what,
    }
}

/// `ap-northeast-1c`: at least three parts, the last a digit and a letter.
fn is_zone(word: &str) -> bool {
    word.split('-').count() >= 3
        && word.rsplit('-').next().is_some_and(
            |last| matches!(last.as_bytes(), [digit, letter] if digit.is_ascii_digit() && letter.is_ascii_lowercase()),
        )
}

/// `t3.large`, `p4d.24xlarge`.
fn is_instance_type(word: &str) -> bool {
    word.split_once('.').is_some_and(|(family, size)| {
        family.bytes().any(|b| b.is_ascii_digit())
            && family.starts_with(|c: char| c.is_ascii_lowercase())
            && (size.ends_with("large") || matches!(size, "nano" | "micro" | "small" | "medium" | "metal"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_launch_is_told_with_its_type_and_zone() {
        let aws = "We currently do not have sufficient t3.large capacity in the Availability Zone you requested \
                   (ap-northeast-1c). Our system will be working on provisioning additional capacity.";
        let told = |m: &str| why_launch_failed(LaunchFailure::classify(m), m);
        assert_eq!(told(aws), "no t3.large capacity in ap-northeast-1c");
        assert_eq!(told("VcpuLimitExceeded: You have requested more vCPU capacity"), "quota used up");
        assert_eq!(told(""), "launch failed");
    }
}
