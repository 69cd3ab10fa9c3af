//! Nothing goes past the gate.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

mod support;

use burgward_service::{Origin, collect};
use burgward_types::SandboxId;
use http::Method;
use serde_json::json;
use support::{House, direct};

const REGION: &str =
    "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";

async fn shelf(dir: &std::path::Path) -> House {
    let house = House::open(dir).await;
    assert_eq!(house.send("PUT", "/shelf", &[], REGION).await.status, 200);
    house.put("/shelf/open/a", "a").await;
    house.put("/shelf/secret/b", "b").await;
    house.audit.take();
    house
}

#[tokio::test]
async fn every_operation_is_denied_without_a_policy() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::closed(dir.path()).await;
    for service in house.front.services() {
        for operation in service.operations() {
            let (parts, body) = service.example(operation, house.front.guard().scope()).into_parts();
            let body = collect(body, 1 << 16).await.unwrap();
            let headers: Vec<(String, String)> =
                parts.headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
            let headers: Vec<(&str, &str)> =
                headers.iter().filter(|(n, _)| n != "content-length").map(|(n, v)| (n.as_str(), v.as_str())).collect();
            house.audit.take();
            let answer = house.send(parts.method.as_str(), &parts.uri.to_string(), &headers, body).await;
            assert_eq!(answer.status, 403, "{}: {}", operation.name, answer.text());
            let record = house.record();
            assert_eq!(record.event_name, operation.name);
            assert!(
                record.decisions.iter().all(|d| d.effect == "ImplicitDeny") && !record.decisions.is_empty(),
                "{record:#?}"
            );
            assert!(operation.actions.contains(&record.decisions[0].action.as_str()), "{record:#?}");
        }
    }
}

#[tokio::test]
async fn only_what_the_policy_names_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    house.allow(&json!([
        { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shelf/open/*" },
        { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::shelf",
          "Condition": { "StringEquals": { "s3:prefix": "open/" } } },
    ]));
    assert_eq!(house.get("/shelf/open/a").await.text(), "a");
    assert_eq!(house.get("/shelf/secret/b").await.outcome(), (403, "AccessDenied".into()));
    assert_eq!(house.send("PUT", "/shelf/open/a", &[], "x").await.outcome(), (403, "AccessDenied".into()));
    assert_eq!(house.send("DELETE", "/shelf/open/a", &[], "").await.outcome(), (403, "AccessDenied".into()));
    assert_eq!(house.get("/shelf?prefix=open/").await.elements("Key"), ["open/a"]);
    assert_eq!(house.get("/shelf").await.status, 403);
    assert_eq!(house.get("/shelf?prefix=").await.status, 403);
    assert_eq!(house.get("/shelf?prefix=open/&prefix=").await.status / 100, 4, "a doubled parameter");
    // Dots and escapes name other objects, and none of them is a path.
    for path in ["/shelf/open/../secret/b", "/shelf/open/%2e%2e/secret/b", "/shelf/open/%2E%2E%2Fsecret%2Fb"] {
        assert_ne!(house.get(path).await.text(), "b", "{path}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_told_to_those_who_may_list() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    let get = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shelf/*" });
    house.allow(&get);
    assert_eq!(house.get("/shelf/none").await.outcome(), (403, "AccessDenied".into()));
    assert_eq!(house.send("HEAD", "/shelf/none", &[], "").await.status, 403);
    house.allow(&json!([get, { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::shelf" }]));
    assert_eq!(house.get("/shelf/none").await.outcome(), (404, "NoSuchKey".into()));
    assert_eq!(house.send("HEAD", "/shelf/none", &[], "").await.status, 404);
}

#[tokio::test]
async fn a_copy_needs_its_source_and_its_target() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    let copy = [("x-amz-copy-source", "/shelf/secret/b")];
    let put = json!({ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::shelf/open/*" });
    house.allow(&put);
    assert_eq!(house.send("PUT", "/shelf/open/c", &copy, "").await.outcome(), (403, "AccessDenied".into()));
    let get = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shelf/secret/b" });
    house.allow(&get);
    assert_eq!(house.send("PUT", "/shelf/open/c", &copy, "").await.outcome(), (403, "AccessDenied".into()));
    house.allow(&json!([put, get]));
    house.audit.take();
    assert_eq!(house.send("PUT", "/shelf/open/c", &copy, "").await.status, 200);
    let actions: Vec<_> =
        house.record().decisions.into_iter().map(|d| format!("{} {}", d.action, d.resource)).collect();
    assert_eq!(actions, ["s3:GetObject arn:aws:s3:::shelf/secret/b", "s3:PutObject arn:aws:s3:::shelf/open/c"]);
}

#[tokio::test]
async fn what_is_not_served_is_refused_and_never_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    let refused = (501, "NotImplemented".to_owned());
    for (name, value) in [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-tagging", "a=b"),
        ("x-amz-object-lock-mode", "COMPLIANCE"),
        ("x-amz-storage-class", "GLACIER"),
        ("x-amz-website-redirect-location", "/x"),
        ("x-amz-unheard-of", "x"),
    ] {
        let answer = house.send("PUT", "/shelf/k", &[(name, value)], "x").await;
        assert_eq!(answer.outcome(), refused, "{name}");
        assert_eq!(house.get("/shelf/k").await.status, 404, "{name}");
    }
    let acl = house.send("PUT", "/shelf/k", &[("x-amz-acl", "public-read")], "x").await;
    assert_eq!(acl.outcome(), (400, "AccessControlListNotSupported".into()));
    for path in
        ["/shelf?versioning", "/shelf?acl", "/shelf?policy", "/shelf/open/a?tagging", "/shelf/open/a?versionId=1"]
    {
        assert_eq!(house.get(path).await.outcome(), refused, "{path}");
    }
    let form = [("content-type", "multipart/form-data; boundary=x")];
    assert_eq!(house.send("POST", "/shelf", &form, "--x--").await.outcome(), refused);
    let owner = [("x-amz-expected-bucket-owner", "999999999999")];
    assert_eq!(house.send("GET", "/shelf/open/a", &owner, "").await.outcome(), (403, "AccessDenied".into()));
    assert_eq!(house.send("PUT", "/shelf/k", &[("x-amz-server-side-encryption", "AES256")], "x").await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_what_was_signed_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    for length in [5, 200_000] {
        let request = http::Request::put(format!("http://{}/shelf/k", house.address())).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let signed = vec![b'a'; length];
        house.signer().sign(&mut parts, &burgward_sigv4::SignPayload::Bytes(&signed), support::NOW).unwrap();
        let sent = http_body_util::Full::new(vec![b'b'; length].into());
        let answer = house.over_wire(http::Request::from_parts(parts, sent)).await;
        assert_eq!(answer.outcome(), (400, "XAmzContentSHA256Mismatch".into()), "{}", answer.text());
        assert_eq!(house.get("/shelf/k").await.status, 404);
    }
}

#[tokio::test]
async fn keys_of_another_sandbox_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let house = shelf(dir.path()).await;
    let request = direct(&house, Method::GET, "/shelf/open/a");
    let answer = house.front.handle(Origin::Sandbox(SandboxId(8)), request).await;
    assert_eq!(answer.status(), 403);
}
