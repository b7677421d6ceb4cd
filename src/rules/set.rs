//! A set of rules, and what can be asked of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{MetricDemand, RuleContext, RuleError, RuleSource, Verdict};
use crate::model::{Model, PollerKind, ResourceId};

/// Rules, in order of their ids.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {}

impl RuleSet {
    /// The rules that come with the program.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// The built-in rules, extended and overridden key by key: first by `files` (each `[[rule]]` in the order given),
    /// then by `overrides`, whose `[rules.<id>]` tables hold the same keys and whose other tables are not looked at, so
    /// that a whole configuration file may be given.
    pub fn load(files: &[RuleSource<'_>], overrides: &[RuleSource<'_>]) -> Result<Self, Vec<RuleError>> {
        let _ = (files, overrides);
        Ok(Self::default())
    }

    /// The metrics that the rules need read, each once, by resource and metric.
    #[must_use]
    pub fn demand(&self, model: &Model, context: &RuleContext) -> Vec<MetricDemand> {
        let _ = (self, model, context);
        Vec::new()
    }

    /// The pollers without which some rule cannot be evaluated.
    #[must_use]
    pub fn pollers_needed(&self) -> BTreeSet<PollerKind> {
        let _ = self;
        BTreeSet::new()
    }

    /// What every rule says of every resource it applies to, by rule and resource.
    #[must_use]
    pub fn evaluate(&self, model: &Model, context: &RuleContext, now: Timestamp) -> Vec<Verdict> {
        let _ = (self, model, context, now);
        Vec::new()
    }

    /// What every rule says of `resource`.
    #[must_use]
    pub fn evaluate_resource(
        &self,
        model: &Model,
        context: &RuleContext,
        now: Timestamp,
        resource: &ResourceId,
    ) -> Vec<Verdict> {
        let _ = (self, model, context, now, resource);
        Vec::new()
    }
}
