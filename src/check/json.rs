//! The report as JSON.

use serde_json::{Value, json};

use super::findings::{Findings, Input, name};
use super::text::{first_seen, folded};
use crate::alerts::Alert;
use crate::model::Kind;

/// One object on one line. Times are RFC 3339 in UTC, durations are seconds.
pub(super) fn render(input: &Input<'_>, findings: &Findings<'_>) -> String {
    let unknown: Vec<Value> = findings
        .unread
        .iter()
        .map(|gap| json!({ "scope": gap.scope.as_ref().map(ToString::to_string), "what": gap.what, "why": gap.why }))
        .collect();
    let resources: serde_json::Map<String, Value> = Kind::ALL
        .into_iter()
        .map(|kind| (kind.to_string(), Value::from(input.model.of_kind(kind).count())))
        .filter(|(_, count)| *count != 0)
        .collect();
    let object = json!({
        "status": findings.exit.word(),
        "exit_code": findings.exit.code(),
        "at": input.now.to_string(),
        "timed_out": input.timed_out.is_some(),
        "alerts": findings.alerts().map(|alert| entry(input, alert)).collect::<Vec<_>>(),
        "silenced": findings.silenced.iter().map(|alert| silenced(input, alert)).collect::<Vec<_>>(),
        "unknown": unknown,
        "pending": findings.pending,
        "rules": input.rules,
        "resources": resources,
    });
    format!("{object}\n")
}

fn entry(input: &Input<'_>, alert: &Alert) -> Value {
    json!({
        "rule": alert.id.rule,
        "severity": alert.level,
        "account": alert.id.resource.scope.account,
        "region": alert.id.resource.scope.region,
        "kind": alert.id.resource.kind,
        "resource": alert.id.resource.id,
        "name": name(input.model, alert),
        "title": alert.title,
        "detail": alert.detail,
        "value": alert.value,
        "comparison": alert.comparison,
        "limit": alert.limit,
        "unit": alert.unit,
        "since": alert.since.to_string(),
        "since_first_reading": first_seen(alert),
        "data_at": alert.data_at.map(|at| at.to_string()),
        "stale_since": alert.stale_since.map(|at| at.to_string()),
        "acknowledged": alert.handling.ack.as_ref().map(|ack| json!({
            "by": ack.by,
            "at": ack.at.to_string(),
            "note": ack.note,
        })),
        "cloudwatch": alert.cloudwatch.as_ref().map(|view| json!({
            "alarm": view.alarm,
            "state": view.state,
            "since": view.since.map(|at| at.to_string()),
        })),
        "cloudwatch_too": folded(input, alert).collect::<Vec<_>>(),
    })
}

/// An alert with the silence that covers it.
fn silenced(input: &Input<'_>, alert: &Alert) -> Value {
    let mut value = entry(input, alert);
    let silence = alert.handling.silence.as_ref().and_then(|id| input.alerts.kept().silence(id));
    if let Value::Object(object) = &mut value {
        let silence = silence.map(|s| {
            json!({ "id": s.id, "until": s.until.to_string(), "author": s.author, "reason": s.reason, "matchers": s.matchers })
        });
        object.insert("silence".to_owned(), Value::from(silence));
    }
    value
}
