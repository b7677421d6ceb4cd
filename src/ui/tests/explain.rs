//! Why a rule stands as it does, from the keyboard; and which rules the budget slows.

use super::*;
use crate::rules::{RuleContext, RuleSet};

fn typed(view: &mut ViewState, keys: &[KeyCode], shown: &Shown<'_>, size: (u16, u16)) -> Vec<Action> {
    let look = Look::default();
    let key = |k: &KeyCode| KeyEvent::new(*k, KeyModifiers::NONE);
    keys.iter().flat_map(|k| press(view, key(k), shown, &look, size)).collect()
}

fn drawn(shown: &Shown<'_>, view: &ViewState, w: u16, h: u16) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    let area = buffer.area;
    draw_buffer(&mut buffer, area, shown, view, &Look::default());
    text(&buffer)
}

const X: [KeyCode; 1] = [KeyCode::Char('x')];

#[test]
fn x_explains_the_selected_alerts_rule_at_every_size() {
    let (world, rules, context) = (fixtures::bad(), RuleSet::builtin(), RuleContext::default());
    let shown = Shown { engine: Some((&rules, &context)), ..world.shown() };
    let first = &world.active[0].id;
    for (w, h) in [(160, 48), (80, 24), (40, 10)] {
        let mut view = ViewState::default();
        assert_eq!(typed(&mut view, &X, &shown, (w, h)), []);
        let at_first = drawn(&shown, &view, w, h);
        let told = format!("{} on {}", first.rule, first.resource.id);
        assert!(at_first.contains(&told), "{w}x{h}: no {told} in\n{at_first}");
        // What does not fit is a few keys away, and its end is its end.
        typed(&mut view, &[KeyCode::Char('j'), KeyCode::End], &shown, (w, h));
        let at_last = drawn(&shown, &view, w, h);
        let scrolled = view.explained.as_ref().map(|e| e.scroll);
        assert_eq!(scrolled > Some(0), at_first != at_last, "{w}x{h}");
        typed(&mut view, &[KeyCode::Char('j')], &shown, (w, h));
        assert_eq!(view.explained.as_ref().map(|e| e.scroll), scrolled, "{w}x{h}");
        // Out again by the same key, by Esc, and into another page.
        typed(&mut view, &X, &shown, (w, h));
        assert_eq!(view.explained, None);
        for out in [KeyCode::Esc, KeyCode::Char('2')] {
            typed(&mut view, &[X[0], out], &shown, (w, h));
            assert_eq!(view.explained, None, "{out:?}");
        }
        assert_eq!(view.page, Page::Balancers);
    }
}

#[test]
fn what_is_explained_is_what_other_keys_are_about() {
    let (world, rules, context) = (fixtures::bad(), RuleSet::builtin(), RuleContext::default());
    let shown = Shown { engine: Some((&rules, &context)), ..world.shown() };
    let mut view = ViewState::default();
    typed(&mut view, &[X[0], KeyCode::Char('a')], &shown, (80, 24));
    let asked = view.dialog.take().map(|d| d.alerts);
    assert_eq!(asked, Some(vec![world.active[0].id.clone()]));
    typed(&mut view, &[KeyCode::Char('?')], &shown, (80, 24));
    assert!(drawn(&shown, &view, 160, 48).contains("Why the selected alert's rule stands as it does"));
    typed(&mut view, &[KeyCode::Esc], &shown, (80, 24));
    assert!(view.help.is_none() && view.explained.is_some());
}

#[test]
fn where_there_is_no_alert_it_says_so() {
    let (world, rules, context) = (fixtures::calm(), RuleSet::builtin(), RuleContext::default());
    let shown = Shown { engine: Some((&rules, &context)), ..world.shown() };
    let mut view = on(Page::Instances);
    assert_eq!(typed(&mut view, &X, &shown, (80, 24)), [Action::Say("there is no alert here to explain".into())]);
    assert_eq!(view.explained, None);
}

#[test]
fn the_rules_that_the_budget_slows_are_named_one_by_one() {
    let mut world = fixtures::bad();
    assert!(!shot(&world, &on(Page::Pollers), 160, 48).contains("read less often"));
    world.slowed = (0..30)
        .map(|i| Slowed { rule: format!("rule-{i:02}").into(), usual: 60, every: 180 })
        .chain([Slowed { rule: "slow".into(), usual: 300, every: 900 }])
        .collect();
    let all = shot(&world, &on(Page::Pollers), 160, 48);
    for named in ["rule-00 every 3m instead of 1m", "rule-29 every", "slow every 15m instead of 5m"] {
        assert!(all.contains(named), "no {named} in\n{all}");
    }
    // Where there is no room for all, the way to the others is.
    assert!(shot(&world, &on(Page::Pollers), 80, 24).contains("and more: open the poller of metrics"));
    let source = world.model.pollers().map(|(s, _)| s).find(|s| s.poller == crate::model::PollerKind::Metrics);
    let item = Item::Poller(source.expect("metrics are read").clone());
    let mut view = ViewState { details: vec![DetailState { item, scroll: 0 }], ..on(Page::Pollers) };
    let mut seen = String::new();
    for _ in 0..30 {
        seen.push_str(&shot(&world, &view, 40, 10));
        view.details[0].scroll += 5;
    }
    for i in 0..30 {
        assert!(seen.contains(&format!("rule-{i:02} every 3m instead of 1m")), "rule-{i:02}");
    }
}
