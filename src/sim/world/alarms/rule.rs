//! `AlarmRule`: the expression of a composite alarm.
//!
//! `ALARM(name)`, `OK(name)`, `INSUFFICIENT_DATA(name)`, `TRUE`, `FALSE`, `NOT`, `AND`, `OR` (which bind in that order) and
//! parentheses. A name may stand in quotes, and must if it holds a blank or a parenthesis; an ARN is a name too.

use super::super::AlarmState;

/// Deeper than this is not a rule but an attack on the stack.
const DEEPEST: usize = 64;

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// `TRUE` or `FALSE`.
    Always(bool),
    /// Whether the alarm of that name is in that state.
    Is(AlarmState, String),
    /// `NOT a`.
    Not(Box<Rule>),
    /// `a AND b`.
    And(Box<Rule>, Box<Rule>),
    /// `a OR b`.
    Or(Box<Rule>, Box<Rule>),
}

impl Rule {
    /// Reads all of `text`; the error is a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text, depth: 0 };
        let rule = reader.either()?;
        let rest = reader.rest.trim();
        if rest.is_empty() { Ok(rule) } else { Err(format!("\"{rest}\" is left over")) }
    }

    /// Whether it holds; `state` says how the alarms are.
    pub(super) fn holds(&self, state: &dyn Fn(&str) -> Option<AlarmState>) -> bool {
        match self {
            Self::Always(truth) => *truth,
            Self::Is(wanted, name) => state(name) == Some(*wanted),
            Self::Not(inner) => !inner.holds(state),
            Self::And(a, b) => a.holds(state) && b.holds(state),
            Self::Or(a, b) => a.holds(state) || b.holds(state),
        }
    }

    /// The names of the alarms in it, each once, in order.
    pub(super) fn children(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Self::Always(_) => {}
            Self::Is(_, name) => {
                if !out.contains(&name.as_str()) {
                    out.push(name);
                }
            }
            Self::Not(inner) => inner.collect(out),
            Self::And(a, b) | Self::Or(a, b) => {
                a.collect(out);
                b.collect(out);
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        let word = token.chars().all(char::is_alphabetic);
        let found = rest
            .strip_prefix(token)
            .filter(|after| !word || !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        if let Some(after) = found {
            self.rest = after;
        }
        found.is_some()
    }

    fn either(&mut self) -> Result<Rule, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut rule = self.both()?;
        while self.eat("OR") {
            rule = Rule::Or(Box::new(rule), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(rule)
    }

    fn both(&mut self) -> Result<Rule, String> {
        let mut rule = self.one()?;
        while self.eat("AND") {
            rule = Rule::And(Box::new(rule), Box::new(self.one()?));
        }
        Ok(rule)
    }

    fn one(&mut self) -> Result<Rule, String> {
        if self.eat("NOT") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("it is nested too deeply".to_owned());
            }
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Rule::Not(Box::new(inner)));
        }
        if self.eat("(") {
            let rule = self.either()?;
            return if self.eat(")") { Ok(rule) } else { Err(format!("a ) is missing before \"{}\"", self.rest)) };
        }
        for (word, truth) in [("TRUE", true), ("FALSE", false)] {
            if self.eat(word) {
                return Ok(Rule::Always(truth));
            }
        }
        for state in [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData] {
            if self.eat(state.as_str()) {
                return Ok(Rule::Is(state, self.name()?));
            }
        }
        Err(format!("expected ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or ( before \"{}\"", self.rest.trim()))
    }

    fn name(&mut self) -> Result<String, String> {
        if !self.eat("(") {
            return Err(format!("a ( is missing before \"{}\"", self.rest));
        }
        let rest = self.rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (name, after) = match quote {
            Some(quote) => rest[1..].split_once(quote).ok_or("a quote is not closed")?,
            None => rest.split_at(rest.find(|c: char| c == ')' || c.is_whitespace()).unwrap_or(rest.len())),
        };
        self.rest = after;
        if !self.eat(")") {
            return Err(format!("a ) is missing before \"{after}\""));
        }
        // An ARN ends in the alarm's name.
        let name = match name.strip_prefix("arn:") {
            Some(_) => name.splitn(7, ':').nth(6).unwrap_or_default(),
            None => name,
        };
        if name.is_empty() { Err("an alarm has no name".to_owned()) } else { Ok(name.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Result<bool, String> {
        let state = |name: &str| match name {
            "up" | "still up" => Some(AlarmState::Ok),
            "down" => Some(AlarmState::Alarm),
            "dark" => Some(AlarmState::InsufficientData),
            _ => None,
        };
        Rule::parse(text).map(|rule| rule.holds(&state))
    }

    #[test]
    fn rules_and_what_they_come_to() {
        for (text, want) in [
            ("TRUE", true),
            ("FALSE", false),
            ("ALARM(down)", true),
            ("ALARM(\"down\")", true),
            ("ALARM('up')", false),
            ("OK(\"still up\")", true),
            ("INSUFFICIENT_DATA(dark)", true),
            ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:down)", true),
            ("NOT ALARM(down)", false),
            ("NOT NOT ALARM(down)", true),
            ("TRUE OR FALSE AND FALSE", true),
            ("(TRUE OR FALSE) AND FALSE", false),
            ("NOT FALSE AND ALARM(down)", true),
            ("NOT (FALSE OR ALARM(down))", false),
            ("ALARM(up) OR (ALARM(down) AND NOT ALARM(dark))", true),
            ("ALARM(nobody) OR OK(nobody) OR INSUFFICIENT_DATA(nobody)", false),
        ] {
            assert_eq!(holds(text), Ok(want), "{text}");
        }
        let rule = Rule::parse("ALARM(b) AND (OK(a) OR NOT ALARM(b))").unwrap();
        assert_eq!(rule.children(), ["b", "a"]);
    }

    #[test]
    fn what_is_no_rule_is_said() {
        let deep = "NOT ".repeat(500) + "TRUE";
        let deeper = "(".repeat(500);
        for (text, part) in [
            ("", "expected ALARM"),
            ("ALARM", "( is missing"),
            ("ALARM(down", ") is missing"),
            ("ALARM(\"down)", "not closed"),
            ("ALARM()", "no name"),
            ("ALARM(a) OK(b)", "left over"),
            ("ALARM(a) AND", "expected ALARM"),
            ("TRUEISH", "expected ALARM"),
            (deep.as_str(), "deeply"),
            (deeper.as_str(), "deeply"),
        ] {
            let said = holds(text).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
    }
}
