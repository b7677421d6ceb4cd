//! What the metrics may cost: over all scopes, since they are on one bill or at least one conscience.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Scope;

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
}

/// How many times less often than its period each metric is read where all of them would cost `wanted` dollars a month and
/// may cost `budget`: the smallest whole number of periods that keeps to it.
#[must_use]
pub fn slowdown(wanted: f64, budget: f64) -> u32 {
    (1..MAX_SLOWDOWN).find(|n| wanted <= budget.max(0.0) * f64::from(*n)).unwrap_or(MAX_SLOWDOWN)
}

/// The budget and what each scope wants of it.
#[derive(Debug)]
pub(super) struct Budget {
    dollars: f64,
    wanted: Mutex<BTreeMap<Scope, f64>>,
}

impl Budget {
    pub(super) fn new(dollars: f64) -> Self {
        Self { dollars: dollars.max(0.0), wanted: Mutex::default() }
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
        let slowdown = slowdown(wanted, self.dollars);
        Cost { wanted, projected: wanted / f64::from(slowdown), slowdown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
