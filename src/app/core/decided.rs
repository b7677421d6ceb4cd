//! What people decide about alerts here, and what of it stays when one goes to another moment.

use jiff::Timestamp;

use super::Core;
use crate::alerts::{Ack, AlertId, Change, Kept, Note, Past, Phase, Silence};
use crate::app::{Watch, said};
use crate::ui::Decision;

impl Core {
    /// Goes on with `watch`: time is another one `now`. Where the user is stays. What was decided stays on the way `on`; on
    /// the way back it is not known yet.
    pub fn arrive(&mut self, watch: Watch, now: Timestamp, on: bool) {
        let decided = std::mem::replace(&mut self.watch, watch).alerts;
        if on {
            let Watch { alerts, model, .. } = &mut self.watch;
            let mut kept = alerts.kept().clone();
            let Kept { silences, acks, notes, past: _ } = decided.kept().clone();
            let over = |ack: &Ack| {
                let is_end = |p: &Past| p.alert == ack.alert && p.phase == Phase::Resolved && p.at > ack.at;
                kept.past.iter().any(is_end)
            };
            let acks = acks.into_iter().filter(|ack| !over(ack)).collect();
            (kept.silences, kept.acks, kept.notes) = (silences, acks, notes);
            alerts.restore(kept, model, now);
            alerts.take_changes();
        }
        self.watch.forget_demand();
        self.frozen = None;
        self.view.forget_rows();
        self.want();
        self.dirty = true;
    }

    pub(super) fn decide(&mut self, decision: Decision, now: Timestamp) {
        let by = self.manners.author.clone();
        let Watch { alerts, model, .. } = &mut self.watch;
        let (said, changes): (String, Vec<Change>) = match decision {
            Decision::Acknowledge { alerts: ids, note } => {
                let ack = |id: AlertId| {
                    let level = alerts.get(&id).filter(|a| a.phase == Phase::Firing)?.level;
                    Some(Change::Acknowledge(Ack { alert: id, level, by: by.clone(), at: now, note: note.clone() }))
                };
                let what = said::about(ids.iter(), alerts, model);
                (format!("acknowledged {what}"), ids.into_iter().filter_map(ack).collect())
            }
            Decision::TakeBack(ids) => {
                let back = |(alert, made)| Change::Unacknowledge { alert, made };
                let what = said::about(ids.iter().map(|(id, _)| id), alerts, model);
                (format!("no longer acknowledged: {what}"), ids.into_iter().map(back).collect())
            }
            Decision::Silence { matchers, lasts, reason } => {
                let until = now.checked_add(lasts).unwrap_or(now);
                let silence = Silence::new(matchers, now, until, by, reason, now);
                (said::silenced(&silence, now, &self.manners.tz), vec![Change::Silence(silence)])
            }
            Decision::Expire(silence) => ("the silence is over".into(), vec![Change::Expire { silence, at: now }]),
            Decision::Note { alert, text } => ("noted".into(), vec![Change::Note(Note { alert, by, at: now, text })]),
        };
        if changes.is_empty() {
            return self.say("there is no firing alert any more".into(), true, now);
        }
        for change in changes {
            alerts.decide(change, model, now);
        }
        let lost = if self.not_kept { " (for this session: nothing is kept)" } else { "" };
        self.say(format!("{said}{lost}"), false, now);
    }
}
