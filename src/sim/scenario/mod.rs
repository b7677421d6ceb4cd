//! What goes wrong in the simulated account, and when.
//!
//! In: the name of a scenario. Out: [`Scenario`], and for the world its `Story`: effects with the moments between
//! which they hold. A story is data; what an effect does to instances, metrics and calls is the world's business.

mod story;

pub(in crate::sim) use story::{Effect, EffectKind, Story};

use std::fmt;
use std::str::FromStr;

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scenario {
    /// Nothing happens.
    Calm,
    /// A Classic balancer's queue fills, then spills.
    Surge,
    /// One zone fails.
    AzOutage,
    /// A group is pinned at its maximum, then launches fail.
    AsgMax,
    /// Somebody starts costly instances in another region.
    BillShock,
    /// Somebody uses the root login and covers tracks.
    Intruder,
    /// AWS throttles the calls.
    Throttled,
    /// The login runs out, and comes back.
    Expired,
    /// A region stops answering.
    Blind,
    /// Several of them in turn.
    #[default]
    BadDay,
}

impl Scenario {
    /// Every scenario, in the order help lists them.
    pub const ALL: [Self; 10] = [
        Self::Calm,
        Self::Surge,
        Self::AzOutage,
        Self::AsgMax,
        Self::BillShock,
        Self::Intruder,
        Self::Throttled,
        Self::Expired,
        Self::Blind,
        Self::BadDay,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Surge => "surge",
            Self::AzOutage => "az-outage",
            Self::AsgMax => "asg-max",
            Self::BillShock => "bill-shock",
            Self::Intruder => "intruder",
            Self::Throttled => "throttled",
            Self::Expired => "expired",
            Self::Blind => "blind",
            Self::BadDay => "bad-day",
        }
    }

    /// One line for a person.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Calm => "an ordinary day: traffic rises and falls, nothing fires",
            Self::Surge => {
                "requests queue at web-clb until it spills; behind it orders age in SQS and order-events is throttled"
            }
            Self::AzOutage => {
                "hosts in zone 1c fail their checks for 43 minutes; shop-db-replica falls behind for ten of them"
            }
            Self::AsgMax => {
                "web-asg is pinned at its maximum of 12, then launches fail; the containers of checkout run hot"
            }
            Self::BillShock => "ci-runner starts eight p4d.24xlarge abroad; the bill follows hours later",
            Self::Intruder => "a root login without MFA, logging stopped, a new access key, all from a foreign address",
            Self::Throttled => "AWS throttles most calls for 40 minutes",
            Self::Expired => "the login runs out at minute 3 and is renewed at minute 20",
            Self::Blind => "ap-northeast-1 stops answering at minute 1 and comes back at minute 30",
            Self::BadDay => {
                "surge, root login, zone outage, pinned group, throttle, costly instances, in turn over four hours"
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let lower = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        if let Some(found) = Self::ALL.into_iter().find(|s| s.as_str() == lower) {
            return Ok(found);
        }
        let nearest = Self::ALL.into_iter().max_by(|a, b| {
            let near = |s: &Self| strsim::jaro_winkler(s.as_str(), &lower);
            near(a).total_cmp(&near(b))
        });
        Err(UnknownScenario { name: name.to_owned(), nearest: nearest.unwrap_or_default() })
    }
}

/// There is no scenario of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no scenario is called \"{name}\"; did you mean \"{nearest}\"? There are {}", names())]
pub struct UnknownScenario {
    /// What was asked for.
    pub name: String,
    /// The nearest that there is.
    pub nearest: Scenario,
}

fn names() -> String {
    Scenario::ALL.map(Scenario::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_a_typo_gets_the_nearest() {
        for s in Scenario::ALL {
            assert_eq!(s.as_str().parse(), Ok(s));
            assert!(!s.description().is_empty());
        }
        assert_eq!("Bad_Day".parse(), Ok(Scenario::BadDay));
        for (typo, want) in
            [("sureg", Scenario::Surge), ("az-outrage", Scenario::AzOutage), ("bill", Scenario::BillShock)]
        {
            assert_eq!(typo.parse::<Scenario>().unwrap_err().nearest, want, "{typo}");
        }
        let said = "sureg".parse::<Scenario>().unwrap_err().to_string();
        assert!(said.contains("\"surge\"") && said.contains("az-outage"), "{said}");
    }
}
