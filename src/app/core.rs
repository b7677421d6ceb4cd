//! The console's pure core: one [`Event`] in, a step, [`Effect`]s out. It knows no terminal, no runtime and no clock.

mod decided;
mod spending;

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::MouseEventKind;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Effect, Event, Item, Watch, What};
use crate::alerts::{Alerts, Level, Phase, Transition};
use crate::model::{Model, Observation, Source, Text};
use crate::poll::Cost;
use crate::ui::{Action, AlertsShown, Badge, Drawn, Look, Notice, Playback, Refresh, Shown, Slowed, ViewState, Wall};

/// What the console is, besides what is known.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Whether this is the world, the demonstration or a replay.
    pub badge: Badge,
    /// The zone that times are shown in.
    pub tz: TimeZone,
    /// Who decides here.
    pub author: Text,
}

/// The console's whole state.
#[derive(Debug)]
pub struct Core {
    /// What is known and what is wrong.
    pub watch: Watch,
    /// Where the user is.
    pub view: ViewState,
    /// How it looks.
    pub look: Look,
    /// What is on the screen instead of the console, where that is a wall.
    pub wall: Option<Wall>,
    manners: Manners,
    /// How time plays, where it can be held and turned.
    pub playback: Option<Playback>,
    /// Whoever is to read, also those that have not begun; `None` where that is not known yet, as at first in a replay.
    pub expected: Option<BTreeSet<Source>>,
    notice: Option<(Notice, Timestamp)>,
    /// For how many ticks it stays, where time can be held.
    ticks: u8,
    frozen: Option<Box<Frozen>>,
    dirty: bool,
    /// Whether it is known that nothing is kept over restarts.
    not_kept: bool,
    /// Where to read what to do, by rule.
    runbooks: BTreeMap<Text, Text>,
    /// What reading metrics costs, and how the budget has them read.
    spends: Cost,
    /// The rules that are slower for it.
    slowed: Vec<Slowed>,
    /// For how many ticks it is still said that the line is slow.
    slow_line: u8,
}

/// What is shown while the screen is frozen.
#[derive(Debug)]
struct Frozen {
    at: Timestamp,
    model: Model,
    alerts: Alerts,
}

/// How long a notice stays.
const NOTICE_SECONDS: f64 = 6.0;
/// The same in ticks of the loop, which come every second.
const NOTICE_TICKS: u8 = 6;
/// In ticks, how long after a frame that took long it is said: a line is slow now and then.
const SLOW_LINE_TICKS: u8 = 15;

impl Core {
    /// A console over `watch`.
    #[must_use]
    pub fn new(watch: Watch, look: Look, manners: Manners) -> Self {
        let rules = watch.rules.rules().iter();
        let runbooks = rules.filter_map(|r| Some((r.id.clone(), r.runbook.clone()?))).collect();
        let replay = matches!(manners.badge, Badge::Replay { .. });
        Self {
            runbooks,
            expected: (!replay).then(BTreeSet::new),
            watch,
            view: ViewState::new(&look),
            look,
            wall: None,
            manners,
            playback: None,
            notice: None,
            ticks: 0,
            frozen: None,
            dirty: true,
            not_kept: false,
            spends: Cost { slowdown: 1, ..Cost::default() },
            slowed: Vec::new(),
            slow_line: 0,
        }
    }

