//! The rule of a composite alarm: `ALARM("a") AND (OK(b) OR NOT INSUFFICIENT_DATA(c))`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, cut_err, delimited, opt, preceded, repeat, separated, terminated};
use winnow::error::{ContextError, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::token::{any, none_of, take_while};

use super::{Local, LocalState, named};
use crate::model::{Alarm, AlarmState, MAX_TEXT_BYTES, ResourceId, Text};

/// Parentheses within parentheses, at most; a rule has at most 500 elements.
const DEEPEST: usize = 100;

/// A composite alarm, its rule read.
#[derive(Debug)]
pub(super) struct Composite {
    rule: Result<AlarmRule, String>,
    /// The alarms that it names, by what it calls them.
    children: BTreeMap<Text, ResourceId>,
}

impl Composite {
    /// The composite alarm `alarm`; `None` for one that is none.
    pub(super) fn of(id: &ResourceId, alarm: &Alarm) -> Option<Self> {
        if !alarm.is_composite() {
            return None;
        }
        let rule = AlarmRule::parse(&alarm.rule);
        let mut names = BTreeSet::new();
        if let Ok(rule) = &rule {
            rule.names(&mut names);
        }
        let children = names.into_iter().map(|name| (name.clone(), named(&id.scope, name))).collect();
        Some(Self { rule, children })
    }

    /// The alarms that it names, listed or not.
    pub(super) fn children(&self) -> impl Iterator<Item = &ResourceId> {
        self.children.values()
    }

    /// What it comes to where each of the alarms that it names comes to `child(id)`, `None` for one that is not listed.
    pub(super) fn local(&self, mut child: impl FnMut(&ResourceId) -> Option<Local>) -> Local {
        let rule = match &self.rule {
            Ok(rule) => rule,
            Err(why) => return Local::untold(why.as_str()),
        };
        let mut unknown = None;
        let mut states: BTreeMap<&Text, AlarmState> = BTreeMap::new();
        let mut alarmed: BTreeMap<&Text, Timestamp> = BTreeMap::new();
        let mut children = Vec::new();
        for (name, id) in &self.children {
            let Some(local) = child(id) else {
                unknown.get_or_insert(LocalState::Untold(format!("no alarm {} is listed", id.id).into()));
                continue;
            };
            let Some(state) = local.known() else {
                // What can be read later outweighs what can never be told.
                match (&unknown, local.state) {
                    (None | Some(LocalState::Untold(_)), state)
                    | (Some(LocalState::Loading), state @ LocalState::Blind { .. }) => unknown = Some(state),
                    _ => {}
                }
                continue;
            };
            if state == AlarmState::Alarm {
                alarmed.extend(local.since.map(|since| (name, since)));
                children.push(id.id.clone());
            }
            states.insert(name, state);
        }
        let state = match rule.holds(&mut |name| states.get(name).copied()) {
            Some(true) => LocalState::Is(AlarmState::Alarm),
            Some(false) => LocalState::Is(AlarmState::Ok),
            None => unknown.unwrap_or(LocalState::Loading),
        };
        let alarm = state == LocalState::Is(AlarmState::Alarm);
        let since = if alarm { rule.since(&states, &alarmed) } else { None };
        Local { since, children, ..Local::new(state) }
    }
}

/// A rule over the states of other alarms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum AlarmRule {
    /// `TRUE` or `FALSE`.
    Always(bool),
    /// Whether an alarm is in a state.
    Is(AlarmState, Text),
    /// The contrary.
    Not(Box<Self>),
    /// All of them.
    All(Vec<Self>),
    /// Any of them.
    Any(Vec<Self>),
    /// At least so many of them.
    AtLeast(usize, Vec<Self>),
}

