//! Writing a journal.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::reader::begins_like_a_journal;
use super::{FORMAT, Header, JournalError};
use crate::model::{Body, Observation};

/// A frame is written when it holds so many bytes before compression.
pub const FRAME_BYTES: usize = 64 * 1024;
/// A frame is written when it holds so many records.
pub const FRAME_RECORDS: usize = 256;
/// A frame is written when its records span so many seconds.
pub const FRAME_SECONDS: i64 = 2;

/// zstd's own default: 20 times smaller on these lines, at hundreds of megabytes a second.
const LEVEL: i32 = 3;

/// Writes observations to a file. Blocks on the disk: see [`RecorderHandle`](super::RecorderHandle).
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: File,
    frame: Vec<u8>,
    records: usize,
    oldest: Option<Timestamp>,
    /// What the frame held, in bytes and records, when it could not be written; zero where nothing failed.
    tried: (usize, usize),
    written: u64,
    given_up: u64,
    failing: bool,
}

impl Recorder {
    /// Makes the file `path`, readable by its owner only, and writes the header.
    ///
    /// # Errors
    ///
    /// The file is there already and not empty, or cannot be written.
    pub fn create(path: &Path, started: Timestamp) -> Result<Self, JournalError> {
        let mut recorder = Self::on(open(path)?, path);
        let header = Header { awswatch_journal: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), started };
        recorder.line(&header)?;
        recorder.flush()?;
        Ok(recorder)
    }

    /// A recorder that has not written its header yet.
    pub(crate) fn on(file: File, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file,
            frame: Vec::with_capacity(FRAME_BYTES),
            records: 0,
            oldest: None,
            tried: (0, 0),
            written: 0,
            given_up: 0,
            failing: false,
        }
    }

    /// Takes `observation` in, and writes the frame when it is full or old enough.
    ///
    /// # Errors
    ///
    /// The file cannot be written. What the frame holds is kept, so that a later call or [`flush`](Self::flush) tries
    /// again, until it holds 64 times what it should: then it is given up.
    pub fn record(&mut self, observation: &Observation) -> Result<(), JournalError> {
        match finite(observation) {
            Some(cleaned) => self.line(&cleaned)?,
            None => self.line(observation)?,
        }
        self.records += 1;
        let oldest = *self.oldest.get_or_insert(observation.at);
        let spans = observation.at.duration_since(oldest) >= SignedDuration::from_secs(FRAME_SECONDS);
        // What could not be written is tried again with as much more as makes a frame, not at each record.
        let (bytes, records) = (self.frame.len() - self.tried.0, self.records - self.tried.1);
        if spans || records >= FRAME_RECORDS || bytes >= FRAME_BYTES { self.flush() } else { Ok(()) }
    }

    /// How many observations are in the file.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many observations were taken in and given up, because the file could not be written for too long.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.given_up
    }

    /// How many observations wait to be written.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.records as u64
    }

    /// Whether the last try to write failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.failing
    }

    /// Writes what is held as a frame.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn flush(&mut self) -> Result<(), JournalError> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let written = compress(&self.frame).and_then(|frame| self.append(&frame));
        self.failing = written.is_err();
        if !self.failing || self.frame.len() > 64 * FRAME_BYTES {
            let of = if self.failing { &mut self.given_up } else { &mut self.written };
            *of += self.records as u64;
            self.frame.clear();
            self.frame.shrink_to(4 * FRAME_BYTES);
            self.records = 0;
        }
        self.oldest = None;
        self.tried = (self.frame.len(), self.records);
        written.map_err(|source| JournalError::Io { path: self.path.clone(), doing: "writing", source })
    }

    /// Appends `frame` whole or, as far as the file system lets us, not at all: half a frame in the middle would make
    /// everything behind it unreadable.
    fn append(&mut self, frame: &[u8]) -> std::io::Result<()> {
        let before = self.file.metadata()?.len();
        let result = self.file.write_all(frame);
        if result.is_err() {
            self.file.set_len(before)?;
        }
        result
    }

    fn line(&mut self, value: &impl serde::Serialize) -> Result<(), JournalError> {
        let before = self.frame.len();
        if let Err(error) = serde_json::to_writer(&mut self.frame, value) {
            self.frame.truncate(before);
            return Err(JournalError::Io { path: self.path.clone(), doing: "encoding", source: error.into() });
        }
        self.frame.push(b'\n');
        Ok(())
    }
}

fn open(path: &Path) -> Result<File, JournalError> {
    let io = |doing| move |source| JournalError::Io { path: path.to_owned(), doing, source };
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.clone().create_new(true).open(path) {
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // Asked before it is opened: to open a pipe would wait for its other end.
            let found = std::fs::metadata(path).map_err(io("opening"))?;
            if found.is_file() && found.len() == 0 {
                return options.open(path).map_err(io("opening"));
            }
            let recording = found.is_file() && begins_like_a_journal(path);
            let what = if recording { "and is a recording" } else { "and is no recording" };
            Err(JournalError::Exists { path: path.to_owned(), what })
        }
        Err(error) => Err(io("creating")(error)),
    }
}

fn compress(lines: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    encoder.write_all(lines)?;
    encoder.finish()
}

/// A copy without points that are no numbers, which JSON cannot hold and the model drops, where there are any.
fn finite(observation: &Observation) -> Option<Observation> {
    let Body::Points(batches) = &observation.body else { return None };
    if batches.iter().flat_map(|b| &b.points).all(|p| p.value.is_finite()) {
        return None;
    }
    let mut batches = batches.clone();
    for batch in &mut batches {
        batch.points.retain(|p| p.value.is_finite());
    }
    Some(Observation { body: Body::Points(batches), ..observation.clone() })
}
