//! The pollers against a scripted wire, on paused time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{mpsc, watch};

use super::{Demand, Query, Role, ScopeSpec, Settings, once, spawn};
use crate::aws::WireAnswer;
use crate::aws::script::{Script, Seen, cbor, ec2_error, ec2_xml, json, xml, xml_error};
use crate::clock::Clock;
use crate::model::{
    Body, Detail, ErrorClass, Freshness, Kind, Metric, Model, Observation, Outcome, PollerKind, Scope, Source,
};

pub(super) fn clock() -> Clock {
    Clock::simulated("2026-01-14T05:00:30Z".parse().unwrap(), 1.0)
}

pub(super) fn scope() -> Scope {
    Scope::new("demo", "us-east-1")
}

fn empty_cbor(seen: &Seen) -> WireAnswer {
    let list = match seen.operation.as_str() {
        "DescribeAlarms" => "MetricAlarms",
        "ListMetrics" => "Metrics",
        _ => "MetricDataResults",
    };
    cbor(200, &ciborium::Value::Map(vec![(list.into(), ciborium::Value::Array(Vec::new()))]))
}

/// A small account in which everything works.
pub(super) fn works(seen: &Seen) -> WireAnswer {
    let v2 = seen.form.get("Version").is_some_and(|v| v == "2015-12-01");
    match seen.operation.as_str() {
        "DescribeInstances" | "DescribeInstanceStatus" | "DescribeSubnets" | "DescribeVolumes" => {
            ec2_xml(&seen.operation, "")
        }
        "GetMetricData" | "DescribeAlarms" | "ListMetrics" => empty_cbor(seen),
        "LookupEvents" => json(200, &serde_json::json!({"Events": []})),
        "DescribeLoadBalancers" if !v2 => xml(
            &seen.operation,
            "<LoadBalancerDescriptions><member><LoadBalancerName>web-clb</LoadBalancerName></member></LoadBalancerDescriptions>",
        ),
        "DescribeInstanceHealth" => xml(
            &seen.operation,
            "<InstanceStates><member><InstanceId>i-1</InstanceId><State>InService</State></member></InstanceStates>",
        ),
        "GetCallerIdentity" => xml(&seen.operation, "<Account>1</Account><Arn>arn</Arn>"),
        _ => xml(&seen.operation, ""),
    }
}

pub(super) fn spec(
    script: &Script,
    clock: &Clock,
    answer: impl Fn(&Seen) -> WireAnswer + Send + Sync + 'static,
) -> ScopeSpec {
    ScopeSpec { clients: script.clients(scope(), clock, answer), role: Role::Full }
}

pub(super) fn source(poller: PollerKind) -> Source {
    Source { scope: scope(), poller }
}

pub(super) async fn collect(
    receiver: &mut mpsc::Receiver<Observation>,
    clock: &Clock,
    seconds: u64,
) -> Vec<Observation> {
    let mut all = Vec::new();
    let _ = clock
        .timeout(Duration::from_secs(seconds), async {
            while let Some(observation) = receiver.recv().await {
                all.push(observation);
            }
        })
        .await;
    all
}

pub(super) fn outcomes(all: &[Observation], poller: PollerKind) -> Vec<Outcome> {
    let of = all.iter().filter(|o| o.source.poller == poller);
    of.filter_map(|o| if let Body::Outcome(outcome) = &o.body { Some(outcome.clone()) } else { None }).collect()
}

/// Settings under which every poller has something to do.
pub(super) fn settings() -> Settings {
    Settings { kinds: Kind::ALL.into(), ..Settings::default() }
}

pub(super) async fn one_pass(clock: &Clock, spec: ScopeSpec, pollers: &[PollerKind], limit: u64) -> Vec<Observation> {
    pass_with(&settings(), clock, spec, pollers, limit).await
}

pub(super) async fn pass_with(
    settings: &Settings,
    clock: &Clock,
    spec: ScopeSpec,
    pollers: &[PollerKind],
    limit: u64,
) -> Vec<Observation> {
    let (out, mut receiver) = mpsc::channel(1000);
    let limit = Duration::from_secs(limit);
    once(settings, &[spec], clock, &out, pollers, &Demand::default(), limit).await;
    drop(out);
    collect(&mut receiver, clock, 1).await
}

