//! The bill: charges of the month so far, where they lead, and the budget.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::events::Told;
use super::reading::{Reading, coarse, read};
use super::rule::{BillFigure, Rule};
use super::series::{Finding, loudest};
use super::{Basis, RuleContext, Standing};
use crate::model::{Metric, Model, Point, PollerKind, Resource, Series, Signal};

/// AWS publishes charges several times a day; a newest figure that began longer ago than this is no figure of now.
const PUBLISHED_WITHIN: SignedDuration = SignedDuration::from_hours(48);
/// How far back the rate for a forecast is taken.
const RATE_OVER: SignedDuration = SignedDuration::from_hours(72);
/// By how many times and dollars a figure of a month's first day must lie above the last one of the month before to be no
/// late charge of that.
const WELL_ABOVE: (f64, f64) = (1.2, 5.0);
/// A forecast from less than this of a month would be noise.
const LEAST: SignedDuration = SignedDuration::from_hours(24);

/// The month's charges, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BillOutlook {
    /// So far, as AWS last said.
    pub month_to_date: f64,
    /// At the month's end, if it goes on as in the last three days. `None` in the month's first day.
    pub forecast: Option<f64>,
    /// Dollars an hour over the last three days.
    pub per_hour: Option<f64>,
    /// Until when the charges are counted.
    pub as_of: Timestamp,
}

/// The metric that holds an account's charges.
#[must_use]
pub fn bill_metric() -> Metric {
    Metric::new("AWS/Billing", "EstimatedCharges", "Maximum", 21_600)
}

impl BillOutlook {
    /// The outlook at `now` by the charges in `series`. `None` while AWS has said nothing of this month: last month's
    /// figure says nothing of this one. Months are UTC, as AWS's are.
    #[must_use]
    pub fn of(series: &Series, now: Timestamp) -> Option<Self> {
        let (month_start, month_end) = month(now)?;
        let period = SignedDuration::from_secs(series.period().into());
        // A point is the charges at its period's end; the period that is not over holds those of the last reading.
        let end_of = |at: Timestamp| at.checked_add(period).unwrap_or(now).min(now);
        let known = || series.points().filter(|p| p.at <= now);
        let before = known().rfind(|p| p.at < month_start).map(|p| p.value);
        let this_month: Vec<Point> = known().filter(|p| p.at >= month_start).collect();
        let begun = begins(&this_month, before, month_start, now);
        let points: Vec<(Timestamp, f64)> = begun.iter().map(|p| (end_of(p.at), p.value)).collect();
        let &(as_of, month_to_date) = points.last()?;
        let mut outlook = Self { month_to_date, forecast: None, per_hour: None, as_of };
        if as_of.duration_since(month_start) < LEAST {
            return Some(outlook);
        }
        let from = as_of.checked_sub(RATE_OVER).unwrap_or(month_start);
        // Nothing is owed when the month begins.
        let begin = std::iter::once((month_start, 0.0));
        let recent: Vec<(Timestamp, f64)> = begin.chain(points).filter(|(at, _)| *at >= from).collect();
        let (Some(first), Some(last)) = (recent.first(), recent.last()) else { return Some(outlook) };
        let hours = last.0.duration_since(first.0).as_secs_f64() / 3600.0;
        if hours <= 0.0 {
            return Some(outlook);
        }
        // AWS corrects charges downwards now and then: that is no negative spending.
        let spent: f64 = recent.windows(2).map(|w| (w[1].1 - w[0].1).max(0.0)).sum();
        let per_hour = spent / hours;
        let left = month_end.duration_since(as_of).as_secs_f64() / 3600.0;
        outlook.per_hour = Some(per_hour);
        outlook.forecast = Some(month_to_date + per_hour * left);
        Some(outlook)
    }
}

