//! The panes.
//!
//! In: what is known, by reference ([`Shown`]), and the view's own state ([`ViewState`]). Out: cells in a frame
//! ([`draw`]), and [`Action`]s for keys ([`press`]). Pure: drawing never waits and never changes anything.
//!
//! ```text
//!  key ──► Keymap ──► Command ──► step ──► ViewState, [Action]          header: whose account, counts, live, cost, clock
//!                                              │                         tabs
//!  Model, alerts ──► Shown ──► rows ──► pages ─┴─► widgets ──► Buffer    panes or one page or a detail; help over it
//!                                                 (Look: theme, glyphs)  footer: keys, what is typed, badges
//! ```

mod changed;
mod chrome;
mod colour;
mod command;
mod complete;
mod course;
mod demand;
mod detail;
mod dialog;
mod draw;
mod explain;
mod facts;
mod fields;
mod file;
mod format;
mod graph;
mod grouping;
mod heat;
mod help;
mod hits;
mod jumps;
mod key;
mod keymap;
mod links;
mod look;
mod mouse;
mod pages;
mod paint;
mod palette;
mod playback;
mod query;
mod range;
mod related;
mod rows;
mod scrubber;
mod shown;
mod signals;
mod step;
mod svg;
mod text;
mod theme;
mod typing;
mod view;
mod wall;
mod welcome;
mod widgets;
mod zoom;

pub use colour::Depth;
pub use command::{Action, Command, Decision, Refresh};
pub use demand::demand;
pub use dialog::{Asks, Dialog, DialogField};
pub use draw::{draw, draw_buffer};
pub use explain::Explained;
pub(crate) use facts::name_of_id;
pub use file::FileError;
pub use grouping::{Grouping, groupings};
pub use hits::{Drawn, Link};
pub use key::Key;
pub use keymap::{Binding, Context, KeyResult, Keymap};
pub use look::{AccountLook, Glyphs, GraphStyle, Look, PaneLook, RowLook, TableLook};
pub use mouse::point;
pub use pages::{columns, extra_columns};
pub use playback::{Mark, Marks, Play, PlayKey, Playback, nearest};
pub use range::{Range, Span};
pub use rows::sorts;
pub use shown::{AlertsShown, Badge, Notice, Shown, Slowed};
pub use step::{paste, press, step};
pub use svg::{Scene, film, picture_base, picture_colour, svg};
pub use theme::{Role, Theme};
pub use view::{Came, DetailState, Input, Item, ListState, Listing, Only, Page, Typing, ViewState};
pub use wall::{Wall, WallPage, WallPlan, check_filter, draw_wall};
pub use welcome::Setup;
pub use zoom::Zoom;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod handling_tests;
#[cfg(test)]
mod tests;
