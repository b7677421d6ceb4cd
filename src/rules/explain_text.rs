//! An explanation for a person, in lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::reading::coarse;
use super::{
    ExplainedLevel, ExplainedPoint, Explanation, Missing, Seen, Severity, Standing, Unit, Verdict, told_apart,
};
use crate::model::{Kind, METRIC_MATH, Signal};

/// Narrowest width that it is written for.
const NARROWEST: usize = 30;

impl Explanation {
    /// It in lines of at most `width` columns, with times in `zone`. Equal explanations give equal lines.
    #[must_use]
    pub fn lines(&self, zone: &TimeZone, width: usize) -> Vec<String> {
        let mut page = Page { lines: Vec::new(), width: width.max(NARROWEST), zone, now: self.now };
        page.line(
            0,
            &format!("{} on {} ({}, {})", self.rule, self.resource.id, self.resource.kind, self.resource.scope),
        );
        page.line(2, &format!("{}; from {}", self.title, self.source));
        if let Some(runbook) = &self.runbook {
            page.line(2, &format!("runbook: {runbook}"));
        }
        self.standing(&mut page);
        // Levels mostly look at the same signals: their points are told once.
        for levels in self.levels.chunk_by(|a, b| a.signals == b.signals) {
            page.lines.push(String::new());
            for level in levels {
                self.level(&mut page, level);
            }
            self.points(&mut page, levels);
        }
        for math in &self.math {
            page.lines.push(String::new());
            page.line(0, &format!("CloudWatch computes {math}"));
        }
        if let Some(window) = self.window {
            page.lines.push(String::new());
            let what = if self.resource.kind == Kind::Poller { "Runs" } else { "Events" };
            page.line(0, &format!("{what} of the last {} are counted.", span(window)));
        }
        self.next(&mut page);
        page.lines
    }

    fn standing(&self, page: &mut Page<'_>) {
        let Some(verdict) = &self.verdict else {
            page.line(2, "it says nothing of this resource: it is off, or does not apply to it");
            return;
        };
        let value = verdict.value.map_or_else(String::new, |v| format!(", value {}", number(v, verdict.unit)));
        let said = match &verdict.standing {
            Standing::Ok => format!("OK{value}"),
            Standing::Breach { severity, since, held } => {
                let word = word(*severity);
                let phase = if *held { "firing" } else { "pending" };
                format!("{word}, {phase}; breached since {}{value}", page.ago(*since))
            }
            Standing::NoData => {
                "NO DATA: it was read, and there is nothing to compare; an alert stays as it is".to_owned()
            }
            Standing::Blind { poller, why, since } => {
                format!("BLIND since {}: {why} (poller {poller}); it is not known to be OK", page.ago(*since))
            }
            Standing::Loading => "LOADING: what it needs is being read for the first time".to_owned(),
        };
        page.line(2, &said);
        let told = matches!(&verdict.standing, Standing::Blind { why, .. } if *why == verdict.detail);
        if !verdict.detail.is_empty() && !told {
            page.line(2, &verdict.detail);
        }
        if self.only_if == Some(false) {
            page.line(2, "its only_if does not hold: whatever the points, it says nothing");
        }
    }

    fn level(&self, page: &mut Page<'_>, level: &ExplainedLevel) {
        let mut said =
            format!("{} {} {}", word(level.severity), level.comparison.as_str(), exactly(level.limit, level.unit));
        let d = level.datapoints;
        if level.period > 0 {
            let (breaching, of) = level.breaching;
            let _ = write!(said, ", {} of {}: {breaching} of the newest {of} breach", d.m, d.n);
        }
        if !level.hold.is_zero() {
            let _ = write!(said, ", for {}", span(level.hold));
        }
        if let Some((comparison, limit)) = level.clear {
            let _ = write!(said, ", clears at {} {}", comparison.as_str(), number(limit, level.unit));
        }
        if !level.keep.is_zero() {
            let _ = write!(said, ", kept firing for {}", span(level.keep));
        }
        page.line(0, &said);
        for line in self.waits(page, level) {
            page.line(2, &line);
        }
    }

    fn points(&self, page: &mut Page<'_>, levels: &[ExplainedLevel]) {
        let Some(level) = levels.first().filter(|l| !l.signals.is_empty()) else { return };
        self.compared(page, level);
        // What a point counts for is another thing for each level.
        let mut points: BTreeMap<Timestamp, Vec<(&ExplainedLevel, &ExplainedPoint)>> = BTreeMap::new();
        for level in levels {
            for point in &level.points {
                points.entry(point.at).or_default().push((level, point));
            }
        }
        if points.is_empty() {
            page.line(4, "no points that can be relied on");
        }
        for seen in points.values() {
            let line = point_line(page, level, seen);
            page.line(4, &line);
        }
    }

