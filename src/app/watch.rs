//! What is known and what is wrong, kept in step: the part of the core that the console, the wall, the check and a
//! replay share.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::alerts::{Alerts, Transition};
use crate::model::{Body, Changes, Kind, Metric, Model, Observation, PollerKind, ResourceId, Text};
use crate::poll::{Demand, Query, cost_a_day, read_every};
use crate::rules::{Evaluator, MetricDemand, Rule, RuleContext, RuleSet};
use crate::ui::Slowed;

/// Longest time between two evaluations while nothing is learnt: `for`, staleness and windows move with the clock.
const EVALUATE_AT_LEAST: SignedDuration = SignedDuration::from_secs(5);

/// Of so many looks at the rules, one is held against a look at everything: all of them would take most of the time.
const HELD_EVERY: u32 = 40;
/// Up to so many series a debug build looks at everything too.
const FEW: usize = 500;

/// The model with the rules over it.
#[derive(Debug)]
pub struct Watch {
    /// What is known.
    pub model: Model,
    /// The rules in force.
    pub rules: RuleSet,
    /// What the rules are told besides.
    pub context: RuleContext,
    /// What a person must be told.
    pub alerts: Alerts,
    evaluator: Evaluator,
    demand: Demand,
    /// What the page in view needs besides.
    in_view: Vec<(ResourceId, Metric)>,
    /// Kept, because every frame shows it; `None` until it was found out.
    cost_a_day: Option<f64>,
    /// How many of the alarms that are read cost what nobody here knows.
    unpriced: usize,
    stale_demand: bool,
    evaluate: bool,
    evaluated_at: Option<Timestamp>,
    /// How often the rules were looked at.
    looks: u32,
}

impl Watch {
    /// An empty model under `rules`.
    #[must_use]
    pub fn new(rules: RuleSet, context: RuleContext) -> Self {
        Self {
            model: Model::default(),
            alerts: Alerts::under(&rules),
            rules,
            context,
            evaluator: Evaluator::default(),
            demand: Demand::default(),
            in_view: Vec::new(),
            cost_a_day: None,
            unpriced: 0,
            stale_demand: true,
            evaluate: true,
            evaluated_at: None,
            looks: 0,
        }
    }

