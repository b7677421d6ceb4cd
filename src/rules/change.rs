//! Change over time: what a quantity was, how it changed, how fast, and when it will reach a limit.
//!
//! All of them look back from one slot over a window of whole slots. Where the quantity has no value in the slot itself,
//! the change has none either, but for what it was before ([`Function::Ago`], [`Function::Average`]).

/// A function of a quantity's past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    /// `ago(x, 1h)`, `yesterday(x)`: what it was then. Absent where it had no value then.
    Ago,
    /// `delta(x, 1h)`: how much more it is than then. Absent where it had no value then.
    Delta,
    /// `rate(x, 1h)`: how much it rose a second. What fell counts as nothing, so that a counter that begins anew, as the
    /// bill does each month, is no negative rate. Absent while its points reach back over less than half the window.
    Rate,
    /// `average(x, 24h)`: the mean of its values before. Absent while there are fewer than ten, or than the window holds.
    Average,
    /// `until(x, 0, 3h)`: in how many seconds the straight line that fits the window best reaches the limit. 0 while the
    /// newest value is at the limit, or beyond it as seen from where the window begins. Absent where it does not come nearer,
    /// and while the points are too few (as for the average) or reach back over less than half the window.
    Until(f64),
}

/// Fewest values that a mean or a line is made of, where the window holds as many.
const FEWEST: usize = 10;

impl Function {
    /// Its value in `slot`, where `of` gives the quantity's value in a slot, over `slots` slots of `period` seconds.
    pub(super) fn value(self, slot: i64, slots: i64, period: i64, of: impl Fn(i64) -> Option<f64>) -> Option<f64> {
        let window = || (slot.saturating_sub(slots)..=slot).filter_map(|s| of(s).map(|v| (s, v)));
        let seconds = |slots: i64| slots.saturating_mul(period) as f64;
        let fewest = FEWEST.min(usize::try_from(slots).unwrap_or(FEWEST)).max(1);
        match self {
            Self::Ago => of(slot.saturating_sub(slots)),
            Self::Delta => Some(of(slot)? - of(slot.saturating_sub(slots))?),
            Self::Rate => {
                of(slot)?;
                let points: Vec<(i64, f64)> = window().collect();
                let span = slot - points.first()?.0;
                if span < 1 || span * 2 < slots {
                    return None;
                }
                let rose: f64 = points.windows(2).map(|w| (w[1].1 - w[0].1).max(0.0)).sum();
                Some(rose / seconds(span))
            }
            Self::Average => {
                let values: Vec<f64> = window().filter(|(s, _)| *s < slot).map(|(_, v)| v).collect();
                (values.len() >= fewest).then(|| values.iter().sum::<f64>() / values.len() as f64)
            }
            Self::Until(limit) => {
                let newest = of(slot)?;
                let points: Vec<(f64, f64)> = window().map(|(s, v)| (seconds(s - slot), v)).collect();
                let span = -points.first()?.0;
                if points.len() < fewest.max(2) || span * 2.0 < seconds(slots) {
                    return None;
                }
                // What has arrived does not come nearer, and is no good news.
                let came_from = points.iter().map(|(_, v)| v - limit).find(|side| *side != 0.0).unwrap_or_default();
                let side = newest - limit;
                if side == 0.0 || side * came_from < 0.0 {
                    return Some(0.0);
                }
                let (now, slope) = line(&points)?;
                let left = |from: f64| Some((limit - from) / slope).filter(|l| l.is_finite() && *l >= 0.0);
                // What slows down before the limit has not passed it, though the line has.
                left(now).or_else(|| left(newest))
            }
        }
    }
}

