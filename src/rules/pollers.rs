//! The rule that says what cannot be read: per scope and poller, or once for a scope where nothing can.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::reading::{is_withheld, way_out_of_all, why};
use super::rule::{Need, Rule};
use super::{Comparison, EvalMode, RuleContext, Standing, Unit, Verdict};
use crate::model::{ErrorClass, Freshness, Kind, Model, PollError, PollerKind, PollerRecord, ResourceId, Scope, Text};

/// The id of the resource that stands for all pollers of a scope.
pub const ALL_POLLERS: &str = "all";

/// A verdict for every poller of every scope; those that fail together have one for all of them.
pub(super) fn evaluate(rule: &Rule, model: &Model, context: &RuleContext, now: Timestamp) -> Vec<Verdict> {
    let mut scopes: BTreeMap<&Scope, Vec<(PollerKind, &PollerRecord)>> = BTreeMap::new();
    for (source, record) in model.pollers() {
        scopes.entry(&source.scope).or_default().push((source.poller, record));
    }
    let mut verdicts = Vec::new();
    for (scope, records) in scopes {
        let together = Together::of(scope, &records, context.mode, now);
        let mut whole = verdict(rule, scope, ALL_POLLERS, Standing::Ok, Text::default(), None);
        if let Some(together) = &together {
            (whole.title, whole.detail) = (together.title.clone(), together.why.clone());
            whole.standing =
                Standing::Blind { poller: together.pollers[0], why: together.why.clone(), since: together.since };
        }
        verdicts.push(whole);
        for (kind, record) in records {
            if together.as_ref().is_some_and(|t| t.pollers.contains(&kind)) {
                continue;
            }
            let mut standing = standing(scope, kind, record, context.mode, now);
            // Who may not read what is optional is told where it lacks. It is as loud as anything else that cannot be read
            // where a rule needs it; where there is no such thing at all, no rule can.
            if let (true, Some(error)) = (kind.is_optional(), record.error.as_ref().filter(|e| is_withheld(e))) {
                let needing = needing(rule, model, scope, kind);
                if needing.is_empty() || error.class == ErrorClass::Unsupported {
                    continue;
                }
                if let Standing::Blind { why, .. } = &mut standing {
                    *why = or_without(why, &needing);
                }
            }
            let detail = record.error.as_ref().map_or(Text::default(), |e| e.message.clone());
            verdicts.push(verdict(rule, scope, kind.as_str(), standing, detail, record.last_success));
        }
    }
    verdicts
}

/// The rules that need `poller`, which is optional, for a resource of the account of `scope`.
fn needing<'r>(rule: &'r Rule, model: &Model, scope: &Scope, poller: PollerKind) -> Vec<&'r Text> {
    let of_account = |need: &&Need| {
        let mut resources = need.kinds.iter().flat_map(|k| model.of_kind(*k));
        resources.any(|r| r.id.scope.account == scope.account && need.select.takes(r))
    };
    rule.needs.iter().filter(|n| n.poller == poller).filter(|n| of_account(n)).map(|n| &n.rule).collect()
}

/// `why` a poller that may be left out of a policy cannot read, and that one can do without `rules`.
pub(super) fn or_without(why: &Text, rules: &[&Text]) -> Text {
    let names: Vec<&str> = rules.iter().map(|r| r.as_str()).collect();
    if why.starts_with("needs ") { format!("{why}, or {} off", names.join(" and ")).into() } else { why.clone() }
}

fn verdict(
    rule: &Rule,
    scope: &Scope,
    id: &str,
    standing: Standing,
    detail: Text,
    data_at: Option<Timestamp>,
) -> Verdict {
    let title = if id == ALL_POLLERS {
        format!("nothing {}", rule.title).into()
    } else {
        match PollerKind::parse(id) {
            Some(kind) => format!("{} {}", what(kind), rule.title).into(),
            None => rule.title.clone(),
        }
    };
    let (title, detail) = match &standing {
        Standing::Blind { why, .. } => (title, why.clone()),
        _ => (title, detail),
    };
    Verdict {
        rule: rule.id.clone(),
        resource: ResourceId::new(scope, Kind::Poller, id),
        standing,
        value: None,
        limit: None,
        comparison: Comparison::Above,
        unit: Unit::Count,
        title,
        detail,
        signal: None,
        data_at,
    }
}

