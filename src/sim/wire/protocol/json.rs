//! AWS JSON: times are seconds since 1970.

use std::borrow::Cow;

use serde_json::{Map, Number};

use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::Value;

/// The members of a request. An empty body has none.
pub(super) fn decode(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let parsed: serde_json::Value =
        serde_json::from_slice(body).map_err(|e| ApiError::malformed(format!("the body is not JSON: {e}")))?;
    match from_json(parsed) {
        Some(value @ Value::Map(_)) => Ok(value),
        _ => Err(ApiError::malformed("the body is not a JSON object")),
    }
}

fn from_json(json: serde_json::Value) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => return None,
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64()?),
        },
        serde_json::Value::String(text) => Value::Text(Cow::Owned(text)),
        serde_json::Value::Array(items) => Value::List(items.into_iter().filter_map(from_json).collect()),
        serde_json::Value::Object(members) => Value::Map(
            members.into_iter().filter_map(|(name, value)| Some((Cow::Owned(name), from_json(value)?))).collect(),
        ),
    })
}

/// An answer.
pub(super) fn encode(members: &Value) -> Vec<u8> {
    to_json(members).to_string().into_bytes()
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => Number::from_f64(*number).map_or(serde_json::Value::Null, Into::into),
        Value::Text(text) => text.as_ref().into(),
        Value::Time(at) => {
            let millis = at.as_millisecond();
            if millis % 1000 == 0 { (millis / 1000).into() } else { (millis as f64 / 1000.0).into() }
        }
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Dict(entries) => entries.iter().map(|(key, v)| (key.clone(), to_json(v))).collect::<Map<_, _>>().into(),
        Value::Map(members) => {
            members.iter().map(|(name, v)| (name.to_string(), to_json(v))).collect::<Map<_, _>>().into()
        }
    }
}
