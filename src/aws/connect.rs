//! Accounts, scopes and their clients. Opening one reads files and the environment at most; the network is first
//! touched by the first call.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::imds;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use tokio::sync::OnceCell;

use super::allow::Gate;
use super::retry::DependencyThrottle;
use super::transport::{SdkClock, Transport};
use crate::clock::Clock;
use crate::model::{PollError, Scope, Text};

/// How long a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// From the request's end to the answer's first byte.
    pub read: Duration,
    /// One attempt, whole.
    pub attempt: Duration,
    /// All attempts and the waits between them.
    pub operation: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(10),
            attempt: Duration::from_secs(10),
            operation: Duration::from_secs(25),
        }
    }
}

/// How an account is reached.
#[derive(Clone, Debug)]
pub struct Connect {
    /// The profile of the shared configuration files; `None` leaves the choice to the SDK (`AWS_PROFILE`, environment
    /// credentials, instance role).
    pub profile: Option<String>,
    /// The region the credentials are got in (a role is assumed there); scopes name their own.
    pub region: String,
    /// An endpoint for every service instead of AWS's. `None`: what `AWS_ENDPOINT_URL` and the profile say.
    pub endpoint_url: Option<String>,
    /// How long requests may take.
    pub timeouts: Timeouts,
    /// Attempts a request, the first included.
    pub max_attempts: u32,
    /// What carries the requests.
    pub transport: Transport,
    /// The access key id that requests are signed with which do not leave this process.
    pub in_process_key: String,
    /// What the SDK tells the time and waits by.
    pub clock: Clock,
}

impl Connect {
    /// The SDK's default chain over the network, in `region`.
    pub fn new(region: impl Into<String>, clock: Clock) -> Self {
        Self {
            profile: None,
            region: region.into(),
            endpoint_url: None,
            timeouts: Timeouts::default(),
            max_attempts: 3,
            transport: Transport::Network,
            in_process_key: "AKIDINPROCESS".to_owned(),
            clock,
        }
    }

    /// The account. Nothing is read or sent yet.
    #[must_use]
    pub fn open(self) -> Account {
        // What does not leave this process is signed with a key of its own.
        let files = if matches!(self.transport, Transport::Network) { shared_files() } else { Vec::new() };
        self.open_with(files)
    }

    /// The account, whose login may come from `files`.
    pub(super) fn open_with(self, files: Vec<PathBuf>) -> Account {
        let base = Mutex::new(Base::new(stamps(&files)));
        Account(Arc::new(Shared { connect: self, files, base }))
    }

    async fn load(&self) -> SdkConfig {
        let clock = SdkClock(self.clock.clone());
        let region = Region::new(self.region.clone());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeouts.connect)
            .read_timeout(self.timeouts.read)
            .operation_attempt_timeout(self.timeouts.attempt)
            .operation_timeout(self.timeouts.operation)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .time_source(clock.clone())
            .sleep_impl(clock.clone())
            // Our own time-outs end a stall; the SDK's guard would take an upload in this process for one.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(timeouts);
        if let Some(name) = &self.profile {
            loader = loader.profile_name(name);
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let http = self.transport.http_client();
        if let Some(http) = http.clone() {
            loader = loader.http_client(http);
        }
        loader = match self.transport {
            Transport::InProcess(_) => loader
                .retry_config(RetryConfig::disabled())
                .credentials_provider(Credentials::new(&*self.in_process_key, "in-process", None, None, "in-process")),
            Transport::Network => {
                let mut config = ProviderConfig::default()
                    .with_region(Some(region.clone()))
                    .with_time_source(clock.clone())
                    .with_sleep_impl(clock);
                if let Some(http) = http {
                    config = config.with_http_client(http);
                }
                // Away from EC2 nothing answers there: one short attempt, so that a missing login is said at once.
                let imds = imds::Client::builder()
                    .configure(&config)
                    .connect_timeout(Duration::from_millis(500))
                    .read_timeout(Duration::from_secs(1))
                    .max_attempts(1)
                    .build();
                let mut chain = DefaultCredentialsChain::builder().configure(config).region(region).imds_client(imds);
                if let Some(name) = &self.profile {
                    chain = chain.profile_name(name);
                }
                loader
                    .retry_config(RetryConfig::adaptive().with_max_attempts(self.max_attempts))
                    .credentials_provider(chain.build().await)
            }
        };
        loader.load().await
    }
}

