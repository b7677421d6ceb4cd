//! Rows put together, trees, and chosen columns.

use super::*;
use crate::model::{Detail, Kind, PollerKind};

/// A bad day on which every instance has a tag.
fn tagged() -> Fixture {
    let mut world = fixtures::bad();
    let mut all: Vec<_> = world.model.of_kind(Kind::Instance).cloned().collect();
    for (i, r) in all.iter_mut().enumerate() {
        r.tags.remove("env");
        if i % 3 < 2 {
            r.tags.insert("env".into(), ["prod", "stage"][i % 2].into());
        }
    }
    let scopes: std::collections::BTreeSet<_> = all.iter().map(|r| r.id.scope.clone()).collect();
    for scope in scopes {
        let of = all.iter().filter(|r| r.id.scope == scope).cloned().collect();
        world.inventory(&scope, PollerKind::Instances, &[Kind::Instance], of);
    }
    world
}

fn grouped(page: Page, list: Listing, grouping: &str) -> ViewState {
    let mut view = on(page);
    view.lists.entry(list).or_default().grouping = Grouping::parse(grouping).unwrap();
    view
}

fn heads(view: &ViewState, shown: &Shown<'_>) -> Vec<String> {
    let rows = view.rows(shown, view.focus());
    let label = |i: &Item| if let Item::Group(label) = i { Some(label.to_string()) } else { None };
    rows.items.iter().filter_map(label).collect()
}

#[test]
fn rows_stand_under_heads_that_count_them_the_worst_first() {
    let world = tagged();
    let shown = world.shown();
    let flat = on(Page::Instances).rows(&shown, Listing::Instances).into_owned();
    for grouping in ["zone", "group", "scope", "tag:env"] {
        let view = grouped(Page::Instances, Listing::Instances, grouping);
        let rows = view.rows(&shown, Listing::Instances).into_owned();
        assert_eq!(rows.items.len(), rows.tree.len());
        let mut members: Vec<&Item> = rows.items.iter().filter(|i| !matches!(i, Item::Group(_))).collect();
        assert_eq!((members.len(), rows.count, rows.total), (flat.items.len(), flat.count, flat.total), "{grouping}");
        members.sort_by_key(|i| format!("{i:?}"));
        members.dedup();
        assert_eq!(members.len(), flat.items.len(), "{grouping}: one is there twice");
        let heads: Vec<_> = rows.tree.iter().filter(|b| b.folded.is_some()).collect();
        assert_eq!(heads.iter().map(|b| b.tally.rows()).sum::<usize>(), flat.count, "{grouping}");
        assert!(heads.windows(2).all(|w| w[0].fault >= w[1].fault), "{grouping}: {heads:?}");
        assert!(heads[0].fault > 0, "{grouping}");
    }
    let view = grouped(Page::Instances, Listing::Instances, "tag:env");
    let mut found = heads(&view, &shown);
    found.sort();
    assert_eq!(found, ["env=prod", "env=stage", "no tag env"]);
}

#[test]
fn heads_fold_by_enter_left_and_right_and_the_cursor_stays() {
    let world = tagged();
    let shown = world.shown();
    let mut view = grouped(Page::Instances, Listing::Instances, "zone");
    let first = heads(&view, &shown)[0].clone();
    let count = |view: &ViewState| view.rows(&shown, Listing::Instances).items.len();
    let all = count(&view);
    press_all(&mut view, &[KeyCode::Enter], &shown);
    let folded = count(&view);
    assert!(folded < all && view.details.is_empty());
    assert_eq!(view.list(Listing::Instances).selected, Some(Item::Group(first.as_str().into())));
    assert!(shot(&world, &view, 120, 30).contains(&format!("▸ {first}")));
    press_all(&mut view, &[KeyCode::Right], &shown);
    assert_eq!(count(&view), all);
    // From a row below, Left closes what it stands under, and Enter opens the row itself.
    press_all(&mut view, &[KeyCode::Down, KeyCode::Left], &shown);
    assert_eq!((count(&view), view.list(Listing::Instances).index), (folded, 0));
    press_all(&mut view, &[KeyCode::Enter, KeyCode::Down, KeyCode::Enter], &shown);
    assert_eq!((count(&view), view.details.len()), (all, 1));
    // A head has no page, no address and no alerts of its own.
    press_all(&mut view, &[KeyCode::Esc, KeyCode::Up], &shown);
    assert!(matches!(&press_all(&mut view, &chars("o"), &shown)[..], [Action::Say(_)]));
    assert_eq!(press_all(&mut view, &chars("y"), &shown), [Action::Copy(first)]);
    press_all(&mut view, &chars("as"), &shown);
    assert!(view.dialog.is_none());
}

