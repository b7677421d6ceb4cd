//! The database: opened, made, moved aside, read and written.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{StateError, rows, schema};
use crate::alerts::{Change, Kept, MAX_NOTES, MAX_PAST, MAX_SILENCES, Past};

/// The database's name in the state directory.
pub const FILE: &str = "state.db";
/// Held while the database is opened, so that only one program makes it or moves it aside.
const LOCK: &str = "state.lock";
/// How long a locked database is waited for.
const BUSY: Duration = Duration::from_secs(10);
/// So many changes are written before what is too old is looked for again.
const PRUNE_EVERY: usize = 1000;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Older changes of alerts, notes and silences go.
    pub age: Duration,
    /// Most changes of alerts, and most notes.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { age: Duration::from_secs(90 * 86_400), rows: 50_000 }
    }
}

/// The database.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
    limits: Limits,
    written: usize,
    /// Device and number of the file that is open.
    file: Option<(u64, u64)>,
}

/// A database that was opened.
#[derive(Debug)]
pub struct Opened {
    /// It.
    pub store: Store,
    /// Where a damaged one was put, which stood in its place.
    pub aside: Option<PathBuf>,
}

impl Store {
    /// Opens the database in `dir` for reading and writing; makes both where they are not there.
    ///
    /// # Errors
    /// The directory or the file cannot be written, a newer program made it, or it stays locked. What is damaged is no
    /// error: it is moved aside.
    pub fn open(dir: &Path, limits: Limits, now: Timestamp) -> Result<Opened, StateError> {
        let of_dir = |why| StateError::Directory { path: dir.to_owned(), why };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(of_dir)?;
        let path = dir.join(FILE);
        let private = |name: &Path| -> io::Result<File> {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(name)
        };
        let lock_path = dir.join(LOCK);
        let lock = private(&lock_path).map_err(|why| StateError::Directory { path: lock_path.clone(), why })?;
        lock.lock().map_err(|why| StateError::Directory { path: lock_path, why })?;
        let of_file = |why| StateError::Directory { path: path.clone(), why };
        let open = || -> Result<Self, StateError> {
            let file = private(&path).map_err(of_file)?;
            // One that was made by hand, or copied, may be readable by everybody.
            if file.metadata().map_err(of_file)?.permissions().mode() & 0o077 != 0 {
                file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(of_file)?;
            }
            drop(file);
            Self::prepare(&path, limits, now)
        };
        match open() {
            Err(StateError::Damaged { why, .. }) => {
                let aside = move_aside(&path, now).map_err(of_file)?;
                tracing::error!("{} was damaged ({why}) and is now {}", path.display(), aside.display());
                Ok(Opened { store: open()?, aside: Some(aside) })
            }
            opened => Ok(Opened { store: opened?, aside: None }),
        }
    }

    /// Opens the database in `dir` to read it; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or a newer program made it.
    pub fn open_to_read(dir: &Path) -> Result<Option<Self>, StateError> {
        let path = dir.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let of = |e| StateError::of(&path, e);
        // Read-write where that is possible: a reader of a write-ahead log takes part in it.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags).map_err(of)?;
        db.busy_timeout(BUSY).map_err(of)?;
        let store = Self { db, path: path.clone(), limits: Limits::default(), written: 0, file: None };
        match store.schema()? {
            0 => Ok(None),
            schema::VERSION => Ok(Some(store)),
            found => Err(StateError::Newer { path, found, known: schema::VERSION }),
        }
    }

