//! What the people of a scenario do.

use jiff::Timestamp;
use serde_json::json;

use super::super::WorldConfig;
use super::super::describe::web_security_group;
use super::super::fleet::{Region, Role};
use super::super::noise::{below, hex, mix};
use super::Seed;
use super::event::{What, Who};
use super::hum::{ALICE, BOB, DEPLOY};
use crate::sim::scenario::{Effect, EffectKind, Story};

const HOME: &str = "ap-northeast-1";
const VIRGINIA: &str = "us-east-1";
/// Of somebody abroad.
const FOREIGN: &str = "203.0.113.66";
const STOLEN: Who = Who::User("ci-runner", FOREIGN, "python-requests/2.31 Boto3/1.28.2");

struct Plotter {
    seed: u64,
    out: Vec<Seed>,
}

impl Plotter {
    fn add(&mut self, at: Timestamp, region: &'static str, who: Who, what: What) {
        let hash = mix(mix(self.seed, 0x5107), self.out.len() as u64);
        let late = 120 + i64::try_from(below(hash, 170)).unwrap_or(0);
        self.out.push(Seed { at, region, hash, late, who, what });
    }
}

/// Every event of the story's people, by time.
pub(in super::super) fn plot(config: &WorldConfig, story: &Story, regions: &[Region]) -> Vec<Seed> {
    let mut plotter = Plotter { seed: config.seed, out: Vec::new() };
    for effect in &story.effects {
        match effect.kind {
            EffectKind::Surge => surge(&mut plotter, effect, regions),
            EffectKind::ZoneOutage(_) => outage(&mut plotter, effect, regions),
            EffectKind::GroupPinned => {
                let request = json!({ "autoScalingGroupName": "web-asg", "policyName": "web-cpu-target" });
                let what = What::new("autoscaling", "PutScalingPolicy");
                let what = what.on("AWS::AutoScaling::AutoScalingGroup", "web-asg").with(request);
                plotter.add(effect.after(-8.0), HOME, BOB, what);
            }
            EffectKind::Gpu => gpu(&mut plotter, effect, regions),
            EffectKind::Intruder => intruder(&mut plotter, effect, config.account.id()),
            EffectKind::Throttled(_) | EffectKind::Expired | EffectKind::Blind(_) => {}
        }
    }
    plotter.out.sort_by_key(|s| s.at);
    plotter.out
}

fn surge(plotter: &mut Plotter, e: &Effect, regions: &[Region]) {
    let group = regions.first().map(web_security_group).unwrap_or_default();
    let template = json!({ "CreateLaunchTemplateVersionRequest": { "LaunchTemplateName": "web-template" } });
    let what = What::new("ec2", "CreateLaunchTemplateVersion").on("AWS::EC2::LaunchTemplate", "web-template");
    plotter.add(e.after(-11.0), HOME, DEPLOY, what.with(template));
    let update = json!({ "autoScalingGroupName": "web-asg", "healthCheckGracePeriod": 300 });
    let what = What::new("autoscaling", "UpdateAutoScalingGroup").on("AWS::AutoScaling::AutoScalingGroup", "web-asg");
    plotter.add(e.after(-8.5), HOME, DEPLOY, what.with(update));
    let permission = json!({ "groupId": group, "ipPermissions": { "items": [
        { "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "ipRanges": { "items": [{ "cidrIp": "0.0.0.0/0" }] } }
    ] } });
    let what = What::new("ec2", "AuthorizeSecurityGroupIngress").on("AWS::EC2::SecurityGroup", group);
    plotter.add(e.after(-5.2), HOME, ALICE, what.with(permission));
}

fn outage(plotter: &mut Plotter, e: &Effect, regions: &[Region]) {
    let there = |name: &&str| regions.first().is_some_and(|r| r.groups.iter().any(|g| g.name == *name));
    for (n, group) in (0..).zip(["api-asg", "img-asg", "web-asg"].into_iter().filter(there)) {
        let later = f64::from(n) * 0.15;
        let request = json!({ "autoScalingGroupName": group, "scalingProcesses": ["ReplaceUnhealthy", "AZRebalance"] });
        for (at, name) in [(e.after(3.0 + later), "SuspendProcesses"), (after_end(e, 5.0 + later), "ResumeProcesses")] {
            let what = What::new("autoscaling", name).on("AWS::AutoScaling::AutoScalingGroup", group);
            plotter.add(at, HOME, ALICE, what.with(request.clone()));
        }
    }
}

fn after_end(e: &Effect, minutes: f64) -> Timestamp {
    Effect { from: e.to, ..*e }.after(minutes)
}

fn gpu(plotter: &mut Plotter, e: &Effect, regions: &[Region]) {
    plotter.add(e.after(-3.0), VIRGINIA, STOLEN, What::new("sts", "GetCallerIdentity"));
    plotter.add(e.after(-1.5), VIRGINIA, STOLEN, What::new("ec2", "DescribeInstanceTypeOfferings"));
    for region in regions.iter().skip(1) {
        let mine = region.hosts.iter().filter(|h| h.role == Role::Gpu && h.ending == e.to);
        let (ids, launched): (Vec<String>, Vec<Timestamp>) = mine.map(|h| (h.id.clone(), h.launched)).unzip();
        if let Some(at) = launched.first() {
            plotter.add(*at, region.name, STOLEN, What::run("p4d.24xlarge", ids.clone()));
            plotter.add(e.to, region.name, ALICE, What::terminate(ids));
        }
    }
}

fn intruder(plotter: &mut Plotter, e: &Effect, account: &str) {
    let root = Who::Root(FOREIGN);
    let login = |outcome: &str| {
        let mut what = What::new("signin", "ConsoleLogin");
        what.response = json!({ "ConsoleLogin": outcome });
        what.extra = json!({ "MobileVersion": "No", "MFAUsed": "No" });
        what
    };
    let mut failed = login("Failure");
    failed.error = Some(("Failure", "Failed authentication".to_owned()));
    plotter.add(e.after(0.0), VIRGINIA, root, failed);
    plotter.add(e.after(0.6), VIRGINIA, root, login("Success"));
    let trail = format!("arn:aws:cloudtrail:{HOME}:{account}:trail/management-events");
    let what = What::new("cloudtrail", "StopLogging").on("AWS::CloudTrail::Trail", trail.clone());
    plotter.add(e.after(1.7), HOME, root, what.with(json!({ "name": trail })));
    let key = format!("AKIA{}", hex(mix(plotter.seed, 0x0BAD), 16).to_uppercase());
    let mut what =
        What::new("iam", "CreateAccessKey").on("AWS::IAM::AccessKey", key.clone()).on("AWS::IAM::User", "bob");
    what.request = json!({ "userName": "bob" });
    what.response = json!({ "accessKey": { "accessKeyId": key, "userName": "bob", "status": "Active" } });
    plotter.add(e.after(2.8), VIRGINIA, root, what);
}
