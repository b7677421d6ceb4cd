//! A set of rules, and what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::reading::{poller_of, said_until, scoped, tags_unread};
use super::rule::{InputSource, Need, Quantity, Subject};
use super::series::loudest;
use super::{
    Basis, Comparison, Mirror, Rule, RuleContext, RuleError, RuleFiles, RuleSource, Standing, Unit, Verdict, bill,
    detail, events, math, mirror, pollers, series,
};
use crate::model::{Kind, MetricGroup, Model, PollerKind, Resource, ResourceId, Signal, Source, Text};

/// The id of the one trail of a scope.
const TRAIL: &str = "management-events";
/// What is said in the title's place where all points that are compared are missing, and that counts as a breach.
const NO_DATA: &str = "no data, which counts as a breach";

/// Rules, in order of their ids.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Arc<[Rule]>,
}

impl RuleSet {
    /// The rules that come with the program.
    #[must_use]
    pub fn builtin() -> Self {
        // The files are part of the program, and a test holds that they are right.
        Self::load(&[], &[]).unwrap_or_default()
    }

    /// The built-in rules, extended and overridden key by key: first by `files` (each `[[rule]]` in the order given),
    /// then by `overrides`, whose `[rules.override.<id>]` tables hold the same keys and whose other tables are not looked at, so
    /// that a whole configuration file may be given.
    ///
    /// # Errors
    ///
    /// Every mistake, by file and line.
    pub fn load(files: &[RuleSource<'_>], overrides: &[RuleSource<'_>]) -> Result<Self, Vec<RuleError>> {
        let mut errors = Vec::new();
        let mut written = RuleFiles::builtin().clone();
        for source in files {
            written.add(source, &mut errors);
        }
        for source in overrides {
            written.override_with(source, &mut errors);
        }
        written.resolve(errors)
    }

