//! EC2 Auto Scaling: groups and their activities.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types as sdk;
use jiff::Timestamp;

use super::translate::{MAX_PAGES, count, text, texts, time};
use super::{Api, Listing, Meter, ScopeClients, Truncation};
use crate::model::{
    Activity, AutoScalingGroup, Detail, Event, EventKind, GroupInstance, Kind, LaunchFailure, Resource, ResourceId,
    Scope, Text,
};

/// Most pages of activities read at once, newest first: without a group's name AWS answers slowly.
const MAX_ACTIVITY_PAGES: u32 = 5;

/// All groups of the scope.
pub async fn groups(clients: &ScopeClients, meter: &Meter) -> Listing<Resource> {
    let client = clients.autoscaling().await;
    let send = |token, tally| {
        client
            .describe_auto_scaling_groups()
            .max_records(100)
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    meter
        .pages(Api::AutoScaling, "DescribeAutoScalingGroups", MAX_PAGES, send, |page, into| {
            into.extend(page.auto_scaling_groups().iter().filter_map(|g| group(clients.scope(), g)));
            page.next_token
        })
        .await
}

/// Activities of all groups of the scope that began at or after `since`, and those before that still run, newest
/// first; of a busier account the newest few hundred, as the [`Truncation`] says.
pub async fn activities(clients: &ScopeClients, meter: &Meter, since: Timestamp) -> (Listing<Event>, Truncation) {
    let client = clients.autoscaling().await;
    let send = |token, tally| {
        client
            .describe_scaling_activities()
            .max_records(100)
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    let (mut pages, mut truncated) = (0, false);
    let listing: Listing<Event> = meter
        .pages(Api::AutoScaling, "DescribeScalingActivities", MAX_ACTIVITY_PAGES, send, |page, into| {
            pages += 1;
            let read = page.activities();
            // Those that still run come first, however old they are.
            let mut done = read.iter().filter(|a| a.end_time().is_some());
            let reached = done.any(|a| a.start_time().and_then(time).is_some_and(|at| at < since));
            let list = read.iter().filter_map(|a| activity(clients.scope(), a));
            into.extend(list.filter(|e| e.at >= since || running(e)));
            let last = pages == MAX_ACTIVITY_PAGES;
            truncated = last && !reached && page.next_token().is_some_and(|t| !t.is_empty());
            if reached || last { None } else { page.next_token }
        })
        .await;
    let truncation = Truncation::of(&listing.items, truncated, since);
    (listing, truncation)
}

fn running(event: &Event) -> bool {
    matches!(&event.kind, EventKind::Activity(a) if a.ended.is_none())
}

fn group(scope: &Scope, g: &sdk::AutoScalingGroup) -> Option<Resource> {
    let id = ResourceId::new(scope, Kind::AutoScalingGroup, g.auto_scaling_group_name()?);
    let mixed = g.mixed_instances_policy().and_then(|p| p.launch_template());
    let template = g.launch_template().or_else(|| mixed.and_then(|t| t.launch_template_specification()));
    let detail = AutoScalingGroup {
        min: count(g.min_size()),
        max: count(g.max_size()),
        desired: count(g.desired_capacity()),
        instances: g.instances().iter().filter_map(instance).collect(),
        suspended: g.suspended_processes().iter().map(|p| text(p.process_name())).collect(),
        zones: texts(g.availability_zones()),
        subnets: g.vpc_zone_identifier().into_iter().flat_map(|list| list.split(',')).filter_map(part).collect(),
        target_groups: texts(g.target_group_arns()),
        classic_elbs: texts(g.load_balancer_names()),
        launch: text(template.and_then(|t| t.launch_template_name()).or(g.launch_configuration_name())),
        created: g.created_time().and_then(time),
    };
    let tags: BTreeMap<Text, Text> =
        g.tags().iter().filter_map(|t| Some((text(Some(t.key()?)), text(t.value())))).collect();
    Some(Resource { name: id.id.clone(), id, tags, detail: Detail::AutoScalingGroup(detail) })
}

fn part(raw: &str) -> Option<Text> {
    let part = raw.trim();
    (!part.is_empty()).then(|| part.into())
}

fn instance(i: &sdk::Instance) -> Option<GroupInstance> {
    Some(GroupInstance {
        id: text(Some(i.instance_id()?)),
        zone: text(i.availability_zone()),
        lifecycle: text(i.lifecycle_state().map(sdk::LifecycleState::as_str)),
        health: text(i.health_status()),
    })
}

fn activity(scope: &Scope, a: &sdk::Activity) -> Option<Event> {
    let group = text(a.auto_scaling_group_name());
    let status = text(a.status_code().map(sdk::ScalingActivityStatusCode::as_str));
    let message = text(a.status_message());
    let did = text(a.description());
    // A launch that a lifecycle hook gives up ends as cancelled; what could not be terminated was launched all right.
    let failed = matches!(status.as_str(), "Failed" | "Cancelled") && !did.starts_with("Terminating");
    let failure = failed.then(|| LaunchFailure::classify(&message));
    let summary = match failure {
        Some(failure) => format!("{group}: {did}: {}", failure.as_str()),
        None if status == "Successful" => format!("{group}: {did}"),
        None => format!("{group}: {did} ({status})"),
    };
    let mut resources = vec![group.clone()];
    resources.extend(instance_id(&did));
    Some(Event {
        id: text(Some(a.activity_id()?)),
        scope: scope.clone(),
        at: a.start_time().and_then(time)?,
        resources,
        summary: summary.into(),
        kind: EventKind::Activity(Activity { group, status, message, failure, ended: a.end_time().and_then(time) }),
    })
}

/// The instance that an activity's description names, as in `Launching a new EC2 instance: i-0ab1`.
fn instance_id(description: &str) -> Option<Text> {
    description.split_whitespace().find(|w| w.starts_with("i-")).map(|w| w.trim_end_matches(['.', ',']).into())
}
