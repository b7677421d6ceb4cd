//! What a recording knew at one of its moments: `--check --replay`.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Items, Watch, What, rules};
use crate::check;
use crate::cli::{Cli, Format, Moment};
use crate::config::Config;
use crate::model::Source;
use crate::rules::{EvalMode, RuleSet};
use crate::ui::nearest;

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
            at.ok_or_else(|| anyhow::anyhow!("{flag} {time}: there is no such time on the day after {begins}"))?
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
    let mut watch = Watch::new(set, rules::context(config.budget.bill, EvalMode::Live));
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

/// Prints what was wrong at the moment that `cli` names, and returns the exit code.
pub(super) fn check(cli: &Cli, config: &Config, file: &Path) -> anyhow::Result<u8> {
    let (watch, now) = known(file, cli.run.world.at, rules::rules(config)?, config)?;
    let of_rules = watch.pollers_needed();
    let is_needed = |s: &&Source| of_rules.contains(&s.poller) && !s.poller.is_optional();
    let needed = watch.model.pollers().map(|(source, _)| source).filter(is_needed).cloned().collect();
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
