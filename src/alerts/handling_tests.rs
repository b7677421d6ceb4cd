//! Acknowledging, silencing, flapping, and what stands for what.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::tests::{standing, verdict};
use super::{
    Ack, Alert, AlertId, Alerts, BundleId, Change, Facts, Field, Kept, Level, Line, Matcher, Note, Past, Phase, Silence,
};
use crate::model::{
    ApiSignal, Balancer, Detail, HealthState, Instance, Kind, Model, Resource, ResourceId, Signal, TargetGroup, Text,
};
use crate::rules::testing::{World, clb, group, id, member, members, resource, surge, t};
use crate::rules::{EvalMode, RuleContext, RuleSet, Verdict};

pub(super) fn silence(matchers: &str, from: i64, until: i64) -> Silence {
    Silence {
        id: "s1".into(),
        matchers: Matcher::parse_all(matchers).expect("matchers"),
        from: t(from),
        until: t(until),
        author: "alice@bastion".into(),
        reason: "deploy".into(),
        made: t(from),
    }
}

fn ack_of(alert: &Alert, at: Timestamp) -> Ack {
    Ack { alert: alert.id.clone(), level: alert.level, by: "alice@bastion".into(), at, note: "on it".into() }
}

/// The verdicts of one letter a minute on the balancer, from minute 0.
fn live(alerts: &mut Alerts, model: &Model, from: i64, letters: &str) -> usize {
    let mut told = 0;
    for (minute, letter) in (from..).zip(letters.chars()) {
        told += alerts.update(&[verdict("r", clb(), standing(letter, t(minute)))], model, t(minute)).len();
    }
    told
}

