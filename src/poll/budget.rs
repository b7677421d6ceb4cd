//! What the metrics may cost: over all scopes, since they are on one bill or at least one conscience.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::cost::monthly;
use super::fit::within;
use super::{Demand, Query};
use crate::model::{Kind, Scope};

/// Most times less often than its period a metric is read, whatever the budget.
const MAX_SLOWDOWN: u32 = 60;

/// What the metrics cost, and what the budget does about it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// US dollars a month at the demand's own periods.
    pub wanted: f64,
    /// US dollars a month as it is read now.
    pub projected: f64,
    /// How many times less often than its period each metric is read: 1 within the budget.
    pub slowdown: u32,
    /// How many windows that would slide are on the clock's grid, for the sake of the budget.
    pub on_grid: usize,
}

/// What reading the metrics of `demand` costs, each read once a step but at most once `every` so long, and what a budget of
/// `dollars` a month does about it. The bill is read whatever the budget.
#[must_use]
pub fn cost_within(demand: &Demand, every: Duration, dollars: f64) -> Cost {
    let (budget, every) = (Budget::new(dollars), every.as_secs_f64());
    let fitted = budget.fit(demand, every);
    let metrics = |q: &&Query| q.resource.kind != Kind::Bill;
    let members = fitted.all_group_members().into_iter().filter(|q| metrics(&q)).collect();
    budget.want(&Scope::new("", ""), monthly(fitted.queries.iter().filter(metrics), members, every));
    budget.cost()
}

/// The budget and what each scope wants of it.
#[derive(Debug)]
pub(super) struct Budget {
    dollars: f64,
    wanted: Mutex<BTreeMap<Scope, f64>>,
    on_grid: AtomicUsize,
}

impl Budget {
    pub(super) fn new(dollars: f64) -> Self {
        Self { dollars: dollars.max(0.0), wanted: Mutex::default(), on_grid: AtomicUsize::new(0) }
    }

    /// `demand`, of all scopes, with as many windows sliding as the budget allows when a metric is read at most once a
    /// `floor`.
    pub(super) fn fit<'d>(&self, demand: &'d Demand, floor: f64) -> Cow<'d, Demand> {
        let (fitted, on_grid) = within(demand, self.dollars, floor);
        self.on_grid.store(on_grid, Ordering::Relaxed);
        fitted
    }

    /// Takes over what `scope` wants to spend a month.
    pub(super) fn want(&self, scope: &Scope, dollars: f64) {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).insert(scope.clone(), dollars);
    }

    pub(super) fn slowdown(&self) -> u32 {
        self.cost().slowdown
    }

    pub(super) fn cost(&self) -> Cost {
        let wanted: f64 = self.wanted.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
        // The smallest whole number of periods that keeps to the budget.
        let slowdown = (1..MAX_SLOWDOWN).find(|n| wanted <= self.dollars * f64::from(*n)).unwrap_or(MAX_SLOWDOWN);
        Cost {
            wanted,
            projected: wanted / f64::from(slowdown),
            slowdown,
            on_grid: self.on_grid.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::super::cost::monthly;
    use super::*;
    use crate::model::{Kind, Metric, ResourceId};

    #[test]
    fn windows_that_slide_go_to_the_grid_before_anything_is_slower() {
        let scope = Scope::new("a", "r");
        let query = Query {
            resource: ResourceId::new(&scope, Kind::ClassicElb, "web"),
            metric: Metric::new("AWS/ELB", "Latency", "p99", 300).sliding(60),
            dimensions: Vec::new(),
            history: 0,
            awaited: false,
        };
        let demand = Demand { queries: vec![query], ..Demand::default() };
        for (dollars, slide, on_grid, slowdown) in [(1.0, 60, 0, 1), (0.1, 0, 1, 1), (0.05, 0, 1, 2)] {
            let b = Budget::new(dollars);
            let fitted = b.fit(&demand, 60.0);
            assert_eq!(fitted.queries[0].metric.slide, slide, "{dollars}");
            b.want(&scope, monthly(fitted.metrics(&scope), Vec::new(), 60.0));
            let cost = b.cost();
            assert_eq!((cost.on_grid, cost.slowdown), (on_grid, slowdown), "{dollars}");
        }
    }

    #[test]
    fn what_is_beyond_the_budget_is_read_less_often() {
        for (budget, wanted, slowdown) in
            [(30.0, 0.0, 1), (30.0, 30.0, 1), (30.0, 30.5, 2), (30.0, 91.0, 4), (0.0, 1.0, MAX_SLOWDOWN)]
        {
            let b = Budget::new(budget);
            b.want(&Scope::new("a", "r"), wanted / 2.0);
            b.want(&Scope::new("a", "s"), wanted / 2.0);
            let cost = b.cost();
            assert_eq!(cost.slowdown, slowdown, "{wanted} of {budget}");
            assert!(budget == 0.0 || cost.projected <= budget);
        }
    }
}
