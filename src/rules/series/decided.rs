//! What a level comes to: for the verdict, and for the one who asks why.

use super::Standing;

/// What a level comes to, and what it follows from.
pub(super) struct Decided {
    pub(super) standing: Standing,
    /// The newest slot compared; of a breach that is over and still told, the one that breached.
    pub(super) end: i64,
    /// Whether that it is held rests on an unknown past.
    pub(super) assumed: bool,
    /// The newest slot that breached where nothing else does, and that may still rise: until it has settled nothing clears.
    pub(super) rising: Option<i64>,
    /// The slot from which it is kept firing, where nothing else breaches.
    pub(super) kept: Option<i64>,
}

impl Decided {
    pub(super) fn new(standing: Standing, end: i64) -> Self {
        Self { standing, end, assumed: false, rising: None, kept: None }
    }
}
