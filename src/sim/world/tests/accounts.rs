//! Accounts beside one another.

use std::collections::BTreeSet;

use super::*;

fn staging(scenario: Scenario) -> World {
    let seed = Account::Staging.seed(1);
    World::new(WorldConfig {
        account: Account::Staging,
        scenario,
        seed,
        scale: 1,
        began: began(),
        variation: Variation::default(),
    })
}

/// Everything of a world that has an id or an ARN.
fn ids(world: &World, now: Timestamp) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for region in world.regions() {
        ids.extend(world.instances(region, now).iter().flat_map(|i| [i.id.clone(), i.reservation.clone()]));
        ids.extend(world.subnets(region, now).into_iter().flat_map(|s| [s.id, s.vpc]));
        ids.extend(world.balancers_v2(region, now).into_iter().map(|b| b.arn));
        ids.extend(world.target_groups(region, now).into_iter().map(|t| t.arn));
        ids.extend(world.groups(region, now).into_iter().map(|g| g.arn));
        ids.extend(world.alarms(region, now).into_iter().map(|a| a.arn));
        let day = SignedDuration::from_hours(24);
        ids.extend(world.trail(region, now - day, now, now).into_iter().map(|e| e.id));
    }
    ids
}

#[test]
fn two_accounts_have_no_id_in_common() {
    let (main, staging) = (ids(&world(Scenario::Calm), at(5.0)), ids(&staging(Scenario::Calm), at(5.0)));
    assert!(main.len() > 100 && staging.len() > 40, "{} and {}", main.len(), staging.len());
    assert_eq!(main.intersection(&staging).collect::<Vec<_>>(), Vec::<&String>::new());
    let names_the_other = |ids: &BTreeSet<String>, other: Account| ids.iter().any(|id| id.contains(other.id()));
    assert!(!names_the_other(&main, Account::Staging) && !names_the_other(&staging, Account::Main));
}

#[test]
fn staging_stays_calm_unless_a_zone_or_a_region_fails() {
    for scenario in Scenario::ALL {
        let staging = staging(scenario);
        let minutes = [3.0, 15.0, 35.0, 55.0, 90.0, 130.0, 160.0, 230.0];
        let well = minutes.iter().all(|m| {
            let now = at(*m);
            let targets = targets(&staging, "stg-web-tg", now);
            assert!(targets.len() >= 2);
            staging.weather("ec2", "DescribeInstances", HOME, now).is_none()
                && targets.iter().all(|t| t.state == "healthy")
        });
        let reached = matches!(scenario, Scenario::AzOutage | Scenario::Blind | Scenario::BadDay);
        assert_eq!(!well, reached, "{scenario}");
    }
}
