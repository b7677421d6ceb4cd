//! Themes: what each role looks like. Views ask for a meaning, never for a colour.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::colour::{self, Depth};
use super::file::{FileError, Source, unknown};

/// A meaning that a theme gives a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Ordinary text, and the background of everything.
    Text,
    /// What matters less: units, hints, what is known to be quiet.
    Dim,
    /// Panes' borders.
    Border,
    /// The border of the pane that has the keys.
    Focus,
    /// The borders where what is shown is production.
    Production,
    /// Panes' titles.
    Title,
    /// Column heads.
    Header,
    /// Names of pages.
    Tab,
    /// The name of the page in view.
    TabActive,
    /// The selected row.
    Selected,
    /// Good.
    Ok,
    /// Somebody should look.
    Warn,
    /// Somebody must act.
    Crit,
    /// Cannot be read.
    Blind,
    /// Older than it should be.
    Stale,
    /// Breached, but not yet for long enough.
    Pending,
    /// Names, and what is to be noticed without being bad.
    Accent,
    /// Axes and their labels.
    Axis,
    /// What graphs and sparklines are drawn with.
    Graph,
    /// The limit drawn into a graph.
    Limit,
    /// Keys in the footer and help.
    Key,
    /// DEMO, REPLAY, FROZEN.
    Badge,
    /// The line being typed.
    Input,
}

