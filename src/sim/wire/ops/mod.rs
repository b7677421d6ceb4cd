//! The operations: members in, members out. One file a service.

mod autoscaling;
mod cloudtrail;
mod cloudwatch;
mod ec2;
mod elb;
mod elbv2;
mod filter;
mod pricing;

use jiff::Timestamp;

use super::error::ApiError;
use super::params::Params;
use super::service::Service;
use super::value::{Value, list, map};
use crate::sim::world::{Account, World};

/// What an operation is given.
pub(super) struct Call<'a> {
    pub(super) world: &'a World,
    pub(super) region: &'a str,
    pub(super) now: Timestamp,
    pub(super) params: Params<'a>,
}

type Run = fn(&Call<'_>) -> Result<Value, ApiError>;

/// An operation of a service.
pub(super) struct Operation {
    pub(super) service: Service,
    pub(super) name: &'static str,
    pub(super) run: Run,
}

const fn op(service: Service, name: &'static str, run: Run) -> Operation {
    Operation { service, name, run }
}

/// All that is simulated.
pub(super) const ALL: &[Operation] = &[
    op(Service::Ec2, "DescribeInstances", ec2::describe_instances),
    op(Service::Ec2, "DescribeInstanceStatus", ec2::describe_instance_status),
    op(Service::Ec2, "DescribeSubnets", ec2::describe_subnets),
    op(Service::Ec2, "DescribeRegions", ec2::describe_regions),
    op(Service::Ec2, "DescribeVolumes", ec2::describe_volumes),
    op(Service::Ec2, "DescribeSpotPriceHistory", ec2::describe_spot_price_history),
    op(Service::Elb, "DescribeLoadBalancers", elb::describe_load_balancers),
    op(Service::Elb, "DescribeInstanceHealth", elb::describe_instance_health),
    op(Service::Elb, "DescribeTags", elb::describe_tags),
    op(Service::ElbV2, "DescribeLoadBalancers", elbv2::describe_load_balancers),
    op(Service::ElbV2, "DescribeTargetGroups", elbv2::describe_target_groups),
    op(Service::ElbV2, "DescribeTargetHealth", elbv2::describe_target_health),
    op(Service::ElbV2, "DescribeTags", elbv2::describe_tags),
    op(Service::AutoScaling, "DescribeAutoScalingGroups", autoscaling::describe_groups),
    op(Service::AutoScaling, "DescribeScalingActivities", autoscaling::describe_activities),
    op(Service::Sts, "GetCallerIdentity", get_caller_identity),
    op(Service::CloudWatch, "GetMetricData", cloudwatch::get_metric_data),
    op(Service::CloudWatch, "GetMetricStatistics", cloudwatch::get_metric_statistics),
    op(Service::CloudWatch, "ListMetrics", cloudwatch::list_metrics),
    op(Service::CloudWatch, "DescribeAlarms", cloudwatch::describe_alarms),
    op(Service::CloudWatch, "DescribeAlarmHistory", cloudwatch::describe_alarm_history),
    op(Service::CloudTrail, "LookupEvents", cloudtrail::lookup_events),
    op(Service::Pricing, "GetProducts", pricing::get_products),
];

/// The operation of that name.
pub(super) fn find(service: Service, name: &str) -> Option<&'static Operation> {
    ALL.iter().find(|op| op.service == service && op.name == name)
}

/// The user whose credentials every caller is taken to have.
pub(super) fn caller_arn(world: &World) -> String {
    format!("arn:aws:iam::{}:user/awswatch", world.account().id())
}

fn user_id(world: &World) -> &'static str {
    match world.account() {
        Account::Main => "AIDASAMPLEUSERID00000",
        Account::Staging => "AIDASAMPLEUSERID00001",
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every operation has this shape")]
fn get_caller_identity(call: &Call<'_>) -> Result<Value, ApiError> {
    Ok(map([
        ("UserId", user_id(call.world).into()),
        ("Account", call.world.account().id().into()),
        ("Arn", caller_arn(call.world).into()),
    ]))
}

/// Tags as every query service but EC2 spells them.
fn tags(tags: &[(String, String)]) -> Value {
    list(tags.iter().map(|(key, value)| map([("Key", key.into()), ("Value", value.into())])))
}

/// A list of texts.
fn texts<'a>(items: impl IntoIterator<Item = &'a String>) -> Value {
    list(items)
}
