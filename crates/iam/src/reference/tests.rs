//! The compiled engine against this interpreter, over random cases.

use std::sync::Arc;

use burgward_types::{Arn, Principal};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Documents, decide};
use crate::{Context, ContextValue, Policies, Policy, PolicyKind, Request, principal_context};

fn pick(items: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(items).prop_map(str::to_owned)
}

const ACTIONS: &[&str] =
    &["s3:GetObject", "s3:getobject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole", "sqs:SendMessage"];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "s3:*",
    "S3:Get*",
    "s3:?etObject",
    "s3:*Object",
    "kms:Decrypt",
    "sts:AssumeRole",
    "*:*",
    "sqs:S*d*e",
    "s3:PutObject",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::box",
    "arn:aws:s3:::box/bob/a:b",
    "arn:aws:s3:::box/eve/x*y",
    "arn:aws:sqs:eu-west-1:111111111111:q",
    "arn:aws:sqs:eu-west-1:222222222222:q",
    "arn:aws:kms:eu-west-1:111111111111:key/k",
    "arn:aws:iam::111111111111:role/p/target",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::box/*",
    "arn:aws:s3:::box/${aws:username}/*",
    "arn:aws:s3:::box/${aws:PrincipalTag/t, 'bob'}/*",
    "arn:aws:s3:::box/*/x${*}y",
    "arn:aws:s3:::b?x*",
    "arn:aws:*:*:*:*",
    "arn:aws:sqs:*:111111111111:q",
    "arn:*:sqs:eu-*:*:?",
    "arn:aws:kms:*",
    "arn:aws:iam::111111111111:role/*",
    "arn:aws:s3:::*/bob/*:?",
];
const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:user/bob",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:sts::111111111111:assumed-role/r/s",
    "arn:aws:sts::222222222222:assumed-role/r/s",
    "arn:aws:sts::111111111111:federated-user/bob",
    "service",
    "federated",
    "*",
];
const NAMED: &[&str] = &[
    "*",
    "111111111111",
    "222222222222",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:user/bob",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:iam::222222222222:role/p/r",
    "arn:aws:sts::111111111111:assumed-role/r/s",
    "arn:aws:sts::111111111111:federated-user/bob",
];
const KEYS: &[&str] = &[
    "aws:username",
    "aws:PrincipalTag/t",
    "aws:TagKeys",
    "x:n",
    "x:d",
    "x:b",
    "aws:SourceIp",
    "aws:SourceArn",
    "x:bin",
];

fn principal_of(text: &str) -> Principal {
    match text {
        "service" => Principal::Service("lambda.amazonaws.com".into()),
        "federated" => Principal::Federated("accounts.google.com".into()),
        "*" => Principal::Anonymous,
        arn => Principal::from_arn(&Arn::parse(arn).unwrap()).unwrap(),
    }
}

fn text_value() -> impl Strategy<Value = String> {
    pick(&[
        "bob",
        "Bob",
        "b*",
        "b${*}",
        "?ob",
        "",
        "${aws:username}",
        "${aws:TagKeys}",
        "${x:none, 'bob'}",
        "*o*",
        "eve",
        "ä?",
        "*ä*b*",
    ])
}

