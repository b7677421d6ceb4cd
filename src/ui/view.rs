//! The view's own state: where the user is. Changed by [`step`](super::step) only; drawing reads it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dialog::Dialog;
use super::explain::Explained;
use super::grouping::Grouping;
use super::hits::Drawn;
use super::key::Key;
use super::keymap::Context;
use super::look::Look;
use super::mouse::Pointer;
use super::palette::Found;
use super::range::Range;
use super::rows::{Rows, rows};
use super::shown::Shown;
use super::zoom::Zoom;
use crate::alerts::{AlertId, BundleId};
use crate::model::{Metric, ResourceId, Scope, Signal, Source, Text};

/// A page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Page {
    /// Everything at once.
    #[default]
    Overview,
    /// Load balancers and their target groups.
    Balancers,
    /// Auto Scaling groups and activities.
    Scaling,
    /// Instances.
    Instances,
    /// The audit trail.
    Trail,
    /// The bill.
    Bill,
    /// Every series that is read.
    Metrics,
    /// CloudWatch alarms.
    Alarms,
    /// Alerts' changes and events, merged.
    Timeline,
    /// The pollers.
    Pollers,
}

impl Page {
    /// Every page, in the order of the tabs.
    pub const ALL: [Self; 10] = [
        Self::Overview,
        Self::Balancers,
        Self::Scaling,
        Self::Instances,
        Self::Trail,
        Self::Bill,
        Self::Metrics,
        Self::Alarms,
        Self::Timeline,
        Self::Pollers,
    ];

    /// Its name on the tab.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Balancers => "Balancers",
            Self::Scaling => "Scaling",
            Self::Instances => "Instances",
            Self::Trail => "Trail",
            Self::Bill => "Bill",
            Self::Metrics => "Metrics",
            Self::Alarms => "Alarms",
            Self::Timeline => "Timeline",
            Self::Pollers => "Pollers",
        }
    }

    fn listing(self) -> Option<Listing> {
        Some(match self {
            Self::Overview => return None,
            Self::Balancers => Listing::Balancers,
            Self::Scaling => Listing::Scaling,
            Self::Instances => Listing::Instances,
            Self::Trail => Listing::Trail,
            Self::Bill => Listing::Bill,
            Self::Metrics => Listing::Metrics,
            Self::Alarms => Listing::Alarms,
            Self::Timeline => Listing::Timeline,
            Self::Pollers => Listing::Pollers,
        })
    }
}

/// A list of rows, as a pane of the overview and, but for the alerts, as a page of its own. Both share its selection,
/// order and filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Listing {
    /// Alerts.
    #[default]
    Alerts,
    /// Load balancers.
    Balancers,
    /// Auto Scaling groups.
    Scaling,
    /// Instances.
    Instances,
    /// The audit trail.
    Trail,
    /// The bill.
    Bill,
    /// Every series that is read.
    Metrics,
    /// Series pinned to the overview.
    Pinned,
    /// CloudWatch alarms.
    Alarms,
    /// The timeline.
    Timeline,
    /// The pollers.
    Pollers,
}

impl Listing {
    /// The panes of the overview, most important first.
    pub const PANES: [Self; 5] = [Self::Alerts, Self::Balancers, Self::Scaling, Self::Bill, Self::Trail];

    /// The pane's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Alerts => "Alerts",
            Self::Balancers => "Load balancers",
            Self::Scaling => "Auto Scaling",
            Self::Instances => "Instances",
            Self::Trail => "Trail",
            Self::Bill => "Bill",
            Self::Metrics => "Metrics",
            Self::Pinned => "Pinned metrics",
            Self::Alarms => "CloudWatch alarms",
            Self::Timeline => "Timeline",
            Self::Pollers => "Pollers",
        }
    }
}

/// A row of a list, by what it is about: a selection follows it when rows come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Item {
    /// An alert.
    Alert(AlertId),
    /// A resource.
    Resource(ResourceId),
    /// A balancer with one of its target groups.
    Pair(ResourceId, ResourceId),
    /// An event.
    Event(Timestamp, Text),
    /// A change of an alert: when, and which.
    Transition(Timestamp, AlertId),
    /// A poller.
    Poller(Source),
    /// A resource's series.
    Metric(ResourceId, Signal),
    /// Several alerts on one line.
    Bundle(BundleId),
    /// Rows that have this in common.
    Group(Text),
}

/// Where the user is in one list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListState {
    /// The selected row.
    pub selected: Option<Item>,
    /// Where it was last, for when it is gone.
    pub index: usize,
    /// Which of the list's orders.
    pub sort: usize,
    /// Whether that is turned round.
    pub reverse: bool,
    /// Words that a row must hold.
    pub filter: String,
    /// What its rows are put together by.
    #[serde(default)]
    pub grouping: Grouping,
    /// Heads that hide what is below them.
    #[serde(default)]
    pub folded: Vec<Item>,
}

