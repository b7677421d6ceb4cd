use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::alerts::{Ack, AlertId, Alerts, Kept, Level, Matcher, Silence};
use crate::model::{
    ApiSignal, Balancer, Body, Detail, ErrorClass, Kind, Model, Observation, Outcome, PollError, PollerKind, Resource,
    ResourceId, Scope, Signal, Source, Text,
};
use crate::rules::{Comparison, Severity, Standing, Unit, Verdict};

fn now() -> Timestamp {
    "2026-01-14T05:10:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn scope() -> Scope {
    Scope::new("demo", "ap-northeast-1")
}

fn source(poller: PollerKind) -> Source {
    Source { scope: scope(), poller }
}

/// Metrics and balancers of one scope, read four seconds ago, with one balancer in it.
struct Pass {
    model: Model,
    needed: BTreeSet<Source>,
    verdicts: Vec<Verdict>,
    timed_out: Option<Duration>,
    zone: TimeZone,
    kept: Kept,
}

impl Pass {
    fn new() -> Self {
        let mut pass = Self {
            model: Model::default(),
            needed: [source(PollerKind::ClassicElbs), source(PollerKind::Metrics)].into(),
            verdicts: Vec::new(),
            timed_out: None,
            zone: TimeZone::fixed(jiff::tz::offset(9)),
            kept: Kept::default(),
        };
        pass.see(PollerKind::ClassicElbs, 5, inventory());
        pass.end(PollerKind::ClassicElbs, 5, None);
        pass.end(PollerKind::Metrics, 4, None);
        pass
    }

    fn see(&mut self, poller: PollerKind, age: i64, body: Body) {
        self.model.apply(&Observation { at: ago(age), source: source(poller), body });
    }

    fn end(&mut self, poller: PollerKind, age: i64, error: Option<PollError>) {
        self.end_after(1, poller, age, error);
    }

    fn end_after(&mut self, calls: u32, poller: PollerKind, age: i64, error: Option<PollError>) {
        let outcome = Outcome {
            started: ago(age + 1),
            took: SignedDuration::from_secs(1),
            calls,
            pages: 1,
            billed_metrics: 0,
            throttles: 0,
            lacks: None,
            error,
            next: None,
            interval: SignedDuration::from_secs(60),
        };
        self.see(poller, age, Body::Outcome(outcome));
    }

    fn fails(mut self, poller: PollerKind, class: ErrorClass, message: &str) -> Self {
        let error =
            PollError { class, operation: "GetMetricData".into(), code: "Some.Code".into(), message: message.into() };
        self.needed.insert(source(poller));
        self.end(poller, 3, Some(error));
        self
    }

    fn breaches(mut self, rule: &str, severity: Severity, for_seconds: i64) -> Self {
        self.verdicts.push(verdict(rule, Standing::Breach { severity, since: ago(for_seconds), held: true }));
        self
    }

    fn says(mut self, verdict: Verdict) -> Self {
        self.verdicts.push(verdict);
        self
    }

    fn silenced(mut self, matchers: &str) -> Self {
        self.kept.silences.push(Silence {
            id: "5f0c".into(),
            matchers: Matcher::parse_all(matchers).unwrap(),
            from: ago(60),
            until: ago(-3540),
            author: "alice@bastion".into(),
            reason: "load test".into(),
            made: ago(60),
        });
        self
    }

