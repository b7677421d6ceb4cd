//! The managed services: what CloudWatch calls them and their metrics.

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Service {
    /// API Gateway: REST APIs with their stages.
    ApiGateway,
    /// `CloudFront` distributions; us-east-1 only.
    CloudFront,
    /// `DynamoDB` tables.
    DynamoDb,
    /// EBS volumes.
    Ebs,
    /// ECS services.
    Ecs,
    /// EFS file systems.
    Efs,
    /// `ElastiCache` nodes.
    ElastiCache,
    /// Firehose streams.
    Firehose,
    /// Kinesis data streams.
    Kinesis,
    /// Lambda functions.
    Lambda,
    /// NAT gateways.
    NatGateway,
    /// RDS instances.
    Rds,
    /// Redshift clusters.
    Redshift,
    /// Route 53 health checks; us-east-1 only.
    Route53,
    /// S3 buckets, by storage type; once a day.
    S3,
    /// SNS topics.
    Sns,
    /// SQS queues.
    Sqs,
    /// Step Functions state machines.
    States,
}

const API_GATEWAY: &[(&str, &str)] = &[
    ("4XXError", "Count"),
    ("5XXError", "Count"),
    ("Count", "Count"),
    ("IntegrationLatency", "Milliseconds"),
    ("Latency", "Milliseconds"),
];
const CLOUDFRONT: &[(&str, &str)] = &[
    ("4xxErrorRate", "Percent"),
    ("5xxErrorRate", "Percent"),
    ("BytesDownloaded", "None"),
    ("Requests", "None"),
    ("TotalErrorRate", "Percent"),
];
const DYNAMODB: &[(&str, &str)] = &[
    ("ConsumedReadCapacityUnits", "Count"),
    ("ConsumedWriteCapacityUnits", "Count"),
    ("ProvisionedReadCapacityUnits", "Count"),
    ("ProvisionedWriteCapacityUnits", "Count"),
    ("ReadThrottleEvents", "Count"),
    ("WriteThrottleEvents", "Count"),
];
const EBS: &[(&str, &str)] = &[
    ("VolumeQueueLength", "Count"),
    ("VolumeReadOps", "Count"),
    ("VolumeStalledIOCheck", "None"),
    ("VolumeWriteOps", "Count"),
];
const ECS: &[(&str, &str)] = &[("CPUUtilization", "Percent"), ("MemoryUtilization", "Percent")];
const EFS: &[(&str, &str)] = &[
    ("BurstCreditBalance", "Bytes"),
    ("ClientConnections", "Count"),
    ("PercentIOLimit", "Percent"),
    ("TotalIOBytes", "Bytes"),
];
const ELASTICACHE: &[(&str, &str)] = &[
    ("CPUUtilization", "Percent"),
    ("CacheHits", "Count"),
    ("CacheMisses", "Count"),
    ("CurrConnections", "Count"),
    ("DatabaseMemoryUsagePercentage", "Percent"),
    ("EngineCPUUtilization", "Percent"),
    ("Evictions", "Count"),
];
const FIREHOSE: &[(&str, &str)] = &[
    ("DeliveryToS3.DataFreshness", "Seconds"),
    ("DeliveryToS3.Records", "Count"),
    ("DeliveryToS3.Success", "Count"),
    ("IncomingBytes", "Bytes"),
    ("IncomingRecords", "Count"),
    ("ThrottledRecords", "Count"),
];
const KINESIS: &[(&str, &str)] = &[
    ("GetRecords.IteratorAgeMilliseconds", "Milliseconds"),
    ("GetRecords.Records", "Count"),
    ("IncomingBytes", "Bytes"),
    ("IncomingRecords", "Count"),
    ("ReadProvisionedThroughputExceeded", "Count"),
    ("WriteProvisionedThroughputExceeded", "Count"),
];
const LAMBDA: &[(&str, &str)] = &[
    ("ConcurrentExecutions", "Count"),
    ("Duration", "Milliseconds"),
    ("Errors", "Count"),
    ("Invocations", "Count"),
    ("IteratorAge", "Milliseconds"),
    ("Throttles", "Count"),
];
const NAT_GATEWAY: &[(&str, &str)] = &[
    ("ActiveConnectionCount", "Count"),
    ("BytesOutToDestination", "Bytes"),
    ("ConnectionAttemptCount", "Count"),
    ("ErrorPortAllocation", "Count"),
    ("PacketsDropCount", "Count"),
];
const RDS: &[(&str, &str)] = &[
    ("CPUUtilization", "Percent"),
    ("DatabaseConnections", "Count"),
    ("FreeStorageSpace", "Bytes"),
    ("FreeableMemory", "Bytes"),
    ("ReadLatency", "Seconds"),
    ("ReplicaLag", "Seconds"),
    ("WriteLatency", "Seconds"),
];
const REDSHIFT: &[(&str, &str)] = &[
    ("CPUUtilization", "Percent"),
    ("DatabaseConnections", "Count"),
    ("HealthStatus", "Count"),
    ("PercentageDiskSpaceUsed", "Percent"),
];
const ROUTE53: &[(&str, &str)] = &[("HealthCheckPercentageHealthy", "Percent"), ("HealthCheckStatus", "None")];
const S3: &[(&str, &str)] = &[("BucketSizeBytes", "Bytes"), ("NumberOfObjects", "Count")];
const SNS: &[(&str, &str)] = &[
    ("NumberOfMessagesPublished", "Count"),
    ("NumberOfNotificationsDelivered", "Count"),
    ("NumberOfNotificationsFailed", "Count"),
];
const SQS: &[(&str, &str)] = &[
    ("ApproximateAgeOfOldestMessage", "Seconds"),
    ("ApproximateNumberOfMessagesVisible", "Count"),
    ("NumberOfMessagesDeleted", "Count"),
    ("NumberOfMessagesReceived", "Count"),
    ("NumberOfMessagesSent", "Count"),
];
const STATES: &[(&str, &str)] = &[
    ("ExecutionTime", "Milliseconds"),
    ("ExecutionsFailed", "Count"),
    ("ExecutionsStarted", "Count"),
    ("ExecutionsSucceeded", "Count"),
    ("ExecutionsTimedOut", "Count"),
];

