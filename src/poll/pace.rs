//! Request budgets: one bucket an API and scope, so that a throttled API slows nobody else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::aws::{Api, Pace};
use crate::clock::Clock;

/// Requests at once and requests a second, well below AWS's own limits: others use the account too.
fn limits(api: Api) -> (f64, f64) {
    match api {
        Api::Ec2 => (20.0, 8.0),
        Api::Elb | Api::ElbV2 => (30.0, 8.0),
        Api::AutoScaling => (10.0, 4.0),
        Api::CloudTrail => (1.0, 1.0),
        Api::CloudWatch => (10.0, 6.0),
        Api::CloudWatchList => (20.0, 15.0),
        Api::Pricing => (5.0, 3.0),
        Api::Sts => (5.0, 2.0),
    }
}

#[derive(Debug)]
struct Bucket {
    /// Requests that may be sent at once; below zero when that many wait.
    left: f64,
    at: Timestamp,
}

/// The buckets of one scope.
pub(super) fn pace(clock: &Clock) -> Pace {
    let apis = [
        Api::Ec2,
        Api::Elb,
        Api::ElbV2,
        Api::AutoScaling,
        Api::CloudTrail,
        Api::CloudWatch,
        Api::CloudWatchList,
        Api::Pricing,
        Api::Sts,
    ];
    let now = clock.now();
    let buckets: Arc<Vec<(Api, Mutex<Bucket>)>> =
        Arc::new(apis.into_iter().map(|api| (api, Mutex::new(Bucket { left: limits(api).0, at: now }))).collect());
    let clock = clock.clone();
    Arc::new(move |api| {
        let bucket = buckets.iter().find(|(of, _)| *of == api).map(|(_, bucket)| bucket);
        let wait = bucket.map_or(Duration::ZERO, |b| {
            b.lock().unwrap_or_else(PoisonError::into_inner).take(limits(api), clock.now())
        });
        let clock = clock.clone();
        Box::pin(async move {
            if !wait.is_zero() {
                clock.sleep(wait).await;
            }
        })
    })
}

impl Bucket {
    /// Takes one request out and says how long it must wait.
    fn take(&mut self, (burst, rate): (f64, f64), now: Timestamp) -> Duration {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.left = (self.left + passed * rate).min(burst) - 1.0;
        self.at = now;
        Duration::try_from_secs_f64(-self.left / rate).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH, 1.0);
        let pace = pace(&clock);
        for _ in 0..5 {
            pace(Api::Sts).await;
        }
        assert_eq!(clock.now().as_second(), 0);
        for _ in 0..10 {
            pace(Api::Sts).await;
        }
        assert_eq!(clock.now().as_second(), 5);
        pace(Api::Ec2).await;
        assert_eq!(clock.now().as_second(), 5, "another API's bucket is full");
    }
}
