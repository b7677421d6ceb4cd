//! Why the state cannot be read or written.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the state cannot be read or written. Shown after "silences are not kept: ".
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory cannot be made or used.
    #[error("{path}: {why}")]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// A newer program wrote it.
    #[error("{path} was written by a newer awswatch (its schema is {found}, this one knows {known}); update this one")]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// It is no database, or a damaged one.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What `SQLite` says.
        why: String,
    },
    /// Another program moved it aside, or somebody removed it, while it was open here.
    #[error("{path} was moved or removed")]
    Elsewhere {
        /// Where it was.
        path: PathBuf,
    },
    /// It can be read and not written.
    #[error("{path} cannot be written: the file or its directory is read-only")]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// Anything else that `SQLite` reports: a full disk, a lock that nobody lets go.
    #[error("{path}: {why}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What `SQLite` says.
        why: rusqlite::Error,
    },
}

impl StateError {
    /// What `error` on the database at `path` means.
    pub(super) fn of(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, why: error.to_string() }
            }
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            _ => Self::Database { path, why: error },
        }
    }

    /// Whether the same may succeed later: another program holds the lock, or the disk is full.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Database { why, .. } => matches!(
                why.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::FileLockingProtocolFailed
                )
            ),
            Self::Directory { why, .. } => why.kind() == std::io::ErrorKind::StorageFull,
            Self::Newer { .. } | Self::Damaged { .. } | Self::Elsewhere { .. } | Self::ReadOnly { .. } => false,
        }
    }
}