impl AlarmRule {
    /// Reads `text`; the error says where and what was expected.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() >= MAX_TEXT_BYTES - 4 && text.ends_with('…') {
            return Err(format!("its rule is longer than {MAX_TEXT_BYTES} characters"));
        }
        let mut depth = 0usize;
        for c in text.chars() {
            depth = match c {
                '(' => depth + 1,
                ')' => depth.saturating_sub(1),
                _ => depth,
            };
            if depth > DEEPEST {
                return Err("its rule is nested too deeply".to_owned());
            }
        }
        rule.parse(text).map_err(|e| {
            let column = e.input().get(..e.offset()).map_or(0, |before| before.chars().count()) + 1;
            format!("its rule cannot be read at column {column}: {}", e.inner().to_string().replace('\n', ", "))
        })
    }

    /// Whether it holds where an alarm's state is `state(name or ARN)`, or `None` where that hangs on one that is not
    /// known.
    pub(super) fn holds(&self, state: &mut dyn FnMut(&Text) -> Option<AlarmState>) -> Option<bool> {
        match self {
            Self::Always(value) => Some(*value),
            Self::Is(wanted, name) => state(name).map(|s| s == *wanted),
            Self::Not(inner) => inner.holds(state).map(|b| !b),
            Self::All(parts) => at_least(parts.len(), parts, state),
            Self::Any(parts) => at_least(1, parts, state),
            Self::AtLeast(least, parts) => at_least(*least, parts, state),
        }
    }

    /// Since when it holds, of what holds now and as far as that is known: of alarms in ALARM since when they are. Since
    /// when an alarm is in another state is not known, nor is it of what is turned round.
    fn since(&self, states: &BTreeMap<&Text, AlarmState>, alarmed: &BTreeMap<&Text, Timestamp>) -> Option<Timestamp> {
        let (least, parts) = match self {
            Self::Always(_) | Self::Not(_) => return None,
            Self::Is(wanted, name) => {
                return alarmed.get(name).copied().filter(|_| *wanted == AlarmState::Alarm);
            }
            Self::All(parts) => (parts.len(), parts),
            Self::Any(parts) => (1, parts),
            Self::AtLeast(least, parts) => (*least, parts),
        };
        let holds = |part: &&Self| part.holds(&mut |name| states.get(name).copied()) == Some(true);
        let mut since: Vec<Timestamp> =
            parts.iter().filter(holds).filter_map(|part| part.since(states, alarmed)).collect();
        since.sort_unstable();
        since.get(least.min(since.len()).checked_sub(1)?).copied()
    }

    /// The alarms that it names.
    pub(super) fn names<'a>(&'a self, into: &mut BTreeSet<&'a Text>) {
        match self {
            Self::Always(_) => {}
            Self::Is(_, name) => {
                into.insert(name);
            }
            Self::Not(inner) => inner.names(into),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => parts.iter().for_each(|p| p.names(into)),
        }
    }
}

fn at_least(least: usize, parts: &[AlarmRule], state: &mut dyn FnMut(&Text) -> Option<AlarmState>) -> Option<bool> {
    let (mut held, mut unknown) = (0, 0);
    for part in parts {
        match part.holds(state) {
            Some(true) => held += 1,
            Some(false) => {}
            None => unknown += 1,
        }
    }
    if held >= least {
        Some(true)
    } else if held + unknown < least {
        Some(false)
    } else {
        None
    }
}

fn described<'a, O>(
    what: &'static str,
    parser: impl ModalParser<&'a str, O, ContextError>,
) -> impl ModalParser<&'a str, O, ContextError> {
    parser.context(StrContext::Expected(StrContextValue::Description(what)))
}

fn rule(i: &mut &str) -> ModalResult<AlarmRule> {
    delimited(multispace0, any_of, multispace0).parse_next(i)
}

fn one_or(mut parts: Vec<AlarmRule>, many: fn(Vec<AlarmRule>) -> AlarmRule) -> AlarmRule {
    if parts.len() > 1 { many(parts) } else { parts.pop().unwrap_or(AlarmRule::Always(false)) }
}

fn any_of(i: &mut &str) -> ModalResult<AlarmRule> {
    separated(1.., all_of, word("OR")).map(|parts| one_or(parts, AlarmRule::Any)).parse_next(i)
}

fn all_of(i: &mut &str) -> ModalResult<AlarmRule> {
    separated(1.., negated, word("AND")).map(|parts| one_or(parts, AlarmRule::All)).parse_next(i)
}

fn negated(i: &mut &str) -> ModalResult<AlarmRule> {
    let nots: usize = repeat(0.., word("NOT").void()).fold(|| 0, |n, ()| n + 1).parse_next(i)?;
    let inner = element(i)?;
    Ok(if nots % 2 == 1 { AlarmRule::Not(Box::new(inner)) } else { inner })
}