/// The region that the environment or the profile names, without asking the network for it.
pub async fn default_region(profile: Option<&str>) -> Option<String> {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Ok(region) = std::env::var(name)
            && !region.is_empty()
        {
            return Some(region);
        }
    }
    let mut provider = ProfileFileRegionProvider::builder();
    if let Some(name) = profile {
        provider = provider.profile_name(name);
    }
    provider.build().region().await.map(|r| r.as_ref().to_owned())
}

/// An account, seen through one profile. Cheap to clone; its scopes share credentials.
#[derive(Clone, Debug)]
pub struct Account(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connect: Connect,
    /// Files that a login may come from.
    files: Vec<PathBuf>,
    base: Mutex<Arc<Base>>,
}

/// What clients are made from. The SDK reads its files once: when they change, another one takes its place.
#[derive(Debug)]
struct Base {
    config: OnceCell<SdkConfig>,
    /// What the files were like before they were read.
    stamps: Vec<Stamp>,
    /// Why there was no login, which the SDK says only once.
    why: OnceLock<Text>,
}

/// When a file was last written, and how long it was; `None`: it was not there.
type Stamp = Option<(SystemTime, u64)>;

impl Base {
    fn new(stamps: Vec<Stamp>) -> Arc<Self> {
        Arc::new(Self { config: OnceCell::new(), stamps, why: OnceLock::new() })
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: &PathBuf| {
        let found = std::fs::metadata(file).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(stamp).collect()
}

/// The shared configuration files, as the SDK finds them.
fn shared_files() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        named.or_else(|| Some(home.as_ref()?.join(".aws").join(name)))
    };
    let files = [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    files.into_iter().flatten().collect()
}

impl Account {
    /// The clients of `scope`, whose region they speak to.
    #[must_use]
    pub fn scope(&self, scope: Scope) -> ScopeClients {
        let made = Mutex::new(Made::from(self.base()));
        ScopeClients(Arc::new(Clients { account: self.clone(), scope, made }))
    }

    fn base(&self) -> Arc<Base> {
        self.0.base.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn config<'b>(&self, base: &'b Base) -> &'b SdkConfig {
        base.config.get_or_init(|| self.0.connect.load()).await
    }

    /// Puts the reason into `error`, of a login that was not found, or remembers it.
    pub(super) fn explain(&self, error: &mut PollError) {
        let base = self.base();
        if error.message.is_empty() {
            error.message = base.why.get().cloned().unwrap_or_default();
        } else {
            let _ = base.why.set(error.message.clone());
        }
    }

    /// To be called when a login was refused: when the files that it came from have changed since they were read, the next
    /// request reads them again. Looks at the files' times and no further.
    pub(super) fn renew(&self) {
        if self.0.files.is_empty() {
            return;
        }
        let found = stamps(&self.0.files);
        let mut base = self.0.base.lock().unwrap_or_else(PoisonError::into_inner);
        if base.stamps != found {
            tracing::warn!("a login was refused, and its files have changed since: they are read again");
            *base = Base::new(found);
        }
    }
}

/// The clients of one scope, each made when it is first used. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ScopeClients(Arc<Clients>);

#[derive(Debug)]
struct Clients {
    account: Account,
    scope: Scope,
    made: Mutex<Arc<Made>>,
}

/// The clients that were made from one base.
#[derive(Debug)]
struct Made {
    base: Arc<Base>,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    elb: OnceLock<aws_sdk_elasticloadbalancing::Client>,
    elbv2: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    autoscaling: OnceLock<aws_sdk_autoscaling::Client>,
    cloudtrail: OnceLock<aws_sdk_cloudtrail::Client>,
    cloudwatch: OnceLock<aws_sdk_cloudwatch::Client>,
    pricing: OnceLock<aws_sdk_pricing::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

impl Made {
    fn from(base: Arc<Base>) -> Arc<Self> {
        Arc::new(Self {
            base,
            ec2: OnceLock::new(),
            elb: OnceLock::new(),
            elbv2: OnceLock::new(),
            autoscaling: OnceLock::new(),
            cloudtrail: OnceLock::new(),
            cloudwatch: OnceLock::new(),
            pricing: OnceLock::new(),
            sts: OnceLock::new(),
        })
    }
}

macro_rules! client {
    ($field:ident, $sdk:ident) => {
        client!($field, $sdk, |region| region.to_string());
    };
    ($field:ident, $sdk:ident, $region:expr) => {
        pub(super) async fn $field(&self) -> $sdk::Client {
            let made = self.made();
            let base = self.0.account.config(&made.base).await;
            let client = made.$field.get_or_init(|| {
                let region: fn(&str) -> String = $region;
                let config = $sdk::config::Builder::from(base)
                    .region(Region::new(region(&self.0.scope.region)))
                    .interceptor(Gate)
                    .retry_classifier(DependencyThrottle)
                    .build();
                $sdk::Client::from_conf(config)
            });
            client.clone()
        }
    };
}

impl ScopeClients {
    /// Where they ask.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// The clients of the account's base as it is now.
    fn made(&self) -> Arc<Made> {
        let base = self.0.account.base();
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&made.base, &base) {
            *made = Made::from(base);
        }
        made.clone()
    }

