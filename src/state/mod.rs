//! What is kept over restarts: an `SQLite` database in the state directory.
//!
//! In: [`Change`](crate::alerts::Change)s. Out: all that is kept ([`Kept`](crate::alerts::Kept)), also when another
//! program wrote it: several consoles and `awswatch silence` share one database. A [`Keeper`] does it on a thread of its
//! own, so that nothing on the way to the screen waits for a disk.
//!
//! The database is `state.db`, mode 0600, with a write-ahead log; every write is one immediate transaction, and who finds
//! it locked waits. What is damaged is moved aside, never deleted.

mod error;
mod keeper;
mod rows;
mod schema;
mod store;
#[cfg(test)]
mod tests;

pub use error::StateError;
pub use keeper::{Heard, Keeper, Taken};
pub use store::{FILE, Limits, Opened, Store};
