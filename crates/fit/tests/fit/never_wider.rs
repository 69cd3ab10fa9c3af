//! Whatever a role allows today, whatever the code asks for and whatever was seen: what is fitted allows no more than
//! before. A second interpreter of policies is the judge.

use burgward_code::{AwsCall, Value};
use burgward_iam::reference::{Documents, decide};
use burgward_iam::{Context, Effect, Request, principal_context};
use burgward_template::model::App;
use burgward_types::{AccountId, Principal};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::json;

use crate::support::{Case, call, env, event, join, text};

const ACTIONS: [&str; 9] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:PutObject",
    "s3:ListBucket",
    "dynamodb:*",
    "dynamodb:*Item",
    "dynamodb:Query",
    "rekognition:*",
];

const RESOURCES: [&str; 9] = [
    "*",
    "arn:aws:s3:::files",
    "arn:aws:s3:::files/*",
    "arn:aws:s3:::files/pub?/*",
    "arn:aws:s3:::*/in/*",
    "arn:aws:dynamodb:us-east-1:123456789012:table/*",
    "arn:aws:dynamodb:us-east-1:123456789012:table/one",
    "arn:aws:dynamodb:*:*:table/o?e/index/*",
    "arn:aws:dynamodb:us-east-1:123456789012:table/elsewhere",
];

const CONDITIONS: [&str; 4] = [
    "",
    "",
    ", \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"true\"}}",
    ", \"Condition\": {\"StringLike\": {\"s3:prefix\": \"in/*\"}}",
];

fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let actions = subsequence(ACTIONS.to_vec(), 1..3);
    let resources = subsequence(RESOURCES.to_vec(), 1..4);
    (effect, actions, resources, select(CONDITIONS.to_vec())).prop_map(|(effect, actions, resources, condition)| {
        format!(
            "{{\"Effect\": \"{effect}\", \"Action\": {}, \"Resource\": {}{condition}}}",
            json!(actions),
            json!(resources)
        )
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(env("ONE")),
        Just(text("two")),
        Just(text("elsewhere")),
        Just(Value::Unknown),
        Just(event("body.name")),
        Just(join(&[text("o"), Value::Unknown])),
    ]
}

fn calls() -> impl Strategy<Value = Vec<AwsCall>> {
    let table = (select(vec!["GetItem", "PutItem", "Query", "DeleteTable"]), value())
        .prop_map(|(o, v)| call(&format!("dynamodb.{o}"), &[("TableName", v)]));
    let bucket = prop_oneof![Just(env("FILES")), Just(Value::Unknown)];
    let key = prop_oneof![Just(text("in/a")), Just(join(&[text("pubA/"), event("k")])), Just(event("k"))];
    let object = (select(vec!["GetObject", "PutObject"]), bucket, key)
        .prop_map(|(o, b, k)| call(&format!("s3.{o}"), &[("Bucket", b), ("Key", k)]));
    let list = select(vec![None, Some("in/")]).prop_map(|prefix| {
        let prefix = prefix.map(|p| ("Prefix", text(p)));
        call("s3.ListObjectsV2", &[("Bucket", env("FILES"))].into_iter().chain(prefix).collect::<Vec<_>>())
    });
    let other = Just(call("rekognition.DetectLabels", &[]));
    prop::collection::vec(prop_oneof![4 => table, 3 => object, 1 => list, 1 => other], 0..4)
}

