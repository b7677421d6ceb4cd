//! The rule files that come with the program.

use super::RuleSource;

/// They, in the order in which they are laid over one another: no two have a rule in common.
pub(super) const BUILTIN: &[RuleSource<'static>] = &[
    RuleSource { name: "rules/elb.toml", text: include_str!("../../rules/elb.toml") },
    RuleSource { name: "rules/elbv2.toml", text: include_str!("../../rules/elbv2.toml") },
    RuleSource { name: "rules/autoscaling.toml", text: include_str!("../../rules/autoscaling.toml") },
    RuleSource { name: "rules/ec2.toml", text: include_str!("../../rules/ec2.toml") },
    RuleSource { name: "rules/storage.toml", text: include_str!("../../rules/storage.toml") },
    RuleSource { name: "rules/network.toml", text: include_str!("../../rules/network.toml") },
    RuleSource { name: "rules/edge.toml", text: include_str!("../../rules/edge.toml") },
    RuleSource { name: "rules/serverless.toml", text: include_str!("../../rules/serverless.toml") },
    RuleSource { name: "rules/containers.toml", text: include_str!("../../rules/containers.toml") },
    RuleSource { name: "rules/streams.toml", text: include_str!("../../rules/streams.toml") },
    RuleSource { name: "rules/messaging.toml", text: include_str!("../../rules/messaging.toml") },
    RuleSource { name: "rules/databases.toml", text: include_str!("../../rules/databases.toml") },
    RuleSource { name: "rules/bill.toml", text: include_str!("../../rules/bill.toml") },
    RuleSource { name: "rules/trail.toml", text: include_str!("../../rules/trail.toml") },
    RuleSource { name: "rules/cloudwatch.toml", text: include_str!("../../rules/cloudwatch.toml") },
    RuleSource { name: "rules/pollers.toml", text: include_str!("../../rules/pollers.toml") },
];
