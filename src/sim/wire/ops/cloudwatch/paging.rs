//! Pages of `GetMetricData`: so many points, not so many results.

use crate::sim::wire::page::Page;

/// A result before it is paged.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) points: Vec<(i64, f64)>,
}

/// A part of a result on a page.
pub(super) struct Part<'a> {
    pub(super) of: &'a Found,
    pub(super) points: &'a [(i64, f64)],
    /// Whether no more of it follows.
    pub(super) complete: bool,
}

/// The page's parts and the token of the next page.
///
/// A place is a number: each result takes as many as it has points and one more, so that a result without points has
/// a place too.
pub(super) fn parts<'a>(page: &Page, found: &'a [Found]) -> (Vec<Part<'a>>, Option<String>) {
    let (mut before, mut budget, mut parts) = (0, page.size, Vec::new());
    for result in found {
        let (first, end) = (before, before + result.points.len() + 1);
        before = end;
        if end <= page.start {
            continue;
        }
        let rest = &result.points[page.start.saturating_sub(first).min(result.points.len())..];
        if budget == 0 {
            return (parts, Some(page.token(page.start.max(first))));
        }
        let taken = rest.len().min(budget);
        budget -= taken;
        let complete = taken == rest.len();
        parts.push(Part { of: result, points: &rest[..taken], complete });
        if !complete {
            return (parts, Some(page.token(end - 1 - (rest.len() - taken))));
        }
    }
    (parts, None)
}
