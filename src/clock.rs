//! The one place that reads a clock.
//!
//! In: nothing, or a simulated start and speed. Out: [`Clock`], which every room that needs the time or has to wait is
//! given. On a simulated clock the whole program (pollers, timers, the SDK's time source and its sleeps) runs at the
//! world's pace. `--speed max` is a simulated clock on a runtime whose time is paused: tokio then jumps to the next
//! timer whenever nothing is left to do, so hours of incidents pass in seconds, always in the same order.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time and waits. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Simulated(Arc<Pace>),
}

/// How simulated time goes, for all clones of a clock.
#[derive(Debug)]
struct Pace {
    going: Mutex<Going>,
    /// Told when it goes otherwise than before, for those who wait.
    changed: tokio::sync::watch::Sender<()>,
}

#[derive(Clone, Copy, Debug)]
struct Going {
    epoch: Timestamp,
    origin: tokio::time::Instant,
    speed: f64,
    held: bool,
}

impl Going {
    fn now(&self) -> Timestamp {
        if self.held {
            return self.epoch;
        }
        let passed = self.origin.elapsed().mul_f64(self.speed);
        SignedDuration::try_from(passed).ok().and_then(|d| self.epoch.checked_add(d).ok()).unwrap_or(Timestamp::MAX)
    }

    /// How long it is in real time until `at`.
    fn until(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO).div_f64(self.speed)
    }
}

impl Pace {
    fn going(&self) -> Going {
        *self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Going)) {
        let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        going.epoch = going.now();
        going.origin = tokio::time::Instant::now();
        change(&mut going);
        drop(going);
        self.changed.send_replace(());
    }
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `epoch` now and runs at `speed` times real time (at least 0.001).
    ///
    /// Must be called on the runtime that will drive it; on a runtime whose time is paused it runs as fast as the
    /// machine goes.
    #[must_use]
    pub fn simulated(epoch: Timestamp, speed: f64) -> Self {
        let going = Going { epoch, origin: tokio::time::Instant::now(), speed: speed.max(0.001), held: false };
        let changed = tokio::sync::watch::Sender::new(());
        Self(Source::Simulated(Arc::new(Pace { going: Mutex::new(going), changed })))
    }

    fn change(&self, change: impl FnOnce(&mut Going)) {
        if let Source::Simulated(pace) = &self.0 {
            pace.change(change);
        }
    }

    /// Lets a simulated clock, and whoever waits on it, stand still. The machine's clock goes on.
    pub fn hold(&self) {
        self.change(|going| going.held = true);
    }

    /// Lets a simulated clock go on from where it is, at `speed` times real time (at least 0.001).
    pub fn go(&self, speed: f64) {
        self.change(|going| (going.held, going.speed) = (false, speed.max(0.001)));
    }

    /// Puts a simulated clock to `at`; it goes on, or stands, as before.
    pub fn set(&self, at: Timestamp) {
        self.change(|going| going.epoch = at);
    }

    /// Lets the time of this runtime, which must have one thread only, jump from timer to timer (`true`) or be real.
    /// What it is already it must not be told to be.
    pub fn fly(fast: bool) {
        if fast { tokio::time::pause() } else { tokio::time::resume() }
    }

    /// The time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Simulated(pace) => pace.going().now(),
        }
    }

    /// How many of its seconds pass in a real one.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match &self.0 {
            Source::System => 1.0,
            Source::Simulated(pace) => pace.going().speed,
        }
    }

    /// Waits for `duration` of its time.
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static + use<> {
        let paced = match &self.0 {
            Source::System => None,
            Source::Simulated(pace) => {
                let changes = pace.changed.subscribe();
                let going = pace.going();
                let until = SignedDuration::try_from(duration).ok().and_then(|d| going.now().checked_add(d).ok());
                Some((Arc::clone(pace), changes, going, until.unwrap_or(Timestamp::MAX)))
            }
        };
        let real = paced.as_ref().map_or(duration, |(_, _, going, _)| duration.div_f64(going.speed));
        let sleep = tokio::time::sleep(real);
        async move {
            tokio::pin!(sleep);
            let Some((pace, mut changes, going, until)) = paced else { return sleep.await };
            let mut held = going.held;
            loop {
                tokio::select! {
                    biased;
                    () = &mut sleep, if !held => return,
                    // It is never an error: `pace` has the other end.
                    _ = changes.changed() => {
                        let going = pace.going();
                        held = going.held;
                        if !held {
                            sleep.as_mut().reset(tokio::time::Instant::now() + going.until(until));
                        }
                    }
                }
            }
        }
    }

    /// Waits until `at`; returns at once when that has passed.
    pub fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static + use<> {
        let left = at.duration_since(self.now());
        self.sleep(Duration::try_from(left).unwrap_or(Duration::ZERO))
    }

    /// The output of `work`, or `None` when `limit` of its time passes first.
    pub async fn timeout<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        let deadline = self.sleep(limit);
        tokio::select! {
            biased;
            done = work => Some(done),
            () = deadline => None,
        }
    }
}

