//! What the panes say of things that the model holds: how bad, how old, why not.

use jiff::{SignedDuration, Timestamp};

use super::format::{duration, short_duration};
use super::shown::Shown;
use super::theme::Role;
use super::view::Only;
use crate::alerts::Level;
use crate::model::{
    AlarmState, Detail, ErrorClass, Event, EventKind, Freshness, Kind, Members, Model, PollError, PollerKind,
    PollerRecord, Resource, ResourceId, Scope, Source, Text, TrailEvent,
};
use crate::rules::ALL_POLLERS;

/// The members of a balancer or target group, once read.
pub(super) fn members(resource: &Resource) -> Option<&Members> {
    match &resource.detail {
        Detail::Balancer(b) => b.members.as_ref(),
        Detail::TargetGroup(t) => t.members.as_ref(),
        _ => None,
    }
}

/// What a resource is called: its name, or its id where it has none.
pub(super) fn name_of(resource: &Resource) -> &str {
    if resource.name.trim().is_empty() { &resource.id.id } else { &resource.name }
}

/// What the resource `id` is called. The bill, the trail, and the poller that stands for all of its scope have no
/// names of their own.
pub(crate) fn name_of_id<'a>(model: &'a Model, id: &'a ResourceId) -> &'a str {
    match id.kind {
        Kind::Poller if id.id == ALL_POLLERS => "pollers",
        Kind::Bill => "bill",
        Kind::Trail => "trail",
        _ => model.resource(id).map_or(id.id.as_str(), name_of),
    }
}

/// What `id`, which `event` names, is called: an instance that is known has a name.
pub(super) fn name_in<'a>(model: &'a Model, event: &'a Event, id: &'a str) -> &'a str {
    if !id.starts_with("i-") {
        return id;
    }
    let instance = ResourceId::new(&event.scope, Kind::Instance, id);
    model.resource(&instance).map_or(id, name_of)
}

/// The role of a level.
pub(super) fn level_role(level: Level) -> Role {
    match level {
        Level::Warning => Role::Warn,
        Level::Blind => Role::Blind,
        Level::Critical => Role::Crit,
    }
}

/// How the name of `id` looks: as the worst of its firing alerts, else as pending if one is.
pub(super) fn name_role(shown: &Shown<'_>, id: &ResourceId) -> Role {
    match shown.alerts.level(id) {
        Some(level) => level_role(level),
        None if shown.alerts.pending(id) => Role::Pending,
        None => Role::Text,
    }
}

/// Whether a trail event is one that a security review looks for: what the built-in rules name, and what root did.
pub(super) fn suspicious(event: &Event) -> bool {
    const NAMES: &[&str] = &[
        "AttachGroupPolicy",
        "AttachInternetGateway",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "CreateAccessKey",
        "CreateCustomerGateway",
        "CreateInternetGateway",
        "CreateLoginProfile",
        "CreatePolicy",
        "CreatePolicyVersion",
        "CreateRoute",
        "CreateRouteTable",
        "CreateSecurityGroup",
        "CreateVpc",
        "DeactivateMFADevice",
        "DeleteBucketPolicy",
        "DeleteBucketPublicAccessBlock",
        "DeleteConfigurationRecorder",
        "DeleteCustomerGateway",
        "DeleteDBCluster",
        "DeleteDBInstance",
        "DeleteDeliveryChannel",
        "DeleteGroupPolicy",
        "DeleteInternetGateway",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRolePolicy",
        "DeleteRoute",
        "DeleteRouteTable",
        "DeleteSecurityGroup",
        "DeleteTrail",
        "DeleteUserPolicy",
        "DeleteVirtualMFADevice",
        "DeleteVpc",
        "DetachGroupPolicy",
        "DetachInternetGateway",
        "DetachRolePolicy",
        "DetachUserPolicy",
        "DisableKey",
        "DisassociateRouteTable",
        "ModifyInstanceAttribute",
        "ModifySecurityGroupRules",
        "ModifyVpcAttribute",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutConfigurationRecorder",
        "PutDeliveryChannel",
        "PutEventSelectors",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "RevokeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "ScheduleKeyDeletion",
        "SetDefaultPolicyVersion",
        "StopConfigurationRecorder",
        "StopLogging",
        "UpdateAssumeRolePolicy",
        "UpdateLoginProfile",
        "UpdateTrail",
    ];
    const PARTS: [&str; 4] = ["ClassicLink", "NetworkAcl", "ReplaceRoute", "VpcPeeringConnection"];
    let EventKind::Trail(t) = &event.kind else { return false };
    let root = t.user_type == "Root" && t.invoked_by.is_empty() && t.event_type != "AwsServiceEvent";
    let sign_in = t.name == "ConsoleLogin" && (!t.error.is_empty() || t.mfa == Some(false));
    let named = NAMES.contains(&t.name.as_str()) || PARTS.iter().any(|part| t.name.contains(part));
    root || sign_in || refused(t) || named
}

