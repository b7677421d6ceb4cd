//! Balancers' tags come with a call of their own: who may not make it knows all the rest.

use jiff::{SignedDuration, Timestamp};

use crate::aws::Listing;
use crate::model::{PollError, Resource};

/// How long a refused call is not made again: each leaves an `AccessDenied` in the account's trail.
const ASKED_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// What a poller that reads tags remembers of how that was refused.
#[derive(Debug, Default)]
pub(super) struct Tags {
    refused: Option<(Timestamp, PollError)>,
    /// What this run lacks.
    lacks: Option<PollError>,
}

impl Tags {
    /// How they were refused, so lately that they are not asked for.
    pub(super) fn refused(&self, now: Timestamp) -> Option<PollError> {
        // A clock that was set back must not keep it from asking.
        let lately = |at: Timestamp| (SignedDuration::ZERO..ASKED_AGAIN).contains(&now.duration_since(at));
        self.refused.as_ref().filter(|(at, _)| lately(*at)).map(|(_, error)| error.clone())
    }

    /// Notes what `listing`, begun at `now`, lacks.
    pub(super) fn note(&mut self, listing: &mut Listing<Resource>, now: Timestamp) {
        let asked = self.refused(now).is_none();
        self.lacks = listing.lacks.take();
        if asked {
            self.refused = self.lacks.clone().map(|error| (now, error));
        }
    }

    /// What the run that ends lacks.
    pub(super) fn take(&mut self) -> Option<PollError> {
        self.lacks.take()
    }
}
