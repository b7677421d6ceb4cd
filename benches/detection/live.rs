//! A seeded incident, lived through twice: by the console's own core, and by the simulated CloudWatch.

use std::collections::{BTreeMap, BTreeSet};

use awswatch::alerts::{AlertId, Level, Phase};
use awswatch::app::{Core, Headless};
use awswatch::model::Text;
use awswatch::sim::scenario::Scenario;
use awswatch::sim::world::{AlarmState, Incident, World};
use awswatch::sim::{Account, SimConfig, Simulator, Variation};
use awswatch::ui::Look;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The rule whose alerts are CloudWatch's alarms, evaluated here.
const MIRROR: &str = "cloudwatch-alarm";
/// How long after its end an incident may still be told of; groups scale in, queues drain.
const AFTERMATH: SignedDuration = SignedDuration::from_mins(30);
/// How long an incident without end is waited for, CloudWatch's alarms on it included.
const PATIENCE: SignedDuration = SignedDuration::from_hours(48);
/// How long a console watches an incident, unless CloudWatch takes longer.
const WATCHED: SignedDuration = SignedDuration::from_mins(60);
/// Of so many runs one is watched until all is over: what is told of all of it is looked at there, recovery included.
pub(crate) const WHOLE: u64 = 8;
/// How long after a slow alarm turned the console that waits for it gives up.
const AFTER_SLOW: SignedDuration = SignedDuration::from_mins(75);

/// How late CloudWatch is, besides what the simulator already holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delays {
    /// Seconds by which points appear later.
    pub(crate) publishing: u32,
    /// Seconds between the end of the newest period that an alarm looks at and the look.
    pub(crate) evaluation: u32,
}

/// The world of one run, and how long before its first incident somebody begins to watch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    variation: Variation,
    /// When the console starts.
    start: Timestamp,
    /// From then until the scenario begins.
    before: SignedDuration,
    /// Whether the console watches until all is over, and not only until all is told.
    whole: bool,
    /// How long before a slow alarm turns the console that waits for it is started: at another point of the pollers' rounds
    /// each time, and before anybody can know what the alarm turns for.
    before_slow: SignedDuration,
}

impl Run {
    /// The run of `scenario` with `seed`: each begins at another moment of a week, of a minute and of the pollers' rounds,
    /// and goes on more or less quickly and strongly.
    pub(crate) fn new(scenario: Scenario, seed: u64, delays: Delays) -> Self {
        let mut state = seed ^ 0x5EED_0000 ^ (scenario as u64) << 40;
        let mut below = |n: u64| {
            // SplitMix64.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            i64::try_from((z ^ (z >> 31)) % n).unwrap_or(0)
        };
        // 2026-01-14T05:00:00Z, the demonstration's, and a week from there.
        let start = Timestamp::from_second(1_768_366_800 + below(7 * 86_400)).unwrap_or(Timestamp::UNIX_EPOCH);
        let before = SignedDuration::from_mins(6) + SignedDuration::from_millis(below(300_000));
        // What comes in turn must not overlap.
        let slowest = if scenario == Scenario::BadDay { 100 } else { 60 };
        let percent = |value: i64| u32::try_from(value).unwrap_or(100);
        let variation = Variation {
            pace: percent(slowest + below(100)),
            strength: percent(70 + below(60)),
            publishing: delays.publishing,
            evaluation: delays.evaluation,
        };
        let before_slow = SignedDuration::from_mins(16) + SignedDuration::from_secs(below(1_800));
        Self { scenario, seed, variation, start, before, whole: seed % WHOLE == 1, before_slow }
    }

    fn config(&self, at: SignedDuration) -> SimConfig {
        let (scenario, seed) = (self.scenario, self.seed);
        SimConfig { scenario, seed, at, variation: self.variation, ..SimConfig::default() }
    }

    /// A console that starts so long after this run's does.
    fn console(&self, later: SignedDuration) -> anyhow::Result<Headless> {
        let main = [Account::Main.alias().to_owned()];
        let config = self.config(later - self.before);
        Headless::of(config, self.start + later, &main, Look::default(), TimeZone::UTC, (80, 24))
    }
}

/// What one incident came to: how long after its beginning each side told of it, where it did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lived {
    /// Of which scenario it was.
    pub(crate) of: Scenario,
    /// The scenario that is about nothing else.
    pub(crate) kind: Scenario,
    /// The first alert of a rule, warning or worse.
    pub(crate) rule: Option<SignedDuration>,
    /// The first critical or blind one.
    pub(crate) critical: Option<SignedDuration>,
    /// The first of its CloudWatch alarms that turned here.
    pub(crate) mirrored: Option<SignedDuration>,
    /// The first of them that turned there.
    pub(crate) cloudwatch: Option<SignedDuration>,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) lived: Vec<Lived>,
    /// Time watched before anything went wrong.
    pub(crate) calm: SignedDuration,
    /// Alerts of rules that no incident explains: `rule on resource`.
    pub(crate) false_rules: Vec<String>,
    /// The same of mirrored alarms.
    pub(crate) false_mirrored: Vec<String>,
    /// The same of CloudWatch's alarms.
    pub(crate) false_cloudwatch: Vec<String>,
}

