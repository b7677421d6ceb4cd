//! The series of one resource: a handful to a few dozen, found by a walk over their names.

use super::{Metric, Series, Signal};

/// Series by their signal, in its order.
///
/// In a tree each comparison of two signals is one of three strings that mostly begin alike; here the names, which
/// differ, are looked at first, and nothing is kept free for series that never come.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    series: Vec<(Signal, Series)>,
}

impl Shelf {
    pub(super) fn get(&self, signal: &Signal) -> Option<&Series> {
        self.series.iter().find(|(s, _)| is(s, signal)).map(|(_, series)| series)
    }

    pub(super) fn get_mut(&mut self, signal: &Signal) -> Option<&mut Series> {
        self.series.iter_mut().find(|(s, _)| is(s, signal)).map(|(_, series)| series)
    }

    pub(super) fn metric_mut(&mut self, metric: &Metric) -> Option<&mut Series> {
        self.series.iter_mut().find(|(s, _)| matches!(s, Signal::Metric(m) if is_metric(m, metric))).map(|(_, s)| s)
    }

    /// Puts an empty series there.
    pub(super) fn add(&mut self, signal: Signal) {
        if let Err(at) = self.series.binary_search_by(|(s, _)| s.cmp(&signal)) {
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
