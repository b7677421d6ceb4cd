//! What can be wrong with a journal.

use std::io;
use std::path::PathBuf;

use super::FORMAT;

/// Why a journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file to record to is there already.
    #[error("{} is there already, {what}: name another file, or remove it", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
        /// `and is a recording` or `and is no recording`.
        what: &'static str,
    },
    /// The operating system refuses.
    #[error("{}: {doing} failed: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was being done, such as `writing`.
        doing: &'static str,
        /// Its reason.
        source: io::Error,
    },
    /// It is not a journal.
    #[error("{} is no recording of awswatch: {why}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// How that shows.
        why: String,
    },
    /// It was written by a newer version of the program.
    #[error("{} was recorded by awswatch {version} in format {format}; this one reads up to format {FORMAT}", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// That program's version.
        version: String,
        /// That format.
        format: u32,
    },
    /// A whole record that makes no sense.
    #[error("{}: record {record} cannot be read: {why}", path.display())]
    Record {
        /// Which file.
        path: PathBuf,
        /// Its number, from 1.
        record: u64,
        /// What is wrong with it.
        why: String,
    },
}
