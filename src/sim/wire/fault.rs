//! Faults that are asked for: `OPERATION=KIND[:SHARE]`.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use super::ops;
use super::service::Service;
use crate::sim::world::Fault;

/// What to spoil, how, and how often.
///
/// As text: `GetMetricData=throttle:0.5`, `ec2:*=stall`, `*=latency(2s)`, `elbv2:DescribeTags=denied`. The share is of
/// the calls, 0 to 1 or in per cent (`50%`), all of them when it is not given.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    service: Option<Service>,
    operation: Option<String>,
    fault: Fault,
    share: f64,
}

const KINDS: &str = "throttle, 5xx, denied, expired, latency(DURATION), stall, reset, truncate";

/// A fault that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("fault \"{spec}\": {problem}")]
pub struct BadFault {
    /// What was asked for.
    pub spec: String,
    /// What is wrong with it, and what is allowed.
    pub problem: String,
}

impl FromStr for FaultSpec {
    type Err = BadFault;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        parse(spec.trim()).map_err(|problem| BadFault { spec: spec.to_owned(), problem })
    }
}

fn parse(spec: &str) -> Result<FaultSpec, String> {
    let (target, rest) = spec.split_once('=').ok_or_else(|| {
        format!("expected OPERATION=KIND[:SHARE], such as GetMetricData=throttle:0.5; KIND is one of {KINDS}")
    })?;
    let (service, operation) = target_of(target.trim())?;
    let (kind, share) = match rest.rsplit_once(':') {
        Some((kind, share)) => (kind, share_of(share.trim())?),
        None => (rest, 1.0),
    };
    Ok(FaultSpec { service, operation, fault: kind_of(kind.trim())?, share })
}

fn target_of(target: &str) -> Result<(Option<Service>, Option<String>), String> {
    let (service, operation) = match target.split_once(':') {
        None => (None, target),
        Some((service, operation)) => {
            let found = Service::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(service));
            let known = Service::ALL.map(Service::name).join(", ");
            (Some(found.ok_or_else(|| format!("no service \"{service}\"; allowed are {known}"))?), operation)
        }
    };
    if operation == "*" {
        return Ok((service, None));
    }
    let known: Vec<&'static str> =
        ops::ALL.iter().filter(|op| service.is_none_or(|s| s == op.service)).map(|op| op.name).collect();
    if let Some(name) = known.iter().find(|name| name.eq_ignore_ascii_case(operation)) {
        return Ok((service, Some((*name).to_owned())));
    }
    let near = |name: &&&str| strsim::jaro_winkler(name, operation);
    let nearest = known.iter().max_by(|a, b| near(a).total_cmp(&near(b))).copied().unwrap_or("*");
    Err(format!("no operation \"{operation}\"; did you mean \"{nearest}\"? * stands for all"))
}

fn share_of(share: &str) -> Result<f64, String> {
    let read = match share.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().map(|p| p / 100.0),
        None => share.parse(),
    };
    read.ok()
        .filter(|s| (0.0..=1.0).contains(s))
        .ok_or_else(|| format!("the share \"{share}\" must be a number from 0 to 1, or 0% to 100%"))
}

fn kind_of(kind: &str) -> Result<Fault, String> {
    if let Some(inner) = kind.strip_prefix("latency(").and_then(|rest| rest.strip_suffix(')')) {
        return inner
            .parse::<SignedDuration>()
            .ok()
            .and_then(|d| Duration::try_from(d).ok())
            .map(Fault::Latency)
            .ok_or_else(|| format!("\"{inner}\" is not a duration such as 2s, 500ms or 1m 30s"));
    }
    match kind {
        "throttle" => Ok(Fault::Throttle),
        "5xx" => Ok(Fault::ServerError),
        "denied" => Ok(Fault::AccessDenied),
        "expired" => Ok(Fault::ExpiredToken),
        "stall" => Ok(Fault::Stall),
        "reset" => Ok(Fault::Reset),
        "truncate" => Ok(Fault::Truncate),
        _ => Err(format!("no kind \"{kind}\"; allowed are {KINDS}")),
    }
}

impl fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(service) = self.service {
            write!(f, "{}:", service.name())?;
        }
        write!(f, "{}=", self.operation.as_deref().unwrap_or("*"))?;
        match self.fault {
            Fault::Throttle => f.write_str("throttle")?,
            Fault::ServerError => f.write_str("5xx")?,
            Fault::AccessDenied => f.write_str("denied")?,
            Fault::ExpiredToken => f.write_str("expired")?,
            Fault::Stall => f.write_str("stall")?,
            Fault::Reset => f.write_str("reset")?,
            Fault::Truncate => f.write_str("truncate")?,
            Fault::Latency(d) => write!(f, "latency({:#})", SignedDuration::try_from(d).unwrap_or_default())?,
        }
        if self.share < 1.0 { write!(f, ":{}", self.share) } else { Ok(()) }
    }
}

impl FaultSpec {
    /// Whether it is about this operation.
    pub(super) fn covers(&self, service: Option<Service>, operation: &str) -> bool {
        self.service.is_none_or(|s| service == Some(s)) && self.operation.as_deref().is_none_or(|o| o == operation)
    }

    /// What happens to the `nth` call that it covers: always the same for a seed.
    pub(super) fn strikes(&self, seed: u64, nth: u64) -> Option<Fault> {
        if self.share >= 1.0 {
            return Some(self.fault);
        }
        let mut hasher = DefaultHasher::new();
        (seed, nth, self.operation.as_deref(), self.service.map(Service::name)).hash(&mut hasher);
        let chance = (hasher.finish() >> 11) as f64 / (1u64 << 53) as f64;
        (chance < self.share).then_some(self.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read_and_written() {
        for (text, written) in [
            ("GetMetricData=throttle:0.5", "GetMetricData=throttle:0.5"),
            ("*=latency(2s)", "*=latency(2s)"),
            ("* = latency(1m 30s):25%", "*=latency(1m 30s):0.25"),
            ("ec2:*=stall", "ec2:*=stall"),
            ("describetargethealth=denied", "DescribeTargetHealth=denied"),
            ("elbv2:DescribeTags=5xx:1", "elbv2:DescribeTags=5xx"),
        ] {
            assert_eq!(text.parse::<FaultSpec>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_allowed() {
        for (text, part) in [
            ("GetMetricData", "OPERATION=KIND"),
            ("GetMetricData=explode", "throttle, 5xx, denied, expired, latency(DURATION), stall, reset, truncate"),
            ("GetMetricsData=stall", "did you mean \"GetMetricData\""),
            ("ec3:*=stall", "cloudwatch, cloudtrail"),
            ("*=stall:2", "from 0 to 1"),
            ("*=latency(soon)", "not a duration"),
        ] {
            let said = text.parse::<FaultSpec>().unwrap_err().to_string();
            assert!(said.contains(part) && said.contains(text), "{said}");
        }
    }

    #[test]
    fn a_share_is_kept_and_repeats_with_the_seed() {
        let spec: FaultSpec = "*=throttle:0.25".parse().unwrap();
        let run = |seed| (0..1000).filter(|n| spec.strikes(seed, *n).is_some()).collect::<Vec<_>>();
        assert!((200..300).contains(&run(7).len()), "{}", run(7).len());
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }
}
