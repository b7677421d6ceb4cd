//! Values of flags: scenarios, speeds.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::PossibleValue;
use jiff::Timestamp;
use jiff::civil::Time;

use crate::config::parse_duration;

/// The scenarios of the simulator with one line about each.
pub const SCENARIOS: [(&str, &str); 10] = [
    ("calm", "nothing is wrong"),
    ("surge", "the queue of a Classic Load Balancer fills, then spills"),
    ("az-outage", "the targets of one Availability Zone fail their checks"),
    ("asg-max", "a group is pinned at its maximum, then launches fail for lack of capacity"),
    ("bill-shock", "costly instances start in another region; the bill follows"),
    ("intruder", "root logs in, the trail is stopped, an access key is made"),
    ("throttled", "AWS throttles every API"),
    ("expired", "the login runs out, and comes back"),
    ("blind", "a region stops answering"),
    ("bad-day", "several of these in turn"),
];

/// The scenario that runs when none is named.
pub const DEFAULT_SCENARIO: &str = "bad-day";

/// [`SCENARIOS`] as clap wants them.
pub(super) fn scenarios() -> Vec<PossibleValue> {
    SCENARIOS.iter().map(|(name, about)| PossibleValue::new(*name).help(*about)).collect()
}

/// A moment of a replay or the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long after the start: of the recording, or of the scenario.
    After(Duration),
    /// This one.
    At(Timestamp),
    /// The first time after the start at which it is so late in the day, in the zone that times are shown in.
    Daytime(Time),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(raw: &str) -> Result<Self, String> {
        // First: 05:03:02 could be read as a duration too, and is a time of day wherever one is typed.
        let is_clock = raw.contains(':') && raw.len() <= 8;
        if let (true, Ok(time)) = (is_clock, raw.parse()) {
            return Ok(Self::Daytime(time));
        }
        if let (false, Ok(after)) = (is_clock, parse_duration(raw)) {
            return Ok(Self::After(after));
        }
        super::args::start(raw).map(Self::At).map_err(|_| {
            "a moment is a duration after the start such as 10m, a time of day such as 04:59, or a whole time such as \
             2026-01-14T05:10:00Z"
                .to_owned()
        })
    }
}

/// How fast simulated or replayed time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many of its seconds in a real one.
    Times(f64),
    /// As fast as the machine goes.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(raw: &str) -> Result<Self, String> {
        if raw == "max" {
            return Ok(Self::Max);
        }
        let number = raw.strip_prefix('x').or_else(|| raw.strip_suffix('x')).unwrap_or(raw);
        match number.parse::<f64>() {
            Ok(times) if (0.1..=10_000.0).contains(&times) => Ok(Self::Times(times)),
            _ => Err("a speed is a number from 0.1 to 10000 (1 is real time), or max".to_owned()),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(times) => write!(f, "{times}"),
            Self::Max => f.write_str("max"),
        }
    }
}
