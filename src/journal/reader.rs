//! Reading a journal.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::{FORMAT, Header, JournalError};
use crate::model::{Body, Observation};

/// How the first frame of every zstd file begins.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Longest line read, in bytes: an inventory of the most resources the model keeps is a tenth of it.
const MAX_LINE: u64 = 512 * 1024 * 1024;

/// The latest moment that a record may be of, in seconds of Unix time: the year 2200. Nothing that is reckoned from one
/// before it leaves what a timestamp can hold.
const LATEST: i64 = 7_258_118_400;
/// The longest interval of a poller, in hours: ten years.
const LONGEST_INTERVAL: i64 = 10 * 366 * 24;

type Lines = BufReader<Box<dyn Read + Send>>;

/// How a journal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a whole record, at the end of the file.
    Whole,
    /// Within a record: the program or the machine stopped while it was written, or the file is damaged from there on.
    Torn {
        /// How that shows.
        why: String,
    },
}

/// Gives the observations of a journal, in order, and stops at the last whole one.
pub struct Reader {
    path: PathBuf,
    header: Header,
    lines: Lines,
    record: u64,
    end: Option<End>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .field("header", &self.header)
            .field("record", &self.record)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens the journal `path` and reads its header.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, is no journal, or was written in a newer format.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let file =
            File::open(path).map_err(|source| JournalError::Io { path: path.to_owned(), doing: "opening", source })?;
        Self::new(path, file)
    }

    /// Reads the journal `input`, which errors call `path`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn new(path: &Path, input: impl Read + Send + 'static) -> Result<Self, JournalError> {
        let foreign = |why: &str| JournalError::Foreign { path: path.to_owned(), why: why.to_owned() };
        let io = |source| JournalError::Io { path: path.to_owned(), doing: "reading", source };
        let mut input = BufReader::new(input);
        let mut magic = Vec::with_capacity(MAGIC.len());
        input.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(io)?;
        if magic.is_empty() {
            return Err(foreign("the file is empty"));
        }
        if magic != MAGIC {
            return Err(foreign("it is not compressed with zstd"));
        }
        let whole = std::io::Cursor::new(magic).chain(input);
        let decoder = zstd::stream::read::Decoder::with_buffer(BufReader::new(whole)).map_err(io)?;
        let mut lines: Lines = BufReader::new(Box::new(decoder));
        let Line::Whole(line) = next_line(&mut lines) else { return Err(foreign("it ends before its header")) };
        let header = parse_header(path, &line)?;
        Ok(Self { path: path.to_owned(), header, lines, record: 0, end: None })
    }

    /// What the journal says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How the journal ended; `None` until the iteration has.
    #[must_use]
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Goes past the next `records`, which were read before, without looking into them. It is over where there are fewer.
    pub fn skip_records(&mut self, records: u64) {
        let last = self.record.saturating_add(records);
        while self.end.is_none() && self.record < last {
            match next_line(&mut self.lines) {
                Line::Whole(_) => self.record += 1,
                Line::End => self.end = Some(End::Whole),
                Line::Torn(why) => self.end = Some(End::Torn { why }),
            }
        }
    }

    /// How many records were read or gone past.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.record
    }

    /// Whether the journal ended within a record.
    #[must_use]
    pub fn truncated(&self) -> bool {
        matches!(self.end, Some(End::Torn { .. }))
    }
}

impl Iterator for Reader {
    type Item = Result<Observation, JournalError>;

    /// The next observation, or an error after which there is nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.end.is_some() {
            return None;
        }
        match next_line(&mut self.lines) {
            Line::Whole(line) => {
                self.record += 1;
                let parsed = serde_json::from_slice(&line).map_err(|error| error.to_string()).and_then(plausible);
                Some(parsed.map_err(|why| {
                    self.end = Some(End::Torn { why: format!("record {} cannot be read", self.record) });
                    JournalError::Record { path: self.path.clone(), record: self.record, why }
                }))
            }
            Line::End => {
                self.end = Some(End::Whole);
                None
            }
            Line::Torn(why) => {
                self.end = Some(End::Torn { why });
                None
            }
        }
    }
}

/// `observation`, unless it is of a time that no recording is of.
fn plausible(observation: Observation) -> Result<Observation, String> {
    let time = |what: &str, at: Timestamp| match at.as_second() {
        0..=LATEST => Ok(()),
        _ => Err(format!("`{what}` is {at}, which is not between the years 1970 and 2200")),
    };
    time("at", observation.at)?;
    if let Body::Outcome(outcome) = &observation.body {
        time("started", outcome.started)?;
        outcome.next.map_or(Ok(()), |next| time("next", next))?;
        for (what, span) in [("interval", outcome.interval), ("took", outcome.took)] {
            if span.is_negative() || span > SignedDuration::from_hours(LONGEST_INTERVAL) {
                return Err(format!("`{what}` is {span:#}, which is not between 0 and ten years"));
            }
        }
    }
    Ok(observation)
}

enum Line {
    Whole(Vec<u8>),
    Torn(String),
    End,
}

fn next_line(lines: &mut Lines) -> Line {
    let mut line = Vec::new();
    match lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
        Ok(0) => Line::End,
        Ok(_) if line.last() == Some(&b'\n') => {
            line.pop();
            Line::Whole(line)
        }
        Ok(_) => Line::Torn("the last record is cut off".to_owned()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Line::Torn("the file ends within a frame".to_owned()),
        Err(error) => Line::Torn(format!("the file is damaged: {error}")),
    }
}

fn parse_header(path: &Path, line: &[u8]) -> Result<Header, JournalError> {
    let foreign = || JournalError::Foreign { path: path.to_owned(), why: "its first line is no header".to_owned() };
    let value: serde_json::Value = serde_json::from_slice(line).map_err(|_| foreign())?;
    let format = value.get("awswatch_journal").and_then(serde_json::Value::as_u64).ok_or_else(foreign)?;
    if format > u64::from(FORMAT) {
        let version = value.get("version").and_then(serde_json::Value::as_str).unwrap_or("of unknown version");
        return Err(JournalError::Newer {
            path: path.to_owned(),
            version: crate::model::Text::new(version).to_string(),
            format: u32::try_from(format).unwrap_or(u32::MAX),
        });
    }
    serde_json::from_value(value).map_err(|_| foreign())
}

/// Whether `path` is a journal, of any version.
pub(super) fn begins_like_a_journal(path: &Path) -> bool {
    matches!(Reader::open(path), Ok(_) | Err(JournalError::Newer { .. }))
}
