//! Theme, glyphs and keymap, from what the configuration names.

use std::path::Path;

use anyhow::Context;

use crate::config::{Config, Origin, Pane, config_dir};
use crate::ui::{Glyphs, Keymap, Listing, Look, Theme};

/// The look that `config` asks for: names of built-in themes and keymaps, or of files in `themes/` and `keymaps/`
/// beside the configuration file. A user's keymap lies over the default one, key by key.
pub(super) fn look(config: &Config) -> anyhow::Result<Look> {
    let theme = theme(config, "ui.theme", &config.ui.theme)?;
    let keymap = match user_file(config, "keymaps", &config.ui.keymap)? {
        Some((path, text)) => Keymap::builtin("default")?.overlay(&path, &text)?,
        None => Keymap::builtin(&config.ui.keymap).map_err(|e| set_by(config, "ui.keymap", &e.message))?,
    };
    let glyphs = if config.ui.ascii { Glyphs::ASCII } else { Glyphs::UNICODE };
    let panes = config.ui.panes.iter().map(|pane| listing(*pane)).collect();
    Ok(Look { theme, glyphs, keymap, panes })
}

/// The theme `name`, which `key` is set to, or none where colours are not wanted.
pub(super) fn theme(config: &Config, key: &str, name: &str) -> anyhow::Result<Theme> {
    if !config.ui.color {
        return Ok(Theme::default_for(true));
    }
    Ok(match user_file(config, "themes", name)? {
        Some((path, text)) => Theme::load(&path, &text)?,
        None => Theme::builtin(name).map_err(|e| set_by(config, key, &e.message))?,
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

/// What is wrong with what `key` is set to, and where it was set.
pub(super) fn set_by(config: &Config, key: &str, message: &str) -> anyhow::Error {
    let place = match (config.origins.get(key), &config.file) {
        (Some(Origin::File { line }), Some(file)) => format!("{}:{line}: {key}", file.display()),
        (Some(origin), _) => format!("{origin}: {key}"),
        (None, _) => key.to_owned(),
    };
    anyhow::anyhow!("{place}: {message}")
}

/// Path and text of the user's own file `name` in `folder`, if there is one: beside the configuration file that was
/// read, or in the usual place.
fn user_file(config: &Config, folder: &str, name: &str) -> anyhow::Result<Option<(String, String)>> {
    if name.contains(['/', '\\']) {
        return Ok(None);
    }
    let beside = config.file.as_deref().and_then(Path::parent).map(Path::to_owned);
    let found = [beside, config_dir()]
        .into_iter()
        .flatten()
        .map(|dir| dir.join(folder).join(format!("{name}.toml")))
        .find(|path| path.exists());
    let Some(path) = found else { return Ok(None) };
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    Ok(Some((path.display().to_string(), text)))
}