#[tokio::test(start_paused = true)]
async fn one_pass_runs_each_poller_once_and_all_is_fresh() {
    let clock = clock();
    let script = Script::default();
    let all = one_pass(&clock, spec(&script, &clock, works), &PollerKind::ALL, 20).await;
    let mut model = Model::default();
    for observation in &all {
        model.apply(observation);
    }
    for poller in PollerKind::ALL {
        let outcomes = outcomes(&all, poller);
        assert_eq!(outcomes.len(), 1, "{poller}");
        assert_eq!(outcomes[0].error, None, "{poller}");
        assert_eq!(model.freshness(&scope(), poller, clock.now()), Freshness::Fresh, "{poller}");
    }
    let kinds: BTreeSet<Kind> = model.resources().map(|r| r.id.kind).collect();
    assert_eq!(
        kinds,
        [Kind::ClassicElb, Kind::Bill, Kind::Trail].into(),
        "the bill and the trail are there, though empty"
    );
    assert_eq!(script.count("DescribeInstanceHealth"), 1);
}

#[tokio::test(start_paused = true)]
async fn health_brings_the_listing_it_needs() {
    let clock = clock();
    let all = one_pass(&clock, spec(&Script::default(), &clock, works), &[PollerKind::ClassicHealth], 20).await;
    assert_eq!(outcomes(&all, PollerKind::ClassicElbs).len(), 1);
    assert!(
        all.iter()
            .any(|o| matches!(&o.body, Body::Health { of, members } if of.id == "web-clb" && members.list.len() == 1))
    );
}

#[tokio::test(start_paused = true)]
async fn health_comes_after_the_listing_however_full_the_channel_is() {
    let clock = clock();
    let (out, mut receiver) = mpsc::channel(1);
    let all = async {
        let specs = [spec(&Script::default(), &clock, works)];
        let (pollers, limit) = ([PollerKind::ClassicHealth], Duration::from_secs(20));
        once(&Settings::default(), &specs, &clock, &out, &pollers, &Demand::default(), limit).await;
        drop(out);
    };
    let slow = async {
        let mut model = Model::default();
        while let Some(observation) = receiver.recv().await {
            clock.sleep(Duration::from_millis(500)).await;
            model.apply(&observation);
        }
        model
    };
    let ((), model) = tokio::join!(all, slow);
    let balancer = model.resources().find(|r| r.id.kind == Kind::ClassicElb).unwrap();
    assert!(matches!(&balancer.detail, Detail::Balancer(b) if b.members.as_ref().is_some_and(|m| m.list.len() == 1)));
}

#[tokio::test(start_paused = true)]
async fn statuses_come_after_the_instances_they_are_of() {
    let clock = clock();
    // The listing is slower: its first try fails.
    let slow = |seen: &Seen| match (seen.operation.as_str(), seen.nth) {
        ("DescribeInstances", 0) => ec2_error(500, "InternalError", "oops"),
        _ => works(seen),
    };
    let all = one_pass(&clock, spec(&Script::default(), &clock, slow), &[PollerKind::InstanceStatus], 20).await;
    let position = |wanted: fn(&Body) -> bool| all.iter().position(|o| wanted(&o.body)).expect("it was sent");
    let listed = position(|b| matches!(b, Body::Inventory { kinds, .. } if kinds == &[Kind::Instance]));
    assert!(
        listed < position(|b| matches!(b, Body::Status { .. })),
        "the model drops the status of what it does not know"
    );
}

#[tokio::test(start_paused = true)]
async fn one_pass_ends_at_its_limit_with_an_outcome_for_each() {
    let clock = clock();
    let stalls = |_: &Seen| WireAnswer::Stall;
    let before = clock.now();
    let all = one_pass(&clock, spec(&Script::default(), &clock, stalls), &PollerKind::ALL, 5).await;
    assert!(clock.now().duration_since(before) <= SignedDuration::from_secs(6));
    for poller in PollerKind::ALL {
        let outcomes = outcomes(&all, poller);
        assert_eq!(outcomes.len(), 1, "{poller}");
        // Of the metrics nothing is wanted.
        let expected = (poller != PollerKind::Metrics).then_some(ErrorClass::Timeout);
        assert_eq!(outcomes[0].error.as_ref().map(|e| e.class), expected, "{poller}");
    }
}

