//! EC2. Members carry the names of its XML, since it has no other protocol.

mod instances;
mod places;
mod spot;
mod volumes;

pub(super) use instances::{describe_instance_status, describe_instances};
pub(super) use places::{describe_regions, describe_subnets};
pub(super) use spot::describe_spot_price_history;
pub(super) use volumes::describe_volumes;

use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::{Page, Paging};
use crate::sim::wire::value::{Value, list, map};

use super::Call;

/// Without a size, EC2 gives everything.
fn page(call: &Call<'_>, least: usize) -> Result<Page, ApiError> {
    Paging { token: "NextToken", size: "MaxResults", default: usize::MAX, least, most: 1000 }
        .read(&call.params, call.now)
}

/// Ids and a page do not go together.
fn ids_or_page(call: &Call<'_>, ids: &[String], name: &str) -> Result<(), ApiError> {
    if !ids.is_empty() && call.params.int("MaxResults")?.is_some() {
        return Err(ApiError::named(
            "InvalidParameterCombination",
            format!("The parameter {name} cannot be used with the parameter maxResults"),
        ));
    }
    Ok(())
}

/// The error for ids of which nothing is known.
fn all_found(ids: &[String], known: impl Fn(&str) -> bool, code: &'static str, what: &str) -> Result<(), ApiError> {
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !known(id)).collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(ApiError::named(code, format!("The {what} ID '{one}' does not exist"))),
        many => Err(ApiError::named(code, format!("The {what} IDs '{}' do not exist", many.join(", ")))),
    }
}

fn tag_set(tags: &[(String, String)]) -> Value {
    list(tags.iter().map(|(key, value)| map([("key", key.into()), ("value", value.into())])))
}
