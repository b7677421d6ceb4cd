//! What instances cost: what is asked for, how often, and what is kept.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{mpsc, watch};

use super::tests::{clock, collect, outcomes, pass_with, scope, spec, works};
use super::{Demand, Settings, spawn};
use crate::aws::WireAnswer;
use crate::aws::script::{Script, Seen, ec2_xml, json};
use crate::clock::Clock;
use crate::model::{Body, ErrorClass, Model, Observation, PollerKind, Text};

fn instance(id: &str, instance_type: &str, lifecycle: &str, launched: &str) -> String {
    format!(
        "<item><instanceId>{id}</instanceId><instanceState><name>running</name></instanceState><instanceType>{instance_type}\
         </instanceType><launchTime>{launched}</launchTime><placement><availabilityZone>us-east-1a</availabilityZone>\
         <tenancy>default</tenancy></placement><platformDetails>Linux/UNIX</platformDetails>{lifecycle}</item>"
    )
}

fn product(usd: &str) -> serde_json::Value {
    let item = serde_json::json!({
        "product": { "attributes": {} },
        "terms": { "OnDemand": { "t": { "priceDimensions": { "d": { "unit": "Hrs", "pricePerUnit": { "USD": usd } } } } } },
    });
    serde_json::json!({ "FormatVersion": "aws_v1", "PriceList": [item.to_string()] })
}

/// Two t3.large since yesterday, a spot c5.large, and with `gpus` two p4d.24xlarge.
fn fleet(seen: &Seen, gpus: bool) -> WireAnswer {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    match seen.operation.as_str() {
        "DescribeInstances" => {
            let old = "2026-01-13T05:00:00Z";
            let mut all = instance("i-1", "t3.large", "", old) + &instance("i-2", "t3.large", "", old);
            all += &instance("i-3", "c5.large", "<instanceLifecycle>spot</instanceLifecycle>", old);
            if gpus {
                all += &instance("i-4", "p4d.24xlarge", "", "2026-01-14T05:05:00Z");
                all += &instance("i-5", "p4d.24xlarge", "", "2026-01-14T05:05:00Z");
            }
            let set = format!("<reservationSet><item><instancesSet>{all}</instancesSet></item></reservationSet>");
            ec2_xml("DescribeInstances", &set)
        }
        "GetProducts" if body.contains("p4d") => json(200, &product("32.7726000000")),
        "GetProducts" => json(200, &product("0.0832000000")),
        "DescribeSpotPriceHistory" => ec2_xml(
            "DescribeSpotPriceHistory",
            "<spotPriceHistorySet><item><instanceType>c5.large</instanceType><productDescription>Linux/UNIX</productDescription>\
             <spotPrice>0.030000</spotPrice><timestamp>2026-01-14T04:00:00Z</timestamp><availabilityZone>us-east-1a\
             </availabilityZone></item><item><instanceType>c5.large</instanceType><productDescription>Linux/UNIX\
             </productDescription><spotPrice>9</spotPrice><timestamp>2026-01-14T04:00:00Z</timestamp>\
             <availabilityZone>us-east-1b</availabilityZone></item></spotPriceHistorySet>",
        ),
        _ => works(seen),
    }
}

fn model(all: &[Observation]) -> Model {
    let mut model = Model::default();
    for observation in all {
        model.apply(observation);
    }
    model
}

const PASS: &[PollerKind] = &[PollerKind::Prices];

