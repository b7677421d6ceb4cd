//! Metrics that `CloudWatch` has points of only while they are not 0.

/// Whether no point of the metric `name` of `namespace` means 0: AWS publishes it only while it is not, or only while
/// there is traffic of which it could be counted. Load balancers say so of each of their metrics ("reporting criteria");
/// of the others these are counts of what went wrong.
#[must_use]
pub fn absent_is_zero(namespace: &str, name: &str) -> bool {
    let begins = |starts: &[&str]| starts.iter().any(|s| name.starts_with(s));
    match namespace {
        "AWS/ELB" | "AWS/ApplicationELB" | "AWS/NetworkELB" | "AWS/GatewayELB" => {
            // How long something takes is no count; that no host is healthy is said with a 0 of its own.
            !["Latency", "Time", "HostCount", "ealthyState", "UnhealthyRouting"].iter().any(|part| name.contains(part))
        }
        "AWS/Lambda" => {
            begins(&["Errors", "Throttles", "DeadLetterErrors", "DestinationDeliveryFailures", "AsyncEventsDropped"])
        }
        "AWS/DynamoDB" => begins(&[
            "SystemErrors",
            "UserErrors",
            "ThrottledRequests",
            "ReadThrottle",
            "WriteThrottle",
            "ConditionalCheckFailed",
        ]),
        "AWS/SNS" => begins(&["NumberOfNotificationsFailed", "NumberOfNotificationsFilteredOut"]),
        "AWS/States" => begins(&["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled"]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::absent_is_zero;

    #[test]
    fn counts_of_what_happens_are_0_where_nothing_is_published_and_states_are_not() {
        for (namespace, name, zero) in [
            ("AWS/ELB", "BackendConnectionErrors", true),
            ("AWS/ELB", "SurgeQueueLength", true),
            ("AWS/ELB", "Latency", false),
            ("AWS/ELB", "HealthyHostCount", false),
            ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", true),
            ("AWS/ApplicationELB", "TargetResponseTime", false),
            ("AWS/ApplicationELB", "HealthyStateDNS", false),
            ("AWS/ApplicationELB", "UnhealthyStateDNS", false),
            ("AWS/ApplicationELB", "UnhealthyStateRouting", false),
            ("AWS/NetworkELB", "UnHealthyHostCount", false),
            ("AWS/Lambda", "Errors", true),
            ("AWS/Lambda", "Duration", false),
            ("AWS/EC2", "StatusCheckFailed", false),
            ("AWS/DynamoDB", "ReadThrottleEvents", true),
            ("AWS/DynamoDB", "ConsumedReadCapacityUnits", false),
        ] {
            assert_eq!(absent_is_zero(namespace, name), zero, "{namespace}/{name}");
        }
    }
}
