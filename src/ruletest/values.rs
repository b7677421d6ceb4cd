//! The notation of values, which is promtool's: `0 _ 200x3 300+50x4 stale`.

/// Most points of one series.
const MOST: usize = 100_000;

/// One point as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// A number.
    Number(f64),
    /// `_`: it was read, and AWS has no point there.
    Absent,
    /// `stale`: it was not read; AWS gave no answer.
    Unread,
}

impl Value {
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(n),
            Self::Absent | Self::Unread => None,
        }
    }
}

/// Reads `text`. `a+bxN` is a, a+b, … a+N*b, so N+1 points; `axN` is a and N more of it; `_xN` are N absent ones.
pub(super) fn parse(text: &str) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    for word in text.split_whitespace() {
        let more = one(word).map_err(|why| format!("`{word}` {why}"))?;
        if values.len() + more.len() > MOST {
            return Err(format!("are more than {MOST} points"));
        }
        values.extend(more);
    }
    Ok(values)
}

const ALLOWED: &str = "is no value: write a number, `_` for none, `stale` for not read, `vxN`, `v+dxN` or `v-dxN`";

fn one(word: &str) -> Result<Vec<Value>, String> {
    if word == "stale" {
        return Ok(vec![Value::Unread]);
    }
    let (value, times) = match word.rsplit_once('x') {
        Some((value, times)) => {
            let times: usize = times.parse().map_err(|_| "has no whole number behind its `x`".to_owned())?;
            if times >= MOST {
                return Err(format!("stands for more than {MOST} points"));
            }
            (value, Some(times))
        }
        None => (word, None),
    };
    if value == "_" {
        return Ok(vec![Value::Absent; times.unwrap_or(1)]);
    }
    if value == "stale" {
        return Ok(vec![Value::Unread; times.unwrap_or(1)]);
    }
    if let Some(first) = number(value) {
        return Ok(vec![Value::Number(first); times.map_or(1, |n| n + 1)]);
    }
    // The sign between the two: not the first one's own, and not that of an exponent.
    let signs = value.char_indices().skip(1).filter(|(_, c)| matches!(c, '+' | '-'));
    let mut pairs = signs.filter_map(|(i, sign)| {
        let (first, step) = (number(&value[..i])?, number(&value[i + 1..])?);
        Some((first, if sign == '-' { -step } else { step }))
    });
    let (first, step) = pairs.next().ok_or_else(|| ALLOWED.to_owned())?;
    let times = times.ok_or_else(|| "lacks how often: write it as `v+dxN`".to_owned())?;
    let mut values = Vec::with_capacity(times + 1);
    for i in 0..=times {
        let value = first + step * i as f64;
        if !value.is_finite() {
            return Err("leaves the range of numbers".to_owned());
        }
        values.push(Value::Number(value));
    }
    Ok(values)
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|n: &f64| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_promtools() {
        for (text, expected) in [
            ("", "[]"),
            ("1 -2.5 1e3", "[1, -2.5, 1000]"),
            ("1x4", "[1, 1, 1, 1, 1]"),
            ("-2+4x3", "[-2, 2, 6, 10]"),
            ("1-2x4", "[1, -1, -3, -5, -7]"),
            ("1 _x3 stale", "[1, _, _, _, s]"),
            ("0 _ 200x3 300+50x4", "[0, _, 200, 200, 200, 200, 300, 350, 400, 450, 500]"),
            ("1e2-1e1x2", "[100, 90, 80]"),
            ("0x0", "[0]"),
        ] {
            let got: Vec<String> = parse(text)
                .expect(text)
                .into_iter()
                .map(|v| match v {
                    Value::Number(n) => n.to_string(),
                    Value::Absent => "_".to_owned(),
                    Value::Unread => "s".to_owned(),
                })
                .collect();
            assert_eq!(format!("[{}]", got.join(", ")), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_value_is_told() {
        for text in ["a", "1+2", "1x", "x3", "1xx", "1x-1", "1+x3", "nan", "inf", "1x99999999999999999999", "1x100000"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("1x60000 1x60000").is_err(), "too many in all");
    }
}