/// What a person misses while `poller` is blind.
fn what(poller: PollerKind) -> &'static str {
    match poller {
        PollerKind::Identity => "the account's identity",
        PollerKind::Instances => "the list of instances",
        PollerKind::InstanceStatus => "instance status checks",
        PollerKind::Subnets => "the list of subnets",
        PollerKind::Volumes => "the list of volumes",
        PollerKind::Catalogue => "the list of functions, queues, tables and the like",
        PollerKind::ClassicElbs => "the list of classic balancers",
        PollerKind::ClassicHealth => "classic balancers' health",
        PollerKind::Balancers => "the list of balancers",
        PollerKind::TargetHealth => "target health",
        PollerKind::ScalingGroups => "the list of groups",
        PollerKind::Activities => "scaling activities",
        PollerKind::Trail => "the audit trail",
        PollerKind::Alarms => "CloudWatch's alarms",
        PollerKind::Metrics => "metrics",
        PollerKind::Bill => "the bill",
        PollerKind::Prices => "the price list",
    }
}

fn standing(scope: &Scope, kind: PollerKind, record: &PollerRecord, mode: EvalMode, now: Timestamp) -> Standing {
    let freshness = record.freshness(now);
    if freshness == Freshness::Loading && mode == EvalMode::Live {
        return Standing::Loading;
    }
    if !is_blind(record, freshness, mode) {
        return Standing::Ok;
    }
    let since = record.failing_since.or(record.last_success).or(record.first_started).unwrap_or(now);
    Standing::Blind { poller: kind, why: why(scope, kind, Some(record), now), since }
}

/// One failed try is no blindness, unless trying again cannot help, or there will be no other try.
fn is_blind(record: &PollerRecord, freshness: Freshness, mode: EvalMode) -> bool {
    let hopeless = record
        .error
        .as_ref()
        .is_some_and(|e| matches!(e.class, ErrorClass::Expired | ErrorClass::NoCredentials | ErrorClass::Denied));
    let stale = matches!(freshness, Freshness::Stale | Freshness::Blind);
    stale
        || hopeless
        || record.failures >= 2
        || (mode == EvalMode::OneShot && freshness != Freshness::Fresh)
        || (mode == EvalMode::OneShot && record.failures > 0)
}

/// Pollers of a scope that fail in one way: one thing to tell, not a dozen.
struct Together {
    pollers: Vec<PollerKind>,
    title: Text,
    why: Text,
    since: Timestamp,
}

impl Together {
    /// So many of them are told together.
    const FEWEST: usize = 3;

    /// The largest row of blind pollers of `scope` with one class of error. All that ran are a row, however few.
    fn of(scope: &Scope, records: &[(PollerKind, &PollerRecord)], mode: EvalMode, now: Timestamp) -> Option<Self> {
        let ran = records.iter().filter(|(_, r)| r.last_run.is_some()).count();
        let mut classes: BTreeMap<ErrorClass, Vec<(PollerKind, &PollerRecord, &PollError)>> = BTreeMap::new();
        for (kind, record) in records {
            if let Some(error) = &record.error
                && is_blind(record, record.freshness(now), mode)
            {
                classes.entry(error.class).or_default().push((*kind, *record, error));
            }
        }
        let row = classes.into_values().max_by_key(Vec::len)?;
        let all = row.len() == ran && ran > 1;
        if !all && row.len() < Self::FEWEST {
            return None;
        }
        let title =
            if all { "nothing can be read".into() } else { format!("{} of {ran} pollers cannot read", row.len()) };
        Some(Self {
            title: title.into(),
            why: way_out_of_all(scope, row[0].2, all),
            since: row.iter().filter_map(|(_, r, _)| r.failing_since).min().unwrap_or(now),
            pollers: row.into_iter().map(|(kind, ..)| kind).collect(),
        })
    }
}
