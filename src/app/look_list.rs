//! `awswatch themes` and `awswatch keys`: what can be chosen, what is in force, and where each piece of it stands.

use std::fmt::Write;

use super::look;
use crate::config::Config;
use crate::ui::{Context, Keymap, Role, Theme};

/// The themes, and each role of the one in force, or of `name`.
pub(super) fn themes(config: &Config, name: Option<&str>) -> anyhow::Result<String> {
    let (theme, why) = match name {
        Some(name) => (look::named_theme(config, name, || "awswatch themes".to_owned())?, "asked for".to_owned()),
        None if config.ui.color => (look::theme(config)?, look::place(config, "ui.theme")),
        None => (look::theme(config)?, look::place(config, "ui.color")),
    };
    let mut out = String::new();
    let own = look::own_themes(config);
    for known in Theme::names() {
        let about = Theme::builtin(known)?.description;
        let _ = writeln!(out, "{} {known:<18} {about}", mark(known == theme.name));
    }
    for own in &own {
        let about = if own.description.is_empty() { "yours" } else { &own.description };
        let _ = writeln!(out, "{} {:<18} {about}", mark(own.name == theme.name), own.name);
    }
    let depth = look::depth(config);
    let _ =
        writeln!(out, "\n{} ({why}), in {} colours ({})", theme.name, depth.as_str(), look::place(config, "ui.colors"));
    let drawn = theme.clone().at(depth);
    for (role, word) in Role::ALL {
        let place = theme.place(role).unwrap_or("as text");
        let _ = writeln!(out, "  {word:<12} {:<44} {place}", Theme::describe(drawn.style(role)));
    }
    for (profile, of) in &config.accounts {
        let theme = of.theme.as_deref().unwrap_or("no theme of its own");
        let red = if of.production { ", production: red borders" } else { "" };
        let _ = writeln!(out, "  profile {profile}: {theme}{red} (file, line {})", of.line);
    }
    Ok(out)
}

/// The keymaps, and what each key does in the one in force, or in `name`.
pub(super) fn keys(config: &Config, name: Option<&str>) -> anyhow::Result<String> {
    let keymap = look::keymap(config, name.unwrap_or(&config.ui.keymap))?;
    let why = if name.is_some() { "asked for".to_owned() } else { look::place(config, "ui.keymap") };
    let mut out = String::new();
    for known in Keymap::names() {
        let _ = writeln!(out, "{} {known}", mark(known == keymap.name));
    }
    if !Keymap::names().any(|known| known == keymap.name) {
        let _ = writeln!(out, "{} {}", mark(true), keymap.name);
    }
    let _ = writeln!(out, "\n{} ({why})", keymap.name);
    for (context, section, title) in Context::ALL {
        let _ = writeln!(out, "\n{title} [{section}]");
        for binding in keymap.bindings().iter().filter(|b| b.context == context) {
            let keys = binding.on.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let (run, desc, place) = (binding.run.name(), &binding.desc, &binding.place);
            let _ = writeln!(out, "  {keys:<16} {run:<16} {desc:<52} {place}");
        }
    }
    Ok(out)
}

fn mark(here: bool) -> char {
    if here { '*' } else { ' ' }
}
