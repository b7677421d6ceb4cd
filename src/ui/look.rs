//! How everything looks: theme, glyphs, and the keymap that hints and help are made from.

use super::keymap::Keymap;
use super::theme::Theme;
use super::view::Listing;

/// How everything looks.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colours by role.
    pub theme: Theme,
    /// Signs.
    pub glyphs: Glyphs,
    /// The keymap in force.
    pub keymap: Keymap,
    /// The panes of the overview, in order. Empty: all of them.
    pub panes: Vec<Listing>,
}

impl Look {
    /// The panes of the overview, each once.
    #[must_use]
    pub fn panes(&self) -> Vec<Listing> {
        let mut panes: Vec<Listing> = Vec::new();
        for pane in &self.panes {
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
            glyphs: Glyphs::UNICODE,
            keymap: Keymap::builtin("default").unwrap_or_default(),
            panes: Listing::PANES.to_vec(),
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
