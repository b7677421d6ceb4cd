//! The walls that the configuration names.

use super::look;
use crate::config::{Config, WallPage as Page, WallSettings};
use crate::ui::{Look, Theme, WallPage, WallPlan, check_filter};

/// The plan of the wall `name`; the empty name is `[wall]`'s own.
pub(super) fn plan(config: &Config, name: &str) -> anyhow::Result<WallPlan> {
    if name.is_empty() {
        return make(config, "", &config.wall);
    }
    if let Some(wall) = config.walls.iter().find(|wall| wall.name.as_str() == name) {
        return make(config, name, &wall.settings);
    }
    let names: Vec<&str> = config.walls.iter().map(|w| w.name.as_str()).collect();
    let near = names.iter().max_by(|a, b| {
        let near = |known: &str| strsim::jaro_winkler(known, name);
        near(a).total_cmp(&near(b))
    });
    let hint = match near {
        Some(near) => format!("did you mean \"{near}\"? There are {}", names.join(", ")),
        None => "the configuration has no [wall.NAME]; --wall alone shows [wall]".to_owned(),
    };
    anyhow::bail!("--wall {}: there is no such wall; {hint}", crate::model::Text::new(name))
}

/// Whether all walls can be shown.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    plan(config, "")?;
    config.walls.iter().try_for_each(|wall| plan(config, &wall.name).map(drop))
}

fn make(config: &Config, name: &str, wall: &WallSettings) -> anyhow::Result<WallPlan> {
    // Where a setting was made: in the wall's own table, or in [wall].
    let key = |short: &str| {
        let own = format!("wall.{name}.{short}");
        if config.origins.contains_key(&own) { own } else { format!("wall.{short}") }
    };
    if let Some(filter) = &wall.filter {
        check_filter(filter)
            .map_err(|message| anyhow::anyhow!("{}: {message}", look::place(config, &key("filter"))))?;
    }
    let usual = look::look(config)?;
    let theme = |short: &str, name: &str| {
        let key = key(short);
        let theme = look::named_theme(config, name, || look::place(config, &key))?;
        anyhow::Ok(if config.ui.color { theme.at(usual.depth) } else { Theme::default_for(true) })
    };
    let day = match &wall.theme {
        Some(name) => Look { theme: theme("theme", name)?, ..usual.clone() },
        None => usual.clone(),
    };
    let night = match &wall.night_theme {
        Some(name) => Look { theme: theme("night_theme", name)?, ..day.clone() },
        None => day.clone(),
    };
    Ok(WallPlan {
        name: name.into(),
        pages: wall.pages.iter().copied().map(page).collect(),
        turn: u32::try_from(wall.turn.as_secs()).unwrap_or(u32::MAX),
        most_alerts: wall.alerts as usize,
        accounts: wall.profiles.clone(),
        regions: wall.regions.clone(),
        filter: wall.filter.clone().unwrap_or_default(),
        shift: wall.shift,
        day,
        night,
        hours: (wall.day, wall.night),
        tz: wall.time_zone.as_ref().unwrap_or(&config.ui.time_zone).get(),
    })
}

fn page(page: Page) -> WallPage {
    match page {
        Page::Status => WallPage::Status,
        Page::Alerts => WallPage::Alerts,
        Page::Balancers => WallPage::Balancers,
        Page::Scaling => WallPage::Scaling,
        Page::Bill => WallPage::Bill,
        Page::Data => WallPage::Data,
    }
}