fn element(i: &mut &str) -> ModalResult<AlarmRule> {
    let element = alt((
        delimited('(', cut_err(rule), cut_err(described("`)`", ')'))),
        word("TRUE").value(AlarmRule::Always(true)),
        word("FALSE").value(AlarmRule::Always(false)),
        at_least_of,
        (condition, preceded(multispace0, in_parentheses(name))).map(|(state, name)| AlarmRule::Is(state, name)),
    ));
    delimited(multispace0, described("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or `(`", element), multispace0)
        .parse_next(i)
}

/// `AT_LEAST(2, ALARM, (a, b, c))`, also with a share of them, `50%`, and with `NOT` before the state.
fn at_least_of(i: &mut &str) -> ModalResult<AlarmRule> {
    let number = take_while(1..=6, |c: char| c.is_ascii_digit()).try_map(str::parse::<usize>);
    let names = in_parentheses(separated(1.., listed_name, ','));
    let parts = (
        delimited(multispace0, (number, opt('%')), (multispace0, ',')),
        terminated((opt(word("NOT")), preceded(multispace0, condition)), (multispace0, ',')),
        delimited(multispace0, names, multispace0),
    );
    let ((number, share), (not, state), names): (_, _, Vec<Text>) =
        preceded((word("AT_LEAST"), multispace0, '('), cut_err(terminated(parts, ')'))).parse_next(i)?;
    let least = if share.is_some() { (number * names.len()).div_ceil(100) } else { number };
    let each = |name| {
        let is = AlarmRule::Is(state, name);
        if not.is_some() { AlarmRule::Not(Box::new(is)) } else { is }
    };
    Ok(AlarmRule::AtLeast(least, names.into_iter().map(each).collect()))
}

fn condition(i: &mut &str) -> ModalResult<AlarmState> {
    alt((
        word("ALARM").value(AlarmState::Alarm),
        word("OK").value(AlarmState::Ok),
        word("INSUFFICIENT_DATA").value(AlarmState::InsufficientData),
    ))
    .parse_next(i)
}

/// A whole word, in whatever case.
fn word<'a>(word: &'static str) -> impl ModalParser<&'a str, &'a str, ContextError> {
    preceded(
        multispace0,
        take_while(1.., |c: char| c.is_ascii_alphanumeric() || c == '_')
            .verify(move |found: &str| found.eq_ignore_ascii_case(word)),
    )
}

fn in_parentheses<'a, O>(
    inner: impl ModalParser<&'a str, O, ContextError>,
) -> impl ModalParser<&'a str, O, ContextError> {
    delimited(described("`(`", '('), inner, described("`)`", ')'))
}

/// The name of an alarm or its ARN, in quotes or not.
fn name(i: &mut &str) -> ModalResult<Text> {
    let bare = take_while(1.., |c| c != ')' && c != '"').map(|n: &str| Text::from(n.trim()));
    delimited(multispace0, alt((quoted, bare)), multispace0).verify(|n: &Text| !n.is_empty()).parse_next(i)
}

fn listed_name(i: &mut &str) -> ModalResult<Text> {
    let bare = take_while(1.., |c| c != ')' && c != ',' && c != '"').map(|n: &str| Text::from(n.trim()));
    delimited(multispace0, alt((quoted, bare)), multispace0).verify(|n: &Text| !n.is_empty()).parse_next(i)
}