#[test]
fn the_cursor_stays_on_its_resource_when_groups_change_places() {
    let mut world = tagged();
    let mut view = grouped(Page::Instances, Listing::Instances, "zone");
    press_all(&mut view, &chars("Gk"), &world.shown());
    let selected = view.list(Listing::Instances).selected.clone();
    let Some(Item::Resource(id)) = &selected else { panic!("{selected:?}") };
    let before = view.list(Listing::Instances).index;
    // Its group becomes the worst.
    let mut alert = fixtures::one_alert("cpu", Kind::Instance, &id.id, crate::alerts::Level::Critical);
    alert.id.resource = id.clone();
    for _ in 0..3 {
        world.active.push(alert.clone());
    }
    world.active.retain(|a| a.id.resource == *id);
    view.prepare(&world.shown());
    assert_eq!(view.list(Listing::Instances).selected, selected);
    assert!(view.list(Listing::Instances).index < before);
}

#[test]
fn filter_and_faults_only_work_in_groups() {
    let world = tagged();
    let shown = world.shown();
    let mut view = grouped(Page::Instances, Listing::Instances, "zone");
    view.faults_only = true;
    let rows = view.rows(&shown, Listing::Instances).into_owned();
    assert_eq!((rows.items.len(), rows.count), (2, 1), "{:?}", rows.items);
    view.faults_only = false;
    press_all(&mut view, &chars("n"), &shown);
    let selected = view.list(Listing::Instances).selected.clone().unwrap();
    assert!(matches!(selected, Item::Resource(_)), "a head is no fault: {selected:?}");
    view.lists.entry(Listing::Instances).or_default().filter = "name:web*".into();
    let rows = view.rows(&shown, Listing::Instances).into_owned();
    assert!(rows.count < rows.total && rows.count > 0);
    assert!(shot(&world, &view, 120, 30).contains(&format!("{} of {}", rows.count, rows.total)));
}

#[test]
fn a_tree_has_every_target_under_its_group_under_its_balancer() {
    let world = fixtures::bad();
    let shown = world.shown();
    let view = grouped(Page::Balancers, Listing::Balancers, "tree");
    let rows = view.rows(&shown, Listing::Balancers).into_owned();
    let targets: usize = world
        .model
        .resources()
        .map(|r| match &r.detail {
            Detail::Balancer(b) => b.members.as_ref().map_or(0, |m| m.list.len()),
            Detail::TargetGroup(t) => t.members.as_ref().map_or(0, |m| m.list.len()),
            _ => 0,
        })
        .sum();
    assert_eq!(rows.tree.iter().filter(|b| b.of.is_some()).count(), targets);
    assert_eq!(rows.tree.first().map(|b| b.depth), Some(0));
    assert!(rows.tree.windows(2).all(|w| w[1].depth <= w[0].depth + 1));
    // What is looked for is shown with what it stands under.
    let mut view = grouped(Page::Scaling, Listing::Scaling, "tree");
    view.lists.entry(Listing::Scaling).or_default().filter = "web-asg-3".into();
    let rows = view.rows(&shown, Listing::Scaling).into_owned();
    let depths: Vec<u8> = rows.tree.iter().map(|b| b.depth).collect();
    assert!(depths.starts_with(&[0, 1]), "{:?}", rows.items);
}

