//! What the world promises, seen from outside.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::sim::scenario::Scenario;

mod accounts;
mod alarms;
mod managed;
mod metrics;
mod places;
mod stories;

const HOME: &str = "ap-northeast-1";
const VIRGINIA: &str = "us-east-1";

fn began() -> Timestamp {
    "2026-01-14T05:00:00Z".parse().unwrap()
}

fn world(scenario: Scenario) -> World {
    scaled(scenario, 1, 1)
}

fn scaled(scenario: Scenario, seed: u64, scale: u32) -> World {
    World::new(WorldConfig {
        account: Account::Main,
        scenario,
        seed,
        scale,
        began: began(),
        variation: Variation::default(),
    })
}

/// `minutes` after the beginning.
fn at(minutes: f64) -> Timestamp {
    began() + SignedDuration::from_secs_f64(minutes * 60.0)
}

fn clb(name: &str) -> MetricId {
    MetricId::new("AWS/ELB", name, &[("LoadBalancerName", "web-clb")])
}

fn bill() -> MetricId {
    MetricId::new("AWS/Billing", "EstimatedCharges", &[("Currency", "USD")])
}

/// The newest value of `stat` that can be read at `now`, over minutes.
fn newest(world: &World, region: &str, metric: &MetricId, stat: &str, now: Timestamp) -> Option<f64> {
    let points = world.datapoints(region, metric, 60, now - SignedDuration::from_mins(10), now, now);
    points.last().and_then(|s| s.value(stat))
}

fn group(world: &World, name: &str, now: Timestamp) -> Group {
    world.groups(HOME, now).into_iter().find(|g| g.name == name).unwrap()
}

fn in_service(group: &Group) -> usize {
    group.instances.iter().filter(|i| i.lifecycle == "InService").count()
}

fn alarm(world: &World, region: &str, name: &str, now: Timestamp) -> Alarm {
    world.alarms(region, now).into_iter().find(|a| a.name == name).unwrap()
}

fn target_group(world: &World, name: &str, now: Timestamp) -> TargetGroup {
    world.target_groups(HOME, now).into_iter().find(|t| t.name == name).unwrap()
}

fn targets(world: &World, name: &str, now: Timestamp) -> Vec<TargetHealth> {
    world.target_health(HOME, &target_group(world, name, now).arn, now).unwrap()
}

/// Dimensions of the metrics of a target group.
fn target_metric(world: &World, name: &str, metric: &str) -> MetricId {
    let group = target_group(world, name, began());
    let balancer = group.balancers[0].split_once("loadbalancer/").unwrap().1;
    let space = if balancer.starts_with("app") { "AWS/ApplicationELB" } else { "AWS/NetworkELB" };
    let dimension = group.arn.rsplit_once(':').unwrap().1;
    MetricId::new(space, metric, &[("LoadBalancer", balancer), ("TargetGroup", dimension)])
}
