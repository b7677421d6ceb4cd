//! What runs, in dollars an hour: what counts, what is usual, and what is left open.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;

fn t(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_768_366_800 + minutes * 60).expect("in range")
}

struct World {
    model: Model,
    fleet: BTreeMap<&'static str, Vec<Resource>>,
}

impl World {
    fn new() -> Self {
        Self { model: Model::default(), fleet: BTreeMap::new() }
    }

    fn run(&mut self, region: &str, poller: PollerKind, minute: i64, body: Option<Body>, error: Option<ErrorClass>) {
        let source = Source { scope: Scope::new("prod", region), poller };
        let mut tell = |body| self.model.apply(&Observation { at: t(minute), source: source.clone(), body });
        tell(Body::Started);
        body.map(&mut tell);
        tell(Body::Outcome(Outcome {
            started: t(minute),
            took: SignedDuration::ZERO,
            calls: 1,
            pages: 1,
            billed_metrics: 0,
            throttles: 0,
            lacks: None,
            error: error.map(|class| PollError { class, operation: "X".into(), code: "".into(), message: "".into() }),
            next: None,
            interval: SignedDuration::from_mins(1),
        }));
    }

    fn launch(&mut self, region: &'static str, id: &str, instance_type: &str, state: &str, minute: i64) {
        let instance = Instance {
            state: state.into(),
            instance_type: instance_type.into(),
            platform: "Linux/UNIX".into(),
            tenancy: "default".into(),
            launched: Some(t(minute)),
            ..Instance::default()
        };
        let id = ResourceId::new(&Scope::new("prod", region), Kind::Instance, id);
        let resource = Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::Instance(instance) };
        self.fleet.entry(region).or_default().push(resource);
    }

    fn list(&mut self, region: &str, minute: i64) {
        let resources = self.fleet.get(region).cloned().unwrap_or_default();
        let body = Body::Inventory { kinds: vec![Kind::Instance], resources, partial: false };
        self.run(region, PollerKind::Instances, minute, Some(body), None);
    }

    fn price(&mut self, region: &str, minute: i64, list: &[(&str, Option<f64>)]) {
        let prices = list.iter().map(|(instance_type, dollars_per_hour)| Price {
            offer: Offer {
                region: region.into(),
                instance_type: (*instance_type).into(),
                platform: "Linux/UNIX".into(),
                market: Market::Shared,
            },
            dollars_per_hour: *dollars_per_hour,
            at: t(minute),
        });
        self.run(region, PollerKind::Prices, minute, Some(Body::Prices(prices.collect())), None);
    }

    fn burn(&self) -> &Burn {
        self.model.burn(&"prod".into()).expect("counted")
    }

    fn signal(&self, signal: ApiSignal) -> Option<f64> {
        let bill = ResourceId::new(&Scope::new("prod", "us-east-1"), Kind::Bill, "estimated-charges");
        self.model.series(&bill, &Signal::Api(signal)).and_then(Series::last).map(|p| p.value)
    }
}

#[test]
fn a_figure_is_made_of_every_region_and_every_price_or_not_at_all() {
    let mut w = World::new();
    w.launch("eu-west-1", "i-1", "a", "running", -600);
    w.launch("us-east-1", "i-2", "b", "running", -600);
    w.launch("us-east-1", "i-3", "b", "stopped", -600);
    w.run("us-east-1", PollerKind::Instances, 0, None, Some(ErrorClass::Timeout));
    w.list("eu-west-1", 0);
    w.price("eu-west-1", 0, &[("a", Some(2.0))]);
    assert!(!w.burn().is_whole() && w.burn().unread == ["us-east-1"], "{:?}", w.burn());
    assert_eq!(w.signal(ApiSignal::DollarsPerHour), None);
    w.list("us-east-1", 1);
    assert_eq!((w.burn().waiting, w.signal(ApiSignal::DollarsPerHour)), (1, None), "{:?}", w.burn());
    w.price("us-east-1", 2, &[("b", Some(3.0))]);
    assert!(w.burn().is_whole());
    assert_eq!((w.burn().dollars_per_hour, w.signal(ApiSignal::DollarsPerHour)), (5.0, Some(5.0)));
    // A region that falls silent makes the figure old, not smaller.
    w.list("eu-west-1", 30);
    assert_eq!((w.burn().unread.len(), w.signal(ApiSignal::DollarsPerHour)), (1, Some(5.0)));
}

