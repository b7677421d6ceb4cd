//! Regions and subnets.

use super::super::Call;
use super::super::filter::{Filters, is_tag, of_tags};
use super::{all_found, ids_or_page, page, tag_set};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::Subnet;

/// The regions that every account has without asking for them.
const REGIONS: [&str; 17] = [
    "ap-south-1",
    "eu-north-1",
    "eu-west-3",
    "eu-west-2",
    "eu-west-1",
    "ap-northeast-3",
    "ap-northeast-2",
    "ap-northeast-1",
    "ca-central-1",
    "sa-east-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

pub(in super::super) fn describe_regions(call: &Call<'_>) -> Result<Value, ApiError> {
    let names = call.params.texts("RegionName")?;
    if let Some(name) = names.iter().find(|n| !REGIONS.contains(&n.as_str())) {
        return Err(call.params.invalid(format!("Invalid region provided: {name}")));
    }
    let known = |f: &str| matches!(f, "region-name" | "endpoint" | "opt-in-status");
    let filters = Filters::read(&call.params, "Filter", "Value", known)?;
    let endpoint = |name: &str| format!("ec2.{name}.amazonaws.com");
    let found = REGIONS.into_iter().filter(|name| names.is_empty() || names.iter().any(|n| n == name)).filter(|name| {
        let endpoint = endpoint(name);
        filters.pass(|f| {
            Some(match f {
                "region-name" => *name,
                "endpoint" => endpoint.as_str(),
                _ => "opt-in-not-required",
            })
        })
    });
    let regions = found.map(|name| {
        map([
            ("regionName", name.into()),
            ("regionEndpoint", endpoint(name).into()),
            ("optInStatus", "opt-in-not-required".into()),
        ])
    });
    Ok(map([("regionInfo", list(regions))]))
}

pub(in super::super) fn describe_subnets(call: &Call<'_>) -> Result<Value, ApiError> {
    const KNOWN: [&str; 8] = [
        "availability-zone",
        "availabilityZone",
        "available-ip-address-count",
        "cidr-block",
        "owner-id",
        "state",
        "subnet-id",
        "vpc-id",
    ];
    let ids = call.params.texts("SubnetId")?;
    ids_or_page(call, &ids, "subnetSet")?;
    let filters = Filters::read(&call.params, "Filter", "Value", |f| is_tag(f) || KNOWN.contains(&f))?;
    let page = page(call, 5)?;
    let all = call.world.subnets(call.region, page.now);
    all_found(&ids, |id| all.iter().any(|s| s.id == id), "InvalidSubnetID.NotFound", "subnet")?;
    let found = all
        .iter()
        .filter(|s| ids.is_empty() || ids.contains(&s.id))
        .filter(|s| {
            let available = s.available.to_string();
            filters.pass(|f| {
                of_tags(f, &s.tags).unwrap_or_else(|| {
                    vec![match f {
                        "availability-zone" | "availabilityZone" => &s.zone,
                        "available-ip-address-count" => &available,
                        "cidr-block" => &s.cidr,
                        "owner-id" => &s.owner,
                        "subnet-id" => &s.id,
                        "vpc-id" => &s.vpc,
                        _ => "available",
                    }]
                })
            })
        })
        .collect();
    let (found, token): (Vec<&Subnet>, _) = page.cut(found);
    Ok(map([("subnetSet", list(found.into_iter().map(subnet_of(call.region))))]).and("nextToken", token))
}

fn subnet_of(region: &str) -> impl Fn(&Subnet) -> Value + '_ {
    move |s| {
        map([
            ("subnetId", (&s.id).into()),
            ("subnetArn", format!("arn:aws:ec2:{region}:{}:subnet/{}", s.owner, s.id).into()),
            ("state", "available".into()),
            ("ownerId", (&s.owner).into()),
            ("vpcId", (&s.vpc).into()),
            ("cidrBlock", (&s.cidr).into()),
            ("availableIpAddressCount", s.available.into()),
            ("availabilityZone", (&s.zone).into()),
            ("defaultForAz", false.into()),
            ("mapPublicIpOnLaunch", false.into()),
            ("tagSet", tag_set(&s.tags)),
        ])
    }
}