impl Role {
    /// Every role, with its name in theme files.
    pub const ALL: [(Self, &'static str); 23] = [
        (Self::Text, "text"),
        (Self::Dim, "dim"),
        (Self::Border, "border"),
        (Self::Focus, "focus"),
        (Self::Production, "production"),
        (Self::Title, "title"),
        (Self::Header, "header"),
        (Self::Tab, "tab"),
        (Self::TabActive, "tab-active"),
        (Self::Selected, "selected"),
        (Self::Ok, "ok"),
        (Self::Warn, "warn"),
        (Self::Crit, "crit"),
        (Self::Blind, "blind"),
        (Self::Stale, "stale"),
        (Self::Pending, "pending"),
        (Self::Accent, "accent"),
        (Self::Axis, "axis"),
        (Self::Graph, "graph"),
        (Self::Limit, "limit"),
        (Self::Key, "key"),
        (Self::Badge, "badge"),
        (Self::Input, "input"),
    ];
}

const BUILTIN: [(&str, &str); 15] = [
    ("ansi", include_str!("../../themes/ansi.toml")),
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../themes/deuteranopia.toml")),
    ("tritanopia", include_str!("../../themes/tritanopia.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
    ("catppuccin", include_str!("../../themes/catppuccin.toml")),
    ("catppuccin-latte", include_str!("../../themes/catppuccin-latte.toml")),
    ("dracula", include_str!("../../themes/dracula.toml")),
    ("gruvbox", include_str!("../../themes/gruvbox.toml")),
    ("nord", include_str!("../../themes/nord.toml")),
    ("solarized-dark", include_str!("../../themes/solarized-dark.toml")),
    ("solarized-light", include_str!("../../themes/solarized-light.toml")),
    ("tokyo-night", include_str!("../../themes/tokyo-night.toml")),
];

/// What each [`Role`] looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub description: String,
    styles: BTreeMap<Role, Style>,
    /// Where each role's look stands: file and line.
    places: BTreeMap<Role, String>,
}

impl Theme {
    /// The names of the themes that come with the program; the first is the default.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// The theme `name` that comes with the program.
    ///
    /// # Errors
    /// There is none of that name; the nearest one is named.
    pub fn builtin(name: &str) -> Result<Self, FileError> {
        let known: Vec<&str> = Self::names().collect();
        let Some((name, text)) = BUILTIN.iter().find(|(n, _)| *n == name) else {
            return Err(FileError { file: "theme".into(), line: 1, message: unknown("theme", name, &known) });
        };
        Self::load(&format!("{name}.toml"), text)
    }

    /// The default theme: `mono` where colour is not wanted (`NO_COLOR`), else `ansi`.
    #[must_use]
    pub fn default_for(no_color: bool) -> Self {
        Self::builtin(if no_color { "mono" } else { "ansi" }).unwrap_or_else(|_| Self::empty("plain".into()))
    }

    fn empty(name: String) -> Self {
        Self { name, description: String::new(), styles: BTreeMap::new(), places: BTreeMap::new() }
    }

    /// Where the look of `role` stands, as file and line; `None` where it is that of [`Role::Text`].
    #[must_use]
    pub fn place(&self, role: Role) -> Option<&str> {
        self.places.get(&role).map(String::as_str)
    }

    /// This theme for a terminal that has so many colours: each becomes the nearest of those that is as readable.
    ///
    /// With sixteen, whose shades are the terminal's business, the background becomes plain black or white, and what has
    /// a background of its own is turned round instead.
    #[must_use]
    pub fn at(mut self, depth: Depth) -> Self {
        let paper = self.style(Role::Text).bg.and_then(colour::rgb);
        if depth == Depth::True || !self.styles.values().any(|s| [s.fg, s.bg].iter().flatten().any(|c| is_rgb(*c))) {
            return self;
        }
        let ground = match (depth, paper) {
            (_, None) => None,
            (Depth::Sixteen, Some(paper)) if colour::is_light(paper) => Some(Color::White),
            (Depth::Sixteen, Some(_)) => Some(Color::Black),
            (_, Some([r, g, b])) => Some(depth.nearest(Color::Rgb(r, g, b), None)),
        };
        let ink = self.style(Role::Text).fg;
        let back = |bg: Color| depth.background(bg, ink, ground);
        let selected = self.styles.get(&Role::Selected).and_then(|s| s.bg).map(back);
        for (role, style) in &mut self.styles {
            if depth == Depth::Sixteen {
                let own = style.bg.is_some() && *role != Role::Text;
                style.bg = if *role == Role::Text { ground } else { None };
                style.fg = ground.map(|g| sixteen(*role, g == Color::White));
                if own {
                    style.add_modifier |= Modifier::REVERSED;
                }
                continue;
            }
            style.bg = style.bg.map(|bg| match role {
                Role::Text => ground.unwrap_or(bg),
                Role::Selected | Role::Input => back(bg),
                _ => depth.nearest(bg, None),
            });
            let quiet = matches!(role, Role::Border);
            // What stands in rows must be readable on the selected one too: the harder of both is what counts.
            let on = if style.bg.is_some() { style.bg } else { harder(ground, selected, style.fg) };
            style.fg = style.fg.map(|fg| depth.nearest(fg, on.filter(|_| !quiet)));
        }
        self
    }

    /// The theme in `text`, called `file` in errors. A role that is left out looks as in the theme that it inherits,
    /// or as `text`.
    ///
    /// # Errors
    /// Not TOML, an unknown role, colour or style word, or an inherited theme that is not there: with line and the
    /// nearest right word.
    pub fn load(file: &str, text: &str) -> Result<Self, FileError> {
        Self::load_after(file, text, &mut Vec::new())
    }

    fn load_after(file: &str, text: &str, seen: &mut Vec<String>) -> Result<Self, FileError> {
        const KEYS: [&str; 5] = ["name", "description", "inherits", "palette", "roles"];
        let source = Source { file, text };
        let parsed = source.parse()?;
        let root = parsed.get_ref();
        let mut theme = Self::empty(file.trim_end_matches(".toml").rsplit('/').next().unwrap_or(file).to_owned());
        if let Some(base) = root.get("inherits") {
            let name = source.string("inherits", base)?;
            if seen.iter().any(|s| s == name) {
                return Err(source.error(&base.span(), format!("`inherits = \"{name}\"` goes round in a circle")));
            }
            seen.push(name.to_owned());
            let Some((_, text)) = BUILTIN.iter().find(|(n, _)| *n == name) else {
                let known: Vec<&str> = Self::names().collect();
                return Err(source.unknown(&base.span(), "theme", name, &known));
            };
            let base = Self::load_after(&format!("{name}.toml"), text, seen)?;
            (theme.styles, theme.places) = (base.styles, base.places);
        }
        let mut palette = BTreeMap::new();
        if let Some(table) = root.get("palette") {
            for (name, value) in source.table("palette", table)? {
                let text = source.string(name.get_ref(), value)?;
                let colour = named(text, &palette).ok_or_else(|| bad_colour(source, value, text, &palette))?;
                palette.insert(name.get_ref().to_string(), colour);
            }
        }
        for (key, value) in root {
            match key.get_ref().as_ref() {
                "name" => source.string("name", value)?.clone_into(&mut theme.name),
                "description" => source.string("description", value)?.clone_into(&mut theme.description),
                "inherits" | "palette" => {}
                "roles" => theme.take_roles(source, source.table("roles", value)?, &palette)?,
                other => return Err(source.unknown(&key.span(), "key", other, &KEYS)),
            }
        }
        Ok(theme)
    }

    fn take_roles(
        &mut self,
        source: Source<'_>,
        roles: &DeTable<'_>,
        palette: &BTreeMap<String, Color>,
    ) -> Result<(), FileError> {
        for (key, value) in roles {
            let name = key.get_ref().as_ref();
            let Some((role, _)) = Role::ALL.iter().find(|(_, n)| *n == name) else {
                return Err(source.unknown(&key.span(), "role", name, &Role::ALL.map(|(_, n)| n)));
            };
            self.styles.insert(*role, style(source, name, value, palette)?);
            self.places.insert(*role, format!("{}:{}", source.file, source.line(&key.span())));
        }
        Ok(())
    }

    /// How `role` looks.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let base = self.styles.get(&Role::Text).copied().unwrap_or_default();
        match self.styles.get(&role) {
            Some(own) if role != Role::Text && role != Role::Selected => base.patch(*own),
            Some(own) => *own,
            None => base,
        }
    }

    /// `style` in the words of theme files.
    #[must_use]
    pub fn describe(style: Style) -> String {
        let name = |colour: Color| match (COLOURS.iter().find(|(_, c)| *c == colour), colour) {
            (Some((name, _)), _) => (*name).to_owned(),
            (None, Color::Rgb(r, g, b)) => format!("#{r:02x}{g:02x}{b:02x}"),
            (None, Color::Indexed(n)) => n.to_string(),
            (None, other) => other.to_string(),
        };
        let mut words = vec![name(style.fg.unwrap_or_default())];
        if let Some(back) = style.bg.filter(|c| *c != Color::Reset) {
            words.push(format!("on {}", name(back)));
        }
        let of = style.add_modifier;
        words.extend(MODIFIERS.iter().filter(|(_, m)| of.contains(*m)).map(|(word, _)| (*word).to_owned()));
        words.join(" ")
    }
}

/// That of the sixteen which `role` has: what can be read on white there is red, magenta, blue and black.
fn sixteen(role: Role, on_white: bool) -> Color {
    let (white, black) = match role {
        Role::Crit | Role::Limit | Role::Production => (Color::Red, Color::LightRed),
        Role::Warn | Role::Stale => (Color::Magenta, Color::LightYellow),
        Role::Blind => (Color::Blue, Color::LightMagenta),
        Role::Ok => (Color::Black, Color::LightGreen),
        Role::Focus | Role::Accent | Role::Graph | Role::Key | Role::Pending => (Color::Blue, Color::LightCyan),
        Role::Dim | Role::Header | Role::Axis | Role::Border => (Color::Black, Color::Gray),
        _ => (Color::Black, Color::White),
    };
    if on_white { white } else { black }
}

fn is_rgb(colour: Color) -> bool {
    matches!(colour, Color::Rgb(..))
}

/// That of the two backgrounds on which `fg` is harder to read.
fn harder(a: Option<Color>, b: Option<Color>, fg: Option<Color>) -> Option<Color> {
    let on = |ground: Option<Color>| {
        let (ground, fg) = (ground.and_then(colour::rgb)?, fg.and_then(colour::rgb)?);
        Some(colour::contrast(ground, fg))
    };
    match (on(a), on(b)) {
        (Some(on_a), Some(on_b)) if on_b < on_a => b,
        (Some(_), _) => a,
        _ => b,
    }
}

const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];
const STYLE_KEYS: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];