    /// The set of `rules`, each of which has an id of its own.
    pub(super) fn of(mut rules: Vec<Rule>) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        // The rule about pollers that is looked at alone keeps what it was told of the others.
        if rules.len() > 1 {
            let needs = needs(&rules);
            let by_tags: Vec<Rule> = rules.iter().filter(|r| r.enabled && r.goes_by_tags()).cloned().collect();
            for rule in rules.iter_mut().filter(|r| matches!(r.subject, Subject::Pollers)) {
                rule.needs.clone_from(&needs);
                rule.by_tags.clone_from(&by_tags);
            }
        }
        Self { rules: rules.into() }
    }

    /// These rules, those that `keep` holds for.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Rule) -> bool) -> Self {
        Self::of(self.rules.iter().filter(|r| keep(r)).cloned().collect())
    }

    /// These rules and those of `over`, which stand in for those of the same id.
    #[must_use]
    pub fn with(&self, over: &Self) -> Self {
        let under = self.rules.iter().filter(|r| over.get(&r.id).is_none());
        Self::of(under.chain(over.rules.iter()).cloned().collect())
    }

    /// All rules, also those that are switched off, by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// They, so that another set can be told from this one.
    pub(super) fn shared(&self) -> &Arc<[Rule]> {
        &self.rules
    }

    /// The rule `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == *id)
    }

    pub(super) fn enabled(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|r| r.enabled)
    }

    /// What the alarms that are mirrored, and rules, have CloudWatch compute of several metrics, each once, by whose it is.
    #[must_use]
    pub fn groups(&self, model: &Model, context: &RuleContext) -> Vec<MetricGroup> {
        let mut groups: BTreeMap<MetricGroup, u32> = BTreeMap::new();
        for rule in self.enabled() {
            let of_alarms = mirror::groups(rule, model, context.window);
            for group in of_alarms.into_iter().chain(math::groups(rule, model)) {
                let history = group.history;
                let known = groups.entry(MetricGroup { history: 0, ..group }).or_default();
                *known = history.max(*known);
            }
        }
        groups.into_iter().map(|(group, history)| MetricGroup { history, ..group }).collect()
    }

    /// How far back the rules over events look.
    #[must_use]
    pub fn look_back(&self) -> SignedDuration {
        let windows = self.enabled().filter_map(|rule| match &rule.subject {
            Subject::Trail { window, .. } | Subject::LaunchFailures { window } => Some(*window),
            _ => None,
        });
        windows.max().unwrap_or_default()
    }

    /// The pollers without which some rule cannot be evaluated.
    #[must_use]
    pub fn pollers_needed(&self) -> BTreeSet<PollerKind> {
        let mut needed = BTreeSet::new();
        for rule in self.enabled() {
            needed.extend(rule.kinds().iter().filter_map(|k| PollerKind::lists(*k)));
            needed.extend(pollers_read(rule));
            match rule.subject {
                Subject::LaunchFailures { .. } => needed.insert(PollerKind::Activities),
                Subject::Alarms => needed.insert(PollerKind::Metrics),
                _ => false,
            };
        }
        needed
    }

    /// Whether some rule needs what AWS charges: the rules on the budget do where there is one, and those on a metric of
    /// `AWS/Billing`. What runs is known from the price list.
    #[must_use]
    pub fn need_the_charges(&self, context: &RuleContext) -> bool {
        let of_billing = |q: &Quantity| {
            let billing = |source: &InputSource| matches!(source, InputSource::Metric { namespace, .. } if *namespace == "AWS/Billing");
            q.inputs.iter().any(|i| billing(&i.source))
        };
        self.enabled().any(|rule| match rule.subject {
            Subject::Bill(figure) => context.budget.is_some() || !figure.needs_budget(),
            _ => rule.quantities().any(of_billing),
        })
    }

    /// What every rule says of every resource it applies to, by rule and resource.
    #[must_use]
    pub fn evaluate(&self, model: &Model, context: &RuleContext, now: Timestamp) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for rule in self.enabled() {
            match &rule.subject {
                Subject::Pollers | Subject::Poller { .. } => verdicts.extend(whole(rule, model, context, now)),
                Subject::Alarms => {
                    let mirror = Mirror::new(model, context.mode, now);
                    verdicts.extend(model.of_kind(Kind::Alarm).filter_map(|r| mirror.verdict(rule, r)));
                }
                Subject::Trail { .. } => {
                    let told = trails(model).into_iter().filter_map(|id| on_trail(rule, model, context, now, &id));
                    verdicts.extend(told.map(|(verdict, _)| verdict));
                }
                _ => {
                    let resources = rule.kinds().iter().flat_map(|k| model.of_kind(*k));
                    let told = resources.filter_map(|r| on_resource(rule, model, context, now, r));
                    verdicts.extend(told.map(|(verdict, _)| verdict));
                }
            }
        }
        verdicts
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
        let known = model.resource(resource);
        self.enabled()
            .flat_map(|rule| match &rule.subject {
                Subject::Pollers | Subject::Poller { .. } if resource.kind == Kind::Poller => {
                    let mut verdicts = whole(rule, model, context, now);
                    verdicts.retain(|v| v.resource == *resource);
                    verdicts
                }
                Subject::Trail { .. } if resource.kind == Kind::Trail => {
                    on_trail(rule, model, context, now, resource).map(|(v, _)| v).into_iter().collect()
                }
                Subject::Pollers | Subject::Poller { .. } | Subject::Trail { .. } => Vec::new(),
                Subject::Alarms => {
                    let mirror = Mirror::new(model, context.mode, now);
                    known.and_then(|r| mirror.verdict(rule, r)).into_iter().collect()
                }
                _ => {
                    known.and_then(|r| on_resource(rule, model, context, now, r)).map(|(v, _)| v).into_iter().collect()
                }
            })
            .collect()
    }
}

/// The pollers that bring the numbers of `rule`.
fn pollers_read(rule: &Rule) -> impl Iterator<Item = PollerKind> {
    rule.kinds().iter().flat_map(|kind| {
        rule.quantities().flat_map(|q| &q.inputs).map(|input| match &input.source {
            InputSource::Api(api) => poller_of(&Signal::Api(*api), *kind),
            InputSource::Metric { namespace, .. } if *namespace == "AWS/Billing" => PollerKind::Bill,
            InputSource::Metric { .. } | InputSource::Math(_) => PollerKind::Metrics,
        })
    })
}

/// Which of `rules`, where they are enabled, need pollers that may be left out of a policy.
fn needs(rules: &[Rule]) -> Vec<Need> {
    let of = |rule: &Rule| {
        let optional: BTreeSet<PollerKind> = pollers_read(rule).filter(|p| p.is_optional()).collect();
        let (id, kinds, select) = (rule.id.clone(), rule.kinds.clone(), rule.select.clone());
        optional.into_iter().map(move |poller| Need {
            rule: id.clone(),
            poller,
            kinds: kinds.clone(),
            select: select.clone(),
        })
    };
    rules.iter().filter(|r| r.enabled).flat_map(of).collect()
}

