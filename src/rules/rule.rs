//! A rule after its file was read: everything named is known to exist.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::GlobMatcher;
use jiff::SignedDuration;

use super::expr::{Condition, Expr};
use super::math::{Math, period_of};
use super::when::{When, has_tags};
use super::{Comparison, Datapoints, Missing, Severity, Unit};
use crate::model::{ApiSignal, Detail, Kind, Metric, PollerKind, Resource, Series, Signal, Text};

/// How much further back than a window a series is read: the points that are judged look back from where they stand.
const MORE: u32 = 3600;

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id, such as `clb-surge-queue`.
    pub id: Text,
    /// A short sentence without value or resource, such as `requests queue at the balancer`.
    pub title: Text,
    /// The file it comes from: a built-in one, or the last that changed it.
    pub source: Text,
    /// Where to read what to do about it.
    pub runbook: Option<Text>,
    /// The user's labels.
    pub labels: BTreeMap<Text, Text>,
    /// Whether it is evaluated.
    pub enabled: bool,
    /// What is said in the title's place while it breaches; `{signal}` stands for the API signal's number.
    pub(super) summary: Option<String>,
    pub(super) kinds: Vec<Kind>,
    pub(super) select: Select,
    pub(super) subject: Subject,
    pub(super) only_if: Option<Guard>,
    pub(super) missing: Missing,
    pub(super) settle: SignedDuration,
    /// The quieter first.
    pub(super) levels: Vec<RuleLevel>,
    /// Other limits at some times or for some resources; the first that holds is in force.
    pub(super) whens: Vec<When>,
    /// Of the rule about pollers: who needs those that may be left out of a policy.
    pub(super) needs: Vec<Need>,
    /// Of the same: those that go by tags, which may be left out of a policy too.
    pub(super) by_tags: Vec<Self>,
}

/// A rule that needs a poller which others can do without.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) rule: Text,
    pub(super) poller: PollerKind,
    pub(super) kinds: Vec<Kind>,
    pub(super) select: Select,
}

impl Rule {
    /// The kinds of resources it looks at.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Its limits, the quieter first: severity, comparison, limit, unit.
    pub fn limits(&self) -> impl Iterator<Item = (Severity, Comparison, f64, Unit)> {
        self.levels.iter().map(|l| (l.severity, l.comparison, l.limit, l.unit))
    }

    /// Whether it looks at `resource`.
    #[must_use]
    pub fn applies_to(&self, resource: &Resource) -> bool {
        self.kinds.contains(&resource.id.kind) && self.select.takes(resource)
    }

    /// How many seconds back from the newest point of `period` seconds its limits must see.
    pub(super) fn reaches(&self, period: i64) -> i64 {
        let levels = self.levels.iter().chain(self.whens.iter().flat_map(|w| &w.levels));
        levels.map(|l| l.reaches(period)).max().unwrap_or(0)
    }

    /// The longest time that any of its limits must hold, in seconds.
    pub(super) fn longest_hold(&self) -> i64 {
        let levels = self.levels.iter().chain(self.whens.iter().flat_map(|w| &w.levels));
        levels.map(|l| l.hold.as_secs()).max().unwrap_or(0)
    }

    /// How far back `quantity`, which it compares, is read where that is further than its series holds anyway, in
    /// seconds; else 0. `period` is its points'.
    pub(super) fn history(&self, quantity: &Quantity, period: u32) -> u32 {
        let u32_of = |seconds: i64| u32::try_from(seconds).unwrap_or(u32::MAX);
        let (back, stays) = (u32_of(quantity.looks_back()), u32_of(self.reaches(period.into())));
        match back {
            0 if stays <= Series::usual_slots(period).saturating_mul(period) => 0,
            0 => stays,
            _ => back.saturating_add(stays.max(MORE)),
        }
    }

    /// Everything it reads as a series, whatever level needs it.
    pub(super) fn quantities(&self) -> impl Iterator<Item = &Quantity> {
        let own = match &self.subject {
            Subject::Series(q) => Some(q),
            _ => None,
        };
        let guard = self.only_if.as_ref().map(|g| &g.over);
        let levels = self.levels.iter().chain(self.whens.iter().flat_map(|w| &w.levels));
        own.into_iter().chain(guard).chain(levels.filter_map(|l| l.quantity.as_ref()))
    }
}

