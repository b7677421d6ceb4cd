//! Every key there is, in one table: its name, what it takes, its default and its documentation.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use super::pages::{PAGES, PageKeys};
use crate::model::PollerKind;

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    /// Profiles' names.
    Profiles,
    /// Regions' codes.
    Regions,
    /// A duration within bounds.
    Duration {
        /// Shortest.
        min: Duration,
        /// Longest.
        max: Duration,
    },
    /// US dollars, more than none.
    Dollars,
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds.
    Count {
        /// Smallest.
        min: u32,
        /// Largest.
        max: u32,
    },
    /// The name of a theme or keymap.
    Name,
    /// A few words.
    Words,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A time zone.
    Zone,
    /// Panes' names.
    Panes,
    /// Pages of a wall.
    WallPages,
    /// A time of day.
    Time,
    /// Paths of files.
    Paths,
    /// Columns of this page.
    Columns(&'static PageKeys),
    /// An order of this page's rows.
    Order(&'static PageKeys),
    /// What this page's rows are put together by.
    Group(&'static PageKeys),
}

/// A key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Its name from the top, such as `ui.theme`.
    pub(super) path: String,
    /// What it takes.
    pub(super) takes: Takes,
    /// Its default, in TOML. `None`: not set.
    pub(super) default: Option<Cow<'static, str>>,
    /// A value for the template of a key without default, in TOML.
    pub(super) example: Cow<'static, str>,
    /// What it does, for the template.
    pub(super) about: String,
}

impl Key {
    /// The environment variable that sets it: `AWSWATCH_UI_THEME` for `ui.theme`.
    pub(super) fn variable(&self) -> String {
        format!("AWSWATCH_{}", self.path.replace(['.', '-'], "_").to_uppercase())
    }

    /// Its table (empty at the top) and its name therein.
    pub(super) fn split(&self) -> (&str, &str) {
        self.path.rsplit_once('.').unwrap_or(("", &self.path))
    }
}

/// The tables and what they are about, in the template's order; the top itself is `""`.
pub(super) const TABLES: [(&str, &str); 20] = [
    ("", "What to watch."),
    (
        "intervals",
        "How often each poller runs: 5s to 1d. Describe calls cost nothing; every metric costs about $0.01 for 1,000 readings.",
    ),
    ("budget", "US dollars a month."),
    ("timeouts", "How long a call to AWS may take: 100ms to 10m."),
    ("rules", "The alert rules; `awswatch rules list` shows those in force."),
    ("alarms", "CloudWatch's own alarms, which are evaluated here too."),
    ("ui", "The console."),
    ("pages.alerts", "The pages' tables. The alerts are a pane of the overview."),
    ("pages.balancers", ""),
    ("pages.scaling", ""),
    (
        "pages.instances",
        "What is not shown by default can be chosen too: public-ip, subnet, vpc, platform, \"tag:KEY\".",
    ),
    ("pages.trail", ""),
    ("pages.bill", ""),
    ("pages.metrics", ""),
    ("pages.alarms", ""),
    ("pages.timeline", ""),
    ("pages.pollers", ""),
    (
        "wall",
        "awswatch --wall: pages that turn by themselves. A [wall.NAME] is another one, for --wall NAME; what it leaves out is as here.",
    ),
    ("state", "What is kept over restarts: silences, acknowledgements, notes, the history of alerts."),
    ("check", "awswatch --check."),
];

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(build);

/// Every key, in the template's order.
pub(super) fn keys() -> &'static [Key] {
    &KEYS
}

/// The key `path`.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

