//! Settings.
//!
//! In: flags, environment, file, defaults. Out: one resolved [`Config`], or a [`ConfigError`] that names file, line,
//! key and what is allowed.
//!
//! What one layer gives is read and checked key by key against one table ([`keys`]), from which the template is made
//! too; the layers are then laid over one another, and [`Config`] is what comes out. Nothing here writes a user's file.

mod duration;
mod error;
mod file;
mod keys;
mod layers;
mod load;
mod messages;
mod pages;
mod schema;
mod settings;
mod template;
mod value;

pub use duration::parse_duration;
pub use error::{ConfigError, Problem};
pub use load::{MAX_FILE_BYTES, cache_dir, config_dir, file_path, load, state_dir};
pub use messages::{no_credentials, summary};
pub use pages::{PAGES, PageKeys, PageSettings, Pages};
pub use schema::schema;
pub use settings::{
    AlarmSettings, AwsEnvironment, Budget, CheckSettings, Config, Flags, Intervals, LayoutPane, LayoutRow, NamedWall,
    Origin, Pane, ProfileSettings, RuleOverride, RuleSettings, SourceFile, StateSettings, Timeouts, UiSettings,
    WallPage, WallSettings, Zone,
};
pub use template::template;

#[cfg(test)]
mod tests;
