//! The metrics that AWS publishes of each kind of resource, and the statistic that says most of each.
//!
//! So that a metric can be called by its bare name, and a name that AWS does not know is no rule that stays quiet for
//! ever. AWS adds metrics now and then: what is not listed here is taken with `unlisted = true`.

mod families;

use families::{FAMILIES, Family};

use super::resolve::nearest;
use super::statistic;
use crate::model::{Kind, Metric};

/// The namespaces in which `kind` has metrics.
pub(super) fn namespaces(kind: Kind) -> impl Iterator<Item = &'static str> {
    of(kind).map(|f| f.namespace)
}

/// The names of all metrics of `kind`.
pub(super) fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    of(kind).flat_map(Family::names).map(|(name, _)| name)
}

/// Whether `name` is a metric of `kind` in `namespace`; if not, the reason and the nearest right name.
pub(super) fn check(kind: Kind, namespace: &str, name: &str) -> Result<(), String> {
    let Some(family) = of(kind).find(|f| f.namespace == namespace) else {
        let known: Vec<&str> = namespaces(kind).collect();
        let hint = nearest(namespace, known.iter().copied()).map(|n| format!("; did you mean `{n}`?"));
        let has = if known.is_empty() { "none".to_owned() } else { format!("them in {}", known.join(", ")) };
        let hint = hint.unwrap_or_default();
        return Err(format!("a resource of kind {kind} has no metrics in `{namespace}`, it has {has}{hint}"));
    };
    if family.names().any(|(n, _)| n == name) {
        return Ok(());
    }
    let hint = nearest(name, family.names().map(|(n, _)| n)).map(|n| format!("; did you mean `{n}`?"));
    let hint = hint.unwrap_or_default();
    Err(format!(
        "no metric `{name}` of kind {kind} is known in {namespace}{hint} (`unlisted = true` takes it as it is)"
    ))
}

/// The metric that `text` names for a resource of `kind`: `SurgeQueueLength`, `Latency p99`, `AWS/ELB/Latency`,
/// `AWS/ELB/Latency p99`. Without a statistic it is the one that says most of it: `Maximum` of a queue, `Sum` of errors,
/// `Minimum` of a balance. Its period is the shortest that AWS publishes it with for any resource.
///
/// # Errors
///
/// What is wrong with it, and the nearest right name.
pub fn metric_named(kind: Kind, text: &str) -> Result<Metric, String> {
    let mut words = text.split_whitespace();
    let (full, stat) = (words.next().unwrap_or_default(), words.next());
    if words.next().is_some() {
        return Err(format!("`{text}` is no metric such as `SurgeQueueLength` or `AWS/ELB/Latency p99`"));
    }
    let (namespace, name) = match full.rsplit_once('/') {
        Some((namespace, name)) => {
            check(kind, namespace, name)?;
            (Some(namespace), name)
        }
        None => (None, full),
    };
    let found: Vec<(&str, &str)> = of(kind)
        .filter(|f| namespace.is_none_or(|n| n == f.namespace))
        .filter_map(|f| f.names().find(|(n, _)| *n == name).map(|(_, stat)| (f.namespace, stat)))
        .collect();
    match found[..] {
        [] if BY_OPERATION.contains(&name) && kind == Kind::DynamodbTable => Err(format!(
            "`{name}` is published for each operation of a table and not for the table: have a CloudWatch alarm on it, which is \
             evaluated here as any is"
        )),
        [] => {
            let hint = nearest(name, names(kind)).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
            Err(format!("a resource of kind {kind} has no metric `{name}`{hint}"))
        }
        [(namespace, usual)] => {
            let stat = stat.unwrap_or(usual);
            statistic::check(stat)?;
            Ok(Metric::new(namespace, name, stat, published_every(namespace)))
        }
        _ => {
            let spaces: Vec<&str> = found.iter().map(|(n, _)| *n).collect();
            Err(format!("`{name}` of kind {kind} is in {}: write the namespace too", spaces.join(" and ")))
        }
    }
}

/// Seconds between two points that AWS publishes in `namespace` at best.
pub(super) fn published_every(namespace: &str) -> u32 {
    match namespace {
        "AWS/Billing" => 21_600,
        "AWS/S3" => 86_400,
        _ => 60,
    }
}

/// Of a table `DynamoDB` publishes these with the operation's name beside the table's, and one of the account: asked for the table
/// alone there is never a point, which would be taken for 0.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
const BY_OPERATION: [&str; 5] =
    ["SystemErrors", "UserErrors", "ThrottledRequests", "SuccessfulRequestLatency", "ReturnedItemCount"];

fn of(kind: Kind) -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter().filter(move |f| f.kind == kind.as_str())
}

impl Family {
    fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.metrics.iter().flat_map(|(stat, names)| names.split_whitespace().map(move |n| (n, *stat)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_family_is_of_a_kind_and_names_each_metric_once() {
        for family in FAMILIES {
            assert!(Kind::parse(family.kind).is_some(), "{}", family.kind);
            let mut seen = BTreeSet::new();
            for (name, stat) in family.names() {
                assert!(seen.insert(name), "{} {name}", family.namespace);
                assert_eq!(statistic::check(stat), Ok(()));
            }
        }
    }

    #[test]
    fn a_bare_name_has_a_namespace_and_a_statistic() {
        let named = |kind, text: &str| {
            metric_named(kind, text).map(|m| format!("{}/{} {} {}", m.namespace, m.name, m.stat, m.period))
        };
        assert_eq!(named(Kind::ClassicElb, "SurgeQueueLength").as_deref(), Ok("AWS/ELB/SurgeQueueLength Maximum 60"));
        assert_eq!(named(Kind::ClassicElb, "Latency p99").as_deref(), Ok("AWS/ELB/Latency p99 60"));
        assert_eq!(
            named(Kind::Bill, "AWS/Billing/EstimatedCharges").as_deref(),
            Ok("AWS/Billing/EstimatedCharges Maximum 21600")
        );
        for (kind, text, said) in [
            (Kind::ClassicElb, "SurgeQueueLenght", "did you mean `SurgeQueueLength`?"),
            (Kind::ClassicElb, "Latency p101", "from 0 to 100"),
            (Kind::ClassicElb, "Latency p99 5m", "is no metric such as"),
            (Kind::ClassicElb, "AWS/ELB/Latensy", "did you mean `Latency`?"),
            (Kind::ClassicElb, "AWS/EBL/Latency", "it has them in AWS/ELB; did you mean `AWS/ELB`?"),
            (Kind::Subnet, "AWS/ELB/Latency", "it has none"),
            (Kind::TargetGroup, "HealthyHostCount", "AWS/ApplicationELB and AWS/NetworkELB: write the namespace too"),
            (Kind::Subnet, "", "has no metric ``"),
            (Kind::DynamodbTable, "SystemErrors", "is published for each operation"),
        ] {
            let message = metric_named(kind, text).expect_err(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
