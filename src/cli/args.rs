//! The arguments, and which of them mean nothing together.

#![expect(clippy::doc_markdown, reason = "comments on arguments are the help text, and shown as they stand")]

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use jiff::Timestamp;

use super::keep::{HistoryArgs, SilenceCommand};
use super::values::{DEFAULT_SCENARIO, Moment, Speed, scenarios};
use crate::config::{Flags, parse_duration};

const EXAMPLES: &str = "\
Examples:
  awswatch --demo surge                    a load balancer's queue fills up: no account, no network
  awswatch -p prod -r ap-northeast-1       watch one account in one region
  awswatch -p prod,stage -r eu-west-1,us-east-1
  awswatch --check --timeout 30s           for cron and Nagios: prints what is wrong, exits 0 to 3
  awswatch --wall                          a screen that turns by itself, for the room
  awswatch --record night.awr              the console, and a recording of it
  awswatch --replay night.awr --speed 10   the same night again, ten times as fast
  awswatch --replay night.awr --at 04:59   from there on; space pauses, ? has the keys
  awswatch --check --replay night.awr --at 10m   what was wrong ten minutes after its start
  awswatch iam-policy                      the permissions it reads with
  awswatch config template                 a commented configuration file

Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (something could not be read; also usage,
configuration, credentials and time-out).";

/// Watches AWS in the terminal: load balancers, Auto Scaling groups, instances, the bill and the audit trail.
///
/// Alert rules are evaluated on this machine, minutes before CloudWatch's own e-mail. It only ever reads.
/// Credentials come from where the AWS command line tools find them.
#[derive(Clone, Debug, Parser)]
#[command(name = "awswatch", bin_name = "awswatch", override_usage = "awswatch [OPTIONS]\n       awswatch [-c FILE] <COMMAND>", version, after_help = EXAMPLES, max_term_width = 100, subcommand_help_heading = "Commands")]
pub struct Cli {
    /// How to run, without a subcommand.
    #[command(flatten)]
    pub run: RunArgs,
    /// Read the configuration from FILE.
    ///
    /// Without it: awswatch/config.toml in the configuration directory ($XDG_CONFIG_HOME or ~/.config).
    #[arg(short = 'c', long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to watch")]
    pub config: Option<PathBuf>,
    /// Something other than the console or `--check`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How to run the console or `--check`.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct RunArgs {
    /// Profiles to watch, of those in ~/.aws/config.
    #[arg(short, long, value_name = "PROFILE,..", value_delimiter = ',', help_heading = "What to watch")]
    pub profile: Vec<String>,
    /// Regions to watch.
    #[arg(short, long, value_name = "REGION,..", value_delimiter = ',', help_heading = "What to watch")]
    pub region: Vec<String>,

    /// Read everything once, print what is wrong, leave with 0 to 3.
    ///
    /// With --replay: what was wrong at --at, or at the recording's end.
    #[arg(long, help_heading = "Check, for cron and Nagios")]
    pub check: bool,
    /// Give up after D, such as 30s; what was not read by then is UNKNOWN.
    #[arg(long, value_name = "D", value_parser = parse_duration, requires = "check", help_heading = "Check, for cron and Nagios")]
    pub timeout: Option<Duration>,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", value_enum, requires = "check", help_heading = "Check, for cron and Nagios")]
    pub format: Option<Format>,

    /// Fill the screen with pages that turn by themselves, worst first, to be read across a room; no key is needed.
    ///
    /// NAME is that of a [wall.NAME] of the configuration; without it the wall is as [wall] has it.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", conflicts_with = "check", help_heading = "Display")]
    pub wall: Option<String>,

