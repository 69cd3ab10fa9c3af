//! HTTPS connections: accepted, limited, and handed request by request to a handler.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::ServerTls;
use crate::activity::{Activity, Answering, Running};
use crate::header_names::{HeaderNames, Tap};
use crate::seats::{Seat, Seats};

/// How long a connection may take to close once told so; requests under way are waited for.
const CLOSING: Duration = Duration::from_secs(1);
/// How often a connection that waits for a place looks for an idle one.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What a listener allows a client to hold.
#[derive(Clone, Copy, Debug)]
pub struct ListenLimits {
    /// Connections at once; for a further one, the longest idle is closed, or it waits until one is idle.
    pub connections: usize,
    /// Connections at once of one address that is not this machine's; of IPv6, of one /64.
    pub per_peer: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long after the handshake the first request may take to come.
    pub first_request: Duration,
    /// How long a request's head may take.
    pub head: Duration,
    /// How long a connection may go without a request.
    pub idle: Duration,
    /// How long a client may leave an answer unread.
    pub stall: Duration,
    /// The largest head of an HTTP/1.1 request that is read at all. REST and HTTP APIs then apply AWS's own limit.
    pub head_bytes: usize,
    /// Streams at once on an h2 connection.
    pub streams: u32,
}

impl Default for ListenLimits {
    fn default() -> Self {
        Self {
            connections: 2048,
            per_peer: 256,
            handshake: Duration::from_secs(10),
            first_request: Duration::from_secs(10),
            head: Duration::from_secs(20),
            idle: Duration::from_secs(20),
            stall: Duration::from_mins(1),
            head_bytes: 32 * 1024,
            streams: 128,
        }
    }
}

/// Who is at the other end. Every request carries it in its extensions.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The client's address.
    pub remote: SocketAddr,
    /// The address that the connection came in on.
    pub local: SocketAddr,
    /// `1.2` or `1.3`, as TLS agreed on; nothing older is spoken.
    pub tls_version: &'static str,
    pub(crate) names: Arc<HeaderNames>,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// A listener at work. Dropping it stops it at once.
#[derive(Debug)]
pub struct Serving {
    local: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    slots: Arc<Semaphore>,
    connections: u32,
}

impl Serving {
    /// The address that is served.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Takes no more connections, lets requests under way finish for at most `grace`, and says whether all did.
    pub async fn stop(self, grace: Duration) -> bool {
        self.accepting.abort();
        // Only an error if no connection is left to hear it.
        let _ = self.stop.send(true);
        tokio::time::timeout(grace, self.slots.acquire_many(self.connections)).await.is_ok()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.accepting.abort();
        let _ = self.stop.send(true);
    }
}

/// Serves an AWS endpoint (or anything else that is a plain handler) over TLS on a listener.
pub fn serve_aws<H, F, B>(
    listener: TcpListener,
    tls: &ServerTls,
    limits: ListenLimits,
    handler: H,
) -> io::Result<Serving>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let local = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let accepting = tokio::spawn(accept(listener, tls.clone(), limits, handler, Arc::clone(&slots), stopped));
    Ok(Serving { local, stop, accepting, slots, connections })
}

/// Serves one connection, such as one out of a sandbox, until it ends. Errors are the client's and end with it.
///
/// The future is boxed here, where its types are general: callers that spawn it need not prove anew that it can be sent.
pub fn serve_aws_stream<H, F, B>(
    stream: TcpStream,
    tls: &ServerTls,
    limits: ListenLimits,
    handler: H,
) -> Pin<Box<dyn Future<Output = ()> + Send>>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let tls = tls.clone();
    Box::pin(async move {
        let (_stop, stopped) = watch::channel(false);
        connection(stream, tls, limits, handler, Activity::new(), stopped).await;
    })
}

async fn accept<H, F, B>(
    listener: TcpListener,
    tls: ServerTls,
    limits: ListenLimits,
    handler: H,
    slots: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let seats = Seats::new(limits.per_peer);
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            // Out of descriptors, most likely: give connections time to end instead of spinning.
            tokio::time::sleep(LOOK_AGAIN).await;
            continue;
        };
        let Some(slot) = slot(&slots, &seats).await else { return };
        let Some(seat) = seats.take(remote.ip()) else { continue };
        let (tls, handler, stopped) = (tls.clone(), handler.clone(), stopped.clone());
        tokio::spawn(async move {
            seated(&seat, connection(stream, tls, limits, handler, Arc::clone(&seat.activity), stopped)).await;
            drop((seat, slot));
        });
    }
}

