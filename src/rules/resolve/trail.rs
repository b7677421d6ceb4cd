//! Trail patterns: which events of CloudTrail count.

use jiff::SignedDuration;

use super::super::rule::TrailPattern;
use super::super::tree::Table;
use super::Resolver;
use crate::model::Kind;

const TRAIL_KEYS: &[&str] =
    &["event", "source", "user", "user_type", "error", "mfa", "failed", "read_only", "by_service", "within", "window"];

impl Resolver<'_> {
    pub(super) fn trail(&mut self, keys: &Table) -> Option<(TrailPattern, Option<SignedDuration>)> {
        let table = self.table(keys, "trail")?;
        self.only(table, "trail", TRAIL_KEYS);
        if table.keys().all(|k| matches!(k.as_str(), "window" | "within")) {
            self.wrong(
                &keys["trail"].place,
                "trail",
                "must say which events count, such as `event = [\"StopLogging\"]`",
            );
        }
        if self.kinds.iter().any(|k| *k != Kind::Trail) {
            self.wrong(&keys["trail"].place, "trail", "is for `kind = \"trail\"` only");
        }
        let read_only = self.flag(table, "trail", "read_only");
        if read_only == Some(true) {
            let message = "cannot be true: only writes are looked up in CloudTrail, so that it would never fire";
            self.wrong(&table["read_only"].place, "trail.read_only", message);
        }
        let pattern = TrailPattern {
            events: self.globs(table, "trail", "event"),
            sources: self.globs(table, "trail", "source"),
            users: self.globs(table, "trail", "user"),
            errors: self.globs(table, "trail", "error"),
            user_type: self.text(table, "trail", "user_type"),
            mfa: self.flag(table, "trail", "mfa"),
            failed: self.flag(table, "trail", "failed"),
            read_only,
            by_service: self.flag(table, "trail", "by_service"),
            within: self.duration(table, "trail", "within"),
        };
        Some((pattern, self.duration(table, "trail", "window")))
    }
}
