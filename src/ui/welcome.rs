//! The first minutes: what was found without any configuration, what may not be read, and what reading costs.
//!
//! It writes nothing: it shows the lines of a configuration file, and copies them when asked to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ratatui::layout::Rect;

use super::facts;
use super::format::{counted, dollars};
use super::paint::{Paint, Spans, to_u16};
use super::shown::Shown;
use super::text::wrap;
use super::theme::Role;
use super::widgets::{Frame, pane};
use crate::model::{ErrorClass, PollerKind, Scope, Text};

/// Most profiles listed.
const PROFILES: usize = 12;

/// What is there to be configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// The profiles of the shared configuration files, with their own regions.
    pub profiles: Vec<(Text, Option<Text>)>,
    /// Where a configuration file would be read from.
    pub file: Text,
}

/// A line, and what it is: a title, or text.
type Line = (String, Role);

/// The scopes that are watched for more than the bill.
fn watched<'a>(shown: &Shown<'a>) -> BTreeSet<&'a Scope> {
    shown.model.pollers().filter(|(s, _)| s.poller != PollerKind::Bill).map(|(s, _)| &s.scope).collect()
}

/// The lines of a configuration file that watch what is watched now.
pub(super) fn snippet(shown: &Shown<'_>) -> String {
    let scopes = watched(shown);
    let of = |name: fn(&Scope) -> &Text| -> Vec<String> {
        let all: BTreeSet<&Text> = scopes.iter().map(|s| name(s)).collect();
        all.into_iter().map(|t| format!("{:?}", t.as_str())).collect()
    };
    // Writing into a String cannot fail.
    let mut out = String::new();
    let profiles = of(|s| &s.account);
    // What the SDK finds by itself has no profile's name.
    if !profiles.is_empty() && profiles != ["\"default\""] {
        let _ = writeln!(out, "profiles = [{}]", profiles.join(", "));
    }
    let _ = writeln!(out, "regions = [{}]", of(|s| &s.region).join(", "));
    out
}

fn lines(shown: &Shown<'_>, setup: &Setup) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut say = |role, text: String| out.push((text, role));
    let scopes = watched(shown);
    say(
        Role::Text,
        "There is no configuration yet: this is what was found without one. Nothing is written here.".into(),
    );
    say(Role::Title, "Profiles and regions".into());
    for scope in &scopes {
        let pollers = || shown.model.pollers().filter(|(s, _)| s.scope == **scope);
        let (all, read) = (pollers().count(), pollers().filter(|(_, r)| r.last_success.is_some()).count());
        let resources = shown.model.resources().filter(|r| r.id.scope == **scope).count();
        let found = counted(resources, "resource");
        say(Role::Accent, format!("  {scope}: watched, {found}, {read} of {all} pollers have read"));
    }
    let names: BTreeSet<&Text> = scopes.iter().map(|s| &s.account).collect();
    let others: Vec<_> = setup.profiles.iter().filter(|(name, _)| !names.contains(name)).collect();
    for (name, region) in others.iter().take(PROFILES) {
        let region = region.as_ref().map_or("no region of its own: name one with -r", Text::as_str);
        say(Role::Text, format!("  {name}: {region} (awswatch -p {name})"));
    }
    if others.len() > PROFILES {
        say(Role::Dim, format!("  and {}", counted(others.len() - PROFILES, "other profile")));
    }
    say(Role::Title, "Permissions".into());
    let mut lacking: BTreeMap<String, usize> = BTreeMap::new();
    let mut waiting = 0;
    for (source, record) in shown.model.pollers() {
        if let Some(lacks) = &record.lacks {
            *lacking.entry(facts::why(source, lacks)).or_default() += 1;
        }
        match &record.error {
            Some(error) if error.class == ErrorClass::Denied => {
                *lacking.entry(facts::why(source, error)).or_default() += 1;
            }
            // Whatever else is wrong stands on the pages; this is about what was never answered.
            _ if record.last_success.is_none() => waiting += 1,
            _ => {}
        }
    }
    for (why, n) in &lacking {
        say(Role::Blind, format!("  {why} ({})", counted(*n, "poller")));
    }
    if !lacking.is_empty() {
        say(Role::Text, "  awswatch iam-policy prints a policy with all that it reads".into());
    }
    if waiting > 0 {
        say(Role::Dim, format!("  not known yet of {}", counted(waiting, "poller")));
    } else if lacking.is_empty() {
        say(Role::Ok, "  everything that was asked for may be read".into());
    }
    say(Role::Title, "Cost".into());
    match shown.cost {
        Some(day) => say(
            Role::Text,
            format!(
                "  reading metrics: {} a day, {} in a month of 30; Describe calls cost nothing. budget.api bounds it.",
                dollars(day),
                dollars(day * 30.0)
            ),
        ),
        None => say(Role::Dim, "  not known yet".into()),
    }
    if shown.unpriced > 0 {
        say(
            Role::Stale,
            format!("  besides, {}: AWS charges for what they analyse", facts::price_unknown(shown.unpriced)),
        );
    }
    say(Role::Title, "To keep this".into());
    let file = if setup.file.is_empty() { "a configuration file" } else { setup.file.as_str() };
    say(Role::Text, format!("  put these lines into {file}; awswatch config template prints all others:"));
    for line in snippet(shown).lines() {
        say(Role::Accent, format!("    {line}"));
    }
    out
}

fn wrapped(shown: &Shown<'_>, setup: &Setup, room: usize) -> Vec<Line> {
    let fold = |(text, role): Line| {
        let indent = text.len() - text.trim_start().len();
        wrap(text.trim_start(), room.saturating_sub(indent).max(1))
            .into_iter()
            .map(move |line| (format!("{}{line}", " ".repeat(indent)), role))
    };
    lines(shown, setup).into_iter().flat_map(fold).collect()
}

/// Where it stands in `body`, and how its frame is.
fn place(body: Rect) -> (Rect, Frame) {
    let boxed = body.width >= 60 && body.height >= 12;
    let width = body.width.min(100);
    let at = Rect { x: body.x + (body.width - width) / 2, width, ..body };
    (at, if boxed { Frame::Boxed } else { Frame::Ruled })
}

fn inside(width: u16, frame: Frame) -> usize {
    usize::from(width.saturating_sub(if frame == Frame::Boxed { 4 } else { 2 })).max(1)
}

/// How many of its lines are beyond a screen of `size`.
pub(super) fn lines_beyond(shown: &Shown<'_>, setup: &Setup, size: (u16, u16)) -> usize {
    let (at, frame) = place(Rect::new(0, 0, size.0, size.1.saturating_sub(3)));
    let room = usize::from(at.height.saturating_sub(frame.rows()));
    wrapped(shown, setup, inside(at.width, frame)).len().saturating_sub(room)
}

/// Draws it over `body`, `scroll` lines down.
pub(super) fn draw(p: &mut Paint<'_>, body: Rect, shown: &Shown<'_>, scroll: usize) {
    let (mut at, frame) = place(body);
    let lines = wrapped(shown, &p.look().setup, inside(at.width, frame));
    at.height = at.height.min(to_u16(lines.len()).saturating_add(frame.rows()));
    p.clear(at);
    let right = Spans::one("y copies the lines, Esc closes", p.style(Role::Dim));
    let inner = pane(p, at, frame, &Spans::one("First minutes", p.style(Role::Title)), &right, true);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    for ((text, role), y) in lines.iter().skip(scroll).zip(inner.y..inner.bottom()) {
        p.text(inner.x, y, inner.width, text, p.style(*role));
    }
}
