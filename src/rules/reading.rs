//! Whether what a rule needs was read, and how freshly: the step before any comparison.

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::{EvalMode, Standing};
use crate::model::{
    ApiSignal, Detail, ErrorClass, Freshness, Kind, METRIC_MATH, Members, Metric, Model, PollError, PollerKind,
    PollerRecord, Resource, ResourceId, Scope, Series, Signal, Source, Text,
};

/// A series that can be relied on, or why there is none.
pub(super) enum Reading<'m> {
    /// Read, and fresh; and until when, if nothing is read again.
    Series(&'m Series, Again),
    /// The resource has no such number.
    NotApplicable,
    /// Being read for the first time, or blind.
    Not(Standing),
}

/// Most periods between two readings of a metric that the pollers' budget slows, with one to spare.
const RARELY: i64 = 61;

/// The poller that brings `signal` of a resource of `kind`.
pub(super) fn poller_of(signal: &Signal, kind: Kind) -> PollerKind {
    match signal {
        Signal::Metric(m) if m.namespace == "AWS/Billing" => PollerKind::Bill,
        Signal::Metric(_) => PollerKind::Metrics,
        Signal::Api(api) => match api {
            api if api.is_of_members() => match kind {
                Kind::ClassicElb => PollerKind::ClassicHealth,
                _ => PollerKind::TargetHealth,
            },
            ApiSignal::StatusChecksFailed => PollerKind::InstanceStatus,
            ApiSignal::FreeAddresses | ApiSignal::FreeAddressesPercent => PollerKind::Subnets,
            ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline => PollerKind::Prices,
            _ => PollerKind::ScalingGroups,
        },
    }
}

/// The series of `signal` of `resource`, if it can be relied on at `now`.
pub(super) fn read<'m>(
    model: &'m Model,
    resource: &Resource,
    signal: &Signal,
    mode: EvalMode,
    now: Timestamp,
) -> Reading<'m> {
    if let Signal::Metric(m) = signal
        && (!has_dimensions(resource, m) || !publishes(resource))
    {
        return Reading::NotApplicable;
    }
    if let Signal::Api(ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline) = signal {
        return burn(model, resource, signal, mode, now);
    }
    if let Signal::Api(api) = signal
        && api.is_of_zones()
        && members(resource).is_some_and(Members::are_nowhere)
    {
        return Reading::NotApplicable;
    }
    let poller = poller_of(signal, resource.id.kind);
    if let Signal::Api(api) = signal
        && api.read(resource).is_none()
        && resource.id.kind != Kind::ClassicElb
        && resource.id.kind != Kind::TargetGroup
        && !(resource.id.kind == Kind::Instance && publishes(resource))
        && model.freshness(&resource.id.scope, poller, now) == Freshness::Fresh
    {
        // The listing was read and has no such number for it: an instance that does not run has no status checks. One
        // that runs has some, even where they did not reach us.
        return Reading::NotApplicable;
    }
    read_series(model, &resource.id, signal, poller, mode, now)
}

/// The series of `signal` of `id`, which `poller` reads, if it can be relied on at `now`.
pub(super) fn read_series<'m>(
    model: &'m Model,
    id: &ResourceId,
    signal: &Signal,
    poller: PollerKind,
    mode: EvalMode,
    now: Timestamp,
) -> Reading<'m> {
    let series = model.series(id, signal);
    if let Some(series) = series
        && series.denied()
    {
        let since = series.read_at().unwrap_or(now);
        let math = matches!(signal, Signal::Metric(m) if m.namespace == *METRIC_MATH);
        let why = if math { "CloudWatch refuses to compute it" } else { "needs cloudwatch:GetMetricData" };
        return Reading::Not(Standing::Blind { poller, why: why.into(), since });
    }
    let scope = &id.scope;
    let record = record(model, scope, poller);
    let freshness = record.map_or(Freshness::Loading, |r| r.freshness(now));
    match series.and_then(|s| s.read_at().map(|at| (s, at))) {
        Some((series, read_at)) => {
            let rarely = matches!(signal, Signal::Metric(_)) && !series.unanswered();
            let limit = counts_for(record, freshness, rarely, series.period());
            if now.duration_since(read_at) <= limit {
                Reading::Series(series, Again::after(read_at, limit))
            } else {
                Reading::Not(blind(model, scope, poller, Some(read_at), now))
            }
        }
        None if matches!(freshness, Freshness::Stale | Freshness::Blind) || mode == EvalMode::OneShot => {
            Reading::Not(blind(model, scope, poller, None, now))
        }
        // AWS answered for the others and not for this one.
        None if series.is_some() && freshness == Freshness::Fresh => {
            Reading::Not(blind(model, scope, poller, None, now))
        }
        None => Reading::Not(Standing::Loading),
    }
}

