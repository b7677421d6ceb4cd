//! The simulator against clients that we did not write: boto3, aws-cli, and the Rust SDK's CBOR reader.
//!
//! The first two live in a virtual environment with `tests/clients/requirements.txt`, named by `AWSWATCH_CLIENTS_VENV`. CI sets
//! it; without it the test says that it was skipped.

use std::path::PathBuf;

use aws_sdk_cloudwatch::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, StatusCode};
use awswatch::clock::Clock;
use awswatch::sim::scenario::Scenario;
use awswatch::sim::{Listening, SimConfig, Simulator, listen};
use jiff::{SignedDuration, Timestamp};

const NOW: &str = "2026-01-14T05:00:00Z";

async fn listening() -> Result<Listening, Box<dyn std::error::Error>> {
    let config = SimConfig {
        scenario: Scenario::AzOutage,
        seed: 7,
        scale: 4,
        at: SignedDuration::from_mins(20),
        ..SimConfig::default()
    };
    // The world as good as stands still, so that every figure is of one moment.
    let clock = Clock::simulated(NOW.parse()?, 0.001);
    Ok(listen(Simulator::new(config, clock), ([127, 0, 0, 1], 0).into()).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_and_aws_cli_read_every_operation() {
    let Some(venv) = std::env::var_os("AWSWATCH_CLIENTS_VENV").map(PathBuf::from) else {
        println!("skipped: AWSWATCH_CLIENTS_VENV names no virtual environment");
        return;
    };
    let listening = listening().await.unwrap();
    let endpoint = format!("http://{}", listening.address());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/read_simulator.py");
    let mut command = std::process::Command::new(venv.join("bin/python"));
    command.args([script, &endpoint]);
    let run = tokio::task::spawn_blocking(move || command.output());
    let (done, is_done) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(listening.serve(async {
        let _ = is_done.await;
    }));
    let output = run.await.unwrap().unwrap();
    drop(done);
    serving.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    println!("{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rust_sdk_reads_cbor() {
    let listening = listening().await.unwrap();
    let config = aws_sdk_cloudwatch::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "example", None, None, "test"))
        .region(Region::new("ap-northeast-1"))
        .endpoint_url(format!("http://{}", listening.address()))
        .build();
    tokio::spawn(listening.serve(std::future::pending()));
    let client = aws_sdk_cloudwatch::Client::from_conf(config);
    let now: Timestamp = NOW.parse().unwrap();
    let metric = Metric::builder()
        .namespace("AWS/ELB")
        .metric_name("RequestCount")
        .dimensions(Dimension::builder().name("LoadBalancerName").value("web-clb").build())
        .build();
    let ask = |stat: &str| {
        let stat = MetricStat::builder().metric(metric.clone()).period(60).stat(stat).build();
        client
            .get_metric_data()
            .metric_data_queries(MetricDataQuery::builder().id("sum").metric_stat(stat).build())
            .start_time(DateTime::from_secs(now.as_second() - 5400))
            .end_time(DateTime::from_secs(now.as_second() - 3600))
    };
    let mut pages = ask("Sum").into_paginator().page_size(13).send();
    let mut points = Vec::new();
    let mut last = None;
    while let Some(page) = pages.next().await {
        for result in page.unwrap().metric_data_results.unwrap() {
            points.extend(result.timestamps().iter().map(DateTime::secs).zip(result.values().to_vec()));
            last = result.status_code;
        }
    }
    let minutes: Vec<i64> = (0..30).map(|i| now.as_second() - 3660 - 60 * i).collect();
    assert_eq!(points.iter().map(|(at, _)| *at).collect::<Vec<_>>(), minutes);
    assert!(points.iter().all(|(_, value)| *value > 0.0));
    assert_eq!(last, Some(StatusCode::Complete));

    let refused = ask("Median").send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("ValidationError"));
    assert!(refused.message().unwrap().contains("Median"));
}
