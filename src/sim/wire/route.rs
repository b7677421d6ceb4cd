//! From a request to the service, the operation, the region and the protocol.

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

use super::protocol::decode_form;
use super::service::{Protocol, Service};

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// `None` for a service that is not simulated.
    pub(super) service: Option<Service>,
    /// Name of the operation, empty when the request has none.
    pub(super) operation: String,
    /// Id of the access key it is signed with.
    pub(super) access_key: String,
    /// Region of the credential scope.
    pub(super) region: String,
    /// How it is answered.
    pub(super) protocol: Protocol,
    /// Whether it carries a signature. Nobody verifies it.
    pub(super) signed: bool,
}

/// The region of a request that names none.
const HOME: &str = "ap-northeast-1";
const RPC_PATH: &str = "/service/GraniteServiceVersion20100801/operation/";

impl Route {
    /// Reads the path and the headers, and the body only of a form.
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let scope = Scope::of(text(AUTHORIZATION.as_str()));
        let route = |service, operation: &str, protocol| Self {
            service,
            operation: operation.to_owned(),
            access_key: scope.access_key.to_owned(),
            region: scope.region.to_owned(),
            protocol,
            signed: scope.signed,
        };
        if let Some(operation) = request.uri().path().strip_prefix(RPC_PATH) {
            return route(Some(Service::CloudWatch), operation, Protocol::Cbor);
        }
        if let Some((prefix, operation)) = text("x-amz-target").rsplit_once('.') {
            let json10 = text(CONTENT_TYPE.as_str()).contains("json-1.0");
            let protocol = if json10 { Protocol::Json10 } else { Protocol::Json11 };
            return route(Service::of_target(prefix), operation, protocol);
        }
        let form = decode_form(payload(request));
        let asked = |name: &str| form.get(name).and_then(|v| v.as_text().map(std::borrow::Cow::into_owned));
        let operation = asked("Action").unwrap_or_default();
        let service = Service::of_form(scope.service, asked("Version").as_deref());
        let protocol = if service == Some(Service::Ec2) { Protocol::Ec2 } else { Protocol::Query };
        route(service.filter(|s| s.protocols().contains(&protocol)), &operation, protocol)
    }
}

/// The bytes with the members: a form may come as the query of a GET.
pub(super) fn payload(request: &Request<Bytes>) -> &[u8] {
    if request.body().is_empty() { request.uri().query().unwrap_or_default().as_bytes() } else { request.body() }
}

/// Of `AWS4-HMAC-SHA256 Credential=AKID/DATE/REGION/SERVICE/aws4_request, …`.
struct Scope<'a> {
    access_key: &'a str,
    region: &'a str,
    service: &'a str,
    signed: bool,
}

impl<'a> Scope<'a> {
    fn of(authorization: &'a str) -> Self {
        let credential =
            authorization.split_once("Credential=").map_or("", |(_, rest)| rest.split([',', ' ']).next().unwrap_or(""));
        // An access key id may be anything but must not shift the rest.
        let mut parts = credential.rsplit('/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date), Some(_)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Self { access_key: "", region: HOME, service: "", signed: !authorization.is_empty() };
        };
        let scope = [date, region, service, "aws4_request"].iter().map(|part| part.len() + 1).sum::<usize>();
        let access_key = &credential[..credential.len() - scope];
        Self { access_key, region: if region.is_empty() { HOME } else { region }, service, signed: true }
    }
}
