//! A wire that answers as a test says, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::{Connect, ScopeClients, Transport, WireAnswer};
use crate::clock::Clock;
use crate::model::Scope;

/// A request as the wire saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) operation: String,
    pub(crate) host: String,
    pub(crate) user_agent: String,
    /// Form parameters (query protocol), decoded.
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) body: Bytes,
    /// How many requests for this operation came before.
    pub(crate) nth: usize,
}

/// The scripted wire.
#[derive(Clone, Default)]
pub(crate) struct Script {
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    /// Clients of `scope` on this wire, in process.
    pub(crate) fn clients(
        &self,
        scope: Scope,
        clock: &Clock,
        answer: impl Fn(&Seen) -> WireAnswer + Send + Sync + 'static,
    ) -> ScopeClients {
        let seen = self.seen.clone();
        let wire = move |request: http::Request<Bytes>| {
            let answered = {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                let mut one = read(&request);
                one.nth = seen.iter().filter(|s| s.operation == one.operation).count();
                seen.push(one.clone());
                one
            };
            let answer = answer(&answered);
            Box::pin(async move { answer }) as futures::future::BoxFuture<'static, WireAnswer>
        };
        let mut connect = Connect::new(scope.region.to_string(), clock.clone());
        connect.transport = Transport::InProcess(Arc::new(wire));
        connect.open().scope(scope)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.seen().iter().filter(|s| s.operation == operation).count()
    }
}

fn read(request: &http::Request<Bytes>) -> Seen {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body()).into_owned().collect();
    let target = header("x-amz-target");
    let operation = form
        .get("Action")
        .map(String::as_str)
        .or_else(|| target.rsplit_once('.').map(|(_, op)| op))
        .or_else(|| request.uri().path().rsplit_once("/operation/").map(|(_, op)| op))
        .unwrap_or_default()
        .to_owned();
    Seen {
        operation,
        host: request.uri().host().unwrap_or_default().to_owned(),
        user_agent: header("user-agent"),
        form,
        body: request.body().clone(),
        nth: 0,
    }
}

fn answer(status: u16, kind: &str, body: impl Into<Bytes>) -> http::Response<Bytes> {
    http::Response::builder().status(status).header("content-type", kind).body(body.into()).expect("a response")
}

/// A query-protocol answer around `inner`.
pub(crate) fn xml(operation: &str, inner: &str) -> WireAnswer {
    WireAnswer::Response(answer(
        200,
        "text/xml",
        format!("<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>"),
    ))
}

/// An EC2 answer around `inner`.
pub(crate) fn ec2_xml(operation: &str, inner: &str) -> WireAnswer {
    WireAnswer::Response(answer(200, "text/xml", format!("<{operation}Response>{inner}</{operation}Response>")))
}

/// A query-protocol error.
pub(crate) fn xml_error(status: u16, code: &str, message: &str) -> WireAnswer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    WireAnswer::Response(answer(status, "text/xml", body))
}

/// An EC2 error.
pub(crate) fn ec2_error(status: u16, code: &str, message: &str) -> WireAnswer {
    let body =
        format!("<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>");
    WireAnswer::Response(answer(status, "text/xml", body))
}

/// A JSON 1.1 answer or error.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> WireAnswer {
    WireAnswer::Response(answer(status, "application/x-amz-json-1.1", body.to_string()))
}

/// An rpc-v2-cbor answer or error.
pub(crate) fn cbor(status: u16, body: &ciborium::Value) -> WireAnswer {
    let mut bytes = Vec::new();
    ciborium::into_writer(body, &mut bytes).expect("CBOR into memory");
    let mut response = answer(status, "application/cbor", bytes);
    response.headers_mut().insert("smithy-protocol", http::HeaderValue::from_static("rpc-v2-cbor"));
    WireAnswer::Response(response)
}

/// Anything else, such as a web page.
pub(crate) fn raw(status: u16, kind: &str, body: &'static str) -> WireAnswer {
    WireAnswer::Response(answer(status, kind, body))
}
