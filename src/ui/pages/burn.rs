//! What runs now, in dollars an hour: a line for each account under its bill.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use ratatui::layout::Rect;

use crate::model::{Burn, ErrorClass, PollerKind, Text};
use crate::ui::facts;
use crate::ui::format::{counted, dollars, short_duration};
use crate::ui::paint::{Paint, Spans, to_u16};
use crate::ui::shown::Shown;
use crate::ui::theme::Role;

/// Most accounts that have a line.
const ACCOUNTS: usize = 4;
/// A rise by this share of the baseline is shown as one.
const RISEN: f64 = 0.2;

/// The accounts whose prices are read.
fn accounts<'a>(shown: &Shown<'a>) -> BTreeSet<&'a Text> {
    let sources = shown.model.pollers().filter(|(s, _)| s.poller == PollerKind::Prices);
    sources.map(|(s, _)| &s.scope.account).collect()
}

/// How many lines there are to draw: one an account, and one that says what they are.
pub(super) fn lines(shown: &Shown<'_>) -> u16 {
    match accounts(shown).len() {
        0 => 0,
        n => to_u16(n.min(ACCOUNTS)) + 1,
    }
}

/// `$14.20/h`.
pub(in crate::ui) fn per_hour(v: f64) -> String {
    format!("{}/h", dollars(v))
}

/// Draws the lines at the top of `area` and returns what is left of it.
pub(super) fn draw(p: &mut Paint<'_>, shown: &Shown<'_>, area: Rect) -> Rect {
    let accounts = accounts(shown);
    let many = accounts.len() > 1;
    let mut y = area.y;
    let mut note = None;
    for account in accounts.into_iter().take(ACCOUNTS) {
        if y >= area.bottom() {
            break;
        }
        let mut line = if many { Spans::one(format!("{account} "), p.style(Role::Dim)) } else { Spans::default() };
        let burn = shown.model.burn(account);
        for (text, role) in words(shown, account, burn) {
            // What does not fit whole is left out whole: a cut figure would be another figure.
            let style = p.style(role);
            let fits = line.width() + crate::ui::text::width(&text) <= usize::from(area.width);
            if fits || line.width() == 0 {
                line.push(text, style);
            }
        }
        p.spans(area.x, y, area.width, &line);
        note = note.or(burn.filter(|b| b.is_whole()).map(basis));
        y += 1;
    }
    if y > area.y && y < area.bottom() {
        let basis = note.flatten().map_or_else(String::new, |b| format!("; {b}"));
        p.text(area.x, y, area.width, &format!("list price, no discounts{basis}"), p.style(Role::Dim));
        y += 1;
    }
    Rect { y, height: area.bottom() - y, ..area }
}

/// What the baseline is, where there is one.
fn basis(burn: &Burn) -> Option<String> {
    let baseline = burn.baseline?;
    Some(match baseline.since {
        None => "baseline: an hour ago, by launch times".to_owned(),
        Some(_) => "baseline: mean of the hours watched, at most 24".to_owned(),
    })
}

/// What is said of `account`, the most important first.
fn words(shown: &Shown<'_>, account: &Text, burn: Option<&Burn>) -> Vec<(String, Role)> {
    if let Some((error, role)) = withheld(shown, account) {
        return vec![("now ".into(), Role::Dim), (error, role)];
    }
    let Some(burn) = burn else { return vec![("now: reading what runs and the price list".into(), Role::Dim)] };
    let mut out = vec![("now ".to_owned(), Role::Dim)];
    if burn.is_whole() {
        let over = burn
            .baseline
            .filter(|b| b.dollars_per_hour > 0.0)
            .map(|b| burn.dollars_per_hour / b.dollars_per_hour - 1.0);
        let risen = over.is_some_and(|share| share > RISEN);
        let least = if burn.unpriced > 0 { "at least " } else { "" };
        let role = if risen { Role::Warn } else { Role::Title };
        out.push((format!("{least}{}", per_hour(burn.dollars_per_hour)), role));
        if let Some(baseline) = burn.baseline {
            let span = baseline.since.map_or_else(String::new, |since| {
                let watched = shown.now.duration_since(since).min(SignedDuration::from_hours(24));
                format!(" over {}", short_duration(watched))
            });
            out.push((format!(", baseline{span} {}", per_hour(baseline.dollars_per_hour)), Role::Text));
            if let Some(share) = over {
                out.push((format!(" ({:+.0} %)", 100.0 * share), if risen { Role::Warn } else { Role::Dim }));
            }
        }
    } else {
        // Partial says partial: the least that it can be, and what lacks.
        let mut lacks = Vec::new();
        if burn.waiting > 0 {
            lacks.push(format!("{} not priced yet", counted(burn.waiting as usize, "instance")));
        }
        if !burn.unread.is_empty() {
            let regions: Vec<&str> = burn.unread.iter().map(Text::as_str).collect();
            lacks.push(format!("{} not read", regions.join(", ")));
        }
        if burn.dollars_per_hour > 0.0 {
            out.push((format!("at least {}", per_hour(burn.dollars_per_hour)), Role::Stale));
            out.push((format!(": {}", lacks.join("; ")), Role::Stale));
        } else {
            out.push((format!("not known: {}", lacks.join("; ")), Role::Stale));
        }
    }
    if let Some(recent) = burn.recent.first() {
        let age = short_duration(shown.now.duration_since(recent.since));
        out.push((format!("  {} {}, {age}", recent.count, recent.instance_type), Role::Text));
    }
    if burn.unpriced > 0 {
        out.push((format!("  {} without a list price", counted(burn.unpriced as usize, "instance")), Role::Stale));
    }
    out
}

/// Why prices cannot be read, where nothing but a failure is known of them.
fn withheld(shown: &Shown<'_>, account: &Text) -> Option<(String, Role)> {
    let mut all = shown.model.pollers().filter(|(s, _)| s.poller == PollerKind::Prices && s.scope.account == *account);
    let error = all.find_map(|(_, r)| r.error.as_ref())?;
    if error.class != ErrorClass::Denied && shown.model.burn(account).is_some_and(Burn::is_whole) {
        return None;
    }
    let needs = error.message.split(" (").next().unwrap_or_default();
    let why = match error.class {
        ErrorClass::Denied if !needs.is_empty() => format!("not known: {needs}"),
        class => format!("not known: {class}"),
    };
    Some((why, facts::error_role(error.class)))
}
