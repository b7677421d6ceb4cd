//! The arguments of `awswatch silence` and `awswatch history`.

use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::Format;
use crate::config::parse_duration;

const FIELDS: &str = "\
Matchers: a field, = or !=, and a pattern in which * stands for anything. All of them must hold.
  rule=clb-*  kind=instance  name=web-*  region=us-east-1  account=prod  severity=warning
  tag.Team=\"night shift\" (the resource's)  label.team=web (the rule's)
What cannot be read (BLIND) is silenced only by kind=poller, severity=blind or rule=poller-blind, in so many words;
--check leaves with 3 all the same.";

/// `awswatch silence`.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum SilenceCommand {
    /// Silence alerts for a while; prints the silence's id.
    #[command(after_help = FIELDS)]
    Add(SilenceAdd),
    /// List the silences in force and to come.
    List {
        /// Those that are over too.
        #[arg(long)]
        all: bool,
        /// How to print it.
        #[arg(long, value_name = "FORMAT", value_enum)]
        format: Option<Format>,
    },
    /// End silences now.
    Expire {
        /// Their ids.
        #[arg(required = true)]
        id: Vec<String>,
    },
}

/// `awswatch silence add`.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct SilenceAdd {
    /// What it is about, such as rule=clb-* name=web-clb.
    #[arg(required = true, value_name = "FIELD=PATTERN")]
    pub matchers: Vec<String>,
    /// Why; whoever looks at the console reads it.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How long, such as 4h.
    #[arg(long = "for", value_name = "D", value_parser = parse_duration, default_value = "1h")]
    pub lasts: Duration,
    /// Until when, instead.
    #[arg(long, value_name = "TIME", conflicts_with = "lasts", value_parser = super::args::start)]
    pub until: Option<Timestamp>,
    /// From when [default: now].
    #[arg(long, value_name = "TIME", value_parser = super::args::start)]
    pub from: Option<Timestamp>,
    /// Who makes it [default: state.author of the configuration, else user@host].
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
}

/// `awswatch history`.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct HistoryArgs {
    /// Only of rules with such an id, such as clb-*.
    #[arg(long, value_name = "PATTERN")]
    pub rule: Option<String>,
    /// Only on resources with such an id, such as web-*.
    #[arg(long, value_name = "PATTERN")]
    pub resource: Option<String>,
    /// Only of the last D, such as 24h.
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub since: Option<Duration>,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<Format>,
}