/// One detail that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailState {
    /// Of what.
    pub item: Item,
    /// Lines scrolled.
    pub scroll: usize,
}

/// The account and the region that everything shown is in, where only one is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Only {
    /// The account.
    pub account: Option<Text>,
    /// The region.
    pub region: Option<Text>,
}

impl Only {
    /// Whether `scope` is among it.
    #[must_use]
    pub fn lets_through(&self, scope: &Scope) -> bool {
        self.account.as_ref().is_none_or(|a| *a == scope.account)
            && self.region.as_ref().is_none_or(|r| *r == scope.region)
    }
}

/// Where the user was before a jump, for going back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// The page.
    pub page: Page,
    /// The overview's pane.
    pub pane: Listing,
    /// Whether it filled the overview.
    pub expanded: bool,
    /// The details that were open.
    pub details: Vec<DetailState>,
    /// Whether only faults were shown.
    pub faults_only: bool,
    /// The list that the jump went to, as it was.
    pub list: (Listing, ListState),
}

/// What a line is typed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Typing {
    /// A filter of the list that has the keys.
    #[default]
    Filter,
    /// The palette.
    Palette,
    /// A theme, seen before it is taken.
    Themes,
}

impl Typing {
    /// Whether what is typed finds lines to choose from.
    pub(super) fn finds(self) -> bool {
        self != Self::Filter
    }
}

/// A line being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What for.
    #[serde(default)]
    pub typing: Typing,
    /// What is typed.
    pub text: String,
    /// What stood there before, for when it is cancelled.
    pub before: String,
}

/// Where the user is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewState {
    /// The page in view.
    pub page: Page,
    /// The overview's pane that has the keys.
    pub pane: Listing,
    /// Whether that pane fills the overview.
    pub expanded: bool,
    /// Each list's own state.
    pub lists: BTreeMap<Listing, ListState>,
    /// Details, each opened from the one before; the last is in view.
    pub details: Vec<DetailState>,
    /// The explanation over them.
    pub explained: Option<Explained>,
    /// Where the user jumped from; the last is gone back to first.
    pub came: Vec<Came>,
    /// Lines that help is scrolled by, while it is shown.
    pub help: Option<usize>,
    /// The same of the first minutes.
    pub welcome: Option<usize>,
    /// The line being typed.
    pub input: Option<Input>,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// Lines of several alerts that show each of them.
    pub unfolded: BTreeSet<BundleId>,
    /// Whether only what has a fault is shown.
    pub faults_only: bool,
    /// What was chosen in the palette, the latest first.
    pub recent: Vec<String>,
    /// How far back metrics are looked at.
    pub range: Range,
    /// Series that the overview shows too.
    pub pins: Vec<(ResourceId, Signal)>,
    /// Metrics asked for by hand.
    pub wanted: Vec<(ResourceId, Metric)>,
    /// What of the world is shown.
    pub only: Only,
    /// Whether the screen is frozen.
    pub frozen: bool,
    /// Whether the instances are a heat map.
    pub heat: bool,
    /// The time that graphs look at, where that is not the newest.
    pub zoom: Option<Zoom>,
    /// Whether the mouse is listened to.
    #[serde(skip)]
    pub mouse: bool,
    /// What the mouse is doing.
    #[serde(skip)]
    pub(super) pointer: Pointer,
    /// What the last frame has where.
    #[serde(skip)]
    pub(super) drawn: Drawn,
    /// Keys pressed that are the beginning of a longer binding.
    #[serde(skip)]
    pub pending: Vec<Key>,
    /// What the palette has found.
    #[serde(skip)]
    pub(super) found: Found,
    #[serde(skip)]
    pub(super) cache: BTreeMap<Listing, Cached>,
}

/// Seconds for which alarms stand as they were found while nothing is learnt.
const ALARMS_STAND: i64 = 5;

#[derive(Clone, Debug)]
pub(super) struct Cached {
    stamp: Stamp,
    rows: Rows,
}

/// What a list's rows depend on.
#[derive(Clone, Debug, PartialEq)]
struct Stamp {
    revision: u64,
    /// Counts up with the time where the rows depend on it: an alarm may be blind with no news.
    moment: i64,
    alerts: (usize, usize, usize, usize, Option<Timestamp>),
    filter: String,
    order: (usize, bool),
    grouping: (Grouping, Vec<Item>),
    faults_only: bool,
    only: Only,
    /// What is asked for and pinned by hand, where the list shows it.
    own: (usize, usize),
    unfolded: BTreeSet<BundleId>,
}

