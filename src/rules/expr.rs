//! Expressions over signals: `100 * elb_5xx / requests`, `delta(FreeStorageSpace, 1h)`.
//!
//! Numbers, names, `+ - * /`, parentheses, and functions of the past ([`Function`]), nothing else. A name without a
//! value, or a division by zero, makes the whole absent: an unknown is never a number.

use winnow::ascii::{float, multispace0};
use winnow::combinator::{alt, cut_err, delimited, opt, preceded, repeat, separated};
use winnow::error::{ContextError, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::token::{one_of, take_while};

use super::change::Function;
use super::resolve::nearest;
use super::rule::LateData;
use super::{Comparison, Unit};

/// Longest expression taken, in bytes, so that a file cannot nest deeper than the stack.
const MAX_LENGTH: usize = 400;
/// The functions, as they are written.
const FUNCTIONS: [(&str, &str); 6] = [
    ("ago", "ago(x, 1h)"),
    ("yesterday", "yesterday(x)"),
    ("delta", "delta(x, 1h)"),
    ("rate", "rate(x, 5m)"),
    ("average", "average(x, 24h)"),
    ("until", "until(x, 0, 3h)"),
];

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A number.
    Number(f64),
    /// A signal, by its name until resolved.
    Name(String),
    /// A signal, by its place among the inputs.
    Input(usize),
    /// The seconds of a period.
    Period,
    /// The negative of another.
    Minus(Box<Self>),
    /// Two others and the sign between them.
    Pair(Box<Self>, char, Box<Self>),
    /// A function of another's past, and how many seconds it looks back.
    Past(Function, Box<Self>, i64),
    /// A function as written, until it is known to be one.
    Call(String, Box<Self>, Vec<Argument>),
}

/// What a function takes besides a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Argument {
    /// A number.
    Number(f64),
    /// A time, in seconds.
    Time(i64),
}

/// The values that an expression stands on, slot by slot.
pub(super) trait Points {
    /// Input `input` in `slot`.
    fn input(&self, input: usize, slot: i64) -> Option<f64>;
    /// The length of a slot in seconds.
    fn period(&self) -> i64;
}