fn only(alerts: &Alerts) -> Alert {
    let all: Vec<&Alert> = alerts.active().into_iter().chain(alerts.resolved()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

#[test]
fn what_matches() {
    let mut world = World::with_clb();
    let mut web = resource(Kind::Instance, "i-1", Detail::Instance(Instance::default()));
    web.name = "web (blue)".into();
    web.tags.insert("Team".into(), "night shift".into());
    world.list(t(0), vec![web]);
    let mut alerts = Alerts::default();
    alerts.update(&[verdict("instance-cpu", id(Kind::Instance, "i-1"), standing('w', t(0)))], &world.model, t(0));
    let alert = only(&alerts);
    let labels = std::collections::BTreeMap::from([(Text::from("team"), Text::from("web"))]);
    let facts = Facts::of(&alert, &world.model, Some(&labels));
    for (matcher, expected) in [
        ("rule=instance-cpu", true),
        ("rule=instance-*", true),
        ("rule=clb-*", false),
        ("rule!=clb-*", true),
        ("kind=instance", true),
        ("kind=inst", false),
        ("name=i-1", true),
        ("name=\"web (blue)\"", true),
        ("name=web*", true),
        ("name!=i-1", false),
        ("region=ap-*", true),
        ("region=us-*", false),
        ("account=demo", true),
        ("severity=warning", true),
        ("severity=critical", false),
        ("tag.Team=night*", true),
        ("tag.Owner=*", false),
        ("tag.Owner!=me", true),
        ("label.team=w?b", true),
        ("label.team={db,web}", true),
    ] {
        let parsed = Matcher::parse(matcher).expect(matcher);
        assert_eq!(parsed.holds(&facts), expected, "{matcher}");
        let again = Matcher::parse(&parsed.to_string()).expect(matcher);
        assert_eq!(parsed, again, "{matcher}");
    }
    let exact = Matcher::exactly(Field::Name, "a*b{c").expect("a matcher");
    assert!(!exact.is_trivial() && !exact.holds(&facts));
}

#[test]
fn a_wrong_matcher_names_the_nearest_right_one() {
    for (text, says) in [
        ("rul=x", "is it `rule`?"),
        ("naem=x", "is it `name`?"),
        ("tags.Team=x", "is it `tag.KEY`?"),
        ("web-clb", "name=web-*"),
        ("name=", "no pattern"),
        ("name={a", "no pattern"),
        ("severity=crit", "warning, critical or blind"),
        ("tag.=x", "there is no field `tag.`"),
        ("name=\"a", "not closed"),
        ("tag.\"Cost Center=a", "not closed"),
        ("name=\"a\"b", "written twice"),
        ("tag.Cost Center=a", "`tag.Cost` is no matcher"),
    ] {
        let error = Matcher::parse_all(text).expect_err(text).to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    let many = "name=x ".repeat(17);
    assert!(Matcher::parse_all(&many).expect_err("too many").to_string().contains("17"));
    for everything in ["name=*", "name=* rule=**"] {
        let matchers = Matcher::parse_all(everything).expect("matchers");
        assert!(Silence::check_matchers(&matchers).is_err(), "{everything}");
    }
    assert!(silence("name=x", 0, 0).check(t(0)).is_err(), "it would never be in force");
    assert!(silence("name=x", 0, 10).check(t(11)).is_err(), "it would be over");
    assert!(silence("name=x", 0, 10).check(t(0)).is_ok());
}

#[test]
fn a_key_and_a_pattern_may_hold_spaces_and_quotes() {
    for (alone, in_a_line) in [
        ("tag.Cost Center=foo", "tag.\"Cost Center\"=foo"),
        ("tag.\"a=b\"!=c", "tag.\"a=b\"!=c"),
        ("name=a\"b", "name=\"a\"\"b\""),
        ("name = night shift", "name=\"night shift\""),
        ("name=a\\*b", "name=a\\*b"),
    ] {
        let parsed = Matcher::parse(alone).expect(alone);
        assert_eq!(parsed.to_string(), in_a_line);
        assert_eq!(Matcher::parse_all(&format!("rule=x {in_a_line} kind=y")).expect(in_a_line)[1], parsed);
    }
    assert_eq!(Matcher::parse_all("name=a\"b rule=c\"d").expect("quotes within a word are signs").len(), 2);
}

proptest! {
    #[test]
    fn what_a_silence_is_about_can_be_read_back(
        fields in proptest::collection::vec((0u8..4, "\\PC{1,12}", any::<bool>(), "\\PC{1,20}"), 1..=4),
    ) {
        let matchers: Vec<Matcher> = fields
            .iter()
            .filter(|(_, key, _, _)| !Text::new(key).is_empty())
            .filter_map(|(field, key, equal, pattern)| {
                let field = match field {
                    0 => Field::Name,
                    1 => Field::Label(Text::new(key)),
                    _ => Field::Tag(Text::new(key)),
                };
                Matcher::new(field, *equal, &globset::escape(pattern)).ok()
            })
            .collect();
        let line = matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(&Matcher::parse_all(&line).expect("the line"), &matchers, "{}", line);
        for matcher in &matchers {
            prop_assert_eq!(&Matcher::parse(&matcher.to_string()).expect("one"), matcher);
        }
    }
}

#[test]
fn a_silenced_alert_is_there_and_does_not_count_until_the_silence_is_over() {
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    live(&mut alerts, &model, 0, "c");
    alerts.decide(Change::Silence(silence("name=web-*", 1, 10)), &model, t(0));
    assert_eq!((alerts.counts().critical, alerts.counts().silenced), (1, 0), "it begins later");
    live(&mut alerts, &model, 1, "c");
    assert_eq!((alerts.counts().critical, alerts.counts().silenced), (0, 1));
    assert_eq!(only(&alerts).handling.silence, Some("s1".into()));
    live(&mut alerts, &model, 9, "cc");
    assert_eq!((alerts.counts().critical, alerts.counts().silenced), (1, 0), "at minute 10 it is over");
    alerts.decide(Change::Silence(silence("name=web-*", 10, 100)), &model, t(10));
    assert_eq!(alerts.counts().silenced, 1);
    alerts.decide(Change::Expire { silence: "s1".into(), at: t(11) }, &model, t(11));
    assert_eq!((alerts.counts().critical, alerts.counts().silenced), (1, 0));
}

#[test]
fn a_silence_ends_without_news() {
    use crate::rules::News;
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    live(&mut alerts, &model, 0, "c");
    alerts.decide(Change::Silence(silence("rule=r", 0, 10)), &model, t(0));
    let nothing = News::Changes { changed: &[], gone: &[] };
    alerts.update(nothing, &model, t(9));
    assert_eq!(alerts.counts().silenced, 1);
    alerts.update(nothing, &model, t(10));
    assert_eq!((alerts.counts().critical, alerts.counts().silenced), (1, 0));
}

#[test]
fn a_wildcard_does_not_make_blindness_quiet() {
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    let blind = [verdict("poller-blind", id(Kind::Poller, "trail"), standing('b', t(0)))];
    alerts.update(&blind, &model, t(0));
    for (matchers, silenced) in [
        ("region=ap-northeast-1", 0),
        ("name=*r*", 0),
        ("rule=poller-*", 0),
        ("kind=p*", 0),
        ("kind=poller", 1),
        ("severity=blind name=trail", 1),
        ("rule=poller-blind", 1),
        ("rule!=poller-blind", 0),
        ("kind=poller name=metrics", 0),
    ] {
        alerts.decide(Change::Silence(silence(matchers, 0, 100)), &model, t(1));
        assert_eq!(alerts.counts().silenced, silenced, "{matchers}");
        assert_eq!(alerts.counts().blind, 1 - silenced, "{matchers}");
    }
    assert_eq!(alerts.unread().len(), 1, "what is silenced is not read all the same");
}

#[test]
fn an_acknowledgement_ends_with_its_alert_or_when_it_gets_louder() {
    for (after, acknowledged) in
        [("w", true), ("n", true), ("b", true), ("wwW", true), ("c", false), ("o", false), ("ow", false)]
    {
        let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
        live(&mut alerts, &model, 0, "w");
        let ack = ack_of(&only(&alerts), t(1));
        alerts.decide(Change::Acknowledge(ack.clone()), &model, t(1));
        assert_eq!(only(&alerts).handling.ack.as_ref(), Some(&ack));
        assert_eq!((alerts.counts().warning, alerts.counts().acknowledged), (1, 1), "it still counts");
        alerts.take_changes();
        live(&mut alerts, &model, 2, after);
        assert_eq!(alerts.active().iter().any(|a| a.handling.ack.is_some()), acknowledged, "{after}");
        let ended = Change::Unacknowledge { alert: ack.alert.clone(), made: ack.at };
        assert_eq!(alerts.take_changes().contains(&ended), !acknowledged, "{after}");
    }
}

#[test]
fn an_acknowledgement_survives_a_restart_but_not_another_breach() {
    let model = World::with_clb().model;
    let mut alerts = Alerts::default();
    live(&mut alerts, &model, 0, "c");
    let ack = ack_of(&only(&alerts), t(5));
    let kept = Kept { acks: vec![ack], ..Kept::default() };
    for (since, holds) in [(0, true), (5, true), (6, false)] {
        let mut again = Alerts::default();
        again.restore(kept.clone(), &model, t(7));
        again.update(&[verdict("r", clb(), standing('c', t(since)))], &model, t(7));
        assert_eq!(only(&again).handling.ack.is_some(), holds, "{since}");
        assert_eq!(again.kept().acks.len(), usize::from(holds));
    }
    // The first reading finds it breached: it may be the very breach.
    let mut world = World::with_clb();
    world.points(&clb(), &surge(), 6, "600 600");
    let mut again = Alerts::default();
    again.restore(
        Kept { acks: vec![Ack { alert: clb_queue(), ..kept.acks[0].clone() }], ..Kept::default() },
        &model,
        t(8),
    );
    let context = RuleContext { budget: None, mode: EvalMode::Live, ..RuleContext::default() };
    again.update(&RuleSet::builtin().evaluate(&world.model, &context, t(8)), &world.model, t(8));
    let alert = again.get(&clb_queue()).expect("it fires");
    assert!(alert.older && alert.since > t(5) && alert.handling.ack.is_some(), "{alert:?}");
}

fn clb_queue() -> AlertId {
    AlertId { rule: "clb-surge-queue".into(), resource: clb() }
}

#[test]
fn it_flaps_is_told_once_and_ends_when_it_is_quiet() {
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    // Fires, resolves, fires, resolves; the third time it flaps.
    assert_eq!(live(&mut alerts, &model, 0, "cococ"), 5);
    let alert = only(&alerts);
    assert_eq!((alert.handling.flapping, alert.handling.changes), (Some(t(4)), 5));
    assert_eq!(live(&mut alerts, &model, 5, "ocococ"), 0, "that it flaps was told; it is kept firing");
    let alert = only(&alerts);
    assert_eq!((alert.phase, alert.handling.quiet_since, alert.handling.changes), (Phase::Firing, None, 11));
    assert_eq!(live(&mut alerts, &model, 11, "o"), 0);
    assert_eq!(only(&alerts).handling.quiet_since, Some(t(11)));
    assert_eq!(live(&mut alerts, &model, 25, "o"), 0, "fourteen minutes quiet");
    assert_eq!(live(&mut alerts, &model, 26, "o"), 1);
    let alert = only(&alerts);
    assert_eq!((alert.phase, alert.resolved_at, alert.handling.flapping), (Phase::Resolved, Some(t(26)), None));
    // One that stays breached stops flapping, and fires on.
    let mut alerts = Alerts::default();
    live(&mut alerts, &model, 0, "cococcccccccccccccc");
    assert!(only(&alerts).handling.flapping.is_some());
    assert_eq!(live(&mut alerts, &model, 19, "c"), 0);
    assert_eq!((only(&alerts).handling.flapping, only(&alerts).phase), (None, Phase::Firing));
}

#[test]
fn few_changes_and_slow_ones_do_not_flap() {
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    for minute in (0..120).step_by(20) {
        assert_eq!(live(&mut alerts, &model, minute, "co"), 2);
    }
    assert_eq!(only(&alerts).handling.flapping, None);
}

#[test]
fn blindness_ends_nothing_that_is_kept_firing() {
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    live(&mut alerts, &model, 0, "cocococ");
    live(&mut alerts, &model, 7, "o");
    live(&mut alerts, &model, 8, "b");
    live(&mut alerts, &model, 60, "b");
    assert_eq!(only(&alerts).phase, Phase::Firing, "nobody looked");
    live(&mut alerts, &model, 61, "o");
    assert_eq!(only(&alerts).phase, Phase::Resolved);
}

#[test]
fn history_holds_each_change_once_whoever_saw_it() {
    let (mut alerts, model) = (Alerts::default(), World::with_clb().model);
    live(&mut alerts, &model, 0, "Wwco");
    let steps = |kept: &Kept| kept.past.iter().map(|p| (p.phase, p.level, p.at)).collect::<Vec<_>>();
    let expected = [
        (Phase::Firing, Level::Warning, t(1)),
        (Phase::Firing, Level::Critical, t(2)),
        (Phase::Resolved, Level::Critical, t(3)),
    ];
    assert_eq!(steps(alerts.kept()), expected);
    let told = alerts.take_changes();
    assert_eq!(told.len(), 3);
    // A second console sees the same, a few seconds later.
    let mut kept = alerts.kept().clone();
    for change in &told {
        let Change::Past(past) = change else { panic!("{change:?}") };
        if past.phase == Phase::Resolved {
            kept.apply(&Change::Past(Past { at: past.at + SignedDuration::from_secs(7), ..past.clone() }));
        }
    }
    assert_eq!(steps(&kept), expected);
    // The next incident is another one, though it takes the same phase as the first did.
    live(&mut alerts, &model, 10, "co");
    assert_eq!(alerts.kept().past.len(), 5);
    let mut again = Alerts::default();
    again.restore(Kept { past: alerts.kept().past[..1].to_vec(), ..Kept::default() }, &model, t(2));
    again.update(&[verdict("r", clb(), standing('w', t(0)))], &model, t(2));
    assert_eq!(again.kept().past.len(), 1, "a restart sees the same alert fire");
}

#[test]
fn what_is_kept_is_bounded_and_taking_it_in_twice_changes_nothing() {
    let mut kept = Kept::default();
    let note = |i: usize| Note { alert: clb_queue(), by: "a".into(), at: t(0), text: format!("{i}").into() };
    for i in 0..super::MAX_NOTES + 10 {
        kept.apply(&Change::Note(note(i)));
    }
    assert_eq!(kept.notes.len(), super::MAX_NOTES);
    for i in 0..super::MAX_SILENCES + 10 {
        let silence = Silence { id: format!("{i}").into(), ..silence("rule=r", 0, 10) };
        kept.apply(&Change::Silence(silence));
    }
    assert_eq!(kept.silences.len(), super::MAX_SILENCES);
    let before = kept.clone();
    kept.apply(&Change::Note(note(super::MAX_NOTES + 9)));
    assert_eq!(kept, before);
}

fn summary(alerts: &Alerts) -> Vec<String> {
    let line = |l: &Line| match l {
        Line::Alert { id, under } if under.is_empty() => format!("{} {}", id.rule, id.resource.id),
        Line::Alert { id, under } => format!("{} {} +{}", id.rule, id.resource.id, under.len()),
        Line::Many { bundle, alerts } => format!("[{}] {} {}", alerts.len(), bundle.name, bundle.title),
    };
    alerts.lines().iter().map(line).collect()
}

fn web(n: usize) -> Vec<Resource> {
    let one = |i: usize| {
        let mut r = resource(Kind::Instance, &format!("i-{i}"), Detail::Instance(Instance::default()));
        r.tags.insert("aws:autoscaling:groupName".into(), "web-asg".into());
        r
    };
    (0..n).map(one).collect()
}

#[test]
fn many_alerts_of_one_rule_on_one_group_are_one_line() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    world.list(t(0), web(12));
    let cpu = |i: usize, letter| verdict("instance-cpu", id(Kind::Instance, &format!("i-{i}")), standing(letter, t(0)));
    let mut verdicts: Vec<Verdict> = (0..12).map(|i| cpu(i, 'w')).collect();
    verdicts.push(verdict("clb-surge-queue", clb(), standing('c', t(1))));
    alerts.update(&verdicts, &world.model, t(1));
    assert_eq!(summary(&alerts)[1..], ["[12] 12 instances of web-asg title".to_owned()]);
    assert_eq!(alerts.counts().warning, 12, "each counts");
    let Some(Line::Many { bundle, alerts: below }) = alerts.lines().get(1) else { panic!("a group") };
    assert!(matches!(&bundle.id, BundleId::Rule { of, .. } if *of.id == *"web-asg"));
    assert_eq!((bundle.level, below.len()), (Level::Warning, 12));
    // Two are two lines; those that are silenced are a line of their own.
    alerts.update(&[cpu(0, 'w'), cpu(1, 'w')], &world.model, t(2));
    assert_eq!(alerts.lines().len(), 2);
    alerts.update(&verdicts, &world.model, t(3));
    alerts.decide(Change::Silence(silence("name=i-{1,10,11}", 0, 100)), &world.model, t(3));
    assert_eq!(
        summary(&alerts)[1..],
        ["[9] 9 instances of web-asg title", "[3] 3 instances of web-asg title"].map(str::to_owned)
    );
}

#[test]
fn a_dead_balancer_stands_for_its_hosts() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    world.list(t(0), web(2));
    let bad = |n: usize| (0..n).map(|i| member(&format!("i-{i}"), "ap-northeast-1a", HealthState::Unhealthy, "ELB"));
    let good = member("i-9", "ap-northeast-1a", HealthState::Healthy, "");
    let verdicts = [
        verdict("clb-no-healthy-hosts", clb(), standing('c', t(1))),
        verdict("instance-status-checks", id(Kind::Instance, "i-0"), standing('c', t(0))),
        verdict("instance-cpu", id(Kind::Instance, "i-1"), standing('w', t(0))),
        verdict("asg-short", id(Kind::AutoScalingGroup, "web-asg"), standing('w', t(0))),
    ];
    world.health(t(1), &clb(), bad(2).chain([good]).collect());
    alerts.update(&verdicts, &world.model, t(1));
    assert_eq!(alerts.lines().len(), 4, "one host serves: it is not dead");
    world.health(t(2), &clb(), bad(2).collect());
    alerts.update(&verdicts, &world.model, t(2));
    assert_eq!(summary(&alerts), ["clb-no-healthy-hosts web-clb +2", "asg-short web-asg"]);
    assert_eq!((alerts.counts().critical, alerts.counts().warning, alerts.counts().hidden), (1, 1, 2));
    assert_eq!(alerts.active().len(), 4, "they are there");
    // Nobody knows any more whether it is dead.
    let mut unread = verdicts.clone();
    unread[0] = verdict("clb-no-healthy-hosts", clb(), standing('b', t(2)));
    alerts.update(&unread, &world.model, t(2));
    assert_eq!(alerts.counts().hidden, 0);
    alerts.update(&verdicts, &world.model, t(2));
    // What stands for others and is silenced stands for nobody.
    alerts.decide(Change::Silence(silence("kind=classic-elb", 0, 100)), &world.model, t(2));
    assert_eq!((alerts.counts().critical, alerts.counts().hidden), (1, 0));
}

#[test]
fn an_outage_of_a_zone_is_one_line() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    let mut other = World::with_target_group().model.resources().cloned().collect::<Vec<_>>();
    other.retain(|r| r.id.kind == Kind::TargetGroup);
    let api = other[0].id.clone();
    world.list(t(0), other);
    world.list(t(0), vec![resource(Kind::AutoScalingGroup, "web-asg", group(1, 2, 3, 1))]);
    world.health(t(1), &clb(), members(4, 3));
    world.health(t(1), &api, members(4, 2));
    let context = RuleContext { budget: None, mode: EvalMode::Live, ..RuleContext::default() };
    let run = |world: &World, alerts: &mut Alerts, minute| {
        alerts.update(&RuleSet::builtin().evaluate(&world.model, &context, t(minute)), &world.model, t(minute));
    };
    run(&world, &mut alerts, 2);
    assert_eq!(summary(&alerts)[0], "[2] zone ap-northeast-1c 5 targets of 2 groups", "{:?}", summary(&alerts));
    // One group alone is its own affair.
    world.health(t(3), &api, members(6, 0));
    run(&world, &mut alerts, 3);
    assert!(summary(&alerts).iter().all(|l| !l.contains("zone ap")), "{:?}", summary(&alerts));
    // Hosts that fail in every zone are no outage of one.
    let all_bad = |n: usize| members(0, n).into_iter().collect::<Vec<_>>();
    world.health(t(4), &api, all_bad(2));
    world.health(t(4), &clb(), all_bad(2));
    run(&world, &mut alerts, 4);
    assert!(summary(&alerts).iter().all(|l| !l.contains("zone ap")), "{:?}", summary(&alerts));
    let _: &ResourceId = &api;
}

