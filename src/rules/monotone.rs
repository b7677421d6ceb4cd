//! Whether a number moves one way only with each of some inputs: then what holds at the ends holds between them.
//!
//! What is shown here is no more than it takes to be sure: of an expression of which it is not shown it is said that it
//! may do anything.

use super::expr::Expr;

/// How a value depends on the inputs that move, of which each bit is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By no more than a factor and a summand, for each of them while the others stand.
    Straight(u32),
    /// It only rises, or only falls, with each of them while the others stand, where no divisor passes 0.
    Monotone(u32),
}

impl Way {
    fn inputs(self) -> u32 {
        match self {
            Self::Straight(inputs) | Self::Monotone(inputs) => inputs,
        }
    }
}

impl Expr {
    /// Its divisors that move with the inputs that `moves` gives a bit, if it moves one way with each of these as long as
    /// none of those passes 0. `None` where that is not known.
    pub(super) fn monotone(&self, moves: &impl Fn(usize) -> u32) -> Option<Vec<&Self>> {
        let mut divisors = Vec::new();
        self.way(moves, &mut divisors).map(|_| divisors)
    }

    fn way<'e>(&'e self, moves: &impl Fn(usize) -> u32, divisors: &mut Vec<&'e Self>) -> Option<Way> {
        use Way::{Monotone, Straight};
        match self {
            Self::Number(_) | Self::Period => Some(Straight(0)),
            Self::Input(i) => Some(Straight(moves(*i))),
            Self::Minus(e) => e.way(moves, divisors),
            Self::Pair(a, sign, b) => {
                let (a, divisor, b) = (a.way(moves, divisors)?, b, b.way(moves, divisors)?);
                let (both, apart) = (a.inputs() | b.inputs(), a.inputs() & b.inputs() == 0);
                if *sign == '/' && b.inputs() != 0 {
                    divisors.push(divisor);
                }
                match (sign, a, b) {
                    ('+' | '-', Straight(_), Straight(_)) | ('/', Straight(_), Straight(0)) => Some(Straight(both)),
                    // The product of what moves with other inputs each is still straight in each.
                    ('*', Straight(_), Straight(_)) if apart => Some(Straight(both)),
                    // (a x + b) / (c x + d) has no turning point.
                    ('/', Straight(_), Straight(_)) => Some(Monotone(both)),
                    // What one input moves does not move the rest.
                    _ if apart => Some(Monotone(both)),
                    _ => None,
                }
            }
            // A window holds other periods too.
            Self::Past(_, e, _) => e.way(moves, divisors).filter(|way| way.inputs() == 0),
            Self::Name(_) | Self::Call(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_to_move_one_way_and_what_is_not() {
        // `a` and `b` move, `c` stands.
        for (text, divisors) in [
            ("a", Some(0)),
            ("100 * (a + b) / c", Some(0)),
            ("(a + c) / (a + b + c)", Some(1)),
            ("100 - 100 * a / (b + c)", Some(1)),
            ("a / b + c / 2", Some(1)),
            ("a * b + a", Some(0)),
            ("c / (1 + a / (1 + b))", Some(2)),
            ("a * average(c, 10m)", Some(0)),
            ("a * a - 200 * a", None),
            ("a / b + b", None),
            ("a / (b + c) - a", None),
            ("delta(a, 10m)", None),
        ] {
            let input = |name: &str| Ok::<_, ()>(Expr::Input(usize::from(name.as_bytes()[0] - b'a')));
            let expr = Expr::parse(text).expect("an expression").resolve(&mut { input }).expect("names");
            let found = expr.monotone(&|i| if i < 2 { 1 << i } else { 0 });
            assert_eq!(found.map(|divisors| divisors.len()), divisors, "{text}");
        }
    }
}
