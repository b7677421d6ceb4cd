//! The log: a file a day in the state directory, five of them kept, never the terminal.

use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Files kept.
const FILES: usize = 5;

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
        .filename_prefix("awswatch")
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(&dir)
        .map_err(|e| format!("failed to open a log in {}: {e}", dir.display()))?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let filter = EnvFilter::try_from_env("AWSWATCH_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .try_init()
        .map_err(|e| format!("failed to begin the log: {e}"))?;
    Ok(guard)
}
