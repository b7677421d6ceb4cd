//! What a user can mean, and what the loop must then do.

use jiff::{SignedDuration, Timestamp};

use crate::alerts::{AlertId, Matcher};
use crate::model::{Source, Text};

use super::playback::{Play, PlayKey};
use super::view::Page;

/// What the user means. A keymap turns keys into these; nothing else sees a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// The detail of the selected row.
    Open,
    /// Out of help, detail, an expanded pane, a filter.
    Back,
    /// Leave the program.
    Quit,
    /// Show or hide help.
    Help,
    /// What was found, what may not be read, what it costs.
    Welcome,
    /// Type a filter.
    Filter,
    /// The next row that the filter's last word names, or the next fault without a filter.
    Next,
    /// The one before.
    Previous,
    /// The next pane of the overview, or the next page.
    NextPane,
    /// The pane or page before.
    PreviousPane,
    /// A page.
    Page(Page),
    /// Let the focused pane of the overview fill the screen, or shrink it again.
    Expand,
    /// Sort by the next column.
    SortNext,
    /// Sort by the column before.
    SortPrevious,
    /// Turn the order round.
    SortReverse,
    /// Put the rows together by what comes next: nothing, what they belong to, zone, scope.
    Group,
    /// Show the instances as a heat map of their CPU, or as a table again.
    HeatMap,
    /// Show only what has a fault, or everything again.
    FaultsOnly,
    /// Keep the screen as it is while the world goes on, or go on with it.
    Freeze,
    /// Read again now what the page shows.
    Refresh,
    /// Read everything again now.
    RefreshAll,
    /// Find anything by a few of its letters.
    Palette,
    /// Show the next account only, after the last all again.
    NextAccount,
    /// Show the next region only, after the last all again.
    NextRegion,
    /// Choose a theme, seeing each.
    Theme,
    /// Copy the selected row's name.
    Copy,
    /// Open the AWS console at the selected row.
    Link,
    /// The audit trail of the selected row.
    Trail,
    /// The balancer of the selected row.
    ToBalancer,
    /// Its Auto Scaling group.
    ToGroup,
    /// Its instances.
    ToInstances,
    /// What else is in its zone.
    ToZone,
    /// Its metrics.
    ToMetrics,
    /// Look farther back.
    RangeLonger,
    /// Look less far back.
    RangeShorter,
    /// Look at less time on the graphs.
    ZoomIn,
    /// Look at more time on the graphs.
    ZoomOut,
    /// Look at all time on the graphs again.
    ZoomAll,
    /// Look at what was before on the graphs.
    PanEarlier,
    /// Look at what came after on the graphs.
    PanLater,
    /// Listen to the mouse, or leave it to the terminal.
    Mouse,
    /// Ask for another statistic of the selected metric.
    NextStatistic,
    /// Put the selected metric on the overview, or take it off.
    Pin,
    /// Take the selected alert on, or give it back.
    Acknowledge,
    /// Silence the selected alert, or end its silence.
    Silence,
    /// Write a note to the selected alert.
    Note,
    /// Say why the rule of the selected alert stands as it does.
    Explain,
    /// Copy where to read what to do about the selected alert.
    Runbook,
    /// Show the alerts that the selected line stands for.
    Unfold,
    /// Show one line for them again.
    Fold,
    /// What of a replay or the demonstration.
    Play(PlayKey),
    /// Stop, as Ctrl-Z does for any program.
    Suspend,
    /// Draw everything again.
    Redraw,
    /// Go on typing as the first of the completions has it.
    Complete,
    /// Back to the line of a dialog, or the find, before.
    CompleteBack,
    /// Take the line being typed.
    Accept,
    /// Forget the line being typed.
    Cancel,
    /// Delete the character before the cursor.
    Erase,
    /// Delete the word before the cursor.
    EraseWord,
    /// Delete the line being typed.
    EraseLine,
}