/// The line through `points` with the least squares: its value at 0 and its slope.
fn line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let (xy, xx) = points.iter().fold((0.0, 0.0), |(xy, xx), (x, y)| {
        ((x - mean_x).mul_add(y - mean_y, xy), (x - mean_x).mul_add(x - mean_x, xx))
    });
    let slope = xy / xx;
    (slope.is_finite() && slope != 0.0).then(|| (slope.mul_add(-mean_x, mean_y), slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `function` makes of `values`, the last of which is the newest; `_` is none.
    fn of(function: Function, slots: i64, values: &str) -> Option<f64> {
        let values: Vec<Option<f64>> = values.split_whitespace().map(|v| v.parse().ok()).collect();
        let newest = i64::try_from(values.len()).expect("few") - 1;
        function.value(newest, slots, 60, |s| usize::try_from(s).ok().and_then(|s| *values.get(s)?))
    }

    #[test]
    fn what_was_and_by_how_much_it_changed() {
        assert_eq!(of(Function::Ago, 2, "5 6 7"), Some(5.0));
        assert_eq!(of(Function::Ago, 2, "5 6 _"), Some(5.0), "it needs no value now");
        assert_eq!(of(Function::Ago, 3, "5 6 7"), None, "before anything was read");
        assert_eq!(of(Function::Delta, 2, "5 6 7"), Some(2.0));
        assert_eq!(of(Function::Delta, 2, "_ 6 7"), None);
        assert_eq!(of(Function::Delta, 2, "5 6 _"), None);
    }

    #[test]
    fn a_rate_ignores_what_fell() {
        assert_eq!(of(Function::Rate, 2, "0 60 120"), Some(1.0));
        assert_eq!(of(Function::Rate, 4, "100 160 0 60 120"), Some(180.0 / 240.0), "a new month");
        assert_eq!(of(Function::Rate, 2, "0 _ 120"), Some(1.0), "a gap within");
        assert_eq!(of(Function::Rate, 4, "_ _ _ 60 120"), None, "less than half the window");
        assert_eq!(of(Function::Rate, 2, "0 60 _"), None);
        assert_eq!(of(Function::Rate, 2, "5"), None, "one point is no rate");
    }

    #[test]
    fn an_average_is_of_what_was_before() {
        assert_eq!(of(Function::Average, 3, "9 1 2 3 100"), Some(2.0));
        assert_eq!(of(Function::Average, 3, "_ _ 2 3 100"), None, "not the whole of a short window");
        assert_eq!(of(Function::Average, 24, "1 1 1 1 1 1 1 1 1 100"), None, "nine");
        assert_eq!(of(Function::Average, 24, "1 1 1 1 1 1 1 1 1 1 _"), Some(1.0), "ten");
    }

    #[test]
    fn a_forecast_says_when_a_limit_is_reached() {
        let near = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 1e-6);
        assert!(near(of(Function::Until(0.0), 4, "100 90 80 70 60"), 360.0));
        assert!(near(of(Function::Until(100.0), 4, "0 10 20 30 40"), 360.0));
        assert!(!near(of(Function::Until(0.0), 4, "100 _ 80 _ 60"), 360.0), "too few points");
        assert_eq!(of(Function::Until(0.0), 4, "50 60 70 80 90"), None, "it goes away from the limit");
        assert_eq!(of(Function::Until(0.0), 4, "50 50 50 50 50"), None, "it stands");
        assert_eq!(of(Function::Until(100.0), 4, "110 120 130 140 150"), None, "it has passed it");
        assert_eq!(of(Function::Until(0.0), 4, "100 90 80 70 _"), None);
        assert_eq!(of(Function::Until(0.0), 20, "100 99 98 97 96 95 94 93 92 91"), None, "less than half the window");
        assert!(near(of(Function::Until(0.0), 4, "60 45 30 15 0"), 0.0), "it is there");
    }

    #[test]
    fn a_forecast_that_came_true_is_no_good_news() {
        assert_eq!(of(Function::Until(0.0), 4, "60 30 0 0 0"), Some(0.0), "it is there since a while");
        assert_eq!(of(Function::Until(0.0), 4, "0 0 0 0 0"), Some(0.0), "it was there all the time");
        assert_eq!(of(Function::Until(0.0), 20, "0 0 0 0 0"), None, "less than half the window");
        assert_eq!(of(Function::Until(100.0), 4, "80 90 100 110 120"), Some(0.0), "it has just passed it");
        assert_eq!(of(Function::Until(100.0), 4, "120 110 100 90 80"), Some(0.0), "from the other side");
        assert_eq!(of(Function::Until(100.0), 4, "100 110 120 130 140"), None, "it goes away from where it was");
        // The line is at -13, the value at 5, and it still falls.
        let slowing = of(Function::Until(0.0), 4, "100 40 10 5 5");
        assert!(slowing.is_some_and(|left| left > 0.0 && left < 60.0), "{slowing:?}");
    }
}
