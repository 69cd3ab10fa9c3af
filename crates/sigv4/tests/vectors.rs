//! Signatures that AWS published, and what happens when anything signed changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may stop"
)]

use burgward_sigv4::{
    Algorithm, AuthError, Head, Payload, PayloadCheck, PayloadError, Place, Presented, SignPayload, Signer, SigningKey,
    Verified, sha256_hex,
};
use burgward_types::{Secret, Timestamp};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, request::Parts};
use proptest::prelude::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// 2013-05-24T00:00:00Z, the time of S3's published examples.
const AT: Timestamp = Timestamp(1_369_353_600_000);

fn signer(service: &str) -> Signer {
    Signer {
        access_key_id: KEY.into(),
        secret: Secret::new(SECRET.into()),
        token: None,
        region: "us-east-1".into(),
        service: service.into(),
    }
}

fn head(parts: &Parts) -> Head<'_> {
    Head {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &parts.headers,
    }
}

fn verify(parts: &Parts, body: &[u8], now: Timestamp) -> Result<(Verified, Payload, SigningKey), AuthError> {
    let head = head(parts);
    let presented = Presented::read(&head)?.expect("signed");
    let payload = presented.payload(&head)?;
    let key = SigningKey::derive(SECRET, &presented.scope);
    let hash = payload.canonical().map_or_else(|| sha256_hex(body), str::to_owned);
    Ok((presented.verify(&head, &key, &hash, now)?, payload, key))
}

