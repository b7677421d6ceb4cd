//! AWS Price List: what an instance costs an hour on demand, by the public list.

use aws_sdk_pricing::types as sdk;
use serde_json::Value;

use super::{Api, Meter, ScopeClients};
use crate::model::{Market, Offer, PollError};

/// Most pages of one offer's products: a well-filtered question has one.
const PAGES: u32 = 5;

/// The region of the price list's endpoint that is nearest to `region`; it has few.
pub(super) fn endpoint_region(region: &str) -> &'static str {
    match region.split('-').next().unwrap_or_default() {
        "cn" => "cn-northwest-1",
        "ap" => "ap-south-1",
        "eu" | "af" | "me" | "il" => "eu-central-1",
        _ => "us-east-1",
    }
}

/// The operating system and the software of the price list for EC2's platform `details`, or `None` where it is not
/// known which product that is.
fn product(details: &str) -> Option<(&'static str, &'static str)> {
    let (system, software) = details.split_once(" with SQL Server ").unwrap_or((details, ""));
    let software = match software {
        "" => "NA",
        "Standard" => "SQL Std",
        "Web" => "SQL Web",
        "Enterprise" => "SQL Ent",
        _ => return None,
    };
    let system = match system {
        "Linux/UNIX" | "Linux" => "Linux",
        "Windows" => "Windows",
        "Red Hat Enterprise Linux" => "RHEL",
        "SUSE Linux" => "SUSE",
        "Ubuntu Pro" => "Ubuntu Pro",
        _ => return None,
    };
    Some((system, software))
}

/// The list price of `offer` in US dollars an hour; `None` where the list has no such product.
pub async fn on_demand(clients: &ScopeClients, meter: &Meter, offer: &Offer) -> Result<Option<f64>, PollError> {
    let Some((system, software)) = product(&offer.platform) else { return Ok(None) };
    let tenancy = match offer.market {
        Market::Shared => "Shared",
        Market::Dedicated => "Dedicated",
        Market::Spot(_) => return Ok(None),
    };
    let client = clients.pricing().await;
    let equal = |field: &str, value: &str| {
        sdk::Filter::builder().r#type(sdk::FilterType::TermMatch).field(field).value(value).build().ok()
    };
    let filters: Option<Vec<sdk::Filter>> = [
        ("instanceType", offer.instance_type.as_str()),
        ("regionCode", &offer.region),
        ("operatingSystem", system),
        ("tenancy", tenancy),
        ("preInstalledSw", software),
        ("capacitystatus", "Used"),
    ]
    .into_iter()
    .map(|(field, value)| equal(field, value))
    .collect();
    let send = |token, tally| {
        client
            .get_products()
            .service_code("AmazonEC2")
            .format_version("aws_v1")
            .set_filters(filters.clone())
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    let listing = meter
        .pages(Api::Pricing, "GetProducts", PAGES, send, |page, into| {
            into.extend(page.price_list().iter().filter_map(|item| dollars_per_hour(item)));
            page.next_token
        })
        .await;
    match listing.error {
        Some(error) => Err(error),
        // One product is what the filters leave; of several the dearest, so that nothing is called cheaper than it is.
        None => Ok(listing.items.into_iter().max_by(f64::total_cmp)),
    }
}

/// The hourly price of an item of the price list, a JSON text: `terms.OnDemand.*.priceDimensions.*.pricePerUnit.USD`. An
/// item of the user's own licence, of a reservation or of a capacity block is none.
fn dollars_per_hour(item: &str) -> Option<f64> {
    let item: Value = serde_json::from_str(item).ok()?;
    let attribute = |name: &str| item["product"]["attributes"][name].as_str();
    if attribute("licenseModel") == Some("Bring your own license")
        || attribute("marketoption").is_some_and(|m| m != "OnDemand")
    {
        return None;
    }
    let each = |value: &Value| value.as_object().map(|o| o.values().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let dimensions = each(&item["terms"]["OnDemand"]).into_iter().flat_map(|term| each(&term["priceDimensions"]));
    dimensions
        .filter(|d| d["unit"].as_str().is_some_and(|u| u == "Hrs" || u == "Hours"))
        .filter_map(|d| d["pricePerUnit"]["USD"].as_str()?.parse::<f64>().ok())
        .filter(|usd| usd.is_finite() && *usd > 0.0)
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(attributes: &Value, unit: &str, usd: &str) -> String {
        serde_json::json!({
            "product": { "attributes": attributes },
            "terms": { "OnDemand": { "A.B": { "priceDimensions": { "A.B.C": { "unit": unit, "pricePerUnit": { "USD": usd } } } } } },
        })
        .to_string()
    }

    #[test]
    fn prices_are_decimal_texts_in_a_json_text() {
        let plain = serde_json::json!({});
        assert_eq!(dollars_per_hour(&item(&plain, "Hrs", "0.0960000000")), Some(0.096));
        for (unit, usd) in [("Hrs", "0.0000000000"), ("Hrs", "-1"), ("Hrs", "NaN"), ("Quantity", "4.2"), ("Hrs", "x")] {
            assert_eq!(dollars_per_hour(&item(&plain, unit, usd)), None, "{unit} {usd}");
        }
        let own = serde_json::json!({ "licenseModel": "Bring your own license" });
        let block = serde_json::json!({ "marketoption": "CapacityBlock" });
        assert_eq!([own, block].map(|a| dollars_per_hour(&item(&a, "Hrs", "1"))), [None, None]);
        assert_eq!(dollars_per_hour("no JSON"), None);
        assert_eq!(dollars_per_hour("[]"), None);
    }

    #[test]
    fn platforms_of_ec2_and_systems_of_the_price_list() {
        assert_eq!(product("Linux/UNIX"), Some(("Linux", "NA")));
        assert_eq!(product("Windows with SQL Server Standard"), Some(("Windows", "SQL Std")));
        assert_eq!(product("Red Hat Enterprise Linux"), Some(("RHEL", "NA")));
        assert_eq!(product("Windows BYOL"), None);
        assert_eq!(product(""), None);
        assert_eq!(endpoint_region("ap-northeast-1"), "ap-south-1");
        assert_eq!(endpoint_region("sa-east-1"), "us-east-1");
    }
}
