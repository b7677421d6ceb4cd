//! CloudTrail's event history.

use jiff::{SignedDuration, Timestamp};

use super::Call;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::TrailEvent;

/// Events are kept 90 days.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

const KEYS: [&str; 8] =
    ["EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"];

pub(super) fn lookup_events(call: &Call<'_>) -> Result<Value, ApiError> {
    let wrong = |message: String| ApiError::named("InvalidLookupAttributesException", message);
    let attributes = call.params.structures("LookupAttributes")?;
    if attributes.len() > 1 {
        return Err(wrong("You can specify only one lookup attribute.".to_owned()));
    }
    let mut asked = None;
    for attribute in attributes {
        let (key, value) = (attribute.must_text("AttributeKey")?, attribute.must_text("AttributeValue")?);
        let known = KEYS.into_iter().find(|k| *k == key);
        asked = Some((known.ok_or_else(|| wrong(format!("{key} is not one of {}", KEYS.join(", "))))?, value));
    }
    let page = Paging { token: "NextToken", size: "MaxResults", default: 50, least: 1, most: 50 }
        .read(&call.params, call.now)
        .map_err(|e| {
            let size = e.message.contains("MaxResults");
            if size { ApiError::named("InvalidMaxResultsException", e.message) } else { e }
        })?;
    let end = call.params.time("EndTime")?.unwrap_or(page.now);
    let start = call.params.time("StartTime")?.unwrap_or(Timestamp::MIN);
    if start > end {
        return Err(ApiError::named("InvalidTimeRangeException", "The start time is later than the end time."));
    }
    let start = start.max(page.now.checked_sub(KEPT).unwrap_or(Timestamp::MIN));
    let end = end.min(page.now).max(start);
    let found = match asked {
        // One more than the page, which tells that another follows.
        None => call.world.trail_page(call.region, start, end, page.now, page.start.saturating_add(page.size + 1)),
        Some((key, value)) => {
            let all = call.world.trail(call.region, start, end, page.now);
            all.into_iter().filter(|event| has(event, key, &value)).collect()
        }
    };
    let (found, token) = page.cut(found);
    Ok(map([("Events", list(found.iter().map(record)))]).and("NextToken", token))
}

fn has(event: &TrailEvent, key: &str, value: &str) -> bool {
    match key {
        "EventId" => event.id == value,
        "EventName" => event.name == value,
        "ReadOnly" => event.read_only.to_string() == value,
        "Username" => event.user.as_deref() == Some(value),
        "ResourceType" => event.resources.iter().any(|(kind, _)| kind == value),
        "ResourceName" => event.resources.iter().any(|(_, name)| name == value),
        "EventSource" => event.source == value,
        _ => event.access_key.as_deref() == Some(value),
    }
}

fn record(event: &TrailEvent) -> Value {
    let resources =
        event.resources.iter().map(|(kind, name)| map([("ResourceType", kind.into()), ("ResourceName", name.into())]));
    map([
        ("EventId", (&event.id).into()),
        ("EventName", (&event.name).into()),
        ("ReadOnly", event.read_only.to_string().into()),
        ("EventTime", event.at.into()),
        ("EventSource", (&event.source).into()),
        ("Resources", list(resources)),
        ("CloudTrailEvent", (&event.json).into()),
    ])
    .and("Username", event.user.as_ref())
    .and("AccessKeyId", event.access_key.as_ref())
}
