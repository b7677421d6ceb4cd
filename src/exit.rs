//! The exit codes, in one place.
//!
//! They are Nagios's. clap would leave with 2 on a usage error, which reads as CRITICAL, and Rust with 101 on a panic:
//! both are 3 here.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// 0: all was read and nothing is wrong; or the console was left, or help was asked for.
    Ok,
    /// 1: somebody should look at something.
    Warning,
    /// 2: somebody must act.
    Critical,
    /// 3: not everything could be read; also usage, configuration, credentials, time-out and panic.
    Unknown,
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// The word that Nagios's plugins print for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
