//! The lists: each as a pane of the overview and as a page of its own.

mod alarms;
mod alerts;
mod arrange;
mod balancers;
mod bill;
mod burn;
mod choice;
mod events;
mod instances;
mod metrics;
mod overview;
mod pollers;
mod scaling;
mod tree;
mod why;

use ratatui::layout::Rect;

pub(super) use alarms::spread;
pub(super) use alerts::{age, cloudwatch, level_spans, limit_of, value_of};
pub(super) use balancers::{health_of, short_zone, zone_of, zones};
pub(super) use bill::{bill_of, over};
pub(super) use burn::per_hour;
pub use choice::{columns, extra_columns};
pub(super) use events::{event_line, transition_line};
pub(super) use metrics::with_next_stat;
pub(super) use overview::overview;
pub(super) use tree::{head as branch_head, sign as fault_sign};
pub(super) use why::reason;

use self::choice::Choice;
use super::facts::{self, Standing};
use super::format::{counted, short_region};
use super::heat;
use super::hits::Target;
use super::links;
use super::paint::{Paint, Spans};
use super::rows::{Rows, scope_of, sorts};
use super::shown::Shown;
use super::step::pollers as pollers_of;
use super::text::{cut, wrap};
use super::theme::Role;
use super::view::{Item, Listing, ViewState, place};
use super::widgets::{Column, Frame, Table, in_view, pane, table};
use crate::alerts::AlertId;
use crate::model::{Freshness, Kind, ResourceId};

/// Where a list is drawn, and how.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) area: Rect,
    pub(super) frame: Frame,
    /// Whether it has the keys.
    pub(super) focused: bool,
    /// Whether it is a page rather than a pane.
    pub(super) full: bool,
}

/// What lists are drawn from.
#[derive(Clone, Copy)]
pub(super) struct Ctx<'c> {
    pub(super) shown: &'c Shown<'c>,
    pub(super) view: &'c ViewState,
}

/// Draws `list` into its place.
pub(super) fn list(p: &mut Paint<'_>, ctx: Ctx<'_>, list: Listing, at: Place) {
    p.hit(at.area, Target::Pane(list));
    match list {
        Listing::Alerts => alerts::draw(p, ctx, at),
        Listing::Balancers => balancers::draw(p, ctx, at),
        Listing::Scaling => scaling::draw(p, ctx, at),
        Listing::Instances => instances::draw(p, ctx, at),
        Listing::Trail => events::trail(p, ctx, at),
        Listing::Timeline => events::timeline(p, ctx, at),
        Listing::Bill => bill::draw(p, ctx, at),
        Listing::Alarms => alarms::draw(p, ctx, at),
        Listing::Metrics => metrics::draw(p, ctx, at),
        Listing::Pinned => metrics::pinned(p, ctx, at),
        Listing::Pollers => pollers::draw(p, ctx, at),
    }
}

/// How a list is drawn, apart from its rows.
struct Form<'f> {
    list: Listing,
    columns: &'f [Column<'static>],
    /// What stands at the title's right; the age of what is shown where it is `None`.
    right: Option<Spans>,
    /// What there is none of, when there is none: `load balancers`.
    what: &'f str,
    /// Rows left free under the list.
    under: u16,
    /// The cells of a target or an instance in a tree, listed under the first.
    member: Option<&'f MemberRow<'f>>,
}

/// Makes the cells of what is listed under a resource.
type MemberRow<'f> = dyn Fn(&Paint<'_>, &ResourceId, &Item) -> Vec<Spans> + 'f;