fn condition() -> impl Strategy<Value = (String, String, Vec<Value>)> {
    let of = |operators: &'static [&'static str], values: BoxedStrategy<Value>| {
        (pick(operators), prop::collection::vec(values, 1..4)).boxed()
    };
    let text = text_value().prop_map(Value::from).boxed();
    let arns = pick(&[
        "arn:aws:s3:::box",
        "arn:aws:*:*:*:b*",
        "arn:aws:s3:::${aws:username}",
        "arn:aws:sqs:eu-west-1:*:q",
        "*",
    ]);
    let numbers = prop::sample::select(vec![json!(1), json!("10"), json!("-3"), json!("2.5"), json!(0)]);
    let dates = pick(&["2020-02-29", "2020-02-29T12:00:00Z", "1582934400", "2021-01", "2019"]).prop_map(Value::from);
    let bools = prop::sample::select(vec![json!(true), json!("false"), json!("True")]);
    let addresses =
        pick(&["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0", "10.1.2.0/31"]).prop_map(Value::from);
    let tests = prop_oneof![
        3 => of(
            &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
            text,
        ),
        1 => of(&["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"], arns.prop_map(Value::from).boxed()),
        1 => of(
            &["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"],
            numbers.boxed(),
        ),
        1 => of(
            &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
            dates.boxed(),
        ),
        1 => of(&["Bool"], bools.boxed()),
        1 => of(&["BinaryEquals"], pick(&["QUJD", "QUI=", "QQ=="]).prop_map(Value::from).boxed()),
        1 => of(&["IpAddress", "NotIpAddress"], addresses.boxed()),
    ];
    let qualified = (pick(&["", "", "ForAllValues:", "ForAnyValue:"]), tests, pick(&["", "", "IfExists"]))
        .prop_map(|(set, (operator, values), suffix)| (format!("{set}{operator}{suffix}"), values));
    let null = pick(&["true", "false"]).prop_map(|v| ("Null".to_owned(), vec![Value::from(v)]));
    (prop_oneof![6 => qualified, 1 => null], pick(KEYS)).prop_map(|((operator, values), key)| (operator, key, values))
}

fn list(patterns: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![pick(patterns).prop_map(Value::from), prop::collection::vec(pick(patterns), 1..3).prop_map(Value::from),]
}

fn statement(kind: PolicyKind) -> impl Strategy<Value = Value> {
    let principal = (list(NAMED), any::<bool>(), prop::bool::weighted(0.15)).prop_map(|(aws, service, not)| {
        let named = if service {
            json!({"AWS": aws, "Service": "lambda.amazonaws.com", "Federated": "accounts.google.com"})
        } else {
            json!({"AWS": aws})
        };
        (not, named)
    });
    let parts = (
        prop::bool::weighted(0.25),
        (prop::bool::weighted(0.15), list(ACTION_PATTERNS)),
        (prop::bool::weighted(0.15), list(RESOURCE_PATTERNS)),
        principal,
        prop::collection::vec(condition(), 0..3),
    );
    parts.prop_map(
        move |(deny, (not_action, action), (not_resource, resource), (not_principal, principal), conditions)| {
            let mut out = json!({"Effect": if deny { "Deny" } else { "Allow" }});
            out[if not_action { "NotAction" } else { "Action" }] = action;
            if kind != PolicyKind::Trust {
                out[if not_resource { "NotResource" } else { "Resource" }] = resource;
            }
            if kind != PolicyKind::Identity {
                let not = not_principal && deny && kind == PolicyKind::Resource;
                out[if not { "NotPrincipal" } else { "Principal" }] = principal;
            }
            for (operator, key, values) in conditions {
                out["Condition"][operator][key] = Value::from(values);
            }
            out
        },
    )
}

fn document(kind: PolicyKind) -> impl Strategy<Value = Value> {
    (prop::collection::vec(statement(kind), 1..4), prop::bool::weighted(0.85)).prop_map(
        |(statements, new)| json!({"Version": if new { "2012-10-17" } else { "2008-10-17" }, "Statement": statements}),
    )
}

fn context() -> impl Strategy<Value = Context> {
    let text = || pick(&["bob", "Bob", "b*", "", "eve", "äb"]);
    let value = prop_oneof![
        3 => text().prop_map(ContextValue::One),
        1 => pick(&["1", "10", "2.5", "-3", "x"]).prop_map(ContextValue::One),
        1 => pick(&["2020-02-29T00:00:00Z", "2020-03-01", "1582934400", "2019"]).prop_map(ContextValue::One),
        1 => pick(&["true", "False", "yes"]).prop_map(ContextValue::One),
        1 => pick(&["10.1.2.3", "2001:db8::1", "11.0.0.1"]).prop_map(ContextValue::One),
        1 => pick(&["arn:aws:s3:::box", "arn:aws:sqs:eu-west-1:1:q", "box"]).prop_map(ContextValue::One),
        1 => pick(&["QUJD", "QUI=", "QQ=="]).prop_map(ContextValue::One),
        3 => prop::collection::vec(text(), 0..3).prop_map(ContextValue::Many),
    ];
    prop::collection::vec((pick(KEYS), value), 0..7).prop_map(|entries| {
        let mut context = Context::new();
        for (key, value) in entries {
            context.set(&key.to_uppercase(), value);
        }
        context
    })
}

