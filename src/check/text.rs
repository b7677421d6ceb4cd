//! The report as text.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Report;
use super::figure::{comparison, since};
use super::findings::{Findings, Input, name};
use crate::alerts::Alert;
use crate::exit::Exit;
use crate::model::{Kind, Signal, Source, Text};

/// Widest summary: what Nagios's pages and pagers show of a check.
const SUMMARY_COLUMNS: usize = 80;
/// Widest line of details, so that a mail does not wrap them.
const DETAIL_COLUMNS: usize = 98;
/// What has stood for less, and was so at the first reading, was first seen by this pass.
const SEEN_NOW: SignedDuration = SignedDuration::from_mins(2);
/// Most lines of details of one alert.
const DETAIL_LINES: usize = 6;

/// The report of a run that could not even begin: the reason on the first line, in Nagios's manner.
#[must_use]
pub fn failure(reason: &str) -> Report {
    let mut lines = reason.lines().map(plain).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_else(|| "it could not run".to_owned());
    let mut text = summary(Exit::Unknown, &first);
    if columns(&format!("{}{first}", head(Exit::Unknown))) > SUMMARY_COLUMNS {
        push_line(&mut text, &first);
    }
    for line in lines {
        push_line(&mut text, &line);
    }
    Report { text, exit: Exit::Unknown }
}

pub(super) fn render(input: &Input<'_>, findings: &Findings<'_>) -> String {
    let mut out = summary(findings.exit, &sum(input, findings));
    for alert in findings.alerts() {
        push_line(&mut out, &alert_line(input, alert));
        for line in details(input, alert) {
            push_line(&mut out, &format!("  {line}"));
        }
    }
    for alert in &findings.silenced {
        push_line(&mut out, &format!("SILENCED {}", alert_line(input, alert)));
        if let Some(silence) = alert.handling.silence.as_ref().and_then(|id| input.alerts.kept().silence(id)) {
            let until = moment(silence.until, input.zone);
            push_line(&mut out, &format!("  until {until} by {}: {}", silence.author, silence.reason));
        }
    }
    for gap in &findings.unread {
        let scope = gap.scope.as_ref().map_or_else(String::new, |scope| format!("{scope} "));
        push_line(&mut out, &format!("UNKNOWN {scope}{}: {}", gap.what, gap.why));
    }
    push_line(&mut out, &closing(input, findings));
    let _ = writeln!(out, "{}", performance(input, findings));
    out
}

