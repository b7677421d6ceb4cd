//! Sending requests as clients do, and reading answers without the code under test.

use std::collections::BTreeMap;

use bytes::Bytes;
use ciborium::Value as Cbor;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::clock::Clock;
use crate::sim::scenario::Scenario;
use crate::sim::{Answer, SimConfig, Simulator};

pub(super) const NOW: &str = "2026-01-14T05:00:00Z";

pub(super) fn simulator(scenario: Scenario, minutes: i64, faults: &[&str]) -> Simulator {
    let config = SimConfig {
        scenario,
        seed: 7,
        scale: 1,
        at: SignedDuration::from_mins(minutes),
        faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        ..SimConfig::default()
    };
    let now: Timestamp = NOW.parse().unwrap();
    Simulator::new(config, Clock::simulated(now, 1.0))
}

fn signed(service: &str) -> http::request::Builder {
    let scope = format!("AKIDEXAMPLE/20260114/ap-northeast-1/{service}/aws4_request");
    Request::post("/").header(
        "authorization",
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0123"),
    )
}

/// A form request: `service` is the signing name.
pub(super) fn form(service: &str, version: &str, body: &str) -> Request<Bytes> {
    signed(service)
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Bytes::from(format!("Version={version}&{body}")))
        .unwrap()
}

pub(super) fn ec2(body: &str) -> Request<Bytes> {
    form("ec2", "2016-11-15", body)
}

pub(super) fn elb(body: &str) -> Request<Bytes> {
    form("elasticloadbalancing", "2012-06-01", body)
}

pub(super) fn elbv2(body: &str) -> Request<Bytes> {
    form("elasticloadbalancing", "2015-12-01", body)
}

pub(super) fn autoscaling(body: &str) -> Request<Bytes> {
    form("autoscaling", "2011-01-01", body)
}

pub(super) fn json11(service: &str, target: &str, body: &Json) -> Request<Bytes> {
    signed(service)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target)
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

pub(super) fn cloudwatch_json(operation: &str, body: &Json) -> Request<Bytes> {
    signed("monitoring")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("GraniteServiceVersion20100801.{operation}"))
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

/// The same members in CBOR; numbers under a name that ends in `Time` become tagged times.
pub(super) fn cloudwatch_cbor(operation: &str, body: &Json) -> Request<Bytes> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&to_cbor("", body), &mut bytes).unwrap();
    let mut request = signed("monitoring")
        .header("content-type", "application/cbor")
        .header("smithy-protocol", "rpc-v2-cbor")
        .body(Bytes::from(bytes))
        .unwrap();
    *request.uri_mut() = format!("/service/GraniteServiceVersion20100801/operation/{operation}").parse().unwrap();
    request
}

fn to_cbor(name: &str, json: &Json) -> Cbor {
    match json {
        Json::Number(number) if name.ends_with("Time") => Cbor::Tag(1, Box::new(Cbor::Float(number.as_f64().unwrap()))),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Cbor::Integer(whole.into()),
            None => Cbor::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => Cbor::Text(text.clone()),
        Json::Bool(flag) => Cbor::Bool(*flag),
        Json::Null => Cbor::Null,
        Json::Array(items) => Cbor::Array(items.iter().map(|i| to_cbor("", i)).collect()),
        Json::Object(members) => {
            Cbor::Map(members.iter().map(|(n, v)| (Cbor::Text(n.clone()), to_cbor(n, v))).collect())
        }
    }
}

pub(super) async fn send(simulator: &Simulator, request: Request<Bytes>) -> Response<Bytes> {
    match simulator.answer(request).await {
        Answer::Response(response) => response,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn text(simulator: &Simulator, request: Request<Bytes>) -> (u16, String) {
    let response = send(simulator, request).await;
    (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
}

pub(super) async fn read_json(simulator: &Simulator, request: Request<Bytes>) -> Json {
    let response = send(simulator, request).await;
    serde_json::from_slice(response.body()).unwrap()
}

/// A CBOR answer as JSON, tagged times as seconds.
pub(super) async fn read_cbor(simulator: &Simulator, request: Request<Bytes>) -> Json {
    let response = send(simulator, request).await;
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    let cbor: Cbor = ciborium::from_reader(&response.body()[..]).unwrap();
    from_cbor(cbor)
}

fn from_cbor(cbor: Cbor) -> Json {
    match cbor {
        Cbor::Integer(number) => json!(i64::try_from(number).unwrap()),
        Cbor::Float(number) => json!(number),
        Cbor::Text(text) => json!(text),
        Cbor::Bool(flag) => json!(flag),
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
        Cbor::Tag(1, seconds) => json!(seconds.into_float().unwrap() as i64),
        Cbor::Array(items) => items.into_iter().map(from_cbor).collect(),
        Cbor::Map(members) => members.into_iter().map(|(n, v)| (n.into_text().unwrap(), from_cbor(v))).collect(),
        other => panic!("{other:?}"),
    }
}

/// The texts of all elements of that name, in order.
pub(super) fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
}

pub(super) fn seconds(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_second()
}

/// Points of each result by id, pages joined.
pub(super) fn points(pages: &[Json]) -> BTreeMap<String, Vec<(i64, f64)>> {
    let mut found: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
    for result in pages.iter().flat_map(|page| page["MetricDataResults"].as_array().unwrap()) {
        let times = result["Timestamps"].as_array().unwrap().iter().map(|t| t.as_i64().unwrap());
        let values = result["Values"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap());
        found.entry(result["Id"].as_str().unwrap().to_owned()).or_default().extend(times.zip(values));
    }
    found
}
