//! Where something lives: an account, seen through a profile or role, and a region.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// An account (named by the profile or role it is read through) in one region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The profile's name, or `default`.
    pub account: Text,
    /// The region's code, such as `ap-northeast-1`.
    pub region: Text,
}

impl Scope {
    /// The scope of `account` in `region`.
    pub fn new(account: impl Into<Text>, region: impl Into<Text>) -> Self {
        Self { account: account.into(), region: region.into() }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// Who the credentials of a scope belong to, from `sts:GetCallerIdentity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The twelve-digit account number.
    pub account_id: Text,
    /// The caller's ARN.
    pub arn: Text,
}
