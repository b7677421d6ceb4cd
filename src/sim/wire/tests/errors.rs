//! Errors in each protocol's shape, and faults.

use serde_json::json;

use super::support::*;
use crate::sim::Answer;
use crate::sim::scenario::Scenario;

#[tokio::test(start_paused = true)]
async fn an_unsigned_request_is_refused() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    for (mut request, status, code) in [
        (ec2("Action=DescribeInstances"), 401, "<Code>AuthFailure</Code>"),
        (elb("Action=DescribeLoadBalancers"), 403, "<Code>MissingAuthenticationToken</Code>"),
        (cloudwatch_json("ListMetrics", &json!({})), 403, "#MissingAuthenticationTokenException"),
    ] {
        request.headers_mut().remove("authorization");
        let (got, body) = text(&sim, request).await;
        assert!(got == status && body.contains(code), "{got} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_said_in_the_protocol_that_asked() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let malformed =
        json11("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", &json!([]));
    for (request, part) in [
        (ec2("Action=RunInstances"), "<Response><Errors><Error><Code>InvalidAction</Code>"),
        (ec2(""), "<Code>InvalidAction</Code>"),
        (elb("Action=DescribeTargetGroups"), "<Error><Type>Sender</Type><Code>InvalidAction</Code>"),
        (form("s3", "2006-03-01", "Action=ListBuckets"), "<Code>InvalidAction</Code>"),
        (cloudwatch_json("PutMetricData", &json!({})), "com.amazonaws.cloudwatch#UnknownOperationException"),
        (json11("dynamodb", "DynamoDB_20120810.ListTables", &json!({})), "\"UnknownOperationException\""),
        (malformed, "SerializationException"),
    ] {
        let (status, body) = text(&sim, request).await;
        assert!(status == 400 && body.contains(part), "{status} {body}");
    }
    let said = read_cbor(&sim, cloudwatch_cbor("PutMetricData", &json!({}))).await;
    assert_eq!(said["__type"], "com.amazonaws.cloudwatch#UnknownOperationException");
    assert_eq!(sim.calls()["unknown"], 7);
}

type Asks<'a> = &'a dyn Fn() -> http::Request<bytes::Bytes>;

#[tokio::test(start_paused = true)]
async fn who_asks_more_often_than_aws_allows_is_throttled_as_the_service_does_until_time_has_passed() {
    const TRAIL: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    let sim = throttling();
    let trail = || json11("cloudtrail", TRAIL, &json!({}));
    let alarms = || cloudwatch_json("DescribeAlarms", &json!({}));
    let rows: [(Asks<'_>, u32, u16, &str); 5] = [
        (&trail, 2, 400, "ThrottlingException"),
        (&alarms, 9, 400, "com.amazonaws.cloudwatch#ThrottlingException"),
        (&|| elb("Action=DescribeLoadBalancers"), 40, 400, "<Code>Throttling</Code>"),
        (&|| ec2("Action=DescribeInstances"), 50, 503, "<Code>RequestLimitExceeded</Code>"),
        (&|| ec2("Action=DescribeInstances&MaxResults=1000"), 100, 503, "<Code>RequestLimitExceeded</Code>"),
    ];
    for (request, most, status, code) in rows {
        for nth in 0..most {
            let (got, body) = text(&sim, request()).await;
            assert_eq!(got, 200, "{code}, request {nth}: {body}");
        }
        let (got, body) = text(&sim, request()).await;
        assert!(got == status && body.contains(code), "{got} {body}");
    }
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    for (request, most, ..) in rows {
        let again = most.min(2);
        for _ in 0..again {
            assert_eq!(text(&sim, request()).await.0, 200);
        }
    }
    assert_eq!(text(&sim, trail()).await.0, 400, "two a second");
    for _ in 0..200 {
        assert_eq!(text(&sim, autoscaling("Action=DescribeAutoScalingGroups")).await.0, 200, "AWS publishes no limit");
    }
}

#[tokio::test(start_paused = true)]
async fn asked_for_faults_have_each_service_s_own_name_and_status() {
    const TRAIL: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    for (kind, ec2_code, query_code, json_type) in [
        ("throttle", (503, "RequestLimitExceeded"), (400, "Throttling"), (400, "ThrottlingException")),
        ("denied", (403, "UnauthorizedOperation"), (403, "AccessDenied"), (400, "AccessDeniedException")),
        ("expired", (400, "RequestExpired"), (403, "ExpiredToken"), (400, "ExpiredTokenException")),
    ] {
        let sim = simulator(Scenario::Calm, 0, &[&format!("*={kind}")]);
        for (request, (status, code)) in [
            (ec2("Action=DescribeInstances"), ec2_code),
            (elb("Action=DescribeLoadBalancers"), query_code),
            (elbv2("Action=DescribeTargetGroups"), query_code),
            (autoscaling("Action=DescribeAutoScalingGroups"), query_code),
            (form("sts", "2011-06-15", "Action=GetCallerIdentity"), query_code),
        ] {
            let (got, body) = text(&sim, request).await;
            assert!(got == status && elements(&body, "Code") == [code], "{got} {body}");
        }
        let (got, body) = text(&sim, json11("cloudtrail", TRAIL, &json!({}))).await;
        assert!(got == json_type.0 && body.contains(&format!("\"__type\":\"{}\"", json_type.1)), "{got} {body}");
        let response = send(&sim, cloudwatch_cbor("GetMetricData", &json!({}))).await;
        assert_eq!(response.headers()["x-amzn-query-error"], format!("{};Sender", query_code.1));
    }
    let sim = simulator(Scenario::Calm, 0, &["*=5xx"]);
    let mut statuses = Vec::new();
    for _ in 0..2 {
        statuses.push(send(&sim, ec2("Action=DescribeInstances")).await.status().as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [500, 503]);
}

#[tokio::test(start_paused = true)]
async fn faults_of_the_connection_and_of_time() {
    let sim = simulator(
        Scenario::Calm,
        0,
        &[
            "DescribeInstances=stall",
            "DescribeSubnets=reset",
            "DescribeRegions=truncate",
            "DescribeVolumes=latency(2s)",
        ],
    );
    assert!(matches!(sim.answer(ec2("Action=DescribeInstances")).await, Answer::Stall));
    assert!(matches!(sim.answer(ec2("Action=DescribeSubnets")).await, Answer::Reset));
    let Answer::Truncated { response, after_bytes } = sim.answer(ec2("Action=DescribeRegions")).await else {
        panic!("not truncated")
    };
    assert!(after_bytes > 0 && after_bytes < response.body().len());
    let before = sim.clock().now();
    send(&sim, ec2("Action=DescribeVolumes")).await;
    assert_eq!(sim.clock().now().duration_since(before).as_secs(), 2);
    assert_eq!(sim.calls().values().sum::<u64>(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_share_of_calls_is_the_same_share_each_time() {
    let run = async || {
        let sim = simulator(Scenario::Calm, 0, &["sts:*=throttle:0.5"]);
        let mut statuses = Vec::new();
        for _ in 0..40 {
            let request = form("sts", "2011-06-15", "Action=GetCallerIdentity");
            statuses.push(send(&sim, request).await.status().as_u16());
        }
        statuses
    };
    let first = run().await;
    assert!(first.contains(&200) && first.contains(&400), "{first:?}");
    assert_eq!(first, run().await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_dated_by_the_world() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let response = send(&sim, ec2("Action=DescribeRegions")).await;
    assert_eq!(response.headers()["date"], "Wed, 14 Jan 2026 05:00:00 GMT");
}

#[tokio::test(start_paused = true)]
async fn parameters_are_checked_as_aws_checks_them() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    for (request, code) in [
        (ec2("Action=DescribeInstances&MaxResults=2"), "InvalidParameterValue"),
        (ec2("Action=DescribeInstances&InstanceId.1=i-0abc&MaxResults=5"), "InvalidParameterCombination"),
        (ec2("Action=DescribeInstances&InstanceId.1=i-0abc"), "InvalidInstanceID.NotFound"),
        (ec2("Action=DescribeInstances&InstanceId.1=web"), "InvalidInstanceID.Malformed"),
        (ec2("Action=DescribeInstances&Filter.1.Name=color&Filter.1.Value.1=red"), "InvalidParameterValue"),
        (ec2("Action=DescribeInstances&NextToken=xyz"), "InvalidParameterValue"),
        (elb("Action=DescribeInstanceHealth"), "ValidationError"),
        (elb("Action=DescribeInstanceHealth&LoadBalancerName=nope"), "LoadBalancerNotFound"),
        (elb("Action=DescribeLoadBalancers&LoadBalancerNames.member.1=nope"), "LoadBalancerNotFound"),
        (elb("Action=DescribeTags"), "ValidationError"),
        (elbv2("Action=DescribeTargetHealth&TargetGroupArn=nope"), "TargetGroupNotFound"),
        (elbv2("Action=DescribeLoadBalancers&Names.member.1=nope"), "LoadBalancerNotFound"),
        (autoscaling("Action=DescribeAutoScalingGroups&MaxRecords=101"), "ValidationError"),
        (autoscaling("Action=DescribeScalingActivities&AutoScalingGroupName=nope"), "ValidationError"),
        (form("monitoring", "2010-08-01", "Action=DescribeAlarms&StateValue=BAD"), "ValidationError"),
    ] {
        let uri = String::from_utf8(request.body().to_vec()).unwrap();
        let (status, body) = text(&sim, request).await;
        assert!(status == 400 && elements(&body, "Code") == [code], "{uri}: {status} {body}");
    }
    let attribute = json!({"AttributeKey": "EventName", "AttributeValue": "x"});
    for (members, code) in [
        (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        (json!({"LookupAttributes": [attribute, attribute]}), "InvalidLookupAttributesException"),
        (json!({"StartTime": 20, "EndTime": 10}), "InvalidTimeRangeException"),
        (json!({"NextToken": "x"}), "InvalidNextTokenException"),
    ] {
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        assert_eq!(read_json(&sim, json11("cloudtrail", target, &members)).await["__type"], code);
    }
}
