//! Being told only what is new comes to the same as being told everything.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Alerts;
use super::tests::{standing, verdict};
use crate::model::ResourceId;
use crate::rules::testing::{World, clb, t};
use crate::rules::{ALL_POLLERS, News, Standing, Verdict};

/// Three rules on a balancer, and what stands for all pollers of its scope.
fn pairs() -> [(&'static str, ResourceId); 4] {
    let pollers = ResourceId::new(&clb().scope, crate::model::Kind::Poller, ALL_POLLERS);
    [("a", clb()), ("b", clb()), ("c", clb()), ("poller-blind", pollers)]
}

proptest! {
    #[test]
    fn changes_come_to_the_same_as_the_whole(minutes in proptest::collection::vec("[owcWCnbl-]{4}", 1..12)) {
        let model = World::with_clb().model;
        let (mut whole, mut part) = (Alerts::default(), Alerts::default());
        let mut known: BTreeMap<(crate::model::Text, ResourceId), Verdict> = BTreeMap::new();
        for (minute, letters) in (0..).zip(&minutes) {
            let spoken = pairs().into_iter().zip(letters.chars()).filter(|(_, letter)| *letter != '-');
            let verdicts: Vec<Verdict> = spoken
                .map(|((rule, resource), letter)| Verdict {
                    value: Some(f64::from(minute)),
                    ..verdict(rule, resource, standing(letter, t(i64::from(minute) / 3)))
                })
                .collect();
            let now: BTreeMap<_, _> =
                verdicts.iter().map(|v| ((v.rule.clone(), v.resource.clone()), v.clone())).collect();
            let changed: Vec<Verdict> = verdicts
                .iter()
                .filter(|v| match known.get(&(v.rule.clone(), v.resource.clone())) {
                    Some(old) if old.standing == Standing::Ok => v.standing != Standing::Ok,
                    Some(old) => old != *v,
                    None => true,
                })
                .cloned()
                .collect();
            let gone: Vec<_> = known.keys().filter(|k| !now.contains_key(k)).cloned().collect();
            known = now;
            let at = t(i64::from(minute));
            let told = whole.update(&verdicts, &model, at);
            prop_assert_eq!(&told, &part.update(News::Changes { changed: &changed, gone: &gone }, &model, at));
            prop_assert_eq!(whole.active(), part.active());
            prop_assert_eq!(whole.resolved(), part.resolved());
            prop_assert_eq!(whole.unread(), part.unread());
        }
    }
}