/// Lets something happen at most so often in real time, whatever clock the world runs on: people read in real time.
#[derive(Clone, Copy, Debug)]
pub struct Pacer {
    every: Duration,
    next: std::time::Instant,
    /// Instead of `every`, while it is longer.
    at_least: Option<Duration>,
}

/// What takes so long, and is done so often, that the one who waits for it is held up.
const COSTLY: Duration = Duration::from_millis(100);
/// Longest time that something costly is put off.
const PUT_OFF: Duration = Duration::from_secs(5);

impl Pacer {
    /// Does something; returns what comes of it, and how long it took.
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn took<T>(what: impl FnOnce() -> T) -> (T, Duration) {
        let began = std::time::Instant::now();
        let done = what();
        (done, began.elapsed())
    }

    /// Says that the last time took `took`: what takes long is done again only after three times as long, so that a
    /// quarter of the time goes to it at most. Whether it did.
    pub fn cost(&mut self, took: Duration) -> bool {
        let costly = took >= COSTLY;
        if costly {
            self.next += (3 * took).min(PUT_OFF);
        }
        costly
    }

    /// Lets it be no sooner than `at_least` after the last time, or as at first, and that at once.
    pub fn slow_down(&mut self, at_least: Option<Duration>) {
        if at_least.is_none() && self.at_least.is_some() {
            self.next = self.next.checked_sub(self.pause()).unwrap_or(self.next);
        }
        self.at_least = at_least;
    }

    /// Puts it off to a whole pause from now.
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn put_off(&mut self) {
        self.next = std::time::Instant::now() + self.pause();
    }

    /// Whether it is due; it does not count as done.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn is_due(&self) -> bool {
        std::time::Instant::now() >= self.next
    }

    fn pause(&self) -> Duration {
        self.at_least.unwrap_or_default().max(self.every)
    }

    /// One that is due at once, and then no sooner than `every` after the last time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn new(every: Duration) -> Self {
        Self { every, next: std::time::Instant::now(), at_least: None }
    }

    /// Whether it is due; if so, it counts as done.
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn due(&mut self) -> bool {
        let now = std::time::Instant::now();
        let due = now >= self.next;
        if due {
            self.next = now + self.pause();
        }
        due
    }

    /// Waits until it is due. Where the runtime's time is paused that wait is shorter than it says, and the answer of
    /// [`Pacer::due`] is what counts.
    #[expect(clippy::disallowed_methods, reason = "this is the one file that may")]
    pub fn wait(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        tokio::time::sleep(self.next.saturating_duration_since(std::time::Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_simulated_hour_passes_at_once_and_exactly() {
        let epoch: Timestamp = "2026-01-14T05:00:00Z".parse().unwrap();
        let clock = Clock::simulated(epoch, 1.0);
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.now(), epoch + SignedDuration::from_hours(1));
    }

    #[test]
    fn what_takes_long_is_put_off() {
        let mut pacer = Pacer::new(Duration::ZERO);
        assert!(pacer.due() && !pacer.cost(Duration::from_millis(5)));
        assert!(pacer.due() && pacer.cost(Duration::from_secs(60)), "it has become slow");
        assert!(!pacer.due(), "put off");
        let mut pacer = Pacer::new(Duration::ZERO);
        pacer.slow_down(Some(Duration::from_secs(3600)));
        assert!(pacer.due() && !pacer.due());
        pacer.slow_down(None);
        assert!(pacer.due(), "looked at again: at once");
    }

    #[tokio::test(start_paused = true)]
    async fn speed_shortens_waits() {
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH, 10.0);
        let before = tokio::time::Instant::now();
        clock.sleep(Duration::from_secs(100)).await;
        assert_eq!(before.elapsed(), Duration::from_secs(10));
        assert_eq!(clock.now().as_second(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_clock_stands_and_so_does_who_waits_on_it() {
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH, 10.0);
        let mut wait = std::pin::pin!(clock.sleep(Duration::from_secs(100)));
        let real = |seconds| Clock::system().sleep(Duration::from_secs(seconds));
        tokio::select! { () = &mut wait => panic!("too soon"), () = real(4) => {} }
        clock.hold();
        tokio::select! { () = &mut wait => panic!("it stands"), () = real(1000) => {} }
        assert_eq!(clock.now().as_second(), 40);
        clock.go(2.0);
        let before = tokio::time::Instant::now();
        wait.await;
        assert_eq!((clock.now().as_second(), before.elapsed()), (100, Duration::from_secs(30)));
        let mut late = std::pin::pin!(clock.sleep(Duration::from_secs(3600)));
        tokio::select! { () = &mut late => panic!("too soon"), () = real(1) => {} }
        clock.set(Timestamp::from_second(3690).unwrap());
        clock.hold();
        assert_eq!(clock.now().as_second(), 3690);
        clock.go(1.0);
        late.await;
        assert_eq!(clock.now().as_second(), 3700, "ten seconds were left when it was put on");
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_gives_up_on_its_own_time() {
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH, 1.0);
        let never = clock.timeout(Duration::from_secs(5), std::future::pending::<()>()).await;
        assert_eq!((never, clock.now().as_second()), (None, 5));
    }
}