/// The trails there are: one a scope in which their poller runs.
pub(super) fn trails(model: &Model) -> Vec<ResourceId> {
    scoped(model, PollerKind::Trail, Kind::Trail, TRAIL)
}

/// What `rule`, which is not looked at resource by resource, says.
pub(super) fn whole(rule: &Rule, model: &Model, context: &RuleContext, now: Timestamp) -> Vec<Verdict> {
    match &rule.subject {
        Subject::Pollers => pollers::evaluate(rule, model, context, now),
        Subject::Poller { figure, window } => pollers::figures(rule, *figure, *window, model, now),
        _ => Vec::new(),
    }
}

/// What a look at a pair brought.
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once, and there is one at a time")]
pub(super) enum LookedAt {
    /// The rule says nothing of it.
    Nothing,
    /// It was OK and is: not worth telling.
    StillOk,
    Verdict(Verdict),
}

/// What `rule` says of `id`, of which `resource` is known, and when what it reads may make that another with no news.
pub(super) fn look_at(
    rule: &Rule,
    model: &Model,
    context: &RuleContext,
    now: Timestamp,
    id: &ResourceId,
    resource: Option<&Resource>,
    was_ok: bool,
) -> (LookedAt, Again) {
    let told = match &rule.subject {
        Subject::Trail { .. } => {
            let runs = model.poller(&Source { scope: id.scope.clone(), poller: PollerKind::Trail }).is_some();
            if runs && *id.id == *TRAIL { on_trail(rule, model, context, now, id) } else { None }
        }
        Subject::Pollers | Subject::Poller { .. } | Subject::Alarms => None,
        _ if resource.is_some_and(|r| rule.lacks_tags_of(r, now)) => {
            resource.map(|r| without_tags(rule, model, r, now))
        }
        Subject::Series(own) => match resource.filter(|r| rule.applies_to(r)) {
            Some(resource) => match on_series(rule, own, model, context, now, resource, was_ok) {
                Some((None, again)) => return (LookedAt::StillOk, again),
                told => told.and_then(|(verdict, again)| Some((verdict?, again))),
            },
            None => None,
        },
        _ => resource.and_then(|r| on_resource(rule, model, context, now, r)),
    };
    match told {
        Some((verdict, again)) => (LookedAt::Verdict(verdict), again),
        None => (LookedAt::Nothing, Again::ON_NEWS),
    }
}

/// When `rule` may say something else of what it looks at, whatever it reads: whether it applies is in the resource, its
/// series and how its pollers stand; which limits do may be in the time.
pub(super) fn turns(rule: &Rule, now: Timestamp) -> Again {
    match rule.turns_after(now) {
        _ if rule.rests_on_other_scopes() => Again::EACH_PASS,
        Some(at) => Again::at(at),
        None => Again::ON_NEWS,
    }
}

/// A verdict, and when it may be another with no news.
type Told = (Verdict, Again);

fn on_trail(rule: &Rule, model: &Model, context: &RuleContext, now: Timestamp, id: &ResourceId) -> Option<Told> {
    let Subject::Trail { pattern, window } = &rule.subject else { return None };
    let resource =
        Resource { id: id.clone(), name: id.id.clone(), tags: BTreeMap::new(), detail: crate::model::Detail::None };
    let resource = model.resource(id).unwrap_or(&resource);
    if !rule.applies_to(resource) {
        return None;
    }
    let (finding, level, detail) = events::trail(rule, pattern, *window, model, resource, context.mode, now)?;
    Some(told(rule, id, finding, level, detail))
}

fn on_resource(rule: &Rule, model: &Model, context: &RuleContext, now: Timestamp, resource: &Resource) -> Option<Told> {
    if rule.lacks_tags_of(resource, now) {
        return Some(without_tags(rule, model, resource, now));
    }
    if !rule.applies_to(resource) {
        return None;
    }
    let id = &resource.id;
    match &rule.subject {
        Subject::Series(own) => {
            let (verdict, again) = on_series(rule, own, model, context, now, resource, false)?;
            Some((verdict?, again))
        }
        Subject::LaunchFailures { window } => {
            let (finding, level, detail) = events::launch_failures(rule, *window, model, resource, context.mode, now)?;
            Some(told(rule, id, finding, level, detail))
        }
        Subject::Bill(figure) => {
            let (finding, level, detail) = bill::evaluate(rule, *figure, model, resource, context, now)?;
            Some(told(rule, id, finding, level, detail))
        }
        Subject::Trail { .. } | Subject::Pollers | Subject::Poller { .. } | Subject::Alarms => None,
    }
}

