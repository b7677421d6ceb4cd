//! Text to an expression.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) enum Expr {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(String),
    /// The id of another query, or a word of a function such as `REPEAT`.
    Id(String),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `-a`.
    Negative(Box<Expr>),
    /// `a + b`.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `SUM(a)`; the name in upper case.
    Call(String, Vec<Expr>),
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// Longest first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator, u8); 15] = [
    ("||", Operator::Or, 1),
    ("OR", Operator::Or, 1),
    ("&&", Operator::And, 2),
    ("AND", Operator::And, 2),
    ("==", Operator::Equal, 3),
    ("!=", Operator::NotEqual, 3),
    ("<=", Operator::LessOrEqual, 4),
    (">=", Operator::GreaterOrEqual, 4),
    ("<", Operator::Less, 4),
    (">", Operator::Greater, 4),
    ("+", Operator::Add, 5),
    ("-", Operator::Subtract, 5),
    ("*", Operator::Multiply, 6),
    ("/", Operator::Divide, 6),
    ("^", Operator::Power, 8),
];
const NEGATIVE: u8 = 7;
/// AWS allows 1,024 characters; deeper than this is not an expression but an attack on the stack.
const DEEPEST: usize = 64;
const LONGEST: usize = 2048;

/// Reads all of `text`; the error is a sentence.
pub(in crate::sim) fn parse(text: &str) -> Result<Expr, String> {
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} characters"));
    }
    let mut parser = Parser { rest: text, depth: 0 };
    let expr = parser.expression(0)?;
    if parser.peek().is_empty() { Ok(expr) } else { Err(format!("\"{}\" is left over", parser.rest)) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.peek().strip_prefix(token);
        if let Some(rest) = found {
            self.rest = rest;
        }
        found.is_some()
    }

    fn must(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected \"{token}\" before \"{}\"", self.rest)) }
    }

    fn operator(&mut self) -> Option<(&'static str, Operator, u8)> {
        let rest = self.peek();
        OPERATORS.into_iter().find(|(token, ..)| {
            let word = token.starts_with(|c: char| c.is_ascii_alphabetic());
            rest.strip_prefix(token).is_some_and(|after| !word || !after.starts_with(is_word))
        })
    }

    fn expression(&mut self, least: u8) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut left = self.operand()?;
        while let Some((token, operator, power)) = self.operator() {
            if power < least {
                break;
            }
            self.must(token)?;
            let right = self.expression(power + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, String> {
        if self.eat("-") {
            return Ok(Expr::Negative(Box::new(self.expression(NEGATIVE)?)));
        }
        if self.eat("(") {
            let inner = self.expression(0)?;
            self.must(")")?;
            return Ok(inner);
        }
        if self.eat("[") {
            return Ok(Expr::Array(self.arguments("]")?));
        }
        for quote in ["'", "\""] {
            if self.eat(quote) {
                let (text, rest) = self.rest.split_once(quote).ok_or_else(|| format!("a {quote} is not closed"))?;
                self.rest = rest;
                return Ok(Expr::Text(text.to_owned()));
            }
        }
        let rest = self.peek();
        if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return self.number();
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(if rest.is_empty() {
                "it ends where a value must follow".to_owned()
            } else {
                format!("expected a value before \"{rest}\"")
            });
        }
        let (word, after) = rest.split_at(end);
        self.rest = after;
        if self.eat("(") {
            return Ok(Expr::Call(word.to_ascii_uppercase(), self.arguments(")")?));
        }
        Ok(Expr::Id(word.to_owned()))
    }

    fn number(&mut self) -> Result<Expr, String> {
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() {
            let exponent = matches!(bytes[end], b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E');
            let follows = bytes.get(end + 1).is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'));
            let opens = matches!(bytes[end], b'e' | b'E') && follows;
            if !(bytes[end].is_ascii_digit() || bytes[end] == b'.' || exponent || opens) {
                break;
            }
            end += 1;
        }
        let (digits, after) = self.rest.split_at(end);
        self.rest = after;
        digits.parse().map(Expr::Number).map_err(|_| format!("\"{digits}\" is not a number"))
    }

    fn arguments(&mut self, close: &str) -> Result<Vec<Expr>, String> {
        let mut arguments = Vec::new();
        if self.eat(close) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if self.eat(close) {
                return Ok(arguments);
            }
            self.must(",")?;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Expr {
    /// The ids that it names, words of functions included.
    pub(in crate::sim) fn ids(&self, into: &mut Vec<String>) {
        match self {
            Self::Id(id) => into.push(id.clone()),
            Self::Number(_) | Self::Text(_) => {}
            Self::Negative(inner) => inner.ids(into),
            Self::Array(items) | Self::Call(_, items) => items.iter().for_each(|i| i.ids(into)),
            Self::Binary(_, left, right) => {
                left.ids(into);
                right.ids(into);
            }
        }
    }
}
