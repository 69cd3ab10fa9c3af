//! The story of a decision, as a person reads it.
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

use std::sync::Arc;

use burgward_iam::{Context, Policies, Policy, PolicyKind, Request, decide, explain};
use burgward_types::{Arn, Principal};
use insta::assert_snapshot;

fn told(document: &str, action: &str) -> String {
    let arn = Arn::parse("arn:aws:sts::123456789012:assumed-role/reader/session").unwrap();
    let principal = Principal::from_arn(&arn).unwrap();
    let mut context = Context::new();
    context.set("aws:PrincipalTag/team", "red");
    context.set("dynamodb:LeadingKeys", vec!["a".to_owned(), "b".to_owned()]);
    let identity = [Arc::new(Policy::parse(document, "reader-policy", PolicyKind::Identity).unwrap())];
    let resource = "arn:aws:dynamodb:eu-west-1:123456789012:table/t";
    let request = Request { principal: &principal, action, resource, resource_account: None, context: &context };
    let policies = Policies { identity: &identity, ..Policies::default() };
    explain(&request, &policies, decide(&request, &policies)).story().to_owned()
}

const DOCUMENT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "dynamodb:Get*", "Resource": "*",
     "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:SourceVpc": "vpc-1"}}},
    {"Sid": "Elsewhere", "Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:*:*:table/u"},
    {"Effect": "Deny", "Action": "dynamodb:Query", "Resource": "*",
     "Condition": {"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": "b"}}}
  ]
}"#;

#[test]
fn a_near_miss_says_what_kept_it() {
    assert_snapshot!(told(DOCUMENT, "dynamodb:GetItem"), @"
    ImplicitDeny: arn:aws:sts::123456789012:assumed-role/reader/session asks for dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:123456789012:table/t
    no identity-based policy allows it (1 looked at)
    `reader-policy`, statement 0 (`Read`) at 4:5 has a condition that does not hold
      StringEquals aws:PrincipalTag/team: the key is `red`: does not hold
      StringEquals aws:SourceVpc: the key is not in the request: does not hold
    `reader-policy`, statement 1 (`Elsewhere`) at 6:5 names other resources
    ");
}

#[test]
fn a_denial_names_its_statement_and_values() {
    assert_snapshot!(told(DOCUMENT, "dynamodb:Query"), @"
    ExplicitDeny: arn:aws:sts::123456789012:assumed-role/reader/session asks for dynamodb:Query on arn:aws:dynamodb:eu-west-1:123456789012:table/t
    denied by the identity-based policy `reader-policy`, statement 2 at 7:5
      ForAnyValue:StringEquals dynamodb:LeadingKeys: the key is [`a`, `b`]: holds
    ");
}