impl ViewState {
    /// The state of `list`.
    #[must_use]
    pub fn list(&self, list: Listing) -> Cow<'_, ListState> {
        self.lists.get(&list).map_or_else(|| Cow::Owned(ListState::default()), Cow::Borrowed)
    }

    /// The overview's panes: those of the look, and what is pinned.
    pub(super) fn panes(&self, look: &Look) -> Vec<Listing> {
        let mut panes = look.panes();
        if !self.pins.is_empty() {
            panes.push(Listing::Pinned);
        }
        panes
    }

    /// The list that has the keys: the page's, or the overview's focused pane's.
    #[must_use]
    pub fn focus(&self) -> Listing {
        self.page.listing().unwrap_or(self.pane)
    }

    /// Remembers what the frame that is on the screen has where: a click means that.
    pub fn saw(&mut self, drawn: Drawn) {
        self.drawn = drawn;
    }

    /// Gives the pane of `list` the keys, where it is one.
    pub(super) fn pane_of(&mut self, list: Listing) {
        if self.page == Page::Overview {
            self.pane = list;
        }
    }

    /// Where a key is pressed.
    #[must_use]
    pub fn context(&self) -> Context {
        if self.input.is_some() || self.dialog.is_some() {
            Context::Input
        } else if self.help.or(self.welcome).is_some() {
            Context::Help
        } else {
            self.place()
        }
    }

    /// Where the user is, help or not.
    pub(super) fn place(&self) -> Context {
        if !self.details.is_empty() || self.explained.is_some() {
            Context::Detail
        } else if self.page == Page::Overview {
            Context::Overview
        } else {
            Context::List
        }
    }

    /// The lists in view.
    pub(super) fn visible(&self) -> Vec<Listing> {
        match self.page.listing() {
            Some(list) => vec![list],
            None if self.pins.is_empty() => Listing::PANES.to_vec(),
            None => Listing::PANES.into_iter().chain([Listing::Pinned]).collect(),
        }
    }

    /// Finds the rows of the lists in view anew, if what they depend on changed, so that drawing does not have to:
    /// call it before a frame. Drawing without it is right too, but sorts anew each time.
    pub fn prepare(&mut self, shown: &Shown<'_>) {
        let visible = self.visible();
        self.cache.retain(|list, _| visible.contains(list));
        self.unfolded.retain(|id| shown.alerts.line(id).is_some());
        for list in visible {
            let stamp = self.stamp(shown, list);
            if self.cache.get(&list).is_none_or(|c| c.stamp != stamp) {
                let rows = rows(shown, list, self);
                self.cache.insert(list, Cached { stamp, rows });
            }
            self.follow(list);
        }
    }

    /// Lets the selection stay on its row, which it does not of itself where it was never moved: somebody does something
    /// about what is there.
    pub(super) fn hold(&mut self) {
        let list = self.focus();
        self.lists.entry(list).or_default();
        self.follow(list);
    }

    /// Lets the index of the selected row of `list` be where that row is now.
    fn follow(&mut self, list: Listing) {
        let Some(rows) = self.cache.get(&list).map(|c| &c.rows.items) else { return };
        let Some(state) = self.lists.get_mut(&list) else { return };
        let index = place(rows, state);
        state.index = index;
        state.selected = rows.get(index).cloned();
    }

    /// The rows of `list` as they are now.
    pub(super) fn rows(&self, shown: &Shown<'_>, list: Listing) -> Cow<'_, Rows> {
        match self.cache.get(&list) {
            Some(c) if c.stamp == self.stamp(shown, list) => Cow::Borrowed(&c.rows),
            _ => Cow::Owned(rows(shown, list, self)),
        }
    }

    fn stamp(&self, shown: &Shown<'_>, list: Listing) -> Stamp {
        let state = self.list(list);
        Stamp {
            revision: shown.model.revision(),
            moment: if list == Listing::Alarms { shown.now.as_second() / ALARMS_STAND } else { 0 },
            alerts: shown.alerts.stamp(),
            filter: state.filter.clone(),
            order: (state.sort, state.reverse),
            grouping: (self.grouping(list), state.folded.clone()),
            faults_only: self.faults_only,
            only: self.only.clone(),
            own: (self.wanted.len(), self.pins.len()),
            unfolded: self.unfolded.clone(),
        }
    }
}

/// Where the selected row is among `rows`: itself if it is there, else what took its place.
pub(super) fn place(rows: &[Item], state: &ListState) -> usize {
    let last = rows.len().saturating_sub(1);
    match &state.selected {
        Some(item) if rows.get(state.index) == Some(item) => state.index,
        Some(item) => rows.iter().position(|r| r == item).unwrap_or_else(|| state.index.min(last)),
        None => state.index.min(last),
    }
}
