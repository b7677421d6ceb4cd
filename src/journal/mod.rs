//! Record and replay.
//!
//! In: every [`Observation`](crate::model::Observation), in order. Out: a compressed file that is readable up to its
//! last whole record after a crash, and the same observations from it.
//!
//! A journal is a row of zstd frames; what they hold, one after another, is JSON lines: a header, then an observation
//! a line, so that `zstdcat FILE | head` shows it. Each frame is whole in itself and written at once: a crash loses the
//! frame that was not yet written, which is at most a few seconds old.

mod error;
mod handle;
mod reader;
mod recorder;

pub use error::JournalError;
pub use handle::{Recorded, RecorderHandle, Refused};
pub use reader::{End, Reader};
pub use recorder::{FRAME_BYTES, FRAME_RECORDS, FRAME_SECONDS, Recorder};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the file's format. A reader refuses a newer one.
pub const FORMAT: u32 = 1;

/// The first line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub awswatch_journal: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// When the recording began.
    pub started: Timestamp,
}

#[cfg(test)]
mod tests;
