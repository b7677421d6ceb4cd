//! The loop: waits for whatever comes first, lets the core take a step, runs the effects, draws when something changed.

use std::time::Duration;

use crossterm::event::{Event as Input, KeyEventKind, MouseEventKind};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use super::hyperlinks::{Linking, Links};
use super::keyboard;
use super::player::{self, Player, Turn};
use super::signals::{Request, Signals};
use super::terminal::Screen;
use super::{Core, Effect, Event, playing};
use crate::clock::{Clock, Pacer};
use crate::exit::Exit;
use crate::journal::{RecorderHandle, Refused};
use crate::model::{Body, Observation};
use crate::poll::{Cost, Demand, Pollers};
use crate::state::{Heard, Keeper, Taken};

/// How often ages are looked at, in real time.
const TICK: Duration = Duration::from_secs(1);
/// At every how many ticks it is said that the recording cannot be written.
const RECORDING_TOLD_EVERY: u32 = 30;
/// The time from one frame to the next while another window has the keys.
const UNSEEN: Duration = Duration::from_secs(1);
/// Most observations taken in before the screen gets its turn.
const BATCH: usize = 64;

/// Why the console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The user left.
    Quit,
    /// A signal, by number.
    Signal(i32),
    /// The terminal is gone.
    Lost,
    /// No credentials were found, so there is nothing to watch.
    NoCredentials,
}

impl End {
    /// The exit code: 0, or 128 and the signal's number as a shell reports it; a lost terminal counts as SIGHUP.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(number) => u8::try_from(128 + number).unwrap_or(u8::MAX),
            Self::Lost => 129,
            Self::NoCredentials => Exit::Unknown.code(),
        }
    }
}

/// What the loop is connected to.
pub struct Wiring {
    /// What tells the time.
    pub clock: Clock,
    /// What is learnt.
    pub observations: mpsc::Receiver<Observation>,
    /// Where demands go.
    pub demand: watch::Sender<Demand>,
    /// The pollers; `None` in a replay.
    pub pollers: Option<Pollers>,
    /// What holds and turns the time; `None` where it is live.
    pub player: Option<Player>,
    /// The recording, if one is made.
    pub recorder: Option<RecorderHandle>,
    /// What keeps decisions over restarts; `None` in the demonstration and in a replay.
    pub keeper: Option<Keeper>,
    /// What it says.
    pub heard: mpsc::Receiver<Heard>,
    /// How many batches it was given.
    pub kept: u64,
    /// Whether it had no room for a batch since that was last told.
    pub overrun: bool,
    /// Most frames a second.
    pub max_fps: u32,
    /// Panics after so many frames, for testing what a panic leaves behind.
    pub panic_after: Option<u32>,
}

/// Runs the console until the user leaves, a signal ends it or the terminal is gone.
pub(super) async fn run(mut core: Core, mut screen: Screen, mut wiring: Wiring) -> anyhow::Result<(Core, End)> {
    let end = drive(&mut core, &mut screen, &mut wiring).await;
    drop(screen);
    if let Some(keeper) = wiring.keeper.take() {
        let waits =
            || super::complain("awswatch: writing what was decided: another program holds the state database\n");
        if let Some(left) = keeper.finish(waits) {
            super::complain(&format!("awswatch: warning: {left}\n"));
        }
    }
    if let Some(recorder) = wiring.recorder.take() {
        let recorded = recorder.finish();
        let left_out = match recorded.dropped {
            0 => None,
            n => Some(format!("{n} of {} observations were left out", n + recorded.written)),
        };
        match (recorded.error, left_out) {
            (None, None) => {}
            (None, Some(left_out)) => super::complain(&format!("awswatch: warning: the recording lags: {left_out}\n")),
            (Some(why), left_out) => {
                let left_out = left_out.map_or_else(String::new, |text| format!("; {text}"));
                anyhow::bail!("the recording is not whole: {why}{left_out}");
            }
        }
    }
    Ok((core, end?))
}

