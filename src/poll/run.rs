//! What each poller does in one run.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::budget::Budget;
use super::groups::Groups;
use super::metrics::estimated_charges;
use super::planner::Planner;
use super::prices::Prices;
use super::schedule::{BILLING_REGION, signed};
use super::tags::Tags;
use super::{Demand, Query, Role, Settings};
use crate::aws::{self, Listing, Meter, Pace, ScopeClients, Truncation};
use crate::clock::Clock;
use crate::model::{
    Body, Detail, ErrorClass, Kind, Observation, Offer, Outcome, PollError, PollerKind, Resource, ResourceId, Scope,
    Source, Text,
};

/// How many balancers' or target groups' health is asked for at once.
const AT_ONCE: usize = 8;
/// How far back the first look at the trail goes, and each further one: its events arrive up to 15 minutes late.
const TRAIL_FIRST: SignedDuration = SignedDuration::from_mins(60);
const TRAIL_OVERLAP: SignedDuration = SignedDuration::from_mins(20);
/// The same for scaling activities, which are there at once but change until they end.
const ACTIVITIES_FIRST: SignedDuration = SignedDuration::from_hours(3);
const ACTIVITIES_OVERLAP: SignedDuration = SignedDuration::from_mins(30);

/// What the pollers of one scope share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) role: Role,
    pub(super) clients: ScopeClients,
    pub(super) clock: Clock,
    pub(super) settings: Arc<Settings>,
    pub(super) out: mpsc::Sender<Observation>,
    pub(super) pace: Pace,
    pub(super) budget: Arc<Budget>,
    pub(super) classic: watch::Sender<Found>,
    pub(super) instances: watch::Sender<Found>,
    pub(super) groups: watch::Sender<Found>,
    /// What the scope's instances were bought as.
    pub(super) offers: watch::Sender<BTreeSet<Offer>>,
}

/// What a listing poller found, for the one that reads the health of it: the health of what is not known yet would be
/// lost.
#[derive(Clone, Debug, Default)]
pub(super) enum Found {
    /// It has not run to its end yet.
    #[default]
    Pending,
    /// It failed, and never did otherwise.
    Failed(PollError),
    /// The resources, and what the health call names them by.
    Known(Vec<(ResourceId, Text)>),
}

/// What one poller remembers from run to run.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) planner: Planner,
    pub(super) groups: Groups,
    /// What the demand wants of the bill beyond what is always read.
    pub(super) bill: Vec<Query>,
    pub(super) prices: Prices,
    /// When the last run that read everything began.
    last_whole: Option<Timestamp>,
    /// What a log has before this moment was too much to be read.
    gap: Option<Timestamp>,
    tags: Tags,
}

impl Memory {
    /// Takes over what `demand` wants of `poller`. Returns whether anything is new.
    pub(super) fn want(&mut self, poller: PollerKind, demand: &Demand, scope: &Scope) -> bool {
        match poller {
            PollerKind::Metrics => {
                let rest = self.groups.want(demand.groups(scope), demand.metrics(scope));
                self.planner.want(rest.into_iter()) | self.groups.any_new()
            }
            PollerKind::Bill => {
                let bill: Vec<Query> = demand.bill(scope).cloned().collect();
                let new = bill.iter().any(|q| !self.bill.contains(q) && *q != estimated_charges(&q.resource));
                self.bill = bill;
                new
            }
            _ => false,
        }
    }
}

/// The receiver of observations is gone: nothing is left to do.
#[derive(Debug)]
pub(super) struct Closed;

/// What a run came to.
pub(super) struct Ended {
    pub(super) started: Timestamp,
    pub(super) took: SignedDuration,
    pub(super) error: Option<PollError>,
    pub(super) lacks: Option<PollError>,
    pub(super) stats: aws::CallStats,
    /// Whether what the poller remembers is gone.
    pub(super) forgot: bool,
}

impl Shared {
    fn source(&self, poller: PollerKind) -> Source {
        Source { scope: self.clients.scope().clone(), poller }
    }

    pub(super) async fn send(&self, poller: PollerKind, body: Body) -> Result<(), Closed> {
        let observation = Observation { at: self.clock.now(), source: self.source(poller), body };
        self.out.send(observation).await.map_err(|_| Closed)
    }

    /// Sends the outcome of a run.
    pub(super) async fn conclude(
        &self,
        poller: PollerKind,
        ended: &Ended,
        interval: Duration,
        next: Option<Timestamp>,
    ) -> Result<(), Closed> {
        let outcome = Outcome {
            started: ended.started,
            took: ended.took,
            calls: ended.stats.calls,
            pages: ended.stats.pages,
            billed_metrics: ended.stats.billed_metrics,
            throttles: ended.stats.throttles,
            error: ended.error.clone(),
            lacks: ended.lacks.clone(),
            next,
            interval: SignedDuration::try_from(interval).unwrap_or(SignedDuration::MAX),
        };
        self.send(poller, Body::Outcome(outcome)).await
    }

