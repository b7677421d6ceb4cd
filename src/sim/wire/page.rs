//! Pages of a list that is computed anew for each call.
//!
//! A token holds the moment of the first call, so that all pages are of one moment; where the page begins; and a
//! fingerprint of the request, so that a token of another request is refused as AWS refuses it.

use jiff::Timestamp;

use super::error::ApiError;
use super::params::Params;

/// Where a page of a list begins, and of which moment the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The moment of the list.
    pub(super) now: Timestamp,
    /// Items before this page.
    pub(super) start: usize,
    /// Most items in it.
    pub(super) size: usize,
    fingerprint: u64,
}

/// How an operation pages.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    /// The member with the token.
    pub(super) token: &'static str,
    /// The member with the size of a page.
    pub(super) size: &'static str,
    /// The size when none is asked for.
    pub(super) default: usize,
    /// The smallest size that is allowed.
    pub(super) least: usize,
    /// The largest.
    pub(super) most: usize,
}

impl Paging {
    /// The page that is asked for.
    pub(super) fn read(self, params: &Params<'_>, now: Timestamp) -> Result<Page, ApiError> {
        let size = match params.int(self.size)? {
            None => self.default,
            Some(n) => usize::try_from(n).ok().filter(|n| (self.least..=self.most).contains(n)).ok_or_else(|| {
                params.invalid(format!(
                    "Value '{n}' at '{}' failed to satisfy constraint: it must be between {} and {}",
                    self.size, self.least, self.most
                ))
            })?,
        };
        let fingerprint = params.fingerprint();
        let token = params.text(self.token)?.filter(|t| !t.is_empty());
        let (now, start) = match token {
            None => (now, 0),
            Some(token) => parse(&token)
                .filter(|&(at, _, print)| print == fingerprint && at <= now)
                .map(|(at, start, _)| (at, start))
                .ok_or_else(|| ApiError::bad_token(params.service()))?,
        };
        Ok(Page { now, start, size, fingerprint })
    }
}

impl Page {
    /// The items of the page, and the token of the next.
    pub(super) fn cut<T>(&self, items: Vec<T>) -> (Vec<T>, Option<String>) {
        let end = self.start.saturating_add(self.size);
        let token = (end < items.len()).then(|| self.token(end));
        (items.into_iter().skip(self.start).take(self.size).collect(), token)
    }

    /// The token of a page that begins at `start`.
    pub(super) fn token(&self, start: usize) -> String {
        format!("{:x}-{start:x}-{:016x}", self.now.as_millisecond(), self.fingerprint)
    }
}

fn parse(token: &str) -> Option<(Timestamp, usize, u64)> {
    let mut parts = token.split('-');
    let now = Timestamp::from_millisecond(i64::from_str_radix(parts.next()?, 16).ok()?).ok()?;
    let start = usize::from_str_radix(parts.next()?, 16).ok()?;
    let fingerprint = u64::from_str_radix(parts.next()?, 16).ok()?;
    parts.next().is_none().then_some((now, start, fingerprint))
}
