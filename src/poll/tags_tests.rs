//! Tags that may not be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::{mpsc, watch};

use super::tests::{clock, collect, outcomes, source, spec, works};
use super::{Demand, Settings, spawn};
use crate::aws::script::{Script, xml, xml_error};
use crate::model::{ApiSignal, ErrorClass, Freshness, Kind, Model, Observation, PollerKind};

fn learnt(model: &mut Model, all: &[Observation]) {
    for observation in all {
        model.apply(observation);
    }
}

#[tokio::test(start_paused = true)]
async fn balancers_whose_tags_may_not_be_read_are_known_all_the_same() {
    let clock = clock();
    let (refused, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU32::new(0)));
    let (refuses, counts) = (refused.clone(), asked.clone());
    let spec = spec(&Script::default(), &clock, move |seen| {
        if seen.operation != "DescribeTags" {
            return works(seen);
        }
        counts.fetch_add(1, Ordering::Relaxed);
        if refuses.load(Ordering::Relaxed) {
            return xml_error(403, "AccessDenied", "no");
        }
        xml(
            &seen.operation,
            "<TagDescriptions><member><LoadBalancerName>web-clb</LoadBalancerName><Tags><member><Key>env</Key>\
             <Value>prod</Value></member></Tags></member></TagDescriptions>",
        )
    });
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    let pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
    let all = collect(&mut receiver, &clock, 590).await;
    let (ends, mut model) = (outcomes(&all, PollerKind::ClassicElbs), Model::default());
    learnt(&mut model, &all);
    let lacking = |class| ends.iter().all(|o| o.error.is_none() && o.lacks.as_ref().map(|e| e.class) == class);
    assert!(ends.len() > 3 && lacking(Some(ErrorClass::Denied)), "{ends:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 2, "each refusal stands in the account's trail");
    for poller in [PollerKind::ClassicElbs, PollerKind::ClassicHealth] {
        assert_eq!(model.freshness(&source(poller).scope, poller, clock.now()), Freshness::Fresh, "{poller}");
    }
    let balancer = model.of_kind(Kind::ClassicElb).next().expect("it is listed");
    assert!(balancer.tags_unread() && ApiSignal::HealthyTargets.read(balancer) == Some(1.0), "{balancer:?}");

    refused.store(false, Ordering::Relaxed);
    let all = collect(&mut receiver, &clock, 400).await;
    learnt(&mut model, &all);
    let balancer = model.of_kind(Kind::ClassicElb).next().expect("it is listed");
    assert!(!balancer.tags_unread() && balancer.tags.contains_key("env"), "{balancer:?}");
    let record = model.poller(&source(PollerKind::ClassicElbs)).expect("it ran");
    assert_eq!((&record.lacks, record.lacking_since), (&None, None));

    refused.store(true, Ordering::Relaxed);
    let all = collect(&mut receiver, &clock, 400).await;
    learnt(&mut model, &all);
    let balancer = model.of_kind(Kind::ClassicElb).next().expect("it is listed");
    assert!(balancer.tags_unread() && balancer.tags.contains_key("env"), "what was read stands, as old: {balancer:?}");
    pollers.shutdown().await;
}
