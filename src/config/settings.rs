//! The resolved configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

use super::pages::Pages;
use crate::model::{PollerKind, Text};

/// The flags that are settings too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-c`.
    pub file: Option<PathBuf>,
    /// `-p`; empty when not given.
    pub profiles: Vec<String>,
    /// `-r`; empty when not given.
    pub regions: Vec<String>,
    /// `--theme`.
    pub theme: Option<String>,
    /// `--keymap`.
    pub keymap: Option<String>,
    /// `--ascii`.
    pub ascii: bool,
    /// `--no-color`.
    pub no_color: bool,
    /// `--mouse`.
    pub mouse: bool,
    /// `--timeout`.
    pub timeout: Option<Duration>,
}

/// A configuration file that was read.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Where it is; relative paths in it start at its directory.
    pub path: &'a Path,
    /// What is in it.
    pub text: &'a str,
}

/// Everything that can be set, with its value in force.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Profiles to watch; empty: whatever the SDK finds by itself.
    #[serde(default)]
    pub profiles: Vec<Text>,
    /// Regions to watch; empty: each profile's own.
    #[serde(default)]
    pub regions: Vec<Text>,
    /// How often each poller runs.
    pub intervals: Intervals,
    /// What may be spent, in US dollars a month.
    pub budget: Budget,
    /// How long a call may take.
    pub timeouts: Timeouts,
    /// The alert rules.
    pub rules: RuleSettings,
    /// CloudWatch's own alarms.
    pub alarms: AlarmSettings,
    /// The console.
    pub ui: UiSettings,
    /// The pages' tables, by page.
    #[serde(default)]
    pub pages: Pages,
    /// `--wall`.
    pub wall: WallSettings,
    /// The walls with a name, in the file's order.
    #[serde(skip)]
    pub walls: Vec<NamedWall>,
    /// What is kept over restarts.
    pub state: StateSettings,
    /// `--check`.
    pub check: CheckSettings,
    /// What is said of single profiles.
    #[serde(skip)]
    pub accounts: BTreeMap<Text, ProfileSettings>,
    /// The overview's panes in rows; empty: as [`UiSettings::panes`] has them.
    #[serde(skip)]
    pub layout: Vec<LayoutRow>,
    /// What the SDK's own variables say, for showing it.
    #[serde(skip)]
    pub aws: AwsEnvironment,
    /// The file that was read.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// What is in it: the rules read their overrides from it, so that their errors name its lines.
    #[serde(skip)]
    pub text: Option<String>,
    /// Where each setting comes from, by its key.
    #[serde(skip)]
    pub origins: BTreeMap<String, Origin>,
    /// What was ignored, one sentence each.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// How often each poller runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervals(pub(super) BTreeMap<PollerKind, Duration>);

impl Intervals {
    /// How often `poller` runs.
    #[must_use]
    pub fn of(&self, poller: PollerKind) -> Duration {
        self.0.get(&poller).copied().unwrap_or_else(|| poller.usual_interval())
    }
}

/// What may be spent, in US dollars a month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The account's bill; `None`: no rule on it.
    pub bill: Option<f64>,
    /// What reading metrics may cost; polling slows down to stay below it.
    pub api: f64,
}

/// How long a call may take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// To connect.
    #[serde(deserialize_with = "seconds")]
    pub connect: Duration,
    /// To the first byte of the answer.
    #[serde(deserialize_with = "seconds")]
    pub read: Duration,
    /// For one attempt.
    #[serde(deserialize_with = "seconds")]
    pub attempt: Duration,
    /// For an operation with its retries.
    #[serde(deserialize_with = "seconds")]
    pub operation: Duration,
}

/// CloudWatch's own alarms, which are evaluated here too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmSettings {
    /// How those of several minutes are looked at: `sliding`, each minute, or `grid`, once a period.
    pub window: String,
}

/// The alert rules.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// Files of the user's own rules, absolute or relative to the working directory.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// Changes to single rules, by rule.
    #[serde(skip)]
    pub overrides: Vec<RuleOverride>,
}

/// `[rules.override.ID]`: changes to one rule. Its keys are the rules' own business: they read them from
/// [`Config::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOverride {
    /// The rule's id.
    pub rule: Text,
    /// Line of the table in the configuration file.
    pub line: usize,
}

/// `[profile.NAME]`: what is said of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileSettings {
    /// Its own theme.
    pub theme: Option<String>,
    /// Whether it is production: its borders are red.
    pub production: bool,
    /// Line of the table in the configuration file.
    pub line: usize,
}

/// The console.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct UiSettings {
    /// Name of the theme.
    pub theme: String,
    /// Name of the keymap.
    pub keymap: String,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// What graphs are drawn with: `block`, `braille` or `ascii`.
    pub graphs: String,
    /// How wide the terminal shows characters of ambiguous width: `narrow` (one cell) or `wide` (two).
    pub ambiguous_width: String,
    /// Whether the bell rings when something fires that is critical or blind.
    pub bell: bool,
    /// How the terminal tells it: `none`, `osc9` or `osc777`.
    pub notify: String,
    /// Whether the window's title says how many alerts there are.
    pub title: bool,
    /// Whether less is drawn while another window has the keys.
    pub focus: bool,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether names are links (OSC 8): `auto`, `true` or `false`.
    pub links: String,
    /// How many colours the terminal shows: `16`, `256`, `true`, or `auto`.
    pub colors: String,
    /// Whether colours may be used.
    pub color: bool,
    /// In which zone times are shown.
    pub time_zone: Zone,
    /// Most frames a second.
    pub max_fps: u32,
    /// The panes of the overview, in order.
    pub panes: Vec<Pane>,
}

