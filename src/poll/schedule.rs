//! When each poller runs: at its interval, sooner when asked to, later when AWS says so.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::budget::{Budget, Cost};
use super::cost::monthly;
use super::pace::pace;
use super::run::{Closed, Ended, Memory, Shared, timed_out};
use super::{Demand, Settings};
use crate::aws::{CallStats, ScopeClients};
use crate::clock::Clock;
use crate::model::{ErrorClass, Kind, Observation, Offer, PollError, PollerKind, Source};

/// The region that the bill is published in.
pub(super) const BILLING_REGION: &str = "us-east-1";
/// A throttled poller, or one that AWS refuses, is not tried less often than this.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Any other failing poller is tried at least this often, so that a scope that is back is seen within a minute.
const RETRY_WAIT: Duration = Duration::from_secs(60);
const FIRST_RETRY: Duration = Duration::from_secs(15);
/// Demands come in a burst while the first listings do.
const DEBOUNCE: Duration = Duration::from_secs(1);
/// How often a resting poller looks whether its time has come by the clock.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(15);
/// How long the metrics poller waits for its first demand.
const FIRST_DEMAND: Duration = Duration::from_secs(10);

/// What of a scope is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything; the bill too when the region is us-east-1.
    Full,
    /// What AWS keeps there for all regions: the caller's identity, the bill, the metrics of global services that rules
    /// look at, and the trail where rules look at it, since AWS records there what root and IAM do. For us-east-1 when the
    /// user watches other regions only.
    BillingOnly,
}

/// A scope to watch.
#[derive(Clone, Debug)]
pub struct ScopeSpec {
    /// Its clients.
    pub clients: ScopeClients,
    /// What of it is read.
    pub role: Role,
}

impl ScopeSpec {
    /// The pollers that run in it.
    pub fn pollers(&self, settings: &Settings) -> impl Iterator<Item = PollerKind> {
        let home = self.clients.scope().region == BILLING_REGION;
        let role = self.role;
        let global = home && settings.catalogue(true).next().is_some();
        let catalogue = settings.catalogue(false).any(|s| home || !s.global);
        let volumes = settings.kinds.contains(&Kind::EbsVolume);
        let trail = settings.kinds.contains(&Kind::Trail);
        PollerKind::ALL.into_iter().filter(move |poller| match (role, poller) {
            (Role::BillingOnly, PollerKind::Identity | PollerKind::Bill) => true,
            (Role::BillingOnly, PollerKind::Catalogue | PollerKind::Metrics) => global,
            (Role::BillingOnly, PollerKind::Trail) => trail,
            (Role::BillingOnly, _) => false,
            (Role::Full, PollerKind::Bill) => home,
            (Role::Full, PollerKind::Catalogue) => catalogue,
            (Role::Full, PollerKind::Volumes) => volumes,
            (Role::Full, _) => true,
        })
    }
}

/// The running pollers. They stop when it is dropped.
#[derive(Debug)]
pub struct Pollers {
    tasks: JoinSet<()>,
    wake: BTreeMap<Source, mpsc::Sender<()>>,
    budget: Arc<Budget>,
}

impl Pollers {
    /// Makes `source`'s poller, or with `None` every poller, run now. One that is running runs once more.
    pub fn refresh(&self, source: Option<&Source>) {
        for (of, wake) in &self.wake {
            if source.is_none_or(|s| s == of) {
                // Full: it will run anyway.
                let _ = wake.try_send(());
            }
        }
    }

    /// What the metrics cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.budget.cost()
    }

    /// What runs.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.wake.keys()
    }

    /// Stops all and waits until they have.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Starts the pollers of `scopes`. Must be called on a runtime. Observations go to `out`, which should hold a few
/// hundred; pollers wait while it is full and stop when it is closed.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the pollers own their ends: a caller that kept one would not see the others close"
)]
pub fn spawn(
    settings: Settings,
    scopes: Vec<ScopeSpec>,
    clock: Clock,
    out: mpsc::Sender<Observation>,
    demand: watch::Receiver<Demand>,
) -> Pollers {
    let settings = Arc::new(settings);
    let budget = Arc::new(Budget::new(settings.budget));
    let mut pollers = Pollers { tasks: JoinSet::new(), wake: BTreeMap::new(), budget: budget.clone() };
    for spec in scopes {
        let shared = shared(&spec, &settings, &clock, &out, &budget);
        for poller in spec.pollers(&settings) {
            let (wake, woken) = mpsc::channel(1);
            let source = Source { scope: spec.clients.scope().clone(), poller };
            let task = Task {
                poller,
                shared: shared.clone(),
                woken,
                demand: demand.clone(),
                offers: shared.offers.subscribe(),
                waits: Waits::new(&settings, &source),
            };
            pollers.wake.insert(source, wake);
            pollers.tasks.spawn(task.keep_running());
        }
    }
    pollers
}