/// A place among the listener's connections. Idle ones make room: whoever holds all of them without a request must not
/// keep others out.
async fn slot(slots: &Arc<Semaphore>, seats: &Seats) -> Option<OwnedSemaphorePermit> {
    loop {
        match Arc::clone(slots).try_acquire_owned() {
            Ok(slot) => return Some(slot),
            Err(TryAcquireError::Closed) => return None,
            Err(TryAcquireError::NoPermits) => {}
        }
        seats.evict_idlest();
        if let Ok(slot) = tokio::time::timeout(LOOK_AGAIN, Arc::clone(slots).acquire_owned()).await {
            return slot.ok();
        }
    }
}

/// Runs a connection until it ends or its place is given to another.
async fn seated(seat: &Seat, connection: impl Future<Output = ()>) {
    tokio::select! {
        () = connection => {}
        () = seat.activity.evicted() => {}
    }
}

async fn connection<H, F, B>(
    stream: TcpStream,
    tls: ServerTls,
    limits: ListenLimits,
    handler: H,
    activity: Arc<Activity>,
    stopped: watch::Receiver<bool>,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
    // Small answers must not wait for the client's delayed acknowledgement; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let handshake = TlsAcceptor::from(tls.0).accept(stream);
    let Ok(Ok(stream)) = tokio::time::timeout(limits.handshake, handshake).await else { return };
    activity.opened();
    let tls_version = match stream.get_ref().1.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "1.3",
        _ => "1.2",
    };
    let peer = Peer { remote, local, tls_version, names: Arc::default() };
    let names = Arc::clone(&peer.names);
    let at_work = Arc::clone(&activity);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        // Who counts bytes and who reads chunks do not see the same next request. RFC 9112, section 6.1, lets a server
        // refuse it; hyper reads the chunks.
        let two_lengths = peer.names.two_lengths() && request.headers().contains_key(TRANSFER_ENCODING);
        let begun = at_work.begin().map(|running| (running, (!two_lengths).then(|| handler(request))));
        async move {
            // A connection that has been given up ends at once, and a request on it must not have happened.
            let Some((running, answer)) = begun else { return std::future::pending().await };
            let Some(answer) = answer else { return Ok(malformed(running)) };
            Ok::<_, Infallible>(answer.await.map(|body| running.answering(Some(body))))
        }
    });
    // The protocol is what TLS agreed on; sniffing it would add a state in which a silent client holds the connection.
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        serve_h2(stream, limits, service, &activity, stopped).await;
    } else {
        serve_h1(Tap::new(stream, names), limits, service, &activity, stopped).await;
    }
}

/// The answer to a request that is not handled, as hyper's own to one it cannot read.
fn malformed<B>(running: Running) -> Response<Answering<B>> {
    let mut answer = Response::new(running.answering(None));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

async fn serve_h1<S, B>(
    stream: Tap<TlsStream<TcpStream>>,
    limits: ListenLimits,
    service: S,
    activity: &Activity,
    stopped: watch::Receiver<bool>,
) where
    S: hyper::service::HttpService<Incoming, ResBody = B>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<BoxError>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .max_headers(128)
        .half_close(false)
        .serve_connection(TokioIo::new(stream), service);
    drive(connection, http1::Connection::graceful_shutdown, &limits, activity, stopped).await;
}

async fn serve_h2<S, F, B>(
    stream: TlsStream<TcpStream>,
    limits: ListenLimits,
    service: S,
    activity: &Activity,
    stopped: watch::Receiver<bool>,
) where
    S: hyper::service::HttpService<Incoming, ResBody = B, Future = F>,
    S::Error: Into<BoxError>,
    F: Future<Output = Result<Response<B>, S::Error>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.head)
        .keep_alive_timeout(limits.handshake)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        // Rapid reset (CVE-2023-44487): a client that opens and resets streams is cut off early.
        .max_pending_accept_reset_streams(32)
        .max_local_error_reset_streams(64)
        // Bodies wait here, uncounted, until the stages before have let the request in.
        .initial_stream_window_size(128 * 1024)
        .initial_connection_window_size(256 * 1024)
        .max_send_buf_size(256 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    drive(connection, http2::Connection::graceful_shutdown, &limits, activity, stopped).await;
}

/// Runs a connection until it ends, the listener stops, or the client has made no use of it for too long.
async fn drive<C: Future>(
    connection: C,
    shut_down: impl Fn(Pin<&mut C>),
    limits: &ListenLimits,
    activity: &Activity,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = told_to_stop(&mut stopped) => {}
        () = activity.unused(limits) => {}
    }
    shut_down(connection.as_mut());
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = tokio::time::sleep(CLOSING) => {
                if activity.idle_since().is_some() || activity.left(limits).is_zero() {
                    return;
                }
            }
        }
    }
}

/// Returns once the listener stops; also if it is gone.
async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