#[test]
fn the_key_goes_round_and_a_pane_of_the_overview_stays_flat() {
    let world = fixtures::bad();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    let mut seen = Vec::new();
    for _ in 0..4 {
        press_all(&mut view, &chars("c"), &shown);
        seen.push(view.grouping(Listing::Instances).word().into_owned());
    }
    assert_eq!(seen, ["group", "zone", "scope", "flat"]);
    let mut view = grouped(Page::Overview, Listing::Balancers, "tree");
    view.pane = Listing::Balancers;
    assert!(view.rows(&shown, Listing::Balancers).tree.is_empty());
    press_all(&mut view, &chars("e"), &shown);
    assert!(!view.rows(&shown, Listing::Balancers).tree.is_empty());
}

#[test]
fn the_palette_offers_the_tags_that_there_are() {
    let world = tagged();
    let shown = world.shown();
    let mut view = on(Page::Instances);
    press_all(&mut view, &chars(":by tag:env"), &shown);
    press_all(&mut view, &[KeyCode::Enter], &shown);
    assert_eq!(view.grouping(Listing::Instances), Grouping::Tag("env".into()));
}

#[test]
fn groups_and_trees_at_every_size() {
    let world = tagged();
    let mut out = String::new();
    for (w, h) in [(160, 48), (80, 24), (40, 10)] {
        for (page, list, grouping) in [
            (Page::Instances, Listing::Instances, "tag:env"),
            (Page::Balancers, Listing::Balancers, "tree"),
            (Page::Scaling, Listing::Scaling, "tree"),
            (Page::Pollers, Listing::Pollers, "scope"),
        ] {
            let _ = writeln!(out, "== {} {grouping} {w}x{h}", page.title());
            out.push_str(&text(&frame(&world, &grouped(page, list, grouping), &Look::default(), w, h)));
        }
    }
    let view = grouped(Page::Balancers, Listing::Balancers, "tree");
    let _ = writeln!(out, "== Balancers tree 80x24, ascii");
    out.push_str(&text(&frame(&world, &view, &ascii(), 80, 24)));
    snapshot("groups", &out);
}

#[test]
fn heads_of_pollers_say_how_they_do_in_their_own_words() {
    let view = grouped(Page::Pollers, Listing::Pollers, "scope");
    let head = |world: &Fixture| {
        let drawn = shot(world, &view, 160, 40);
        drawn.lines().find(|l| l.contains('▾')).unwrap_or_else(|| panic!("{drawn}")).to_owned()
    };
    for (world, wanted) in [
        (fixtures::denied(), " blind"),
        (fixtures::stale(), " stale"),
        (fixtures::partial(), " failing"),
        (fixtures::loading(), " loading"),
    ] {
        let head = head(&world);
        assert!(head.contains(wanted), "{head}");
        assert!(!head.contains("pending") && !head.contains("no fault") && !head.contains("warning"), "{head}");
    }
    // They grow old without news.
    let mut world = fixtures::calm();
    let mut kept = view.clone();
    kept.prepare(&world.shown());
    world.later = jiff::SignedDuration::from_mins(10);
    let worst = |view: &ViewState| view.rows(&world.shown(), Listing::Pollers).tree[0].tally.worst();
    assert_eq!((worst(&kept), worst(&view)), (4, 4));
}

#[test]
fn no_fault_is_said_only_where_all_that_tells_one_was_read() {
    let mut world = fixtures::calm();
    let view = grouped(Page::Instances, Listing::Instances, "zone");
    let mut heat = view.clone();
    heat.heat = true;
    for view in [&view, &heat] {
        let drawn = shot(&world, view, 120, 30);
        assert!(drawn.contains("no fault") && !drawn.contains("not all is read"), "{drawn}");
    }
    let denied = fixtures::error(crate::model::ErrorClass::Denied, "DescribeInstanceStatus", "AccessDenied", "no");
    world.ran(&fixtures::tokyo(), PollerKind::InstanceStatus, 1, Some(denied));
    for view in [&view, &heat] {
        let drawn = shot(&world, view, 120, 30);
        assert!(!drawn.contains("no fault") && drawn.contains("not all is read"), "{drawn}");
    }
}

