//! Times of the week in a time zone, such as business hours.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A part of a day, in minutes since its midnight: `from` belongs to it, `to` does not. Where `to` is not after `from`,
/// it goes on over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u16,
    pub(super) to: u16,
}

/// Times of the week.
#[derive(Clone, Debug)]
pub(super) struct Times {
    pub(super) zone: TimeZone,
    pub(super) spans: Vec<Span>,
    /// From Monday on: the days on which a span may begin.
    pub(super) days: [bool; 7],
}

impl Times {
    /// Whether `now` is among them.
    pub(super) fn hold(&self, now: Timestamp) -> bool {
        let local = now.to_zoned(self.zone.clone());
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        let today = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let yesterday = (today + 6) % 7;
        self.spans.iter().any(|s| {
            if s.from < s.to {
                self.days[today] && (s.from..s.to).contains(&minute)
            } else {
                (self.days[today] && minute >= s.from) || (self.days[yesterday] && minute < s.to)
            }
        })
    }

    /// The next moment after `now` at which [`Times::hold`] may say something else.
    pub(super) fn turns_after(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        let edges = self.spans.iter().flat_map(|s| [s.from, s.to]).chain([0]);
        // Where the clocks are changed, a time of the day may come twice, or not at all.
        let changed = self.zone.following(now).next().map(|t| t.timestamp());
        edges
            .flat_map(|minute| {
                [0, 1].into_iter().filter_map(move |day| {
                    let midnight: DateTime =
                        today.checked_add(day.days()).ok()?.to_datetime(jiff::civil::Time::midnight());
                    midnight.checked_add(i64::from(minute).minutes()).ok()
                })
            })
            .flat_map(|at| {
                let ambiguous = || self.zone.to_ambiguous_timestamp(at);
                [ambiguous().earlier().ok(), ambiguous().later().ok()].into_iter().flatten()
            })
            .chain(changed)
            .filter(|at| *at > now)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn times(zone: &str, spans: &[(u16, u16)], days: [bool; 7]) -> Times {
        let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
        Times { zone, spans: spans.iter().map(|&(from, to)| Span { from: from * 60, to: to * 60 }).collect(), days }
    }

    const WEEKDAYS: [bool; 7] = [true, true, true, true, true, false, false];

    #[test]
    fn business_hours_are_those_of_their_zone() {
        let office = times("Asia/Tokyo", &[(9, 18)], WEEKDAYS);
        // 2026-01-14 is a Wednesday; Tokyo is nine hours ahead.
        for (now, expected) in [
            ("2026-01-13T23:59:59Z", false),
            ("2026-01-14T00:00:00Z", true),
            ("2026-01-14T08:59:59Z", true),
            ("2026-01-14T09:00:00Z", false),
            ("2026-01-16T05:00:00Z", true),
            ("2026-01-17T05:00:00Z", false),
            ("2026-01-18T23:59:00Z", false),
            ("2026-01-19T00:00:00Z", true),
        ] {
            assert_eq!(office.hold(at(now)), expected, "{now}");
        }
        assert_eq!(office.turns_after(at("2026-01-14T05:00:00Z")), Some(at("2026-01-14T09:00:00Z")));
        assert_eq!(office.turns_after(at("2026-01-14T09:00:00Z")), Some(at("2026-01-14T15:00:00Z")), "midnight");
    }

    #[test]
    fn a_span_over_midnight_belongs_to_the_day_it_began() {
        let nights = times("Europe/Berlin", &[(22, 6)], WEEKDAYS);
        for (now, expected) in [
            ("2026-01-16T21:30:00Z", true),
            ("2026-01-17T04:59:00Z", true),
            ("2026-01-17T05:00:00Z", false),
            ("2026-01-17T21:30:00Z", false),
            ("2026-01-19T04:00:00Z", false),
            ("2026-01-19T21:00:00Z", true),
        ] {
            assert_eq!(nights.hold(at(now)), expected, "{now}");
        }
    }

    #[test]
    fn hours_follow_daylight_saving_time() {
        let office = times("America/New_York", &[(9, 17)], [true; 7]);
        assert!(office.hold(at("2026-01-14T14:00:00Z")) && !office.hold(at("2026-01-14T13:59:00Z")));
        assert!(office.hold(at("2026-07-14T13:00:00Z")) && !office.hold(at("2026-07-14T21:00:00Z")));
    }

    #[test]
    fn an_hour_that_comes_twice_turns_twice_and_one_that_is_skipped_is_not_missed() {
        // 2026-11-01 at 02:00 the clocks of New York go back to 01:00; on 2026-03-08 at 02:00 they go on to 03:00.
        let zone = TimeZoneDatabase::bundled().get("America/New_York").expect("a zone");
        for (from, to, start) in [(90, 300, "2026-11-01T04:00:00Z"), (150, 300, "2026-03-08T05:00:00Z")] {
            let times = Times { zone: zone.clone(), spans: vec![Span { from, to }], days: [true; 7] };
            let mut now = at(start);
            for _ in 0..8 {
                let turn = times.turns_after(now).expect("it turns");
                let before = times.hold(now);
                let mut minute = now;
                while minute < turn {
                    assert_eq!(times.hold(minute), before, "{minute}");
                    minute += jiff::SignedDuration::from_mins(1);
                }
                now = turn;
            }
        }
    }

    #[test]
    fn nothing_turns_between_two_turns() {
        for times in
            [times("Asia/Tokyo", &[(9, 12), (13, 18)], WEEKDAYS), times("America/New_York", &[(20, 4)], WEEKDAYS)]
        {
            let mut now = at("2026-03-05T00:00:00Z");
            for _ in 0..60 {
                let turn = times.turns_after(now).expect("one day has an end");
                assert!(turn > now && turn.duration_since(now).as_hours() <= 25, "{now} {turn}");
                let before = times.hold(now);
                let mut minute = now;
                while minute < turn {
                    assert_eq!(times.hold(minute), before, "{minute}");
                    minute += jiff::SignedDuration::from_mins(7);
                }
                now = turn;
            }
        }
    }
}