    /// Waits until what `poller` needs from another one is there, or will not come.
    pub(super) async fn until_ready(&self, poller: PollerKind) {
        if let Some(found) = self.needs(poller) {
            let _ = found.subscribe().wait_for(|f| !matches!(f, Found::Pending)).await;
        }
    }

    pub(super) fn needs(&self, poller: PollerKind) -> Option<&watch::Sender<Found>> {
        match poller {
            PollerKind::ClassicHealth => Some(&self.classic),
            PollerKind::InstanceStatus | PollerKind::Prices => Some(&self.instances),
            PollerKind::TargetHealth => Some(&self.groups),
            _ => None,
        }
    }

    /// Runs `poller` once, at most `limit` long; everything but the outcome is sent.
    pub(super) async fn run(&self, poller: PollerKind, memory: &mut Memory, limit: Duration) -> Result<Ended, Closed> {
        let started = self.clock.now();
        self.send(poller, Body::Started).await?;
        let meter = Meter::new(&self.clients, Some(self.pace.clone()));
        // What a run that was given up has left.
        memory.tags.take();
        // Boxed: a run's future holds every service's calls.
        let read = Box::pin(AssertUnwindSafe(self.read(poller, memory, &meter)).catch_unwind());
        let mut forgot = false;
        let error = match self.clock.timeout(limit, read).await {
            Some(Ok(done)) => done?,
            Some(Err(_)) => {
                // What it remembers may be half changed.
                *memory = Memory::default();
                forgot = true;
                Some(broke(poller))
            }
            None => Some(timed_out(poller, limit)),
        };
        if let Some(error) = &error {
            self.note_failure(poller, error);
        } else {
            memory.last_whole = Some(started);
        }
        let took = self.clock.now().duration_since(started);
        let lacks = memory.tags.take();
        Ok(Ended { started, took, error, lacks, stats: meter.stats(), forgot })
    }

    /// How long a run of `poller` may take: reading the health of many takes as long as the request budget says.
    pub(super) fn limit(&self, poller: PollerKind) -> Duration {
        let many = self.needs(poller).map_or(0, |found| match &*found.borrow() {
            Found::Known(list) => list.len(),
            _ => 0,
        });
        self.settings.run_limit + Duration::from_millis(250) * u32::try_from(many).unwrap_or(u32::MAX)
    }

    async fn read(&self, poller: PollerKind, memory: &mut Memory, meter: &Meter) -> Result<Option<PollError>, Closed> {
        let clients = &self.clients;
        match poller {
            PollerKind::Identity => match aws::sts::identity(clients, meter).await {
                Ok(identity) => self.send(poller, Body::Identity(identity)).await.map(|()| None),
                Err(error) => Ok(Some(error)),
            },
            PollerKind::Instances => {
                let listing = aws::ec2::instances(clients, meter).await;
                let read = !listing.items.is_empty() || listing.error.is_none();
                self.note_offers(&listing);
                let error = self.inventory(poller, &[Kind::Instance], listing).await?;
                if read {
                    // All statuses come in one listing: which instances there are does not shape the question.
                    self.instances.send_replace(Found::Known(Vec::new()));
                }
                Ok(error)
            }
            PollerKind::Subnets => {
                self.inventory(poller, &[Kind::Subnet], aws::ec2::subnets(clients, meter).await).await
            }
            PollerKind::Volumes => {
                self.inventory(poller, &[Kind::EbsVolume], aws::ec2::volumes(clients, meter).await).await
            }
            PollerKind::Catalogue => self.catalogue(meter).await,
            PollerKind::InstanceStatus => {
                let Listing { items, error, .. } = aws::ec2::statuses(clients, meter).await;
                if error.is_none() || !items.is_empty() {
                    self.send(poller, Body::Status { list: items, partial: error.is_some() }).await?;
                }
                Ok(error)
            }
            PollerKind::ClassicElbs => {
                let began = self.clock.now();
                let mut listing = aws::elb::balancers(clients, meter, memory.tags.refused(began)).await;
                memory.tags.note(&mut listing, began);
                let found = found(&listing, |r| (r.id.kind == Kind::ClassicElb).then(|| r.id.id.clone()));
                let error = self.inventory(poller, &[Kind::ClassicElb], listing).await?;
                // Only now: health that came before the listing would be of nobody.
                note(&self.classic, found, error.is_some());
                Ok(error)
            }
            PollerKind::Balancers => {
                let began = self.clock.now();
                let mut listing = aws::elbv2::balancers(clients, meter, memory.tags.refused(began)).await;
                memory.tags.note(&mut listing, began);
                let found = found(&listing, |r| match &r.detail {
                    Detail::TargetGroup(group) => Some(group.arn.clone()),
                    _ => None,
                });
                let error = self.inventory(poller, &[Kind::Alb, Kind::Nlb, Kind::TargetGroup], listing).await?;
                note(&self.groups, found, error.is_some());
                Ok(error)
            }
            PollerKind::ClassicHealth | PollerKind::TargetHealth => self.health(poller, meter).await,
            PollerKind::ScalingGroups => {
                let listing = aws::autoscaling::groups(clients, meter).await;
                self.inventory(poller, &[Kind::AutoScalingGroup], listing).await
            }
            PollerKind::Activities => {
                let began = self.clock.now();
                let since = self.since(memory, ACTIVITIES_FIRST, ACTIVITIES_OVERLAP);
                let (listing, truncation) = aws::autoscaling::activities(clients, meter, since).await;
                if !listing.items.is_empty() {
                    self.send(poller, Body::Events(listing.items)).await?;
                }
                let operation = "DescribeScalingActivities";
                Ok(self.or_cut_off(memory, began, listing.error, truncation, operation, ACTIVITIES_FIRST))
            }
            PollerKind::Trail => self.trail(memory, meter).await,
            PollerKind::Alarms => {
                self.inventory(poller, &[Kind::Alarm], aws::alarms::alarms(clients, meter).await).await
            }
            PollerKind::Metrics => {
                let slowdown = self.budget.slowdown();
                self.metrics(poller, memory, meter, slowdown).await.map(|read| read.error)
            }
            PollerKind::Bill => self.bill(memory, meter).await,
            PollerKind::Prices => self.prices(memory, meter).await,
        }
    }

