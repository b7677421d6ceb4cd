//! How CloudWatch makes a state of data points.

use super::super::{AlarmState, Treat};

/// What an evaluation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The alarm is in this state.
    Is(AlarmState),
    /// It stays in the state it is in.
    Keep,
}

/// Evaluates `range` (newest first; whether a point breaches, `None` for a missing one) for `m` of `n`.
pub(super) fn evaluate(range: &[Option<bool>], n: usize, m: usize, missing: Treat) -> Verdict {
    let of = |alarm: bool| Verdict::Is(if alarm { AlarmState::Alarm } else { AlarmState::Ok });
    let unknown = match missing {
        Treat::Ignore => Verdict::Keep,
        _ => Verdict::Is(AlarmState::InsufficientData),
    };
    let real: Vec<bool> = range.iter().copied().flatten().collect();
    let breaching = real.iter().take(n).filter(|b| **b).count();
    if real.len() >= n {
        return of(breaching >= m);
    }
    let fill = n - real.len();
    match missing {
        Treat::Breaching => of(breaching + fill >= m),
        Treat::NotBreaching => of(breaching >= m),
        _ if real.is_empty() => unknown,
        _ if real.iter().any(|b| !b) => of(breaching >= m),
        Treat::Missing | Treat::Ignore => {
            // Only breaching points, and fewer than N of them: ALARM once the oldest is M periods old.
            let oldest = range.iter().rposition(|p| *p == Some(true)).unwrap_or(0);
            if oldest + 1 < m {
                unknown
            } else if missing == Treat::Missing {
                of(true)
            } else {
                Verdict::Keep
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_user_guide() {
        let (good, alarm) = (Verdict::Is(AlarmState::Ok), Verdict::Is(AlarmState::Alarm));
        let (none, keep) = (Verdict::Is(AlarmState::InsufficientData), Verdict::Keep);
        for (data, m, want) in [
            ("0-X-X", 3, [good, good, good, good]),
            ("0----", 3, [good, good, good, good]),
            ("-----", 3, [none, keep, alarm, good]),
            ("0XX-X", 3, [alarm, alarm, alarm, alarm]),
            ("--X--", 3, [alarm, keep, alarm, good]),
            ("0-X-X", 2, [alarm, alarm, alarm, alarm]),
            ("00X0X", 2, [alarm, alarm, alarm, alarm]),
            ("0-X--", 2, [good, good, alarm, good]),
            ("----0", 2, [good, good, alarm, good]),
            ("---X-", 2, [alarm, keep, alarm, good]),
        ] {
            let range: Vec<Option<bool>> = data.chars().rev().map(|c| (c != '-').then_some(c == 'X')).collect();
            let policies = [Treat::Missing, Treat::Ignore, Treat::Breaching, Treat::NotBreaching];
            for (policy, want) in policies.into_iter().zip(want) {
                assert_eq!(evaluate(&range, 3, m, policy), want, "{data} {m}/3 {}", policy.as_str());
            }
        }
    }
}
