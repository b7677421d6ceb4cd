//! `awswatch rules list` and `rules show`.

use std::fmt::Write;

use globset::Glob;

use super::slowed::{self, OverBudget};
use super::{modes, rules};
use crate::cli::{Cli, RulesListArgs};
use crate::config::Config;
use crate::model::{Kind, Metric, Model, Resource, ResourceId, Scope, metric_dimensions};
use crate::poll::{Demand, Query, cost_a_day};
use crate::rules::{Comparison, Rule, RuleSource, Severity, Unit, no_such_rule, written_rules};

/// Days of the month that costs are told for.
const MONTH: f64 = 30.0;

/// The rules as a table: id, state, what it looks at and how many there are, cost, limits, where it comes from, what it
/// says.
pub(super) fn list(cli: &Cli, args: &RulesListArgs) -> anyhow::Result<String> {
    let config = super::load(cli)?;
    let rules = rules::rules(&config)?;
    let mut cli = cli.clone();
    cli.run.demo.clone_from(&args.demo);
    cli.run.world = args.world.clone();
    let mut world = cli.run.demo.is_some().then(|| modes::known(&cli, &config)).transpose()?;
    let mut heads = vec!["RULE", "STATE", "LOOKS AT", "$/MONTH", "LIMITS", "FROM", "SAYS"];
    if world.is_some() {
        heads.splice(3..4, ["APPLIES TO", "$/MONTH"]);
    }
    let mut table = vec![heads.iter().map(|h| (*h).to_owned()).collect::<Vec<String>>()];
    table.extend(rules.rules().iter().map(|rule| row(rule, world.as_ref().map(|w| &w.model))));
    let mut out = aligned(&table);
    out.push_str(match &world {
        Some(_) => "\n$/MONTH: what reading the rule's metrics of all it applies to costs",
        None => "\n$/MONTH: what reading the rule's metrics of one resource costs",
    });
    out.push_str(" at $0.01 for 1,000 metrics; rules that read the same metric share it.\n");
    if let Some(over) = world.as_mut().and_then(|watch| slowed::slowed(watch, &cli, &config)) {
        let OverBudget { budget, wanted, times, rules } = over;
        let _ = writeln!(
            out,
            "\nAll of this would cost ${wanted:.2} a month, and budget.api is ${budget}: metrics are read {times} times less often, by",
        );
        let rules: Vec<Vec<String>> = rules.iter().map(|r| vec![format!("  {}", r.rule), slowed::told(r)]).collect();
        out.push_str(&aligned(&rules));
    }
    Ok(out)
}

fn row(rule: &Rule, world: Option<&Model>) -> Vec<String> {
    let kinds: Vec<&str> = rule.kinds().iter().map(|k| k.as_str()).collect();
    let limits: Vec<String> = rule.limits().map(|(s, c, limit, unit)| limit_of(s, c, limit, unit)).collect();
    let times = if rule.has_whens() { " (others by [[rule.when]])" } else { "" };
    let mut row = vec![
        rule.id.to_string(),
        if rule.enabled { "on" } else { "off" }.to_owned(),
        kinds.join(","),
        format!("{}{times}", limits.join(", ")),
        rule.source.to_string(),
        rule.title.to_string(),
    ];
    let cost = match world {
        None => month(rule, queries(&example(rule), rule.usual_metrics()).collect()),
        Some(model) => {
            let applies: Vec<&Resource> =
                rule.kinds().iter().flat_map(|k| model.of_kind(*k)).filter(|r| rule.applies_to(r)).collect();
            let queries = applies.iter().flat_map(|r| {
                rule.billed_metrics(r).into_iter().filter_map(|m| {
                    let dimensions = metric_dimensions(r, &m)?;
                    Some(Query { resource: r.id.clone(), metric: m, dimensions, history: 0, awaited: false })
                })
            });
            let cost = month(rule, queries.collect());
            // What is no listed resource, such as a poller or the trail, is looked at nevertheless.
            let listed = !rule.kinds().iter().all(|k| matches!(k, Kind::Trail | Kind::Poller));
            row.insert(3, if listed { applies.len().to_string() } else { "each scope".to_owned() });
            row.insert(4, cost);
            return row;
        }
    };
    row.insert(3, cost);
    row
}

/// A resource of the rule's first kind that stands for any.
fn example(rule: &Rule) -> ResourceId {
    ResourceId::new(&Scope::new("", ""), rule.kinds().first().copied().unwrap_or(Kind::Instance), "")
}

fn queries(resource: &ResourceId, metrics: impl IntoIterator<Item = Metric>) -> impl Iterator<Item = Query> {
    metrics.into_iter().map(|metric| Query {
        resource: resource.clone(),
        metric,
        dimensions: Vec::new(),
        history: 0,
        awaited: false,
    })
}

fn month(rule: &Rule, queries: Vec<Query>) -> String {
    if rule.mirrors_alarms() {
        return "as alarms".to_owned();
    }
    if queries.is_empty() {
        return "free".to_owned();
    }
    let dollars = cost_a_day(&Demand { queries, ..Demand::default() }) * MONTH;
    if dollars < 0.01 { "< 0.01".to_owned() } else { format!("{dollars:.2}") }
}

fn limit_of(severity: Severity, comparison: Comparison, limit: f64, unit: Unit) -> String {
    let word = match severity {
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    };
    let unit = match unit {
        Unit::Percent => " %",
        Unit::Seconds => " s",
        Unit::Bytes => " bytes",
        Unit::Dollars => " USD",
        Unit::Count => "",
    };
    format!("{word} {} {limit}{unit}", comparison.as_str())
}

/// Rows in columns; the last is as wide as it is.
fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.first().map_or(0, Vec::len);
    let width = |c: usize| table.iter().map(|row| row[c].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns.saturating_sub(1)).map(width).collect();
    let mut out = String::new();
    for row in table {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(out, "{cell:<width$}  ");
        }
        let _ = writeln!(out, "{}", row.last().map_or("", String::as_str));
    }
    out
}

/// The rules that `ids` name or match, as they are written: the built-in one first, then what the user's files change.
pub(super) fn show(config: &Config, ids: &[String]) -> anyhow::Result<String> {
    // What is wrong in a file is told before anything of it is shown.
    let rules = rules::rules(config)?;
    let texts = rules::files(config)?;
    let files: Vec<RuleSource<'_>> = texts.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let written = written_rules(&files);
    let mut out = String::new();
    for id in ids {
        let pattern = Glob::new(id)?.compile_matcher();
        let known: Vec<&str> = rules.rules().iter().map(|r| r.id.as_str()).collect();
        if !known.iter().any(|k| pattern.is_match(k)) {
            anyhow::bail!("{}; `awswatch rules list` lists them", no_such_rule(id, known.iter().copied()));
        }
        for rule in written.iter().filter(|w| pattern.is_match(&w.id)) {
            let gap = if out.is_empty() { "" } else { "\n" };
            let _ = write!(out, "{gap}# {}:{}\n{}", rule.file, rule.line, rule.text);
            let last = written.iter().rfind(|w| w.id == rule.id).is_some_and(|w| w == rule);
            let source = rules.get(&rule.id).map_or("", |r| r.source.as_str());
            if last && source != rule.file {
                let _ = writeln!(out, "# and changed by [rules.override.{}] in {source}", rule.id);
            }
        }
    }
    Ok(out)
}
