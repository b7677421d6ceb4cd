//! The book of alerts: verdicts in, transitions out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::cloudwatch::Alarms;
use super::flap::{FLAP_CHANGES, Flaps};
use super::kept::{Change, Kept};
use super::leads::{LeadSummary, Leads};
use super::lines::Line;
use super::unlisted::{is_known_by_metrics, is_still_told, is_unlisted};
use super::{Alert, AlertId, Counts, Handling, Level, Phase, Transition};
use crate::model::{Kind, Model, PollerKind, Scope, Series, Text};
use crate::rules::{ALL_POLLERS, Basis, News, RuleSet, Severity, Standing, Verdict};

/// How long a resolved alert can still be seen.
pub const RESOLVED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Most resolved alerts kept.
pub const MAX_RESOLVED: usize = 500;
/// Most transitions kept.
pub const MAX_TIMELINE: usize = 2000;

/// Rules that could not be evaluated because one poller cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// One line for a person, with the way out.
    pub why: Text,
    /// Since when.
    pub since: Timestamp,
    /// How many pairs of a rule and a resource wait for it.
    pub pairs: usize,
}

/// All alerts: pending, firing, and lately resolved.
#[derive(Clone, Debug, Default)]
pub struct Alerts {
    pub(super) book: BTreeMap<AlertId, Alert>,
    timeline: VecDeque<Transition>,
    /// The rules' labels.
    pub(super) labels: BTreeMap<Text, BTreeMap<Text, Text>>,
    pub(super) kept: Kept,
    /// What is to be kept and was not asked for yet.
    pub(super) outbox: VecDeque<Change>,
    pub(super) lines: Vec<Line>,
    flaps: Flaps,
    /// What is blind now: by which poller, why, since when.
    blind: BTreeMap<AlertId, (PollerKind, Text, Timestamp)>,
    unread: BTreeMap<(Scope, PollerKind), Unread>,
    watching_since: Option<Timestamp>,
    leads: Leads,
}

impl Alerts {
    /// No alerts yet, under `rules`, whose labels silences may name.
    #[must_use]
    pub fn under(rules: &RuleSet) -> Self {
        let labels = rules.rules().iter().map(|r| (r.id.clone(), r.labels.clone())).collect();
        Self { labels, ..Self::default() }
    }