/// Runs each of `pollers` once in every scope where it belongs, those that list before those that need the list (which
/// run too when they are not named), and returns when all have ended. One that has not ended after `limit` ends with
/// an outcome of [`ErrorClass::Timeout`].
pub async fn once(
    settings: &Settings,
    scopes: &[ScopeSpec],
    clock: &Clock,
    out: &mpsc::Sender<Observation>,
    pollers: &[PollerKind],
    demand: &Demand,
    limit: Duration,
) {
    let settings = Arc::new(settings.clone());
    let budget = Arc::new(Budget::new(f64::INFINITY));
    let wanted = |poller: PollerKind| {
        pollers.contains(&poller)
            || match poller {
                PollerKind::ClassicElbs => pollers.contains(&PollerKind::ClassicHealth),
                PollerKind::Balancers => pollers.contains(&PollerKind::TargetHealth),
                PollerKind::Instances => {
                    [PollerKind::InstanceStatus, PollerKind::Prices].iter().any(|p| pollers.contains(p))
                }
                _ => false,
            }
    };
    let mut runs = Vec::new();
    for spec in scopes {
        let shared = shared(spec, &settings, clock, out, &budget);
        for poller in spec.pollers(&settings).filter(|p| wanted(*p)) {
            runs.push(run_once(shared.clone(), poller, demand, limit));
        }
    }
    join_all(runs).await;
}

async fn run_once(shared: Shared, poller: PollerKind, demand: &Demand, limit: Duration) {
    let began = shared.clock.now();
    let mut memory = Memory::default();
    (memory.planner.once, memory.groups.once) = (true, true);
    memory.want(poller, demand, shared.clients.scope());
    let ended = if shared.clock.timeout(limit, shared.until_ready(poller)).await.is_some() {
        let passed = Duration::try_from(shared.clock.now().duration_since(began)).unwrap_or_default();
        shared.run(poller, &mut memory, limit.saturating_sub(passed)).await
    } else {
        Ok(Ended::unread(began, shared.clock.now(), timed_out(poller, limit)))
    };
    if let Ok(ended) = ended {
        // A closed channel has nobody left who waits for the outcome.
        let _ = shared.conclude(poller, &ended, shared.settings.interval(poller), None).await;
    }
}

fn shared(
    spec: &ScopeSpec,
    settings: &Arc<Settings>,
    clock: &Clock,
    out: &mpsc::Sender<Observation>,
    budget: &Arc<Budget>,
) -> Shared {
    Shared {
        role: spec.role,
        clients: spec.clients.clone(),
        clock: clock.clone(),
        settings: settings.clone(),
        out: out.clone(),
        pace: pace(clock),
        budget: budget.clone(),
        classic: watch::Sender::default(),
        instances: watch::Sender::default(),
        groups: watch::Sender::default(),
        offers: watch::Sender::default(),
    }
}

struct Task {
    poller: PollerKind,
    shared: Shared,
    woken: mpsc::Receiver<()>,
    demand: watch::Receiver<Demand>,
    offers: watch::Receiver<BTreeSet<Offer>>,
    waits: Waits,
}

impl Task {
    async fn keep_running(mut self) {
        // The only error is that nobody listens any more.
        let _: Result<(), Closed> = self.run_for_ever().await;
    }

    async fn run_for_ever(&mut self) -> Result<(), Closed> {
        let mut memory = Memory::default();
        let mut failures = 0u32;
        self.begin().await;
        self.want(&mut memory);
        loop {
            let limit = self.shared.limit(self.poller);
            let ended = self.shared.run(self.poller, &mut memory, limit).await?;
            if ended.forgot {
                self.want(&mut memory);
            }
            failures = if ended.error.is_some() { failures.saturating_add(1) } else { 0 };
            let interval = self.interval(&ended);
            let now = self.shared.clock.now();
            let next = match &ended.error {
                None => self.waits.next(self.poller, ended.started, now, interval),
                Some(error) => now + signed(self.waits.vary(retry(error, failures, interval))),
            };
            self.shared.conclude(self.poller, &ended, interval, Some(next)).await?;
            self.rest(next, &mut memory).await;
        }
    }

