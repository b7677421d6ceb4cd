//! The calls.
//!
//! In: a scope, time-outs, a transport. Out: domain types of [`model`](crate::model), page by page, translated from
//! the SDK's. The only room that names the SDK; it does not decide when to call and knows neither rules nor panes.
