//! Counting what a run costs, and waiting for its turn before each request.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::connect::{Account, ScopeClients};
use super::error;
use crate::clock::Clock;
use crate::model::{ErrorClass, Event, PollError, Text};

/// An API with its own request budget at AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Amazon EC2.
    Ec2,
    /// Classic Elastic Load Balancing.
    Elb,
    /// Elastic Load Balancing v2.
    ElbV2,
    /// EC2 Auto Scaling.
    AutoScaling,
    /// AWS CloudTrail.
    CloudTrail,
    /// Amazon CloudWatch.
    CloudWatch,
    /// `ListMetrics` of Amazon CloudWatch.
    CloudWatchList,
    /// AWS Price List.
    Pricing,
    /// AWS Security Token Service.
    Sts,
}

impl Api {
    /// The SDK's name of the service, as in [`ALLOWED`](super::ALLOWED).
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::Elb => "Elastic Load Balancing",
            Self::ElbV2 => "Elastic Load Balancing v2",
            Self::AutoScaling => "Auto Scaling",
            Self::CloudTrail => "CloudTrail",
            Self::CloudWatch | Self::CloudWatchList => "CloudWatch",
            Self::Pricing => "Pricing",
            Self::Sts => "STS",
        }
    }
}

/// Resolves when a request to the API may be sent.
pub type Pace = Arc<dyn Fn(Api) -> BoxFuture<'static, ()> + Send + Sync>;

/// What a run has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallStats {
    /// HTTP requests, retries included.
    pub calls: u32,
    /// Pages read.
    pub pages: u32,
    /// Requests that were throttled.
    pub throttles: u32,
    /// Metrics that `GetMetricData` will bill.
    pub billed_metrics: u32,
}

/// What was read, and what kept us from reading the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// What was read, whole when there is no error.
    pub items: Vec<T>,
    /// Why it is not whole.
    pub error: Option<PollError>,
    /// What may not be read of the items, which are whole without it: their tags.
    pub lacks: Option<PollError>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { items: Vec::new(), error: None, lacks: None }
    }
}

/// Whether the older part of a log was left unread because it was too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// No.
    None,
    /// What is before this moment.
    Before(Timestamp),
}

impl Truncation {
    /// Of a log from `since` on, of which `read` was read, newest first.
    pub(super) fn of(read: &[Event], truncated: bool, since: Timestamp) -> Self {
        let oldest = || read.iter().map(|e| e.at).filter(|at| *at >= since).min().unwrap_or(since);
        if truncated { Self::Before(oldest()) } else { Self::None }
    }
}

/// Counts a run's requests, also those of a run that is cut short, and paces them. Cheap to clone.
#[derive(Clone)]
pub struct Meter {
    counts: Arc<Counts>,
    pace: Option<Pace>,
    profile: Text,
    account: Account,
    clock: Clock,
    /// Tries for each request beyond what the SDK does. The SDK's retries wait a random time that cannot be seeded,
    /// so in this process, where equal seeds must give equal runs, they are ours.
    tries: u32,
}

#[derive(Debug, Default)]
struct Counts {
    calls: AtomicU32,
    pages: AtomicU32,
    throttles: AtomicU32,
    billed: AtomicU32,
}

impl Meter {
    /// A meter at zero for calls through `clients`. Without a pace, requests are sent at once.
    #[must_use]
    pub fn new(clients: &ScopeClients, pace: Option<Pace>) -> Self {
        let (profile, clock, tries) = clients.for_meter();
        Self { counts: Arc::default(), pace, profile, account: clients.account().clone(), clock, tries }
    }

    /// What was counted so far.
    #[must_use]
    pub fn stats(&self) -> CallStats {
        let counts = &self.counts;
        CallStats {
            calls: counts.calls.load(Ordering::Relaxed),
            pages: counts.pages.load(Ordering::Relaxed),
            throttles: counts.throttles.load(Ordering::Relaxed),
            billed_metrics: counts.billed.load(Ordering::Relaxed),
        }
    }

    pub(super) fn bill(&self, metrics: u32) {
        self.counts.billed.fetch_add(metrics, Ordering::Relaxed);
    }

    /// Sends one request (one page) when its turn comes. `send` is called with the interceptor that counts.
    pub(super) async fn page<T, E, F>(
        &self,
        api: Api,
        operation: &'static str,
        send: impl Fn(Tally) -> F,
    ) -> Result<T, PollError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut tried = 0;
        loop {
            if let Some(pace) = &self.pace {
                pace(api).await;
            }
            tried += 1;
            match send(Tally(self.counts.clone())).await {
                Ok(page) => {
                    self.counts.pages.fetch_add(1, Ordering::Relaxed);
                    return Ok(page);
                }
                Err(e) => {
                    let mut error = error::translate(api, operation, &self.profile, &e);
                    if error.class == ErrorClass::NoCredentials {
                        self.account.explain(&mut error);
                    }
                    if matches!(error.class, ErrorClass::Expired | ErrorClass::NoCredentials) {
                        self.account.renew();
                    }
                    if tried >= self.tries || !worth_another_try(error.class) {
                        return Err(error);
                    }
                }
            }
            self.clock.sleep(Duration::from_millis(200 << tried.min(5))).await;
        }
    }
}

impl Meter {
    /// Reads page after page into a listing. `send` is given the token of the page to ask for; `take` takes a page's
    /// items and returns the token of the next one.
    pub(super) async fn pages<T, E, F, R>(
        &self,
        api: Api,
        operation: &'static str,
        max_pages: u32,
        send: impl Fn(Option<String>, Tally) -> F,
        mut take: impl FnMut(T, &mut Vec<R>) -> Option<String>,
    ) -> Listing<R>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut listing = Listing::default();
        let mut token: Option<String> = None;
        for _ in 0..max_pages {
            let next = match self.page(api, operation, |tally| send(token.clone(), tally)).await {
                Ok(page) => take(page, &mut listing.items).filter(|t| !t.is_empty()),
                Err(error) => {
                    listing.error = Some(error);
                    return listing;
                }
            };
            if next.is_none() {
                return listing;
            }
            // Asking again would bring the same page for ever, and what is beyond it is not known.
            if next == token {
                break;
            }
            token = next;
        }
        listing.error = Some(no_end(operation, max_pages));
        listing
    }
}

/// Why pages were not read to their end although AWS answered each.
pub(super) fn no_end(operation: &'static str, max_pages: u32) -> PollError {
    PollError {
        class: ErrorClass::Malformed,
        operation: operation.into(),
        code: Text::default(),
        message: format!("more than {max_pages} pages, or one page again and again; the rest was not read").into(),
    }
}

fn worth_another_try(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Throttled | ErrorClass::Connection | ErrorClass::Server)
}

/// Counts the attempts of one request.
#[derive(Debug)]
pub(super) struct Tally(Arc<Counts>);

impl Intercept for Tally {
    fn name(&self) -> &'static str {
        "AwswatchTally"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let throttled = context.response().is_some_and(|r| {
            let status = r.status().as_u16();
            status == 429
                || (status >= 400
                    && r.body().bytes().is_some_and(|b| error::mentions_throttle(&String::from_utf8_lossy(b))))
        });
        if throttled {
            self.0.throttles.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
