//! Why a rule stands as it does on a resource: the limits in force, the points it saw, and what it waits for.

use jiff::{SignedDuration, Timestamp};

use super::rule::{Rule, Subject};
use super::series::{gap, guard, looked, signals};
use super::{Comparison, Datapoints, EvalMode, Missing, RuleContext, RuleSet, Severity, Standing, Unit, Verdict};
use crate::model::{Model, PollerKind, Resource, ResourceId, Signal, Source, Text};

/// Why a rule stands as it does on one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The rule's id.
    pub rule: Text,
    /// Its title.
    pub title: Text,
    /// The file it comes from.
    pub source: Text,
    /// Where to read what to do about it.
    pub runbook: Option<Text>,
    /// Of what.
    pub resource: ResourceId,
    /// At which moment.
    pub now: Timestamp,
    /// What the rule says. `None`: it says nothing of this resource.
    pub verdict: Option<Verdict>,
    /// Whether its `only_if` holds, where it has one and that is known.
    pub only_if: Option<bool>,
    /// What it has CloudWatch compute, with the metrics of that.
    pub math: Vec<String>,
    /// What a period without a point counts for.
    pub missing: Missing,
    /// How long such a period is waited for.
    pub settle: SignedDuration,
    /// The limits in force, the quieter first.
    pub levels: Vec<ExplainedLevel>,
    /// How far back events are counted, or a poller's runs, for rules over those.
    pub window: Option<SignedDuration>,
    /// When other limits may be in force, by the time of day.
    pub turns: Option<Timestamp>,
    /// When what it needs is read next, where that is known.
    pub next_reading: Option<Timestamp>,
}

/// One limit, and what it sees.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedLevel {
    /// What it is told as.
    pub severity: Severity,
    /// How values are compared with it.
    pub comparison: Comparison,
    /// The limit.
    pub limit: f64,
    /// Once breached, it stays so until this holds.
    pub clear: Option<(Comparison, f64)>,
    /// M of N.
    pub datapoints: Datapoints,
    /// How long it must be breached before it fires.
    pub hold: SignedDuration,
    /// How long it is still told after it was breached.
    pub keep: SignedDuration,
    /// What it is counted in.
    pub unit: Unit,
    /// What is compared: one signal, or those of an expression.
    pub signals: Vec<Signal>,
    /// What a gap of theirs counts for, if for a number.
    pub gap: Option<f64>,
    /// Seconds of a point; 0 where no series could be looked at.
    pub period: i64,
    /// The points it sees, oldest first.
    pub points: Vec<ExplainedPoint>,
    /// How many of the N newest points breach, and how many there are.
    pub breaching: (usize, usize),
    /// The newest period that it compares.
    pub newest: Option<Timestamp>,
    /// Until when a period without a point is waited for.
    pub late_until: Option<Timestamp>,
    /// When, at the earliest, a breach can be told to be over.
    pub settles: Option<Timestamp>,
    /// Until when it is kept firing.
    pub kept_until: Option<Timestamp>,
}

/// One point, as a rule sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedPoint {
    /// Start of its period.
    pub at: Timestamp,
    /// What is compared.
    pub value: Option<f64>,
    /// What AWS says of each signal.
    pub inputs: Vec<Option<f64>>,
    /// What it counts for.
    pub seen: Seen,
}

/// What a point counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is there. Not its own: AWS has none, and the rule says what that is, or a state stands as it was read before.
    Point {
        /// Whether it breaches.
        breaches: bool,
        /// Whether AWS has it.
        own: bool,
    },
    /// Its period is not over.
    Partial {
        /// Whether it already breaches.
        breaches: bool,
    },
    /// Its period is over, and late data may still change it: it is not compared yet.
    Unsettled {
        /// Whether it breaches as it is.
        breaches: bool,
    },
    /// It is over and AWS has no point there.
    Absent {
        /// Whether that counts as a breach.
        breaches: bool,
    },
    /// Its period is over, and the point may still come.
    Late,
    /// It was not read.
    Unread,
}

impl Seen {
    /// Whether it counts as a breach.
    #[must_use]
    pub fn breaches(self) -> bool {
        match self {
            Self::Point { breaches, .. }
            | Self::Partial { breaches }
            | Self::Unsettled { breaches }
            | Self::Absent { breaches } => breaches,
            Self::Late | Self::Unread => false,
        }
    }
}