    /// Run on a simulated AWS in this process: no account, no network.
    #[arg(
        long, value_name = "SCENARIO", num_args = 0..=1, default_missing_value = DEFAULT_SCENARIO,
        value_parser = PossibleValuesParser::new(scenarios()), hide_possible_values = true,
        conflicts_with = "replay", help_heading = "Demonstration",
        long_help = demo_help(),
    )]
    pub demo: Option<String>,
    /// The simulated world.
    #[command(flatten)]
    pub world: WorldArgs,

    /// Record everything that is read to FILE, for --replay.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Record and replay")]
    pub record: Option<PathBuf>,
    /// Show a recording instead of AWS; --speed sets the pace, --at where it starts. Its keys are in the help (?).
    #[arg(
        long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["record", "profile", "region"],
        help_heading = "Record and replay",
    )]
    pub replay: Option<PathBuf>,
    /// Stand still at this moment of a replay or the demonstration: 30m after the start, 05:10, or a whole time.
    #[arg(long, value_name = "D|TIME", conflicts_with = "check", help_heading = "Record and replay")]
    pub until: Option<Moment>,

    /// Theme: a built-in one, or a file in the themes directory beside the configuration.
    #[arg(long, value_name = "NAME", help_heading = "Display")]
    pub theme: Option<String>,
    /// Keymap: a built-in one, or a file in the keymaps directory beside the configuration.
    #[arg(long, value_name = "NAME", help_heading = "Display")]
    pub keymap: Option<String>,
    /// Draw with ASCII characters only.
    #[arg(long, help_heading = "Display")]
    pub ascii: bool,
    /// Draw without colours, as NO_COLOR does.
    #[arg(long, help_heading = "Display")]
    pub no_color: bool,
    /// Listen to the mouse; with Shift the terminal selects text as ever.
    #[arg(long, help_heading = "Display")]
    pub mouse: bool,
}

/// The simulated world, in process or listening.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Demonstration")]
pub struct WorldArgs {
    /// Pace of time: 1 (real time), 10, …, or max [default: 10 for --demo, max with --check, else 1].
    #[arg(long, value_name = "N|max")]
    pub speed: Option<Speed>,
    /// Start with the scenario already so old, such as 10m, or at this time; in a replay, start there.
    #[arg(long, value_name = "D|TIME")]
    pub at: Option<Moment>,
    /// Simulated time at the start: 2026-01-14T05:00:00Z, or a date for its midnight in UTC [default:
    /// 2026-01-14T05:00:00Z].
    #[arg(long, value_name = "TIME", value_parser = start)]
    pub start: Option<Timestamp>,
    /// Seed of the world: equal seeds make equal worlds [default: 1].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Make the fleet N times as large [default: 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub scale: Option<u32>,
    /// A fault to play in, such as GetMetricData=throttle:0.5; can be repeated.
    ///
    /// KIND is throttle, 5xx, denied, expired, latency(2s), stall, reset or truncate; * stands for every operation, ec2:*
    /// for those of one service; SHARE of the calls is from 0 to 1 [default: 1].
    #[arg(long, value_name = "OPERATION=KIND[:SHARE]")]
    pub fault: Vec<String>,
}

impl WorldArgs {
    /// The seed, or its default.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(1)
    }

    /// The scale, or its default.
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.scale.unwrap_or(1)
    }

    /// The moment at which it starts, or its default.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.at.unwrap_or(Moment::After(Duration::ZERO))
    }
}

/// How `--check` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for a person; the first one is Nagios's.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// What else the program does.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Command {
    /// Serve the simulated AWS on a loopback port, for other clients (AWS_ENDPOINT_URL).
    ///
    /// It has two accounts. Requests with the access key id AKIDDEMOSTAGING are demo-staging's (210987654321), all
    /// others are demo's (123456789012). Signatures are not verified, so any secret key will do.
    Sim(SimArgs),
    /// Print the IAM policy that the program needs.
    IamPolicy,
    /// The configuration: a template, where it is read from, what is in force.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The alert rules.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Print the themes, and what each role looks like in the one in force, with where that stands.
    Themes {
        /// Another theme than the one in force.
        name: Option<String>,
    },
    /// Print the keymaps, and what each key does in the one in force, with where that stands.
    Keys {
        /// Another keymap than the one in force.
        name: Option<String>,
    },
    /// Silences: alerts that need not be told for a while; the console and --check know them.
    #[command(subcommand)]
    Silence(SilenceCommand),
    /// Print what alerts fired and resolved, as consoles saw it.
    History(HistoryArgs),
    /// Print a completion script for SHELL.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print the manual page, in roff.
    Man,
    /// Draw the pictures of the documentation into DIR.
    #[command(hide = true)]
    Screenshots {
        /// Where to.
        #[arg(value_hint = ValueHint::DirPath)]
        dir: PathBuf,
    },
}

