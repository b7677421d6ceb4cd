//! Rows of the database as what they stand for, and back. A row that is not understood, because somebody else wrote it,
//! is left out and logged.

use jiff::Timestamp;
use rusqlite::{Connection, Row, Transaction, params};

use super::store::Limits;
use crate::alerts::{Ack, AlertId, Change, Level, Matcher, Note, Past, Phase, Silence};
use crate::model::{Kind, ResourceId, Scope, Text};

type Key = (String, String, String, String, String);

/// An alert's key, as it stands in the first five columns of every table but the silences'.
fn key(id: &AlertId) -> Key {
    let of = &id.resource;
    (
        id.rule.to_string(),
        of.scope.account.to_string(),
        of.scope.region.to_string(),
        of.kind.to_string(),
        of.id.to_string(),
    )
}

fn alert(row: &Row<'_>) -> rusqlite::Result<Option<AlertId>> {
    let text = |i| row.get::<_, String>(i).map(|s| Text::new(&s));
    let (rule, scope) = (text(0)?, Scope { account: text(1)?, region: text(2)? });
    let (kind, id) = (text(3)?, text(4)?);
    Ok(Kind::parse(&kind).map(|kind| AlertId { rule, resource: ResourceId { scope, kind, id } }))
}

pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

fn time(row: &Row<'_>, i: usize) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_microsecond(row.get(i)?).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Warning => "warning",
        Level::Blind => "blind",
        Level::Critical => "critical",
    }
}

fn level(word: &str) -> Option<Level> {
    [Level::Warning, Level::Blind, Level::Critical].into_iter().find(|l| level_word(*l) == word)
}

fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "pending",
        Phase::Firing => "firing",
        Phase::Resolved => "resolved",
    }
}

fn phase(word: &str) -> Option<Phase> {
    [Phase::Pending, Phase::Firing, Phase::Resolved].into_iter().find(|p| phase_word(*p) == word)
}

/// Collects the rows that are understood.
fn understood<T>(
    db: &Connection,
    sql: &str,
    limit: usize,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Vec<T>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([limit], |row| read(row))?;
    let mut out = Vec::new();
    let mut strange = 0;
    for row in rows {
        match row? {
            Some(value) => out.push(value),
            None => strange += 1,
        }
    }
    if strange > 0 {
        tracing::warn!("{strange} rows of the state are not understood, and left out");
    }
    out.reverse();
    Ok(out)
}

/// The newest `limit` silences, oldest first.
pub(super) fn silences(db: &Connection, limit: usize) -> rusqlite::Result<Vec<Silence>> {
    let sql = "SELECT id, starts, ends, made, author, reason, matchers FROM silences ORDER BY made DESC, id LIMIT ?1";
    understood(db, sql, limit, |row| {
        let text = |i| row.get::<_, String>(i).map(|s| Text::new(&s));
        let Ok(matchers) = Matcher::parse_all(&row.get::<_, String>(6)?) else { return Ok(None) };
        let silence = Silence {
            id: text(0)?,
            from: time(row, 1)?,
            until: time(row, 2)?,
            made: time(row, 3)?,
            author: text(4)?,
            reason: text(5)?,
            matchers,
        };
        Ok(Some(silence).filter(|s| !s.matchers.is_empty()))
    })
}

/// The newest `limit` acknowledgements, oldest first.
pub(super) fn acks(db: &Connection, limit: usize) -> rusqlite::Result<Vec<Ack>> {
    let sql = "SELECT rule, account, region, kind, resource, level, made, author, note FROM acks \
               ORDER BY made DESC LIMIT ?1";
    understood(db, sql, limit, |row| {
        let (Some(alert), Some(level)) = (alert(row)?, level(&row.get::<_, String>(5)?)) else { return Ok(None) };
        let text = |i| row.get::<_, String>(i).map(|s| Text::new(&s));
        Ok(Some(Ack { alert, level, at: time(row, 6)?, by: text(7)?, note: text(8)? }))
    })
}

/// The newest `limit` notes, oldest first.
pub(super) fn notes(db: &Connection, limit: usize) -> rusqlite::Result<Vec<Note>> {
    let sql = "SELECT rule, account, region, kind, resource, made, author, text FROM notes ORDER BY id DESC LIMIT ?1";
    understood(db, sql, limit, |row| {
        let Some(alert) = alert(row)? else { return Ok(None) };
        let text = |i| row.get::<_, String>(i).map(|s| Text::new(&s));
        Ok(Some(Note { alert, at: time(row, 5)?, by: text(6)?, text: text(7)? }))
    })
}

/// The newest `limit` changes of alerts, oldest first.
pub(super) fn past(db: &Connection, limit: usize) -> rusqlite::Result<Vec<Past>> {
    let sql = "SELECT rule, account, region, kind, resource, at, since, phase, level, value, title, detail \
               FROM history ORDER BY id DESC LIMIT ?1";
    understood(db, sql, limit, past_row)
}

