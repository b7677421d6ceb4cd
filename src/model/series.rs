//! A series: points on a period grid, in a ring of fixed size.
//!
//! A slot is the start of a period divided by its length. Gaps are kept as gaps: a slot that was read and holds
//! nothing is not the same as a slot that was never read, and [`Series::covered_to`] tells them apart.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// One point: the start of its period, and the value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Start of the period.
    pub at: Timestamp,
    /// The value, in the metric's own unit.
    pub value: f64,
}

/// Points of one signal of one resource.
#[derive(Clone, Debug)]
pub struct Series {
    period: u32,
    /// How many seconds further than before the newest reading covers; 0 for the first one.
    advanced: u32,
    newest: Option<i64>,
    oldest: i64,
    values: Box<[f32]>,
    covered_from: Option<Timestamp>,
    covered_to: Option<Timestamp>,
    read_at: Option<Timestamp>,
    denied: bool,
    unanswered: bool,
}

impl Series {
    /// An empty series of `period` seconds, with room for what its graphs and rules look back over: three hours of
    /// minutes, a day and a half of hours, a month of quarter days.
    #[must_use]
    pub fn new(period: u32) -> Self {
        let period = period.max(1);
        let slots = Self::usual_slots(period);
        Self {
            period,
            advanced: 0,
            newest: None,
            oldest: 0,
            values: vec![f32::NAN; slots as usize].into(),
            covered_from: None,
            covered_to: None,
            read_at: None,
            denied: false,
            unanswered: false,
        }
    }

    /// How many slots the ring of a series of `period` seconds holds, if it is not made larger.
    #[must_use]
    pub fn usual_slots(period: u32) -> u32 {
        match period.max(1) {
            period @ 1..=60 => 10_800 / period,
            period @ 61..=900 => (6 * 3600 / period).max(36),
            901..=3600 => 36,
            _ => 128,
        }
    }

    /// Most slots a ring may be made to hold: more than two days of minutes, for what is compared with yesterday and has
    /// been so for hours.
    pub const MAX_SLOTS: u32 = 3_200;

    /// Makes the ring hold at least `slots`, and at most [`Series::MAX_SLOTS`]; what it holds stays.
    pub fn hold(&mut self, slots: u32) {
        let slots = slots.min(Self::MAX_SLOTS) as usize;
        if slots <= self.values.len() {
            return;
        }
        let known: Vec<Point> = self.points().collect();
        self.values = vec![f32::NAN; slots].into();
        for point in known {
            let i = self.index(self.slot(point.at));
            #[expect(clippy::cast_possible_truncation, reason = "it was an f32")]
            let value = point.value as f32;
            self.values[i] = value;
        }
    }

    /// Width of a slot in seconds.
    #[must_use]
    pub fn period(&self) -> u32 {
        self.period
    }

