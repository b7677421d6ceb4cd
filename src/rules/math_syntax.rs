//! Whether a metric-math expression is one that CloudWatch takes, before it is asked: names, brackets, and that it comes to
//! one time series.
//!
//! It is sent as it is written. What is checked follows the user guide's tables of functions and of the types that
//! operators give; what a function's arguments must be in detail, CloudWatch says itself.

use super::resolve::nearest;

/// Longest expression that `GetMetricData` takes, in bytes; also what keeps nesting off the stack.
const MAX_LENGTH: usize = 1024;
/// Deepest nesting of brackets.
const DEEPEST: usize = 32;

/// What an expression comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Number,
    Series,
    /// Several series.
    Array,
}

/// What a function gives.
#[derive(Clone, Copy, Debug)]
enum Gives {
    /// What its first argument is.
    Same,
    /// Of a series a number, of several a series.
    Fold,
    /// Always this.
    Always(Sort),
    /// The most that its arguments are.
    Most,
}

/// Names, fewest and most arguments, and what comes of them.
const FUNCTIONS: &[(&str, usize, usize, Gives)] = &[
    ("ABS", 1, 1, Gives::Same),
    ("AVG", 1, 1, Gives::Fold),
    ("CEIL", 1, 1, Gives::Same),
    ("DATAPOINT_COUNT", 1, 1, Gives::Fold),
    ("DATE", 1, 1, Gives::Always(Sort::Series)),
    ("DAY", 1, 1, Gives::Always(Sort::Series)),
    ("DIFF", 1, 1, Gives::Same),
    ("DIFF_TIME", 1, 1, Gives::Same),
    ("EPOCH", 1, 1, Gives::Always(Sort::Series)),
    ("FILL", 2, 2, Gives::Same),
    ("FIRST", 1, 1, Gives::Always(Sort::Series)),
    ("FLOOR", 1, 1, Gives::Same),
    ("HOUR", 1, 1, Gives::Always(Sort::Series)),
    ("IF", 2, 3, Gives::Most),
    ("LAST", 1, 1, Gives::Always(Sort::Series)),
    ("LOG", 1, 1, Gives::Same),
    ("LOG10", 1, 1, Gives::Same),
    ("MAX", 1, 1, Gives::Fold),
    ("METRICS", 0, 1, Gives::Always(Sort::Array)),
    ("METRIC_COUNT", 1, 1, Gives::Always(Sort::Number)),
    ("MIN", 1, 1, Gives::Fold),
    ("MINUTE", 1, 1, Gives::Always(Sort::Series)),
    ("MONTH", 1, 1, Gives::Always(Sort::Series)),
    ("PERIOD", 1, 1, Gives::Always(Sort::Number)),
    ("RATE", 1, 1, Gives::Same),
    ("REMOVE_EMPTY", 1, 1, Gives::Same),
    ("RUNNING_SUM", 1, 1, Gives::Same),
    ("SLICE", 2, 3, Gives::Always(Sort::Array)),
    ("SORT", 3, 4, Gives::Always(Sort::Array)),
    ("STDDEV", 1, 1, Gives::Fold),
    ("SUM", 1, 1, Gives::Fold),
    ("TIME_SERIES", 1, 1, Gives::Always(Sort::Series)),
    ("YEAR", 1, 1, Gives::Always(Sort::Series)),
];
/// Functions of CloudWatch's that a rule cannot have, and why.
const REFUSED: &[(&str, &str)] = &[
    ("SEARCH", "what it finds, and so what it costs, is not known before"),
    ("ANOMALY_DETECTION_BAND", "a band is no number to compare: the console mirrors alarms that have one"),
    ("INSIGHT_RULE_METRIC", "it is billed otherwise than metrics are"),
    ("DB_PERF_INSIGHTS", "it is billed otherwise than metrics are"),
    ("SERVICE_QUOTA", "it is of a usage metric, which no resource has"),
    ("LAMBDA", "it runs code"),
];
/// Words that `FILL`, `SORT` and the like take, which are no ids.
const WORDS: &[&str] = &["REPEAT", "LINEAR", "ASC", "DESC"];
/// Longer ones first.
const OPERATORS: &[(&str, u8)] = &[
    ("||", 1),
    ("&&", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 4),
    (">=", 4),
    ("<", 4),
    (">", 4),
    ("+", 5),
    ("-", 5),
    ("*", 6),
    ("/", 6),
    ("^", 7),
];

