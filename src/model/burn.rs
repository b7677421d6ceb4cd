//! What runs now, in US dollars an hour: running instances times the public price list, without discounts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    ApiSignal, Changes, Detail, Freshness, Instance, Kind, Model, PollerKind, Resource, ResourceId, Scope, Series,
    Source, Text,
};

/// The region in which AWS keeps the bill, and we what runs.
const BILL_REGION: &str = "us-east-1";
/// The id of an account's bill.
const BILL: &str = "estimated-charges";
/// Most prices kept.
const MAX_PRICES: usize = 20_000;
/// What was launched within it is new, and a baseline does not reach into it.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// How many hours a baseline reaches back.
const BASELINE_HOURS: i64 = 24;
/// Most sorts of new instances that are named.
const MAX_RECENT: usize = 5;

/// How an instance is bought.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Market {
    /// On demand, on shared hardware.
    Shared,
    /// On demand, on hardware of one's own.
    Dedicated,
    /// Spot, in this Availability Zone.
    Spot(Text),
}

/// What has a price: instances of one sort.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Offer {
    /// The region's code.
    pub region: Text,
    /// The type, such as `t3.large`.
    pub instance_type: Text,
    /// EC2's platform details, such as `Linux/UNIX`.
    pub platform: Text,
    /// How it is bought.
    pub market: Market,
}

impl Offer {
    /// What `instance` in `region` was bought as. `None`: an instance on a dedicated host has no price of its own, and what
    /// is reserved by the block is paid for ahead.
    #[must_use]
    pub fn of(region: &Text, instance: &Instance) -> Option<Self> {
        let market = match (instance.lifecycle.as_str(), instance.tenancy.as_str()) {
            ("", "" | "default") => Market::Shared,
            ("", "dedicated") => Market::Dedicated,
            ("spot", _) => Market::Spot(instance.zone.clone()),
            _ => return None,
        };
        Some(Self {
            region: region.clone(),
            instance_type: instance.instance_type.clone(),
            platform: instance.platform.clone(),
            market,
        })
    }
}

/// What an offer costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Which offer.
    pub offer: Offer,
    /// US dollars an hour. `None`: the price list has no such product.
    pub dollars_per_hour: Option<f64>,
    /// When AWS said so.
    pub at: Timestamp,
}

/// What an account's running instances cost an hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Burn {
    /// US dollars an hour, of those that have a price.
    pub dollars_per_hour: f64,
    /// How many run.
    pub running: u32,
    /// Of these, how many the price list has no price for.
    pub unpriced: u32,
    /// How many wait for their price to be read.
    pub waiting: u32,
    /// Regions whose instances are not known freshly.
    pub unread: Vec<Text>,
    /// What is usual.
    pub baseline: Option<Baseline>,
    /// What was launched within the hour, the dearest first.
    pub recent: Vec<Recent>,
}

impl Burn {
    /// Whether everything that runs was looked at: only then it is a figure, else it is the least that it can be.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.waiting == 0 && self.unread.is_empty()
    }
}

/// What is usual, to compare what runs now with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// US dollars an hour.
    pub dollars_per_hour: f64,
    /// Since when it was watched: a mean of the hours from then on, at most a day, without the newest one to two.
    /// `None`: it was not watched for long enough, and this is what ran an hour ago by the instances' launch times.
    pub since: Option<Timestamp>,
}

/// Instances of one type in one region that were launched within the hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    /// Their type.
    pub instance_type: Text,
    /// Where they run.
    pub region: Text,
    /// How many.
    pub count: u32,
    /// What they cost together, in US dollars an hour.
    pub dollars_per_hour: f64,
    /// When the first of them was launched.
    pub since: Timestamp,
}

/// Prices, and what each account cost in the hours before.
#[derive(Clone, Debug, Default)]
pub(super) struct Prices {
    by_offer: BTreeMap<Offer, Option<f64>>,
    hours: BTreeMap<Text, Series>,
}

impl Model {
    /// What the running instances of `account` cost an hour, once anything is known of it.
    #[must_use]
    pub fn burn(&self, account: &Text) -> Option<&Burn> {
        match &self.resources.get(&bill_of(account))?.detail {
            Detail::Bill(burn) => Some(burn),
            _ => None,
        }
    }

    pub(super) fn apply_prices(&mut self, prices: &[Price]) {
        for price in prices {
            let full = self.prices.by_offer.len() >= MAX_PRICES;
            if full && !self.prices.by_offer.contains_key(&price.offer) {
                continue;
            }
            let dollars = price.dollars_per_hour.filter(|d| d.is_finite() && *d > 0.0);
            self.prices.by_offer.insert(price.offer.clone(), dollars);
        }
    }

