//! Theme, glyphs and keymap, from what the configuration names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::hyperlinks;
use super::sequences::{Notify, Through};
use super::terminal::Asked;
use crate::config::{Config, LayoutPane, LayoutRow, Origin, PageSettings, Pane, config_dir};
use crate::ui::{
    AccountLook, Depth, FileError, Glyphs, GraphStyle, Grouping, Keymap, Listing, Look, PaneLook, RowLook, TableLook,
    Theme,
};

/// Most of a user's own themes that the list of themes offers.
const MAX_OWN: usize = 100;

/// The look that `config` asks for: names of built-in themes and keymaps, or of files in `themes/` and `keymaps/`
/// beside the configuration file. A user's keymap lies over the default one, key by key.
pub(super) fn look(config: &Config) -> anyhow::Result<Look> {
    let depth = depth(config);
    let theme = theme(config)?.at(depth);
    let keymap = keymap(config, &config.ui.keymap)?;
    let graphs = match config.ui.graphs.as_str() {
        "braille" => GraphStyle::Braille,
        "ascii" => GraphStyle::Ascii,
        _ => GraphStyle::Block,
    };
    // Of what is not ASCII only braille is sure to be one cell wide in every terminal.
    let wide = config.ui.ambiguous_width == "wide";
    let glyphs = match graphs {
        _ if config.ui.ascii => Glyphs::ASCII,
        GraphStyle::Braille if wide => Glyphs::ASCII.with_graphs(graphs),
        _ if wide => Glyphs::ASCII,
        _ => Glyphs::UNICODE.with_graphs(graphs),
    };
    let panes = config.ui.panes.iter().map(|pane| listing(*pane)).collect();
    let own = own_themes(config).into_iter().map(|t| t.at(depth)).collect();
    let (links, accounts) = (links(config), accounts(config, depth)?);
    let (tables, layout) = (tables(config), layout(config));
    Ok(Look { theme, accounts, own, depth, glyphs, wide, keymap, panes, links, layout, tables, ..Look::default() })
}

/// The theme that is configured.
pub(super) fn theme(config: &Config) -> anyhow::Result<Theme> {
    if config.ui.color {
        named_theme(config, &config.ui.theme, || place(config, "ui.theme"))
    } else {
        Ok(Theme::default_for(true))
    }
}

/// The theme `name`, of the user or built in. `place` says where it was named.
pub(super) fn named_theme(config: &Config, name: &str, place: impl Fn() -> String) -> anyhow::Result<Theme> {
    Ok(match user_file(config, "themes", name)? {
        Some((path, text)) => Theme::load(&path, &text)?,
        None => Theme::builtin(name).map_err(|e| anyhow::anyhow!("{}: {}", place(), e.message))?,
    })
}

/// The keymap `name`, of the user or built in.
pub(super) fn keymap(config: &Config, name: &str) -> anyhow::Result<Keymap> {
    Ok(match user_file(config, "keymaps", name)? {
        Some((path, text)) => Keymap::builtin("default")?.overlay(&path, &text)?,
        None => Keymap::builtin(name).map_err(|e| set_by(config, "ui.keymap", &e))?,
    })
}

/// How many colours the terminal shows, as configured or as it says itself.
pub(super) fn depth(config: &Config) -> Depth {
    match config.ui.colors.as_str() {
        "16" => Depth::Sixteen,
        "256" => Depth::Indexed,
        "true" => Depth::True,
        _ => {
            let of = |name| std::env::var(name).ok();
            Depth::of(of("COLORTERM").as_deref(), of("TERM").as_deref())
        }
    }
}

/// Whether names are links, as configured or as far as the terminal says of itself that it takes them.
fn links(config: &Config) -> bool {
    match config.ui.links.as_str() {
        "true" => true,
        "false" => false,
        _ => config.ui.color && hyperlinks::known(|name| std::env::var(name).ok()),
    }
}

/// What the terminal is asked for besides cells.
pub(super) fn asked(config: &Config) -> Asked {
    let of = |name| std::env::var(name).ok();
    Asked {
        bell: config.ui.bell,
        notify: match config.ui.notify.as_str() {
            "osc9" => Notify::Osc9,
            "osc777" => Notify::Osc777,
            _ => Notify::None,
        },
        title: config.ui.title,
        focus: config.ui.focus,
        mouse: config.ui.mouse,
        links: links(config),
        through: Through::of(of("TMUX").as_deref(), of("STY").as_deref(), of("TERM").as_deref()),
    }
}

/// What is said of single profiles.
fn accounts(config: &Config, depth: Depth) -> anyhow::Result<BTreeMap<String, AccountLook>> {
    let mut out = BTreeMap::new();
    for (profile, of) in &config.accounts {
        let file = config.file.as_ref().map(|f| f.display().to_string()).unwrap_or_default();
        let place = || format!("{file}:{}: profile.{profile}", of.line);
        let theme = match &of.theme {
            Some(name) if config.ui.color => Some(named_theme(config, name, place)?.at(depth)),
            _ => None,
        };
        out.insert(profile.to_string(), AccountLook { theme, production: of.production });
    }
    Ok(out)
}

