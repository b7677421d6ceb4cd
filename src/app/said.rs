//! What is said of a decision about alerts: what matters first, for the footer cuts what it has no room for.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::alerts::{Alert, AlertId, Alerts, Field, Silence};
use crate::model::Model;
use crate::ui::name_of_id;

/// `web-asg: at its maximum size`; `12 alerts: CPU is high` where it is about several.
pub(super) fn about<'a>(ids: impl ExactSizeIterator<Item = &'a AlertId>, alerts: &Alerts, model: &Model) -> String {
    let n = ids.len();
    let found: Vec<&Alert> = ids.filter_map(|id| alerts.get(id)).collect();
    let Some(first) = found.first() else { return "nothing that still fires".into() };
    let one = |a: &Alert| format!("{}: {}", name_of_id(model, &a.id.resource), a.title);
    if n == 1 {
        return one(first);
    }
    if found.iter().all(|a| a.title == first.title) {
        return format!("{n} alerts: {}", first.title);
    }
    let more = if n > 3 { " and more" } else { "" };
    format!("{n} alerts: {}{more}", found.iter().take(3).map(|a| one(a)).collect::<Vec<_>>().join("; "))
}

/// `silenced until 07:00: name=web-clb rule=clb-surge-queue …`: with the day where it is another, and with the second where
/// it ends soon.
pub(super) fn silenced(silence: &Silence, now: Timestamp, tz: &TimeZone) -> String {
    let (until, today) = (silence.until.to_zoned(tz.clone()), now.to_zoned(tz.clone()));
    let form = if silence.until.duration_since(now) < SignedDuration::from_mins(10) {
        "%H:%M:%S"
    } else if until.date() == today.date() {
        "%H:%M"
    } else if until.year() == today.year() {
        "%d %b %H:%M"
    } else {
        "%d %b %Y %H:%M"
    };
    let mut matchers: Vec<_> = silence.matchers.iter().collect();
    matchers.sort_by_key(|m| match m.field {
        Field::Name => 0,
        Field::Rule => 1,
        Field::Kind | Field::Tag(_) | Field::Label(_) => 2,
        Field::Severity => 3,
        Field::Account | Field::Region => 4,
    });
    let what = matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("silenced until {}: {what}", until.strftime(form))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::Matcher;

    #[test]
    fn a_silence_says_until_when_and_what_matters_first() {
        let now: Timestamp = "2026-01-14T05:00:00Z".parse().unwrap();
        let said = |what: &str, lasts: SignedDuration| {
            let matchers = Matcher::parse_all(what).unwrap();
            let silence = Silence::new(matchers, now, now + lasts, "bob".into(), "load test".into(), now);
            silenced(&silence, now, &TimeZone::UTC)
        };
        let what = "region=eu-west-1 rule=clb-surge-queue account=demo name=web-clb";
        let hours = SignedDuration::from_hours;
        assert_eq!(
            said(what, hours(2)),
            "silenced until 07:00: name=web-clb rule=clb-surge-queue region=eu-west-1 account=demo"
        );
        assert_eq!(said("rule=a", hours(24)), "silenced until 15 Jan 05:00: rule=a");
        assert_eq!(said("rule=a", hours(24 * 360)), "silenced until 09 Jan 2027 05:00: rule=a");
        assert_eq!(said("rule=a", SignedDuration::from_secs(90)), "silenced until 05:01:30: rule=a");
    }
}