    /// Counts anew what `account` costs. Called when a run that lists instances or prices has ended: before, half of it
    /// would be old.
    pub(super) fn update_burn(&mut self, account: &Text, at: Timestamp, changes: &mut Changes) {
        let priced = |s: &Source| s.poller == PollerKind::Prices && s.scope.account == *account;
        if !self.pollers.keys().any(priced) {
            return;
        }
        let mut burn = self.count_burn(account, at);
        let value = burn.dollars_per_hour;
        let hours = self.prices.hours.entry(account.clone()).or_insert_with(|| Series::new(3600));
        hours.follow(at, SignedDuration::from_secs(60));
        if let Some(watched) = watched(hours, at) {
            burn.baseline = Some(watched);
        }
        if burn.is_whole() {
            hours.put(at, value);
            hours.cover(at, at);
        }
        let id = bill_of(account);
        let nothing_known = burn.running == 0 && !burn.is_whole();
        if nothing_known && !self.resources.contains_key(&id) {
            return;
        }
        let detail = Detail::Bill(burn);
        self.places.insert(id.scope.clone());
        let bill = self.resources.entry(id.clone()).or_insert_with(|| Resource {
            name: id.id.clone(),
            id: id.clone(),
            tags: BTreeMap::new(),
            detail: Detail::None,
        });
        if bill.detail != detail {
            bill.detail = detail;
            changes.resources.insert(id.clone());
        }
        self.record_api_signals(&id, at, &[ApiSignal::DollarsPerHour, ApiSignal::DollarsPerHourBaseline], changes);
        // How it stands rests on other regions' pollers too: whoever looks at the bill has news of it with each of them.
        changes.numbers.push(id);
    }

    fn count_burn(&self, account: &Text, at: Timestamp) -> Burn {
        let mut burn = Burn::default();
        for (source, record) in &self.pollers {
            let lists = source.poller == PollerKind::Instances && source.scope.account == *account;
            if lists && record.freshness(at) != Freshness::Fresh {
                burn.unread.push(source.scope.region.clone());
            }
        }
        let hour_ago = at.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
        let mut before = Some(0.0);
        let mut recent: BTreeMap<(Text, Text), Recent> = BTreeMap::new();
        let own: BTreeSet<&Scope> = self.places.iter().filter(|s| s.account == *account).collect();
        for resource in own.into_iter().flat_map(|scope| self.in_scope(scope, Kind::Instance)) {
            let Detail::Instance(instance) = &resource.detail else { continue };
            let region = &resource.id.scope.region;
            let known = Offer::of(region, instance).map_or(Some(None), |o| self.prices.by_offer.get(&o).copied());
            let ran = matches!(instance.state.as_str(), "running" | "shutting-down" | "terminated" | "stopping");
            if ran && instance.launched.is_some_and(|l| l <= hour_ago) {
                before = before.zip(known).map(|(sum, dollars)| sum + dollars.unwrap_or(0.0));
            }
            if instance.state != "running" {
                continue;
            }
            burn.running += 1;
            match known {
                Some(Some(dollars)) => burn.dollars_per_hour += dollars,
                Some(None) => burn.unpriced += 1,
                None => burn.waiting += 1,
            }
            if let Some(launched) = instance.launched.filter(|l| *l > hour_ago) {
                let sort = (instance.instance_type.clone(), region.clone());
                let new = recent.entry(sort).or_insert_with_key(|(instance_type, region)| Recent {
                    instance_type: instance_type.clone(),
                    region: region.clone(),
                    count: 0,
                    dollars_per_hour: 0.0,
                    since: launched,
                });
                new.count += 1;
                new.dollars_per_hour += known.flatten().unwrap_or(0.0);
                new.since = new.since.min(launched);
            }
        }
        burn.baseline = before.map(|dollars_per_hour| Baseline { dollars_per_hour, since: None });
        burn.recent = recent.into_values().collect();
        burn.recent.sort_by(|a, b| b.dollars_per_hour.total_cmp(&a.dollars_per_hour));
        burn.recent.truncate(MAX_RECENT);
        burn
    }
}

/// The bill of `account`.
fn bill_of(account: &Text) -> ResourceId {
    ResourceId::new(&Scope::new(account.clone(), BILL_REGION), Kind::Bill, BILL)
}

/// The mean of the hours that were watched, up to a day of them, without the running and the last: a jump is to be seen
/// against what was before it.
fn watched(hours: &Series, at: Timestamp) -> Option<Baseline> {
    let now = hours.slot(at);
    let known: Vec<(i64, f64)> =
        (now - BASELINE_HOURS..=now - 2).filter_map(|slot| Some((slot, hours.at_slot(slot)?))).collect();
    let (first, _) = *known.first()?;
    #[expect(clippy::cast_precision_loss, reason = "at most 24")]
    let mean = known.iter().map(|(_, v)| v).sum::<f64>() / known.len() as f64;
    Some(Baseline { dollars_per_hour: mean, since: Some(hours.slot_start(first)) })
}