    /// Waits for the first run: listings go at once, others within a second, so that the screen fills in order.
    async fn begin(&mut self) {
        match self.poller {
            PollerKind::Metrics => {
                let first = self.demand.wait_for(|d| !d.queries.is_empty());
                if self.shared.clock.timeout(FIRST_DEMAND, first).await.is_some() {
                    self.shared.clock.sleep(DEBOUNCE).await;
                }
            }
            PollerKind::ClassicHealth | PollerKind::TargetHealth | PollerKind::InstanceStatus | PollerKind::Prices => {
                self.shared.until_ready(self.poller).await;
            }
            PollerKind::Trail | PollerKind::Activities | PollerKind::Alarms | PollerKind::Catalogue => {
                let share = self.waits.share();
                self.shared.clock.sleep(Duration::from_secs_f64(share)).await;
            }
            _ => {}
        }
    }

    /// Waits for the next run: until `next`, until somebody wants it now, or until something new is wanted.
    async fn rest(&mut self, next: Timestamp, memory: &mut Memory) {
        let clock = self.shared.clock.clone();
        // In slices: a machine that was suspended, or a clock that was set forward, has `next` pass while we sleep. One
        // that was set back must not make us sleep longer.
        let mut left = Duration::try_from(next.duration_since(clock.now())).unwrap_or(Duration::ZERO);
        let sleep = clock.sleep(left.min(LOOK_AT_CLOCK));
        tokio::pin!(sleep);
        let watches_demand = matches!(self.poller, PollerKind::Metrics | PollerKind::Bill);
        let mut watching = watches_demand;
        let mut pricing = self.poller == PollerKind::Prices;
        loop {
            tokio::select! {
                biased;
                Some(()) = self.woken.recv() => {
                    memory.planner.forgive();
                    memory.groups.forgive();
                    return;
                }
                () = &mut sleep => {
                    left = left.saturating_sub(LOOK_AT_CLOCK);
                    if left.is_zero() || clock.now() >= next {
                        return;
                    }
                    sleep.set(clock.sleep(left.min(LOOK_AT_CLOCK)));
                }
                changed = self.offers.changed(), if pricing => {
                    pricing = changed.is_ok();
                    if pricing && memory.prices.lacks(&self.offers.borrow_and_update()) {
                        return;
                    }
                }
                changed = self.demand.changed(), if watching => {
                    if changed.is_err() {
                        watching = false;
                        continue;
                    }
                    clock.sleep(DEBOUNCE).await;
                    let new = self.want(memory);
                    if new {
                        return;
                    }
                }
            }
        }
    }

    /// Takes over what is wanted now. Returns whether anything is new.
    fn want(&mut self, memory: &mut Memory) -> bool {
        let demand = self.demand.borrow_and_update();
        let mut fitted = Cow::Borrowed(&*demand);
        let scope = self.shared.clients.scope();
        if self.poller == PollerKind::Metrics {
            let every = self.shared.settings.interval(self.poller).as_secs_f64();
            fitted = self.shared.budget.fit(&demand, every);
            self.shared.budget.want(scope, monthly(fitted.metrics(scope), fitted.group_members(scope), every));
        }
        memory.want(self.poller, &fitted, scope)
    }

    /// How often it means to run: what the settings say, but no oftener than it can, or than the budget lets it.
    fn interval(&self, ended: &Ended) -> Duration {
        let set = self.shared.settings.interval(self.poller);
        let set = if self.poller == PollerKind::Metrics { set * self.shared.budget.slowdown() } else { set };
        let took = Duration::try_from(ended.took).unwrap_or_default();
        if ended.error.is_none() { set.max(took) } else { set }
    }
}

impl Ended {
    fn unread(started: Timestamp, now: Timestamp, error: PollError) -> Self {
        Self {
            started,
            took: now.duration_since(started),
            error: Some(error),
            lacks: None,
            stats: CallStats::default(),
            forgot: false,
        }
    }
}