impl Expr {
    /// Reads `text`; the error says where and what was expected.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        check_length(text)?;
        sum.parse(text).map_err(|e| complaint(&e))?.checked()
    }

    /// Its value in `slot`.
    pub(super) fn value(&self, points: &impl Points, slot: i64) -> Option<f64> {
        let value = match self {
            Self::Number(n) => *n,
            Self::Name(_) | Self::Call(..) => return None,
            Self::Input(i) => points.input(*i, slot)?,
            Self::Period => points.period() as f64,
            Self::Minus(e) => -e.value(points, slot)?,
            Self::Pair(a, sign, b) => pair(*sign, a.value(points, slot)?, b.value(points, slot)?)?,
            Self::Past(function, e, window) => {
                let period = points.period().max(1);
                let slots = (window / period).max(1);
                function.value(slot, slots, period, |s| e.value(points, s))?
            }
        };
        value.is_finite().then_some(value)
    }

    /// What late data does to its value, where `of` says what it does to an input.
    pub(super) fn late_data(&self, of: &impl Fn(usize) -> LateData) -> LateData {
        // By a number that does not move.
        let scaled = |e: &Self, by: Option<f64>| match by {
            Some(by) if by > 0.0 => e.late_data(of),
            Some(by) if by < 0.0 => e.late_data(of).negative(),
            _ => LateData::Either,
        };
        match self {
            Self::Number(_) | Self::Period => LateData::Nothing,
            Self::Input(i) => of(*i),
            Self::Minus(e) => e.late_data(of).negative(),
            Self::Pair(a, '+', b) => a.late_data(of).and(b.late_data(of)),
            Self::Pair(a, '-', b) => a.late_data(of).and(b.late_data(of).negative()),
            Self::Pair(a, '*', b) if a.constant().is_some() => scaled(b, a.constant()),
            Self::Pair(a, _, b) => scaled(a, b.constant()),
            Self::Name(_) | Self::Call(..) | Self::Past(..) => LateData::Either,
        }
    }

    /// Its value, where it names nothing that has one.
    pub(super) fn constant(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Minus(e) => e.constant().map(|n| -n),
            Self::Pair(a, sign, b) => pair(*sign, a.constant()?, b.constant()?),
            _ => None,
        }
    }

    /// How far back it looks, in seconds.
    pub(super) fn looks_back(&self) -> i64 {
        match self {
            Self::Number(_) | Self::Period | Self::Name(_) | Self::Input(_) => 0,
            Self::Minus(e) | Self::Call(_, e, _) => e.looks_back(),
            Self::Pair(a, _, b) => a.looks_back().max(b.looks_back()),
            Self::Past(_, e, window) => e.looks_back() + window,
        }
    }

    /// The shortest window of its functions, in seconds; the longest time there is where it has none.
    pub(super) fn shortest_window(&self) -> i64 {
        match self {
            Self::Number(_) | Self::Period | Self::Name(_) | Self::Input(_) => i64::MAX,
            Self::Minus(e) | Self::Call(_, e, _) => e.shortest_window(),
            Self::Pair(a, _, b) => a.shortest_window().min(b.shortest_window()),
            Self::Past(_, e, window) => e.shortest_window().min(*window),
        }
    }

    /// Whether it is, or holds, a forecast.
    pub(super) fn forecasts(&self) -> bool {
        match self {
            Self::Number(_) | Self::Period | Self::Name(_) | Self::Input(_) => false,
            Self::Minus(e) | Self::Call(_, e, _) => e.forecasts(),
            Self::Pair(a, _, b) => a.forecasts() || b.forecasts(),
            Self::Past(function, e, _) => matches!(function, Function::Until(_)) || e.forecasts(),
        }
    }

    /// Puts `meaning(name)` in the place of every name, or returns the first error.
    pub(super) fn resolve<E>(self, meaning: &mut impl FnMut(&str) -> Result<Self, E>) -> Result<Self, E> {
        Ok(match self {
            Self::Name(name) => meaning(&name)?,
            Self::Minus(e) => Self::Minus(Box::new(e.resolve(meaning)?)),
            Self::Pair(a, sign, b) => Self::Pair(Box::new(a.resolve(meaning)?), sign, Box::new(b.resolve(meaning)?)),
            Self::Past(function, e, window) => Self::Past(function, Box::new(e.resolve(meaning)?), window),
            other => other,
        })
    }

    /// The same with all its calls known to be right.
    fn checked(self) -> Result<Self, String> {
        Ok(match self {
            Self::Minus(e) => Self::Minus(Box::new(e.checked()?)),
            Self::Pair(a, sign, b) => Self::Pair(Box::new(a.checked()?), sign, Box::new(b.checked()?)),
            Self::Call(name, of, arguments) => {
                let of = of.checked()?;
                if of.looks_back() > 0 {
                    return Err(format!("`{name}` is of signals and what is made of them, not of another function"));
                }
                let (function, window) = function(&name, &arguments)?;
                Self::Past(function, Box::new(of), window)
            }
            other => other,
        })
    }
}

fn pair(sign: char, a: f64, b: f64) -> Option<f64> {
    match sign {
        '+' => Some(a + b),
        '-' => Some(a - b),
        '*' => Some(a * b),
        _ => (b != 0.0).then(|| a / b),
    }
}

fn function(name: &str, arguments: &[Argument]) -> Result<(Function, i64), String> {
    let Some((_, written)) = FUNCTIONS.iter().find(|(n, _)| *n == name) else {
        let hint = nearest(name, FUNCTIONS.map(|(n, _)| n)).map(|n| format!("; did you mean `{n}`?"));
        let all = FUNCTIONS.map(|(_, written)| written).join(", ");
        return Err(format!("no function `{name}`{}; there are {all}", hint.unwrap_or_default()));
    };
    match (name, arguments) {
        ("yesterday", []) => Ok((Function::Ago, 86_400)),
        ("ago", [Argument::Time(window)]) => Ok((Function::Ago, *window)),
        ("delta", [Argument::Time(window)]) => Ok((Function::Delta, *window)),
        ("rate", [Argument::Time(window)]) => Ok((Function::Rate, *window)),
        ("average", [Argument::Time(window)]) => Ok((Function::Average, *window)),
        ("until", [Argument::Number(limit), Argument::Time(window)]) => Ok((Function::Until(*limit), *window)),
        _ => Err(format!("`{name}` is written `{written}`")),
    }
}

