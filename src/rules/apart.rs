//! A value beside its limit, in text that tells the two apart.

/// Most digits that are written more than usual before a number is written out as it is kept.
const MOST: usize = 9;

/// `value` as `text` writes it with as many digits more than usual (`text`'s second argument) as make it read other than
/// `other`: where both came out as `1%`, nobody could see which side of the limit the value is on.
///
/// It is symmetric: `told_apart(a, b, …)` and `told_apart(b, a, …)` differ whenever `a` and `b` do at the precision that points
/// are kept and compared with (`f32`), and are equal whenever they do not. `text` must round, and never print a greater
/// number as a smaller one.
#[expect(clippy::cast_possible_truncation, reason = "to the precision of points")]
#[must_use]
pub fn told_apart(value: f64, other: f64, text: impl Fn(f64, usize) -> String) -> String {
    let (kept, theirs) = (value as f32, other as f32);
    if kept.is_nan() || theirs.is_nan() {
        return text(value, 0);
    }
    if kept.total_cmp(&theirs).is_eq() || (kept == 0.0 && theirs == 0.0) {
        // What counts as equal must not be rounded to two sides of a half.
        return text(value.min(other), 0);
    }
    (0..=MOST)
        .map(|more| (text(value, more), text(other, more)))
        .find(|(own, others)| own != others)
        .map_or_else(|| format!("{kept:e}"), |(own, _)| own)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rounded(v: f64, more: usize) -> String {
        let text = format!("{v:.more$}");
        if text.trim_start_matches('-').bytes().all(|b| matches!(b, b'0' | b'.')) { "0".into() } else { text }
    }

    #[test]
    fn as_many_digits_as_it_takes_and_no_more() {
        let told = |a, b| (told_apart(a, b, rounded), told_apart(b, a, rounded));
        assert_eq!(told(3.0, 1.0), ("3".into(), "1".into()));
        assert_eq!(told(1.04, 1.0), ("1.04".into(), "1.00".into()));
        assert_eq!(told(f64::from(0.55_f32), 0.55), ("1".into(), "1".into()));
        assert_eq!(told(1e-20, 2e-20), ("1e-20".into(), "2e-20".into()));
        assert_eq!(told(f64::NAN, 1.0), ("NaN".into(), "1".into()));
    }

    proptest! {
        #[test]
        fn texts_differ_where_points_do(a in any::<f32>(), b in any::<f32>(), near in any::<bool>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            let b = if near { f32::from_bits(a.to_bits() ^ 1) } else { b };
            prop_assume!(!b.is_nan());
            let (x, y) = (f64::from(a), f64::from(b));
            let same = a.partial_cmp(&b) == Some(std::cmp::Ordering::Equal);
            prop_assert_eq!(told_apart(x, y, rounded) == told_apart(y, x, rounded), same, "{} and {}", a, b);
        }
    }
}
