//! Smithy RPC v2 over CBOR: times are tag 1 over seconds.

use std::borrow::Cow;

use ciborium::Value as Cbor;

use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::{Value, time_of_seconds};

const EPOCH_TIME: u64 = 1;

/// The members of a request. An empty body has none.
pub(super) fn decode(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let parsed: Cbor =
        ciborium::from_reader(body).map_err(|e| ApiError::malformed(format!("the body is not CBOR: {e}")))?;
    match from_cbor(parsed) {
        Some(value @ Value::Map(_)) => Ok(value),
        _ => Err(ApiError::malformed("the body is not a CBOR map")),
    }
}

fn from_cbor(cbor: Cbor) -> Option<Value> {
    Some(match cbor {
        Cbor::Integer(number) => Value::Int(i64::try_from(number).ok()?),
        Cbor::Float(number) => Value::Float(number),
        Cbor::Text(text) => Value::Text(Cow::Owned(text)),
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Tag(EPOCH_TIME, seconds) => match *seconds {
            Cbor::Float(seconds) => Value::Time(time_of_seconds(seconds)?),
            Cbor::Integer(seconds) => Value::Time(jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?),
            _ => return None,
        },
        Cbor::Array(items) => Value::List(items.into_iter().filter_map(from_cbor).collect()),
        Cbor::Map(members) => Value::Map(
            members
                .into_iter()
                .filter_map(|(name, value)| Some((Cow::Owned(name.into_text().ok()?), from_cbor(value)?)))
                .collect(),
        ),
        _ => return None,
    })
}

/// An answer.
pub(super) fn encode(members: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    // Writing to memory cannot fail, and a tree of ours has no value that CBOR lacks.
    let _ = ciborium::into_writer(&to_cbor(members), &mut body);
    body
}

fn to_cbor(value: &Value) -> Cbor {
    match value {
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::Int(number) => Cbor::Integer((*number).into()),
        Value::Float(number) => Cbor::Float(*number),
        Value::Text(text) => Cbor::Text(text.clone().into_owned()),
        Value::Time(at) => Cbor::Tag(EPOCH_TIME, Box::new(Cbor::Float(at.as_millisecond() as f64 / 1000.0))),
        Value::List(items) => Cbor::Array(items.iter().map(to_cbor).collect()),
        Value::Dict(entries) => {
            Cbor::Map(entries.iter().map(|(key, v)| (Cbor::Text(key.clone()), to_cbor(v))).collect())
        }
        Value::Map(members) => {
            Cbor::Map(members.iter().map(|(name, v)| (Cbor::Text(name.clone().into_owned()), to_cbor(v))).collect())
        }
    }
}
