//! The simulator on a loopback port.
//!
//! In: a [`Simulator`] and a loopback address. Out: HTTP/1.1 with keep-alive, and connections that break or fall silent
//! where the simulator says so.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Answer, Simulator};

/// The largest request of any simulated operation is far smaller.
const LARGEST_REQUEST: usize = 8 * 1024 * 1024;
/// Connections at a time; more wait to be accepted.
const MOST_CONNECTIONS: usize = 1024;

/// A simulator that listens and is yet to serve.
#[derive(Debug)]
pub struct Listening {
    simulator: Simulator,
    listener: TcpListener,
    address: SocketAddr,
}

/// Listens on `address`, on any free port when its port is 0.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for an address that is not loopback: the simulator checks no signature, so it is not
/// for a network. Otherwise what binding gives, such as [`io::ErrorKind::AddrInUse`].
pub async fn listen(simulator: Simulator, address: SocketAddr) -> io::Result<Listening> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the simulator listens on loopback only, not on {}; use 127.0.0.1:{}",
                address.ip(),
                address.port()
            ),
        ));
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| io::Error::new(e.kind(), format!("cannot listen on {address}: {e}")))?;
    let address = listener.local_addr()?;
    Ok(Listening { simulator, listener, address })
}

impl Listening {
    /// The address it is bound to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready; open connections are dropped then.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept(), if connections.len() < MOST_CONNECTIONS => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(self.simulator.clone(), stream));
                    }
                    // Out of descriptors, or a client that left early: let others finish first.
                    Err(_) => tokio::task::yield_now().await,
                },
            }
        }
    }
}

async fn connection(simulator: Simulator, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&reset);
    let service = service_fn(move |request| serve(simulator.clone(), request, Arc::clone(&flag)));
    // The simulator dates its answers itself.
    let mut connection = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service);
    let outcome = (&mut connection).await;
    if outcome.is_err() && reset.load(Ordering::Relaxed) {
        // Without this, closing would be an orderly end.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// The connection is to break now.
#[derive(Debug, thiserror::Error)]
#[error("the simulator breaks this connection")]
struct Broken;

async fn serve(
    simulator: Simulator,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Answered>, Broken> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        let mut refusal = Response::new(Answered::whole(Bytes::new()));
        *refusal.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refusal);
    };
    match simulator.answer(Request::from_parts(head, body.to_bytes())).await {
        Answer::Response(response) => Ok(response.map(Answered::whole)),
        Answer::Truncated { response, after_bytes } => Ok(response.map(|body| Answered::cut(body, after_bytes))),
        Answer::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(Broken)
        }
        Answer::Stall => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

/// A body that may break off.
struct Answered {
    rest: Bytes,
    promised: u64,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Whole,
    Cut,
    /// The part was handed over; it must be written before the connection breaks.
    Flushing,
}

impl Answered {
    fn whole(body: Bytes) -> Self {
        Self { promised: body.len() as u64, rest: body, state: State::Whole }
    }

    fn cut(mut body: Bytes, after_bytes: usize) -> Self {
        let promised = body.len() as u64;
        body.truncate(after_bytes);
        Self { promised, rest: body, state: State::Cut }
    }
}

impl Body for Answered {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))));
        }
        match self.state {
            State::Whole => Poll::Ready(None),
            State::Cut => {
                self.state = State::Flushing;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            State::Flushing => Poll::Ready(Some(Err(Broken))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.state == State::Whole && self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match self.state {
            State::Whole => SizeHint::with_exact(self.rest.len() as u64),
            State::Cut | State::Flushing => SizeHint::with_exact(self.promised),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::clock::Clock;
    use crate::sim::SimConfig;

    async fn serve(faults: &[&str]) -> SocketAddr {
        let config = SimConfig { faults: faults.iter().map(|f| f.parse().unwrap()).collect(), ..SimConfig::default() };
        let simulator = Simulator::new(config, Clock::system());
        let listening = listen(simulator, ([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listening.address();
        tokio::spawn(listening.serve(std::future::pending()));
        address
    }

    async fn ask(stream: &mut TcpStream, action: &str) {
        let body = format!("Action={action}&Version=2016-11-15");
        let scope = "AKID/20260114/ap-northeast-1/ec2/aws4_request";
        let request = format!(
            "POST / HTTP/1.1\r\nhost: x\r\nauthorization: AWS4-HMAC-SHA256 Credential={scope}, Signature=0\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Head and body of one answer, as far as they come.
    async fn read(stream: &mut TcpStream) -> io::Result<(String, usize)> {
        let mut got = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&got).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap().parse().unwrap();
                if body.len() >= length {
                    return Ok((text, length));
                }
            }
            let mut part = [0; 4096];
            match stream.read(&mut part).await? {
                0 => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text)),
                n => got.extend_from_slice(&part[..n]),
            }
        }
    }

    #[tokio::test]
    async fn a_connection_serves_several_requests() {
        let mut stream = TcpStream::connect(serve(&[]).await).await.unwrap();
        for _ in 0..3 {
            ask(&mut stream, "DescribeRegions").await;
            let (text, _) = read(&mut stream).await.unwrap();
            assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("us-east-1"), "{text}");
        }
    }

    #[tokio::test]
    async fn faults_of_the_connection_are_real() {
        let address = serve(&["DescribeRegions=truncate", "DescribeSubnets=reset", "DescribeInstances=stall"]).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, "DescribeRegions").await;
        let cut = read(&mut stream).await.unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
        assert!(cut.to_string().contains("<DescribeRegionsResponse"), "{cut}");

        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, "DescribeSubnets").await;
        assert_eq!(read(&mut stream).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);

        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, "DescribeInstances").await;
        let wait = Clock::system().timeout(Duration::from_millis(200), read(&mut stream)).await;
        assert!(wait.is_none(), "{wait:?}");
    }

    #[tokio::test]
    async fn only_loopback_and_only_a_free_port() {
        let simulator = || Simulator::new(SimConfig::default(), Clock::system());
        let refused = listen(simulator(), ([0, 0, 0, 0], 0).into()).await.unwrap_err();
        assert!(refused.to_string().contains("loopback only"), "{refused}");
        let first = listen(simulator(), ([127, 0, 0, 1], 0).into()).await.unwrap();
        let taken = listen(simulator(), first.address()).await.unwrap_err();
        assert!(taken.to_string().contains(&first.address().to_string()), "{taken}");
    }
}
