//! The console without a terminal: the same core, pollers and simulator, in simulated time as fast as it goes. Pictures
//! are made with it, and whole incidents are tested with it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::{mpsc, watch};

use super::{Core, Effect, Event, Manners, Watch, demo};
use crate::cli::WorldArgs;
use crate::clock::Clock;
use crate::model::Observation;
use crate::poll::{self, Demand, Pollers, Settings};
use crate::rules::{EvalMode, RuleContext, RuleSet};
use crate::sim::{SimConfig, Simulator};
use crate::ui::{Badge, Look};

const QUEUE: usize = 1024;

/// A console of the demonstration that nobody looks at.
pub struct Headless {
    /// Its core.
    pub core: Core,
    clock: Clock,
    simulator: Simulator,
    size: (u16, u16),
    observations: mpsc::Receiver<Observation>,
    demand: watch::Sender<Demand>,
    pollers: Pollers,
}

impl Headless {
    /// Starts `scenario`. Must be called on a runtime whose time is paused.
    pub fn start(
        scenario: &str,
        world: &WorldArgs,
        look: Look,
        tz: TimeZone,
        size: (u16, u16),
    ) -> anyhow::Result<Self> {
        Self::of(demo::config(scenario, world)?, demo::start(world), &[], look, tz, size)
    }

    /// Starts at `start` in the world of `config`, watching the accounts of `profiles` (all where none is named) in the
    /// demonstration's regions. Must be called on a runtime whose time is paused.
    pub fn of(
        config: SimConfig,
        start: Timestamp,
        profiles: &[String],
        look: Look,
        tz: TimeZone,
        size: (u16, u16),
    ) -> anyhow::Result<Self> {
        let clock = Clock::simulated(start, 1.0);
        let badge = Badge::Demo { scenario: config.scenario.to_string(), speed: f64::INFINITY };
        let settings = Settings { seed: config.seed, ..Settings::default() };
        let simulator = Simulator::new(config, clock.clone());
        let scopes = demo::scopes(&simulator, &clock, profiles, &[])?;
        let (demand, wanted) = watch::channel(Demand::default());
        let (out, observations) = mpsc::channel(QUEUE);
        let pollers = poll::spawn(settings, scopes, clock.clone(), out, wanted);
        let context = RuleContext { budget: Some(demo::BUDGET), mode: EvalMode::Live, ..RuleContext::default() };
        let mut core =
            Core::new(Watch::new(RuleSet::builtin(), context), look, Manners { badge, tz, author: "somebody".into() });
        core.expected = Some(pollers.sources().cloned().collect());
        Ok(Self { core, clock, simulator, size, observations, demand, pollers })
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The world that it watches.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Lets the console live until `at`. After each event `seen` may look at it.
    pub async fn run_until(&mut self, at: Timestamp, mut seen: impl FnMut(&Core, Timestamp)) {
        while self.clock.now() < at {
            let tick = self.clock.sleep(std::time::Duration::from_secs(1));
            let event = tokio::select! {
                biased;
                Some(observation) = self.observations.recv() => Event::Observation(Box::new(observation)),
                () = tick => Event::Tick,
            };
            self.step(event);
            seen(&self.core, self.clock.now());
        }
    }

    /// Presses `keys`, one character each; `\n` is Enter and `\x1b` Esc.
    pub fn press(&mut self, keys: &str) {
        use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                c => KeyCode::Char(c),
            };
            self.step(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    /// Gives the screen another size, in columns and rows.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
    }

    /// The screen as it is now.
    pub fn screen(&mut self) -> Buffer {
        let now = self.clock.now();
        self.core.prepare(now);
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buffer = Buffer::empty(area);
        self.core.draw(&mut buffer, area, now);
        buffer
    }

    fn step(&mut self, event: Event) {
        for effect in self.core.step(event, self.clock.now(), self.size) {
            match effect {
                Effect::Demand(demand) => {
                    self.demand.send_replace(demand);
                }
                Effect::Refresh(source) => self.pollers.refresh(source.as_ref()),
                _ => {}
            }
        }
    }
}
