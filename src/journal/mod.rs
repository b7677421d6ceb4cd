//! Record and replay.
//!
//! In: every [`Observation`](crate::model::Observation), in order. Out: a compressed file that is readable up to its
//! last whole record after a crash, and the same observations from it.
