//! `awswatch rules explain`: one look at what a rule needs, and why it stands as it does.

use std::path::Path;

use jiff::Timestamp;

use super::{Watch, modes, past, rules, slowed};
use crate::cli::{Cli, RulesExplainArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::journal::Reader;
use crate::model::Kind;
use crate::rules::{EvalMode, Explanation, RuleSet, Severity, Standing, explain_all, nearest};

/// Columns of the lines.
const WIDTH: usize = 80;

/// Explains the rule that `args` names; `cli` says where to look. Leaves with 3 where something could not be read.
pub(super) fn explain(cli: &Cli, args: &RulesExplainArgs) -> anyhow::Result<u8> {
    let config = super::load(cli)?;
    let set = rules::rules(&config)?;
    let Some(rule) = set.get(&args.id).cloned() else {
        let hint = nearest(&args.id, set.rules().iter().map(|r| r.id.as_str()));
        let hint = hint.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
        anyhow::bail!("no rule `{}`{hint} (awswatch rules list shows them all)", args.id);
    };
    if !rule.enabled {
        super::say(&format!("{} is off: `enabled = false` in {}\n", rule.id, rule.source));
        return Ok(Exit::Ok.code());
    }
    // Only what the rule needs is read; the rule on pollers is about all of them.
    let needed = if rule.kinds().contains(&Kind::Poller) { set } else { set.only(|r| r.id == rule.id) };
    let (watch, now) = match &cli.run.replay {
        Some(file) => at_the_end(file, cli, needed, &config)?,
        None => once(cli, &config, needed)?,
    };
    let mut told = explain_all(&rule, &watch.model, &watch.context, now);
    if let Some(wanted) = &args.resource {
        let name = |e: &Explanation| watch.model.resource(&e.resource).map(|r| r.name.clone());
        told.retain(|e| e.resource.id == wanted.as_str() || name(e).is_some_and(|n| n == wanted.as_str()));
    }
    if let Some((account, why)) = modes::without_credentials(&watch) {
        super::complain(&modes::no_credentials(&account, &why));
    }
    // What is wrong first.
    told.sort_by_key(|e| std::cmp::Reverse(loud(e)));
    let zone = config.ui.time_zone.get();
    let pages: Vec<String> = told.iter().map(|e| e.lines(&zone, WIDTH).join("\n") + "\n").collect();
    super::say(&pages.join("\n"));
    if let Some(slowed) = slowed_by_budget(cli, &config, &rule.id, &watch)? {
        super::say(&format!("\n{slowed}\n"));
    }
    let unread = unread(&watch);
    if told.is_empty() {
        let kinds: Vec<&str> = rule.kinds().iter().map(|k| k.as_str()).collect();
        let kinds = kinds.join(", ");
        super::say(&match &args.resource {
            Some(wanted) => {
                format!("{} says nothing of `{wanted}`: there is no such {kinds}, or it leaves it out\n", rule.id)
            }
            None => format!("{} looks at {kinds}, and there is none that it applies to\n", rule.id),
        });
    }
    // Who is not told of a resource must not take it for good.
    for line in &unread {
        super::say(&format!("\n{line}\n"));
    }
    let known =
        unread.is_empty() && !told.iter().any(Explanation::is_blind) && !(told.is_empty() && args.resource.is_some());
    Ok(if known { Exit::Ok } else { Exit::Unknown }.code())
}

fn loud(e: &Explanation) -> u8 {
    match e.verdict.as_ref().map(|v| &v.standing) {
        Some(Standing::Breach { held: true, severity: Severity::Critical, .. }) => 6,
        Some(Standing::Blind { .. }) => 5,
        Some(Standing::Breach { held: true, .. }) => 4,
        Some(Standing::Breach { .. }) => 3,
        Some(Standing::Loading) => 2,
        Some(Standing::NoData) => 1,
        Some(Standing::Ok) | None => 0,
    }
}

/// That the budget has `rule` read less often, if so. What other rules want of it is known of a recording and of the
/// demonstration; of AWS only what this rule needs was read, and what it wants is the least.
fn slowed_by_budget(cli: &Cli, config: &Config, rule: &str, known: &Watch) -> anyhow::Result<Option<String>> {
    let mut all = if cli.run.demo.is_some() {
        modes::known(cli, config)?
    } else {
        let mut all = Watch::new(rules::rules(config)?, known.context.clone());
        all.model = known.model.clone();
        all
    };
    let Some(over) = slowed::slowed(&mut all, cli, config) else { return Ok(None) };
    let told = over.rules.iter().find(|s| *s.rule == *rule).map(slowed::told);
    Ok(told.map(|every| {
        format!(
            "read {every}: budget.api is ${} a month,\nand all rules together want ${:.2}",
            over.budget, over.wanted
        )
    }))
}

/// What the rule needs that could not be read: scope, poller, and AWS's words.
fn unread(watch: &Watch) -> Vec<String> {
    let needed = watch.pollers_needed();
    let failed = watch.model.pollers().filter(|(source, _)| needed.contains(&source.poller));
    failed
        .filter_map(|(source, record)| {
            let error = record.error.as_ref()?;
            Some(format!("not read: {} in {}: {}: {}", source.poller, source.scope, error.class, error.message))
        })
        .collect()
}

/// One pass, as `--check` makes it.
fn once(cli: &Cli, config: &Config, set: RuleSet) -> anyhow::Result<(Watch, Timestamp)> {
    let _log = super::logging::begin();
    let speed = cli.run.speed();
    let runtime = modes::runtime(speed, 1)?;
    let context = rules::context(config, modes::budget(cli, config), EvalMode::OneShot);
    let mut watch = Watch::new(set, context);
    let now = runtime.block_on(async {
        let (clock, scopes) = modes::world(cli, config, speed).await?;
        let settings = modes::settings(cli, config, &watch.rules);
        let late = super::pass(&mut watch, &settings, &scopes, &clock, config.check.timeout, |_| ()).await;
        if late {
            super::complain(&format!("awswatch: not everything was read within {:?}\n", config.check.timeout));
        }
        anyhow::Ok(clock.now())
    })?;
    runtime.shutdown_timeout(modes::FAREWELL);
    Ok((watch, now))
}

/// What was known at the end of the recording `file`, or at the moment that `cli` asks for.
fn at_the_end(file: &Path, cli: &Cli, set: RuleSet, config: &Config) -> anyhow::Result<(Watch, Timestamp)> {
    if let Some(at) = cli.run.world.at {
        return past::known(file, Some(at), set, config);
    }
    let mut watch = Watch::new(set, rules::context(config, config.budget.bill, EvalMode::Live));
    let mut now = None;
    for observation in Reader::open(file)? {
        match observation {
            Ok(observation) => {
                watch.observe(&observation);
                now = now.max(Some(observation.at));
            }
            Err(error) => {
                super::complain(&format!("awswatch: warning: {error}; what was read before it is explained\n"));
                break;
            }
        }
    }
    let now = now.ok_or_else(|| anyhow::anyhow!("{}: the recording holds no observation", file.display()))?;
    Ok((watch, now))
}
