//! What is said of the configuration outside its errors.

use std::fmt::Write;

use super::duration::show;
use super::settings::{Config, Pane, WallPage, WallSettings};
use super::{keys, settings::Zone};
use crate::model::PollerKind;

/// What to say where no credentials are found, and `why` where that is known: two lines, the second one with the ways out.
#[must_use]
pub fn no_credentials(profile: Option<&str>, why: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let (whose, suffix) =
        profile.map_or_else(Default::default, |p| (format!(" for profile {p}"), format!(" --profile {p}")));
    format!(
        "awswatch: no AWS credentials found{whose}{why}\n\
         run: aws configure{suffix} (keys), or aws sso login{suffix} (single sign-on), or look around first: awswatch --demo\n"
    )
}

/// Every setting in force with where it comes from, one line each, then the rules' overrides and what was ignored.
#[must_use]
pub fn summary(config: &Config) -> String {
    let mut out = String::new();
    let file = config.file.as_ref().map_or_else(|| "none".to_owned(), |f| f.display().to_string());
    let _ = writeln!(out, "# file: {file}");
    for key in keys::keys() {
        let origin = config.origins.get(&key.path).map_or_else(|| "not set".to_owned(), ToString::to_string);
        // Most say nothing of their pages: what is not said is not listed.
        if key.path.starts_with("pages.") && !config.origins.contains_key(&key.path) {
            continue;
        }
        let value = shown(config, &key.path).unwrap_or_else(|| "-".to_owned());
        let setting = format!("{} = {value}", key.path);
        let _ = writeln!(out, "{setting:<48}  # {origin}");
    }
    for wall in &config.walls {
        let prefix = format!("wall.{}.", wall.name);
        for (path, origin) in config.origins.iter().filter(|(path, _)| path.starts_with(&prefix)) {
            let value = wall_value(&wall.settings, &path[prefix.len()..]).unwrap_or_else(|| "-".to_owned());
            let _ = writeln!(out, "{:<48}  # {origin}", format!("{path} = {value}"));
        }
    }
    for row in &config.layout {
        let share = |share: Option<u16>| share.map_or_else(String::new, |n| format!(" {n}%"));
        let least = |min: Option<u16>| min.map_or_else(String::new, |n| format!(" (min {n})"));
        let panes: Vec<String> =
            row.panes.iter().map(|p| format!("{}{}{}", p.pane.as_str(), share(p.width), least(p.min))).collect();
        let setting = format!("layout.overview.row{}{} = {}", share(row.height), least(row.min), panes.join(", "));
        let _ = writeln!(out, "{setting:<48}  # file, line {}", row.line);
    }
    for rule in &config.rules.overrides {
        let _ = writeln!(out, "{:<48}  # file, line {}", format!("rules.override.{}", rule.rule), rule.line);
    }
    for (profile, of) in &config.accounts {
        let theme = of.theme.as_ref().map_or_else(String::new, |t| format!("theme = {}, ", quoted(t)));
        let setting = format!("profile.{profile} = {{ {theme}production = {} }}", of.production);
        let _ = writeln!(out, "{setting:<48}  # file, line {}", of.line);
    }
    if let Some(url) = &config.aws.endpoint_url {
        let _ = writeln!(out, "# endpoint: {} (AWS_ENDPOINT_URL)", crate::model::Text::new(url));
    }
    for warning in &config.warnings {
        let _ = writeln!(out, "# warning: {warning}");
    }
    out
}

