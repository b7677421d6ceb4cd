//! `CloudWatch`'s alarm evaluation over a range of periods, exactly as its guide publishes it.

use serde::{Deserialize, Serialize};

use crate::model::AlarmState;

/// What a period without a point counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// For nothing: with no data the alarm's state is insufficient data. `CloudWatch`'s default.
    #[default]
    Missing,
    /// For nothing, and the state stays as it was.
    Ignore,
    /// As a breach.
    Breaching,
    /// As good.
    NotBreaching,
}

impl Missing {
    /// Every treatment.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Ignore, Self::Breaching, Self::NotBreaching];

    /// Its name in rule files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ignore => "ignore",
            Self::Breaching => "breaching",
            Self::NotBreaching => "not-breaching",
        }
    }

    /// The treatment named `name`, in our spelling or in AWS's (`notBreaching`).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "notBreaching" {
            return Some(Self::NotBreaching);
        }
        Self::ALL.into_iter().find(|m| m.as_str() == name)
    }
}

/// M of N: how many of the newest points must breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datapoints {
    /// How many must breach, at least 1.
    pub m: usize,
    /// Of how many, at least `m`.
    pub n: usize,
}

impl Datapoints {
    /// One of one.
    pub const ONE: Self = Self { m: 1, n: 1 };

    /// How many periods `CloudWatch` looks back over: more than N, so that late points are waited for. The number is
    /// not published; the guide's example has 5 for N = 3.
    #[must_use]
    pub fn range(self) -> usize {
        self.n + 2
    }
}

/// What a range of points amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Good.
    Ok,
    /// Breached.
    Alarm,
    /// No data.
    Insufficient,
    /// Whatever it was before.
    Keep,
}

impl Judgement {
    /// The alarm's state, when it was `previous` before.
    #[must_use]
    pub fn state(self, previous: AlarmState) -> AlarmState {
        match self {
            Self::Ok => AlarmState::Ok,
            Self::Alarm => AlarmState::Alarm,
            Self::Insufficient => AlarmState::InsufficientData,
            Self::Keep => previous,
        }
    }
}

/// Judges `points`, oldest first, one a period of the evaluation range, `None` where there is none.
pub fn judge(
    points: &[Option<f64>],
    Datapoints { m, n }: Datapoints,
    missing: Missing,
    breaches: impl Fn(f64) -> bool,
) -> Judgement {
    let verdict = |alarm: bool| if alarm { Judgement::Alarm } else { Judgement::Ok };
    let real: Vec<bool> = points.iter().rev().flatten().map(|v| breaches(*v)).collect();
    let breaching = |of: &[bool]| of.iter().filter(|b| **b).count();
    if let Some(newest) = real.get(..n) {
        return verdict(breaching(newest) >= m);
    }
    if real.is_empty() {
        return match missing {
            Missing::Breaching => Judgement::Alarm,
            Missing::NotBreaching => Judgement::Ok,
            Missing::Ignore => Judgement::Keep,
            Missing::Missing => Judgement::Insufficient,
        };
    }
    let fill = n - real.len();
    match missing {
        Missing::Breaching => verdict(breaching(&real) + fill >= m),
        Missing::NotBreaching => verdict(breaching(&real) >= m),
        Missing::Missing | Missing::Ignore => {
            let any_good = real.contains(&false);
            if any_good {
                return verdict(breaching(&real) >= m);
            }
            // Nothing is good, so all that is newer than the oldest breaching point is breaching or missing.
            let oldest = points.iter().position(Option::is_some).map_or(0, |i| points.len() - i);
            let premature = oldest >= m;
            match (missing, premature) {
                (Missing::Ignore, _) => Judgement::Keep,
                (_, true) => Judgement::Alarm,
                (_, false) => Judgement::Insufficient,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(row: &str) -> Vec<Option<f64>> {
        row.split_whitespace()
            .map(|c| match c {
                "0" => Some(0.0),
                "X" => Some(1.0),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn the_ten_published_rows_in_all_four_treatments() {
        use Judgement::{Alarm, Insufficient, Keep, Ok};
        // Data oldest first, M, then what missing, ignore, breaching and notBreaching make of it; N is 3.
        let rows = [
            ("0 - X - X", 3, [Ok, Ok, Ok, Ok]),
            ("0 - - - -", 3, [Ok, Ok, Ok, Ok]),
            ("- - - - -", 3, [Insufficient, Keep, Alarm, Ok]),
            ("0 X X - X", 3, [Alarm, Alarm, Alarm, Alarm]),
            ("- - X - -", 3, [Alarm, Keep, Alarm, Ok]),
            ("0 - X - X", 2, [Alarm, Alarm, Alarm, Alarm]),
            ("0 0 X 0 X", 2, [Alarm, Alarm, Alarm, Alarm]),
            ("0 - X - -", 2, [Ok, Ok, Alarm, Ok]),
            ("- - - - 0", 2, [Ok, Ok, Alarm, Ok]),
            ("- - - X -", 2, [Alarm, Keep, Alarm, Ok]),
        ];
        let order = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];
        for (row, m, expected) in rows {
            for (missing, expected) in order.into_iter().zip(expected) {
                let got = judge(&points(row), Datapoints { m, n: 3 }, missing, |v| v > 0.5);
                assert_eq!(got, expected, "`{row}` {m}/3 {}", missing.as_str());
            }
        }
    }
}