/// A condition such as `max_size > min_size`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) left: Expr,
    pub(super) comparison: Comparison,
    pub(super) right: Expr,
}

impl Condition {
    /// Reads `text`; the error says where and what was expected.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        check_length(text)?;
        let (left, comparison, right) =
            (sum, cut_err(comparison), cut_err(sum)).parse(text).map_err(|e| complaint(&e))?;
        Ok(Self { left: left.checked()?, comparison, right: right.checked()? })
    }

    /// Whether it holds in `slot`, or `None` where that is unknown.
    pub(super) fn holds(&self, points: &impl Points, slot: i64) -> Option<bool> {
        Some(self.comparison.breaches(self.left.value(points, slot)?, self.right.value(points, slot)?))
    }
}

/// A limit as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limit {
    pub(super) comparison: Comparison,
    pub(super) bound: f64,
    /// The unit behind the number.
    pub(super) unit: Option<Unit>,
    /// Whether the unit was a larger one, such as `h`, and the number was multiplied.
    pub(super) scaled: bool,
}

/// Reads a limit such as `> 100`, `> 80 %`, `< 2 h`.
pub(super) fn limit(text: &str) -> Result<Limit, String> {
    let (comparison, bound, unit) = (comparison, cut_err(bound), opt(unit)).parse(text).map_err(|e| complaint(&e))?;
    let (unit, factor) = unit.map_or((None, 1.0), |(unit, factor)| (Some(unit), factor));
    Ok(Limit { comparison, bound: bound * factor, unit, scaled: factor > 1.0 })
}

/// A unit as `rules list` writes it, and times.
fn unit(i: &mut &str) -> ModalResult<(Unit, f64)> {
    delimited(
        multispace0,
        alt((
            "%".value((Unit::Percent, 1.0)),
            "bytes".value((Unit::Bytes, 1.0)),
            "USD".value((Unit::Dollars, 1.0)),
            "s".value((Unit::Seconds, 1.0)),
            "m".value((Unit::Seconds, 60.0)),
            "h".value((Unit::Seconds, 3600.0)),
            "d".value((Unit::Seconds, 86_400.0)),
        )),
        multispace0,
    )
    .parse_next(i)
}

fn bound(i: &mut &str) -> ModalResult<f64> {
    delimited(multispace0, float, multispace0)
        .verify(|v: &f64| v.is_finite())
        .context(StrContext::Expected(StrContextValue::Description("a number")))
        .parse_next(i)
}

fn check_length(text: &str) -> Result<(), String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("is longer than {MAX_LENGTH} characters"));
    }
    Ok(())
}

fn complaint(e: &winnow::error::ParseError<&str, ContextError>) -> String {
    let column = e.input().get(..e.offset()).map_or(0, |before| before.chars().count()) + 1;
    let expected = e.inner().to_string();
    let found = e.input().get(e.offset()..).and_then(|rest| rest.chars().next());
    let found = found.map_or("the end".to_owned(), |c| format!("`{c}`"));
    if expected.is_empty() {
        format!("unexpected {found} at column {column}")
    } else {
        format!("unexpected {found} at column {column}: {}", expected.replace('\n', ", "))
    }
}

fn comparison(i: &mut &str) -> ModalResult<Comparison> {
    preceded(
        multispace0,
        alt((
            ">=".value(Comparison::AtLeast),
            "<=".value(Comparison::AtMost),
            ">".value(Comparison::Above),
            "<".value(Comparison::Below),
        )),
    )
    .context(StrContext::Expected(StrContextValue::Description("one of > >= < <=")))
    .parse_next(i)
}

fn sum(i: &mut &str) -> ModalResult<Expr> {
    let first = product.parse_next(i)?;
    chain(first, (one_of(['+', '-']), cut_err(product))).parse_next(i)
}

