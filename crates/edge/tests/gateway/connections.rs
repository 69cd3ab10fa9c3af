//! Who may hold a connection, and for how long.

use std::time::Duration;

use burgward_edge::ListenLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Client, tls};
use crate::setup::{House, MINUTE, http_api, route};

/// Longer than any test takes.
const NEVER: Duration = Duration::from_hours(1);

fn limits() -> ListenLimits {
    ListenLimits { first_request: NEVER, head: NEVER, idle: NEVER, stall: NEVER, ..ListenLimits::default() }
}

async fn open(limits: ListenLimits) -> House {
    House::open_with(http_api(vec![route("GET", "/")]), limits).await
}

/// The preface and empty settings of h2, then the head of `GET /` as often as asked for, then silence.
async fn h2(house: &House, requests: u32, window: u32) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut stream = tls(house.serving.local_addr(), house.ca.certificate_der(), &[b"h2"], "localhost").await.unwrap();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4]);
    bytes.extend(window.to_be_bytes());
    for number in 0..requests {
        // `:method: GET`, `:scheme: https`, `:path: /` of HPACK's table, and `:authority: localhost` written out.
        let block = [&[0x82, 0x87, 0x84, 0x01, 9][..], b"localhost"].concat();
        bytes.extend([0, 0, u8::try_from(block.len()).unwrap(), 1, 5]);
        bytes.extend((1 + 2 * number).to_be_bytes());
        bytes.extend(block);
    }
    stream.write_all(&bytes).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

/// Reads until the server closes.
async fn closed(mut stream: tokio_rustls::client::TlsStream<TcpStream>) -> Vec<u8> {
    let mut read = Vec::new();
    // An end without TLS's own closing message is an end as well.
    let _ = tokio::time::timeout(MINUTE, stream.read_to_end(&mut read)).await.unwrap();
    read
}

/// Whether the frames end with GOAWAY.
fn says_goodbye(mut frames: &[u8]) -> bool {
    let mut kinds = Vec::new();
    while let [a, b, c, kind, rest @ ..] = frames {
        kinds.push(*kind);
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        frames = rest.get(5 + length..).unwrap_or_default();
    }
    kinds.contains(&7)
}

#[tokio::test]
async fn a_connection_without_a_first_request_is_closed() {
    let house = open(ListenLimits { first_request: Duration::from_millis(50), ..limits() }).await;
    let (to, ca) = (house.serving.local_addr(), house.ca.certificate_der());
    closed(tls(to, ca, &[b"http/1.1"], "localhost").await.unwrap()).await;
    closed(tls(to, ca, &[b"h2"], "localhost").await.unwrap()).await;
    assert!(says_goodbye(&closed(h2(&house, 0, 65_535).await).await));
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let house = open(ListenLimits { idle: Duration::from_millis(50), ..limits() }).await;
    let (to, ca) = (house.serving.local_addr(), house.ca.certificate_der());
    let mut stream = tls(to, ca, &[b"http/1.1"], "localhost").await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let read = closed(stream).await;
    assert!(read.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&read));
    assert!(says_goodbye(&closed(h2(&house, 2, 65_535).await).await));
    assert_eq!(house.functions.events("Fn").len(), 3);
}

#[tokio::test]
async fn a_client_that_leaves_its_answers_unread_is_closed() {
    let house = open(ListenLimits { stall: Duration::from_millis(50), ..limits() }).await;
    // A window of 0 lets the head of the answer pass and nothing of its body.
    closed(h2(&house, 3, 0).await).await;
    assert_eq!(house.functions.events("Fn").len(), 3);
}

#[tokio::test]
async fn a_connection_at_work_is_not_idle() {
    let short = Duration::from_millis(20);
    let house = open(ListenLimits { first_request: short, idle: short, stall: short, ..limits() }).await;
    *house.functions.hang.lock().unwrap() = true;
    for alpn in [&b"http/1.1"[..], b"h2"] {
        let mut client = Client::connect(house.serving.local_addr(), house.ca.certificate_der(), &[alpn]).await;
        let waiting = tokio::time::timeout(Duration::from_millis(300), client.get("/")).await;
        assert!(waiting.is_err(), "the function still works, and its client still waits");
    }
}

#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let house = open(ListenLimits { connections: 4, ..limits() }).await;
    let mut idle = Vec::new();
    for _ in 0..2 {
        idle.push(h2(&house, 0, 65_535).await);
        idle.push(h2(&house, 1, 65_535).await);
    }
    for _ in 0..9 {
        let answer = async { house.client().await.get("/").await.text() };
        assert_eq!(tokio::time::timeout(MINUTE, answer).await.unwrap(), "200 ok");
    }
}

#[tokio::test]
async fn silent_handshakes_make_room_for_new_ones() {
    let house = open(ListenLimits { connections: 4, handshake: NEVER, ..limits() }).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(house.serving.local_addr()).await.unwrap());
    }
    let answer = async { house.client().await.get("/").await.text() };
    assert_eq!(tokio::time::timeout(MINUTE, answer).await.unwrap(), "200 ok");
}

#[tokio::test]
async fn connections_at_work_make_no_room() {
    let house = open(ListenLimits { connections: 1, ..limits() }).await;
    *house.functions.hang.lock().unwrap() = true;
    let mut first: Client = house.client().await;
    let mut request = Box::pin(first.get("/"));
    while house.functions.events("Fn").is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(5), &mut request).await;
    }
    *house.functions.hang.lock().unwrap() = false;
    let mut second = Box::pin(house.client());
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut second).await.is_err(), "it waits");
    drop(request);
    drop(first);
    assert_eq!(tokio::time::timeout(MINUTE, second).await.unwrap().get("/").await.text(), "200 ok");
}
