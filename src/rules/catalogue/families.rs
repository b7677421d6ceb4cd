//! The catalogue's entries.

/// The metrics of one kind in one namespace.
pub(super) struct Family {
    pub(super) kind: &'static str,
    pub(super) namespace: &'static str,
    /// A statistic, and the metrics that it says most of.
    pub(super) metrics: &'static [(&'static str, &'static str)],
}

const fn family(
    kind: &'static str,
    namespace: &'static str,
    metrics: &'static [(&'static str, &'static str)],
) -> Family {
    Family { kind, namespace, metrics }
}

const ALB: &str = "ActiveConnectionCount ClientTLSNegotiationErrorCount DesyncMitigationMode_NonCompliant_Request_Count \
    DroppedInvalidHeaderRequestCount ForwardedInvalidHeaderRequestCount GrpcRequestCount HTTP_Fixed_Response_Count \
    HTTP_Redirect_Count HTTP_Redirect_Url_Limit_Exceeded_Count HTTPCode_ELB_3XX_Count HTTPCode_ELB_4XX_Count \
    HTTPCode_ELB_5XX_Count HTTPCode_ELB_500_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count \
    HTTPCode_ELB_504_Count IPv6ProcessedBytes IPv6RequestCount LowReputationPacketsDropped \
    LowReputationRequestsDenied NewConnectionCount NonStickyRequestCount ProcessedBytes RejectedConnectionCount \
    RequestCount RuleEvaluations HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count \
    HTTPCode_Target_5XX_Count TargetConnectionErrorCount TargetTLSNegotiationErrorCount LambdaInternalError \
    LambdaTargetProcessedBytes LambdaUserError ELBAuthError ELBAuthFailure ELBAuthRefreshTokenSuccess ELBAuthSuccess \
    ELBAuthUserClaimsSizeExceeded";
const ALB_TARGETS: &str = "HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count \
    HTTPCode_Target_5XX_Count LambdaInternalError LambdaTargetProcessedBytes LambdaUserError NonStickyRequestCount \
    RequestCount RequestCountPerTarget TargetConnectionErrorCount TargetTLSNegotiationErrorCount \
    UnhealthyRoutingRequestCount";
const NLB: &str = "ClientTLSNegotiationErrorCount NewFlowCount NewFlowCount_TCP NewFlowCount_TLS NewFlowCount_UDP \
    PortAllocationErrorCount ProcessedBytes ProcessedBytes_TCP ProcessedBytes_TLS ProcessedBytes_UDP \
    ProcessedPackets RejectedFlowCount RejectedFlowCount_TCP SecurityGroupBlockedFlowCount_Inbound_ICMP \
    SecurityGroupBlockedFlowCount_Inbound_TCP SecurityGroupBlockedFlowCount_Inbound_UDP \
    SecurityGroupBlockedFlowCount_Outbound_ICMP SecurityGroupBlockedFlowCount_Outbound_TCP \
    SecurityGroupBlockedFlowCount_Outbound_UDP TargetTLSNegotiationErrorCount TCP_Client_Reset_Count \
    TCP_ELB_Reset_Count TCP_Target_Reset_Count UnhealthyRoutingFlowCount";
const EC2: &[(&str, &str)] = &[
    ("Average", "CPUUtilization DedicatedHostCPUUtilization GPUPowerUtilization"),
    (
        "Sum",
        "DiskReadBytes DiskReadOps DiskWriteBytes DiskWriteOps EBSReadBytes EBSReadOps EBSWriteBytes EBSWriteOps \
        MetadataNoToken MetadataNoTokenRejected NetworkIn NetworkOut NetworkPacketsIn NetworkPacketsOut CPUCreditUsage",
    ),
    (
        "Maximum",
        "StatusCheckFailed StatusCheckFailed_AttachedEBS StatusCheckFailed_Instance StatusCheckFailed_System \
        CPUSurplusCreditBalance CPUSurplusCreditsCharged InstanceEBSIOPSExceededCheck \
        InstanceEBSThroughputExceededCheck",
    ),
    ("Minimum", "CPUCreditBalance EBSByteBalance% EBSIOBalance%"),
];