#[tokio::test(start_paused = true)]
async fn billing_only_scopes_read_nothing_else() {
    let clock = clock();
    let mut spec = spec(&Script::default(), &clock, works);
    spec.role = Role::BillingOnly;
    let all = pass_with(&Settings::default(), &clock, spec, &PollerKind::ALL, 20).await;
    let ran: BTreeSet<PollerKind> = all.iter().map(|o| o.source.poller).collect();
    assert_eq!(ran, [PollerKind::Identity, PollerKind::Bill].into());
    // What root and IAM do is recorded there, wherever they do it.
    let trail = Settings { kinds: [Kind::Trail].into(), ..Settings::default() };
    let mut spec = self::spec(&Script::default(), &clock, works);
    spec.role = Role::BillingOnly;
    assert!(spec.pollers(&trail).any(|p| p == PollerKind::Trail));
    let elsewhere = ScopeSpec {
        clients: Script::default().clients(Scope::new("demo", "eu-west-1"), &clock, works),
        role: Role::Full,
    };
    assert!(!elsewhere.pollers(&settings()).any(|p| p == PollerKind::Bill));
}

#[tokio::test(start_paused = true)]
async fn a_partial_listing_is_sent_as_partial_with_its_error() {
    let clock = clock();
    let half = |seen: &Seen| match (seen.operation.as_str(), seen.form.contains_key("NextToken")) {
        ("DescribeSubnets", false) => ec2_xml(
            "DescribeSubnets",
            "<subnetSet><item><subnetId>subnet-1</subnetId></item></subnetSet><nextToken>2</nextToken>",
        ),
        _ => ec2_error(500, "InternalError", "oops"),
    };
    let all = one_pass(&clock, spec(&Script::default(), &clock, half), &[PollerKind::Subnets], 20).await;
    assert!(
        all.iter().any(|o| matches!(&o.body, Body::Inventory { resources, partial: true, .. } if resources.len() == 1))
    );
    assert_eq!(outcomes(&all, PollerKind::Subnets)[0].error.as_ref().map(|e| e.class), Some(ErrorClass::Server));
}

