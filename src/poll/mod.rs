//! When to call.
//!
//! In: clients from [`aws`](crate::aws), intervals, a budget, and a demand (what rules and the page in view need, as
//! data). Out: [`Observation`](crate::model::Observation)s on a bounded channel, among them each run's outcome.
