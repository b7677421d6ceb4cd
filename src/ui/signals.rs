//! Numbers of resources that the panes show.

use jiff::{SignedDuration, Timestamp};

use crate::alerts::Alert;
use crate::model::{Kind, Model, Point, Resource, ResourceId, Series, Signal};
use crate::rules::Unit;

/// The series of the metric `name` with statistic `stat`, of whatever period is read.
pub(super) fn metric<'m>(
    model: &'m Model,
    id: &ResourceId,
    name: &str,
    stat: &str,
) -> Option<(&'m Signal, &'m Series)> {
    model.series_of(id).find(|(signal, _)| matches!(signal, Signal::Metric(m) if m.name == name && m.stat == stat))
}

/// Whether AWS publishes this metric only when it is not zero, so that a gap in what was read is 0.
pub(super) fn absent_is_zero(signal: &Signal) -> bool {
    let Signal::Metric(m) = signal else { return false };
    let balancer = matches!(m.namespace.as_str(), "AWS/ELB" | "AWS/ApplicationELB" | "AWS/NetworkELB");
    balancer && (m.stat == "Sum" || m.name == "SurgeQueueLength")
}

/// How late a point can come: until then a gap is not taken for 0.
const LATE: SignedDuration = SignedDuration::from_mins(2);

/// How long after its end a period is still being added to: read sooner, its newest sum or maximum is too low.
const SETTLES: SignedDuration = SignedDuration::from_secs(60);

/// The newest point that was read when nothing more was to come: a sum of half a minute would look like a fall. What
/// an API reads, and what is published over hours, holds at once.
fn last_whole(signal: &Signal, series: &Series, now: Timestamp) -> Option<Point> {
    let length = whole_after(signal);
    let read = series.read_at().map_or(now, |at| at.min(now));
    series.points().rev().find(|p| p.at.checked_add(length).is_ok_and(|end| end <= read))
}

/// How long after its start a point of `signal` is whole.
fn whole_after(signal: &Signal) -> SignedDuration {
    match signal {
        Signal::Metric(m) if m.period <= 300 => SignedDuration::from_secs(m.period.into()) + SETTLES,
        _ => SignedDuration::ZERO,
    }
}

/// How many seconds a point of `signal` stands for; where its window slides that is longer than a slot of its series.
pub(super) fn length(signal: &Signal) -> u32 {
    match signal {
        Signal::Metric(m) => m.period,
        Signal::Api(_) => signal.step(),
    }
}

/// The newest value of `series` that still says something at `now`.
pub(super) fn latest(signal: &Signal, series: &Series, now: Timestamp) -> Option<f64> {
    let period = i64::from(length(signal));
    let patience = SignedDuration::from_secs((3 * period).max(900));
    let end = series.covered_to();
    if absent_is_zero(signal) {
        let end = end.filter(|end| now.duration_since(*end) <= patience)?;
        let last = last_whole(signal, series, now);
        return match last {
            Some(p) if end.duration_since(p.at).as_secs() <= period + LATE.as_secs() => Some(p.value),
            _ => Some(0.0),
        };
    }
    last_whole(signal, series, now).filter(|p| now.duration_since(p.at) <= patience).map(|p| p.value)
}

/// The newest value of the metric `name`.
pub(super) fn value(model: &Model, id: &ResourceId, name: &str, stat: &str, now: Timestamp) -> Option<f64> {
    metric(model, id, name, stat).and_then(|(signal, series)| latest(signal, series, now))
}

/// A moment in the newest slot that is whole and was read.
pub(super) fn end(signal: &Signal, series: &Series, now: Timestamp) -> Option<Timestamp> {
    let newest = last_whole(signal, series, now).map(|p| p.at);
    let covered = series.covered_to().filter(|_| absent_is_zero(signal)).and_then(|to| {
        let period = SignedDuration::from_secs(length(signal).into());
        let start = to.min(now).checked_sub(period + LATE).ok()?;
        Some(series.slot_start(series.slot(start)))
    });
    newest.max(covered)
}