    /// Takes in what the rules say at `now`, or what is new of it, and returns what changed for a person. The same
    /// verdicts at the same time change nothing the second time, and a verdict that is not told again changes nothing.
    pub fn update<'v>(&mut self, news: impl Into<News<'v>>, model: &Model, now: Timestamp) -> Vec<Transition> {
        let news = news.into();
        let mut transitions = Vec::new();
        self.watching_since.get_or_insert(now);
        self.note_unread(news, model);
        for verdict in news.told() {
            self.end_anothers(verdict, model, now, &mut transitions);
            self.take(verdict, now, &mut transitions);
        }
        self.settle_absent(news, model, now, &mut transitions);
        self.end_quiet(now, &mut transitions);
        self.forget(now);
        self.look_for_older(model, &mut transitions);
        self.look_at_cloudwatch(model, now, &mut transitions);
        self.leads.update(self.book.values(), model, self.watching_since.unwrap_or(now), now);
        self.look_at_handling(model, now);
        for transition in &mut transitions {
            if let Some(alert) = self.book.get(&transition.alert.id) {
                transition.alert.handling.clone_from(&alert.handling);
            }
            self.remember(transition);
        }
        self.timeline.extend(transitions.iter().cloned());
        let surplus = self.timeline.len().saturating_sub(MAX_TIMELINE);
        self.timeline.drain(..surplus);
        transitions
    }

    /// Firing alerts, worst first (critical, blind, warning; of equals those of own rules before mirrored alarms, then the
    /// oldest), then pending ones in the same order, then those that are silenced.
    #[must_use]
    pub fn active(&self) -> Vec<&Alert> {
        let mut active: Vec<&Alert> = self.book.values().filter(|a| a.phase != Phase::Resolved).collect();
        active.sort_by_key(|a| order(a));
        active
    }

    /// Alerts resolved in the last quarter of an hour, newest first.
    #[must_use]
    pub fn resolved(&self) -> Vec<&Alert> {
        let mut resolved: Vec<&Alert> = self.book.values().filter(|a| a.phase == Phase::Resolved).collect();
        resolved.sort_by_key(|a| Reverse(a.resolved_at));
        resolved
    }

    /// The alert `id`, in any phase.
    #[must_use]
    pub fn get(&self, id: &AlertId) -> Option<&Alert> {
        self.book.get(id)
    }

    /// How many of each sort.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for alert in self.book.values() {
            match (alert.phase, alert.level) {
                (Phase::Resolved, _) => {}
                _ if alert.handling.silence.is_some() => counts.silenced += 1,
                (Phase::Firing, _) if alert.handling.hidden_by.is_some() => counts.hidden += 1,
                (Phase::Pending, _) => counts.pending += 1,
                (Phase::Firing, Level::Critical) => counts.critical += 1,
                (Phase::Firing, Level::Warning) => counts.warning += 1,
                (Phase::Firing, Level::Blind) => counts.blind += 1,
            }
            counts.acknowledged += usize::from(alert.counts() && alert.handling.ack.is_some());
        }
        counts
    }

    /// What could not be evaluated, by poller: while this is not empty nothing may be called OK.
    #[must_use]
    pub fn unread(&self) -> &BTreeMap<(Scope, PollerKind), Unread> {
        &self.unread
    }

    /// How much earlier than CloudWatch we were, over the session.
    #[must_use]
    pub fn leads(&self) -> LeadSummary {
        self.leads.summary()
    }

    /// The last transitions, oldest first.
    pub fn timeline(&self) -> impl DoubleEndedIterator<Item = &Transition> {
        self.timeline.iter()
    }

    fn note_unread(&mut self, news: News<'_>, model: &Model) {
        let mut changed = false;
        match news {
            News::Whole(_) => {
                changed |= !self.blind.is_empty();
                self.blind.clear();
            }
            News::Changes { gone, .. } if !self.blind.is_empty() => {
                for (rule, resource) in gone {
                    let id = AlertId { rule: rule.clone(), resource: resource.clone() };
                    changed |= self.blind.remove(&id).is_some();
                }
            }
            News::Changes { .. } => {}
        }
        for verdict in news.told() {
            let blind = match &verdict.standing {
                Standing::Blind { poller, why, since } => Some((*poller, why.clone(), *since)),
                _ if self.blind.is_empty() => continue,
                _ => None,
            };
            let id = AlertId { rule: verdict.rule.clone(), resource: verdict.resource.clone() };
            match blind {
                Some(blind) => {
                    changed = true;
                    self.blind.insert(id, blind);
                }
                None => changed |= self.blind.remove(&id).is_some(),
            }
        }
        let all = |id: &AlertId| id.resource.kind == Kind::Poller && id.resource.id == ALL_POLLERS;
        // Which pollers fail together is in the model, and in no verdict.
        if changed || self.blind.keys().any(all) {
            self.count_unread(model);
        }
    }

    fn count_unread(&mut self, model: &Model) {
        self.unread.clear();
        for (id, (poller, why, since)) in &self.blind {
            let scope = &id.resource.scope;
            let about_pollers = id.resource.kind == Kind::Poller;
            let mut pollers = vec![*poller];
            if about_pollers && id.resource.id == ALL_POLLERS {
                let failing = model.pollers().filter(|(s, r)| s.scope == *scope && r.error.is_some());
                pollers.extend(failing.map(|(s, _)| s.poller));
            }
            for poller in pollers {
                let unread = self.unread.entry((scope.clone(), poller)).or_insert_with(|| Unread {
                    why: why.clone(),
                    since: *since,
                    pairs: 0,
                });
                unread.since = unread.since.min(*since);
                unread.pairs += usize::from(!about_pollers);
            }
        }
    }

    /// Ends the alert of a resource that was deleted and made again under the same name: it was not this one's.
    fn end_anothers(&mut self, verdict: &Verdict, model: &Model, now: Timestamp, transitions: &mut Vec<Transition>) {
        let Some(reborn) = model.reborn(&verdict.resource, now) else { return };
        let id = AlertId { rule: verdict.rule.clone(), resource: verdict.resource.clone() };
        let before = |since: Timestamp| since < reborn;
        if self.book.get(&id).is_some_and(|a| a.phase != Phase::Resolved && before(a.since))
            && !matches!(verdict.standing, Standing::Breach { since, .. } if before(since))
        {
            self.end(&id, Some("it is gone, and another has its name"), now, transitions);
        }
    }

    fn take(&mut self, verdict: &Verdict, now: Timestamp, transitions: &mut Vec<Transition>) {
        let id = AlertId { rule: verdict.rule.clone(), resource: verdict.resource.clone() };
        match &verdict.standing {
            Standing::Breach { severity, since, held } => {
                let level = match severity {
                    Severity::Warning => Level::Warning,
                    Severity::Critical => Level::Critical,
                };
                self.breach(id, verdict, level, *since, *held, now, transitions);
            }
            Standing::Blind { since, .. } if id.resource.kind == Kind::Poller => {
                self.breach(id, verdict, Level::Blind, *since, true, now, transitions);
            }
            Standing::Blind { since, .. } => {
                // What cannot be read neither starts nor ends an alert: the rule about pollers speaks.
                if let Some(alert) = self.book.get_mut(&id).filter(|a| a.phase != Phase::Resolved) {
                    alert.stale_since.get_or_insert(*since);
                }
            }
            Standing::NoData => {
                // It stays what it was, and that was no breach of a point.
                if verdict.basis == Basis::Between
                    && self.book.get(&id).is_some_and(|a| a.phase == Phase::Pending || a.never_any)
                {
                    self.end(&id, None, now, transitions);
                } else if let Some(alert) = self.book.get_mut(&id) {
                    alert.stale_since = None;
                    if alert.phase == Phase::Firing {
                        alert.value = verdict.value.or(alert.value);
                        alert.data_at = verdict.data_at.or(alert.data_at);
                    }
                }
            }
            Standing::Loading => {}
            Standing::Ok => {
                if let Some(alert) = self.book.get_mut(&id) {
                    alert.stale_since = None;
                    if alert.phase == Phase::Firing {
                        alert.value = verdict.value.or(alert.value);
                        alert.data_at = verdict.data_at.or(alert.data_at);
                    }
                }
                self.end(&id, None, now, transitions);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one breach in all its parts, at one place")]
    fn breach(
        &mut self,
        id: AlertId,
        verdict: &Verdict,
        level: Level,
        since: Timestamp,
        held: bool,
        now: Timestamp,
        transitions: &mut Vec<Transition>,
    ) {
        let before = self.book.get(&id).map(|a| (a.phase, a.level, a.since, a.fired_at));
        let running = before.filter(|(phase, ..)| *phase != Phase::Resolved);
        let firing = held || matches!(running, Some((Phase::Firing, ..)));
        let mut handling = Handling::default();
        if running.is_some()
            && let Some(known) = self.book.get(&id)
        {
            handling.clone_from(&known.handling);
        }
        let again = handling.quiet_since.take().is_some();
        let known = self.book.get(&id).filter(|_| running.is_some());
        let no_data = verdict.basis == Basis::Gaps;
        let never_any = no_data && known.is_none_or(|a| a.never_any);
        // Of what has died the last point leaves the ring before it is told for the last time.
        let data_at = verdict.data_at.or_else(|| known.filter(|_| no_data).and_then(|a| a.data_at));
        if firing && (again || !matches!(running, Some((Phase::Firing, ..)))) {
            handling.changes = self.flaps.note(&id, now);
            if handling.changes >= FLAP_CHANGES {
                handling.flapping.get_or_insert(now);
            }
        }
        let alert = Alert {
            handling,
            level: match running {
                // Firing, and what breaches now is not held yet: it can only have become milder.
                Some((Phase::Firing, was, ..)) if !held => was.min(level),
                _ => level,
            },
            phase: if firing { Phase::Firing } else { Phase::Pending },
            since: running.map_or(since, |(_, _, known, _)| known.min(since)),
            older: false,
            fired_at: if firing { running.and_then(|(.., at)| at).or(Some(now)) } else { None },
            resolved_at: None,
            value: verdict.value,
            limit: verdict.limit,
            comparison: verdict.comparison,
            unit: verdict.unit,
            title: verdict.title.clone(),
            detail: verdict.detail.clone(),
            signal: verdict.signal.clone(),
            data_at,
            no_data,
            never_any,
            stale_since: None,
            cloudwatch: None,
            id: id.clone(),
        };
        let told = match before {
            None => true,
            Some((phase, was, ..)) => phase != alert.phase || (firing && was != alert.level),
        };
        if told {
            transitions.push(Transition { at: now, alert: alert.clone(), from: before.map(|(phase, ..)| phase) });
        }
        self.book.insert(id, alert);
    }

    /// Ends the alert `id`: what fired is resolved and kept for a while, what never fired just goes.
    fn end(&mut self, id: &AlertId, why: Option<&str>, now: Timestamp, transitions: &mut Vec<Transition>) {
        let Some(alert) = self.book.get_mut(id) else { return };
        match alert.phase {
            Phase::Resolved => {}
            Phase::Pending => {
                self.book.remove(id);
            }
            Phase::Firing => {
                if why.is_none() && alert.handling.quiet_since.is_none() {
                    let changes = self.flaps.note(id, now);
                    alert.handling.changes = changes;
                    if alert.handling.flapping.is_some() {
                        alert.handling.quiet_since = Some(now);
                    }
                }
                if why.is_none() && alert.handling.quiet_since.is_some() {
                    // It is kept until `end_quiet` lets it go.
                    return;
                }
                resolve(alert, now);
                if let Some(why) = why {
                    alert.detail = why.into();
                }
                transitions.push(Transition { at: now, alert: alert.clone(), from: Some(Phase::Firing) });
            }
        }
    }

    /// Ends alerts of which no rule speaks any more.
    fn settle_absent(&mut self, news: News<'_>, model: &Model, now: Timestamp, transitions: &mut Vec<Transition>) {
        let active = |a: &&Alert| a.phase != Phase::Resolved;
        let absent: Vec<AlertId> = match news {
            News::Whole(verdicts) => {
                let spoken: BTreeSet<_> = verdicts.iter().map(|v| (&v.rule, &v.resource)).collect();
                let active = self.book.values().filter(active);
                active.map(|a| &a.id).filter(|id| !spoken.contains(&(&id.rule, &id.resource))).cloned().collect()
            }
            News::Changes { gone, .. } => gone
                .iter()
                .map(|(rule, resource)| AlertId { rule: rule.clone(), resource: resource.clone() })
                .filter(|id| self.book.get(id).is_some_and(|a| active(&a)))
                .collect(),
        };
        let unlisted = self.book.values().filter(active).filter(|a| a.no_data && is_unlisted(a, model));
        let over: Vec<AlertId> = unlisted.filter(|a| !is_still_told(a, now)).map(|a| a.id.clone()).collect();
        for id in over {
            self.end(&id, Some("no metric of it for a day, as of what is deleted"), now, transitions);
        }
        for id in absent {
            if let Some(alert) = self.book.get_mut(&id)
                && is_unlisted(alert, model)
                && is_still_told(alert, now)
            {
                // What has died publishes nothing: that it is listed no more is the very thing that the alert tells.
                alert.stale_since.get_or_insert(now);
                continue;
            }
            if id.resource.kind == Kind::Poller {
                // Told once for the whole scope from now on.
                self.book.remove(&id);
                continue;
            }
            // A resource goes only by a listing that was read whole.
            let gone = id.resource.kind != Kind::Trail && model.resource(&id.resource).is_none();
            let why = match gone {
                true if is_known_by_metrics(id.resource.kind) => "no metric of it for 3 hours, as of what is deleted",
                true => "it is gone",
                false => "the rule no longer applies to it",
            };
            self.end(&id, Some(why), now, transitions);
        }
    }

    /// Lets go what was only kept firing because it flapped, and is quiet now. What cannot be read at the moment stays:
    /// nothing ends unseen.
    fn end_quiet(&mut self, now: Timestamp, transitions: &mut Vec<Transition>) {
        for alert in self.book.values_mut().filter(|a| a.phase == Phase::Firing) {
            if alert.handling.flapping.is_some() && self.flaps.quiet(&alert.id, now) {
                (alert.handling.flapping, alert.handling.changes) = (None, 0);
            }
            let over = alert.handling.quiet_since.is_some() && alert.handling.flapping.is_none();
            if over && alert.stale_since.is_none() {
                resolve(alert, now);
                transitions.push(Transition { at: now, alert: alert.clone(), from: Some(Phase::Firing) });
            }
        }
        self.flaps.forget(now);
    }

    fn forget(&mut self, now: Timestamp) {
        self.book.retain(|_, a| a.resolved_at.is_none_or(|at| now.duration_since(at) < RESOLVED_FOR));
        let surplus: Vec<AlertId> = self.resolved().into_iter().skip(MAX_RESOLVED).map(|a| a.id.clone()).collect();
        for id in surplus {
            self.book.remove(&id);
        }
    }

    fn look_for_older(&mut self, model: &Model, transitions: &mut [Transition]) {
        let older = |alert: &Alert| {
            let series = alert.signal.as_ref().and_then(|s| model.series(&alert.id.resource, s));
            series.and_then(Series::covered_from).is_some_and(|from| alert.since <= from)
        };
        for alert in self.book.values_mut().filter(|a| a.phase != Phase::Resolved) {
            alert.older = older(alert);
        }
        for transition in transitions {
            transition.alert.older = older(&transition.alert);
        }
    }

    fn look_at_cloudwatch(&mut self, model: &Model, now: Timestamp, transitions: &mut [Transition]) {
        let on_metric =
            |a: &Alert| a.phase != Phase::Resolved && (a.signal.is_some() || a.id.resource.kind == Kind::Alarm);
        if !self.book.values().any(on_metric) {
            return;
        }
        let alarms = Alarms::of(model, self.watching_since.unwrap_or(now));
        for alert in self.book.values_mut().filter(|a| on_metric(a)) {
            alert.cloudwatch = alarms.view(alert, now);
        }
        for transition in transitions.iter_mut().filter(|t| on_metric(&t.alert)) {
            transition.alert.cloudwatch = alarms.view(&transition.alert, now);
        }
    }
}

/// What alerts are put in order by.
pub(super) type Order = (bool, bool, Reverse<Level>, bool, Timestamp);

/// Where `a` stands in the order of [`Alerts::active`].
pub(super) fn order(a: &Alert) -> Order {
    // Of equals, what a rule of ours says is more telling than that some alarm breaches.
    let mirrored = a.id.resource.kind == Kind::Alarm;
    (a.handling.silence.is_some(), a.phase != Phase::Firing, Reverse(a.level), mirrored, a.since)
}

fn resolve(alert: &mut Alert, now: Timestamp) {
    alert.phase = Phase::Resolved;
    alert.resolved_at = Some(now);
    alert.stale_since = None;
    alert.handling.quiet_since = None;
}