    fn prepare(path: &Path, limits: Limits, now: Timestamp) -> Result<Self, StateError> {
        let of = |e| StateError::of(path, e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(of)?;
        db.busy_timeout(BUSY).map_err(of)?;
        let mut store = Self { db, path: path.to_owned(), limits, written: 0, file: identity(path) };
        let found = store.schema()?;
        if found > schema::VERSION {
            return Err(StateError::Newer { path: path.to_owned(), found, known: schema::VERSION });
        }
        let check: String = store.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(of)?;
        if check != "ok" {
            return Err(StateError::Damaged { path: path.to_owned(), why: check });
        }
        store.db.pragma_update(None, "journal_mode", "wal").map_err(of)?;
        // What a person decided must survive a power cut.
        store.db.pragma_update(None, "synchronous", "full").map_err(of)?;
        let made = store.transaction(|db| {
            if found == 0 {
                db.execute_batch(schema::CREATE)?;
                db.pragma_update(None, "user_version", schema::VERSION)?;
            }
            rows::prune(db, limits, now)
        });
        match made {
            // Tables of another program, or of a version that was never written.
            Err(StateError::Database { why: rusqlite::Error::SqlInputError { .. }, .. }) => {
                Err(StateError::Damaged { path: path.to_owned(), why: "its tables are not awswatch's".into() })
            }
            made => made.map(|()| store),
        }
    }

    fn schema(&self) -> Result<i64, StateError> {
        self.db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|e| StateError::of(&self.path, e))
    }

    fn transaction(
        &mut self,
        run: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), StateError> {
        let db = &mut self.db;
        let run = || {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            run(&transaction)?;
            transaction.commit()
        };
        run().map_err(|e| StateError::of(&self.path, e))
    }

    /// Writes `changes`, all or none of them.
    ///
    /// # Errors
    /// The database cannot be written now; [`StateError::passes`] says whether to try again.
    pub fn write(&mut self, changes: &[Change], now: Timestamp) -> Result<(), StateError> {
        let limits = self.limits;
        let prune = self.written >= PRUNE_EVERY;
        self.transaction(|db| {
            for change in changes {
                rows::write(db, change)?;
            }
            if prune { rows::prune(db, limits, now) } else { Ok(()) }
        })?;
        self.written = if prune { 0 } else { self.written + changes.len() };
        Ok(())
    }

    /// Whether the file that is open still stands in its place: what is written to one that was moved aside is read by
    /// nobody.
    ///
    /// # Errors
    /// It does not.
    pub fn is_in_place(&self) -> Result<(), StateError> {
        if identity(&self.path) == self.file {
            return Ok(());
        }
        Err(StateError::Elsewhere { path: self.path.clone() })
    }

    /// All that is kept, the newest of each sort.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn kept(&mut self) -> Result<Kept, StateError> {
        let path = &self.path;
        let db = &mut self.db;
        let mut read = || {
            // One transaction, so that all of it is of one moment.
            let db = db.transaction_with_behavior(TransactionBehavior::Deferred)?;
            Ok(Kept {
                silences: rows::silences(&db, MAX_SILENCES)?,
                acks: rows::acks(&db, MAX_NOTES)?,
                notes: rows::notes(&db, MAX_NOTES)?,
                past: rows::past(&db, MAX_PAST)?,
            })
        };
        read().map_err(|e| StateError::of(path, e))
    }

    /// The newest `limit` changes of alerts, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn history(&self, limit: usize) -> Result<Vec<Past>, StateError> {
        rows::past(&self.db, limit).map_err(|e| StateError::of(&self.path, e))
    }

    /// A number that changes when another connection writes.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn version(&self) -> Result<i64, StateError> {
        self.db.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(|e| StateError::of(&self.path, e))
    }
}

/// Device and number of the file at `path`.
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Renames the database and what belongs to it, so that a new one can be made; returns the new name.
fn move_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let name = |suffix: &str, n: u32| {
        let at = now.strftime("%Y%m%dT%H%M%SZ");
        let n = if n == 0 { String::new() } else { format!("-{n}") };
        PathBuf::from(format!("{}.damaged-{at}{n}{suffix}", path.display()))
    };
    let n = (0..1000).find(|n| !name("", *n).exists()).unwrap_or(1000);
    for suffix in ["-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{suffix}", path.display()));
        match std::fs::rename(&file, name(suffix, n)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    std::fs::rename(path, name("", n))?;
    Ok(name("", n))
}
