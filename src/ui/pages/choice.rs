//! Which columns a table shows: the usual ones, or those that were chosen.

use crate::alerts::BundleId;
use crate::model::{Kind, Resource, ResourceId};
use crate::ui::format::UNKNOWN;
use crate::ui::look::Look;
use crate::ui::paint::{Paint, Spans};
use crate::ui::rows::scope_of;
use crate::ui::shown::Shown;
use crate::ui::theme::Role;
use crate::ui::view::{Item, Listing};
use crate::ui::widgets::Column;

use super::{REGION, alarms, alerts, balancers, bill, events, instances, metrics, pollers, scaling};

/// What a cell comes from.
enum From<'c> {
    /// The page's own column.
    Own(usize),
    /// The tag of this key.
    Tag(&'c str),
}

/// The columns that are drawn.
pub(super) struct Choice<'c> {
    pub(super) columns: Vec<Column<'c>>,
    /// Where each comes from; empty: they are the page's own as they are.
    from: Vec<From<'c>>,
}

impl<'c> Choice<'c> {
    /// What `look` has chosen of the columns `own` of `list`; without a choice all, but for the extras, and but for
    /// the region where `one_scope` says that all rows have the same.
    pub(super) fn of(look: &'c Look, list: Listing, full: bool, own: &[Column<'c>], one_scope: bool) -> Self {
        let chosen = look.columns(list).filter(|_| full || list == Listing::Alerts);
        let Some(chosen) = chosen else {
            let hidden = |c: &Column<'c>| c.extra || one_scope && c.title == REGION;
            let columns = own.iter().map(|c| if hidden(c) { Column { max: 0, ..*c } } else { *c }).collect();
            return Self { columns, from: Vec::new() };
        };
        let (mut columns, mut from) = (Vec::new(), Vec::new());
        for name in chosen {
            if let Some(at) = own.iter().position(|c| c.is_called(name)) {
                columns.push(own[at]);
                from.push(From::Own(at));
            } else if let Some(key) = name.strip_prefix("tag:") {
                columns.push(Column::new(key, 4, 32, 4));
                from.push(From::Tag(key));
            }
        }
        let last = columns.len().saturating_sub(1);
        for (i, column) in columns.iter_mut().enumerate() {
            // The first one stays, whatever it is; a figure takes no room that others could have.
            column.rank = if i == 0 { 0 } else { column.rank.max(1) };
            column.grows = column.grows && (i == last || !column.right);
        }
        Self { columns, from }
    }

    /// The cells of `item`, whose own are `own`.
    pub(super) fn cells(&self, p: &Paint<'_>, shown: &Shown<'_>, item: &Item, own: Vec<Spans>) -> Vec<Spans> {
        if self.from.is_empty() || own.is_empty() {
            return own;
        }
        let cell = |from: &From<'_>, column: &Column<'_>| match from {
            From::Own(at) => match own.get(*at) {
                Some(cell) if cell.0.is_empty() && column.title == REGION => {
                    let text = scope_of(item).map_or_else(String::new, |s| s.region.to_string());
                    Spans::one(text, p.style(Role::Dim))
                }
                cell => cell.cloned().unwrap_or_default(),
            },
            From::Tag(key) => {
                let value = tag(shown, item, key).unwrap_or_default();
                Spans::one(value, p.style(Role::Text))
            }
        };
        self.from.iter().zip(&self.columns).map(|(from, column)| cell(from, column)).collect()
    }
}

/// The tag `key` of what `item` is about: a target group's own, else its balancer's.
fn tag(shown: &Shown<'_>, item: &Item, key: &str) -> Option<String> {
    let of = |id: &ResourceId| shown.model.resource(id);
    let found: [Option<&Resource>; 2] = match item {
        Item::Resource(id) | Item::Metric(id, _) => [of(id), None],
        Item::Pair(balancer, group) => [of(group), of(balancer)],
        Item::Alert(id) | Item::Transition(_, id) | Item::Bundle(BundleId::Under(id)) => [of(&id.resource), None],
        Item::Bundle(BundleId::Rule { of: group, .. }) if group.kind != Kind::Poller => [of(group), None],
        _ => [None, None],
    };
    let mut known = found.into_iter().flatten();
    let said = known.clone().find_map(|r| r.tags.get(key)).map(ToString::to_string);
    said.or_else(|| known.any(Resource::tags_unread).then(|| UNKNOWN.to_owned()))
}

/// The names of the columns of `list`'s page, in the usual order, then those that are shown only when chosen.
#[must_use]
pub fn columns(list: Listing) -> Vec<String> {
    own(list).iter().map(Column::called).collect()
}

/// How many of [`columns`], the last ones, are shown only when chosen.
#[must_use]
pub fn extra_columns(list: Listing) -> usize {
    own(list).iter().filter(|c| c.extra).count()
}

fn own(list: Listing) -> &'static [Column<'static>] {
    match list {
        Listing::Alerts => &alerts::COLUMNS,
        Listing::Balancers => &balancers::PAGE,
        Listing::Scaling => &scaling::PAGE,
        Listing::Instances => &instances::COLUMNS,
        Listing::Trail => &events::TRAIL_PAGE,
        Listing::Timeline => &events::TIMELINE,
        Listing::Bill => &bill::COLUMNS,
        Listing::Metrics => &metrics::PAGE,
        Listing::Pinned => &metrics::PANE,
        Listing::Alarms => &alarms::COLUMNS,
        Listing::Pollers => &pollers::COLUMNS,
    }
}
