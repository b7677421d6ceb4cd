//! The room at its edges: what reaches the wire, what comes back through the door.

use std::time::Duration;

use jiff::Timestamp;

use super::script::{Script, cbor, ec2_error, ec2_xml, json, raw, xml, xml_error};
use super::{Meter, Truncation, WireAnswer, alarms, autoscaling, cloudwatch, ec2, elb, elbv2, sts};
use crate::clock::Clock;
use crate::model::{Detail, ErrorClass, EventKind, Kind, LaunchFailure, Metric, Point, PollError, QueryStatus, Scope};

fn clock() -> Clock {
    Clock::simulated("2026-01-14T05:00:00Z".parse().unwrap(), 1.0)
}

fn tokyo() -> Scope {
    Scope::new("demo", "ap-northeast-1")
}

#[tokio::test(start_paused = true)]
async fn an_operation_off_the_list_fails_and_nothing_reaches_the_wire() {
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |_| WireAnswer::Reset);
    let ended = clients.ec2().await.terminate_instances().instance_ids("i-1").send().await.unwrap_err();
    let said = format!("{}", aws_smithy_types::error::display::DisplayErrorContext(&ended));
    assert!(said.contains("EC2 TerminateInstances is not on the list of reads"), "{said}");
    let deleted = clients.elbv2().await.delete_load_balancer().load_balancer_arn("arn").send().await;
    assert!(deleted.is_err());
    let raised = clients.autoscaling().await.set_desired_capacity().auto_scaling_group_name("g").desired_capacity(9);
    assert!(raised.send().await.is_err());
    assert_eq!(script.seen().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn every_allowed_read_passes_the_gate_with_our_name_on_it() {
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |seen| {
        xml(&seen.operation, "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn>")
    });
    let identity = sts::identity(&clients, &Meter::new(&clients, None)).await.unwrap();
    assert_eq!(identity.account_id, "123456789012");
    let seen = &script.seen()[0];
    assert!(seen.user_agent.starts_with(concat!("awswatch/", env!("CARGO_PKG_VERSION"), " aws-sdk-rust/")));
    assert_eq!(seen.host, "sts.ap-northeast-1.amazonaws.com");
}

const INSTANCE: &str = "<reservationSet><item><instancesSet><item><instanceId>i-ID</instanceId><instanceState><code>16</code>\
    <name>running</name></instanceState><instanceType>t3.large</instanceType><launchTime>2026-01-14T04:00:00.000Z</launchTime>\
    <placement><availabilityZone>ap-northeast-1a</availabilityZone><tenancy>default</tenancy></placement>\
    <monitoring><state>enabled</state></monitoring><tagSet><item><key>Name</key><value>本番🚀&#27;[31m</value></item></tagSet>\
    </item></instancesSet></item></reservationSet>";

fn page(id: &str, next: Option<&str>) -> WireAnswer {
    let next = next.map(|t| format!("<nextToken>{t}</nextToken>")).unwrap_or_default();
    ec2_xml("DescribeInstances", &(INSTANCE.replace("ID", id) + &next))
}

#[tokio::test(start_paused = true)]
async fn pages_are_read_to_the_end_and_names_are_cleaned_at_the_door() {
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |seen| match seen.form.get("NextToken").map(String::as_str) {
        None => page("1", Some("two")),
        Some("two") => page("2", None),
        other => panic!("{other:?}"),
    });
    let meter = Meter::new(&clients, None);
    let listing = ec2::instances(&clients, &meter).await;
    assert_eq!((listing.items.len(), listing.error), (2, None));
    assert_eq!(listing.items[0].name, "本番🚀[31m");
    let Detail::Instance(i) = &listing.items[1].detail else { panic!() };
    assert!(i.detailed_monitoring && i.state == "running" && i.launched == "2026-01-14T04:00:00Z".parse().ok());
    assert_eq!((meter.stats().calls, meter.stats().pages), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_some_pages_keeps_them_and_says_so() {
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |seen| match seen.form.get("NextToken") {
        None => page("1", Some("two")),
        Some(_) => ec2_error(503, "RequestLimitExceeded", "Request limit exceeded."),
    });
    let meter = Meter::new(&clients, None);
    let listing = ec2::instances(&clients, &meter).await;
    assert_eq!(listing.items.len(), 1);
    assert_eq!(listing.error.map(|e| e.class), Some(ErrorClass::Throttled));
    assert_eq!((meter.stats().calls, meter.stats().pages, meter.stats().throttles), (4, 1, 3));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_repeats_its_token_is_left_and_told() {
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |_| page("1", Some("again")));
    let listing = ec2::instances(&clients, &Meter::new(&clients, None)).await;
    assert_eq!((script.count("DescribeInstances"), listing.items.len()), (2, 2));
    assert_eq!(listing.error.map(|e| e.class), Some(ErrorClass::Malformed), "what is beyond it is not known");
}

