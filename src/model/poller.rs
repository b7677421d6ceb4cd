//! What is known of each poller: when it last ran, with what end, and what it has cost.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::{Outcome, PollError};

/// The record of one poller in one scope.
#[derive(Clone, Debug, Default)]
pub struct PollerRecord {
    /// When its first run began; `None` until then.
    pub first_started: Option<Timestamp>,
    /// When its running run began; `None` when it rests.
    pub running_since: Option<Timestamp>,
    /// End of the last run, whatever it brought.
    pub last_run: Option<Timestamp>,
    /// End of the last run that read everything.
    pub last_success: Option<Timestamp>,
    /// How long the last run took.
    pub took: Option<SignedDuration>,
    /// When it will run next.
    pub next: Option<Timestamp>,
    /// How often it means to run.
    pub interval: Option<SignedDuration>,
    /// What was wrong with the last run.
    pub error: Option<PollError>,
    /// What the last run may not read and is whole without ([`Outcome::lacks`]).
    pub lacks: Option<PollError>,
    /// Since when it may not.
    pub lacking_since: Option<Timestamp>,
    /// When the unbroken row of failures began.
    pub failing_since: Option<Timestamp>,
    /// Failed runs in a row.
    pub failures: u32,
    /// Runs since start.
    pub runs: u64,
    /// HTTP requests since start.
    pub calls: u64,
    /// Throttled calls since start.
    pub throttles: u64,
    /// Billed metrics since start.
    pub billed_metrics: u64,
    /// Whether anything of what it reads ever came.
    pub brought: bool,
    mishaps: VecDeque<Mishaps>,
}

/// What went wrong with a poller's runs of one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mishaps {
    /// When the first of them ended.
    pub at: Timestamp,
    /// Runs that did not read everything.
    pub failures: u32,
    /// Throttled calls, also of runs that came to a good end.
    pub throttles: u32,
}

/// How long a poller's mishaps are remembered; by the minute, so that there are at most so many.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
const MAX_MISHAPS: usize = 24 * 60 + 1;

/// How far what a poller brought can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Never run to its end yet, and not failing: the first seconds.
    Loading,
    /// Read whole within three of its intervals.
    Fresh,
    /// Read whole once, but longer ago.
    Stale,
    /// Never read whole, and failing or overdue.
    Blind,
}

impl PollerRecord {
    /// How long a reading counts as fresh: three intervals, at least a minute.
    #[must_use]
    pub fn lifetime(&self) -> SignedDuration {
        let least = SignedDuration::from_secs(60);
        self.interval.map_or(least, |i| i.saturating_mul(3).max(least))
    }

    /// How old the last whole reading is at `now`. `None`: there is none.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.last_success.map(|at| now.duration_since(at).max(SignedDuration::ZERO))
    }

    /// How old the oldest of what it brought can be at `now`: since its last whole reading, or where it only ever read in part
    /// since it began. `None`: it brought nothing.
    #[must_use]
    pub fn oldest(&self, now: Timestamp) -> Option<SignedDuration> {
        let began = self.first_started.filter(|_| self.brought);
        self.age(now).or_else(|| began.map(|at| now.duration_since(at).max(SignedDuration::ZERO)))
    }

    /// How far it can be relied on at `now`.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        match self.age(now) {
            Some(age) if age <= self.lifetime() => Freshness::Fresh,
            Some(_) => Freshness::Stale,
            None if self.failures > 0 => Freshness::Blind,
            None => match self.first_started {
                Some(since) if now.duration_since(since) > self.lifetime() => Freshness::Blind,
                _ => Freshness::Loading,
            },
        }
    }

    /// What went wrong within the last day, oldest first.
    pub fn mishaps(&self) -> impl Iterator<Item = &Mishaps> {
        self.mishaps.iter()
    }

    fn remember(&mut self, at: Timestamp, outcome: &Outcome) {
        let (failures, throttles) = (u32::from(outcome.error.is_some()), outcome.throttles);
        // What is later than now was noted before the clock was set back.
        self.mishaps.retain(|m| m.at <= at && at.duration_since(m.at) <= REMEMBERED);
        if failures == 0 && throttles == 0 {
            return;
        }
        let minute = |t: Timestamp| t.as_second().div_euclid(60);
        if let Some(same) = self.mishaps.back_mut().filter(|m| minute(m.at) == minute(at)) {
            same.failures = same.failures.saturating_add(failures);
            same.throttles = same.throttles.saturating_add(throttles);
            return;
        }
        if self.mishaps.len() >= MAX_MISHAPS {
            self.mishaps.pop_front();
        }
        self.mishaps.push_back(Mishaps { at, failures, throttles });
    }

    pub(super) fn started(&mut self, at: Timestamp) {
        self.first_started.get_or_insert(at);
        self.running_since = Some(at);
        // The clock may have been set back: a reading from the future would count as fresh until it is caught up.
        for known in [&mut self.last_run, &mut self.last_success, &mut self.failing_since, &mut self.lacking_since] {
            *known = known.map(|k| k.min(at));
        }
    }

    pub(super) fn ended(&mut self, at: Timestamp, outcome: &Outcome) {
        self.first_started.get_or_insert(outcome.started);
        self.running_since = None;
        self.last_run = Some(at);
        self.took = Some(outcome.took);
        self.next = outcome.next;
        self.interval = Some(outcome.interval);
        self.runs += 1;
        self.calls += u64::from(outcome.calls);
        self.throttles += u64::from(outcome.throttles);
        self.billed_metrics += u64::from(outcome.billed_metrics);
        self.error.clone_from(&outcome.error);
        // A run that failed says nothing of it.
        if outcome.error.is_none() || outcome.lacks.is_some() {
            self.lacks.clone_from(&outcome.lacks);
            self.lacking_since = outcome.lacks.as_ref().map(|_| self.lacking_since.unwrap_or(at));
        }
        self.remember(at, outcome);
        if outcome.error.is_none() {
            self.last_success = Some(at);
            self.failing_since = None;
            self.failures = 0;
        } else {
            self.failing_since.get_or_insert(at);
            self.failures = self.failures.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_without_end_is_no_panic() {
        let record = PollerRecord { interval: Some(SignedDuration::MAX), ..PollerRecord::default() };
        assert_eq!(record.lifetime(), SignedDuration::MAX);
    }
}
