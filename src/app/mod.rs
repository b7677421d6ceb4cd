//! The wiring.
//!
//! One [`Event`] in, a pure step ([`Core`]), [`Effect`]s out; the loop that runs them; the modes: console, check,
//! replay, and the small commands. No other room uses it.

mod console;
mod core;
mod demo;
mod event;
mod explain;
mod headless;
mod hyperlinks;
mod input;
mod keep;
mod keyboard;
mod logging;
mod look;
mod look_list;
mod modes;
mod once;
mod past;
mod pictures;
mod player;
mod playing;
mod rule_list;
mod rule_tests;
mod rules;
mod said;
mod scopes;
mod sequences;
mod serve;
mod setup;
mod signals;
mod terminal;
mod wall;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::panic::AssertUnwindSafe;

pub use console::{End, Wiring};
pub use core::{Core, Manners};
pub use event::{Effect, Event};
pub use headless::Headless;
pub use once::pass;
pub use pictures::{Picture, pictures};
pub use player::{Item, Items, Player, What};
pub use watch::Watch;

use crate::cli::{self, Cli, Command, ConfigCommand, RulesCommand};
use crate::config::{self, Config};
use crate::exit::Exit;

/// Runs the program with `args`, its own name first, and returns its exit code: never clap's 2 for a usage error nor
/// 101 for a panic, which cron and Nagios would take for something else.
#[must_use]
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    terminal::install_panic_hook();
    let run = AssertUnwindSafe(|| match cli::parse(args) {
        Ok(cli) => start(&cli),
        Err(refusal) => {
            if refusal.stdout {
                say(&refusal.text);
            } else {
                complain(&refusal.text);
            }
            Ok(refusal.exit.code())
        }
    });
    match std::panic::catch_unwind(run) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            complain(&format!("awswatch: {error:#}\n"));
            Exit::Unknown.code()
        }
        Err(_) => Exit::Unknown.code(),
    }
}

fn start(cli: &Cli) -> anyhow::Result<u8> {
    match &cli.command {
        Some(Command::Completions { shell }) => put(&cli::completions(*shell)),
        Some(Command::Man) => put(&cli::man()?),
        Some(Command::IamPolicy) => put(crate::aws::iam_policy().as_bytes()),
        Some(Command::Sim(args)) => serve::serve(args),
        Some(Command::Config(ConfigCommand::Template)) => put(config::template().as_bytes()),
        Some(Command::Config(ConfigCommand::Schema)) => put(config::schema().as_bytes()),
        Some(Command::Config(ConfigCommand::Path)) => {
            let path = config::file_path(&cli.flags())
                .ok_or_else(|| anyhow::anyhow!("there is no home directory to look for a configuration in"))?;
            put(format!("{}\n", path.display()).as_bytes())
        }
        Some(Command::Config(ConfigCommand::Check)) => {
            let config = load(cli)?;
            rules::rules(&config)?;
            look::look(&config)?;
            wall::check(&config)?;
            put(config::summary(&config).as_bytes())
        }
        Some(Command::Themes { name }) => put(look_list::themes(&load(cli)?, name.as_deref())?.as_bytes()),
        Some(Command::Keys { name }) => put(look_list::keys(&load(cli)?, name.as_deref())?.as_bytes()),
        Some(Command::Screenshots { dir }) => pictures::draw(dir),
        Some(Command::Silence(command)) => keep::silence(command, &load(cli)?),
        Some(Command::History(args)) => keep::history(args, &load(cli)?),
        Some(Command::Rules(RulesCommand::List(args))) => put(rule_list::list(cli, args)?.as_bytes()),
        Some(Command::Rules(RulesCommand::Show { ids })) => put(rule_list::show(&load(cli)?, ids)?.as_bytes()),
        Some(Command::Rules(RulesCommand::Explain(args))) => explain::explain(&cli.explaining(args), args),
        Some(Command::Rules(RulesCommand::Test(args))) => rule_tests::test(args),
        None if cli.run.check => modes::check(cli, &load(cli)?),
        None => modes::console(cli, &load(cli)?),
    }
}

fn load(cli: &Cli) -> anyhow::Result<Config> {
    let config = config::load(&cli.flags())?;
    for warning in &config.warnings {
        complain(&format!("awswatch: warning: {warning}\n"));
    }
    Ok(config)
}

/// Prints to standard output. A reader that has gone away (`| head`) is no error.
fn put(bytes: &[u8]) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Ok.code()),
    }
}

fn say(text: &str) {
    let _ = put(text.as_bytes());
}

fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
