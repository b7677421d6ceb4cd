//! Expressions over signals: `100 * elb_5xx / requests`.
//!
//! Numbers, names, `+ - * /` and parentheses, nothing else. A name without a value, or a division by zero, makes the
//! whole absent: an unknown is never a number.

use winnow::ascii::{float, multispace0};
use winnow::combinator::{alt, cut_err, delimited, preceded, repeat};
use winnow::error::{ContextError, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::token::{one_of, take_while};

use super::Comparison;

/// Longest expression taken, in bytes, so that a file cannot nest deeper than the stack.
const MAX_LENGTH: usize = 400;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A number.
    Number(f64),
    /// A signal, by its name until resolved.
    Name(String),
    /// A signal, by its place among the inputs.
    Input(usize),
    /// The negative of another.
    Minus(Box<Self>),
    /// Two others and the sign between them.
    Pair(Box<Self>, char, Box<Self>),
}

impl Expr {
    /// Reads `text`; the error says where and what was expected.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        check_length(text)?;
        sum.parse(text).map_err(|e| complaint(&e))
    }

    /// Its value where input `i` is `values[i]`.
    pub(super) fn value(&self, values: &[Option<f64>]) -> Option<f64> {
        let value = match self {
            Self::Number(n) => *n,
            Self::Name(_) => return None,
            Self::Input(i) => (*values.get(*i)?)?,
            Self::Minus(e) => -e.value(values)?,
            Self::Pair(a, sign, b) => {
                let (a, b) = (a.value(values)?, b.value(values)?);
                match sign {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ if b == 0.0 => return None,
                    _ => a / b,
                }
            }
        };
        value.is_finite().then_some(value)
    }

    /// Puts `input(name)` in the place of every name, or returns the first error.
    pub(super) fn resolve<E>(self, input: &mut impl FnMut(&str) -> Result<usize, E>) -> Result<Self, E> {
        Ok(match self {
            Self::Name(name) => Self::Input(input(&name)?),
            Self::Minus(e) => Self::Minus(Box::new(e.resolve(input)?)),
            Self::Pair(a, sign, b) => Self::Pair(Box::new(a.resolve(input)?), sign, Box::new(b.resolve(input)?)),
            other => other,
        })
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
        Ok(Self { left, comparison, right })
    }

    /// Whether it holds, or `None` where that is unknown.
    pub(super) fn holds(&self, values: &[Option<f64>]) -> Option<bool> {
        Some(self.comparison.breaches(self.left.value(values)?, self.right.value(values)?))
    }
}

/// Reads a limit such as `> 100`.
pub(super) fn limit(text: &str) -> Result<(Comparison, f64), String> {
    (comparison, cut_err(bound)).parse(text).map_err(|e| complaint(&e))
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
            name,
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

fn name(i: &mut &str) -> ModalResult<Expr> {
    (one_of(|c: char| c.is_ascii_alphabetic()), take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_'))
        .take()
        .map(|s: &str| Expr::Name(s.to_owned()))
        .parse_next(i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(text: &str, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        let mut names = |n: &str| if n == "a" { Ok(0) } else { Ok::<_, ()>(1) };
        Expr::parse(text).expect("an expression").resolve(&mut names).expect("names").value(&[a, b])
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
    fn mistakes_are_pointed_at() {
        for (text, column) in [("1 +", "column 4"), ("(a", "column 3"), ("a $ b", "column 3"), ("", "column 1")] {
            let message = Expr::parse(text).expect_err(text);
            assert!(message.contains(column), "{text}: {message}");
        }
        assert!(Expr::parse(&"(".repeat(10_000)).is_err());
        assert!(Expr::parse(&"-".repeat(399)).is_err());
    }

    #[test]
    fn limits_and_conditions() {
        assert_eq!(limit("> 100"), Ok((Comparison::Above, 100.0)));
        assert_eq!(limit("<=0.5 "), Ok((Comparison::AtMost, 0.5)));
        assert!(limit("100").expect_err("no sign").contains("one of > >= < <="));
        assert!(limit("> x").is_err() && limit("> nan").is_err() && limit("> 1e999").is_err());
        let c = Condition::parse("2 > 1").expect("a condition");
        assert_eq!(c.holds(&[]), Some(true));
        assert!(Condition::parse("a").is_err());
    }
}
