//! The services that are simulated, and how each is told from the others.

/// How a request came and how its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Form in, XML out, in EC2's own manner.
    Ec2,
    /// Form in, XML out.
    Query,
    /// JSON with `x-amz-target`, version 1.0.
    Json10,
    /// JSON with `x-amz-target`, version 1.1.
    Json11,
    /// Smithy RPC v2 over CBOR.
    Cbor,
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    /// EC2.
    Ec2,
    /// Elastic Load Balancing, 2012-06-01: Classic.
    Elb,
    /// Elastic Load Balancing, 2015-12-01: Application and Network.
    ElbV2,
    /// EC2 Auto Scaling.
    AutoScaling,
    /// Security Token Service.
    Sts,
    /// CloudWatch.
    CloudWatch,
    /// CloudTrail.
    CloudTrail,
    /// Price List.
    Pricing,
}

impl Service {
    /// Every one.
    pub(super) const ALL: [Self; 8] = [
        Self::Ec2,
        Self::Elb,
        Self::ElbV2,
        Self::AutoScaling,
        Self::Sts,
        Self::CloudWatch,
        Self::CloudTrail,
        Self::Pricing,
    ];

    /// The name that the world, the faults and the counts of calls know it by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Elb => "elb",
            Self::ElbV2 => "elbv2",
            Self::AutoScaling => "autoscaling",
            Self::Sts => "sts",
            Self::CloudWatch => "cloudwatch",
            Self::CloudTrail => "cloudtrail",
            Self::Pricing => "pricing",
        }
    }

    /// Its prefix in IAM actions.
    pub(super) fn iam(self) -> &'static str {
        match self {
            Self::Elb | Self::ElbV2 => "elasticloadbalancing",
            other => other.name(),
        }
    }

    /// XML namespace of its answers.
    pub(super) fn xml_namespace(self) -> &'static str {
        match self {
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::Elb => "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/",
            Self::ElbV2 => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            Self::CloudTrail | Self::Pricing => "",
        }
    }

    /// The version that its query protocol names.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Ec2 => "2016-11-15",
            Self::Elb => "2012-06-01",
            Self::ElbV2 => "2015-12-01",
            Self::AutoScaling => "2011-01-01",
            Self::Sts => "2011-06-15",
            Self::CloudWatch => "2010-08-01",
            Self::CloudTrail => "2013-11-01",
            Self::Pricing => "2017-10-15",
        }
    }

    /// The protocols it speaks; the first is the one for what cannot be told.
    pub(super) fn protocols(self) -> &'static [Protocol] {
        match self {
            Self::Ec2 => &[Protocol::Ec2],
            Self::Elb | Self::ElbV2 | Self::AutoScaling | Self::Sts => &[Protocol::Query],
            Self::CloudWatch => &[Protocol::Cbor, Protocol::Json10, Protocol::Query],
            Self::CloudTrail | Self::Pricing => &[Protocol::Json11],
        }
    }

    /// The service of a form request, by the name in the credential scope and the `Version`.
    pub(super) fn of_form(signing_name: &str, version: Option<&str>) -> Option<Self> {
        match signing_name {
            "ec2" => Some(Self::Ec2),
            "elasticloadbalancing" if version == Some(Self::Elb.version()) => Some(Self::Elb),
            "elasticloadbalancing" => Some(Self::ElbV2),
            "autoscaling" => Some(Self::AutoScaling),
            "sts" => Some(Self::Sts),
            "monitoring" => Some(Self::CloudWatch),
            "" => Self::ALL.into_iter().find(|s| version == Some(s.version())),
            _ => None,
        }
    }

    /// The service of an `x-amz-target` without its operation.
    pub(super) fn of_target(prefix: &str) -> Option<Self> {
        match prefix {
            "GraniteServiceVersion20100801" => Some(Self::CloudWatch),
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" | "CloudTrail_20131101" => Some(Self::CloudTrail),
            "AWSPriceListService" => Some(Self::Pricing),
            _ => None,
        }
    }
}
