//! Builds the fleet of a world: the named part that scenarios act on, and as much more as the scale asks for.

use jiff::Timestamp;

use super::fleet::{BalancerSpec, ElbSpec, GroupSpec, Host, Region, Role, SubnetSpec, TargetGroupSpec, plus};
use super::noise::{below, hex, mix, mix_text};
use super::{Account, BalancerKind, WorldConfig, managed, plan};
use crate::sim::scenario::{EffectKind, Story};

/// The regions, home first.
pub(super) const REGIONS: [&str; 3] = ["ap-northeast-1", "us-east-1", "eu-west-1"];
/// Hosts a group of the extra fleet has at most.
const GROUP_SIZE: u32 = 40;
/// When the account was set up: 2023-06-05T02:14:09Z.
const SETUP: i64 = 1_685_931_249;

const PROD: &[(&str, &str)] = &[("env", "prod"), ("用途", "本番")];
const TOOLS: &[(&str, &str)] = &[("env", "tools"), ("担当", "基盤チーム")];
const STAGING: &[(&str, &str)] = &[("env", "staging"), ("用途", "検証")];
const TRAINING: &[(&str, &str)] = &[("project", "llm-train"), ("owner", "ci-runner")];

/// The account's setup, `days` later.
pub(super) fn setup(days: i64) -> Timestamp {
    Timestamp::from_second(SETUP + days * 86_400).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Seed of everything about the thing called `name`.
pub(super) fn name_hash(config: &WorldConfig, name: &str) -> u64 {
    mix_text(mix(config.seed, 0x00AA_55AA), name)
}

/// The fleet of every region.
pub(super) fn build(config: &WorldConfig, story: &Story) -> Vec<Region> {
    let mut regions: Vec<Region> = REGIONS.into_iter().map(|name| empty(config, name)).collect();
    if let (Account::Staging, [home, ..]) = (config.account, regions.as_mut_slice()) {
        staging_fleet(config, home);
    } else if let [home, virginia, ireland] = regions.as_mut_slice() {
        home_fleet(config, story, home);
        for (name, cpu) in [("edge-01", 22.0), ("edge-02", 20.0), ("ci-runner-01", 35.0)] {
            single(config, virginia, name, "m5.large", cpu, TOOLS);
        }
        for (name, cpu) in [("replica-01", 18.0), ("replica-02", 16.0)] {
            single(config, ireland, name, "t3.large", cpu, PROD);
        }
        extra_fleet(config, home, virginia);
        gpus(config, story, virginia, 0..5);
        gpus(config, story, ireland, 5..8);
    }
    for region in &mut regions {
        finish(region);
        region.managed = managed::of(config, region);
    }
    regions
}

fn empty(config: &WorldConfig, name: &'static str) -> Region {
    let letters: &[char] = match name {
        "ap-northeast-1" => &['a', 'c', 'd'],
        "us-east-1" => &['a', 'b', 'd'],
        _ => &['a', 'b', 'c'],
    };
    let octet = match name {
        "ap-northeast-1" => 0,
        "us-east-1" => 32,
        _ => 64,
    } + match config.account {
        Account::Main => 0,
        Account::Staging => 128,
    };
    let zones: Vec<String> = letters.iter().map(|l| format!("{name}{l}")).collect();
    let hash = name_hash(config, name);
    let mut region =
        Region { account: config.account, name, vpc: format!("vpc-{}", hex(hash, 17)), zones, ..Region::default() };
    // One row for each sort of subnet: name, purpose, third octet of the first, its step, prefix, other users.
    let sorts: [(&str, &str, u8, u8, u8, u32); 4] = [
        ("public", "公開", 0, 1, 24, 31),
        ("app", "アプリ", 16, 4, 22, 64),
        ("db", "データベース", 8, 1, 26, 9),
        ("fleet", "", 64, 64, 18, 210),
    ];
    for (sort, purpose, first, step, prefix, used) in sorts {
        if sort == "fleet" && config.scale <= 1 {
            continue;
        }
        for (zone, letter) in (0u8..).zip(letters) {
            let short = format!("{sort}-1{letter}");
            region.subnets.push(SubnetSpec {
                id: format!("subnet-{}", hex(mix_text(hash, &short), 17)),
                name: short,
                purpose,
                zone: usize::from(zone),
                base: [10, octet, first.saturating_add(step.saturating_mul(zone))],
                prefix,
                used,
                hosts: Vec::new(),
            });
        }
    }
    region
}

/// Index of the subnet of sort `sort` in `zone`.
fn subnet(region: &Region, sort: &str, zone: usize) -> usize {
    region.subnets.iter().position(|s| s.zone == zone && s.name.starts_with(sort)).unwrap_or(0)
}

fn home_fleet(config: &WorldConfig, story: &Story, region: &mut Region) {
    let named = [
        ("web", Role::Web, "c5.xlarge", 4, 12, 6, 210),
        ("api", Role::Api, "m5.large", 2, 10, 6, 318),
        ("img", Role::Img, "c5.large", 2, 6, 3, 402),
    ];
    for (name, role, instance_type, min, max, desired, age) in named {
        let index =
            group(config, region, &format!("{name}-asg"), role, instance_type, [min, max, desired], "app", PROD);
        let spec = &mut region.groups[index];
        spec.metrics_enabled = true;
        spec.created = setup(age);
    }
    region.elbs.push(ElbSpec { name: "web-clb".to_owned(), hash: name_hash(config, "web-clb"), group: 0 });
    region.groups[0].elb = Some(0);
    balancer(config, region, BalancerKind::Application, "api", 1, 8080);
    balancer(config, region, BalancerKind::Network, "img", 2, 8443);
    for group in 0..region.groups.len() {
        plan::act(config, story, region, group);
    }
    for (name, instance_type, cpu, tags) in [
        ("bastion-01", "t3.micro", 3.0, TOOLS),
        ("batch-01", "m5.xlarge", 48.0, PROD),
        ("batch-02", "m5.xlarge", 44.0, PROD),
        ("監視サーバ", "t3.large", 17.0, TOOLS),
        ("legacy-erp", "t3.large", 9.0, PROD),
    ] {
        single(config, region, name, instance_type, cpu, tags);
    }
    if let Some(host) = region.hosts.iter_mut().find(|h| h.name == "bastion-01") {
        host.public = true;
    }
    if let Some(host) = region.hosts.iter_mut().find(|h| h.name == "legacy-erp") {
        host.stopped = true;
    }
}

fn staging_fleet(config: &WorldConfig, region: &mut Region) {
    let web = group(config, region, "stg-web-asg", Role::Other(12.0), "t3.small", [1, 4, 2], "app", STAGING);
    region.groups[web].created = setup(44);
    balancer(config, region, BalancerKind::Application, "stg-web", web, 8080);
    group(config, region, "stg-worker-asg", Role::Other(21.0), "t3.small", [0, 3, 1], "app", STAGING);
    single(config, region, "bastion-stg", "t3.micro", 2.0, STAGING);
    if let Some(host) = region.hosts.last_mut() {
        host.public = true;
    }
}

#[expect(clippy::too_many_arguments, reason = "a row of a table: every caller names all of it once")]
fn group(
    config: &WorldConfig,
    region: &mut Region,
    name: &str,
    role: Role,
    instance_type: &'static str,
    [min, max, desired]: [u32; 3],
    sort: &str,
    tags: &'static [(&'static str, &'static str)],
) -> usize {
    let index = region.groups.len();
    let hash = name_hash(config, name);
    let subnets = (0..region.zones.len()).map(|zone| subnet(region, sort, zone)).collect();
    region.groups.push(GroupSpec {
        name: name.to_owned(),
        hash,
        role,
        instance_type,
        min,
        max,
        desired: vec![(Timestamp::MIN, desired)],
        hosts: Vec::new(),
        failures: Vec::new(),
        suspended: Vec::new(),
        subnets,
        elb: None,
        target_group: None,
        metrics_enabled: false,
        created: setup(i64::try_from(below(hash, 700)).unwrap_or(0)),
        tags,
    });
    for n in 0..desired {
        let mut at = past(config, mix(hash, u64::from(n)));
        if sort == "fleet" {
            // Older than the six weeks of scaling activities: a large fleet is not a long list of old launches.
            at = plus(at, -45 * 86_400);
        }
        let cause =
            "an instance was started in response to a difference between desired and actual capacity".to_owned();
        let zone = n as usize % region.zones.len();
        launch(region, index, mix(hash, 1000 + u64::from(n)), zone, at, cause);
    }
    index
}

/// Launches a host of group `group`; returns its index.
pub(super) fn launch(
    region: &mut Region,
    group: usize,
    hash: u64,
    zone: usize,
    at: Timestamp,
    launch_cause: String,
) -> usize {
    let spec = &region.groups[group];
    let host = Host {
        id: format!("i-0{}", hex(hash, 16)),
        hash,
        name: format!("{}-{:02}", spec.name.trim_end_matches("-asg"), spec.hosts.len() + 1),
        role: spec.role,
        instance_type: spec.instance_type,
        zone,
        subnet: spec.subnets[zone % spec.subnets.len()],
        address: 0,
        public: false,
        detailed: !matches!(spec.role, Role::Other(_)),
        stopped: false,
        group: Some(group),
        tags: spec.tags,
        launched: at,
        in_service: plus(at, 75 + i64::try_from(below(hash, 40)).unwrap_or(0)),
        ending: Timestamp::MAX,
        killed: Timestamp::MAX,
        launch_cause,
        end_cause: String::new(),
    };
    region.hosts.push(host);
    let index = region.hosts.len() - 1;
    region.groups[group].hosts.push(index);
    index
}

/// A moment 1 to 40 days before the scenario.
fn past(config: &WorldConfig, hash: u64) -> Timestamp {
    let seconds = 86_400 + i64::try_from(below(hash, 39 * 86_400)).unwrap_or(0);
    Timestamp::from_second(config.began.as_second().saturating_sub(seconds)).unwrap_or(config.began)
}

fn single(
    config: &WorldConfig,
    region: &mut Region,
    name: &str,
    instance_type: &'static str,
    cpu: f64,
    tags: &'static [(&'static str, &'static str)],
) {
    let hash = name_hash(config, &format!("{}/{name}", region.name));
    let zone = region.hosts.len() % region.zones.len();
    let at = past(config, hash);
    let sort = if name.starts_with("bastion") { "public" } else { "app" };
    let subnet = subnet(region, sort, zone);
    region.hosts.push(Host {
        id: format!("i-0{}", hex(hash, 16)),
        hash,
        name: name.to_owned(),
        role: Role::Other(cpu),
        instance_type,
        zone,
        subnet,
        address: 0,
        public: false,
        detailed: false,
        stopped: false,
        group: None,
        tags,
        launched: at,
        in_service: at,
        ending: Timestamp::MAX,
        killed: Timestamp::MAX,
        launch_cause: String::new(),
        end_cause: String::new(),
    });
}

/// The instances that `ci-runner` starts.
fn gpus(config: &WorldConfig, story: &Story, region: &mut Region, numbers: std::ops::Range<i64>) {
    let first = numbers.start;
    for (effect, ()) in story.pick(|k| (k == EffectKind::Gpu).then_some(())) {
        for n in numbers.clone() {
            single(config, region, &format!("llm-train-{}", n + 1), "p4d.24xlarge", 0.0, TRAINING);
            if let Some(host) = region.hosts.last_mut() {
                host.role = Role::Gpu;
                // One call, and so one zone, a region.
                host.zone = 0;
                host.launched = plus(effect.from, 40 * i64::from(first > 0));
                host.in_service = host.launched;
                host.ending = effect.to;
                host.killed = effect.to;
            }
        }
    }
}

fn balancer(config: &WorldConfig, region: &mut Region, kind: BalancerKind, stem: &str, group: usize, port: u16) {
    let (suffix, path) = match kind {
        BalancerKind::Application => ("alb", "app"),
        BalancerKind::Network => ("nlb", "net"),
    };
    let (name, target) = (format!("{stem}-{suffix}"), format!("{stem}-tg"));
    let hash = name_hash(config, &name);
    let prefix = format!("arn:aws:elasticloadbalancing:{}:{}", region.name, config.account.id());
    let index = region.balancers.len();
    region.groups[group].target_group = Some(region.target_groups.len());
    region.target_groups.push(TargetGroupSpec {
        arn: format!("{prefix}:targetgroup/{target}/{}", hex(mix(hash, 1), 16)),
        name: target,
        balancer: index,
        group,
        port,
    });
    region.balancers.push(BalancerSpec {
        arn: format!("{prefix}:loadbalancer/{path}/{name}/{}", hex(hash, 16)),
        name,
        hash,
        kind,
        target_group: index,
        role: region.groups[group].role,
    });
}

/// As many more hosts as the scale asks for, in groups of their own: four fifths at home, every fourth group behind
/// a balancer.
fn extra_fleet(config: &WorldConfig, home: &mut Region, virginia: &mut Region) {
    let mut left = config.scale.clamp(1, 2_000).saturating_sub(1) * 25;
    let mut number = 0;
    while left > 0 {
        let size = left.min(GROUP_SIZE);
        left -= size;
        number += 1;
        let region = if number % 5 == 0 { &mut *virginia } else { &mut *home };
        let stem = format!("svc-{number:03}");
        let hash = name_hash(config, &stem);
        let instance_type = ["m5.large", "c5.large", "t3.medium", "r5.large"][(hash % 4) as usize];
        let role = Role::Other(15.0 + (hash >> 8 & 31) as f64);
        let sizes = [size / 2, size * 2, size];
        let index = group(config, region, &format!("{stem}-asg"), role, instance_type, sizes, "fleet", PROD);
        if number % 4 == 1 {
            balancer(config, region, BalancerKind::Application, &stem, index, 8080);
        }
    }
}

/// Sorts hosts by launch, gives out addresses, and notes when the list changes.
fn finish(region: &mut Region) {
    let mut order: Vec<usize> = (0..region.hosts.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&region.hosts[*a], &region.hosts[*b]);
        (a.launched, &a.id).cmp(&(b.launched, &b.id))
    });
    let mut new_index = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        new_index[*old] = new;
    }
    let mut hosts: Vec<Option<Host>> = std::mem::take(&mut region.hosts).into_iter().map(Some).collect();
    region.hosts = order.iter().filter_map(|old| hosts[*old].take()).collect();
    for group in &mut region.groups {
        for host in &mut group.hosts {
            *host = new_index[*host];
        }
        group.hosts.sort_unstable();
    }
    for (index, host) in region.hosts.iter_mut().enumerate() {
        if matches!(host.role, Role::Gpu) {
            host.subnet = region.subnets.iter().position(|s| s.zone == 0).unwrap_or(0);
        }
        let subnet = &mut region.subnets[host.subnet];
        // AWS keeps the first four; other users come next.
        host.address = 4 + subnet.used + u32::try_from(subnet.hosts.len()).unwrap_or(0);
        subnet.hosts.push(index);
        region.host_by_id.insert(host.id.clone(), index);
        region.epochs.extend(
            [
                host.launched,
                plus(host.launched, super::fleet::BOOT),
                host.killed,
                plus(host.killed, super::fleet::SHUTDOWN),
                plus(host.killed, 3600),
            ]
            .into_iter()
            .filter(|t| *t < Timestamp::MAX),
        );
    }
    region.epochs.sort_unstable();
    region.epochs.dedup();
}
