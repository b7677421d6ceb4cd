//! Tests that cross rooms, in one binary: each one links all the SDKs.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy takes only functions with `#[test]` for tests"
)]

mod check;
mod clients;
mod detection;
mod incidents;
mod layering;
mod linked;
mod monkey;
mod moto;
mod mouse;
mod pictures;
mod program;
mod pty;
mod replay;
mod rule_files;
mod sliding;
mod state;
mod weeks;
