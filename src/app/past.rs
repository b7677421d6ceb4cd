//! What a recording knew at one of its moments: `--check --replay`.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Items, Watch, What, rules};
use crate::check;
use crate::cli::{Cli, Format, Moment};
use crate::config::Config;
use crate::model::{PollerKind, Scope, Source};
use crate::rules::{EvalMode, RuleSet};
use crate::ui::{Playback, nearest};

/// A time of day less than so long before the start names none on the day after.
const DAY_BEFORE: SignedDuration = SignedDuration::from_hours(6);

/// The moment that `asked` names in what begins at `begins`; `flag` is who asks.
///
/// # Errors
///
/// It lies before that.
pub(super) fn moment(flag: &str, asked: Moment, begins: Timestamp, tz: &TimeZone) -> anyhow::Result<Timestamp> {
    let at = match asked {
        Moment::After(after) => super::player::since(begins, after)?,
        Moment::At(at) => at,
        Moment::Daytime(time) => {
            let at = nearest(time, begins, begins, None, tz);
            let at =
                at.ok_or_else(|| anyhow::anyhow!("{flag} {time}: there is no such time on the day after {begins}"))?;
            let before = nearest(time, begins, Timestamp::MIN, Some(begins), tz);
            // What is written as shortly before the start is no word for late on the day after.
            anyhow::ensure!(
                at == begins || before.is_none_or(|before| begins.duration_since(before) >= DAY_BEFORE),
                "{flag} {time}: that is before the start, which is at {begins}; of the day after it is {at}"
            );
            at
        }
    };
    anyhow::ensure!(at >= begins, "{flag} {at}: that is before the start, which is at {begins}");
    Ok(at)
}

/// What the recording `file` knew at `at`, or at its end, and when that was.
///
/// # Errors
///
/// It cannot be read, or ends before `at`: what was so then is not known.
pub(super) fn known(
    file: &Path,
    at: Option<Moment>,
    set: RuleSet,
    config: &Config,
) -> anyhow::Result<(Watch, Timestamp)> {
    let mut watch = Watch::new(set, rules::context(config, config.budget.bill, EvalMode::Live));
    let items = Items::open(file)?;
    let mut now = items.began();
    let to = at.map(|at| moment("--at", at, now, &config.ui.time_zone.get())).transpose()?;
    for item in items {
        if let Some(to) = to.filter(|to| item.at > *to) {
            now = to;
            break;
        }
        if let What::End(damage) = &item.what {
            let reached = to.is_none_or(|to| to == item.at);
            if let Some(why) = damage {
                super::complain(&format!("awswatch: warning: the recording breaks off at {}: {why}\n", item.at));
            }
            let to = to.unwrap_or(item.at);
            anyhow::ensure!(reached, "--at {to}: the recording ends at {}: what was so later is not known", item.at);
        }
        item.live(&mut watch);
        now = item.at;
    }
    watch.evaluate_now(now);
    Ok((watch, now))
}

/// Whoever says anything in the recording `file`, at any time: what was not read yet at a moment is not good then.
fn sources(file: &Path) -> anyhow::Result<BTreeSet<Source>> {
    let observations = Items::open(file)?.filter_map(|item| match item.what {
        What::Observation(observation) => Some(observation.source),
        What::Moment | What::End(_) => None,
    });
    Ok(observations.collect())
}

/// Those that must have been read for anything to be called good, of what `recorded` says: also those that had not begun
/// when the recording ended.
fn needed(recorded: &BTreeSet<Source>, of_rules: &BTreeSet<PollerKind>) -> BTreeSet<Source> {
    use PollerKind as P;
    // What does not run in every scope that is watched whole.
    let some = [P::Identity, P::Bill, P::Catalogue, P::Metrics, P::Trail, P::Volumes];
    let whole = |scope: &Scope| recorded.iter().any(|s| s.scope == *scope && !some.contains(&s.poller));
    let everywhere = |poller: P| !matches!(poller, P::Bill | P::Catalogue | P::Volumes);
    let all = recorded.iter().flat_map(|s| {
        let whole = whole(&s.scope);
        let others = P::ALL.into_iter().filter(move |p| whole && everywhere(*p));
        others.chain([s.poller]).map(|poller| Source { scope: s.scope.clone(), poller })
    });
    all.filter(|s| of_rules.contains(&s.poller) && !s.poller.is_optional()).collect()
}