/// Draws the frame, the rows or why there are none. Returns the rows left free under the list.
fn rows_in(
    p: &mut Paint<'_>,
    ctx: Ctx<'_>,
    at: Place,
    form: &Form<'_>,
    row: impl Fn(&Paint<'_>, &Item) -> Vec<Spans>,
) -> Rect {
    let rows = ctx.view.rows(ctx.shown, form.list);
    let state = ctx.view.list(form.list);
    let order = sorts(form.list)[state.sort % sorts(form.list).len()];
    let standing = facts::standing(ctx.shown, pollers_of(form.list));
    let heading = heading(p, ctx, at, form, &rows, &standing);
    let notes = notes(p, ctx.shown, &standing);
    if rows.items.is_empty() {
        let (title, right) = heading.fitted(at.area.width, Spans::default());
        let inner = pane(p, at.area, at.frame, &title, &right, at.focused);
        let room = usize::from(inner.width);
        let lines: Vec<_> = empty(p, ctx, form, &standing, rows.total)
            .into_iter()
            .flat_map(|(text, style)| wrap(&text, room).into_iter().map(move |line| (line, style)))
            .collect();
        super::widgets::lines(p, inner, &lines);
        let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(inner.height);
        return Rect { y: inner.y + used, height: inner.height - used, ..inner };
    }
    if heat::is_on(ctx.view, form.list) {
        let (title, right) = heading.fitted(at.area.width, Spans::default());
        let inner = pane(p, at.area, at.frame, &title, &right, at.focused);
        let below = heat::notes(ctx.shown).min(inner.height / 3);
        let index = place(&rows.items, &state);
        heat::draw(p, Rect { height: inner.height - below, ..inner }, ctx.shown, &rows, index);
        super::widgets::lines(p, Rect { y: inner.bottom() - below, height: below, ..inner }, &notes);
        return Rect { y: inner.bottom(), height: 0, ..inner };
    }
    let inside = at.area.height.saturating_sub(at.frame.rows());
    let wanted = u16::try_from(note_count(p, ctx.shown, form.list)).unwrap_or(0);
    let note_rows = if inside >= 3 { wanted.min((inside / 3).max(1)) } else { 0 };
    let under = form.under.min(inside.saturating_sub(note_rows) / 2);
    let height = inside - note_rows - under;
    let index = place(&rows.items, &state);
    let spare = rows.items.len() < usize::from(height) && at.frame == Frame::Boxed;
    let heads = at.full || spare && form.list != Listing::Alerts;
    let in_view = in_view(heads, height, index, rows.items.len());
    let scrolled = in_view.len() < rows.items.len();
    let range = format!("{}-{} of {}", in_view.start + 1, in_view.end, rows.items.len());
    // Without a lower edge there is one place for it.
    let in_heading = scrolled && at.frame == Frame::Ruled && !in_view.is_empty();
    let before = if in_heading { Spans::one(format!("{range}  "), p.style(Role::Accent)) } else { Spans::default() };
    let (title, right) = heading.fitted(at.area.width, before);
    let inner = pane(p, at.area, at.frame, &title, &right, at.focused);
    let room = Rect { height: height.min(inner.height), ..inner };
    let one_scope = rows.scope.is_some() && rows.scope.as_ref() == facts::home(ctx.shown);
    let look = p.look();
    let mut choice = Choice::of(look, form.list, at.full, form.columns, one_scope);
    if let Some(first) = choice.columns.first_mut().filter(|_| !rows.tree.is_empty()) {
        // Names that stand in need room.
        first.min = first.min.max(IN_TREE);
    }
    let table_of = Table {
        columns: &choice.columns,
        heads,
        list: form.list,
        sorted: at.full.then_some((order, state.reverse)),
        items: &rows.items,
        instead: Some((REGION, &|p, item| elsewhere(p, ctx.shown, item))),
        link: &|item, title| links::of_cell(form.list, title, item, ctx.shown),
        selected: index,
        focused: at.focused && ctx.view.details.is_empty(),
    };
    let drawn = table(p, room, &table_of, |p, i| {
        let Some(item) = rows.items.get(i) else { return Vec::new() };
        let Some(branch) = rows.tree.get(i) else { return choice.cells(p, ctx.shown, item, row(p, item)) };
        if let Item::Group(label) = item {
            return vec![tree::head(p, form.list, label, branch, standing.is_whole())];
        }
        let own = match (&branch.of, form.member) {
            (Some(of), Some(member)) => member(p, of, item),
            _ => row(p, item),
        };
        let mut cells = choice.cells(p, ctx.shown, item, own);
        if let Some(first) = cells.first_mut() {
            first.0.splice(0..0, tree::lead(p, form.list, branch).0);
        }
        cells
    });
    if scrolled && at.frame == Frame::Boxed && at.area.width > 30 {
        let y = at.area.bottom() - 1;
        p.right(at.area.x + 2, at.area.right() - 2, y, &format!(" {range} "), p.style(Role::Dim));
    }
    let heads = u16::from(heads && room.height > 1);
    let used = (u16::try_from(drawn.len()).unwrap_or(u16::MAX) + heads).min(room.height);
    let mut y = inner.y + used;
    for (text, style) in notes.iter().take(usize::from(note_rows)) {
        p.text(inner.x, y, inner.width, text, *style);
        y += 1;
    }
    Rect { y, height: inner.bottom().saturating_sub(y), ..inner }
}

/// What stands over a list, and what of it goes where there is no room.
struct Heading {
    /// Its name, and how many rows it has.
    title: Spans,
    /// In which order they are, how they stand together, as what; the last goes first.
    more: Vec<Spans>,
    /// How old it is and why, in ever fewer words; or what else stands at the right.
    right: Vec<Spans>,
    /// Whether that is an age, which matters more than which rows are in view.
    ages: bool,
    /// What shows a cut.
    cut: &'static str,
}

/// Columns of an age that says it to the second.
const AGE: usize = 11;

impl Heading {
    /// What of it has room in a pane of `width`, with what rows are in view in `before`: the title, and what is at its right.
    /// How old it is stays longest.
    fn fitted(mut self, width: u16, before: Spans) -> (Spans, Spans) {
        // Two of the frame's columns stay on each side of both, and a blank.
        let room = usize::from(width.saturating_sub(8));
        let mut before = Some(before).filter(|b| b.width() > 0);
        let mut words = 0;
        let right = loop {
            let mut right = self.right.get(words).cloned().unwrap_or_default();
            if let Some(before) = &before {
                right.0.splice(0..0, before.0.iter().cloned());
            }
            let left: usize = self.title.width() + self.more.iter().map(Spans::width).sum::<usize>();
            if left + right.width() <= room {
                break right;
            }
            if self.more.pop().is_some() {
                continue;
            }
            if !self.ages {
                break right;
            }
            if before.take().is_none() {
                words += 1;
                if words >= self.right.len() {
                    break right;
                }
            }
        };
        for more in self.more {
            self.title.0.extend(more.0);
        }
        let left = room.saturating_sub(right.width().min(AGE));
        if self.ages && self.title.width() > left {
            self.title.0.truncate(1);
            for (text, _) in &mut self.title.0 {
                *text = cut(text, left, self.cut).into_owned().into();
            }
        }
        (self.title, right)
    }
}

/// What stands over a list: its name, how many rows it has and in which order; and how old it is.
fn heading(p: &Paint<'_>, ctx: Ctx<'_>, at: Place, form: &Form<'_>, rows: &Rows, standing: &Standing) -> Heading {
    let state = ctx.view.list(form.list);
    let order = sorts(form.list)[state.sort % sorts(form.list).len()];
    let (words, role) = standing.words();
    let worded = std::iter::once(words).chain(standing.fewer_words()).map(|words| Spans::one(words, p.style(role)));
    let right = match &form.right {
        None => worded.collect(),
        // What is said besides its age goes first.
        Some(right) if form.list == Listing::Trail => std::iter::once(right.clone()).chain(worded).collect(),
        Some(right) => vec![right.clone()],
    };
    let mut title = Spans::one(form.list.title(), p.style(Role::Title));
    let shown_count = rows.count;
    if shown_count < rows.total {
        title.push(format!(" {shown_count} of {}", rows.total), p.style(Role::Accent));
    } else if at.full && (shown_count > 0 || standing.is_whole()) {
        // Of what could not be read, that there is none is not known.
        title.push(format!(" {shown_count}"), p.style(Role::Dim));
    }
    let mut more = Vec::new();
    if at.full && at.area.width >= 60 {
        let turned = if state.reverse { ", turned round" } else { "" };
        let order = match order {
            "worst" | "newest" | "oldest" => format!("{order} first"),
            _ => format!("by {order}"),
        };
        let heat = if heat::is_on(ctx.view, form.list) { ", CPU as a heat map" } else { "" };
        more = vec![format!("  {order}{turned}"), ctx.view.grouping(form.list).said(), heat.to_owned()];
        more.retain(|m| !m.is_empty());
    }
    let more = more.into_iter().map(|text| Spans::one(text, p.style(Role::Dim))).collect();
    let ages = form.right.is_none() || form.list == Listing::Trail;
    Heading { title, more, right, ages, cut: p.glyphs().cut }
}

/// Why something that is shown may be old or incomplete: one line for each reason.
fn notes(p: &Paint<'_>, shown: &Shown<'_>, standing: &Standing) -> Vec<(String, ratatui::style::Style)> {
    let many = shown.model.scopes().len() > 1;
    let mut reasons: Vec<(String, Vec<String>, Role)> = Vec::new();
    for (source, error) in &standing.failing {
        let why = facts::why(source, error);
        let place = format!("{} {}", source.scope.region, source.poller);
        match reasons.iter_mut().find(|(w, ..)| *w == why) {
            Some((_, places, _)) => places.push(place),
            None => reasons.push((why, vec![place], facts::error_role(error.class))),
        }
    }
    let blind = p.glyphs().blind;
    let line = |(why, places, role): (String, Vec<String>, Role)| {
        let place = match places.as_slice() {
            [only] if many => format!("{only}: "),
            [_] => String::new(),
            all => format!("{} pollers: ", all.len()),
        };
        (format!("{blind} {place}{why}"), p.style(role))
    };
    reasons.into_iter().map(line).collect()
}

/// How many lines of notes `list` shows under its rows: the alerts only where no alert says it, the pollers none.
fn note_count(p: &Paint<'_>, shown: &Shown<'_>, list: Listing) -> usize {
    let standing = facts::standing(shown, pollers_of(list));
    match list {
        Listing::Pollers => 0,
        Listing::Alerts if shown.alerts.counts.blind > 0 => 0,
        Listing::Alerts => notes(p, shown, &standing).len().min(2),
        _ => notes(p, shown, &standing).len(),
    }
}

/// What a list without rows says: what cannot be read, that it is being read, that a filter hides all, or that there
/// is nothing.
fn empty(
    p: &Paint<'_>,
    ctx: Ctx<'_>,
    form: &Form<'_>,
    standing: &Standing,
    total: usize,
) -> Vec<(String, ratatui::style::Style)> {
    let (shown, state) = (ctx.shown, ctx.view.list(form.list));
    let mut lines = notes(p, shown, standing);
    if total > 0 {
        let mut why = Vec::new();
        if !state.filter.is_empty() {
            why.push(format!("no row matches `{}`", state.filter));
        }
        if ctx.view.faults_only {
            why.push(format!("no fault among {}", counted(total, "row")));
        }
        lines.push((why.join("; "), p.style(Role::Dim)));
        return lines;
    }
    if !lines.is_empty() {
        return lines;
    }
    if !standing.any_read || standing.freshness == Freshness::Loading {
        return vec![(
            format!("reading {}", form.what) + if p.glyphs().cut == "~" { "..." } else { " …" },
            p.style(Role::Dim),
        )];
    }
    let only = &ctx.view.only;
    let in_view = shown.model.scopes().into_iter().filter(|s| only.lets_through(s));
    let scopes: Vec<String> = in_view.map(ToString::to_string).collect();
    let place = if scopes.len() <= 2 { scopes.join(" and ") } else { counted(scopes.len(), "scope") };
    vec![(format!("no {} in {place}", form.what), p.style(Role::Dim))]
}

/// Fewest columns of a name in a tree.
const IN_TREE: u16 = 16;

/// The head of the column of regions.
const REGION: &str = "REGION";

/// The region of `id`, for a column that is there only when there are several.
fn scope_cell(p: &Paint<'_>, shown: &Shown<'_>, id: &ResourceId) -> Spans {
    let scopes = shown.model.scopes();
    let accounts: std::collections::BTreeSet<_> = scopes.iter().map(|s| &s.account).collect();
    if scopes.len() <= 1 {
        return Spans::default();
    }
    let text = if accounts.len() > 1 { id.scope.to_string() } else { id.scope.region.to_string() };
    Spans::one(text, p.style(Role::Dim))
}

/// Where `item` is, unless that is where most is: the region in short, which stands before its name where regions have no
/// column, and the account, which stands behind it, so that the name is what stays where there is little room.
fn elsewhere(p: &Paint<'_>, shown: &Shown<'_>, item: &Item) -> (Spans, Spans) {
    let (mut before, mut behind) = (Spans::default(), Spans::default());
    let (Some(home), Some(scope)) = (facts::home(shown), scope_of(item)) else { return (before, behind) };
    // The bill is an account's, wherever it is read.
    let everywhere = match item {
        Item::Alert(AlertId { resource: id, .. }) | Item::Resource(id) | Item::Metric(id, _) => id.kind == Kind::Bill,
        _ => false,
    };
    if !everywhere && scope.region != home.region {
        before.push(short_region(&scope.region), p.style(Role::Accent)).push(" ", p.style(Role::Text));
    }
    if scope.account != home.account {
        behind.push(format!(" {}", scope.account), p.style(Role::Dim));
    }
    (before, behind)
}
