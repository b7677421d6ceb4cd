//! The panes.
//!
//! In: what is known, by reference, and the view's own state. Out: cells in a frame, and actions for keys. Pure:
//! drawing never waits and never changes anything.
