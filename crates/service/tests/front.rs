//! The front from outside: who gets in, who does not, and what is recorded of each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may stop"
)]

mod support;

use std::sync::Arc;

use burgward_service::{Binding, Body, Mode, Origin, Policy, PolicyKind, full, walk};
use burgward_sigv4::{Algorithm, SignPayload};
use burgward_types::{Principal, SandboxId};
use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::Full;
use serde_json::json;
use support::{HOME, House, NOW, over_wire, role, signer};

const OUTSIDE: &str = "203.0.113.9:4000";

fn outside() -> Origin {
    Origin::Outside(OUTSIDE.parse().unwrap())
}

fn allow_notes() -> serde_json::Value {
    json!([{ "Effect": "Allow", "Action": "notes:*", "Resource": "*", "Condition": {
        "NumericLessThan": { "notes:Length": "4" },
        "StringEquals": { "aws:PrincipalArn": support::ROLE, "aws:RequestedRegion": "eu-west-1" },
        "Null": { "aws:SourceIp": "true" },
    }}])
}

#[tokio::test]
async fn a_signed_call_that_a_policy_allows_is_served_and_recorded() {
    let house = House::new(Mode::Enforce);
    house.allow(&allow_notes());
    let (status, body) = house.send(HOME, house.note("GetNote")).await;
    assert_eq!(
        (status, body.as_str()),
        (200, r#"{"Name":"n","Caller":"arn:aws:sts::123456789012:assumed-role/reader/fn"}"#)
    );
    let record = house.record();
    assert_eq!((record.event_source.as_str(), record.event_name.as_str()), ("notes.amazonaws.com", "GetNote"));
    assert_eq!((record.source.as_str(), record.read_only, &record.principal), ("sb-00000007", true, &role()));
    assert_eq!(record.access_key_id.as_deref(), Some(house.key.access_key_id.as_str()));
    let decision = &record.decisions[0];
    assert_eq!(
        (decision.effect.as_str(), decision.layer.as_deref(), decision.policy.as_deref(), decision.statement),
        ("Allow", Some("identity"), Some("ReaderPolicy"), Some(0))
    );
    assert_eq!(house.front.guard().observed()[0].resource, "arn:aws:notes:eu-west-1:123456789012:note/n");
}

#[tokio::test]
async fn a_call_without_a_policy_is_denied_in_the_words_of_aws() {
    let house = House::new(Mode::Enforce);
    let (status, body) = house.send(HOME, house.note("GetNote")).await;
    assert_eq!(status, 400);
    insta::assert_snapshot!(body, @r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"User: arn:aws:sts::123456789012:assumed-role/reader/fn is not authorized to perform: notes:GetNote on resource: arn:aws:notes:eu-west-1:123456789012:note/n because no identity-based policy allows the notes:GetNote action"}"#);
    let record = house.record();
    assert_eq!(record.error_code.as_deref(), Some("AccessDeniedException"));
    assert_eq!(record.decisions[0].effect, "ImplicitDeny");
}

#[tokio::test]
async fn permissive_lets_through_and_says_so() {
    let house = House::new(Mode::Permissive);
    assert_eq!(house.send(HOME, house.note("GetNote")).await.0, 200);
    let record = house.record();
    assert!(record.decisions[0].permitted_despite_denial);
    assert!(!house.front.guard().observed()[0].allowed);
}

#[tokio::test]
async fn a_key_is_good_in_its_own_place_only() {
    let house = House::new(Mode::Enforce);
    house.allow(&allow_notes());
    for origin in [outside(), Origin::Sandbox(SandboxId(8)), Origin::Internal] {
        let (status, body) = house.send(origin, house.note("GetNote")).await;
        assert_eq!(status, 400);
        assert_eq!(
            body,
            r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."}"#
        );
        let record = house.record();
        assert_eq!(record.principal, Principal::Anonymous);
        assert_eq!(record.detail["signatureHolds"], true);
        assert_eq!(record.detail["keyBinding"], format!("bound to sb-00000007, used from {origin}"));
    }
    house.front.keys().revoke_sandbox(SandboxId(7));
    assert_eq!(house.send(HOME, house.note("GetNote")).await.0, 400);
}

#[tokio::test]
async fn tokens_and_times_are_the_keys_own() {
    let mut house = House::new(Mode::Enforce);
    house.allow(&allow_notes());
    let token = house.key.token.clone();
    house.key.token = burgward_types::Secret::new("another".into());
    assert!(house.send(HOME, house.note("GetNote")).await.1.contains("UnrecognizedClientException"));
    house.key.token = token;
    house.clock.advance(901_000);
    assert!(house.send(HOME, house.note("GetNote")).await.1.contains("InvalidSignatureException"));
    house.clock.advance(-901_000);
    assert_eq!(house.send(HOME, house.note("GetNote")).await.0, 200);
}

#[tokio::test]
async fn what_was_changed_on_the_way_takes_no_effect() {
    let house = House::new(Mode::Enforce);
    house.allow(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    for size in [10, 200_000] {
        let body = "x".repeat(size);
        let request = house.signed("s3", Request::put("https://localhost/bucket/key"), &body);
        let (parts, _) = request.into_parts();
        let changed = body.replacen('x', "y", 1);
        let (status, text) = house.send(HOME, Request::from_parts(parts.clone(), full(changed))).await;
        assert!(status == 400 && text.contains("XAmzContentSHA256Mismatch"), "{text}");
        assert!(house.objects.0.lock().unwrap().is_empty());
        assert_eq!(house.send(HOME, Request::from_parts(parts, full(body))).await.0, 200);
        assert_eq!(house.objects.0.lock().unwrap().drain().count(), 1);
    }
}

/// All three `aws-chunked` modes and a presigned upload, over a real connection.
#[tokio::test]
async fn uploads_over_a_real_connection() {
    let house = House::new(Mode::Enforce);
    house.allow(&json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]));
    let address = house.listen(HOME).await;
    let data = vec![b'd'; 300_000];
    let length = data.len() as u64;
    for payload in [
        SignPayload::Streaming(length, None),
        SignPayload::Streaming(length, Some(Algorithm::Crc32)),
        SignPayload::StreamingUnsigned(length, Algorithm::Crc64Nvme),
    ] {
        for honest in [true, false] {
            let uri = format!("http://{address}/bucket/key");
            let (mut parts, ()) = Request::put(&uri).body(()).unwrap().into_parts();
            let signed = house.signer("s3").sign(&mut parts, &payload, NOW).unwrap();
            let mut chunks = house.signer("s3").chunks(&signed, &payload, NOW);
            let mut body: Vec<u8> = data.chunks(65_536).flat_map(|piece| chunks.chunk(piece)).collect();
            body.extend(chunks.last());
            if !honest {
                body[150_000] ^= 1;
            }
            let request = Request::from_parts(parts, Full::new(Bytes::from(body)));
            let (status, _, text) = over_wire(address, request).await;
            assert_eq!(
                status,
                if honest {
                    200
                } else if payload_is_signed(&payload) {
                    403
                } else {
                    400
                },
                "{text}"
            );
            let stored = house.objects.0.lock().unwrap().remove("/bucket/key");
            assert_eq!(stored.as_deref(), honest.then_some(&data[..]));
            house.record();
        }
    }
}

