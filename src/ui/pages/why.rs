//! Why hosts do not serve, in the fewest words: where AWS's own do not fit, which is on every narrow screen.

use std::collections::BTreeMap;

use crate::model::{HealthState, Member, Resource};
use crate::ui::facts;
use crate::ui::paint::{Paint, Spans};
use crate::ui::theme::Role;

/// AWS's reason for the state of `member`: `Timeout` for `Target.Timeout`, `HTTP 500` for a mismatch that says which code
/// it was, `FailedHealthChecks` for a Classic balancer's sentence of that meaning; nothing where AWS gives none.
pub(in crate::ui) fn reason(member: &Member) -> Option<String> {
    let said = |text: &str| !text.is_empty() && text != "N/A";
    let reason = member.reason.strip_prefix("Target.").unwrap_or(&member.reason);
    match reason {
        // "Health checks failed with these codes: [500]"
        "ResponseCodeMismatch" => Some(codes(&member.description).unwrap_or_else(|| reason.to_owned())),
        // "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
        "Instance" if member.description.contains("UnhealthyThreshold") => Some("FailedHealthChecks".to_owned()),
        _ if said(reason) => Some(reason.to_owned()),
        _ => Some(member.description.to_string()).filter(|d| said(d)),
    }
}

fn codes(description: &str) -> Option<String> {
    let (_, rest) = description.split_once('[')?;
    let (codes, _) = rest.split_once(']')?;
    let are_codes = !codes.is_empty() && codes.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b' ' | b'-'));
    // A gRPC code has two digits at most.
    let http = codes.split([',', ' ', '-']).all(|c| c.is_empty() || c.len() == 3);
    are_codes.then(|| format!("{} {codes}", if http { "HTTP" } else { "code" }))
}

/// The reason that most of the unhealthy hosts of `resource` have, and how many others there are: `Timeout +1`.
pub(super) fn reasons<'r>(resources: impl IntoIterator<Item = &'r Resource>) -> Option<String> {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    let members = resources.into_iter().filter_map(facts::members);
    for member in members.flat_map(|m| &m.list).filter(|m| m.state == HealthState::Unhealthy) {
        *all.entry(reason(member)?).or_default() += 1;
    }
    // Of as many, the first by name, so that it does not come and go.
    let most = all.iter().rev().max_by_key(|(_, n)| **n)?.0;
    Some(if all.len() > 1 { format!("{most} +{}", all.len() - 1) } else { most.clone() })
}

/// [`reasons`] in a cell.
pub(super) fn cell<'r>(p: &Paint<'_>, resources: impl IntoIterator<Item = &'r Resource>) -> Spans {
    reasons(resources).map_or_else(Spans::default, |why| Spans::one(why, p.style(Role::Warn)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_words_that_say_why() {
        let checks = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.";
        for (why, description, wanted) in [
            ("Target.Timeout", "Request timed out", Some("Timeout")),
            ("Target.FailedHealthChecks", "Health checks failed", Some("FailedHealthChecks")),
            ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]", Some("HTTP 500")),
            ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [12]", Some("code 12")),
            ("Target.ResponseCodeMismatch", "Health checks failed with these codes: []", Some("ResponseCodeMismatch")),
            ("Target.ResponseCodeMismatch", "Health checks failed", Some("ResponseCodeMismatch")),
            ("Elb.InternalError", "", Some("Elb.InternalError")),
            ("Instance", checks, Some("FailedHealthChecks")),
            ("Instance", "Instance is in stopped state.", Some("Instance")),
            ("N/A", "N/A", None),
            ("", "", None),
        ] {
            let member = Member {
                id: "i-1".into(),
                port: None,
                zone: None,
                state: HealthState::Unhealthy,
                reason: why.into(),
                description: description.into(),
            };
            assert_eq!(reason(&member).as_deref(), wanted, "{why}: {description}");
        }
    }
}