    /// Who answers for AWS's price list, when it is not AWS: an endpoint that the configuration or the environment names,
    /// or a function in this process.
    pub async fn stand_in(&self) -> Option<String> {
        if matches!(self.0.account.0.connect.transport, Transport::InProcess(_)) {
            return Some("in process".to_owned());
        }
        let own = std::env::var("AWS_ENDPOINT_URL_PRICING").ok().filter(|url| !url.is_empty());
        let made = self.made();
        own.or(self.0.account.config(&made.base).await.endpoint_url().map(str::to_owned))
    }

    /// The clock that their waits run on.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.account.0.connect.clock
    }

    /// The account they speak for.
    pub(super) fn account(&self) -> &Account {
        &self.0.account
    }

    pub(super) fn for_meter(&self) -> (Text, Clock, u32) {
        let connect = &self.0.account.0.connect;
        let tries = if matches!(connect.transport, Transport::InProcess(_)) { connect.max_attempts } else { 1 };
        (connect.profile.as_deref().unwrap_or_default().into(), connect.clock.clone(), tries)
    }

    client!(ec2, aws_sdk_ec2);
    client!(elb, aws_sdk_elasticloadbalancing);
    client!(elbv2, aws_sdk_elasticloadbalancingv2);
    client!(autoscaling, aws_sdk_autoscaling);
    client!(cloudtrail, aws_sdk_cloudtrail);
    client!(cloudwatch, aws_sdk_cloudwatch);
    client!(pricing, aws_sdk_pricing, |region| super::pricing::endpoint_region(region).to_owned());
    client!(sts, aws_sdk_sts);
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::aws::WireAnswer;
    use crate::aws::script::{xml, xml_error};
    use crate::aws::{Meter, sts};
    use crate::model::ErrorClass;

    #[tokio::test(start_paused = true)]
    async fn keys_that_were_renewed_are_read_again_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("credentials");
        std::fs::write(&file, "old").unwrap();
        let refuses = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let says = refuses.clone();
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH, 1.0);
        let mut connect = Connect::new("eu-west-1", clock);
        connect.transport = Transport::InProcess(Arc::new(move |_| {
            let answer: WireAnswer = if says.load(std::sync::atomic::Ordering::Relaxed) {
                xml_error(403, "ExpiredToken", "The security token included in the request is expired")
            } else {
                xml("GetCallerIdentity", "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn>")
            };
            Box::pin(async move { answer })
        }));
        let account = connect.open_with(vec![file.clone(), dir.path().join("config")]);
        let clients = account.scope(Scope::new("prod", "eu-west-1"));
        let first = clients.made();
        let ask = || async { sts::identity(&clients, &Meter::new(&clients, None)).await.map_err(|e| e.class) };
        assert_eq!(ask().await.unwrap_err(), ErrorClass::Expired);
        assert!(Arc::ptr_eq(&first, &clients.made()), "nothing was renewed");
        std::fs::write(&file, "renewed").unwrap();
        assert!(Arc::ptr_eq(&first, &clients.made()), "it is looked for only where a login was refused");
        assert_eq!(ask().await.unwrap_err(), ErrorClass::Expired);
        let second = clients.made();
        assert!(!Arc::ptr_eq(&first, &second), "the SDK has to read them again");
        assert_eq!(ask().await.unwrap_err(), ErrorClass::Expired);
        assert!(Arc::ptr_eq(&second, &clients.made()), "once for each change");
        refuses.store(false, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(ask().await.unwrap().account_id, "123456789012");
    }
}
