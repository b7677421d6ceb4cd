//! What the page in view needs of CloudWatch besides what rules do.

use super::look::Look;
use super::view::{Item, Listing, Page, ViewState};
use crate::model::{Detail, Kind, Metric, Model, Resource, ResourceId, Signal};

/// Most resources of a list that metrics are wanted for: each costs.
const ROWS: usize = 50;

/// The metrics that the page in view shows, wants and pins, by resource.
#[must_use]
pub fn demand(view: &ViewState, model: &Model, look: &Look) -> Vec<(ResourceId, Metric)> {
    let mut out = Vec::new();
    let balancers = match view.page {
        Page::Overview => look.panes().contains(&Listing::Balancers),
        page => page == Page::Balancers,
    };
    if balancers {
        let all = model.resources().filter(|r| r.id.kind.is_balancer() && view.only.lets_through(&r.id.scope));
        for balancer in all.take(ROWS) {
            add(&mut out, &balancer.id, of_balancer(balancer.id.kind));
        }
    }
    if super::heat::is_on(view, Listing::Instances) {
        let all = model.of_kind(Kind::Instance).filter(|r| view.only.lets_through(&r.id.scope));
        let runs = |r: &&Resource| matches!(&r.detail, Detail::Instance(i) if i.state == "running");
        // As the rule on CPU asks for it: it is read once.
        let metric = || Metric::new("AWS/EC2", "CPUUtilization", "Average", 300);
        out.extend(all.filter(runs).take(ROWS).map(|r| (r.id.clone(), metric())));
    }
    for open in &view.details {
        let id = match &open.item {
            Item::Alert(id) | Item::Transition(_, id) => &id.resource,
            Item::Resource(id) | Item::Pair(id, _) | Item::Metric(id, _) => id,
            Item::Event(..) | Item::Poller(_) | Item::Bundle(_) | Item::Group(_) => continue,
        };
        match model.resource(id).map(|r| &r.detail) {
            Some(Detail::Balancer(_)) => add(&mut out, id, of_balancer(id.kind)),
            Some(Detail::Instance(i)) => {
                let period = if i.detailed_monitoring { 60 } else { 300 };
                out.extend(
                    ["CPUUtilization", "NetworkIn", "NetworkOut"]
                        .map(|name| (id.clone(), Metric::new("AWS/EC2", name, "Average", period))),
                );
            }
            _ => {}
        }
    }
    out.extend(view.wanted.iter().cloned());
    out.extend(view.pins.iter().filter_map(|(id, signal)| match signal {
        Signal::Metric(m) => Some((id.clone(), m.clone())),
        Signal::Api(_) => None,
    }));
    out.sort_unstable_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    out.dedup();
    out
}

fn add(out: &mut Vec<(ResourceId, Metric)>, id: &ResourceId, metrics: &[(&str, &str, &str)]) {
    out.extend(metrics.iter().map(|(namespace, name, stat)| (id.clone(), Metric::new(namespace, name, stat, 60))));
}

fn of_balancer(kind: Kind) -> &'static [(&'static str, &'static str, &'static str)] {
    match kind {
        Kind::ClassicElb => &[
            ("AWS/ELB", "SurgeQueueLength", "Maximum"),
            ("AWS/ELB", "RequestCount", "Sum"),
            ("AWS/ELB", "Latency", "p99"),
        ],
        Kind::Alb => {
            &[("AWS/ApplicationELB", "RequestCount", "Sum"), ("AWS/ApplicationELB", "TargetResponseTime", "p99")]
        }
        Kind::Nlb => &[("AWS/NetworkELB", "ActiveFlowCount", "Average"), ("AWS/NetworkELB", "NewFlowCount", "Sum")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::fixtures;
    use crate::ui::view::DetailState;

    fn names(view: &ViewState) -> Vec<String> {
        let world = fixtures::bad();
        demand(view, &world.model, &Look::default())
            .into_iter()
            .map(|(id, m)| format!("{} {} {}", id.id, m.name, m.stat))
            .collect()
    }

    #[test]
    fn what_is_in_view_is_wanted_and_what_is_not_is_not() {
        let on = |page| ViewState { page, ..ViewState::default() };
        let balancers = names(&on(Page::Balancers));
        assert!(balancers.contains(&"img-nlb ActiveFlowCount Average".to_owned()), "{balancers:?}");
        assert!(balancers.contains(&"web-clb Latency p99".to_owned()), "{balancers:?}");
        assert_eq!(names(&on(Page::Overview)), balancers);
        assert_eq!(names(&on(Page::Trail)), Vec::<String>::new());
    }

    #[test]
    fn an_open_instance_and_what_is_pinned_are_wanted_once() {
        let id = ResourceId::new(&fixtures::tokyo(), Kind::Instance, "i-0web0000001");
        let metric = Metric::new("AWS/EC2", "NetworkIn", "Average", 300);
        let mut view = ViewState { page: Page::Trail, ..ViewState::default() };
        view.details.push(DetailState { item: Item::Resource(id.clone()), scroll: 0 });
        view.pins.push((id.clone(), Signal::Metric(metric.clone())));
        view.wanted.push((id, metric));
        assert_eq!(names(&view).len(), 3);
    }
}