/// By so long after its start every poller of a recording has begun: they do in the console's first seconds.
const ALL_BEGAN: SignedDuration = SignedDuration::from_mins(5);

/// Whoever is to have read in what `playback` plays before anything is called good there; `None` while it was not looked
/// through far enough to tell.
pub(super) fn expected(playback: &Playback, of_rules: &BTreeSet<PollerKind>) -> Option<BTreeSet<Source>> {
    let enough = playback.ends.is_some() || playback.known.duration_since(playback.begins) >= ALL_BEGAN;
    enough.then(|| &needed(&playback.sources, of_rules) | &playback.sources)
}

/// Prints what was wrong at the moment that `cli` names, and returns the exit code.
pub(super) fn check(cli: &Cli, config: &Config, file: &Path) -> anyhow::Result<u8> {
    let (watch, now) = known(file, cli.run.world.at, rules::rules(config)?, config)?;
    let needed = needed(&sources(file)?, &watch.pollers_needed());
    let zone = config.ui.time_zone.get();
    let input = check::Input {
        model: &watch.model,
        alerts: &watch.alerts,
        needed: &needed,
        rules: watch.rule_count(),
        now,
        zone: &zone,
        timed_out: None,
    };
    let report = match cli.run.format.unwrap_or_default() {
        Format::Text => check::report(&input),
        Format::Json => check::report_json(&input),
    };
    super::say(&report.text);
    Ok(report.exit.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_before_the_start_is_not_that_of_the_day_after() {
        let begins: Timestamp = "2026-01-14T05:00:30Z".parse().unwrap();
        let at = |time: &str, begins| {
            let time = time.parse().unwrap();
            moment("--at", Moment::Daytime(time), begins, &TimeZone::UTC).map_err(|e| e.to_string())
        };
        assert_eq!(at("05:00:30", begins), Ok(begins));
        assert_eq!(at("23:00", begins), Ok("2026-01-14T23:00:00Z".parse().unwrap()));
        for early in ["05:00", "04:30", "00:10"] {
            let refused = at(early, begins).unwrap_err();
            assert!(refused.starts_with("--at ") && refused.contains("before the start"), "{refused}");
            assert!(refused.contains("2026-01-15T"), "it says what would be taken: {refused}");
        }
        // A night has a morning.
        let night: Timestamp = "2026-01-14T18:00:00Z".parse().unwrap();
        assert_eq!(at("08:00", night), Ok("2026-01-15T08:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_poller_that_had_not_begun_is_needed_where_its_scope_is_watched_whole() {
        let source = |region: &str, poller| Source { scope: Scope::new("demo", region), poller };
        let recorded = [source("eu-west-1", PollerKind::Instances), source("us-east-1", PollerKind::Bill)].into();
        let of_rules = [PollerKind::Instances, PollerKind::Balancers, PollerKind::Bill].into();
        let wanted =
            [source("eu-west-1", PollerKind::Instances), source("eu-west-1", PollerKind::Balancers)].into_iter();
        let wanted: BTreeSet<Source> = wanted.chain([source("us-east-1", PollerKind::Bill)]).collect();
        assert_eq!(needed(&recorded, &of_rules), wanted);
        // A console knows it once it looked far enough ahead.
        let began = Timestamp::UNIX_EPOCH;
        let mut of = Playback::new(began, 1.0);
        of.sources = recorded;
        of.known = began + SignedDuration::from_secs(20);
        assert_eq!(expected(&of, &of_rules), None);
        of.known = began + ALL_BEGAN;
        assert_eq!(expected(&of, &of_rules).as_ref(), Some(&wanted));
        (of.known, of.ends) = (began, Some(began));
        assert_eq!(expected(&of, &of_rules), Some(wanted));
    }
}