fn style(
    source: Source<'_>,
    role: &str,
    value: &Spanned<DeValue<'_>>,
    palette: &BTreeMap<String, Color>,
) -> Result<Style, FileError> {
    let pick = |value: &Spanned<DeValue<'_>>, key: &str| {
        let text = source.string(key, value)?;
        named(text, palette).ok_or_else(|| bad_colour(source, value, text, palette))
    };
    if value.get_ref().is_str() {
        return Ok(Style::new().fg(pick(value, role)?));
    }
    let mut style = Style::new();
    for (key, value) in source.table(role, value)? {
        let name = key.get_ref().as_ref();
        let modifier = match name {
            "fg" => {
                style = style.fg(pick(value, name)?);
                continue;
            }
            "bg" => {
                style = style.bg(pick(value, name)?);
                continue;
            }
            word => match MODIFIERS.iter().find(|(w, _)| *w == word) {
                Some((_, modifier)) => *modifier,
                None => return Err(source.unknown(&key.span(), "style word", word, &STYLE_KEYS)),
            },
        };
        if source.boolean(name, value)? {
            style = style.add_modifier(modifier);
        } else {
            style = style.remove_modifier(modifier);
        }
    }
    Ok(style)
}

const COLOURS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

fn named(text: &str, palette: &BTreeMap<String, Color>) -> Option<Color> {
    if let Some(known) = palette.get(text) {
        return Some(*known);
    }
    if let Some((_, known)) = COLOURS.iter().find(|(n, _)| *n == text) {
        return Some(*known);
    }
    if let Some(hex) = text.strip_prefix('#').filter(|h| h.len() == 6 && h.is_ascii()) {
        let part = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).ok();
        return Some(Color::Rgb(part(0)?, part(2)?, part(4)?));
    }
    text.parse::<u8>().ok().map(Color::Indexed)
}