/// The newest `n` slots of `series`, gaps filled where a gap means 0.
pub(super) fn tail(signal: &Signal, series: &Series, n: usize, now: Timestamp) -> Vec<Option<f64>> {
    let Some(to) = end(signal, series, now) else { return vec![None; n] };
    filled(signal, series, series.window(to, n), to)
}

/// As [`tail`], ending where the alert's own data does.
pub(super) fn tail_of(alert: &Alert, signal: &Signal, series: &Series, n: usize, now: Timestamp) -> Vec<Option<f64>> {
    match alert.data_at.filter(|_| matches!(signal, Signal::Metric(_))) {
        Some(to) => filled(signal, series, series.window(to, n), to),
        None => tail(signal, series, n, now),
    }
}

/// `window` of `series` ending at `to`, gaps filled where a gap means 0.
pub(super) fn filled(
    signal: &Signal,
    series: &Series,
    mut window: Vec<Option<f64>>,
    to: Timestamp,
) -> Vec<Option<f64>> {
    let (true, Some(covered)) = (absent_is_zero(signal), series.covered_to()) else { return window };
    let last = series.slot(to);
    let first_known = series.points().next().map_or(i64::MAX, |p| series.slot(p.at));
    let n = i64::try_from(window.len()).unwrap_or(0);
    for (i, slot) in window.iter_mut().enumerate() {
        let s = last - (n - 1) + i64::try_from(i).unwrap_or(0);
        if slot.is_none() && s >= first_known && series.slot_start(s + 1) <= covered {
            *slot = Some(0.0);
        }
    }
    window
}

/// Requests answered with a 5xx, percent of all, over the newest minute that is known of all that it is reckoned from. It is
/// what the rules `clb-5xx` and `alb-5xx` compare; a target group answers for its targets alone.
pub(super) fn error_share(model: &Model, id: &ResourceId, now: Timestamp) -> Option<f64> {
    let (own, behind) = match id.kind {
        Kind::ClassicElb => (Some("HTTPCode_ELB_5XX"), "HTTPCode_Backend_5XX"),
        Kind::Alb => (Some("HTTPCode_ELB_5XX_Count"), "HTTPCode_Target_5XX_Count"),
        Kind::TargetGroup => (None, "HTTPCode_Target_5XX_Count"),
        _ => return None,
    };
    let names: Vec<&str> = ["RequestCount", behind].into_iter().chain(own).collect();
    let all: Vec<_> = names.iter().map(|name| metric(model, id, name, "Sum")).collect::<Option<_>>()?;
    // What is old says nothing of now.
    for (signal, series) in &all {
        latest(signal, series, now)?;
    }
    let [requests, errors @ ..] = &all[..] else { return None };
    // Errors of one minute are no share of another's requests: both are of the newest with errors, if those are so late that
    // more may come, else of the newest with requests.
    let newest = end(requests.0, requests.1, now)?;
    let seen = errors.iter().filter_map(|(signal, series)| last_whole(signal, series, now)).map(|p| p.at).max();
    let late = LATE + SignedDuration::from_secs(requests.1.period().into());
    let at = seen.filter(|at| *at <= newest && newest.duration_since(*at) <= late).unwrap_or(newest);
    let of = |(_, series): &(&Signal, &Series)| series.at_slot(series.slot(at)).unwrap_or(0.0);
    let [behind, own @ ..] = errors else { return None };
    let (requests, behind, own) = (of(requests), of(behind), own.iter().map(of).sum::<f64>());
    // RequestCount does not hold the requests that the balancer itself answered with an error.
    let (errors, answered) = (behind + own, requests + own);
    Some(match answered {
        0.0 if errors > 0.0 => 100.0,
        0.0 => 0.0,
        _ => 100.0 * errors / answered,
    })
}

