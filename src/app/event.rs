//! What comes in, and what the loop is asked to do.

use crossterm::event::{KeyEvent, MouseEvent};

use super::Item;
use crate::alerts::{Change, Kept};
use crate::model::{Observation, Source};
use crate::poll::{Cost, Demand};
use crate::ui::Play;

/// One thing that happened. All of them come through one stream, in one order.
#[derive(Debug)]
pub enum Event {
    /// A poller, or a recording, says something.
    Observation(Box<Observation>),
    /// The next thing of a recording, whose time has come.
    Replayed(Item),
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was pressed, moved while pressed, or its wheel turned.
    Mouse(MouseEvent),
    /// The window has a new size: columns, rows.
    Resize(u16, u16),
    /// Time passed: ages and `for` are looked at again.
    Tick,
    /// Text was pasted.
    Paste(String),
    /// What is kept over restarts, where somebody else may have changed it.
    Kept(Box<Kept>),
    /// What is decided from now on will not be kept.
    NotKept {
        /// Why.
        text: String,
    },
    /// What reading metrics costs, and what the API budget does about it, is another from now on.
    Budget(Cost),
    /// The terminal took a frame slowly.
    SlowFrame,
    /// Something the person should read for a moment, from the loop itself.
    Notice {
        /// What.
        text: String,
        /// Whether it is about something that went wrong.
        bad: bool,
    },
}

/// What the loop is to do.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Tell the pollers what to read from now on.
    Demand(Demand),
    /// Keep this over restarts.
    Keep(Vec<Change>),
    /// Run this poller now, or all.
    Refresh(Option<Source>),
    /// Hold or turn the time of a replay or the demonstration.
    Play(Play),
    /// Put text into the clipboard of the terminal.
    Copy(String),
    /// Ring the bell.
    Bell,
    /// Tell somebody who looks elsewhere.
    Tell(String),
    /// Let the terminal report its mouse, or not.
    Mouse(bool),
    /// Draw everything again.
    Repaint,
    /// Give the terminal back and stop until continued.
    Suspend,
    /// End: the user leaves.
    Quit,
    /// End: no credentials were found, so there is nothing to watch.
    NoCredentials,
}
