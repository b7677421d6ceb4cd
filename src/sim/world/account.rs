//! The accounts of the simulated AWS.

use super::noise::mix;
use crate::sim::scenario::EffectKind;

/// An account. Each has a world of its own; a request's access key says whose it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Where the shop runs, and where scenarios happen.
    #[default]
    Main,
    /// Small and calm: only what strikes a whole region reaches it.
    Staging,
}

impl Account {
    /// Every one, the main one first.
    pub const ALL: [Self; 2] = [Self::Main, Self::Staging];

    /// The account's number, twelve digits.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Main => "123456789012",
            Self::Staging => "210987654321",
        }
    }

    /// What people call it, and the name of its profile.
    #[must_use]
    pub fn alias(self) -> &'static str {
        match self {
            Self::Main => "demo",
            Self::Staging => "demo-staging",
        }
    }

    /// The access key id that its requests are signed with.
    #[must_use]
    pub fn access_key(self) -> &'static str {
        match self {
            Self::Main => "AKIDDEMO",
            Self::Staging => "AKIDDEMOSTAGING",
        }
    }

    /// The account whose requests are signed with `access_key`: the main one for a key that nobody has, so that any
    /// test credentials will do.
    #[must_use]
    pub fn of_access_key(access_key: &str) -> Self {
        Self::ALL.into_iter().find(|a| a.access_key() == access_key).unwrap_or_default()
    }

    /// The seed of its world: no two accounts have an id in common.
    pub(in crate::sim) fn seed(self, seed: u64) -> u64 {
        match self {
            Self::Main => seed,
            Self::Staging => mix(seed, 0x57A6),
        }
    }

    /// How many times larger its fleet becomes under a `scale`.
    pub(in crate::sim) fn scale(self, scale: u32) -> u32 {
        match self {
            Self::Main => scale,
            Self::Staging => 1,
        }
    }

    /// Whether what goes wrong in the story goes wrong here too: zones and regions are everybody's, people and logins
    /// are not.
    pub(super) fn reached_by(self, kind: EffectKind) -> bool {
        match self {
            Self::Main => true,
            Self::Staging => matches!(kind, EffectKind::ZoneOutage(_) | EffectKind::Blind(_)),
        }
    }

    /// What it spends on services other than instances, as a share of the main account's.
    pub(super) fn spending(self) -> f64 {
        match self {
            Self::Main => 1.0,
            Self::Staging => 0.04,
        }
    }
}
