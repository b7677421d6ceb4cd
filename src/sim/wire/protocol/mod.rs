//! The protocols: bytes to a tree, a tree or an error to bytes.

mod cbor;
mod form;
mod json;
mod xml;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::error::ApiError;
use super::service::{Protocol, Service};
use super::value::Value;

pub(super) use form::decode as decode_form;

/// Who is answered, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'a> {
    pub(super) protocol: Protocol,
    pub(super) service: Option<Service>,
    pub(super) operation: &'a str,
    pub(super) request_id: &'a str,
}

/// The members of a request.
pub(super) fn decode(protocol: Protocol, body: &[u8]) -> Result<Value, ApiError> {
    match protocol {
        Protocol::Ec2 | Protocol::Query => Ok(decode_form(body)),
        Protocol::Json10 | Protocol::Json11 => json::decode(body),
        Protocol::Cbor => cbor::decode(body),
    }
}

impl Reply<'_> {
    /// A success.
    pub(super) fn answer(&self, members: &Value) -> Response<Bytes> {
        let body = match self.protocol {
            Protocol::Ec2 | Protocol::Query => xml::success(self, members),
            Protocol::Json10 | Protocol::Json11 => json::encode(members),
            Protocol::Cbor => cbor::encode(members),
        };
        self.response(200, body)
    }

    /// An error.
    pub(super) fn error(&self, error: &ApiError) -> Response<Bytes> {
        let body = match self.protocol {
            Protocol::Ec2 | Protocol::Query => xml::error(self, error),
            Protocol::Json10 | Protocol::Json11 => json::encode(&self.error_members(error)),
            Protocol::Cbor => cbor::encode(&self.error_members(error)),
        };
        let mut response = self.response(error.status, body);
        if !matches!(self.protocol, Protocol::Ec2 | Protocol::Query) {
            let headers = response.headers_mut();
            if let Ok(shape) = HeaderValue::from_str(&error.shape)
                && self.protocol != Protocol::Cbor
            {
                headers.insert("x-amzn-errortype", shape);
            }
            if self.service == Some(Service::CloudWatch) {
                let fault = if error.is_sender() { "Sender" } else { "Receiver" };
                if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", error.code)) {
                    headers.insert("x-amzn-query-error", value);
                }
            }
        }
        response
    }

    fn error_members(&self, error: &ApiError) -> Value {
        let shape = match self.service {
            Some(Service::CloudWatch) => format!("com.amazonaws.cloudwatch#{}", error.shape),
            _ => error.shape.clone().into_owned(),
        };
        super::value::map([("__type", shape.into()), ("message", (&error.message).into())])
    }

    fn response(&self, status: u16, body: Vec<u8>) -> Response<Bytes> {
        let content_type = match self.protocol {
            Protocol::Ec2 | Protocol::Query => "text/xml;charset=utf-8",
            Protocol::Json10 => "application/x-amz-json-1.0",
            Protocol::Json11 => "application/x-amz-json-1.1",
            Protocol::Cbor => "application/cbor",
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(id) = HeaderValue::from_str(self.request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        if self.protocol == Protocol::Cbor {
            headers.insert(HeaderName::from_static("smithy-protocol"), HeaderValue::from_static("rpc-v2-cbor"));
        }
        response
    }
}
