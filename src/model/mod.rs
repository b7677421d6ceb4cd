//! What is known.
//!
//! In: [`Observation`]s, one after another, through [`Model::apply`], the only door. Out: resources with their tags,
//! [`Series`] on a period grid, [`Event`]s, and for everything how fresh it is. Pure: no I/O, no async, no clock; the
//! same observations in any order that keeps each source's own order give the same model.

mod alarm;
#[cfg(test)]
mod anew_tests;
mod apply;
mod burn;
#[cfg(test)]
mod burn_tests;
mod event;
mod events;
mod kind;
mod known;
mod observation;
mod poller;
mod resource;
mod scope;
mod series;
mod service;
mod shelf;
mod signal;
mod sparse;
#[cfg(test)]
mod tests;
mod text;
#[cfg(test)]
mod zones_tests;

pub(crate) use alarm::resources_of_dimensions;
pub use alarm::{Alarm, AlarmMetric, AlarmQuery, AlarmState, METRIC_MATH, MetricGroup};
pub use burn::{Baseline, Burn, Market, Offer, Price, Recent};
pub use event::{Activity, Event, EventKind, LaunchFailure, TrailEvent};
pub use events::{EventLog, MAX_AGE as MAX_EVENT_AGE, MAX_EVENTS};
pub use kind::Kind;
pub use known::{Changes, MAX_RESOURCES, MAX_SERIES, Model};
pub use observation::{Body, ErrorClass, Observation, Outcome, PointBatch, PollError, PollerKind, QueryStatus, Source};
pub use poller::{Freshness, Mishaps, PollerRecord};
pub use resource::{
    AutoScalingGroup, Balancer, Detail, GroupInstance, HealthState, Instance, InstanceStatus, Member, Members,
    Resource, ResourceId, Subnet, TargetGroup, Volume, ZoneMembers,
};
pub use scope::{Identity, Scope};
pub use series::{Point, Series};
pub use service::{Listed, SERVICES, Service, metric_dimensions};
pub(crate) use shelf::{Place, Shelf};
pub use signal::{ApiSignal, Metric, SeriesKey, Signal, dimensions};
pub use sparse::absent_is_zero;
pub use text::{MAX_BYTES as MAX_TEXT_BYTES, Text};
