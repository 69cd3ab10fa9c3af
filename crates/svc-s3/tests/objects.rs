//! Objects through the front, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

mod support;

use base64::Engine as _;
use http::Request;
use http_body_util::Full;
use support::{House, NOW};

const HELLO_MD5: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path()).await;
    let region =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(house.send("PUT", "/shelf", &[], region).await.status, 200);
    let headers = [("content-type", "text/plain"), ("x-amz-meta-colour", "blue"), ("cache-control", "no-store")];
    let put = house.send("PUT", "/shelf/a%20b/%C3%BC", &headers, "hello").await;
    assert_eq!((put.status, put.header("etag")), (200, HELLO_MD5));
    assert_eq!(put.header("x-amz-server-side-encryption"), "AES256");
    let got = house.get("/shelf/a%20b/%C3%BC").await;
    assert_eq!((got.status, got.text().as_str(), got.header("etag")), (200, "hello", HELLO_MD5));
    assert_eq!(got.header("content-type"), "text/plain");
    assert_eq!(got.header("x-amz-meta-colour"), "blue");
    assert_eq!(got.header("cache-control"), "no-store");
    assert_eq!(got.header("last-modified"), "Sun, 22 Nov 2026 12:34:56 GMT");
    let head = house.send("HEAD", "/shelf/a%20b/%C3%BC", &[], "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "5", 0));
    assert_eq!(house.send("DELETE", "/shelf", &[], "").await.outcome(), (409, "BucketNotEmpty".into()));
    assert_eq!(house.send("DELETE", "/shelf/a%20b/%C3%BC", &[], "").await.status, 204);
    assert_eq!(house.get("/shelf/a%20b/%C3%BC").await.outcome(), (404, "NoSuchKey".into()));
    assert_eq!(house.send("DELETE", "/shelf", &[], "").await.status, 204);
    assert_eq!(house.get("/shelf/x").await.outcome(), (404, "NoSuchBucket".into()));
}

async fn shelf(dir: &std::path::Path) -> House {
    let house = House::open(dir).await;
    let region =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(house.send("PUT", "/shelf", &[], region).await.status, 200);
    house
}

#[tokio::test]
async fn large_objects_are_read_by_range_and_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..300_000_u32).map(|at| (at * 7 % 251) as u8).collect();
    let house = shelf(dir.path()).await;
    for (name, length) in [("s", 16_384), ("m", 65_536), ("l", 65_537), ("xl", 300_000)] {
        house.put(&format!("/shelf/{name}"), content[..length].to_vec()).await;
    }
    drop(house);
    let house = House::open(dir.path()).await;
    for (name, length) in [("s", 16_384), ("m", 65_536), ("l", 65_537), ("xl", 300_000)] {
        assert_eq!(house.get(&format!("/shelf/{name}")).await.body, content[..length], "{name}");
    }
    for (range, from, to) in
        [("0-0", 0, 1), ("65535-65536", 65_535, 65_537), ("131072-", 131_072, 300_000), ("-5", 299_995, 300_000)]
    {
        let got = house.send("GET", "/shelf/xl", &[("range", &format!("bytes={range}"))], "").await;
        assert_eq!((got.status, &got.body[..]), (206, &content[from..to]), "{range}");
        assert_eq!(got.header("content-range"), format!("bytes {from}-{}/300000", to - 1));
    }
    let beyond = house.send("GET", "/shelf/xl", &[("range", "bytes=300000-")], "").await;
    assert_eq!(beyond.outcome(), (416, "InvalidRange".into()));
    assert_eq!(house.send("HEAD", "/shelf/xl", &[("range", "bytes=1-2")], "").await.status, 206);
}

#[tokio::test]
async fn nothing_readable_lies_on_the_disk_and_what_was_altered_does_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    house.put("/shelf/readable-name", "readable content ".repeat(20_000)).await;
    let mut files = vec![];
    for entry in std::fs::read_dir(dir.path().join("data/objects")).unwrap() {
        files.extend(std::fs::read_dir(entry.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    assert_eq!(files.len(), 1);
    assert!(!files[0].to_str().unwrap().contains("readable"));
    let mut bytes = std::fs::read(&files[0]).unwrap();
    assert!(!bytes.windows(8).any(|window| window == b"readable"));
    bytes[100] ^= 1;
    std::fs::write(&files[0], &bytes).unwrap();
    let request = Request::get(format!("http://{}/shelf/readable-name", house.address())).body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    house.signer().sign(&mut parts, &burgward_sigv4::SignPayload::Bytes(b""), NOW).unwrap();
    let house = std::sync::Arc::new(house);
    let sent = tokio::spawn(async move { house.over_wire(Request::from_parts(parts, Full::default())).await });
    assert!(sent.await.is_err(), "the connection is cut instead of sending what was altered");
}

#[tokio::test]
async fn overwritten_and_removed_objects_leave_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    for _ in 0..3 {
        house.put("/shelf/k", vec![1; 100_000]).await;
    }
    let count = || {
        let folders = std::fs::read_dir(dir.path().join("data/objects")).unwrap();
        folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum::<usize>()
    };
    assert_eq!(count(), 1);
    let bad = house.send("PUT", "/shelf/k", &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], vec![2; 100_000]).await;
    assert_eq!(bad.outcome(), (400, "BadDigest".into()));
    assert_eq!(count(), 1);
    house.send("DELETE", "/shelf/k", &[], "").await;
    assert_eq!(count(), 0);
}

