//! Lists of the other services: filters, pages, what belongs together.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::support::*;
use crate::sim::Simulator;
use crate::sim::scenario::Scenario;

type Make = fn(&str) -> Request<Bytes>;

/// All texts of `element` over the pages of a form request.
async fn paged(
    sim: &Simulator,
    request: impl Fn(&str) -> Request<Bytes>,
    token: &str,
    into: &str,
    element: &str,
) -> (usize, Vec<String>) {
    let (mut extra, mut found) = (String::new(), Vec::new());
    for pages in 1..1000 {
        let (status, xml) = text(sim, request(&extra)).await;
        assert_eq!(status, 200, "{xml}");
        found.extend(elements(&xml, element));
        match elements(&xml, token).into_iter().find(|t| !t.is_empty()) {
            Some(token) => extra = format!("&{into}={token}"),
            None => return (pages, found),
        }
    }
    panic!("pages without end")
}

#[tokio::test(start_paused = true)]
async fn pages_of_every_list_joined_are_the_list() {
    let sim = simulator(Scenario::BadDay, 90, &[]);
    for (make, action, size, token, into, element, several) in [
        (ec2 as Make, "DescribeInstances", "MaxResults=5", "nextToken", "NextToken", "instanceId", true),
        (ec2, "DescribeInstanceStatus", "MaxResults=5", "nextToken", "NextToken", "instanceId", true),
        (ec2, "DescribeSpotPriceHistory", "MaxResults=50", "nextToken", "NextToken", "spotPrice", true),
        (elb, "DescribeLoadBalancers", "PageSize=1", "NextMarker", "Marker", "DNSName", false),
        (elbv2, "DescribeLoadBalancers", "PageSize=1", "NextMarker", "Marker", "DNSName", true),
        (elbv2, "DescribeTargetGroups", "PageSize=1", "NextMarker", "Marker", "TargetGroupName", true),
        (
            autoscaling,
            "DescribeAutoScalingGroups",
            "MaxRecords=1",
            "NextToken",
            "NextToken",
            "AutoScalingGroupARN",
            true,
        ),
        (autoscaling, "DescribeScalingActivities", "MaxRecords=10", "NextToken", "NextToken", "ActivityId", true),
    ] {
        let base = format!("Action={action}&StartTime=2026-01-14T00%3A00%3A00Z");
        let (_, whole) = paged(&sim, |extra| make(&format!("{base}{extra}")), token, into, element).await;
        assert!(!whole.is_empty(), "{action}");
        let (pages, joined) = paged(&sim, |extra| make(&format!("{base}&{size}{extra}")), token, into, element).await;
        assert_eq!(joined, whole, "{action}");
        assert!(pages > 1 || !several, "{action} has one page");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_token_is_for_its_own_request() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let (_, xml) = text(&sim, ec2("Action=DescribeInstances&MaxResults=5")).await;
    let token = elements(&xml, "nextToken").remove(0);
    let other =
        format!("Action=DescribeInstances&MaxResults=5&Filter.1.Name=vpc-id&Filter.1.Value.1=*&NextToken={token}");
    assert_eq!(text(&sim, ec2(&other)).await.0, 400);
    assert_eq!(text(&sim, ec2(&format!("Action=DescribeInstances&MaxResults=6&NextToken={token}"))).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn instances_are_filtered_by_tag_and_state() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let filter = "Action=DescribeInstances&Filter.1.Name=tag%3Aaws%3Aautoscaling%3AgroupName&Filter.1.Value.1=web-*\
                  &Filter.2.Name=instance-state-name&Filter.2.Value.1=running&Filter.2.Value.2=pending";
    let (_, xml) = text(&sim, ec2(filter)).await;
    let ids = elements(&xml, "instanceId");
    assert!((4..=12).contains(&ids.len()), "{ids:?}");
    assert_eq!(xml.matches("<value>web-asg</value>").count(), ids.len());
    let (_, one) = text(&sim, ec2(&format!("Action=DescribeInstances&InstanceId.1={}", ids[0]))).await;
    assert_eq!(elements(&one, "instanceId"), ids[..1]);
}

#[tokio::test(start_paused = true)]
async fn health_is_of_the_hosts_that_are_registered() {
    let sim = simulator(Scenario::AzOutage, 20, &[]);
    let (_, balancers) = text(&sim, elb("Action=DescribeLoadBalancers&LoadBalancerNames.member.1=web-clb")).await;
    let (_, health) = text(&sim, elb("Action=DescribeInstanceHealth&LoadBalancerName=web-clb")).await;
    let mut registered = elements(&balancers, "InstanceId");
    let mut known = elements(&health, "InstanceId");
    registered.sort();
    known.sort();
    assert!(!known.is_empty());
    assert_eq!(known, registered);
    assert!(elements(&health, "State").contains(&"OutOfService".to_owned()), "{health}");
    let (_, groups) = text(&sim, elbv2("Action=DescribeTargetGroups&Names.member.1=api-tg")).await;
    let arn = elements(&groups, "TargetGroupArn").remove(0);
    let (_, targets) = text(&sim, elbv2(&format!("Action=DescribeTargetHealth&TargetGroupArn={arn}"))).await;
    assert!(elements(&targets, "State").contains(&"unhealthy".to_owned()), "{targets}");
    let tags = text(&sim, elbv2(&format!("Action=DescribeTags&ResourceArns.member.1={arn}"))).await;
    assert_eq!(elements(&tags.1, "ResourceArn"), [arn]);
}

#[tokio::test(start_paused = true)]
async fn the_trail_comes_newest_first_in_pages_of_fifty() {
    const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    let sim = simulator(Scenario::Intruder, 60, &[]);
    let lookup = async |members| read_json(&sim, json11("cloudtrail", TARGET, &members)).await;
    let page = lookup(json!({"MaxResults": 5})).await;
    let events = page["Events"].as_array().unwrap();
    assert_eq!(events.len(), 5);
    let times: Vec<f64> = events.iter().map(|e| e["EventTime"].as_f64().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let inner: serde_json::Value = serde_json::from_str(events[0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(inner["eventName"], events[0]["EventName"]);
    let next = lookup(json!({"MaxResults": 5, "NextToken": page["NextToken"]})).await;
    assert_ne!(next["Events"][0]["EventId"], events[4]["EventId"]);
    let attribute = json!([{"AttributeKey": "EventName", "AttributeValue": "StopLogging"}]);
    let found = lookup(json!({"LookupAttributes": attribute, "StartTime": seconds(NOW) - 7200})).await;
    assert!(!found["Events"].as_array().unwrap().is_empty());
    assert!(
        found["Events"].as_array().unwrap().iter().all(|e| e["EventName"] == "StopLogging" && e["ReadOnly"] == "false")
    );
}

#[tokio::test(start_paused = true)]
async fn prices_are_json_in_json() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let filter = |field: &str, value: &str| json!({"Type": "TERM_MATCH", "Field": field, "Value": value});
    let members = json!({"ServiceCode": "AmazonEC2", "MaxResults": 1, "Filters": [
        filter("instanceType", "c5.xlarge"), filter("regionCode", "ap-northeast-1"), filter("operatingSystem", "Linux"),
        filter("tenancy", "Shared"), filter("preInstalledSw", "NA"), filter("capacitystatus", "Used"),
    ]});
    let answer = read_json(&sim, json11("pricing", "AWSPriceListService.GetProducts", &members)).await;
    let item: serde_json::Value = serde_json::from_str(answer["PriceList"][0].as_str().unwrap()).unwrap();
    let price = item["terms"]["OnDemand"].to_string();
    assert!(price.contains("\"USD\""), "{item}");
    assert_eq!(item["product"]["attributes"]["instanceType"], "c5.xlarge");
    assert!(answer.get("NextToken").is_none());
}