/// How long to wait after the `failures`th failure in a row.
fn retry(error: &PollError, failures: u32, interval: Duration) -> Duration {
    let doubled = |from: Duration| from.saturating_mul(1 << failures.saturating_sub(1).min(16));
    match error.class {
        ErrorClass::Throttled => doubled(interval.saturating_mul(2)).min(LONGEST_WAIT.max(interval)),
        ErrorClass::Denied | ErrorClass::Unsupported => doubled(RETRY_WAIT).min(LONGEST_WAIT),
        _ => doubled(FIRST_RETRY).min(RETRY_WAIT),
    }
}

pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// The waits of one poller: equal seeds give equal ones.
#[derive(Debug)]
struct Waits {
    state: u64,
    jitter: f64,
}

impl Waits {
    fn new(settings: &Settings, source: &Source) -> Self {
        // FNV-1a: a hash that stays the same from build to build.
        let name = format!("{} {}", source.scope, source.poller);
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Self { state: settings.seed ^ hash, jitter: settings.jitter.clamp(0.0, 0.5) }
    }

    /// The next number from 0 to 1 (`SplitMix64`).
    fn share(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `wait`, shortened by at most the jitter's share.
    fn vary(&mut self, wait: Duration) -> Duration {
        wait.mul_f64(1.0 - self.jitter * self.share())
    }

    /// When a poller that began at `started` and succeeded runs again; never sooner than in a second.
    fn next(&mut self, poller: PollerKind, started: Timestamp, now: Timestamp, interval: Duration) -> Timestamp {
        let soonest = now + SignedDuration::from_secs(1);
        let every = signed(interval).as_secs();
        if poller == PollerKind::Metrics && every >= 1 {
            // Points are there for whole minutes: a wait that varied would skip one now and then.
            let step = every.min(60);
            let phase = 2.0 + 4.0 * self.jitter * self.share();
            let grid = (started.as_second() + every) / step * step;
            let at = Timestamp::from_second(grid).unwrap_or(Timestamp::MAX);
            return (at + signed(Duration::from_secs_f64(phase))).max(soonest);
        }
        (started + signed(self.vary(interval))).max(soonest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn error(class: ErrorClass) -> PollError {
        PollError { class, operation: "X".into(), code: "".into(), message: "".into() }
    }

    #[test]
    fn waits_after_failures() {
        use ErrorClass::{Connection, Denied, Expired, Throttled};
        let cases = [
            (Connection, 15, [15, 30, 60, 60]),
            (Expired, 600, [15, 30, 60, 60]),
            (Throttled, 15, [30, 60, 120, 240]),
            (Throttled, 60, [120, 240, 300, 300]),
            (Denied, 15, [60, 120, 240, 300]),
        ];
        for (class, interval, waits) in cases {
            for (failures, wait) in (1u32..).zip(waits) {
                let got = retry(&error(class), failures, Duration::from_secs(interval));
                assert_eq!(got.as_secs(), wait, "{class} {failures}");
            }
        }
        assert!(retry(&error(Throttled), u32::MAX, Duration::from_secs(60)) <= LONGEST_WAIT);
    }

    #[test]
    fn metrics_are_read_once_a_minute_whatever_the_jitter() {
        let settings = Settings { jitter: 0.5, ..Settings::default() };
        let source = Source { scope: Scope::new("a", "r"), poller: PollerKind::Metrics };
        let mut waits = Waits::new(&settings, &source);
        let mut now = Timestamp::from_second(1_768_366_831).unwrap();
        for _ in 0..200 {
            let next =
                waits.next(PollerKind::Metrics, now, now + SignedDuration::from_millis(300), Duration::from_mins(1));
            assert_eq!(next.as_second() / 60, now.as_second() / 60 + 1);
            now = next;
        }
    }

    #[test]
    fn waits_vary_within_their_share_and_are_the_same_each_time() {
        let settings = Settings::default();
        let source = Source { scope: Scope::new("a", "r"), poller: PollerKind::Instances };
        let draw = || {
            let mut waits = Waits::new(&settings, &source);
            (0..100).map(|_| waits.vary(Duration::from_secs(60))).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().all(|w| (54.0..=60.0).contains(&w.as_secs_f64())));
    }
}
