//! Bare alarms: one evaluation over the newest complete periods.

use jiff::Timestamp;

use super::case::AlarmCase;
use super::series::{Answer, answer};
use crate::model::{AlarmState, Signal};
use crate::rules::AlarmPoint;

impl AlarmCase {
    /// The points of the evaluation range at `now`, oldest first.
    pub(super) fn points(&self, now: Timestamp) -> Vec<Option<AlarmPoint>> {
        let now = now.as_second();
        let stat = match &self.series.signal {
            Signal::Metric(m) => m.stat.as_str(),
            Signal::Api(_) => "",
        };
        // Periods lie on the grid that the series begins.
        let complete = (now - self.series.start).div_euclid(self.period);
        let range = i64::try_from(self.range).unwrap_or(i64::MAX);
        (complete.saturating_sub(range)..complete)
            .map(|i| {
                let from = self.series.start.saturating_add(i.saturating_mul(self.period));
                let of = |told, stat| match answer(std::iter::once(told), stat, from, self.period, now) {
                    Answer::Point(value) => Some(value),
                    Answer::Absent | Answer::Unread => None,
                };
                let value = of(&self.series, stat)?;
                let samples = self.samples.as_ref().and_then(|s| of(s, "SampleCount"));
                Some(AlarmPoint { value, band: self.band, samples })
            })
            .collect()
    }

    /// The alarm's state after one evaluation at `now`.
    pub(super) fn state(&self, now: Timestamp) -> AlarmState {
        self.alarm.state(&self.points(now), self.previous)
    }
}