fn product(i: &mut &str) -> ModalResult<Expr> {
    let first = factor.parse_next(i)?;
    chain(first, (one_of(['*', '/']), cut_err(factor))).parse_next(i)
}

fn chain<'i>(
    first: Expr,
    next: impl ModalParser<&'i str, (char, Expr), ContextError>,
) -> impl ModalParser<&'i str, Expr, ContextError> {
    repeat(0.., next)
        .fold(move || first.clone(), |left, (sign, right)| Expr::Pair(Box::new(left), sign, Box::new(right)))
}

fn factor(i: &mut &str) -> ModalResult<Expr> {
    delimited(
        multispace0,
        alt((
            preceded('-', cut_err(factor)).map(|e| Expr::Minus(Box::new(e))),
            delimited('(', cut_err(sum), cut_err(')'.context(StrContext::Expected(StrContextValue::CharLiteral(')'))))),
            call,
            number,
        )),
        multispace0,
    )
    .context(StrContext::Expected(StrContextValue::Description("a number, a signal's name or `(`")))
    .parse_next(i)
}

fn number(i: &mut &str) -> ModalResult<Expr> {
    let digits = take_while(1.., |c: char| c.is_ascii_digit() || c == '.');
    digits.parse_to::<f64>().map(Expr::Number).parse_next(i)
}

fn name<'i>(i: &mut &'i str) -> ModalResult<&'i str> {
    (one_of(|c: char| c.is_ascii_alphabetic()), take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_'))
        .take()
        .parse_next(i)
}

/// A name, or a function and what it takes.
fn call(i: &mut &str) -> ModalResult<Expr> {
    let name = name.parse_next(i)?;
    let open = opt(preceded(multispace0, '(')).parse_next(i)?;
    if open.is_none() {
        return Ok(Expr::Name(name.to_owned()));
    }
    let close = ')'.context(StrContext::Expected(StrContextValue::CharLiteral(')')));
    let (of, arguments, _) = cut_err((
        sum,
        opt(preceded(',', cut_err(separated(1.., argument, ','))))
            .map(|a: Option<Vec<Argument>>| a.unwrap_or_default()),
        close,
    ))
    .parse_next(i)?;
    Ok(Expr::Call(name.to_owned(), Box::new(of), arguments))
}

