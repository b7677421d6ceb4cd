//! The price list on disk, so that a console that is started again does not ask for it again.
//!
//! One file in the cache directory, mode 0600, replaced as a whole. What is not understood, was made by another endpoint
//! than the one asked now, or is older than [`KEPT`] is as if it were not there.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{Offer, Price};

/// How long a list price is taken for true. AWS changes its list a few times a year.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24);
const FILE: &str = "prices.json";
const VERSION: u32 = 1;
/// Largest file read: some ten thousand prices.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Debug, Deserialize, Serialize)]
struct File {
    version: u32,
    /// Who said so, when it was not AWS.
    endpoint: Option<String>,
    prices: Vec<Price>,
}

/// The prices that `dir` keeps and that are true at `now`.
pub(super) fn load(dir: &Path, endpoint: Option<&str>, now: Timestamp) -> Vec<Price> {
    read(dir, endpoint, now).unwrap_or_default()
}

fn read(dir: &Path, endpoint: Option<&str>, now: Timestamp) -> Option<Vec<Price>> {
    let mut bytes = Vec::new();
    std::fs::File::open(dir.join(FILE)).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    let file: File = serde_json::from_slice(&bytes).ok()?;
    if file.version != VERSION || file.endpoint.as_deref() != endpoint {
        return None;
    }
    let mut prices = file.prices;
    prices.retain(|p| {
        p.at <= now && now.duration_since(p.at) < KEPT && p.dollars_per_hour.is_some_and(|d| d.is_finite() && d > 0.0)
    });
    Some(prices)
}

/// Adds `prices` to what `dir` keeps. Another console that does so at the same moment may win: what is lost is asked for
/// again.
pub(super) fn save(dir: &Path, endpoint: Option<&str>, now: Timestamp, prices: &[Price]) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let mut all: BTreeMap<Offer, Price> = load(dir, endpoint, now).into_iter().map(|p| (p.offer.clone(), p)).collect();
    all.extend(prices.iter().filter(|p| p.dollars_per_hour.is_some()).map(|p| (p.offer.clone(), p.clone())));
    let file = File { version: VERSION, endpoint: endpoint.map(str::to_owned), prices: all.into_values().collect() };
    // Made with mode 0600, beside its place, so that the name always stands for a whole file.
    let mut new = tempfile::NamedTempFile::new_in(dir)?;
    new.write_all(&serde_json::to_vec(&file)?)?;
    new.flush()?;
    new.persist(dir.join(FILE))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Market;

    fn price(instance_type: &str, dollars: Option<f64>, at: Timestamp) -> Price {
        let offer = Offer {
            region: "us-east-1".into(),
            instance_type: instance_type.into(),
            platform: "Linux/UNIX".into(),
            market: Market::Shared,
        };
        Price { offer, dollars_per_hour: dollars, at }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_768_366_800 + hours * 3600).expect("a time")
    }

    #[test]
    fn prices_come_back_until_they_are_a_day_old() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = dir.path().join("not/there/yet");
        assert_eq!(load(&dir, None, at(0)), []);
        save(&dir, None, at(0), &[price("a", Some(1.0), at(0)), price("none", None, at(0))]).expect("saved");
        save(&dir, None, at(20), &[price("b", Some(2.0), at(20))]).expect("saved");
        let names =
            |hours| load(&dir, None, at(hours)).iter().map(|p| p.offer.instance_type.to_string()).collect::<Vec<_>>();
        assert_eq!(names(21), ["a", "b"]);
        assert_eq!(names(24), ["b"], "a day is a day");
        assert_eq!(names(-1), Vec::<String>::new(), "what was read tomorrow was read by a wrong clock");
        assert_eq!(load(&dir, Some("http://127.0.0.1:5000"), at(21)), [], "another's prices");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(dir.join(FILE)).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(&dir).expect("listed").count(), 1, "nothing is left lying about");
    }

    #[test]
    fn what_is_not_understood_is_as_if_it_were_not_there() {
        let dir = tempfile::tempdir().expect("a directory");
        let whole = serde_json::json!({"version": 1, "endpoint": null, "prices": [price("a", Some(1.0), at(0))]});
        let zero = serde_json::json!({"version": 1, "endpoint": null, "prices": [price("a", Some(0.0), at(0))]});
        let newer = serde_json::json!({"version": 2, "endpoint": null, "prices": []});
        let cut = whole.to_string()[..40].to_owned();
        for (text, expected) in
            [(whole.to_string(), 1), (zero.to_string(), 0), (newer.to_string(), 0), (cut, 0), ("\u{0}".to_owned(), 0)]
        {
            std::fs::write(dir.path().join(FILE), &text).expect("written");
            assert_eq!(load(dir.path(), None, at(1)).len(), expected, "{text}");
        }
        save(dir.path(), None, at(1), &[price("b", Some(2.0), at(1))]).expect("a broken file is replaced");
        assert_eq!(load(dir.path(), None, at(1)).len(), 1);
    }
}
