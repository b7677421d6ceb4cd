//! The simulator against clients that we did not write: boto3 and aws-cli.
//!
//! They live in a virtual environment with `tests/clients/requirements.txt`, named by `AWSWATCH_CLIENTS_VENV`. CI sets
//! it; without it the test says that it was skipped.

use std::path::PathBuf;

use awswatch::clock::Clock;
use awswatch::sim::scenario::Scenario;
use awswatch::sim::{SimConfig, Simulator, listen};
use jiff::SignedDuration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_and_aws_cli_read_every_operation() {
    let Some(venv) = std::env::var_os("AWSWATCH_CLIENTS_VENV").map(PathBuf::from) else {
        println!("skipped: AWSWATCH_CLIENTS_VENV names no virtual environment");
        return;
    };
    let config = SimConfig {
        scenario: Scenario::AzOutage,
        seed: 7,
        scale: 4,
        at: SignedDuration::from_mins(20),
        faults: Vec::new(),
    };
    // The world as good as stands still, so that every figure is of one moment.
    let clock = Clock::simulated("2026-01-14T05:00:00Z".parse().unwrap(), 0.001);
    let listening = listen(Simulator::new(config, clock), ([127, 0, 0, 1], 0).into()).await.unwrap();
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