/// Those of a month's `points` that are its own. The highest figure of its first hours may still be that of the month
/// before, whose last one was `before`: what stands before the first fall is not this month's, unless it lies well above that: the
/// month before was cheap. A fall after the first day is a correction; where there was none until then, the month before was cheap
/// too.
fn begins(points: &[Point], before: Option<f64>, month_start: Timestamp, now: Timestamp) -> &[Point] {
    let Some(before) = before else { return points };
    let first_day = month_start.checked_add(LEAST).unwrap_or(now);
    let dear = |value: f64| value > before * WELL_ABOVE.0 + WELL_ABOVE.1;
    let previous = std::iter::once(before).chain(points.iter().map(|p| p.value));
    match points
        .iter()
        .zip(previous)
        .position(|(p, previous)| p.at < first_day && (p.value < previous || dear(p.value)))
    {
        Some(fell) => &points[fell..],
        None if now < first_day => &[],
        None => points,
    }
}

/// Start and end of the UTC month that `now` is in.
fn month(now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let midnight = |d: Date| d.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    let next = today.last_of_month().tomorrow().ok()?;
    Some((midnight(today.first_of_month())?, midnight(next)?))
}

/// Why what AWS publishes of the bill says nothing of now, and since when: an account publishes no charges at all until
/// that is switched on, and what was read then is no bill of $0.
fn unpublished(series: &Series, now: Timestamp) -> Option<(String, Timestamp)> {
    let Some(last) = series.last() else {
        let why = "AWS publishes no charges: switch on billing alerts in the account's Billing preferences";
        return Some((why.to_owned(), series.read_at().unwrap_or(now)));
    };
    let age = now.duration_since(last.at);
    (age > PUBLISHED_WITHIN).then(|| {
        let why = format!("AWS last published charges {} ago: see the account's Billing preferences", coarse(age));
        (why, last.at)
    })
}

