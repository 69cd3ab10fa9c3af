//! Documents and patterns made to hurt: bounded time and memory, a clear error.
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "helpers of tests may stop the test; tables are long and read more easily with equal quotes"
)]

use std::fmt::Write as _;
use std::sync::Arc;

use burgward_iam::{Context, Effect, Policies, Policy, PolicyKind, Request, cases::eval_case, decide};
use burgward_types::{Arn, Principal};
use insta::assert_snapshot;

fn refused(text: &str) -> String {
    Policy::parse(text, "p", PolicyKind::Identity).unwrap_err().to_string()
}

fn statement(inner: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{inner}}}]}}"#)
}

fn with_condition(condition: &str) -> String {
    statement(&format!(r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {condition}"#))
}

fn ask(document: &str, resource: &str) -> Effect {
    let principal = Principal::from_arn(&Arn::parse("arn:aws:iam::123456789012:user/bob").unwrap()).unwrap();
    let identity = [Arc::new(Policy::parse(document, "p", PolicyKind::Identity).unwrap())];
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource,
        resource_account: None,
        context: &Context::new(),
    };
    decide(&request, &Policies { identity: &identity, ..Policies::default() }).effect
}

#[test]
fn deep_nesting_is_refused() {
    let deep = "[".repeat(1_000_000);
    assert_snapshot!(refused(&deep), @"
    policy `p`, line 1, column 66: nested deeper than 64 levels
      hint: a policy is one JSON object
    ");
}

#[test]
fn ten_megabytes_are_read_and_more_than_sixteen_are_not() {
    let mut list = String::new();
    for i in 0..100_000 {
        let _ = write!(
            list,
            r#"{{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::bucket-{i}/a/long/prefix/of/a/key/*"}},"#
        );
    }
    let list = list.trim_end_matches(',');
    let document = format!(r#"{{"Statement": [{list}]}}"#);
    assert!(document.len() > 10_000_000);
    assert_eq!(ask(&document, "arn:aws:s3:::bucket-99999/a/long/prefix/of/a/key/x"), Effect::Allow);
    assert_snapshot!(refused(&" ".repeat(17_000_000)), @"
    policy `p`, line 1, column 1: the document has 17000000 bytes, more than 16777216
      hint: a policy is one JSON object
    ");
}

#[test]
fn patterns_made_to_blow_up_match_quickly() {
    let pattern = format!("arn:aws:s3:::{}b", "a*".repeat(2_000));
    let document = statement(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "{pattern}""#));
    assert_eq!(ask(&document, &format!("arn:aws:s3:::{}", "a".repeat(20_000))), Effect::ImplicitDeny);
    assert_eq!(ask(&document, &format!("arn:aws:s3:::{}b", "a".repeat(20_000))), Effect::Allow);
    let stars =
        statement(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::{}""#, "*?".repeat(500)));
    assert_eq!(ask(&stars, &format!("arn:aws:s3:::{}", "a".repeat(2_000))), Effect::Allow);
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    let text = statement("\"Effect\": \"Deny\",\n \"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"");
    assert_snapshot!(refused(&text), @"
    policy `p`, line 2, column 2: the key `Effect` occurs twice
      hint: a policy is one JSON object
    ");
    let case = r#"{"name": "x", "request": {"action": "a:b", "action": "a:c", "resource": "*", "principal": "*"}}"#;
    assert_snapshot!(eval_case(case), @r#"{"name":"x","error":"the key `action` occurs twice, at byte 43"}"#);
}

#[test]
fn an_unknown_operator_is_refused_with_its_place() {
    assert_snapshot!(refused(&with_condition(r#"{"StringEqual": {"aws:username": "bob"}}"#)), @"
    policy `p`, line 1, column 122 (Statement[0]): `StringEqual` is not a condition operator
      hint: see the condition operators: `{\"StringEquals\": {\"aws:PrincipalTag/team\": \"blue\"}}`
    ");
    for bad in [
        r#"{"NullIfExists": {"k": "true"}}"#,
        r#"{"ForAnyValue:Null": {"k": "true"}}"#,
        r#"{"ForSomeValues:StringEquals": {"k": "v"}}"#,
        r#"{"BoolNot": {"k": "true"}}"#,
        r#"{"Bool": {"k": "yes"}}"#,
        r#"{"NumericEquals": {"k": "ten"}}"#,
        r#"{"NumericEquals": {"k": "nan"}}"#,
        r#"{"DateLessThan": {"k": "2020-02-30"}}"#,
        r#"{"DateLessThan": {"k": "tomorrow"}}"#,
        r#"{"IpAddress": {"k": "10.0.0.0/33"}}"#,
        r#"{"IpAddress": {"k": "10.0.0"}}"#,
        r#"{"BinaryEquals": {"k": "?"}}"#,
        r#"{"ArnLike": {"k": "bucket"}}"#,
        r#"{"StringEquals": {"k": []}}"#,
        r#"{"StringEquals": {"k": null}}"#,
        r#"{"StringEquals": {}}"#,
        r#"{"StringEquals": {"k": "${aws:username"}}"#,
        r#"{"StringEquals": "k"}"#,
        r#"[]"#,
    ] {
        assert!(Policy::parse(&with_condition(bad), "p", PolicyKind::Identity).is_err(), "{bad}");
    }
}

#[test]
fn malformed_statements_are_refused() {
    for bad in [
        r#""Effect": "allow", "Action": "*", "Resource": "*""#,
        r#""effect": "Allow", "Action": "*", "Resource": "*""#,
        r#""Action": "*", "Resource": "*""#,
        r#""Effect": "Allow", "Resource": "*""#,
        r#""Effect": "Allow", "Action": "*""#,
        r#""Effect": "Allow", "Action": [], "Resource": "*""#,
        r#""Effect": "Allow", "Action": "GetObject", "Resource": "*""#,
        r#""Effect": "Allow", "Action": "s3:", "Resource": "*""#,
        r#""Effect": "Allow", "Action": "s3:${aws:username}", "Resource": "*""#,
        r#""Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*""#,
        r#""Effect": "Allow", "Action": "*", "Resource": "bucket""#,
        r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3""#,
        r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a", "NotResource": "*""#,
        r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3::${aws:PrincipalAccount}:b""#,
        r#""Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*""#,
        r#""Effect": "Allow", "Action": "*", "Resource": "*", "Nonsense": "*""#,
    ] {
        assert!(Policy::parse(&statement(bad), "p", PolicyKind::Identity).is_err(), "{bad}");
    }
    for bad in ["", "{}", "[]", "null", r#"{"Statement": []}"#, r#"{"Version": "2012-10-18", "Statement": []}"#] {
        assert!(Policy::parse(bad, "p", PolicyKind::Identity).is_err(), "{bad}");
    }
}

#[test]
fn malformed_principals_are_refused() {
    for bad in [
        r#""bob""#,
        r#"{}"#,
        r#"{"AWS": "arn:aws:iam::123456789012:user/b*"}"#,
        r#"{"AWS": "12345"}"#,
        r#"{"AWS": "arn:aws:s3:::bucket"}"#,
        r#"{"Service": "*"}"#,
        r#"{"Robot": "x"}"#,
    ] {
        let text = statement(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {bad}"#));
        assert!(Policy::parse(&text, "p", PolicyKind::Resource).is_err(), "{bad}");
    }
    let not = statement(r#""Effect": "Allow", "Action": "*", "Resource": "*", "NotPrincipal": "*""#);
    assert!(Policy::parse(&not, "p", PolicyKind::Resource).is_err());
    let trust = statement(r#""Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Principal": "*""#);
    assert!(Policy::parse(&trust, "p", PolicyKind::Trust).is_err());
}

#[test]
fn a_refused_policy_denies_everything_and_says_why() {
    let error = Policy::parse(&with_condition(r#"{"X": {"k": "v"}}"#), "guard", PolicyKind::Identity).unwrap_err();
    let identity = [Arc::new(Policy::refused("guard", PolicyKind::Identity, &error))];
    let principal = Principal::from_arn(&Arn::parse("arn:aws:iam::123456789012:user/bob").unwrap()).unwrap();
    let context = Context::new();
    let request = Request {
        principal: &principal,
        action: "s3:ListAllMyBuckets",
        resource: "*",
        resource_account: None,
        context: &context,
    };
    let policies = Policies { identity: &identity, ..Policies::default() };
    let decision = decide(&request, &policies);
    assert_eq!(decision.effect, Effect::ExplicitDeny);
    assert_snapshot!(burgward_iam::explain(&request, &policies, decision).message(), @r#"
    User: arn:aws:iam::123456789012:user/bob is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy that cannot be enforced: policy `guard`, line 1, column 112 (Statement[0]): `X` is not a condition operator
      hint: see the condition operators: `{"StringEquals": {"aws:PrincipalTag/team": "blue"}}`
    "#);
}

#[test]
fn lines_that_cannot_be_read_are_answered() {
    for line in
        ["", "{", "[]", "null", "{}", r#"{"name": "a", "request": {}}"#, r#"{"name": 1, "request": {"action": 1}}"#]
    {
        let out: serde_json::Value = serde_json::from_str(&eval_case(line)).unwrap();
        assert!(out["error"].is_string(), "{line}");
    }
    let deep = format!(r#"{{"name": "d", "request": {}"#, "[".repeat(100_000));
    assert!(eval_case(&deep).contains("error"));
}
