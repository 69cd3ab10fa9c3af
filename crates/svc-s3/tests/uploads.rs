//! Uploads that are too large, or stop coming: over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics, in its helpers too")]

mod support;

use std::time::Duration;

use burgward_service::BodyLimits;
use burgward_sigv4::SignPayload;
use http::Request;
use serde_json::json;
use support::{House, NOW};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Announces an upload of `length` bytes, sends `sent` of them and waits for the answer.
async fn upload(house: &House, path: &str, length: u64, sent: usize) -> String {
    let (mut parts, ()) = Request::put(format!("http://{}{path}", house.address())).body(()).unwrap().into_parts();
    house.signer().sign(&mut parts, &SignPayload::Unsigned, NOW).unwrap();
    let headers: Vec<String> =
        parts.headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    let host =
        if parts.headers.contains_key("host") { String::new() } else { format!("host: {}\r\n", house.address()) };
    let head = format!("PUT {path} HTTP/1.1\r\n{host}{}content-length: {length}\r\n\r\n", headers.concat());
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; sent]).await.unwrap();
    let mut text = String::new();
    let mut piece = [0; 4096];
    while !text.contains("</Error>") {
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "{text}");
        text += &String::from_utf8_lossy(piece.get(..read).unwrap());
    }
    text
}

fn files(dir: &std::path::Path) -> usize {
    let folders = std::fs::read_dir(dir.join("data/objects")).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn an_upload_that_is_too_large_or_stops_coming_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let limits = BodyLimits { idle: Duration::from_millis(50), ..BodyLimits::default() };
    let house = House::with_limits(dir.path(), limits).await;
    house.allow(&json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }));
    let region =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(house.send("PUT", "/shelf", &[], region).await.status, 200);
    let begun = house.send("POST", "/shelf/parts?uploads", &[], "").await;
    let part = format!("/shelf/parts?partNumber=1&uploadId={}", begun.element("UploadId"));
    for path in ["/shelf/key", &part] {
        let text = upload(&house, path, (5 << 30) + 1, 0).await;
        assert!(text.starts_with("HTTP/1.1 400 ") && text.contains("<Code>EntityTooLarge</Code>"), "{text}");
        let text = upload(&house, path, 1 << 20, 300_000).await;
        assert!(text.starts_with("HTTP/1.1 400 ") && text.contains("<Code>RequestTimeout</Code>"), "{text}");
    }
    // Nothing is acknowledged, and no file stays.
    assert_eq!(house.get("/shelf/key").await.outcome(), (404, "NoSuchKey".into()));
    for _ in 0..100 {
        if files(dir.path()) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} files are left", files(dir.path()));
}