#[test]
fn what_has_no_list_price_is_counted_beside_the_figure() {
    let mut w = World::new();
    w.launch("us-east-1", "i-1", "a", "running", -600);
    w.launch("us-east-1", "i-2", "odd", "running", -600);
    w.list("us-east-1", 0);
    w.price("us-east-1", 0, &[("a", Some(2.0)), ("odd", None)]);
    assert_eq!((w.burn().dollars_per_hour, w.burn().unpriced, w.burn().is_whole()), (2.0, 1, true));
    w.price("us-east-1", 1, &[("a", Some(0.0))]);
    assert_eq!(w.burn().unpriced, 2, "nothing that runs costs nothing");
}

#[test]
fn the_baseline_is_what_ran_an_hour_ago_until_hours_were_watched() {
    let mut w = World::new();
    w.launch("us-east-1", "i-1", "a", "running", -600);
    w.launch("us-east-1", "i-2", "a", "terminated", -600);
    w.launch("us-east-1", "i-3", "gpu", "running", -12);
    w.launch("us-east-1", "i-4", "gpu", "running", -11);
    w.list("us-east-1", 0);
    w.price("us-east-1", 0, &[("a", Some(2.0)), ("gpu", Some(30.0))]);
    let burn = w.burn().clone();
    assert_eq!(burn.baseline, Some(Baseline { dollars_per_hour: 4.0, since: None }), "the one replaced ran then");
    assert_eq!((burn.dollars_per_hour, w.signal(ApiSignal::DollarsPerHourBaseline)), (62.0, Some(4.0)));
    let recent = &burn.recent[..];
    assert!(matches!(recent, [r] if r.count == 2 && r.since == t(-12) && r.dollars_per_hour > 59.9), "{recent:?}");

    // Watched: 62 for the first hours, then one is gone.
    for minute in 1..240 {
        w.list("us-east-1", minute);
    }
    let baseline = w.burn().baseline.expect("watched");
    assert_eq!((baseline.dollars_per_hour, baseline.since), (62.0, Some(t(0))));
    w.fleet.get_mut("us-east-1").expect("a fleet").pop();
    w.list("us-east-1", 240);
    assert_eq!((w.burn().dollars_per_hour, w.burn().baseline.map(|b| b.dollars_per_hour)), (32.0, Some(62.0)));
}

#[test]
fn without_a_price_poller_nothing_is_made_up() {
    let mut w = World::new();
    w.launch("us-east-1", "i-1", "a", "running", -600);
    w.list("us-east-1", 0);
    assert_eq!(w.model.of_kind(Kind::Bill).count(), 0);
}

#[test]
fn the_bills_own_listing_keeps_what_runs() {
    let mut w = World::new();
    w.list("us-east-1", 0);
    w.price("us-east-1", 0, &[]);
    assert_eq!((w.burn().running, w.signal(ApiSignal::DollarsPerHour)), (0, Some(0.0)), "an empty account is known");
    let id = ResourceId::new(&Scope::new("prod", "us-east-1"), Kind::Bill, "estimated-charges");
    let bill = Resource { name: id.id.clone(), id, tags: BTreeMap::new(), detail: Detail::None };
    let body = Body::Inventory { kinds: vec![Kind::Bill], resources: vec![bill], partial: false };
    w.run("us-east-1", PollerKind::Bill, 1, Some(body), None);
    assert!(w.burn().is_whole());
}
