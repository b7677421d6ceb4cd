//! Samples of a metric, and the statistics CloudWatch makes of them.

use jiff::Timestamp;

/// What was recorded in one period: a statistic set, with enough of the distribution for percentiles.
///
/// The distribution is the line through (0, `min`), (0.5, `p50`), (0.9, `p90`), (0.99, `p99`), (1, `max`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Start of the period.
    pub at: Timestamp,
    /// Sum of all values.
    pub sum: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// How many values.
    pub count: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
}

impl Sample {
    /// `count` equal values.
    #[must_use]
    pub fn flat(at: Timestamp, value: f64, count: f64) -> Self {
        Self { at, sum: value * count, min: value, max: value, count, p50: value, p90: value, p99: value }
    }

    /// A few values around `average` that reach from `min` to `max`.
    #[must_use]
    pub fn spread(at: Timestamp, average: f64, min: f64, max: f64, count: f64) -> Self {
        let average = average.clamp(min, max);
        let p90 = average + (max - average) * 0.6;
        Self { at, sum: average * count, min, max, count, p50: average, p90, p99: average + (max - average) * 0.95 }
    }

    /// The statistic named `stat` as CloudWatch spells it: `SampleCount`, `Average`, `Sum`, `Minimum`, `Maximum`,
    /// `pNN.N`, `tmNN` (trimmed mean of the lower part). `None` when there is nothing, or no such statistic.
    #[must_use]
    pub fn value(&self, stat: &str) -> Option<f64> {
        if self.count <= 0.0 {
            return None;
        }
        match stat {
            "SampleCount" => Some(self.count),
            "Average" => Some(self.sum / self.count),
            "Sum" => Some(self.sum),
            "Minimum" => Some(self.min),
            "Maximum" => Some(self.max),
            _ => {
                if let Some(p) = percent(stat, "p") {
                    Some(self.quantile(p))
                } else {
                    percent(stat, "tm").map(|p| self.trimmed_mean(p))
                }
            }
        }
    }

    fn knots(&self) -> [(f64, f64); 5] {
        [(0.0, self.min), (0.5, self.p50), (0.9, self.p90), (0.99, self.p99), (1.0, self.max)]
    }

    fn quantile(&self, p: f64) -> f64 {
        let knots = self.knots();
        for pair in knots.windows(2) {
            let ((p0, v0), (p1, v1)) = (pair[0], pair[1]);
            if p <= p1 {
                return v0 + (v1 - v0) * (p - p0) / (p1 - p0);
            }
        }
        self.max
    }

    /// Share of the values that are at most `value`.
    fn share_below(&self, value: f64) -> f64 {
        if value < self.min {
            return 0.0;
        }
        if value >= self.max {
            return 1.0;
        }
        let knots = self.knots();
        for pair in knots.windows(2).rev() {
            let ((p0, v0), (p1, v1)) = (pair[0], pair[1]);
            if value >= v0 {
                return if v1 > v0 { p0 + (p1 - p0) * (value - v0) / (v1 - v0) } else { p1 };
            }
        }
        0.0
    }

    fn trimmed_mean(&self, p: f64) -> f64 {
        if p >= 1.0 {
            return self.sum / self.count;
        }
        let steps = 64;
        (0..steps).map(|i| self.quantile(p * (f64::from(i) + 0.5) / f64::from(steps))).sum::<f64>() / f64::from(steps)
    }
}

/// `stat` over all of `samples`, whatever their periods; `None` when there are none.
#[must_use]
pub fn statistic(samples: &[Sample], stat: &str) -> Option<f64> {
    merge(samples).and_then(|s| s.value(stat))
}

/// One sample that stands for all of `samples`, at the time of the first.
#[must_use]
pub fn merge(samples: &[Sample]) -> Option<Sample> {
    let (first, rest) = samples.split_first()?;
    if rest.is_empty() {
        return Some(*first);
    }
    let count: f64 = samples.iter().map(|s| s.count).sum();
    let min = samples.iter().map(|s| s.min).fold(f64::INFINITY, f64::min);
    let max = samples.iter().map(|s| s.max).fold(f64::NEG_INFINITY, f64::max);
    let quantile = |p: f64| {
        let (mut low, mut high) = (min, max);
        for _ in 0..32 {
            let middle = f64::midpoint(low, high);
            let below: f64 = samples.iter().map(|s| s.count * s.share_below(middle)).sum();
            if below < p * count { low = middle } else { high = middle }
        }
        high
    };
    Some(Sample {
        at: first.at,
        sum: samples.iter().map(|s| s.sum).sum(),
        min,
        max,
        count,
        p50: quantile(0.5),
        p90: quantile(0.9),
        p99: quantile(0.99),
    })
}

/// Whether CloudWatch knows a statistic of that name (as far as the world does).
#[must_use]
pub fn is_statistic(stat: &str) -> bool {
    matches!(stat, "SampleCount" | "Average" | "Sum" | "Minimum" | "Maximum")
        || percent(stat, "p").is_some()
        || percent(stat, "tm").is_some()
}

fn percent(stat: &str, prefix: &str) -> Option<f64> {
    let digits = stat.strip_prefix(prefix)?;
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let percent: f64 = digits.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: [f64; 5], count: f64) -> Sample {
        let [min, p50, p90, p99, max] = values;
        Sample { at: Timestamp::UNIX_EPOCH, sum: p50 * count, min, max, count, p50, p90, p99 }
    }

    #[test]
    fn statistics_by_name() {
        let s = sample([0.0, 10.0, 20.0, 30.0, 40.0], 100.0);
        for (stat, want) in [
            ("SampleCount", Some(100.0)),
            ("Average", Some(10.0)),
            ("Sum", Some(1000.0)),
            ("Minimum", Some(0.0)),
            ("Maximum", Some(40.0)),
            ("p50", Some(10.0)),
            ("p99", Some(30.0)),
            ("p99.5", Some(35.0)),
            ("p100", Some(40.0)),
            ("tm100", Some(10.0)),
            ("p101", None),
            ("pNaN", None),
            ("average", None),
        ] {
            let got = statistic(&[s], stat);
            assert_eq!(got.map(|v| (v * 1e6).round()), want.map(|v: f64| v * 1e6), "{stat}");
            assert_eq!(is_statistic(stat), want.is_some(), "{stat}");
        }
    }

    #[test]
    fn the_percentile_of_several_samples_is_that_of_their_mixture() {
        let quick = sample([1.0, 1.0, 1.0, 1.0, 1.0], 90.0);
        let slow = sample([9.0, 9.0, 9.0, 9.0, 9.0], 10.0);
        let p = |stat| statistic(&[quick, slow], stat).unwrap().round();
        assert_eq!((p("p50"), p("p90"), p("p99"), p("Sum")), (1.0, 1.0, 9.0, 180.0));
    }

    #[test]
    fn nothing_has_no_statistic() {
        assert_eq!(statistic(&[], "Sum"), None);
    }
}
