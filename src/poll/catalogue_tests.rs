//! What the catalogue lists, where, and what it says of what it cannot.

use std::collections::BTreeSet;

use super::tests::{clock, outcomes, pass_with, scope, spec, works};
use super::{Role, ScopeSpec, Settings};
use crate::aws::script::{Script, Seen, cbor};
use crate::model::{Body, Kind, PollerKind, SERVICES, Scope, Service};

fn namespaces(script: &Script) -> BTreeSet<&'static str> {
    let seen = script.seen();
    let listed = seen.iter().filter(|s| s.operation == "ListMetrics");
    let bodies: Vec<String> = listed.map(|s| String::from_utf8_lossy(&s.body).into_owned()).collect();
    let named = |s: &Service| bodies.iter().any(|b| b.contains(s.namespace));
    SERVICES.iter().filter(|s| named(s)).map(|s| s.namespace).collect()
}

#[tokio::test(start_paused = true)]
async fn only_what_rules_look_at_is_listed_and_global_services_in_their_region() {
    let kinds = [Kind::LambdaFunction, Kind::CloudfrontDistribution, Kind::ClassicElb];
    let settings = Settings { kinds: kinds.into(), ..Settings::default() };
    let cases: [(&str, Role, &[&str]); 3] = [
        ("us-east-1", Role::Full, &["AWS/CloudFront", "AWS/Lambda"]),
        ("us-east-1", Role::BillingOnly, &["AWS/CloudFront"]),
        ("eu-west-1", Role::Full, &["AWS/Lambda"]),
    ];
    for (region, role, wanted) in cases {
        let (clock, script) = (clock(), Script::default());
        let clients = script.clients(Scope::new("demo", region), &clock, works);
        pass_with(&settings, &clock, ScopeSpec { clients, role }, &PollerKind::ALL, 20).await;
        assert_eq!(namespaces(&script), wanted.iter().copied().collect(), "{region} {role:?}");
        assert_eq!(script.count("DescribeVolumes"), 0, "nothing looks at volumes");
    }
    let none = ScopeSpec { clients: Script::default().clients(scope(), &clock(), works), role: Role::Full };
    assert!(!none.pollers(&Settings::default()).any(|p| p == PollerKind::Catalogue));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_cannot_be_listed_is_told_and_the_others_are_listed() {
    let clock = clock();
    let refuses = |seen: &Seen| {
        if seen.body.windows(10).any(|w| w == b"AWS/Lambda") {
            let error = [("__type", "InvalidParameterValue"), ("message", "no such namespace")];
            return cbor(400, &ciborium::Value::Map(error.map(|(k, v)| (k.into(), v.into())).into()));
        }
        works(seen)
    };
    let kinds = [Kind::LambdaFunction, Kind::SqsQueue];
    let settings = Settings { kinds: kinds.into(), ..Settings::default() };
    let spec = spec(&Script::default(), &clock, refuses);
    let all = pass_with(&settings, &clock, spec, &[PollerKind::Catalogue], 20).await;
    let listed: Vec<&Kind> = all
        .iter()
        .filter_map(|o| if let Body::Inventory { kinds, .. } = &o.body { Some(kinds) } else { None })
        .flatten()
        .collect();
    assert_eq!(listed, [&Kind::SqsQueue], "unknown is never an empty list");
    assert!(outcomes(&all, PollerKind::Catalogue)[0].error.is_some());
}