#[test]
fn a_folded_head_shows_how_bad_it_is_below() {
    let mut world = fixtures::calm();
    let mut alert = fixtures::one_alert("cpu", Kind::Instance, "x", crate::alerts::Level::Critical);
    let below = |r: &crate::model::Resource| match &r.detail {
        Detail::AutoScalingGroup(g) => g.instances.first().map(|i| (r.id.clone(), i.id.clone())),
        _ => None,
    };
    let (group, instance) = world.model.resources().find_map(below).unwrap();
    alert.id.resource = crate::model::ResourceId::new(&group.scope, Kind::Instance, instance);
    world.active = vec![alert];
    let mut view = grouped(Page::Scaling, Listing::Scaling, "tree");
    let line = |view: &ViewState, sign: char| {
        let drawn = shot(&world, view, 120, 30);
        drawn.lines().find(|l| l.contains(sign) && l.contains(group.id.as_str())).map(ToOwned::to_owned)
    };
    assert!(!line(&view, '▾').unwrap().contains("▾ ●"));
    view.lists.entry(Listing::Scaling).or_default().folded.push(Item::Resource(group.clone()));
    let rows = view.rows(&world.shown(), Listing::Scaling).into_owned();
    let at = rows.items.iter().position(|i| *i == Item::Resource(group.clone())).unwrap();
    assert_eq!((rows.tree[at].fault, rows.tree[at].folded), (6, Some(true)));
    let folded = line(&view, '▸').unwrap();
    assert!(folded.contains(&format!("▸ ● {}", group.id)), "{folded}");
}

#[test]
fn what_is_turned_round_is_even_where_the_order_is_that_of_the_world() {
    let world = fixtures::bad();
    let shown = world.shown();
    for (page, list) in [(Page::Trail, Listing::Trail), (Page::Overview, Listing::Alerts)] {
        let mut view = on(page);
        view.pane = list;
        let mut items = view.rows(&shown, list).items.clone();
        view.lists.entry(list).or_default().reverse = true;
        items.reverse();
        assert!(items.len() > 1);
        assert_eq!(view.rows(&shown, list).items, items, "{list:?}");
    }
}

#[test]
fn a_balancer_with_several_target_groups_counts_once() {
    let mut world = fixtures::bad();
    let of = |r: &&crate::model::Resource| matches!(&r.detail, Detail::TargetGroup(t) if !t.balancers.is_empty());
    let one = world.model.of_kind(Kind::TargetGroup).find(of).cloned().unwrap();
    let mut other = one.clone();
    other.id.id = "another".into();
    let scope = one.id.scope.clone();
    world.inventory(&scope, PollerKind::Balancers, &[Kind::TargetGroup], vec![one, other]);
    let shown = world.shown();
    let rows = grouped(Page::Balancers, Listing::Balancers, "scope").rows(&shown, Listing::Balancers).into_owned();
    let root = |i: &Item| match i {
        Item::Resource(id) | Item::Pair(id, _) => Some(id.clone()),
        _ => None,
    };
    let all = rows.items.iter().filter_map(root).count();
    let roots: std::collections::BTreeSet<_> = rows.items.iter().filter_map(root).collect();
    assert!(roots.len() < all, "no balancer here has two");
    assert_eq!(rows.tree.iter().map(|b| b.tally.rows()).sum::<usize>(), roots.len());
    for grouping in ["flat", "tree", "scope"] {
        let view = grouped(Page::Balancers, Listing::Balancers, grouping);
        let rows = view.rows(&shown, Listing::Balancers).into_owned();
        assert_eq!((rows.count, rows.total), (roots.len(), roots.len()), "{grouping}");
        let drawn = shot(&world, &view, 120, 30);
        assert!(drawn.contains(&format!("Load balancers {} ", roots.len())), "{drawn}");
    }
}

