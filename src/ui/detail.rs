//! The detail of anything.

use super::shown::Shown;
use super::view::Item;

/// How many lines of the detail of `item` are beyond a screen of `size`.
pub(super) fn lines_beyond(_item: &Item, _shown: &Shown<'_>, _size: (u16, u16)) -> usize {
    0
}
