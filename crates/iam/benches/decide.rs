//! How long a decision takes, and whether it allocates: `cargo bench -p burgward-iam`.
//!
//! 3 policies with 20 statements, every layer present, the context built once (the service front interns it per session).
#![expect(unsafe_code, reason = "counting allocations needs a `GlobalAlloc`, whose methods are unsafe")]
#![expect(clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::indexing_slicing, reason = "a bench may stop on a broken fixture")]
#![expect(clippy::unwrap_used, reason = "a bench may stop on a broken fixture")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use burgward_iam::{Context, Policies, Policy, PolicyKind, Request, decide, principal_context};
use burgward_types::{Arn, Principal};
use serde_json::{Value, json};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn statement(i: usize) -> Value {
    let service = ["dynamodb", "s3", "ssm", "secretsmanager", "logs"][i % 5];
    let mut statement = json!({
        "Effect": "Allow",
        "Action": [format!("{service}:Get*"), format!("{service}:Put{i}"), format!("{service}:List*")],
        "Resource": [format!("arn:aws:{service}:eu-west-1:123456789012:thing/{i}"),
                     format!("arn:aws:{service}:eu-west-1:123456789012:thing/{i}/*")],
    });
    if i.is_multiple_of(4) {
        statement["Condition"]["StringEquals"]["aws:PrincipalTag/team"] = json!("blue");
    }
    if i % 7 == 6 {
        statement["Effect"] = json!("Deny");
        statement["Condition"]["Bool"]["aws:SecureTransport"] = json!("false");
    }
    statement
}

fn policy(statements: &[Value], kind: PolicyKind) -> Arc<Policy> {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Arc::new(Policy::from_value(&document, "p", kind, &[]).unwrap())
}

fn all(extra: Option<Value>) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    if let Some(principal) = extra {
        statement["Principal"] = principal;
    }
    statement
}

fn build_context(principal: &Principal) -> Context {
    let mut context = Context::new();
    principal_context(principal, &mut context);
    for (key, value) in [
        ("aws:SecureTransport", "true"),
        ("aws:SourceIp", "127.0.0.1"),
        ("aws:CurrentTime", "2026-01-01T00:00:00Z"),
        ("aws:RequestedRegion", "eu-west-1"),
        ("aws:PrincipalTag/team", "blue"),
        ("aws:UserAgent", "boto3"),
    ] {
        context.set(key, value);
    }
    context
}

fn measure(name: &str, mut work: impl FnMut()) {
    const BATCH: u32 = 16;
    const SAMPLES: usize = 5_000;
    // `cargo bench -p burgward-iam -- WORD` measures what has the word in its name.
    if !std::env::args().skip(1).all(|word| word.starts_with('-') || name.contains(&word)) {
        return;
    }
    (0..2_000).for_each(|_| work());
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let mut samples = vec![0.0_f64; SAMPLES];
    let own = ALLOCATIONS.load(Ordering::Relaxed) - before;
    for sample in &mut samples {
        let start = Instant::now();
        (0..BATCH).for_each(|_| work());
        *sample = start.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH);
    }
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before - own;
    samples.sort_by(f64::total_cmp);
    let at = |share: usize| samples[samples.len() * share / 100];
    let rate = allocations / (SAMPLES as u64 * u64::from(BATCH));
    println!("{name}: p50 {:.0} ns, p99 {:.0} ns, {rate} allocations", at(50), at(99));
}

fn main() {
    let arn = Arn::parse("arn:aws:sts::123456789012:assumed-role/reader/session").unwrap();
    let principal = Principal::from_arn(&arn).unwrap();
    let context = build_context(&principal);
    let kind = PolicyKind::Identity;
    let identity = vec![
        policy(&(0..7).map(statement).collect::<Vec<_>>(), kind),
        policy(&(7..14).map(statement).collect::<Vec<_>>(), kind),
        policy(&(14..20).map(statement).collect::<Vec<_>>(), kind),
    ];
    let everything = || vec![policy(&[all(None)], kind)];
    let (boundaries, session, level) = (everything(), everything(), vec![everything(), everything()]);
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let endpoint = vec![policy(&[all(Some(json!("*")))], PolicyKind::Resource)];
    let rcp = vec![vec![policy(std::slice::from_ref(&deny), PolicyKind::Resource)]];
    let resource = policy(&[deny], PolicyKind::Resource);
    let policies = Policies {
        identity: &identity,
        boundaries: &boundaries,
        session: &session,
        resource: Some(&resource),
        service_control: &level,
        resource_control: &rcp,
        endpoint: &endpoint,
    };
    let request = |action, resource| Request {
        principal: &principal,
        action,
        resource,
        resource_account: None,
        context: &context,
    };
    let allowed = request("logs:GetItem", "arn:aws:logs:eu-west-1:123456789012:thing/19/x");
    let denied = request("dynamodb:DeleteItem", "arn:aws:dynamodb:eu-west-1:123456789012:thing/3");
    assert!(decide(&allowed, &policies).is_allowed());
    assert!(!decide(&denied, &policies).is_allowed());
    measure("3 policies, 20 statements, all layers, allowed by the last", || {
        black_box(decide(black_box(&allowed), black_box(&policies)));
    });
    measure("3 policies, 20 statements, all layers, implicitly denied", || {
        black_box(decide(black_box(&denied), black_box(&policies)));
    });
    let only = Policies { identity: &identity, ..Policies::default() };
    measure("3 policies, 20 statements, identity only, allowed by the last", || {
        black_box(decide(black_box(&allowed), black_box(&only)));
    });
    measure("the same with the context built", || {
        let context = build_context(&principal);
        black_box(decide(&Request { context: &context, ..allowed }, &policies));
    });
    let many = vec![policy(&(0..1000).map(statement).collect::<Vec<_>>(), kind)];
    let many = Policies { identity: &many, ..Policies::default() };
    measure("1,000 statements, implicitly denied", || {
        black_box(decide(black_box(&denied), black_box(&many)));
    });
    let near = request("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:123456789012:thing/3");
    assert!(!decide(&near, &many).is_allowed());
    measure("1,000 statements, implicitly denied, 200 of them name the action", || {
        black_box(decide(black_box(&near), black_box(&many)));
    });
    let document = json!({"Version": "2012-10-17", "Statement": (0..20).map(statement).collect::<Vec<_>>()});
    measure("compile 20 statements", || {
        black_box(Policy::from_value(&document, "p", kind, &[]).unwrap());
    });
}
