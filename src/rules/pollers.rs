//! The rule that says what cannot be read: per scope and poller, or once for a scope where nothing can.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::reading::{is_withheld, way_out, way_out_of_all, why};
use super::rule::{Need, PollerFigure, Rule};
use super::series::{Finding, loudest};
use super::{Basis, Comparison, EvalMode, RuleContext, Standing, Unit, Verdict};
use crate::model::{
    Detail, ErrorClass, Freshness, Kind, Mishaps, Model, PollError, PollerKind, PollerRecord, Resource, ResourceId,
    Scope, Source, Text,
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
            if standing == Standing::Ok
                && model.overflowed()
                && let Some(since) = model.overflowed_since(&Source { scope: scope.clone(), poller: kind })
            {
                standing = Standing::Blind { poller: kind, why: NO_ROOM.into(), since };
            }
            let mut unread = what(kind);
            if let (Standing::Ok, Some(lacks)) = (&standing, &record.lacks) {
                let rules = going_by_tags(rule, model, scope, kind, now);
                if !rules.is_empty() {
                    let why = or_without(&way_out(scope, kind, lacks), &rules);
                    standing = Standing::Blind { poller: kind, why, since: record.lacking_since.unwrap_or(now) };
                    unread =
                        if kind == PollerKind::ClassicElbs { "classic balancers' tags" } else { "balancers' tags" };
                }
            }
            let detail = record.error.as_ref().map_or(Text::default(), |e| e.message.clone());
            let told = verdict(rule, scope, kind.as_str(), standing, detail, record.last_success);
            verdicts.push(Verdict { title: format!("{unread} {}", rule.title).into(), ..told });
        }
    }
    verdicts
}

/// What `rule` says of `figure` of every poller that it looks at.
///
/// A poller that has not come to the end of a run yet has none: how late it is, is said by the rule on blind pollers.
pub(super) fn figures(
    rule: &Rule,
    figure: PollerFigure,
    window: SignedDuration,
    model: &Model,
    now: Timestamp,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (source, record) in model.pollers() {
        let id = ResourceId::new(&source.scope, Kind::Poller, source.poller.as_str());
        let poller = Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::None };
        if !rule.applies_to(&poller) {
            continue;
        }
        let since = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        let read = match figure {
            PollerFigure::Age => record
                .last_success
                .or(record.first_started)
                .map(|from| (now.duration_since(from).max(SignedDuration::ZERO).as_secs_f64().floor(), Some(from))),
            _ if record.last_run.is_none() => None,
            PollerFigure::Failures => Some((f64::from(record.failures), record.failing_since)),
            PollerFigure::Errors => Some(counted(record, since, now, |m| m.failures)),
            PollerFigure::Throttles => Some(counted(record, since, now, |m| m.throttles)),
        };
        let found = rule.levels_for(&poller, now).iter().map(|level| {
            let standing = match read {
                None => Standing::Loading,
                Some((value, from)) if level.comparison.breaches(value, level.limit) => {
                    // An age breaches since it came to the limit, a count since the first of what is counted.
                    let limit = || SignedDuration::try_from_secs_f64(level.limit.max(0.0)).unwrap_or_default();
                    let since = match figure {
                        PollerFigure::Age => from.and_then(|f| f.checked_add(limit()).ok()),
                        _ => from,
                    };
                    let since = since.unwrap_or(now).min(now);
                    let held = now.duration_since(since) >= level.hold;
                    Standing::Breach { severity: level.severity, since, held }
                }
                Some(_) => Standing::Ok,
            };
            let value = read.map(|(value, _)| value);
            let again = Again::EACH_PASS;
            let data_at = record.last_run;
            (Finding { standing, value, data_at, signal: None, assumed: false, basis: Basis::Points, again }, level)
        });
        let Some((finding, level)) = loudest(found.collect()) else { continue };
        verdicts.push(Verdict {
            value: finding.value,
            limit: Some(level.limit),
            comparison: level.comparison,
            unit: level.unit,
            title: rule.title.clone(),
            ..verdict(
                rule,
                &source.scope,
                source.poller.as_str(),
                finding.standing,
                record.error.as_ref().map_or(Text::default(), |e| e.message.clone()),
                record.last_run,
            )
        });
    }
    verdicts
}

/// How many of `what` there were since `from`, and when the first was.
fn counted(
    record: &PollerRecord,
    from: Timestamp,
    now: Timestamp,
    what: impl Fn(&Mishaps) -> u32,
) -> (f64, Option<Timestamp>) {
    let mut of_window = record.mishaps().filter(|m| m.at >= from && m.at <= now && what(m) > 0).peekable();
    let first = of_window.peek().map(|m| m.at);
    (of_window.map(|m| f64::from(what(m))).sum(), first)
}

/// The rules that need `poller`, which is optional, for a resource of the account of `scope`.
fn needing<'r>(rule: &'r Rule, model: &Model, scope: &Scope, poller: PollerKind) -> Vec<&'r Text> {
    let of_account = |need: &&Need| {
        let mut resources = need.kinds.iter().flat_map(|k| model.of_kind(*k));
        resources.any(|r| r.id.scope.account == scope.account && need.select.takes(r))
    };
    rule.needs.iter().filter(|n| n.poller == poller).filter(|n| of_account(n)).map(|n| &n.rule).collect()
}

/// The rules that can say nothing of what `poller` lists in `scope`, because its tags could not be read.
fn going_by_tags<'r>(
    rule: &'r Rule,
    model: &Model,
    scope: &Scope,
    poller: PollerKind,
    now: Timestamp,
) -> Vec<&'r Text> {
    let lacks = |rule: &&Rule| {
        let kinds = rule.kinds.iter().filter(|k| PollerKind::lists(**k) == Some(poller));
        let mut resources = kinds.flat_map(|k| model.of_kind(*k)).filter(|r| r.id.scope == *scope);
        resources.any(|r| rule.lacks_tags_of(r, now))
    };
    rule.by_tags.iter().filter(lacks).map(|r| &r.id).collect()
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
        basis: Basis::Points,
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