fn bad_colour(
    source: Source<'_>,
    value: &Spanned<DeValue<'_>>,
    text: &str,
    palette: &BTreeMap<String, Color>,
) -> FileError {
    let known: Vec<&str> = palette.keys().map(String::as_str).chain(COLOURS.iter().map(|(n, _)| *n)).collect();
    let mut message = unknown("colour", text, &known);
    message.push_str(" (or #rrggbb, or 0 to 255)");
    source.error(&value.span(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_that_comes_with_the_program_loads_and_names_every_severity() {
        for name in Theme::names() {
            let theme = Theme::builtin(name).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(theme.name, name);
            for (role, word) in Role::ALL {
                assert!(theme.styles.contains_key(&role), "{name} leaves out {word}");
            }
        }
    }

    #[test]
    fn no_theme_file_is_left_out_of_the_program() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
        for entry in std::fs::read_dir(dir).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            assert!(Theme::names().any(|n| format!("{n}.toml") == file), "{file}");
        }
    }

    #[test]
    fn mono_has_no_colour_and_tells_the_severities_apart() {
        let mono = Theme::builtin("mono").unwrap();
        for (role, word) in Role::ALL {
            let style = mono.style(role);
            assert_eq!(
                (style.fg.unwrap_or_default(), style.bg.unwrap_or_default()),
                (Color::Reset, Color::Reset),
                "{word}"
            );
        }
        assert_ne!(mono.style(Role::Crit), mono.style(Role::Warn));
        assert_ne!(mono.style(Role::Crit), mono.style(Role::Ok));
    }

    #[test]
    fn errors_name_file_line_key_and_the_nearest_word() {
        for (text, wanted) in [
            ("[roles]\nok = \"green\"\ncrti = \"red\"", "my.toml:3: unknown role `crti`; did you mean `crit`?"),
            (
                "[roles]\nok = \"gren\"",
                "my.toml:2: unknown colour `gren`; did you mean `green`? (or #rrggbb, or 0 to 255)",
            ),
            (
                "[roles]\nok = { fg = \"red\", blod = true }",
                "my.toml:2: unknown style word `blod`; did you mean `bold`?",
            ),
            ("[roles]\nok = { bold = 1 }", "my.toml:2: `bold` must be true or false, not integer"),
            ("inherits = \"drak\"", "my.toml:1: unknown theme `drak`; did you mean `dark`?"),
            ("rolse = 1", "my.toml:1: unknown key `rolse`; did you mean `roles`?"),
            ("[palette]\nx = \"#12345\"", "my.toml:2: unknown colour `#12345`; there are "),
        ] {
            let error = Theme::load("my.toml", text).unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{error}");
        }
    }

    #[test]
    fn a_theme_takes_from_what_it_inherits_and_from_its_palette() {
        let mine =
            Theme::load("my.toml", "inherits = \"ansi\"\n[palette]\nrose = \"#ff0066\"\n[roles]\ncrit = \"rose\"")
                .unwrap();
        assert_eq!(mine.style(Role::Crit).fg, Some(Color::Rgb(255, 0, 102)));
        assert_eq!(mine.style(Role::Ok), Theme::builtin("ansi").unwrap().style(Role::Ok));
        assert_eq!(mine.name, "my");
    }
}
