//! Which slides there are, worst first.

use super::{WallPage, WallPlan, scope};
use crate::alerts::{AlertId, Phase};
use crate::model::{Kind, PollerKind, ResourceId};
use crate::ui::shown::Shown;

/// What fills the wall's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slide {
    /// An alert.
    Alert(AlertId),
    /// A page.
    Page(WallPage),
}

/// The slides at this moment: the alerts, worst first, then the pages, those with faults first.
pub(super) fn slides(plan: &WallPlan, shown: &Shown<'_>) -> Vec<Slide> {
    let mut out = Vec::new();
    if plan.pages.contains(&WallPage::Alerts) {
        let alerts = shown.alerts.active.iter().filter(|a| a.counts()).take(plan.most_alerts);
        out.extend(alerts.map(|a| Slide::Alert(a.id.clone())));
    }
    let mut pages: Vec<(u8, WallPage)> = Vec::new();
    for page in plan.pages.iter().copied().filter(|p| *p != WallPage::Alerts) {
        if let Some(bad) = weight(plan, shown, page)
            && !pages.iter().any(|(_, p)| *p == page)
        {
            pages.push((bad, page));
        }
    }
    // The status tells the most, so it is the first of the pages whatever is wrong.
    pages.sort_by_key(|(bad, page)| (*page != WallPage::Status, std::cmp::Reverse(*bad)));
    out.extend(pages.into_iter().map(|(_, page)| Slide::Page(page)));
    if out.is_empty() {
        out.push(Slide::Page(WallPage::Status));
    }
    out
}

/// How bad what `page` shows is; none where there is nothing for it to show.
fn weight(plan: &WallPlan, shown: &Shown<'_>, page: WallPage) -> Option<u8> {
    let faults = shown.alerts.active.iter().filter(|a| a.phase == Phase::Firing);
    let worst = |is: &dyn Fn(&ResourceId) -> bool| {
        faults.clone().filter(|a| is(&a.id.resource)).map(|a| 1 + a.level as u8).max().unwrap_or(0)
    };
    let any = |is: &dyn Fn(Kind) -> bool| {
        shown.model.resources().any(|r| is(r.id.kind) && scope::lets_through(plan, &r.id.scope))
    };
    let unread = |kinds: &[PollerKind]| {
        let reading = scope::reading(plan, shown, kinds);
        reading.of.0 > 0 && !reading.fresh && reading.error.is_some()
    };
    let balancer = |k: Kind| k.is_balancer() || k == Kind::TargetGroup;
    let (there, bad) = match page {
        WallPage::Status | WallPage::Alerts => (true, 0),
        WallPage::Balancers => (any(&balancer) || unread(&super::lists::BALANCERS), worst(&|id| balancer(id.kind))),
        WallPage::Scaling => {
            let group = |k: Kind| k == Kind::AutoScalingGroup;
            (any(&group) || unread(&super::lists::SCALING), worst(&|id| group(id.kind)))
        }
        WallPage::Bill => {
            let bill = |k: Kind| k == Kind::Bill;
            (any(&bill) || unread(&[PollerKind::Bill]), worst(&|id| bill(id.kind)))
        }
        WallPage::Data => (true, if scope::all_well_read(plan, shown) { 0 } else { 2 }),
    };
    there.then_some(bad)
}
