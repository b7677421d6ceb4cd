//! What people and machines do every day.

use jiff::Timestamp;
use serde_json::json;

use super::super::fleet::{Region, plus};
use super::super::load::rhythm;
use super::super::noise::{below, mix, mix_text, unit};
use super::super::{Account, World};
use super::event::{What, Who};
use super::{LATEST, Seed};

/// Seconds of one slot: at most one event in each.
const SLOT: i64 = 120;

const CLI: &str = "aws-cli/2.22.4 md/awscrt#0.23.4 ua/2.0 os/linux";
const CONSOLE: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) console.amazonaws.com";
const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.10.0 aws-sdk-go-v2/1.32.6";
/// Of the office, and of the runner.
pub(super) const OFFICE: &str = "198.51.100.24";
const RUNNER: &str = "198.51.100.77";

pub(super) const ALICE: Who = Who::User("alice", OFFICE, CONSOLE);
pub(super) const BOB: Who = Who::User("bob", OFFICE, CLI);
pub(super) const DEPLOY: Who = Who::Role("deploy-role", "deploy-role", TERRAFORM);
const RUNNER_USER: Who = Who::User("ci-runner", RUNNER, CLI);
const READER: Who = Who::Role("monitoring-role", "monitoring", "Boto3/1.35.80 md/Botocore#1.35.80");

/// The slot that `at` falls into.
pub(super) fn slot_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SLOT)
}

/// The event of a slot, if it has one.
pub(super) fn event(world: &World, region: &Region, slot: i64) -> Option<Seed> {
    let hash = mix(mix_text(mix(world.config.seed, 0x7A11), region.name), slot.cast_unsigned());
    let share = match (region.account, region.name) {
        (Account::Main, "ap-northeast-1") => 0.42,
        (Account::Main, "us-east-1") => 0.15,
        (Account::Staging, "ap-northeast-1") => 0.12,
        _ => 0.03,
    };
    let start = Timestamp::from_second(slot.saturating_mul(SLOT)).ok()?;
    if unit(hash) > share * rhythm(start) {
        return None;
    }
    let (who, what) = act(hash);
    let late = 120 + i64::try_from(below(mix(hash, 2), 280)).unwrap_or(0);
    // One in twelve is a straggler.
    let late = if below(mix(hash, 3), 12) == 0 { (late * 3).min(LATEST) } else { late };
    let at = plus(start, i64::try_from(below(mix(hash, 1), SLOT.cast_unsigned())).unwrap_or(0));
    Some(Seed { at, region: region.name, hash, late, who, what })
}

fn act(hash: u64) -> (Who, What) {
    match below(mix(hash, 4), 40) {
        0..9 => (READER, What::new("ec2", "DescribeInstances")),
        9..14 => (READER, What::new("elasticloadbalancing", "DescribeTargetHealth")),
        14..18 => (DEPLOY, What::new("autoscaling", "DescribeAutoScalingGroups")),
        18..21 => (RUNNER_USER, What::new("sts", "GetCallerIdentity")),
        21..24 => (ALICE, What::new("monitoring", "DescribeAlarms")),
        24..26 => {
            let mut what = What::new("signin", "ConsoleLogin");
            what.response = json!({ "ConsoleLogin": "Success" });
            what.extra = json!({ "MobileVersion": "No", "MFAUsed": "Yes" });
            (ALICE, what)
        }
        26..29 => {
            let request = json!({ "functionName": "order-events", "publish": true });
            let what = What::new("lambda", "UpdateFunctionCode20150331v2").on("AWS::Lambda::Function", "order-events");
            (DEPLOY, what.with(request))
        }
        29..32 => {
            let request = json!({ "repositoryName": "shop/web", "imageTag": format!("build-{}", hash % 9_000) });
            (RUNNER_USER, What::new("ecr", "PutImage").on("AWS::ECR::Repository", "shop/web").with(request))
        }
        32..34 => {
            let volume = format!("vol-0{}", super::super::noise::hex(mix(hash, 5), 16));
            (READER, What::new("ec2", "CreateSnapshot").on("AWS::EC2::Volume", volume))
        }
        34..36 => {
            let request = json!({ "alarmName": "shop-db-cpu", "threshold": 85.0 });
            (BOB, What::new("monitoring", "PutMetricAlarm").on("AWS::CloudWatch::Alarm", "shop-db-cpu").with(request))
        }
        36 => {
            let mut what = What::new("s3", "GetBucketPolicy").on("AWS::S3::Bucket", "shop-assets");
            what.error = Some(("NoSuchBucketPolicy", "The bucket policy does not exist".to_owned()));
            (DEPLOY, what)
        }
        37 => {
            let request = json!({ "dBSnapshotIdentifier": format!("shop-db-{}", hash % 900) });
            (BOB, What::new("rds", "CreateDBSnapshot").on("AWS::RDS::DBInstance", "shop-db").with(request))
        }
        _ => {
            let request =
                json!({ "resourcesSet": {}, "tagSet": { "items": [{ "key": "担当", "value": "基盤チーム" }] } });
            (ALICE, What::new("ec2", "CreateTags").with(request))
        }
    }
}
