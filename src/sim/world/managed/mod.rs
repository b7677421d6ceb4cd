//! What an account has besides balancers, groups and instances: things of managed services, known by their metrics.
//!
//! In: an account and a region. Out: [`Managed`] things with the dimensions that CloudWatch knows them by. What they
//! publish is `metrics/managed`.

mod service;

pub(super) use service::Service;

use super::fleet::Region;
use super::noise::hex;
use super::{Account, WorldConfig, build::name_hash, describe};
use jiff::Timestamp;

/// A thing of a managed service.
#[derive(Debug)]
pub(super) struct Managed {
    pub(super) service: Service,
    /// What people call it; what it does follows from that.
    pub(super) name: &'static str,
    /// Seed of its noise.
    pub(super) hash: u64,
    /// Sorted by name.
    pub(super) dimensions: Vec<(&'static str, String)>,
    /// How much it has to do at the busiest hour; what of is the service's business.
    pub(super) rate: f64,
}

/// Service, name, rate.
type Row = (Service, &'static str, f64);

/// Rates a minute: messages, invocations, read units, requests, records, connections, executions; for a bucket the
/// gigabytes.
const SHOP: &[Row] = &[
    (Service::Sqs, "orders", 420.0),
    (Service::Sqs, "thumbnails", 160.0),
    (Service::Sqs, "orders-dlq", 0.0),
    (Service::Lambda, "thumbnailer", 160.0),
    (Service::Lambda, "order-events", 420.0),
    (Service::Lambda, "click-enricher", 240.0),
    (Service::Lambda, "nightly-report", 0.2),
    (Service::DynamoDb, "sessions", 5_200.0),
    (Service::DynamoDb, "carts", 1_400.0),
    (Service::Rds, "shop-db", 88.0),
    (Service::Rds, "shop-db-replica", 64.0),
    (Service::ElastiCache, "shop-cache-001", 310.0),
    (Service::ElastiCache, "shop-cache-002", 310.0),
    (Service::Kinesis, "clicks", 6_200.0),
    (Service::Firehose, "clicks-to-s3", 6_200.0),
    (Service::Sns, "order-placed", 410.0),
    (Service::Sns, "ops", 0.15),
    (Service::Ecs, "shop/checkout", 47.0),
    (Service::Ecs, "shop/search", 38.0),
    (Service::ApiGateway, "shop-api/prod", 940.0),
    (Service::States, "order-fulfilment", 36.0),
    (Service::Efs, "shop-media", 120.0),
    (Service::Redshift, "shop-dwh", 14.0),
    (Service::NatGateway, "nat-a", 8_100.0),
    (Service::NatGateway, "nat-c", 7_400.0),
    (Service::NatGateway, "nat-d", 7_000.0),
    (Service::S3, "shop-assets", 2_840.0),
    (Service::S3, "shop-logs", 910.0),
];

const SHOP_ABROAD: &[Row] = &[
    (Service::CloudFront, "www", 14_000.0),
    (Service::CloudFront, "images", 31_000.0),
    (Service::Route53, "www-health", 1.0),
    (Service::Route53, "api-health", 1.0),
    (Service::S3, "shop-backups", 5_120.0),
];

const STAGING: &[Row] = &[
    (Service::Sqs, "orders", 12.0),
    (Service::Lambda, "order-events", 12.0),
    (Service::DynamoDb, "sessions", 90.0),
    (Service::Rds, "stg-shop-db", 9.0),
    (Service::Ecs, "shop/checkout", 11.0),
    (Service::S3, "stg-shop-assets", 24.0),
];

const STAGING_ABROAD: &[Row] = &[(Service::Route53, "stg-health", 1.0)];

/// The managed things of `region`, whose hosts are known by now.
pub(super) fn of(config: &WorldConfig, region: &Region) -> Vec<Managed> {
    let rows = match (region.account, region.name) {
        (Account::Main, "ap-northeast-1") => SHOP,
        (Account::Main, "us-east-1") => SHOP_ABROAD,
        (Account::Staging, "ap-northeast-1") => STAGING,
        (Account::Staging, "us-east-1") => STAGING_ABROAD,
        _ => &[],
    };
    let mut out = Vec::new();
    for &(service, name, rate) in rows {
        let hash = name_hash(config, &format!("{}/{name}", service.namespace()));
        let add = |dimensions: Vec<(&'static str, String)>| Managed { service, name, hash, dimensions, rate };
        out.extend(dimensions(region, service, name, hash).into_iter().map(add));
    }
    volumes(config, region, &mut out);
    out
}

/// The sets of dimensions under which CloudWatch has the metrics of a thing: its own, and for some services also one
/// that sums over several things.
fn dimensions(region: &Region, service: Service, name: &str, hash: u64) -> Vec<Vec<(&'static str, String)>> {
    let (left, right) = name.split_once('/').unwrap_or((name, ""));
    let one = |key: &'static str, value: String| vec![vec![(key, value)]];
    match service {
        Service::ApiGateway => {
            vec![vec![("ApiName", left.to_owned()), ("Stage", right.to_owned())], vec![("ApiName", left.to_owned())]]
        }
        Service::CloudFront => {
            let id = format!("E{}", hex(hash, 13).to_uppercase());
            vec![vec![("DistributionId", id), ("Region", "Global".to_owned())]]
        }
        Service::DynamoDb => one("TableName", name.to_owned()),
        Service::Ebs => Vec::new(),
        Service::Ecs => {
            vec![vec![("ClusterName", left.to_owned()), ("ServiceName", right.to_owned())]]
        }
        Service::Efs => one("FileSystemId", format!("fs-0{}", hex(hash, 16))),
        Service::ElastiCache => one("CacheClusterId", name.to_owned()),
        Service::Firehose => one("DeliveryStreamName", name.to_owned()),
        Service::Kinesis => one("StreamName", name.to_owned()),
        Service::Lambda => one("FunctionName", name.to_owned()),
        Service::NatGateway => one("NatGatewayId", format!("nat-0{}", hex(hash, 16))),
        Service::Rds => one("DBInstanceIdentifier", name.to_owned()),
        Service::Redshift => one("ClusterIdentifier", name.to_owned()),
        Service::Route53 => one("HealthCheckId", super::noise::uuid(hash)),
        Service::S3 => ["AllStorageTypes", "StandardStorage"]
            .map(|sort| vec![("BucketName", name.to_owned()), ("StorageType", sort.to_owned())])
            .into(),
        Service::Sns => one("TopicName", name.to_owned()),
        Service::Sqs => one("QueueName", name.to_owned()),
        Service::States => {
            let arn = format!("arn:aws:states:{}:{}:stateMachine:{name}", region.name, region.account.id());
            one("StateMachineArn", arn)
        }
    }
}

/// The root volumes of the named hosts that stay. Those of the extra fleet of a large scale publish nothing, so that
/// the number of metrics stays in proportion to the number of instances.
fn volumes(config: &WorldConfig, region: &Region, out: &mut Vec<Managed>) {
    let stays = |h: &&super::fleet::Host| {
        h.launched < config.began
            && h.killed == Timestamp::MAX
            && !h.stopped
            && h.group.is_none_or(|g| !region.groups[g].name.starts_with("svc-"))
    };
    for host in region.hosts.iter().filter(stays) {
        out.push(Managed {
            service: Service::Ebs,
            name: "root",
            hash: super::noise::mix(host.hash, 0xEB5),
            dimensions: vec![("VolumeId", describe::root_volume(&host.id))],
            rate: 40.0 + (host.hash % 160) as f64,
        });
    }
}
