//! The demonstration, before and after the moment that it was begun at.

use super::*;
use crate::alerts::{Ack, Change, Matcher, Silence};

fn demonstration() -> Rerun {
    let clock = Clock::simulated(start(), 1.0);
    let (player, playback) = Player::world(origin(), clock, 1.0, false, None, false);
    let mut console = Rerun::of(Badge::Demo { scenario: "surge".into(), speed: 1.0 }, player, playback);
    console.play(&Play::Pause(true));
    console
}

/// What is there. What is wrong, and who read lately, hangs on how fast the machine is that plays many times as fast.
fn known(console: &Rerun) -> Vec<String> {
    console.core.watch.model.resources().map(|r| r.id.to_string()).collect()
}

#[test]
fn what_was_before_the_demonstration_is_the_same_played_and_sought() {
    real(async {
        let mut console = demonstration();
        let begins = console.core.playback.as_ref().unwrap().begins;
        let of = |r: &Rerun| r.core.playback.as_ref().map(|of| (of.begins, of.known_from)).unwrap();
        assert_eq!(of(&console), (start() - SignedDuration::from_mins(4), start()), "nobody looked at it yet");
        console.goes_to(begins).await;
        assert_eq!(of(&console), (begins, begins));
        console.play(&Play::Speed(50.0));
        console.play(&Play::Pause(false));
        let to = begins + SignedDuration::from_secs(150);
        console.runs(|r| r.now() >= to).await;
        console.play(&Play::Pause(true));
        let (there, played) = (console.now(), known(&console));
        assert!(there < start() && played.len() > 10, "{there} {played:?}");
        console.goes_to(there).await;
        assert_eq!(known(&console), played);
        assert_eq!(of(&console), (begins, begins));
    });
}

#[test]
fn what_was_decided_stays_on_the_way_on_and_what_it_costs_is_known() {
    real(async {
        let mut console = demonstration();
        assert_eq!(console.core.shown(start()).cost, None, "nothing was asked for yet");
        console.goes_to(start() + SignedDuration::from_mins(6)).await;
        let cost = |r: &Rerun| r.core.shown(r.now()).cost.unwrap();
        assert!(cost(&console) > 0.0);
        let alerts = &console.core.watch.alerts;
        let firing: Vec<_> = alerts.active().into_iter().filter(|a| a.counts()).cloned().collect();
        let [first, second] = [0, 1].map(|n: usize| firing[n].id.clone());
        let lasts = SignedDuration::from_hours(1);
        let matchers = vec![Matcher::parse(&format!("rule={}", second.rule)).unwrap()];
        let now = console.now();
        let level = firing[0].level;
        let ack = Ack { alert: first.clone(), level, by: "me".into(), at: now, note: "mine".into() };
        let silence = Silence::new(matchers, now, now + lasts, "me".into(), "known".into(), now);
        let Watch { alerts, model, .. } = &mut console.core.watch;
        for change in [Change::Acknowledge(ack), Change::Silence(silence)] {
            alerts.decide(change, model, now);
        }
        let decided = |r: &Rerun| {
            let kept = r.core.watch.alerts.kept();
            let acked = r.core.watch.alerts.get(&first).is_some_and(|a| a.handling.ack.is_some());
            (acked, r.core.watch.alerts.counts().silenced > 0, kept.silences.len())
        };
        assert_eq!(decided(&console), (true, true, 1));
        console.goes_to(now + SignedDuration::from_mins(1)).await;
        assert_eq!(decided(&console), (true, true, 1));
        assert!(cost(&console) > 0.0);
        // Then it was not decided yet.
        console.goes_to(now - SignedDuration::from_mins(1)).await;
        assert_eq!(decided(&console), (false, false, 0));
    });
}