    /// Whether the screen may differ from what was last drawn; asking forgets.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Takes one event in. `size` is the terminal's, in columns and rows.
    pub fn step(&mut self, event: Event, now: Timestamp, size: (u16, u16)) -> Vec<Effect> {
        let mut effects = Vec::new();
        // What a recording leads to must not depend on when somebody presses a key or how fast it goes.
        let recorded = matches!(self.manners.badge, Badge::Replay { .. });
        let (now, looks) = if let Event::Replayed(item) = &event { (item.at, true) } else { (now, !recorded) };
        match event {
            Event::Observation(observation) => self.learn(&observation, &mut effects),
            Event::Replayed(Item { what, .. }) => match what {
                What::Observation(observation) => self.learn(&observation, &mut effects),
                What::Moment => {}
                What::End(damage) => self.end(damage, now),
            },
            Event::Key(key) => {
                self.dirty = true;
                let actions = if let Some(mut wall) = self.wall.take() {
                    let actions = wall.press(key, &self.shown(now));
                    self.wall = Some(wall);
                    actions
                } else {
                    let mut view = std::mem::take(&mut self.view);
                    let actions = crate::ui::press(&mut view, key, &self.shown(now), &self.look, size);
                    self.view = view;
                    self.want();
                    actions
                };
                for action in actions {
                    self.act(action, now, &mut effects);
                }
            }
            // A wall has no places to point at.
            Event::Mouse(mouse) if self.wall.is_none() => {
                self.dirty = true;
                let mut view = std::mem::take(&mut self.view);
                let actions = crate::ui::point(&mut view, mouse, &self.shown(now), &self.look, size);
                self.view = view;
                if !matches!(mouse.kind, MouseEventKind::Drag(_)) {
                    self.want();
                }
                for action in actions {
                    self.act(action, now, &mut effects);
                }
            }
            Event::Mouse(_) => {}
            Event::Paste(text) => {
                self.dirty = true;
                crate::ui::paste(&mut self.view, &text);
            }
            Event::Resize(..) => self.dirty = true,
            Event::Tick => {
                self.dirty = true;
                self.slow_line = self.slow_line.saturating_sub(1);
                if self.is_read(now) {
                    self.notice = None;
                }
                if let Some(mut wall) = self.wall.take() {
                    wall.tick(&self.shown(now));
                    self.wall = Some(wall);
                }
            }
            Event::Budget(cost) => self.spend(cost, now),
            Event::SlowFrame => self.slow_line = SLOW_LINE_TICKS,
            Event::Notice { text, bad } => self.say(text, bad, now),
            Event::Kept(kept) => {
                self.dirty = true;
                let Watch { alerts, model, .. } = &mut self.watch;
                alerts.restore(*kept, model, now);
            }
            Event::NotKept { text } => {
                self.not_kept = true;
                self.say(text, true, now);
            }
        }
        if let Some(demand) = self.watch.demand() {
            self.slowed = self.watch.slowed(self.spends.slowdown);
            effects.push(Effect::Demand(demand));
        }
        if let Some(transitions) = if looks { self.watch.evaluate(now) } else { None } {
            if let Some(playback) = self.playback.as_mut().filter(|_| !recorded) {
                for change in &transitions {
                    playback.marks.take(change);
                }
            }
            self.dirty |= !transitions.is_empty();
            let news: Vec<&Transition> = transitions.iter().filter(|t| is_bad_news(t)).collect();
            if let Some(first) = news.first() {
                effects.push(Effect::Bell);
                let alert = &first.alert;
                let more = if news.len() > 1 { format!(" and {} more", news.len() - 1) } else { String::new() };
                let word = if alert.level == Level::Blind { "BLIND" } else { "CRIT" };
                effects.push(Effect::Tell(format!("{word} {} on {}{more}", alert.id.rule, alert.id.resource.id)));
            }
        }
        let changes = self.watch.alerts.take_changes();
        if !changes.is_empty() {
            effects.push(Effect::Keep(changes));
        }
        effects
    }

    /// Takes in what a poller says, or said.
    fn learn(&mut self, observation: &Observation, effects: &mut Vec<Effect>) {
        let changes = self.watch.observe(observation);
        self.dirty |= changes != crate::model::Changes::default();
        // A wall says that it is blind, and goes on by itself when there are some.
        if changes.poller && self.wall.is_none() && super::modes::without_credentials(&self.watch).is_some() {
            effects.push(Effect::NoCredentials);
        }
        if !changes.resources.is_empty() {
            self.want();
        }
    }

