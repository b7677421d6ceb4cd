//! The metrics that a rule reads.

use super::bill_metric;
use super::catalogue::published_every;
use super::math::Math;
use super::rule::{Input, InputSource, Rule, Subject};
use crate::model::{ApiSignal, METRIC_MATH, Metric, Resource, Signal};

impl Rule {
    /// The metrics whose series it reads of `resource`, each once, whether or not it looks at that very resource. What
    /// CloudWatch computes for it is one of these; the metrics of that are in [`Rule::billed_metrics`].
    #[must_use]
    pub fn metrics(&self, resource: &Resource) -> Vec<Metric> {
        let mut metrics = Vec::new();
        let inputs = self.quantities().flat_map(|q| &q.inputs);
        let read = inputs.filter_map(|i| match i.source.signal(resource) {
            Signal::Metric(m) => Some(m),
            Signal::Api(_) => None,
        });
        let bill = matches!(self.subject, Subject::Bill(_));
        for metric in read.chain(bill.then(bill_metric)) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        metrics
    }

    /// How far back it looks at the metrics that it reads of `resource`, in seconds; 0: over what is kept anyway. And
    /// whether it waits for them though they have no point for long.
    pub(crate) fn histories(&self, resource: &Resource) -> impl Iterator<Item = (Metric, u32, bool)> {
        self.quantities().flat_map(move |q| {
            q.inputs.iter().filter_map(move |i| match i.source.signal(resource) {
                Signal::Metric(m) => {
                    let history = self.history(q, m.period);
                    Some((m, history, q.awaits()))
                }
                Signal::Api(_) => None,
            })
        })
    }

    /// The metrics that CloudWatch bills for it on `resource`, each once.
    #[must_use]
    pub fn billed_metrics(&self, resource: &Resource) -> Vec<Metric> {
        let mut metrics = self.metrics(resource);
        metrics.retain(|m| m.namespace != *METRIC_MATH);
        for (_, metric) in self.maths().flat_map(|math| math.of(resource)) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        metrics
    }

    /// Whether what it reads of a resource rests on pollers of other scopes: what an account costs rests on every region.
    pub(super) fn rests_on_other_scopes(&self) -> bool {
        let burns = |s: &InputSource| {
            matches!(s, InputSource::Api(ApiSignal::DollarsPerHour | ApiSignal::DollarsPerHourBaseline))
        };
        self.quantities().flat_map(|q| &q.inputs).any(|i| burns(&i.source))
    }

    /// Whether what it says may rest on metrics, and whether it may rest on numbers that Describe calls give.
    pub(super) fn rests_on(&self) -> (bool, bool) {
        if !matches!(self.subject, Subject::Series(_)) {
            return (true, true);
        }
        let is_number = |i: &Input| matches!(i.source, InputSource::Api(_));
        let inputs = || self.quantities().flat_map(|q| &q.inputs);
        (inputs().any(|i| !is_number(i)), inputs().any(is_number))
    }

    /// Whether it reads what CloudWatch's own alarms read.
    #[must_use]
    pub fn mirrors_alarms(&self) -> bool {
        matches!(self.subject, Subject::Alarms)
    }

    /// The metrics that CloudWatch bills for it on a resource of which AWS publishes as often as of any, each once.
    #[must_use]
    pub fn usual_metrics(&self) -> Vec<Metric> {
        let mut metrics = Vec::new();
        let inputs = self.quantities().flat_map(|q| &q.inputs);
        let read = inputs.filter_map(|i| match &i.source {
            InputSource::Metric { namespace, name, stat, period } => {
                let published = published_every(namespace);
                let period = period.map_or(published, |p| p.max(published));
                Some(Metric { namespace: namespace.clone(), name: name.clone(), stat: stat.clone(), period, slide: 0 })
            }
            InputSource::Api(_) | InputSource::Math(_) => None,
        });
        let bill = matches!(self.subject, Subject::Bill(_));
        for metric in read.chain(self.maths().flat_map(Math::usual)).chain(bill.then(bill_metric)) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        metrics
    }
}
