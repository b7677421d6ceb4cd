//! AWS CloudTrail: management events. What they say was written by whoever made the call, so nothing of it is
//! trusted to be there or to have a form.

use std::fmt::Write as _;

use aws_sdk_cloudtrail::types as sdk;
use jiff::Timestamp;
use serde_json::Value;

use super::translate::{sdk_time, text, time};
use super::{Api, Listing, Meter, ScopeClients, Truncation};
use crate::model::{Event, EventKind, Scope, Text, TrailEvent};

/// Most pages (of 50 events) read at once, newest first.
const MAX_EVENT_PAGES: u32 = 20;

/// Events of the scope that changed something or signed somebody in, from `since` on, newest first. In a busier
/// account only the newest thousand are read; [`Truncation`] says so.
pub async fn events(clients: &ScopeClients, meter: &Meter, since: Timestamp) -> (Listing<Event>, Truncation) {
    let client = clients.cloudtrail().await;
    // Reads are the mass of all events, and LookupEvents gives 100 events a second at most.
    let writes = sdk::LookupAttribute::builder()
        .attribute_key(sdk::LookupAttributeKey::ReadOnly)
        .attribute_value("false")
        .build()
        .ok();
    let send = |token, tally| {
        client
            .lookup_events()
            .set_lookup_attributes(writes.clone().map(|w| vec![w]))
            .start_time(sdk_time(since))
            .max_results(50)
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    let (mut pages, mut truncated) = (0, false);
    let listing: Listing<Event> = meter
        .pages(Api::CloudTrail, "LookupEvents", MAX_EVENT_PAGES, send, |page, into| {
            pages += 1;
            into.extend(page.events().iter().filter_map(|e| event(clients.scope(), e)));
            let last = pages == MAX_EVENT_PAGES;
            truncated = last && page.next_token().is_some_and(|t| !t.is_empty());
            if last { None } else { page.next_token }
        })
        .await;
    let truncation = Truncation::of(&listing.items, truncated, since);
    (listing, truncation)
}

fn event(scope: &Scope, e: &sdk::Event) -> Option<Event> {
    let raw: Value = e.cloud_trail_event().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let trail = trail_event(e, &raw);
    let resources: Vec<Text> =
        e.resources().iter().map(|r| text(r.resource_name())).filter(|r| !r.is_empty()).collect();
    let at = e.event_time().and_then(time).or_else(|| at(&raw, &["eventTime"]).parse().ok())?;
    let id = e
        .event_id()
        .or(raw.get("eventID").and_then(Value::as_str))
        .map_or_else(|| format!("trail {at} {} {}", trail.name, trail.user).into(), Text::from);
    Some(Event {
        id,
        scope: scope.clone(),
        at,
        summary: summary(&trail, &resources),
        resources,
        kind: EventKind::Trail(trail),
    })
}

fn trail_event(e: &sdk::Event, raw: &Value) -> TrailEvent {
    let or = |said: Option<&str>, path: &[&str]| text(Some(said.filter(|s| !s.is_empty()).unwrap_or(at(raw, path))));
    TrailEvent {
        name: or(e.event_name(), &["eventName"]),
        source: or(e.event_source(), &["eventSource"]),
        user: user(raw, e.username()),
        user_type: at(raw, &["userIdentity", "type"]).into(),
        invoked_by: at(raw, &["userIdentity", "invokedBy"]).into(),
        ip: at(raw, &["sourceIPAddress"]).into(),
        user_agent: at(raw, &["userAgent"]).into(),
        error: error(raw).into(),
        event_type: at(raw, &["eventType"]).into(),
        mfa: mfa(raw),
        read_only: match raw.get("readOnly") {
            Some(Value::Bool(b)) => *b,
            Some(Value::String(s)) => s == "true",
            _ => e.read_only() == Some("true"),
        },
    }
}

/// A failed console sign-in has no error code, only a response that says so.
fn error(raw: &Value) -> &str {
    let code = at(raw, &["errorCode"]);
    let login = at(raw, &["responseElements", "ConsoleLogin"]);
    if code.is_empty() && login == "Failure" { login } else { code }
}

fn mfa(raw: &Value) -> Option<bool> {
    match at(raw, &["additionalEventData", "MFAUsed"]) {
        "Yes" => Some(true),
        "No" => Some(false),
        _ => match at(raw, &["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"]) {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
    }
}

/// Who did it: `root`, a user's name, `role/session`, a service.
fn user(raw: &Value, said: Option<&str>) -> Text {
    let identity = |path: &[&str]| {
        let mut whole = vec!["userIdentity"];
        whole.extend_from_slice(path);
        at(raw, &whole)
    };
    let arn = identity(&["arn"]);
    match identity(&["type"]) {
        "Root" => "root".into(),
        "AssumedRole" => {
            let mut parts = arn.split_once(":assumed-role/").map_or("", |(_, rest)| rest).splitn(2, '/');
            let role = parts.next().filter(|r| !r.is_empty());
            let role = role.unwrap_or_else(|| identity(&["sessionContext", "sessionIssuer", "userName"]));
            match (role, parts.next()) {
                ("", session) => text(session.or(said)),
                (role, Some(session)) if !session.is_empty() => format!("{role}/{session}").into(),
                (role, _) => role.into(),
            }
        }
        _ => {
            let named = [identity(&["userName"]), said.unwrap_or_default(), identity(&["invokedBy"])];
            let last = arn.rsplit(['/', ':']).next().unwrap_or_default();
            let known = named.into_iter().chain([last, identity(&["principalId"])]).find(|n| !n.is_empty());
            text(known)
        }
    }
}

fn summary(trail: &TrailEvent, resources: &[Text]) -> Text {
    let mut line = format!("{} {}", if trail.user.is_empty() { "somebody" } else { &trail.user }, trail.name);
    if let Some(first) = resources.first() {
        line.push(' ');
        line.push_str(first);
        if resources.len() > 1 {
            let _ = write!(line, " +{}", resources.len() - 1);
        }
    }
    if !trail.error.is_empty() {
        let _ = write!(line, ": {}", trail.error);
    }
    line.into()
}

/// The string at `path`, empty where there is none.
fn at<'a>(raw: &'a Value, path: &[&str]) -> &'a str {
    path.iter().try_fold(raw, |value, key| value.get(key)).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: &Value) -> TrailEvent {
        trail_event(&sdk::Event::builder().event_name("X").build(), json)
    }

    #[test]
    fn who_did_it() {
        let cases = [
            (json!({"type": "Root", "arn": "arn:aws:iam::1:root"}), "root"),
            (json!({"type": "IAMUser", "userName": "alice"}), "alice"),
            (json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/team/bob"}), "bob"),
            (json!({"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/deploy/build-7"}), "deploy/build-7"),
            (json!({"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": "deploy"}}}), "deploy"),
            (json!({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}), "autoscaling.amazonaws.com"),
            (json!({"type": 7, "userName": ["x"]}), ""),
            (json!("nonsense"), ""),
        ];
        for (identity, who) in cases {
            assert_eq!(read(&json!({"userIdentity": identity})).user, who, "{identity}");
        }
    }

    #[test]
    fn a_failed_sign_in_is_an_error_and_its_mfa_is_known() {
        let event = read(&json!({
            "responseElements": {"ConsoleLogin": "Failure"}, "additionalEventData": {"MFAUsed": "No"},
            "readOnly": false
        }));
        assert_eq!((event.error.as_str(), event.mfa, event.read_only), ("Failure", Some(false), false));
        assert_eq!(read(&json!({})).mfa, None);
    }

    #[test]
    fn what_a_stranger_wrote_cannot_move_the_cursor() {
        let event = read(&json!({"userAgent": "\u{1b}[2Jcurl", "sourceIPAddress": "\u{202e}1.2.3.4"}));
        assert_eq!((event.user_agent.as_str(), event.ip.as_str()), ("[2Jcurl", "1.2.3.4"));
    }

    #[test]
    fn an_event_without_its_json_is_still_one() {
        let scope = Scope::new("a", "r");
        let bare = sdk::Event::builder().event_id("1").event_time(sdk_time(Timestamp::UNIX_EPOCH)).build();
        assert!(event(&scope, &bare).is_some());
        assert!(event(&scope, &sdk::Event::builder().event_id("1").build()).is_none(), "no time, no place on the axis");
    }
}
