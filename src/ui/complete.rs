//! What can be typed next into a filter.

use super::fields::{self, resource_text};
use super::query::last_word;
use super::shown::Shown;
use super::view::Listing;
use crate::model::{Kind, Resource};

/// Most completions offered.
const OFFERED: usize = 12;

/// What `text` can go on as, whole; the best first. Nothing while no field is begun.
pub(super) fn completions(shown: &Shown<'_>, list: Listing, text: &str) -> Vec<String> {
    let (at, word) = last_word(text);
    let head = &text[..at];
    let quoted = |v: &str| {
        let plain = !v.is_empty() && v.chars().all(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '*' | '?'));
        if plain { v.to_owned() } else { format!("\"{}\"", v.replace('"', "?")) }
    };
    if head.ends_with('"') {
        return Vec::new();
    }
    let split = word.find(['=', ':', '>', '<']).filter(|_| !word.starts_with("tag.") || word.contains('='));
    if let Some(end) = split {
        let (name, rest) = word.split_at(end);
        let name = name.trim_end_matches('!');
        let sign: String = rest.chars().take_while(|c| matches!(c, '=' | ':' | '>' | '<')).collect();
        let value = &rest[sign.len()..];
        let lower = value.to_lowercase();
        let known = values(shown, list, name);
        let fits = known.into_iter().filter(|v| v.to_lowercase().starts_with(&lower) && *v != value);
        let before = &word[..word.len() - value.len()];
        return fits.take(OFFERED).map(|v| format!("{head}{before}{}", quoted(&v))).collect();
    }
    if let Some(key) = word.strip_prefix("tag.") {
        let lower = key.to_lowercase();
        let keys = tag_keys(shown, list).into_iter().filter(|k| k.to_lowercase().starts_with(&lower));
        return keys.take(OFFERED).map(|k| format!("{head}tag.{k}=")).collect();
    }
    if word.is_empty() && !head.is_empty() {
        return Vec::new();
    }
    let lower = word.to_lowercase();
    let named = fields::of(list).iter().filter(|f| f.name.starts_with(&lower));
    let mut out: Vec<String> = named.map(|f| format!("{head}{}{}", f.name, if f.number { ">" } else { "=" })).collect();
    if "tag.".starts_with(&lower) && resources(shown, list).any(|r| !r.tags.is_empty()) {
        out.push(format!("{head}tag."));
    }
    out.truncate(OFFERED);
    out
}

/// The values of `field` in use among `list`'s resources, for completion: a few, sorted.
fn values(shown: &Shown<'_>, list: Listing, field: &str) -> Vec<String> {
    const LOOKED_AT: usize = 2000;
    const KEPT: usize = 12;
    if let Some(key) = field.strip_prefix("tag.") {
        let of = |r: &Resource| r.tags.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v.to_string());
        let found: std::collections::BTreeSet<String> =
            resources(shown, list).take(LOOKED_AT).filter_map(of).take(200).collect();
        return found.into_iter().take(KEPT).collect();
    }
    let fixed: &[&str] = match (field, list) {
        ("level", _) => &["crit", "warn", "blind", "pending", "ok"],
        ("state", Listing::Alerts) => &["firing", "pending", "resolved"],
        ("state", Listing::Pollers) => &["fresh", "stale", "blind", "loading"],
        ("checks", _) => &["ok", "impaired", "initializing", "unknown"],
        ("kind", Listing::Timeline | Listing::Trail) => &["trail", "scaling", "health", "cloudwatch"],
        _ => &[],
    };
    if !fixed.is_empty() {
        return fixed.iter().map(|v| (*v).to_owned()).collect();
    }
    let mut found = std::collections::BTreeSet::new();
    match field {
        "region" => found.extend(shown.model.scopes().into_iter().map(|s| s.region.to_string())),
        "account" => found.extend(shown.model.scopes().into_iter().map(|s| s.account.to_string())),
        "rule" => found.extend(shown.alerts.active.iter().map(|a| a.id.rule.to_string())),
        "name" | "id" | "ip" | "age" => {}
        _ => {
            for r in resources(shown, list).take(LOOKED_AT) {
                resource_text(r, field, &mut |value| {
                    if found.len() < 200 && !value.is_empty() {
                        found.insert(value.to_owned());
                    }
                    false
                });
            }
        }
    }
    found.into_iter().take(KEPT).collect()
}

/// The keys of tags in use among `list`'s resources, sorted.
fn tag_keys(shown: &Shown<'_>, list: Listing) -> Vec<String> {
    let mut keys = std::collections::BTreeSet::new();
    for r in resources(shown, list).take(2000) {
        keys.extend(r.tags.keys().take(50).map(ToString::to_string));
    }
    keys.into_iter().take(50).collect()
}

fn resources<'r>(shown: &'r Shown<'_>, list: Listing) -> impl Iterator<Item = &'r Resource> {
    let kinds: &[Kind] = match list {
        Listing::Balancers => &[Kind::ClassicElb, Kind::Alb, Kind::Nlb, Kind::TargetGroup],
        Listing::Scaling => &[Kind::AutoScalingGroup],
        Listing::Instances | Listing::Alerts => &[Kind::Instance],
        Listing::Alarms => &[Kind::Alarm],
        _ => &[],
    };
    let model = shown.model;
    kinds.iter().flat_map(|kind| model.of_kind(*kind))
}
