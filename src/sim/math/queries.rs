//! Queries that stand on one another.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::eval::{Context, Series, Value, evaluate};
use super::parse::Expr;

/// Expressions that stand on one another are evaluated on the stack.
const DEEPEST: usize = 64;

/// What is known of a query while expressions are evaluated.
enum Known {
    Nothing,
    /// Being evaluated: who asks for it now is in a circle.
    Underway,
    Value(Value),
}

/// The queries of one request or alarm.
pub(in crate::sim) struct Queries<'a> {
    metrics: &'a [(String, Series)],
    expressions: &'a [(&'a str, &'a Expr)],
    window: &'a dyn Fn(u32) -> (i64, i64),
    past: &'a dyn Fn(&str) -> Vec<BTreeMap<i64, f64>>,
    known: RefCell<BTreeMap<&'a str, Known>>,
}

impl<'a> Queries<'a> {
    /// `metrics` and `expressions` with their ids; `window` and `past` as [`Context`] has them.
    pub(in crate::sim) fn new(
        metrics: &'a [(String, Series)],
        expressions: &'a [(&'a str, &'a Expr)],
        window: &'a dyn Fn(u32) -> (i64, i64),
        past: &'a dyn Fn(&str) -> Vec<BTreeMap<i64, f64>>,
    ) -> Self {
        Self { metrics, expressions, window, past, known: RefCell::default() }
    }

    /// What the query `id` comes to, or a sentence on why it has no value; `None` when there is no such query.
    pub(in crate::sim) fn value(&self, id: &str) -> Option<Result<Value, String>> {
        let Some((key, expr)) = self.expressions.iter().find(|(key, _)| *key == id) else {
            return self.metrics.iter().find(|(key, _)| key == id).map(|(_, s)| Ok(Value::Series(s.clone())));
        };
        match self.known.borrow().get(id) {
            Some(Known::Value(value)) => return Some(Ok(value.clone())),
            Some(Known::Underway) => return Some(Err(format!("\"{id}\" depends on itself"))),
            Some(Known::Nothing) | None => {}
        }
        if self.known.borrow().values().filter(|k| matches!(k, Known::Underway)).count() >= DEEPEST {
            return Some(Err(format!("\"{id}\" is reached through more than {DEEPEST} expressions")));
        }
        self.known.borrow_mut().insert(key, Known::Underway);
        let problem = RefCell::new(None);
        let look_up = |other: &str| match self.value(other)? {
            Ok(value) => Some(value),
            Err(why) => {
                problem.borrow_mut().get_or_insert(why);
                None
            }
        };
        let context = Context { look_up: &look_up, metrics: self.metrics, window: self.window, past: self.past };
        let value = evaluate(expr, &context);
        let value = problem.into_inner().map_or(value, Err);
        self.known.borrow_mut().insert(key, value.as_ref().map_or(Known::Nothing, |v| Known::Value(v.clone())));
        Some(value)
    }
}
