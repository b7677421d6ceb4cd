//! The document.

use std::collections::BTreeMap;
use std::fmt::Write;

use awswatch::alerts::Spread;
use awswatch::sim::scenario::Scenario;
use jiff::SignedDuration;

use super::Args;
use super::live::{Lived, Told, has_alarm};

/// Most false alerts named.
const MOST_NAMED: usize = 12;

/// Rows of the tables: the incidents of each scenario, then all.
fn rows(lived: &[Lived]) -> Vec<(String, Vec<Lived>)> {
    let of = |s: Scenario| lived.iter().copied().filter(|l| l.of == s).collect::<Vec<_>>();
    let rows = Scenario::ALL.into_iter().map(|s| (s.to_string(), of(s)));
    let all = [("**all**".to_owned(), lived.to_vec())];
    rows.chain(all).filter(|(_, lived)| !lived.is_empty()).collect()
}

fn short(d: SignedDuration) -> String {
    let (sign, s) = (if d.is_negative() { "-" } else { "" }, d.as_secs().abs());
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{sign}{s}s"),
        (0, m, s) => format!("{sign}{m}m{s:02}s"),
        (h, m, _) => format!("{sign}{h}h{m:02}m"),
    }
}

/// `median, 95th percentile`, or a dash where there is nothing.
fn spread(times: impl Iterator<Item = SignedDuration>) -> String {
    let spread = Spread::of(times.map(|d| d.as_secs()));
    if spread.count == 0 { "–".to_owned() } else { format!("{}, {}", short(spread.median), short(spread.p95)) }
}

/// `median, 95th percentile, least of 19 in 20` of leads.
fn leads(leads: impl Iterator<Item = SignedDuration>) -> String {
    let seconds: Vec<i64> = leads.map(|d| d.as_secs()).collect();
    let (spread, turned) = (Spread::of(seconds.iter().copied()), Spread::of(seconds.iter().map(|s| -s)));
    if spread.count == 0 {
        return "– | – | –".to_owned();
    }
    format!("{} | {} | {}", short(spread.median), short(spread.p95), short(-turned.p95))
}

/// The command that makes the same document again.
fn command(args: &Args) -> String {
    let mut command = "cargo bench --bench detection".to_owned();
    let flags = [
        ("incidents", args.incidents, 1000),
        ("calm-worlds", args.calm_worlds, 24),
        ("calm-hours", args.calm_hours as usize, 4),
        ("publishing", args.publishing as usize, 0),
        ("evaluation", args.evaluation as usize, 60),
        ("mail", args.mail as usize, 30),
    ];
    let changed: Vec<String> =
        flags.iter().filter(|(_, is, usual)| is != usual).map(|(name, is, _)| format!(" --{name} {is}")).collect();
    if !changed.is_empty() || args.scenario.is_some() {
        command.push_str(" --");
        command.extend(changed);
        command.extend(args.scenario.map(|s| format!(" --scenario {s}")));
    }
    command
}

/// Which of what was told is meant.
type Of = fn(&Told) -> &Vec<String>;

