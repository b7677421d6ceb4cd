//! What the rows of a list are put together by: nothing, what they belong to, their zone, their scope, or a tag.
//!
//! Rows that are put together stand under a head that counts them and says how bad the worst is; the worst comes first.
//! Balancers and Auto Scaling groups can be trees, whose heads are rows themselves.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::command::Action;
use super::fields::About;
use super::look::Look;
use super::rows::Rows;
use super::shown::Shown;
use super::step::say;
use super::view::{Item, ListState, Listing, Page, ViewState};
use crate::model::{Detail, Kind, Resource, ResourceId, Text};

/// The tag that names an instance's Auto Scaling group.
const GROUP_TAG: &str = "aws:autoscaling:groupName";
/// Most heads that are remembered as folded, a list.
const MAX_FOLDED: usize = 1000;
/// Most tags that the palette offers to put a list together by.
const MAX_TAGS: usize = 20;

/// What the rows of a list are put together by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    /// Nothing.
    #[default]
    Flat,
    /// Balancers with their target groups and targets, Auto Scaling groups with their instances.
    Tree,
    /// The Auto Scaling group that an instance is in.
    Group,
    /// The Availability Zone.
    Zone,
    /// Account and region.
    Scope,
    /// The value of this tag.
    Tag(Text),
}

impl Grouping {
    /// The grouping of this name: `flat`, `tree`, `group`, `zone`, `scope`, or `tag:KEY`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "flat" => Self::Flat,
            "tree" => Self::Tree,
            "group" => Self::Group,
            "zone" => Self::Zone,
            "scope" => Self::Scope,
            _ => Self::Tag(word.strip_prefix("tag:").filter(|key| !key.trim().is_empty())?.into()),
        })
    }

    /// Its name.
    #[must_use]
    pub fn word(&self) -> Cow<'static, str> {
        match self {
            Self::Flat => "flat".into(),
            Self::Tree => "tree".into(),
            Self::Group => "group".into(),
            Self::Zone => "zone".into(),
            Self::Scope => "scope".into(),
            Self::Tag(key) => format!("tag:{key}").into(),
        }
    }

    /// How a title says it; nothing where rows stand alone.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Flat => String::new(),
            Self::Tree => ", as a tree".into(),
            Self::Group => ", by Auto Scaling group".into(),
            Self::Scope => ", by account and region".into(),
            other => format!(", by {}", other.word()),
        }
    }

    /// How the palette offers it.
    pub(super) fn offer(&self) -> String {
        match self {
            Self::Flat => "each row by itself".into(),
            other => other.said().trim_start_matches(", ").to_owned(),
        }
    }

    /// What rows of this sort are put under; `None` where they stand alone, or under a row.
    pub(super) fn label(&self, about: &About<'_>, shown: &Shown<'_>) -> Option<Text> {
        let resource: Option<&Resource> = match about {
            About::Resource(r, _) => Some(r),
            _ => None,
        };
        let scopes = shown.model.scopes();
        let accounts: BTreeSet<_> = scopes.iter().map(|s| &s.account).collect();
        let (scope, account) = (about.scope(), &about.scope().account);
        Some(match self {
            Self::Flat | Self::Tree => return None,
            Self::Scope => Text::new(&scope.to_string()),
            Self::Zone => match resource.map(|r| &r.detail) {
                Some(Detail::Instance(i)) if !i.zone.is_empty() && accounts.len() > 1 => {
                    Text::new(&format!("{} of {account}", i.zone))
                }
                Some(Detail::Instance(i)) if !i.zone.is_empty() => i.zone.clone(),
                _ => "zone not known".into(),
            },
            Self::Group => match resource.and_then(|r| r.tags.get(GROUP_TAG)) {
                Some(group) if scopes.len() > 1 => Text::new(&format!("{group} in {scope}")),
                Some(group) => group.clone(),
                None => "in no Auto Scaling group".into(),
            },
            Self::Tag(key) => match resource.and_then(|r| r.tags.get(key.as_str())) {
                Some(value) => Text::new(&format!("{key}={value}")),
                None if resource.is_some_and(Resource::tags_unread) => Text::new(&format!("tag {key} not known")),
                None => Text::new(&format!("no tag {key}")),
            },
        })
    }
}

/// What `list` can be put together by besides tags, the usual first; only that where it cannot.
#[must_use]
pub fn groupings(list: Listing) -> &'static [Grouping] {
    match list {
        Listing::Balancers | Listing::Scaling => &[Grouping::Flat, Grouping::Tree, Grouping::Scope],
        Listing::Instances => &[Grouping::Flat, Grouping::Group, Grouping::Zone, Grouping::Scope],
        Listing::Alarms | Listing::Pollers => &[Grouping::Flat, Grouping::Scope],
        _ => &[Grouping::Flat],
    }
}

/// Whether the rows of `list` have tags to be put together by.
fn has_tags(list: Listing) -> bool {
    matches!(list, Listing::Balancers | Listing::Scaling | Listing::Instances)
}

/// How many rows there are of each badness, from 0 for none to 6 for critical.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally(pub(super) [usize; 7]);

impl Tally {
    pub(super) fn add(&mut self, fault: u8) {
        self.0[usize::from(fault).min(6)] += 1;
    }

    pub(super) fn rows(&self) -> usize {
        self.0.iter().sum()
    }

    pub(super) fn worst(&self) -> usize {
        self.0.iter().rposition(|n| *n > 0).unwrap_or(0)
    }
}