    /// Says that the recording ends `now`, and that this is before where it was to go, if it is.
    fn end(&mut self, damage: Option<String>, now: Timestamp) {
        let goal = self.playback.as_ref().and_then(|of| of.seeking).map(|(to, _)| to).filter(|to| *to > now);
        let short = goal.map_or_else(String::new, |to| {
            format!(", before {}", to.to_zoned(self.manners.tz.clone()).strftime("%d %b %H:%M:%S"))
        });
        let bad = damage.is_some() || goal.is_some();
        let text = match damage {
            Some(why) => format!("the recording is damaged from here on{short}: {why}"),
            None => format!("the recording ends here{short}"),
        };
        self.say(text, bad, now);
    }

    /// Everything that a frame at `now` needs.
    #[must_use]
    pub fn shown(&self, now: Timestamp) -> Shown<'_> {
        let (model, alerts, now) = match &self.frozen {
            Some(frozen) => (&frozen.model, &frozen.alerts, frozen.at),
            None => (&self.watch.model, &self.watch.alerts, now),
        };
        let unread = alerts
            .unread()
            .iter()
            .map(|((scope, poller), unread)| (Source { scope: scope.clone(), poller: *poller }, unread.why.clone()))
            .collect();
        Shown {
            model,
            alerts: AlertsShown {
                active: alerts.active(),
                resolved: alerts.resolved(),
                counts: alerts.counts(),
                leads: alerts.leads(),
                unread,
                timeline: alerts.timeline().collect(),
                lines: alerts.lines().into(),
                kept: Some(alerts.kept()),
                runbooks: Some(&self.runbooks),
            },
            rule_count: self.watch.rule_count(),
            rules: self.watch.rule_names(),
            now,
            tz: self.manners.tz.clone(),
            badge: self.manners.badge.clone(),
            cost: self.cost_a_day(),
            unpriced: self.watch.unpriced(),
            budget: self.watch.context.budget,
            frozen: self.frozen.as_ref().map(|f| f.at),
            engine: Some((&self.watch.rules, &self.watch.context)),
            slowed: &self.slowed,
            on_grid: self.spends.on_grid,
            slow_line: self.slow_line > 0,
            notice: self.notice.as_ref().map(|(notice, _)| notice.clone()),
            playback: self.playback.as_ref(),
            expected: self.expected.as_ref(),
        }
    }

    /// What the window's title says: how many alerts of each sort, or that all is well, as far as it is known.
    #[must_use]
    pub fn title(&self) -> String {
        let counts = self.watch.alerts.counts();
        let of = [(counts.critical, "CRIT"), (counts.warning, "WARN"), (counts.blind, "BLIND")];
        let words: Vec<String> = of.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        let place = match &self.manners.badge {
            Badge::Live => "awswatch",
            Badge::Demo { .. } => "awswatch demo",
            Badge::Replay { .. } => "awswatch replay",
        };
        if let Some((to, _)) = self.playback.as_ref().and_then(|of| of.seeking) {
            // What is so on the way is no news.
            return format!("seeking {} - {place}", to.to_zoned(self.manners.tz.clone()).strftime("%H:%M"));
        }
        if words.is_empty() { place.to_owned() } else { format!("{} - {place}", words.join(" ")) }
    }

    /// Draws the screen as it is at `now`; [`prepare`](Self::prepare) comes first. Returns what is where, which goes into
    /// [`ViewState::saw`] once it is on the screen.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, now: Timestamp) -> Drawn {
        let shown = self.shown(now);
        match &self.wall {
            Some(wall) => {
                crate::ui::draw_wall(buffer, area, &shown, wall);
                Drawn::default()
            }
            None => crate::ui::draw_buffer(buffer, area, &shown, &self.view, &self.look),
        }
    }

    /// Finds what the lists show, so that drawing does not have to sort.
    pub fn prepare(&mut self, now: Timestamp) {
        if self.wall.is_some() {
            return;
        }
        let mut view = std::mem::take(&mut self.view);
        view.prepare(&self.shown(now));
        self.view = view;
    }

    /// Lets what is in view be read.
    fn want(&mut self) {
        let wanted = crate::ui::demand(&self.view, &self.watch.model, &self.look);
        self.watch.want(wanted);
    }

    fn act(&mut self, action: Action, now: Timestamp, effects: &mut Vec<Effect>) {
        match action {
            Action::Quit => effects.push(Effect::Quit),
            Action::Suspend => effects.push(Effect::Suspend),
            Action::Redraw => effects.push(Effect::Repaint),
            Action::Refresh(Refresh::All) => {
                effects.push(Effect::Refresh(None));
                self.say("reading everything again".into(), false, now);
            }
            Action::Refresh(Refresh::Sources(sources)) => {
                let text = match sources.as_slice() {
                    [] => "nothing to read again here".to_owned(),
                    [one] => format!("reading again: {} of {}", one.poller, one.scope),
                    all => format!("reading again: {} pollers of this page", all.len()),
                };
                effects.extend(sources.into_iter().map(|s| Effect::Refresh(Some(s))));
                self.say(text, false, now);
            }
            Action::Copy(text) => {
                self.say(format!("copied to the clipboard: {text}"), false, now);
                effects.push(Effect::Copy(text));
            }
            Action::OpenLink(address) => {
                self.say(format!("copied its address in the AWS console: {address}"), false, now);
                effects.push(Effect::Copy(address));
            }
            Action::OpenRunbook(address) => {
                self.say(format!("copied the address of its runbook: {address}"), false, now);
                effects.push(Effect::Copy(address));
            }
            Action::Say(text) => self.say(text, false, now),
            Action::SetTheme(name) => match self.look.choose(name.as_deref()) {
                Ok(()) => {
                    let text = name.map_or_else(|| "the theme as configured".into(), |name| format!("theme {name}"));
                    self.say(text, false, now);
                }
                Err(error) => self.say(error.to_string(), true, now),
            },
            Action::Mouse(on) => {
                let text = if on {
                    "the mouse is listened to; with Shift the terminal selects text as ever"
                } else {
                    "the mouse is the terminal's"
                };
                self.say(text.into(), false, now);
                effects.push(Effect::Mouse(on));
            }
            Action::Decide(decision) => self.decide(decision, now),
            Action::Play(play) => effects.push(Effect::Play(play)),
            Action::Freeze(true) => {
                let (model, alerts) = (self.watch.model.clone(), self.watch.alerts.clone());
                self.frozen = Some(Box::new(Frozen { at: now, model, alerts }));
            }
            Action::Freeze(false) => self.frozen = None,
        }
    }

    fn say(&mut self, text: String, bad: bool, now: Timestamp) {
        // People read in real time, whatever the world's pace.
        let pace = match &self.manners.badge {
            Badge::Demo { speed, .. } | Badge::Replay { speed, .. } => speed.clamp(1.0, 10_000.0),
            Badge::Live => 1.0,
        };
        let stay = jiff::SignedDuration::try_from_secs_f64(NOTICE_SECONDS * pace).unwrap_or_default();
        let until = now.checked_add(stay).unwrap_or(now);
        self.notice = Some((Notice { text, bad }, until));
        self.ticks = NOTICE_TICKS;
        self.dirty = true;
    }

    /// Whether the notice was there for long enough. Where time can be held, ticks say so: they are real.
    fn is_read(&mut self, now: Timestamp) -> bool {
        if self.playback.as_ref().is_some_and(|of| of.paused || of.speed.is_finite()) {
            self.ticks = self.ticks.saturating_sub(1);
            return self.ticks == 0;
        }
        self.notice.as_ref().is_some_and(|(_, until)| now >= *until)
    }
}

/// Whether it should be heard: something fired, or became what it was not, that is critical or blind. A firing alert is
/// told again only when its level changes.
fn is_bad_news(transition: &Transition) -> bool {
    let alert = &transition.alert;
    alert.counts() && alert.phase == Phase::Firing && matches!(alert.level, Level::Critical | Level::Blind)
}