#[tokio::test(start_paused = true)]
async fn when_a_listing_fails_its_health_says_why() {
    let clock = clock();
    let denied = |_: &Seen| xml_error(403, "AccessDenied", "no");
    let all = one_pass(&clock, spec(&Script::default(), &clock, denied), &[PollerKind::TargetHealth], 20).await;
    for poller in [PollerKind::Balancers, PollerKind::TargetHealth] {
        assert_eq!(outcomes(&all, poller)[0].error.as_ref().map(|e| e.class), Some(ErrorClass::Denied), "{poller}");
    }
    assert!(!all.iter().any(|o| matches!(o.body, Body::Inventory { .. })), "unknown is never an empty list");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_poller_slows_down_alone_and_recovers() {
    let clock = clock();
    let script = Script::default();
    let throttled = Arc::new(AtomicBool::new(true));
    let flag = throttled.clone();
    let spec = spec(&script, &clock, move |seen| {
        if seen.operation == "DescribeAutoScalingGroups" && flag.load(Ordering::Relaxed) {
            return xml_error(400, "Throttling", "Rate exceeded");
        }
        works(seen)
    });
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    let pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
    let all = collect(&mut receiver, &clock, 600).await;
    let slowed = outcomes(&all, PollerKind::ScalingGroups);
    assert!(slowed.len() < 8, "{} runs", slowed.len());
    assert!(
        slowed.iter().all(|o| o.throttles == 3 && o.error.as_ref().is_some_and(|e| e.class == ErrorClass::Throttled))
    );
    assert!(slowed.iter().all(|o| o.interval.as_secs() == 15), "staleness is counted in what it means to do");
    let healthy = outcomes(&all, PollerKind::ClassicHealth);
    assert!((38..=46).contains(&healthy.len()), "{} runs", healthy.len());
    assert!(healthy.iter().all(|o| o.error.is_none()));
    throttled.store(false, Ordering::Relaxed);
    let all = collect(&mut receiver, &clock, 400).await;
    let back = outcomes(&all, PollerKind::ScalingGroups);
    assert!(back.first().is_some_and(|o| o.error.is_none()) && back.len() > 5, "{} runs", back.len());
    pollers.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_stalls_is_said_to_and_is_seen_again_within_a_minute() {
    let clock = clock();
    let stalls = Arc::new(AtomicBool::new(true));
    let flag = stalls.clone();
    let spec =
        spec(
            &Script::default(),
            &clock,
            move |seen| {
                if flag.load(Ordering::Relaxed) { WireAnswer::Stall } else { works(seen) }
            },
        );
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    // The catalogue is asked for seldom: it is back within its own time.
    let _pollers = spawn(settings(), vec![spec], clock.clone(), out, wanted);
    let all = collect(&mut receiver, &clock, 300).await;
    for poller in PollerKind::ALL {
        let ends = outcomes(&all, poller);
        assert!(ends.len() >= 3 || poller == PollerKind::Metrics, "{poller}: {} ends", ends.len());
        let timed_out = |o: &Outcome| o.error.as_ref().is_some_and(|e| e.class == ErrorClass::Timeout);
        assert!(poller == PollerKind::Metrics || ends.iter().all(timed_out), "{poller}");
    }
    stalls.store(false, Ordering::Relaxed);
    let all = collect(&mut receiver, &clock, 75).await;
    for poller in PollerKind::ALL {
        assert!(outcomes(&all, poller).iter().any(|o| o.error.is_none()), "{poller} is not back");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_demand_is_read_within_seconds_and_then_once_a_minute() {
    let clock = clock();
    let script = Script::default();
    let (out, mut receiver) = mpsc::channel(10_000);
    let (demand, wanted) = watch::channel(Demand::default());
    let spec = spec(&script, &clock, works);
    let pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
    let all = collect(&mut receiver, &clock, 20).await;
    let balancer = all
        .iter()
        .find_map(|o| match &o.body {
            Body::Inventory { resources, .. } => resources.iter().find(|r| r.id.kind == Kind::ClassicElb),
            _ => None,
        })
        .expect("the balancer is listed");
    let bills = script.count("GetMetricData");
    let query =
        Query::of(balancer, Metric::new("AWS/ELB", "SurgeQueueLength", "Maximum", 60)).expect("it has that metric");
    demand.send_replace(Demand { queries: vec![query.clone(), query], ..Demand::default() });
    let _ = collect(&mut receiver, &clock, 3).await;
    assert_eq!(script.count("GetMetricData") - bills, 1);
    let all = collect(&mut receiver, &clock, 600).await;
    assert_eq!(script.count("GetMetricData") - bills, 11);
    assert_eq!(outcomes(&all, PollerKind::Metrics).iter().map(|o| o.billed_metrics).sum::<u32>(), 10);
    assert!((pollers.cost().wanted - 0.432).abs() < 1e-6 && pollers.cost().slowdown == 1);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_aws_finds_wrong_does_not_block_the_others() {
    let clock = clock();
    let script = Script::default();
    let picky = |seen: &Seen| {
        if !seen.body.windows(3).any(|w| w == b"bad") {
            return empty_cbor(seen);
        }
        let error = [("__type", "ValidationError"), ("message", "The value bad for parameter Stat is not valid")];
        cbor(400, &ciborium::Value::Map(error.map(|(k, v)| (k.into(), v.into())).into()))
    };
    let resource = crate::model::ResourceId::new(&scope(), Kind::Instance, "i-1");
    let query = |name: &str, stat: &str| Query {
        resource: resource.clone(),
        metric: Metric::new("AWS/EC2", name, stat, 60),
        dimensions: vec![("InstanceId".into(), "i-1".into())],
        history: 0,
        awaited: false,
    };
    let mut queries: Vec<Query> = (0..40).map(|n| query(&format!("m{n}"), "Sum")).collect();
    queries.push(query("m7", "bad"));
    let demand = Demand { queries, ..Demand::default() };
    let (out, mut receiver) = mpsc::channel(1000);
    let spec = spec(&script, &clock, picky);
    let limit = Duration::from_secs(20);
    once(&Settings::default(), &[spec], &clock, &out, &[PollerKind::Metrics], &demand, limit).await;
    drop(out);
    let all = collect(&mut receiver, &clock, 1).await;
    let batches = || all.iter().filter_map(|o| if let Body::Points(p) = &o.body { Some(p) } else { None }).flatten();
    assert_eq!(batches().count(), 41);
    let refused: Vec<_> = batches().filter(|b| b.status == crate::model::QueryStatus::Forbidden).collect();
    assert!(refused.len() == 1 && refused[0].metric.stat == "bad");
    let error = outcomes(&all, PollerKind::Metrics).remove(0).error.expect("it says so");
    assert_eq!((error.class, error.code.as_str()), (ErrorClass::Refused, "ValidationError"));
    assert!(script.count("GetMetricData") <= 13);
}

#[tokio::test(start_paused = true)]
async fn refresh_runs_a_poller_now() {
    let clock = clock();
    let script = Script::default();
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    let pollers = spawn(Settings::default(), vec![spec(&script, &clock, works)], clock.clone(), out, wanted);
    let _ = collect(&mut receiver, &clock, 5).await;
    assert_eq!(script.count("GetCallerIdentity"), 1);
    pollers.refresh(Some(&source(PollerKind::Identity)));
    pollers.refresh(Some(&source(PollerKind::Identity)));
    let _ = collect(&mut receiver, &clock, 5).await;
    assert_eq!(script.count("GetCallerIdentity"), 2);
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_ask_the_same_at_the_same_times() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let clock = clock();
        let (out, mut receiver) = mpsc::channel(10_000);
        let (_demand, wanted) = watch::channel(Demand::default());
        let flaky = |seen: &Seen| if seen.nth % 3 == 1 { xml_error(400, "Throttling", "slow") } else { works(seen) };
        let spec = spec(&Script::default(), &clock, flaky);
        let _pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
        runs.push(collect(&mut receiver, &clock, 300).await);
    }
    assert!(runs[0].len() > 100);
    assert_eq!(runs[0], runs[1]);
}

/// A page of 50 events, one a second, that ends `back` seconds before five o'clock; there is always another one.
fn page_of_events(seen: &Seen, busy: bool) -> WireAnswer {
    let page: i64 = serde_json::from_slice::<serde_json::Value>(&seen.body)
        .ok()
        .and_then(|body| body["NextToken"].as_str()?.parse().ok())
        .unwrap_or(0);
    let events: Vec<_> = (0..if busy { 50 } else { 1 })
        .map(|i| serde_json::json!({"EventId": format!("{}-{page}-{i}", seen.nth), "EventTime": 1_768_366_800 - page * 50 - i}))
        .collect();
    let mut answer = serde_json::json!({"Events": events});
    if busy {
        answer["NextToken"] = (page + 1).to_string().into();
    }
    json(200, &answer)
}

#[tokio::test(start_paused = true)]
async fn events_too_many_to_be_read_are_told_and_then_forgotten() {
    let clock = clock();
    let busy = |seen: &Seen| match seen.operation.as_str() {
        "LookupEvents" => page_of_events(seen, true),
        _ => works(seen),
    };
    let all = one_pass(&clock, spec(&Script::default(), &clock, busy), &[PollerKind::Trail], 50).await;
    let error = outcomes(&all, PollerKind::Trail).remove(0).error.expect("one look that leaves some out says so");
    assert!(error.message.contains("was not read"), "{}", error.message);

    let quiet_from = clock.now() + SignedDuration::from_mins(5);
    let (script, now) = (Script::default(), clock.clone());
    let spec = spec(&script, &clock, move |seen| match seen.operation.as_str() {
        "LookupEvents" => page_of_events(seen, now.now() < quiet_from),
        _ => works(seen),
    });
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    let pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
    let all = collect(&mut receiver, &clock, 900).await;
    assert!(outcomes(&all, PollerKind::Trail).iter().all(|o| o.error.is_some()), "the gap is within an hour");
    let all = collect(&mut receiver, &clock, 3600).await;
    assert!(outcomes(&all, PollerKind::Trail).last().is_some_and(|o| o.error.is_none()), "it is over");
    pollers.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_poller_that_panics_says_so_and_runs_again() {
    let clock = clock();
    let faulty = |seen: &Seen| {
        assert!(seen.operation != "DescribeSubnets" || seen.nth > 0, "rehearsed");
        works(seen)
    };
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    let spec = spec(&Script::default(), &clock, faulty);
    let pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
    let all = collect(&mut receiver, &clock, 60).await;
    let ends = outcomes(&all, PollerKind::Subnets);
    let message = ends[0].error.as_ref().map(|e| e.message.to_string()).unwrap_or_default();
    assert!(message.contains("a fault in awswatch"), "{message}");
    assert!(ends.len() > 1 && ends[1..].iter().all(|o| o.error.is_none()));
    pollers.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn the_first_look_at_the_trail_goes_as_far_back_as_the_rules() {
    for (look_back, hours) in [(0, 1), (6, 6)] {
        let clock = clock();
        let script = Script::default();
        let (out, _receiver) = mpsc::channel(1000);
        let settings = Settings { look_back: Duration::from_secs(look_back * 3600), ..Settings::default() };
        let spec = spec(&script, &clock, works);
        let limit = Duration::from_secs(20);
        once(&settings, &[spec], &clock, &out, &[PollerKind::Trail], &Demand::default(), limit).await;
        let seen = script.seen().into_iter().find(|s| s.operation == "LookupEvents").expect("it was asked");
        let body: serde_json::Value = serde_json::from_slice(&seen.body).expect("JSON");
        let from = body["StartTime"].as_f64().expect("a time");
        let reach = clock.now().as_second() as f64 - from;
        assert!((reach - f64::from(hours) * 3600.0).abs() < 10.0, "{look_back}: {reach}");
    }
}
