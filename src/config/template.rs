//! The commented template, made from the table of keys.

use std::fmt::Write;

use super::keys::{Key, TABLES, keys};

const HEAD: &str = "\
# Configuration of awswatch. Every key is here with its default; take the # away before one to change it.
#
# It is read from awswatch/config.toml in the configuration directory ($XDG_CONFIG_HOME or ~/.config), or from the file
# that -c FILE or AWSWATCH_CONFIG names. AWSWATCH_LOG says what is logged in the state directory: AWSWATCH_LOG=debug.
# A flag goes before an environment variable, a variable before this file. Each key's variable is AWSWATCH_ and its
# name in capitals, such as AWSWATCH_UI_THEME for ui.theme; lists are separated by commas there.
# Durations are written like 90s, 10m, 1h30m or 2d.
";

const OVERRIDES: &str = "\
# Changes to single rules, by the rule's name.
#[rules.override.clb-surge-queue]
#critical = \"> 800\"
";

const WALLS: &str = "\
# Another wall, for --wall left.
#[wall.left]
#pages = [\"alerts\", \"balancers\"]
#turn = \"30s\"
";

const LAYOUT: &str = "\
# The overview's panes in rows, instead of ui.panes: each with its share of the height or width, and the least it is shown
# with (rows for a row, columns for a pane). What does not fit side by side stands one under another; then panes go, the
# alerts last.
#[[layout.overview.row]]
#height = \"40%\"
#min = 6
#panes = [{ pane = \"alerts\" }]
#[[layout.overview.row]]
#panes = [{ pane = \"balancers\", width = \"60%\", min = 40 }, { pane = \"scaling\" }]
";

const PROFILES: &str = "\
# What is said of one profile: a theme of its own, and whether it is production, which puts red borders round it.
#[profile.prod]
#production = true
#theme = \"high-contrast\"
";

/// A configuration file that documents every key with its default, all of them commented out.
///
/// Prose begins with `# `, a commented key with `#` alone.
#[must_use]
pub fn template() -> String {
    let mut out = HEAD.to_owned();
    for (table, about) in TABLES {
        out.push('\n');
        if !table.is_empty() {
            let _ = writeln!(out, "[{table}]");
        }
        if !about.is_empty() {
            let _ = writeln!(out, "# {about}");
        }
        for key in keys().iter().filter(|key| key.split().0 == table) {
            entry(&mut out, key);
        }
        if table == "wall" {
            out.push('\n');
            out.push_str(WALLS);
        }
        if table == "rules" {
            out.push('\n');
            out.push_str(OVERRIDES);
        }
        if table == "pages.pollers" {
            out.push('\n');
            out.push_str(LAYOUT);
            out.push('\n');
            out.push_str(PROFILES);
        }
    }
    out
}

fn entry(out: &mut String, key: &Key) {
    let (table, name) = key.split();
    let value = key.default.as_ref().unwrap_or(&key.example);
    if table.starts_with("pages.") {
        let _ = writeln!(out, "# {}\n#{name} = {value}", key.about);
    } else if table == "intervals" {
        let setting = format!("#{name} = {value}");
        let _ = writeln!(out, "{setting:<28} # {}", key.about);
    } else {
        let note = if key.default.is_none() { " Not set by default." } else { "" };
        let _ = writeln!(out, "\n# {}{note}\n#{name} = {value}", key.about);
    }
}