fn with_columns(list: Listing, columns: &[&str], sort: Option<&str>) -> Look {
    let table = TableLook {
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        sort: sort.map(Into::into),
        ..TableLook::default()
    };
    Look { tables: [(list, table)].into(), ..Look::default() }
}

#[test]
fn chosen_columns_are_drawn_in_their_order_and_still_give_way() {
    let world = tagged();
    let look = with_columns(Listing::Instances, &["cpu", "name", "tag:env", "subnet", "region", "id"], Some("-name"));
    let mut view = ViewState::new(&look);
    view.page = Page::Instances;
    let wide = shot_in(&world, &view, &look, 160, 20);
    let heads = wide.lines().nth(3).unwrap().split_whitespace().skip(1).collect::<Vec<_>>();
    assert_eq!(&heads[..4], ["CPU", "NAME↑", "env", "SUBNET"], "{wide}");
    assert!(wide.contains("REGION") && wide.contains("by name, turned round"), "{wide}");
    assert!(!wide.contains("PRIVATE IP"));
    let narrow = shot_in(&world, &view, &look, 40, 12);
    assert!(narrow.contains("CPU") && narrow.contains("NAME") && !narrow.contains("SUBNET"), "{narrow}");
    // Every column of every page can stand alone.
    for page in Page::ALL.into_iter().filter(|p| *p != Page::Overview) {
        let list = on(page).focus();
        for column in columns(list) {
            let look = with_columns(list, &[&column], None);
            for (w, h) in [(160, 30), (40, 10)] {
                shot_in(&world, &on(page), &look, w, h);
            }
        }
    }
}

/// Two alerts on what has one name in two regions are told apart where regions have no column.
#[test]
fn alerts_on_one_name_in_two_regions_are_told_apart_at_every_size() {
    let mut world = fixtures::bad();
    let mut there = world.active[0].clone();
    there.id.resource = crate::model::ResourceId::new(&fixtures::virginia(), there.id.resource.kind, "web-clb");
    world.active.insert(1, there);
    for (w, h) in [(160, 48), (120, 40), (80, 24), (60, 15), (40, 10)] {
        for look in [Look::default(), ascii()] {
            let drawn = shot_in(&world, &on(Page::Overview), &look, w, h);
            let rows: Vec<_> = drawn.lines().filter(|l| l.contains("CRIT") && l.contains("web-c")).collect();
            assert_eq!(rows.len(), 2, "{w}x{h}: {drawn}");
            let said = |l: &str| l.contains("use1 web-c") || l.contains("us-east-1");
            assert!(said(rows[1]) && !said(rows[0]), "{w}x{h}: {rows:?}");
        }
    }
    snapshot("two-regions-80x24", &shot(&world, &on(Page::Overview), 80, 24));
}

#[test]
fn the_footer_says_what_enter_does_to_the_selected_row() {
    let world = tagged();
    let mut view = grouped(Page::Instances, Listing::Instances, "tag:env");
    let footer = |view: &ViewState| shot(&world, view, 160, 48).lines().last().unwrap_or_default().to_owned();
    press_all(&mut view, &[KeyCode::Home], &world.shown());
    assert!(matches!(step::selected(&view, &world.shown()), Some(Item::Group(_))));
    assert!(footer(&view).contains("Enter fold"), "{}", footer(&view));
    press_all(&mut view, &[KeyCode::Enter], &world.shown());
    assert!(footer(&view).contains("Enter unfold"), "{}", footer(&view));
    press_all(&mut view, &[KeyCode::Enter, KeyCode::Down], &world.shown());
    assert!(!matches!(step::selected(&view, &world.shown()), Some(Item::Group(_))));
    assert!(footer(&view).contains("Enter detail"), "{}", footer(&view));
}
