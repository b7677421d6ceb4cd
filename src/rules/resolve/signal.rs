//! Signals: a metric by its full or bare name, or what an API gives.

use super::super::rule::{Input, InputSource};
use super::super::tree::{Node, Place, Table, Value};
use super::super::{catalogue, statistic};
use super::{Resolver, did_you_mean, path};
use crate::model::{ApiSignal, Kind, Metric, absent_is_zero};

const SIGNAL_KEYS: &[&str] = &["metric", "stat", "period", "absent", "unlisted", "signal"];

impl Resolver<'_> {
    /// `node` as one series: the name of an API signal or of a metric, or a metric with all that belongs to it.
    pub(super) fn input(&mut self, keys: &Table, node: &Node, key: &str, also: &[&str]) -> Option<Input> {
        match &node.value {
            Value::Text(name) => self.named(keys, &node.place, key, name, also),
            Value::Table(table) => {
                self.only(table, key, SIGNAL_KEYS);
                let said = match table.get("absent").map(|n| (&n.value, n)) {
                    None => None,
                    Some((Value::Number(n), _)) => Some(*n),
                    Some((_, n)) => {
                        self.wrong(&n.place, &path(key, "absent"), "must be a number, such as 0");
                        None
                    }
                };
                if let Some(name) = self.text(table, key, "signal") {
                    let place = table["signal"].place.clone();
                    let source = InputSource::Api(self.api(&place, key, &name, &[])?);
                    let absent = said.or_else(|| self.absent(keys, &source));
                    return Some(Input { source, absent });
                }
                let source = self.metric(keys, node, table, key)?;
                let absent = said.or_else(|| self.absent(keys, &source));
                Some(Input { source, absent })
            }
            other => {
                let message = format!("must be a signal's name or {{ metric, stat }}, is {}", other.sort());
                self.wrong(&node.place, key, message);
                None
            }
        }
    }

    /// The series that `name` names: an API's signal, or a metric of the rule's kinds.
    pub(super) fn named(&mut self, keys: &Table, place: &Place, key: &str, name: &str, also: &[&str]) -> Option<Input> {
        if self.kinds.is_empty() {
            // What is wrong with `kind` was said; of what a signal is one cannot be known without.
            return None;
        }
        let is_metric = name.contains('/')
            || name
                .split_whitespace()
                .next()
                .is_some_and(|n| self.kinds.iter().any(|k| catalogue::names(*k).any(|m| m == n)));
        if !is_metric {
            let source = InputSource::Api(self.api(place, key, name, also)?);
            let absent = self.absent(keys, &source);
            return Some(Input { source, absent });
        }
        let mut found: Option<Metric> = None;
        for kind in self.kinds.clone() {
            match catalogue::metric_named(kind, name) {
                Err(e) => {
                    self.wrong(place, key, e);
                    return None;
                }
                Ok(metric) => match &found {
                    Some(first) if *first != metric => {
                        let message = format!(
                            "`{name}` is {}/{} {} for one kind and {}/{} {} for {kind}: give them a rule each",
                            first.namespace, first.name, first.stat, metric.namespace, metric.name, metric.stat
                        );
                        self.wrong(place, key, message);
                        return None;
                    }
                    _ => found = Some(metric),
                },
            }
        }
        let Metric { namespace, name, stat, .. } = found?;
        let period = self.period(keys, "");
        let source = InputSource::Metric { namespace, name, stat, period };
        let absent = self.absent(keys, &source);
        Some(Input { source, absent })
    }

    /// What a period without a point counts for: as the rule says, else 0 for what AWS publishes only while it is not 0.
    /// Whose rule over one metric says what missing data is wants to see that it is missing.
    fn absent(&mut self, keys: &Table, source: &InputSource) -> Option<f64> {
        let zero = match (self.flag(keys, "", "zero_when_absent"), source) {
            (Some(said), _) => said,
            (None, InputSource::Metric { namespace, name, .. }) => {
                !keys.contains_key("missing") && absent_is_zero(namespace, name)
            }
            (None, InputSource::Api(_) | InputSource::Math(_)) => false,
        };
        zero.then_some(0.0)
    }

    /// `input` beside others: what `missing` says is of what the expression comes to, and a sort of failure that never
    /// happened must not make it unknown.
    pub(super) fn in_expression(keys: &Table, input: Input) -> Input {
        let own = |source: &InputSource| matches!(source, InputSource::Metric { namespace, name, .. } if absent_is_zero(namespace, name));
        let zero = input.absent.is_none() && own(&input.source) && !keys.contains_key("zero_when_absent");
        Input { absent: if zero { Some(0.0) } else { input.absent }, ..input }
    }

    fn metric(&mut self, keys: &Table, node: &Node, table: &Table, key: &str) -> Option<InputSource> {
        let metric = self.text(table, key, "metric");
        let place = table.get("metric").unwrap_or(node).place.clone();
        let Some((namespace, name)) =
            metric.as_deref().and_then(|m| m.rsplit_once('/')).filter(|(ns, n)| !ns.is_empty() && !n.is_empty())
        else {
            let message = "must be a namespace and a metric, such as `AWS/ELB/SurgeQueueLength`";
            self.wrong(&place, &path(key, "metric"), message);
            return None;
        };
        let unlisted = self.flag(table, key, "unlisted").unwrap_or(false);
        for kind in self.kinds.clone() {
            if let Err(e) = catalogue::check(kind, namespace, name)
                && !(unlisted && catalogue::namespaces(kind).any(|n| n == namespace))
            {
                self.wrong(&place, &path(key, "metric"), e);
                return None;
            }
        }
        let Some(stat) = self.text(table, key, "stat") else {
            if !table.contains_key("stat") {
                let message = "lacks: Average, Sum, Minimum, Maximum, SampleCount, p99 or another statistic";
                self.wrong(&place, &path(key, "stat"), message);
            }
            return None;
        };
        if let Err(e) = statistic::check(&stat) {
            self.wrong(&table["stat"].place.clone(), &path(key, "stat"), e);
            return None;
        }
        let own = self.period(table, key);
        let period = own.or_else(|| if table.contains_key("period") { None } else { self.period(keys, "") });
        Some(InputSource::Metric { namespace: namespace.into(), name: name.into(), stat: stat.into(), period })
    }

    pub(super) fn api(&mut self, place: &Place, key: &str, name: &str, also: &[&str]) -> Option<ApiSignal> {
        let Some(api) = ApiSignal::parse(name) else {
            let mut known: Vec<&str> = also.to_vec();
            // What none of the rule's kinds has is no help.
            let of_kinds =
                |a: &ApiSignal| self.kinds.is_empty() || kinds_with(*a).iter().any(|k| self.kinds.contains(k));
            known.extend(ApiSignal::ALL.iter().filter(|a| of_kinds(a)).map(|a| a.as_str()));
            let metrics: Vec<&str> = self.kinds.iter().flat_map(|k| catalogue::names(*k)).collect();
            let hint = did_you_mean(name, known.iter().copied().chain(metrics.iter().copied()));
            let metrics = if metrics.is_empty() { "" } else { "the kind's metrics; " };
            self.wrong(place, key, format!("no signal `{name}`{hint}; known: {metrics}{}", known.join(", ")));
            return None;
        };
        let has = kinds_with(api);
        if let Some(kind) = self.kinds.iter().find(|k| !has.contains(k)) {
            let message = format!("a resource of kind {kind} has no `{name}`");
            self.wrong(place, key, message);
            return None;
        }
        Some(api)
    }
}

/// The kinds of which `api` reads something.
pub(super) fn kinds_with(api: ApiSignal) -> &'static [Kind] {
    match api {
        api if api.is_of_members() => &[Kind::ClassicElb, Kind::TargetGroup],
        ApiSignal::StatusChecksFailed => &[Kind::Instance],
        ApiSignal::FreeAddresses | ApiSignal::FreeAddressesPercent => &[Kind::Subnet],
        ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline => &[Kind::Bill],
        _ => &[Kind::AutoScalingGroup],
    }
}