/// How a row stands among the others where rows are put together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Branch {
    /// How far in it stands.
    pub(super) depth: u8,
    /// Of a head: whether what is below is hidden.
    pub(super) folded: Option<bool>,
    /// Of a head that is no row itself: what is below.
    pub(super) tally: Tally,
    /// Of a target or an instance in a tree: what it is listed under.
    pub(super) of: Option<ResourceId>,
    /// How bad it is, or the worst of what is below it.
    pub(super) fault: u8,
}

impl ViewState {
    /// The state that a console which looks as `look` has it starts with.
    #[must_use]
    pub fn new(look: &Look) -> Self {
        let mut view = Self::default();
        for (list, table) in &look.tables {
            let mut state = ListState::default();
            if let Some(sort) = &table.sort {
                let name = sort.strip_prefix('-').unwrap_or(sort);
                state.sort = super::rows::sorts(*list).iter().position(|s| *s == name).unwrap_or(0);
                state.reverse = name.len() < sort.len();
            }
            state.grouping = table.grouping.clone();
            view.lists.insert(*list, state);
        }
        view
    }

    /// What the rows of `list` are put together by where the user is: a pane of the overview has no room for it.
    pub(super) fn grouping(&self, list: Listing) -> Grouping {
        if is_pane(self) {
            return Grouping::Flat;
        }
        self.lists.get(&list).map_or(Grouping::Flat, |state| state.grouping.clone())
    }
}

/// Whether the list that has the keys is a pane of the overview.
fn is_pane(view: &ViewState) -> bool {
    view.page == Page::Overview && !view.expanded
}

/// Puts the list that has the keys together by what comes next.
pub(super) fn next(view: &mut ViewState) -> Vec<Action> {
    let list = view.focus();
    if is_pane(view) {
        return say("a pane has no room for this: expand it");
    }
    let all = groupings(list);
    if all.len() < 2 {
        return say("the rows of this list stand alone");
    }
    let now = view.list(list).grouping.clone();
    // After a tag one begins anew.
    let next = all.iter().position(|g| *g == now).map_or(0, |at| (at + 1) % all.len());
    set(view, list, all[next].clone())
}

/// Puts `list` together by `grouping`.
pub(super) fn set(view: &mut ViewState, list: Listing, grouping: Grouping) -> Vec<Action> {
    let state = view.lists.entry(list).or_default();
    let text = grouping.offer();
    state.grouping = grouping;
    state.folded.clear();
    vec![Action::Say(text)]
}

/// What the palette offers: the list that has the keys, what it can be put together by, and how many rows have the tag.
pub(super) fn offers(view: &ViewState, shown: &Shown<'_>) -> Vec<(Listing, Grouping, usize)> {
    let list = view.focus();
    let all = groupings(list);
    if all.len() < 2 || is_pane(view) {
        return Vec::new();
    }
    let mut out: Vec<_> = all.iter().map(|g| (list, g.clone(), 0)).collect();
    if has_tags(list) {
        let mut keys: BTreeMap<&Text, usize> = BTreeMap::new();
        let ours = |kind: Kind| match list {
            Listing::Balancers => kind.is_balancer(),
            Listing::Scaling => kind == Kind::AutoScalingGroup,
            _ => kind == Kind::Instance,
        };
        for r in shown.model.resources().filter(|r| ours(r.id.kind)) {
            // A name is no group.
            for key in r.tags.keys().filter(|k| ***k != *"Name") {
                *keys.entry(key).or_default() += 1;
            }
        }
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_by_key(|(key, n)| (std::cmp::Reverse(*n), *key));
        out.extend(keys.into_iter().take(MAX_TAGS).map(|(key, n)| (list, Grouping::Tag(key.clone()), n)));
    }
    out
}

/// Folds or unfolds the head that is selected, or that the selected row stands under. `None`: there is no head.
pub(super) fn fold(view: &mut ViewState, rows: &Rows, index: usize, open: bool) -> Option<Vec<Action>> {
    let list = view.focus();
    let branch = rows.tree.get(index)?;
    let head = match branch.folded {
        Some(_) => index,
        // Closing works from below too.
        None if !open => (0..index).rev().find(|i| rows.tree[*i].depth < branch.depth)?,
        None => return Some(say("nothing is below this")),
    };
    let item = rows.items.get(head)?.clone();
    // What is folded already, or a row below another head, folds that.
    let head = if !open && head == index && branch.folded == Some(true) && branch.depth > 0 {
        let above = (0..index).rev().find(|i| rows.tree[*i].depth < branch.depth)?;
        rows.items.get(above)?.clone()
    } else {
        item
    };
    let state = view.lists.entry(list).or_default();
    state.folded.retain(|i| *i != head);
    if !open {
        state.folded.push(head.clone());
        let oldest = state.folded.len().saturating_sub(MAX_FOLDED);
        state.folded.drain(..oldest);
    }
    state.selected = Some(head);
    Some(Vec::new())
}

/// Opens or closes the head that is selected, if one that is no row itself is.
pub(super) fn toggle(view: &mut ViewState, rows: &Rows, index: usize) -> Option<Vec<Action>> {
    let (Item::Group(_), Some(folded)) = (rows.items.get(index)?, rows.tree.get(index)?.folded) else { return None };
    fold(view, rows, index, folded)
}

/// Whether opening the selected row unfolds (`true`) or folds (`false`) what is below it; `None` where it shows its detail.
pub(super) fn unfolds(view: &ViewState, shown: &Shown<'_>) -> Option<bool> {
    let list = view.focus();
    let rows = view.rows(shown, list);
    let index = super::view::place(&rows.items, &view.list(list));
    match rows.items.get(index)? {
        Item::Group(_) => rows.tree.get(index)?.folded,
        Item::Bundle(id) => Some(!view.unfolded.contains(id)),
        _ => None,
    }
}