pub(super) const FAMILIES: &[Family] = &[
    family(
        "classic-elb",
        "AWS/ELB",
        &[
            (
                "Maximum",
                "SurgeQueueLength UnHealthyHostCount EstimatedALBActiveConnectionCount EstimatedALBConsumedLCUs",
            ),
            ("Minimum", "HealthyHostCount"),
            ("Average", "Latency"),
            (
                "Sum",
                "BackendConnectionErrors DesyncMitigationMode_NonCompliant_Request_Count \
                EstimatedALBNewConnectionCount EstimatedProcessedBytes HTTPCode_Backend_2XX HTTPCode_Backend_3XX \
                HTTPCode_Backend_4XX HTTPCode_Backend_5XX HTTPCode_ELB_4XX HTTPCode_ELB_5XX RequestCount \
                SpilloverCount",
            ),
        ],
    ),
    family(
        "alb",
        "AWS/ApplicationELB",
        &[
            ("Sum", ALB),
            ("Average", "TargetResponseTime ELBAuthLatency ConsumedLCUs"),
            ("Maximum", "PeakLCUs ReservedLCUs"),
        ],
    ),
    family(
        "target-group",
        "AWS/ApplicationELB",
        &[
            ("Sum", ALB_TARGETS),
            ("Average", "TargetResponseTime"),
            (
                "Maximum",
                "UnHealthyHostCount AnomalousHostCount MitigatedHostCount UnhealthyStateDNS UnhealthyStateRouting \
                ZonalShiftedHostCount",
            ),
            ("Minimum", "HealthyHostCount HealthyStateDNS HealthyStateRouting"),
        ],
    ),
    family(
        "nlb",
        "AWS/NetworkELB",
        &[
            ("Sum", NLB),
            (
                "Average",
                "ActiveFlowCount ActiveFlowCount_TCP ActiveFlowCount_TLS ActiveFlowCount_UDP ConsumedLCUs \
                ConsumedLCUs_TCP ConsumedLCUs_TLS ConsumedLCUs_UDP",
            ),
            ("Maximum", "PeakBytesPerSecond PeakPacketsPerSecond ReservedLCUs ActiveZonalShiftHostCount"),
            ("Minimum", "ZonalHealthStatus"),
        ],
    ),
    family(
        "target-group",
        "AWS/NetworkELB",
        &[
            ("Maximum", "UnHealthyHostCount ActiveZonalShiftHostCount"),
            ("Minimum", "HealthyHostCount"),
            ("Sum", "TCP_Client_Reset_Count TCP_ELB_Reset_Count TCP_Target_Reset_Count UnhealthyRoutingFlowCount"),
        ],
    ),
    family("instance", "AWS/EC2", EC2),
    family("auto-scaling-group", "AWS/EC2", EC2),
    family(
        "auto-scaling-group",
        "AWS/AutoScaling",
        &[
            (
                "Maximum",
                "GroupMaxSize GroupMinSize GroupDesiredCapacity GroupPendingInstances GroupPendingCapacity \
                GroupStandbyInstances GroupStandbyCapacity GroupTerminatingInstances GroupTerminatingCapacity \
                GroupTotalInstances GroupTotalCapacity WarmPoolDesiredCapacity WarmPoolPendingCapacity \
                WarmPoolTerminatingCapacity WarmPoolTotalCapacity WarmPoolWarmedCapacity WarmPoolMinSize \
                GroupAndWarmPoolDesiredCapacity GroupAndWarmPoolTotalCapacity",
            ),
            ("Minimum", "GroupInServiceInstances GroupInServiceCapacity"),
        ],
    ),
    family("bill", "AWS/Billing", &[("Maximum", "EstimatedCharges")]),
    family(
        "lambda-function",
        "AWS/Lambda",
        &[
            (
                "Sum",
                "Invocations Errors Throttles DeadLetterErrors DestinationDeliveryFailures \
                ProvisionedConcurrencyInvocations ProvisionedConcurrencySpilloverInvocations \
                RecursiveInvocationsDropped AsyncEventsReceived AsyncEventsDropped",
            ),
            ("Average", "Duration PostRuntimeExtensionsDuration"),
            (
                "Maximum",
                "IteratorAge OffsetLag AsyncEventAge ConcurrentExecutions ProvisionedConcurrentExecutions \
                ProvisionedConcurrencyUtilization",
            ),
        ],
    ),
    family(
        "kinesis-stream",
        "AWS/Kinesis",
        &[
            (
                "Maximum",
                "GetRecords.IteratorAgeMilliseconds IteratorAgeMilliseconds SubscribeToShardEvent.MillisBehindLatest",
            ),
            (
                "Average",
                "GetRecords.Latency PutRecord.Latency PutRecords.Latency GetRecords.Success PutRecord.Success PutRecords.Success SubscribeToShard.Success",
            ),
            (
                "Sum",
                "GetRecords.Bytes GetRecords.Records IncomingBytes IncomingRecords OutgoingBytes OutgoingRecords \
                PutRecord.Bytes PutRecords.Bytes PutRecords.Records PutRecords.TotalRecords \
                PutRecords.SuccessfulRecords PutRecords.FailedRecords PutRecords.ThrottledRecords \
                ReadProvisionedThroughputExceeded WriteProvisionedThroughputExceeded SubscribeToShard.RateExceeded \
                SubscribeToShardEvent.Bytes SubscribeToShardEvent.Records",
            ),
        ],
    ),
    family(
        "dynamodb-table",
        "AWS/DynamoDB",
        &[
            (
                "Sum",
                "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ReadThrottleEvents WriteThrottleEvents \
                ConditionalCheckFailedRequests TransactionConflict TimeToLiveDeletedItemCount OnlineIndexThrottleEvents OnlineIndexConsumedWriteCapacity",
            ),
            ("Average", "ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits"),
            ("Maximum", "ReplicationLatency OnlineIndexPercentageProgress AgeOfOldestUnreplicatedRecord"),
        ],
    ),
    family(
        "sqs-queue",
        "AWS/SQS",
        &[
            (
                "Maximum",
                "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesVisible \
                ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesDelayed \
                ApproximateNumberOfGroupsWithInflightMessages",
            ),
            (
                "Sum",
                "NumberOfMessagesSent NumberOfMessagesReceived NumberOfMessagesDeleted NumberOfEmptyReceives \
                NumberOfDeduplicatedSentMessages",
            ),
            ("Average", "SentMessageSize"),
        ],
    ),
    family(
        "sns-topic",
        "AWS/SNS",
        &[
            (
                "Sum",
                "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed \
                NumberOfNotificationsFilteredOut NumberOfNotificationsFilteredOut-InvalidAttributes \
                NumberOfNotificationsFilteredOut-NoMessageAttributes NumberOfNotificationsRedrivenToDlq \
                NumberOfNotificationsFailedToRedriveToDlq",
            ),
            ("Average", "PublishSize SMSSuccessRate"),
        ],
    ),
    family(
        "rds-instance",
        "AWS/RDS",
        &[
            (
                "Average",
                "CPUUtilization ReadIOPS WriteIOPS ReadLatency WriteLatency ReadThroughput WriteThroughput \
                NetworkReceiveThroughput NetworkTransmitThroughput DiskQueueDepth DBLoad DBLoadCPU DBLoadNonCPU \
                CommitLatency SelectLatency InsertLatency UpdateLatency DeleteLatency DDLLatency DMLLatency \
                BufferCacheHitRatio Queries Deadlocks ServerlessDatabaseCapacity ACUUtilization",
            ),
            (
                "Minimum",
                "FreeStorageSpace FreeableMemory FreeLocalStorage BurstBalance CPUCreditBalance EBSIOBalance% EBSByteBalance%",
            ),
            (
                "Maximum",
                "DatabaseConnections ReplicaLag AuroraReplicaLag AuroraReplicaLagMaximum AuroraBinlogReplicaLag \
                SwapUsage BinLogDiskUsage TransactionLogsDiskUsage ReplicationSlotDiskUsage OldestReplicationSlotLag \
                MaximumUsedTransactionIDs FailedSQLServerAgentJobsCount CPUCreditUsage CPUSurplusCreditBalance \
                CPUSurplusCreditsCharged VolumeBytesUsed AuroraVolumeBytesLeftTotal EngineUptime",
            ),
        ],
    ),
    family(
        "elasticache-cluster",
        "AWS/ElastiCache",
        &[
            (
                "Average",
                "CPUUtilization EngineCPUUtilization CacheHitRate NetworkBytesIn NetworkBytesOut GetTypeCmdsLatency SetTypeCmdsLatency",
            ),
            (
                "Maximum",
                "DatabaseMemoryUsagePercentage DatabaseCapacityUsagePercentage BytesUsedForCache CurrConnections CurrItems \
                ReplicationLag ReplicationBytes SwapUsage MemoryFragmentationRatio CPUCreditUsage BytesUsedForCacheItems",
            ),
            ("Minimum", "FreeableMemory CPUCreditBalance IsMaster MasterLinkHealthStatus UnusedMemory"),
            (
                "Sum",
                "Evictions Reclaimed CacheHits CacheMisses NewConnections GetTypeCmds SetTypeCmds CmdGet CmdSet \
                GetHits GetMisses NetworkPacketsIn NetworkPacketsOut NetworkBandwidthInAllowanceExceeded \
                NetworkBandwidthOutAllowanceExceeded NetworkPacketsPerSecondAllowanceExceeded \
                NetworkConntrackAllowanceExceeded AuthenticationFailures CommandAuthorizationFailures",
            ),
        ],
    ),
    family(
        "ecs-service",
        "AWS/ECS",
        &[("Average", "CPUUtilization MemoryUtilization EBSFilesystemUtilization"), ("Sum", "RestartCount")],
    ),
    family(
        "api-gateway",
        "AWS/ApiGateway",
        &[("Average", "4XXError 5XXError Latency IntegrationLatency"), ("Sum", "Count CacheHitCount CacheMissCount")],
    ),
    family(
        "cloudfront-distribution",
        "AWS/CloudFront",
        &[
            (
                "Average",
                "4xxErrorRate 5xxErrorRate TotalErrorRate 401ErrorRate 403ErrorRate 404ErrorRate 502ErrorRate \
                503ErrorRate 504ErrorRate CacheHitRate OriginLatency",
            ),
            ("Sum", "Requests BytesDownloaded BytesUploaded"),
        ],
    ),
    family(
        "route53-health-check",
        "AWS/Route53",
        &[
            ("Minimum", "HealthCheckStatus HealthCheckPercentageHealthy ChildHealthCheckHealthyCount"),
            ("Average", "ConnectionTime SSLHandshakeTime TimeToFirstByte"),
        ],
    ),
    family(
        "nat-gateway",
        "AWS/NATGateway",
        &[
            ("Maximum", "ActiveConnectionCount PeakBytesPerSecond PeakPacketsPerSecond"),
            (
                "Sum",
                "BytesInFromDestination BytesInFromSource BytesOutToDestination BytesOutToSource \
                ConnectionAttemptCount ConnectionEstablishedCount ErrorPortAllocation IdleTimeoutCount \
                PacketsDropCount PacketsInFromDestination PacketsInFromSource PacketsOutToDestination \
                PacketsOutToSource",
            ),
        ],
    ),
    family(
        "efs-file-system",
        "AWS/EFS",
        &[
            ("Minimum", "BurstCreditBalance PermittedThroughput"),
            ("Maximum", "PercentIOLimit StorageBytes TimeSinceLastSync"),
            (
                "Sum",
                "ClientConnections DataReadIOBytes DataWriteIOBytes MetadataIOBytes MetadataReadIOBytes MetadataWriteIOBytes MeteredIOBytes TotalIOBytes",
            ),
        ],
    ),
    family(
        "redshift-cluster",
        "AWS/Redshift",
        &[
            ("Minimum", "HealthStatus"),
            ("Maximum", "PercentageDiskSpaceUsed MaintenanceMode DatabaseConnections TotalTableCount"),
            (
                "Average",
                "CPUUtilization NetworkReceiveThroughput NetworkTransmitThroughput ReadIOPS ReadLatency \
                ReadThroughput WriteIOPS WriteLatency WriteThroughput CommitQueueLength ConcurrencyScalingActiveClusters",
            ),
        ],
    ),
    family(
        "state-machine",
        "AWS/States",
        &[
            (
                "Sum",
                "ExecutionsStarted ExecutionsSucceeded ExecutionsFailed ExecutionsTimedOut ExecutionsAborted \
                ExecutionThrottled",
            ),
            ("Average", "ExecutionTime"),
        ],
    ),
    family(
        "firehose-stream",
        "AWS/Firehose",
        &[
            (
                "Maximum",
                "DeliveryToS3.DataFreshness DeliveryToRedshift.DataFreshness DeliveryToAmazonOpenSearchService.DataFreshness \
                DeliveryToHttpEndpoint.DataFreshness DeliveryToSplunk.DataFreshness DataReadFromKinesisStream.MillisBehindLatest \
                KinesisMillisBehindLatest",
            ),
            (
                "Sum",
                "ThrottledRecords IncomingBytes IncomingRecords IncomingPutRequests DeliveryToS3.Bytes DeliveryToS3.ObjectCount \
                DeliveryToS3.Records BackupToS3.Bytes BackupToS3.Records FailedConversion.Records \
                SucceedProcessing.Records ExecuteProcessing.Duration",
            ),
            ("Average", "DeliveryToS3.Success DeliveryToRedshift.Success ExecuteProcessing.Success BackupToS3.Success"),
            ("Minimum", "BytesPerSecondLimit RecordsPerSecondLimit PutRequestsPerSecondLimit"),
        ],
    ),
    family("s3-bucket", "AWS/S3", &[("Average", "BucketSizeBytes NumberOfObjects")]),
    family(
        "ebs-volume",
        "AWS/EBS",
        &[
            ("Minimum", "BurstBalance"),
            ("Maximum", "VolumeQueueLength VolumeStalledIOCheck VolumeIOPSExceededCheck VolumeThroughputExceededCheck"),
            ("Average", "VolumeAvgReadLatency VolumeAvgWriteLatency VolumeThroughputPercentage"),
            (
                "Sum",
                "VolumeReadBytes VolumeReadOps VolumeWriteBytes VolumeWriteOps VolumeIdleTime VolumeTotalReadTime \
                VolumeTotalWriteTime VolumeConsumedReadWriteOps",
            ),
        ],
    ),
];
