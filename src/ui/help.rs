//! Help: the keys of the keymap in force, those of the place one is in first.

use ratatui::layout::Rect;

use super::format::short_region;
use super::keymap::{Binding, Context};
use super::look::Look;
use super::paint::{Paint, Spans, to_u16};
use super::shown::Shown;
use super::text::width;
use super::theme::Role;

struct Line(Option<(String, String)>, String);

/// Every line of help: a section's title, or keys and what they do; keys of one command are on one line.
fn lines(look: &Look, context: Context, shown: &Shown<'_>) -> Vec<Line> {
    let mut out = Vec::new();
    let mut sections: Vec<_> = Context::ALL.into_iter().collect();
    sections.sort_by_key(|(c, ..)| (*c != context, *c != Context::Replay, *c));
    for (section, _, title) in sections {
        // Held and turned is only what is not live.
        if section == Context::Replay && shown.playback.is_none() {
            continue;
        }
        let of_replay = |b: &Binding| shown.playback.is_some() && b.context == Context::Replay;
        let hidden = |b: &Binding| look.keymap.bindings().iter().any(|r| of_replay(r) && r.on == b.on);
        let keeps = matches!(section, Context::Replay | Context::Input);
        let here = |b: &&Binding| b.context == section && (keeps || !hidden(b));
        let of: Vec<&Binding> = look.keymap.bindings().iter().filter(here).collect();
        if of.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(Line(None, String::new()));
        }
        out.push(Line(None, title.into()));
        let mut seen = Vec::new();
        for binding in &of {
            if seen.contains(&binding.run) {
                continue;
            }
            seen.push(binding.run);
            let keys: Vec<String> = of.iter().filter(|b| b.run == binding.run).map(|b| b.keys()).collect();
            out.push(Line(Some((keys.join(" "), binding.desc.clone())), String::new()));
        }
    }
    out.push(Line(None, String::new()));
    out.push(Line(None, "Signs".into()));
    out.extend(signs(look).map(|(sign, means)| Line(Some((sign, means.into())), String::new())));
    let scopes = shown.model.scopes();
    if !scopes.is_empty() {
        out.push(Line(None, String::new()));
        out.push(Line(None, "Watched".into()));
        out.extend(scopes.into_iter().map(|s| Line(Some((s.account.to_string(), region(&s.region))), String::new())));
    }
    out
}

/// `us-east-1 (use1)`.
fn region(of: &str) -> String {
    let short = short_region(of);
    if short == of { short } else { format!("{of} ({short})") }
}

/// What is drawn in one sign, and what it means.
fn signs(look: &Look) -> impl Iterator<Item = (String, &'static str)> {
    let g = look.glyphs;
    [
        (format!("{} CRIT", g.crit), "Somebody must act"),
        (format!("{} WARN", g.warn), "Somebody should look at it"),
        (format!("{} BLIND", g.blind), "What a rule needs cannot be read"),
        (format!("{} crit?", g.pending), "Over its limit, but not for long enough yet"),
        ("+2".into(), "Stands for 2 more; the header counts them: +2 folded"),
        ("use1 web".into(), "It is in us-east-1, not where most is read"),
        (">5m".into(), "It was so at the first reading: perhaps for longer"),
        ("!".into(), "On the trail: what a security review looks for"),
        (g.mark.into(), "On a graph's time axis: something happened"),
        (g.gap.into(), "No reading"),
    ]
    .into_iter()
    .filter(|(sign, _)| !sign.trim().is_empty())
}

/// How many columns of lines a screen so wide has.
fn columns(width: u16) -> usize {
    if width >= 100 { 2 } else { 1 }
}

/// `lines` in so many columns as a screen so wide has; a section that goes on in the next column says there whose it is.
fn in_columns(mut lines: Vec<Line>, width: u16) -> Vec<Vec<Line>> {
    if columns(width) == 1 {
        return vec![lines];
    }
    let is_key = |l: &Line| l.0.is_some();
    let mut second = lines.split_off(lines.len().div_ceil(2));
    // No title stands alone at the end of a column, and no gap at either.
    while let Some(last) = lines.pop_if(|l| !is_key(l)) {
        second.insert(0, last);
    }
    while second.first().is_some_and(|l| !is_key(l) && l.1.is_empty()) {
        second.remove(0);
    }
    if second.first().is_some_and(is_key)
        && let Some(title) = lines.iter().rev().find(|l| !is_key(l) && !l.1.is_empty())
    {
        second.insert(0, Line(None, format!("{}, more", title.1)));
    }
    vec![lines, second]
}

/// How many lines of help are beyond a screen of `size`.
pub(super) fn lines_beyond(look: &Look, context: Context, shown: &Shown<'_>, size: (u16, u16)) -> usize {
    let lines = lines(look, context, shown);
    let lines = in_columns(lines, size.0).iter().map(Vec::len).max().unwrap_or(0);
    lines.saturating_sub(usize::from(size.1.saturating_sub(3)))
}

/// Draws help over `area`, `scroll` lines down.
pub(super) fn draw(p: &mut Paint<'_>, area: Rect, context: Context, shown: &Shown<'_>, scroll: usize) {
    let lines = lines(p.look(), context, shown);
    let height = usize::from(area.height);
    let columns = in_columns(lines, area.width);
    let beyond = columns.iter().map(Vec::len).max().unwrap_or(0).saturating_sub(height);
    let scroll = scroll.min(beyond);
    let keys_width = columns.iter().flatten().filter_map(|l| l.0.as_ref()).map(|(k, _)| width(k)).max().unwrap_or(0);
    let keys_width = to_u16(keys_width).min(area.width / 3);
    let column_width = area.width / to_u16(columns.len());
    for (column, lines) in columns.into_iter().enumerate() {
        let x = area.x + to_u16(column) * column_width;
        for (line, y) in lines.iter().skip(scroll).zip(area.y..area.bottom()) {
            let room = column_width.saturating_sub(2);
            match &line.0 {
                None => {
                    p.text(x + 1, y, room, &line.1, p.style(Role::Title));
                }
                Some((keys, desc)) => {
                    p.right(x + 1, x + 1 + keys_width, y, keys, p.style(Role::Key));
                    let at = x + 1 + keys_width + 2;
                    let spans = Spans::one(desc.clone(), p.style(Role::Text));
                    p.spans(at, y, (x + 1 + room).saturating_sub(at), &spans);
                }
            }
        }
    }
}
