//! The fields of each list.

use crate::ui::query::{Field, number, text};
use crate::ui::view::Listing;

/// The fields of `list`'s rows, the most useful first. Besides, resources have their tags and their metrics.
pub(in crate::ui) fn of(list: Listing) -> &'static [Field] {
    match list {
        Listing::Alerts => {
            const {
                &[
                    text("name"),
                    text("level"),
                    text("state"),
                    text("rule"),
                    text("title"),
                    text("kind"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("value"),
                    number("limit"),
                    number("age"),
                ]
            }
        }
        Listing::Balancers => {
            const {
                &[
                    text("name"),
                    text("group"),
                    text("kind"),
                    text("level"),
                    text("state"),
                    text("zone"),
                    text("scheme"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("unhealthy"),
                    number("healthy"),
                    number("targets"),
                    number("queue"),
                    number("5xx"),
                    number("p99"),
                    number("requests"),
                ]
            }
        }
        Listing::Scaling => {
            const {
                &[
                    text("name"),
                    text("level"),
                    text("zone"),
                    text("suspended"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("min"),
                    number("max"),
                    number("wanted"),
                    number("serving"),
                ]
            }
        }
        Listing::Instances => {
            const {
                &[
                    text("name"),
                    text("state"),
                    text("type"),
                    text("zone"),
                    text("group"),
                    text("checks"),
                    text("level"),
                    text("ip"),
                    text("subnet"),
                    text("vpc"),
                    text("sg"),
                    text("platform"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("cpu"),
                    number("age"),
                ]
            }
        }
        Listing::Trail | Listing::Timeline => {
            const {
                &[
                    text("what"),
                    text("who"),
                    text("on"),
                    text("kind"),
                    text("level"),
                    text("rule"),
                    text("service"),
                    text("ip"),
                    text("error"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("age"),
                ]
            }
        }
        Listing::Metrics | Listing::Pinned => {
            const {
                &[
                    text("name"),
                    text("metric"),
                    text("namespace"),
                    text("stat"),
                    text("kind"),
                    text("level"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("now"),
                ]
            }
        }
        Listing::Bill => const { &[text("account"), text("region"), text("name"), text("level")] },
        Listing::Alarms => {
            const {
                &[
                    text("name"),
                    text("state"),
                    text("metric"),
                    text("namespace"),
                    text("of"),
                    text("level"),
                    text("region"),
                    text("account"),
                    text("id"),
                    number("threshold"),
                    number("age"),
                ]
            }
        }
        Listing::Pollers => {
            const {
                &[
                    text("name"),
                    text("state"),
                    text("error"),
                    text("region"),
                    text("account"),
                    number("age"),
                    number("calls"),
                    number("throttled"),
                    number("billed"),
                    number("failures"),
                ]
            }
        }
    }
}