    fn input<T>(&self, read: impl FnOnce(&Input<'_>) -> T) -> T {
        let mut alerts = Alerts::default();
        alerts.restore(self.kept.clone(), &self.model, now());
        alerts.update(&self.verdicts, &self.model, now());
        read(&Input {
            model: &self.model,
            alerts: &alerts,
            needed: &self.needed,
            rules: 23,
            now: now(),
            zone: &self.zone,
            timed_out: self.timed_out,
        })
    }

    fn report(&self) -> Report {
        let report = self.input(report);
        let again = self.input(super::report);
        assert_eq!(report, again);
        for line in report.text.lines() {
            assert_eq!(line, line.trim_end(), "spaces behind");
        }
        let first = report.text.lines().next().unwrap();
        assert!(unicode_width::UnicodeWidthStr::width(first) <= 80, "{first}");
        assert!(first.starts_with(&format!("AWSWATCH {} - ", report.exit.word())), "{first}");
        assert_eq!(report.text.matches('|').count(), 1, "only performance data follows a bar");
        report
    }
}

fn inventory() -> Body {
    let id = ResourceId::new(&scope(), Kind::ClassicElb, "web-clb");
    let detail = Detail::Balancer(Balancer::default());
    let resource = Resource { name: id.id.clone(), id, tags: std::collections::BTreeMap::default(), detail };
    Body::Inventory { kinds: vec![Kind::ClassicElb], resources: vec![resource], partial: false }
}

fn verdict(rule: &str, standing: Standing) -> Verdict {
    Verdict {
        rule: rule.into(),
        resource: ResourceId::new(&scope(), Kind::ClassicElb, "web-clb"),
        standing,
        value: Some(812.0),
        limit: Some(512.0),
        comparison: Comparison::Above,
        unit: Unit::Count,
        title: "requests queue at the balancer".into(),
        detail: Text::default(),
        signal: None,
        data_at: Some(ago(60)),
        basis: crate::rules::Basis::Points,
    }
}

fn shown(report: &Report) -> String {
    format!("{}exit {}", report.text, report.exit.code())
}

#[test]
fn all_is_well() {
    insta::assert_snapshot!(shown(&Pass::new().report()));
}

#[test]
fn what_is_silenced_is_printed_and_does_not_count() {
    let pass = Pass::new().breaches("clb-surge-queue", Severity::Critical, 252).silenced("rule=clb-*");
    insta::assert_snapshot!(shown(&pass.report()));
    let json = pass.input(super::report_json);
    assert_eq!(json.exit, Exit::Ok);
    let value: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!(value["silenced"][0]["silence"]["matchers"][0], "rule=clb-*");
    assert_eq!(value["alerts"].as_array().map(Vec::len), Some(0));
    // What is not covered counts as ever.
    let pass = Pass::new().breaches("clb-surge-queue", Severity::Critical, 252).silenced("rule=clb-5*");
    assert_eq!(pass.report().exit, Exit::Critical);
}

#[test]
fn no_silence_turns_what_cannot_be_read_into_ok() {
    for matchers in ["region=ap-*", "kind=poller", "severity=blind"] {
        let pass = Pass::new().fails(PollerKind::Trail, ErrorClass::Denied, "no").silenced(matchers);
        let report = pass.report();
        assert_eq!(report.exit, Exit::Unknown, "{matchers}");
        assert!(report.text.contains("UNKNOWN demo/ap-northeast-1 trail"), "{}", report.text);
    }
}

#[test]
fn who_has_taken_it_on_is_told() {
    let mut pass = Pass::new().breaches("clb-surge-queue", Severity::Critical, 252);
    let alert = AlertId { rule: "clb-surge-queue".into(), resource: pass.verdicts[0].resource.clone() };
    pass.kept.acks.push(Ack {
        alert,
        level: Level::Critical,
        by: "bob@bastion".into(),
        at: ago(10),
        note: "looking".into(),
    });
    let report = pass.report();
    assert_eq!(report.exit, Exit::Critical, "somebody has it, and it is there");
    assert!(report.text.contains("acknowledged by bob@bastion at 2026-01-14 14:09:50 +09: looking"), "{}", report.text);
}

#[test]
fn critical_and_warning_with_details() {
    let mut critical =
        verdict("clb-surge-queue", Standing::Breach { severity: Severity::Critical, since: ago(252), held: true });
    critical.detail = Text::new(&format!("per zone: {}", "1a 812, 1c 804, 1d 790; ".repeat(8)));
    let mut pending =
        verdict("clb-spillover", Standing::Breach { severity: Severity::Critical, since: ago(20), held: false });
    pending.value = Some(3.0);
    let pass = Pass::new().says(critical).breaches("clb-latency", Severity::Warning, 4000).says(pending);
    insta::assert_snapshot!(shown(&pass.report()));
}

#[test]
fn unread_is_told_with_the_way_out() {
    let pass = Pass::new()
        .breaches("clb-latency", Severity::Warning, 60)
        .fails(PollerKind::Metrics, ErrorClass::Denied, "x")
        .fails(PollerKind::Alarms, ErrorClass::Expired, "x")
        .fails(PollerKind::Trail, ErrorClass::Expired, "x")
        .fails(PollerKind::Subnets, ErrorClass::Server, "We | encountered\nan internal error");
    insta::assert_snapshot!(shown(&pass.report()));
}

#[test]
fn a_scope_of_which_nothing_is_read_needs_one_line() {
    let mut pass = Pass::new();
    for poller in PollerKind::ALL {
        pass = pass.fails(poller, ErrorClass::Expired, "x");
    }
    let report = pass.report();
    insta::assert_snapshot!(shown(&report));
}

#[test]
fn the_exit_code_is_never_ok_when_something_was_not_read() {
    let critical = |pass: Pass| pass.breaches("a", Severity::Critical, 60);
    let warning = |pass: Pass| pass.breaches("b", Severity::Warning, 60);
    let unread = |pass: Pass| pass.fails(PollerKind::Metrics, ErrorClass::Throttled, "x");
    let late = |mut pass: Pass| {
        pass.needed.insert(source(PollerKind::Trail));
        pass
    };
    let stale = |mut pass: Pass| {
        pass.end(PollerKind::Alarms, 600, None);
        pass.needed.insert(source(PollerKind::Alarms));
        pass
    };
    let timed_out = |mut pass: Pass| {
        pass.timed_out = Some(Duration::from_secs(30));
        pass
    };
    let nothing = |mut pass: Pass| {
        pass.needed.clear();
        pass
    };
    let blind = |pass: Pass| {
        pass.says(verdict(
            "c",
            Standing::Blind { poller: PollerKind::Metrics, why: "needs more".into(), since: ago(9) },
        ))
    };
    let no_data = |pass: Pass| pass.says(verdict("d", Standing::NoData));
    for (what, pass, exit) in [
        ("calm", Pass::new(), Exit::Ok),
        ("no data", no_data(Pass::new()), Exit::Ok),
        ("warning", warning(Pass::new()), Exit::Warning),
        ("critical", critical(Pass::new()), Exit::Critical),
        ("critical and warning", critical(warning(Pass::new())), Exit::Critical),
        ("critical and unread", critical(unread(Pass::new())), Exit::Critical),
        ("warning and unread", warning(unread(Pass::new())), Exit::Unknown),
        ("unread", unread(Pass::new()), Exit::Unknown),
        ("never begun", late(Pass::new()), Exit::Unknown),
        ("read too long ago", stale(Pass::new()), Exit::Unknown),
        ("out of time", timed_out(Pass::new()), Exit::Unknown),
        ("nothing to read", nothing(Pass::new()), Exit::Unknown),
        ("blind though the poller is well", blind(Pass::new()), Exit::Unknown),
    ] {
        let report = pass.report();
        assert_eq!(report.exit, exit, "{what}\n{}", report.text);
        if exit == Exit::Unknown || what.ends_with("unread") {
            assert!(report.text.lines().any(|l| l.starts_with("UNKNOWN ")), "{what}\n{}", report.text);
        }
    }
}

#[test]
fn a_run_that_asked_for_nothing_is_no_reading() {
    let mut pass = Pass { model: Model::default(), ..Pass::new() };
    pass.end_after(0, PollerKind::Metrics, 0, None);
    let last = |pass: &Pass| pass.report().text.lines().rev().nth(1).unwrap_or_default().to_owned();
    let pass = pass.fails(PollerKind::ClassicElbs, ErrorClass::Timeout, "");
    assert!(last(&pass).contains("; nothing read, 1 of 2 pollers never read; "), "{}", last(&pass));
    let pass = Pass::new().fails(PollerKind::Alarms, ErrorClass::Timeout, "");
    assert!(last(&pass).contains("; oldest reading 5s ago, 1 of 3 pollers never read; "), "{}", last(&pass));
    let none = Pass { model: Model::default(), ..Pass::new() };
    assert!(last(&none).contains("; nothing read; "), "{}", last(&none));
}

#[test]
fn out_of_time_says_what_is_missing() {
    let mut pass = Pass::new();
    pass.needed.insert(source(PollerKind::Trail));
    pass.timed_out = Some(Duration::from_secs(90));
    insta::assert_snapshot!(shown(&pass.report()));
}

#[test]
fn json() {
    let pass = Pass::new().breaches("clb-surge-queue", Severity::Critical, 252).fails(
        PollerKind::Metrics,
        ErrorClass::Denied,
        "x",
    );
    let report = pass.input(report_json);
    assert_eq!((report.exit, report.text.lines().count()), (Exit::Critical, 1));
    let value: serde_json::Value = serde_json::from_str(&report.text).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn names_are_cut_at_a_letter_and_cannot_forge_a_line() {
    let mut wide = verdict("r", Standing::Breach { severity: Severity::Critical, since: ago(1), held: true });
    wide.resource.id = Text::new("本番ロードバランサー本番ロードバランサー🚀🚀🚀\n'critical'=0 | OK");
    let text = Pass::new().says(wide).report().text;
    assert!(text.lines().next().unwrap().ends_with("..."), "{text}");
    assert!(text.contains("'critical'=0 / OK"), "{text}");
}

#[test]
fn a_run_that_could_not_begin() {
    let long =
        "config.toml:3:9: ui.theme = \"a/b\": it must be a name: letters, digits, - and _\nsecond\u{1b}[2J | line";
    let report = failure(long);
    assert_eq!(report.exit, Exit::Unknown);
    insta::assert_snapshot!(report.text, @r#"
    AWSWATCH UNKNOWN - config.toml:3:9: ui.theme = "a/b": it must be a name: lett...
    config.toml:3:9: ui.theme = "a/b": it must be a name: letters, digits, - and _
    second[2J / line
    "#);
    assert_eq!(failure("").text, "AWSWATCH UNKNOWN - it could not run\n");
}

#[test]
fn figures() {
    for (value, unit, text) in [
        (812.0, Unit::Count, "812"),
        (2.5, Unit::Count, "2.5"),
        (0.000_049, Unit::Count, "0"),
        (-0.000_01, Unit::Count, "0"),
        (0.125, Unit::Count, "0.125"),
        (3.4567, Unit::Percent, "3.46%"),
        (1.9, Unit::Seconds, "1.9s"),
        (1234.56, Unit::Seconds, "1235s"),
        (1536.0, Unit::Bytes, "1.5KiB"),
        (5.0e12, Unit::Bytes, "4.55TiB"),
        (9140.4, Unit::Dollars, "$9,140"),
        (1_234_567.0, Unit::Dollars, "$1,234,567"),
        (14.2, Unit::Dollars, "$14.20"),
        (-3.0, Unit::Dollars, "-$3"),
        (f64::NAN, Unit::Count, "?"),
    ] {
        assert_eq!(figure::figure(value, unit), text);
    }
}

#[test]
fn a_line_says_no_comparison_that_does_not_hold() {
    let line = |value: Option<f64>, comparison| {
        let standing = Standing::Breach { severity: Severity::Warning, since: ago(300), held: true };
        let says = Verdict { value, comparison, ..verdict("clb-5xx", standing) };
        let text = Pass::new().says(says).report().text;
        text.lines().find(|l| l.starts_with("WARNING ")).unwrap().to_owned()
    };
    let figures = |value, comparison| {
        let line = line(value, comparison);
        line.split_once("ap-northeast-1 ").and_then(|(_, rest)| rest.split_once(" for ")).unwrap().0.to_owned()
    };
    assert_eq!(figures(Some(812.0), Comparison::Above), "812 > 512");
    assert_eq!(figures(Some(300.0), Comparison::Above), "now 300, limit > 512");
    assert_eq!(figures(Some(512.0), Comparison::Above), "now 512, limit > 512");
    assert_eq!(figures(Some(512.0), Comparison::AtLeast), "512 >= 512");
    assert_eq!(figures(None, Comparison::Above), "no data, limit > 512");
}

#[test]
fn what_one_look_alone_has_seen_has_no_duration() {
    let mut alert = {
        let pass = Pass::new().breaches("asg-at-max", Severity::Warning, 4);
        pass.input(|input| input.alerts.active()[0].clone())
    };
    assert_eq!(text::stands(&alert, now()), "for 4s");
    alert.older = true;
    assert_eq!(text::stands(&alert, now()), "seen now");
    alert.since = ago(4000);
    assert_eq!(text::stands(&alert, now()), "for 1h06m");
    (alert.since, alert.older) = (ago(4), false);
    alert.signal = Some(Signal::Api(ApiSignal::DesiredCapacity));
    assert_eq!(text::stands(&alert, now()), "seen now", "an API tells what is, and not since when");
}

#[test]
fn spans() {
    for (seconds, text) in
        [(0, "0s"), (45, "45s"), (60, "1m"), (252, "4m12s"), (543, "9m03s"), (21_060, "5h51m"), (273_600, "3d04h")]
    {
        assert_eq!(figure::span(Duration::from_secs(seconds)), text);
    }
}

#[test]
fn what_lacks_is_named_by_the_call_that_was_refused() {
    for (poller, operation, action) in [
        (PollerKind::ClassicElbs, "DescribeTags", "elasticloadbalancing:DescribeTags"),
        (PollerKind::TargetHealth, "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
        (PollerKind::Metrics, "", "cloudwatch:GetMetricData"),
        (PollerKind::Prices, "ec2:DescribeSpotPriceHistory", "ec2:DescribeSpotPriceHistory"),
    ] {
        let mut pass = Pass::new();
        pass.needed.insert(source(poller));
        let error = PollError {
            class: ErrorClass::Denied,
            operation: operation.into(),
            code: "AccessDenied".into(),
            message: Text::default(),
        };
        pass.end(poller, 3, Some(error));
        let text = pass.report().text;
        assert!(text.contains(&format!("{poller}: access denied: needs {action}\n")), "{text}");
    }
}
