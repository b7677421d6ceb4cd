//! What the loop does where time can be held and turned.

use super::console::Wiring;
use super::player::{Player, Running, Turn};
use super::{Core, Event, past};
use crate::ui::Play;

/// What came of a turn.
#[derive(Default)]
pub(super) struct Came {
    pub(super) events: Vec<Event>,
    /// Whether they are of the way to another moment: what is on it is no news, also where it ends with them.
    pub(super) seeking: bool,
}

/// What comes of `turn`: events, and a core and pollers at another moment.
pub(super) fn turn(turn: Turn, core: &mut Core, wiring: &mut Wiring) -> Came {
    let seeking = wiring.player.as_ref().is_some_and(Player::is_seeking);
    Came { events: events(turn, core, wiring), seeking }
}

fn events(turn: Turn, core: &mut Core, wiring: &mut Wiring) -> Vec<Event> {
    let Some(player) = &mut wiring.player else { return Vec::new() };
    match turn {
        Turn::Due => player.take().into_iter().map(Event::Replayed).collect(),
        Turn::Progress => vec![Event::Tick],
        Turn::Until => {
            player.stop();
            vec![notice("it stops here, as --until has it", false)]
        }
        Turn::Arrived(Ok(mut arrival)) => {
            let left = player.clock().now();
            let running = player.origin().map(|origin| origin.run(arrival.at, true, wiring.demand.subscribe()));
            let clock = match running.transpose() {
                Ok(None) => None,
                Ok(Some(Running { clock, pollers, observations })) => {
                    (wiring.pollers, wiring.observations) = (Some(pollers), observations);
                    Some(clock)
                }
                Err(error) => {
                    player.stay();
                    return vec![notice(&format!("{error:#}"), true)];
                }
            };
            player.arrive(&mut arrival, clock);
            wiring.clock = player.clock();
            core.arrive(*arrival.watch, arrival.at, left <= arrival.at);
            if let Some(playback) = core.playback.as_mut() {
                playback.marks.join(arrival.marks);
                playback.begins = playback.begins.min(arrival.at);
                if player.origin().is_some() {
                    playback.lived(arrival.from);
                }
            }
            // What is to be read there and what that costs is found out before anything is drawn.
            vec![Event::Tick]
        }
        Turn::Arrived(Err(error)) => {
            player.stay();
            vec![notice(&format!("{error:#}"), true)]
        }
    }
}

/// Does what a key means for the time.
pub(super) fn play(play: &Play, core: &mut Core, wiring: &mut Wiring, size: (u16, u16)) {
    let Some(player) = &mut wiring.player else { return };
    if let Some(said) = player.play(play) {
        core.step(notice(&said, false), wiring.clock.now(), size);
    }
    show(core, wiring);
}

/// Lets the core show how time plays.
pub(super) fn show(core: &mut Core, wiring: &mut Wiring) {
    if let (Some(player), Some(playback)) = (&mut wiring.player, &mut core.playback) {
        let known = (playback.known, playback.ends);
        player.show(playback);
        if player.origin().is_none() && known != (playback.known, playback.ends) {
            core.expected = past::expected(playback, &core.watch.pollers_needed());
        }
    }
}

fn notice(text: &str, bad: bool) -> Event {
    Event::Notice { text: text.to_owned(), bad }
}