    /// What is known and what is wrong, for another one to go on from: what follows is the same.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            model: self.model.clone(),
            rules: self.rules.clone(),
            context: self.context.clone(),
            alerts: self.alerts.clone(),
            // It looks at everything anew, which comes to the same.
            evaluator: Evaluator::default(),
            demand: self.demand.clone(),
            in_view: self.in_view.clone(),
            ..*self
        }
    }

    /// Takes an observation in. Rules are looked at when a run ends, not at each of its pieces.
    pub fn observe(&mut self, observation: &Observation) -> Changes {
        let changes = self.model.apply(observation);
        self.evaluator.note(&changes, self.model.revision());
        // Health and statuses come by the hundred, and no metric is wanted for them.
        self.stale_demand |=
            matches!(observation.body, Body::Inventory { .. } | Body::Gone(_)) && !changes.resources.is_empty();
        self.evaluate |= matches!(observation.body, Body::Outcome(_));
        changes
    }

    /// Takes what the page in view needs besides what rules do.
    pub fn want(&mut self, in_view: Vec<(ResourceId, Metric)>) {
        self.stale_demand |= in_view != self.in_view;
        self.in_view = in_view;
    }

    /// Lets [`demand`](Self::demand) say again what it said before: others will read it from now on.
    pub fn forget_demand(&mut self) {
        self.demand = Demand::default();
        self.stale_demand = true;
    }

    /// The metrics to read from now on, if that differs from what was last returned.
    pub fn demand(&mut self) -> Option<Demand> {
        if !std::mem::take(&mut self.stale_demand) {
            return None;
        }
        let queries = self
            .rules
            .demand(&self.model, &self.context)
            .into_iter()
            .map(|MetricDemand { resource, metric, dimensions, history, awaited }| Query {
                resource,
                metric,
                dimensions,
                history,
                awaited,
            })
            .collect();
        let mut demand = Demand { queries, groups: self.rules.groups(&self.model, &self.context) };
        let known: BTreeSet<(&ResourceId, &Metric)> = demand.queries.iter().map(|q| (&q.resource, &q.metric)).collect();
        let more = self.in_view.iter().filter(|(id, metric)| !known.contains(&(id, metric)));
        let more = more.filter_map(|(id, metric)| Query::of(self.model.resource(id)?, metric.clone()));
        let more: Vec<Query> = more.collect();
        demand.queries.extend(more);
        self.cost_a_day = Some(cost_a_day(&demand));
        self.unpriced = demand.groups.iter().filter(|g| g.is_unpriced()).count();
        if demand == self.demand {
            return None;
        }
        self.demand = demand.clone();
        Some(demand)
    }

    /// Looks at the rules if something was learnt, or enough time passed, since they were last looked at.
    ///
    /// Returns what changed, or `None` when they were not looked at.
    pub fn evaluate(&mut self, now: Timestamp) -> Option<Vec<Transition>> {
        let due = self.evaluated_at.is_none_or(|at| now.duration_since(at) >= EVALUATE_AT_LEAST || now < at);
        (self.evaluate || due).then(|| self.evaluate_now(now))
    }

    /// Looks at the rules, and returns what changed.
    pub fn evaluate_now(&mut self, now: Timestamp) -> Vec<Transition> {
        self.evaluate = false;
        self.evaluated_at = Some(now);
        let looked = self.evaluator.look(&self.rules, &self.model, &self.context, now);
        self.looks = self.looks.wrapping_add(1);
        self.hold_against_all(now);
        self.alerts.update(looked.news(), &self.model, now)
    }

    /// In debug builds, which all tests are, what was looked at must come to the same as everything.
    fn hold_against_all(&self, now: Timestamp) {
        let its_turn = self.looks.is_multiple_of(HELD_EVERY);
        if cfg!(debug_assertions) && its_turn && self.model.series_count() <= FEW {
            let differs = self.evaluator.differs(&self.rules, &self.model, now);
            debug_assert_eq!(differs, None, "something changed that no `Again` tells of");
        }
    }

    /// The pollers without which some rule cannot be evaluated. Nobody asks for the bill where no rule needs the charges, and
    /// no alarm of CloudWatch's own that is known by now watches them.
    #[must_use]
    pub fn pollers_needed(&self) -> BTreeSet<PollerKind> {
        let mut needed = self.rules.pollers_needed();
        let watched = self.demand.queries.iter().any(|q| q.resource.kind == Kind::Bill);
        if !watched && !self.rules.need_the_charges(&self.context) {
            needed.remove(&PollerKind::Bill);
        }
        needed
    }

    /// The ids and titles of the rules that are looked at.
    #[must_use]
    pub fn rule_names(&self) -> Vec<(Text, Text)> {
        self.rules.rules().iter().filter(|r| r.enabled).map(|r| (r.id.clone(), r.title.clone())).collect()
    }

    /// The rules that are looked at less often where the budget lets metrics be read `slowdown` times less often, those
    /// that wait longest first.
    #[must_use]
    pub fn slowed(&self, slowdown: u32) -> Vec<Slowed> {
        if slowdown <= 1 {
            return Vec::new();
        }
        let slowed = |rule: &Rule| {
            let alone = self.rules.only(|r| r.id == rule.id);
            let demand = alone.demand(&self.model, &self.context);
            // The bill is read as often as its poller runs, whatever the budget.
            let metrics = demand.iter().filter(|d| d.resource.kind != Kind::Bill).map(|d| d.metric.period);
            let period = metrics.chain(alone.groups(&self.model, &self.context).iter().map(|g| g.period)).min()?;
            let every = |slowdown| read_every(period, period, slowdown);
            Some(Slowed { rule: rule.id.clone(), usual: every(1), every: every(slowdown) })
        };
        let mut all: Vec<Slowed> = self.rules.rules().iter().filter(|r| r.enabled).filter_map(slowed).collect();
        all.sort_by(|a, b| (b.every, &a.rule).cmp(&(a.every, &b.rule)));
        all
    }

    /// How many rules are looked at.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.rules.rules().iter().filter(|r| r.enabled).count()
    }

    /// How many alarms are read whose price is not known, and not in [`cost_a_day`](Self::cost_a_day).
    #[must_use]
    pub fn unpriced(&self) -> usize {
        self.unpriced
    }

    /// What reading the demanded metrics costs, in US dollars a day; `None` while nobody asked for the
    /// [`demand`](Self::demand).
    #[must_use]
    pub fn cost_a_day(&self) -> Option<f64> {
        self.cost_a_day
    }
}
