//! What a known caller may send, and how slowly: over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "helpers of tests may stop, and other tests use more of the house"
)]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use burgward_service::{Binding, BodyLimits, Mode, Origin};
use burgward_sigv4::{SignPayload, Signer};
use burgward_types::SandboxId;
use bytes::Bytes;
use http::Request;
use http::request::Parts;
use serde_json::json;
use support::{House, NOW};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const NEIGHBOUR: Origin = Origin::Sandbox(SandboxId(8));

fn house(limits: BodyLimits) -> House {
    let mut house = House::new(Mode::Enforce);
    house.allow(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    house.front = house.front.clone().with_body_limits(limits);
    house
}

/// A request whose head is sent now and whose body follows, or does not.
struct Upload(TcpStream);

impl Upload {
    async fn begin(address: SocketAddr, parts: &Parts, framing: &str) -> Self {
        let target = parts.uri.path_and_query().unwrap();
        let mut lines = vec![format!("{} {target} HTTP/1.1", parts.method)];
        lines.extend(parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
        if !parts.headers.contains_key("host") {
            lines.push(format!("host: {}", parts.uri.authority().unwrap()));
        }
        lines.push(format!("{framing}\r\n\r\n"));
        let mut upload = Self(TcpStream::connect(address).await.unwrap());
        upload.send(lines.join("\r\n").as_bytes()).await;
        upload
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Status and body of the answer, which comes although the request is not whole.
    async fn answer(mut self) -> (u16, String) {
        let mut text = String::new();
        let mut piece = [0; 4096];
        loop {
            let read = self.0.read(&mut piece).await.unwrap_or(0);
            text += &String::from_utf8_lossy(&piece[..read]);
            let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                let length = head.to_ascii_lowercase();
                let length = length.split_once("content-length: ").unwrap().1;
                body.len() >= length.lines().next().unwrap().parse().unwrap()
            });
            if read == 0 || whole {
                break;
            }
        }
        let status = text.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default();
        (status, text.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
    }
}

/// The head of an upload that says nothing of its content.
fn put(house: &House, address: SocketAddr) -> Parts {
    let (mut parts, ()) = Request::put(format!("http://{address}/bucket/key")).body(()).unwrap().into_parts();
    house.signer("s3").sign(&mut parts, &SignPayload::Unsigned, NOW).unwrap();
    parts
}

/// The head of a call with a body of `content`.
fn note(signer: &Signer, address: SocketAddr, content: &str) -> Parts {
    let request = Request::post(format!("http://{address}/")).header("x-amz-target", "Notes.GetNote");
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    signer.sign(&mut parts, &SignPayload::Bytes(content.as_bytes()), NOW).unwrap();
    parts
}

/// Sends a whole call.
async fn call(signer: &Signer, address: SocketAddr, content: &str) -> (u16, String) {
    let parts = note(signer, address, content);
    let mut upload = Upload::begin(address, &parts, &format!("content-length: {}", content.len())).await;
    upload.send(content.as_bytes()).await;
    upload.answer().await
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let house = house(BodyLimits { idle: Duration::from_millis(50), ..BodyLimits::default() });
    let address = house.listen(support::HOME).await;
    let parts = put(&house, address);
    let mut upload = Upload::begin(address, &parts, "content-length: 200000").await;
    upload.send(&vec![b'x'; 100_000]).await;
    let (status, body) = upload.answer().await;
    assert_eq!(status, 400);
    assert!(body.contains("<Code>RequestTimeout</Code>"), "{body}");
    assert!(house.objects.0.lock().unwrap().is_empty());
    assert_eq!(house.record().error_code.as_deref(), Some("RequestTimeout"));
    let parts = note(&house.signer("notes"), address, r#"{"Name":"n"}"#);
    let mut upload = Upload::begin(address, &parts, "content-length: 12").await;
    upload.send(b"{").await;
    let (status, body) = upload.answer().await;
    assert_eq!(
        (status, body.as_str()),
        (
            408,
            r#"{"__type":"com.amazon.coral.service#RequestTimeoutException","message":"Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed."}"#
        )
    );
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let limits = BodyLimits { grace: Duration::from_millis(100), bytes_per_second: 1 << 20, ..BodyLimits::default() };
    let house = house(limits);
    let address = house.listen(support::HOME).await;
    let parts = put(&house, address);
    let upload = Upload::begin(address, &parts, "content-length: 200000").await;
    let (mut reader, mut writer) = tokio::io::split(upload.0);
    let trickle = tokio::spawn(async move {
        // Never idle for long, and never done.
        while writer.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let mut piece = [0; 4096];
    let read = reader.read(&mut piece).await.unwrap();
    let text = String::from_utf8_lossy(&piece[..read]).into_owned();
    trickle.abort();
    assert!(text.starts_with("HTTP/1.1 400 ") && text.contains("RequestTimeout"), "{text}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_however_it_is_framed() {
    let house = house(BodyLimits::default());
    let address = house.listen(support::HOME).await;
    let parts = put(&house, address);
    // The test's service takes uploads of a mebibyte; nothing of this one is read.
    let announced = Upload::begin(address, &parts, &format!("content-length: {}", (1 << 20) + 1)).await;
    let (status, body) = announced.answer().await;
    assert!(status == 400 && body.contains("<Code>EntityTooLarge</Code>"), "{status} {body}");
    let mut chunked = Upload::begin(address, &parts, "transfer-encoding: chunked").await;
    for _ in 0..18 {
        let piece = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
        if chunked.0.write_all(&piece).await.is_err() {
            break;
        }
    }
    let (status, body) = chunked.answer().await;
    assert!(status == 400 && body.contains("<Code>EntityTooLarge</Code>"), "{status} {body}");
    let parts = note(&house.signer("notes"), address, &"x".repeat(1001));
    let call = Upload::begin(address, &parts, "content-length: 1001").await;
    let (status, body) = call.answer().await;
    assert_eq!(
        (status, body.as_str()),
        (
            413,
            r#"{"__type":"com.amazon.coral.service#RequestEntityTooLargeException","message":"The request's body is longer than this service takes."}"#
        )
    );
    assert!(house.objects.0.lock().unwrap().is_empty());
}

/// One sandbox holds what it may hold; others are served all the while, and what was held comes back.
#[tokio::test]
async fn bodies_on_their_way_share_a_budget() {
    let house = house(BodyLimits { buffered_per_caller: 1500, ..BodyLimits::default() });
    let (address, next_door) = (house.listen(support::HOME).await, house.listen(NEIGHBOUR).await);
    let signer = house.signer("notes");
    let content = format!(r#"{{"Name":"{}"}}"#, "n".repeat(880));
    let parts = note(&house.signer("notes"), address, &content);
    let mut first = Upload::begin(address, &parts, &format!("content-length: {}", content.len())).await;
    first.send(&content.as_bytes()[..850]).await;
    let refused = loop {
        // Until the first body has arrived, there is room for a second.
        let (status, body) = call(&signer, address, &content).await;
        if status != 200 {
            break (status, body);
        }
    };
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (400, r#"{"__type":"com.amazon.coral.service#ThrottlingException","message":"Rate exceeded"}"#)
    );
    let neighbours = house.front.keys().issue(House::grant(Binding::Sandbox(SandboxId(8))));
    assert_eq!(call(&support::signer(&neighbours, "notes"), next_door, &content).await.0, 200);
    first.send(&content.as_bytes()[850..]).await;
    assert_eq!(first.answer().await.0, 200);
    assert_eq!(call(&signer, address, &content).await.0, 200);
}

#[tokio::test]
async fn a_head_has_a_limit() {
    let house = house(BodyLimits { headers: 60, ..BodyLimits::default() });
    let address = house.listen(support::HOME).await;
    let mut parts = put(&house, address);
    for number in 0..60 {
        parts.headers.insert(http::HeaderName::try_from(format!("x-{number}")).unwrap(), "x".parse().unwrap());
    }
    let (status, body) = Upload::begin(address, &parts, "content-length: 0").await.answer().await;
    assert!(status == 400 && body.contains("<Code>RequestHeaderSectionTooLarge</Code>"), "{status} {body}");
    let mut parts = put(&house, address);
    parts.headers.insert("x-long", "x".repeat(25_000).parse().unwrap());
    let (status, body) = Upload::begin(address, &parts, "content-length: 0").await.answer().await;
    assert!(status == 400 && body.contains("<Code>RequestHeaderSectionTooLarge</Code>"), "{status} {body}");
}

#[tokio::test]
async fn a_body_within_all_limits_is_taken() {
    let house = house(BodyLimits::default());
    let address = house.listen(support::HOME).await;
    let parts = put(&house, address);
    let mut upload = Upload::begin(address, &parts, "content-length: 100000").await;
    upload.send(&vec![b'x'; 100_000]).await;
    assert_eq!(upload.answer().await.0, 200);
    assert_eq!(house.objects.0.lock().unwrap().remove("/bucket/key"), Some(Bytes::from(vec![b'x'; 100_000])));
}