fn build() -> Vec<Key> {
    let key = |path: &str, takes, default: &'static str, about: &str| Key {
        path: path.to_owned(),
        takes,
        default: Some(Cow::Borrowed(default)),
        example: Cow::Borrowed(""),
        about: about.to_owned(),
    };
    let unset = |path: &str, takes, example, about: &str| Key {
        path: path.to_owned(),
        takes,
        default: None,
        example: Cow::Borrowed(example),
        about: about.to_owned(),
    };
    let mut keys = vec![
        unset(
            "profiles",
            Takes::Profiles,
            r#"["prod", "stage"]"#,
            "Profiles of ~/.aws/config. Unset: whatever credentials the SDK finds by itself.",
        ),
        unset("regions", Takes::Regions, r#"["ap-northeast-1", "us-east-1"]"#, "Regions. Unset: each profile's own."),
    ];
    for poller in PollerKind::ALL {
        let takes = Takes::Duration { min: 5 * SECOND, max: DAY };
        let path = format!("intervals.{poller}");
        let default = Some(Cow::Owned(interval(poller)));
        keys.push(Key { default, ..key(&path, takes, "", poller.action()) });
    }
    let timeout = Takes::Duration { min: SECOND / 10, max: 600 * SECOND };
    keys.extend([
        unset(
            "budget.bill",
            Takes::Dollars,
            "8000",
            "What the account may cost; alerts when the bill or its forecast goes past it.",
        ),
        key("budget.api", Takes::Dollars, "30", "What reading metrics may cost."),
        key("timeouts.connect", timeout, "\"3s\"", "To connect."),
        key("timeouts.read", timeout, "\"10s\"", "To the first byte of the answer."),
        key("timeouts.attempt", timeout, "\"15s\"", "For one attempt; not shorter than connect."),
        key("timeouts.operation", timeout, "\"40s\"", "For an operation with its retries; not shorter than attempt."),
        key("rules.files", Takes::Paths, "[]", "Your own rules. Relative paths start at this file's directory."),
        key(
            "alarms.window",
            Takes::Word(&["sliding", "grid"]),
            "\"sliding\"",
            "How those of several minutes are looked at: each minute as CloudWatch does it (\"sliding\"), or once a period (\"grid\"), which costs less and is later.",
        ),
        key(
            "ui.theme",
            Takes::Name,
            "\"ansi\"",
            "A built-in theme, or a file in the themes directory beside this file.",
        ),
        key(
            "ui.keymap",
            Takes::Name,
            "\"default\"",
            "A built-in keymap, or a file in the keymaps directory beside this file.",
        ),
        key("ui.ascii", Takes::Flag, "false", "Draw with ASCII characters only."),
        key(
            "ui.graphs",
            Takes::Word(&["block", "braille", "ascii"]),
            "\"block\"",
            "What graphs are drawn with: \"block\", \"braille\" or \"ascii\".",
        ),
        key(
            "ui.ambiguous_width",
            Takes::Word(&["narrow", "wide"]),
            "\"narrow\"",
            "\"wide\" where the terminal shows characters of ambiguous width (① Ω Я →) in two cells: signs are ASCII then.",
        ),
        key("ui.bell", Takes::Flag, "true", "Ring when something fires that is critical or blind."),
        key(
            "ui.notify",
            Takes::Word(&["none", "osc9", "osc777"]),
            "\"none\"",
            "Let the terminal tell it too: \"osc9\" (iTerm2, kitty, WezTerm, Windows Terminal), \"osc777\" (foot, urxvt), \"none\".",
        ),
        key("ui.title", Takes::Flag, "true", "Let the window's title say how many alerts there are."),
        key("ui.focus", Takes::Flag, "true", "Draw once a second only while another window has the keys."),
        key(
            "ui.mouse",
            Takes::Flag,
            "false",
            "Listen to the mouse: click, wheel, drag on graphs. With Shift the terminal selects text as ever.",
        ),
        key(
            "ui.links",
            Takes::Word(&["auto", "true", "false"]),
            "\"auto\"",
            "Let names lead to the AWS console (OSC 8): true, false, or \"auto\": with colours, where the terminal is known to.",
        ),
        key(
            "ui.colors",
            Takes::Word(&["auto", "16", "256", "true"]),
            "\"auto\"",
            "How many colours the terminal shows: \"16\", \"256\", \"true\", or \"auto\", which believes COLORTERM and TERM.",
        ),
        key("ui.color", Takes::Flag, "true", "Use colours. NO_COLOR in the environment turns them off too."),
        key(
            "ui.time_zone",
            Takes::Zone,
            "\"system\"",
            "In which zone times are shown: \"system\", \"UTC\", or a name such as \"Asia/Tokyo\".",
        ),
        key(
            "ui.max_fps",
            Takes::Count { min: 1, max: 60 },
            "20",
            "Most frames a second: 1 to 60. Nothing is drawn when nothing has changed.",
        ),
        key(
            "ui.panes",
            Takes::Panes,
            r#"["alerts", "balancers", "scaling", "bill", "trail"]"#,
            "The panes of the overview, in order.",
        ),
    ]);
    for page in &PAGES {
        keys.extend(of_page(page));
    }
    keys.extend([
        key(
            "wall.pages",
            Takes::WallPages,
            r#"["status", "alerts", "balancers", "scaling", "bill", "data"]"#,
            "What it shows; the alerts come first, worst first, then the pages with faults.",
        ),
        key(
            "wall.turn",
            Takes::Duration { min: 3 * SECOND, max: 600 * SECOND },
            "\"15s\"",
            "How long a page stays: 3s to 10m.",
        ),
        key("wall.alerts", Takes::Count { min: 1, max: 50 }, "6", "Most alerts with a page of their own: 1 to 50."),
        unset("wall.profiles", Takes::Profiles, r#"["prod"]"#, "Show these profiles only, of those that are watched."),
        unset("wall.regions", Takes::Regions, r#"["ap-northeast-1"]"#, "Show these regions only."),
        unset(
            "wall.filter",
            Takes::Words,
            r#""tag.env=prod""#,
            "Show and count only alerts that match, in the console's filter language; the wall says so.",
        ),
        key("wall.shift", Takes::Flag, "true", "Move the picture about, so that it burns into no screen."),
        unset("wall.theme", Takes::Name, r#""light""#, "Theme by day. Unset: ui.theme."),
        unset("wall.night_theme", Takes::Name, r#""dark""#, "Theme by night. Unset: as by day."),
        key("wall.day", Takes::Time, "\"07:00\"", "When the day begins."),
        key("wall.night", Takes::Time, "\"20:00\"", "When the night begins."),
        unset(
            "wall.time_zone",
            Takes::Zone,
            r#""Asia/Tokyo""#,
            "Zone of its clock, of day and night. Unset: ui.time_zone.",
        ),
        unset("state.author", Takes::Words, r#""alice""#, "Who acknowledges and silences here. Unset: user@host."),
        key(
            "state.keep",
            Takes::Duration { min: 3600 * SECOND, max: 3650 * DAY },
            "\"90d\"",
            "How long the history of alerts, notes and old silences are kept: 1h to 3650d.",
        ),
        key(
            "state.rows",
            Takes::Count { min: 1000, max: 1_000_000 },
            "50000",
            "Most changes of alerts that are kept: 1000 to 1000000.",
        ),
        key(
            "check.timeout",
            Takes::Duration { min: SECOND, max: 3600 * SECOND },
            "\"60s\"",
            "When to give up: 1s to 1h. What was not read by then is UNKNOWN.",
        ),
    ]);
    keys
}

/// The keys of one page's table.
fn of_page(page: &'static PageKeys) -> Vec<Key> {
    let key = |name: &str, takes, example: String, about: String| Key {
        path: format!("pages.{}.{name}", page.name),
        takes,
        default: None,
        example: Cow::Owned(example),
        about,
    };
    let quoted = |words: &[&str]| words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ");
    let (usual, extra) = page.usual();
    let besides = if extra.is_empty() { String::new() } else { format!(" There are also {}.", extra.join(", ")) };
    let which = format!("Which columns, in order.{besides}");
    let mut keys = vec![
        key("columns", Takes::Columns(page), format!("[{}]", quoted(usual)), which),
        key(
            "sort",
            Takes::Order(page),
            quoted(&page.sorts[..1]),
            format!("One of {}; \"-{}\" turns it round.", page.sorts.join(", "), page.sorts[0]),
        ),
    ];
    if !page.groups.is_empty() {
        let tags = if page.tags { ", \"tag:KEY\"" } else { "" };
        let about = format!("What rows are put together by: {}{tags}.", page.groups.join(", "));
        keys.push(key("group", Takes::Group(page), quoted(&page.groups[..1]), about));
    }
    keys
}

/// How often `poller` runs by itself, as it is written.
fn interval(poller: PollerKind) -> String {
    match poller.usual_interval().as_secs() {
        seconds @ ..120 => format!("\"{seconds}s\""),
        seconds => format!("\"{}m\"", seconds / 60),
    }
}
