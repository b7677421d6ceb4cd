//! An event as CloudTrail writes it.

use serde_json::{Map, Value, json};

use super::super::noise::{hex, mix, mix_text, uuid};
use super::super::{TrailEvent, World};
use super::Seed;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Who {
    /// The root user, from this address.
    Root(&'static str),
    /// An IAM user: name, address, agent.
    User(&'static str, &'static str, &'static str),
    /// A role: name, session, agent.
    Role(&'static str, &'static str, &'static str),
    /// Auto Scaling, by its service-linked role.
    Scaling,
}

/// What is called.
#[derive(Clone, Debug)]
pub(super) struct What {
    pub(super) name: &'static str,
    /// Such as `ec2`.
    pub(super) service: &'static str,
    pub(super) read_only: bool,
    pub(super) resources: Vec<(&'static str, String)>,
    pub(super) request: Value,
    pub(super) response: Value,
    /// Code and message.
    pub(super) error: Option<(&'static str, String)>,
    /// `additionalEventData`.
    pub(super) extra: Value,
}

impl What {
    pub(super) fn new(service: &'static str, name: &'static str) -> Self {
        let read_only = ["Describe", "List", "Get", "Lookup", "AssumeRole"].iter().any(|p| name.starts_with(p));
        Self {
            name,
            service,
            read_only,
            resources: Vec::new(),
            request: Value::Null,
            response: Value::Null,
            error: None,
            extra: Value::Null,
        }
    }

    pub(super) fn on(mut self, kind: &'static str, name: impl Into<String>) -> Self {
        self.resources.push((kind, name.into()));
        self
    }

    pub(super) fn with(mut self, request: Value) -> Self {
        self.request = request;
        self
    }

    pub(super) fn run(instance_type: &str, ids: Vec<String>) -> Self {
        let mut what = Self::new("ec2", "RunInstances").with(json!({ "instanceType": instance_type }));
        let items: Vec<Value> =
            ids.iter().map(|id| json!({ "instanceId": id, "instanceType": instance_type })).collect();
        what.response = json!({ "instancesSet": { "items": items } });
        what.resources = ids.into_iter().map(|id| ("AWS::EC2::Instance", id)).collect();
        what
    }

    pub(super) fn run_refused(instance_type: &str, message: &str) -> Self {
        let mut what = Self::new("ec2", "RunInstances").with(json!({ "instanceType": instance_type }));
        what.error = Some(("Server.InsufficientInstanceCapacity", message.to_owned()));
        what
    }

    pub(super) fn terminate(ids: Vec<String>) -> Self {
        let items: Vec<Value> = ids.iter().map(|id| json!({ "instanceId": id })).collect();
        let mut what = Self::new("ec2", "TerminateInstances").with(json!({ "instancesSet": { "items": items } }));
        what.resources = ids.into_iter().map(|id| ("AWS::EC2::Instance", id)).collect();
        what
    }
}

/// Id of the access key of the user called `name`.
pub(super) fn access_key(world: &World, name: &str) -> String {
    format!("AKIA{}", hex(mix_text(world.config.seed, name), 16).to_uppercase())
}

fn identity(world: &World, seed: &Seed) -> (Value, Option<String>, Option<String>) {
    let account = world.account().id();
    let temporary = || format!("ASIA{}", hex(mix(seed.hash, 71), 16).to_uppercase());
    let principal = |stem: &str, name: &str| format!("{stem}{}", hex(mix_text(3, name), 17).to_uppercase());
    match seed.who {
        Who::Root(_) => {
            let arn = format!("arn:aws:iam::{account}:root");
            let value = json!({ "type": "Root", "principalId": account, "arn": arn, "accountId": account });
            (value, Some("root".to_owned()), None)
        }
        Who::User(name, _, agent) => {
            let console = agent.contains("Mozilla") || agent.contains("console");
            let key = if console { temporary() } else { access_key(world, name) };
            let value = json!({
                "type": "IAMUser",
                "principalId": principal("AIDA", name),
                "arn": format!("arn:aws:iam::{account}:user/{name}"),
                "accountId": account,
                "accessKeyId": key,
                "userName": name,
            });
            (value, Some(name.to_owned()), Some(key))
        }
        Who::Role(role, session, _) => {
            let key = temporary();
            let value = assumed(account, role, session, Some(&key), &principal("AROA", role));
            (value, Some(session.to_owned()), Some(key))
        }
        Who::Scaling => {
            let role = "AWSServiceRoleForAutoScaling";
            let mut value = assumed(account, role, "AutoScaling", None, &principal("AROA", role));
            if let Some(map) = value.as_object_mut() {
                map.insert("invokedBy".to_owned(), json!("autoscaling.amazonaws.com"));
            }
            (value, Some("AutoScaling".to_owned()), None)
        }
    }
}

fn assumed(account: &str, role: &str, session: &str, key: Option<&str>, principal: &str) -> Value {
    let mut value = json!({
        "type": "AssumedRole",
        "principalId": format!("{principal}:{session}"),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": format!("arn:aws:iam::{account}:role/{role}"),
                "accountId": account,
                "userName": role,
            },
        },
    });
    if let (Some(map), Some(key)) = (value.as_object_mut(), key) {
        map.insert("accessKeyId".to_owned(), json!(key));
    }
    value
}

/// The whole event.
pub(super) fn write(world: &World, seed: &Seed) -> TrailEvent {
    let (identity, user, access_key) = identity(world, seed);
    let what = &seed.what;
    let (address, agent) = match seed.who {
        Who::Root(address) => (address, "Mozilla/5.0 (X11; Linux x86_64) \u{1b}[2J\u{7}Chrome/119.0"),
        Who::User(_, address, agent) => (address, agent),
        Who::Role(_, _, agent) => ("10.0.16.71", agent),
        Who::Scaling => ("autoscaling.amazonaws.com", "autoscaling.amazonaws.com"),
    };
    let id = uuid(seed.hash);
    let source = format!("{}.amazonaws.com", what.service);
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            map.insert(key.to_owned(), value);
        }
    };
    put("eventVersion", json!("1.09"));
    put("userIdentity", identity);
    put("eventTime", json!(seed.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
    put("eventSource", json!(source));
    put("eventName", json!(what.name));
    put("awsRegion", json!(seed.region));
    put("sourceIPAddress", json!(address));
    put("userAgent", json!(agent));
    if let Some((code, message)) = &what.error {
        put("errorCode", json!(code));
        put("errorMessage", json!(message));
    }
    put("requestParameters", what.request.clone());
    put("responseElements", what.response.clone());
    put("additionalEventData", what.extra.clone());
    put("requestID", json!(uuid(mix(seed.hash, 72))));
    put("eventID", json!(id));
    put("readOnly", json!(what.read_only));
    put("eventType", json!(if what.name == "ConsoleLogin" { "AwsConsoleSignIn" } else { "AwsApiCall" }));
    put("managementEvent", json!(true));
    put("recipientAccountId", json!(world.account().id()));
    put("eventCategory", json!("Management"));
    TrailEvent {
        id,
        name: what.name.to_owned(),
        source,
        at: seed.at,
        delivered: seed.delivered(),
        user,
        access_key,
        read_only: what.read_only,
        resources: what.resources.iter().map(|(kind, name)| ((*kind).to_owned(), name.clone())).collect(),
        json: Value::Object(map).to_string(),
    }
}
