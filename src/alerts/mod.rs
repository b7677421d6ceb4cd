//! What a person must be told.
//!
//! In: [`Verdict`](crate::rules::Verdict)s, and what people decide ([`Change`]s). Out: [`Alert`]s with their life
//! (pending, firing, resolved; blind, acknowledged, silenced, flapping), the transitions between them, the [`Line`]s that
//! show many of them as one, and the changes that are to be kept over restarts. Pure: no I/O, no async, no clock.

mod alert;
mod before;
#[cfg(test)]
mod before_tests;
mod book;
mod cloudwatch;
#[cfg(test)]
mod cloudwatch_tests;
mod flap;
mod handling;
#[cfg(test)]
mod handling_tests;
mod kept;
mod leads;
mod lines;
mod matcher;
#[cfg(test)]
mod news_tests;
#[cfg(test)]
mod odd_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
mod unlisted;

pub use alert::{Alert, AlertId, CloudWatchView, Counts, Handling, Level, Phase, Transition};
pub use before::{AFTER, BEFORE, Before, Happened, Nearness, Relatives, before, suspect};
pub use book::{Alerts, MAX_RESOLVED, MAX_TIMELINE, RESOLVED_FOR, Unread};
pub use flap::{FLAP_CHANGES, FLAP_QUIET, FLAP_WINDOW};
pub use kept::{Ack, Change, Kept, LONGEST_SILENCE, MAX_NOTES, MAX_PAST, MAX_SILENCES, Note, Past, Silence};
pub use leads::{LeadSummary, Spread};
pub use lines::{Bundle, BundleId, Line};
pub use matcher::{Facts, Field, MAX_MATCHERS, Matcher, MatcherError};
