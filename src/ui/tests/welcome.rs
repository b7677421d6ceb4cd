//! The first minutes.

use super::*;
use crate::model::Text;

fn look() -> Look {
    let profiles = vec![(Text::from("demo"), None), ("stage".into(), Some("eu-west-1".into()))];
    Look { setup: Setup { profiles, file: "/home/alice/.config/awswatch/config.toml".into() }, ..Look::default() }
}

#[test]
fn the_first_minutes_say_what_was_found_what_lacks_and_what_it_costs() {
    let world = fixtures::bad();
    let view = ViewState { welcome: Some(0), ..on(Page::Overview) };
    let drawn = shot_in(&world, &view, &look(), 160, 48);
    for text in
        ["First minutes", "ap-northeast-1: watched", "stage: eu-west-1", "a day", "regions = [\"ap-northeast-1\""]
    {
        assert!(drawn.contains(text), "{text}:\n{drawn}");
    }
    let denied = shot_in(&fixtures::denied(), &view, &look(), 120, 40);
    assert!(denied.contains("needs ") && denied.contains("awswatch iam-policy"), "{denied}");
    assert!(!denied.contains("may be read"), "{denied}");
}

#[test]
fn what_was_never_read_is_not_called_allowed() {
    let view = ViewState { welcome: Some(0), ..on(Page::Overview) };
    let drawn = shot_in(&fixtures::loading(), &view, &look(), 120, 40);
    assert!(drawn.contains("not known yet") && !drawn.contains("may be read"), "{drawn}");
}

#[test]
fn the_first_minutes_copy_lines_scroll_close_and_come_back() {
    let world = fixtures::bad();
    let shown = world.shown();
    let look = look();
    let mut view = ViewState { welcome: Some(0), ..on(Page::Overview) };
    let mut step = |command| crate::ui::step(&mut view, command, &shown, &look, (40, 10));
    let [Action::Copy(lines)] = &step(Command::Copy)[..] else { panic!("nothing to copy") };
    assert!(lines.contains("regions = ["), "{lines}");
    step(Command::Bottom);
    step(Command::Back);
    assert_eq!((view.welcome, view.page), (None, Page::Overview));
    press_all(&mut view, &chars("W"), &shown);
    assert_eq!(view.welcome, Some(0));
    press_all(&mut view, &[KeyCode::Esc], &shown);
    press_all(&mut view, &chars(":first min"), &shown);
    press_all(&mut view, &[KeyCode::Enter], &shown);
    assert_eq!(view.welcome, Some(0));
}
