//! The rule that says what cannot be read: per scope and poller, or once for a scope where nothing can.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::reading::{is_withheld, way_out_of_all, why};
use super::rule::Rule;
use super::{Comparison, EvalMode, RuleContext, Standing, Unit, Verdict};
use crate::model::{
    ErrorClass, Freshness, Kind, Model, PollError, PollerKind, PollerRecord, ResourceId, Scope, Source, Text,
};

/// The id of the resource that stands for all pollers of a scope.
pub const ALL_POLLERS: &str = "all";

/// What is said of a poller that read more than is kept.
pub const NO_ROOM: &str = "there are more than 50,000 resources or 100,000 series: what is beyond them is not watched; \
                           watch fewer regions or accounts at once";

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
            // Who may not read what is optional is told where it lacks; a rule that needs it is blind by itself.
            if kind.is_optional() && record.error.as_ref().is_some_and(is_withheld) {
                continue;
            }
            let mut standing = standing(scope, kind, record, context.mode, now);
            if standing == Standing::Ok
                && model.overflowed()
                && let Some(since) = model.overflowed_since(&Source { scope: scope.clone(), poller: kind })
            {
                standing = Standing::Blind { poller: kind, why: NO_ROOM.into(), since };
            }
            let detail = record.error.as_ref().map_or(Text::default(), |e| e.message.clone());
            verdicts.push(verdict(rule, scope, kind.as_str(), standing, detail, record.last_success));
        }
    }
    verdicts
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
