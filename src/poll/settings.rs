//! How often each poller runs and what it may cost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Kind, Listed, PollerKind, Service};

/// How the pollers run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Intervals that differ from [`PollerKind::usual_interval`].
    pub intervals: BTreeMap<PollerKind, Duration>,
    /// Share of an interval by which each wait varies, 0 to 0.5, so that many consoles do not ask in step.
    pub jitter: f64,
    /// Seed of that variation: equal seeds give equal waits.
    pub seed: u64,
    /// What `GetMetricData` may cost a month, in US dollars, over all scopes. Beyond it metrics are read less often.
    pub budget: f64,
    /// Longest time one run may take, whatever it has to read.
    pub run_limit: Duration,
    /// How far back rules over events look: the first looks at the trail and at activities go at least as far.
    pub look_back: Duration,
    /// Kinds that rules look at. Those that only CloudWatch's catalogue knows, and volumes, are not listed for nobody.
    pub kinds: BTreeSet<Kind>,
    /// Where the price list is kept between runs, a directory. `None`: nowhere.
    pub cache: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            intervals: BTreeMap::new(),
            jitter: 0.1,
            seed: 0,
            budget: 30.0,
            run_limit: Duration::from_secs(300),
            look_back: Duration::ZERO,
            kinds: BTreeSet::new(),
            cache: None,
        }
    }
}

impl Settings {
    /// How often `poller` means to run; at least a second.
    #[must_use]
    pub fn interval(&self, poller: PollerKind) -> Duration {
        self.intervals.get(&poller).copied().unwrap_or(poller.usual_interval()).max(Duration::from_secs(1))
    }

    /// The services that the catalogue is asked for: all that rules look at, or only those whose metrics are in
    /// us-east-1 wherever they are.
    pub(super) fn catalogue(&self, only_global: bool) -> impl Iterator<Item = &'static Service> {
        let services = self.kinds.iter().filter_map(|kind| Service::of(*kind));
        services.filter(move |s| s.listed != Listed::Described && (s.global || !only_global))
    }
}
