//! Reading one series, and finding out which signal it is.

use std::collections::BTreeSet;

use super::case::Thing;
use super::keys::{Keys, did_you_mean};
use super::read_case::usual_start;
use super::series::{Told, can_be_joined};
use super::values::{self, Value};
use crate::model::{ApiSignal, Kind, Metric, Resource, Signal};
use crate::rules::RuleSet;
use crate::rules::tree::Node;

const SERIES_KEYS: &[&str] = &["resource", "signal", "start", "period", "values", "delay"];
/// What a period is where a series does not say it.
const MINUTE: i64 = 60;

/// A `[[test.series]]`, of which it is not yet known whose it is.
pub(super) struct Naming<'a> {
    pub(super) keys: Keys<'a>,
    start: i64,
    period: i64,
    delay: i64,
    values: Vec<Value>,
}

/// Reads what needs no knowledge of the rules.
pub(super) fn named<'a>(node: &'a Node, under: &Keys<'a>) -> Option<Naming<'a>> {
    let keys = Keys::of(node, "test.series", SERIES_KEYS, under.errors())?;
    let period = if keys.has("period") { keys.period("period")? } else { MINUTE };
    let start = if keys.has("start") { keys.time("start")? } else { usual_start() };
    if start.as_second().rem_euclid(period) != 0 || start.subsec_nanosecond() != 0 {
        keys.wrong("start", format!("must stand on the grid of periods of {period} s, as CloudWatch's points do"));
        return None;
    }
    let delay = if keys.has("delay") { keys.duration("delay")?.as_secs() } else { 0 };
    let text = keys.needed("values", "such as `0 _ 200x3`")?;
    let values = values::parse(text).map_err(|why| keys.wrong("values", why)).ok()?;
    Some(Naming { keys, start: start.as_second(), period, delay, values })
}

impl Naming<'_> {
    /// The series, once its signal is known.
    pub(super) fn told(&self, signal: Signal) -> Told {
        Told { signal, start: self.start, period: self.period, values: self.values.clone(), delay: self.delay }
    }
}

/// The series of `resource` that `naming` tells.
pub(super) fn series(naming: &Naming<'_>, resource: &Resource, rules: &RuleSet) -> Option<Told> {
    let keys = &naming.keys;
    let text = keys.needed("signal", "a signal's name, or such as `AWS/ELB/SurgeQueueLength Maximum`")?;
    let signal = match ApiSignal::parse(text) {
        Some(api) => api_signal(naming, resource.id.kind, api)?,
        None => Signal::Metric(metric(naming, resource, rules, text)?),
    };
    Some(naming.told(signal))
}

fn api_signal(naming: &Naming<'_>, kind: Kind, api: ApiSignal) -> Option<Signal> {
    use ApiSignal as S;
    let has: &[ApiSignal] = match kind {
        Kind::ClassicElb | Kind::TargetGroup => &[
            S::UnhealthyTargets,
            S::HealthyTargets,
            S::TotalTargets,
            S::UnhealthyZones,
            S::UnhealthyTargetsInWorstZone,
            S::HealthyTargetsInWorstZone,
            S::TotalTargetsInWorstZone,
        ],
        Kind::AutoScalingGroup => {
            &[S::DesiredCapacity, S::MinSize, S::MaxSize, S::InService, S::Pending, S::SuspendedProcesses]
        }
        Kind::Instance => &[S::StatusChecksFailed],
        Kind::Subnet => &[S::FreeAddresses, S::FreeAddressesPercent],
        _ => &[],
    };
    if !has.contains(&api) {
        let names: Vec<&str> = has.iter().map(|a| a.as_str()).collect();
        let hint = if names.is_empty() { String::new() } else { format!("; it has {}", names.join(", ")) };
        naming.keys.wrong("signal", format!("a resource of kind {kind} has no `{}`{hint}", api.as_str()));
        return None;
    }
    let whole = api != S::FreeAddressesPercent;
    let odd = naming.values.iter().find_map(|v| v.number().filter(|n| *n < 0.0 || (whole && n.fract() != 0.0)));
    if let Some(odd) = odd {
        naming.keys.wrong("values", format!("hold {odd}: `{}` is a whole number from 0 on", api.as_str()));
        return None;
    }
    Some(Signal::Api(api))
}