    /// Lists what rules look at, service by service. One that cannot be listed keeps none of the others from being.
    async fn catalogue(&self, meter: &Meter) -> Result<Option<PollError>, Closed> {
        let home = self.clients.scope().region == BILLING_REGION;
        let services = self.settings.catalogue(self.role == Role::BillingOnly).filter(|s| home || !s.global);
        let mut first = None;
        for service in services {
            let listing = aws::catalogue::resources(&self.clients, meter, service).await;
            if let Some(error) = self.inventory(PollerKind::Catalogue, &[service.kind], listing).await? {
                let alone = error.class == ErrorClass::Refused;
                first.get_or_insert(error);
                if !alone {
                    break;
                }
            }
        }
        Ok(first)
    }

    async fn inventory(
        &self,
        poller: PollerKind,
        kinds: &[Kind],
        listing: Listing<Resource>,
    ) -> Result<Option<PollError>, Closed> {
        let Listing { items, error, .. } = listing;
        if error.is_none() || !items.is_empty() {
            let body = Body::Inventory { kinds: kinds.to_vec(), resources: items, partial: error.is_some() };
            self.send(poller, body).await?;
        }
        Ok(error)
    }

    fn since(&self, memory: &Memory, first: SignedDuration, overlap: SignedDuration) -> Timestamp {
        let now = self.clock.now();
        let first = first.max(signed(self.settings.look_back));
        // A clock that was set back must not make the next look begin in the future.
        let from = memory.last_whole.map_or(now.checked_sub(first), |last| last.min(now).checked_sub(overlap));
        from.unwrap_or(Timestamp::MIN)
    }

    async fn trail(&self, memory: &mut Memory, meter: &Meter) -> Result<Option<PollError>, Closed> {
        let poller = PollerKind::Trail;
        let began = self.clock.now();
        let since = self.since(memory, TRAIL_FIRST, TRAIL_OVERLAP);
        let (Listing { items, error, .. }, truncation) = aws::cloudtrail::events(&self.clients, meter, since).await;
        if error.is_none() {
            let id = ResourceId::new(self.clients.scope(), Kind::Trail, "management-events");
            self.send(poller, whole(Kind::Trail, id)).await?;
        }
        if !items.is_empty() {
            self.send(poller, Body::Events(items)).await?;
        }
        Ok(self.or_cut_off(memory, began, error, truncation, "LookupEvents", TRAIL_FIRST))
    }

    /// `error`, or else what was left unread of a log because it was too much, now or a while ago: what was lost stays
    /// lost, since asking for it again would lose what is newer.
    fn or_cut_off(
        &self,
        memory: &mut Memory,
        began: Timestamp,
        error: Option<PollError>,
        truncation: Truncation,
        operation: &'static str,
        first: SignedDuration,
    ) -> Option<PollError> {
        if let Truncation::Before(oldest) = truncation
            && memory.last_whole.is_none_or(|last| oldest > last)
        {
            memory.gap = Some(oldest);
        }
        if error.is_none() {
            memory.last_whole = Some(began);
        }
        // Told for as long as the first look would have reached back to it.
        memory.gap = memory.gap.filter(|gap| began.duration_since(*gap) < first.max(signed(self.settings.look_back)));
        error.or(memory.gap.map(|oldest| PollError {
            class: ErrorClass::Refused,
            operation: operation.into(),
            code: Text::default(),
            message: format!("more than can be read in time: what is before {oldest} was not read").into(),
        }))
    }