/// What a bill rule finds; `None` where it is over a budget and there is none.
pub(super) fn evaluate<'r>(
    rule: &'r Rule,
    figure: BillFigure,
    model: &Model,
    resource: &Resource,
    context: &RuleContext,
    now: Timestamp,
) -> Option<Told<'r>> {
    let budget = context.budget.filter(|b| b.is_finite() && *b > 0.0);
    // What a dollar is in what is compared.
    let scale = if figure.needs_budget() { 100.0 / budget? } else { 1.0 };
    let forecast = figure.is_forecast();
    let signal = Signal::Metric(bill_metric());
    let told = |standing: Standing, value: Option<f64>, outlook: Option<&BillOutlook>| {
        let of = budget.map_or_else(String::new, |b| format!(" of ${b:.0}"));
        let detail = outlook.map_or(String::new(), |o| match (forecast, o.forecast) {
            (true, Some(f)) => format!("${f:.0} forecast{of}, ${:.0} so far", o.month_to_date),
            _ if of.is_empty() => format!("${:.0} so far", o.month_to_date),
            _ => format!("${:.0}{of}", o.month_to_date),
        });
        let found = rule.levels_for(resource, now).iter().map(|level| {
            let standing = match (&standing, value) {
                (Standing::Ok, Some(v)) if level.comparison.breaches(v, level.limit) => {
                    let since = outlook.map_or(now, |o| o.as_of);
                    Standing::Breach { severity: level.severity, since, held: true }
                }
                (other, _) => other.clone(),
            };
            let data_at = outlook.map(|o| o.as_of);
            // It moves with the calendar.
            let again = Again::EACH_PASS;
            (
                Finding {
                    standing,
                    value,
                    data_at,
                    signal: Some(signal.clone()),
                    assumed: false,
                    basis: Basis::Points,
                    again,
                },
                level,
            )
        });
        loudest(found.collect()).map(|(f, l)| (f, l, detail.into()))
    };
    match read(model, resource, &signal, context.mode, now) {
        Reading::NotApplicable => None,
        Reading::Not(standing) => told(standing, None, None),
        Reading::Series(series, _) => {
            if let Some((why, since)) = unpublished(series, now) {
                return told(Standing::Blind { poller: PollerKind::Bill, why: why.into(), since }, None, None);
            }
            let Some(outlook) = BillOutlook::of(series, now) else { return told(Standing::NoData, None, None) };
            let dollars = if forecast { outlook.forecast } else { Some(outlook.month_to_date) };
            let Some(dollars) = dollars else {
                // Too early in the month to say where it leads, which is known and good.
                return told(Standing::Ok, None, Some(&outlook));
            };
            let value = scale * dollars;
            let mut told = told(Standing::Ok, Some(value), Some(&outlook))?;
            if let Standing::Breach { since, .. } = &mut told.0.standing
                && !forecast
            {
                let limit = told.1;
                let start = month(now).map_or(now, |m| m.0);
                let first =
                    series.points().find(|p| p.at >= start && limit.comparison.breaches(scale * p.value, limit.limit));
                *since = first.map_or(*since, |p| p.at);
            }
            Some(told)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charges(from: &str, values: &[f64]) -> Series {
        let mut series = Series::new(21_600);
        let from: Timestamp = from.parse().expect("a time");
        for (i, value) in values.iter().enumerate() {
            series.put(from + SignedDuration::from_hours(6 * i64::try_from(i).expect("small")), *value);
        }
        series
    }

    #[test]
    fn the_months_bill_and_where_it_leads() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        // 60 dollars a quarter day through January.
        let even: Vec<f64> = (1..=52).map(|i| f64::from(i) * 60.0).collect();
        let outlook =
            BillOutlook::of(&charges("2026-01-01T00:00:00Z", &even), at("2026-01-14T00:00:00Z")).expect("known");
        assert_eq!((outlook.month_to_date, outlook.forecast, outlook.per_hour), (3120.0, Some(7440.0), Some(10.0)));
        // Last month's last figure says nothing of this month.
        let old = charges("2026-01-31T12:00:00Z", &[7380.0, 7440.0]);
        assert_eq!(BillOutlook::of(&old, at("2026-02-01T03:00:00Z")), None);
        // The first day has a figure and no forecast; the fall at the turn is no negative spending.
        let turned = charges("2026-01-31T18:00:00Z", &[7440.0, 60.0, 120.0, 180.0, 240.0, 300.0]);
        let first = BillOutlook::of(&turned, at("2026-02-01T14:00:00Z"));
        assert_eq!(first.map(|o| o.month_to_date), Some(180.0), "points of the future do not count");
        let turned = charges("2026-01-31T18:00:00Z", &[7440.0, 60.0, 120.0]);
        let first = BillOutlook::of(&turned, at("2026-02-01T14:00:00Z")).expect("known");
        assert_eq!((first.month_to_date, first.forecast), (120.0, None));
        // The highest figure of the month's first hours may still be last month's.
        let stale = charges("2026-01-31T12:00:00Z", &[7380.0, 7440.0, 7440.0, 60.0, 120.0, 180.0, 240.0, 300.0]);
        assert_eq!(BillOutlook::of(&stale, at("2026-02-01T05:00:00Z")), None, "nothing is known of this month yet");
        let told = |now| BillOutlook::of(&stale, at(now)).expect("known");
        assert_eq!(Some(told("2026-02-01T13:00:00Z").month_to_date), Some(120.0));
        assert!(
            told("2026-02-02T06:00:00Z").forecast.is_some_and(|f| f < 8000.0),
            "{:?}",
            told("2026-02-02T06:00:00Z")
        );
        // A cheap month before does not fall.
        let cheap = charges("2026-01-31T18:00:00Z", &[1.0, 60.0, 120.0, 180.0, 240.0, 300.0]);
        assert_eq!(BillOutlook::of(&cheap, at("2026-02-02T00:00:00Z")).map(|o| o.month_to_date), Some(300.0));
        let cheap = charges("2026-01-31T12:00:00Z", &[5.0, 5.0, 5.5, 3000.0, 6000.0]);
        let told = |now| BillOutlook::of(&cheap, at(now)).map(|o| o.month_to_date);
        let turn = ["2026-02-01T05:00:00Z", "2026-02-01T07:00:00Z", "2026-02-01T14:00:00Z"].map(told);
        assert_eq!(
            turn,
            [None, Some(3000.0), Some(6000.0)],
            "well above it they are this month's, on its first day too"
        );
        // A correction downwards: the rate counts what rose.
        let corrected = charges("2026-01-01T00:00:00Z", &[60.0, 120.0, 180.0, 100.0, 160.0, 220.0, 280.0, 340.0]);
        let outlook = BillOutlook::of(&corrected, at("2026-01-03T00:00:00Z")).expect("known");
        assert!(outlook.forecast > Some(340.0) && outlook.per_hour > Some(0.0), "{outlook:?}");
    }
}