#[tokio::test]
async fn checksums_are_verified_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    let good = [("x-amz-checksum-crc32", "NhCmhg==")];
    let put = house.send("PUT", "/shelf/k", &good, "hello").await;
    assert_eq!((put.status, put.header("x-amz-checksum-crc32")), (200, "NhCmhg=="), "{}", put.text());
    let got = house.send("GET", "/shelf/k", &[("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!((got.header("x-amz-checksum-crc32"), got.header("x-amz-checksum-type")), ("NhCmhg==", "FULL_OBJECT"));
    let bad = house.send("PUT", "/shelf/k", &[("x-amz-checksum-crc32", "AAAAAA==")], "other").await;
    assert_eq!(bad.outcome(), (400, "BadDigest".into()));
    assert_eq!(house.get("/shelf/k").await.text(), "hello");
    let md5 = base64::engine::general_purpose::STANDARD.encode(hex::decode(HELLO_MD5.trim_matches('"')).unwrap());
    assert_eq!(house.send("PUT", "/shelf/k", &[("content-md5", &md5)], "hello").await.status, 200);
}

#[tokio::test]
async fn conditions_hold() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    house.put("/shelf/k", "hello").await;
    let get = async |name, value| house.send("GET", "/shelf/k", &[(name, value)], "").await.status;
    assert_eq!(get("if-none-match", HELLO_MD5).await, 304);
    assert_eq!(get("if-match", "\"other\"").await, 412);
    assert_eq!(get("if-match", HELLO_MD5).await, 200);
    assert_eq!(get("if-modified-since", "Sun, 22 Nov 2026 12:34:56 GMT").await, 304);
    assert_eq!(get("if-unmodified-since", "Sun, 22 Nov 2026 12:34:55 GMT").await, 412);
    let put = async |path, name, value| house.send("PUT", path, &[(name, value)], "new").await.outcome();
    assert_eq!(put("/shelf/k", "if-none-match", "*").await, (412, "PreconditionFailed".into()));
    assert_eq!(put("/shelf/k", "if-match", "\"other\"").await, (412, "PreconditionFailed".into()));
    assert_eq!(put("/shelf/none", "if-match", HELLO_MD5).await, (404, "NoSuchKey".into()));
    assert_eq!(put("/shelf/none", "if-none-match", "*").await.0, 200);
    assert_eq!(put("/shelf/k", "if-match", HELLO_MD5).await.0, 200);
}

#[tokio::test]
async fn one_of_many_wins_a_conditional_write() {
    let dir = tempfile::tempdir().unwrap();
    let house = std::sync::Arc::new(shelf(dir.path()).await);
    let race: Vec<_> = (0..8)
        .map(|at| {
            let house = std::sync::Arc::clone(&house);
            tokio::spawn(async move {
                house.send("PUT", "/shelf/k", &[("if-none-match", "*")], vec![at; 20_000]).await.status
            })
        })
        .collect();
    let mut wins = 0;
    for attempt in race {
        wins += u32::from(attempt.await.unwrap() == 200);
    }
    assert_eq!(wins, 1);
}

#[tokio::test]
async fn a_copy_is_an_object_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    house.send("PUT", "/shelf/from", &[("x-amz-meta-colour", "blue")], vec![9; 70_000]).await;
    let copied = house.send("PUT", "/shelf/to", &[("x-amz-copy-source", "/shelf/from")], "").await;
    assert_eq!(copied.status, 200, "{}", copied.text());
    house.send("DELETE", "/shelf/from", &[], "").await;
    let got = house.get("/shelf/to").await;
    assert_eq!((got.body.len(), got.header("x-amz-meta-colour")), (70_000, "blue"));
    let same = house.send("PUT", "/shelf/to", &[("x-amz-copy-source", "/shelf/to")], "").await;
    assert_eq!(same.outcome(), (400, "InvalidRequest".into()));
    let headers =
        [("x-amz-copy-source", "/shelf/to"), ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-size", "s")];
    assert_eq!(house.send("PUT", "/shelf/to", &headers, "").await.status, 200);
    let got = house.get("/shelf/to").await;
    assert_eq!((got.body.len(), got.header("x-amz-meta-colour"), got.header("x-amz-meta-size")), (70_000, "", "s"));
}

#[tokio::test]
async fn listings_group_and_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    for key in ["a", "b/1", "b/2", "b/3", "c", "d/x/1", "d%20e"] {
        house.put(&format!("/shelf/{key}"), "x").await;
    }
    let all = house.get("/shelf?list-type=2").await;
    assert_eq!(all.elements("Key"), ["a", "b/1", "b/2", "b/3", "c", "d e", "d/x/1"]);
    let grouped = house.get("/shelf?list-type=2&delimiter=%2F&encoding-type=url").await;
    assert_eq!(grouped.elements("Key"), ["a", "c", "d%20e"]);
    assert_eq!(grouped.elements("CommonPrefixes"), ["<Prefix>b/</Prefix>", "<Prefix>d/</Prefix>"]);
    let (mut found, mut token) = (vec![], String::new());
    for _ in 0..9 {
        let page = house.get(&format!("/shelf?list-type=2&delimiter=%2F&max-keys=1{token}")).await;
        found.extend(page.elements("Key"));
        found.extend(page.elements("CommonPrefixes"));
        if page.element("IsTruncated") == "false" {
            break;
        }
        token = format!("&continuation-token={}", page.element("NextContinuationToken"));
    }
    assert_eq!(found, ["a", "<Prefix>b/</Prefix>", "c", "d e", "<Prefix>d/</Prefix>"]);
    assert_eq!(house.get("/shelf?prefix=b/&marker=b/1").await.elements("Key"), ["b/2", "b/3"]);
    assert_eq!(house.get("/").await.elements("Name"), ["shelf"]);
}