    async fn health(&self, poller: PollerKind, meter: &Meter) -> Result<Option<PollError>, Closed> {
        let list = match self.needs(poller).map(|found| found.borrow().clone()) {
            Some(Found::Known(list)) => list,
            Some(Found::Failed(error)) => return Ok(Some(error)),
            _ => return Ok(None),
        };
        let mut first = None;
        for some in list.chunks(AT_ONCE) {
            let asked = some.iter().map(|(id, name)| async move {
                let read = match poller {
                    PollerKind::ClassicHealth => aws::elb::health(&self.clients, meter, name).await,
                    _ => aws::elbv2::health(&self.clients, meter, name).await,
                };
                (id, read)
            });
            let mut gone = Vec::new();
            let (mut answered, mut hopeless) = (false, false);
            for (id, read) in join_all(asked).await {
                match read {
                    Ok(Some(members)) => {
                        answered = true;
                        self.send(poller, Body::Health { of: id.clone(), members }).await?;
                    }
                    // Deleted since it was listed: no health to read, and none to wait for.
                    Ok(None) => gone.push(id.clone()),
                    Err(error) => {
                        answered |= error.class == ErrorClass::Refused;
                        hopeless |= matches!(
                            error.class,
                            ErrorClass::Denied
                                | ErrorClass::Expired
                                | ErrorClass::NoCredentials
                                | ErrorClass::Unsupported
                        );
                        first.get_or_insert(error);
                    }
                }
            }
            if !gone.is_empty() {
                answered = true;
                self.send(poller, Body::Gone(gone)).await?;
            }
            // Some odd balancers are their own matter; where none is answered for, the next ones would fare no better.
            if hopeless || !answered {
                break;
            }
        }
        Ok(first)
    }

    fn note_failure(&self, poller: PollerKind, error: &PollError) {
        let found = match poller {
            PollerKind::ClassicElbs => &self.classic,
            PollerKind::Balancers => &self.groups,
            PollerKind::Instances => &self.instances,
            _ => return,
        };
        found.send_if_modified(|f| {
            let nothing_known = matches!(f, Found::Pending | Found::Failed(_));
            if nothing_known {
                *f = Found::Failed(error.clone());
            }
            nothing_known
        });
    }
}

/// The listing of a kind of which a scope has one.
pub(super) fn whole(kind: Kind, id: ResourceId) -> Body {
    let resource = Resource { name: id.id.clone(), id, tags: std::collections::BTreeMap::new(), detail: Detail::None };
    Body::Inventory { kinds: vec![kind], resources: vec![resource], partial: false }
}

/// What a listing found whose health is read, with the name to ask for.
fn found(listing: &Listing<Resource>, name: impl Fn(&Resource) -> Option<Text>) -> Vec<(ResourceId, Text)> {
    listing.items.iter().filter_map(|r| Some((r.id.clone(), name(r)?))).collect()
}

/// Tells the health poller what was found. A partial listing adds to what is known and takes nothing away.
fn note(found: &watch::Sender<Found>, mut list: Vec<(ResourceId, Text)>, partial: bool) {
    if partial && list.is_empty() {
        return;
    }
    found.send_modify(|f| {
        if let (true, Found::Known(old)) = (partial, &*f) {
            let missing: Vec<_> = old.iter().filter(|o| !list.contains(o)).cloned().collect();
            list.extend(missing);
        }
        *f = Found::Known(std::mem::take(&mut list));
    });
}

/// The outcome of a run that panicked: the others go on, and it is tried again.
fn broke(poller: PollerKind) -> PollError {
    PollError {
        class: ErrorClass::Malformed,
        operation: poller.action().rsplit(':').next().unwrap_or_default().into(),
        code: Text::default(),
        message: "a fault in awswatch ended this run; it is in the log, please report it".into(),
    }
}

/// The outcome of a run that was given up.
pub(super) fn timed_out(poller: PollerKind, limit: Duration) -> PollError {
    let operation = poller.action().rsplit(':').next().unwrap_or_default();
    let message = if limit.as_secs() == 0 {
        "no time was left for it".to_owned()
    } else {
        format!("not done after {} s; given up", limit.as_secs())
    };
    PollError {
        class: ErrorClass::Timeout,
        operation: operation.into(),
        code: Text::default(),
        message: message.into(),
    }
}