async fn drive(core: &mut Core, screen: &mut Screen, wiring: &mut Wiring) -> anyhow::Result<End> {
    let mut signals = Signals::install()?;
    let mut keys = keyboard::listen()?;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut frames = Pacer::new(Duration::from_secs(1) / wiring.max_fps.max(1));
    let mut linking = Linking::new();
    let mut waiting = false;
    let (mut cost, mut unwritten) = (Cost { slowdown: 1, ..Cost::default() }, 0);
    let mut fed = true;
    let mut listening = true;

    loop {
        let links = linking.now();
        waiting |= core.take_dirty() || (screen.owes_links() && links != Links::Wait);
        if waiting && frames.due() {
            let (drawn, took) = Pacer::took(|| paint(core, screen, links, wiring.clock.now()));
            if let Err(error) = drawn {
                return Ok(lost(&error));
            }
            // A line that takes a frame slowly gets fewer: what is typed must not wait behind them.
            if frames.cost(took) {
                core.step(Event::SlowFrame, wiring.clock.now(), screen.size());
                linking.slow(links);
            }
            waiting = false;
            rehearse_a_panic(&mut wiring.panic_after);
        }
        let (mut events, mut arriving) = (Vec::new(), false);
        tokio::select! {
            biased;
            request = signals.next() => match request {
                Request::End(number) => return Ok(End::Signal(number)),
                Request::Stop => {
                    if let Err(error) = screen.suspend() {
                        return Ok(lost(&error));
                    }
                    events.push(Event::Tick);
                }
                Request::Continue => {
                    if let Err(error) = screen.resume() {
                        return Ok(lost(&error));
                    }
                    events.push(Event::Tick);
                }
                Request::Resize => {
                    if let Err(error) = screen.repaint() {
                        return Ok(lost(&error));
                    }
                    let (columns, rows) = screen.size();
                    events.push(Event::Resize(columns, rows));
                }
            },
            input = keys.recv() => match input {
                // A wall is looked at without ever having the keys.
                Some(Input::FocusLost) => frames.slow_down(Some(UNSEEN).filter(|_| core.wall.is_none())),
                Some(Input::FocusGained) => {
                    frames.slow_down(None);
                    events.push(Event::Tick);
                }
                Some(input) => {
                    linking.typed();
                    events.extend(translate(input));
                }
                None => return Ok(End::Lost),
            },
            () = frames.wait(), if waiting => {}
            () = linking.wait(), if !waiting && screen.owes_links() => {}
            observation = wiring.observations.recv(), if fed => {
                fed = observation.is_some();
                let mut next = observation;
                while let Some(observation) = next.take() {
                    record(wiring.recorder.as_ref(), &observation, &mut events);
                    if let (Some(player), Body::Outcome(_)) = (&mut wiring.player, &observation.body) {
                        player.run_ended();
                    }
                    events.push(Event::Observation(Box::new(observation)));
                    if events.len() < BATCH {
                        next = wiring.observations.try_recv().ok();
                    }
                }
            }
            heard = wiring.heard.recv(), if listening => {
                listening = heard.is_some();
                events.extend(heard.and_then(|heard| told(heard, wiring.kept)));
            }
            _ = ticks.tick() => {
                linking.tick();
                events.push(Event::Tick);
                events.extend(budget_news(wiring.pollers.as_ref(), &mut cost));
                if std::mem::take(&mut wiring.overrun) {
                    events.push(Event::Notice { text: OVERRUN.into(), bad: true });
                }
                events.extend(recording_notice(wiring.recorder.as_ref(), &mut unwritten));
            }
            // What a recording has ready must not keep anything else from its turn.
            turn = player::next(&mut wiring.player) => {
                fed |= matches!(turn, Turn::Arrived(_));
                let came = playing::turn(turn, core, wiring);
                (events, arriving) = (came.events, came.seeking);
            }
        }
        playing::show(core, wiring);
        for event in events {
            for effect in core.step(event, wiring.clock.now(), screen.size()) {
                match effect {
                    Effect::Quit => return Ok(End::Quit),
                    Effect::NoCredentials => return Ok(End::NoCredentials),
                    Effect::Play(play) => playing::play(&play, core, wiring, screen.size()),
                    // On the way to another moment nothing is news.
                    Effect::Bell | Effect::Tell(_)
                        if arriving || wiring.player.as_ref().is_some_and(Player::is_seeking) => {}
                    effect => {
                        if let Err(error) = perform(effect, screen, wiring) {
                            return Ok(lost(&error));
                        }
                    }
                }
            }
        }
    }
}

/// The terminal does not take what is sent to it. Why is for the log: there is no other place left to say it.
fn lost(error: &std::io::Error) -> End {
    tracing::warn!("the terminal is gone: {error}");
    End::Lost
}

fn paint(core: &mut Core, screen: &mut Screen, links: Links, now: Timestamp) -> std::io::Result<()> {
    core.prepare(now);
    let drawn = screen.draw(links, |frame| {
        let area = frame.area();
        core.draw(frame.buffer_mut(), area, now)
    })?;
    core.view.saw(drawn);
    screen.title(core.title())
}

/// Panics when the countdown is over.
#[expect(clippy::panic, reason = "tests ask for it, to see what a panic leaves behind")]
fn rehearse_a_panic(frames_left: &mut Option<u32>) {
    match frames_left {
        Some(0) => panic!("asked for by AWSWATCH_PANIC_AFTER_FRAMES"),
        Some(left) => *left -= 1,
        None => {}
    }
}

/// The news that the API budget makes metrics be read less or more often, or otherwise, than before.
fn budget_news(pollers: Option<&Pollers>, known: &mut Cost) -> Option<Event> {
    let cost = pollers?.cost();
    let cost = Cost { slowdown: cost.slowdown.max(1), ..cost };
    // What it costs is of interest only where it is another than what the rules want.
    let of = |c: &Cost| (c.slowdown, c.on_grid, if c.on_grid > 0 { c.projected } else { 0.0 });
    let same = of(known) == of(&cost);
    *known = cost;
    (!same).then_some(Event::Budget(cost))
}

