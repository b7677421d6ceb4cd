//! The services whose resources are known by their metrics alone: what CloudWatch keeps of each, in one table.

use super::{Kind, Metric, Resource, Text};

/// How the resources of a [`Service`] are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// By `ListMetrics` of its namespace, those with data within AWS's three hours (`RecentlyActive=PT3H`).
    Recent,
    /// By `ListMetrics` without that filter, since its metrics are published once a day: what had data within two weeks.
    Daily,
    /// By a call of its own service.
    Described,
}

/// A kind of resource and what CloudWatch keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The kind.
    pub kind: Kind,
    /// The namespace of its metrics, such as `AWS/Lambda`.
    pub namespace: &'static str,
    /// The dimensions that name a resource; its id is their values joined by `/`.
    pub dimensions: &'static [&'static str],
    /// A dimension that has the same value for all, with that value.
    pub fixed: Option<(&'static str, &'static str)>,
    /// How they are found.
    pub listed: Listed,
    /// Whether its metrics are in us-east-1, wherever the resource is.
    pub global: bool,
}

const fn recent(kind: Kind, namespace: &'static str, dimensions: &'static [&'static str]) -> Service {
    Service { kind, namespace, dimensions, fixed: None, listed: Listed::Recent, global: false }
}

/// Every such service. Facts: the services' pages in the CloudWatch user guide.
pub const SERVICES: &[Service] = &[
    Service { listed: Listed::Described, ..recent(Kind::EbsVolume, "AWS/EBS", &["VolumeId"]) },
    recent(Kind::LambdaFunction, "AWS/Lambda", &["FunctionName"]),
    recent(Kind::KinesisStream, "AWS/Kinesis", &["StreamName"]),
    recent(Kind::DynamodbTable, "AWS/DynamoDB", &["TableName"]),
    recent(Kind::SqsQueue, "AWS/SQS", &["QueueName"]),
    recent(Kind::SnsTopic, "AWS/SNS", &["TopicName"]),
    recent(Kind::RdsInstance, "AWS/RDS", &["DBInstanceIdentifier"]),
    recent(Kind::ElasticacheCluster, "AWS/ElastiCache", &["CacheClusterId"]),
    recent(Kind::EcsService, "AWS/ECS", &["ClusterName", "ServiceName"]),
    recent(Kind::ApiGateway, "AWS/ApiGateway", &["ApiName", "Stage"]),
    Service {
        fixed: Some(("Region", "Global")),
        global: true,
        ..recent(Kind::CloudfrontDistribution, "AWS/CloudFront", &["DistributionId"])
    },
    Service { global: true, ..recent(Kind::Route53HealthCheck, "AWS/Route53", &["HealthCheckId"]) },
    recent(Kind::NatGateway, "AWS/NATGateway", &["NatGatewayId"]),
    recent(Kind::EfsFileSystem, "AWS/EFS", &["FileSystemId"]),
    recent(Kind::RedshiftCluster, "AWS/Redshift", &["ClusterIdentifier"]),
    recent(Kind::StateMachine, "AWS/States", &["StateMachineArn"]),
    recent(Kind::FirehoseStream, "AWS/Firehose", &["DeliveryStreamName"]),
    Service { listed: Listed::Daily, ..recent(Kind::S3Bucket, "AWS/S3", &["BucketName", "StorageType"]) },
];

/// The storage type under which S3 counts a bucket's objects: all of them together.
const ALL_STORAGE: &str = "AllStorageTypes";
/// The storage type that a bucket's own id stands for; what lies in another class has an id of its own.
const USUAL_STORAGE: &str = "StandardStorage";

impl Service {
    /// The service of `kind`, if its resources are known by their metrics.
    #[must_use]
    pub fn of(kind: Kind) -> Option<&'static Self> {
        SERVICES.iter().find(|s| s.kind == kind)
    }

    /// The id and the name of the resource whose metrics have `dimensions`, or `None` where they are those of something
    /// else: a function's version, a table's index, a whole cluster.
    #[must_use]
    pub fn name(&self, dimensions: &[(&str, &str)]) -> Option<(Text, Text)> {
        let value = |name: &str| dimensions.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).filter(|v| !v.is_empty());
        if let Some((name, fixed)) = self.fixed
            && value(name) != Some(fixed)
        {
            return None;
        }
        if dimensions.len() != self.dimensions.len() + usize::from(self.fixed.is_some()) {
            return None;
        }
        let mut values = self.dimensions.iter().map(|d| value(d)).collect::<Option<Vec<_>>>()?;
        if self.kind == Kind::S3Bucket && matches!(values.last(), Some(&(USUAL_STORAGE | ALL_STORAGE))) {
            values.pop();
        }
        let id = values.join("/");
        let name = if self.kind == Kind::StateMachine { id.rsplit(':').next().unwrap_or(&id) } else { &id };
        Some((Text::from(&id), Text::from(name)))
    }

    /// The dimensions of the resource `id`'s metrics, sorted by name, or `None` where `id` is none of this service.
    fn dimensions_of(&self, id: &str) -> Option<Vec<(Text, Text)>> {
        let values: Vec<&str> = match self.dimensions {
            [_] => vec![id],
            // A bucket's id may be the bucket alone; names of APIs may hold a slash, those of stages do not.
            _ if self.kind == Kind::S3Bucket && !id.contains('/') => vec![id, USUAL_STORAGE],
            _ => id.rsplit_once('/').map(|(a, b)| vec![a, b])?,
        };
        let own = self.dimensions.iter().copied().zip(values).chain(self.fixed);
        let mut dimensions: Vec<(Text, Text)> = own.map(|(n, v)| (n.into(), v.into())).collect();
        dimensions.sort();
        Some(dimensions)
    }
}

