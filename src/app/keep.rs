//! What is kept over restarts: by the console's keeper, for the check, and with `awswatch silence` and `awswatch history`.

use std::fmt::Write;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::alerts::{Change, Kept, Matcher, Phase, Silence};
use crate::cli::{Format, HistoryArgs, SilenceAdd, SilenceCommand};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::model::Text;
use crate::state::{Heard, Keeper, Limits, Opened, Store};

/// Most changes that `awswatch history` looks through.
const MAX_HISTORY: usize = 100_000;

fn dir() -> anyhow::Result<PathBuf> {
    config::state_dir().ok_or_else(|| anyhow::anyhow!("there is no home directory to keep silences in"))
}

fn limits(config: &Config) -> Limits {
    Limits { age: config.state.keep, rows: usize::try_from(config.state.rows).unwrap_or(usize::MAX) }
}

/// Who decides here: as configured, else `user@host`.
pub(super) fn author(config: &Config) -> Text {
    if let Some(author) = &config.state.author {
        return author.clone();
    }
    let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let user = variable("USER").or_else(|| variable("LOGNAME")).unwrap_or_else(|| "somebody".into());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| variable("HOSTNAME"));
    let host = host.map(|h| h.trim().to_owned()).filter(|h| !h.is_empty()).unwrap_or_else(|| "localhost".into());
    format!("{user}@{host}").into()
}

/// Begins to keep what the console decides.
pub(super) fn keeper(config: &Config, clock: &Clock, say: mpsc::Sender<Heard>) -> anyhow::Result<Keeper> {
    Ok(Keeper::spawn(&dir()?, limits(config), clock.clone(), move |heard| say.blocking_send(heard).is_ok())?)
}

/// What is kept, for one look. Where it cannot be read, that is told, and nothing is silenced.
pub(super) fn known() -> Kept {
    let read = || -> anyhow::Result<Kept> {
        Ok(match Store::open_to_read(&dir()?)? {
            Some(mut store) => store.kept()?,
            None => Kept::default(),
        })
    };
    read().unwrap_or_else(|error| {
        super::complain(&format!("awswatch: warning: silences are not known, so none holds: {error}\n"));
        Kept::default()
    })
}

fn open(config: &Config, now: Timestamp) -> anyhow::Result<Store> {
    let Opened { store, aside } = Store::open(&dir()?, limits(config), now)?;
    if let Some(aside) = aside {
        super::complain(&format!(
            "awswatch: warning: the state was damaged: it is now {}, and a new one begins\n",
            aside.display()
        ));
    }
    Ok(store)
}

/// `awswatch silence`.
pub(super) fn silence(command: &SilenceCommand, config: &Config) -> anyhow::Result<u8> {
    let now = Clock::system().now();
    match command {
        SilenceCommand::Add(args) => {
            let silence = new_silence(args, config, now)?;
            let id = silence.id.clone();
            open(config, now)?.write(&[Change::Silence(silence)], now)?;
            super::put(format!("{id}\n").as_bytes())
        }
        SilenceCommand::List { all, format } => {
            let mut store = open(config, now)?;
            let kept = store.kept()?;
            let listed = kept.silences.iter().filter(|s| *all || now < s.until).collect::<Vec<_>>();
            super::put(list(&listed, format.unwrap_or_default(), config, now).as_bytes())
        }
        SilenceCommand::Expire { id } => {
            let mut store = open(config, now)?;
            let kept = store.kept()?;
            for id in id {
                match kept.silence(id) {
                    None => anyhow::bail!(
                        "there is no silence {}; awswatch silence list shows those in force",
                        Text::new(id)
                    ),
                    Some(silence) if silence.until <= now => anyhow::bail!("silence {} is over already", silence.id),
                    Some(_) => {}
                }
            }
            let changes: Vec<Change> = id.iter().map(|id| Change::Expire { silence: Text::new(id), at: now }).collect();
            store.write(&changes, now)?;
            Ok(0)
        }
    }
}

