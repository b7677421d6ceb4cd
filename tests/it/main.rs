//! Tests that cross rooms, in one binary: each one links all the SDKs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed; clippy sees only `#[test]` as tests")]

mod layering;