/// Which resources of its kinds a rule looks at.
#[derive(Clone, Debug, Default)]
pub(super) struct Select {
    pub(super) names: Vec<GlobMatcher>,
    pub(super) regions: Vec<GlobMatcher>,
    pub(super) accounts: Vec<GlobMatcher>,
    pub(super) tags: Vec<(String, GlobMatcher)>,
    pub(super) instance_types: Vec<GlobMatcher>,
}

impl Select {
    pub(super) fn takes(&self, resource: &Resource) -> bool {
        self.takes_but_for_tags(resource) && has_tags(&self.tags, resource)
    }

    pub(super) fn takes_but_for_tags(&self, resource: &Resource) -> bool {
        let any = |globs: &[GlobMatcher], texts: &[&str]| {
            globs.is_empty() || globs.iter().any(|g| texts.iter().any(|t| g.is_match(t)))
        };
        any(&self.names, &[&resource.name, &resource.id.id])
            && any(&self.regions, &[&resource.id.scope.region])
            && any(&self.accounts, &[&resource.id.scope.account])
            && match &resource.detail {
                Detail::Instance(i) => any(&self.instance_types, &[&i.instance_type]),
                _ => self.instance_types.is_empty(),
            }
    }
}

/// What a rule compares with its limits.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// A number with a history.
    Series(Quantity),
    /// How many trail events match within the window.
    Trail { pattern: Box<TrailPattern>, window: SignedDuration },
    /// How many launches of the group failed within the window.
    LaunchFailures { window: SignedDuration },
    /// The month's charges.
    Bill(BillFigure),
    /// Whether a poller can read.
    Pollers,
    /// How a poller of this program does.
    Poller { figure: PollerFigure, window: SignedDuration },
    /// Whether an alarm of CloudWatch's, evaluated here, is in ALARM.
    Alarms,
}

/// A figure of the month's charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BillFigure {
    /// So far, percent of the budget.
    BudgetPercent,
    /// As forecast for the month's end, percent of the budget.
    ForecastPercent,
    /// So far, US dollars.
    MonthToDate,
    /// As forecast for the month's end, US dollars.
    Forecast,
}

impl BillFigure {
    /// Their names in rule files.
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("budget_percent", Self::BudgetPercent),
        ("forecast_percent", Self::ForecastPercent),
        ("dollars_month_to_date", Self::MonthToDate),
        ("dollars_forecast", Self::Forecast),
    ];

    pub(super) fn is_forecast(self) -> bool {
        matches!(self, Self::ForecastPercent | Self::Forecast)
    }

    /// Whether it is a share of the budget: without one there is no such figure.
    pub(super) fn needs_budget(self) -> bool {
        matches!(self, Self::BudgetPercent | Self::ForecastPercent)
    }
}

/// A figure of one of this program's pollers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PollerFigure {
    /// Seconds since it last read everything.
    Age,
    /// Failed runs in a row.
    Failures,
    /// Failed runs within the window.
    Errors,
    /// Throttled calls within the window.
    Throttles,
}

impl PollerFigure {
    /// Their names in rule files.
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("poller_age", Self::Age),
        ("poller_failures", Self::Failures),
        ("poller_errors", Self::Errors),
        ("poller_throttles", Self::Throttles),
    ];

    pub(super) fn is_windowed(self) -> bool {
        matches!(self, Self::Errors | Self::Throttles)
    }
}

/// An expression over series.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    pub(super) expr: Expr,
    pub(super) inputs: Vec<Input>,
}

impl Quantity {
    /// How far back from a point it looks for its value, in seconds.
    pub(super) fn looks_back(&self) -> i64 {
        self.expr.looks_back()
    }

    /// Whether it says something while one of its inputs has no point: then that input must be read as often as if it had.
    pub(super) fn awaits(&self) -> bool {
        self.inputs.len() > 1 || self.inputs.iter().any(|i| i.absent.is_some())
    }

    /// What late data does to a point.
    pub(super) fn late_data(&self) -> LateData {
        self.expr.late_data(&|i| self.inputs.get(i).map_or(LateData::Either, Input::late_data))
    }
}