/// `awswatch sim`.
#[derive(Clone, Debug, PartialEq, Args)]
#[command(mut_arg("speed", |arg| arg.value_name("N").help("Pace of time: 1 (real time), 10, … [default: 1]")))]
pub struct SimArgs {
    /// Address to listen on; loopback only.
    #[arg(long, value_name = "127.0.0.1:PORT", default_value = "127.0.0.1:4566", value_parser = loopback)]
    pub listen: SocketAddr,
    /// Which scenario; awswatch --help lists them.
    #[arg(long, value_name = "SCENARIO", default_value = DEFAULT_SCENARIO, value_parser = PossibleValuesParser::new(scenarios()), hide_possible_values = true)]
    pub scenario: String,
    /// The world.
    #[command(flatten)]
    pub world: WorldArgs,
}

/// `awswatch config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print a commented configuration file with every key and its default.
    Template,
    /// Print a JSON Schema of the configuration file, for editors that complete TOML.
    Schema,
    /// Print which file is read.
    Path,
    /// Check the configuration; print every setting with where it comes from.
    Check,
}

/// `awswatch rules`.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum RulesCommand {
    /// List the rules in force: state, kinds, cost, limits, file.
    List(RulesListArgs),
    /// Print rules as they are written, to copy them into a file of your own.
    Show {
        /// Their ids, or patterns of them such as 'rds-*'.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Run files of rule tests: series in, alerts out. Exits 0 when all pass, 1 when one fails, 3 when a file is wrong.
    Test(RulesTestArgs),
    /// Say why a rule is in the state it is in, with the points it sees and what it waits for.
    Explain(Box<RulesExplainArgs>),
}

/// `awswatch rules explain`.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct RulesExplainArgs {
    /// The rule's id; awswatch rules list shows them.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only of this resource, by its id or name; without it of all that the rule looks at.
    pub resource: Option<String>,
    /// Profiles to look at, of those in ~/.aws/config.
    #[arg(short, long, value_name = "PROFILE,..", value_delimiter = ',')]
    pub profile: Vec<String>,
    /// Regions to look at.
    #[arg(short, long, value_name = "REGION,..", value_delimiter = ',')]
    pub region: Vec<String>,
    /// Give up after D, such as 30s.
    #[arg(long, value_name = "D", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Look at a simulated AWS in this process.
    #[arg(
        long, value_name = "SCENARIO", num_args = 0..=1, default_missing_value = DEFAULT_SCENARIO,
        value_parser = PossibleValuesParser::new(scenarios()), hide_possible_values = true, conflicts_with = "replay",
    )]
    pub demo: Option<String>,
    /// The simulated world.
    #[command(flatten)]
    pub world: WorldArgs,
    /// Look at the end of a recording.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["profile", "region", "timeout"])]
    pub replay: Option<PathBuf>,
}

impl RulesExplainArgs {
    /// What to read for it, as `--check` is told.
    fn run(&self) -> RunArgs {
        RunArgs {
            profile: self.profile.clone(),
            region: self.region.clone(),
            check: true,
            timeout: self.timeout,
            demo: self.demo.clone(),
            world: self.world.clone(),
            replay: self.replay.clone(),
            ..RunArgs::default()
        }
    }
}

/// `awswatch rules list`.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct RulesListArgs {
    /// Count the resources of a simulated AWS that each rule applies to, and what reading their metrics would cost.
    #[arg(
        long, value_name = "SCENARIO", num_args = 0..=1, default_missing_value = DEFAULT_SCENARIO,
        value_parser = PossibleValuesParser::new(scenarios()), hide_possible_values = true,
    )]
    pub demo: Option<String>,
    /// The simulated world.
    #[command(flatten)]
    pub world: WorldArgs,
}