fn quoted(i: &mut &str) -> ModalResult<Text> {
    let of = |quote: char| {
        let letter = alt((preceded('\\', any), none_of(['\\', quote])));
        delimited(quote, repeat(1.., letter), quote).map(|name: String| Text::from(name))
    };
    alt((of('"'), of('\''))).parse_next(i)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is(state: AlarmState, name: &str) -> AlarmRule {
        AlarmRule::Is(state, name.into())
    }

    fn alarm(name: &str) -> AlarmRule {
        is(AlarmState::Alarm, name)
    }

    fn parse(text: &str) -> AlarmRule {
        AlarmRule::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn names_and_arns_with_quotes_and_without() {
        let arn = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:web clb";
        assert_eq!(parse("ALARM(web-clb-5xx)"), alarm("web-clb-5xx"));
        assert_eq!(parse(" ALARM( \"web clb (old), 5xx\" ) "), alarm("web clb (old), 5xx"));
        assert_eq!(parse(&format!("OK(\"{arn}\")")), is(AlarmState::Ok, arn));
        assert_eq!(parse(&format!("OK({arn})")), is(AlarmState::Ok, arn));
        assert_eq!(parse("INSUFFICIENT_DATA('a')"), is(AlarmState::InsufficientData, "a"));
        assert_eq!(parse(r#"ALARM("a \"b\"")"#), alarm("a \"b\""));
        assert_eq!(parse("ALARM(死活監視)"), alarm("死活監視"));
    }

    #[test]
    fn not_binds_tighter_than_and_and_and_tighter_than_or() {
        let [a, b, c] = ["a", "b", "c"].map(alarm);
        let not = |rule: &AlarmRule| AlarmRule::Not(Box::new(rule.clone()));
        assert_eq!(
            parse("ALARM(a) OR ALARM(b) AND NOT ALARM(c)"),
            AlarmRule::Any(vec![a.clone(), AlarmRule::All(vec![b.clone(), not(&c)])])
        );
        assert_eq!(
            parse("(ALARM(a) OR ALARM(b))\nAND (NOT (ALARM(c)))"),
            AlarmRule::All(vec![AlarmRule::Any(vec![a.clone(), b]), not(&c)])
        );
        assert_eq!(parse("NOT NOT ALARM(a)"), a);
        assert_eq!(parse("TRUE and false"), AlarmRule::All(vec![AlarmRule::Always(true), AlarmRule::Always(false)]));
    }

    #[test]
    fn at_least_counts_alarms() {
        let three = ["a", "b c", "d"].map(alarm).to_vec();
        assert_eq!(parse("AT_LEAST(2, ALARM, (a, \"b c\", d))"), AlarmRule::AtLeast(2, three.clone()));
        assert_eq!(parse("AT_LEAST(50%, ALARM, (a, \"b c\", d))"), AlarmRule::AtLeast(2, three));
        let not_ok = |n| AlarmRule::Not(Box::new(is(AlarmState::Ok, n)));
        assert_eq!(parse("AT_LEAST(1, NOT OK, (a,b))"), AlarmRule::AtLeast(1, vec![not_ok("a"), not_ok("b")]));
    }

    #[test]
    fn an_unknown_child_matters_only_where_the_others_do_not_decide() {
        let mut state = |name: &Text| match name.as_str() {
            "on" => Some(AlarmState::Alarm),
            "off" => Some(AlarmState::Ok),
            _ => None,
        };
        for (rule, expected) in [
            ("ALARM(on)", Some(true)),
            ("OK(on)", Some(false)),
            ("NOT ALARM(unread)", None),
            ("ALARM(on) OR ALARM(unread)", Some(true)),
            ("ALARM(off) OR ALARM(unread)", None),
            ("ALARM(off) AND ALARM(unread)", Some(false)),
            ("ALARM(on) AND NOT ALARM(unread)", None),
            ("AT_LEAST(2, ALARM, (on, off, unread))", None),
            ("AT_LEAST(3, ALARM, (on, off, unread))", Some(false)),
            ("TRUE", Some(true)),
        ] {
            assert_eq!(parse(rule).holds(&mut state), expected, "{rule}");
        }
    }

    #[test]
    fn what_is_no_rule_says_where() {
        for text in [
            "",
            "ALARM",
            "ALARM(",
            "ALARM()",
            "ALARM(a) ALARM(b)",
            "ALARM(a) AND",
            "(ALARM(a)",
            "NOPE(a)",
            "NOT",
            "AT_LEAST(x, ALARM, (a))",
        ] {
            let error = AlarmRule::parse(text).expect_err(text);
            assert!(error.starts_with("its rule cannot be read at column "), "{text}: {error}");
        }
        assert!(AlarmRule::parse(&"(".repeat(5000)).is_err());
        assert!(AlarmRule::parse(&"NOT ".repeat(2000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ALRMOKNDTF_ ()\"'a,\\\\%0-9]{0,80}") {
            let _ = AlarmRule::parse(&text);
        }
    }
}
