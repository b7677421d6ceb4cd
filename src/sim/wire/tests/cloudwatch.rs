//! CloudWatch over its protocols.

use serde_json::{Value as Json, json};

use super::support::*;
use crate::sim::Simulator;
use crate::sim::scenario::Scenario;

const FROM: &str = "2026-01-14T04:00:00Z";
const TO: &str = "2026-01-14T04:30:00Z";

fn query(id: &str, metric: &str, stat: &str, period: i64) -> Json {
    json!({"Id": id, "MetricStat": {
        "Metric": {
            "Namespace": "AWS/ELB",
            "MetricName": metric,
            "Dimensions": [{"Name": "LoadBalancerName", "Value": "web-clb"}],
        },
        "Period": period,
        "Stat": stat,
    }})
}

fn window(queries: &[Json]) -> Json {
    json!({"StartTime": seconds(FROM), "EndTime": seconds(TO), "MetricDataQueries": queries})
}

async fn all_pages(sim: &Simulator, mut members: Json) -> Vec<Json> {
    let mut pages = Vec::new();
    for _ in 0..1000 {
        let page = read_cbor(sim, cloudwatch_cbor("GetMetricData", &members)).await;
        assert!(page.get("__type").is_none(), "{page}");
        let token = page.get("NextToken").cloned();
        pages.push(page);
        match token {
            Some(token) => members["NextToken"] = token,
            None => return pages,
        }
    }
    panic!("pages without end")
}