fn refused(t: &TrailEvent) -> bool {
    t.error.ends_with("UnauthorizedOperation") || t.error.starts_with("AccessDenied")
}

/// Whether an event of any sort is something bad.
pub(super) fn bad_event(event: &Event) -> bool {
    match &event.kind {
        EventKind::Trail(_) => suspicious(event),
        EventKind::Activity(a) => a.failure.is_some() || a.status == "Failed",
        EventKind::Health { healthy, .. } => !healthy,
        EventKind::Alarm { to, .. } => *to == AlarmState::Alarm,
    }
}

/// How an event looks.
pub(super) fn event_role(event: &Event) -> Role {
    match &event.kind {
        EventKind::Health { healthy: true, .. } | EventKind::Alarm { to: AlarmState::Ok, .. } => Role::Ok,
        _ if bad_event(event) => Role::Warn,
        _ => Role::Text,
    }
}

/// How bad a poller does, on the scale of alerts: 5 blind, 4 only an old reading, 2 failing with a good one, 0 well or
/// loading.
pub(super) fn poller_level(record: &PollerRecord, now: Timestamp) -> u8 {
    match record.freshness(now) {
        Freshness::Blind => 5,
        Freshness::Stale => 4,
        Freshness::Fresh => {
            if record.error.is_some() {
                2
            } else {
                0
            }
        }
        Freshness::Loading => 0,
    }
}

/// Behind what reading costs, where there is more whose price is not known.
pub(super) fn unpriced(shown: &Shown<'_>) -> &'static str {
    if shown.unpriced > 0 { "+" } else { "" }
}

/// That what `alarms` over Metrics Insights queries cost is not known.
pub(super) fn price_unknown(alarms: usize) -> String {
    let alarms =
        if alarms == 1 { "1 Metrics Insights alarm".to_owned() } else { format!("{alarms} Metrics Insights alarms") };
    format!("the price of {alarms} is not known")
}

/// How an error looks.
pub(super) fn error_role(class: ErrorClass) -> Role {
    if class == ErrorClass::Throttled { Role::Stale } else { Role::Blind }
}

/// One line on why a poller could not read: the class, and the way out where there is one.
pub(super) fn why(source: &Source, error: &PollError) -> String {
    let class = error.class.as_str();
    match (error.class, error.login(&source.scope)) {
        (ErrorClass::Expired, Some(login)) => format!("{class}: run {login}, then it goes on by itself"),
        (_, Some(login)) => format!("{}: run {login}", error.what()),
        (ErrorClass::Denied, None) => format!("{class}: needs {}", error.action(source.poller)),
        _ => {
            let more = if error.message.is_empty() { &error.code } else { &error.message };
            if more.is_empty() { class.into() } else { format!("{class}: {more}") }
        }
    }
}

/// What several pollers, over all scopes, let one say of what they brought.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Standing {
    /// The worst.
    pub(super) freshness: Freshness,
    /// How old the oldest of what they brought can be.
    pub(super) age: Option<SignedDuration>,
    /// Pollers that failed on their last run, worst first.
    pub(super) failing: Vec<(Source, PollError)>,
    /// How many pollers there are.
    pub(super) pollers: usize,
    /// Whether any has been read whole.
    pub(super) any_read: bool,
}

