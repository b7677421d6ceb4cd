//! The command line.
//!
//! In: arguments. Out: a [`Cli`], or a [`Refusal`] with the text to print and the exit code, which is never clap's 2.

mod args;
mod keep;
mod values;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, error::ErrorKind};

pub use args::{
    Cli, Command, ConfigCommand, Format, RulesCommand, RulesExplainArgs, RulesListArgs, RulesTestArgs, RunArgs,
    SimArgs, WorldArgs,
};
pub use keep::{HistoryArgs, SilenceAdd, SilenceCommand};
pub use values::{DEFAULT_SCENARIO, Moment, SCENARIOS, Speed};

use crate::exit::Exit;

/// Why the arguments do not lead to a run: they are wrong, or they ask for help or the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What to print, with its line ends.
    pub text: String,
    /// Whether it belongs on standard output (help, version) rather than on standard error.
    pub stdout: bool,
    /// How to leave.
    pub exit: Exit,
}

impl From<clap::Error> for Refusal {
    fn from(error: clap::Error) -> Self {
        let stdout = !error.use_stderr();
        Self { text: error.render().to_string(), stdout, exit: if stdout { Exit::Ok } else { Exit::Unknown } }
    }
}

/// Reads the arguments, the program's name first.
///
/// # Errors
///
/// A [`Refusal`] for arguments that do not parse, that do nothing together, and for `--help` and `--version`.
pub fn parse<I, T>(args: I) -> Result<Cli, Refusal>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = Cli::try_parse_from(args)?;
    match cli.misuse() {
        Some(message) => Err(Cli::command().error(ErrorKind::ArgumentConflict, message).into()),
        None => Ok(cli),
    }
}

/// The completion script for `shell`.
#[must_use]
pub fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "awswatch", &mut out);
    out
}

/// The manual page awswatch(1), in roff.
///
/// # Errors
///
/// None that writing to memory can have; the signature is the generator's.
pub fn man() -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
