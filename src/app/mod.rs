//! The wiring.
//!
//! One [`Event`](crate::app) in, a pure step, effects out; the loop that runs them; the modes. No other room uses it.