#[tokio::test(start_paused = true)]
async fn the_same_figures_come_in_cbor_json_and_xml() {
    let sim = simulator(Scenario::Surge, 30, &[]);
    let members = window(&[query("m1", "RequestCount", "Sum", 60)]);
    let cbor = read_cbor(&sim, cloudwatch_cbor("GetMetricData", &members)).await;
    let json = read_json(&sim, cloudwatch_json("GetMetricData", &members)).await;
    let points = points(std::slice::from_ref(&cbor));
    assert_eq!(points["m1"].len(), 30);
    assert_eq!(points, super::support::points(&[json]));
    assert_eq!(cbor["MetricDataResults"][0]["StatusCode"], "Complete");
    let form = form(
        "monitoring",
        "2010-08-01",
        "Action=GetMetricData&StartTime=2026-01-14T04%3A00%3A00Z&EndTime=2026-01-14T04%3A30%3A00Z\
         &MetricDataQueries.member.1.Id=m1&MetricDataQueries.member.1.MetricStat.Metric.Namespace=AWS%2FELB\
         &MetricDataQueries.member.1.MetricStat.Metric.MetricName=RequestCount\
         &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=LoadBalancerName\
         &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=web-clb\
         &MetricDataQueries.member.1.MetricStat.Period=60&MetricDataQueries.member.1.MetricStat.Stat=Sum",
    );
    let (status, xml) = text(&sim, form).await;
    assert_eq!(status, 200, "{xml}");
    let values: Vec<f64> =
        elements(&elements(&xml, "Values")[0], "member").iter().map(|v| v.parse().unwrap()).collect();
    assert_eq!(values, points["m1"].iter().map(|(_, v)| *v).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn pages_joined_are_the_whole() {
    let sim = simulator(Scenario::Surge, 30, &[]);
    let mut members = window(&[
        query("m1", "RequestCount", "Sum", 60),
        query("none", "NoSuchMetric", "Sum", 60),
        query("m2", "Latency", "p99", 60),
        json!({"Id": "e1", "Expression": "m1 / PERIOD(m1)"}),
    ]);
    let whole = all_pages(&sim, members.clone()).await;
    assert_eq!(whole.len(), 1);
    for size in [1, 7, 30, 31, 1000] {
        members["MaxDatapoints"] = json!(size);
        let pages = all_pages(&sim, members.clone()).await;
        assert_eq!(points(&pages), points(&whole), "{size}");
        let last: Vec<_> = pages.iter().flat_map(|p| p["MetricDataResults"].as_array().unwrap()).collect();
        assert_eq!(last.iter().filter(|r| r["StatusCode"] == "Complete").count(), 4, "{size}");
    }
    assert!(points(&whole)["none"].is_empty());
}

#[tokio::test(start_paused = true)]
async fn periods_are_counted_from_the_whole_minute_of_the_start() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let minutes = query("m0", "RequestCount", "Sum", 60);
    let share = json!({"Id": "e1", "Expression": "m1 / 2"});
    let mut members = window(&[query("m1", "RequestCount", "Sum", 300), minutes, share]);
    members["StartTime"] = json!(seconds("2026-01-14T04:02:30Z"));
    members["ScanBy"] = json!("TimestampAscending");
    let got = points(&all_pages(&sim, members).await);
    let begin = seconds("2026-01-14T04:02:00Z");
    let times: Vec<i64> = got["m1"].iter().map(|(at, _)| *at).collect();
    assert_eq!(times, (0..6).map(|i| begin + 300 * i).collect::<Vec<_>>());
    for (at, sum) in &got["m1"] {
        let minutes = got["m0"].iter().filter(|(minute, _)| (*at..at + 300).contains(minute));
        assert!((minutes.map(|(_, v)| v).sum::<f64>() - sum).abs() < 1e-6, "at {at}");
    }
    let halves: Vec<(i64, f64)> = got["m1"].iter().map(|(at, sum)| (*at, sum / 2.0)).collect();
    assert_eq!(got["e1"], halves);
}

#[tokio::test(start_paused = true)]
async fn math_follows_the_metrics_and_hidden_queries_stay_hidden() {
    let sim = simulator(Scenario::Surge, 30, &[]);
    let mut hidden = query("m1", "RequestCount", "Sum", 60);
    hidden["ReturnData"] = json!(false);
    let members = window(&[
        hidden,
        query("all", "RequestCount", "Sum", 60),
        json!({"Id": "e1", "Expression": "e2 * 2"}),
        json!({"Id": "e2", "Expression": "m1 / 60", "Label": "a second"}),
    ]);
    let page = all_pages(&sim, members).await;
    let got = points(&page);
    assert!(!got.contains_key("m1") && !got["all"].is_empty());
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs().max(1.0);
    assert!(got["all"].iter().zip(&got["e1"]).all(|((t, a), (u, b))| t == u && close(a / 30.0, *b)));
    assert_eq!(page[0]["MetricDataResults"][2]["Label"], "a second");
}

#[tokio::test(start_paused = true)]
async fn get_metric_data_refuses_what_cloudwatch_refuses() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let many: Vec<Json> = (0..501).map(|i| query(&format!("m{i}"), "Latency", "Average", 60)).collect();
    let plain = || query("m1", "Latency", "Average", 60);
    let math = |text: &str| window(&[plain(), json!({"Id": "e1", "Expression": text})]);
    let with = |name: &str, value: Json| {
        let mut members = window(&[plain()]);
        members[name] = value;
        members
    };
    for (members, part) in [
        (window(&many), "500"),
        (window(&[plain(), plain()]), "not unique"),
        (window(&[query("M1", "Latency", "Average", 60)]), "pattern"),
        (window(&[query("m1", "Latency", "Average", 61)]), "Period"),
        (window(&[query("m1", "Latency", "Median", 60)]), "Median"),
        (window(&[json!({"Id": "m1"})]), "either MetricStat or Expression"),
        (with("MaxDatapoints", json!(100_801)), "100800"),
        (with("EndTime", json!(seconds(FROM))), "StartTime must be less"),
        (with("ScanBy", json!("Up")), "ScanBy"),
        (math("m1 +"), "e1"),
        (math("m7 + 1"), "m7"),
        (math("e1 + 1"), "depends on itself"),
        (math("SUM(m1)"), "time series"),
    ] {
        let said = read_cbor(&sim, cloudwatch_cbor("GetMetricData", &members)).await;
        assert_eq!(said["__type"], "com.amazonaws.cloudwatch#ValidationException", "{part}");
        assert!(said["message"].as_str().unwrap().contains(part), "{part}: {said}");
    }
    let bad_token = read_cbor(&sim, cloudwatch_cbor("GetMetricData", &with("NextToken", json!("x")))).await;
    assert_eq!(bad_token["__type"], "com.amazonaws.cloudwatch#InvalidNextToken");
}