async fn once(script: &Script, clock: &Clock, settings: &Settings) -> Vec<Observation> {
    pass_with(settings, clock, spec(script, clock, |seen| fleet(seen, false)), PASS, 20).await
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_priced_each_sort_once_and_spot_in_its_zone() {
    let (clock, script) = (clock(), Script::default());
    let all = once(&script, &clock, &Settings::default()).await;
    assert_eq!((script.count("GetProducts"), script.count("DescribeSpotPriceHistory")), (1, 1));
    let priced = script.seen().into_iter().find(|s| s.operation == "GetProducts").expect("it was asked");
    assert_eq!(priced.host, "api.pricing.us-east-1.amazonaws.com");
    let body = String::from_utf8_lossy(&priced.body).into_owned();
    for part in ["\"t3.large\"", "\"us-east-1\"", "\"Linux\"", "\"Shared\"", "\"NA\"", "\"Used\"", "TERM_MATCH"] {
        assert!(body.contains(part), "{part} lacks in {body}");
    }
    let model = model(&all);
    let burn = model.burn(&Text::from("demo")).expect("counted");
    assert!(burn.is_whole() && burn.running == 3 && burn.unpriced == 0, "{burn:?}");
    assert!((burn.dollars_per_hour - (2.0 * 0.0832 + 0.03)).abs() < 1e-9, "{burn:?}");
}

#[tokio::test(start_paused = true)]
async fn prices_are_kept_on_disk_for_a_day() {
    let (clock, script) = (clock(), Script::default());
    let dir = tempfile::tempdir().expect("a directory");
    let settings = Settings { cache: Some(dir.path().to_owned()), ..Settings::default() };
    for _ in 0..2 {
        let all = once(&script, &clock, &settings).await;
        assert!(model(&all).burn(&Text::from("demo")).is_some_and(crate::model::Burn::is_whole));
    }
    assert_eq!((script.count("GetProducts"), script.count("DescribeSpotPriceHistory")), (1, 2), "spot prices move");
    clock.sleep(Duration::from_secs(86_400)).await;
    once(&script, &clock, &settings).await;
    assert_eq!(script.count("GetProducts"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_sort_of_instance_is_priced_at_once_and_the_jump_is_seen() {
    let (clock, script) = (clock(), Script::default());
    let gpus_from = clock.now() + SignedDuration::from_mins(5);
    let now = clock.clone();
    let spec = spec(&script, &clock, move |seen| fleet(seen, now.now() >= gpus_from));
    let (out, mut receiver) = mpsc::channel(10_000);
    let (_demand, wanted) = watch::channel(Demand::default());
    let pollers = spawn(Settings::default(), vec![spec], clock.clone(), out, wanted);
    let mut all = collect(&mut receiver, &clock, 290).await;
    let account = Text::from("demo");
    let calm = model(&all).burn(&account).cloned().expect("counted");
    assert!(calm.recent.is_empty() && calm.baseline.is_some_and(|b| b.since.is_none()), "{calm:?}");
    all.extend(collect(&mut receiver, &clock, 120).await);
    let burn = model(&all).burn(&account).cloned().expect("counted");
    assert!(burn.is_whole() && burn.dollars_per_hour > 65.0, "within two minutes of the launch: {burn:?}");
    assert!(burn.baseline.is_some_and(|b| b.dollars_per_hour < 0.3), "{burn:?}");
    let recent = &burn.recent[0];
    assert_eq!((recent.count, recent.instance_type.as_str()), (2, "p4d.24xlarge"));
    pollers.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn who_may_not_read_prices_has_no_figure_rather_than_zero() {
    let clock = clock();
    let denied = |seen: &Seen| match seen.operation.as_str() {
        "GetProducts" => json(400, &serde_json::json!({"__type": "AccessDeniedException", "Message": "no"})),
        _ => fleet(seen, false),
    };
    let all = pass_with(&Settings::default(), &clock, spec(&Script::default(), &clock, denied), PASS, 20).await;
    let error = outcomes(&all, PollerKind::Prices).remove(0).error.expect("it says so");
    assert_eq!(error.class, ErrorClass::Denied);
    assert!(error.message.starts_with("needs pricing:GetProducts"), "{}", error.message);
    let model = model(&all);
    let burn = model.burn(&Text::from("demo")).expect("counted").clone();
    assert!(!burn.is_whole() && burn.waiting == 2, "{burn:?}");
    let bill = model.of_kind(crate::model::Kind::Bill).next().expect("it is there");
    assert_eq!(model.series_of(&bill.id).count(), 0, "no point is made of a part");
    assert_eq!(model.freshness(&scope(), PollerKind::Instances, clock.now()), crate::model::Freshness::Fresh);
    assert!(
        !all.iter().any(|o| matches!(&o.body, Body::Prices(p) if p.iter().any(|p| p.dollars_per_hour == Some(0.0))))
    );
}
