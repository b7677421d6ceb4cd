//! What reading metrics costs, and what the budget does about it, for the person.

use jiff::Timestamp;

use super::Core;
use crate::poll::Cost;

impl Core {
    /// What reading metrics costs a day, in US dollars.
    pub(super) fn cost_a_day(&self) -> Option<f64> {
        let Cost { on_grid, projected, slowdown, .. } = self.spends;
        // What the budget puts on the grid is known to the pollers alone.
        let known = self.watch.cost_a_day().map(|wanted| wanted / f64::from(slowdown.max(1)));
        known.map(|known| if on_grid > 0 { projected / 30.0 } else { known })
    }

    /// What the budget does to rules, and to windows of alarms that would slide, is known and said.
    pub(super) fn spend(&mut self, cost: Cost, now: Timestamp) {
        let before = std::mem::replace(&mut self.spends, cost);
        let Cost { slowdown, wanted, on_grid, .. } = cost;
        let same = before.slowdown == slowdown && (before.on_grid > 0) == (on_grid > 0);
        self.slowed = self.watch.slowed(slowdown);
        if same {
            return;
        }
        if slowdown <= 1 && on_grid > 0 {
            let text =
                "windows of CloudWatch's alarms do not slide: they are looked at once a period, on the clock's grid";
            return self.say(format!("budget: {on_grid} {text}"), true, now);
        }
        if slowdown <= 1 {
            return self.say("budget: metrics are read at their own pace again".into(), false, now);
        }
        let rules = self.slowed.len();
        let names: Vec<&str> = self.slowed.iter().map(|s| s.rule.as_str()).collect();
        let text = format!(
            "budget: {rules} rules are read {slowdown} times less often (${wanted:.2} a month wanted; page Pollers has \
             them): {}",
            names.join(", ")
        );
        self.say(text, true, now);
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::app::core::Manners;
    use crate::app::{Event, Watch};
    use crate::rules::testing::{World, t};
    use crate::rules::{RuleContext, RuleSet};
    use crate::ui::{Badge, Look};

    #[test]
    fn the_rules_that_the_budget_slows_are_known_until_it_no_longer_does() {
        let mut watch = Watch::new(RuleSet::builtin(), RuleContext::default());
        watch.model = World::with_clb().model;
        assert!(watch.demand().is_some());
        let manners = Manners { badge: Badge::Live, tz: TimeZone::UTC, author: "somebody".into() };
        let mut core = Core::new(watch, Look::default(), manners);
        core.step(Event::Budget(Cost { slowdown: 3, wanted: 71.0, ..Cost::default() }), t(0), (80, 24));
        let shown = core.shown(t(0));
        let queue = shown.slowed.iter().find(|s| *s.rule == *"clb-surge-queue").expect("it reads a metric");
        assert_eq!((queue.usual, queue.every), (60, 180));
        let free = ["clb-no-healthy-hosts", "rds-storage", "bill-over-budget"];
        assert!(shown.slowed.iter().all(|s| !free.contains(&s.rule.as_str())), "{:?}", shown.slowed);
        let notice = shown.notice.map(|n| n.text).unwrap_or_default();
        assert!(notice.contains("3 times less often") && notice.contains("clb-surge-queue"), "{notice}");
        core.step(Event::Budget(Cost { slowdown: 1, wanted: 20.0, ..Cost::default() }), t(1), (80, 24));
        assert!(core.shown(t(1)).slowed.is_empty());
        let on_grid = Cost { slowdown: 1, wanted: 29.0, projected: 29.0, on_grid: 7 };
        core.step(Event::Budget(on_grid), t(2), (80, 24));
        let shown = core.shown(t(2));
        assert_eq!((shown.on_grid, shown.cost), (7, Some(29.0 / 30.0)), "no rule is slower, and some alarms are");
        let notice = shown.notice.map(|n| n.text).unwrap_or_default();
        assert!(notice.starts_with("budget: 7 windows"), "{notice}");
    }
}
