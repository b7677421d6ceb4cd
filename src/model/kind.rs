//! Kinds of resources.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of a resource. Its text form is what rule files, filters and `--check` call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Classic Load Balancer.
    ClassicElb,
    /// Application Load Balancer.
    Alb,
    /// Network Load Balancer.
    Nlb,
    /// Target group of an Application or Network Load Balancer.
    TargetGroup,
    /// Auto Scaling group.
    AutoScalingGroup,
    /// EC2 instance.
    Instance,
    /// VPC subnet.
    Subnet,
    /// EBS volume.
    EbsVolume,
    /// Lambda function.
    LambdaFunction,
    /// Kinesis data stream.
    KinesisStream,
    /// `DynamoDB` table.
    DynamodbTable,
    /// SQS queue.
    SqsQueue,
    /// SNS topic.
    SnsTopic,
    /// RDS database instance.
    RdsInstance,
    /// `ElastiCache` cluster.
    ElasticacheCluster,
    /// ECS service.
    EcsService,
    /// Stage of an API Gateway REST API.
    ApiGateway,
    /// `CloudFront` distribution (its metrics are in us-east-1).
    CloudfrontDistribution,
    /// Route 53 health check (its metrics are in us-east-1).
    #[serde(rename = "route53-health-check")]
    Route53HealthCheck,
    /// NAT gateway.
    NatGateway,
    /// EFS file system.
    EfsFileSystem,
    /// Redshift cluster.
    RedshiftCluster,
    /// Step Functions state machine.
    StateMachine,
    /// Firehose delivery stream.
    FirehoseStream,
    /// S3 bucket, or one storage class of it.
    #[serde(rename = "s3-bucket")]
    S3Bucket,
    /// CloudWatch alarm.
    Alarm,
    /// An account's estimated charges (published in us-east-1 only).
    Bill,
    /// An account's CloudTrail in one region.
    Trail,
    /// One poller of this program, in one scope.
    Poller,
}

impl Kind {
    /// Every kind, in the order pages list them.
    pub const ALL: [Self; 29] = [
        Self::ClassicElb,
        Self::Alb,
        Self::Nlb,
        Self::TargetGroup,
        Self::AutoScalingGroup,
        Self::Instance,
        Self::Subnet,
        Self::EbsVolume,
        Self::LambdaFunction,
        Self::KinesisStream,
        Self::DynamodbTable,
        Self::SqsQueue,
        Self::SnsTopic,
        Self::RdsInstance,
        Self::ElasticacheCluster,
        Self::EcsService,
        Self::ApiGateway,
        Self::CloudfrontDistribution,
        Self::Route53HealthCheck,
        Self::NatGateway,
        Self::EfsFileSystem,
        Self::RedshiftCluster,
        Self::StateMachine,
        Self::FirehoseStream,
        Self::S3Bucket,
        Self::Alarm,
        Self::Bill,
        Self::Trail,
        Self::Poller,
    ];

    /// The kind's name in files and output, such as `classic-elb`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClassicElb => "classic-elb",
            Self::Alb => "alb",
            Self::Nlb => "nlb",
            Self::TargetGroup => "target-group",
            Self::AutoScalingGroup => "auto-scaling-group",
            Self::Instance => "instance",
            Self::Subnet => "subnet",
            Self::EbsVolume => "ebs-volume",
            Self::LambdaFunction => "lambda-function",
            Self::KinesisStream => "kinesis-stream",
            Self::DynamodbTable => "dynamodb-table",
            Self::SqsQueue => "sqs-queue",
            Self::SnsTopic => "sns-topic",
            Self::RdsInstance => "rds-instance",
            Self::ElasticacheCluster => "elasticache-cluster",
            Self::EcsService => "ecs-service",
            Self::ApiGateway => "api-gateway",
            Self::CloudfrontDistribution => "cloudfront-distribution",
            Self::Route53HealthCheck => "route53-health-check",
            Self::NatGateway => "nat-gateway",
            Self::EfsFileSystem => "efs-file-system",
            Self::RedshiftCluster => "redshift-cluster",
            Self::StateMachine => "state-machine",
            Self::FirehoseStream => "firehose-stream",
            Self::S3Bucket => "s3-bucket",
            Self::Alarm => "alarm",
            Self::Bill => "bill",
            Self::Trail => "trail",
            Self::Poller => "poller",
        }
    }

    /// The kind named `name`, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }

    /// Whether tags of it are read. Of what `CloudWatch` lists, and of alarms, no call of ours brings any.
    #[must_use]
    pub fn has_tags(self) -> bool {
        matches!(
            self,
            Self::ClassicElb
                | Self::Alb
                | Self::Nlb
                | Self::TargetGroup
                | Self::AutoScalingGroup
                | Self::Instance
                | Self::Subnet
                | Self::EbsVolume
        )
    }

    /// Whether it is a load balancer of any generation.
    #[must_use]
    pub fn is_balancer(self) -> bool {
        matches!(self, Self::ClassicElb | Self::Alb | Self::Nlb)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_in_files_in_output_and_in_recordings() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).expect("serialisable"), format!("\"{kind}\""));
        }
    }
}
