//! Which limits of a rule are in force: by the time, and by the resource.

use globset::GlobMatcher;
use jiff::Timestamp;

use super::Rule;
use super::rule::RuleLevel;
use super::times::Times;
use crate::model::{Detail, Resource};

/// Limits that take the place of a rule's own at some times, or for some resources.
#[derive(Clone, Debug)]
pub(super) struct When {
    /// `None`: at any time.
    pub(super) times: Option<Times>,
    /// Any of them; none: whatever its name.
    pub(super) names: Vec<GlobMatcher>,
    /// Of an alarm: any of them is what any of its actions is; none: whatever it does.
    pub(super) actions: Vec<GlobMatcher>,
    /// All of them.
    pub(super) tags: Vec<(String, GlobMatcher)>,
    /// The quieter first; none: the rule says nothing then.
    pub(super) levels: Vec<RuleLevel>,
}

impl When {
    fn takes(&self, resource: &Resource, now: Timestamp) -> bool {
        self.takes_but_for_tags(resource, now) && has_tags(&self.tags, resource)
    }

    fn takes_but_for_tags(&self, resource: &Resource, now: Timestamp) -> bool {
        let named = |g: &GlobMatcher| g.is_match(&*resource.name) || g.is_match(&*resource.id.id);
        let acts = |g: &GlobMatcher| match &resource.detail {
            Detail::Alarm(alarm) => alarm.actions.iter().any(|arn| g.is_match(&**arn)),
            _ => false,
        };
        (self.names.is_empty() || self.names.iter().any(named))
            && (self.actions.is_empty() || self.actions.iter().any(acts))
            && self.times.as_ref().is_none_or(|t| t.hold(now))
    }
}

/// Whether `resource` has all of `tags`.
pub(super) fn has_tags(tags: &[(String, GlobMatcher)], resource: &Resource) -> bool {
    tags.iter().all(|(k, g)| resource.tags.get(k.as_str()).is_some_and(|v| g.is_match(v.as_str())))
}

impl Rule {
    /// The limits in force for `resource` at `now`: those of the first `when` that holds, else the rule's own.
    pub(super) fn levels_for(&self, resource: &Resource, now: Timestamp) -> &[RuleLevel] {
        self.whens.iter().find(|w| w.takes(resource, now)).map_or(&self.levels, |w| &w.levels)
    }

    /// Whether tags decide what it looks at, or by which limits.
    pub(super) fn goes_by_tags(&self) -> bool {
        !self.select.tags.is_empty() || self.whens.iter().any(|w| !w.tags.is_empty())
    }

    /// Whether what it says of `resource` at `now` rests on tags of it that could not be read: then it can say nothing.
    pub(super) fn lacks_tags_of(&self, resource: &Resource, now: Timestamp) -> bool {
        if !resource.tags_unread()
            || !self.kinds.contains(&resource.id.kind)
            || !self.select.takes_but_for_tags(resource)
        {
            return false;
        }
        // The first that may hold decides.
        let mut whens = self.whens.iter().filter(|w| w.takes_but_for_tags(resource, now));
        !self.select.tags.is_empty() || whens.next().is_some_and(|w| !w.tags.is_empty())
    }

    /// Whether its limits are others at some times or for some resources.
    #[must_use]
    pub fn has_whens(&self) -> bool {
        !self.whens.is_empty()
    }

    /// The next moment after `now` at which other limits may be in force with no news; `None` where time does not matter.
    #[must_use]
    pub fn turns_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.whens.iter().filter_map(|w| w.times.as_ref()?.turns_after(now)).min()
    }
}