async fn failing(answer: impl Fn() -> WireAnswer + Send + Sync + 'static) -> PollError {
    let clients = Script::default().clients(tokyo(), &clock(), move |_| answer());
    ec2::instances(&clients, &Meter::new(&clients, None)).await.error.expect("it fails")
}

#[tokio::test(start_paused = true)]
async fn classes_of_errors() {
    use ErrorClass::{Denied, Expired, Refused, Server, Throttled, Unsupported};
    let cases = [
        (503, "RequestLimitExceeded", Throttled),
        (400, "Throttling", Throttled),
        (400, "DependencyThrottle", Throttled),
        (429, "Whatever", Throttled),
        (403, "UnauthorizedOperation", Denied),
        (403, "AccessDenied", Denied),
        (400, "AccessDeniedException", Denied),
        (400, "RequestExpired", Expired),
        (403, "ExpiredToken", Expired),
        (401, "AuthFailure", Expired),
        (403, "InvalidClientTokenId", Expired),
        (400, "UnrecognizedClientException", Expired),
        (500, "InternalError", Server),
        (503, "Unavailable", Server),
        (400, "InvalidAction", Unsupported),
        (400, "InvalidParameterValue", Refused),
    ];
    for (status, code, class) in cases {
        let error = failing(move || ec2_error(status, code, "why")).await;
        assert_eq!((error.class, error.code.as_str()), (class, code), "{status} {code}");
        assert_eq!(error.operation, "DescribeInstances");
        assert!(error.message.contains("why"), "{}", error.message);
    }
    let denied = failing(|| ec2_error(403, "UnauthorizedOperation", "no")).await;
    assert!(denied.message.starts_with("needs ec2:DescribeInstances"), "{}", denied.message);
    let expired = failing(|| ec2_error(400, "RequestExpired", "no")).await;
    assert!(expired.message.contains("aws sso login"), "{}", expired.message);
}

#[tokio::test(start_paused = true)]
async fn classes_of_what_is_no_error_of_aws() {
    let page = "<html><body>Sign in to the hotel's network</body></html>";
    let cases: [(fn() -> WireAnswer, ErrorClass); 7] = [
        (|| WireAnswer::Reset, ErrorClass::Connection),
        (|| WireAnswer::Stall, ErrorClass::Timeout),
        (|| raw(200, "text/xml", "<DescribeInstancesResponse><oops"), ErrorClass::Malformed),
        (|| raw(404, "text/plain", "not here"), ErrorClass::Unsupported),
        (|| raw(501, "text/plain", ""), ErrorClass::Unsupported),
        (|| raw(502, "text/plain", "bad gateway"), ErrorClass::Server),
        (
            || match ec2_xml("DescribeInstances", INSTANCE) {
                WireAnswer::Response(response) => WireAnswer::Truncated(response.map(|b| b.slice(..40))),
                other => other,
            },
            ErrorClass::Connection,
        ),
    ];
    for (index, (answer, class)) in cases.into_iter().enumerate() {
        let error = failing(answer).await;
        assert_eq!(error.class, class, "case {index}: {}", error.message);
        assert!(!error.message.is_empty(), "case {index}");
    }
    let html = failing(move || raw(200, "text/html", page)).await;
    assert_eq!(html.class, ErrorClass::Unsupported, "{}", html.message);
}

