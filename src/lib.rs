//! awswatch: an operations console for AWS in the terminal.
//!
//! The way through the house is `aws` (or `sim` below it) → `poll` → [`model::Observation`] → `model` → `rules` →
//! `alerts` → `ui` and `check`, wired by `app`. `ARCHITECTURE.md` has the map and what each room may touch.

pub mod alerts;
pub mod app;
pub mod aws;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod exit;
pub mod journal;
pub mod model;
pub mod poll;
pub mod rules;
pub mod ruletest;
pub mod sim;
pub mod state;
pub mod ui;
