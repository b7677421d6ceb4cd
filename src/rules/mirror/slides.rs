//! Which alarms look through a window that slides, and by how much.
//!
//! CloudWatch evaluates an alarm of a minute or more each minute, over the periods that end then, and not on the clock's
//! grid (user guide, "Evaluating an alarm").

use crate::model::{AlarmMetric, Kind, Metric, MetricGroup, Model, Resource, Scope, Series, Text};
use crate::rules::context::AlarmWindow;
use crate::rules::math::published;

/// Most steps of a window within its period: what each costs is a metric requested.
const MOST_STEPS: u32 = 15;
/// Above this period steps are whole multiples of five minutes, since CloudWatch keeps no others for long.
const HOUR: u32 = 3600;

/// By how much a window of `period` seconds slides: a minute, or for periods over 15 minutes the least whole minutes that
/// divide it into no more than 15 steps. `None` where there are none such, and for periods of a minute or less.
fn step_of(period: u32) -> Option<u32> {
    let unit = if period <= HOUR { 60 } else { 300 };
    let mut steps = (1..).map(|i| unit * i).take_while(|step| *step < period);
    steps.find(|step| period.is_multiple_of(*step) && period / step <= MOST_STEPS)
}

/// The step of a window of `period` seconds that is looked back through over `history` seconds, where so much is kept.
fn kept_step(period: u32, history: u32) -> Option<u32> {
    step_of(period).filter(|step| history / step <= Series::MAX_SLOTS)
}

/// `metric`, which is of the resource `of` if that is known, as an alarm on it looks at it over `history` seconds.
pub(super) fn seen(metric: Metric, of: Option<&Resource>, history: u32, window: AlarmWindow) -> Metric {
    match kept_step(metric.period, history).filter(|_| window == AlarmWindow::Sliding && has_news(&metric, of)) {
        Some(step) => metric.sliding(step),
        None => metric,
    }
}

/// What an alarm computes, as it looks at it.
pub(super) fn seen_group(model: &Model, group: MetricGroup, window: AlarmWindow) -> MetricGroup {
    let of_one_period = group.members().all(|(_, m)| m.period == group.period);
    let news = |m: &AlarmMetric| has_news(&m.metric(), owner(model, &group.of.scope, &m.metric(), &m.dimensions));
    let slides = window == AlarmWindow::Sliding && of_one_period && group.members().any(|(_, m)| news(m));
    let step = kept_step(group.period, group.history).filter(|_| slides);
    MetricGroup { slide: step.unwrap_or(0), ..group }
}

fn owner<'m>(model: &'m Model, scope: &Scope, metric: &Metric, dimensions: &[(Text, Text)]) -> Option<&'m Resource> {
    model.with_dimensions(scope, metric, dimensions)
}

/// Whether `metric` of the resource `of` may have a new point each minute, as far as that is known.
fn has_news(metric: &Metric, of: Option<&Resource>) -> bool {
    match metric.namespace.as_str() {
        "AWS/Billing" => false,
        "AWS/S3" => !matches!(metric.name.as_str(), "BucketSizeBytes" | "NumberOfObjects"),
        "AWS/EC2" if metric.name.starts_with("StatusCheckFailed") => true,
        // Credits and packets are published every five minutes, whatever the monitoring.
        "AWS/EC2" if ["CPUCredit", "CPUSurplus", "NetworkPackets"].iter().any(|n| metric.name.starts_with(n)) => false,
        "AWS/EC2" => of.is_none_or(|of| of.id.kind == Kind::Alarm || published("AWS/EC2", of) <= 60),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Detail, Instance};
    use crate::rules::testing::resource;

    #[test]
    fn a_step_is_a_minute_or_a_fifteenth_of_the_period_or_more() {
        for (period, step) in [
            (30, None),
            (60, None),
            (120, Some(60)),
            (300, Some(60)),
            (900, Some(60)),
            (960, Some(120)),
            (1020, None),
            (1800, Some(120)),
            (3600, Some(240)),
            (21_600, Some(1800)),
            (86_400, Some(7200)),
        ] {
            assert_eq!(step_of(period), step, "{period}");
        }
        assert_eq!((kept_step(300, 3_200 * 60), kept_step(300, 3_201 * 60)), (Some(60), None), "too far back");
    }

    #[test]
    fn what_brings_no_news_each_minute_does_not_slide() {
        let instance = |detailed_monitoring| {
            resource(Kind::Instance, "i-1", Detail::Instance(Instance { detailed_monitoring, ..Instance::default() }))
        };
        let (basic, detailed) = (instance(false), instance(true));
        for (namespace, name, of, slides) in [
            ("AWS/ELB", "Latency", None, true),
            ("Shop/Jobs", "Age", None, true),
            ("AWS/Billing", "EstimatedCharges", None, false),
            ("AWS/S3", "BucketSizeBytes", None, false),
            ("AWS/S3", "5xxErrors", None, true),
            ("AWS/EC2", "CPUUtilization", Some(&basic), false),
            ("AWS/EC2", "CPUUtilization", Some(&detailed), true),
            ("AWS/EC2", "StatusCheckFailed", Some(&basic), true),
            ("AWS/EC2", "CPUCreditBalance", Some(&detailed), false),
        ] {
            let metric = Metric::new(namespace, name, "Average", 300);
            let found = seen(metric.clone(), of, 0, AlarmWindow::Sliding);
            assert_eq!(found.slide, if slides { 60 } else { 0 }, "{namespace} {name}");
            assert_eq!(seen(metric.clone(), of, 0, AlarmWindow::Grid), metric);
        }
    }
}
