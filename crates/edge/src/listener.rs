//! HTTPS connections: accepted, limited, and handed request by request to a handler.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::ServerTls;
use crate::header_names::{HeaderNames, Tap};

/// What a listener allows a client to hold.
#[derive(Clone, Copy, Debug)]
pub struct ListenLimits {
    /// Connections at once; further ones wait in the kernel's queue.
    pub connections: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a request's head may take, and how long a connection may idle between requests.
    pub head: Duration,
    /// The largest head of an HTTP/1.1 request that is read at all. REST and HTTP APIs then apply AWS's own limit.
    pub head_bytes: usize,
    /// Streams at once on an h2 connection.
    pub streams: u32,
}

impl Default for ListenLimits {
    fn default() -> Self {
        Self {
            connections: 2048,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(20),
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
    B: Body<Data = Bytes> + Send + 'static,
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
pub async fn serve_aws_stream<H, F, B>(stream: TcpStream, tls: &ServerTls, limits: ListenLimits, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (_stop, stopped) = watch::channel(false);
    connection(stream, tls.clone(), limits, handler, stopped).await;
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
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely: give connections time to end instead of spinning.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (tls, handler, stopped) = (tls.clone(), handler.clone(), stopped.clone());
        tokio::spawn(async move {
            connection(stream, tls, limits, handler, stopped).await;
            drop(slot);
        });
    }
}

async fn connection<H, F, B>(
    stream: TcpStream,
    tls: ServerTls,
    limits: ListenLimits,
    handler: H,
    stopped: watch::Receiver<bool>,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
    // Small answers must not wait for the client's delayed acknowledgement; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let handshake = TlsAcceptor::from(tls.0).accept(stream);
    let Ok(Ok(stream)) = tokio::time::timeout(limits.handshake, handshake).await else { return };
    let peer = Peer { remote, local, names: Arc::default() };
    let names = Arc::clone(&peer.names);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // The protocol is what TLS agreed on; sniffing it would add a state in which a silent client holds the connection.
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        serve_h2(stream, limits, service, stopped).await;
    } else {
        serve_h1(Tap::new(stream, names), limits, service, stopped).await;
    }
}

async fn serve_h1<S, B>(
    stream: Tap<TlsStream<TcpStream>>,
    limits: ListenLimits,
    service: S,
    mut stopped: watch::Receiver<bool>,
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
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = told_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn serve_h2<S, F, B>(
    stream: TlsStream<TcpStream>,
    limits: ListenLimits,
    service: S,
    mut stopped: watch::Receiver<bool>,
) where
    S: hyper::service::HttpService<Incoming, ResBody = B, Future = F>,
    S::Error: Into<BoxError>,
    F: Future<Output = Result<Response<B>, S::Error>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
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
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .max_send_buf_size(256 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = told_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Returns once the listener stops; also if it is gone.
async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
