//! When each observation of a replay is due.

use std::time::Duration;

use jiff::Timestamp;

/// Spaces observations as they came, at a speed.
#[derive(Clone, Debug)]
pub struct Schedule {
    speed: Option<f64>,
    reached: Option<Timestamp>,
}

impl Schedule {
    /// Spaces by `speed` times their own pace (at least 0.001); `None`: as fast as they can be taken.
    #[must_use]
    pub fn new(speed: Option<f64>) -> Self {
        Self { speed: speed.map(|s| if s.is_finite() { s.max(0.001) } else { 1.0 }), reached: None }
    }

    /// How long to wait, in real time, between the observation before and the one of `at`. The first one, and one that
    /// is older than what came before it, is due at once.
    pub fn delay(&mut self, at: Timestamp) -> Duration {
        let passed = self
            .reached
            .map_or(Duration::ZERO, |before| Duration::try_from(at.duration_since(before)).unwrap_or(Duration::ZERO));
        self.reached = self.reached.max(Some(at));
        self.speed.map_or(Duration::ZERO, |speed| {
            Duration::try_from_secs_f64(passed.as_secs_f64() / speed).unwrap_or(Duration::MAX)
        })
    }
}
