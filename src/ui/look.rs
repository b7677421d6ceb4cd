//! How everything looks: theme, glyphs, and the keymap that hints and help are made from.

use std::collections::BTreeMap;

use super::colour::Depth;
use super::file::FileError;
use super::grouping::Grouping;
use super::keymap::Keymap;
use super::theme::Theme;
use super::view::Listing;
use super::welcome::Setup;

/// How everything looks.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colours by role, as configured.
    pub theme: Theme,
    /// The theme taken since then, which goes before every other.
    pub chosen: Option<Theme>,
    /// What single accounts look like, by profile.
    pub accounts: BTreeMap<String, AccountLook>,
    /// The user's own themes.
    pub own: Vec<Theme>,
    /// How many colours the terminal shows.
    pub depth: Depth,
    /// What there is to be configured, for the first minutes.
    pub setup: Setup,
    /// Signs.
    pub glyphs: Glyphs,
    /// Whether the terminal shows characters of ambiguous width (Unicode's UAX #11) in two cells. Signs should be
    /// [`Glyphs::ASCII`] then, since most others are of that sort.
    pub wide: bool,
    /// The keymap in force.
    pub keymap: Keymap,
    /// The panes of the overview, in order. Empty: all of them.
    pub panes: Vec<Listing>,
    /// Whether names lead to the AWS console (OSC 8).
    pub links: bool,
    /// The panes of the overview in rows; empty: as they fit best.
    pub layout: Vec<RowLook>,
    /// What is said of single tables.
    pub tables: BTreeMap<Listing, TableLook>,
}

/// Panes of the overview, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowLook {
    /// Its share of the height, in hundredths.
    pub height: Option<u16>,
    /// Fewest rows of the screen that it is shown with.
    pub min: Option<u16>,
    /// The panes, from the left.
    pub panes: Vec<PaneLook>,
}

/// A pane in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaneLook {
    /// Which.
    pub list: Listing,
    /// Its share of the width, in hundredths.
    pub width: Option<u16>,
    /// Fewest columns of the screen that it is shown with beside others.
    pub min: Option<u16>,
}

/// What is said of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableLook {
    /// Its columns by their names ([`columns`](super::columns)), or `tag:KEY`; empty: the usual ones.
    pub columns: Vec<String>,
    /// The order that it starts with, by its name, turned round with a `-` before it.
    pub sort: Option<String>,
    /// What its rows are put together by at the start.
    pub grouping: Grouping,
}

/// What is said of one account's look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountLook {
    /// Its own theme.
    pub theme: Option<Theme>,
    /// Whether a mistake there hurts: its borders have [`Role::Production`](super::Role::Production).
    pub production: bool,
}

/// What graphs and sparklines are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GraphStyle {
    /// Blocks of eight heights.
    #[default]
    Block,
    /// Braille dots of four heights.
    Braille,
    /// ASCII characters.
    Ascii,
}

impl Look {
    /// The theme while `account` is in view.
    #[must_use]
    pub fn theme_of(&self, account: Option<&str>) -> &Theme {
        let own = || account.and_then(|a| self.accounts.get(a)).and_then(|a| a.theme.as_ref());
        self.chosen.as_ref().or_else(own).unwrap_or(&self.theme)
    }

    /// Whether `account` is production.
    #[must_use]
    pub fn is_production(&self, account: Option<&str>) -> bool {
        account.and_then(|a| self.accounts.get(a)).is_some_and(|a| a.production)
    }

    /// The names of the themes that can be chosen: those that come with the program, then the user's own.
    pub fn theme_names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().map(|t| t.name.as_str()).filter(|n| !Theme::names().any(|b| b == *n));
        Theme::names().map(|name| -> &str { name }).chain(own)
    }

    /// Takes the theme `name`, or none for what is configured.
    ///
    /// # Errors
    /// There is none of that name; the nearest one is named.
    pub fn choose(&mut self, name: Option<&str>) -> Result<(), FileError> {
        self.chosen = match name {
            None => None,
            Some(name) => Some(match self.own.iter().find(|t| t.name == name) {
                Some(own) => own.clone(),
                None => Theme::builtin(name)?.at(self.depth),
            }),
        };
        Ok(())
    }

    /// The columns that were chosen for `list`.
    pub(super) fn columns(&self, list: Listing) -> Option<&[String]> {
        self.tables.get(&list).map(|t| t.columns.as_slice()).filter(|c| !c.is_empty())
    }

    /// The panes of the overview, each once.
    #[must_use]
    pub fn panes(&self) -> Vec<Listing> {
        let mut panes: Vec<Listing> = Vec::new();
        let rows = self.layout.iter().flat_map(|row| row.panes.iter().map(|p| &p.list));
        let listed = self.panes.iter().filter(|_| self.layout.is_empty());
        for pane in rows.chain(listed) {
            if Listing::PANES.contains(pane) && !panes.contains(pane) {
                panes.push(*pane);
            }
        }
        if panes.is_empty() { Listing::PANES.to_vec() } else { panes }
    }
}

