//! What carries the requests: the network, or a function in this process.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime::client::defaults::default_http_client_plugin_v2;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures::future::BoxFuture;
use http_body::{Body, Frame};

use crate::clock::Clock;

/// Answers requests in this process, below the SDK's clients.
pub type Wire = Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, WireAnswer> + Send + Sync>;

/// What became of a request on a [`Wire`].
#[derive(Debug)]
pub enum WireAnswer {
    /// An answer.
    Response(http::Response<Bytes>),
    /// An answer whose body breaks off after these bytes.
    Truncated(http::Response<Bytes>),
    /// The connection broke before an answer.
    Reset,
    /// No answer ever.
    Stall,
}

/// What carries the requests.
#[derive(Clone, Default)]
pub enum Transport {
    /// HTTPS to AWS, or HTTP(S) to an endpoint.
    #[default]
    Network,
    /// A function in this process; credentials are fixed test ones.
    InProcess(Wire),
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "Network",
            Self::InProcess(_) => "InProcess",
        })
    }
}

impl Transport {
    /// The SDK's client for it. The network's is one for the whole process: one TLS stack, one connection pool.
    pub(super) fn http_client(&self) -> Option<SharedHttpClient> {
        match self {
            Self::Network => network(),
            Self::InProcess(wire) => Some(SharedHttpClient::new(InProcess(wire.clone()))),
        }
    }
}

fn network() -> Option<SharedHttpClient> {
    static CLIENT: OnceLock<Option<SharedHttpClient>> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            let plugin = default_http_client_plugin_v2(BehaviorVersion::latest())?;
            plugin.runtime_components(&RuntimeComponentsBuilder::new("network")).http_client()
        })
        .clone()
}

#[derive(Clone)]
struct InProcess(Wire);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
            let request = request.map(|body| Bytes::copy_from_slice(body.bytes().unwrap_or_default()));
            let response = match wire(request).await {
                WireAnswer::Response(response) => response.map(SdkBody::from),
                WireAnswer::Truncated(response) => response.map(|b| SdkBody::from_body_1_x(Broken(Some(b)))),
                WireAnswer::Reset => {
                    return Err(ConnectorError::io("connection reset by peer".into()));
                }
                WireAnswer::Stall => std::future::pending().await,
            };
            HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
        })
    }
}

/// A body that breaks off after its first frame.
struct Broken(Option<Bytes>);

impl Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(bytes) if !bytes.is_empty() => Ok(Frame::data(bytes)),
            _ => Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the body broke off")),
        }))
    }
}

/// Lets the SDK tell the time and wait on our clock.
#[derive(Clone, Debug)]
pub(super) struct SdkClock(pub(super) Clock);

impl TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

impl AsyncSleep for SdkClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.0.sleep(duration))
    }
}
