//! The wire: AWS's protocols in front of the world.
//!
//! In: an HTTP request as a client sends it. Out: [`Answer`]. A request is decoded once into a tree of members, answered
//! once, and the answer encoded as its protocol wants it, so that one operation gives the same figures in XML, JSON
//! and CBOR. Signatures are not verified, but must be there.

mod error;
mod fault;
mod limits;
mod ops;
mod page;
mod params;
mod protocol;
mod route;
mod service;
mod simulator;
#[cfg(test)]
mod tests;
mod value;

pub use fault::{BadFault, FaultSpec};
pub use simulator::{Answer, SimConfig, Simulator};
