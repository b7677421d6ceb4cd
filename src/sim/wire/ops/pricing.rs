//! The price list of EC2.

use super::Call;
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::Product;

const SERVICE_CODE: &str = "AmazonEC2";

pub(super) fn get_products(call: &Call<'_>) -> Result<Value, ApiError> {
    let service = call.params.must_text("ServiceCode")?;
    if service != SERVICE_CODE {
        return Err(call.params.invalid(format!("The service {service} has no products here; {SERVICE_CODE} has")));
    }
    let format = call.params.text("FormatVersion")?;
    if format.as_deref().is_some_and(|f| f != "aws_v1") {
        return Err(call.params.invalid("FormatVersion must be aws_v1"));
    }
    let mut filters = Vec::new();
    for filter in call.params.structures("Filters")? {
        let (kind, field, value) = (filter.must_text("Type")?, filter.must_text("Field")?, filter.must_text("Value")?);
        if !matches!(kind.as_str(), "TERM_MATCH" | "EQUALS" | "CONTAINS") {
            return Err(call.params.invalid(format!("The filter type {kind} is not supported")));
        }
        filters.push((kind == "CONTAINS", field, value));
    }
    let page = Paging { token: "NextToken", size: "MaxResults", default: 100, least: 1, most: 100 }
        .read(&call.params, call.now)?;
    let found = call
        .world
        .products()
        .into_iter()
        .filter(|p| filters.iter().all(|(part, field, value)| has(p, field, value, *part)))
        .collect();
    let (found, token) = page.cut(found);
    let products = found.into_iter().map(|p| p.json);
    Ok(map([("FormatVersion", "aws_v1".into()), ("PriceList", list(products))]).and("NextToken", token))
}

fn has(product: &Product, field: &str, value: &str, part: bool) -> bool {
    if field.eq_ignore_ascii_case("ServiceCode") {
        return value == SERVICE_CODE;
    }
    product.attributes.iter().filter(|(name, _)| name.eq_ignore_ascii_case(field)).any(|(_, has)| {
        if part { has.to_lowercase().contains(&value.to_lowercase()) } else { has.eq_ignore_ascii_case(value) }
    })
}