fn sum(input: &Input<'_>, findings: &Findings<'_>) -> String {
    let counts: Vec<String> = [
        (findings.critical.len(), "critical"),
        (findings.warning.len(), "warning"),
        (findings.unread.len(), "unknown"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let counts = counts.join(", ");
    let worst = match (findings.exit, findings.unread.first()) {
        (Exit::Ok, _) => {
            let (found, rules) = (counted(resources(input), "resource"), counted(input.rules, "rule"));
            return match findings.silenced.len() {
                0 => format!("{found}, {rules}, nothing wrong"),
                n => format!("{found}, {rules}, nothing wrong but {}", counted(n, "silenced alert")),
            };
        }
        (Exit::Unknown, Some(gap)) => {
            let scope = gap.scope.as_ref().map_or_else(String::new, |scope| format!("{scope} "));
            Some(format!("{} ({scope}{})", gap.why, gap.what))
        }
        _ => findings.alerts().next().map(|alert| {
            // The figures first: the sentence may be cut, they may not.
            let parts = [name(input.model, alert).to_string(), comparison(alert), alert.title.to_string()];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }),
    };
    worst.map_or(counts.clone(), |worst| format!("{counts}: {worst}"))
}

fn alert_line(input: &Input<'_>, alert: &Alert) -> String {
    let word = match alert.level {
        crate::alerts::Level::Critical => Exit::Critical.word(),
        crate::alerts::Level::Warning => Exit::Warning.word(),
        crate::alerts::Level::Blind => Exit::Unknown.word(),
    };
    let id = &alert.id;
    let figures = comparison(alert);
    let gap = if figures.is_empty() { "" } else { " " };
    format!(
        "{word} {} {} {}{gap}{figures} {}  {}",
        id.rule,
        name(input.model, alert),
        id.resource.scope,
        stands(alert, input.now),
        alert.title,
    )
}

/// Whether it was so at the first reading there is, so that it may have stood for longer. Of what an API tells as it is now,
/// one pass has one reading.
pub(super) fn first_seen(alert: &Alert) -> bool {
    alert.older || matches!(alert.signal, Some(Signal::Api(_)))
}

/// `for 4m12s`; `seen now` where this pass is the first that ever saw it, which says nothing of how long it has stood.
pub(super) fn stands(alert: &Alert, now: Timestamp) -> String {
    if first_seen(alert) && now.duration_since(alert.since) < SEEN_NOW {
        "seen now".to_owned()
    } else {
        format!("for {}", since(alert.since, now))
    }
}

fn details(input: &Input<'_>, alert: &Alert) -> Vec<String> {
    let mut lines = wrapped(&plain(&alert.detail), DETAIL_COLUMNS);
    if lines.len() > DETAIL_LINES {
        lines.truncate(DETAIL_LINES);
        lines.push("...".to_owned());
    }
    let seen = if first_seen(alert) { "first seen" } else { "since" };
    let mut facts = format!("{seen} {}", moment(alert.since, input.zone));
    if let Some(at) = alert.data_at {
        let _ = write!(facts, ", newest data {}", moment(at, input.zone));
    }
    lines.push(facts);
    if let Some(since) = alert.stale_since {
        lines.push(format!("on old data: not read since {}", moment(since, input.zone)));
    }
    if let Some(ack) = &alert.handling.ack {
        let note = if ack.note.is_empty() { String::new() } else { format!(": {}", ack.note) };
        lines.push(format!("acknowledged by {} at {}{note}", ack.by, moment(ack.at, input.zone)));
    }
    if let Some(view) = &alert.cloudwatch {
        // One look cannot tell who was first: it says what CloudWatch says, and since when.
        let since = view.since.map(|at| format!(" since {}", moment(at, input.zone))).unwrap_or_default();
        lines.push(format!("CloudWatch alarm {}: {}{since}", view.alarm, view.state));
    }
    for name in folded(input, alert) {
        lines.push(format!("CloudWatch alarm {name} is breached too"));
    }
    lines
}

/// The mirrored alarms that `alert` stands for, without the one whose state it tells.
pub(super) fn folded<'a>(input: &Input<'a>, alert: &'a Alert) -> impl Iterator<Item = &'a Text> {
    let by = |a: &&Alert| a.handling.hidden_by.as_ref() == Some(&alert.id) && a.id.resource.kind == Kind::Alarm;
    let told = alert.cloudwatch.as_ref().map(|view| &view.alarm);
    input.alerts.active().into_iter().filter(by).map(|a| &a.id.resource.id).filter(move |name| Some(*name) != told)
}

/// What was watched, how much of it there is, and how old the oldest reading is.
fn closing(input: &Input<'_>, findings: &Findings<'_>) -> String {
    let mut scopes: Vec<String> = input.needed.iter().map(|source| source.scope.to_string()).collect();
    scopes.dedup();
    let scopes = if scopes.is_empty() { "no scope".to_owned() } else { scopes.join(", ") };
    let kinds: Vec<String> = Kind::ALL
        .into_iter()
        .filter_map(|kind| match input.model.of_kind(kind).count() {
            0 => None,
            n => Some(format!("{n} {kind}")),
        })
        .collect();
    let kinds = if kinds.is_empty() { "no resource".to_owned() } else { kinds.join(", ") };
    // A run that had nothing to ask for, as for the metrics of no resource, ended well and read nothing.
    let oldest = input
        .needed
        .iter()
        .filter_map(|source| input.model.poller(source).filter(|record| record.calls > 0)?.last_success)
        .min()
        .map_or_else(|| "nothing read".to_owned(), |at| format!("oldest reading {} ago", since(at, input.now)));
    let never = |source: &&Source| input.model.poller(source).and_then(|record| record.last_success).is_none();
    let oldest = match input.needed.iter().filter(never).count() {
        0 => oldest,
        n if n == input.needed.len() => "nothing read".to_owned(),
        n => format!("{oldest}, {n} of {} never read", counted(input.needed.len(), "poller")),
    };
    let pending = if findings.pending == 0 { String::new() } else { format!(", {} pending", findings.pending) };
    let rules = counted(input.rules, "rule");
    format!("{scopes}: {kinds}; {rules}{pending}; {oldest}; {}", moment(input.now, input.zone))
}

/// Nagios's performance data, on the last line of the long output, so that the summary stays within its columns.
fn performance(input: &Input<'_>, findings: &Findings<'_>) -> String {
    format!(
        "| 'critical'={};;0;0 'warning'={};0;;0 'unknown'={};;;0 'pending'={};;;0 'silenced'={};;;0 'resources'={};;;0",
        findings.critical.len(),
        findings.warning.len(),
        findings.unread.len(),
        findings.pending,
        findings.silenced.len(),
        resources(input),
    )
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn resources(input: &Input<'_>) -> usize {
    input.model.resources().count()
}

/// `2026-01-14 14:05:00 JST`.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

fn head(exit: Exit) -> String {
    format!("AWSWATCH {} - ", exit.word())
}

/// The first line, cut to its columns.
fn summary(exit: Exit, what: &str) -> String {
    let mut line = cut(&plain(&format!("{}{what}", head(exit))), SUMMARY_COLUMNS);
    line.push('\n');
    line
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(plain(line).trim_end());
    out.push('\n');
}

/// `raw` as it may stand in the output: nothing that moves a cursor, and no `|`, behind which Nagios reads figures.
pub(super) fn plain(raw: &str) -> String {
    Text::new(raw).replace('|', "/").trim_end().replace('…', "...")
}

fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The beginning of `text` that fits into `limit` columns; what is cut ends in `...`.
fn cut(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let mut out = String::new();
    for cluster in text.graphemes(true) {
        if columns(&out) + columns(cluster) + 3 > limit {
            break;
        }
        out.push_str(cluster);
    }
    out.truncate(out.trim_end().len());
    out.push_str("...");
    out
}

/// `text` in lines of at most `limit` columns, broken at spaces; a word that is longer stays whole.
fn wrapped(text: &str, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
