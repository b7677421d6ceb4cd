//! The simulator as its callers see it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{DATE, HeaderValue};
use http::{Request, Response};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::error::ApiError;
use super::fault::FaultSpec;
use super::ops::{self, Call, Operation};
use super::params::Params;
use super::protocol::{self, Reply};
use super::route::{Route, payload};
use super::service::Service;
use super::value::Value;
use crate::clock::Clock;
use crate::sim::scenario::Scenario;
use crate::sim::world::{Account, Fault, Variation, World, WorldConfig};

/// What a simulator is made of. Equal configurations on equal clocks answer equally.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// What goes wrong.
    pub scenario: Scenario,
    /// Seed of everything that looks like chance.
    pub seed: u64,
    /// Size of the fleet; 1 is the demo's.
    pub scale: u32,
    /// How long ago the scenario began; negative for one that is yet to begin.
    pub at: SignedDuration,
    /// In what it differs from other tellings of the scenario.
    pub variation: Variation,
    /// What goes wrong besides, in the order it is tried.
    pub faults: Vec<FaultSpec>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            scenario: Scenario::default(),
            seed: 1,
            scale: 1,
            at: SignedDuration::ZERO,
            variation: Variation::default(),
            faults: Vec::new(),
        }
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Answer {
    /// A whole response.
    Response(Response<Bytes>),
    /// A response of which only so many bytes of the body arrive before the connection breaks.
    Truncated {
        /// All of it.
        response: Response<Bytes>,
        /// Bytes of the body that arrive.
        after_bytes: usize,
    },
    /// The connection is reset.
    Reset,
    /// Nothing, ever.
    Stall,
}

/// A simulated AWS. Clones share the worlds and the counts.
#[derive(Clone, Debug)]
pub struct Simulator {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    main: World,
    staging: World,
    clock: Clock,
    seed: u64,
    faults: Vec<FaultSpec>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    calls: BTreeMap<String, u64>,
    /// How many calls each fault has covered.
    covered: Vec<u64>,
}

impl Simulator {
    /// A simulator whose scenario began `config.at` ago on `clock`.
    #[must_use]
    pub fn new(config: SimConfig, clock: Clock) -> Self {
        let now = clock.now();
        let began = now.checked_sub(config.at).unwrap_or(now);
        let world = |account: Account| {
            let (seed, scale) = (account.seed(config.seed), account.scale(config.scale));
            World::new(WorldConfig {
                account,
                scenario: config.scenario,
                seed,
                scale,
                began,
                variation: config.variation,
            })
        };
        let counts = Counts { covered: vec![0; config.faults.len()], ..Counts::default() };
        Self {
            inner: Arc::new(Inner {
                main: world(Account::Main),
                staging: world(Account::Staging),
                clock,
                seed: config.seed,
                faults: config.faults,
                counts: Mutex::new(counts),
            }),
        }
    }

    /// The world of an account.
    #[must_use]
    pub fn world(&self, account: Account) -> &World {
        match account {
            Account::Main => &self.inner.main,
            Account::Staging => &self.inner.staging,
        }
    }

    /// The clock it runs on.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// How often each operation was called, by `service:Operation`; what it does not know counts as `unknown`.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.counts(|counts| counts.calls.clone())
    }

    fn counts<T>(&self, read: impl FnOnce(&mut Counts) -> T) -> T {
        read(&mut self.inner.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whole milliseconds: a page's token holds no less.
    fn now(&self) -> Timestamp {
        let now = self.inner.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Answers a request. Latency is slept on the clock; any request gets an answer.
    pub async fn answer(&self, request: Request<Bytes>) -> Answer {
        let route = Route::of(&request);
        let operation = route.service.and_then(|service| ops::find(service, &route.operation));
        let name = match operation {
            Some(op) => format!("{}:{}", op.service.name(), op.name),
            None => "unknown".to_owned(),
        };
        let number = self.counts(|counts| {
            counts.requests += 1;
            *counts.calls.entry(name).or_default() += 1;
            counts.requests
        });
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let reply = Reply {
            protocol: route.protocol,
            service: route.service,
            operation: &route.operation,
            request_id: &request_id,
        };
        if !route.signed {
            return self.whole(reply.error(&ApiError::unsigned(route.service)));
        }
        let Some(operation) = operation else {
            return self.whole(reply.error(&ApiError::unknown_operation(route.service, &route.operation)));
        };
        let mut truncate = false;
        let world = self.world(Account::of_access_key(&route.access_key));
        for fault in self.faults(world, operation, &route.region) {
            match fault {
                Fault::Latency(duration) => self.inner.clock.sleep(duration).await,
                Fault::Stall => return Answer::Stall,
                Fault::Reset => return Answer::Reset,
                Fault::Truncate => truncate = true,
                Fault::Throttle | Fault::ServerError | Fault::AccessDenied | Fault::ExpiredToken => {
                    return self.whole(reply.error(&error(fault, operation, world, number)));
                }
            }
        }
        let response = match self.run(world, operation, &route, payload(&request)) {
            Ok(members) => reply.answer(&members),
            Err(error) => reply.error(&error),
        };
        match self.whole(response) {
            Answer::Response(response) if truncate => {
                let after_bytes = response.body().len() / 2;
                Answer::Truncated { response, after_bytes }
            }
            answer => answer,
        }
    }

    fn run(&self, world: &World, operation: &Operation, route: &Route, body: &[u8]) -> Result<Value, ApiError> {
        let members = protocol::decode(route.protocol, body)?;
        let params = Params::new(operation.service, &members);
        (operation.run)(&Call { world, region: &route.region, now: self.now(), params })
    }

    /// What goes wrong with this call: what was asked for, then what the scenario has. An end of the call ends the
    /// list.
    fn faults(&self, world: &World, operation: &Operation, region: &str) -> Vec<Fault> {
        let (service, name) = (operation.service, operation.name);
        let mut found = Vec::new();
        for (at, spec) in self.inner.faults.iter().enumerate().filter(|(_, s)| s.covers(Some(service), name)) {
            let nth = self.counts(|counts| {
                let covered = counts.covered.get_mut(at)?;
                *covered += 1;
                Some(*covered)
            });
            found.extend(nth.and_then(|nth| spec.strikes(self.inner.seed, nth)));
        }
        found.extend(world.weather(service.name(), name, region, self.now()));
        found
    }

    /// The response with the date of the simulated world: clients correct their clocks by it.
    fn whole(&self, mut response: Response<Bytes>) -> Answer {
        let date = self.now().to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::from_str(&date) {
            response.headers_mut().insert(DATE, date);
        }
        Answer::Response(response)
    }
}

fn error(fault: Fault, operation: &Operation, world: &World, number: u64) -> ApiError {
    let service: Service = operation.service;
    match fault {
        Fault::Throttle => ApiError::throttled(service),
        Fault::AccessDenied => ApiError::denied(service, operation.name, &ops::caller_arn(world)),
        Fault::ExpiredToken => ApiError::expired(service),
        _ if number.is_multiple_of(2) => ApiError::internal(service),
        _ => ApiError::unavailable(service),
    }
}