#[tokio::test(start_paused = true)]
async fn metric_statistics_are_the_same_figures_in_no_order() {
    let sim = simulator(Scenario::Surge, 30, &[]);
    let data = points(&all_pages(&sim, window(&[query("m1", "Latency", "p90", 60)])).await);
    let mut members = json!({
        "Namespace": "AWS/ELB", "MetricName": "Latency",
        "Dimensions": [{"Name": "LoadBalancerName", "Value": "web-clb"}],
        "StartTime": seconds(FROM), "EndTime": seconds(TO), "Period": 60, "ExtendedStatistics": ["p90"],
    });
    let answer = read_cbor(&sim, cloudwatch_cbor("GetMetricStatistics", &members)).await;
    let mut got: Vec<(i64, f64)> = answer["Datapoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["Timestamp"].as_i64().unwrap(), p["ExtendedStatistics"]["p90"].as_f64().unwrap()))
        .collect();
    assert!(!got.is_sorted_by_key(|(at, _)| *at));
    got.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    assert_eq!(got, data["m1"]);
    members["StartTime"] = json!(seconds(TO) - 1441 * 60);
    let said = read_cbor(&sim, cloudwatch_cbor("GetMetricStatistics", &members)).await;
    assert_eq!(said["__type"], "com.amazonaws.cloudwatch#InvalidParameterCombinationException");
    assert!(said["message"].as_str().unwrap().contains("1440"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn alarms_are_filtered_and_paged() {
    let sim = simulator(Scenario::Surge, 30, &[]);
    let names = |json: &Json| -> Vec<String> {
        json["MetricAlarms"].as_array().unwrap().iter().map(|a| a["AlarmName"].as_str().unwrap().to_owned()).collect()
    };
    let all = names(&read_json(&sim, cloudwatch_json("DescribeAlarms", &json!({}))).await);
    assert!(all.contains(&"web-clb-surge-queue".to_owned()), "{all:?}");
    let mut paged = Vec::new();
    let mut members = json!({"MaxRecords": 2});
    loop {
        let page = read_json(&sim, cloudwatch_json("DescribeAlarms", &members)).await;
        paged.extend(names(&page));
        match page.get("NextToken") {
            Some(token) => members["NextToken"] = token.clone(),
            None => break,
        }
        assert!(paged.len() < 1000);
    }
    assert_eq!(paged, all);
    let firing = read_json(&sim, cloudwatch_json("DescribeAlarms", &json!({"StateValue": "ALARM"}))).await;
    assert!(names(&firing).contains(&"web-clb-surge-queue".to_owned()), "{firing}");
    let history = json!({"AlarmName": "web-clb-surge-queue", "HistoryItemType": "StateUpdate"});
    let history = read_json(&sim, cloudwatch_json("DescribeAlarmHistory", &history)).await;
    let newest = &history["AlarmHistoryItems"][0];
    assert!(newest["HistorySummary"].as_str().unwrap().contains("ALARM"), "{history}");
}

#[tokio::test(start_paused = true)]
async fn metrics_are_listed_by_filter() {
    let sim = simulator(Scenario::Calm, 0, &[]);
    let list = async |members: Json| read_json(&sim, cloudwatch_json("ListMetrics", &members)).await;
    let found = list(json!({
        "Namespace": "AWS/ELB", "RecentlyActive": "PT3H",
        "Dimensions": [{"Name": "LoadBalancerName", "Value": "web-clb"}],
    }))
    .await;
    let metrics = found["Metrics"].as_array().unwrap();
    assert!(metrics.iter().any(|m| m["MetricName"] == "RequestCount"), "{found}");
    assert!(metrics.iter().all(|m| m["Namespace"] == "AWS/ELB"));
    assert_eq!(list(json!({"RecentlyActive": "PT1H"})).await["__type"], "com.amazonaws.cloudwatch#ValidationException");
    assert!(list(json!({})).await["Metrics"].as_array().unwrap().len() <= 500);
}