/// What to say when the recording cannot be written, now and again for as long as that lasts, and when it can be written
/// again. `failing`: at how many ticks it could not.
fn recording_notice(recorder: Option<&RecorderHandle>, failing: &mut u32) -> Option<Event> {
    let recorder = recorder?;
    let Some(why) = recorder.error() else {
        if std::mem::take(failing) == 0 {
            return None;
        }
        let (text, bad) = match recorder.dropped() {
            0 => ("the recording is written again; nothing is missing in it".to_owned(), false),
            n => (format!("the recording is written again; {n} observations are missing in it"), true),
        };
        return Some(Event::Notice { text, bad });
    };
    let its_turn = failing.is_multiple_of(RECORDING_TOLD_EVERY);
    *failing = failing.wrapping_add(1);
    its_turn.then(|| Event::Notice { text: format!("the recording cannot be written: {why}"), bad: true })
}

fn translate(input: Input) -> Option<Event> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => Some(Event::Key(key)),
        Input::Paste(text) => Some(Event::Paste(text)),
        // No move without a button is asked for; a terminal that reports it all the same must not make frames.
        Input::Mouse(mouse) if mouse.kind != MouseEventKind::Moved => Some(Event::Mouse(mouse)),
        _ => None,
    }
}

fn record(recorder: Option<&RecorderHandle>, observation: &Observation, events: &mut Vec<Event>) {
    let text = match recorder.map(|r| r.record(observation.clone())) {
        None | Some(Ok(())) => return,
        Some(Err(Refused::Full)) => "the recording lags: something was left out of it".to_owned(),
        Some(Err(Refused::Stopped)) => {
            let why = recorder.and_then(RecorderHandle::error).unwrap_or_default();
            format!("the recording stopped: {why}")
        }
    };
    events.push(Event::Notice { text, bad: true });
}

/// What the keeper's word comes to. What it read before it wrote all that was given is older than what is known here; it
/// will read again.
fn told(heard: Heard, given: u64) -> Option<Event> {
    match heard {
        Heard::Kept { written, .. } if written < given => None,
        Heard::Kept { kept, .. } => Some(Event::Kept(kept)),
        Heard::Trouble { text, ended: true } => Some(Event::NotKept { text }),
        Heard::Trouble { text, ended: false } => Some(Event::Notice { text, bad: true }),
    }
}

const OVERRUN: &str = "what was decided now is not kept: the state's disk does not keep up";

fn perform(effect: Effect, screen: &mut Screen, wiring: &mut Wiring) -> std::io::Result<()> {
    match effect {
        Effect::Demand(demand) => {
            wiring.demand.send_replace(demand);
        }
        Effect::Refresh(source) => {
            if let Some(pollers) = &wiring.pollers {
                pollers.refresh(source.as_ref());
            }
        }
        Effect::Keep(changes) => {
            match wiring.keeper.as_ref().map(|keeper| keeper.keep(changes)) {
                Some(Taken::Yes) => wiring.kept += 1,
                Some(Taken::NoRoom) => wiring.overrun = true,
                // Why nothing is kept was told.
                Some(Taken::Ended) | None => {}
            }
        }
        Effect::Copy(text) => screen.copy(&text)?,
        Effect::Bell => screen.ring()?,
        Effect::Tell(text) => screen.notify(&text)?,
        Effect::Mouse(on) => screen.mouse(on)?,
        Effect::Repaint => screen.repaint()?,
        Effect::Suspend => screen.suspend()?,
        Effect::Quit | Effect::NoCredentials | Effect::Play(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::journal::Recorder;
    use crate::model::{PollerKind, Scope, Source};

    #[test]
    fn a_recording_that_cannot_be_written_is_told_again_and_again() {
        if !Path::new("/dev/full").exists() {
            return;
        }
        let file = std::fs::OpenOptions::new().append(true).open("/dev/full").unwrap();
        let recorder = RecorderHandle::spawn(Recorder::on(file, Path::new("x.awr")), 64).unwrap();
        let source = Source { scope: Scope::new("prod", "eu-west-1"), poller: PollerKind::Metrics };
        let mut failing = 0;
        assert!(recording_notice(Some(&recorder), &mut failing).is_none());
        for second in 0..1_000_000 {
            if recorder.error().is_some() {
                break;
            }
            let at = Timestamp::from_second(second).unwrap();
            let _ = recorder.record(Observation { at, source: source.clone(), body: Body::Started });
        }
        let told: Vec<u32> = (0..=60).filter(|_| recording_notice(Some(&recorder), &mut failing).is_some()).collect();
        assert_eq!(told, [0, 30, 60]);
        assert!(recording_notice(None, &mut failing).is_none());
    }
}