fn past_row(row: &Row<'_>) -> rusqlite::Result<Option<Past>> {
    let words = (phase(&row.get::<_, String>(7)?), level(&row.get::<_, String>(8)?));
    let (Some(alert), (Some(phase), Some(level))) = (alert(row)?, words) else { return Ok(None) };
    let text = |i| row.get::<_, String>(i).map(|s| Text::new(&s));
    let (at, since) = (time(row, 5)?, time(row, 6)?);
    Ok(Some(Past { alert, at, since, phase, level, value: row.get(9)?, title: text(10)?, detail: text(11)? }))
}

/// The last that is kept of `id`.
fn last(db: &Connection, id: &AlertId) -> rusqlite::Result<Option<Past>> {
    let sql = "SELECT rule, account, region, kind, resource, at, since, phase, level, value, title, detail FROM history \
               WHERE rule = ?1 AND account = ?2 AND region = ?3 AND kind = ?4 AND resource = ?5 ORDER BY id DESC LIMIT 1";
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query(key(id))?;
    match rows.next()? {
        Some(row) => past_row(row),
        None => Ok(None),
    }
}

/// Writes `change`. The same change a second time changes nothing.
pub(super) fn write(db: &Transaction<'_>, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Acknowledge(ack) => {
            let (rule, account, region, kind, resource) = key(&ack.alert);
            db.execute(
                "INSERT INTO acks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                 ON CONFLICT (rule, account, region, kind, resource) DO UPDATE SET level = excluded.level, \
                 made = excluded.made, author = excluded.author, note = excluded.note WHERE excluded.made > made",
                params![
                    rule,
                    account,
                    region,
                    kind,
                    resource,
                    level_word(ack.level),
                    micros(ack.at),
                    ack.by.as_str(),
                    ack.note.as_str()
                ],
            )?;
        }
        Change::Unacknowledge { alert, made } => {
            let (rule, account, region, kind, resource) = key(alert);
            db.execute(
                "DELETE FROM acks WHERE rule = ?1 AND account = ?2 AND region = ?3 AND kind = ?4 AND resource = ?5 \
                 AND made <= ?6",
                params![rule, account, region, kind, resource, micros(*made)],
            )?;
        }
        Change::Silence(silence) => {
            db.execute(
                "INSERT INTO silences VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET \
                 starts = excluded.starts, ends = excluded.ends, author = excluded.author, \
                 reason = excluded.reason, matchers = excluded.matchers",
                params![
                    silence.id.as_str(),
                    micros(silence.from),
                    micros(silence.until),
                    micros(silence.made),
                    silence.author.as_str(),
                    silence.reason.as_str(),
                    silence.what()
                ],
            )?;
        }
        Change::Expire { silence, at } => {
            let params = params![silence.as_str(), micros(*at)];
            db.execute("UPDATE silences SET ends = min(ends, ?2) WHERE id = ?1", params)?;
        }
        Change::Note(note) => {
            let (rule, account, region, kind, resource) = key(&note.alert);
            db.execute(
                "INSERT OR IGNORE INTO notes (rule, account, region, kind, resource, made, author, text) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![rule, account, region, kind, resource, micros(note.at), note.by.as_str(), note.text.as_str()],
            )?;
        }
        Change::Past(past) => {
            // Looked at within the transaction: two consoles see the same change at once.
            if last(db, &past.alert)?.is_some_and(|last| !past.follows(&last)) {
                return Ok(());
            }
            let (rule, account, region, kind, resource) = key(&past.alert);
            db.execute(
                "INSERT INTO history (rule, account, region, kind, resource, at, since, phase, level, value, title, \
                 detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                params![
                    rule,
                    account,
                    region,
                    kind,
                    resource,
                    micros(past.at),
                    micros(past.since),
                    phase_word(past.phase),
                    level_word(past.level),
                    past.value,
                    past.title.as_str(),
                    past.detail.as_str()
                ],
            )?;
        }
    }
    Ok(())
}

/// Lets go what is too old or too much at `now`.
pub(super) fn prune(db: &Transaction<'_>, limits: Limits, now: Timestamp) -> rusqlite::Result<()> {
    let before = micros(now).saturating_sub(i64::try_from(limits.age.as_micros()).unwrap_or(i64::MAX));
    let rows = i64::try_from(limits.rows).unwrap_or(i64::MAX);
    db.execute("DELETE FROM silences WHERE ends < ?1", [before])?;
    db.execute("DELETE FROM acks WHERE made < ?1", [before])?;
    for (table, time) in [("history", "at"), ("notes", "made")] {
        db.execute(&format!("DELETE FROM {table} WHERE {time} < ?1"), [before])?;
        let newest = format!("SELECT id FROM {table} ORDER BY id DESC LIMIT 1 OFFSET ?1");
        db.execute(&format!("DELETE FROM {table} WHERE id <= ({newest})"), [rows])?;
    }
    let newest = "SELECT made FROM silences ORDER BY made DESC LIMIT 1 OFFSET ?1";
    db.execute(&format!("DELETE FROM silences WHERE ends < ?2 AND made <= ({newest})"), [rows, micros(now)])?;
    Ok(())
}