impl Command {
    /// Every command, with its name in keymap files.
    pub const ALL: [(&'static str, Self); 87] = [
        ("up", Self::Up),
        ("down", Self::Down),
        ("half-up", Self::HalfUp),
        ("half-down", Self::HalfDown),
        ("page-up", Self::PageUp),
        ("page-down", Self::PageDown),
        ("top", Self::Top),
        ("bottom", Self::Bottom),
        ("open", Self::Open),
        ("back", Self::Back),
        ("quit", Self::Quit),
        ("help", Self::Help),
        ("welcome", Self::Welcome),
        ("filter", Self::Filter),
        ("next", Self::Next),
        ("previous", Self::Previous),
        ("next-pane", Self::NextPane),
        ("previous-pane", Self::PreviousPane),
        ("overview", Self::Page(Page::Overview)),
        ("balancers", Self::Page(Page::Balancers)),
        ("scaling", Self::Page(Page::Scaling)),
        ("instances", Self::Page(Page::Instances)),
        ("trail", Self::Page(Page::Trail)),
        ("bill", Self::Page(Page::Bill)),
        ("metrics", Self::Page(Page::Metrics)),
        ("alarms", Self::Page(Page::Alarms)),
        ("timeline", Self::Page(Page::Timeline)),
        ("pollers", Self::Page(Page::Pollers)),
        ("expand", Self::Expand),
        ("sort-next", Self::SortNext),
        ("sort-previous", Self::SortPrevious),
        ("sort-reverse", Self::SortReverse),
        ("group", Self::Group),
        ("heat-map", Self::HeatMap),
        ("faults-only", Self::FaultsOnly),
        ("freeze", Self::Freeze),
        ("refresh", Self::Refresh),
        ("refresh-all", Self::RefreshAll),
        ("palette", Self::Palette),
        ("next-account", Self::NextAccount),
        ("next-region", Self::NextRegion),
        ("theme", Self::Theme),
        ("copy", Self::Copy),
        ("link", Self::Link),
        ("trail-of", Self::Trail),
        ("to-balancer", Self::ToBalancer),
        ("to-group", Self::ToGroup),
        ("to-instances", Self::ToInstances),
        ("to-zone", Self::ToZone),
        ("to-metrics", Self::ToMetrics),
        ("range-longer", Self::RangeLonger),
        ("range-shorter", Self::RangeShorter),
        ("zoom-in", Self::ZoomIn),
        ("zoom-out", Self::ZoomOut),
        ("zoom-all", Self::ZoomAll),
        ("pan-earlier", Self::PanEarlier),
        ("pan-later", Self::PanLater),
        ("mouse", Self::Mouse),
        ("next-statistic", Self::NextStatistic),
        ("pin", Self::Pin),
        ("acknowledge", Self::Acknowledge),
        ("silence", Self::Silence),
        ("note", Self::Note),
        ("explain", Self::Explain),
        ("runbook", Self::Runbook),
        ("unfold", Self::Unfold),
        ("fold", Self::Fold),
        ("pause", Self::Play(PlayKey::Pause)),
        ("step", Self::Play(PlayKey::Step)),
        ("slower", Self::Play(PlayKey::Slower)),
        ("faster", Self::Play(PlayKey::Faster)),
        ("next-alert", Self::Play(PlayKey::NextAlert)),
        ("previous-alert", Self::Play(PlayKey::PreviousAlert)),
        ("seek-back", Self::Play(PlayKey::Back)),
        ("seek-on", Self::Play(PlayKey::On)),
        ("seek-far-back", Self::Play(PlayKey::FarBack)),
        ("seek-far-on", Self::Play(PlayKey::FarOn)),
        ("seek-start", Self::Play(PlayKey::Start)),
        ("suspend", Self::Suspend),
        ("redraw", Self::Redraw),
        ("complete", Self::Complete),
        ("complete-back", Self::CompleteBack),
        ("accept", Self::Accept),
        ("cancel", Self::Cancel),
        ("erase", Self::Erase),
        ("erase-word", Self::EraseWord),
        ("erase-line", Self::EraseLine),
    ];

    /// The command named `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(n, _)| *n == name).map(|(_, c)| c)
    }

    /// Whether it is about the line being typed.
    #[must_use]
    pub fn types(self) -> bool {
        matches!(
            self,
            Self::Complete
                | Self::CompleteBack
                | Self::Accept
                | Self::Cancel
                | Self::Erase
                | Self::EraseWord
                | Self::EraseLine
        )
    }

    /// Whether it is about the selected row.
    pub(super) fn is_of_row(self) -> bool {
        use Command as C;
        matches!(self, C::Open | C::Acknowledge | C::Silence | C::Note | C::Explain | C::Runbook | C::Unfold | C::Fold)
            || matches!(self, C::Copy | C::Link | C::Trail | C::Pin | C::NextStatistic)
            || matches!(self, C::ToBalancer | C::ToGroup | C::ToInstances | C::ToZone | C::ToMetrics)
    }

    /// Its name in keymap files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, c)| *c == self).map_or("", |(n, _)| n)
    }
}

/// What the loop must do for the user; everything else happened in the view state.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Leave.
    Quit,
    /// Poll now.
    Refresh(Refresh),
    /// Stop the process until it is continued.
    Suspend,
    /// Put this text in the user's clipboard (OSC 52).
    Copy(String),
    /// Open this address, or print it where nothing can be opened.
    OpenLink(String),
    /// Give the user the address of a rule's runbook.
    OpenRunbook(String),
    /// Tell the user this.
    Say(String),
    /// Do what was decided about alerts.
    Decide(Decision),
    /// Draw with the theme of this name, or as configured.
    SetTheme(Option<String>),
    /// Let the terminal report its mouse (`true`), or keep it to itself.
    Mouse(bool),
    /// Clear the terminal and draw everything.
    Redraw,
    /// Hold or turn the time of a replay or the demonstration.
    Play(Play),
    /// Keep showing what is known now (`true`), or go on with what is known by then (`false`).
    Freeze(bool),
}

/// What to poll now.
#[derive(Clone, Debug, PartialEq)]
pub enum Refresh {
    /// Everything.
    All,
    /// These pollers.
    Sources(Vec<Source>),
}

/// What a person decides about alerts; the loop adds who and when.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// They take these on.
    Acknowledge {
        /// Which.
        alerts: Vec<AlertId>,
        /// What they say; may be empty.
        note: Text,
    },
    /// They do not any more: which, and when they had said so.
    TakeBack(Vec<(AlertId, Timestamp)>),
    /// These need not be told for a while.
    Silence {
        /// Which.
        matchers: Vec<Matcher>,
        /// For how long.
        lasts: SignedDuration,
        /// Why.
        reason: Text,
    },
    /// The silence of this id ends.
    Expire(Text),
    /// They have something to say.
    Note {
        /// To which.
        alert: AlertId,
        /// What.
        text: Text,
    },
}