/// How long a reading counts of a series of `period` seconds whose poller has this `record` and is as fresh as that;
/// `rarely`: it is a metric, and AWS answered for it.
///
/// While its poller is well, a series is read only once a period, and one that has long been without points, or that the
/// budget slows, once in many; where AWS did not answer for it, or the poller reports failures, only what was read lately
/// in spite of that counts.
pub(super) fn counts_for(
    record: Option<&PollerRecord>,
    freshness: Freshness,
    rarely: bool,
    period: u32,
) -> SignedDuration {
    let lifetime = record.map_or(SignedDuration::from_secs(180), PollerRecord::lifetime);
    match freshness {
        Freshness::Fresh | Freshness::Loading => {
            let periods = if rarely { RARELY } else { 2 };
            lifetime.max(SignedDuration::from_secs(periods * i64::from(period)))
        }
        Freshness::Stale | Freshness::Blind => lifetime,
    }
}

/// The registered hosts of a balancer or target group, once they were read.
pub(super) fn members(resource: &Resource) -> Option<&Members> {
    match &resource.detail {
        Detail::Balancer(b) => b.members.as_ref(),
        Detail::TargetGroup(t) => t.members.as_ref(),
        _ => None,
    }
}

/// Whether `CloudWatch` can have `metric` of `resource`. Instances, of which there are most, are told without naming their
/// dimensions.
fn has_dimensions(resource: &Resource, metric: &Metric) -> bool {
    metric.namespace == *METRIC_MATH
        || (resource.id.kind == Kind::Instance && metric.namespace == "AWS/EC2")
        || crate::model::metric_dimensions(resource, metric).is_some()
}

/// How long what an account costs an hour stands at least: it is counted anew each time its instances are listed.
const BURN_STANDS: SignedDuration = SignedDuration::from_mins(5);

/// What an account costs an hour rests on every region's instances and prices: one that cannot be read leaves it unknown.
fn burn<'m>(model: &'m Model, resource: &Resource, signal: &Signal, mode: EvalMode, now: Timestamp) -> Reading<'m> {
    let series = model.series(&resource.id, signal);
    let read_at = series.and_then(Series::read_at);
    let listings = model
        .pollers()
        .filter(|(s, _)| s.scope.account == resource.id.scope.account && s.poller == PollerKind::Instances);
    let stands = listings.map(|(_, record)| record.lifetime()).fold(BURN_STANDS, SignedDuration::max);
    if let (Some(series), Some(at)) = (series, read_at)
        && now.duration_since(at) <= stands
    {
        return Reading::Series(series, Again::after(at, stands));
    }
    let of_account = |s: &Source| s.scope.account == resource.id.scope.account && s.poller == PollerKind::Prices;
    let mut prices = model.pollers().filter(|(s, _)| of_account(s)).map(|(_, r)| r).peekable();
    if prices.peek().is_none() || prices.any(|r| r.error.as_ref().is_some_and(|e| e.class == ErrorClass::Unsupported)) {
        // Nobody asks for prices here, or there is no price list. One that may not be read is another thing: unknown.
        return Reading::NotApplicable;
    }
    let mut failing = model.pollers().filter(|(source, record)| {
        source.scope.account == resource.id.scope.account
            && matches!(source.poller, PollerKind::Prices | PollerKind::Instances)
            && record.freshness(now) != Freshness::Fresh
            && (record.error.is_some() || record.freshness(now) != Freshness::Loading)
    });
    if let Some((source, _)) = failing.next() {
        return Reading::Not(blind(model, &source.scope, source.poller, read_at, now));
    }
    if mode == EvalMode::OneShot || read_at.is_some() {
        return Reading::Not(blind(model, &resource.id.scope, PollerKind::Prices, read_at, now));
    }
    Reading::Not(Standing::Loading)
}

/// Whether nothing is broken: the caller may not, or there is no such service here.
pub(super) fn is_withheld(error: &PollError) -> bool {
    matches!(error.class, ErrorClass::Denied | ErrorClass::Unsupported)
}

/// Whether AWS publishes metrics for it now: not for an instance that does not run.
pub(super) fn publishes(resource: &Resource) -> bool {
    match &resource.detail {
        Detail::Instance(i) => i.state == "running",
        _ => true,
    }
}

/// How the events of `poller` in `scope` stand: `None` when they can be relied on.
pub(super) fn events_unread(
    model: &Model,
    scope: &Scope,
    poller: PollerKind,
    mode: EvalMode,
    now: Timestamp,
) -> Option<Standing> {
    match model.freshness(scope, poller, now) {
        Freshness::Fresh => None,
        Freshness::Loading if mode == EvalMode::Live => Some(Standing::Loading),
        _ => Some(blind(model, scope, poller, None, now)),
    }
}

/// Blind because of `poller`; `read_at` is when what is wanted was last read.
fn blind(model: &Model, scope: &Scope, poller: PollerKind, read_at: Option<Timestamp>, now: Timestamp) -> Standing {
    let record = record(model, scope, poller);
    let since = record
        .and_then(|r| r.failing_since)
        .or(read_at)
        .or(record.and_then(|r| r.last_success.or(r.first_started)))
        .unwrap_or(now);
    Standing::Blind { poller, why: why(scope, poller, record, now), since }
}

