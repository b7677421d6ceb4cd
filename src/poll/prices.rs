//! A run of the poller of prices: what the scope's instances cost, each sort asked for once a day, spot ones each time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::price_cache;
use super::run::{Closed, Found, Memory, Shared};
use crate::aws::{self, Listing, Meter};
use crate::model::{Body, Detail, ErrorClass, Market, Offer, PollError, PollerKind, Price, Resource};

/// How long a spot price stands: they move every few minutes to hours.
const SPOT_KEPT: SignedDuration = SignedDuration::from_mins(10);
/// How long it is taken for true that the list has no price for an offer.
const UNLISTED_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// What the poller knows.
#[derive(Debug, Default)]
pub(super) struct Prices {
    known: BTreeMap<Offer, Price>,
    /// Whether the disk was looked at.
    loaded: bool,
}

impl Prices {
    /// Whether any of `offers` was never read.
    pub(super) fn lacks(&self, offers: &BTreeSet<Offer>) -> bool {
        offers.iter().any(|o| !self.known.contains_key(o))
    }

    fn due(&self, offer: &Offer, now: Timestamp) -> bool {
        let Some(price) = self.known.get(offer) else { return true };
        let kept = match (&offer.market, price.dollars_per_hour) {
            (Market::Spot(_), _) => SPOT_KEPT,
            (_, None) => UNLISTED_KEPT,
            _ => price_cache::KEPT,
        };
        // A reading of the future is a clock's error.
        price.at > now || now.duration_since(price.at) >= kept
    }
}

impl Shared {
    /// Tells the poller of prices what the instances in `listing` were bought as. A partial one takes nothing away.
    pub(super) fn note_offers(&self, listing: &Listing<Resource>) {
        let region = &self.clients.scope().region;
        let offers: BTreeSet<Offer> = listing
            .items
            .iter()
            .filter_map(|r| if let Detail::Instance(i) = &r.detail { Offer::of(region, i) } else { None })
            .collect();
        let partial = listing.error.is_some();
        self.offers.send_if_modified(|known| {
            let new = if partial { known.union(&offers).cloned().collect() } else { offers };
            let changed = *known != new;
            *known = new;
            changed
        });
    }

    /// Reads the prices that are due, and tells each as soon as it is known.
    pub(super) async fn prices(&self, memory: &mut Memory, meter: &Meter) -> Result<Option<PollError>, Closed> {
        let poller = PollerKind::Prices;
        if let Some(Found::Failed(error)) = self.needs(poller).map(|found| found.borrow().clone()) {
            return Ok(Some(error));
        }
        let offers = self.offers.borrow().clone();
        let now = self.clock.now();
        self.load_prices(memory, now).await;
        let prices = &mut memory.prices;
        prices.known.retain(|offer, _| offers.contains(offer));
        let known: Vec<Price> = prices.known.values().cloned().collect();
        if !known.is_empty() {
            self.send(poller, Body::Prices(known)).await?;
        }
        let due: Vec<Offer> = offers.into_iter().filter(|o| prices.due(o, now)).collect();
        let (spot, listed): (Vec<Offer>, Vec<Offer>) =
            due.into_iter().partition(|o| matches!(o.market, Market::Spot(_)));
        let mut first = None;
        if !spot.is_empty() {
            let Listing { mut items, error, .. } = aws::ec2::spot_prices(&self.clients, meter, &spot).await;
            if error.is_none() {
                let without = spot.into_iter().filter(|o| !items.iter().any(|p| p.offer == *o)).collect::<Vec<_>>();
                items.extend(without.into_iter().map(|offer| Price { offer, dollars_per_hour: None, at: now }));
            }
            self.tell(prices, items).await?;
            // Of another service than the rest of this poller's.
            first = error.map(|e| PollError { operation: format!("ec2:{}", e.operation).into(), ..e });
        }
        let mut new = Vec::new();
        for offer in listed {
            match aws::pricing::on_demand(&self.clients, meter, &offer).await {
                Ok(dollars_per_hour) => {
                    let price = Price { offer, dollars_per_hour, at: self.clock.now() };
                    new.push(price.clone());
                    self.tell(prices, vec![price]).await?;
                }
                Err(error) => {
                    let alone = error.class == ErrorClass::Refused;
                    first.get_or_insert(error);
                    if !alone {
                        break;
                    }
                }
            }
        }
        self.save_prices(new).await;
        Ok(first)
    }

    async fn tell(&self, prices: &mut Prices, new: Vec<Price>) -> Result<(), Closed> {
        if new.is_empty() {
            return Ok(());
        }
        prices.known.extend(new.iter().map(|p| (p.offer.clone(), p.clone())));
        self.send(PollerKind::Prices, Body::Prices(new)).await
    }

    async fn load_prices(&self, memory: &mut Memory, now: Timestamp) {
        let (Some(dir), false) = (self.settings.cache.clone(), memory.prices.loaded) else { return };
        memory.prices.loaded = true;
        let endpoint = self.clients.stand_in().await;
        let read = tokio::task::spawn_blocking(move || price_cache::load(&dir, endpoint.as_deref(), now)).await;
        memory.prices.known.extend(read.unwrap_or_default().into_iter().map(|p| (p.offer.clone(), p)));
    }

    async fn save_prices(&self, new: Vec<Price>) {
        let Some(dir) = self.settings.cache.clone().filter(|_| new.iter().any(|p| p.dollars_per_hour.is_some())) else {
            return;
        };
        let endpoint = self.clients.stand_in().await;
        let now = self.clock.now();
        let saved = tokio::task::spawn_blocking(move || price_cache::save(&dir, endpoint.as_deref(), now, &new)).await;
        if let Ok(Err(error)) = saved {
            // Nothing but the time to ask again is lost.
            tracing::debug!("prices were not kept: {error}");
        }
    }
}
