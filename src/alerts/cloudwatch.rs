//! What `CloudWatch`'s own alarms say of the metrics that alerts stand on, and who was first.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Alert, AlertId, CloudWatchView, Level, Phase};
use crate::model::{
    Alarm, AlarmState, ApiSignal, Detail, Kind, Metric, Model, Resource, Scope, Signal, Text, metric_dimensions,
};
use crate::rules::Comparison;

type Key<'m> = (&'m Scope, &'m str, &'m str, &'m [(Text, Text)]);
/// Namespace, name and dimensions.
type Watched<'m> = (&'m str, &'m str, &'m [(Text, Text)]);

/// The account's metric alarms, by the metric they watch.
pub(super) struct Alarms<'m> {
    model: &'m Model,
    watching_since: Timestamp,
    by_metric: BTreeMap<Key<'m>, Vec<(&'m Text, &'m Alarm)>>,
}

impl<'m> Alarms<'m> {
    pub(super) fn of(model: &'m Model, watching_since: Timestamp) -> Self {
        let mut by_metric: BTreeMap<Key<'m>, Vec<_>> = BTreeMap::new();
        for resource in model.of_kind(Kind::Alarm) {
            let Detail::Alarm(alarm) = &resource.detail else { continue };
            if let Some((namespace, metric, dimensions)) = watched(alarm) {
                let key = (&resource.id.scope, namespace, metric, dimensions);
                by_metric.entry(key).or_default().push((&resource.id.id, alarm));
            }
        }
        Self { model, watching_since, by_metric }
    }

    /// The view of the alarm on the metric of `alert`, or of the very alarm that it mirrors. Of several the one in ALARM,
    /// then the one with our statistic.
    pub(super) fn view(&self, alert: &Alert, now: Timestamp) -> Option<CloudWatchView> {
        let (name, alarm) = match self.model.alarm(&alert.id.resource) {
            Some(alarm) => (&alert.id.resource.id, alarm),
            None => self.on_metric(alert)?,
        };
        let ours = alert.fired_at.unwrap_or(now);
        let theirs = match (alarm.state, alarm.state_since) {
            (AlarmState::Alarm, Some(since)) => since,
            (AlarmState::Alarm, None) => ours,
            _ => now,
        };
        let lead: Option<SignedDuration> = (alert.since >= self.watching_since).then(|| theirs.duration_since(ours));
        Some(CloudWatchView { alarm: name.clone(), state: alarm.state, since: alarm.state_since, lead })
    }

    fn on_metric(&self, alert: &Alert) -> Option<(&'m Text, &'m Alarm)> {
        let (resource, metric, dimensions) = stands_on(alert, self.model)?;
        let key = (&resource.id.scope, &*metric.namespace, &*metric.name, &dimensions[..]);
        let alarms = self.by_metric.get(&key)?.iter();
        alarms.min_by_key(|(name, a)| (a.state != AlarmState::Alarm, a.stat != metric.stat, *name)).copied()
    }
}

/// Names and values.
type Dimensions = Vec<(Text, Text)>;
/// A metric with its dimensions, and whether a value of it is too high.
type Said<'m> = (&'m Scope, Text, Text, Dimensions, bool);