#[test]
fn the_outage_of_a_zone_stands_above_what_it_explains() {
    let (mut world, mut alerts) = (World::with_clb(), Alerts::default());
    let (alb, api) = (id(Kind::Alb, "api"), id(Kind::TargetGroup, "api-tg"));
    let behind = TargetGroup { balancers: vec!["arn:api".into()], ..TargetGroup::default() };
    world.list(
        t(0),
        vec![resource(Kind::Alb, "api", Detail::Balancer(Balancer { arn: "arn:api".into(), ..Balancer::default() }))],
    );
    world.list(t(0), vec![resource(Kind::TargetGroup, "api-tg", Detail::TargetGroup(behind))]);
    world.health(t(1), &clb(), members(4, 3));
    world.health(t(1), &api, members(4, 2));
    let unhealthy = |of: &ResourceId, letter| Verdict {
        signal: Some(Signal::Api(ApiSignal::UnhealthyTargets)),
        ..verdict("unhealthy", of.clone(), standing(letter, t(2)))
    };
    let symptoms = [
        verdict("alb-5xx", alb, standing('c', t(1))),
        verdict("clb-queue", clb(), standing('c', t(0))),
        verdict("bill-late", id(Kind::Bill, "bill"), standing('c', t(0))),
    ];
    let mut lines = |letter| {
        let mut all = symptoms.to_vec();
        all.extend([unhealthy(&clb(), letter), unhealthy(&api, letter)]);
        alerts.update(&all, &world.model, t(3));
        summary(&alerts)
    };
    let zone = "[2] zone ap-northeast-1c 5 targets of 2 groups";
    for letter in ['W', 'w', 'c'] {
        let lines = lines(letter);
        let at = |what: &str| lines.iter().position(|l| l.starts_with(what)).unwrap_or_else(|| panic!("{lines:?}"));
        assert!(at(zone) < at("alb-5xx") && at(zone) < at("clb-queue"), "{letter}: {lines:?}");
        assert!(lines.contains(&"bill-late bill".to_owned()) && lines.len() == 4, "{lines:?}");
    }
}
