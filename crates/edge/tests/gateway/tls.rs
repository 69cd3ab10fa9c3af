//! The local authority, listeners, and the AWS endpoint's side door.

use std::time::Duration;

use burgward_edge::{ListenLimits, LocalCa, serve_aws, serve_aws_stream};
use burgward_types::SystemClock;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Client, raw, tls};
use crate::setup::{House, MINUTE, MemoryKeys, http_api, route};
use burgward_edge::KeyStore as _;

#[test]
fn the_authority_stays_the_same() {
    let store = MemoryKeys::default();
    let first = LocalCa::open(&store, &SystemClock).unwrap();
    let again = LocalCa::open(&store, &SystemClock).unwrap();
    assert_eq!(first.certificate_pem(), again.certificate_pem());
    assert!(first.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----\nMII"));
    assert!(again.server_tls(&[], &SystemClock).is_ok());
}

#[test]
fn half_an_authority_is_not_replaced() {
    let store = MemoryKeys::default();
    let whole = MemoryKeys::default();
    LocalCa::open(&whole, &SystemClock).unwrap();
    store.save("edge/ca-key", whole.load("edge/ca-key").unwrap().unwrap().expose()).unwrap();
    assert_eq!(
        LocalCa::open(&store, &SystemClock).unwrap_err().to_string(),
        "the stored certificate authority is unusable: its certificate is missing\n  hint: restore the vault, or remove the authority to make a new one"
    );
}

#[test]
fn it_vouches_for_this_machine_only() {
    let ca = LocalCa::open(&MemoryKeys::default(), &SystemClock).unwrap();
    assert_eq!(
        ca.server_tls(&["shop.example"], &SystemClock).unwrap_err().to_string(),
        "`shop.example` is not a name of this machine\n  hint: certificates are issued for localhost, names under it, and loopback addresses"
    );
    // The extension itself: OID 2.5.29.30, critical, permitted localhost, 127.0.0.0/8 and ::1.
    let der = ca.certificate_der();
    let expected = [
        &[0x06, 0x03, 0x55, 0x1d, 0x1e, 0x01, 0x01, 0xff][..],
        b"localhost",
        &[0x87, 0x08, 127, 0, 0, 0, 255, 0, 0, 0],
    ];
    for part in expected {
        assert!(der.windows(part.len()).any(|window| window == part), "{part:x?}");
    }
}

#[tokio::test]
async fn names_and_protocols() {
    let house = House::open(http_api(vec![route("GET", "/")])).await;
    let (to, ca) = (house.serving.local_addr(), house.ca.certificate_der());
    for name in ["localhost", "api.localhost", "127.0.0.1", "::1"] {
        assert!(tls(to, ca, &[b"h2"], name).await.is_ok(), "{name}");
    }
    for name in ["other.localhost", "example.com", "127.0.0.2"] {
        assert!(tls(to, ca, &[b"h2"], name).await.is_err(), "{name}");
    }
    assert!(tls(to, ca, &[b"spdy/3"], "localhost").await.is_err());
    let other = LocalCa::open(&MemoryKeys::default(), &SystemClock).unwrap();
    assert!(tls(to, other.certificate_der(), &[b"h2"], "localhost").await.is_err());
    assert_eq!(house.client().await.get("/").await.text(), "200 ok");
    assert_eq!(house.client_h2().await.get("/").await.text(), "200 ok");
}

#[tokio::test]
async fn silent_clients_are_cut_off() {
    let limits = ListenLimits {
        handshake: Duration::from_millis(50),
        head: Duration::from_millis(50),
        ..ListenLimits::default()
    };
    let house = House::open_with(http_api(vec![route("GET", "/")]), limits).await;
    let to = house.serving.local_addr();
    let mut silent = TcpStream::connect(to).await.unwrap();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(MINUTE, silent.read_to_end(&mut rest)).await.unwrap();
    let mut slow = tls(to, house.ca.certificate_der(), &[b"http/1.1"], "localhost").await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
    let _ = tokio::time::timeout(MINUTE, slow.read_to_end(&mut rest)).await.unwrap();
    assert!(house.functions.events("Fn").is_empty());
}

#[tokio::test]
async fn stopping_lets_requests_finish() {
    let house = House::open(http_api(vec![route("GET", "/")])).await;
    let to = house.serving.local_addr();
    let mut client = house.client().await;
    assert_eq!(client.get("/").await.text(), "200 ok");
    assert!(house.serving.stop(MINUTE).await);
    assert!(TcpStream::connect(to).await.is_err());
}

async fn echo(request: Request<Incoming>) -> Response<Full<Bytes>> {
    Response::new(Full::from(request.uri().path().to_owned()))
}

#[tokio::test]
async fn any_handler_on_a_listener_and_on_a_single_stream() {
    let ca = LocalCa::open(&MemoryKeys::default(), &SystemClock).unwrap();
    let server = ca.server_tls(&[], &SystemClock).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let serving = serve_aws(listener, &server, ListenLimits::default(), echo).unwrap();
    let mut client = Client::connect(serving.local_addr(), ca.certificate_der(), &[b"h2"]).await;
    assert_eq!(client.get("/a").await.text(), "200 /a");

    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let to = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve_aws_stream(stream, &server, ListenLimits::default(), echo).await;
    });
    let mut client = Client::connect(to, ca.certificate_der(), &[b"http/1.1"]).await;
    assert_eq!(client.get("/b").await.text(), "200 /b");

    // Whatever the handler: a request of two lengths does not reach it.
    let both =
        "POST /c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = raw(serving.local_addr(), ca.certificate_der(), both.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("connection: close"), "{answer}");
}