fn payload_is_signed(payload: &SignPayload<'_>) -> bool {
    matches!(payload, SignPayload::Streaming(..))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>: whoever holds it may use it.
#[tokio::test]
async fn presigned_urls_are_good_from_anywhere_with_the_signers_permissions() {
    let house = House::new(Mode::Enforce);
    let url = |method| {
        let query = house.signer("s3").presign(method, "localhost", "/bucket/key", "", 600, NOW).unwrap();
        let request = Request::builder().method(method).uri(format!("https://localhost/bucket/key?{query}"));
        request.body(full("payload")).unwrap()
    };
    let (status, text) = house.send(outside(), url("PUT")).await;
    assert!(
        status == 403 && text.contains("assumed-role/reader/fn is not authorized to perform: s3:PutObject"),
        "{text}"
    );
    house.allow(&json!([{ "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*" }]));
    assert_eq!(house.send(outside(), url("PUT")).await.0, 200);
    house.front.keys().retire_sandbox(SandboxId(7));
    assert_eq!(house.send(outside(), url("GET")).await, (200, "payload".into()));
    house.clock.advance(601_000);
    assert!(house.send(outside(), url("GET")).await.1.contains("Request has expired"));
    let records = house.audit.take();
    assert_eq!((records.len(), records[1].principal.clone()), (4, role()));
}

#[tokio::test]
async fn presigned_urls_do_nothing_but_read_and_write_one_object() {
    let house = House::new(Mode::Enforce);
    house.allow(&json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]));
    let url = |method: &str, path: &str, query: &str| {
        let query = house.signer("s3").presign(method, "localhost", path, query, 600, NOW).unwrap();
        Request::builder().method(method).uri(format!("https://localhost{path}?{query}")).body(full("payload")).unwrap()
    };
    let lent = [
        ("PUT", ""),
        ("PUT", "partNumber=1&uploadId=u"),
        ("HEAD", ""),
        ("GET", "partNumber=1"),
        ("GET", "versionId=v"),
    ];
    for (method, query) in lent {
        assert_eq!(house.send(outside(), url(method, "/bucket/key", query)).await.0, 200, "{method} {query}");
    }
    let refused = [
        ("DELETE", "/bucket/key", ""),
        ("GET", "/bucket", "list-type=2"),
        ("GET", "/bucket/", ""),
        ("GET", "/bucket/key", "acl="),
        ("PUT", "/bucket/key", "acl="),
        ("GET", "/bucket/key", "uploadId=u"),
        ("POST", "/bucket/key", "uploads="),
        ("POST", "/bucket/key", "uploadId=u"),
    ];
    house.audit.take();
    for (method, path, query) in refused {
        let (status, text) = house.send(outside(), url(method, path, query)).await;
        assert!(status == 403 && text.contains("<Code>AccessDenied</Code>"), "{method} {path} {query}: {text}");
        assert!(text.contains("content of a single object"), "{text}");
        let record = house.record();
        assert_eq!((record.principal, &record.detail["signatureHolds"]), (Principal::Anonymous, &json!(true)));
    }
    let (mut parts, body) = url("DELETE", "/bucket/key", "").into_parts();
    parts.uri = parts.uri.to_string().replace("X-Amz-Expires=600", "X-Amz-Expires=601").parse().unwrap();
    let (_, text) = house.send(outside(), Request::from_parts(parts, body)).await;
    assert!(text.contains("InvalidAccessKeyId"), "a guessed signature learns nothing: {text}");
}

