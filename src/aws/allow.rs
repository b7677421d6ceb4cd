//! The only operations that can ever be sent, enforced below every client, and the IAM policy made from them.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
    BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// An operation that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The SDK's name of the service, such as `Elastic Load Balancing v2`.
    pub service: &'static str,
    /// The operation, such as `DescribeTargetHealth`.
    pub operation: &'static str,
    /// The IAM action it needs. Empty when it needs none.
    pub action: &'static str,
}

const fn read(service: &'static str, operation: &'static str, action: &'static str) -> Allowed {
    Allowed { service, operation, action }
}

/// Every operation that may be sent. All are reads.
pub const ALLOWED: &[Allowed] = &[
    read("Auto Scaling", "DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingGroups"),
    read("Auto Scaling", "DescribeScalingActivities", "autoscaling:DescribeScalingActivities"),
    read("CloudTrail", "LookupEvents", "cloudtrail:LookupEvents"),
    read("CloudWatch", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
    read("CloudWatch", "GetMetricData", "cloudwatch:GetMetricData"),
    read("CloudWatch", "ListMetrics", "cloudwatch:ListMetrics"),
    read("EC2", "DescribeInstanceStatus", "ec2:DescribeInstanceStatus"),
    read("EC2", "DescribeInstances", "ec2:DescribeInstances"),
    read("EC2", "DescribeSpotPriceHistory", "ec2:DescribeSpotPriceHistory"),
    read("EC2", "DescribeSubnets", "ec2:DescribeSubnets"),
    read("EC2", "DescribeVolumes", "ec2:DescribeVolumes"),
    read("Elastic Load Balancing", "DescribeInstanceHealth", "elasticloadbalancing:DescribeInstanceHealth"),
    read("Elastic Load Balancing", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    read("Elastic Load Balancing", "DescribeTags", "elasticloadbalancing:DescribeTags"),
    read("Elastic Load Balancing v2", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    read("Elastic Load Balancing v2", "DescribeTags", "elasticloadbalancing:DescribeTags"),
    read("Elastic Load Balancing v2", "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
    read("Elastic Load Balancing v2", "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
    read("Pricing", "GetProducts", "pricing:GetProducts"),
    read("STS", "GetCallerIdentity", ""),
];

/// The IAM policy that lets a role do what awswatch does and nothing else, as indented JSON.
#[must_use]
pub fn iam_policy() -> String {
    let mut actions: Vec<&str> = ALLOWED.iter().map(|a| a.action).filter(|a| !a.is_empty()).collect();
    actions.sort_unstable();
    actions.dedup();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "AwswatchReads", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    format!("{policy:#}\n")
}

/// The IAM action of `operation` of `service`, if it may be sent.
pub(super) fn action(service: &str, operation: &str) -> Option<&'static str> {
    ALLOWED.iter().find(|a| a.service == service && a.operation == operation).map(|a| a.action)
}

/// Says that an operation is not on the list.
#[derive(Debug, thiserror::Error)]
#[error("{service} {operation} is not on the list of reads that awswatch may send; nothing was sent")]
pub(super) struct NotAllowed {
    service: String,
    operation: String,
}

/// Says that an XML answer was cut short. The SDK's own reader takes the end of the text for the end of the list, and
/// what is missing would be taken for gone.
#[derive(Debug, thiserror::Error)]
#[error("the answer is cut short: it has {0} bytes and does not end as it began")]
struct CutShort(usize);

/// Refuses what is not on [`ALLOWED`] before anything is serialised, and puts our name into the user agent.
#[derive(Debug)]
pub(super) struct Gate;

impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "AwswatchGate"
    }

    // The first hook at which the operation is known: a client's `read_before_execution` runs before that.
    fn modify_before_serialization(
        &self,
        _: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) =
            cfg.load::<Metadata>().map_or(("an unknown service's", "operation"), |m| (m.service(), m.name()));
        match action(service, operation) {
            Some(_) => Ok(()),
            None => Err(Box::new(NotAllowed { service: service.to_owned(), operation: operation.to_owned() })),
        }
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default().trim_ascii();
        if context.response().status().is_success() && body.starts_with(b"<") && !body.ends_with(b"Response>") {
            return Err(Box::new(CutShort(body.len())));
        }
        Ok(())
    }

    // After signing: the user agent is not among the signed headers.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let sdk = headers.get("user-agent").unwrap_or_default();
        let own = format!("{} {sdk}", concat!("awswatch/", env!("CARGO_PKG_VERSION")));
        headers.try_insert("user-agent", own.trim_end().to_owned())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_only_reads_and_each_once() {
        let mut seen = std::collections::BTreeSet::new();
        for a in ALLOWED {
            assert!(
                ["Describe", "Get", "List", "Lookup"].iter().any(|verb| a.operation.starts_with(verb)),
                "{} does not read",
                a.operation
            );
            assert!(seen.insert((a.service, a.operation)), "{} twice", a.operation);
            assert!(a.action.is_empty() || a.action.ends_with(a.operation), "{} is not {}", a.action, a.operation);
        }
    }

    #[test]
    fn the_policy_names_every_pollers_action() {
        let policy: serde_json::Value = serde_json::from_str(&iam_policy()).unwrap();
        let actions = policy["Statement"][0]["Action"].as_array().unwrap();
        for poller in crate::model::PollerKind::ALL {
            let action = poller.action();
            assert!(action.starts_with("sts:") || actions.iter().any(|a| a == action), "{action} lacks");
        }
        assert!(actions.iter().all(|a| !a.as_str().unwrap().contains('*')));
    }
}
