//! The log: a file a day in the state directory, five of them kept, never the terminal.

use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::clock::Clock;

/// Files kept.
const FILES: usize = 5;
/// What the files' names begin and end with; the day stands between.
const PREFIX: &str = "awswatch";
const SUFFIX: &str = "log";

/// Begins to log warnings (or what `AWSWATCH_LOG` asks for, such as `awswatch=debug`) into the state directory. Lines
/// wait for the disk in a bounded queue, and what does not fit is dropped: logging never holds the program up.
///
/// Returns what must be kept for as long as there is something to log, or why there is no log: that is no reason not to
/// run.
pub(super) fn begin() -> Result<WorkerGuard, String> {
    let dir: PathBuf = crate::config::state_dir().ok_or("there is no home directory for the log")?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)
        .map_err(|e| format!("failed to make {} for the log: {e}", dir.display()))?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(FILES)
        .build(&dir)
        .map_err(|e| format!("failed to open a log in {}: {e}", dir.display()))?;
    restrict(&dir).map_err(|e| format!("failed to close the log in {} to others: {e}", dir.display()))?;
    let (writer, guard) = tracing_appender::non_blocking(Private { files, dir, clock: Clock::system(), day: None });
    let filter = EnvFilter::try_from_env("AWSWATCH_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .try_init()
        .map_err(|e| format!("failed to begin the log: {e}"))?;
    Ok(guard)
}

/// Keeps each day's file readable by its owner only: the library makes them as the umask says.
struct Private<W> {
    files: W,
    dir: PathBuf,
    clock: Clock,
    day: Option<Date>,
}

impl<W: Write> Write for Private<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.files.write(line)?;
        // The files change with the day in UTC.
        let day = self.clock.now().to_zoned(TimeZone::UTC).date();
        if self.day != Some(day) {
            self.day = Some(day);
            restrict(&self.dir)?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.files.flush()
    }
}

/// Takes the logs in `dir` from everybody but their owner.
fn restrict(dir: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_log = name.starts_with(&format!("{PREFIX}.")) && name.ends_with(&format!(".{SUFFIX}"));
        if is_log && entry.file_type()?.is_file() && entry.metadata()?.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_days_log_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            path
        };
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (log, other) = (file("awswatch.2026-01-14.log"), file("notes.txt"));
        let mut writer = Private { files: Vec::new(), dir: dir.path().to_owned(), clock: Clock::system(), day: None };
        writer.write_all(b"a line\n").unwrap();
        assert_eq!((mode(&log), mode(&other)), (0o600, 0o644));
        let next = file("awswatch.2026-01-15.log");
        writer.day = Some(Date::constant(2026, 1, 14));
        writer.write_all(b"another day\n").unwrap();
        assert_eq!(mode(&next), 0o600);
        assert_eq!(writer.files, b"a line\nanother day\n");
    }
}