/// One thing told.
#[derive(Clone, Debug)]
struct Heard {
    at: Timestamp,
    rule: Text,
    resource: Text,
    level: Level,
}

impl Heard {
    fn mirrored(&self) -> bool {
        &*self.rule == MIRROR
    }

    fn explained_by(&self, incident: &Incident) -> bool {
        let told = if self.mirrored() { alarms(incident.scenario) } else { rules(incident.scenario) };
        let name = if self.mirrored() { &self.resource } else { &self.rule };
        begins(told, name) && incident.from <= self.at && self.at <= over(incident)
    }

    /// Whether it is what people did before `incident`.
    fn before(&self, incident: &Incident) -> bool {
        begins(prelude(incident.scenario), &self.rule) && self.at <= over(incident)
    }
}

fn begins(with: &[&str], name: &str) -> bool {
    with.iter().any(|with| name.starts_with(with))
}

fn over(incident: &Incident) -> Timestamp {
    incident.to.saturating_add(AFTERMATH).unwrap_or(Timestamp::MAX)
}

/// Whether an alarm of the simulated account is about what `scenario` is about.
pub(crate) fn has_alarm(scenario: Scenario) -> bool {
    !alarms(scenario).is_empty()
}

/// What the built-in rules that tell of `scenario` begin with, its consequences included.
fn rules(scenario: Scenario) -> &'static [&'static str] {
    match scenario {
        Scenario::Surge => &["clb-", "asg-", "instance-cpu", "sqs-", "dynamodb-throttles"],
        Scenario::AzOutage => &["target-", "clb-", "alb-", "instance-", "asg-short", "rds-replica-lag"],
        Scenario::AsgMax => &["asg-", "instance-cpu", "ecs-"],
        Scenario::BillShock => &["bill-", "trail-"],
        Scenario::Intruder => &["trail-"],
        Scenario::Throttled | Scenario::Expired | Scenario::Blind => &["poller-blind"],
        Scenario::Calm | Scenario::BadDay => &[],
    }
}

/// What the account's CloudWatch alarms that tell of `scenario` begin with, its consequences included.
fn alarms(scenario: Scenario) -> &'static [&'static str] {
    match scenario {
        Scenario::Surge => &["web-", "orders-oldest-message", "sessions-throttled-reads", "shop-down"],
        Scenario::AzOutage => &["web-", "api-", "img-", "shop-down"],
        Scenario::AsgMax => &["web-"],
        Scenario::BillShock => &["billing-over-budget"],
        _ => &[],
    }
}

/// What people did before `scenario`, and rules rightly tell of: it is neither the incident nor false.
fn prelude(scenario: Scenario) -> &'static [&'static str] {
    if scenario == Scenario::Surge { &["trail-security-group"] } else { &[] }
}

/// Lives through `run`. A calm one lasts `calm`.
pub(crate) fn live(run: &Run, calm: SignedDuration) -> anyhow::Result<Told> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(lived(run, calm))
}

