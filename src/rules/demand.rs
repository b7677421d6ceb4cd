//! What the rules need read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::reading::publishes;
use super::rule::Subject;
use super::{MetricDemand, Mirror, RuleContext, RuleSet, bill_metric};
use crate::model::{Metric, Model, ResourceId, Text, metric_dimensions};

/// Names and values.
pub(super) type Dimensions = Vec<(Text, Text)>;

impl RuleSet {
    /// The metrics that the rules need read, each once, by resource and metric, with how far back.
    #[must_use]
    pub fn demand(&self, model: &Model, context: &RuleContext) -> Vec<MetricDemand> {
        let mut wanted: BTreeMap<(&ResourceId, Metric), (Dimensions, u32, bool)> = BTreeMap::new();
        let mirror = Mirror::new(model, context.mode, Timestamp::MIN);
        for rule in self.enabled() {
            for (resource, metric, dimensions, history) in mirror.demand(rule, context.window) {
                let known = wanted.entry((resource, metric)).or_insert((dimensions, history, true));
                (known.1, known.2) = (known.1.max(history), true);
            }
            let bill =
                matches!(rule.subject, Subject::Bill(figure) if context.budget.is_some() || !figure.needs_budget());
            for resource in rule.kinds().iter().flat_map(|k| model.of_kind(*k)) {
                if !rule.applies_to(resource) || !publishes(resource) {
                    continue;
                }
                let metrics = rule.histories(resource);
                for (metric, history, awaited) in metrics.chain(bill.then(|| (bill_metric(), 0, false))) {
                    if let Some(dimensions) = metric_dimensions(resource, &metric) {
                        let known = wanted.entry((&resource.id, metric)).or_insert((dimensions, 0, false));
                        known.1 = known.1.max(history);
                        known.2 |= awaited;
                    }
                }
            }
        }
        wanted
            .into_iter()
            .map(|((resource, metric), (dimensions, history, awaited))| MetricDemand {
                resource: resource.clone(),
                metric,
                dimensions,
                history,
                awaited,
            })
            .collect()
    }
}
