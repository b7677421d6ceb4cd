//! Auto Scaling groups and their activities.

use super::filter::{Filters, is_tag, of_tags};
use super::{Call, texts};
use crate::sim::wire::error::ApiError;
use crate::sim::wire::page::Paging;
use crate::sim::wire::value::{Value, list, map};
use crate::sim::world::{Activity, Group, GroupInstance};

pub(super) fn describe_groups(call: &Call<'_>) -> Result<Value, ApiError> {
    let names = call.params.texts("AutoScalingGroupNames")?;
    let filters = Filters::read(&call.params, "Filters", "Values", is_tag)?;
    let page = Paging { token: "NextToken", size: "MaxRecords", default: 50, least: 1, most: 100 }
        .read(&call.params, call.now)?;
    // A name that does not exist is no error here.
    let found = call
        .world
        .groups(call.region, page.now)
        .into_iter()
        .filter(|g| names.is_empty() || names.contains(&g.name))
        .filter(|g| filters.pass(|f| of_tags(f, &g.tags).unwrap_or_default()))
        .collect();
    let (found, token) = page.cut(found);
    Ok(map([("AutoScalingGroups", list(found.iter().map(group)))]).and("NextToken", token))
}

fn group(g: &Group) -> Value {
    let suspended = g
        .suspended
        .iter()
        .map(|(process, reason)| map([("ProcessName", (*process).into()), ("SuspensionReason", reason.into())]));
    let metrics =
        ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupTotalInstances"];
    let enabled = metrics
        .into_iter()
        .filter(|_| g.metrics_enabled)
        .map(|name| map([("Metric", name.into()), ("Granularity", "1Minute".into())]));
    let tags = g.tags.iter().map(|(key, value)| {
        map([
            ("ResourceId", (&g.name).into()),
            ("ResourceType", "auto-scaling-group".into()),
            ("Key", key.into()),
            ("Value", value.into()),
            ("PropagateAtLaunch", true.into()),
        ])
    });
    map([
        ("AutoScalingGroupName", (&g.name).into()),
        ("AutoScalingGroupARN", (&g.arn).into()),
        ("LaunchTemplate", template(g)),
        ("MinSize", g.min.into()),
        ("MaxSize", g.max.into()),
        ("DesiredCapacity", g.desired.into()),
        ("DefaultCooldown", 300i64.into()),
        ("AvailabilityZones", texts(&g.zones)),
        ("LoadBalancerNames", texts(&g.classic_elbs)),
        ("TargetGroupARNs", texts(&g.target_groups)),
        ("HealthCheckType", g.health_check.into()),
        ("HealthCheckGracePeriod", 120i64.into()),
        ("Instances", list(g.instances.iter().map(|i| instance(g, i)))),
        ("CreatedTime", g.created.into()),
        ("SuspendedProcesses", list(suspended)),
        ("VPCZoneIdentifier", g.subnets.join(",").into()),
        ("EnabledMetrics", list(enabled)),
        ("Tags", list(tags)),
        ("TerminationPolicies", list(["Default"])),
        ("NewInstancesProtectedFromScaleIn", false.into()),
    ])
}

fn template(g: &Group) -> Value {
    map([
        ("LaunchTemplateId", (&g.launch_template.0).into()),
        ("LaunchTemplateName", (&g.launch_template.1).into()),
        ("Version", "$Latest".into()),
    ])
}

fn instance(g: &Group, i: &GroupInstance) -> Value {
    map([
        ("InstanceId", (&i.id).into()),
        ("InstanceType", i.instance_type.into()),
        ("AvailabilityZone", (&i.zone).into()),
        ("LifecycleState", i.lifecycle.into()),
        ("HealthStatus", i.health.into()),
        ("LaunchTemplate", template(g)),
        ("ProtectedFromScaleIn", false.into()),
    ])
}

pub(super) fn describe_activities(call: &Call<'_>) -> Result<Value, ApiError> {
    let name = call.params.text("AutoScalingGroupName")?;
    let ids = call.params.texts("ActivityIds")?;
    let page = Paging { token: "NextToken", size: "MaxRecords", default: 100, least: 1, most: 100 }
        .read(&call.params, call.now)?;
    let groups = call.world.groups(call.region, page.now);
    if let Some(name) = &name
        && !groups.iter().any(|g| g.name == *name)
    {
        return Err(call.params.invalid(format!("AutoScalingGroup name not found - {name}")));
    }
    let found = call
        .world
        .activities(call.region, name.as_deref(), page.now)
        .into_iter()
        .filter(|a| ids.is_empty() || ids.contains(&a.id))
        .collect();
    let (found, token) = page.cut(found);
    let arn = |a: &Activity| groups.iter().find(|g| g.name == a.group).map(|g| &g.arn);
    let activities = found.iter().map(|a| activity(a).and("AutoScalingGroupARN", arn(a)));
    Ok(map([("Activities", list(activities))]).and("NextToken", token))
}

fn activity(a: &Activity) -> Value {
    map([
        ("ActivityId", (&a.id).into()),
        ("AutoScalingGroupName", (&a.group).into()),
        ("Description", (&a.description).into()),
        ("Cause", (&a.cause).into()),
        ("StartTime", a.start.into()),
        ("StatusCode", a.status.into()),
        ("Progress", a.progress.into()),
        ("Details", (&a.details).into()),
    ])
    .and("StatusMessage", a.message.as_ref())
    .and("EndTime", a.end)
}
