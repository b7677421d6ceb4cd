//! List prices of instances, and the products that `GetProducts` makes of them.

use serde_json::json;

use super::Product;
use super::build::REGIONS;
use super::noise::{hex, mix_text};

/// Type, vCPU, memory, dollars an hour on Linux in each of the regions.
const PRICES: [(&str, u32, &str, [f64; 3]); 16] = [
    ("c5.large", 2, "4 GiB", [0.107, 0.085, 0.096]),
    ("c5.xlarge", 4, "8 GiB", [0.214, 0.17, 0.192]),
    ("c5.2xlarge", 8, "16 GiB", [0.428, 0.34, 0.384]),
    ("g5.xlarge", 4, "16 GiB", [1.459, 1.006, 1.123]),
    ("m5.large", 2, "8 GiB", [0.124, 0.096, 0.107]),
    ("m5.xlarge", 4, "16 GiB", [0.248, 0.192, 0.214]),
    ("m5.2xlarge", 8, "32 GiB", [0.496, 0.384, 0.428]),
    ("m5.4xlarge", 16, "64 GiB", [0.992, 0.768, 0.856]),
    ("p3.2xlarge", 8, "61 GiB", [4.194, 3.06, 3.305]),
    ("p4d.24xlarge", 96, "1152 GiB", [44.922_15, 32.772_6, 35.396_55]),
    ("r5.large", 2, "16 GiB", [0.152, 0.126, 0.141]),
    ("r5.xlarge", 4, "32 GiB", [0.304, 0.252, 0.282]),
    ("t3.micro", 2, "1 GiB", [0.0136, 0.0104, 0.0114]),
    ("t3.small", 2, "2 GiB", [0.0272, 0.0208, 0.0228]),
    ("t3.medium", 2, "4 GiB", [0.0544, 0.0416, 0.0456]),
    ("t3.large", 2, "8 GiB", [0.1088, 0.0832, 0.0912]),
];

/// Dollars an hour that a Windows licence adds for a vCPU.
const WINDOWS_PER_VCPU: f64 = 0.046;

/// Dollars an hour of an instance on Linux.
pub(super) fn usd_per_hour(instance_type: &str, region: &str) -> f64 {
    let column = REGIONS.iter().position(|r| *r == region).unwrap_or(0);
    PRICES.iter().find(|(name, ..)| *name == instance_type).map_or(0.0, |(_, _, _, prices)| prices[column])
}

/// See [`super::World::products`].
pub(super) fn products() -> Vec<Product> {
    let mut out = Vec::new();
    for (column, region) in REGIONS.into_iter().enumerate() {
        for (instance_type, vcpu, memory, prices) in PRICES {
            out.push(product(region, instance_type, vcpu, memory, "Linux", prices[column]));
            let windows = prices[column] + f64::from(vcpu) * WINDOWS_PER_VCPU;
            out.push(product(region, instance_type, vcpu, memory, "Windows", windows));
        }
    }
    out
}

fn product(
    region: &'static str,
    instance_type: &'static str,
    vcpu: u32,
    memory: &'static str,
    operating_system: &'static str,
    usd_per_hour: f64,
) -> Product {
    let location = match region {
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "us-east-1" => "US East (N. Virginia)",
        _ => "EU (Ireland)",
    };
    let prefix = match region {
        "ap-northeast-1" => "APN1-",
        "us-east-1" => "",
        _ => "EU-",
    };
    let attributes: Vec<(&'static str, String)> = [
        ("servicecode", "AmazonEC2"),
        ("servicename", "Amazon Elastic Compute Cloud"),
        ("instanceType", instance_type),
        ("regionCode", region),
        ("location", location),
        ("locationType", "AWS Region"),
        ("operatingSystem", operating_system),
        ("tenancy", "Shared"),
        ("preInstalledSw", "NA"),
        ("capacitystatus", "Used"),
        ("memory", memory),
        ("licenseModel", "No License required"),
        ("marketoption", "OnDemand"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .chain([
        ("vcpu", vcpu.to_string()),
        ("operation", if operating_system == "Linux" { "RunInstances" } else { "RunInstances:0002" }.to_owned()),
        ("usagetype", format!("{prefix}BoxUsage:{instance_type}")),
    ])
    .collect();
    let hash = mix_text(mix_text(mix_text(11, region), instance_type), operating_system);
    let sku = hex(hash, 16).to_uppercase();
    let (offer, rate) = (format!("{sku}.JRTCKXETXF"), format!("{sku}.JRTCKXETXF.6YS6EN2CT7"));
    let map: serde_json::Map<_, _> = attributes.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    let json = json!({
        "product": { "productFamily": "Compute Instance", "attributes": map, "sku": sku },
        "serviceCode": "AmazonEC2",
        "terms": { "OnDemand": { offer: {
            "priceDimensions": { rate.clone(): {
                "unit": "Hrs",
                "endRange": "Inf",
                "description": format!("${usd_per_hour:.4} per On Demand {operating_system} {instance_type} Instance Hour"),
                "appliesTo": [],
                "rateCode": rate,
                "beginRange": "0",
                "pricePerUnit": { "USD": format!("{usd_per_hour:.10}") },
            } },
            "sku": sku,
            "effectiveDate": "2026-01-01T00:00:00Z",
            "offerTermCode": "JRTCKXETXF",
            "termAttributes": {},
        } } },
        "version": "20260109233121",
        "publicationDate": "2026-01-09T23:31:21Z",
    })
    .to_string();
    Product { instance_type, region, operating_system, vcpu, memory, usd_per_hour, attributes, json }
}
