//! Reading the environment and the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::error::ConfigError;
use super::settings::{Config, Flags, SourceFile};

/// Largest configuration file read.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The configuration in force for this process.
///
/// # Errors
///
/// What [`Config::resolve`] finds, or that the file that was named is not there, or cannot be read. No file in the
/// usual place is no error.
pub fn load(flags: &Flags) -> Result<Config, ConfigError> {
    let environment = environment()?;
    let named = flags.file.clone().or_else(|| named_by(&environment));
    let text = match &named {
        Some(path) => Some((path.clone(), read(path)?)),
        None => match usual_path() {
            Some(path) if path.exists() => {
                let text = read(&path)?;
                Some((path, text))
            }
            _ => None,
        },
    };
    let file = text.as_ref().map(|(path, text)| SourceFile { path, text });
    Config::resolve(flags, &environment, file)
}

/// The file that [`load`] reads, whether it is there or not: `-c`, `AWSWATCH_CONFIG`, or the usual place. `None`: the
/// machine has no home directory.
#[must_use]
pub fn file_path(flags: &Flags) -> Option<PathBuf> {
    flags.file.clone().or_else(|| environment().ok().and_then(|e| named_by(&e))).or_else(usual_path)
}

/// The directory of the user's configuration, themes and keymaps: `$XDG_CONFIG_HOME/awswatch` and its like.
#[must_use]
pub fn config_dir() -> Option<PathBuf> {
    Some(project_dirs()?.config_dir().to_owned())
}

/// The directory for what the program keeps between runs: `$XDG_STATE_HOME/awswatch` and its like. It may not exist.
#[must_use]
pub fn state_dir() -> Option<PathBuf> {
    let dirs = project_dirs()?;
    Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned())
}

/// The directory for what can be read again: `$XDG_CACHE_HOME/awswatch` and its like. It may not exist.
#[must_use]
pub fn cache_dir() -> Option<PathBuf> {
    Some(project_dirs()?.cache_dir().to_owned())
}

fn project_dirs() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "awswatch")
}

fn usual_path() -> Option<PathBuf> {
    config_dir().map(|dir| dir.join("config.toml"))
}

fn named_by(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    environment.get("AWSWATCH_CONFIG").filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// The variables that mean something here. Another program's variable may hold any bytes.
fn environment() -> Result<BTreeMap<String, String>, ConfigError> {
    let mut out = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|n| *n == "NO_COLOR" || n.starts_with("AWS")) else { continue };
        match value.into_string() {
            Ok(value) => out.insert(name.to_owned(), value),
            Err(_) => return Err(ConfigError::one(name, "its value is not UTF-8")),
        };
    }
    Ok(out)
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let refuse = |message: String| ConfigError::one(path.display().to_string(), message);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(reason(&error)))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(refuse("it is larger than 1 MiB: this is no configuration file".to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|b| *b == b'\n').count();
        ConfigError::one(format!("{}:{line}", path.display()), "the file is not UTF-8 from here on")
    })
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file; awswatch config template prints one to begin with".to_owned(),
        ErrorKind::PermissionDenied => "the file cannot be read: permission denied".to_owned(),
        ErrorKind::IsADirectory => "this is a directory; name the file in it".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}
