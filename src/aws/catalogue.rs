//! Amazon CloudWatch's catalogue: which resources have metrics.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types as sdk;

use super::translate::MAX_PAGES;
use super::{Api, Listing, Meter, ScopeClients};
use crate::model::{Detail, Listed, Resource, ResourceId, Scope, Service, Text};

/// The resources of `service` that `ListMetrics` knows, each once.
pub async fn resources(clients: &ScopeClients, meter: &Meter, service: &Service) -> Listing<Resource> {
    let client = clients.cloudwatch().await;
    // Named without values: metrics of other dimensions do not fill pages.
    let named = |name: &str| sdk::DimensionFilter::builder().name(name).build();
    let dimensions: Vec<sdk::DimensionFilter> = service.dimensions.iter().map(|d| named(d)).collect();
    let recent = (service.listed == Listed::Recent).then_some(sdk::RecentlyActive::Pt3H);
    let send = |token, tally| {
        client
            .list_metrics()
            .namespace(service.namespace)
            .set_dimensions(Some(dimensions.clone()))
            .set_recently_active(recent.clone())
            .set_next_token(token)
            .customize()
            .interceptor(tally)
            .send()
    };
    let mut seen = BTreeSet::new();
    meter
        .pages(Api::CloudWatchList, "ListMetrics", MAX_PAGES, send, |page, into| {
            for metric in page.metrics() {
                let dimensions: Vec<(&str, &str)> =
                    metric.dimensions().iter().filter_map(|d| Some((d.name()?, d.value()?))).collect();
                if let Some((id, name)) = service.name(&dimensions)
                    && seen.insert(id.clone())
                {
                    into.push(resource(clients.scope(), service, id, name));
                }
            }
            page.next_token
        })
        .await
}

fn resource(scope: &Scope, service: &Service, id: Text, name: Text) -> Resource {
    Resource { id: ResourceId::new(scope, service.kind, id), name, tags: BTreeMap::new(), detail: Detail::None }
}
