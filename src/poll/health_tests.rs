//! Health of balancers of which some are odd.

use super::tests::{clock, one_pass, outcomes, spec, works};
use crate::aws::script::{Script, Seen, xml, xml_error};
use crate::model::{ApiSignal, ErrorClass, Kind, Model, PollerKind, Resource};

#[tokio::test(start_paused = true)]
async fn a_balancer_deleted_since_it_was_listed_is_gone_and_a_failing_one_starves_no_other() {
    let clock = clock();
    let answers = |seen: &Seen| {
        let name = seen.form.get("LoadBalancerName").map(String::as_str).unwrap_or_default();
        match (seen.operation.as_str(), name) {
            ("DescribeLoadBalancers", _) if seen.form.get("Version").is_some_and(|v| v == "2012-06-01") => {
                let all: Vec<String> = (0..20)
                    .map(|n| format!("<member><LoadBalancerName>lb-{n:02}</LoadBalancerName></member>"))
                    .collect();
                let all = all.concat();
                xml(&seen.operation, &format!("<LoadBalancerDescriptions>{all}</LoadBalancerDescriptions>"))
            }
            ("DescribeInstanceHealth", "lb-01") => xml_error(400, "LoadBalancerNotFound", "There is no such"),
            ("DescribeInstanceHealth", "lb-02") => xml_error(500, "InternalFailure", "always"),
            _ => works(seen),
        }
    };
    let all = one_pass(&clock, spec(&Script::default(), &clock, answers), &[PollerKind::ClassicHealth], 50).await;
    let mut model = Model::default();
    for observation in &all {
        model.apply(observation);
    }
    let read = |r: &Resource| ApiSignal::HealthyTargets.read(r).is_some();
    let unread: Vec<&str> = model.of_kind(Kind::ClassicElb).filter(|r| !read(r)).map(|r| r.id.id.as_str()).collect();
    assert_eq!((model.of_kind(Kind::ClassicElb).count(), unread), (19, vec!["lb-02"]));
    assert_eq!(outcomes(&all, PollerKind::ClassicHealth)[0].error.as_ref().map(|e| e.class), Some(ErrorClass::Server));
}