#[tokio::test(start_paused = true)]
async fn a_stall_ends_with_the_attempts_time_out() {
    let clock = clock();
    let clients = Script::default().clients(tokyo(), &clock, |_| WireAnswer::Stall);
    let before = clock.now();
    let listing = ec2::subnets(&clients, &Meter::new(&clients, None)).await;
    assert_eq!(listing.error.map(|e| e.class), Some(ErrorClass::Timeout));
    let took = clock.now().duration_since(before);
    assert_eq!(took.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_short_trouble_is_ridden_out_and_counted() {
    let clients = Script::default().clients(tokyo(), &clock(), |seen| match seen.nth {
        0 => WireAnswer::Reset,
        1 => ec2_error(503, "RequestLimitExceeded", "slow down"),
        _ => page("1", None),
    });
    let meter = Meter::new(&clients, None);
    let listing = ec2::instances(&clients, &meter).await;
    assert_eq!((listing.items.len(), listing.error), (1, None));
    assert_eq!((meter.stats().calls, meter.stats().throttles), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_balancer_deleted_meanwhile_takes_no_tags_of_others_with_it() {
    const LIST: &str = "<LoadBalancerDescriptions>\
        <member><LoadBalancerName>a</LoadBalancerName></member><member><LoadBalancerName>gone</LoadBalancerName></member>\
        <member><LoadBalancerName>b</LoadBalancerName></member></LoadBalancerDescriptions>";
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |seen| {
        if seen.operation == "DescribeLoadBalancers" {
            return xml("DescribeLoadBalancers", LIST);
        }
        let names: Vec<&String> =
            seen.form.iter().filter(|(k, _)| k.starts_with("LoadBalancerNames.member.")).map(|(_, v)| v).collect();
        if names.iter().any(|n| *n == "gone") {
            return xml_error(400, "LoadBalancerNotFound", "There is no ACTIVE Load Balancer named 'gone'");
        }
        let tagged = |n: &&String| {
            format!(
                "<member><LoadBalancerName>{n}</LoadBalancerName>\
                 <Tags><member><Key>env</Key><Value>prod</Value></member></Tags></member>"
            )
        };
        let all: String = names.iter().map(tagged).collect();
        xml("DescribeTags", &format!("<TagDescriptions>{all}</TagDescriptions>"))
    });
    let listing = elb::balancers(&clients, &Meter::new(&clients, None), None).await;
    assert_eq!(listing.error, None);
    let tagged: Vec<_> = listing.items.iter().filter(|r| !r.tags.is_empty()).map(|r| r.name.as_str()).collect();
    assert_eq!(tagged, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_launch_has_failed_and_a_failed_termination_is_no_launch() {
    let activity = |id: &str, status: &str, did: &str, why: &str, ended: bool| {
        let end = if ended { "<EndTime>2026-01-14T04:10:00Z</EndTime>" } else { "" };
        format!(
            "<member><ActivityId>{id}</ActivityId><AutoScalingGroupName>web</AutoScalingGroupName><Description>{did}\
             </Description><StartTime>2026-01-14T04:00:00Z</StartTime>{end}<StatusCode>{status}</StatusCode>\
             <StatusMessage>{why}</StatusMessage><Cause>x</Cause></member>"
        )
    };
    let all = [
        activity("1", "Cancelled", "Launching a new EC2 instance: i-1", "lifecycle hook abandoned", true),
        activity("2", "Failed", "Terminating EC2 instance: i-2", "x", true),
        activity("3", "Failed", "Launching a new EC2 instance", "You have requested more vCPU capacity than", true),
        activity("4", "InProgress", "Launching a new EC2 instance: i-4", "", false),
    ]
    .concat();
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), move |_| {
        xml("DescribeScalingActivities", &format!("<Activities>{all}</Activities>"))
    });
    let since = "2026-01-14T03:00:00Z".parse().expect("a time");
    let (listing, truncation) = autoscaling::activities(&clients, &Meter::new(&clients, None), since).await;
    assert_eq!((listing.error, truncation), (None, Truncation::None));
    let failures: Vec<_> = listing
        .items
        .iter()
        .map(|e| match &e.kind {
            EventKind::Activity(a) => a.failure.map(LaunchFailure::as_str),
            _ => None,
        })
        .collect();
    assert_eq!(failures, [Some("lifecycle hook abandoned"), None, Some("quota used up"), None]);
}

#[tokio::test(start_paused = true)]
async fn balancers_that_are_gone_are_no_error() {
    let clients = Script::default().clients(tokyo(), &clock(), |seen| match seen.operation.as_str() {
        "DescribeInstanceHealth" => xml_error(400, "LoadBalancerNotFound", "There is no ACTIVE Load Balancer"),
        _ => xml_error(400, "TargetGroupNotFound", "One or more target groups not found"),
    });
    let meter = Meter::new(&clients, None);
    assert_eq!(elb::health(&clients, &meter, "gone").await, Ok(None));
    assert_eq!(elbv2::health(&clients, &meter, "arn:gone").await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn target_groups_know_their_balancers_kind_and_tags() {
    let balancers = "<LoadBalancers><member><LoadBalancerArn>arn:lb:loadbalancer/app/a/1</LoadBalancerArn><LoadBalancerName>a\
        </LoadBalancerName><Type>application</Type><State><Code>active</Code></State></member>\
        <member><LoadBalancerArn>arn:lb:loadbalancer/gwy/g/1</LoadBalancerArn><LoadBalancerName>g</LoadBalancerName>\
        <Type>gateway</Type></member></LoadBalancers>";
    let groups = "<TargetGroups><member><TargetGroupArn>arn:tg</TargetGroupArn><TargetGroupName>t</TargetGroupName>\
        <Protocol>HTTP</Protocol><Port>80</Port><LoadBalancerArns><member>arn:lb:loadbalancer/app/a/1</member></LoadBalancerArns>\
        </member></TargetGroups>";
    let tags = "<TagDescriptions><member><ResourceArn>arn:tg</ResourceArn><Tags><member><Key>env</Key><Value>本番</Value>\
        </member></Tags></member></TagDescriptions>";
    let clients = Script::default().clients(tokyo(), &clock(), move |seen| {
        let inner = match seen.operation.as_str() {
            "DescribeLoadBalancers" => balancers,
            "DescribeTargetGroups" => groups,
            _ => tags,
        };
        xml(&seen.operation, inner)
    });
    let listing = elbv2::balancers(&clients, &Meter::new(&clients, None), None).await;
    assert_eq!(listing.error, None);
    let kinds: Vec<Kind> = listing.items.iter().map(|r| r.id.kind).collect();
    assert_eq!(kinds, [Kind::Alb, Kind::TargetGroup], "a gateway balancer is none of ours");
    let Detail::TargetGroup(group) = &listing.items[1].detail else { panic!() };
    assert_eq!((group.balancer_kind, group.port), (Some(Kind::Alb), Some(80)));
    assert_eq!(listing.items[1].tags.get("env").map(crate::model::Text::as_str), Some("本番"));
}

fn map(entries: Vec<(&str, ciborium::Value)>) -> ciborium::Value {
    ciborium::Value::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
}

fn result(id: &str, status: &str, points: &[(i64, f64)]) -> ciborium::Value {
    let time = |s: i64| ciborium::Value::Tag(1, Box::new(ciborium::Value::Integer(s.into())));
    map(vec![
        ("Id", id.into()),
        ("StatusCode", status.into()),
        ("Timestamps", ciborium::Value::Array(points.iter().map(|p| time(p.0)).collect())),
        ("Values", ciborium::Value::Array(points.iter().map(|p| p.1.into()).collect())),
    ])
}

#[tokio::test(start_paused = true)]
async fn metric_answers_go_to_their_queries_over_pages() {
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |seen| {
        let results = |r| ("MetricDataResults", ciborium::Value::Array(r));
        match seen.nth {
            0 => cbor(
                200,
                &map(vec![
                    results(vec![result("q1", "PartialData", &[(120, 2.0)]), result("q0", "Forbidden", &[])]),
                    ("NextToken", "more".into()),
                ]),
            ),
            _ => cbor(
                200,
                &map(vec![results(vec![result("q1", "Complete", &[(60, 1.0)]), result("q9", "Complete", &[])])]),
            ),
        }
    });
    let metrics: Vec<Metric> = ["Sum", "Maximum", "p99"].map(|s| Metric::new("AWS/ELB", "Latency", s, 60)).into();
    let dimensions = [("LoadBalancerName".into(), "web".into())];
    let queries: Vec<_> =
        metrics.iter().map(|metric| cloudwatch::MetricQuery { metric, dimensions: &dimensions }).collect();
    let meter = Meter::new(&clients, None);
    let at = |s| Timestamp::from_second(s).unwrap();
    let (answers, error) = cloudwatch::metric_data(&clients, &meter, &queries, at(0), at(180)).await;
    assert_eq!(error, None);
    let status: Vec<_> = answers.iter().map(|a| a.as_ref().map(|a| a.status)).collect();
    let expected = [QueryStatus::Forbidden, QueryStatus::Complete, QueryStatus::InternalError];
    assert_eq!(status, expected.map(Some));
    let points = &answers[1].as_ref().unwrap().points;
    assert_eq!(points[..], [Point { at: at(120), value: 2.0 }, Point { at: at(60), value: 1.0 }]);
    assert_eq!(meter.stats().billed_metrics, 2, "one metric, two pages");
}

fn listed(namespace: &str, dimensions: &[(&str, &str)]) -> ciborium::Value {
    let dimensions = dimensions.iter().map(|(n, v)| map(vec![("Name", (*n).into()), ("Value", (*v).into())])).collect();
    map(vec![
        ("Namespace", namespace.into()),
        ("MetricName", "Errors".into()),
        ("Dimensions", ciborium::Value::Array(dimensions)),
    ])
}

#[tokio::test(start_paused = true)]
async fn the_catalogue_has_each_resource_once_and_asks_for_what_is_recent() {
    use crate::model::Service;
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock(), |seen| {
        let metric = |d: &[(&str, &str)]| listed("AWS/Lambda", d);
        let metrics = match seen.nth {
            0 => vec![metric(&[("FunctionName", "a")]), metric(&[("FunctionName", "b")])],
            _ => vec![metric(&[("FunctionName", "a")]), metric(&[("FunctionName", "c"), ("Resource", "c:live")])],
        };
        let mut answer = vec![("Metrics", ciborium::Value::Array(metrics))];
        if seen.nth == 0 {
            answer.push(("NextToken", "two".into()));
        }
        cbor(200, &map(answer))
    });
    let meter = Meter::new(&clients, None);
    let lambda = Service::of(Kind::LambdaFunction).unwrap();
    let listing = super::catalogue::resources(&clients, &meter, lambda).await;
    assert_eq!(listing.error, None);
    assert_eq!(listing.items.iter().map(|r| r.id.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let asked = |n: usize| String::from_utf8_lossy(&script.seen()[n].body).into_owned();
    assert!(asked(0).contains("PT3H") && asked(0).contains("AWS/Lambda") && asked(0).contains("FunctionName"));
    super::catalogue::resources(&clients, &meter, Service::of(Kind::S3Bucket).unwrap()).await;
    assert!(!asked(2).contains("PT3H"), "what is published once a day is never recent");
}

#[tokio::test(start_paused = true)]
async fn volumes_know_what_they_are_attached_to() {
    let clients = Script::default().clients(tokyo(), &clock(), |_| {
        ec2_xml(
            "DescribeVolumes",
            "<volumeSet><item><volumeId>vol-1</volumeId><size>30</size><availabilityZone>ap-northeast-1a</availabilityZone>\
             <status>in-use</status><volumeType>gp3</volumeType><attachmentSet><item><instanceId>i-1</instanceId>\
             <device>/dev/xvda</device><status>attached</status></item></attachmentSet></item></volumeSet>",
        )
    });
    let listing = ec2::volumes(&clients, &Meter::new(&clients, None)).await;
    assert_eq!(listing.error, None);
    let Detail::Volume(v) = &listing.items[0].detail else { panic!() };
    assert_eq!((v.size, v.volume_type.as_str(), v.state.as_str()), (30, "gp3", "in-use"));
    assert_eq!(v.attachments, [("i-1".into(), "/dev/xvda".into())]);
}

#[tokio::test(start_paused = true)]
async fn errors_in_cbor_and_json_have_their_class_too() {
    let clients = Script::default().clients(tokyo(), &clock(), |seen| match seen.operation.as_str() {
        "DescribeAlarms" => cbor(
            400,
            &map(vec![
                ("__type", "com.amazonaws.cloudwatch#ThrottlingException".into()),
                ("message", "Rate exceeded".into()),
            ]),
        ),
        _ => json(400, &serde_json::json!({"__type": "AccessDeniedException", "Message": "User is not authorized"})),
    });
    let meter = Meter::new(&clients, None);
    let throttled = alarms::alarms(&clients, &meter).await.error.unwrap();
    assert_eq!((throttled.class, throttled.code.as_str()), (ErrorClass::Throttled, "ThrottlingException"));
    assert_eq!(meter.stats().throttles, 3);
    let (listing, _) = super::cloudtrail::events(&clients, &meter, clients.clock().now()).await;
    let denied = listing.error.unwrap();
    assert_eq!(denied.class, ErrorClass::Denied);
    assert!(denied.message.starts_with("needs cloudtrail:LookupEvents"), "{}", denied.message);
}

#[tokio::test(start_paused = true)]
async fn the_sdk_runs_on_our_clock() {
    let clock = clock();
    let script = Script::default();
    let clients = script.clients(tokyo(), &clock, |_| WireAnswer::Stall);
    clock.sleep(Duration::from_secs(86_400)).await;
    let _ = sts::identity(&clients, &Meter::new(&clients, None)).await;
    assert_eq!(clock.now(), "2026-01-15T05:00:10Z".parse().unwrap());
}