/// What a rule says that goes by tags, of `resource`, whose tags could not be read.
fn without_tags(rule: &Rule, model: &Model, resource: &Resource, now: Timestamp) -> Told {
    let standing = tags_unread(model, resource, now);
    let again = said_until(&standing, model, &resource.id.scope, now);
    let verdict = Verdict {
        rule: rule.id.clone(),
        resource: resource.id.clone(),
        standing,
        value: None,
        limit: None,
        comparison: Comparison::Above,
        unit: Unit::Count,
        title: rule.title.clone(),
        detail: Text::default(),
        signal: None,
        data_at: None,
        basis: Basis::Points,
    };
    (verdict, again)
}

/// What a rule over series says; no verdict, where it `was_ok` and is.
fn on_series(
    rule: &Rule,
    own: &Quantity,
    model: &Model,
    context: &RuleContext,
    now: Timestamp,
    resource: &Resource,
    was_ok: bool,
) -> Option<(Option<Verdict>, Again)> {
    let levels = rule.levels_for(resource, now);
    let findings = series::levels(rule, levels, own, model, resource, context.mode, now);
    // The loudest of them may be another as soon as any of them is.
    let mut again = findings.iter().fold(Again::ON_NEWS, |again, (f, _)| again.or(f.again));
    let (mut finding, level) = loudest(findings)?;
    let breaches = matches!(finding.standing, Standing::Breach { .. });
    if breaches && let Some(guard) = &rule.only_if {
        let (holds, until) = series::guard_holds(rule, guard, model, resource, context.mode, now);
        again = again.or(until);
        if !holds {
            finding.standing = Standing::Ok;
        }
    }
    if was_ok && finding.standing == Standing::Ok {
        return Some((None, again));
    }
    let quantity = level.quantity.as_ref().unwrap_or(own);
    finding.signal = quantity.inputs.first().map(|i| i.source.signal(resource));
    if !matches!(finding.standing, Standing::Breach { .. }) {
        return Some((Some(verdict(rule, &resource.id, finding, level, None, Text::default())), again));
    }
    let (title, detail) = if finding.basis == Basis::Gaps {
        // That nothing is known is another thing than what the title says.
        (Some(NO_DATA.into()), format!("{}, or nothing is published of it any more", rule.title).into())
    } else {
        let title = rule.summary.as_ref().map(|template| detail::summary(template, resource, model));
        (title, detail::detail(quantity, resource))
    };
    if rule.summary.as_ref().is_some_and(|template| detail::rests_on_others(template)) {
        again = Again::EACH_PASS;
    }
    Some((Some(verdict(rule, &resource.id, finding, level, title, detail)), again))
}

fn told(
    rule: &Rule,
    resource: &ResourceId,
    finding: series::Finding,
    level: &super::rule::RuleLevel,
    detail: Text,
) -> Told {
    let again = finding.again;
    (verdict(rule, resource, finding, level, None, detail), again)
}

fn verdict(
    rule: &Rule,
    resource: &ResourceId,
    finding: series::Finding,
    level: &super::rule::RuleLevel,
    title: Option<Text>,
    detail: Text,
) -> Verdict {
    let (comparison, unit): (Comparison, Unit) = (level.comparison, level.unit);
    let standing = match finding.standing {
        // Who does not want to allow it is told what else there is.
        Standing::Blind { poller, why, since } if poller.is_optional() => {
            Standing::Blind { poller, why: pollers::or_without(&why, &[&rule.id]), since }
        }
        standing => standing,
    };
    Verdict {
        rule: rule.id.clone(),
        resource: resource.clone(),
        standing,
        value: finding.value,
        limit: Some(level.limit),
        comparison,
        unit,
        title: title.unwrap_or_else(|| rule.title.clone()),
        detail,
        signal: finding.signal,
        data_at: finding.data_at,
        basis: finding.basis,
    }
}