/// What late data does to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LateData {
    /// Nothing.
    Nothing,
    /// It can only rise.
    Raises,
    /// It can only fall.
    Lowers,
    /// It may do either.
    Either,
}

impl LateData {
    /// What it does to the negative.
    pub(super) fn negative(self) -> Self {
        match self {
            Self::Raises => Self::Lowers,
            Self::Lowers => Self::Raises,
            other => other,
        }
    }

    /// What it does to the sum.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (one, other) if one == other => one,
            _ => Self::Either,
        }
    }
}

/// One series of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) source: InputSource,
    /// What a period without a point counts for, where it was read and there was none.
    pub(super) absent: Option<f64>,
}

impl Input {
    /// Of what is counted in a period, and of its highest value, there can only come more; of its lowest, only less. What
    /// stands in for a point that is late must not be beyond what that may come to.
    fn late_data(&self) -> LateData {
        let InputSource::Metric { stat, .. } = &self.source else { return LateData::Either };
        match stat.as_str() {
            "Sum" | "Maximum" | "SampleCount" if self.absent.is_none_or(|a| a <= 0.0) => LateData::Raises,
            "Minimum" if self.absent.is_none() => LateData::Lowers,
            _ => LateData::Either,
        }
    }
}

/// Where the numbers come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum InputSource {
    Metric {
        namespace: Text,
        name: Text,
        stat: Text,
        /// Seconds; `None` for as often as AWS publishes.
        period: Option<u32>,
    },
    Api(ApiSignal),
    /// What CloudWatch computes of several metrics.
    Math(Arc<Math>),
}

impl InputSource {
    /// The signal that it is for `resource`.
    pub(super) fn signal(&self, resource: &Resource) -> Signal {
        match self {
            Self::Api(api) => Signal::Api(*api),
            Self::Math(math) => Signal::Metric(math.series(resource)),
            Self::Metric { namespace, name, stat, period } => {
                let period = period_of(namespace, *period, resource);
                Signal::Metric(Metric {
                    namespace: namespace.clone(),
                    name: name.clone(),
                    stat: stat.clone(),
                    period,
                    slide: 0,
                })
            }
        }
    }
}

/// A condition on the resource without which a rule has nothing to say.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) condition: Condition,
    /// The condition's inputs, and the one side minus the other, so that they are read as far back as either looks.
    pub(super) over: Quantity,
}

/// One limit.
#[derive(Clone, Debug)]
pub(super) struct RuleLevel {
    pub(super) severity: Severity,
    pub(super) comparison: Comparison,
    pub(super) limit: f64,
    /// Once breached, it stays so until this holds.
    pub(super) clear: Option<(Comparison, f64)>,
    pub(super) datapoints: Datapoints,
    /// How long it must be breached before a person is told.
    pub(super) hold: SignedDuration,
    /// How long it is still told after it was breached.
    pub(super) keep: SignedDuration,
    pub(super) unit: Unit,
    /// What it compares, where that is not the rule's own.
    pub(super) quantity: Option<Quantity>,
}

impl RuleLevel {
    /// How many seconds back from the newest point of `period` seconds it must see to tell whether it holds.
    pub(super) fn reaches(&self, period: i64) -> i64 {
        let compared = i64::try_from(self.datapoints.range()).unwrap_or(i64::MAX).saturating_add(2);
        (self.hold.as_secs() + self.keep.as_secs()).saturating_add(compared.saturating_mul(period))
    }
}

/// Which trail events count.
#[derive(Clone, Debug, Default)]
pub(super) struct TrailPattern {
    pub(super) events: Vec<GlobMatcher>,
    pub(super) sources: Vec<GlobMatcher>,
    pub(super) users: Vec<GlobMatcher>,
    pub(super) errors: Vec<GlobMatcher>,
    pub(super) user_type: Option<String>,
    /// `Some(false)`: not shown to have used MFA.
    pub(super) mfa: Option<bool>,
    pub(super) failed: Option<bool>,
    pub(super) read_only: Option<bool>,
    /// `Some(false)`: what AWS's services do for somebody, or on their own, does not count.
    pub(super) by_service: Option<bool>,
    /// Only events that lie this close together are counted together.
    pub(super) within: Option<SignedDuration>,
}
