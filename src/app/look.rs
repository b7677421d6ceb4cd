//! Theme, glyphs and keymap, from what the configuration names.

use std::path::PathBuf;

use anyhow::Context;

use crate::config::{Config, Pane, config_dir};
use crate::ui::{Glyphs, Keymap, Listing, Look, Theme};

/// The look that `config` asks for: names of built-in themes and keymaps, or of files in `themes/` and `keymaps/`
/// beside the configuration file. A user's keymap lies over the default one, key by key.
pub(super) fn look(config: &Config) -> anyhow::Result<Look> {
    let theme = if config.ui.color {
        match user_file("themes", &config.ui.theme)? {
            Some((path, text)) => Theme::load(&path, &text)?,
            None => Theme::builtin(&config.ui.theme)?,
        }
    } else {
        Theme::default_for(true)
    };
    let keymap = match user_file("keymaps", &config.ui.keymap)? {
        Some((path, text)) => Keymap::builtin("default")?.overlay(&path, &text)?,
        None => Keymap::builtin(&config.ui.keymap)?,
    };
    let glyphs = if config.ui.ascii { Glyphs::ASCII } else { Glyphs::UNICODE };
    let panes = config.ui.panes.iter().map(|pane| listing(*pane)).collect();
    Ok(Look { theme, glyphs, keymap, panes })
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

/// Path and text of the user's own file `name` in `folder`, if there is one.
fn user_file(folder: &str, name: &str) -> anyhow::Result<Option<(String, String)>> {
    let Some(path) = config_dir().map(|dir: PathBuf| dir.join(folder).join(format!("{name}.toml"))) else {
        return Ok(None);
    };
    if name.contains(['/', '\\']) || !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(Some((path.display().to_string(), text)))
}
