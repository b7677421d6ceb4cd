//! A series as a test tells it, and what `CloudWatch` would answer of it at a moment.

use jiff::{SignedDuration, Timestamp};

use super::values::Value;
use crate::model::Signal;

/// Points of one signal, on a grid of their own. Several of one signal tell it again: late, revised, doubled.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) signal: Signal,
    /// The start of the first point, in seconds since 1970.
    pub(super) start: i64,
    /// Seconds.
    pub(super) period: i64,
    pub(super) values: Vec<Value>,
    /// How long after its end a point can be read, in seconds.
    pub(super) delay: i64,
}

impl Told {
    /// How many points can be read at `now`.
    pub(super) fn known(&self, now: i64) -> usize {
        let ended = (now - self.delay - self.start).div_euclid(self.period);
        usize::try_from(ended).unwrap_or(0).min(self.values.len())
    }

    /// The start of point `i`.
    pub(super) fn at(&self, i: usize) -> i64 {
        self.start.saturating_add(self.period.saturating_mul(i64::try_from(i).unwrap_or(i64::MAX)))
    }

    /// The points that begin within `from` and `to` and can be read at `now`.
    pub(super) fn within(&self, from: i64, to: i64, now: i64) -> impl Iterator<Item = Value> + '_ {
        let index = |at: i64| usize::try_from((at - self.start + self.period - 1).div_euclid(self.period)).unwrap_or(0);
        let end = index(to).min(self.known(now));
        self.values.get(index(from).min(end)..end).unwrap_or_default().iter().copied()
    }

    /// The newest point whose end is not after `at`, and the few before it: for a person.
    pub(super) fn near(&self, at: Timestamp) -> (usize, usize) {
        let ended = usize::try_from((at.as_second() - self.start).div_euclid(self.period)).unwrap_or(0);
        let end = ended.min(self.values.len());
        (end.saturating_sub(6), end)
    }

    /// When point `i` begins, counted from `start`.
    pub(super) fn since(&self, i: usize, start: Timestamp) -> SignedDuration {
        SignedDuration::from_secs(self.at(i) - start.as_second())
    }
}

/// What a period holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    Point(f64),
    Absent,
    Unread,
}

/// Whether `stat` of a long period follows from that of the short ones in it.
pub(super) fn can_be_joined(stat: &str) -> bool {
    matches!(stat, "Sum" | "SampleCount" | "Maximum" | "Minimum" | "Average")
}

/// What the period of `period` seconds that begins at `from` holds by `told`, as far as it can be read at `now`: where
/// several tell of it, the last that has a point.
pub(super) fn answer<'t>(
    told: impl DoubleEndedIterator<Item = &'t Told>,
    stat: &str,
    from: i64,
    period: i64,
    now: i64,
) -> Answer {
    let mut unread = false;
    for one in told.rev() {
        let mut joined = Joined::default();
        for value in one.within(from, from + period, now) {
            match value {
                Value::Number(n) => joined.add(n),
                Value::Absent => {}
                Value::Unread => unread = true,
            }
        }
        if let Some(value) = joined.value(stat) {
            return Answer::Point(value);
        }
    }
    if unread { Answer::Unread } else { Answer::Absent }
}

/// Points of short periods that become one of a long one.
#[derive(Default)]
struct Joined {
    count: u32,
    sum: f64,
    least: Option<f64>,
    most: Option<f64>,
}

impl Joined {
    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.least = Some(self.least.map_or(value, |l| l.min(value)));
        self.most = Some(self.most.map_or(value, |m| m.max(value)));
    }

    fn value(&self, stat: &str) -> Option<f64> {
        let most = self.most?;
        Some(match stat {
            // One point is itself, whatever it counts.
            _ if self.count == 1 => most,
            "Sum" | "SampleCount" => self.sum,
            "Minimum" => self.least?,
            "Average" => self.sum / f64::from(self.count),
            _ => most,
        })
    }
}