fn documents(kind: PolicyKind) -> impl Strategy<Value = Documents> {
    let some = |kind, most| prop::collection::vec(document(kind), 0..most);
    let rarely = |kind| prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(document(kind), 1..3)];
    (
        some(PolicyKind::Identity, 3),
        rarely(PolicyKind::Identity),
        rarely(PolicyKind::Identity),
        prop::option::of(document(kind)),
        rarely(PolicyKind::Identity),
        rarely(PolicyKind::Resource),
        rarely(PolicyKind::Resource),
    )
        .prop_map(|(identity, boundaries, session, resource, scps, rcps, endpoint)| Documents {
            identity,
            boundaries,
            session,
            resource,
            service_control: scps.into_iter().map(|d| vec![d]).collect(),
            resource_control: rcps.into_iter().map(|d| vec![d]).collect(),
            endpoint,
        })
}

fn compile(documents: &[Value], kind: PolicyKind) -> Vec<Arc<Policy>> {
    documents.iter().map(|d| Arc::new(Policy::from_value(d, "p", kind, &[]).unwrap())).collect()
}

fn agree(request: &Request<'_>, documents: &Documents, kind: PolicyKind) {
    let level = |levels: &[Vec<Value>], kind| levels.iter().map(|l| compile(l, kind)).collect::<Vec<_>>();
    let identity = compile(&documents.identity, PolicyKind::Identity);
    let boundaries = compile(&documents.boundaries, PolicyKind::Identity);
    let session = compile(&documents.session, PolicyKind::Identity);
    let endpoint = compile(&documents.endpoint, PolicyKind::Resource);
    let resource = documents.resource.as_ref().map(|d| Policy::from_value(d, "r", kind, &[]).unwrap());
    let scps = level(&documents.service_control, PolicyKind::Identity);
    let rcps = level(&documents.resource_control, PolicyKind::Resource);
    let policies = Policies {
        identity: &identity,
        boundaries: &boundaries,
        session: &session,
        resource: resource.as_ref(),
        service_control: &scps,
        resource_control: &rcps,
        endpoint: &endpoint,
    };
    let decision = crate::decide(request, &policies);
    let story = crate::explain(request, &policies, decision);
    assert_eq!(decision.effect, decide(request, documents), "{}\n{request:?}\n{documents:#?}", story.story());
}

fn check(cases: u32, kind: PolicyKind, action: impl Strategy<Value = String>, resource: impl Strategy<Value = String>) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let input = (pick(PRINCIPALS), action, resource, context(), documents(kind));
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&input, |(principal, action, resource, mut context, documents)| {
        let principal = principal_of(&principal);
        principal_context(&principal, &mut context);
        let request = Request {
            principal: &principal,
            action: &action,
            resource: &resource,
            resource_account: None,
            context: &context,
        };
        agree(&request, &documents, kind);
        Ok(())
    });
    outcome.unwrap();
}

fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
fn both_agree_on_resources() {
    check(
        cases(20_000),
        PolicyKind::Resource,
        pick(ACTIONS).prop_filter("a trust action", |a| !a.starts_with("sts")),
        pick(RESOURCES),
    );
}

#[test]
fn both_agree_on_roles() {
    check(
        cases(5_000),
        PolicyKind::Trust,
        Just("sts:AssumeRole".to_owned()),
        Just("arn:aws:iam::111111111111:role/p/target".to_owned()),
    );
}