/// How far what the pollers of `kinds` brought can be relied on, over all scopes.
pub(super) fn standing(shown: &Shown<'_>, kinds: &[PollerKind]) -> Standing {
    let mut out =
        Standing { freshness: Freshness::Loading, age: None, failing: Vec::new(), pollers: 0, any_read: false };
    let mut worst = None;
    for (source, record) in shown.model.pollers().filter(|(s, _)| kinds.contains(&s.poller)) {
        let freshness = record.freshness(shown.now);
        out.pollers += 1;
        out.age = out.age.max(record.oldest(shown.now));
        out.any_read |= record.last_success.is_some();
        let rank = |f| match f {
            Freshness::Fresh => 0,
            Freshness::Loading => 1,
            Freshness::Stale => 2,
            Freshness::Blind => 3,
        };
        if worst.is_none_or(|w| rank(w) < rank(freshness)) {
            worst = Some(freshness);
        }
        if let Some(error) = &record.error {
            out.failing.push((source.clone(), error.clone()));
        } else if freshness == Freshness::Blind {
            out.failing.push((source.clone(), no_answer(record, shown.now)));
        }
    }
    out.freshness = worst.unwrap_or(Freshness::Loading);
    out
}

fn no_answer(record: &PollerRecord, now: Timestamp) -> PollError {
    let waited = record.first_started.map_or_else(String::new, |at| duration(now.duration_since(at)));
    PollError {
        class: ErrorClass::Timeout,
        operation: "".into(),
        code: "".into(),
        message: format!("no answer for {waited}").into(),
    }
}

impl Standing {
    /// Whether all of it was read lately: only then is no fault none.
    pub(super) fn is_whole(&self) -> bool {
        self.pollers > 0 && self.freshness == Freshness::Fresh && self.failing.is_empty()
    }

    /// The words for a pane's title where there is not room for all of [`words`](Self::words), the longer ones first: what is
    /// old is said before why.
    pub(super) fn fewer_words(&self) -> Vec<String> {
        let why = self.failing.first().map(|(_, e)| e.class.as_str());
        let why = why.or_else(|| (self.freshness == Freshness::Stale).then_some("stale"));
        match (self.age.map(|a| format!("age {}", duration(a))), why) {
            (Some(age), Some(why)) => vec![format!("{why}, {age}"), format!("{age}, {why}")],
            (Some(age), None) => vec![age],
            (None, _) => Vec::new(),
        }
    }

    /// The words for a pane's title, and how they look: `age 4s`, `reading …`, `access denied, age 2m`.
    pub(super) fn words(&self) -> (String, Role) {
        let age = self.age.map(|a| format!("age {}", duration(a)));
        let failing = self.failing.first().map(|(_, e)| e.class);
        match (failing, age, self.freshness) {
            (Some(class), None, _) => (class.as_str().into(), error_role(class)),
            (Some(class), Some(age), _) => {
                let share = format!("{}{}", class.as_str(), self.share());
                (format!("{share}, {age}"), error_role(class))
            }
            (None, Some(age), Freshness::Stale) => (format!("stale, {age}"), Role::Stale),
            (None, Some(age), Freshness::Loading) => (format!("{age}, reading more"), Role::Dim),
            (None, Some(age), _) => (age, Role::Dim),
            (None, None, _) => ("reading".into(), Role::Dim),
        }
    }

    fn share(&self) -> String {
        if self.pollers > 1 { format!(" ({} of {})", self.failing.len(), self.pollers) } else { String::new() }
    }
}

/// Whether all that rules and panes need was read whole and lately: only then is quiet good.
pub(super) fn all_well_read(shown: &Shown<'_>) -> bool {
    let mut pollers = shown.model.pollers().peekable();
    shown.rule_count > 0
        && shown.alerts.unread.is_empty()
        && shown.expected.is_some()
        && not_begun(shown).next().is_none()
        && pollers.peek().is_some()
        && pollers.all(|(s, r)| s.poller.is_optional() || r.freshness(shown.now) == Freshness::Fresh)
}