/// `awswatch rules test`.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct RulesTestArgs {
    /// Files with `[[test]]`s; docs/rule-tests.md says what they hold.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Run only tests whose name matches; can be repeated.
    #[arg(long, value_name = "REGEX")]
    pub run: Vec<String>,
}

impl Cli {
    /// A sentence on arguments that would do nothing together.
    pub(super) fn misuse(&self) -> Option<String> {
        if let (Some(Command::Rules(RulesCommand::Explain(args))), true) =
            (&self.command, self.run == RunArgs::default())
        {
            return self.explaining(args).misuse();
        }
        let run = &self.run;
        let world = &run.world;
        if self.command.is_some() && *run != RunArgs::default() {
            return Some("a command takes its own flags, after its name; only -c FILE goes with every one".to_owned());
        }
        if run.demo.is_some() {
            return None;
        }
        let of_time = [("--at", world.at.is_some()), ("--until", run.until.is_some())];
        if let (None, Some((flag, _))) = (&run.replay, of_time.iter().find(|(_, given)| *given)) {
            return Some(format!(
                "{flag} is a moment of a replay or the demonstration: use it with --replay or --demo"
            ));
        }
        let of_demo = [
            ("--start", world.start.is_some()),
            ("--seed", world.seed.is_some()),
            ("--scale", world.scale.is_some()),
            ("--fault", !world.fault.is_empty()),
        ];
        if let Some((flag, _)) = of_demo.iter().find(|(_, given)| *given) {
            return Some(format!("{flag} shapes the simulated world: use it with --demo"));
        }
        (world.speed.is_some() && run.replay.is_none())
            .then(|| "--speed sets the pace of --demo or --replay: AWS itself runs at its own".to_owned())
    }
}

impl Cli {
    /// The run that reads what `awswatch rules explain` with `args` looks at.
    #[must_use]
    pub fn explaining(&self, args: &RulesExplainArgs) -> Self {
        Self { run: args.run(), config: self.config.clone(), command: None }
    }
}

impl RunArgs {
    /// How fast time runs: what was asked for, or 10 for the demonstration's console, as fast as it goes for its
    /// check, and real time for the rest.
    #[must_use]
    pub fn speed(&self) -> Speed {
        let usual = match (&self.demo, self.check) {
            (Some(_), true) => Speed::Max,
            (Some(_), false) => Speed::Times(10.0),
            (None, _) => Speed::Times(1.0),
        };
        self.world.speed.unwrap_or(usual)
    }
}

impl Cli {
    /// The flags that are settings too, for [`Config::resolve`](crate::config::Config::resolve).
    #[must_use]
    pub fn flags(&self) -> Flags {
        let run = &self.run;
        Flags {
            file: self.config.clone(),
            profiles: run.profile.clone(),
            regions: run.region.clone(),
            theme: run.theme.clone(),
            keymap: run.keymap.clone(),
            ascii: run.ascii,
            no_color: run.no_color,
            mouse: run.mouse,
            timeout: run.timeout,
        }
    }
}

/// A time, or a date for its midnight in UTC.
pub(super) fn start(raw: &str) -> Result<Timestamp, String> {
    if let Ok(at) = raw.parse() {
        return Ok(at);
    }
    let date: Result<jiff::civil::Date, _> = raw.parse();
    match date.ok().filter(|_| raw.len() <= 10).and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC).ok()) {
        Some(midnight) => Ok(midnight.timestamp()),
        None => Err("a time is written like 2026-01-14T05:00:00Z or 2026-01-14T14:00:00+09:00, a date like 2026-01-14"
            .to_owned()),
    }
}

fn demo_help() -> String {
    let mut help = "Run on a simulated AWS in this process: no account, no network.\n\nScenarios:".to_owned();
    for (name, about) in super::SCENARIOS {
        let mark = if name == DEFAULT_SCENARIO { " [default]" } else { "" };
        let _ = write!(help, "\n  {name:<11} {about}{mark}");
    }
    help
}

fn loopback(raw: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        raw.parse().map_err(|_| "an address is written like 127.0.0.1:4566 (port 0 takes a free one)".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("the simulator listens on loopback only, such as 127.0.0.1:4566".to_owned())
    }
}
