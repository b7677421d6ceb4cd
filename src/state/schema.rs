//! The tables, and their version.

/// The version that is written here, in the database's `user_version`.
pub(super) const VERSION: i64 = 1;

/// What makes an empty database one of [`VERSION`]. Times are microseconds since 1970, UTC.
pub(super) const CREATE: &str = "
CREATE TABLE silences (
    id TEXT PRIMARY KEY,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    matchers TEXT NOT NULL
) STRICT;
CREATE TABLE acks (
    rule TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    level TEXT NOT NULL,
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (rule, account, region, kind, resource)
) STRICT;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (rule, account, region, kind, resource, made, author, text)
) STRICT;
CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    phase TEXT NOT NULL,
    level TEXT NOT NULL,
    value REAL,
    title TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_alert ON history (rule, account, region, kind, resource, id);
CREATE INDEX history_by_time ON history (at);
";
