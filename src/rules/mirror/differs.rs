//! Why an alarm stands otherwise here than at CloudWatch.

use jiff::{SignedDuration, Timestamp};

use super::{Local, LocalState};
use crate::model::{Alarm, AlarmState, Text};

/// Within this and two periods after a breach began CloudWatch usually has turned: it publishes, then looks once a
/// minute.
const USUAL: SignedDuration = SignedDuration::from_mins(5);

impl Local {
    /// Why `alarm` is in another state at CloudWatch, as far as can be told; `None` where it is in the same, or where ours
    /// is not known.
    #[must_use]
    pub fn differs(&self, alarm: &Alarm, now: Timestamp) -> Option<&'static str> {
        use AlarmState::{Alarm as Breached, InsufficientData, Ok};
        let ours = self.known().filter(|s| *s != alarm.state)?;
        if self.few_samples {
            return Some("few samples: its state is kept");
        }
        let period = SignedDuration::from_secs(alarm.period.max(60).into());
        let usual = USUAL.checked_add(period.saturating_mul(2)).unwrap_or(USUAL);
        let young = self.since.is_some_and(|since| now.duration_since(since) <= usual);
        Some(match (ours, alarm.state) {
            (Breached, _) if alarm.is_composite() => "its alarms turned here first",
            (Breached, _) if young => "CloudWatch has not evaluated it yet",
            (Breached, _) if self.gaps > 0 => "points are missing: CloudWatch may have seen others",
            (Breached, _) => "CloudWatch should have turned: see its reason",
            (Ok, Breached) if self.gaps > 0 => "points are missing: CloudWatch still looks at older ones",
            (Ok, Breached) => "it cleared here first",
            (Ok, _) => "points came since CloudWatch looked",
            (InsufficientData, _) => "no points: CloudWatch still looks at older ones",
        })
    }
}

impl LocalState {
    /// Why it is not known; `None` where it is.
    #[must_use]
    pub fn unknown(&self) -> Option<Text> {
        match self {
            Self::Is(_) => None,
            Self::Loading => Some("being read".into()),
            Self::Blind { why, .. } | Self::Untold(why) => Some(why.clone()),
        }
    }
}