/// Those that are to read and have not begun to.
pub(super) fn not_begun<'a>(shown: &Shown<'a>) -> impl Iterator<Item = &'a Source> + use<'a> {
    let model = shown.model;
    let expected = shown.expected.into_iter().flatten();
    expected.filter(move |source| !source.poller.is_optional() && model.poller(source).is_none())
}

/// What is waited for where no poller fails, a line for each scope.
pub(super) fn waited_for(shown: &Shown<'_>) -> Vec<String> {
    let loading =
        shown.model.pollers().filter(|(s, r)| !s.poller.is_optional() && r.freshness(shown.now) == Freshness::Loading);
    let mut by_scope: std::collections::BTreeMap<&Scope, Vec<&str>> = std::collections::BTreeMap::new();
    for source in not_begun(shown).chain(loading.map(|(s, _)| s)) {
        by_scope.entry(&source.scope).or_default().push(source.poller.as_str());
    }
    let line = |(scope, pollers): (&Scope, Vec<&str>)| {
        let named = if pollers.len() > 4 { format!("{} pollers", pollers.len()) } else { pollers.join(", ") };
        format!("{}: {named}: not read yet", scope.region)
    };
    let mut lines: Vec<String> = by_scope.into_iter().map(line).collect();
    if shown.expected.is_none() {
        lines.push("the recording is still being looked through for who reads in it".to_owned());
    }
    lines
}

/// The rules that the budget slows, each with how often its metrics would be read and how often they are.
pub(super) fn slowed<'a>(shown: &Shown<'a>) -> impl Iterator<Item = (&'a Text, String)> {
    let every = |s: u32| short_duration(SignedDuration::from_secs(s.into()));
    shown.slowed.iter().map(move |s| (&s.rule, format!("every {} instead of {}", every(s.every), every(s.usual))))
}

/// What the budget does to CloudWatch's alarms; `None` where it does nothing.
pub(super) fn on_grid(shown: &Shown<'_>) -> Option<String> {
    let (n, windows) = match shown.on_grid {
        0 => return None,
        1 => (1, "window of CloudWatch's alarms stands"),
        n => (n, "windows of CloudWatch's alarms stand"),
    };
    Some(format!("{n} {windows} on the clock's grid instead of sliding by the minute, to keep to the budget"))
}

/// The account in view: the one that alone is shown, else that of [`home`].
pub(super) fn account<'a>(shown: &Shown<'a>, only: &'a Only) -> Option<&'a str> {
    only.account.as_ref().or_else(|| home(shown).map(|h| &h.account)).map(crate::model::Text::as_str)
}

/// The scope that most pollers run in. The bill is read in its own region, wherever the rest is: it does not count.
pub(super) fn home<'a>(shown: &Shown<'a>) -> Option<&'a Scope> {
    let mut counts: std::collections::BTreeMap<&Scope, usize> = std::collections::BTreeMap::new();
    for (source, _) in shown.model.pollers().filter(|(s, _)| s.poller != PollerKind::Bill) {
        *counts.entry(&source.scope).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(scope, n)| (*n, std::cmp::Reverse(*scope))).map(|(scope, _)| scope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TrailEvent;

    #[test]
    fn what_a_built_in_rule_tells_of_the_trail_is_marked_in_it() {
        let rules: toml::Table = include_str!("../../rules/trail.toml").parse().unwrap();
        let mut seen = 0;
        for rule in rules["rule"].as_array().unwrap().iter().filter(|r| r.get("enabled").is_none()) {
            let names = match rule["trail"].get("event") {
                Some(toml::Value::Array(names)) => names.clone(),
                Some(name) if name.as_str() != Some("ConsoleLogin") => vec![name.clone()],
                _ => continue,
            };
            for name in names.iter().filter_map(toml::Value::as_str) {
                let of = TrailEvent { name: name.replace('*', "").into(), ..TrailEvent::default() };
                let event = Event {
                    id: "1".into(),
                    scope: Scope::new("a", "r"),
                    at: jiff::Timestamp::UNIX_EPOCH,
                    resources: Vec::new(),
                    summary: "".into(),
                    kind: EventKind::Trail(of),
                };
                assert!(suspicious(&event), "{name} has no mark");
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    }
}