/// The dimensions of `resource` in `namespace` where it belongs to a [`Service`].
pub(super) fn service_dimensions(resource: &Resource, namespace: &str) -> Option<Vec<(Text, Text)>> {
    let service = Service::of(resource.id.kind).filter(|s| s.namespace == namespace)?;
    service.dimensions_of(&resource.id.id)
}

/// The dimensions under which CloudWatch keeps `metric` of `resource`: those of its namespace
/// ([`dimensions`](super::dimensions)), but S3 counts objects over all storage classes of a bucket together.
#[must_use]
pub fn metric_dimensions(resource: &Resource, metric: &Metric) -> Option<Vec<(Text, Text)>> {
    let mut dimensions = super::dimensions(resource, &metric.namespace)?;
    if metric.namespace == "AWS/S3" && metric.name == "NumberOfObjects" {
        if resource.id.id.contains('/') {
            return None;
        }
        for (name, value) in &mut dimensions {
            if *name == "StorageType" {
                *value = ALL_STORAGE.into();
            }
        }
    }
    Some(dimensions)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Detail, ResourceId, Scope, dimensions};

    fn resource(kind: Kind, id: &str) -> Resource {
        let id = ResourceId::new(&Scope::new("a", "us-east-1"), kind, id);
        Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::None }
    }

    fn pairs(list: &[(Text, Text)]) -> Vec<(String, String)> {
        list.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect()
    }

    #[test]
    fn what_is_listed_is_asked_for_under_the_same_dimensions() {
        for service in SERVICES.iter().filter(|s| s.kind != Kind::S3Bucket) {
            let own = service.dimensions.iter().map(|d| (*d, "a/b-1:c"));
            let mut listed: Vec<(&str, &str)> = own.chain(service.fixed).collect();
            if let [_, second, ..] = &mut listed[..]
                && service.dimensions.len() == 2
            {
                second.1 = "c";
            }
            let (id, _) = service.name(&listed).expect("it is one of this service");
            let asked = dimensions(&resource(service.kind, &id), service.namespace).expect("it has metrics");
            listed.sort_unstable();
            let listed: Vec<(Text, Text)> = listed.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
            assert_eq!(pairs(&asked), pairs(&listed), "{}", service.kind);
            assert_eq!(dimensions(&resource(service.kind, &id), "AWS/ELB"), None, "{}", service.kind);
        }
    }

    #[test]
    fn metrics_of_a_part_of_something_are_not_the_things() {
        let named = |kind, dimensions: &[(&str, &str)]| {
            Service::of(kind).and_then(|s| s.name(dimensions)).map(|(id, name)| (id.to_string(), name.to_string()))
        };
        let both = |id: &str, name: &str| Some((id.to_owned(), name.to_owned()));
        assert_eq!(named(Kind::LambdaFunction, &[("FunctionName", "f")]), both("f", "f"));
        assert_eq!(named(Kind::LambdaFunction, &[("FunctionName", "f"), ("Resource", "f:live")]), None);
        assert_eq!(named(Kind::LambdaFunction, &[("FunctionName", "")]), None);
        assert_eq!(named(Kind::EcsService, &[("ClusterName", "c")]), None);
        assert_eq!(named(Kind::EcsService, &[("ServiceName", "s"), ("ClusterName", "c")]), both("c/s", "c/s"));
        assert_eq!(named(Kind::CloudfrontDistribution, &[("DistributionId", "E1")]), None);
        let arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";
        assert_eq!(named(Kind::StateMachine, &[("StateMachineArn", arn)]), both(arn, "orders"));
    }

    #[test]
    fn a_bucket_is_one_resource_and_its_other_storage_classes_have_their_own() {
        let bucket = |storage| {
            let s3 = Service::of(Kind::S3Bucket).expect("it is one");
            s3.name(&[("BucketName", "logs"), ("StorageType", storage)]).expect("named").0.to_string()
        };
        assert_eq!(
            ["StandardStorage", "AllStorageTypes", "GlacierStorage"].map(bucket),
            ["logs", "logs", "logs/GlacierStorage"]
        );
        let storage = |id: &str, name: &str| {
            let metric = Metric::new("AWS/S3", name, "Average", 86_400);
            metric_dimensions(&resource(Kind::S3Bucket, id), &metric).map(|d| d[1].1.to_string())
        };
        assert_eq!(storage("logs", "BucketSizeBytes").as_deref(), Some("StandardStorage"));
        assert_eq!(storage("logs", "NumberOfObjects").as_deref(), Some("AllStorageTypes"));
        assert_eq!(storage("logs/GlacierStorage", "BucketSizeBytes").as_deref(), Some("GlacierStorage"));
        assert_eq!(storage("logs/GlacierStorage", "NumberOfObjects"), None);
    }
}