/// The metric that `text` names: one that some rule reads of a resource of its kind.
fn metric(naming: &Naming<'_>, resource: &Resource, rules: &RuleSet, text: &str) -> Option<Metric> {
    let keys = &naming.keys;
    let kind = resource.id.kind;
    let known: Vec<Metric> = rules
        .rules()
        .iter()
        .filter(|r| r.kinds().contains(&kind))
        .flat_map(|r| r.metrics(resource))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let (named, stat) = match text.split_once(char::is_whitespace) {
        Some((named, stat)) => (named, Some(stat.trim())),
        None => (text, None),
    };
    let is = |m: &Metric| m.name == named || *named == format!("{}/{}", m.namespace, m.name);
    let mut of_name: Vec<&Metric> = known.iter().filter(|m| is(m)).collect();
    if of_name.is_empty() {
        let mut names: Vec<String> = known.iter().map(|m| format!("{}/{}", m.namespace, m.name)).collect();
        if !named.contains('/') {
            names = known.iter().map(|m| m.name.to_string()).collect();
            names.extend(ApiSignal::ALL.iter().map(|a| a.as_str().to_owned()));
        }
        names.dedup();
        let hint = did_you_mean(named, names.iter().map(String::as_str));
        let read = if known.is_empty() { "none".to_owned() } else { names.join(", ") };
        let message =
            format!("no rule of this test reads `{named}` of a resource of kind {kind}{hint}; they read {read}");
        keys.wrong("signal", message);
        return None;
    }
    let stats: BTreeSet<&str> = of_name.iter().map(|m| m.stat.as_str()).collect();
    let all = stats.iter().copied().collect::<Vec<_>>().join(", ");
    if let Some(stat) = stat {
        of_name.retain(|m| m.stat == stat);
        if of_name.is_empty() {
            let hint = did_you_mean(stat, stats.iter().copied());
            keys.wrong(
                "signal",
                format!("no rule of this test reads the statistic `{stat}` of {named}{hint}; they read {all}"),
            );
            return None;
        }
    } else if stats.len() > 1 {
        let first = stats.first().copied().unwrap_or_default();
        keys.wrong("signal", format!("rules read {all} of {named}: say which, such as `{named} {first}`"));
        return None;
    }
    let found = of_name.first()?;
    let namespaces: BTreeSet<&str> = of_name.iter().map(|m| m.namespace.as_str()).collect();
    if namespaces.len() > 1 {
        let all = namespaces.into_iter().collect::<Vec<_>>().join(", ");
        keys.wrong("signal", format!("rules read {named} in {all}: say which, such as `{}/{named}`", found.namespace));
        return None;
    }
    let period = u32::try_from(naming.period).unwrap_or(found.period);
    Some(Metric { period, ..(*found).clone() })
}

/// Notes where rules want periods that do not follow from those of the series.
pub(super) fn periods(thing: &Thing, rules: &RuleSet, keys: &Keys<'_>) {
    for rule in rules.rules().iter().filter(|r| r.applies_to(&thing.resource)) {
        for wanted in rule.metrics(&thing.resource) {
            let own = thing.series.iter().find_map(|t| match &t.signal {
                Signal::Metric(m)
                    if (&m.namespace, &m.name, &m.stat) == (&wanted.namespace, &wanted.name, &wanted.stat) =>
                {
                    Some(t.period)
                }
                _ => None,
            });
            let Some(own) = own.filter(|p| *p != i64::from(wanted.period)) else { continue };
            let long = i64::from(wanted.period);
            if long > own && (long % own != 0 || !can_be_joined(&wanted.stat)) {
                let message = format!(
                    "is {own} s, and the rule {} reads {} {} over {long} s, which does not follow from it: give the series \
                     that period",
                    rule.id, wanted.name, wanted.stat
                );
                keys.wrong("series.period", message);
            }
        }
    }
}