/// What a metric is counted in.
pub(super) fn unit(signal: &Signal) -> Unit {
    let name = signal.name();
    if name.ends_with("Utilization") || name.ends_with("percent") || name.contains("Percent") {
        Unit::Percent
    } else if matches!(name, "Latency" | "TargetResponseTime") {
        Unit::Seconds
    } else if name.contains("Bytes") {
        Unit::Bytes
    } else if name == "EstimatedCharges" {
        Unit::Dollars
    } else {
        Unit::Count
    }
}

/// The alert's limit, where it is one on the signal itself. A rule's expression may stand on several signals: a limit on
/// their difference or share says nothing on any one of them.
pub(super) fn limit_on(alert: &Alert, series: &Series) -> Option<f64> {
    let same_unit = alert.signal.as_ref().is_some_and(|s| unit(s) == alert.unit);
    // Not quite the same where a point was revised since.
    let seen = |v: f64| series.points().rev().take(30).any(|p| (p.value - v).abs() <= 0.05 * v.abs());
    let same_value = alert.value.is_none_or(|v| v == 0.0 || seen(v));
    alert.limit.filter(|_| same_unit && same_value)
}

/// CPU of an instance, percent.
pub(super) fn cpu(model: &Model, id: &ResourceId, now: Timestamp) -> Option<f64> {
    value(model, id, "CPUUtilization", "Average", now)
}

/// Signals of `resource` worth a graph, best first: those of its kind that have points, then any other that has.
pub(super) fn main_signals<'m>(model: &'m Model, resource: &Resource) -> Vec<(&'m Signal, &'m Series)> {
    const FIRST: [&str; 17] = [
        "SurgeQueueLength",
        "TargetResponseTime",
        "Latency",
        "RequestCount",
        "HTTPCode_Backend_5XX",
        "HTTPCode_Target_5XX_Count",
        "HTTPCode_ELB_5XX",
        "HTTPCode_ELB_5XX_Count",
        "SpilloverCount",
        "ActiveFlowCount",
        "unhealthy_targets",
        "desired_capacity",
        "in_service",
        "CPUUtilization",
        "free_addresses",
        "EstimatedCharges",
        "status_checks_failed",
    ];
    let mut found: Vec<_> = model.series_of(&resource.id).filter(|(_, s)| s.last().is_some()).collect();
    let rank = |s: &Signal| FIRST.iter().position(|n| *n == s.name()).unwrap_or(FIRST.len());
    found.retain(|(s, _)| !matches!(s.name(), "min_size" | "max_size" | "total_targets" | "healthy_targets"));
    found.retain(|(s, _)| !matches!(s, Signal::Api(api) if api.is_of_zones()));
    let quiet = |s: &Series| s.points().all(|p| p.value == 0.0);
    found.retain(|(signal, s)| signal.name() == "SurgeQueueLength" || !quiet(s));
    found.sort_by_key(|(s, _)| rank(s));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metric;

    #[test]
    fn a_period_counts_when_it_was_read_after_it_had_settled() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let minute = |n: i64| start + SignedDuration::from_mins(n);
        let signal = Signal::Metric(Metric::new("AWS/ELB", "RequestCount", "Sum", 60));
        let mut series = Series::new(60);
        for (n, v) in [(0, 100.0), (1, 100.0), (2, 40.0)] {
            series.put(minute(n), v);
        }
        for (read, wanted) in [(185, [None, Some(100.0), Some(100.0)]), (239, [None, Some(100.0), Some(100.0)])] {
            let at = start + SignedDuration::from_secs(read);
            series.cover(minute(3), at);
            assert_eq!(tail(&signal, &series, 3, minute(9)), wanted, "read at {read} s");
            assert_eq!(latest(&signal, &series, at), Some(100.0));
        }
        series.cover(minute(3), minute(4));
        assert_eq!(tail(&signal, &series, 3, minute(9)), [Some(100.0), Some(100.0), Some(40.0)]);
    }
}
