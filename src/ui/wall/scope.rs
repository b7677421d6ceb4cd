//! What of the world a wall shows.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::WallPlan;
use crate::alerts::{Alert, AlertId, Counts, Level, Phase};
use crate::model::{Freshness, PollError, PollerKind, PollerRecord, Scope, Source};
use crate::ui::facts;
use crate::ui::query::Query;
use crate::ui::rows;
use crate::ui::shown::Shown;
use crate::ui::view::{Item, ListState, Listing, ViewState};

/// Whether `text` is a filter of alerts.
///
/// # Errors
/// What is wrong with it.
pub fn check_filter(text: &str) -> Result<(), String> {
    Query::parse(text, crate::ui::fields::of(Listing::Alerts)).map(drop).map_err(|error| error.message)
}

/// Whether `scope` is one of the wall's.
pub(super) fn lets_through(plan: &WallPlan, scope: &Scope) -> bool {
    (plan.accounts.is_empty() || plan.accounts.contains(&scope.account))
        && (plan.regions.is_empty() || plan.regions.contains(&scope.region))
}

/// `shown` without the alerts that are not the wall's, and with the counts of those that are.
pub(super) fn scoped<'a>(plan: &WallPlan, shown: &Shown<'a>) -> Shown<'a> {
    let mut out = shown.clone();
    out.tz = plan.tz.clone();
    let alerts = &mut out.alerts;
    let matching: Option<BTreeSet<AlertId>> = (!plan.filter.trim().is_empty()).then(|| {
        let list = ListState { filter: plan.filter.clone(), ..ListState::default() };
        let mut view = ViewState::default();
        view.lists.insert(Listing::Alerts, list);
        let found = rows::rows(shown, Listing::Alerts, &view).items.into_iter();
        found.filter_map(|item| if let Item::Alert(id) = item { Some(id) } else { None }).collect()
    });
    let of_ours = |a: &&Alert| {
        lets_through(plan, &a.id.resource.scope) && matching.as_ref().is_none_or(|ids| ids.contains(&a.id))
    };
    alerts.active.retain(of_ours);
    alerts.resolved.retain(of_ours);
    alerts.unread.retain(|(source, _)| lets_through(plan, &source.scope));
    let count = |is: &dyn Fn(&&Alert) -> bool| alerts.active.iter().copied().filter(is).count();
    let firing = |level: Level| count(&|a: &&Alert| a.counts() && a.level == level);
    alerts.counts = Counts {
        critical: firing(Level::Critical),
        warning: firing(Level::Warning),
        blind: firing(Level::Blind),
        pending: count(&|a: &&Alert| a.phase == Phase::Pending),
        silenced: count(&|a: &&Alert| a.handling.silence.is_some()),
        hidden: count(&|a: &&Alert| a.phase == Phase::Firing && a.handling.hidden_by.is_some()),
        acknowledged: count(&|a: &&Alert| a.counts() && a.handling.ack.is_some()),
    };
    out
}

/// The wall's pollers.
pub(super) fn pollers<'s>(
    plan: &'s WallPlan,
    shown: &'s Shown<'_>,
) -> impl Iterator<Item = (&'s Source, &'s PollerRecord)> {
    shown.model.pollers().filter(|(source, _)| lets_through(plan, &source.scope))
}

/// When a poller last read something. One that had nothing to ask for ends well without a call: that is no reading.
pub(super) fn last_read(record: &PollerRecord) -> Option<Timestamp> {
    record.last_success.filter(|_| record.calls > 0)
}

/// How far what some pollers brought can be relied on.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The oldest whole reading; none where a poller never read.
    pub(super) age: Option<SignedDuration>,
    /// Whether all of them were read whole lately.
    pub(super) fresh: bool,
    /// What one of them says is wrong.
    pub(super) error: Option<PollError>,
    /// How many there are, and how many of them are fresh.
    pub(super) of: (usize, usize),
}

/// How far what the wall's pollers of `kinds` brought can be relied on. Optional ones count only where named alone.
pub(super) fn reading(plan: &WallPlan, shown: &Shown<'_>, kinds: &[PollerKind]) -> Reading {
    let mut out = Reading { fresh: true, ..Reading::default() };
    let mut all = true;
    for (source, record) in pollers(plan, shown).filter(|(s, _)| kinds.contains(&s.poller)) {
        if source.poller.is_optional() && kinds.len() > 1 {
            continue;
        }
        let fresh = record.freshness(shown.now) == Freshness::Fresh;
        out.of = (out.of.0 + 1, out.of.1 + usize::from(fresh));
        out.fresh &= fresh;
        out.age = out.age.max(record.age(shown.now));
        all &= record.last_success.is_some();
        if !fresh && out.error.is_none() {
            out.error.clone_from(&record.error);
        }
    }
    // Who has not begun has not read.
    let missing = not_begun(plan, shown).filter(|s| kinds.contains(&s.poller)).count();
    out.of.0 += missing;
    (out.fresh, all) = (out.fresh && missing == 0, all && missing == 0);
    out.fresh &= out.of.0 > 0;
    out.age = out.age.filter(|_| all);
    out
}

/// The wall's pollers that are to read and have not begun to.
fn not_begun<'s>(plan: &'s WallPlan, shown: &Shown<'s>) -> impl Iterator<Item = &'s Source> {
    facts::not_begun(shown).filter(|source| lets_through(plan, &source.scope))
}

/// Whether all that the wall's rules and pages need was read whole and lately: only then is quiet good.
pub(super) fn all_well_read(plan: &WallPlan, shown: &Shown<'_>) -> bool {
    let mut pollers = pollers(plan, shown).peekable();
    shown.rule_count > 0
        && shown.alerts.unread.is_empty()
        && shown.expected.is_some()
        && not_begun(plan, shown).next().is_none()
        && pollers.peek().is_some()
        && pollers.all(|(s, r)| s.poller.is_optional() || r.freshness(shown.now) == Freshness::Fresh)
}

/// Whether nothing is known yet because it has just begun.
pub(super) fn begins(plan: &WallPlan, shown: &Shown<'_>) -> bool {
    let loading = |r: &PollerRecord| r.freshness(shown.now) == Freshness::Loading;
    let well = |(s, r): (&Source, &PollerRecord)| {
        s.poller.is_optional() || loading(r) || r.freshness(shown.now) == Freshness::Fresh
    };
    let mut all = pollers(plan, shown);
    let waits = || not_begun(plan, shown).next().is_some() || pollers(plan, shown).any(|(_, r)| loading(r));
    shown.alerts.unread.is_empty() && waits() && all.all(well) || pollers(plan, shown).next().is_none()
}
