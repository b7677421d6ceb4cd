//! The metrics that a rule reads.

use super::bill_metric;
use super::rule::{Rule, Subject};
use crate::model::{Metric, Resource, Signal};

impl Rule {
    /// The metrics that it reads of `resource`, each once, whether or not it looks at that very resource.
    #[must_use]
    pub fn metrics(&self, resource: &Resource) -> Vec<Metric> {
        let mut metrics = Vec::new();
        let inputs = self.quantities().flat_map(|q| &q.inputs);
        let read = inputs.filter_map(|i| match i.source.signal(resource) {
            Signal::Metric(m) => Some(m),
            Signal::Api(_) => None,
        });
        let bill = matches!(self.subject, Subject::BudgetPercent | Subject::ForecastPercent);
        for metric in read.chain(bill.then(bill_metric)) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        metrics
    }
}