/// The value of the key `path`, in TOML; `None` where it is not set.
pub(super) fn shown(config: &Config, path: &str) -> Option<String> {
    let duration = |d| quoted(&show(d));
    if let Some(key) = path.strip_prefix("wall.") {
        return wall_value(&config.wall, key);
    }
    if let Some((page, key)) = path.strip_prefix("pages.").and_then(|rest| rest.split_once('.')) {
        let page = config.pages.get(page)?;
        return match key {
            "columns" if !page.columns.is_empty() => Some(texts(&mut page.columns.iter().cloned())),
            "sort" => page.sort.as_deref().map(quoted),
            "group" => page.group.as_deref().map(quoted),
            _ => None,
        };
    }
    if let Some(poller) = path.strip_prefix("intervals.").and_then(PollerKind::parse) {
        return Some(duration(config.intervals.of(poller)));
    }
    Some(match path {
        "profiles" if config.profiles.is_empty() => return None,
        "regions" if config.regions.is_empty() => return None,
        "profiles" => texts(&mut config.profiles.iter().map(ToString::to_string)),
        "regions" => texts(&mut config.regions.iter().map(ToString::to_string)),
        "budget.bill" => config.budget.bill?.to_string(),
        "budget.api" => config.budget.api.to_string(),
        "timeouts.connect" => duration(config.timeouts.connect),
        "timeouts.read" => duration(config.timeouts.read),
        "timeouts.attempt" => duration(config.timeouts.attempt),
        "timeouts.operation" => duration(config.timeouts.operation),
        "rules.files" => texts(&mut config.rules.files.iter().map(|f| f.display().to_string())),
        "alarms.window" => quoted(&config.alarms.window),
        "ui.theme" => quoted(&config.ui.theme),
        "ui.keymap" => quoted(&config.ui.keymap),
        "ui.ascii" => config.ui.ascii.to_string(),
        "ui.graphs" => quoted(&config.ui.graphs),
        "ui.ambiguous_width" => quoted(&config.ui.ambiguous_width),
        "ui.bell" => config.ui.bell.to_string(),
        "ui.notify" => quoted(&config.ui.notify),
        "ui.title" => config.ui.title.to_string(),
        "ui.focus" => config.ui.focus.to_string(),
        "ui.mouse" => config.ui.mouse.to_string(),
        "ui.links" => quoted(&config.ui.links),
        "ui.colors" => quoted(&config.ui.colors),
        "ui.color" => config.ui.color.to_string(),
        "ui.time_zone" => zone_name(&config.ui.time_zone),
        "ui.max_fps" => config.ui.max_fps.to_string(),
        "ui.panes" => texts(&mut config.ui.panes.iter().copied().map(Pane::as_str).map(str::to_owned)),
        "state.author" => quoted(config.state.author.as_ref()?),
        "state.keep" => duration(config.state.keep),
        "state.rows" => config.state.rows.to_string(),
        "check.timeout" => duration(config.check.timeout),
        _ => return None,
    })
}

fn texts(list: &mut dyn Iterator<Item = String>) -> String {
    let items: Vec<String> = list.map(|s| toml::Value::String(s).to_string()).collect();
    format!("[{}]", items.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn zone_name(zone: &Zone) -> String {
    match zone {
        Zone::System => quoted("system"),
        Zone::Named(zone) => quoted(zone.iana_name().unwrap_or("UTC")),
    }
}

/// The value of the key `key` of a wall, in TOML; `None` where it is not set.
fn wall_value(wall: &WallSettings, key: &str) -> Option<String> {
    let list =
        |list: &[crate::model::Text]| (!list.is_empty()).then(|| texts(&mut list.iter().map(ToString::to_string)));
    Some(match key {
        "pages" => texts(&mut wall.pages.iter().copied().map(WallPage::as_str).map(str::to_owned)),
        "turn" => quoted(&show(wall.turn)),
        "alerts" => wall.alerts.to_string(),
        "profiles" => list(&wall.profiles)?,
        "regions" => list(&wall.regions)?,
        "filter" => quoted(wall.filter.as_ref()?),
        "shift" => wall.shift.to_string(),
        "theme" => quoted(wall.theme.as_ref()?),
        "night_theme" => quoted(wall.night_theme.as_ref()?),
        "day" => quoted(&wall.day.strftime("%H:%M").to_string()),
        "night" => quoted(&wall.night.strftime("%H:%M").to_string()),
        "time_zone" => zone_name(wall.time_zone.as_ref()?),
        _ => return None,
    })
}
