//! The calls.
//!
//! In: a scope, time-outs, a transport. Out: domain types of [`model`](crate::model), page by page, translated from
//! the SDK's. The only room that names the SDK; it does not decide when to call and knows neither rules nor panes.
//!
//! One file a service; every function takes the scope's clients and a [`Meter`], reads to the last page (the number
//! of pages is bounded) and returns a [`Listing`]: what it has, and the error that kept it from reading the rest.

pub mod alarms;
mod allow;
pub mod autoscaling;
pub mod catalogue;
pub mod cloudtrail;
pub mod cloudwatch;
mod connect;
pub mod ec2;
pub mod elb;
pub mod elbv2;
mod error;
mod meter;
pub mod pricing;
mod retry;
#[cfg(test)]
pub(crate) mod script;
pub mod sts;
#[cfg(test)]
mod tests;
mod translate;
mod transport;

pub use allow::{ALLOWED, Allowed, iam_policy};
pub use connect::{Account, Connect, ScopeClients, Timeouts, default_region};
pub use meter::{Api, CallStats, Listing, Meter, Pace, Truncation};
pub use transport::{Transport, Wire, WireAnswer};
