//! Names that lead to the AWS console.

use super::*;

/// Every link of a frame: its text and its address.
fn links(fixture: &Fixture, view: &ViewState, (w, h): (u16, u16)) -> Vec<(String, String)> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    let (area, look) = (buffer.area, Look { links: true, ..Look::default() });
    let drawn = draw_buffer(&mut buffer, area, &fixture.shown(), view, &look);
    let mut seen = std::collections::BTreeSet::new();
    let text = |link: &Link| {
        assert_eq!(link.area, link.area.intersection(area), "outside of the frame");
        assert_eq!(link.area.height, 1);
        for x in link.area.x..link.area.right() {
            assert!(seen.insert((x, link.area.y)), "two links at {x},{}", link.area.y);
        }
        (link.area.x..link.area.right()).map(|x| buffer[(x, link.area.y)].symbol()).collect::<String>()
    };
    drawn.links().iter().map(text).zip(drawn.links().iter().map(|l| l.address.clone())).collect()
}

#[test]
fn names_lead_to_their_pages_and_alerts_to_their_runbooks() {
    let world = fixtures::bad();
    let all = links(&world, &on(Page::Overview), (160, 48));
    let of = |name: &str| all.iter().find(|(text, _)| text.trim() == name).map(|(_, address)| address.as_str());
    let console = "https://ap-northeast-1.console.aws.amazon.com/ec2/home?region=ap-northeast-1#";
    assert_eq!(of("web-clb"), Some(&*format!("{console}LoadBalancer:loadBalancerArn=web-clb")), "{all:#?}");
    assert_eq!(of("web-asg"), Some(&*format!("{console}AutoScalingGroupDetails:id=web-asg")), "{all:#?}");
    let instances = links(&world, &on(Page::Instances), (160, 48));
    assert!(
        instances.iter().any(|(t, a)| t == "i-0web0000005" && a.ends_with("InstanceDetails:instanceId=i-0web0000005"))
    );
    assert!(links(&world, &on(Page::Pollers), (160, 48)).is_empty());
    // In a detail: its own name, and those of its members.
    let mut view = on(Page::Balancers);
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    let detail = links(&world, &view, (160, 48));
    assert!(detail.iter().any(|(t, _)| t == "api-alb"), "{detail:#?}");
    assert!(detail.iter().any(|(t, a)| t.starts_with("i-0") && a.contains("InstanceDetails")), "{detail:#?}");
    // What lies over them covers them.
    press_all(&mut view, &[KeyCode::Char('?')], &world.shown());
    assert_eq!(links(&world, &view, (160, 48)), []);
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars(":"), &world.shown());
    assert_eq!(links(&world, &view, (80, 24)), [], "the palette lies over all of it");
}

#[test]
fn what_an_alert_says_leads_to_its_runbook() {
    let world = fixtures::bad();
    let mut shown = world.shown();
    let rule = shown.alerts.active[0].id.rule.clone();
    let runbooks = [(rule, crate::model::Text::new("https://wiki.example/queue"))].into();
    shown.alerts.runbooks = Some(&runbooks);
    let look = Look { links: true, ..Look::default() };
    let mut view = on(Page::Overview);
    for (place, keys) in [("list", &[][..]), ("detail", &[KeyCode::Enter])] {
        press_all(&mut view, keys, &shown);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 48));
        let area = buffer.area;
        let drawn = draw_buffer(&mut buffer, area, &shown, &view, &look);
        assert!(drawn.links().iter().any(|l| l.address == "https://wiki.example/queue"), "{place}");
    }
    let mut view = on(Page::Overview);
    let said = press_all(&mut view, &chars("O"), &shown);
    assert_eq!(said, [Action::OpenRunbook("https://wiki.example/queue".into())], "no page of the AWS console");
}

#[test]
fn without_links_none_are_made() {
    let world = fixtures::bad();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 48));
    let area = buffer.area;
    let drawn = draw_buffer(&mut buffer, area, &world.shown(), &on(Page::Instances), &Look::default());
    assert!(drawn.links().is_empty());
}

#[test]
fn hostile_names_make_no_link_but_to_aws() {
    let world = fixtures::hostile();
    for page in Page::ALL {
        for size in [(160, 48), (80, 24), (40, 10)] {
            let mut view = on(page);
            for keys in [&[][..], &[KeyCode::Enter], &[KeyCode::PageDown]] {
                press_all(&mut view, keys, &world.shown());
                for (_, address) in links(&world, &view, size) {
                    let host = address.strip_prefix("https://").and_then(|a| a.split('/').next()).unwrap_or_default();
                    assert!(host.ends_with("console.aws.amazon.com"), "{page:?}: {address:?}");
                    assert!(address.bytes().all(|b| b.is_ascii_graphic()), "{page:?}: {address:?}");
                }
            }
        }
    }
}