impl Service {
    /// Every one, by namespace.
    pub(in super::super) const ALL: [Self; 18] = [
        Self::ApiGateway,
        Self::CloudFront,
        Self::DynamoDb,
        Self::Ebs,
        Self::Ecs,
        Self::Efs,
        Self::ElastiCache,
        Self::Firehose,
        Self::Kinesis,
        Self::Lambda,
        Self::NatGateway,
        Self::Rds,
        Self::Redshift,
        Self::Route53,
        Self::S3,
        Self::Sns,
        Self::Sqs,
        Self::States,
    ];

    /// The service whose namespace that is.
    pub(in super::super) fn of(namespace: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.namespace() == namespace)
    }

    /// CloudWatch's namespace.
    pub(in super::super) fn namespace(self) -> &'static str {
        match self {
            Self::ApiGateway => "AWS/ApiGateway",
            Self::CloudFront => "AWS/CloudFront",
            Self::DynamoDb => "AWS/DynamoDB",
            Self::Ebs => "AWS/EBS",
            Self::Ecs => "AWS/ECS",
            Self::Efs => "AWS/EFS",
            Self::ElastiCache => "AWS/ElastiCache",
            Self::Firehose => "AWS/Firehose",
            Self::Kinesis => "AWS/Kinesis",
            Self::Lambda => "AWS/Lambda",
            Self::NatGateway => "AWS/NATGateway",
            Self::Rds => "AWS/RDS",
            Self::Redshift => "AWS/Redshift",
            Self::Route53 => "AWS/Route53",
            Self::S3 => "AWS/S3",
            Self::Sns => "AWS/SNS",
            Self::Sqs => "AWS/SQS",
            Self::States => "AWS/States",
        }
    }

    /// Names and units of its metrics, in the order `ListMetrics` sorts them.
    pub(in super::super) fn catalogue(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::ApiGateway => API_GATEWAY,
            Self::CloudFront => CLOUDFRONT,
            Self::DynamoDb => DYNAMODB,
            Self::Ebs => EBS,
            Self::Ecs => ECS,
            Self::Efs => EFS,
            Self::ElastiCache => ELASTICACHE,
            Self::Firehose => FIREHOSE,
            Self::Kinesis => KINESIS,
            Self::Lambda => LAMBDA,
            Self::NatGateway => NAT_GATEWAY,
            Self::Rds => RDS,
            Self::Redshift => REDSHIFT,
            Self::Route53 => ROUTE53,
            Self::S3 => S3,
            Self::Sns => SNS,
            Self::Sqs => SQS,
            Self::States => STATES,
        }
    }
}
