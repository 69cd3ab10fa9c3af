//! `GetCallerIdentity` as clients see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may stop"
)]

use std::sync::Arc;

use burgward_audit::MemoryRecorder;
use burgward_service::{Binding, Front, Guard, IssuedKey, KeyGrant, KeyRing, Mode, Origin, Scope, collect, full, walk};
use burgward_sigv4::{SignPayload, Signer};
use burgward_svc_sts::Sts;
use burgward_types::{AccountId, FixedClock, Principal, Region, SandboxId, Timestamp};
use http::Request;

const HOME: Origin = Origin::Sandbox(SandboxId(1));
const NOW: Timestamp = Timestamp(1_795_350_896_000);

fn house() -> (Front, IssuedKey, Arc<MemoryRecorder>) {
    let account = AccountId::parse("123456789012").unwrap();
    let scope = Scope { account: account.clone(), region: Region::parse("eu-west-1").unwrap() };
    let (clock, audit) = (Arc::new(FixedClock::at(NOW)), Arc::new(MemoryRecorder::default()));
    let guard = Arc::new(Guard::new(scope, clock.clone(), audit.clone(), Mode::Enforce, false));
    let keys = Arc::new(KeyRing::new(clock));
    let principal = Principal::AssumedRole { account, role: "team/reader".into(), session: "fn".into() };
    let bound_to = Binding::Sandbox(SandboxId(1));
    let key = keys.issue(KeyGrant { principal, bound_to, ttl_millis: 60_000, session_policies: vec![] });
    (Front::new(guard, keys, vec![Arc::new(Sts::new())]), key, audit)
}

async fn send(front: &Front, key: &IssuedKey, region: &str, body: &str) -> (u16, String) {
    let post = Request::post("https://localhost/").header("content-type", "application/x-www-form-urlencoded");
    let (mut parts, ()) = post.body(()).unwrap().into_parts();
    let signer = Signer {
        access_key_id: key.access_key_id.clone(),
        secret: key.secret.clone(),
        token: Some(key.token.clone()),
        region: region.into(),
        service: "sts".into(),
    };
    signer.sign(&mut parts, &SignPayload::Bytes(body.as_bytes()), NOW).unwrap();
    let response = front.handle(HOME, Request::from_parts(parts, full(body.to_owned()))).await;
    let status = response.status().as_u16();
    let text = collect(response.into_body(), 1 << 16).await.unwrap();
    (status, String::from_utf8(text.to_vec()).unwrap())
}

#[tokio::test]
async fn a_function_learns_who_it_is_without_any_policy() {
    let (front, key, audit) = house();
    for region in ["eu-west-1", "us-east-1"] {
        let (status, text) = send(&front, &key, region, "Action=GetCallerIdentity&Version=2011-06-15").await;
        assert_eq!(status, 200, "{text}");
        assert!(text.contains("<Arn>arn:aws:sts::123456789012:assumed-role/reader/fn</Arn><UserId>AROA"), "{text}");
        assert!(text.contains(":fn</UserId><Account>123456789012</Account></GetCallerIdentityResult>"), "{text}");
    }
    assert_eq!(audit.take()[0].event_source, "sts.amazonaws.com");
}

#[tokio::test]
async fn nothing_else_is_served_and_nobody_is_nobody() {
    let (front, key, audit) = house();
    let (status, text) = send(&front, &key, "eu-west-1", "Action=AssumeRole&Version=2011-06-15").await;
    assert!(status == 400 && text.contains("<Code>InvalidAction</Code>"), "{status} {text}");
    assert_eq!(audit.take()[0].decisions[0].action, "sts:AssumeRole");
    let walked = walk(&front, HOME, None).await;
    assert_eq!((walked.len(), walked[0].code.as_str()), (1, "MissingAuthenticationToken"));
    let walked = walk(&front, HOME, Some(&key)).await;
    assert_eq!(walked[0].status, 200);
}