#[tokio::test]
async fn many_are_deleted_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    for key in ["a", "b", "kept"] {
        house.put(&format!("/shelf/{key}"), "x").await;
    }
    house.allow(&serde_json::json!([
        { "Effect": "Allow", "Action": "s3:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::shelf/kept" },
    ]));
    let body =
        "<Delete><Object><Key>a</Key></Object><Object><Key>kept</Key></Object><Object><Key>b</Key></Object></Delete>";
    let answer = house.send("POST", "/shelf?delete", &[], body).await;
    assert_eq!(answer.elements("Deleted"), ["<Key>a</Key>", "<Key>b</Key>"], "{}", answer.text());
    assert_eq!(answer.elements("Code"), ["AccessDenied"]);
    assert_eq!(house.get("/shelf").await.elements("Key"), ["kept"]);
}

#[tokio::test]
async fn parts_become_an_object() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    let begun = house.send("POST", "/shelf/big?uploads", &[("x-amz-meta-colour", "blue")], "").await;
    let id = begun.element("UploadId");
    let (first, second) = (vec![1_u8; 5 << 20], vec![2_u8; 1000]);
    let mut etags = vec![];
    for (number, part) in [(1, &first), (2, &second)] {
        let path = format!("/shelf/big?partNumber={number}&uploadId={id}");
        etags.push(house.put(&path, part.clone()).await.header("etag").to_owned());
    }
    assert_eq!(house.get(&format!("/shelf/big?uploadId={id}")).await.elements("Size"), ["5242880", "1000"]);
    assert_eq!(house.get("/shelf?uploads").await.elements("UploadId"), std::slice::from_ref(&id));
    let named = |numbers: [usize; 2]| {
        let part =
            |number: usize| format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", etags[number - 1]);
        format!("<CompleteMultipartUpload>{}{}</CompleteMultipartUpload>", part(numbers[0]), part(numbers[1]))
    };
    let path = format!("/shelf/big?uploadId={id}");
    assert_eq!(house.send("POST", &path, &[], named([2, 1])).await.outcome(), (400, "InvalidPartOrder".into()));
    let other = format!("/shelf/other?uploadId={id}");
    assert_eq!(house.send("POST", &other, &[], named([1, 2])).await.outcome(), (404, "NoSuchUpload".into()));
    let done = house.send("POST", &path, &[], named([1, 2])).await;
    assert!(done.element("ETag").contains("-2"), "{}", done.text());
    let got = house.send("GET", "/shelf/big", &[("range", "bytes=5242870-5242889")], "").await;
    assert_eq!(&got.body[..], [[1_u8; 10], [2; 10]].concat());
    assert_eq!(house.send("POST", &path, &[], named([1, 2])).await.outcome(), (404, "NoSuchUpload".into()));
    assert_eq!(house.send("DELETE", "/shelf/big", &[], "").await.status, 204);

    let id = house.send("POST", "/shelf/big?uploads", &[], "").await.element("UploadId");
    house.put(&format!("/shelf/big?partNumber=1&uploadId={id}"), vec![1; 100_000]).await;
    assert_eq!(house.send("DELETE", &format!("/shelf/big?uploadId={id}"), &[], "").await.status, 204);
    assert_eq!(house.send("DELETE", "/shelf", &[], "").await.status, 204, "nothing is left of it");
}
