//! The modes: the console on AWS, on the simulator or on a recording, and the check.

use std::path::Path;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::console::{self, End, Wiring};
use super::player::{Items, Origin, Player};
use super::terminal::Screen;
use super::{Core, Event, Manners, Watch, demo, keep, logging, look, past, rules, scopes, setup, wall};
use crate::check;
use crate::cli::{Cli, Format, Speed};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::journal::{Recorder, RecorderHandle};
use crate::model::{ErrorClass, Source, Text};
use crate::poll::{self, Demand, ScopeSpec, Settings};
use crate::rules::{EvalMode, RuleSet};
use crate::ui::{Badge, Command, Context, Playback, Wall};

/// Observations that may wait for the loop; pollers wait when it is full.
const QUEUE: usize = 1024;
/// Longest time the program takes to let its tasks go at the end.
pub(super) const FAREWELL: Duration = Duration::from_millis(200);

/// A runtime for `speed`: as fast as the machine goes means paused time, which tokio has on one thread only.
pub(super) fn runtime(speed: Speed, threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    match speed {
        Speed::Max => tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build(),
        Speed::Times(_) if threads < 2 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        Speed::Times(_) => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

pub(super) fn settings(cli: &Cli, config: &Config, rules: &RuleSet) -> Settings {
    Settings {
        intervals: crate::model::PollerKind::ALL.into_iter().map(|p| (p, config.intervals.of(p))).collect(),
        budget: api_budget(cli, config),
        seed: cli.run.world.seed(),
        look_back: Duration::try_from(rules.look_back()).unwrap_or_default(),
        // A simulated world's prices are nobody else's.
        cache: config::cache_dir().filter(|_| cli.run.demo.is_none()),
        kinds: rules.rules().iter().filter(|r| r.enabled).flat_map(crate::rules::Rule::kinds).copied().collect(),
        ..Settings::default()
    }
}

/// What is watched: the simulator's scopes with `--demo`, else what the configuration names.
pub(super) async fn world(cli: &Cli, config: &Config, speed: Speed) -> anyhow::Result<(Clock, Vec<ScopeSpec>)> {
    if let Some(scenario) = &cli.run.demo {
        let clock = demo::clock(&cli.run.world, speed);
        let simulator = demo::simulator(scenario, &cli.run.world, clock.clone())?;
        let scopes = demo::scopes(&simulator, &clock, &cli.run.profile, &cli.run.region)?;
        Ok((clock, scopes))
    } else {
        let clock = Clock::system();
        let scopes = scopes::resolve(config, &clock).await?;
        Ok((clock, scopes))
    }
}

/// What reading metrics may cost a month, in US dollars: nobody pays for the demonstration.
pub(super) fn api_budget(cli: &Cli, config: &Config) -> f64 {
    let asked_for = config.origins.get("budget.api").is_some_and(|o| *o != config::Origin::Default);
    if cli.run.demo.is_some() && !asked_for { demo::API_BUDGET } else { config.budget.api }
}

pub(super) fn budget(cli: &Cli, config: &Config) -> Option<f64> {
    config.budget.bill.or_else(|| cli.run.demo.as_ref().map(|_| demo::BUDGET))
}

/// `--check`: reads once, prints, and returns the exit code.
pub(super) fn check(cli: &Cli, config: &Config) -> anyhow::Result<u8> {
    if let Some(file) = &cli.run.replay {
        return past::check(cli, config, file);
    }
    let _log = logging::begin();
    let speed = cli.run.speed();
    let runtime = runtime(speed, 1)?;
    let context = rules::context(config, budget(cli, config), EvalMode::OneShot);
    let mut watch = Watch::new(rules::rules(config)?, context);
    let report = runtime.block_on(async {
        let (clock, scopes) = world(cli, config, speed).await?;
        let mut recorder = match &cli.run.record {
            Some(path) => Some(Recorder::create(path, clock.now())?),
            None => None,
        };
        if cli.run.demo.is_none() {
            watch.alerts.restore(keep::known(), &watch.model, clock.now());
        }
        let mut failed = None;
        let settings = settings(cli, config, &watch.rules);
        let timed_out = super::pass(&mut watch, &settings, &scopes, &clock, config.check.timeout, |seen| {
            if let Some(recorder) = &mut recorder
                && let Err(error) = recorder.record(seen)
            {
                failed.get_or_insert(error);
            }
        })
        .await;
        if let Some(recorder) = &mut recorder {
            recorder.flush()?;
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        let of_rules = watch.pollers_needed();
        let needed = scopes
            .iter()
            .flat_map(|spec| {
                spec.pollers(&settings).map(|poller| Source { scope: spec.clients.scope().clone(), poller })
            })
            .filter(|source| of_rules.contains(&source.poller) && !source.poller.is_optional())
            .collect();
        let input = check::Input {
            model: &watch.model,
            alerts: &watch.alerts,
            needed: &needed,
            rules: watch.rule_count(),
            now: clock.now(),
            zone: &config.ui.time_zone.get(),
            timed_out: timed_out.then_some(config.check.timeout),
        };
        anyhow::Ok(match cli.run.format.unwrap_or_default() {
            Format::Text => check::report(&input),
            Format::Json => check::report_json(&input),
        })
    })?;
    runtime.shutdown_timeout(FAREWELL);
    super::say(&report.text);
    if let Some((account, why)) = without_credentials(&watch) {
        super::complain(&no_credentials(&account, &why));
    }
    Ok(report.exit.code())
}

/// What one pass over the simulated AWS of `cli` finds, for counting.
pub(super) fn known(cli: &Cli, config: &Config) -> anyhow::Result<Watch> {
    let context = rules::context(config, budget(cli, config), EvalMode::OneShot);
    let mut watch = Watch::new(rules::rules(config)?, context);
    let runtime = runtime(Speed::Max, 1)?;
    runtime.block_on(async {
        let (clock, scopes) = world(cli, config, Speed::Max).await?;
        let settings = settings(cli, config, &watch.rules);
        super::pass(&mut watch, &settings, &scopes, &clock, config.check.timeout, |_| ()).await;
        anyhow::Ok(())
    })?;
    runtime.shutdown_timeout(FAREWELL);
    Ok(watch)
}

/// The console, on AWS, the simulator or a recording.
pub(super) fn console(cli: &Cli, config: &Config) -> anyhow::Result<u8> {
    Screen::available(std::env::var("TERM").ok().as_deref())?;
    let look = look::look(config)?;
    let watch = Watch::new(rules::rules(config)?, rules::context(config, budget(cli, config), EvalMode::Live));
    let log = logging::begin();
    let speed = cli.run.speed();
    // A replay is put from record to record by itself: the time of its runtime is real.
    let runtime = runtime(if cli.run.replay.is_some() { Speed::Times(1.0) } else { speed }, 2)?;
    let pace = if let Speed::Times(times) = speed { times } else { f64::INFINITY };
    let badge = match (&cli.run.demo, &cli.run.replay) {
        (Some(scenario), _) => Badge::Demo { scenario: scenario.clone(), speed: pace },
        (None, Some(file)) => Badge::Replay {
            file: file
                .file_name()
                .map_or_else(String::new, |f| crate::model::Text::new(&f.to_string_lossy()).to_string()),
            speed: pace,
        },
        (None, None) => Badge::Live,
    };
    let mut core =
        Core::new(watch, look, Manners { badge, tz: config.ui.time_zone.get(), author: keep::author(config) });
    if let Some(name) = &cli.run.wall {
        core.wall = Some(Wall::new(wall::plan(config, name)?));
    }
    if cli.run.wall.is_none() && cli.run.demo.is_none() && cli.run.replay.is_none() {
        core.look.setup = setup::setup(cli);
    }
    let (core, end) = runtime.block_on(async {
        let (demand, wanted) = watch::channel(Demand::default());
        let (out, observations) = mpsc::channel(QUEUE);
        let (clock, pollers, player) = if let Some(file) = &cli.run.replay {
            let (player, playback) = replay(cli, config, file, pace, &core.watch)?;
            core.playback = Some(playback);
            (player.clock(), None, Some(player))
        } else {
            let (clock, scopes) = world(cli, config, speed).await?;
            let settings = settings(cli, config, &core.watch.rules);
            let player = demonstration(cli, config, &settings, &core.watch, &clock)?.map(|(player, playback)| {
                core.playback = Some(playback);
                player
            });
            let pollers = poll::spawn(settings, scopes, clock.clone(), out, wanted);
            core.expected = Some(pollers.sources().cloned().collect());
            (clock, Some(pollers), player)
        };
        let recorder = match &cli.run.record {
            Some(path) => Some(RecorderHandle::spawn(Recorder::create(path, clock.now())?, QUEUE)?),
            None => None,
        };
        let panic_after = std::env::var("AWSWATCH_PANIC_AFTER_FRAMES").ok().filter(|_| cfg!(debug_assertions));
        let panic_after = panic_after.and_then(|n| n.parse().ok());
        let (say, heard) = mpsc::channel(16);
        let live = cli.run.demo.is_none() && cli.run.replay.is_none();
        let keeper = if live { Some(keep::keeper(config, &clock, say)?) } else { None };
        let mut asked = look::asked(config);
        asked.mouse &= core.wall.is_none();
        core.view.mouse = asked.mouse;
        let screen = Screen::take(asked)?;
        if live && core.wall.is_none() && config.file.is_none() {
            // Said and not opened: what is wrong in the fleet comes first, also without a configuration.
            let keys = core.look.keymap.keys_for(Command::Welcome, Context::Overview);
            let how = keys.map_or_else(String::new, |keys| format!(": {keys} shows what was found and how to go on"));
            let text = format!("no configuration file{how}");
            core.step(Event::Notice { text, bad: false }, clock.now(), screen.size());
        }
        let max_fps = config.ui.max_fps;
        let wiring = Wiring {
            clock,
            observations,
            demand,
            pollers,
            player,
            recorder,
            keeper,
            heard,
            kept: 0,
            overrun: false,
            max_fps,
            panic_after,
        };
        console::run(core, screen, wiring).await
    })?;
    runtime.shutdown_timeout(FAREWELL);
    if let Err(why) = log {
        super::complain(&format!("awswatch: warning: {why}\n"));
    }
    if end == End::NoCredentials {
        let (account, why) = without_credentials(&core.watch).unwrap_or_default();
        super::complain(&no_credentials(&account, &why));
    }
    Ok(end.code())
}

/// Plays the recording `file`, as `cli` has it.
fn replay(cli: &Cli, config: &Config, file: &Path, pace: f64, watch: &Watch) -> anyhow::Result<(Player, Playback)> {
    let items = Items::open(file)?;
    let (began, tz) = (items.began(), config.ui.time_zone.get());
    let at = cli.run.world.at.map(|at| past::moment("--at", at, began, &tz)).transpose()?.unwrap_or(began);
    let until = cli.run.until.map(|until| past::moment("--until", until, at, &tz)).transpose()?;
    let engine = (watch.rules.clone(), watch.context.clone());
    Ok(Player::replay(file.to_owned(), items, (at, until), pace, engine)?)
}

/// Plays the demonstration, as `cli` has it, on `clock`; `None` where there is none.
fn demonstration(
    cli: &Cli,
    config: &Config,
    settings: &Settings,
    watch: &Watch,
    clock: &Clock,
) -> anyhow::Result<Option<(Player, Playback)>> {
    let Some(scenario) = &cli.run.demo else { return Ok(None) };
    let world = &cli.run.world;
    let (start, age) = (clock.now(), demo::age(world)?);
    let begins = start.checked_sub(age)?.min(start);
    let until = match cli.run.until {
        Some(until) => Some(past::moment("--until", until, start, &config.ui.time_zone.get())?),
        None => None,
    };
    let origin = Origin {
        scenario: scenario.clone(),
        world: world.clone(),
        profiles: cli.run.profile.clone(),
        regions: cli.run.region.clone(),
        settings: settings.clone(),
        rules: watch.rules.clone(),
        context: watch.context.clone(),
        begins,
        start,
    };
    let (speed, flies) = match cli.run.speed() {
        Speed::Times(times) => (times, false),
        Speed::Max => (f64::INFINITY, true),
    };
    let recorded = cli.run.record.is_some();
    Ok(Some(Player::world(origin, clock.clone(), speed, flies, until, recorded)))
}

pub(super) fn no_credentials(account: &str, why: &str) -> String {
    config::no_credentials(Some(account).filter(|a| !a.is_empty() && *a != scopes::DEFAULT_ACCOUNT), why)
}

/// The account whose credentials were not found and why, when nothing was ever read anywhere: then there is nothing to
/// watch.
pub(super) fn without_credentials(watch: &Watch) -> Option<(Text, Text)> {
    let mut account = None;
    for (source, record) in watch.model.pollers() {
        match &record.error {
            // Without a listing there is nothing that some pollers could read: they end well without a call.
            None if record.last_success.is_some() && record.calls == 0 => {}
            Some(error) if error.class == ErrorClass::NoCredentials && record.last_success.is_none() => {
                let known = account.take().map(|(_, why)| why).unwrap_or_default();
                let why = if error.message.is_empty() { known } else { error.message.clone() };
                account = Some((source.scope.account.clone(), why));
            }
            // Something was read, something else is wrong, or it has not ended and may still find some.
            Some(_) | None => return None,
        }
    }
    account
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Body, Observation, Outcome, PollError, PollerKind, Scope};
    use crate::rules::RuleContext;

    fn ended(watch: &mut Watch, poller: PollerKind, class: Option<ErrorClass>) {
        let at = Timestamp::UNIX_EPOCH;
        let error = class.map(|class| PollError {
            class,
            operation: "GetCallerIdentity".into(),
            code: Text::default(),
            message: Text::default(),
        });
        let outcome = Outcome {
            started: at,
            took: jiff::SignedDuration::ZERO,
            calls: 1,
            pages: 0,
            billed_metrics: 0,
            throttles: 0,
            lacks: None,
            error,
            next: None,
            interval: jiff::SignedDuration::from_secs(60),
        };
        let source = Source { scope: Scope::new("prod", "eu-west-1"), poller };
        watch.observe(&Observation { at, source, body: Body::Outcome(outcome) });
    }

    #[test]
    fn only_a_console_that_never_read_anything_is_without_credentials() {
        let mut watch = Watch::new(RuleSet::builtin(), RuleContext::default());
        assert_eq!(without_credentials(&watch), None);
        ended(&mut watch, PollerKind::Identity, Some(ErrorClass::NoCredentials));
        assert_eq!(without_credentials(&watch), Some(("prod".into(), "".into())));
        ended(&mut watch, PollerKind::Subnets, Some(ErrorClass::Timeout));
        assert_eq!(without_credentials(&watch), None, "something else is wrong too");
        ended(&mut watch, PollerKind::Subnets, None);
        assert_eq!(without_credentials(&watch), None, "it was read once: the login ran out");
    }
}