    fn compared(&self, page: &mut Page<'_>, level: &ExplainedLevel) {
        let names: Vec<String> = level.signals.iter().map(name).collect();
        let what = if names.len() == 1 { names[0].clone() } else { format!("an expression of {}", names.join(", ")) };
        let every = if level.period > 0 {
            format!(", every {}", span(SignedDuration::from_secs(level.period)))
        } else {
            String::new()
        };
        page.line(2, &format!("{what}{every}"));
        if matches!(level.signals.first(), Some(Signal::Metric(_))) {
            let gap = match (level.gap, self.missing) {
                (Some(zero), _) => format!("a period without a point is {zero}"),
                (None, Missing::Missing) => "a period without a point is missing".to_owned(),
                (None, Missing::Ignore) => "periods without a point are ignored".to_owned(),
                (None, Missing::Breaching) => "a period without a point breaches".to_owned(),
                (None, Missing::NotBreaching) => "a period without a point is good".to_owned(),
            };
            page.line(2, &format!("{gap}, {} after its end", span(self.settle)));
        }
    }

    /// What a level waits for.
    fn waits(&self, page: &Page<'_>, level: &ExplainedLevel) -> Vec<String> {
        let Some(Verdict { standing, .. }) = &self.verdict else { return Vec::new() };
        let mut said = Vec::new();
        let d = level.datapoints;
        let (breaching, of) = level.breaching;
        let met = breaching >= d.m;
        if level.period == 0 {
            return said;
        }
        match standing {
            Standing::Breach { severity, since, held } if *severity == level.severity => {
                if !*held && met {
                    let until = since.checked_add(level.hold).unwrap_or(self.now);
                    said.push(format!("waits for its time: fires {} if it stays so", page.ahead(until)));
                } else if !*held {
                    said.push(format!("waits for {} more: {} of {} must breach", d.m - breaching, d.m, d.n));
                } else if met {
                    said.push(match (d.m, d.n, level.clear) {
                        (_, _, Some((c, l))) => {
                            format!("clears when a point is {} {}", c.as_str(), number(l, level.unit))
                        }
                        (1, 1, None) => "clears when the newest point does not breach".to_owned(),
                        (m, n, None) => format!("clears when fewer than {m} of the newest {n} breach"),
                    });
                } else if let Some(until) = level.kept_until.filter(|u| *u > self.now) {
                    said.push(format!("no longer breached; kept firing until {}", page.clock(until)));
                } else if level.clear.is_some() {
                    said.push("no longer breached, and not yet at its clear limit".to_owned());
                } else if let Some(settles) = level.settles.filter(|s| *s > self.now) {
                    said.push(format!(
                        "no longer breached; late data can still raise it until {}",
                        page.clock(settles)
                    ));
                }
            }
            Standing::Ok | Standing::NoData if of < d.n && level.gap.is_none() => {
                said.push(format!("has {of} of {} points; fires when {} breach", d.n, d.m));
            }
            Standing::Ok if breaching > 0 && !met => {
                said.push(format!("{} more must breach for it to fire", d.m - breaching));
            }
            _ => {}
        }
        if let Some(until) = level.late_until.filter(|u| *u > self.now) {
            said.push(format!("a point is late: waited for until {}", page.clock(until)));
        }
        said
    }

    fn next(&self, page: &mut Page<'_>) {
        let mut said = Vec::new();
        if let Some(at) = self.next_reading {
            said.push(format!("It is read next {}.", page.ahead(at)));
        }
        if let Some(at) = self.turns {
            said.push(format!("Other limits may be in force {}.", page.ahead(at)));
        }
        if let (Some(window), Some(Verdict { standing: Standing::Breach { since, .. }, .. })) =
            (self.window, &self.verdict)
            && let Ok(until) = since.checked_add(window)
        {
            let what = if self.resource.kind == Kind::Poller { "run" } else { "event" };
            said.push(format!("The oldest {what} counts until {}.", page.clock(until)));
        }
        if !said.is_empty() {
            page.lines.push(String::new());
            page.line(0, &said.join(" "));
        }
    }
}

