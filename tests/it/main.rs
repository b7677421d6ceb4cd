//! Tests that cross rooms, in one binary: each one links all the SDKs.
mod clients;
