//! A simulated AWS.
//!
//! In: HTTP requests as the SDK, aws-cli or boto3 send them, a scenario, a seed and a clock. Out: HTTP answers in each
//! service's own protocol, as late and as incomplete as AWS's. It knows nothing of the product rooms.

mod listen;
mod math;
pub mod scenario;
mod wire;
pub mod world;

pub use listen::{Listening, listen};
pub use wire::{Answer, BadFault, FaultSpec, SimConfig, Simulator};
pub use world::{Account, Variation};