/// A number, or a time such as `24h`.
fn argument(i: &mut &str) -> ModalResult<Argument> {
    let factor = alt(("s".value(1), "m".value(60), "h".value(3600), "d".value(86_400)));
    let time = (take_while(1..=6, |c: char| c.is_ascii_digit()).parse_to::<i64>(), factor)
        .map(|(n, factor): (i64, i64)| Argument::Time(n * factor));
    let number = float.verify(|v: &f64| v.is_finite()).map(Argument::Number);
    delimited(multispace0, alt((time, number)), multispace0)
        .context(StrContext::Expected(StrContextValue::Description("a time such as 1h, or a number")))
        .parse_next(i)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` and `b` by minute.
    struct Two([Vec<Option<f64>>; 2]);

    impl Points for Two {
        fn input(&self, input: usize, slot: i64) -> Option<f64> {
            *self.0[input].get(usize::try_from(slot).ok()?)?
        }

        fn period(&self) -> i64 {
            60
        }
    }

    fn eval_at(text: &str, a: &[Option<f64>], b: &[Option<f64>]) -> Option<f64> {
        let mut names = |n: &str| Ok::<_, ()>(Expr::Input(usize::from(n != "a")));
        let expr = Expr::parse(text).expect("an expression").resolve(&mut names).expect("names");
        let newest = i64::try_from(a.len()).expect("few") - 1;
        expr.value(&Two([a.to_vec(), b.to_vec()]), newest)
    }

    fn eval(text: &str, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        eval_at(text, &[a], &[b])
    }

    #[test]
    fn values() {
        for (text, expected) in [
            ("1 + 2 * 3", Some(7.0)),
            ("(1 + 2) * 3", Some(9.0)),
            ("10 - 2 - 3", Some(5.0)),
            ("-a + 10", Some(6.0)),
            ("100 * b / a", Some(50.0)),
            ("a / (b - 2)", None),
            ("0.5*a", Some(2.0)),
        ] {
            assert_eq!(eval(text, Some(4.0), Some(2.0)), expected, "{text}");
        }
        assert_eq!(eval("a + b", Some(1.0), None), None, "an absent input makes it absent");
        assert_eq!(eval("1 + 1", None, None), Some(2.0));
    }

    #[test]
    fn functions_of_the_past() {
        let a: Vec<Option<f64>> = (0..1441).map(|i| Some(f64::from(i))).collect();
        let b = vec![Some(2.0); 1441];
        for (text, expected) in [
            ("yesterday(a)", Some(0.0)),
            ("ago(a, 1h)", Some(1380.0)),
            ("delta(a * b, 10m)", Some(20.0)),
            ("60 * rate( a , 5m )", Some(1.0)),
            ("average(a, 2m)", Some(1438.5)),
            ("until(a, 1500, 30m)", Some(3600.0)),
            ("until(-a, -1500, 30m)", Some(3600.0)),
            ("100 * a / yesterday(a)", None),
            ("100 * a / yesterday(b)", Some(72_000.0)),
            ("ago(a, 2d)", None),
        ] {
            let value = eval_at(text, &a, &b);
            assert!(value.is_some() == expected.is_some(), "{text} {value:?}");
            assert!(value.zip(expected).is_none_or(|(v, e)| (v - e).abs() < 1e-6), "{text} {value:?}");
        }
        let looks_back = |t: &str| Expr::parse(t).expect("right").looks_back();
        assert_eq!((looks_back("a + 1"), looks_back("100 * a / yesterday(a) - delta(b, 2h)")), (0, 86_400));
    }

    #[test]
    fn wrong_functions_are_told_with_the_right_one() {
        for (text, said) in [
            ("dleta(a, 1h)", "no function `dleta`; did you mean `delta`?"),
            ("delta(a)", "`delta` is written `delta(x, 1h)`"),
            ("yesterday(a, 1h)", "`yesterday` is written `yesterday(x)`"),
            ("until(a, 3h)", "`until` is written `until(x, 0, 3h)`"),
            ("rate(delta(a, 1h), 1h)", "not of another function"),
            ("delta(a, 1 parsec)", "unexpected"),
            ("delta(a, )", "a time such as 1h, or a number"),
            ("delta(a, 1h", "unexpected the end at column 12"),
        ] {
            let message = Expr::parse(text).expect_err(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, column) in [("1 +", "column 4"), ("(a", "column 3"), ("a $ b", "column 3"), ("", "column 1")] {
            let message = Expr::parse(text).expect_err(text);
            assert!(message.contains(column), "{text}: {message}");
        }
        assert!(Expr::parse(&"(".repeat(10_000)).is_err());
        assert!(Expr::parse(&"-".repeat(399)).is_err());
        assert!(Expr::parse(&"a(".repeat(199)).is_err());
    }

    #[test]
    fn limits_and_conditions() {
        let limit_of = |t: &str| limit(t).map(|l| (l.comparison, l.bound, l.unit));
        assert_eq!(limit_of("> 100"), Ok((Comparison::Above, 100.0, None)));
        assert_eq!(limit_of("<=0.5 "), Ok((Comparison::AtMost, 0.5, None)));
        assert_eq!(limit_of("> 80 %"), Ok((Comparison::Above, 80.0, Some(Unit::Percent))));
        assert_eq!(limit_of("> 80%"), Ok((Comparison::Above, 80.0, Some(Unit::Percent))));
        assert_eq!(limit_of("< 2 h"), Ok((Comparison::Below, 7200.0, Some(Unit::Seconds))));
        assert_eq!(limit_of(">= 5 USD"), Ok((Comparison::AtLeast, 5.0, Some(Unit::Dollars))));
        assert!(limit("100").expect_err("no sign").contains("one of > >= < <="));
        assert!(limit("> x").is_err() && limit("> nan").is_err() && limit("> 1e999").is_err());
        assert!(limit("> 5 parsecs").is_err());
        let c = Condition::parse("2 > 1").expect("a condition");
        assert_eq!(c.holds(&Two([Vec::new(), Vec::new()]), 0), Some(true));
        assert!(Condition::parse("a").is_err());
    }
}
