//! Settings.
//!
//! In: flags, environment, file, defaults. Out: one resolved configuration, or errors that name file, line, key and
//! what is allowed.