/// The user's themes that can be read, by name: what is wrong with the others is said when they are asked for.
pub(super) fn own_themes(config: &Config) -> Vec<Theme> {
    let mut out: BTreeMap<String, Theme> = BTreeMap::new();
    for folder in folders(config, "themes") {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")) {
            let Some(name) = path.file_stem().and_then(|s| s.to_str()).map(ToOwned::to_owned) else { continue };
            if out.len() >= MAX_OWN || out.contains_key(&name) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            match Theme::load(&path.display().to_string(), &text) {
                // A name of its own may not be found again: files are.
                Ok(mut theme) => {
                    theme.name.clone_from(&name);
                    out.insert(name, theme);
                }
                Err(error) => tracing::warn!("{error}"),
            }
        }
    }
    out.into_values().collect()
}

/// The panes of the overview in rows.
fn layout(config: &Config) -> Vec<RowLook> {
    let pane = |p: &LayoutPane| PaneLook { list: listing(p.pane), width: p.width, min: p.min };
    let row = |r: &LayoutRow| RowLook { height: r.height, min: r.min, panes: r.panes.iter().map(pane).collect() };
    config.layout.iter().map(row).collect()
}

/// What is said of the pages' tables.
fn tables(config: &Config) -> BTreeMap<Listing, TableLook> {
    let table = |(name, page): (&String, &PageSettings)| {
        let grouping = page.group.as_deref().and_then(Grouping::parse).unwrap_or_default();
        Some((page_listing(name)?, TableLook { columns: page.columns.clone(), sort: page.sort.clone(), grouping }))
    };
    config.pages.iter().filter_map(table).collect()
}

/// The list of the page that `[pages.NAME]` names.
fn page_listing(name: &str) -> Option<Listing> {
    Some(match name {
        "alerts" => Listing::Alerts,
        "balancers" => Listing::Balancers,
        "scaling" => Listing::Scaling,
        "instances" => Listing::Instances,
        "trail" => Listing::Trail,
        "bill" => Listing::Bill,
        "metrics" => Listing::Metrics,
        "alarms" => Listing::Alarms,
        "timeline" => Listing::Timeline,
        "pollers" => Listing::Pollers,
        _ => return None,
    })
}

fn listing(pane: Pane) -> Listing {
    match pane {
        Pane::Alerts => Listing::Alerts,
        Pane::Balancers => Listing::Balancers,
        Pane::Scaling => Listing::Scaling,
        Pane::Bill => Listing::Bill,
        Pane::Trail => Listing::Trail,
    }
}

/// What is wrong with the name that `key` is set to, and where it was set.
fn set_by(config: &Config, key: &str, error: &FileError) -> anyhow::Error {
    anyhow::anyhow!("{}: {}", place(config, key), error.message)
}

/// Where `key` was set.
pub(super) fn place(config: &Config, key: &str) -> String {
    match (config.origins.get(key), &config.file) {
        (Some(Origin::File { line }), Some(file)) => format!("{}:{line}: {key}", file.display()),
        (Some(origin), _) => format!("{origin}: {key}"),
        (None, _) => key.to_owned(),
    }
}

/// Where the user's own files of this sort are: beside the configuration file that was read, and in the usual place.
fn folders(config: &Config, folder: &str) -> Vec<PathBuf> {
    let beside = config.file.as_deref().and_then(Path::parent).map(Path::to_owned);
    [beside, config_dir()].into_iter().flatten().map(|dir| dir.join(folder)).collect()
}

/// Path and text of the user's own file `name` in `folder`, if there is one.
fn user_file(config: &Config, folder: &str, name: &str) -> anyhow::Result<Option<(String, String)>> {
    if name.contains(['/', '\\']) {
        return Ok(None);
    }
    let found = folders(config, folder).into_iter().map(|dir| dir.join(format!("{name}.toml"))).find(|p| p.exists());
    let Some(path) = found else { return Ok(None) };
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(Some((path.display().to_string(), text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PAGES;
    use crate::ui::{columns, extra_columns, groupings, sorts};

    #[test]
    fn the_configuration_has_the_columns_orders_and_groupings_of_the_console() {
        for page in PAGES {
            let list = page_listing(page.name).unwrap_or_else(|| panic!("no list for {}", page.name));
            assert_eq!(page.columns, columns(list), "{}", page.name);
            assert_eq!(page.extra, extra_columns(list), "{}", page.name);
            assert_eq!(page.sorts, sorts(list), "{}", page.name);
            let words: Vec<_> = groupings(list).iter().map(Grouping::word).collect();
            let wanted = if page.groups.is_empty() { &["flat"][..] } else { page.groups };
            assert_eq!(wanted, words, "{}", page.name);
        }
    }
}