/// How a rule that goes by tags stands on `resource`, whose tags could not be read.
pub(super) fn tags_unread(model: &Model, resource: &Resource, now: Timestamp) -> Standing {
    let (scope, poller) = (&resource.id.scope, PollerKind::lists(resource.id.kind).unwrap_or(PollerKind::Balancers));
    match record(model, scope, poller) {
        Some(PollerRecord { lacks: Some(error), lacking_since, .. }) => {
            Standing::Blind { poller, why: way_out(scope, poller, error), since: lacking_since.unwrap_or(now) }
        }
        _ => blind(model, scope, poller, None, now),
    }
}

/// Until when `standing` is said as it is: how long something was not read is told in whole seconds and minutes.
pub(super) fn said_until(standing: &Standing, model: &Model, scope: &Scope, now: Timestamp) -> Again {
    let Standing::Blind { poller, since, .. } = standing else { return Again::ON_NEWS };
    if *since >= now {
        // Nothing says since when, so it is said to be since now.
        return Again::EACH_PASS;
    }
    match record(model, scope, *poller) {
        // Its last success, which moves, may be what `since` is.
        Some(record) if record.freshness(now) == Freshness::Fresh => Again::EACH_PASS,
        Some(PollerRecord { error: None, last_success: Some(read), .. }) => {
            let age = now.duration_since(*read).as_secs().max(0);
            let next = match age {
                ..119 => age + 1,
                119..7199 => (age / 60 + 1) * 60,
                _ => (age / 3600 + 1) * 3600,
            };
            Again::at_end_of(*read, SignedDuration::from_secs(next))
        }
        _ => Again::ON_NEWS,
    }
}

/// What of a poller's record a verdict can show, at `now`: while this stays, no verdict changes by the poller.
///
/// When it last succeeded is left out while that is lately enough: it is then in no verdict.
pub(super) fn standing_of_record(
    record: &PollerRecord,
    now: Timestamp,
) -> (Freshness, SignedDuration, [Option<PollError>; 2], [Option<Timestamp>; 4]) {
    let freshness = record.freshness(now);
    let success = record.last_success.filter(|_| freshness != Freshness::Fresh);
    let since = [record.failing_since, record.lacking_since, record.first_started, success];
    (freshness, record.lifetime(), [record.error.clone(), record.lacks.clone()], since)
}

pub(super) fn record<'m>(model: &'m Model, scope: &Scope, poller: PollerKind) -> Option<&'m PollerRecord> {
    model.poller(&Source { scope: scope.clone(), poller })
}

/// One line for a person: what is wrong with `poller`, and the way out.
pub(super) fn why(scope: &Scope, poller: PollerKind, record: Option<&PollerRecord>, now: Timestamp) -> Text {
    match record {
        None => "not read yet".into(),
        Some(PollerRecord { error: Some(error), .. }) => way_out(scope, poller, error),
        Some(r) => match r.age(now) {
            None => "not read in time".into(),
            Some(age) if age > r.lifetime() => format!("last read {} ago", coarse(age)).into(),
            Some(_) => "AWS gave no answer for it".into(),
        },
    }
}

pub(super) fn way_out(scope: &Scope, poller: PollerKind, error: &PollError) -> Text {
    let operation = if error.operation.is_empty() { poller.as_str() } else { error.operation.as_str() };
    let class = error.class;
    match error.login(scope) {
        Some(login) => format!("{}: run {login}", error.what()).into(),
        None if class == ErrorClass::Denied => format!("needs {}", error.action(poller)).into(),
        None => format!("{class}: {operation}").into(),
    }
}

/// The way out where many pollers of a scope, or `all`, fail for one reason.
pub(super) fn way_out_of_all(scope: &Scope, error: &PollError, all: bool) -> Text {
    match error.class {
        ErrorClass::Expired | ErrorClass::NoCredentials => way_out(scope, PollerKind::Identity, error),
        ErrorClass::Denied if all => "access denied to everything: see awswatch iam-policy".into(),
        ErrorClass::Denied => "access denied: see awswatch iam-policy, and the pollers' page for what lacks".into(),
        class if all => format!("{class}: nothing in {} can be read", scope.region).into(),
        class => format!("{class}: {} and more", error.operation).into(),
    }
}

/// A span of time in its largest unit.
pub(super) fn coarse(span: SignedDuration) -> String {
    let s = span.as_secs();
    match s {
        ..120 => format!("{s}s"),
        120..7200 => format!("{}m", s / 60),
        _ => format!("{}h", s / 3600),
    }
}

/// The resource of the trail and its like: one a scope in which `poller` runs, whether or not it is listed.
pub(super) fn scoped(model: &Model, poller: PollerKind, kind: Kind, id: &str) -> Vec<ResourceId> {
    model.pollers().filter(|(s, _)| s.poller == poller).map(|(s, _)| ResourceId::new(&s.scope, kind, id)).collect()
}
