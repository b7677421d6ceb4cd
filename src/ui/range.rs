//! How far back one looks.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A part of the time, from one moment until another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The first one after it.
    pub to: Timestamp,
}

/// How far back the metrics' page looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// A quarter of an hour.
    QuarterHour,
    /// An hour.
    Hour,
    /// Three hours.
    #[default]
    ThreeHours,
    /// A day.
    Day,
    /// As far as there are points.
    All,
}

impl Range {
    /// The shortest first.
    pub const ALL: [Self; 5] = [Self::QuarterHour, Self::Hour, Self::ThreeHours, Self::Day, Self::All];

    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::ThreeHours => "3h",
            Self::Day => "1d",
            Self::All => "all",
        }
    }

    /// How long it is; `None` for everything.
    #[must_use]
    pub fn length(self) -> Option<SignedDuration> {
        match self {
            Self::QuarterHour => Some(SignedDuration::from_mins(15)),
            Self::Hour => Some(SignedDuration::from_hours(1)),
            Self::ThreeHours => Some(SignedDuration::from_hours(3)),
            Self::Day => Some(SignedDuration::from_hours(24)),
            Self::All => None,
        }
    }

    /// The next longer or shorter one.
    #[must_use]
    pub fn next(self, longer: bool) -> Self {
        let at = Self::ALL.iter().position(|r| *r == self).unwrap_or(0);
        Self::ALL[if longer { (at + 1).min(Self::ALL.len() - 1) } else { at.saturating_sub(1) }]
    }
}