    /// How many slots the ring holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.values.len()
    }

    /// The slot that `at` falls into.
    #[must_use]
    pub fn slot(&self, at: Timestamp) -> i64 {
        at.as_second().div_euclid(i64::from(self.period))
    }

    /// The start of `slot`.
    #[must_use]
    pub fn slot_start(&self, slot: i64) -> Timestamp {
        Timestamp::from_second(slot.saturating_mul(i64::from(self.period))).unwrap_or(Timestamp::MAX)
    }

    /// Puts `value` at `at`, replacing what was read there before. A point older than the ring is dropped, as is one
    /// that is not a finite number.
    ///
    /// Returns whether anything changed.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "points are kept as f32: 24 bits are more than a graph or limit needs"
    )]
    pub fn put(&mut self, at: Timestamp, value: f64) -> bool {
        let value = value as f32;
        if !value.is_finite() {
            return false;
        }
        let slot = self.slot(at);
        // What the ring still holds there is of a slot long past.
        let newer = self.newest.is_none_or(|newest| slot > newest);
        match self.newest {
            None => {
                self.newest = Some(slot);
                self.oldest = slot;
            }
            Some(newest) if slot > newest => {
                let cap = self.capacity_i64();
                if slot - newest >= cap {
                    self.values.fill(f32::NAN);
                } else {
                    for s in newest + 1..slot {
                        let i = self.index(s);
                        self.values[i] = f32::NAN;
                    }
                }
                self.newest = Some(slot);
                self.oldest = self.oldest.max(slot - cap + 1);
            }
            Some(newest) if newest - slot >= self.capacity_i64() => return false,
            Some(_) => self.oldest = self.oldest.min(slot),
        }
        // What was there is not fetched where that need not be: so far back in memory it takes as long as all the rest.
        let at = self.index(slot);
        let changed = newer || self.values[at].to_bits() != value.to_bits();
        self.values[at] = value;
        changed
    }

    /// The value at `at`, or `None` for a gap or what is outside the ring.
    #[must_use]
    pub fn get(&self, at: Timestamp) -> Option<f64> {
        self.at_slot(self.slot(at))
    }

    /// The value in `slot`.
    #[must_use]
    pub fn at_slot(&self, slot: i64) -> Option<f64> {
        let newest = self.newest?;
        if slot > newest || newest - slot >= self.capacity_i64() {
            return None;
        }
        let v = self.values[self.index(slot)];
        (!v.is_nan()).then(|| f64::from(v))
    }

    /// What is kept for the newest slot.
    pub(super) fn newest_value(&self) -> f32 {
        self.newest.map_or(f32::NAN, |newest| self.values[self.index(newest)])
    }

    /// The values in `slot`, in the one before it and so on, without end: a gap, and what is outside the ring, is none.
    pub(crate) fn back_from(&self, slot: i64) -> impl Iterator<Item = Option<f64>> + '_ {
        let (newest, capacity) = (self.newest.unwrap_or(i64::MIN), self.values.len());
        let mut at = self.index(slot);
        (0..).map(move |back| {
            let age = newest.saturating_sub(slot.saturating_sub(back));
            let value = self.values.get(at).copied().filter(|v| age >= 0 && age < self.capacity_i64() && !v.is_nan());
            at = at.checked_sub(1).unwrap_or(capacity - 1);
            value.map(f64::from)
        })
    }

    /// The values of the slots from `from` to `to`, as far as there may be any, oldest first, gaps as not a number; and the
    /// first of these slots. In two parts, as the ring is closed somewhere.
    pub(crate) fn stretch(&self, from: i64, to: i64) -> Option<(i64, [&[f32]; 2])> {
        let newest = self.newest?;
        let (from, to) = (from.max(self.oldest).max(newest - self.capacity_i64() + 1), to.min(newest));
        if from > to {
            return None;
        }
        let (first, last) = (self.index(from), self.index(to));
        let parts = if first <= last {
            [&self.values[first..=last], &[]]
        } else {
            [&self.values[first..], &self.values[..=last]]
        };
        Some((from, parts))
    }

    /// The newest point.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.points().next_back()
    }

    /// The points there are, oldest first, gaps left out.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = Point> + '_ {
        let (from, to) = self.newest.map_or((1, 0), |n| (self.oldest.max(n - self.capacity_i64() + 1), n));
        (from..=to).filter_map(|s| self.at_slot(s).map(|value| Point { at: self.slot_start(s), value }))
    }

    /// The `n` slots that end with the one `to` falls into, oldest first, gaps as `None`: what a sparkline draws.
    #[must_use]
    pub fn window(&self, to: Timestamp, n: usize) -> Vec<Option<f64>> {
        let last = self.slot(to);
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        (last.saturating_sub(n - 1)..=last).map(|s| self.at_slot(s)).collect()
    }

    /// Notes that everything that ended by `to` was asked for and answered at `read_at`: a gap before `to` is AWS's
    /// gap, not ours.
    pub fn cover(&mut self, to: Timestamp, read_at: Timestamp) {
        if let Some(further) = self.covered_to.map(|known| to.as_second() - known.as_second()).filter(|s| *s > 0) {
            self.advanced = u32::try_from(further).unwrap_or(u32::MAX);
        }
        self.covered_to = self.covered_to.max(Some(to));
        self.read_at = self.read_at.max(Some(read_at));
        self.denied = false;
        self.unanswered = false;
    }

    /// Notes, before [`Series::cover`], that what will be covered goes from `from` to `to`. A window that does not touch
    /// what was covered before begins the covered stretch anew where it is newer, and is left out of it where it is older:
    /// nobody knows what lies between.
    pub fn cover_from(&mut self, from: Timestamp, to: Timestamp) {
        match (self.covered_from, self.covered_to) {
            (Some(_), Some(known)) if from > known => self.covered_from = Some(from),
            (Some(known), Some(_)) if to < known => {}
            (Some(known), Some(_)) => self.covered_from = Some(known.min(from)),
            _ => self.covered_from = Some(from),
        }
    }

    /// Start of the unbroken stretch that was asked for and answered and ends at [`Series::covered_to`]; a slot before
    /// it was perhaps never read.
    #[must_use]
    pub fn covered_from(&self) -> Option<Timestamp> {
        self.covered_from
    }

    /// Takes back what stands after `now` when the clock was set back by more than `slack` since the last reading: what
    /// is read from now on would be hidden behind it until the clock has caught up.
    pub fn follow(&mut self, now: Timestamp, slack: SignedDuration) {
        // Compared before reckoned with: this is asked at every reading of every series, and hardly ever so.
        if self.read_at.is_none_or(|read| read <= now || read.duration_since(now) <= slack) {
            return;
        }
        let slot = self.slot(now);
        if let Some(newest) = self.newest.filter(|n| *n > slot) {
            if newest - slot >= self.capacity_i64() {
                self.values.fill(f32::NAN);
            } else {
                for s in slot + 1..=newest {
                    let i = self.index(s);
                    self.values[i] = f32::NAN;
                }
            }
            self.newest = Some(slot);
            self.oldest = self.oldest.min(slot);
        }
        self.read_at = Some(now);
        self.covered_to = self.covered_to.map(|to| to.min(now));
        self.advanced = 0;
        self.covered_from = self.covered_from.map(|from| from.min(now));
    }

    /// Notes that AWS refuses this metric (`Forbidden`).
    pub fn deny(&mut self) {
        self.denied = true;
    }

    /// Notes that it was asked for and not, or not wholly, answered.
    pub fn miss(&mut self) {
        self.unanswered = true;
    }

    /// Whether the last time it was asked for brought no whole answer.
    #[must_use]
    pub fn unanswered(&self) -> bool {
        self.unanswered
    }

    /// End of what was asked for and answered. `None`: nothing was.
    #[must_use]
    pub fn covered_to(&self) -> Option<Timestamp> {
        self.covered_to
    }

    /// How many seconds further than before the newest reading that covered more does; 0 while there was one alone.
    #[must_use]
    pub fn advanced(&self) -> u32 {
        self.advanced
    }

    /// What [`Series::covered_to`] was before the newest reading that covered more. `None` while there was one alone.
    #[must_use]
    pub fn covered_before(&self) -> Option<Timestamp> {
        let advanced = SignedDuration::from_secs(self.advanced.into());
        self.covered_to.filter(|_| self.advanced > 0).and_then(|to| to.checked_sub(advanced).ok())
    }

    /// When it was last read with success.
    #[must_use]
    pub fn read_at(&self) -> Option<Timestamp> {
        self.read_at
    }

    /// Whether AWS refuses this metric.
    #[must_use]
    pub fn denied(&self) -> bool {
        self.denied
    }

    fn capacity_i64(&self) -> i64 {
        i64::try_from(self.values.len()).unwrap_or(i64::MAX)
    }

    #[expect(clippy::cast_possible_truncation, reason = "rem_euclid of a usize length fits usize")]
    fn index(&self, slot: i64) -> usize {
        slot.rem_euclid(self.capacity_i64()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).expect("in range")
    }

    #[test]
    fn out_of_order_duplicated_and_revised_points_end_in_the_same_place() {
        let mut s = Series::new(60);
        s.put(t(3), 3.0);
        s.put(t(1), 1.0);
        assert!(!s.put(t(1), 1.0));
        assert!(s.put(t(3), 30.0));
        assert_eq!(s.window(t(3), 4), [None, Some(1.0), None, Some(30.0)]);
        assert_eq!(s.last().map(|p| p.value), Some(30.0));
    }

    #[test]
    fn a_gap_as_long_as_the_ring_leaves_nothing_old_behind() {
        let mut s = Series::new(60);
        for m in 0..200 {
            s.put(t(m), 1.0);
        }
        s.put(t(200 + 180), 2.0);
        assert_eq!(s.points().count(), 1);
        assert!(!s.put(t(1), 9.0), "older than the ring");
    }

    #[test]
    fn the_ring_keeps_its_capacity_and_no_more() {
        let mut s = Series::new(60);
        for m in 0..1000 {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            s.put(t(m), m as f64);
        }
        assert_eq!(s.points().count(), 180);
        assert_eq!(s.points().next().map(|p| p.value), Some(820.0));
    }

    #[test]
    fn the_covered_stretch_grows_and_begins_anew_after_a_hole() {
        let mut s = Series::new(60);
        for (from, to, expected) in [(10, 15, 10), (12, 17, 10), (5, 11, 5), (30, 35, 30)] {
            s.cover_from(t(from), t(to));
            s.cover(t(to), t(to));
            assert_eq!(s.covered_from(), Some(t(expected)), "{from} to {to}");
        }
        assert_eq!(s.covered_before(), Some(t(17)));
        s.cover(t(35), t(36));
        assert_eq!(s.covered_before(), Some(t(17)), "the same read again covers no more");
        assert_eq!(Series::new(60).covered_before(), None);
    }

    #[test]
    fn a_window_that_comes_late_covers_nothing_between_it_and_what_is_covered() {
        for (windows, expected) in [
            (vec![(30, 35), (10, 15)], (30, 35)),
            (vec![(30, 35), (10, 29)], (30, 35)),
            (vec![(30, 35), (10, 30)], (10, 35)),
            (vec![(30, 35), (10, 15), (15, 30)], (15, 35)),
            (vec![(10, 15), (30, 35), (16, 20), (20, 30)], (20, 35)),
            (vec![(10, 15), (16, 20)], (16, 20)),
        ] {
            let mut s = Series::new(60);
            for (from, to) in &windows {
                s.cover_from(t(*from), t(*to));
                s.cover(t(*to), t(40));
            }
            let (from, to) = expected;
            assert_eq!((s.covered_from(), s.covered_to()), (Some(t(from)), Some(t(to))), "{windows:?}");
        }
    }

    #[test]
    fn a_ring_that_is_made_larger_keeps_what_it_holds() {
        let mut s = Series::new(60);
        for m in 0..1000 {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            s.put(t(m), m as f64);
        }
        let before: Vec<Point> = s.points().collect();
        s.hold(1500);
        assert_eq!((s.capacity(), s.points().collect::<Vec<_>>()), (1500, before.clone()));
        s.hold(10);
        s.hold(u32::MAX);
        assert_eq!((s.capacity(), s.points().collect::<Vec<_>>()), (Series::MAX_SLOTS as usize, before));
        assert!(s.put(t(0), 7.0), "there is room for what is older");
        assert_eq!(s.get(t(0)), Some(7.0));
    }

    #[test]
    fn what_is_not_a_number_is_no_point() {
        let mut s = Series::new(60);
        assert!(!s.put(t(0), f64::NAN));
        assert!(!s.put(t(0), f64::INFINITY));
        assert_eq!(s.last(), None);
    }
}