/// Why `rule` stands as it does on `resource` at `now`. It looks at what an evaluation looks at, and says the same.
#[must_use]
pub fn explain(
    rule: &Rule,
    model: &Model,
    context: &RuleContext,
    resource: &ResourceId,
    now: Timestamp,
) -> Explanation {
    let alone = RuleSet::of(vec![rule.clone()]);
    let verdict = alone.evaluate_resource(model, context, now, resource).into_iter().next_back();
    let known = model.resource(resource);
    let levels = match (&rule.subject, known) {
        (Subject::Pollers, _) => Vec::new(),
        (subject, Some(known)) => rule
            .levels_for(known, now)
            .iter()
            .map(|l| level(rule, l, subject, model, known, context.mode, now))
            .collect(),
        (_, None) => rule.levels.iter().map(bare).collect(),
    };
    let window = match &rule.subject {
        Subject::Trail { window, .. } | Subject::LaunchFailures { window } => Some(*window),
        Subject::Poller { figure, window } if figure.is_windowed() => Some(*window),
        _ => None,
    };
    Explanation {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        source: rule.source.clone(),
        runbook: rule.runbook.clone(),
        resource: resource.clone(),
        now,
        only_if: known.and_then(|r| guard(rule, model, r, context.mode, now)),
        math: rule.maths().map(super::math::Math::told).collect(),
        missing: rule.missing,
        settle: rule.settle,
        window,
        turns: rule.turns_after(now),
        next_reading: next_reading(rule, &levels, model, resource),
        verdict,
        levels,
    }
}

/// What `rule` stands on all resources that it speaks of, by resource.
#[must_use]
pub fn explain_all(rule: &Rule, model: &Model, context: &RuleContext, now: Timestamp) -> Vec<Explanation> {
    let mut enabled = rule.clone();
    enabled.enabled = true;
    let mut resources: Vec<ResourceId> =
        RuleSet::of(vec![enabled]).evaluate(model, context, now).into_iter().map(|v| v.resource).collect();
    resources.sort();
    resources.dedup();
    resources.iter().map(|id| explain(rule, model, context, id, now)).collect()
}

fn bare(level: &super::rule::RuleLevel) -> ExplainedLevel {
    ExplainedLevel {
        severity: level.severity,
        comparison: level.comparison,
        limit: level.limit,
        clear: level.clear,
        datapoints: level.datapoints,
        hold: level.hold,
        keep: level.keep,
        unit: level.unit,
        signals: Vec::new(),
        gap: None,
        period: 0,
        points: Vec::new(),
        breaching: (0, 0),
        newest: None,
        late_until: None,
        settles: None,
        kept_until: None,
    }
}

fn level(
    rule: &Rule,
    level: &super::rule::RuleLevel,
    subject: &Subject,
    model: &Model,
    resource: &Resource,
    mode: EvalMode,
    now: Timestamp,
) -> ExplainedLevel {
    let mut told = bare(level);
    let ((Some(quantity), _) | (None, Subject::Series(quantity))) = (level.quantity.as_ref(), subject) else {
        return told;
    };
    told.signals = signals(quantity, resource);
    told.gap = gap(quantity);
    if let Some(found) = looked(rule, level, quantity, model, resource, mode, now) {
        told.period = found.period;
        told.points = found.points;
        told.breaching = found.breaching;
        told.newest = Some(found.newest);
        told.late_until = found.late_until;
        told.settles = found.settles;
        told.kept_until = found.kept_until;
    }
    told
}

/// When the first of the pollers that bring what the rule needs runs next.
fn next_reading(rule: &Rule, levels: &[ExplainedLevel], model: &Model, resource: &ResourceId) -> Option<Timestamp> {
    let of_signals = levels.iter().flat_map(|l| &l.signals).map(|s| super::reading::poller_of(s, resource.kind));
    let own = match &rule.subject {
        Subject::Trail { .. } => Some(PollerKind::Trail),
        Subject::LaunchFailures { .. } => Some(PollerKind::Activities),
        Subject::Bill(_) => Some(PollerKind::Bill),
        _ => None,
    };
    let next = |poller| model.poller(&Source { scope: resource.scope.clone(), poller })?.next;
    of_signals.chain(own).filter_map(next).min()
}

impl Explanation {
    /// Whether what the rule needs cannot be read: then nothing may be taken for good.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        matches!(&self.verdict, Some(Verdict { standing: Standing::Blind { .. }, .. }))
    }
}
