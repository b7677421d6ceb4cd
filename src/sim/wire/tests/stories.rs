//! What scenarios do to calls, and what no request can do.

use http::Request;
use serde_json::json;

use super::super::ops;
use super::super::service::{Protocol, Service};
use super::support::*;
use crate::sim::Answer;
use crate::sim::scenario::Scenario;

#[tokio::test(start_paused = true)]
async fn scenarios_spoil_calls_as_they_say() {
    let expired = simulator(Scenario::Expired, 10, &[]);
    let (status, body) = text(&expired, ec2("Action=DescribeInstances")).await;
    assert!(status == 400 && elements(&body, "Code") == ["RequestExpired"], "{body}");
    let renewed = simulator(Scenario::Expired, 25, &[]);
    assert_eq!(text(&renewed, ec2("Action=DescribeInstances")).await.0, 200);

    let blind = simulator(Scenario::Blind, 10, &[]);
    assert!(matches!(blind.answer(ec2("Action=DescribeInstances")).await, Answer::Stall));
    let mut elsewhere = ec2("Action=DescribeInstances");
    let scope = "AWS4-HMAC-SHA256 Credential=AKID/20260114/us-east-1/ec2/aws4_request, Signature=0";
    elsewhere.headers_mut().insert("authorization", scope.parse().unwrap());
    assert_eq!(text(&blind, elsewhere).await.0, 200);

    let throttled = simulator(Scenario::Throttled, 10, &[]);
    let mut codes = Vec::new();
    for operation in ["DescribeInstances", "DescribeInstanceStatus", "DescribeSubnets", "DescribeVolumes"] {
        for _ in 0..10 {
            throttled.clock().sleep(std::time::Duration::from_secs(1)).await;
            codes.extend(elements(&text(&throttled, ec2(&format!("Action={operation}"))).await.1, "Code"));
        }
    }
    assert!(codes.contains(&"RequestLimitExceeded".to_owned()) && codes.len() < 40, "{codes:?}");
}

#[tokio::test(start_paused = true)]
async fn equal_configurations_answer_equally() {
    let answers = async || {
        let sim = simulator(Scenario::BadDay, 200, &["*=throttle:0.2"]);
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(text(&sim, ec2("Action=DescribeInstances")).await);
            all.push(text(&sim, autoscaling("Action=DescribeScalingActivities")).await);
            all.push(text(&sim, cloudwatch_json("DescribeAlarms", &json!({}))).await);
        }
        all
    };
    assert!(answers().await == answers().await);
}

/// Every operation gets an answer to nonsense, in its own protocol and without a panic.
#[tokio::test(start_paused = true)]
async fn nonsense_gets_an_error_or_an_answer() {
    let sim = simulator(Scenario::Surge, 10, &[]);
    let wild = [
        json!({}),
        json!({"StartTime": -1e18, "EndTime": 1e18, "MaxResults": -1, "MaxRecords": 1e300, "NextToken": "0-0-0"}),
        json!({"StartTime": 0, "EndTime": 253_402_207_200_i64, "Period": 86_400, "Namespace": "", "MetricName": "x"}),
        json!({"StartTime": 0, "EndTime": 4e9, "Period": 60, "Namespace": "AWS/ELB", "MetricName": "Latency",
            "Statistics": ["Sum"], "ServiceCode": "AmazonEC2", "StartDate": 0, "EndDate": 9e9}),
        json!({"Dimensions": [1], "MetricDataQueries": {"a": []}, "LookupAttributes": "x", "Filters": [[]]}),
        json!({"StartTime": 1, "EndTime": 9e9, "MetricDataQueries": [
            {"Id": "m", "MetricStat": {"Metric": {"Namespace": "AWS/ELB", "MetricName": "Latency"},
                "Period": 86_400, "Stat": "p99.99"}},
            {"Id": "e", "Expression": "FILL(m, LINEAR) ^ 1e308 / 0"},
        ]}),
        json!({"NextToken": "7fffffffffffffff-ffffffffffffffff-0"}),
    ];
    for operation in ops::ALL {
        for protocol in operation.service.protocols() {
            for members in &wild {
                let request = match protocol {
                    Protocol::Ec2 | Protocol::Query => {
                        let mut body = format!("Action={}", operation.name);
                        for (name, value) in members.as_object().unwrap() {
                            let text = value.to_string();
                            body.extend([
                                format!("&{name}={}", text.len()),
                                format!("&{name}.member.1={text}&{name}.1.Name=x"),
                            ]);
                        }
                        let signing = match operation.service {
                            Service::Elb | Service::ElbV2 => "elasticloadbalancing",
                            Service::CloudWatch => "monitoring",
                            other => other.name(),
                        };
                        form(signing, operation.service.version(), &body)
                    }
                    Protocol::Cbor => cloudwatch_cbor(operation.name, members),
                    Protocol::Json10 => cloudwatch_json(operation.name, members),
                    Protocol::Json11 if operation.service == Service::Pricing => {
                        json11("pricing", "AWSPriceListService.GetProducts", members)
                    }
                    Protocol::Json11 => json11(
                        "cloudtrail",
                        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
                        members,
                    ),
                };
                let status = send(&sim, request).await.status().as_u16();
                assert!(matches!(status, 200 | 400), "{} {members}: {status}", operation.name);
            }
        }
    }
    for bytes in [&b"\xff\xff"[..], b"\x9f\x9f\x9f", b"{\"a\":", b"&&==&.&..1.=%zz", b""] {
        for template in
            [ec2(""), cloudwatch_cbor("GetMetricData", &json!({})), cloudwatch_json("ListMetrics", &json!({}))]
        {
            let (head, _) = template.into_parts();
            let request = Request::from_parts(head, bytes::Bytes::copy_from_slice(bytes));
            assert!(matches!(send(&sim, request).await.status().as_u16(), 200 | 400));
        }
    }
}