fn new_silence(args: &SilenceAdd, config: &Config, now: Timestamp) -> anyhow::Result<Silence> {
    let matchers = args.matchers.iter().map(|m| Matcher::parse(m)).collect::<Result<Vec<_>, _>>()?;
    let author = args.author.as_deref().map_or_else(|| author(config), Text::new);
    let until = match (args.until, args.lasts) {
        (Some(until), _) => until,
        (None, lasts) => args.from.unwrap_or(now).checked_add(SignedDuration::try_from(lasts)?)?,
    };
    let silence = Silence::new(matchers, args.from.unwrap_or(now), until, author, Text::new(&args.reason), now);
    silence.check(now)?;
    Ok(silence)
}

fn list(silences: &[&Silence], format: Format, config: &Config, now: Timestamp) -> String {
    if format == Format::Json {
        let json = serde_json::to_string(silences).unwrap_or_else(|_| "[]".into());
        return format!("{json}\n");
    }
    let zone = config.ui.time_zone.get();
    let at = |t: Timestamp| t.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
    let mut rows = vec![["ID", "STATE", "FROM", "UNTIL", "BY", "MATCHERS", "REASON"].map(str::to_owned)];
    for silence in silences {
        let state = match () {
            () if silence.active(now) => "active",
            () if now < silence.from => "pending",
            () => "expired",
        };
        let [id, by, reason] = [&silence.id, &silence.author, &silence.reason].map(ToString::to_string);
        rows.push([id, state.into(), at(silence.from), at(silence.until), by, silence.what(), reason]);
    }
    table(&rows)
}

/// Rows in columns, two spaces apart.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let wide = |i: usize| rows.iter().map(|r| unicode_width::UnicodeWidthStr::width(&*r[i])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(wide).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let pad = width.saturating_sub(unicode_width::UnicodeWidthStr::width(&**cell)) + 2;
            let _ = write!(line, "{cell}{}", " ".repeat(pad));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// `awswatch history`.
pub(super) fn history(args: &HistoryArgs, config: &Config) -> anyhow::Result<u8> {
    let now = Clock::system().now();
    let glob = |given: &Option<String>| -> anyhow::Result<Option<globset::GlobMatcher>> {
        let Some(pattern) = given else { return Ok(None) };
        let glob =
            globset::Glob::new(pattern).map_err(|e| anyhow::anyhow!("`{}`: {}", Text::new(pattern), e.kind()))?;
        Ok(Some(glob.compile_matcher()))
    };
    let (rule, resource) = (glob(&args.rule)?, glob(&args.resource)?);
    let since = args.since.and_then(|d| now.checked_sub(SignedDuration::try_from(d).ok()?).ok());
    let Some(store) = Store::open_to_read(&dir()?)? else { return Ok(0) };
    let takes = |glob: &Option<globset::GlobMatcher>, text: &str| glob.as_ref().is_none_or(|g| g.is_match(text));
    let mut past = store.history(MAX_HISTORY)?;
    past.retain(|p| {
        takes(&rule, &p.alert.rule) && takes(&resource, &p.alert.resource.id) && since.is_none_or(|since| p.at >= since)
    });
    if args.format.unwrap_or_default() == Format::Json {
        let json = serde_json::to_string(&past)?;
        return super::put(format!("{json}\n").as_bytes());
    }
    let zone = config.ui.time_zone.get();
    let mut rows = vec![["TIME", "STATE", "RULE", "RESOURCE", "WHERE", "VALUE", "WHAT"].map(str::to_owned)];
    for p in &past {
        let state = if p.phase == Phase::Resolved { "resolved".to_owned() } else { p.level.word().to_owned() };
        rows.push([
            p.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
            state,
            p.alert.rule.to_string(),
            p.alert.resource.id.to_string(),
            p.alert.resource.scope.to_string(),
            p.value.map_or_else(|| "-".into(), |v| format!("{v}")),
            p.title.to_string(),
        ]);
    }
    super::put(table(&rows).as_bytes())
}