impl Default for Look {
    fn default() -> Self {
        Self {
            theme: Theme::default_for(false),
            chosen: None,
            accounts: BTreeMap::new(),
            own: Vec::new(),
            depth: Depth::True,
            setup: Setup::default(),
            glyphs: Glyphs::UNICODE,
            wide: false,
            keymap: Keymap::builtin("default").unwrap_or_default(),
            panes: Listing::PANES.to_vec(),
            links: false,
            layout: Vec::new(),
            tables: BTreeMap::new(),
        }
    }
}

/// The signs that are drawn. Every one is one cell wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Where a text was cut.
    pub cut: &'static str,
    /// Critical.
    pub crit: &'static str,
    /// Warning.
    pub warn: &'static str,
    /// Blind.
    pub blind: &'static str,
    /// Good.
    pub ok: &'static str,
    /// Pending.
    pub pending: &'static str,
    /// Resolved.
    pub resolved: &'static str,
    /// Eight heights.
    pub spark: [&'static str; 8],
    /// No point.
    pub gap: &'static str,
    /// A host that serves.
    pub full: &'static str,
    /// A host that is on its way in or out.
    pub half: &'static str,
    /// A host that does not serve.
    pub empty: &'static str,
    /// Left end, line, mark and right end of a gauge.
    pub gauge: [&'static str; 4],
    /// Borders: top left, top right, bottom left, bottom right, horizontal, vertical.
    pub border: [&'static str; 6],
    /// The limit in a graph.
    pub limit: &'static str,
    /// An axis's corner, its tick, and its vertical line.
    pub axis: [&'static str; 3],
    /// An event on a time axis.
    pub mark: &'static str,
    /// Ascending and descending.
    pub order: [&'static str; 2],
    /// A member of the row above.
    pub branch: &'static str,
    /// The selected row's mark.
    pub cursor: &'static str,
}

impl Glyphs {
    /// These, with graphs of `style`.
    #[must_use]
    pub fn with_graphs(self, style: GraphStyle) -> Self {
        let spark = match style {
            GraphStyle::Block => return self,
            GraphStyle::Braille => ["⣀", "⣀", "⣤", "⣤", "⣶", "⣶", "⣿", "⣿"],
            GraphStyle::Ascii => Self::ASCII.spark,
        };
        Self { spark, ..self }
    }

    /// For terminals with Unicode fonts.
    pub const UNICODE: Self = Self {
        cut: "…",
        crit: "●",
        warn: "▲",
        blind: "◌",
        ok: "✓",
        pending: "◔",
        resolved: "✓",
        spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        gap: "·",
        full: "▇",
        half: "▄",
        empty: "▂",
        gauge: ["├", "─", "●", "┤"],
        border: ["╭", "╮", "╰", "╯", "─", "│"],
        limit: "╌",
        axis: ["└", "┴", "┤"],
        mark: "▲",
        order: ["↑", "↓"],
        branch: "└",
        cursor: "▌",
    };

    /// For terminals without them.
    pub const ASCII: Self = Self {
        cut: "~",
        crit: "#",
        warn: "!",
        blind: "o",
        ok: "+",
        pending: "?",
        resolved: "+",
        spark: [".", ":", "-", "=", "+", "*", "%", "#"],
        gap: " ",
        full: "#",
        half: "=",
        empty: ".",
        gauge: ["[", "-", "O", "]"],
        border: ["+", "+", "+", "+", "-", "|"],
        limit: "-",
        axis: ["+", "+", "|"],
        mark: "^",
        order: ["^", "v"],
        branch: "\\",
        cursor: ">",
    };
}