/// The document that `told` makes under `args`.
pub(super) fn report(args: &Args, told: &[Told]) -> String {
    let lived: Vec<Lived> = told.iter().flat_map(|t| t.lived.iter().copied()).collect();
    let mail = SignedDuration::from_secs(args.mail.into());
    let mut text = String::new();
    let mut put = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    let head = include_str!("head.md").replace("{incidents}", &lived.len().to_string());
    put(&head.replace("{command}", &command(args)));

    put("## From the beginning of an incident until it is told\n");
    put("Median and 95th percentile of the incidents that were told at all; what was not is counted below.\n");
    put(
        "| scenario | incidents | a rule of this console | a critical or blind one | CloudWatch's alarm, evaluated here | the alarm turns at CloudWatch | its e-mail |",
    );
    put("| --- | --- | --- | --- | --- | --- | --- |");
    for (name, lived) in rows(&lived) {
        let of = |take: fn(&Lived) -> Option<SignedDuration>| spread(lived.iter().filter_map(take));
        put(&format!(
            "| {name} | {} | {} | {} | {} | {} | {} |",
            lived.len(),
            of(|l| l.rule),
            of(|l| l.critical),
            of(|l| l.mirrored),
            of(|l| l.cloudwatch),
            spread(lived.iter().filter_map(|l| Some(l.cloudwatch? + mail))),
        ));
    }

    let mut behind = Vec::new();
    let (rule, mirrored) = (|l: &Lived| l.rule, |l: &Lived| l.mirrored);
    put("\n## The lead over CloudWatch's e-mail\n");
    put(
        "Of the incidents that both sides told. 19 of 20 leads are at least what the column *19 of 20* says; negative where the e-mail came first.\n",
    );
    put(
        "| scenario | incidents | rules: median | 95th percentile | 19 of 20 | mirrored alarms: median | 95th percentile | 19 of 20 |",
    );
    put("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, lived) in rows(&lived) {
        let both: Vec<Lived> = lived.iter().copied().filter(|l| l.cloudwatch.is_some()).collect();
        if both.is_empty() {
            continue;
        }
        let over = |take: fn(&Lived) -> Option<SignedDuration>| {
            leads(both.iter().filter_map(move |l| Some(l.cloudwatch? + mail - take(l)?)))
        };
        put(&format!("| {name} | {} | {} | {} |", both.len(), over(|l| l.rule), over(|l| l.mirrored)));
        for (side, take) in [("own rules", rule as fn(&Lived) -> Option<SignedDuration>), ("mirrored alarms", mirrored)]
        {
            let lead = Spread::of(both.iter().filter_map(|l| Some((l.cloudwatch? + mail - take(l)?).as_secs()))).median;
            if lead.is_negative() && name != "**all**" {
                behind.push(format!("in `{name}` of {side}, by {}", short(-lead)));
            }
        }
    }
    if !behind.is_empty() {
        put(&format!("\nAt the median, CloudWatch's e-mail was first {}.", behind.join("; ")));
    }

    put("\n## Missed\n");
    put(
        "Incidents that a side did not tell, of those that it could: an incident for which nobody has set up an alarm is not CloudWatch's to tell.\n",
    );
    put(
        "| scenario | incidents | not told by a rule | with an alarm | whose alarm did not turn here | nor at CloudWatch |",
    );
    put("| --- | --- | --- | --- | --- | --- |");
    for (name, lived) in rows(&lived) {
        let with: Vec<&Lived> = lived.iter().filter(|l| has_alarm(l.kind)).collect();
        put(&format!(
            "| {name} | {} | {} | {} | {} | {} |",
            lived.len(),
            lived.iter().filter(|l| l.rule.is_none()).count(),
            with.len(),
            with.iter().filter(|l| l.mirrored.is_none()).count(),
            with.iter().filter(|l| l.cloudwatch.is_none()).count(),
        ));
    }

    put("\n## False\n");
    let calm: SignedDuration = told.iter().fold(SignedDuration::ZERO, |sum, t| sum + t.calm);
    put(&format!(
        "Alerts that no incident explains: in {} hours in which nothing was wrong ({} worlds of {} hours at all times of a week, \
         and the minutes before each incident), and beside the incidents: on each side for as long as the console watched, which \
         is until an incident was told, and of one run in {} until all was over.\n",
        calm.as_hours(),
        told.iter().filter(|t| t.lived.is_empty()).count(),
        args.calm_hours,
        super::live::WHOLE,
    ));
    put("| told by | false | which |");
    put("| --- | --- | --- |");
    let sides: [(&str, Of); 3] = [
        ("a rule of this console", |t| &t.false_rules),
        ("CloudWatch's alarm, evaluated here", |t| &t.false_mirrored),
        ("CloudWatch", |t| &t.false_cloudwatch),
    ];
    for (side, of) in sides {
        let mut which: BTreeMap<&str, usize> = BTreeMap::new();
        for one in told.iter().flat_map(of) {
            *which.entry(one).or_default() += 1;
        }
        let mut names = String::new();
        // The most frequent first; what is rare is among the rest.
        let mut most: Vec<_> = which.iter().collect();
        most.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        if let Some(rest) = most.get(MOST_NAMED..).filter(|rest| !rest.is_empty()) {
            let _ = write!(names, "{} others, and most often ", rest.len());
        }
        for (at, (name, count)) in most.into_iter().take(MOST_NAMED).enumerate() {
            let _ = write!(names, "{}{name} ({count})", if at == 0 { "" } else { ", " });
        }
        put(&format!("| {side} | {} | {names} |", which.values().sum::<usize>()));
    }
    put("");
    let tail = include_str!("tail.md");
    let tail = tail.replace("{publishing}", &args.publishing.to_string());
    let tail = tail.replace("{evaluation}", &args.evaluation.to_string()).replace("{mail}", &args.mail.to_string());
    text.push_str(&tail);
    text
}