/// Checks that `text` is an expression over `ids` that comes to one time series, and returns the ids that it uses.
///
/// # Errors
///
/// What is wrong, and the nearest right name.
pub(super) fn check<'i>(text: &str, ids: &[&'i str]) -> Result<Vec<&'i str>, String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("is longer than {MAX_LENGTH} characters"));
    }
    let mut reader = Reader { text, at: 0, ids, used: Vec::new(), all: false, depth: 0 };
    let sort = reader.expression(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.unexpected("an operator or the end"));
    }
    match sort {
        Sort::Series => Ok(if reader.all { ids.to_vec() } else { reader.used }),
        Sort::Number => {
            Err("comes to one number, and CloudWatch returns time series only: SUM, AVG and their kin make a \
                             number of one series; of several, as in `SUM([a, b])`, a series"
                .to_owned())
        }
        Sort::Array => Err("comes to several time series: make one of them, such as with SUM, MAX or FIRST".to_owned()),
    }
}

struct Reader<'t, 'i> {
    text: &'t str,
    at: usize,
    ids: &'t [&'i str],
    used: Vec<&'i str>,
    /// Whether it takes all metrics, whatever their ids.
    all: bool,
    depth: usize,
}

impl<'t> Reader<'t, '_> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let is = self.rest().starts_with(token);
        self.at += if is { token.len() } else { 0 };
        is
    }

    fn unexpected(&self, wanted: &str) -> String {
        let column = self.text.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        let found = self.rest().chars().next().map_or("the end".to_owned(), |c| format!("`{c}`"));
        format!("unexpected {found} at column {column}: expected {wanted}")
    }

    fn expression(&mut self, least: u8) -> Result<Sort, String> {
        let mut left = self.value()?;
        loop {
            self.space();
            let Some((token, binds)) = OPERATORS.iter().find(|(t, _)| self.rest().starts_with(t)) else { break };
            if *binds < least {
                break;
            }
            self.at += token.len();
            let right = self.expression(binds + 1)?;
            if (left, right) == (Sort::Array, Sort::Array) {
                return Err(format!("`{token}` stands between two lists of time series: CloudWatch takes one of them"));
            }
            left = left.max(right);
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Sort, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("is nested deeper than {DEEPEST} levels"));
        }
        let sort = self.value_within();
        self.depth -= 1;
        sort
    }

    fn value_within(&mut self) -> Result<Sort, String> {
        if self.eat("-") {
            return self.value();
        }
        if self.eat("(") {
            let sort = self.expression(0)?;
            return if self.eat(")") { Ok(sort) } else { Err(self.unexpected("`)`")) };
        }
        if self.eat("[") {
            let items = self.list("]")?;
            if items.is_empty() || items.contains(&Sort::Number) {
                return Err("a list in `[ ]` holds time series, at least one, and no numbers".to_owned());
            }
            return Ok(Sort::Array);
        }
        self.space();
        let rest = self.rest();
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        if digits > 0 {
            rest[..digits].parse::<f64>().map_err(|_| self.unexpected("a number"))?;
            self.at += digits;
            return Ok(Sort::Number);
        }
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            let Some(length) = rest[1..].find(quote) else { return Err(self.unexpected("a text that is closed")) };
            self.at += length + 2;
            return Ok(Sort::Number);
        }
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.unexpected("a number, an id, a function, `(` or `[`"));
        }
        let word = &rest[..length];
        self.at += length;
        if self.eat("(") { self.call(word) } else { self.id(word) }
    }

    fn id(&mut self, word: &str) -> Result<Sort, String> {
        if WORDS.contains(&word.to_ascii_uppercase().as_str()) {
            return Ok(Sort::Number);
        }
        let Some(known) = self.ids.iter().find(|id| **id == word) else {
            let hint = nearest(word, self.ids.iter().copied()).map(|n| format!("; did you mean `{n}`?"));
            return Err(format!("names `{word}`, and `inputs` has no such metric{}", hint.unwrap_or_default()));
        };
        if !self.used.contains(known) {
            self.used.push(known);
        }
        Ok(Sort::Series)
    }

    fn call(&mut self, word: &str) -> Result<Sort, String> {
        let name = word.to_ascii_uppercase();
        if let Some((_, why)) = REFUSED.iter().find(|(n, _)| *n == name) {
            return Err(format!("`{name}` cannot be had in a rule: {why}"));
        }
        let Some((_, fewest, most, gives)) = FUNCTIONS.iter().find(|(n, ..)| *n == name) else {
            let hint = nearest(&name, FUNCTIONS.iter().map(|(n, ..)| *n)).map(|n| format!("; did you mean `{n}`?"));
            return Err(format!("CloudWatch has no function `{word}`{}", hint.unwrap_or_default()));
        };
        self.all |= name == "METRICS";
        let arguments = self.list(")")?;
        if !(*fewest..=*most).contains(&arguments.len()) {
            let wanted = if fewest == most { most.to_string() } else { format!("{fewest} to {most}") };
            return Err(format!("`{name}` takes {wanted} arguments, and has {}", arguments.len()));
        }
        let first = arguments.first().copied().unwrap_or(Sort::Number);
        Ok(match gives {
            Gives::Same => first,
            Gives::Fold => {
                if first == Sort::Array {
                    Sort::Series
                } else {
                    Sort::Number
                }
            }
            Gives::Always(sort) => *sort,
            Gives::Most => arguments.into_iter().max().unwrap_or(first),
        })
    }

    fn list(&mut self, close: &str) -> Result<Vec<Sort>, String> {
        let mut sorts = Vec::new();
        if self.eat(close) {
            return Ok(sorts);
        }
        loop {
            sorts.push(self.expression(0)?);
            if self.eat(close) {
                return Ok(sorts);
            }
            if !self.eat(",") {
                return Err(self.unexpected(&format!("`,` or `{close}`")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cloudwatch_takes_is_taken_and_what_it_uses_is_known() {
        for (text, used) in [
            ("100 * errors / requests", &["errors", "requests"][..]),
            ("IF(requests > 100, 100 * FILL(errors, 0) / requests, 0)", &["requests", "errors"]),
            ("SUM([errors, requests])", &["errors", "requests"]),
            ("MAX(METRICS())", &["errors", "requests"]),
            ("AVG(METRICS('err'))", &["errors", "requests"]),
            ("FILL(errors, REPEAT) - AVG(errors)", &["errors"]),
            ("-errors ^ 2 + (requests >= 3 && errors != 0)", &["errors", "requests"]),
            ("rate(errors)", &["errors"]),
        ] {
            assert_eq!(check(text, &["errors", "requests"]).as_deref(), Ok(used), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_the_nearest_right_name() {
        let deep = "(".repeat(40);
        for (text, said) in [
            ("", "unexpected the end at column 1"),
            ("errors +", "unexpected the end at column 9"),
            ("errors requests", "unexpected `r` at column 8: expected an operator"),
            ("(errors", "unexpected the end at column 8: expected `)`"),
            ("errors % 2", "unexpected `%` at column 8"),
            ("error / requests", "names `error`, and `inputs` has no such metric; did you mean `errors`?"),
            ("FIL(errors, 0)", "CloudWatch has no function `FIL`; did you mean `FILL`?"),
            ("FILL(errors)", "`FILL` takes 2 arguments, and has 1"),
            ("SUM(errors)", "comes to one number"),
            ("[errors, requests]", "comes to several time series"),
            ("[errors, 3]", "holds time series"),
            ("METRICS() + METRICS()", "stands between two lists"),
            ("SEARCH('{AWS/ELB}', 'Sum')", "`SEARCH` cannot be had in a rule"),
            ("'errors", "a text that is closed"),
            ("1.2.3 * errors", "a number"),
            ("3", "comes to one number"),
            (&deep, "is nested deeper than"),
            (&"errors + ".repeat(200), "is longer than"),
        ] {
            let message = check(text, &["errors", "requests"]).expect_err(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