#[tokio::test]
async fn a_service_that_is_not_served_says_so_in_its_own_protocol() {
    let house = House::new(Mode::Enforce);
    let post = |service: &str, kind: &str| {
        house.signed(service, Request::post("https://localhost/").header("content-type", kind), "")
    };
    let form = house.send(HOME, post("iam", "application/x-www-form-urlencoded; charset=utf-8")).await;
    insta::assert_snapshot!(form.1.split("<RequestId>").next().unwrap(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>`iam` is not served by Burgward</Message></Error>
    "#);
    assert_eq!(form.0, 400);
    let json = r#"{"__type":"com.amazon.coral.service#UnknownOperationException","message":"`NAME` is not served by Burgward"}"#;
    for (name, kind) in [("kms", "application/x-amz-json-1.1"), ("sqs", "application/x-amz-json-1.0"), ("lambda", "")] {
        assert_eq!(house.send(HOME, post(name, kind)).await, (400, json.replace("NAME", name)));
    }
    let (_, xml) = house.send(HOME, post("route53", "")).await;
    assert!(xml.contains("<Code>InvalidAction</Code><Message>`route53` is not served by Burgward</Message>"), "{xml}");
}

#[tokio::test]
async fn nobody_in_particular_sees_what_a_bucket_policy_opens() {
    let house = House::new(Mode::Enforce);
    house.objects.0.lock().unwrap().insert("/site/a".into(), Bytes::from_static(b"hello"));
    let get = || Request::get("/site/a").header("host", "localhost").body(full("")).unwrap();
    assert!(house.send(outside(), get()).await.1.contains("<Code>AccessDenied</Code>"));
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*" }] });
    let policy = Policy::parse(&policy.to_string(), "SitePolicy", PolicyKind::Resource).unwrap();
    house.front.guard().policies().set_resource("arn:aws:s3:::site", Some(Arc::new(policy)));
    assert_eq!(house.send(outside(), get()).await, (200, "hello".into()));
    let post = Request::post("/").header("host", "localhost").header("x-amz-target", "Notes.GetNote");
    let (_, text) = house.send(outside(), post.body(full("{}")).unwrap()).await;
    assert!(text.contains("MissingAuthenticationTokenException"), "{text}");
}

#[tokio::test]
async fn every_end_has_one_record() {
    let house = House::new(Mode::Enforce);
    house.allow(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let unsigned = |target: &str| {
        let post = Request::post("/").header("host", "localhost").header("x-amz-target", target.to_owned());
        post.body(full("{}")).unwrap()
    };
    let long = house.signed("notes", Request::post("https://localhost/"), &"x".repeat(1001));
    let mut v2 = house.note("GetNote");
    v2.headers_mut().insert("authorization", HeaderValue::from_static("AWS AKIA:sig"));
    let ends: Vec<(Request<Body>, u16, &str)> = vec![
        (house.note("Forgets"), 500, "InternalServerError"),
        (house.note("Panics"), 500, "InternalServerError"),
        (house.note("DropAll"), 400, "UnknownOperationException"),
        (unsigned("Mars.Go"), 400, "UnknownOperationException"),
        (house.signed("mars", Request::post("https://localhost/"), ""), 400, "UnknownOperationException"),
        (long, 413, "RequestEntityTooLargeException"),
        (v2, 400, "IncompleteSignatureException"),
    ];
    for (request, status, code) in ends {
        let (found, text) = house.send(HOME, request).await;
        assert_eq!(found, status, "{text}");
        assert!(text.contains(code), "{text}");
        assert!(house.record().error_code.is_some());
    }
}

#[tokio::test]
async fn the_house_calls_itself_through_the_same_guard() {
    let house = House::new(Mode::Enforce);
    let call = || house.front.call_as(role(), "notes", "GetNote", json!({ "Name": "n" }));
    assert!(call().await.unwrap_err().is_access_denied());
    house.allow(&json!([{ "Effect": "Allow", "Action": "notes:GetNote", "Resource": "*" }]));
    assert_eq!(call().await.unwrap()["Name"], "n");
    assert_eq!(house.audit.take().len(), 2);
}

#[tokio::test]
async fn the_walk_finds_the_operation_that_forgot_its_guard() {
    let house = House::new(Mode::Enforce);
    let codes = |walked: Vec<burgward_service::Walked>| -> Vec<String> {
        walked.into_iter().map(|w| format!("{} {} {}", w.operation.name, w.status.as_u16(), w.code)).collect()
    };
    insta::assert_debug_snapshot!(codes(walk(&house.front, HOME, Some(&house.key)).await), @r#"
    [
        "GetNote 400 AccessDeniedException",
        "Forgets 500 InternalServerError",
        "Panics 500 InternalServerError",
        "GetObject 403 AccessDenied",
        "PutObject 403 AccessDenied",
    ]
    "#);
    let key = house.front.keys().issue(House::grant(Binding::Outside));
    assert_eq!(signer(&key, "s3").access_key_id.len(), 20);
    insta::assert_debug_snapshot!(codes(walk(&house.front, outside(), None).await), @r#"
    [
        "GetNote 400 MissingAuthenticationTokenException",
        "Forgets 400 MissingAuthenticationTokenException",
        "Panics 400 MissingAuthenticationTokenException",
        "GetObject 403 AccessDenied",
        "PutObject 403 AccessDenied",
    ]
    "#);
}