async fn lived(run: &Run, calm: SignedDuration) -> anyhow::Result<Told> {
    let mut console = run.console(SignedDuration::ZERO)?;
    let day = run.start + SignedDuration::from_hours(24);
    let world = console.simulator().world(Account::Main);
    let incidents: Vec<Incident> = world.incidents().into_iter().filter(|i| i.from < day).collect();
    let theirs = turned(world, run.start, &incidents, run.start + calm);

    let first = |incident: &Incident| theirs.iter().find(|h| h.explained_by(incident)).map(|h| h.at);
    let soon = |incident: &Incident| {
        let end = incident.to.min(incident.from + WATCHED);
        first(incident).filter(|at| *at < end + AFTERMATH).map_or(end, |at| at.max(end))
    };
    let last = incidents.iter().map(soon).max().unwrap_or(run.start + calm) + SignedDuration::from_mins(5);
    let ends = incidents.iter().map(|i| i.to.min(i.from + WATCHED) + AFTERMATH);
    let end = ends.filter(|_| run.whole).fold(last, Timestamp::max);
    let mut heard = hear(&mut console, end, |heard| !run.whole && told_of_all(heard, &incidents)).await;
    let watched = console.now();
    drop(console);
    // A console that is started when the scenario is hours old sees what one sees that was there from the beginning.
    for incident in &incidents {
        if let Some(at) = first(incident).filter(|at| *at > last) {
            let mut console = run.console(at.duration_since(run.start) - run.before_slow)?;
            let found = |h: &&Heard| h.mirrored() && h.explained_by(incident);
            let late = hear(&mut console, at + AFTER_SLOW, |heard| heard.iter().any(|h| found(&h))).await;
            heard.extend(late.iter().find(found).cloned());
        }
    }

    let mut told =
        Told { calm: incidents.first().map_or(calm, |i| i.from.duration_since(run.start)), ..Told::default() };
    for incident in &incidents {
        let when = |heard: &[Heard], take: &dyn Fn(&Heard) -> bool| {
            let found = heard.iter().find(|h| h.explained_by(incident) && take(h));
            found.map(|h| h.at.duration_since(incident.from))
        };
        told.lived.push(Lived {
            of: run.scenario,
            kind: incident.scenario,
            rule: when(&heard, &|h| !h.mirrored()),
            critical: when(&heard, &|h| !h.mirrored() && h.level != Level::Warning),
            mirrored: when(&heard, &Heard::mirrored),
            cloudwatch: when(&theirs, &|_| true),
        });
    }
    let unexplained = |heard: &[Heard], mirrored: bool| -> Vec<String> {
        let unexplained = heard.iter().filter(|h| h.mirrored() == mirrored);
        let unexplained = unexplained.filter(|h| !incidents.iter().any(|i| h.explained_by(i) || h.before(i)));
        unexplained.map(|h| format!("{} on {}", h.rule, h.resource)).collect()
    };
    told.false_rules = unexplained(&heard, false);
    told.false_mirrored = unexplained(&heard, true);
    // Both sides are listened to for as long.
    let theirs: Vec<Heard> = theirs.into_iter().filter(|h| h.at <= watched).collect();
    told.false_cloudwatch = unexplained(&theirs, true);
    Ok(told)
}

/// What the console tells until `end`, or until that is `enough`.
async fn hear(console: &mut Headless, end: Timestamp, enough: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
    let mut heard: Vec<Heard> = Vec::new();
    let mut firing: BTreeMap<AlertId, Level> = BTreeMap::new();
    let mut looked = Timestamp::MIN;
    while console.now() < end && !enough(&heard) {
        let soon = console.now() + SignedDuration::from_secs(30);
        let seen = |core: &Core, now: Timestamp| {
            if now == looked {
                return;
            }
            looked = now;
            let mut still = BTreeSet::new();
            for alert in core.watch.alerts.active().into_iter().filter(|a| a.phase == Phase::Firing) {
                still.insert(alert.id.clone());
                let known = firing.insert(alert.id.clone(), alert.level);
                if known.is_none_or(|level| level < alert.level) {
                    let AlertId { rule, resource } = alert.id.clone();
                    heard.push(Heard { at: now, rule, resource: resource.id, level: alert.level });
                }
            }
            firing.retain(|id, _| still.contains(id));
        };
        console.run_until(soon.min(end), seen).await;
    }
    heard
}

/// Whether each of `incidents` was told by a rule, by a critical or blind alert, and by its alarm where it has one.
fn told_of_all(heard: &[Heard], incidents: &[Incident]) -> bool {
    let told =
        |incident: &Incident, take: &dyn Fn(&Heard) -> bool| heard.iter().any(|h| h.explained_by(incident) && take(h));
    !incidents.is_empty()
        && incidents.iter().all(|incident| {
            let alarm = !has_alarm(incident.scenario) || told(incident, &Heard::mirrored);
            alarm && told(incident, &|h| !h.mirrored() && h.level != Level::Warning)
        })
}

/// When CloudWatch's alarms turned to ALARM, from `start` on, by time.
fn turned(world: &World, start: Timestamp, incidents: &[Incident], calm_end: Timestamp) -> Vec<Heard> {
    let end = |i: &Incident| i.to.min(i.from + PATIENCE) + AFTERMATH;
    let end = incidents.iter().map(end).max().unwrap_or(calm_end);
    let mut turned: Vec<Heard> = Vec::new();
    for region in world.regions() {
        let changes = world.alarm_history(region, None, start, end, end);
        turned.extend(changes.into_iter().filter(|c| c.to == AlarmState::Alarm).map(|c| Heard {
            at: c.at,
            rule: MIRROR.into(),
            resource: c.alarm.into(),
            level: Level::Critical,
        }));
    }
    turned.sort_by_key(|h| h.at);
    turned
}

/// A simulator, to see which scenarios there are incidents in.
pub(crate) fn incidents(scenario: Scenario) -> Vec<Scenario> {
    let config = SimConfig { scenario, ..SimConfig::default() };
    let clock = awswatch::clock::Clock::simulated(Timestamp::UNIX_EPOCH, 1.0);
    let simulator = Simulator::new(config, clock);
    let all: BTreeSet<Scenario> = simulator.world(Account::Main).incidents().into_iter().map(|i| i.scenario).collect();
    all.into_iter().collect()
}
