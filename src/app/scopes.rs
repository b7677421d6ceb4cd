//! Which accounts and regions are watched.

use crate::aws::{Connect, Timeouts, default_region};
use crate::clock::Clock;
use crate::config::Config;
use crate::model::Scope;
use crate::poll::{Role, ScopeSpec};

/// Where CloudWatch keeps the bill of every account.
const BILLING_REGION: &str = "us-east-1";

/// What the account is called that the SDK finds by itself.
pub(super) const DEFAULT_ACCOUNT: &str = "default";

/// The scopes that the configuration asks for: every profile in every region, and us-east-1, where it is not among them,
/// for what AWS keeps there alone.
///
/// Fails when no region is named anywhere: there is no sensible one to assume.
pub(super) async fn resolve(config: &Config, clock: &Clock) -> anyhow::Result<Vec<ScopeSpec>> {
    let profiles: Vec<Option<String>> = if config.profiles.is_empty() {
        vec![config.aws.profile.clone()]
    } else {
        config.profiles.iter().map(|p| Some(p.to_string())).collect()
    };
    let mut scopes = Vec::new();
    for profile in profiles {
        let label = profile.clone().unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
        let mut regions: Vec<String> = config.regions.iter().map(ToString::to_string).collect();
        if regions.is_empty() {
            let Some(region) = default_region(profile.as_deref()).await else {
                anyhow::bail!(
                    "no region is named for profile {label}\n\
                     Name one with -r ap-northeast-1, AWS_REGION, `regions` in the configuration, or: aws configure"
                );
            };
            regions.push(region);
        }
        let mut connect = Connect::new(regions[0].clone(), clock.clone());
        connect.profile.clone_from(&profile);
        connect.timeouts = Timeouts {
            connect: config.timeouts.connect,
            read: config.timeouts.read,
            attempt: config.timeouts.attempt,
            operation: config.timeouts.operation,
        };
        let account = connect.open();
        let spec = |region: &str, role| ScopeSpec { clients: account.scope(Scope::new(label.as_str(), region)), role };
        scopes.extend(regions.iter().map(|r| spec(r, Role::Full)));
        if regions.iter().any(|r| is_public(r)) && !regions.iter().any(|r| r == BILLING_REGION) {
            scopes.push(spec(BILLING_REGION, Role::BillingOnly));
        }
    }
    Ok(scopes)
}

/// Whether `region` is of AWS's public partition. The credentials of the others (China, GovCloud, the isolated and the
/// European sovereign ones) are not valid in us-east-1.
fn is_public(region: &str) -> bool {
    !["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"].iter().any(|other| region.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn us_east_1_is_asked_for_what_it_keeps_of_its_own_partition_only() {
        let told = |region| is_public(region);
        assert!(told("us-east-2") && told("ap-northeast-1") && told("eu-central-2"));
        assert!(!told("cn-north-1") && !told("us-gov-west-1") && !told("us-iso-east-1") && !told("eusc-de-east-1"));
    }
}