/// `[[layout.overview.row]]`: panes of the overview, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayoutRow {
    /// Its share of the height, in hundredths.
    pub height: Option<u16>,
    /// Fewest rows of the screen that it is shown with.
    pub min: Option<u16>,
    /// The panes, from the left.
    pub panes: Vec<LayoutPane>,
    /// Line of the table in the configuration file.
    pub line: usize,
}

/// A pane in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutPane {
    /// Which.
    pub pane: Pane,
    /// Its share of the width, in hundredths.
    pub width: Option<u16>,
    /// Fewest columns of the screen that it is shown with beside others.
    pub min: Option<u16>,
}

/// A pane of the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pane {
    /// The alerts.
    Alerts,
    /// The load balancers.
    Balancers,
    /// The Auto Scaling groups.
    Scaling,
    /// The bill.
    Bill,
    /// The audit trail.
    Trail,
}

impl Pane {
    /// Every pane, in the usual order.
    pub const ALL: [Self; 5] = [Self::Alerts, Self::Balancers, Self::Scaling, Self::Bill, Self::Trail];

    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Balancers => "balancers",
            Self::Scaling => "scaling",
            Self::Bill => "bill",
            Self::Trail => "trail",
        }
    }
}

/// A wall.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WallSettings {
    /// What it shows.
    pub pages: Vec<WallPage>,
    /// How long a page stays.
    #[serde(deserialize_with = "seconds")]
    pub turn: Duration,
    /// Most alerts with a page of their own.
    pub alerts: u32,
    /// Only these profiles; empty: all.
    #[serde(default)]
    pub profiles: Vec<Text>,
    /// Only these regions; empty: all.
    #[serde(default)]
    pub regions: Vec<Text>,
    /// Only alerts that match it.
    #[serde(default)]
    pub filter: Option<String>,
    /// Whether the picture moves about.
    pub shift: bool,
    /// Theme by day; unset: the console's.
    #[serde(default)]
    pub theme: Option<String>,
    /// Theme by night; unset: as by day.
    #[serde(default)]
    pub night_theme: Option<String>,
    /// When the day begins.
    #[serde(deserialize_with = "time_of_day")]
    pub day: Time,
    /// When the night begins.
    #[serde(deserialize_with = "time_of_day")]
    pub night: Time,
    /// Its zone; unset: the console's.
    #[serde(default)]
    pub time_zone: Option<Zone>,
}

/// A wall with a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedWall {
    /// The name.
    pub name: Text,
    /// Line of its table in the configuration file.
    pub line: usize,
    /// What it is like, with what it leaves out as `[wall]` has it.
    pub settings: WallSettings,
}

/// A page of a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WallPage {
    /// How many alerts there are, and what is watched.
    Status,
    /// The alerts, each by itself.
    Alerts,
    /// Load balancers.
    Balancers,
    /// Auto Scaling groups.
    Scaling,
    /// The bill.
    Bill,
    /// How old what is read is.
    Data,
}

impl WallPage {
    /// Every page with its name, in the usual order.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Status, "status"),
        (Self::Alerts, "alerts"),
        (Self::Balancers, "balancers"),
        (Self::Scaling, "scaling"),
        (Self::Bill, "bill"),
        (Self::Data, "data"),
    ];

    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(page, _)| *page == self).map_or("", |(_, name)| name)
    }
}

/// In which zone times are shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Zone {
    /// The machine's.
    System,
    /// One that was named.
    Named(TimeZone),
}

impl Zone {
    /// The zone; asks the machine for its own.
    #[must_use]
    pub fn get(&self) -> TimeZone {
        match self {
            Self::System => TimeZone::system(),
            Self::Named(zone) => zone.clone(),
        }
    }

    /// The zone named `name`: `system`, `UTC`, or a name of the IANA database such as `Asia/Tokyo`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "UTC" => Some(Self::Named(TimeZone::UTC)),
            _ => TimeZone::get(name).ok().map(Self::Named),
        }
    }
}

/// What is kept over restarts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateSettings {
    /// Who decides, in acknowledgements and silences; unset: `user@host`.
    #[serde(default)]
    pub author: Option<Text>,
    /// How long the history of alerts, notes and silences that are over are kept.
    #[serde(deserialize_with = "seconds")]
    pub keep: Duration,
    /// Most changes of alerts kept, and most notes.
    pub rows: u32,
}

/// `--check`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSettings {
    /// When to give up.
    #[serde(deserialize_with = "seconds")]
    pub timeout: Duration,
}

/// What the SDK's own variables say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsEnvironment {
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    /// `AWS_REGION` or `AWS_DEFAULT_REGION`.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// An environment variable.
    Environment(String),
    /// A line of the configuration file.
    File {
        /// Which line, from 1.
        line: usize,
    },
    /// Built in.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment(name) => f.write_str(name),
            Self::File { line } => write!(f, "file, line {line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(d)?;
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
}

fn time_of_day<'de, D: Deserializer<'de>>(d: D) -> Result<Time, D::Error> {
    let raw = String::deserialize(d)?;
    super::value::parse_time(&raw).ok_or_else(|| serde::de::Error::custom(format!("no time of day {raw}")))
}

impl<'de> Deserialize<'de> for Intervals {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        BTreeMap::<String, f64>::deserialize(d)?
            .into_iter()
            .map(|(name, seconds)| {
                let poller = PollerKind::parse(&name).ok_or_else(|| D::Error::custom(format!("no poller {name}")))?;
                Ok((poller, Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom(format!("no time zone {name}")))
    }
}