/// The mirrored alarms that say what a rule of ours already tells, each with the alert that tells it: one on the same
/// metric of the same resource, breached to the same side, that fires, is at least as loud and not silenced. `hidden` are the
/// alerts that others stand for: what those told is told by the others.
pub(super) fn folded(active: &[&Alert], hidden: &[(AlertId, AlertId)], model: &Model) -> Vec<(AlertId, AlertId)> {
    let tells = |a: &&Alert| a.phase == Phase::Firing && a.handling.silence.is_none() && a.level != Level::Blind;
    let (mirrored, own): (Vec<&Alert>, Vec<&Alert>) =
        active.iter().copied().filter(tells).partition(|a| a.id.resource.kind == Kind::Alarm);
    if mirrored.is_empty() {
        return Vec::new();
    }
    let mut by_metric: BTreeMap<Said<'_>, &Alert> = BTreeMap::new();
    for alert in own {
        if let Some((resource, metric, dimensions)) = stands_on(alert, model) {
            let key = (&resource.id.scope, metric.namespace, metric.name, dimensions, rises(alert));
            // They come worst first.
            by_metric.entry(key).or_insert(alert);
        }
    }
    let fold = |alert: &&Alert| {
        let (namespace, name, dimensions) = compared(model.alarm(&alert.id.resource)?)?;
        let key = (&alert.id.resource.scope, namespace, name, dimensions, rises(alert));
        let by = by_metric.get(&key).filter(|own| own.level >= alert.level)?;
        let by = hidden.iter().find(|(id, _)| *id == by.id).map_or(&by.id, |(_, above)| above);
        Some((alert.id.clone(), by.clone()))
    };
    mirrored.iter().filter_map(fold).collect()
}

/// Whether `alert` is on a value that is too high.
fn rises(alert: &Alert) -> bool {
    matches!(alert.comparison, Comparison::Above | Comparison::AtLeast)
}

/// The resource and the metric of `CloudWatch`'s that `alert` stands on, with its dimensions.
fn stands_on<'m>(alert: &Alert, model: &'m Model) -> Option<(&'m Resource, Metric, Dimensions)> {
    let resource = model.resource(&alert.id.resource)?;
    let metric = match alert.signal.as_ref()? {
        Signal::Metric(metric) => metric.clone(),
        Signal::Api(api) => counterpart(*api, resource)?,
    };
    let dimensions = metric_dimensions(resource, &metric)?;
    Some((resource, metric, dimensions))
}

/// The namespace, name and dimensions of what `alarm` compares, where that is a metric as it is: what is computed of one
/// may mean anything.
fn compared(alarm: &Alarm) -> Option<(Text, Text, Dimensions)> {
    if !alarm.namespace.is_empty() {
        return Some((alarm.namespace.clone(), alarm.metric.clone(), alarm.dimensions.clone()));
    }
    let value = alarm.queries.iter().find(|q| q.returned && q.id != alarm.threshold_query)?;
    let metric = value.metric.as_ref().filter(|_| value.account.is_empty())?;
    Some((metric.namespace.clone(), metric.name.clone(), metric.dimensions.clone()))
}

/// The namespace, name and dimensions of the one metric that `alarm` watches.
fn watched(alarm: &Alarm) -> Option<Watched<'_>> {
    if !alarm.namespace.is_empty() {
        return Some((&alarm.namespace, &alarm.metric, &alarm.dimensions));
    }
    let mut metrics = alarm.queries.iter().filter_map(|q| q.metric.as_ref());
    let (first, more) = (metrics.next()?, metrics.next());
    // One metric, held against a band or computed with.
    more.is_none().then_some((&*first.namespace, &*first.name, &first.dimensions[..]))
}

/// The metric in which `CloudWatch` keeps what `api` reads of `resource`.
fn counterpart(api: ApiSignal, resource: &Resource) -> Option<Metric> {
    let balancing = || match (resource.id.kind, &resource.detail) {
        (Kind::ClassicElb, _) => Some("AWS/ELB"),
        (_, Detail::TargetGroup(group)) if group.balancer_kind == Some(Kind::Nlb) => Some("AWS/NetworkELB"),
        (_, Detail::TargetGroup(_)) => Some("AWS/ApplicationELB"),
        _ => None,
    };
    match api {
        ApiSignal::UnhealthyTargets => Some(Metric::new(balancing()?, "UnHealthyHostCount", "Maximum", 60)),
        ApiSignal::HealthyTargets => Some(Metric::new(balancing()?, "HealthyHostCount", "Minimum", 60)),
        ApiSignal::StatusChecksFailed => Some(Metric::new("AWS/EC2", "StatusCheckFailed", "Maximum", 60)),
        _ => None,
    }
}
