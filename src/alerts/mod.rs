//! What a person must be told.
//!
//! In: [`Verdict`](crate::rules::Verdict)s. Out: [`Alert`]s with their life (pending, firing, resolved; blind) and the
//! transitions between them. Pure: no I/O, no async, no clock.

mod alert;
mod book;
mod cloudwatch;
#[cfg(test)]
mod news_tests;
#[cfg(test)]
mod tests;

pub use alert::{Alert, AlertId, CloudWatchView, Counts, Level, Phase, Transition};
pub use book::{Alerts, MAX_RESOLVED, MAX_TIMELINE, RESOLVED_FOR, Unread};