fn parts(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn feed(check: Result<PayloadCheck, PayloadError>, body: &[u8], step: usize) -> Result<Vec<u8>, PayloadError> {
    let mut check = check?;
    let mut out = Vec::new();
    for piece in body.chunks(step) {
        check.feed(Bytes::copy_from_slice(piece), &mut out)?;
    }
    check.finish()?;
    Ok(out.concat())
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>, examples GET object and PUT object.
#[test]
fn published_header_signatures_of_s3() {
    let mut get = parts(
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        &[("host", "examplebucket.s3.amazonaws.com"), ("range", "bytes=0-9")],
    );
    let seed = signer("s3").sign(&mut get, &SignPayload::Bytes(b""), AT).unwrap().seed;
    assert_eq!(seed, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    let mut put = parts(
        "PUT",
        "https://examplebucket.s3.amazonaws.com/test$file.text",
        &[
            ("host", "examplebucket.s3.amazonaws.com"),
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ],
    );
    let seed = signer("s3").sign(&mut put, &SignPayload::Bytes(b"Welcome to Amazon S3."), AT).unwrap().seed;
    assert_eq!(seed, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    assert!(verify(&put, b"", AT).is_ok());
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
#[test]
fn published_presigned_url_of_s3() {
    let query = signer("s3").presign("GET", "examplebucket.s3.amazonaws.com", "/test.txt", "", 86400, AT).unwrap();
    assert!(
        query.ends_with("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
        "{query}"
    );
    let uri = format!("https://examplebucket.s3.amazonaws.com/test.txt?{query}");
    let get = parts("GET", &uri, &[("host", "examplebucket.s3.amazonaws.com")]);
    assert!(verify(&get, b"", AT.plus_millis(86_400_000)).is_ok());
    assert!(matches!(verify(&get, b"", AT.plus_millis(86_401_000)), Err(AuthError::Expired { .. })));
    assert!(matches!(verify(&get, b"", AT.plus_millis(-901_000)), Err(AuthError::Skewed { .. })));
    let presented = Presented::read(&head(&get)).unwrap().unwrap();
    assert_eq!((presented.place, presented.expires), (Place::Query, Some(86400)));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html> derives this key for
/// 2015-08-30, us-east-1, iam; the request is `get-vanilla` of AWS's published test suite, for service `service`.
#[test]
fn published_get_vanilla() {
    let mut get = parts("GET", "https://example.amazonaws.com/", &[("host", "example.amazonaws.com")]);
    let mut signer = signer("service");
    signer.secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into());
    signer.access_key_id = "AKIDEXAMPLE".into();
    let at = Timestamp(1_440_938_160_000);
    let seed = signer.sign(&mut get, &SignPayload::Bytes(b""), at).unwrap().seed;
    assert_eq!(seed, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>: 65 kB in chunks of 64 kB.
#[test]
fn published_streaming_signatures() {
    let mut put = parts(
        "PUT",
        "https://s3.amazonaws.com/examplebucket/chunkObject.txt",
        &[("host", "s3.amazonaws.com"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("content-length", "66824")],
    );
    let payload = SignPayload::Streaming(66_560, None);
    let signed = signer("s3").sign(&mut put, &payload, AT).unwrap();
    assert_eq!(signed.seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    let data = vec![b'a'; 66_560];
    let mut chunks = signer("s3").chunks(&signed, &payload, AT);
    let mut body = chunks.chunk(&data[..65_536]);
    assert!(
        body.starts_with(b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n")
    );
    body.extend(chunks.chunk(&data[65_536..]));
    let last = chunks.last();
    assert_eq!(
        String::from_utf8_lossy(&last),
        "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
    );
    body.extend(last);
    assert_eq!(body.len(), 66_824);
    let (verified, payload, key) = verify(&put, b"", AT).unwrap();
    for step in [1, 7, 8192, 100_000] {
        let check = PayloadCheck::new(&payload, &verified, &key, &put.headers, true);
        assert_eq!(feed(check, &body, step).unwrap(), data);
    }
}

fn streamed(payload: &SignPayload<'_>, data: &[u8]) -> (Parts, Vec<u8>) {
    let mut put = parts("PUT", "https://localhost/b/k", &[]);
    let signed = signer("s3").sign(&mut put, payload, AT).unwrap();
    let mut chunks = signer("s3").chunks(&signed, payload, AT);
    let mut body: Vec<u8> = data.chunks(8).flat_map(|piece| chunks.chunk(piece)).collect();
    body.extend(chunks.last());
    (put, body)
}

/// Whatever byte of a streamed body is flipped: the payload is not let through as it was not sent.
#[test]
fn no_flipped_byte_of_a_streamed_body_goes_unseen() {
    let data = b"a payload of some chunks";
    let length = data.len() as u64;
    for payload in [
        SignPayload::Streaming(length, None),
        SignPayload::Streaming(length, Some(Algorithm::Crc32c)),
        SignPayload::StreamingUnsigned(length, Algorithm::Crc64Nvme),
        SignPayload::StreamingUnsigned(length, Algorithm::Sha256),
    ] {
        let (put, body) = streamed(&payload, data);
        let (verified, claim, key) = verify(&put, b"", AT).unwrap();
        let check = || PayloadCheck::new(&claim, &verified, &key, &put.headers, true);
        assert_eq!(feed(check(), &body, 5).unwrap(), data, "{payload:?}");
        for at in 0..body.len() {
            let mut flipped = body.clone();
            flipped[at] ^= 1;
            if let Ok(out) = feed(check(), &flipped, 64) {
                // A line break or the case of a hex digit may be written another way; the bytes may not be others.
                assert_eq!(out, data, "{payload:?}, byte {at}");
            }
            assert!(feed(check(), &body[..at.min(body.len() - 3)], 64).is_err(), "{payload:?}, cut at {at}");
        }
        let mut longer = body.clone();
        longer.extend_from_slice(b"x");
        assert!(feed(check(), &longer, 64).is_err());
    }
}

#[test]
fn what_must_be_signed_is_signed() {
    let mut post = parts("POST", "https://localhost/", &[("x-amz-target", "X.Get"), ("content-type", "a")]);
    signer("dynamodb").sign(&mut post, &SignPayload::Bytes(b"{}"), AT).unwrap();
    assert!(verify(&post, b"{}", AT).is_ok());
    assert_eq!(verify(&post, b"{ }", AT).unwrap_err(), AuthError::Mismatch);
    let mut added = parts("POST", "https://localhost/", &[]);
    added.headers = post.headers.clone();
    added.headers.insert("x-amz-acl", HeaderValue::from_static("public-read"));
    assert_eq!(verify(&added, b"{}", AT).unwrap_err(), AuthError::Unsigned("x-amz-acl".into()));
    for (late, ok) in [(900_000, true), (901_000, false), (-900_000, true), (-901_000, false)] {
        assert_eq!(verify(&post, b"{}", AT.plus_millis(late)).is_ok(), ok, "{late}");
    }
    for (header, value) in [
        ("authorization", "AWS AKIA:sig"),
        ("authorization", "Bearer x"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=a/b"),
        ("x-amz-date", "20130524"),
    ] {
        let mut other = post.clone();
        other.headers.insert(HeaderName::from_static(header), HeaderValue::from_static(value));
        assert!(verify(&other, b"{}", AT).is_err(), "{header}: {value}");
    }
    let v2 = parts("GET", "https://localhost/b/k?AWSAccessKeyId=A&Expires=1&Signature=x", &[("host", "localhost")]);
    assert!(matches!(Presented::read(&head(&v2)), Err(AuthError::Scheme(_))));
    let week = signer("s3").presign("GET", "localhost", "/b/k", "", 604_801, AT).unwrap();
    let long = parts("GET", &format!("https://localhost/b/k?{week}"), &[("host", "localhost")]);
    assert!(matches!(verify(&long, b"", AT), Err(AuthError::Incomplete(_))));
}

proptest! {
    /// What is signed verifies; after any single change to what is signed it does not.
    #[test]
    fn sign_then_verify(
        path in "(/[a-zA-Z0-9 .~_$+*%-]{0,8}){1,4}",
        query in "[a-z]{1,3}=[a-zA-Z0-9/ +&=-]{0,12}",
        value in "[ -~]{0,20}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
        s3 in any::<bool>(),
        flip in any::<usize>(),
    ) {
        let service = if s3 { "s3" } else { "dynamodb" };
        let path: String = burgward_sigv4::encode(&path, false);
        let query = query.replace(' ', "%20");
        let uri = format!("https://localhost{path}?{query}");
        let mut request = parts("PUT", &uri, &[]);
        request.headers.insert("x-amz-meta-a", HeaderValue::from_str(&value).unwrap());
        signer(service).sign(&mut request, &SignPayload::Bytes(&body), AT).unwrap();
        let (verified, payload, key) = verify(&request, &body, AT).unwrap();
        let check = || PayloadCheck::new(&payload, &verified, &key, &HeaderMap::new(), false);
        prop_assert_eq!(&feed(check(), &body, 7).unwrap(), &body);
        if s3 && !body.is_empty() {
            let mut other = body.clone();
            let at = flip % other.len();
            other[at] ^= 4;
            prop_assert_eq!(feed(check(), &other, 7).unwrap_err(), PayloadError::Hash);
        }
        for name in ["authorization", "x-amz-date", "host"] {
            let text = request.headers[name].as_bytes();
            let at = if name == "authorization" { text.len() - 64 + flip % 64 } else { flip % text.len() };
            let mut bytes = text.to_vec();
            bytes[at] ^= 1;
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { continue };
            let mut other = request.clone();
            other.headers.insert(HeaderName::from_static(name), value);
            prop_assert!(verify(&other, &body, AT).is_err(), "{name} at {at}");
        }
        let mut other = request.clone();
        other.method = "GET".parse().unwrap();
        prop_assert!(verify(&other, &body, AT).is_err());
        other = request.clone();
        other.uri = format!("https://localhost{path}x?{query}").parse().unwrap();
        prop_assert!(verify(&other, &body, AT).is_err());
        other.uri = format!("https://localhost{path}?{query}x").parse().unwrap();
        prop_assert!(verify(&other, &body, AT).is_err());
    }
}