/// One point, as each level sees it.
fn point_line(page: &Page<'_>, level: &ExplainedLevel, seen: &[(&ExplainedLevel, &ExplainedPoint)]) -> String {
    let Some((_, point)) = seen.first() else { return String::new() };
    // With the digits that tell it from the limits above.
    let value = |v| seen.iter().map(|(l, _)| beside(v, l.limit, level.unit)).max_by_key(String::len);
    let value = point.value.and_then(value).unwrap_or_else(|| "_".to_owned());
    let breached: Vec<&str> = seen.iter().filter(|(_, p)| p.seen.breaches()).map(|(l, _)| word(l.severity)).collect();
    let breach = if breached.is_empty() { "good".to_owned() } else { format!("breaches {}", breached.join(" and ")) };
    let api = matches!(level.signals.first(), Some(Signal::Api(_)));
    let what = match point.seen {
        Seen::Point { own: true, .. } => breach,
        Seen::Point { own: false, .. } if api => format!("{breach}, as read before"),
        Seen::Point { own: false, .. } => format!("{breach}, AWS has no point"),
        Seen::Partial { .. } => format!("{breach} so far, the period is not over"),
        Seen::Unsettled { .. } => format!("{breach} so far, late data may change it"),
        Seen::Absent { breaches: true } => "absent, which breaches".to_owned(),
        Seen::Absent { breaches: false } => "absent".to_owned(),
        Seen::Late => "late, waited for".to_owned(),
        Seen::Unread => "not read".to_owned(),
    };
    let mut line = format!("{}  {value:>10}  {what}", page.clock(point.at));
    if level.signals.len() > 1 {
        let inputs: Vec<String> = level
            .signals
            .iter()
            .zip(&point.inputs)
            .map(|(s, v)| format!("{} {}", s.name(), v.map_or_else(|| "_".to_owned(), |v| number(v, Unit::Count))))
            .collect();
        let _ = write!(line, ": {}", inputs.join(", "));
    }
    line
}

fn name(signal: &Signal) -> String {
    match signal {
        Signal::Metric(m) if m.namespace == *METRIC_MATH => format!("{} (metric math of CloudWatch's)", m.name),
        Signal::Metric(m) => format!("{}/{} {}", m.namespace, m.name, m.stat),
        Signal::Api(a) => format!("{} (read from the API)", a.as_str()),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "WARNING",
        Severity::Critical => "CRITICAL",
    }
}

/// A number with no more digits than it needs, and its unit.
fn number(value: f64, unit: Unit) -> String {
    finer(value, unit, 0)
}

/// A value beside the limit that it is compared with, and its unit.
fn beside(value: f64, limit: f64, unit: Unit) -> String {
    told_apart(value, limit, |v, more| finer(v, unit, more))
}

fn finer(value: f64, unit: Unit, more: usize) -> String {
    let rounded = format!("{value:.*}", 3 + more);
    let short = rounded.trim_end_matches('0').trim_end_matches('.');
    in_unit(if matches!(short, "" | "-0") { "0" } else { short }, unit)
}

/// A limit, as it was written.
fn exactly(limit: f64, unit: Unit) -> String {
    in_unit(&format!("{limit}"), unit)
}

fn in_unit(short: &str, unit: Unit) -> String {
    match unit {
        Unit::Count => short.to_owned(),
        Unit::Percent => format!("{short} %"),
        Unit::Seconds => format!("{short} s"),
        Unit::Bytes => format!("{short} bytes"),
        Unit::Dollars => format!("${short}"),
    }
}

fn span(span: SignedDuration) -> String {
    let s = span.as_secs();
    match s {
        _ if s >= 86_400 && s % 86_400 == 0 => format!("{}d", s / 86_400),
        _ if s >= 3600 && s % 3600 == 0 => format!("{}h", s / 3600),
        _ if s >= 60 && s % 60 == 0 => format!("{}m", s / 60),
        _ => format!("{s}s"),
    }
}

/// Lines of one width.
struct Page<'a> {
    lines: Vec<String>,
    width: usize,
    zone: &'a TimeZone,
    now: Timestamp,
}

impl Page<'_> {
    /// Writes `text` behind `indent` spaces; what does not fit goes on, further in, on lines of its own.
    fn line(&mut self, indent: usize, text: &str) {
        let mut line = " ".repeat(indent);
        let mut empty = true;
        for word in text.split(' ') {
            let more = usize::from(!empty) + word.chars().count();
            if !empty && line.chars().count() + more > self.width {
                self.lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.lines.push(line.trim_end().to_owned());
    }

    /// The time of day, with the day where it is another.
    fn clock(&self, at: Timestamp) -> String {
        let (then, now) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        let format = if then.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
        let text = then.strftime(format).to_string();
        // Whole minutes are written without their seconds.
        text.strip_suffix(":00").map_or_else(|| text.clone(), str::to_owned)
    }

    fn ago(&self, at: Timestamp) -> String {
        format!("{} ({} ago)", self.clock(at), coarse(self.now.duration_since(at)))
    }

    fn ahead(&self, at: Timestamp) -> String {
        let left = at.duration_since(self.now);
        if left.is_positive() { format!("at {} (in {})", self.clock(at), coarse(left)) } else { "now".to_owned() }
    }
}
