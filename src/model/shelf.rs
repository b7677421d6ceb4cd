//! The series of one resource: a handful to a few dozen, found by a walk over their names.

use super::{Metric, Series, Signal};

/// Series by their signal, in its order.
///
/// In a tree each comparison of two signals is one of three strings that mostly begin alike; here the names, which
/// differ, are looked at first, and nothing is kept free for series that never come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    series: Vec<(Signal, Series)>,
}

/// Where a series stands, for as long as its shelf gets no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    at: u16,
    /// A shelf only gets more, so that one with as many series as before has them where they were.
    of: u16,
}

impl Shelf {
    pub(super) fn get(&self, signal: &Signal) -> Option<&Series> {
        self.series.iter().find(|(s, _)| is(s, signal)).map(|(_, series)| series)
    }

    pub(super) fn get_mut(&mut self, signal: &Signal) -> Option<&mut Series> {
        self.series.iter_mut().find(|(s, _)| is(s, signal)).map(|(_, series)| series)
    }

    pub(super) fn position(&self, metric: &Metric) -> Option<usize> {
        self.series.iter().position(|(s, _)| matches!(s, Signal::Metric(m) if is_metric(m, metric)))
    }

    pub(super) fn series_mut(&mut self, at: usize) -> Option<&mut Series> {
        self.series.get_mut(at).map(|(_, series)| series)
    }

    /// The series of `signal`, and its place.
    pub(crate) fn place(&self, signal: &Signal) -> Option<(Place, &Series)> {
        let at = self.series.iter().position(|(s, _)| is(s, signal))?;
        let place = Place { at: u16::try_from(at).ok()?, of: u16::try_from(self.series.len()).ok()? };
        Some((place, &self.series[at].1))
    }

    /// The series at `place`, if nothing came between.
    pub(crate) fn at(&self, place: Place) -> Option<&Series> {
        let same = self.series.len() == usize::from(place.of);
        self.series.get(usize::from(place.at)).filter(|_| same).map(|(_, series)| series)
    }

    /// Has the newest value of every series fetched, all at once. One after the other, each is waited for, and most of the
    /// time of a look at a large fleet is that.
    pub(crate) fn fetch(&self) {
        std::hint::black_box(self.series.iter().map(|(_, series)| series.newest_value()).sum::<f32>());
    }

    /// Puts an empty series there, and says where.
    pub(super) fn add(&mut self, signal: Signal) -> usize {
        let found = self.series.binary_search_by(|(s, _)| s.cmp(&signal));
        if let Err(at) = found {
            let mut series = Series::new(signal.step());
            match &signal {
                Signal::Api(api) => series.hold(api.kept() / signal.step()),
                // As far back as side by side.
                Signal::Metric(m) if m.slide > 0 => series.hold(Series::usual_slots(m.period) * (m.period / m.slide)),
                Signal::Metric(_) => {}
            }
            // By a few, not by twice as many: there is one of these for each resource.
            if self.series.len() == self.series.capacity() {
                self.series.reserve_exact(2);
            }
            self.series.insert(at, (signal, series));
        }
        found.unwrap_or_else(|at| at)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Signal, &Series)> {
        self.series.iter().map(|(signal, series)| (signal, series))
    }

    pub(super) fn len(&self) -> usize {
        self.series.len()
    }
}

fn is(a: &Signal, b: &Signal) -> bool {
    match (a, b) {
        (Signal::Metric(a), Signal::Metric(b)) => is_metric(a, b),
        _ => a == b,
    }
}

fn is_metric(a: &Metric, b: &Metric) -> bool {
    a.period == b.period && a.slide == b.slide && a.name == b.name && a.stat == b.stat && a.namespace == b.namespace
}
