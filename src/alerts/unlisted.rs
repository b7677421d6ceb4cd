//! Alerts of what AWS lists no more because it publishes nothing any more.

use jiff::{SignedDuration, Timestamp};

use super::{Alert, Phase};
use crate::model::{Kind, Listed, Model, Service};

/// How long after its last metric what publishes none, and is listed no more, is told of, where that is a breach.
const NO_DATA_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Whether what is of `kind` is known by nothing but its metrics of the last three hours.
pub(super) fn is_known_by_metrics(kind: Kind) -> bool {
    Service::of(kind).is_some_and(|s| s.listed == Listed::Recent)
}

/// Whether `alert` is of something that has published no metric for so long that it is listed no more.
pub(super) fn is_unlisted(alert: &Alert, model: &Model) -> bool {
    is_known_by_metrics(alert.id.resource.kind) && model.resource(&alert.id.resource).is_none()
}

/// Whether `alert`, which is of nothing that is listed, is told on: it fires because there is no data, and has not for
/// long enough to take it for deleted.
pub(super) fn is_still_told(alert: &Alert, now: Timestamp) -> bool {
    let last = alert.data_at.unwrap_or(alert.since);
    alert.phase == Phase::Firing && alert.no_data && now.duration_since(last) < NO_DATA_FOR
}