fn template(statements: &[String], kind: &str, role: &str) -> String {
    let function = |name: &str, role: &str| {
        let code = if kind.contains("Serverless") { "InlineCode: x" } else { "Code: { ZipFile: x }" };
        format!(
            "  {name}:\n    Type: {kind}\n    Properties:\n      Runtime: python3.11\n      Handler: index.handler\n      \
             Role: !GetAtt {role}.Arn\n      {code}\n      Environment:\n        Variables: {{ ONE: !Ref One, FILES: !Ref Files }}\n"
        )
    };
    let table = |id: &str, name: &str| {
        format!(
            "  {id}:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: {name}\n      BillingMode: \
             PAY_PER_REQUEST\n      AttributeDefinitions: [{{ AttributeName: id, AttributeType: S }}]\n      KeySchema: \
             [{{ AttributeName: id, KeyType: HASH }}]\n"
        )
    };
    let roles = ["Role", "Other"].map(|id| {
        format!(
            "  {id}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement:\n          \
             - {{ Effect: Allow, Principal: {{ Service: lambda.amazonaws.com }}, Action: 'sts:AssumeRole' }}\n      \
             Policies:\n        - PolicyName: p\n          PolicyDocument: {{ Version: '2012-10-17', Statement: [{}] }}\n",
            statements.join(", ")
        )
    });
    format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n{}{}{}{}{}  Files:\n    Type: AWS::S3::Bucket\n    Properties: \
         {{ BucketName: files }}\n",
        function("A", role),
        function("B", "Role"),
        table("One", "one"),
        table("Two", "two"),
        roles.concat()
    )
}

const ASKED_ACTIONS: [&str; 11] = [
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:DeleteTable",
    "dynamodb:Scan",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:DeleteObject",
    "rekognition:DetectLabels",
    "iam:PassRole",
];

const ASKED: [&str; 11] = [
    "*",
    "arn:aws:s3:::files",
    "arn:aws:s3:::other",
    "arn:aws:s3:::files/in/a",
    "arn:aws:s3:::files/pubA/x",
    "arn:aws:s3:::files/pub/in/x",
    "arn:aws:s3:::other/in/a",
    "arn:aws:dynamodb:us-east-1:123456789012:table/one",
    "arn:aws:dynamodb:us-east-1:123456789012:table/two",
    "arn:aws:dynamodb:us-east-1:123456789012:table/elsewhere",
    "arn:aws:dynamodb:us-east-1:123456789012:table/one/index/x",
];

/// All that a function may do of what is asked: action, resource, which context.
fn allowed(app: &App, function: &str) -> Vec<(&'static str, &'static str, usize)> {
    let role = app.role(&app.function(function).unwrap().role).unwrap();
    let documents =
        Documents { identity: role.policies.iter().map(|p| p.document.clone()).collect(), ..Documents::default() };
    let account = AccountId::parse("123456789012").unwrap();
    let principal = Principal::AssumedRole { account, role: "r".into(), session: "s".into() };
    let mut all = Vec::new();
    for (at, (tls, prefix)) in [(true, None), (false, None), (true, Some("in/")), (false, Some("x"))].iter().enumerate()
    {
        let mut context = Context::new();
        principal_context(&principal, &mut context);
        context.set("aws:SecureTransport", *tls);
        if let Some(prefix) = prefix {
            context.set("s3:prefix", *prefix);
        }
        for action in ASKED_ACTIONS {
            for resource in ASKED {
                let request =
                    Request { principal: &principal, action, resource, resource_account: None, context: &context };
                if decide(&request, &documents) == Effect::Allow {
                    all.push((action, resource, at));
                }
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_allowed_that_was_not_before(
        statements in prop::collection::vec(statement(), 1..4),
        a in calls(),
        b in calls(),
        seen in prop::collection::vec((select(ASKED_ACTIONS.to_vec()), select(ASKED.to_vec()), any::<bool>()), 0..4),
        sam in any::<bool>(),
        shared in any::<bool>(),
    ) {
        let kind = if sam { "AWS::Serverless::Function" } else { "AWS::Lambda::Function" };
        let template = template(&statements, kind, if shared { "Role" } else { "Other" });
        let mut case = Case::new(&template).function("A", &a).function("B", &b);
        for (action, resource, allowed) in seen {
            case = case.seen("A", action, resource, allowed, 1);
        }
        let before = case.app();
        let (fit, text) = case.patched();
        for fitted in &fit.functions {
            prop_assert_eq!(&fitted.left, &None);
        }
        let after = case.clone().with_text(text).app();
        for function in ["A", "B"] {
            let earlier = allowed(&before, function);
            let wider: Vec<_> = allowed(&after, function).into_iter().filter(|x| !earlier.contains(x)).collect();
            prop_assert!(wider.is_empty(), "{function}: {wider:?}");
        }
    }
}
